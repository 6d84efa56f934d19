//! The settings in force in a workspace: its own, over the configuration.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::actor::{Actor, LOCAL_WORKSPACE, Permits};
use super::{RequestContext, Warden};
use crate::answer::Reply;
use crate::domain::Timestamp;
use crate::domain::audit::{AuditEntry, AuditKey};
use crate::domain::authority::Role;
use crate::domain::id::{Person, RoleId, TeamName, WorkspaceId};
use crate::domain::notice::Wordings;
use crate::domain::reminder::Cadence;
use crate::domain::retention::Retention;
use crate::domain::setting::{Defaults, Guarded, Overrides, teams_of};
use crate::domain::team::{Channels, Policy, Team};
use crate::render::{Clockface, Reader};
use crate::store::{CardRow, Holding, PageRange, StoreResult, Tx};

/// The settings that use cases need: the configuration, or a workspace's settings over it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The zone of dates typed without one.
    pub vendor_zone: Tz,
    pub policy: Policy,
    /// The policy of the workspace of the prompt, whichever process looks at it: one person decides there. `None`: the same.
    pub at_prompt: Option<Policy>,
    /// Whether nobody else is there: in the workspace of the prompt, if it has a policy of its own.
    pub is_alone: bool,
    /// The zone of instants in posts.
    pub reader_zone: Tz,
    /// The times of reminders.
    pub cadence: Cadence,
    /// Retention of messages, reminders, texts of notices, and files.
    pub retention: Retention,
    /// The default and the alerts channel.
    pub channels: Channels,
    /// The age of the last import at which people are told; `None`: never.
    pub import_stale_after: Option<TimeDelta>,
    /// The wordings of the configuration.
    pub wordings: Arc<Wordings>,
    /// The key of the audit trail.
    pub audit_key: Option<AuditKey>,
    pub teams: BTreeMap<TeamName, Team>,
    /// The workspace's own settings, included in the fields above. Empty for the configuration alone.
    pub own: Overrides,
    /// Whether each change has a card.
    pub cards: bool,
    /// The form of instants in posts.
    pub clockface: Clockface,
}

/// The most rows of a list on a card.
const ROWS_OF_CARD: u32 = 15;

impl Settings {
    /// Whether nobody is a member of a team: it is not described, or without members.
    pub(super) fn has_no_members(&self, team: &TeamName) -> bool {
        let described = self.teams.get(team);
        described.is_none_or(|team| team.members.is_empty())
    }

    /// Whether one person teaches a wording: no second one is there to agree to it, nor asked for.
    pub(super) fn teaches_alone(&self) -> bool {
        self.is_alone && self.policy.approvals_of(Guarded::Unsubscribe) == 0
    }

    /// When the workspace last set its zone or its quiet hours.
    pub(super) fn hours_set(&self) -> Option<Timestamp> {
        let set = ["zone", "quiet-hours"].map(|key| self.own.get(key).map(|set| set.at));
        set.into_iter().flatten().max()
    }

    /// A page of a list, sized for the surface.
    pub(super) fn page(&self, page: u32) -> PageRange {
        match self.clockface {
            Clockface::Marked => PageRange {
                page,
                rows: ROWS_OF_CARD,
            },
            Clockface::Written => page.into(),
        }
    }

    /// The reader of a post made now.
    pub fn reader(&self, now: Timestamp) -> Reader {
        Reader {
            zone: self.reader_zone,
            now,
            clockface: self.clockface,
            columns: None,
            is_alone: self.is_alone,
        }
    }

    /// The changeable settings.
    pub(super) fn base(&self) -> Defaults {
        Defaults {
            policy: self.policy.clone(),
            zone: self.reader_zone,
            cadence: self.cadence.clone(),
            channels: self.channels.clone(),
            teams: self.teams.clone(),
        }
    }

    /// Applies a workspace's own settings.
    #[must_use]
    pub fn under(&self, own: Overrides) -> Self {
        let Defaults {
            policy,
            zone,
            cadence,
            channels,
            teams,
        } = self.base().under(&own);
        Self {
            policy,
            reader_zone: zone,
            cadence,
            channels,
            teams,
            own,
            ..self.clone()
        }
    }

    /// Sets the zone of a reply to the workspace's.
    pub(super) fn read_by(&self, mut reply: Reply) -> Reply {
        reply.zone = (!self.own.is_empty()).then_some(self.reader_zone);
        reply
    }

    /// The Discord roles mapped to a role: for mentions, and to find who could approve.
    pub fn outside(&self, role: Role) -> &[RoleId] {
        self.own.means(role)
    }

    /// The person behind a Discord message: `outside_roles` are the ids of their current Discord roles, `manages` tells whether
    /// they manage the server. The surface fills in its name and the message.
    pub fn actor(
        &self,
        workspace: &WorkspaceId,
        person: Person,
        outside_roles: &[RoleId],
        manages: bool,
    ) -> Actor {
        Actor {
            person,
            workspace: workspace.clone(),
            roles: self.own.roles_of(outside_roles, manages),
            teams: teams_of(&self.teams, outside_roles),
            manages,
            surface: "chat",
            message: None,
            people: Vec::new(),
            could_approve: None,
            permits: Permits::Named(None),
        }
    }
}

/// The configuration, with a cache of the workspaces' settings over it.
#[derive(Debug)]
pub(super) struct Configured {
    alone: Arc<Settings>,
    /// For the workspace of the prompt.
    at_prompt: Arc<Settings>,
    /// By workspace. Own settings are read each time; only the merged result is cached.
    overlaid: Mutex<HashMap<WorkspaceId, Arc<Settings>>>,
}

/// The most workspaces in the cache.
const OVERLAID: usize = 1_024;

impl Configured {
    pub(super) fn new(alone: Arc<Settings>) -> Self {
        let at_prompt = match &alone.at_prompt {
            None => Arc::clone(&alone),
            Some(policy) => Arc::new(Settings {
                policy: policy.clone(),
                is_alone: true,
                ..Settings::clone(&alone)
            }),
        };
        Self {
            alone,
            at_prompt,
            overlaid: Mutex::default(),
        }
    }

    /// The configuration alone, for a workspace.
    pub(super) fn of(&self, workspace: &WorkspaceId) -> &Arc<Settings> {
        match workspace.as_str() {
            LOCAL_WORKSPACE => &self.at_prompt,
            _ => &self.alone,
        }
    }

    /// The configuration alone.
    pub(super) fn shared(&self) -> Arc<Settings> {
        Arc::clone(&self.alone)
    }

    /// The settings in force in the workspace of a transaction, as of that transaction.
    async fn in_force(&self, tx: &mut Tx) -> StoreResult<Arc<Settings>> {
        let own = tx.own_settings().await?;
        if own.is_empty() {
            return Ok(Arc::clone(self.of(tx.name())));
        }
        // The cache is consistent at any moment, so a poisoned lock is harmless.
        let mut overlaid = self.overlaid.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = overlaid.get(tx.name()).filter(|kept| kept.own == own) {
            return Ok(Arc::clone(kept));
        }
        if overlaid.len() >= OVERLAID {
            overlaid.clear();
        }
        let settings = Arc::new(self.of(tx.name()).under(own));
        overlaid.insert(tx.name().clone(), Arc::clone(&settings));
        Ok(settings)
    }
}

impl RequestContext<'_> {
    /// This context with other settings, those read in a transaction.
    pub(super) const fn by<'a>(&'a self, settings: &'a Settings) -> RequestContext<'a> {
        RequestContext {
            store: self.store,
            actor: self.actor,
            configured: self.configured,
            meter: self.meter,
            imports: self.imports,
            settings,
            now: self.now,
            part: self.part,
        }
    }

    /// The settings in force in the workspace of a transaction.
    pub(super) async fn settings_in(&self, tx: &mut Tx) -> StoreResult<Arc<Settings>> {
        self.configured.in_force(tx).await
    }
}

impl Warden {
    /// The settings in force in a workspace; costs one index read.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn settings_of(&self, workspace: &WorkspaceId) -> StoreResult<Arc<Settings>> {
        let mut tx = self.store.glance(workspace).await?;
        self.settings_in(&mut tx).await
    }

    /// The place of a change's card; `None` if it never had one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn card_of(
        &self,
        workspace: &WorkspaceId,
        change: u64,
    ) -> StoreResult<Option<CardRow>> {
        self.store.glance(workspace).await?.card(change).await
    }

    /// The settings in force in the workspace of a transaction, as of that transaction.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn settings_in(&self, tx: &mut Tx) -> StoreResult<Arc<Settings>> {
        self.configured().in_force(tx).await
    }

    /// Every workspace with its size; costs one row per workspace.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn workspaces(&self) -> StoreResult<Vec<Holding>> {
        self.store.system().holdings().await
    }

    /// Suspends the schedule of a workspace that the bot was removed from, until [`Warden::resume`]. Its data stays. `false` if
    /// it is paused already.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn pause(&self, workspace: &WorkspaceId) -> StoreResult<bool> {
        self.set_paused(workspace, true).await
    }

    /// Resumes the schedule of a workspace; overdue entries run at once. `false` if it was not paused.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn resume(&self, workspace: &WorkspaceId) -> StoreResult<bool> {
        self.set_paused(workspace, false).await
    }

    async fn set_paused(&self, workspace: &WorkspaceId, paused: bool) -> StoreResult<bool> {
        let mut tx = self.store.write(workspace).await?;
        let moved = tx.set_paused(paused).await?;
        if moved {
            let said = if paused { "pause" } else { "resume" };
            let entry = AuditEntry::done(self.clock.now(), "presence", said);
            let settings = self.settings();
            let key = settings.audit_key.as_ref();
            tx.append_audit(&entry, key).await?;
        }
        tx.commit().await?;
        Ok(moved)
    }
}
