//! Read-only opening of a database: nothing is migrated, and the location may be full or read-only.

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
use crate::store::connections::Connections;
use crate::store::{Store, StoreError, StoreResult, alarm::Alarm};

/// A database opened read-only.
#[derive(Debug)]
pub struct ReadOnlyStore {
    pub store: Store,
    /// Recorded data that may be missing.
    pub lacking: Option<MissingPart>,
    /// The temporary copy it is read from, if any; deleted on drop.
    _copy: Option<Copied>,
}

impl ReadOnlyStore {
    /// A database with nothing missing.
    pub(in crate::store) const fn whole(store: Store) -> Self {
        Self {
            store,
            lacking: None,
            _copy: None,
        }
    }
}

/// A temporary copy of a database and its `-wal`, deleted on drop.
#[derive(Debug)]
struct Copied(PathBuf);

impl Copied {
    /// Copies the files; only the user of this process can access the copy.
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
        // A copy of files on read-only media is writable.
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

/// The reason why the latest records may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MissingPart {
    /// There is no `-wal` beside the file. Normal after a clean shutdown, but not if the file was copied while the program ran.
    NotThere {
        /// Its expected name.
        wal: String,
    },
    /// There is a `-wal` that cannot be read.
    Unread {
        wal: String,
        /// Its size.
        bytes: u64,
    },
}

/// Ways to open a database, each with fewer requirements than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OpenMode {
    /// Like any other user.
    Shared,
    /// Exclusively: `SQLite` then keeps its shared memory in the process.
    Alone,
    /// The file without its `-wal`, as immutable.
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

/// Opens an existing file.
pub(crate) async fn open_to_read(path: &Path, options: Options) -> StoreResult<ReadOnlyStore> {
    let database: Arc<str> = path.display().to_string().into();
    let cannot = |reason: String| StoreError::cannot_open(&database, reason);
    let path = std::path::absolute(path).map_err(|error| cannot(error.kind().to_string()))?;
    check_place(&path, &database)?;
    check_whole(&path, &database)?;
    let in_wal = writes_ahead(&path).map_err(|error| cannot(error.kind().to_string()))?;
    let wal = format!("{database}-wal");
    // Checked first, because opening the database may create it.
    let ahead = Path::new(&wal).metadata().map_or(0, |found| found.len());
    let wait = wait_pragma(options.busy_timeout);
    let mut met = None;
    for way in OpenMode::ALL {
        // The file alone would lack the content of the `-wal`; a copy of both does not, if there is room.
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
            Err(error) if error.is_of_the_place() => met = met.or(Some(error)),
            // Another process uses it, so it can be read in the first way, or not now.
            Err(error @ StoreError::Locked { .. }) => return Err(met.unwrap_or(error)),
            Err(error) => return Err(error),
        }
    }
    Err(met.unwrap_or_else(|| cannot("it is not accessible".to_owned())))
}

/// Whether the file's header states that a `-wal` belongs to it.
fn writes_ahead(path: &Path) -> std::io::Result<bool> {
    let mut header = Vec::new();
    File::open(path)?.take(100).read_to_end(&mut header)?;
    Ok(header.get(18) == Some(&2) && header.get(19) == Some(&2))
}

/// Tries to read, and checks that the database is this program's and not of a newer version.
async fn open(to: &AnyConnectOptions, pragmas: &str, database: &Arc<str>) -> StoreResult<()> {
    let connected = to.connect().await;
    let mut connection = connected.map_err(|error| StoreError::explain(error, database))?;
    let looked = look_at(&mut connection, pragmas, database).await;
    // An error on closing is the same as before.
    let _ = connection.close().await;
    looked
}

async fn look_at(
    connection: &mut AnyConnection,
    pragmas: &str,
    database: &Arc<str>,
) -> StoreResult<()> {
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

/// A single connection, because in exclusive mode another would find the file locked.
fn store(to: AnyConnectOptions, pragmas: String, database: Arc<str>) -> Store {
    let reader = pool(pragmas).max_connections(1).connect_lazy_with(to);
    let reader = Connections::to_file(reader, 1);
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
