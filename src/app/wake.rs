//! What time decides, without anybody typing.

use chrono::TimeDelta;

use super::Warden;
use super::finish::commit;
use super::work::Work;
use crate::domain::Timestamp;
use crate::domain::audit::AuditEntry;
use crate::domain::concern::Subject;
use crate::domain::outcome::Outcome;
use crate::store::{StoreError, Wake};

/// When a change that could not be read is looked at again.
pub(super) const AGAIN: TimeDelta = TimeDelta::hours(1);

impl Warden {
    /// Carries out one thing, of any workspace, that time has decided until `now`; `false` when nothing is left.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn wake_due(&self, now: Timestamp) -> Result<bool, StoreError> {
        let Some(wake) = self.store.wakes_due(now, 1).await?.pop() else {
            return Ok(self.notice_due(now).await?
                || self.digest_due(now).await?
                || self.workspace_due(now).await?
                || self.remind_due(now).await?);
        };
        match self.wake(&wake, now).await {
            // What is damaged in one change must not keep the others waiting.
            Err(error @ StoreError::Damaged { .. }) => {
                tracing::error!(change.id = wake.change, error = ?error, "a change cannot be read");
                let mut tx = self.store.write(&wake.workspace).await?;
                tx.postpone(wake.change, now + AGAIN).await?;
                tx.note_unreadable(&Subject::Change(wake.change), now)
                    .await?;
                tx.commit().await?;
            }
            woken => woken?,
        }
        Ok(true)
    }

    async fn wake(&self, wake: &Wake, now: Timestamp) -> Result<(), StoreError> {
        let mut work = Work::new(self.store.write(&wake.workspace).await?);
        let Some(mut case) = work.load_change_case(wake.change).await? else {
            return Err(StoreError::Damaged {
                table: "wake",
                key: format!("change {}", wake.change),
                column: "change_number",
            });
        };
        let settings = self.settings_in(&mut work).await?;
        case.advance(&settings.policy, now);
        work.keep(&case).await?;
        commit(&settings, work, &by_time(now)).await
    }

    /// When time next decides something, in any workspace.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn next_wake(&self) -> Result<Option<Timestamp>, StoreError> {
        let wake = self.store.next_wake().await?;
        let notice = self.store.next_notice().await?;
        let digest = self.store.next_digest().await?.map(|(_, at)| at);
        let workspace = self.store.next_workspace().await?.map(|(_, at)| at);
        let nudge = self.store.next_nudge().await?;
        let nudge = nudge.map(|nudge| nudge.at.unwrap_or(Timestamp::UNIX_EPOCH));
        Ok([wake, notice, digest, workspace, nudge]
            .into_iter()
            .flatten()
            .min())
    }
}

/// What the trail says of what time does.
pub(super) fn by_time(now: Timestamp) -> AuditEntry {
    AuditEntry {
        at: now,
        by: None,
        surface: "clock".to_owned(),
        message: None,
        said: "time".to_owned(),
        outcome: Outcome::Done.as_str().to_owned(),
        rules: Vec::new(),
        instance: None,
        change: None,
        events: Vec::new(),
        detail: None,
    }
}
