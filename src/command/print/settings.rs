//! The canonical text of the verbs under `settings`.

use std::fmt::Display;

use super::CommandLine;
use crate::command::{NONE, SetCommand};

pub(super) fn line(command: &SetCommand) -> CommandLine {
    let verb = |verb: &str| CommandLine::verb(&format!("settings {verb}"));
    match command {
        SetCommand::Role { role, roles } => verb("role").word(role.as_str()).words(roles),
        SetCommand::Team { name, change } => verb("team")
            .word(name)
            .maybe("channel", change.channel.as_ref())
            .each("members", &change.members)
            .maybe("mention", change.mention.as_ref())
            .flag("remove", change.remove),
        SetCommand::Channel { kind, channel } => verb("channel").word(kind.as_str()).word(channel),
        SetCommand::Zone { zone } => verb("zone").word(zone.name()),
        SetCommand::QuietHours { hours: None } => verb("quiet-hours").word(NONE),
        SetCommand::QuietHours { hours: Some(hours) } => verb("quiet-hours").word(hours),
        SetCommand::Approvals { step, number } => {
            verb("approvals").word(step.as_str()).word(number)
        }
        SetCommand::Observers { number } => verb("observers").word(number),
        SetCommand::Watch { channel, sources } => verb("watch").word(channel).words(sources),
        SetCommand::Threads { switch } => verb("threads").word(switch.as_str()),
    }
}

impl CommandLine {
    fn words(self, words: &[impl Display]) -> Self {
        words.iter().fold(self, Self::word)
    }

    /// The option once for each value.
    fn each(self, name: &str, values: &[impl Display]) -> Self {
        let value = |line: Self, value| line.option(name, value);
        values.iter().fold(self, value)
    }
}
