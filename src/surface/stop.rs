//! Being told to end from outside, and leaving the terminal as it was.

/// Waits until this process is told to end: by its supervisor, Ctrl-C, or a terminal that closes. The exit status that
/// says so, as shells count it.
#[cfg(unix)]
pub async fn told_to_end() -> u8 {
    use tokio::signal::unix::{SignalKind, signal};
    let wait = async |kind: SignalKind| match signal(kind) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(error) => {
            tracing::warn!(error.kind = ?error.kind(), signal = kind.as_raw_value(), "a signal ends the program at once");
            std::future::pending().await
        }
    };
    tokio::select! {
        () = wait(SignalKind::terminate()) => 143,
        () = wait(SignalKind::interrupt()) => 130,
        () = wait(SignalKind::hangup()) => 129,
    }
}

/// Waits until this process is told to end.
#[cfg(not(unix))]
pub async fn told_to_end() -> u8 {
    match tokio::signal::ctrl_c().await {
        Ok(()) => 130,
        Err(_) => std::future::pending().await,
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
