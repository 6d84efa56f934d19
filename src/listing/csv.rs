//! CSV with a header.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use csv::{Reader, ReaderBuilder, StringRecord, Trim};

use super::error::{Caveat, ListingError, RowProblem, UnknownKey};
use super::fields::{self, Fields, agreed, vendors};
use super::node::Node;
use super::{ListingRow, ReadSoFar, RowContent, RowId, cell, taken, when};
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

/// Other names of columns with the same syntax of values, beside the keys of facts in the vendor's listing.
const SYNONYMS: [(&[&str], &str); 8] = [
    (&["instance_id", "instanceid", "实例id"], "id"),
    (
        &["instance_name", "instancename", "实例名称", "名称"],
        "name",
    ),
    (&["region_id", "regionid", "地域"], "region"),
    (&["expiry", "end_time", "到期时间"], "expires"),
    (&["版本", "实例版本"], "edition"),
    (&["到期后操作"], "action"),
    (&["auto_renewal", "自动续费"], "auto_renew"),
    (&["commodityid", "商品id"], "commodity_id"),
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
    columns: Columns,
    separator: Option<char>,
    /// Whether a line above the header names the separator.
    names_separator: bool,
    zone: Tz,
    /// How many bytes may still be read again.
    again: usize,
}

impl<'a> CsvRows<'a> {
    pub(super) fn new(text: &'a str, zone: Tz) -> Result<Self, ListingError> {
        let named = named_separator(text);
        let separator = named.or_else(|| separator_of_header(text));
        let mut rows = Self {
            reader: reader(text, separator),
            record: StringRecord::new(),
            places: Places::of(text),
            columns: Columns::default(),
            separator,
            names_separator: named.is_some(),
            zone,
            again: text.len().saturating_mul(8),
        };
        // The line that declares the separator.
        if named.is_some() && rows.record()?.is_none() {
            return Ok(rows);
        }
        if let Some((line, raw)) = rows.record()? {
            if let Some(column) = open_quote(raw, rows.separator) {
                return Err(ListingError::CsvQuote { line, column });
            }
            rows.columns = header(&rows.record, text)?;
        }
        Ok(rows)
    }

    pub(super) fn next(&mut self) -> Result<Option<ListingRow>, ListingError> {
        while let Some((line, raw)) = self.record()? {
            if let Some(column) = self.lines_run_together(raw) {
                return self.first_line_alone(raw, line, column).map(Some);
            }
            if !self.record.iter().all(str::is_empty) {
                return Ok(Some(row(&mut self.columns, &self.record, line, self.zone)));
            }
        }
        Ok(None)
    }

    /// The column in which a quote is opened that is never closed, or joins the lines of several instances to one record.
    fn lines_run_together(&self, raw: &str) -> Option<usize> {
        let open = open_quote(raw, self.separator);
        let separator = self.separator.unwrap_or(',');
        let has_id = |line: &str| line.split(separator).any(|cell| cell::id(cell).is_ok());
        let joins = || raw.trim_end().lines().skip(1).any(has_id);
        let column = || self.record.iter().position(|value| value.contains('\n'));
        open.or_else(|| column().filter(|_| joins()).map(|column| column + 1))
    }

    /// The first line of such a record, which is refused; the lines after it are read for themselves.
    fn first_line_alone(
        &mut self,
        raw: &'a str,
        line: u64,
        column: usize,
    ) -> Result<ListingRow, ListingError> {
        let (first, rest) = raw.split_once('\n').unwrap_or((raw, ""));
        self.again = self
            .again
            .checked_sub(rest.len())
            .ok_or(ListingError::CsvQuote { line, column })?;
        if !rest.is_empty() {
            let text = self.places.back(rest);
            self.reader = reader(text, self.separator);
            self.places.line = line + 1;
        }
        let id = first.split(self.separator.unwrap_or(',')).next();
        Ok(ListingRow {
            place: format!("line {line}"),
            id_text: excerpt(id.unwrap_or_default().trim_matches([' ', '"'])),
            entry: Err(RowProblem::CsvQuote { column }),
        })
    }

    /// Reads a record. Returns its first line and its text.
    fn record(&mut self) -> Result<Option<(u64, &'a str)>, ListingError> {
        let read = self.reader.read_record(&mut self.record);
        let read = read.map_err(|error| broken(&error))?;
        Ok(read.then(|| self.places.next(self.reader.position().byte())))
    }

    pub(super) fn end(self) -> ReadSoFar {
        let caveat = |separator| match self.names_separator {
            true => Caveat::Separator(separator),
            false => Caveat::HeaderSeparator(separator),
        };
        let mut caveats: Vec<Caveat> = self.separator.map(caveat).into_iter().collect();
        let unknown = self.columns.unknown.into_values();
        let unknown: Vec<UnknownKey> = unknown.filter(|column| column.count > 0).collect();
        if !unknown.is_empty() {
            caveats.push(Caveat::UnknownKeys(unknown));
        }
        ReadSoFar {
            caveats,
            ..ReadSoFar::default()
        }
    }
}

fn reader(text: &str, separator: Option<char>) -> Reader<&[u8]> {
    let separator = separator.and_then(|c| u8::try_from(c).ok());
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .delimiter(separator.unwrap_or(b','))
        .from_reader(text.as_bytes())
}

/// The separator that a first line `sep=;` declares to spreadsheet programs.
fn named_separator(text: &str) -> Option<char> {
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
    let found = [',', ';', '\t', '|'];
    found
        .into_iter()
        .find(|c| rest.chars().eq(std::iter::once(*c)))
}

/// The separator other than a comma that a header has, as spreadsheet programs write it where commas stand in numbers: the only one
/// in that line, between names of columns.
fn separator_of_header(text: &str) -> Option<char> {
    let text = text.trim_start_matches([' ', '\r', '\n']);
    let header = text.split(['\r', '\n']).next()?;
    let mut found = [',', ';', '\t'].into_iter().filter(|c| header.contains(*c));
    let only = found
        .next()
        .filter(|c| *c != ',' && found.next().is_none())?;
    let mut names = header.split(only).map(|name| name.trim_matches([' ', '"']));
    names.any(|name| known(name).is_some()).then_some(only)
}

/// The lines and raw text of records. The library's own line numbers do not count the blank lines and line feeds that it skips.
#[derive(Debug)]
struct Places<'a> {
    text: &'a str,
    rest: &'a str,
    at: u64,
    line: u64,
}

impl<'a> Places<'a> {
    const fn of(text: &'a str) -> Self {
        Self {
            text,
            rest: text,
            at: 0,
            line: 1,
        }
    }

    /// Goes back to the end of what was read, and returns the text from there on, which a new reader begins with.
    fn back(&mut self, unread: &str) -> &'a str {
        let begin = self.text.len() - self.rest.len() - unread.len();
        self.rest = self.text.get(begin..).unwrap_or_default();
        self.at = 0;
        self.rest
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

/// The column that a name in a header means.
fn known(name: &str) -> Option<&'static str> {
    let name = plain(name).trim().to_lowercase().replace([' ', '-'], "_");
    let name = SYNONYMS
        .iter()
        .find(|(synonyms, _)| synonyms.contains(&name.as_str()))
        .map_or(name.as_str(), |(_, column)| *column);
    let mut columns = columns().into_iter();
    let column = columns.find(|known| *known == name);
    column.or_else(|| fields::fact(name)?.column())
}

fn header(record: &StringRecord, text: &str) -> Result<Columns, ListingError> {
    if let (1, Some(only)) = (record.len(), record.get(0)) {
        separator(only)?;
    }
    // Spreadsheet programs save empty columns at the end.
    let named = record.iter().zip(1..).filter(|(name, _)| !name.is_empty());
    let count = named.last().map_or(0, |(_, number)| number);
    if !record.iter().any(|name| known(name).is_some()) {
        return Err(not_header(record, text));
    }
    let mut columns = Columns::default();
    for (number, name) in record.iter().take(count).enumerate() {
        let column = known(name);
        if column.is_none() && fields::is_vendors(name) {
            columns.vendors.push((number, name.to_owned()));
        } else if column.is_none() {
            let key = match name {
                "" => format!("column {}", number + 1),
                name => excerpt(name),
            };
            let lower = name.to_ascii_lowercase();
            let unknown = UnknownKey {
                key,
                count: 0,
                first: String::new(),
                values: Vec::new(),
                nearest: nearest(&lower, self::columns()),
            };
            columns.unknown.insert(number, unknown);
        }
        columns.named.push(column);
    }
    if columns.named.contains(&Some("id")) {
        Ok(columns)
    } else {
        Err(ListingError::NoIdColumn(self::columns().join(",")))
    }
}

/// The columns by the names in the header.
#[derive(Debug, Default)]
struct Columns {
    named: Vec<Option<&'static str>>,
    /// Columns named like keys of the vendor's listing, by number.
    vendors: Vec<(usize, String)>,
    /// Unknown columns, by number, with the values of the rows.
    unknown: BTreeMap<usize, UnknownKey>,
}

impl Columns {
    /// Notes what a row has in columns that mean nothing.
    fn note(&mut self, record: &StringRecord, place: &str) {
        for (number, unknown) in &mut self.unknown {
            let value = record.get(*number).unwrap_or_default();
            let said = Node::Text(bare(value).to_owned());
            if !value.is_empty() && !fields::tells_loss(&unknown.key, &said) {
                unknown.note(value, place);
            }
        }
    }
}

impl Columns {
    /// Whether a row says in any column that its instance is gone.
    fn tell_loss(&self, record: &StringRecord) -> bool {
        let tells = |name: &str, number: usize| {
            let value = record.get(number).unwrap_or_default();
            fields::tells_loss(name, &Node::Text(bare(value).to_owned()))
        };
        let unknown = self.unknown.iter();
        let mut unknown = unknown.map(|(number, column)| (column.key.as_str(), *number));
        let vendors = self.vendors.iter();
        let mut vendors = vendors.map(|(number, name)| (name.as_str(), *number));
        unknown.any(|column| tells(column.0, column.1))
            || vendors.any(|column| tells(column.0, column.1))
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

/// The column of a quote at the beginning of a value that is never closed, or in several lines closed within a text. A quote
/// within a value is a character.
fn open_quote(record: &str, separator: Option<char>) -> Option<usize> {
    let separator = separator.and_then(|c| u8::try_from(c).ok());
    let separator = separator.unwrap_or(b',');
    let mut bytes = record.bytes().peekable();
    let (mut column, mut begins, mut lines) = (1, true, false);
    while let Some(byte) = bytes.next() {
        if byte == b'"' && begins {
            loop {
                let Some(within) = bytes.next() else {
                    return Some(column);
                };
                lines |= within == b'\n';
                if within == b'"' && bytes.next_if_eq(&b'"').is_none() {
                    break;
                }
            }
            let mut ends = bytes.peek().is_none_or(|next| b"\r\n ".contains(next));
            ends |= bytes.peek() == Some(&separator);
            if lines && !ends {
                return Some(column);
            }
        }
        begins = byte == separator;
        column += usize::from(begins);
    }
    None
}

fn row(columns: &mut Columns, record: &StringRecord, line: u64, zone: Tz) -> ListingRow {
    let place = format!("line {line}");
    columns.note(record, &place);
    let released = columns.tell_loss(record);
    let cells = Cells {
        columns: &columns.named,
        vendors: &columns.vendors,
        record,
    };
    let mut extra = record.iter().skip(columns.named.len());
    let fits = record.len() >= columns.named.len() && extra.all(str::is_empty);
    ListingRow {
        place,
        id_text: excerpt(cells.get("id")),
        entry: match fits {
            true => entry(&cells, zone).map(|entry| RowContent { released, ..entry }),
            false => Err(RowProblem::CsvLength {
                found: record.len(),
                expected: columns.named.len(),
            }),
        },
    }
}

/// A record with the names of its columns.
struct Cells<'a> {
    columns: &'a [Option<&'static str>],
    vendors: &'a [(usize, String)],
    record: &'a StringRecord,
}

impl Cells<'_> {
    fn in_column(&self, column: &str) -> impl Iterator<Item = &str> {
        let pairs = self.columns.iter().zip(self.record);
        let of = pairs.filter(move |(name, _)| **name == Some(column));
        of.map(|(_, value)| value)
    }

    /// A column that is there more than once, with different values in it.
    fn twice(&self) -> Option<&'static str> {
        let named = self.columns.iter().flatten();
        named.copied().find(|column| {
            let first = self.in_column(column).next();
            self.in_column(column).any(|value| Some(value) != first)
        })
    }

    /// The value in a column; empty where there is no such column.
    fn get(&self, column: &str) -> &str {
        let value = self.in_column(column).next().unwrap_or_default();
        // Names are kept as they are.
        if ["name", "team", "channel"].contains(&column) {
            return value;
        }
        bare(value)
    }

    /// The values in columns that are named like keys of the vendor's listing.
    fn vendors(&self) -> Vec<(String, Node)> {
        let cells = self.vendors.iter().map(|(number, column)| {
            let value = self.record.get(*number).unwrap_or_default();
            (column.clone(), Node::Text(bare(value).to_owned()))
        });
        cells.collect()
    }
}

/// A value without what spreadsheet programs put around it; empty where there is none.
fn bare(value: &str) -> &str {
    // `="…"` and `'…` keep spreadsheet programs from interpreting the value.
    let formula = value
        .strip_prefix("=\"")
        .and_then(|value| value.strip_suffix('"'));
    let value = formula.unwrap_or_else(|| value.strip_prefix('\'').unwrap_or(value));
    if NO_VALUE
        .iter()
        .any(|none| none.eq_ignore_ascii_case(value.trim()))
    {
        ""
    } else {
        value
    }
}

/// No value, as spreadsheet programs, consoles and data frames write it.
const NO_VALUE: [&str; 13] = [
    "n/a", "#n/a", "-", "--", "—", "–", "/", "无", "無", "null", "none", "nil", "nan",
];

fn entry(cells: &Cells<'_>, zone: Tz) -> Result<RowContent, RowProblem> {
    if let Some(column) = cells.twice() {
        return Err(RowProblem::KeyTwice(column.to_owned()));
    }
    let mut entry = RowContent::of(cell::id(cells.get("id"))?);
    if entry.id == RowId::Series5 {
        return Ok(entry);
    }
    let vendors = cells.vendors();
    let vendors = Fields::of_cells(&vendors, zone);
    entry.unread.extend(vendors.twice());
    macro_rules! facts {
        ($(#[$about:meta] $field:ident: $ListKind:ident = $Value:ident($Type:ty) [$($Only:ident)?];)+) => {
            $(
                let column = FactKind::$ListKind.column();
                let own = column.map_or(Ok(None), |column| {
                    fact!($Value, column, cells.get(column), zone)
                });
                let own = taken!($Value, entry, column.unwrap_or_default(), own);
                let listed = vendors!($ListKind, vendors);
                let listed = taken!($Value, entry, "ReleaseTime", listed);
                let both = agreed(own, listed, FactKind::$ListKind);
                entry.said.$field = entry.value(both).map(Some);
            )+
        };
    }
    each_fact!(facts);
    entry.said.region = entry.value(cell::region("region", cells.get("region")));
    entry.said.team = entry
        .value(cell::parsed("team", cells.get("team")))
        .map(Some);
    entry.said.channel = entry
        .value(cell::parsed("channel", cells.get("channel")))
        .map(Some);
    let name = cells.get("name");
    entry.take_name(name, cell::name("name", name));
    Ok(entry)
}

/// The text is in memory and valid UTF-8, and records may have any length, so only quotes are left, without a closer position.
fn broken(error: &csv::Error) -> ListingError {
    let line = error.position().map_or(0, csv::Position::line);
    ListingError::CsvQuote { line, column: 1 }
}
