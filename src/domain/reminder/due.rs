//! Which of the levels that have passed is said, and why the others are not.

use std::collections::BTreeMap;

use super::{Level, Mute, Planned, Point, Topic};
use crate::domain::Timestamp;
use crate::domain::instance::words;

/// Why something planned was not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// A later one of the same kind has been, or is being, said.
    Nearer,
    /// The alert of the change says the same.
    ChangeTells,
    /// What is known will still be fresh.
    StillFresh,
    /// The reminder of the expiry says the same.
    ExpiryTells,
    /// Facts have moved: it is not planned any more.
    Moved,
    /// What was open is settled.
    Settled,
    /// The expiry is another, or there is none any more.
    Replanned,
    /// It is Standard, lost, or not followed any more.
    Over,
}

words!(Why {
    Nearer = "nearer",
    ChangeTells = "change-tells",
    StillFresh = "still-fresh",
    ExpiryTells = "expiry-tells",
    Moved = "moved",
    Settled = "settled",
    Replanned = "replanned",
    Over = "over",
});

impl From<Mute> for Why {
    fn from(mute: Mute) -> Self {
        match mute {
            Mute::ChangeTells => Self::ChangeTells,
            Mute::StillFresh => Self::StillFresh,
            Mute::ExpiryTells => Self::ExpiryTells,
        }
    }
}

/// What is done with the levels of an instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DueDecision {
    /// Said now; one a topic at most.
    pub send: Vec<Planned>,
    /// Never said, and why.
    pub skip: Vec<(Planned, Why)>,
    /// When the next one is due.
    pub next: Option<Timestamp>,
}

/// Of the levels that have passed and were not settled, the latest of each topic is said, unless a later one was settled
/// already; the others are skipped. Being late, a moved expiry and a clock that jumps are all this.
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
    // What becomes of it is what a reminder of the expiry says.
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
