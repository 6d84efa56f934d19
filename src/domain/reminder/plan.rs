//! The plan: every level of an instance, by its facts.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{Level, Point, ReminderRow, Situation, Topic};
use crate::domain::Timestamp;
use crate::domain::concern::{concerns, rungs};
use crate::domain::team::auto_renewal_charges_from;

const DAY: i32 = 24;

/// The hours between reminders after the expiry, while it may be deleted.
const AT_RISK_EVERY: i32 = 12;
/// The hours after which these end, with an alert.
pub(super) const ALERT_HOURS: i32 = 7 * DAY;

/// The reason why a planned level is muted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mute {
    /// The open change covers it.
    ChangeTells,
    /// The facts will still be fresh.
    StillFresh,
    /// The reminder of the expiry covers it.
    ExpiryTells,
}

/// A level with its due time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    pub point: Point,
    pub due: Timestamp,
    /// The reason why it is not sent.
    pub mute: Option<Mute>,
}

impl Planned {
    pub const fn level(&self) -> Level {
        self.point.level
    }
}

/// The levels of every possible expiry and of every concern, by the facts of this moment.
pub fn plan(situation: &Situation<'_>, now: Timestamp) -> Vec<Planned> {
    let mut planned = Vec::new();
    let mut add = |of, topic, hours: &mut dyn Iterator<Item = i32>| {
        for hours in hours {
            let level = Level { topic, hours };
            planned.extend(planned_at(situation, Point { of, level }));
        }
    };
    let days = &situation.cadence.days;
    if !situation.is_over() {
        for of in situation.expiries() {
            // Each row has days of its own.
            let rows = [&days.at_risk, &days.downgrades, &days.renews];
            let rows: BTreeSet<i32> = rows.into_iter().flatten().copied().collect();
            let rows: Vec<i32> = rows.into_iter().collect();
            add(of, Topic::Expiry, &mut before(&rows));
            add(of, Topic::Expiry, &mut after());
            // After the expiry, auto-renewal no longer charges.
            if of > now {
                add(of, Topic::Charge, &mut before(&days.charges));
            }
            add(of, Topic::Attest, &mut before(&days.attests));
        }
    }
    for concern in concerns(situation, now) {
        let topic = Topic::Concern(concern.kind);
        add(concern.since, topic, &mut rungs(&concern).iter().copied());
    }
    together(situation, &mut planned);
    planned.sort_by_key(|planned| (planned.due, planned.point.level));
    planned.dedup_by_key(|planned| planned.point);
    planned
}

/// Limits posts about an instance to one a day: those that can wait join the day's post, or move to the next day if one was sent.
fn together(situation: &Situation<'_>, planned: &mut [Planned]) {
    let cadence = situation.cadence;
    let dated = |planned: &&Planned| {
        let topic = planned.level().topic;
        matches!(topic, Topic::Expiry | Topic::Charge) && planned.mute.is_none()
    };
    let dated: Vec<Planned> = planned.iter().filter(dated).copied().collect();
    let same_day = |due| {
        let day = cadence.day(due);
        let mut on = dated
            .iter()
            .filter(move |other| cadence.day(other.due) == day);
        on.next()
    };
    for each in planned.iter_mut() {
        let Level { topic, hours } = each.level();
        match topic {
            Topic::Expiry | Topic::Charge => {}
            Topic::Attest => {
                let told = same_day(each.due).is_some_and(|other| other.point.of == each.point.of);
                if each.mute.is_none() && told {
                    each.mute = Some(Mute::ExpiryTells);
                }
            }
            // An irreversible step in doubt does not wait on its first day.
            Topic::Concern(kind) if kind.is_urgent() && hours < DAY => {}
            Topic::Concern(kind) => {
                // A reminder of the expiry covers the action, with mentions.
                let told = |other: &&Planned| {
                    let within = other.due.checked_sub_signed(TimeDelta::days(1));
                    other.level().topic == Topic::Expiry
                        && other.due > each.due
                        && within.is_some_and(|within| within <= each.due)
                };
                if kind.is_told_by_expiry() && hours == 0 && dated.iter().any(|it| told(&it)) {
                    each.mute = Some(Mute::ExpiryTells);
                }
                if let Some(other) = same_day(each.due).filter(|other| other.due > each.due) {
                    each.due = other.due;
                }
                let told = situation.told.map(|told| cadence.day(told));
                if !kind.is_urgent() && !kind.is_alarm() && told == Some(cadence.day(each.due)) {
                    each.due = cadence.disturbable(cadence.next_day(each.due));
                }
            }
        }
    }
}

fn before(days: &[i32]) -> impl Iterator<Item = i32> {
    days.iter().map(|days| -days * DAY)
}

/// The intervals after an expiry, up to the alert.
fn after() -> impl Iterator<Item = i32> {
    (1..=ALERT_HOURS / AT_RISK_EVERY).map(|n| n * AT_RISK_EVERY)
}

/// The level as planned by the facts at its moment; `None` when they do not require it.
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
        // The holder or the attester is asked after half an hour.
        Topic::Concern(kind) if kind.is_urgent() && point.level.hours < DAY => {
            let waits = point.level.hours == 0 && !kind.is_told_at_once();
            let soon = TimeDelta::minutes(if waits { 30 } else { 0 });
            (at + soon, None)
        }
        Topic::Concern(kind) if kind.is_alarm() && point.level.hours == 0 => (at, None),
        Topic::Concern(_) => (quiet(situation, at, None), None),
    };
    Some(Planned { point, due, mute })
}

fn expiry_due(situation: &Situation<'_>, point: Point, at: Timestamp) -> Option<Timestamp> {
    let hours = point.level.hours;
    let row = situation.row(at);
    let days = &situation.cadence.days;
    let asked = match (row, hours) {
        (ReminderRow::Left, _) => false,
        (ReminderRow::AtRisk, ..=0) => days.at_risk.contains(&(-hours / DAY)),
        (ReminderRow::Downgrades, ..=0) => days.downgrades.contains(&(-hours / DAY)),
        (ReminderRow::Renews, ..=0) => days.renews.contains(&(-hours / DAY)),
        (ReminderRow::AtRisk | ReminderRow::Renews, _) => {
            hours <= ALERT_HOURS && !is_eased(situation, hours, at)
        }
        (ReminderRow::Downgrades, _) => hours % DAY == 0,
    };
    let waits = hours <= 0 || row == ReminderRow::Downgrades;
    let until = (hours <= 0).then_some(point.of);
    asked.then(|| {
        if waits {
            quiet(situation, at, until)
        } else {
            at
        }
    })
}

/// Whether a twelve-hourly reminder is left out because the instance is acknowledged. A moved fact changes its text, and nothing
/// else: only what settles the expiry ends these.
fn is_eased(situation: &Situation<'_>, hours: i32, at: Timestamp) -> bool {
    // Even by a later acknowledgement: anyone who knows now is not told of missed reminders.
    hours < ALERT_HOURS && hours % DAY != 0 && situation.known_by(at).is_some()
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
    if situation.row(expiry) == ReminderRow::AtRisk && !situation.stale_by(expiry) {
        return Some(Mute::ExpiryTells);
    }
    let needed = if point.level.hours < 0 {
        situation.stale_by(expiry)
    } else {
        situation.row(expiry) != ReminderRow::AtRisk && !situation.edition_is_fresh(expiry)
    };
    (!needed).then_some(Mute::StillFresh)
}

/// Moves a time out of quiet hours, unless that is too late for its subject.
fn quiet(situation: &Situation<'_>, at: Timestamp, until: Option<Timestamp>) -> Timestamp {
    let moved = situation.cadence.disturbable(at);
    if until.is_some_and(|until| moved > until) {
        at
    } else {
        moved
    }
}

/// Moves a time to the day's checklist, unless that is sent after the expiry.
fn list(situation: &Situation<'_>, point: Point, at: Timestamp) -> Timestamp {
    let until = (point.level.hours < 0).then_some(point.of);
    let listed = quiet(situation, situation.cadence.list_hour(at), until);
    if until.is_some_and(|until| listed >= until) {
        quiet(situation, at, until)
    } else {
        listed
    }
}
