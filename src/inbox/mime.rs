//! E-mails: each part is read or listed as unread. A library would drop the text between and after the parts.

mod boundary;
mod content;

use super::code::{base64, loose_base64, quoted_printable};
use super::contents::Contents;
use super::head::{self, HeaderValue, Headers};
use super::picture::PictureSize;
use super::{Letter, charset, coded, html, names_id};
use crate::domain::notice::Part;

pub(super) use boundary::next_message;
use boundary::{BoundaryParts, extent, implied};
use content::is_text;

/// The maximum depth of parts and forwarded messages.
const DEEPEST: usize = 12;
/// The largest picture that counts as letterhead, in bytes.
const LETTERHEAD: usize = 64 * 1024;
/// Mailers' text for clients without MIME support.
const FOR_OLD_READERS: [&str; 8] = [
    "this is a multi-part message in mime format",
    "this is a multipart message in mime format",
    "this is a message with multiple parts in mime format",
    "this is a mime-encapsulated message",
    "this is an s/mime signed message",
    "this is a cryptographically signed message in mime format",
    "this is an openpgp/mime signed message (rfc 4880 and 3156)",
    "this message is in mime format",
];
/// Extensions of text files.
const TEXTS: [&str; 13] = [
    "txt", "csv", "tsv", "log", "md", "json", "xml", "ics", "vcf", "yaml", "yml", "htm", "html",
];

/// The context of a part.
#[derive(Clone, Copy)]
struct PartContext {
    /// Whether the part belongs to a forwarded message.
    forwarded: bool,
    /// Whether it is an alternative to another part.
    alternative: bool,
    deeper: usize,
}

struct Picture {
    id: String,
    name: String,
    /// The number of the message that it is in.
    piece: usize,
    bytes: Vec<u8>,
    /// Whether it is a file of its own, not only shown within a page.
    is_attached: bool,
}

/// The state while reading a message.
struct MimeReader {
    contents: Contents,
    pictures: Vec<Picture>,
    /// The pictures whose alternative text a page has.
    shown: Vec<html::ShownPicture>,
}

/// Reads the message at the start of the bytes, with those in it, and returns the rest.
pub(super) fn message(bytes: &[u8]) -> (Vec<Letter>, &[u8]) {
    let (head, body) = head::split(bytes);
    let (body, rest) = extent(&head, body);
    let mut reader = MimeReader::new();
    let place = PartContext {
        forwarded: false,
        alternative: false,
        deeper: DEEPEST,
    };
    if !head.went_by_mail() {
        // Pasted with its header lines, as those behind it are.
        reader.contents.begins_nested();
    }
    reader.letter(&head, body, place);
    let id = head.text("message-id");
    let id = id.map(|id| id.trim_matches(['<', '>', ' ']).to_owned());
    let id = id.filter(|id| !id.is_empty());
    (reader.finish().letters(id.as_deref()), rest)
}

/// Reads parts without a message header, and the text before them.
pub(super) fn parts_alone(bytes: &[u8]) -> Option<Vec<Letter>> {
    let boundary = implied(bytes)?;
    let mut reader = MimeReader::new();
    let place = PartContext {
        forwarded: false,
        alternative: false,
        deeper: DEEPEST,
    };
    reader.multipart(&HeaderValue::default(), &boundary, bytes, place);
    Some(reader.finish().letters(None))
}

/// A body in an unknown transfer encoding: unpacked if it has the form of base64.
fn as_it_is(body: &[u8]) -> Vec<u8> {
    let unpacked = base64(body.trim_ascii());
    let is_text = std::str::from_utf8(&unpacked.bytes).is_ok();
    if unpacked.whole && unpacked.rest.is_empty() && is_text && !unpacked.bytes.is_empty() {
        unpacked.bytes
    } else {
        body.to_vec()
    }
}

/// The name of a part, as shown to people.
fn name(head: &Headers, kind: &HeaderValue) -> String {
    let disposition = head.kind("content-disposition");
    let named = disposition.parameter("filename").or(kind.parameter("name"));
    let named = named.filter(|name| !name.trim().is_empty());
    match (named, kind.value.as_str()) {
        (Some(name), _) => name.trim().to_owned(),
        (None, "") => "an attachment".to_owned(),
        (None, kind) => format!("an attachment ({kind})"),
    }
}

impl MimeReader {
    fn new() -> Self {
        Self {
            contents: Contents::default(),
            pictures: Vec::new(),
            shown: Vec::new(),
        }
    }

    fn finish(mut self) -> Contents {
        let mut area: u64 = 0;
        for picture in self.pictures {
            let mut shown = self.shown.iter().filter(|shown| shown.id == picture.id);
            let areas = shown.clone().map(|shown| shown.area(&picture.bytes));
            area = areas.fold(area, u64::saturating_add);
            let is_letterhead = !picture.is_attached
                && area <= PictureSize::LETTERHEAD.area()
                && picture.bytes.len() <= LETTERHEAD
                && shown.clone().count() > 0
                && shown.all(|shown| shown.is_small(&picture.bytes));
            if !is_letterhead {
                let what = format!("{} (a picture, not read)", picture.name);
                self.contents.of_piece(picture.piece, &what, &picture.bytes);
            }
        }
        self.contents
    }

    fn unread(&mut self, what: &str) {
        self.contents.unread(format!("{what} (not read)"));
    }

    /// Reads a message: its subject, the other header fields with content, and its parts.
    fn letter(&mut self, head: &Headers, body: &[u8], place: PartContext) {
        for subject in head.texts("subject") {
            self.contents.subject(&subject);
        }
        self.contents.headers(head.words());
        for text in head.left_over() {
            self.text(&text, place);
        }
        self.part(head, body, place);
    }

    fn part(&mut self, head: &Headers, body: &[u8], place: PartContext) {
        let kind = head.kind("content-type");
        if place.deeper == 0 {
            return self.unread("a part in parts in parts");
        }
        let place = PartContext {
            deeper: place.deeper - 1,
            ..place
        };
        let boundary = kind
            .parameter("boundary")
            .filter(|boundary| !BoundaryParts::of(body, boundary).parts.is_empty())
            .map(ToOwned::to_owned);
        if kind.value.starts_with("multipart/") {
            return match boundary.or_else(|| implied(body)) {
                Some(boundary) => self.multipart(&kind, &boundary, body, place),
                None => self.bytes(body, &kind, place),
            };
        }
        self.leaf(head, &kind, body, place);
    }

    fn multipart(&mut self, kind: &HeaderValue, boundary: &str, body: &[u8], place: PartContext) {
        let parts = BoundaryParts::of(body, boundary);
        self.beside(parts.before, place);
        let mut place = place;
        let quoted = self.contents.before_forms();
        for part in parts.parts {
            let (head, inner) = head::split(part);
            self.contents.headers(head.words());
            let is_form = kind.value == "multipart/alternative" && place.alternative;
            if is_form {
                self.contents.again(quoted);
            }
            for text in head.left_over_of_part() {
                self.text(&text, place);
            }
            let before = self.texts();
            // In a digest, parts without a content type are messages.
            if kind.value == "multipart/digest" && head.kind("content-type").value.is_empty() {
                self.inner(inner, place);
            } else {
                self.part(&head, inner, place);
            }
            if is_form {
                self.contents.ends_form();
            }
            place.alternative |= kind.value == "multipart/alternative" && self.texts() > before;
        }
        match parts.end {
            Some(end) => self.beside(body.get(end..).unwrap_or_default(), place),
            None => self.contents.unread("its end, which is missing"),
        }
    }

    fn texts(&self) -> usize {
        let units = self.contents.units();
        let texts = units.filter(|unit| !matches!(unit.part, Part::Subject | Part::Link));
        texts.count()
    }

    /// The text before the first part or after the last one.
    fn beside(&mut self, bytes: &[u8], place: PartContext) {
        let text = charset::decode(bytes, None, None).text;
        let said = text.trim().trim_end_matches('.').to_lowercase();
        if !FOR_OLD_READERS.contains(&said.as_str()) {
            let place = PartContext {
                alternative: false,
                ..place
            };
            self.bytes(bytes, &HeaderValue::default(), place);
        }
    }

    fn leaf(&mut self, head: &Headers, kind: &HeaderValue, body: &[u8], place: PartContext) {
        let name = name(head, kind);
        let how = head.text("content-transfer-encoding").unwrap_or_default();
        let mut rest: &[u8] = b"";
        let bytes = match how.to_ascii_lowercase().as_str() {
            "base64" => {
                let unpacked = base64(body);
                rest = unpacked.rest;
                if !unpacked.whole {
                    self.contents.unread(format!("the end of {name}"));
                }
                let mut bytes = unpacked.bytes;
                bytes.extend(self.further_blocks(&mut rest));
                let says = |bytes: &[u8]| names_id(&String::from_utf8_lossy(bytes));
                if !rest.is_empty() && !says(&bytes) {
                    let loose = loose_base64(body);
                    if says(&loose) {
                        self.unread(&name);
                        bytes = loose;
                    }
                }
                bytes
            }
            "quoted-printable" => quoted_printable(body),
            "" | "7bit" | "8bit" | "binary" | "us-ascii" | "utf-8" => self.as_sent(kind, body),
            // Nobody knows what it would be; what may be read of it as it is may have an id.
            _ => {
                self.unread(&name);
                let bytes = as_it_is(body);
                match kind.value.split_once('/') {
                    None | Some(("text", _)) => bytes,
                    Some(_) if is_text(&bytes) => return self.attached(&bytes, kind),
                    Some(_) => return,
                }
            }
        };
        let before = self.contents.unread_count();
        self.content(head, kind, &bytes, place);
        if self.contents.unread_count() > before {
            self.contents.digest(&bytes);
        }
        self.bytes(rest, &HeaderValue::default(), place);
    }

    /// A body that is not packed as its header says. A text may be in quoted-printable all the same.
    fn as_sent(&mut self, kind: &HeaderValue, body: &[u8]) -> Vec<u8> {
        let is_text = kind.value.is_empty() || kind.value.starts_with("text/");
        let packed = is_text
            .then(|| coded::quoted_printable_alone(body))
            .flatten();
        match packed {
            Some(bytes) => {
                self.contents.unread(coded::IN_CODES);
                bytes
            }
            None => body.to_vec(),
        }
    }

    /// Unpacks blocks of base64 behind the end of the first one, which mail programs may not show. `rest` becomes what is behind
    /// them.
    fn further_blocks(&mut self, rest: &mut &[u8]) -> Vec<u8> {
        const SHORTEST: usize = 16;
        let mut bytes = Vec::new();
        loop {
            let block = base64(rest);
            // The last line of a text that was packed line by line may be short.
            let is_block = block.bytes.len() >= SHORTEST || rest.trim_ascii().ends_with(b"=");
            if !block.whole || block.bytes.is_empty() || !is_block {
                return bytes;
            }
            if bytes.is_empty() {
                self.contents.unread("text behind the end of its content");
            }
            bytes.extend(block.bytes);
            *rest = block.rest;
        }
    }
}
