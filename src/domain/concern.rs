//! Concerns: something at risk or unknown that a person must settle. Derived in one place, from an instance, its change and its
//! notices, for reminders, the digest and the lists of open work.

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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ConcernKind {
    /// The permit of an irreversible step lapsed without a report.
    StepOutcomeUnknown,
    /// Unsubscribing is confirmed, but Standard has not been observed.
    UnsubscribedUnseen,
    /// Unsubscribing is confirmed, but later facts show Platinum.
    StillPlatinum,
    /// Standard is contested: a file shows it without a change, or one person attested it without an exit.
    EditionDisputed,
    /// The edition is unknown: a person said so, or a confirmation was taken back or is in doubt.
    EditionUnknown,
    /// A complete listing does not contain it.
    Missing,
    /// Two sources disagree on the expiry.
    ExpiryDisputed,
    /// The expiry is unknown.
    ExpiryUnknown,
    /// After an upgrade, the new expiry is not recorded.
    RecordExpiry,
    /// After an upgrade, the action is not chosen.
    ChooseAction,
    /// The action is unknown, contradictory or stale.
    ActionUnsure,
    /// It expires soon, and the action is attested as Delete.
    Deletes,
    /// It expires soon.
    Expires,
    /// It has expired, and the result is not recorded.
    Expired,
    /// Auto-renewal will charge during an open downgrade.
    Charges,
    /// A downgrade near its expiry is not approved.
    Unapproved,
    /// An open change waits for a person.
    ChangeWaits,
    /// Two sources disagree on another fact.
    FactDisputed,
    /// A vendor notice is raised.
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
    /// Whether the reply to its cause already mentions it: then the first post follows a day later.
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

    /// Whether the reminder of the expiry covers it.
    pub const fn is_told_by_expiry(self) -> bool {
        matches!(self, Self::ActionUnsure | Self::Deletes)
    }

    /// Whether both the team and the alerts channel are told immediately.
    pub const fn is_alarm(self) -> bool {
        matches!(
            self,
            Self::EditionDisputed | Self::Missing | Self::ExpiryDisputed | Self::StillPlatinum
        )
    }
}

/// Whether a concern is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Weight {
    /// In the digest and in lists only: unknown or stale, with nothing near.
    Noted,
    /// Announced.
    Open,
}

/// The schedule of announcements; later variants take precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rhythm {
    /// In the weekly digest only.
    Digest,
    /// At 0, 1, 3, 7 and 15 days, then in the digest.
    Ladder,
    /// On the days before the expiry.
    Expiry,
    /// For irreversible steps: after 30 minutes, 2 and 24 hours, daily for a week, then in the digest.
    Urgent,
    AfterExpiry,
}

/// The people who can settle it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Owner {
    /// One person: the permit's holder, the change's owner, or the attester.
    Person(Person),
    /// The instance's team, or the approvers if it has none.
    Team,
    Approvers,
}

/// The command that settles it, as `render` writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Remedy {
    /// Observe the action and attest it.
    SayAction,
    SayExpiry,
    /// Observe the edition and attest it.
    SayEdition,
    /// Attest the facts on which two sources disagree.
    SayFacts,
    /// Switch auto-renewal off, and attest that.
    SwitchOff,
    /// Record the result of the expiry: renewed, Standard, or lost.
    SayWhatBecame,
    /// Open a downgrade, or attest the renewal.
    Downgrade,
    /// Confirm a step.
    Confirm {
        change: u64,
        step: Step,
    },
    /// Reopen a step.
    Reopen {
        change: u64,
        step: Step,
    },
    /// Take the next step.
    Next {
        change: u64,
    },
    Approve {
        change: u64,
    },
    /// Acknowledge a notice.
    Notice {
        number: u64,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Concern {
    pub kind: ConcernKind,
    pub since: Timestamp,
    pub weight: Weight,
    pub rhythm: Rhythm,
    /// The deadline.
    pub by: Option<Timestamp>,
    pub owner: Owner,
    pub way: Remedy,
}

/// The time at which a concern without a date of its own was first seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    pub kind: ConcernKind,
    pub since: Timestamp,
}

/// A raised notice about an instance, not settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RaisedNotice {
    pub number: u64,
    pub since: Timestamp,
    /// The earliest date in the notice.
    pub by: Option<Timestamp>,
}
