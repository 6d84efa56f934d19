//! Reminders: instances are looked at when something may be due, and each channel gets one message.

mod compose;
mod gather;
mod group;
mod outlook;

use std::collections::HashMap;

use chrono::TimeDelta;

use super::card::follow_looks;
use super::{Settings, Warden};
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::change::{How, Step};
use crate::domain::concern::{ConcernKind, next_turn};
use crate::domain::fact::Fact;
use crate::domain::id::InstanceId;
use crate::domain::instance::Instance;
use crate::domain::reminder::{
    Attention, DueDecision, Level, Planned, Point, ReminderEntry, ReminderRow, Topic, Why, decide,
    subject,
};
use crate::render;
use crate::store::{Due, Fate, Queue, ScheduleSubject, Settling, StoreError, StoreResult, Tx};
pub(super) use compose::{circle_of, is_known, name_claimants, situation_of};
use group::{Class, Groups, ReminderLine, channel_for, post_groups};
pub(super) use outlook::{NOTICES, Outlook, outlook, seen_with};

/// Instances per transaction.
const BATCH: usize = 125;
/// The most instances of a message, which each batch writes once more.
const TOGETHER: usize = 5_000;
/// The time within which what a decision posts and what it makes due are one, and so is what is due batch by batch.
const A_MOMENT: TimeDelta = TimeDelta::minutes(1);
/// A reminder later than this is marked as late.
const LATE: TimeDelta = TimeDelta::hours(1);
/// The most raised notices reviewed when facts of their instance change; each one settled triggers the next.
pub(super) const RAISED: u32 = 10;
/// The most statements of a decision; whatever needs more is left to the schedule.
const A_DECISION: u32 = 12;
/// Statements reserved for the commit: two for the schedule, one for the counters.
const AT_THE_END: u32 = 3;

impl Warden {
    /// Whether files are being imported by this process.
    pub fn is_importing(&self) -> bool {
        !self.imports.is_empty()
    }

    /// Until when a message of reminders waits for more of its moment: as long as `more` is to be looked at, or a file is being
    /// imported, and for a minute at most. `None`: it goes.
    pub fn gathers_until(&self, queue: &Queue, more: bool, now: Timestamp) -> Option<Timestamp> {
        let until = queue.reminds? + A_MOMENT;
        let gathers = more || self.imports.has(&queue.workspace);
        (gathers && now < until && queue.next <= now).then_some(until)
    }

    /// Looks at the due instances of a workspace in one transaction: either all of them are settled and posted, or none.
    pub(super) async fn remind(
        &self,
        mut tx: Tx,
        first: &Due,
        now: Timestamp,
    ) -> StoreResult<Vec<Due>> {
        let mut all = tx.instances_due(now, BATCH).await?;
        match self.remind_of(tx, &all, now).await {
            // A damaged instance must not delay the others.
            Err(StoreError::Damaged { .. }) => {
                all = vec![first.clone()];
                let tx = self.store.write(&first.workspace).await?;
                self.remind_of(tx, &all, now).await?;
            }
            reminded => reminded?,
        }
        Ok(all)
    }

    async fn remind_of(&self, mut tx: Tx, all: &[Due], now: Timestamp) -> StoreResult<()> {
        let mut ids = Vec::new();
        for due in all {
            match due.subject()? {
                ScheduleSubject::Instance(id) => ids.push(id),
                _ => return Err(due.missing()),
            }
        }
        let cases = tx.load_cases(&ids).await?;
        let mut cases: HashMap<InstanceId, Case> = cases
            .into_iter()
            .map(|case| (case.instance.id.clone(), case))
            .collect();
        let settings = self.settings_in(&mut tx).await?;
        tx.begin_due(&ScheduleSubject::Digest, settings.cadence.next_digest(now))
            .await?;
        let mut groups = Groups::new();
        for (due, id) in all.iter().zip(ids) {
            match cases.remove(&id) {
                Some(mut case) => {
                    let outlook = outlook(&settings, &mut tx, &mut case, now).await?;
                    consider(&settings, &mut tx, &outlook, due.at, now, &mut groups).await?;
                    follow_looks(&settings, &mut tx, &outlook.case, now).await?;
                }
                None => tx.set_due(&ScheduleSubject::Instance(id), None).await?,
            }
        }
        post_groups(&settings, &mut tx, groups, now).await?;
        tx.commit().await
    }
}

/// Settles the due reminders of an instance because a post with this key covers them; returns their text for that post.
pub(super) async fn tell_with(
    settings: &Settings,
    tx: &mut Tx,
    case: &Case,
    key: &str,
    now: Timestamp,
) -> StoreResult<Option<String>> {
    let outlook = outlook(settings, tx, &mut case.clone(), now).await?;
    let id = &outlook.case.instance.id;
    outlook.keep_concerns(tx, now).await?;
    // Concerns that open at the moment of the acknowledgement are dated just after it.
    let until = now + TimeDelta::milliseconds(1);
    let decision = decide(&outlook.plan, &outlook.done(), until);
    let mut due = decision.send;
    due.retain(|planned| planned.level().topic != Topic::Attest);
    let skipped = decision.skip.iter();
    let skipped = skipped.map(|(planned, why)| settling(planned, Fate::Skipped(*why), now, None));
    let told = due.iter();
    let told = told.map(|planned| settling(planned, Fate::Posted, now, Some(key)));
    let settled = skipped.chain(told).map(|settling| (id.clone(), settling));
    tx.settle_levels(&settled.collect::<Vec<_>>()).await?;
    tx.set_told(id, now).await?;
    let points: Vec<Point> = due.iter().map(|planned| planned.point).collect();
    if points.is_empty() {
        return Ok(None);
    }
    let situation = outlook.situation(settings);
    let reader = settings.reader(now);
    let line = render::reminder::line(&situation, &points, &outlook.concerns, None, &reader);
    Ok(Some(line.paragraph()))
}

/// Plans an instance's reminders in the transaction that has written to it, unless something has to be posted now, a notice has
/// to be reviewed first, or the decision would exceed its statements. Otherwise, or if the instance is damaged, it stays due at
/// once and is left to the schedule.
pub(super) async fn look_after(
    settings: &Settings,
    tx: &mut Tx,
    mut case: Case,
    now: Timestamp,
) -> StoreResult<()> {
    match plan_within(settings, tx, &mut case, now).await {
        Err(error @ StoreError::Damaged { .. }) => {
            tracing::warn!(instance.id = %case.instance.id, error = %crate::trace::causes(&error), "its reminders are planned later");
            Ok(())
        }
        planned => planned,
    }
}

async fn plan_within(
    settings: &Settings,
    tx: &mut Tx,
    case: &mut Case,
    now: Timestamp,
) -> StoreResult<()> {
    case.advance(&settings.policy, now);
    let id = case.instance.id.clone();
    let has_moved = tx.has_written(&id);
    let fits = |tx: &Tx, more: u32| tx.asked() + more + AT_THE_END <= A_DECISION;
    // One for its rows, one for the notices.
    if !fits(tx, 2) {
        if has_moved {
            tx.review_notices_of(&id, RAISED, now).await?;
        }
        return Ok(());
    }
    let key = subject(case).unwrap_or(Timestamp::UNIX_EPOCH);
    let around = tx.around(&id, key, NOTICES).await?;
    if has_moved && !(around.raised.is_empty() && around.resting.is_empty()) {
        return tx.review_notices_of(&id, RAISED, now).await.map(drop);
    }
    let outlook = seen_with(settings, case, around, now);
    let decision = decide(&outlook.plan, &outlook.done(), now);
    let snooze = outlook.attention.snooze.as_ref();
    let says = !decision.send.is_empty() || snooze.is_some_and(|snooze| snooze.until <= now);
    let instance = &outlook.case.instance;
    let differing = tx.concerns_differ(instance, &outlook.opened, &outlook.concerns);
    let others = u32::from(!decision.skip.is_empty())
        + u32::from(!outlook.has_digest)
        + u32::from(outlook.has_settled_ahead);
    if says || !fits(tx, differing.statements() + others) {
        return Ok(());
    }
    if !outlook.has_digest {
        tx.begin_due(&ScheduleSubject::Digest, settings.cadence.next_digest(now))
            .await?;
    }
    consider(settings, tx, &outlook, None, now, &mut Groups::new()).await
}

/// Settles muted reminders, gathers the due ones, and schedules the next look.
async fn consider(
    settings: &Settings,
    tx: &mut Tx,
    outlook: &Outlook,
    since: Option<Timestamp>,
    now: Timestamp,
    groups: &mut Groups,
) -> StoreResult<()> {
    let id = &outlook.case.instance.id;
    outlook.keep_concerns(tx, now).await?;
    if outlook.has_settled_ahead {
        tx.forget_levels_ahead(id, now).await?;
    }
    let mut decision = decide(&outlook.plan, &outlook.done(), now);
    let alerts = &settings.channels.alerts;
    let has_alerted = has_alerted(outlook, now);
    if has_alerted && settings.channel_of(&outlook.case.instance) == *alerts {
        let said = |planned: &mut Planned| is_of_exit(planned);
        let said = decision.send.extract_if(.., said);
        let said = said.map(|planned| (planned, Why::ChangeTells));
        decision.skip.extend(said);
    }
    let skipped = decision.skip.iter().map(|(planned, why)| {
        let settling = settling(planned, Fate::Skipped(*why), now, None);
        (id.clone(), settling)
    });
    tx.settle_levels(&skipped.collect::<Vec<_>>()).await?;
    // `None` after a write, which plans the instance again: nothing was due before it.
    let overslept = since.is_some_and(|at| now - at > LATE);
    // A reminder due before the latest statement is not late: it could not have been planned, or other quiet hours held it.
    let said = last_word(&outlook.case.instance).max(settings.hours_set());
    // A checklist does not replace a reminder.
    let replaced = decision
        .send
        .iter()
        .any(|planned| planned.point.level.topic != Topic::Attest);
    let waits = put_off(settings, outlook, &mut decision, now);
    let again = match waits {
        // A snoozed reminder waits with the others.
        Some(_) => None,
        None => snoozed(tx, outlook, now, replaced).await?,
    };
    let next = next_after(settings, outlook, &decision, waits, now);
    let (checklist, reminders): (Vec<Planned>, Vec<Planned>) = decision
        .send
        .drain(..)
        .chain(again)
        .partition(|planned| planned.level().topic == Topic::Attest);
    let mut lines = vec![(Class::Checklist, checklist)];
    // One post, in the class of its highest rank; an alarm goes to both places.
    let mut classes = Class::of_all(&reminders);
    if has_alerted && reminders.iter().all(is_of_exit) {
        classes.retain(|class| *class != Class::Alert);
    }
    lines.extend(classes.into_iter().map(|class| (class, reminders.clone())));
    for (class, due) in lines {
        if due.is_empty() {
            continue;
        }
        let line = ReminderLine {
            id: id.clone(),
            change: outlook.case.open_number(),
            entry: ReminderEntry {
                instance: id.to_string(),
                points: due.iter().map(|planned| planned.point).collect(),
                late: match class {
                    _ if overslept => late_since(settings, &due, None, now),
                    Class::Checklist => None,
                    _ if again.is_some() => None,
                    Class::Reminder | Class::Alert => late_since(settings, &due, said, now),
                },
                again: again.is_some(),
            },
            due,
            next,
        };
        let channel = channel_for(settings, class, &outlook.case.instance);
        groups.entry((class, channel)).or_default().push(line);
    }
    tx.set_due(&ScheduleSubject::Instance(id.clone()), next)
        .await
}

/// Whether the alerts channel was told a moment ago that it was unsubscribed without a permit, and that it is probably gone.
fn has_alerted(outlook: &Outlook, now: Timestamp) -> bool {
    let change = outlook.case.open_change();
    let record = change.and_then(|change| change.record(Step::Unsubscribe));
    record.is_some_and(|record| matches!(record.how, How::Outside(_)) && now - record.at < A_MOMENT)
}

/// Whether it is the first word on an instance that was unsubscribed while on Delete.
fn is_of_exit(planned: &Planned) -> bool {
    let Level { topic, hours } = planned.level();
    topic == Topic::Concern(ConcernKind::UnsubscribedOnDelete) && hours == 0
}

/// The next look at an instance, after the due reminders have been dealt with.
fn next_after(
    settings: &Settings,
    outlook: &Outlook,
    decision: &DueDecision,
    waits: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    let snooze = outlook.attention.snooze.as_ref().map(|snooze| snooze.until);
    let turn = next_turn(&outlook.situation(settings), now);
    let snooze = snooze.filter(|until| *until > now);
    let looks = outlook.case.looks_lapse();
    let look = looks.filter(|at| settings.cards && *at > now).min();
    let ahead = [decision.next, snooze, waits, turn, look];
    ahead.into_iter().flatten().min()
}

/// The next look at an instance if it were planned now: at once where something is due.
pub(super) fn next_look(
    settings: &Settings,
    outlook: &Outlook,
    now: Timestamp,
) -> Option<Timestamp> {
    let mut decision = decide(&outlook.plan, &outlook.done(), now);
    let waits = put_off(settings, outlook, &mut decision, now);
    let snooze = outlook.attention.snooze.as_ref();
    let is_over = waits.is_none() && snooze.is_some_and(|snooze| snooze.until <= now);
    if is_over || !decision.send.is_empty() {
        return Some(now);
    }
    next_after(settings, outlook, &decision, waits, now)
}

/// Postpones late and repeated reminders to the end of quiet hours, unless they would then come after the moment they warn of.
/// From expiry on, an instance that may be deleted is never postponed.
fn put_off(
    settings: &Settings,
    outlook: &Outlook,
    decision: &mut DueDecision,
    now: Timestamp,
) -> Option<Timestamp> {
    let ends = settings.cadence.disturbable(now);
    if ends <= now {
        return None;
    }
    let situation = outlook.situation(settings);
    let waits = |of: Timestamp| {
        let at_risk = of <= now
            && matches!(
                situation.row(now),
                ReminderRow::AtRisk | ReminderRow::Renews
            );
        !at_risk && (of <= now || ends <= of)
    };
    let held = decision.send.len();
    decision.send.retain(|planned| match planned.level().topic {
        Topic::Concern(kind) => kind.is_alarm() || planned.due >= now,
        Topic::Expiry | Topic::Charge | Topic::Attest => !waits(planned.point.of),
    });
    let snoozed = outlook.attention.snooze.as_ref();
    let snoozed =
        snoozed.is_some_and(|snooze| snooze.until <= now) && outlook.of.is_some_and(waits);
    (decision.send.len() < held || snoozed).then_some(ends)
}

/// The snoozed reminder, once its snooze is over; a new reminder replaces it.
async fn snoozed(
    tx: &mut Tx,
    outlook: &Outlook,
    now: Timestamp,
    replaced: bool,
) -> StoreResult<Option<Planned>> {
    let over = |until| replaced || until <= now;
    let snooze = outlook.attention.snooze.as_ref();
    let (Some(of), Some(snooze)) = (outlook.of, snooze.filter(|snooze| over(snooze.until))) else {
        return Ok(None);
    };
    let attention = Attention {
        acked: outlook.attention.acked.clone(),
        snooze: None,
    };
    tx.set_attention(&outlook.case.instance.id, of, &attention)
        .await?;
    let shown = outlook.plan.iter().rev();
    let mut shown = shown.filter(|planned| planned.level() == snooze.level);
    Ok(shown.next().copied().filter(|_| !replaced))
}

/// The due time of the last late reminder, among those due after the latest statement on the instance. A delay by quiet hours
/// does not count.
fn late_since(
    settings: &Settings,
    due: &[Planned],
    said: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    let due = due.iter().map(|planned| planned.due);
    let last = due.filter(|due| said.is_none_or(|said| *due > said)).max();
    last.filter(|last| now - settings.cadence.disturbable(*last) > LATE)
}

/// The time of the latest statement that decides an instance's reminders.
fn last_word(instance: &Instance) -> Option<Timestamp> {
    fn of<T>(fact: &Fact<T>) -> Option<Timestamp> {
        match fact {
            Fact::Unknown { since, .. } => *since,
            Fact::Known(known) => Some(known.at),
            Fact::Contradictory { held, other } => Some(held.at.max(other.at)),
        }
    }
    [
        of(&instance.edition),
        of(&instance.expires),
        of(&instance.action),
        of(&instance.auto_renew),
    ]
    .into_iter()
    .flatten()
    .max()
}

fn settling(planned: &Planned, fate: Fate, at: Timestamp, key: Option<&str>) -> Settling {
    Settling {
        point: planned.point,
        due: planned.due,
        fate,
        at,
        key: key.map(str::to_owned),
        sent: None,
    }
}
