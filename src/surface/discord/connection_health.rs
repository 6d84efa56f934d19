//! Connection health: the state of the gateway connection, and whether any guild accepts messages.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serenity::all::{ConnectionStage, ShardManager};
use tokio::time::Instant;

use super::Bot;
use super::guild_of;
use crate::clock;
use crate::delivery::{Refused, SendError, Sent};
use crate::domain::id::WorkspaceId;

/// The time after which a lost connection counts: usually it is restored within seconds.
const GRACE: Duration = Duration::from_secs(60);

/// The observed state of the connection and the guilds.
#[derive(Default)]
pub(super) struct ConnectionHealth {
    manager: Mutex<Option<Arc<ShardManager>>>,
    seen: Mutex<LinkState>,
}

#[derive(Default)]
struct LinkState {
    /// Whether the gateway has ever accepted the bot.
    was_in: bool,
    down_since: Option<Instant>,
    /// Whether the last message to each guild succeeded.
    guilds: HashMap<u64, bool>,
}

impl LinkState {
    /// Whether the connection is up, or was lost only recently.
    fn linked(&mut self, connected: bool, now: Instant) -> Result<(), String> {
        if connected {
            self.down_since = None;
            return Ok(());
        }
        if !self.was_in {
            return Err("Discord has not let the bot in yet".to_owned());
        }
        let since = *self.down_since.get_or_insert(now);
        if now.duration_since(since) > GRACE {
            return Err("the connection to Discord is lost".to_owned());
        }
        Ok(())
    }
}

impl ConnectionHealth {
    /// Sets the connection to observe.
    pub(super) fn watches(&self, manager: Arc<ShardManager>) {
        let mut held = self.manager.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some(manager);
    }

    fn seen(&self) -> MutexGuard<'_, LinkState> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that the gateway has accepted the bot.
    pub(super) fn is_in(&self) {
        let mut seen = self.seen();
        seen.was_in = true;
        seen.down_since = None;
    }

    /// Records that the connection was closed, and another process has one.
    pub(super) fn stands_by(&self) {
        *self.manager.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let mut seen = self.seen();
        seen.was_in = false;
        seen.down_since = None;
    }

    /// Records the result of a message to a guild. A rejection of the content says nothing about the guild.
    pub(super) fn note(&self, workspace: &WorkspaceId, sent: &Result<Sent, SendError>) {
        let took = match sent {
            Ok(_) => true,
            Err(SendError::Permanent(Refused::Other(_))) => return,
            Err(_) => false,
        };
        if let Some(guild) = guild_of(workspace) {
            self.seen().guilds.insert(guild, took);
        }
    }

    async fn is_connected(&self) -> bool {
        let manager = {
            let held = self.manager.lock().unwrap_or_else(PoisonError::into_inner);
            held.clone()
        };
        let Some(manager) = manager else {
            return false;
        };
        let runners = manager.runners.lock().await;
        let mut stages = runners.values().map(|runner| runner.stage);
        stages.any(|stage| stage == ConnectionStage::Connected)
    }
}

impl Bot {
    /// Whether anything can be posted; otherwise the reason.
    pub(super) async fn reachable(&self) -> Result<(), String> {
        let connected = self.connection_health.is_connected().await;
        let mut seen = self.connection_health.seen();
        seen.linked(connected, clock::tick())?;
        let mut here = self.guilds.ids();
        here.retain(|guild| self.serves(*guild));
        if here.is_empty() {
            return Err("the bot is in no server that it is to serve".to_owned());
        }
        // A guild without messages so far does not count, unless there is no other.
        let mut known = here.iter().filter_map(|guild| seen.guilds.get(guild));
        if known.clone().next().is_none() || known.any(|took| *took) {
            Ok(())
        } else {
            Err("no server takes what the bot posts".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_was_lost_just_now_is_no_alarm() {
        let start = clock::tick();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut seen = LinkState::default();
        assert!(seen.linked(false, at(0)).is_err(), "not let in yet");
        seen.was_in = true;
        assert_eq!(seen.linked(false, at(1)), Ok(()));
        assert_eq!(seen.linked(false, at(61)), Ok(()));
        assert!(seen.linked(false, at(62)).is_err());
        assert_eq!(seen.linked(true, at(63)), Ok(()));
        assert_eq!(seen.linked(false, at(64)), Ok(()), "counted again");
        assert_eq!(seen.linked(false, at(120)), Ok(()));
    }
}
