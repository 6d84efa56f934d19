//! Slash commands, generated from the grammar, and registered with Discord only when they differ.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use reqwest::Method;
use serde_json::Value;
use serenity::all::{AutocompleteChoice, ChannelType, CommandOptionType as Kind};

use super::api::{Api, ApiResult, Call};
use super::wire::{CommandBody, OptionBody, json};
use crate::command::{self, ArgKind, ArgSpec, NONE, quoted_if_needed};

/// Discord's limit for a description.
const LONGEST_ABOUT: usize = 100;
/// Discord's limit for options and for choices.
const MOST: usize = 25;

/// The name of the message command that hands in a notice.
pub(super) const HAND_IN: &str = "Hand in as notice";
/// The number of role options where several roles are allowed: Discord's role option takes one role.
const PICKED: usize = 5;
/// The prefix of the option for choosing none.
const NONE_OF: &str = "no-";

/// All commands in Discord's form.
pub(super) fn commands() -> Vec<CommandBody> {
    let mut commands: Vec<CommandBody> = Vec::new();
    for verb in command::verbs() {
        match verb.path.as_slice() {
            [name] => commands.push(CommandBody::typed(
                name,
                short(&verb.about),
                options(&verb.args),
            )),
            [group, name] => {
                let sub = OptionBody {
                    options: options(&verb.args),
                    ..OptionBody::new(Kind::SubCommand, name, short(&verb.about))
                };
                match commands.iter_mut().find(|held| held.name == *group) {
                    Some(held) => held.options.push(sub),
                    None => {
                        let about = command::group_about(group).unwrap_or_default();
                        commands.push(CommandBody::typed(group, short(&about), vec![sub]));
                    }
                }
            }
            _ => {}
        }
    }
    commands.push(CommandBody::on_message(HAND_IN));
    commands
}

fn options(args: &[ArgSpec]) -> Vec<OptionBody> {
    let wanted = args.iter().map(option);
    // A role or channel option cannot take typed text.
    let further = args.iter().flat_map(|arg| {
        let more = picked(arg).into_iter().skip(1);
        let more = more.map(|name| OptionBody::new(Kind::Role, &name, "One more".to_owned()));
        let none = none_of(arg).map(|name| {
            let about = format!("None in the place of {}", arg.name);
            OptionBody::new(Kind::Boolean, &name, about)
        });
        more.chain(none).collect::<Vec<_>>()
    });
    wanted.chain(further).take(MOST).collect()
}

/// The names of the role or channel options for an argument.
fn picked(arg: &ArgSpec) -> Vec<String> {
    let several = arg.kind == ArgKind::Role { several: true };
    let more = (2..=PICKED).map(|nth| format!("{}-{nth}", arg.name));
    let more = more.take(if several { PICKED } else { 0 });
    std::iter::once(arg.name.clone()).chain(more).collect()
}

/// The name of the option for choosing none, if the argument allows `none`.
fn none_of(arg: &ArgSpec) -> Option<String> {
    let is_picked = matches!(arg.kind, ArgKind::Role { .. } | ArgKind::Channel);
    (is_picked && arg.or_none).then(|| format!("{NONE_OF}{}", arg.name))
}

fn option(arg: &ArgSpec) -> OptionBody {
    let of = |kind| OptionBody {
        required: arg.required && none_of(arg).is_none(),
        ..OptionBody::new(kind, &arg.name, short(&about(arg)))
    };
    match &arg.kind {
        ArgKind::Words(words) if words.len() <= MOST => OptionBody {
            choices: words
                .iter()
                .map(|word| AutocompleteChoice::from(word.as_str()))
                .collect(),
            ..of(Kind::String)
        },
        ArgKind::Words(_)
        | ArgKind::Step(_)
        | ArgKind::AnyOf(_)
        | ArgKind::Instance
        | ArgKind::Change
        | ArgKind::Target
        | ArgKind::Team
        | ArgKind::Region
        | ArgKind::Zone
        | ArgKind::Verb => OptionBody {
            autocomplete: true,
            max_length: Some(arg.longest),
            ..of(Kind::String)
        },
        ArgKind::Text => OptionBody {
            max_length: Some(arg.longest),
            ..of(Kind::String)
        },
        ArgKind::Number => OptionBody {
            min_value: Some(0),
            ..of(Kind::Integer)
        },
        ArgKind::Channel => OptionBody {
            channel_types: vec![ChannelType::Text, ChannelType::News],
            ..of(Kind::Channel)
        },
        ArgKind::Flag => of(Kind::Boolean),
        ArgKind::File => of(Kind::Attachment),
        ArgKind::Role { .. } => of(Kind::Role),
        ArgKind::Person => of(Kind::User),
    }
}

/// Parts of descriptions that apply only to typed lines.
const FOR_A_LINE: [&str; 5] = [
    "; buttons set it",
    "; also `import undo 3`",
    "; `settings` alone does too",
    ", or - for standard input (in a piped session: the rest of it)",
    ", to the end of the line",
];

/// A description as a form has it. An option has no dashes there.
pub(super) fn on_a_form(about: &str) -> String {
    let about = about.replace("--", "");
    let without = |about: String, typed: &&str| about.replace(*typed, "");
    FOR_A_LINE.iter().fold(about, without)
}

/// The description of an argument. A person is picked, not typed.
pub(super) fn about(arg: &ArgSpec) -> String {
    let about = on_a_form(&arg.about);
    match arg.kind {
        ArgKind::Person => about.replace(", by id or name", ""),
        _ => about,
    }
}

/// A description that fits the form, which shows code marks as they are.
fn short(text: &str) -> String {
    let text = on_a_form(text).replace('`', "");
    if text.chars().count() <= LONGEST_ABOUT {
        return text;
    }
    let kept: String = text.chars().take(LONGEST_ABOUT - 1).collect();
    format!("{}…", kept.trim_end())
}

/// An option with its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Given {
    pub(super) name: String,
    /// The chosen or typed value.
    pub(super) value: String,
}

/// The command line of a filled form, so that typed and chosen commands go through the same parser.
pub(super) fn line(path: &[&str], given: &[Given]) -> String {
    let mut words: Vec<String> = path.iter().map(|word| (*word).to_owned()).collect();
    let spec = command::verbs().iter().find(|verb| verb.path == path);
    // Discord may still show an outdated form: its options are kept, and the parser reports the error.
    let args = spec.map(|spec| spec.args.as_slice()).unwrap_or_default();
    for place in args.iter().filter(|arg| !arg.is_option) {
        words.extend(spelt(place, given));
    }
    for option in args.iter().filter(|arg| arg.is_option) {
        let values = spelt(option, given);
        match (&option.kind, values.as_slice()) {
            (_, []) => {}
            (ArgKind::Flag, [value, ..]) if value == "false" => {}
            (ArgKind::Flag, _) => words.push(format!("--{}", option.name)),
            (_, values) => {
                let between = if option.many { " " } else { "," };
                words.push(format!("--{} {}", option.name, values.join(between)));
            }
        }
    }
    let is_known = |given: &&Given| {
        args.iter().any(|arg| {
            picked(arg).contains(&given.name) || none_of(arg).as_ref() == Some(&given.name)
        })
    };
    for given in given.iter().filter(|given| !is_known(given)) {
        let value = quoted_if_needed(&given.value);
        words.push(format!("--{} {value}", given.name));
    }
    words.join(" ")
}

/// The words for an argument; several for an argument with several values.
fn spelt(arg: &ArgSpec, given: &[Given]) -> Vec<String> {
    let value_of = |name: &str| {
        let found = given.iter().find(|given| given.name == name);
        found.map(|given| &given.value)
    };
    let names = picked(arg);
    let values = names.iter().filter_map(|name| value_of(name));
    let mut words: Vec<String> = values
        .flat_map(|text| match arg.many {
            true => text.split_whitespace().map(quoted_if_needed).collect(),
            false => vec![quoted_if_needed(text)],
        })
        .collect();
    let none = none_of(arg).and_then(|name| value_of(&name));
    if none.is_some_and(|picked| picked == "true") {
        words.push(NONE.to_owned());
    }
    words
}

/// The scopes whose commands are registered, or need no further check.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    /// Scopes without commands, whose leftovers of an earlier configuration are removed once.
    cleared: Mutex<HashSet<CommandScope>>,
    pub(super) turn: tokio::sync::Mutex<()>,
}

impl Scopes {
    /// Whether to synchronise a scope: on each connection if commands are wanted, otherwise once.
    pub(super) fn begins(&self, scope: CommandScope, wanted: bool) -> bool {
        let mut cleared = self.cleared.lock().unwrap_or_else(PoisonError::into_inner);
        wanted || cleared.insert(scope)
    }
}

/// The scope of commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum CommandScope {
    /// All guilds.
    Global,
    Guild(u64),
}

impl fmt::Display for CommandScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global => f.write_str("all guilds"),
            Self::Guild(id) => write!(f, "guild {id}"),
        }
    }
}

/// The registered commands of a scope.
#[derive(Debug)]
pub(super) struct Synced {
    /// Whether they had to be updated.
    pub(super) told: bool,
    /// The commands as Discord lists them, with ids.
    pub(super) registered: Value,
}

/// Registers the commands of a scope unless Discord has exactly those. Where commands are not `wanted`, those of an earlier
/// configuration are removed, so that nobody sees duplicates or dead commands.
pub(super) async fn sync(
    api: &Api,
    application: u64,
    scope: CommandScope,
    wanted: bool,
) -> ApiResult<Synced> {
    let path = match scope {
        CommandScope::Global => format!("/applications/{application}/commands"),
        CommandScope::Guild(guild) => {
            format!("/applications/{application}/guilds/{guild}/commands")
        }
    };
    let known = api
        .send(&Call::new(Method::GET, path.clone()), None)
        .await?;
    let wanted = if wanted { commands() } else { Vec::new() };
    let wanted = json(&wanted);
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

/// Whether Discord's list equals ours, except for ids, versions and empty fields that it adds.
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

/// Whether Discord's entry has a value that ours lacks.
fn extra(known: &serde_json::Map<String, Value>, wanted: &serde_json::Map<String, Value>) -> bool {
    let ours = [
        "options",
        "choices",
        "autocomplete",
        "required",
        "min_value",
        "max_value",
        "max_length",
        "channel_types",
        "default_member_permissions",
    ];
    ours.iter().any(|key| {
        !wanted.contains_key(*key) && known.get(*key).is_some_and(|value| !is_default(value))
    })
}

/// Whether Discord omits this value, or adds it for a missing one.
fn is_default(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(false)) || value.as_array().is_some_and(Vec::is_empty)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::wire;
    use super::*;
    use serenity::all::CommandType;

    fn given(name: &str, value: &str) -> Given {
        let (name, value) = (name.to_owned(), value.to_owned());
        Given { name, value }
    }

    #[test]
    fn a_form_says_what_a_line_says() {
        let filled = [given("by", "expiry"), given("instance", "my orders")];
        let line = line(&["downgrade"], &filled);
        assert_eq!(line, "downgrade \"my orders\" --by expiry");
        assert!(command::parse_line(&line).is_ok());
    }

    #[test]
    fn flags_are_said_when_they_are_chosen() {
        let chosen = |all: bool| line(&["changes"], &[given("all", &all.to_string())]);
        assert_eq!(chosen(true), "changes --all");
        assert_eq!(chosen(false), "changes");
    }

    #[test]
    fn roles_are_picked_several_at_once_or_none_of_them() {
        let role = |name: &str, id: &str| given(name, id);
        let filled = [
            given("role", "viewer"),
            role("roles", "17"),
            role("roles-3", "18"),
        ];
        assert_eq!(
            line(&["settings", "role"], &filled),
            "settings role viewer 17 18"
        );
        let nobody = [given("role", "viewer"), given("no-roles", "true")];
        assert_eq!(
            line(&["settings", "role"], &nobody),
            "settings role viewer none"
        );
        let team = [
            given("name", "payments"),
            role("members", "17"),
            role("members-2", "18"),
            given("no-channel", "true"),
            given("no-mention", "false"),
            given("remove", "false"),
        ];
        assert_eq!(
            line(&["settings", "team"], &team),
            "settings team payments --channel none --members 17,18"
        );
    }

    #[test]
    fn commands_keep_to_discords_bounds() {
        let commands = wire::json(&commands());
        let commands = commands.as_array().unwrap();
        assert!(commands.len() <= 100);
        let name = regex::Regex::new(r"^[-_'\p{L}\p{N}]{1,32}$").unwrap();
        let mut left = commands.clone();
        left.retain(|command| command["type"] != json!(CommandType::Message));
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
            let types: Vec<_> = options.iter().map(|option| &option["type"]).collect();
            assert!(!types.contains(&&json!(Kind::String)) || options.iter().all(is_bounded));
            left.extend(options);
        }
    }

    /// Advice for typed, piped or pressed commands makes no sense in a form.
    #[test]
    fn descriptions_are_of_forms() {
        let said = wire::json(&commands()).to_string();
        for typed in FOR_A_LINE.iter().chain(&["--", "piped", "of the line"]) {
            assert!(!said.contains(typed), "{typed}");
        }
        assert!(said.contains(r#""description":"Who leaves""#), "{said}");
    }

    /// Typed text has a maximum length.
    fn is_bounded(option: &Value) -> bool {
        let most = option["max_length"].as_u64();
        option["type"] != json!(Kind::String)
            || option.get("choices").is_some()
            || most.is_some_and(|most| (1..=6_000).contains(&most))
    }

    #[test]
    fn what_discord_adds_is_no_difference_and_what_it_lacks_is_one() {
        let wanted = wire::json(&commands());
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
