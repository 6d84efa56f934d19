//! Pausing a workspace: its own row says so, and every search for what is due leaves it out.

use super::system::NOWHERE;
use super::{StoreError, System, Totals, Tx, sql};

/// Notes that a workspace is paused, or is not any more.
pub(super) const MARK: &str = "INSERT INTO workspace (workspace, next_change, tracked, open_changes, events, paused) \
     VALUES ($1, 1, 0, 0, 0, $2) ON CONFLICT (workspace) DO UPDATE SET paused = excluded.paused \
     WHERE workspace.paused <> excluded.paused";

/// Every workspace with its counters.
pub(super) const HOLDINGS: &str = "SELECT workspace, tracked, open_changes, paused FROM workspace WHERE workspace > $1 ORDER BY workspace";

/// A workspace, and how much it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// Its name.
    pub workspace: String,
    /// How much it holds.
    pub totals: Totals,
    /// Nothing is due there.
    pub paused: bool,
}

#[derive(Debug, sqlx::FromRow)]
struct HoldingRow {
    workspace: String,
    tracked: i64,
    open_changes: i64,
    paused: i64,
}

impl System<'_> {
    /// Every workspace with its counters: one row each, however much it holds.
    pub async fn holdings(&self) -> Result<Vec<Holding>, StoreError> {
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
}

impl Tx {
    /// Pauses this workspace, or has it go on; `false` when it does already.
    pub async fn set_paused(&mut self, paused: bool) -> Result<bool, StoreError> {
        let mark = sql::statement(MARK)
            .bind(self.workspace())
            .bind(i64::from(paused));
        if self.run(mark).await? == 0 {
            return Ok(false);
        }
        if !paused {
            self.rings_at_once();
        }
        Ok(true)
    }
}
