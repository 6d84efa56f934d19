//! Outcomes of decisions.

use super::instance::words;

/// The outcome of a command, for people and scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A change or permit may proceed.
    Allowed,
    /// The documented rules pass, but approvals or attestations are missing.
    NeedsApproval,
    /// A rule, or the order of the steps, forbids it.
    Blocked,
    /// A decisive fact is unknown, stale or contradictory.
    Inconclusive,
    /// There is nothing left to do.
    AlreadyDone,
    /// A fact or step was recorded.
    Done,
    /// A notice is proved redundant and not announced.
    Suppressed,
    /// A notice is announced.
    Raised,
    /// A notice is a duplicate.
    Duplicate,
    /// Information only; nothing was decided.
    Info,
    /// The requester's roles do not permit it.
    Denied,
    /// The input is invalid.
    Invalid,
}

words!(Outcome {
    Allowed = "allowed",
    NeedsApproval = "needs_approval",
    Blocked = "blocked",
    Inconclusive = "inconclusive",
    AlreadyDone = "already_done",
    Done = "done",
    Suppressed = "suppressed",
    Raised = "raised",
    Duplicate = "duplicate",
    Info = "info",
    Denied = "denied",
    Invalid = "invalid",
});
