//! What can be wrong with a file to import, and with a row of it.

use crate::domain::id::IdError;
use crate::domain::nearest::did_you_mean;

/// Why a file as a whole cannot be imported. Nothing of it is taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListingError {
    /// Nothing in it.
    #[error(
        "the file is empty; it should hold JSON from `aliyun ons OnsInstanceInServiceList`, or CSV with a header"
    )]
    Empty,
    /// Not UTF-8.
    #[error("the file is {found}; only UTF-8 text is read: {way_out}")]
    Encoding {
        /// What it seems to be.
        found: String,
        /// How to get UTF-8.
        way_out: &'static str,
    },
    /// Something else than is read here.
    #[error("the file is {what}; {way_out}")]
    Foreign {
        what: &'static str,
        /// How to get what is read.
        way_out: &'static str,
    },
    /// Words before the JSON.
    #[error(
        "the JSON begins at line {line}, and before it stands `{before}`; take that out (`2>/dev/null` keeps messages out of a file)"
    )]
    Noise {
        /// Counted from 1.
        line: usize,
        /// How what stands before it begins.
        before: String,
    },
    /// What a program said instead of a listing.
    #[error(
        "the file holds no listing but what a program said: `{0}`; put that right and fetch it again"
    )]
    CommandError(String),
    /// What was wrong with a file that had to be decoded first.
    #[error("(read as {encoding}) {error}")]
    Decoded {
        encoding: &'static str,
        /// What is wrong with it.
        error: Box<Self>,
    },
    /// JSON that ends too early.
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
    /// Something behind the documents.
    #[error(
        "what follows the JSON at line {line}, column {column} is not JSON; take it out, or fetch the file again"
    )]
    JsonTrailing {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
    },
    /// Something is a different kind of JSON value than it should be.
    #[error("`{path}` is not {expected}; nothing of the file is taken")]
    JsonType {
        path: String,
        /// What it should be.
        expected: &'static str,
    },
    /// JSON of something else.
    #[error(
        "the JSON has neither Data.InstanceVO nor InstanceBaseInfo nor Data.InstanceList{}; save what `aliyun ons OnsInstanceInServiceList` or `aliyun ons OnsInstanceBaseInfo` prints", has_keys(.0)
    )]
    NoInstances(Vec<String>),
    /// The vendor's API answered with an error, and that was saved.
    #[error("the file holds no listing but an error of the vendor's API, {code}{}; {way_out}", quoted(.message))]
    Answer {
        /// The vendor's code.
        code: String,
        /// The vendor's words.
        message: String,
        way_out: &'static str,
    },
    /// A column that means nothing.
    #[error("line 1: there is no column `{name}`{}; columns: {known}", did_you_mean(*.nearest))]
    UnknownColumn {
        /// As written.
        name: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
        /// Every column there is.
        known: String,
    },
    /// A column without a name.
    #[error("line 1: column {0} has no name; name it or take it out")]
    UnnamedColumn(usize),
    /// A column that is there twice.
    #[error("line 1: the column `{0}` is there twice; take one out")]
    ColumnTwice(&'static str),
    /// Not the header it should be.
    #[error(
        "line 1 names none of the columns there are: it reads `{first}`{hint}; the first line of CSV names the columns: {known}"
    )]
    NotHeader {
        /// The line, shortened.
        first: String,
        /// What to do, where that can be told.
        hint: &'static str,
        /// Every column there is.
        known: String,
    },
    /// No column to tell instances by.
    #[error(
        "line 1: there is no column `id`, the only one that must be there; the first line of CSV names the columns: {0}"
    )]
    NoIdColumn(String),
    /// Columns separated by something else.
    #[error("line 1: the columns are separated by {0}; save the file with commas")]
    Separator(&'static str),
    /// Too few or too many values in a line.
    #[error(
        "line {line} has {found} values where the header has {expected} columns; the file is truncated there, or a value with a comma lacks its quotes"
    )]
    CsvLength {
        /// Counted from 1.
        line: u64,
        found: u64,
        /// How many there should be.
        expected: u64,
    },
    /// A quote that nothing closes.
    #[error(
        "line {line}, column {column}: a quote is opened and never closed; the file is truncated, or a `\"` too many is there"
    )]
    CsvQuote {
        /// Counted from 1.
        line: u64,
        /// The value's number in its line, counted from 1.
        column: usize,
    },
    /// More than anybody has.
    #[error("the file has more than 100,000 rows; split it")]
    TooManyRows,
}

/// Why a row cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowProblem {
    #[error("it has no instance id")]
    NoId,
    #[error(transparent)]
    Id(IdError),
    /// A name, region, team, channel or commodity id that is not one.
    #[error("{field}: {problem}")]
    Field {
        /// The column or JSON field.
        field: &'static str,
        /// What is wrong with it.
        problem: IdError,
    },
    /// Not one of the words it may be.
    #[error("{field}: `{given}`{} is not one of {allowed}", did_you_mean(*.nearest))]
    Word {
        /// The column or JSON field.
        field: &'static str,
        /// As written.
        given: String,
        allowed: &'static str,
        /// What was probably meant.
        nearest: Option<&'static str>,
    },
    /// Not a number that makes sense.
    #[error("{field}: `{given}` is not a whole number from {least} to {most}")]
    Number {
        /// The column or JSON field.
        field: &'static str,
        /// As written.
        given: String,
        least: i64,
        most: i64,
    },
    /// Not text where text belongs.
    #[error("{field} is not text")]
    NotText {
        /// The JSON field.
        field: &'static str,
    },
    /// A moment that no instance can expire at.
    #[error(
        "{field}: `{given}` is no moment between the years 2000 and 9999 in milliseconds since 1970"
    )]
    Moment {
        /// The JSON field.
        field: &'static str,
        /// As written.
        given: String,
    },
    /// Two values for one thing.
    #[error("`{0}` is said twice, and differently; keep the right one")]
    KeyTwice(String),
    /// An error of the vendor's API among listings.
    #[error("an error of the vendor's API, {code}{}; fetch that part again", quoted(.message))]
    Answer {
        /// The vendor's code.
        code: String,
        /// The vendor's words.
        message: String,
    },
    /// A moment in seconds where milliseconds belong.
    #[error(
        "{field}: `{given}` is in seconds since 1970, and milliseconds belong there; fetch the listing again as it is"
    )]
    Seconds {
        /// The JSON field.
        field: &'static str,
        /// As written.
        given: String,
    },
    /// A day as spreadsheet programs count it.
    #[error(
        "{field}: `{given}` is how a spreadsheet program counts days; show the column as dates such as 2026-03-01, and save it again"
    )]
    DayNumber {
        /// The column.
        field: &'static str,
        /// As written.
        given: String,
    },
    /// A date with its year at the end.
    #[error(
        "{field}: `{given}` can be read with the day or with the month first; write the year first, such as 2026-03-01"
    )]
    DayOrMonth {
        /// The column.
        field: &'static str,
        /// As written.
        given: String,
    },
    /// Not a date.
    #[error(
        "{field}: `{given}` is not a date; write 2026-03-01, 2026-03-01 18:00 or 2026-03-01T18:00:00+08:00"
    )]
    NotDate {
        /// The column.
        field: &'static str,
        /// As written.
        given: String,
    },
    /// A well-formed date that no calendar has.
    #[error(
        "{field}: `{given}` does not exist in the calendar, or is not between the years 2000 and 9999"
    )]
    NoSuchDate {
        /// The column.
        field: &'static str,
        /// As written.
        given: String,
    },
    /// Clocks were put forward over it.
    #[error(
        "{field}: `{given}` does not exist in {zone}, where clocks are put forward over it; write the time with its zone, such as 2026-03-01T18:00:00+08:00"
    )]
    Skipped {
        /// The column.
        field: &'static str,
        /// As written.
        given: String,
        zone: &'static str,
    },
    /// Clocks were put back over it.
    #[error(
        "{field}: `{given}` happens twice in {zone}, where clocks are put back over it; write the time with its zone, such as 2026-03-01T18:00:00+08:00"
    )]
    Twice {
        /// The column.
        field: &'static str,
        /// As written.
        given: String,
        zone: &'static str,
    },
    /// The same instance again, and it says something else.
    #[error("the instance is also at {other}, and the two differ; keep the right one")]
    Duplicate { other: String },
}

/// What a file leaves open that was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Caveat {
    /// It is not all there is.
    #[error("There are more pages than the file has{}: what is on them is not known.", of_total(.0))]
    MorePages(Option<PageTotal>),
    /// Keys that mean nothing here.
    #[error("Not understood, so not taken: {}.", list_keys(.0))]
    UnknownKeys(Vec<UnknownKey>),
    /// The file says itself what separates its columns.
    #[error("Columns are separated as its first line `sep={0}` says.")]
    Separator(char),
    /// Several listings and one region for all of them.
    #[error(
        "The file holds {0} listings, and one --region is taken for all rows that do not name theirs. Check the new ones, or put `\"Region\"` beside each `\"Data\"`."
    )]
    OneRegionForAll(usize),
}

/// How many rows a file has, and how many it says there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageTotal {
    /// Rows of the file.
    pub found: usize,
    /// Rows of all pages.
    pub total: i64,
}

/// A key of a row or a document that means nothing here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKey {
    /// As written.
    pub key: String,
    /// How often it is there.
    pub count: usize,
    pub first: String,
    pub value: String,
}

fn of_total(pages: &Option<PageTotal>) -> String {
    pages.map_or_else(String::new, |PageTotal { found, total }| {
        format!(" ({found} of {total} rows)")
    })
}

fn list_keys(keys: &[UnknownKey]) -> String {
    const SHOWN: usize = 12;
    let mut shown: Vec<String> = keys
        .iter()
        .take(SHOWN)
        .map(|unknown| {
            let UnknownKey {
                key,
                count,
                first,
                value,
            } = unknown;
            let times = if *count > 1 {
                format!(", {count} times")
            } else {
                String::new()
            };
            format!("`{key}` (`{value}` at {first}{times})")
        })
        .collect();
    if keys.len() > SHOWN {
        shown.push(format!("{} more", keys.len() - SHOWN));
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
