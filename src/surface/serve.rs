//! `warden serve`: HTTP and the schedule, without a chat and without a terminal.

use std::io::{self, Write as _};

use super::greeting;
use super::http::Server;
use crate::app::Warden;
use crate::delivery::{Delivery, NoChat};

/// How it is started.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Serve {
    /// Create the database if there is none
    #[arg(long)]
    pub init: bool,
}

/// Reports what is served, and runs the schedule until a stop signal. Returns the exit status.
///
/// # Errors
/// When the database cannot be read, or standard output cannot be written.
pub async fn run(
    warden: &Warden,
    delivery: &Delivery<NoChat>,
    server: Option<&Server>,
    told: impl Future<Output = u8>,
) -> anyhow::Result<u8> {
    let holdings = warden.workspaces().await?;
    for held in &holdings {
        warden.announce_policy(&held.workspace).await?;
    }
    // The lease is taken before the startup message, after which the process may be asked whether it is ready.
    delivery.begin().await?;
    let waiting = warden.store().system().gauges().await?.waiting;
    let at = server.map(Server::address);
    writeln!(
        io::stdout(),
        "{}",
        greeting::headless(&holdings, at, waiting)
    )?;
    let code = tokio::select! {
        code = told => code,
        () = delivery.run() => 0,
    };
    if let Some(server) = server {
        server.stop().await;
    }
    if let Err(error) = delivery.stop().await {
        tracing::error!(error = %crate::trace::causes(&error), "what was under way is found again at the next start");
    }
    Ok(code)
}
