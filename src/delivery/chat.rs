//! The chat, as delivery sees it.

#![warn(missing_docs)]

use std::future::Future;
use std::time::Duration;

pub use crate::app::{Outgoing, ReactionOn};

/// A message that can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// What the chat calls it.
    pub message: String,
}

/// Why a message was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendError {
    /// It may work another time, and may even have worked: it is tried again.
    Later {
        /// Not before so long; `None` leaves it to the sender.
        retry_after: Option<Duration>,
        /// What went wrong, for the log.
        reason: String,
    },
    /// The chat takes no more for now: nothing was posted, and nothing is to be looked for.
    TooMany {
        /// Not before so long.
        retry_after: Duration,
        /// What the chat says, for the log.
        reason: String,
    },
    /// It never works in this channel.
    Permanent(Refused),
}

/// The channel that only the person the chat belongs to reads.
pub const OWNER: &str = "@owner";

/// Why a channel cannot be posted to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such channel any more.
    #[error("the channel is gone")]
    Gone,
    /// The bot lacks the permission.
    #[error("the bot may not post there")]
    Forbidden,
    /// It belongs to others.
    #[error("it is a channel of another server")]
    Foreign,
    /// What the chat says.
    #[error("the chat refuses it: {0}")]
    Other(String),
}

/// Where messages go. What is sent twice under one nonce is to be seen once; as far as the chat forgets nonces,
/// [`Chat::find`] stands in.
pub trait Chat: Send + Sync + 'static {
    /// Sends a message.
    ///
    /// # Errors
    /// [`SendError`].
    fn send(&self, message: &Outgoing) -> impl Future<Output = Result<Sent, SendError>> + Send;

    /// Looks whether a message with this nonce can be seen in a channel already; asked before a message is sent again.
    ///
    /// # Errors
    /// [`SendError`].
    fn find(
        &self,
        workspace: &str,
        channel: &str,
        nonce: &str,
    ) -> impl Future<Output = Result<Option<Sent>, SendError>> + Send;

    /// Puts a reaction on a message; one that is there already stays, and a message that is gone needs none. A chat without reactions
    /// has nothing to do.
    ///
    /// # Errors
    /// [`SendError`].
    fn react(
        &self,
        reaction_on: &ReactionOn,
    ) -> impl Future<Output = Result<(), SendError>> + Send {
        let _ = reaction_on;
        async { Ok(()) }
    }

    /// Whether it can be posted to at all, such as because there is a connection; why not, in words.
    ///
    /// # Errors
    /// The reason.
    fn reachable(&self) -> impl Future<Output = Result<(), String>> + Send {
        async { Ok(()) }
    }
}
