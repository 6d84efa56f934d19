//! Lends the transaction of a group to its members in turn, and commits once for all of them.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::{Back, Led, Lent, LentTurn, Member, Owed, WriterLine};
use crate::domain::audit::Head;
use crate::store::connections::Begun;
use crate::store::{StoreError, StoreResult};

/// Begins the turn of the first member.
pub(super) const SAVE: &str = "SAVEPOINT member";
/// Keeps the writes of a member, and begins the next turn. Without a savepoint, nothing is begun.
pub(super) const KEEP: &str = "RELEASE member; SAVEPOINT member";
/// Undoes the writes of a member. The savepoint stays, for the next turn.
pub(super) const UNDO: &str = "ROLLBACK TO member";

/// A member after its turn, before the commit.
struct Had {
    member: Member,
    /// `None` when the turn could not begin.
    stands: Option<oneshot::Sender<bool>>,
    keeping: Option<Owed>,
}

/// Lends the writer to the waiting members, group by group, until there are none.
pub(super) async fn lead(line: WriterLine) {
    let mut led = Led(Some(line.clone()));
    while !line.queue.is_over() {
        match line.begin_lending().await {
            Ok(writing) => line.lend_to_all(writing).await,
            Err(error) => {
                let member = line.queue.state().waiting.pop_front();
                if let Some(member) = member {
                    let _ = member.turns.send(Err(error));
                }
            }
        }
    }
    // The writer may belong to another task by now.
    led.0 = None;
}

/// Ends a group of which it is not known whether its commit was made.
fn leave_unsure(had: Vec<Had>, database: &Arc<str>) {
    for had in had {
        if let Some(keeping) = had.keeping {
            let database = Arc::clone(database);
            let _ = keeping.answer.send(Err(StoreError::Unsure { database }));
        }
        let _ = had.stands.map(|stands| stands.send(true));
    }
}

/// Lends the transaction to a member, and waits for its return; a vanished member undoes nothing.
async fn lend(writing: Begun, member: &Member, stands: oneshot::Receiver<bool>) -> Option<Back> {
    let (back, given) = oneshot::channel();
    let lent = Lent {
        inner: Some((writing, back)),
        failed: false,
    };
    // A failed send drops the transaction, which returns it.
    let _ = member.turns.send(Ok(LentTurn { lent, stands }));
    given.await.ok()
}

impl WriterLine {
    async fn begin_lending(&self) -> StoreResult<Begun> {
        self.store.counter.begun();
        self.store.begin_writing(&self.workspace).await
    }

    /// Lends to the members that wait now, and commits.
    async fn lend_to_all(&self, writing: Begun) {
        let mut members = self.queue.next();
        let first = members.pop_front();
        match (first, members.is_empty()) {
            (None, _) => drop(writing),
            (Some(alone), true) => self.lend_to_one(writing, &alone).await,
            (Some(first), false) => {
                members.push_front(first);
                self.lend_in_turn(writing, members).await;
            }
        }
    }

    /// A group of one needs no savepoint, and its failure affects no other member.
    async fn lend_to_one(&self, mut writing: Begun, member: &Member) {
        if let Err(error) = self.store.begin(&mut writing).await {
            drop(member.turns.send(Err(error)));
            return;
        }
        let (stands, told) = oneshot::channel();
        match lend(writing, member, told).await {
            Some(Back::Kept(writing, Owed { answer, ring })) => {
                let done = self.make_last(writing, ring.recorded.as_slice()).await;
                if done.is_ok() {
                    self.store.lasts([ring]);
                }
                let _ = answer.send(done);
            }
            // Dropped, it is rolled back.
            Some(Back::Undone(_)) | None => {}
            Some(Back::Failed(writing)) => writing.spoil(),
        }
        let _ = stands.send(true);
    }

    async fn lend_in_turn(&self, mut writing: Begun, mut members: VecDeque<Member>) {
        let mut had = Vec::new();
        if self.control(&mut writing, SAVE).await.is_err() {
            writing.spoil();
            let first = members.pop_front().map(|member| Had {
                member,
                stands: None,
                keeping: None,
            });
            self.give_up(first.into_iter().collect()).await;
            return self.queue.put_back(members);
        }
        let mut closing = std::pin::pin!(tokio::time::sleep(self.queue.open_for));
        while let Some(member) = members.pop_front() {
            let given = self.lend_saved(writing, member, &mut had).await;
            let Some(given) = given else {
                self.give_up(had).await;
                self.queue.put_back(members);
                return;
            };
            writing = given;
            tokio::select! {
                biased;
                () = &mut closing => break,
                () = std::future::ready(()) => {}
            }
        }
        self.queue.put_back(members);
        let recorded: Vec<Head> = had
            .iter()
            .filter_map(|had| had.keeping.as_ref())
            .filter_map(|keeping| keeping.ring.recorded.clone())
            .collect();
        match self.make_last(writing, &recorded).await {
            Ok(()) => {}
            // It may have been made, so none is decided again.
            Err(StoreError::Unsure { database }) => return leave_unsure(had, &database),
            Err(_) => return self.give_up(had).await,
        }
        // Those that wait for the commit are answered first.
        had.sort_by_key(|had| had.keeping.is_none());
        let rings = had.iter().filter_map(|had| had.keeping.as_ref());
        self.store.lasts(rings.map(|keeping| keeping.ring.clone()));
        for had in had {
            if let Some(keeping) = had.keeping {
                let _ = keeping.answer.send(Ok(()));
            }
            let _ = had.stands.map(|stands| stands.send(true));
        }
    }

    /// Lends to one of several members; `None` when that ends the group and its connection is discarded.
    async fn lend_saved(
        &self,
        writing: Begun,
        member: Member,
        had: &mut Vec<Had>,
    ) -> Option<Begun> {
        let (stands, told) = oneshot::channel();
        let stands = Some(stands);
        let (mut writing, keeping, end) = match lend(writing, &member, told).await? {
            Back::Kept(writing, keeping) => (writing, Some(keeping), KEEP),
            Back::Undone(writing) => (writing, None, UNDO),
            Back::Failed(writing) => {
                writing.spoil();
                // The member reports its failure itself.
                let _ = stands.map(|stands| stands.send(true));
                return None;
            }
        };
        had.push(Had {
            member,
            stands,
            keeping,
        });
        // A missing savepoint means that the transaction was rolled back unnoticed.
        if self.control(&mut writing, end).await.is_err() {
            writing.spoil();
            return None;
        }
        Some(writing)
    }

    /// Abandons the group: its members decide again, one by one and in order.
    async fn give_up(&self, had: Vec<Had>) {
        for Had {
            member,
            stands,
            keeping,
        } in had
        {
            if let Some(keeping) = keeping {
                let _ = keeping.answer.send(Err(StoreError::GivenUp));
            }
            let _ = stands.map(|stands| stands.send(false));
            match self.begin_lending().await {
                Ok(writing) => self.lend_to_one(writing, &member).await,
                Err(error) => drop(member.turns.send(Err(error))),
            }
        }
    }

    async fn control(&self, writing: &mut Begun, text: &'static str) -> StoreResult<()> {
        #[cfg(test)]
        self.queue.fault(text)?;
        self.store.counter.hopped();
        let done = writing.control(text).await?;
        done.map_err(|error| self.store.failed(error))
    }

    async fn make_last(&self, mut writing: Begun, recorded: &[Head]) -> StoreResult<()> {
        #[cfg(test)]
        if let Err(error) = self.queue.fault("COMMIT") {
            writing.spoil();
            return Err(error);
        }
        self.store.counter.hopped();
        let done = self.store.commit(&mut writing, recorded, None).await;
        if done.is_err() {
            writing.spoil();
        }
        done
    }
}
