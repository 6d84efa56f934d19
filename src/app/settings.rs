//! What holds in a workspace: what it has set for itself, laid over the configuration.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::actor::{Actor, Permits};
use super::{RequestContext, Warden};
use crate::answer::Reply;
use crate::domain::Timestamp;
use crate::domain::audit::{AuditEntry, AuditKey};
use crate::domain::authority::Role;
use crate::domain::id::{Label, Person};
use crate::domain::notice::Wordings;
use crate::domain::reminder::Cadence;
use crate::domain::retention::Retention;
use crate::domain::setting::{Defaults, Overrides, teams_of};
use crate::domain::team::{Channels, Policy, Team};
use crate::render::{Clockface, Reader};
use crate::store::{CardRow, Holding, PageRange, StoreError, Tx};

/// What the use cases need to know of the configuration, or of what a workspace made of it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The zone of dates that people write without one.
    pub vendor_zone: Tz,
    /// What the team asks for.
    pub policy: Policy,
    /// The zone of instants in what is posted.
    pub reader_zone: Tz,
    /// When people want to be reminded.
    pub cadence: Cadence,
    /// For how long what nothing needs any more is kept.
    pub retention: Retention,
    /// Where to post.
    pub channels: Channels,
    /// After how long without a file people are told; `None`: never.
    pub import_stale_after: Option<TimeDelta>,
    /// What is understood of notices.
    pub wordings: Arc<Wordings>,
    /// The key that the rows of the audit trail are made with.
    pub audit_key: Option<AuditKey>,
    /// The teams, by name.
    pub teams: BTreeMap<Label, Team>,
    /// What the workspace has set for itself; all of it is in the above already. Empty where only the configuration speaks.
    pub own: Overrides,
    /// Whether each change has a message that is kept current.
    pub cards: bool,
    /// Who writes instants out in what is posted.
    pub clockface: Clockface,
}

/// How many rows of a list a card of a chat holds.
const ROWS_OF_CARD: u32 = 15;

impl Settings {
    /// A page of a list, as long as what it is shown on holds.
    pub(super) fn page(&self, page: u32) -> PageRange {
        match self.clockface {
            Clockface::Marked => PageRange {
                page,
                rows: ROWS_OF_CARD,
            },
            Clockface::Written => page.into(),
        }
    }

    /// Anyone who reads what is posted at this moment.
    pub fn reader(&self, now: Timestamp) -> Reader {
        Reader {
            zone: self.reader_zone,
            now,
            clockface: self.clockface,
            columns: None,
        }
    }

    /// What can be set.
    pub(super) fn base(&self) -> Defaults {
        Defaults {
            policy: self.policy.clone(),
            zone: self.reader_zone,
            cadence: self.cadence.clone(),
            channels: self.channels.clone(),
            teams: self.teams.clone(),
        }
    }

    /// Lays what a workspace has set over the configuration.
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
            vendor_zone: self.vendor_zone,
            policy,
            reader_zone: zone,
            cadence,
            retention: self.retention,
            channels,
            import_stale_after: self.import_stale_after,
            wordings: Arc::clone(&self.wordings),
            audit_key: self.audit_key.clone(),
            teams,
            own,
            cards: self.cards,
            clockface: self.clockface,
        }
    }

    /// Has a reply be read in the zone of the workspace.
    pub(super) fn read_by(&self, mut reply: Reply) -> Reply {
        reply.zone = (!self.own.is_empty()).then_some(self.reader_zone);
        reply
    }

    /// The roles of the chat that mean a role here: whom to mention, and who could approve.
    pub fn outside(&self, role: Role) -> &[Label] {
        self.own.means(role)
    }

    /// The person behind what is said in a chat: `outside_roles` are the ids of the roles that they have there now, `manages`
    /// whether they manage it. The surface puts its own name and the message in.
    pub fn actor(
        &self,
        workspace: &str,
        person: Person,
        outside_roles: &[Label],
        manages: bool,
    ) -> Actor {
        Actor {
            person,
            workspace: workspace.into(),
            roles: self.own.roles_of(outside_roles, manages),
            teams: teams_of(&self.teams, outside_roles),
            manages,
            surface: "chat",
            message: None,
            could_approve: None,
            permits: Permits::Named(None),
        }
    }
}

/// What the configuration says, and what workspaces made of it the last time.
#[derive(Debug)]
pub(super) struct Configured {
    alone: Arc<Settings>,
    /// By workspace. What a workspace has set is read each time; only what it comes to is not worked out again.
    overlaid: Mutex<HashMap<String, Arc<Settings>>>,
}

/// For so many workspaces what they made of the configuration is kept in memory.
const OVERLAID: usize = 1_024;

impl Configured {
    pub(super) fn new(alone: Arc<Settings>) -> Self {
        Self {
            alone,
            overlaid: Mutex::default(),
        }
    }

    /// By the configuration alone.
    pub(super) fn alone(&self) -> &Settings {
        &self.alone
    }

    /// As [`Configured::alone`], to be kept.
    pub(super) fn shared(&self) -> Arc<Settings> {
        Arc::clone(&self.alone)
    }

    /// What holds in the workspace of a transaction, as that sees it.
    async fn in_force(&self, tx: &mut Tx) -> Result<Arc<Settings>, StoreError> {
        let own = tx.own_settings().await?;
        if own.is_empty() {
            return Ok(Arc::clone(&self.alone));
        }
        // What is kept is whole at any moment, also when somebody panicked who held it.
        let mut overlaid = self.overlaid.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = overlaid.get(tx.name()).filter(|kept| kept.own == own) {
            return Ok(Arc::clone(kept));
        }
        if overlaid.len() >= OVERLAID {
            overlaid.clear();
        }
        let settings = Arc::new(self.alone.under(own));
        overlaid.insert(tx.name().to_owned(), Arc::clone(&settings));
        Ok(settings)
    }
}

impl RequestContext<'_> {
    /// As this desk, by what holds in its workspace at the moment of a transaction.
    pub(super) const fn by<'a>(&'a self, settings: &'a Settings) -> RequestContext<'a> {
        RequestContext {
            store: self.store,
            actor: self.actor,
            configured: self.configured,
            meter: self.meter,
            settings,
            now: self.now,
            part: self.part,
        }
    }

    /// What holds in the workspace of a transaction.
    pub(super) async fn settings_in(&self, tx: &mut Tx) -> Result<Arc<Settings>, StoreError> {
        self.configured.in_force(tx).await
    }
}

impl Warden {
    /// What holds in a workspace now; costs one read from an index.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn settings_of(&self, workspace: &str) -> Result<Arc<Settings>, StoreError> {
        let mut tx = self.store.glance(workspace).await?;
        self.settings_in(&mut tx).await
    }

    /// Where a change is kept current in the chat; `None` when it never was.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn card_of(
        &self,
        workspace: &str,
        change: u64,
    ) -> Result<Option<CardRow>, StoreError> {
        self.store.glance(workspace).await?.card(change).await
    }

    /// What holds in the workspace of a transaction, as that sees it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn settings_in(&self, tx: &mut Tx) -> Result<Arc<Settings>, StoreError> {
        self.configured().in_force(tx).await
    }

    /// Every workspace with how much it holds; costs one row a workspace.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn workspaces(&self) -> Result<Vec<Holding>, StoreError> {
        self.store.system().holdings().await
    }

    /// Has nothing be due in a workspace until [`Warden::resume`]: the bot is not there any more. Its data stays. `false`
    /// when it is paused already.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn pause(&self, workspace: &str) -> Result<bool, StoreError> {
        self.set_paused(workspace, true).await
    }

    /// Goes on in a workspace with what was planned; what fell due meanwhile comes now. `false` when it was not paused.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn resume(&self, workspace: &str) -> Result<bool, StoreError> {
        self.set_paused(workspace, false).await
    }

    async fn set_paused(&self, workspace: &str, paused: bool) -> Result<bool, StoreError> {
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
