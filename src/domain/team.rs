//! What a team decides for itself, as far as the core needs it.

use chrono::{Days, FixedOffset, TimeDelta};

use super::Timestamp;

/// How long facts may be relied on. The documented limits are the longest; a team may tighten them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Age limit of the action for unsubscribing (rule `action-known`: 24 h at most).
    pub action_for_unsubscribe: TimeDelta,
    /// Age limit of the action for waiting for expiry, and for suppressing a notice (rule `action-known`: 7 d at most).
    pub action_for_expiry: TimeDelta,
}

/// The longest the action may be relied on to unsubscribe (rule `action-known`).
pub const LONGEST_FOR_UNSUBSCRIBE: TimeDelta = TimeDelta::hours(24);
/// The longest the action may be relied on to wait for expiry (rule `action-known`).
pub const LONGEST_FOR_EXPIRY: TimeDelta = TimeDelta::days(7);
/// How long a busy status counts after it was read (rule `busy`).
pub const BUSY_COUNTS: TimeDelta = TimeDelta::hours(24);
/// How long after expiry an instance with Delete is released (rule `release-after-7-days`).
pub const RELEASE_AFTER: TimeDelta = TimeDelta::days(7);
/// How long the vendor may take to run the action after expiry (rule `exit-converts`).
pub const ACTION_RUNS_WITHIN: TimeDelta = TimeDelta::hours(168);
/// What Standard Edition carries, in messages a second (rule `fits-standard`).
pub const STANDARD_TPS: u32 = 5_000;
/// How long a permit is valid.
pub const PERMIT_VALID: TimeDelta = TimeDelta::minutes(30);

/// When auto-renewal first charges: 9 days before expiry, 08:00 UTC+8 (rule `auto-renewal`).
pub fn auto_renewal_charges_from(expires: Timestamp) -> Option<Timestamp> {
    let vendor = FixedOffset::east_opt(8 * 3_600)?;
    let day = expires
        .with_timezone(&vendor)
        .date_naive()
        .checked_sub_days(Days::new(9))?;
    let morning = day
        .and_hms_opt(8, 0, 0)?
        .and_local_timezone(vendor)
        .single()?;
    Some(morning.to_utc())
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            action_for_unsubscribe: LONGEST_FOR_UNSUBSCRIBE,
            action_for_expiry: LONGEST_FOR_EXPIRY,
        }
    }
}
