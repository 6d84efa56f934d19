//! Watched channels: messages of the configured webhooks and bots are read from Discord, starting after the last message read. An
//! event only triggers a read, so messages that arrived during an outage, twice or out of order are read once and in order.
//! Messages of people and of the bot itself are never read.

pub(super) mod text;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use serenity::all::Message;

use super::api::{ApiError, Call};
use super::dispatch::is_from_a_person;
use super::workspace_of;
use super::{Bot, Shared};
use crate::answer::{Answer, Fatal, Reply};
use crate::app::{ChannelMessage, Watched};
use crate::delivery::{Refused, SendError};
use crate::domain::Timestamp;
use crate::domain::id::{ChannelId, Person, WorkspaceId};
use crate::domain::notice;
use crate::domain::setting::Setting;
use crate::domain::watch::Blind;
use crate::inbox::{self, Letter};
use crate::render::{self, Reader};
use crate::store::{StoreError, StoreResult};
use text::{MessageContent, said};

/// The page size of messages, Discord's maximum.
const PAGE: usize = 100;
/// The first wait before a retry, which doubles, and the longest.
const AGAIN: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(60));
/// 2015-01-01, the epoch of Discord's ids.
const EPOCH_MS: i64 = 1_420_070_400_000;
/// Application flags that allow reading message content.
const READS_CONTENT: u64 = 1 << 18 | 1 << 19;

/// Guild and channel.
type WatchedChannel = (u64, u64);

/// The reads in progress.
#[derive(Default)]
pub(super) struct WatchedReads {
    /// The channels being read, each with the cause of the next read.
    busy: Mutex<HashMap<WatchedChannel, Option<Cause>>>,
}

impl WatchedReads {
    fn busy(&self) -> MutexGuard<'_, HashMap<WatchedChannel, Option<Cause>>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the caller has to read the channel; if a read is in progress, it will continue with this cause.
    fn begins(&self, place: WatchedChannel, cause: Cause) -> bool {
        let mut busy = self.busy();
        let Some(next) = busy.get_mut(&place) else {
            busy.insert(place, None);
            return true;
        };
        // Reading up to the latest message covers the others.
        if matches!(cause, Cause::Message(_)) || next.is_none() {
            *next = Some(cause);
        }
        false
    }

    /// The cause for continuing to read this channel; `None` if the read is finished.
    fn ends(&self, place: WatchedChannel) -> Option<Cause> {
        let mut busy = self.busy();
        let next = busy.get_mut(&place).and_then(Option::take);
        if next.is_none() {
            busy.remove(&place);
        }
        next
    }
}

/// The cause of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// An event about this message.
    Message(u64),
    /// The bot has connected, or the channel was set; permissions are checked too.
    Begin,
}

/// The reason why a read stopped.
enum Stop {
    /// Reading is not possible.
    Blind(Blind),
    /// Reading may work after this wait.
    Later(Duration),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %crate::trace::causes(&error), "a watched channel is read again later");
        Self::Later(Duration::ZERO)
    }
}

/// Handles a message. Only messages of configured bots and webhooks are read.
pub(super) fn dispatch(bot: &Shared, message: &Message) {
    let Some(guild) = message.guild_id.map(serenity::all::GuildId::get) else {
        return;
    };
    let author = message.author.id.get();
    if !bot.serves(guild) || is_from_a_person(message) || bot.is_own(author) {
        return;
    }
    let (bot, channel) = (Arc::clone(bot), message.channel_id.get());
    let id = message.id.get();
    tokio::spawn(async move {
        let (workspace, name) = (workspace_of(guild), ChannelId::from(channel));
        match bot.warden.watched(&workspace, &name).await {
            Ok(Some(watched)) if reads(&watched, author) => {
                bot.read_watched((guild, channel), Cause::Message(id));
            }
            Ok(_) => {}
            // The next message, or the next start, reads it.
            Err(error) => {
                tracing::error!(error = %crate::trace::causes(&error), channel, "a message was not looked at")
            }
        }
    });
}

/// Whether a channel is watched for messages of this webhook or bot.
fn reads(watched: &Watched, author: u64) -> bool {
    let author = author.to_string();
    watched.sources.iter().any(|id| id.as_str() == author)
}

/// Whether an application may read message content, by its flags.
pub(super) fn reads_content(application: &Value) -> bool {
    let flags = application.get("flags").and_then(Value::as_u64);
    flags.is_some_and(|flags| flags & READS_CONTENT != 0)
}

/// The smallest id of a moment.
fn id_of(at: Timestamp) -> u64 {
    let since = at.timestamp_millis().saturating_sub(EPOCH_MS);
    u64::try_from(since).unwrap_or_default() << 22
}

fn id(value: &Value, at: &str) -> Option<u64> {
    value.pointer(at)?.as_str()?.parse().ok()
}

impl Bot {
    fn is_own(&self, author: u64) -> bool {
        author == self.user || author == self.application
    }

    /// Reads a channel that a command has set to be watched.
    pub(super) fn watches_what_was_set(self: &Arc<Self>, guild: u64, reply: &Reply) {
        let Answer::Set {
            setting: Setting::Watch { channel, sources },
            ..
        } = &reply.answer
        else {
            return;
        };
        if sources.is_empty() {
            return;
        }
        match channel.as_str().parse() {
            Ok(channel) => self.read_watched((guild, channel), Cause::Begin),
            Err(_) => {
                let (bot, channel) = (Arc::clone(self), channel.clone());
                tokio::spawn(async move { bot.tell_blind(guild, &channel, Blind::NotHere).await });
            }
        }
    }

    /// Reads all watched channels of a guild from where they were left.
    pub(super) async fn read_all_watched(self: &Arc<Self>, guild: u64) -> StoreResult<()> {
        let settings = self.warden.settings_of(&workspace_of(guild)).await?;
        for (channel, _) in settings.own.watched() {
            if let Ok(channel) = channel.as_str().parse() {
                self.read_watched((guild, channel), Cause::Begin);
            }
        }
        Ok(())
    }

    /// Reads a watched channel in its own task, one read at a time.
    fn read_watched(self: &Arc<Self>, place: WatchedChannel, cause: Cause) {
        if !self.reading.begins(place, cause) {
            return;
        }
        let bot = Arc::clone(self);
        tokio::spawn(async move {
            let (mut wait, mut cause) = (AGAIN.0, cause);
            loop {
                match bot.read_on(place, cause).await {
                    Ok(()) => wait = AGAIN.0,
                    Err(Stop::Blind(why)) => {
                        bot.tell_blind(place.0, &place.1.into(), why).await;
                    }
                    Err(Stop::Later(least)) => {
                        tokio::time::sleep(wait.max(least)).await;
                        wait = (wait * 2).min(AGAIN.1);
                        continue;
                    }
                }
                match bot.reading.ends(place) {
                    Some(next) => cause = next,
                    None => return,
                }
            }
        });
    }

    async fn tell_blind(&self, guild: u64, channel: &ChannelId, why: Blind) {
        let workspace = workspace_of(guild);
        let told = self.warden.cannot_watch(&workspace, channel, why);
        if let Err(error) = told.await {
            tracing::error!(error = %crate::trace::causes(&error), channel = channel.as_str(), "the admins were not told that a channel cannot be read");
        }
    }

    /// Reads a channel from the message after the last one read.
    async fn read_on(&self, (guild, channel): WatchedChannel, cause: Cause) -> Result<(), Stop> {
        let (workspace, name) = (workspace_of(guild), ChannelId::from(channel));
        let Some(watched) = self.warden.watched(&workspace, &name).await? else {
            return Ok(());
        };
        // A channel of another guild is not read.
        let at_home = self.is_at_home(guild, channel).await;
        if !at_home.map_err(|error| self.stopped(&error))? {
            return Err(Stop::Blind(Blind::NotHere));
        }
        match cause {
            Cause::Message(message) => self.can_be_read(channel, message).await?,
            Cause::Begin if !self.sees_content().await? => {
                self.tell_blind(guild, &name, Blind::NoContent).await;
            }
            Cause::Begin => {}
        }
        let last = watched.last.as_ref().and_then(|last| last.parse().ok());
        let mut after = last.unwrap_or_else(|| id_of(watched.since));
        loop {
            let path = format!("/channels/{channel}/messages?limit={PAGE}&after={after}");
            let page = self.ask(path).await?;
            let mut messages: Vec<(u64, &Value)> = page
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|message| Some((id(message, "/id")?, message)))
                .collect();
            messages.sort_unstable_by_key(|(id, _)| *id);
            let Some((latest, _)) = messages.last().copied() else {
                return Ok(());
            };
            // Fetched after the page, so that a source added before a message was written is included.
            let Some(watched) = self.warden.watched(&workspace, &name).await? else {
                return Ok(());
            };
            for (id, message) in &messages {
                self.take_message(&workspace, &name, &watched, *id, message)
                    .await?;
            }
            let looked = latest.to_string();
            self.warden.looked_at(&workspace, &name, &looked).await?;
            if messages.len() < PAGE {
                return Ok(());
            }
            after = latest;
        }
    }

    /// Takes a message of a configured source.
    async fn take_message(
        &self,
        workspace: &WorkspaceId,
        channel: &ChannelId,
        watched: &Watched,
        number: u64,
        message: &Value,
    ) -> Result<(), Stop> {
        let Some(author) = id(message, "/author/id") else {
            return Ok(());
        };
        let is_person = message.pointer("/author/bot") != Some(&Value::Bool(true));
        let webhook = id(message, "/webhook_id");
        let is_own = self.is_own(author)
            || id(message, "/application_id") == Some(self.application)
            || webhook == Some(self.application);
        if is_own || is_person && webhook.is_none() || !reads(watched, author) {
            return Ok(());
        }
        // Discord may have withheld the content, which must not count as a message without text. If the content is accessible
        // now, the message is read again.
        let again;
        let message = match said(message) {
            MessageContent::Nothing if !self.sees_content().await? => {
                return Err(Stop::Blind(Blind::NoContent));
            }
            MessageContent::Nothing => {
                let path = format!("/channels/{channel}/messages/{number}");
                match self.ask(path).await {
                    Ok(found) => {
                        again = found;
                        &again
                    }
                    // It may have been deleted meanwhile.
                    Err(Stop::Blind(Blind::NotHere)) => message,
                    Err(stop) => return Err(stop),
                }
            }
            MessageContent::Text(_) | MessageContent::Other => message,
        };
        let text = match said(message) {
            MessageContent::Text(text) => text,
            MessageContent::Nothing | MessageContent::Other => String::new(),
        };
        let name = message.pointer("/author/username").and_then(Value::as_str);
        let heard = ChannelMessage {
            channel: channel.clone(),
            message: number.to_string(),
            by: Person::known_as(&author.to_string(), name.unwrap_or_default()),
            said: understood(&text, message),
        };
        match self.warden.on_channel_message(workspace, &heard).await {
            Ok(_) => Ok(()),
            Err(Fatal::Store(error)) => Err(error.into()),
            Err(refused @ Fatal::User(_)) => {
                let reply = refused.into_reply(self.warden.now());
                let reader = Reader::new(self.warden.settings().reader_zone, reply.at);
                tracing::error!(
                    error = render::reply(&reply, &reader),
                    heard.message = number,
                    "a message of a watched channel was not taken"
                );
                Err(Stop::Later(AGAIN.1))
            }
        }
    }

    /// Checks access to the history, for which Discord returns an empty list instead of an error: a message that is known to
    /// exist must be found.
    async fn can_be_read(&self, channel: u64, message: u64) -> Result<(), Stop> {
        let path = format!("/channels/{channel}/messages/{message}");
        match self.ask(path).await {
            // It may have been deleted meanwhile.
            Err(Stop::Blind(Blind::NotHere)) => Ok(()),
            found => found.map(drop),
        }
    }

    /// Whether Discord allows the bot to read message content.
    async fn sees_content(&self) -> Result<bool, Stop> {
        let application = self.ask("/oauth2/applications/@me".to_owned()).await?;
        Ok(reads_content(&application))
    }

    async fn ask(&self, path: String) -> Result<Value, Stop> {
        let asked = self.api.send(&Call::new(Method::GET, path), None).await;
        asked.map_err(|error| self.stopped(&error))
    }

    /// Converts an API error into the reason to stop.
    fn stopped(&self, error: &ApiError) -> Stop {
        match self.told_no(error) {
            SendError::Permanent(Refused::Gone | Refused::Foreign) => Stop::Blind(Blind::NotHere),
            SendError::Permanent(Refused::Forbidden) => Stop::Blind(Blind::NoAccess),
            SendError::Permanent(Refused::Other(why)) => {
                tracing::error!(why, "a watched channel is read again later");
                Stop::Later(AGAIN.1)
            }
            SendError::Later { retry_after, .. } => Stop::Later(retry_after.unwrap_or_default()),
            SendError::TooMany { retry_after, .. } => Stop::Later(retry_after),
        }
    }
}

/// The notices in a Discord message: one, or those of the messages that it holds. What is not read, and where links lead, may belong to
/// each of them.
fn understood(text: &str, message: &Value) -> Vec<notice::Message> {
    let mut beside = notice::Message {
        unread: text::unread(message),
        ..notice::Message::default()
    };
    for link in text::links(message) {
        beside.add_link(link);
    }
    let said = |letter: Letter| {
        let mut said = beside.clone();
        said.units.extend(letter.message.units);
        said.unread.extend(letter.message.unread);
        said.unread_digests.extend(letter.message.unread_digests);
        said.headers.extend(letter.message.headers);
        said
    };
    inbox::read(text.as_bytes()).into_iter().map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_the_least_id_of_its_millisecond() {
        let at = chrono::DateTime::from_timestamp_millis(EPOCH_MS + 5).unwrap();
        assert_eq!(id_of(at), 5 << 22);
        assert_eq!(id_of(Timestamp::UNIX_EPOCH), 0);
    }

    #[test]
    fn what_comes_while_a_channel_is_read_is_read_afterwards() {
        let reading = WatchedReads::default();
        let (place, told) = ((1, 2), Cause::Message(7));
        assert!(reading.begins(place, Cause::Begin) && !reading.begins(place, told));
        assert!(
            !reading.begins(place, Cause::Begin),
            "a message is not forgotten"
        );
        assert!(
            reading.begins((2, 2), told),
            "another guild is another place"
        );
        assert_eq!(
            (reading.ends(place), reading.ends(place)),
            (Some(told), None)
        );
        assert!(reading.begins(place, told));
    }
}
