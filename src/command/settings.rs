//! The verbs under `settings`.

use chrono_tz::Tz;
use clap::Subcommand;
use serde::Serialize;

use super::print;
use super::value::{approvals, hours, observers, word, zone};
use crate::domain::authority::Role;
use crate::domain::id::{ChannelId, Label, RoleId, TeamName};
use crate::domain::instance::Switch;
use crate::domain::reminder::Quiet;
use crate::domain::setting::{ChannelKind, Guarded};

/// The word for no ids or no hours.
pub const NONE: &str = "none";

/// An id or a name, or `None` for `none`.
pub fn or_none<T: ToString>(id: T) -> OrNone<T> {
    Some(id).filter(|id| !id.to_string().eq_ignore_ascii_case(NONE))
}

/// A value, or `None` for `none`.
pub type OrNone<T> = Option<T>;

/// Verbs about what a workspace decides for itself.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingsCommand {
    /// Show everything in effect here, and who set it; `settings` alone does too
    #[command(after_help = "settings show")]
    Show,
    /// The setting to change
    #[command(flatten)]
    #[serde(untagged)]
    Set(SetCommand),
}

/// One thing that a workspace decides for itself.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SetCommand {
    /// Map roles of the chat to a role here
    #[command(
        after_help = "settings role approver <@&1181200000000000001> <@&1181200000000000002>\n\
            settings role viewer none"
    )]
    Role {
        /// The role here
        #[arg(value_parser = word(Role::WORDS))]
        role: Role,
        /// The roles of the chat, or none
        #[arg(required = true, value_name = "ROLE")]
        roles: Vec<RoleId>,
    },
    /// Set a team's channel, members and mention; what is not given stays
    #[command(
        after_help = "settings team payments --channel <#1181200000000000003> --members <@&1181200000000000001>\n\
            settings team payments --mention <@&1181200000000000001>\n\
            settings team payments --remove"
    )]
    Team {
        /// Its name, as instances give it
        name: TeamName,
        /// The values to change
        #[command(flatten)]
        #[serde(flatten)]
        change: TeamChange,
    },
    /// Set the channels that the bot posts to
    #[command(after_help = "settings channel alerts <#1181200000000000004>\n\
            settings channel alerts none")]
    Channel {
        /// For everything, or for alarms only
        #[arg(value_name = "WHICH", value_parser = word(ChannelKind::WORDS))]
        kind: ChannelKind,
        /// The channel; none: alarms go to the default one, and that is the configuration's
        channel: ChannelId,
    },
    /// Set the time zone in which times are shown and reminders are planned
    #[command(after_help = "settings zone Europe/Berlin")]
    Zone {
        /// Its name, such as Europe/Berlin
        #[arg(value_parser = zone)]
        #[serde(serialize_with = "print::text")]
        zone: Tz,
    },
    /// Set the hours in which nobody is disturbed by what can wait
    #[command(after_help = "settings quiet-hours 22:00-08:00\n\
            settings quiet-hours none")]
    QuietHours {
        /// From when until when, such as 22:00-08:00, or none
        #[arg(value_name = "HOURS", value_parser = hours)]
        #[serde(serialize_with = "print::or_none")]
        hours: OrNone<Quiet>,
    },
    /// Set how many people other than the requester must approve a step
    #[command(after_help = "settings approvals unsubscribe 2")]
    Approvals {
        /// The step
        #[arg(value_parser = word(Guarded::WORDS))]
        step: Guarded,
        /// How many, from 0 to 10; unsubscribe needs 1 at least
        #[arg(value_name = "N", value_parser = approvals)]
        number: u8,
    },
    /// Set how many observers unsubscribing needs: people who looked at the action themselves
    #[command(alias = "attesters", after_help = "settings observers 2")]
    Observers {
        /// How many, from 1 to 5
        #[arg(value_name = "N", value_parser = observers)]
        number: u8,
    },
    /// Read the vendor's notices that reach a channel
    #[command(
        after_help = "settings watch <#1181200000000000005> 1181200000000000006\n\
            settings watch <#1181200000000000005> none"
    )]
    Watch {
        /// The channel
        channel: ChannelId,
        /// The webhooks or bots whose messages are read, by id, or none
        #[arg(required = true, value_name = "SOURCE")]
        sources: Vec<Label>,
    },
    /// Set whether each change has a discussion thread
    #[command(after_help = "settings threads off")]
    Threads {
        /// Whether it has
        #[arg(value_parser = word(Switch::WORDS))]
        switch: Switch,
    },
}

/// New values for a team.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize)]
pub struct TeamChange {
    /// Where messages about its instances go, or none
    #[arg(long)]
    pub channel: Option<ChannelId>,
    /// The roles of the chat whose holders are its members, or none
    #[arg(long, value_name = "ROLE", value_delimiter = ',')]
    pub members: Vec<RoleId>,
    /// The role of the chat that is mentioned, or none
    #[arg(long, value_name = "ROLE")]
    pub mention: Option<RoleId>,
    /// Forget the team
    #[arg(long, conflicts_with_all = ["channel", "members", "mention"])]
    pub remove: bool,
}
