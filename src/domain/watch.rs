//! Watched channels, in which others post the vendor's notices.

use super::instance::words;

/// The reason why a watched channel cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blind {
    /// Discord withholds the content of messages.
    NoContent,
    /// The bot lacks permission to read the channel.
    NoAccess,
    /// The channel does not exist in this server.
    NotHere,
}

words!(Blind {
    NoContent = "no-content",
    NoAccess = "no-access",
    NotHere = "not-here",
});
