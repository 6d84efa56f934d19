//! What is to be done.

use std::sync::Arc;

use super::{Page, Warning};
use crate::domain::case::Case;
use crate::domain::concern::{Concern, Failing, Unreadable, WorkspaceConcern};
use crate::domain::id::{InstanceId, Label};
use crate::domain::notice::NoticeRecord;
use crate::domain::reminder::Acked;

/// Something that is to be done.
#[derive(Debug, Clone)]
pub struct Task {
    /// The instance with its open change.
    pub case: Arc<Case>,
    /// What is open.
    pub concern: Concern,
    /// Where it is a raised notice: the numbers of the others that name the instance.
    pub notices: Vec<u64>,
    /// Who has said that they know of it.
    pub known: Option<Acked>,
}

/// What could not be looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unseen {
    /// Instances whose rows cannot be read.
    pub damaged: Vec<InstanceId>,
    /// So many instances were written just now that not all have been looked at since.
    pub behind: bool,
}

impl Unseen {
    /// Leaves out what is open for the workspace as a whole: that is named there.
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

/// A page of what is to be done, the worst first.
#[derive(Debug)]
pub struct Todo {
    /// What is to be done.
    pub page: Page<Task>,
    /// Raised notices that name nothing that is known: nobody owns them.
    pub unnamed: Page<NoticeRecord>,
    /// What is open for the workspace as a whole.
    pub workspace: Vec<WorkspaceConcern>,
    /// What could not be looked at.
    pub unseen: Unseen,
    /// That nobody has described the team that was asked for.
    pub unknown_team: Option<Warning>,
    pub team: Option<Label>,
    /// Only what the speaker can settle, and what nobody owns.
    pub mine: bool,
    /// How many instances are tracked.
    pub tracked: u64,
}
