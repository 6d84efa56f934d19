//! The outbox's way into Discord's channels.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Bot;
use super::api::{ApiError, Call};
use super::card::Card;
use super::respond::{FILE, send};
use crate::delivery::{Chat, Outgoing, Refused, SendError, Sent};
use crate::domain::effect::Mention;

/// How many of a channel's latest messages are looked through for one that may have been sent already.
const LOOKED_THROUGH: u8 = 100;
/// When a channel that is not set yet is tried again.
const UNSET: Duration = Duration::from_secs(300);

/// Channels of Discord, as delivery sees them.
#[derive(Clone)]
pub struct DiscordChat {
    bot: Arc<Bot>,
}

impl DiscordChat {
    /// The channels of the guilds that this bot is in.
    pub(super) const fn new(bot: Arc<Bot>) -> Self {
        Self { bot }
    }

    /// The channel that a post goes to; one that is called by no id stands for the guild's default one.
    fn channel(&self, channel: &str) -> Result<u64, SendError> {
        let default = self.bot.warden.settings().channels.default.as_str();
        let found = [channel, default]
            .iter()
            .find_map(|name| name.parse::<u64>().ok());
        found.ok_or_else(|| SendError::Later {
            retry_after: Some(UNSET),
            reason: format!("no channel is set for what goes to {channel}"),
        })
    }
}

/// What a message is known by: Discord's nonce, and the mark in its footer for when Discord has forgotten that.
fn mark(workspace: &str, nonce: &str) -> String {
    let hash = Sha256::digest(format!("{workspace}|{nonce}"));
    let mut mark = hex::encode(hash);
    mark.truncate(20);
    mark
}

impl Chat for DiscordChat {
    async fn send(&self, message: &Outgoing) -> Result<Sent, SendError> {
        let channel = self.channel(&message.channel)?;
        let mark = mark(&message.workspace, &message.nonce);
        let card = Card::post(message.kind, &message.text, &mark);
        let (content, allowed) = called(&message.mentions);
        let mut body = json!({
            "content": content, "embeds": [card.embed], "nonce": mark, "enforce_nonce": true,
            "allowed_mentions": allowed,
        });
        if card.whole.is_some()
            && let Some(fields) = body.as_object_mut()
        {
            fields.insert(
                "attachments".to_owned(),
                json!([{ "id": 0, "filename": FILE }]),
            );
        }
        let call = Call::new(Method::POST, format!("/channels/{channel}/messages"));
        let sent = send(&self.bot.api, &call, body, &card).await;
        let sent = sent.map_err(|error| self.bot.told_no(&error))?;
        message_id(&sent)
            .map(|message| Sent { message })
            .ok_or_else(|| SendError::Later {
                retry_after: None,
                reason: "Discord's answer names no message".to_owned(),
            })
    }

    async fn find(
        &self,
        workspace: &str,
        channel: &str,
        nonce: &str,
    ) -> Result<Option<Sent>, SendError> {
        let channel = self.channel(channel)?;
        let path = format!("/channels/{channel}/messages?limit={LOOKED_THROUGH}");
        let found = self.bot.api.send(&Call::new(Method::GET, path), None).await;
        let found = found.map_err(|error| self.bot.told_no(&error))?;
        let mark = mark(workspace, nonce);
        let me = self.bot.user.to_string();
        let ours = |message: &&Value| {
            let author = message.pointer("/author/id").and_then(Value::as_str);
            let footer = message
                .pointer("/embeds/0/footer/text")
                .and_then(Value::as_str);
            author == Some(me.as_str()) && footer.is_some_and(|text| text.ends_with(&mark))
        };
        let held = found
            .as_array()
            .and_then(|messages| messages.iter().find(ours));
        Ok(held.and_then(message_id).map(|message| Sent { message }))
    }
}

fn message_id(message: &Value) -> Option<String> {
    message
        .get("id")
        .and_then(Value::as_str)
        .map(ToOwned::to_owned)
}

/// Who is pinged: their mentions, and that these and nobody else are allowed.
fn called(mentions: &[Mention]) -> (String, Value) {
    let mut users = Vec::new();
    let mut shown = Vec::new();
    for mention in mentions {
        match mention {
            Mention::Person { id, .. } if id.parse::<u64>().is_ok() => {
                shown.push(format!("<@{id}>"));
                users.push(id.clone());
            }
            other => shown.push(super::markdown::escaped(&format!("@{other}"))),
        }
    }
    let allowed = json!({ "parse": [], "users": users, "roles": [] });
    (shown.join(" "), allowed)
}

impl Bot {
    /// What a failure means for a message that waits to be sent.
    pub(super) fn told_no(&self, error: &ApiError) -> SendError {
        match (error, error.status(), error.code()) {
            (ApiError::Limited(limited), ..) => SendError::Later {
                retry_after: Some(limited.wait),
                reason: error.to_string(),
            },
            (_, Some(404), _) | (_, _, Some(10_003)) => SendError::Permanent(Refused::Gone),
            (_, Some(401), _) => {
                self.locked_out();
                SendError::Later {
                    retry_after: Some(UNSET),
                    reason: "Discord does not take the token any more".to_owned(),
                }
            }
            (_, Some(403), _) => SendError::Permanent(Refused::Forbidden),
            (ApiError::Refused { message, .. }, ..) => {
                SendError::Permanent(Refused::Other(message.clone()))
            }
            (ApiError::Failing(_) | ApiError::Silent(_), ..) => SendError::Later {
                retry_after: None,
                reason: error.to_string(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_fits_a_nonce_and_tells_workspaces_apart() {
        assert_eq!(mark("1", "a").len(), 20);
        assert_ne!(mark("1", "a"), mark("2", "a"));
    }

    #[test]
    fn only_who_is_meant_may_be_pinged() {
        let person = Mention::Person {
            id: "7".into(),
            name: "@everyone".into(),
        };
        let (content, allowed) = called(&[person, Mention::Role("approver".into())]);
        assert_eq!(content, "<@7> \\@role:approver");
        assert_eq!(allowed, json!({"parse": [], "users": ["7"], "roles": []}));
    }
}
