//! The cost of a verdict, of a line of text and of the database, at 1,000 and at 100,000 instances.
//!
//! `cargo bench` prints times and allocations (those of the asking thread; SQLite works on threads of its own).
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot go on has nothing better to do than to stop"
)]

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, OnceLock};

use chrono::TimeDelta;
use divan::{AllocProfiler, Bencher, black_box};
use edition_warden::answer::Reply;
use edition_warden::app::{Actor, LOCAL_WORKSPACE, Settings, Warden};
use edition_warden::clock::Clock;
use edition_warden::command::{Command, parse_line};
use edition_warden::domain::Timestamp;
use edition_warden::domain::case::{Case, Moment, Opening};
use edition_warden::domain::change::{ChangeKind, Route};
use edition_warden::domain::fact::Fact;
use edition_warden::domain::id::{CommodityId, InstanceId, InstanceName, Person, Region, TeamName};
use edition_warden::domain::instance::{Edition, Instance, PostExpirationAction, Switch};
use edition_warden::domain::judge::judge;
use edition_warden::domain::reminder::Cadence;
use edition_warden::domain::rules::{Intent, Terms, Verdict};
use edition_warden::domain::setting::Overrides;
use edition_warden::domain::team::{Channels, Limits, Policy};
use edition_warden::store::{InstanceFilter, Page, Store, Totals};
use tempfile::TempDir;
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const SIZES: [u32; 2] = [1_000, 100_000];
const REGIONS: [&str; 4] = ["cn-hangzhou", "cn-shanghai", "ap-southeast-1", "eu-west-1"];

static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
static ALICE: LazyLock<Person> = LazyLock::new(|| Person::named("alice"));
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
});
static SMALL: LazyLock<Store> = LazyLock::new(|| RUNTIME.block_on(filled(SIZES[0])));
static LARGE: LazyLock<Store> = LazyLock::new(|| RUNTIME.block_on(filled(SIZES[1])));

fn main() {
    let directory = TempDir::new().unwrap();
    DIRECTORY.set(directory.path().to_owned()).unwrap();
    divan::main();
}

fn now() -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000, 0).unwrap()
}

/// The `n`th of many; every other one is Platinum, with all of its facts.
fn instance(n: u32) -> Instance {
    let region = REGIONS[n as usize % REGIONS.len()];
    let mut instance = Instance::new(
        InstanceId::parse(&format!("MQ_INST_1080056302921134_B{n:07}")).unwrap(),
        InstanceName::parse(&format!("service-{n:06}")).unwrap(),
        Region::parse(region).unwrap(),
    );
    instance.team = Some(TeamName::parse(&format!("team-{}", n % 50)).unwrap());
    instance.max_tps = Fact::attested(3_000, &ALICE, now());
    instance.busy = Fact::attested(Switch::Off, &ALICE, now());
    if n.is_multiple_of(2) {
        let commodity_id = CommodityId::parse(&format!("ons-cn-0pp{n:08}")).unwrap();
        let expires = now() + TimeDelta::days(1 + i64::from(n % 365));
        instance.edition = Fact::attested(Edition::Platinum, &ALICE, now());
        instance.expires = Fact::attested(expires, &ALICE, now());
        instance.action = Fact::attested(PostExpirationAction::Downgrade, &ALICE, now());
        instance.auto_renew = Fact::attested(Switch::Off, &ALICE, now());
        instance.commodity_id = Fact::attested(commodity_id, &ALICE, now());
    } else {
        instance.edition = Fact::attested(Edition::Standard, &ALICE, now());
    }
    instance
}

/// Every tenth one has a change, most of which have ended.
fn tracked(n: u32) -> Case {
    let policy = Policy::alone(Limits::default());
    let moment = Moment {
        by: &ALICE,
        now: now(),
        policy: &policy,
    };
    let mut case = Case::new(instance(n), None);
    case.note_tracked(&moment);
    if n.is_multiple_of(10) {
        let opening = Opening {
            kind: ChangeKind::Downgrade(Route::Unsubscribe),
            number: u64::from(n / 10 + 1),
            acknowledged: false,
        };
        case.open(&opening, &moment).unwrap();
    }
    if n.is_multiple_of(10) && !n.is_multiple_of(500) {
        case.cancel("not today", &moment).unwrap();
    }
    case
}

fn path(size: u32) -> PathBuf {
    DIRECTORY.get().unwrap().join(format!("{size}.db"))
}

async fn filled(size: u32) -> Store {
    let store = Store::open(&path(size)).await.unwrap();
    let mut tx = store.write(&LOCAL_WORKSPACE.into()).await.unwrap();
    for n in 0..size {
        tx.save(&tracked(n)).await.unwrap();
    }
    tx.commit().await.unwrap();
    store
}

fn store(size: u32) -> &'static Store {
    if size == SIZES[0] { &SMALL } else { &LARGE }
}

/// An intent, on an instance that it fits or on one of which nothing is known.
struct Question {
    intent: Intent,
    known: bool,
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = if self.known { "known" } else { "unknown" };
        write!(f, "{:?}, facts {known}", self.intent)
    }
}

fn questions() -> impl Iterator<Item = Question> {
    let intents = [
        Intent::Upgrade,
        Intent::Downgrade(None),
        Intent::Downgrade(Some(Route::Unsubscribe)),
        Intent::Downgrade(Some(Route::Expiry)),
        Intent::SetAction,
        Intent::Unsubscribe,
        Intent::Expiry,
    ];
    let both = |intent| [true, false].map(|known| Question { intent, known });
    intents.into_iter().flat_map(both)
}

#[divan::bench(args = questions())]
fn verdict(bencher: Bencher, question: &Question) {
    let full = instance(u32::from(question.intent == Intent::Upgrade));
    let empty = Instance::new(full.id.clone(), full.name.clone(), full.region.clone());
    let instance = if question.known { full } else { empty };
    let limits = Limits::default();
    let terms = Terms {
        limits: &limits,
        acknowledged_tps: None,
        unsubscribed: false,
    };
    bencher
        .bench_local(|| -> Verdict { judge(black_box(&instance), question.intent, &terms, now()) });
}

#[divan::bench(args = [
    "changes",
    "check unsubscribe orders",
    "confirm 12 record-expiry --expires 2026-03-01",
    "instance set orders --max-tps 3000 --busy off",
    "instance lost orders --reason it was gone",
])]
fn line(bencher: Bencher, line: &str) {
    bencher.bench_local(|| -> Command { parse_line(black_box(line)).unwrap() });
}

#[divan::bench(args = SIZES)]
fn find_by_name(bencher: Bencher, size: u32) {
    let store = store(size);
    let name = format!("service-{:06}", size / 2);
    bencher.bench_local(|| {
        RUNTIME.block_on(async {
            let mut tx = store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
            let found = tx.find_exact(black_box(&name)).await.unwrap();
            assert_eq!(found.len(), 1);
        });
    });
}

/// What is offered while somebody types: the words of the grammar and 25 instances. Discord's users expect it in 100 ms.
#[divan::bench(args = SIZES)]
fn suggest(bencher: Bencher, size: u32) {
    let store = store(size);
    bencher.bench_local(|| {
        let verbs = edition_warden::command::verbs();
        RUNTIME.block_on(async {
            let mut tx = store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
            let found = tx.complete_instances(black_box("ser"), 25).await.unwrap();
            assert_eq!(found.len(), 25);
        });
        verbs
    });
}

#[divan::bench(args = SIZES)]
fn find_by_beginning(bencher: Bencher, size: u32) {
    let store = store(size);
    let beginning = format!("service-{:06}", size / 2);
    let beginning = &beginning[..beginning.len() - 1];
    bencher.bench_local(|| {
        RUNTIME.block_on(async {
            let mut tx = store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
            let found = tx.find_prefix(black_box(beginning)).await.unwrap();
            assert_eq!(found.len(), 10);
        });
    });
}

#[divan::bench(args = SIZES)]
fn load_one(bencher: Bencher, size: u32) {
    let store = store(size);
    let id = instance(size / 2).id;
    bencher.bench_local(|| {
        RUNTIME.block_on(async {
            let mut tx = store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
            tx.load_case(black_box(&id)).await.unwrap().unwrap()
        })
    });
}

#[divan::bench(args = SIZES)]
fn save_one(bencher: Bencher, size: u32) {
    let store = store(size);
    let case = tracked(size / 2 + 1);
    bencher.bench_local(|| {
        RUNTIME.block_on(async {
            let mut tx = store.write(&LOCAL_WORKSPACE.into()).await.unwrap();
            tx.save(black_box(&case)).await.unwrap();
            tx.commit().await.unwrap();
        });
    });
}

fn page(size: u32, filter: &InstanceFilter, number: u32) -> Page<Case> {
    let store = store(size);
    RUNTIME.block_on(async {
        let mut tx = store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
        tx.list_instances(black_box(filter), number).await.unwrap()
    })
}

#[divan::bench(args = SIZES)]
fn list_first_page(bencher: Bencher, size: u32) {
    store(size);
    let filter = InstanceFilter::default();
    bencher.bench_local(|| page(size, &filter, 1));
}

#[divan::bench(args = SIZES)]
fn list_tenth_page(bencher: Bencher, size: u32) {
    store(size);
    let filter = InstanceFilter::default();
    bencher.bench_local(|| page(size, &filter, 10));
}

#[divan::bench(args = SIZES)]
fn list_expiring_of_a_team(bencher: Bencher, size: u32) {
    store(size);
    let filter = InstanceFilter {
        expiring_before: Some(now() + TimeDelta::days(30)),
        team: Some(TeamName::parse("team-8").unwrap()),
        ..InstanceFilter::default()
    };
    bencher.bench_local(|| page(size, &filter, 1));
}

#[divan::bench(args = SIZES)]
fn list_open_changes(bencher: Bencher, size: u32) {
    let store = store(size);
    bencher.bench_local(|| {
        RUNTIME.block_on(async {
            let mut tx = store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
            tx.list_changes(false, None, 1).await.unwrap()
        })
    });
}

#[divan::bench(args = SIZES)]
fn history_of_one(bencher: Bencher, size: u32) {
    let store = store(size);
    let id = instance(1).id;
    bencher.bench_local(|| {
        RUNTIME.block_on(async {
            let mut tx = store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
            tx.instance_history(black_box(&id), 50).await.unwrap()
        })
    });
}

/// What happens between a line and its reply, without the words.
#[divan::bench(args = SIZES)]
fn check_command(bencher: Bencher, size: u32) {
    let settings = Settings {
        vendor_zone: chrono_tz::Asia::Shanghai,
        policy: Policy::alone(Limits::default()),
        at_prompt: None,
        is_alone: false,
        cadence: Cadence::default(),
        channels: Channels::default(),
        import_stale_after: Some(chrono::TimeDelta::days(3)),
        teams: BTreeMap::new(),
        reader_zone: chrono_tz::Asia::Shanghai,
        audit_key: None,
        retention: Default::default(),
        wordings: edition_warden::config::Config::load(None, [])
            .unwrap()
            .wordings,
        own: Overrides::default(),
        cards: false,
        clockface: edition_warden::render::Clockface::Written,
    };
    let clock = Arc::new(Clock::manual(now()));
    let warden = Warden::new(store(size).clone(), clock, Arc::new(settings));
    let actor = Actor::local("alice");
    let text = format!("check unsubscribe service-{:06}", size / 2);
    bencher.bench_local(|| -> Reply {
        let command = parse_line(black_box(&text)).unwrap();
        RUNTIME.block_on(warden.handle(&actor, &command))
    });
}

/// Opening a file that is there, and what the greeting asks of it.
#[divan::bench(args = SIZES)]
fn start_up(bencher: Bencher, size: u32) {
    store(size);
    let path = path(size);
    bencher.bench_local(|| -> (Store, Totals) {
        RUNTIME.block_on(async {
            let store = Store::open(black_box(&path)).await.unwrap();
            let totals = store
                .read(&LOCAL_WORKSPACE.into())
                .await
                .unwrap()
                .totals()
                .await;
            (store, totals.unwrap())
        })
    });
}
