//! Channels in which others bring the vendor's notices.

use super::instance::words;

/// Why a watched channel cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blind {
    /// The chat keeps from the bot what messages say.
    NoContent,
    /// The bot may not read there.
    NoAccess,
    /// There is no such channel here.
    NotHere,
}

words!(Blind {
    NoContent = "no-content",
    NoAccess = "no-access",
    NotHere = "not-here",
});
