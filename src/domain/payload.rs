//! The content of an outbox message, tagged by kind; its text is composed when it is sent.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::announce::PostContent;
use super::effect::Reaction;
use super::id::TeamName;
use super::reminder::Batch;

/// The period of the first digest.
const WEEK: TimeDelta = TimeDelta::days(7);

/// The content of an outbox message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "made_from", rename_all = "kebab-case")]
pub enum Payload {
    /// A text composed when it was posted.
    Ready {
        text: String,
    },
    /// An event, described with the facts at the time of sending.
    Event(PostContent),
    /// A raised vendor notice.
    Notice {
        number: u64,
    },
    /// Raised vendor notices that are told again in one channel at one moment.
    Notices {
        numbers: Vec<u64>,
    },
    /// A raised vendor notice that was read in a watched channel, for another channel.
    #[serde(rename = "overheard")]
    ChannelMessage {
        number: u64,
    },
    /// A reaction on a message that the bot has read.
    #[serde(rename = "mark")]
    Reaction {
        /// The chat's id of the message.
        message: String,
        #[serde(rename = "sign")]
        reaction: Reaction,
    },
    /// Reminders that are due together in one channel.
    Reminders(Batch),
    Digest(Digest),
    /// The card of a change.
    Card,
    /// Nothing was delivered from this moment until now.
    Away {
        from: Timestamp,
    },
    /// A payload that this version cannot read.
    #[serde(other)]
    Unreadable,
}

impl Payload {
    pub const fn ready(text: String) -> Self {
        Self::Ready { text }
    }

    /// The numbers of the raised notices that it tells of, as those that may be told together.
    pub fn notices(&self) -> Option<Vec<u64>> {
        if let Self::Notice { number } = self {
            Some(vec![*number])
        } else if let Self::Notices { numbers } = self {
            Some(numbers.clone())
        } else {
            None
        }
    }

    /// Parses a stored payload.
    pub fn read(kept: &str) -> Self {
        serde_json::from_str(kept).unwrap_or(Self::Unreadable)
    }
}

impl From<PostContent> for Payload {
    fn from(message: PostContent) -> Self {
        Self::Event(message)
    }
}

/// The time and audience of a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    pub due: Timestamp,
    /// The time of the previous digest.
    pub last: Option<Timestamp>,
    /// The teams whose channel it goes to; empty for the default channel, with everything.
    pub teams: BTreeSet<String>,
    /// The teams with channels of their own, which are not mentioned here.
    pub called: BTreeSet<String>,
}

impl Digest {
    /// The start of its period.
    pub fn since(&self) -> Timestamp {
        self.last.unwrap_or(self.due - WEEK)
    }

    /// Whether it covers the instances of a team, or without one.
    pub fn is_about(&self, team: Option<&TeamName>) -> bool {
        self.teams.is_empty() || team.is_some_and(|team| self.teams.contains(team.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Step;

    #[test]
    fn each_is_read_as_what_it_was_and_everything_else_is_unreadable() {
        let at = chrono::DateTime::from_timestamp_millis(1_700_000_000_000).unwrap();
        let all = [
            (Payload::ready("Hello.".to_owned()), "ready"),
            (
                PostContent::RequestLapsed {
                    step: Step::Upgrade,
                    unused: Vec::new(),
                }
                .into(),
                "event",
            ),
            (Payload::Notice { number: 7 }, "notice"),
            (
                Payload::Notices {
                    numbers: vec![7, 8],
                },
                "notices",
            ),
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
            (Payload::Away { from: at }, "away"),
        ];
        for (payload, tag) in all {
            let kept = serde_json::to_string(&payload).unwrap();
            assert!(kept.contains(&format!("\"made_from\":\"{tag}\"")), "{kept}");
            assert_eq!(Payload::read(&kept), payload);
        }
        // A missing or unknown tag is never guessed from the fields.
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
