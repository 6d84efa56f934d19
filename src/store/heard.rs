//! The table `heard`: what was asked for in a chat and decided on.

use super::{StoreError, Tx, sql};
use crate::domain::Timestamp;

/// Notes what was asked for, unless it was.
pub(super) const CLAIM: &str = "INSERT INTO heard (workspace, id, at_ms) VALUES ($1, $2, $3) \
     ON CONFLICT (workspace, id) DO NOTHING";

/// Forgets what no chat tells of any more.
pub(super) const PRUNE: &str = "DELETE FROM heard WHERE workspace = $1 AND at_ms < $2";

impl Tx {
    /// Notes that this transaction decides on what was asked for; `false` when another one has. What was asked for before
    /// `keep_from` is forgotten.
    pub async fn claim_heard(
        &mut self,
        id: &str,
        now: Timestamp,
        keep_from: Timestamp,
    ) -> Result<bool, StoreError> {
        let claim = sql::statement(CLAIM)
            .bind(self.workspace())
            .bind(id.to_owned())
            .bind(now.timestamp_millis());
        if self.run(claim).await? == 0 {
            return Ok(false);
        }
        let prune = sql::statement(PRUNE)
            .bind(self.workspace())
            .bind(keep_from.timestamp_millis());
        self.run(prune).await?;
        Ok(true)
    }
}
