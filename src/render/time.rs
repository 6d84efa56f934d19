//! Instants and durations, in the reader's zone.

use chrono::{Offset, SecondsFormat, TimeDelta, Timelike};
use chrono_tz::Tz;

use crate::domain::Timestamp;

/// The reader: their zone and display, and the current time.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// The zone in which instants are shown.
    pub zone: Tz,
    /// The time to which ages and deadlines are relative.
    pub now: Timestamp,
    /// The form of instants.
    pub clockface: Clockface,
    /// The width of the display in columns, if known.
    pub columns: Option<usize>,
    /// Whether nobody else is there to approve or to look.
    pub is_alone: bool,
}

/// The form of instants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Clockface {
    /// As text, in the reader's zone.
    #[default]
    Written,
    /// As marks that Discord shows to each reader in their own zone: between two private characters, `t:SECONDS:F` for the
    /// instant, `t:SECONDS:f` for it without its weekday, and `t:SECONDS:R` for its distance. Lines to be copied are marked likewise.
    Marked,
}

fn marked(at: Timestamp, form: char) -> String {
    format!("\u{e000}t:{}:{form}\u{e001}", at.timestamp())
}

/// Applies `form` to a text, except for marked instants.
pub(super) fn around_instants(text: &str, form: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('\u{e000}') {
        let Some((instant, after)) = from.split_once('\u{e001}').filter(|(it, _)| is_instant(it))
        else {
            break;
        };
        out.push_str(&form(before));
        out.push_str(&format!("\u{e000}{instant}\u{e001}"));
        rest = after;
    }
    out.push_str(&form(rest));
    out
}

fn is_instant(marked: &str) -> bool {
    let seconds = marked.strip_prefix("t:").and_then(|it| it.split_once(':'));
    seconds.is_some_and(|(seconds, form)| {
        seconds.parse::<i64>().is_ok() && matches!(form, "F" | "f" | "R")
    })
}

impl Reader {
    /// A reader at a terminal, in this zone and at this time.
    pub const fn new(zone: Tz, now: Timestamp) -> Self {
        Self {
            zone,
            now,
            clockface: Clockface::Written,
            columns: None,
            is_alone: false,
        }
    }

    /// A reader on Discord.
    pub const fn marked(zone: Tz, now: Timestamp) -> Self {
        Self {
            zone,
            now,
            clockface: Clockface::Marked,
            columns: None,
            is_alone: false,
        }
    }

    /// Whether the next commands are shown as buttons, so that they need not be typed.
    pub const fn has_buttons(&self) -> bool {
        matches!(self.clockface, Clockface::Marked)
    }

    /// Between the parts of a message: on a card each is a line, which the eye finds.
    pub const fn gap(&self) -> &'static str {
        match self.clockface {
            Clockface::Written => " ",
            Clockface::Marked => "\n",
        }
    }

    /// Lines to be copied as they are, set as a code block on Discord. They hold no instants.
    pub fn block(&self, lines: &str) -> String {
        match self.clockface {
            Clockface::Written => lines.to_owned(),
            Clockface::Marked => format!("\u{e002}\n{lines}\u{e003}\n"),
        }
    }

    /// An instant with its zone: `2026-03-01 00:00 UTC+8`. Seconds are shown if not zero.
    pub fn instant(&self, at: Timestamp) -> String {
        if self.clockface == Clockface::Marked {
            return marked(at, 'F');
        }
        let local = at.with_timezone(&self.zone);
        let offset = offset_name(local.offset().fix().local_minus_utc());
        format!("{} {offset}", self.wall_clock(at))
    }

    /// An instant as [`Reader::instant`] writes it, without its weekday on Discord.
    pub(super) fn date(&self, at: Timestamp) -> String {
        match self.clockface {
            Clockface::Marked => marked(at, 'f'),
            Clockface::Written => self.instant(at),
        }
    }

    /// An instant where the zone is said elsewhere: `2026-03-01 00:00`.
    pub(super) fn wall_clock(&self, at: Timestamp) -> String {
        let local = at.with_timezone(&self.zone);
        let format = if local.second() == 0 && local.nanosecond() == 0 {
            "%Y-%m-%d %H:%M"
        } else {
            "%Y-%m-%d %H:%M:%S"
        };
        local.format(format).to_string()
    }

    /// An instant with its distance: `2026-03-01 00:00 UTC+8 (in 3 d)`.
    pub fn moment(&self, at: Timestamp) -> String {
        format!("{} ({})", self.instant(at), self.relative(at))
    }

    /// The distance of an instant: `in 3 d`, `2 h ago`, `just now`.
    pub fn relative(&self, at: Timestamp) -> String {
        if self.clockface == Clockface::Marked {
            return marked(at, 'R');
        }
        let distance = at - self.now;
        if distance.abs() < TimeDelta::seconds(1) {
            "just now".to_owned()
        } else if distance > TimeDelta::zero() {
            format!("in {}", length(distance))
        } else {
            format!("{} ago", length(-distance))
        }
    }
}

/// `UTC`, `UTC+8`, `UTC+5:30`.
fn offset_name(seconds: i32) -> String {
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() % 3600 / 60);
    let sign = if seconds < 0 { '-' } else { '+' };
    match (hours, minutes) {
        (0, 0) => "UTC".to_owned(),
        (_, 0) => format!("UTC{sign}{hours}"),
        _ => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// A duration in its two largest units: `3 d 4 h`, `25 min`.
pub fn length(length: TimeDelta) -> String {
    let seconds = length.num_seconds();
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (size, unit) in units {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            parts.push(format!("{count} {unit}"));
        } else if !parts.is_empty() {
            break;
        }
        if parts.len() == 2 {
            break;
        }
    }
    if parts.is_empty() {
        "less than a second".to_owned()
    } else {
        parts.join(" ")
    }
}

/// An instant for machines: RFC 3339 in UTC.
pub fn rfc3339(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
