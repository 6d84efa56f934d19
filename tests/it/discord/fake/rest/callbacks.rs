//! The first answer to an interaction: once, in time, and of a kind that fits.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Answer, Call, Outcome};
use crate::discord::fake::clock::Id;
use crate::discord::fake::interaction::{Ack, Interaction, Kind};
use crate::discord::fake::limits;
use crate::discord::fake::message::{EPHEMERAL, LOADING};
use crate::discord::fake::model::id;
use crate::discord::fake::rejection::{
    ALREADY_ACKNOWLEDGED, Rejection, UNKNOWN_INTERACTION, UNKNOWN_MESSAGE,
};
use crate::discord::fake::world::World;

pub(super) fn answer(world: &mut World, call: &Call, interaction: Id, token: &str) -> Outcome {
    let one = world.interactions.get(&interaction).cloned();
    let one = one
        .filter(|one| one.token == token)
        .ok_or(UNKNOWN_INTERACTION)?;
    if one.ack.is_some() {
        return Err(ALREADY_ACKNOWLEDGED.into());
    }
    let took = world.time.now() - one.at;
    if took > TimeDelta::from_std(world.options.answer_within).unwrap() {
        return Err(UNKNOWN_INTERACTION.into());
    }
    let kind = call.body["type"].as_u64().unwrap_or_default();
    fits(kind, &one)?;
    let ack = acknowledge(world, call, &one, kind)?;
    let who = world.name_of(one.user);
    world.say(format!("  {who} is answered after {took}"));
    if let Some(one) = world.interactions.get_mut(&interaction) {
        one.ack = Some(ack);
        one.took = Some(took);
    }
    match call.asks("with_response") {
        Some("true") => Ok(Answer::Json(whole(world, interaction, kind))),
        _ => Ok(Answer::Nothing),
    }
}

/// Whether an answer of this type can be given to what was done.
fn fits(kind: u64, one: &Interaction) -> Result<(), Rejection> {
    let fits = match (kind, one.kind) {
        (8, of) => of == Kind::Autocomplete,
        (4 | 5, of) => of != Kind::Autocomplete,
        (6 | 7, Kind::Component) => true,
        (6 | 7, Kind::Modal) => one.message.is_some(),
        (9, of) => matches!(of, Kind::Command | Kind::Component),
        _ => false,
    };
    if fits {
        return Ok(());
    }
    let message = format!(
        "Type {kind} does not answer an interaction of type {}.",
        one.kind.number()
    );
    Err(Rejection::at(
        "type",
        "INTERACTION_INVALID_CALLBACK_TYPE",
        &message,
    ))
}

fn acknowledge(
    world: &mut World,
    call: &Call,
    one: &Interaction,
    kind: u64,
) -> Result<Ack, Rejection> {
    let data = &call.body["data"];
    match kind {
        4 => {
            reply(world, call, one)?;
            Ok(Ack::Message)
        }
        5 => {
            defer(world, one, data);
            Ok(Ack::Deferred)
        }
        6 => {
            own(world, one.id, one.message);
            Ok(Ack::DeferredUpdate)
        }
        7 => {
            let message = one.message.and_then(|message| world.messages.get(&message));
            let mut message = message.cloned().ok_or(UNKNOWN_MESSAGE)?;
            world.fill(&mut message, data, &call.files)?;
            own(world, one.id, Some(message.id));
            world.revise(message);
            Ok(Ack::Update)
        }
        8 => Ok(Ack::Choices(limits::suggestions(&data["choices"])?)),
        _ => {
            limits::modal(data)?;
            Ok(Ack::Modal(data.clone()))
        }
    }
}

/// What `@original` is.
fn own(world: &mut World, interaction: Id, message: Option<Id>) {
    if let Some(one) = world.interactions.get_mut(&interaction) {
        one.original = message;
    }
}

fn reply(world: &mut World, call: &Call, one: &Interaction) -> Result<(), Rejection> {
    let data = &call.body["data"];
    limits::answered_flags(data)?;
    let mut message = world.draft(one.channel);
    message.interaction = Some(one.id);
    world.fill(&mut message, data, &call.files)?;
    if message.flags & EPHEMERAL != 0 {
        message.reader = Some(one.user);
    } else {
        world.ping(&mut message, data);
    }
    own(world, one.id, Some(message.id));
    world.publish(message);
    Ok(())
}

/// "thinking…", seen by all or by one: that stays so whatever the answer says later.
fn defer(world: &mut World, one: &Interaction, data: &Value) {
    let mut message = world.draft(one.channel);
    message.interaction = Some(one.id);
    message.flags = LOADING | data["flags"].as_u64().unwrap_or_default() & EPHEMERAL;
    message.reader = (message.flags & EPHEMERAL != 0).then_some(one.user);
    own(world, one.id, Some(message.id));
    world.publish(message);
}

/// The callback resource, for who asks for it.
fn whole(world: &World, interaction: Id, kind: u64) -> Value {
    let one = &world.interactions[&interaction];
    let message = one
        .original
        .and_then(|message| world.messages.get(&message));
    let mut json = json!({
        "interaction": { "id": id(one.id), "type": one.kind.number() },
        "resource": { "type": kind },
    });
    if let Some(message) = message {
        json["interaction"]["response_message_id"] = id(message.id);
        json["interaction"]["response_message_loading"] = json!(message.is_thinking());
        json["interaction"]["response_message_ephemeral"] = json!(message.reader.is_some());
        json["resource"]["message"] = world.message_json(message);
    }
    json
}
