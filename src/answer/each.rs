//! The replies to a command for several instances, with one decision each.

use super::{Answer, Reply};
use crate::domain::outcome::Outcome;

/// The replies to a command for several instances.
#[derive(Debug, Default)]
pub struct Each {
    /// In the order of the command.
    pub replies: Vec<EachReply>,
    /// The instances left out after a failure of the database.
    pub untried: Vec<String>,
}

/// The reply for one of the instances.
#[derive(Debug)]
pub struct EachReply {
    /// The instance as the command names it.
    pub shown: String,
    pub reply: Reply,
}

impl EachReply {
    /// Whether the command is in effect for it.
    pub fn is_done(&self) -> bool {
        !self.reply.is_broken()
            && matches!(
                self.reply.outcome,
                Outcome::Done | Outcome::AlreadyDone | Outcome::Info
            )
    }
}

/// An argument that a command for several instances must not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOfSeveral {
    /// The vendor shows it on each instance's own page, where it has to be looked up.
    Action,
    /// One that is not true would end what keeps the instance safe.
    Edition,
    Name,
    Region,
    CommodityId,
}

impl Reply {
    /// Whether the reply reports a failure of the database.
    pub fn is_broken(&self) -> bool {
        match &self.answer {
            Answer::Broken { .. } => true,
            Answer::Imported(report) => report.broken_off.is_some(),
            Answer::Several(all) => all.iter().any(Self::is_broken),
            Answer::Each(each) => each.replies.iter().any(|one| one.reply.is_broken()),
            _ => false,
        }
    }
}
