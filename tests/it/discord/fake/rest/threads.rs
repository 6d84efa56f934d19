//! A thread on a message.

use serde_json::{Value, json};

use super::{Answer, Call, Outcome};
use crate::discord::fake::clock::Id;
use crate::discord::fake::gateway::session::GUILDS;
use crate::discord::fake::message::HAS_THREAD;
use crate::discord::fake::model::{Channel, THREAD};
use crate::discord::fake::permission::CREATE_PUBLIC_THREADS;
use crate::discord::fake::rejection::{
    Rejection, THREAD_EXISTS, UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, WRONG_KIND,
};
use crate::discord::fake::world::World;

pub(super) fn start(world: &mut World, call: &Call, channel: Id, message: Id) -> Outcome {
    world.may(channel, CREATE_PUBLIC_THREADS)?;
    let known = world.messages.get(&message);
    known
        .filter(|one| one.channel == channel && one.reader.is_none())
        .ok_or(UNKNOWN_MESSAGE)?;
    if world.channels.contains_key(&message) {
        return Err(THREAD_EXISTS.into());
    }
    check(&call.body)?;
    let parent = world.channels.get(&channel).ok_or(UNKNOWN_CHANNEL)?;
    let Some(guild) = parent.guild.filter(|_| parent.kind != THREAD) else {
        return Err(WRONG_KIND.into());
    };
    let thread = Channel {
        id: message,
        guild: Some(guild),
        name: call.body["name"].as_str().unwrap_or_default().to_owned(),
        kind: THREAD,
        parent: Some(channel),
        archived: false,
        overwrites: Vec::new(),
        recipient: None,
        at: world.time.now(),
    };
    world.channels.insert(message, thread);
    if let Some(message) = world.messages.get_mut(&message) {
        message.flags |= HAS_THREAD;
    }
    let json = world.channel_json(message);
    let mut event = json.clone();
    event["newly_created"] = json!(true);
    world.emit_in(guild, "THREAD_CREATE", GUILDS, event);
    world.revised(message);
    Ok(Answer::Created(json))
}

fn check(body: &Value) -> Result<(), Rejection> {
    let archive = &body["auto_archive_duration"];
    let known = [60, 1440, 4320, 10080];
    if !archive.is_null() && !known.contains(&archive.as_u64().unwrap_or_default()) {
        let message = "Value must be one of (60, 1440, 4320, 10080).";
        return Err(Rejection::at(
            "auto_archive_duration",
            "BASE_TYPE_CHOICES",
            message,
        ));
    }
    check_name(body["name"].as_str().unwrap_or_default())
}

pub(super) fn check_name(name: &str) -> Result<(), Rejection> {
    match name.chars().count() {
        1..=100 => Ok(()),
        _ => Err(Rejection::at(
            "name",
            "BASE_TYPE_BAD_LENGTH",
            "Must be between 1 and 100 in length.",
        )),
    }
}
