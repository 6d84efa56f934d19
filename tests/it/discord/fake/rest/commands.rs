//! The bot's commands, everywhere or in one guild.

use serde_json::{Value, json};

use super::{Answer, Call, Outcome};
use crate::discord::fake::clock::Id;
use crate::discord::fake::limits;
use crate::discord::fake::model::id;
use crate::discord::fake::rejection::{MISSING_ACCESS, NOT_FOUND, Rejection, UNKNOWN_APPLICATION};
use crate::discord::fake::world::World;

/// `guild` of 0 is everywhere.
pub(super) fn all(world: &mut World, call: &Call, app: Id, guild: Id) -> Outcome {
    if app != world.bot.id {
        return Err(UNKNOWN_APPLICATION.into());
    }
    if guild != 0 && !world.homes().any(|one| one.id == guild) {
        return Err(MISSING_ACCESS.into());
    }
    match call.method.as_str() {
        "GET" => {
            let localized = call.asks("with_localizations") == Some("true");
            let mut known = world.commands.get(&guild).cloned().unwrap_or_default();
            if !localized {
                known.iter_mut().for_each(without_localizations);
            }
            Ok(Answer::Json(json!(known)))
        }
        "PUT" => replace(world, &call.body, guild),
        _ => Err(NOT_FOUND.into()),
    }
}

/// All at once; those whose names are known keep their ids, and are of a new version where anything in them changed.
fn replace(world: &mut World, body: &Value, guild: Id) -> Outcome {
    let Some(wanted) = body.as_array() else {
        let message = "Only iterables may be used in a ListType";
        return Err(Rejection::at("", "LIST_TYPE_CONVERT", message));
    };
    limits::commands(wanted)?;
    let known = world.commands.remove(&guild).unwrap_or_default();
    let mut now = Vec::new();
    for command in wanted {
        let before = known
            .iter()
            .find(|one| one["name"] == command["name"] && one["type"] == kind(command));
        let mut whole = completed(command, world.bot.id, guild);
        whole["id"] = before.map_or_else(|| id(world.time.id()), |before| before["id"].clone());
        let version = before.map_or(Value::Null, |before| before["version"].clone());
        whole["version"] = version;
        if before != Some(&whole) {
            whole["version"] = id(world.time.id());
        }
        now.push(whole);
    }
    world.say(format!("  {} commands are registered", now.len()));
    world.commands.insert(guild, now.clone());
    Ok(Answer::Json(json!(now)))
}

fn kind(command: &Value) -> Value {
    command.get("type").cloned().unwrap_or(json!(1))
}

/// With what Discord fills in.
fn completed(command: &Value, app: Id, guild: Id) -> Value {
    let mut whole = json!({
        "application_id": id(app), "type": kind(command), "default_member_permissions": null, "nsfw": false,
        "contexts": null, "integration_types": [0], "name_localizations": null, "description_localizations": null,
        "dm_permission": true,
    });
    let fields = command.as_object().into_iter().flatten();
    for (key, value) in fields.filter(|(key, _)| *key != "id") {
        whole[key] = value.clone();
    }
    if let Some(bits) = whole["default_member_permissions"].as_u64() {
        whole["default_member_permissions"] = json!(bits.to_string());
    }
    if guild != 0 {
        whole["guild_id"] = id(guild);
    }
    if whole["contexts"] == json!([0]) {
        whole["dm_permission"] = json!(false);
    }
    whole
}

fn without_localizations(value: &mut Value) {
    if let Some(fields) = value.as_object_mut() {
        fields.remove("name_localizations");
        fields.remove("description_localizations");
    }
}
