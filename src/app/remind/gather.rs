//! Merges reminders: what is due in several batches is one message a channel, and so is what is late after an outage of the chat.

use crate::app::Warden;
use crate::domain::Timestamp;
use crate::domain::effect::Post;
use crate::domain::id::InstanceId;
use crate::domain::payload::Payload;
use crate::domain::reminder::{Batch, ReminderEntry};
use crate::store::{OutboxRow, StoreResult, Tx};

use super::{A_MOMENT, BATCH, LATE, TOGETHER};

/// The most queued messages considered.
const LOOKED_AT: u32 = 8;

/// Adds what a message would say to one of this moment that waits in its channel and was never tried; returns the key of that
/// one. Checklists are one a day, whatever else is due.
pub(super) async fn join_waiting(
    tx: &mut Tx,
    post: &Post,
    now: Timestamp,
) -> StoreResult<Option<String>> {
    let Payload::Reminders(batch) = &post.payload else {
        return Ok(None);
    };
    if batch.checklist {
        return Ok(None);
    }
    let waiting = tx.waiting(&post.channel, post.kind, now - A_MOMENT).await?;
    let Some(mut waiting) = waiting else {
        return Ok(None);
    };
    let Payload::Reminders(both) = &mut waiting.post.payload else {
        return Ok(None);
    };
    if both.checklist || both.remind.len() + batch.remind.len() > TOGETHER {
        return Ok(None);
    }
    both.remind.extend(batch.remind.iter().cloned());
    let mut instances = waiting.post.instances.clone();
    instances.extend(post.instances.iter().cloned());
    // The lines name all of them.
    instances.truncate(BATCH);
    let joined = tx
        .enlarge(&waiting, &waiting.post.payload, &instances)
        .await?;
    Ok(joined.then_some(waiting.post.key))
}

impl Warden {
    /// Moves the content of a late message into a later one of the same channel that was never tried; returns whether it did. A
    /// message that may have been seen is never enlarged, so that nothing is lost if Discord treats two as duplicates. Repeated
    /// after a crash, this adds nothing.
    pub(super) async fn goes_with_another(
        &self,
        row: &OutboxRow,
        batch: &Batch,
        now: Timestamp,
    ) -> StoreResult<bool> {
        if now - row.post.due <= LATE || row.moved.is_some() {
            return Ok(false);
        }
        let mut tx = self.store.write(&row.workspace).await?;
        for other in tx.behind(row, now, LOOKED_AT).await? {
            let Some(both) = together(row, batch, &other) else {
                continue;
            };
            let payload = Payload::Reminders(both);
            let mut instances = other.post.instances.clone();
            instances.extend(row.post.instances.iter().cloned());
            instances.sort_unstable();
            instances.dedup();
            if !tx.enlarge(&other, &payload, &instances).await? {
                continue;
            }
            for entry in &batch.remind {
                let Ok(id) = InstanceId::parse(&entry.instance) else {
                    continue;
                };
                for point in &entry.points {
                    tx.rekey_level(&id, *point, &other.post.key).await?;
                }
            }
            tx.commit().await?;
            return Ok(true);
        }
        Ok(false)
    }
}

/// Two messages as one, the oldest lines first; `None` if they do not match, or if the result is too long.
fn together(row: &OutboxRow, batch: &Batch, other: &OutboxRow) -> Option<Batch> {
    let Payload::Reminders(mut both) = other.post.payload.clone() else {
        return None;
    };
    if both.checklist != batch.checklist {
        return None;
    }
    for entry in &batch.remind {
        let there = |said: &ReminderEntry| {
            said.instance == entry.instance
                && said.points == entry.points
                && said.again == entry.again
        };
        if !both.remind.iter().any(there) {
            let late = entry.late.or(Some(row.post.due));
            both.remind.push(ReminderEntry {
                late,
                ..entry.clone()
            });
        }
    }
    both.remind
        .sort_by_key(|entry| entry.late.unwrap_or(other.post.due));
    (both.remind.len() <= BATCH).then_some(both)
}
