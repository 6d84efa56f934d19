//! The weekly digest: one message in the default channel, posted even when there is little to report. A team's own channel gets
//! its part once, when a concern there has passed the end of its ladder; from then on only the default channel reports it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::TimeDelta;

use super::compose::{Composed, Outgoing};
use super::notice::instances;
use super::remind::circle_of;
use super::todo::{self, MOST, TaskPage, TaskRange};
use super::workspace::{open_of_workspace, owners};
use super::{Settings, Warden};
use crate::answer::{Task, Unseen};
use crate::domain::Timestamp;
use crate::domain::authority::Role;
use crate::domain::concern::{Circle, Concern, ConcernKind, Weight, rungs};
use crate::domain::effect::{Mention, Post, PostKind};
use crate::domain::id::{ChannelId, InstanceId, TeamName};
use crate::domain::notice::NoticeRecord;
use crate::domain::payload::{Digest, Payload};
use crate::render::digest::{EndedConcern, Section, Week};
use crate::render::{self, Reader};
use crate::store::{OutboxRow, ScheduleSubject, Scope, StoreError, StoreResult, Tx};

/// The most settled concerns in a digest.
const SETTLED: u32 = 100;
/// A digest that was missed goes with the next one that comes so soon.
const NEXT_IS_NEAR: TimeDelta = TimeDelta::hours(24);
/// The length of the ladder.
const LADDER: TimeDelta = TimeDelta::days(15);

impl Warden {
    /// Posts the digest of a workspace. After downtime of several weeks, one digest covers them all: the next one, where that comes
    /// within a day.
    pub(super) async fn post_digest(
        &self,
        mut tx: Tx,
        due: Timestamp,
        now: Timestamp,
    ) -> StoreResult<()> {
        let settings = self.settings_in(&mut tx).await?;
        let next = settings.cadence.next_digest(now);
        // No moment at all: by a clock that was ahead it was due much later.
        let unplanned = due == Timestamp::UNIX_EPOCH;
        if unplanned || due < now && next - now <= NEXT_IS_NEAR {
            tx.set_due(&ScheduleSubject::Digest, Some(next)).await?;
            return tx.commit().await;
        }
        let whole = Digest {
            due,
            last: tx.last_digest().await?.filter(|last| *last < due),
            teams: BTreeSet::new(),
            called: BTreeSet::new(),
        };
        let since = whole.since();
        let channels = past_their_ladder(&settings, &mut tx, since, now).await?;
        let called = channels.values().flatten().cloned().collect();
        let whole = Digest { called, ..whole };
        let default = &settings.channels.default;
        tx.post(&digest_post(default, &whole, now)).await?;
        for (channel, teams) in channels {
            let part = Digest {
                teams,
                called: BTreeSet::new(),
                ..whole.clone()
            };
            tx.post(&digest_post(&channel, &part, now)).await?;
        }
        tx.begin_due(&ScheduleSubject::Retention, now).await?;
        tx.set_due(&ScheduleSubject::Digest, Some(next)).await?;
        tx.note_digest(now).await?;
        tx.forget_settled(since).await?;
        tx.commit().await
    }

    /// Composes the digest from the facts at the time of sending.
    pub(super) async fn compose_digest(
        &self,
        row: &OutboxRow,
        settings: &Arc<Settings>,
        digest: &Digest,
    ) -> StoreResult<Composed> {
        let now = self.clock.now();
        let mut tx = self.store.read(&row.workspace).await?;
        let reader = settings.reader(now);
        let TaskPage {
            tasks,
            more,
            unseen,
        } = found(settings, &mut tx, digest, now).await?;
        if !digest.teams.is_empty() && !tasks.iter().any(is_open) {
            return Ok(Composed::skip(render::digest::NOTHING_OPEN));
        }
        let whole = digest.teams.is_empty();
        let workspace = if whole {
            open_of_workspace(settings, &mut tx, now).await?
        } else {
            Vec::new()
        };
        let mut mentions = mentions(settings, digest, &tasks, now);
        mentions.extend(owners(&workspace));
        let unnamed = if whole {
            Some(todo::unnamed(&mut tx).await?)
        } else {
            None
        };
        // Nothing else calls people again for an instance that is not tracked.
        let mut raised = unnamed.iter().flat_map(|page| &page.rows);
        if raised.any(|filed| filed.names_unknown(&[])) {
            mentions.push(Mention::of_role(Role::Approver));
        }
        mentions.sort_unstable();
        mentions.dedup();
        let ended = ended(&mut tx, digest, &tasks).await?;
        let suppressed = suppressed(settings, &mut tx, digest, &reader).await?;
        let week = Week {
            since: digest.last,
            after: digest.since(),
            sections: sections(tasks),
            ended,
            suppressed,
            unnamed,
            unseen: unseen.beside(&workspace),
            workspace,
            more,
            tracked: tx.totals().await?.instances,
            imported: tx.last_import().await?,
            head: if whole {
                Some(tx.audit_head().await?)
            } else {
                None
            },
        };
        let said = Outgoing {
            mentions,
            ..Outgoing::of(row, settings, now, render::digest::digest(&week, &reader))
        };
        Ok(said.into())
    }
}

fn digest_post(channel: &ChannelId, digest: &Digest, now: Timestamp) -> Post {
    let ms = digest.due.timestamp_millis();
    let key = if digest.teams.is_empty() {
        format!("digest:{ms}")
    } else {
        format!("digest:{ms}:{channel}")
    };
    let payload = Payload::Digest(digest.clone());
    Post::new(PostKind::Digest, channel, key, now, payload)
}

/// The own channels of teams with a concern that has passed the end of its ladder since the last digest: nothing else is posted
/// there about it.
async fn past_their_ladder(
    settings: &Settings,
    tx: &mut Tx,
    since: Timestamp,
    now: Timestamp,
) -> StoreResult<BTreeMap<ChannelId, BTreeSet<String>>> {
    let mut channels: BTreeMap<ChannelId, BTreeSet<String>> = BTreeMap::new();
    for (name, team) in &settings.teams {
        let own = team.channel.as_ref();
        let Some(channel) = own.filter(|channel| **channel != settings.channels.default) else {
            continue;
        };
        if tx.has_begun(name, since - LADDER, now - LADDER).await? {
            let teams = channels.entry(channel.clone()).or_default();
            teams.insert(name.to_string());
        }
    }
    Ok(channels)
}

/// The open or noted concerns, of all teams or of the digest's.
async fn found(
    settings: &Settings,
    tx: &mut Tx,
    digest: &Digest,
    now: Timestamp,
) -> StoreResult<TaskPage> {
    let part = TaskRange {
        skip: 0,
        take: MOST,
    };
    if digest.teams.is_empty() {
        return todo::find_tasks(settings, tx, &Scope::default(), part, now).await;
    }
    let mut all = TaskPage {
        tasks: Vec::new(),
        more: false,
        unseen: Unseen::default(),
    };
    for team in &digest.teams {
        let scope = Scope {
            team: TeamName::parse(team).ok(),
            words: None,
        };
        if scope.team.is_none() {
            continue;
        }
        let found = todo::find_tasks(settings, tx, &scope, part, now).await?;
        all.tasks.extend(found.tasks);
        all.more |= found.more;
        all.unseen.behind |= found.unseen.behind;
        all.unseen.damaged.extend(found.unseen.damaged);
    }
    all.unseen.damaged.sort_unstable();
    all.unseen.damaged.dedup();
    Ok(all)
}

fn is_open(task: &Task) -> bool {
    task.concern.weight == Weight::Open
}

/// One section per team, by name; instances without a team come last.
fn sections(tasks: Vec<Task>) -> Vec<Section> {
    let mut of_teams: BTreeMap<Option<TeamName>, Vec<Task>> = BTreeMap::new();
    for task in tasks {
        let team = task.case.instance.team.clone();
        of_teams.entry(team).or_default().push(task);
    }
    let without = of_teams.remove(&None);
    let named = of_teams
        .into_iter()
        .chain(without.map(|tasks| (None, tasks)));
    named.map(|(team, tasks)| Section { team, tasks }).collect()
}

/// The people who can settle a concern past its ladder, unless it is acknowledged or posted in their own channel.
fn mentions(settings: &Settings, digest: &Digest, tasks: &[Task], now: Timestamp) -> Vec<Mention> {
    let mut all: Vec<Mention> = Vec::new();
    for task in tasks
        .iter()
        .filter(|task| is_open(task) && task.known.is_none())
    {
        let instance = &task.case.instance;
        let called = instance.team.as_ref();
        if called.is_some_and(|team| digest.called.contains(team.as_str()))
            || !is_over(&task.concern, now)
        {
            continue;
        }
        all.extend(circle_of(settings, &task.concern, Circle::Owner, instance));
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// Whether the reminders of a concern are over. For reminders counted from an expiry, the digest mentions people from the start.
fn is_over(concern: &Concern, now: Timestamp) -> bool {
    let last = match rungs(concern).last() {
        // A notice climbs the ladder by itself.
        _ if concern.kind == ConcernKind::Notice => Some(LADDER),
        last => last.map(|hours| TimeDelta::hours(i64::from(*hours))),
    };
    last.is_none_or(|last| now - concern.since >= last)
}

/// The concerns settled since the last digest, per instance; without those replaced by a worse one.
async fn ended(tx: &mut Tx, digest: &Digest, open: &[Task]) -> StoreResult<Vec<EndedConcern>> {
    let mut kinds: BTreeMap<InstanceId, Vec<ConcernKind>> = BTreeMap::new();
    for (id, kind) in tx.settled_since(digest.since(), SETTLED).await? {
        let of = open.iter().filter(|task| task.case.instance.id == id);
        let again = of
            .map(|task| task.concern.kind)
            .any(|open| open == kind || open == ConcernKind::Expired);
        let kinds = kinds.entry(id).or_default();
        if !again && !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let mut all = Vec::new();
    for (id, mut kinds) in kinds {
        let case = match tx.load_case(&id).await {
            // Reported among the damaged records.
            Err(StoreError::Damaged { .. }) => None,
            loaded => loaded?,
        };
        kinds.sort_unstable();
        let case =
            case.filter(|case| !kinds.is_empty() && digest.is_about(case.instance.team.as_ref()));
        all.extend(case.map(|case| EndedConcern {
            instance: case.instance,
            kinds,
        }));
    }
    Ok(all)
}

/// The suppressed notices with the reason, newest first.
async fn suppressed(
    settings: &Settings,
    tx: &mut Tx,
    digest: &Digest,
    reader: &Reader,
) -> StoreResult<Vec<String>> {
    let page = tx.suppressed(digest.since(), 1_u32).await?;
    let mut lines = Vec::new();
    for filed in &page.rows {
        let Some(line) = suppressed_line(settings, tx, digest, filed, reader).await? else {
            continue;
        };
        lines.push(line);
    }
    Ok(lines)
}

async fn suppressed_line(
    settings: &Settings,
    tx: &mut Tx,
    digest: &Digest,
    filed: &NoticeRecord,
    reader: &Reader,
) -> StoreResult<Option<String>> {
    let known = instances(tx, settings, &filed.instances, reader.now).await?;
    let about = known
        .iter()
        .any(|known| digest.is_about(known.team.as_ref()));
    let line = || render::notice::in_digest(filed, &known, reader);
    Ok((about || digest.teams.is_empty()).then(line))
}
