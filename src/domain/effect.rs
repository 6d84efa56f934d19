//! Posts: messages that a decision wants sent, each with a due time.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::authority::Role;
use super::id::{ChannelId, InstanceId, Person, PersonId};
use super::payload::Payload;
use super::words::words;

words! {
    /// The subject of a post.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum PostKind {
        /// A due date ahead.
        Reminder = "reminder",
        /// A request for approvals.
        Approval = "approval",
        /// A vendor notice.
        Notice = "notice",
        Digest = "digest",
        /// A warning that needs a person.
        Alert = "alert",
        /// A change of a permit's state.
        Permit = "permit",
        /// The state of the bot itself.
        Status = "status",
        /// The state of a change: one message that is kept up to date.
        Card = "card",
        /// A reaction on another message.
        Reaction = "mark",
    }
}

words! {
    /// The result of a message that the bot has read, as a reaction on it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Reaction {
        /// Proved to be harmless.
        Suppressed = "suppressed",
        /// Announced.
        Raised = "raised",
        /// A duplicate of an earlier one.
        Duplicate = "duplicate",
        /// Without readable text.
        Unread = "unread",
    }
}

/// A mention in a post.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mention {
    Person {
        id: PersonId,
        /// For display only.
        name: String,
    },
    /// Everyone with a role, by its word.
    Role(String),
    /// A team, by its name.
    Team(String),
}

impl Mention {
    /// Everyone with a role.
    pub fn of_role(role: Role) -> Self {
        Self::Role(role.as_str().to_owned())
    }
}

impl From<&Person> for Mention {
    fn from(person: &Person) -> Self {
        Self::Person {
            id: person.id.clone(),
            name: person.name.to_string(),
        }
    }
}

/// The form for scripts: `bob`, `role:approver`, `team:payments`.
impl fmt::Display for Mention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person { name, .. } => f.write_str(name),
            Self::Role(word) => write!(f, "role:{word}"),
            Self::Team(name) => write!(f, "team:{name}"),
        }
    }
}

/// A button or choice of a post, for a command that could also be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    pub label: String,
    /// The command.
    pub line: String,
    /// The input it asks for first.
    pub asks: Asks,
    pub tone: Tone,
    /// The row, from 0. Order within a row is that of the list.
    pub row: u8,
    /// Whether it is available now. Disabled ones keep their place.
    pub enabled: bool,
}

/// The input that a command needs first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    Nothing,
    Reason,
    /// The expiry of the new subscription.
    Expiry,
    /// The action in the vendor's console, before an approval, or before Downgrade is attested.
    WhatIsSeen,
    /// The name of the instance, before its permit.
    Name,
    /// The edition in the vendor's console, at the end of a change; the line is the change's number, or `-` without one, and the instance's id.
    Edition,
    /// None; one of several choices.
    Choice,
}

/// The style of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    /// The primary one.
    Strong,
    /// Approval.
    Good,
    /// Rejection, or a warning.
    Bad,
}

/// A message for a channel, with a due time. Its text is composed when it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    pub kind: PostKind,
    pub channel: ChannelId,
    /// Unique in the workspace: a key is never posted twice.
    pub key: String,
    /// The earliest time to send it.
    pub due: Timestamp,
    pub change: Option<u64>,
    pub instances: Vec<InstanceId>,
    pub mentions: Vec<Mention>,
    /// The input of its text.
    pub payload: Payload,
}

impl Post {
    /// A post without subject or mentions.
    pub fn new(
        kind: PostKind,
        channel: &ChannelId,
        key: String,
        due: Timestamp,
        payload: Payload,
    ) -> Self {
        Self {
            kind,
            channel: channel.clone(),
            key,
            due,
            change: None,
            instances: Vec::new(),
            mentions: Vec::new(),
            payload,
        }
    }

    /// A post in the alerts channel for the admins.
    pub fn for_admins(alerts: &ChannelId, key: String, due: Timestamp, text: String) -> Self {
        Self {
            mentions: vec![Mention::of_role(Role::Admin)],
            ..Self::new(PostKind::Alert, alerts, key, due, Payload::ready(text))
        }
    }
}
