//! The bot's observed requests, for assertions afterwards.

use serde_json::Value;

use super::clock::Id;

/// One request, as it can be held against the published description of the API.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    /// With interaction tokens replaced by `:token`.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    /// The JSON body, or the `payload_json` part of a form.
    pub(crate) body: Value,
    /// Names and sizes of the files sent along.
    pub(crate) files: Vec<(String, usize)>,
    pub(crate) authorization: Authorization,
    pub(crate) status: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Authorization {
    None,
    Bot,
    Wrong,
}

/// Somebody's phone buzzed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ping {
    pub(crate) message: Id,
    /// `alice`, `@sre` or `@everyone`.
    pub(crate) whom: String,
}

impl Recorded {
    /// `POST /channels/1/messages`
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}
