//! Being told to end from outside, and leaving the terminal as it was.

use std::io::IsTerminal as _;

/// Waits until this process is told to end: by its supervisor, Ctrl-C, or a terminal that closes. The exit status that
/// says so, as shells count it. Listens from the call on, so that what is said before the first poll is not missed.
///
/// # Panics
/// Outside a runtime.
pub fn told_to_end() -> impl Future<Output = u8> + Send + 'static {
    told_unless(false)
}

/// As [`told_to_end`], of what runs on its own: without a terminal, SIGHUP has the configuration read again instead.
///
/// # Panics
/// Outside a runtime.
pub fn told_to_end_alone() -> impl Future<Output = u8> + Send + 'static {
    told_unless(rereads())
}

/// Whether SIGHUP has the configuration read again. Where there is a terminal it says that this closes.
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
    // Listened for in any case: unheard, it would end the program at once.
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

/// Waits until this process is told to end.
#[cfg(not(unix))]
async fn told_unless(_rereads: bool) -> u8 {
    match tokio::signal::ctrl_c().await {
        Ok(()) => 130,
        Err(_) => std::future::pending().await,
    }
}

/// From here on Ctrl-C ends the pager alone: a program that ends before its pager leaves that with the terminal. What was said is
/// done by then.
pub(super) fn leave_interrupts_to_the_pager() {
    #[cfg(unix)]
    if let Err(error) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt()) {
        tracing::debug!(error.kind = ?error.kind(), "Ctrl-C ends the program at once");
    }
}

/// How the terminal was before a prompt changed it.
pub struct Terminal {
    #[cfg(unix)]
    before: Option<nix::sys::termios::Termios>,
}

#[cfg(unix)]
impl Terminal {
    /// Remembers how it is.
    pub fn remember() -> Self {
        Self {
            before: nix::sys::termios::tcgetattr(std::io::stdin()).ok(),
        }
    }

    /// Makes it as it was: a program that ends during a prompt would leave it unusable.
    pub fn restore(&self) {
        use nix::sys::termios::{SetArg, tcsetattr};
        if let Some(before) = &self.before {
            // There is nobody left to tell.
            let _ = tcsetattr(std::io::stdin(), SetArg::TCSANOW, before);
        }
    }
}

#[cfg(not(unix))]
impl Terminal {
    /// Remembers how it is.
    pub const fn remember() -> Self {
        Self {}
    }

    /// Makes it as it was.
    pub const fn restore(&self) {}
}
