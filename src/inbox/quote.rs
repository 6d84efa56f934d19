//! Forwarded and quoted messages in a text: their header lines are recognised.

use std::sync::LazyLock;

use regex::Regex;

use super::header_value::{addresses, byline, introduction, is_moment};
use crate::domain::notice::{Part, Unit};
use crate::domain::written::lists;

/// Labels without their blanks, in the languages of the mail programs that teams use. A line with another label is text.
const FROM: &str =
    "from 发件人 发信人 寄件者 寄件人 發件人 von de da van från fra od от 差出人 送信者 보낸사람";
const SUBJECT: &str = "subject 主题 主題 主旨 betreff objet asunto oggetto assunto onderwerp ämne emne temat тема 件名 제목";
const TO: &str = "to cc bcc reply-to 收件人 收件者 抄送 抄送人 副本 密送 密送人 an à a para aan till til do кому kopie copie \
    copia cci cco ccn kopia копия 宛先 받는사람 참조";
const DATE: &str = "date sent 发送时间 发送日期 日期 时间 時間 傳送時間 發送時間 傳送日期 寄件日期 datum gesendet envoyé \
    fecha enviado enviadoel data inviato enviadaem enviadoem verzonden skickat dato sendt wysłano дата отправлено \
    送信日時 日付 日時 보낸날짜 날짜";
/// The longest header, in lines.
const LONGEST: usize = 64;
/// The separator around a forwarded message: words for a message that comes again, in any order, or none.
static BORDER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = "(?:(?:begin|end|of|the|forwarded|original|quoted|reply|message|e-?mail|mail\
        |anfang|ende|der|weitergeleiteten?|ursprünglichen?|nachricht|début|fin|du|transféré|réexpédié|d['’]origine\
        |inicio|del|mensaje|reenviado|inizio|messaggio|inoltrato|originale|início|da|mensagem|encaminhada\
        |doorgestuurd|oorspronkelijk|bericht|начало|пересланное|пересылаемое|исходное|сообщение\
        |転送(?:された)?|元の|メッセージ|전달된|원본|메시지)\\s*)+";
    let han = "[以下面是被的开開始转轉发發寄回复覆原件邮郵信消息訊]{2,12}";
    let by = "forwarded (?:by|message from) (?P<by>[^<>]{1,100}?(?:<[^<>]{1,100}>)?)";
    let end = "[-_=*\\s:：]*";
    Regex::new(&format!(
        "(?i)^[-_=*\\s]*(?:{words}|{han}|{by}){end}$|^[-_=*]{{5,}}$"
    ))
    .ok()
});
/// The end of the introduction of a quoted message.
static WROTE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\s?(?:wrote|写道|寫道|a écrit|escribió|ha scritto|escreveu)\s*[:：]$").ok()
});
/// A header in one line, as Yahoo writes it, without blanks before its labels.
static IN_ONE_LINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(?P<border>[^:：]*?)(?P<from>(?:From|Von|De|Da|发件人|差出人)\s?[:：].+?)\s*(?P<to>(?:To|An|À|A|Para|收件人|宛先)\s?[:：].+?)\s*(?P<cc>Cc\s?[:：].+?)?\s*(?P<date>(?:Sent|Date|Gesendet|Envoyé|Enviado|Inviato|发送时间|送信日時)\s?[:：].+?)\s*(?P<subject>(?:Subject|Betreff|Objet|Asunto|Oggetto|主题|件名)\s?[:：].*)$",
    )
    .ok()
});
/// Prefixes of replies and forwards in a subject.
static AGAIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:(?:re|fwd?|aw|wg|tr|sv|rv|enc|vs|antw|转发|转|答复|回复|回覆|轉寄|轉發|転送|返信)\s*(?:\[[0-9]+\])?\s*[:：]\s*)+").ok()
});

#[derive(Clone, Copy, PartialEq, Eq)]
enum HeaderLabel {
    From,
    Subject,
    To,
    Date,
}

/// The units of a text, each with the number of the header above it, and the names in the headers.
#[derive(Debug, Default)]
pub(super) struct Quoted {
    pub(super) units: Vec<(usize, Unit)>,
    pub(super) names: Vec<String>,
}

/// Splits a text into units: the text before the first header, and each message after one.
pub(super) fn units(text: &str, part: Part) -> Quoted {
    let mut quoted = Quoted::default();
    let lines = unintroduced(text, &mut quoted.names);
    let mut part = part;
    let mut held: Vec<&str> = Vec::new();
    let (mut at, mut number) = (0, 0);
    while let Some(line) = lines.get(at) {
        let rest = lines.get(at..).unwrap_or_default();
        let Some(header) = header(rest) else {
            held.push(line);
            at += 1;
            continue;
        };
        quoted.names.extend(pop_borders(&mut held));
        quoted.push(number, part, &held.join("\n"));
        held.clear();
        number += 1;
        for subject in header.subjects {
            quoted.push(number, Part::Subject, without_again(&subject));
        }
        quoted.names.extend(header.names);
        if part != Part::Alternative {
            part = Part::Forwarded;
        }
        at += header.lines;
        while let Some(names) = lines.get(at).and_then(|line| border(line)) {
            quoted.names.extend(names);
            at += 1;
        }
    }
    if number > 0 {
        quoted.names.extend(pop_borders(&mut held));
    }
    quoted.push(number, part, &held.join("\n"));
    quoted
}

/// Takes the separators at the end of a text; the names in them.
fn pop_borders(held: &mut Vec<&str>) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(names) = held.last().and_then(|line| border(line)) {
        all.extend(names);
        held.pop();
    }
    all
}

/// A subject without `Re:` and `Fwd:`.
pub(super) fn without_again(subject: &str) -> &str {
    let again = AGAIN.as_ref().and_then(|again| again.find(subject));
    let begin = again.map_or(0, |found| found.end());
    subject.get(begin..).unwrap_or(subject).trim()
}

impl Quoted {
    fn push(&mut self, number: usize, part: Part, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            let text = text.to_owned();
            self.units.push((number, Unit { part, text }));
        }
    }
}

/// The lines of a text without `… wrote:`, of which the names are kept. Where no quote mark follows, it has to have an address.
fn unintroduced<'t>(text: &'t str, names: &mut Vec<String>) -> Vec<&'t str> {
    let lines: Vec<&str> = text.lines().flat_map(in_lines).collect();
    let mut kept = Vec::with_capacity(lines.len());
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let rest = lines.get(at..).unwrap_or_default();
        let found = [1, 2, 3].into_iter().find_map(|count| {
            let lines = rest.get(..count)?;
            let name = introduced(lines)?;
            let below = rest.get(count..).unwrap_or_default();
            let blank = below.iter().take_while(|line| is_blank(line)).count();
            let is_marked = below.get(blank)?.trim_start().starts_with('>');
            let has_address = lines.iter().any(|line| line.contains('@'));
            (is_marked || has_address).then_some((count + blank, name))
        });
        match found {
            Some((count, name)) => {
                names.extend(name);
                at += count;
            }
            None => {
                kept.push(*line);
                at += 1;
            }
        }
    }
    kept
}

/// The lines of a header that stands in one, each with a value of its kind; else the line itself.
fn in_lines(line: &str) -> Vec<&str> {
    if !line.contains([':', '：']) {
        return vec![line];
    }
    let all = || {
        let found = IN_ONE_LINE.as_ref()?.captures(bare(line))?;
        let part = |name| found.name(name).map_or("", |part| part.as_str().trim());
        border(part("border"))?;
        let each = ["from", "to", "cc", "date", "subject"].map(part);
        let is_one = |line: &&str| {
            let label = label(line);
            label.is_some_and(|(label, value)| !value.is_empty() && label.names(value).is_some())
        };
        let lines: Vec<&str> = each.into_iter().filter(|line| !line.is_empty()).collect();
        lines.iter().all(is_one).then_some(lines)
    };
    all().unwrap_or_else(|| vec![line])
}

/// The name in the introduction that these lines are.
fn introduced(lines: &[&str]) -> Option<Vec<String>> {
    let said: Vec<&str> = lines.iter().map(|line| bare(line)).collect();
    let last = said.iter().rfind(|line| !line.is_empty())?;
    if !last.ends_with([':', '：']) {
        return None;
    }
    // An address is cut behind its bracket.
    let said = said.join(" ").replace("< ", "<");
    // Spanish has brackets around it.
    let said = said.replace("(<", "<").replace(">)", ">");
    let wrote = WROTE.as_ref()?.find(&said);
    let said = match wrote {
        Some(verb) => said.get(..verb.start())?.to_owned(),
        // The verb stands between date and name, or there is none behind an address.
        None => said
            .trim_end()
            .strip_suffix([':', '：'])
            .filter(|said| said.contains(" schrieb ") || said.ends_with('>'))?
            .replacen(" schrieb ", " ", 1),
    };
    introduction(&said)
}

struct Header {
    subjects: Vec<String>,
    names: Vec<String>,
    lines: usize,
}

/// The header at the start of the lines: a sender and at least one other field, each with a value of its kind.
fn header(lines: &[&str]) -> Option<Header> {
    let (_, first) = label(lines.first()?)?;
    // In a table, the values are in the cells after their labels. Elsewhere an empty value is empty.
    let in_cells = first.is_empty();
    let mut found = Header {
        subjects: Vec::new(),
        names: Vec::new(),
        lines: 0,
    };
    let (mut labels, mut at) = (Vec::new(), 0);
    let lines = lines.get(..LONGEST).unwrap_or(lines);
    while let Some(line) = lines.get(at) {
        if is_blank(line) {
            at += 1;
            continue;
        }
        let Some((label, value)) = label(line) else {
            break;
        };
        at += 1;
        let mut value = value.to_owned();
        if value.is_empty() && in_cells {
            let below = lines.get(at..).unwrap_or_default();
            let blank = below.iter().take_while(|line| is_blank(line)).count();
            let next = below.get(blank).filter(|next| self::label(next).is_none());
            let next = next
                .map(|next| bare(next))
                .filter(|next| label.names(next).is_some());
            if let Some(next) = next {
                next.clone_into(&mut value);
                at += blank + 1;
            }
        }
        while let Some(more) = lines.get(at).filter(|more| label.goes_on(more)) {
            value = format!("{value} {}", bare(more));
            at += 1;
        }
        let Some(names) = label.names(&value) else {
            break;
        };
        found.names.extend(names);
        labels.push(label);
        found.lines = at;
        if label == HeaderLabel::Subject {
            found.subjects.push(value);
        }
    }
    (labels.len() > 1 && labels.contains(&HeaderLabel::From)).then_some(found)
}

impl HeaderLabel {
    /// The names in a value of this kind; `None` for any other value. A subject is text, and is kept as such.
    fn names(self, value: &str) -> Option<Vec<String>> {
        match self {
            Self::Subject => Some(Vec::new()),
            Self::From => addresses(value, true).filter(|_| !value.is_empty()),
            Self::To => addresses(value, true),
            Self::Date => (value.is_empty() || is_moment(value)).then(Vec::new),
        }
    }

    /// Whether a line continues a value of this kind: a folded subject, or more addresses.
    fn goes_on(self, line: &str) -> bool {
        if is_blank(line) || label(line).is_some() {
            return false;
        }
        match self {
            Self::Subject => line.starts_with([' ', '\t']),
            Self::To => addresses(bare(line), false).is_some(),
            Self::From | Self::Date => false,
        }
    }
}

fn label(line: &str) -> Option<(HeaderLabel, &str)> {
    let line = bare(line);
    let (name, value) = line.split_once([':', '：', '\t'])?;
    // Chinese labels of two characters are as wide as those of three.
    let name = name.trim_matches(['*', '_']).to_lowercase();
    let name = name.replace(char::is_whitespace, "");
    let label = if lists(FROM, &name) {
        HeaderLabel::From
    } else if lists(SUBJECT, &name) {
        HeaderLabel::Subject
    } else if lists(TO, &name) {
        HeaderLabel::To
    } else if lists(DATE, &name) {
        HeaderLabel::Date
    } else {
        return None;
    };
    Some((label, value.trim_matches(['*', '_', ' ', '\t', '\u{a0}'])))
}

/// A line without surrounding quote marks and blanks.
fn bare(line: &str) -> &str {
    line.trim_start_matches(['>', ' ', '\t', '\u{a0}'])
        .trim_end()
}

fn is_blank(line: &str) -> bool {
    bare(line).is_empty()
}

/// The names in a line between messages, which may be empty; `None` for a text.
fn border(line: &str) -> Option<Vec<String>> {
    if is_blank(line) {
        return Some(Vec::new());
    }
    let found = BORDER.as_ref()?.captures(bare(line))?;
    match found.name("by") {
        Some(by) => byline(by.as_str()),
        None => Some(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Part::{Body, Forwarded, Subject};

    fn read(text: &str) -> Vec<(Part, String)> {
        let units = units(text, Body).units.into_iter();
        units.map(|(_, unit)| (unit.part, unit.text)).collect()
    }

    #[test]
    fn headers_of_many_clients_are_taken_as_such() {
        for text in [
            "---------- Forwarded message ---------\nFrom: A <a@b.example>\nDate: Sat, Nov 28, 2026 at 9:00 AM\nSubject: News\nTo: <o@b.example>,\n <p@b.example>\n\n\nIt goes.",
            "From: a\nSent: Sunday, November 29, 2026 3:00 AM\nTo: ops\nSubject: RE: Fwd: News\n\nIt goes.",
            "*From:* A\n*Sent:* Monday, November 30, 2026 9:00 AM\n*Subject:* News\n\nIt goes.",
            "-------- Forwarded Message --------\nSubject: \tNews\nDate: \tSat, 28 Nov 2026 09:00:00 +0800\nFrom: \tA <a@b.example>\nTo: \to@b.example\n\nIt goes.",
            "Begin forwarded message:\n\nFrom: A\nSubject: News\nDate: 28 November 2026 at 09:00:00 GMT+8\nTo: o@b.example\n\nIt goes.",
            "------------------ 原始邮件 ------------------\n发件人: \"甲\" <a@b.example>;\n发送时间: 2026年11月28日(星期六) 上午9:00\n收件人: \"o\"<o@b.example>;\n主题: News\n\nIt goes.",
            "发件人：\n\n甲\n\n发送时间：\n\n2026年11月28日 9:00\n\n主题：\n\n转发：News\n\nIt goes.",
            "寄件者: 甲\n寄件日期: 2026年11月28日 9:00\n主旨: News\n\nIt goes.",
            "> From: A\n> To: B\n> Subject: News\n>\nIt goes.",
            "-------- 转发邮件信息 --------\n发件人：\"甲\" <a@b.example>\n发送日期：2026-11-28 09:00:00\n主题：News\n\nIt goes.",
            "---- 回复的原邮件 ----\n发件人\t甲<a@b.example>\n发送日期\t2026年11月28日 09:00\n收件人\to<o@b.example>\n主题\tNews\n\nIt goes.",
            "-----邮件原件-----\n发件人: 甲 [mailto:a@b.example]\n主\u{3000}题：News\n日\u{3000}期：2026年11月28日 09:00:00\n\nIt goes.",
            "下面是被转发的邮件：\n\n发件人: 甲 <a@b.example>\n主题: News\n时间: 2026年11月28日 GMT+8 09:00:00\n\nIt goes.",
            "===== Forwarded message =====\nFrom: A <a@b.example>\nTo: \"o@b.example\" <o@b.example>\nSubject: News\n===== Forwarded message =====\n\nIt goes.",
            "----- Forwarded message from A <a@b.example> -----\n\nFrom: A <a@b.example>\nSubject: News\n\nIt goes.\n\n----- End forwarded message -----",
            "From: A\nSubject: News\n\nIt goes.\n-----------------",
        ] {
            let expected = [
                (Subject, "News".to_owned()),
                (Forwarded, "It goes.".to_owned()),
            ];
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_stands_before_or_between_is_kept() {
        let text = "FYI\n\nFrom: a\nSubject: News\n\nIt goes.\n\nFrom: b\nTo: MQ_INST_2080056302921134_AbCdEf12\n\nMore";
        let units = read(text);
        let said: Vec<&str> = units.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(
            said,
            [
                "FYI",
                "News",
                "It goes.\n\nFrom: b\nTo: MQ_INST_2080056302921134_AbCdEf12\n\nMore"
            ]
        );
    }

    #[test]
    fn an_introduction_goes_only_where_a_quote_follows() {
        for text in [
            "On Sat, Nov 28, 2026 at 9:00 AM A <a@b.example> wrote:\n\n> It goes.",
            "On Sat, Nov 28, 2026 at 9:00 AM A\n<a@b.example> wrote:\n> It goes.",
            "甲 <a@b.example> 于2026年11月28日周六 09:00写道：\n> It goes.",
        ] {
            assert_eq!(read(text), [(Body, "> It goes.".to_owned())], "{text}");
        }
        let text = "----- Forwarded by billing -----\nFrom: A\nSubject: News\n\nIt goes.";
        assert!(units(text, Body).names.contains(&"billing".to_owned()));
        for text in [
            "On Sat, Nov 28, 2026 at 9:00 AM A <\na@b.example> wrote:\n\n> It goes.",
            "On 11/28/26 09:00, A wrote:\n> It goes.",
        ] {
            assert_eq!(read(text), [(Body, "> It goes.".to_owned())], "{text}");
        }
        // Some programs do not mark what they quote, and write the address of whom they quote.
        let text = "在 2026-11-28 09:00:00，\"甲\" <a@b.example> 写道：\n\nIt goes.";
        assert_eq!(read(text), [(Body, "It goes.".to_owned())]);
        let text = "On 28 Nov 2026, A wrote:\nIt goes.";
        assert_eq!(read(text), [(Body, text.to_owned())]);
        let said = "---- and billing ----";
        let text = format!("{said}\nFrom: A\nSubject: News\n\nIt goes.\n{said}");
        assert_eq!(read(&text)[0], (Body, said.to_owned()));
        assert!(read(&text)[2].1.ends_with(said));
        let text = "On Saturday he wrote:\nIt goes.";
        assert_eq!(read(text), [(Body, text.to_owned())]);
        let text = "On 28.11. MQ_INST_2080056302921134_AbCdEf12 wrote:\n> It goes.";
        assert!(read(text)[0].1.contains("MQ_INST"));
    }
}
