//! Cards.

use chrono::DateTime;
use serde_json::Value;

use super::form::Form;

pub(super) fn check(form: &mut Form, embeds: &Value) {
    let embeds = form.list(embeds, "embeds", 0..=10);
    let mut together = 0;
    for (at, embed) in embeds.iter().enumerate() {
        one(form, embed, &format!("embeds.{at}"));
        together += size(embed);
    }
    if together > 6000 {
        let message = "Embed size exceeds maximum size of 6000";
        form.complain("embeds", "MAX_EMBED_SIZE_EXCEEDED", message);
    }
}

fn one(form: &mut Form, embed: &Value, path: &str) {
    form.text(embed, "title", path, 0..=256);
    form.text(embed, "description", path, 0..=4096);
    form.text(
        &embed["footer"],
        "text",
        &format!("{path}.footer"),
        0..=2048,
    );
    form.text(&embed["author"], "name", &format!("{path}.author"), 0..=256);
    form.number(embed, "color", path, 0..=0xFF_FFFF);
    let fields = form.list(&embed["fields"], &format!("{path}.fields"), 0..=25);
    for (at, field) in fields.iter().enumerate() {
        form.required(field, "name", &format!("{path}.fields.{at}"), 1..=256);
        form.required(field, "value", &format!("{path}.fields.{at}"), 1..=1024);
    }
    links(form, embed, path);
    let stamp = &embed["timestamp"];
    let is_instant = |text: &str| DateTime::parse_from_rfc3339(text).is_ok();
    if !stamp.is_null() && !stamp.as_str().is_some_and(is_instant) {
        let message = "Could not parse. Should be ISO8601.";
        form.complain(
            &format!("{path}.timestamp"),
            "DATE_TIME_TYPE_PARSE",
            message,
        );
    }
    if size(embed) == 0 && embed["image"].is_null() && embed["thumbnail"].is_null() {
        form.missing(&format!("{path}.description"));
    }
}

fn links(form: &mut Form, embed: &Value, path: &str) {
    let all = [
        ("url", &embed["url"]),
        ("image", &embed["image"]["url"]),
        ("thumbnail", &embed["thumbnail"]["url"]),
    ];
    for (key, link) in all {
        if !link.is_null() && !link.as_str().is_some_and(is_link) {
            let message = "Not a well formed URL.";
            form.complain(&format!("{path}.{key}"), "URL_TYPE_INVALID_URL", message);
        }
    }
}

pub(super) fn is_link(text: &str) -> bool {
    ["http://", "https://", "attachment://"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
}

/// The characters that count towards the 6,000 of all embeds together.
fn size(embed: &Value) -> usize {
    let count = |value: &Value| value.as_str().map_or(0, |text| text.trim().chars().count());
    let fields = embed["fields"].as_array().into_iter().flatten();
    let fields: usize = fields
        .map(|field| count(&field["name"]) + count(&field["value"]))
        .sum();
    count(&embed["title"])
        + count(&embed["description"])
        + count(&embed["footer"]["text"])
        + count(&embed["author"]["name"])
        + fields
}
