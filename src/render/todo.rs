//! The list of tasks: subject, owner, deadline and command.

use std::fmt::Write as _;

use super::alike::{self, Entry};
use super::time::Reader;
use super::{authority, backup, concern, instance, notice, remedy, table, workspace};
use crate::answer::{Page, Task, Todo, Unseen};
use crate::domain::Timestamp;
use crate::domain::authority::{Role, needed};
use crate::domain::concern::{ConcernKind, Owner, Weight};
use crate::domain::fact::{Fact, Gap};
use crate::domain::id::InstanceId;
use crate::domain::notice::{NoticeRecord, is_unread};
use crate::domain::rules::FactKind;

/// A page of tasks.
pub(super) fn list(todo: &Todo, reader: &Reader) -> String {
    let mut out = String::new();
    let rows = &todo.page.rows;
    let only_noted = is_only_noted(todo);
    if rows.iter().any(lacks_a_listing) {
        let _ = write!(out, "Restored from a copy. {}", backup::AFTER_RESTORING);
    }
    if rows.is_empty() {
        out.push_str(&nothing(todo));
    } else if only_noted {
        let _ = writeln!(out, "Nothing to do soon{}.", whose(todo));
    } else {
        let _ = writeln!(out, "To do{}, worst first:", whose(todo));
    }
    if let Some(warning) = &todo.unknown_team {
        let _ = writeln!(out, "Warning: {}", instance::warning(warning, reader));
    }
    let mut noted = false;
    let entries: Vec<(Option<Weight>, String)> = if todo.is_counted {
        let entries = alike::entries(rows).into_iter();
        let each = entries.map(|entry| match entry {
            Entry::One(task) => (Some(task.concern.weight), one(&[task], reader)),
            Entry::Alike(alike) => (alike.weight(), format!("  {}\n", alike.line(reader))),
        });
        each.collect()
    } else {
        let together = together(rows, reader).into_iter();
        let weight = |tasks: &[&Task]| tasks.first().map(|task| task.concern.weight);
        let each = together.map(|tasks| (weight(&tasks), one(&tasks, reader)));
        each.collect()
    };
    for (weight, text) in entries {
        if weight == Some(Weight::Noted) && !noted {
            noted = true;
            out.push_str("Noted, with nothing near:\n");
        }
        out.push_str(&text);
    }
    if todo.is_counted {
        out.push_str(&each(todo));
    }
    out.push_str(&workspace::section(&todo.workspace, reader));
    out.push_str(&unnamed(&todo.unnamed, reader));
    for line in unseen(&todo.unseen) {
        let _ = writeln!(out, "{line}");
    }
    if !todo.is_counted {
        out.push_str(&table::more(todo.page.page, todo.page.more, reader));
    }
    out
}

/// Whether nothing is listed but what is noted. *Nothing* is only claimed if everything was looked at.
fn is_only_noted(todo: &Todo) -> bool {
    let mut weights = todo.page.rows.iter().map(|task| task.concern.weight);
    todo.page.page == 1
        && weights.all(|weight| weight == Weight::Noted)
        && todo.unknown_team.is_none()
        && todo.workspace.is_empty()
        && todo.unnamed.rows.is_empty()
        && todo.unseen.is_empty()
}

/// Whether what a listing says of an instance is not known since the database was restored.
fn lacks_a_listing(task: &Task) -> bool {
    let facts = [FactKind::Edition, FactKind::Expires].map(|fact| task.case.instance.fact(fact));
    facts.iter().any(|fact| {
        matches!(
            fact,
            Fact::Unknown {
                gap: Gap::Restored,
                ..
            }
        )
    })
}

/// The tasks of a page; those of one instance that the same person settles with the same command are one.
fn together<'a>(rows: &'a [Task], reader: &Reader) -> Vec<Vec<&'a Task>> {
    let is_same = |one: &Task, other: &Task| {
        one.case.instance.id == other.case.instance.id
            && one.concern.owner == other.concern.owner
            && command(one, reader.now) == command(other, reader.now)
    };
    let mut all: Vec<Vec<&Task>> = Vec::new();
    for task in rows {
        let held = all.iter_mut();
        let mut held = held.filter(|held| held.first().is_some_and(|first| is_same(first, task)));
        match held.next() {
            Some(held) => held.push(task),
            None => all.push(vec![task]),
        }
    }
    all
}

/// Tasks that are one, with their owner, deadline and command.
fn one(tasks: &[&Task], reader: &Reader) -> String {
    let Some(task) = tasks.first() else {
        return String::new();
    };
    let name = task.case.instance.called();
    let what: Vec<String> = tasks.iter().map(|task| what_of(task, reader)).collect();
    let what = each_once(what).join("; ");
    let (who, command) = (who_and_when(task, reader), command(task, reader.now));
    format!("  {name}: {what}\n     {who}: {command}\n")
}

/// The texts without those that another one contains.
fn each_once(all: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for said in all {
        if kept.iter().any(|other| other.contains(&said)) {
            continue;
        }
        kept.retain(|other| !said.contains(other.as_str()));
        kept.push(said);
    }
    kept
}

/// The command that lists each task.
fn each(todo: &Todo) -> String {
    let more = match todo.page.more {
        true => "There is more than is counted here. ",
        false => "",
    };
    let of = todo.team.as_ref();
    let of = of.map_or_else(String::new, |team| format!(" --team {team}"));
    let mine = if todo.mine { " --mine" } else { "" };
    format!("{more}Each with its command, a page at a time: `todo --each{of}{mine}`.\n")
}

fn whose(todo: &Todo) -> String {
    let of = todo
        .team
        .as_ref()
        .map_or_else(String::new, |team| format!(" for team {team}"));
    if todo.mine {
        format!("{of} by you or by nobody in particular")
    } else {
        of
    }
}

/// The text of an empty list. *Nothing* is only claimed if everything was looked at.
fn nothing(todo: &Todo) -> String {
    if todo.page.page > 1 {
        return table::no_such_page("todo") + "\n";
    }
    let whose = whose(todo);
    if !todo.unseen.is_empty() {
        return format!("Nothing to do{whose} in what could be read.\n");
    }
    let looked_at = match todo.tracked {
        0 => "no instance is tracked".to_owned(),
        1 => "one instance is tracked".to_owned(),
        many => format!("{many} instances are tracked"),
    };
    let notices = if todo.unnamed.rows.is_empty() && todo.workspace.is_empty() {
        ""
    } else {
        " but what is below"
    };
    format!("Nothing to do{whose}{notices}; {looked_at}.\n")
}

/// The subject of a task, in a few words.
pub(super) fn what_of(task: &Task, reader: &Reader) -> String {
    let brief = concern::brief(&task.concern, &task.case, reader);
    let what = match (task.concern.kind, task.notices.as_slice()) {
        (ConcernKind::Expires, _) => format!("expires {brief}"),
        (_, []) => brief,
        (_, others) => {
            let others: Vec<String> = others.iter().map(ToString::to_string).collect();
            format!("{brief}, and so are {}", others.join(", "))
        }
    };
    match &task.known {
        Some(acked) => format!("{what} ({} knows)", acked.by),
        None => what,
    }
}

/// The command that settles a task.
pub(super) fn command(task: &Task, now: Timestamp) -> String {
    remedy::command(&task.concern, &task.case, now)
}

fn who_and_when(task: &Task, reader: &Reader) -> String {
    let team = task.case.instance.team.as_ref();
    let who = match (&task.concern.owner, team) {
        (Owner::Person(person), _) => person.to_string(),
        (Owner::Team, Some(team)) => format!("team {team}"),
        (Owner::Team, None) => {
            let can = needed(task.concern.way.permission());
            match can.contains(&Role::Approver) {
                true => "it has no team, so those who approve".to_owned(),
                false => format!(
                    "it has no team, so those who approve, who ask a {}",
                    authority::roles(can)
                ),
            }
        }
        (Owner::Approvers, _) => "those who approve".to_owned(),
    };
    match task.concern.by {
        Some(by) => format!("{who}, by {}", reader.moment(by)),
        None => format!("{who}, since {}", reader.moment(task.concern.since)),
    }
}

/// Raised notices without a known instance.
pub(super) fn unnamed(page: &Page<NoticeRecord>, reader: &Reader) -> String {
    if page.rows.is_empty() {
        return String::new();
    }
    let mut out =
        "Raised notices that name nothing tracked, so that nobody owns them:\n".to_owned();
    for filed in &page.rows {
        let _ = writeln!(
            out,
            "  notice {}, {}{}, raised {}: `ack notice {}`",
            filed.number,
            notice::kind(filed.read.kind),
            of_ids(filed),
            reader.moment(filed.raised.unwrap_or(filed.received)),
            filed.number
        );
    }
    if page.more {
        out.push_str("  and more: `notices`\n");
    }
    out
}

/// The first ids in a notice, as its list shows them.
fn of_ids(filed: &NoticeRecord) -> String {
    let ids = filed.read.ids.iter().filter(|id| !is_unread(id)).take(2);
    let ids: Vec<&str> = ids.map(String::as_str).collect();
    match ids.is_empty() {
        true => String::new(),
        false => format!(" of {}", ids.join(" and ")),
    }
}

/// The instances that could not be looked at.
pub(super) fn unseen(unseen: &Unseen) -> Vec<String> {
    let mut lines = Vec::new();
    if !unseen.damaged.is_empty() {
        let ids: Vec<&str> = unseen.damaged.iter().map(InstanceId::as_str).collect();
        lines.push(format!(
            "Not looked at: the database's rows of {} cannot be read. Look at them in the vendor's console; the operator finds the details in the bot's log.",
            ids.join(", ")
        ));
    }
    if unseen.behind {
        lines.push(
            "Not all looked at: many instances were written just now. `todo` is complete in a moment."
                .to_owned(),
        );
    }
    lines
}
