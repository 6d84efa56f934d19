//! What the bot keeps of each guild: its owner, its roles, where first words go. Nobody's membership, no messages.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serenity::all::{ChannelId, Guild, GuildId, PartialGuild, Permissions, Role, RoleId, UserId};

/// One guild.
#[derive(Debug, Clone)]
pub(super) struct GuildInfo {
    name: String,
    owner: UserId,
    roles: HashMap<RoleId, KnownRole>,
    everyone: RoleId,
    /// Where the guild has its own messages.
    system: Option<u64>,
}

/// A role.
#[derive(Debug, Clone)]
struct KnownRole {
    name: String,
    permissions: Permissions,
    /// Whose role it is, where it is one bot's own.
    of_bot: Option<UserId>,
}

impl KnownRole {
    fn of(role: &Role) -> Self {
        Self {
            name: role.name.clone(),
            permissions: role.permissions,
            of_bot: role.tags.bot_id,
        }
    }
}

/// Every guild the bot is in.
#[derive(Debug, Default)]
pub(super) struct Guilds {
    known: Mutex<HashMap<GuildId, GuildInfo>>,
}

impl Guilds {
    fn known(&self) -> MutexGuard<'_, HashMap<GuildId, GuildInfo>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a guild as Discord tells of it.
    pub(super) fn take(&self, guild: &Guild) {
        let known = GuildInfo {
            name: guild.name.clone(),
            owner: guild.owner_id,
            roles: guild
                .roles
                .iter()
                .map(|(id, role)| (*id, KnownRole::of(role)))
                .collect(),
            everyone: RoleId::new(guild.id.get()),
            system: guild.system_channel_id.map(ChannelId::get),
        };
        self.known().insert(guild.id, known);
    }

    /// Takes what changed of a guild itself.
    pub(super) fn update(&self, guild: &PartialGuild) {
        if let Some(known) = self.known().get_mut(&guild.id) {
            known.name = guild.name.clone();
            known.owner = guild.owner_id;
            known.system = guild.system_channel_id.map(ChannelId::get);
        }
    }

    /// Takes a role that is new or has changed.
    pub(super) fn take_role(&self, role: &Role) {
        if let Some(known) = self.known().get_mut(&role.guild_id) {
            known.roles.insert(role.id, KnownRole::of(role));
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

    /// The roles of a guild by name; everybody's is none that one has.
    pub(super) fn role_names(&self, guild: u64) -> Vec<(u64, String)> {
        let known = self.known();
        let roles = known.get(&GuildId::new(guild.max(1)));
        let roles = roles.into_iter().flat_map(|known| &known.roles);
        roles
            .filter(|(id, _)| id.get() != guild)
            .map(|(id, role)| (id.get(), role.name.clone()))
            .collect()
    }

    /// Whether one of these roles is the own one of this bot.
    pub(super) fn is_role_of(&self, guild: u64, bot: u64, roles: &[RoleId]) -> bool {
        let known = self.known();
        let known = known.get(&GuildId::new(guild.max(1)));
        let own = |id: &RoleId| {
            let role = known.and_then(|known| known.roles.get(id));
            role.and_then(|role| role.of_bot) == Some(UserId::new(bot.max(1)))
        };
        roles.iter().any(own)
    }

    /// Where a guild has its own messages, if anywhere.
    pub(super) fn system(&self, guild: u64) -> Option<u64> {
        let known = self.known();
        known
            .get(&GuildId::new(guild.max(1)))
            .and_then(|known| known.system)
    }

    /// What a guild is called, as long as Discord has told of it.
    pub(super) fn name(&self, guild: u64) -> Option<String> {
        let known = self.known();
        known
            .get(&GuildId::new(guild.max(1)))
            .map(|known| known.name.clone())
    }

    /// What somebody with these roles may do in the whole guild, by Discord's permissions; `None` as long as Discord has not
    /// told of it.
    pub(super) fn permissions(
        &self,
        guild: u64,
        user: u64,
        roles: &[RoleId],
    ) -> Option<Permissions> {
        let known = self.known();
        let known = known.get(&GuildId::new(guild.max(1)))?;
        if known.owner.get() == user {
            return Some(Permissions::all());
        }
        let everyone = std::iter::once(&known.everyone);
        let held = everyone
            .chain(roles)
            .filter_map(|role| known.roles.get(role))
            .fold(Permissions::empty(), |all, one| all | one.permissions);
        Some(held)
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
        let manager = Permissions::ADMINISTRATOR | Permissions::MANAGE_GUILD;
        self.permissions(guild.get(), user.get(), roles)
            .is_some_and(|held| held.intersects(manager))
    }
}
