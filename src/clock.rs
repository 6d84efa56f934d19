//! The clock: the only module that reads the time. All others receive it as a value.

#![warn(missing_docs)]

use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::Timestamp;

/// The last millisecond of the year 9999, the latest time that a four-digit year can show.
const LAST_MS: i64 = 253_402_300_799_999;

/// A monotonic instant, for waiting and measuring: it has no date, and setting the computer's clock does not change it.
pub fn tick() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

/// The source of the time. Clones of a manual clock share its time.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The system clock.
    System,
    /// A clock that moves only on request, in the sandbox and in tests.
    Manual(ManualClock),
}

/// The time of a manual clock, shared by its clones.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Timestamp>>);

/// The reasons why a clock cannot be moved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// Not a manual clock.
    #[error("this clock shows the computer's time and cannot be moved; only a sandbox's clock can")]
    NotManual,
    /// The moment is in the past.
    #[error("the clock only goes forward: it is already {}, and {} is before that", show(.now), show(.to))]
    Backward {
        /// The current time.
        now: Timestamp,
        /// The requested time.
        to: Timestamp,
    },
    /// Beyond the year 9999.
    #[error("the clock cannot go beyond the year 9999")]
    TooFar,
}

fn show(at: &Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

impl Clock {
    /// A manual clock that starts at `start`, rounded down to the millisecond.
    pub fn manual(start: Timestamp) -> Self {
        let start = to_millisecond(start);
        Self::Manual(ManualClock(Arc::new(Mutex::new(start))))
    }

    /// The time to the millisecond, as the store keeps it, so that decisions and stored values agree.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => to_millisecond(system_now()),
            Self::Manual(ManualClock(hands)) => {
                *hands.lock().unwrap_or_else(PoisonError::into_inner)
            }
        }
    }

    /// The time passed since a fixed moment. It never goes back, even when the system clock is set.
    pub fn steady(&self) -> Duration {
        match self {
            Self::System => START.elapsed(),
            Self::Manual(_) => (self.now() - Timestamp::UNIX_EPOCH)
                .to_std()
                .unwrap_or_default(),
        }
    }

    /// Moves a manual clock forward to a moment. Moving it to the current time has no effect.
    ///
    /// # Errors
    /// [`ClockError`] when it is not manual, or the moment is in its past or beyond the year 9999.
    pub fn advance_to(&self, to: Timestamp) -> Result<(), ClockError> {
        self.advance(|_| Some(to))
    }

    /// Moves a manual clock forward by a length of time.
    ///
    /// # Errors
    /// [`ClockError`] when it is not manual, the length is negative, or it leads beyond the year 9999.
    pub fn advance_by(&self, by: TimeDelta) -> Result<(), ClockError> {
        let before_all_time = (by < TimeDelta::zero()).then_some(DateTime::<Utc>::MIN_UTC);
        self.advance(|now| now.checked_add_signed(by).or(before_all_time))
    }

    /// Whether a manual clock can be moved to a moment, without moving it.
    ///
    /// # Errors
    /// Like [`Clock::advance_to`].
    pub fn check(&self, to: Timestamp) -> Result<(), ClockError> {
        let Self::Manual(ManualClock(hands)) = self else {
            return Err(ClockError::NotManual);
        };
        let now = *hands.lock().unwrap_or_else(PoisonError::into_inner);
        reach(now, to).map(drop)
    }

    fn advance(&self, aim: impl Fn(Timestamp) -> Option<Timestamp>) -> Result<(), ClockError> {
        let Self::Manual(ManualClock(hands)) = self else {
            return Err(ClockError::NotManual);
        };
        let mut hands = hands.lock().unwrap_or_else(PoisonError::into_inner);
        let now = *hands;
        *hands = reach(now, aim(now).ok_or(ClockError::TooFar)?)?;
        Ok(())
    }
}

/// The moment to the millisecond, if a clock that shows `now` may be moved to it.
fn reach(now: Timestamp, to: Timestamp) -> Result<Timestamp, ClockError> {
    let to = to_millisecond(to);
    if to < now {
        return Err(ClockError::Backward { now, to });
    }
    if to.timestamp_millis() > LAST_MS {
        return Err(ClockError::TooFar);
    }
    Ok(to)
}

/// The process's reference point for [`Clock::steady`].
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the clock"
)]
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// A moment as the store keeps it: cut to the millisecond; a leap second becomes the following second.
pub fn to_millisecond(at: Timestamp) -> Timestamp {
    DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at)
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the clock"
)]
fn system_now() -> Timestamp {
    Utc::now()
}
