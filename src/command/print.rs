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
use crate::domain::instance::{Edition, InstanceOrder, PostExpirationAction};
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

fn words(command: &Command) -> CommandLine {
    match command {
        Command::Instance(command) => instance(command),
        Command::Action(it) => CommandLine::verb("action")
            .word(&it.instance)
            .word(it.action.as_str()),
        Command::Check(it) => CommandLine::verb("check")
            .word(it.intent.as_str())
            .word(&it.instance)
            .ack(it.ack),
        Command::Upgrade(it) => CommandLine::verb("upgrade").word(&it.instance),
        Command::Downgrade(it) => CommandLine::verb("downgrade")
            .word(&it.instance)
            .maybe("by", it.by.map(|route| route.as_str()))
            .ack(it.ack),
        Command::Unsubscribe(it) => CommandLine::verb("unsubscribe")
            .word(&it.instance)
            .ack(it.ack),
        Command::Next(it) => CommandLine::verb("next").word(&it.target).ack(it.ack),
        Command::Confirm(it) => confirm(it),
        Command::Reopen(it) => CommandLine::verb("reopen")
            .word(it.change)
            .word(it.step.as_str())
            .reason(&it.reason),
        Command::Fail(it) => CommandLine::verb("fail").word(it.change).reason(&it.reason),
        Command::Cancel(it) => CommandLine::verb("cancel")
            .word(it.change)
            .reason(&it.reason),
        Command::Approve(it) => CommandLine::verb("approve")
            .word(it.change)
            .maybe("seen", it.seen.map(PostExpirationAction::as_str))
            .maybe("request", it.request),
        Command::Reject(it) => CommandLine::verb("reject")
            .word(it.change)
            .reason(&it.reason)
            .maybe("request", it.request),
        Command::Revoke(it) => CommandLine::verb("revoke").word(it.change),
        Command::BreakGlass(it) => CommandLine::verb("break-glass")
            .word(it.change)
            .reason(&it.reason)
            .option("ticket", &it.ticket),
        Command::Ack(it) => match &it.what {
            AckTarget::Instance(instance) => CommandLine::verb("ack")
                .word(instance)
                .maybe("about", it.about),
            AckTarget::Notice(number) => CommandLine::verb("ack notice").word(number),
        },
        Command::Snooze(it) => CommandLine::verb("snooze")
            .word(&it.instance)
            .word(it.span)
            .maybe("about", it.about),
        Command::Reminders(it) => CommandLine::verb("reminders").word(&it.instance),
        Command::Todo(it) => CommandLine::verb("todo")
            .maybe("team", it.team.as_ref())
            .flag("mine", it.mine)
            .page(it.page),
        Command::Changes(it) => CommandLine::verb("changes")
            .flag("all", it.all)
            .flag("stuck", it.stuck)
            .maybe("team", it.team.as_ref())
            .page(it.page),
        Command::Change(it) => CommandLine::verb("change").word(it.change),
        Command::Why(it) => CommandLine::verb("why").word(&it.target),
        Command::Rules => CommandLine::verb("rules"),
        Command::Rule(it) => CommandLine::verb("rule").word(it.id.as_str()),
        Command::Import(given) => import(given),
        Command::Handover(it) => CommandLine::verb("handover")
            .word(&it.person)
            .maybe("to", it.to.as_ref())
            .maybe_reason(it.reason.as_ref()),
        Command::ImportUndo(it) => CommandLine::verb("import-undo").word(it.number),
        Command::Imports => CommandLine::verb("imports"),
        Command::Notice(it) => CommandLine::verb("notice").quoted(it.text.as_str()),
        Command::Notices(it) => it
            .instance
            .iter()
            .fold(CommandLine::verb("notices"), CommandLine::word)
            .page(it.page),
        Command::Suppressed(it) => CommandLine::verb("suppressed").option("since", it.since),
        Command::Wording(it) => CommandLine::verb("wording")
            .word(it.number)
            .word(it.what.as_str())
            .maybe("first", it.first.map(DateRole::as_str))
            .flag("alone", it.alone)
            .maybe_reason(it.reason.as_ref()),
        Command::Wordings => CommandLine::verb("wordings"),
        Command::Audit(it) => it
            .target
            .iter()
            .fold(CommandLine::verb("audit"), CommandLine::word)
            .maybe("since", it.since)
            .maybe("by", it.by.as_ref())
            .page(it.page),
        Command::Settings(SettingsCommand::Show) => CommandLine::verb("settings show"),
        Command::Settings(SettingsCommand::Set(command)) => settings::line(command),
        Command::Help(it) => it
            .verb
            .iter()
            .fold(CommandLine::verb("help"), CommandLine::word),
    }
}

fn confirm(it: &args::Confirm) -> CommandLine {
    let line = CommandLine::verb("confirm").word(it.change);
    let step = it.step.map(Step::as_str);
    step.iter()
        .fold(line, CommandLine::word)
        .maybe("expires", it.expires)
        .maybe("evidence", it.evidence.as_ref())
        .flag("outside", it.outside)
        .flag("yes-really", it.yes_really)
        .maybe_reason(it.reason.as_ref())
}

fn instance(command: &InstanceCommand) -> CommandLine {
    match command {
        InstanceCommand::Add(it) => {
            let line = CommandLine::verb("instance add").word(&it.id);
            let edition = Some(it.edition.as_str());
            let line = line.described(Some(&it.name), Some(&it.region), edition);
            facts::print(line, &it.facts)
        }
        InstanceCommand::Set(it) => {
            let edition = it.edition.map(|edition| known(edition, Edition::as_str));
            let line = CommandLine::verb("instance set").word(&it.instance);
            let line = line.described(it.name.as_ref(), it.region.as_ref(), edition);
            facts::print(line, &it.facts)
        }
        InstanceCommand::List(it) => CommandLine::verb("instance list")
            .maybe("edition", it.edition.map(Edition::as_str))
            .maybe("expiring", it.expiring)
            .maybe("action", known_list(&it.action))
            .maybe("team", it.team.as_ref())
            .maybe(
                "sort",
                (it.sort != InstanceOrder::Name).then_some(it.sort.as_str()),
            )
            .page(it.page),
        InstanceCommand::Show(it) => CommandLine::verb("instance show").word(&it.instance),
        InstanceCommand::Remove(it) => CommandLine::verb("instance remove")
            .word(&it.instance)
            .reason(&it.reason),
        InstanceCommand::Lost(it) => CommandLine::verb("instance lost")
            .word(&it.instance)
            .reason(&it.reason),
    }
}

fn import(given: &Import) -> CommandLine {
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
    CommandLine::verb("import")
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
pub(super) struct CommandLine(String);

impl CommandLine {
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
