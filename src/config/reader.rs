//! Reads single settings, gathering what is wrong with them.

use std::collections::BTreeMap;

use ::config::{Map, Source, Value, ValueKind};

use super::error::ConfigError;
use super::layer::Layer;
use crate::domain::id::excerpt;

/// The origins of settings, by key.
pub(super) type Origins = BTreeMap<&'static str, String>;

/// The layers, what they come to together, and what is wrong so far.
pub(super) struct Reader {
    layers: Vec<Layer>,
    merged: Map<String, Value>,
    /// Everything that is wrong so far.
    pub(super) errors: Vec<ConfigError>,
    /// Where the settings read so far come from.
    pub(super) origins: Origins,
}

impl Reader {
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
        }
    }

    /// The effective value of a text setting. Bad ones are reported from every layer, also where another one covers them.
    pub(super) fn text<T>(
        &mut self,
        key: &'static str,
        allowed: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let found = self.layers.iter().flat_map(|layer| &layer.entries);
        for entry in found.filter(|entry| entry.key == key) {
            if let Err(reason) = read(&entry.value, &parse) {
                self.errors.push(ConfigError::Bad {
                    key: key.to_owned(),
                    origin: entry.value.origin().unwrap_or_default().to_owned(),
                    given: shown(&entry.value),
                    reason,
                    allowed,
                });
            }
        }
        let Some(value) = self.effective(key) else {
            self.errors.push(ConfigError::NoDefault(key));
            return None;
        };
        let (origin, value) = (value.origin().map(str::to_owned), read(value, &parse));
        self.origins.insert(key, origin.unwrap_or_default());
        value.ok()
    }

    fn effective(&self, key: &str) -> Option<&Value> {
        let (section, name) = key.split_once('.')?;
        let ValueKind::Table(settings) = &self.merged.get(section)?.kind else {
            return None;
        };
        settings.get(name)
    }
}

fn read<T>(value: &Value, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, String> {
    let other = match &value.kind {
        ValueKind::String(text) if text.contains('\0') => {
            return Err("it holds a NUL character".to_owned());
        }
        ValueKind::String(text) => return parse(text),
        ValueKind::Nil => "nothing",
        ValueKind::Boolean(_) => "true or false",
        ValueKind::I64(_)
        | ValueKind::I128(_)
        | ValueKind::U64(_)
        | ValueKind::U128(_)
        | ValueKind::Float(_) => "a number",
        ValueKind::Table(_) => "a section",
        ValueKind::Array(_) => "a list",
    };
    Err(format!("it is {other} where a text in quotes is wanted"))
}

fn shown(value: &Value) -> String {
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
