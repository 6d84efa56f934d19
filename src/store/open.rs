//! Opens databases of either kind, and the marks of database files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Claimed, Options, ReadOnlyStore, Store, StoreError, StoreResult, postgres, sqlite};
use crate::domain::place::DatabasePlace;

impl Store {
    /// Whether the database exists, or is being replaced, or cannot be looked at, which opening it reports. A file without content
    /// is none.
    pub fn is_there(path: &Path) -> bool {
        let is_none = match path.metadata() {
            Ok(file) => file.is_file() && file.len() == 0,
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        };
        !is_none || sqlite::unfinished(path).exists() || sqlite::left_alone(path).is_some()
    }

    /// Opens a database of either kind, and applies migrations. A missing file is created.
    pub async fn open_at(place: &DatabasePlace) -> StoreResult<Self> {
        let store = Self::open_filled(place).await?;
        store.check_moved(None).await?;
        store.check_ground().await?;
        Ok(store)
    }

    /// Like [`Store::open_at`], and also opens a database whose content was being moved to that place.
    pub async fn open_to_move(place: &DatabasePlace, to: &str) -> StoreResult<Self> {
        let store = Self::open_filled(place).await?;
        store.check_moved(Some(to)).await?;
        store.check_ground().await?;
        Ok(store)
    }

    /// Like [`Store::open_at`], and also opens a database that is known to be a copy of an earlier state.
    pub async fn open_put_back(place: &DatabasePlace) -> StoreResult<Self> {
        let mut store = Self::open_filled(place).await?;
        store.ground = None;
        Ok(store)
    }

    async fn open_filled(place: &DatabasePlace) -> StoreResult<Self> {
        let store = Self::open_to_fill(place).await?;
        store.check_filled().await?;
        Ok(store)
    }

    /// Like [`Store::open_at`], and also opens a database that is partly filled.
    pub async fn open_to_fill(place: &DatabasePlace) -> StoreResult<Self> {
        match place {
            DatabasePlace::File(path) => sqlite::open(path, Options::default()).await,
            DatabasePlace::Server(address) => postgres::open(address).await,
        }
    }

    /// Opens a database of either kind read-only.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or any other [`StoreError`].
    pub async fn open_at_to_read(place: &DatabasePlace) -> StoreResult<ReadOnlyStore> {
        match place {
            DatabasePlace::File(path) => Self::open_to_read(path).await,
            DatabasePlace::Server(address) => {
                let store = postgres::open_to_read(address).await?;
                store.check_filled().await?;
                Ok(ReadOnlyStore::whole(store))
            }
        }
    }

    /// Opens a database file, creates it if it is missing, and applies migrations.
    pub async fn open(path: &Path) -> StoreResult<Self> {
        Self::open_with(path, Options::default()).await
    }

    /// Opens a database file read-only and unchanged, even on read-only media, on a full disk, or without its `-wal`.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or any other [`StoreError`].
    pub async fn open_to_read(path: &Path) -> StoreResult<ReadOnlyStore> {
        if matches!(path.try_exists(), Ok(false)) {
            return Err(StoreError::Missing {
                database: path.display().to_string().into(),
            });
        }
        let reading = sqlite::open_to_read(path, Options::default()).await?;
        reading.store.check_filled().await?;
        Ok(reading)
    }

    /// Marks a file as a copy of the database identified by `of`.
    pub async fn mark_copy(copy: &Path, of: u32) -> StoreResult<()> {
        sqlite::mark_copy(copy, of).await
    }

    /// Removes the mark of a copy, so that it can be used as a database.
    pub async fn unmark_copy(copy: &Path) -> StoreResult<()> {
        sqlite::unmark_copy(copy).await
    }

    /// Excludes all processes from a database file until the result is dropped.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while a process uses it, or any other [`StoreError`].
    pub fn claim(path: &Path) -> StoreResult<Claimed> {
        sqlite::claim(path)
    }

    /// The marker file of a restoration: while it exists, the database cannot be opened.
    pub fn unfinished(path: &Path) -> PathBuf {
        sqlite::unfinished(path)
    }

    /// The number of the database that a file is marked as a copy of; `None` if it is not marked as one.
    pub fn copy_of(file: &Path) -> Option<u32> {
        sqlite::copy_of(file)
    }

    /// Like [`Store::open`], with options.
    pub async fn open_with(path: &Path, options: Options) -> StoreResult<Self> {
        let store = sqlite::open(path, options).await?;
        store.check_filled().await?;
        store.check_moved(None).await?;
        Ok(store)
    }

    /// A new in-memory database, dropped with its last clone.
    pub async fn in_memory() -> StoreResult<Self> {
        sqlite::in_memory().await
    }

    /// A new database for a test: in memory, or on the configured test server.
    #[cfg(test)]
    pub(crate) async fn fresh() -> Self {
        let Some(address) = super::server::new_database().await else {
            return Self::in_memory().await.unwrap();
        };
        Self::open_at(&DatabasePlace::parse(&address).unwrap())
            .await
            .unwrap()
    }

    /// Refuses a database on a server that is from a copy, or lacks what was recorded last.
    async fn check_ground(&self) -> StoreResult<()> {
        let Some(ground) = &self.ground else {
            return Ok(());
        };
        let settled = ground.note_home(self.writer.pool()).await;
        match settled.map_err(|error| self.failed(error))? {
            true => Ok(()),
            false => Err(StoreError::WentBack {
                database: Arc::clone(&self.database),
            }),
        }
    }
}
