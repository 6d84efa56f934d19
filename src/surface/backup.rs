//! `warden backup`: a checked copy of the database, made while other processes use it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::app::check_trail;
use crate::domain::Timestamp;
use crate::domain::audit::{AuditKey, Head, VerifyOptions};
use crate::render;
use crate::render::backup::PrunedCopies;
use crate::store::{Store, StoreError, StoreResult};

/// The target of a copy.
#[derive(Debug, clap::Args)]
pub struct Backup {
    /// The file to write; with --keep, the directory of dated copies
    pub path: PathBuf,
    /// Keep this many dated copies of this database in the directory PATH, and remove older ones
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: Option<u32>,
}

/// The reason why there is no copy.
#[derive(Debug, thiserror::Error)]
pub(super) enum BackupError {
    #[error("{0} is the database itself; name another file")]
    Itself(String),
    #[error("{0} is there already, and a copy replaces nothing; name a file that is not there")]
    Exists(String),
    #[error("{0} is a directory; name a file in it, or have dated copies kept there with --keep N")]
    IsDirectory(String),
    #[error("--keep keeps copies in a directory, and {0} is none; create it, or name another")]
    NoDirectory(String),
    #[error(
        "{0} is left of another database, and would be taken for a part of the copy; move it away"
    )]
    Leftover(String),
    #[error("another backup is being written to {0}; wait for it")]
    UnderWay(String),
    #[error(
        "no copy can be written to {place} ({reason}); make room there or make it writable, or name another place"
    )]
    Place { place: String, reason: String },
    #[error(
        "the copy is not sound, and is not taken: {0}. Where it was just made, the database is damaged itself: `warden doctor` says more; older copies stay"
    )]
    Unsound(String),
    #[error("the copy cannot be checked, and is not taken: {0}")]
    Unchecked(StoreError),
}

/// Behind the name of a copy that is being written.
const PARTIAL: &str = ".warden-partial";

/// The date format in a copy's name, after the name of the database.
pub(super) const NAME: &str = "%Y%m%dT%H%M%SZ";

impl Backup {
    /// Makes the copy and describes it.
    ///
    /// # Errors
    /// When there is no copy; nothing is left behind.
    pub async fn run(
        &self,
        store: &Store,
        database: &Path,
        key: Option<&AuditKey>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let of = stands_for(database);
        let stem = database.file_stem().unwrap_or_default().to_string_lossy();
        let copy = match self.keep {
            None => self.path.clone(),
            Some(_) => self.path.join(format!("{stem}-{}.db", now.format(NAME))),
        };
        self.check_place(&copy, database)?;
        let began = heads_of(store).await?;
        let partial = Partial::beside(&copy, self.keep.is_some().then_some(&stem))?;
        copy_into(store, &partial.path, &copy).await?;
        let marked = Store::mark_copy(&partial.path, of).await;
        marked.map_err(|error| place_error(&copy, error))?;
        let heads = check(&partial.path, store, key, &began).await?;
        let bytes = partial.publish(&copy)?;
        let version = store.system().version().await?;
        let pruned = match self.keep {
            Some(keep) => prune(&self.path, &stem, of, keep, now)?,
            None => PrunedCopies::default(),
        };
        let said = render::backup::copied(&copy, bytes, version, &heads, &pruned);
        io::stdout().write_all(said.as_bytes())?;
        Ok(())
    }

    fn check_place(&self, copy: &Path, database: &Path) -> Result<(), BackupError> {
        let named = copy.display().to_string();
        if self.keep.is_some() && !self.path.is_dir() {
            return Err(BackupError::NoDirectory(self.path.display().to_string()));
        }
        if let (Ok(copy), Ok(database)) = (copy.canonicalize(), database.canonicalize())
            && copy == database
        {
            return Err(BackupError::Itself(named));
        }
        if copy.is_dir() {
            return Err(BackupError::IsDirectory(named));
        }
        if copy.symlink_metadata().is_ok() {
            return Err(BackupError::Exists(named));
        }
        for left in ["-wal", "-shm", "-journal"].map(|end| format!("{named}{end}")) {
            if Path::new(&left).symlink_metadata().is_ok() {
                return Err(BackupError::Leftover(left));
            }
        }
        Ok(())
    }
}

/// The heads of all trails.
pub(super) async fn heads_of(store: &Store) -> StoreResult<Vec<Head>> {
    let mut heads = Vec::new();
    for workspace in store.system().workspaces().await? {
        heads.push(store.glance(&workspace).await?.audit_head().await?);
    }
    Ok(heads)
}

/// Copies a database into an empty file; errors name the final path.
pub(super) async fn copy_into(store: &Store, empty: &Path, copy: &Path) -> anyhow::Result<()> {
    match store.system().copy_into(empty).await {
        Err(
            error @ (StoreError::DiskFull { .. }
            | StoreError::ReadOnly { .. }
            | StoreError::CannotOpen { .. }),
        ) => Err(place_error(copy, error).into()),
        // Errors of the database itself are reported unchanged.
        copied => Ok(copied?),
    }
}

fn place_error(copy: &Path, error: StoreError) -> BackupError {
    BackupError::Place {
        place: copy.display().to_string(),
        reason: match error {
            StoreError::DiskFull { .. } => "the disk is full".to_owned(),
            StoreError::ReadOnly { .. } => "it is read-only".to_owned(),
            other => other.to_string(),
        },
    }
}

/// Opens a copy and checks it: integrity, references, version, and that each trail is valid and contains what the database had
/// when the copy began. Returns the heads of its trails.
async fn check(
    copy: &Path,
    of: &Store,
    key: Option<&AuditKey>,
    began: &[Head],
) -> anyhow::Result<Vec<Head>> {
    let unchecked = BackupError::Unchecked;
    let read = Store::open_to_read(copy).await.map_err(unchecked)?.store;
    check_sound(&read).await?;
    let wanted = of.system().version().await?;
    let found = read.system().version().await.map_err(unchecked)?;
    if wanted != found {
        let said = format!("it has schema {found}, and not {wanted}");
        return Err(BackupError::Unsound(said).into());
    }
    check_trails(&read, key, began).await?;
    let heads = heads_of(&read).await.map_err(unchecked)?;
    read.close().await;
    Ok(heads)
}

/// Checks the integrity of the file and its references.
pub(super) async fn check_sound(copy: &Store) -> Result<(), BackupError> {
    let health = copy.system().health().await;
    let health = health.map_err(BackupError::Unchecked)?;
    match render::doctor::health(&health).into_iter().next() {
        Some(first) => Err(BackupError::Unsound(first)),
        None => Ok(()),
    }
}

/// Checks that each trail is valid and contains the heads noted before.
pub(super) async fn check_trails(
    copy: &Store,
    key: Option<&AuditKey>,
    before: &[Head],
) -> Result<(), BackupError> {
    let mut workspaces = copy.system().workspaces().await;
    if let Ok(workspaces) = &mut workspaces {
        workspaces.extend(before.iter().map(|head| head.workspace.clone()));
        workspaces.sort();
        workspaces.dedup();
    }
    for workspace in workspaces.map_err(BackupError::Unchecked)? {
        let terms = VerifyOptions {
            key,
            heads: before,
            ..VerifyOptions::default()
        };
        let checked = check_trail(copy, &workspace, terms).await;
        let checked = checked.map_err(BackupError::Unchecked)?;
        if checked.is_err() {
            let said = render::audit::checked(&workspace, &checked);
            return Err(BackupError::Unsound(said));
        }
    }
    Ok(())
}

/// An unfinished copy, deleted on drop unless published. It is locked, so that other backups leave it alone, and the file of a
/// killed backup is recognised by its missing lock.
pub(super) struct Partial {
    pub(super) path: PathBuf,
    _held: File,
}

impl Partial {
    pub(super) fn beside(
        copy: &Path,
        stem: Option<&std::borrow::Cow<'_, str>>,
    ) -> Result<Self, BackupError> {
        let name = match stem {
            Some(stem) => stem.to_string(),
            None => copy
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
        };
        let path = copy.with_file_name(format!(".{name}{PARTIAL}"));
        remove_leftovers(&path);
        let failed = |error: io::Error| BackupError::Place {
            place: copy.display().to_string(),
            reason: error.kind().to_string(),
        };
        if let Ok(left) = OpenOptions::new().write(true).open(&path) {
            match left.try_lock() {
                Err(TryLockError::WouldBlock) => {
                    return Err(BackupError::UnderWay(copy.display().to_string()));
                }
                Ok(()) | Err(TryLockError::Error(_)) => {
                    fs::remove_file(&path).map_err(failed)?;
                }
            }
        }
        // SQLite would apply the journal of a killed backup to this copy.
        remove_beside(&path);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let held = options.open(&path).map_err(failed)?;
        // On file systems without locks, two backups to the same path are not told apart.
        let _ = held.try_lock();
        Ok(Self { path, _held: held })
    }

    /// Syncs the file to disk. Returns its size.
    pub(super) fn sync(&self) -> Result<u64, BackupError> {
        let file = File::open(&self.path).and_then(|file| {
            file.sync_all()?;
            file.metadata()
        });
        let file = file.map_err(|error| BackupError::Place {
            place: self.path.display().to_string(),
            reason: error.kind().to_string(),
        })?;
        Ok(file.len())
    }

    /// Syncs the file and renames it to its final name. Returns its size.
    fn publish(self, copy: &Path) -> Result<u64, BackupError> {
        let failed = |error: io::Error| BackupError::Place {
            place: copy.display().to_string(),
            reason: error.kind().to_string(),
        };
        // Another process may have created it meanwhile.
        if copy.symlink_metadata().is_ok() {
            return Err(BackupError::Exists(copy.display().to_string()));
        }
        let bytes = self.sync()?;
        fs::rename(&self.path, copy).map_err(failed)?;
        sync_directory(copy);
        Ok(bytes)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // After publishing, nothing is left under this name.
        let _ = fs::remove_file(&self.path);
        remove_beside(&self.path);
    }
}

/// Removes what backups that were killed have left in a directory, whatever their copies were to be called.
fn remove_leftovers(own: &Path) {
    let directory = own.parent().filter(|it| !it.as_os_str().is_empty());
    // An unreadable directory is skipped; the copy itself then fails with the error.
    let Ok(entries) = fs::read_dir(directory.unwrap_or(Path::new("."))) else {
        return;
    };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path == own || !name.starts_with('.') || !name.ends_with(PARTIAL) {
            continue;
        }
        let held = OpenOptions::new().write(true).open(&path);
        if held.is_ok_and(|held| held.try_lock().is_ok()) {
            let _ = fs::remove_file(&path);
            remove_beside(&path);
        }
    }
}

/// Removes the files that SQLite may have left beside a deleted database.
fn remove_beside(path: &Path) {
    for end in ["-journal", "-wal", "-shm"] {
        let mut beside = path.as_os_str().to_owned();
        beside.push(end);
        let _ = fs::remove_file(beside);
    }
}

/// Syncs the directory entry of a file, where directories can be synced.
pub(super) fn sync_directory(file: &Path) {
    let directory = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if let Ok(directory) = File::open(directory) {
        let _ = directory.sync_all();
    }
}

/// Removes the oldest copies of this database beyond so many, and nothing else. One that is dated ahead of the clock is neither
/// counted nor removed: either that clock was wrong or this one is.
fn prune(
    directory: &Path,
    stem: &str,
    of: u32,
    keep: u32,
    now: Timestamp,
) -> anyhow::Result<PrunedCopies> {
    let mut copies: Vec<String> = Vec::new();
    let mut ahead: Vec<String> = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let date = name
            .strip_prefix(stem)
            .and_then(|rest| rest.strip_prefix('-'))
            .and_then(|rest| rest.strip_suffix(".db"));
        let date = date.filter(|date| date.len() == 16);
        let date = date.and_then(|date| chrono::NaiveDateTime::parse_from_str(date, NAME).ok());
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        let Some(date) = date.filter(|_| is_file && Store::copy_of(&entry.path()) == Some(of))
        else {
            continue;
        };
        match date > now.naive_utc() {
            true => ahead.push(name),
            false => copies.push(name),
        }
    }
    copies.sort_unstable();
    ahead.sort_unstable();
    let over = copies.len().saturating_sub(usize::try_from(keep)?);
    copies.truncate(over);
    for name in &copies {
        fs::remove_file(directory.join(name))?;
    }
    Ok(PrunedCopies {
        gone: copies,
        ahead,
    })
}

/// A number that identifies a database in the names of its copies, derived from its path.
fn stands_for(database: &Path) -> u32 {
    let place = database
        .canonicalize()
        .unwrap_or_else(|_| database.to_owned());
    let hash = Sha256::digest(place.as_os_str().as_encoded_bytes());
    let first = hash.iter().take(4);
    first.fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}
