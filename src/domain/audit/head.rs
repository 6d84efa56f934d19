//! The head of a trail.

use std::fmt;
use std::str::FromStr;

use crate::id::{WorkspaceId, excerpt};

/// The hash before the first row.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The end of a trail. Noted elsewhere, it later reveals whether the trail was truncated or rewritten.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Head {
    pub workspace: WorkspaceId,
    /// The place of the last row; 0 in an empty trail.
    pub seq: u64,
    /// The hash of the last row, in lower-case hexadecimal.
    pub hash: String,
}

/// A text that is not a head.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a head; it looks like local:12:… with 64 hexadecimal digits, as `warden audit head` prints it"
)]
pub struct HeadError(String);

impl Head {
    /// The head of an empty trail.
    pub fn genesis(workspace: &WorkspaceId) -> Self {
        Self {
            workspace: workspace.to_owned(),
            seq: 0,
            hash: GENESIS.to_owned(),
        }
    }
}

impl FromStr for Head {
    type Err = HeadError;

    /// Parses `WORKSPACE:SEQ:HASH`.
    fn from_str(text: &str) -> Result<Self, HeadError> {
        // From the right, because a workspace id may contain colons.
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
            workspace: part().ok_or_else(wrong)?.into(),
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
