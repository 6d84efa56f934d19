//! Concerns of a workspace as a whole, posted to the alerts channel at growing intervals until they are settled.

use super::{Settings, Warden};
use crate::domain::Timestamp;
use crate::domain::concern::{
    ConcernRecord, HeldListing, RoleState, SeenRole, Unreadable, WorkspaceConcern, WorkspaceFacts,
    meant_roles, next_workspace_turn, workspace_concerns,
};
use crate::domain::effect::{Mention, Post, PostKind};
use crate::domain::id::{RoleId, TeamName, WorkspaceId};
use crate::domain::payload::Payload;
use crate::render;
use crate::store::{ImportTaken, ScheduleSubject, StoreError, StoreResult, Tx};

/// The most recent imports searched for a listing that is held back.
pub(super) const IMPORTS: u32 = 50;
/// The interval at which damaged data is read again.
const READ_AGAIN: chrono::TimeDelta = chrono::TimeDelta::days(1);

/// The database's data about a workspace as a whole.
#[derive(Debug, Default)]
struct Gathered {
    roles: Vec<SeenRole>,
    /// The teams that tracked instances belong to.
    named: Vec<TeamName>,
    imported: Option<Timestamp>,
    held: Vec<HeldListing>,
    unreadable: Vec<Unreadable>,
    /// Data that has become readable again.
    readable: Vec<Unreadable>,
    kept: Vec<ConcernRecord>,
}

impl Gathered {
    async fn of(tx: &mut Tx) -> StoreResult<Self> {
        let seen = tx.seen_of_workspace().await?;
        let mut gathered = Self {
            roles: seen.roles,
            named: seen.named,
            imported: seen.imported,
            held: held(tx).await?,
            kept: seen.kept,
            ..Self::default()
        };
        for subject in seen.unreadable {
            if can_be_read(tx, &subject).await? {
                gathered.readable.push(subject);
            } else {
                gathered.unreadable.push(subject);
            }
        }
        Ok(gathered)
    }

    fn facts<'a>(&'a self, settings: &'a Settings) -> WorkspaceFacts<'a> {
        WorkspaceFacts {
            own: &settings.own,
            teams: &settings.teams,
            named: &self.named,
            policy: &settings.policy,
            roles: &self.roles,
            imported: self.imported,
            stale_after: settings.import_stale_after,
            held: &self.held,
            unreadable: &self.unreadable,
            kept: &self.kept,
        }
    }
}

/// The listings held back: the latest of each region and account, unless undone.
async fn held(tx: &mut Tx) -> StoreResult<Vec<HeldListing>> {
    let mut latest: Vec<ImportTaken> = Vec::new();
    let mut held = Vec::new();
    for import in tx.imports(IMPORTS).await? {
        let Some(region) = import.region.clone().filter(|_| import.undone.is_none()) else {
            continue;
        };
        let is_later = |later: &&ImportTaken| later.region == import.region;
        let later: Vec<&ImportTaken> = latest.iter().filter(is_later).collect();
        let lacks = import
            .held
            .iter()
            .filter(|id| !later.iter().any(|later| later.covers(id.account())))
            .count();
        if lacks > 0 {
            held.push(HeldListing {
                region,
                accounts: import.accounts.clone(),
                number: import.number,
                label: import.label.clone(),
                lacks,
                at: import.taken_at,
            });
        }
        latest.push(import);
    }
    Ok(held)
}

async fn can_be_read(tx: &mut Tx, subject: &Unreadable) -> StoreResult<bool> {
    let read = match subject {
        Unreadable::Instance(id) => tx.load_case(id).await.map(drop),
        Unreadable::Change(number) => tx.load_change_case(*number).await.map(drop),
        Unreadable::Notice(number) => tx.notice(*number).await.map(drop),
    };
    match read {
        Err(StoreError::Damaged { .. }) => Ok(false),
        read => read.map(|()| true),
    }
}

/// The open concerns of a workspace as a whole.
pub(super) async fn open_of_workspace(
    settings: &Settings,
    tx: &mut Tx,
    now: Timestamp,
) -> StoreResult<Vec<WorkspaceConcern>> {
    let gathered = Gathered::of(tx).await?;
    Ok(workspace_concerns(&gathered.facts(settings), now))
}

/// The roles that can settle them.
pub(super) fn owners(open: &[WorkspaceConcern]) -> Vec<Mention> {
    let roles = open.iter().map(|concern| concern.failing.owner());
    let mut owners: Vec<Mention> = roles.map(Mention::of_role).collect();
    owners.sort_unstable();
    owners.dedup();
    owners
}

impl Warden {
    /// Posts the workspace's due concerns, and schedules the next look.
    pub(super) async fn look_at_workspace(&self, mut tx: Tx, now: Timestamp) -> StoreResult<()> {
        let settings = self.settings_in(&mut tx).await?;
        let gathered = Gathered::of(&mut tx).await?;
        for subject in &gathered.readable {
            tx.note_readable(subject).await?;
        }
        let facts = gathered.facts(&settings);
        let open = workspace_concerns(&facts, now);
        let mut due: Vec<WorkspaceConcern> = Vec::new();
        let mut keep: Vec<ConcernRecord> = Vec::new();
        for concern in &open {
            let key = concern.failing.key();
            let mut before = gathered.kept.iter();
            let before = before.find(|kept| kept.key == key && kept.since <= now);
            let told = before.map_or(0, |kept| kept.told);
            let by_now = concern.told_by(&settings.cadence, now);
            // Missed rungs are told once.
            if by_now > told {
                due.push(concern.clone());
            }
            keep.push(ConcernRecord {
                key,
                since: concern.since,
                told: by_now.max(told),
            });
        }
        tx.keep_workspace(&gathered.kept, &keep).await?;
        if let Some(post) = alert(&settings, &due, &keep, now) {
            tx.post(&post).await?;
        }
        let rungs = open.iter();
        let rungs = rungs.filter_map(|concern| concern.next_rung(&settings.cadence, now));
        let again = (!gathered.unreadable.is_empty()).then(|| now + READ_AGAIN);
        let turn = next_workspace_turn(&facts, now);
        let next = rungs.chain(again).chain(turn).min();
        tx.set_due(&ScheduleSubject::Workspace, next).await?;
        tx.commit().await
    }

    /// Records the state of the Discord roles that the settings refer to; `state_of` tells it by id.
    pub async fn sees_roles(
        &self,
        workspace: &WorkspaceId,
        state_of: impl Fn(&RoleId) -> RoleState + Send,
    ) -> StoreResult<()> {
        let now = self.clock.now();
        let mut tx = self.store.write(workspace).await?;
        let settings = self.settings_in(&mut tx).await?;
        let meant = meant_roles(&settings.own, &settings.teams);
        for before in tx.seen_roles().await? {
            if !meant.iter().any(|role| **role == before.role) {
                tx.forget_role(&before.role).await?;
            }
        }
        for role in meant {
            let seen = state_of(role);
            let role = role.clone();
            tx.see_role(&SeenRole { role, seen }, now).await?;
        }
        tx.commit().await
    }

    /// Whether the settings refer to any Discord role.
    pub async fn means_roles(&self, workspace: &WorkspaceId) -> StoreResult<bool> {
        let settings = self.settings_of(workspace).await?;
        Ok(!meant_roles(&settings.own, &settings.teams).is_empty())
    }

    /// Records that something cannot be read, so that people are told.
    pub(super) async fn cannot_read(
        &self,
        workspace: &WorkspaceId,
        subject: &Unreadable,
    ) -> StoreResult<()> {
        let mut tx = self.store.write(workspace).await?;
        tx.note_unreadable(subject, self.clock.now()).await?;
        tx.commit().await
    }
}

/// The due concerns, in one post.
fn alert(
    settings: &Settings,
    due: &[WorkspaceConcern],
    keep: &[ConcernRecord],
    now: Timestamp,
) -> Option<Post> {
    let first = due.first()?.failing.key();
    let kept = keep.iter().find(|kept| kept.key == first)?;
    let since = kept.since.timestamp_millis();
    let alerts = &settings.channels.alerts;
    let key = format!("workspace:{first}:{since}:{}", kept.told);
    let text = render::workspace::alert(due, &settings.reader(now));
    Some(Post {
        mentions: owners(due),
        ..Post::new(PostKind::Alert, alerts, key, now, Payload::ready(text))
    })
}
