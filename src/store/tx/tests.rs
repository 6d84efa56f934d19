//! Writes that are sent together: all of them are kept, or none.

use super::super::sql::{Statement, rows, statement};
use super::*;
use crate::store::Store;

/// The number of writes in a test.
const MANY: usize = 5;

const INSERT: &str = "INSERT INTO heard (workspace, id, at_ms) VALUES ($1, $2, $3)";
const MOVE: &str = "UPDATE heard SET at_ms = $3 WHERE workspace = $1 AND id = $2";
const ROWS: &str = "SELECT id, at_ms FROM heard WHERE workspace = $1 ORDER BY id";

/// A write that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fails {
    /// It violates uniqueness, for which there is an error.
    Unique,
    /// It violates uniqueness, for which there is none.
    Twice,
    Null,
    /// It writes no row.
    NoRow,
    /// It is no SQL.
    Unparsable,
}

const ALL: [Fails; 5] = [
    Fails::Unique,
    Fails::Twice,
    Fails::Null,
    Fails::NoRow,
    Fails::Unparsable,
];

fn row(text: &str, id: &str, at_ms: Option<i64>) -> Statement {
    statement(text).bind("w").bind(id.to_owned()).bind(at_ms)
}

impl Fails {
    async fn queue(self, tx: &mut Tx) -> StoreResult<()> {
        let mut refusal = ExpectedErrors::default();
        let query = match self {
            Self::Unique => {
                refusal.unique = Some(StoreError::GivenUp);
                row(INSERT, "held", Some(0))
            }
            Self::Twice => row(INSERT, "held", Some(0)),
            Self::Null => row(INSERT, "new", None),
            Self::NoRow => {
                refusal.no_row = Some(StoreError::GivenUp);
                row(MOVE, "nobody", Some(0))
            }
            Self::Unparsable => row("INSERT INTO nowhere VALUES ($1, $2, $3)", "x", Some(0)),
        };
        tx.later_or(query, refusal).await
    }

    /// Whether its error is the one that was given with it.
    const fn is_met(self) -> bool {
        matches!(self, Self::Unique | Self::NoRow)
    }
}

async fn held(store: &Store) -> Vec<(String, i64)> {
    let mut tx = store.glance(&"w".into()).await.unwrap();
    tx.all(rows(ROWS).bind("w")).await.unwrap()
}

/// A database with one row.
async fn begun() -> Store {
    let store = Store::fresh().await;
    let mut tx = store.write(&"w".into()).await.unwrap();
    tx.later(row(INSERT, "held", Some(7))).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(held(&store).await, [("held".to_owned(), 7)]);
    store
}

async fn decide(store: &Store, breaks: Option<(usize, Fails)>, reads: bool) -> StoreResult<()> {
    let mut tx = store.place(&"w".into()).turn().await?;
    for at in 0..MANY {
        if let Some((_, fails)) = breaks.filter(|(broken, _)| *broken == at) {
            fails.queue(&mut tx).await?;
        }
        let at_ms = i64::try_from(at).unwrap();
        tx.later(row(INSERT, &format!("row-{at}"), Some(at_ms)))
            .await?;
    }
    if reads {
        let seen: Vec<(String, i64)> = tx.all(rows(ROWS).bind("w")).await?;
        assert_eq!(seen.len(), MANY + 1, "what was queued is seen");
    }
    tx.commit().await
}

#[tokio::test]
async fn a_write_that_fails_among_others_leaves_none_of_them() {
    for fails in ALL {
        for at in 0..MANY {
            for reads in [false, true] {
                let store = begun().await;
                let broken = decide(&store, Some((at, fails)), reads).await;
                let error = broken.unwrap_err();
                assert_eq!(
                    matches!(error, StoreError::GivenUp),
                    fails.is_met(),
                    "{fails:?} {at}: {error:?}"
                );
                assert_eq!(
                    held(&store).await,
                    [("held".to_owned(), 7)],
                    "{fails:?} {at}"
                );
                decide(&store, None, reads).await.unwrap();
                assert_eq!(held(&store).await.len(), MANY + 1, "{fails:?} {at}");
            }
        }
    }
}

/// A refusal that was overlooked does not let the rest of the decision be kept.
#[tokio::test]
async fn after_a_refused_write_nothing_is_committed() {
    for fails in [Fails::Unique, Fails::NoRow] {
        let store = begun().await;
        let mut tx = store.write(&"w".into()).await.unwrap();
        tx.later(row(INSERT, "before", Some(1))).await.unwrap();
        if store.engine == Engine::Postgres {
            // A server has refused it by then.
            fails.queue(&mut tx).await.unwrap_err();
            continue;
        }
        fails.queue(&mut tx).await.unwrap();
        tx.all::<(String, i64)>(rows(ROWS).bind("w"))
            .await
            .unwrap_err();
        tx.later(row(INSERT, "after", Some(2))).await.unwrap();
        tx.commit().await.unwrap_err();
        assert_eq!(held(&store).await.len(), 1, "{fails:?}");
    }
}

#[tokio::test]
async fn a_decision_that_is_dropped_with_queued_writes_leaves_none() {
    let store = begun().await;
    let mut tx = store.write(&"w".into()).await.unwrap();
    tx.later(row(INSERT, "never", Some(1))).await.unwrap();
    drop(tx);
    assert_eq!(held(&store).await.len(), 1);
}

#[tokio::test]
async fn each_statement_gets_its_own_values() {
    let store = begun().await;
    let mut tx = store.write(&"w".into()).await.unwrap();
    for at in 0..TOGETHER + 3 {
        let at_ms = i64::try_from(at).unwrap();
        let id = format!("row-{at:03}");
        tx.later(row(INSERT, &id, Some(0))).await.unwrap();
        tx.later(row(MOVE, &id, Some(at_ms))).await.unwrap();
    }
    let before = store.tally().hops;
    let seen: Vec<(String, i64)> = tx.all(rows(ROWS).bind("w")).await.unwrap();
    assert_eq!(store.tally().hops - before, 1);
    let of = |at: usize| (format!("row-{at:03}"), i64::try_from(at).unwrap());
    let wanted = [("held".to_owned(), 7)]
        .into_iter()
        .chain((0..TOGETHER + 3).map(of));
    assert_eq!(seen, Vec::from_iter(wanted));
    tx.commit().await.unwrap();
    assert_eq!(held(&store).await.len(), TOGETHER + 4);
}
