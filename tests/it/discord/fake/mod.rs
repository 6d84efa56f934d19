//! A Discord of one's own: REST and gateway over real sockets on 127.0.0.1, with people in it.
//!
//! It sends whole objects, as Discord does, and rejects what Discord rejects, so that what works here works there.

pub(crate) mod clock;
pub(crate) mod faults;
pub(crate) mod gateway;
pub(crate) mod interaction;
pub(crate) mod limits;
pub(crate) mod message;
pub(crate) mod model;
pub(crate) mod people;
pub(crate) mod permission;
pub(crate) mod pings;
pub(crate) mod record;
pub(crate) mod rejection;
pub(crate) mod rest;
mod server;
pub(crate) mod steer;
pub(crate) mod world;

use std::time::Duration;

use chrono::{DateTime, Utc};
use edition_warden::clock::Clock;
use tokio::task::JoinHandle;

use self::clock::Id;
use self::record::{Ping, Recorded};
use self::world::{Shared, World};

/// How the fake behaves where Discord's own numbers vary or are too slow for a test.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// Contains a word that is found wherever the token leaks to.
    pub(crate) token: String,
    pub(crate) start: DateTime<Utc>,
    /// How long a test waits for the bot, in real time.
    pub(crate) patience: Duration,
    pub(crate) heartbeat_interval: Duration,
    /// Whether frames are compressed for a client that asks for it.
    pub(crate) zlib: bool,
    /// The privileged intents that are switched on in the developer portal.
    pub(crate) privileged: u64,
    /// How long an enforced nonce is remembered.
    pub(crate) nonce_window: Duration,
    /// How long the bot has for its first answer.
    pub(crate) answer_within: Duration,
    pub(crate) token_life: Duration,
    /// How many messages may go to one channel within how long, before there is a 429.
    pub(crate) messages_a_channel: (u32, Duration),
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token: "MTU3NDEzOTYzNjg0MDY2MDk5Mg.canary.not-a-real-token".to_owned(),
            start: Clock::System.now(),
            patience: Duration::from_secs(10),
            heartbeat_interval: Duration::from_millis(41_250),
            zlib: true,
            privileged: 0,
            nonce_window: Duration::from_secs(180),
            answer_within: Duration::from_secs(3),
            token_life: Duration::from_secs(15 * 60),
            messages_a_channel: (1_000_000, Duration::from_secs(5)),
        }
    }
}

/// The running fake. It is gone when dropped.
#[derive(Debug)]
pub(crate) struct FakeDiscord {
    shared: Shared,
    server: JoinHandle<()>,
}

impl Drop for FakeDiscord {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl FakeDiscord {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        server::start(options).await
    }

    /// What `--api-base` gets: `http://127.0.0.1:PORT`.
    pub(crate) fn api_url(&self) -> String {
        self.shared.look(|world| world.base.clone())
    }

    /// What `GET /gateway` answers: `ws://127.0.0.1:PORT/gateway`.
    pub(crate) fn gateway_url(&self) -> String {
        self.shared.look(World::gateway_url)
    }

    pub(crate) fn token(&self) -> String {
        self.shared.look(|world| world.options.token.clone())
    }

    /// What a person types to name the bot: `<@id>`.
    pub(crate) fn mention(&self) -> String {
        self.shared.look(|world| format!("<@{}>", world.bot.id))
    }

    /// Waits until the bot is connected and was told READY.
    pub(crate) async fn ready(&self) {
        self.until("the bot to connect", |world| {
            world.gateway.live().next().map(|_| ())
        })
        .await;
    }

    /// Waits until the world holds what is looked for; panics with the transcript otherwise.
    pub(crate) async fn until<T>(&self, what: &str, find: impl FnMut(&World) -> Option<T>) -> T {
        self.shared.until(what, find).await
    }

    /// Waits until the bot is let in again after this.
    pub(crate) async fn reconnects(&self, break_it: impl FnOnce()) {
        let tries = |world: &World| world.gateway.identifies.len() + world.gateway.resumes.len();
        let before = self.look(tries);
        break_it();
        self.until("the bot to come back", |world| {
            (tries(world) > before).then_some(())
        })
        .await;
    }

    /// How many messages of a channel, for everybody, hold these words.
    pub(crate) fn said(&self, channel: Id, words: &str) -> usize {
        self.look(|world| {
            let all = world.messages.values();
            let here = all.filter(|one| one.channel == channel && one.reader.is_none());
            here.filter(|one| world.text(one).contains(words)).count()
        })
    }

    pub(crate) fn look<R>(&self, look: impl FnOnce(&World) -> R) -> R {
        self.shared.look(look)
    }

    /// Lets time pass on the fake: interactions grow late, tokens and nonces old.
    pub(crate) fn passes(&self, by: Duration) {
        self.shared.touch(|world| {
            world.say(format!("--- {by:?} pass ---"));
            world.time.pass(by);
        });
    }

    /// Who pressed a button or sent a form, each time.
    pub(crate) fn presses(&self) -> Vec<String> {
        self.look(|world| {
            let all = world.interactions.values();
            let presses = all.filter(|one| {
                matches!(
                    one.kind,
                    interaction::Kind::Component | interaction::Kind::Modal
                )
            });
            presses.map(|one| world.name_of(one.user)).collect()
        })
    }

    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.look(|world| world.requests.clone())
    }

    pub(crate) fn pings(&self) -> Vec<Ping> {
        self.look(|world| world.pings.clone())
    }

    /// What no bot should ever do: the token where it does not belong, no user agent, more than it may.
    pub(crate) fn violations(&self) -> Vec<String> {
        self.look(|world| world.violations.clone())
    }

    pub(crate) fn transcript(&self) -> String {
        self.look(World::transcript)
    }
}
