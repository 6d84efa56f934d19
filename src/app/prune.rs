//! The daily deletion of data past its retention.

use chrono::TimeDelta;

use super::Warden;
use super::schedule::by_time;
use crate::domain::Timestamp;
use crate::domain::audit::AuditEntry;
use crate::render;
use crate::store::{ScheduleSubject, StoreResult, Tx};

impl Warden {
    /// Deletes a batch of a workspace's data past its retention; the last batch of the day is recorded in the trail.
    pub(super) async fn prune(&self, mut tx: Tx, now: Timestamp) -> StoreResult<()> {
        let (pruned, over) = tx.prune(&self.settings().retention, now).await?;
        if let Some(detail) = render::audit::pruned(&pruned).filter(|_| over) {
            let entry = AuditEntry {
                said: "retention".to_owned(),
                detail: Some(detail),
                ..by_time(now)
            };
            tx.append_audit(&entry, self.settings().audit_key.as_ref())
                .await?;
        }
        let next = if over { now + TimeDelta::days(1) } else { now };
        tx.set_due(&ScheduleSubject::Retention, Some(next)).await?;
        tx.commit().await
    }
}
