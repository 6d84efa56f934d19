//! Reads single settings, gathering what is wrong with them.

use std::collections::BTreeMap;
use std::str::FromStr;

use ::config::{Map, Source, Value, ValueKind};

use super::NOTICES_WORDING;
use super::error::ConfigError;
use super::http::Keys;
use super::layer::Layer;
use super::teams::Teams;
use crate::domain::id::excerpt;
use crate::domain::notice::Wording;

/// The origins of settings, by key.
pub(super) type Origins = BTreeMap<&'static str, String>;

/// The layers, what they come to together, and what is wrong so far.
pub(super) struct ConfigReader {
    layers: Vec<Layer>,
    merged: Map<String, Value>,
    /// Everything that is wrong so far.
    pub(super) errors: Vec<ConfigError>,
    /// Where the settings read so far come from.
    pub(super) origins: Origins,
    /// The file with the bot's token, once that was read.
    pub(super) token_file: Option<String>,
}

/// Settings whose values may hold a secret: an error does not repeat them.
const SECRETIVE: [&str; 1] = [super::HEARTBEAT_URL];

impl ConfigReader {
    /// Puts the layers over each other, the last uppermost.
    pub(super) fn new(mut layers: Vec<Layer>) -> Self {
        let errors = layers
            .iter_mut()
            .flat_map(|layer| std::mem::take(&mut layer.errors))
            .collect();
        let sources = layers.iter().cloned();
        let builder = sources.fold(::config::Config::builder(), |all, layer| {
            all.add_source(layer)
        });
        Self {
            // Layers are values already, and none of them can fail to be put over another.
            merged: builder
                .build()
                .and_then(|merged| merged.collect())
                .unwrap_or_default(),
            layers,
            errors,
            origins: Origins::new(),
            token_file: None,
        }
    }

    /// The effective value of a text setting. Bad ones are reported from every layer, also where another one covers them.
    pub(super) fn text<T>(
        &mut self,
        key: &'static str,
        allowed: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        self.value(key, allowed, |value| text_of(value).and_then(&parse))
    }

    /// The effective value of a setting that is a small whole number. The environment gives it as text.
    pub(super) fn number<N: FromStr, T>(
        &mut self,
        key: &'static str,
        allowed: &'static str,
        check: impl Fn(N) -> Result<T, String>,
    ) -> Option<T> {
        self.value(key, allowed, |value| number_of(value).and_then(&check))
    }

    /// The effective value of a setting that is on or off. The environment gives it as text.
    pub(super) fn flag(&mut self, key: &'static str) -> Option<bool> {
        self.value(key, "true or false", flag_of)
    }

    fn value<T>(
        &mut self,
        key: &'static str,
        allowed: &'static str,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> Option<T> {
        let found = self.layers.iter().flat_map(|layer| &layer.entries);
        for entry in found.filter(|entry| entry.key == key) {
            if let Err(reason) = read(&entry.value) {
                self.errors.push(ConfigError::Bad {
                    key: key.to_owned(),
                    origin: entry.value.origin().unwrap_or_default().to_owned(),
                    given: if SECRETIVE.contains(&key) {
                        "what it is set to".to_owned()
                    } else {
                        shown(&entry.value)
                    },
                    reason,
                    allowed,
                });
            }
        }
        let Some(value) = self.effective(key) else {
            self.errors.push(ConfigError::NoDefault(key));
            return None;
        };
        let (origin, value) = (value.origin().map(str::to_owned), read(value));
        self.origins.insert(key, origin.unwrap_or_default());
        value.ok()
    }

    /// The teams, all of which the file names.
    pub(super) fn teams(&mut self) -> Teams {
        let layers = self.layers.iter_mut();
        layers
            .flat_map(|layer| std::mem::take(&mut layer.teams))
            .collect()
    }

    /// The keys of `[http]`, all of which the file names.
    pub(super) fn keys(&mut self) -> Keys {
        let layers = self.layers.iter_mut();
        layers
            .flat_map(|layer| std::mem::take(&mut layer.keys))
            .collect()
    }

    /// The wordings of the last place that has any.
    pub(super) fn wordings(&mut self) -> Vec<Wording> {
        let layers = self.layers.iter_mut();
        let written = layers.filter_map(|layer| layer.wordings.take()).last();
        let Some(written) = written else {
            self.errors.push(ConfigError::NoDefault(NOTICES_WORDING));
            return Vec::new();
        };
        self.origins.insert(NOTICES_WORDING, written.at);
        written.wordings
    }

    fn effective(&self, key: &str) -> Option<&Value> {
        let (section, name) = key.split_once('.')?;
        let ValueKind::Table(settings) = &self.merged.get(section)?.kind else {
            return None;
        };
        settings.get(name)
    }
}

/// The text of a value that is one.
pub(super) fn text_of(value: &Value) -> Result<&str, String> {
    match &value.kind {
        ValueKind::String(text) if text.contains('\0') => {
            Err("it holds a NUL character".to_owned())
        }
        ValueKind::String(text) => Ok(text),
        ValueKind::Nil
        | ValueKind::Boolean(_)
        | ValueKind::I64(_)
        | ValueKind::I128(_)
        | ValueKind::U64(_)
        | ValueKind::U128(_)
        | ValueKind::Float(_)
        | ValueKind::Table(_)
        | ValueKind::Array(_) => Err(format!(
            "it is {} where a text in quotes is wanted",
            name(&value.kind)
        )),
    }
}

/// The number of a value that is a small one, or the text of one.
fn number_of<N: FromStr>(value: &Value) -> Result<N, String> {
    let digits = match &value.kind {
        ValueKind::I64(number) => number.to_string(),
        ValueKind::String(text) => text.trim().to_owned(),
        ValueKind::Nil
        | ValueKind::Boolean(_)
        | ValueKind::I128(_)
        | ValueKind::U64(_)
        | ValueKind::U128(_)
        | ValueKind::Float(_)
        | ValueKind::Table(_)
        | ValueKind::Array(_) => {
            let other = name(&value.kind);
            return Err(format!("it is {other} where a whole number is wanted"));
        }
    };
    let whole = digits.strip_prefix('-').unwrap_or(&digits);
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("it is not a whole number".to_owned());
    }
    digits.parse().map_err(|_| OUT_OF_RANGE.to_owned())
}

/// Whether a value is on or off.
pub(super) fn flag_of(value: &Value) -> Result<bool, String> {
    match &value.kind {
        ValueKind::Boolean(flag) => Ok(*flag),
        ValueKind::String(text) if text == "true" => Ok(true),
        ValueKind::String(text) if text == "false" => Ok(false),
        ValueKind::Nil
        | ValueKind::String(_)
        | ValueKind::I64(_)
        | ValueKind::I128(_)
        | ValueKind::U64(_)
        | ValueKind::U128(_)
        | ValueKind::Float(_)
        | ValueKind::Table(_)
        | ValueKind::Array(_) => Err(format!(
            "it is {} where true or false is wanted",
            name(&value.kind)
        )),
    }
}

/// What is wrong with a number that is too small or too large.
pub(super) const OUT_OF_RANGE: &str = "it is out of range";

fn name(kind: &ValueKind) -> &'static str {
    match kind {
        ValueKind::Nil => "nothing",
        ValueKind::Boolean(_) => "true or false",
        ValueKind::String(_) => "a text",
        ValueKind::I64(_)
        | ValueKind::I128(_)
        | ValueKind::U64(_)
        | ValueKind::U128(_)
        | ValueKind::Float(_) => "a number",
        ValueKind::Table(_) => "a section",
        ValueKind::Array(_) => "a list",
    }
}

/// A value as an error message shows it.
pub(super) fn shown(value: &Value) -> String {
    match &value.kind {
        ValueKind::String(text) => format!("\"{}\"", excerpt(text)),
        ValueKind::Table(_) => "a section".to_owned(),
        ValueKind::Array(_) => "a list".to_owned(),
        ValueKind::Nil
        | ValueKind::Boolean(_)
        | ValueKind::I64(_)
        | ValueKind::I128(_)
        | ValueKind::U64(_)
        | ValueKind::U128(_)
        | ValueKind::Float(_) => excerpt(&value.kind.to_string()),
    }
}
