//! The bot itself, the gateway, people, direct channels and files.

use serde_json::{Value, json};

use super::{Answer, Call, Outcome, id_in, number};
use crate::discord::fake::clock::Id;
use crate::discord::fake::model::{Channel, DIRECT, id};
use crate::discord::fake::record::Authorization;
use crate::discord::fake::rejection::{NOT_FOUND, Rejection, UNKNOWN_USER};
use crate::discord::fake::world::World;

pub(super) fn gateway(world: &World) -> Outcome {
    Ok(Answer::Json(json!({ "url": world.gateway_url() })))
}

pub(super) fn gateway_bot(world: &World) -> Outcome {
    Ok(Answer::Json(json!({
        "url": world.gateway_url(), "shards": 1,
        "session_start_limit": { "total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1 },
    })))
}

pub(super) fn me(world: &World) -> Outcome {
    let mut me = world.bot.json();
    me["verified"] = json!(true);
    me["mfa_enabled"] = json!(true);
    me["locale"] = json!("en-US");
    me["email"] = Value::Null;
    Ok(Answer::Json(me))
}

pub(super) fn user(world: &World, user: Id) -> Outcome {
    let found = world.users.get(&user).ok_or(UNKNOWN_USER)?;
    Ok(Answer::Json(found.json()))
}

pub(super) fn guilds(world: &World) -> Outcome {
    let guilds: Vec<Value> = world
        .homes()
        .map(|guild| {
            json!({
                "id": id(guild.id), "name": guild.name, "icon": null, "banner": null, "owner": false,
                "permissions": "0", "features": ["COMMUNITY"],
            })
        })
        .collect();
    Ok(Answer::Json(json!(guilds)))
}

pub(super) fn application(world: &World) -> Outcome {
    let owner = json!({
        "id": "1", "username": "the-owner", "discriminator": "0", "global_name": null, "avatar": null, "public_flags": 0,
    });
    Ok(Answer::Json(json!({
        "id": id(world.bot.id), "name": world.bot.name, "icon": null, "description": "", "summary": "", "type": null,
        "bot": world.bot.json(), "bot_public": true, "bot_require_code_grant": false, "verify_key": "0".repeat(64),
        "flags": world.application_flags(), "hook": true, "owner": owner, "team": null, "redirect_uris": [],
        "interactions_endpoint_url": null, "role_connections_verification_url": null, "integration_types_config": {},
    })))
}

/// The direct channel with a person, the same each time.
pub(super) fn direct(world: &mut World, call: &Call) -> Outcome {
    let user = id_in(&call.body["recipient_id"]).ok_or_else(|| {
        Rejection::at(
            "recipient_id",
            "BASE_TYPE_REQUIRED",
            "This field is required",
        )
    })?;
    if !world.users.contains_key(&user) || user == world.bot.id {
        return Err(Rejection::at(
            "recipient_id",
            "INVALID_RECIPIENT",
            "Cannot send messages to this user",
        ));
    }
    let channel = world.direct(user);
    Ok(Answer::Json(world.channel_json(channel)))
}

/// What people attached; nobody is asked who they are, and nobody should say it.
pub(super) fn attachment(world: &mut World, call: &Call, file: &str) -> Outcome {
    if call.authorization(world) != Authorization::None {
        let violation = format!("an Authorization header came to {}", call.shown_path());
        world.violations.push(violation);
    }
    let file = world.files.get(&number(file)?).ok_or(NOT_FOUND)?;
    Ok(Answer::File(file.kind.clone(), file.bytes.clone()))
}

impl World {
    /// The direct channel between the bot and somebody.
    pub(crate) fn direct(&mut self, user: Id) -> Id {
        let known = self
            .channels
            .values()
            .find(|one| one.recipient == Some(user));
        if let Some(channel) = known {
            return channel.id;
        }
        let number = self.time.id();
        let channel = Channel {
            id: number,
            guild: None,
            name: String::new(),
            kind: DIRECT,
            parent: None,
            archived: false,
            overwrites: Vec::new(),
            recipient: Some(user),
            at: self.time.now(),
        };
        self.channels.insert(number, channel);
        number
    }
}
