//! Taking away, once a day, what nothing needs any more.

use super::Warden;
use super::schedule::by_time;
use crate::domain::Timestamp;
use crate::domain::audit::AuditEntry;
use crate::render;
use crate::store::StoreError;

impl Warden {
    /// Takes away a little of what nothing needs any more in a workspace; whether that was all. The trail is told then.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn prune(&self, workspace: &str, now: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.store.write(workspace).await?;
        let (pruned, over) = tx.prune(&self.settings.retention, now).await?;
        if let Some(detail) = render::audit::pruned(&pruned).filter(|_| over) {
            let entry = AuditEntry {
                said: "retention".to_owned(),
                detail: Some(detail),
                ..by_time(now)
            };
            tx.append_audit(&entry, self.settings.audit_key.as_ref())
                .await?;
        }
        tx.commit().await?;
        Ok(over)
    }
}
