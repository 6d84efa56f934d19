//! Interactions of people with the bot, and the bot's possible answers.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::clock::Id;
use super::model::id;
use super::permission;
use super::world::World;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Command,
    Component,
    Autocomplete,
    Modal,
}

impl Kind {
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Command => 2,
            Self::Component => 3,
            Self::Autocomplete => 4,
            Self::Modal => 5,
        }
    }
}

/// How the bot answered, once.
#[derive(Debug, Clone)]
pub(crate) enum Ack {
    Message,
    Deferred,
    DeferredUpdate,
    Update,
    Choices(Vec<Value>),
    Modal(Value),
}

#[derive(Debug, Clone)]
pub(crate) struct Interaction {
    pub(crate) id: Id,
    pub(crate) token: String,
    pub(crate) kind: Kind,
    pub(crate) user: Id,
    pub(crate) guild: Option<Id>,
    pub(crate) channel: Id,
    pub(crate) at: DateTime<Utc>,
    /// What was filled in or pressed.
    pub(crate) data: Value,
    /// The message a component of which was used, also through a modal.
    pub(crate) message: Option<Id>,
    pub(crate) ack: Option<Ack>,
    /// How long the bot took to acknowledge.
    pub(crate) took: Option<TimeDelta>,
    pub(crate) original: Option<Id>,
    pub(crate) followups: Vec<Id>,
}

impl World {
    /// A person does something: it is written down and the bot is told.
    pub(crate) fn interact(&mut self, kind: Kind, place: &Place, data: Value) -> Id {
        let number = self.time.id();
        let token = format!("aW50ZXJhY3Rpb246canary-{number}");
        self.interactions.insert(
            number,
            Interaction {
                id: number,
                token,
                kind,
                user: place.user,
                guild: place.guild,
                channel: place.channel,
                at: self.time.now(),
                data: data.clone(),
                message: place.message,
                ack: None,
                took: None,
                original: None,
                followups: Vec::new(),
            },
        );
        let json = self.interaction_json(&self.interactions[&number], data);
        self.emit("INTERACTION_CREATE", 0, json);
        number
    }

    fn interaction_json(&self, one: &Interaction, data: Value) -> Value {
        let mut json = json!({
            "id": id(one.id), "application_id": id(self.bot.id), "type": one.kind.number(), "data": data,
            "channel_id": id(one.channel), "channel": self.seen_channel(one.channel, one.user), "token": one.token,
            "version": 1, "locale": "en-US", "entitlements": [], "attachment_size_limit": 10_485_760,
            "app_permissions": self.permissions(one.channel, self.bot.id).to_string(),
        });
        match one.guild.and_then(|guild| self.guilds.get(&guild)) {
            Some(guild) => {
                json["guild_id"] = id(guild.id);
                json["guild"] =
                    json!({ "id": id(guild.id), "locale": "en-US", "features": ["COMMUNITY"] });
                json["guild_locale"] = json!("en-US");
                json["member"] = self.acting_member(guild.id, one);
                json["authorizing_integration_owners"] = json!({ "0": id(guild.id) });
                json["context"] = json!(0);
            }
            None => {
                json["user"] = self.user_json(one.user);
                json["authorizing_integration_owners"] = json!({ "0": "0" });
                json["context"] = json!(1);
            }
        }
        if let Some(message) = one.message.and_then(|message| self.messages.get(&message)) {
            json["message"] = self.message_json(message);
        }
        json
    }

    /// The channel as an interaction shows it, with what the person may do there.
    pub(crate) fn seen_channel(&self, channel: Id, user: Id) -> Value {
        let mut json = self.channel_json(channel);
        json["permissions"] = json!(self.permissions(channel, user).to_string());
        json
    }

    fn acting_member(&self, guild: Id, one: &Interaction) -> Value {
        let mut member = self.member_json(guild, one.user);
        member["permissions"] = json!(self.permissions(one.channel, one.user).to_string());
        member
    }

    /// What somebody may do in a channel; in a direct one, everything that can be done there.
    pub(crate) fn permissions(&self, channel: Id, user: Id) -> u64 {
        let Some(channel) = self.channels.get(&channel) else {
            return 0;
        };
        let Some(guild) = channel.guild.and_then(|guild| self.guilds.get(&guild)) else {
            return permission::EVERYONE;
        };
        let place = channel
            .parent
            .and_then(|parent| self.channels.get(&parent))
            .unwrap_or(channel);
        permission::of_channel(guild, place, user)
    }
}

/// Who does something, and where.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) user: Id,
    pub(crate) guild: Option<Id>,
    pub(crate) channel: Id,
    pub(crate) message: Option<Id>,
}
