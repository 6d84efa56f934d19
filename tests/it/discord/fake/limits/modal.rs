//! The limits of forms.

use std::collections::BTreeSet;

use serde_json::Value;

use super::form::Form;
use crate::discord::fake::rejection::Rejection;

const TEXT: u64 = 4;

pub(crate) fn modal(data: &Value) -> Result<(), Rejection> {
    let mut form = Form::default();
    form.required(data, "title", "data", 1..=45);
    form.required(data, "custom_id", "data", 1..=100);
    if data["components"].is_null() {
        form.missing("data.components");
    }
    let rows = form.list(&data["components"], "data.components", 1..=5);
    let mut seen = BTreeSet::new();
    for (at, row) in rows.iter().enumerate() {
        let path = format!("data.components.{at}.components");
        let inputs = form.list(&row["components"], &path, 1..=1);
        for input in &inputs {
            text(&mut form, input, &format!("{path}.0"));
            if !seen.insert(input["custom_id"].to_string()) {
                let message = "Component custom id cannot be duplicated";
                form.complain(
                    &format!("{path}.0"),
                    "COMPONENT_CUSTOM_ID_DUPLICATED",
                    message,
                );
            }
        }
        if row["type"] != 1 || inputs.is_empty() {
            form.missing(&path);
        }
    }
    form.finish()
}

fn text(form: &mut Form, input: &Value, path: &str) {
    if input["type"] != TEXT {
        form.complain(
            &format!("{path}.type"),
            "BASE_TYPE_CHOICES",
            "Value must be one of (4,).",
        );
        return;
    }
    form.required(input, "custom_id", path, 1..=100);
    form.required(input, "label", path, 1..=45);
    form.text(input, "placeholder", path, 0..=100);
    form.text(input, "value", path, 0..=4000);
    form.number(input, "min_length", path, 0..=4000);
    form.number(input, "max_length", path, 1..=4000);
    if ![1, 2].iter().any(|style| input["style"] == *style) {
        form.complain(
            &format!("{path}.style"),
            "BASE_TYPE_CHOICES",
            "Value must be one of (1, 2).",
        );
    }
}
