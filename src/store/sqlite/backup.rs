//! Copies of a database, made while it is in use.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use sqlx::{ConnectOptions as _, Connection as _};

use super::{connect_options, pragma, url};
use crate::store::{StoreError, StoreResult, System, sql};

/// The application id of copies made by this program: `wBAK`.
const COPY: u32 = 0x7742_414b;

/// The header of `SQLite` files.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Copies a snapshot, without a separate `-wal`, into an empty file.
const COPY_INTO: &str = "VACUUM INTO $1";

/// The latest applied migration.
const VERSION: &str = "SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations WHERE success";

impl System<'_> {
    /// Copies the current state into an empty file, without blocking writers.
    pub async fn copy_into(self, copy: &Path) -> StoreResult<()> {
        let database: Arc<str> = copy.display().to_string().into();
        let path = copy.to_str();
        let path =
            path.ok_or_else(|| StoreError::cannot_open(&database, "its path is not Unicode"))?;
        let mut glance = self.glance().await?;
        let copying = sql::statement(COPY_INTO).bind(path.to_owned());
        // Most errors concern the path of the copy.
        let copied = glance.run_for(copying, &database).await;
        copied.map(drop).map_err(|error| match error {
            // A copy that is being written has nothing in it that could be damaged.
            StoreError::Corrupt { .. } | StoreError::NotADatabase { .. } => StoreError::Corrupt {
                database: Arc::clone(&self.0.database),
            },
            error => error,
        })
    }

    /// The latest applied migration.
    pub async fn version(self) -> StoreResult<i64> {
        let rows = self.glance().await?.all(sql::rows(VERSION)).await?;
        Ok(rows.first().map_or(0, |(version,): &(i64,)| *version))
    }
}

/// Marks a file as a copy of the database identified by `of`.
pub(in crate::store) async fn mark_copy(copy: &Path, of: u32) -> StoreResult<()> {
    set_mark(copy, COPY, of).await
}

/// Removes the mark, so that the file can be used as a database.
pub(in crate::store) async fn unmark_copy(copy: &Path) -> StoreResult<()> {
    set_mark(copy, 0, 0).await
}

async fn set_mark(copy: &Path, mark: u32, of: u32) -> StoreResult<()> {
    let database: Arc<str> = copy.display().to_string().into();
    let explain = |error| StoreError::explain(error, &database);
    let url = url(copy, "rw").ok_or_else(|| StoreError::fault("its path is not Unicode"))?;
    let to = connect_options(&url).map_err(explain)?;
    let mut connection = to.connect().await.map_err(explain)?;
    let of = i32::from_be_bytes(of.to_be_bytes());
    let text = format!("PRAGMA application_id = {mark}; PRAGMA user_version = {of};");
    let marked = pragma(&mut connection, text, &database).await;
    let closed = connection.close().await.map_err(explain);
    marked.and(closed)
}

/// The number of the database that a file is marked as a copy of; `None` without a mark, or if it is unreadable.
pub(in crate::store) fn copy_of(file: &Path) -> Option<u32> {
    let mut head = Vec::new();
    let file = File::open(file).ok()?;
    file.take(100).read_to_end(&mut head).ok()?;
    let number = |at: usize| {
        let bytes = head.get(at..at + 4)?;
        bytes.try_into().ok().map(u32::from_be_bytes)
    };
    let is_marked = head.starts_with(MAGIC) && number(68) == Some(COPY);
    number(60).filter(|_| is_marked)
}

/// Refuses to work on a copy: it does not know what happened since, and only `warden restore` says so to everybody.
pub(super) fn check_no_copy(path: &Path, database: &Arc<str>) -> StoreResult<()> {
    match copy_of(path) {
        Some(_) => Err(StoreError::IsCopy {
            database: Arc::clone(database),
        }),
        None => Ok(()),
    }
}
