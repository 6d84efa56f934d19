//! The real bot on the fake Discord: the clock stands still until it is moved.

use std::sync::Arc;

use edition_warden::answer::Reply;
use edition_warden::app::{Actor, LOCAL_WORKSPACE, Settings, Warden};
use edition_warden::clock::Clock;
use edition_warden::command::parse_line;
use edition_warden::config::Token;
use edition_warden::delivery::{Delivery, DeliveryOptions};
use edition_warden::domain::Timestamp;
use edition_warden::domain::id::ChannelId;
use edition_warden::domain::reminder::Cadence;
use edition_warden::domain::setting::Overrides;
use edition_warden::domain::team::{Channels, Policy};
use edition_warden::render::Clockface;
use edition_warden::store::{Served, Store};
use edition_warden::surface::discord::{Discord, DiscordChat, DiscordOptions, StartError};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::fake::FakeDiscord;
use super::fake::clock::Id;
use crate::harness::instant;

/// A bot that is connected.
pub(super) struct Live {
    pub(super) clock: Arc<Clock>,
    pub(super) delivery: Delivery<DiscordChat>,
    pub(super) warden: Warden,
    end: Option<oneshot::Sender<()>>,
    running: JoinHandle<Result<(), StartError>>,
}

impl Live {
    /// Starts the bot on a database, at the beginning of 2026; it posts in this channel of the guild.
    pub(super) async fn start(discord: &FakeDiscord, store: Store, channel: Id) -> Self {
        let at = instant("2026-01-01T00:00:00Z");
        Self::start_at(discord, store, channel, at).await
    }

    pub(super) async fn start_at(
        discord: &FakeDiscord,
        store: Store,
        channel: Id,
        at: Timestamp,
    ) -> Self {
        let clock = Arc::new(Clock::manual(at));
        let settings = settings(&channel.to_string());
        let warden = Warden::new(store, Arc::clone(&clock), Arc::new(settings));
        let terms = terms(&discord.token(), &discord.api_url());
        Self::run(discord, (clock, warden), terms).await
    }

    /// As [`Live::start`], for these guilds only.
    pub(super) async fn only(
        discord: &FakeDiscord,
        store: Store,
        channel: Id,
        guilds: Vec<Id>,
    ) -> Self {
        let clock = Arc::new(Clock::manual(instant("2026-01-01T00:00:00Z")));
        let settings = settings(&channel.to_string());
        let warden = Warden::new(store, Arc::clone(&clock), Arc::new(settings));
        let terms = DiscordOptions {
            guilds,
            ..terms(&discord.token(), &discord.api_url())
        };
        Self::run(discord, (clock, warden), terms).await
    }

    /// As [`Live::start`], as one of several; it may not be let in before another one has ended.
    pub(super) async fn shared(discord: &FakeDiscord, store: Store, channel: Id) -> Self {
        let clock = Arc::new(Clock::manual(instant("2026-01-01T00:00:00Z")));
        let settings = settings(&channel.to_string());
        let warden = Warden::new(store, Arc::clone(&clock), Arc::new(settings));
        let terms = terms(&discord.token(), &discord.api_url());
        let bot = Discord::connect(terms, warden.clone()).await.unwrap();
        let served = Served::AllBut(LOCAL_WORKSPACE.into());
        let options = DeliveryOptions::default();
        let delivery = Delivery::leased(warden.clone(), bot.chat(), options, served);
        Self::of(bot, delivery, clock, warden)
    }

    async fn run(
        discord: &FakeDiscord,
        (clock, warden): (Arc<Clock>, Warden),
        terms: DiscordOptions,
    ) -> Self {
        let bot = Discord::connect(terms, warden.clone()).await.unwrap();
        let delivery = Delivery::alone(warden.clone(), bot.chat(), DeliveryOptions::default());
        let live = Self::of(bot, delivery, clock, warden);
        discord.ready().await;
        live
    }

    fn of(
        bot: Discord,
        delivery: Delivery<DiscordChat>,
        clock: Arc<Clock>,
        warden: Warden,
    ) -> Self {
        let (end, ended) = oneshot::channel();
        let running = bot.run(delivery.clone(), async move {
            let _ = ended.await;
        });
        let running = tokio::spawn(running);
        Self {
            clock,
            delivery,
            warden,
            end: Some(end),
            running,
        }
    }

    /// Anyone who runs the bot says something of a guild, where Discord is not asked what is meant.
    pub(super) async fn operator_says(&self, guild: Id, line: &str) -> Reply {
        let actor = Actor {
            workspace: guild.to_string().into(),
            ..Actor::local("operator")
        };
        let command = parse_line(line).unwrap();
        self.warden.handle(&actor, &command).await
    }

    /// Tells it to end, and does not wait for that.
    pub(super) fn ends(&mut self) {
        let _ = self.end.take().unwrap().send(());
    }

    /// Ends it as a supervisor would.
    pub(super) async fn stop(mut self) {
        self.ends();
        self.running.await.unwrap().unwrap();
    }

    /// Waits until it has ended by itself, and says why.
    pub(super) async fn breaks(self) -> StartError {
        self.running.await.unwrap().unwrap_err()
    }

    /// Lets time pass, and posts what falls due on the way.
    pub(super) async fn passes(&self, span: &str) {
        let span = edition_warden::domain::span::parse_span(span).unwrap();
        let to = self.clock.now() + span;
        self.delivery.travel(&self.clock, to).await.unwrap();
    }
}

/// Who the bot is, and who stands in for Discord.
pub(super) fn terms(token: &str, base: &str) -> DiscordOptions {
    DiscordOptions {
        token: Token::new(token).unwrap(),
        base: Some(base.parse().unwrap()),
        guilds: Vec::new(),
        zone: chrono_tz::Asia::Shanghai,
    }
}

pub(super) fn settings(channel: &str) -> Settings {
    let zone = chrono_tz::Asia::Shanghai;
    Settings {
        import_stale_after: Some(chrono::TimeDelta::days(3)),
        vendor_zone: zone,
        policy: Policy::default(),
        at_prompt: None,
        is_alone: false,
        reader_zone: zone,
        cadence: Cadence {
            zone,
            ..Cadence::default()
        },
        channels: Channels {
            default: ChannelId::parse(channel).unwrap(),
            alerts: ChannelId::parse(channel).unwrap(),
        },
        audit_key: None,
        retention: Default::default(),
        wordings: edition_warden::config::Config::load(None, [])
            .unwrap()
            .wordings,
        teams: std::collections::BTreeMap::new(),
        own: Overrides::default(),
        cards: true,
        clockface: Clockface::Marked,
    }
}
