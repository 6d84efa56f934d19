//! PostgreSQL: connections, turns, error codes; its migrations are in `migrate`.
//!
//! Several processes write concurrently, each in other workspaces: the first writer takes the workspace's turn, which ends with
//! its transaction.

use std::sync::Arc;

use sqlx::any::Any;
use sqlx::{AnyConnection, AnyPool, Connection as _, FromRow, Transaction};

use super::connections::Connections;
use super::system::NOWHERE;
use super::{Alarm, Engine, Store, StoreError, StoreResult};
use crate::domain::id::WorkspaceId;
use crate::domain::place::Address;

mod commit;
mod connect;
mod error;
mod ground;
mod migrate;
#[cfg(test)]
mod plans;
mod presence;

pub(super) use commit::{has_committed, transaction_id};
pub(super) use connect::in_time;
use connect::{READERS, WRITERS, check_sessions, connect, connect_options, pool};
pub(super) use error::{explain, is_of_server};
pub(super) use ground::{Ground, HOME, SETTLE};
pub(super) use migrate::SCRIPTS;
use migrate::{check_owner, migrate};
pub(super) use presence::{Presence, take_lease};

/// The minimum server version, as `server_version_num`.
const NEEDED: i64 = 150_000;

const BEGIN_WRITING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
const BEGIN_READING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Locks the row of a workspace until the transaction ends. Advisory locks would be too many, because there may be many
/// workspaces.
const HOLD: &str = "SELECT workspace FROM workspace WHERE workspace = $1 FOR UPDATE";

/// Waits for other writers in a workspace without a row.
const WAIT: &str = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0)) IS NULL";

const SERVER: &str = "SELECT CAST(current_setting('server_version_num') AS BIGINT) AS number, \
     current_setting('server_version') AS version, current_setting('server_encoding') AS encoding, \
     current_setting('transaction_read_only') AS read_only";

/// The settings of a server that decide whether it can be used.
#[derive(Debug, FromRow)]
struct ServerRow {
    /// The version, as in `150018`.
    number: i64,
    /// The version for people.
    version: String,
    encoding: String,
    /// `on` for a standby, or where only reading is allowed.
    read_only: String,
}

impl ServerRow {
    /// Rejects a server that is too old or cannot keep every text.
    fn check(&self, database: &Arc<str>) -> StoreResult<()> {
        let database = Arc::clone(database);
        if self.number < NEEDED {
            let found = self.version.clone();
            return Err(StoreError::OldServer { database, found });
        }
        if self.encoding != "UTF8" {
            let reason = format!("it keeps text as {}, and UTF8 is needed", self.encoding);
            return Err(StoreError::cannot_open(&database, reason));
        }
        Ok(())
    }
}

/// A value that changes with every commit.
const SNAPSHOT: &str = "SELECT CAST(pg_current_snapshot() AS TEXT)";

/// The columns of a table in `SQLite`'s terms: name, type, position in the key.
pub(super) const COLUMNS: &str = "SELECT CAST(c.column_name AS TEXT) AS name, \
     CASE c.data_type WHEN 'text' THEN 'TEXT' WHEN 'bytea' THEN 'BLOB' ELSE 'INTEGER' END AS kind, \
     COALESCE(CAST(k.ordinal_position AS BIGINT), 0) AS key FROM information_schema.columns c \
     LEFT JOIN (information_schema.key_column_usage k JOIN information_schema.table_constraints t \
     ON t.constraint_schema = k.constraint_schema AND t.constraint_name = k.constraint_name \
     AND t.table_name = k.table_name AND t.constraint_type = 'PRIMARY KEY') \
     ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name \
     WHERE c.table_schema = current_schema() AND c.table_name = $1 ORDER BY c.ordinal_position";

/// The sessions in the database that other processes of this program have.
pub(super) const OTHERS: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM pg_stat_activity \
     WHERE datname = current_database() AND application_name LIKE 'warden%' \
     AND application_name <> current_setting('application_name')";

pub(super) async fn open(address: &Address) -> StoreResult<Store> {
    let database: Arc<str> = address.to_string().into();
    let explain = |error| StoreError::explain(error, &database);
    let to = connect_options(address, &database)?;
    // Without the pool, which retries for a long time after any error.
    let mut first = connect(&to).await.map_err(explain)?;
    let prepared = async {
        check_sessions(&mut first, &to, &database).await?;
        prepare(&mut first, &database).await
    };
    let prepared = prepared.await;
    let _ = first.close().await;
    prepared?;
    let ground = Arc::new(Ground::default());
    let connections = |most| {
        let pool = pool(most, Some(Arc::clone(&ground)));
        Connections::to_server(pool.connect_lazy_with(to.clone()))
    };
    let (writer, reader) = (connections(WRITERS), connections(READERS));
    let alarm = Alarm::of_server(reader.clone(), Arc::clone(&ground));
    let mut store = Store::on(writer, reader, alarm, database);
    store.engine = Engine::Postgres;
    store.presence = Some(Arc::new(Presence::new(to)));
    store.ground = Some(ground);
    store.share_commits_by_workspace();
    Ok(store)
}

/// Opens a database read-only and unchanged.
pub(super) async fn open_to_read(address: &Address) -> StoreResult<Store> {
    let database: Arc<str> = address.to_string().into();
    let explain = |error| StoreError::explain(error, &database);
    let to = connect_options(address, &database)?;
    let mut first = connect(&to).await.map_err(explain)?;
    let looked = async {
        check_sessions(&mut first, &to, &database).await?;
        check_server(&mut first, &database).await?;
        migrate::check_state(&mut first, &database).await
    };
    let looked = looked.await;
    let _ = first.close().await;
    looked?;
    let reader = Connections::to_server(pool(READERS, None).connect_lazy_with(to));
    let mut store = Store::on(reader.clone(), reader, Alarm::alone(), database);
    store.engine = Engine::Postgres;
    Ok(store)
}

/// Checks the server and the database before any write, then applies migrations.
async fn prepare(connection: &mut AnyConnection, database: &Arc<str>) -> StoreResult<()> {
    let takes_changes = check_server(connection, database).await?;
    check_owner(connection, database).await?;
    if !takes_changes {
        return Err(StoreError::TakesNoChanges {
            database: Arc::clone(database),
        });
    }
    migrate(connection, database).await
}

/// Whether the server accepts changes.
async fn check_server(connection: &mut AnyConnection, database: &Arc<str>) -> StoreResult<bool> {
    let server: ServerRow = sqlx::query_as(SERVER)
        .fetch_one(connection)
        .await
        .map_err(|error| StoreError::explain(error, database))?;
    server.check(database)?;
    Ok(server.read_only == "off")
}

/// Begins a write transaction once it is the workspace's turn.
pub(super) async fn begin_writing(
    pool: &AnyPool,
    workspace: &WorkspaceId,
) -> sqlx::Result<Transaction<'static, Any>> {
    let mut begun = in_time(pool.begin_with(BEGIN_WRITING)).await?;
    in_time(take_turn(&mut begun, workspace)).await?;
    Ok(begun)
}

/// Begins a read transaction on a snapshot.
pub(super) async fn begin_reading(pool: &AnyPool) -> sqlx::Result<Transaction<'static, Any>> {
    in_time(pool.begin_with(BEGIN_READING)).await
}

/// Waits until no other transaction writes in a workspace. Only transactions that begin [`NOWHERE`] may proceed to others, which
/// prevents deadlocks.
pub(super) async fn take_turn(
    connection: &mut AnyConnection,
    workspace: &WorkspaceId,
) -> sqlx::Result<()> {
    let workspace = workspace.to_owned();
    let is_somewhere = workspace.as_str() != NOWHERE;
    if is_somewhere && lock_row(connection, &workspace).await? {
        return Ok(());
    }
    let waited: bool = sqlx::query_scalar(WAIT)
        .bind(workspace.to_string())
        .fetch_one(&mut *connection)
        .await?;
    if is_somewhere && !waited {
        // Its row may have been created meanwhile.
        lock_row(connection, &workspace).await?;
    }
    Ok(())
}

async fn lock_row(connection: &mut AnyConnection, workspace: &WorkspaceId) -> sqlx::Result<bool> {
    let held = sqlx::query(HOLD).bind(workspace.to_string());
    Ok(held.fetch_optional(connection).await?.is_some())
}

/// A value that changes with every commit, of any process.
pub(super) async fn snapshot(pool: &AnyPool) -> Option<String> {
    let now = sqlx::query_scalar(SNAPSHOT).fetch_one(pool);
    in_time(now).await.ok()
}

/// The error when no connection was available in time.
pub(super) fn no_connection(database: &Arc<str>) -> StoreError {
    StoreError::NoServer {
        database: Arc::clone(database),
        reason: "no connection with it could be had in time".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case(
        140_023,
        "14.23",
        "UTF8",
        "is on PostgreSQL 14.23, and version 15 or later is needed"
    )]
    #[case(90_624, "9.6.24", "UTF8", "is on PostgreSQL 9.6.24")]
    #[case(149_999, "14.99", "SQL_ASCII", "is on PostgreSQL 14.99")]
    #[case(150_018, "15.18", "LATIN1", "it keeps text as LATIN1")]
    #[case(180_004, "18.4", "SQL_ASCII", "it keeps text as SQL_ASCII")]
    fn a_server_that_cannot_be_used_is_refused(
        #[case] number: i64,
        #[case] version: &str,
        #[case] encoding: &str,
        #[case] words: &str,
    ) {
        let mut server = ServerRow {
            number,
            version: version.to_owned(),
            encoding: encoding.to_owned(),
            read_only: "off".to_owned(),
        };
        let database = "postgres://db/warden".into();
        let told = server.check(&database).unwrap_err().to_string();
        assert!(told.contains(words), "{told}");
        (server.number, server.encoding) = (150_000, "UTF8".to_owned());
        assert!(server.check(&database).is_ok());
    }
}
