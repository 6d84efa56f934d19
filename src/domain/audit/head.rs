//! Where a trail ends.

use std::fmt;
use std::str::FromStr;

use crate::domain::id::excerpt;

/// What the first row follows.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Where a trail ends. Noted elsewhere, it shows later whether the trail was cut or written again.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Head {
    /// Whose trail it is.
    pub workspace: String,
    /// The place of the last row; 0 when there is none.
    pub seq: u64,
    /// The hash of the last row, in lower-case hexadecimal.
    pub hash: String,
}

/// Why a text is no head.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a head; it looks like local:12:… with 64 hexadecimal digits, as `warden audit head` prints it"
)]
pub struct HeadError(String);

impl Head {
    /// The end of a trail without rows.
    pub fn genesis(workspace: &str) -> Self {
        Self {
            workspace: workspace.to_owned(),
            seq: 0,
            hash: GENESIS.to_owned(),
        }
    }
}

impl FromStr for Head {
    type Err = HeadError;

    /// Reads `WORKSPACE:SEQ:HASH`, as it is printed.
    fn from_str(text: &str) -> Result<Self, HeadError> {
        // From the right: a workspace's name is its own business.
        let mut parts = text.trim().rsplitn(3, ':');
        let mut part = || parts.next().filter(|part| !part.is_empty());
        let whole = |hash: &&str| {
            hash.len() == GENESIS.len() && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        let wrong = || HeadError(excerpt(text));
        let hash = part().filter(whole).ok_or_else(wrong)?;
        let seq = part().and_then(|seq| seq.parse().ok());
        let head = Self {
            hash: hash.to_ascii_lowercase(),
            seq: seq.ok_or_else(wrong)?,
            workspace: part().ok_or_else(wrong)?.to_owned(),
        };
        let is_possible = (head.seq == 0) == (head.hash == GENESIS);
        is_possible.then_some(head).ok_or_else(wrong)
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.workspace, self.seq, self.hash)
    }
}
