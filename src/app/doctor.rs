//! Verification of derived data against its source, and its repair.

use chrono::TimeDelta;

use super::Warden;
use super::remind::{next_look, outlook};
use crate::domain::Timestamp;
use crate::domain::audit::AuditEntry;
use crate::domain::id::{InstanceId, WorkspaceId};
use crate::render;
use crate::store::{Derived, Differs, StoreError, StoreResult, Tx};

/// The most findings per workspace and run; a repair makes room for the rest.
const MOST: usize = 1_000;

/// The findings in a workspace.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ailing {
    /// Derived data that differs from its source.
    pub differs: Vec<Differs>,
    /// Records that cannot be read, one sentence each.
    pub damaged: Vec<String>,
}

impl Ailing {
    const fn is_enough(&self) -> bool {
        self.differs.len() + self.damaged.len() >= MOST
    }
}

impl Warden {
    /// Examines a workspace, page by page, in one read transaction.
    pub async fn examine(&self, workspace: &WorkspaceId) -> StoreResult<Ailing> {
        let mut tx = self.store.read(workspace).await?;
        let mut found = Ailing::default();
        let (mut from, mut tracked) = (Some(String::new()), 0);
        while let Some(at) = from.filter(|_| !found.is_enough()) {
            let page = tx.look_ups_differ(&at).await?;
            found.differs.extend(page.differs);
            found.damaged.extend(page.damaged);
            (from, tracked) = (page.next, tracked + page.tracked);
        }
        // Counters come after the look-up tables: repaired in this order, they are counted from correct rows.
        if !found.is_enough() && found.damaged.is_empty() {
            found.differs.extend(tx.counters_differ(tracked).await?);
        }
        found.differs.extend(tx.queues_differ().await?);
        let mut from = Some(String::new());
        while let Some(at) = from.filter(|_| !found.is_enough()) {
            let page = tx.wakes_differ(&at).await?;
            found.differs.extend(page.differs);
            found.damaged.extend(page.damaged);
            from = page.next;
        }
        self.plans_differ(&mut tx, &mut found).await?;
        found.damaged.sort();
        found.damaged.dedup();
        Ok(found)
    }

    /// Instances with something due and no entry in the schedule.
    async fn plans_differ(&self, tx: &mut Tx, found: &mut Ailing) -> StoreResult<()> {
        let now = self.clock.now();
        let settings = self.settings_in(tx).await?;
        let mut from = String::new();
        loop {
            let page = tx.not_planned(&from).await?;
            let Some(last) = page.last().filter(|_| !found.is_enough()) else {
                return Ok(());
            };
            from.clone_from(last);
            for id in page {
                let Ok(instance) = InstanceId::parse(&id) else {
                    continue;
                };
                let case = match tx.load_case(&instance).await {
                    // Reported above.
                    Err(StoreError::Damaged { .. }) => None,
                    case => case?,
                };
                let Some(mut case) = case else {
                    continue;
                };
                // As of the time of planning, before time has advanced its change.
                let before = |wakes: Timestamp| now.min(wakes - TimeDelta::milliseconds(1));
                let at = case.wakes_at().map_or(now, before);
                let outlook = outlook(&settings, tx, &mut case, at).await?;
                if next_look(&settings, &outlook, at).is_some() {
                    found.differs.push(Differs {
                        derived: Derived::Plan,
                        of: id,
                        held: "nothing".to_owned(),
                        wanted: "planned".to_owned(),
                    });
                }
            }
        }
    }

    /// Rebuilds the data that differs, and records it in the trail.
    pub async fn mend(&self, workspace: &WorkspaceId, differs: &[Differs]) -> StoreResult<()> {
        if differs.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.write(workspace).await?;
        for each in differs {
            tx.mend(each).await?;
        }
        let entry = AuditEntry {
            detail: Some(render::doctor::mended(differs)),
            ..AuditEntry::done(self.clock.now(), "command line", "doctor --repair")
        };
        tx.append_audit(&entry, self.settings().audit_key.as_ref())
            .await?;
        tx.commit().await
    }
}
