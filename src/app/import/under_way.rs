//! The imports that this process takes at the moment. Their rows are due batch by batch; what they make due is said together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::id::WorkspaceId;
use crate::store::Alarm;

/// The workspaces that files are being imported into, each once for every file.
#[derive(Debug, Clone, Default)]
pub(in crate::app) struct ImportsUnderWay {
    workspaces: Arc<Mutex<Vec<WorkspaceId>>>,
}

impl ImportsUnderWay {
    /// Counts an import until the result is dropped, however it ends.
    pub(super) fn begin(&self, workspace: &WorkspaceId, alarm: &Alarm) -> ImportUnderWay {
        self.lock().push(workspace.clone());
        ImportUnderWay {
            all: self.clone(),
            workspace: workspace.clone(),
            alarm: alarm.clone(),
        }
    }

    /// Whether a file is being imported into a workspace.
    pub(in crate::app) fn has(&self, workspace: &WorkspaceId) -> bool {
        self.lock().contains(workspace)
    }

    /// Whether no file is being imported.
    pub(in crate::app) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// No lock is held across an await.
    fn lock(&self) -> MutexGuard<'_, Vec<WorkspaceId>> {
        self.workspaces
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// An import under way. Dropping it wakes delivery, which held messages back for it.
pub(super) struct ImportUnderWay {
    all: ImportsUnderWay,
    workspace: WorkspaceId,
    alarm: Alarm,
}

impl Drop for ImportUnderWay {
    fn drop(&mut self) {
        {
            let mut all = self.all.lock();
            if let Some(at) = all.iter().position(|one| *one == self.workspace) {
                all.swap_remove(at);
            }
        }
        self.alarm.ring();
    }
}
