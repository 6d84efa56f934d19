//! The table `reminder`: the final result of each reminder level.

use chrono::TimeDelta;

use super::code::{Row, instant};
use super::{StoreResult, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::fact::{CLOCKS_DIFFER, is_ahead};
use crate::domain::id::InstanceId;
use crate::domain::reminder::{Level, Point, Why};

/// The most levels settled in one statement.
const LEVELS: usize = 10;

/// Settles `n` levels that are not settled yet. A result with a future time comes from a wrong clock and is replaced.
pub(super) fn settle_levels(n: usize) -> String {
    let rows = sql::tuples_from(3, n, 8);
    format!(
        "INSERT INTO reminder (workspace, instance_id, of_ms, level, due_ms, state, reason, at_ms, key) VALUES {rows} \
         ON CONFLICT (workspace, instance_id, of_ms, level) DO UPDATE SET due_ms = excluded.due_ms, \
         state = excluded.state, reason = excluded.reason, at_ms = excluded.at_ms, key = excluded.key \
         WHERE reminder.at_ms - excluded.at_ms > $2"
    )
}

/// Updates the result of a level with a posted message.
pub(super) const AMEND: &str = "UPDATE reminder SET state = $5, reason = $6 WHERE workspace = $1 AND instance_id = $2 \
     AND of_ms = $3 AND level = $4";

/// Forgets the results of an instance that are dated after a moment, but not what was posted shortly after it.
pub(super) const FORGET_AHEAD: &str = "DELETE FROM reminder WHERE workspace = $1 AND instance_id = $2 AND at_ms > $3 \
     AND (state <> 'posted' OR at_ms > $4)";

/// Reminders stay posted if the clock was ahead by no more than this.
const STAYS_POSTED: TimeDelta = TimeDelta::days(1);

#[derive(Debug)]
pub(super) struct StoredReminder {
    pub(super) of_ms: i64,
    pub(super) level: String,
    pub(super) due_ms: i64,
    pub(super) reason: Option<String>,
    pub(super) at_ms: i64,
    pub(super) key: Option<String>,
}

/// The result of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Included in a message.
    Posted,
    Skipped(Why),
}

/// A settled level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settling {
    pub point: Point,
    pub due: Timestamp,
    pub fate: Fate,
    /// The time of the result.
    pub at: Timestamp,
    /// The key of its message.
    pub key: Option<String>,
    /// The time at which the message was sent, if it was and the caller requested it.
    pub sent: Option<Timestamp>,
}

impl Fate {
    const fn columns(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Posted => ("posted", None),
            Self::Skipped(why) => ("skipped", Some(why.as_str())),
        }
    }
}

impl Settling {
    /// Whether it was settled by a clock so far ahead that it counts for nothing until its time has come. What was posted within a day
    /// is not said once more.
    pub fn is_early(&self, now: Timestamp) -> bool {
        let stays = self.fate == Fate::Posted && self.at - now <= STAYS_POSTED;
        is_ahead(self.at, now) && !stays
    }
}

impl StoredReminder {
    pub(super) fn read(self) -> StoreResult<Settling> {
        let row = Row::of("reminder", &self.level);
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
            sent: None,
        })
    }
}

impl Tx {
    /// Settles levels that are not settled yet.
    pub async fn settle_levels(&mut self, levels: &[(InstanceId, Settling)]) -> StoreResult<()> {
        for batch in levels.chunks(LEVELS) {
            let mut query = self
                .statement(settle_levels(batch.len()))
                .bind(CLOCKS_DIFFER.num_milliseconds());
            for (id, settling) in batch {
                let (state, reason) = settling.fate.columns();
                query = query
                    .bind(id.to_string())
                    .bind(settling.point.of.timestamp_millis())
                    .bind(settling.point.level.to_string())
                    .bind(settling.due.timestamp_millis())
                    .bind(state)
                    .bind(reason)
                    .bind(settling.at.timestamp_millis())
                    .bind(settling.key.clone());
            }
            self.later(query).await?;
        }
        Ok(())
    }

    /// Forgets the levels of an instance that were settled by a clock that was ahead, so that they are posted when their time has
    /// come: then nothing would tell them from others.
    pub async fn forget_levels_ahead(
        &mut self,
        id: &InstanceId,
        now: Timestamp,
    ) -> StoreResult<()> {
        let query = self
            .statement(FORGET_AHEAD)
            .bind(id.to_string())
            .bind((now + CLOCKS_DIFFER).timestamp_millis())
            .bind((now + STAYS_POSTED).timestamp_millis());
        self.later(query).await
    }

    /// Updates the result of a level when its message is composed.
    pub async fn amend_level(
        &mut self,
        id: &InstanceId,
        point: Point,
        fate: Fate,
    ) -> StoreResult<()> {
        let (state, reason) = fate.columns();
        let query = self
            .statement(AMEND)
            .bind(id.to_string())
            .bind(point.of.timestamp_millis())
            .bind(point.level.to_string())
            .bind(state)
            .bind(reason);
        self.later(query).await
    }
}
