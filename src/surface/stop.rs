//! Stop signals, and restoring the terminal.

use std::io::IsTerminal as _;

/// Waits for a stop signal: from a supervisor, Ctrl-C, or a closing terminal. Returns the exit status for it by the convention of
/// shells. Listens from the call on, so that a signal before the first poll is not missed.
///
/// # Panics
/// Outside a runtime.
pub fn told_to_end() -> impl Future<Output = u8> + Send + 'static {
    told_unless(false)
}

/// Like [`told_to_end`], for a service: without a terminal, SIGHUP rereads the configuration instead.
///
/// # Panics
/// Outside a runtime.
pub fn told_to_end_alone() -> impl Future<Output = u8> + Send + 'static {
    told_unless(rereads())
}

/// Whether SIGHUP rereads the configuration. With a terminal it means that the terminal closes.
pub fn rereads() -> bool {
    !std::io::stdin().is_terminal()
}

#[cfg(unix)]
fn told_unless(rereads: bool) -> impl Future<Output = u8> + Send + 'static {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind: SignalKind| {
        let heard = signal(kind);
        async move {
            match heard {
                Ok(mut heard) => {
                    heard.recv().await;
                }
                Err(error) => {
                    tracing::warn!(error.kind = ?error.kind(), signal = kind.as_raw_value(), "a signal ends the program at once");
                    std::future::pending().await
                }
            }
        }
    };
    let terminate = listen(SignalKind::terminate());
    let interrupt = listen(SignalKind::interrupt());
    // Handled in any case: unhandled, it would end the program at once.
    let hangup = listen(SignalKind::hangup());
    let hangup = async move {
        match rereads {
            true => std::future::pending().await,
            false => hangup.await,
        }
    };
    async {
        tokio::select! {
            () = terminate => 143,
            () = interrupt => 130,
            () = hangup => 129,
        }
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
async fn told_unless(_rereads: bool) -> u8 {
    match tokio::signal::ctrl_c().await {
        Ok(()) => 130,
        Err(_) => std::future::pending().await,
    }
}

/// From here on Ctrl-C ends only the pager: a program that ends before its pager leaves it with the terminal. All commands are
/// complete by then.
pub(super) fn leave_interrupts_to_the_pager() {
    #[cfg(unix)]
    if let Err(error) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt()) {
        tracing::debug!(error.kind = ?error.kind(), "Ctrl-C ends the program at once");
    }
}

/// The state of the terminal before a prompt changed it.
pub struct Terminal {
    #[cfg(unix)]
    before: Option<nix::sys::termios::Termios>,
}

#[cfg(unix)]
impl Terminal {
    /// Saves the current state.
    pub fn remember() -> Self {
        Self {
            before: nix::sys::termios::tcgetattr(std::io::stdin()).ok(),
        }
    }

    /// Restores the state: a program that ends during a prompt would leave the terminal unusable.
    pub fn restore(&self) {
        use nix::sys::termios::{SetArg, tcsetattr};
        if let Some(before) = &self.before {
            // There is nobody left to report an error to.
            let _ = tcsetattr(std::io::stdin(), SetArg::TCSANOW, before);
        }
    }
}

#[cfg(not(unix))]
impl Terminal {
    /// Saves nothing on this system.
    pub const fn remember() -> Self {
        Self {}
    }

    /// Restores nothing on this system.
    pub const fn restore(&self) {}
}
