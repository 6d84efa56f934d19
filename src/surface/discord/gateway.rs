//! The connection to Discord's gateway, through serenity; events come out of it in one stream.

use std::sync::Arc;
use std::time::Duration;

use serenity::Client;
use serenity::all::{Context, Event, GatewayIntents, RawEventHandler, ShardManager};
use serenity::async_trait;
use serenity::http::HttpBuilder;
use tokio::sync::{mpsc, oneshot};
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

/// A connection that can be opened.
pub(super) struct Gateway {
    manager: Arc<ShardManager>,
    events: mpsc::Receiver<Event>,
    with_content: bool,
    go: oneshot::Sender<()>,
    ended: oneshot::Receiver<serenity::Result<()>>,
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
    /// serenity hands each event over from a task of its own. On one thread tasks begin in the order in which they were
    /// made; on several they overtake each other, and people's requests with them. So the connection has its own thread.
    ///
    /// # Errors
    /// In words, when it cannot be prepared, or the address given for the gateway is not one that the token may go to.
    pub(super) async fn open(
        token: &Token,
        base: Option<&Url>,
        with_content: bool,
    ) -> Result<Self, String> {
        let no_thread = || "the gateway's connection has no thread".to_owned();
        let (events, received) = mpsc::channel(WAITING);
        let (told, opened) = oneshot::channel();
        let (go, going) = oneshot::channel();
        let (over, ended) = oneshot::channel();
        let (token, base) = (token.clone(), base.cloned());
        let thread = std::thread::Builder::new().name("gateway".to_owned());
        let begun = thread.spawn(move || {
            on_one_thread(async move {
                let client = client(&token, base.as_ref(), with_content, Pump { events }).await;
                let (manager, client) = match client {
                    Ok(client) => (Ok(Arc::clone(&client.shard_manager)), Some(client)),
                    Err(error) => (Err(error), None),
                };
                // Anyone who wanted it may have given up; then it is not let go either.
                let _ = told.send(manager);
                if let (Some(client), Ok(())) = (client, going.await) {
                    stay(client, over).await;
                }
            });
        });
        begun.map_err(|_| no_thread())?;
        Ok(Self {
            manager: opened.await.map_err(|_| no_thread())??,
            events: received,
            with_content,
            go,
            ended,
        })
    }

    /// Whether it asks for what messages say.
    pub(super) const fn with_content(&self) -> bool {
        self.with_content
    }

    /// Ends the connection when the bot ends.
    pub(super) fn manager(&self) -> Arc<ShardManager> {
        Arc::clone(&self.manager)
    }

    /// Connects, and stays connected; the events come out at the other end.
    pub(super) fn run(self) -> (impl Future<Output = serenity::Result<()>>, Events) {
        let events = Events {
            received: self.events,
        };
        let connection = async move {
            // A thread that is gone never says how it ended.
            let _ = self.go.send(());
            self.ended.await.unwrap_or(Ok(()))
        };
        (connection, events)
    }
}

/// How long the connection has to end once nobody waits for it any more.
const END_WITHIN: Duration = Duration::from_secs(10);

/// Does this on the thread that calls, and everything that comes of it too.
fn on_one_thread(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => tracing::error!(error = %error.kind(), "the gateway's thread cannot begin"),
    }
}

async fn client(
    token: &Token,
    base: Option<&Url>,
    with_content: bool,
    pump: Pump,
) -> Result<Client, String> {
    let client = api::client().map_err(|_| "the HTTP client cannot be set up".to_owned())?;
    let mut http = HttpBuilder::new(token.reveal())
        .client(client)
        // The token goes to no host but the one given: with serenity's limiter on, it would.
        .ratelimiter_disabled(true);
    if let Some(base) = base {
        http = http.proxy(base.as_str().trim_end_matches('/'));
    }
    let client =
        serenity::client::ClientBuilder::new_with_http(http.build(), intents(with_content))
            .raw_event_handler(pump)
            .await
            .map_err(|_| "the gateway's client cannot be set up".to_owned())?;
    check(&client, base).await?;
    Ok(client)
}

/// Stays connected until the connection ends for good, or shortly after nobody waits for that any more.
async fn stay(mut client: Client, mut over: oneshot::Sender<serenity::Result<()>>) {
    let mut connected = std::pin::pin!(client.start());
    let ended = tokio::select! {
        ended = &mut connected => ended,
        () = over.closed() => {
            // Anyone who waited shuts it down, which takes a moment.
            let _ = tokio::time::timeout(END_WITHIN, connected).await;
            return;
        }
    };
    // Nobody may wait any more.
    let _ = over.send(ended);
}

/// What the gateway says.
pub(super) struct Events {
    received: mpsc::Receiver<Event>,
}

impl Events {
    /// The next events, in the order in which people asked as far as they are here: Discord may tell of a later request
    /// first. Empty at the end.
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

/// Whether the token is as safe on its way to the gateway as it is on its way to the host given.
fn is_as_safe(base: &Url, gateway: &Url) -> bool {
    base.scheme() != "https" || gateway.scheme() == "wss"
}

/// Discord's own gateway, or one of the host given: serenity takes Discord's when it was told nothing.
async fn check(client: &Client, base: Option<&Url>) -> Result<(), String> {
    let given = client.ws_url.lock().await.clone();
    let url = Url::parse(&given).map_err(|_| "the gateway's address cannot be read".to_owned())?;
    let host = url.host_str().unwrap_or_default();
    let fits = match base {
        Some(base) => base.host_str() == Some(host) && is_as_safe(base, &url),
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
