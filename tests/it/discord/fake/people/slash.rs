//! Slash commands, held against those the bot registered: what the client would not send is not sent.

use serde_json::{Value, json};

use super::{Deed, Person, Seen};
use crate::discord::fake::clock::Id;
use crate::discord::fake::interaction::{Ack, Kind, Place};
use crate::discord::fake::permission;
use crate::discord::fake::world::{File, World};

/// A command being typed.
#[derive(Debug, Clone)]
pub(crate) struct Slash {
    person: Person,
    path: Vec<String>,
    values: Vec<(String, String)>,
    file: Option<(String, File)>,
}

impl Person {
    /// `/instance add` with options by name. What people, roles and channels are called stands for them.
    pub(crate) fn slash(&self, path: &str, values: &[(&str, &str)]) -> Slash {
        let path = path.trim_start_matches('/').split_whitespace();
        let values = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Slash {
            person: self.clone(),
            path: path.map(str::to_owned).collect(),
            values: values.collect(),
            file: None,
        }
    }

    /// `/downgrade instance:orders by:expiry`, as one would type it.
    pub(crate) fn slash_text(&self, text: &str) -> Slash {
        let mut slash = self.slash("", &[]);
        for word in text.trim_start_matches('/').split_whitespace() {
            let option = word.split_once(':').filter(|(name, _)| {
                !name.is_empty()
                    && !name.starts_with(|c: char| c.is_ascii_digit())
                    && name
                        .chars()
                        .all(|c| c.is_lowercase() || c.is_ascii_digit() || "-_".contains(c))
            });
            match (option, slash.values.last_mut()) {
                (Some((name, value)), _) => slash.values.push((name.to_owned(), value.to_owned())),
                (None, Some((_, value))) => {
                    value.push(' ');
                    value.push_str(word);
                }
                (None, None) => slash.path.push(word.to_owned()),
            }
        }
        slash
    }

    /// What the bot suggests for an option while it is typed: names and values.
    pub(crate) async fn autocompletes(
        &self,
        path: &str,
        option: &str,
        typed: &str,
    ) -> Vec<(String, Value)> {
        self.autocompletes_behind(path, &[], option, typed).await
    }

    /// What is offered for an option where others are filled in already.
    pub(crate) async fn autocompletes_behind(
        &self,
        path: &str,
        filled: &[(&str, &str)],
        option: &str,
        typed: &str,
    ) -> Vec<(String, Value)> {
        let given = [filled, &[(option, typed)]].concat();
        let slash = self.slash(path, &given);
        let first = self.shared.look(|world| world.first_channel(self.guild));
        let place = Place {
            user: self.user,
            guild: Some(self.guild),
            channel: first.unwrap(),
            message: None,
        };
        let deed = slash.sent(Kind::Autocomplete, &place, Some(option)).await;
        self.shared
            .until("suggestions", |world| {
                match world.interactions[&deed.id].ack.as_ref()? {
                    Ack::Choices(choices) => {
                        let text =
                            |one: &Value| one["name"].as_str().unwrap_or_default().to_owned();
                        Some(
                            choices
                                .iter()
                                .map(|one| (text(one), one["value"].clone()))
                                .collect(),
                        )
                    }
                    other => panic!("these are no suggestions: {other:?}"),
                }
            })
            .await
    }
}

impl Person {
    /// Chooses a command in the menu of a message.
    pub(crate) async fn chooses(&self, name: &str, on: &Seen) -> Deed {
        self.bot().await;
        let place = Place {
            user: self.user,
            guild: Some(self.guild),
            channel: on.message.channel,
            message: None,
        };
        let what = format!("the bot to register `{name}`");
        let command = self.shared.until(&what, |world| {
            let known = world.commands_in(self.guild);
            let found = known
                .into_iter()
                .find(|one| one["name"] == name && one["type"] == 3);
            found.cloned()
        });
        let command = command.await;
        self.say(&format!("chooses {name} on {}", on.id));
        let message = self.shared.look(|world| world.message_json(&on.message));
        let target = on.id.to_string();
        let mut data = json!({
            "id": command["id"], "name": name, "type": 3, "target_id": target,
            "resolved": { "messages": {} },
        });
        data["resolved"]["messages"][&target] = message;
        self.does(Kind::Command, &place, data)
    }
}

impl Slash {
    /// With a file for an option that takes one.
    pub(crate) fn file(mut self, option: &str, name: &str, bytes: &[u8]) -> Self {
        let file = File {
            name: name.to_owned(),
            kind: "text/csv; charset=utf-8".to_owned(),
            bytes: bytes.to_vec(),
        };
        self.file = Some((option.to_owned(), file));
        self
    }

    /// Sends it in a channel; `@` is the direct one with the bot.
    pub(crate) async fn in_(self, channel: &str) -> Deed {
        let place = self.person.place(channel);
        self.sent(Kind::Command, &place, None).await
    }

    async fn sent(self, kind: Kind, place: &Place, focus: Option<&str>) -> Deed {
        let person = self.person.clone();
        person.bot().await;
        let guild = place.guild.unwrap_or_default();
        let registered = |world: &World| (!world.commands_in(guild).is_empty()).then_some(());
        person
            .shared
            .until("the bot to register its commands", registered)
            .await;
        person.say(&format!("types /{} {:?}", self.path.join(" "), self.values));
        let data = person.shared.touch(|world| self.data(world, place, focus));
        person.does(kind, place, data)
    }

    /// One role is picked in each field; `none` is a field of its own.
    fn picking(mut self, leaves: &[Value]) -> Self {
        let picks = |name: &str| {
            let mut leaves = leaves.iter();
            leaves.any(|leaf| leaf["name"] == name && matches!(leaf["type"].as_u64(), Some(7 | 8)))
        };
        let mut values = Vec::new();
        for (name, value) in self.values {
            if !picks(&name) {
                values.push((name, value));
            } else if value == "none" {
                values.push((format!("no-{name}"), "true".to_owned()));
            } else {
                let each = value.split_whitespace().enumerate();
                values.extend(each.map(|(nth, one)| match nth {
                    0 => (name.clone(), one.to_owned()),
                    nth => (format!("{name}-{}", nth + 1), one.to_owned()),
                }));
            }
        }
        self.values = values;
        self
    }

    fn data(&self, world: &mut World, place: &Place, focus: Option<&str>) -> Value {
        let guild = place.guild.unwrap_or_default();
        let name = self.path.first().map(String::as_str).unwrap_or_default();
        let command = world
            .commands_in(guild)
            .into_iter()
            .find(|one| one["name"] == name);
        let Some(command) = command.cloned() else {
            panic!("there is no command /{name}\n{}", world.transcript());
        };
        self.may_use(world, &command, place);
        let mut leaf = &command;
        for part in &self.path[1..] {
            let below = World::list(&leaf["options"])
                .iter()
                .find(|one| one["name"] == *part);
            leaf = below.unwrap_or_else(|| panic!("/{} has no {part}", self.path.join(" ")));
        }
        let nested = |one: &Value| matches!(one["type"].as_u64(), Some(1 | 2));
        let leaves = World::list(&leaf["options"]);
        assert!(
            !leaves.iter().any(nested),
            "/{} is not a whole command",
            self.path.join(" ")
        );
        let mut resolved = json!({});
        let picking = self.clone().picking(leaves);
        let mut options = picking.options(world, place, leaves, focus, &mut resolved);
        for (depth, part) in self.path.iter().enumerate().skip(1).rev() {
            let kind = if depth + 1 == self.path.len() { 1 } else { 2 };
            options = json!([{ "name": part, "type": kind, "options": options }]);
        }
        let mut data = json!({ "id": command["id"], "name": name, "type": 1, "options": options });
        if resolved.as_object().is_some_and(|all| !all.is_empty()) {
            data["resolved"] = resolved;
        }
        if command.get("guild_id").is_some() {
            data["guild_id"] = command["guild_id"].clone();
        }
        data
    }

    /// Whether the client shows the command to this person, here.
    fn may_use(&self, world: &World, command: &Value, place: &Place) {
        let bits = world.permissions(place.channel, self.person.user);
        let needed = command["default_member_permissions"].as_str();
        let needed: u64 = needed.and_then(|bits| bits.parse().ok()).unwrap_or(0);
        let may = bits & needed == needed && bits & permission::USE_APPLICATION_COMMANDS != 0;
        assert!(
            may,
            "{} is not shown /{}",
            self.person.name,
            self.path.join(" ")
        );
        let context = if place.guild.is_some() { 0 } else { 1 };
        let contexts = command["contexts"].as_array();
        let here = contexts.is_none_or(|all| all.iter().any(|one| *one == context));
        assert!(here, "/{} is not to be had here", self.path.join(" "));
    }

    fn options(
        &self,
        world: &mut World,
        place: &Place,
        leaves: &[Value],
        focus: Option<&str>,
        resolved: &mut Value,
    ) -> Value {
        let known = |name: &str| leaves.iter().any(|leaf| leaf["name"] == name);
        let files = self.file.iter().map(|(name, _)| name);
        let mut given = self.values.iter().map(|(name, _)| name).chain(files);
        if let Some(unknown) = given.find(|name| !known(name)) {
            panic!("/{} has no option {unknown}", self.path.join(" "));
        }
        let options = leaves.iter().filter_map(|leaf| {
            let focused = focus.is_some_and(|name| leaf["name"] == name);
            let value = match focused {
                true => self.suggesting(leaf),
                false => self.value(world, place, leaf, resolved),
            };
            let missing = leaf["required"] == true && focus.is_none() && value.is_none();
            assert!(!missing, "/{} needs {}", self.path.join(" "), leaf["name"]);
            let mut option = json!({ "name": leaf["name"], "type": leaf["type"], "value": value? });
            if focused {
                option["focused"] = json!(true);
            }
            Some(option)
        });
        options.collect()
    }

    fn text_of(&self, leaf: &Value) -> Option<&str> {
        let mut typed = self.values.iter();
        let (_, text) = typed.find(|(name, _)| leaf["name"] == *name)?;
        Some(text)
    }

    /// What was typed so far, which may be no value yet.
    fn suggesting(&self, leaf: &Value) -> Option<Value> {
        assert!(
            leaf["autocomplete"] == true,
            "{} suggests nothing",
            leaf["name"]
        );
        self.text_of(leaf).map(|text| json!(text))
    }

    fn value(
        &self,
        world: &mut World,
        place: &Place,
        leaf: &Value,
        resolved: &mut Value,
    ) -> Option<Value> {
        if let Some(text) = self.text_of(leaf) {
            return Some(world.typed(place.guild, leaf, text, resolved));
        }
        let file = self.file.as_ref().filter(|(name, _)| leaf["name"] == *name);
        file.map(|(_, file)| attached(world, place.channel, leaf, file, resolved))
    }
}

fn attached(
    world: &mut World,
    channel: Id,
    leaf: &Value,
    file: &File,
    resolved: &mut Value,
) -> Value {
    assert!(leaf["type"] == 11, "{} takes no file", leaf["name"]);
    let mut json = world.store(channel, file.clone());
    json["ephemeral"] = json!(true);
    let id = json["id"].clone();
    resolved["attachments"][id.as_str().unwrap_or_default()] = json;
    id
}

impl World {
    /// What was typed for an option, as the value of its type.
    fn typed(&self, guild: Option<Id>, leaf: &Value, text: &str, resolved: &mut Value) -> Value {
        let choices = World::list(&leaf["choices"]);
        if !choices.is_empty() {
            let found = choices
                .iter()
                .find(|one| one["name"] == text || one["value"] == text);
            return match found {
                Some(found) => found["value"].clone(),
                None => panic!("`{text}` is no choice of {leaf}"),
            };
        }
        let number = |value: &Value| value.as_f64();
        let within = |value: f64| {
            number(&leaf["min_value"]).is_none_or(|least| value >= least)
                && number(&leaf["max_value"]).is_none_or(|most| value <= most)
        };
        let length = text.chars().count() as f64;
        match leaf["type"].as_u64() {
            Some(3)
                if number(&leaf["min_length"]).is_none_or(|least| length >= least)
                    && number(&leaf["max_length"]).unwrap_or(6000.0) >= length =>
            {
                json!(text)
            }
            Some(4) if text.parse().is_ok_and(|value: i32| within(value.into())) => {
                json!(text.parse::<i64>().unwrap())
            }
            Some(5) if ["true", "false"].contains(&text) => json!(text == "true"),
            Some(kind @ 6..=9) => self.resolve(guild, kind, text, resolved),
            Some(10) if text.parse().is_ok_and(within) => json!(text.parse::<f64>().unwrap()),
            _ => panic!("`{text}` is not what {leaf} takes"),
        }
    }
}
