//! Collects what is wrong, each thing at its place.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::discord::fake::rejection::{Complaint, Rejection};

#[derive(Debug, Default)]
pub(super) struct Form(Vec<Complaint>);

impl Form {
    pub(super) fn complain(&mut self, path: &str, code: &'static str, message: &str) {
        self.0.push(Complaint {
            path: path.to_owned(),
            code,
            message: message.to_owned(),
        });
    }

    pub(super) fn missing(&mut self, path: &str) {
        self.complain(path, "BASE_TYPE_REQUIRED", "This field is required");
    }

    /// A text below `base` that may be left out.
    pub(super) fn text(
        &mut self,
        of: &Value,
        key: &str,
        base: &str,
        length: RangeInclusive<usize>,
    ) {
        let path = below(base, key);
        match &of[key] {
            Value::Null => {}
            Value::String(text) => self.length(text.chars().count(), &path, &length),
            _ => self.complain(
                &path,
                "STRING_TYPE_CONVERT",
                "Could not interpret as string.",
            ),
        }
    }

    /// A text below `base` that must be there.
    pub(super) fn required(
        &mut self,
        of: &Value,
        key: &str,
        base: &str,
        length: RangeInclusive<usize>,
    ) {
        match of[key].is_null() {
            true => self.missing(&below(base, key)),
            false => self.text(of, key, base, length),
        }
    }

    pub(super) fn length(&mut self, count: usize, path: &str, allowed: &RangeInclusive<usize>) {
        let (least, most) = (allowed.start(), allowed.end());
        if count < *least {
            let message = format!("Must be between {least} and {most} in length.");
            self.complain(path, "BASE_TYPE_BAD_LENGTH", &message);
        } else if count > *most {
            let message = format!("Must be {most} or fewer in length.");
            self.complain(path, "BASE_TYPE_MAX_LENGTH", &message);
        }
    }

    /// A list that may be left out, of so many things.
    pub(super) fn list(
        &mut self,
        value: &Value,
        path: &str,
        count: RangeInclusive<usize>,
    ) -> Vec<Value> {
        match value {
            Value::Null => Vec::new(),
            Value::Array(list) => {
                self.length(list.len(), path, &count);
                list.clone()
            }
            _ => {
                self.complain(
                    path,
                    "LIST_TYPE_CONVERT",
                    "Only iterables may be used in a ListType",
                );
                Vec::new()
            }
        }
    }

    /// A whole number below `base` that may be left out.
    pub(super) fn number(
        &mut self,
        of: &Value,
        key: &str,
        base: &str,
        allowed: RangeInclusive<u64>,
    ) {
        let value = &of[key];
        let fits = value.as_u64().is_some_and(|value| allowed.contains(&value));
        if !value.is_null() && !fits {
            let (least, most) = (allowed.start(), allowed.end());
            let message = format!("int value should be between {least} and {most}.");
            self.complain(&below(base, key), "NUMBER_TYPE_MAX", &message);
        }
    }

    /// At most 25 characters, or a number.
    pub(super) fn nonce(&mut self, body: &Value) {
        if !body["nonce"].is_number() {
            self.text(body, "nonce", "", 0..=25);
        }
        let enforce = &body["enforce_nonce"];
        if !enforce.is_null() && !enforce.is_boolean() {
            self.complain(
                "enforce_nonce",
                "BOOLEAN_TYPE_CONVERT",
                "Must be either true or false.",
            );
        }
    }

    pub(super) fn finish(self) -> Result<(), Rejection> {
        match self.0.as_slice() {
            [] => Ok(()),
            complaints => Err(Rejection::form(complaints)),
        }
    }
}

fn below(base: &str, key: &str) -> String {
    match base {
        "" => key.to_owned(),
        base => format!("{base}.{key}"),
    }
}
