//! The schedule: one loop for everything that becomes due by time.

use std::collections::HashMap;

use chrono::TimeDelta;
use tracing::Instrument as _;

use super::Warden;
use super::finish::commit;
use super::unit_of_work::UnitOfWork;
use crate::domain::Timestamp;
use crate::domain::audit::AuditEntry;
use crate::domain::concern::Unreadable;
use crate::domain::id::WorkspaceId;
use crate::store::{Due, ScheduleSubject, StoreError, StoreResult, Tx};
use crate::trace;

/// The delay before a damaged entry is tried again.
const AGAIN: TimeDelta = TimeDelta::hours(1);

impl Warden {
    /// Carries out the first due entry of a workspace; `false` if there is none. One that is due again however often it is
    /// carried out is put off, so that everything else goes on.
    pub async fn carry_out_due(
        &self,
        workspace: &WorkspaceId,
        now: Timestamp,
        so_far: &mut CarriedOut,
    ) -> StoreResult<bool> {
        let mut tx = self.store.write(workspace).await?;
        let Some(due) = tx.first_due(now).await? else {
            tx.commit().await?;
            return Ok(false);
        };
        let span = trace::command_span("schedule", workspace);
        let carrying_out = async {
            let began = self.steady();
            let done = self.carry_out(tx, &due, now).await;
            let took = self.steady().saturating_sub(began);
            let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            tracing::info!(
                schedule.kind = due.kind(),
                schedule.subject = due.named(),
                done = done.is_ok(),
                duration.ms = ms,
                "what was due was carried out"
            );
            done
        };
        let carried_out = match Box::pin(carrying_out).instrument(span).await {
            // A damaged entry must not delay the rest.
            Err(error @ StoreError::Damaged { .. }) => {
                tracing::error!(schedule.workspace = %workspace, schedule.kind = due.kind(), schedule.subject = due.named(), error = %crate::trace::causes(&error), "what is due cannot be read; it is tried again in an hour");
                let mut tx = self.store.write(workspace).await?;
                tx.postpone(&due, now + AGAIN).await?;
                if let Some(subject) = unreadable(&due) {
                    tx.note_unreadable(&subject, now).await?;
                }
                tx.commit().await?;
                vec![due]
            }
            done => done?,
        };
        for due in carried_out {
            if so_far.is_stuck(&due, now) {
                self.put_off(&due, now).await?;
            }
        }
        Ok(true)
    }

    async fn put_off(&self, due: &Due, now: Timestamp) -> StoreResult<()> {
        tracing::error!(schedule.workspace = %due.workspace, schedule.kind = due.kind(), schedule.subject = due.named(), "what is due is due again at once; it is tried again in an hour");
        let mut tx = self.store.write(&due.workspace).await?;
        tx.postpone(due, now + AGAIN).await?;
        tx.commit().await
    }

    /// Carries out what is first due, and returns what was done: instances of a team go together, the first or others.
    async fn carry_out(&self, tx: Tx, due: &Due, now: Timestamp) -> StoreResult<Vec<Due>> {
        match due.subject()? {
            ScheduleSubject::Change(number) => self.advance(tx, number, due, now).await?,
            ScheduleSubject::Notice(number) => self.review_notice(tx, number, now).await?,
            ScheduleSubject::Digest => self.post_digest(tx, due.at.unwrap_or(now), now).await?,
            ScheduleSubject::Workspace => self.look_at_workspace(tx, now).await?,
            ScheduleSubject::Instance(_) => return self.remind(tx, due, now).await,
            ScheduleSubject::Retention => self.prune(tx, now).await?,
        }
        Ok(vec![due.clone()])
    }

    async fn advance(&self, tx: Tx, number: u64, due: &Due, now: Timestamp) -> StoreResult<()> {
        let mut work = UnitOfWork::new(tx);
        let Some(mut case) = work.tx.load_change_case(number).await? else {
            return Err(due.missing());
        };
        let settings = self.settings_in(&mut work.tx).await?;
        if case.open_change().is_none() {
            let id = case.instance.id.clone();
            let current = work.tx.load_case(&id).await?;
            let other = current.is_some_and(|current| current.open_change().is_some());
            case.take_back_presumed(other, now);
        }
        case.advance(&settings.policy, now);
        work.keep_case(&case).await?;
        commit(&settings, work, &by_time(now)).await
    }
}

/// How often each entry was carried out and was due again at once.
#[derive(Debug, Default)]
pub struct CarriedOut(HashMap<(WorkspaceId, String), Rounds>);

#[derive(Debug)]
struct Rounds {
    times: u32,
    last: Timestamp,
}

impl CarriedOut {
    /// Counts an entry, and returns whether that was too often: what is looked at again at once settles in fewer rounds. What became
    /// due after it was carried out is no repetition.
    fn is_stuck(&mut self, due: &Due, now: Timestamp) -> bool {
        const OFTEN: u32 = 50;
        // Entries that are due again at once come before most others, so they are counted to the limit.
        const MOST: usize = 10_000;
        if self.0.len() >= MOST {
            self.0.clear();
        }
        let first = Rounds {
            times: 0,
            last: now,
        };
        let rounds = self.0.entry((due.workspace.clone(), due.key()));
        let rounds = rounds.or_insert(first);
        if due.at.is_some_and(|at| at > rounds.last) {
            rounds.times = 0;
        }
        rounds.times += 1;
        rounds.last = now;
        rounds.times >= OFTEN
    }

    /// Forgets all: nothing is due.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// The subject that is reported as damaged.
fn unreadable(due: &Due) -> Option<Unreadable> {
    match due.subject().ok()? {
        ScheduleSubject::Change(number) => Some(Unreadable::Change(number)),
        ScheduleSubject::Notice(number) => Some(Unreadable::Notice(number)),
        ScheduleSubject::Instance(id) => Some(Unreadable::Instance(id)),
        ScheduleSubject::Digest | ScheduleSubject::Workspace | ScheduleSubject::Retention => None,
    }
}

/// The audit entry of a scheduled action.
pub(super) fn by_time(now: Timestamp) -> AuditEntry {
    AuditEntry::done(now, "clock", "time")
}
