//! The grammar as data, for surfaces with forms instead of lines.

use std::sync::LazyLock;

use clap::Arg;

use super::complete::reads;
use super::prose::{MAX_EVIDENCE_CHARS, MAX_NOTICE_CHARS, MAX_REASON_CHARS};
use super::tree::{self, Named, Verb};
use super::value::MAX_INSTANCE_CHARS;
use super::{ChangeRef, Evidence, InstanceRef, NoticeText, Reason, StepUse, TargetRef};
use crate::domain::id::{ChannelId, RoleId};

/// A verb and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerbSpec {
    /// Its words, such as `instance` and `add`.
    pub path: Vec<&'static str>,
    pub about: String,
    /// The arguments, required ones first.
    pub args: Vec<ArgSpec>,
}

/// An argument of a verb.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArgSpec {
    /// The name: the long option without dashes, or the name of the positional argument.
    pub name: String,
    /// Whether it is written `--name value` instead of positionally.
    pub is_option: bool,
    pub about: String,
    pub required: bool,
    /// The kind of its value.
    pub kind: ArgKind,
    /// Whether it accepts several values, one after the other.
    pub many: bool,
    /// Whether it accepts `none`.
    pub or_none: bool,
    /// The maximum length of the value, in characters.
    pub longest: usize,
}

/// The kind of an argument's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArgKind {
    /// No value.
    Flag,
    /// One of these words.
    Words(Vec<String>),
    /// A step of the change that the command names.
    Step(StepUse),
    /// One or more of these words, with commas between.
    AnyOf(Vec<String>),
    /// A reference to an instance.
    Instance,
    /// The number of a change.
    Change,
    /// An instance or a change.
    Target,
    /// A whole number.
    Number,
    File,
    Team,
    Region,
    Zone,
    /// A verb to explain.
    Verb,
    /// Somebody of the chat.
    Person,
    Channel,
    /// One or more roles of the chat.
    Role {
        /// Whether several are allowed.
        several: bool,
    },
    /// Any other text.
    Text,
}

/// All verbs, in the order of the grammar; built once.
pub fn verbs() -> &'static [VerbSpec] {
    static VERBS: LazyLock<Vec<VerbSpec>> =
        LazyLock::new(|| tree::verbs().iter().map(spec).collect());
    &VERBS
}

/// The description of a group of verbs, such as `instance`.
pub fn group_about(word: &str) -> Option<String> {
    Verb::root().child(word).map(|group| group.about())
}

fn spec(verb: &Verb) -> VerbSpec {
    let arguments = verb.positionals().chain(verb.options());
    let mut args: Vec<ArgSpec> = arguments.map(|one| arg(&verb.path, one)).collect();
    args.sort_by_key(|arg| !arg.required);
    VerbSpec {
        path: verb.path.clone(),
        about: verb.about(),
        args,
    }
}

fn arg(path: &[&str], arg: &Arg) -> ArgSpec {
    let name = arg.get_long().unwrap_or_else(|| arg.get_id().as_str());
    ArgSpec {
        name: name.to_owned(),
        is_option: arg.get_long().is_some(),
        about: arg.get_help().map(ToString::to_string).unwrap_or_default(),
        required: arg.is_required_set(),
        kind: kind(path, name, arg),
        many: tree::takes_many(arg),
        or_none: arg
            .get_help()
            .is_some_and(|help| help.to_string().ends_with("or none")),
        longest: longest(arg),
    }
}

/// The maximum length of a value: that of its type, or more room for several; anything else is short.
fn longest(arg: &Arg) -> usize {
    const SHORT: usize = 100;
    let several = tree::takes_many(arg) || arg.get_value_delimiter().is_some();
    if reads(arg, clap::value_parser!(NoticeText)) {
        MAX_NOTICE_CHARS
    } else if several || reads(arg, clap::value_parser!(Reason)) {
        MAX_REASON_CHARS
    } else if reads(arg, clap::value_parser!(Evidence)) {
        MAX_EVIDENCE_CHARS
    } else if reads(arg, clap::value_parser!(InstanceRef))
        || reads(arg, clap::value_parser!(TargetRef))
    {
        MAX_INSTANCE_CHARS
    } else {
        SHORT
    }
}

fn kind(path: &[&str], name: &str, arg: &Arg) -> ArgKind {
    let words = tree::words_of(arg);
    let many = tree::takes_many(arg) || arg.get_value_delimiter().is_some();
    let value = arg.get_value_names().and_then(|names| names.first());
    let value = value.map(|value| value.as_str()).unwrap_or_default();
    if !tree::takes_value(arg) {
        ArgKind::Flag
    } else if let Some(of) = StepUse::of(path).filter(|_| name == "step") {
        ArgKind::Step(of)
    } else if !words.is_empty() && !many {
        ArgKind::Words(words)
    } else if !words.is_empty() && arg.get_value_delimiter() == Some(',') {
        ArgKind::AnyOf(words)
    } else if reads(arg, clap::value_parser!(TargetRef)) {
        ArgKind::Target
    } else if reads(arg, clap::value_parser!(ChangeRef)) {
        ArgKind::Change
    } else if reads(arg, clap::value_parser!(InstanceRef)) {
        ArgKind::Instance
    } else if reads(arg, clap::value_parser!(RoleId)) {
        ArgKind::Role { several: many }
    } else if reads(arg, clap::value_parser!(ChannelId)) {
        ArgKind::Channel
    } else if let Some(named) = tree::named(arg).filter(|_| !many) {
        match named {
            Named::Team => ArgKind::Team,
            Named::Region => ArgKind::Region,
            Named::Zone => ArgKind::Zone,
            Named::File => ArgKind::File,
            // Those of the trail who are nobody of the chat are filtered by too.
            Named::Person if value == "WHO" => ArgKind::Text,
            Named::Person => ArgKind::Person,
        }
    } else {
        match (value, name) {
            ("N", _) => ArgKind::Number,
            (_, "verb") => ArgKind::Verb,
            _ => ArgKind::Text,
        }
    }
}
