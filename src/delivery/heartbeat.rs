//! A sign of life for a dead-man's switch: an address that is fetched while everything goes well.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::Mutex;
use url::Url;

use crate::domain::Timestamp;

/// How often it is fetched.
const EVERY: TimeDelta = TimeDelta::minutes(5);
/// How long an answer may take.
const WITHIN: Duration = Duration::from_secs(10);

/// Fetches an address every few minutes.
pub(super) struct Heartbeat {
    url: Url,
    agent: ureq::Agent,
    last: Mutex<Option<Timestamp>>,
}

impl Heartbeat {
    /// A heart that has not beaten yet.
    pub(super) fn new(url: Url) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(WITHIN))
            .build();
        Self {
            url,
            agent: config.into(),
            last: Mutex::default(),
        }
    }

    /// Fetches the address, unless that was done lately. Nobody waits for the answer.
    pub(super) async fn beat(self: &Arc<Self>, now: Timestamp) {
        let mut last = self.last.lock().await;
        let lately = |last: Timestamp| now >= last && now - last < EVERY;
        if last.is_some_and(lately) {
            return;
        }
        *last = Some(now);
        let heart = Arc::clone(self);
        tokio::task::spawn_blocking(move || heart.fetch());
    }

    /// What the address holds besides its host may be a secret, so neither it nor the library's words reach the log.
    fn fetch(&self) {
        if let Err(error) = self.agent.get(self.url.as_str()).call() {
            let host = self.url.host_str().unwrap_or_default();
            let reason = match error {
                ureq::Error::StatusCode(code) => format!("it answers {code}"),
                ureq::Error::Timeout(_) => "it does not answer in time".to_owned(),
                _ => "it cannot be fetched".to_owned(),
            };
            tracing::warn!(heartbeat.host = %host, heartbeat.reason = %reason, "the heartbeat was not heard");
        }
    }
}
