//! Header fields: unfolded, with encoded words and parameters decoded.

use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta};
use regex::Regex;

use super::code::{base64, escapes, line};
use super::header_value::{LOST, addresses, is_date, is_moment, is_name};
use super::{charset, quote};
use crate::domain::notice::{says_of_notices, speaks_of_a_loss};
use crate::domain::written::{lists, moment};

/// Fields that only a delivered e-mail has.
const OF_MAIL: [&str; 9] = [
    "received",
    "return-path",
    "delivered-to",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "message-id",
    "x-mailer",
    "dkim-signature",
];
/// Fields that every written message has.
const OF_LETTER: [&str; 2] = ["from", "subject"];
/// Fields with addresses.
const PEOPLE: &str = "from sender reply-to to cc bcc delivered-to envelope-to return-path errors-to \
    resent-from resent-sender resent-to resent-cc x-original-to x-forwarded-to x-forwarded-for \
    mail-followup-to disposition-notification-to x-beenthere x-sender x-envelope-from x-envelope-to \
    apparently-to bounces-to old-return-path";
/// Fields with a time.
const TIMES: &str = "date sent resent-date delivery-date";
/// Fields with ids in angle brackets, or one word.
const MESSAGE_IDS: &str = "message-id in-reply-to references resent-message-id content-id \
    x-attachment-id original-message-id content-location";
/// Fields with one of a few words, or a number.
const SETTINGS: &str = "precedence auto-submitted importance priority sensitivity status x-status \
    x-priority x-msmail-priority lines content-length content-transfer-encoding \
    x-auto-response-suppress x-mozilla-status x-mozilla-status2 x-ms-has-attach";
/// The words of those fields.
const SETTING_WORDS: &str = "bulk list junk normal high low urgent non-urgent highest lowest no none yes \
    auto-generated auto-replied auto-notified personal private company-confidential confidential \
    r ro o a rf all dr rn nrn oof autoreply 7bit 8bit binary base64 quoted-printable x-uuencode \
    us-ascii utf-8";
/// Fields with a media type or a disposition.
const KINDS: &str = "content-type content-disposition";
/// The parameters of those that say nothing to people. A file name is shown with the file.
const PARAMETERS: &str = "charset boundary name filename format delsp type protocol micalg method \
    smime-type start start-info size creation-date modification-date read-date x-mac-type \
    x-mac-creator x-unix-mode x-apple-part-url report-type reply-type component version number total \
    id access-type url expiration site directory mode hash-alg";
/// Fields that mail programs and servers write of the delivery, in free form.
const TRACE: &str = "received x-received received-spf authentication-results \
    authentication-results-original dkim-signature dkim-filter domainkey-signature \
    x-google-dkim-signature x-gm-message-state x-google-smtp-source x-mailer user-agent x-mimeole \
    x-originating-ip x-sender-ip feedback-id thread-index autocrypt accept-language acceptlanguage \
    content-language list-id list-help list-unsubscribe list-unsubscribe-post list-subscribe \
    list-post list-owner list-archive archived-at x-mailing-list x-virus-scanned x-virus-status \
    x-spam-status x-spam-score x-spam-level x-spam-flag x-spam-checker-version";
/// Fields of mail with a form of their own.
const NAMED: &str = "subject thread-topic mime-version content-description organization";
/// Fields that are written for people, in words.
const OF_PEOPLE: &str = "comments keywords summary";
/// Words in the name of a field that no mail program or server writes of the delivery.
const OF_INSTANCES: &str = "instance instances resource resources number count total release releasing delete expires \
    expiry more also affected deadline due note notes notice remark remarks warning";
/// Words in the value of a field that no mail program or server writes of the delivery.
const OF_THE_END: &str = "release releases releasing removal reclaim reclaimed ended ends ending stopped stops lost expire expires \
    expiring suspended frozen dropped shut deadline soon today tonight tomorrow immediately minutes hour hours days";
/// A time that is written of a delivery lies at most this long after the sending.
const DELIVERY: TimeDelta = TimeDelta::hours(12);
/// Dates with a year, within a text.
static DATES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let month = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}";
    Regex::new(&format!(
        r"(?i)\b20[0-9]{{2}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}|\b[0-9]{{1,2}}[ -]{month},?[ -]20[0-9]{{2}}|\b{month} [0-9]{{1,2}},? 20[0-9]{{2}}"
    ))
    .ok()
});
/// What mail programs call the signature of a message.
const SIGNATURES: [&str; 3] = [
    "s/mime cryptographic signature",
    "openpgp digital signature",
    "message signed with openpgp",
];
const TRACE_BEGIN: [&str; 9] = [
    "arc-",
    "x-ms-",
    "x-microsoft-",
    "x-forefront-",
    "x-exchange-",
    "x-qq-",
    "x-coremail-",
    "x-alimail-",
    "x-ses-",
];

/// The header fields, in order.
#[derive(Debug, Default)]
pub(super) struct Headers {
    fields: Vec<HeaderField>,
    /// Whether the header ends with an empty line or the end of the input.
    clean: bool,
}

#[derive(Debug)]
struct HeaderField {
    name: String,
    value: Vec<u8>,
}

/// A value with parameters, such as a content type.
#[derive(Debug, Default)]
pub(super) struct HeaderValue {
    /// The value without parameters, in lower case.
    pub(super) value: String,
    parameters: Vec<(String, String)>,
}

impl HeaderValue {
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Splits the header from the body.
pub(super) fn split(bytes: &[u8]) -> (Headers, &[u8]) {
    let mut head = Headers::default();
    let mut rest = bytes;
    loop {
        let (text, behind) = line(rest);
        if text.is_empty() {
            head.clean = true;
            return (head, behind);
        }
        if rest.len() == bytes.len() && is_of_mailbox(text) {
            rest = behind;
            continue;
        }
        match (field(text), head.fields.last_mut()) {
            (_, Some(last)) if text.starts_with(b" ") || text.starts_with(b"\t") => {
                last.value.extend(text);
            }
            (Some(field), _) => head.fields.push(field),
            (None, _) => return (head, rest),
        }
        rest = behind;
    }
}

/// Whether this is the line before a message in a mailbox: `From n@aliyun.com Sat Nov 28 09:00:00 2026`.
fn is_of_mailbox(line: &[u8]) -> bool {
    static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let form = concat!(
            r"^>?From (?:[^\s@]{1,64}@[A-Za-z0-9.\[\]:-]{1,255}|MAILER-DAEMON|-|\x3c\x3e) +",
            "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +",
            "(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +[0-9]{1,2}",
            "|[0-9]{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4})",
            " +[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: [A-Z]{3,4})?(?: [+-][0-9]{4})?(?: [0-9]{4})?(?: [+-][0-9]{4})?$",
        );
        Regex::new(form).ok()
    });
    let line = String::from_utf8_lossy(line);
    let line = line.trim_end();
    let has_form = FORM.as_ref().is_some_and(|form| form.is_match(line));
    has_form && !super::names_id(line)
}

fn field(line: &[u8]) -> Option<HeaderField> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at(colon);
    let name = name.trim_ascii_end();
    let value = value.get(1..).unwrap_or_default();
    let token = !name.is_empty() && name.len() <= 76 && name.iter().all(u8::is_ascii_graphic);
    (token && !value.starts_with(b"//")).then(|| HeaderField {
        name: String::from_utf8_lossy(name).to_ascii_lowercase(),
        value: value.trim_ascii_start().to_vec(),
    })
}

impl Headers {
    /// Whether this starts a message, also a pasted one.
    pub(super) fn begins_message(&self) -> bool {
        self.clean && self.has(&[&OF_MAIL[..], &OF_LETTER[..]].concat())
    }

    /// Whether this is the header of a delivered e-mail.
    pub(super) fn went_by_mail(&self) -> bool {
        self.clean && self.has(&OF_MAIL)
    }

    /// Whether this is the header of a message, not only of a part.
    pub(super) fn is_of_letter(&self) -> bool {
        self.has(&OF_LETTER)
    }

    fn has(&self, names: &[&str]) -> bool {
        self.fields
            .iter()
            .any(|field| names.contains(&field.name.as_str()))
    }

    /// The texts of all fields with this name.
    pub(super) fn texts(&self, name: &str) -> impl Iterator<Item = String> {
        let of_it = move |field: &&HeaderField| field.name == name;
        self.fields
            .iter()
            .filter(of_it)
            .map(|field| text(&field.value))
    }

    /// The first field with this name.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.texts(name).next()
    }

    /// A field with parameters.
    pub(super) fn kind(&self, name: &str) -> HeaderValue {
        let found = self.fields.iter().find(|field| field.name == name);
        found.map(|field| kind(&field.value)).unwrap_or_default()
    }

    /// The fields that are text: those that are not known, or whose value is not of the kind that their name says. A message's
    /// subject is read on its own, and what only repeats it, such as the topic of a thread, is read with it.
    pub(super) fn left_over(&self) -> Vec<String> {
        let by_mail = self.went_by_mail();
        let subjects: Vec<String> = self.texts("subject").collect();
        let sent = self.text("date");
        let sent = sent.and_then(|date| DateTime::parse_from_rfc2822(&date).ok());
        let mut left = Vec::new();
        for field in self.fields.iter().filter(|field| field.name != "subject") {
            let value = text(&field.value);
            let topic = quote::without_again(&value);
            let repeats = !topic.is_empty()
                && (field.is_of_mail() || !field.is_named_for_people())
                && (subjects.iter()).any(|subject| quote::without_again(subject) == topic);
            let is_structure = || match by_mail && !field.is_of_mail() {
                true => field.is_hidden(&value, sent),
                false => field.is_structure(&value, by_mail),
            };
            if !repeats && !is_structure() {
                left.push(format!("{}: {value}", field.name));
            }
        }
        left
    }

    /// The fields of a part that are text.
    pub(super) fn left_over_of_part(&self) -> Vec<String> {
        let subjects = self.texts("subject").filter(|subject| !subject.is_empty());
        let mut left: Vec<String> = subjects.collect();
        left.extend(self.left_over());
        left
    }

    /// The words of all fields that may be names: no addresses, and no links.
    pub(super) fn words(&self) -> Vec<String> {
        let values = self.fields.iter().filter(|field| field.name != "subject");
        let values = values.map(|field| {
            let named = match field.is_of_mail() {
                true => String::new(),
                false => format!("{} {}", field.name, field.name.replace('-', " ")),
            };
            let value = format!("{named} {}", text(&field.value));
            let words = value.split_whitespace();
            let plain = words.filter(|word| !word.contains('@') && !word.contains("://"));
            plain.collect::<Vec<_>>().join(" ")
        });
        values.filter(|value| !value.is_empty()).collect()
    }
}

impl HeaderField {
    /// Whether it is a field of mail as such, whose name says nothing else.
    fn is_of_mail(&self) -> bool {
        let name = self.name.as_str();
        let known = [PEOPLE, TIMES, MESSAGE_IDS, SETTINGS, KINDS, TRACE, NAMED];
        known.iter().any(|known| lists(known, name))
            || TRACE_BEGIN.iter().any(|begin| name.starts_with(begin))
    }

    /// Whether the name of a field that is not known says something of instances.
    fn is_named_for_people(&self) -> bool {
        let words = self.name.replace(['-', '_', '.', '/'], " ");
        let mut each = words.split_whitespace();
        super::names_id(&self.name)
            || speaks_of_a_loss(&words)
            || lists(OF_PEOPLE, &self.name)
            || each.any(|word| lists(OF_INSTANCES, word) || lists(LOST, word))
    }

    /// Whether it is a field of a delivered e-mail that no mail program shows and that says nothing of instances either: mail
    /// programs, lists and filters write what they like of a delivery, so their fields are not listed here. `sent`: when the
    /// e-mail was sent, if it says so.
    fn is_hidden(&self, value: &str, sent: Option<DateTime<FixedOffset>>) -> bool {
        let lower = value.to_lowercase();
        let mut words = lower.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-'));
        !self.is_named_for_people()
            && !super::names_id(value)
            && !words.any(|word| lists(OF_THE_END, word) || lists(LOST, word))
            && is_trace(value)
            && !looks_ahead(value, sent)
    }

    /// Whether its value is what its name says, and nothing that a person would have to read.
    fn is_structure(&self, value: &str, by_mail: bool) -> bool {
        let name = self.name.as_str();
        if value.is_empty() {
            return self.is_of_mail();
        }
        if super::names_id(value) {
            return false;
        }
        if lists(PEOPLE, name) {
            addresses(value, true).is_some()
        } else if lists(TIMES, name) {
            is_moment(value)
        } else if lists(MESSAGE_IDS, name) {
            let is_id = |word: &str| word.starts_with('<') && word.ends_with('>');
            let mut words = value.split_whitespace();
            words.clone().count() == 1 && !says_of_notices(value) || words.all(is_id)
        } else if lists(SETTINGS, name) {
            is_setting(value)
        } else if lists(KINDS, name) {
            kind(&self.value).is_plain()
        } else if name == "mime-version" {
            let (version, comment) = value.split_once('(').unwrap_or((value, ""));
            is_setting(version) && is_trace(comment)
        } else if name == "content-description" {
            SIGNATURES.contains(&value.to_ascii_lowercase().as_str())
        } else if name == "organization" {
            is_name(value)
        } else if name == "thread-topic" {
            // Shown like a subject.
            false
        } else {
            // Pasted text may start with lines that only look like a header.
            by_mail && is_trace(value)
        }
    }
}

impl HeaderValue {
    /// Whether it is a media type or a disposition with known parameters.
    fn is_plain(&self) -> bool {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "/.+-_".contains(c);
        let known = |name: &str, value: &str| {
            lists(PARAMETERS, name) || is_no_prose(value) && !says_of_notices(value)
        };
        let mut parameters = self.parameters.iter();
        self.value.chars().all(is_token)
            && self.value.split_whitespace().count() < 2
            && parameters.all(|(name, value)| known(name, value))
    }
}

/// Whether a value is a number or one of a few words, also both: `3 (Normal)`.
fn is_setting(value: &str) -> bool {
    let parts = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | ';');
    let lower = value.to_ascii_lowercase();
    let mut words = lower.split(parts).filter(|word| !word.is_empty());
    let is_number = |word: &str| word.chars().all(|c| c.is_ascii_digit() || c == '.');
    words.all(|word| is_number(word) || lists(SETTING_WORDS, word))
}

/// Whether what a server wrote of the delivery is no more than that.
fn is_trace(value: &str) -> bool {
    let words = value.split_whitespace();
    let words = words.filter(|word| !word.contains('@') && !word.contains("://"));
    let said = words.collect::<Vec<_>>().join(" ");
    // Filters name the lists in which they found a sender, and whether something is attached.
    let said = ["listed in", "including", "attachment"]
        .iter()
        .fold(said, |said, word| said.replace(word, ""));
    let beyond = said.chars().filter(|c| !c.is_ascii() && c.is_alphabetic());
    beyond.count() == 0 && !speaks_of_a_loss(&said)
}

/// Whether a value has a date that may be another one than that of the delivery.
fn looks_ahead(value: &str, sent: Option<DateTime<FixedOffset>>) -> bool {
    let last = sent.map(|sent| (sent + DELIVERY).date_naive());
    let is_ahead = |date: &str| {
        let date = moment(date).and_then(|date| date.get(..10)?.parse::<NaiveDate>().ok());
        date.zip(last).is_none_or(|(date, last)| date > last)
    };
    let Some(dates) = DATES.as_ref() else {
        return true;
    };
    let mut found = dates.find_iter(value).map(|date| date.as_str());
    is_date(value) && !dates.is_match(value) || found.any(is_ahead)
}

/// Whether a value is a word, a number or a code, and no sentence.
fn is_no_prose(value: &str) -> bool {
    let words = value.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
    let plain = words.filter(|word| {
        let word = word.trim_matches(['.', ':', '!', '?', '(', ')', '"']);
        word.chars().count() > 1 && word.chars().all(char::is_alphabetic)
    });
    let beyond = value.chars().filter(|c| !c.is_ascii() && c.is_alphabetic());
    plain.count() < 2 && beyond.count() == 0 && !says_of_notices(value)
}

/// The text of a field, with encoded words decoded.
fn text(value: &[u8]) -> String {
    let text = charset::decode(value, None, None).text;
    let mut out = String::new();
    let mut word = EncodedWord::default();
    let mut rest = text.as_str();
    while let Some(begin) = rest.find("=?") {
        let (before, at) = rest.split_at(begin);
        let Some((next, behind)) = encoded(at) else {
            let (mark, behind) = at.split_at(2);
            word.put(&mut out);
            out.push_str(before);
            out.push_str(mark);
            rest = behind;
            continue;
        };
        // Blanks between two encoded words are ignored; a character may be split between them.
        let joins = before.trim().is_empty() && !word.charset.is_empty();
        if !joins || word.charset != next.charset {
            word.put(&mut out);
        }
        if !joins {
            out.push_str(before);
        }
        word.charset = next.charset;
        word.bytes.extend(next.bytes);
        rest = behind;
    }
    word.put(&mut out);
    out.push_str(rest);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(Default)]
struct EncodedWord {
    charset: String,
    bytes: Vec<u8>,
}

impl EncodedWord {
    fn put(&mut self, out: &mut String) {
        let word = std::mem::take(self);
        if !word.charset.is_empty() {
            out.push_str(&charset::decode(&word.bytes, Some(&word.charset), None).text);
        }
    }
}

/// Decodes `=?charset?B?…?=`, and returns the rest.
fn encoded(text: &str) -> Option<(EncodedWord, &str)> {
    let (charset, rest) = text.strip_prefix("=?")?.split_once('?')?;
    let (how, rest) = rest.split_once('?')?;
    let (packed, behind) = rest.split_once("?=")?;
    let bytes = match how {
        "B" | "b" => {
            let unpacked = base64(packed.as_bytes());
            unpacked.rest.is_empty().then_some(unpacked.bytes)?
        }
        "Q" | "q" => {
            let mut bytes = Vec::new();
            escapes(packed.replace('_', " ").as_bytes(), b'=', &mut bytes);
            bytes
        }
        _ => return None,
    };
    let charset = charset.split('*').next().unwrap_or_default().to_owned();
    (!charset.is_empty()).then_some((EncodedWord { charset, bytes }, behind))
}

/// Parses `value; name=value; name="value"; name*=utf-8''%E5%88%97`, also with continuations (`name*0=…`).
fn kind(value: &[u8]) -> HeaderValue {
    let all = charset::decode(value, None, None).text;
    let mut pieces = pieces(&all).into_iter();
    let value = pieces
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let mut parameters: Vec<(String, String)> = Vec::new();
    for piece in pieces {
        let Some((name, given)) = piece.split_once('=') else {
            continue;
        };
        let (name, given) = (name.trim().to_ascii_lowercase(), given.trim());
        let (name, given) = match name.strip_suffix('*') {
            Some(name) => (name.to_owned(), unescaped(given)),
            None => (name, text(given.as_bytes())),
        };
        let (name, number) = name.split_once('*').unwrap_or((&name, "0"));
        match parameters.iter_mut().find(|(known, _)| known == name) {
            Some((_, value)) if number != "0" => value.push_str(&given),
            Some(_) => {}
            None => parameters.push((name.to_owned(), given)),
        }
    }
    HeaderValue { value, parameters }
}

/// Splits at semicolons outside quotes, and removes the quotes.
fn pieces(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        match c {
            '\\' if quoted && !escaped => {
                escaped = true;
                continue;
            }
            '"' if !escaped => quoted = !quoted,
            ';' if !quoted => all.push(String::new()),
            c => all
                .iter_mut()
                .last()
                .into_iter()
                .for_each(|last| last.push(c)),
        }
        escaped = false;
    }
    all
}

/// Decodes an RFC 2231 value.
fn unescaped(given: &str) -> String {
    let mut parts = given.splitn(3, '\'');
    let (charset, value) = match (parts.next(), parts.next(), parts.next()) {
        (Some(charset), Some(_), Some(value)) => (Some(charset), value),
        _ => (None, given),
    };
    let mut bytes = Vec::new();
    escapes(value.as_bytes(), b'%', &mut bytes);
    charset::decode(&bytes, charset, None).text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_are_read_across_their_borders() {
        for (given, said) in [
            ("=?utf-8?B?6YeK?= =?utf-8?B?5pS+?= now", "释放 now"),
            ("=?utf-8?Q?=E9=87?=\n =?utf-8?Q?=8A_a?=", "释 a"),
            ("=?us-ascii?B?ys23xQ==?=", "释放"),
            ("plain =?x", "plain =?x"),
            ("=?utf-8?B?*?=", "=?utf-8?B?*?="),
        ] {
            assert_eq!(text(given.as_bytes()), said, "{given}");
        }
    }

    #[test]
    fn parameters_are_read() {
        let given = kind(b"Text/CSV; name=\"a;b \\\"c\\\".csv\"; charset=GBK; x*=utf-8''%E5%88%97; y*0=ab; y*1=cd");
        assert_eq!(given.value, "text/csv");
        assert_eq!(given.parameter("name"), Some("a;b \"c\".csv"));
        assert_eq!(given.parameter("charset"), Some("GBK"));
        assert_eq!(given.parameter("x"), Some("列"));
        assert_eq!(given.parameter("y"), Some("abcd"));
    }

    #[test]
    fn what_only_looks_like_a_header_is_text() {
        let (head, body) = split(b"Subject: a\nAlso: another one\nDate: 2026-12-12\nDate: Sat, 28 Nov 2026 09:00:00\n\nb");
        assert!(head.begins_message() && !head.went_by_mail());
        assert_eq!(head.left_over(), ["also: another one", "date: 2026-12-12"]);
        assert_eq!(body, b"b");
        let (head, _) =
            split(b"Message-ID: <a@b>\nAlso: one\nX-A: MQ_INST_2080056302921134_AbCdEf12\n\n");
        assert_eq!(
            head.left_over(),
            ["also: one", "x-a: MQ_INST_2080056302921134_AbCdEf12"]
        );
    }

    /// What delivered mail really has. Nothing of it is text.
    #[test]
    fn what_mail_servers_and_programs_write_is_no_text() {
        for field in [
            "Received: from smtp.example.com (smtp.example.com [192.0.2.1]) by mx.example.com (Postfix) with ESMTPS id 4B1 (version=TLSv1.3) for <ops@example.com>; Fri, 1 May 2026 09:00:00 +0800 (CST)",
            "Received-SPF: pass (google.com: domain of n@aliyun.com designates 192.0.2.1 as permitted sender) client-ip=192.0.2.1;",
            "Authentication-Results: mx.google.com; dkim=pass header.i=@aliyun.com header.s=s1 header.b=Qx1; spf=pass (google.com: domain of n@aliyun.com designates 192.0.2.1 as permitted sender) smtp.mailfrom=n@aliyun.com; dmarc=pass (p=QUARANTINE sp=NONE dis=NONE) header.from=aliyun.com",
            "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=aliyun.com; s=s1; t=1; h=Date:From:To:Message-ID:Subject:MIME-Version; bh=abc+/=; b=Qx/+a==",
            "ARC-Seal: i=1; a=rsa-sha256; t=1; cv=none; d=google.com; s=arc; b=Ab/+==",
            "X-Mailer: Microsoft Outlook Express 6.00",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:102.0) Gecko/20100101 Thunderbird/102.4",
            "List-Unsubscribe: <mailto:u@aliyun.com?subject=unsubscribe>, <https://aliyun.com/u>",
            "List-Id: Ops list <ops.example.com>",
            "X-Priority: 3 (Normal)",
            "Importance: high",
            "Precedence: bulk",
            "Return-Path: <>",
            "Delivered-To: ops@example.com",
            "References: <a@b> <c@d>",
            "MIME-Version: 1.0 (Mac OS X Mail 16.0)",
            "Content-Type: multipart/alternative; boundary=\"=_b c\"; charset=utf-8",
            "Content-Language: zh-CN",
            "Thread-Index: AdlC9Q==",
            "X-Spam-Status: No, score=-1.9 required=5.0 tests=BAYES_00,DKIM_SIGNED autolearn=ham version=3.4.6",
            "X-MS-Exchange-Organization-SCL: 1",
            "X-Campaign: abc_12",
            "Content-Description: S/MIME Cryptographic Signature",
            "Organization: Example Ltd.",
            "To: undisclosed-recipients:;",
            "From: \"=?utf-8?B?6Zi/6YeM5LqR?=\" <n@aliyun.com>",
            "Date: Fri, 1 May 2026 09:00:00 +0800 (CST)",
            "X-Forwarded-For: ops@example.com bot@example.com",
            "Mailing-list: list ops@example.com; contact ops+owners@example.com",
            "X-Google-Group-Id: 123456789012",
            "X-Greylist: Sender IP whitelisted, not delayed by milter-greylist-4.6.2 (mx.example.com [192.0.2.1]); Fri, 01 May 2026 09:00:02 +0800 (CST)",
            "X-Rspamd-Action: no action",
            "X-Spamd-Result: default: False [-0.20 / 15.00]; DMARC_POLICY_ALLOW(-0.50)[aliyun.com,none]; RCPT_COUNT_TWO(0.00)[2]; ARC_NA(0.00)[]",
            "X-Spam-Report: * -0.0 SPF_PASS SPF: sender matches SPF record * 0.0 RCVD_IN_DNSWL_LOW RBL: Sender listed in https://www.dnswl.org/ [192.0.2.1 listed in list.dnswl.org]",
            "X-Barracuda-Spam-Status: No, SCORE=0.00 using global scores of TAG_LEVEL=1000.0 QUARANTINE_LEVEL=1000.0 KILL_LEVEL=9.0 tests=",
            "X-Antivirus: avast! (VPS 260501-0), 05/01/2026, Inbound message",
            "X-Antivirus-Status: Clean",
            "X-Mailman-Approved-At: Fri, 01 May 2026 09:10:00 +0800",
            "X-MDArrival-Date: Fri, 01 May 2026 09:00:03 +0800",
            "X-OriginalArrivalTime: 01 May 2026 01:00:01.0123 (UTC) FILETIME=[00000000:01DC0000]",
            "X-CSA-Complaints: whitelist-complaints@eco.de",
            "X-Sieve: CMU Sieve 2.4",
            "X-Gmail-Labels: Inbox,Important",
            "X-SMTP-Filter: Kaspersky Secure Mail Gateway",
            "X-Proofpoint-Virus-Version: vendor=fsecure engine=2.50.10434:6.0.138 definitions=2026-05-01_02 signatures=0",
            "X-Mimecast-Spam-Score: 1",
            "msip_labels: MSIP_Label_1_Enabled=true; MSIP_Label_1_SetDate=2026-05-01T01:00:00Z",
            "OpenPGP: id=ABCDEF; url=https://example.com/key; preference=signencrypt",
            "X-Coremail-Antispam: 1Uf129KBjDUn29KB7ZKAUJUUUUU529EdanIXcx71UUUUU7v73",
        ] {
            let delivered = "Message-ID: <a@b>\nDate: Fri, 1 May 2026 09:00:00 +0800 (CST)";
            let source = format!("{field}\n{delivered}\n\n");
            let (head, _) = split(source.as_bytes());
            assert_eq!(head.left_over(), [""; 0], "{field}");
        }
    }

    /// Only the line that a mailbox puts before a message is passed over, and only once.
    #[test]
    fn a_line_from_somebody_is_text() {
        for line in [
            "From n@aliyun.com Sat Nov 28 09:00:00 2026",
            ">From n@aliyun.com Sat Nov  8 09:00:00 +0800 2026",
            "From MAILER-DAEMON Sat Nov 28 09:00:00 2026",
            "From - Sat Nov 28 09:00:00 2026",
        ] {
            let source = format!("{line}\nFrom: a <a@b.example>\nSubject: s\n\nb");
            let (head, body) = split(source.as_bytes());
            assert!(head.begins_message() && body == b"b", "{line}");
            let twice = format!("{line}\n{source}");
            assert!(!split(twice.as_bytes()).0.begins_message(), "{line}");
        }
        for line in [
            "From MQ_INST_1080056302921134_BYdkf3Qa too",
            "From now on billing is gone",
            ">From now on billing is gone",
            "From billing@deleted.example tomorrow",
            "From MQ_INST_1080056302921134_BYdkf3Qa@x.example Sat Nov 28 09:00:00 2026",
            "From n@aliyun.com Sat Nov 28 09:00:00 2026 and billing",
        ] {
            let source = format!("{line}\nFrom: a <a@b.example>\nSubject: s\n\nb");
            let (head, body) = split(source.as_bytes());
            assert!(!head.begins_message(), "{line}");
            assert!(body.starts_with(line.as_bytes()), "{line}");
        }
    }

    /// The name of a field that is not known is read as its value is.
    #[test]
    fn the_name_of_a_field_may_be_text() {
        for field in [
            "MQ_INST_1080056302921134_BYdkf3Qa:",
            "MQ_INST_1080056302921134_BYdkf3Qa: yes",
            "Delete-Resource:",
            "billing-deleted:",
            "and-2-more:",
            "Instances: 3",
            "Release-Date: 2026-12-01",
            "Deleted: yes",
            "Number-of-instances: 12",
            "Cancelled: true",
            "X-Instance: billing",
            "X-Release-Date: Fri, 1 May 2026 09:00:00 +0800",
            "X-Note: call the office",
        ] {
            for delivered in ["Message-ID: <a@b>\n", "From: a <a@b.example>\n"] {
                let source = format!("{field}\n{delivered}\n");
                let (head, _) = split(source.as_bytes());
                assert_eq!(head.left_over().len(), 1, "{field}, {delivered}");
            }
        }
        // Pasted text begins with lines that only look like a header, also without a value.
        let (head, _) = split(b"billing:\nFrom: a <a@b.example>\n\n");
        assert_eq!(head.left_over(), ["billing: "]);
        // A name that is tracked is found where no program shows it.
        let (head, _) = split(b"X-Campaign: billing\nMessage-ID: <a@b>\n\n");
        assert!(head.words().iter().any(|words| words.contains("billing")));
        let (head, _) = split(b"X-Billing-Info: 1\nMessage-ID: <a@b>\n\n");
        assert!(head.words().iter().any(|words| words.contains(" billing ")));
        let (head, _) = split(b"billing: 1\nMessage-ID: <a@b>\n\n");
        assert!(head.words().iter().any(|words| words.contains("billing")));
    }

    /// A line that says something to a person is text, whatever its name.
    #[test]
    fn what_people_would_have_to_read_is_text() {
        for field in [
            "Status: Released",
            "Status: deleted already",
            "Date: tomorrow at 10:00",
            "Date: in 2 hours, at 10:00",
            "List-of-instances: orders, billing",
            "Content-of-this-notice: 3 instances will be deleted",
            "Content-Description: billing will be deleted tomorrow as well",
            "X-Also: billing will be deleted tomorrow",
            "X-Ms-Note: billing will be deleted tomorrow",
            "X-Google-Note: see billing too",
            "X-Campaign: and 2 more",
            "X-Campaign: MQ_INST_1080056302921134_BYdkf3Qa",
            "X-Campaign: https://example.com/MQ_INST_1080056302921134_BYdkf3Qa",
            "X-Campaign: billing was released",
            "X-Campaign: all gone",
            "X-Campaign: RELEASED",
            "X-Campaign: scheduled for removal",
            "X-Campaign: in 2 hours",
            "X-Campaign: 2026-12-01",
            "X-Campaign: 12/01/2026",
            "X-Campaign: on 1 December 2026",
            "X-Campaign: Dec 1, 2026",
            "X-Campaign: Tue, 1 Dec 2026 09:00:00 +0800",
            "X-Spam-Report: several instances",
            "X-Campaign: 另一个实例",
            "Organization: all instances of the Shanghai office, billing among them",
            "Priority: your instance billing goes first",
            "Precedence: billing",
            "Comments: billing as well",
            "Keywords: release, billing",
            "From: now on billing is in danger too, please look",
            "To: everybody who owns billing",
            "Received: the instance has been released",
            "User-Agent: billing was deleted",
            "Thread-Topic: billing goes as well",
            "Content-Type: text/plain; note=\"billing goes as well\"",
            "MIME-Version: 1.0 and billing",
            "Message-ID: billing goes as well",
            "Also: 另一个实例",
        ] {
            for delivered in ["Message-ID: <a@b>\n", "From: a <a@b.example>\n"] {
                let source = format!("{field}\n{delivered}\n");
                let (head, _) = split(source.as_bytes());
                assert_eq!(head.left_over().len(), 1, "{field}, {delivered}");
            }
        }
    }
}
