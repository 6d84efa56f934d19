//! What is open: something that may be lost, or that is not known, and that somebody must settle. Derived in one place, from
//! an instance, its change and its notices; reminders, the digest and lists of what is to be done are made from it.

mod derive;
mod order;
mod rungs;
mod turn;
mod workspace;

pub use derive::concerns;
pub use order::{Rank, Urgency, words_of};
pub use rungs::{Circle, circle, rungs};
pub use turn::next_turn;
pub use workspace::{
    ConcernRecord, Failing, HeldListing, Meaning, RoleState, SeenRole, Unreadable,
    WorkspaceConcern, WorkspaceFacts, meant_roles, next_workspace_turn, workspace_concerns,
};

use super::Timestamp;
use super::change::Step;
use super::id::Person;
use super::instance::words;

/// What is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ConcernKind {
    /// The permit of an irreversible step lapsed, and nobody has said what happened.
    StepOutcomeUnknown,
    /// Somebody confirmed that it is unsubscribed, and nobody has seen Standard.
    UnsubscribedUnseen,
    /// It is said to be unsubscribed, and what was said since shows it as Platinum.
    StillPlatinum,
    /// It is disputed whether it is Standard: a file says so without a change, or one person without an exit.
    EditionDisputed,
    /// Nobody knows whether it is Standard: that was said, or a confirmation was taken back or is in doubt.
    EditionUnknown,
    /// A complete listing does not have it.
    Missing,
    /// Two sources disagree on when it expires.
    ExpiryDisputed,
    /// Nobody knows when it expires.
    ExpiryUnknown,
    /// After an upgrade nobody has recorded when the new subscription expires.
    RecordExpiry,
    /// After an upgrade nobody has chosen what becomes of it at its expiry.
    ChooseAction,
    /// The action is unknown, contradictory, or was seen too long ago.
    ActionUnsure,
    /// It expires soon, and the action is Delete by somebody's word.
    Deletes,
    /// It expires soon.
    Expires,
    /// It has expired, and nobody has said what became of it.
    Expired,
    /// Auto-renewal will charge while a downgrade is open.
    Charges,
    /// A downgrade is not approved, and its expiry is near.
    Unapproved,
    /// An open change waits for somebody.
    ChangeWaits,
    /// Two sources disagree on something else.
    FactDisputed,
    /// A notice of the vendor's is raised.
    Notice,
}

words!(ConcernKind {
    StepOutcomeUnknown = "step-in-doubt",
    UnsubscribedUnseen = "unsubscribed-unseen",
    StillPlatinum = "still-platinum",
    EditionDisputed = "edition-disputed",
    EditionUnknown = "edition-unknown",
    Missing = "missing",
    ExpiryDisputed = "expiry-disputed",
    ExpiryUnknown = "expiry-unknown",
    RecordExpiry = "record-expiry",
    ChooseAction = "choose-action",
    ActionUnsure = "action-unsure",
    Deletes = "deletes",
    Expires = "expires",
    Expired = "expired",
    Charges = "charges",
    Unapproved = "unapproved",
    ChangeWaits = "change-waits",
    FactDisputed = "fact-disputed",
    Notice = "notice",
});

impl ConcernKind {
    /// Whether the reply to what opened it has said so: then the first post about it comes a day later.
    pub const fn is_told_in_reply(self) -> bool {
        matches!(
            self,
            Self::ExpiryUnknown | Self::RecordExpiry | Self::ChooseAction | Self::ChangeWaits
        )
    }

    /// Whether something irreversible is in doubt.
    pub const fn is_urgent(self) -> bool {
        matches!(
            self,
            Self::StepOutcomeUnknown | Self::UnsubscribedUnseen | Self::StillPlatinum
        )
    }

    /// Whether a reminder of the expiry says the same: what becomes of it then.
    pub const fn is_told_by_expiry(self) -> bool {
        matches!(self, Self::ActionUnsure | Self::Deletes)
    }

    /// Whether the team and the alerts channel are both told at once.
    pub const fn is_alarm(self) -> bool {
        matches!(
            self,
            Self::EditionDisputed | Self::Missing | Self::ExpiryDisputed | Self::StillPlatinum
        )
    }
}

/// Whether people are told unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Weight {
    /// It is in the digest and in lists only: merely unknown or stale, with nothing near.
    Noted,
    /// People are told.
    Open,
}

/// How often people are told; a later one goes before an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rhythm {
    /// In the weekly digest only.
    Digest,
    /// At 0, 1, 3, 7 and 15 days, then in the digest.
    Ladder,
    /// On the days before an expiry.
    Expiry,
    /// Something irreversible is in doubt: after 30 minutes, 2 and 24 hours, daily for a week, then in the digest.
    Urgent,
    AfterExpiry,
}

/// Who can settle it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Owner {
    /// One person: who took the permit, who opened the change, who said it.
    Person(Person),
    /// The instance's team; the approvers where it has none.
    Team,
    Approvers,
}

/// With what it is settled: a command, which `render` writes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Remedy {
    /// Look at the action and say what it is.
    SayAction,
    SayExpiry,
    /// Look and say which edition it has.
    SayEdition,
    /// Say what is known of it: two sources disagree.
    SayFacts,
    /// Switch auto-renewal off, and say so.
    SwitchOff,
    /// Say what became of it: renewed, Standard, or lost.
    SayWhatBecame,
    /// Begin a downgrade, or say that it is renewed.
    Downgrade,
    /// Say that a step is done.
    Confirm {
        change: u64,
        step: Step,
    },
    /// Take a confirmation back.
    Reopen {
        change: u64,
        step: Step,
    },
    /// Take the next step.
    Next {
        change: u64,
    },
    /// Approve, or reject.
    Approve {
        change: u64,
    },
    /// Say that one knows of a notice.
    Notice {
        number: u64,
    },
}

/// Something open.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Concern {
    pub kind: ConcernKind,
    pub since: Timestamp,
    /// Whether people are told unasked.
    pub weight: Weight,
    /// How often.
    pub rhythm: Rhythm,
    /// By when it must be settled, where there is such a moment.
    pub by: Option<Timestamp>,
    /// Who can settle it.
    pub owner: Owner,
    pub way: Remedy,
}

/// When a concern that facts alone do not date was first seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    pub kind: ConcernKind,
    pub since: Timestamp,
}

/// A raised notice about an instance, that nobody has settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RaisedNotice {
    pub number: u64,
    /// Since when it is raised.
    pub since: Timestamp,
    /// The earliest moment at which what it announces may happen.
    pub by: Option<Timestamp>,
}
