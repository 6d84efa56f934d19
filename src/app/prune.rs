//! Taking away, once a day, what nothing needs any more.

use chrono::TimeDelta;

use super::Warden;
use super::schedule::by_time;
use crate::domain::Timestamp;
use crate::domain::audit::AuditEntry;
use crate::render;
use crate::store::{ScheduleSubject, StoreError, Tx};

impl Warden {
    /// Takes away a little of what nothing needs any more in a workspace. The trail is told when that was all for the day.
    pub(super) async fn prune(&self, mut tx: Tx, now: Timestamp) -> Result<(), StoreError> {
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
