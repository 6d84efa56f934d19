//! Refusals of transitions.

use super::Unlikely;
use crate::Timestamp;
use crate::approval::Lacking;
use crate::change::{ChangeKind, Status, Step};
use crate::id::Person;
use crate::instance::PostExpirationAction;
use crate::outcome::Outcome;
use crate::rules::{Intent, RuleId, Verdict};

/// A refusal, precise enough to name the first thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The documented rules do not allow it.
    Rules {
        intent: Intent,
        verdict: Verdict,
        /// The step to take first, if any.
        first: Option<Step>,
        /// Whether opening a downgrade would be allowed, when none is open.
        may_open: bool,
    },
    /// The instance has an open change already.
    OpenChange {
        number: u64,
        kind: ChangeKind,
    },
    /// Another person holds the permit for the step.
    PermitHeld {
        step: Step,
        holder: Person,
        until: Timestamp,
    },
    /// The step is out of order.
    OutOfOrder {
        asked: Step,
        /// The step that comes first.
        first: Step,
        /// The rule behind the order.
        rule: RuleId,
    },
    /// Approvals or observations are missing. The only refusal that may have recorded something: the request.
    NeedsApproval(Box<Lacking>),
    /// The approver owns the change.
    OwnApproval {
        /// Whether nobody else is here who could approve it; the core does not know.
        alone: bool,
    },
    /// The person has approved it already.
    ApprovedAlready {
        step: Step,
        at: Timestamp,
    },
    /// No request is open.
    NothingAsked {
        next: Option<Step>,
        /// The holder of the permit that used the approvals.
        permit_of: Option<Person>,
        /// The step whose permit was withdrawn after it was shown, so that nobody knows whether it happened.
        unsaid: Option<Step>,
        /// The action they saw in the vendor's console; not recorded.
        seen: Option<PostExpirationAction>,
    },
    /// The request they answer is not the current one.
    AnotherRequest {
        /// The request they answer, from 1.
        asked: u32,
        /// Whether a request with this number existed.
        was: bool,
        /// The open request.
        now: Option<u32>,
    },
    /// The person has no approval to revoke.
    NotApproved,
    /// A permit was given on the approvals, so they cannot be revoked.
    ApprovalsUsed(Step),
    /// The step to reject is already confirmed.
    HappenedAlready(Step),
    /// Only approvals of an upgrade can be overridden.
    OverrideOnlyForUpgrade(Step),
    /// No approvals are missing.
    NothingLacking(Step),
    /// Standard Edition has no Post-expiration Action to observe.
    NothingToSee,
    /// The step needs a permit, and none was shown.
    NeedsPermit(Step),
    /// The step is not confirmed by hand.
    NotByHand(Step),
    /// The instance expired while Downgrade was not known; the change waits.
    WaitsForAction,
    /// A later change, with this number, started from the result of this one.
    LaterChange(u64),
    StepDone {
        step: Step,
        at: Option<Timestamp>,
    },
    /// The step is not done, so it cannot be reopened.
    StepNotDone(Step),
    /// The change is not open.
    Finished {
        status: Status,
        /// Whether the change already has the status that the command asks for.
        as_asked: bool,
    },
    /// The change has no such step.
    NoSuchStep {
        asked: Step,
        kind: ChangeKind,
    },
    /// An irreversible step must be named.
    NameTheStep(Step),
    /// `record-expiry` needs the date.
    ExpiryMissing,
    /// The date for `record-expiry` is probably a typing error.
    UnlikelyExpiry(Unlikely),
    /// Only `record-expiry` takes a date.
    ExpiryOnlyForRecordExpiry(Step),
    /// Only steps with a permit can be done outside.
    OutsideOnlyForPermitSteps(Step),
    /// Seven days after expiry without Downgrade known, the change would fail at once.
    PresumedDeleted,
    /// The permit for the step was withdrawn before it was confirmed.
    PermitWithdrawn(Step),
    /// An open notice calls the instance gone: the row in the console may be another.
    CalledGone {
        notice: u64,
        /// The open change.
        change: Option<u64>,
    },
    /// The upgrade is confirmed, but Standard was attested since.
    UpgradeContradicted,
    /// The instance is not tracked.
    NotTracked,
}

impl Refusal {
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Rules { verdict, .. } => verdict.outcome,
            Self::NeedsApproval(_) => Outcome::NeedsApproval,
            Self::OwnApproval { .. } => Outcome::Denied,
            Self::CalledGone { .. } => Outcome::Inconclusive,
            Self::OpenChange { .. }
            | Self::NothingAsked { .. }
            | Self::AnotherRequest { .. }
            | Self::NotApproved
            | Self::ApprovalsUsed(_)
            | Self::HappenedAlready(_)
            | Self::OverrideOnlyForUpgrade(_)
            | Self::PermitHeld { .. }
            | Self::OutOfOrder { .. }
            | Self::NeedsPermit(_)
            | Self::NotByHand(_)
            | Self::WaitsForAction
            | Self::PresumedDeleted
            | Self::PermitWithdrawn(_)
            | Self::UpgradeContradicted
            | Self::LaterChange(_)
            | Self::StepNotDone(_)
            | Self::Finished {
                as_asked: false, ..
            }
            | Self::NotTracked => Outcome::Blocked,
            Self::StepDone { .. }
            | Self::ApprovedAlready { .. }
            | Self::NothingLacking(_)
            | Self::Finished { as_asked: true, .. } => Outcome::AlreadyDone,
            Self::NothingToSee
            | Self::NoSuchStep { .. }
            | Self::NameTheStep(_)
            | Self::ExpiryMissing
            | Self::UnlikelyExpiry(_)
            | Self::ExpiryOnlyForRecordExpiry(_)
            | Self::OutsideOnlyForPermitSteps(_) => Outcome::Invalid,
        }
    }

    /// The rules behind the refusal.
    pub fn rules(&self) -> Vec<RuleId> {
        match self {
            Self::Rules { verdict, .. } => verdict.rules(),
            Self::OutOfOrder { rule, .. } => vec![*rule],
            Self::CalledGone { .. } => vec![RuleId::DowngradeFromPlatinum],
            Self::NotByHand(Step::ChooseAction) => vec![RuleId::ActionKnown],
            Self::NotByHand(_) => vec![RuleId::ExitConverts],
            Self::WaitsForAction | Self::PresumedDeleted => vec![RuleId::ReleaseAfter7Days],
            Self::UpgradeContradicted => vec![RuleId::UpgradeFromStandard],
            Self::NothingToSee => vec![RuleId::UpgradeFromStandard],
            Self::NeedsApproval(_)
            | Self::OwnApproval { .. }
            | Self::ApprovedAlready { .. }
            | Self::NothingAsked { .. }
            | Self::AnotherRequest { .. }
            | Self::NotApproved
            | Self::ApprovalsUsed(_)
            | Self::HappenedAlready(_)
            | Self::OverrideOnlyForUpgrade(_)
            | Self::NothingLacking(_)
            | Self::OpenChange { .. }
            | Self::PermitHeld { .. }
            | Self::NeedsPermit(_)
            | Self::PermitWithdrawn(_)
            | Self::StepDone { .. }
            | Self::StepNotDone(_)
            | Self::Finished { .. }
            | Self::NoSuchStep { .. }
            | Self::NameTheStep(_)
            | Self::ExpiryMissing
            | Self::UnlikelyExpiry(_)
            | Self::LaterChange(_)
            | Self::ExpiryOnlyForRecordExpiry(_)
            | Self::OutsideOnlyForPermitSteps(_)
            | Self::NotTracked => Vec::new(),
        }
    }
}
