//! Errors in the process's command line, in this program's words instead of clap's.

use std::error::Error as _;
use std::ffi::OsString;
use std::fmt;

use clap::error::{ContextKind, ErrorKind};

use crate::command::said_by_clap;

/// A command line that cannot be read, with the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageError(String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

impl UsageError {
    /// An option at the end of the line, without its value.
    pub(super) fn without_value(option: &str) -> Self {
        Self(format!("`{option}` lacks its value."))
    }

    /// clap's error about these arguments; `tree` has its subcommands.
    pub(super) fn of(error: &clap::Error, args: &[OsString], tree: &clap::Command) -> Self {
        let called = called(args, tree);
        let what = what(error, &called);
        let end = if what.ends_with('?') { "" } else { "." };
        Self(format!(
            "{what}{end} `{called} --help` shows what there is."
        ))
    }
}

/// `warden`, with the subcommands that the arguments begin with.
fn called(args: &[OsString], tree: &clap::Command) -> String {
    let mut path = vec!["warden".to_owned()];
    let mut at = tree;
    for word in args.iter().skip(1).filter_map(|arg| arg.to_str()) {
        if let Some(next) = at.find_subcommand(word) {
            path.push(word.to_owned());
            at = next;
        }
    }
    path.join(" ")
}

fn what(error: &clap::Error, called: &str) -> String {
    let arg = text(error, ContextKind::InvalidArg);
    let named = arg.as_deref().map(label).unwrap_or_default();
    let given = text(error, ContextKind::InvalidValue).unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument if named.starts_with('-') => {
            let near = text(error, ContextKind::SuggestedArg);
            format!("`{called}` has no option `{named}`{}", did_you_mean(near))
        }
        ErrorKind::UnknownArgument => format!("`{called}` takes no `{named}`"),
        ErrorKind::InvalidSubcommand => {
            let given = text(error, ContextKind::InvalidSubcommand).unwrap_or_default();
            format!("`{called}` has no `{given}`")
        }
        ErrorKind::InvalidValue | ErrorKind::NoEquals | ErrorKind::WrongNumberOfValues
            if given.is_empty() =>
        {
            format!("`{}` lacks its value", arg.unwrap_or_default())
        }
        ErrorKind::InvalidValue => {
            let near = text(error, ContextKind::SuggestedValue);
            format!(
                "`{named}` is {}, not `{given}`{}",
                one_of(&said_by_clap(error, ContextKind::ValidValue)),
                did_you_mean(near)
            )
        }
        ErrorKind::ValueValidation => match error.source() {
            Some(why) => format!("`{named}`: {why}"),
            None => format!("`{named}` cannot be `{given}`"),
        },
        ErrorKind::MissingRequiredArgument => {
            let missing = said_by_clap(error, ContextKind::InvalidArg);
            let missing: Vec<String> = missing.iter().map(|arg| format!("`{arg}`")).collect();
            format!("`{called}` lacks {}", missing.join(" and "))
        }
        ErrorKind::ArgumentConflict => {
            let prior = said_by_clap(error, ContextKind::PriorArg);
            let prior = prior.first().map(|prior| label(prior)).unwrap_or_default();
            if prior == named || prior.is_empty() {
                format!("`{named}` is given twice")
            } else {
                format!("`{named}` and `{prior}` do not go together")
            }
        }
        ErrorKind::InvalidUtf8 => "an argument is not Unicode".to_owned(),
        _ => format!("`{called}` does not understand these arguments"),
    }
}

fn did_you_mean(near: Option<String>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// `text`, `text or json`, `bash, zsh or fish`.
fn one_of(words: &[String]) -> String {
    match words {
        [all @ .., last] if !all.is_empty() => format!("{} or {last}", all.join(", ")),
        words => words.concat(),
    }
}

/// An option without the name of its value.
fn label(arg: &str) -> String {
    let option = arg.split([' ', '=']).next().unwrap_or(arg);
    option.trim_end_matches("...").to_owned()
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    said_by_clap(error, kind).into_iter().next()
}
