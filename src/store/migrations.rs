//! Numbered scripts that bring a database up to date, whichever it is.

use std::sync::Arc;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, SqlSafeStr as _};

use super::StoreError;

/// A numbered script that brings the database up to date.
#[derive(Debug, Clone, Copy)]
pub struct MigrationScript {
    /// Its number; scripts run in this order.
    pub version: i64,
    /// The name of its file.
    pub file: &'static str,
    /// What it says. Never edited once released: the database remembers its checksum.
    pub text: &'static str,
}

/// The scripts that have run, with their checksums.
pub(super) const HAVE_RUN: &str =
    "SELECT version, checksum FROM _sqlx_migrations WHERE success ORDER BY version";

/// All scripts of a kind of database, in order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scripts(pub(super) &'static [MigrationScript]);

impl Scripts {
    /// The number of the latest one.
    pub(super) fn latest(self) -> i64 {
        self.0.last().map_or(0, |last| last.version)
    }

    pub(super) fn migrator(self) -> Migrator {
        let each = self.0.iter().map(|script| {
            let name = script.file.into();
            let text = script.text.into_sql_str();
            Migration::new(script.version, name, MigrationType::Simple, text, false)
        });
        Migrator::with_migrations(each.collect())
    }

    /// Each with its checksum.
    pub(super) fn known(self) -> impl Iterator<Item = (i64, Vec<u8>)> {
        let known: Vec<_> = self
            .migrator()
            .iter()
            .map(|migration| (migration.version, migration.checksum.to_vec()))
            .collect();
        known.into_iter()
    }

    /// Whether exactly these have run. Reads only, so that it waits for nobody who writes.
    pub(super) async fn are_current(self, connection: &mut AnyConnection) -> bool {
        let run: Vec<(i64, Vec<u8>)> = sqlx::query_as(HAVE_RUN)
            .fetch_all(connection)
            .await
            // Whatever is wrong shows, and is explained, when the migrations run.
            .unwrap_or_default();
        run.into_iter().eq(self.known())
    }

    /// Why they did not run.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the library reserves the right to add errors"
    )]
    pub(super) fn explain(self, error: MigrateError, database: &Arc<str>) -> StoreError {
        let database = Arc::clone(database);
        match error {
            MigrateError::VersionMissing(found) if found > self.latest() => StoreError::Newer {
                database,
                found,
                known: self.latest(),
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
}
