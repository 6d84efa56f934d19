//! The table `restoration`: that a database was restored from a copy, and how far what the copy knew was distrusted.

use super::code::{Row, instant};
use super::system::NOWHERE;
use super::{StoreError, System, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::id::InstanceId;

/// How many numbers are left out at least: those that were given since the copy was made are not given again, to something
/// else.
const LEFT_OUT: i64 = 1_000;

/// The numbers of a workspace that people see, as far as they were given, and where its trail began: two databases of which
/// one is a copy of the other have that in common.
const NUMBERS: &str = "SELECT workspace, tracked, next_change, \
     (SELECT MAX(number) FROM notice WHERE notice.workspace = workspace.workspace) AS notice, \
     (SELECT MAX(number) FROM import WHERE import.workspace = workspace.workspace) AS import, \
     (SELECT MAX(number) FROM wording WHERE wording.workspace = workspace.workspace) AS wording, \
     (SELECT hash FROM audit WHERE audit.workspace = workspace.workspace AND seq = 1) AS began \
     FROM workspace WHERE workspace >= $1";

/// The last numbers that may have been given, of those that were restored.
const LEFT_OUT_BEFORE: &str =
    "SELECT workspace, last_notice FROM restoration WHERE workspace >= $1";

/// When something was last written, as far as anything says.
const LAST_KNOWN: &str = "SELECT MAX(at_ms) FROM (SELECT MAX(seen_ms) AS at_ms FROM lease \
     UNION ALL SELECT MAX((SELECT MAX(at_ms) FROM audit WHERE audit.workspace = workspace.workspace)) FROM workspace) AS known";

/// Begins it in a workspace. `last_notice` holds for notices, files and wordings.
const BEGIN: &str = "INSERT INTO restoration (workspace, state_ms, restored_ms, last_outbox, last_notice, instance, notice) \
     VALUES ($1, $2, $3, COALESCE((SELECT MAX(id) FROM outbox WHERE workspace = $1), 0), $4, $5, $6) \
     ON CONFLICT (workspace) DO UPDATE SET state_ms = excluded.state_ms, restored_ms = excluded.restored_ms, \
     last_outbox = excluded.last_outbox, last_notice = excluded.last_notice, instance = excluded.instance, \
     notice = excluded.notice, voided = 0, raised = 0";

/// Leaves numbers of changes out, also in a workspace that only the database before had.
const SKIP_NUMBERS: &str = "INSERT INTO workspace (workspace, next_change, tracked, open_changes, events) \
     VALUES ($1, $2, 0, 0, 0) ON CONFLICT (workspace) DO UPDATE SET next_change = excluded.next_change";

/// Nobody delivered from this database: how long nobody did is not to be told beside when it was restored.
const NOBODY: &str = "DELETE FROM lease";

/// The last number of a table; in a restored database, the last one that may have been given since the copy was made.
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

/// All of them.
pub(super) const ALL: &str = concat!(columns!(), "WHERE workspace >= $1");

/// That of a workspace.
pub(super) const OF: &str = concat!(columns!(), "WHERE workspace = $1");

/// Says how far it is.
pub(super) const KEEP: &str = "UPDATE restoration SET instance = $2, notice = $3, voided = $4, raised = $5 WHERE workspace = $1";

/// The instances behind one.
pub(super) const INSTANCES: &str =
    "SELECT id FROM instance WHERE workspace = $1 AND id > $2 ORDER BY id LIMIT $3";

/// The notices behind one.
pub(super) const NOTICES: &str =
    "SELECT number FROM notice WHERE workspace = $1 AND number > $2 ORDER BY number LIMIT $3";

/// A workspace of a database that was restored from a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restoration {
    pub workspace: String,
    /// Until when it knows what happened.
    pub state_of: Timestamp,
    /// When it was restored: what happened in between is not known.
    pub restored: Timestamp,
    /// Messages behind this number were written since.
    pub last_outbox: u64,
    /// Whatever is numbered from then on has a higher number.
    pub last_number: u64,
    /// What is still to be distrusted; `None` once everything was.
    pub left: Option<StillTrusted>,
    /// How many instances were distrusted.
    pub voided: u32,
    /// How many notices were raised for it.
    pub raised: u32,
}

/// What is still to be distrusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StillTrusted {
    /// The instances behind this one, then the notices.
    InstancesAfter(String),
    /// The notices behind this one.
    NoticesAfter(u64),
}

/// What a database holds of a workspace, as far as it is compared with one that takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holds {
    pub workspace: String,
    /// How many instances are tracked.
    pub tracked: u64,
    /// The last number that may have been given to something there.
    pub last_number: u64,
    /// Where its trail began.
    pub began: Option<String>,
}

#[derive(Debug, sqlx::FromRow)]
struct NumbersRow {
    workspace: String,
    tracked: i64,
    next_change: i64,
    notice: Option<i64>,
    import: Option<i64>,
    wording: Option<i64>,
    began: Option<String>,
}

#[derive(Debug, sqlx::FromRow)]
struct RestorationRow {
    workspace: String,
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
    fn read(self) -> Result<Restoration, StoreError> {
        let row = Row {
            table: "restoration",
            key: &self.workspace,
        };
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
    /// Until when it is known what happened; `None` where nothing was ever written.
    pub async fn last_known(self) -> Result<Option<Timestamp>, StoreError> {
        let rows = self.glance().await?.all(sql::rows(LAST_KNOWN)).await?;
        let at = rows.first().and_then(|(at,): &(Option<i64>,)| *at);
        Ok(at.and_then(instant))
    }

    /// What it holds, by workspace.
    pub async fn holds(self) -> Result<Vec<Holds>, StoreError> {
        let rows = sql::rows::<NumbersRow>(NUMBERS).bind(NOWHERE);
        let rows = self.glance().await?.all(rows).await?;
        let before = sql::rows::<(String, i64)>(LEFT_OUT_BEFORE).bind(NOWHERE);
        // A database of an earlier version was never restored.
        let before = self.glance().await?.all(before).await.unwrap_or_default();
        let natural = |number: i64| u64::try_from(number).unwrap_or_default();
        let each = rows.into_iter().map(|row| {
            let left_out = before.iter().find(|(name, _)| *name == row.workspace);
            let left_out = left_out.map(|(_, last)| *last);
            let all = [row.notice, row.import, row.wording, left_out];
            let last = all.into_iter().flatten().max().unwrap_or_default();
            Holds {
                tracked: natural(row.tracked),
                last_number: natural(last.max(row.next_change - 1)),
                began: row.began,
                workspace: row.workspace,
            }
        });
        Ok(each.collect())
    }

    /// Has everything that it knows be distrusted when it is opened to be worked with. `before` is what was in its place, as
    /// far as that can be read. Numbers go on behind every one that may have been given since the copy was made: behind those
    /// that were, and, where a database that gave some is not at hand, by one for each second.
    pub async fn begin_restoration(
        self,
        state_of: Timestamp,
        restored: Timestamp,
        before: &[Holds],
    ) -> Result<(), StoreError> {
        let lost = sql::number((restored - state_of).num_seconds().max(0).unsigned_abs())?;
        let copied = self.holds().await?;
        let named = |all: &[Holds], name: &str| all.iter().find(|it| it.workspace == name).cloned();
        let lacked = before
            .iter()
            .filter(|it| named(&copied, &it.workspace).is_none());
        let names = copied.iter().chain(lacked).map(|it| it.workspace.clone());
        let mut tx = self.write().await?;
        for workspace in names {
            let (own, replaced) = (named(&copied, &workspace), named(before, &workspace));
            // Of what it does not know nothing is to be distrusted, and nobody to be told.
            let (instance, notice) = match &own {
                Some(_) => (Some(String::new()), Some(0)),
                None => (None, None),
            };
            let own = sql::number(own.map_or(0, |held| held.last_number))?.saturating_add(lost);
            let replaced = sql::number(replaced.map_or(0, |held| held.last_number))?;
            let last = own.max(replaced).saturating_add(LEFT_OUT);
            let begin = sql::statement(BEGIN)
                .bind(workspace.clone())
                .bind(state_of.timestamp_millis())
                .bind(restored.timestamp_millis())
                .bind(last)
                .bind(instance)
                .bind(notice);
            tx.run(begin).await?;
            let skip = sql::statement(SKIP_NUMBERS).bind(workspace);
            tx.run(skip.bind(last.saturating_add(1))).await?;
        }
        tx.run(sql::statement(NOBODY)).await?;
        tx.commit().await
    }

    /// The workspaces that were restored.
    pub async fn restorations(self) -> Result<Vec<Restoration>, StoreError> {
        let query = sql::rows::<RestorationRow>(ALL).bind(NOWHERE);
        let rows = self.glance().await?.all(query).await?;
        rows.into_iter().map(RestorationRow::read).collect()
    }
}

impl Tx {
    /// That this workspace was restored.
    pub async fn restoration(&mut self) -> Result<Option<Restoration>, StoreError> {
        let query = sql::rows::<RestorationRow>(OF).bind(self.workspace());
        let row = self.all(query).await?.pop();
        row.map(RestorationRow::read).transpose()
    }

    /// Keeps how far it is.
    pub async fn keep_restoration(&mut self, kept: &Restoration) -> Result<(), StoreError> {
        let (instance, notice) = match &kept.left {
            Some(StillTrusted::InstancesAfter(id)) => (Some(id.clone()), Some(0)),
            Some(StillTrusted::NoticesAfter(number)) => (None, Some(sql::number(*number)?)),
            None => (None, None),
        };
        let query = sql::statement(KEEP)
            .bind(self.workspace())
            .bind(instance)
            .bind(notice)
            .bind(i64::from(kept.voided))
            .bind(i64::from(kept.raised));
        self.run(query).await.map(drop)
    }

    /// The ids of instances behind one, whether they are followed or not, at most so many.
    pub async fn instances_after(
        &mut self,
        id: &str,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let query = sql::rows::<(String,)>(INSTANCES)
            .bind(self.workspace())
            .bind(id.to_owned())
            .bind(i64::from(limit));
        let rows = self.all(query).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// The numbers of notices behind one, at most so many.
    pub async fn notices_after(&mut self, number: u64, limit: u32) -> Result<Vec<u64>, StoreError> {
        let query = sql::rows::<(i64,)>(NOTICES)
            .bind(self.workspace())
            .bind(sql::number(number)?)
            .bind(i64::from(limit));
        let rows = self.all(query).await?.into_iter();
        let rows = rows.filter_map(|(number,)| u64::try_from(number).ok());
        Ok(rows.collect())
    }

    /// What people said of an instance's reminders counts no more.
    pub async fn forget_words_on(&mut self, id: &InstanceId) -> Result<(), StoreError> {
        self.forget_attention(id).await
    }
}
