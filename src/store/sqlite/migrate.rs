//! The migrations of a `SQLite` database.

use std::sync::Arc;

use sqlx::{AnyConnection, AssertSqlSafe, Connection};

use super::BEGIN_WRITING;
use crate::store::migrations::{MigrationScript, Scripts};
use crate::store::{StoreError, StoreResult};

/// All migrations, in order.
pub const MIGRATIONS: &[MigrationScript] = &[
    MigrationScript {
        version: 1,
        file: "0001_init.sql",
        text: include_str!("../../../migrations/sqlite/0001_init.sql"),
    },
    MigrationScript {
        version: 2,
        file: "0002_glossary.sql",
        text: include_str!("../../../migrations/sqlite/0002_glossary.sql"),
    },
    MigrationScript {
        version: 3,
        file: "0003_instance_by_age.sql",
        text: include_str!("../../../migrations/sqlite/0003_instance_by_age.sql"),
    },
    MigrationScript {
        version: 4,
        file: "0004_restoration.sql",
        text: include_str!("../../../migrations/sqlite/0004_restoration.sql"),
    },
    MigrationScript {
        version: 5,
        file: "0005_instance_by_lower_case.sql",
        text: include_str!("../../../migrations/sqlite/0005_instance_by_lower_case.sql"),
    },
    MigrationScript {
        version: 6,
        file: "0006_import_accounts.sql",
        text: include_str!("../../../migrations/sqlite/0006_import_accounts.sql"),
    },
    MigrationScript {
        version: 7,
        file: "0007_unnamed_gone.sql",
        text: include_str!("../../../migrations/sqlite/0007_unnamed_gone.sql"),
    },
    MigrationScript {
        version: 8,
        file: "0008_by_message.sql",
        text: include_str!("../../../migrations/sqlite/0008_by_message.sql"),
    },
];

pub(in crate::store) const SCRIPTS: Scripts = Scripts(MIGRATIONS);

/// The checksum of the first migration before the first release, from which there is no upgrade path.
const UNRELEASED: &str = "cef1c4531349b4767c33154fc368c1bb6e45aac9c4eb7275344bc4757c4950ceb7017f41bbd3809eec8fb046f7352e78";

/// Rejects a database from before the first release.
pub(super) async fn check_state(
    connection: &mut AnyConnection,
    database: &Arc<str>,
) -> StoreResult<()> {
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
        // Any other error shows, and is explained, when the migrations run.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Tests whether the file is writable, which beginning a write transaction does not.
const WRITE_NOTHING: &str = "DELETE FROM workspace WHERE workspace IS NULL";

/// Applies missing migrations, all or none.
pub(super) async fn migrate(
    connection: &mut AnyConnection,
    database: &Arc<str>,
) -> StoreResult<()> {
    if SCRIPTS.are_current(connection).await {
        return probe(connection, database).await;
    }
    let explain = |error| StoreError::explain(error, database);
    let begun = connection.begin_with(BEGIN_WRITING).await;
    let mut transaction = begun.map_err(explain)?;
    let run = SCRIPTS
        .migrator()
        .run_direct(None, &mut *transaction, false)
        .await;
    run.map_err(|error| SCRIPTS.explain(error, database))?;
    sqlx::raw_sql(WRITE_NOTHING)
        .execute(&mut *transaction)
        .await
        .map_err(explain)?;
    transaction.commit().await.map_err(explain)
}

/// Tests whether the file is writable, without waiting: while another process writes, read access is enough to start.
async fn probe(connection: &mut AnyConnection, database: &Arc<str>) -> StoreResult<()> {
    let text = format!("PRAGMA busy_timeout = 0; {BEGIN_WRITING}; {WRITE_NOTHING}; COMMIT;");
    let probed = sqlx::raw_sql(AssertSqlSafe(text)).execute(connection).await;
    match probed.map_err(|error| StoreError::explain(error, database)) {
        Ok(_) | Err(StoreError::Locked { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
