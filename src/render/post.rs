//! Posts about the bot itself and its messages, and the layout of posts at a prompt.

use std::fmt::Write as _;

use chrono_tz::Tz;

use super::Reader;
use crate::answer::Restoration;
use crate::domain::Timestamp;
use crate::domain::effect::{Mention, PostKind};
use crate::domain::id::{ChannelId, Person};
use crate::domain::watch::Blind;

/// A post at a prompt: a heading unlike any reply's, and the text indented.
pub fn framed(channel: &ChannelId, kind: PostKind, mentions: &[Mention], text: &str) -> String {
    let mut out = format!("» {channel} · {kind}");
    let called: Vec<String> = mentions.iter().map(|who| format!("@{who}")).collect();
    if !called.is_empty() {
        let _ = write!(out, " · {}", called.join(" "));
    }
    for line in text.lines() {
        let _ = write!(out, "\n  {line}");
    }
    out
}

/// The notice of a time without delivery.
pub fn away(from: Timestamp, to: Timestamp, reader: &Reader) -> String {
    format!(
        "I was offline from {} to {} ({}): nothing was posted in that time. What is still worth saying comes now.",
        reader.instant(from),
        reader.instant(to),
        super::length(to - from)
    )
}

/// An unreachable channel, for the admins.
pub fn unreachable(channel: &ChannelId, why: &str) -> String {
    format!(
        "Nothing can be posted to {channel}: {why}. Until that is put right, what is meant for it comes here. Restore the channel or the permission to post there, or give its instances another: `instance set INSTANCE --channel CHANNEL`."
    )
}

/// An unreachable alerts channel, for the owner of the server.
pub fn alerts_unreachable(channel: &ChannelId, why: &str) -> String {
    format!(
        "Nothing can be posted to the alerts channel, {channel}: {why}. What is meant for people there waits, and nothing of it is lost. Give me View Channel, Send Messages and Embed Links there, or set another: `/settings channel alerts CHANNEL`."
    )
}

/// The restore of the database, for the admins.
pub fn restored(restoration: &Restoration, in_force: &str, reader: &Reader) -> String {
    let Restoration {
        state_of,
        restored,
        voided,
        raised,
        ..
    } = restoration;
    let (from, until) = (reader.instant(*state_of), reader.instant(*restored));
    format!(
        "I was restored to the state of {from}: what happened from then until {until} is not known here. So every permit, approval, request, acknowledgement and observation of before is void, and edition, action, expiry, auto-renewal and commodity id are unknown until somebody looks, or a listing says them (instances: {voided}; notices raised again: {raised}). Import a listing of the vendor's, attest the actions (`todo` lists them), and say again what was decided in between; `changes` shows what is open. Numbers from that time are not given again.{in_force}"
    )
}

/// A text that was meant for another channel.
pub fn moved(from: &ChannelId, why: &str, text: &str) -> String {
    format!("This could not be posted to {from}: {why}.\n{text}")
}

/// A channel in which reactions are not permitted, for the admins.
pub fn unmarked(channel: &ChannelId, why: &str) -> String {
    format!(
        "Notices in the watched channel {channel} are read, but no signs can be put on them: {why}. Give me Add Reactions and Read Message History there."
    )
}

/// The permissions that the bot lacks in a channel, for the admins: Discord's name of each, and the function that fails without
/// it.
pub fn lacking(channel: &ChannelId, lacking: &[(&str, &str)]) -> String {
    let names: Vec<&str> = lacking.iter().map(|(name, _)| *name).collect();
    let mut out = format!("In {channel} I lack {}.", names.join(", "));
    for (name, without) in lacking {
        let _ = write!(out, "\nWithout {name}, {without}.");
    }
    out.push_str("\nGive me that in the channel's settings, under Permissions.");
    out
}

/// The reason why a watched channel cannot be read, for the admins, with the remedy.
pub fn blind(channel: &ChannelId, why: Blind) -> String {
    let (what, way) = match why {
        Blind::NoContent => (
            "Discord keeps from me what messages say",
            "The application's owner has to switch on Message Content Intent in the developer portal (Bot, Privileged Gateway Intents). I read on with the next notice there, from where I was.",
        ),
        Blind::NoAccess => (
            "I may not read there",
            "Give me View Channel and Read Message History in it. I read on with the next notice there, from where I was.",
        ),
        Blind::NotHere => (
            "there is no such channel in this server",
            "Name the channel by #, or by its id: `settings watch CHANNEL SOURCE`.",
        ),
    };
    format!(
        "Notices in the watched channel {channel} are not read: {what}. Until that is put right, hand them in with `notice TEXT`.\n{way}\n`settings watch {channel} none` stops watching it."
    )
}

/// The note that another process delivers, for the person who started this one.
pub const ELSEWHERE: &str = "Another prompt posts for this database: this one answers commands, posts nothing, and takes over when the other one ends.";

/// The first message on a new server.
pub const WELCOME: &str = "Hello. I keep edition changes of RocketMQ instances in their documented order; I never change anything at the vendor.\nThree things have to be set, by somebody with Manage Server:\n1. Who may do what: `/settings role approver ROLE`, and the same for requester, viewer and admin. Until then only who manages the server may change anything.\n2. Where I speak: `/settings channel default CHANNEL`, and `/settings channel alerts CHANNEL`. Until then I post nothing but this.\n3. When: `/settings zone Asia/Shanghai` and `/settings quiet-hours 22:00-08:00`.\n`/settings show` shows what holds; `/help` shows everything else.";

pub const PROMPT: &str = "warden> ";

/// The prompt while the name of an instance is asked for.
pub const NAME_PROMPT: &str = "type its name for the permit, or nothing to stop> ";

/// The prompt of the sandbox, with the current person and time.
pub fn sandbox_prompt(speaks: &Person, zone: Tz, now: Timestamp) -> String {
    let at = Reader::new(zone, now).instant(now);
    format!("{} {at} {PROMPT}", speaks.name)
}

/// The most lines named that were not run: the refusal above them stays on the screen.
const NOT_RUN: usize = 5;

/// The pasted lines that are not run, and why; `None` if there are none.
pub fn not_run(lines: &[&str], because: &str) -> Option<String> {
    let lines: Vec<&&str> = lines.iter().filter(|line| !line.is_empty()).collect();
    let mut text = format!("Not run, because {because} ({}):", lines.len());
    for line in lines.iter().take(NOT_RUN) {
        text.push_str(&format!("\n  {line}"));
    }
    if let Some(more @ 1..) = lines.len().checked_sub(NOT_RUN) {
        text.push_str(&format!("\n  and {more} more"));
    }
    (!lines.is_empty()).then_some(text)
}
