//! The time-driven changes of concerns.

use chrono::TimeDelta;

use super::derive::{CHARGES_AHEAD, NEAR, UNAPPROVED_AHEAD};
use crate::Timestamp;
use crate::reminder::{DAY_THREE, Situation};
use crate::team::RELEASE_AFTER;

/// The next moment after `now` at which a concern may start or end by time alone.
pub fn next_turn(situation: &Situation<'_>, now: Timestamp) -> Option<Timestamp> {
    let mut turns: Vec<Timestamp> = Vec::new();
    let instance = &situation.case.instance;
    if !instance.is_tracked() {
        return None;
    }
    for expiry in situation.expiries() {
        let last_days = situation.limits.action_for_expiry;
        let before = [NEAR, CHARGES_AHEAD, last_days, UNAPPROVED_AHEAD, DAY_THREE];
        turns.extend(
            before
                .iter()
                .filter_map(|ahead| expiry.checked_sub_signed(*ahead)),
        );
        turns.push(expiry);
        turns.extend(expiry.checked_add_signed(RELEASE_AFTER));
    }
    if let Some(seen) = instance.action.known() {
        let limits = situation.limits;
        for limit in [limits.action_for_expiry, limits.action_for_unsubscribe] {
            // The limit is inclusive.
            turns.extend(
                seen.at
                    .checked_add_signed(limit + TimeDelta::milliseconds(1)),
            );
        }
    }
    if let Some(change) = situation.case.open_change() {
        turns.extend(change.permit.as_ref().map(|permit| permit.lapses_at()));
        turns.extend(change.request.as_ref().map(|request| request.lapses_at()));
    }
    turns.into_iter().filter(|turn| *turn > now).min()
}
