//! Whatever people say in whatever order, the database holds what the pure transitions come to.

mod ledger;
mod say;
mod state;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use edition_warden::app::{Ailing, LOCAL_WORKSPACE};
use edition_warden::domain::change::Status;
use edition_warden::store::Store;
use proptest::test_runner::{Config, TestRunner};

use crate::harness::Room;
use ledger::{Ledger, Told};
use say::Say;
pub(crate) use say::{Deed, sequences};
pub(crate) use state::State;

/// A workspace: what it holds, and what that has to be.
pub(crate) struct Side {
    pub(crate) workspace: &'static str,
    ledger: Ledger,
    of_team: bool,
    /// What the database held after the last command.
    pub(crate) before: State,
    outcomes: BTreeMap<&'static str, usize>,
}

impl Side {
    pub(crate) fn of(workspace: &'static str) -> Self {
        Self {
            workspace,
            ledger: Ledger::default(),
            of_team: false,
            before: State::default(),
            outcomes: BTreeMap::new(),
        }
    }

    /// Where a team's policy is in force.
    fn of_team() -> Self {
        Self {
            ledger: Ledger::of_team(),
            of_team: true,
            ..Self::of(LOCAL_WORKSPACE)
        }
    }

    async fn room(&self) -> Room {
        if self.of_team {
            Room::of_team().await
        } else {
            Room::open().await
        }
    }

    /// Does it, and compares everything.
    pub(crate) async fn play(&mut self, room: &mut Room, deed: &Deed) {
        let meant = match deed {
            Deed::Onward(who, id, choice) => {
                self.ledger.onward(who, id, *choice, room.warden.now())
            }
            Deed::Regrets(who, change, choice) => self.ledger.regret(who, *change, *choice),
            Deed::Says(..) | Deed::Passes(_) => deed.clone(),
        };
        match meant {
            Deed::Says(who, say) => self.speak(room, who, &say).await,
            // Where the bot speaks unprompted, it also does what time decides.
            Deed::Passes(span) if self.of_team => {
                room.passes(span).await;
                self.ledger.tick(room.warden.now());
                self.before = State::of(&room.store, self.workspace).await;
                assert_eq!(self.before, self.ledger.state(), "{}", room.transcript());
            }
            Deed::Passes(span) => room.advance(span),
            Deed::Onward(..) | Deed::Regrets(..) => {}
        }
    }

    async fn speak(&mut self, room: &mut Room, who: &str, say: &Say) {
        let now = room.warden.now();
        let line = say.print(self.ledger.last_number(), now);
        let heard = room.says_in(self.workspace, who, &line).await;
        let expected = self.ledger.hear(who, say, now);
        if self.of_team {
            // What the command made due at this very moment is decided behind it.
            self.ledger.tick(now);
        }
        let told = Told {
            outcome: heard.outcome,
            rules: heard.rules,
            change: heard.change,
        };
        assert_eq!(told, expected, "{}", room.transcript());
        *self.outcomes.entry(told.outcome).or_default() += 1;
        let after = State::of(&room.store, self.workspace).await;
        let acknowledges = matches!(say, Say::Next { ack: true, .. }) && told.outcome == "info";
        let notes = matches!(say, Say::Confirm { .. }) && told.outcome == "inconclusive";
        let decides =
            matches!(told.outcome, "allowed" | "done" | "needs_approval") || acknowledges || notes;
        if say.looks() || !decides {
            assert_eq!(after, self.before, "it wrote:\n{}", room.transcript());
        }
        assert_eq!(after, self.ledger.state(), "{}", room.transcript());
        self.before = after;
    }
}

pub(crate) fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    })
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

#[test]
fn any_command_sequence_leaves_database_and_model_equal() {
    let seen = play_many(96, || Side::of(LOCAL_WORKSPACE));
    require(
        &seen,
        &["allowed", "blocked", "ended: done", "ended: failed"],
    );
}

#[test]
fn any_command_sequence_with_approvals_leaves_database_and_model_equal() {
    let seen = play_many(96, Side::of_team);
    require(
        &seen,
        &["needs_approval", "denied", "allowed", "ended: rejected"],
    );
}

fn play_many(cases: u32, begin: impl Fn() -> Side) -> BTreeMap<String, usize> {
    let runtime = runtime();
    let seen: RefCell<BTreeMap<String, usize>> = RefCell::default();
    runner(cases)
        .run(&sequences(40), |deeds| {
            runtime.block_on(async {
                let mut side = begin();
                let mut room = side.room().await;
                for deed in &deeds {
                    side.play(&mut room, deed).await;
                }
                let ailing = room.warden.examine(&side.workspace.into()).await.unwrap();
                assert_eq!(ailing, Ailing::default(), "{}", room.transcript());
                let mut seen = seen.borrow_mut();
                for (outcome, count) in side.outcomes {
                    *seen.entry(outcome.to_owned()).or_default() += count;
                }
                for case in side.before.changes.values() {
                    let status = case.change.as_ref().map(|change| &change.status);
                    *seen.entry(came_to(status)).or_default() += 1;
                }
            });
            Ok(())
        })
        .unwrap();
    seen.into_inner()
}

/// It would prove nothing if everything had been refused.
fn require(seen: &BTreeMap<String, usize>, kinds: &[&str]) {
    let always = [
        "already_done",
        "done",
        "inconclusive",
        "info",
        "invalid",
        "ended: cancelled",
        "ended: open",
    ];
    for kind in always.iter().chain(kinds) {
        assert!(seen.contains_key(*kind), "no {kind} in {seen:?}");
    }
}

fn came_to(status: Option<&Status>) -> String {
    let word = match status {
        Some(Status::Open) | None => "open",
        Some(Status::Done) => "done",
        Some(Status::Failed(_)) => "failed",
        Some(Status::Rejected(_)) => "rejected",
        Some(Status::Cancelled(_)) => "cancelled",
    };
    format!("ended: {word}")
}

#[test]
fn a_reopened_file_holds_what_was_said() {
    let runtime = runtime();
    runner(12)
        .run(&sequences(24), |deeds| {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("warden.db");
            runtime.block_on(async {
                let mut room = Room::on(Store::open(&path).await.unwrap());
                let mut side = Side::of(LOCAL_WORKSPACE);
                for deed in &deeds {
                    side.play(&mut room, deed).await;
                }
                room.store.close().await;
                assert_eq!(reopened(&path).await, side.before);
            });
            Ok(())
        })
        .unwrap();
}

async fn reopened(path: &Path) -> State {
    let store = Store::open(path).await.unwrap();
    let state = State::of(&store, LOCAL_WORKSPACE).await;
    store.close().await;
    state
}
