//! The table `heard`: ids of chat requests that have been decided.

use super::tx::ExpectedErrors;
use super::{StoreError, StoreResult, Tx};
use crate::domain::Timestamp;

/// Records a request, unless it is recorded already.
pub(super) const CLAIM: &str = "INSERT INTO heard (workspace, id, at_ms) VALUES ($1, $2, $3) \
     ON CONFLICT (workspace, id) DO NOTHING";

/// Removes requests that no chat repeats any more.
pub(super) const PRUNE: &str = "DELETE FROM heard WHERE workspace = $1 AND at_ms < $2";

impl Tx {
    /// Records that this transaction decides a request; if another has, this one ends with [`StoreError::DecidedElsewhere`].
    /// Requests before `keep_from` are removed.
    pub async fn claim_heard(
        &mut self,
        id: &str,
        now: Timestamp,
        keep_from: Timestamp,
    ) -> StoreResult<()> {
        let claim = self
            .statement(CLAIM)
            .bind(id.to_owned())
            .bind(now.timestamp_millis());
        let refusal = ExpectedErrors {
            no_row: Some(StoreError::DecidedElsewhere),
            ..ExpectedErrors::default()
        };
        self.later_or(claim, refusal).await?;
        let prune = self.statement(PRUNE).bind(keep_from.timestamp_millis());
        self.later(prune).await
    }
}
