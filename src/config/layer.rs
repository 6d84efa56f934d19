//! One place that settings come from: the defaults, a file, or the environment.

use std::path::Path;

use ::config::{Map, Source, Value, ValueKind};
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::http::{self, Keys};
use super::notices;
use super::teams::{self, Teams};
use crate::domain::id::excerpt;
use crate::domain::nearest::nearest;

/// What the name of every environment variable with a setting begins with.
const PREFIX: &str = "WARDEN__";
/// The origin of a setting that nobody has set.
pub(super) const DEFAULT: &str = "default";
const DEFAULTS: &str = include_str!("../../config/warden.toml");

/// A setting as it was found.
#[derive(Debug, Clone)]
pub(super) struct ConfigEntry {
    /// Section and name, `time.vendor_zone`.
    pub key: String,
    /// The value, which knows where it comes from.
    pub value: Value,
}

/// The settings of one place, and what is wrong with them.
#[derive(Debug, Clone, Default)]
pub(super) struct Layer {
    pub entries: Vec<ConfigEntry>,
    pub teams: Teams,
    pub keys: Keys,
    pub wordings: Option<notices::WordingEntry>,
    pub errors: Vec<ConfigError>,
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ::config::ConfigError> {
        let pairs = self.entries.iter();
        Ok(pairs
            .map(|entry| (entry.key.clone(), entry.value.clone()))
            .collect())
    }
}

impl Layer {
    /// The defaults, which also say which settings there are.
    pub(super) fn defaults() -> Self {
        let set: Vec<&str> = DEFAULTS.lines().map(uncommented).collect();
        Self::from_toml(&set.join("\n"), DEFAULT, |_| DEFAULT.to_owned())
    }

    /// No settings, because of this.
    pub(super) fn failed(error: Option<ConfigError>) -> Self {
        Self {
            errors: error.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The settings of a configuration file.
    pub(super) fn from_file(path: &Path, text: &str, known: &[String]) -> Self {
        let name = path.display().to_string();
        let origin = |offset| format!("{name}, line {}", place(text, offset).0);
        Self::from_toml(text, &name, origin).only(known)
    }

    /// The settings of the environment. Other programs' variables are none of its business.
    pub(super) fn from_env(
        env: impl IntoIterator<Item = (String, String)>,
        known: &[String],
    ) -> Self {
        let mut layer = Self::default();
        let names: Vec<String> = known.iter().map(|key| variable(key)).collect();
        let mut variables: Vec<_> = env.into_iter().collect();
        variables.sort();
        for (name, text) in variables {
            let pairs = known.iter().zip(&names);
            // The mark that stands for what is not UTF-8.
            if text.contains('\u{fffd}') && names.contains(&name) {
                layer.errors.push(ConfigError::NotText(name));
            } else if let Some((key, _)) = pairs.clone().find(|(_, known)| **known == name) {
                let value = Value::new(Some(&name), text);
                let key = key.clone();
                layer.entries.push(ConfigEntry { key, value });
            } else if name.starts_with(PREFIX) || is_slip(&name, &names) {
                layer.errors.push(unknown_variable(&name, &names));
            }
        }
        layer
    }

    fn from_toml(text: &str, name: &str, origin: impl Fn(usize) -> String) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut layer = Self::default();
        for error in errors {
            let (line, column) = place(text, error.span().map_or(0, |span| span.start));
            layer.errors.push(ConfigError::NotToml {
                path: name.to_owned(),
                line,
                column,
            });
        }
        // What was recovered from a broken file is guesswork: its settings are not judged as well.
        if layer.errors.is_empty() {
            layer.flatten("", table.get_ref(), &origin);
        }
        layer
    }

    fn flatten(&mut self, before: &str, table: &DeTable<'_>, origin: &impl Fn(usize) -> String) {
        for (name, value) in table {
            if before.is_empty() && name.get_ref() == teams::SECTION {
                teams::read(value.get_ref(), origin(name.span().start), origin, self);
                continue;
            }
            let key = format!("{before}{}", name.get_ref());
            if key == http::SECTION {
                http::read(value.get_ref(), origin(name.span().start), origin, self);
                continue;
            }
            if key == notices::SECTION {
                notices::read(value.get_ref(), origin(name.span().start), origin, self);
                continue;
            }
            if let DeValue::Table(inner) = value.get_ref()
                && !inner.is_empty()
            {
                self.flatten(&format!("{key}."), inner, origin);
            } else {
                let origin = origin(name.span().start);
                let value = Value::new(Some(&origin), kind(value.get_ref()));
                self.entries.push(ConfigEntry { key, value });
            }
        }
    }

    /// Moves what is not a known setting to the errors.
    fn only(mut self, known: &[String]) -> Self {
        for ConfigEntry { key, value } in std::mem::take(&mut self.entries) {
            if known.contains(&key) {
                self.entries.push(ConfigEntry { key, value });
                continue;
            }
            let section = known.iter().any(|name| in_section(name, &key));
            let is_table = matches!(value.kind, ValueKind::Table(_));
            if !(section && is_table) {
                self.errors.push(unknown_key(&key, &value, known));
            }
        }
        self
    }
}

/// A default's line. One that begins with `#` and a name is a default that the file itself does not set.
fn uncommented(line: &str) -> &str {
    let set = line.strip_prefix('#');
    set.filter(|set| set.starts_with(|first: char| first.is_ascii_lowercase()))
        .unwrap_or(line)
}

/// Line and column of a byte offset, both counted from 1.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count();
    (before.matches('\n').count() + 1, column + 1)
}

pub(super) fn kind(value: &DeValue<'_>) -> ValueKind {
    match value {
        DeValue::String(text) => ValueKind::String(text.to_string()),
        DeValue::Boolean(value) => ValueKind::Boolean(*value),
        DeValue::Integer(number) => number
            .to_string()
            .parse()
            .map_or(ValueKind::Float(f64::INFINITY), ValueKind::I64),
        DeValue::Float(number) => ValueKind::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Datetime(moment) => ValueKind::String(moment.to_string()),
        DeValue::Array(_) => ValueKind::Array(Vec::new()),
        DeValue::Table(_) => ValueKind::Table(Map::new()),
    }
}

fn in_section(name: &str, section: &str) -> bool {
    name.strip_prefix(section)
        .is_some_and(|rest| rest.starts_with('.'))
}

/// The environment variable of a setting.
fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_uppercase())
}

/// Whether this is a setting's variable but for its underscores or its letter case.
fn is_slip(name: &str, known: &[String]) -> bool {
    let bare = |text: &str| text.replace('_', "").to_uppercase();
    let given = bare(name);
    known.iter().any(|known| bare(known) == given)
}

fn unknown_variable(name: &str, known: &[String]) -> ConfigError {
    ConfigError::Unknown {
        key: excerpt(name),
        origin: "environment".to_owned(),
        nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
        known: known.join(", "),
    }
}

fn unknown_key(key: &str, value: &Value, known: &[String]) -> ConfigError {
    let section = key.split('.').next().unwrap_or_default();
    let mut near: Vec<&str> = known.iter().map(String::as_str).collect();
    if near.iter().any(|name| in_section(name, section)) {
        near.retain(|name| in_section(name, section));
        near.extend((section == "notices").then_some(notices::SECTION));
    } else {
        near.push("teams.NAME.channel");
        near.push("teams.NAME.mention");
    }
    ConfigError::Unknown {
        key: excerpt(key),
        origin: value.origin().unwrap_or_default().to_owned(),
        nearest: nearest(key, known.iter().map(String::as_str)).map(str::to_owned),
        known: near.join(", "),
    }
}
