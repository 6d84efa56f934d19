//! What a decision comes to.

use super::instance::words;

/// The outcome of one command, as people and scripts see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A change or permit may proceed.
    Allowed,
    /// The documented rules pass; people's approvals or attestations are missing.
    NeedsApproval,
    /// A rule, or the order of the steps, forbids it.
    Blocked,
    /// A decisive fact is unknown, stale or contradictory.
    Inconclusive,
    /// There is nothing left to do.
    AlreadyDone,
    /// A fact or step was recorded.
    Done,
    /// A notice is proved to mean nothing: nobody is told.
    Suppressed,
    /// A notice is brought before people.
    Raised,
    /// A notice says what another one has said.
    Duplicate,
    /// Something was shown; nothing was decided.
    Info,
    /// The speaker's roles do not cover it.
    Denied,
    /// The input cannot be used as it is.
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
