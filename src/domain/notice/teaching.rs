//! The state of a taught wording, or of a request to teach one, which needs two people.

use chrono::TimeDelta;

use super::teach::{Learnt, Lesson};
use crate::Timestamp;
use crate::id::Person;

/// The time without use after which a taught wording lapses.
pub const UNUSED_FOR: TimeDelta = TimeDelta::days(180);
/// The time in which the second person must agree.
pub const ASKED_FOR: TimeDelta = TimeDelta::days(7);
/// The number of suppressions by a taught wording that are announced.
pub const ANNOUNCED: u32 = 3;

/// A person's statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub by: Person,
    pub at: Timestamp,
}

/// A wording with the people who vouch for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Teaching {
    /// Its number in the workspace, from 1.
    pub number: u64,
    /// The notice it was made from.
    pub notice: u64,
    /// The origin it is limited to.
    pub source: String,
    pub lesson: Lesson,
    /// The templates.
    pub learnt: Learnt,
    /// The first person.
    pub asked: Word,
    /// The second person, whose agreement activates it.
    pub taught: Option<Word>,
    /// The reason for teaching it alone.
    pub alone: Option<String>,
    /// The number of notices it suppressed.
    pub uses: u32,
    /// The time of the last one.
    pub used: Option<Timestamp>,
    /// The person who ended it.
    pub forgotten: Option<Word>,
}

/// The state of a wording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// It waits for the second person.
    Asked,
    /// No second person agreed in time.
    Lapsed,
    Holds,
    /// It lapsed without use.
    Unused,
    /// A person ended it.
    Forgotten,
}

impl Teaching {
    pub fn stands(&self, now: Timestamp) -> Stands {
        match (&self.forgotten, &self.taught) {
            (Some(_), _) => Stands::Forgotten,
            (None, None) if now < self.asked.at + ASKED_FOR => Stands::Asked,
            (None, None) => Stands::Lapsed,
            (None, Some(taught)) => {
                let last = self.used.map_or(taught.at, |used| used.max(taught.at));
                if now < last + UNUSED_FOR {
                    Stands::Holds
                } else {
                    Stands::Unused
                }
            }
        }
    }

    /// The people who vouch for it.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        let second = self.taught.as_ref().map(|word| &word.by);
        std::iter::once(&self.asked.by).chain(second.filter(|by| by.id != self.asked.by.id))
    }
}
