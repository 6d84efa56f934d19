//! Replies and posts for scripts: one JSON object per line.

use schemars::JsonSchema;
use serde::Serialize;

use super::data::Data;
use crate::answer::Reply;
use crate::delivery::Outgoing;
use crate::domain::id::Person;
use crate::render;

/// The longest echo of a command, in characters.
const ECHO: usize = 1_000;

/// The answer to a command.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Reply")]
struct ReplyLine<'a> {
    /// `reply`.
    r#type: &'static str,
    /// The line that was typed, up to 1,000 characters.
    command: String,
    /// Who said it.
    r#as: &'a str,
    /// When it was decided, in RFC 3339.
    at: String,
    /// The outcome: `allowed`, `needs_approval`, `blocked`, `inconclusive`, `already_done`, `done`, `suppressed`, `raised`,
    /// `duplicate`, `info`, `denied` or `invalid`.
    outcome: &'static str,
    /// The documented rules that determined it.
    rules: Vec<&'static str>,
    /// The change it concerns.
    change: Option<u64>,
    /// The subject, as data.
    data: Data,
    /// The same for people.
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
        data: Data::of(reply),
        text,
    };
    render::json_line(&line)
}

/// A message that the bot posts unasked, behind the reply that caused it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Post")]
struct PostLine<'a> {
    /// `post`.
    r#type: &'static str,
    /// Where it is said.
    channel: &'a str,
    /// `reminder`, `approval`, `notice`, `digest`, `alert`, `permit` or `status`.
    kind: &'static str,
    /// The names of the instances it is about.
    instances: &'a [String],
    /// The change it concerns.
    change: Option<u64>,
    /// When it was due, in RFC 3339.
    at: String,
    /// Who is called: a person, `role:NAME` of the roles here, or `team:ROLE`, the role of the chat that is mentioned for a team.
    mentions: Vec<String>,
    /// The text of the message.
    text: &'a str,
}

/// A line on standard output with `--format json`.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the schema is made of it, and nothing else")]
enum Line<'a> {
    Reply(Box<ReplyLine<'a>>),
    Post(PostLine<'a>),
}

/// The JSON Schema of a line.
pub fn schema() -> String {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let schema = settings
        .into_generator()
        .into_root_schema_for::<Line<'static>>();
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

/// A post as one line of JSON, without the line break.
pub(super) fn post(message: &Outgoing) -> String {
    let line = PostLine {
        r#type: "post",
        channel: message.channel.as_str(),
        kind: message.kind.as_str(),
        instances: &message.instances,
        change: message.change,
        at: render::rfc3339(message.at),
        mentions: message.mentions.iter().map(ToString::to_string).collect(),
        text: &message.text,
    };
    render::json_line(&line)
}
