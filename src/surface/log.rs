//! The log on standard error.

use std::io;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, ParseError, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Log, LogFormat};

/// What this program calls its own places in the log.
const OWN: [&str; 2] = ["edition_warden", "warden"];

/// Starts the log as the configuration has it.
///
/// # Errors
/// When the level is no filter, which the configuration has checked.
pub fn start(log: &Log) -> Result<(), ParseError> {
    let filter = EnvFilter::try_new(&log.level)?.and(filter_fn(keeps_secrets));
    let to = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let to = match log.format {
        LogFormat::Json => to.json().boxed(),
        LogFormat::Text => to.with_ansi(false).boxed(),
    };
    tracing_subscriber::registry()
        .with(to.with_filter(filter))
        .init();
    Ok(())
}

/// Whether this can be said without giving a secret away. Libraries write down whole messages and events, tokens and
/// sessions included, below `info` and in what surrounds their lines: that is left out at every level.
fn keeps_secrets(said: &Metadata<'_>) -> bool {
    let own = OWN.iter().any(|own| {
        let rest = said.target().strip_prefix(own);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    });
    own || said.is_event() && *said.level() <= Level::INFO
}
