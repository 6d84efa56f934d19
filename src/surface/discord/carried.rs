//! The custom ids of buttons: a command line, and the question to ask before it runs. They are parsed once, here.

use super::pages::turned;
use crate::command::{Command, InstanceCommand, ParseError, parse_line};
use crate::domain::effect::{Action, Asks};

/// Discord's limit for a custom id.
pub(super) const LONGEST: usize = 100;

/// The prefix of a line that is run directly.
pub(super) const DO: &str = "do:";
/// The prefix of a line that requires the name of its instance first.
pub(super) const NAME: &str = "name:";
/// The prefix of a line that requires a reason.
pub(super) const REASON: &str = "reason:";
/// The prefix of a line that requires an expiry.
pub(super) const EXPIRY: &str = "expiry:";
/// The prefix of a change's number, or `-`, and its instance's id, to ask for the edition that the console shows.
const EDITION: &str = "edition:";
/// The prefix of a disabled button.
const OFF: &str = "off:";
/// The prefix of a line that approves.
const APPROVE: &str = "look:";
/// The prefix of the interaction that brought a file.
pub(super) const APPLY: &str = "apply:";

/// A command line, parsed once: its text for the trail and the answer, and its meaning.
#[derive(Debug, Clone)]
pub(super) struct SaidLine {
    pub(super) text: String,
    pub(super) command: Result<Command, ParseError>,
}

impl SaidLine {
    pub(super) fn read(text: impl Into<String>) -> Self {
        let text = text.into();
        let command = parse_line(&text);
        Self { text, command }
    }

    /// The line for a message without a usable command.
    pub(super) fn help() -> Self {
        Self::read("help")
    }

    /// An incomplete line, parsed with a placeholder for the value that is asked for.
    fn lacking(text: &str, placeholder: &str) -> Self {
        Self {
            text: text.to_owned(),
            command: parse_line(&format!("{text} {placeholder}")),
        }
    }
}

impl From<Command> for SaidLine {
    fn from(command: Command) -> Self {
        Self {
            text: command.to_string(),
            command: Ok(command),
        }
    }
}

/// The action of a button or form.
#[derive(Debug, Clone)]
pub(super) enum Carried {
    Do(SaidLine),
    /// Replaces a page of a list by another.
    Turn(SaidLine),
    /// Asks for the instance's name first.
    Name(SaidLine),
    /// Asks for a reason first.
    Reason(SaidLine),
    /// Asks for a date first.
    Expiry(SaidLine),
    /// Asks first for the edition that the console shows.
    Edition {
        said: SaidLine,
        instance: String,
    },
    /// Asks first for the action that the console shows.
    Approve(SaidLine),
    /// Applies the file that was tried under this id.
    Apply(String),
    /// Unknown to this version.
    Nothing,
}

impl Carried {
    /// Parses a custom id. `beside` is the URL of the card that has the button.
    pub(super) fn read(carried: &str, beside: Option<&str>) -> Self {
        let behind = |prefix: &str| carried.strip_prefix(prefix);
        if let Some(line) = behind(DO) {
            Self::Do(SaidLine::read(line))
        } else if let Some(command) = turned(carried, beside) {
            Self::Turn(command.into())
        } else if let Some(id) = behind(APPLY) {
            Self::Apply(id.to_owned())
        } else if let Some(line) = behind(NAME) {
            Self::Name(SaidLine::read(line))
        } else if let Some(line) = behind(REASON) {
            Self::Reason(SaidLine::lacking(line, "--reason …"))
        } else if let Some(line) = behind(EXPIRY) {
            Self::Expiry(SaidLine::read(line))
        } else if let Some(line) = behind(APPROVE) {
            // Early buttons contained only the change.
            let is_number = line.bytes().all(|byte| byte.is_ascii_digit());
            let verb = if is_number { "approve " } else { "" };
            Self::Approve(SaidLine::read(format!("{verb}{line}")))
        } else if let Some((number, instance)) = behind(EDITION).and_then(|it| it.split_once(' ')) {
            let line = match number {
                "-" => format!("instance set {instance} --edition standard"),
                number => format!("confirm {number} verify-standard"),
            };
            Self::Edition {
                said: SaidLine::read(line),
                instance: instance.to_owned(),
            }
        } else {
            Self::Nothing
        }
    }

    /// The line, if it is a decision that could be pressed by mistake after the button changed.
    pub(super) fn decides(&self) -> Option<&SaidLine> {
        match self {
            Self::Do(said)
            | Self::Reason(said)
            | Self::Expiry(said)
            | Self::Approve(said)
            | Self::Edition { said, .. } => {
                let command = said.command.as_ref();
                command.map_or(true, is_decision).then_some(said)
            }
            Self::Turn(_) | Self::Name(_) | Self::Apply(_) | Self::Nothing => None,
        }
    }
}

/// Whether a command confirms, approves, rejects or attests something.
const fn is_decision(command: &Command) -> bool {
    matches!(
        command,
        Command::Confirm(_)
            | Command::Approve(_)
            | Command::Reject(_)
            | Command::Cancel(_)
            | Command::Action(_)
            | Command::Instance(InstanceCommand::Set(_) | InstanceCommand::Lost(_))
    )
}

/// The custom id for an action.
pub(super) fn carried_by(action: &Action) -> String {
    if !action.enabled {
        // A disabled button needs a unique id and no line.
        return format!("{OFF}{}", action.label);
    }
    let before = match action.asks {
        Asks::Nothing | Asks::Choice => DO,
        Asks::Reason => REASON,
        Asks::Expiry => EXPIRY,
        Asks::Edition => EDITION,
        Asks::WhatIsSeen => APPROVE,
        Asks::Name => NAME,
    };
    format!("{before}{}", action.line)
}
