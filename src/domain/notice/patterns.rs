//! The patterns by which a notice is recognised. They belong to the configuration: no text of the vendor's is public.

use std::ops::Range;

use chrono::{Datelike, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;
use regex::{Captures, Regex, RegexBuilder};

use super::NoticeKind;
use crate::domain::Timestamp;

/// The longest pattern, in characters.
const LONGEST: usize = 4_000;
/// The most memory a compiled pattern may take, in bytes.
const LARGEST: usize = 1 << 20;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const OF_EXPIRY: &[&str] = &["past"];
const OF_IDS: &[&str] = &["instance", "commodity", "series5", "more"];
const OF_NAME: &[&str] = &["name"];
const OF_DATE: &[&str] = &[
    "year", "month", "day", "hour", "minute", "second", "offset", "days",
];

/// A compiled pattern; two are the same when their texts are.
#[derive(Debug, Clone)]
struct Pattern(Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

/// The texts of the patterns.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// Words that announce a release.
    pub release: &'a str,
    /// Words that announce an expiry; in the group `past`, those that look back on one.
    pub expiry: &'a str,
    /// Ids, in the groups `instance` (4.x), `commodity` and `series5`.
    pub ids: &'a str,
    /// What an instance is called, in the group `name`.
    pub name: &'a str,
    /// Dates, in the groups `year`, `month`, `day`, `hour`, `minute`, `second`, `offset` and `days` (from today).
    pub date: &'a str,
}

/// The patterns, compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patterns {
    release: Pattern,
    expiry: Pattern,
    ids: Pattern,
    name: Pattern,
    date: Pattern,
}

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It is longer than is taken.
    #[error("it has {0} characters, and {LONGEST} fit")]
    Long(usize),
    /// It is no regular expression, or needs too much memory.
    #[error("it is not a regular expression: {0}")]
    Syntax(String),
    /// It says yes to everything.
    #[error("it matches the empty text, so it matches everything")]
    Empty,
    /// A group has a name that means nothing here.
    #[error("it has a group `{0}`, which means nothing here")]
    UnknownGroup(String),
    /// None of the groups that say something is there.
    #[error("none of its groups says what was found")]
    NoGroup,
}

impl Patterns {
    /// Checks the pattern for words that announce a release.
    ///
    /// # Errors
    /// [`PatternError`], as for every pattern.
    pub fn check_release(text: &str) -> Result<(), PatternError> {
        compile(text, &[], false).map(drop)
    }

    /// Checks the pattern for words of an expiry.
    ///
    /// # Errors
    /// [`PatternError`].
    pub fn check_expiry(text: &str) -> Result<(), PatternError> {
        compile(text, OF_EXPIRY, false).map(drop)
    }

    /// Checks the pattern for ids.
    ///
    /// # Errors
    /// [`PatternError`].
    pub fn check_ids(text: &str) -> Result<(), PatternError> {
        compile(text, OF_IDS, true).map(drop)
    }

    /// Checks the pattern for names.
    ///
    /// # Errors
    /// [`PatternError`].
    pub fn check_name(text: &str) -> Result<(), PatternError> {
        compile(text, OF_NAME, true).map(drop)
    }

    /// Checks the pattern for dates.
    ///
    /// # Errors
    /// [`PatternError`].
    pub fn check_date(text: &str) -> Result<(), PatternError> {
        compile(text, OF_DATE, true).map(drop)
    }

    /// Compiles them all.
    ///
    /// # Errors
    /// [`PatternError`] of the first that cannot be used.
    pub fn new(from: Sources<'_>) -> Result<Self, PatternError> {
        Ok(Self {
            release: compile(from.release, &[], false)?,
            expiry: compile(from.expiry, OF_EXPIRY, false)?,
            ids: compile(from.ids, OF_IDS, true)?,
            name: compile(from.name, OF_NAME, true)?,
            date: compile(from.date, OF_DATE, true)?,
        })
    }

    /// Their texts.
    pub fn sources(&self) -> Sources<'_> {
        Sources {
            release: self.release.0.as_str(),
            expiry: self.expiry.0.as_str(),
            ids: self.ids.0.as_str(),
            name: self.name.0.as_str(),
            date: self.date.0.as_str(),
        }
    }

    /// What a text announces, and where it does. An expiry that is still to come outweighs a release: service stops then.
    pub(super) fn kind(&self, text: &str) -> (NoticeKind, Vec<Range<usize>>) {
        let releases: Vec<_> = self
            .release
            .0
            .find_iter(text)
            .map(|it| it.range())
            .collect();
        let expiries = || self.expiry.0.captures_iter(text);
        let to_come = expiries().any(|found| found.name("past").is_none());
        if !releases.is_empty() && !to_come {
            return (NoticeKind::Release, releases);
        }
        let places: Vec<_> = expiries()
            .filter_map(|found| found.get(0))
            .map(|it| it.range())
            .collect();
        if places.is_empty() {
            (NoticeKind::Other, Vec::new())
        } else {
            (NoticeKind::Expiry, places)
        }
    }

    pub(super) fn ids(&self, text: &str) -> Vec<String> {
        self.groups(&self.ids, text)
    }

    pub(super) fn names(&self, text: &str) -> Vec<String> {
        self.groups(&self.name, text)
    }

    fn groups(&self, pattern: &Pattern, text: &str) -> Vec<String> {
        let each = pattern.0.captures_iter(text);
        each.filter_map(|found| found.iter().skip(1).flatten().next())
            .map(|group| group.as_str().to_owned())
            .collect()
    }

    /// Every date and where it stands; `None` for one that is no date of the calendar.
    pub(super) fn dates(
        &self,
        text: &str,
        zone: Tz,
        now: Timestamp,
    ) -> Vec<(Range<usize>, Option<Timestamp>)> {
        let each = self.date.0.captures_iter(text);
        each.filter_map(|found| {
            let place = found.get(0)?.range();
            let written = Written {
                found: &found,
                names: &self.date.0,
            };
            Some((place, written.date(zone, now)))
        })
        .collect()
    }
}

fn compile(text: &str, known: &[&str], needed: bool) -> Result<Pattern, PatternError> {
    let chars = text.chars().count();
    if chars > LONGEST {
        return Err(PatternError::Long(chars));
    }
    let built = RegexBuilder::new(text).size_limit(LARGEST).build();
    let pattern = built.map_err(|error| PatternError::Syntax(last_line(&error.to_string())))?;
    if pattern.is_match("") {
        return Err(PatternError::Empty);
    }
    let mut any = false;
    for name in pattern.capture_names().flatten() {
        if !known.contains(&undigited(name)) {
            return Err(PatternError::UnknownGroup(name.to_owned()));
        }
        any = true;
    }
    if needed && !any {
        return Err(PatternError::NoGroup);
    }
    Ok(Pattern(pattern))
}

/// The line of a syntax error that says what is wrong.
fn last_line(error: &str) -> String {
    let last = error.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}

/// A group's name: digits behind it make no difference, so that a pattern can have it twice.
fn undigited(name: &str) -> &str {
    match name {
        "series5" => name,
        _ => name.trim_end_matches(|c: char| c.is_ascii_digit()),
    }
}

/// A date as a pattern found it.
struct Written<'a> {
    found: &'a Captures<'a>,
    names: &'a Regex,
}

impl Written<'_> {
    fn group(&self, wanted: &str) -> Option<&str> {
        let names = self.names.capture_names().flatten();
        names
            .filter(|name| undigited(name) == wanted)
            .find_map(|name| self.found.name(name))
            .map(|group| group.as_str())
    }

    fn number(&self, wanted: &str) -> Option<u32> {
        self.group(wanted)?.parse().ok()
    }

    fn date(&self, zone: Tz, now: Timestamp) -> Option<Timestamp> {
        let today = now.with_timezone(&zone).date_naive();
        if let Some(days) = self.number("days") {
            let day = today.checked_add_days(Days::new(days.into()))?;
            return instant(day.and_time(NaiveTime::MIN), zone);
        }
        let (month, day) = (self.month()?, self.number("day")?);
        let date = match self.group("year") {
            Some(year) => NaiveDate::from_ymd_opt(year.parse().ok()?, month, day)?,
            None => nearest(today, month, day)?,
        };
        let or_none = |wanted| self.group(wanted).map_or(Some(0), |text| text.parse().ok());
        let (hour, minute, second) = (or_none("hour")?, or_none("minute")?, or_none("second")?);
        // Midnight at the end of a day.
        let (date, hour) = if (hour, minute, second) == (24, 0, 0) {
            (date.succ_opt()?, 0)
        } else {
            (date, hour)
        };
        let local = date.and_hms_opt(hour, minute, second)?;
        match self.group("offset") {
            Some(written) => offset(written)?
                .from_local_datetime(&local)
                .single()
                .map(|at| at.to_utc()),
            None => instant(local, zone),
        }
    }

    /// A number, or the beginning of an English name.
    fn month(&self) -> Option<u32> {
        let written = self.group("month")?;
        if let Ok(number) = written.parse() {
            return Some(number);
        }
        let written = written.to_lowercase();
        let place = MONTHS.iter().position(|name| written.starts_with(name))?;
        u32::try_from(place + 1).ok()
    }
}

/// The day of some year that is nearest.
fn nearest(today: NaiveDate, month: u32, day: u32) -> Option<NaiveDate> {
    let years = (today.year() - 4)..=(today.year() + 4);
    years
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
        .min_by_key(|date| (*date - today).num_days().abs())
}

fn instant(local: NaiveDateTime, zone: Tz) -> Option<Timestamp> {
    zone.from_local_datetime(&local)
        .earliest()
        .map(|at| at.to_utc())
}

/// `Z`, `UTC`, `+08:00`, `+0800`, `UTC+8`.
fn offset(written: &str) -> Option<FixedOffset> {
    let bare = written.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    if bare.is_empty() {
        return FixedOffset::east_opt(0);
    }
    let (sign, rest) = match bare.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, bare.strip_prefix('+')?),
    };
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<i32>().ok()?, 0),
        4 => (
            digits.get(..2)?.parse().ok()?,
            digits.get(2..)?.parse::<i32>().ok()?,
        ),
        _ => return None,
    };
    FixedOffset::east_opt(sign * (hours * 3_600 + minutes * 60))
}
