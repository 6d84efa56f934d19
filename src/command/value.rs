//! The values of the grammar, each read once and checked where it enters.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, TimeDelta};
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::domain::Timestamp;
use crate::domain::id::{excerpt, is_invisible};

/// One of a fixed list of words.
pub(super) fn word<T: Copy + Send + Sync + 'static>(
    words: &'static [(&'static str, T)],
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(words.iter().map(|(word, _)| *word)).try_map(move |given: String| {
        let found = words.iter().find(|(word, _)| *word == given);
        found.map(|(_, value)| *value).ok_or("not one of the words")
    })
}

/// One of a fixed list of words, or `unknown`.
pub(super) fn known_or<T: Copy + Send + Sync + 'static>(
    words: &'static [(&'static str, T)],
) -> impl TypedValueParser<Value = Option<T>> {
    let all = words.iter().map(|(word, _)| *word).chain(["unknown"]);
    PossibleValuesParser::new(all).map(move |given: String| {
        words.iter().find(|(word, _)| *word == given).map(|(_, value)| *value)
    })
}

/// How people point at an instance: a name, `region/name`, an id, or a beginning of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceRef(String);

/// How people point at a change: `#12` or `12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeRef(pub u64);

/// An instance or a change; digits mean a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetRef {
    /// A change.
    Change(ChangeRef),
    /// An instance.
    Instance(InstanceRef),
}

/// A length of time such as `90s`, `15m`, `12h`, `30d` or `1w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub TimeDelta);

/// Free text that says why: 1 to 1,000 characters, no control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

/// An http or https address under which a proof can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence(String);

/// A moment as people write it: exact, or a local date and time whose zone the configuration names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// RFC 3339.
    Exact(Timestamp),
    /// A date, or a date and time, without a zone.
    Local(NaiveDateTime),
}

/// Why a local moment has no exact meaning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WhenError {
    /// Clocks were put forward over it.
    #[error("{0} does not exist in {1}: clocks jump over it; give the time with its zone, such as {0}Z")]
    Skipped(String, String),
    /// Clocks were put back over it.
    #[error("{0} happens twice in {1}: clocks are put back over it; give the time with its zone")]
    Twice(String, String),
}
