//! A fact: a value with its source, who gave it and when; or the reason why there is none.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::id::Person;

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A person looked and said so.
    Attested,
    /// A file of the vendor's data said so.
    Imported,
    /// It follows from a confirmed step and what the vendor documents.
    Derived,
}

/// A value somebody or something vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Known<T> {
    pub value: T,
    /// Where it comes from.
    pub source: Source,
    /// Who gave it.
    pub by: Person,
    /// When it was true.
    pub at: Timestamp,
}

/// How far the clocks of people and machines may differ.
pub const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(2);

/// Whether an instant claims to be of a time that has not come: a clock was wrong, now or then. What is dated so counts
/// for nothing until its time has come.
pub fn is_ahead(at: Timestamp, now: Timestamp) -> bool {
    at - now > CLOCKS_DIFFER
}

impl<T> Known<T> {
    /// Whether it claims to be of a time that has not come: a clock was wrong, now or then, so its age is not known.
    pub fn is_ahead(&self, now: Timestamp) -> bool {
        is_ahead(self.at, now)
    }

    /// How old the value is; never negative.
    pub fn age(&self, now: Timestamp) -> TimeDelta {
        (now - self.at).max(TimeDelta::zero())
    }
}

/// Why a fact is unknown; each with its own way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gap {
    /// Nobody has said it yet.
    NeverSaid,
    /// Somebody said that it is not known.
    SaidUnknown,
    /// Standard Edition has no such thing.
    OnlyPlatinum,
    /// The instance was upgraded: what held before is void.
    Upgraded,
    /// The expiry moved: the action must be attested again (rule `action-known`).
    Renewed,
    /// Sources disagreed on the edition, or it was said to be unknown: it may have left Platinum and come back since
    /// somebody looked.
    EditionSettled,
    /// A confirmation was taken back.
    TakenBack,
    /// The file that said it was taken back.
    FileTakenBack,
    /// A change ended while a permit's step was in doubt. Only a person's word settles it.
    OutcomeUnknown,
    /// A listing that claims to be complete does not have the instance.
    Missing,
    /// Only a file has said it, which is not relied on.
    Unverified,
    /// The database was restored from a copy: it may have changed since.
    Restored,
}

/// A fact: known, unknown, or contradicted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact<T> {
    /// There is no value to rely on.
    Unknown {
        /// Why not.
        gap: Gap,
        /// Since when; `None` when it never was known.
        since: Option<Timestamp>,
    },
    Known(Known<T>),
    /// A newer import disagrees with what was held. Neither is relied on until someone attests.
    Contradictory {
        held: Known<T>,
        /// What the import says.
        other: Known<T>,
    },
}

impl<T> Default for Fact<T> {
    fn default() -> Self {
        Self::never()
    }
}

impl<T> Fact<T> {
    /// A fact nobody has given yet.
    pub const fn never() -> Self {
        Self::Unknown {
            gap: Gap::NeverSaid,
            since: None,
        }
    }

    /// A fact that an event at `since` has made unknown.
    pub const fn gone(gap: Gap, since: Timestamp) -> Self {
        Self::Unknown {
            gap,
            since: Some(since),
        }
    }

    /// A person's word.
    pub fn attested(value: T, by: &Person, at: Timestamp) -> Self {
        Self::Known(Known {
            value,
            source: Source::Attested,
            by: by.clone(),
            at,
        })
    }

    /// What follows from a confirmed step.
    pub fn derived(value: T, by: &Person, at: Timestamp) -> Self {
        Self::Known(Known {
            value,
            source: Source::Derived,
            by: by.clone(),
            at,
        })
    }

    /// The same fact, its values made into others.
    pub fn map<U>(&self, make: impl Fn(&T) -> U) -> Fact<U> {
        let known = |known: &Known<T>| Known {
            value: make(&known.value),
            source: known.source,
            by: known.by.clone(),
            at: known.at,
        };
        match self {
            Self::Unknown { gap, since } => Fact::Unknown {
                gap: *gap,
                since: *since,
            },
            Self::Known(held) => Fact::Known(known(held)),
            Self::Contradictory { held, other } => Fact::Contradictory {
                held: known(held),
                other: known(other),
            },
        }
    }

    /// The known value with its provenance, if it is known and not contradicted.
    pub const fn known(&self) -> Option<&Known<T>> {
        match self {
            Self::Known(known) => Some(known),
            Self::Unknown { .. } | Self::Contradictory { .. } => None,
        }
    }

    /// The value, if it is known and not contradicted.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Known(known) => Some(&known.value),
            Self::Unknown { .. } | Self::Contradictory { .. } => None,
        }
    }

    /// The value held, also where an import contradicts it.
    pub const fn held(&self) -> Option<&Known<T>> {
        match self {
            Self::Known(held) | Self::Contradictory { held, .. } => Some(held),
            Self::Unknown { .. } => None,
        }
    }

    /// Whether two sources disagree.
    pub const fn is_contradictory(&self) -> bool {
        matches!(self, Self::Contradictory { .. })
    }

    /// Every value that somebody vouches for: none, one, or the two that disagree.
    pub fn candidates(&self) -> impl Iterator<Item = &Known<T>> {
        let (first, second) = match self {
            Self::Unknown { .. } => (None, None),
            Self::Known(known) => (Some(known), None),
            Self::Contradictory { held, other } => (Some(held), Some(other)),
        };
        first.into_iter().chain(second)
    }
}
