//! The list of tasks, worst first: found by an index, and checked against the current facts before it is shown.
//!
//! Costs one index read for the page, and one look at each instance on it and at each instance written since its last look; these
//! are few except after an import.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::notice;
use super::remind::{Outlook, is_known, situation_of};
use super::workspace::open_of_workspace;
use super::{RequestContext, Settings};
use crate::answer::{Answer, AnswerResult, Page, Task, Todo, Unseen};
use crate::command::args;
use crate::domain::Timestamp;
use crate::domain::authority::{Permission, Role};
use crate::domain::case::Case;
use crate::domain::concern::{
    Concern, ConcernKind, Owner, Remedy, WorkspaceConcern, of_team, words_of,
};
use crate::domain::id::{InstanceId, TeamName};
use crate::domain::instance::Instance;
use crate::domain::notice::NoticeRecord;
use crate::render::Clockface;
use crate::store::{Kind, ScheduleSubject, Scope, StoreError, StoreResult, TodoRow, Tx};

/// The most tasks that a digest and an overview count.
pub(super) const MOST: u32 = 400;
/// Rows per page; each takes two lines.
const ROWS: u32 = 25;
/// Rows per card.
const ROWS_OF_CARD: u32 = 10;
/// The most recently written instances looked at here.
const WRITTEN: u32 = 100;
/// The most raised notices without a known instance in a list.
const UNNAMED: u32 = 10;

/// A range of the list.
#[derive(Debug, Clone, Copy)]
pub(super) struct TaskRange {
    /// The number of tasks skipped.
    pub(super) skip: u32,
    /// The most tasks returned.
    pub(super) take: u32,
}

/// A range of tasks.
#[derive(Debug, Default)]
pub(super) struct TaskPage {
    /// The worst first.
    pub(super) tasks: Vec<Task>,
    /// Whether there are more.
    pub(super) more: bool,
    /// Instances that could not be looked at.
    pub(super) unseen: Unseen,
}

impl RequestContext<'_> {
    pub(super) async fn todo(&self, tx: &mut Tx, asked: &args::TodoArgs) -> AnswerResult {
        let (mine, page) = (asked.mine, asked.page);
        let approves = self.actor.may(Permission::Approve);
        let mut words = words_of(&self.actor.person, &self.actor.teams, approves);
        if mine && approves {
            // Those who approve are called in the place of a team that cannot be.
            let named = tx.seen_of_workspace().await?.named;
            let is_called = |team: &&TeamName| {
                let described = self.settings.teams.get(*team);
                described.is_some_and(|team| team.mention.is_some())
            };
            words.extend(named.iter().filter(|team| !is_called(team)).map(of_team));
        }
        let scope = Scope {
            team: asked.team.clone(),
            words: mine.then_some(words),
        };
        let rows = match self.settings.clockface {
            Clockface::Marked => ROWS_OF_CARD,
            Clockface::Written => ROWS,
        };
        let is_whole = page == 1 && !asked.each;
        let part = TaskRange {
            skip: page.saturating_sub(1).saturating_mul(rows),
            take: if is_whole { MOST } else { rows },
        };
        let mut found = find_tasks(self.settings, tx, &scope, part, self.now).await?;
        if mine {
            let tasks = &mut found.tasks;
            tasks.retain(|task| self.could_settle(&task.concern, &task.case));
        }
        if self.settings.is_alone {
            for task in &mut found.tasks {
                self.falls_to_the_only_one(task);
            }
        }
        let unnamed = match (&asked.team, page) {
            (None, 1) => unnamed(tx).await?,
            (Some(team), 1) => unnamed_of(self.settings, tx, team, self.now).await?,
            _ => Page {
                rows: Vec::new(),
                page: 1,
                more: false,
            },
        };
        self.require_team(tx, asked.team.as_ref(), found.tasks.is_empty())
            .await?;
        let workspace = self.open_here(tx, &scope, page).await?;
        let TaskPage {
            tasks,
            more,
            unseen,
        } = found;
        let is_counted = is_whole && tasks.len() > usize::try_from(rows).unwrap_or(usize::MAX);
        Ok(self.info(Answer::Todo(Todo {
            is_counted,
            page: Page {
                rows: tasks,
                page,
                more,
            },
            unnamed,
            unseen: unseen.beside(&workspace),
            workspace,
            unknown_team: self.unknown_team(asked.team.as_ref()),
            team: scope.team,
            mine,
            tracked: tx.totals().await?.instances,
        })))
    }
}

impl RequestContext<'_> {
    /// The concerns of the workspace as a whole, on the first page; with `mine`, those that the person can settle.
    async fn open_here(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        page: u32,
    ) -> StoreResult<Vec<WorkspaceConcern>> {
        if scope.team.is_some() || page > 1 {
            return Ok(Vec::new());
        }
        let mut open = open_of_workspace(self.settings, tx, self.now).await?;
        let roles = &self.actor.roles;
        let sees_all = scope.words.is_none() || roles.contains(&Role::Admin);
        open.retain(|one| sees_all || roles.contains(&one.failing.owner()));
        Ok(open)
    }
}

/// The raised notices that name no known instance.
pub(super) async fn unnamed(tx: &mut Tx) -> StoreResult<Page<NoticeRecord>> {
    let mut rows = tx.unnamed_notices(UNNAMED + 1).await?;
    let most = usize::try_from(UNNAMED).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    Ok(Page {
        rows,
        page: 1,
        more,
    })
}

/// Those of them that may be about an instance of a team, by its name.
async fn unnamed_of(
    settings: &Settings,
    tx: &mut Tx,
    team: &TeamName,
    now: Timestamp,
) -> StoreResult<Page<NoticeRecord>> {
    let mut page = unnamed(tx).await?;
    let mut rows = Vec::new();
    for filed in page.rows {
        let perhaps = notice::perhaps(tx, settings, &filed, now).await?;
        if perhaps.iter().any(|one| one.team.as_ref() == Some(team)) {
            rows.push(filed);
        }
    }
    page.rows = rows;
    Ok(page)
}

/// A range of the tasks in a scope.
pub(super) async fn find_tasks(
    settings: &Settings,
    tx: &mut Tx,
    scope: &Scope,
    part: TaskRange,
    now: Timestamp,
) -> StoreResult<TaskPage> {
    let mut tasks_of = Tasks::new(settings, now);
    let written = tasks_of.written(tx).await?;
    let upto = part.skip.saturating_add(part.take).saturating_add(1);
    let stale = written.len().saturating_mul(ConcernKind::WORDS.len());
    let limit = upto.saturating_add(u32::try_from(stale).unwrap_or(u32::MAX));
    let mut listed = tx.to_do(scope, limit).await?;
    listed.retain(|row| !written.contains(&row.instance));
    for id in &written {
        listed.extend(tasks_of.listed(tx, id, scope).await?);
    }
    listed.sort_unstable();
    let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let more = listed.len() >= size(upto);
    let mut tasks = Vec::new();
    for row in listed
        .into_iter()
        .skip(size(part.skip))
        .take(size(part.take))
    {
        tasks.extend(tasks_of.task(tx, &row, scope).await?);
    }
    Ok(TaskPage {
        tasks,
        more,
        unseen: tasks_of.unseen,
    })
}

/// The instances looked at, each once.
struct Tasks<'a> {
    settings: &'a Settings,
    now: Timestamp,
    seen: BTreeMap<InstanceId, Option<Outlook>>,
    unseen: Unseen,
}

impl<'a> Tasks<'a> {
    fn new(settings: &'a Settings, now: Timestamp) -> Self {
        Self {
            settings,
            now,
            seen: BTreeMap::new(),
            unseen: Unseen::default(),
        }
    }

    /// The instances written since their last look: their saved concerns may be outdated.
    async fn written(&mut self, tx: &mut Tx) -> StoreResult<HashSet<InstanceId>> {
        let due = tx.due(Kind::Instance, self.now, WRITTEN + 1).await?;
        let most = usize::try_from(WRITTEN).unwrap_or(usize::MAX);
        self.unseen.behind = due.len() > most;
        Ok(due
            .into_iter()
            .take(most)
            .filter_map(|due| match due.subject() {
                Ok(ScheduleSubject::Instance(id)) => Some(id),
                _ => None,
            })
            .collect())
    }

    /// The outlook of an instance; `None` for a damaged one, which is reported.
    async fn at(&mut self, tx: &mut Tx, id: &InstanceId) -> StoreResult<Option<&Outlook>> {
        if !self.seen.contains_key(id) {
            let looked = match situation_of(self.settings, tx, id, self.now).await {
                Err(error @ StoreError::Damaged { .. }) => {
                    tracing::error!(instance.id = %id, error = %crate::trace::causes(&error), "an instance cannot be read");
                    self.unseen.damaged.push(id.clone());
                    None
                }
                looked => looked?,
            };
            self.seen.insert(id.clone(), looked);
        }
        Ok(self.seen.get(id).and_then(Option::as_ref))
    }

    /// The rows of an instance's concerns within the scope.
    async fn listed(
        &mut self,
        tx: &mut Tx,
        id: &InstanceId,
        scope: &Scope,
    ) -> StoreResult<Vec<TodoRow>> {
        let Some(outlook) = self.at(tx, id).await? else {
            return Ok(Vec::new());
        };
        let instance = &outlook.case.instance;
        let mut rows: Vec<TodoRow> = Vec::new();
        for concern in &outlook.concerns {
            let there = rows.iter().any(|row| row.kind == concern.kind);
            if there || !belongs(concern, instance, scope) {
                continue;
            }
            let urgency = concern.urgency();
            rows.push(TodoRow {
                rank: urgency.rank.number(),
                presses: urgency.presses,
                instance: id.clone(),
                kind: concern.kind,
            });
        }
        Ok(rows)
    }

    /// The task of a row, if it still exists.
    async fn task(
        &mut self,
        tx: &mut Tx,
        row: &TodoRow,
        scope: &Scope,
    ) -> StoreResult<Option<Task>> {
        let (settings, now) = (self.settings, self.now);
        let Some(outlook) = self.at(tx, &row.instance).await? else {
            return Ok(None);
        };
        let instance = &outlook.case.instance;
        let mut same = outlook
            .concerns
            .iter()
            .filter(|concern| concern.kind == row.kind);
        let Some(concern) = same.next().filter(|one| belongs(one, instance, scope)) else {
            return Ok(None);
        };
        let situation = outlook.situation(settings);
        let known = situation.known_by(now).cloned();
        Ok(Some(Task {
            case: Arc::new(outlook.case.clone()),
            concern: concern.clone(),
            notices: same.filter_map(|one| one.way.notice()).collect(),
            known: known.filter(|_| is_known(&situation, concern, now)),
        }))
    }
}

impl RequestContext<'_> {
    /// Where nobody else is there, what no team has is this person's; `next` says how to need less approval, and `approve`
    /// is refused.
    fn falls_to_the_only_one(&self, task: &mut Task) {
        let concern = &mut task.concern;
        let falls = match concern.owner {
            Owner::Team => task.case.instance.team.is_none(),
            Owner::Approvers => true,
            Owner::Person(_) => false,
        };
        if falls {
            concern.owner = Owner::Person(self.actor.person.clone());
        }
        if let Remedy::Approve { change } = concern.way {
            concern.way = Remedy::Next { change };
        }
    }

    /// Whether what waits for approvals may have this person's: nobody approves what is or was theirs, or a second time.
    fn could_settle(&self, concern: &Concern, case: &Case) -> bool {
        let person = &self.actor.person;
        let Some(change) = case
            .open_change()
            .filter(|_| concern.owner == Owner::Approvers)
        else {
            return true;
        };
        let waits = matches!(
            concern.kind,
            ConcernKind::ChangeWaits | ConcernKind::Unapproved
        );
        let request = change.request.as_ref();
        let has_approved = request.is_some_and(|request| request.approval_of(person).is_some());
        !waits || !(change.was_owned_by(person) || has_approved)
    }
}

fn belongs(concern: &Concern, instance: &Instance, scope: &Scope) -> bool {
    // The row of the expiry mentions the deletion.
    if matches!(
        concern.kind,
        ConcernKind::Deletes | ConcernKind::DeletesUnlessRenewed
    ) {
        return false;
    }
    let team = instance.team.as_ref();
    let of_team = scope.team.as_ref().is_none_or(|of| team == Some(of));
    let words = scope.words.as_ref();
    of_team && words.is_none_or(|words| words.contains(&concern.owner.word(team)))
}
