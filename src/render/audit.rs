//! The audit trail as text, for the chat and for the command line, and as data for other programs.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::table;
use super::time::{Reader, around_instants, rfc3339};
use super::{event, fact};
use crate::answer::{MissingPart, Page, Pruned, Restoration};
use crate::domain::audit::{AuditLine, AuditRow, Tampering, Verified};
use crate::domain::event::EventKind;
use crate::domain::id::{WorkspaceId, is_unprintable};

/// A page of the trail, one row per line.
pub(super) fn list(page: &Page<AuditLine>, filtered: bool, reader: &Reader) -> String {
    if page.rows.is_empty() {
        return match (page.page, filtered) {
            (1, false) => "Nothing is in the audit trail yet.",
            (1, true) => "Nothing in the audit trail fits; `audit` alone shows all of it.",
            _ => "There is no such page; leave --page out to begin with the first.",
        }
        .to_owned();
    }
    let numbers = page.rows.iter().map(|line| line.seq.to_string().len());
    let width = numbers.max().unwrap_or(0);
    let mut out = "The audit trail, newest first:\n".to_owned();
    for line in &page.rows {
        let _ = writeln!(out, "  {:>width$}  {}", line.seq, row(line, reader));
    }
    out.push_str(&table::more(page.page, page.more, reader));
    out
}

/// The trail's detail about a restored workspace.
pub fn restored(restoration: &Restoration) -> String {
    format!(
        "state of {}, restored {}; instances: {}, notices raised: {}",
        rfc3339(restoration.state_of),
        rfc3339(restoration.restored),
        restoration.voided,
        restoration.raised
    )
}

/// The trail's detail about deleted data; `None` if nothing was.
pub fn pruned(pruned: &Pruned) -> Option<String> {
    let kinds = [
        (pruned.messages, "sent message", "sent messages"),
        (pruned.marks, "mark of a reminder", "marks of reminders"),
        (
            pruned.texts,
            "text of a settled notice",
            "texts of settled notices",
        ),
        (pruned.files, "file", "files"),
        (
            pruned.undos,
            "undo record of a file",
            "undo records of files",
        ),
    ];
    let kinds = kinds
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, more)| {
            let what = if *count == 1 { one } else { more };
            format!("{count} {what}")
        });
    let kinds: Vec<String> = kinds.collect();
    (!kinds.is_empty()).then(|| format!("removed: {}", kinds.join(", ")))
}

fn row(line: &AuditLine, reader: &Reader) -> String {
    let entry = &line.entry;
    let who = entry
        .by
        .as_ref()
        .map_or_else(|| "warden".to_owned(), ToString::to_string);
    let mut out = format!(
        "{}  {} ({}): {} → {}",
        reader.instant(entry.at),
        visible(&who),
        visible(&entry.surface),
        visible(&entry.said),
        visible(&entry.outcome)
    );
    if !entry.rules.is_empty() {
        let rules: Vec<&str> = entry.rules.iter().map(|rule| rule.as_str()).collect();
        let _ = write!(out, " [{}]", rules.join(", "));
    }
    for kind in &entry.events {
        let _ = write!(
            out,
            "; {}",
            around_instants(&happened(kind, reader), visible)
        );
    }
    if let Some(detail) = &entry.detail {
        let _ = write!(out, "; {}", visible(detail));
    }
    out
}

fn happened(kind: &EventKind, reader: &Reader) -> String {
    if let EventKind::Moved { fact, from, to } = kind {
        let (from, to) = (fact::value(from, reader), fact::value(to, reader));
        return format!("{}: {from} → {to}", fact::name(*fact));
    }
    event::what(kind, reader)
}

/// The text on one line, with invisible characters escaped.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unprintable(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// The result of verifying one workspace's trail, with the next step.
pub fn checked(workspace: &WorkspaceId, result: &Result<Verified, Tampering>) -> String {
    let workspace = visible(workspace.as_str());
    match result {
        Ok(Verified { head, .. }) if head.seq == 0 => {
            format!(
                "{workspace}: nothing was checked, since the trail is empty; if anything was ever recorded here, this file lacks it\n  head {head}"
            )
        }
        Ok(Verified { head, keyed_from }) => {
            let (rows, s) = (head.seq, if head.seq == 1 { "" } else { "s" });
            let keyed = match keyed_from {
                None => "none with a key".to_owned(),
                Some(1) => "all with the key".to_owned(),
                Some(first) => format!("with the key from row {first} on, none before"),
            };
            format!("{workspace}: {rows} row{s}, sound, {keyed}\n  head {head}")
        }
        Err(
            tampering @ (Tampering::KeyNeeded(_)
            | Tampering::KeyRequired(_)
            | Tampering::OtherKey(_)),
        ) => {
            format!("{workspace}: {}", what(tampering))
        }
        Err(tampering) => format!(
            "{workspace}: TAMPERED WITH. {}\n  {WAY_OUT}",
            what(tampering)
        ),
    }
}

const WAY_OUT: &str = "Keep this file as it is, as evidence; compare `warden audit export` of it and of a backup from before, and rely on nothing from that row on.";

fn what(tampering: &Tampering) -> String {
    match tampering {
        Tampering::Changed(row) => format!(
            "Row {row} does not fit its hash: its content or its place was changed, or it was made with another key."
        ),
        Tampering::Removed(row) => format!("Row {row} was removed: later ones are there."),
        Tampering::Inserted(row) => format!("Row {row} was put in: no row gets this number."),
        Tampering::Unreadable(row) => {
            format!("Row {row} was changed: it holds what no program writes there.")
        }
        Tampering::Unkeyed(row) => format!(
            "Row {row} has no key, and rows before it have: it was put in, or warden ran without WARDEN_AUDIT_KEY."
        ),
        Tampering::KeyRequired(row) => format!(
            "row {row} has no key, and --require-key asks for one on every row; leave it out for a trail that began without a key."
        ),
        Tampering::KeyNeeded(row) => format!(
            "row {row} has a key, and cannot be checked without it: set WARDEN_AUDIT_KEY to the key that warden runs with."
        ),
        Tampering::OtherKey(row) => format!(
            "row {row} does not fit WARDEN_AUDIT_KEY: either that is another key than the one warden ran with, or the row was changed or put in. Set the right key; if it is the right one, keep this file as evidence and compare it with a backup."
        ),
        Tampering::Cut { first, noted } if first == noted => {
            format!("Row {first} was cut off: the head that was noted has it.")
        }
        Tampering::Cut { first, noted } => {
            format!("Rows {first} to {noted} were cut off: the head that was noted has them.")
        }
        Tampering::HeadDiffers(row) => format!(
            "Row {row} is not the one whose head was noted: it or rows before it were rewritten."
        ),
    }
}

/// The answer where trails go on with a key from now on.
pub fn key_begun(workspaces: &[WorkspaceId]) -> String {
    let names: Vec<String> = workspaces.iter().map(|it| visible(it.as_str())).collect();
    format!(
        "From now on the audit trail has a key ({}): nothing is recorded in this database without it, so keep it where it is not lost, and set it for everything that writes here. The rows before stay without one.",
        names.join(", ")
    )
}

/// The limits of a verification, printed after all results.
pub fn worth(key_given: bool, any_unkeyed: bool) -> Option<&'static str> {
    match (key_given, any_unkeyed) {
        (false, _) => Some(
            "WARDEN_AUDIT_KEY is not set: this detects accidents, not a forger, who can rewrite rows that no key protects.",
        ),
        (true, true) => Some(
            "Rows without a key: there this detects accidents, not a forger. --require-key rejects them.",
        ),
        (true, false) => None,
    }
}

/// The message for a database without a trail.
pub const NO_TRAILS: &str = "There is no audit trail in this database, so nothing was checked: either nothing was ever recorded in it, or it is a copy that lacks what was.";

/// The warning that the latest rows may be missing from the file.
pub fn lacking(lacking: &MissingPart) -> String {
    match lacking {
        MissingPart::NotThere { wal } => format!(
            "If this is a copy that was made while warden ran, the last rows may be missing: there is no {wal} beside it. `audit verify --head` with a head noted elsewhere tells."
        ),
        MissingPart::Unread { wal, bytes } => format!(
            "{wal} holds {bytes} bytes that cannot be read where it is: what was recorded last is lacking from what follows. Copy both files to a place with room that can be written to, and check them there."
        ),
    }
}

#[derive(Serialize)]
struct Exported<'a> {
    workspace: &'a str,
    seq: i64,
    at: Value,
    by_id: Option<&'a str>,
    by_name: Option<&'a str>,
    surface: &'a str,
    message: Option<&'a str>,
    said: &'a str,
    outcome: &'a str,
    rules: Value,
    instance: Option<&'a str>,
    change: Option<i64>,
    events: Value,
    detail: Option<&'a str>,
    keyed: bool,
    hash: &'a str,
}

/// A row as one line of JSON, without the line break. Nothing is left out.
pub fn json(workspace: &WorkspaceId, row: &AuditRow) -> String {
    // Invalid JSON was tampered with, and is shown as it is.
    let parsed = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    let line = Exported {
        workspace: workspace.as_str(),
        seq: row.seq,
        at: row
            .at()
            .map_or_else(|| row.at_ms.into(), |at| rfc3339(at).into()),
        by_id: row.by_id.as_deref(),
        by_name: row.by_name.as_deref(),
        surface: &row.surface,
        message: row.message.as_deref(),
        said: &row.said,
        outcome: &row.outcome,
        rules: parsed(&row.rules),
        instance: row.instance_id.as_deref(),
        change: row.change_number,
        events: parsed(&row.events),
        detail: row.detail.as_deref(),
        keyed: row.keyed,
        hash: &row.hash,
    };
    super::json_line(&line)
}

/// The column names of [`csv()`].
pub const CSV_HEADER: [&str; 16] = [
    "workspace",
    "seq",
    "at",
    "by_id",
    "by_name",
    "surface",
    "message",
    "said",
    "outcome",
    "rules",
    "instance",
    "change",
    "events",
    "detail",
    "keyed",
    "hash",
];

/// A row for a spreadsheet. A cell that would be read as a formula begins with `'`.
pub fn csv(workspace: &WorkspaceId, row: &AuditRow) -> [String; 16] {
    let may = |text: &Option<String>| text.as_deref().map(inert).unwrap_or_default();
    let at = row.at().map_or_else(|| row.at_ms.to_string(), rfc3339);
    [
        inert(workspace.as_str()),
        row.seq.to_string(),
        at,
        may(&row.by_id),
        may(&row.by_name),
        inert(&row.surface),
        may(&row.message),
        inert(&row.said),
        inert(&row.outcome),
        inert(&row.rules),
        may(&row.instance_id),
        row.change_number
            .map(|number| number.to_string())
            .unwrap_or_default(),
        inert(&row.events),
        may(&row.detail),
        row.keyed.to_string(),
        inert(&row.hash),
    ]
}

fn inert(text: &str) -> String {
    let quote = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    format!("{quote}{text}")
}
