//! Command line, configuration, wiring. Small on purpose.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use edition_warden::app::{Actor, Settings, Warden};
use edition_warden::clock::Clock;
use edition_warden::command::{Import, When};
use edition_warden::config::{self, Config, LogFormat};
use edition_warden::render;
use edition_warden::store::Store;
use edition_warden::surface::{Console, Format, Input};
use tokio::runtime::Runtime;

/// Keeps edition changes of ApsaraMQ for RocketMQ in their documented order.
///
/// Without a subcommand it opens the console on an embedded database.
#[derive(Parser)]
#[command(name = "warden", version)]
struct Cli {
    /// The database file; created on first start
    #[arg(long, global = true, value_name = "PATH")]
    db: Option<PathBuf>,
    /// A configuration file, instead of config/warden.toml where that exists
    #[arg(long, global = true, value_name = "PATH")]
    config: Option<PathBuf>,
    /// How replies are written
    #[arg(long, global = true, value_enum, default_value = "text")]
    format: Format,
    #[command(subcommand)]
    mode: Option<Mode>,
}

#[derive(Subcommand)]
enum Mode {
    /// Open the console (the default): a prompt on a terminal, a command a line when piped
    Console {
        /// An in-memory database and a manual clock, for trying things out
        #[arg(long, conflicts_with = "db")]
        sandbox: bool,
        /// Where the sandbox's clock starts
        #[arg(
            long,
            value_name = "RFC3339",
            requires = "sandbox",
            default_value = "2026-01-01T00:00:00Z"
        )]
        at: When,
    },
    /// Take facts from a listing of the vendor's API (JSON) or from CSV
    Import(Import),
    /// Check the configuration and print what is in effect
    CheckConfig,
    /// Print the documented rules
    Rules {
        /// As a Markdown table
        #[arg(long)]
        markdown: bool,
    },
}

/// Unusable arguments, configuration or database.
const UNUSABLE: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "warden: {}", told(&error));
            ExitCode::from(UNUSABLE)
        }
    }
}

/// Whoever read the output has gone: that is no failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// An error in words. Input and output errors that reach this place are those of standard output.
fn told(error: &anyhow::Error) -> String {
    error.downcast_ref::<io::Error>().map_or_else(
        || format!("{error:#}"),
        |error| {
            let kind = error.kind();
            format!("standard output cannot be written to ({kind}); what was recorded until then stays recorded")
        },
    )
}

/// Options that are understood alone, but not together.
fn refuse_contradictions(cli: &Cli) -> anyhow::Result<()> {
    match &cli.mode {
        Some(Mode::Console { sandbox: true, .. }) if cli.db.is_some() => {
            anyhow::bail!(
                "--sandbox keeps everything in memory, so there is no place for --db; leave one of them out"
            )
        }
        Some(Mode::CheckConfig | Mode::Rules { .. }) if cli.format == Format::Json => {
            anyhow::bail!(
                "--format json is for replies to commands, and this prints text only; leave it out"
            )
        }
        _ => Ok(()),
    }
}

fn run(cli: &Cli) -> anyhow::Result<ExitCode> {
    refuse_contradictions(cli)?;
    let mut config = Config::load(cli.config.as_deref(), config::environment())?;
    if let Some(path) = &cli.db {
        config.use_database(path.clone());
    }
    match &cli.mode {
        Some(Mode::CheckConfig) => print(&config.summary()),
        Some(Mode::Rules { markdown: true }) => print(&render::rule::markdown()),
        Some(Mode::Rules { markdown: false }) => print(&render::rule::list()),
        mode => converse(cli, &config, mode.as_ref()),
    }
}

fn print(text: &str) -> anyhow::Result<ExitCode> {
    writeln!(io::stdout(), "{}", text.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

/// Everything that answers commands: the console, or one import.
fn converse(cli: &Cli, config: &Config, mode: Option<&Mode>) -> anyhow::Result<ExitCode> {
    start_log(config)?;
    let runtime = Runtime::new().map_err(|error| {
        anyhow::anyhow!("the program cannot start its threads: {}", error.kind())
    })?;
    let sandbox = match mode {
        Some(Mode::Console { sandbox: true, at }) => {
            Some(Arc::new(Clock::manual(at.resolve(config.vendor_zone)?)))
        }
        _ => None,
    };
    let path = config.database_path.as_path();
    let store = runtime.block_on(open(path, sandbox.is_some()))?;
    let mut console = console(cli, config, (path, sandbox), store.clone());
    match mode {
        Some(Mode::Import(request)) => console.import_once(&runtime, request)?,
        _ => console.run(&runtime, Input::detect())?,
    }
    let code = ExitCode::from(u8::from(console.any_failed));
    runtime.block_on(store.close());
    Ok(code)
}

async fn open(path: &Path, sandbox: bool) -> anyhow::Result<Store> {
    let store = if sandbox {
        Store::in_memory().await?
    } else {
        Store::open(path).await?
    };
    Ok(store)
}

fn console(
    cli: &Cli,
    config: &Config,
    (path, sandbox): (&Path, Option<Arc<Clock>>),
    store: Store,
) -> Console {
    let settings = Settings {
        vendor_zone: config.vendor_zone,
        policy: if sandbox.is_some() {
            config.policy.clone()
        } else {
            config.policy_on_the_console()
        },
        channels: config.channels.clone(),
        teams: config.teams.clone(),
    };
    let clock = sandbox.clone().unwrap_or_else(|| Arc::new(Clock::System));
    let database = if sandbox.is_some() {
        "in memory".to_owned()
    } else {
        path.display().to_string()
    };
    let actor = if sandbox.is_some() {
        Actor::sandbox("local")
    } else {
        Actor::local(&login_name())
    };
    Console {
        warden: Warden::new(store, clock, Arc::new(settings)),
        actor,
        sandbox,
        format: cli.format,
        vendor_zone: config.vendor_zone,
        reader_zone: config.reader_zone,
        database,
        any_failed: false,
    }
}

/// Whom the trail names for what is said at the console.
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

fn start_log(config: &Config) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.level)?;
    let log = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_env_filter(filter);
    match config.log.format {
        LogFormat::Json => log.json().init(),
        LogFormat::Text => log.with_ansi(false).init(),
    }
    Ok(())
}
