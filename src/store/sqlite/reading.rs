//! Opening a database only to read it, as it is: nothing is brought up to date, and the place may be full or read-only.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, ConnectOptions, Connection};

use super::{
    Options, SCRIPTS, check_owner, check_place, check_state, check_whole, connect_options, pool,
    pragma, url, wait_pragma,
};
use crate::store::{Store, StoreError, alarm::Alarm};

/// A database that is only read.
#[derive(Debug)]
pub struct ReadOnlyStore {
    pub store: Store,
    /// What was recorded and may not be in what is read.
    pub lacking: Option<MissingPart>,
    /// Where it is read from, if that is a copy; it goes with this.
    _copy: Option<Copied>,
}

impl ReadOnlyStore {
    /// One that lacks nothing.
    pub(in crate::store) const fn whole(store: Store) -> Self {
        Self {
            store,
            lacking: None,
            _copy: None,
        }
    }
}

/// A copy of a database and its `-wal` in a place of their own, taken away at the end.
#[derive(Debug)]
struct Copied(PathBuf);

impl Copied {
    /// Only anyone who runs the program can look into it.
    fn of(file: &Path, wal: &Path) -> std::io::Result<(Self, PathBuf)> {
        let name = format!(
            "warden-audit-{}-{:016x}",
            std::process::id(),
            fastrand::u64(..)
        );
        let directory = std::env::temp_dir().join(name);
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&directory)?;
        let copied = Self(directory);
        let to = copied.0.join("warden.db");
        // What is copied from read-only media is not read-only for that.
        for (from, to) in [(file, to.clone()), (wal, copied.0.join("warden.db-wal"))] {
            std::io::copy(&mut File::open(from)?, &mut File::create(to)?)?;
        }
        Ok((copied, to))
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Why what was recorded last may not be in what is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MissingPart {
    /// There is no `-wal` beside the file. That is as it should be after a proper end, and not when the file was copied
    /// while the program ran.
    NotThere {
        /// What it would be called.
        wal: String,
    },
    /// There is one, which cannot be read where it is.
    Unread {
        wal: String,
        /// How much it holds.
        bytes: u64,
    },
}

/// Ways to open it, each needing less of its place than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OpenMode {
    /// As anyone who works with it.
    Shared,
    /// Alone: what `SQLite` keeps beside the file for others it then keeps in memory.
    Alone,
    /// The file without its `-wal`, and as if nobody could change it.
    FileAlone,
}

impl OpenMode {
    const ALL: [Self; 3] = [Self::Shared, Self::Alone, Self::FileAlone];

    const fn mode(self) -> &'static str {
        match self {
            Self::Shared | Self::Alone => "rw",
            Self::FileAlone => "ro&immutable=true",
        }
    }

    fn pragmas(self, wait: String) -> String {
        match self {
            Self::Shared | Self::FileAlone => wait,
            Self::Alone => format!("{wait} PRAGMA locking_mode = EXCLUSIVE;"),
        }
    }
}

/// Opens a file that is there.
pub(crate) async fn open_to_read(
    path: &Path,
    options: Options,
) -> Result<ReadOnlyStore, StoreError> {
    let database: Arc<str> = path.display().to_string().into();
    let cannot = |reason: String| StoreError::CannotOpen {
        database: Arc::clone(&database),
        reason,
    };
    let path = std::path::absolute(path).map_err(|error| cannot(error.kind().to_string()))?;
    check_place(&path, &database)?;
    check_whole(&path, &database)?;
    let in_wal = writes_ahead(&path).map_err(|error| cannot(error.kind().to_string()))?;
    let wal = format!("{database}-wal");
    // Looked at before anything is opened, which may make one.
    let ahead = Path::new(&wal).metadata().map_or(0, |found| found.len());
    let wait = wait_pragma(options.busy_timeout);
    let mut met = None;
    for way in OpenMode::ALL {
        // The file alone would lack what is ahead of it: a copy of both does not, where there is room for one.
        if way == OpenMode::FileAlone
            && ahead > 0
            && let Ok((copy, there)) = Copied::of(&path, Path::new(&wal))
            && let Some(url) = url(&there, OpenMode::Shared.mode())
            && let Ok(to) = connect_options(&url)
            && open(&to, &wait, &database).await.is_ok()
        {
            return Ok(ReadOnlyStore {
                store: store(to, wait, database),
                lacking: None,
                _copy: Some(copy),
            });
        }
        let url = url(&path, way.mode()).ok_or_else(|| cannot("its path is not Unicode".into()))?;
        let to = connect_options(&url).map_err(|error| StoreError::explain(error, &database))?;
        let pragmas = way.pragmas(wait.clone());
        match open(&to, &pragmas, &database).await {
            Ok(()) => {
                let lacking = match (in_wal, ahead, way) {
                    (true, 0, _) => Some(MissingPart::NotThere { wal }),
                    (true, bytes, OpenMode::FileAlone) => Some(MissingPart::Unread { wal, bytes }),
                    (true | false, _, _) => None,
                };
                let store = store(to, pragmas, database);
                return Ok(ReadOnlyStore {
                    store,
                    lacking,
                    _copy: None,
                });
            }
            Err(error) if is_of_the_place(&error) => met = met.or(Some(error)),
            // Somebody else works with it, so that it can be read in the first way, or not now.
            Err(error @ StoreError::Locked { .. }) => return Err(met.unwrap_or(error)),
            Err(error) => return Err(error),
        }
    }
    Err(met.unwrap_or_else(|| cannot("it is not accessible".to_owned())))
}

/// Whether the file says that a `-wal` belongs to it.
fn writes_ahead(path: &Path) -> std::io::Result<bool> {
    let mut header = Vec::new();
    File::open(path)?.take(100).read_to_end(&mut header)?;
    Ok(header.get(18) == Some(&2) && header.get(19) == Some(&2))
}

/// Whether another way may do without what is missing.
const fn is_of_the_place(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::CannotOpen { .. }
            | StoreError::ReadOnly { .. }
            | StoreError::DiskFull { .. }
            | StoreError::DiskError { .. }
    )
}

/// Tries to read, and that it is a database of this program's, not of a later version.
async fn open(
    to: &AnyConnectOptions,
    pragmas: &str,
    database: &Arc<str>,
) -> Result<(), StoreError> {
    let connected = to.connect().await;
    let mut connection = connected.map_err(|error| StoreError::explain(error, database))?;
    let looked = look_at(&mut connection, pragmas, database).await;
    // What closing meets it met when looking.
    let _ = connection.close().await;
    looked
}

async fn look_at(
    connection: &mut AnyConnection,
    pragmas: &str,
    database: &Arc<str>,
) -> Result<(), StoreError> {
    pragma(connection, pragmas.to_owned(), database).await?;
    check_owner(connection, database).await?;
    check_state(connection, database).await?;
    let run: Vec<i64> = sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success")
        .fetch_all(connection)
        .await
        .map_err(|error| match StoreError::explain(error, database) {
            // A file without any table.
            StoreError::Broken(_) => StoreError::Empty {
                database: Arc::clone(database),
            },
            error => error,
        })?;
    let known = SCRIPTS.latest();
    match run.into_iter().max() {
        Some(found) if found > known => Err(StoreError::Newer {
            database: Arc::clone(database),
            found,
            known,
        }),
        Some(_) | None => Ok(()),
    }
}

/// One connection, since in the second way a further one would find the file locked.
fn store(to: AnyConnectOptions, pragmas: String, database: Arc<str>) -> Store {
    let reader = pool(pragmas).max_connections(1).connect_lazy_with(to);
    Store::on(reader.clone(), reader, Alarm::alone(), database)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_both_files_and_goes_at_the_end() {
        let directory = tempfile::tempdir().unwrap();
        let (file, wal) = (
            directory.path().join("w.db"),
            directory.path().join("w.db-wal"),
        );
        fs::write(&file, b"main").unwrap();
        assert!(Copied::of(&file, &wal).is_err(), "there is none");
        fs::write(&wal, b"ahead").unwrap();
        let (copied, there) = Copied::of(&file, &wal).unwrap();
        assert_eq!(fs::read(&there).unwrap(), b"main");
        let ahead = format!("{}-wal", there.display());
        assert_eq!(fs::read(ahead).unwrap(), b"ahead");
        drop(copied);
        assert!(!there.exists() && !there.parent().unwrap().exists());
    }
}
