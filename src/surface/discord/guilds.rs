//! Cached data of each guild: owner, roles, system channel. It contains no members and no messages.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serenity::all::{ChannelId, Guild, GuildId, PartialGuild, Permissions, Role, RoleId, UserId};

#[derive(Debug, Clone)]
pub(super) struct GuildInfo {
    name: String,
    owner: UserId,
    roles: HashMap<RoleId, KnownRole>,
    everyone: RoleId,
    /// The system channel.
    system: Option<u64>,
}

#[derive(Debug, Clone)]
struct KnownRole {
    name: String,
    permissions: Permissions,
    /// The bot to which a managed role belongs.
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

/// The guilds that the bot is in.
#[derive(Debug, Default)]
pub(super) struct Guilds {
    known: Mutex<HashMap<GuildId, GuildInfo>>,
}

impl Guilds {
    fn known(&self) -> MutexGuard<'_, HashMap<GuildId, GuildInfo>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores a guild from a gateway event.
    pub(super) fn take_guild(&self, guild: &Guild) {
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

    /// Updates the data of a guild.
    pub(super) fn update(&self, guild: &PartialGuild) {
        if let Some(known) = self.known().get_mut(&guild.id) {
            known.name = guild.name.clone();
            known.owner = guild.owner_id;
            known.system = guild.system_channel_id.map(ChannelId::get);
        }
    }

    /// Stores a new or changed role.
    pub(super) fn take_role(&self, role: &Role) {
        if let Some(known) = self.known().get_mut(&role.guild_id) {
            known.roles.insert(role.id, KnownRole::of(role));
        }
    }

    pub(super) fn drop_role(&self, guild: GuildId, role: RoleId) {
        if let Some(known) = self.known().get_mut(&guild) {
            known.roles.remove(&role);
        }
    }

    pub(super) fn has_role(&self, guild: u64, role: u64) -> bool {
        let known = self.known();
        let known = known.get(&GuildId::new(guild.max(1)));
        known.is_some_and(|known| known.roles.contains_key(&RoleId::new(role.max(1))))
    }

    /// The roles of a guild by name, without @everyone.
    pub(super) fn role_names(&self, guild: u64) -> Vec<(u64, String)> {
        let known = self.known();
        let roles = known.get(&GuildId::new(guild.max(1)));
        let roles = roles.into_iter().flat_map(|known| &known.roles);
        roles
            .filter(|(id, _)| id.get() != guild)
            .map(|(id, role)| (id.get(), role.name.clone()))
            .collect()
    }

    /// Whether one of these roles is the managed role of this bot.
    pub(super) fn is_role_of(&self, guild: u64, bot: u64, roles: &[RoleId]) -> bool {
        let known = self.known();
        let known = known.get(&GuildId::new(guild.max(1)));
        let own = |id: &RoleId| {
            let role = known.and_then(|known| known.roles.get(id));
            role.and_then(|role| role.of_bot) == Some(UserId::new(bot.max(1)))
        };
        roles.iter().any(own)
    }

    /// The system channel of a guild, if it has one.
    pub(super) fn system(&self, guild: u64) -> Option<u64> {
        let known = self.known();
        known
            .get(&GuildId::new(guild.max(1)))
            .and_then(|known| known.system)
    }

    /// The name of a guild, if it is known.
    pub(super) fn name(&self, guild: u64) -> Option<String> {
        let known = self.known();
        known
            .get(&GuildId::new(guild.max(1)))
            .map(|known| known.name.clone())
    }

    /// The guild-wide permissions of a member with these roles; `None` for an unknown guild.
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

    /// The owner of a guild, if it is known.
    pub(super) fn owner(&self, guild: u64) -> Option<u64> {
        let known = self.known();
        known
            .get(&GuildId::new(guild.max(1)))
            .map(|known| known.owner.get())
    }

    /// Removes a guild.
    pub(super) fn forget(&self, guild: GuildId) {
        self.known().remove(&guild);
    }

    /// Whether a member with these roles manages the server, by Discord's permissions.
    pub(super) fn manages(&self, guild: GuildId, user: UserId, roles: &[RoleId]) -> bool {
        let manager = Permissions::ADMINISTRATOR | Permissions::MANAGE_GUILD;
        self.permissions(guild.get(), user.get(), roles)
            .is_some_and(|held| held.intersects(manager))
    }
}
