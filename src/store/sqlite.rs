//! What only `SQLite` can say: how a file is opened, pragmas, error codes, migrations.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, AnyPool, Connection, SqlSafeStr};

use super::{Store, StoreError};

/// Takes the write lock at once: a transaction that reads first and asks for it later fails under load.
pub(super) const BEGIN_WRITING: &str = "BEGIN IMMEDIATE";

/// The first `SQLite` without the WAL-reset fault, which can damage a database.
const NEEDED: [u32; 3] = [3, 51, 3];

/// Connections that read at the same time.
const READERS: u32 = 4;

/// How long a transaction waits for a connection of its own process.
const TURN: Duration = Duration::from_secs(30);

/// A numbered script that brings the database up to date.
#[derive(Debug, Clone, Copy)]
pub struct SqliteMigration {
    /// Its number; scripts run in this order.
    pub version: i64,
    /// The name of its file.
    pub file: &'static str,
    /// What it says. Never edited once released: the database remembers its checksum.
    pub text: &'static str,
}

/// Every migration, in order.
pub const MIGRATIONS: &[SqliteMigration] = &[SqliteMigration {
    version: 1,
    file: "0001_init.sql",
    text: include_str!("../../migrations/sqlite/0001_init.sql"),
}];

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How long to wait for another process that is writing.
    pub busy_timeout: Duration,
    /// Whether the file must not be touched. The store needs to write, so this ends in [`StoreError::ReadOnly`].
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

pub(super) async fn open(path: &Path, options: Options) -> Result<Store, StoreError> {
    let database: Arc<str> = path.display().to_string().into();
    let cannot = |reason: String| StoreError::CannotOpen {
        database: Arc::clone(&database),
        reason,
    };
    let path = std::path::absolute(path).map_err(|error| cannot(error.kind().to_string()))?;
    check_place(&path, &database)?;
    let mode = if options.read_only { "ro" } else { "rwc" };
    let url = url(&path, mode).ok_or_else(|| cannot("its path is not Unicode".to_owned()))?;
    let writer = pool(options.busy_timeout).max_connections(1);
    let writer = connect(writer, &url).await;
    let writer = writer.map_err(|error| match StoreError::explain(error, &database) {
        StoreError::CannotOpen { .. } => cannot(why_not(&path)),
        other => other,
    })?;
    if let Err(error) = prepare(&writer, &database).await {
        writer.close().await;
        return Err(error);
    }
    let reader = pool(options.busy_timeout).max_connections(READERS);
    let reader = connect_options(&url).map(|to| reader.connect_lazy_with(to));
    Ok(Store {
        writer,
        reader: reader.map_err(|error| StoreError::explain(error, &database))?,
        database,
    })
}

pub(super) async fn in_memory() -> Result<Store, StoreError> {
    let database: Arc<str> = "in memory".into();
    let options = pool(Options::default().busy_timeout)
        .max_connections(1)
        .min_connections(1);
    let writer = connect(options, "sqlite::memory:").await;
    let writer = writer.map_err(|error| StoreError::explain(error, &database))?;
    prepare(&writer, &database).await?;
    let reader = writer.clone();
    Ok(Store {
        writer,
        reader,
        database,
    })
}

fn check_place(path: &Path, database: &Arc<str>) -> Result<(), StoreError> {
    if path.is_dir() {
        return Err(StoreError::CannotOpen {
            database: Arc::clone(database),
            reason: "it is a directory".to_owned(),
        });
    }
    match path.parent() {
        Some(directory) if !directory.is_dir() => Err(StoreError::NoDirectory {
            directory: directory.display().to_string(),
        }),
        _ => Ok(()),
    }
}

/// What the operating system says of a file that cannot be opened.
fn why_not(path: &PathBuf) -> String {
    let tried = std::fs::OpenOptions::new().read(true).open(path);
    match tried.map_err(|error| error.kind()) {
        Err(std::io::ErrorKind::NotFound) => "the file cannot be created there".to_owned(),
        Err(kind) => kind.to_string(),
        Ok(_) => "it cannot be written to".to_owned(),
    }
}

/// The address of a file. Everything but letters and digits is encoded, slashes too, so that nothing is read as a query,
/// a fragment, a host or a step up.
fn url(path: &Path, mode: &str) -> Option<String> {
    let path = percent_encode(path.to_str()?.as_bytes(), NON_ALPHANUMERIC);
    Some(format!("sqlite:{path}?mode={mode}"))
}

fn connect_options(url: &str) -> sqlx::Result<AnyConnectOptions> {
    sqlx::any::install_default_drivers();
    url.parse()
}

async fn connect(options: AnyPoolOptions, url: &str) -> sqlx::Result<AnyPool> {
    options.connect_with(connect_options(url)?).await
}

/// Connections live as long as the store: one that were closed would take a database in memory with it.
fn pool(busy_timeout: Duration) -> AnyPoolOptions {
    let busy_ms = busy_timeout.as_millis();
    let pragmas = format!(
        "PRAGMA busy_timeout = {busy_ms}; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;"
    );
    AnyPoolOptions::new()
        .acquire_timeout(TURN)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            let pragmas = sqlx::AssertSqlSafe(pragmas.clone());
            Box::pin(async move {
                sqlx::raw_sql(pragmas).execute(connection).await?;
                Ok(())
            })
        })
}

/// Checks what was opened before anything is written, then brings it up to date.
async fn prepare(pool: &AnyPool, database: &Arc<str>) -> Result<(), StoreError> {
    let explain = |error| StoreError::explain(error, database);
    let mut connection = pool.acquire().await.map_err(explain)?;
    check_version(&mut connection, database).await?;
    check_owner(&mut connection, database).await?;
    sqlx::raw_sql("PRAGMA journal_mode = WAL")
        .execute(&mut *connection)
        .await
        .map_err(explain)?;
    migrate(&mut connection, database).await
}

async fn check_version(
    connection: &mut AnyConnection,
    database: &Arc<str>,
) -> Result<(), StoreError> {
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

/// A file that has tables, but no migrations, is another program's.
async fn check_owner(
    connection: &mut AnyConnection,
    database: &Arc<str>,
) -> Result<(), StoreError> {
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

/// Runs what is missing, all or nothing. Deleting no row shows whether the file can be written: beginning to write does not.
async fn migrate(connection: &mut AnyConnection, database: &Arc<str>) -> Result<(), StoreError> {
    let explain = |error| StoreError::explain(error, database);
    let begun = connection.begin_with(BEGIN_WRITING).await;
    let mut transaction = begun.map_err(explain)?;
    let run = migrator().run_direct(None, &mut *transaction, false).await;
    run.map_err(|error| explain_migration(error, database))?;
    sqlx::raw_sql("DELETE FROM workspace WHERE workspace IS NULL")
        .execute(&mut *transaction)
        .await
        .map_err(explain)?;
    transaction.commit().await.map_err(explain)
}

fn migrator() -> Migrator {
    let each = MIGRATIONS.iter().map(|migration| {
        let name = migration.file.into();
        let text = migration.text.into_sql_str();
        Migration::new(migration.version, name, MigrationType::Simple, text, false)
    });
    Migrator::with_migrations(each.collect())
}

fn explain_migration(error: MigrateError, database: &Arc<str>) -> StoreError {
    let known = MIGRATIONS.last().map_or(0, |last| last.version);
    let database = Arc::clone(database);
    match error {
        MigrateError::VersionMissing(found) if found > known => StoreError::Newer {
            database,
            found,
            known,
        },
        MigrateError::VersionMissing(migration)
        | MigrateError::VersionMismatch(migration)
        | MigrateError::Dirty(migration) => StoreError::Different {
            database,
            migration,
        },
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            StoreError::explain(error, &database)
        }
        other => StoreError::Broken(other.into()),
    }
}

/// What a result code means for people, where it means something to them. See <https://sqlite.org/rescode.html>.
pub(super) fn explain_code(code: &str, database: &Arc<str>) -> Option<StoreError> {
    let database = Arc::clone(database);
    // The lower byte is the kind, the rest says more.
    match code.parse::<u32>().ok()? & 0xff {
        5 | 6 => Some(StoreError::Locked { database }),
        8 => Some(StoreError::ReadOnly { database }),
        11 => Some(StoreError::Corrupt { database }),
        13 => Some(StoreError::DiskFull { database }),
        14 | 3 | 23 => Some(StoreError::CannotOpen {
            database,
            reason: "it is not accessible".to_owned(),
        }),
        10 => Some(StoreError::DiskError { database }),
        26 => Some(StoreError::NotADatabase { database }),
        _ => None,
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

    #[test]
    fn nothing_in_a_path_is_read_as_part_of_an_address() {
        let url = url(Path::new("/a b/../c?d#e%20.db"), "rwc").unwrap();
        assert_eq!(
            url,
            "sqlite:%2Fa%20b%2F%2E%2E%2Fc%3Fd%23e%2520%2Edb?mode=rwc"
        );
    }
}
