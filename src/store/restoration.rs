//! The table `restoration`: that a database was restored from a copy, and how far what the copy knew was distrusted.

use super::code::{Row, instant};
use super::system::NOWHERE;
use super::{StoreError, System, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::id::InstanceId;

/// How many numbers of changes and notices are left out: those that were given since the copy was made are not given again,
/// to something else.
const LEFT_OUT: i64 = 1_000;

/// When something was last written, as far as anything says.
const LAST_KNOWN: &str = "SELECT MAX(at_ms) FROM (SELECT MAX(seen_ms) AS at_ms FROM lease \
     UNION ALL SELECT MAX((SELECT MAX(at_ms) FROM audit WHERE audit.workspace = workspace.workspace)) FROM workspace) AS known";

/// Begins it in every workspace.
const BEGIN: &str = "INSERT INTO restoration (workspace, state_ms, restored_ms, last_outbox, last_notice) \
     SELECT workspace, $1, $2, COALESCE((SELECT MAX(id) FROM outbox WHERE outbox.workspace = workspace.workspace), 0), \
     $3 + COALESCE((SELECT MAX(number) FROM notice WHERE notice.workspace = workspace.workspace), 0) \
     FROM workspace WHERE true ON CONFLICT (workspace) DO UPDATE SET state_ms = excluded.state_ms, \
     restored_ms = excluded.restored_ms, last_outbox = excluded.last_outbox, \
     last_notice = $3 + CASE WHEN excluded.last_notice > restoration.last_notice + $3 THEN excluded.last_notice - $3 \
     ELSE restoration.last_notice END, instance = '', notice = 0, voided = 0, raised = 0";

/// Leaves numbers of changes out.
const SKIP_NUMBERS: &str = "UPDATE workspace SET next_change = next_change + $1";

/// Nobody delivered from this database: how long nobody did is not to be told beside when it was restored.
const NOBODY: &str = "DELETE FROM lease";

macro_rules! columns {
    () => {
        "SELECT workspace, state_ms, restored_ms, last_outbox, instance, notice, voided, raised FROM restoration "
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

#[derive(Debug, sqlx::FromRow)]
struct RestorationRow {
    workspace: String,
    state_ms: i64,
    restored_ms: i64,
    last_outbox: i64,
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

    /// Has everything that it knows be distrusted when it is opened to be worked with.
    pub async fn begin_restoration(
        self,
        state_of: Timestamp,
        restored: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let begin = sql::statement(BEGIN)
            .bind(state_of.timestamp_millis())
            .bind(restored.timestamp_millis())
            .bind(LEFT_OUT);
        tx.run(begin).await?;
        tx.run(sql::statement(SKIP_NUMBERS).bind(LEFT_OUT)).await?;
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
