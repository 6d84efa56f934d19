//! Parts of answers.

use chrono_tz::Tz;

use super::{InstanceMatch, Offer};
use crate::domain::Timestamp;
use crate::domain::change::Step;
use crate::domain::id::{Namesake, Region, TeamName};
use crate::domain::instance::Instance;
use crate::domain::notice::{Beside, Leftover, NoticeRecord};
use crate::domain::reminder::{Level, Why};

/// The number of instances that keep the name of a removed team; `more` if not all are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keeping {
    pub instances: usize,
    pub more: bool,
}

/// A notice that was handed in, with the material for its answer.
#[derive(Debug)]
pub struct NoticeTaken {
    pub filed: NoticeRecord,
    /// The instances it names.
    pub known: Vec<Instance>,
    /// The instances its names suggest.
    pub near: Vec<InstanceMatch>,
    pub beside: Vec<Beside>,
    /// The notice that it repeats, or that reported the same loss today.
    pub other: Option<NoticeRecord>,
    /// The text that no wording reads.
    pub left: Option<Leftover>,
    /// The wording that may be taught from it.
    pub offer: Option<Offer>,
}

/// A raised notice, with what no wording reads of it.
#[derive(Debug)]
pub struct Raised {
    pub filed: NoticeRecord,
    pub left: Option<Leftover>,
}

/// The reason why a permit is not given on this surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// Others read the reply too.
    Elsewhere,
    /// The instance was picked from a list; its name has to be typed.
    NotNamed,
    /// The typed name is another one.
    NamedWrongly,
}

/// A kind of item on a server, looked up by name or id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatItem {
    Role,
    Channel,
}

/// The result of a snooze.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Snoozed {
    /// The reminder is repeated then; `capped` if the next planned one comes before the requested time.
    Until { until: Timestamp, capped: bool },
    /// No reminder has been shown yet.
    NothingShown { next: Option<Timestamp> },
    /// The instance has expired and may be deleted, so a snooze has no effect.
    Never { next: Option<Timestamp> },
}

/// The outcome of a reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminded {
    pub level: Level,
    pub due: Timestamp,
    /// The reason why it was not posted.
    pub skipped: Option<Why>,
    /// The time of posting; `None` if it has not been, or has no post.
    pub sent: Option<Timestamp>,
}

/// A step needs more approvals, or looks at the action, than there are people to give them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooFew {
    pub step: Step,
    /// The number of other people who could approve.
    pub able: u32,
    pub needed: u8,
    /// Whether looks are lacking, and not approvals.
    pub looks: bool,
}

/// The change concerned by a denied command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeniedChange {
    pub number: u64,
    /// The name of its instance.
    pub instance: String,
}

/// The interpretation of a time without a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadAs {
    pub at: Timestamp,
    pub zone: Tz,
}

/// A doubt about accepted input, probably a typo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The region is not on the vendor's published list.
    UnknownRegion(Region),
    /// The given expiry is in the past.
    AlreadyExpired(Timestamp),
    /// Auto-renewal is on, and was said too late to renew it at this expiry.
    RenewsTooLate { handle: String, expires: Timestamp },
    /// A time without a zone, read in the vendor's.
    ReadAs(ReadAs),
    /// The team is not configured although others are; `near` is the most similar name.
    UnknownTeam {
        team: TeamName,
        near: Option<String>,
    },
    /// Nobody is called by the team; `described` means that it only lacks a role to mention, `near` is the most similar name.
    TeamNotCalled {
        team: TeamName,
        described: bool,
        near: Option<String>,
    },
    /// Other instances have this name too; `handle` is unambiguous.
    SharedName { handle: String, others: usize },
    /// Another tracked instance has a name that looks similar.
    LooksLike(Namesake),
    /// One person's word of Standard, where no exit is recorded: it counts as Platinum until it is settled.
    OneWord {
        handle: String,
        /// The open change that has no exit on record.
        change: Option<u64>,
        /// Whether the same person may say it again to settle it.
        again: bool,
    },
    /// The action was said while the edition is not certain, which is to be said first.
    EditionFirst { handle: String },
    /// These raised notices call the instance gone; they came before it was tracked.
    CalledGone(Vec<u64>),
}
