//! The JSON of the vendor's command line and SDKs: one or several documents, plain or wrapped.

mod document;

pub(super) use document::answer;

use std::borrow::Cow;

use chrono_tz::Tz;
use serde::de::IgnoredAny;
use serde_json::error::Category;

use super::error::{ListingError, RowProblem};
use super::node::Node;
use super::{ListingRow, ReadSoFar};
use document::{At, DocumentReader, failure};

/// A text without what programs put around JSON: another JSON text that holds it, or the marks between texts of a sequence.
///
/// # Errors
/// [`ListingError::NoInstances`] where a JSON value is all there is.
pub(super) fn unwrapped(text: Cow<'_, str>) -> Result<Cow<'_, str>, ListingError> {
    /// The mark before each text of a sequence (RFC 7464).
    const SEPARATOR: char = '\u{1e}';
    if text.starts_with(SEPARATOR) {
        return Ok(text.replace(SEPARATOR, " ").into());
    }
    if text.trim_start().starts_with(['{', '[']) {
        return Ok(text);
    }
    match serde_json::from_str(&text) {
        Ok(Node::Text(inner)) if inner.trim_start().starts_with(['{', '[']) => Ok(inner.into()),
        Ok(Node::Nothing | Node::Text(_) | Node::Number(_) | Node::Other(_)) => {
            Err(ListingError::NoInstances(Vec::new()))
        }
        Ok(Node::List(_) | Node::Object(_)) | Err(_) => Ok(text),
    }
}

/// The documents of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Documents {
    One,
    Several,
    /// One in each line, some of which are no JSON.
    Lines,
}

impl Documents {
    /// # Errors
    /// The error in a text that is not valid JSON throughout, unless it consists of lines of JSON.
    pub(super) fn of(text: &str) -> Result<Self, ListingError> {
        let mut documents = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
        let count = documents.by_ref().take_while(Result::is_ok).count();
        let is_whole = text.get(documents.byte_offset()..).unwrap_or_default();
        match count {
            _ if !is_whole.trim_start().is_empty() => match are_lines(text) {
                true => Ok(Self::Lines),
                false => Err(wrong(text)),
            },
            0 | 1 => Ok(Self::One),
            _ => Ok(Self::Several),
        }
    }
}

/// Whether most lines of a text are objects of their own, none of which is an error of the vendor's.
fn are_lines(text: &str) -> bool {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let (mut whole, mut all) = (0_usize, 0_usize);
    for line in lines {
        all += 1;
        match serde_json::from_str::<Node>(line) {
            Ok(node @ Node::Object(_)) if failure(&node).is_none() => whole += 1,
            Ok(Node::Object(_)) => return false,
            Ok(_) | Err(_) => {}
        }
    }
    whole * 2 > all
}

/// The error in a text that is not valid JSON throughout.
fn wrong(text: &str) -> ListingError {
    let mut before = Vec::new();
    for document in serde_json::Deserializer::from_str(text).into_iter::<Node>() {
        match document {
            Ok(node) => before.push(node),
            Err(error) => return broken(&error, &before),
        }
    }
    ListingError::JsonSyntax { line: 1, column: 1 }
}

/// The rows of a file, located by path, from one document, or one item of a list, at a time.
#[derive(Debug)]
pub(super) struct JsonRows<'a> {
    text: &'a str,
    /// The position in the text, in bytes.
    at: usize,
    line: usize,
    /// The current list, and the index of its next item.
    list: Option<(At, usize)>,
    /// The remaining rows of the last document or item.
    ready: std::vec::IntoIter<ListingRow>,
    reader: DocumentReader,
    documents: Documents,
}

impl<'a> JsonRows<'a> {
    pub(super) fn new(text: &'a str, documents: Documents, zone: Tz) -> Self {
        let alone = documents == Documents::One;
        Self {
            text,
            at: 0,
            line: 1,
            list: None,
            ready: Vec::new().into_iter(),
            reader: DocumentReader::new(zone, alone),
            documents,
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<ListingRow>, ListingError> {
        loop {
            if let Some(row) = self.ready.next() {
                return Ok(Some(row));
            }
            match self.list.take() {
                Some((at, number)) => self.item(at, number)?,
                None if self.remaining_text().is_empty() => return Ok(None),
                None => self.document()?,
            }
            self.ready = std::mem::take(&mut self.reader.rows).into_iter();
        }
    }

    /// The unread text, from the next token on.
    fn remaining_text(&mut self) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let found = rest.trim_start();
        let blank = rest.get(..rest.len() - found.len()).unwrap_or_default();
        self.skip(blank);
        found
    }

    fn skip(&mut self, read: &str) {
        self.at += read.len();
        self.line += read.bytes().filter(|byte| *byte == b'\n').count();
    }

    /// Skips this character if it is next.
    fn takes(&mut self, wanted: char) -> bool {
        let rest = self.remaining_text();
        let is_next = rest.starts_with(wanted);
        if is_next {
            self.at += wanted.len_utf8();
        }
        is_next
    }

    fn node(&mut self) -> Result<Node, ListingError> {
        let rest = self.remaining_text();
        let mut read = serde_json::Deserializer::from_str(rest).into_iter::<Node>();
        let Some(Ok(node)) = read.next() else {
            return Err(wrong(self.text));
        };
        self.skip(rest.get(..read.byte_offset()).unwrap_or_default());
        Ok(node)
    }

    fn document(&mut self) -> Result<(), ListingError> {
        let rest = self.remaining_text();
        let several = self.documents != Documents::One;
        let at = At::of_document(several.then_some(self.line));
        if self.documents == Documents::Lines {
            let line = rest.lines().next().unwrap_or_default();
            self.skip(line);
            return match serde_json::from_str::<Node>(line) {
                Ok(node) => self.reader.document(&at, &node),
                Err(_) => {
                    self.reader.refuse(&at, RowProblem::NotJson);
                    Ok(())
                }
            };
        }
        if !self.takes('[') {
            let node = self.node()?;
            return self.reader.document(&at, &node);
        }
        self.reader.alone = false;
        if self.takes(']') {
            return Ok(());
        }
        self.item(at, 0)
    }

    /// Reads an item of a list and remembers whether another follows.
    fn item(&mut self, at: At, number: usize) -> Result<(), ListingError> {
        let node = self.node()?;
        let is_last = !self.takes(',');
        if is_last && !self.takes(']') {
            return Err(wrong(self.text));
        }
        // A single item of a single document is the whole file.
        self.reader.alone = is_last && number == 0 && self.documents == Documents::One;
        self.reader.item(&at.item(number), &node)?;
        self.list = (!is_last).then_some((at, number + 1));
        Ok(())
    }

    pub(super) fn end(self) -> ReadSoFar {
        self.reader.end()
    }
}

fn broken(error: &serde_json::Error, before: &[Node]) -> ListingError {
    let (line, column) = (error.line(), error.column());
    // The vendor's command line prints an explanation after a document with an error.
    if let Some(failure) = before.iter().find_map(failure) {
        return failure.into();
    }
    match error.classify() {
        Category::Eof => ListingError::JsonTruncated { line, column },
        _ if !before.is_empty() && error.is_syntax() => ListingError::JsonTrailing { line, column },
        Category::Syntax | Category::Io | Category::Data => {
            ListingError::JsonSyntax { line, column }
        }
    }
}
