//! Detection of processes that use a database, and their exclusion while its file is replaced.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::store::{StoreError, StoreResult};

/// The suffix of the marker file of an unfinished restoration.
const UNFINISHED: &str = "-restoring";

/// The marker file of a restoration. While it exists, the database cannot be opened.
pub(in crate::store) fn unfinished(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(UNFINISHED);
    name.into()
}

/// Rejects a database with an unfinished restoration.
pub(super) fn check_whole(path: &Path, database: &Arc<str>) -> StoreResult<()> {
    match unfinished(path).symlink_metadata() {
        Ok(_) => Err(StoreError::HalfRestored {
            database: Arc::clone(database),
        }),
        Err(_) => Ok(()),
    }
}

/// The identity of a file, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileIdentity {
    device: u64,
    inode: u64,
}

/// The identity of the file at a path.
#[cfg(unix)]
pub(super) fn identity(path: &Path) -> Option<FileIdentity> {
    use std::os::unix::fs::MetadataExt as _;
    let file = path.metadata().ok()?;
    Some(FileIdentity {
        device: file.dev(),
        inode: file.ino(),
    })
}

/// The identity of the file at a path; constant where open files cannot be replaced.
#[cfg(not(unix))]
pub(super) fn identity(_path: &Path) -> Option<FileIdentity> {
    None
}

/// The open file and its path. The path may be moved, replaced or deleted while the program runs, and writes would then go to a
/// file that nobody looks for.
#[derive(Debug, Clone)]
pub(in crate::store) struct OpenFile {
    path: PathBuf,
    opened: Option<FileIdentity>,
}

impl OpenFile {
    pub(super) const fn new(path: PathBuf, opened: Option<FileIdentity>) -> Self {
        Self { path, opened }
    }

    /// Whether the path still leads to the open file.
    pub(in crate::store) fn is_in_place(&self) -> bool {
        identity(&self.path) == self.opened
    }
}

/// The remaining `-wal` or journal of a missing or empty database file. `SQLite` would delete it on creating a new one.
pub(in crate::store) fn left_alone(path: &Path) -> Option<PathBuf> {
    let is_some = |path: &Path| path.metadata().is_ok_and(|file| file.len() > 0);
    if is_some(path) {
        return None;
    }
    let beside = ["-wal", "-journal"].map(|end| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    });
    beside.into_iter().find(|path| is_some(path))
}

/// Refuses to make a database beside what is left of another.
pub(super) fn check_nothing_left(path: &Path, database: &Arc<str>) -> StoreResult<()> {
    // The journal of a database that another process is making has content before the file has any. Looked at once more, the
    // file is one that was made in between.
    if left_alone(path).is_none() || is_locked(path) {
        return Ok(());
    }
    match left_alone(path) {
        Some(left) => Err(StoreError::LeftAlone {
            database: Arc::clone(database),
            left: left.display().to_string(),
        }),
        None => Ok(()),
    }
}

/// Whether a process holds one of the locks of a file. Takes none, so that nobody takes it for one that works with the file.
#[cfg(unix)]
fn is_locked(path: &Path) -> bool {
    use nix::fcntl::{FcntlArg, fcntl};

    let mut lock = all_locks();
    let asked = File::open(path).is_ok_and(|file| {
        #[cfg(target_os = "linux")]
        let asked = fcntl(&file, FcntlArg::F_OFD_GETLK(&mut lock));
        #[cfg(not(target_os = "linux"))]
        let asked = fcntl(&file, FcntlArg::F_GETLK(&mut lock));
        asked.is_ok()
    });
    asked && i32::from(lock.l_type) != nix::libc::F_UNLCK
}

/// Where locks cannot be asked for, a journal beside an empty file is left of another database.
#[cfg(not(unix))]
fn is_locked(_path: &Path) -> bool {
    false
}

/// Excludes all processes from a database file until it is dropped.
#[derive(Debug)]
pub struct Claimed {
    _file: File,
}

/// The bytes that `SQLite` locks: every process with the database open holds some of these locks.
#[cfg(unix)]
const LOCKED: std::ops::Range<i64> = 0x4000_0000..0x4000_0200;

/// A lock that excludes all of them.
#[cfg(unix)]
fn all_locks() -> nix::libc::flock {
    use nix::libc;

    let kind = |kind: libc::c_int| libc::c_short::try_from(kind).unwrap_or_default();
    libc::flock {
        l_type: kind(libc::F_WRLCK),
        l_whence: kind(libc::SEEK_SET),
        l_start: LOCKED.start,
        l_len: LOCKED.end - LOCKED.start,
        l_pid: 0,
    }
}

/// Claims a database file that no process uses.
#[cfg(unix)]
pub(in crate::store) fn claim(path: &Path) -> StoreResult<Claimed> {
    use nix::errno::Errno;
    use nix::fcntl::{FcntlArg, fcntl};
    use nix::libc;

    let database: Arc<str> = path.display().to_string().into();
    let cannot = |reason: String| StoreError::cannot_open(&database, reason);
    let file = File::options().read(true).write(true).open(path);
    let file = file.map_err(|error| cannot(error.kind().to_string()))?;
    let mut lock = all_locks();
    // A lock of the open file, which also excludes other users in this process.
    #[cfg(target_os = "linux")]
    let claimed = fcntl(&file, FcntlArg::F_OFD_SETLK(&lock));
    #[cfg(not(target_os = "linux"))]
    let claimed = fcntl(&file, FcntlArg::F_SETLK(&lock));
    match claimed {
        Ok(_) => Ok(Claimed { _file: file }),
        Err(Errno::EACCES | Errno::EAGAIN) => {
            let holder = fcntl(&file, FcntlArg::F_GETLK(&mut lock));
            let is_held = holder.is_ok() && i32::from(lock.l_type) != libc::F_UNLCK;
            Err(StoreError::InUse {
                database,
                by: match u32::try_from(lock.l_pid) {
                    Ok(pid) if is_held && pid > 0 => format!("the process {pid}"),
                    _ => "a process".to_owned(),
                },
            })
        }
        Err(error) => Err(cannot(std::io::Error::from(error).kind().to_string())),
    }
}

/// Claims a database file: where open files cannot be replaced, the replacement itself fails while a process uses it.
#[cfg(not(unix))]
pub(in crate::store) fn claim(path: &Path) -> StoreResult<Claimed> {
    let file = File::options().read(true).write(true).open(path);
    let file = file.map_err(|error| StoreError::CannotOpen {
        database: path.display().to_string().into(),
        reason: error.kind().to_string(),
    })?;
    Ok(Claimed { _file: file })
}
