//! What people are reminded of: looked at when something may be due, posted in one message a channel.

mod compose;
mod gather;
mod group;

use std::collections::HashMap;

use chrono::TimeDelta;

use super::{Settings, Warden};
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::concern::{Concern, Opened, RaisedNotice, concerns, next_turn};
use crate::domain::event::EventKind;
use crate::domain::fact::{Fact, is_ahead};
use crate::domain::facts::MoveEffect;
use crate::domain::id::InstanceId;
use crate::domain::instance::Instance;
use crate::domain::reminder::{
    Attention, DueDecision, Planned, Point, ReminderEntry, ReminderRow, SinceExpiry, Situation,
    Topic, decide, plan, subject,
};
use crate::render;
use crate::store::{Due, Fate, ScheduleSubject, Settling, StoreError, Tx};
pub(super) use compose::{circle_of, is_known, look};
use group::{Class, Groups, ReminderLine, channel_for, post_groups};

/// How many instances are looked at in one transaction: the most lines of a message.
const BATCH: u32 = 200;
/// What comes later than this says so.
const LATE: TimeDelta = TimeDelta::hours(1);
/// How many of the notices that name an instance are looked at.
const NOTICES: u32 = 50;
/// How much of what happened to an instance is read.
const HAPPENED: u32 = 200;

/// What an instance's reminders are decided on.
pub(super) struct Outlook {
    pub(super) case: Case,
    /// What the reminders are about; nothing to remind of without.
    pub(super) of: Option<Timestamp>,
    pub(super) attention: Attention,
    pub(super) since: SinceExpiry,
    pub(super) plan: Vec<Planned>,
    pub(super) settled: Vec<Settling>,
    /// Whether a suppressed notice rests on what is known of it.
    pub(super) suppresses: bool,
    /// What was open when it was last looked at.
    pub(super) opened: Vec<Opened>,
    /// The raised notices that name it.
    pub(super) raised: Vec<RaisedNotice>,
    /// When people were last told of it.
    pub(super) told: Option<Timestamp>,
    /// What is open, the most urgent first.
    pub(super) concerns: Vec<Concern>,
}

impl Outlook {
    /// What is settled.
    pub(super) fn done(&self) -> Vec<Point> {
        self.settled.iter().map(|settled| settled.point).collect()
    }
}

/// How things stand with an instance's reminders; reads only rows of this instance.
pub(super) async fn outlook(
    settings: &Settings,
    tx: &mut Tx,
    case: &mut Case,
    now: Timestamp,
) -> Result<Outlook, StoreError> {
    case.advance(&settings.policy, now);
    let of = subject(case);
    let id = &case.instance.id;
    let mut outlook = Outlook {
        of,
        attention: Attention::default(),
        since: SinceExpiry::default(),
        plan: Vec::new(),
        settled: Vec::new(),
        suppresses: tx.suppresses(id).await?,
        opened: tx.opened(id).await?,
        raised: tx.raised_of(id, NOTICES).await?,
        told: tx.told(id).await?,
        concerns: Vec::new(),
        case: case.clone(),
    };
    outlook.attention = tx.attention(id, outlook.key()).await?;
    outlook.discount_ahead(now);
    if let Some(of) = of.filter(|of| *of <= now) {
        outlook.since = since(tx, &case.instance, of).await?;
    }
    outlook.concerns = concerns(&outlook.situation(settings), now);
    outlook.plan = plan(&outlook.situation(settings), now);
    let mut subjects: Vec<Timestamp> = outlook.plan.iter().map(|each| each.point.of).collect();
    subjects.extend(of);
    subjects.sort_unstable();
    subjects.dedup();
    for of in subjects {
        outlook.settled.extend(tx.levels_of(id, of).await?);
    }
    // What a wrong clock said or skipped is planned again now that it is right.
    outlook.settled.retain(|settled| !is_ahead(settled.at, now));
    Ok(outlook)
}

impl Outlook {
    /// Under what people's word on its reminders is kept; they are about no moment where it is not known to expire.
    pub(super) fn key(&self) -> Timestamp {
        self.of.unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// What is dated ahead comes from a clock that was wrong: it keeps nothing that is open silent.
    fn discount_ahead(&mut self, now: Timestamp) {
        let corrected = |at: Timestamp| if is_ahead(at, now) { now } else { at };
        for opened in &mut self.opened {
            opened.since = corrected(opened.since);
        }
        for raised in &mut self.raised {
            raised.since = corrected(raised.since);
        }
        self.told = self.told.filter(|at| !is_ahead(*at, now));
        let acked = self.attention.acked.take();
        self.attention.acked = acked.filter(|acked| !is_ahead(acked.at, now));
    }

    /// What the plan is made from.
    pub(super) fn situation<'a>(&'a self, settings: &'a Settings) -> Situation<'a> {
        Situation {
            case: &self.case,
            limits: &settings.policy.limits,
            cadence: &settings.cadence,
            attention: &self.attention,
            since: self.since,
            suppresses: self.suppresses,
            opened: &self.opened,
            raised: &self.raised,
            told: self.told,
        }
    }
}

/// What the history holds since an expiry. A fact that moved in the same breath as the expiry is no answer to it.
async fn since(
    tx: &mut Tx,
    instance: &Instance,
    expiry: Timestamp,
) -> Result<SinceExpiry, StoreError> {
    let mut since = SinceExpiry::default();
    let said = instance.expires.held().map_or(expiry, |held| held.at);
    for event in tx.happened_since(&instance.id, expiry, HAPPENED).await? {
        match event.kind {
            EventKind::Waiting => since.told_waiting = true,
            EventKind::PresumedDeleted => since.told_presumed = true,
            EventKind::Moved { fact, .. } => {
                let counts = fact.weight() == MoveEffect::Decides && event.at > expiry.max(said);
                since.moved = since.moved.or(counts.then_some(event.at));
            }
            _ => {}
        }
    }
    Ok(since)
}

impl Warden {
    /// Looks at the instances of a workspace that are due, in one transaction: either all of it is settled and posted, or
    /// nothing.
    pub(super) async fn remind(
        &self,
        mut tx: Tx,
        first: &Due,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let all = tx.instances_due(now, BATCH).await?;
        match self.remind_of(tx, &all, now).await {
            // What is damaged in one instance must not keep the others waiting.
            Err(StoreError::Damaged { .. }) => {
                let tx = self.store.write(&first.workspace).await?;
                self.remind_of(tx, std::slice::from_ref(first), now).await
            }
            reminded => reminded,
        }
    }

    async fn remind_of(&self, mut tx: Tx, all: &[Due], now: Timestamp) -> Result<(), StoreError> {
        let mut ids = Vec::new();
        for due in all {
            match due.subject()? {
                ScheduleSubject::Instance(id) => ids.push(id),
                _ => {
                    return Err(due.missing());
                }
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
                Some(case) => consider(&settings, &mut tx, due, case, now, &mut groups).await?,
                None => tx.set_due(&ScheduleSubject::Instance(id), None).await?,
            }
        }
        post_groups(&settings, &mut tx, groups, now).await?;
        tx.commit().await
    }
}

/// What is due of an instance at this moment, to be said by a post of this key that speaks of it anyway: it is not said again.
pub(super) async fn tell_with(
    settings: &Settings,
    tx: &mut Tx,
    case: &Case,
    key: &str,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let outlook = outlook(settings, tx, &mut case.clone(), now).await?;
    let id = &outlook.case.instance.id;
    let decision = decided(tx, &outlook, now).await?;
    let mut due = decision.send;
    due.retain(|planned| planned.level().topic != Topic::Attest);
    for planned in &due {
        let settling = settling(planned, Fate::Posted, now, Some(key));
        tx.settle_level(id, &settling).await?;
    }
    tx.set_told(id, now).await?;
    let points: Vec<Point> = due.iter().map(|planned| planned.point).collect();
    if points.is_empty() {
        return Ok(None);
    }
    let situation = outlook.situation(settings);
    let reader = settings.reader(now);
    let line = render::reminder::line(&situation, &points, &outlook.concerns, None, &reader);
    Ok(Some(line))
}

/// Notes what is open, and settles what is not said; what is said at this moment, and what is not.
async fn decided(
    tx: &mut Tx,
    outlook: &Outlook,
    now: Timestamp,
) -> Result<DueDecision, StoreError> {
    let instance = &outlook.case.instance;
    tx.keep_concerns(instance, &outlook.opened, &outlook.concerns, now)
        .await?;
    let decision = decide(&outlook.plan, &outlook.done(), now);
    for (planned, why) in &decision.skip {
        let settling = settling(planned, Fate::Skipped(*why), now, None);
        tx.settle_level(&instance.id, &settling).await?;
    }
    Ok(decision)
}

/// Settles what is not said, gathers what is, and says when to look next.
async fn consider(
    settings: &Settings,
    tx: &mut Tx,
    since: &Due,
    mut case: Case,
    now: Timestamp,
    groups: &mut Groups,
) -> Result<(), StoreError> {
    let outlook = outlook(settings, tx, &mut case, now).await?;
    let id = &outlook.case.instance.id;
    let mut decision = decided(tx, &outlook, now).await?;
    // What was written is planned again: then nothing was to be said before.
    let overslept = since.at.is_some_and(|at| now - at > LATE);
    // What was due before the latest word on it is not late: nobody could know.
    let said = last_word(&outlook.case.instance);
    // A checklist is no reminder that would take the place of one.
    let replaced = decision
        .send
        .iter()
        .any(|planned| planned.point.level.topic != Topic::Attest);
    let waits = put_off(settings, &outlook, &mut decision, now);
    let again = match waits {
        // What somebody wanted to see again waits with it.
        Some(_) => None,
        None => snoozed(tx, &outlook, now, replaced).await?,
    };
    let snooze = outlook.attention.snooze.as_ref().map(|snooze| snooze.until);
    let turn = next_turn(&outlook.situation(settings), now);
    let ahead = [
        decision.next,
        snooze.filter(|until| *until > now),
        waits,
        turn,
    ];
    let next = ahead.into_iter().flatten().min();
    let (checklist, reminders): (Vec<Planned>, Vec<Planned>) = decision
        .send
        .drain(..)
        .chain(again)
        .partition(|planned| planned.level().topic == Topic::Attest);
    let mut lines = vec![(Class::Checklist, checklist)];
    // One post, by what goes before the rest; what is alarming is said in both places.
    let classes = Class::of_all(&reminders);
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

/// What comes late, or again, in quiet hours waits until they end, unless it would then come after what it warns of; from
/// expiry on nothing waits that may be deleted.
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

/// What somebody wanted to see again by now. Something new takes its place.
async fn snoozed(
    tx: &mut Tx,
    outlook: &Outlook,
    now: Timestamp,
    replaced: bool,
) -> Result<Option<Planned>, StoreError> {
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

/// Since when the last of these is late, of those that were due after the latest word on the instance. What quiet hours
/// held back is not.
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

/// When somebody last said something that decides what an instance's reminders are.
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
    }
}
