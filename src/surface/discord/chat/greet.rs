//! The greeting of a guild: the settings that it needs, posted where the bot is allowed to post.

use std::time::Duration;

use super::super::{guild_of, workspace_of};
use super::DiscordChat;
use crate::app::Settings;
use crate::delivery::{OWNER, Outgoing, SendError, Sent};
use crate::domain::id::{ChannelId, WorkspaceId};

/// The destination name of a greeting.
pub(in crate::surface::discord) const FIRST: &str = "@first";
/// The number of channels tried.
const TRIED: usize = 3;
/// The wait before a greeting that could not be posted is retried.
const AGAIN: Duration = Duration::from_secs(3_600);

/// A destination of the greeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GreetingTarget {
    /// The guild's system channel.
    System,
    /// A direct message to the guild's owner.
    Owner,
    /// One of the guild's first channels in which the bot may speak.
    Anywhere,
}

/// The destinations in the order of attempts.
const PLACES: [GreetingTarget; 3] = [
    GreetingTarget::System,
    GreetingTarget::Owner,
    GreetingTarget::Anywhere,
];

impl DiscordChat {
    /// Posts the greeting: in the guild's system channel, else to its owner, who may not accept direct messages, else in one of
    /// its first channels.
    pub(super) async fn greet(
        &self,
        message: &Outgoing,
        settings: &Settings,
    ) -> Result<Sent, SendError> {
        let guild = guild_of(&message.workspace).unwrap_or_default();
        let name = self.bot.guilds.name(guild);
        let named = Outgoing {
            text: format!(
                "In the server {}:\n{}",
                name.unwrap_or_default(),
                message.text
            ),
            channel: ChannelId::stored(OWNER),
            ..message.clone()
        };
        for place in PLACES {
            // A direct message does not show the guild, so the text names it.
            let message = if place == GreetingTarget::Owner {
                &named
            } else {
                message
            };
            for channel in self.places(guild, place).await? {
                match self.post_in(channel, message, settings).await {
                    Err(SendError::Permanent(why)) => {
                        tracing::info!(guild, channel, reason = %why, "the first words are not taken there");
                    }
                    sent => return sent,
                }
            }
        }
        let reason =
            "nobody could be told what has to be set; let the bot post in a channel of the server";
        tracing::error!(guild, reason);
        Err(SendError::Later {
            retry_after: Some(AGAIN),
            reason: reason.to_owned(),
        })
    }

    /// The channels of a destination.
    async fn places(&self, guild: u64, place: GreetingTarget) -> Result<Vec<u64>, SendError> {
        match place {
            GreetingTarget::System => Ok(self.bot.guilds.system(guild).into_iter().collect()),
            GreetingTarget::Owner => match self.owner(&workspace_of(guild)).await {
                Ok(channel) => Ok(vec![channel]),
                Err(SendError::Permanent(_)) => Ok(Vec::new()),
                Err(later) => Err(later),
            },
            GreetingTarget::Anywhere => {
                let channels = self.bot.speaks_in(guild, TRIED).await;
                channels.map_err(|error| self.bot.told_no(&error))
            }
        }
    }

    /// The channel of an earlier greeting.
    pub(super) async fn greeted(
        &self,
        workspace: &WorkspaceId,
        mark: &str,
    ) -> Result<Option<String>, SendError> {
        let guild = guild_of(workspace).unwrap_or_default();
        for place in PLACES {
            for channel in self.places(guild, place).await? {
                match self.known(guild, channel, mark).await {
                    Ok(None) | Err(SendError::Permanent(_)) => {}
                    found => return found,
                }
            }
        }
        Ok(None)
    }
}
