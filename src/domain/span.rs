//! Lengths of time as people write them: `90s`, `15m`, `12h`, `30d`, `1w`.

use chrono::TimeDelta;

use super::id::excerpt;

/// The longest span that is accepted.
pub const LONGEST_SPAN: TimeDelta = TimeDelta::days(3_650);

const SECOND: i64 = 1;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// An invalid length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// Not digits and a unit.
    #[error(
        "`{0}` is not a length of time; write a whole number and one of s, m, h, d, w, such as 90s, 15m, 12h, 30d or 1w"
    )]
    Malformed(String),
    #[error("`{0}` is no time at all; the shortest is 1s")]
    Zero(String),
    /// More than [`LONGEST_SPAN`], or more than can be counted.
    #[error("`{0}` is too long; the longest is 3650d, which is ten years")]
    TooLong(String),
}

/// Parses digits followed by one of `s`, `m`, `h`, `d`, `w`.
///
/// # Errors
/// [`SpanError`] when it is anything else, zero, or longer than [`LONGEST_SPAN`].
pub fn parse_span(text: &str) -> Result<TimeDelta, SpanError> {
    let malformed = || SpanError::Malformed(excerpt(text));
    let unit = text.chars().next_back().and_then(seconds_in);
    let seconds_each = unit.ok_or_else(malformed)?;
    let digits = text.get(..text.len() - 1).unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(malformed());
    }
    // Only digits are left, so a failure means that the number is too large.
    let count = digits.parse::<i64>().unwrap_or(i64::MAX);
    let span = count
        .checked_mul(seconds_each)
        .and_then(TimeDelta::try_seconds)
        .filter(|span| *span <= LONGEST_SPAN)
        .ok_or_else(|| SpanError::TooLong(excerpt(text)))?;
    if span.is_zero() {
        return Err(SpanError::Zero(excerpt(text)));
    }
    Ok(span)
}

/// Formats a span for [`parse_span`]: in the largest unit that divides it, hours up to a day, never weeks.
///
/// Fractions of a second are dropped.
pub fn show_span(span: TimeDelta) -> String {
    let seconds = span.num_seconds();
    let (count, unit) = if seconds % DAY == 0 && seconds.abs() > DAY {
        (seconds / DAY, 'd')
    } else if seconds % HOUR == 0 && seconds != 0 {
        (seconds / HOUR, 'h')
    } else if seconds % MINUTE == 0 && seconds != 0 {
        (seconds / MINUTE, 'm')
    } else {
        (seconds, 's')
    };
    format!("{count}{unit}")
}

const fn seconds_in(unit: char) -> Option<i64> {
    match unit {
        's' => Some(SECOND),
        'm' => Some(MINUTE),
        'h' => Some(HOUR),
        'd' => Some(DAY),
        'w' => Some(WEEK),
        _ => None,
    }
}
