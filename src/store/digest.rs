//! What the digest of a week reads, each from an index and only so much.

use super::code::instant;
use super::instance::{InstanceRow, columns};
use super::{StoreError, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::case::Case;

/// The tracked instances that expire next.
pub(super) const EXPIRING: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND expires_at_ms >= $2 AND expires_at_ms < $3 \
     ORDER BY expires_at_ms LIMIT $4"
);

/// The tracked instances, not known to be Standard, whose action nobody knows; those that expire first come first, and
/// those whose expiry nobody knows before them.
pub(super) const IN_THE_DARK: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM instance WHERE workspace = $1 AND tracking = 'tracked' AND action IS NULL \
     AND COALESCE(edition, 'platinum') = 'platinum' ORDER BY expires_at_ms, id LIMIT $2"
);

/// Notes when facts were taken from a file.
pub(super) const IMPORTED: &str = "UPDATE workspace SET imported_at_ms = $2 WHERE workspace = $1";

/// When facts were last taken from a file.
pub(super) const LAST_IMPORT: &str = "SELECT imported_at_ms FROM workspace WHERE workspace = $1";

impl Tx {
    /// The tracked instances that expire between two moments, soonest first, at most so many.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn expiring(
        &mut self,
        (from, to): (Timestamp, Timestamp),
        limit: u32,
    ) -> Result<Vec<Case>, StoreError> {
        let query = sql::rows::<InstanceRow>(EXPIRING)
            .bind(self.workspace())
            .bind(from.timestamp_millis())
            .bind(to.timestamp_millis())
            .bind(i64::from(limit));
        let rows = self.all(query).await?;
        let order: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let mut cases = self.with_open_changes(rows).await?;
        let place = |case: &Case| order.iter().position(|id| *id == case.instance.id.as_str());
        cases.sort_by_key(place);
        Ok(cases)
    }

    /// The tracked instances whose action nobody knows, at most so many.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn in_the_dark(&mut self, limit: u32) -> Result<Vec<Case>, StoreError> {
        let query = sql::rows::<InstanceRow>(IN_THE_DARK)
            .bind(self.workspace())
            .bind(i64::from(limit));
        let rows = self.all(query).await?;
        self.with_open_changes(rows).await
    }

    /// Notes that facts were taken from a file.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn note_import(&mut self, at: Timestamp) -> Result<(), StoreError> {
        let query = sql::statement(IMPORTED)
            .bind(self.workspace())
            .bind(at.timestamp_millis());
        self.run(query).await.map(drop)
    }

    /// When facts were last taken from a file.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn last_import(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let query = sql::rows::<(Option<i64>,)>(LAST_IMPORT).bind(self.workspace());
        let row = self.all(query).await?.pop();
        Ok(row.and_then(|(ms,)| instant(ms?)))
    }
}
