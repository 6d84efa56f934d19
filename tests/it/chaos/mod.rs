//! Two replicas on one server that are killed, stopped and cut off while they decide: the story ends as it does undisturbed.
//!
//! `WARDEN_TEST_CHAOS` names another number of rounds, each of which has one fault.

mod copied;
mod proxy;
mod replica;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use edition_warden::domain::place::DatabasePlace;
use edition_warden::store::Store;
use fastrand::Rng;
use regex::Regex;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Row as _};

use self::proxy::{Lost, Proxy};
use self::replica::{Replica, Said};
use crate::backup::warden;
use crate::harness::Room;
use crate::server::new_database;

/// The rounds, where no other number is given.
const ROUNDS: u32 = 6;
/// The notices of a round.
const NOTICES: u32 = 3;

/// What happens to a replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// SIGKILL.
    Killed,
    /// SIGSTOP, and SIGCONT after a time.
    Stopped(Duration),
    /// Its connections are cut.
    Cut,
    /// Its connections let nothing through for a time.
    Stalled(Duration),
}

impl Fault {
    /// The fault of a round: each kind in turn in another place.
    fn of(round: u32, rng: &mut Rng) -> Self {
        // Now and then for so long that the server ends the transaction, or another takes the lease.
        let longest = if round % 25 == 24 { 35_000 } else { 1_500 };
        let span = Duration::from_millis(rng.u64(longest / 5..longest));
        match round % 4 {
            0 => Self::Killed,
            1 => Self::Cut,
            2 => Self::Stopped(span),
            _ => Self::Stalled(span),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::Stopped(_) => "stopped",
            Self::Cut => "cut",
            Self::Stalled(_) => "stalled",
        }
    }
}

/// The replicas of a story, each behind a proxy of its own, and what was counted.
struct Stage {
    database: String,
    replicas: [Replica; 2],
    proxies: [Proxy; 2],
    said_again: AtomicU32,
    had_taken: AtomicU32,
    handed_in_again: AtomicU32,
}

/// How a story ended.
struct End {
    /// What is kept, without the moments.
    state: String,
    /// How often each notice was posted.
    posted: BTreeMap<u32, u32>,
}

impl Stage {
    async fn set(database: &str, first: u8) -> Arc<Self> {
        open(database).await.close().await;
        let proxies = [Proxy::start(database).await, Proxy::start(database).await];
        let addresses = [0, 1].map(|at: usize| proxies[at].address(database));
        let begin =
            move || [0, 1].map(|at: u8| Replica::start(first + at, &addresses[usize::from(at)]));
        Arc::new(Self {
            database: database.to_owned(),
            replicas: tokio::task::spawn_blocking(begin).await.unwrap(),
            proxies,
            said_again: AtomicU32::new(0),
            had_taken: AtomicU32::new(0),
            handed_in_again: AtomicU32::new(0),
        })
    }

    /// Says a line to either replica until one has decided it. Where nobody answered, it is looked first whether it was taken.
    async fn decide(self: &Arc<Self>, line: &str, rng: &mut Rng) {
        loop {
            let (stage, said, at) = (Arc::clone(self), line.to_owned(), rng.usize(0..2));
            let said = tokio::task::spawn_blocking(move || stage.replicas[at].says(&said));
            match said.await.unwrap() {
                Said::Answered(reply) if reply["outcome"] != "inconclusive" => {
                    let outcome = reply["outcome"].as_str().unwrap();
                    assert!(["done", "allowed"].contains(&outcome), "{reply}");
                    return;
                }
                Said::Answered(reply) => {
                    let told = reply["text"].as_str().unwrap();
                    // Only where the server cannot be asked it is left open.
                    assert!(told.contains("nothing was changed"), "{reply}");
                    assert!(!self.has_taken(line).await, "{reply}");
                }
                Said::Unknown if self.has_taken(line).await => {
                    self.had_taken.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                Said::Unknown => {}
            }
            self.said_again.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether a line is in the trail, once no transaction is under way that could bring it there.
    async fn has_taken(&self, line: &str) -> bool {
        let mut connection = AnyConnection::connect(&self.database).await.unwrap();
        let mut wait = connection.begin().await.unwrap();
        for turn in [
            "SELECT workspace FROM workspace WHERE workspace = 'local' FOR UPDATE",
            "SELECT pg_advisory_xact_lock(hashtextextended('local', 0)) IS NULL",
        ] {
            sqlx::query(turn).execute(&mut *wait).await.unwrap();
        }
        let taken = sqlx::query("SELECT 1 FROM audit WHERE said = $1")
            .bind(line.to_owned())
            .fetch_optional(&mut *wait)
            .await;
        taken.unwrap().is_some()
    }

    /// Hands a notice in until it is taken.
    async fn hand_in(self: &Arc<Self>, serial: u32, rng: &mut Rng) {
        let text = format!("Your instance {} is gone", stranger(serial));
        loop {
            let (stage, text, at) = (Arc::clone(self), text.clone(), rng.usize(0..2));
            let taken = tokio::task::spawn_blocking(move || {
                stage.replicas[at].takes(&format!("n{serial}"), &text)
            });
            match taken.await.unwrap().as_deref() {
                Some("200" | "202") => return,
                Some("500" | "503") | None => {}
                Some(other) => panic!("{other}"),
            }
            self.handed_in_again.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What happens to a replica in a round, at some point of it.
    async fn happens(self: &Arc<Self>, fault: Fault, at: usize, after: Duration) {
        tokio::time::sleep(after).await;
        let stage = Arc::clone(self);
        match fault {
            Fault::Killed => {
                let dies = tokio::task::spawn_blocking(move || stage.replicas[at].dies());
                dies.await.unwrap();
            }
            Fault::Stopped(span) => {
                self.replicas[at].signal("-STOP");
                tokio::time::sleep(span).await;
                self.replicas[at].signal("-CONT");
            }
            Fault::Cut => self.proxies[at].cut(),
            Fault::Stalled(span) => self.proxies[at].stall(span).await,
        }
    }

    /// A round: decisions one after the other, notices beside them, and a fault.
    async fn round(self: &Arc<Self>, round: u32, fault: Option<Fault>, rng: &mut Rng) {
        let mut rngs = [rng.fork(), rng.fork()];
        let [decides, hands_in] = &mut rngs;
        let decided = async {
            for line in lines(round) {
                self.decide(&line, decides).await;
            }
        };
        let handed_in = async {
            for nth in 0..NOTICES {
                self.hand_in(round * NOTICES + nth, hands_in).await;
            }
        };
        let (at, after) = (rng.usize(0..2), Duration::from_micros(rng.u64(0..80_000)));
        let happened = async {
            if let Some(fault) = fault {
                self.happens(fault, at, after).await;
            }
        };
        tokio::join!(decided, handed_in, happened);
    }

    /// Waits until everything is posted, ends both replicas, and reads what is kept.
    async fn end(self: Arc<Self>, rounds: u32) -> End {
        let waiting = "SELECT id FROM outbox WHERE state IN ('due', 'sending') \
             AND due_ms <= 1000 * EXTRACT(EPOCH FROM now())";
        let mut looks = 0;
        while !self.rows(waiting).await.is_empty() {
            looks += 1;
            assert!(
                looks < 1_200,
                "{:?}",
                self.rows("SELECT * FROM outbox").await
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let stage = Arc::clone(&self);
        let ends =
            tokio::task::spawn_blocking(move || stage.replicas.each_ref().map(Replica::ends));
        ends.await.unwrap();
        let mut state = String::new();
        for kept in KEPT {
            for row in self.rows(kept).await {
                state.push_str(&row);
                state.push('\n');
            }
        }
        let posts = self.replicas.iter().flat_map(|replica| {
            let posts = replica.posts.lock().unwrap();
            posts.iter().map(ToString::to_string).collect::<Vec<_>>()
        });
        let posts: Vec<String> = posts.collect();
        let posted = (0..rounds * NOTICES).map(|serial| {
            let own = stranger(serial);
            let times = posts.iter().filter(|post| post.contains(&own));
            (serial, u32::try_from(times.count()).unwrap())
        });
        End {
            state: without_moments(&state),
            posted: posted.collect(),
        }
    }

    async fn rows(&self, text: &str) -> Vec<String> {
        let mut connection = AnyConnection::connect(&self.database).await.unwrap();
        let json = format!("SELECT CAST(to_jsonb(kept) AS TEXT) FROM ({text}) AS kept");
        let rows = sqlx::query(AssertSqlSafe(json)).fetch_all(&mut connection);
        let rows = rows.await.unwrap();
        rows.iter().map(|row| row.get::<String, _>(0)).collect()
    }
}

async fn open(database: &str) -> Store {
    let place = DatabasePlace::parse(database).unwrap();
    Store::open_at(&place).await.unwrap()
}

/// What is decided in a round; no two lines are alike, and each is as the trail has it.
fn lines(round: u32) -> [String; 4] {
    let id = format!("MQ_INST_1080056302921134_C{round:0>7}");
    let (name, number) = (format!("r{round}"), round + 1);
    [
        format!(
            "instance add {id} --name {name} --region cn-hangzhou --edition standard --busy off --max-tps 100"
        ),
        format!("instance set {name} --topics {number}"),
        format!("upgrade {name}"),
        format!("cancel #{number} --reason \"over\""),
    ]
}

/// The instance of a notice, which nobody tracks.
fn stranger(serial: u32) -> String {
    format!("MQ_INST_1080056302921134_S{serial:0>7}")
}

/// What has to be the same at the end, as the workspaces order it.
const KEPT: [&str; 8] = [
    "SELECT workspace, next_change, tracked, open_changes FROM workspace ORDER BY workspace",
    "SELECT workspace, id, name, region, tracking, edition, document FROM instance ORDER BY workspace, id",
    "SELECT workspace, number, instance_id, status, document FROM change ORDER BY workspace, number",
    "SELECT workspace, instance_id, change_number, by_id, data FROM event ORDER BY workspace, seq",
    "SELECT workspace, said, outcome, rules, events, detail FROM audit WHERE said <> 'delivery' AND surface <> 'http' \
     ORDER BY workspace, seq",
    // Notices and posts are recorded between the decisions.
    "SELECT workspace, said, outcome, rules, events, detail FROM audit WHERE surface = 'http' ORDER BY workspace, seq",
    "SELECT DISTINCT workspace, said, outcome, detail FROM audit WHERE said = 'delivery' ORDER BY workspace, detail, outcome",
    "SELECT workspace, number, kind, external_id, text, instances, first, status, original, verdict, duplicates, told, settled_how \
     FROM notice ORDER BY workspace, number",
];

/// Without what differs from one run to the next: when it was.
fn without_moments(text: &str) -> String {
    let moment = Regex::new(r"20[23][0-9]-[0-9]{2}-[0-9]{2}T[0-9:.]+Z|\b1[0-9]{12}\b").unwrap();
    moment.replace_all(text, "T").into_owned()
}

/// A story of so many rounds, disturbed or not.
async fn story(rounds: u32, disturbed: bool) -> (Arc<Stage>, End) {
    let database = new_database().await.unwrap();
    let stage = Stage::set(&database, if disturbed { 1 } else { 3 }).await;
    let mut rng = Rng::with_seed(20_261_129);
    for round in 0..rounds {
        let fault = Fault::of(round, &mut rng);
        stage
            .round(round, disturbed.then_some(fault), &mut rng)
            .await;
    }
    (Arc::clone(&stage), stage.end(rounds).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_it_is_disturbed_the_story_ends_the_same() {
    if std::env::var_os("WARDEN_TEST_POSTGRES").is_none() {
        return;
    }
    let rounds =
        std::env::var("WARDEN_TEST_CHAOS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let (_, calm) = story(rounds, false).await;
    let (stage, end) = story(rounds, true).await;
    similar_to(&end.state, &calm.state);
    assert!(
        calm.posted.values().all(|times| *times == 1),
        "{:?}",
        calm.posted
    );
    assert!(
        end.posted.values().all(|times| (1..=2).contains(times)),
        "{:?}",
        end.posted
    );
    let twice = end.posted.values().filter(|times| **times == 2).count();
    assert!(twice <= rounds as usize, "{twice}");
    let directory = tempfile::tempdir().unwrap();
    for tool in [&["audit", "verify"][..], &["doctor"]] {
        let args = [&["--db", &stage.database], tool].concat();
        let (code, said) = warden(directory.path(), &args);
        assert_eq!(code, Some(0), "{said}");
    }
    let mut rng = Rng::with_seed(20_261_129);
    let mut faults: BTreeMap<&str, u32> = BTreeMap::new();
    for round in 0..rounds {
        *faults.entry(Fault::of(round, &mut rng).name()).or_default() += 1;
    }
    let of = |counted: &AtomicU32| counted.load(Ordering::Relaxed);
    writeln!(
        std::io::stderr(),
        "{rounds} rounds, {faults:?}: {} decisions and {} notices; {} lines said again, {} were taken unanswered; {} notices handed in again; {twice} posts came twice",
        rounds * 4,
        rounds * NOTICES,
        of(&stage.said_again),
        of(&stage.had_taken),
        of(&stage.handed_in_again),
    )
    .unwrap();
}

/// The first line that differs is shown, not all of them.
#[track_caller]
fn similar_to(one: &str, other: &str) {
    for (one, other) in one.lines().zip(other.lines()) {
        assert_eq!(one, other);
    }
    assert_eq!(one.lines().count(), other.lines().count());
}

/// A commit that was made holds, and one that was not changed nothing, although nobody answered: alone and with others.
#[rstest::rstest]
#[case(Lost::Answer)]
#[case(Lost::Commit)]
#[tokio::test]
async fn what_became_of_a_commit_is_found_out(#[case] lost: Lost, #[values(1, 5)] people: u32) {
    let Some(database) = new_database().await else {
        return;
    };
    let proxy = Proxy::start(&database).await;
    let store = open(&proxy.address(&database)).await;
    Room::on(store.clone()).add_platinum("").await;
    let held = store.write(&"local".into()).await.unwrap();
    let deciding = (0..people).map(|person| {
        let mut room = Room::on(store.clone());
        let line = format!(
            "instance add MQ_INST_1080056302921134_D{person:0>7} --name d{person} --region cn-hangzhou --edition standard"
        );
        tokio::spawn(async move { room.says("alice", &line).await })
    });
    let deciding: Vec<_> = deciding.collect();
    // Those that come meanwhile share a commit.
    while held_back(&database).await == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    proxy.lose(lost);
    drop(held);
    let mut done = 0;
    for one in deciding {
        let heard = one.await.unwrap();
        match heard.outcome {
            "done" => done += 1,
            _ => {
                heard
                    .has("the connection broke off")
                    .has("nothing was changed");
            }
        }
    }
    let told = (store.failures().map(|(_, n)| n).sum::<u64>(), lost);
    assert_eq!(told.0 > 0, lost == Lost::Commit, "{told:?}");
    let mut tx = open(&database).await.read(&"local".into()).await.unwrap();
    assert_eq!(tx.totals().await.unwrap().instances, 1 + done);
    assert!(done >= u64::from(people) - 1, "{done}");
    assert!(done == u64::from(people) || lost == Lost::Commit);
}

/// How many sessions wait for a lock.
async fn held_back(database: &str) -> i64 {
    let mut connection = AnyConnection::connect(database).await.unwrap();
    let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let waiting = sqlx::query_scalar(waiting).fetch_one(&mut connection);
    waiting.await.unwrap()
}
