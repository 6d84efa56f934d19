//! Parsing of moments and durations.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use chrono::{
    Datelike, FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, Offset,
    SecondsFormat, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;
use regex::{Captures, Regex};

use super::lengths::{in_words, length_hint};
use crate::domain::Timestamp;
use crate::domain::id::excerpt;
use crate::domain::written::{YearLast, moment, plain, year_last};

const YEARS: std::ops::RangeInclusive<i32> = 2_000..=9_999;
const MAX_SPAN_SECONDS: i64 = 3_650 * 86_400;
/// A unit's letter, its other names, and its seconds.
type SpanUnit = (char, &'static [&'static str], i64);
const UNITS: [SpanUnit; 5] = [
    ('w', &["week", "weeks", "周", "星期"], 604_800),
    ('d', &["day", "days", "天", "日"], 86_400),
    (
        'h',
        &["hour", "hours", "hr", "hrs", "小时", "个小时"],
        3_600,
    ),
    ('m', &["min", "mins", "minute", "minutes", "分钟", "分"], 60),
    ('s', &["sec", "secs", "second", "seconds", "秒", "秒钟"], 1),
];

/// The reason why a text is not a moment or a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// No known form.
    #[error(
        "`{0}` is not a date or time; it looks like 2026-03-01, 2026-03-01T10:00 or, with its zone, 2026-03-01T10:00:00+08:00"
    )]
    NotWhen(String),
    /// A date with the year last.
    #[error(
        "`{0}` can be read with the day or with the month first; write the year first, such as 2026-03-01"
    )]
    DayOrMonth(String),
    /// The same, where only one of the numbers can be the month.
    #[error("`{0}`: write the year first, {1}")]
    YearLast(String, String),
    /// The calendar has no such month.
    #[error("`{0}` does not exist: months go from 01 to 12")]
    NoSuchMonth(String),
    #[error("`{date}` does not exist: {month} has {days} days")]
    NoSuchDay {
        /// The date as given.
        date: String,
        /// The month by its name, with the year.
        month: String,
        /// The number of days in the month.
        days: u32,
    },
    #[error("`{0}` does not exist: hours go from 00 to 23, minutes and seconds from 00 to 59")]
    NoSuchTime(String),
    /// No zone has this offset.
    #[error("`{0}` is not a zone; it looks like Z or +08:00")]
    NoSuchZone(String),
    /// Outside the years that are accepted.
    #[error("`{0}` is out of reach: years go from 2000 to 9999")]
    YearOutOfReach(String),
    /// Not a duration.
    #[error("`{0}` is not a length of time; it looks like 90s, 15m, 12h, 30d or 1w{hint}", hint = length_hint(.0))]
    NotSpan(String),
    /// A duration of zero.
    #[error("`{0}` is no time at all; give more than zero, such as 12h")]
    NoTime(String),
    #[error("`{0}` is too long; at most ten years (3650d) are taken")]
    LongSpan(String),
}

/// A duration such as `90s`, `15m`, `12h`, `30d` or `1w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub TimeDelta);

/// The seconds of a unit. A capital `M` is refused, because it may mean months.
pub(super) fn unit(name: &str) -> Option<i64> {
    let mut units = UNITS.into_iter();
    let found = units.find(|(letter, others, _)| {
        let alone = if *letter == 'm' {
            name == "m"
        } else {
            name.chars().map(|c| c.to_ascii_lowercase()).eq([*letter])
        };
        alone || others.iter().any(|word| word.eq_ignore_ascii_case(name))
    });
    found.map(|(_, _, seconds)| seconds)
}

/// The seconds of `1d12h`: each unit once, largest first. `Some(None)` on overflow.
fn in_figures(text: &str) -> Option<Option<i64>> {
    let (mut rest, mut last) = (text, i64::MAX);
    let mut seconds = Some(0_i64);
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (digits, behind) = rest.split_at_checked(digits)?;
        let behind = behind.trim_start();
        let next = behind
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(behind.len());
        let (name, behind) = behind.split_at_checked(next)?;
        let unit = unit(name.trim()).filter(|unit| *unit < last && !digits.is_empty())?;
        let part = digits.parse().ok().and_then(|n: i64| n.checked_mul(unit));
        seconds = seconds
            .zip(part)
            .and_then(|(sum, part)| sum.checked_add(part));
        (rest, last) = (behind, unit);
    }
    (last != i64::MAX).then_some(seconds)
}

impl FromStr for Span {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let plain = plain(text);
        let counted = in_figures(plain.trim()).or_else(|| in_words(plain.trim()).map(Some));
        let seconds = counted.ok_or_else(|| TimeError::NotSpan(excerpt(text)))?;
        match seconds {
            Some(0) => Err(TimeError::NoTime(excerpt(text))),
            Some(seconds) if seconds <= MAX_SPAN_SECONDS => Ok(Self(TimeDelta::seconds(seconds))),
            Some(_) | None => Err(TimeError::LongSpan(excerpt(text))),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.num_seconds();
        let whole = |(_, _, unit): &SpanUnit| seconds % unit == 0;
        let (name, _, unit) = UNITS.into_iter().find(whole).unwrap_or(('s', &[], 1));
        write!(f, "{}{name}", seconds / unit)
    }
}

/// A moment as typed: exact, or local to the configured zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// RFC 3339.
    Exact(Timestamp),
    /// A date, or a date and time, without a zone.
    Local(NaiveDateTime),
}

/// The reason why a local moment has no exact meaning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WhenError {
    /// The moment is skipped when clocks go forward.
    #[error(
        "`{0}` does not exist in {1}: clocks jump over it; give the time with its zone, such as {0}Z"
    )]
    Skipped(String, String),
    /// The moment happens twice when clocks go back.
    #[error(
        "`{0}` happens twice in {1}: clocks are put back over it; give the time with its zone, such as {0}Z"
    )]
    Twice(String, String),
    /// The zone moves it outside the accepted years.
    #[error("`{0}` in {1} is out of reach: years go from 2000 to 9999")]
    OutOfReach(String, String),
}

impl When {
    /// The exact moment, with this zone for a local one.
    ///
    /// # Errors
    /// [`WhenError`], when a local time does not exist in the zone, happens twice, or is out of reach.
    pub fn resolve(self, zone: Tz) -> Result<Timestamp, WhenError> {
        let local = match self {
            Self::Exact(at) => return Ok(at),
            Self::Local(local) => local,
        };
        let words = || {
            let shown = local.format("%Y-%m-%dT%H:%M").to_string();
            (shown, zone.name().to_owned())
        };
        match zone.from_local_datetime(&local) {
            MappedLocalTime::Single(at) if YEARS.contains(&at.to_utc().year()) => Ok(at.to_utc()),
            MappedLocalTime::Single(_) => {
                let (shown, zone) = words();
                Err(WhenError::OutOfReach(shown, zone))
            }
            MappedLocalTime::Ambiguous(..) => {
                let (shown, zone) = words();
                Err(WhenError::Twice(shown, zone))
            }
            MappedLocalTime::None => {
                let (shown, zone) = words();
                Err(WhenError::Skipped(shown, zone))
            }
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "a constant pattern, compiled by the tests"
)]
static WHEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        "^(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})",
        "(?:[Tt](?<hour>[0-9]{2}):(?<minute>[0-9]{2})",
        r"(?::(?<second>[0-9]{2})(?:\.(?<fraction>[0-9]{1,9}))?)?",
        "(?<zone>[Zz]|[+-][0-9]{2}:[0-9]{2})?)?$"
    ))
    .expect("a constant pattern")
});

impl FromStr for When {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let text = text.trim();
        if let Some(at) = release_time(text) {
            return Ok(Self::Exact(at));
        }
        let written = moment(text);
        let parts = WHEN
            .captures(written.as_deref().unwrap_or(text))
            .ok_or_else(|| match year_last(text) {
                Some(YearLast::Ambiguous) => TimeError::DayOrMonth(excerpt(text)),
                Some(YearLast::Date(date)) => TimeError::YearLast(excerpt(text), date),
                None => TimeError::NotWhen(excerpt(text)),
            })?;
        let date = date_of(&parts)?;
        let local = if is_midnight_at_the_end(&parts) {
            let next = date.succ_opt();
            let next = next.filter(|next| YEARS.contains(&next.year()));
            next.ok_or_else(|| TimeError::YearOutOfReach(excerpt(text)))?
                .and_time(NaiveTime::MIN)
        } else {
            date.and_time(time_of(&parts, text)?)
        };
        let Some(zone) = parts.name("zone") else {
            return Ok(Self::Local(local));
        };
        let zone = offset_of(zone.as_str())?;
        let at = local.checked_sub_offset(zone).map(|utc| utc.and_utc());
        at.filter(|at| YEARS.contains(&at.year()))
            .map(Self::Exact)
            .ok_or_else(|| TimeError::YearOutOfReach(excerpt(text)))
    }
}

/// The `ReleaseTime` of the vendor's API, in milliseconds since 1970; with fewer digits it could be in seconds, so it is refused.
fn release_time(text: &str) -> Option<Timestamp> {
    let plain = plain(text);
    let is_one = plain.len() == 13 && plain.bytes().all(|byte| byte.is_ascii_digit());
    let ms = is_one.then(|| plain.parse().ok()).flatten()?;
    Utc.timestamp_millis_opt(ms)
        .single()
        .filter(|at| YEARS.contains(&at.year()))
}

fn number(parts: &Captures<'_>, name: &str) -> u32 {
    let digits = parts.name(name).map_or("0", |found| found.as_str());
    digits.parse().unwrap_or(0)
}

fn date_of(parts: &Captures<'_>) -> Result<NaiveDate, TimeError> {
    let (month, day) = (number(parts, "month"), number(parts, "day"));
    let year = i32::try_from(number(parts, "year")).unwrap_or(0);
    let shown = format!("{year:04}-{month:02}-{day:02}");
    if !YEARS.contains(&year) {
        return Err(TimeError::YearOutOfReach(shown));
    }
    let Some(first) = NaiveDate::from_ymd_opt(year, month, 1) else {
        return Err(TimeError::NoSuchMonth(shown));
    };
    NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| TimeError::NoSuchDay {
        date: shown,
        month: first.format("%B %Y").to_string(),
        days: u32::from(first.num_days_in_month()),
    })
}

/// `24:00` is the midnight at the end of a day (ISO 8601).
fn is_midnight_at_the_end(parts: &Captures<'_>) -> bool {
    let zero = |name| {
        let digits = parts.name(name).map_or("0", |found| found.as_str());
        digits.bytes().all(|digit| digit == b'0')
    };
    number(parts, "hour") == 24 && ["minute", "second", "fraction"].into_iter().all(zero)
}

fn time_of(parts: &Captures<'_>, text: &str) -> Result<NaiveTime, TimeError> {
    let fraction = parts.name("fraction").map_or("0", |found| found.as_str());
    // Cut to milliseconds, which the store keeps.
    let ms = format!("{fraction:0<3.3}").parse().unwrap_or(0);
    NaiveTime::from_hms_milli_opt(
        number(parts, "hour"),
        number(parts, "minute"),
        number(parts, "second"),
        ms,
    )
    .ok_or_else(|| TimeError::NoSuchTime(excerpt(text)))
}

fn offset_of(zone: &str) -> Result<FixedOffset, TimeError> {
    let no_such_zone = || TimeError::NoSuchZone(zone.to_owned());
    let Some((hours, minutes)) = zone.split_once(':') else {
        return Ok(Utc.fix());
    };
    let east = !hours.starts_with('-');
    let hours: i32 = hours
        .trim_start_matches(['+', '-'])
        .parse()
        .map_err(|_| no_such_zone())?;
    let minutes: i32 = minutes.parse().map_err(|_| no_such_zone())?;
    if minutes > 59 {
        return Err(no_such_zone());
    }
    let seconds = hours * 3_600 + minutes * 60;
    FixedOffset::east_opt(if east { seconds } else { -seconds }).ok_or_else(no_such_zone)
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(at) => f.write_str(&at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            Self::Local(local) if local.time() == NaiveTime::MIN => local.date().fmt(f),
            Self::Local(local) => write!(f, "{}", local.format("%Y-%m-%dT%H:%M:%S%.f")),
        }
    }
}
