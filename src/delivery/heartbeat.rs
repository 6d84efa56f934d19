//! The heartbeat for a dead man's switch: an address that is fetched while delivery works.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::Mutex;
use url::Url;

use crate::domain::Timestamp;

/// The interval between requests.
const EVERY: TimeDelta = TimeDelta::minutes(5);
/// The timeout of a request.
const WITHIN: Duration = Duration::from_secs(10);

/// Fetches an address at an interval.
pub(super) struct Heartbeat {
    url: Url,
    /// `None` where this machine cannot use TLS.
    client: Option<reqwest::Client>,
    last: Mutex<Option<Timestamp>>,
}

impl Heartbeat {
    pub(super) fn new(url: Url) -> Self {
        Self {
            url,
            client: reqwest::Client::builder().timeout(WITHIN).build().ok(),
            last: Mutex::default(),
        }
    }

    /// Fetches the address unless that was done recently, without waiting for the response.
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

    /// The address may contain a secret beyond its host, so neither it nor the library's message is logged.
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
