//! How many notices a key may send.

use std::num::NonZeroU16;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::app::Warden;

/// The time that passes for the bot: it never goes back.
#[derive(Clone)]
struct Steady(Warden);

impl Clock for Steady {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.steady()
    }
}

/// So many a minute; unused ones add up to a minute's.
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

    /// Takes one, or says how long to wait for the next.
    pub(super) fn take(&self) -> Result<(), Duration> {
        let taken = self.limiter.check();
        taken.map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }
}
