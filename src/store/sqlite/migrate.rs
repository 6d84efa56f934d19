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
        file: "0002_audit.sql",
        text: include_str!("../../../migrations/sqlite/0002_audit.sql"),
    },
    SqliteMigration {
        version: 3,
        file: "0003_outbox.sql",
        text: include_str!("../../../migrations/sqlite/0003_outbox.sql"),
    },
    SqliteMigration {
        version: 4,
        file: "0004_approvals.sql",
        text: include_str!("../../../migrations/sqlite/0004_approvals.sql"),
    },
    SqliteMigration {
        version: 5,
        file: "0005_reminders.sql",
        text: include_str!("../../../migrations/sqlite/0005_reminders.sql"),
    },
    SqliteMigration {
        version: 6,
        file: "0006_notices.sql",
        text: include_str!("../../../migrations/sqlite/0006_notices.sql"),
    },
    SqliteMigration {
        version: 7,
        file: "0007_intake.sql",
        text: include_str!("../../../migrations/sqlite/0007_intake.sql"),
    },
    SqliteMigration {
        version: 8,
        file: "0008_settings.sql",
        text: include_str!("../../../migrations/sqlite/0008_settings.sql"),
    },
    SqliteMigration {
        version: 9,
        file: "0009_cards.sql",
        text: include_str!("../../../migrations/sqlite/0009_cards.sql"),
    },
    SqliteMigration {
        version: 10,
        file: "0010_watch.sql",
        text: include_str!("../../../migrations/sqlite/0010_watch.sql"),
    },
    SqliteMigration {
        version: 11,
        file: "0011_upload.sql",
        text: include_str!("../../../migrations/sqlite/0011_upload.sql"),
    },
    SqliteMigration {
        version: 12,
        file: "0012_wordings.sql",
        text: include_str!("../../../migrations/sqlite/0012_wordings.sql"),
    },
    SqliteMigration {
        version: 13,
        file: "0013_approvals.sql",
        text: include_str!("../../../migrations/sqlite/0013_approvals.sql"),
    },
    SqliteMigration {
        version: 14,
        file: "0014_names.sql",
        text: include_str!("../../../migrations/sqlite/0014_names.sql"),
    },
    SqliteMigration {
        version: 15,
        file: "0015_imports.sql",
        text: include_str!("../../../migrations/sqlite/0015_imports.sql"),
    },
    SqliteMigration {
        version: 16,
        file: "0016_concerns.sql",
        text: include_str!("../../../migrations/sqlite/0016_concerns.sql"),
    },
    SqliteMigration {
        version: 17,
        file: "0017_taught.sql",
        text: include_str!("../../../migrations/sqlite/0017_taught.sql"),
    },
    SqliteMigration {
        version: 18,
        file: "0018_heard.sql",
        text: include_str!("../../../migrations/sqlite/0018_heard.sql"),
    },
    SqliteMigration {
        version: 20,
        file: "0020_todo.sql",
        text: include_str!("../../../migrations/sqlite/0020_todo.sql"),
    },
    SqliteMigration {
        version: 21,
        file: "0021_workspace.sql",
        text: include_str!("../../../migrations/sqlite/0021_workspace.sql"),
    },
    SqliteMigration {
        version: 22,
        file: "0022_documents.sql",
        text: include_str!("../../../migrations/sqlite/0022_documents.sql"),
    },
    SqliteMigration {
        version: 23,
        file: "0023_schedule.sql",
        text: include_str!("../../../migrations/sqlite/0023_schedule.sql"),
    },
    SqliteMigration {
        version: 30,
        file: "0030_resting.sql",
        text: include_str!("../../../migrations/sqlite/0030_resting.sql"),
    },
    SqliteMigration {
        version: 31,
        file: "0031_retention.sql",
        text: include_str!("../../../migrations/sqlite/0031_retention.sql"),
    },
];

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
