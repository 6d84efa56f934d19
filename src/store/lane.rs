//! The table `lane`: one row a channel, so that neither many messages nor a channel that is out of order are ever
//! looked through.

use super::code::{Row, instant};
use super::outbox::SendResult;
use super::{StoreError, System, Tx, sql};
use crate::domain::Timestamp;

/// The channels in which something waits, in the order in which they may be tried, of the workspaces in which one may be tried
/// first; of none that is paused.
pub(super) const NEXT: &str = "SELECT lane.workspace, lane.channel, lane.next_ms FROM \
     (SELECT workspace FROM workspace WHERE paused = 0 AND send_ms >= $1 ORDER BY send_ms, workspace LIMIT $2) AS busy \
     JOIN lane ON lane.workspace = busy.workspace AND lane.next_ms >= $1 ORDER BY lane.next_ms, lane.head LIMIT $2";

/// Adds a channel.
pub(super) const ADD: &str = "INSERT INTO lane (workspace, channel, retry_at_ms, told) VALUES ($1, $2, 0, 0) \
     ON CONFLICT (workspace, channel) DO NOTHING";

/// Finds the head of a channel again.
pub(super) const REFRESH: &str = "UPDATE lane SET \
     head = (SELECT id FROM outbox WHERE workspace = $1 AND channel = $2 AND state IN ('due', 'sending') \
     ORDER BY due_ms, id LIMIT 1), \
     next_ms = (SELECT CASE WHEN due_ms < lane.retry_at_ms THEN lane.retry_at_ms ELSE due_ms END FROM outbox \
     WHERE workspace = $1 AND channel = $2 AND state IN ('due', 'sending') ORDER BY due_ms, id LIMIT 1) \
     WHERE workspace = $1 AND channel = $2";

/// Says when a channel may be tried again, and forgets that its admins were told.
pub(super) const PACE: &str = "UPDATE lane SET retry_at_ms = $3, told = CASE WHEN $4 = 1 THEN 0 ELSE told END \
     WHERE workspace = $1 AND channel = $2";

/// Has a channel that waits to be tried again tried at once.
pub(super) const HASTEN: &str = "UPDATE lane SET retry_at_ms = 0, next_ms = (SELECT due_ms FROM outbox WHERE outbox.workspace = lane.workspace \
     AND outbox.id = lane.head) WHERE workspace = $1 AND channel = $2 AND retry_at_ms > 0";

/// Notes that the admins are told of a channel.
pub(super) const TELL: &str =
    "UPDATE lane SET told = 1 WHERE workspace = $1 AND channel = $2 AND told = 0";

#[derive(Debug, sqlx::FromRow)]
struct LaneRow {
    workspace: String,
    channel: String,
    next_ms: i64,
}

/// A channel in which something waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Whose it is.
    pub workspace: String,
    /// Its name.
    pub channel: String,
    /// When it may be tried.
    pub next: Timestamp,
}

impl System<'_> {
    /// The channels of all workspaces in which something waits, soonest first, at most so many.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn lanes(&self, limit: usize) -> Result<Vec<Lane>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = sql::rows::<LaneRow>(NEXT).bind(0_i64).bind(limit);
        let rows = self.glance().await?.all(query).await?;
        let read = |row: LaneRow| {
            let key = format!("channel {}", row.channel);
            let reading = Row {
                table: "lane",
                key: &key,
            };
            Ok(Lane {
                next: reading.need("next_ms", instant(row.next_ms))?,
                workspace: row.workspace,
                channel: row.channel,
            })
        };
        rows.into_iter().map(read).collect()
    }
}

impl Tx {
    pub(super) async fn lengthen_lane(&mut self, channel: &str) -> Result<(), StoreError> {
        self.on_lane(ADD, channel).await?;
        self.refresh_lane(channel).await
    }

    async fn refresh_lane(&mut self, channel: &str) -> Result<(), StoreError> {
        self.unplanned();
        self.on_lane(REFRESH, channel).await.map(drop)
    }

    /// Sets the pace of a channel after what became of its head, and finds the next head.
    pub(super) async fn pace_lane(
        &mut self,
        channel: &str,
        settled: &SendResult,
    ) -> Result<(), StoreError> {
        let retry_at = match settled {
            SendResult::Later { retry_at, .. } => retry_at.timestamp_millis(),
            SendResult::Sent { .. }
            | SendResult::Skipped { .. }
            | SendResult::Failed { .. }
            | SendResult::Moved { .. } => 0,
        };
        let well = matches!(settled, SendResult::Sent { .. });
        let query = sql::statement(PACE)
            .bind(self.workspace())
            .bind(channel.to_owned())
            .bind(retry_at)
            .bind(i64::from(well));
        self.run(query).await?;
        self.refresh_lane(channel).await
    }

    /// Has what waits in a channel tried at once: what kept it from being said may be put right.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn hasten_lane(&mut self, channel: &str) -> Result<(), StoreError> {
        if self.on_lane(HASTEN, channel).await? > 0 {
            self.unplanned();
            self.rings_at_once();
        }
        Ok(())
    }

    /// Notes that the admins are being told that a channel cannot be posted to; `false` when they have been told since
    /// something was last posted there.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn tell_of_lane(&mut self, channel: &str) -> Result<bool, StoreError> {
        Ok(self.on_lane(TELL, channel).await? > 0)
    }

    async fn on_lane(&mut self, text: &str, channel: &str) -> Result<u64, StoreError> {
        let query = sql::statement(text)
            .bind(self.workspace())
            .bind(channel.to_owned());
        self.run(query).await
    }
}
