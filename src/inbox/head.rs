//! Header fields: unfolded, with encoded words and parameters decoded.

mod field;

use std::sync::LazyLock;

use chrono::DateTime;
use regex::Regex;

use self::field::HeaderField;
use super::code::{base64, escapes, line};
use super::{charset, quote};

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

/// The header fields, in order.
#[derive(Debug, Default)]
pub(super) struct Headers {
    fields: Vec<HeaderField>,
    /// Whether the header ends with an empty line or the end of the input.
    clean: bool,
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

/// The text of a field, with encoded words decoded.
pub(super) fn text(value: &[u8]) -> String {
    let text = charset::decode(value, None, None).text;
    let mut out = String::new();
    let mut word = EncodedWord::default();
    let mut rest = text.as_str();
    while let Some(begin) = rest.find("=?") {
        let (before, at) = rest.split_at(begin);
        let Some((next, behind)) = encoded(at) else {
            let (mark, behind) = at.split_at(2);
            word.flush_to(&mut out);
            out.push_str(before);
            out.push_str(mark);
            rest = behind;
            continue;
        };
        // Blanks between two encoded words are ignored; a character may be split between them.
        let joins = before.trim().is_empty() && !word.charset.is_empty();
        if !joins || word.charset != next.charset {
            word.flush_to(&mut out);
        }
        if !joins {
            out.push_str(before);
        }
        word.charset = next.charset;
        word.bytes.extend(next.bytes);
        rest = behind;
    }
    word.flush_to(&mut out);
    out.push_str(rest);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(Default)]
struct EncodedWord {
    charset: String,
    bytes: Vec<u8>,
}

impl EncodedWord {
    fn flush_to(&mut self, out: &mut String) {
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
        // A part without a name is a value too.
        let (name, given) = piece.split_once('=').unwrap_or(("", &piece));
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
mod tests;
