//! Decisions that wait for the writer at the same time share one commit.
//!
//! One task owns the transaction and lends it to each in turn, within a savepoint. Invariants: a decision that finds the
//! writer free waits for nobody; nobody is answered before what they read and wrote is durable, those who wrote nothing
//! included; one that is refused or dropped undoes only its own; whatever fails but a row that must be the only one of its
//! kind ends the group, since `SQLite` may have undone all of it by then, so that the next savepoint would commit by itself.
//! Then the connection is thrown away, and the others decide again, one by one and in their order.
//!
//! A file has one line for all. On a server each workspace has its own, so that a group holds decisions of one workspace.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use sqlx::{Any, Transaction};
use tokio::sync::{mpsc, oneshot};

use super::sqlite::TURN;
use super::tx::{Ring, Seat};
use super::{Store, StoreError, Tx, sql};

/// The most decisions that share a commit.
const MEMBERS: usize = 64;
/// For so long a group lends to the next: nobody's answer waits much longer for the others.
const OPEN_FOR: Duration = Duration::from_millis(20);

/// How often a decision is taken again that others overtook.
const TRIES: u8 = 5;

const SAVE: &str = "SAVEPOINT member";
const RELEASE: &str = "RELEASE member";
const UNDO: &str = "ROLLBACK TO member";

type Writing = Transaction<'static, Any>;

/// Those who wait to decide, in their order.
#[derive(Debug, Default)]
pub(super) struct WriterQueue {
    state: Mutex<QueueState>,
    /// Whether the connection that is given back next is thrown away.
    spoilt: Arc<AtomicBool>,
    /// For so long a group lends to the next.
    open_for: Duration,
    /// What fails next, for tests.
    #[cfg(test)]
    faults: Mutex<Vec<(&'static str, usize)>>,
}

#[derive(Debug, Default)]
struct QueueState {
    waiting: VecDeque<Member>,
    /// Whether somebody decides, who sees to it that the next one is let in.
    taken: bool,
}

/// One who waits.
#[derive(Debug)]
struct Member {
    turns: mpsc::UnboundedSender<Result<LentTurn, StoreError>>,
}

/// What a member is lent.
#[derive(Debug)]
struct LentTurn {
    lent: Lent,
    stands: oneshot::Receiver<bool>,
}

/// The transaction of a group, for as long as one member decides.
#[derive(Debug)]
pub(super) struct Lent {
    inner: Option<(Writing, oneshot::Sender<Back>)>,
    /// Whether something failed in it.
    pub(super) failed: bool,
}

/// How a member gives the transaction back.
#[derive(Debug)]
enum Back {
    /// What it wrote is to last.
    Kept(Writing, Owed),
    /// What it wrote is to be undone.
    Undone(Writing),
    Failed(Writing),
}

/// What is owed to a member for what it wrote, once that lasts.
#[derive(Debug)]
struct Owed {
    answer: oneshot::Sender<Result<(), StoreError>>,
    ring: Ring,
}

impl Lent {
    pub(super) fn transaction(&mut self) -> Option<&mut Writing> {
        self.inner.as_mut().map(|(writing, _)| writing)
    }

    /// Gives it back with what is to last, and waits until it does.
    pub(super) async fn commit(mut self, ring: Ring) -> Result<(), StoreError> {
        let gone = || StoreError::fault("the group went away");
        // A statement that failed may have undone all of it; nothing may be kept then.
        if self.failed {
            return Err(gone());
        }
        let (writing, back) = self.inner.take().ok_or_else(gone)?;
        let (answer, answered) = oneshot::channel();
        let kept = Back::Kept(writing, Owed { answer, ring });
        // Dropped, the transaction undoes itself.
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

/// The lines of a database.
#[derive(Debug)]
pub(super) enum Lines {
    /// One for all workspaces.
    One(Arc<WriterQueue>),
    /// One for each workspace in which somebody waits or decides.
    Each(Mutex<HashMap<String, Weak<WriterQueue>>>),
}

impl Default for Lines {
    fn default() -> Self {
        Self::One(Arc::default())
    }
}

impl Lines {
    /// So many lines that nobody stands in are kept before they are looked through.
    const LEFT_OVER: usize = 256;

    fn of(&self, workspace: &str) -> Arc<WriterQueue> {
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
        each.insert(workspace.to_owned(), Arc::downgrade(&line));
        line
    }
}

/// A line, and what those in it write to.
#[derive(Debug, Clone)]
struct Line {
    store: Store,
    queue: Arc<WriterQueue>,
    /// Whose decisions these are, where each workspace has a line of its own.
    workspace: Arc<str>,
}

/// The writer, taken by one who found it free. When it goes, those who wait are let in.
#[derive(Debug)]
pub(super) struct Alone(Line);

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

/// The line, while a task lends to those in it. Should the task end early, all who wait are let go.
struct Led(Option<Line>);

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
        // What is in it is whole at any moment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those who wait now, as many as a group takes. Nobody: then the next who comes finds the writer free.
    fn next(&self) -> VecDeque<Member> {
        let mut state = self.state();
        state.waiting.retain(|member| !member.turns.is_closed());
        let many = state.waiting.len().min(MEMBERS);
        state.waiting.drain(..many).collect()
    }

    /// Whether nobody waits; the writer is free then.
    fn is_over(&self) -> bool {
        let mut state = self.state();
        state.waiting.retain(|member| !member.turns.is_closed());
        state.taken = !state.waiting.is_empty();
        !state.taken
    }

    fn spoil(&self) {
        self.spoilt.store(true, Ordering::Release);
    }

    /// Has those wait on who did not have their turn, before all others.
    fn put_back(&self, members: VecDeque<Member>) {
        let mut state = self.state();
        for member in members.into_iter().rev() {
            state.waiting.push_front(member);
        }
    }
}

/// A place in the line of those who decide.
#[derive(Debug)]
pub struct QueuePlace {
    line: Line,
    turns: Option<mpsc::UnboundedReceiver<Result<LentTurn, StoreError>>>,
    stands: Option<oneshot::Receiver<bool>>,
    /// Whether what was decided is decided again, since another one was faster.
    overtaken: Arc<AtomicBool>,
    /// How often that may happen still.
    tries: u8,
}

impl Store {
    /// Has decisions that wait at the same time share a commit; `spoilt` has the writer's connection thrown away.
    pub(super) fn share_commits(&mut self, spoilt: Arc<AtomicBool>) {
        self.lines = Arc::new(Lines::One(Arc::new(WriterQueue {
            spoilt,
            open_for: OPEN_FOR,
            ..WriterQueue::default()
        })));
        self.shares_commits = true;
    }

    /// Has decisions of a workspace that wait at the same time share a commit.
    pub(super) fn share_commits_by_workspace(&mut self) {
        self.lines = Arc::new(Lines::Each(Mutex::default()));
        self.shares_commits = true;
    }

    /// A place in the line of those who decide. Decisions that wait at the same time share one commit:
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
    pub fn place(&self, workspace: &str) -> QueuePlace {
        QueuePlace {
            line: Line {
                store: self.clone(),
                queue: self.lines.of(workspace),
                workspace: workspace.into(),
            },
            turns: None,
            stands: None,
            overtaken: Arc::default(),
            tries: TRIES,
        }
    }
}

impl QueuePlace {
    /// Waits for its turn to read, decide and write. What takes long, or waits for anything but the database, must not do so
    /// in it.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when the turn does not come, or any other [`StoreError`].
    pub async fn turn(&mut self) -> Result<Tx, StoreError> {
        let mut tx = self.begin().await?;
        tx.overtaken = Some(Arc::clone(&self.overtaken));
        Ok(tx)
    }

    async fn begin(&mut self) -> Result<Tx, StoreError> {
        let Line {
            store, workspace, ..
        } = &self.line;
        let (store, workspace) = (store.clone(), Arc::clone(workspace));
        if !store.shares_commits {
            return store.write(&workspace).await;
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

    /// Takes the writer if it is free; else it waits from now on.
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

    /// Whether what was decided in the last turn stands: `false` when it was given up together with others, so that nobody may
    /// be told of it and it is decided again. To be asked when the transaction is committed or dropped.
    pub async fn stands(&mut self) -> bool {
        let stands = match self.stands.take() {
            None => true,
            // Should the group have gone away, then so has what was decided.
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

/// A member that had its turn, and has not heard yet what became of it.
struct Had {
    member: Member,
    /// Empty when the turn could not even begin.
    stands: Option<oneshot::Sender<bool>>,
    keeping: Option<Owed>,
}

/// Lends the writer to all who wait, group by group, until nobody does.
async fn lead(line: Line) {
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
    // Nobody waits any more, and somebody else may have taken the writer since.
    led.0 = None;
}

/// Lends the transaction to a member, and waits until it is given back; one that has gone undoes nothing.
async fn lend(writing: Writing, member: &Member, stands: oneshot::Receiver<bool>) -> Option<Back> {
    let (back, given) = oneshot::channel();
    let lent = Lent {
        inner: Some((writing, back)),
        failed: false,
    };
    // What cannot be sent is dropped, and so given back.
    let _ = member.turns.send(Ok(LentTurn { lent, stands }));
    given.await.ok()
}

impl Line {
    async fn begin_lending(&self) -> Result<Writing, StoreError> {
        let begun = self.store.begin_writing(&self.workspace).await;
        self.store.counter.begun();
        begun.map_err(|error| self.store.failed(error))
    }

    /// Lends to those who wait at this moment, and makes it last.
    async fn lend_to_all(&self, writing: Writing) {
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

    /// A group of one needs no savepoint, and what fails concerns nobody else.
    async fn lend_to_one(&self, writing: Writing, member: &Member) {
        let (stands, told) = oneshot::channel();
        match lend(writing, member, told).await {
            Some(Back::Kept(writing, Owed { answer, ring })) => {
                let done = self.make_last(writing).await;
                if done.is_ok() {
                    self.store.lasts([ring]);
                }
                let _ = answer.send(done);
            }
            Some(Back::Undone(writing)) => {
                let undone = writing.rollback().await;
                if undone.is_err() {
                    self.queue.spoil();
                }
            }
            Some(Back::Failed(writing)) => self.throw_away(writing),
            None => {}
        }
        let _ = stands.send(true);
    }

    async fn lend_in_turn(&self, mut writing: Writing, mut members: VecDeque<Member>) {
        let mut had = Vec::new();
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
        if self.make_last(writing).await.is_err() {
            return self.give_up(had).await;
        }
        let (kept, others): (Vec<_>, Vec<_>) =
            had.into_iter().partition(|had| had.keeping.is_some());
        let rings = kept
            .iter()
            .chain(&others)
            .filter_map(|had| had.keeping.as_ref());
        self.store.lasts(rings.map(|keeping| keeping.ring));
        for had in kept.into_iter().chain(others) {
            if let Some(keeping) = had.keeping {
                let _ = keeping.answer.send(Ok(()));
            }
            let _ = had.stands.map(|stands| stands.send(true));
        }
    }

    /// Lends to one of a group; `None` when that is the end of the group, and its connection is thrown away.
    async fn lend_saved(
        &self,
        mut writing: Writing,
        member: Member,
        had: &mut Vec<Had>,
    ) -> Option<Writing> {
        if self.control(&mut writing, SAVE).await.is_err() {
            self.throw_away(writing);
            had.push(Had {
                member,
                stands: None,
                keeping: None,
            });
            return None;
        }
        let (stands, told) = oneshot::channel();
        let stands = Some(stands);
        let (mut writing, keeping, ends) = match lend(writing, &member, told).await? {
            Back::Kept(writing, keeping) => (writing, Some(keeping), [RELEASE].as_slice()),
            Back::Undone(writing) => (writing, None, [UNDO, RELEASE].as_slice()),
            Back::Failed(writing) => {
                self.throw_away(writing);
                // What failed for it is its answer.
                let _ = stands.map(|stands| stands.send(true));
                return None;
            }
        };
        had.push(Had {
            member,
            stands,
            keeping,
        });
        // A savepoint that is not there any more shows that all was undone without anybody having noticed.
        for end in ends {
            if self.control(&mut writing, end).await.is_err() {
                self.throw_away(writing);
                return None;
            }
        }
        Some(writing)
    }

    /// The group is given up: its members decide again, one by one and in their order.
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

    async fn control(&self, writing: &mut Writing, text: &'static str) -> Result<(), StoreError> {
        #[cfg(test)]
        self.queue.fault(text)?;
        let done = sql::statement(text).execute(&mut **writing).await;
        done.map(drop).map_err(|error| self.store.failed(error))
    }

    async fn make_last(&self, writing: Writing) -> Result<(), StoreError> {
        #[cfg(test)]
        if let Err(error) = self.queue.fault("COMMIT") {
            self.throw_away(writing);
            return Err(error);
        }
        let done = writing.commit().await;
        done.map_err(|error| {
            self.queue.spoil();
            self.store.failed(error)
        })
    }

    fn throw_away(&self, writing: Writing) {
        self.queue.spoil();
        drop(writing);
    }
}

#[cfg(test)]
mod tests;
