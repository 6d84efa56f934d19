//! Reminders of an instance: planned from the facts every time, never stored as plans.

mod cadence;
mod due;
mod plan;
mod situation;

pub use cadence::{Cadence, Days, Quiet};
pub use due::{DueDecision, Why, decide};
pub use plan::{Mute, Planned, plan};
pub use situation::{
    Acked, Attention, DAY_THREE, KNOWN_AFTER_EXPIRY, KNOWN_FOR, ReminderRow, Risk, RiskSeen,
    SinceExpiry, Situation, Snooze,
};

use std::fmt;

use super::Timestamp;
use super::case::Case;
use super::change::{ChangeKind, Step};
use super::concern::{ConcernKind, Rhythm};

/// The subject of a reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    Expiry,
    /// Auto-renewal will charge during an open downgrade.
    Charge,
    /// A fact that would be stale at the expiry needs a new attestation.
    Attest,
    Concern(ConcernKind),
}

impl Topic {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expiry => "expiry",
            Self::Charge => "charge",
            Self::Attest => "attest",
            Self::Concern(kind) => kind.as_str(),
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "expiry" => Some(Self::Expiry),
            "charge" => Some(Self::Charge),
            "attest" => Some(Self::Attest),
            _ => ConcernKind::from_word(word).map(Self::Concern),
        }
    }
}

/// A time for a reminder, relative to its subject. Reminded of at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Level {
    pub topic: Topic,
    /// Hours after the expiry, or after the start of a concern; negative before.
    pub hours: i32,
}

impl Level {
    /// Parses the stored form, `expiry-720h`.
    pub fn parse(code: &str) -> Option<Self> {
        let (topic, hours) = code.split_at(code.rfind(['+', '-'])?);
        Some(Self {
            topic: Topic::from_word(topic)?,
            hours: hours.strip_suffix('h')?.parse().ok()?,
        })
    }

    /// Whether it is the alert at the end of the days after an expiry.
    pub const fn is_alert(self) -> bool {
        matches!(self.topic, Topic::Expiry) && self.hours == plan::ALERT_HOURS
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:+}h", self.topic.as_str(), self.hours)
    }
}

impl serde::Serialize for Level {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Level {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let code = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        Self::parse(&code).ok_or_else(|| serde::de::Error::custom("no such level"))
    }
}

/// A level of one expiry or upgrade, announced exactly once.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Point {
    /// The expiry, or the time of the previous step.
    pub of: Timestamp,
    pub level: Level,
}

impl Point {
    /// The rhythm at a moment; of several reminders together, the later variant comes first.
    pub fn rhythm(&self, now: Timestamp) -> Rhythm {
        match self.level.topic {
            Topic::Expiry if self.of <= now => Rhythm::AfterExpiry,
            Topic::Concern(kind) if kind.may_be_deleted() => Rhythm::AfterExpiry,
            Topic::Concern(kind) if kind.is_urgent() => Rhythm::Urgent,
            Topic::Expiry | Topic::Charge => Rhythm::Expiry,
            Topic::Concern(_) => Rhythm::Ladder,
            Topic::Attest => Rhythm::Digest,
        }
    }
}

/// The subject of an instance's reminders: its expiry, the earlier of two contradictory ones; without one, its upgrade.
pub fn subject(case: &Case) -> Option<Timestamp> {
    case.instance.possible_expiries().min().or_else(|| {
        let change = case.open_change()?;
        let upgraded = change.record(Step::Upgrade)?;
        (change.kind == ChangeKind::Upgrade).then_some(upgraded.at)
    })
}

/// A line of a reminder message, for one instance.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ReminderEntry {
    /// The full instance id.
    pub instance: String,
    pub points: Vec<Point>,
    /// The time it was due, if late.
    pub late: Option<Timestamp>,
    /// Whether it was snoozed.
    pub again: bool,
}

/// A reminder message: the entries that are due together in one channel.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Batch {
    pub remind: Vec<ReminderEntry>,
    /// Whether it is a checklist of facts to attest again.
    pub checklist: bool,
}
