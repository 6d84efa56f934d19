//! Slash commands, made from the grammar, and brought to Discord only where they differ.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use reqwest::Method;
use serde_json::{Value, json};

use super::api::{Api, ApiError, Call};
use crate::command::{self, ArgKind, ArgSpec, quoted_if_needed};

/// Discord's longest description.
const LONGEST_ABOUT: usize = 100;
/// Discord's bound on options, and on choices.
const MOST: usize = 25;

const SUB_COMMAND: u8 = 1;
const STRING: u8 = 3;
const INTEGER: u8 = 4;
const BOOLEAN: u8 = 5;
const CHANNEL: u8 = 7;
const ATTACHMENT: u8 = 11;

/// All commands as Discord is told of them.
pub(super) fn commands() -> Value {
    let mut commands: Vec<Value> = Vec::new();
    for verb in command::verbs() {
        match verb.path.as_slice() {
            [name] => commands.push(top(name, &verb.about, options(&verb.args))),
            [group, name] => {
                let sub = json!({
                    "type": SUB_COMMAND, "name": name, "description": short(&verb.about),
                    "options": options(&verb.args),
                });
                let held = commands
                    .iter_mut()
                    .find(|held| held.get("name") == Some(&json!(group)));
                match held
                    .and_then(|held| held.get_mut("options"))
                    .and_then(Value::as_array_mut)
                {
                    Some(subs) => subs.push(sub),
                    None => {
                        let about = command::group_about(group).unwrap_or_default();
                        commands.push(top(group, &about, vec![sub]));
                    }
                }
            }
            _ => {}
        }
    }
    Value::Array(commands)
}

fn top(name: &str, about: &str, options: Vec<Value>) -> Value {
    // No command is hidden from anybody: who may do what is decided by what the roles mean here.
    json!({
        "type": 1, "name": name, "description": short(about), "options": options,
        "contexts": [0], "integration_types": [0],
    })
}

fn options(args: &[ArgSpec]) -> Vec<Value> {
    args.iter().take(MOST).map(option).collect()
}

fn option(arg: &ArgSpec) -> Value {
    let kind = match arg.kind {
        ArgKind::Flag => BOOLEAN,
        ArgKind::Number => INTEGER,
        ArgKind::Channel => CHANNEL,
        ArgKind::File => ATTACHMENT,
        ArgKind::Words(_)
        | ArgKind::Instance
        | ArgKind::Change
        | ArgKind::Target
        | ArgKind::Team
        | ArgKind::Region
        | ArgKind::Zone
        | ArgKind::Verb
        | ArgKind::Text => STRING,
    };
    let mut option = json!({
        "type": kind, "name": arg.name, "description": short(&arg.about), "required": arg.required,
    });
    if let Some(fields) = option.as_object_mut() {
        match &arg.kind {
            ArgKind::Words(words) if words.len() <= MOST => {
                let choices = words
                    .iter()
                    .map(|word| json!({"name": word, "value": word}));
                fields.insert("choices".to_owned(), choices.collect());
            }
            ArgKind::Words(_)
            | ArgKind::Instance
            | ArgKind::Change
            | ArgKind::Target
            | ArgKind::Team
            | ArgKind::Region
            | ArgKind::Zone
            | ArgKind::Verb => {
                fields.insert("autocomplete".to_owned(), json!(true));
            }
            ArgKind::Number => {
                fields.insert("min_value".to_owned(), json!(0));
            }
            // Text channels, and those for announcements.
            ArgKind::Channel => {
                fields.insert("channel_types".to_owned(), json!([0, 5]));
            }
            ArgKind::Flag | ArgKind::File | ArgKind::Text => {}
        }
    }
    option
}

fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST_ABOUT {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST_ABOUT - 1).collect();
    format!("{}…", kept.trim_end())
}

/// A value given in a form.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Given {
    /// The option's name.
    pub(super) name: String,
    /// What was chosen or typed.
    pub(super) value: Value,
}

/// The line that says what was filled in: what is typed and what is clicked go through the same parser.
pub(super) fn line(path: &[&str], given: &[Given]) -> String {
    let mut words: Vec<String> = path.iter().map(|word| (*word).to_owned()).collect();
    let spec = command::verbs().into_iter().find(|verb| verb.path == path);
    // A form that Discord still shows from before: its options stand as they are, and the parser says what is wrong.
    let (places, options): (Vec<ArgSpec>, Vec<ArgSpec>) = spec
        .map(|spec| spec.args)
        .unwrap_or_default()
        .into_iter()
        .partition(|arg| !arg.is_option);
    let value_of = |name: &str| {
        given
            .iter()
            .find(|given| given.name == name)
            .map(|given| &given.value)
    };
    for place in &places {
        if let Some(value) = value_of(&place.name) {
            words.extend(spelt(place, value));
        }
    }
    let is_place = |given: &Given| places.iter().any(|place| place.name == given.name);
    for given in given.iter().filter(|given| !is_place(given)) {
        let flag = options
            .iter()
            .any(|arg| arg.name == given.name && arg.kind == ArgKind::Flag);
        match (flag, &given.value) {
            (true, Value::Bool(false)) => {}
            (true, _) => words.push(format!("--{}", given.name)),
            (false, value) => {
                words.push(format!("--{}", given.name));
                match options.iter().find(|arg| arg.name == given.name) {
                    Some(arg) => words.extend(spelt(arg, value)),
                    None => words.push(quoted_if_needed(&text(value))),
                }
            }
        }
    }
    words.join(" ")
}

/// The words of a value: of an argument that takes several, each by itself.
fn spelt(arg: &ArgSpec, value: &Value) -> Vec<String> {
    let text = text(value);
    if arg.many {
        text.split_whitespace().map(quoted_if_needed).collect()
    } else {
        vec![quoted_if_needed(&text)]
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Where the commands are being seen to, or need not be again.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    /// Where no commands are wanted, and none of an earlier configuration's are left: looked at once.
    cleared: Mutex<HashSet<CommandScope>>,
    pub(super) turn: tokio::sync::Mutex<()>,
}

impl Scopes {
    /// Whether a scope is to be seen to: where commands are wanted at every connection, else once.
    pub(super) fn begins(&self, scope: CommandScope, wanted: bool) -> bool {
        let mut cleared = self.cleared.lock().unwrap_or_else(PoisonError::into_inner);
        wanted || cleared.insert(scope)
    }
}

/// Where commands are to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum CommandScope {
    /// In every guild.
    Global,
    Guild(u64),
}

/// What Discord knows of the commands of a scope.
#[derive(Debug)]
pub(super) struct Synced {
    /// Whether it had to be told.
    pub(super) told: bool,
    /// The commands as it lists them, with its ids.
    pub(super) registered: Value,
}

/// Tells Discord of the commands of a scope unless it knows them just so already. Where commands are not `wanted`, those
/// that an earlier configuration left there are taken away: nobody is to see them twice, or dead.
///
/// # Errors
/// [`ApiError`].
pub(super) async fn sync(
    api: &Api,
    application: u64,
    scope: CommandScope,
    wanted: bool,
) -> Result<Synced, ApiError> {
    let path = match scope {
        CommandScope::Global => format!("/applications/{application}/commands"),
        CommandScope::Guild(guild) => {
            format!("/applications/{application}/guilds/{guild}/commands")
        }
    };
    let known = api
        .send(&Call::new(Method::GET, path.clone()), None)
        .await?;
    let wanted = if wanted { commands() } else { json!([]) };
    if same(&known, &wanted) {
        return Ok(Synced {
            told: false,
            registered: known,
        });
    }
    let registered = api
        .send(&Call::new(Method::PUT, path), Some(&wanted))
        .await?;
    Ok(Synced {
        told: true,
        registered,
    })
}

/// Whether Discord's list says what ours says: it adds ids, versions and empty fields of its own.
fn same(known: &Value, wanted: &Value) -> bool {
    match (known, wanted) {
        (Value::Array(known), Value::Array(wanted)) => {
            known.len() == wanted.len()
                && wanted.iter().enumerate().all(|(place, wanted)| {
                    let named = known.iter().find(|known| {
                        wanted.get("name").is_some() && known.get("name") == wanted.get("name")
                    });
                    named
                        .or_else(|| known.get(place))
                        .is_some_and(|known| same(known, wanted))
                })
        }
        (Value::Object(known), Value::Object(wanted)) => {
            wanted.iter().all(|(key, value)| match known.get(key) {
                Some(known) => same(known, value),
                None => is_default(value),
            }) && !extra(known, wanted)
        }
        (known, wanted) => known == wanted,
    }
}

/// Whether Discord's entry says something that ours would not.
fn extra(known: &serde_json::Map<String, Value>, wanted: &serde_json::Map<String, Value>) -> bool {
    let ours = [
        "options",
        "choices",
        "autocomplete",
        "required",
        "min_value",
        "max_value",
        "channel_types",
        "default_member_permissions",
    ];
    ours.iter().any(|key| {
        !wanted.contains_key(*key) && known.get(*key).is_some_and(|value| !is_default(value))
    })
}

/// What Discord leaves out, or puts in for what was left out.
fn is_default(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(false)) || value.as_array().is_some_and(Vec::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(name: &str, value: Value) -> Given {
        Given {
            name: name.to_owned(),
            value,
        }
    }

    #[test]
    fn a_form_says_what_a_line_says() {
        let filled = [
            given("by", json!("expiry")),
            given("instance", json!("my orders")),
        ];
        let line = line(&["downgrade"], &filled);
        assert_eq!(line, "downgrade \"my orders\" --by expiry");
        assert!(command::parse_line(&line).is_ok());
    }

    #[test]
    fn flags_are_said_when_they_are_chosen() {
        let chosen = |all: bool| line(&["changes"], &[given("all", json!(all))]);
        assert_eq!(chosen(true), "changes --all");
        assert_eq!(chosen(false), "changes");
    }

    #[test]
    fn commands_keep_to_discords_bounds() {
        let commands = commands();
        let commands = commands.as_array().unwrap();
        assert!(commands.len() <= 100);
        let name = regex::Regex::new(r"^[-_'\p{L}\p{N}]{1,32}$").unwrap();
        let mut left = commands.clone();
        while let Some(entry) = left.pop() {
            let text = |key: &str| entry[key].as_str().unwrap().to_owned();
            assert!(name.is_match(&text("name")), "{entry}");
            assert!(
                (1..=100).contains(&text("description").chars().count()),
                "{entry}"
            );
            let options = entry["options"].as_array().cloned().unwrap_or_default();
            assert!(options.len() <= 25);
            assert!(options.is_sorted_by_key(|option| option["required"] != json!(true)));
            left.extend(options);
        }
    }

    #[test]
    fn what_discord_adds_is_no_difference_and_what_it_lacks_is_one() {
        let wanted = commands();
        let mut known = wanted.clone();
        for (id, command) in known.as_array_mut().unwrap().iter_mut().enumerate() {
            let fields = command.as_object_mut().unwrap();
            fields.insert("id".into(), json!(id.to_string()));
            fields.insert("version".into(), json!("1"));
            fields.insert("nsfw".into(), json!(false));
            fields.insert("default_member_permissions".into(), Value::Null);
        }
        assert!(same(&known, &wanted));
        let mut hidden = known.clone();
        hidden[0]["default_member_permissions"] = json!("32");
        assert!(!same(&hidden, &wanted), "everybody is to see it");
        known[0]["description"] = json!("something else");
        assert!(!same(&known, &wanted));
        let mut fewer = wanted.clone();
        fewer.as_array_mut().unwrap().pop();
        assert!(!same(&fewer, &wanted));
    }
}
