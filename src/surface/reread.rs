//! SIGHUP: rereads the configuration.

use std::path::PathBuf;

use super::http::Server;
use super::log::LogLevel;
use crate::app::{Settings, Warden};
use crate::config::{self, Config};
use crate::domain::place::DatabasePlace;

/// The receivers of a reread configuration.
pub struct Rereading {
    /// The file named on the command line.
    pub file: Option<PathBuf>,
    /// The database named on the command line.
    pub database: Option<DatabasePlace>,
    pub level: LogLevel,
    pub warden: Warden,
    pub server: Option<Server>,
    /// Converts the configuration into the settings of the use cases.
    pub settings: fn(&Config) -> Settings,
}

impl Rereading {
    /// Rereads on each SIGHUP, without end. An invalid configuration changes nothing.
    #[cfg(unix)]
    pub async fn run(self, mut held: Config) {
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangups = match signal(SignalKind::hangup()) {
            Ok(hangups) => hangups,
            Err(error) => {
                tracing::warn!(error.kind = %error.kind(), "the configuration cannot be read again while the program runs");
                return std::future::pending().await;
            }
        };
        while hangups.recv().await.is_some() {
            held = self.again(held).await;
        }
    }

    /// Waits without end: there is no SIGHUP on this system.
    #[cfg(not(unix))]
    pub async fn run(self, _held: Config) {
        std::future::pending().await
    }

    /// Rereads once. Returns the configuration in effect.
    async fn again(&self, held: Config) -> Config {
        let read = Config::load(self.file.as_deref(), config::environment());
        let read = read.and_then(|new| new.check_secrets().map(|()| new));
        let mut new = match read {
            Ok(new) => new,
            Err(errors) => {
                tracing::error!(error = %errors, "the configuration was read again and is not usable: nothing was changed");
                return held;
            }
        };
        if let Some(database) = &self.database {
            new.use_database(database.clone());
        }
        for warning in new.warnings() {
            tracing::warn!("{warning}");
        }
        let (new, stays) = held.taking_over(new);
        self.level.set(&new.log);
        self.warden.configure((self.settings)(&new));
        if let Some(server) = &self.server {
            server.configure(&new.http);
        }
        if let Err(error) = self.announce().await {
            tracing::error!(error = %crate::trace::causes(&error), "what the team asks for now is announced at the next start");
        }
        if stays.is_empty() {
            tracing::info!("the configuration was read again");
        } else {
            tracing::warn!(
                stays = stays.join(", "),
                "the configuration was read again; what is named here cannot change while the program runs, and stays until it is restarted"
            );
        }
        new
    }

    async fn announce(&self) -> crate::store::StoreResult<()> {
        for held in self.warden.workspaces().await? {
            self.warden.announce_policy(&held.workspace).await?;
        }
        Ok(())
    }
}
