//! Directives of the sandbox: the speaker and the time.

use chrono_tz::Tz;

use crate::answer::{DirectiveError, UserError};
use crate::app::{Actor, Role};
use crate::clock::Clock;
use crate::command::{self, Span, When};
use crate::domain::Timestamp;

/// The console's action after a directive.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Directed {
    Go,
    /// Move the clock to a moment that it can reach.
    Travel(Timestamp),
    /// End the session.
    Quit,
}

/// The marks that begin a directive; the second one is what a Chinese keyboard types.
pub(super) const MARKS: [char; 2] = [':', '：'];
const ALL: [&str; 3] = [":as", ":clock", ":quit"];
/// The most common arguments of `:clock`.
const STEPS: [&str; 4] = ["+1h", "+1d", "+7d", "+30d"];

/// Completion of a directive: the start of the word in bytes, and the candidates. `known` are earlier lines, which provide the
/// names of people.
pub(super) fn complete<'a>(
    line: &str,
    known: impl Iterator<Item = &'a str>,
    teams: &[String],
) -> (usize, Vec<String>) {
    let blank = |c: char| c.is_whitespace() || c == ',';
    let start = line.rfind(blank).map_or(0, |at| at + 1);
    let (before, typed) = line.split_at_checked(start).unwrap_or((line, ""));
    let before: Vec<&str> = before
        .split(blank)
        .filter(|word| !word.is_empty())
        .collect();
    let words: Vec<String> = match before.as_slice() {
        [] => ALL.map(ToOwned::to_owned).into(),
        [":as"] => {
            let name = |line: &'a str| line.strip_prefix(":as ")?.split_whitespace().next();
            let mut names: Vec<String> = known.filter_map(name).map(ToOwned::to_owned).collect();
            names.sort();
            names.dedup();
            names
        }
        [":as", _, said @ ..] => {
            let roles = Role::ALL.iter().map(|role| role.as_str().to_owned());
            let teams = teams.iter().map(|team| format!("team:{team}"));
            let all = roles.chain(teams);
            all.filter(|word| !said.contains(&word.as_str())).collect()
        }
        [":clock"] => STEPS.map(ToOwned::to_owned).into(),
        _ => Vec::new(),
    };
    let begins = |word: &String| word.starts_with(typed);
    (start, words.into_iter().filter(begins).collect())
}

/// Runs a line that starts with `:`.
pub(super) fn follow_directive(
    line: &str,
    actor: &mut Actor,
    clock: &Clock,
    zone: Tz,
) -> Result<Directed, UserError> {
    let rest = line.trim_start_matches(MARKS).trim();
    let (word, argument) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let argument = argument.trim();
    match word {
        "as" => {
            let wrong = || UserError::Directive(DirectiveError::As(argument.to_owned()));
            actor
                .speak_as(argument)
                .map(|()| Directed::Go)
                .ok_or_else(wrong)
        }
        "clock" => target(argument, clock, zone).map(Directed::Travel),
        "quit" if argument.is_empty() => Ok(Directed::Quit),
        _ => Err(UserError::Directive(DirectiveError::Unknown(
            rest.to_owned(),
        ))),
    }
}

/// Whether a line is the directive that ends the session.
pub(super) fn quits(line: &str) -> bool {
    let line = command::unprompted(line);
    line.starts_with(MARKS) && line.trim_start_matches(MARKS).trim() == "quit"
}

fn target(argument: &str, clock: &Clock, zone: Tz) -> Result<Timestamp, UserError> {
    let wrong = || UserError::Directive(DirectiveError::Clock(argument.to_owned()));
    let target = match argument.strip_prefix('+') {
        Some(span) => {
            let span: Span = span.parse().map_err(|_| wrong())?;
            clock.now().checked_add_signed(span.0).ok_or_else(wrong)?
        }
        None => {
            let when: When = argument.parse().map_err(|_| wrong())?;
            when.resolve(zone).map_err(|_| wrong())?
        }
    };
    let now = clock.now();
    match clock.check(target) {
        Ok(()) => Ok(target),
        Err(_) if target < now => Err(UserError::Directive(DirectiveError::Backwards(now))),
        Err(_) => Err(wrong()),
    }
}
