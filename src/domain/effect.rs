//! What a decision wants said: posts, each due at a moment.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::authority::Role;
use super::id::{InstanceId, Person};
use super::instance::words;
use super::payload::Payload;

/// What a post is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PostKind {
    /// Something is due soon.
    Reminder,
    /// A step wants to be approved.
    Approval,
    /// The vendor said something.
    Notice,
    /// A summary.
    Digest,
    /// Somebody must look.
    Alert,
    /// A permit moved.
    Permit,
    /// The bot speaks of itself.
    Status,
    /// How a change stands: one message that is kept current.
    Card,
    /// A reaction on somebody else's message.
    Reaction,
}

words!(PostKind {
    Reminder = "reminder",
    Approval = "approval",
    Notice = "notice",
    Digest = "digest",
    Alert = "alert",
    Permit = "permit",
    Status = "status",
    Card = "card",
    Reaction = "mark",
});

/// What was made of a message that the bot has read, as a reaction on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reaction {
    /// It is proved to mean nothing.
    Suppressed,
    /// People are told.
    Raised,
    /// It says what another has said.
    Duplicate,
    /// There is nothing in it to read.
    Unread,
}

words!(Reaction {
    Suppressed = "suppressed",
    Raised = "raised",
    Duplicate = "duplicate",
    Unread = "unread",
});

/// Who is called by a post.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mention {
    /// One person.
    Person {
        /// Stable within the workspace.
        id: String,
        /// For showing only.
        name: String,
    },
    /// Everybody with a role, by its word.
    Role(String),
    /// A team, by its name.
    Team(String),
}

impl From<&Person> for Mention {
    fn from(person: &Person) -> Self {
        Self::Person {
            id: person.id.to_string(),
            name: person.name.to_string(),
        }
    }
}

/// As scripts read it: `bob`, `role:approver`, `team:payments`.
impl fmt::Display for Mention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person { name, .. } => f.write_str(name),
            Self::Role(word) => write!(f, "role:{word}"),
            Self::Team(name) => write!(f, "team:{name}"),
        }
    }
}

/// Something that can be done next to a post: a command that could as well be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What it is called.
    pub label: String,
    /// The command; for [`Asks::WhatIsSeen`] the number of the change.
    pub line: String,
    /// What is asked for first.
    pub asks: Asks,
    /// How it looks.
    pub tone: Tone,
    /// In which row it stands, from 0. Within a row the order is that of the list.
    pub row: u8,
    /// Whether it can be done at this moment. What cannot keeps its place.
    pub enabled: bool,
}

/// What is asked for before a command is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Nothing.
    Nothing,
    /// Why.
    Reason,
    /// When the new subscription expires.
    Expiry,
    /// What the vendor's console shows, before an approval.
    WhatIsSeen,
    /// The name of the instance, where a permit for it is to be had.
    Name,
    /// What the vendor's console shows as the edition, at the end of a change; its line is the number of the change and the
    /// id of its instance.
    Edition,
    /// Nothing; it is one of several to choose from.
    Choice,
}

/// How an action looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As any other.
    Plain,
    /// The one that is meant.
    Strong,
    /// It says yes.
    Good,
    /// It says no, or that something is wrong.
    Bad,
}

/// Something to be said in a channel, not before it is due. What it says is made when it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// What it is about.
    pub kind: PostKind,
    /// Where.
    pub channel: String,
    /// Unique in the workspace: what has been posted under a key is not posted again.
    pub key: String,
    /// Not before this moment.
    pub due: Timestamp,
    /// The change it concerns.
    pub change: Option<u64>,
    /// The instances it concerns.
    pub instances: Vec<InstanceId>,
    /// Who is called.
    pub mentions: Vec<Mention>,
    /// What it is made from.
    pub payload: Payload,
}

impl Post {
    /// Something about nothing in particular that calls nobody.
    pub fn new(
        kind: PostKind,
        channel: &str,
        key: String,
        due: Timestamp,
        payload: Payload,
    ) -> Self {
        Self {
            kind,
            channel: channel.to_owned(),
            key,
            due,
            change: None,
            instances: Vec::new(),
            mentions: Vec::new(),
            payload,
        }
    }

    /// What the admins are to put right, said where the alarms go.
    pub fn for_admins(alerts: &str, key: String, due: Timestamp, text: String) -> Self {
        Self {
            mentions: vec![Mention::Role(Role::Admin.as_str().to_owned())],
            ..Self::new(PostKind::Alert, alerts, key, due, Payload::ready(text))
        }
    }
}
