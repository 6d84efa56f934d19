//! A command's canonical text: what [`super::parse_line`] reads back as the same command.

mod settings;

use std::fmt::{self, Display};

use super::value::UNKNOWN;
use super::words::{is_dash, opens_quote};
use super::{Ack, AckTarget, Command, Import, InstanceCommand, OrUnknown, Reason, facts};
use crate::domain::change::Step;
use crate::domain::id::{InstanceName, Region};
use crate::domain::instance::{Edition, PostExpirationAction};
use crate::domain::notice::DateRole;

impl Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words(self).0)
    }
}

fn words(command: &Command) -> Line {
    match command {
        Command::Instance(command) => instance(command),
        Command::Action { instance, action } => {
            Line::verb("action").word(instance).word(action.as_str())
        }
        Command::Check {
            intent,
            instance,
            ack,
        } => Line::verb("check")
            .word(intent.as_str())
            .word(instance)
            .ack(*ack),
        Command::Upgrade { instance } => Line::verb("upgrade").word(instance),
        Command::Downgrade { instance, by, ack } => Line::verb("downgrade")
            .word(instance)
            .maybe("by", by.map(|route| route.as_str()))
            .ack(*ack),
        Command::Unsubscribe { instance, ack } => {
            Line::verb("unsubscribe").word(instance).ack(*ack)
        }
        Command::Next { target, ack } => Line::verb("next").word(target).ack(*ack),
        Command::Confirm { .. } => confirm(command),
        Command::Reopen {
            change,
            step,
            reason,
        } => Line::verb("reopen")
            .word(change)
            .word(step.as_str())
            .reason(reason),
        Command::Fail { change, reason } => Line::verb("fail").word(change).reason(reason),
        Command::Cancel { change, reason } => Line::verb("cancel").word(change).reason(reason),
        Command::Approve {
            change,
            seen,
            request,
        } => Line::verb("approve")
            .word(change)
            .maybe("seen", seen.map(PostExpirationAction::as_str))
            .maybe("request", *request),
        Command::Reject {
            change,
            reason,
            request,
        } => Line::verb("reject")
            .word(change)
            .reason(reason)
            .maybe("request", *request),
        Command::Revoke { change } => Line::verb("revoke").word(change),
        Command::BreakGlass {
            change,
            reason,
            ticket,
        } => Line::verb("break-glass")
            .word(change)
            .reason(reason)
            .option("ticket", ticket),
        Command::Ack {
            what: AckTarget::Instance(instance),
            about,
        } => Line::verb("ack").word(instance).maybe("about", *about),
        Command::Ack {
            what: AckTarget::Notice(number),
            about: _,
        } => Line::verb("ack notice").word(number),
        Command::Snooze {
            instance,
            span,
            about,
        } => Line::verb("snooze")
            .word(instance)
            .word(span)
            .maybe("about", *about),
        Command::Reminders { instance } => Line::verb("reminders").word(instance),
        Command::Todo { team, mine, page } => Line::verb("todo")
            .maybe("team", team.as_ref())
            .flag("mine", *mine)
            .page(*page),
        Command::Changes { all, page } => Line::verb("changes").flag("all", *all).page(*page),
        Command::Change { change } => Line::verb("change").word(change),
        Command::Why { target } => Line::verb("why").word(target),
        Command::Rules => Line::verb("rules"),
        Command::Rule { id } => Line::verb("rule").word(id.as_str()),
        Command::Import(given) => import(given),
        Command::ImportUndo { number } => Line::verb("import-undo").word(number),
        Command::Imports => Line::verb("imports"),
        Command::Notice { text } => Line::verb("notice").quoted(text.as_str()),
        Command::Notices { instance, page } => instance
            .iter()
            .fold(Line::verb("notices"), Line::word)
            .page(*page),
        Command::Suppressed { since } => Line::verb("suppressed").option("since", since),
        Command::Wording {
            number,
            what,
            first,
            alone,
            reason,
        } => Line::verb("wording")
            .word(number)
            .word(what.as_str())
            .maybe("first", first.map(DateRole::as_str))
            .flag("alone", *alone)
            .maybe_reason(reason.as_ref()),
        Command::Wordings => Line::verb("wordings"),
        Command::Audit {
            target,
            since,
            by,
            page,
        } => target
            .iter()
            .fold(Line::verb("audit"), Line::word)
            .maybe("since", *since)
            .maybe("by", by.as_ref())
            .page(*page),
        Command::Settings(command) => settings::line(command),
        Command::Help { verb } => verb.iter().fold(Line::verb("help"), Line::word),
    }
}

fn confirm(command: &Command) -> Line {
    let line = Line::verb("confirm");
    let Command::Confirm {
        change,
        step,
        expires,
        evidence,
        outside,
        reason,
        yes_really,
    } = command
    else {
        return line;
    };
    let line = step.iter().fold(line.word(change), |line, step: &Step| {
        line.word(step.as_str())
    });
    line.maybe("expires", *expires)
        .maybe("evidence", evidence.as_ref())
        .flag("outside", *outside)
        .flag("yes-really", *yes_really)
        .maybe_reason(reason.as_ref())
}

fn instance(command: &InstanceCommand) -> Line {
    match command {
        InstanceCommand::Add {
            id,
            name,
            region,
            edition,
            facts,
        } => {
            let line = Line::verb("instance add").word(id).described(
                Some(name),
                Some(region),
                Some(edition.as_str()),
            );
            facts::print(line, facts)
        }
        InstanceCommand::Set {
            instance,
            name,
            region,
            edition,
            facts,
        } => {
            let edition = edition.map(|edition| known(edition, Edition::as_str));
            let line = Line::verb("instance set").word(instance);
            let line = line.described(name.as_ref(), region.as_ref(), edition);
            facts::print(line, facts)
        }
        InstanceCommand::List {
            edition,
            expiring,
            action,
            team,
            page,
        } => Line::verb("instance list")
            .maybe("edition", edition.map(Edition::as_str))
            .maybe("expiring", *expiring)
            .maybe("action", known_list(action))
            .maybe("team", team.as_ref())
            .page(*page),
        InstanceCommand::Show { instance } => Line::verb("instance show").word(instance),
        InstanceCommand::Remove { instance, reason } => {
            Line::verb("instance remove").word(instance).reason(reason)
        }
        InstanceCommand::Lost { instance, reason } => {
            Line::verb("instance lost").word(instance).reason(reason)
        }
    }
}

fn import(given: &Import) -> Line {
    let Import {
        file,
        region,
        at,
        complete,
        accept,
        accept_missing,
        dry_run,
        quiet,
    } = given;
    Line::verb("import")
        .word(file)
        .maybe("region", region.as_ref())
        .maybe("at", *at)
        .flag("complete", *complete)
        .flag("accept", *accept)
        .maybe("accept-missing", *accept_missing)
        .flag("dry-run", *dry_run)
        .flag("quiet", *quiet)
}

fn known<T>(value: OrUnknown<T>, word: impl Fn(T) -> &'static str) -> &'static str {
    value.map_or(UNKNOWN, word)
}

fn known_list(actions: &[OrUnknown<PostExpirationAction>]) -> Option<String> {
    let words = actions
        .iter()
        .map(|action| known(*action, PostExpirationAction::as_str));
    (!actions.is_empty()).then(|| words.collect::<Vec<_>>().join(","))
}

/// A line that grows word by word.
pub(super) struct Line(String);

impl Line {
    fn verb(words: &str) -> Self {
        Self(words.to_owned())
    }

    fn word(mut self, word: impl Display) -> Self {
        self.0.push(' ');
        self.0.push_str(&quoted_if_needed(&word.to_string()));
        self
    }

    pub(super) fn flag(mut self, name: &str, given: bool) -> Self {
        if given {
            self.0.push_str(" --");
            self.0.push_str(name);
        }
        self
    }

    fn option(self, name: &str, value: impl Display) -> Self {
        self.flag(name, true).word(value)
    }

    pub(super) fn maybe(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.option(name, value),
            None => self,
        }
    }

    fn quoted(mut self, text: &str) -> Self {
        self.0.push(' ');
        self.0.push_str(&quoted(text));
        self
    }

    fn reason(self, reason: &Reason) -> Self {
        self.flag("reason", true).quoted(reason.as_str())
    }

    fn maybe_reason(self, reason: Option<&Reason>) -> Self {
        match reason {
            Some(reason) => self.reason(reason),
            None => self,
        }
    }

    fn ack(self, ack: Ack) -> Self {
        let Ack { ack } = ack;
        self.maybe("ack", ack.map(|rule| rule.as_str()))
    }

    /// The first page goes without saying.
    fn page(self, page: u32) -> Self {
        self.maybe("page", (page != 1).then_some(page))
    }

    fn described(
        self,
        name: Option<&InstanceName>,
        region: Option<&Region>,
        edition: Option<&str>,
    ) -> Self {
        self.maybe("name", name)
            .maybe("region", region)
            .maybe("edition", edition)
    }
}

/// A word as it must be written to be read as one word.
pub fn quoted_if_needed(word: &str) -> String {
    let opens = |c: char| opens_quote(c) || is_dash(c);
    // A lone dash is standard input.
    let odd = word != "-" && word.starts_with(opens);
    if word.is_empty() || odd || word.contains(char::is_whitespace) {
        quoted(word)
    } else {
        word.to_owned()
    }
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}
