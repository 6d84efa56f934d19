//! The clock: to the millisecond, and a manual one that goes forward only.

use chrono::{DateTime, TimeDelta, TimeZone, Timelike, Utc};
use edition_warden::clock::{Clock, ClockError};
use edition_warden::domain::Timestamp;

fn at(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

#[test]
fn the_computers_time_is_read_to_the_millisecond() {
    let now = Clock::System.now();
    assert_eq!(now.nanosecond() % 1_000_000, 0);
    assert!(now > at("2025-01-01T00:00:00Z"));
}

#[test]
fn a_manual_clock_stands_still_until_it_is_moved() {
    let clock = Clock::manual(at("2026-01-01T00:00:00.123456Z"));
    assert_eq!(clock.now(), at("2026-01-01T00:00:00.123Z"));
    clock.advance_by(TimeDelta::days(8)).unwrap();
    assert_eq!(clock.now(), at("2026-01-09T00:00:00.123Z"));
    clock.advance_to(at("2026-03-01T00:00:00Z")).unwrap();
    assert_eq!(clock.now(), at("2026-03-01T00:00:00Z"));
}

#[test]
fn clones_show_the_same_time() {
    let clock = Clock::manual(at("2026-01-01T00:00:00Z"));
    let other = clock.clone();
    clock.advance_by(TimeDelta::milliseconds(1)).unwrap();
    assert_eq!(other.now(), clock.now());
}

#[test]
fn it_goes_forward_only() {
    let start = at("2026-01-01T00:00:00Z");
    let clock = Clock::manual(start);
    assert_eq!(clock.advance_to(start), Ok(()));
    let back = clock.advance_by(TimeDelta::milliseconds(-1)).unwrap_err();
    assert!(matches!(back, ClockError::Backward { .. }));
    assert_eq!(
        clock
            .advance_to(at("2025-12-31T00:00:00Z"))
            .unwrap_err()
            .to_string(),
        "the clock only goes forward: it is already 2026-01-01T00:00:00Z, and 2025-12-31T00:00:00Z is before that"
    );
    assert!(matches!(
        clock.advance_by(TimeDelta::MIN),
        Err(ClockError::Backward { .. })
    ));
    assert_eq!(clock.now(), start);
}

#[test]
fn it_ends_with_the_year_9999() {
    let clock = Clock::manual(at("2026-01-01T00:00:00Z"));
    assert_eq!(clock.advance_by(TimeDelta::MAX), Err(ClockError::TooFar));
    assert_eq!(
        clock.advance_to(DateTime::<Utc>::MAX_UTC),
        Err(ClockError::TooFar)
    );
    let year_10000 = Utc.with_ymd_and_hms(10_000, 1, 1, 0, 0, 0).unwrap();
    assert_eq!(clock.advance_to(year_10000), Err(ClockError::TooFar));
    let last = at("9999-12-31T23:59:59.999Z");
    assert_eq!(clock.advance_to(last), Ok(()));
    assert_eq!(clock.now(), last);
}

#[test]
fn the_computers_clock_is_not_moved() {
    let moved = Clock::System.advance_by(TimeDelta::days(1));
    assert_eq!(moved, Err(ClockError::NotManual));
}

#[test]
fn leap_seconds_survive_the_store() {
    let clock = Clock::manual(at("2016-12-31T23:59:60.5Z"));
    let kept = DateTime::from_timestamp_millis(clock.now().timestamp_millis()).unwrap();
    assert_eq!(kept, clock.now());
}
