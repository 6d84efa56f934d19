//! clap's errors reworded for chat: no process name, no usage banner, no type names.

use clap::Arg;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::ValueError;
use super::error::{Near, ParseError, Swallowed};
use super::tree::{self, Verb};
use crate::domain::id::{IdError, excerpt};
use crate::domain::rules::RuleId;

/// The parts of the line that clap does not see.
pub(super) struct Context {
    /// The option that requires the missing one.
    pub(super) asking: Option<String>,
    /// The option whose free text took all words after it.
    pub(super) swallowing: Swallowed,
}

/// The error shown to people.
pub(super) fn translate(error: &clap::Error, verb: &Verb, context: &Context) -> ParseError {
    let kind = error.kind();
    let translated = if kind == ErrorKind::MissingRequiredArgument {
        Some(missing(error, verb, context))
    } else if kind == ErrorKind::InvalidValue {
        not_a_word(error, verb)
    } else if kind == ErrorKind::ValueValidation {
        bad_value(error, verb)
    } else if kind == ErrorKind::ArgumentConflict {
        conflict(error, verb)
    } else {
        None
    };
    translated.unwrap_or_else(|| ParseError::unreadable(verb))
}

fn missing(error: &clap::Error, verb: &Verb, context: &Context) -> ParseError {
    let shown = said_by_clap(error, ContextKind::InvalidArg);
    let args: Vec<&Arg> = verb
        .positionals()
        .chain(verb.options())
        .filter(|arg| shown.contains(&arg.to_string()))
        .collect();
    let missing: Vec<String> = args.iter().map(|arg| tree::shape(arg)).collect();
    if missing.is_empty() {
        return ParseError::unreadable(verb);
    }
    match &context.asking {
        Some(option) if !args.iter().any(|arg| arg.is_required_set()) => ParseError::Alone {
            option: option.clone(),
            missing,
        },
        Some(_) | None => {
            let word = args.iter().any(|arg| arg.is_positional());
            let hint = if word {
                context.swallowing.clone()
            } else {
                Swallowed(None)
            };
            ParseError::Missing {
                verb: verb.name(),
                missing,
                usage: verb.usage(),
                hint,
            }
        }
    }
}

fn not_a_word(error: &clap::Error, verb: &Verb) -> Option<ParseError> {
    let arg = argument(error, verb)?;
    let given = said_by_clap(error, ContextKind::InvalidValue)
        .into_iter()
        .next()?;
    let words = tree::words_of(arg);
    Some(ParseError::NotAWord {
        arg: tree::label(arg),
        near: Near(tree::nearest(&given, words.iter().map(String::as_str))),
        given: excerpt(&given),
        words,
    })
}

fn bad_value(error: &clap::Error, verb: &Verb) -> Option<ParseError> {
    let arg = argument(error, verb)?;
    let source = std::error::Error::source(error)?;
    if let Some(ValueError::NotChange(_)) = source.downcast_ref() {
        let given = said_by_clap(error, ContextKind::InvalidValue);
        return given.into_iter().next().map(ParseError::NotChange);
    }
    let rules: &[RuleId] = match source.downcast_ref::<IdError>() {
        Some(IdError::Series5(_)) => &[RuleId::Series4x],
        Some(_) | None => &[],
    };
    Some(ParseError::BadValue {
        option: arg.get_long().is_some().then(|| tree::label(arg)),
        text: source.to_string(),
        rules,
    })
}

fn conflict(error: &clap::Error, verb: &Verb) -> Option<ParseError> {
    let arg = tree::label(argument(error, verb)?);
    let prior = said_by_clap(error, ContextKind::PriorArg);
    let prior = prior
        .first()
        .and_then(|prior| argument_shown_as(verb, prior));
    match prior.map(tree::label) {
        Some(prior) if prior != arg => Some(ParseError::Excluded(prior, arg)),
        Some(_) | None => Some(ParseError::Repeated(arg)),
    }
}

fn argument(error: &clap::Error, verb: &Verb) -> Option<&'static Arg> {
    let shown = said_by_clap(error, ContextKind::InvalidArg);
    shown
        .first()
        .and_then(|shown| argument_shown_as(verb, shown))
}

/// The argument that clap names by its display text.
fn argument_shown_as(verb: &Verb, shown: &str) -> Option<&'static Arg> {
    verb.spec
        .get_arguments()
        .find(|arg| arg.to_string() == shown)
}

/// The values of this kind in an error of clap, as text.
pub(crate) fn said_by_clap(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(one)) => vec![one.clone()],
        Some(ContextValue::Strings(many)) => many.clone(),
        Some(_) | None => Vec::new(),
    }
}
