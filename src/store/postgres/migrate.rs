//! The migrations of a PostgreSQL database.

use std::sync::Arc;

use sqlx::{AnyConnection, Connection as _};

use crate::store::migrations::{MigrationScript, Scripts};
use crate::store::{StoreError, StoreResult};

/// All migrations, in order.
pub(in crate::store) const SCRIPTS: Scripts = Scripts(&[
    MigrationScript {
        version: 1,
        file: "0001_init.sql",
        text: include_str!("../../../migrations/postgres/0001_init.sql"),
    },
    MigrationScript {
        version: 2,
        file: "0002_instance_by_lower_case.sql",
        text: include_str!("../../../migrations/postgres/0002_instance_by_lower_case.sql"),
    },
    MigrationScript {
        version: 3,
        file: "0003_import_accounts.sql",
        text: include_str!("../../../migrations/postgres/0003_import_accounts.sql"),
    },
    MigrationScript {
        version: 4,
        file: "0004_unnamed_gone.sql",
        text: include_str!("../../../migrations/postgres/0004_unnamed_gone.sql"),
    },
    MigrationScript {
        version: 5,
        file: "0005_by_message.sql",
        text: include_str!("../../../migrations/postgres/0005_by_message.sql"),
    },
]);

/// The tables in the schema that would contain ours.
const TABLES: &str =
    "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema()";

/// The applied migrations.
const VERSIONS: &str = "SELECT version FROM _sqlx_migrations WHERE success";

/// Waits for another process that applies migrations.
const ALONE: &str =
    "SELECT pg_advisory_xact_lock(hashtextextended('warden: migrations', 0)) IS NULL";

/// Returns whether the schema has any tables. One with tables but without migrations belongs to another program.
pub(super) async fn check_owner(
    connection: &mut AnyConnection,
    database: &Arc<str>,
) -> StoreResult<bool> {
    let tables: Vec<String> = sqlx::query_scalar(TABLES)
        .fetch_all(connection)
        .await
        .map_err(|error| StoreError::explain(error, database))?;
    if tables.is_empty() || tables.iter().any(|name| name == "_sqlx_migrations") {
        return Ok(!tables.is_empty());
    }
    Err(StoreError::Foreign {
        database: Arc::clone(database),
    })
}

/// Rejects a database without tables, and one of a newer version, neither of which can be read as it is.
pub(super) async fn check_state(
    connection: &mut AnyConnection,
    database: &Arc<str>,
) -> StoreResult<()> {
    if !check_owner(connection, database).await? {
        return Err(StoreError::NoTables {
            database: Arc::clone(database),
        });
    }
    let run: Vec<i64> = sqlx::query_scalar(VERSIONS)
        .fetch_all(connection)
        .await
        .map_err(|error| StoreError::explain(error, database))?;
    match run.into_iter().max() {
        Some(found) if found > SCRIPTS.latest() => Err(StoreError::Newer {
            database: Arc::clone(database),
            found,
            known: SCRIPTS.latest(),
        }),
        Some(_) | None => Ok(()),
    }
}

/// Applies missing migrations, all or none, one process at a time.
pub(super) async fn migrate(
    connection: &mut AnyConnection,
    database: &Arc<str>,
) -> StoreResult<()> {
    if SCRIPTS.are_current(connection).await {
        return Ok(());
    }
    let explain = |error| StoreError::explain(error, database);
    let mut transaction = connection.begin().await.map_err(explain)?;
    sqlx::query(ALONE)
        .execute(&mut *transaction)
        .await
        .map_err(explain)?;
    let mut migrator = SCRIPTS.migrator();
    migrator.set_locking(false);
    let run = migrator.run_direct(None, &mut *transaction, false).await;
    run.map_err(|error| SCRIPTS.explain(error, database))?;
    transaction.commit().await.map_err(explain)
}
