//! The time the fake lives in: it passes by itself, and a test may push it on.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use tokio::time::Instant;

pub(crate) type Id = u64;

/// The first millisecond of 2015, from which Discord counts its ids.
const EPOCH: u64 = 1_420_070_400_000;

#[derive(Debug)]
pub(crate) struct Time {
    start: DateTime<Utc>,
    since: Instant,
    shift: TimeDelta,
    last: Id,
}

impl Time {
    pub(crate) fn from(start: DateTime<Utc>) -> Self {
        Self {
            start,
            since: Instant::now(),
            shift: TimeDelta::zero(),
            last: 0,
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.since.elapsed()).unwrap();
        self.start + passed + self.shift
    }

    pub(crate) fn pass(&mut self, by: Duration) {
        self.shift += TimeDelta::from_std(by).unwrap();
    }

    pub(crate) fn goes_back(&mut self, by: Duration) {
        self.shift -= TimeDelta::from_std(by).unwrap();
    }

    /// An id nobody had before, of this instant: later ids are greater.
    pub(crate) fn id(&mut self) -> Id {
        let now = u64::try_from(self.now().timestamp_millis()).unwrap();
        self.last = (self.last + 1).max((now - EPOCH) << 22);
        self.last
    }
}

/// As Discord writes an instant.
pub(crate) fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, false)
}
