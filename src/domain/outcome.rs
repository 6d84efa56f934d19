//! What a decision comes to.

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

impl Outcome {
    /// The word scripts read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::NeedsApproval => "needs_approval",
            Self::Blocked => "blocked",
            Self::Inconclusive => "inconclusive",
            Self::AlreadyDone => "already_done",
            Self::Done => "done",
            Self::Suppressed => "suppressed",
            Self::Raised => "raised",
            Self::Duplicate => "duplicate",
            Self::Info => "info",
            Self::Denied => "denied",
            Self::Invalid => "invalid",
        }
    }
}
