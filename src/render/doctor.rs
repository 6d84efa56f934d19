//! The findings of `warden doctor`.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::Path;

use super::rfc3339;
use crate::answer::{Derived, Differs, Health};
use crate::domain::Timestamp;
use crate::domain::id::WorkspaceId;

/// No findings.
pub const SOUND: &str = "Everything is as it should be.";
/// The remedy for derived data that differs.
pub const REPAIR: &str =
    "`warden doctor --repair` rebuilds what differs from what it is derived from.";
/// The remedy for damage.
pub const RESTORE: &str =
    "What is damaged cannot be rebuilt: stop warden, keep this file, and restore a backup.";
/// A database that needs a migration first.
pub const NOT_CURRENT: &str =
    "It was set up by another version of warden: start this version on it once, then ask again.";

/// A database file that everybody on the machine may read.
pub fn open_to_all(file: &Path) -> String {
    let file = file.display();
    format!(
        "everybody on this machine may read the database {file}: `chmod 600 {file}` keeps it to its owner"
    )
}

/// The reason why notices with a key of the configuration are not accepted. `held` says whether its workspace is paused; its inner
/// `None` means that the workspace is unknown, the outer one that there is no database to ask.
pub fn workspace_of_key(
    key: &str,
    workspace: &WorkspaceId,
    held: Option<Result<Option<bool>, impl Display>>,
) -> Option<String> {
    let is_server = workspace.as_str().bytes().all(|byte| byte.is_ascii_digit());
    let why = match held {
        _ if !is_server => {
            "that is neither `local`, the terminal's own, nor the id of a Discord server, which is a number".to_owned()
        }
        None | Some(Ok(Some(false))) => return None,
        Some(Ok(Some(true))) => "the bot was removed from that server".to_owned(),
        Some(Ok(None)) => "the database knows nothing of that server, so each notice is refused until the bot has been told something there".to_owned(),
        Some(Err(error)) => format!("whether the database knows it was not checked: {error}"),
    };
    Some(format!("http.keys.{key}.workspace is `{workspace}`: {why}"))
}

/// A restored workspace whose distrust is unfinished.
pub fn half_distrusted(workspace: &WorkspaceId) -> String {
    format!(
        "{workspace}: it was restored from a copy, and what that knew is not distrusted yet: start warden on it, which continues with that first"
    )
}

/// Undelivered messages, which are no damage.
pub fn waiting(messages: u64, oldest: Timestamp) -> String {
    format!(
        "messages that wait for a chat: {messages}, the oldest since {}; `warden discord` or the prompt posts them",
        rfc3339(oldest)
    )
}

/// The findings about the file as a whole, one line each.
pub fn health(health: &Health) -> Vec<String> {
    let damage = health
        .damage
        .iter()
        .map(|line| format!("the file is damaged: {line}"));
    let orphans = health.orphans.iter().map(|orphans| {
        format!(
            "{} rows of `{}` refer to one of `{}` that is not there",
            orphans.rows, orphans.table, orphans.of
        )
    });
    damage.chain(orphans).collect()
}

/// A difference, in one line.
pub fn differs(workspace: &WorkspaceId, differs: &Differs) -> String {
    let Differs {
        of, held, wanted, ..
    } = differs;
    let what = match differs.derived {
        Derived::Counter => format!("the counter `{of}`"),
        Derived::LookUp => format!("what {of} is found by"),
        Derived::Wake => format!("when time moves change #{of}"),
        Derived::Plan => format!("when {of} is looked at"),
        Derived::Head => format!("the next message of the channel {of}"),
        Derived::Depth => format!("the number of messages that wait in the channel {of}"),
    };
    format!("{workspace}: {what} differs: it is {held}, and should be {wanted}")
}

/// An unreadable record, in one line.
pub fn damaged(workspace: &WorkspaceId, what: &str) -> String {
    format!("{workspace}: {what}")
}

/// The repairs, for the trail.
pub fn mended(differs: &[Differs]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for each in differs {
        *counts.entry(noun(each.derived)).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(what, n)| format!("{what}: {n}"))
        .collect();
    format!("rebuilt: {}", counts.join(", "))
}

/// The repairs, for people.
pub fn repaired(differs: usize) -> String {
    format!("Rebuilt: {differs}. The audit trail has it.")
}

const fn noun(derived: Derived) -> &'static str {
    match derived {
        Derived::Counter => "counters",
        Derived::LookUp => "look-up columns",
        Derived::Wake => "schedule of changes",
        Derived::Plan => "schedule of instances",
        Derived::Head => "heads of queues",
        Derived::Depth => "depths of queues",
    }
}
