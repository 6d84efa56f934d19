//! The cadence: every level of an instance, by what is known of it.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{Level, Point, Row, Situation, Topic};
use crate::domain::Timestamp;
use crate::domain::change::{Change, ChangeKind, Step};
use crate::domain::team::auto_renewal_charges_from;

const DAY: i32 = 24;

/// Hours between reminders after the expiry, while it may be deleted.
const AT_RISK_EVERY: i32 = 12;
/// When that ends, with an alert.
pub(super) const ALERT_HOURS: i32 = 7 * DAY;

/// Why a level is not said although it is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mute {
    /// The open change says the same.
    ChangeTells,
    /// What is known will still be fresh.
    StillFresh,
    /// The reminder of the expiry says the same.
    ExpiryTells,
}

/// A level, when it is due, and whether it is to be said then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// Which one.
    pub point: Point,
    /// When.
    pub due: Timestamp,
    /// Why it is not said.
    pub mute: Option<Mute>,
}

impl Planned {
    /// Its level.
    pub const fn level(&self) -> Level {
        self.point.level
    }
}

/// Every level of the present expiry, or of the upgrade, by the facts of this moment. What has no end goes on to the first
/// one after `now`.
pub fn plan(situation: &Situation<'_>, now: Timestamp) -> Vec<Planned> {
    let mut planned = Vec::new();
    if situation.is_over() {
        return planned;
    }
    let mut add = |of, topic, hours: &mut dyn Iterator<Item = i32>| {
        for hours in hours {
            let level = Level { topic, hours };
            planned.extend(planned_at(situation, Point { of, level }));
        }
    };
    let days = &situation.cadence.days;
    if let Some(of) = situation.expiry() {
        // Each row has days that the others have not.
        let days = [&days.at_risk, &days.downgrades, &days.renews];
        let days: BTreeSet<i32> = days.into_iter().flatten().copied().collect();
        let days: Vec<i32> = days.into_iter().collect();
        add(of, Topic::Expiry, &mut before(&days));
        add(of, Topic::Expiry, &mut after(of, AT_RISK_EVERY, now));
        add(
            of,
            Topic::Charge,
            &mut before(&situation.cadence.days.charges),
        );
        add(
            of,
            Topic::Attest,
            &mut before(&situation.cadence.days.attests),
        );
    }
    if let Some(upgrade) = upgraded(situation) {
        let recorded = |step| upgrade.record(step).map(|record| record.at);
        match (situation.expiry(), recorded(Step::Upgrade)) {
            (None, Some(of)) => add(of, Topic::RecordExpiry, &mut after(of, DAY, now)),
            (Some(_), Some(of)) => {
                let of = recorded(Step::RecordExpiry).unwrap_or(of);
                let mut days = days.chooses.iter().map(|days| days * DAY);
                add(of, Topic::ChooseAction, &mut days);
            }
            (_, None) => {}
        }
    }
    planned.sort_by_key(|planned| (planned.due, planned.point.level));
    planned
}

fn before(days: &[i32]) -> impl Iterator<Item = i32> {
    days.iter().map(|days| -days * DAY)
}

/// Every so many hours after `of`, up to the first after `now`; at least to the alert.
fn after(of: Timestamp, every: i32, now: Timestamp) -> impl Iterator<Item = i32> {
    let passed = i32::try_from((now - of).num_hours()).unwrap_or(i32::MAX / 2);
    let last = passed.max(0).saturating_add(2 * DAY).max(ALERT_HOURS);
    (1..=last / every).map(move |n| n * every)
}

fn upgraded<'a>(situation: &Situation<'a>) -> Option<&'a Change> {
    let change = situation.case.open_change()?;
    (change.kind == ChangeKind::Upgrade).then_some(change)
}

/// The level as it is planned by the facts that hold at its moment; `None` when they do not ask for it.
fn planned_at(situation: &Situation<'_>, point: Point) -> Option<Planned> {
    let at = point.of + TimeDelta::hours(point.level.hours.into());
    let (due, mute) = match point.level.topic {
        Topic::Expiry => (expiry_due(situation, point, at)?, told(situation, point)),
        Topic::Charge => {
            let charges = auto_renewal_charges_from(point.of);
            let due = situation
                .may_charge()
                .then(|| quiet(situation, at, charges));
            (due?, None)
        }
        Topic::Attest => {
            let due = situation.awaits().then(|| list(situation, point, at));
            (due?, attest_mute(situation, point))
        }
        Topic::RecordExpiry | Topic::ChooseAction => (quiet(situation, at, None), None),
    };
    Some(Planned { point, due, mute })
}

fn expiry_due(situation: &Situation<'_>, point: Point, at: Timestamp) -> Option<Timestamp> {
    let hours = point.level.hours;
    let row = situation.row(at);
    let days = &situation.cadence.days;
    let asked = match (row, hours) {
        (Row::Left, _) => false,
        (Row::AtRisk, ..=0) => days.at_risk.contains(&(-hours / DAY)),
        (Row::Downgrades, ..=0) => days.downgrades.contains(&(-hours / DAY)),
        (Row::Renews, ..=0) => days.renews.contains(&(-hours / DAY)),
        (Row::AtRisk | Row::Renews, _) => hours <= ALERT_HOURS && !is_eased(situation, hours, at),
        (Row::Downgrades, _) => hours % DAY == 0,
    };
    let waits = hours <= 0 || row == Row::Downgrades;
    let until = (hours <= 0).then_some(point.of);
    asked.then(|| {
        if waits {
            quiet(situation, at, until)
        } else {
            at
        }
    })
}

/// Whether what comes every 12 hours comes less often now, or not at all. The alert always comes.
fn is_eased(situation: &Situation<'_>, hours: i32, at: Timestamp) -> bool {
    let moved = situation.since.moved.is_some_and(|moved| moved < at);
    let acked = situation.attention.acked.as_ref();
    let acked = acked.is_some_and(|acked| acked.at < at) && hours % DAY != 0;
    hours < ALERT_HOURS && (moved || acked)
}

fn told(situation: &Situation<'_>, point: Point) -> Option<Mute> {
    let told = match point.level.hours {
        0 => situation.since.told_waiting,
        ALERT_HOURS => situation.since.told_presumed,
        _ => false,
    };
    told.then_some(Mute::ChangeTells)
}

fn attest_mute(situation: &Situation<'_>, point: Point) -> Option<Mute> {
    let expiry = point.of;
    if situation.row(expiry) == Row::AtRisk && !situation.stale_by(expiry) {
        return Some(Mute::ExpiryTells);
    }
    let needed = if point.level.hours < 0 {
        situation.stale_by(expiry)
    } else {
        situation.row(expiry) != Row::AtRisk && !situation.edition_is_fresh(expiry)
    };
    (!needed).then_some(Mute::StillFresh)
}

/// Not in quiet hours, unless it would then come after what it warns of.
fn quiet(situation: &Situation<'_>, at: Timestamp, until: Option<Timestamp>) -> Timestamp {
    let moved = situation.cadence.disturbable(at);
    if until.is_some_and(|until| moved > until) {
        at
    } else {
        moved
    }
}

/// With the checklist of its day, unless that would be sent after the expiry.
fn list(situation: &Situation<'_>, point: Point, at: Timestamp) -> Timestamp {
    let until = (point.level.hours < 0).then_some(point.of);
    let listed = quiet(situation, situation.cadence.list_hour(at), until);
    if until.is_some_and(|until| listed >= until) {
        quiet(situation, at, until)
    } else {
        listed
    }
}
