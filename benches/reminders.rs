//! What finding the next reminder and fetching a due batch cost, with 10,000 and with 1,000,000 instances in the database.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on has nothing better to do than to stop"
)]

use std::path::PathBuf;
use std::sync::{LazyLock, OnceLock};

use divan::{Bencher, black_box};
use edition_warden::app::LOCAL_WORKSPACE;
use edition_warden::domain::Timestamp;
use edition_warden::domain::case::Case;
use edition_warden::domain::fact::Fact;
use edition_warden::domain::id::{InstanceId, InstanceName, Person, Region};
use edition_warden::domain::instance::{Edition, Instance};
use edition_warden::store::{Nudge, Store};
use sqlx::{ConnectOptions as _, Connection as _};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const SIZES: [u32; 2] = [10_000, 1_000_000];
/// How many are due at once.
const DUE: u32 = 200;
const ID: &str = "MQ_INST_1080056302921134_B";

static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
});
static STORES: LazyLock<[Store; 2]> = LazyLock::new(|| SIZES.map(|n| RUNTIME.block_on(filled(n))));

fn main() {
    let directory = TempDir::new().unwrap();
    DIRECTORY.set(directory.path().to_owned()).unwrap();
    divan::main();
}

fn now() -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000, 0).unwrap()
}

/// One instance as the program writes it, copied: a due batch, and the rest in the years after it.
async fn filled(size: u32) -> Store {
    let path = DIRECTORY.get().unwrap().join(format!("{size}.db"));
    let store = Store::open(&path).await.unwrap();
    let alice = Person::named("alice");
    let name = InstanceName::parse("service").unwrap();
    let id = InstanceId::parse(&format!("{ID}0000000")).unwrap();
    let mut instance = Instance::new(id, name, Region::parse("cn-hangzhou").unwrap());
    instance.edition = Fact::attested(Edition::Platinum, &alice, now());
    instance.expires = Fact::attested(now() + chrono::TimeDelta::days(30), &alice, now());
    let mut tx = store.write(LOCAL_WORKSPACE).await.unwrap();
    tx.save(&Case::new(instance, None)).await.unwrap();
    tx.commit().await.unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut connection = options.connect().await.unwrap();
    let numbers = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {size} - 1)"
    );
    let copies = [
        format!(
            "INSERT INTO instance (workspace, id, name, region, tracking, edition, expires_at_ms) {numbers} \
             SELECT workspace, printf('{ID}%07d', i), printf('service-%d', i), region, tracking, edition, expires_at_ms \
             FROM instance, n WHERE id = '{ID}0000000'"
        ),
        format!(
            "INSERT INTO fact {numbers} SELECT workspace, printf('{ID}%07d', i), kind, state, gap, since_ms, value, source, \
             by_id, by_name, at_ms, other_value, other_source, other_by_id, other_by_name, other_at_ms \
             FROM fact, n WHERE instance_id = '{ID}0000000'"
        ),
        format!(
            "INSERT INTO nudge {numbers} SELECT '{LOCAL_WORKSPACE}', printf('{ID}%07d', i), \
             CASE WHEN i <= {DUE} THEN {due} ELSE {due} + 1000 * i END FROM n",
            due = now().timestamp_millis()
        ),
        format!("DELETE FROM nudge WHERE instance_id = '{ID}0000000'"),
        "ANALYZE".to_owned(),
    ];
    for text in copies {
        sqlx::raw_sql(sqlx::AssertSqlSafe(text))
            .execute(&mut connection)
            .await
            .unwrap();
    }
    connection.close().await.unwrap();
    store
}

fn store(size: u32) -> &'static Store {
    let [small, large] = &*STORES;
    if size == SIZES[0] { small } else { large }
}

#[divan::bench(args = SIZES)]
fn next_wake_up(bencher: Bencher, size: u32) {
    let store = store(size);
    bencher.bench_local(|| {
        let next = RUNTIME.block_on(store.next_nudge());
        assert!(black_box(next).unwrap().is_some());
    });
}

async fn due(store: &Store) -> Vec<Nudge> {
    let mut tx = store.read(LOCAL_WORKSPACE).await.unwrap();
    let due = tx.nudges_due(now(), DUE).await.unwrap();
    let ids: Vec<InstanceId> = due.iter().map(|nudge| nudge.instance.clone()).collect();
    assert_eq!(tx.load_cases(&ids).await.unwrap().len(), DUE as usize);
    due
}

#[divan::bench(args = SIZES)]
fn due_batch(bencher: Bencher, size: u32) {
    let store = store(size);
    bencher.bench_local(|| assert_eq!(RUNTIME.block_on(due(store)).len(), DUE as usize));
}
