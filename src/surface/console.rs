//! The console: a prompt on a terminal, a command a line when piped.

use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::Arc;

use anstyle::{AnsiColor, Style};
use chrono_tz::Tz;
use tokio::runtime::Runtime;

use super::directive::{self, Directed};
use super::{file, json, prompt};
use crate::answer::{Answer, DirectiveError, Reply, UserError};
use crate::app::{Actor, Warden};
use crate::clock::Clock;
use crate::command::{self, Command, Import};
use crate::domain::authority::Deed;
use crate::domain::outcome::Outcome;
use crate::render::{self, Reader};
use crate::store::{StoreError, Totals};

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
    /// The bot.
    pub warden: Warden,
    /// Who speaks.
    pub actor: Actor,
    /// The clock that directives move; `None` outside the sandbox.
    pub sandbox: Option<Arc<Clock>>,
    /// How replies are written.
    pub format: Format,
    /// The zone of dates without one.
    pub vendor_zone: Tz,
    /// The zone instants are shown in.
    pub reader_zone: Tz,
    /// What the database is called in the greeting.
    pub database: String,
    /// Whether any line was invalid, or could not be answered because something is broken.
    pub any_failed: bool,
}

/// Where the lines come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Somebody types at a prompt.
    Terminal,
    /// A script or a file is piped in.
    Piped,
}

/// What happens after a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Go,
    Quit,
}

impl Input {
    /// As this process was started.
    pub fn detect() -> Self {
        if io::stdin().is_terminal() && io::stdout().is_terminal() {
            Self::Terminal
        } else {
            Self::Piped
        }
    }
}

impl Console {
    /// Runs until the input ends.
    ///
    /// # Errors
    /// When standard input or output fails, or the database cannot be read for the greeting.
    pub fn run(&mut self, runtime: &Runtime, input: Input) -> anyhow::Result<()> {
        if self.format == Format::Text {
            let totals = runtime.block_on(self.warden.totals(&self.actor.workspace))?;
            self.write(&self.greeting(totals, input))?;
        }
        match input {
            Input::Terminal => prompt::run(self, runtime),
            Input::Piped => self.run_piped(runtime),
        }
    }

    /// Takes facts from a file given on the process's own command line.
    ///
    /// # Errors
    /// When standard output fails.
    pub fn import_once(&mut self, runtime: &Runtime, request: &Import) -> io::Result<()> {
        let source = if request.file == "-" {
            file::read_from(io::stdin().lock())
        } else {
            file::read(&request.file, true)
        };
        let command = Command::Import(request.clone()).to_string();
        let reply = match source {
            Ok(source) => runtime.block_on(self.warden.import(&self.actor, request, &source)),
            Err(error) => self.warden.misunderstood(error),
        };
        self.show(&command, &reply)
    }

    fn greeting(&self, totals: Totals, input: Input) -> String {
        let Totals {
            instances,
            open_changes,
        } = totals;
        let next = match (instances, &self.sandbox) {
            (_, Some(_)) => {
                "Sandbox: everything is forgotten at the end. :as NAME ROLES says who speaks, :clock +8d moves the time, :quit ends."
            }
            (0, None) => {
                "Begin with `import FILE` or `instance add MQ_INST_… --name N --region R --edition standard|platinum`."
            }
            (_, None) => "`changes` shows what is open, `instance list` what is tracked.",
        };
        let leave = match (input, &self.sandbox) {
            (Input::Terminal, None) => " Ctrl-D ends.",
            (Input::Terminal, Some(_)) => " So does Ctrl-D.",
            (Input::Piped, _) => "",
        };
        format!(
            "edition-warden: it sees nothing in the vendor's console and blocks nothing there; it protects those who ask first.\nDatabase {}: {instances} {}, {open_changes} open {}.\n{next}{leave} `help` lists the verbs.",
            self.database,
            plural(instances, "instance"),
            plural(open_changes, "change"),
        )
    }

    fn run_piped(&mut self, runtime: &Runtime) -> anyhow::Result<()> {
        let mut input = io::stdin().lock();
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = input.read_until(b'\n', &mut line).map_err(|error| {
                anyhow::anyhow!("standard input cannot be read: {}", error.kind())
            })?;
            if read == 0 {
                return Ok(());
            }
            let after = match std::str::from_utf8(&line) {
                Ok(text) => self.say(runtime, text, Some(&mut input))?,
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
    }

    /// Handles one line. `rest` is what `import -` reads, where input is piped.
    pub(super) fn say(
        &mut self,
        runtime: &Runtime,
        line: &str,
        rest: Option<&mut dyn BufRead>,
    ) -> io::Result<After> {
        let line = bare(line);
        if line.is_empty() {
            return Ok(After::Go);
        }
        if line.starts_with(':') {
            return self.direct(line);
        }
        let reply = match command::parse_line(line) {
            Ok(Command::Import(request)) => self.import(runtime, &request, rest),
            Ok(command) => runtime.block_on(self.warden.handle(&self.actor, &command)),
            Err(error) => self.warden.misunderstood(UserError::Parse(error)),
        };
        self.show(line, &reply)?;
        Ok(After::Go)
    }

    fn import(&self, runtime: &Runtime, request: &Import, rest: Option<&mut dyn BufRead>) -> Reply {
        let source = match (request.file.as_str(), rest) {
            ("-", Some(rest)) => file::read_from(rest),
            ("-", None) => Err(UserError::NothingPiped),
            (path, _) => file::read(path, self.sandbox.is_none()),
        };
        match source {
            Ok(source) => runtime.block_on(self.warden.import(&self.actor, request, &source)),
            // Whoever may not import is told that, whatever is wrong with the file.
            Err(_) if !self.actor.may(Deed::Import) => {
                let command = Command::Import(request.clone());
                runtime.block_on(self.warden.handle(&self.actor, &command))
            }
            Err(error) => self.warden.misunderstood(error),
        }
    }

    fn direct(&mut self, line: &str) -> io::Result<After> {
        let followed = match &self.sandbox {
            Some(clock) => directive::follow(line, &mut self.actor, clock, self.vendor_zone),
            None => Err(UserError::Directive(DirectiveError::SandboxOnly)),
        };
        match followed {
            Ok(Directed::Go) => Ok(After::Go),
            Ok(Directed::Quit) => Ok(After::Quit),
            Err(error) => {
                let reply = self.warden.misunderstood(error);
                self.show(line, &reply)?;
                Ok(After::Go)
            }
        }
    }

    fn show(&mut self, line: &str, reply: &Reply) -> io::Result<()> {
        let broken = matches!(reply.answer, Answer::Broken { .. });
        self.any_failed |= broken || reply.outcome == Outcome::Invalid;
        let reader = Reader {
            zone: self.reader_zone,
            now: reply.at,
        };
        let text = render::reply(reply, &reader);
        match self.format {
            Format::Json => self.write(&json::reply(line, &self.actor.person, reply, &text)),
            Format::Text => self.write(&coloured(reply.outcome, &text)),
        }
    }

    fn write(&self, text: &str) -> io::Result<()> {
        // Colour only on a terminal, and never with NO_COLOR: the stream strips it otherwise.
        let mut out = anstream::stdout().lock();
        writeln!(out, "{text}")?;
        out.flush()
    }

    /// For completion: instances whose name or id begins so.
    pub(super) fn instances_like(
        &self,
        runtime: &Runtime,
        prefix: &str,
    ) -> Result<Vec<String>, StoreError> {
        runtime.block_on(self.warden.complete_instances(&self.actor, prefix))
    }

    /// For completion: the numbers of open changes.
    pub(super) fn open_changes(&self, runtime: &Runtime) -> Result<Vec<u64>, StoreError> {
        runtime.block_on(self.warden.complete_changes(&self.actor))
    }
}

/// A line without what frames it: blanks, its end, a byte order mark.
fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

fn plural(count: u64, word: &str) -> String {
    if count == 1 {
        word.to_owned()
    } else {
        format!("{word}s")
    }
}

/// The first line in the colour of the outcome.
fn coloured(outcome: Outcome, text: &str) -> String {
    let colour = match outcome {
        Outcome::Allowed | Outcome::Done => AnsiColor::Green,
        Outcome::Blocked | Outcome::Denied | Outcome::Invalid => AnsiColor::Red,
        Outcome::Inconclusive | Outcome::NeedsApproval => AnsiColor::Yellow,
        Outcome::AlreadyDone => AnsiColor::Cyan,
        Outcome::Info => return text.to_owned(),
    };
    let style = Style::new().fg_color(Some(colour.into()));
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let gap = if rest.is_empty() { "" } else { "\n" };
    format!("{style}{first}{style:#}{gap}{rest}")
}
