//! The posts of a raised notice: channels and mentions.

use chrono::TimeDelta;
use std::collections::BTreeMap;

use super::gather::CALLED;
use crate::app::Settings;
use crate::domain::Timestamp;
use crate::domain::announce::Whom;
use crate::domain::authority::Role;
use crate::domain::effect::{Mention, Post, PostKind};
use crate::domain::id::ChannelId;
use crate::domain::instance::{Instance, Tracking};
use crate::domain::notice::NoticeRecord;
use crate::domain::payload::Payload;
use crate::store::{StoreResult, Tx};

/// A deadline this near mentions people even in quiet hours.
const URGENT: TimeDelta = TimeDelta::hours(48);

/// Whether a notice posted now mentions people: always outside quiet hours, which last until `quiet_until`; within them only if
/// the deadline is near or unknown.
fn mentions_now(
    deadline: Option<Timestamp>,
    now: Timestamp,
    quiet_until: Option<Timestamp>,
) -> bool {
    let urgent = deadline.is_none_or(|deadline| deadline <= now + URGENT);
    quiet_until.is_none() || urgent
}

/// Whether the people of an instance are told of a notice: also of one that they recorded as lost.
const fn hears(instance: &Instance) -> bool {
    !matches!(instance.tracking, Tracking::Removed(_))
}

/// The channels of a raised notice, each with its instances.
pub(in crate::app) fn places<'a>(
    settings: &Settings,
    known: &'a [Instance],
) -> BTreeMap<ChannelId, Vec<&'a Instance>> {
    let mut channels: BTreeMap<ChannelId, Vec<&Instance>> = BTreeMap::new();
    for instance in known.iter().filter(|instance| hears(instance)) {
        let channel = settings.channel_of(instance);
        channels.entry(channel).or_default().push(instance);
    }
    if channels.is_empty() {
        channels.insert(settings.channels.default.clone(), Vec::new());
    }
    channels
}

/// Posts a raised notice, one message per channel.
pub(in crate::app) async fn tell_notice(
    settings: &Settings,
    tx: &mut Tx,
    filed: &NoticeRecord,
    known: &[Instance],
    now: Timestamp,
) -> StoreResult<()> {
    let disturbable = settings.cadence.disturbable(now);
    let quiet_until = Some(disturbable).filter(|end| *end > now);
    let (number, told) = (filed.number, filed.told);
    // A repeated post waits for the end of the quiet hours.
    let again = filed.raised.is_some_and(|raised| raised < now);
    let calls = again || mentions_now(filed.deadline(known), now, quiet_until);
    let approvers = filed.calls_approvers(now);
    let places = if approvers {
        let all = known.iter().filter(|instance| hears(instance));
        BTreeMap::from([(settings.channels.alerts.clone(), all.collect())])
    } else {
        places(settings, known)
    };
    let mut posts = Vec::new();
    for (channel, instances) in places {
        let key = format!("notice:{number}:{told}:{channel}");
        let due = if again { disturbable } else { now };
        let post = Post {
            instances: instances.iter().map(|one| one.id.clone()).collect(),
            mentions: if calls {
                mentions(settings, &instances, approvers)
            } else {
                Vec::new()
            },
            ..Post::new(
                PostKind::Notice,
                &channel,
                key,
                due,
                Payload::Notice { number },
            )
        };
        let called = quiet_until.filter(|_| !calls).map(|end| Post {
            key: format!("{}{CALLED}", post.key),
            due: end,
            mentions: mentions(settings, &instances, approvers),
            ..post.clone()
        });
        posts.push(post);
        posts.extend(called);
        for instance in instances {
            tx.set_told(&instance.id, now).await?;
        }
    }
    tx.post_all(&posts).await
}

/// Posts a raised notice that names nothing tracked also to the channels of the instances that it may be about, with mentions.
pub(super) async fn tell_perhaps(
    settings: &Settings,
    tx: &mut Tx,
    filed: &NoticeRecord,
    perhaps: &[Instance],
    now: Timestamp,
) -> StoreResult<()> {
    if perhaps.is_empty() {
        return Ok(());
    }
    let (number, told) = (filed.number, filed.told);
    let mut posts = Vec::new();
    for (channel, instances) in places(settings, perhaps) {
        if channel == settings.channels.default {
            // It is posted there already.
            continue;
        }
        posts.push(Post {
            instances: instances.iter().map(|one| one.id.clone()).collect(),
            mentions: mentions(settings, &instances, false),
            ..Post::new(
                PostKind::Notice,
                &channel,
                format!("notice:{number}:{told}:{channel}"),
                now,
                Payload::Notice { number },
            )
        });
    }
    tx.post_all(&posts).await
}

/// Posts that instances are gone, at any hour, to their channels and the alerts channel, with mentions. A loss that a change
/// explains goes only to the channel of that change, without mentions.
pub(super) async fn page(
    settings: &Settings,
    tx: &mut Tx,
    filed: &NoticeRecord,
    known: &[Instance],
    explained: Option<u64>,
    now: Timestamp,
) -> StoreResult<()> {
    let (number, told) = (filed.number, filed.told);
    let mut channels = places(settings, known);
    if explained.is_none() {
        let followed = known.iter().filter(|instance| instance.is_tracked());
        let alerts = settings.channels.alerts.clone();
        channels.insert(alerts, followed.collect());
    }
    let mut posts = Vec::new();
    for (channel, instances) in channels {
        let mut mentions = mentions(settings, &instances, false);
        if channel == settings.channels.alerts {
            mentions.push(Mention::of_role(Role::Approver));
            mentions.sort_unstable();
            mentions.dedup();
        }
        if explained.is_some() {
            mentions.clear();
        }
        let key = format!("notice:{number}:{told}:{channel}");
        let post = Post {
            change: explained,
            instances: instances.iter().map(|one| one.id.clone()).collect(),
            mentions,
            ..Post::new(
                PostKind::Notice,
                &channel,
                key,
                now,
                Payload::Notice { number },
            )
        };
        posts.push(post);
    }
    tx.post_all(&posts).await
}

/// The instances' teams; the approvers for an instance without one that is called.
pub(in crate::app) fn mentions(
    settings: &Settings,
    instances: &[&Instance],
    all_approvers: bool,
) -> Vec<Mention> {
    let teams = |instance: &&Instance| settings.mentions(&Whom::Team, instance);
    let mut all: Vec<Mention> = instances.iter().flat_map(teams).collect();
    if all_approvers || instances.is_empty() {
        all.push(Mention::of_role(Role::Approver));
    }
    all.sort_unstable();
    all.dedup();
    all
}
