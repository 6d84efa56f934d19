//! JSON with all fields, including repeated ones; unknown structures become text.

use std::fmt;

use chrono::DateTime;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::contents::Contents;
use super::{Letter, chat, names_id};
use crate::domain::Timestamp;
use crate::domain::notice::Message;

/// The maximum depth of JSON nested in JSON strings.
const DEEPEST: usize = 8;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Object(JsonFields),
    Array(Vec<Json>),
    Text(String),
    /// A number, or a word such as `true`, as written.
    Word(String),
    Null,
}

/// The fields of an object, in order.
pub(super) type JsonFields = Vec<(String, Json)>;

impl Json {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Object(_) | Self::Array(_) | Self::Word(_) | Self::Null => None,
        }
    }

    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => field(fields, name),
            Self::Array(_) | Self::Text(_) | Self::Word(_) | Self::Null => None,
        }
    }
}

pub(super) fn field<'a>(fields: &'a JsonFields, name: &str) -> Option<&'a Json> {
    let found = fields.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value)
}

/// The notices in a JSON text, one per document.
pub(super) fn letters(text: &str) -> Option<Vec<Letter>> {
    let text = text.trim();
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let all: Vec<Json> = serde_json::Deserializer::from_str(text)
        .into_iter::<Json>()
        .collect::<Result<_, _>>()
        .ok()?;
    let all: Vec<Letter> = all.iter().flat_map(document).collect();
    Some(super::at_most(all))
}

/// The notices in a document. A list is one, unless each of its items is a body of a webhook, and so a whole message.
fn document(value: &Json) -> Vec<Letter> {
    let bodies = match value {
        Json::Array(items) => items.iter().map(chat::read).collect(),
        Json::Object(_) => chat::read(value).map(|one| vec![one]),
        Json::Text(_) | Json::Word(_) | Json::Null => None,
    };
    let bodies: Option<Vec<Contents>> = bodies.filter(|bodies: &Vec<_>| !bodies.is_empty());
    match bodies {
        Some(bodies) => bodies
            .into_iter()
            .flat_map(|one| one.letters(None))
            .collect(),
        None => vec![Letter::of(Message::plain(&flat(value)))],
    }
}

/// The object or list that the whole text consists of.
pub(super) fn parse(text: &str) -> Option<Json> {
    let text = text.trim();
    let is_open = text.starts_with(['{', '[']);
    is_open.then(|| serde_json::from_str(text).ok()).flatten()
}

/// JSON as text, `key: value`.
pub(super) fn flat(value: &Json) -> String {
    let mut lines = Vec::new();
    gather(value, "", DEEPEST, &mut lines);
    lines.join("\n\n")
}

pub(super) fn gather(value: &Json, key: &str, deeper: usize, lines: &mut Vec<String>) {
    match value {
        Json::Object(fields) => fields.iter().for_each(|(key, value)| {
            // A key may be an instance id.
            if matches!(value, Json::Object(_) | Json::Array(_)) {
                lines.push(format!("{key}:"));
            }
            gather(value, key, deeper, lines);
        }),
        Json::Array(items) => items
            .iter()
            .for_each(|item| gather(item, key, deeper, lines)),
        Json::Text(text) => match parse(text).filter(|_| deeper > 0) {
            Some(inner) => gather(&inner, key, deeper - 1, lines),
            None => lines.push(named(key, text)),
        },
        Json::Word(word) => lines.push(named(key, word)),
        Json::Null if names_id(key) => lines.push(format!("{key}:")),
        Json::Null => {}
    }
}

/// Converts a number in a time field to an instant. Eight digits are a date, which is parsed like any other.
fn named(key: &str, text: &str) -> String {
    let number = text.trim().parse::<i64>().ok();
    let at = number.filter(|number| is_time(key) && *number > 100_000_000);
    let text = at
        .and_then(epoch)
        .map_or_else(|| text.to_owned(), |at| at.to_rfc3339());
    match key {
        "" => text,
        key => format!("{key}: {text}"),
    }
}

fn is_time(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.contains("time") || key.contains("date")
}

/// An instant from milliseconds or seconds since 1970, from 2001 on.
fn epoch(number: i64) -> Option<Timestamp> {
    let ms = if number > 100_000_000_000 {
        number
    } else {
        number.checked_mul(1_000)?
    };
    DateTime::from_timestamp_millis(ms).filter(|_| ms > 1_000_000_000_000)
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Json::Object(fields))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_bool<E: de::Error>(self, given: bool) -> Result<Json, E> {
        Ok(Json::Word(given.to_string()))
    }

    fn visit_i64<E: de::Error>(self, given: i64) -> Result<Json, E> {
        Ok(Json::Word(given.to_string()))
    }

    fn visit_u64<E: de::Error>(self, given: u64) -> Result<Json, E> {
        Ok(Json::Word(given.to_string()))
    }

    fn visit_f64<E: de::Error>(self, given: f64) -> Result<Json, E> {
        Ok(Json::Word(given.to_string()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }
}
