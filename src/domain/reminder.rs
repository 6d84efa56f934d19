//! What is due when for an instance, by what is known of it: reminders are planned from the facts, never kept as plans.

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
use super::concern::ConcernKind;

/// What is reminded of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    Expiry,
    /// Auto-renewal will charge while a downgrade is open.
    Charge,
    /// What would be stale at the expiry is to be attested again.
    Attest,
    /// Something is open.
    Concern(ConcernKind),
}

impl Topic {
    /// The word that the store keeps.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expiry => "expiry",
            Self::Charge => "charge",
            Self::Attest => "attest",
            Self::Concern(kind) => kind.as_str(),
        }
    }

    /// The topic of a word; `None` when there is no such word.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "expiry" => Some(Self::Expiry),
            "charge" => Some(Self::Charge),
            "attest" => Some(Self::Attest),
            _ => ConcernKind::from_word(word).map(Self::Concern),
        }
    }
}

/// One of the moments at which something is reminded of, counted from what it is about. Never reminded of twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Level {
    /// What is reminded of.
    pub topic: Topic,
    /// Hours after the expiry, or since something is open; negative ones are before it.
    pub hours: i32,
}

impl Level {
    /// As the store keeps it: `expiry-720h`.
    pub fn parse(code: &str) -> Option<Self> {
        let (topic, hours) = code.split_at(code.rfind(['+', '-'])?);
        Some(Self {
            topic: Topic::from_word(topic)?,
            hours: hours.strip_suffix('h')?.parse().ok()?,
        })
    }

    /// Whether it is the alert with which the days after an expiry end.
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

/// A level of one expiry, or of one upgrade: what is said exactly once.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Point {
    /// The expiry, or when the step before was recorded.
    pub of: Timestamp,
    pub level: Level,
}

/// What the reminders of an instance are about: its expiry, the earlier of contradictory ones; before it has any, its
/// upgrade.
pub fn subject(case: &Case) -> Option<Timestamp> {
    case.instance.reminded_expiry().or_else(|| {
        let change = case.open_change()?;
        let upgraded = change.record(Step::Upgrade)?;
        (change.kind == ChangeKind::Upgrade).then_some(upgraded.at)
    })
}

/// A line of a message: what it reminds of, of one instance.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ReminderEntry {
    /// The full id of the instance.
    pub instance: String,
    /// The levels.
    pub points: Vec<Point>,
    /// Since when it was due, where it comes late.
    pub late: Option<Timestamp>,
    /// Whether it comes again because somebody asked for that.
    pub again: bool,
}

/// A message: what is due together in one channel.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Batch {
    /// Its lines.
    pub remind: Vec<ReminderEntry>,
    /// Whether it is a checklist of what is to be attested again.
    pub checklist: bool,
}
