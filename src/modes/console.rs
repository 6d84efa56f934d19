//! The modes that answer commands at a terminal: the prompt, one line, one import, one notice.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;

use tokio::runtime::Runtime;

use super::data::tell_unread;
use super::{open, serve, settings, start_log, start_threads};
use edition_warden::answer::UserError;
use edition_warden::app::{Actor, ImportSource, Permits, Settings, Warden};
use edition_warden::clock::Clock;
use edition_warden::command::{self, Asked, Decision, Import, ParseError, Query};
use edition_warden::config::Config;
use edition_warden::delivery::{Delivery, DeliveryOptions};
use edition_warden::domain::id::WorkspaceId;
use edition_warden::domain::outcome::Outcome;
use edition_warden::domain::place::DatabasePlace;
use edition_warden::render::Clockface;
use edition_warden::store::{ReadOnlyStore, Served, Store, StoreError, StoreResult};
use edition_warden::surface::cli::{Cli, Mode};
use edition_warden::surface::http::Server;
use edition_warden::surface::stop::{Terminal, told_to_end_beside};
use edition_warden::surface::{Console, Format, Input, Screen, fitted, read_import};

/// Standard input in the place of a file.
const PIPED: &str = "-";
/// `EX_TEMPFAIL`: a mail transfer agent keeps the mail, and hands it in again.
const TRY_AGAIN: u8 = 75;

/// Runs the modes that answer commands: the console, one import, or one notice.
pub(crate) fn converse(
    cli: &Cli,
    config: &Config,
    mode: Option<&Mode>,
) -> anyhow::Result<ExitCode> {
    start_log(config)?;
    let runtime = start_threads()?;
    let sandbox = match mode {
        Some(Mode::Console {
            sandbox: true, at, ..
        }) => Some(Arc::new(Clock::manual(at.resolve(config.vendor_zone)?))),
        _ => None,
    };
    let file = match mode {
        Some(Mode::Import(once)) => Some(read_import(&once.request.file)),
        _ => None,
    };
    let needs = match mode {
        _ if sandbox.is_some() => Needs::Nothing,
        Some(Mode::Say { words, .. }) => needed(words),
        Some(Mode::Import(once)) if once.workspace.is_some() => Needs::ToRecord,
        Some(Mode::Notice(_)) => Needs::ToRecord,
        _ => Needs::ToBegin,
    };
    if let (
        Some(Mode::Say {
            workspace: Some(_), ..
        }),
        Needs::ToRecord | Needs::ToBegin,
    ) = (mode, needs)
    {
        anyhow::bail!(
            "--workspace is for what only reads, and for `import`: say what is decided in a server there, so that its own people and rules decide"
        )
    }
    let is_new = matches!(needs, Needs::ToBegin) && !is_there(config);
    let needs = match mode {
        Some(mode) if is_new && !runtime.block_on(begins(cli, config, mode, file.as_ref()))? => {
            Needs::Nothing
        }
        _ => needs,
    };
    let is_mail = matches!(mode, Some(Mode::Notice(once)) if once.files == [PIPED]);
    let database = match runtime.block_on(open_for(needs, config)) {
        Err(error) if is_mail => {
            writeln!(io::stderr(), "{}", fitted(&format!("warden: {error:#}")))?;
            return Ok(ExitCode::from(TRY_AGAIN));
        }
        opened => opened?,
    };
    let store = &database.store;
    let mut console = console(cli, config, sandbox, store.clone());
    match (mode, file) {
        (Some(Mode::Import(once)), Some(file)) => {
            if let Some(workspace) = &once.workspace {
                runtime.block_on(enter(&mut console, config, workspace, Clockface::Marked))?;
            }
            console.import_once(&runtime, &once.request, file)?;
        }
        (Some(Mode::Notice(once)), _) => {
            let all_heard = console.notices_once(&runtime, &once.files)?;
            if is_mail && !all_heard {
                runtime.block_on(store.close());
                return Ok(ExitCode::from(TRY_AGAIN));
            }
        }
        (Some(Mode::Say { workspace, words }), _) => {
            if let (Some(workspace), Needs::ToRead) = (workspace, needs) {
                let written = Clockface::Written;
                runtime.block_on(enter(&mut console, config, workspace, written))?;
            }
            console.say_once(&runtime, words)?;
        }
        _ => {
            let server = runtime.block_on(serve_beside(config, &console))?;
            end_when_told(&runtime, &console, server.clone());
            if let (None, Some(url)) = (&console.sandbox, &config.heartbeat) {
                console.delivery.show_life(url.clone());
            }
            console.run(&runtime, Input::detect())?;
            if let Some(server) = server {
                runtime.block_on(server.stop());
            }
        }
    }
    let code = ExitCode::from(u8::from(console.any_failed));
    runtime.block_on(store.close());
    Ok(code)
}

/// The access to the database that a mode needs.
#[derive(Clone, Copy)]
enum Needs {
    Nothing,
    /// An existing database, without the key of the trail.
    ToRead,
    /// An existing database.
    ToRecord,
    /// A database, which is made where there is none.
    ToBegin,
}

/// Whether there is a database. One on a server is there, or its absence is an error.
fn is_there(config: &Config) -> bool {
    let file = config.database.file();
    file.is_none_or(Store::is_there)
}

/// Whether what is said on the command line records something where nothing is known yet: it is tried in memory, so that what is
/// refused, or only a trial, makes no database.
async fn begins(
    cli: &Cli,
    config: &Config,
    mode: &Mode,
    file: Option<&Result<ImportSource, UserError>>,
) -> anyhow::Result<bool> {
    let trial = console(cli, config, None, Store::in_memory().await?);
    let (warden, actor) = (&trial.warden, &trial.actor);
    let reply = match (mode, file) {
        (Mode::Import(once), Some(Ok(_))) if once.request.dry_run => return Ok(false),
        (Mode::Import(once), Some(Ok(source))) => {
            let request = Import {
                dry_run: true,
                ..once.request.clone()
            };
            warden.import(actor, &request, source).await
        }
        (Mode::Import(_), _) => return Ok(false),
        (Mode::Say { words, .. }, _) => match command::parse_line(&command::line_of(words)) {
            Ok(command) => warden.handle(actor, &command).await,
            Err(_) => return Ok(false),
        },
        _ => return Ok(true),
    };
    Ok(matches!(reply.outcome, Outcome::Done | Outcome::Info))
}

/// The access that one line needs. Help and unknown commands need none.
fn needed(words: &[String]) -> Needs {
    match command::parse_line(&command::line_of(words)) {
        // Where an instance stands in the place of its change, the error names the number of the change.
        Err(ParseError::NotChange(_)) => Needs::ToRead,
        Err(_) => Needs::Nothing,
        Ok(command) => match command.asked() {
            Asked::Help(_) | Asked::Query(Query::Rules | Query::Rule(_)) => Needs::Nothing,
            Asked::Query(_) => Needs::ToRead,
            Asked::Handover(it) if it.to.is_none() => Needs::ToRead,
            Asked::Import | Asked::Decision(Decision::AddInstance(_) | Decision::Set(_)) => {
                Needs::ToBegin
            }
            Asked::Decision(_) | Asked::Notice(_) | Asked::ImportUndo(_) | Asked::Handover(_) => {
                Needs::ToRecord
            }
        },
    }
}

struct OpenDatabase {
    store: Store,
    /// The guard of the copy, if the database is read only.
    _read_only: Option<ReadOnlyStore>,
}

impl From<Store> for OpenDatabase {
    fn from(store: Store) -> Self {
        Self {
            store,
            _read_only: None,
        }
    }
}

impl From<ReadOnlyStore> for OpenDatabase {
    fn from(reading: ReadOnlyStore) -> Self {
        Self {
            store: reading.store.clone(),
            _read_only: Some(reading),
        }
    }
}

/// The database with the access that is needed. What asks about something, or says something of it, makes none.
async fn open_for(needs: Needs, config: &Config) -> anyhow::Result<OpenDatabase> {
    let place = &config.database;
    match needs {
        Needs::Nothing => Ok(Store::in_memory().await?.into()),
        Needs::ToRead | Needs::ToRecord if !is_there(config) => {
            // An answer of nothing would look like good news to a script in a wrong directory, and nobody looks into a notice there.
            anyhow::bail!(
                "there is no database {place}; name the one that is meant with --db PATH, WARDEN__DATABASE__PATH or database.path. The first `warden instance add`, `warden import` or `warden settings …` makes one here, and so does `warden` alone"
            )
        }
        Needs::ToRead => open_to_read(place, config).await,
        Needs::ToRecord | Needs::ToBegin => Ok(open(place, config).await?.into()),
    }
}

/// Opens the database for reading, without the key. A restored database that is still trusted is distrusted first. What is no more
/// than a copy is shown as one, and so is what nothing can be recorded in.
async fn open_to_read(place: &DatabasePlace, config: &Config) -> anyhow::Result<OpenDatabase> {
    let store = match Store::open_at(place).await {
        Err(error @ (StoreError::IsCopy { .. } | StoreError::MovedTo { .. })) => {
            let reading = Store::open_at_to_read(place).await?;
            let told = format!("warden: this is what was known in the past: {error}");
            writeln!(io::stderr(), "{}", fitted(&told))?;
            return Ok(reading.into());
        }
        Err(error) if error.is_of_the_place() => {
            let Ok(reading) = Store::open_at_to_read(place).await else {
                return Err(error.into());
            };
            // Nothing can be distrusted there, and what is trusted by mistake is not shown.
            if !is_distrusted(&reading.store).await? {
                return Err(error.into());
            }
            let told = format!("warden: this is only read, and nothing can be recorded: {error}");
            writeln!(io::stderr(), "{}", fitted(&told))?;
            tell_unread(&reading)?;
            return Ok(reading.into());
        }
        opened => opened?,
    };
    if is_distrusted(&store).await? {
        return Ok(store.into());
    }
    store.close().await;
    Ok(open(place, config).await?.into())
}

/// Whether what a restored database knew of the time before is distrusted.
async fn is_distrusted(store: &Store) -> StoreResult<bool> {
    let restorations = store.system().restorations().await?;
    Ok(restorations.iter().all(|one| one.left.is_none()))
}

/// Serves HTTP beside the console if it is configured and no other process listens there. A sandbox serves nothing.
async fn serve_beside(config: &Config, console: &Console) -> anyhow::Result<Option<Server>> {
    let Some(at) = config.http.listen.filter(|_| console.sandbox.is_none()) else {
        return Ok(None);
    };
    if let Err(error) = std::net::TcpListener::bind(at)
        && error.kind() == io::ErrorKind::AddrInUse
    {
        tracing::warn!(http.listen = %at, "the address is in use; this prompt continues without HTTP");
        return Ok(None);
    }
    serve(config, console.warden.clone(), console.delivery.clone()).await
}

/// On a stop signal: answers the current line, finishes what is being sent, and leaves the rest for the next start. Pending input
/// is not waited for.
fn end_when_told(runtime: &Runtime, console: &Console, server: Option<Server>) {
    let (screen, delivery) = (console.screen.clone(), console.delivery.clone());
    let store = console.warden.store().clone();
    let terminal = Terminal::remember();
    let _context = runtime.enter();
    let told = told_to_end_beside(screen.clone());
    runtime.spawn(async move {
        let code = told.await;
        if let Some(server) = server {
            server.stop().await;
        }
        let _no_more = screen.line().await;
        if let Err(error) = delivery.stop().await {
            tracing::error!(error = %edition_warden::trace::causes(&error), "the next start posts what is left");
        }
        store.close().await;
        terminal.restore();
        std::process::exit(i32::from(code));
    });
}

fn console(cli: &Cli, config: &Config, sandbox: Option<Arc<Clock>>, store: Store) -> Console {
    let mut settings = settings(config);
    let (database, actor) = if sandbox.is_some() {
        settings.at_prompt = None;
        ("in memory".to_owned(), Actor::sandbox("local"))
    } else {
        let mut actor = Actor::local(&login_name());
        // A script is asked nothing.
        if cli.format() == Format::Text && Input::detect() == Input::Terminal {
            actor.permits = Permits::Named(None);
        }
        (config.database.to_string(), actor)
    };
    let clock = sandbox.clone().unwrap_or_else(|| Arc::new(Clock::System));
    let warden = Warden::new(store, clock, Arc::new(settings));
    let screen = Screen::new(cli.format());
    let terms = DeliveryOptions::at_terminal();
    let delivery = if sandbox.is_some() {
        Delivery::alone(warden.clone(), screen.clone(), terms)
    } else {
        let served = Served::Only(actor.workspace.clone());
        Delivery::leased(warden.clone(), screen.clone(), terms, served)
    };
    Console {
        delivery,
        warden,
        actor,
        sandbox,
        screen,
        vendor_zone: config.vendor_zone,
        reader_zone: config.reader_zone,
        database,
        asks: None,
        any_failed: false,
    }
}

/// Switches the console to a chat's workspace and its settings. The bot posts what the commands cause there.
async fn enter(
    console: &mut Console,
    config: &Config,
    workspace: &WorkspaceId,
    clockface: Clockface,
) -> anyhow::Result<()> {
    let held = console.warden.workspaces().await?;
    if !held.iter().any(|held| held.workspace == *workspace) {
        anyhow::bail!(
            "nothing is known of the workspace {workspace} yet: it is the id of a server where the bot has been told something"
        )
    }
    let settings = Settings {
        clockface,
        cards: true,
        ..settings(config)
    };
    let store = console.warden.store().clone();
    console.warden = Warden::new(store, Arc::new(Clock::System), Arc::new(settings));
    console.actor.workspace = workspace.clone();
    Ok(())
}

/// The name that the trail records for commands from the console.
pub(super) fn login_name() -> String {
    let names = ["USER", "LOGNAME"]
        .into_iter()
        .filter_map(|key| std::env::var(key).ok());
    let usable = |name: &String| edition_warden::domain::id::Label::parse(name).is_ok();
    names
        .into_iter()
        .find(usable)
        .unwrap_or_else(|| "local".to_owned())
}
