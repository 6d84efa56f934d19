//! The clock: the only place that reads the time. Everything else is told what time it is.

#![warn(missing_docs)]

use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::Timestamp;

/// The last millisecond of the year 9999: no clock goes beyond what a four-digit year can write.
const LAST_MS: i64 = 253_402_300_799_999;

/// A moment of this process, for waiting and for measuring how long something took: it has no date, and moves on whatever
/// is done to the computer's clock.
pub fn tick() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

/// Where the time comes from. Clones of a manual clock show the same time.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The computer's clock.
    System,
    /// A clock that moves only when told to, as in the sandbox and in tests.
    Manual(ManualClock),
}

/// The hands of a manual clock, shared by its clones.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Timestamp>>);

/// Why a clock does not move.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// Only a manual clock is moved.
    #[error("this clock shows the computer's time and cannot be moved; only a sandbox's clock can")]
    NotManual,
    /// It goes forward only.
    #[error("the clock only goes forward: it is already {}, and {} is before that", show(.now), show(.to))]
    Backward {
        /// What it shows.
        now: Timestamp,
        /// What was asked for.
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
    /// A clock that shows `start`, to the millisecond, until it is moved.
    pub fn manual(start: Timestamp) -> Self {
        let start = to_millisecond(start);
        Self::Manual(ManualClock(Arc::new(Mutex::new(start))))
    }

    /// The time, to the millisecond: what the store keeps is what the core decides on.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => to_millisecond(system_now()),
            Self::Manual(ManualClock(hands)) => {
                *hands.lock().unwrap_or_else(PoisonError::into_inner)
            }
        }
    }

    /// Time that passes and never goes back, however the clock is set, from some moment on.
    pub fn steady(&self) -> Duration {
        match self {
            Self::System => START.elapsed(),
            Self::Manual(_) => (self.now() - Timestamp::UNIX_EPOCH)
                .to_std()
                .unwrap_or_default(),
        }
    }

    /// Moves a manual clock forward to a moment. Moving it to where it is changes nothing.
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
    /// As [`Clock::advance_to`].
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

/// A moment that the hands may be moved to.
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

/// The first moment at which the program asked how much time has passed.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the clock"
)]
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Drops what is finer than a millisecond; a leap second becomes the second after it.
/// A moment as the store keeps it: to the millisecond.
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
