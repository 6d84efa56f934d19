//! Discord's limits: what goes beyond one is rejected with the place it is at.

mod commands;
mod components;
mod embeds;
mod form;
mod modal;

use std::ops::RangeInclusive;

use serde_json::Value;

pub(crate) use self::commands::commands;
use self::form::Form;
pub(crate) use self::modal::modal;
use super::message::{EPHEMERAL, SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS};
use super::rejection::{Rejection, TOO_LARGE};
use super::world::File;

/// The most one file may hold in a guild that pays nothing.
const FILE: usize = 10 * 1024 * 1024;

/// Everything a message may be made of, also an edited one.
pub(crate) fn message(body: &Value, files: &[File]) -> Result<(), Rejection> {
    let mut form = Form::default();
    form.text(body, "content", "", 0..=2000);
    form.nonce(body);
    embeds::check(&mut form, &body["embeds"]);
    components::check(&mut form, &body["components"]);
    mentions(&mut form, &body["allowed_mentions"]);
    let attachments = form.list(&body["attachments"], "attachments", 0..=10);
    if files.len() + attachments.len() > 10 && files.len() > 10 {
        form.complain(
            "files",
            "BASE_TYPE_MAX_LENGTH",
            "Must be 10 or fewer in length.",
        );
    }
    for (at, one) in attachments.iter().enumerate() {
        form.text(one, "description", &format!("attachments.{at}"), 0..=1024);
    }
    form.finish()?;
    if files.iter().any(|file| file.bytes.len() > FILE) {
        return Err(TOO_LARGE.into());
    }
    Ok(())
}

/// `parse` and a list of the same kind exclude each other.
fn mentions(form: &mut Form, allowed: &Value) {
    let parse = form.list(&allowed["parse"], "allowed_mentions.parse", 0..=3);
    for (at, kind) in parse.iter().enumerate() {
        if !["users", "roles", "everyone"]
            .iter()
            .any(|known| kind == known)
        {
            let path = format!("allowed_mentions.parse.{at}");
            form.complain(
                &path,
                "BASE_TYPE_CHOICES",
                "Value must be one of ('everyone', 'users', 'roles').",
            );
        }
    }
    for kind in ["users", "roles"] {
        let path = format!("allowed_mentions.{kind}");
        let listed = form.list(&allowed[kind], &path, 0..=100);
        let twice = |(at, id): (usize, &Value)| listed[..at].contains(id);
        if listed.iter().enumerate().any(twice) {
            form.complain(
                &path,
                "SET_TYPE_ALREADY_CONTAINS_VALUE",
                "The set already contains this value.",
            );
        }
        if !listed.is_empty() && parse.iter().any(|one| one == kind) {
            let message =
                format!("parse:[\"{kind}\"] and {kind}: [ids...] are mutually exclusive.");
            form.complain(
                "allowed_mentions",
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                &message,
            );
        }
    }
}

fn only(body: &Value, allowed: u64) -> Result<(), Rejection> {
    let flags = &body["flags"];
    match flags.as_u64() {
        _ if flags.is_null() => Ok(()),
        Some(bits) if bits & !allowed == 0 => Ok(()),
        _ => Err(Rejection::at(
            "flags",
            "MESSAGE_FLAGS_INVALID",
            "Invalid message flags.",
        )),
    }
}

/// The flags of a message to a channel: only an answer can be for one reader.
pub(crate) fn posted_flags(body: &Value) -> Result<(), Rejection> {
    only(body, SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS)
}

pub(crate) fn answered_flags(body: &Value) -> Result<(), Rejection> {
    only(body, SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | EPHEMERAL)
}

/// What autocomplete suggests.
pub(crate) fn suggestions(choices: &Value) -> Result<Vec<Value>, Rejection> {
    let mut form = Form::default();
    if choices.is_null() {
        form.complain(
            "data.choices",
            "BASE_TYPE_REQUIRED",
            "This field is required",
        );
    }
    let listed = form.list(choices, "data.choices", 0..=25);
    choice_texts(&mut form, &listed, "data.choices");
    form.finish()?;
    Ok(listed)
}

const CHOICE: RangeInclusive<usize> = 1..=100;

/// The name and value of each choice, of a command or suggested.
fn choice_texts(form: &mut Form, choices: &[Value], path: &str) {
    for (at, choice) in choices.iter().enumerate() {
        form.required(choice, "name", &format!("{path}.{at}"), CHOICE);
        let value = &choice["value"];
        if value.is_string() {
            form.text(choice, "value", &format!("{path}.{at}"), 0..=100);
        } else if !value.is_number() {
            form.complain(
                &format!("{path}.{at}.value"),
                "BASE_TYPE_REQUIRED",
                "This field is required",
            );
        }
    }
}
