//! The team's hours: quiet hours, and the time of day for lists.

use std::fmt;

use chrono::{Datelike as _, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone as _};
use chrono_tz::Tz;

use crate::Timestamp;

/// The daily period in which messages that can wait are held back. It may span midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    pub from: NaiveTime,
    /// The end; differs from `from`.
    pub to: NaiveTime,
}

impl Quiet {
    /// Parses two times of day, such as `22:00-08:00`.
    ///
    /// # Errors
    /// The reason.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const NO_TIMES: &str = "it is not two times of the day";
        let time = |text: &str| {
            let text = text.trim();
            let hour = || NaiveTime::from_hms_opt(text.parse().ok()?, 0, 0);
            let found = NaiveTime::parse_from_str(text, "%H:%M").ok().or_else(hour);
            found.ok_or(NO_TIMES)
        };
        let (from, to) = text.split_once(['-', '–']).ok_or(NO_TIMES)?;
        let (from, to) = (time(from)?, time(to)?);
        if from == to {
            return Err("it begins when it ends");
        }
        Ok(Self { from, to })
    }
}

impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |time: NaiveTime| time.format("%H:%M");
        write!(f, "{}-{}", time(self.from), time(self.to))
    }
}

/// The days before the expiry on which reminders are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days {
    /// With the action Delete, unknown or stale.
    pub at_risk: Vec<i32>,
    /// With Downgrade known.
    pub downgrades: Vec<i32>,
    /// With auto-renewal.
    pub renews: Vec<i32>,
    /// With auto-renewal during an open downgrade.
    pub charges: Vec<i32>,
    /// With a change or a suppression that depends on the facts.
    pub attests: Vec<i32>,
}

impl Default for Days {
    fn default() -> Self {
        Self {
            at_risk: vec![30, 14, 7, 3, 1, 0],
            downgrades: vec![14, 3, 0],
            renews: vec![8, 3, 1, 0],
            charges: vec![14, 11, 10],
            attests: vec![7, 3, 1, 0],
        }
    }
}

impl Days {
    /// Parses days such as `30, 14, 7`.
    ///
    /// # Errors
    /// The reason.
    pub fn parse(text: &str) -> Result<Vec<i32>, &'static str> {
        let mut days = Vec::new();
        for word in text.split(',') {
            let day: i32 = word.trim().parse().map_err(|_| "it is no list of days")?;
            if !(0..=365).contains(&day) {
                return Err("a day is out of range");
            }
            if days.contains(&day) {
                return Err("it has a day twice");
            }
            days.push(day);
        }
        if days.len() > 12 {
            return Err("it has more than 12 days");
        }
        days.sort_unstable_by(|one, other| other.cmp(one));
        Ok(days)
    }
}

/// The times at which a team receives messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cadence {
    pub zone: Tz,
    pub quiet: Option<Quiet>,
    pub days: Days,
}

impl Default for Cadence {
    fn default() -> Self {
        Self {
            zone: Tz::UTC,
            quiet: None,
            days: Days::default(),
        }
    }
}

/// The least time between two digests when the cadence changes.
const DIGESTS_APART: TimeDelta = TimeDelta::days(3);
/// The time of lists: daily checklists, weekly digests.
const LISTS_AT: NaiveTime = match NaiveTime::from_hms_opt(10, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

impl Cadence {
    /// The first moment from `at` outside quiet hours.
    pub fn disturbable(&self, at: Timestamp) -> Timestamp {
        let Some(quiet) = self.quiet else {
            return at;
        };
        let local = at.with_timezone(&self.zone);
        let (time, today) = (local.time(), local.date_naive());
        let over_midnight = quiet.from > quiet.to;
        let ends = if over_midnight {
            match () {
                () if time >= quiet.from => today.checked_add_days(chrono::Days::new(1)),
                () if time < quiet.to => Some(today),
                () => None,
            }
        } else {
            (time >= quiet.from && time < quiet.to).then_some(today)
        };
        // When clocks go back, the end may be earlier than `at` on the first reading of the clock.
        ends.and_then(|day| self.instant(day, quiet.to))
            .map_or(at, |end| end.max(at))
    }

    /// The last minute before the quiet hours that hold `at`, else `at`; their end, if that minute is not after `since`.
    pub fn before_quiet(&self, at: Timestamp, since: Timestamp) -> Timestamp {
        let ends = self.disturbable(at);
        let Some(quiet) = self.quiet.filter(|_| ends > at) else {
            return at;
        };
        let local = at.with_timezone(&self.zone);
        let today = local.date_naive();
        let day = if quiet.from > quiet.to && local.time() < quiet.to {
            today.pred_opt().unwrap_or(today)
        } else {
            today
        };
        let begins = self.instant(day, quiet.from);
        begins
            .map(|begins| begins - TimeDelta::minutes(1))
            .filter(|before| *before > since && *before <= at)
            .unwrap_or(ends)
    }

    /// The first moment from `at` at which daily lists are sent.
    pub fn list_hour(&self, at: Timestamp) -> Timestamp {
        let today = at.with_timezone(&self.zone).date_naive();
        let on = |days| {
            self.instant(today.checked_add_days(chrono::Days::new(days))?, LISTS_AT)
                .filter(|list| *list >= at)
        };
        on(0).or_else(|| on(1)).unwrap_or(at)
    }

    /// The first moment after `at` at which a digest is sent: a Monday at 10:00.
    pub fn next_digest(&self, at: Timestamp) -> Timestamp {
        let today = at.with_timezone(&self.zone).date_naive();
        let ahead = u64::from(today.weekday().days_since(chrono::Weekday::Mon));
        let on = |days| {
            self.instant(today.checked_add_days(chrono::Days::new(days))?, LISTS_AT)
                .filter(|digest| *digest > at)
        };
        on((7 - ahead) % 7)
            .or_else(|| on(7 - ahead))
            .unwrap_or(at + TimeDelta::days(7))
    }

    /// The next digest where this cadence begins to hold now: none is lost that the former one had still to send, and none comes
    /// twice within days.
    pub fn digest_from(&self, last: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let Some(last) = last.filter(|last| *last <= now) else {
            return self.next_digest(now);
        };
        let due = self.next_digest(last + DIGESTS_APART);
        if due > now {
            due
        } else {
            self.disturbable(now)
        }
    }

    /// The local date.
    pub fn day(&self, at: Timestamp) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// The start of the next local day.
    pub fn next_day(&self, at: Timestamp) -> Timestamp {
        let next = self.day(at).checked_add_days(chrono::Days::new(1));
        next.and_then(|day| self.instant(day, NaiveTime::MIN))
            .unwrap_or(at + TimeDelta::days(1))
    }

    /// A local time as an instant; the first of two, or the next valid one where clocks skip it.
    fn instant(&self, day: NaiveDate, time: NaiveTime) -> Option<Timestamp> {
        let mut local = day.and_time(time);
        for _ in 0..12 {
            match self.zone.from_local_datetime(&local) {
                LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => {
                    return Some(at.to_utc());
                }
                LocalResult::None => local += TimeDelta::minutes(15),
            }
        }
        None
    }
}
