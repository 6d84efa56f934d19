//! The list of tasks.

use std::sync::Arc;

use super::{Page, Warning};
use crate::domain::case::Case;
use crate::domain::concern::{Concern, Failing, Unreadable, WorkspaceConcern};
use crate::domain::id::{InstanceId, TeamName};
use crate::domain::notice::NoticeRecord;
use crate::domain::reminder::Acked;

/// A concern of an instance, as a task.
#[derive(Debug, Clone)]
pub struct Task {
    /// The instance with its open change.
    pub case: Arc<Case>,
    pub concern: Concern,
    /// For a raised notice, the numbers of the other raised ones that name the instance.
    pub notices: Vec<u64>,
    /// The acknowledgement.
    pub known: Option<Acked>,
}

/// The instances that could not be looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unseen {
    /// Instances with damaged rows.
    pub damaged: Vec<InstanceId>,
    /// Whether some recently written instances have not been looked at yet.
    pub behind: bool,
}

impl Unseen {
    /// Drops the instances that the workspace's concerns name.
    pub fn beside(mut self, open: &[WorkspaceConcern]) -> Self {
        self.damaged.retain(|id| {
            let named = Failing::Unreadable(Unreadable::Instance(id.clone()));
            open.iter().all(|concern| concern.failing != named)
        });
        self
    }

    /// Whether everything was looked at.
    pub const fn is_empty(&self) -> bool {
        self.damaged.is_empty() && !self.behind
    }
}

/// A page of tasks, the worst first.
#[derive(Debug)]
pub struct Todo {
    pub page: Page<Task>,
    /// Whether tasks of a kind are counted together, because they do not fit a page.
    pub is_counted: bool,
    /// Raised notices without a known instance: nobody owns them.
    pub unnamed: Page<NoticeRecord>,
    /// The concerns of the workspace as a whole.
    pub workspace: Vec<WorkspaceConcern>,
    /// The instances that could not be looked at.
    pub unseen: Unseen,
    /// The warning that the team in the filter is not configured.
    pub unknown_team: Option<Warning>,
    pub team: Option<TeamName>,
    /// Only tasks that the person can settle, and those without an owner.
    pub mine: bool,
    /// The number of tracked instances.
    pub tracked: u64,
}
