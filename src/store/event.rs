//! The table `event`: the append-only history; events that happen together are one row.

use super::code::{Row, instant, person};
use super::{StoreError, StoreResult, Tx, sql};
use crate::domain::case::Case;
use crate::domain::event::{Event, EventKind};
use crate::domain::id::InstanceId;

/// The latest rows of a change, newest first. Their numbers come from an index first: for whole rows, `SQLite` would scan the
/// workspace's history.
pub(super) const OF_CHANGE: &str = "SELECT seq, change_number, at_ms, by_id, by_name, data FROM event \
     WHERE workspace = $1 AND seq IN (SELECT seq FROM event WHERE workspace = $1 AND change_number = $2 \
     ORDER BY seq DESC LIMIT $3) ORDER BY seq DESC";

/// The rows of a change after one, oldest first.
pub(super) const SINCE: &str = "SELECT seq, change_number, at_ms, by_id, by_name, data FROM event \
     WHERE workspace = $1 AND change_number = $2 AND seq > $3 ORDER BY seq LIMIT $4";

/// The latest rows of an instance, newest first.
pub(super) const OF_INSTANCE: &str = "SELECT seq, change_number, at_ms, by_id, by_name, data FROM event \
     WHERE workspace = $1 AND seq IN (SELECT seq FROM event WHERE workspace = $1 AND instance_id = $2 \
     ORDER BY seq DESC LIMIT $3) ORDER BY seq DESC";

/// Inserts `n` rows.
fn insert(n: usize) -> String {
    let rows = sql::tuples(n, 7);
    format!(
        "INSERT INTO event (workspace, seq, instance_id, change_number, at_ms, by_id, by_name, data) VALUES {rows}"
    )
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct EventRow {
    pub(super) seq: i64,
    pub(super) change_number: Option<i64>,
    pub(super) at_ms: i64,
    pub(super) by_id: Option<String>,
    pub(super) by_name: Option<String>,
    pub(super) data: String,
}

impl EventRow {
    fn read(self) -> StoreResult<impl DoubleEndedIterator<Item = Event>> {
        let key = format!("event {}", self.seq);
        let row = Row::of("event", &key);
        let number = |number: i64| u64::try_from(number).ok();
        let at = row.need("at_ms", instant(self.at_ms))?;
        let by = person(self.by_id.as_deref(), self.by_name.as_deref());
        let change = row.may("change_number", self.change_number, number)?;
        let kinds: Vec<EventKind> = row.need("data", serde_json::from_str(&self.data).ok())?;
        Ok(kinds.into_iter().map(move |kind| Event {
            at,
            by: by.clone(),
            change,
            kind,
        }))
    }
}

/// The latest `limit` events, oldest first, of rows ordered newest first.
pub(super) fn oldest_first(rows: Vec<EventRow>, limit: u32) -> StoreResult<Vec<Event>> {
    let mut events = Vec::new();
    for row in rows {
        events.extend(row.read()?.rev());
    }
    events.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    events.reverse();
    Ok(events)
}

impl Tx {
    /// The history of a change, oldest first: the latest `limit` events.
    pub async fn change_history(&mut self, number: u64, limit: u32) -> StoreResult<Vec<Event>> {
        let query = self
            .rows(OF_CHANGE)
            .bind(sql::number(number)?)
            .bind(i64::from(limit));
        oldest_first(self.all(query).await?, limit)
    }

    /// The history of a change after an event, oldest first, and the number of the last event: at most `limit` rows.
    pub async fn change_history_since(
        &mut self,
        number: u64,
        seq: i64,
        limit: u32,
    ) -> StoreResult<(Vec<Event>, i64)> {
        let query = self
            .rows::<EventRow>(SINCE)
            .bind(sql::number(number)?)
            .bind(seq)
            .bind(i64::from(limit));
        let (mut events, mut last) = (Vec::new(), seq);
        for row in self.all(query).await? {
            last = row.seq;
            events.extend(row.read()?);
        }
        Ok((events, last))
    }

    /// The history of an instance, oldest first: the latest `limit` events.
    pub async fn instance_history(
        &mut self,
        id: &InstanceId,
        limit: u32,
    ) -> StoreResult<Vec<Event>> {
        let query = self
            .rows(OF_INSTANCE)
            .bind(id.to_string())
            .bind(i64::from(limit));
        oldest_first(self.all(query).await?, limit)
    }

    /// Appends events of instances; the number of each one's first event is given. Consecutive events of an instance with the
    /// same moment and person form one row, which has the number of the last of them.
    pub(super) async fn append(&mut self, happened: &[(&Case, i64)]) -> StoreResult<()> {
        let mut rows = Vec::new();
        for (case, first) in happened {
            let mut seq = first.saturating_sub(1);
            let alike = |one: &Event, other: &Event| {
                one.at == other.at && one.by == other.by && one.change == other.change
            };
            for together in case.events.chunk_by(alike) {
                seq = seq.saturating_add(i64::try_from(together.len()).unwrap_or(i64::MAX));
                rows.push((&case.instance.id, seq, together));
            }
        }
        for batch in sql::pieces(&rows) {
            let mut query = self.statement(insert(batch.len()));
            for (id, seq, together) in batch {
                let [event, ..] = together else {
                    continue;
                };
                let kinds: Vec<&EventKind> = together.iter().map(|event| &event.kind).collect();
                let data = serde_json::to_string(&kinds);
                query = query
                    .bind(*seq)
                    .bind(id.to_string())
                    .bind(event.change.map(sql::number).transpose()?)
                    .bind(event.at.timestamp_millis())
                    .bind(event.by.as_ref().map(|by| by.id.to_string()))
                    .bind(event.by.as_ref().map(|by| by.name.to_string()))
                    .bind(data.map_err(|error| StoreError::Broken(error.into()))?);
            }
            self.later(query).await?;
        }
        Ok(())
    }
}
