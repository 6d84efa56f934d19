//! Where the parts of an e-mail, and the messages in a file, begin and end.

use crate::inbox::code::line;
use crate::inbox::head::{self, Headers};

/// Splits the body from a message that may follow it.
pub(super) fn extent<'a>(head: &Headers, body: &'a [u8]) -> (&'a [u8], &'a [u8]) {
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
pub(in crate::inbox) fn next_message(bytes: &[u8], at_once: bool) -> Option<usize> {
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
pub(super) struct BoundaryParts<'a> {
    pub(super) before: &'a [u8],
    pub(super) parts: Vec<&'a [u8]>,
    /// The end of the last boundary; `None` when it is missing.
    pub(super) end: Option<usize>,
}

impl<'a> BoundaryParts<'a> {
    pub(super) fn of(body: &'a [u8], boundary: &str) -> Self {
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
pub(super) fn implied(body: &[u8]) -> Option<String> {
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
