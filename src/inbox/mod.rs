//! Parsing of incoming messages into units: e-mails, pasted sources, webhook bodies, or plain text.
//!
//! Nothing is ignored (closed reading): each part becomes a unit, or is listed in `unread`, so that the judgement of the message
//! considers all of it.

mod charset;
mod chat;
mod code;
mod coded;
mod contents;
mod flowed;
mod head;
mod header_value;
mod html;
mod json;
mod mime;
mod passages;
mod picture;
mod quote;
mod style;

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use sha2::{Digest as _, Sha256};

use self::contents::Contents;
use crate::domain::notice::{Message, Part};

/// One notice of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub message: Message,
    /// The id that its sender assigned.
    pub id: Option<String>,
}

/// The most notices read from one input.
const MOST: usize = 50;
/// The description of bytes in an unknown encoding.
const NO_ENCODING: &str = "bytes in no known encoding";
/// The description of an archive.
const PACKED: &str = "a packed file (not read: unpack it first)";
/// Magic bytes of files that are not text, with a description.
const FILES: [(&[u8], &str); 12] = [
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an Outlook .msg file (not read: save the message as .eml, or paste its text)",
    ),
    (b"%PDF", "a PDF file (not read: paste its text)"),
    (
        b"PK\x03\x04",
        "a packed file or an Office document (not read: paste its text)",
    ),
    (b"\x1f\x8b", PACKED),
    (b"BZh", PACKED),
    (b"\xfd7zXZ\0", PACKED),
    (b"7z\xbc\xaf\x27\x1c", PACKED),
    (b"Rar!\x1a", PACKED),
    (b"\x89PNG", "a picture (not read: type what it says)"),
    (b"\xff\xd8\xff", "a picture (not read: type what it says)"),
    (b"GIF8", "a picture (not read: type what it says)"),
    (b"{\\rtf", "a file in rich text (not read: paste its text)"),
];

impl Letter {
    fn of(message: Message) -> Self {
        Self { message, id: None }
    }

    /// Whether there is neither text nor unread content.
    pub fn is_empty(&self) -> bool {
        self.message.unread.is_empty() && self.message.text().trim().is_empty()
    }

    /// A message whose whole content is unread.
    fn unread(what: &str, bytes: &[u8]) -> Self {
        Self::of(Message {
            units: passages::with_ids(bytes),
            unread: vec![what.to_owned()],
            unread_digests: vec![digest(bytes)],
            ..Message::default()
        })
    }
}

/// Reads an input with one or several notices.
pub fn read(bytes: &[u8]) -> Vec<Letter> {
    read_in(bytes, None)
}

/// Reads an input in the encoding that its sender declares.
pub fn read_in(bytes: &[u8], charset: Option<&str>) -> Vec<Letter> {
    let mut letters = as_written(bytes, charset);
    let messages = letters.iter_mut().map(|letter| &mut letter.message);
    messages.for_each(coded::decode);
    letters
}

/// The description of a file that is no text, by its first bytes.
fn file(bytes: &[u8]) -> Option<&'static str> {
    let known = FILES.iter().find(|(begin, _)| bytes.starts_with(begin));
    known.map(|(_, what)| *what)
}

/// Reads an input. What is written in codes stays.
fn as_written(bytes: &[u8], charset: Option<&str>) -> Vec<Letter> {
    if let Some(what) = file(bytes) {
        return vec![Letter::unread(what, bytes)];
    }
    if let Some(message) = apple(bytes) {
        return mails(&line_ends(message));
    }
    let bytes = &*eight_bit(bytes);
    let (junk, mail) = without_junk(bytes);
    let (head, _) = head::split(mail);
    if head.begins_message() {
        let mut letters = mails(mail);
        if let Some(first) = letters.first_mut().filter(|_| junk > 0) {
            let what = format!("{junk} bytes before its header");
            first.message.unread.push(what);
        }
        return letters;
    }
    let decoded = charset::decode(bytes, charset, html::declared(bytes).as_deref());
    let mut letters = text(&decoded.text);
    if let Some(first) = letters.first_mut().filter(|_| !decoded.whole) {
        first.message.unread.push(NO_ENCODING.to_owned());
    }
    letters
}

/// Consecutive e-mails.
fn mails(bytes: &[u8]) -> Vec<Letter> {
    let (mut letters, mut rest) = (Vec::new(), bytes);
    while letters.is_empty() || letters.len() <= MOST && !rest.trim_ascii().is_empty() {
        let (read, behind) = mime::message(filled(rest));
        letters.extend(read);
        rest = behind;
    }
    at_most(letters)
}

/// Cuts the list to the maximum; the last notice mentions the rest.
fn at_most(mut letters: Vec<Letter>) -> Vec<Letter> {
    if letters.len() > MOST {
        letters.truncate(MOST);
        if let Some(last) = letters.last_mut() {
            let what = format!("what follows the first {MOST} messages (not read)");
            last.message.unread.push(what);
        }
    }
    letters
}

/// Reads a text: JSON, HTML, an e-mail source anywhere in it, or plain text.
fn text(given: &str) -> Vec<Letter> {
    let text = without_margin(given);
    let text = text.as_ref();
    if let Some(letters) = json::letters(text).or_else(|| Some(chat::xml(text)?.letters(None))) {
        return letters;
    }
    let bytes = text.as_bytes();
    if let Some(at) = mime::next_message(bytes, true) {
        let (before, source) = text.split_at(at);
        let mut letters = mails(source.as_bytes());
        let mut plain = plain(before).whole();
        // The text before a pasted source belongs to its message.
        if let Some(first) = letters.first_mut() {
            plain.units.append(&mut first.message.units);
            plain.unread.append(&mut first.message.unread);
            plain
                .unread_digests
                .append(&mut first.message.unread_digests);
            plain.headers.append(&mut first.message.headers);
            first.message = plain;
        }
        return letters;
    }
    mime::parts_alone(bytes).unwrap_or_else(|| plain(text).letters(None))
}

fn plain(text: &str) -> Contents {
    let mut contents = Contents::default();
    let (cut, unread) = code::cut_files(text);
    if !unread.is_empty() {
        contents.digest(text.as_bytes());
    }
    unread.into_iter().for_each(|what| contents.unread(what));
    let text = page_or_text(cut, &mut contents);
    contents.text(&text, Part::Body);
    contents
}

/// The visible text, which may be a page. Hidden content of the page is added to the message.
fn page_or_text(text: String, contents: &mut Contents) -> String {
    if !html::is_html(&text) {
        return text;
    }
    let page = html::read(&text);
    page.unread
        .into_iter()
        .for_each(|what| contents.unread(what));
    page.links.iter().for_each(|link| contents.link(link));
    format!("{}\n\n{}", page.title, page.text)
}

/// The message in an Apple Mail file, which consists of a byte count, the message, and a property list.
fn apple(bytes: &[u8]) -> Option<&[u8]> {
    let (count, rest) = code::line(bytes);
    let count: usize = std::str::from_utf8(count).ok()?.trim().parse().ok()?;
    let message = rest.get(..count).unwrap_or(rest);
    let behind = rest.get(count..).unwrap_or_default().trim_ascii();
    let is_list = behind.starts_with(b"<?xml") || behind.starts_with(b"<!DOCTYPE plist");
    let whole = behind.is_empty() || is_list && behind.ends_with(b"</plist>");
    let names = names_id(&String::from_utf8_lossy(behind));
    let message = if whole && !names { message } else { rest };
    head::split(&line_ends(message))
        .0
        .begins_message()
        .then_some(message)
}

/// Skips binary data that some clients write before the header.
fn without_junk(bytes: &[u8]) -> (usize, &[u8]) {
    if head::split(filled(bytes)).0.begins_message() {
        return (0, filled(bytes));
    }
    let begin = bytes.get(..256).unwrap_or(bytes);
    let last = begin.iter().rposition(|byte| *byte == 0);
    let (junk, rest) = bytes.split_at(last.map_or(0, |last| last + 1));
    (junk.len(), filled(rest))
}

/// Skips empty lines; blanks before the first word stay, because they may be a margin.
fn filled(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    loop {
        let (first, behind) = code::line(rest);
        if !first.trim_ascii().is_empty() || rest.is_empty() {
            return rest;
        }
        rest = behind;
    }
}

/// Converts UTF-16 to UTF-8, so that lines can be found, and line breaks to line feeds.
fn eight_bit(bytes: &[u8]) -> Cow<'_, [u8]> {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return line_ends(rest);
    }
    let zeros = |first: usize| {
        let every_other = bytes.iter().skip(first).step_by(2).take(64);
        every_other.filter(|byte| **byte == 0).count()
    };
    let marked = encoding_rs::Encoding::for_bom(bytes).is_some();
    let wide = marked || zeros(0).max(zeros(1)) > 16;
    let decoded = wide.then(|| charset::decode(bytes, None, None));
    match decoded.filter(|decoded| decoded.whole && !decoded.text.contains('\0')) {
        Some(decoded) => decoded.text.into_bytes().into(),
        None => line_ends(bytes),
    }
}

/// Converts line breaks of all systems to line feeds.
fn line_ends(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.contains(&b'\r') {
        return bytes.into();
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\r' {
            out.push(byte);
        } else if rest.peek() != Some(&b'\n') {
            out.push(b'\n');
        }
    }
    out.into()
}

/// A text without the blanks or quote marks that all its lines start with.
fn without_margin(text: &str) -> Cow<'_, str> {
    let filled = || text.lines().filter(|line| !line.trim().is_empty());
    let margin = |line: &str| {
        let inner = line.trim_start_matches([' ', '\t', '>']);
        line.len() - inner.len()
    };
    let least = filled().map(margin).min().unwrap_or(0);
    if least == 0 {
        return text.into();
    }
    let first = filled().next().and_then(|line| line.get(..least));
    let same = filled().all(|line| line.get(..least) == first);
    if !same {
        return text.into();
    }
    let lines = text
        .lines()
        .map(|line| line.get(least..).unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n").into()
}

/// The digest of content that is not read.
fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The ids of instances.
static IDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)mq_inst_[a-z0-9_]*|(?-u:\b)(?:ons|rmq)-[a-z]{2,}-[a-z0-9]{6,}").ok()
});

/// Whether a hidden text contains an instance id.
fn names_id(text: &str) -> bool {
    let is_one = |text: &str| IDS.as_ref().is_none_or(|id| id.is_match(text));
    is_one(text) || coded::decoded(text).is_some_and(|text| is_one(&text))
}
