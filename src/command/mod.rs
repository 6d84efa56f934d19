//! The one grammar of every surface.
//!
//! [`Command`] is the grammar; all else is generated from it: [`parse_line`] turns text into a command, its `Display` turns it
//! back, [`help`] explains it, [`complete()`] completes it. A surface adds no rule of its own.

pub mod args;
mod clap_error;
mod complete;
mod error;
mod facts;
mod grammar;
pub mod help;
mod lengths;
mod parts;
mod print;
mod prose;
mod said;
mod settings;
mod shell;
mod spec;
mod text;
mod time;
mod tree;
mod typed;
mod value;
mod words;

pub(crate) use clap_error::said_by_clap;
pub use complete::{
    COMMAS, Candidates, Completion, FILE, LastPart, OF_ONE, PartOf, StepPlace, StepUse, TEAM,
    complete, fitting, zones,
};
pub use error::{Near, ParseError, Swallowed};
pub use facts::Facts;
pub use grammar::{Asked, Command, Decision, InstanceCommand, Query};
pub use parts::{Ack, AckTarget, CheckIntent, Import, OrUnknown, WordingWord};
pub use print::quoted_if_needed;
pub use prose::{Evidence, NoticeText, Reason};
pub use settings::{NONE, OrNone, SetCommand, SettingsCommand, TeamChange, or_none};
pub use shell::{ENDS, leaves, line_of, subcommands, unprompted};
pub use spec::{ArgKind, ArgSpec, VerbSpec, group_about, verbs};
pub use text::{begins_with_verb, begun_notice, long_notice, parse_line, with_change};
pub use time::{Span, TimeError, When, WhenError};
pub use value::{ChangeRef, InstanceRef, TargetRef, ValueError};
