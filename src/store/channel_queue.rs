//! The table `channel_queue`: one row per channel, so that neither many messages nor failing channels slow down the search for
//! due messages.

use super::code::{Row, instant};
use super::outbox::SendResult;
use super::sql::StoredId;
use super::system::NOWHERE;
use super::{Served, StoreResult, System, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::id::{ChannelId, WorkspaceId};

/// Selects channels in the order of their next attempts.
macro_rules! select_queues {
    ($from:literal) => {
        concat!(
            "SELECT queue.workspace, queue.channel, queue.next_ms, \
             (SELECT due_ms FROM outbox AS first WHERE first.workspace = queue.workspace AND first.id = queue.head \
             AND substr(first.key, 1, 7) = 'remind:') AS reminds_ms FROM ",
            $from,
            " ORDER BY queue.next_ms, queue.head LIMIT $2"
        )
    };
}

/// The channels with waiting messages within the workspaces with the earliest attempts, except for one and for paused ones.
pub(super) const NEXT: &str = select_queues!(
    "(SELECT workspace FROM workspace WHERE paused = 0 AND send_ms >= $1 AND workspace <> $3 \
     ORDER BY send_ms, workspace LIMIT $2) AS busy \
     JOIN channel_queue AS queue ON queue.workspace = busy.workspace AND queue.next_ms >= $1"
);

/// The channels with waiting messages of one workspace.
pub(super) const NEXT_OF: &str =
    select_queues!("channel_queue AS queue WHERE queue.workspace = $3 AND queue.next_ms >= $1");

/// A column of the first waiting message of a channel; the condition matches a partial index.
macro_rules! first {
    ($column:literal) => {
        concat!(
            "(SELECT ",
            $column,
            " FROM outbox WHERE workspace = $1 AND channel = $2 AND state IN ('due', 'sending') ORDER BY due_ms, id LIMIT 1)"
        )
    };
}

/// Adds to the number of waiting messages of `n` channels, and updates their heads.
pub(super) fn lengthen(n: usize) -> String {
    let row = |at: usize| {
        let (channel, waiting) = (2 + at * 2, 3 + at * 2);
        let [head, due] = [first!("id"), first!("due_ms")];
        format!("($1, $2, {head}, {due}, 0, 0, $W)")
            .replace("$2", &format!("${channel}"))
            .replace("$W", &format!("${waiting}"))
    };
    let rows: Vec<String> = (0..n).map(row).collect();
    format!(
        "INSERT INTO channel_queue (workspace, channel, head, next_ms, retry_at_ms, told, waiting) VALUES {} \
         ON CONFLICT (workspace, channel) DO UPDATE SET head = excluded.head, \
         waiting = channel_queue.waiting + excluded.waiting, \
         next_ms = CASE WHEN excluded.next_ms < channel_queue.retry_at_ms THEN channel_queue.retry_at_ms \
         ELSE excluded.next_ms END",
        rows.join(", ")
    )
}

/// Sets a channel's next attempt after an attempt at its head, and finds the next head; `$4`: a message was sent, so that the
/// next failure is reported again; `$5`: the number of messages finished.
pub(super) const SHORTEN: &str = concat!(
    "UPDATE channel_queue SET retry_at_ms = $3, told = CASE WHEN $4 = 1 THEN 0 ELSE told END, waiting = waiting - $5, head = ",
    first!("id"),
    ", next_ms = ",
    first!("CASE WHEN due_ms < $3 THEN $3 ELSE due_ms END"),
    " WHERE workspace = $1 AND channel = $2"
);

/// Recounts the waiting messages of a channel.
pub(super) const RECOUNT: &str = "UPDATE channel_queue SET waiting = (SELECT COUNT(*) FROM outbox WHERE workspace = $1 \
     AND channel = $2 AND state IN ('due', 'sending') AND due_ms > -1) WHERE workspace = $1 AND channel = $2";

/// Lets a channel that waits for a retry be tried at once.
pub(super) const HASTEN: &str = "UPDATE channel_queue SET retry_at_ms = 0, next_ms = (SELECT due_ms FROM outbox \
     WHERE outbox.workspace = channel_queue.workspace AND outbox.id = channel_queue.head) WHERE workspace = $1 AND channel = $2 AND retry_at_ms > 0";

/// Records that the admins are told about a channel.
pub(super) const TELL: &str =
    "UPDATE channel_queue SET told = 1 WHERE workspace = $1 AND channel = $2 AND told = 0";

/// A channel that the admins were told cannot be posted to, with no success since.
pub(super) const REFUSING: &str =
    "SELECT told FROM channel_queue WHERE workspace = $1 AND channel = $2 AND told = 1";

#[derive(Debug, sqlx::FromRow)]
struct QueueRow {
    #[sqlx(try_from = "StoredId<WorkspaceId>")]
    workspace: WorkspaceId,
    #[sqlx(try_from = "StoredId<ChannelId>")]
    channel: ChannelId,
    next_ms: i64,
    reminds_ms: Option<i64>,
}

/// A channel with waiting messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    pub workspace: WorkspaceId,
    pub channel: ChannelId,
    /// The time of the next attempt.
    pub next: Timestamp,
    /// The due time of the first waiting message, if it is one of reminders, which others may still join.
    pub reminds: Option<Timestamp>,
}

impl System<'_> {
    /// The channels with waiting messages, earliest first, up to `limit`.
    pub async fn queues(&self, served: &Served, limit: usize) -> StoreResult<Vec<Queue>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let (text, workspace) = match served {
            Served::All => (NEXT, NOWHERE),
            Served::AllBut(other) => (NEXT, other.as_str()),
            Served::Only(own) => (NEXT_OF, own.as_str()),
        };
        let query = sql::rows::<QueueRow>(text)
            .bind(0_i64)
            .bind(limit)
            .bind(workspace.to_owned());
        let rows = self.glance().await?.all(query).await?;
        let read = |row: QueueRow| {
            let key = format!("channel {}", row.channel);
            let reading = Row::of("channel_queue", &key);
            Ok(Queue {
                next: reading.need("next_ms", instant(row.next_ms))?,
                reminds: reading.may("reminds_ms", row.reminds_ms, instant)?,
                workspace: row.workspace,
                channel: row.channel,
            })
        };
        rows.into_iter().map(read).collect()
    }
}

impl Tx {
    /// Adds posted messages to their channels, each channel once.
    pub(super) async fn lengthen(&mut self, channels: &[(&ChannelId, i64)]) -> StoreResult<()> {
        self.unplanned();
        let query = self.statement(lengthen(channels.len()));
        let query = (channels.iter()).fold(query, |query, (channel, waiting)| {
            query.bind(channel.to_string()).bind(*waiting)
        });
        self.later(query).await
    }

    /// Updates the head of a channel, and recounts its waiting messages.
    pub(super) async fn requeue(&mut self, channel: &ChannelId) -> StoreResult<()> {
        self.lengthen(&[(channel, 0)]).await?;
        self.recount(channel).await
    }

    /// Recounts the waiting messages of a channel.
    pub(super) async fn recount(&mut self, channel: &ChannelId) -> StoreResult<()> {
        self.on_queue(RECOUNT, channel).await.map(drop)
    }

    /// Sets a channel's next attempt after an attempt at its head, and finds the next head.
    pub(super) async fn shorten(
        &mut self,
        channel: &ChannelId,
        settled: &SendResult,
    ) -> StoreResult<()> {
        let (retry_at, gone) = match settled {
            SendResult::Later { retry_at, .. } => (retry_at.timestamp_millis(), 0),
            SendResult::Sent { .. }
            | SendResult::Skipped { .. }
            | SendResult::Failed { .. }
            | SendResult::Moved { .. } => (0, 1),
        };
        let well = matches!(settled, SendResult::Sent { .. });
        let query = self
            .statement(SHORTEN)
            .bind(channel.to_string())
            .bind(retry_at)
            .bind(i64::from(well))
            .bind(gone);
        self.unplanned();
        self.later(query).await
    }

    /// Retries a channel at once, because the cause of its failure may be fixed.
    pub async fn hasten_queue(&mut self, channel: &ChannelId) -> StoreResult<()> {
        if self.on_queue(HASTEN, channel).await? > 0 {
            self.unplanned();
            self.rings_at_once();
        }
        Ok(())
    }

    /// Records that the admins are being told about an unusable channel; `false` if they have been told since its last successful
    /// message.
    pub async fn tell_of_queue(&mut self, channel: &ChannelId) -> StoreResult<bool> {
        Ok(self.on_queue(TELL, channel).await? > 0)
    }

    /// Whether a channel is known to be unusable.
    pub async fn is_refusing(&mut self, channel: &ChannelId) -> StoreResult<bool> {
        let query = self.rows::<(i64,)>(REFUSING).bind(channel.to_string());
        Ok(!self.all(query).await?.is_empty())
    }

    async fn on_queue(&mut self, text: &str, channel: &ChannelId) -> StoreResult<u64> {
        let query = self.statement(text).bind(channel.to_string());
        self.run(query).await
    }
}
