//! The table `reminder`: what became of each level, once and for all.

use super::code::{Row, instant};
use super::{StoreError, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::event::{Event, EventKind};
use crate::domain::fact::CLOCKS_DIFFER;
use crate::domain::id::InstanceId;
use crate::domain::reminder::{Level, Point, Why};

/// Settles a level, unless it is settled already. What was settled at a time to come comes from a clock that was wrong.
pub(super) const INSERT: &str = "INSERT INTO reminder (workspace, instance_id, of_ms, level, due_ms, state, reason, \
     at_ms, key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (workspace, instance_id, of_ms, level) DO UPDATE SET due_ms = excluded.due_ms, \
     state = excluded.state, reason = excluded.reason, at_ms = excluded.at_ms, key = excluded.key \
     WHERE reminder.at_ms - excluded.at_ms > $10";

/// What became of the levels of an expiry.
pub(super) const OF: &str = "SELECT of_ms, level, due_ms, reason, at_ms, key FROM reminder \
     WHERE workspace = $1 AND instance_id = $2 AND of_ms = $3 ORDER BY level";

/// Says again what became of a level that a message was posted for.
pub(super) const AMEND: &str = "UPDATE reminder SET state = $5, reason = $6 WHERE workspace = $1 AND instance_id = $2 \
     AND of_ms = $3 AND level = $4";

/// What became of the message under a key.
pub(super) const MESSAGE: &str =
    "SELECT state, done_ms FROM outbox WHERE workspace = $1 AND key = $2";

/// What happened to an instance since a moment, oldest first; of its latest rows. Their numbers come from an index first: asked
/// for whole rows, `SQLite` walks the history of the workspace.
pub(super) const SINCE: &str = "SELECT at_ms, by_id, data FROM event WHERE workspace = $1 AND at_ms >= $3 \
     AND seq IN (SELECT seq FROM event WHERE workspace = $1 AND instance_id = $2 ORDER BY seq DESC LIMIT $4) ORDER BY seq";

#[derive(Debug, sqlx::FromRow)]
struct StoredReminder {
    of_ms: i64,
    level: String,
    due_ms: i64,
    reason: Option<String>,
    at_ms: i64,
    key: Option<String>,
}

/// What became of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is in a message.
    Posted,
    /// It is not said.
    Skipped(Why),
}

/// A level that is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settling {
    /// Which.
    pub point: Point,
    /// When it was due.
    pub due: Timestamp,
    /// What became of it.
    pub fate: Fate,
    /// When that was settled.
    pub at: Timestamp,
    /// The key of its message.
    pub key: Option<String>,
}

impl Fate {
    const fn columns(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Posted => ("posted", None),
            Self::Skipped(why) => ("skipped", Some(why.as_str())),
        }
    }
}

impl StoredReminder {
    fn read(self) -> Result<Settling, StoreError> {
        let row = Row {
            table: "reminder",
            key: &self.level,
        };
        let why = row.may("reason", self.reason.as_deref(), Why::from_word)?;
        Ok(Settling {
            point: Point {
                of: row.need("of_ms", instant(self.of_ms))?,
                level: row.need("level", Level::parse(&self.level))?,
            },
            due: row.need("due_ms", instant(self.due_ms))?,
            fate: why.map_or(Fate::Posted, Fate::Skipped),
            at: row.need("at_ms", instant(self.at_ms))?,
            key: self.key,
        })
    }
}

impl Tx {
    /// Settles a level; `false` when it was settled already.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn settle_level(
        &mut self,
        id: &InstanceId,
        settling: &Settling,
    ) -> Result<bool, StoreError> {
        let (state, reason) = settling.fate.columns();
        let query = sql::statement(INSERT)
            .bind(self.workspace())
            .bind(id.to_string())
            .bind(settling.point.of.timestamp_millis())
            .bind(settling.point.level.to_string())
            .bind(settling.due.timestamp_millis())
            .bind(state)
            .bind(reason)
            .bind(settling.at.timestamp_millis())
            .bind(settling.key.clone())
            .bind(CLOCKS_DIFFER.num_milliseconds());
        Ok(self.run(query).await? > 0)
    }

    /// Says what became of a level when its message was made.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn amend_level(
        &mut self,
        id: &InstanceId,
        point: Point,
        fate: Fate,
    ) -> Result<(), StoreError> {
        let (state, reason) = fate.columns();
        let query = sql::statement(AMEND)
            .bind(self.workspace())
            .bind(id.to_string())
            .bind(point.of.timestamp_millis())
            .bind(point.level.to_string())
            .bind(state)
            .bind(reason);
        self.run(query).await.map(drop)
    }

    /// The levels of an expiry, or of an upgrade, that are settled.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn levels_of(
        &mut self,
        id: &InstanceId,
        of: Timestamp,
    ) -> Result<Vec<Settling>, StoreError> {
        let query = sql::rows::<StoredReminder>(OF)
            .bind(self.workspace())
            .bind(id.to_string())
            .bind(of.timestamp_millis());
        let rows = self.all(query).await?;
        rows.into_iter().map(StoredReminder::read).collect()
    }

    /// When the message under a key, posted at a moment, was sent; `None` while it was not. One that is not kept any more
    /// was sent about then.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn sent_at(
        &mut self,
        key: &str,
        posted: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let query = sql::rows::<(String, Option<i64>)>(MESSAGE)
            .bind(self.workspace())
            .bind(key.to_owned());
        let Some((state, done)) = self.all(query).await?.pop() else {
            return Ok(Some(posted));
        };
        let done = done.filter(|_| state == "sent");
        Ok(done.and_then(instant))
    }

    /// Facts that somebody moved since a moment, and what time did to the change then, oldest first; of the latest
    /// `limit` events.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn happened_since(
        &mut self,
        id: &InstanceId,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let query = sql::rows::<(i64, Option<String>, String)>(SINCE)
            .bind(self.workspace())
            .bind(id.to_string())
            .bind(since.timestamp_millis())
            .bind(i64::from(limit));
        let mut happened = Vec::new();
        for (at, by, data) in self.all(query).await? {
            let row = Row {
                table: "event",
                key: id.as_str(),
            };
            let at = row.need("at_ms", instant(at))?;
            let kinds: Vec<EventKind> = row.need("data", serde_json::from_str(&data).ok())?;
            let counts = |kind: &EventKind| match kind {
                EventKind::Waiting | EventKind::PresumedDeleted => true,
                EventKind::Moved { .. } => by.is_some(),
                _ => false,
            };
            happened.extend(kinds.into_iter().filter(counts).map(|kind| Event {
                at,
                by: None,
                change: None,
                kind,
            }));
        }
        Ok(happened)
    }
}
