//! A notice that is piped in: an e-mail, or text in whatever encoding it came.

use encoding_rs::GB18030;
use mail_parser::decoders::html::html_to_text;
use mail_parser::{MessageParser, MessagePart, MimeHeaders as _, PartType};

use crate::domain::notice::{Message, Part, Unit};

/// The headers one of which every e-mail has, in lower case.
const HEADERS: [&str; 10] = [
    "from",
    "received",
    "return-path",
    "delivered-to",
    "mime-version",
    "content-type",
    "message-id",
    "subject",
    "x-mailer",
    "dkim-signature",
];
/// How deep forwarded e-mails are followed.
const DEEPEST: usize = 8;

/// What was piped in.
pub(super) struct Said {
    /// What an e-mail or a text says.
    pub(super) message: Message,
    /// The id the e-mail has.
    pub(super) id: Option<String>,
}

/// What an e-mail or a text says.
pub(super) fn read(bytes: &[u8]) -> Said {
    let message = looks_like_mail(bytes).then(|| MessageParser::default().parse(bytes));
    match message.flatten() {
        Some(message) => {
            let mut said = Message {
                units: Vec::new(),
                unread: Vec::new(),
            };
            gather(&message, DEEPEST, Part::Body, &mut said);
            Said {
                message: said,
                id: message.message_id().map(ToOwned::to_owned),
            }
        }
        None => Said {
            message: Message::plain(&plain(bytes)),
            id: None,
        },
    }
}

/// Whether it begins with a block of headers, one of them an e-mail's own.
fn looks_like_mail(bytes: &[u8]) -> bool {
    let head = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut known = false;
    for line in head.split(|byte| *byte == b'\n').take(500) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return known;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") || line.starts_with(b"From ") {
            continue;
        }
        let Some(name) = line.split(|byte| *byte == b':').next() else {
            return false;
        };
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        let token = |c: char| c.is_ascii_graphic();
        if name.len() == line.len() || !name.chars().all(token) {
            return false;
        }
        known |= HEADERS.contains(&name.as_str());
    }
    known
}

/// Its subject and every text of it. Plain and HTML may differ, so both count.
fn gather(message: &mail_parser::Message<'_>, deeper: usize, part: Part, said: &mut Message) {
    let unit = |part, text: &str| Unit {
        part,
        text: text.to_owned(),
    };
    said.units
        .extend(message.subject().map(|text| unit(Part::Subject, text)));
    for inner in &message.parts {
        match &inner.body {
            PartType::Text(text) => said.units.push(unit(part, text)),
            PartType::Html(html) => said.units.push(unit(part, &html_to_text(html))),
            PartType::Message(inner) if deeper > 0 => {
                gather(inner, deeper - 1, Part::Forwarded, said);
            }
            // Pictures are the vendor's letterhead, signatures are no news.
            PartType::Binary(_) | PartType::InlineBinary(_) if is_decoration(inner) => {}
            PartType::Message(_) | PartType::Binary(_) | PartType::InlineBinary(_) => {
                let name = inner.attachment_name().unwrap_or("an attachment");
                said.unread.push(format!("{name} (not read)"));
            }
            PartType::Multipart(_) => {}
        }
    }
}

fn is_decoration(part: &MessagePart<'_>) -> bool {
    part.content_type().is_some_and(|kind| {
        let sub = kind.subtype().unwrap_or_default();
        kind.ctype().eq_ignore_ascii_case("image") || sub.to_ascii_lowercase().contains("signature")
    })
}

/// Text in UTF-8, UTF-16 with its mark, or else GB18030; what looks like HTML without its tags.
fn plain(bytes: &[u8]) -> String {
    let encoding = encoding_rs::Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let text = match (encoding, std::str::from_utf8(bytes)) {
        (Some(encoding), _) => encoding.decode(bytes).0.into_owned(),
        (None, Ok(text)) => text.to_owned(),
        (None, Err(_)) => GB18030.decode(bytes).0.into_owned(),
    };
    if text.trim_start().starts_with('<') {
        html_to_text(&text)
    } else {
        text
    }
}
