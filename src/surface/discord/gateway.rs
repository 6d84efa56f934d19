//! The connection to Discord's gateway, through serenity; events come out of it in one stream.

use std::sync::Arc;
use std::time::Duration;

use serenity::Client;
use serenity::all::{Context, Event, GatewayIntents, RawEventHandler, ShardManager};
use serenity::async_trait;
use serenity::http::HttpBuilder;
use tokio::sync::mpsc;
use url::Url;

use super::api;
use crate::config::Token;

/// Events that wait to be looked at. More than that, and Discord's connection has to wait.
const WAITING: usize = 8_192;

/// What the bot listens to. What messages say is privileged, and asked for only where a channel is watched; else it comes
/// only where the bot is mentioned.
pub(super) fn intents(with_content: bool) -> GatewayIntents {
    let plain = GatewayIntents::GUILDS | GatewayIntents::GUILD_MESSAGES;
    if with_content {
        plain | GatewayIntents::MESSAGE_CONTENT
    } else {
        plain
    }
}

/// An open connection.
pub(super) struct Gateway {
    client: Client,
    events: mpsc::Receiver<Event>,
    with_content: bool,
}

/// Puts every event into one stream.
struct Pump {
    events: mpsc::Sender<Event>,
}

#[async_trait]
impl RawEventHandler for Pump {
    async fn raw_event(&self, _: Context, event: Event) {
        // The receiver is gone only when the program ends.
        let _ = self.events.send(event).await;
    }
}

impl Gateway {
    /// Prepares the connection; nothing is received yet.
    ///
    /// # Errors
    /// In words, when it cannot be prepared, or the address given for the gateway is not one that the token may go to.
    pub(super) async fn open(
        token: &Token,
        base: Option<&Url>,
        with_content: bool,
    ) -> Result<Self, String> {
        let client = api::client().map_err(|_| "the HTTP client cannot be set up".to_owned())?;
        let mut http = HttpBuilder::new(token.reveal())
            .client(client)
            // The token goes to no host but the one given: with serenity's limiter on, it would.
            .ratelimiter_disabled(true);
        if let Some(base) = base {
            http = http.proxy(base.as_str().trim_end_matches('/'));
        }
        let (events, received) = mpsc::channel(WAITING);
        let client =
            serenity::client::ClientBuilder::new_with_http(http.build(), intents(with_content))
                .raw_event_handler(Pump { events })
                .await
                .map_err(|_| "the gateway's client cannot be set up".to_owned())?;
        check(&client, base).await?;
        Ok(Self {
            client,
            events: received,
            with_content,
        })
    }

    /// Whether it asks for what messages say.
    pub(super) const fn with_content(&self) -> bool {
        self.with_content
    }

    /// Ends the connection when the bot ends.
    pub(super) fn manager(&self) -> Arc<ShardManager> {
        Arc::clone(&self.client.shard_manager)
    }

    /// Connects, and stays connected; the events come out at the other end.
    pub(super) fn run(self) -> (impl Future<Output = serenity::Result<()>>, Events) {
        let mut client = self.client;
        let events = Events {
            received: self.events,
        };
        (async move { client.start().await }, events)
    }
}

/// What the gateway says.
pub(super) struct Events {
    received: mpsc::Receiver<Event>,
}

impl Events {
    /// The next events, in the order in which Discord made them as far as they are here; empty at the end.
    ///
    /// serenity hands each over from a task of its own, so that neighbours may change places.
    pub(super) async fn next(&mut self) -> Vec<Event> {
        const AT_ONCE: usize = 256;
        let mut batch = Vec::new();
        self.received.recv_many(&mut batch, AT_ONCE).await;
        batch.sort_by_key(made);
        batch
    }
}

/// When somebody asked for something, as far as that matters for the order.
fn made(event: &Event) -> u64 {
    match event {
        Event::InteractionCreate(event) => event.interaction.id().get(),
        Event::MessageCreate(event) => event.message.id.get(),
        _ => 0,
    }
}

/// Discord's own gateway, or one of the host given: serenity takes Discord's when it was told nothing.
async fn check(client: &Client, base: Option<&Url>) -> Result<(), String> {
    let given = client.ws_url.lock().await.clone();
    let url = Url::parse(&given).map_err(|_| "the gateway's address cannot be read".to_owned())?;
    let host = url.host_str().unwrap_or_default();
    let fits = match base {
        Some(base) => base.host_str() == Some(host),
        None => url.scheme() == "wss" && (host == "discord.gg" || host.ends_with(".discord.gg")),
    };
    if fits {
        Ok(())
    } else {
        Err(format!(
            "the gateway would be {host}, which is not the host given; the token is not sent there"
        ))
    }
}

/// How long the gateway may take to let the bot in.
pub(super) const READY_WITHIN: Duration = Duration::from_secs(25);
