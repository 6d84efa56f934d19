//! Groups with failing members, at each position and in each way.

use std::sync::Arc;

use tokio::task::JoinHandle;

use super::super::sql::statement;
use super::lend::{KEEP, SAVE, UNDO};
use super::*;
use crate::store::Tally;
use crate::store::tx::ExpectedErrors;

/// The number of concurrent decisions in a test.
const MANY: usize = 6;

impl WriterQueue {
    /// Makes a statement of the group fail after a number of runs.
    fn fail(&self, text: &'static str, after: usize) {
        self.faults.lock().unwrap().push((text, after));
    }

    pub(super) fn fault(&self, text: &'static str) -> StoreResult<()> {
        let mut faults = self.faults.lock().unwrap();
        let Some(at) = faults.iter().position(|(fails, _)| *fails == text) else {
            return Ok(());
        };
        if faults[at].1 == 0 {
            faults.remove(at);
            return Err(StoreError::fault("a test says so"));
        }
        faults[at].1 -= 1;
        Ok(())
    }
}

/// The action of a decision in its first turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Keep,
    Refuse,
    /// A queued write violates uniqueness, for which there is an error.
    Met,
    /// Like `Met`, without an error for that.
    Broken,
    FillDisk,
    /// Like `SQLite` on a full disk, if the rollback goes unnoticed.
    UndoAll,
    Vanish,
}

/// A database, and the order of turns.
struct Rig {
    store: Store,
    turns: Arc<Mutex<Vec<usize>>>,
    _directory: tempfile::TempDir,
}

const INSERT: &str = "INSERT INTO workspace (workspace, next_change, tracked, open_changes, events) \
     VALUES ($1, 1, 0, 0, 0)";
const FILL: &str = "INSERT INTO workspace (workspace, next_change, tracked, open_changes, events) \
     SELECT hex(randomblob(4000)), 1, 0, 0, 0 FROM \
     (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT i FROM n)";

fn row(number: usize) -> String {
    format!("row-{number:03}")
}

impl Rig {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut store = Store::open(&directory.path().join("warden.db"))
            .await
            .unwrap();
        // Only its size closes a group, however slow the machine is.
        store.lines = Arc::new(Lines::One(Arc::new(WriterQueue {
            open_for: Duration::from_secs(600),
            ..WriterQueue::default()
        })));
        Self {
            store,
            turns: Arc::default(),
            _directory: directory,
        }
    }

    /// Decides until the decision stands.
    fn decides(&self, number: usize, act: Act) -> JoinHandle<StoreResult<bool>> {
        let (store, turns) = (self.store.clone(), Arc::clone(&self.turns));
        tokio::spawn(async move {
            let mut place = store.place(&"w".into());
            let mut act = act;
            loop {
                let mut tx = place.turn().await?;
                turns.lock().unwrap().push(number);
                let now = std::mem::replace(&mut act, Act::Keep);
                let decided = async move {
                    tx.run(statement(INSERT).bind(row(number))).await?;
                    match now {
                        Act::Keep => {}
                        Act::Refuse | Act::Vanish => return Ok(false),
                        Act::Met | Act::Broken => {
                            let unique = StoreError::fault("met");
                            let unique = Some(unique).filter(|_| now == Act::Met);
                            let refusal = ExpectedErrors {
                                unique,
                                no_row: None,
                            };
                            tx.later(statement(INSERT).bind(row(number + 100))).await?;
                            tx.later_or(statement(INSERT).bind(row(number)), refusal)
                                .await?;
                            tx.later(statement(INSERT).bind(row(number + 200))).await?;
                        }
                        Act::FillDisk => {
                            tx.run(statement("PRAGMA max_page_count = 1")).await?;
                            tx.run(statement(FILL)).await?;
                        }
                        Act::UndoAll => {
                            tx.run(statement("ROLLBACK")).await?;
                        }
                    }
                    tx.commit().await.map(|()| true)
                }
                .await;
                if now == Act::Vanish {
                    return Ok(false);
                }
                if place.stands().await {
                    return decided;
                }
            }
        })
    }

    /// The results of decisions that wait for the writer at the same time.
    async fn together(&self, acts: &[Act]) -> Vec<StoreResult<bool>> {
        let mut first = self.store.place(&"w".into());
        let held = first.turn().await.unwrap();
        let mut all = Vec::new();
        for (number, act) in acts.iter().enumerate() {
            all.push(self.decides(number, *act));
            while self.store.lines.of(&"w".into()).state().waiting.len() <= number {
                tokio::task::yield_now().await;
            }
        }
        drop(held);
        let mut came = Vec::new();
        for one in all {
            came.push(one.await.unwrap());
        }
        came
    }

    async fn rows(&self) -> Vec<String> {
        let all = self.store.system().workspaces().await.unwrap();
        all.iter().map(ToString::to_string).collect()
    }

    fn turns(&self) -> Vec<usize> {
        self.turns.lock().unwrap().clone()
    }

    fn tally(&self) -> Tally {
        self.store.tally()
    }

    /// Nothing is left behind: a further decision succeeds alone.
    async fn goes_on(&self) {
        assert!(self.decides(999, Act::Keep).await.unwrap().unwrap());
        assert!(self.rows().await.contains(&row(999)));
        let line = self.store.lines.of(&"w".into());
        let state = line.state();
        assert!(!state.taken && state.waiting.is_empty());
    }
}

fn numbers(all: impl IntoIterator<Item = usize>) -> Vec<String> {
    all.into_iter().map(row).collect()
}

#[tokio::test]
async fn those_who_wait_share_a_commit_in_their_order() {
    let bench = Rig::new().await;
    let before = bench.tally();
    for came in bench.together(&[Act::Keep; MANY]).await {
        assert!(came.unwrap());
    }
    assert_eq!(bench.tally().since(before).commits, 1);
    assert_eq!(bench.turns(), Vec::from_iter(0..MANY));
    assert_eq!(bench.rows().await, numbers(0..MANY));
    bench.goes_on().await;
}

#[tokio::test]
async fn more_than_a_group_takes_are_several_groups() {
    let bench = Rig::new().await;
    for came in bench.together(&[Act::Keep; MEMBERS + 3]).await {
        assert!(came.unwrap());
    }
    assert_eq!(bench.turns(), Vec::from_iter(0..MEMBERS + 3));
    assert_eq!(bench.rows().await.len(), MEMBERS + 3);
    bench.goes_on().await;
}

#[tokio::test]
async fn one_that_is_refused_or_vanishes_undoes_only_its_own() {
    for act in [Act::Refuse, Act::Vanish] {
        for at in 0..MANY {
            let bench = Rig::new().await;
            let mut acts = [Act::Keep; MANY];
            acts[at] = act;
            for (number, came) in bench.together(&acts).await.into_iter().enumerate() {
                assert_eq!(came.unwrap(), number != at, "{act:?} {at} {number}");
            }
            let others = numbers((0..MANY).filter(|number| *number != at));
            assert_eq!(bench.rows().await, others, "{act:?} {at}");
            assert_eq!(bench.turns(), Vec::from_iter(0..MANY), "{act:?} {at}");
            bench.goes_on().await;
        }
    }
}

#[tokio::test]
async fn a_write_that_fails_among_queued_ones_undoes_only_its_own() {
    for act in [Act::Met, Act::Broken] {
        for at in 0..MANY {
            let bench = Rig::new().await;
            let mut acts = [Act::Keep; MANY];
            acts[at] = act;
            for (number, came) in bench.together(&acts).await.into_iter().enumerate() {
                assert_eq!(came.is_ok(), number != at, "{act:?} {at} {number}");
            }
            let others = numbers((0..MANY).filter(|number| *number != at));
            assert_eq!(bench.rows().await, others, "{act:?} {at}");
            bench.goes_on().await;
        }
    }
}

#[tokio::test]
async fn a_full_disk_at_any_member_costs_nobody_else_anything() {
    for at in 0..MANY {
        let bench = Rig::new().await;
        let mut acts = [Act::Keep; MANY];
        acts[at] = Act::FillDisk;
        for (number, came) in bench.together(&acts).await.into_iter().enumerate() {
            match came {
                Ok(kept) => assert!(kept && number != at, "{at} {number}"),
                Err(error) => {
                    assert!(matches!(error, StoreError::DiskFull { .. }), "{error:?}");
                    assert_eq!(number, at);
                }
            }
        }
        let others = numbers((0..MANY).filter(|number| *number != at));
        assert_eq!(bench.rows().await, others, "{at}");
        // The members before it decide again, in order, and the members after it only then.
        let turns = (0..=at).chain(0..at).chain(at + 1..MANY);
        assert_eq!(bench.turns(), Vec::from_iter(turns), "{at}");
        bench.goes_on().await;
    }
}

#[tokio::test]
async fn what_undid_all_without_a_word_is_noticed() {
    for at in 0..MANY {
        let bench = Rig::new().await;
        let mut acts = [Act::Keep; MANY];
        acts[at] = Act::UndoAll;
        for came in bench.together(&acts).await {
            assert!(came.unwrap());
        }
        assert_eq!(bench.rows().await, numbers(0..MANY), "{at}");
        bench.goes_on().await;
    }
}

#[tokio::test]
async fn whatever_of_the_group_fails_nothing_is_lost_or_doubled() {
    for text in [SAVE, KEEP, UNDO, "COMMIT"] {
        for after in 0..MANY {
            let bench = Rig::new().await;
            bench.store.lines.of(&"w".into()).fail(text, after);
            let mut acts = [Act::Keep; MANY];
            acts[2] = Act::Refuse;
            acts[4] = Act::Refuse;
            for (number, came) in bench.together(&acts).await.into_iter().enumerate() {
                // A decision rolled back with others decides again, by the state at that time.
                let kept = came.unwrap();
                assert!(kept || acts[number] == Act::Refuse, "{text} {after}");
            }
            let rows = bench.rows().await;
            for number in [0, 1, 3, 5] {
                assert!(
                    rows.contains(&row(number)),
                    "{text} {after}: {number} of {rows:?}"
                );
            }
            bench
                .store
                .lines
                .of(&"w".into())
                .faults
                .lock()
                .unwrap()
                .clear();
            bench.goes_on().await;
        }
    }
}

#[tokio::test]
async fn what_is_refused_by_what_others_wrote_is_not_answered_before_that_lasts() {
    let bench = Rig::new().await;
    bench.store.lines.of(&"w".into()).fail("COMMIT", 0);
    let came = bench.together(&[Act::Keep, Act::Refuse]).await;
    // The rejection was rolled back with the writes that it may rest on; the second time it stands.
    assert_eq!(
        came.into_iter().map(Result::unwrap).collect::<Vec<_>>(),
        [true, true]
    );
    assert_eq!(bench.turns(), [0, 1, 0, 1]);
}
