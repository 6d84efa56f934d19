//! PostgreSQL: connections, turns, error codes; its migrations are in `migrate`.
//!
//! Several processes write concurrently, each in other workspaces: the first writer takes the workspace's turn, which ends with
//! its transaction.

use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{Any, AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, ConnectOptions as _, Connection as _, Transaction};

use super::system::NOWHERE;
use super::{Alarm, Engine, Store, StoreError};
use crate::domain::place::Address;

mod error;
mod migrate;
#[cfg(test)]
mod plans;
mod presence;

pub(super) use error::{explain, is_of_server};
pub(super) use migrate::SCRIPTS;
use migrate::{check_owner, migrate};
pub(super) use presence::{Presence, take};

/// The minimum server version, as `server_version_num`.
const NEEDED: i64 = 150_000;

/// The connections of a process for writing, each in another workspace.
const WRITERS: u32 = 6;
/// The connections of a process for reading.
const READERS: u32 = 6;

/// The timeout for a connection from the pool.
const CONNECTION: Duration = Duration::from_secs(15);

/// The settings of each connection. They limit the wait for locks, the duration of statements, and the time for which a stopped
/// process can block others.
const SESSION: &str = "SET application_name = 'warden'; SET lock_timeout = '10s'; SET statement_timeout = '30s'; \
     SET idle_in_transaction_session_timeout = '20s'; SET client_min_messages = 'warning'; \
     SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3";

const BEGIN_WRITING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
const BEGIN_READING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Locks the row of a workspace until the transaction ends. Advisory locks would be too many, because there may be many
/// workspaces.
const HOLD: &str = "SELECT workspace FROM workspace WHERE workspace = $1 FOR UPDATE";

/// Waits for other writers in a workspace without a row.
const WAIT: &str = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0)) IS NULL";

/// The server's version and encoding, and whether it accepts changes.
const SERVER: &str = "SELECT CAST(current_setting('server_version_num') AS BIGINT), current_setting('server_version'), \
     current_setting('server_encoding'), current_setting('transaction_read_only')";

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

/// The other sessions of this program in the database.
pub(super) const OTHERS: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM pg_stat_activity \
     WHERE datname = current_database() AND application_name = 'warden' AND pid <> pg_backend_pid()";

pub(super) async fn open(address: &Address) -> Result<Store, StoreError> {
    let database: Arc<str> = address.to_string().into();
    let explain = |error| StoreError::explain(error, &database);
    let to = connect_options(address).map_err(explain)?;
    // Without the pool, which retries for a long time after any error.
    let mut first = connect(&to).await.map_err(explain)?;
    let prepared = prepare(&mut first, &database).await;
    let _ = first.close().await;
    prepared?;
    let writer = pool(WRITERS).connect_lazy_with(to.clone());
    let reader = pool(READERS).connect_lazy_with(to.clone());
    let alarm = Alarm::of_server(reader.clone());
    let mut store = Store::on(writer, reader, alarm, database);
    store.engine = Engine::Postgres;
    store.presence = Some(Arc::new(Presence::new(to)));
    store.share_commits_by_workspace();
    Ok(store)
}

/// Opens a database read-only and unchanged.
pub(super) async fn open_to_read(address: &Address) -> Result<Store, StoreError> {
    let database: Arc<str> = address.to_string().into();
    let explain = |error| StoreError::explain(error, &database);
    let to = connect_options(address).map_err(explain)?;
    let mut first = connect(&to).await.map_err(explain)?;
    let looked = async {
        check_server(&mut first, &database).await?;
        migrate::check_state(&mut first, &database).await
    };
    let looked = looked.await;
    let _ = first.close().await;
    looked?;
    let reader = pool(READERS).connect_lazy_with(to);
    let mut store = Store::on(reader.clone(), reader, Alarm::alone(), database);
    store.engine = Engine::Postgres;
    Ok(store)
}

fn connect_options(address: &Address) -> sqlx::Result<AnyConnectOptions> {
    sqlx::any::install_default_drivers();
    // Statement logging is not read, and has a cost per statement.
    let options = address.secret().parse::<AnyConnectOptions>()?;
    Ok(options.disable_statement_logging())
}

async fn connect(to: &AnyConnectOptions) -> sqlx::Result<AnyConnection> {
    let connecting = tokio::time::timeout(CONNECTION, to.connect()).await;
    let mut connection =
        connecting.map_err(|_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))??;
    sqlx::raw_sql(SESSION).execute(&mut connection).await?;
    Ok(connection)
}

fn pool(most: u32) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(CONNECTION)
        .after_connect(|connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(SESSION).execute(connection).await?;
                Ok(())
            })
        })
}

/// Checks the server and the database before any write, then applies migrations.
async fn prepare(connection: &mut AnyConnection, database: &Arc<str>) -> Result<(), StoreError> {
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
async fn check_server(
    connection: &mut AnyConnection,
    database: &Arc<str>,
) -> Result<bool, StoreError> {
    let (number, found, encoding, read_only): (i64, String, String, String) =
        sqlx::query_as(SERVER)
            .fetch_one(connection)
            .await
            .map_err(|error| StoreError::explain(error, database))?;
    let database = Arc::clone(database);
    if number < NEEDED {
        return Err(StoreError::OldServer { database, found });
    }
    if encoding != "UTF8" {
        return Err(StoreError::CannotOpen {
            database,
            reason: format!("it keeps text as {encoding}, and UTF8 is needed"),
        });
    }
    Ok(read_only == "off")
}

/// Begins a write transaction once it is the workspace's turn.
pub(super) async fn begin_writing(
    pool: &AnyPool,
    workspace: &str,
) -> sqlx::Result<Transaction<'static, Any>> {
    let mut begun = pool.begin_with(BEGIN_WRITING).await?;
    take_turn(&mut begun, workspace).await?;
    Ok(begun)
}

/// Begins a read transaction on a snapshot.
pub(super) async fn begin_reading(pool: &AnyPool) -> sqlx::Result<Transaction<'static, Any>> {
    pool.begin_with(BEGIN_READING).await
}

/// Waits until no other transaction writes in a workspace. Only transactions that begin [`NOWHERE`] may proceed to others, which
/// prevents deadlocks.
pub(super) async fn take_turn(connection: &mut AnyConnection, workspace: &str) -> sqlx::Result<()> {
    let workspace = workspace.to_owned();
    let is_somewhere = workspace != NOWHERE;
    if is_somewhere && hold(connection, &workspace).await? {
        return Ok(());
    }
    let waited: bool = sqlx::query_scalar(WAIT)
        .bind(workspace.clone())
        .fetch_one(&mut *connection)
        .await?;
    if is_somewhere && !waited {
        // Its row may have been created meanwhile.
        hold(connection, &workspace).await?;
    }
    Ok(())
}

async fn hold(connection: &mut AnyConnection, workspace: &str) -> sqlx::Result<bool> {
    let held = sqlx::query(HOLD).bind(workspace.to_owned());
    Ok(held.fetch_optional(connection).await?.is_some())
}

/// A value that changes with every commit, of any process.
pub(super) async fn snapshot(pool: &AnyPool) -> Option<String> {
    sqlx::query_scalar(SNAPSHOT).fetch_one(pool).await.ok()
}

/// The error when no connection was available in time.
pub(super) fn no_connection(database: &Arc<str>) -> StoreError {
    StoreError::NoServer {
        database: Arc::clone(database),
        reason: "no connection with it could be had in time".to_owned(),
    }
}
