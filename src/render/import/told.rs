//! Texts about files beside the report of an import: alerts, the details of the trail, the list, and an undo.

use std::fmt::Write as _;

use chrono::TimeDelta;

use super::{consequences, counts, field_name, held_back, shown};
use crate::answer::{FileRows, HeldBack, ImportTaken, UndoReport, UndoneInstance};
use crate::domain::case::Case;
use crate::domain::event::EventKind;
use crate::domain::id::{InstanceId, Person};
use crate::domain::import::{Counts, Missing, Renewal, Returned, is_region_disputed};
use crate::domain::instance::{Edition, Instance};
use crate::domain::rules::FactKind;
use crate::render::time::{Reader, length};
use crate::render::{concern, event, handle, remedy, table};

/// The alert about a listing that is held back.
pub fn held_alert(label: &str, held: &HeldBack) -> String {
    format!("A listing is held back ({label}). {}", held_back(held))
}

/// The alert that a file lists an instance which is recorded as deleted.
pub fn listed_lost(label: &str, instance: &Instance, reader: &Reader) -> String {
    let Instance { id, name, .. } = instance;
    let said = concern::back(instance, reader);
    format!(
        "{name} ({id}) is {said} ({label}). If it is there, {}: {}.",
        concern::if_there(instance, reader),
        remedy::whether_there(id)
    )
}

/// An alarming change of an instance by a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmingRow {
    /// The instance after the file.
    pub instance: Instance,
    pub moved: Vec<EventKind>,
    /// The change that the file has ended, although nobody had confirmed its exit.
    pub ended: Option<u64>,
    /// The reminder due at this moment, if any.
    pub due: Option<String>,
    /// The unsubscription that may be the reason why it is missing.
    pub exit: Option<RecentExit>,
}

/// An unsubscription that was confirmed shortly before a listing was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentExit {
    pub change: u64,
    pub instance: InstanceId,
    /// As its instance is called.
    pub called: String,
    /// How long before.
    pub before: TimeDelta,
}

impl RecentExit {
    /// The one that a missing instance may be the result of: its own, else the latest in its account, whose refunds are one list.
    pub fn of<'a>(missing: &InstanceId, all: impl Iterator<Item = &'a Self>) -> Option<&'a Self> {
        let account = all.filter(|exit| exit.instance.account() == missing.account());
        account.min_by_key(|exit| (exit.instance != *missing, exit.before))
    }

    /// The likely explanation of a missing instance.
    fn said_of(&self, missing: &InstanceId) -> String {
        let Self {
            change,
            called,
            before,
            instance,
        } = self;
        let before = length(*before);
        if instance == missing {
            format!(" #{change} was confirmed as unsubscribed {before} before: this may be it.")
        } else {
            format!(
                " {called}, of the same account, was confirmed as unsubscribed {before} before (#{change}): this one may have been unsubscribed instead."
            )
        }
    }
}

/// An instance that its auto-renewal has renewed, as a file shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenewedRow {
    /// The number of the first event of it.
    pub event: u64,
    /// The instance after the file.
    pub instance: Instance,
    pub renewal: Renewal,
}

/// The message that instances were renewed, as was expected: nobody has to do anything soon.
pub fn renewed(label: &str, by: &Person, rows: &[&RenewedRow], reader: &Reader) -> String {
    let mut out = format!("Renewed, as auto-renewal does it ({label}, taken by {by}):");
    for row in rows.iter().take(ALARMS_SHOWN) {
        let Renewal { from, to } = row.renewal;
        let (name, to) = (row.instance.called(), reader.instant(to));
        let _ = write!(
            out,
            "\n• {name} expires {to}, not {}.",
            reader.instant(from)
        );
        if row.instance.expires.is_contradictory() {
            let handle = handle(&row.instance);
            let _ = write!(out, " `instance set {handle} --expires {to}` confirms it.");
        }
    }
    let more = rows.len().saturating_sub(ALARMS_SHOWN);
    if more > 0 {
        let _ = write!(out, "\n• And {more} more: `imports` lists the file.");
    }
    out
}

/// The most instances in an alert.
pub const ALARMS_SHOWN: usize = 20;

/// The alert: old and new values, and the remedy.
pub fn alert(
    number: u64,
    label: &str,
    by: &Person,
    rows: &[AlarmingRow],
    reader: &Reader,
) -> String {
    let mut out = format!("A file moved what counts ({label}, taken by {by}):\n");
    for row in rows.iter().take(ALARMS_SHOWN) {
        let handle = handle(&row.instance);
        let is_missing = row.moved.contains(&EventKind::Missing);
        let each = row.moved.iter().filter(|kind| **kind != EventKind::Missing);
        let moved: Vec<String> = each.map(|kind| event::what(kind, reader)).collect();
        let moved = moved.join("; ");
        let moved = match (is_missing, moved.as_str()) {
            (true, "") => "missing from a listing, or listed as ended".to_owned(),
            (true, moved) => format!("missing from a listing, or listed as ended: {moved}"),
            (false, moved) => moved.to_owned(),
        };
        let is_region = row.moved.iter().all(is_region_disputed);
        let look = if let Some(due) = &row.due {
            due.clone()
        } else if is_missing {
            format!(
                "Check whether it is there: `instance set {handle} --edition <standard|platinum>`, or `instance lost {handle} --reason TEXT`."
            )
        } else if is_region {
            format!(
                "The facts of its row are taken, its region is as it was. Look in the console in which region its id is listed, then `instance set {handle} --region REGION`."
            )
        } else {
            format!("Look at the console, then {}.", settling(row, &handle))
        };
        let ended = row.ended.map_or_else(String::new, |number| {
            format!(
                " #{number} has ended with it, as done outside, although nobody had confirmed its exit. If it is not Standard: `reopen {number} verify-standard --reason TEXT`."
            )
        });
        let id = &row.instance.id;
        let exit = row.exit.as_ref();
        let exit = exit.map_or_else(String::new, |exit| exit.said_of(id));
        let _ = writeln!(
            out,
            "• {} ({}): {moved}.{ended}{exit} {look}",
            row.instance.name, row.instance.id
        );
    }
    if rows.len() > ALARMS_SHOWN {
        let _ = writeln!(
            out,
            "• And {} more: `imports` lists the file.",
            rows.len() - ALARMS_SHOWN
        );
    }
    let _ = write!(
        out,
        "If the file is wrong, an approver takes it back: `import undo {number}`."
    );
    out
}

/// The commands that settle what a file moved.
fn settling(row: &AlarmingRow, handle: &str) -> String {
    let moves = |wanted: FactKind| {
        let mut moved = row.moved.iter();
        moved.any(|kind| matches!(kind, EventKind::Moved { fact, .. } if *fact == wanted))
    };
    let unknown = moves(FactKind::Action) && row.instance.action.held().is_none();
    let is_standard = row.instance.edition.value() == Some(&Edition::Standard);
    let mut ways = Vec::new();
    if moves(FactKind::Edition) || is_standard {
        ways.push(format!(
            "`instance set {handle} --edition <standard|platinum>`"
        ));
    }
    if moves(FactKind::Expires) && !is_standard {
        ways.push(format!(
            "`instance set {handle} --expires WHEN`, if the expiry is another"
        ));
    }
    if unknown && !is_standard {
        ways.push(format!(
            "`action {handle} <downgrade|delete>`: it is not known since the expiry moved"
        ));
    }
    ways.join("; ")
}

/// The trail's detail about an import; `None` if it changed nothing.
pub fn in_the_trail(
    rows: &FileRows,
    absent: &[(Case, Missing)],
    held: Option<&HeldBack>,
) -> Option<String> {
    let counted = Counts {
        missing: absent.len() as u64,
        ..rows.counts
    };
    let absent = absent.iter().map(|(case, _)| case.instance.name.as_str());
    let moved = rows.moved.iter().map(String::as_str);
    let names: Vec<&str> = moved.chain(absent).take(FileRows::NAMED).collect();
    if names.is_empty() && held.is_none() && counted.refused == 0 {
        return None;
    }
    let all = rows.all_moved + counted.missing;
    let more = all.saturating_sub(names.len() as u64);
    let mut out = counts(&counted);
    if !names.is_empty() {
        let _ = write!(out, " {}", names.join(", "));
    }
    if more > 0 {
        let _ = write!(out, " and {more} more");
    }
    if let Some(held) = held {
        let _ = write!(out, " held back: {} missing", held.ids.len());
    }
    Some(out)
}

/// The latest imports.
pub(in crate::render) fn list(
    imports: &[ImportTaken],
    undoable: &[u64],
    reader: &Reader,
) -> String {
    if imports.is_empty() {
        return "No file was taken yet. `import FILE` takes a listing.".to_owned();
    }
    let rows = imports.iter().map(|taken| {
        let state = if let Some((by, at)) = &taken.undone {
            format!("taken back by {by}, {}", reader.moment(*at))
        } else if !taken.held.is_empty() {
            format!("{} missing ones held back", taken.held.len())
        } else if undoable.contains(&taken.number) {
            format!("`import undo {}` takes it back", taken.number)
        } else {
            String::new()
        };
        [
            taken.number.to_string(),
            reader.moment(taken.taken_at),
            format!("{}, by {}", taken.label, taken.by),
            format!("{} {state}", counts(&taken.counts))
                .trim_end()
                .to_owned(),
        ]
    });
    table::rows(rows, reader.columns)
}

/// The report of an undo: restored, unknown and remaining values.
pub(in crate::render) fn undone(report: &UndoReport, reader: &Reader) -> String {
    let mut out = format!(
        "Done: import {} ({}) is taken back.\n",
        report.number,
        report.file.as_ref().map_or("", |file| &file.label)
    );
    out.push_str(&shown(
        &report.instances,
        |UndoneInstance { case, returned }| {
            let each = returned.iter().map(|(field, came_to)| {
                let name = field_name(*field);
                match came_to {
                    Returned::AsItWas => format!("{name} as it was"),
                    Returned::Unknown => format!("{name} not known: look"),
                    Returned::Stays => format!("{name} stays, somebody has spoken since"),
                    Returned::LaterFile => format!("{name} stays, a later file has said so"),
                }
            });
            let each: Vec<String> = each.collect();
            let told = consequences(&case.events, reader);
            format!("  {}: {}.\n{told}", case.instance.called(), each.join("; "))
        },
    ));
    if report.instances.first.is_empty() {
        out.push_str("It had changed no fact that could return.\n");
    }
    out.push_str(&shown(&report.added, |instance| {
        format!(
            "  {} ({}) was added by it and stays: `instance remove {} --reason TEXT`, if it should not.\n",
            instance.name,
            instance.id,
            handle(instance)
        )
    }));
    out.push_str(&shown(&report.ended, |(name, number)| {
        format!(
            "  #{number} of {name}, which it had ended, stays ended: `reopen {number} verify-standard --reason TEXT`, if it should go on.\n"
        )
    }));
    out.push_str("Approvals that it voided stay void, and what it raised stays raised.");
    out
}

/// The trail's detail about an undo.
pub fn undone_in_the_trail(report: &UndoReport) -> String {
    format!(
        "import {}: {} instances returned, {} added ones stay, {} changes stay ended",
        report.number,
        report.instances.count(),
        report.added.count(),
        report.ended.count()
    )
}
