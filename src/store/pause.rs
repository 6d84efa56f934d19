//! Paused workspaces: a flag in the workspace's row, which all searches for due work respect.

use super::sql::StoredId;
use super::system::NOWHERE;
use super::{StoreResult, System, Totals, Tx, sql};
use crate::domain::id::WorkspaceId;

/// Sets or clears the pause of a workspace.
pub(super) const MARK: &str = "INSERT INTO workspace (workspace, next_change, tracked, open_changes, events, paused) \
     VALUES ($1, 1, 0, 0, 0, $2) ON CONFLICT (workspace) DO UPDATE SET paused = excluded.paused \
     WHERE workspace.paused <> excluded.paused";

/// Whether a workspace is paused.
pub(super) const PAUSED: &str = "SELECT paused FROM workspace WHERE workspace = $1";

/// All workspaces with their counters.
pub(super) const HOLDINGS: &str = "SELECT workspace, tracked, open_changes, paused FROM workspace WHERE workspace > $1 ORDER BY workspace";

/// A workspace and its counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    pub workspace: WorkspaceId,
    pub totals: Totals,
    /// Whether it is paused, so that nothing is due there.
    pub paused: bool,
}

#[derive(Debug, sqlx::FromRow)]
struct HoldingRow {
    #[sqlx(try_from = "StoredId<WorkspaceId>")]
    workspace: WorkspaceId,
    tracked: i64,
    open_changes: i64,
    paused: i64,
}

impl System<'_> {
    /// All workspaces with their counters, one row each.
    pub async fn holdings(&self) -> StoreResult<Vec<Holding>> {
        let mut tx = self.glance().await?;
        let rows = tx
            .all(sql::rows::<HoldingRow>(HOLDINGS).bind(NOWHERE))
            .await?;
        let read = |row: HoldingRow| Holding {
            workspace: row.workspace,
            totals: Totals {
                instances: u64::try_from(row.tracked).unwrap_or_default(),
                open_changes: u64::try_from(row.open_changes).unwrap_or_default(),
            },
            paused: row.paused != 0,
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// Whether a workspace is paused; `None` for one in which nothing was recorded yet.
    pub async fn is_paused(&self, workspace: &WorkspaceId) -> StoreResult<Option<bool>> {
        let query = sql::rows::<(i64,)>(PAUSED).bind(workspace.to_string());
        let rows = self.glance().await?.all(query).await?;
        Ok(rows.into_iter().next().map(|(paused,)| paused != 0))
    }
}

impl Tx {
    /// Pauses or resumes this workspace; `false` when nothing changed.
    pub async fn set_paused(&mut self, paused: bool) -> StoreResult<bool> {
        let mark = self.statement(MARK).bind(i64::from(paused));
        if self.run(mark).await? == 0 {
            return Ok(false);
        }
        if !paused {
            self.rings_at_once();
        }
        Ok(true)
    }
}
