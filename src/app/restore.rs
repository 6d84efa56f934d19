//! Distrust after a restore: facts from the copy are distrusted before anything is decided on them.

use super::Warden;
use super::finish::commit;
use super::notice;
use super::unit_of_work::UnitOfWork;
use super::{LOCAL_WORKSPACE, Settings, wording};
use crate::domain::Timestamp;
use crate::domain::audit::AuditEntry;
use crate::domain::concern::Unreadable;
use crate::domain::effect::Post;
use crate::domain::id::{InstanceId, WorkspaceId};
use crate::domain::notice::Because;
use crate::domain::setting::Overrides;
use crate::domain::team::Policy;
use crate::render;
use crate::store::{Restoration, StillTrusted, StoreError, StoreResult, Tx};

/// Instances or notices per transaction.
const BATCH: u32 = 100;

impl Warden {
    /// Distrusts the data of every restored workspace, continuing where an earlier process ended. Nothing else may use the
    /// database before. `at_prompt` is what the configuration asks for at the prompt, where one person is alone. Returns the number
    /// of such workspaces.
    ///
    /// # Errors
    /// When the database cannot be read or written; what was distrusted until then stays so.
    pub async fn distrust_restored(&self, at_prompt: &Policy) -> StoreResult<usize> {
        let all = self.store.system().restorations().await?;
        let left = all.iter().filter(|one| one.left.is_some());
        let left: Vec<&Restoration> = left.collect();
        for restoration in &left {
            while !self
                .distrust_some(&restoration.workspace, at_prompt)
                .await?
            {}
            tracing::warn!(
                workspace = %restoration.workspace,
                state_of = %render::rfc3339(restoration.state_of),
                restored = %render::rfc3339(restoration.restored),
                "the database was restored from a copy: what it knew no longer counts"
            );
        }
        Ok(left.len())
    }

    /// Distrusts the next batch; returns whether none was left.
    async fn distrust_some(
        &self,
        workspace: &WorkspaceId,
        at_prompt: &Policy,
    ) -> StoreResult<bool> {
        let now = self.clock.now();
        let mut work = UnitOfWork::new(self.store.write(workspace).await?);
        match work.tx.restoration().await? {
            None => Ok(true),
            Some(restoration) => match restoration.left.clone() {
                None => Ok(true),
                Some(StillTrusted::InstancesAfter(id)) => {
                    self.distrust_instances(work, restoration, &id, now).await?;
                    Ok(false)
                }
                Some(StillTrusted::NoticesAfter(number)) => {
                    self.distrust_notices(work, restoration, number, at_prompt, now)
                        .await
                }
            },
        }
    }

    async fn distrust_instances(
        &self,
        mut work: UnitOfWork,
        mut restoration: Restoration,
        after: &str,
        now: Timestamp,
    ) -> StoreResult<()> {
        let settings = self.settings_in(&mut work.tx).await?;
        let ids = work.tx.instances_after(after, BATCH).await?;
        restoration.left = Some(match ids.last() {
            Some(last) => StillTrusted::InstancesAfter(last.clone()),
            None => StillTrusted::NoticesAfter(0),
        });
        let mut cases = Vec::new();
        for id in ids.iter().filter_map(|id| InstanceId::parse(id).ok()) {
            match work.tx.load_case(&id).await {
                // A damaged instance permits nothing anyway.
                Err(StoreError::Damaged { .. }) => {
                    work.tx
                        .note_unreadable(&Unreadable::Instance(id), now)
                        .await?;
                }
                case => cases.extend(case?),
            }
        }
        for case in &mut cases {
            case.distrust(restoration.state_of, restoration.last_number, now);
            work.tx.forget_attention(&case.instance.id).await?;
        }
        restoration.voided = restoration
            .voided
            .saturating_add(u32::try_from(cases.len()).unwrap_or(u32::MAX));
        work.tx.keep_restoration(&restoration).await?;
        if after.is_empty() {
            wording::distrust(&mut work.tx, now).await?;
        }
        if cases.is_empty() {
            return work.commit_unrecorded().await;
        }
        work.keep_all(cases).await?;
        commit(&settings, work, &distrusted(now)).await
    }

    /// Returns whether none was left, in which case people have been told.
    async fn distrust_notices(
        &self,
        work: UnitOfWork,
        mut restoration: Restoration,
        after: u64,
        at_prompt: &Policy,
        now: Timestamp,
    ) -> StoreResult<bool> {
        let mut tx = work.into_parts().0;
        let settings = self.settings_in(&mut tx).await?;
        let numbers = tx.notices_after(after, BATCH).await?;
        for number in &numbers {
            match notice::distrust(
                &settings,
                &mut tx,
                *number,
                Because::Restored,
                &distrusted(now),
            )
            .await
            {
                Err(StoreError::Damaged { .. }) => {
                    tx.note_unreadable(&Unreadable::Notice(*number), now)
                        .await?;
                }
                raised => restoration.raised += u32::from(raised?),
            }
        }
        restoration.left = numbers.last().copied().map(StillTrusted::NoticesAfter);
        tx.keep_restoration(&restoration).await?;
        let ended = restoration.left.is_none();
        if ended {
            let entry = AuditEntry {
                detail: Some(render::audit::restored(&restoration)),
                ..distrusted(now)
            };
            let key = settings.audit_key.as_ref();
            tx.append_audit(&entry, key).await?;
            let alerts = &settings.channels.alerts;
            let in_force = self
                .in_force(&mut tx, &settings, &restoration, at_prompt)
                .await?;
            let text = render::post::restored(&restoration, &in_force, &settings.reader(now));
            let key = format!("restored:{}", restoration.restored.timestamp_millis());
            tx.post(&Post::for_admins(alerts, key, now, text)).await?;
        }
        tx.commit().await?;
        Ok(ended)
    }
}

impl Warden {
    /// The settings in force in a restored workspace, although the lost time may have changed them.
    async fn in_force(
        &self,
        tx: &mut Tx,
        settings: &Settings,
        restoration: &Restoration,
        at_prompt: &Policy,
    ) -> StoreResult<String> {
        let mut base = self.settings().base();
        if restoration.workspace.as_str() == LOCAL_WORKSPACE {
            base.policy = at_prompt.clone();
        }
        let ended = wording::ended_by_restoration(tx, restoration.restored).await?;
        let held = base.in_effect(&settings.own);
        let configured = base.in_effect(&Overrides::default());
        Ok(render::setting_in_force(&held, &configured) + &render::wording::distrusted(&ended))
    }

    /// The settings in force in each restored workspace that has any of its own.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn in_force_since_restored(
        &self,
        at_prompt: &Policy,
    ) -> StoreResult<Vec<(WorkspaceId, String)>> {
        let mut said = Vec::new();
        for restoration in self.store.system().restorations().await? {
            let mut tx = self.store.read(&restoration.workspace).await?;
            let settings = self.settings_in(&mut tx).await?;
            let ended = wording::ended_by_restoration(&mut tx, restoration.restored).await?;
            if !settings.own.is_empty() || !ended.is_empty() {
                let text = self
                    .in_force(&mut tx, &settings, &restoration, at_prompt)
                    .await?;
                said.push((restoration.workspace, text));
            }
        }
        Ok(said)
    }
}

/// The audit entry of the distrust.
fn distrusted(now: Timestamp) -> AuditEntry {
    AuditEntry::done(now, "restore", "distrust what the copy knew")
}
