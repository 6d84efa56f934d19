//! What the bot keeps of each guild: its owner, its roles, where first words go. Nobody's membership, no messages.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serenity::all::{Guild, GuildId, PartialGuild, Permissions, Role, RoleId, UserId};

/// One guild.
#[derive(Debug, Clone)]
pub(super) struct Known {
    owner: UserId,
    roles: HashMap<RoleId, Permissions>,
    everyone: RoleId,
}

/// Every guild the bot is in.
#[derive(Debug, Default)]
pub(super) struct Guilds {
    known: Mutex<HashMap<GuildId, Known>>,
}

impl Guilds {
    fn known(&self) -> MutexGuard<'_, HashMap<GuildId, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a guild as Discord tells of it.
    pub(super) fn take(&self, guild: &Guild) {
        let known = Known {
            owner: guild.owner_id,
            roles: guild
                .roles
                .iter()
                .map(|(id, role)| (*id, role.permissions))
                .collect(),
            everyone: RoleId::new(guild.id.get()),
        };
        self.known().insert(guild.id, known);
    }

    /// Takes what changed of a guild itself.
    pub(super) fn update(&self, guild: &PartialGuild) {
        if let Some(known) = self.known().get_mut(&guild.id) {
            known.owner = guild.owner_id;
        }
    }

    /// Takes a role that is new or has changed.
    pub(super) fn take_role(&self, role: &Role) {
        if let Some(known) = self.known().get_mut(&role.guild_id) {
            known.roles.insert(role.id, role.permissions);
        }
    }

    /// Forgets a role.
    pub(super) fn drop_role(&self, guild: GuildId, role: RoleId) {
        if let Some(known) = self.known().get_mut(&guild) {
            known.roles.remove(&role);
        }
    }

    /// Whether a guild has a role.
    pub(super) fn has_role(&self, guild: u64, role: u64) -> bool {
        let known = self.known();
        let known = known.get(&GuildId::new(guild.max(1)));
        known.is_some_and(|known| known.roles.contains_key(&RoleId::new(role.max(1))))
    }

    /// The guilds that the bot is in.
    pub(super) fn ids(&self) -> Vec<u64> {
        self.known().keys().map(|guild| guild.get()).collect()
    }

    /// Whose a guild is, as long as Discord has told of it.
    pub(super) fn owner(&self, guild: u64) -> Option<u64> {
        let known = self.known();
        known
            .get(&GuildId::new(guild.max(1)))
            .map(|known| known.owner.get())
    }

    /// Forgets a guild.
    pub(super) fn forget(&self, guild: GuildId) {
        self.known().remove(&guild);
    }

    /// Whether somebody with these roles manages the server, by Discord's permissions.
    pub(super) fn manages(&self, guild: GuildId, user: UserId, roles: &[RoleId]) -> bool {
        let known = self.known();
        let Some(known) = known.get(&guild) else {
            return false;
        };
        let everyone = std::iter::once(&known.everyone);
        let held = everyone
            .chain(roles)
            .filter_map(|role| known.roles.get(role))
            .fold(Permissions::empty(), |all, one| all | *one);
        known.owner == user
            || held.intersects(Permissions::ADMINISTRATOR | Permissions::MANAGE_GUILD)
    }
}
