//! Directives of the sandbox: who speaks, and what time it is.

use chrono_tz::Tz;

use crate::answer::{DirectiveError, UserError};
use crate::app::Actor;
use crate::clock::Clock;
use crate::command::{Span, When};
use crate::domain::Timestamp;

/// What the console does after a directive.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Directed {
    /// Go on.
    Go,
    /// Move the clock to a moment that it can reach.
    Travel(Timestamp),
    /// End the session.
    Quit,
}

/// Follows a line that starts with `:`.
pub(super) fn follow(
    line: &str,
    actor: &mut Actor,
    clock: &Clock,
    zone: Tz,
) -> Result<Directed, UserError> {
    let rest = line.trim_start_matches(':').trim();
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
