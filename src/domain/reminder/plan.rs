//! The plan: every level of an instance, by its facts.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};

use super::{Level, Point, ReminderRow, Risk, Situation, Topic};
use crate::Timestamp;
use crate::concern::{ConcernKind, LADDER, concerns, rungs};
use crate::team::auto_renewal_charges_from;

const DAY: i32 = 24;
/// The days before an expiry at which it becomes a concern.
const OPENS: i32 = 30;

/// The days before an expiry that is only announced.
const LAST_DAYS: [i32; 3] = [3, 1, 0];

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
    /// The post of a notice that was raised on that day covers it.
    NoticeTells,
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

    /// Whether it is the first post about what a reply has said: it may come earlier, and no later.
    fn is_news(&self) -> bool {
        let Level { topic, hours } = self.level();
        hours == DAY && matches!(topic, Topic::Concern(kind) if kind.is_told_in_reply())
    }

    /// Whether it says again what was said twice before, or more often.
    fn is_later_rung(&self) -> bool {
        let Level { topic, hours } = self.level();
        let is_ladder = |kind: ConcernKind| !kind.is_urgent() && !kind.may_be_deleted();
        hours >= 3 * DAY && matches!(topic, Topic::Concern(kind) if is_ladder(kind))
    }

    /// Whether it makes a post: not where another post covers it, nor in the checklist.
    fn is_told_alone(&self) -> bool {
        self.mute.is_none() && self.level().topic != Topic::Attest
    }
}

impl Level {
    /// Whether it may be told earlier or later on its day, with something else: not a day of the table, an alarm, or an
    /// irreversible step in doubt on its first day.
    fn can_move(self) -> bool {
        matches!(self.topic, Topic::Concern(kind)
            if !(kind.is_urgent() && self.hours < DAY
                || kind.is_alarm() && self.hours == 0
                || kind.may_be_deleted()))
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
            if situation.is_announced(of) {
                add(of, Topic::Expiry, &mut before(&LAST_DAYS).chain(after()));
                continue;
            }
            // Each row has days of its own.
            let rows: BTreeSet<i32> = [&days.at_risk, &days.downgrades, &days.renews]
                .into_iter()
                .flatten()
                .chain([&OPENS])
                .copied()
                .collect();
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
    together(situation, &mut planned, now);
    planned.sort_by_key(|planned| (planned.due, planned.point.level));
    planned.dedup_by_key(|planned| planned.point);
    planned
}

/// Limits posts about an instance to one a day: those that can wait join the day's post, or move to the next day if one was sent.
fn together(situation: &Situation<'_>, planned: &mut [Planned], now: Timestamp) {
    let cadence = situation.cadence;
    let dated = |planned: &&Planned| {
        let topic = planned.level().topic;
        matches!(topic, Topic::Expiry | Topic::Charge) && planned.mute.is_none()
    };
    for each in planned.iter_mut().filter(|each| dated(&&**each)) {
        if told_with_notice(situation, each) {
            each.mute = Some(Mute::NoticeTells);
        }
    }
    let dated: Vec<Planned> = planned.iter().filter(dated).copied().collect();
    let same_day = |due| {
        let day = cadence.day(due);
        let mut on = dated
            .iter()
            .filter(move |other| cadence.day(other.due) == day);
        on.next()
    };
    let fixed: Vec<Timestamp> = fixed(situation, planned).collect();
    let comes_on = |moment: Timestamp| {
        let on = |due: &&Timestamp| **due >= moment && cadence.day(**due) == cadence.day(moment);
        fixed.iter().filter(on).min().copied()
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
            Topic::Concern(_) if !each.level().can_move() => {}
            // Reminders already sent keep their dates.
            Topic::Concern(_) if situation.done.contains(&each.point) => {}
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
                let told = situation.told.map(|told| cadence.day(told));
                // A post that has waited for a day may be overdue; it waits on if another was sent today.
                for at_least in [each.due, now] {
                    let moment = each.due.max(at_least);
                    let next = cadence.disturbable(cadence.next_day(moment));
                    let next = comes_on(moment).unwrap_or(next);
                    if told == Some(cadence.day(moment))
                        && latest(each).is_none_or(|latest| next <= latest)
                    {
                        each.due = next;
                    }
                }
            }
        }
    }
    wait_for_next(situation, planned);
    join(situation, planned);
}

/// Has a later rung of a ladder wait for another post about the instance that is due within a day: two that began a day apart are
/// one post from then on.
fn wait_for_next(situation: &Situation<'_>, planned: &mut [Planned]) {
    let to_come = |each: &Planned| !situation.done.contains(&each.point);
    let fixed: Vec<Timestamp> = fixed(situation, planned).collect();
    planned.sort_by_key(|each| std::cmp::Reverse(each.due));
    for at in 0..planned.len() {
        let (later, rest) = planned.split_at_mut(at);
        let Some(each) = rest
            .first_mut()
            .filter(|each| each.is_later_rung() && to_come(each) && !fixed.contains(&each.due))
        else {
            continue;
        };
        let within = each.due + TimeDelta::days(1);
        let mut next = later
            .iter()
            .rev()
            .filter(|other| other.is_told_alone() && to_come(other));
        let next = next.find(|other| other.due > each.due && other.due <= within);
        if let Some(next) = next {
            each.due = next.due;
        }
    }
}

/// Whether the last post was that of a notice which was raised on the day of this reminder of the expiry, before it: it names the
/// instance, its facts and its team.
fn told_with_notice(situation: &Situation<'_>, planned: &Planned) -> bool {
    let cadence = situation.cadence;
    let day = cadence.day(planned.due);
    let Some(told) = situation.told.filter(|told| cadence.day(*told) == day) else {
        return false;
    };
    let mut raised = situation.raised.iter();
    let level = planned.level();
    level.topic == Topic::Expiry
        && level.hours < 0
        && told < planned.due
        && raised.any(|notice| notice.since == told)
}

/// The latest time of a level: a day after its concern began, of its first post, and of the alert about a step in doubt; `None`
/// where a day more does no harm, also where another post has named the instance since.
fn latest(planned: &Planned) -> Option<Timestamp> {
    let Level { topic, hours } = planned.level();
    let is_urgent = matches!(topic, Topic::Concern(kind) if kind.is_urgent());
    let is_first = hours == 0 || (hours == DAY && is_urgent);
    let day_after = planned.point.of.checked_add_signed(TimeDelta::days(1));
    day_after
        .filter(|_| is_first)
        .map(|latest| latest.max(planned.due))
}

/// Moves the levels of a day that can move to one time: that of a level which cannot, as far as each can wait, else that of the
/// first of them. None comes before its concern began.
fn join(situation: &Situation<'_>, planned: &mut [Planned]) {
    let cadence = situation.cadence;
    let to_come = |each: &Planned| is_to_come(situation, each);
    let mut days: BTreeMap<NaiveDate, Vec<Planned>> = BTreeMap::new();
    for each in planned.iter().filter(|each| to_come(each)) {
        days.entry(cadence.day(each.due)).or_default().push(*each);
    }
    for each in planned.iter_mut() {
        let (day, level) = (cadence.day(each.due), each.level());
        if !to_come(each) || !level.can_move() {
            continue;
        }
        let Some(all) = days.get(&day).filter(|all| all.len() > 1) else {
            continue;
        };
        let limit = latest(each).or_else(|| each.is_news().then_some(each.due));
        let in_time = |due: &Timestamp| limit.is_none_or(|limit| *due <= limit);
        let fixed = || all.iter().filter(|other| !other.level().can_move());
        let target = if fixed().next().is_some() {
            let fixed = || fixed().map(|other| other.due).filter(in_time);
            let next = fixed().filter(|due| *due >= each.due).min();
            next.or_else(|| fixed().max())
        } else {
            let begins = all.iter().filter(|other| other.level().hours < DAY);
            let begins = begins.map(|other| other.due).max();
            begins.or_else(|| all.iter().map(|other| other.due).min())
        };
        // It is not told before it began.
        let is_over = |target: &Timestamp| *target >= each.due || level.hours >= DAY;
        if let Some(target) = target.filter(in_time).filter(is_over) {
            each.due = target;
        }
    }
}

/// Whether it makes a post that was not sent yet.
fn is_to_come(situation: &Situation<'_>, planned: &Planned) -> bool {
    planned.is_told_alone() && !situation.done.contains(&planned.point)
}

/// The times of the posts to come that stay where they are.
fn fixed(situation: &Situation<'_>, planned: &[Planned]) -> impl Iterator<Item = Timestamp> {
    let fixed = |each: &&Planned| is_to_come(situation, each) && !each.level().can_move();
    planned.iter().filter(fixed).map(|each| each.due)
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
        Topic::Expiry => (
            expiry_due(situation, point, at)?,
            change_mute(situation, point),
        ),
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
        Topic::Concern(kind) if kind.may_be_deleted() => (at, None),
        // Nobody was called when it began.
        Topic::Concern(kind) if kind.is_told_in_reply() && point.level.hours == DAY => {
            (situation.cadence.before_quiet(at, point.of), None)
        }
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
        // Where a failed renewal may delete it, its team is called as soon as that is open.
        (ReminderRow::Renews, ..=0) => {
            days.renews.contains(&(-hours / DAY))
                || (hours == -OPENS * DAY && situation.risk(at) != Risk::Downgrades)
        }
        (ReminderRow::AtRisk | ReminderRow::Renews, _) => {
            hours <= ALERT_HOURS
                && !is_outlived(situation)
                && !is_eased(situation, hours, at)
                && (LADDER.contains(&hours) || !situation.is_listed_later(point.of, at))
        }
        (ReminderRow::Downgrades, _) => hours % DAY == 0 && !is_outlived(situation),
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

/// Whether it was seen since its release was due, which is a concern of its own.
fn is_outlived(situation: &Situation<'_>) -> bool {
    let instance = &situation.case.instance;
    instance.outlived_release(Timestamp::MAX_UTC).is_some()
}

/// Whether a twelve-hourly reminder is left out because the instance is acknowledged. A moved fact changes its text, and nothing
/// else: only what settles the expiry ends these.
fn is_eased(situation: &Situation<'_>, hours: i32, at: Timestamp) -> bool {
    // Even by a later acknowledgement: anyone who knows now is not told of missed reminders.
    hours < ALERT_HOURS && hours % DAY != 0 && situation.known_by(at).is_some()
}

fn change_mute(situation: &Situation<'_>, point: Point) -> Option<Mute> {
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
