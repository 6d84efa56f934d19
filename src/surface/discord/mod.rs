//! The bot in Discord's channels: slash commands and mentions in, cards out.
//!
//! serenity holds the connection to the gateway and knows Discord's types; requests go out through `api`, since they
//! have to obey Discord's limits, end in time and never print an address. Nothing is decided here.

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
use crate::domain::id::{Label, Person};
use api::Api;
use guild_queues::GuildQueues;
use guilds::Guilds;
use recent::Recent;

/// The bot, as anyone who answers and anyone who delivers share it.
pub(crate) struct Bot {
    api: Api,
    warden: Warden,
    application: u64,
    user: u64,
    /// Only these guilds; empty: every guild that the bot is in.
    only: Vec<u64>,
    guilds: Guilds,
    channel_cache: channel_cache::ChannelCache,
    guild_queues: GuildQueues,
    connection_health: connection_health::ConnectionHealth,
    heard: Recent,
    /// Watched channels that are being read.
    reading: watch::WatchedReads,
    /// Where the commands were seen to.
    scopes: commands::Scopes,
    /// How Discord knows them.
    command_ids: hints::CommandIds,
    /// Channels of which it was looked at what the bot may do there.
    looked: rights::Looked,
    /// Since when buttons mean what they mean.
    shown: shown::Shown,
    zone: Tz,
}

impl Bot {
    /// Whether the bot speaks in a guild.
    fn serves(&self, guild: u64) -> bool {
        self.only.is_empty() || self.only.contains(&guild)
    }

    /// Who asks, by what Discord says of them at this moment.
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
            roles: labels(&member.roles),
            manages,
            message: None,
            permits: Permits::Named(None),
        }
    }
}

/// Somebody in a guild, before it is known what their roles mean there.
#[derive(Debug, Clone)]
struct Asker {
    guild: u64,
    person: Person,
    roles: Vec<Label>,
    manages: bool,
    /// The message or interaction that holds the command.
    message: Option<String>,
    permits: Permits,
}

impl Asker {
    /// Who that is by the settings of the guild.
    fn actor(self, settings: &Settings) -> Actor {
        let workspace = self.guild.to_string();
        let actor = settings.actor(&workspace, self.person, &self.roles, self.manages);
        Actor {
            surface: "discord",
            message: self.message,
            permits: self.permits,
            ..actor
        }
    }
}

/// Discord's roles as the settings name them.
fn labels(roles: &[serenity::all::RoleId]) -> Vec<Label> {
    let label = |role: &serenity::all::RoleId| Label::parse(&role.to_string()).ok();
    roles.iter().filter_map(label).collect()
}

impl std::fmt::Debug for Bot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bot")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// Shared by everything that runs.
pub(super) type Shared = Arc<Bot>;
