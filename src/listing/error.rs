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
    /// Not JSON.
    #[error("line {line}, column {column} is not JSON; fetch the file again, or correct it there")]
    JsonSyntax {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
    },
    /// More than one document.
    #[error(
        "the JSON document ends before line {line}, column {column}, and more follows; keep one document a file, or join them in a list: [ …, … ]"
    )]
    JsonTrailing {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
    },
    /// Something is a different kind of JSON value than it should be.
    #[error(
        "`{path}` (line {line}, column {column}) is not {expected}; nothing else in the file was read"
    )]
    JsonType {
        /// The path to it.
        path: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
        /// What it should be.
        expected: &'static str,
    },
    /// JSON of something else.
    #[error(
        "the JSON has neither Data.InstanceVO nor InstanceBaseInfo; save what `aliyun ons OnsInstanceInServiceList` or `aliyun ons OnsInstanceBaseInfo` prints"
    )]
    NoInstances,
    /// The vendor's API answered with an error, and that was saved.
    #[error("the file holds no listing but an error of the vendor's API, {code}{}; {way_out}", quoted(.message))]
    Answer {
        /// The vendor's code.
        code: String,
        /// The vendor's words.
        message: String,
        /// What to do about it.
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
        /// How many there are.
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
    /// No id.
    #[error("it has no instance id")]
    NoId,
    /// The id is not one.
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
        /// What it may be.
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
        /// The least it may be.
        least: i64,
        /// The most it may be.
        most: i64,
    },
    /// Not text where text belongs.
    #[error("{field} is not text")]
    NotText {
        /// The JSON field.
        field: &'static str,
    },
    /// An expiry in milliseconds that no instance can have.
    #[error(
        "ReleaseTime: `{0}` is no moment between the years 2000 and 9999 in milliseconds since 1970"
    )]
    ReleaseTime(String),
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
        /// The zone.
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
        /// The zone.
        zone: &'static str,
    },
    /// The same instance again.
    #[error("the instance is already at {first}; keep one of the two")]
    Duplicate {
        /// Where it is first.
        first: String,
    },
}

fn quoted(message: &str) -> String {
    if message.is_empty() {
        String::new()
    } else {
        format!(" (\"{message}\")")
    }
}
