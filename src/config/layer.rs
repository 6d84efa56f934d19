//! The sources of settings (defaults, file, environment) and their merge.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize as _;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::Environment;
use super::error::ConfigError;
use super::section::Sections;
use super::summary::SummaryLine;
use crate::domain::id::excerpt;

/// The prefix of every environment variable with a setting.
const PREFIX: &str = "WARDEN__";
/// The origin of a setting that is not set.
pub(super) const DEFAULT: &str = "default";
pub(super) const ENVIRONMENT: &str = "environment";
const DEFAULTS: &str = include_str!("../../config/warden.toml");
/// The sections in the order in which they are read and shown.
const SECTIONS: [&str; 14] = [
    "database",
    "time",
    "policy",
    "channels",
    "notices",
    "reminders",
    "retention",
    "import",
    "heartbeat",
    "discord",
    "http",
    "metrics",
    "log",
    "teams",
];
/// The tables that occur several times and only in a file. `*` is a name, or an index in a list.
const TABLES: [(&str, &str, &[&str]); 3] = [
    (
        "teams.*",
        "a team is a section of its own",
        &["channel", "mention"],
    ),
    (
        "http.keys.*",
        "a key is a section of its own",
        &["workspace", "bearer", "vendor", "secret_file"],
    ),
    (
        "notices.wording.*",
        "each wording is a table of its own",
        &["kind", "template", "subjects"],
    ),
];

/// Settings that may hold a secret, or be mistaken for one: an error does not repeat their values.
const SECRETIVE: [&str; 3] = ["database.url", "heartbeat.url", "http.keys.*.secret_file"];

/// A setting in its source.
#[derive(Debug)]
struct Entry {
    /// Section, name, and the words between them.
    path: Vec<String>,
    value: Value,
    origin: String,
    /// Its byte offset in the file.
    at: usize,
}

impl Entry {
    /// The key as people write it, without list indices.
    fn key(&self) -> String {
        let in_list = self
            .path
            .starts_with(&["notices".to_owned(), "wording".to_owned()]);
        let words = self.path.iter().zip(0..);
        let words = words.filter(|(_, at)| !(in_list && *at == 2));
        let words: Vec<&str> = words.map(|(word, _)| word.as_str()).collect();
        words.join(".")
    }
}

/// The settings of one source, and its errors.
#[derive(Debug, Default)]
pub(super) struct Layer {
    entries: Vec<Entry>,
    errors: Vec<ConfigError>,
}

/// The known settings, such as `time.vendor_zone` and `teams.*.channel`, in the order in which they are shown.
#[derive(Debug)]
pub(super) struct KnownSettings(Vec<String>);

/// The settings of all sources, merged.
#[derive(Debug)]
pub(super) struct MergedSettings {
    /// The effective values, by section.
    pub(super) table: Table,
    pub(super) origins: BTreeMap<String, String>,
    pub(super) errors: Vec<ConfigError>,
    defaults: Table,
}

impl Layer {
    /// The defaults, which also define the known settings.
    pub(super) fn defaults() -> (Self, KnownSettings) {
        let set: Vec<&str> = DEFAULTS.lines().map(uncommented).collect();
        let mut layer = Self::from_toml(&set.join("\n"), DEFAULT, |_| DEFAULT.to_owned());
        let section = |path: &[String]| {
            SECTIONS
                .iter()
                .position(|name| path.first().is_some_and(|own| own == name))
        };
        layer.entries.sort_by_key(|entry| section(&entry.path));
        let scalars = layer.entries.iter().filter(|entry| entry.path.len() == 2);
        let mut known: Vec<String> = scalars.map(Entry::key).collect();
        for (table, _, settings) in TABLES {
            known.extend(settings.iter().map(|setting| format!("{table}.{setting}")));
        }
        known.sort_by_key(|key| {
            SECTIONS
                .iter()
                .position(|name| key.split('.').next() == Some(name))
        });
        (layer, KnownSettings(known))
    }

    /// A layer without settings, because of an error.
    pub(super) fn failed(error: Option<ConfigError>) -> Self {
        let errors = error.into_iter().collect();
        Self {
            errors,
            ..Self::default()
        }
    }

    pub(super) fn from_file(path: &Path, text: &str, known: &KnownSettings) -> Self {
        let name = path.display().to_string();
        let mut layer = Self::from_toml(text, &name, |at| {
            format!("{name}, line {}", place(text, at).0)
        });
        let is_wrong =
            |entry: &mut Entry| !known.is_setting(&entry.path) && !known.is_section(entry);
        let wrong: Vec<Entry> = layer.entries.extract_if(.., is_wrong).collect();
        layer
            .errors
            .extend(wrong.iter().map(|entry| known.wrong(entry)));
        layer
    }

    /// The settings in the environment. Unrelated variables are ignored.
    pub(super) fn from_env(env: &Environment, known: &KnownSettings) -> Self {
        let mut layer = Self::default();
        let mut names: Vec<String> = known.scalars().map(variable).collect();
        names.sort();
        let bare = |text: &str| text.replace('_', "").to_uppercase();
        for (name, text) in env {
            let is_slip = || names.iter().any(|known| bare(known) == bare(name));
            match known.scalars().find(|key| variable(key) == *name) {
                // The replacement character for bytes that are not UTF-8.
                Some(_) if text.contains('\u{fffd}') => {
                    layer.errors.push(ConfigError::NotText(name.clone()))
                }
                Some(key) => layer.entries.push(Entry {
                    path: key.split('.').map(str::to_owned).collect(),
                    value: Value::String(text.clone()),
                    origin: name.clone(),
                    at: 0,
                }),
                None if name.starts_with(PREFIX) || is_slip() => {
                    layer
                        .errors
                        .push(ConfigError::unknown(name, ENVIRONMENT, &names));
                }
                None => {}
            }
        }
        layer
    }

    fn from_toml(text: &str, name: &str, origin: impl Fn(usize) -> String) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut layer = Self::default();
        for error in errors {
            let (line, column) = place(text, error.span().map_or(0, |span| span.start));
            let path = name.to_owned();
            layer
                .errors
                .push(ConfigError::NotToml { path, line, column });
        }
        // The settings recovered from a broken file are guesswork, so they are not validated.
        if layer.errors.is_empty() {
            layer.flatten(&[], table.get_ref(), &origin);
        }
        layer.entries.sort_by_key(|entry| entry.at);
        layer
    }

    fn flatten(
        &mut self,
        before: &[String],
        table: &DeTable<'_>,
        origin: &impl Fn(usize) -> String,
    ) {
        for (name, value) in table {
            let at = name.span().start;
            let path = [before, &[name.get_ref().to_string()]].concat();
            match value.get_ref() {
                DeValue::Table(inner) if !inner.is_empty() => {
                    // A table's start is kept, to report what it lacks.
                    if TABLES.iter().any(|(table, _, _)| is_path_of(table, &path)) {
                        self.entries.push(Entry {
                            path: path.clone(),
                            value: Table::new().into(),
                            origin: origin(at),
                            at,
                        });
                    }
                    self.flatten(&path, inner, origin);
                }
                DeValue::Array(list)
                    if list
                        .iter()
                        .any(|one| matches!(one.get_ref(), DeValue::Table(_))) =>
                {
                    let numbered = list.iter().zip(1..).map(|(one, number)| {
                        let name = Cow::Owned(format!("{number:03}"));
                        (Spanned::new(one.span(), name), one.clone())
                    });
                    self.flatten(&path, &numbered.collect(), origin);
                }
                other => self.entries.push(Entry {
                    path,
                    value: plain(other),
                    origin: origin(at),
                    at,
                }),
            }
        }
    }
}

impl KnownSettings {
    fn scalars(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .map(String::as_str)
            .filter(|key| !key.contains('*'))
    }

    fn is_setting(&self, path: &[String]) -> bool {
        self.0.iter().any(|key| is_path_of(key, path))
    }

    /// Whether the entry is an empty section.
    fn is_section(&self, entry: &Entry) -> bool {
        entry.value.is_table()
            && self
                .0
                .iter()
                .any(|key| shared(key, &entry.path) == entry.path.len())
    }

    /// The error for an unknown setting.
    fn wrong(&self, entry: &Entry) -> ConfigError {
        for (table, reason, settings) in TABLES {
            let depth = table.split('.').count();
            if shared(table, &entry.path) == entry.path.len() && entry.path.len() + 1 >= depth {
                let reason = format!("{reason}, with {}", settings.join(", "));
                return entry.bad(&reason);
            }
        }
        let closest = self.0.iter().map(|key| shared(key, &entry.path)).max();
        let near = self
            .0
            .iter()
            .filter(|key| Some(shared(key, &entry.path)) == closest);
        // Suggested with the path as written, as far as it matches.
        let near = near.map(|key| {
            let words = key.split('.').zip(0..).filter_map(|(word, at)| {
                let own = entry.path.get(at).filter(|_| Some(at) < closest);
                match (word, own) {
                    ("*", _) if key.starts_with("notices") => None,
                    ("*", own) => Some(own.map_or("NAME", String::as_str)),
                    (word, _) => Some(word),
                }
            });
            words.collect::<Vec<_>>().join(".")
        });
        let mut near: Vec<String> = near.collect();
        near.sort();
        ConfigError::unknown(&entry.key(), &entry.origin, &near)
    }
}

/// Whether a path matches the key of a setting.
fn is_path_of(key: &str, path: &[String]) -> bool {
    shared(key, path) == path.len() && key.split('.').count() == path.len()
}

/// The number of leading words that a path shares with a setting.
fn shared(key: &str, path: &[String]) -> usize {
    let words = key.split('.').zip(path);
    words
        .take_while(|(word, own)| *word == "*" || word == own)
        .count()
}

impl Entry {
    fn bad(&self, reason: &str) -> ConfigError {
        let is_secretive = SECRETIVE.iter().any(|key| is_path_of(key, &self.path));
        ConfigError::Bad {
            key: excerpt(&self.key()),
            origin: self.origin.clone(),
            given: if is_secretive {
                "what it is set to".to_owned()
            } else {
                shown(&self.value)
            },
            reason: reason.to_owned(),
        }
    }
}

impl MergedSettings {
    /// Merges the file over the defaults, and the environment over both. An invalid value is reported wherever it stands, even
    /// when another source overrides it.
    pub(super) fn of(defaults: Layer, layers: [Layer; 2], known: &KnownSettings) -> Self {
        let mut merged = Self {
            table: Table::new(),
            origins: BTreeMap::new(),
            errors: defaults.errors,
            defaults: Table::new(),
        };
        for entry in defaults.entries {
            set(&mut merged.table, &entry.path, entry.value);
            merged.origins.insert(entry.path.join("."), entry.origin);
        }
        merged.defaults = merged.table.clone();
        remove_wordings(&mut merged.defaults);
        let mut entries = Vec::new();
        for layer in layers {
            merged.errors.extend(layer.errors);
            entries.extend(layer.entries);
        }
        let order = |entry: &Entry| {
            known
                .0
                .iter()
                .position(|key| shared(key, &entry.path) == entry.path.len())
        };
        entries.sort_by_key(order);
        // A list in a file replaces the default list.
        if entries
            .iter()
            .any(|entry| shared("notices.wording", &entry.path) == 2)
        {
            remove_wordings(&mut merged.table);
            let is_other = |key: &String| !key.starts_with("notices.wording.");
            merged.origins.retain(|key, _| is_other(key));
        }
        for entry in entries {
            // Each entry is validated alone, among defaults.
            let mut alone = merged.defaults.clone();
            set(&mut alone, &entry.path, entry.value.clone());
            match Sections::deserialize(alone) {
                Ok(_) => set(&mut merged.table, &entry.path, entry.value.clone()),
                Err(error) => {
                    // The enclosing table exists nevertheless.
                    let around = entry
                        .path
                        .split_last()
                        .map_or(&[][..], |(_, around)| around);
                    set(&mut merged.table, around, Table::new().into());
                    merged.errors.push(entry.bad(error.message()));
                }
            }
            merged.origins.insert(entry.path.join("."), entry.origin);
        }
        merged
    }

    /// The origin of a setting, or of the first setting of a section.
    pub(super) fn origin(&self, key: &str) -> String {
        let own = self.origins.range(key.to_owned()..).next();
        own.filter(|(set, _)| set.starts_with(key))
            .map_or(String::new(), |(_, origin)| origin.clone())
    }

    /// Records an invalid name of a repeated table.
    pub(super) fn bad_name(&mut self, table: &str, name: &str, reason: &str) {
        let given = format!("\"{}\"", excerpt(name));
        self.bad_table(table, name, &given, reason);
    }

    /// Records an invalid repeated table.
    pub(super) fn bad_table(&mut self, table: &str, name: &str, given: &str, reason: &str) {
        self.errors.push(ConfigError::Bad {
            key: table.to_owned(),
            origin: self.origin(&format!("{table}.{name}")),
            given: given.to_owned(),
            reason: reason.to_owned(),
        });
    }

    /// All settings in effect, in the syntax of the file, with their origins.
    pub(super) fn lines(&self, known: &KnownSettings) -> Vec<SummaryLine> {
        let mut lines = Vec::new();
        for key in &known.0 {
            let table = TABLES.iter().find(|(table, _, _)| key.starts_with(table));
            let Some((table, _, settings)) = table else {
                lines.push(self.line(&key.split('.').collect::<Vec<_>>()));
                continue;
            };
            if !settings.first().is_some_and(|first| key.ends_with(first)) {
                continue;
            }
            let path: Vec<&str> = table.trim_end_matches(".*").split('.').collect();
            let names = get(&self.table, &path).and_then(Value::as_table);
            for name in names.into_iter().flat_map(Table::keys) {
                let of_name = |setting| self.line(&[&path[..], &[name, setting]].concat());
                lines.extend(settings.iter().copied().map(of_name));
            }
        }
        lines
    }

    /// Numbers and flags are shown without quotes, also when the environment gives them as text.
    fn line(&self, path: &[&str]) -> SummaryLine {
        let is_bare = match (get(&self.defaults, path), path.last()) {
            (Some(value), _) => !value.is_str(),
            (None, name) => matches!(name, Some(&("bearer" | "vendor"))),
        };
        let value = match get(&self.table, path) {
            Some(Value::String(text)) if is_bare => text.clone(),
            Some(Value::String(text)) => format!("\"{text}\""),
            Some(other) => other.to_string(),
            None if is_bare => "false".to_owned(),
            None => "\"\"".to_owned(),
        };
        let key = path.join(".");
        let origin = self
            .origins
            .get(&key)
            .map_or(DEFAULT, String::as_str)
            .to_owned();
        SummaryLine { key, value, origin }
    }
}

fn get<'a>(table: &'a Table, path: &[&str]) -> Option<&'a Value> {
    match path {
        [] => None,
        [name] => table.get(*name),
        [name, rest @ ..] => get(table.get(*name)?.as_table()?, rest),
    }
}

fn remove_wordings(table: &mut Table) {
    let notices = table.get_mut("notices").and_then(Value::as_table_mut);
    notices.and_then(|notices| notices.remove("wording"));
}

fn set(table: &mut Table, path: &[String], value: Value) {
    match path {
        [] => {}
        [name] if value.is_table() && table.get(name).is_some_and(Value::is_table) => {}
        [name] => drop(table.insert(name.clone(), value)),
        [name, rest @ ..] => {
            let inner = table.entry(name).or_insert_with(|| Table::new().into());
            if let Value::Table(inner) = inner {
                set(inner, rest, value);
            }
        }
    }
}

/// A line of the defaults. `#` directly before a name marks a default that the file itself leaves unset.
fn uncommented(line: &str) -> &str {
    let set = line.strip_prefix('#');
    set.filter(|set| set.starts_with(|first: char| first.is_ascii_lowercase()))
        .unwrap_or(line)
}

/// The line and column of a byte offset, both counted from 1.
fn place(text: &str, offset: usize) -> (usize, usize) {
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
        DeValue::Table(all) => {
            let all = all
                .iter()
                .map(|(name, value)| (name.get_ref().to_string(), plain(value.get_ref())));
            Value::Table(all.collect())
        }
    }
}

/// A value as an error message shows it.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("\"{}\"", excerpt(text)),
        Value::Table(_) => "a section".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        other => excerpt(&other.to_string()),
    }
}

/// The environment variable of a setting.
fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_uppercase())
}
