//! The table `intake`: the first responses to senders.

use super::code::{Row, instant};
use super::{StoreResult, Tx};
use crate::domain::Timestamp;

/// The first response to a request.
pub(super) const FIRST: &str =
    "SELECT received_ms, status, body FROM intake WHERE workspace = $1 AND key = $2 AND id = $3";

/// Records a response, in place of an earlier one that is no longer true.
pub(super) const NOTE: &str = "INSERT INTO intake (workspace, key, id, received_ms, status, body) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace, key, id) DO UPDATE SET received_ms = excluded.received_ms, \
     status = excluded.status, body = excluded.body";

/// Removes requests that nobody repeats.
pub(super) const PRUNE: &str = "DELETE FROM intake WHERE workspace = $1 AND received_ms < $2";

#[derive(Debug, sqlx::FromRow)]
struct IntakeRow {
    received_ms: i64,
    status: i64,
    body: String,
}

/// The identity of a request, to recognise repetitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The name of the sender's key.
    pub key: String,
    /// The id among requests with that key.
    pub id: String,
}

/// The response to a sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstAnswer {
    /// The time of the first response.
    pub at: Timestamp,
    pub status: u16,
    /// JSON.
    pub body: String,
}

impl Tx {
    /// The first response to this request; `None` if it is new.
    pub async fn first_answer(&mut self, receipt: &Receipt) -> StoreResult<Option<FirstAnswer>> {
        let query = self
            .rows::<IntakeRow>(FIRST)
            .bind(receipt.key.clone())
            .bind(receipt.id.clone());
        let Some(found) = self.all(query).await?.into_iter().next() else {
            return Ok(None);
        };
        let row = Row::of("intake", &receipt.id);
        Ok(Some(FirstAnswer {
            at: row.need("received_ms", instant(found.received_ms))?,
            status: row.need("status", u16::try_from(found.status).ok())?,
            body: found.body,
        }))
    }

    /// Records the response to a new request, and removes requests before `keep_from`.
    pub async fn note_answer(
        &mut self,
        receipt: &Receipt,
        answered: &FirstAnswer,
        keep_from: Timestamp,
    ) -> StoreResult<()> {
        let prune = self.statement(PRUNE).bind(keep_from.timestamp_millis());
        self.later(prune).await?;
        let note = self
            .statement(NOTE)
            .bind(receipt.key.clone())
            .bind(receipt.id.clone())
            .bind(answered.at.timestamp_millis())
            .bind(i64::from(answered.status))
            .bind(answered.body.clone());
        self.later(note).await
    }
}
