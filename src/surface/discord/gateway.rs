//! The connection to Discord's gateway through serenity, which provides events as one stream.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serenity::Client;
use serenity::all::{Context, Event, GatewayIntents, RawEventHandler, ShardId, ShardManager};
use serenity::async_trait;
use serenity::http::HttpBuilder;
use tokio::sync::{mpsc, oneshot};
use url::Url;

use super::api;
use super::hello::HeartbeatIntervals;
use crate::config::Token;

/// The most queued events. When the queue is full, the connection has to wait.
const WAITING: usize = 8_192;

/// The gateway intents. Message content is a privileged intent, requested only if a channel is watched; otherwise Discord sends
/// the content only of messages that mention the bot.
pub(super) fn intents(with_content: bool) -> GatewayIntents {
    let plain = GatewayIntents::GUILDS | GatewayIntents::GUILD_MESSAGES;
    if with_content {
        plain | GatewayIntents::MESSAGE_CONTENT
    } else {
        plain
    }
}

/// A prepared connection.
pub(super) struct Gateway {
    manager: Arc<ShardManager>,
    events: mpsc::Receiver<Event>,
    with_content: bool,
    go: oneshot::Sender<()>,
    ended: oneshot::Receiver<serenity::Result<()>>,
}

/// Forwards all events into one stream.
struct Pump {
    events: mpsc::Sender<Event>,
    intervals: Arc<HeartbeatIntervals>,
    /// Set before the connection is started.
    manager: Arc<OnceLock<Arc<ShardManager>>>,
}

impl Pump {
    /// Starts the session again if its heartbeat would be too slow for the connection on which it was resumed.
    fn keep_to_interval(&self, event: &Event) {
        match (event, self.manager.get()) {
            (Event::Ready(_), _) => self.intervals.started(),
            (Event::Resumed(_), Some(manager)) if self.intervals.is_shorter() => {
                tracing::info!(
                    "the gateway asks for a shorter heartbeat: starting the session again"
                );
                let manager = Arc::clone(manager);
                tokio::spawn(async move { manager.restart(ShardId(0)).await });
            }
            _ => {}
        }
    }
}

#[async_trait]
impl RawEventHandler for Pump {
    async fn raw_event(&self, _: Context, event: Event) {
        self.keep_to_interval(&event);
        // The receiver is dropped only at shutdown.
        let _ = self.events.send(event).await;
    }
}

impl Gateway {
    /// Prepares the connection; nothing is received yet.
    ///
    /// serenity delivers each event from its own task. On one thread, tasks start in the order of their creation; on several they
    /// overtake each other, and people's requests with them. So the connection has its own thread.
    ///
    /// # Errors
    /// When it cannot be prepared, or the token must not be sent to the given gateway address.
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
            let intervals = Arc::new(HeartbeatIntervals::default());
            let pump = Pump {
                events,
                intervals: Arc::clone(&intervals),
                manager: Arc::default(),
            };
            let connection = async move {
                let client = client(&token, base.as_ref(), with_content, pump).await;
                let (manager, client) = match client {
                    Ok(client) => (Ok(Arc::clone(&client.shard_manager)), Some(client)),
                    Err(error) => (Err(error), None),
                };
                // The caller may have given up; then the connection is not started either.
                let _ = told.send(manager);
                if let (Some(client), Ok(())) = (client, going.await) {
                    stay(client, over).await;
                }
            };
            intervals.reading(|| on_one_thread(connection));
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

    /// Whether message content was requested.
    pub(super) const fn with_content(&self) -> bool {
        self.with_content
    }

    /// The manager, to end the connection at shutdown.
    pub(super) fn manager(&self) -> Arc<ShardManager> {
        Arc::clone(&self.manager)
    }

    /// Connects and stays connected; returns the stream of events.
    pub(super) fn run(self) -> (impl Future<Output = serenity::Result<()>>, Events) {
        let events = Events {
            received: self.events,
        };
        let connection = async move {
            // If the thread is gone, the receiver reports it.
            let _ = self.go.send(());
            self.ended.await.unwrap_or(Ok(()))
        };
        (connection, events)
    }
}

/// The time for closing the connection after its caller has stopped waiting.
const END_WITHIN: Duration = Duration::from_secs(10);

/// Runs a future and the tasks it spawns on the current thread.
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
        // serenity's limiter would send the token to another host than the given one.
        .ratelimiter_disabled(true);
    if let Some(base) = base {
        http = http.proxy(base.as_str().trim_end_matches('/'));
    }
    let manager = Arc::clone(&pump.manager);
    let client =
        serenity::client::ClientBuilder::new_with_http(http.build(), intents(with_content))
            .raw_event_handler(pump)
            .await
            .map_err(|_| "the gateway's client cannot be set up".to_owned())?;
    manager.get_or_init(|| Arc::clone(&client.shard_manager));
    check(&client, base).await?;
    Ok(client)
}

/// Stays connected until the connection ends, or shortly after the caller has stopped waiting.
async fn stay(mut client: Client, mut over: oneshot::Sender<serenity::Result<()>>) {
    let mut connected = std::pin::pin!(client.start());
    let ended = tokio::select! {
        ended = &mut connected => ended,
        () = over.closed() => {
            // The caller shuts the connection down, which takes a moment.
            let _ = tokio::time::timeout(END_WITHIN, connected).await;
            return;
        }
    };
    // The caller may be gone.
    let _ = over.send(ended);
}

/// The events from the gateway.
pub(super) struct Events {
    received: mpsc::Receiver<Event>,
}

impl Events {
    /// The next events, in the order in which people made their requests as far as received: Discord may deliver a later request
    /// first. Empty at the end.
    pub(super) async fn next(&mut self) -> Vec<Event> {
        const AT_ONCE: usize = 256;
        let mut batch = Vec::new();
        self.received.recv_many(&mut batch, AT_ONCE).await;
        batch.sort_by_key(made);
        batch
    }
}

/// The order of a request, by its id.
fn made(event: &Event) -> u64 {
    match event {
        Event::InteractionCreate(event) => event.interaction.id().get(),
        Event::MessageCreate(event) => event.message.id.get(),
        _ => 0,
    }
}

/// Whether the token is as well protected on the way to the gateway as to the given host.
fn is_as_safe(base: &Url, gateway: &Url) -> bool {
    base.scheme() != "https" || gateway.scheme() == "wss"
}

/// Checks that the gateway belongs to Discord or to the given host: serenity falls back to Discord's own.
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
