//! Whether what is derived is what it is derived from, and making it so again.

use chrono::TimeDelta;

use super::Warden;
use super::remind::{next_look, outlook};
use crate::domain::Timestamp;
use crate::domain::audit::AuditEntry;
use crate::domain::id::InstanceId;
use crate::render;
use crate::store::{Derived, Differs, StoreError, Tx};

/// So much is looked for in a workspace; when it is mended, the rest shows.
const MOST: usize = 1_000;

/// What is wrong in a workspace.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ailing {
    /// What is derived and differs.
    pub differs: Vec<Differs>,
    /// What cannot be read, a sentence each.
    pub damaged: Vec<String>,
}

impl Ailing {
    const fn is_enough(&self) -> bool {
        self.differs.len() + self.damaged.len() >= MOST
    }
}

impl Warden {
    /// Looks through a workspace, a page at a time, as it is at this moment.
    pub async fn examine(&self, workspace: &str) -> Result<Ailing, StoreError> {
        let mut tx = self.store.read(workspace).await?;
        let mut found = Ailing::default();
        let (mut from, mut tracked) = (Some(String::new()), 0);
        while let Some(at) = from.filter(|_| !found.is_enough()) {
            let page = tx.look_ups_differ(&at).await?;
            found.differs.extend(page.differs);
            found.damaged.extend(page.damaged);
            (from, tracked) = (page.next, tracked + page.tracked);
        }
        // Behind what instances are found by: mended in this order, they are counted by what is right.
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

    /// Instances for which something is to come, and for which nothing is planned.
    async fn plans_differ(&self, tx: &mut Tx, found: &mut Ailing) -> Result<(), StoreError> {
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
                    // It is said already.
                    Err(StoreError::Damaged { .. }) => None,
                    case => case?,
                };
                let Some(mut case) = case else {
                    continue;
                };
                // As it was planned, before time has moved its change.
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

    /// Makes again what differs, and tells the trail.
    pub async fn mend(&self, workspace: &str, differs: &[Differs]) -> Result<(), StoreError> {
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
