//! CSV with a header.

use chrono_tz::Tz;
use csv::{Reader, ReaderBuilder, StringRecord, Trim};

use super::error::{Caveat, ListingError, RowProblem};
use super::{ListingRow, ReadSoFar, RowContent, RowId, cell, when};
use crate::domain::facts::{FactKind, each_fact};
use crate::domain::id::{InstanceId, excerpt};
use crate::domain::instance::{Edition, PostExpirationAction, Switch};
use crate::domain::nearest::nearest;
use crate::domain::written::plain;

/// The known columns, in the documented order.
fn columns() -> Vec<&'static str> {
    let facts = FactKind::ALL.iter().filter_map(|fact| fact.column());
    let first = ["id", "name", "region"].into_iter();
    first.chain(facts).chain(["team", "channel"]).collect()
}

/// Other names of columns with the same syntax of values.
const SYNONYMS: [(&[&str], &str); 7] = [
    (&["instance_id", "instanceid", "实例id"], "id"),
    (
        &["instance_name", "instancename", "实例名称", "名称"],
        "name",
    ),
    (&["region_id", "regionid", "地域"], "region"),
    (&["expiry", "end_time", "endtime", "到期时间"], "expires"),
    (
        &[
            "post_expiration_action",
            "post_release_action",
            "到期后操作",
        ],
        "action",
    ),
    (&["auto_renewal", "自动续费"], "auto_renew"),
    (&["spinstanceid", "commodityid", "商品id"], "commodity_id"),
];

/// Parses a fact's value from a cell by the kind of the value.
macro_rules! fact {
    (At, $column:expr, $text:expr, $zone:expr) => {
        when::may($column, $text, $zone)
    };
    ($Value:ident, $column:expr, $text:expr, $zone:expr) => {
        cell::fact!($Value, $column, $text)
    };
}

/// The rows after the header, located by line.
#[derive(Debug)]
pub(super) struct CsvRows<'a> {
    reader: Reader<&'a [u8]>,
    record: StringRecord,
    places: Places<'a>,
    columns: Vec<&'static str>,
    separator: Option<char>,
    zone: Tz,
}

impl<'a> CsvRows<'a> {
    pub(super) fn new(text: &'a str, zone: Tz) -> Result<Self, ListingError> {
        let named = named_separator(text);
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .delimiter(named.map_or(b',', |(byte, _)| byte))
            .from_reader(text.as_bytes());
        let mut rows = Self {
            reader,
            record: StringRecord::new(),
            places: Places::of(text),
            columns: Vec::new(),
            separator: named.map(|(_, separator)| separator),
            zone,
        };
        // The line that declares the separator.
        if named.is_some() && rows.record()?.is_none() {
            return Ok(rows);
        }
        if let Some((line, raw)) = rows.record()? {
            closed(raw, &rows.record, line)?;
            rows.columns = header(&rows.record, text)?;
        }
        Ok(rows)
    }

    pub(super) fn next(&mut self) -> Result<Option<ListingRow>, ListingError> {
        while let Some((line, raw)) = self.record()? {
            closed(raw, &self.record, line)?;
            if !self.record.iter().all(str::is_empty) {
                return row(&self.columns, &self.record, line, self.zone).map(Some);
            }
        }
        Ok(None)
    }

    /// Reads a record. Returns its first line and its text.
    fn record(&mut self) -> Result<Option<(u64, &'a str)>, ListingError> {
        let read = self.reader.read_record(&mut self.record);
        let read = read.map_err(|error| broken(&error))?;
        Ok(read.then(|| self.places.next(self.reader.position().byte())))
    }

    pub(super) fn end(self) -> ReadSoFar {
        ReadSoFar {
            caveats: self.separator.map(Caveat::Separator).into_iter().collect(),
            ..ReadSoFar::default()
        }
    }
}

/// The separator that a first line `sep=;` declares to spreadsheet programs.
fn named_separator(text: &str) -> Option<(u8, char)> {
    let first = text
        .trim_start()
        .lines()
        .next()?
        .trim_end_matches([' ', '\r']);
    let first = first.trim_matches('"');
    let separator = first
        .get(..4)
        .filter(|word| word.eq_ignore_ascii_case("sep="));
    let rest = separator.and_then(|_| first.get(4..))?;
    let found = [(b',', ','), (b';', ';'), (b'\t', '\t'), (b'|', '|')];
    found
        .into_iter()
        .find(|(_, c)| rest.chars().eq(std::iter::once(*c)))
}

/// The lines and raw text of records. The library's own line numbers do not count the blank lines and line feeds that it skips.
#[derive(Debug)]
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

    /// The record that ends at this byte: its first line and its text.
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

fn header(record: &StringRecord, text: &str) -> Result<Vec<&'static str>, ListingError> {
    if let (1, Some(only)) = (record.len(), record.get(0)) {
        separator(only)?;
    }
    // Spreadsheet programs save empty columns at the end.
    let named = record.iter().zip(1..).filter(|(name, _)| !name.is_empty());
    let count = named.last().map_or(0, |(_, number)| number);
    let known = |name: &str| {
        let name = plain(name).trim().to_lowercase().replace([' ', '-'], "_");
        let name = SYNONYMS
            .iter()
            .find(|(synonyms, _)| synonyms.contains(&name.as_str()))
            .map_or(name.as_str(), |(_, column)| *column);
        columns().into_iter().find(|known| *known == name)
    };
    if !record.iter().any(|name| known(name).is_some()) {
        return Err(not_header(record, text));
    }
    let mut columns = Vec::new();
    for (number, name) in (1..).zip(record.iter().take(count)) {
        if name.is_empty() {
            return Err(ListingError::UnnamedColumn(number));
        }
        let column = known(name).ok_or_else(|| unknown_column(&name.to_ascii_lowercase()))?;
        if columns.contains(&column) {
            return Err(ListingError::ColumnTwice(column));
        }
        columns.push(column);
    }
    if columns.contains(&"id") {
        Ok(columns)
    } else {
        Err(ListingError::NoIdColumn(self::columns().join(",")))
    }
}

fn not_header(record: &StringRecord, text: &str) -> ListingError {
    let is_row = record.iter().any(|value| InstanceId::parse(value).is_ok());
    let second = text.trim_start().lines().nth(1).unwrap_or_default();
    let below = second
        .split(',')
        .any(|name| name.trim().eq_ignore_ascii_case("id"));
    let first = text.trim_start().lines().next().unwrap_or_default();
    ListingError::NotHeader {
        first: excerpt(first),
        hint: if is_row {
            ", a row already: put the header above it"
        } else if below {
            ", and the header is below it: take that line out"
        } else {
            ""
        },
        known: columns().join(","),
    }
}

fn separator(header: &str) -> Result<(), ListingError> {
    let separators = [
        (';', "`;`"),
        ('\t', "tabs"),
        ('|', "`|`"),
        ('，', "full-width commas"),
        ('；', "full-width `；`"),
    ];
    let found = separators.iter().find(|(c, _)| header.contains(*c));
    found.map_or(Ok(()), |(_, name)| Err(ListingError::Separator(name)))
}

fn unknown_column(name: &str) -> ListingError {
    ListingError::UnknownColumn {
        name: excerpt(name),
        nearest: nearest(name, columns()),
        known: columns().join(","),
    }
}

/// Checks that every quote in a record is closed: quotes come in pairs.
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
) -> Result<ListingRow, ListingError> {
    let extra = record.iter().skip(columns.len());
    if record.len() < columns.len() || extra.into_iter().any(|value| !value.is_empty()) {
        return Err(ListingError::CsvLength {
            line,
            found: record.len() as u64,
            expected: columns.len() as u64,
        });
    }
    let cells = Cells { columns, record };
    Ok(ListingRow {
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
    /// The value in a column; empty if the column does not exist.
    fn get(&self, column: &str) -> &str {
        let mut pairs = self.columns.iter().zip(self.record);
        let value = pairs
            .find(|(name, _)| **name == column)
            .map_or("", |(_, value)| value);
        // Names are not unwrapped.
        if ["name", "team", "channel"].contains(&column) {
            return value;
        }
        // `="…"` and `'…` keep spreadsheet programs from interpreting the value.
        let formula = value
            .strip_prefix("=\"")
            .and_then(|value| value.strip_suffix('"'));
        formula.unwrap_or_else(|| value.strip_prefix('\'').unwrap_or(value))
    }
}

fn entry(cells: &Cells<'_>, zone: Tz) -> Result<RowContent, RowProblem> {
    let mut entry = RowContent::of(cell::id(cells.get("id"))?);
    if entry.id == RowId::Series5 {
        return Ok(entry);
    }
    let said = &mut entry.said;
    macro_rules! facts {
        ($(#[$about:meta] $field:ident: $ListKind:ident = $Value:ident($Type:ty) [$($Only:ident)?];)+) => {
            $(if let Some(column) = FactKind::$ListKind.column() {
                // The expiry of a Standard instance has no meaning in a listing.
                let standard = said.edition == Some(Some(Edition::Standard));
                let skip = standard && FactKind::$ListKind == FactKind::Expires;
                let text = if skip { "" } else { cells.get(column) };
                said.$field = fact!($Value, column, text, zone)?.map(Some);
            })+
        };
    }
    each_fact!(facts);
    said.region = cell::parsed("region", cells.get("region"))?;
    said.team = cell::parsed("team", cells.get("team"))?.map(Some);
    said.channel = cell::parsed("channel", cells.get("channel"))?.map(Some);
    let name = cells.get("name");
    entry.take_name(name, cell::parsed("name", name));
    Ok(entry)
}

/// The text is in memory and valid UTF-8, and records may have any length, so only quotes are left, without a closer position.
fn broken(error: &csv::Error) -> ListingError {
    let line = error.position().map_or(0, csv::Position::line);
    ListingError::CsvQuote { line, column: 1 }
}
