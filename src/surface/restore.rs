//! `warden restore`: replaces the database with a copy, and keeps the replaced one.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::backup::{self, Partial, sync_directory};
use crate::app::{KeyProblem, TrailUse, check_key};
use crate::domain::Timestamp;
use crate::domain::audit::AuditKey;
use crate::domain::place::DatabasePlace;
use crate::render;
use crate::render::backup::{CopyLack, Replaced};
use crate::store::{Holds, Store, StoreError};

/// From what it is restored.
#[derive(Debug, clap::Args)]
pub struct Restore {
    /// A copy that `warden backup`, litestream or SQLite's backup made
    #[arg(required_unless_present = "distrust")]
    pub path: Option<PathBuf>,
    /// Distrust a database on a server, after `pg_restore`
    #[arg(long, conflicts_with_all = ["path", "yes_really"])]
    pub distrust: bool,
    /// Restore it although it lacks what is tracked now, or is of another database
    #[arg(long)]
    pub yes_really: bool,
}

/// The reason why nothing was restored.
#[derive(Debug, thiserror::Error)]
enum RestoreError {
    #[error("{0} is the database itself; name a copy of it")]
    Itself(String),
    #[error("{what} cannot be {done} ({reason}); nothing was restored")]
    Files {
        what: String,
        done: &'static str,
        reason: String,
    },
    #[error(
        "{copy} does not fit what is here:{}\nNothing was restored. If it is the right one all the same, run this again with --yes-really",
        each(lacks)
    )]
    Lacks { copy: String, lacks: Vec<CopyLack> },
    #[error(
        "there is no copy {copy}; name one that `warden backup` made. {database} was not changed"
    )]
    NoCopy { copy: String, database: String },
    #[error("the copy {copy} {what}; take another one. {database} was not changed")]
    BadCopy {
        copy: String,
        /// The problem of the copy.
        what: &'static str,
        database: String,
    },
    #[error(
        "the audit trail of the copy {copy} {}. {database} was not changed",
        of_its_key(problem, copy)
    )]
    Key {
        copy: String,
        problem: KeyProblem,
        database: String,
    },
}

/// The mismatch between the key of a copy's trail and the key that is set, and the remedy. The copy lacks it, not the database in
/// its place now.
fn of_its_key(problem: &KeyProblem, copy: &str) -> String {
    match problem {
        KeyProblem::Missing(_) => format!(
            "was written with a key, and WARDEN_AUDIT_KEY is not set: load the key that warden ran with when the copy was made (`set -a; . /etc/warden/environment; set +a`), and try again. Only if it is lost for good: look things up in the copy (`warden --db {copy} instance list`), and begin another database with --db"
        ),
        KeyProblem::Other(_) => format!(
            "does not end with a row of this WARDEN_AUDIT_KEY: warden ran with another key when the copy was made, or the row was changed. Set that key; `warden --db {copy} audit verify` tells more"
        ),
        KeyProblem::NotBegun(_) => "has no key, and WARDEN_AUDIT_KEY is set: restored so, nothing could be recorded. To restore it all the same: unset the key (`unset WARDEN_AUDIT_KEY`), restore it, then set the key again and run `warden audit begin-key` before warden is started".to_owned(),
    }
}

/// The error about a copy, where what cannot be opened is told as the database elsewhere.
fn of_copy(error: anyhow::Error, copy: &Path, database: &Path) -> anyhow::Error {
    let (copy, database) = (copy.display().to_string(), database.display().to_string());
    let stored = error.chain().find_map(|cause| cause.downcast_ref());
    let what = match stored {
        Some(StoreError::Missing { .. }) => return RestoreError::NoCopy { copy, database }.into(),
        Some(StoreError::Directory { .. }) => "is a directory",
        Some(StoreError::NoFile { .. }) => "is a pipe, a socket or a device",
        Some(StoreError::Empty { .. }) => "holds nothing",
        Some(StoreError::NotADatabase { .. }) => "is not a database, or its beginning is damaged",
        Some(StoreError::Corrupt { .. }) => "is damaged",
        Some(StoreError::Foreign { .. }) => "belongs to another program",
        _ => return error,
    };
    RestoreError::BadCopy {
        copy,
        what,
        database,
    }
    .into()
}

/// One line per item.
fn each(lacks: &[CopyLack]) -> String {
    lacks.iter().map(|lack| format!("\n  {lack}")).collect()
}

/// The suffixes of the files that belong to a database.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

impl Restore {
    fn copy(&self) -> &Path {
        self.path.as_deref().unwrap_or(Path::new(""))
    }

    /// Marks all contents of a database on a server as distrusted, after `pg_restore` has replaced them.
    ///
    /// # Errors
    /// If a process delivers from it, or if it is not sound. Nothing is changed in that case.
    pub async fn distrust(
        place: &DatabasePlace,
        key: Option<&AuditKey>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let store = Store::open_put_back(place).await?;
        let marked = async {
            // Also one that only stands by has read it. A lease says nothing: one that was killed leaves its own.
            store.check_unused().await?;
            backup::check_sound(&store).await?;
            check_key(&store, key, TrailUse::Append).await??;
            backup::check_trails(&store, key, &[]).await?;
            let known = store.system().last_known().await?;
            let state_of = known.map_or(now, |known| known.min(now));
            store.refresh_statistics().await?;
            store.system().begin_restoration(state_of, now, &[]).await?;
            anyhow::Ok(state_of)
        };
        let marked = marked.await;
        store.close().await;
        let said = render::backup::distrusted(&place.to_string(), marked?, now);
        io::stdout().write_all(said.as_bytes())?;
        Ok(())
    }

    /// Replaces the database with a copy, and reports where the replaced one is kept.
    ///
    /// # Errors
    /// When nothing was restored; everything is as before. If it is killed halfway, the database cannot be opened until a
    /// restoration has succeeded.
    pub async fn run(
        &self,
        database: &Path,
        key: Option<&AuditKey>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        if let (Ok(copy), Ok(database)) = (self.copy().canonicalize(), database.canonicalize())
            && copy == database
        {
            return Err(RestoreError::Itself(self.copy().display().to_string()).into());
        }
        let named = std::path::absolute(database)?;
        let database = &resolved(&named);
        let is_there = database.symlink_metadata().is_ok();
        // Read before the claim, which excludes this process too.
        let before = held_by(database).await;
        let _claimed = is_there.then(|| Store::claim(database)).transpose()?;
        let Prepared {
            partial,
            state_of,
            tracked,
        } = self
            .prepared(database, before.as_deref(), key, now)
            .await
            .map_err(|error| of_copy(error, self.copy(), &named))?;
        // For every name by which it may be opened.
        let mut unfinished = vec![Store::unfinished(&named), Store::unfinished(database)];
        unfinished.dedup();
        let failed = |what: &Path, done: &'static str| {
            let what = what.display().to_string();
            move |error: io::Error| RestoreError::Files {
                what,
                done,
                reason: error.kind().to_string(),
            }
        };
        for mark in &unfinished {
            let begun = File::create(mark).and_then(|file| file.sync_all());
            begun.map_err(failed(mark, "written"))?;
            sync_directory(mark);
        }
        #[cfg(unix)]
        as_owned(&partial.path, database);
        let kept = with(database, &format!(".replaced-{}", now.format(backup::NAME)));
        let moved = move_aside(database, &kept).and_then(|moved| {
            // From here on, no file of the replaced database can be taken for a part of the new one.
            match fs::rename(&partial.path, database) {
                Ok(()) => Ok(moved),
                Err(error) => {
                    move_back(&moved);
                    Err(error)
                }
            }
        });
        sync_directory(database);
        for mark in &unfinished {
            fs::remove_file(mark).map_err(failed(mark, "removed"))?;
        }
        let moved = moved.map_err(failed(database, "replaced"))?;
        sync_directory(database);
        let kept = moved.first().map(|(_, kept)| kept.as_path());
        let said = render::backup::restored(&Replaced {
            database,
            copy: self.copy(),
            state_of,
            at: now,
            kept,
            tracked,
            before: before.as_deref().map(tracked_in),
        });
        io::stdout().write_all(said.as_bytes())?;
        Ok(())
    }

    /// Checks that the copy's trails can be continued with the key that is set, or without one.
    async fn check_key(
        &self,
        copy: &Store,
        key: Option<&AuditKey>,
        database: &Path,
    ) -> anyhow::Result<()> {
        let checked = check_key(copy, key, TrailUse::Append).await?;
        checked.map_err(|problem| RestoreError::Key {
            copy: self.copy().display().to_string(),
            problem,
            database: database.display().to_string(),
        })?;
        Ok(())
    }

    /// The copy: checked, migrated, and marked as distrusted, beside the database; with the moment of its state.
    async fn prepared(
        &self,
        database: &Path,
        before: Option<&[Holds]>,
        key: Option<&AuditKey>,
        now: Timestamp,
    ) -> anyhow::Result<Prepared> {
        let from = Store::open_to_read(self.copy()).await?;
        let prepared = async {
            backup::check_sound(&from.store).await?;
            let partial = Partial::beside(database, None)?;
            backup::copy_into(&from.store, &partial.path, database).await?;
            Store::unmark_copy(&partial.path).await?;
            // Also one whose content was moved on: it is a copy then.
            let place = DatabasePlace::File(partial.path.clone());
            let store = Store::open_put_back(&place).await?;
            let marked = async {
                backup::check_sound(&store).await?;
                self.check_key(&store, key, database).await?;
                backup::check_trails(&store, key, &[]).await?;
                let copied = store.system().extents().await?;
                let lacks = lacks(before, &copied);
                if !lacks.is_empty() && !self.yes_really {
                    let copy = self.copy().display().to_string();
                    return Err(RestoreError::Lacks { copy, lacks }.into());
                }
                let known = store.system().last_known().await?;
                let state_of = known.map_or(now, |known| known.min(now));
                let begun =
                    store
                        .system()
                        .begin_restoration(state_of, now, before.unwrap_or_default());
                begun.await?;
                anyhow::Ok((state_of, tracked_in(&copied)))
            };
            let marked = marked.await;
            store.close().await;
            let (state_of, tracked) = marked?;
            partial.sync()?;
            anyhow::Ok(Prepared {
                partial,
                state_of,
                tracked,
            })
        };
        let prepared = prepared.await;
        from.store.close().await;
        prepared
    }
}

/// A copy that is ready to replace the database.
struct Prepared {
    partial: Partial,
    /// The moment of its state.
    state_of: Timestamp,
    tracked: u64,
}

/// The contents of an existing, readable database.
async fn held_by(database: &Path) -> Option<Vec<Holds>> {
    let reading = Store::open_to_read(database).await.ok()?;
    let held = reading.store.system().extents().await;
    reading.store.close().await;
    held.ok()
}

fn tracked_in(all: &[Holds]) -> u64 {
    all.iter().map(|held| held.tracked).sum()
}

/// Instances that are tracked now and would be lost, or tracked in another database, or whose trail would lose its key.
fn lacks(before: Option<&[Holds]>, copied: &[Holds]) -> Vec<CopyLack> {
    let followed = before
        .unwrap_or_default()
        .iter()
        .filter(|held| held.tracked > 0);
    let each = followed.filter_map(|held| {
        let (name, tracked) = (held.workspace.clone(), held.tracked);
        let copy = copied.iter().find(|copy| copy.workspace == held.workspace);
        match copy {
            None => Some(CopyLack::Workspace { name, tracked }),
            Some(copy) if copy.began != held.began => {
                let copied = copy.tracked;
                Some(CopyLack::Trail {
                    name,
                    tracked,
                    copied,
                })
            }
            Some(copy) if held.is_keyed && !copy.is_keyed => Some(CopyLack::Key { name, tracked }),
            Some(copy) if copy.tracked == 0 => Some(CopyLack::Instances { name, tracked }),
            Some(_) => None,
        }
    });
    let mut lacks: Vec<CopyLack> = each.collect();
    if before.is_none() && tracked_in(copied) == 0 {
        lacks.push(CopyLack::Everything);
    }
    lacks
}

/// The target of a link, also of a dangling one.
fn resolved(database: &Path) -> PathBuf {
    let link = || Some(database.parent()?.join(database.read_link().ok()?));
    let real = database.canonicalize().ok().or_else(link);
    real.unwrap_or_else(|| database.to_owned())
}

fn with(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Gives a file the owner of the file that it replaces, or of the directory, so that the service can open what root has restored.
#[cfg(unix)]
fn as_owned(new: &Path, replaced: &Path) {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let directory = || replaced.parent().and_then(|parent| parent.metadata().ok());
    let Some(like) = replaced.metadata().ok().or_else(directory) else {
        return;
    };
    if let Err(error) = chown(new, Some(like.uid()), Some(like.gid())) {
        tracing::warn!(error.kind = %error.kind(), "the restored database keeps the owner of who restores it");
    }
}

/// Renames a database and its files, as far as they exist. Returns the old and new names.
fn move_aside(database: &Path, kept: &Path) -> io::Result<Vec<(PathBuf, PathBuf)>> {
    let mut moved = Vec::new();
    let names = std::iter::once("").chain(BESIDE);
    for (was, is) in names.map(|end| (with(database, end), with(kept, end))) {
        if was.symlink_metadata().is_err() {
            continue;
        }
        let renamed = match is.symlink_metadata() {
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(&was, &is),
        };
        if let Err(error) = renamed {
            move_back(&moved);
            return Err(error);
        }
        moved.push((was, is));
    }
    Ok(moved)
}

fn move_back(moved: &[(PathBuf, PathBuf)]) {
    for (was, is) in moved {
        // A file that cannot be moved back stays beside the database under its new name.
        let _ = fs::rename(is, was);
    }
}
