//! CSV with a header.

use chrono_tz::Tz;
use csv::{ReaderBuilder, StringRecord, Trim};

use super::error::{ListingError, RowProblem};
use super::{Entry, MAX_ROWS, Row, RowId, cell, when};
use crate::domain::id::excerpt;
use crate::domain::instance::{Edition, PostExpirationAction, Switch};
use crate::domain::nearest::nearest;

/// The columns there are, in the order they are documented.
pub(super) const COLUMNS: [&str; 13] = [
    "id",
    "name",
    "region",
    "edition",
    "expires",
    "action",
    "auto_renew",
    "max_tps",
    "commodity_id",
    "topics",
    "groups",
    "team",
    "channel",
];

/// Reads the rows, each named by its line.
pub(super) fn rows(text: &str, zone: Tz) -> Result<Vec<Row>, ListingError> {
    saved_error(text)?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let mut columns: Option<Vec<&'static str>> = None;
    let mut rows = Vec::new();
    let mut places = Places::of(text);
    while reader
        .read_record(&mut record)
        .map_err(|error| broken(&error))?
    {
        let (line, raw) = places.next(reader.position().byte());
        closed(raw, &record, line)?;
        match &columns {
            None => columns = Some(header(&record)?),
            Some(columns) if is_blank(&record, columns.len()) => {}
            Some(_) if rows.len() == MAX_ROWS => return Err(ListingError::TooManyRows),
            Some(columns) => rows.push(row(columns, &record, line, zone)?),
        }
    }
    Ok(rows)
}

/// The records' lines and raw text. The library's own line numbers are those before blank lines and line feeds it skips.
struct Places<'a> {
    rest: &'a str,
    at: u64,
    line: u64,
}

impl<'a> Places<'a> {
    const fn of(text: &'a str) -> Self {
        Self {
            rest: text,
            at: 0,
            line: 1,
        }
    }

    /// The record that ends at this byte: the line it begins in, and its text.
    fn next(&mut self, end: u64) -> (u64, &'a str) {
        let length = usize::try_from(end - self.at).unwrap_or(usize::MAX);
        let (raw, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, ""));
        let record = raw.trim_start_matches(['\r', '\n']);
        let skipped = raw.len() - record.len();
        let first = self.line + newlines(raw.get(..skipped).unwrap_or_default());
        self.line = first + newlines(record);
        self.at = end;
        self.rest = rest;
        (first, record)
    }
}

fn newlines(text: &str) -> u64 {
    text.bytes().map(|byte| u64::from(byte == b'\n')).sum()
}

/// Spreadsheets leave lines of nothing but commas behind.
fn is_blank(record: &StringRecord, columns: usize) -> bool {
    (record.len() == 1 || record.len() == columns) && record.iter().all(str::is_empty)
}

/// The vendor's command line prints its errors as text, which lands in the file when both streams are saved.
fn saved_error(text: &str) -> Result<(), ListingError> {
    let after = |label: &str| {
        let mut lines = text.lines().take(20);
        let found = lines.find_map(|line| line.trim().strip_prefix(label));
        found.map(str::trim)
    };
    match after("ErrorCode:") {
        Some(code) => Err(super::json::answer(code, after("Message:").unwrap_or(""))),
        None => Ok(()),
    }
}

fn header(record: &StringRecord) -> Result<Vec<&'static str>, ListingError> {
    if let (1, Some(only)) = (record.len(), record.get(0)) {
        separator(only)?;
    }
    let mut columns = Vec::new();
    for (number, name) in (1..).zip(record) {
        let name = name.to_ascii_lowercase();
        if name.is_empty() {
            return Err(ListingError::UnnamedColumn(number));
        }
        let known = COLUMNS.into_iter().find(|known| *known == name);
        let column = known.ok_or_else(|| unknown_column(&name))?;
        if columns.contains(&column) {
            return Err(ListingError::ColumnTwice(column));
        }
        columns.push(column);
    }
    if columns.contains(&"id") {
        Ok(columns)
    } else {
        Err(ListingError::NoIdColumn(COLUMNS.join(",")))
    }
}

fn separator(header: &str) -> Result<(), ListingError> {
    let separators = [(';', "`;`"), ('\t', "tabs"), ('|', "`|`")];
    let found = separators.iter().find(|(c, _)| header.contains(*c));
    found.map_or(Ok(()), |(_, name)| Err(ListingError::Separator(name)))
}

fn unknown_column(name: &str) -> ListingError {
    ListingError::UnknownColumn {
        name: excerpt(name),
        nearest: nearest(name, COLUMNS),
        known: COLUMNS.join(","),
    }
}

/// Whether every quote in a record is closed: well-formed ones come in pairs.
fn closed(raw: &str, record: &StringRecord, line: u64) -> Result<(), ListingError> {
    if raw.matches('"').count().is_multiple_of(2) {
        Ok(())
    } else {
        let column = record.len();
        Err(ListingError::CsvQuote { line, column })
    }
}

fn row(
    columns: &[&'static str],
    record: &StringRecord,
    line: u64,
    zone: Tz,
) -> Result<Row, ListingError> {
    if record.len() != columns.len() {
        return Err(ListingError::CsvLength {
            line,
            found: record.len() as u64,
            expected: columns.len() as u64,
        });
    }
    let cells = Cells { columns, record };
    Ok(Row {
        place: format!("line {line}"),
        id_text: excerpt(cells.get("id")),
        entry: entry(&cells, zone),
    })
}

/// A record with the names of its columns.
struct Cells<'a> {
    columns: &'a [&'static str],
    record: &'a StringRecord,
}

impl Cells<'_> {
    /// The value in a column; empty where there is no such column.
    fn get(&self, column: &str) -> &str {
        let mut pairs = self.columns.iter().zip(self.record);
        pairs
            .find(|(name, _)| **name == column)
            .map_or("", |(_, value)| value)
    }
}

fn entry(cells: &Cells<'_>, zone: Tz) -> Result<Entry, RowProblem> {
    let mut entry = Entry::of(cell::id(cells.get("id"))?);
    if entry.id == RowId::Series5 {
        return Ok(entry);
    }
    let word = |field| (field, cells.get(field));
    let (field, text) = word("edition");
    entry.edition = cell::word(field, text, Edition::WORDS, "standard, platinum")?;
    let (field, text) = word("action");
    entry.action = cell::word(
        field,
        text,
        PostExpirationAction::WORDS,
        "delete, downgrade, unknown",
    )?;
    let (field, text) = word("auto_renew");
    entry.auto_renew = cell::word(field, text, Switch::WORDS, "on, off, unknown")?;
    let expires = cells.get("expires");
    if entry.edition != Some(Edition::Standard) && !expires.is_empty() {
        entry.expires = Some(when::moment("expires", expires, zone)?);
    }
    entry.name = cell::parsed("name", cells.get("name"))?;
    entry.region = cell::parsed("region", cells.get("region"))?;
    entry.max_tps = cell::size("max_tps", cells.get("max_tps"))?;
    entry.commodity_id = cell::parsed("commodity_id", cells.get("commodity_id"))?;
    entry.topics = cell::count("topics", cells.get("topics"))?;
    entry.groups = cell::count("groups", cells.get("groups"))?;
    entry.team = cell::parsed("team", cells.get("team"))?;
    entry.channel = cell::parsed("channel", cells.get("channel"))?;
    Ok(entry)
}

/// The text is in memory, is UTF-8, and records may have any length: what is left cannot be told more closely.
fn broken(error: &csv::Error) -> ListingError {
    let line = error.position().map_or(0, csv::Position::line);
    ListingError::CsvQuote { line, column: 1 }
}
