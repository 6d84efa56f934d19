//! What became of copies of the database, in words.

use std::fmt::Write as _;
use std::path::Path;

use super::rfc3339;
use crate::domain::Timestamp;
use crate::domain::audit::Head;

/// What took the place of what, and what that means.
pub fn restored(
    database: &Path,
    copy: &Path,
    state_of: Timestamp,
    now: Timestamp,
    kept: Option<&Path>,
) -> String {
    let mut text = format!(
        "{}: restored from {} to the state of {}. What happened from then until {} is not known in it.\n",
        database.display(),
        copy.display(),
        rfc3339(state_of),
        rfc3339(now)
    );
    if let Some(kept) = kept {
        let _ = writeln!(text, "What was there is kept: {}", kept.display());
    }
    text.push_str("Every permit, approval, request, acknowledgement and observation in it is void, actions and editions are unknown, and suppressed notices are raised; people are told.\n");
    text
}

/// What was moved into which database, and what to do with the one that it was moved from.
pub fn moved(from: &str, to: &str, rows: usize, heads: &[Head]) -> String {
    let mut text = format!(
        "{to} holds all of {from}: {rows} rows, each compared. Each trail is sound and ends at:\n"
    );
    for head in heads {
        let _ = writeln!(text, "  {head}");
    }
    let _ = writeln!(
        text,
        "Start warden on {to} from now on, and move {from} away: what is recorded in one is not in the other."
    );
    text
}

/// What was copied and how it was checked, and which older copies went.
pub fn copied(copy: &Path, bytes: u64, version: i64, heads: &[Head], gone: &[String]) -> String {
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
    text
}
