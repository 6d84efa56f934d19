//! Messages about backups and restores.

use std::fmt::{self, Write as _};
use std::path::Path;

use super::rfc3339;
use crate::domain::Timestamp;
use crate::domain::audit::Head;
use crate::domain::id::WorkspaceId;

/// Tracked data of the current database that is missing from a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyLack {
    /// The copy lacks a workspace with tracked instances.
    Workspace { name: WorkspaceId, tracked: u64 },
    /// The copy is of another database: its trail begins differently.
    Trail {
        name: WorkspaceId,
        tracked: u64,
        copied: u64,
    },
    /// The trail of the copy has no key, and that of the current database has one.
    Key { name: WorkspaceId, tracked: u64 },
    /// The copy has no tracked instance in the workspace.
    Instances { name: WorkspaceId, tracked: u64 },
    /// The copy has no tracked instance at all, and the current database cannot be read or does not exist.
    Everything,
}

impl fmt::Display for CopyLack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let now =
            |name: &WorkspaceId, tracked: &u64| format!("workspace {name}: {tracked} tracked now");
        match self {
            Self::Workspace { name, tracked } => {
                write!(
                    f,
                    "{}, and the copy has no such workspace",
                    now(name, tracked)
                )
            }
            Self::Trail {
                name,
                tracked,
                copied,
            } => write!(
                f,
                "{}, {copied} in the copy, which is of another database: its audit trail begins otherwise",
                now(name, tracked)
            ),
            Self::Key { name, tracked } => write!(
                f,
                "{}, and the copy is from before its audit trail had a key: restored, nothing shows what somebody rewrites in it (`audit begin-key` gives it one)",
                now(name, tracked)
            ),
            Self::Instances { name, tracked } => {
                write!(f, "{}, none in the copy", now(name, tracked))
            }
            Self::Everything => f.write_str("the copy tracks no instance at all"),
        }
    }
}

/// The result of a restore.
#[derive(Debug, Clone, Copy)]
pub struct Replaced<'a> {
    pub database: &'a Path,
    pub copy: &'a Path,
    /// The moment up to which the copy has data.
    pub state_of: Timestamp,
    pub at: Timestamp,
    /// The path to which the previous database was moved.
    pub kept: Option<&'a Path>,
    /// The number of instances tracked in the copy.
    pub tracked: u64,
    /// The number in the previous database, if it was readable.
    pub before: Option<u64>,
}

/// The report of a restore.
pub fn restored(replaced: &Replaced<'_>) -> String {
    let Replaced {
        database,
        copy,
        state_of,
        at,
        kept,
        tracked,
        before,
    } = replaced;
    let mut text = format!(
        "{}: restored from {} to the state of {}. What happened from then until {} is not known in it.\n",
        database.display(),
        copy.display(),
        rfc3339(*state_of),
        rfc3339(*at)
    );
    if let Some(kept) = kept {
        let _ = writeln!(text, "What was there is kept: {}", kept.display());
    }
    let before = match (before, kept) {
        (Some(before), _) => format!("; {before} in what was there"),
        (None, Some(_)) => "; what was there cannot be read".to_owned(),
        (None, None) => String::new(),
    };
    let _ = writeln!(text, "Instances tracked: {tracked}{before}.");
    text.push_str(DISTRUST);
    text
}

/// The first task where nothing is known any more.
macro_rules! after_restoring {
    () => {
        "Next: import a listing of each region, then look at the actions: one import says the editions and the expiries of all that is in it.\n"
    };
}
pub(super) const AFTER_RESTORING: &str = after_restoring!();

const DISTRUST: &str = concat!(
    "Every permit, approval, request, acknowledgement and observation in it is void, actions and editions are unknown, and suppressed notices are raised; people are told.\n",
    after_restoring!()
);

/// The report of distrusting a database on a server.
pub fn distrusted(database: &str, state_of: Timestamp, at: Timestamp) -> String {
    format!(
        "{database}: taken as restored to the state of {}. What happened from then until {} is not known in it.\n{DISTRUST}",
        rfc3339(state_of),
        rfc3339(at)
    )
}

/// The report of moving a database.
pub fn moved(from: &str, to: &str, rows: usize, heads: &[Head]) -> String {
    let mut text = format!(
        "{to} holds all of {from}: {rows} rows, each compared. Each trail is sound and ends at:\n"
    );
    for head in heads {
        let _ = writeln!(text, "  {head}");
    }
    let _ = writeln!(
        text,
        "Start warden on {to} from now on: in {from} nothing is recorded any more."
    );
    text
}

/// The report of a migration that had been done before.
pub fn moved_before(from: &str, to: &str) -> String {
    format!(
        "All of {from} was moved to {to} before, and each trail of it is in there: nothing is left to do. Start warden on {to}: in {from} nothing is recorded any more.\n"
    )
}

/// The older copies, after the oldest were removed.
#[derive(Debug, Default)]
pub struct PrunedCopies {
    /// Removed copies.
    pub gone: Vec<String>,
    /// Copies dated ahead of the clock, which stay.
    pub ahead: Vec<String>,
}

/// The report of a backup: the copy, its verification, and what happened to the older copies.
pub fn copied(
    copy: &Path,
    bytes: u64,
    version: i64,
    heads: &[Head],
    pruned: &PrunedCopies,
) -> String {
    let PrunedCopies { gone, ahead } = pruned;
    let mut text = format!(
        "{}: {bytes} bytes, sound, schema {version}. Each trail ends at:\n",
        copy.display()
    );
    for head in heads {
        let _ = writeln!(text, "  {head}");
    }
    if heads.is_empty() {
        text.push_str("  (nothing was ever recorded)\n");
    }
    if !gone.is_empty() {
        let _ = writeln!(text, "Removed, as more than are kept: {}", gone.join(", "));
    }
    if !ahead.is_empty() {
        let _ = writeln!(
            text,
            "Dated ahead of the clock, so neither counted nor removed: {}. Look at the clock, and rename or remove them.",
            ahead.join(", ")
        );
    }
    text
}
