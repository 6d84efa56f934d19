//! The JSON of the vendor's command line and SDKs: one or several documents, plain or wrapped.

mod document;

pub(super) use document::answer;

use chrono_tz::Tz;
use serde::de::IgnoredAny;
use serde_json::error::Category;

use super::error::ListingError;
use super::node::Node;
use super::{ListingRow, ReadSoFar};
use document::{At, DocumentReader, failure};

/// Whether a file holds more than one document.
///
/// # Errors
/// The error in a text that is not valid JSON throughout.
pub(super) fn holds_several(text: &str) -> Result<bool, ListingError> {
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let count = documents.by_ref().take_while(Result::is_ok).count();
    let is_whole = text.get(documents.byte_offset()..).unwrap_or_default();
    if is_whole.trim_start().is_empty() {
        return Ok(count > 1);
    }
    Err(wrong(text))
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
    several: bool,
}

impl<'a> JsonRows<'a> {
    pub(super) fn new(text: &'a str, several: bool, zone: Tz) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
            list: None,
            ready: Vec::new().into_iter(),
            reader: DocumentReader::new(zone, !several),
            several,
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
        self.remaining_text();
        let at = At::of_document(self.several.then_some(self.line));
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
        self.reader.alone = is_last && number == 0 && !self.several;
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
