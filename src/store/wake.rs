//! The table `wake`: when time alone next changes an open change. One index, so that no tick ever looks at all of them.

use super::code::instant;
use super::pause::shift;
use super::{Store, StoreError, Tx, sql};
use crate::domain::Timestamp;

/// Says when a change is to be looked at.
pub(super) const UPSERT: &str = concat!(
    "INSERT INTO wake (workspace, change_number, at_ms) VALUES ($1, $2, $3 - ",
    shift!(),
    ") ON CONFLICT (workspace, change_number) DO UPDATE SET at_ms = excluded.at_ms"
);

/// Says that time changes nothing of a change any more.
pub(super) const DELETE: &str = "DELETE FROM wake WHERE workspace = $1 AND change_number = $2";

/// What is due of all workspaces, earliest first.
pub(super) const DUE: &str = "SELECT workspace, change_number, at_ms FROM wake WHERE at_ms > -1 AND at_ms <= $1 \
     ORDER BY at_ms, workspace, change_number LIMIT $2";

/// The earliest of all workspaces.
pub(super) const NEXT: &str = "SELECT workspace, change_number, at_ms FROM wake WHERE at_ms > -1 \
     ORDER BY at_ms, workspace, change_number LIMIT 1";

#[derive(Debug, sqlx::FromRow)]
struct WakeRow {
    workspace: String,
    change_number: i64,
    at_ms: i64,
}

/// A change that time has something to do with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wake {
    /// Where.
    pub workspace: String,
    /// Which change.
    pub change: u64,
    /// Since when.
    pub at: Timestamp,
}

impl WakeRow {
    fn read(self) -> Result<Wake, StoreError> {
        let damaged = |column| StoreError::Damaged {
            table: "wake",
            key: format!("change {}", self.change_number),
            column,
        };
        let change = u64::try_from(self.change_number).map_err(|_| damaged("change_number"))?;
        let at = instant(self.at_ms).ok_or_else(|| damaged("at_ms"))?;
        Ok(Wake {
            workspace: self.workspace,
            change,
            at,
        })
    }
}

impl Store {
    /// Changes of all workspaces that time has something to do with, at most `limit`, earliest first.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn wakes_due(&self, now: Timestamp, limit: u32) -> Result<Vec<Wake>, StoreError> {
        let mut tx = self.read("").await?;
        let query = sql::rows::<WakeRow>(DUE)
            .bind(now.timestamp_millis())
            .bind(i64::from(limit));
        let rows = tx.all(query).await?;
        rows.into_iter().map(WakeRow::read).collect()
    }

    /// The earliest instant at which time has something to do with a change, in any workspace.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn next_wake(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut tx = self.read("").await?;
        let row = tx.all(sql::rows::<WakeRow>(NEXT)).await?.pop();
        Ok(row.map(WakeRow::read).transpose()?.map(|wake| wake.at))
    }
}

impl Tx {
    /// Looks at a change later than was planned.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn postpone(&mut self, change: u64, at: Timestamp) -> Result<(), StoreError> {
        self.save_wake(sql::number(change)?, Some(at)).await
    }

    /// Says when time next changes a change; `None`: never again.
    pub(super) async fn save_wake(
        &mut self,
        number: i64,
        at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let query = match at {
            Some(at) => sql::statement(UPSERT)
                .bind(self.workspace())
                .bind(number)
                .bind(at.timestamp_millis()),
            None => sql::statement(DELETE).bind(self.workspace()).bind(number),
        };
        self.run(query).await.map(drop)
    }
}
