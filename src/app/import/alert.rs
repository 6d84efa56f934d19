//! Alerts of an import, posted at once to the instance's channel and the alerts channel.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::ImportRun;
use crate::answer::Fatal;
use crate::app::RequestContext;
use crate::app::notice::mentions;
use crate::app::remind::tell_with;
use crate::app::unit_of_work::UnitOfWork;
use crate::domain::Timestamp;
use crate::domain::authority::Role;
use crate::domain::case::Case;
use crate::domain::change::Step;
use crate::domain::effect::{Mention, Post, PostKind};
use crate::domain::event::{Event, EventKind};
use crate::domain::id::{ChannelId, InstanceId};
use crate::domain::import::{Renewal, alarming};
use crate::domain::instance::{Instance, Tracking};
use crate::domain::payload::Payload;
use crate::render::Reader;
use crate::render::import::{self, AlarmingRow, RecentExit, RenewedRow};
use crate::store::PageRange;

/// The latest changes among which an unsubscription is sought.
const EXITS_SOUGHT: u32 = 50;
/// The longest time from the confirmation of an unsubscription to a listing that may show it.
const EXITS_WITHIN: TimeDelta = TimeDelta::days(3);

impl RequestContext<'_> {
    /// Posts the alarming rows of this transaction, and that a listing is held back.
    pub(super) async fn alert(
        &self,
        work: &mut UnitOfWork,
        taking: &ImportRun<'_>,
        lost: &[Instance],
    ) -> Result<(), Fatal> {
        let Some(number) = taking.number else {
            return Ok(());
        };
        let reader = Reader::new(self.settings.reader_zone, self.now);
        let alerts = self.settings.channels.alerts.clone();
        let mut by_channel: BTreeMap<ChannelId, Vec<AlarmingRow>> = BTreeMap::new();
        let kept = work.kept().iter();
        let renewed: Vec<RenewedRow> = kept
            .clone()
            .filter_map(|kept| {
                Some(RenewedRow {
                    event: kept.first_event,
                    instance: kept.case.instance.clone(),
                    renewal: Renewal::shown_of(&kept.case)?,
                })
            })
            .collect();
        self.tell_renewed(work, taking.label, &renewed, &reader)
            .await?;
        let kept = work.kept().iter();
        let alarming: Vec<(u64, Case, Vec<EventKind>)> = kept
            .filter(|kept| Renewal::shown_of(&kept.case).is_none())
            .map(|kept| (kept, alarming(&kept.case)))
            .filter(|(_, moved)| !moved.is_empty())
            .map(|(kept, moved)| {
                let moved = moved.into_iter().cloned().collect();
                (kept.first_event, kept.case.clone(), moved)
            })
            .collect();
        let is_missing = |moved: &[EventKind]| moved.contains(&EventKind::Missing);
        let exits = if alarming.iter().any(|(.., moved)| is_missing(moved)) {
            self.recent_exits(work, taking.terms.at).await?
        } else {
            Vec::new()
        };
        let first = alarming.first().map(|(event, ..)| *event);
        let key = |channel: &ChannelId| {
            format!("import:{number}:{}:{channel}", first.unwrap_or_default())
        };
        for (index, (_, case, moved)) in alarming.into_iter().enumerate() {
            let channel = self.settings.channel_of(&case.instance);
            let due = if index < import::ALARMS_SHOWN {
                tell_with(self.settings, &mut work.tx, &case, &key(&channel), self.now).await?
            } else {
                None
            };
            let ends = |event: &Event| matches!(event.kind, EventKind::Done { .. });
            let exits = exits.iter().filter(|_| is_missing(&moved));
            let row = AlarmingRow {
                exit: RecentExit::of(&case.instance.id, exits).cloned(),
                ended: case.number().filter(|_| case.events.iter().any(ends)),
                instance: case.instance,
                moved,
                due,
            };
            for channel in [channel, alerts.clone()] {
                let rows = by_channel.entry(channel).or_default();
                if !rows.contains(&row) {
                    rows.push(row.clone());
                }
            }
        }
        let mut beside_rows = String::new();
        for lost in lost {
            let text = import::listed_lost(taking.label, lost, &reader);
            if by_channel.contains_key(&alerts) {
                beside_rows.extend(["\n", &text]);
            } else {
                self.alert_lost(work, lost, text, &alerts).await?;
            }
        }
        for (channel, rows) in by_channel {
            let mut instances: Vec<&Instance> = rows.iter().map(|row| &row.instance).collect();
            let mut text = import::alert(number, taking.label, &self.actor.person, &rows, &reader);
            if channel == alerts {
                text.push_str(&beside_rows);
                instances.extend(lost);
            }
            let post = Post {
                instances: instances.iter().map(|one| one.id.clone()).collect(),
                mentions: mentions(self.settings, &instances, false),
                ..Post::new(
                    PostKind::Alert,
                    &channel,
                    key(&channel),
                    self.now,
                    Payload::ready(text),
                )
            };
            work.tx.post(&post).await?;
        }
        self.alert_held(work, taking, number, &alerts).await
    }

    /// Tells of renewals as expected, once a channel and calling nobody, at the end of the quiet hours.
    async fn tell_renewed(
        &self,
        work: &mut UnitOfWork,
        label: &str,
        renewed: &[RenewedRow],
        reader: &Reader,
    ) -> Result<(), Fatal> {
        let mut by_channel: BTreeMap<ChannelId, Vec<&RenewedRow>> = BTreeMap::new();
        for row in renewed {
            let channel = self.settings.channel_of(&row.instance);
            by_channel.entry(channel).or_default().push(row);
        }
        for (channel, rows) in by_channel {
            let text = import::renewed(label, &self.actor.person, &rows, reader);
            let first = rows.first().map_or(0, |row| row.event);
            let due = self.settings.cadence.disturbable(self.now);
            let post = Post {
                instances: rows.iter().map(|row| row.instance.id.clone()).collect(),
                ..Post::new(
                    PostKind::Reminder,
                    &channel,
                    format!("import:renewed:{first}:{channel}"),
                    due,
                    Payload::ready(text),
                )
            };
            work.tx.post(&post).await?;
        }
        Ok(())
    }

    /// The unsubscriptions that were confirmed shortly before a listing was read: what it lacks may be what was unsubscribed.
    async fn recent_exits(
        &self,
        work: &mut UnitOfWork,
        read: Timestamp,
    ) -> Result<Vec<RecentExit>, Fatal> {
        let latest = PageRange {
            page: 1,
            rows: EXITS_SOUGHT,
        };
        let page = work.tx.list_changes(true, None, latest).await?;
        let exits = page.rows.iter().filter_map(|case| {
            let change = case.change.as_ref()?;
            let at = change.record(Step::Unsubscribe)?.at;
            (at <= read && read - at <= EXITS_WITHIN).then(|| RecentExit {
                change: change.number,
                instance: case.instance.id.clone(),
                called: case.instance.called(),
                before: read - at,
            })
        });
        Ok(exits.collect())
    }

    /// Posted with the first such file after the loss was recorded; from then on it is open.
    async fn alert_lost(
        &self,
        work: &mut UnitOfWork,
        lost: &Instance,
        text: String,
        alerts: &ChannelId,
    ) -> Result<(), Fatal> {
        let Tracking::Lost(ended) = &lost.tracking else {
            return Ok(());
        };
        let (id, at) = (&lost.id, ended.at.timestamp_millis());
        let key = format!("lost:{id}:{at}");
        let post = Post {
            instances: vec![id.clone()],
            mentions: mentions(self.settings, &[lost], false),
            ..Post::new(PostKind::Alert, alerts, key, self.now, Payload::ready(text))
        };
        work.tx.post(&post).await?;
        Ok(())
    }

    /// Posted once for the same set of missing instances.
    async fn alert_held(
        &self,
        work: &mut UnitOfWork,
        taking: &ImportRun<'_>,
        number: u64,
        alerts: &ChannelId,
    ) -> Result<(), Fatal> {
        let Some(held) = taking.held.as_ref().filter(|held| !held.again) else {
            return Ok(());
        };
        let ids: Vec<InstanceId> = held.ids.iter().take(50).cloned().collect();
        let (key, text) = (
            format!("import:{number}:held"),
            import::held_alert(taking.label, held),
        );
        let post = Post {
            instances: ids,
            mentions: vec![Mention::of_role(Role::Approver)],
            ..Post::new(PostKind::Alert, alerts, key, self.now, Payload::ready(text))
        };
        work.tx.post(&post).await?;
        Ok(())
    }
}
