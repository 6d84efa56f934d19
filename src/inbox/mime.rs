//! E-mails: each part is read or listed as unread. A library would drop the text between and after the parts.

use super::code::{
    base64, cut_files, is_picture, is_signature, line, loose_base64, quoted_printable,
};
use super::contents::Contents;
use super::head::{self, HeaderValue, Headers};
use super::picture::PictureSize;
use super::{Letter, charset, coded, flowed, html, names_id, passages};
use crate::domain::notice::{Part, Unit, says_more_than_a_title};

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

/// Splits the body from a message that may follow it.
fn extent<'a>(head: &Headers, body: &'a [u8]) -> (&'a [u8], &'a [u8]) {
    let kind = head.kind("content-type");
    let closed = kind
        .parameter("boundary")
        .filter(|_| kind.value.starts_with("multipart/"))
        .and_then(|boundary| BoundaryParts::of(body, boundary).end);
    let from = closed.unwrap_or(0);
    let behind = body.get(from..).unwrap_or_default();
    let end = next_message(behind, closed.is_some()).map_or(body.len(), |at| from + at);
    body.split_at(end)
}

/// The start of the next message: after an empty line, with the header of a delivered e-mail.
pub(super) fn next_message(bytes: &[u8], at_once: bool) -> Option<usize> {
    let (mut rest, mut free) = (bytes, at_once);
    while !rest.is_empty() {
        let (text, behind) = line(rest);
        let may_begin = free && (text.starts_with(b"From ") || text.contains(&b':'));
        if may_begin {
            let (head, _) = head::split(rest);
            if head.went_by_mail() && head.is_of_letter() {
                return Some(bytes.len() - rest.len());
            }
        }
        free = text.trim_ascii().is_empty();
        rest = behind;
    }
    None
}

/// The text between boundaries.
struct BoundaryParts<'a> {
    before: &'a [u8],
    parts: Vec<&'a [u8]>,
    /// The end of the last boundary; `None` when it is missing.
    end: Option<usize>,
}

impl<'a> BoundaryParts<'a> {
    fn of(body: &'a [u8], boundary: &str) -> Self {
        let mut found = Self {
            before: body,
            parts: Vec::new(),
            end: None,
        };
        let mut begun: Option<usize> = None;
        let mut rest = body;
        while !rest.is_empty() && found.end.is_none() {
            let at = body.len() - rest.len();
            let (text, behind) = line(rest);
            let marked = text.trim_ascii_end().strip_prefix(b"--");
            let behind_mark = marked.and_then(|text| text.strip_prefix(boundary.as_bytes()));
            let is_last = behind_mark == Some(b"--");
            if is_last || behind_mark == Some(b"") {
                let part = body.get(begun.unwrap_or(0)..at).unwrap_or_default();
                let part = part.strip_suffix(b"\n").unwrap_or(part);
                match begun {
                    Some(_) => found.parts.push(part),
                    None => found.before = part,
                }
                let next = body.len() - behind.len();
                begun = Some(next);
                found.end = is_last.then_some(next);
            }
            rest = behind;
        }
        if let (Some(begun), None) = (begun, found.end) {
            found.parts.push(body.get(begun..).unwrap_or_default());
        }
        found
    }
}

/// The boundary found in a body whose header has none, or another one.
fn implied(body: &[u8]) -> Option<String> {
    let mut rest = body;
    while !rest.is_empty() {
        let (text, behind) = line(rest);
        let boundary = text.trim_ascii_end().strip_prefix(b"--");
        let next = line(behind).0.to_ascii_lowercase();
        if let Some(boundary) = boundary.filter(|boundary| !boundary.is_empty())
            && next.starts_with(b"content-")
            && next.contains(&b':')
        {
            return std::str::from_utf8(boundary).ok().map(ToOwned::to_owned);
        }
        rest = behind;
    }
    None
}

/// Whether bytes that may be anything are a text.
fn is_text(bytes: &[u8]) -> bool {
    if charset::has_controls(bytes) {
        return false;
    }
    let decoded = charset::decode(bytes, None, None);
    let shows = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    decoded.whole && decoded.text.chars().all(shows)
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

    fn content(&mut self, head: &Headers, kind: &HeaderValue, bytes: &[u8], place: PartContext) {
        let name = name(head, kind);
        let disposition = head.kind("content-disposition");
        let ending = name
            .rsplit_once('.')
            .map(|(_, ending)| ending.to_ascii_lowercase());
        let ending = ending.unwrap_or_default();
        let is_file = disposition.value == "attachment"
            || disposition.parameter("filename").is_some()
            || kind.parameter("name").is_some();
        if is_file {
            // The end of a file name is no part of an instance's name.
            self.contents.headers([name.replace('.', " ")]);
            if says_more_than_a_title(&name.replace(['.', '_', '-'], " ")) {
                self.unread(&format!("what is said by the name of a file, {name}"));
            }
            if bytes.trim_ascii().is_empty() {
                return self.unread(&format!("{name}, which is empty"));
            }
        }
        let kind_of = kind.value.split_once('/').unwrap_or(("text", "plain"));
        // A binary file may be labelled as a text or a message.
        let is_called_text = matches!(kind_of.0, "text" | "message")
            || ending == "eml"
            || TEXTS.contains(&ending.as_str());
        if let Some(what) = super::file(bytes).filter(|_| is_called_text && !is_text(bytes)) {
            self.contents.unread(format!("{name}: {what}"));
            return self.passages(bytes);
        }
        match kind_of {
            ("text", "rfc822-headers") => self.attached(bytes, kind),
            ("text", "html" | "x-amp-html") if !is_file => self.page(bytes, kind, place),
            ("text", "plain") if !is_file => self.bytes(bytes, kind, place),
            ("text", _) => self.attached(bytes, kind),
            ("message", "rfc822" | "global" | "news") => self.inner(bytes, place),
            ("message", "delivery-status" | "disposition-notification" | "feedback-report") => {
                self.attached(bytes, kind);
            }
            // A part labelled as a picture that is none may contain text: filters replace removed content with their own words.
            ("image", _) if !is_picture(bytes) => {
                self.unread(&name);
                if !bytes.contains(&0) {
                    self.attached(bytes, kind);
                }
            }
            ("image", _) => self.pictures.push(Picture {
                id: head
                    .text("content-id")
                    .unwrap_or_default()
                    .trim_matches(['<', '>'])
                    .to_owned(),
                name,
                piece: self.contents.current(),
                bytes: bytes.to_vec(),
                is_attached: disposition.value == "attachment",
            }),
            // A signature proves the sender and has no content of its own; what only calls itself one has.
            ("application", "pkcs7-signature" | "x-pkcs7-signature" | "pgp-signature")
                if bytes.len() <= LETTERHEAD && is_signature(bytes, &ending) => {}
            ("application", "pkcs7-mime" | "x-pkcs7-mime") => {
                self.contents.unread(format!("{name} (S/MIME, not read)"));
                self.passages(bytes);
            }
            ("application", "ms-tnef" | "vnd.ms-tnef") => {
                self.contents.unread(format!(
                    "{name} (Outlook's own form of attachments, not read)"
                ));
                self.passages(bytes);
            }
            ("application", _) if ending == "eml" => self.inner(bytes, place),
            ("application", _) if TEXTS.contains(&ending.as_str()) => self.attached(bytes, kind),
            ("application", sub)
                if ["json", "xml", "ics"].contains(&sub)
                    || sub.ends_with("+json")
                    || sub.ends_with("+xml") =>
            {
                self.attached(bytes, kind);
            }
            // Whatever it calls itself, a text may have an id.
            _ => {
                self.unread(&name);
                if is_text(bytes) {
                    self.attached(bytes, kind);
                } else {
                    self.passages(bytes);
                }
            }
        }
    }

    /// The passages with an id in a file that is not read as a whole.
    fn passages(&mut self, bytes: &[u8]) {
        let units = passages::with_ids(bytes).into_iter();
        units.for_each(|unit| self.contents.add_unit(unit));
    }

    /// A nested message.
    fn inner(&mut self, bytes: &[u8], place: PartContext) {
        let bytes = super::line_ends(bytes);
        let (head, body) = head::split(super::filled(&bytes));
        if !head.begins_message() {
            return self.attached(&bytes, &HeaderValue::default());
        }
        let place = PartContext {
            forwarded: true,
            alternative: false,
            ..place
        };
        let outer = self.contents.begins_nested();
        self.letter(&head, body, place);
        self.contents.ends_nested(outer);
    }

    /// A text in an encoding.
    fn bytes(&mut self, bytes: &[u8], kind: &HeaderValue, place: PartContext) {
        let text = self.decoded(bytes, kind, None);
        self.text(&text, place);
    }

    fn decoded(&mut self, bytes: &[u8], kind: &HeaderValue, meta: Option<&str>) -> String {
        let decoded = charset::decode(bytes, kind.parameter("charset"), meta);
        if !decoded.whole {
            self.contents.unread(super::NO_ENCODING);
        }
        let says = |name, value: &str| {
            let given = kind.parameter(name);
            given.is_some_and(|given| given.eq_ignore_ascii_case(value))
        };
        match kind.value == "text/plain" && says("format", "flowed") {
            true => flowed::joined(&decoded.text, says("delsp", "yes")),
            false => decoded.text,
        }
    }

    fn text(&mut self, text: &str, place: PartContext) {
        let (cut, files) = cut_files(text);
        if !files.is_empty() {
            self.contents.digest(text.as_bytes());
        }
        files
            .into_iter()
            .for_each(|what| self.contents.unread(what));
        let text = cut;
        let part = match place {
            PartContext {
                alternative: true, ..
            } => Part::Alternative,
            PartContext {
                forwarded: true, ..
            } => Part::Forwarded,
            PartContext { .. } => Part::Body,
        };
        self.contents.text(&text, part);
    }

    fn page(&mut self, bytes: &[u8], kind: &HeaderValue, place: PartContext) {
        let meta = html::declared(bytes);
        let page = self.decoded(bytes, kind, meta.as_deref());
        let page = html::read(&page);
        self.shown.extend(page.pictures);
        let unread = page.unread.into_iter();
        unread.for_each(|what| self.contents.unread(what));
        let links = page.links.iter();
        links.for_each(|link| self.contents.link(link));
        let title = page.title.split_whitespace().collect::<Vec<_>>().join(" ");
        let known = |unit: &Unit| unit.text.contains(&title);
        if !self.contents.units().any(known) && !page.text.contains(&title) {
            self.text(&title, place);
        }
        self.text(&page.text, place);
    }

    fn attached(&mut self, bytes: &[u8], kind: &HeaderValue) {
        let text = self.decoded(bytes, kind, html::declared(bytes).as_deref());
        let text = super::page_or_text(text, &mut self.contents);
        let text = text.trim();
        if !text.is_empty() {
            self.contents.add_unit(Unit {
                part: Part::Attachment,
                text: text.to_owned(),
            });
        }
    }
}
