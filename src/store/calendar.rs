//! The table `calendar`: what a workspace does at a moment, whatever its instances are.

use super::code::instant;
use super::pause::shift;
use super::{Store, StoreError, Tx, sql};
use crate::domain::Timestamp;

/// The digest of a week.
const DIGEST: &str = "digest";

/// The earliest of all workspaces.
pub(super) const NEXT: &str = "SELECT workspace, at_ms FROM calendar WHERE at_ms > -1 ORDER BY at_ms, workspace, what LIMIT 1";

/// Says when the next one is.
pub(super) const SET: &str = concat!(
    "INSERT INTO calendar (workspace, what, at_ms) VALUES ($1, $2, $3 - ",
    shift!(),
    ") ON CONFLICT (workspace, what) DO UPDATE SET at_ms = excluded.at_ms"
);

/// Says when the next one is, if there is one.
pub(super) const MOVE: &str = concat!(
    "UPDATE calendar SET at_ms = $3 - ",
    shift!(),
    " WHERE workspace = $1 AND what = $2"
);

/// Says when the first one is, unless that is known.
pub(super) const BEGIN: &str = concat!(
    "INSERT INTO calendar (workspace, what, at_ms) VALUES ($1, $2, $3 - ",
    shift!(),
    ") ON CONFLICT (workspace, what) DO NOTHING"
);

impl Store {
    /// Which workspace has the next digest, and when.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn next_digest(&self) -> Result<Option<(String, Timestamp)>, StoreError> {
        let mut tx = self.read("").await?;
        let row = tx.all(sql::rows::<(String, i64)>(NEXT)).await?.pop();
        let read = |(workspace, ms): (String, i64)| {
            let at = instant(ms).ok_or_else(|| StoreError::Damaged {
                table: "calendar",
                key: workspace.clone(),
                column: "at_ms",
            });
            Ok((workspace, at?))
        };
        row.map(read).transpose()
    }
}

impl Tx {
    /// Says when this workspace's next digest is.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn set_digest(&mut self, at: Timestamp) -> Result<(), StoreError> {
        self.on_calendar(SET, at).await
    }

    /// Says when this workspace's next digest is, if it has one.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn move_digest(&mut self, at: Timestamp) -> Result<(), StoreError> {
        self.on_calendar(MOVE, at).await
    }

    /// Says when this workspace's first digest is; one that has a next one keeps it.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn begin_digests(&mut self, at: Timestamp) -> Result<(), StoreError> {
        self.on_calendar(BEGIN, at).await
    }

    async fn on_calendar(&mut self, text: &str, at: Timestamp) -> Result<(), StoreError> {
        let query = sql::statement(text)
            .bind(self.workspace())
            .bind(DIGEST)
            .bind(at.timestamp_millis());
        self.run(query).await.map(drop)
    }
}
