//! Events of an instance or its change: the history.

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::approval::Told;
use super::change::{Route, Step};
use super::id::{CommodityId, Person};
use super::instance::{Edition, PostExpirationAction, Switch};
use super::rules::FactKind;

/// A fact's value without its provenance, for fingerprints and "from … to …".
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactValue {
    Unknown,
    /// Two sources disagree.
    Contradictory,
    Edition(Edition),
    Action(PostExpirationAction),
    Switch(Switch),
    At(Timestamp),
    /// Messages per second.
    Tps(u32),
    Commodity(CommodityId),
    Count(u32),
}

/// The reason of a withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Withdrawal {
    /// A fact it was given on, or the instance's name, moved.
    FactMoved,
    /// Another row is called so since, or alike, and its holder has not seen that.
    Namesake,
    Expired,
    ChangeEnded,
    /// An earlier confirmation was taken back.
    TakenBack,
    /// The holder left.
    HandedOver,
    /// Somebody has left who had approved it, or seen what it rests on.
    WordGone,
    /// A notice calls the instance gone: the row in the console may be another one.
    CalledGone,
    /// Somebody other than its holder has reported the step as done.
    ReportedDone,
    /// The database was restored from a backup, so later events are unknown.
    Restored,
}

/// The reason why an approver does not count any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disqualified {
    /// They lost the permission to approve.
    #[default]
    MayNotApprove,
    Left,
    /// They own the change now.
    OwnsIt,
}

/// The reason why an emergency override replaces no approvals any more.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OverrideEnd {
    /// These values of the row moved, from old to new.
    Moved(Vec<EventKind>),
    /// Its time was over before it was used.
    Lapsed,
    /// The person who gave it has left.
    Left,
}

/// The way a step was done, for the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    Confirmed,
    /// The facts show it.
    Shown,
    /// Without a permit.
    Outside,
    /// By the passing of time.
    Elapsed,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "snake_case"
)]
pub enum EventKind {
    /// Tracking started.
    Tracked,
    Attested {
        facts: Vec<FactKind>,
    },
    /// Facts were imported from a file.
    Imported {
        facts: Vec<FactKind>,
    },
    /// A complete listing of its region did not contain it.
    Missing,
    /// A fact's value moved.
    Moved {
        fact: FactKind,
        from: FactValue,
        to: FactValue,
    },
    /// Name, team, channel or region was set.
    Described {
        what: String,
        /// The old value, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        to: String,
    },
    /// It was deleted at the vendor.
    Lost {
        reason: String,
    },
    /// Tracking stopped.
    Removed {
        reason: String,
    },
    UpgradeOpened,
    DowngradeOpened {
        route: Route,
    },
    /// Rule `fits-standard` was acknowledged for this size.
    Acknowledged {
        /// In messages per second.
        max_tps: u32,
    },
    /// The size rose, so its acknowledgement is void.
    AcknowledgementVoid {
        /// The new size, in messages per second.
        max_tps: u32,
    },
    /// A request for approvals was opened or renewed.
    ApprovalAsked {
        step: Step,
        /// The request's number in its change.
        request: u32,
        needed: u8,
        /// The values that moved since the previous request and made this one necessary.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        moved: Vec<EventKind>,
    },
    /// A request was announced again, as time passed.
    ApprovalAwaited {
        step: Step,
        /// The request's number in its change.
        request: u32,
        told: Told,
    },
    /// A request lapsed with too few approvals.
    RequestLapsed {
        step: Step,
    },
    /// A person approved a step.
    Approved {
        step: Step,
        /// Whether the request has enough approvals with this one, and had not without it.
        complete: bool,
        /// The action that the approver saw in the vendor's console.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Option<PostExpirationAction>,
        /// The approvals given by then, and needed; zero in a history of before they were kept.
        #[serde(default)]
        given: u8,
        #[serde(default)]
        needed: u8,
    },
    /// A person revoked their approval.
    ApprovalRevoked {
        step: Step,
    },
    /// An approval lapsed before it was used.
    ApprovalLapsed {
        step: Step,
        of: Person,
    },
    /// An approval stopped counting, because of its approver.
    ApproverGone {
        step: Step,
        of: Person,
        #[serde(default)]
        why: Disqualified,
    },
    /// A person's open work was handed over to another.
    HandedOver {
        of: Person,
        to: Person,
        reason: Option<String>,
    },
    /// An observation stopped counting, because the observer left.
    ObserverGone {
        of: Person,
    },
    /// A fact that approvals rest on moved, so they are void.
    ApprovalsVoided {
        step: Step,
        of: Vec<Person>,
        /// The moved values, old and new.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        moved: Vec<EventKind>,
    },
    /// An admin overrode missing approvals.
    #[serde(rename = "glass-broken")]
    ApprovalsOverridden {
        reason: String,
        /// The ticket for the later review.
        ticket: String,
    },
    /// An emergency override ended before a permit was given on it.
    #[serde(rename = "glass-void")]
    OverrideEnded {
        step: Step,
        /// The person who had replaced the approvals.
        of: Person,
        why: OverrideEnd,
    },
    /// The step was done without the approvals it needs.
    Unapproved {
        step: Step,
    },
    PermitShown {
        step: Step,
    },
    /// A permit lapsed before its step was confirmed.
    PermitLapsed {
        step: Step,
    },
    PermitWithdrawn {
        step: Step,
        why: Withdrawal,
    },
    StepDone {
        step: Step,
        manner: Manner,
        reason: Option<String>,
        /// A reference to the evidence.
        evidence: Option<String>,
    },
    /// A confirmation was taken back.
    StepTakenBack {
        step: Step,
        /// `None` when it follows from another step that was taken back.
        reason: Option<String>,
    },
    /// It expired while Downgrade was not known; the change waits.
    Waiting,
    /// It is not known to be Standard any more: what was known of it as Platinum is back, but for the action.
    PlatinumAgain {
        /// The number of the change that Standard had ended without a recorded exit.
        ended: Option<u64>,
        /// Whether it may be Standard: the edition is contradictory or unknown.
        #[serde(default)]
        doubted: bool,
    },
    /// The change reached its target.
    Done {
        /// Whether facts, not its steps, showed that.
        outside: bool,
    },
    /// The change failed, as reported, or because the instance is lost.
    Failed {
        reason: String,
    },
    /// Seven days after expiry, Downgrade was still not known.
    PresumedDeleted,
    /// That it was presumed deleted was said by a clock that was ahead: the change goes on.
    PresumedTooEarly,
    /// It was seen as Platinum although its release was due: it is not presumed deleted any more.
    Outlived,
    /// The change was cancelled.
    Cancelled {
        reason: String,
    },
    /// An approver rejected the change.
    Rejected {
        reason: String,
    },
    /// The database was restored from a backup: facts, approvals, permits and acknowledgements from before no longer count.
    Restored {
        /// The time of the backup.
        state_of: Timestamp,
    },
    /// A finished change was reopened.
    Reopened {
        reason: String,
    },
}

impl EventKind {
    /// The change of a description; `none` stands for an empty one.
    pub fn described(what: &str, from: Option<String>, to: Option<String>) -> Self {
        Self::Described {
            what: what.to_owned(),
            from,
            to: to.unwrap_or_else(|| "none".to_owned()),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Event {
    pub at: Timestamp,
    /// The person; `None` when time did it.
    pub by: Option<Person>,
    pub change: Option<u64>,
    pub kind: EventKind,
}
