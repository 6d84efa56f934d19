//! Modes that work on a database and end: the trail, checks, copies, moves.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use super::console::login_name;
use super::{open, print, start_log, start_threads, warden};
use edition_warden::app::{LOCAL_WORKSPACE, TrailUse, check_key};
use edition_warden::clock::Clock;
use edition_warden::config::Config;
use edition_warden::domain::id::{Person, WorkspaceId};
use edition_warden::domain::place::DatabasePlace;
use edition_warden::render;
use edition_warden::store::{MissingPart, ReadOnlyStore, Store, StoreResult};
use edition_warden::surface::doctor;
use edition_warden::surface::ready;
use edition_warden::surface::stop::told_to_end;
use edition_warden::surface::{AuditTask, Backup, Migrate, Restore, begin_key};

/// Runs an audit task on an existing database.
pub(crate) fn audit(config: &Config, task: &AuditTask) -> anyhow::Result<ExitCode> {
    start_log(config)?;
    start_threads()?.block_on(async {
        let (place, key) = (&config.database, config.audit_key.as_ref());
        let task = match task {
            AuditTask::BeginKey => {
                let by = Person::at_console(&login_name());
                begin_key(place, key, by, Clock::System.now()).await?;
                return Ok(ExitCode::SUCCESS);
            }
            AuditTask::Read(task) => task,
        };
        let reading = Store::open_at_to_read(place).await?;
        let done = task.run(&reading, key).await;
        reading.store.close().await;
        done
    })
}

/// The problems of the database and of the settings that refer to it, a line each, as far as they can be read.
pub(crate) fn warnings(config: &Config) -> anyhow::Result<String> {
    let runtime = start_threads()?;
    let mut warnings = Vec::new();
    let file = config.database.file();
    warnings.extend(
        file.filter(|file| is_open_to_all(file))
            .map(render::doctor::open_to_all),
    );
    let is_there = file.is_none_or(Store::is_there);
    for (name, key) in &config.http.keys {
        let workspace = WorkspaceId::from(key.workspace.as_str());
        if workspace.as_str() != LOCAL_WORKSPACE {
            let held = is_there.then(|| runtime.block_on(is_paused(&config.database, &workspace)));
            warnings.extend(render::doctor::workspace_of_key(name, &workspace, held));
        }
    }
    let lines = warnings.iter().map(|line| format!("warning: {line}\n"));
    Ok(lines.collect())
}

/// Whether a workspace is paused; `None` where nothing is known of it.
async fn is_paused(place: &DatabasePlace, workspace: &WorkspaceId) -> StoreResult<Option<bool>> {
    let reading = Store::open_at_to_read(place).await?;
    let held = reading.store.system().is_paused(workspace).await;
    reading.store.close().await;
    held
}

/// Whether everybody on this machine may read a file.
#[cfg(unix)]
fn is_open_to_all(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata().map(|found| found.permissions().mode());
    mode.is_ok_and(|mode| mode & 0o004 != 0)
}

#[cfg(not(unix))]
const fn is_open_to_all(_: &Path) -> bool {
    false
}

/// Checks the integrity of the database read-only, then rebuilds derived data if asked to.
pub(crate) fn examine(config: &Config, repair: bool) -> anyhow::Result<ExitCode> {
    start_log(config)?;
    start_threads()?.block_on(async {
        let place = &config.database;
        let reading = Store::open_at_to_read(place).await?;
        tell_unread(&reading)?;
        if let Some(file) = place.file().filter(|file| is_open_to_all(file)) {
            writeln!(io::stderr(), "{}", render::doctor::open_to_all(file))?;
        }
        let found = doctor::diagnose(&warden(reading.store.clone(), config)).await;
        reading.store.close().await;
        let found = found?;
        // A damaged database is not written to: it is evidence, and writing may spread the damage.
        if !repair || found.is_damaged || found.differs.is_empty() {
            return Ok(ExitCode::from(found.code));
        }
        let store = open(place, config).await?;
        let code = doctor::repair(&warden(store.clone(), config), &found).await;
        store.close().await;
        Ok(ExitCode::from(code?))
    })
}

/// Says what cannot be read of a database. A missing part beside a cleanly closed one is normal.
pub(super) fn tell_unread(reading: &ReadOnlyStore) -> io::Result<()> {
    match &reading.lacking {
        Some(part @ MissingPart::Unread { .. }) => {
            writeln!(io::stderr(), "{}", render::audit::lacking(part))
        }
        Some(MissingPart::NotThere { .. }) | None => Ok(()),
    }
}

/// Asks the running process whether it is ready.
pub(crate) fn ask_whether_ready(config: &Config) -> anyhow::Result<ExitCode> {
    let Some(at) = config.http.listen else {
        anyhow::bail!(
            "http.listen is not set, so there is nowhere to ask: set it as for the program that runs"
        )
    };
    match start_threads()?.block_on(ready::ask(at)) {
        Ok(delivery) => print(&format!("ready: it {delivery}")),
        Err(reason) => {
            writeln!(io::stderr(), "warden: not ready: {reason}")?;
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Copies an existing database.
pub(crate) fn copy(config: &Config, backup: &Backup) -> anyhow::Result<ExitCode> {
    start_log(config)?;
    start_threads()?.block_on(async {
        let path = file_for(config, "pg_dump")?;
        let reading = Store::open_to_read(path).await?;
        tell_unread(&reading)?;
        let copying = async {
            let key = config.audit_key.as_ref();
            check_key(&reading.store, key, TrailUse::Read).await??;
            backup
                .run(&reading.store, path, key, Clock::System.now())
                .await
        };
        let done = tokio::select! {
            done = copying => done.map(|()| 0),
            code = told_to_end() => return Ok(ExitCode::from(code)),
        };
        reading.store.close().await;
        Ok(ExitCode::from(done?))
    })
}

/// Replaces the database with a copy and marks its facts as distrusted.
pub(crate) fn put_back(config: &Config, restore: &Restore) -> anyhow::Result<ExitCode> {
    start_log(config)?;
    start_threads()?.block_on(async {
        let (key, now) = (config.audit_key.as_ref(), Clock::System.now());
        if restore.distrust && config.database.server().is_some() {
            Restore::distrust(&config.database, key, now).await?;
        } else if restore.distrust {
            anyhow::bail!(
                "--distrust is for a database on a server, after `pg_restore`; for a file, name the copy"
            )
        } else {
            let path = file_for(config, "pg_restore")?;
            restore.run(path, key, now).await?;
        }
        let store = open(&config.database, config).await?;
        let said = warden(store.clone(), config)
            .in_force_since_restored(&config.policy_on_the_console())
            .await;
        store.close().await;
        for (workspace, in_force) in said? {
            writeln!(io::stdout(), "Workspace {workspace}:{in_force}")?;
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Moves the whole database into another one.
pub(crate) fn move_all(config: &Config, migrate: &Migrate) -> anyhow::Result<ExitCode> {
    start_log(config)?;
    start_threads()?.block_on(async {
        tokio::select! {
            done = migrate.run(config.audit_key.as_ref()) => done.map(|()| ExitCode::SUCCESS),
            code = told_to_end() => Ok(ExitCode::from(code)),
        }
    })
}

/// The file that the database is; for one on a server there is a `tool` instead.
fn file_for<'a>(config: &'a Config, tool: &str) -> anyhow::Result<&'a Path> {
    let place = &config.database;
    place.file().ok_or_else(|| {
        anyhow::anyhow!(
            "the database {place} is on a server, where `{tool}` does this: docs/postgresql.md says how, and what comes after it"
        )
    })
}
