//! Group commit: decisions that wait for the writer at the same time share one commit.
//!
//! One task owns the transaction and lends it to each member in turn, within a savepoint. Invariants: a decision that finds the
//! writer free does not wait; no member is answered before everything that it read and wrote is durable, members without writes
//! included; a rejected or dropped decision undoes only its own writes; any failure except a uniqueness violation ends the group,
//! because `SQLite` may have rolled back the whole transaction by then, so that the next savepoint would commit by itself. Then
//! the connection is discarded, and the other members decide again, one by one and in order.
//!
//! A file has one queue for all workspaces. On a server each workspace has its own, so a group has decisions of one workspace.

mod lend;

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::connections::Begun;
use super::seat::Seat;
use super::sqlite::TURN;
use super::tx::Ring;
use super::{Store, StoreError, StoreResult, Tx};
use crate::domain::id::WorkspaceId;
use lend::lead;

/// The most decisions per commit.
const MEMBERS: usize = 64;
/// The time for which a group accepts further members, which bounds the wait of the first.
const OPEN_FOR: Duration = Duration::from_millis(20);

/// The most attempts of a decision that conflicts with concurrent ones.
const TRIES: u8 = 5;

/// The queue of waiting decisions.
#[derive(Debug, Default)]
pub(super) struct WriterQueue {
    state: Mutex<QueueState>,
    /// The time for which a group accepts further members.
    open_for: Duration,
    /// The next failures, for tests.
    #[cfg(test)]
    faults: Mutex<Vec<(&'static str, usize)>>,
}

#[derive(Debug, Default)]
struct QueueState {
    waiting: VecDeque<Member>,
    /// Whether a decision is in progress, which lets in the next one.
    taken: bool,
}

/// A waiting decision.
#[derive(Debug)]
struct Member {
    turns: mpsc::UnboundedSender<StoreResult<LentTurn>>,
}

/// A member's turn.
#[derive(Debug)]
struct LentTurn {
    lent: Lent,
    stands: oneshot::Receiver<bool>,
}

/// The transaction of a group, lent to one member.
#[derive(Debug)]
pub(super) struct Lent {
    inner: Option<(Begun, oneshot::Sender<Back>)>,
    /// Whether a statement has failed.
    pub(super) failed: bool,
}

/// The result of a member's turn.
#[derive(Debug)]
enum Back {
    /// Its writes are kept.
    Kept(Begun, Owed),
    /// Its writes are undone.
    Undone(Begun),
    Failed(Begun),
}

/// The answer and the notifications due to a member once its writes are durable.
#[derive(Debug)]
struct Owed {
    answer: oneshot::Sender<StoreResult<()>>,
    ring: Ring,
}

impl Lent {
    pub(super) fn transaction(&mut self) -> Option<&mut Begun> {
        self.inner.as_mut().map(|(writing, _)| writing)
    }

    /// Returns the transaction with writes to keep, and waits until they are durable.
    pub(super) async fn commit(mut self, ring: Ring) -> StoreResult<()> {
        let gone = || StoreError::fault("the group went away");
        // A failed statement may have rolled back the whole transaction, so nothing may be kept.
        if self.failed {
            return Err(gone());
        }
        let (writing, back) = self.inner.take().ok_or_else(gone)?;
        let (answer, answered) = oneshot::channel();
        let kept = Back::Kept(writing, Owed { answer, ring });
        // A dropped transaction rolls back.
        back.send(kept).map_err(|_| gone())?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some((writing, back)) = self.inner.take() {
            let given = if self.failed {
                Back::Failed(writing)
            } else {
                Back::Undone(writing)
            };
            let _ = back.send(given);
        }
    }
}

/// The queues of a database.
#[derive(Debug)]
pub(super) enum Lines {
    /// One queue for all workspaces.
    One(Arc<WriterQueue>),
    /// One queue for each workspace with waiting or running decisions.
    Each(Mutex<HashMap<WorkspaceId, Weak<WriterQueue>>>),
}

impl Default for Lines {
    fn default() -> Self {
        Self::One(Arc::default())
    }
}

impl Lines {
    /// The number of queues above which empty ones are removed.
    const LEFT_OVER: usize = 256;

    fn of(&self, workspace: &WorkspaceId) -> Arc<WriterQueue> {
        let each = match self {
            Self::One(line) => return Arc::clone(line),
            Self::Each(each) => each,
        };
        let mut each = each.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = each.get(workspace).and_then(Weak::upgrade) {
            return line;
        }
        if each.len() > Self::LEFT_OVER {
            each.retain(|_, line| line.strong_count() > 0);
        }
        let line = Arc::new(WriterQueue {
            open_for: OPEN_FOR,
            ..WriterQueue::default()
        });
        each.insert(workspace.clone(), Arc::downgrade(&line));
        line
    }
}

/// A queue and its database.
#[derive(Debug, Clone)]
struct WriterLine {
    store: Store,
    queue: Arc<WriterQueue>,
    /// The workspace of its decisions, if each workspace has its own queue.
    workspace: WorkspaceId,
}

/// The writer, taken without waiting. On drop, the waiting decisions are let in.
#[derive(Debug)]
pub(super) struct Alone(WriterLine);

impl Drop for Alone {
    fn drop(&mut self) {
        let mut state = self.0.queue.state();
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) if !state.waiting.is_empty() => {
                drop(state);
                runtime.spawn(lead(self.0.clone()));
            }
            Ok(_) | Err(_) => state.taken = false,
        }
    }
}

/// The queue while a task lends to its members. If the task ends early, all waiting members are released.
struct Led(Option<WriterLine>);

impl Drop for Led {
    fn drop(&mut self) {
        if let Some(line) = &self.0 {
            let mut state = line.queue.state();
            state.taken = false;
            state.waiting.clear();
        }
    }
}

impl WriterQueue {
    fn state(&self) -> MutexGuard<'_, QueueState> {
        // A poisoned lock is usable: the state is consistent at any moment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the waiting members, up to a group's size. If there are none, the writer becomes free.
    fn next(&self) -> VecDeque<Member> {
        let mut state = self.state();
        state.waiting.retain(|member| !member.turns.is_closed());
        let many = state.waiting.len().min(MEMBERS);
        state.waiting.drain(..many).collect()
    }

    /// Whether nobody waits; then the writer becomes free.
    fn is_over(&self) -> bool {
        let mut state = self.state();
        state.waiting.retain(|member| !member.turns.is_closed());
        state.taken = !state.waiting.is_empty();
        !state.taken
    }

    /// Returns members that did not have their turn to the front of the queue.
    fn put_back(&self, members: VecDeque<Member>) {
        let mut state = self.state();
        for member in members.into_iter().rev() {
            state.waiting.push_front(member);
        }
    }
}

/// A place in the queue of decisions.
#[derive(Debug)]
pub struct QueuePlace {
    line: WriterLine,
    turns: Option<mpsc::UnboundedReceiver<StoreResult<LentTurn>>>,
    stands: Option<oneshot::Receiver<bool>>,
    /// Whether the decision must be retried because of a concurrent one.
    overtaken: Arc<AtomicBool>,
    /// The number of retries left.
    tries: u8,
}

impl Store {
    /// Enables group commit.
    pub(super) fn share_commits(&mut self) {
        self.lines = Arc::new(Lines::One(Arc::new(WriterQueue {
            open_for: OPEN_FOR,
            ..WriterQueue::default()
        })));
        self.shares_commits = true;
    }

    /// Enables group commit per workspace.
    pub(super) fn share_commits_by_workspace(&mut self) {
        self.lines = Arc::new(Lines::Each(Mutex::default()));
        self.shares_commits = true;
    }

    /// A place in the queue of decisions. Decisions that wait at the same time share one commit:
    ///
    /// ```text
    /// let mut place = store.place(workspace);
    /// loop {
    ///     let answer = decide(place.turn().await?).await;
    ///     if place.stands().await {
    ///         return answer;
    ///     }
    /// }
    /// ```
    pub fn place(&self, workspace: &WorkspaceId) -> QueuePlace {
        QueuePlace {
            line: WriterLine {
                store: self.clone(),
                queue: self.lines.of(workspace),
                workspace: workspace.clone(),
            },
            turns: None,
            stands: None,
            overtaken: Arc::default(),
            tries: TRIES,
        }
    }
}

impl QueuePlace {
    /// Waits for the turn to read, decide and write. Slow work, or waiting for anything but the database, must not happen during
    /// the turn.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when the wait times out, or any other [`StoreError`].
    pub async fn turn(&mut self) -> StoreResult<Tx> {
        let mut tx = self.begin().await?;
        tx.overtaken = Some(Arc::clone(&self.overtaken));
        Ok(tx)
    }

    async fn begin(&mut self) -> StoreResult<Tx> {
        let WriterLine {
            store, workspace, ..
        } = &self.line;
        let (store, workspace) = (store.clone(), workspace.clone());
        if !store.shares_commits {
            let begun = store.begin_writing(&workspace).await;
            let begun = begun.map(|writing| Seat::Writing(writing, None));
            return store.transaction(begun, &workspace);
        }
        if self.turns.is_none() && self.is_first() {
            let alone = Alone(self.line.clone());
            let begun = store.begin_writing(&workspace).await;
            let begun = begun.map(|writing| Seat::Writing(writing, Some(alone)));
            return store.transaction(begun, &workspace);
        }
        let locked = || StoreError::Locked {
            database: Arc::clone(&store.database),
        };
        let turns = self.turns.as_mut();
        let turns = turns.ok_or_else(|| StoreError::fault("nobody waits"))?;
        let turn = tokio::time::timeout(TURN, turns.recv()).await;
        let turn = turn.map_err(|_| locked())?.ok_or_else(locked)??;
        self.stands = Some(turn.stands);
        Ok(Tx::new(Seat::Lent(turn.lent), &workspace, &store))
    }

    /// Takes the writer if it is free; otherwise joins the queue.
    fn is_first(&mut self) -> bool {
        let mut state = self.line.queue.state();
        if !state.taken {
            state.taken = true;
            return true;
        }
        let (turns, waits) = mpsc::unbounded_channel();
        state.waiting.push_back(Member { turns });
        drop(state);
        self.turns = Some(waits);
        false
    }

    /// Whether the decision of the last turn stands: `false` when it was rolled back together with others, so that it must not be
    /// reported and is decided again. Called after the transaction was committed or dropped.
    pub async fn stands(&mut self) -> bool {
        let stands = match self.stands.take() {
            None => true,
            // If the group has vanished, so has the decision.
            Some(stands) => stands.await.unwrap_or(false),
        };
        if stands && self.tries > 0 && self.overtaken.swap(false, Ordering::AcqRel) {
            self.tries -= 1;
            self.turns = None;
            return false;
        }
        stands
    }
}

#[cfg(test)]
mod tests;
