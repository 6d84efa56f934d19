//! The text of a Discord message as the vendor wrote it: content and embeds, without Discord's Markdown.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::Value;

use crate::render;

/// The content of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::surface::discord) enum MessageContent {
    Text(String),
    /// A file, a sticker or the like, without text.
    Other,
    /// No content, as Discord shows a message whose content it withholds.
    Nothing,
}

/// The fields that Discord withholds without the message content intent.
const KEPT_BACK: [&str; 7] = [
    "content",
    "embeds",
    "attachments",
    "components",
    "sticker_items",
    "message_snapshots",
    "poll",
];

/// The fields of a component with others in it.
const INNER: [&str; 3] = ["components", "options", "items"];
/// The fields of a component with another one.
const ONE_INNER: [&str; 2] = ["component", "accessory"];

/// Reads a message from Discord's JSON.
pub(in crate::surface::discord) fn said(message: &Value) -> MessageContent {
    let mut parts = vec![plain(message.get("content"))];
    for embed in list(message, "embeds") {
        parts.push(plain(embed.pointer("/author/name")));
        parts.push(plain(embed.get("title")));
        parts.push(plain(embed.get("description")));
        let fields = list(embed, "fields").map(|field| {
            let (name, value) = (plain(field.get("name")), plain(field.get("value")));
            format!("{name}: {value}")
        });
        parts.push(fields.collect::<Vec<_>>().join("\n"));
        parts.push(plain(embed.pointer("/footer/text")));
    }
    for forwarded in list(message, "message_snapshots") {
        if let Some(MessageContent::Text(text)) = forwarded.get("message").map(said) {
            parts.push(text);
        }
    }
    for component in list(message, "components") {
        labels(component, &mut parts);
    }
    parts.retain(|part| !part.trim().is_empty());
    if !parts.is_empty() {
        return MessageContent::Text(parts.join("\n\n"));
    }
    let held = |part: &str| match message.get(part) {
        Some(Value::Array(all)) => !all.is_empty(),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Null) | None => false,
        Some(_) => true,
    };
    if KEPT_BACK.iter().any(|part| held(part)) {
        MessageContent::Other
    } else {
        MessageContent::Nothing
    }
}

/// Collects the text of buttons, menus and other components.
fn labels(component: &Value, parts: &mut Vec<String>) {
    for name in ["content", "label", "placeholder", "description"] {
        parts.push(plain(component.get(name)));
    }
    inner(component).for_each(|inner| labels(inner, parts));
}

/// The components within a component.
fn inner(component: &Value) -> impl Iterator<Item = &Value> {
    let several = INNER.into_iter().flat_map(|name| list(component, name));
    let single = ONE_INNER.into_iter().filter_map(|name| component.get(name));
    several.chain(single)
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// Removes Markdown escapes, and writes out Discord's timestamps: an unrecognised date would not be compared.
fn plain(text: Option<&Value>) -> String {
    static INSTANT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"<t:(-?[0-9]{1,15})(?::[A-Za-z])?>").ok());
    static ESCAPED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\\([_*~`|>#-])").ok());
    let text = text.and_then(Value::as_str).unwrap_or_default();
    let written = |found: &Captures<'_>| {
        let seconds = found
            .get(1)
            .and_then(|seconds| seconds.as_str().parse().ok());
        let at = seconds.and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0));
        let whole = found.get(0).map_or("", |whole| whole.as_str());
        at.map_or_else(|| whole.to_owned(), render::rfc3339)
    };
    let text = match &*INSTANT {
        Some(instant) => instant.replace_all(text, written).into_owned(),
        None => text.to_owned(),
    };
    match &*ESCAPED {
        Some(escaped) => escaped.replace_all(&text, "$1").into_owned(),
        None => text,
    }
}

/// The names of content that is not text: files, pictures, polls, stickers.
pub(super) fn unread(message: &Value) -> Vec<String> {
    let mut unread = Vec::new();
    for file in list(message, "attachments") {
        let name = file.get("filename").and_then(Value::as_str);
        unread.push(format!("{} (not read)", name.unwrap_or("a file")));
    }
    for embed in list(message, "embeds") {
        let shows = ["image", "thumbnail", "video"].iter();
        let shown = shows.filter(|part| embed.get(**part).is_some_and(Value::is_object));
        unread.extend(shown.map(|_| "a picture (not read)".to_owned()));
    }
    for _ in list(message, "sticker_items") {
        unread.push("a sticker (not read)".to_owned());
    }
    if message.get("poll").is_some_and(Value::is_object) {
        unread.push("a poll (not read)".to_owned());
    }
    for forwarded in list(message, "message_snapshots") {
        let inner = forwarded.get("message").map(self::unread);
        unread.extend(inner.unwrap_or_default());
    }
    unread
}

/// Where the links lead that the text does not show: those of embeds and buttons.
pub(super) fn links(message: &Value) -> Vec<&str> {
    let mut links = Vec::new();
    for embed in list(message, "embeds") {
        let places = ["/url", "/author/url", "/provider/url"].iter();
        let found = places.filter_map(|place| embed.pointer(place)?.as_str());
        links.extend(found);
    }
    for component in list(message, "components") {
        leads(component, &mut links);
    }
    for forwarded in list(message, "message_snapshots") {
        let inner = forwarded.get("message").map(self::links);
        links.extend(inner.unwrap_or_default());
    }
    links
}

fn leads<'a>(component: &'a Value, links: &mut Vec<&'a str>) {
    links.extend(component.get("url").and_then(Value::as_str));
    inner(component).for_each(|inner| leads(inner, links));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn where_links_lead_is_read_wherever_it_is() {
        let message = json!({
            "content": "It is released",
            "embeds": [
                { "title": "a", "url": "https://a.example", "author": { "name": "b", "url": "https://b.example" } },
                { "provider": { "url": "https://c.example" } },
            ],
            "components": [
                { "type": 1, "components": [{ "type": 2, "label": "d", "url": "https://d.example" }] },
                { "type": 9, "accessory": { "type": 2, "label": "e", "url": "https://e.example" } },
            ],
            "message_snapshots": [{ "message": { "embeds": [{ "url": "https://f.example" }] } }],
        });
        let expected = ["a", "b", "c", "d", "e", "f"].map(|name| format!("https://{name}.example"));
        assert_eq!(links(&message), expected);
    }

    #[test]
    fn content_and_cards_are_read_and_what_markdown_adds_is_not() {
        let message = json!({
            "content": "MQ\\_INST\\_1",
            "embeds": [{
                "title": "Release", "description": "It is released",
                "fields": [{ "name": "Instance", "value": "orders" }, { "name": "When", "value": "<t:1772928000:F>" }],
                "footer": { "text": "cloud" },
            }, {}],
        });
        let text = "MQ_INST_1\n\nRelease\n\nIt is released\n\nInstance: orders\nWhen: 2026-03-08T00:00:00Z\n\ncloud";
        assert_eq!(said(&message), MessageContent::Text(text.to_owned()));
    }

    #[test]
    fn a_picture_is_something_else_than_what_is_kept_back() {
        let mut message =
            json!({ "content": "", "embeds": [], "attachments": [], "components": [] });
        assert_eq!(said(&message), MessageContent::Nothing);
        message["attachments"] = json!([{ "id": "1" }]);
        assert_eq!(said(&message), MessageContent::Other);
    }
}
