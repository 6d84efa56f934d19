//! What a notice's text says, as far as it can be recognised.

use std::ops::Range;

use chrono_tz::Tz;
use serde_json::Value;

use super::NoticeKind;
use super::patterns::Patterns;
use crate::domain::Timestamp;

/// The longest text that is recognised, in characters. What is longer is raised: it may name more than was read.
pub const LONGEST_READ: usize = 65_536;
/// How deep JSON within JSON is followed.
const DEEPEST: usize = 8;
/// What ends a sentence wherever it stands. A full stop does when a blank follows.
const ENDS: [&str; 8] = ["。", "！", "？", "!", "?", ". ", ".\n", "\n\n"];

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// What it announces.
    pub kind: NoticeKind,
    /// The different ids it names, as written.
    pub ids: Vec<String>,
    /// The different names it gives to instances.
    pub names: Vec<String>,
    /// The different dates of what it announces; `None` for one that is no date of the calendar.
    pub dates: Vec<Option<Timestamp>>,
}

impl Read {
    /// Reads a text, or the vendor's JSON. Dates without a zone are those of `zone`; one without a year is the nearest.
    pub fn of(text: &str, patterns: &Patterns, zone: Tz, now: Timestamp) -> Self {
        let whole = text.chars().nth(LONGEST_READ).is_none();
        let text: String = text.chars().take(LONGEST_READ).collect();
        let text = flatten(&text).unwrap_or(text);
        let text = text.replace('\r', "");
        let text: String = text.chars().filter(|c| !is_joiner(*c)).collect();
        let (kind, announced) = patterns.kind(&text);
        let all = patterns.dates(&text, zone, now);
        let near = |at: &Range<usize>| {
            let same = |sentence: &Range<usize>| sentence.contains(&at.start);
            announced
                .iter()
                .map(|at| sentence(&text, at))
                .any(|it| same(&it))
        };
        // Elsewhere a date of the past tells what has been; one to come may be what is meant.
        let to_come = |date: &Option<Timestamp>| date.is_some_and(|date| date > now);
        let told = all.iter().filter(|(at, date)| near(at) || to_come(date));
        let mut told: Vec<_> = told.collect();
        // Where nothing is to come, and no sentence both announces and dates, every date may be meant.
        if told.is_empty() {
            told = all.iter().collect();
        }
        Self {
            kind: if whole { kind } else { NoticeKind::Other },
            ids: different(patterns.ids(&text)),
            names: different(patterns.names(&text)),
            dates: different(told.into_iter().map(|(_, date)| *date).collect()),
        }
    }
}

/// Characters that are pasted along unseen, and would part an id.
const fn is_joiner(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
    )
}

fn different<T: PartialEq>(all: Vec<T>) -> Vec<T> {
    let mut kept = Vec::new();
    for one in all {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

/// The sentence that a place of the text lies in.
fn sentence(text: &str, at: &Range<usize>) -> Range<usize> {
    let before = text.get(..at.start).unwrap_or_default();
    let after = text.get(at.end..).unwrap_or_default();
    let ends = |end: &&str| before.rfind(*end).map(|found| found + end.len());
    let start = ENDS.iter().filter_map(ends).max();
    let end = ENDS.iter().filter_map(|end| after.find(end)).min();
    start.unwrap_or(0)..end.map_or(text.len(), |end| at.end + end)
}

/// JSON as lines of text, `key: value`; `None` when it is not JSON.
fn flatten(text: &str) -> Option<String> {
    let mut lines = Vec::new();
    gather(&json(text)?, "", DEEPEST, &mut lines);
    Some(lines.join("\n\n"))
}

fn json(text: &str) -> Option<Value> {
    let text = text.trim();
    let value: Value = text
        .starts_with(['{', '['])
        .then(|| serde_json::from_str(text).ok())
        .flatten()?;
    (value.is_object() || value.is_array()).then_some(value)
}

fn gather(value: &Value, key: &str, deeper: usize, lines: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            // A key may name an instance itself.
            if value.is_object() || value.is_array() {
                lines.push(format!("{key}:"));
            }
            gather(value, key, deeper, lines);
        }),
        Value::Array(items) => items
            .iter()
            .for_each(|item| gather(item, key, deeper, lines)),
        Value::String(text) => match json(text).filter(|_| deeper > 0) {
            Some(inner) => gather(&inner, key, deeper - 1, lines),
            None => lines.push(number(key, text.trim().parse().ok(), text)),
        },
        Value::Number(given) => lines.push(number(key, given.as_i64(), &given.to_string())),
        Value::Bool(_) | Value::Null => {}
    }
}

/// A number where a time is meant is that instant. Eight digits are a day, which is read like every other.
fn number(key: &str, number: Option<i64>, text: &str) -> String {
    let at = number.filter(|number| is_time(key) && *number > 100_000_000);
    match at.and_then(epoch) {
        Some(at) => format!("{key}: {}", at.to_rfc3339()),
        None => format!("{key}: {text}"),
    }
}

fn is_time(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.contains("time") || key.contains("date")
}

/// An instant in milliseconds or seconds since 1970, from 2001 on.
fn epoch(number: i64) -> Option<Timestamp> {
    let ms = if number > 100_000_000_000 {
        number
    } else {
        number.checked_mul(1_000)?
    };
    Timestamp::from_timestamp_millis(ms).filter(|_| ms > 1_000_000_000_000)
}
