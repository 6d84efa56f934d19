//! `SQLite`: opening of files, pragmas, error codes; its migrations are in `migrate`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AssertSqlSafe, ConnectOptions, Connection};

use super::connections::Connections;
use super::{Alarm, Engine, Store, StoreError, StoreResult, System};

mod backup;
mod claim;
mod migrate;
mod reading;
mod room;

use backup::check_no_copy;
pub(super) use backup::{copy_of, mark_copy, unmark_copy};
pub use claim::Claimed;
pub(super) use claim::{OpenFile, claim, left_alone, unfinished};
use claim::{check_nothing_left, check_whole, identity};
pub use migrate::MIGRATIONS;
pub(super) use migrate::SCRIPTS;
use migrate::{check_state, migrate};
pub(super) use reading::open_to_read;
pub use reading::{MissingPart, ReadOnlyStore};

/// Takes the write lock at once: a transaction that upgrades from reading fails under load.
pub(super) const BEGIN_WRITING: &str = "BEGIN IMMEDIATE";

/// Keeps to one state of the database.
pub(super) const BEGIN_READING: &str = "BEGIN";

/// The first `SQLite` version without the WAL-reset bug, which can damage a database.
const NEEDED: [u32; 3] = [3, 51, 3];

/// The columns of a table: name, type, and position in the primary key.
pub(super) const COLUMNS: &str =
    "SELECT name, type AS kind, pk AS key FROM pragma_table_info($1) ORDER BY cid";

/// The connections for reading.
const READERS: u32 = 4;

/// The name of a database without a file.
const IN_MEMORY: &str = "in memory";

/// The timeout for a connection from the pool.
pub(super) const TURN: Duration = Duration::from_secs(30);

/// Options for opening a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The timeout for other processes' write locks.
    pub busy_timeout: Duration,
    /// Whether the file must not be written. The store needs to write, so this ends in [`StoreError::ReadOnly`].
    pub read_only: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            busy_timeout: Duration::from_secs(5),
            read_only: false,
        }
    }
}

pub(super) async fn open(path: &Path, options: Options) -> StoreResult<Store> {
    let database: Arc<str> = path.display().to_string().into();
    let cannot = |reason: String| StoreError::cannot_open(&database, reason);
    let path = std::path::absolute(path).map_err(|error| cannot(error.kind().to_string()))?;
    check_place(&path, &database)?;
    check_whole(&path, &database)?;
    check_nothing_left(&path, &database)?;
    check_no_copy(&path, &database)?;
    if !options.read_only {
        create_private(&path);
    }
    let mode = if options.read_only { "ro" } else { "rwc" };
    let url = url(&path, mode).ok_or_else(|| cannot("its path is not Unicode".to_owned()))?;
    let explain = |error| {
        let explained = StoreError::explain(error, &database);
        if matches!(explained, StoreError::CannotOpen { .. }) {
            return cannot(why_not(&path));
        }
        explained
    };
    let to = connect_options(&url).map_err(explain)?;
    // Without the pool, which retries for a long time after any error.
    let mut first = to.connect().await.map_err(explain)?;
    let prepared = prepare(&mut first, options.busy_timeout, &database).await;
    if let Err(error) = prepared {
        let _ = first.close().await;
        return Err(error);
    }
    // The file exists now: if it is deleted while the program runs, it must not be silently recreated.
    let later = if options.read_only { "ro" } else { "rw" };
    let to = match self::url(&path, later) {
        Some(url) => connect_options(&url).map_err(explain)?,
        None => to,
    };
    let writer = pool(wait_pragma(options.busy_timeout) + UNDO_IN_MEMORY).max_connections(1);
    let writer = Connections::to_file(writer.connect_lazy_with(to.clone()), 1);
    let reader = pool(wait_pragma(options.busy_timeout)).max_connections(READERS);
    let reader = Connections::to_file(reader.connect_lazy_with(to), READERS);
    let alarm = Alarm::of_file(&path, writer.clone());
    // From here on this process holds the file's locks, so the file cannot be replaced unnoticed; one replaced before this point
    // was not opened here.
    let opened = identity(&path);
    let held = writer.acquire().await.map_err(explain)?;
    drop(held);
    check_whole(&path, &database)?;
    if identity(&path) != opened {
        return Err(StoreError::HalfRestored { database });
    }
    first.close().await.map_err(explain)?;
    let mut store = Store::on(writer, reader, alarm, database);
    store.share_commits();
    store.file = Some(OpenFile::new(path, opened));
    Ok(store)
}

pub(super) async fn in_memory() -> StoreResult<Store> {
    let database: Arc<str> = IN_MEMORY.into();
    let explain = |error| StoreError::explain(error, &database);
    let busy_timeout = Options::default().busy_timeout;
    let to = connect_options("sqlite::memory:").map_err(explain)?;
    let writer = pool(wait_pragma(busy_timeout))
        .max_connections(1)
        .connect_lazy_with(to);
    let mut first = writer.acquire().await.map_err(explain)?;
    prepare(&mut first, busy_timeout, &database).await?;
    drop(first);
    let writer = Connections::to_file(writer, 1);
    Ok(Store::on(writer.clone(), writer, Alarm::alone(), database))
}

fn check_place(path: &Path, database: &Arc<str>) -> StoreResult<()> {
    let there = path.metadata().ok().filter(|there| !there.is_file());
    if let Some(there) = there {
        let database = Arc::clone(database);
        return Err(match there.is_dir() {
            true => StoreError::Directory { database },
            false => StoreError::NoFile { database },
        });
    }
    let Some(directory) = path.parent() else {
        return Ok(());
    };
    match directory.metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Err(StoreError::cannot_open(database, error.kind().to_string()))
        }
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) | Err(_) => Err(StoreError::NoDirectory {
            directory: directory.display().to_string(),
        }),
    }
}

/// Creates a missing file, which only its owner may read: `SQLite` gives the files beside it the same mode. An error is explained
/// by opening it.
fn create_private(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let _ = options.open(path);
}

/// The operating system's reason why a file cannot be opened.
fn why_not(path: &Path) -> String {
    let tried = std::fs::OpenOptions::new().read(true).open(path);
    match tried.map_err(|error| error.kind()) {
        Err(std::io::ErrorKind::NotFound) => "the file cannot be created there".to_owned(),
        Err(kind) => kind.to_string(),
        Ok(_) => "it cannot be written to".to_owned(),
    }
}

/// The URL of a file. All characters except letters and digits are encoded, slashes included, so that none is parsed as a query,
/// fragment, host or parent directory.
fn url(path: &Path, mode: &str) -> Option<String> {
    let path = percent_encode(path.to_str()?.as_bytes(), NON_ALPHANUMERIC);
    Some(format!("sqlite:{path}?mode={mode}"))
}

fn connect_options(url: &str) -> sqlx::Result<AnyConnectOptions> {
    sqlx::any::install_default_drivers();
    // Statement logging is not read, and has a cost per statement.
    Ok(url
        .parse::<AnyConnectOptions>()?
        .disable_statement_logging())
}

/// The pragma needs no access to the file, so a connection never fails on it: the pool would retry a failing connection until its
/// timeout and hide the reason. Connections have the other settings (`synchronous = FULL`, foreign keys) by default, which a test
/// checks.
fn wait_pragma(busy_timeout: Duration) -> String {
    format!("PRAGMA busy_timeout = {};", busy_timeout.as_millis())
}

/// Keeps the statement journal in memory: otherwise a statement that writes several rows first copies each touched page to a
/// file. Readers, which may sort a lot, use files.
const UNDO_IN_MEMORY: &str = " PRAGMA temp_store = MEMORY;";

/// Connections live as long as the store: closing one would drop an in-memory database.
fn pool(pragmas: String) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .acquire_timeout(TURN)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            let pragmas = AssertSqlSafe(pragmas.clone());
            Box::pin(async move {
                sqlx::raw_sql(pragmas).execute(connection).await?;
                Ok(())
            })
        })
        .after_release(|connection, _| Box::pin(undo(connection)))
}

/// Rolls back the transaction that is open, if any. `false` for a connection that cannot be used again.
async fn undo(connection: &mut AnyConnection) -> sqlx::Result<bool> {
    let undone = sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await;
    // It fails where none is open: it was committed, or `SQLite` has rolled it back by itself, for example on a full disk. Where
    // one is open, none begins.
    let again = || sqlx::raw_sql("BEGIN; ROLLBACK").execute(connection);
    Ok(undone.is_ok() || again().await.is_ok())
}

/// Checks the database before any write, then applies migrations.
async fn prepare(
    connection: &mut AnyConnection,
    busy_timeout: Duration,
    database: &Arc<str>,
) -> StoreResult<()> {
    pragma(connection, wait_pragma(busy_timeout), database).await?;
    check_version(connection, database).await?;
    check_owner(connection, database).await?;
    check_state(connection, database).await?;
    enter_wal(connection, database).await?;
    migrate(connection, database).await
}

/// How often a change of the journal mode is tried, each time after another writer has ended.
const WAL_ATTEMPTS: u32 = 100;

/// Changes the journal mode. `SQLite` reads before it writes there, and never waits for a write lock while it reads: another process
/// that makes the database at the same moment would end this one. A transaction of its own waits for that process.
async fn enter_wal(connection: &mut AnyConnection, database: &Arc<str>) -> StoreResult<()> {
    let mut attempts = 0;
    loop {
        let changed = pragma(connection, "PRAGMA journal_mode = WAL".to_owned(), database).await;
        attempts += 1;
        match changed {
            Err(StoreError::Locked { .. }) if attempts < WAL_ATTEMPTS => {
                pragma(connection, format!("{BEGIN_WRITING}; COMMIT"), database).await?;
            }
            Ok(()) | Err(_) => return changed,
        }
    }
}

async fn pragma(
    connection: &mut AnyConnection,
    text: String,
    database: &Arc<str>,
) -> StoreResult<()> {
    let done = sqlx::raw_sql(AssertSqlSafe(text)).execute(connection).await;
    done.map(drop)
        .map_err(|error| StoreError::explain(error, database))
}

async fn check_version(connection: &mut AnyConnection, database: &Arc<str>) -> StoreResult<()> {
    let found: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(connection)
        .await
        .map_err(|error| StoreError::explain(error, database))?;
    if is_sound(&found) {
        return Ok(());
    }
    Err(StoreError::OldSqlite {
        found,
        needed: NEEDED.map(|part| part.to_string()).join("."),
    })
}

fn is_sound(version: &str) -> bool {
    let parts = version.split('.').map(str::parse::<u32>);
    let parts: Result<Vec<u32>, _> = parts.collect();
    parts.is_ok_and(|parts| parts.as_slice() >= NEEDED.as_slice())
}

/// A file with tables but without migrations belongs to another program.
async fn check_owner(connection: &mut AnyConnection, database: &Arc<str>) -> StoreResult<()> {
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
            .fetch_all(connection)
            .await
            .map_err(|error| StoreError::explain(error, database))?;
    if tables.is_empty() || tables.iter().any(|name| name == "_sqlx_migrations") {
        return Ok(());
    }
    Err(StoreError::Foreign {
        database: Arc::clone(database),
    })
}

/// The error for a result code, if there is a specific one. See <https://sqlite.org/rescode.html>.
pub(super) fn explain_code(code: &str, database: &Arc<str>) -> Option<StoreError> {
    // The lower byte is the primary code.
    let kind = code.parse::<u32>().ok()? & 0xff;
    // Without room for its auxiliary files, `SQLite` reports only an I/O error or that the file cannot be opened.
    let kind = match kind {
        10 | 14 => room::without(database).map_or(kind, room::Lack::code),
        kind => kind,
    };
    let database = Arc::clone(database);
    match kind {
        5 | 6 => Some(StoreError::Locked { database }),
        8 => Some(StoreError::ReadOnly { database }),
        11 => Some(StoreError::Corrupt { database }),
        13 => Some(StoreError::DiskFull { database }),
        14 | 3 | 23 => Some(StoreError::cannot_open(&database, "it is not accessible")),
        10 => Some(StoreError::DiskError { database }),
        26 => Some(StoreError::NotADatabase { database }),
        _ => None,
    }
}

/// The rows written by a connection since it was opened, triggers included.
const WRITTEN: &str = "SELECT total_changes()";

impl System<'_> {
    /// The rows written by triggers so far, in addition to those of statements.
    pub async fn rows_by_triggers(&self) -> StoreResult<u64> {
        if self.0.engine == Engine::Postgres {
            return Ok(0);
        }
        let mut tx = self.write().await?;
        let rows = tx.all(super::sql::rows::<(i64,)>(WRITTEN)).await?;
        let all: i64 = rows.into_iter().map(|(rows,)| rows).sum();
        let all = u64::try_from(all).unwrap_or_default();
        Ok(all.saturating_sub(self.0.tally().rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        for sound in ["3.51.3", "3.52.0", "3.100.1", "4.0.0"] {
            assert!(is_sound(sound), "{sound}");
        }
        for unsound in ["3.51.2", "3.9.9", "3.51", "what"] {
            assert!(!is_sound(unsound), "{unsound}");
        }
    }

    #[test]
    fn codes_have_their_meaning() {
        let database: Arc<str> = "warden.db".into();
        let said = |code: &str| explain_code(code, &database).map(|error| error.to_string());
        assert!(said("13").unwrap().contains("is full"));
        assert!(said("517").unwrap().contains("locked"));
        assert!(said("1032").unwrap().contains("read-only"));
        assert!(said("267").unwrap().contains("damaged"));
        assert_eq!(said("2067"), None);
        assert_eq!(said("words"), None);
    }

    #[tokio::test]
    async fn a_connection_has_from_the_start_what_a_write_needs() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("warden.db");
        let store = open(&path, Options::default()).await.unwrap();
        let mut held = store.writer.acquire().await.unwrap();
        for (pragma, wanted) in [("synchronous", 2_i64), ("foreign_keys", 1)] {
            let text = AssertSqlSafe(format!("PRAGMA {pragma}"));
            let held: i64 = sqlx::query_scalar(text)
                .fetch_one(held.connection().unwrap())
                .await
                .unwrap();
            assert_eq!(held, wanted, "{pragma}");
        }
    }

    #[tokio::test]
    async fn it_is_compiled_with_the_flags_of_this_project() {
        let store = in_memory().await.unwrap();
        let options: Vec<String> = sqlx::query_scalar("PRAGMA compile_options")
            .fetch_all(store.writer.acquire().await.unwrap().connection().unwrap())
            .await
            .unwrap();
        let are_there = |wanted: &str| options.iter().any(|option| option == wanted);
        assert!(
            are_there("ENABLE_QPSG") && !are_there("ENABLE_FTS5"),
            "SQLite was built without the flags of .cargo/config.toml: build within the project's directory"
        );
    }

    /// No further pages: writes that need more meet a full disk.
    const NO_MORE: &str = "PRAGMA max_page_count = 1";

    #[tokio::test]
    async fn once_there_is_room_again_it_writes_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("warden.db");
        let store = open(&path, Options::default()).await.unwrap();
        let fill = "INSERT INTO workspace (workspace, next_change, tracked, open_changes, events) \
             SELECT hex(randomblob(4000)), 1, 0, 0, 0 FROM \
             (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT i FROM n)";
        let mut tx = store.write(&"w".into()).await.unwrap();
        tx.run(crate::store::sql::statement(NO_MORE)).await.unwrap();
        let full = tx
            .run(crate::store::sql::statement(fill))
            .await
            .unwrap_err();
        assert!(matches!(full, StoreError::DiskFull { .. }), "{full:?}");
        drop(tx);
        for _ in 0..3 {
            let mut tx = store.write(&"w".into()).await.unwrap();
            let room = crate::store::sql::statement("PRAGMA max_page_count = 1000000");
            tx.run(room).await.unwrap();
            tx.run(crate::store::sql::statement(fill)).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_transaction_that_was_ended_from_within_ends_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("warden.db");
        let store = open(&path, Options::default()).await.unwrap();
        let statement = crate::store::sql::statement;
        let mut tx = store.write(&"w".into()).await.unwrap();
        let trap =
            "CREATE TRIGGER trap BEFORE INSERT ON workspace BEGIN SELECT RAISE(ROLLBACK, 'x'); END";
        tx.run(statement(trap)).await.unwrap();
        tx.commit().await.unwrap();
        let insert = "INSERT INTO workspace (workspace, next_change, tracked, open_changes, events) \
             VALUES ('one', 1, 0, 0, 0)";
        for _ in 0..3 {
            let mut tx = store.write(&"w".into()).await.unwrap();
            tx.run(statement(insert)).await.unwrap_err();
        }
        let mut tx = store.write(&"w".into()).await.unwrap();
        tx.run(statement("DROP TRIGGER trap")).await.unwrap();
        tx.run(statement(insert)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.system().workspaces().await.unwrap(), ["one".into()]);
    }

    #[test]
    fn nothing_in_a_path_is_read_as_part_of_an_address() {
        let url = url(Path::new("/a b/../c?d#e%20.db"), "rwc").unwrap();
        assert_eq!(
            url,
            "sqlite:%2Fa%20b%2F%2E%2E%2Fc%3Fd%23e%2520%2Edb?mode=rwc"
        );
    }
}
