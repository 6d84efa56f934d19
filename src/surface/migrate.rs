//! `warden migrate`: moves the whole content of one database into another, and compares both.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::backup::{self, BackupError};
use crate::app::{TrailUse, check_key};
use crate::domain::audit::AuditKey;
use crate::domain::place::DatabasePlace;
use crate::render;
use crate::store::{Store, StoreError};

/// From which database into which.
#[derive(Debug, clap::Args)]
pub struct Migrate {
    /// The database to move; it keeps its data, and nothing is recorded in it any more
    #[arg(long, value_name = "DATABASE")]
    pub from: PathBuf,
    /// The database to move to; it must be empty
    #[arg(long, value_name = "DATABASE")]
    pub to: PathBuf,
}

/// The reason why nothing, or not everything, was moved.
#[derive(Debug, thiserror::Error)]
enum MigrateError {
    #[error("--from and --to are the same database; name another one behind --to")]
    Same,
    #[error("{database} is not sound, and nothing is done with it: {what}")]
    Unsound { database: String, what: String },
    #[error(
        "{table} is not the same in both: something wrote to {from} since a transfer of it was interrupted. Empty {to} and run it again"
    )]
    Differs {
        table: &'static str,
        from: String,
        to: String,
    },
}

impl Migrate {
    /// Moves the content and reports the result.
    ///
    /// # Errors
    /// When it failed. Moved content stays, the unfinished database cannot be opened otherwise, and the next attempt continues.
    pub async fn run(&self, key: Option<&AuditKey>) -> anyhow::Result<()> {
        let place = |option: &str, named: &Path| {
            let place = DatabasePlace::named(named);
            place.map_err(|error| anyhow::anyhow!("{option}: {error}"))
        };
        let from = &place("--from", &self.from)?;
        let to = &place("--to", &self.to)?;
        if is_same(from, to)? {
            return Err(MigrateError::Same.into());
        }
        refuse_in_use(from)?;
        refuse_in_use(to)?;
        if from.file().is_some_and(|path| !Store::is_there(path)) {
            let database = from.to_string().into();
            return Err(StoreError::Missing { database }.into());
        }
        let target_place = lasting(to)?;
        let source = Store::open_to_move(from, &target_place).await?;
        source.check_unused().await?;
        check_key(&source, key, TrailUse::Read).await??;
        let trails = backup::check_trails(&source, key, &[]).await;
        trails.map_err(|error| unsound(from, error))?;
        let target = Store::open_to_fill(to).await?;
        target.check_unused().await?;
        let heads = backup::heads_of(&source).await?;
        // Whether an attempt that was cut off had ended is not known to those who run it again.
        let is_done = source.was_moved_to(&target).await?
            && backup::check_trails(&target, key, &heads).await.is_ok();
        if is_done {
            let said = render::backup::moved_before(&from.to_string(), &to.to_string());
            io::stdout().write_all(said.as_bytes())?;
            return Ok(());
        }
        let mut transfer = source.transfer_to(&target, &lasting(from)?).await?;
        transfer.run().await?;
        let rows = transfer.compare().await?;
        let rows = rows.map_err(|table| MigrateError::Differs {
            table,
            from: from.to_string(),
            to: to.to_string(),
        })?;
        let sound = backup::check_sound(&target).await;
        sound.map_err(|error| unsound(to, error))?;
        let trails = backup::check_trails(&target, key, &heads).await;
        trails.map_err(|error| unsound(to, error))?;
        target.refresh_statistics().await?;
        transfer.finish(&target_place).await?;
        source.close().await;
        target.close().await;
        let said = render::backup::moved(&from.to_string(), &to.to_string(), rows, &heads);
        io::stdout().write_all(said.as_bytes())?;
        Ok(())
    }
}

/// The error of a failed check, worded for the database itself instead of a copy.
fn unsound(database: &DatabasePlace, error: BackupError) -> anyhow::Error {
    let database = database.to_string();
    match error {
        BackupError::Unsound(what) => MigrateError::Unsound { database, what }.into(),
        other => other.into(),
    }
}

/// The name of a database, wherever it is said.
fn lasting(database: &DatabasePlace) -> anyhow::Result<String> {
    Ok(match database.file() {
        Some(path) => std::path::absolute(path)?.display().to_string(),
        None => database.to_string(),
    })
}

/// Rejects a file in use by another process.
pub(super) fn refuse_in_use(database: &DatabasePlace) -> anyhow::Result<()> {
    if let Some(path) = database.file()
        && path.exists()
    {
        drop(Store::claim(path)?);
    }
    Ok(())
}

fn is_same(one: &DatabasePlace, other: &DatabasePlace) -> anyhow::Result<bool> {
    let (Some(one), Some(other)) = (one.file(), other.file()) else {
        return Ok(one.to_string() == other.to_string());
    };
    let real = |path: &Path| path.canonicalize().ok();
    let is_one_file = real(one).is_some() && real(one) == real(other);
    Ok(is_one_file || std::path::absolute(one)? == std::path::absolute(other)?)
}
