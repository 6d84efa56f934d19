//! A command's canonical text: what [`super::parse_line`] reads back as the same command.

mod settings;

use std::fmt::{self, Display};

use super::tree::Verb;
use super::value::UNKNOWN;
use super::words::{is_dash, opens_quote};
use super::{
    Ack, AckTarget, Command, Import, InstanceCommand, OrUnknown, Reason, SettingsCommand, args,
    facts,
};
use crate::domain::change::Step;
use crate::domain::id::{InstanceName, Region};
use crate::domain::instance::{Edition, PostExpirationAction};
use crate::domain::notice::DateRole;

impl Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&words(self).0)
    }
}

impl Command {
    /// The words of its verb, such as `instance add`.
    pub fn verb(&self) -> String {
        Verb::of(&self.to_string()).path.join(" ")
    }
}

fn words(command: &Command) -> Line {
    match command {
        Command::Instance(command) => instance(command),
        Command::Action(it) => Line::verb("action")
            .word(&it.instance)
            .word(it.action.as_str()),
        Command::Check(it) => Line::verb("check")
            .word(it.intent.as_str())
            .word(&it.instance)
            .ack(it.ack),
        Command::Upgrade(it) => Line::verb("upgrade").word(&it.instance),
        Command::Downgrade(it) => Line::verb("downgrade")
            .word(&it.instance)
            .maybe("by", it.by.map(|route| route.as_str()))
            .ack(it.ack),
        Command::Unsubscribe(it) => Line::verb("unsubscribe").word(&it.instance).ack(it.ack),
        Command::Next(it) => Line::verb("next").word(&it.target).ack(it.ack),
        Command::Confirm(it) => confirm(it),
        Command::Reopen(it) => Line::verb("reopen")
            .word(it.change)
            .word(it.step.as_str())
            .reason(&it.reason),
        Command::Fail(it) => Line::verb("fail").word(it.change).reason(&it.reason),
        Command::Cancel(it) => Line::verb("cancel").word(it.change).reason(&it.reason),
        Command::Approve(it) => Line::verb("approve")
            .word(it.change)
            .maybe("seen", it.seen.map(PostExpirationAction::as_str))
            .maybe("request", it.request),
        Command::Reject(it) => Line::verb("reject")
            .word(it.change)
            .reason(&it.reason)
            .maybe("request", it.request),
        Command::Revoke(it) => Line::verb("revoke").word(it.change),
        Command::BreakGlass(it) => Line::verb("break-glass")
            .word(it.change)
            .reason(&it.reason)
            .option("ticket", &it.ticket),
        Command::Ack(it) => match &it.what {
            AckTarget::Instance(instance) => {
                Line::verb("ack").word(instance).maybe("about", it.about)
            }
            AckTarget::Notice(number) => Line::verb("ack notice").word(number),
        },
        Command::Snooze(it) => Line::verb("snooze")
            .word(&it.instance)
            .word(it.span)
            .maybe("about", it.about),
        Command::Reminders(it) => Line::verb("reminders").word(&it.instance),
        Command::Todo(it) => Line::verb("todo")
            .maybe("team", it.team.as_ref())
            .flag("mine", it.mine)
            .page(it.page),
        Command::Changes(it) => Line::verb("changes").flag("all", it.all).page(it.page),
        Command::Change(it) => Line::verb("change").word(it.change),
        Command::Why(it) => Line::verb("why").word(&it.target),
        Command::Rules => Line::verb("rules"),
        Command::Rule(it) => Line::verb("rule").word(it.id.as_str()),
        Command::Import(given) => import(given),
        Command::ImportUndo(it) => Line::verb("import-undo").word(it.number),
        Command::Imports => Line::verb("imports"),
        Command::Notice(it) => Line::verb("notice").quoted(it.text.as_str()),
        Command::Notices(it) => it
            .instance
            .iter()
            .fold(Line::verb("notices"), Line::word)
            .page(it.page),
        Command::Suppressed(it) => Line::verb("suppressed").option("since", it.since),
        Command::Wording(it) => Line::verb("wording")
            .word(it.number)
            .word(it.what.as_str())
            .maybe("first", it.first.map(DateRole::as_str))
            .flag("alone", it.alone)
            .maybe_reason(it.reason.as_ref()),
        Command::Wordings => Line::verb("wordings"),
        Command::Audit(it) => it
            .target
            .iter()
            .fold(Line::verb("audit"), Line::word)
            .maybe("since", it.since)
            .maybe("by", it.by.as_ref())
            .page(it.page),
        Command::Settings(SettingsCommand::Show) => Line::verb("settings show"),
        Command::Settings(SettingsCommand::Set(command)) => settings::line(command),
        Command::Help(it) => it.verb.iter().fold(Line::verb("help"), Line::word),
    }
}

fn confirm(it: &args::Confirm) -> Line {
    let line = Line::verb("confirm").word(it.change);
    let step = it.step.map(Step::as_str);
    step.iter()
        .fold(line, Line::word)
        .maybe("expires", it.expires)
        .maybe("evidence", it.evidence.as_ref())
        .flag("outside", it.outside)
        .flag("yes-really", it.yes_really)
        .maybe_reason(it.reason.as_ref())
}

fn instance(command: &InstanceCommand) -> Line {
    match command {
        InstanceCommand::Add(it) => {
            let line = Line::verb("instance add").word(&it.id);
            let edition = Some(it.edition.as_str());
            let line = line.described(Some(&it.name), Some(&it.region), edition);
            facts::print(line, &it.facts)
        }
        InstanceCommand::Set(it) => {
            let edition = it.edition.map(|edition| known(edition, Edition::as_str));
            let line = Line::verb("instance set").word(&it.instance);
            let line = line.described(it.name.as_ref(), it.region.as_ref(), edition);
            facts::print(line, &it.facts)
        }
        InstanceCommand::List(it) => Line::verb("instance list")
            .maybe("edition", it.edition.map(Edition::as_str))
            .maybe("expiring", it.expiring)
            .maybe("action", known_list(&it.action))
            .maybe("team", it.team.as_ref())
            .page(it.page),
        InstanceCommand::Show(it) => Line::verb("instance show").word(&it.instance),
        InstanceCommand::Remove(it) => Line::verb("instance remove")
            .word(&it.instance)
            .reason(&it.reason),
        InstanceCommand::Lost(it) => Line::verb("instance lost")
            .word(&it.instance)
            .reason(&it.reason),
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
