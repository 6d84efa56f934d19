//! The rate limit of a key.

use std::num::NonZeroU16;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::app::Warden;

/// The bot's monotonic time.
#[derive(Clone)]
struct Steady(Warden);

impl Clock for Steady {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.steady()
    }
}

/// A limit per minute; unused requests add up to one minute's worth.
pub(super) struct Rate {
    limiter: RateLimiter<NotKeyed, InMemoryState, Steady, NoOpMiddleware<Duration>>,
    clock: Steady,
}

impl Rate {
    pub(super) fn new(per_minute: NonZeroU16, warden: &Warden) -> Self {
        let clock = Steady(warden.clone());
        let quota = Quota::per_minute(per_minute.into());
        Self {
            limiter: RateLimiter::direct_with_clock(quota, clock.clone()),
            clock,
        }
    }

    /// Takes one request, or returns the wait until the next is allowed.
    pub(super) fn take_turn(&self) -> Result<(), Duration> {
        let taken = self.limiter.check();
        taken.map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }
}
