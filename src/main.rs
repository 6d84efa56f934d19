//! Command line, configuration, wiring. Small on purpose.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use edition_warden::app::{Actor, Settings, Warden, check_key};
use edition_warden::clock::Clock;
use edition_warden::command::{self, Asked, Query};
use edition_warden::config::{self, Config};
use edition_warden::delivery::{Chat, Delivery, DeliveryOptions};
use edition_warden::domain::id::WorkspaceId;
use edition_warden::domain::place::DatabasePlace;
use edition_warden::domain::setting::Overrides;
use edition_warden::render::{self, Clockface};
use edition_warden::store::{MissingPart, Store};
use edition_warden::surface::cli::{self, Cli, InDiscord, Mode};
use edition_warden::surface::discord::{self, Discord};
use edition_warden::surface::doctor;
use edition_warden::surface::greeting;
use edition_warden::surface::http::Server;
use edition_warden::surface::log::{self, LogLevel};
use edition_warden::surface::ready;
use edition_warden::surface::serve::{self, Serve};
use edition_warden::surface::stop::{Terminal, rereads, told_to_end, told_to_end_alone};
use edition_warden::surface::{
    AuditTask, Backup, Console, Format, Input, Migrate, Rereading, Restore, Screen,
};
use tokio::runtime::Runtime;

/// Unusable arguments, configuration or database.
const UNUSABLE: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::read(std::env::args_os());
    match run(&cli) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "warden: {}", told(&error));
            ExitCode::from(UNUSABLE)
        }
    }
}

/// A broken pipe means that the reader of the output closed it: not a failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// An error as text. An `io::Error` that reaches this function comes from standard output.
fn told(error: &anyhow::Error) -> String {
    error.downcast_ref::<io::Error>().map_or_else(
        || format!("{error:#}"),
        |error| {
            let kind = error.kind();
            format!("standard output cannot be written to ({kind}); what was recorded until then stays recorded")
        },
    )
}

/// Rejects options that are valid alone but not together.
fn refuse_contradictions(cli: &Cli) -> anyhow::Result<()> {
    match &cli.mode {
        Some(Mode::Console { sandbox: true, .. }) if cli.db.is_some() => {
            anyhow::bail!(
                "--sandbox keeps everything in memory, so there is no place for --db; leave one of them out"
            )
        }
        Some(Mode::Audit(AuditTask::Export { .. })) if cli.replies.format.is_some() => {
            anyhow::bail!(
                "an export has formats of its own: write --format jsonl or --format csv behind `audit export`"
            )
        }
        Some(
            Mode::CheckConfig { .. }
            | Mode::Rules { .. }
            | Mode::Audit(_)
            | Mode::Doctor { .. }
            | Mode::Ready
            | Mode::Backup(_)
            | Mode::Restore(_)
            | Mode::Migrate(_)
            | Mode::Discord(_)
            | Mode::Serve(_)
            | Mode::Completions { .. }
            | Mode::Man,
        ) if cli.format() == Format::Json => {
            anyhow::bail!(
                "--format json is for replies to commands, and this prints text only; leave it out"
            )
        }
        _ => Ok(()),
    }
}

fn run(cli: &Cli) -> anyhow::Result<ExitCode> {
    refuse_contradictions(cli)?;
    // Completions and the manual work even with a broken configuration.
    match &cli.mode {
        Some(Mode::Completions { shell }) => return print_bytes(&cli::completions(*shell)),
        Some(Mode::Man) => return print_bytes(&cli::manual()?),
        _ => {}
    }
    let mut config = Config::load(cli.config.as_deref(), config::environment())?;
    if let Some(place) = named_database(cli)? {
        config.use_database(place);
    }
    match &cli.mode {
        Some(Mode::CheckConfig { .. }) => {
            config.check_listening()?;
            print(&config.summary())
        }
        Some(Mode::Rules { markdown: true, .. }) => print(&render::rule::markdown()),
        Some(Mode::Rules {
            markdown: false, ..
        }) => print(&render::rule::list()),
        Some(Mode::Audit(task)) => audit(&config, task),
        Some(Mode::Doctor { repair }) => examine(&config, *repair),
        Some(Mode::Ready) => ask_whether_ready(&config),
        Some(Mode::Backup(backup)) => copy(&config, backup),
        Some(Mode::Restore(restore)) => put_back(&config, restore),
        Some(Mode::Migrate(migrate)) => move_all(&config, migrate),
        Some(Mode::Serve(how)) => headless(cli, &config, how),
        Some(Mode::Discord(how)) => in_discord(cli, &config, how),
        mode => converse(cli, &config, mode.as_ref()),
    }
}

fn print(text: &str) -> anyhow::Result<ExitCode> {
    writeln!(io::stdout(), "{}", text.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

fn print_bytes(bytes: &[u8]) -> anyhow::Result<ExitCode> {
    io::stdout().write_all(bytes)?;
    Ok(ExitCode::SUCCESS)
}

/// The database that the command line names.
fn named_database(cli: &Cli) -> anyhow::Result<Option<DatabasePlace>> {
    let named = cli.db.as_deref().map(DatabasePlace::named).transpose();
    named.map_err(|error| anyhow::anyhow!("--db: {error}"))
}

/// The file that the database is; for one on a server there is a `tool` instead.
fn file_for<'a>(config: &'a Config, tool: &str) -> anyhow::Result<&'a Path> {
    let place = &config.database;
    place.file().ok_or_else(|| {
        anyhow::anyhow!(
            "the database {place} is on a server, where `{tool}` does this: docs/postgresql.md says how, and what comes after it"
        )
    })
}

/// Runs an audit task on an existing database.
fn audit(config: &Config, task: &AuditTask) -> anyhow::Result<ExitCode> {
    start_log(config)?;
    start_threads()?.block_on(async {
        let reading = Store::open_at_to_read(&config.database).await?;
        let done = task.run(&reading, config.audit_key.as_ref()).await;
        reading.store.close().await;
        done
    })
}

/// Checks the integrity of the database read-only, then rebuilds derived data if asked to.
fn examine(config: &Config, repair: bool) -> anyhow::Result<ExitCode> {
    start_log(config)?;
    start_threads()?.block_on(async {
        let place = &config.database;
        let reading = Store::open_at_to_read(place).await?;
        if let Some(lacking) = &reading.lacking {
            writeln!(io::stderr(), "{}", render::audit::lacking(lacking))?;
        }
        let found = doctor::diagnose(&warden(reading.store.clone(), config)).await;
        reading.store.close().await;
        let found = found?;
        // A damaged database is not written to: it is evidence, and writing may spread the damage.
        if !repair || found.is_damaged || found.differs.is_empty() {
            return Ok(ExitCode::from(found.code));
        }
        let store = open(place, config).await?;
        let code = doctor::repair(&warden(store.clone(), config), &found).await;
        store.close().await;
        Ok(ExitCode::from(code?))
    })
}

/// Asks the running process whether it is ready.
fn ask_whether_ready(config: &Config) -> anyhow::Result<ExitCode> {
    let Some(at) = config.http.listen else {
        anyhow::bail!(
            "http.listen is not set, so there is nowhere to ask: set it as for the program that runs"
        )
    };
    match start_threads()?.block_on(ready::ask(at)) {
        Ok(delivery) => print(&format!("ready: it {delivery}")),
        Err(reason) => {
            writeln!(io::stderr(), "warden: not ready: {reason}")?;
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Copies an existing database.
fn copy(config: &Config, backup: &Backup) -> anyhow::Result<ExitCode> {
    start_log(config)?;
    start_threads()?.block_on(async {
        let path = file_for(config, "pg_dump")?;
        let reading = Store::open_to_read(path).await?;
        // A missing part beside a cleanly closed database is normal.
        if let Some(lacking @ MissingPart::Unread { .. }) = &reading.lacking {
            writeln!(io::stderr(), "{}", render::audit::lacking(lacking))?;
        }
        let copying = async {
            let key = config.audit_key.as_ref();
            check_key(&reading.store, key).await??;
            backup
                .run(&reading.store, path, key, Clock::System.now())
                .await
        };
        let done = tokio::select! {
            done = copying => done.map(|()| 0),
            code = told_to_end() => return Ok(ExitCode::from(code)),
        };
        reading.store.close().await;
        Ok(ExitCode::from(done?))
    })
}

/// Replaces the database with a copy and marks its facts as distrusted.
fn put_back(config: &Config, restore: &Restore) -> anyhow::Result<ExitCode> {
    start_log(config)?;
    start_threads()?.block_on(async {
        let (key, now) = (config.audit_key.as_ref(), Clock::System.now());
        if restore.distrust && config.database.server().is_some() {
            Restore::distrust(&config.database, key, now).await?;
        } else if restore.distrust {
            anyhow::bail!(
                "--distrust is for a database on a server, after `pg_restore`; for a file, name the copy"
            )
        } else {
            let path = file_for(config, "pg_restore")?;
            restore.run(path, key, now).await?;
        }
        let store = open(&config.database, config).await?;
        let said = warden(store.clone(), config)
            .in_force_since_restored(&config.policy_on_the_console())
            .await;
        store.close().await;
        for (workspace, in_force) in said? {
            writeln!(io::stdout(), "Workspace {workspace}:{in_force}")?;
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Moves the whole database into another one.
fn move_all(config: &Config, migrate: &Migrate) -> anyhow::Result<ExitCode> {
    start_log(config)?;
    start_threads()?.block_on(async {
        tokio::select! {
            done = migrate.run(config.audit_key.as_ref()) => done.map(|()| ExitCode::SUCCESS),
            code = told_to_end() => Ok(ExitCode::from(code)),
        }
    })
}

fn start_threads() -> anyhow::Result<Runtime> {
    Runtime::new()
        .map_err(|error| anyhow::anyhow!("the program cannot start its threads: {}", error.kind()))
}

/// Runs the modes that answer commands: the console, one import, or one notice.
fn converse(cli: &Cli, config: &Config, mode: Option<&Mode>) -> anyhow::Result<ExitCode> {
    start_log(config)?;
    let runtime = start_threads()?;
    let sandbox = match mode {
        Some(Mode::Console {
            sandbox: true, at, ..
        }) => Some(Arc::new(Clock::manual(at.resolve(config.vendor_zone)?))),
        _ => None,
    };
    let place = &config.database;
    let needs = mode.map_or(Needs::ToRecord, needed);
    let store = match needs {
        _ if sandbox.is_some() => runtime.block_on(Store::in_memory())?,
        Needs::Nothing => runtime.block_on(Store::in_memory())?,
        Needs::ToRead if place.file().is_some_and(|path| !Store::is_there(path)) => {
            writeln!(
                io::stderr(),
                "warden: there is no database {place}: this is the answer of an empty one, and none was made. Another one is named by --db PATH, WARDEN__DATABASE__PATH or database.path"
            )?;
            runtime.block_on(Store::in_memory())?
        }
        Needs::ToRead => runtime.block_on(open_to_read(place, config))?,
        Needs::ToRecord => runtime.block_on(open(place, config))?,
    };
    let mut console = console(cli, config, sandbox, store.clone());
    match mode {
        Some(Mode::Import(once)) => {
            if let Some(workspace) = &once.workspace {
                runtime.block_on(enter(&mut console, config, workspace, Clockface::Marked))?;
            }
            console.import_once(&runtime, &once.request)?;
        }
        Some(Mode::Notice(once)) => console.notice_once(&runtime, &once.file)?,
        Some(Mode::Say { workspace, words }) => {
            match (workspace, needs) {
                (Some(_), Needs::ToRecord) => anyhow::bail!(
                    "--workspace is for what only reads, and for `import`: say what is decided in a server there, so that its own people and rules decide"
                ),
                (Some(workspace), Needs::ToRead) => {
                    let written = Clockface::Written;
                    runtime.block_on(enter(&mut console, config, workspace, written))?;
                }
                (None, _) | (Some(_), Needs::Nothing) => {}
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
    ToRecord,
}

/// The access that one line needs. Help and unknown commands need none.
fn needed(mode: &Mode) -> Needs {
    let Mode::Say { words, .. } = mode else {
        return Needs::ToRecord;
    };
    match command::parse_line(&command::line_of(words)) {
        Err(_) => Needs::Nothing,
        Ok(command) => match command.asked() {
            Asked::Help(_) | Asked::Query(Query::Rules | Query::Rule(_)) => Needs::Nothing,
            Asked::Query(_) => Needs::ToRead,
            Asked::Decision(_)
            | Asked::Notice(_)
            | Asked::Import
            | Asked::ImportUndo(_)
            | Asked::Handover(_) => Needs::ToRecord,
        },
    }
}

/// Opens the database for reading, without the key. A restored database that is still trusted is distrusted first.
async fn open_to_read(place: &DatabasePlace, config: &Config) -> anyhow::Result<Store> {
    let store = Store::open_at(place).await?;
    let restorations = store.system().restorations().await?;
    if restorations.iter().all(|one| one.left.is_none()) {
        return Ok(store);
    }
    store.close().await;
    open(place, config).await
}

/// Serves HTTP beside the console if it is configured and no other process listens there. A sandbox serves nothing.
async fn serve_beside(config: &Config, console: &Console) -> anyhow::Result<Option<Server>> {
    let Some(at) = config.http.listen.filter(|_| console.sandbox.is_none()) else {
        return Ok(None);
    };
    if let Err(error) = std::net::TcpListener::bind(at)
        && error.kind() == io::ErrorKind::AddrInUse
    {
        tracing::warn!(http.listen = %at, "the address is in use; this prompt goes on without HTTP");
        return Ok(None);
    }
    serve(config, console.warden.clone(), console.delivery.clone()).await
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

/// On a stop signal: answers the current line, finishes what is being sent, and leaves the rest for the next start. Pending input
/// is not waited for.
fn end_when_told(runtime: &Runtime, console: &Console, server: Option<Server>) {
    let (screen, delivery) = (console.screen.clone(), console.delivery.clone());
    let store = console.warden.store().clone();
    let terminal = Terminal::remember();
    let _context = runtime.enter();
    let told = told_to_end();
    runtime.spawn(async move {
        let code = told.await;
        if let Some(server) = server {
            server.stop().await;
        }
        let _no_more = screen.line().await;
        if let Err(error) = delivery.stop().await {
            tracing::error!(error = ?error, "the next start posts what is left");
        }
        store.close().await;
        terminal.restore();
        std::process::exit(i32::from(code));
    });
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
    if init || place.file().is_none_or(Path::exists) {
        return Ok(());
    }
    anyhow::bail!(
        "there is no database {place}. If it is to be created there, start once with --init; otherwise look at --db, at database.path and at the working directory"
    )
}

/// Runs HTTP and the schedule until a stop signal.
fn headless(cli: &Cli, config: &Config, how: &Serve) -> anyhow::Result<ExitCode> {
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
            serve::run(&warden, &delivery, server.as_ref(), told).await
        };
        let served = served.await;
        store.close().await;
        Ok(ExitCode::from(served?))
    })
}

/// Runs the Discord bot until a stop signal.
fn in_discord(cli: &Cli, config: &Config, how: &InDiscord) -> anyhow::Result<ExitCode> {
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
        let delivery = Delivery::leased(warden.clone(), bot.chat(), DeliveryOptions::default());
        if let Some(url) = &config.heartbeat {
            delivery.show_life(url.clone());
        }
        let server = serve(config, warden.clone(), delivery.clone()).await?;
        reread(cli, config, level, &warden, server.as_ref(), of);
        let ended = bot.run(delivery, told).await;
        if let Some(server) = server {
            server.stop().await;
        }
        store.close().await;
        Ok(ExitCode::from(ended?))
    })
}

/// Opens the database after checking that the configured key continues its trails.
async fn open(place: &DatabasePlace, config: &Config) -> anyhow::Result<Store> {
    let store = Store::open_at(place).await?;
    check_key(&store, config.audit_key.as_ref()).await??;
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

fn console(cli: &Cli, config: &Config, sandbox: Option<Arc<Clock>>, store: Store) -> Console {
    let mut settings = settings(config);
    let (database, actor) = if sandbox.is_some() {
        ("in memory".to_owned(), Actor::sandbox("local"))
    } else {
        settings.policy = config.policy_on_the_console();
        (config.database.to_string(), Actor::local(&login_name()))
    };
    let clock = sandbox.clone().unwrap_or_else(|| Arc::new(Clock::System));
    let warden = Warden::new(store, clock, Arc::new(settings));
    let screen = Screen::new(cli.format());
    // The console shows all channels in one place, so one at a time keeps the order of posting.
    let terms = DeliveryOptions {
        side_by_side: 1,
        ..DeliveryOptions::default()
    };
    let deliver = if sandbox.is_some() {
        Delivery::alone
    } else {
        Delivery::leased
    };
    Console {
        delivery: deliver(warden.clone(), screen.clone(), terms),
        warden,
        actor,
        sandbox,
        screen,
        vendor_zone: config.vendor_zone,
        reader_zone: config.reader_zone,
        database,
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
fn login_name() -> String {
    let names = ["USER", "LOGNAME"]
        .into_iter()
        .filter_map(|key| std::env::var(key).ok());
    let usable = |name: &String| edition_warden::domain::id::Label::parse(name).is_ok();
    names
        .into_iter()
        .find(usable)
        .unwrap_or_else(|| "local".to_owned())
}

fn start_log(config: &Config) -> anyhow::Result<LogLevel> {
    let level = log::start(&config.log)?;
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    Ok(level)
}
