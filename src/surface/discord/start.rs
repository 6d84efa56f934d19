//! Startup of the bot: each step reports its errors with a remedy, within a time limit.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use reqwest::Method;
use serde_json::Value;
use serenity::all::{GatewayError, GuildId, MessageId};
use tokio::time::Instant;
use url::Url;

use super::api::{Api, ApiError, ApiResult, Call};
use super::chat::{DiscordChat, FIRST};
use super::commands::{self, CommandScope};
use super::gateway::{Events, Gateway};
use super::guild_queues::{GuildQueues, QueueKind};
use super::guilds::Guilds;
use super::recent::Recent;
use super::wire::{RecipientBody, json};
use super::{Bot, dispatch};
use super::{guild_of, workspace_of};
use crate::app::Warden;
use crate::clock::tick;
use crate::config::Token;
use crate::delivery::Delivery;
use crate::domain::id::ChannelId;
use crate::store::StoreResult;

/// The time limit of a start, from the first request until the gateway accepts the bot.
const START_WITHIN: Duration = Duration::from_secs(25);
/// The time limit for closing the gateway.
const SHUT_WITHIN: Duration = Duration::from_secs(2);
/// The waits after failed registrations of the commands.
const COMMANDS_AGAIN: [Duration; 6] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(60),
    Duration::from_secs(300),
    Duration::from_secs(900),
];
/// Discord's errors for a guild that the bot is not in.
const MISSING_ACCESS: u64 = 50_001;
const UNKNOWN_GUILD: u64 = 10_004;
/// The wait between two attempts.
const BETWEEN: Duration = Duration::from_secs(2);

/// The reason why the bot is not connected to Discord.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An invalid token.
    #[error(
        "Discord does not take the token. Copy it again from the developer portal (Bot, Reset Token) into DISCORD_TOKEN or the file that discord.token_file names"
    )]
    Token,
    /// A privileged intent that the application does not have.
    #[error(
        "Discord refuses the intents asked for. Switch Message Content Intent on in the developer portal (Bot, Privileged Gateway Intents), or watch no channel"
    )]
    Intents,
    /// No response.
    #[error("Discord cannot be reached: {0}. Look at the network, and at {1}")]
    Unreachable(String, String),
    #[error("Discord: {0}")]
    Other(String),
}

/// The connection settings of the bot.
#[derive(Debug, Clone)]
pub struct DiscordOptions {
    pub token: Token,
    /// The base URL of a substitute for Discord, if any.
    pub base: Option<Url>,
    /// The allowed guilds; empty: all that the bot is invited to.
    pub guilds: Vec<u64>,
    /// The zone of dates in files and lists; instants in messages are shown in each reader's own zone.
    pub zone: Tz,
}

/// A bot with a verified token, not listening yet.
pub struct Discord {
    bot: Arc<Bot>,
    terms: DiscordOptions,
    gateway: Gateway,
    name: String,
    /// The deadline of the start.
    until: Instant,
}

impl Discord {
    /// Verifies the token and identifies the bot.
    ///
    /// # Errors
    /// [`StartError`], within 30 s.
    pub async fn connect(terms: DiscordOptions, warden: Warden) -> Result<Self, StartError> {
        let at = terms
            .base
            .as_ref()
            .map_or("https://discord.com", Url::as_str)
            .to_owned();
        let meter = warden.meter().clone();
        let api = Api::new(terms.token.clone(), terms.base.as_ref(), meter);
        let api = api.map_err(StartError::Other)?;
        let until = tick() + START_WITHIN;
        let me = ask(&api, "/users/@me", &at, until).await?;
        let application = ask(&api, "/oauth2/applications/@me", &at, until).await?;
        let (user, number) = match (id(&me), id(&application)) {
            (Some(user), Some(application)) => (user, application),
            _ => {
                return Err(StartError::Other(
                    "it does not say who the bot is".to_owned(),
                ));
            }
        };
        let name = me
            .get("username")
            .and_then(Value::as_str)
            .unwrap_or_default();
        // Message content is only needed for watched channels.
        let watches = warden.watches_anything().await;
        let watches = watches.map_err(|error| StartError::Other(error.to_string()))?;
        let with_content = watches && super::watch::reads_content(&application);
        let opened = Gateway::open(&terms.token, terms.base.as_ref(), with_content);
        let gateway = match tokio::time::timeout_at(until, opened).await {
            Ok(gateway) => gateway.map_err(StartError::Other)?,
            Err(_) => {
                return Err(StartError::Unreachable(
                    "the gateway does not answer".into(),
                    at,
                ));
            }
        };
        let bot = Bot {
            api,
            warden,
            application: number,
            user,
            only: terms.guilds.clone(),
            guilds: Guilds::default(),
            channel_cache: super::channel_cache::ChannelCache::default(),
            guild_queues: GuildQueues::default(),
            connection_health: super::connection_health::ConnectionHealth::default(),
            heard: Recent::default(),
            reading: super::watch::WatchedReads::default(),
            scopes: commands::Scopes::default(),
            command_ids: super::hints::CommandIds::default(),
            looked: super::rights::Looked::default(),
            shown: super::shown::Shown::default(),
            zone: terms.zone,
        };
        Ok(Self {
            bot: Arc::new(bot),
            terms,
            gateway,
            name: name.to_owned(),
            until,
        })
    }

    /// The name of the bot.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The chat for delivery.
    pub fn chat(&self) -> DiscordChat {
        DiscordChat::new(Arc::clone(&self.bot))
    }

    /// Listens and delivers until `end` completes. Returns its output. Where several processes take turns, it does so while it
    /// holds the lease, and is not connected before and after that.
    ///
    /// # Errors
    /// [`StartError`] when Discord does not accept the bot, or disconnects it.
    pub async fn run<T>(
        self,
        delivery: Delivery<DiscordChat>,
        end: impl Future<Output = T>,
    ) -> Result<T, StartError> {
        let mut gateway = self.gateway;
        let mut out = self.bot.api.out();
        let takes_turns = delivery.takes_turns();
        let (mut delivers, mut until) = (false, self.until);
        tokio::pin!(end);
        let result = loop {
            if takes_turns {
                tokio::select! {
                    ended = &mut end => break Ok(ended),
                    () = delivery.stand_by() => until = tick() + START_WITHIN,
                }
            }
            let (manager, with_content) = (gateway.manager(), gateway.with_content());
            self.bot.connection_health.watches(Arc::clone(&manager));
            let (connection, events) = gateway.run();
            let listening = listen(&self.bot, events, &delivery, &mut delivers, until);
            let result = tokio::select! {
                ended = &mut end => Some(Ok(ended)),
                closed = connection => Some(Err(closed.map_or_else(|error| why(&error), |()| {
                    StartError::Other("the connection was closed".to_owned())
                }))),
                error = listening => Some(Err(error)),
                never = self.bot.looks_at_roles_daily() => match never {},
                _ = out.wait_for(|out| *out) => Some(Err(StartError::Token)),
                () = delivery.lost(), if takes_turns => None,
            };
            // A connection that does not close in time is abandoned.
            let closing = async {
                let closed = tokio::time::timeout(SHUT_WITHIN, manager.shutdown_all());
                if closed.await.is_err() {
                    tracing::debug!("the gateway does not say good-bye");
                }
            };
            let with_content = match result {
                None => {
                    tracing::warn!(
                        "another process delivers; this one is not connected until that one ends"
                    );
                    self.bot.connection_health.stands_by();
                    delivers = false;
                    with_content
                }
                Some(Err(StartError::Intents)) if with_content => {
                    // An unreadable channel must not stop the bot; the admins are told.
                    tracing::warn!(
                        "Discord refuses Message Content Intent; the bot continues without it"
                    );
                    false
                }
                Some(result) => {
                    // Another process takes over while this connection is closed.
                    tokio::join!(closing, stop(&delivery));
                    break result;
                }
            };
            closing.await;
            if delivers || result.is_none() {
                until = tick() + START_WITHIN;
            }
            let DiscordOptions { token, base, .. } = &self.terms;
            let reopened = Gateway::open(token, base.as_ref(), with_content);
            match tokio::time::timeout_at(until, reopened).await {
                Ok(Ok(reopened)) => gateway = reopened,
                Ok(Err(error)) => break Err(StartError::Other(error)),
                Err(_) => break Err(silent_gateway()),
            }
        };
        stop(&delivery).await;
        result
    }
}

/// Waits until the gateway accepts the bot, and handles all events from then on.
async fn listen(
    bot: &Arc<Bot>,
    mut events: Events,
    delivery: &Delivery<DiscordChat>,
    delivers: &mut bool,
    until: Instant,
) -> StartError {
    let mut waiting = true;
    loop {
        let batch = if waiting {
            match tokio::time::timeout_at(until, events.next()).await {
                Ok(batch) => batch,
                Err(_) => return silent_gateway(),
            }
        } else {
            events.next().await
        };
        if batch.is_empty() {
            // The task with the connection reports the reason.
            tokio::time::sleep(BETWEEN).await;
            return StartError::Other("the connection was closed".to_owned());
        }
        for event in batch {
            if waiting && matches!(event, serenity::all::Event::Ready(_)) {
                waiting = false;
                if !std::mem::replace(delivers, true) {
                    tokio::spawn(deliver(delivery.clone()));
                }
            }
            dispatch::dispatch(bot, event);
        }
    }
}

/// Delivers; where several processes take turns, until another one does.
async fn deliver(delivery: Delivery<DiscordChat>) {
    let takes_turns = delivery.takes_turns();
    tokio::select! {
        () = delivery.run() => {}
        () = delivery.lost(), if takes_turns => {}
    }
}

async fn stop(delivery: &Delivery<DiscordChat>) {
    if let Err(error) = delivery.stop().await {
        tracing::error!(error = %crate::trace::causes(&error), "the next start posts what is left");
    }
}

/// Sends a request at startup, repeated until the deadline while Discord does not respond.
async fn ask(api: &Api, path: &str, at: &str, until: Instant) -> Result<Value, StartError> {
    let call = Call::new(Method::GET, path.to_owned());
    let mut last = None;
    let asking = async {
        loop {
            match api.send(&call, None).await {
                Ok(answer) => return Ok(answer),
                Err(error) if error.status() == Some(401) => return Err(StartError::Token),
                Err(error @ ApiError::Refused { .. }) => {
                    return Err(StartError::Other(error.to_string()));
                }
                Err(error) => {
                    tracing::info!(error = %error, "Discord is asked again");
                    last = Some(error);
                    tokio::time::sleep(BETWEEN).await;
                }
            }
        }
    };
    let asked = tokio::time::timeout_at(until, asking).await;
    asked.unwrap_or_else(|_| {
        let what = match last {
            Some(error @ (ApiError::Limited(_) | ApiError::Failing(_))) => error.to_string(),
            _ => "no answer within 25 s".to_owned(),
        };
        Err(StartError::Unreachable(what, at.to_owned()))
    })
}

fn silent_gateway() -> StartError {
    StartError::Unreachable(
        "the gateway does not let the bot in".to_owned(),
        "https://discordstatus.com".to_owned(),
    )
}

fn id(value: &Value) -> Option<u64> {
    value.get("id")?.as_str()?.parse().ok()
}

/// The reason why the gateway closed for good. serenity's own message may contain a URL.
fn why(error: &serenity::Error) -> StartError {
    match error {
        serenity::Error::Gateway(GatewayError::InvalidAuthentication) => StartError::Token,
        serenity::Error::Gateway(
            GatewayError::DisallowedGatewayIntents | GatewayError::InvalidGatewayIntents,
        ) => StartError::Intents,
        _ => StartError::Other("the connection to the gateway cannot be kept up".to_owned()),
    }
}

impl Bot {
    /// Handles the event of a guild that the bot is in: its schedule continues, and the first time the greeting is posted. A
    /// guild that is not allowed is treated like one that the bot has left.
    pub(super) fn joined(self: &Arc<Self>, guild: &serenity::all::Guild) {
        self.guilds.take_guild(guild);
        let id = guild.id.get();
        let serves = self.serves(id);
        self.bring_commands(CommandScope::Guild(id), serves && !self.only.is_empty());
        if !serves {
            return self.pause_guild(id);
        }
        let bot = Arc::clone(self);
        self.in_turn(id, async move {
            let workspace = workspace_of(id);
            bot.warden.resume(&workspace).await?;
            bot.warden.announce_policy(&workspace).await?;
            bot.warden.repost_changes(&workspace).await?;
            if !bot.warden.was_greeted(&workspace).await? {
                bot.warden
                    .greet(&workspace, &ChannelId::stored(FIRST))
                    .await?;
            }
            bot.looks_at_roles(id);
            bot.read_all_watched(id).await
        });
    }

    /// Handles messages that were deleted. Most are not the bot's, so nothing of the guild's waits for them.
    pub(super) fn deleted(self: &Arc<Self>, guild: Option<GuildId>, messages: &[MessageId]) {
        let Some(guild) = guild.filter(|guild| self.serves(guild.get())) else {
            return;
        };
        let messages: Vec<String> = messages.iter().map(ToString::to_string).collect();
        let bot = Arc::clone(self);
        tokio::spawn(async move {
            let workspace = workspace_of(guild.get());
            if let Err(error) = bot.warden.restore_deleted(&workspace, &messages).await {
                tracing::error!(error = %crate::trace::causes(&error), guild = guild.get(), "whether a card was deleted could not be looked up");
            }
        });
    }

    /// Handles the removal from a guild, or a guild's outage. The data stays.
    pub(super) fn left(self: &Arc<Self>, guild: GuildId, unavailable: bool) {
        // An unavailable guild returns by itself.
        if unavailable {
            return;
        }
        self.guilds.forget(guild);
        self.pause_guild(guild.get());
    }

    /// Pauses a guild's messages until the bot is back.
    fn pause_guild(self: &Arc<Self>, guild: u64) {
        let bot = Arc::clone(self);
        self.in_turn(guild, async move {
            bot.warden.pause(&workspace_of(guild)).await.map(drop)
        });
    }

    /// Pauses guilds that removed the bot while it was offline, as far as the list of a new connection lacks them.
    pub(super) fn present_in(self: &Arc<Self>, guilds: &[serenity::all::UnavailableGuild]) {
        let here: BTreeSet<u64> = guilds.iter().map(|guild| guild.id.get()).collect();
        let mut lacking: BTreeSet<u64> = self.guilds.ids().into_iter().collect();
        let bot = Arc::clone(self);
        self.in_turn(0, async move {
            for held in bot.warden.workspaces().await? {
                lacking.extend(guild_of(&held.workspace).filter(|_| !held.paused));
            }
            for guild in lacking.difference(&here) {
                bot.pause_absent(*guild);
            }
            Ok(())
        });
    }

    /// Like [`Bot::left`], unless the bot is in the guild: an invitation may be later than the list that lacks it, although it is
    /// handled first. So Discord is asked.
    fn pause_absent(self: &Arc<Self>, guild: u64) {
        let bot = Arc::clone(self);
        self.in_turn(guild, async move {
            if bot.is_in(guild).await {
                return Ok(());
            }
            bot.guilds.forget(GuildId::new(guild.max(1)));
            bot.warden.pause(&workspace_of(guild)).await.map(drop)
        });
    }

    /// Whether the bot is in a guild. Without an answer it counts as in: a pause keeps from people what is due.
    async fn is_in(&self, guild: u64) -> bool {
        let asked = Call::new(Method::GET, format!("/guilds/{guild}"));
        let Err(error) = self.api.send(&asked, None).await else {
            return true;
        };
        let is_out = matches!(error.code(), Some(MISSING_ACCESS | UNKNOWN_GUILD));
        if !is_out {
            tracing::warn!(guild, error = %error, "whether the bot is in the guild is asked at the next connection");
        }
        !is_out
    }

    /// The direct message channel of a user.
    pub(super) async fn direct(&self, user: u64) -> ApiResult<u64> {
        let call = Call::new(Method::POST, "/users/@me/channels".to_owned());
        let body = json(&RecipientBody {
            recipient_id: user.to_string(),
        });
        let channel = self.api.send(&call, Some(&body)).await?;
        id(&channel).ok_or(ApiError::Silent("its answer names no channel"))
    }

    fn in_turn(&self, guild: u64, work: impl Future<Output = StoreResult<()>> + Send + 'static) {
        let pushed = self.guild_queues.push(guild, QueueKind::Decisions, async move {
            if let Err(error) = work.await {
                tracing::error!(error = %crate::trace::causes(&error), guild, "a guild could not be taken up or laid down");
            }
        });
        if pushed.is_err() {
            tracing::error!(guild, "too much waits in a guild");
        }
    }

    /// Handles a new or resumed connection.
    pub(super) fn reconnected(self: &Arc<Self>) {
        self.connection_health.is_in();
        self.bring_commands(CommandScope::Global, self.only.is_empty());
        self.warden.store().alarm().ring();
    }

    /// Registers the commands of a scope, or removes them, with a limited number of retries.
    fn bring_commands(self: &Arc<Self>, scope: CommandScope, wanted: bool) {
        if !self.scopes.begins(scope, wanted) {
            return;
        }
        let bot = Arc::clone(self);
        tokio::spawn(async move {
            for again in COMMANDS_AGAIN {
                let brought = {
                    // One at a time, because there may be many guilds.
                    let _turn = bot.scopes.turn.lock().await;
                    commands::sync(&bot.api, bot.application, scope, wanted).await
                };
                let error = match brought {
                    Ok(synced) => {
                        bot.command_ids.take_registered(scope, &synced.registered);
                        return if synced.told {
                            tracing::info!(scope = %scope, wanted, "the commands were brought to Discord");
                        } else {
                            tracing::debug!(scope = %scope, wanted, "Discord knows the commands already");
                        };
                    }
                    Err(error @ ApiError::Refused { .. }) => {
                        return if wanted {
                            tracing::error!(scope = %scope, error = %error, "Discord does not take the commands; invite the bot again with the scope applications.commands");
                        } else {
                            tracing::debug!(scope = %scope, error = %error, "no commands of the bot's can be there");
                        };
                    }
                    Err(error) => error,
                };
                let wait = match &error {
                    ApiError::Limited(limited) => limited.wait.max(again),
                    _ => again,
                };
                tracing::info!(scope = %scope, error = %error, "the commands are brought again");
                tokio::time::sleep(wait).await;
            }
            if wanted {
                tracing::error!(scope = %scope, "the commands could not be brought to Discord; the next connection tries again");
            }
        });
    }
}
