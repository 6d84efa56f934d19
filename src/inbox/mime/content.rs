//! The content of one part: a text, a page, a picture, a message, or a file that is listed as unread.

use super::{LETTERHEAD, MimeReader, PartContext, Picture, TEXTS, name};
use crate::domain::notice::{Part, Unit, says_more_than_a_title};
use crate::inbox::code::{cut_files, is_picture, is_signature};
use crate::inbox::head::{self, HeaderValue, Headers};
use crate::inbox::{charset, flowed, html, passages};

impl MimeReader {
    pub(super) fn content(
        &mut self,
        head: &Headers,
        kind: &HeaderValue,
        bytes: &[u8],
        place: PartContext,
    ) {
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
        if let Some(what) = crate::inbox::file(bytes).filter(|_| is_called_text && !is_text(bytes))
        {
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
    pub(super) fn inner(&mut self, bytes: &[u8], place: PartContext) {
        let bytes = crate::inbox::line_ends(bytes);
        let (head, body) = head::split(crate::inbox::filled(&bytes));
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
    pub(super) fn bytes(&mut self, bytes: &[u8], kind: &HeaderValue, place: PartContext) {
        let text = self.decoded(bytes, kind, None);
        self.text(&text, place);
    }

    fn decoded(&mut self, bytes: &[u8], kind: &HeaderValue, meta: Option<&str>) -> String {
        let decoded = charset::decode(bytes, kind.parameter("charset"), meta);
        if !decoded.whole {
            self.contents.unread(crate::inbox::NO_ENCODING);
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

    pub(super) fn text(&mut self, text: &str, place: PartContext) {
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

    pub(super) fn attached(&mut self, bytes: &[u8], kind: &HeaderValue) {
        let text = self.decoded(bytes, kind, html::declared(bytes).as_deref());
        let text = crate::inbox::page_or_text(text, &mut self.contents);
        let text = text.trim();
        if !text.is_empty() {
            self.contents.add_unit(Unit {
                part: Part::Attachment,
                text: text.to_owned(),
            });
        }
    }
}

/// Whether bytes that may be anything are a text.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    if charset::has_controls(bytes) {
        return false;
    }
    let decoded = charset::decode(bytes, None, None);
    let shows = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    decoded.whole && decoded.text.chars().all(shows)
}
