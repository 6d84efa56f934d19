//! The table `restoration`: restorations from a copy, and the progress of distrusting its contents.

use super::code::{Row, instant};
use super::sql::StoredId;
use super::system::NOWHERE;
use super::{StoreResult, System, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::id::WorkspaceId;

/// The least gap in numbers after a restoration, so that numbers assigned after the copy are not reused.
const LEFT_OUT: i64 = 1_000;

/// The highest numbers of a workspace that people see, and the start of its trail, which a database and its copy have in common.
const NUMBERS: &str = "SELECT workspace, tracked, next_change, \
     (SELECT MAX(number) FROM notice WHERE notice.workspace = workspace.workspace) AS notice, \
     (SELECT MAX(number) FROM import WHERE import.workspace = workspace.workspace) AS import, \
     (SELECT MAX(number) FROM wording WHERE wording.workspace = workspace.workspace) AS wording, \
     (SELECT hash FROM audit WHERE audit.workspace = workspace.workspace AND seq = 1) AS began, \
     (SELECT keyed FROM audit WHERE audit.workspace = workspace.workspace ORDER BY seq DESC LIMIT 1) AS keyed \
     FROM workspace WHERE workspace >= $1";

/// The last numbers that may have been assigned, for restored workspaces.
const LEFT_OUT_BEFORE: &str =
    "SELECT workspace, last_notice FROM restoration WHERE workspace >= $1";

/// The time of the last known write.
const LAST_KNOWN: &str = "SELECT MAX(at_ms) FROM (SELECT MAX(seen_ms) AS at_ms FROM lease WHERE seen_ms > 0 \
     UNION ALL SELECT MAX((SELECT MAX(at_ms) FROM audit WHERE audit.workspace = workspace.workspace)) FROM workspace) AS known";

/// Begins a restoration in a workspace. `last_notice` applies to notices, imports and wordings.
const BEGIN: &str = "INSERT INTO restoration (workspace, state_ms, restored_ms, last_outbox, last_notice, instance, notice) \
     VALUES ($1, $2, $3, COALESCE((SELECT MAX(id) FROM outbox WHERE workspace = $1), 0), $4, $5, $6) \
     ON CONFLICT (workspace) DO UPDATE SET state_ms = excluded.state_ms, restored_ms = excluded.restored_ms, \
     last_outbox = excluded.last_outbox, last_notice = excluded.last_notice, instance = excluded.instance, \
     notice = excluded.notice, voided = 0, raised = 0";

/// Skips numbers of changes, also in a workspace that only the replaced database had.
const SKIP_NUMBERS: &str = "INSERT INTO workspace (workspace, next_change, tracked, open_changes, events) \
     VALUES ($1, $2, 0, 0, 0) ON CONFLICT (workspace) DO UPDATE SET next_change = excluded.next_change";

/// Removes the lease, so that no gap in delivery is reported in addition to the restoration.
const NOBODY: &str = "DELETE FROM lease";

/// The last number of a table; in a restored database, at least the last one that may have been assigned after the copy.
macro_rules! last_of {
    ($table:literal) => {
        concat!(
            "SELECT COALESCE(MAX(number), 0) FROM (SELECT MAX(number) AS number FROM ",
            $table,
            " WHERE workspace = $1 UNION ALL SELECT last_notice FROM restoration WHERE workspace = $1) AS latest"
        )
    };
}
pub(super) use last_of;

macro_rules! columns {
    () => {
        "SELECT workspace, state_ms, restored_ms, last_outbox, last_notice, instance, notice, voided, raised FROM restoration "
    };
}

/// All restorations.
pub(super) const ALL: &str = concat!(columns!(), "WHERE workspace >= $1");

/// The restoration of a workspace.
pub(super) const OF: &str = concat!(columns!(), "WHERE workspace = $1");

/// Updates the progress.
pub(super) const KEEP: &str = "UPDATE restoration SET instance = $2, notice = $3, voided = $4, raised = $5 WHERE workspace = $1";

/// The instances after one.
pub(super) const INSTANCES: &str =
    "SELECT id FROM instance WHERE workspace = $1 AND id > $2 ORDER BY id LIMIT $3";

/// The notices after one.
pub(super) const NOTICES: &str =
    "SELECT number FROM notice WHERE workspace = $1 AND number > $2 ORDER BY number LIMIT $3";

/// The restoration of a workspace from a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restoration {
    pub workspace: WorkspaceId,
    /// The time of the copy's state.
    pub state_of: Timestamp,
    /// The time of the restoration; events in between are unknown.
    pub restored: Timestamp,
    /// The last message in the copy; higher numbers were posted since.
    pub last_outbox: u64,
    /// The last skipped number; new numbers are higher.
    pub last_number: u64,
    /// The contents still to be distrusted; `None` once finished.
    pub left: Option<StillTrusted>,
    /// The number of distrusted instances.
    pub voided: u32,
    /// The number of notices raised because of it.
    pub raised: u32,
}

/// The contents still to be distrusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StillTrusted {
    /// The instances after this one, then the notices.
    InstancesAfter(String),
    /// The notices after this one.
    NoticesAfter(u64),
}

/// The extent of a workspace, for comparing a database with its replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holds {
    pub workspace: WorkspaceId,
    /// The number of tracked instances.
    pub tracked: u64,
    /// The last number that may have been assigned.
    pub last_number: u64,
    /// The start of its trail.
    pub began: Option<String>,
    /// Whether its trail has a key.
    pub is_keyed: bool,
}

#[derive(Debug, sqlx::FromRow)]
struct NumbersRow {
    #[sqlx(try_from = "StoredId<WorkspaceId>")]
    workspace: WorkspaceId,
    tracked: i64,
    next_change: i64,
    notice: Option<i64>,
    import: Option<i64>,
    wording: Option<i64>,
    began: Option<String>,
    keyed: Option<i64>,
}

#[derive(Debug, sqlx::FromRow)]
struct RestorationRow {
    #[sqlx(try_from = "StoredId<WorkspaceId>")]
    workspace: WorkspaceId,
    state_ms: i64,
    restored_ms: i64,
    last_outbox: i64,
    last_notice: i64,
    instance: Option<String>,
    notice: Option<i64>,
    voided: i64,
    raised: i64,
}

impl RestorationRow {
    fn read(self) -> StoreResult<Restoration> {
        let row = Row::of("restoration", self.workspace.as_str());
        let number = |number: i64| u64::try_from(number).ok();
        let notice = row.may("notice", self.notice, number)?;
        let few = |number: i64| u32::try_from(number).ok();
        Ok(Restoration {
            state_of: row.need("state_ms", instant(self.state_ms))?,
            restored: row.need("restored_ms", instant(self.restored_ms))?,
            last_outbox: row.need("last_outbox", number(self.last_outbox))?,
            last_number: row.need("last_notice", number(self.last_notice))?,
            left: match self.instance {
                Some(id) => Some(StillTrusted::InstancesAfter(id)),
                None => notice.map(StillTrusted::NoticesAfter),
            },
            voided: row.need("voided", few(self.voided))?,
            raised: row.need("raised", few(self.raised))?,
            workspace: self.workspace,
        })
    }
}

impl System<'_> {
    /// The time of the last known write; `None` if there was none.
    pub async fn last_known(self) -> StoreResult<Option<Timestamp>> {
        let rows = self.glance().await?.all(sql::rows(LAST_KNOWN)).await?;
        let at = rows.first().and_then(|(at,): &(Option<i64>,)| *at);
        Ok(at.and_then(instant))
    }

    /// The extent of each workspace.
    pub async fn extents(self) -> StoreResult<Vec<Holds>> {
        let rows = sql::rows::<NumbersRow>(NUMBERS).bind(NOWHERE);
        let rows = self.glance().await?.all(rows).await?;
        let before = sql::rows::<(StoredId<WorkspaceId>, i64)>(LEFT_OUT_BEFORE).bind(NOWHERE);
        // An earlier version lacks this table, so it was never restored.
        let before = self.glance().await?.all(before).await.unwrap_or_default();
        let natural = |number: i64| u64::try_from(number).unwrap_or_default();
        let each = rows.into_iter().map(|row| {
            let left_out = before
                .iter()
                .find(|(StoredId(name), _)| *name == row.workspace);
            let left_out = left_out.map(|(_, last)| *last);
            let all = [row.notice, row.import, row.wording, left_out];
            let last = all.into_iter().flatten().max().unwrap_or_default();
            Holds {
                tracked: natural(row.tracked),
                last_number: natural(last.max(row.next_change - 1)),
                began: row.began,
                is_keyed: row.keyed.is_some_and(|keyed| keyed != 0),
                workspace: row.workspace,
            }
        });
        Ok(each.collect())
    }

    /// Marks all contents as distrusted from the next opening on. `before` is the extent of the replaced database, if it could be
    /// read. New numbers follow all that may have been assigned after the copy: those of the replaced database or, if it is not
    /// available, one per second.
    pub async fn begin_restoration(
        self,
        state_of: Timestamp,
        restored: Timestamp,
        before: &[Holds],
    ) -> StoreResult<()> {
        let lost = sql::number((restored - state_of).num_seconds().max(0).unsigned_abs())?;
        let copied = self.extents().await?;
        let named =
            |all: &[Holds], id: &WorkspaceId| all.iter().find(|it| it.workspace == *id).cloned();
        let lacked = before
            .iter()
            .filter(|it| named(&copied, &it.workspace).is_none());
        let names = copied.iter().chain(lacked).map(|it| it.workspace.clone());
        let mut tx = self.write().await?;
        for workspace in names {
            let (own, replaced) = (named(&copied, &workspace), named(before, &workspace));
            // A workspace that the copy lacks has nothing to distrust and nobody to notify.
            let (instance, notice) = match &own {
                Some(_) => (Some(String::new()), Some(0)),
                None => (None, None),
            };
            let own = sql::number(own.map_or(0, |held| held.last_number))?.saturating_add(lost);
            let replaced = sql::number(replaced.map_or(0, |held| held.last_number))?;
            let last = own.max(replaced).saturating_add(LEFT_OUT);
            let begin = sql::statement(BEGIN)
                .bind(workspace.to_string())
                .bind(state_of.timestamp_millis())
                .bind(restored.timestamp_millis())
                .bind(last)
                .bind(instance)
                .bind(notice);
            tx.run(begin).await?;
            let skip = sql::statement(SKIP_NUMBERS).bind(workspace.to_string());
            tx.run(skip.bind(last.saturating_add(1))).await?;
        }
        tx.run(sql::statement(NOBODY)).await?;
        tx.settle_home(self.0.engine).await?;
        tx.commit().await
    }

    pub async fn restorations(self) -> StoreResult<Vec<Restoration>> {
        let query = sql::rows::<RestorationRow>(ALL).bind(NOWHERE);
        let rows = self.glance().await?.all(query).await?;
        rows.into_iter().map(RestorationRow::read).collect()
    }
}

impl Tx {
    /// The restoration of this workspace, if any.
    pub async fn restoration(&mut self) -> StoreResult<Option<Restoration>> {
        let query = self.rows::<RestorationRow>(OF);
        let row = self.all(query).await?.pop();
        row.map(RestorationRow::read).transpose()
    }

    /// Stores the progress of a restoration.
    pub async fn keep_restoration(&mut self, kept: &Restoration) -> StoreResult<()> {
        let (instance, notice) = match &kept.left {
            Some(StillTrusted::InstancesAfter(id)) => (Some(id.clone()), Some(0)),
            Some(StillTrusted::NoticesAfter(number)) => (None, Some(sql::number(*number)?)),
            None => (None, None),
        };
        let query = self
            .statement(KEEP)
            .bind(instance)
            .bind(notice)
            .bind(i64::from(kept.voided))
            .bind(i64::from(kept.raised));
        self.run(query).await.map(drop)
    }

    /// The ids of instances after one, tracked or not, up to `limit`.
    pub async fn instances_after(&mut self, id: &str, limit: u32) -> StoreResult<Vec<String>> {
        let query = self
            .rows::<(String,)>(INSTANCES)
            .bind(id.to_owned())
            .bind(i64::from(limit));
        let rows = self.all(query).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// The numbers of notices after one, up to `limit`.
    pub async fn notices_after(&mut self, number: u64, limit: u32) -> StoreResult<Vec<u64>> {
        let query = self
            .rows::<(i64,)>(NOTICES)
            .bind(sql::number(number)?)
            .bind(i64::from(limit));
        let rows = self.all(query).await?.into_iter();
        let rows = rows.filter_map(|(number,)| u64::try_from(number).ok());
        Ok(rows.collect())
    }
}
