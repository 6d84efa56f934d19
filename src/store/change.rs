//! The table `change`: a document per change, with columns for look-ups.

use super::document::{self, StoredDocument};
use super::tx::ExpectedErrors;
use super::{StoreError, StoreResult, Tx, sql};
use crate::domain::change::{Change, Status};
use crate::domain::id::InstanceId;

/// Writes a change, unless the number belongs to another instance.
pub(super) const UPSERT: &str = "INSERT INTO change (workspace, number, instance_id, status, document) \
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (workspace, number) DO UPDATE SET status = excluded.status, \
     document = excluded.document WHERE change.instance_id = excluded.instance_id";

/// The key of a change's document.
pub(super) fn key(number: i64, instance: &str) -> String {
    format!("change {number} of {instance}")
}

/// The column value of a status.
pub(super) const fn word(status: &Status) -> &'static str {
    match status {
        Status::Open => "open",
        Status::Done => "done",
        Status::Failed(_) => "failed",
        Status::Cancelled(_) | Status::Rejected(_) => "cancelled",
    }
}

impl Tx {
    /// Writes a change if it differs from the database.
    pub(super) async fn save_change(
        &mut self,
        instance: &InstanceId,
        change: &Change,
    ) -> StoreResult<()> {
        let number = sql::number(change.number)?;
        let key = key(number, instance.as_str());
        let text = document::write(&key, change)?;
        if (self.known.get(&key)).is_some_and(|known| known.text == text) {
            return Ok(());
        }
        let query = self
            .statement(UPSERT)
            .bind(number)
            .bind(instance.to_string())
            .bind(word(&change.status))
            .bind(text.clone());
        let refusal = ExpectedErrors {
            unique: Some(StoreError::AlreadyOpen {
                instance: instance.to_string(),
            }),
            no_row: Some(StoreError::fault("the change belongs to another instance")),
        };
        self.later_or(query, refusal).await?;
        let counts = change.is_open();
        self.known.learn(key, StoredDocument { counts, text });
        Ok(())
    }
}
