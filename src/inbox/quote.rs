//! Forwarded and quoted messages in a text: their header lines are recognised.

use std::sync::LazyLock;

use regex::Regex;

use super::names_id;
use crate::domain::notice::{Part, Unit};
use crate::domain::written::lists;

const FROM: &str = "from 发件人 发信人 寄件者 寄件人 發件人";
const SUBJECT: &str = "subject 主题 主題 主旨";
const OTHERS: &str = "to cc bcc reply-to date sent 收件人 收件者 抄送 副本 密送 发送时间 \
    发送日期 日期 时间 傳送時間 發送時間 傳送日期 寄件日期";
/// The longest header, in lines.
const LONGEST: usize = 64;
/// The separator before a forwarded message.
static BORDER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^[-_=*\s]*(?:begin forwarded message|forwarded message|forwarded by [^<>]{1,60}|original message|original mail|转发的?(?:邮件|消息|信息)|原始(?:邮件|信息)|原邮件|轉寄的?(?:郵件|訊息)|原始郵件)[-_=*\s:：]*$|^[-_=*]{5,}$",
    )
    .ok()
});
/// The introduction of a quoted message, on one or two lines.
static INTRODUCTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?m)^[> ]*(?:On\s[^\n]{5,200}(?:\n[^\n]{1,120})?\swrote:|[^\n]{0,160}[0-9@][^\n]{0,80}(?:写道|寫道)\s*[:：])[ ]*\n(?:[> ]*\n)*(?P<quoted>>)",
    )
    .ok()
});
/// Prefixes of replies and forwards in a subject.
static AGAIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:(?:re|fwd?|aw|wg|tr|sv|转发|转|答复|回复|回覆|轉寄|轉發)\s*(?:\[[0-9]+\])?\s*[:：]\s*)+").ok()
});

#[derive(Clone, Copy, PartialEq, Eq)]
enum HeaderLabel {
    From,
    Subject,
    Other,
}

/// Splits a text into units: the text before the first header, and each message after one.
pub(super) fn units(text: &str, part: Part) -> Vec<Unit> {
    let text = unintroduced(text);
    let lines: Vec<&str> = text.lines().collect();
    let mut units = Vec::new();
    let mut part = part;
    let mut held: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let rest = lines.get(at..).unwrap_or_default();
        let Some(header) = header(rest) else {
            held.push(line);
            at += 1;
            continue;
        };
        while held
            .last()
            .is_some_and(|line| is_border(line) || is_blank(line))
        {
            held.pop();
        }
        push(&mut units, part, &held.join("\n"));
        held.clear();
        for line in header.left_over {
            push(&mut units, part, &line);
        }
        for subject in header.subjects {
            push(&mut units, Part::Subject, without_again(&subject));
        }
        if part != Part::Alternative {
            part = Part::Forwarded;
        }
        at += header.lines;
        let below = lines.get(at..).unwrap_or_default();
        at += below.iter().take_while(|line| is_blank(line)).count();
    }
    push(&mut units, part, &held.join("\n"));
    units
}

/// A subject without `Re:` and `Fwd:`.
pub(super) fn without_again(subject: &str) -> &str {
    let again = AGAIN.as_ref().and_then(|again| again.find(subject));
    let begin = again.map_or(0, |found| found.end());
    subject.get(begin..).unwrap_or(subject).trim()
}

fn push(units: &mut Vec<Unit>, part: Part, text: &str) {
    let text = text.trim();
    if !text.is_empty() {
        let text = text.to_owned();
        units.push(Unit { part, text });
    }
}

/// Removes `… wrote:` before quoted text.
fn unintroduced(text: &str) -> String {
    let Some(introduction) = INTRODUCTION.as_ref() else {
        return text.to_owned();
    };
    let kept = |found: &regex::Captures<'_>| {
        let whole = found.get(0).map_or("", |whole| whole.as_str());
        let kept = if names_id(whole) { whole } else { ">" };
        kept.to_owned()
    };
    introduction.replace_all(text, kept).into_owned()
}

struct Header {
    subjects: Vec<String>,
    left_over: Vec<String>,
    lines: usize,
}

/// The header at the start of the lines: a sender and at least one other field.
fn header(lines: &[&str]) -> Option<Header> {
    label(lines.first()?)?;
    let mut found = Header {
        subjects: Vec::new(),
        left_over: Vec::new(),
        lines: 0,
    };
    let (mut labels, mut at) = (Vec::new(), 0);
    let lines = lines.get(..LONGEST).unwrap_or(lines);
    while let Some(line) = lines.get(at) {
        if is_blank(line) {
            at += 1;
            continue;
        }
        let Some((label, mut value)) = label(line) else {
            break;
        };
        at += 1;
        if value.is_empty() {
            // In a table, the value is in the next cell.
            let below = lines.get(at..).unwrap_or_default();
            let blank = below.iter().take_while(|line| is_blank(line)).count();
            if let Some(next) = below.get(blank).filter(|next| self::label(next).is_none()) {
                value = bare(next);
                at += blank + 1;
            }
        }
        let mut value = value.to_owned();
        while let Some(more) = lines.get(at).filter(|more| goes_on(label, more)) {
            value = format!("{value} {}", bare(more));
            at += 1;
        }
        labels.push(label);
        found.lines = at;
        match label {
            HeaderLabel::Subject => found.subjects.push(value),
            HeaderLabel::From | HeaderLabel::Other if names_id(&value) => {
                found.left_over.push(bare(line).to_owned());
            }
            HeaderLabel::From | HeaderLabel::Other => {}
        }
    }
    (labels.len() > 1 && labels.contains(&HeaderLabel::From)).then_some(found)
}

/// Whether a line is folded, or continues a list of addresses.
fn goes_on(label: HeaderLabel, line: &str) -> bool {
    let folded = line.starts_with([' ', '\t']) && !is_blank(line);
    let addresses = label != HeaderLabel::Subject && line.contains('@') && line.len() < 200;
    (folded || addresses) && self::label(line).is_none() && !names_id(line)
}

fn label(line: &str) -> Option<(HeaderLabel, &str)> {
    let line = bare(line);
    let (name, value) = line.split_once([':', '：'])?;
    let name = name
        .trim_matches(['*', '_', ' ', '\t', '\u{a0}'])
        .to_lowercase();
    let label = if lists(FROM, &name) {
        HeaderLabel::From
    } else if lists(SUBJECT, &name) {
        HeaderLabel::Subject
    } else if lists(OTHERS, &name) {
        HeaderLabel::Other
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

fn is_border(line: &str) -> bool {
    let border = BORDER.as_ref();
    border.is_some_and(|border| border.is_match(bare(line)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Part::{Body, Forwarded, Subject};

    fn read(text: &str) -> Vec<(Part, String)> {
        let units = units(text, Body).into_iter();
        units.map(|unit| (unit.part, unit.text)).collect()
    }

    #[test]
    fn headers_of_many_clients_are_taken_as_such() {
        for text in [
            "---------- Forwarded message ---------\nFrom: A <a@b.example>\nDate: Sat, Nov 28, 2026 at 9:00 AM\nSubject: News\nTo: <o@b.example>,\n <p@b.example>\n\n\nIt goes.",
            "From: a\nSent: Sunday, November 29, 2026 3:00 AM\nTo: ops\nSubject: RE: Fwd: News\n\nIt goes.",
            "*From:* A\n*Sent:* Monday\n*Subject:* News\n\nIt goes.",
            "-------- Forwarded Message --------\nSubject: \tNews\nDate: \tSat\nFrom: \tA <a@b.example>\nTo: \to@b.example\n\nIt goes.",
            "Begin forwarded message:\n\nFrom: A\nSubject: News\nDate: 28 November 2026\nTo: o@b.example\n\nIt goes.",
            "------------------ 原始邮件 ------------------\n发件人: \"甲\" <a@b.example>;\n发送时间: 2026年11月28日(星期六) 上午9:00\n收件人: \"o\"<o@b.example>;\n主题: News\n\nIt goes.",
            "发件人：\n\n甲\n\n发送时间：\n\n2026年\n\n主题：\n\n转发：News\n\nIt goes.",
            "寄件者: 甲\n寄件日期: 2026\n主旨: News\n\nIt goes.",
            "> From: A\n> To: B\n> Subject: News\n>\nIt goes.",
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
        let text = "FYI\n\nFrom: a\nSubject: News\n\nIt goes.\n\nFrom: b\nTo: MQ_INST_2080056302921134_AbCdEf12\nDate: x\n\nMore";
        let units = read(text);
        let said: Vec<&str> = units.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(
            said,
            [
                "FYI",
                "News",
                "It goes.",
                "To: MQ_INST_2080056302921134_AbCdEf12",
                "More"
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
        let text = "On Saturday he wrote:\nIt goes.";
        assert_eq!(read(text), [(Body, text.to_owned())]);
        let text = "On 28.11. MQ_INST_2080056302921134_AbCdEf12 wrote:\n> It goes.";
        assert!(read(text)[0].1.contains("MQ_INST"));
    }
}
