//! The first words in a guild: what has to be set there, said wherever that is taken.

use std::time::Duration;

use super::DiscordChat;
use crate::app::Settings;
use crate::delivery::{OWNER, Outgoing, SendError, Sent};

/// Where the first words in a guild go.
pub(in crate::surface::discord) const FIRST: &str = "@first";
/// How many of a guild's channels are tried for them.
const TRIED: usize = 3;
/// When first words that nobody took are tried again.
const AGAIN: Duration = Duration::from_secs(3_600);

/// Where first words may be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GreetingTarget {
    /// Where the guild has its own messages.
    System,
    /// Between the bot and the owner of the guild.
    Owner,
    /// In one of the guild's first channels in which the bot may speak.
    Anywhere,
}

/// The order in which that is tried.
const PLACES: [GreetingTarget; 3] = [
    GreetingTarget::System,
    GreetingTarget::Owner,
    GreetingTarget::Anywhere,
];

impl DiscordChat {
    /// Says the first words in a guild where they are taken: where the guild has its own messages, else to its owner, who
    /// may take no messages from strangers, else in one of its first channels.
    pub(super) async fn greet(
        &self,
        message: &Outgoing,
        settings: &Settings,
    ) -> Result<Sent, SendError> {
        let guild = message.workspace.parse().unwrap_or_default();
        let name = self.bot.guilds.name(guild);
        let named = Outgoing {
            text: format!(
                "In the server {}:\n{}",
                name.unwrap_or_default(),
                message.text
            ),
            channel: OWNER.to_owned(),
            ..message.clone()
        };
        for place in PLACES {
            // Alone with the bot nobody sees which server is meant.
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

    /// The channels that a place stands for.
    async fn places(&self, guild: u64, place: GreetingTarget) -> Result<Vec<u64>, SendError> {
        match place {
            GreetingTarget::System => Ok(self.bot.guilds.system(guild).into_iter().collect()),
            GreetingTarget::Owner => match self.owner(&guild.to_string()).await {
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

    /// Where the first words may be by now.
    pub(super) async fn greeted(
        &self,
        workspace: &str,
        mark: &str,
    ) -> Result<Option<String>, SendError> {
        let guild = workspace.parse().unwrap_or_default();
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
