//! A wording that was taught, or that one of two people asks to teach.

use chrono::TimeDelta;

use super::teach::{Learnt, Lesson};
use crate::domain::Timestamp;
use crate::domain::id::Person;

/// How long a taught wording holds without being used.
pub const UNUSED_FOR: TimeDelta = TimeDelta::days(180);
/// How long the first of two words waits for the second.
pub const ASKED_FOR: TimeDelta = TimeDelta::days(7);
/// How many suppressions by a taught wording are announced.
pub const ANNOUNCED: u32 = 3;

/// Somebody's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub by: Person,
    /// When it was given.
    pub at: Timestamp,
}

/// A wording with those who vouch for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Teaching {
    /// Its number in the workspace, from 1.
    pub number: u64,
    /// The notice that it was made from.
    pub notice: u64,
    /// Where notices of it come from: of no other source does it hold.
    pub source: String,
    pub lesson: Lesson,
    /// What it looks like.
    pub learnt: Learnt,
    /// Who said so first.
    pub asked: Word,
    /// Who said the same; it holds since then.
    pub taught: Option<Word>,
    /// Why one person alone taught it.
    pub alone: Option<String>,
    /// How many notices were suppressed by it.
    pub uses: u32,
    /// When the last of them was.
    pub used: Option<Timestamp>,
    /// Who ended it.
    pub forgotten: Option<Word>,
}

/// How a wording stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// Somebody else has to say the same.
    Asked,
    /// Nobody else said the same in time.
    Lapsed,
    Holds,
    /// It ended by itself.
    Unused,
    /// Somebody ended it.
    Forgotten,
}

impl Teaching {
    /// How it stands at a moment.
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

    /// Those who vouch for it.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        let second = self.taught.as_ref().map(|word| &word.by);
        std::iter::once(&self.asked.by).chain(second.filter(|by| by.id != self.asked.by.id))
    }
}
