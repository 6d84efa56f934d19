//! The commands a bot registers.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::choice_texts;
use super::form::Form;
use crate::discord::fake::rejection::Rejection;

const GROUP: u64 = 2;
const SUBCOMMAND: u64 = 1;
const STRING: u64 = 3;
const INTEGER: u64 = 4;
const NUMBER: u64 = 10;

static NAME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[-_'\p{L}\p{N}\p{Devanagari}\p{Thai}]{1,32}$").unwrap());

pub(crate) fn commands(all: &[Value]) -> Result<(), Rejection> {
    let mut form = Form::default();
    let chat = all
        .iter()
        .filter(|one| one["type"].as_u64().unwrap_or(1) == 1);
    if chat.count() > 100 {
        form.complain(
            "",
            "APPLICATION_COMMAND_TOO_MANY",
            "Maximum number of application commands reached (100).",
        );
    }
    let mut seen = BTreeSet::new();
    for (at, command) in all.iter().enumerate() {
        let path = at.to_string();
        if command["type"].as_u64().unwrap_or(1) == 1 {
            named(&mut form, command, &path);
        } else {
            in_menu(&mut form, command, &path);
        }
        let unique = (
            command["name"].to_string(),
            command["type"].as_u64().unwrap_or(1),
        );
        if !seen.insert(unique) {
            form.complain(
                &format!("{path}.name"),
                "APPLICATION_COMMANDS_DUPLICATE_NAME",
                "Application command names must be unique",
            );
        }
        options(&mut form, &command["options"], &path, 0);
        if size(command) > 8000 {
            form.complain(
                &path,
                "APPLICATION_COMMAND_TOO_LARGE",
                "Command exceeds maximum size (8000)",
            );
        }
    }
    form.finish()
}

/// The name and description of a command, subcommand or option, in every language.
fn named(form: &mut Form, of: &Value, path: &str) {
    let names = of["name_localizations"].as_object().into_iter().flatten();
    let mut names: Vec<&Value> = names.map(|(_, name)| name).collect();
    names.push(&of["name"]);
    for name in names {
        let text = name.as_str().unwrap_or_default();
        if !NAME.is_match(text) || text != text.to_lowercase() {
            let message = "Command name is invalid";
            form.complain(
                &format!("{path}.name"),
                "APPLICATION_COMMAND_INVALID_NAME",
                message,
            );
        }
    }
    form.required(of, "description", path, 1..=100);
    let translated = of["description_localizations"]
        .as_object()
        .into_iter()
        .flatten();
    for (language, text) in translated {
        let length = text.as_str().unwrap_or_default().chars().count();
        let path = format!("{path}.description_localizations.{language}");
        form.length(length, &path, &(1..=100));
    }
}

/// In the menu of a message or a person a command has a name that is read, and nothing else.
fn in_menu(form: &mut Form, of: &Value, path: &str) {
    form.required(of, "name", path, 1..=32);
    for absent in ["description", "options"] {
        if !of[absent].is_null() && of[absent] != "" {
            let message = "Context menu commands have neither description nor options";
            form.complain(
                &format!("{path}.{absent}"),
                "APPLICATION_COMMAND_CONTEXT_MENU",
                message,
            );
        }
    }
}

/// `depth` is 0 in a command, 1 in a group, 2 in a subcommand.
fn options(form: &mut Form, value: &Value, path: &str, depth: u8) {
    let path = format!("{path}.options");
    let all = form.list(value, &path, 0..=25);
    let (mut seen, mut optional) = (BTreeSet::new(), false);
    let nested = |one: &Value| matches!(one["type"].as_u64(), Some(SUBCOMMAND | GROUP));
    if all.iter().any(nested) && !all.iter().all(nested) {
        form.complain(&path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command and sub-command group option types are mutually exclusive to all other types");
    }
    for (at, option) in all.iter().enumerate() {
        let path = format!("{path}.{at}");
        named(form, option, &path);
        if !seen.insert(option["name"].to_string()) {
            form.complain(
                &format!("{path}.name"),
                "APPLICATION_COMMAND_OPTIONS_NAME_INVALID",
                "Option names must be unique",
            );
        }
        match option["type"].as_u64() {
            Some(GROUP) if depth == 0 => options(form, &option["options"], &path, 1),
            Some(SUBCOMMAND) if depth < 2 => options(form, &option["options"], &path, 2),
            Some(3..=11) if depth != 1 => {
                if option["required"] == true && optional {
                    form.complain(
                        &path,
                        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                        "Required options must be placed before non-required options",
                    );
                }
                optional |= option["required"] != true;
                leaf(form, option, &path);
            }
            _ => form.complain(
                &format!("{path}.type"),
                "BASE_TYPE_CHOICES",
                "This type of option is not allowed here.",
            ),
        }
    }
}

fn leaf(form: &mut Form, option: &Value, path: &str) {
    let kind = option["type"].as_u64().unwrap_or_default();
    choices(form, option, &format!("{path}.choices"));
    let (suggests, chooses) = (option["autocomplete"] == true, has_choices(option));
    if (suggests || chooses) && !matches!(kind, STRING | INTEGER | NUMBER) {
        let message = "This type of option has neither choices nor autocomplete";
        form.complain(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message);
    }
    if suggests && chooses {
        let message = "Autocomplete and choices are mutually exclusive";
        form.complain(
            path,
            "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES",
            message,
        );
    }
    if kind == STRING {
        form.number(option, "min_length", path, 0..=6000);
        form.number(option, "max_length", path, 1..=6000);
    }
}

fn has_choices(option: &Value) -> bool {
    option["choices"]
        .as_array()
        .is_some_and(|all| !all.is_empty())
}

fn choices(form: &mut Form, option: &Value, path: &str) {
    let listed = form.list(&option["choices"], path, 0..=25);
    choice_texts(form, &listed, path);
    let names: BTreeSet<String> = listed.iter().map(|one| one["name"].to_string()).collect();
    if names.len() != listed.len() {
        let code = "APPLICATION_COMMAND_OPTIONS_CHOICE_NAMES_DUPLICATE";
        form.complain(path, code, "Choice names must be unique");
    }
    let of_texts = option["type"] == STRING;
    if listed
        .iter()
        .any(|choice| of_texts != choice["value"].is_string())
    {
        form.complain(
            path,
            "BASE_TYPE_BAD_TYPE",
            "A choice's value is of its option's type",
        );
    }
}

/// The characters of all names, descriptions and values of one command.
fn size(of: &Value) -> usize {
    let own = |key: &str| of[key].as_str().map_or(0, |text| text.chars().count());
    let below = ["options", "choices"];
    let below = below.iter().filter_map(|key| of[key].as_array()).flatten();
    own("name") + own("description") + own("value") + below.map(size).sum::<usize>()
}
