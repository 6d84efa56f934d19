//! A fact: a value with its source, person and date, or the reason for a gap.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::id::Person;

/// The source of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Observed and attested by a person.
    Attested,
    /// Read from a file of the vendor's data.
    Imported,
    /// Derived from a confirmed step and the vendor's documentation.
    Derived,
}

/// A value with its provenance.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Known<T> {
    pub value: T,
    pub source: Source,
    pub by: Person,
    /// The time at which it was true.
    pub at: Timestamp,
}

/// The tolerated difference between clocks.
pub const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(2);

/// Whether an instant lies ahead of the clock, because a clock was wrong, now or then. It counts for nothing until its time has
/// come.
pub fn is_ahead(at: Timestamp, now: Timestamp) -> bool {
    at - now > CLOCKS_DIFFER
}

impl<T> Known<T> {
    /// Whether it is dated ahead of the clock, so that its age is unknown.
    pub fn is_ahead(&self, now: Timestamp) -> bool {
        is_ahead(self.at, now)
    }

    /// The age of the value; never negative.
    pub fn age(&self, now: Timestamp) -> TimeDelta {
        (now - self.at).max(TimeDelta::zero())
    }
}

/// The reason why a fact is unknown; each is settled in its own way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gap {
    NeverSaid,
    /// Attested as unknown.
    SaidUnknown,
    /// Standard Edition has no such fact.
    OnlyPlatinum,
    /// The instance was upgraded, so earlier values are void.
    Upgraded,
    /// It was Standard, and is Platinum again: the expiry of before is probably not its own.
    WasStandard,
    /// The expiry moved: the action must be attested again (rule `action-known`).
    Renewed,
    /// Sources disagreed on the edition, or it was unknown: it may have left Platinum and come back since the last observation.
    EditionSettled,
    /// A confirmation was taken back.
    TakenBack,
    /// The import was undone.
    FileTakenBack,
    /// A change ended while the outcome of a step was unknown. Only an attestation settles it.
    OutcomeUnknown,
    /// A complete listing does not contain the instance.
    Missing,
    /// Only a file gives it, which is not relied on.
    Unverified,
    /// The database was restored from a backup: it may have changed since.
    Restored,
    /// Who had seen it has left, and nobody else had.
    ObserverGone,
    /// It was said while the clock was ahead, so when it was true is not known.
    AheadOfClock,
}

/// A fact: known, unknown, or contradicted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact<T> {
    /// No reliable value.
    Unknown {
        gap: Gap,
        /// `None` when it was never known.
        since: Option<Timestamp>,
    },
    Known(Known<T>),
    /// A newer import disagrees with the held value. Neither is relied on until a person attests it.
    Contradictory {
        held: Known<T>,
        /// The imported value.
        other: Known<T>,
    },
}

impl<T> Default for Fact<T> {
    fn default() -> Self {
        Self::never()
    }
}

impl<T> Fact<T> {
    /// A fact that was never given.
    pub const fn never() -> Self {
        Self::Unknown {
            gap: Gap::NeverSaid,
            since: None,
        }
    }

    /// A fact made unknown by an event at `since`.
    pub const fn gone(gap: Gap, since: Timestamp) -> Self {
        Self::Unknown {
            gap,
            since: Some(since),
        }
    }

    pub fn attested(value: T, by: &Person, at: Timestamp) -> Self {
        Self::Known(Known {
            value,
            source: Source::Attested,
            by: by.clone(),
            at,
        })
    }

    /// A fact derived from a confirmed step.
    pub fn derived(value: T, by: &Person, at: Timestamp) -> Self {
        Self::Known(Known {
            value,
            source: Source::Derived,
            by: by.clone(),
            at,
        })
    }

    /// The value that does not count because another instance claims it too (a commodity id), and for no other reason.
    pub fn claimed_by_others(&self) -> Option<&Known<T>>
    where
        T: PartialEq,
    {
        match self {
            Self::Contradictory { held, other } if held == other => Some(held),
            Self::Contradictory { .. } | Self::Known(_) | Self::Unknown { .. } => None,
        }
    }

    /// The same fact with mapped values.
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

    /// The held value, even if an import contradicts it.
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

    /// The values with provenance: none, one, or two that disagree.
    pub fn candidates(&self) -> impl Iterator<Item = &Known<T>> {
        let (first, second) = match self {
            Self::Unknown { .. } => (None, None),
            Self::Known(known) => (Some(known), None),
            Self::Contradictory { held, other } => (Some(held), Some(other)),
        };
        first.into_iter().chain(second)
    }
}
