//! The clap tree of the grammar, and its derived data: verbs, arguments, usage lines, suggestions.

use std::sync::{LazyLock, Mutex, PoisonError};

use clap::{Arg, ArgMatches, Subcommand};

use super::{ChangeRef, Command};
use crate::domain::id::TeamName;
use crate::domain::nearest::denies;
use crate::domain::written::plain;

/// The most words that a usage line lists.
const LISTED_IN_USAGE: usize = 4;

static TREE: LazyLock<clap::Command> = LazyLock::new(|| {
    let bare = clap::Command::new("warden")
        .no_binary_name(true)
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .color(clap::ColorChoice::Never);
    let mut tree = Command::augment_subcommands(bare).mut_subcommands(in_any_case);
    tree.build();
    tree
});

fn in_any_case(command: clap::Command) -> clap::Command {
    let in_any_case_arg = |arg: Arg| {
        let takes_value = takes_value(&arg);
        arg.ignore_case(takes_value)
    };
    command
        .mut_args(in_any_case_arg)
        .mut_subcommands(in_any_case)
}

/// Parsing needs the tree mutably, and copying it costs more than parsing a line.
static PARSER: LazyLock<Mutex<clap::Command>> = LazyLock::new(|| Mutex::new(TREE.clone()));

/// Parses the words of a line.
pub(super) fn matches(words: impl Iterator<Item = String>) -> clap::error::Result<ArgMatches> {
    // Parsing keeps no state in the tree, so the lock is usable after a panic.
    let mut parser = PARSER.lock().unwrap_or_else(PoisonError::into_inner);
    parser.try_get_matches_from_mut(words)
}

/// A verb, or a group of verbs.
#[derive(Debug, Clone)]
pub(super) struct Verb {
    pub(super) path: Vec<&'static str>,
    pub(super) spec: &'static clap::Command,
    /// The heading under which it is listed.
    pub(super) group: String,
}

impl Verb {
    pub(super) fn root() -> Self {
        Self {
            path: Vec::new(),
            spec: &TREE,
            group: String::new(),
        }
    }

    /// The verb or group with this next word, ignoring case.
    pub(super) fn child(&self, word: &str) -> Option<Self> {
        self.children().find(|child| {
            child
                .path
                .last()
                .is_some_and(|name| name.eq_ignore_ascii_case(word))
        })
    }

    pub(super) fn children(&self) -> impl Iterator<Item = Self> {
        self.spec.get_subcommands().map(|spec| {
            let mut path = self.path.clone();
            path.push(spec.get_name());
            let own = spec.get_before_help().map(ToString::to_string);
            Self {
                path,
                spec,
                group: own.unwrap_or_else(|| self.group.clone()),
            }
        })
    }

    /// Whether more words must follow.
    pub(super) fn is_group(&self) -> bool {
        self.spec.has_subcommands()
    }

    /// The verb that a group means alone: `show`, if it takes no arguments.
    pub(super) fn bare(&self) -> Option<Self> {
        let show = self.child("show").filter(|_| !self.path.is_empty())?;
        (show.spec.get_arguments().count() == 0).then_some(show)
    }

    pub(super) fn name(&self) -> String {
        self.path.join(" ")
    }

    pub(super) fn about(&self) -> String {
        self.spec
            .get_about()
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    pub(super) fn examples(&self) -> String {
        let examples = self.spec.get_after_help();
        examples.map(ToString::to_string).unwrap_or_default()
    }

    pub(super) fn positionals(&self) -> impl Iterator<Item = &'static Arg> {
        self.spec.get_positionals()
    }

    pub(super) fn options(&self) -> impl Iterator<Item = &'static Arg> {
        self.spec
            .get_arguments()
            .filter(|arg| arg.get_long().is_some())
    }

    /// The option with this name, ignoring case, or with the vendor panel's name for it.
    pub(super) fn option(&self, name: &str) -> Option<&'static Arg> {
        let name = plain(name).to_ascii_lowercase().replace('_', "-");
        let panel = matches!(
            name.as_str(),
            "post-expiration-action" | "post-release-action"
        );
        let name = if panel { "action" } else { &name };
        self.options().find(|arg| arg.get_long() == Some(name))
    }

    /// The usage line: `instance add <id> --name NAME … [--expires WHEN]`
    pub(super) fn usage(&self) -> String {
        let (needed, free): (Vec<_>, Vec<_>) =
            self.options().partition(|arg| arg.is_required_set());
        let args = self.positionals().chain(needed).chain(free).map(|arg| {
            if arg.is_required_set() || arg.is_positional() {
                shape(arg)
            } else {
                format!("[{}]", shape(arg))
            }
        });
        let words = self.path.iter().map(|word| (*word).to_owned());
        words.chain(args).collect::<Vec<_>>().join(" ")
    }
}

/// All verbs, in the order of the grammar.
pub(super) fn verbs() -> Vec<Verb> {
    fn gather(verb: Verb, into: &mut Vec<Verb>) {
        if verb.is_group() {
            verb.children().for_each(|child| gather(child, into));
        } else {
            into.push(verb);
        }
    }
    let mut all = Vec::new();
    gather(Verb::root(), &mut all);
    all
}

/// The usage of an argument: `<instance>`, `[step]`, `--name NAME`, `--by <unsubscribe|expiry>`, `--all`.
pub(super) fn shape(arg: &Arg) -> String {
    let words = words_of(arg);
    let listed = (1..=LISTED_IN_USAGE).contains(&words.len());
    let is_free = arg.get_long().is_none() && !arg.is_required_set();
    let mut value = match words.join("|") {
        // A shell would take what stands between bare words for a pipe.
        words if listed && words.contains('|') && !is_free => format!("<{words}>"),
        words if listed => words,
        _ => value_name(arg),
    };
    if arg.get_value_delimiter().is_some() {
        value.push_str(",…");
    }
    match arg.get_long() {
        Some(long) if !takes_value(arg) => format!("--{long}"),
        Some(long) => format!("--{long} {value}"),
        None if listed && is_free => format!("[{value}]"),
        None if listed => value,
        None => {
            let value = value.to_lowercase();
            let many = if takes_many(arg) { "…" } else { "" };
            if arg.is_required_set() {
                format!("<{value}>{many}")
            } else {
                format!("[{value}]{many}")
            }
        }
    }
}

/// The name of an argument in a sentence: `--name`, `<instance>`.
pub(super) fn label(arg: &Arg) -> String {
    match arg.get_long() {
        Some(long) => format!("--{long}"),
        None => format!("<{}>", value_name(arg).to_lowercase()),
    }
}

fn value_name(arg: &Arg) -> String {
    let name = arg.get_value_names().and_then(|names| names.first());
    name.map(ToString::to_string).unwrap_or_default()
}

/// The fixed words of an argument; empty when it accepts other values.
pub(super) fn words_of(arg: &Arg) -> Vec<String> {
    let values = if takes_value(arg) {
        arg.get_possible_values()
    } else {
        Vec::new()
    };
    values
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect()
}

/// The kind of an argument's values that can be completed from a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Team,
    Region,
    Zone,
    File,
    Person,
}

/// The list from which an argument's values are completed, if there is one.
pub(super) fn named(arg: &Arg) -> Option<Named> {
    if super::complete::reads(arg, clap::value_parser!(TeamName)) {
        return Some(Named::Team);
    }
    if matches!(value_name(arg).as_str(), "PERSON" | "WHO") {
        return Some(Named::Person);
    }
    match arg.get_id().as_str() {
        "team" => Some(Named::Team),
        "region" => Some(Named::Region),
        "zone" => Some(Named::Zone),
        "file" => Some(Named::File),
        _ => None,
    }
}

pub(super) fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

pub(super) fn takes_many(arg: &Arg) -> bool {
    arg.get_num_args()
        .is_some_and(|range| range.max_values() > 1)
}

/// Whether the value may be unquoted free text.
pub(super) fn is_free_text(arg: &Arg) -> bool {
    value_name(arg) == "TEXT"
}

/// Whether its value is a number, which no word of a fixed list can be.
pub(super) fn is_number(arg: &Arg) -> bool {
    value_name(arg) == "N" || super::complete::reads(arg, clap::value_parser!(ChangeRef))
}

/// Whether a number and its unit may be separate words.
pub(super) fn is_span(arg: &Arg) -> bool {
    value_name(arg) == "DURATION"
}

/// Whether a date and a time may be separate words without quotes.
pub(super) fn is_moment(arg: &Arg) -> bool {
    value_name(arg) == "WHEN"
}

/// Whether a short word differs in its first letter only, which is seldom mistyped: `done` is no `zone`.
fn begins_otherwise(given: &str, candidate: &str) -> bool {
    let behind = |word: &str| word.chars().skip(1).collect::<String>();
    given.chars().count() <= 4 && given != candidate && behind(given) == behind(candidate)
}

/// Whether its value is a period of the day, whose parts may be separate words.
pub(super) fn is_hours(arg: &Arg) -> bool {
    value_name(arg) == "HOURS"
}

/// The candidate closest to a misspelt word, and none whose opposite it says.
pub(super) fn nearest<'a>(
    given: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let given: String = given
        .chars()
        .take(40)
        .flat_map(char::to_lowercase)
        .collect();
    let length = given.chars().count();
    let allowed = (length / 3).max(1);
    let scored = candidates.into_iter().filter_map(|candidate| {
        let begins = length >= 3 && candidate.starts_with(&given);
        let distance = strsim::damerau_levenshtein(&given, candidate);
        let is_near =
            length > 1 && (begins || distance <= allowed && !begins_otherwise(&given, candidate));
        (is_near && !denies(&given, candidate)).then_some((distance, candidate))
    });
    // Among equally close candidates, the first in the grammar.
    scored
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate.to_owned())
}
