//! The choice among due levels, with the reasons for skipping the others.

use std::collections::BTreeMap;

use super::{Level, Mute, Planned, Point, Topic};
use crate::Timestamp;
use crate::words::words;

words! {
    /// The reason for skipping a level.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Why {
        /// A later one of the same topic was sent, or is due.
        Nearer = "nearer",
        /// The change's alert covers it.
        ChangeTells = "change-tells",
        /// The facts will still be fresh.
        StillFresh = "still-fresh",
        /// The reminder of the expiry covers it.
        ExpiryTells = "expiry-tells",
        /// The post of a notice covers it.
        NoticeTells = "notice-tells",
        /// Facts have moved, so it is no longer planned.
        Moved = "moved",
        /// The concern is settled.
        Settled = "settled",
        /// The expiry changed, or there is none.
        Replanned = "replanned",
        /// The instance is Standard, lost or not tracked.
        Over = "over",
    }
}

impl From<Mute> for Why {
    fn from(mute: Mute) -> Self {
        match mute {
            Mute::ChangeTells => Self::ChangeTells,
            Mute::StillFresh => Self::StillFresh,
            Mute::ExpiryTells => Self::ExpiryTells,
            Mute::NoticeTells => Self::NoticeTells,
        }
    }
}

/// The decision on an instance's levels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DueDecision {
    /// To send now, at most one per topic.
    pub send: Vec<Planned>,
    /// To skip, with reasons.
    pub skip: Vec<(Planned, Why)>,
    /// The time of the next level.
    pub next: Option<Timestamp>,
}

/// Selects the latest due level of each topic, unless a later one was settled, and skips the others. This covers lateness, a
/// moved expiry and jumps of the clock.
pub fn decide(plan: &[Planned], done: &[Point], now: Timestamp) -> DueDecision {
    let mut decision = DueDecision::default();
    let mut settled: BTreeMap<(Topic, Timestamp), i32> = BTreeMap::new();
    let open = |planned: &&Planned| !done.contains(&planned.point);
    let passed = |planned: &&Planned| planned.due <= now;
    let points = plan.iter().filter(passed).map(|planned| planned.point);
    for Point { of, level } in points.chain(done.iter().copied()) {
        let latest = settled.entry((level.topic, of)).or_insert(level.hours);
        *latest = level.hours.max(*latest);
    }
    for planned in plan.iter().filter(open).filter(passed) {
        let Point { of, level } = planned.point;
        let latest = settled.get(&(level.topic, of)) == Some(&level.hours);
        match planned.mute {
            _ if !latest => decision.skip.push((*planned, Why::Nearer)),
            Some(mute) => decision.skip.push((*planned, mute.into())),
            None => decision.send.push(*planned),
        }
    }
    // A reminder of the expiry covers the action.
    let expiry = |planned: &Planned| planned.level().topic == Topic::Expiry;
    if decision.send.iter().any(expiry) {
        let unsure = |planned: &mut Planned| {
            let Level { topic, hours } = planned.level();
            hours == 0 && matches!(topic, Topic::Concern(kind) if kind.is_told_by_expiry())
        };
        let said = decision.send.extract_if(.., unsure);
        let said = said.map(|planned| (planned, Why::ExpiryTells));
        decision.skip.extend(said);
    }
    let ahead = plan.iter().filter(open).filter(|planned| planned.due > now);
    decision.next = ahead.map(|planned| planned.due).min();
    decision
}
