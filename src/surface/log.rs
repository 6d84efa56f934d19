//! The log on standard error.

use std::io;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, ParseError, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Registry, reload};

use crate::config::{Log, LogFormat};

/// What this program calls its own places in the log.
const OWN: [&str; 2] = ["edition_warden", "warden"];

/// What is logged, to be changed while the program runs.
pub struct LogLevel(reload::Handle<EnvFilter, Registry>);

impl LogLevel {
    /// Logs from now on what this says.
    pub fn set(&self, log: &Log) {
        let new = EnvFilter::try_new(&log.level).map_err(|error| error.to_string());
        let set = new.and_then(|new| self.0.reload(new).map_err(|error| error.to_string()));
        if let Err(error) = set {
            tracing::error!(error, "what is logged stays");
        }
    }
}

/// Starts the log as the configuration has it.
///
/// # Errors
/// When the level is no filter, which the configuration has checked.
pub fn start(log: &Log) -> Result<LogLevel, ParseError> {
    let (level, handle) = reload::Layer::new(EnvFilter::try_new(&log.level)?);
    let filter = level.and(filter_fn(keeps_secrets));
    let to = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let to = match log.format {
        LogFormat::Json => to.json().boxed(),
        LogFormat::Text => to.with_ansi(false).boxed(),
    };
    tracing_subscriber::registry()
        .with(to.with_filter(filter))
        .init();
    Ok(LogLevel(handle))
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
