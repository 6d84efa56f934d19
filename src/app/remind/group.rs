//! Grouping of due reminders: one message per channel.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::gather::join_waiting;
use super::settling;
use crate::app::Settings;
use crate::domain::Timestamp;
use crate::domain::concern::{Circle, Rhythm, circle};
use crate::domain::effect::{Post, PostKind};
use crate::domain::id::{ChannelId, InstanceId};
use crate::domain::instance::Instance;
use crate::domain::payload::Payload;
use crate::domain::reminder::{Batch, Level, Planned, Point, ReminderEntry, Topic};
use crate::store::{Fate, ScheduleSubject, StoreResult, Tx};

/// The kind of post, which decides the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Checklist,
    Reminder,
    Alert,
}

impl Class {
    /// The classes of a line with these levels: that of its highest rank; both for an alarm.
    pub(super) fn of_all(due: &[Planned]) -> Vec<Self> {
        let alarm = |level: Level| {
            matches!(level.topic, Topic::Concern(kind) if kind.is_alarm()) && level.hours == 0
        };
        if due.iter().any(|planned| alarm(planned.level())) {
            return vec![Self::Reminder, Self::Alert];
        }
        let first = due
            .iter()
            .map(Planned::level)
            .max_by_key(|level| rank(*level));
        first.map(Self::of).into_iter().collect()
    }

    fn of(level: Level) -> Self {
        let calls_approvers = matches!(level.topic, Topic::Concern(kind)
            if circle(kind, level.hours) == Circle::Approvers);
        match level.topic {
            Topic::Attest => Self::Checklist,
            _ if level.is_alert() || calls_approvers => Self::Alert,
            Topic::Expiry | Topic::Charge | Topic::Concern(_) => Self::Reminder,
        }
    }
}

/// The rank of a level: after expiry, urgent, before expiry, ladder, checklist.
fn rank(level: Level) -> (Rhythm, i32) {
    let rhythm = match level.topic {
        Topic::Expiry if level.hours > 0 => Rhythm::AfterExpiry,
        Topic::Concern(kind) if kind.may_be_deleted() => Rhythm::AfterExpiry,
        Topic::Concern(kind) if kind.is_urgent() => Rhythm::Urgent,
        Topic::Expiry | Topic::Charge => Rhythm::Expiry,
        Topic::Concern(_) => Rhythm::Ladder,
        Topic::Attest => Rhythm::Digest,
    };
    (rhythm, level.hours)
}

/// A future line, and the due times of its levels.
pub(super) struct ReminderLine {
    pub(super) id: InstanceId,
    pub(super) change: Option<u64>,
    pub(super) entry: ReminderEntry,
    pub(super) due: Vec<Planned>,
    /// The next look at the instance.
    pub(super) next: Option<Timestamp>,
}

/// Lines by class and channel.
pub(super) type Groups = BTreeMap<(Class, ChannelId), Vec<ReminderLine>>;

pub(super) fn channel_for(settings: &Settings, class: Class, instance: &Instance) -> ChannelId {
    match class {
        Class::Checklist | Class::Reminder => settings.channel_of(instance),
        Class::Alert => settings.channels.alerts.clone(),
    }
}

pub(super) async fn post_groups(
    settings: &Settings,
    tx: &mut Tx,
    mut groups: Groups,
    now: Timestamp,
) -> StoreResult<()> {
    let mut told: Vec<(InstanceId, ChannelId)> = Vec::new();
    // Checklists come first: lines that cannot wait for the next one join the reminders.
    while let Some(((class, channel), mut lines)) = groups.pop_first() {
        if class == Class::Alert {
            // If both classes share a channel, an alarm is posted once.
            let said = |line: &ReminderLine| told.contains(&(line.id.clone(), channel.clone()));
            lines.retain(|line| !said(line));
        } else if class == Class::Reminder {
            told.extend(lines.iter().map(|line| (line.id.clone(), channel.clone())));
        }
        if lines.is_empty() {
            continue;
        }
        let post = post_of(settings, class, &channel, &lines, now);
        if let Some(key) = join_waiting(tx, &post, now).await? {
            settle(tx, &lines, &key, now).await?;
        } else if tx.post(&post).await? {
            settle(tx, &lines, &post.key, now).await?;
        } else {
            put_off(settings, tx, channel, lines, now, &mut groups).await?;
        }
    }
    Ok(())
}

/// Defers lines beyond the daily checklist of a channel to the next one; those for which that is too late become reminders.
async fn put_off(
    settings: &Settings,
    tx: &mut Tx,
    channel: ChannelId,
    lines: Vec<ReminderLine>,
    now: Timestamp,
    groups: &mut Groups,
) -> StoreResult<()> {
    let next_list = settings.cadence.list_hour(now + TimeDelta::milliseconds(1));
    for line in lines {
        let too_late = |point: &Point| point.level.hours < 0 && point.of <= next_list;
        if line.entry.points.iter().any(too_late) {
            let with = (Class::Reminder, channel.clone());
            groups.entry(with).or_default().push(line);
        } else {
            let next = line.next.map_or(next_list, |next| next.min(next_list));
            tx.set_due(&ScheduleSubject::Instance(line.id), Some(next))
                .await?;
        }
    }
    Ok(())
}

fn post_of(
    settings: &Settings,
    class: Class,
    channel: &ChannelId,
    lines: &[ReminderLine],
    now: Timestamp,
) -> Post {
    let batch = Batch {
        remind: lines.iter().map(|line| line.entry.clone()).collect(),
        checklist: class == Class::Checklist,
    };
    let change = match lines {
        [only] => only.change,
        _ => None,
    };
    let mut instances: Vec<InstanceId> = lines.iter().map(|line| line.id.clone()).collect();
    instances.dedup();
    let kind = match class {
        Class::Checklist | Class::Reminder => PostKind::Reminder,
        Class::Alert => PostKind::Alert,
    };
    let key = key_of(settings, class, channel, lines, now);
    Post {
        change,
        instances,
        ..Post::new(kind, channel, key, now, Payload::Reminders(batch))
    }
}

/// The key of a post: its first level, as a level is posted only once; for a checklist, its day.
fn key_of(
    settings: &Settings,
    class: Class,
    channel: &ChannelId,
    lines: &[ReminderLine],
    now: Timestamp,
) -> String {
    let first = lines
        .first()
        .and_then(|line| Some((line, line.entry.points.first()?)));
    match (class, first) {
        (Class::Checklist, _) | (_, None) => {
            format!("attest:{channel}:{}", settings.cadence.day(now))
        }
        (Class::Reminder | Class::Alert, Some((line, point))) => {
            let (id, of) = (&line.id, point.of.timestamp_millis());
            let again = if line.entry.again {
                format!(":{}", now.timestamp_millis())
            } else {
                String::new()
            };
            let place = match class {
                Class::Alert => ":alerts",
                Class::Checklist | Class::Reminder => "",
            };
            format!("remind:{id}:{of}:{}{again}{place}", point.level)
        }
    }
}

async fn settle(tx: &mut Tx, lines: &[ReminderLine], key: &str, now: Timestamp) -> StoreResult<()> {
    let levels = lines.iter().flat_map(|line| {
        let posted = |planned| {
            (
                line.id.clone(),
                settling(planned, Fate::Posted, now, Some(key)),
            )
        };
        line.due.iter().map(posted)
    });
    tx.settle_levels(&levels.collect::<Vec<_>>()).await?;
    for line in lines {
        tx.set_told(&line.id, now).await?;
    }
    Ok(())
}
