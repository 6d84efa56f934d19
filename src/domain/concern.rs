//! Concerns: something at risk or unknown that a person must settle. Derived in one place, from an instance, its change and its
//! notices, for reminders, the digest and the lists of open work.

mod derive;
mod order;
mod rungs;
mod turn;
mod workspace;

pub use derive::concerns;
pub use order::{Rank, Urgency, of_team, words_of};
pub use rungs::{Circle, LADDER, circle, rungs};
pub use turn::next_turn;
pub use workspace::{
    ConcernRecord, Failing, HeldListing, Meaning, RoleState, SeenRole, Unreadable,
    WorkspaceConcern, WorkspaceFacts, meant_roles, next_workspace_turn, workspace_concerns,
};

use super::Timestamp;
use super::authority::Permission;
use super::change::Step;
use super::id::Person;
use super::team::PERMIT_VALID;
use super::words::words;

words! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum ConcernKind {
        /// The permit of an irreversible step lapsed without a report.
        StepOutcomeUnknown = "step-in-doubt",
        /// The permit of an irreversible step was withdrawn while it was valid, or its change ended, without a report.
        PermitWithdrawn = "permit-withdrawn",
        /// Unsubscribing is confirmed, but Standard has not been observed.
        UnsubscribedUnseen = "unsubscribed-unseen",
        /// Unsubscribing is confirmed, and the action was last seen to be Delete, which deletes it at once.
        UnsubscribedOnDelete = "unsubscribed-on-delete",
        /// Unsubscribing is confirmed, but later facts show Platinum.
        StillPlatinum = "still-platinum",
        /// Standard is contested: a file shows it without a change, or one person attested it without an exit.
        EditionDisputed = "edition-disputed",
        /// The edition is unknown: a person said so, or a confirmation was taken back or is in doubt.
        EditionUnknown = "edition-unknown",
        /// A complete listing does not contain it.
        Missing = "missing",
        /// It is recorded as deleted, and a listing read since has it.
        ListedLost = "listed-lost",
        /// It is recorded as deleted, and a person saw it since.
        SeenLost = "seen-lost",
        /// Two sources disagree on the expiry.
        ExpiryDisputed = "expiry-disputed",
        /// The expiry is unknown.
        ExpiryUnknown = "expiry-unknown",
        /// After an upgrade, the new expiry is not recorded.
        RecordExpiry = "record-expiry",
        /// After an upgrade, the action is not chosen.
        ChooseAction = "choose-action",
        /// The action is unknown, contradictory or stale.
        ActionUnsure = "action-unsure",
        /// It expires soon, and the action is attested as Delete.
        Deletes = "deletes",
        /// It expires soon, the action is attested as Delete, and only its auto-renewal, which is attested as on, would save it.
        DeletesUnlessRenewed = "deletes-unless-renewed",
        /// It expires soon.
        Expires = "expires",
        /// It has expired, and the result is not recorded.
        Expired = "expired",
        /// It was seen as Platinum although its release was due: what saves it may still be done.
        OutlivedRelease = "outlived-release",
        /// Auto-renewal will charge during an open downgrade.
        Charges = "charges",
        /// A downgrade near its expiry is not approved.
        Unapproved = "unapproved",
        /// An open change waits for a person.
        ChangeWaits = "change-waits",
        /// Two sources disagree on another fact.
        FactDisputed = "fact-disputed",
        /// Somebody said that another fact is not known any more.
        FactUnsaid = "fact-unsaid",
        /// A vendor notice is raised.
        Notice = "notice",
    }
}

impl ConcernKind {
    /// Whether the reply to its cause, or the alert of it, already mentions it: then the first post follows a day later.
    pub const fn is_told_in_reply(self) -> bool {
        matches!(
            self,
            Self::ExpiryUnknown
                | Self::RecordExpiry
                | Self::ChooseAction
                | Self::ChangeWaits
                | Self::FactUnsaid
                | Self::ListedLost
        )
    }

    /// Whether something irreversible is in doubt.
    pub const fn is_urgent(self) -> bool {
        matches!(
            self,
            Self::StepOutcomeUnknown
                | Self::PermitWithdrawn
                | Self::UnsubscribedUnseen
                | Self::UnsubscribedOnDelete
                | Self::StillPlatinum
        )
    }

    /// Whether it may be lost already: then its first post does not wait half an hour, as that of another urgent one does.
    pub const fn is_told_at_once(self) -> bool {
        matches!(self, Self::UnsubscribedOnDelete)
    }

    /// Whether the reminder of the expiry covers it.
    pub const fn is_told_by_expiry(self) -> bool {
        matches!(
            self,
            Self::ActionUnsure | Self::Deletes | Self::DeletesUnlessRenewed
        )
    }

    /// Whether both the team and the alerts channel are told immediately.
    pub const fn is_alarm(self) -> bool {
        matches!(
            self,
            Self::EditionDisputed
                | Self::Missing
                | Self::ExpiryDisputed
                | Self::StillPlatinum
                | Self::UnsubscribedOnDelete
                | Self::OutlivedRelease
                | Self::SeenLost
        )
    }

    /// Whether it may be deleted at any moment: told daily for a week, whatever the hour.
    pub const fn may_be_deleted(self) -> bool {
        matches!(self, Self::OutlivedRelease)
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
    /// When it starts, then in the digest: the posts of another concern follow.
    Once,
    /// The ladder from its third day on: the post of what opened it has called who can settle it.
    Followed,
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
    /// Attest the facts on which two sources disagree, or that were said to be unknown.
    SayFacts,
    /// Switch auto-renewal off, and attest that.
    SwitchOff,
    /// Record the result of the expiry: renewed, Standard, or lost.
    SayWhatBecame,
    /// Open a downgrade, or attest the renewal.
    Downgrade,
    Confirm {
        change: u64,
        step: Step,
    },
    Reopen {
        change: u64,
        step: Step,
    },
    /// Look what happened to an instance that is reported as unsubscribed: Standard, still Platinum, or gone.
    SayWhetherStandard {
        change: u64,
    },
    /// Say whether a step has happened that nobody has reported.
    SayWhetherDone {
        change: u64,
        step: Step,
        /// Whether the change is open, and the step can be confirmed.
        open: bool,
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
    /// Look whether the instance that is recorded as deleted is there.
    SayWhetherThere,
    /// Look whether the instance is gone, as a notice says.
    SayWhetherGone {
        number: u64,
        /// Whether the notice calls others gone too, so that an answer of its own settles this one.
        of_several: bool,
    },
}

impl Remedy {
    /// The step that it confirms or reopens.
    pub const fn step(self) -> Option<Step> {
        if let Self::Confirm { step, .. }
        | Self::Reopen { step, .. }
        | Self::SayWhetherDone { step, .. } = self
        {
            Some(step)
        } else {
            None
        }
    }

    /// The change of the step that may have happened.
    pub const fn change(self) -> Option<u64> {
        if let Self::Reopen { change, .. }
        | Self::SayWhetherStandard { change }
        | Self::SayWhetherDone { change, .. } = self
        {
            Some(change)
        } else {
            None
        }
    }

    /// The permission that its command needs.
    pub const fn permission(self) -> Permission {
        match self {
            Self::SayAction | Self::SayWhetherGone { .. } => Permission::Attest,
            Self::SayExpiry
            | Self::SayEdition
            | Self::SayFacts
            | Self::SwitchOff
            | Self::SayWhatBecame => Permission::Record,
            Self::Downgrade => Permission::Open,
            Self::Confirm { .. }
            | Self::Reopen { .. }
            | Self::SayWhetherStandard { .. }
            | Self::SayWhetherDone { .. } => Permission::Confirm,
            Self::Next { .. } => Permission::TakePermit,
            Self::Approve { .. } => Permission::Approve,
            Self::Notice { .. } => Permission::Ack,
            Self::SayWhetherThere => Permission::Lose,
        }
    }

    /// The change whose command settles it.
    pub const fn of_change(self) -> Option<u64> {
        match self {
            Self::Confirm { change, .. }
            | Self::Reopen { change, .. }
            | Self::SayWhetherStandard { change }
            | Self::SayWhetherDone { change, .. }
            | Self::Next { change }
            | Self::Approve { change } => Some(change),
            Self::SayAction
            | Self::SayExpiry
            | Self::SayEdition
            | Self::SayFacts
            | Self::SwitchOff
            | Self::SayWhatBecame
            | Self::Downgrade
            | Self::Notice { .. }
            | Self::SayWhetherThere
            | Self::SayWhetherGone { .. } => None,
        }
    }

    /// The notice that it is about.
    pub const fn notice(self) -> Option<u64> {
        if let Self::Notice { number } | Self::SayWhetherGone { number, .. } = self {
            Some(number)
        } else {
            None
        }
    }
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

impl Concern {
    /// The time from which on it can be acknowledged: what opens after an acknowledgement is new. The outcome of a step is in doubt
    /// from the lapse of its permit on, although its posts are counted from the permit.
    pub fn opens_at(&self) -> Timestamp {
        if self.kind == ConcernKind::StepOutcomeUnknown {
            self.since + PERMIT_VALID
        } else {
            self.since
        }
    }
}

/// The permission that somebody lacks to acknowledge these, which ends the mentions of those who may settle them. Approvals are
/// asked for by themselves: who may settle all the rest may acknowledge.
pub fn lacks_to_acknowledge(
    concerns: &[Concern],
    may: impl Fn(Permission) -> bool,
) -> Option<Permission> {
    let open = concerns.iter().filter(|it| it.weight == Weight::Open);
    let needed: Vec<Permission> = open.map(|concern| concern.way.permission()).collect();
    let only_approvals = needed.iter().all(|needed| *needed == Permission::Approve);
    let counts = |needed: &Permission| only_approvals || *needed != Permission::Approve;
    let mut lacking = needed.into_iter().filter(counts);
    lacking.find(|needed| !may(*needed))
}

/// The time at which a concern without a date of its own was first seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    pub kind: ConcernKind,
    pub weight: Weight,
    pub since: Timestamp,
}

/// A raised notice about an instance, not settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RaisedNotice {
    pub number: u64,
    pub since: Timestamp,
    /// The earliest date in the notice.
    pub by: Option<Timestamp>,
    /// Whether it says that the instance is gone.
    pub is_gone: bool,
    /// Whether it names others as well: then each is looked at for itself.
    pub names_several: bool,
    /// Whether it is about an expiry, which has reminders of its own.
    pub is_of_expiry: bool,
}
