//! What only PostgreSQL can say: how a server is reached, whose turn it is, error codes; its migrations are in `migrate`.
//!
//! Several processes write at the same time, each for other workspaces: who writes first takes the turn of the workspace,
//! which ends with the transaction.

use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{Any, AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, ConnectOptions as _, Connection as _, Transaction};

use super::system::NOWHERE;
use super::{Alarm, Engine, Store, StoreError};
use crate::domain::place::Address;

mod error;
mod migrate;

pub(super) use error::{explain, is_of_server};
pub(super) use migrate::SCRIPTS;
use migrate::{check_owner, migrate};

/// The first version that it runs on, as the server numbers versions.
const NEEDED: i64 = 150_000;

/// Connections of a process that write at the same time, each for another workspace.
const WRITERS: u32 = 6;
/// Connections of a process that read at the same time.
const READERS: u32 = 6;

/// How long a transaction waits for a connection.
const CONNECTION: Duration = Duration::from_secs(15);

/// What each connection begins with. Nothing waits for ever: not for a row that another one holds, not for a statement that
/// comes to no end, and nobody for a process that was stopped in the middle.
const SESSION: &str = "SET application_name = 'warden'; SET lock_timeout = '10s'; SET statement_timeout = '30s'; \
     SET idle_in_transaction_session_timeout = '20s'; SET client_min_messages = 'warning'";

const BEGIN_WRITING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
const BEGIN_READING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Holds the row of a workspace until the transaction ends: there may be many workspaces, so that not each can have a lock of
/// its own.
const HOLD: &str = "SELECT workspace FROM workspace WHERE workspace = $1 FOR UPDATE";

/// Waits for anybody else who writes in a workspace that has no row yet.
const WAIT: &str = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0)) IS NULL";

/// Which version the server is, what it keeps text in, and whether it takes changes.
const SERVER: &str = "SELECT CAST(current_setting('server_version_num') AS BIGINT), current_setting('server_version'), \
     current_setting('server_encoding'), current_setting('transaction_read_only')";

/// Changes with every commit.
const SNAPSHOT: &str = "SELECT CAST(pg_current_snapshot() AS TEXT)";

pub(super) async fn open(address: &Address) -> Result<Store, StoreError> {
    let database: Arc<str> = address.to_string().into();
    let explain = |error| StoreError::explain(error, &database);
    let to = connect_options(address).map_err(explain)?;
    // Not through the pool: that tries again for a long time whatever the reason is.
    let mut first = connect(&to).await.map_err(explain)?;
    let prepared = prepare(&mut first, &database).await;
    let _ = first.close().await;
    prepared?;
    let writer = pool(WRITERS).connect_lazy_with(to.clone());
    let reader = pool(READERS).connect_lazy_with(to);
    let alarm = Alarm::of_server(reader.clone());
    let mut store = Store::on(writer, reader, alarm, database);
    store.engine = Engine::Postgres;
    store.share_commits_by_workspace();
    Ok(store)
}

/// Opens a database only to read it, as it is.
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
    // Nobody reads a log of statements, and keeping it costs something for each.
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

/// Checks what was reached before anything is written, then brings it up to date.
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

/// Whether the server takes changes.
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

/// Begins to write, once it is the turn of the workspace.
pub(super) async fn begin_writing(
    pool: &AnyPool,
    workspace: &str,
) -> sqlx::Result<Transaction<'static, Any>> {
    let mut begun = pool.begin_with(BEGIN_WRITING).await?;
    take_turn(&mut begun, workspace).await?;
    Ok(begun)
}

/// Begins to read what is there at one moment.
pub(super) async fn begin_reading(pool: &AnyPool) -> sqlx::Result<Transaction<'static, Any>> {
    pool.begin_with(BEGIN_READING).await
}

/// Waits until nobody else writes in a workspace. Only what begins [`NOWHERE`] may go on to others, so that no two wait for
/// each other.
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
        // It may have its row since.
        hold(connection, &workspace).await?;
    }
    Ok(())
}

async fn hold(connection: &mut AnyConnection, workspace: &str) -> sqlx::Result<bool> {
    let held = sqlx::query(HOLD).bind(workspace.to_owned());
    Ok(held.fetch_optional(connection).await?.is_some())
}

/// What changes when anybody commits.
pub(super) async fn snapshot(pool: &AnyPool) -> Option<String> {
    sqlx::query_scalar(SNAPSHOT).fetch_one(pool).await.ok()
}

/// Why no connection could be had for so long.
pub(super) fn no_connection(database: &Arc<str>) -> StoreError {
    StoreError::NoServer {
        database: Arc::clone(database),
        reason: "no connection with it could be had in time".to_owned(),
    }
}
