//! The log on standard error.

use std::io;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, ParseError, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Registry, reload};

use crate::config::{Log, LogFormat};

/// The targets of this program's own log events.
const OWN: [&str; 2] = ["edition_warden", "warden"];

/// The log filter, which can be changed at run time.
pub struct LogLevel(reload::Handle<EnvFilter, Registry>);

impl LogLevel {
    /// Applies the filter of this configuration.
    pub fn set(&self, log: &Log) {
        let new = EnvFilter::try_new(&log.level).map_err(|error| error.to_string());
        let set = new.and_then(|new| self.0.reload(new).map_err(|error| error.to_string()));
        if let Err(error) = set {
            tracing::error!(error, "what is logged stays");
        }
    }
}

/// Starts the log with this configuration.
///
/// # Errors
/// When the level is not a valid filter, which the configuration has already checked.
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

/// Whether an event can be logged without leaking secrets. Below `info` and in their spans, libraries log whole messages and
/// events, with tokens and sessions: these are dropped at every level.
fn keeps_secrets(said: &Metadata<'_>) -> bool {
    let own = OWN.iter().any(|own| {
        let rest = said.target().strip_prefix(own);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    });
    own || said.is_event() && *said.level() <= Level::INFO
}
