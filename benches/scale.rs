//! Costs that must not grow on a server: finding the workspace that is due next, and the due batch of a workspace that is drawn at
//! random, with 10,000 instances in 100 workspaces and with 1,000,000 in 10,000: `.ci/postgres -- cargo bench --bench scale`.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on has nothing better to do than to stop"
)]

use std::cell::RefCell;
use std::io::Write as _;
use std::sync::LazyLock;

use divan::{Bencher, black_box};
use edition_warden::domain::id::{InstanceId, WorkspaceId};
use edition_warden::domain::place::DatabasePlace;
use edition_warden::store::{Kind, ScheduleSubject, Served, Store};
use fastrand::Rng;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};
use tokio::runtime::Runtime;

mod first;
use first::{ID, now, track};

const SIZES: [u32; 2] = [10_000, 1_000_000];
const IN_A_WORKSPACE: u32 = 100;
/// How many of these are due at once.
const DUE: u32 = 5;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
});
static STORES: LazyLock<[Store; 2]> = LazyLock::new(|| SIZES.map(|n| RUNTIME.block_on(filled(n))));

fn server() -> Option<String> {
    std::env::var("WARDEN_TEST_POSTGRES").ok()
}

fn main() {
    if server().is_none() {
        let line =
            "without a server nothing is measured: .ci/postgres -- cargo bench --bench scale\n";
        std::io::stdout().write_all(line.as_bytes()).unwrap();
        return;
    }
    divan::main();
}

/// Runs statements, each by itself.
async fn run(address: &str, statements: &[String]) {
    let mut connection = AnyConnection::connect(address).await.unwrap();
    for text in statements {
        let run = sqlx::raw_sql(AssertSqlSafe(text.clone()));
        run.execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
}

/// One instance as the program writes it, copied into every workspace: a few are due, and the rest in the days after.
async fn filled(size: u32) -> Store {
    sqlx::any::install_default_drivers();
    let (server, name) = (server().unwrap(), format!("warden_scale_{size}"));
    let made = [
        format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        format!("CREATE DATABASE {name}"),
    ];
    run(&server, &made).await;
    let mut address = url::Url::parse(&server).unwrap();
    address.set_path(&name);
    let address = String::from(address);
    let store = Store::open_at(&DatabasePlace::parse(&address).unwrap())
        .await
        .unwrap();
    track(&store, "w00000").await;
    let due = now().timestamp_millis();
    let workspaces = size / IN_A_WORKSPACE;
    let copies = [
        format!(
            "INSERT INTO workspace (workspace, next_change, tracked, open_changes, events) \
             SELECT 'w' || lpad(CAST(n AS TEXT), 5, '0'), next_change, tracked, open_changes, events \
             FROM workspace, generate_series(1, {workspaces} - 1) AS n"
        ),
        format!(
            "INSERT INTO instance (workspace, id, name, name_key, look_key, region, tracking, edition, expires_at_ms, document) \
             SELECT workspace.workspace, '{ID}' || lpad(CAST(i AS TEXT), 7, '0'), 'service-' || i, 'service-' || i, 'service-' || i, \
             region, tracking, edition, expires_at_ms, replace(document, '{ID}0000000', '{ID}' || lpad(CAST(i AS TEXT), 7, '0')) \
             FROM instance, workspace, generate_series(1, {IN_A_WORKSPACE}) AS i"
        ),
        "DELETE FROM schedule".to_owned(),
        format!(
            "INSERT INTO schedule SELECT workspace, 'instance', '{ID}' || lpad(CAST(i AS TEXT), 7, '0'), \
             CASE WHEN i <= {DUE} THEN {due} - abs(hashtext(workspace)) % 1000 ELSE {due} + 86400000 * CAST(i AS BIGINT) END \
             FROM workspace, generate_series(1, {IN_A_WORKSPACE}) AS i"
        ),
        "UPDATE workspace SET due_ms = (SELECT MIN(due_ms) FROM schedule WHERE schedule.workspace = workspace.workspace)".to_owned(),
        "VACUUM ANALYZE".to_owned(),
    ];
    run(&address, &copies).await;
    // The server has seen each workspace once.
    for at in 0..workspaces {
        assert_eq!(loaded(&store, &workspace(at)).await, DUE as usize);
    }
    store
}

fn workspace(at: u32) -> WorkspaceId {
    WorkspaceId::from(format!("w{at:05}").as_str())
}

fn store(size: u32) -> &'static Store {
    let [small, large] = &*STORES;
    if size == SIZES[0] { small } else { large }
}

#[divan::bench(args = SIZES, sample_count = 5000, sample_size = 1)]
fn next_due(bencher: Bencher, size: u32) {
    let store = store(size);
    bencher.bench_local(|| {
        let next = RUNTIME.block_on(store.system().next_due(&Served::All));
        assert!(black_box(next).unwrap().is_some());
    });
}

async fn due(store: &Store, workspace: &WorkspaceId) -> usize {
    let mut tx = store.read(workspace).await.unwrap();
    tx.due(Kind::Instance, now(), 200).await.unwrap().len()
}

/// What is due, with its cases.
async fn loaded(store: &Store, workspace: &WorkspaceId) -> usize {
    let mut tx = store.read(workspace).await.unwrap();
    let due = tx.due(Kind::Instance, now(), 200).await.unwrap();
    let ids = due.iter().map(|due| match due.subject() {
        Ok(ScheduleSubject::Instance(id)) => Some(id),
        _ => None,
    });
    let ids: Vec<InstanceId> = ids.flatten().collect();
    tx.load_cases(&ids).await.unwrap().len()
}

/// Of a workspace that is drawn at random each time.
fn drawn(bencher: Bencher, size: u32, batch: impl AsyncFn(&Store, &WorkspaceId) -> usize) {
    let (store, rng) = (store(size), RefCell::new(Rng::with_seed(1)));
    bencher
        .with_inputs(|| workspace(rng.borrow_mut().u32(0..size / IN_A_WORKSPACE)))
        .bench_local_values(|workspace| {
            assert_eq!(RUNTIME.block_on(batch(store, &workspace)), DUE as usize);
        });
}

#[divan::bench(args = SIZES, sample_count = 20_000, sample_size = 1)]
fn due_batch(bencher: Bencher, size: u32) {
    drawn(bencher, size, due);
}

#[divan::bench(args = SIZES, sample_count = 5000, sample_size = 1)]
fn due_batch_with_cases(bencher: Bencher, size: u32) {
    drawn(bencher, size, loaded);
}
