//! The errors of an imported file and of its rows.

use crate::domain::Timestamp;
use crate::domain::id::{IdError, excerpt};
use crate::domain::nearest::did_you_mean;

/// The reason why a file cannot be imported. Nothing of it is imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListingError {
    #[error(
        "the file is empty; it should hold JSON from `aliyun ons OnsInstanceInServiceList`, or CSV with a header"
    )]
    Empty,
    /// Not UTF-8.
    #[error("the file is {found}; only UTF-8 text is read: {way_out}")]
    Encoding {
        /// The probable encoding.
        found: String,
        /// How to get UTF-8.
        way_out: &'static str,
    },
    /// Another file format.
    #[error("the file is {what}; {way_out}")]
    Foreign {
        what: &'static str,
        /// How to get a supported file.
        way_out: &'static str,
    },
    /// Text before the JSON.
    #[error(
        "the JSON begins at line {line}, and before it stands `{before}`; take that out (`2>/dev/null` keeps messages out of a file)"
    )]
    Noise {
        /// Counted from 1.
        line: usize,
        /// The start of the text before it.
        before: String,
    },
    /// A program's error message instead of a listing.
    #[error(
        "the file holds no listing but what a program said: `{0}`; put that right and fetch it again"
    )]
    CommandError(String),
    /// An error in a file that was decoded from another encoding.
    #[error("(read as {encoding}) {error}")]
    Decoded {
        encoding: &'static str,
        error: Box<Self>,
    },
    #[error(
        "the JSON ends too early, at line {line}, column {column}: the file is truncated; fetch it again"
    )]
    JsonTruncated {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
    },
    #[error("line {line}, column {column} is not JSON; fetch the file again, or correct it there")]
    JsonSyntax {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
    },
    /// Text after the JSON documents.
    #[error(
        "what follows the JSON at line {line}, column {column} is not JSON; take it out, or fetch the file again"
    )]
    JsonTrailing {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
    },
    /// A JSON value of the wrong type.
    #[error("`{path}` is not {expected}; nothing of the file is taken")]
    JsonType {
        path: String,
        /// The expected type.
        expected: &'static str,
    },
    /// JSON without instances.
    #[error(
        "the JSON has neither Data.InstanceVO nor InstanceBaseInfo nor Data.InstanceList{}; save what `aliyun ons OnsInstanceInServiceList` or `aliyun ons OnsInstanceBaseInfo` prints", has_keys(.0)
    )]
    NoInstances(Vec<String>),
    /// A saved error response of the vendor's API.
    #[error("the file holds no listing but an error of the vendor's API, {code}{}; {way_out}", quoted(.message))]
    Answer {
        code: String,
        message: String,
        way_out: &'static str,
    },
    /// Not the header it should be.
    #[error(
        "line 1 names none of the columns there are: it reads `{first}`{hint}; the first line of CSV names the columns: {known}"
    )]
    NotHeader {
        /// The line, shortened.
        first: String,
        /// The way out, where one is known.
        hint: &'static str,
        known: String,
    },
    #[error(
        "line 1: there is no column `id`, the only one that must be there; the first line of CSV names the columns: {0}"
    )]
    NoIdColumn(String),
    /// A separator other than a comma.
    #[error("line 1: the columns are separated by {0}; save the file with commas")]
    Separator(&'static str),
    /// A quote that nothing closes.
    #[error(
        "line {line}, column {column}: a quote is opened and never closed; the file is truncated, or a `\"` too many is there"
    )]
    CsvQuote {
        /// Counted from 1.
        line: u64,
        /// The number of the value in its record, from 1.
        column: usize,
    },
    #[error("the file has more than 100,000 rows; split it")]
    TooManyRows,
}

/// The reason why a row cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowProblem {
    #[error("it has no instance id")]
    NoId,
    #[error(transparent)]
    Id(IdError),
    /// An invalid name, region, team, channel or commodity id.
    #[error("{field}: {problem}")]
    Field {
        /// The column or JSON field.
        field: &'static str,
        problem: IdError,
    },
    /// A value outside a list of words.
    #[error("{field}: `{given}`{} is not one of {allowed}", did_you_mean(*.nearest))]
    Word {
        /// The column or JSON field.
        field: &'static str,
        /// As written.
        given: String,
        allowed: &'static str,
        /// The suggested word.
        nearest: Option<&'static str>,
    },
    /// A value that cannot be read.
    #[error("{field}: `{given}` {why}")]
    Value {
        /// The column or JSON field.
        field: &'static str,
        /// As written.
        given: String,
        why: ValueProblem,
    },
    /// An expiry of an instance that the same row calls Standard, which has none.
    #[error("{name}: {} is the expiry of a Platinum instance, and the row calls it Standard", .expires.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))]
    StandardExpires {
        /// The column or JSON field.
        name: &'static str,
        expires: Timestamp,
    },
    /// An expiry further ahead than a subscription can be.
    #[error("expires: {} is more than six years ahead, which no subscription is; its expiry is not known from this", .0.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))]
    FarAhead(Timestamp),
    /// A JSON value that should be text.
    #[error("{field} is not text")]
    NotText {
        /// The JSON field.
        field: &'static str,
    },
    /// Two different values for the same key.
    #[error("`{0}` is said twice, and differently; keep the right one")]
    KeyTwice(String),
    /// An error response of the vendor's API among listings.
    #[error("an error of the vendor's API, {code}{}; fetch that part again", quoted(.message))]
    Answer { code: String, message: String },
    /// A quote that nothing closes.
    #[error(
        "a quote is opened in column {column} and not closed in its line; the file is truncated there, or a `\"` too many is there"
    )]
    CsvQuote {
        /// The number of the value in its record, from 1.
        column: usize,
    },
    /// A line that is no JSON, among others that are.
    #[error("it is not JSON; fetch it again, or correct it there")]
    NotJson,
    /// A JSON value of another type.
    #[error("it is not {0}")]
    NotType(&'static str),
    /// A document without instances, among others.
    #[error("it has neither Data.InstanceVO nor InstanceBaseInfo nor Data.InstanceList{}", has_keys(.0))]
    NoInstances(Vec<String>),
    /// Too few or too many values in a line.
    #[error(
        "it has {found} values where the header has {expected} columns; the file is truncated there, or a value with a comma lacks its quotes"
    )]
    CsvLength {
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// The same instance again, and it says something else.
    #[error("the instance is also at {other}, and the two differ; keep the right one")]
    Duplicate { other: String },
}

/// The reason why a value cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueProblem {
    #[error("is not a whole number from {least} to {most}")]
    Number { least: i64, most: i64 },
    /// A moment out of range.
    #[error("is no moment between the years 2000 and 9999 in milliseconds since 1970")]
    Moment,
    /// Seconds instead of milliseconds.
    #[error(
        "is in seconds since 1970, and milliseconds belong there; fetch the listing again as it is"
    )]
    Seconds,
    /// A serial day number of a spreadsheet program.
    #[error(
        "is how a spreadsheet program counts days; show the column as dates such as 2026-03-01, and save it again"
    )]
    DayNumber,
    /// A number with an exponent, of which digits are missing.
    #[error(
        "was shortened by a spreadsheet program; show the column as a whole number, and save it again"
    )]
    Shortened,
    /// A date with the year last.
    #[error(
        "can be read with the day or with the month first; write the year first, such as 2026-03-01"
    )]
    DayOrMonth,
    #[error("is not a date; write 2026-03-01, 2026-03-01 18:00 or 2026-03-01T18:00:00+08:00")]
    NotDate,
    /// A date that does not exist, or is out of range.
    #[error("does not exist in the calendar, or is not between the years 2000 and 9999")]
    NoSuchDate,
    /// The moment is skipped when clocks go forward.
    #[error(
        "does not exist in {0}, where clocks are put forward over it; write the time with its zone, such as 2026-03-01T18:00:00+08:00"
    )]
    Skipped(&'static str),
    /// The moment happens twice when clocks go back.
    #[error(
        "happens twice in {0}, where clocks are put back over it; write the time with its zone, such as 2026-03-01T18:00:00+08:00"
    )]
    Twice(&'static str),
}

impl RowProblem {
    /// Whether the values were read, and contradict each other.
    pub(super) const fn is_contradiction(&self) -> bool {
        matches!(self, Self::StandardExpires { .. })
    }

    /// Whether the row says all the same when and as what its instance may be deleted: the values were read, or are of something
    /// else.
    pub(super) fn leaves_row(&self) -> bool {
        let decisive = [
            "edition",
            "InstanceType",
            "expires",
            "ReleaseTime",
            "region",
            "Region",
        ];
        match self {
            Self::StandardExpires { .. } | Self::FarAhead(_) => true,
            Self::Field { field, .. }
            | Self::Word { field, .. }
            | Self::Value { field, .. }
            | Self::NotText { field } => !decisive.contains(field),
            Self::NoId
            | Self::Id(_)
            | Self::KeyTwice(_)
            | Self::Answer { .. }
            | Self::CsvQuote { .. }
            | Self::NotJson
            | Self::NotType(_)
            | Self::NoInstances(_)
            | Self::CsvLength { .. }
            | Self::Duplicate { .. } => false,
        }
    }

    /// The problem of a value as written.
    pub(super) fn value(field: &'static str, given: &str, why: ValueProblem) -> Self {
        Self::Value {
            field,
            given: excerpt(given),
            why,
        }
    }
}

/// Open points of a file that was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Caveat {
    /// The listing is incomplete.
    #[error("There are more pages than the file has{}: what is on them is not known.", of_total(.0))]
    MorePages(Option<PageTotal>),
    #[error("Not understood, so not taken: {}.", list_keys(.0))]
    UnknownKeys(Vec<UnknownKey>),
    /// Values of rows that are taken otherwise: the first few, and how many there are.
    #[error(
        "Not read, so not taken: {}. Nor is it taken of these rows that they are Standard, or that something is off.", list_unread(.0, *.1)
    )]
    Unread(Vec<UnreadValue>, usize),
    /// The file says itself what separates its columns.
    #[error("Columns are separated as its first line `sep={0}` says.")]
    Separator(char),
    /// The header's columns are separated by something else than a comma.
    #[error("Columns are separated by {}, as its header is.", separator_name(*.0))]
    HeaderSeparator(char),
    /// Several listings with a single region for all of them.
    #[error(
        "The file holds {0} listings, and one --region is taken for all rows that do not name theirs. Check the new ones, or put `\"Region\"` beside each `\"Data\"`."
    )]
    OneRegionForAll(usize),
}

fn separator_name(separator: char) -> String {
    match separator {
        '\t' => "tabs".to_owned(),
        other => format!("`{other}`"),
    }
}

/// The number of rows in a file, and the total that it claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageTotal {
    /// Rows in the file.
    pub found: usize,
    /// Rows on all pages.
    pub total: i64,
}

/// An unknown key of a row or document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKey {
    /// As written.
    pub key: String,
    /// Its number of occurrences.
    pub count: usize,
    pub first: String,
    /// Its different values, the first few of them.
    pub values: Vec<String>,
    /// The known name that is most like it.
    pub nearest: Option<&'static str>,
}

/// A value that cannot be read, of a row that can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadValue {
    /// Where the row stands.
    pub place: String,
    /// Its id as written.
    pub id: String,
    pub problem: RowProblem,
}

impl UnknownKey {
    /// So many different values are named, and there are more behind the last of them.
    const VALUES: usize = 6;

    /// Notes what it has at a place.
    pub(super) fn note(&mut self, value: &str, place: &str) {
        if self.count == 0 {
            place.clone_into(&mut self.first);
        }
        self.count += 1;
        let value = excerpt(value);
        if self.values.len() <= Self::VALUES && !self.values.contains(&value) {
            self.values.push(value);
        }
    }

    fn values(&self) -> String {
        let named: Vec<String> = self
            .values
            .iter()
            .take(Self::VALUES)
            .map(|value| format!("`{value}`"))
            .collect();
        let more = if self.values.len() > Self::VALUES {
            " and others"
        } else {
            ""
        };
        format!("{}{more}", named.join(", "))
    }
}

impl Caveat {
    /// So many of its kind are shown one by one.
    pub(super) const SHOWN: usize = 12;
}

fn list_unread(first: &[UnreadValue], count: usize) -> String {
    let shown = first
        .iter()
        .map(|UnreadValue { place, id, problem }| format!("at {place} ({id}) {problem}"));
    let mut shown: Vec<String> = shown.collect();
    if count > shown.len() {
        shown.push(format!("{} more", count - shown.len()));
    }
    shown.join("; ")
}

fn of_total(pages: &Option<PageTotal>) -> String {
    pages.map_or_else(String::new, |PageTotal { found, total }| {
        format!(" ({found} of {total} rows)")
    })
}

fn list_keys(keys: &[UnknownKey]) -> String {
    let mut shown: Vec<String> = keys
        .iter()
        .take(Caveat::SHOWN)
        .map(|unknown| {
            let UnknownKey {
                key,
                count,
                first,
                nearest,
                ..
            } = unknown;
            let times = if *count > 1 {
                format!(", {count} times")
            } else {
                String::new()
            };
            let (near, values) = (did_you_mean(*nearest), unknown.values());
            match unknown.values.len() {
                0 | 1 => format!("`{key}`{near} ({values} at {first}{times})"),
                _ => format!("`{key}`{near} ({values}, first at {first}{times})"),
            }
        })
        .collect();
    if keys.len() > Caveat::SHOWN {
        shown.push(format!("{} more", keys.len() - Caveat::SHOWN));
    }
    shown.join(", ")
}

fn has_keys(keys: &[String]) -> String {
    if keys.is_empty() {
        String::new()
    } else {
        format!(" (it has `{}`)", keys.join("`, `"))
    }
}

fn quoted(message: &str) -> String {
    if message.is_empty() {
        String::new()
    } else {
        format!(" (\"{message}\")")
    }
}
