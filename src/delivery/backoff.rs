//! Backoff between attempts.

use std::time::Duration;

/// The wait after a number of consecutive failures. It doubles from `first` up to `longest`; `roll`, from 0 to 1, takes off up to
/// half, so that simultaneous failures are not retried together.
pub(super) fn backoff(failures: u32, first: Duration, longest: Duration, roll: f64) -> Duration {
    let doublings = failures.saturating_sub(1).min(31);
    let whole = first.saturating_mul(1 << doublings).min(longest);
    whole.mul_f64(1.0 - roll.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: Duration = Duration::from_secs(600);

    fn wait(failures: u32, roll: f64) -> Duration {
        backoff(failures, Duration::from_secs(2), LONGEST, roll)
    }

    #[test]
    fn it_doubles_until_it_is_long_enough() {
        let waits: Vec<u64> = (1..=11)
            .map(|failures| wait(failures, 0.0).as_secs())
            .collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
        assert_eq!(wait(u32::MAX, 0.0), LONGEST);
    }

    #[test]
    fn luck_takes_away_half_at_most() {
        assert_eq!(wait(3, 1.0), Duration::from_secs(4));
        assert_eq!(wait(3, 0.5), Duration::from_secs(6));
        assert_eq!(wait(0, f64::INFINITY), Duration::from_secs(1));
    }
}
