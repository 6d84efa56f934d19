//! Operations across workspaces: due work, the delivery lease, the state of the database.

use super::{Store, StoreResult, Tx};
use crate::domain::id::WorkspaceId;

/// The id of no workspace, which sorts before all others.
pub(super) const NOWHERE: &str = "";

/// [`NOWHERE`] for a transaction.
pub(super) fn nowhere() -> WorkspaceId {
    NOWHERE.into()
}

/// The database across workspaces. It has no methods that read rows of a single workspace.
#[derive(Debug, Clone, Copy)]
pub struct System<'a>(pub(super) &'a Store);

impl Store {
    /// The database across workspaces.
    pub const fn system(&self) -> System<'_> {
        System(self)
    }
}

impl System<'_> {
    pub(super) async fn write(self) -> StoreResult<Tx> {
        self.0.write(&nowhere()).await
    }

    pub(super) async fn read(self) -> StoreResult<Tx> {
        self.0.read(&nowhere()).await
    }

    pub(super) async fn glance(self) -> StoreResult<Tx> {
        self.0.glance(&nowhere()).await
    }
}
