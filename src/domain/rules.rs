//! The documented rules: ids, findings, and the verdict that follows from them. `judge` applies them.

use chrono::TimeDelta;

pub use super::facts::FactKind;

use super::change::{Route, Step};
use super::outcome::Outcome;
use super::team::Limits;
use super::words::words;

words! {
    /// A documented rule. The ids are stable: verdicts, refusals, the audit trail and the docs cite them.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum RuleId {
        /// Only 4.x instances are tracked.
        Series4x = "series-4x",
        /// An upgrade starts from Standard.
        UpgradeFromStandard = "upgrade-from-standard",
        /// An upgrade keeps id and endpoint.
        UpgradeKeepsIdentity = "upgrade-keeps-identity",
        /// An upgrade has no direct way back.
        UpgradeNotReversibleNow = "upgrade-not-reversible-now",
        /// A downgrade starts from Platinum.
        DowngradeFromPlatinum = "downgrade-from-platinum",
        /// The action must be Downgrade before the exit.
        ActionBeforeExit = "action-before-exit",
        /// The action must be known.
        ActionKnown = "action-known",
        /// The action can be set only once the instance exists.
        ActionAfterCreation = "action-after-creation",
        /// An exit converts the instance when the action is Downgrade.
        ExitConverts = "exit-converts",
        /// With Delete an expired instance is released after seven days.
        ReleaseAfter7Days = "release-after-7-days",
        /// Auto-renewal keeps the expiry route from completing.
        AutoRenewal = "auto-renewal",
        /// No change while the vendor works on the instance.
        Busy = "busy",
        /// Standard has limits.
        FitsStandard = "fits-standard",
        /// The billing method changes with the edition.
        BillingChanges = "billing-changes",
        /// The limits of refunds.
        RefundLimits = "refund-limits",
        /// The conditions under which a release notice is redundant.
        ReleaseNoticeRedundant = "release-notice-redundant",
    }
}

/// The action to judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Intent {
    /// Upgrade to Platinum.
    Upgrade,
    /// Open a downgrade; `None` asks whether either route may be opened.
    Downgrade(Option<Route>),
    /// Set the action to Downgrade at the vendor.
    SetAction,
    /// Unsubscribe now.
    Unsubscribe,
    /// Let it expire.
    Expiry,
}

impl Intent {
    /// The step that it asks for, if it is one that needs approvals or a permit.
    pub const fn step(self) -> Option<Step> {
        match self {
            Self::Upgrade => Some(Step::Upgrade),
            Self::Unsubscribe => Some(Step::Unsubscribe),
            Self::Expiry => Some(Step::AwaitExpiry),
            Self::Downgrade(_) | Self::SetAction => None,
        }
    }
}

/// The effect of a finding on the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// There is nothing left to do.
    AlreadyDone,
    /// Forbids it.
    Blocks,
    /// Forbids it until acknowledged.
    BlocksUntilAcknowledged,
    /// Forbids it, because a fact is unknown, stale or contradictory.
    Inconclusive,
    /// For information; never decides.
    Informs,
    /// The rule is satisfied.
    Holds,
}

/// The finding of a rule. `render` turns it into text with a remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Found {
    /// The rule is satisfied.
    Satisfied,
    /// The instance already has the target edition.
    AlreadyThere,
    /// The fact is not known.
    Unknown(FactKind),
    /// Two sources disagree on the fact.
    Contradictory(FactKind),
    /// Two sources disagree on the region.
    RegionDisputed,
    /// The action is older than this limit.
    StaleAction(TimeDelta),
    /// The action is dated ahead of the clock, so its age is unknown.
    AheadAction,
    ActionIsDelete,
    /// The action must be set to Downgrade first.
    SetActionFirst,
    /// The exit has happened, and converted the instance to Standard.
    ExitPassed,
    /// It should have become Standard by now, and nobody has seen that.
    ExitOverdue,
    /// It expired while Downgrade was not known, and may be deleted at any moment.
    MayBeDeleted,
    /// Seven days after that expiry have passed, too.
    PresumedDeleted,
    /// The consequences of the coming exit.
    ExitAhead,
    /// With Delete, expiry is the deadline.
    DeadlineAhead,
    AutoRenewalOn,
    /// The vendor is working on it.
    BusyNow,
    /// Nobody has said whether the vendor is working on it.
    NotKnownBusy,
    /// The vendor was working on it, but the status is too old to count.
    BusyOld,
    /// It is larger than Standard supports.
    TooLarge(u32),
    /// It is larger, and that was acknowledged.
    Acknowledged(u32),
    /// Information: the rule's own text.
    Told,
}

/// The result of one rule for an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Finding {
    pub rule: RuleId,
    pub severity: Severity,
    pub found: Found,
    /// The facts it depends on.
    pub facts: &'static [FactKind],
}

/// An outcome with its findings.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Verdict {
    pub outcome: Outcome,
    pub findings: Vec<Finding>,
}

/// The input of a verdict besides the instance's facts.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The maximum ages of facts.
    pub limits: &'a Limits,
    /// The size acknowledged for rule `fits-standard`.
    pub acknowledged_tps: Option<u32>,
    /// Whether unsubscribing is confirmed.
    pub unsubscribed: bool,
}

impl Verdict {
    /// The verdict of findings. Precedence: already done, blocked, inconclusive.
    pub(super) fn of(mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| rank(finding.severity));
        let outcome = findings
            .first()
            .map_or(Outcome::Allowed, |first| match first.severity {
                Severity::AlreadyDone => Outcome::AlreadyDone,
                Severity::Blocks | Severity::BlocksUntilAcknowledged => Outcome::Blocked,
                Severity::Inconclusive => Outcome::Inconclusive,
                Severity::Informs | Severity::Holds => Outcome::Allowed,
            });
        Self { outcome, findings }
    }

    /// Whether the documented rules allow it.
    pub fn allows(&self) -> bool {
        self.outcome == Outcome::Allowed
    }

    /// The deciding rules, each once.
    pub fn rules(&self) -> Vec<RuleId> {
        let mut rules: Vec<RuleId> = self.deciding().map(|finding| finding.rule).collect();
        let mut seen = Vec::with_capacity(rules.len());
        rules.retain(|rule| {
            !seen.contains(rule) && {
                seen.push(*rule);
                true
            }
        });
        rules
    }

    /// The deciding findings: all but informing and satisfied ones. "Already done" is decided by its own findings only.
    pub fn deciding(&self) -> impl Iterator<Item = &Finding> {
        let least = match self.outcome {
            Outcome::AlreadyDone => rank(Severity::AlreadyDone),
            Outcome::Allowed
            | Outcome::NeedsApproval
            | Outcome::Blocked
            | Outcome::Inconclusive
            | Outcome::Done
            | Outcome::Suppressed
            | Outcome::Raised
            | Outcome::Duplicate
            | Outcome::Info
            | Outcome::Denied
            | Outcome::Invalid => rank(Severity::Inconclusive),
        };
        self.findings
            .iter()
            .filter(move |finding| rank(finding.severity) <= least)
    }
}

const fn rank(severity: Severity) -> u8 {
    match severity {
        Severity::AlreadyDone => 0,
        Severity::Blocks => 1,
        Severity::BlocksUntilAcknowledged => 2,
        Severity::Inconclusive => 3,
        Severity::Informs => 4,
        Severity::Holds => 5,
    }
}
