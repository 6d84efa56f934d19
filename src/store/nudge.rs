//! The table `nudge`: when an instance is to be looked at next, because something may be due then. Two indexes, so that no
//! tick ever looks at all of them.

use super::code::instant;
use super::pause::shift;
use super::{Store, StoreError, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::id::InstanceId;

/// Says when an instance is to be looked at.
pub(super) const UPSERT: &str = concat!(
    "INSERT INTO nudge (workspace, instance_id, at_ms) VALUES ($1, $2, $3 - ",
    shift!(),
    ") ON CONFLICT (workspace, instance_id) DO UPDATE SET at_ms = excluded.at_ms"
);

/// Says that every instance of a workspace for which something is planned is to be looked at.
pub(super) const ALL_AT_ONCE: &str = concat!(
    "UPDATE nudge SET at_ms = 0 - ",
    shift!(),
    " WHERE workspace = $1"
);

/// Says that nothing is planned for an instance.
pub(super) const DELETE: &str = "DELETE FROM nudge WHERE workspace = $1 AND instance_id = $2";

/// The earliest of all workspaces.
pub(super) const NEXT: &str = "SELECT workspace, instance_id, at_ms FROM nudge WHERE at_ms > -1 \
     ORDER BY at_ms, workspace, instance_id LIMIT 1";

/// What is due in a workspace, earliest first.
pub(super) const DUE: &str = "SELECT workspace, instance_id, at_ms FROM nudge WHERE workspace = $1 AND at_ms > -1 \
     AND at_ms <= $2 ORDER BY at_ms, instance_id LIMIT $3";

#[derive(Debug, sqlx::FromRow)]
struct NudgeRow {
    workspace: String,
    instance_id: String,
    at_ms: i64,
}

/// An instance that is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nudge {
    /// Where.
    pub workspace: String,
    /// Which instance.
    pub instance: InstanceId,
    /// When something was planned; `None`: it was written, and is to be planned anew.
    pub at: Option<Timestamp>,
}

impl NudgeRow {
    fn read(self) -> Result<Nudge, StoreError> {
        let damaged = |column| StoreError::Damaged {
            table: "nudge",
            key: self.instance_id.clone(),
            column,
        };
        let instance = InstanceId::parse(&self.instance_id);
        let at = instant(self.at_ms).ok_or_else(|| damaged("at_ms"))?;
        Ok(Nudge {
            instance: instance.map_err(|_| damaged("instance_id"))?,
            at: (self.at_ms > 0).then_some(at),
            workspace: self.workspace,
        })
    }
}

impl Store {
    /// The instance of all workspaces that is to be looked at first.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn next_nudge(&self) -> Result<Option<Nudge>, StoreError> {
        let mut tx = self.read("").await?;
        let row = tx.all(sql::rows::<NudgeRow>(NEXT)).await?.pop();
        row.map(NudgeRow::read).transpose()
    }
}

impl Tx {
    /// The instances that are to be looked at by now, at most so many, earliest first.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn nudges_due(
        &mut self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Nudge>, StoreError> {
        let query = sql::rows::<NudgeRow>(DUE)
            .bind(self.workspace())
            .bind(now.timestamp_millis())
            .bind(i64::from(limit));
        let rows = self.all(query).await?;
        rows.into_iter().map(NudgeRow::read).collect()
    }

    /// Says when an instance is to be looked at next; `None`: not until something is written.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn set_nudge(
        &mut self,
        id: &InstanceId,
        at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let query = match at {
            // 0 is for what was written.
            Some(at) => sql::statement(UPSERT)
                .bind(self.workspace())
                .bind(id.to_string())
                .bind(at.timestamp_millis().max(1)),
            None => sql::statement(DELETE)
                .bind(self.workspace())
                .bind(id.to_string()),
        };
        self.run(query).await.map(drop)
    }

    /// Says that every instance for which something is planned is to be looked at, because it may be due at another moment
    /// now. One write for each, and they are looked at in batches afterwards.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn replan_reminders(&mut self) -> Result<(), StoreError> {
        self.stir();
        let query = sql::statement(ALL_AT_ONCE).bind(self.workspace());
        self.run(query).await.map(drop)
    }

    /// Says that an instance is to be looked at, whatever was planned.
    pub(super) async fn nudge_at_once(&mut self, id: &InstanceId) -> Result<(), StoreError> {
        let query = sql::statement(UPSERT)
            .bind(self.workspace())
            .bind(id.to_string())
            .bind(0_i64);
        self.run(query).await.map(drop)
    }
}
