//! The guild of a channel: the bot neither posts nor reads in another guild, whatever ids the settings contain.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use super::Bot;
use super::api::{ApiResult, Call};

/// The timeout of a channel look-up, which a person waits for.
pub(super) const WITHIN: Duration = Duration::from_secs(3);

/// Channels known to belong to their guild, one entry for each channel that the bot uses.
#[derive(Debug, Default)]
pub(super) struct ChannelCache {
    known: Mutex<HashSet<(u64, u64)>>,
}

impl ChannelCache {
    /// Records that a channel belongs to a guild.
    pub(super) fn take_channel(&self, guild: u64, channel: u64) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert((guild, channel));
    }

    /// Whether a channel is known to belong to a guild.
    pub(super) fn knows(&self, guild: u64, channel: u64) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.contains(&(guild, channel))
    }
}

impl Bot {
    /// Whether a channel belongs to a guild. Discord is asked once per channel.
    pub(super) async fn is_at_home(&self, guild: u64, channel: u64) -> ApiResult<bool> {
        if self.channel_cache.knows(guild, channel) {
            return Ok(true);
        }
        Ok(self.channel_in(guild, channel).await?.is_some())
    }

    /// A channel from Discord; `None` if it belongs to no guild or to another one.
    pub(super) async fn channel_in(&self, guild: u64, channel: u64) -> ApiResult<Option<Value>> {
        let call = Call::new(Method::GET, format!("/channels/{channel}"));
        let found = self.api.send(&call.within(WITHIN), None).await?;
        let of = found.get("guild_id").and_then(Value::as_str);
        let at_home = of == Some(guild.to_string().as_str());
        if at_home {
            self.channel_cache.take_channel(guild, channel);
        }
        Ok(at_home.then_some(found))
    }
}
