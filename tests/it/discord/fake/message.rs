//! A message, and how Discord writes it.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use regex::Regex;
use serde_json::{Value, json};

use super::clock::{Id, iso};
use super::interaction::{Interaction, Kind};
use super::model::{User, id};
use super::world::World;

/// Only its reader sees it, and only until the client restarts.
pub(crate) const EPHEMERAL: u64 = 1 << 6;
/// "warden is thinking…"
pub(crate) const LOADING: u64 = 1 << 7;
pub(crate) const SUPPRESS_EMBEDS: u64 = 1 << 2;
pub(crate) const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;
pub(crate) const HAS_THREAD: u64 = 1 << 5;

static USER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"<@!?(\d+)>").unwrap());
static ROLE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"<@&(\d+)>").unwrap());

#[derive(Debug, Clone, Default)]
pub(crate) struct Message {
    pub(crate) id: Id,
    pub(crate) channel: Id,
    pub(crate) author: Id,
    /// Who it came from, where a webhook posted it.
    pub(crate) webhook: Option<(Id, String)>,
    pub(crate) content: String,
    pub(crate) embeds: Vec<Value>,
    pub(crate) components: Vec<Value>,
    pub(crate) attachments: Vec<Value>,
    pub(crate) at: DateTime<Utc>,
    pub(crate) edited: Option<DateTime<Utc>>,
    pub(crate) flags: u64,
    pub(crate) nonce: Option<Value>,
    /// Who alone sees it, where it is ephemeral.
    pub(crate) reader: Option<Id>,
    pub(crate) replies_to: Option<Id>,
    /// The interaction it answers.
    pub(crate) interaction: Option<Id>,
    pub(crate) reactions: Vec<(String, Id)>,
    pub(crate) pinged_users: Vec<Id>,
    pub(crate) pinged_roles: Vec<Id>,
    pub(crate) pinged_everyone: bool,
}

impl Message {
    pub(crate) fn is_thinking(&self) -> bool {
        self.flags & LOADING != 0
    }

    pub(crate) fn has_nothing(&self) -> bool {
        self.content.is_empty()
            && self.embeds.is_empty()
            && self.components.is_empty()
            && self.attachments.is_empty()
    }

    /// Every component that can be pressed or chosen from, in order.
    pub(crate) fn controls(&self) -> impl Iterator<Item = &Value> {
        self.components
            .iter()
            .filter_map(|row| row["components"].as_array())
            .flatten()
    }
}

/// The people a text names, `<@1>`.
pub(crate) fn named_users(text: &str) -> Vec<Id> {
    ids(&USER, text)
}

/// The roles a text names, `<@&1>`.
pub(crate) fn named_roles(text: &str) -> Vec<Id> {
    ids(&ROLE, text)
}

fn ids(pattern: &Regex, text: &str) -> Vec<Id> {
    let mut found: Vec<Id> = Vec::new();
    for one in pattern.captures_iter(text) {
        if let Ok(one) = one[1].parse()
            && !found.contains(&one)
        {
            found.push(one);
        }
    }
    found
}

impl World {
    /// The whole message, as one who may read all of it sees it.
    pub(crate) fn message_json(&self, message: &Message) -> Value {
        let mut json = json!({
            "id": id(message.id), "channel_id": id(message.channel), "type": self.message_type(message),
            "author": self.author_json(message), "content": message.content, "embeds": message.embeds,
            "components": numbered(&message.components), "attachments": message.attachments,
            "timestamp": iso(message.at), "edited_timestamp": message.edited.map(iso), "flags": message.flags,
            "mention_everyone": message.pinged_everyone, "mentions": self.mentions_json(message),
            "mention_roles": message.pinged_roles.iter().map(|role| id(*role)).collect::<Vec<_>>(),
            "mention_channels": [], "pinned": false, "tts": false, "reactions": self.reactions_json(message),
        });
        if let Some(nonce) = &message.nonce {
            json["nonce"] = nonce.clone();
        }
        if let Some((webhook, _)) = &message.webhook {
            json["webhook_id"] = id(*webhook);
        }
        if let Some(replied) = message.replies_to {
            json["message_reference"] =
                json!({ "type": 0, "message_id": id(replied), "channel_id": id(message.channel) });
            let replied = self.messages.get(&replied);
            json["referenced_message"] = replied.map_or(Value::Null, |one| self.message_json(one));
        }
        if let Some(interaction) = message
            .interaction
            .and_then(|id| self.interactions.get(&id))
        {
            json["webhook_id"] = id(self.bot.id);
            json["application_id"] = id(self.bot.id);
            json["interaction_metadata"] = self.metadata_json(interaction);
        }
        if let Some(thread) = self.channels.get(&message.id) {
            json["thread"] = thread.json(0, None, self.bot.id);
        }
        json
    }

    /// What a message says of the interaction that it answers: of a press also whose button it was, of a form also what
    /// opened it.
    fn metadata_json(&self, interaction: &Interaction) -> Value {
        let of = |kind: Kind| {
            let mut json = json!({
                "id": id(interaction.id), "type": kind.number(), "user": self.user_json(interaction.user),
                "authorizing_integration_owners": { "0": interaction.guild.map_or(json!("0"), id) },
            });
            if let (Kind::Component, Some(message)) = (kind, interaction.message) {
                json["interacted_message_id"] = id(message);
            }
            json
        };
        let mut json = of(interaction.kind);
        if interaction.kind == Kind::Modal {
            let opened_by = match interaction.message {
                Some(_) => Kind::Component,
                None => Kind::Command,
            };
            json["triggering_interaction_metadata"] = of(opened_by);
        }
        json
    }

    /// As [`World::message_json`], for the gateway: with where it was written and by which member.
    pub(crate) fn message_event_json(&self, message: &Message) -> Value {
        let mut json = self.message_json(message);
        let guild = self
            .channels
            .get(&message.channel)
            .and_then(|channel| channel.guild);
        if let Some(guild) = guild {
            json["guild_id"] = id(guild);
            let member = self
                .guilds
                .get(&guild)
                .and_then(|guild| guild.members.get(&message.author));
            if let Some(member) = member
                && message.webhook.is_none()
            {
                json["member"] = member.json();
            }
        }
        json
    }

    fn message_type(&self, message: &Message) -> u8 {
        let answered = message
            .interaction
            .and_then(|id| self.interactions.get(&id));
        let command =
            answered.is_some_and(|one| one.kind.number() == 2 && one.original == Some(message.id));
        match (command, message.replies_to.is_some()) {
            (true, _) => 20,
            (false, true) => 19,
            _ => 0,
        }
    }

    fn author_json(&self, message: &Message) -> Value {
        match &message.webhook {
            Some((webhook, name)) => json!({
                "id": id(*webhook), "username": name, "discriminator": "0000", "avatar": null, "bot": true,
                "global_name": null, "public_flags": 0, "flags": 0, "clan": null,
            }),
            None => self.user_json(message.author),
        }
    }

    fn mentions_json(&self, message: &Message) -> Vec<Value> {
        message
            .pinged_users
            .iter()
            .map(|user| self.user_json(*user))
            .collect()
    }

    fn reactions_json(&self, message: &Message) -> Vec<Value> {
        let mut seen: Vec<(&str, u32, bool)> = Vec::new();
        for (emoji, by) in &message.reactions {
            let own = *by == self.bot.id;
            match seen.iter_mut().find(|(one, ..)| one == emoji) {
                Some((_, count, me)) => (*count, *me) = (*count + 1, *me || own),
                None => seen.push((emoji, 1, own)),
            }
        }
        seen.into_iter()
            .map(|(emoji, count, me)| json!({
                "emoji": { "id": null, "name": emoji }, "count": count, "me": me, "me_burst": false, "burst_me": false,
                "burst_count": 0, "burst_colors": [], "count_details": { "burst": 0, "normal": count },
            }))
            .collect()
    }

    pub(crate) fn user_json(&self, user: Id) -> Value {
        self.users.get(&user).map_or(Value::Null, User::json)
    }
}

/// Discord numbers components from 1, row by row.
fn numbered(rows: &[Value]) -> Vec<Value> {
    let mut next = 0;
    let mut number = |component: &mut Value| {
        next += 1;
        component["id"] = json!(next);
    };
    let mut rows = rows.to_vec();
    for row in &mut rows {
        number(row);
        let controls = row.get_mut("components").and_then(Value::as_array_mut);
        controls.into_iter().flatten().for_each(&mut number);
    }
    rows
}

/// What is left of a message for a bot that may not read what people write.
pub(crate) fn stripped(mut message: Value) -> Value {
    message["content"] = json!("");
    for part in ["embeds", "attachments", "components"] {
        message[part] = json!([]);
    }
    message
}
