//! What people are reminded of: looked at when something may be due, posted in one message a channel.

use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;

use super::Warden;
use super::wake::AGAIN;
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::change::Fingerprint;
use crate::domain::effect::{Mention, Post, PostKind};
use crate::domain::event::EventKind;
use crate::domain::id::InstanceId;
use crate::domain::instance::Instance;
use crate::domain::reminder::{
    Attention, Batch, Entry, Planned, Point, Row, SinceExpiry, Situation, Topic, Why, decide, plan,
    subject,
};
use crate::render::{self, Reader};
use crate::store::{Fate, Nudge, OutboxRow, Settling, StoreError, Tx};

use super::compose::Composed;

/// How many instances are looked at in one transaction: the most lines of a message.
const BATCH: u32 = 200;
/// What comes later than this says so.
const LATE: TimeDelta = TimeDelta::hours(1);
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
}

impl Outlook {
    /// What is settled.
    pub(super) fn done(&self) -> Vec<Point> {
        self.settled.iter().map(|settled| settled.point).collect()
    }
}

impl Warden {
    /// How things stand with an instance's reminders; reads only rows of this instance.
    pub(super) async fn outlook(
        &self,
        tx: &mut Tx,
        mut case: Case,
        now: Timestamp,
    ) -> Result<Outlook, StoreError> {
        outlook(&self.settings, tx, &mut case, now).await
    }
}

/// As [`Warden::outlook`].
pub(super) async fn outlook(
    settings: &super::Settings,
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
        case: case.clone(),
    };
    let Some(of) = of else {
        return Ok(outlook);
    };
    outlook.attention = tx.attention(id, of).await?;
    if of <= now {
        outlook.since = since(tx, &case.instance, of).await?;
    }
    outlook.plan = plan(&outlook.situation(settings), now);
    let mut subjects: Vec<Timestamp> = outlook.plan.iter().map(|each| each.point.of).collect();
    subjects.push(of);
    subjects.sort_unstable();
    subjects.dedup();
    for of in subjects {
        outlook.settled.extend(tx.levels_of(id, of).await?);
    }
    Ok(outlook)
}

impl Outlook {
    /// What the plan is made from.
    pub(super) const fn situation<'a>(&'a self, settings: &'a super::Settings) -> Situation<'a> {
        Situation {
            case: &self.case,
            limits: &settings.policy.limits,
            cadence: &settings.cadence,
            attention: &self.attention,
            since: self.since,
            suppresses: false,
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
                let counts = Fingerprint::FACTS.contains(&fact) && event.at > expiry.max(said);
                since.moved = since.moved.or(counts.then_some(event.at));
            }
            _ => {}
        }
    }
    Ok(since)
}

/// Where and as what something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Checklist,
    Reminder,
    Alert,
}

impl Class {
    const fn of(point: Point) -> Self {
        match point.level.topic {
            Topic::Attest => Self::Checklist,
            _ if point.level.is_alert() => Self::Alert,
            _ => Self::Reminder,
        }
    }
}

/// A line to be, and when its levels were due.
struct Line {
    id: InstanceId,
    change: Option<u64>,
    entry: Entry,
    due: Vec<Planned>,
    /// When the instance is to be looked at next.
    next: Option<Timestamp>,
}

/// What is to be said, by class and channel.
type Groups = BTreeMap<(Class, String), Vec<Line>>;

impl Warden {
    /// Looks at the instances of one workspace for which something may be due by now; `false` when there are none.
    pub(super) async fn remind_due(&self, now: Timestamp) -> Result<bool, StoreError> {
        let first = self.store.next_nudge().await?;
        let Some(first) = first.filter(|nudge| nudge.at.is_none_or(|at| at <= now)) else {
            return Ok(false);
        };
        match self.remind(&first.workspace, now, BATCH).await {
            // What is damaged in one instance must not keep the others waiting.
            Err(StoreError::Damaged { .. }) => self.remind_one(&first, now).await?,
            reminded => reminded?,
        }
        Ok(true)
    }

    async fn remind_one(&self, nudge: &Nudge, now: Timestamp) -> Result<(), StoreError> {
        match self.remind(&nudge.workspace, now, 1).await {
            Err(error @ StoreError::Damaged { .. }) => {
                tracing::error!(instance.id = %nudge.instance, error = ?error, "an instance cannot be read");
                let mut tx = self.store.write(&nudge.workspace).await?;
                tx.set_nudge(&nudge.instance, Some(now + AGAIN)).await?;
                tx.commit().await
            }
            reminded => reminded,
        }
    }

    /// Decides and posts in one transaction: either all of it is settled and posted, or nothing.
    async fn remind(&self, workspace: &str, now: Timestamp, limit: u32) -> Result<(), StoreError> {
        let mut tx = self.store.write(workspace).await?;
        let nudges = tx.nudges_due(now, limit).await?;
        let ids: Vec<InstanceId> = nudges.iter().map(|nudge| nudge.instance.clone()).collect();
        let cases = tx.load_cases(&ids).await?;
        let mut cases: HashMap<InstanceId, Case> = cases
            .into_iter()
            .map(|case| (case.instance.id.clone(), case))
            .collect();
        tx.begin_digests(self.settings.cadence.next_digest(now))
            .await?;
        let mut groups = Groups::new();
        for nudge in &nudges {
            match cases.remove(&nudge.instance) {
                Some(case) => {
                    self.consider(&mut tx, (nudge, case), now, &mut groups)
                        .await?
                }
                None => tx.set_nudge(&nudge.instance, None).await?,
            }
        }
        self.post_groups(&mut tx, groups, now).await?;
        tx.commit().await
    }

    /// Settles what is not said, gathers what is, and says when to look next.
    async fn consider(
        &self,
        tx: &mut Tx,
        (nudge, case): (&Nudge, Case),
        now: Timestamp,
        groups: &mut Groups,
    ) -> Result<(), StoreError> {
        let outlook = self.outlook(tx, case, now).await?;
        let id = &outlook.case.instance.id;
        let mut decision = decide(&outlook.plan, &outlook.done(), now);
        for (planned, why) in &decision.skip {
            let settling = settling(planned, Fate::Skipped(*why), now, None);
            tx.settle_level(id, &settling).await?;
        }
        // What was written is planned anew: then nothing was to be said before.
        let overslept = nudge.at.is_some_and(|at| now - at > LATE);
        let again = self
            .snoozed(tx, &outlook, (now, !decision.send.is_empty()))
            .await?;
        let snooze = outlook.attention.snooze.as_ref().map(|snooze| snooze.until);
        let ahead = [decision.next, snooze.filter(|until| *until > now)];
        let next = ahead.into_iter().flatten().min();
        let mut lines: BTreeMap<Class, Vec<Planned>> = BTreeMap::new();
        for planned in decision.send.drain(..).chain(again) {
            let class = Class::of(planned.point);
            lines.entry(class).or_default().push(planned);
        }
        for (class, due) in lines {
            let line = Line {
                id: id.clone(),
                change: outlook.case.open_number(),
                entry: Entry {
                    instance: id.to_string(),
                    points: due.iter().map(|planned| planned.point).collect(),
                    late: overslept.then(|| late_since(&due, now)).flatten(),
                    again: again.is_some(),
                },
                due,
                next,
            };
            let channel = self.channel_for(class, &outlook.case.instance);
            groups.entry((class, channel)).or_default().push(line);
        }
        tx.set_nudge(id, next).await
    }

    /// What somebody wanted to see again by now. Something new takes its place.
    async fn snoozed(
        &self,
        tx: &mut Tx,
        outlook: &Outlook,
        (now, replaced): (Timestamp, bool),
    ) -> Result<Option<Planned>, StoreError> {
        let over = |until| replaced || until <= now;
        let snooze = outlook.attention.snooze.as_ref();
        let (Some(of), Some(snooze)) = (outlook.of, snooze.filter(|snooze| over(snooze.until)))
        else {
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

    fn channel_for(&self, class: Class, instance: &Instance) -> String {
        match class {
            Class::Checklist | Class::Reminder => self.settings.channel_of(instance),
            Class::Alert => self.settings.channels.alerts.to_string(),
        }
    }

    async fn post_groups(
        &self,
        tx: &mut Tx,
        mut groups: Groups,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // Checklists come first: what cannot wait for the next one goes with the reminders.
        while let Some(((class, channel), lines)) = groups.pop_first() {
            let post = self.post_of((class, &channel), &lines, now)?;
            if tx.post(&post).await? {
                settle(tx, &lines, &post.key, now).await?;
            } else {
                self.put_off(tx, (channel, lines), now, &mut groups).await?;
            }
        }
        Ok(())
    }

    /// There is one checklist a channel and day: what comes after it waits for the next one, unless that is too late.
    async fn put_off(
        &self,
        tx: &mut Tx,
        (channel, lines): (String, Vec<Line>),
        now: Timestamp,
        groups: &mut Groups,
    ) -> Result<(), StoreError> {
        let next_list = self
            .settings
            .cadence
            .list_hour(now + TimeDelta::milliseconds(1));
        for line in lines {
            let too_late = |point: &Point| point.level.hours < 0 && point.of <= next_list;
            if line.entry.points.iter().any(too_late) {
                let with = (Class::Reminder, channel.clone());
                groups.entry(with).or_default().push(line);
            } else {
                let next = line.next.map_or(next_list, |next| next.min(next_list));
                tx.set_nudge(&line.id, Some(next)).await?;
            }
        }
        Ok(())
    }

    fn post_of(
        &self,
        (class, channel): (Class, &str),
        lines: &[Line],
        now: Timestamp,
    ) -> Result<Post, StoreError> {
        let batch = Batch {
            remind: lines.iter().map(|line| line.entry.clone()).collect(),
            checklist: class == Class::Checklist,
        };
        let change = match lines {
            [only] => only.change,
            _ => None,
        };
        let payload = serde_json::to_string(&batch);
        let mut instances: Vec<InstanceId> = lines.iter().map(|line| line.id.clone()).collect();
        instances.dedup();
        Ok(Post {
            kind: match class {
                Class::Checklist | Class::Reminder => PostKind::Reminder,
                Class::Alert => PostKind::Alert,
            },
            channel: channel.to_owned(),
            key: self.key_of((class, channel), lines, now),
            due: now,
            change,
            instances,
            mentions: Vec::new(),
            payload: payload.map_err(|error| StoreError::Broken(error.into()))?,
        })
    }

    /// A level is posted once, so that the first one of a message is a name for it. A checklist is named by its day.
    fn key_of(&self, (class, channel): (Class, &str), lines: &[Line], now: Timestamp) -> String {
        let first = lines
            .first()
            .and_then(|line| Some((line, line.entry.points.first()?)));
        match (class, first) {
            (Class::Checklist, _) | (_, None) => {
                format!("attest:{channel}:{}", self.settings.cadence.day(now))
            }
            (Class::Reminder | Class::Alert, Some((line, point))) => {
                let (id, of) = (&line.id, point.of.timestamp_millis());
                let again = if line.entry.again {
                    format!(":{}", now.timestamp_millis())
                } else {
                    String::new()
                };
                format!("remind:{id}:{of}:{}{again}", point.level)
            }
        }
    }
}

/// Since when the last of these is late.
fn late_since(due: &[Planned], now: Timestamp) -> Option<Timestamp> {
    let last = due.iter().map(|planned| planned.due).max();
    last.filter(|last| now - *last > LATE)
}

async fn settle(tx: &mut Tx, lines: &[Line], key: &str, now: Timestamp) -> Result<(), StoreError> {
    for line in lines {
        for planned in &line.due {
            let settling = settling(planned, Fate::Posted, now, Some(key));
            tx.settle_level(&line.id, &settling).await?;
        }
    }
    Ok(())
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

/// What a message has come to when it is made.
#[derive(Default)]
struct Made {
    lines: Vec<String>,
    instances: Vec<String>,
    mentions: Vec<Mention>,
    fates: Vec<(InstanceId, Point, Fate)>,
}

impl Warden {
    /// Makes a message of reminders from the facts of this moment; lines that have lost their point are left out.
    pub(super) async fn compose_reminders(
        &self,
        row: &OutboxRow,
        batch: &Batch,
    ) -> Result<Composed, StoreError> {
        let now = self.clock.now();
        let mut made = Made::default();
        let mut tx = self.store.read(&row.workspace).await?;
        for entry in &batch.remind {
            let Ok(id) = InstanceId::parse(&entry.instance) else {
                continue;
            };
            if let Some(case) = tx.load_case(&id).await? {
                let outlook = self.outlook(&mut tx, case, now).await?;
                self.make_line(&outlook, (entry, row.post.due), &mut made);
            }
        }
        drop(tx);
        self.keep_fates(row, &made).await?;
        if made.lines.is_empty() {
            let whys = made.fates.iter().filter_map(|(_, _, fate)| match fate {
                Fate::Skipped(why) => Some(render::reminder::why(*why)),
                Fate::Posted => None,
            });
            let mut whys: Vec<&str> = whys.collect();
            whys.dedup();
            return Ok(Composed::Skip {
                reason: whys.join("; "),
            });
        }
        Ok(Composed::Say {
            text: render::reminder::message(&made.lines, batch.checklist),
            mentions: made.mentions,
            instances: made.instances,
            change: row.post.change,
        })
    }

    fn make_line(&self, outlook: &Outlook, (entry, posted): (&Entry, Timestamp), made: &mut Made) {
        let now = self.clock.now();
        let situation = outlook.situation(&self.settings);
        let id = &outlook.case.instance.id;
        let mut valid = Vec::new();
        for point in &entry.points {
            let fate = fate(outlook, &situation, *point);
            if fate == Fate::Posted {
                valid.push(*point);
            }
            made.fates.push((id.clone(), *point, fate));
        }
        if valid.is_empty() {
            return;
        }
        let reader = Reader {
            zone: self.settings.reader_zone,
            now,
        };
        let late = entry.late.or((now - posted > LATE).then_some(posted));
        let line = render::reminder::line(&situation, &valid, late, &reader);
        made.lines.push(line);
        let name = outlook.case.instance.name.to_string();
        if !made.instances.contains(&name) {
            made.instances.push(name);
        }
        if calls(&situation, &valid, now) {
            let called = whom(&outlook.case.instance);
            if !made.mentions.contains(&called) {
                made.mentions.push(called);
            }
        }
    }

    /// Notes what was left out; and, made a second time, what was left out the first time and is not now.
    async fn keep_fates(&self, row: &OutboxRow, made: &Made) -> Result<(), StoreError> {
        let as_posted = |(_, _, fate): &(InstanceId, Point, Fate)| *fate == Fate::Posted;
        if row.attempts <= 1 && made.fates.iter().all(as_posted) {
            return Ok(());
        }
        let mut tx = self.store.write(&row.workspace).await?;
        for (id, point, fate) in &made.fates {
            tx.amend_level(id, *point, *fate).await?;
        }
        tx.commit().await
    }
}

/// Whether a level is still worth saying.
fn fate(outlook: &Outlook, situation: &Situation<'_>, point: Point) -> Fate {
    let planned = outlook.plan.iter().find(|planned| planned.point == point);
    let nearer = |other: &Settling| {
        let (one, other) = (point, other.point);
        other.of == one.of
            && other.level.topic == one.level.topic
            && other.level.hours > one.level.hours
    };
    let why = match planned {
        _ if situation.is_over() => Why::Over,
        None if outlook.of != Some(point.of) && point.level.topic != Topic::ChooseAction => {
            Why::Replanned
        }
        None => Why::Moved,
        Some(_) if outlook.settled.iter().any(nearer) => Why::Nearer,
        Some(Planned {
            mute: Some(mute), ..
        }) => (*mute).into(),
        Some(Planned { mute: None, .. }) => return Fate::Posted,
    };
    Fate::Skipped(why)
}

/// Whether people are called: near an expiry that may delete it, until somebody knows.
fn calls(situation: &Situation<'_>, points: &[Point], now: Timestamp) -> bool {
    let near = points.iter().any(|point| {
        let level = point.level;
        let row = situation.row(now);
        level.topic == Topic::Expiry
            && (level.is_alert()
                || row == Row::AtRisk && level.hours >= -72
                || row == Row::Renews && level.hours >= 0)
    });
    near && situation.attention.acked.is_none()
}

/// The team, else the approvers.
fn whom(instance: &Instance) -> Mention {
    instance.team.as_ref().map_or_else(
        || Mention::Role(super::Role::Approver.as_str().to_owned()),
        |team| Mention::Team(team.to_string()),
    )
}
