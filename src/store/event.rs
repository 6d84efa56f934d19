//! The table `event`: the history, which only grows.

use super::code::{Row, instant, person};
use super::{StoreError, Tx, sql};
use crate::domain::event::Event;
use crate::domain::id::InstanceId;

/// The latest events of a change, newest first. Their numbers come from an index first: asked for whole rows, `SQLite`
/// walks the history of the workspace.
pub(super) const OF_CHANGE: &str = "SELECT seq, change_number, at_ms, by_id, by_name, data FROM event \
     WHERE workspace = $1 AND seq IN (SELECT seq FROM event WHERE workspace = $1 AND change_number = $2 \
     ORDER BY seq DESC LIMIT $3) ORDER BY seq DESC";

/// The latest events of an instance, newest first.
pub(super) const OF_INSTANCE: &str = "SELECT seq, change_number, at_ms, by_id, by_name, data FROM event \
     WHERE workspace = $1 AND seq IN (SELECT seq FROM event WHERE workspace = $1 AND instance_id = $2 \
     ORDER BY seq DESC LIMIT $3) ORDER BY seq DESC";

/// The most events that are added at once.
const AT_ONCE: usize = 10;

/// Adds `n` events.
fn insert(n: usize) -> String {
    let rows = (0..n).map(|row| format!("($1, {})", sql::placeholders(2 + row * 8, 8)));
    let rows: Vec<String> = rows.collect();
    format!(
        "INSERT INTO event (workspace, seq, instance_id, change_number, at_ms, by_id, by_name, kind, data) VALUES {}",
        rows.join(", ")
    )
}

/// A row.
#[derive(Debug, sqlx::FromRow)]
struct EventRow {
    seq: i64,
    change_number: Option<i64>,
    at_ms: i64,
    by_id: Option<String>,
    by_name: Option<String>,
    data: String,
}

impl EventRow {
    fn read(self) -> Result<Event, StoreError> {
        let key = format!("event {}", self.seq);
        let row = Row {
            table: "event",
            key: &key,
        };
        let number = |number: i64| u64::try_from(number).ok();
        Ok(Event {
            at: row.need("at_ms", instant(self.at_ms))?,
            by: person(self.by_id.as_deref(), self.by_name.as_deref()),
            change: row.may("change_number", self.change_number, number)?,
            kind: row.need("data", serde_json::from_str(&self.data).ok())?,
        })
    }
}

fn oldest_first(rows: Vec<EventRow>) -> Result<Vec<Event>, StoreError> {
    rows.into_iter().rev().map(EventRow::read).collect()
}

impl Tx {
    /// What happened to a change, oldest first: the latest `limit` events.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn change_history(
        &mut self,
        number: u64,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let query = sql::rows(OF_CHANGE)
            .bind(self.workspace())
            .bind(sql::number(number)?)
            .bind(i64::from(limit));
        oldest_first(self.all(query).await?)
    }

    /// What happened to an instance, oldest first: the latest `limit` events.
    ///
    /// # Errors
    /// Any [`StoreError`].
    pub async fn instance_history(
        &mut self,
        id: &InstanceId,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let query = sql::rows(OF_INSTANCE)
            .bind(self.workspace())
            .bind(id.to_string())
            .bind(i64::from(limit));
        oldest_first(self.all(query).await?)
    }

    /// Appends events whose numbers begin at `first`.
    pub(super) async fn append(
        &mut self,
        id: &InstanceId,
        events: &[Event],
        first: i64,
    ) -> Result<(), StoreError> {
        let numbered: Vec<(i64, &Event)> = (first..).zip(events).collect();
        for batch in numbered.chunks(AT_ONCE) {
            let mut query = sql::statement(insert(batch.len())).bind(self.workspace());
            for (seq, event) in batch {
                let broken = |error: serde_json::Error| StoreError::Broken(error.into());
                let data = serde_json::to_value(&event.kind).map_err(broken)?;
                let kind = data.get("kind").and_then(|kind| kind.as_str());
                let kind = kind.ok_or_else(|| StoreError::fault("an event without a kind"))?;
                query = query
                    .bind(*seq)
                    .bind(id.to_string())
                    .bind(event.change.map(sql::number).transpose()?)
                    .bind(event.at.timestamp_millis())
                    .bind(event.by.as_ref().map(|by| by.id.to_string()))
                    .bind(event.by.as_ref().map(|by| by.name.to_string()))
                    .bind(kind.to_owned())
                    .bind(data.to_string());
            }
            self.run(query).await?;
        }
        Ok(())
    }
}
