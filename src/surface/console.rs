//! The console: a prompt on a terminal, or one command per line when piped.

use std::io::{self, BufRead, IsTerminal};
use std::mem;
use std::path::Path;
use std::sync::Arc;

use chrono_tz::Tz;
use tokio::runtime::Runtime;

use super::cli::Cli;
use super::directive::{self, Directed};
use super::lines::InputLines;
use super::{Screen, file, greeting, json, prompt, stop};
use crate::answer::{Answer, DirectiveError, Reply, UserError, Withheld};
use crate::app::{Actor, CarriedOut, ImportSource, Incoming, LOCAL_WORKSPACE, Permits, Warden};
use crate::clock::Clock;
use crate::command::{self, Command, Import, ParseError};
use crate::delivery::Delivery;
use crate::domain::Timestamp;
use crate::domain::authority::Permission;
use crate::domain::outcome::Outcome;
use crate::inbox;
use crate::listing;
use crate::render::{self, Reader};

/// The most scheduled items that a single command line carries out.
const DUE_AT_ONCE: u32 = 32;

/// How replies are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For scripts: one JSON object a line, and nothing else on standard output.
    Json,
}

/// A session at the console.
pub struct Console {
    pub warden: Warden,
    /// The person who speaks.
    pub actor: Actor,
    /// The clock that directives move; `None` outside the sandbox.
    pub sandbox: Option<Arc<Clock>>,
    pub screen: Screen,
    /// The delivery of posts to the screen.
    pub delivery: Delivery<Screen>,
    /// The zone of dates without a zone.
    pub vendor_zone: Tz,
    /// The zone in which times are shown.
    pub reader_zone: Tz,
    /// The name of the database in the greeting.
    pub database: String,
    /// The line that asks for a permit, while the name of its instance is asked for.
    pub asks: Option<String>,
    /// Whether any line was invalid, or could not be answered because of an error.
    pub any_failed: bool,
}

/// The source of the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// A person at a prompt.
    Terminal,
    /// A script or file on standard input.
    Piped,
}

/// The effect of a line, besides its reply.
enum LineEffect {
    Go,
    Refused,
    Asks,
    Travel(Timestamp),
    Quit,
}

/// The continuation after a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Go,
    /// The line was refused, so lines pasted after it are not run.
    Refused,
    /// The line is answered by a question, and lines pasted after it are no answer.
    Asks,
    Quit,
}

impl Input {
    /// The input of this process.
    pub fn detect() -> Self {
        if io::stdin().is_terminal() && io::stdout().is_terminal() {
            Self::Terminal
        } else {
            Self::Piped
        }
    }
}

impl Console {
    /// Runs until the input ends, and delivers due posts meanwhile.
    ///
    /// # Errors
    /// When standard input or output fails, or the database cannot be read for the greeting.
    pub fn run(&mut self, runtime: &Runtime, input: Input) -> anyhow::Result<()> {
        let ended = self.converse(runtime, input);
        if let Err(error) = runtime.block_on(self.delivery.stop()) {
            tracing::error!(error = %crate::trace::causes(&error), "the next start posts what is left");
        }
        ended
    }

    fn converse(&mut self, runtime: &Runtime, input: Input) -> anyhow::Result<()> {
        self.greet(runtime, input)?;
        if self.sandbox.is_none() {
            let announced = self.warden.announce_policy(&self.actor.workspace);
            if let Err(error) = runtime.block_on(announced) {
                tracing::warn!(error = %crate::trace::causes(&error), "a change of the policy is announced at the next start");
            }
        }
        if input == Input::Terminal {
            self.screen.opens();
        }
        self.pass(runtime);
        self.screen.opened()?;
        // The sandbox's time stands still between lines.
        if self.sandbox.is_none() {
            let delivery = self.delivery.clone();
            runtime.spawn(async move { delivery.run().await });
        }
        match input {
            Input::Terminal => {
                let ended = prompt::run(self, runtime);
                // Who typed has read each refusal: only lines of a script are in the status.
                self.any_failed = false;
                ended
            }
            Input::Piped => self.run_piped(runtime),
        }
    }

    fn greet(&self, runtime: &Runtime, input: Input) -> anyhow::Result<()> {
        let begun = runtime.block_on(self.delivery.begin());
        if let Err(error) = &begun {
            tracing::warn!(error = %error, "nothing is posted until the database can be written to");
        }
        let elsewhere = matches!(begun, Ok(false));
        if self.screen.format() == Format::Json {
            if elsewhere {
                tracing::warn!("{}", render::post::ELSEWHERE);
            }
            return Ok(());
        }
        let totals = runtime.block_on(self.warden.totals(&self.actor.workspace))?;
        let sandbox = self.sandbox.is_some();
        let greeting = greeting::text(&self.database, totals, input, sandbox);
        self.screen.tell_reader(&greeting)?;
        if elsewhere {
            self.screen.tell_reader(render::post::ELSEWHERE)?;
        }
        Ok(())
    }

    /// Delivers due posts.
    fn pass(&self, runtime: &Runtime) {
        if let Err(error) = runtime.block_on(self.delivery.pass()) {
            tracing::error!(error = %crate::trace::causes(&error), "what is due is posted later");
        }
    }

    fn travel(&self, runtime: &Runtime, to: Timestamp) {
        let Some(clock) = &self.sandbox else {
            return;
        };
        if let Err(error) = runtime.block_on(self.delivery.travel(clock, to)) {
            tracing::error!(error = %crate::trace::causes(&error), "what is due is posted later");
        }
    }

    /// Imports a file named on the command line.
    ///
    /// # Errors
    /// When standard output fails.
    pub fn import_once(
        &mut self,
        runtime: &Runtime,
        request: &Import,
        source: Result<ImportSource, UserError>,
    ) -> io::Result<()> {
        let command = Command::Import(request.clone()).to_string();
        let reply = match source {
            Ok(source) => runtime.block_on(self.warden.import(&self.actor, request, &source)),
            Err(error) => self.warden.misunderstood(error),
        };
        self.show(&command, &reply)?;
        if !request.dry_run {
            runtime.block_on(self.carry_out_due());
        }
        Ok(())
    }

    /// Takes the notices of the files given on the command line, each an e-mail or a text. Where a word is no file beside others that
    /// are, none is taken. Returns whether the database took part in all of it.
    ///
    /// # Errors
    /// When standard output fails.
    pub fn notices_once(&mut self, runtime: &Runtime, paths: &[String]) -> io::Result<bool> {
        if let [_, _, ..] = paths
            && let Some(error) = file::all_files(paths)
        {
            let reply = self.warden.misunderstood(error);
            self.show(&format!("notice {}", paths.join(" ")), &reply)?;
            return Ok(true);
        }
        let mut outcomes = Vec::new();
        let mut all_heard = true;
        for path in paths {
            let reply = self.notice_once(runtime, path)?;
            all_heard &= !reply.is_broken();
            outcomes.push(reply.outcome);
        }
        if let ([_, _, ..], Format::Text) = (outcomes.as_slice(), self.screen.format()) {
            self.screen
                .tell_reader(&render::notice::of_files(&outcomes))?;
        }
        Ok(all_heard)
    }

    fn notice_once(&mut self, runtime: &Runtime, path: &str) -> io::Result<Reply> {
        let reply = match file::read_notice(path) {
            Ok(bytes) if listing::is_listing(&bytes, self.warden.now(), self.vendor_zone) => self
                .warden
                .misunderstood(UserError::ListingAsNotice(path.to_owned())),
            Ok(bytes) => {
                let incoming = Incoming::mails(inbox::read(&bytes), "mail");
                runtime.block_on(self.warden.take_notices(&self.actor, &incoming))
            }
            Err(error) => self.warden.misunderstood(error),
        };
        self.show(&format!("notice {path}"), &reply)?;
        runtime.block_on(self.carry_out_due());
        Ok(reply)
    }

    /// Runs one line given on the command line.
    ///
    /// # Errors
    /// When standard output fails.
    pub fn say_once(&mut self, runtime: &Runtime, words: &[String]) -> io::Result<()> {
        let line = command::line_of(words);
        let (reply, decides) = match command::parse_line(&line) {
            Ok(command) => {
                let reply = self.handle(runtime, &command, Some(&mut io::stdin().lock()));
                (reply, !command.only_reads())
            }
            Err(error) => (self.misread(runtime, &line, error), false),
        };
        // At a question Ctrl-C ends the program.
        if !asks_for_name(&reply) {
            let _context = runtime.enter();
            stop::leave_interrupts_to_the_pager();
        }
        self.show(&line, &reply)?;
        if asks_for_name(&reply) {
            self.screen.write_question(render::post::NAME_PROMPT)?;
            let mut typed = String::new();
            io::stdin().read_line(&mut typed)?;
            self.give_named(runtime, &line, bare(&typed))?;
        }
        if decides {
            runtime.block_on(self.carry_out_due());
        }
        Ok(())
    }

    /// Does the work that a decision has scheduled for now, such as judging notices by a new fact, so that the next line sees it.
    /// Resulting posts are sent by the process that delivers.
    async fn carry_out_due(&self) {
        let mut so_far = CarriedOut::default();
        for _ in 0..DUE_AT_ONCE {
            let (own, now) = (&self.actor.workspace, self.warden.now());
            match self.warden.carry_out_due(own, now, &mut so_far).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!(error = %crate::trace::causes(&error), "what is due could not be carried out; the next process that delivers does it");
                    return;
                }
            }
        }
    }

    /// Whether a command behind a notice names what is there. What cannot be looked up belongs to the notice as well.
    pub(super) fn is_meant(&self, runtime: &Runtime, command: &Command) -> bool {
        if let Command::Import(import) = command {
            return import.file == "-" || Path::new(&import.file).exists();
        }
        let meant = runtime.block_on(self.warden.is_meant(&self.actor, command));
        meant.unwrap_or_else(|error| {
            tracing::warn!(error = %crate::trace::causes(&error), "what a line names cannot be looked up");
            false
        })
    }

    fn run_piped(&mut self, runtime: &Runtime) -> anyhow::Result<()> {
        let failed =
            |error: io::Error| anyhow::anyhow!("standard input cannot be read: {}", error.kind());
        let mut input = InputLines::of_input();
        while let Some(line) = input.next().map_err(failed)? {
            let after = match std::str::from_utf8(&line) {
                Ok(text) => match command::begun_notice(text) {
                    Some(begun) => {
                        let is_meant = |command: &Command| self.is_meant(runtime, command);
                        let text = input.rest_of_notice(begun, &is_meant).map_err(failed)?;
                        self.run_line(runtime, &text, None)?
                    }
                    None => self.run_line(runtime, text, Some(&mut input))?,
                },
                Err(_) => {
                    let reply = self.warden.misunderstood(UserError::NotText);
                    self.show(bare(&String::from_utf8_lossy(&line)), &reply)?;
                    After::Go
                }
            };
            if after == After::Quit {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Handles one line and delivers resulting posts. `rest` is the input of `import -`, when input is piped.
    pub(super) fn run_line(
        &mut self,
        runtime: &Runtime,
        line: &str,
        rest: Option<&mut dyn BufRead>,
    ) -> io::Result<After> {
        let screen = self.screen.clone();
        let _line = runtime.block_on(screen.line());
        let replying = runtime.block_on(screen.reply());
        let then = self.answer(runtime, bare(line), rest)?;
        drop(replying);
        match then {
            LineEffect::Quit => return Ok(After::Quit),
            LineEffect::Refused => {
                self.pass(runtime);
                return Ok(After::Refused);
            }
            LineEffect::Asks => return Ok(After::Asks),
            LineEffect::Go => self.pass(runtime),
            LineEffect::Travel(to) => self.travel(runtime, to),
        }
        Ok(After::Go)
    }

    fn answer(
        &mut self,
        runtime: &Runtime,
        line: &str,
        rest: Option<&mut dyn BufRead>,
    ) -> io::Result<LineEffect> {
        if let Some(asked) = self.asks.take() {
            return self.give_named(runtime, &asked, line);
        }
        if line.is_empty() {
            return Ok(LineEffect::Go);
        }
        if command::leaves(line) {
            return Ok(LineEffect::Quit);
        }
        let directive = command::unprompted(line);
        if directive.starts_with(directive::MARKS) {
            return self.direct(directive);
        }
        let reply = if let Some(text) = command::long_notice(line) {
            // Pasted text may be longer than a command, and is not lost for that.
            let incoming = Incoming::said(&self.actor, text);
            runtime.block_on(self.warden.take_notices(&self.actor, &incoming))
        } else {
            match command::parse_line(line) {
                Ok(Command::Import(request)) => self.import(runtime, &request, rest),
                Ok(command) => self.handle(runtime, &command, rest),
                Err(error) => self.misread(runtime, line, error),
            }
        };
        self.show(line, &reply)?;
        if asks_for_name(&reply) {
            self.asks = Some(line.to_owned());
            return Ok(LineEffect::Asks);
        }
        Ok(effect_of(&reply))
    }

    /// Answers a line that asks for a permit once more, with what was typed as the name of its instance.
    fn give_named(
        &mut self,
        runtime: &Runtime,
        asked: &str,
        typed: &str,
    ) -> io::Result<LineEffect> {
        let before = mem::replace(&mut self.actor.permits, Permits::Named(Some(typed.into())));
        let reply = match command::parse_line(asked) {
            Ok(command) => self.handle(runtime, &command, None),
            Err(error) => self.misread(runtime, asked, error),
        };
        self.actor.permits = before;
        self.show(asked, &reply)?;
        Ok(effect_of(&reply))
    }

    fn misread(&self, runtime: &Runtime, line: &str, error: ParseError) -> Reply {
        let is_unknown = matches!(error, ParseError::UnknownVerb { .. });
        let for_shell = is_unknown.then(|| Cli::subcommand_of(line)).flatten();
        let error = for_shell.map_or(error, ParseError::InShell);
        runtime.block_on(self.warden.misread(&self.actor, line, error))
    }

    fn handle(
        &self,
        runtime: &Runtime,
        command: &Command,
        rest: Option<&mut dyn BufRead>,
    ) -> Reply {
        if let Command::Notice(notice) = command
            && file::is_there(notice.text.as_str())
        {
            let name = notice.text.to_string();
            return self.warden.misunderstood(UserError::FileAsNotice(name));
        }
        let named = self.warden.file_of_names(&self.actor, command);
        let Some(path) = runtime.block_on(named) else {
            return runtime.block_on(self.warden.handle(&self.actor, command));
        };
        let read = source(&path, rest, false);
        let text =
            read.and_then(|source| String::from_utf8(source.bytes).map_err(|_| UserError::NotText));
        match text {
            Ok(text) => runtime.block_on(self.warden.handle_named(&self.actor, command, &text)),
            Err(error) => self.warden.misunderstood(error),
        }
    }

    fn import(&self, runtime: &Runtime, request: &Import, rest: Option<&mut dyn BufRead>) -> Reply {
        match source(&request.file, rest, self.sandbox.is_none()) {
            Ok(source) => runtime.block_on(self.warden.import(&self.actor, request, &source)),
            // A person without the permission is told so, whatever the state of the file.
            Err(_) if !self.actor.may(Permission::Import) => {
                let command = Command::Import(request.clone());
                runtime.block_on(self.warden.handle(&self.actor, &command))
            }
            Err(error) => self.warden.misunderstood(error),
        }
    }

    fn direct(&mut self, line: &str) -> io::Result<LineEffect> {
        let followed = match &self.sandbox {
            Some(clock) => {
                directive::follow_directive(line, &mut self.actor, clock, self.vendor_zone)
            }
            None => Err(UserError::Directive(DirectiveError::SandboxOnly)),
        };
        match followed {
            Ok(Directed::Go) => Ok(LineEffect::Go),
            Ok(Directed::Travel(to)) => Ok(LineEffect::Travel(to)),
            Ok(Directed::Quit) => Ok(LineEffect::Quit),
            Err(error) => {
                let reply = self.warden.misunderstood(error);
                self.show(line, &reply)?;
                Ok(LineEffect::Refused)
            }
        }
    }

    /// Whether nobody else is there: the sandbox plays a team, and a server has its people.
    fn is_alone(&self) -> bool {
        self.sandbox.is_none() && self.actor.workspace.as_str() == LOCAL_WORKSPACE
    }

    fn show(&mut self, line: &str, reply: &Reply) -> io::Result<()> {
        self.any_failed |= reply.is_broken() || reply.outcome == Outcome::Invalid;
        let reader = Reader {
            columns: self.screen.columns(),
            is_alone: self.is_alone(),
            ..Reader::new(self.reader_zone, reply.at)
        };
        let text = render::reply(reply, &reader);
        match self.screen.format() {
            // A quiet import without findings.
            Format::Text if text.is_empty() => Ok(()),
            Format::Json => {
                let line = json::reply(line, &self.actor.person, reply, &text);
                self.screen.write(&line)
            }
            Format::Text => self.screen.write_reply(reply.outcome, &text),
        }
    }
}

/// Reads the file that is named on the command line, or `-` for standard input.
///
/// # Errors
/// [`UserError`] for a file that cannot be read.
pub fn read_import(path: &str) -> Result<ImportSource, UserError> {
    match path {
        "-" => file::read_from(io::stdin().lock()),
        path => file::read(path, true),
    }
}

/// Reads a file, or `-` for the rest of what is piped; with `dated`, its modification time dates the facts.
fn source(
    path: &str,
    rest: Option<&mut dyn BufRead>,
    dated: bool,
) -> Result<ImportSource, UserError> {
    match (path, rest) {
        ("-", Some(rest)) => file::read_from(rest),
        ("-", None) => Err(UserError::NothingPiped),
        (path, _) => file::read(path, dated),
    }
}

/// Whether a permit is given once the name of its instance is typed.
const fn asks_for_name(reply: &Reply) -> bool {
    matches!(
        &reply.answer,
        Answer::Withheld {
            why: Withheld::NotNamed,
            ..
        }
    )
}

/// Whether lines pasted after this reply may depend on it.
fn effect_of(reply: &Reply) -> LineEffect {
    match reply.outcome {
        _ if reply.is_broken() => LineEffect::Refused,
        Outcome::Blocked | Outcome::Denied | Outcome::Invalid | Outcome::Inconclusive => {
            LineEffect::Refused
        }
        Outcome::Allowed
        | Outcome::Done
        | Outcome::NeedsApproval
        | Outcome::Raised
        | Outcome::AlreadyDone
        | Outcome::Suppressed
        | Outcome::Duplicate
        | Outcome::Info => LineEffect::Go,
    }
}

/// A line without surrounding blanks, line break and byte order mark.
fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}
