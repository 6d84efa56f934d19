//! The modes that run until they are told to stop: HTTP alone, and Discord.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::{named_database, open, serve, settings, start_log, start_threads, warden};
use edition_warden::app::{LOCAL_WORKSPACE, Settings, Warden};
use edition_warden::clock::Clock;
use edition_warden::config::Config;
use edition_warden::delivery::{Delivery, DeliveryOptions};
use edition_warden::domain::place::DatabasePlace;
use edition_warden::render::Clockface;
use edition_warden::store::{Served, Store};
use edition_warden::surface::Rereading;
use edition_warden::surface::cli::{Cli, InDiscord};
use edition_warden::surface::discord::{self, Discord};
use edition_warden::surface::greeting;
use edition_warden::surface::http::Server;
use edition_warden::surface::log::LogLevel;
use edition_warden::surface::serve::{self, Serve};
use edition_warden::surface::stop::{rereads, told_to_end_alone};

/// Runs HTTP and the schedule until a stop signal.
pub(crate) fn headless(cli: &Cli, config: &Config, how: &Serve) -> anyhow::Result<ExitCode> {
    let level = start_log(config)?;
    let place = &config.database;
    refuse_to_create(place, how.init)?;
    start_threads()?.block_on(async {
        let store = open(place, config).await?;
        let warden = warden(store.clone(), config);
        let delivery = Delivery::headless(warden.clone());
        let told = told_to_end_alone();
        let served = async {
            let server = serve(config, warden.clone(), delivery.clone()).await?;
            reread(cli, config, level, &warden, server.as_ref(), settings);
            log_start(place, server.as_ref());
            serve::run(&warden, &delivery, server.as_ref(), told).await
        };
        let served = served.await;
        store.close().await;
        log_end(&served);
        Ok(ExitCode::from(served?))
    })
}

/// Runs the Discord bot until a stop signal.
pub(crate) fn in_discord(cli: &Cli, config: &Config, how: &InDiscord) -> anyhow::Result<ExitCode> {
    let level = start_log(config)?;
    let Some(token) = config.discord.token.clone() else {
        anyhow::bail!(
            "there is no token: put the bot's token into DISCORD_TOKEN, or into a file that discord.token_file names"
        )
    };
    let place = &config.database;
    refuse_to_create(place, how.init)?;
    start_threads()?.block_on(async {
        let store = open(place, config).await?;
        let of = |config: &Config| Settings {
            clockface: Clockface::Marked,
            cards: true,
            channels: config.channels.clone().in_chat(),
            ..settings(config)
        };
        let warden = Warden::new(store.clone(), Arc::new(Clock::System), Arc::new(of(config)));
        let terms = discord::DiscordOptions {
            token,
            base: how.api_base.clone(),
            guilds: config.discord.guilds.clone(),
            zone: config.reader_zone,
        };
        let bot = Discord::connect(terms, warden.clone()).await?;
        let told = told_to_end_alone();
        writeln!(
            io::stdout(),
            "warden: {} in Discord, on {place}",
            bot.name()
        )?;
        writeln!(
            io::stdout(),
            "{}",
            greeting::in_discord(&warden.workspaces().await?)
        )?;
        let served = Served::AllBut(LOCAL_WORKSPACE.into());
        let terms = DeliveryOptions::default();
        let delivery = Delivery::leased(warden.clone(), bot.chat(), terms, served);
        if let Some(url) = &config.heartbeat {
            delivery.show_life(url.clone());
        }
        let server = serve(config, warden.clone(), delivery.clone()).await?;
        reread(cli, config, level, &warden, server.as_ref(), of);
        log_start(place, server.as_ref());
        let ended = bot.run(delivery, told).await;
        if let Some(server) = server {
            server.stop().await;
        }
        store.close().await;
        log_end(&ended);
        Ok(ExitCode::from(ended?))
    })
}

/// The line of the start; the name of a database never has its password.
fn log_start(database: &DatabasePlace, server: Option<&Server>) {
    let at = server.map_or_else(|| "none".to_owned(), |server| server.address().to_string());
    let version = env!("WARDEN_VERSION");
    tracing::info!(version, %database, http.address = at, "warden has started");
}

fn log_end<E>(ended: &Result<u8, E>) {
    match ended {
        Ok(status) => tracing::info!(exit.status = status, "warden has ended"),
        Err(_) => tracing::info!("warden has ended, because it could not go on"),
    }
}

/// Rereads the configuration when the process is signalled to.
fn reread(
    cli: &Cli,
    config: &Config,
    level: LogLevel,
    warden: &Warden,
    server: Option<&Server>,
    settings: fn(&Config) -> Settings,
) {
    if rereads() {
        let rereading = Rereading {
            file: cli.config.clone(),
            database: named_database(cli).ok().flatten(),
            level,
            warden: warden.clone(),
            server: server.cloned(),
            settings,
        };
        tokio::spawn(rereading.run(config.clone()));
    }
}

/// A service does not create a database by mistake.
fn refuse_to_create(place: &DatabasePlace, init: bool) -> anyhow::Result<()> {
    // On a server nobody creates one by mistake.
    if init || place.file().is_none_or(Store::is_there) {
        return Ok(());
    }
    let found = match place.file().is_some_and(Path::exists) {
        true => format!("{place} is an empty file, and no database"),
        false => format!("there is no database {place}"),
    };
    anyhow::bail!(
        "{found}. If it is to be created there, start once with --init; otherwise look at --db, at database.path and at the working directory"
    )
}
