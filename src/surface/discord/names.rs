//! Mentions in text: roles and channels by name, and clickable commands. In a card, mentions ping nobody.

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::Bot;
use super::card::LONGEST;
use super::hints::{TYPED, VERB};
use super::markdown::{FENCE, around_quotation, in_parts};
use crate::answer::{Answer, Reply};
use crate::app::Settings;
use crate::domain::id::ChannelId;
use crate::domain::setting::Setting;
use crate::domain::team::Team;

/// Characters reserved for a line with a link under the text.
const FOR_A_LINK: usize = 120;

pub(super) type ChannelIds = HashSet<u64>;

/// The channels in an answer.
pub(super) fn spoken_of(reply: &Reply) -> ChannelIds {
    let mut found = ChannelIds::new();
    let mut of_setting = |setting: &Setting| match setting {
        Setting::Channel { channel, .. } => take_channel(&mut found, channel.as_ref()),
        Setting::Watch { channel, .. } => take_channel(&mut found, Some(channel)),
        Setting::Team { team, .. } => take_channel(
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
            take_channel(&mut found, case.instance.channel.as_ref());
        }
        _ => {}
    }
    found
}

/// The channels in settings.
pub(super) fn settled(settings: &Settings) -> ChannelIds {
    let mut found = ChannelIds::new();
    let of_teams = settings
        .teams
        .values()
        .filter_map(|team: &Team| team.channel.as_ref());
    let watched = settings.own.watched().map(|(channel, _)| channel);
    let ours = [&settings.channels.default, &settings.channels.alerts];
    for channel in ours.into_iter().chain(of_teams).chain(watched) {
        take_channel(&mut found, Some(channel));
    }
    found
}

fn take_channel(found: &mut ChannelIds, channel: Option<&ChannelId>) {
    found.extend(channel.and_then(|channel| channel.as_str().parse::<u64>().ok()));
}

impl Bot {
    /// Replaces role ids, these channels' ids and command hints in a text by mentions, as long as they fit.
    pub(super) fn named(&self, guild: u64, channels: &ChannelIds, text: &str) -> String {
        static ID: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b[0-9]{17,20}\b").ok());
        let Some(id) = &*ID else {
            return text.to_owned();
        };
        let room = Cell::new(LONGEST.saturating_sub(text.chars().count() + FOR_A_LINK));
        // Replaces a text by its mention, if it fits.
        let instead = |was: String, mention: Option<String>| {
            let Some(mention) = mention else { return was };
            let more = mention.chars().count().saturating_sub(was.chars().count());
            let Some(left) = room.get().checked_sub(more) else {
                return was;
            };
            room.set(left);
            mention
        };
        let form = |found: &Captures<'_>| {
            let digits = found[0].to_owned();
            let mention = digits.parse().ok().and_then(|id| {
                if self.guilds.has_role(guild, id) {
                    Some(format!("<@&{id}>"))
                } else if channels.contains(&id) || self.channel_cache.knows(guild, id) {
                    Some(format!("<#{id}>"))
                } else {
                    None
                }
            });
            instead(digits, mention)
        };
        // Digits in a quotation are not ids.
        let in_line = |line: &str| {
            let (before, quoted, after) = around_quotation(line);
            let named = |part| id.replace_all(part, form);
            format!("{}{quoted}{}", named(before), named(after))
        };
        let plain = |plain: &str| {
            let lines: String = plain.split_inclusive('\n').map(in_line).collect();
            lines.replace([TYPED, VERB], "")
        };
        let span = |span: &str| match (span.strip_prefix(TYPED), span.strip_prefix(VERB)) {
            (Some(typed), _) => format!("`{typed}`"),
            (_, Some(verb)) => instead(format!("`{verb}`"), self.command_ids.command(guild, verb)),
            _ => instead(format!("`{span}`"), self.command_ids.mention(guild, span)),
        };
        let named = |part: &str| in_parts(part, plain, span);
        let parts = text.split(FENCE).enumerate();
        // Every second part is preformatted.
        let parts = parts.map(|(nth, part)| match nth % 2 {
            0 => named(part),
            _ => part.to_owned(),
        });
        parts.collect::<Vec<_>>().join(FENCE)
    }
}
