//! Watched channels, in which others post the vendor's notices.

use super::words::words;

words! {
    /// The reason why a watched channel cannot be read.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Blind {
        /// Discord withholds the content of messages.
        NoContent = "no-content",
        /// The bot lacks permission to read the channel.
        NoAccess = "no-access",
        /// The channel does not exist in this server.
        NotHere = "not-here",
    }
}
