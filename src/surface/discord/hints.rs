//! Command mentions: hints in answers that can be clicked instead of typed.

use std::collections::HashMap;
use std::iter::Peekable;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::commands::CommandScope;
use crate::command::{self, ArgKind, VerbSpec};

/// Marks a code span of quoted input after its backtick: it is displayed without a link. Nobody types this character.
pub(super) const TYPED: char = '\u{e004}';

/// Marks a code span that names a verb in a list of verbs: without its options it is a command too.
pub(super) const VERB: char = '\u{e005}';

/// Discord's ids of the registered commands.
#[derive(Debug, Default)]
pub(super) struct CommandIds(Mutex<HashMap<CommandScope, HashMap<String, u64>>>);

impl CommandIds {
    /// Stores the commands of a scope as Discord lists them.
    pub(super) fn take_registered(&self, scope: CommandScope, registered: &Value) {
        let listed = registered.as_array().into_iter().flatten();
        let ids = listed.filter_map(|command| {
            let text = |key: &str| command.get(key).and_then(Value::as_str);
            Some((text("name")?.to_owned(), text("id")?.parse().ok()?))
        });
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(scope, ids.collect());
    }

    /// The id of a command. A guild's own commands take precedence over global ones.
    fn id(&self, guild: u64, name: &str) -> Option<u64> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let scopes = [CommandScope::Guild(guild), CommandScope::Global];
        let mut known = scopes.iter().filter_map(|scope| held.get(scope));
        known.find_map(|ids| ids.get(name).copied())
    }

    /// A verb as a command mention, if it is registered in the guild.
    pub(super) fn command(&self, guild: u64, verb: &str) -> Option<String> {
        let id = self.id(guild, verb.split(' ').next()?)?;
        Some(format!("</{verb}:{id}>"))
    }

    /// A hint as a command mention with the options to fill in; `None` if it is not a command, or if the command's id is not known
    /// yet. Outside guilds, where commands are not registered, it is written as it is typed in one.
    pub(super) fn mention(&self, guild: u64, hint: &str) -> Option<String> {
        if hint.starts_with("--") {
            return options(hint).map(|filled| format!("`{filled}`"));
        }
        let (path, filled) = form(hint)?;
        if guild == 0 {
            let words: Vec<&str> = path
                .iter()
                .copied()
                .chain(filled.iter().map(String::as_str))
                .collect();
            return Some(format!("`/{}`", words.join(" ")));
        }
        let mention = self.command(guild, &path.join(" "))?;
        Some(if filled.is_empty() {
            mention
        } else {
            format!("{mention} `{}`", filled.join(" "))
        })
    }
}

/// A line in the form of a slash command: its words, and its options. A single word that requires arguments may be the name of a
/// step or fact, so it is no hint.
fn form(line: &str) -> Option<(&'static [&'static str], Vec<String>)> {
    let line = line.strip_prefix('/').unwrap_or(line);
    let said: Vec<&str> = match line {
        "settings" => vec!["settings", "show"],
        _ => match line.strip_prefix("import undo") {
            Some(rest) => std::iter::once("import-undo")
                .chain(rest.split_whitespace())
                .collect(),
            None => line.split_whitespace().collect(),
        },
    };
    let verb = command::verbs()
        .iter()
        .find(|verb| said.starts_with(&verb.path))?;
    let rest = said.get(verb.path.len()..)?;
    let needs_more = verb.args.iter().any(|arg| arg.required);
    if rest.is_empty() && needs_more && verb.path.len() == 1 {
        return None;
    }
    Some((&verb.path, fill(verb, rest)?))
}

/// Options without their command, in the form of a slash command: `--by expiry` is `by:expiry`, and `--seen` alone `seen`.
fn options(hint: &str) -> Option<String> {
    let given = hint.split("--").skip(1);
    let each = given.map(|one| {
        let (name, value) = one.split_once(' ').unwrap_or((one, ""));
        let mut args = command::verbs().iter().flat_map(|verb| &verb.args);
        let arg = args.find(|arg| arg.is_option && arg.name == name.trim())?;
        let value = match (&arg.kind, value.trim()) {
            (ArgKind::Flag, "") => "True",
            (ArgKind::Flag, _) => return None,
            (_, value) => value,
        };
        Some(match value {
            "" => arg.name.clone(),
            value => format!("{}:{value}", arg.name),
        })
    });
    let each: Option<Vec<String>> = each.collect();
    each.map(|each| each.join(" "))
}

/// The options of a form from the words after a verb. Optional ones are visible in the form itself.
fn fill(verb: &VerbSpec, words: &[&str]) -> Option<Vec<String>> {
    let mut places = verb.args.iter().filter(|arg| !arg.is_option);
    let mut filled: Vec<String> = Vec::new();
    let mut words = words.iter().copied().peekable();
    // For a last argument with several values.
    let mut open = false;
    while let Some(word) = words.next() {
        if word == "…" {
            continue;
        }
        if word.starts_with('[') {
            let mut last = word;
            while !last.ends_with(']') {
                last = words.next()?;
            }
            continue;
        }
        if let Some(name) = word.strip_prefix("--") {
            open = false;
            let arg = verb
                .args
                .iter()
                .find(|arg| arg.is_option && arg.name == name)?;
            let value = match arg.kind {
                ArgKind::Flag => "True".to_owned(),
                ArgKind::Text => value(&mut words)?,
                _ => words.next()?.to_owned(),
            };
            filled.push(format!("{name}:{value}"));
            continue;
        }
        match filled.last_mut().filter(|_| open) {
            Some(last) => {
                last.push(' ');
                last.push_str(word);
            }
            None => {
                let place = places.next()?;
                open = place.many;
                filled.push(format!("{}:{word}", place.name));
            }
        }
    }
    Some(filled)
}

/// The text of an option: the words up to the next option, without the quotes around them.
fn value<'a>(words: &mut Peekable<impl Iterator<Item = &'a str>>) -> Option<String> {
    let mut value = words.next()?.to_owned();
    let ends = |word: &&str| word.starts_with("--") || word.starts_with('[') || *word == "…";
    while let Some(word) = words.next_if(|word| !ends(word)) {
        value.push(' ');
        value.push_str(word);
    }
    let quoted = value.strip_prefix('"');
    let quoted = quoted.and_then(|value| value.strip_suffix('"'));
    Some(quoted.unwrap_or(&value).to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn known() -> CommandIds {
        let ids = CommandIds::default();
        let named = |name: &str, id: &str| json!({ "name": name, "id": id });
        let everywhere = [
            "next",
            "changes",
            "upgrade",
            "instance",
            "settings",
            "reject",
            "approve",
            "ack",
            "import-undo",
            "help",
            "notice",
            "action",
        ];
        let listed: Vec<Value> = everywhere.iter().map(|name| named(name, "17")).collect();
        ids.take_registered(CommandScope::Global, &json!(listed));
        ids.take_registered(CommandScope::Guild(3), &json!([named("next", "33")]));
        ids
    }

    #[rstest]
    #[case("next 1", "</next:17> `target:1`")]
    #[case("changes", "</changes:17>")]
    #[case("changes --all", "</changes:17> `all:True`")]
    #[case("settings", "</settings show:17>")]
    #[case(
        "/settings role viewer ROLE",
        "</settings role:17> `role:viewer roles:ROLE`"
    )]
    #[case("instance set", "</instance set:17>")]
    #[case(
        "instance show cn-beijing/search",
        "</instance show:17> `instance:cn-beijing/search`"
    )]
    #[case(
        "instance add MQ_INST_… --name N …",
        "</instance add:17> `id:MQ_INST_… name:N`"
    )]
    #[case(
        "instance set <instance> [--expires WHEN]",
        "</instance set:17> `instance:<instance>`"
    )]
    #[case("reject 12 --reason TEXT", "</reject:17> `change:12 reason:TEXT`")]
    #[case(
        "approve 3 --seen <downgrade|delete>",
        "</approve:17> `change:3 seen:<downgrade|delete>`"
    )]
    #[case("ack notice 7", "</ack:17> `what:notice number:7`")]
    #[case("import undo 4", "</import-undo:17> `number:4`")]
    #[case("help instance set", "</help:17> `verb:instance set`")]
    #[case(
        "reject 12 --reason \"look again\"",
        "</reject:17> `change:12 reason:look again`"
    )]
    #[case("--by expiry", "`by:expiry`")]
    #[case("--seen", "`seen`")]
    #[case("--yes-really", "`yes-really:True`")]
    fn a_hint_is_pressed(#[case] hint: &str, #[case] mention: &str) {
        assert_eq!(known().mention(1, hint).as_deref(), Some(mention));
    }

    /// Names of steps, facts and unregistered commands, and shell commands.
    #[rstest]
    #[case("upgrade")]
    #[case("action")]
    #[case("set-action")]
    #[case("todo")]
    #[case("cn-hangzhou")]
    #[case("warden doctor --repair")]
    #[case("settings <setting> <value>")]
    #[case("next 1 --never-heard-of")]
    #[case("--never-heard-of")]
    #[case("")]
    fn everything_else_stays_code(#[case] span: &str) {
        assert_eq!(known().mention(1, span), None);
    }

    #[test]
    fn outside_guilds_a_hint_is_what_is_typed_in_one() {
        let told = known().mention(0, "/settings role approver ROLE");
        assert_eq!(
            told.as_deref(),
            Some("`/settings role role:approver roles:ROLE`")
        );
    }

    #[test]
    fn a_guild_has_ids_of_its_own() {
        let known = known();
        assert_eq!(
            known.mention(3, "next 1").as_deref(),
            Some("</next:33> `target:1`")
        );
        known.take_registered(CommandScope::Guild(3), &json!([]));
        assert_eq!(
            known.mention(3, "changes").as_deref(),
            Some("</changes:17>")
        );
    }
}
