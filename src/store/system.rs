//! What belongs to no one workspace: what is due in all of them, who delivers, how the database is.

use super::{Store, StoreError, Tx};

/// Where no workspace is: none has this name, and it comes before every one.
pub(super) const NOWHERE: &str = "";

/// The database beyond its workspaces. It offers nothing that reads the rows of one workspace.
#[derive(Debug, Clone, Copy)]
pub struct System<'a>(pub(super) &'a Store);

impl Store {
    /// The database beyond its workspaces.
    pub const fn system(&self) -> System<'_> {
        System(self)
    }
}

impl System<'_> {
    pub(super) async fn write(self) -> Result<Tx, StoreError> {
        self.0.write(NOWHERE).await
    }

    pub(super) async fn read(self) -> Result<Tx, StoreError> {
        self.0.read(NOWHERE).await
    }

    pub(super) async fn glance(self) -> Result<Tx, StoreError> {
        self.0.glance(NOWHERE).await
    }
}
