//! Gauges read from the database, without counting or scanning rows.

use super::code::instant;
use super::{Served, StoreResult, System, Tx, census, sql};
use crate::domain::Timestamp;

/// The number of waiting messages by channel.
pub(super) const DEPTH: &str = "SELECT waiting FROM channel_queue WHERE workspace >= ''";

/// The due time of the oldest waiting message.
pub(super) const OLDEST: &str = "SELECT due_ms FROM outbox WHERE state IN ('due', 'sending') AND due_ms > $1 \
     ORDER BY due_ms LIMIT 1";

/// The oldest moment of the decisive facts of an instance.
pub(super) const DECISIVE: &str = "SELECT decisive_at_ms FROM instance WHERE decisive_at_ms > $1 \
     ORDER BY decisive_at_ms LIMIT 1";

/// The holder of a lease.
pub(super) const HOLDER: &str = "SELECT holder FROM lease WHERE name = $1 AND until_ms > $2";

/// A workspace besides one, if there is any that is not paused.
pub(super) const ANOTHER: &str =
    "SELECT 1 FROM workspace WHERE workspace >= '' AND workspace <> $1 AND paused = 0 LIMIT 1";

/// Writes a single row, always the same one.
pub(super) const TRY: &str = "INSERT INTO lease (name, holder, until_ms, seen_ms) VALUES ('trial', '', $1, $1) \
     ON CONFLICT (name) DO UPDATE SET until_ms = excluded.until_ms, seen_ms = excluded.seen_ms";

/// The gauges of all workspaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gauges {
    /// Waiting messages, due or not.
    pub waiting: u64,
    /// The due time of the oldest of them.
    pub oldest_due: Option<Timestamp>,
    /// The oldest check of the decisive facts of a tracked instance that is not known to be Standard.
    pub oldest_decisive: Option<Timestamp>,
    /// The last import of the workspace where that is longest ago.
    pub oldest_import: Option<Timestamp>,
    /// The last import of any workspace.
    pub last_import: Option<Timestamp>,
}

impl System<'_> {
    pub async fn gauges(&self) -> StoreResult<Gauges> {
        let mut tx = self.read().await?;
        let depths = tx.all(sql::rows::<(i64,)>(DEPTH)).await?;
        let waiting: i64 = depths.into_iter().map(|(waiting,)| waiting).sum();
        let query = sql::rows::<(Option<i64>, Option<i64>)>(census::IMPORTED);
        let (oldest, last) = tx.all(query).await?.pop().unwrap_or_default();
        Ok(Gauges {
            waiting: u64::try_from(waiting).unwrap_or_default(),
            oldest_due: tx.earliest(OLDEST).await?,
            oldest_decisive: tx.earliest(DECISIVE).await?,
            oldest_import: oldest.and_then(instant),
            last_import: last.and_then(instant),
        })
    }

    /// Writes a row, to detect a database that cannot record anything.
    pub async fn try_to_write(&self, now: Timestamp) -> StoreResult<()> {
        let mut tx = self.write().await?;
        tx.run(sql::statement(TRY).bind(now.timestamp_millis()))
            .await?;
        tx.commit().await
    }

    /// The current holder of a lease.
    pub async fn who_delivers(
        &self,
        served: &Served,
        now: Timestamp,
    ) -> StoreResult<Option<String>> {
        let query = sql::rows::<(String,)>(HOLDER)
            .bind(served.lease())
            .bind(now.timestamp_millis());
        let rows = self.glance().await?.all(query).await?;
        Ok(rows.into_iter().next().map(|(holder,)| holder))
    }

    /// Whether there are workspaces besides these whose messages others have to send.
    pub async fn leaves_any(&self, served: &Served) -> StoreResult<bool> {
        let Served::Only(own) = served else {
            return Ok(false);
        };
        let query = sql::rows::<(i64,)>(ANOTHER).bind(own.to_string());
        Ok(!self.glance().await?.all(query).await?.is_empty())
    }
}

impl Tx {
    async fn earliest(&mut self, text: &'static str) -> StoreResult<Option<Timestamp>> {
        let query = sql::rows::<(i64,)>(text).bind(i64::MIN);
        let rows = self.all(query).await?;
        Ok(rows.into_iter().next().and_then(|(at,)| instant(at)))
    }
}
