//! The sources of settings: the defaults, the file and the environment.

use std::borrow::Cow;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::table::{SETTINGS, TABLES};
use super::{DEFAULT_FILE, Environment, secret};
use crate::domain::id::excerpt;
use crate::domain::nearest::{did_you_mean, nearest};

/// The prefix of every environment variable with a setting.
const PREFIX: &str = "WARDEN__";
/// The origin of a setting that is not set.
pub(super) const DEFAULT: &str = "default";
pub(super) const ENVIRONMENT: &str = "environment";
const DEFAULTS: &str = include_str!("../../config/warden.toml");
/// Settings that may hold a secret, or be mistaken for one: an error does not repeat their values.
const SECRETIVE: [&str; 3] = ["database.url", "heartbeat.url", "http.keys.*.secret_file"];

/// A setting in its source.
#[derive(Debug)]
pub(super) struct SourceEntry {
    /// Section, name, and the words between them.
    pub(super) path: Vec<String>,
    pub(super) value: Value,
    pub(super) origin: String,
    /// Its byte offset in the file.
    at: usize,
}

impl SourceEntry {
    /// The key as people write it, without list indices.
    fn key(&self) -> String {
        match self.path.as_slice() {
            [first, second, _, rest @ ..] if first == "notices" && second == "wording" => {
                [&["notices.wording".to_owned()], rest].concat().join(".")
            }
            path => path.join("."),
        }
    }

    /// Whether it is the setting, or the table, with this key.
    pub(super) fn is_at(&self, key: &str) -> bool {
        self.is_on_the_way_to(key) && self.is_below(key)
    }

    /// Whether it is a setting, or one of its tables.
    fn is_on_the_way_to(&self, key: &str) -> bool {
        self.shared(key) == self.path.len()
    }

    /// Whether it is the setting or table with this key, or in that table.
    pub(super) fn is_below(&self, key: &str) -> bool {
        self.shared(key) == key.split('.').count()
    }

    /// The number of leading words shared with a key.
    fn shared(&self, key: &str) -> usize {
        let words = key.split('.').zip(&self.path);
        words
            .take_while(|(word, own)| *word == "*" || word == own)
            .count()
    }

    /// The place among the settings.
    pub(super) fn order(&self) -> Option<usize> {
        SETTINGS.iter().position(|it| self.is_on_the_way_to(it.key))
    }

    /// A setting, or an empty section of some.
    fn is_known(&self) -> bool {
        SETTINGS
            .iter()
            .any(|it| self.is_at(it.key) || self.value.is_table() && self.is_on_the_way_to(it.key))
    }

    /// The error for an invalid value; the reason ends with the allowed ones.
    pub(super) fn bad(&self, reason: &str) -> String {
        let given = match &self.value {
            _ if SECRETIVE.iter().any(|key| self.is_at(key)) => "what it is set to".to_owned(),
            Value::String(text) => format!("\"{}\"", excerpt(text)),
            Value::Table(_) => "a section".to_owned(),
            Value::Array(_) => "a list".to_owned(),
            other => excerpt(&other.to_string()),
        };
        bad(&self.origin, &excerpt(&self.key()), &given, reason)
    }

    /// The error for an unknown setting.
    fn unknown(&self) -> String {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        if let Some(place) = secret::place(&path) {
            let (origin, key) = (&self.origin, excerpt(&self.key()));
            return format!(
                "{origin}: `{key}` is a secret, and none is read from this file; put it into {place}, and replace the one that stood here by a new one: others may have read it"
            );
        }
        for (table, reason) in TABLES {
            let depth = table.split('.').count();
            if self.is_on_the_way_to(table) && self.path.len() + 1 >= depth {
                let of_table = |key: &'static str| key.strip_prefix(table)?.strip_prefix('.');
                let known: Vec<&str> = SETTINGS.iter().filter_map(|it| of_table(it.key)).collect();
                return self.bad(&format!("{reason}, with {}", known.join(", ")));
            }
        }
        let keys = || SETTINGS.iter().map(|it| it.key);
        let closest = keys().map(|key| self.shared(key)).max();
        // Suggested with the path as written, as far as it matches.
        let as_written = |key: &str| {
            let words = key.split('.').zip(0..).filter_map(|(word, at)| {
                let own = self.path.get(at).filter(|_| Some(at) < closest);
                match (word, own) {
                    ("*", _) if key.starts_with("notices") => None,
                    ("*", own) => Some(own.map_or("NAME", String::as_str)),
                    (word, _) => Some(word),
                }
            });
            words.collect::<Vec<_>>().join(".")
        };
        let near = keys().filter(|key| Some(self.shared(key)) == closest);
        unknown(&self.key(), &self.origin, near.map(as_written).collect())
    }
}

/// The error for a value that a setting cannot have.
pub(super) fn bad(origin: &str, key: &str, given: &str, reason: &str) -> String {
    format!("{origin}: `{key}` cannot be {given}: {reason}")
}

fn unknown(key: &str, origin: &str, mut known: Vec<String>) -> String {
    known.sort();
    // If all known keys share the same section, only the last word can be wrong.
    let (around, word) = key.split_at(key.rfind('.').map_or(0, |dot| dot + 1));
    let words = || known.iter().map(|known| known.strip_prefix(around));
    let near = match words().all(|word| word.is_some()) {
        true => nearest(word, words().flatten()).map(|word| format!("{around}{word}")),
        false => nearest(key, known.iter().map(String::as_str)).map(str::to_owned),
    };
    let hint = did_you_mean(near.as_deref());
    let key = excerpt(key);
    match near {
        Some(_) => format!("{origin}: there is no setting `{key}`{hint}"),
        None => {
            let known = known.join(", ");
            format!("{origin}: there is no setting `{key}`; allowed: {known}")
        }
    }
}

/// The defaults. `#` directly before a name marks one that the shipped file itself leaves unset.
pub(super) fn defaults(errors: &mut Vec<String>) -> Vec<SourceEntry> {
    let is_name = |rest: &&str| rest.starts_with(|first: char| first.is_ascii_lowercase());
    let uncommented = |line| str::strip_prefix(line, '#').filter(is_name).unwrap_or(line);
    let set: Vec<&str> = DEFAULTS.lines().map(uncommented).collect();
    from_toml(&set.join("\n"), DEFAULT, |_| DEFAULT.to_owned(), errors)
}

/// The settings of the configuration file, and its path if it was read. A file that is not named need not exist.
pub(super) fn from_file(
    path: Option<&Path>,
    errors: &mut Vec<String>,
) -> (Option<PathBuf>, Vec<SourceEntry>) {
    let file = path.unwrap_or(Path::new(DEFAULT_FILE));
    let name = file.display().to_string();
    let reason = match std::fs::read(file).map(String::from_utf8) {
        Ok(Ok(text)) => {
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            let line = |at| format!("{name}, line {}", line_and_column(text, at).0);
            let mut entries = from_toml(text, &name, line, errors);
            let unknown: Vec<SourceEntry> = entries.extract_if(.., |it| !it.is_known()).collect();
            errors.extend(unknown.iter().map(SourceEntry::unknown));
            return (Some(file.to_owned()), entries);
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let told = format!("there is no file `{name}`; leave out --config to do without one");
            errors.extend(path.map(|_| told));
            return (None, Vec::new());
        }
        Ok(Err(_)) => "it is not UTF-8 text; save it as UTF-8".to_owned(),
        Err(error) => match error.kind() {
            ErrorKind::PermissionDenied => "permission denied".to_owned(),
            ErrorKind::IsADirectory => "it is a directory".to_owned(),
            _ => error.to_string(),
        },
    };
    errors.push(format!("`{name}` cannot be read: {reason}"));
    (None, Vec::new())
}

/// The settings in the environment. Unrelated variables are ignored.
pub(super) fn from_env(env: &Environment, errors: &mut Vec<String>) -> Vec<SourceEntry> {
    let scalars = SETTINGS.iter().filter(|it| !it.key.contains('*'));
    let variable = |key: &str| format!("{PREFIX}{}", key.replace('.', "__").to_uppercase());
    let known: Vec<(&str, String)> = scalars.map(|it| (it.key, variable(it.key))).collect();
    let bare = |text: &str| text.replace('_', "").to_uppercase();
    let mut entries = Vec::new();
    for (name, text) in env {
        match known.iter().find(|(_, variable)| variable == name) {
            // The replacement character for bytes that are not UTF-8.
            Some(_) if text.contains('\u{fffd}') => errors.push(not_text(name)),
            Some((key, _)) => entries.push(SourceEntry {
                path: key.split('.').map(str::to_owned).collect(),
                value: Value::String(text.clone()),
                origin: name.clone(),
                at: 0,
            }),
            None if name.starts_with(PREFIX)
                || known.iter().any(|(_, known)| bare(known) == bare(name)) =>
            {
                let path = name.strip_prefix(PREFIX).unwrap_or(name).to_lowercase();
                let path: Vec<&str> = path.split("__").collect();
                let known = known.iter().map(|(_, variable)| variable.clone());
                errors.push(match secret::place(&path) {
                    Some(place) => format!(
                        "{ENVIRONMENT}: `{}` is not read; put the secret into {place}",
                        excerpt(name)
                    ),
                    None => unknown(name, ENVIRONMENT, known.collect()),
                });
            }
            None => {}
        }
    }
    entries
}

/// The error for a variable whose bytes are not UTF-8.
pub(super) fn not_text(variable: &str) -> String {
    format!("environment: the value of `{variable}` is not UTF-8 text; set it in UTF-8")
}

fn from_toml(
    text: &str,
    name: &str,
    origin: impl Fn(usize) -> String,
    errors: &mut Vec<String>,
) -> Vec<SourceEntry> {
    let (table, broken) = DeTable::parse_recoverable(text);
    let mut entries = Vec::new();
    // The settings recovered from a broken file are guesswork, so they are not validated.
    if broken.is_empty() {
        flatten(&[], table.get_ref(), &origin, &mut entries);
    }
    for error in broken {
        let (line, column) = line_and_column(text, error.span().map_or(0, |span| span.start));
        errors.push(format!(
            "`{name}` is not valid TOML at line {line}, column {column}: correct that line"
        ));
    }
    entries.sort_by_key(|entry| entry.at);
    entries
}

fn flatten(
    before: &[String],
    table: &DeTable<'_>,
    origin: &impl Fn(usize) -> String,
    entries: &mut Vec<SourceEntry>,
) {
    for (name, value) in table {
        let at = name.span().start;
        let path = [before, &[name.get_ref().to_string()]].concat();
        let entry = |value| SourceEntry {
            path: path.clone(),
            value,
            origin: origin(at),
            at,
        };
        match value.get_ref() {
            DeValue::Table(inner) if !inner.is_empty() => {
                // A table's start is kept, to report what it lacks.
                let start = entry(Table::new().into());
                if TABLES.iter().any(|(table, _)| start.is_at(table)) {
                    entries.push(start);
                }
                flatten(&path, inner, origin, entries);
            }
            DeValue::Array(list) if list.iter().any(|one| one.get_ref().is_table()) => {
                let numbered = list.iter().zip(1..).map(|(one, number)| {
                    let name = Cow::Owned(format!("{number:03}"));
                    (Spanned::new(one.span(), name), one.clone())
                });
                flatten(&path, &numbered.collect(), origin, entries);
            }
            other => entries.push(entry(plain(other))),
        }
    }
}

/// The line and column of a byte offset, both counted from 1.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count();
    (before.matches('\n').count() + 1, column + 1)
}

/// A value without its spans.
fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Boolean(flag) => Value::Boolean(*flag),
        DeValue::Integer(number) => number
            .to_string()
            .parse()
            .map_or(Value::Float(f64::INFINITY), Value::Integer),
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Datetime(moment) => Value::String(moment.to_string()),
        DeValue::Array(all) => Value::Array(all.iter().map(|one| plain(one.get_ref())).collect()),
        // Only an empty one gets here: the settings of others are flattened.
        DeValue::Table(_) => Table::new().into(),
    }
}
