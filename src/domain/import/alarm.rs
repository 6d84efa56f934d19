//! Alarming effects of an import.

use crate::case::Case;
use crate::change::Change;
use crate::event::{EventKind, FactValue};
use crate::instance::Edition;
use crate::rules::FactKind;

/// The name, in events, of a region that differs from the tracked one.
pub(super) const DISPUTED_REGION: &str = "region";

/// Whether a file gives another region than the tracked one.
pub fn is_region_disputed(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Described { what, .. } if what == DISPUTED_REGION)
}

/// The effects of a file that the team is told immediately: the instance is missing from a complete listing, its edition became
/// Standard or contradictory without a downgrade whose exit was confirmed, its expiry moved, or its region is disputed.
pub fn alarming(case: &Case) -> Vec<&EventKind> {
    let left = case.change.as_ref().is_some_and(Change::exit_confirmed);
    let kinds = || case.events.iter().map(|event| &event.kind);
    let was_after_it = left && kinds().any(|kind| matches!(kind, EventKind::Done { .. }));
    let alarms = |kind: &EventKind| {
        let EventKind::Moved { fact, from, to } = kind else {
            return *kind == EventKind::Missing || is_region_disputed(kind);
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
