//! Stop signals, and restoring the terminal.

use std::io::IsTerminal as _;

use super::Screen;

/// Waits for a stop signal: from a supervisor, Ctrl-C, or a closing terminal. Returns the exit status for it by the convention of
/// shells. Listens from the call on, so that a signal before the first poll is not missed.
///
/// # Panics
/// Outside a runtime.
pub fn told_to_end() -> impl Future<Output = u8> + Send + 'static {
    told_unless(false, || false)
}

/// Like [`told_to_end`], for a prompt: an interrupt that is meant for the pager does not end the program.
///
/// # Panics
/// Outside a runtime.
pub fn told_to_end_beside(screen: Screen) -> impl Future<Output = u8> + Send + 'static {
    told_unless(false, move || screen.interrupt_is_of_pager())
}

/// Like [`told_to_end`], for a service: without a terminal, SIGHUP rereads the configuration instead.
///
/// # Panics
/// Outside a runtime.
pub fn told_to_end_alone() -> impl Future<Output = u8> + Send + 'static {
    told_unless(rereads(), || false)
}

/// Whether SIGHUP rereads the configuration. With a terminal it means that the terminal closes.
pub fn rereads() -> bool {
    !std::io::stdin().is_terminal()
}

#[cfg(unix)]
fn told_unless(
    rereads: bool,
    is_of_pager: impl Fn() -> bool + Send + 'static,
) -> impl Future<Output = u8> + Send + 'static {
    use tokio::signal::unix::SignalKind;
    let terminate = heard(SignalKind::terminate(), || false);
    let interrupt = heard(SignalKind::interrupt(), is_of_pager);
    // Handled in any case: unhandled, it would end the program at once.
    let hangup = heard(SignalKind::hangup(), || false);
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

/// Waits for a signal that is not to be ignored. It is listened for from the call on.
#[cfg(unix)]
fn heard(
    kind: tokio::signal::unix::SignalKind,
    is_ignored: impl Fn() -> bool + Send + 'static,
) -> impl Future<Output = ()> + Send + 'static {
    let heard = tokio::signal::unix::signal(kind);
    async move {
        match heard {
            Ok(mut heard) => loop {
                heard.recv().await;
                if !is_ignored() {
                    return;
                }
            },
            Err(error) => {
                tracing::warn!(error.kind = %error.kind(), signal = kind.as_raw_value(), "a signal ends the program at once");
                std::future::pending().await
            }
        }
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
async fn told_unless(_rereads: bool, is_of_pager: impl Fn() -> bool + Send + 'static) -> u8 {
    loop {
        match tokio::signal::ctrl_c().await {
            Ok(()) if is_of_pager() => {}
            Ok(()) => return 130,
            Err(_) => return std::future::pending().await,
        }
    }
}

/// From here on Ctrl-C ends only the pager: a program that ends before its pager leaves it with the terminal. All commands are
/// complete by then.
pub(super) fn leave_interrupts_to_the_pager() {
    #[cfg(unix)]
    if let Err(error) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt()) {
        tracing::debug!(error.kind = %error.kind(), "Ctrl-C ends the program at once");
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
