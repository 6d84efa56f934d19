//! The table `outbox`: messages of a channel that were never tried, to be combined with others.

use super::outbox::{self, MessageRow};
use super::{OutboxRow, StoreResult, Tx, sql};
use crate::domain::Timestamp;
use crate::domain::effect::PostKind;
use crate::domain::id::{ChannelId, InstanceId};
use crate::domain::payload::Payload;
use crate::domain::reminder::Point;

/// The due messages behind one in its channel that were never tried, last first.
pub(super) const BEHIND: &str = concat!(
    "SELECT ",
    outbox::columns!(),
    " FROM outbox WHERE workspace = $1 AND channel = $2 AND state IN ('due', 'sending') AND due_ms <= $3 \
     AND (due_ms, id) > ($4, $5) AND kind = $6 AND attempts = 0 AND moved_from IS NULL \
     ORDER BY due_ms DESC, id DESC LIMIT $7"
);

/// The last message of a channel and kind that is due since a moment and was never tried.
pub(super) const WAITING: &str = concat!(
    "SELECT ",
    outbox::columns!(),
    " FROM outbox WHERE workspace = $1 AND channel = $2 AND state IN ('due', 'sending') AND due_ms >= $3 \
     AND kind = $4 AND attempts = 0 AND moved_from IS NULL ORDER BY due_ms DESC, id DESC LIMIT 1"
);

/// Replaces the content of a message that was never tried: it is about several instances, so about no change.
pub(super) const ENLARGE: &str = "UPDATE outbox SET payload = $3, instances = $4, change_number = NULL WHERE workspace = $1 AND id = $2 \
     AND state = 'due' AND attempts = 0";

/// Sets the message of a reminder level.
pub(super) const REKEY: &str = "UPDATE reminder SET key = $5 WHERE workspace = $1 AND instance_id = $2 AND of_ms = $3 \
     AND level = $4";

impl Tx {
    /// The due messages of the same kind behind one that were never tried, last first, up to `limit`.
    pub async fn behind(
        &mut self,
        row: &OutboxRow,
        now: Timestamp,
        limit: u32,
    ) -> StoreResult<Vec<OutboxRow>> {
        let query = self
            .rows::<MessageRow>(BEHIND)
            .bind(row.post.channel.to_string())
            .bind(now.timestamp_millis())
            .bind(row.post.due.timestamp_millis())
            .bind(sql::number(row.id)?)
            .bind(row.post.kind.as_str())
            .bind(i64::from(limit));
        let rows = self.all(query).await?;
        rows.into_iter().map(MessageRow::read).collect()
    }

    /// The last message of a kind that is due in a channel since a moment and was never tried.
    pub async fn waiting(
        &mut self,
        channel: &ChannelId,
        kind: PostKind,
        since: Timestamp,
    ) -> StoreResult<Option<OutboxRow>> {
        let query = self
            .rows::<MessageRow>(WAITING)
            .bind(channel.to_string())
            .bind(since.timestamp_millis())
            .bind(kind.as_str());
        let rows = self.all(query).await?;
        rows.into_iter().next().map(MessageRow::read).transpose()
    }

    /// Replaces content and instances of a message that was never tried; `false` if it has been tried since.
    pub async fn enlarge(
        &mut self,
        row: &OutboxRow,
        payload: &Payload,
        instances: &[InstanceId],
    ) -> StoreResult<bool> {
        let query = self
            .statement(ENLARGE)
            .bind(sql::number(row.id)?)
            .bind(sql::json(payload)?)
            .bind(outbox::ids_column(instances)?);
        Ok(self.run(query).await? > 0)
    }

    /// Sets the message of a reminder level.
    pub async fn rekey_level(
        &mut self,
        id: &InstanceId,
        point: Point,
        key: &str,
    ) -> StoreResult<()> {
        let query = self
            .statement(REKEY)
            .bind(id.to_string())
            .bind(point.of.timestamp_millis())
            .bind(point.level.to_string())
            .bind(key.to_owned());
        self.later(query).await
    }
}
