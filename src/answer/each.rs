//! What was said of several instances, each decided for itself.

use super::{Answer, Reply};
use crate::domain::outcome::Outcome;

/// What one line came to for each of the instances that it names.
#[derive(Debug, Default)]
pub struct Each {
    /// In the order in which they were named.
    pub replies: Vec<EachReply>,
    /// Those that were left, because something is broken.
    pub untried: Vec<String>,
}

/// What it came to for one of them.
#[derive(Debug)]
pub struct EachReply {
    /// The instance, as it was named.
    pub shown: String,
    pub reply: Reply,
}

impl EachReply {
    /// Whether what was said holds now.
    pub fn is_done(&self) -> bool {
        !self.reply.is_broken()
            && matches!(
                self.reply.outcome,
                Outcome::Done | Outcome::AlreadyDone | Outcome::Info
            )
    }
}

/// What cannot be said of several at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOfSeveral {
    /// It stands on each instance's own page, and somebody looks there.
    Action,
    Name,
    Region,
    CommodityId,
}

impl Reply {
    /// Whether something could not be answered because something is broken.
    pub fn is_broken(&self) -> bool {
        match &self.answer {
            Answer::Broken { .. } => true,
            Answer::Imported(report) => report.broken_off.is_some(),
            Answer::Each(each) => each.replies.iter().any(|one| one.reply.is_broken()),
            _ => false,
        }
    }
}
