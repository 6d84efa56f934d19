//! Costs that must not grow with the number of instances, with 10,000 and with 1,000,000 in the database: finding the next
//! reminder, fetching a due batch, starting the program, and the memory it takes.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on has nothing better to do than to stop"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, OnceLock};

use divan::{Bencher, black_box};
use edition_warden::app::LOCAL_WORKSPACE;
use edition_warden::domain::id::InstanceId;
use edition_warden::store::{Due, Kind, ScheduleSubject, Served, Store};
use sqlx::{ConnectOptions as _, Connection as _};
use tempfile::TempDir;
use tokio::runtime::Runtime;

mod first;
use first::{ID, now, track};

const SIZES: [u32; 2] = [10_000, 1_000_000];
/// How many are due at once.
const DUE: u32 = 200;

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
    if std::env::args().any(|argument| argument == "--bench") {
        for size in SIZES {
            let peak = peak_memory(size);
            let line = format!("memory of `warden`, {size} instances, at the most: {peak}\n");
            std::io::stdout().write_all(line.as_bytes()).unwrap();
        }
    }
}

fn path(size: u32) -> PathBuf {
    DIRECTORY.get().unwrap().join(format!("{size}.db"))
}

/// The program on a database: it answers a line, and goes on until its input ends.
fn warden(size: u32) -> Child {
    Command::new(env!("CARGO_BIN_EXE_warden"))
        .current_dir(DIRECTORY.get().unwrap())
        .arg("--db")
        .arg(path(size))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What the kernel says the program took at the most, once it has answered from a page of instances.
fn peak_memory(size: u32) -> String {
    store(size);
    let mut warden = warden(size);
    let mut input = warden.stdin.take().unwrap();
    input
        .write_all(b"instance list\ninstance show service-9\n")
        .unwrap();
    let mut output = BufReader::new(warden.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("service-9") {
        line.clear();
        assert_ne!(
            output.read_line(&mut line).unwrap(),
            0,
            "it ended without an answer"
        );
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", warden.id())).unwrap();
    drop(input);
    assert!(warden.wait().unwrap().success());
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.unwrap().trim().to_owned()
}

/// One instance as the program writes it, copied: a due batch, and the rest in the years after it.
async fn filled(size: u32) -> Store {
    let path = path(size);
    let store = Store::open(&path).await.unwrap();
    track(&store, LOCAL_WORKSPACE).await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut connection = options.connect().await.unwrap();
    let numbers = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {size} - 1)"
    );
    let copies = [
        format!(
            "INSERT INTO instance (workspace, id, name, region, tracking, edition, expires_at_ms, document) {numbers} \
             SELECT workspace, printf('{ID}%07d', i), printf('service-%d', i), region, tracking, edition, expires_at_ms, \
             replace(document, '{ID}0000000', printf('{ID}%07d', i)) FROM instance, n WHERE id = '{ID}0000000'"
        ),
        format!(
            "INSERT INTO schedule {numbers} SELECT '{LOCAL_WORKSPACE}', 'instance', printf('{ID}%07d', i), \
             CASE WHEN i <= {DUE} THEN {due} ELSE {due} + 1000 * i END FROM n",
            due = now().timestamp_millis()
        ),
        format!("DELETE FROM schedule WHERE subject = '{ID}0000000'"),
        "UPDATE workspace SET due_ms = (SELECT MIN(due_ms) FROM schedule WHERE schedule.workspace = workspace.workspace)".to_owned(),
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
        let next = RUNTIME.block_on(store.system().next_due(&Served::All));
        assert!(black_box(next).unwrap().is_some());
    });
}

async fn due(store: &Store) -> Vec<Due> {
    let mut tx = store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
    let due = tx.due(Kind::Instance, now(), DUE).await.unwrap();
    let id = |due: &Due| match due.subject() {
        Ok(ScheduleSubject::Instance(id)) => Some(id),
        _ => None,
    };
    let ids: Vec<InstanceId> = due.iter().filter_map(id).collect();
    assert_eq!(tx.load_cases(&ids).await.unwrap().len(), DUE as usize);
    due
}

#[divan::bench(args = SIZES)]
fn due_batch(bencher: Bencher, size: u32) {
    let store = store(size);
    bencher.bench_local(|| assert_eq!(RUNTIME.block_on(due(store)).len(), DUE as usize));
}

/// From the start of the process to its end, with nothing asked of it.
#[divan::bench(args = SIZES, sample_count = 20)]
fn start_up(bencher: Bencher, size: u32) {
    store(size);
    bencher.bench_local(|| {
        let mut warden = warden(size);
        drop(warden.stdin.take());
        assert!(warden.wait().unwrap().success());
    });
}
