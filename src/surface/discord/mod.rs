//! The bot in Discord's channels: slash commands and mentions in, cards out.
//!
//! serenity holds the connection to the gateway and knows Discord's types; requests go out through [`Api`], since they
//! have to obey Discord's limits, end in time and never print an address. Nothing is decided here.

mod api;
mod buttons;
mod card;
mod chat;
mod commands;
mod gateway;
mod guilds;
mod hear;
mod lanes;
mod markdown;
mod mention;
mod pace;
mod respond;
mod start;
mod suggest;

pub use chat::DiscordChat;
pub use start::{Discord, StartError, Terms};

use std::sync::Arc;

use chrono_tz::Tz;
use serenity::all::{Member, Permissions};
use tokio::sync::watch;

use crate::app::{Actor, Permits, Role, Warden};
use crate::domain::id::Person;
use api::Api;
use guilds::Guilds;
use lanes::Lanes;

/// The bot, as whoever answers and whoever delivers share it.
pub(crate) struct Bot {
    api: Api,
    warden: Warden,
    application: u64,
    user: u64,
    /// Only these guilds; empty: every guild that the bot is in.
    only: Vec<u64>,
    guilds: Guilds,
    lanes: Lanes,
    zone: Tz,
    /// Whether the token was taken away.
    out: watch::Sender<bool>,
}

impl Bot {
    /// Discord does not take the token any more: the program ends.
    fn locked_out(&self) {
        self.out.send_replace(true);
    }

    /// Whether the bot speaks in a guild.
    fn serves(&self, guild: u64) -> bool {
        self.only.is_empty() || self.only.contains(&guild)
    }

    /// Who asks, by what Discord says of them at this moment.
    fn actor(&self, guild: u64, member: &Member, permissions: Option<Permissions>) -> Actor {
        let manages = permissions.map_or_else(
            || {
                let guild = serenity::all::GuildId::new(guild.max(1));
                self.guilds.manages(guild, member.user.id, &member.roles)
            },
            |held| held.intersects(Permissions::ADMINISTRATOR | Permissions::MANAGE_GUILD),
        );
        Actor {
            person: person(member),
            ..self.member(guild, manages, &member.roles)
        }
    }

    /// Somebody in a guild, by what they are there.
    fn member(&self, guild: u64, manages: bool, _roles: &[serenity::all::RoleId]) -> Actor {
        let role = if manages { Role::Admin } else { Role::Viewer };
        Actor {
            person: Person::named(""),
            workspace: guild.to_string().into(),
            roles: vec![role],
            teams: Vec::new(),
            surface: "discord",
            message: None,
            could_approve: None,
            permits: Permits::Named(None),
        }
    }
}

/// A member as a person: known by the id, shown by the name in the guild.
fn person(member: &Member) -> Person {
    let id = member.user.id.to_string();
    Person::known_as(&id, member.display_name())
}

/// A workspace's guild.
pub(super) fn guild_of(workspace: &str) -> Option<u64> {
    workspace.parse().ok()
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
