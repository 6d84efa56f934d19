//! Dates in files: exact, or local to the vendor's zone.

use chrono::{
    DateTime, Datelike, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone,
};
use chrono_tz::Tz;

use super::error::{RowProblem, ValueProblem};
use crate::domain::Timestamp;
use crate::domain::written;

/// No instance expired before this year.
const FIRST_YEAR: i32 = 2000;
/// The last four-digit year.
const LAST_YEAR: i32 = 9999;

const WITH_TIME: [&str; 4] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
];

/// Parses a moment: RFC 3339, or a date or date-time without a zone. A date means its first moment.
pub(super) fn moment(field: &'static str, text: &str, zone: Tz) -> Result<Timestamp, RowProblem> {
    if text.len() >= 10 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return milliseconds(field, text);
    }
    let plain = written::moment(text);
    let plain = plain.as_deref().unwrap_or(text);
    if !looks_like_date(plain) {
        return Err(no_date(field, text));
    }
    let ends_day = at_end_of_day(plain);
    let plain = ends_day.as_deref().unwrap_or(plain);
    let more = TimeDelta::days(i64::from(ends_day.is_some()));
    let exact = DateTime::parse_from_rfc3339(plain).ok();
    let moment = match exact {
        Some(exact) => exact.to_utc().checked_add_signed(more),
        None => {
            let local = local(plain).and_then(|local| local.checked_add_signed(more));
            let local = local.ok_or_else(|| no_such(field, text))?;
            Some(in_zone(field, text, local, zone)?)
        }
    };
    let moment = moment.ok_or_else(|| no_such(field, text))?;
    at(moment.timestamp_millis()).ok_or_else(|| no_such(field, text))
}

/// A number as the vendor's listing has it, in milliseconds since 1970.
fn milliseconds(field: &'static str, text: &str) -> Result<Timestamp, RowProblem> {
    let why = match text.len() {
        10 => ValueProblem::Seconds,
        _ => ValueProblem::Moment,
    };
    let moment = text.parse().ok().filter(|_| text.len() > 10).and_then(at);
    moment.ok_or_else(|| RowProblem::value(field, text, why))
}

/// Like [`moment`]; `None` for an empty text.
pub(super) fn may(
    field: &'static str,
    text: &str,
    zone: Tz,
) -> Result<Option<Timestamp>, RowProblem> {
    (!text.is_empty())
        .then(|| moment(field, text, zone))
        .transpose()
}

/// The error for an invalid date.
fn no_date(field: &'static str, text: &str) -> RowProblem {
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (days, part) = text.split_once('.').unwrap_or((text, ""));
    let day_number = days.len() == 5 && is_number(days) && is_number(part);
    let why = if is_shortened(text) {
        ValueProblem::Shortened
    } else if day_number {
        ValueProblem::DayNumber
    } else if written::year_last(text).is_some() {
        ValueProblem::DayOrMonth
    } else {
        ValueProblem::NotDate
    };
    RowProblem::value(field, text, why)
}

/// Whether this is a number with an exponent.
pub(super) fn is_shortened(text: &str) -> bool {
    let parts = text.split_once(['e', 'E']);
    parts.is_some_and(|(digits, exponent)| {
        digits.parse::<f64>().is_ok() && exponent.parse::<i32>().is_ok()
    })
}

/// A moment in milliseconds since 1970, if an instance could expire then.
pub(super) fn at(ms: i64) -> Option<Timestamp> {
    DateTime::from_timestamp_millis(ms)
        .filter(|moment| (FIRST_YEAR..=LAST_YEAR).contains(&moment.year()))
}

fn no_such(field: &'static str, text: &str) -> RowProblem {
    RowProblem::value(field, text, ValueProblem::NoSuchDate)
}

/// Whether the text has the form of a date, so that only the calendar can reject it.
fn looks_like_date(text: &str) -> bool {
    let mut bytes = text.bytes();
    let day = b"0000-00-00".iter().all(|form| {
        let byte = bytes.next();
        match form {
            b'0' => byte.is_some_and(|byte| byte.is_ascii_digit()),
            dash => byte == Some(*dash),
        }
    });
    let rest = text.get(10..).unwrap_or_default();
    let time = rest.is_empty() || rest.starts_with(['T', 't', ' ']);
    let plain = |c: char| c.is_ascii_digit() || "TtZz :.+-".contains(c);
    day && time && rest.len() <= 32 && rest.chars().all(plain)
}

/// A date with the time `24:00`, the midnight at the end of that day (ISO 8601), with `00:00` in its place.
fn at_end_of_day(text: &str) -> Option<String> {
    let (day, time) = text.split_at_checked(11)?;
    let rest = time.strip_prefix("24:00")?;
    let zone = rest.trim_start_matches([':', '.', '0']);
    let is_zone = zone.is_empty() || zone.starts_with([' ', 'Z', 'z', '+', '-']);
    is_zone.then(|| format!("{day}00:00{rest}"))
}

fn local(text: &str) -> Option<NaiveDateTime> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let midnight = date.map(|date| date.and_time(NaiveTime::MIN));
    midnight.or_else(|| {
        let mut forms = WITH_TIME.iter();
        forms.find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
    })
}

fn in_zone(
    field: &'static str,
    text: &str,
    local: NaiveDateTime,
    zone: Tz,
) -> Result<Timestamp, RowProblem> {
    let why = match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(moment) => return Ok(moment.to_utc()),
        MappedLocalTime::Ambiguous(_, _) => ValueProblem::Twice(zone.name()),
        MappedLocalTime::None => ValueProblem::Skipped(zone.name()),
    };
    Err(RowProblem::value(field, text, why))
}
