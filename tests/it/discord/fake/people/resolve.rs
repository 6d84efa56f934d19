//! From the names people use to the ids and objects Discord sends along.

use serde_json::{Value, json};

use crate::discord::fake::clock::Id;
use crate::discord::fake::model::id;
use crate::discord::fake::world::World;

impl World {
    /// A choice of a menu: of its options, or of people, roles and channels by their names.
    pub(super) fn choice(
        &self,
        guild: Option<Id>,
        rows: &[Value],
        menu: &str,
        choices: &[String],
    ) -> Value {
        let all = rows.iter().flat_map(|row| World::list(&row["components"]));
        let mut menus = all.filter(|one| one["type"] != 2);
        let Some(found) = menus.find(|one| one["placeholder"] == menu || one["custom_id"] == menu)
        else {
            panic!(
                "there is no menu `{menu}` in {rows:?}\n{}",
                self.transcript()
            );
        };
        assert!(found["disabled"] != true, "`{menu}` cannot be used");
        let kind = found["type"].as_u64().unwrap_or_default();
        let count = u64::try_from(choices.len()).unwrap();
        let least = found["min_values"].as_u64().unwrap_or(1);
        let most = found["max_values"].as_u64().unwrap_or(1);
        assert!(
            (least..=most).contains(&count),
            "`{menu}` takes {least} to {most}"
        );
        let mut resolved = json!({});
        let values: Vec<Value> = choices
            .iter()
            .map(|choice| match kind {
                3 => option(found, choice),
                _ => self.resolve(guild, kind, choice, &mut resolved),
            })
            .collect();
        json!({ "custom_id": found["custom_id"], "component_type": kind, "id": 2, "values": values, "resolved": resolved })
    }

    /// The id of somebody or something by name; the object itself goes into `resolved`.
    pub(super) fn resolve(
        &self,
        guild: Option<Id>,
        kind: u64,
        name: &str,
        resolved: &mut Value,
    ) -> Value {
        let place = guild.unwrap_or_default();
        // Who pastes a mention, or an id, picks what it is of.
        let number: String = name.chars().filter(char::is_ascii_digit).collect();
        let number = number.parse::<Id>().unwrap_or_default();
        let by_number = self
            .guilds
            .get(&place)
            .and_then(|guild| guild.roles.iter().find(|role| role.id == number));
        let name = by_number.map_or(name, |role| role.name.as_str());
        let member = self.users.values().find(|user| user.name == name);
        let role = self.guilds.get(&place).and_then(|guild| guild.role(name));
        // Menus count people, roles and channels from 5 on, options from 6 on; both are told apart by what fits.
        if let (Some(user), 5..=7) = (member, kind) {
            let key = user.id.to_string();
            resolved["users"][&key] = user.json();
            resolved["members"][&key] = self.guilds.get(&place).map_or(Value::Null, |guild| {
                guild.members.get(&user.id).map_or(Value::Null, |one| {
                    let mut json = one.json();
                    json["permissions"] = json!("0");
                    json
                })
            });
            return id(user.id);
        }
        if let Some(role) = role {
            resolved["roles"][role.id.to_string()] = role.json(1);
            return id(role.id);
        }
        let channel = self.channel_named(place, name);
        resolved["channels"][channel.to_string()] = self.seen_channel(channel, self.bot.id);
        id(channel)
    }
}

fn option(menu: &Value, label: &str) -> Value {
    let options = World::list(&menu["options"]);
    let found = options
        .iter()
        .find(|one| one["label"] == label || one["value"] == label);
    match found {
        Some(found) => found["value"].clone(),
        None => panic!("`{label}` is not in {menu}"),
    }
}
