//! The modes of the program, wired from its parts.

pub(crate) mod console;
pub(crate) mod data;
pub(crate) mod service;

use std::io::{self, Write as _};
use std::num::NonZero;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::runtime::Runtime;

use edition_warden::app::{Settings, TrailUse, Warden, check_key};
use edition_warden::clock::Clock;
use edition_warden::config::Config;
use edition_warden::delivery::{Chat, Delivery};
use edition_warden::domain::place::DatabasePlace;
use edition_warden::domain::setting::Overrides;
use edition_warden::render::Clockface;
use edition_warden::store::Store;
use edition_warden::surface::cli::Cli;
use edition_warden::surface::http::Server;
use edition_warden::surface::log::{self, LogLevel};

/// The database that the command line names.
pub(crate) fn named_database(cli: &Cli) -> anyhow::Result<Option<DatabasePlace>> {
    let named = cli.db.as_deref().map(DatabasePlace::named).transpose();
    named.map_err(|error| anyhow::anyhow!("--db: {error}"))
}

/// Serves HTTP if it is configured.
async fn serve<C: Chat>(
    config: &Config,
    warden: Warden,
    delivery: Delivery<C>,
) -> anyhow::Result<Option<Server>> {
    let Some(at) = config.http.listen else {
        return Ok(None);
    };
    config.check_listening()?;
    let started = Server::start(at, &config.http, warden, delivery, Default::default()).await;
    started.map(Some).map_err(|error| {
        anyhow::anyhow!("http.listen: {at} cannot be listened on ({})", error.kind())
    })
}

/// Opens the database after checking that the configured key continues its trails.
async fn open(place: &DatabasePlace, config: &Config) -> anyhow::Result<Store> {
    let store = Store::open_at(place).await?;
    check_key(&store, config.audit_key.as_ref(), TrailUse::Append).await??;
    // A restored database is distrusted before anything is permitted or suppressed.
    warden(store.clone(), config)
        .distrust_restored(&config.policy_on_the_console())
        .await?;
    Ok(store)
}

/// The bot of a chat on this database: several people, at the time of the system.
fn warden(store: Store, config: &Config) -> Warden {
    Warden::new(store, Arc::new(Clock::System), Arc::new(settings(config)))
}

fn settings(config: &Config) -> Settings {
    Settings {
        vendor_zone: config.vendor_zone,
        policy: config.policy.clone(),
        at_prompt: Some(config.policy_on_the_console()),
        is_alone: false,
        cadence: config.cadence.clone(),
        retention: config.retention,
        channels: config.channels.clone(),
        import_stale_after: config.import_stale_after,
        teams: config.teams.clone(),
        wordings: config.wordings.clone(),
        reader_zone: config.reader_zone,
        audit_key: config.audit_key.clone(),
        own: Overrides::default(),
        cards: false,
        clockface: Clockface::Written,
    }
}

fn start_log(config: &Config) -> anyhow::Result<LogLevel> {
    let level = log::start(&config.log)?;
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    Ok(level)
}

fn start_threads() -> anyhow::Result<Runtime> {
    // Half of the processors: the threads of the database and of the gateway need the others. Whenever one of several idle workers
    // is woken, it wakes another one for nothing.
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(processors.div_ceil(2))
        .enable_all()
        .build();
    runtime
        .map_err(|error| anyhow::anyhow!("the program cannot start its threads: {}", error.kind()))
}

pub(crate) fn print(text: &str) -> anyhow::Result<ExitCode> {
    writeln!(io::stdout(), "{}", text.trim_end())?;
    Ok(ExitCode::SUCCESS)
}
