//! The text of reminders, composed when they are sent, from the facts of that moment.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use super::{BATCH, LATE, Outlook, outlook};
use crate::app::compose::{Composed, Outgoing};
use crate::app::{Role, Settings, Warden};
use crate::domain::Timestamp;
use crate::domain::announce::Whom;
use crate::domain::authority::may;
use crate::domain::concern::{Circle, Concern, ConcernKind, Owner, Unreadable, circle};
use crate::domain::effect::Mention;
use crate::domain::fact::Fact;
use crate::domain::gravity::Gravity;
use crate::domain::id::InstanceId;
use crate::domain::instance::Instance;
use crate::domain::notice::calls_on;
use crate::domain::reminder::{
    Batch, Planned, Point, ReminderEntry, ReminderRow, Risk, Situation, Topic, Why,
};
use crate::render;
use crate::render::reminder::ReminderText;
use crate::store::{Fate, OutboxRow, Settling, StoreError, StoreResult, Tx};

/// The message in the making.
#[derive(Default)]
struct Made {
    lines: Vec<MadeLine>,
    mentions: Vec<Mention>,
    fates: Vec<(InstanceId, Point, Fate)>,
}

struct MadeLine {
    text: ReminderText,
    gravity: Gravity,
    /// `None` where the instance cannot be read.
    about: Option<About>,
}

/// The instance of a line.
struct About {
    instance: Instance,
    /// The expiry that its reminders are about.
    of: Option<Timestamp>,
    open: Vec<Concern>,
}

impl Made {
    /// The reason why no lines remain.
    fn reason(&self) -> String {
        let whys = self.fates.iter().filter_map(|(_, _, fate)| match fate {
            Fate::Skipped(why) => Some(render::reminder::why(*why)),
            Fate::Posted => None,
        });
        let mut whys: Vec<&str> = whys.collect();
        whys.dedup();
        whys.join("; ")
    }

    /// A damaged instance is named: it is at risk, or it would not be in a reminder.
    fn unreadable(&mut self, entry: &ReminderEntry) {
        self.lines.push(MadeLine {
            text: render::reminder::unreadable(&entry.instance),
            // It is not known how grave it is.
            gravity: Gravity::Danger,
            about: None,
        });
        self.mention(approvers());
    }

    /// Puts the gravest line first, and what expires soonest.
    fn sort(&mut self) {
        self.lines.sort_by_key(|line| {
            let of = line.about.as_ref().and_then(|about| about.of);
            (Reverse(line.gravity), of)
        });
    }

    /// The instances of the lines, each once.
    fn about(&self) -> Vec<&About> {
        let mut seen = HashSet::new();
        let all = self.lines.iter().filter_map(|line| line.about.as_ref());
        all.filter(|about| seen.insert(&about.instance.id))
            .collect()
    }

    fn mention(&mut self, whom: Mention) {
        if !self.mentions.contains(&whom) {
            self.mentions.push(whom);
        }
    }
}

impl Warden {
    /// Composes a message of reminders from the current facts; lines that no longer apply are left out.
    pub(in crate::app) async fn compose_reminders(
        &self,
        row: &OutboxRow,
        settings: &Arc<Settings>,
        batch: &Batch,
    ) -> StoreResult<Composed> {
        let now = self.clock.now();
        if self.goes_with_another(row, batch, now).await? {
            return Ok(Composed::skip(render::reminder::GOES_WITH_ANOTHER));
        }
        let mut made = Made::default();
        for entries in batch.remind.chunks(BATCH) {
            self.make_lines(row, settings, entries, now, &mut made)
                .await?;
        }
        self.keep_fates(row, &made).await?;
        made.sort();
        let Some(gravest) = made.lines.iter().map(|line| line.gravity).max() else {
            return Ok(Composed::skip(made.reason()));
        };
        let about = made.about();
        let actions = match about.as_slice() {
            [one] => render::action::of_reminder(&one.instance, one.of, &one.open),
            several => render::action::of_reminders(several.iter().map(|one| &one.instance)),
        };
        let instances = about.iter().map(|one| one.instance.called()).collect();
        let lines: Vec<&ReminderText> = made.lines.iter().map(|line| &line.text).collect();
        let text = render::reminder::message(&lines, batch.checklist, &settings.reader(now));
        let said = Outgoing {
            gravity: gravest,
            actions,
            instances,
            mentions: made.mentions,
            ..Outgoing::of(row, settings, now, text)
        };
        Ok(said.into())
    }

    /// Makes the lines of some entries, in a transaction of their own: a message may have many.
    async fn make_lines(
        &self,
        row: &OutboxRow,
        settings: &Arc<Settings>,
        entries: &[ReminderEntry],
        now: Timestamp,
        made: &mut Made,
    ) -> StoreResult<()> {
        let mut unreadable = Vec::new();
        let mut tx = self.store.read(&row.workspace).await?;
        for entry in entries {
            let Ok(id) = InstanceId::parse(&entry.instance) else {
                made.unreadable(entry);
                continue;
            };
            match situation_of(settings, &mut tx, &id, now).await {
                // A damaged instance must neither silence the others nor go unmentioned.
                Err(error @ StoreError::Damaged { .. }) => {
                    tracing::error!(instance.id = %id, error = %crate::trace::causes(&error), "a line of a reminder cannot be made");
                    made.unreadable(entry);
                    unreadable.push(Unreadable::Instance(id));
                }
                Ok(Some(outlook)) => {
                    make_line(settings, &outlook, entry, row.post.due, now, made);
                }
                looked => drop(looked?),
            }
        }
        drop(tx);
        for subject in &unreadable {
            self.cannot_read(&row.workspace, subject).await?;
        }
        Ok(())
    }

    /// Records the lines left out; in a retry, also those that were left out before and are not now.
    async fn keep_fates(&self, row: &OutboxRow, made: &Made) -> StoreResult<()> {
        let as_posted = |(_, _, fate): &(InstanceId, Point, Fate)| *fate == Fate::Posted;
        if row.attempts <= 1 && made.fates.iter().all(as_posted) {
            return Ok(());
        }
        for fates in made.fates.chunks(BATCH) {
            let mut tx = self.store.write(&row.workspace).await?;
            for (id, point, fate) in fates {
                tx.amend_level(id, *point, *fate).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }
}

/// The outlook of an instance; `None` for an unknown id.
pub(in crate::app) async fn situation_of(
    settings: &Settings,
    tx: &mut Tx,
    id: &InstanceId,
    now: Timestamp,
) -> StoreResult<Option<Outlook>> {
    match tx.load_case(id).await? {
        Some(mut case) => {
            name_claimants(tx, &mut case.instance).await?;
            Ok(Some(outlook(settings, tx, &mut case, now).await?))
        }
        None => Ok(None),
    }
}

/// Looks up which other instances claim the commodity id of an instance, where that is disputed.
pub(in crate::app) async fn name_claimants(
    tx: &mut Tx,
    instance: &mut Instance,
) -> StoreResult<()> {
    let Fact::Contradictory { held, other } = &instance.commodity_id else {
        return Ok(());
    };
    if held.value != other.value {
        return Ok(());
    }
    let claims = tx.commodity_claims(&held.value, Some(&instance.id)).await?;
    let others = tx.load_cases(&claims).await?;
    let mut called: Vec<String> = others.iter().map(|one| one.instance.place()).collect();
    called.sort_unstable();
    instance.claimed_by = called;
    Ok(())
}

fn make_line(
    settings: &Settings,
    outlook: &Outlook,
    entry: &ReminderEntry,
    posted: Timestamp,
    now: Timestamp,
    made: &mut Made,
) {
    let situation = outlook.situation(settings);
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
    let reader = settings.reader(now);
    let held = settings.cadence.disturbable(posted);
    let late = entry.late.or((now - held > LATE).then_some(posted));
    let mut text = render::reminder::line(&situation, &valid, &outlook.concerns, late, &reader);
    if let Some(concern) = beyond_approvers(outlook, &situation, &valid, now) {
        let instance = &outlook.case.instance;
        text.tell_approvers(concern, instance.team.as_ref(), &reader);
    }
    made.lines.push(MadeLine {
        text,
        gravity: Gravity::of_line(&situation, &valid, &outlook.concerns, now),
        about: Some(About {
            instance: outlook.case.instance.clone(),
            of: outlook.of,
            open: outlook.concerns.clone(),
        }),
    });
    if calls(outlook, &situation, &valid, now) {
        made.mention(settings.team_or_approvers(&outlook.case.instance));
    }
    let is_row = |point: &Point| point.level.topic == Topic::Expiry;
    if valid.iter().any(is_row) {
        for mention in called_by_notices(settings, outlook, now) {
            made.mention(mention);
        }
    }
    for point in valid {
        for mention in called(settings, outlook, point, now) {
            made.mention(mention);
        }
    }
}

/// Whether a level still applies.
fn fate(outlook: &Outlook, situation: &Situation<'_>, point: Point) -> Fate {
    let planned = outlook.plan.iter().find(|planned| planned.point == point);
    let nearer = |other: &Settling| {
        let (one, other) = (point, other.point);
        other.of == one.of
            && other.level.topic == one.level.topic
            && other.level.hours > one.level.hours
    };
    let why = match planned {
        None if situation.is_over() => Why::Over,
        None if matches!(point.level.topic, Topic::Concern(_)) => Why::Settled,
        None if outlook.of != Some(point.of) => Why::Replanned,
        None => Why::Moved,
        Some(_) if outlook.settled.iter().any(nearer) => Why::Nearer,
        Some(Planned {
            mute: Some(mute), ..
        }) => (*mute).into(),
        Some(Planned { mute: None, .. }) => return Fate::Posted,
    };
    Fate::Skipped(why)
}

/// Whether people are mentioned: by the first reminder of an expiry or charge, and near an expiry that may delete the instance,
/// until it is acknowledged.
fn calls(outlook: &Outlook, situation: &Situation<'_>, points: &[Point], now: Timestamp) -> bool {
    let row = situation.row(now);
    // A renewal that fails is seen by then.
    let may_fail = row == ReminderRow::Renews && situation.risk(now) != Risk::Downgrades;
    let near = |point: &Point| {
        let level = point.level;
        let near = level.is_alert()
            || (row == ReminderRow::AtRisk || may_fail) && level.hours >= -72
            || row == ReminderRow::Renews && level.hours >= 0;
        let dated = matches!(level.topic, Topic::Expiry | Topic::Charge);
        // There is nothing to be done.
        let waits = situation.waits_for_last_days(now);
        let first = !waits && is_first(outlook, points, *point);
        dated && (near && level.topic == Topic::Expiry || first)
    };
    let news = points.iter().filter(|point| near(point));
    let mut news = news.map(|point| opened_at(outlook, *point));
    let known = situation.known_by(now).map(|acked| acked.at);
    news.any(|opened| known.is_none_or(|known| opened.is_some_and(|opened| known < opened)))
}

/// Those whom the raised notices of an instance call on this day: the reminder of its expiry is their post too.
fn called_by_notices(settings: &Settings, outlook: &Outlook, now: Timestamp) -> Vec<Mention> {
    let situation = outlook.situation(settings);
    let known = situation.known_by(now).map(|acked| acked.at);
    let calls = outlook.raised.iter().filter(|notice| {
        !notice.is_gone && !notice.is_of_expiry && known.is_none_or(|known| known < notice.since)
    });
    let circle = calls.filter_map(|notice| calls_on(notice.since, now, &settings.cadence));
    let instance = &outlook.case.instance;
    match circle.max() {
        Some(Circle::Approvers) => settings.mentions(&Whom::Approvers, instance),
        Some(Circle::Team | Circle::Owner) => vec![settings.team_or_approvers(instance)],
        None => Vec::new(),
    }
}

/// The time at which what a reminder is about opened last: an expiry ahead, an action that became doubtful, an expiry past, a charge.
fn opened_at(outlook: &Outlook, point: Point) -> Option<Timestamp> {
    let kinds: &[ConcernKind] = match point.level.topic {
        Topic::Charge => &[ConcernKind::Charges],
        _ if point.level.hours < 0 => &[
            ConcernKind::Expires,
            ConcernKind::ActionUnsure,
            ConcernKind::Deletes,
            ConcernKind::DeletesUnlessRenewed,
        ],
        _ => &[ConcernKind::Expired],
    };
    let open = outlook.concerns.iter();
    let open = open.filter(|open| kinds.contains(&open.kind));
    open.map(Concern::opens_at).max()
}

/// Whether it is the first reminder since its concern opened.
fn is_first(outlook: &Outlook, points: &[Point], point: Point) -> bool {
    let Some(since) = opened_at(outlook, point) else {
        return false;
    };
    let told = |settled: &Settling| {
        let (of, level) = (settled.point.of, settled.point.level);
        settled.fate == Fate::Posted
            && settled.at >= since
            && (of, level.topic) == (point.of, point.level.topic)
            && !points.contains(&settled.point)
    };
    !outlook.settled.iter().any(told)
}

/// The mentions for a concern, unless it is acknowledged.
pub(in crate::app) fn called(
    settings: &Settings,
    outlook: &Outlook,
    point: Point,
    now: Timestamp,
) -> Vec<Mention> {
    let Topic::Concern(kind) = point.level.topic else {
        return Vec::new();
    };
    let mut open = outlook.concerns.iter();
    let Some(concern) = open.find(|concern| concern.kind == kind) else {
        return Vec::new();
    };
    let situation = outlook.situation(settings);
    if is_known(&situation, concern, now) {
        return Vec::new();
    }
    circle_of(
        settings,
        concern,
        circle(kind, point.level.hours),
        &outlook.case.instance,
    )
}

/// What the approvers are called for although another has to settle it.
fn beyond_approvers<'a>(
    outlook: &'a Outlook,
    situation: &Situation<'_>,
    points: &[Point],
    now: Timestamp,
) -> Option<&'a Concern> {
    let mut open = outlook.concerns.iter();
    open.find(|concern| {
        let is_called = points.iter().any(|point| {
            let Topic::Concern(kind) = point.level.topic else {
                return false;
            };
            kind == concern.kind && circle(kind, point.level.hours) == Circle::Approvers
        });
        is_called
            && concern.owner != Owner::Approvers
            && !may(&[Role::Approver], concern.way.permission())
            && !is_known(situation, concern, now)
    })
}

/// Whether a concern has been acknowledged since it opened.
pub(in crate::app) fn is_known(
    situation: &Situation<'_>,
    concern: &Concern,
    now: Timestamp,
) -> bool {
    let known = situation.known_by(now);
    known.is_some_and(|acked| acked.at >= concern.opens_at())
}

/// The people of a circle.
pub(in crate::app) fn circle_of(
    settings: &Settings,
    concern: &Concern,
    circle: Circle,
    instance: &Instance,
) -> Vec<Mention> {
    match (circle, &concern.owner) {
        (Circle::Owner, Owner::Person(person)) => vec![person.into()],
        (Circle::Owner, Owner::Team) | (Circle::Team, _) => {
            vec![settings.team_or_approvers(instance)]
        }
        (Circle::Owner, Owner::Approvers) | (Circle::Approvers, _) => {
            settings.mentions(&Whom::Approvers, instance)
        }
    }
}

fn approvers() -> Mention {
    Mention::of_role(Role::Approver)
}
