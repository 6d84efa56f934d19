//! The table `watch`: the reading progress of watched channels.

use super::code::{Row, instant};
use super::system::NOWHERE;
use super::{StoreResult, System, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::id::ChannelId;

/// Whether any channel is watched.
pub(super) const ANY: &str =
    "SELECT workspace FROM watch WHERE workspace > $1 ORDER BY workspace LIMIT 1";

/// The reading progress of a channel.
pub(super) const OF: &str =
    "SELECT since_ms, last_message FROM watch WHERE workspace = $1 AND channel = $2";

/// Begins to watch a channel, unless it is watched already.
pub(super) const BEGIN: &str = "INSERT INTO watch (workspace, channel, since_ms) VALUES ($1, $2, $3) \
     ON CONFLICT (workspace, channel) DO NOTHING";

/// Stops watching a channel.
pub(super) const END: &str = "DELETE FROM watch WHERE workspace = $1 AND channel = $2";

/// Sets the last message read in a channel.
pub(super) const LOOKED: &str =
    "UPDATE watch SET last_message = $3 WHERE workspace = $1 AND channel = $2";

#[derive(Debug, sqlx::FromRow)]
struct WatchRow {
    since_ms: i64,
    last_message: Option<String>,
}

/// The reading progress of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// The time since which it is watched.
    pub since: Timestamp,
    /// The chat's id of the last message read.
    pub last: Option<String>,
}

impl System<'_> {
    /// Whether any channel of any workspace is watched.
    pub async fn watches_anything(&self) -> StoreResult<bool> {
        let mut tx = self.glance().await?;
        let rows = tx.all(sql::rows::<(String,)>(ANY).bind(NOWHERE)).await?;
        Ok(!rows.is_empty())
    }
}

impl Tx {
    /// The reading progress of a channel; `None` when it is not watched.
    pub async fn watch(&mut self, channel: &ChannelId) -> StoreResult<Option<Watch>> {
        let query = self.rows::<WatchRow>(OF).bind(channel.to_string());
        let Some(found) = self.all(query).await?.pop() else {
            return Ok(None);
        };
        let row = Row::of("watch", channel.as_str());
        Ok(Some(Watch {
            since: row.need("since_ms", instant(found.since_ms))?,
            last: found.last_message,
        }))
    }

    /// Begins to watch a channel now; for one that is watched already, the progress stays.
    pub async fn begin_watch(&mut self, channel: &ChannelId, now: Timestamp) -> StoreResult<()> {
        let query = self
            .statement(BEGIN)
            .bind(channel.to_string())
            .bind(now.timestamp_millis());
        self.later(query).await
    }

    /// Stops watching a channel.
    pub async fn end_watch(&mut self, channel: &ChannelId) -> StoreResult<()> {
        let query = self.statement(END).bind(channel.to_string());
        self.later(query).await
    }

    /// Sets the last message read in a watched channel.
    pub async fn looked_at(&mut self, channel: &ChannelId, message: &str) -> StoreResult<()> {
        let query = self
            .statement(LOOKED)
            .bind(channel.to_string())
            .bind(message.to_owned());
        self.later(query).await
    }
}
