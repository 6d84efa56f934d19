//! Header fields: unfolded, with encoded words and parameters decoded.

use super::charset;
use super::code::{base64, escapes, line};
use crate::domain::written::lists;

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
/// Fields about transport and recipients, without content.
const OF_THE_WAY: &str = "from sender reply-to to cc bcc date message-id in-reply-to references \
    received received-spf return-path delivered-to envelope-to mime-version user-agent \
    authentication-results precedence auto-submitted importance priority sensitivity \
    thread-index thread-topic feedback-id errors-to organization status lines accept-language \
    domainkey-signature";
const OF_THE_WAY_BEGIN: [&str; 6] = ["content-", "x-", "dkim-", "arc-", "list-", "resent-"];

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
        let first = head.fields.is_empty();
        if text.is_empty() {
            head.clean = true;
            return (head, behind);
        }
        if first && (text.starts_with(b"From ") || text.starts_with(b">From ")) {
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

    /// The fields that contain an instance id.
    pub(super) fn naming(&self) -> Vec<String> {
        let values = self.fields.iter().map(|field| text(&field.value));
        values.filter(|value| super::names_id(value)).collect()
    }

    /// The fields with content: those not written for machines, and those that contain an instance id.
    pub(super) fn left_over(&self) -> Vec<String> {
        let of_the_way = |name: &str| {
            lists(OF_THE_WAY, name) || OF_THE_WAY_BEGIN.iter().any(|begin| name.starts_with(begin))
        };
        let mut left = Vec::new();
        for field in self.fields.iter().filter(|field| field.name != "subject") {
            let value = text(&field.value);
            // Pasted text may start with lines that only look like a header.
            let is_text = if self.went_by_mail() {
                super::names_id(&value)
            } else if field.name == "date" {
                !value.contains(':') || super::names_id(&value)
            } else {
                !of_the_way(&field.name) || super::names_id(&value)
            };
            if is_text {
                left.push(format!("{}: {value}", field.name));
            }
        }
        left
    }
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
        assert_eq!(head.left_over(), ["x-a: MQ_INST_2080056302921134_AbCdEf12"]);
    }
}
