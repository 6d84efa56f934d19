//! Encoding of values in columns.

use chrono::DateTime;

use super::{StoreError, StoreResult};
use crate::domain::Timestamp;
use crate::domain::fact::{Gap, Source};
use crate::domain::id::{CommodityId, Person};
use crate::domain::instance::{AtExpiry, Edition, PostExpirationAction, Switch};

/// A value stored as text.
pub(super) trait Coded: Sized {
    fn encode(&self) -> String;
    fn decode(text: &str) -> Option<Self>;
}

macro_rules! coded_by_words {
    ($($name:ty),+) => {
        $(impl Coded for $name {
            fn encode(&self) -> String {
                self.as_str().to_owned()
            }

            fn decode(text: &str) -> Option<Self> {
                Self::from_word(text)
            }
        })+
    };
}

coded_by_words!(Edition, PostExpirationAction, Switch);

macro_rules! coded_as {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl Coded for $name {
            fn encode(&self) -> String {
                match self {
                    $(Self::$variant => $word),+
                }
                .to_owned()
            }

            fn decode(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

coded_as!(Source { Attested = "attested", Imported = "imported", Derived = "derived" });
coded_as!(AtExpiry { Converts = "converts", AtRisk = "at-risk" });
coded_as!(Gap {
    NeverSaid = "never-said",
    SaidUnknown = "said-unknown",
    OnlyPlatinum = "only-platinum",
    Upgraded = "upgraded",
    WasStandard = "was-standard",
    Renewed = "renewed",
    EditionSettled = "edition-settled",
    TakenBack = "taken-back",
    FileTakenBack = "file-taken-back",
    OutcomeUnknown = "in-doubt",
    Missing = "missing",
    Unverified = "hearsay",
    Restored = "restored",
    ObserverGone = "observer-gone",
    AheadOfClock = "ahead-of-clock",
});

impl Coded for u32 {
    fn encode(&self) -> String {
        self.to_string()
    }

    fn decode(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Coded for CommodityId {
    fn encode(&self) -> String {
        self.to_string()
    }

    fn decode(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl Coded for Timestamp {
    fn encode(&self) -> String {
        self.timestamp_millis().to_string()
    }

    fn decode(text: &str) -> Option<Self> {
        instant(text.parse().ok()?)
    }
}

/// The instant of a number of milliseconds; `None` when it is out of range.
pub(super) fn instant(ms: i64) -> Option<Timestamp> {
    DateTime::from_timestamp_millis(ms)
}

/// A person from two columns.
pub(super) fn person(id: Option<&str>, name: Option<&str>) -> Option<Person> {
    Some(Person {
        id: id?.into(),
        name: name?.into(),
    })
}

/// A row being read, for the error when a column is invalid.
pub(super) struct Row<'a> {
    pub(super) table: &'static str,
    pub(super) key: &'a str,
}

impl<'a> Row<'a> {
    pub(super) const fn of(table: &'static str, key: &'a str) -> Self {
        Self { table, key }
    }

    /// The value of a required column.
    pub(super) fn need<T>(&self, column: &'static str, value: Option<T>) -> StoreResult<T> {
        value.ok_or_else(|| StoreError::damaged(self.table, self.key.to_owned(), column))
    }

    /// The value of an optional column.
    pub(super) fn may<S, T>(
        &self,
        column: &'static str,
        stored: Option<S>,
        read: impl FnOnce(S) -> Option<T>,
    ) -> StoreResult<Option<T>> {
        stored
            .map(|stored| self.need(column, read(stored)))
            .transpose()
    }
}
