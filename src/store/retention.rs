//! Pruning of old rows, a few at a time. Rows are kept unless they are known to be unneeded; events and the audit trail are
//! always kept.

use serde::{Deserialize, Serialize};

use super::{StoreError, StoreResult, Tx};
use crate::domain::Timestamp;
use crate::domain::retention::Retention;

/// The most rows of a kind that one transaction prunes.
const BATCH: u32 = 200;

/// The progress of the current pass.
pub(super) const PRUNED: &str = "SELECT pruned FROM workspace WHERE workspace = $1";

/// Stores the progress.
pub(super) const SET_PRUNED: &str = "UPDATE workspace SET pruned = $2 WHERE workspace = $1";

/// The next messages, in the order of posting.
pub(super) const MESSAGES: &str =
    "SELECT id, done_ms FROM outbox WHERE workspace = $1 AND id > $2 ORDER BY id LIMIT $3";

/// Deletes finished messages. Only keys with a number that is never reused: for other keys (`welcome`, a reply in a watched
/// channel), the message would be sent a second time. The last message stays, because its number determines the next.
pub(super) const FORGET_MESSAGES: &str = "DELETE FROM outbox WHERE workspace = $1 AND id > $2 AND id <= $3 \
     AND id < (SELECT MAX(id) FROM outbox WHERE workspace = $1) AND done_ms <= $4 AND state NOT IN ('due', 'sending') \
     AND (key LIKE 'e%' OR key LIKE 'remind:%' OR key LIKE 'attest:%' OR key LIKE 'notice:%' OR key LIKE 'digest:%' \
     OR key LIKE 'card:%' OR key LIKE 'import:%' OR key LIKE 'moved:%') \
     AND NOT EXISTS (SELECT 1 FROM change WHERE change.workspace = outbox.workspace \
     AND change.number = outbox.change_number AND change.status = 'open') \
     AND NOT EXISTS (SELECT 1 FROM card WHERE card.workspace = outbox.workspace \
     AND card.change_number = outbox.change_number AND card.wanted = outbox.key)";

/// Deletes results of reminders that can no longer be scheduled: without an open change, a concern, or an expiry that may still
/// be theirs.
pub(super) const FORGET_MARKS: &str = "DELETE FROM reminder WHERE workspace = $1 AND (instance_id, of_ms, level) IN (\
     SELECT instance_id, of_ms, level FROM reminder AS mark WHERE workspace = $1 AND of_ms <= $2 AND at_ms <= $2 \
     AND NOT EXISTS (SELECT 1 FROM instance WHERE instance.workspace = mark.workspace AND instance.id = mark.instance_id \
     AND tracking = 'tracked' AND (edition IS DISTINCT FROM 'standard' OR expires_at_ms IS NOT NULL) \
     AND (expires_at_ms IS NULL OR expires_at_ms <= mark.of_ms)) \
     AND NOT EXISTS (SELECT 1 FROM change WHERE change.workspace = mark.workspace \
     AND change.instance_id = mark.instance_id AND status = 'open') \
     AND NOT EXISTS (SELECT 1 FROM concern WHERE concern.workspace = mark.workspace \
     AND concern.instance_id = mark.instance_id) LIMIT $3)";

/// Deletes the text of settled notices and of their duplicates. The notices themselves stay.
pub(super) const FORGET_TEXTS: &str = "UPDATE notice SET text = '', message = NULL WHERE workspace = $1 AND number IN (\
     SELECT number FROM notice AS old WHERE workspace = $1 AND received_ms <= $2 AND text <> '' \
     AND (settled_ms <= $2 OR status = 'duplicate' AND EXISTS (SELECT 1 FROM notice AS first \
     WHERE first.workspace = old.workspace AND first.number = old.original AND first.settled_ms <= $2)) LIMIT $3)";

/// Deletes uploaded files. There are never more than a few.
pub(super) const FORGET_FILES: &str = "DELETE FROM upload WHERE workspace = $1 AND taken_ms <= $2";

/// Deletes the undo data of the oldest import that can be undone.
pub(super) const FORGET_UNDOS: &str = "DELETE FROM import_change WHERE workspace = $1 AND (number, instance_id) IN (\
     SELECT number, instance_id FROM import_change WHERE workspace = $1 AND number = (SELECT number FROM import \
     WHERE workspace = $1 AND number = (SELECT MIN(number) FROM import_change WHERE workspace = $1) AND taken_ms <= $2) \
     LIMIT $3)";

/// The numbers of pruned rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pruned {
    pub messages: u64,
    /// Results of reminders.
    pub marks: u64,
    /// Texts of notices.
    pub texts: u64,
    pub files: u64,
    /// Undo data of imports, one row per instance.
    pub undos: u64,
    /// The last message examined.
    upto: i64,
}

impl Tx {
    /// Prunes some rows older than the retention period. Returns the counts since the pass began, and whether the pass has ended.
    pub async fn prune(&mut self, kept: &Retention, now: Timestamp) -> StoreResult<(Pruned, bool)> {
        let query = self.rows::<(Option<String>,)>(PRUNED);
        let under_way = self.all(query).await?.pop().and_then(|(text,)| text);
        let mut pruned: Pruned = under_way
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let mut over = self.forget_messages(&mut pruned, now - kept.outbox).await?;
        for (text, before, count) in [
            (FORGET_MARKS, now - kept.reminders, &mut pruned.marks),
            (FORGET_TEXTS, now - kept.notices, &mut pruned.texts),
            (FORGET_UNDOS, now - kept.files, &mut pruned.undos),
            (FORGET_FILES, now - kept.files, &mut pruned.files),
        ] {
            let query = self.statement(text).bind(before.timestamp_millis());
            let bounded = text != FORGET_FILES;
            let query = if bounded {
                query.bind(i64::from(BATCH))
            } else {
                query
            };
            let gone = self.run(query).await?;
            *count += gone;
            over &= !bounded || gone < u64::from(BATCH);
        }
        let kept = (!over)
            .then(|| serde_json::to_string(&pruned))
            .transpose()
            .map_err(|error| StoreError::Broken(error.into()))?;
        if kept != under_way {
            let query = self.statement(SET_PRUNED).bind(kept);
            self.run(query).await?;
        }
        Ok((pruned, over))
    }

    /// Deletes messages; returns whether none left is old enough.
    async fn forget_messages(
        &mut self,
        pruned: &mut Pruned,
        before: Timestamp,
    ) -> StoreResult<bool> {
        let before = before.timestamp_millis();
        let query = self
            .rows::<(i64, Option<i64>)>(MESSAGES)
            .bind(pruned.upto)
            .bind(i64::from(BATCH));
        let rows = self.all(query).await?;
        let is_old = |(_, done): &(i64, Option<i64>)| done.is_some_and(|done| done <= before);
        let Some((last, _)) = rows.last().filter(|_| rows.iter().any(is_old)) else {
            return Ok(true);
        };
        let query = self
            .statement(FORGET_MESSAGES)
            .bind(pruned.upto)
            .bind(*last)
            .bind(before);
        pruned.messages += self.run(query).await?;
        pruned.upto = *last;
        Ok(false)
    }
}

#[cfg(test)]
mod tests;
