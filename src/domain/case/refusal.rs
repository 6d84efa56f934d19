//! Why a transition was refused.

use super::Unlikely;
use crate::domain::Timestamp;
use crate::domain::approval::Lacking;
use crate::domain::change::{ChangeKind, Status, Step};
use crate::domain::id::Person;
use crate::domain::instance::PostExpirationAction;
use crate::domain::outcome::Outcome;
use crate::domain::rules::{Intent, RuleId, Verdict};

/// A refusal: what was wrong, precise enough to say what comes first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The documented rules do not allow it.
    Rules {
        /// What was judged.
        intent: Intent,
        /// With which result.
        verdict: Verdict,
        /// The step to take first, where there is one.
        first: Option<Step>,
        /// Whether opening the downgrade would be allowed, where nothing is open.
        may_open: bool,
    },
    /// The instance has an open change already.
    OpenChange {
        number: u64,
        /// Where it leads.
        kind: ChangeKind,
    },
    /// Somebody else holds the permit for the step.
    PermitHeld {
        step: Step,
        /// Who holds it.
        holder: Person,
        until: Timestamp,
    },
    /// The step's turn has not come.
    OutOfOrder {
        asked: Step,
        /// What comes first.
        first: Step,
        /// The rule behind the order.
        rule: RuleId,
    },
    /// People's approvals or looks are missing. The one refusal that may have recorded something: that they were asked.
    NeedsApproval(Box<Lacking>),
    /// Nobody approves what they ask for themselves.
    OwnApproval,
    /// They approved it before.
    ApprovedAlready {
        step: Step,
        at: Timestamp,
    },
    /// Nobody asks for approval now.
    NothingAsked {
        next: Option<Step>,
        /// Who was given a permit on the approvals, if they were used up.
        permit_of: Option<Person>,
        /// What they saw in the vendor's console: it was not recorded.
        seen: Option<PostExpirationAction>,
    },
    /// What they decide on is not what the change asks now.
    AnotherRequest {
        /// The request they decide on, counted from 1.
        asked: u32,
        /// Whether there was one with this number.
        was: bool,
        /// The one that is open, if any is.
        now: Option<u32>,
    },
    /// They have given no approval that could be taken back.
    NotApproved,
    /// A permit was given on the approvals: they cannot be taken back.
    ApprovalsUsed(Step),
    /// The step that would be rejected is confirmed: it happened.
    HappenedAlready(Step),
    /// Only missing approvals of an upgrade can be replaced.
    GlassOnlyForUpgrade(Step),
    /// There is nothing to replace.
    NothingLacking(Step),
    /// Standard Edition has no Post-expiration Action to look at.
    NothingToSee,
    /// The step needs a permit, and none was shown.
    NeedsPermit(Step),
    /// The step is not confirmed by hand.
    NotByHand(Step),
    /// It expired while Downgrade was not known; the change waits.
    WaitsForAction,
    /// A later change of the instance, with this number, has begun from what this one led to.
    LaterChange(u64),
    StepDone {
        step: Step,
        at: Option<Timestamp>,
    },
    /// The step is not done, so there is nothing to take back.
    StepNotDone(Step),
    /// The change does not go on.
    Finished {
        /// What became of it.
        status: Status,
        /// Whether that is what was asked for.
        as_asked: bool,
    },
    /// The change has no such step.
    NoSuchStep {
        asked: Step,
        /// Where the change leads.
        kind: ChangeKind,
    },
    /// A step that cannot be undone must be named.
    NameTheStep(Step),
    /// `record-expiry` needs the date.
    ExpiryMissing,
    /// The date for `record-expiry` looks like a slip.
    UnlikelyExpiry(Unlikely),
    /// Only `record-expiry` takes a date.
    ExpiryOnlyForRecordExpiry(Step),
    /// Only steps with a permit can happen without one.
    OutsideOnlyForPermitSteps(Step),
    /// Seven days after expiry Downgrade would not be known: the change would fail at once.
    PresumedDeleted,
    /// The permit for the step was shown and withdrawn before anybody confirmed.
    PermitWithdrawn(Step),
    /// The upgrade is confirmed, and the edition was said to be Standard since.
    UpgradeContradicted,
    /// The instance is not followed any more.
    NotTracked,
}

impl Refusal {
    /// What it comes to.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Rules { verdict, .. } => verdict.outcome,
            Self::NeedsApproval(_) => Outcome::NeedsApproval,
            Self::OwnApproval => Outcome::Denied,
            Self::OpenChange { .. }
            | Self::NothingAsked { .. }
            | Self::AnotherRequest { .. }
            | Self::NotApproved
            | Self::ApprovalsUsed(_)
            | Self::HappenedAlready(_)
            | Self::GlassOnlyForUpgrade(_)
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

    /// The rules that decided it.
    pub fn rules(&self) -> Vec<RuleId> {
        match self {
            Self::Rules { verdict, .. } => verdict.rules(),
            Self::OutOfOrder { rule, .. } => vec![*rule],
            Self::NotByHand(Step::ChooseAction) => vec![RuleId::ActionKnown],
            Self::NotByHand(_) => vec![RuleId::ExitConverts],
            Self::WaitsForAction | Self::PresumedDeleted => vec![RuleId::ReleaseAfter7Days],
            Self::UpgradeContradicted => vec![RuleId::UpgradeFromStandard],
            Self::NothingToSee => vec![RuleId::UpgradeFromStandard],
            Self::NeedsApproval(_)
            | Self::OwnApproval
            | Self::ApprovedAlready { .. }
            | Self::NothingAsked { .. }
            | Self::AnotherRequest { .. }
            | Self::NotApproved
            | Self::ApprovalsUsed(_)
            | Self::HappenedAlready(_)
            | Self::GlassOnlyForUpgrade(_)
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
