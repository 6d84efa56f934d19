//! The state in which each end of its use leaves a connection.

use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Waker};

use super::super::sql::{rows, statement};
use super::*;
use crate::store::Store;

const INSERT: &str = "INSERT INTO heard (workspace, id, at_ms) VALUES ($1, $2, 0)";
const ROWS: &str = "SELECT id FROM heard WHERE workspace = $1 ORDER BY id";

/// A store on a file, or in memory.
async fn stores() -> (Vec<Store>, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("warden.db");
    let stores = vec![
        Store::open(&path).await.unwrap(),
        Store::in_memory().await.unwrap(),
    ];
    (stores, directory)
}

async fn held(store: &Store) -> Vec<String> {
    let mut tx = store.glance(&"w".into()).await.unwrap();
    let all: Vec<(String,)> = tx.all(rows(ROWS).bind("w")).await.unwrap();
    all.into_iter().map(|(id,)| id).collect()
}

async fn keeps(store: &Store, id: &str) {
    let mut tx = store.place(&"w".into()).turn().await.unwrap();
    tx.later(statement(INSERT).bind("w").bind(id.to_owned()))
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_decision_that_is_dropped_leaves_no_transaction_open() {
    let (stores, _directory) = stores().await;
    for store in stores {
        for id in ["first", "second"] {
            let mut tx = store.place(&"w".into()).turn().await.unwrap();
            tx.run(statement(INSERT).bind("w").bind("never"))
                .await
                .unwrap();
            drop(tx);
            keeps(&store, id).await;
        }
        assert_eq!(held(&store).await, ["first", "second"]);
    }
}

/// The statements are under way while their future is dropped; then they, and their commit, hold wholly or not at all.
#[tokio::test]
async fn a_request_that_nobody_waits_for_any_more_is_undone_or_kept_as_a_whole() {
    let (stores, _directory) = stores().await;
    for store in stores {
        for with_commit in [false, true] {
            let mut tx = store.place(&"w".into()).turn().await.unwrap();
            for id in ["one", "other"] {
                let insert = statement(INSERT).bind("w").bind(id);
                tx.later(insert).await.unwrap();
            }
            let sending = async {
                if with_commit {
                    return tx.commit().await;
                }
                let seen = tx.all::<(String,)>(rows(ROWS).bind("w")).await;
                seen.map(drop)
            };
            {
                let mut sending = pin!(sending);
                // It may come to its end at once.
                let _ = sending
                    .as_mut()
                    .poll(&mut Context::from_waker(Waker::noop()));
            }
            keeps(&store, "after").await;
            let all = held(&store).await;
            let kept_all = all == ["after", "one", "other"];
            assert!(all == ["after"] || (with_commit && kept_all), "{all:?}");
            let mut tx = store.write(&"w".into()).await.unwrap();
            tx.run(statement("DELETE FROM heard")).await.unwrap();
            tx.commit().await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_is_looked_at_at_once_is_one_state_and_leaves_it_free() {
    let (stores, _directory) = stores().await;
    for store in stores {
        keeps(&store, "one").await;
        for _ in 0..3 {
            let mut tx = store.read_at_once(&"w".into()).await.unwrap();
            let both = tx.both::<(String,), (String,)>(rows(ROWS).bind("w"), rows(ROWS).bind("w"));
            let (one, other) = both.await.unwrap();
            assert_eq!((one.len(), other.len()), (1, 1));
            let again = tx.all::<(String,)>(rows(ROWS).bind("w")).await;
            assert!(matches!(again, Err(StoreError::LookedTwice)));
        }
        // A transaction that was left open on a connection would not let another one begin.
        for _ in 0..3 {
            let mut connection = store.reader.acquire().await.unwrap();
            let begun = sqlx::raw_sql("BEGIN; COMMIT").execute(connection.connection().unwrap());
            begun.await.unwrap();
        }
    }
}

/// Where a transaction is open, none begins.
#[tokio::test]
async fn statements_that_are_looked_at_together_are_in_one_transaction() {
    let (stores, _directory) = stores().await;
    for store in stores {
        let mut tx = store.read_at_once(&"w".into()).await.unwrap();
        let both = tx.both::<(String,), (String,)>(rows(ROWS).bind("w"), rows("BEGIN"));
        both.await.unwrap_err();
    }
}

#[tokio::test]
async fn a_failed_look_leaves_nothing_open() {
    let (stores, _directory) = stores().await;
    for store in stores {
        let mut tx = store.read_at_once(&"w".into()).await.unwrap();
        let broken = rows("SELECT nothing FROM nowhere");
        let both = tx.both::<(String,), (String,)>(rows(ROWS).bind("w"), broken);
        both.await.unwrap_err();
        let mut connection = store.reader.acquire().await.unwrap();
        let begun = sqlx::raw_sql("BEGIN; COMMIT").execute(connection.connection().unwrap());
        begun.await.unwrap();
    }
}

async fn setting(held: &mut HeldConnection, pragma: &str) -> i64 {
    let text = AssertSqlSafe(format!("PRAGMA {pragma}"));
    let value = sqlx::query_scalar(text).fetch_one(held.connection().unwrap());
    value.await.unwrap()
}

#[tokio::test]
async fn a_spoilt_connection_is_replaced_and_a_clean_one_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("warden.db");
    let store = Store::open(&path).await.unwrap();
    let mut connection = store.writer.acquire().await.unwrap();
    let fresh = setting(&mut connection, "cache_size").await;
    let marking = sqlx::raw_sql("PRAGMA cache_size = 77").execute(connection.connection().unwrap());
    marking.await.unwrap();
    drop(connection);
    let mut connection = store.writer.acquire().await.unwrap();
    assert_eq!(setting(&mut connection, "cache_size").await, 77);
    Begun::on_file(connection, "BEGIN IMMEDIATE").spoil();
    let mut connection = store.writer.acquire().await.unwrap();
    assert_eq!(setting(&mut connection, "cache_size").await, fresh);
    assert_ne!(fresh, 77);
}

#[tokio::test]
async fn a_closed_database_gives_no_connection_and_keeps_none() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("warden.db");
    let store = Store::open(&path).await.unwrap();
    keeps(&store, "one").await;
    let last = store.reader.acquire().await.unwrap();
    let closing = tokio::spawn({
        let store = store.clone();
        async move { store.close().await }
    });
    while !store.reader.0.places.as_ref().unwrap().is_closed() {
        tokio::task::yield_now().await;
    }
    drop(last);
    closing.await.unwrap();
    assert!(store.writer.acquire().await.is_err() && store.reader.acquire().await.is_err());
    assert!(store.writer.idle().is_empty() && store.reader.idle().is_empty());
    assert!(!directory.path().join("warden.db-wal").exists());
}
