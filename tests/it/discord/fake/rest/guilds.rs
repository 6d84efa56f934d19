//! Guilds, their roles, members and channels.

use serde_json::{Value, json};

use super::{Answer, Call, Outcome, number};
use crate::discord::fake::clock::Id;
use crate::discord::fake::model::{Guild, Role};
use crate::discord::fake::rejection::{
    MISSING_ACCESS, NOT_FOUND, UNKNOWN_GUILD, UNKNOWN_MEMBER, UNKNOWN_USER,
};
use crate::discord::fake::world::World;

pub(super) fn about(world: &World, call: &Call, guild: Id, rest: &[&str]) -> Outcome {
    if call.method != "GET" {
        return Err(NOT_FOUND.into());
    }
    let found = match world.homes().find(|one| one.id == guild) {
        Some(found) => found,
        None if world.guilds.contains_key(&guild) => return Err(MISSING_ACCESS.into()),
        None => return Err(UNKNOWN_GUILD.into()),
    };
    match rest {
        [] => Ok(Answer::Json(found.json())),
        ["roles"] => Ok(Answer::Json(found.json()["roles"].clone())),
        ["roles", "member-counts"] => Ok(Answer::Json(counts(found))),
        ["channels"] => Ok(Answer::Json(channels(world, guild))),
        ["members"] => members(world, call, guild),
        ["members", user] => {
            let user = number(user)?;
            if !world.users.contains_key(&user) {
                return Err(UNKNOWN_USER.into());
            }
            if !found.members.contains_key(&user) {
                return Err(UNKNOWN_MEMBER.into());
            }
            Ok(Answer::Json(world.member_json(guild, user)))
        }
        _ => Err(NOT_FOUND.into()),
    }
}

/// How many have each role, but for everybody's.
fn counts(guild: &Guild) -> Value {
    let having = |role: &Role| {
        let members = guild.members.values();
        members.filter(|one| one.roles.contains(&role.id)).count()
    };
    let roles = guild.roles.iter().filter(|role| role.id != guild.id);
    let counts = roles.map(|role| (role.id.to_string(), json!(having(role))));
    Value::Object(counts.collect())
}

fn channels(world: &World, guild: Id) -> Value {
    let all = world
        .channels
        .values()
        .filter(|one| one.guild == Some(guild) && !one.is_thread());
    let all: Vec<Value> = all.map(|one| world.channel_json(one.id)).collect();
    json!(all)
}

/// The list of members is for those with the privileged intent.
fn members(world: &World, call: &Call, guild: Id) -> Outcome {
    use crate::discord::fake::gateway::session::GUILD_MEMBERS;
    if world.options.privileged & GUILD_MEMBERS == 0 {
        return Err(MISSING_ACCESS.into());
    }
    let limit = call.asks("limit").and_then(|limit| limit.parse().ok());
    let after: Id = call
        .asks("after")
        .and_then(|after| after.parse().ok())
        .unwrap_or(0);
    let users = world.guilds.get(&guild).ok_or(UNKNOWN_GUILD)?;
    let found: Vec<Value> = users
        .members
        .range(after + 1..)
        .take(limit.unwrap_or(1))
        .map(|(user, _)| world.member_json(guild, *user))
        .collect();
    Ok(Answer::Json(json!(found)))
}
