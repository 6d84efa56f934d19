//! Numbered migration scripts, for every kind of database.

use std::sync::Arc;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, SqlSafeStr as _};

use super::StoreError;

#[derive(Debug, Clone, Copy)]
pub struct MigrationScript {
    /// Its number, which determines the order.
    pub version: i64,
    pub file: &'static str,
    /// Its SQL. Never edited after a release: the database stores its checksum.
    pub text: &'static str,
}

/// The applied scripts with their checksums.
pub(super) const HAVE_RUN: &str =
    "SELECT version, checksum FROM _sqlx_migrations WHERE success ORDER BY version";

/// All scripts for a kind of database, in order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scripts(pub(super) &'static [MigrationScript]);

impl Scripts {
    /// The number of the latest script.
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

    /// The scripts with their checksums.
    pub(super) fn known(self) -> impl Iterator<Item = (i64, Vec<u8>)> {
        let known: Vec<_> = self
            .migrator()
            .iter()
            .map(|migration| (migration.version, migration.checksum.to_vec()))
            .collect();
        known.into_iter()
    }

    /// Whether exactly these scripts are applied. Read-only, so it waits for no writer.
    pub(super) async fn are_current(self, connection: &mut AnyConnection) -> bool {
        let run: Vec<(i64, Vec<u8>)> = sqlx::query_as(HAVE_RUN)
            .fetch_all(connection)
            .await
            // Any error shows again, and is explained, when the migrations run.
            .unwrap_or_default();
        run.into_iter().eq(self.known())
    }

    /// The reason why they failed.
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
