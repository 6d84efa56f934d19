//! The requests after the first answer, for as long as the interaction's token lives.

use chrono::TimeDelta;

use super::{Answer, Call, Outcome, number};
use crate::discord::fake::clock::Id;
use crate::discord::fake::interaction::{Ack, Interaction};
use crate::discord::fake::limits;
use crate::discord::fake::message::EPHEMERAL;
use crate::discord::fake::rejection::{
    INVALID_TOKEN, NOT_FOUND, Rejection, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK,
};
use crate::discord::fake::world::World;

/// The interaction of a token: acknowledged, and not older than a token gets.
fn living(world: &World, app: Id, token: &str) -> Result<Interaction, Rejection> {
    if app != world.bot.id {
        return Err(UNKNOWN_WEBHOOK.into());
    }
    let one = world.interactions.values().find(|one| one.token == token);
    let one = one.ok_or(INVALID_TOKEN)?;
    let life = TimeDelta::from_std(world.options.token_life).unwrap();
    if world.time.now() - one.at > life {
        return Err(INVALID_TOKEN.into());
    }
    match one.ack {
        None | Some(Ack::Choices(_)) => Err(UNKNOWN_WEBHOOK.into()),
        Some(_) => Ok(one.clone()),
    }
}

/// Another message; after a deferral the first of them takes the place of "thinking…".
pub(super) fn follow_up(world: &mut World, call: &Call, app: Id, token: &str) -> Outcome {
    let one = living(world, app, token)?;
    limits::answered_flags(&call.body)?;
    let thinking = one
        .original
        .and_then(|message| world.messages.get(&message))
        .filter(|message| message.is_thinking());
    if let Some(message) = thinking.cloned() {
        return change(world, call, message.id);
    }
    let mut message = world.draft(one.channel);
    message.interaction = Some(one.id);
    world.fill(&mut message, &call.body, &call.files)?;
    if message.flags & EPHEMERAL != 0 {
        message.reader = Some(one.user);
    } else {
        world.ping(&mut message, &call.body);
    }
    if let Some(one) = world.interactions.get_mut(&one.id) {
        one.followups.push(message.id);
    }
    Ok(Answer::Json(world.publish(message)))
}

pub(super) fn message(
    world: &mut World,
    call: &Call,
    app: Id,
    token: &str,
    message: &str,
) -> Outcome {
    let one = living(world, app, token)?;
    let wanted = match message {
        "@original" => one.original,
        other => Some(number(other)?)
            .filter(|id| one.original == Some(*id) || one.followups.contains(id)),
    };
    let wanted = wanted
        .filter(|id| world.messages.contains_key(id))
        .ok_or(UNKNOWN_MESSAGE)?;
    match call.method.as_str() {
        "GET" => Ok(Answer::Json(world.message_json(&world.messages[&wanted]))),
        "PATCH" => {
            let changed = change(world, call, wanted)?;
            // The message that a button is under says the answer now.
            let own = world.interactions.values_mut();
            let own = own.filter(|other| other.id == one.id && other.original == Some(wanted));
            for one in own.filter(|one| matches!(one.ack, Some(Ack::DeferredUpdate))) {
                one.ack = Some(Ack::Update);
            }
            Ok(changed)
        }
        "DELETE" => {
            world.remove(wanted);
            Ok(Answer::Nothing)
        }
        _ => Err(NOT_FOUND.into()),
    }
}

/// Whether it is seen by all was decided when it was first sent; the answer that replaces "thinking…" still pings.
fn change(world: &mut World, call: &Call, message: Id) -> Outcome {
    let mut message = world
        .messages
        .get(&message)
        .cloned()
        .ok_or(UNKNOWN_MESSAGE)?;
    let (first, hidden) = (message.is_thinking(), message.flags & EPHEMERAL);
    world.fill(&mut message, &call.body, &call.files)?;
    message.flags = message.flags & !EPHEMERAL | hidden;
    if first && message.reader.is_none() {
        world.ping(&mut message, &call.body);
    }
    Ok(Answer::Json(world.revise(message)))
}
