//! `warden doctor`: checks the integrity of the database, and repairs derived data.

use std::io::{self, Write};

use chrono::TimeDelta;

use crate::app::{Warden, check_trail};
use crate::domain::audit::{Tampering, VerifyOptions};
use crate::domain::id::WorkspaceId;
use crate::render::{audit, doctor};
use crate::store::{Differs, StoreError};

const SOUND: u8 = 0;
/// Derived data differs, or the database is damaged.
const AILING: u8 = 1;
/// The waiting time of a message that is reported.
const LONG: TimeDelta = TimeDelta::hours(1);
/// The check was not possible.
const UNUSABLE: u8 = 2;

/// The findings.
#[derive(Debug)]
pub struct Diagnosis {
    /// Derived data that can be repaired, by workspace.
    pub differs: Vec<(WorkspaceId, Vec<Differs>)>,
    /// Whether there is damage that cannot be repaired.
    pub is_damaged: bool,
    /// The exit status.
    pub code: u8,
}

/// Checks the whole database, and reports problems.
///
/// # Errors
/// When the database cannot be read, or standard output cannot be written.
pub async fn diagnose(warden: &Warden) -> anyhow::Result<Diagnosis> {
    let mut out = io::stdout().lock();
    let store = warden.store();
    let mut found = Diagnosis {
        differs: Vec::new(),
        is_damaged: false,
        code: SOUND,
    };
    let health = store.system().health().await?;
    if !health.is_current {
        writeln!(out, "{}", doctor::NOT_CURRENT)?;
        found.code = UNUSABLE;
        return Ok(found);
    }
    for restoration in store.system().restorations().await? {
        if restoration.left.is_some() {
            writeln!(out, "{}", doctor::half_distrusted(&restoration.workspace))?;
            found.code = AILING;
        }
    }
    if let Some(past) = store.system().past().await? {
        writeln!(out, "{past}")?;
        found.code = AILING;
    }
    for line in doctor::health(&health) {
        writeln!(out, "{line}")?;
        found.is_damaged = true;
    }
    let mut unchecked = false;
    let settings = warden.settings();
    let terms = VerifyOptions {
        key: settings.audit_key.as_ref(),
        ..VerifyOptions::default()
    };
    for workspace in store.system().workspaces().await? {
        unchecked |= !check_workspace(warden, workspace, terms, &mut found, &mut out).await?;
    }
    let gauges = store.system().gauges().await?;
    let oldest = gauges.oldest_due.filter(|due| warden.now() - *due > LONG);
    if let Some(oldest) = oldest {
        writeln!(out, "{}", doctor::waiting(gauges.waiting, oldest))?;
    }
    let is_behind = found.code == AILING;
    found.code = match (
        is_behind || found.is_damaged || !found.differs.is_empty(),
        unchecked,
    ) {
        (true, _) => AILING,
        (false, true) => UNUSABLE,
        (false, false) => SOUND,
    };
    let advice = match found.code {
        SOUND => doctor::SOUND,
        _ if found.is_damaged => doctor::RESTORE,
        _ if !found.differs.is_empty() => doctor::REPAIR,
        _ => return Ok(found),
    };
    writeln!(out, "{advice}")?;
    Ok(found)
}

/// Checks a workspace, and adds what is found. Returns whether its trail could be checked.
async fn check_workspace(
    warden: &Warden,
    workspace: WorkspaceId,
    terms: VerifyOptions<'_>,
    found: &mut Diagnosis,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let ailing = match warden.examine(&workspace).await {
        Err(error @ (StoreError::Corrupt { .. } | StoreError::Damaged { .. })) => {
            writeln!(out, "{}", doctor::damaged(&workspace, &error.to_string()))?;
            found.is_damaged = true;
            return Ok(true);
        }
        ailing => ailing?,
    };
    for differs in &ailing.differs {
        writeln!(out, "{}", doctor::differs(&workspace, differs))?;
    }
    for damaged in &ailing.damaged {
        writeln!(out, "{}", doctor::damaged(&workspace, damaged))?;
        found.is_damaged = true;
    }
    let trail = check_trail(warden.store(), &workspace, terms).await?;
    if trail.is_err() {
        writeln!(out, "{}", audit::checked(&workspace, &trail))?;
    }
    if !ailing.differs.is_empty() {
        found.differs.push((workspace, ailing.differs));
    }
    let lacks_key = matches!(trail, Err(Tampering::KeyNeeded(_)));
    found.is_damaged |= trail.is_err() && !lacks_key;
    Ok(!lacks_key)
}

/// Repairs derived data. Returns the exit status.
///
/// # Errors
/// When the database cannot be written, or standard output cannot be written.
pub async fn repair(warden: &Warden, found: &Diagnosis) -> anyhow::Result<u8> {
    for (workspace, differs) in &found.differs {
        warden.mend(workspace, differs).await?;
    }
    let all = found.differs.iter().map(|(_, differs)| differs.len()).sum();
    writeln!(io::stdout(), "{}", doctor::repaired(all))?;
    Ok(SOUND)
}
