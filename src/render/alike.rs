//! A long list of tasks in few lines: tasks of one kind are counted together, and the worst of them are named.

use std::collections::HashSet;

use super::concern;
use super::time::Reader;
use crate::answer::Task;
use crate::domain::concern::{ConcernKind, Weight};
use crate::domain::id::InstanceId;
use crate::domain::instance::PostExpirationAction;

/// The most tasks of a kind that are listed one by one.
const FEW: usize = 3;
/// The most names after a count. What is open is named in every digest until it is settled: its limit only keeps a workspace
/// where everything is open readable. What is only noted has its number and a few examples.
const NAMED_IF_OPEN: usize = 200;
const NAMED_IF_NOTED: usize = 3;

/// An entry of a list.
pub(super) enum Entry<'a> {
    One(&'a Task),
    Alike(TaskGroup<'a>),
}

/// Tasks of one kind, the worst first.
pub(super) struct TaskGroup<'a> {
    pub(super) tasks: Vec<&'a Task>,
    /// Whether some of the kind precede it, one by one.
    goes_on: bool,
}

/// The entries of tasks in their order. Of a kind with many tasks the grave ones begin one by one, the rest is one entry.
pub(super) fn entries<'a>(tasks: &'a [Task]) -> Vec<Entry<'a>> {
    let mut kinds: Vec<Vec<&Task>> = Vec::new();
    for task in tasks {
        let holds = |kind: &&mut Vec<&Task>| kind.first().is_some_and(|of| is_alike(of, task));
        match kinds.iter_mut().find(holds) {
            Some(kind) => kind.push(task),
            None => kinds.push(vec![task]),
        }
    }
    // The count of those that expire tells their action too.
    let told: HashSet<&InstanceId> = kinds
        .iter()
        .filter(|kind| is_kind(kind, ConcernKind::Expires))
        .flat_map(|kind| kind.iter().skip(alone(kind)))
        .map(|task| &task.case.instance.id)
        .collect();
    for kind in &mut kinds {
        if kind.len() > FEW && is_kind(kind, ConcernKind::ActionUnsure) {
            kind.retain(|task| !told.contains(&task.case.instance.id));
        }
    }
    let entry = |task: &'a Task| {
        let place = |kind: &Vec<&Task>| kind.iter().position(|one| std::ptr::eq(*one, task));
        let (kind, at) = kinds.iter().find_map(|kind| Some((kind, place(kind)?)))?;
        let alone = alone(kind);
        if at < alone {
            return Some(Entry::One(task));
        }
        (at == alone).then(|| {
            Entry::Alike(TaskGroup {
                tasks: kind.iter().skip(alone).copied().collect(),
                goes_on: alone > 0,
            })
        })
    };
    tasks.iter().filter_map(entry).collect()
}

/// How many tasks of a kind are listed one by one.
fn alone(kind: &[&Task]) -> usize {
    let is_grave = kind.first().is_some_and(|task| task.concern.is_grave());
    match kind.len() {
        few if few <= FEW => few,
        _ if is_grave => FEW,
        _ => 0,
    }
}

fn is_kind(tasks: &[&Task], kind: ConcernKind) -> bool {
    tasks.first().is_some_and(|task| task.concern.kind == kind)
}

fn is_alike(one: &Task, other: &Task) -> bool {
    let (this, that) = (&one.concern, &other.concern);
    this.weight == that.weight && this.kind == that.kind && what(one) == what(other)
}

impl TaskGroup<'_> {
    pub(super) fn weight(&self) -> Option<Weight> {
        self.tasks.first().map(|task| task.concern.weight)
    }

    /// The number of instances, the subject, the first deadline and the first names.
    pub(super) fn line(&self, reader: &Reader) -> String {
        let Some(first) = self.tasks.first() else {
            return String::new();
        };
        let of = match (self.goes_on, self.tasks.len()) {
            (true, many) => format!("{many} more"),
            (false, many) => format!("{many} instances"),
        };
        let is_grave = first.concern.is_grave();
        let by = first.concern.by.filter(|_| is_grave);
        let by = match first.concern.kind {
            ConcernKind::Expired => by.map(|_| concern::expired(&first.concern)),
            _ => by,
        };
        let from = by.map_or_else(String::new, |by| {
            format!(", the first {}", reader.moment(by))
        });
        let most = match first.concern.weight {
            Weight::Open => NAMED_IF_OPEN,
            Weight::Noted => NAMED_IF_NOTED,
        };
        let names = self.tasks.iter().take(most);
        let names: Vec<String> = names.map(|task| task.case.instance.called()).collect();
        let left = match self.tasks.len().saturating_sub(most) {
            0 => String::new(),
            left => format!(" and {left} more"),
        };
        format!("{of}: {}{from}: {}{left}", what(first), names.join(", "))
    }
}

/// The subject of several tasks of a kind.
fn what(task: &Task) -> &'static str {
    let action = task.case.instance.action.value();
    match (task.concern.kind, action) {
        (ConcernKind::PermitWithdrawn, _) => {
            "a permit was withdrawn, and nobody has said whether it was used"
        }
        (ConcernKind::StepOutcomeUnknown, _) => {
            "a permit is over, and nobody has reported the outcome"
        }
        (ConcernKind::UnsubscribedUnseen, _) => {
            "reported as unsubscribed, and nobody has seen Standard"
        }
        (ConcernKind::UnsubscribedOnDelete, _) if !task.case.is_still_platinum() => {
            "reported as unsubscribed, which with Delete deletes it at once"
        }
        (ConcernKind::UnsubscribedOnDelete | ConcernKind::StillPlatinum, _) => {
            "reported as unsubscribed, and shown as Platinum since"
        }
        (ConcernKind::EditionDisputed, _) => "the edition is disputed",
        (ConcernKind::EditionUnknown, _) => "the edition is not known",
        (ConcernKind::Missing, _) => "missing from a listing",
        (ConcernKind::ListedLost, _) => "recorded as deleted, and a listing read since has it",
        (ConcernKind::SeenLost, _) => "recorded as deleted, and somebody saw it since",
        (ConcernKind::ExpiryDisputed, _) => "the expiry is disputed",
        (ConcernKind::ExpiryUnknown, _) => "the expiry is not known, so nothing warns before it",
        (ConcernKind::RecordExpiry, _) => "upgraded, and the expiry is not recorded",
        (ConcernKind::ChooseAction, _) => "upgraded, and the Post-expiration Action is not chosen",
        (ConcernKind::ActionUnsure, None) => "nobody has seen the Post-expiration Action",
        (ConcernKind::ActionUnsure, Some(PostExpirationAction::Delete)) => {
            "on Delete when last seen, too long ago"
        }
        (ConcernKind::ActionUnsure, Some(PostExpirationAction::Downgrade)) => {
            "on Downgrade when last seen, too long ago"
        }
        (ConcernKind::Deletes | ConcernKind::DeletesUnlessRenewed, _) => "on Delete",
        (ConcernKind::Expires, None) => {
            "expire soon, and nobody has seen the Post-expiration Action"
        }
        (ConcernKind::Expires, Some(PostExpirationAction::Delete)) => "expire soon, on Delete",
        (ConcernKind::Expires, Some(PostExpirationAction::Downgrade)) => {
            "expire soon, on Downgrade when last seen"
        }
        (ConcernKind::Expired, _) => "expired, and nobody has said what happened to them",
        (ConcernKind::OutlivedRelease, _) => {
            "seen as Platinum although their release was due: they may be deleted at any moment"
        }
        (ConcernKind::Charges, _) => "auto-renewal may charge before a downgrade",
        (ConcernKind::Unapproved, _) => "a change is not approved, and the expiry is near",
        (ConcernKind::ChangeWaits, _) => "a change waits for somebody",
        (ConcernKind::FactDisputed, _) => "two sources disagree on a fact",
        (ConcernKind::FactUnsaid, _) => "a fact was set to unknown",
        (ConcernKind::Notice, _) => "a notice is raised",
    }
}
