//! Command line, configuration, wiring. Small on purpose.

mod modes;

use std::io::{self, Write as _};
use std::process::ExitCode;

use edition_warden::config::{self, Config};
use edition_warden::render;
use edition_warden::surface::cli::{Cli, Mode};
use edition_warden::surface::{self, shell};
use edition_warden::surface::{AuditReading, AuditTask, Format};
use modes::{console, data, named_database, print, service};

/// The width of a summary of the configuration, wherever it is written.
const SUMMARY_COLUMNS: usize = 100;
/// Unusable arguments, configuration or database.
const UNUSABLE: u8 = 2;

fn main() -> ExitCode {
    let read = Cli::read(std::env::args_os()).map_err(anyhow::Error::from);
    match read.and_then(|cli| run(&cli)) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let told = surface::fitted(&format!("warden: {}", error_text(&error)));
            let _ = writeln!(io::stderr(), "{told}");
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
fn error_text(error: &anyhow::Error) -> String {
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
        Some(Mode::Audit(AuditTask::Read(AuditReading::Export { .. })))
            if cli.replies.format.is_some() =>
        {
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
        Some(Mode::Completions { shell }) => return print_bytes(&shell::completions(*shell)),
        Some(Mode::Man) => return print_bytes(&shell::manual()?),
        _ => {}
    }
    let mut config = Config::load(cli.config.as_deref(), config::environment())?;
    if let Some(place) = named_database(cli)? {
        config.use_database(place);
    }
    match &cli.mode {
        Some(Mode::CheckConfig { .. }) => {
            config.check_secrets()?;
            let text = config.summary() + &data::warnings(&config)?;
            print(&render::wrapped(&text, SUMMARY_COLUMNS))
        }
        Some(Mode::Rules { markdown: true, .. }) => print(&render::rule::markdown()),
        Some(Mode::Rules {
            markdown: false, ..
        }) => print(&render::rule::list()),
        Some(Mode::Audit(task)) => data::audit(&config, task),
        Some(Mode::Doctor { repair }) => data::examine(&config, *repair),
        Some(Mode::Ready) => data::ask_whether_ready(&config),
        Some(Mode::Backup(backup)) => data::copy(&config, backup),
        Some(Mode::Restore(restore)) => data::put_back(&config, restore),
        Some(Mode::Migrate(migrate)) => data::move_all(&config, migrate),
        Some(Mode::Serve(how)) => {
            config.check_secrets()?;
            service::headless(cli, &config, how)
        }
        Some(Mode::Discord(how)) => {
            config.check_secrets()?;
            service::in_discord(cli, &config, how)
        }
        mode => console::converse(cli, &config, mode.as_ref()),
    }
}

fn print_bytes(bytes: &[u8]) -> anyhow::Result<ExitCode> {
    io::stdout().write_all(bytes)?;
    Ok(ExitCode::SUCCESS)
}
