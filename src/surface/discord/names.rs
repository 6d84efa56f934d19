//! Ids of roles and channels as Discord shows them: by name, to be clicked on. In a card they call nobody.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::Bot;
use super::markdown::{FENCE, outside_code};
use crate::answer::{Answer, Reply};
use crate::app::Settings;
use crate::domain::id::Label;
use crate::domain::setting::Setting;
use crate::domain::team::Team;

/// The ids of channels.
pub(super) type ChannelIds = HashSet<u64>;

/// The channels that an answer speaks of.
pub(super) fn spoken_of(reply: &Reply) -> ChannelIds {
    let mut found = ChannelIds::new();
    let mut of_setting = |setting: &Setting| match setting {
        Setting::Channel { channel, .. } | Setting::Watch { channel, .. } => {
            take(&mut found, Some(channel))
        }
        Setting::Team { team, .. } => take(
            &mut found,
            team.as_ref().and_then(|team| team.channel.as_ref()),
        ),
        Setting::Role { .. }
        | Setting::Zone { .. }
        | Setting::Quiet { .. }
        | Setting::Approvals { .. }
        | Setting::Observers { .. }
        | Setting::Threads { .. } => {}
    };
    match &reply.answer {
        Answer::Set {
            setting, before, ..
        } => std::iter::once(setting).chain(before).for_each(of_setting),
        Answer::Settings { settings, .. } => {
            settings.iter().for_each(|held| of_setting(&held.setting))
        }
        Answer::Recorded { case, .. } | Answer::Instance { case, .. } => {
            take(&mut found, case.instance.channel.as_ref());
        }
        _ => {}
    }
    found
}

/// The channels that settings name.
pub(super) fn settled(settings: &Settings) -> ChannelIds {
    let mut found = ChannelIds::new();
    let of_teams = settings
        .teams
        .values()
        .filter_map(|team: &Team| team.channel.as_ref());
    let watched = settings.own.watched().map(|(channel, _)| channel);
    let ours = [&settings.channels.default, &settings.channels.alerts];
    for channel in ours.into_iter().chain(of_teams).chain(watched) {
        take(&mut found, Some(channel));
    }
    found
}

fn take(found: &mut ChannelIds, channel: Option<&Label>) {
    found.extend(channel.and_then(|channel| channel.as_str().parse::<u64>().ok()));
}

impl Bot {
    /// A text in which the ids of a guild's roles, and of these channels, are mentions. Commands stay as they are typed.
    pub(super) fn named(&self, guild: u64, channels: &ChannelIds, text: &str) -> String {
        static ID: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b[0-9]{17,20}\b").ok());
        let Some(id) = &*ID else {
            return text.to_owned();
        };
        let form = |found: &Captures<'_>| {
            let digits = &found[0];
            let Ok(id) = digits.parse() else {
                return digits.to_owned();
            };
            if self.guilds.has_role(guild, id) {
                format!("<@&{id}>")
            } else if channels.contains(&id) || self.channel_cache.knows(guild, id) {
                format!("<#{id}>")
            } else {
                digits.to_owned()
            }
        };
        let named =
            |plain: &str| outside_code(plain, |plain| id.replace_all(plain, form).into_owned());
        let parts = text.split(FENCE).enumerate();
        // Every second part stands between fences.
        let parts = parts.map(|(nth, part)| match nth % 2 {
            0 => named(part),
            _ => part.to_owned(),
        });
        parts.collect::<Vec<_>>().join(FENCE)
    }
}
