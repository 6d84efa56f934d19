//! The migrations of a `SQLite` database.

use std::sync::Arc;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, SqlSafeStr};

use super::super::StoreError;
use super::BEGIN_WRITING;

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
pub const MIGRATIONS: &[SqliteMigration] = &[
    SqliteMigration {
        version: 1,
        file: "0001_init.sql",
        text: include_str!("../../../migrations/sqlite/0001_init.sql"),
    },
    SqliteMigration {
        version: 2,
        file: "0002_glossary.sql",
        text: include_str!("../../../migrations/sqlite/0002_glossary.sql"),
    },
    SqliteMigration {
        version: 3,
        file: "0003_instance_by_age.sql",
        text: include_str!("../../../migrations/sqlite/0003_instance_by_age.sql"),
    },
    SqliteMigration {
        version: 4,
        file: "0004_restoration.sql",
        text: include_str!("../../../migrations/sqlite/0004_restoration.sql"),
    },
];

/// The checksum of the first migration of the versions before the first release, of which the one of now is no later state.
const UNRELEASED: &str = "cef1c4531349b4767c33154fc368c1bb6e45aac9c4eb7275344bc4757c4950ceb7017f41bbd3809eec8fb046f7352e78";

/// Refuses a database of a version before the first release.
pub(super) async fn check_state(
    connection: &mut AnyConnection,
    database: &Arc<str>,
) -> Result<(), StoreError> {
    let first =
        "SELECT COUNT(*) FROM _sqlx_migrations WHERE version = 1 AND lower(hex(checksum)) = $1";
    let found: sqlx::Result<i64> = sqlx::query_scalar(first)
        .bind(UNRELEASED)
        .fetch_one(connection)
        .await;
    match found {
        Ok(1..) => Err(StoreError::Unreleased {
            database: Arc::clone(database),
        }),
        // Whatever else is wrong shows, and is explained, when the migrations run.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Shows whether the file can be written: beginning to write does not.
const WRITE_NOTHING: &str = "DELETE FROM workspace WHERE workspace IS NULL";

/// Runs what is missing, all or nothing.
pub(super) async fn migrate(
    connection: &mut AnyConnection,
    database: &Arc<str>,
) -> Result<(), StoreError> {
    if is_current(connection).await {
        return probe(connection, database).await;
    }
    let explain = |error| StoreError::explain(error, database);
    let begun = connection.begin_with(BEGIN_WRITING).await;
    let mut transaction = begun.map_err(explain)?;
    let run = migrator().run_direct(None, &mut *transaction, false).await;
    run.map_err(|error| explain_migration(error, database))?;
    sqlx::raw_sql(WRITE_NOTHING)
        .execute(&mut *transaction)
        .await
        .map_err(explain)?;
    transaction.commit().await.map_err(explain)
}

/// Whether exactly the known migrations have run. Reads only, so that it waits for nobody who writes.
async fn is_current(connection: &mut AnyConnection) -> bool {
    let run: Vec<(i64, Vec<u8>)> = sqlx::query_as(
        "SELECT version, checksum FROM _sqlx_migrations WHERE success ORDER BY version",
    )
    .fetch_all(connection)
    .await
    // Whatever is wrong shows, and is explained, when the migrations run.
    .unwrap_or_default();
    run.into_iter().eq(known())
}

/// The migrations that are known, each with its checksum.
pub(super) fn known() -> impl Iterator<Item = (i64, Vec<u8>)> {
    let known: Vec<_> = migrator()
        .iter()
        .map(|migration| (migration.version, migration.checksum.to_vec()))
        .collect();
    known.into_iter()
}

/// Finds out whether the file can be written, without waiting: while somebody else writes, reading is enough to start.
async fn probe(connection: &mut AnyConnection, database: &Arc<str>) -> Result<(), StoreError> {
    let text = format!("PRAGMA busy_timeout = 0; {BEGIN_WRITING}; {WRITE_NOTHING}; COMMIT;");
    let probed = sqlx::raw_sql(AssertSqlSafe(text)).execute(connection).await;
    match probed.map_err(|error| StoreError::explain(error, database)) {
        Ok(_) | Err(StoreError::Locked { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

fn migrator() -> Migrator {
    let each = MIGRATIONS.iter().map(|migration| {
        let name = migration.file.into();
        let text = migration.text.into_sql_str();
        Migration::new(migration.version, name, MigrationType::Simple, text, false)
    });
    Migrator::with_migrations(each.collect())
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the library reserves the right to add errors"
)]
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
