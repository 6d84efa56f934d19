//! Whether the bot can post at all: whether Discord's gateway holds it, and whether any server takes what it says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serenity::all::{ConnectionStage, ShardManager};
use tokio::time::Instant;

use super::Bot;
use crate::clock;
use crate::delivery::{Refused, SendError, Sent};

/// How long a connection may be lost before that counts: it comes back within seconds, as a rule.
const GRACE: Duration = Duration::from_secs(60);

/// What was seen of the connection and of the servers.
#[derive(Default)]
pub(super) struct ConnectionHealth {
    manager: Mutex<Option<Arc<ShardManager>>>,
    seen: Mutex<LinkState>,
}

#[derive(Default)]
struct LinkState {
    /// Whether Discord has ever let the bot in.
    was_in: bool,
    down_since: Option<Instant>,
    /// Whether the last message to a server got through, by guild.
    guilds: HashMap<u64, bool>,
}

impl LinkState {
    /// Whether the connection holds, or was lost only just now.
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
    /// Which connection counts from now on.
    pub(super) fn watches(&self, manager: Arc<ShardManager>) {
        let mut held = self.manager.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some(manager);
    }

    fn seen(&self) -> MutexGuard<'_, LinkState> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Discord has let the bot in.
    pub(super) fn is_in(&self) {
        let mut seen = self.seen();
        seen.was_in = true;
        seen.down_since = None;
    }

    /// Notes what became of a message to a server. What Discord would never take says nothing about the server.
    pub(super) fn note(&self, workspace: &str, sent: &Result<Sent, SendError>) {
        let took = match sent {
            Ok(_) => true,
            Err(SendError::Permanent(Refused::Other(_))) => return,
            Err(_) => false,
        };
        if let Ok(guild) = workspace.parse() {
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
    /// Whether anything can be posted at all; why not, in words.
    pub(super) async fn reachable(&self) -> Result<(), String> {
        let connected = self.connection_health.is_connected().await;
        let mut seen = self.connection_health.seen();
        seen.linked(connected, clock::tick())?;
        let mut here = self.guilds.ids();
        here.retain(|guild| self.serves(*guild));
        if here.is_empty() {
            return Err("the bot is in no server that it is to serve".to_owned());
        }
        // One that was never spoken in says nothing, unless it is the same for all.
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
