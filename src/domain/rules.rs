//! The documented rules: their ids, what they find, and the verdict their findings come to. `judge` applies them.

use chrono::TimeDelta;

pub use super::facts::FactKind;

use super::change::Route;
use super::instance::words;
use super::outcome::Outcome;
use super::team::Limits;

/// A documented rule. The ids are stable: verdicts, refusals, the audit trail and the docs cite them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RuleId {
    /// Only 4.x instances are tracked.
    Series4x,
    /// An upgrade starts from Standard.
    UpgradeFromStandard,
    /// An upgrade keeps id and endpoint.
    UpgradeKeepsIdentity,
    /// An upgrade has no direct way back.
    UpgradeNotReversibleNow,
    /// A downgrade starts from Platinum.
    DowngradeFromPlatinum,
    /// The action must be Downgrade before the exit.
    ActionBeforeExit,
    /// The action must be known.
    ActionKnown,
    /// The action can be set only once the instance exists.
    ActionAfterCreation,
    /// An exit converts the instance when the action is Downgrade.
    ExitConverts,
    /// With Delete an expired instance is released after seven days.
    ReleaseAfter7Days,
    /// Auto-renewal keeps the expiry route from completing.
    AutoRenewal,
    /// No change while the vendor works on the instance.
    Busy,
    /// Standard has limits.
    FitsStandard,
    /// The billing method changes with the edition.
    BillingChanges,
    /// What is refunded and what is not.
    RefundLimits,
    /// When a release notice means nothing.
    ReleaseNoticeRedundant,
}

words!(RuleId {
    Series4x = "series-4x",
    UpgradeFromStandard = "upgrade-from-standard",
    UpgradeKeepsIdentity = "upgrade-keeps-identity",
    UpgradeNotReversibleNow = "upgrade-not-reversible-now",
    DowngradeFromPlatinum = "downgrade-from-platinum",
    ActionBeforeExit = "action-before-exit",
    ActionKnown = "action-known",
    ActionAfterCreation = "action-after-creation",
    ExitConverts = "exit-converts",
    ReleaseAfter7Days = "release-after-7-days",
    AutoRenewal = "auto-renewal",
    Busy = "busy",
    FitsStandard = "fits-standard",
    BillingChanges = "billing-changes",
    RefundLimits = "refund-limits",
    ReleaseNoticeRedundant = "release-notice-redundant",
});

/// What somebody is about to do.
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

/// What a finding does to the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// There is nothing left to do.
    AlreadyDone,
    /// Forbids.
    Blocks,
    /// Forbids until somebody acknowledges it.
    BlocksUntilAcknowledged,
    /// A fact it needs is unknown, stale or contradictory: forbids.
    Inconclusive,
    /// Shown; never decides.
    Informs,
    /// The rule was asked and is satisfied.
    Holds,
}

/// What exactly a rule found. `render` puts it into words, with the way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Found {
    /// The rule is satisfied.
    Satisfied,
    /// The instance already has the edition that is wanted.
    AlreadyThere,
    /// The fact is not known.
    Unknown(FactKind),
    /// Two sources disagree on the fact.
    Contradictory(FactKind),
    /// The action is known, but its age is beyond this limit.
    StaleAction(TimeDelta),
    /// The action is known, but from a time that has not come: a clock was wrong, so its age is not known.
    AheadAction,
    ActionIsDelete,
    /// The action must be set to Downgrade first.
    SetActionFirst,
    /// The exit is behind it, and turned it into Standard.
    ExitPassed,
    /// It is expired, and Downgrade was not known: it may be deleted at any moment.
    MayBeDeleted,
    /// Seven days after expiry have passed as well.
    PresumedDeleted,
    /// What follows from the exit, before it.
    ExitAhead,
    /// With Delete, expiry is the deadline.
    DeadlineAhead,
    AutoRenewalOn,
    /// The vendor is working on it.
    BusyNow,
    /// It was, but that was read too long ago to count.
    BusyOld,
    /// It is larger than Standard carries.
    TooLarge(u32),
    /// It is larger, and somebody has acknowledged it.
    Acknowledged(u32),
    /// Something people should know: the rule's own text.
    Told,
}

/// One rule's word on an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Finding {
    pub rule: RuleId,
    /// What it does to the outcome.
    pub severity: Severity,
    pub found: Found,
    /// The facts it used.
    pub facts: &'static [FactKind],
}

/// An outcome with every finding behind it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Verdict {
    /// What it comes to.
    pub outcome: Outcome,
    /// The findings, deciding ones first.
    pub findings: Vec<Finding>,
}

/// What a verdict depends on besides the instance's facts.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// How long facts may be relied on.
    pub limits: &'a Limits,
    /// The size that was acknowledged for rule `fits-standard`, if any.
    pub acknowledged_tps: Option<u32>,
    /// Whether it is confirmed already that the instance was unsubscribed.
    pub unsubscribed: bool,
}

impl<'a> Terms<'a> {
    /// Terms without acknowledgement or open change.
    pub const fn plain(limits: &'a Limits) -> Self {
        Self {
            limits,
            acknowledged_tps: None,
            unsubscribed: false,
        }
    }
}

impl Verdict {
    /// The verdict that findings come to: already done before a block, a block before an inconclusive fact.
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

    /// Whether the documented rules let it proceed.
    pub fn allows(&self) -> bool {
        self.outcome == Outcome::Allowed
    }

    /// The rules that decide, each once.
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

    /// The findings that decide: all that are not informing or satisfied. That there is nothing left to do is settled
    /// by the findings that say so.
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
