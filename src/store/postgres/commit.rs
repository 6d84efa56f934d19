//! Whether a commit was made whose answer never came: else a decision could be taken twice, or called lost although it holds.

use std::time::Duration;

use sqlx::{AnyConnection, AnyPool};

use super::connect::in_time;
use super::ground::has_rows;
use crate::domain::audit::Head;

/// The number of the transaction, if it has written or locked anything.
const MARK: &str = "SELECT CAST(pg_current_xact_id_if_assigned() AS TEXT)";

/// The status of a transaction.
const STATUS: &str = "SELECT pg_xact_status(CAST($1 AS xid8))";

/// Ends the session of a transaction whose client is gone.
const END: &str = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
     WHERE datname = current_database() AND backend_xid = CAST(CAST($1 AS xid8) AS xid)";

/// The time between two questions.
const PAUSE: Duration = Duration::from_millis(250);
/// The time after which it is given up: a server has started again by then.
const LONGEST: Duration = Duration::from_secs(60);

/// The number of a write transaction, by which its end can be found out.
pub(in crate::store) async fn transaction_id(
    transaction: &mut AnyConnection,
) -> sqlx::Result<Option<String>> {
    in_time(sqlx::query_scalar(MARK).fetch_one(transaction)).await
}

/// Whether the transaction was committed; `None` where the server cannot be asked, or no longer knows. A standby that took over gives
/// the numbers of what it lacks to others, so what was `recorded` is looked for too.
pub(in crate::store) async fn has_committed(
    pool: &AnyPool,
    mark: &str,
    recorded: &[Head],
) -> Option<bool> {
    let asked = tokio::time::timeout(LONGEST, async {
        loop {
            match status(pool, mark).await.as_ref().map(Option::as_deref) {
                Ok(Some("committed")) => {
                    if let Ok(has_rows) = finds(pool, recorded).await {
                        return Some(has_rows);
                    }
                }
                Ok(Some("aborted")) => return Some(false),
                Ok(None) => return None,
                Ok(Some(_)) => {
                    let end = sqlx::query(END).bind(mark.to_owned()).execute(pool);
                    let _ = in_time(end).await;
                }
                Err(_) => {}
            }
            tokio::time::sleep(PAUSE).await;
        }
    });
    asked.await.unwrap_or(None)
}

async fn finds(pool: &AnyPool, recorded: &[Head]) -> sqlx::Result<bool> {
    let mut connection = in_time(pool.acquire()).await?;
    has_rows(&mut connection, recorded).await
}

async fn status(pool: &AnyPool, mark: &str) -> sqlx::Result<Option<String>> {
    let status = sqlx::query_scalar(STATUS).bind(mark.to_owned());
    in_time(status.fetch_one(pool)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::place::DatabasePlace;
    use crate::store::{Store, postgres, server};

    #[tokio::test]
    async fn what_became_of_a_transaction_is_known() {
        let Some(address) = server::new_database().await else {
            return;
        };
        let place = DatabasePlace::parse(&address).unwrap();
        let store = Store::open_at(&place).await.unwrap();
        let begin = async || {
            let begun = postgres::begin_writing(store.writer.pool(), &"w".into()).await;
            let mut begun = begun.unwrap();
            let number = sqlx::query("SELECT CAST(pg_current_xact_id() AS TEXT)");
            number.execute(&mut *begun).await.unwrap();
            let mark = transaction_id(&mut begun).await.unwrap();
            (begun, mark.unwrap())
        };
        let (undone, mark) = begin().await;
        undone.rollback().await.unwrap();
        assert_eq!(
            has_committed(store.reader.pool(), &mark, &[]).await,
            Some(false)
        );
        let (made, mark) = begin().await;
        made.commit().await.unwrap();
        assert_eq!(
            has_committed(store.reader.pool(), &mark, &[]).await,
            Some(true)
        );
        // One that nobody ends is ended.
        let (open, mark) = begin().await;
        assert_eq!(
            has_committed(store.reader.pool(), &mark, &[]).await,
            Some(false)
        );
        assert!(open.commit().await.is_err());
        let of_the_future = "9000000000";
        assert!(status(store.reader.pool(), of_the_future).await.is_err());
    }

    #[tokio::test]
    async fn a_transaction_that_touched_nothing_has_no_number() {
        let Some(address) = server::new_database().await else {
            return;
        };
        let place = DatabasePlace::parse(&address).unwrap();
        let store = Store::open_at(&place).await.unwrap();
        let mut reading = postgres::begin_reading(store.reader.pool()).await.unwrap();
        assert_eq!(transaction_id(&mut reading).await.unwrap(), None);
    }
}
