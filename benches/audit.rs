//! The cost of the audit trail, at 1,000 and at 100,000 rows: an append, a check of all rows, a page of the list.
//!
//! `cargo bench --bench audit` prints times and allocations; the check's are for all rows, with the rows per second beside
//! them. What it holds at most (`max alloc`) is the same for every length: rows are read in parts.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on has nothing better to do than to stop"
)]

use std::path::PathBuf;
use std::sync::{LazyLock, OnceLock};

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher, black_box};
use edition_warden::app::{LOCAL_WORKSPACE, check_trail};
use edition_warden::domain::Timestamp;
use edition_warden::domain::audit::{AuditEntry, AuditKey, Verifier, VerifyOptions};
use edition_warden::domain::event::{EventKind, FactValue};
use edition_warden::domain::id::{InstanceId, Person};
use edition_warden::domain::instance::PostExpirationAction;
use edition_warden::domain::rules::{FactKind, RuleId};
use edition_warden::store::{AuditFilter, Store};
use tempfile::TempDir;
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const SIZES: [u32; 2] = [1_000, 100_000];

static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
static KEY: LazyLock<AuditKey> =
    LazyLock::new(|| AuditKey::new("a key for the benchmarks only").unwrap());
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

fn entry(n: u32) -> AuditEntry {
    let instance = format!("MQ_INST_1080056302921134_B{:07}", n % 1_000);
    AuditEntry {
        at: Timestamp::from_timestamp(1_800_000_000 + i64::from(n), 0).unwrap(),
        by: Some(Person::named(&format!("person-{}", n % 20))),
        surface: "console".to_owned(),
        message: Some(format!("12345678901234{n:06}")),
        said: format!("action service-{:06} downgrade", n % 1_000),
        outcome: "done".to_owned(),
        rules: vec![RuleId::ActionBeforeExit],
        instance: Some(InstanceId::parse(&instance).unwrap()),
        change: Some(u64::from(n % 5_000) + 1),
        events: vec![
            EventKind::Attested {
                facts: vec![FactKind::Action],
            },
            EventKind::Moved {
                fact: FactKind::Action,
                from: FactValue::Action(PostExpirationAction::Delete),
                to: FactValue::Action(PostExpirationAction::Downgrade),
            },
        ],
        detail: None,
    }
}

async fn filled(size: u32) -> Store {
    let path = DIRECTORY.get().unwrap().join(format!("{size}.db"));
    let store = Store::open(&path).await.unwrap();
    let mut tx = store.write(&LOCAL_WORKSPACE.into()).await.unwrap();
    for n in 0..size {
        tx.append_audit(&entry(n), Some(&KEY)).await.unwrap();
    }
    tx.commit().await.unwrap();
    store
}

fn store(size: u32) -> &'static Store {
    if size == SIZES[0] { &SMALL } else { &LARGE }
}

/// Within a transaction that is not committed: what an append adds to a decision.
#[divan::bench(args = SIZES)]
fn append(bencher: Bencher, size: u32) {
    let store = store(size);
    let entry = entry(size);
    let mut tx = RUNTIME
        .block_on(store.write(&LOCAL_WORKSPACE.into()))
        .unwrap();
    bencher.bench_local(|| {
        RUNTIME
            .block_on(tx.append_audit(black_box(&entry), Some(&KEY)))
            .unwrap();
    });
    RUNTIME.block_on(async { drop(tx) });
}

#[divan::bench(args = SIZES, sample_count = 10)]
fn verify(bencher: Bencher, size: u32) {
    let store = store(size);
    let terms = VerifyOptions {
        key: Some(&KEY),
        ..VerifyOptions::default()
    };
    bencher.counter(ItemsCount::new(size)).bench_local(|| {
        let checked = RUNTIME.block_on(check_trail(store, &LOCAL_WORKSPACE.into(), terms));
        checked.unwrap().unwrap()
    });
}

/// Without the database.
#[divan::bench]
fn verify_in_memory(bencher: Bencher) {
    let terms = VerifyOptions {
        key: Some(&KEY),
        ..VerifyOptions::default()
    };
    let part = RUNTIME.block_on(async {
        let mut tx = store(SIZES[0]).read(&LOCAL_WORKSPACE.into()).await.unwrap();
        tx.audit_part(i64::MIN).await.unwrap()
    });
    bencher
        .counter(ItemsCount::new(part.rows.len()))
        .bench_local(|| {
            let mut verifier = Verifier::new(&LOCAL_WORKSPACE.into(), terms);
            for row in black_box(&part.rows) {
                verifier.take_row(row).unwrap();
            }
            verifier
        });
}

#[divan::bench(args = SIZES)]
fn list_of_a_person(bencher: Bencher, size: u32) {
    let store = store(size);
    let filter = AuditFilter {
        by: Some("person-7".to_owned()),
        ..AuditFilter::default()
    };
    bencher.bench_local(|| {
        RUNTIME.block_on(async {
            let mut tx = store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
            tx.list_audit(black_box(&filter), 1).await.unwrap()
        })
    });
}
