//! Buttons and menus.

use std::collections::BTreeSet;

use serde_json::Value;

use super::embeds::is_link;
use super::form::Form;

const ROW: u64 = 1;
const BUTTON: u64 = 2;
const MENU: u64 = 3;
const LINK: u64 = 5;

pub(super) fn check(form: &mut Form, rows: &Value) {
    let rows = form.list(rows, "components", 0..=5);
    let mut seen = BTreeSet::new();
    for (at, row) in rows.iter().enumerate() {
        let path = format!("components.{at}");
        if row["type"] != ROW {
            let path = format!("{path}.type");
            form.complain(&path, "BASE_TYPE_CHOICES", "Value must be one of (1,).");
            continue;
        }
        let path = format!("{path}.components");
        let controls = form.list(&row["components"], &path, 1..=5);
        if row["components"].is_null() {
            form.missing(&path);
        }
        for (at, control) in controls.iter().enumerate() {
            let path = format!("{path}.{at}");
            self::control(form, control, &path, controls.len() == 1);
            if let Some(custom_id) = control["custom_id"].as_str()
                && !seen.insert(custom_id.to_owned())
            {
                let message = "Component custom id cannot be duplicated";
                let path = format!("{path}.custom_id");
                form.complain(&path, "COMPONENT_CUSTOM_ID_DUPLICATED", message);
            }
        }
    }
}

/// A button, or a menu, which has a row to itself.
fn control(form: &mut Form, control: &Value, path: &str, alone: bool) {
    match control["type"].as_u64() {
        Some(BUTTON) => button(form, control, path),
        Some(MENU | 5..=8) if alone => menu(form, control, path),
        Some(MENU | 5..=8) => {
            let message = "The specified component exceeds the maximum width";
            form.complain(path, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message);
        }
        _ => {
            let message = "Value must be one of (2, 3, 5, 6, 7, 8).";
            form.complain(&format!("{path}.type"), "BASE_TYPE_CHOICES", message);
        }
    }
}

fn button(form: &mut Form, button: &Value, path: &str) {
    form.text(button, "label", path, 1..=80);
    let style = button["style"].as_u64().unwrap_or_default();
    if !(1..=5).contains(&style) {
        form.complain(
            &format!("{path}.style"),
            "BASE_TYPE_CHOICES",
            "Value must be one of (1, 2, 3, 4, 5).",
        );
    }
    if button["label"].is_null() && button["emoji"].is_null() {
        form.missing(&format!("{path}.label"));
    }
    emoji(form, &button["emoji"], path);
    let (custom, link) = (&button["custom_id"], &button["url"]);
    if style == LINK {
        let fits = link
            .as_str()
            .is_some_and(|link| is_link(link) && link.len() <= 512);
        if !fits || !custom.is_null() {
            form.complain(
                &format!("{path}.url"),
                "BUTTON_COMPONENT_INVALID_URL",
                "A link button has a URL and no custom id",
            );
        }
        return;
    }
    if !link.is_null() {
        form.complain(
            &format!("{path}.url"),
            "BUTTON_COMPONENT_CUSTOM_ID_AND_URL",
            "A custom id and URL cannot both be specified",
        );
    }
    form.required(button, "custom_id", path, 1..=100);
}

/// A whole emoji, or one of a guild by its id: a name such as `check` is neither.
fn emoji(form: &mut Form, emoji: &Value, path: &str) {
    let by_id = !emoji["id"].is_null();
    let is_picture = emoji["name"].as_str().is_some_and(|name| !name.is_ascii());
    if !emoji.is_null() && !by_id && !is_picture {
        form.complain(
            &format!("{path}.emoji.name"),
            "BUTTON_COMPONENT_INVALID_EMOJI",
            "Invalid emoji",
        );
    }
}

pub(super) fn menu(form: &mut Form, menu: &Value, path: &str) {
    form.required(menu, "custom_id", path, 1..=100);
    form.text(menu, "placeholder", path, 0..=150);
    form.number(menu, "min_values", path, 0..=25);
    form.number(menu, "max_values", path, 1..=25);
    let least = menu["min_values"].as_u64().unwrap_or(1);
    let most = menu["max_values"].as_u64().unwrap_or(1);
    if least > most {
        form.complain(
            &format!("{path}.min_values"),
            "SELECT_COMPONENT_MIN_VALUES",
            "min_values must not exceed max_values",
        );
    }
    if menu["type"] == MENU {
        options(form, menu, path, most);
    }
}

fn options(form: &mut Form, menu: &Value, path: &str, most: u64) {
    let path = format!("{path}.options");
    let options = form.list(&menu["options"], &path, 1..=25);
    if menu["options"].is_null() {
        form.missing(&path);
    }
    let mut seen = BTreeSet::new();
    for (at, option) in options.iter().enumerate() {
        let path = &format!("{path}.{at}");
        form.required(option, "label", path, 1..=100);
        form.required(option, "value", path, 1..=100);
        form.text(option, "description", path, 1..=100);
        emoji(form, &option["emoji"], path);
        if !seen.insert(option["value"].to_string()) {
            let code = "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED";
            let message = "The specified option value is already used";
            form.complain(&format!("{path}.value"), code, message);
        }
    }
    let many = usize::try_from(most).unwrap_or(usize::MAX);
    if many > options.len() {
        let message = format!("Must be between {most} and 25 in length.");
        form.complain(&path, "BASE_TYPE_BAD_LENGTH", &message);
    }
    let chosen = options.iter().filter(|option| option["default"] == true);
    if chosen.count() > many {
        let message = "Too many options are chosen beforehand";
        form.complain(&path, "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", message);
    }
}
