//! Messages of a channel.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Answer, Call, Outcome, id_in, number, threads};
use crate::discord::fake::clock::Id;
use crate::discord::fake::gateway::session::{
    DIRECT_MESSAGE_REACTIONS, DIRECT_MESSAGES, Event, GUILD_MESSAGE_REACTIONS, GUILD_MESSAGES,
    MESSAGE_CONTENT,
};
use crate::discord::fake::message::{LOADING, Message, stripped};
use crate::discord::fake::model::id;
use crate::discord::fake::permission::{
    ADD_REACTIONS, ATTACH_FILES, EMBED_LINKS, MANAGE_MESSAGES, READ_MESSAGE_HISTORY,
};
use crate::discord::fake::rejection::{
    ARCHIVED, CANNOT_MESSAGE_USER, NOT_FOUND, NOT_THE_AUTHOR, Rejection, UNKNOWN_EMOJI,
    UNKNOWN_MESSAGE,
};
use crate::discord::fake::world::World;

pub(super) fn about(world: &mut World, call: &Call, channel: Id, rest: &[&str]) -> Outcome {
    world.visible(channel)?;
    match (call.method.as_str(), rest) {
        ("GET", []) => list(world, call, channel),
        ("POST", []) => post(world, call, channel),
        ("GET", [message]) => {
            world.may(channel, READ_MESSAGE_HISTORY)?;
            let message = world.found(channel, number(message)?)?;
            Ok(Answer::Json(world.readable(message)))
        }
        ("PATCH", [message]) => edit(world, call, channel, number(message)?),
        ("DELETE", [message]) => delete(world, channel, number(message)?),
        ("POST", [message, "threads"]) => threads::start(world, call, channel, number(message)?),
        (method, [message, "reactions", emoji, "@me"]) => {
            react(world, method, (channel, number(message)?), emoji)
        }
        _ => Err(NOT_FOUND.into()),
    }
}

/// Newest first, between `after` and `before`.
fn list(world: &World, call: &Call, channel: Id) -> Outcome {
    let bound = |key: &str| call.asks(key).map(number).transpose();
    let limit = match call.asks("limit").map(str::parse::<usize>) {
        None => 50,
        Some(Ok(limit @ 1..=100)) => limit,
        Some(_) => {
            let message = "int value should be between 1 and 100.";
            return Err(Rejection::at("limit", "NUMBER_TYPE_MAX", message));
        }
    };
    if world.permissions(channel, world.bot.id) & READ_MESSAGE_HISTORY == 0 {
        return Ok(Answer::Json(json!([])));
    }
    let (before, after) = (bound("before")?, bound("after")?);
    let within = world
        .messages
        .values()
        .filter(|one| one.channel == channel && one.reader.is_none())
        .filter(|one| before.is_none_or(|before| one.id < before))
        .filter(|one| after.is_none_or(|after| one.id > after));
    // `after` means those that follow it first, but still in the order of the rest.
    let mut found: Vec<&Message> = match after {
        Some(_) => within.take(limit).collect(),
        None => within.collect(),
    };
    found.reverse();
    found.truncate(limit);
    let found: Vec<Value> = found.into_iter().map(|one| world.readable(one)).collect();
    Ok(Answer::Json(json!(found)))
}

fn post(world: &mut World, call: &Call, channel: Id) -> Outcome {
    world.may_send(channel)?;
    if world.is_direct(channel) && !world.takes_messages(channel) {
        return Err(CANNOT_MESSAGE_USER.into());
    }
    let place = &world.channels[&channel];
    if place.archived {
        return Err(ARCHIVED.into());
    }
    if !World::list(&call.body["embeds"]).is_empty() {
        world.may(channel, EMBED_LINKS)?;
    }
    if !call.files.is_empty() {
        world.may(channel, ATTACH_FILES)?;
    }
    super::super::limits::posted_flags(&call.body)?;
    let mut message = world.draft(channel);
    if let Some(same) = world.same_nonce(channel, &call.body) {
        return Ok(Answer::Json(world.message_json(&world.messages[&same])));
    }
    message.replies_to = replied(world, channel, &call.body)?;
    message.nonce = call
        .body
        .get("nonce")
        .filter(|nonce| !nonce.is_null())
        .cloned();
    world.fill(&mut message, &call.body, &call.files)?;
    world.ping(&mut message, &call.body);
    Ok(Answer::Json(world.publish(message)))
}

/// The message replied to, which must be there unless the sender does not mind.
fn replied(world: &World, channel: Id, body: &Value) -> Result<Option<Id>, Rejection> {
    let reference = &body["message_reference"];
    let Some(message) = id_in(&reference["message_id"]) else {
        return Ok(None);
    };
    world.may(channel, READ_MESSAGE_HISTORY)?;
    match world.found(channel, message) {
        Ok(_) => Ok(Some(message)),
        Err(_) if reference["fail_if_not_exists"] == false => Ok(None),
        Err(_) => Err(Rejection::at(
            "message_reference",
            "REPLIES_UNKNOWN_MESSAGE",
            "Unknown message",
        )),
    }
}

fn edit(world: &mut World, call: &Call, channel: Id, message: Id) -> Outcome {
    let mut message = world.found(channel, message)?.clone();
    if message.author != world.bot.id || message.webhook.is_some() {
        return Err(NOT_THE_AUTHOR.into());
    }
    if world.channels[&channel].archived {
        return Err(ARCHIVED.into());
    }
    world.fill(&mut message, &call.body, &call.files)?;
    Ok(Answer::Json(world.revise(message)))
}

fn delete(world: &mut World, channel: Id, message: Id) -> Outcome {
    let found = world.found(channel, message)?;
    if found.author != world.bot.id {
        world.may(channel, MANAGE_MESSAGES)?;
    }
    world.remove(message);
    Ok(Answer::Nothing)
}

fn react(world: &mut World, method: &str, (channel, message): (Id, Id), emoji: &str) -> Outcome {
    world.found(channel, message)?;
    if emoji.is_empty() || emoji.is_ascii() {
        return Err(UNKNOWN_EMOJI.into());
    }
    let bot = world.bot.id;
    let entry = (emoji.to_owned(), bot);
    let known = world.messages[&message].reactions.clone();
    let event = match method {
        "PUT" => {
            let new = !known.iter().any(|(one, _)| one == emoji);
            let needed = if new { ADD_REACTIONS } else { 0 };
            world.may(channel, READ_MESSAGE_HISTORY | needed)?;
            "MESSAGE_REACTION_ADD"
        }
        "DELETE" => "MESSAGE_REACTION_REMOVE",
        _ => return Err(NOT_FOUND.into()),
    };
    let found = world.messages.get_mut(&message).ok_or(UNKNOWN_MESSAGE)?;
    found.reactions.retain(|one| *one != entry);
    if method == "PUT" {
        found.reactions.push(entry);
    }
    let mut data = json!({
        "user_id": id(bot), "channel_id": id(channel), "message_id": id(message), "burst": false, "type": 0,
        "emoji": { "id": null, "name": emoji },
    });
    if let Some(guild) = world.channels[&channel].guild {
        data["guild_id"] = id(guild);
    }
    world.emit(
        event,
        GUILD_MESSAGE_REACTIONS | DIRECT_MESSAGE_REACTIONS,
        data,
    );
    Ok(Answer::Nothing)
}

impl World {
    fn takes_messages(&self, channel: Id) -> bool {
        let person = self.channels.get(&channel).and_then(|one| one.recipient);
        person.is_some_and(|person| {
            self.users
                .get(&person)
                .is_some_and(|one| one.takes_messages)
        })
    }

    /// A message of the channel that is not for somebody's eyes only.
    fn found(&self, channel: Id, message: Id) -> Result<&Message, Rejection> {
        let found = self.messages.get(&message);
        let found = found.filter(|one| one.channel == channel && one.reader.is_none());
        found.ok_or_else(|| UNKNOWN_MESSAGE.into())
    }

    /// As the bot may read it: what people write only with the message-content intent, or to the bot itself.
    fn readable(&self, message: &Message) -> Value {
        let json = self.message_json(message);
        match self.options.privileged & MESSAGE_CONTENT != 0 || self.is_for_bot(message) {
            true => json,
            false => stripped(json),
        }
    }

    fn is_for_bot(&self, message: &Message) -> bool {
        let bot = self.bot.id;
        message.author == bot
            || message.pinged_users.contains(&bot)
            || self.is_direct(message.channel)
    }

    /// The message sent before with the same nonce, where that was to be made sure of.
    fn same_nonce(&self, channel: Id, body: &Value) -> Option<Id> {
        let nonce = body.get("nonce").filter(|nonce| !nonce.is_null())?;
        if body["enforce_nonce"] != true {
            return None;
        }
        let window = TimeDelta::from_std(self.options.nonce_window).ok()?;
        let now = self.time.now();
        let same = self.messages.values().find(|one| {
            one.channel == channel
                && one.author == self.bot.id
                && one.nonce.as_ref() == Some(nonce)
                && one.at + window > now
        });
        same.map(|one| one.id)
    }

    /// Everybody who may see it now does, and the bot is told.
    pub(crate) fn publish(&mut self, message: Message) -> Value {
        let number = message.id;
        let hidden = message.reader.is_some();
        self.messages.insert(number, message);
        if !hidden {
            self.tell_of(number, "MESSAGE_CREATE");
        }
        self.message_json(&self.messages[&number])
    }

    /// It reads differently from now on.
    pub(crate) fn revise(&mut self, mut message: Message) -> Value {
        message.edited = Some(self.time.now());
        message.flags &= !LOADING;
        let number = message.id;
        self.messages.insert(number, message);
        self.revised(number);
        self.message_json(&self.messages[&number])
    }

    /// Tells of a change to a message.
    pub(crate) fn revised(&mut self, message: Id) {
        if self
            .messages
            .get(&message)
            .is_some_and(|one| one.reader.is_none())
        {
            self.tell_of(message, "MESSAGE_UPDATE");
        }
    }

    fn tell_of(&mut self, message: Id, name: &str) {
        let Some(message) = self.messages.get(&message) else {
            return;
        };
        if self.visible(message.channel).is_err() {
            return;
        }
        let needs = if self.is_direct(message.channel) {
            DIRECT_MESSAGES
        } else {
            GUILD_MESSAGES
        };
        let event = Event {
            name: name.to_owned(),
            needs,
            data: self.message_event_json(message),
            private: !self.is_for_bot(message),
        };
        self.emit_event(event);
    }

    pub(crate) fn remove(&mut self, message: Id) {
        let Some(mut data) = self.take_away(message) else {
            return;
        };
        data["id"] = id(message);
        self.emit("MESSAGE_DELETE", GUILD_MESSAGES, data);
    }

    /// Removes messages of one channel together, as Discord tells of it.
    pub(crate) fn purge(&mut self, messages: &[Id]) {
        let gone: Vec<_> = messages
            .iter()
            .filter_map(|message| self.take_away(*message))
            .collect();
        let Some(mut data) = gone.into_iter().next() else {
            return;
        };
        data["ids"] = messages.iter().map(|message| id(*message)).collect();
        self.emit("MESSAGE_DELETE_BULK", GUILD_MESSAGES, data);
    }

    /// Removes a message; returns where it was, unless only one person saw it.
    fn take_away(&mut self, message: Id) -> Option<Value> {
        let gone = self.messages.remove(&message)?;
        let mut data = json!({ "channel_id": id(gone.channel) });
        let guild = self.channels.get(&gone.channel).and_then(|one| one.guild);
        if let Some(guild) = guild {
            data["guild_id"] = id(guild);
        }
        gone.reader.is_none().then_some(data)
    }
}
