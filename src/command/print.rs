//! A command's canonical text, which [`super::parse_line`] reads back as the same command. It is generated from the declarations
//! of the grammar.

use std::fmt::{self, Display};

use clap::Arg;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;

use super::said::end_of_name;
use super::tree::{self, Verb};
use super::value::UNKNOWN;
use super::words::{Cursor, is_dash, opens_quote};
use super::{
    AckTarget, ChangeRef, Command, Evidence, InstanceRef, NONE, NoticeText, OrNone, OrUnknown,
    Reason, Span, TargetRef, When,
};

impl Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = SaidCommand::of(self);
        f.write_str(&said.verb.name())?;
        let value = |arg: &Arg| said.args.get(arg.get_id().as_str());
        for (place, arg) in said.verb.positionals().enumerate() {
            if let Some(value) = value(arg) {
                let quote = |word: &str| name_in_quotes(&said.verb, place, arg, word);
                f.write_str(&written(arg, value, quote))?;
            }
        }
        let mut options = said.verb.options();
        options.try_for_each(|arg| match value(arg) {
            Some(value) => f.write_str(&written(arg, value, quoted_if_needed)),
            None => Ok(()),
        })
    }
}

impl Command {
    /// The words of the verb, such as `instance add`.
    pub fn verb(&self) -> String {
        SaidCommand::of(self).verb.name()
    }
}

/// A verb of the grammar and its argument values by name.
struct SaidCommand {
    verb: Verb,
    args: Value,
}

impl SaidCommand {
    fn of(command: &Command) -> Self {
        let mut said = Self {
            verb: Verb::root(),
            args: serde_json::to_value(command).unwrap_or_default(),
        };
        while said.verb.is_group() {
            let (word, args) = match said.args {
                Value::String(word) => (word, Value::Null),
                Value::Object(all) => all.into_iter().next().unwrap_or_default(),
                _ => break,
            };
            let Some(child) = said.verb.child(&word) else {
                said.args = Value::Null;
                break;
            };
            said = Self { verb: child, args };
        }
        said
    }
}

/// An argument as text, with a leading blank; empty for a default value.
fn written(arg: &Arg, value: &Value, quoted_word: impl Fn(&str) -> String) -> String {
    let words: Vec<String> = match value {
        Value::Array(all) => all.iter().filter_map(word).collect(),
        one => word(one).into_iter().collect(),
    };
    let words = match arg.get_value_delimiter() {
        Some(between) if !words.is_empty() => vec![words.join(&between.to_string())],
        _ => words,
    };
    let goes_without_saying = arg.get_default_values().iter().eq(words.iter());
    let option = arg.get_long().map(|long| format!(" --{long}"));
    let option = option.unwrap_or_default();
    if !tree::takes_value(arg) {
        return if value == &Value::Bool(true) {
            option
        } else {
            String::new()
        };
    }
    if goes_without_saying {
        return String::new();
    }
    let written = words.iter().map(|word| match tree::is_free_text(arg) {
        true => format!("{option} {}", quoted(word)),
        false => format!("{option} {}", quoted_word(word)),
    });
    written.collect()
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A word, quoted if it would not be read as one word otherwise.
pub fn quoted_if_needed(word: &str) -> String {
    let opens = |c: char| opens_quote(c) || is_dash(c);
    // A single dash means standard input.
    let odd = word != "-" && word.starts_with(opens);
    if word.is_empty() || odd || word.contains(char::is_whitespace) {
        quoted(word)
    } else {
        word.to_owned()
    }
}

/// A word at a place of the verb, quoted also if it would be read as a name with something behind it.
fn name_in_quotes(verb: &Verb, place: usize, arg: &Arg, word: &str) -> String {
    match end_of_name(verb, place, arg, word, Cursor::new(word)) {
        Some(_) => quoted(word),
        None => quoted_if_needed(word),
    }
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

macro_rules! as_text {
    ($($Type:ty),+) => {$(
        impl Serialize for $Type {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }
    )+};
}
as_text!(
    ChangeRef,
    Evidence,
    InstanceRef,
    NoticeText,
    Reason,
    Span,
    TargetRef,
    When
);

/// Serialises a value as its display text.
pub(super) fn text<S: Serializer>(value: &impl Display, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

/// Serialises a value, or `none`.
pub(super) fn or_none<S: Serializer>(
    value: &OrNone<impl Display>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => to.collect_str(value),
        None => to.serialize_str(NONE),
    }
}

/// Serialises a value or `unknown`, if one is given.
pub(super) fn or_unknown<S: Serializer>(
    value: &Option<OrUnknown<impl Serialize>>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(None) => to.serialize_str(UNKNOWN),
        given => given.serialize(to),
    }
}

/// Serialises values of which each may be `unknown`.
pub(super) fn each_or_unknown<S: Serializer>(
    values: &[OrUnknown<impl Serialize>],
    to: S,
) -> Result<S::Ok, S::Error> {
    let known = |value| serde_json::to_value(value).unwrap_or_default();
    let unknown = || Value::from(UNKNOWN);
    to.collect_seq(
        values
            .iter()
            .map(|value| value.as_ref().map_or_else(unknown, known)),
    )
}

impl Serialize for AckTarget {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut said = to.serialize_map(None)?;
        match self {
            Self::Instance(instance) => said.serialize_entry(AckTarget::WHAT, instance)?,
            Self::Notice(number) => {
                said.serialize_entry(AckTarget::WHAT, AckTarget::NOTICE)?;
                said.serialize_entry(AckTarget::NUMBER, number)?;
            }
        }
        said.end()
    }
}
