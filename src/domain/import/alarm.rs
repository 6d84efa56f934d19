//! Alarming effects of an import.

use crate::Timestamp;
use crate::case::Case;
use crate::change::Change;
use crate::event::{EventKind, FactValue};
use crate::fact::Known;
use crate::instance::Edition;
use crate::rules::FactKind;

/// The name, in events, of a region that differs from the tracked one.
pub(super) const DISPUTED_REGION: &str = "region";

/// Whether a file gives another region than the tracked one.
pub fn is_region_disputed(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Described { what, .. } if what == DISPUTED_REGION)
}

/// The move of an expiry by auto-renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewal {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Renewal {
    /// The renewal that a file shows, if that is all that it moved.
    pub fn shown_of(case: &Case) -> Option<Self> {
        let moved = alarming(case);
        let is_expected = |kind: &&EventKind| {
            let EventKind::Moved { fact, to, .. } = kind else {
                return false;
            };
            *fact == FactKind::Expires || (*fact == FactKind::Action && *to == FactValue::Unknown)
        };
        let mut moved = moved.iter();
        if !moved.clone().all(is_expected) {
            return None;
        }
        moved.find_map(|kind| Self::of(case, kind))
    }

    /// One of a file's own date, or of a person's, which stays beside it.
    fn of(case: &Case, kind: &EventKind) -> Option<Self> {
        let EventKind::Moved {
            fact: FactKind::Expires,
            from: FactValue::At(from),
            ..
        } = kind
        else {
            return None;
        };
        let instance = &case.instance;
        let to = instance.expires.candidates().last()?;
        let replaced = Known {
            value: *from,
            ..to.clone()
        };
        let held = instance.expires.held().filter(|held| held.value == *from);
        let is_renewal = instance.is_renewal(held.unwrap_or(&replaced), to);
        is_renewal.then_some(Self {
            from: *from,
            to: to.value,
        })
    }
}

/// The effects of a file that the team is told immediately: the instance is missing from a complete listing, its edition became
/// Standard or contradictory without a downgrade whose exit was confirmed, its expiry moved, or its region is disputed.
pub fn alarming(case: &Case) -> Vec<&EventKind> {
    let left = case.change.as_ref().is_some_and(Change::exit_confirmed);
    let kinds = || case.events.iter().map(|event| &event.kind);
    let was_after_it = left && kinds().any(|kind| matches!(kind, EventKind::Done { .. }));
    // It was seen since the file was read.
    let is_known_since = case.instance.edition.held().is_some();
    let alarms = |kind: &EventKind| {
        let EventKind::Moved { fact, from, to } = kind else {
            let missing = *kind == EventKind::Missing && !is_known_since;
            return missing || is_region_disputed(kind);
        };
        let ends = [
            FactValue::Edition(Edition::Standard),
            FactValue::Contradictory,
        ];
        let moves = *fact == FactKind::Expires || (*fact == FactKind::Edition && ends.contains(to));
        *from != FactValue::Unknown && moves && !was_after_it
    };
    if !kinds().any(alarms) {
        return Vec::new();
    }
    let counts = |kind: &&EventKind| {
        let EventKind::Moved { fact, .. } = kind else {
            return matches!(kind, EventKind::Missing | EventKind::PlatinumAgain { .. })
                || is_region_disputed(kind);
        };
        [FactKind::Edition, FactKind::Expires, FactKind::Action].contains(fact)
    };
    kinds().filter(counts).collect()
}
