//! Log correlation: the span of a command, from receipt to answer, and short ids.
//!
//! Every line logged in the span has its `command.id`. A message that the command posts is logged there with its `post.key`; its
//! delivery, in another task or process, logs the same key.

#![warn(missing_docs)]

use std::error::Error;

use tracing::{Span, field};

use crate::domain::id::WorkspaceId;

const COMMAND: &str = "command";
/// Digits and letters that cannot be confused.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A short random id, unique within a moment.
pub fn short_id() -> String {
    let mut bits = fastrand::u64(..);
    let letters = std::iter::from_fn(|| {
        let letter = LETTERS.get((bits % 32) as usize).copied();
        bits /= 32;
        letter.map(char::from)
    });
    letters.take(10).collect()
}

/// An error with what caused it, in one line for the log.
pub fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}

/// The span of a command: the current one if a surface has begun it on receipt, otherwise a new one.
pub fn command_span(surface: &str, workspace: &WorkspaceId) -> Span {
    let current = Span::current();
    if current
        .metadata()
        .is_some_and(|span| span.name() == COMMAND)
    {
        return current;
    }
    tracing::info_span!(
        "command",
        command.id = %short_id(),
        surface,
        workspace = workspace.as_str(),
        heard.message = field::Empty,
        change = field::Empty,
        instance = field::Empty,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_moment_differ() {
        let mut ids: Vec<String> = (0..10_000).map(|_| short_id()).collect();
        assert!(ids.iter().all(|id| id.len() == 10));
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 10_000);
    }
}
