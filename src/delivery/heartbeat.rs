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
    /// `None` where this machine cannot do TLS.
    client: Option<reqwest::Client>,
    last: Mutex<Option<Timestamp>>,
}

impl Heartbeat {
    /// A heart that has not beaten yet.
    pub(super) fn new(url: Url) -> Self {
        Self {
            url,
            client: reqwest::Client::builder().timeout(WITHIN).build().ok(),
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
        tokio::spawn(async move { heart.fetch().await });
    }

    /// What the address holds besides its host may be a secret, so neither it nor the library's words reach the log.
    async fn fetch(&self) {
        let reason = match &self.client {
            Some(client) => match client.get(self.url.clone()).send().await {
                Ok(answer) if answer.status().is_success() => return,
                Ok(answer) => format!("it answers {}", answer.status().as_u16()),
                Err(error) if error.is_timeout() => "it does not answer in time".to_owned(),
                Err(_) => "it cannot be fetched".to_owned(),
            },
            None => "the HTTP client cannot be set up".to_owned(),
        };
        let host = self.url.host_str().unwrap_or_default();
        tracing::warn!(heartbeat.host = %host, heartbeat.reason = %reason, "the heartbeat was not heard");
    }
}
