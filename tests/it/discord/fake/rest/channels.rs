//! One channel: whether the bot may, and what it is.

use serde_json::Value;

use super::{Answer, Call, Outcome};
use crate::discord::fake::clock::Id;
use crate::discord::fake::model::DIRECT;
use crate::discord::fake::permission::{SEND_MESSAGES, SEND_MESSAGES_IN_THREADS, VIEW_CHANNEL};
use crate::discord::fake::rejection::{
    MISSING_ACCESS, MISSING_PERMISSIONS, NOT_FOUND, Rejection, UNKNOWN_CHANNEL,
};
use crate::discord::fake::world::World;

pub(super) fn about(world: &mut World, call: &Call, channel: Id, rest: &[&str]) -> Outcome {
    world.visible(channel)?;
    match (call.method.as_str(), rest) {
        ("GET", []) => Ok(Answer::Json(world.channel_json(channel))),
        ("PATCH", []) => change(world, call, channel),
        ("POST", ["typing"]) => {
            world.may_send(channel)?;
            Ok(Answer::Nothing)
        }
        _ => Err(NOT_FOUND.into()),
    }
}

/// Of a thread only: a bot of this kind manages no channels.
fn change(world: &mut World, call: &Call, channel: Id) -> Outcome {
    let Some(thread) = world
        .channels
        .get_mut(&channel)
        .filter(|one| one.is_thread())
    else {
        return Err(MISSING_PERMISSIONS.into());
    };
    if let Some(archived) = call.body["archived"].as_bool() {
        thread.archived = archived;
    }
    if let Some(name) = call.body["name"].as_str() {
        super::threads::check_name(name)?;
        thread.name = name.to_owned();
    }
    let json = world.channel_json(channel);
    let guild = world.channels[&channel].guild.unwrap_or_default();
    world.emit_in(guild, "THREAD_UPDATE", 1, json.clone());
    Ok(Answer::Json(json))
}

impl World {
    /// The channel is there and the bot sees it.
    pub(crate) fn visible(&self, channel: Id) -> Result<(), Rejection> {
        if !self.channels.contains_key(&channel) {
            return Err(UNKNOWN_CHANNEL.into());
        }
        if self.permissions(channel, self.bot.id) & VIEW_CHANNEL == 0 {
            return Err(MISSING_ACCESS.into());
        }
        Ok(())
    }

    /// The bot may do all of this there.
    pub(crate) fn may(&self, channel: Id, all: u64) -> Result<(), Rejection> {
        self.visible(channel)?;
        if self.permissions(channel, self.bot.id) & all != all {
            return Err(MISSING_PERMISSIONS.into());
        }
        Ok(())
    }

    pub(crate) fn may_send(&self, channel: Id) -> Result<(), Rejection> {
        let thread = self
            .channels
            .get(&channel)
            .is_some_and(|one| one.is_thread());
        let needed = if thread {
            SEND_MESSAGES_IN_THREADS
        } else {
            SEND_MESSAGES
        };
        self.may(channel, needed)
    }

    pub(crate) fn is_direct(&self, channel: Id) -> bool {
        self.channels
            .get(&channel)
            .is_some_and(|one| one.kind == DIRECT)
    }

    /// A list as JSON writes it, or nothing.
    pub(crate) fn list(value: &Value) -> &[Value] {
        value.as_array().map_or(&[], Vec::as_slice)
    }
}
