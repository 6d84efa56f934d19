//! Delivery of the outbox to Discord's channels.

mod calling;
mod discussion;
mod greet;

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Bot;
use super::api::{ApiError, Call};
use super::buttons;
use super::card::Card;
use super::guild_of;
use super::names;
use super::respond::send;
use super::wire::{MessageBody, json};
use crate::app::{CardUpdate, Settings};
use crate::delivery::{Chat, OWNER, Outgoing, ReactionOn, Refused, SendError, Sent};
use crate::domain::effect::{PostKind, Reaction};
use crate::domain::id::{ChannelId, WorkspaceId};
pub(super) use greet::FIRST;

/// The number of latest messages searched for one that may have been sent already.
const LOOKED_THROUGH: u8 = 100;
/// The wait before retrying after missing information or a rejection that may pass.
const NOT_YET: Duration = Duration::from_secs(300);

/// Discord as a chat for delivery.
#[derive(Clone)]
pub struct DiscordChat {
    bot: Arc<Bot>,
}

impl DiscordChat {
    /// The channels of the bot's guilds.
    pub(super) const fn new(bot: Arc<Bot>) -> Self {
        Self { bot }
    }

    /// The settings of a guild.
    async fn settings(&self, workspace: &WorkspaceId) -> Result<Arc<Settings>, SendError> {
        let settings = self.bot.warden.settings_of(workspace).await;
        settings.map_err(|_| SendError::later("the settings of the guild cannot be read"))
    }

    /// The channel of a post, which must belong to the guild of its workspace. A name that is no id means the guild's default
    /// channel; so does the channel of the shared configuration if it belongs to another guild.
    async fn place(
        &self,
        workspace: &WorkspaceId,
        settings: &Settings,
        channel: &ChannelId,
    ) -> Result<u64, SendError> {
        let name = channel.as_str();
        if name == OWNER {
            return self.owner(workspace).await;
        }
        let configured = self.bot.warden.settings();
        let configured = &configured.channels;
        let anywhere = [configured.default.as_str(), configured.alerts.as_str()];
        let ours = &settings.channels;
        // Posts made before the alert channel was set go to it nevertheless.
        let meant = if name == anywhere[1] && name != anywhere[0] {
            ours.alerts.as_str()
        } else {
            name
        };
        for name in [meant, ours.default.as_str()] {
            let Ok(channel) = name.parse() else {
                continue;
            };
            if self.is_at_home(workspace, channel).await? {
                return Ok(channel);
            }
            if !anywhere.contains(&name) {
                return Err(SendError::Permanent(Refused::Foreign));
            }
        }
        // A channel may be set at this moment; setting one triggers a retry.
        Err(SendError::later(format!(
            "no channel is set for what goes to {name}"
        )))
    }

    /// The direct message channel of the guild's owner.
    async fn owner(&self, workspace: &WorkspaceId) -> Result<u64, SendError> {
        let guild = guild_of(workspace);
        let owner = guild.and_then(|guild| self.bot.guilds.owner(guild));
        let Some(owner) = owner else {
            return Err(SendError::Later {
                retry_after: Some(NOT_YET),
                reason: "Discord has not said yet whose the server is".to_owned(),
            });
        };
        let opened = self.bot.direct(owner).await;
        opened.map_err(|error| self.bot.told_no(&error))
    }

    /// Whether a channel belongs to the guild of a workspace; a workspace that is no guild has no restriction.
    async fn is_at_home(&self, workspace: &WorkspaceId, channel: u64) -> Result<bool, SendError> {
        let Some(guild) = guild_of(workspace) else {
            return Ok(true);
        };
        let at_home = self.bot.is_at_home(guild, channel).await;
        at_home.map_err(|error| self.bot.told_no(&error))
    }

    /// The message with this mark, if it is among a channel's latest.
    async fn known(
        &self,
        guild: u64,
        channel: u64,
        mark: &str,
    ) -> Result<Option<String>, SendError> {
        let path = format!("/channels/{channel}/messages?limit={LOOKED_THROUGH}");
        let found = self.bot.api.send(&Call::new(Method::GET, path), None).await;
        let found = found.map_err(|error| self.bot.told_no(&error))?;
        let me = self.bot.user.to_string();
        let ours = |message: &&Value| {
            let author = message.pointer("/author/id").and_then(Value::as_str);
            let address = message.pointer("/embeds/0/url").and_then(Value::as_str);
            author == Some(me.as_str()) && address.is_some_and(|address| address.ends_with(mark))
        };
        let messages = found.as_array().map_or(&[][..], Vec::as_slice);
        // Without Read Message History, Discord returns an empty list instead of an error.
        if messages.is_empty() && self.bot.channel_cache.knows(guild, channel) {
            self.bot.tell_lacking(guild, channel).await;
        }
        Ok(messages.iter().find(ours).and_then(message_id))
    }

    async fn say(&self, channel: u64, mark: &str, body: &MessageBody) -> Result<Sent, SendError> {
        let body = body.clone().once(mark.to_owned());
        let call = Call::new(Method::POST, format!("/channels/{channel}/messages"));
        let sent = send(&self.bot.api, &call, &body).await;
        let sent = sent.map_err(|error| self.bot.told_no(&error))?;
        message_id(&sent)
            .map(|message| Sent { message })
            .ok_or_else(|| SendError::later("Discord's answer names no message"))
    }

    /// Edits an existing message, and records when its buttons changed; `false` if it was deleted.
    async fn repost(
        &self,
        channel: u64,
        over: &str,
        body: &MessageBody,
    ) -> Result<bool, SendError> {
        let path = format!("/channels/{channel}/messages/{over}");
        let call = Call::new(Method::PATCH, path);
        match send(&self.bot.api, &call, &body.clone().into_edit()).await {
            Ok(edited) => {
                let at = edited.get("edited_timestamp").and_then(Value::as_str);
                let at = at.and_then(|at| chrono::DateTime::parse_from_rfc3339(at).ok());
                if let (Ok(message), Some(at)) = (over.parse(), at) {
                    let at = Some(at.timestamp_millis());
                    self.bot.shown.note(message, &json(&body.components), at);
                }
                Ok(true)
            }
            Err(error) if error.code() == Some(NO_MESSAGE) => Ok(false),
            Err(error) => Err(self.bot.told_no(&error)),
        }
    }
}

/// Discord's code for an unknown message.
const NO_MESSAGE: u64 = 10_008;

/// The emoji of a reaction.
const fn emoji(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::Suppressed => "\u{1f515}",
        Reaction::Raised => "\u{26a0}\u{fe0f}",
        Reaction::Duplicate => "\u{1f501}",
        Reaction::Unread => "\u{2753}",
    }
}

/// The URL that stores the mark of a message: in its embed, it points to the channel and is not displayed.
fn address(guild: u64, channel: u64, mark: &str) -> String {
    format!("https://discord.com/channels/{guild}/{channel}#{mark}")
}

/// The link to a message.
pub(super) fn link(guild: u64, channel: u64, message: &str) -> String {
    format!("https://discord.com/channels/{guild}/{channel}/{message}")
}

/// The mark of a message: Discord's nonce, also stored in the embed's URL for when Discord has forgotten the nonce.
fn mark(of: &str, nonce: &str) -> String {
    let hash = Sha256::digest(format!("{of}|{nonce}"));
    let mut mark = hex::encode(hash);
    mark.truncate(20);
    mark
}

impl DiscordChat {
    async fn post(&self, message: &Outgoing) -> Result<Sent, SendError> {
        let settings = &message.settings;
        if message.channel.as_str() == FIRST {
            return self.greet(message, settings).await;
        }
        if let Some(thread) = self.discussion(message).await? {
            match self.post_in(thread, message, settings).await {
                // The thread was never started or was deleted, so the message goes to the channel.
                Err(SendError::Permanent(_)) => {}
                sent => return sent,
            }
        }
        let place = self.place(&message.workspace, settings, &message.channel);
        self.post_in(place.await?, message, settings).await
    }

    /// The thread of the change that explains a notice. Its id is that of the message it was started on.
    async fn discussion(&self, message: &Outgoing) -> Result<Option<u64>, SendError> {
        let notice = message.kind == PostKind::Notice;
        let Some(change) = message.change.filter(|_| notice) else {
            return Ok(None);
        };
        let card = self.bot.warden.card_of(&message.workspace, change).await;
        let card =
            card.map_err(|_| SendError::later("the message of the change cannot be read"))?;
        let message = card.and_then(|card| card.message);
        Ok(message.and_then(|message| message.parse().ok()))
    }

    async fn post_in(
        &self,
        channel: u64,
        message: &Outgoing,
        settings: &Settings,
    ) -> Result<Sent, SendError> {
        // A direct message has no guild and no buttons.
        let guild = match message.channel.as_str() {
            OWNER => 0,
            _ => guild_of(&message.workspace).unwrap_or_default(),
        };
        let mark = mark(message.workspace.as_str(), &message.nonce);
        let channels = names::settled(settings);
        let card = Card::post(message.kind, message.gravity, &message.text);
        let card = card.known_by(&address(guild, channel, &mark));
        let card = card.told(|text| self.bot.named(guild, &channels, text));
        let card = self.linked(card, guild, message, settings).await;
        let body = MessageBody {
            components: buttons::of_actions(&message.actions),
            ..card.into_body()
        };
        let body = body.replying_to(message.on.clone());
        let body = self.calling(guild, settings, message, body);
        let Some(update) = &message.card else {
            return self.say_new(channel, &mark, &body).await;
        };
        let over = match &update.over {
            // It may have been posted before a crash.
            None => self.known(guild, channel, &mark).await?,
            over => over.clone(),
        };
        let kept = match &over {
            Some(over) => self.repost(channel, over, &body).await?,
            None => false,
        };
        let sent = match over {
            Some(message) if kept => Sent { message },
            // Discord remembers the nonce of a deleted message and would return that message.
            Some(gone) => {
                let nonce = self::mark(message.workspace.as_str(), &format!("{mark}|{gone}"));
                self.say_new(channel, &nonce, &body).await?
            }
            None => self.say_new(channel, &mark, &body).await?,
        };
        if settings.own.threads() {
            if !kept {
                self.begin_thread(channel, &sent, message).await;
            }
            self.tell_discussion(guild, settings, &sent, update).await?;
        }
        let leads = link(guild, channel, &sent.message);
        self.update_requests(message, update, settings, &leads)
            .await?;
        Ok(sent)
    }

    /// With links where both are posted: from the card of a change to the open request, and from what is said of approvals to
    /// the card.
    async fn linked(
        &self,
        card: Card,
        guild: u64,
        message: &Outgoing,
        settings: &Settings,
    ) -> Card {
        if let Some(update) = &message.card {
            let mut open = update.requests.iter().rev();
            let Some(open) = open.find(|request| request.asks && !request.actions.is_empty())
            else {
                return card;
            };
            let place = self.place(&message.workspace, settings, &open.channel);
            return match place.await {
                Ok(channel) => card.leading_to_request(&link(guild, channel, &open.message)),
                Err(_) => card,
            };
        }
        let approval = message.kind == PostKind::Approval;
        let Some(change) = message.change.filter(|_| approval && guild != 0) else {
            return card;
        };
        let Ok(Some(place)) = self.bot.warden.card_of(&message.workspace, change).await else {
            return card;
        };
        match (place.channel.as_str().parse(), place.message) {
            (Ok(channel), Some(at)) => card.leading_to_card(change, &link(guild, channel, &at)),
            _ => card,
        }
    }

    /// Posts a new message and records its buttons.
    async fn say_new(
        &self,
        channel: u64,
        nonce: &str,
        body: &MessageBody,
    ) -> Result<Sent, SendError> {
        let sent = self.say(channel, nonce, body).await?;
        if let Ok(id) = sent.message.parse() {
            self.bot.shown.note(id, &json(&body.components), None);
        }
        Ok(sent)
    }

    /// Updates the approval requests to their current state. A deleted one is not posted again.
    async fn update_requests(
        &self,
        message: &Outgoing,
        update: &CardUpdate,
        settings: &Settings,
        leads: &str,
    ) -> Result<(), SendError> {
        let guild = guild_of(&message.workspace).unwrap_or_default();
        for request in &update.requests {
            let place = self.place(&message.workspace, settings, &request.channel);
            let channel = match place.await {
                Ok(channel) => channel,
                Err(SendError::Permanent(_)) => continue,
                Err(later) => return Err(later),
            };
            let channels = names::settled(settings);
            let card = Card::post(PostKind::Approval, request.gravity, &request.text);
            let card = card.told(|text| self.bot.named(guild, &channels, text));
            let card = card.leading_to_card(update.shown.change, leads);
            let body = MessageBody {
                components: buttons::of_actions(&request.actions),
                ..card.into_body()
            };
            match self.repost(channel, &request.message, &body).await {
                Ok(_) | Err(SendError::Permanent(_)) => {}
                Err(later) => return Err(later),
            }
        }
        Ok(())
    }
}

impl Chat for DiscordChat {
    async fn send(&self, message: &Outgoing) -> Result<Sent, SendError> {
        let sent = self.post(message).await;
        if ![OWNER, FIRST].contains(&message.channel.as_str()) {
            self.bot.connection_health.note(&message.workspace, &sent);
        }
        sent
    }

    async fn react(&self, reaction_on: &ReactionOn) -> Result<(), SendError> {
        let (message, emoji) = (&reaction_on.message, emoji(reaction_on.reaction));
        let ids = reaction_on.channel.as_str().parse::<u64>().ok();
        let Some((channel, message)) = ids.zip(message.parse::<u64>().ok()) else {
            return Err(SendError::Permanent(Refused::Gone));
        };
        let path = format!("/channels/{channel}/messages/{message}/reactions/{emoji}/@me");
        let marked = self.bot.api.send(&Call::new(Method::PUT, path), None).await;
        match marked {
            Ok(_) => Ok(()),
            // The message no longer exists.
            Err(error) if error.code() == Some(NO_MESSAGE) => Ok(()),
            Err(error) => Err(self.bot.told_no(&error)),
        }
    }

    async fn find(
        &self,
        workspace: &WorkspaceId,
        channel: &ChannelId,
        nonce: &str,
    ) -> Result<Option<Sent>, SendError> {
        let mark = mark(workspace.as_str(), nonce);
        let known = if channel.as_str() == FIRST {
            self.greeted(workspace, &mark).await?
        } else {
            let settings = self.settings(workspace).await?;
            let channel = self.place(workspace, &settings, channel).await?;
            let guild = guild_of(workspace).unwrap_or_default();
            self.known(guild, channel, &mark).await?
        };
        Ok(known.map(|message| Sent { message }))
    }

    async fn reachable(&self) -> Result<(), String> {
        self.bot.reachable().await
    }
}

fn message_id(message: &Value) -> Option<String> {
    message
        .get("id")
        .and_then(Value::as_str)
        .map(ToOwned::to_owned)
}

impl Bot {
    /// Converts an API error into the result for a waiting message.
    pub(super) fn told_no(&self, error: &ApiError) -> SendError {
        match (error, error.status(), error.code()) {
            (ApiError::Limited(limited), ..) => SendError::TooMany {
                retry_after: limited.wait,
                reason: error.to_string(),
            },
            (_, Some(404), _) | (_, _, Some(10_003)) => SendError::Permanent(Refused::Gone),
            // The program ends, and the next start sends it.
            (_, Some(401), _) => SendError::Later {
                retry_after: Some(NOT_YET),
                reason: "Discord does not take the token any more".to_owned(),
            },
            (_, Some(403), _) => SendError::Permanent(Refused::Forbidden),
            (ApiError::Refused { message, .. }, ..) => {
                SendError::Permanent(Refused::Other(message.clone()))
            }
            (ApiError::Failing(_) | ApiError::Silent(_), ..) => SendError::later(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_fits_a_nonce_and_tells_workspaces_apart() {
        assert_eq!(mark("1", "a").len(), 20);
        assert_ne!(mark("1", "a"), mark("2", "a"));
    }
}
