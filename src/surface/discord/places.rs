//! Which guild a channel is of: Discord is asked once. Anybody may write down the id of another guild's channel, and
//! nothing of one guild is ever said in another.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use reqwest::Method;
use serde_json::Value;

use super::Bot;
use super::api::{ApiError, Call};

/// As many are remembered; then all are asked for anew.
const REMEMBERED: usize = 8_192;

/// The guilds of the channels that were spoken in, by id. A channel never moves to another guild.
#[derive(Debug, Default)]
pub(super) struct Places {
    guilds: Mutex<HashMap<u64, u64>>,
}

impl Places {
    fn get(&self, channel: u64) -> Option<u64> {
        let guilds = self.guilds.lock().unwrap_or_else(PoisonError::into_inner);
        guilds.get(&channel).copied()
    }

    fn put(&self, channel: u64, guild: u64) {
        let mut guilds = self.guilds.lock().unwrap_or_else(PoisonError::into_inner);
        if guilds.len() >= REMEMBERED {
            guilds.clear();
        }
        guilds.insert(channel, guild);
    }
}

impl Bot {
    /// Whether a channel is one of this workspace's guild, or the one in which its owner reads alone.
    ///
    /// # Errors
    /// When Discord does not say, or does not show the channel to the bot.
    pub(super) async fn is_place_of(
        &self,
        workspace: &str,
        channel: u64,
    ) -> Result<bool, ApiError> {
        let of = |guild: u64| guild.to_string() == workspace;
        if let Some(guild) = self.places.get(channel) {
            return Ok(of(guild));
        }
        let call = Call::new(Method::GET, format!("/channels/{channel}"));
        let found = self.api.send(&call, None).await?;
        let guild = found.get("guild_id").and_then(Value::as_str);
        if let Some(guild) = guild.and_then(|id| id.parse().ok()) {
            self.places.put(channel, guild);
            return Ok(of(guild));
        }
        // Only its owner is spoken to alone.
        let owner = workspace.parse().ok().and_then(|id| self.guilds.owner(id));
        let reader = found.pointer("/recipients/0/id").and_then(Value::as_str);
        Ok(owner.is_some() && reader.and_then(|id| id.parse().ok()) == owner)
    }
}
