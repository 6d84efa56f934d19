//! Databases for tests on the server of PostgreSQL that `WARDEN_TEST_POSTGRES` names, each of its own.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// The address of a new database, where there is a server; else tests use databases of `SQLite`.
pub(crate) async fn new_database() -> Option<String> {
    let server = std::env::var("WARDEN_TEST_POSTGRES").ok()?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("warden_{}_{number}", std::process::id());
    run(&server, &format!("DROP DATABASE IF EXISTS {name}")).await;
    run(&server, &format!("CREATE DATABASE {name}")).await;
    let mut address = url::Url::parse(&server).unwrap();
    address.set_path(&name);
    Some(address.into())
}

/// Runs statements as one, on any of these databases.
pub(crate) async fn run(address: &str, text: &str) {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(address).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(text.to_owned()))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}
