//! Replies and posts for scripts: one JSON object a line.

use serde::Serialize;

use crate::answer::Reply;
use crate::delivery::Outgoing;
use crate::domain::id::Person;
use crate::render;

/// The longest echo of a command, in characters.
const ECHO: usize = 1_000;

#[derive(Serialize)]
struct ReplyLine<'a> {
    r#type: &'static str,
    command: String,
    r#as: &'a str,
    at: String,
    outcome: &'static str,
    rules: Vec<&'static str>,
    change: Option<u64>,
    text: &'a str,
}

/// A reply as one line of JSON, without the line break.
pub(super) fn reply(command: &str, by: &Person, reply: &Reply, text: &str) -> String {
    let line = ReplyLine {
        r#type: "reply",
        command: command.chars().take(ECHO).collect(),
        r#as: &by.name,
        at: render::rfc3339(reply.at),
        outcome: reply.outcome.as_str(),
        rules: reply.rules.iter().map(|rule| rule.as_str()).collect(),
        change: reply.change,
        text,
    };
    serde_json::to_string(&line).unwrap_or_default()
}

#[derive(Serialize)]
struct PostLine<'a> {
    r#type: &'static str,
    channel: &'a str,
    kind: &'static str,
    instances: &'a [String],
    change: Option<u64>,
    at: String,
    mentions: Vec<String>,
    text: &'a str,
}

/// A post as one line of JSON, without the line break.
pub(super) fn post(message: &Outgoing) -> String {
    let line = PostLine {
        r#type: "post",
        channel: &message.channel,
        kind: message.kind.as_str(),
        instances: &message.instances,
        change: message.change,
        at: render::rfc3339(message.at),
        mentions: message.mentions.iter().map(ToString::to_string).collect(),
        text: &message.text,
    };
    serde_json::to_string(&line).unwrap_or_default()
}
