//! The Discord bot: slash commands and mentions in, cards out.
//!
//! serenity provides the gateway connection and Discord's types. Requests go through `api`, to obey rate limits, time out, and
//! never print a URL. This module makes no decisions.

mod api;
mod approvers;
mod buttons;
mod card;
mod carried;
mod channel_cache;
mod chat;
mod commands;
mod connection_health;
mod dispatch;
mod gateway;
mod guild_queues;
mod guilds;
mod hello;
mod help;
mod hints;
mod import;
mod markdown;
mod mention;
mod names;
mod pages;
mod press;
mod recent;
mod references;
mod request_pacer;
mod respond;
mod retry;
mod rights;
mod roles;
mod shown;
mod start;
mod suggest;
mod watch;
mod wire;

pub use chat::DiscordChat;
pub use start::{Discord, DiscordOptions, StartError};

use std::sync::Arc;

use chrono_tz::Tz;
use serenity::all::{Member, Permissions};

use crate::app::{Actor, Permits, Settings, Warden};
use crate::domain::id::{Person, RoleId, WorkspaceId};
use api::Api;
use guild_queues::GuildQueues;
use guilds::Guilds;
use recent::Recent;

/// The bot, shared by the event handlers and delivery.
pub(crate) struct Bot {
    api: Api,
    warden: Warden,
    application: u64,
    user: u64,
    /// The allowed guilds; empty: all guilds that the bot is in.
    only: Vec<u64>,
    guilds: Guilds,
    channel_cache: channel_cache::ChannelCache,
    guild_queues: GuildQueues,
    connection_health: connection_health::ConnectionHealth,
    heard: Recent,
    /// Watched channels being read.
    reading: watch::WatchedReads,
    /// Scopes with synchronised commands.
    scopes: commands::Scopes,
    /// Discord's ids of the commands.
    command_ids: hints::CommandIds,
    /// Channels whose permissions were checked recently.
    looked: rights::Looked,
    /// The moments at which buttons changed.
    shown: shown::Shown,
    zone: Tz,
}

impl Bot {
    /// Whether a guild is allowed.
    fn serves(&self, guild: u64) -> bool {
        self.only.is_empty() || self.only.contains(&guild)
    }

    /// The author of a request, as Discord describes them now.
    fn asker(&self, guild: u64, member: &Member, permissions: Option<Permissions>) -> Asker {
        let manages = permissions.map_or_else(
            || {
                let guild = serenity::all::GuildId::new(guild.max(1));
                self.guilds.manages(guild, member.user.id, &member.roles)
            },
            |held| held.intersects(Permissions::ADMINISTRATOR | Permissions::MANAGE_GUILD),
        );
        let id = member.user.id.to_string();
        Asker {
            guild,
            person: Person::known_as(&id, member.display_name()),
            roles: role_ids(&member.roles),
            manages,
            message: None,
            people: Vec::new(),
            permits: Permits::Named(None),
        }
    }
}

/// A member of a guild, before their roles are interpreted.
#[derive(Debug, Clone)]
struct Asker {
    guild: u64,
    person: Person,
    roles: Vec<RoleId>,
    manages: bool,
    /// The message or interaction with the command.
    message: Option<String>,
    /// The people whom the command names.
    people: Vec<Person>,
    permits: Permits,
}

/// The workspace of a server.
fn workspace_of(guild: u64) -> WorkspaceId {
    guild.to_string().into()
}

/// The server of a workspace; the console's has none.
fn guild_of(workspace: &WorkspaceId) -> Option<u64> {
    workspace.as_str().parse().ok()
}

impl Asker {
    /// The actor by the guild's settings.
    fn actor(self, settings: &Settings) -> Actor {
        let workspace = workspace_of(self.guild);
        let actor = settings.actor(&workspace, self.person, &self.roles, self.manages);
        Actor {
            surface: "discord",
            message: self.message,
            people: self.people,
            permits: self.permits,
            ..actor
        }
    }
}

/// Discord's roles as the settings name them.
fn role_ids(roles: &[serenity::all::RoleId]) -> Vec<RoleId> {
    roles.iter().map(|role| RoleId::from(role.get())).collect()
}

impl std::fmt::Debug for Bot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bot")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// Shared by all tasks.
pub(super) type Shared = Arc<Bot>;
