//! The lower bound that sqlx and the disk allow: as many empty statements as a decision has, and a commit. Run it beside the 64 at
//! a time of `cargo bench --bench peers`: `cargo bench --bench floor`.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark that cannot go on has nothing better to do than to stop; it takes the time"
)]

use std::io::Write as _;
use std::time::{Duration, Instant};

use sqlx::any::AnyPoolOptions;
use sqlx::{Any, AnyPool, Transaction};
use tempfile::TempDir;

/// The statements of `instance set`.
const STATEMENTS: usize = 11;
/// How many decisions share a commit, at the most.
const MEMBERS: usize = 64;
const ROUNDS: usize = 5;
/// How many decisions a round is.
const DECISIONS: usize = 20 * MEMBERS;

async fn run(transaction: &mut Transaction<'static, Any>, text: &'static str) {
    sqlx::query(text).execute(&mut **transaction).await.unwrap();
}

/// Decides on nothing; one row is written, so that there is something to make last.
async fn decide(transaction: &mut Transaction<'static, Any>) {
    for _ in 1..STATEMENTS {
        let nothing = sqlx::query("SELECT 1 WHERE $1 = 0").bind(1_i64);
        nothing.fetch_all(&mut **transaction).await.unwrap();
    }
    run(transaction, "UPDATE held SET n = n + 1").await;
}

/// Decisions, so many to a commit.
async fn decisions(pool: &AnyPool, to_a_commit: usize) -> Duration {
    let begun = Instant::now();
    for _ in 0..DECISIONS / to_a_commit {
        let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
        for _ in 0..to_a_commit {
            if to_a_commit > 1 {
                run(&mut transaction, "SAVEPOINT member").await;
            }
            decide(&mut transaction).await;
            if to_a_commit > 1 {
                run(&mut transaction, "RELEASE member").await;
            }
        }
        transaction.commit().await.unwrap();
    }
    begun.elapsed()
}

#[tokio::main]
async fn main() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("floor.db");
    sqlx::any::install_default_drivers();
    let url = format!("sqlite:{}?mode=rwc", path.display());
    let pool = AnyPoolOptions::new().max_connections(1).connect(&url).await;
    let pool = pool.unwrap();
    let prepared =
        "PRAGMA journal_mode = WAL; CREATE TABLE held (n INTEGER); INSERT INTO held VALUES (0)";
    sqlx::raw_sql(prepared).execute(&pool).await.unwrap();
    for (what, to_a_commit) in [("one to a commit", 1), ("64 to a commit", MEMBERS)] {
        let mut rates = Vec::new();
        for _ in 0..ROUNDS {
            let took = decisions(&pool, to_a_commit).await;
            rates.push(DECISIONS as f64 / took.as_secs_f64());
        }
        rates.sort_by(f64::total_cmp);
        let middle = rates.get(ROUNDS / 2).copied().unwrap_or_default();
        let line = format!("{STATEMENTS} statements that do nothing, {what}: {middle:.0}/s\n");
        std::io::stdout().write_all(line.as_bytes()).unwrap();
    }
}
