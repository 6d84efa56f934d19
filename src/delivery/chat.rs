//! The chat's interface for delivery.

#![warn(missing_docs)]

use std::future::Future;
use std::time::Duration;

use crate::domain::id::{ChannelId, WorkspaceId};

pub use crate::app::{Outgoing, ReactionOn};

/// A message that was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The chat's id of the message.
    pub message: String,
}

/// The reason why a message was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendError {
    /// A temporary failure; the message may even have been posted. It is retried.
    Later {
        /// The shortest wait that the chat asks for; `None` leaves it to the sender.
        retry_after: Option<Duration>,
        /// The reason, for the log.
        reason: String,
    },
    /// Rate limited: nothing was posted, so there is no message to search for.
    TooMany {
        /// The shortest wait.
        retry_after: Duration,
        /// The chat's reason, for the log.
        reason: String,
    },
    /// Posting to this channel never works.
    Permanent(Refused),
}

impl SendError {
    /// A temporary failure that leaves the wait to the sender.
    pub fn later(reason: impl Into<String>) -> Self {
        Self::Later {
            retry_after: None,
            reason: reason.into(),
        }
    }
}

/// The channel that only the chat's owner can read.
pub const OWNER: &str = "@owner";

/// The reason why a channel cannot be posted to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The channel no longer exists.
    #[error("the channel is gone")]
    Gone,
    /// The bot lacks the permission.
    #[error("the bot may not post there")]
    Forbidden,
    /// The channel belongs to another server.
    #[error("it is a channel of another server")]
    Foreign,
    /// Any other reason, in the chat's words.
    #[error("the chat refuses it: {0}")]
    Other(String),
}

/// The destination of messages. Two messages with the same nonce are shown once; for nonces that the chat has forgotten,
/// [`Chat::find`] detects the first one.
pub trait Chat: Send + Sync + 'static {
    /// Sends a message.
    ///
    /// # Errors
    /// [`SendError`].
    fn send(&self, message: &Outgoing) -> impl Future<Output = Result<Sent, SendError>> + Send;

    /// Searches a channel for a message with this nonce. Called before a retry.
    ///
    /// # Errors
    /// [`SendError`].
    fn find(
        &self,
        workspace: &WorkspaceId,
        channel: &ChannelId,
        nonce: &str,
    ) -> impl Future<Output = Result<Option<Sent>, SendError>> + Send;

    /// Adds a reaction to a message. Repeating it has no effect, and a deleted message needs none. A chat without reactions does
    /// nothing.
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

    /// Checks that the chat is connected and can be posted to.
    ///
    /// # Errors
    /// The reason.
    fn reachable(&self) -> impl Future<Output = Result<(), String>> + Send {
        async { Ok(()) }
    }
}
