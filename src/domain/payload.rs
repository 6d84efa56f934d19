//! What a message of the outbox is made from when it is sent: one of these, by its tag.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::announce::PostContent;
use super::effect::Reaction;
use super::id::Label;
use super::reminder::Batch;

/// How far the first digest looks back.
const WEEK: TimeDelta = TimeDelta::days(7);

/// What a message is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "made_from", rename_all = "kebab-case")]
pub enum Payload {
    /// Words that were ready when they were posted.
    Ready {
        /// The words.
        text: String,
    },
    /// What happened, told from the facts of the moment when it is sent.
    Event(PostContent),
    /// A notice of the vendor's that is raised.
    Notice { number: u64 },
    /// A notice of the vendor's was read in a watched channel, and is raised elsewhere.
    #[serde(rename = "overheard")]
    ChannelMessage { number: u64 },
    /// What was made of a message that the bot has read, as a reaction on it.
    #[serde(rename = "mark")]
    Reaction {
        /// The message, as the chat names it.
        message: String,
        #[serde(rename = "sign")]
        reaction: Reaction,
    },
    /// Reminders that are due together in one channel.
    Reminders(Batch),
    /// The digest of a week.
    Digest(Digest),
    /// How a change stands.
    Card,
    /// Nothing that this version can read.
    #[serde(other)]
    Unreadable,
}

impl Payload {
    /// Words that are ready.
    pub const fn ready(text: String) -> Self {
        Self::Ready { text }
    }

    /// What was kept.
    pub fn read(kept: &str) -> Self {
        serde_json::from_str(kept).unwrap_or(Self::Unreadable)
    }
}

impl From<PostContent> for Payload {
    fn from(message: PostContent) -> Self {
        Self::Event(message)
    }
}

/// Which digest: of when, of whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// The moment it was due.
    pub due: Timestamp,
    /// When the one before was posted.
    pub last: Option<Timestamp>,
    /// The teams whose channel it goes to; none: it goes to the default channel, and has everything.
    pub teams: BTreeSet<String>,
    /// The teams that hear of it in channels of their own, and are not called here.
    pub called: BTreeSet<String>,
}

impl Digest {
    /// Since when it tells.
    pub fn since(&self) -> Timestamp {
        self.last.unwrap_or(self.due - WEEK)
    }

    /// Whether it is about the instances of a team, or of none.
    pub fn is_about(&self, team: Option<&Label>) -> bool {
        self.teams.is_empty() || team.is_some_and(|team| self.teams.contains(team.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::Step;

    #[test]
    fn each_is_read_as_what_it_was_and_everything_else_is_unreadable() {
        let at = chrono::DateTime::from_timestamp_millis(1_700_000_000_000).unwrap();
        let all = [
            (Payload::ready("Hello.".to_owned()), "ready"),
            (
                PostContent::RequestLapsed {
                    step: Step::Upgrade,
                }
                .into(),
                "event",
            ),
            (Payload::Notice { number: 7 }, "notice"),
            (Payload::ChannelMessage { number: 7 }, "overheard"),
            (
                Payload::Reaction {
                    message: "m1".to_owned(),
                    reaction: Reaction::Raised,
                },
                "mark",
            ),
            (
                Payload::Reminders(Batch {
                    remind: Vec::new(),
                    checklist: true,
                }),
                "reminders",
            ),
            (
                Payload::Digest(Digest {
                    due: at,
                    last: None,
                    teams: BTreeSet::from(["payments".to_owned()]),
                    called: BTreeSet::new(),
                }),
                "digest",
            ),
            (Payload::Card, "card"),
        ];
        for (payload, tag) in all {
            let kept = serde_json::to_string(&payload).unwrap();
            assert!(kept.contains(&format!("\"made_from\":\"{tag}\"")), "{kept}");
            assert_eq!(Payload::read(&kept), payload);
        }
        // Nothing is guessed: what has another tag, or none, is not what its fields look like.
        for odd in [
            "",
            "{}",
            "[]",
            r#"{"text":"Hello."}"#,
            r#"{"made_from":"letter","text":"Hello."}"#,
            r#"{"made_from":"notice","text":"Hello."}"#,
            r#"{"made_from":"event","say":"unheard-of"}"#,
        ] {
            assert_eq!(Payload::read(odd), Payload::Unreadable, "{odd}");
        }
    }
}
