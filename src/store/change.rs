//! The table `change`: a document each, with the columns by which it is found.

use super::code::Row;
use super::document::{self, Kept};
use super::{StoreError, Tx, sql};
use crate::domain::change::{Change, Status};
use crate::domain::id::InstanceId;

/// Reads changes; a condition follows.
macro_rules! select {
    () => {
        "SELECT number, instance_id, status, document FROM change WHERE workspace = $1 "
    };
}

/// Exactly one change.
pub(super) const BY_NUMBER: &str = concat!(select!(), "AND number = $2");
/// Every change, newest first.
pub(super) const ALL: &str = concat!(select!(), "ORDER BY number DESC LIMIT $2 OFFSET $3");
/// The open changes, newest first. Their numbers come from an index first: asked for whole rows, `SQLite` walks the ended
/// changes too.
pub(super) const OPEN: &str = concat!(
    select!(),
    "AND number IN (SELECT number FROM change WHERE workspace = $1 AND status = 'open' \
     ORDER BY number DESC LIMIT $2 OFFSET $3) ORDER BY number DESC"
);

/// The open changes of `n` instances.
pub(super) fn open_of(n: usize) -> String {
    let ids = sql::placeholders(2, n);
    format!(
        "{}AND number IN (SELECT number FROM change \
         WHERE workspace = $1 AND status = 'open' AND instance_id IN ({ids}))",
        select!()
    )
}

/// Writes a change; one that belongs to another instance is left alone.
pub(super) const UPSERT: &str = "INSERT INTO change (workspace, number, instance_id, status, document) \
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (workspace, number) DO UPDATE SET status = excluded.status, \
     document = excluded.document WHERE change.instance_id = excluded.instance_id";

/// A row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct ChangeRow {
    pub(super) number: i64,
    pub(super) instance_id: String,
    status: String,
    document: String,
}

impl ChangeRow {
    pub(super) fn read(&self) -> Result<Change, StoreError> {
        let key = key(self.number, &self.instance_id);
        let row = Row {
            table: "change",
            key: &key,
        };
        let change: Change = document::read(&row, &self.document)?;
        let number = Some(self.number) == i64::try_from(change.number).ok();
        row.need("number", number.then_some(()))?;
        let status = word(&change.status) == self.status;
        row.need("status", status.then_some(()))?;
        Ok(change)
    }
}

/// What names a change.
pub(super) fn key(number: i64, instance: &str) -> String {
    format!("change {number} of {instance}")
}

/// The word by which a change is found.
const fn word(status: &Status) -> &'static str {
    match status {
        Status::Open => "open",
        Status::Done => "done",
        Status::Failed(_) => "failed",
        Status::Cancelled(_) | Status::Rejected(_) => "cancelled",
    }
}

impl Tx {
    /// What a change is, noted as what is in the database.
    pub(super) fn read_change(&mut self, row: ChangeRow) -> Result<Change, StoreError> {
        let change = row.read()?;
        let kept = Kept {
            counts: change.is_open(),
            text: row.document,
        };
        self.known.learn(key(row.number, &row.instance_id), kept);
        Ok(change)
    }

    pub(super) async fn open_change_rows(
        &mut self,
        ids: &[String],
    ) -> Result<Vec<ChangeRow>, StoreError> {
        let mut rows = Vec::new();
        for batch in sql::batches(ids) {
            let mut query = sql::rows(open_of(batch.len())).bind(self.workspace());
            for id in batch {
                query = query.bind(id);
            }
            rows.extend(self.all(query).await?);
        }
        Ok(rows)
    }

    /// Writes a change, unless it is what is in the database already.
    pub(super) async fn save_change(
        &mut self,
        instance: &InstanceId,
        change: &Change,
    ) -> Result<(), StoreError> {
        let number = sql::number(change.number)?;
        let key = key(number, instance.as_str());
        let text = document::write(&key, change)?;
        if (self.known.get(&key)).is_some_and(|known| known.text == text) {
            return Ok(());
        }
        let query = sql::statement(UPSERT)
            .bind(self.workspace())
            .bind(number)
            .bind(instance.to_string())
            .bind(word(&change.status))
            .bind(text.clone());
        let open = || StoreError::AlreadyOpen {
            instance: instance.to_string(),
        };
        if self.run_unique(query, open).await? == 0 {
            return Err(StoreError::fault("the change belongs to another instance"));
        }
        let counts = change.is_open();
        self.known.learn(key, Kept { counts, text });
        Ok(())
    }
}
