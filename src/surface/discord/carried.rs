//! What a button carries: a line that could be typed, and what is asked before it is carried out. It is read once, here.

use super::pages::turned;
use crate::command::{Command, InstanceCommand, ParseError, parse_line};
use crate::domain::effect::{Action, Asks};

/// Discord's bound on what a button carries.
pub(super) const LONGEST: usize = 100;

/// What comes before a line that is carried out.
pub(super) const DO: &str = "do:";
/// What comes before a line whose instance has to be named first.
pub(super) const NAME: &str = "name:";
/// What comes before a line that wants a reason.
pub(super) const REASON: &str = "reason:";
/// What comes before a line that wants an expiry.
pub(super) const EXPIRY: &str = "expiry:";
/// What comes before the number of a change and the id of its instance, where it is asked what the console shows.
const EDITION: &str = "edition:";
/// What comes before what cannot be pressed.
const OFF: &str = "off:";
/// What comes before a line that approves.
const APPROVE: &str = "look:";
/// What comes before the interaction that brought a file.
pub(super) const APPLY: &str = "apply:";

/// What somebody said, read once: the line as the trail and the answer quote it, and what it means.
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

    /// What somebody asks for who has not said anything that can be done.
    pub(super) fn help() -> Self {
        Self::read("help")
    }

    /// A line that wants something more, with that in its place: it is asked for.
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

/// What a button or a form asks for.
#[derive(Debug, Clone)]
pub(super) enum Carried {
    Do(SaidLine),
    /// A page of a list, in the place of another.
    Turn(SaidLine),
    /// The instance is named first.
    Name(SaidLine),
    /// A reason is given first.
    Reason(SaidLine),
    /// A date is given first.
    Expiry(SaidLine),
    /// It is said first what the console shows as the edition of this instance.
    Edition {
        said: SaidLine,
        instance: String,
    },
    /// It is said first what the console shows as the action.
    Approve(SaidLine),
    /// A file that was tried under this id.
    Apply(String),
    /// Nothing that this version knows.
    Nothing,
}

impl Carried {
    /// `beside` is the address of the card that the button is under.
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
            // The first ones carried the change alone.
            let is_number = line.bytes().all(|byte| byte.is_ascii_digit());
            let verb = if is_number { "approve " } else { "" };
            Self::Approve(SaidLine::read(format!("{verb}{line}")))
        } else if let Some((number, instance)) = behind(EDITION).and_then(|it| it.split_once(' ')) {
            Self::Edition {
                said: SaidLine::read(format!("confirm {number} verify-standard")),
                instance: instance.to_owned(),
            }
        } else {
            Self::Nothing
        }
    }

    /// The line that it says, if that decides something which a finger may have meant differently.
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

/// What the button of an action carries.
pub(super) fn carried_by(action: &Action) -> String {
    if !action.enabled {
        // What cannot be pressed carries nothing, and keeps its place.
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
