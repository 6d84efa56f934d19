//! `warden migrate`: moves the whole content of one database into another, and compares both.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::backup::{self, BackupError};
use crate::app::check_key;
use crate::domain::audit::AuditKey;
use crate::render;
use crate::store::{Options, Store, StoreError};

/// From which database into which.
#[derive(Debug, clap::Args)]
pub struct Migrate {
    /// The database whose content is moved; it is left as it is
    #[arg(long, value_name = "DATABASE")]
    pub from: PathBuf,
    /// The database that is to hold it; it must hold nothing yet
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
        let (from, to) = (self.from.as_path(), self.to.as_path());
        let named = |path: &Path| path.display().to_string();
        if std::path::absolute(from)? == std::path::absolute(to)? || is_same_file(from, to) {
            return Err(MigrateError::Same.into());
        }
        refuse_in_use(from)?;
        refuse_in_use(to)?;
        if !Store::is_there(from) {
            let database = named(from).into();
            return Err(StoreError::Missing { database }.into());
        }
        let source = Store::open(from).await?;
        check_key(&source, key).await??;
        let trails = backup::check_trails(&source, key, &[]).await;
        trails.map_err(|error| unsound(from, error))?;
        let fills = Options {
            fills: true,
            ..Options::default()
        };
        let target = Store::open_with(to, fills).await?;
        let place = named(&std::path::absolute(from)?);
        let mut transfer = source.transfer_to(&target, &place).await?;
        let heads = backup::heads_of(&source).await?;
        transfer.run().await?;
        let rows = transfer.compare().await?;
        let rows = rows.map_err(|table| MigrateError::Differs {
            table,
            from: named(from),
            to: named(to),
        })?;
        let sound = backup::check_sound(&target).await;
        sound.map_err(|error| unsound(to, error))?;
        let trails = backup::check_trails(&target, key, &heads).await;
        trails.map_err(|error| unsound(to, error))?;
        transfer.finish().await?;
        source.close().await;
        target.close().await;
        let said = render::backup::moved(&named(from), &named(to), rows, &heads);
        io::stdout().write_all(said.as_bytes())?;
        Ok(())
    }
}

/// The error of a failed check, worded for the database itself instead of a copy.
fn unsound(database: &Path, error: BackupError) -> anyhow::Error {
    let database = database.display().to_string();
    match error {
        BackupError::Unsound(what) => MigrateError::Unsound { database, what }.into(),
        other => other.into(),
    }
}

/// Rejects a database in use by another process.
fn refuse_in_use(database: &Path) -> anyhow::Result<()> {
    if database.exists() {
        drop(Store::claim(database)?);
    }
    Ok(())
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
