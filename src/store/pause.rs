//! Pausing a workspace: the moments of its rows in `wake`, `schedule` and `lane` are moved out of reach of what
//! looks for something due, and so is every moment that is written meanwhile. It costs one write for each of those rows, and
//! nothing as long as it lasts.

use super::{Store, StoreError, Totals, Tx, sql};

/// How much earlier a moment lies as long as its workspace is paused.
macro_rules! shift {
    () => {
        "(SELECT 1152921504606846976 * COALESCE(MAX(paused), 0) FROM workspace WHERE workspace = $1)"
    };
}
pub(super) use shift;

/// Notes that a workspace is paused, or is not any more.
pub(super) const MARK: &str = "INSERT INTO workspace (workspace, next_change, tracked, open_changes, events, paused) \
     VALUES ($1, 1, 0, 0, 0, $2) ON CONFLICT (workspace) DO UPDATE SET paused = excluded.paused \
     WHERE paused <> excluded.paused";

/// Moves the moments of a workspace, in every table that has some.
pub(super) const MOVES: [&str; 3] = [
    "UPDATE wake SET at_ms = at_ms + $2 WHERE workspace = $1",
    "UPDATE schedule SET due_ms = due_ms + $2 WHERE workspace = $1",
    "UPDATE lane SET next_ms = next_ms + $2 WHERE workspace = $1 AND next_ms IS NOT NULL",
];

/// Every workspace with its counters.
pub(super) const HOLDINGS: &str = "SELECT workspace, tracked, open_changes, paused FROM workspace WHERE workspace > $1 ORDER BY workspace";

const SHIFT: i64 = 1 << 60;

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

impl Store {
    /// Every workspace with its counters: one row each, however much it holds.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn holdings(&self) -> Result<Vec<Holding>, StoreError> {
        let mut tx = self.glance("").await?;
        let rows = tx.all(sql::rows::<HoldingRow>(HOLDINGS).bind("")).await?;
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
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn set_paused(&mut self, paused: bool) -> Result<bool, StoreError> {
        let mark = sql::statement(MARK)
            .bind(self.workspace())
            .bind(i64::from(paused));
        if self.run(mark).await? == 0 {
            return Ok(false);
        }
        let by = if paused { -SHIFT } else { SHIFT };
        for text in MOVES {
            let query = sql::statement(text).bind(self.workspace()).bind(by);
            self.run(query).await?;
        }
        self.stir();
        Ok(true)
    }
}
