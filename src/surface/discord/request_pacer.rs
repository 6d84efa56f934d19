//! Discord's rate limits, per bucket and global.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;
use tokio::time::Instant;

use super::api::Call;
use crate::clock::tick;

/// The longest internal wait of a request; beyond it, the caller receives [`Limited`].
const PATIENCE: Duration = Duration::from_secs(2);
/// The limit of requests per second, below the 50 that Discord allows a bot.
const A_SECOND: usize = 45;
/// The number of buckets above which expired ones are removed.
const REMEMBERED: usize = 1_000;
/// The wait after a rejection without a stated time.
const UNNAMED: Duration = Duration::from_secs(5);

/// A pause of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limited {
    pub(super) wait: Duration,
    /// Whether it applies to all requests.
    pub(super) global: bool,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    remaining: u32,
    resets: Instant,
}

#[derive(Debug, Default)]
struct Buckets {
    buckets: HashMap<String, Bucket>,
    closed_until: Option<Instant>,
    /// The times of the latest requests, up to one second's worth.
    latest: VecDeque<Instant>,
}

impl Buckets {
    /// The time until another request fits into the limit per second.
    fn too_many_by(&mut self, now: Instant) -> Option<Duration> {
        let second = Duration::from_secs(1);
        while let Some(first) = self.latest.front()
            && now.saturating_duration_since(*first) >= second
        {
            self.latest.pop_front();
        }
        let first = self.latest.front()?;
        (self.latest.len() >= A_SECOND)
            .then(|| second.saturating_sub(now.saturating_duration_since(*first)))
    }
}

/// The known limits.
#[derive(Debug, Default)]
pub(super) struct RequestPacer {
    state: Mutex<Buckets>,
}

impl RequestPacer {
    fn state(&self) -> MutexGuard<'_, Buckets> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a request's turn, and takes it.
    pub(super) async fn wait(&self, call: &Call) -> Result<(), Limited> {
        let begun = tick();
        loop {
            let now = tick();
            let Some(limited) = self.take_turn(call, now) else {
                return Ok(());
            };
            if (now - begun) + limited.wait > PATIENCE {
                return Err(limited);
            }
            tokio::time::sleep(limited.wait).await;
        }
    }

    /// Takes a turn, or returns the wait.
    fn take_turn(&self, call: &Call, now: Instant) -> Option<Limited> {
        if !call.counts_globally {
            return None;
        }
        let mut state = self.state();
        if let Some(until) = state.closed_until {
            if until > now {
                return Some(Limited {
                    wait: until - now,
                    global: true,
                });
            }
            state.closed_until = None;
        }
        if let Some(bucket) = state.buckets.get(&call.bucket)
            && bucket.resets > now
            && bucket.remaining == 0
        {
            return Some(Limited {
                wait: bucket.resets - now,
                global: false,
            });
        }
        if let Some(wait) = state.too_many_by(now) {
            return Some(Limited { wait, global: true });
        }
        state.latest.push_back(now);
        match state.buckets.get_mut(&call.bucket) {
            Some(bucket) if bucket.resets > now => bucket.remaining -= 1,
            _ => drop(state.buckets.remove(&call.bucket)),
        }
        None
    }

    /// Updates the bucket from a response's headers.
    pub(super) fn learn(&self, call: &Call, status: StatusCode, headers: &HeaderMap) {
        if !call.counts_globally || status == StatusCode::TOO_MANY_REQUESTS {
            return;
        }
        let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<f64>().ok();
        let (Some(remaining), Some(after)) = (
            number("x-ratelimit-remaining"),
            number("x-ratelimit-reset-after"),
        ) else {
            return;
        };
        let Ok(after) = Duration::try_from_secs_f64(after) else {
            return;
        };
        let now = tick();
        let mut state = self.state();
        if state.buckets.len() >= REMEMBERED {
            state.buckets.retain(|_, bucket| bucket.resets > now);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a float becomes the nearest number that fits"
        )]
        let told = remaining as u32;
        let resets = now + after;
        // The response does not count requests still under way.
        let remaining = match state.buckets.get(&call.bucket) {
            Some(held) if held.resets > now => told.min(held.remaining),
            _ => told,
        };
        let bucket = Bucket { remaining, resets };
        state.buckets.insert(call.bucket.clone(), bucket);
    }

    /// Records a rejection by the limit. Returns the pause.
    pub(super) fn limited(&self, call: &Call, body: &Value, headers: &HeaderMap) -> Limited {
        let after = body.get("retry_after").and_then(Value::as_f64);
        // A proxy in front of Discord sends only the header.
        let named = || headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok();
        let after = after.or_else(named);
        let after = after.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        // Without a JSON body the limit applies to all requests from this address.
        let global = body.get("global").and_then(Value::as_bool);
        let global = global.unwrap_or(!body.is_object());
        let wait = after.unwrap_or(UNNAMED);
        let until = tick() + wait;
        let mut state = self.state();
        if global {
            // A shorter pause does not replace a longer one.
            state.closed_until = state.closed_until.max(Some(until));
        } else if call.counts_globally {
            let held = state.buckets.get(&call.bucket);
            let closed = held.filter(|held| held.remaining == 0);
            let bucket = Bucket {
                remaining: 0,
                resets: closed.map_or(until, |held| held.resets.max(until)),
            };
            state.buckets.insert(call.bucket.clone(), bucket);
        }
        Limited { wait, global }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::Method;
    use serde_json::json;

    fn post(channel: u64) -> Call {
        Call::new(Method::POST, format!("/channels/{channel}/messages"))
    }

    fn headers(remaining: &str, after: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-remaining", remaining.parse().unwrap());
        headers.insert("x-ratelimit-reset-after", after.parse().unwrap());
        headers
    }

    #[test]
    fn a_used_up_bucket_is_waited_for_and_others_are_not() {
        let request_pacer = RequestPacer::default();
        request_pacer.learn(&post(1), StatusCode::OK, &headers("1", "60"));
        let now = tick();
        assert_eq!(request_pacer.take_turn(&post(1), now), None);
        let limited = request_pacer.take_turn(&post(1), now).unwrap();
        assert!(limited.wait > Duration::from_secs(50) && !limited.global);
        assert_eq!(request_pacer.take_turn(&post(2), now), None);
        assert_eq!(
            request_pacer.take_turn(&post(1), now + Duration::from_secs(61)),
            None
        );
    }

    #[test]
    fn a_global_pause_holds_for_everything_but_interactions() {
        let request_pacer = RequestPacer::default();
        let body = json!({"retry_after": 30.0, "global": true});
        request_pacer.limited(&post(1), &body, &HeaderMap::new());
        let now = tick();
        assert!(request_pacer.take_turn(&post(2), now).unwrap().global);
        let answer = Call::of_interaction(Method::POST, "/interactions/1/x/callback".into());
        assert_eq!(request_pacer.take_turn(&answer, now), None);
    }

    #[test]
    fn a_pause_that_is_asked_for_in_a_header_alone_is_kept() {
        let request_pacer = RequestPacer::default();
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, "3600".parse().unwrap());
        let limited = request_pacer.limited(&post(1), &Value::Null, &headers);
        assert_eq!(limited.wait, Duration::from_secs(3_600));
        let body = json!({"retry_after": 0.5, "global": true});
        request_pacer.limited(&post(1), &body, &HeaderMap::new());
        let held = request_pacer.take_turn(&post(2), tick() + Duration::from_secs(60));
        assert!(held.unwrap().global, "a shorter one does not undo it");
    }

    #[test]
    fn an_answer_that_comes_late_gives_no_turn_back() {
        let request_pacer = RequestPacer::default();
        request_pacer.learn(&post(1), StatusCode::OK, &headers("1", "60"));
        assert_eq!(request_pacer.take_turn(&post(1), tick()), None);
        request_pacer.learn(&post(1), StatusCode::OK, &headers("1", "60"));
        assert!(request_pacer.take_turn(&post(1), tick()).is_some());
    }

    #[test]
    fn no_second_sees_more_than_discord_takes() {
        let request_pacer = RequestPacer::default();
        let begun = tick();
        let mut now = begun;
        let mut sent = Vec::new();
        for channel in 0..200 {
            while let Some(limited) = request_pacer.take_turn(&post(channel), now) {
                assert!(limited.global && limited.wait <= Duration::from_secs(1));
                now += limited.wait;
            }
            sent.push(now);
        }
        for window in sent.windows(A_SECOND + 1) {
            assert!(window[A_SECOND] - window[0] >= Duration::from_secs(1));
        }
        assert!(now - begun < Duration::from_secs(5), "{:?}", now - begun);
    }

    #[test]
    fn buckets_are_told_apart_by_channel_and_not_by_message() {
        let edit = |channel: u64, message: u64| {
            let path = format!("/channels/{channel}/messages/{message}");
            Call::new(Method::PATCH, path).bucket
        };
        assert_eq!(edit(1, 2), edit(1, 3));
        assert_ne!(edit(1, 2), edit(4, 2));
        assert_ne!(edit(1, 2), post(1).bucket);
    }
}
