//! The data of the weekly digest, each with a limited index look-up.

use super::code::instant;
use super::{StoreResult, Tx};
use crate::domain::Timestamp;

/// Records the time of an import.
pub(super) const IMPORTED: &str = "INSERT INTO workspace (workspace, next_change, tracked, open_changes, events, imported_at_ms) \
     VALUES ($1, 1, 0, 0, 0, $2) ON CONFLICT (workspace) DO UPDATE SET imported_at_ms = excluded.imported_at_ms";

/// The time of the last import.
pub(super) const LAST_IMPORT: &str = "SELECT imported_at_ms FROM workspace WHERE workspace = $1";

/// The time of the last digest.
pub(super) const LAST_DIGEST: &str = "SELECT digest_at_ms FROM workspace WHERE workspace = $1";

/// Records the time of a digest.
pub(super) const DIGESTED: &str = "UPDATE workspace SET digest_at_ms = $2 WHERE workspace = $1";

impl Tx {
    /// The time of the last digest.
    pub async fn last_digest(&mut self) -> StoreResult<Option<Timestamp>> {
        let query = self.rows::<(Option<i64>,)>(LAST_DIGEST);
        let row = self.all(query).await?.pop();
        Ok(row.and_then(|(ms,)| instant(ms?)))
    }

    pub async fn note_digest(&mut self, at: Timestamp) -> StoreResult<()> {
        let query = self.statement(DIGESTED).bind(at.timestamp_millis());
        self.later(query).await
    }

    pub async fn note_import(&mut self, at: Timestamp) -> StoreResult<()> {
        let query = self.statement(IMPORTED).bind(at.timestamp_millis());
        self.later(query).await
    }

    /// The time of the last import.
    pub async fn last_import(&mut self) -> StoreResult<Option<Timestamp>> {
        let query = self.rows::<(Option<i64>,)>(LAST_IMPORT);
        let row = self.all(query).await?.pop();
        Ok(row.and_then(|(ms,)| instant(ms?)))
    }
}
