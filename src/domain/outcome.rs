//! Outcomes of decisions.

use super::words::words;

words! {
    /// The outcome of a command, for people and scripts.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Outcome {
        /// A change or permit may proceed.
        Allowed = "allowed",
        /// The documented rules pass, but approvals or attestations are missing.
        NeedsApproval = "needs_approval",
        /// A rule, or the order of the steps, forbids it.
        Blocked = "blocked",
        /// A decisive fact is unknown, stale or contradictory.
        Inconclusive = "inconclusive",
        /// There is nothing left to do.
        AlreadyDone = "already_done",
        /// A fact or step was recorded.
        Done = "done",
        /// A notice is proved redundant and not announced.
        Suppressed = "suppressed",
        /// A notice is announced.
        Raised = "raised",
        /// A notice is a duplicate.
        Duplicate = "duplicate",
        /// Information only; nothing was decided.
        Info = "info",
        /// The requester's roles do not permit it.
        Denied = "denied",
        /// The input is invalid.
        Invalid = "invalid",
    }
}

impl Outcome {
    /// Done, or done already.
    pub const fn done_if(is_new: bool) -> Self {
        if is_new {
            Self::Done
        } else {
            Self::AlreadyDone
        }
    }
}
