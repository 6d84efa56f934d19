//! The weekly digest.

use std::fmt::Write as _;

use super::alike::{self, Entry, TaskGroup};
use super::remedy;
use super::time::Reader;
use super::{todo, workspace};
use crate::answer::{Page, Task, Unseen};
use crate::domain::Timestamp;
use crate::domain::audit::Head;
use crate::domain::concern::{ConcernKind, Weight, WorkspaceConcern};
use crate::domain::id::TeamName;
use crate::domain::instance::{Instance, Tracking};
use crate::domain::notice::NoticeRecord;

/// The reason why a team's channel is skipped.
pub const NOTHING_OPEN: &str = "nothing is open there any more";

/// The most lines of suppressed notices.
const LINES: usize = 10;

/// The open and noted concerns of a team's instances.
#[derive(Debug)]
pub struct Section {
    /// `None`: the instances without a team.
    pub team: Option<TeamName>,
    /// The worst first.
    pub tasks: Vec<Task>,
}

/// The settled concerns of an instance.
#[derive(Debug)]
pub struct EndedConcern {
    pub instance: Instance,
    pub kinds: Vec<ConcernKind>,
}

/// The content of a digest.
#[derive(Debug)]
pub struct Week {
    /// The time of the previous digest; `None` for the first.
    pub since: Option<Timestamp>,
    /// Concerns that began later are new.
    pub after: Timestamp,
    /// One section per team.
    pub sections: Vec<Section>,
    pub ended: Vec<EndedConcern>,
    /// The suppressed notices with the reason, one line each.
    pub suppressed: Vec<String>,
    /// Raised notices without a known instance; `None` for a team's digest.
    pub unnamed: Option<Page<NoticeRecord>>,
    /// The concerns of the workspace as a whole; empty for a team's digest.
    pub workspace: Vec<WorkspaceConcern>,
    /// The instances that could not be looked at.
    pub unseen: Unseen,
    /// Whether there are more open or noted concerns than listed.
    pub more: bool,
    /// The number of tracked instances.
    pub tracked: u64,
    /// The time of the last import.
    pub imported: Option<Timestamp>,
    /// The end of the audit trail; `None` for a team's digest.
    pub head: Option<Head>,
}

/// The text of a digest.
pub fn digest(week: &Week, reader: &Reader) -> String {
    let mut out = "The week's digest.\n".to_owned();
    out.push_str(&open(week, reader));
    out.push_str(&workspace::section(&week.workspace, reader));
    for line in todo::unseen(&week.unseen) {
        let _ = writeln!(out, "{line}");
    }
    if let Some(unnamed) = &week.unnamed {
        out.push_str(&todo::unnamed(unnamed, reader));
    }
    let ended: Vec<String> = week.ended.iter().map(no_longer).collect();
    let last = week.since.map(|since| reader.instant(since));
    let span = match last {
        Some(last) => format!("since the last digest, {last}"),
        None => "in the last 7 days".to_owned(),
    };
    out.push_str(&part(
        &format!("No longer open {span}"),
        &ended,
        "`todo` lists what is",
    ));
    out.push_str(&part(
        &format!("Suppressed {span}"),
        &week.suppressed,
        "`suppressed --since 7d`",
    ));
    if let Some(head) = &week.head {
        let imported = week
            .imported
            .map_or_else(|| "never".to_owned(), |at| reader.moment(at));
        let _ = write!(
            out,
            "Last import: {imported}.\nAudit trail: {head}; `warden audit verify --head HEAD` compares."
        );
    }
    out.truncate(out.trim_end().len());
    out
}

/// The open and noted concerns. *Nothing* is only claimed if everything was looked at.
fn open(week: &Week, reader: &Reader) -> String {
    let mut out = String::new();
    let some = week.sections.iter().flat_map(|section| &section.tasks);
    let open = some.clone().any(|task| task.concern.weight == Weight::Open);
    if !open && week.unseen.is_empty() && !week.more && week.workspace.is_empty() {
        let tracked = match week.tracked {
            0 => "no instance is tracked".to_owned(),
            1 => "one instance is tracked".to_owned(),
            many => format!("{many} instances are tracked"),
        };
        let _ = writeln!(out, "Open: nothing; {tracked}.");
    }
    let teams = week.sections.iter().any(|section| section.team.is_some());
    for section in &week.sections {
        let title = match &section.team {
            Some(team) => format!("Team {team}:"),
            None if teams => "Without a team:".to_owned(),
            None if open => "Open:".to_owned(),
            None => "Noted, with nothing near:".to_owned(),
        };
        let _ = writeln!(out, "{title}");
        let mut is_counted = false;
        for entry in alike::entries(&section.tasks) {
            let (weight, line) = match &entry {
                Entry::One(task) => (Some(task.concern.weight), line(task, week.after, reader)),
                Entry::Alike(alike) => {
                    is_counted = true;
                    (
                        alike.weight(),
                        alike.line(reader) + &of_them_new(alike, week.after),
                    )
                }
            };
            let is_noted = (open || teams) && weight == Some(Weight::Noted);
            let _ = writeln!(out, "  {}{line}", if is_noted { "noted: " } else { "" });
        }
        if is_counted {
            let of = section.team.as_ref();
            let of = of.map_or_else(String::new, |team| format!(" --team {team}"));
            let _ = writeln!(out, "  Each with its command: `todo --each{of}`.");
        }
    }
    if week.more {
        out.push_str("There is more than is counted here: `todo --each` lists everything, a page at a time.\n");
    }
    out
}

fn is_new(task: &Task, after: Timestamp) -> bool {
    task.concern.since > after
}

fn of_them_new(alike: &TaskGroup<'_>, after: Timestamp) -> String {
    let new = alike
        .tasks
        .iter()
        .filter(|task| is_new(task, after))
        .count();
    match new {
        0 => String::new(),
        all if all == alike.tasks.len() => " (new)".to_owned(),
        new => format!(" ({new} new)"),
    }
}

fn line(task: &Task, after: Timestamp, reader: &Reader) -> String {
    let new = if is_new(task, after) { " (new)" } else { "" };
    let first = remedy::look_first(&task.concern, &task.case, reader.now);
    let look = match task.concern.kind {
        ConcernKind::ActionUnsure if !first.is_empty() => "look, then ",
        _ => "",
    };
    format!(
        "{}: {}; {look}{}{new}",
        task.case.instance.called(),
        todo::what_of(task, reader),
        todo::command(task, reader.now)
    )
}

fn no_longer(ended: &EndedConcern) -> String {
    let kinds: Vec<&str> = ended.kinds.iter().map(|kind| subject(*kind)).collect();
    let gone = match ended.instance.tracking {
        Tracking::Tracked => "",
        Tracking::Lost(_) => " (it is lost)",
        Tracking::Removed(_) => " (it is not tracked any more)",
    };
    format!("{}: {}{gone}", ended.instance.called(), kinds.join(", "))
}

/// The subject of a settled concern.
const fn subject(kind: ConcernKind) -> &'static str {
    match kind {
        ConcernKind::StepOutcomeUnknown | ConcernKind::PermitWithdrawn => "a permit in doubt",
        ConcernKind::UnsubscribedUnseen | ConcernKind::UnsubscribedOnDelete => {
            "whether it is Standard after unsubscribing"
        }
        ConcernKind::StillPlatinum => "Platinum after unsubscribing",
        ConcernKind::EditionDisputed | ConcernKind::EditionUnknown => "its edition",
        ConcernKind::Missing => "missing from a listing",
        ConcernKind::ListedLost => "in a listing although it was recorded as deleted",
        ConcernKind::SeenLost => "seen although it was recorded as deleted",
        ConcernKind::ExpiryDisputed | ConcernKind::ExpiryUnknown | ConcernKind::RecordExpiry => {
            "when it expires"
        }
        ConcernKind::ChooseAction => "what should happen to it at its expiry",
        ConcernKind::ActionUnsure => "its action",
        ConcernKind::Deletes | ConcernKind::DeletesUnlessRenewed => "its action on Delete",
        ConcernKind::Expires => "a near expiry",
        ConcernKind::Expired => "what happened to it after its expiry",
        ConcernKind::OutlivedRelease => "Platinum although its release was due",
        ConcernKind::Charges => "auto-renewal before a downgrade",
        ConcernKind::Unapproved => "missing approvals",
        ConcernKind::ChangeWaits => "a change that waits",
        ConcernKind::FactDisputed => "contradictory facts",
        ConcernKind::FactUnsaid => "a fact that was set to unknown",
        ConcernKind::Notice => "a raised notice",
    }
}

fn part(title: &str, lines: &[String], more: &str) -> String {
    if lines.is_empty() {
        return format!("{title}: nothing.\n");
    }
    let mut out = format!("{title}:\n");
    for line in lines.iter().take(LINES) {
        let _ = writeln!(out, "  {line}");
    }
    if lines.len() > LINES {
        let _ = writeln!(out, "  and more: {more}");
    }
    out
}
