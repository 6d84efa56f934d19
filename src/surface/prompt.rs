//! The prompt on a terminal: history, completion, Ctrl-D.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use etcetera::BaseStrategy;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};
use tokio::runtime::Runtime;

use super::completer::Prompt;
use super::console::{After, Console};
use super::directive;
use super::lines::Behind;
use crate::app::Actor;
use crate::command::{self, Command};
use crate::render;

/// The longest delay between lines of a paste.
const PASTED: Duration = Duration::from_millis(50);
/// The reason why a decision behind a notice is not carried out.
const BEHIND_NOTICE: &str =
    "what comes in one paste with a notice records nothing; type again what is meant";

/// Reads lines at a prompt until `exit` or Ctrl-D. Posts are printed above it.
pub(super) fn run(console: &mut Console, runtime: &Runtime) -> anyhow::Result<()> {
    let path = history_path(console.sandbox.is_some());
    let config = Config::builder()
        .auto_add_history(true)
        .completion_type(CompletionType::List)
        .max_history_size(1_000)?
        .build();
    let mut editor = Editor::<Prompt, FileHistory>::with_config(config)?;
    editor.set_helper(Some(Prompt::new(
        console.warden.clone(),
        console.actor.clone(),
        runtime.handle().clone(),
        console.sandbox.is_some(),
    )));
    if let Some(path) = &path {
        // A missing history is not an error.
        let _ = editor.load_history(path);
    }
    // On a terminal without support for it, posts are printed at the cursor.
    if let Ok(printer) = editor.create_external_printer() {
        console.screen.post_above(Some(Box::new(printer)));
    }
    let ended = read_lines(&mut editor, path.as_deref(), console, runtime);
    console.screen.post_above(None);
    ended
}

/// The result of a line, for the prompt.
struct Turn {
    after: After,
    /// Whether the next line is the answer to a question.
    asks: bool,
    actor: Actor,
    prompt: String,
}

type PromptResult = io::Result<Turn>;

impl Console {
    /// The prompt text: in the sandbox, the speaker and the time.
    fn prompt(&self) -> String {
        match &self.sandbox {
            _ if self.asks.is_some() => render::post::NAME_PROMPT.to_owned(),
            Some(clock) => {
                render::post::sandbox_prompt(&self.actor.person, self.reader_zone, clock.now())
            }
            None => render::post::PROMPT.to_owned(),
        }
    }
}

/// Reads at the prompt while another thread answers. The prompt waits for each answer, except after the start of a notice: a
/// terminal without bracketed paste delivers pasted text line by line.
fn read_lines(
    editor: &mut Editor<Prompt, FileHistory>,
    history: Option<&Path>,
    console: &mut Console,
    runtime: &Runtime,
) -> anyhow::Result<()> {
    let (say, said) = channel();
    let (answer, answered) = channel();
    let first = console.prompt();
    thread::scope(|scope| {
        scope.spawn(move || Answering::new(console, runtime, said, answer).run());
        prompt(editor, history, first, &say, &answered)?;
        // The input has ended, so a notice waits for no further line.
        drop(say);
        Ok(())
    })
}

fn prompt(
    editor: &mut Editor<Prompt, FileHistory>,
    history: Option<&Path>,
    mut shown: String,
    say: &Sender<String>,
    answered: &Receiver<PromptResult>,
) -> anyhow::Result<()> {
    let mut is_asked = false;
    loop {
        let read = match editor.readline(&shown) {
            // No answer is one too.
            Err(ReadlineError::Interrupted) if is_asked => Ok(String::new()),
            read => read,
        };
        match read {
            Ok(line) => {
                keep_history(editor.history_mut(), history);
                let told = say.send(line).is_ok();
                let Some(answer) = told.then(|| answered.recv().ok()).flatten() else {
                    return Ok(());
                };
                let turn = answer?;
                if turn.after == After::Quit {
                    return Ok(());
                }
                // `:as` may have changed the speaker.
                shown = turn.prompt;
                is_asked = turn.asks;
                if let Some(prompt) = editor.helper_mut() {
                    prompt.actor = turn.actor;
                }
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// The thread that answers lines from the prompt.
struct Answering<'a> {
    console: &'a mut Console,
    runtime: &'a Runtime,
    said: Receiver<String>,
    answer: Sender<PromptResult>,
    /// Lines that are not answered yet.
    lines: VecDeque<String>,
    /// Whether the prompt is waiting for the answer.
    awaited: bool,
    /// Whether a notice was among the lines of this paste.
    behind_notice: bool,
}

impl<'a> Answering<'a> {
    fn new(
        console: &'a mut Console,
        runtime: &'a Runtime,
        said: Receiver<String>,
        answer: Sender<PromptResult>,
    ) -> Self {
        Self {
            console,
            runtime,
            said,
            answer,
            lines: VecDeque::new(),
            awaited: false,
            behind_notice: false,
        }
    }

    fn run(mut self) {
        while let Ok(line) = self.said.recv() {
            self.awaited = true;
            self.behind_notice = false;
            self.lines.extend(pieces(&line));
            let several = self.lines.len() > 1;
            while let Some(line) = self.lines.pop_front() {
                let line = match command::begun_notice(&line) {
                    Some(begun) => self.with_what_follows(begun.to_owned()),
                    None if self.behind_notice && decides(&line) => {
                        self.lines.push_front(line);
                        if let Err(error) = self.leave_the_rest(BEHIND_NOTICE) {
                            return self.go_on(Err(error));
                        }
                        break;
                    }
                    None => line,
                };
                let after = self.answer_line(&line, several);
                match after {
                    Ok(After::Go) => {}
                    Ok(After::Refused) => {
                        if let Err(error) = self.leave_the_rest("the line before was refused") {
                            return self.go_on(Err(error));
                        }
                    }
                    Ok(After::Asks) => {
                        if let Err(error) = self.leave_the_rest("the line before asks a question") {
                            return self.go_on(Err(error));
                        }
                    }
                    Ok(After::Quit) => {
                        let told = self.leave_the_rest("the line before ended the prompt");
                        return self.go_on(told.and(after));
                    }
                    Err(_) => return self.go_on(after),
                }
            }
            if self.awaited {
                self.go_on(Ok(After::Go));
            }
        }
    }

    /// Answers a line; one of several pasted lines is repeated before its answer.
    fn answer_line(&mut self, line: &str, of_several: bool) -> io::Result<After> {
        let screen = self.console.screen.clone();
        screen.above_prompt(!self.awaited);
        if of_several && !line.trim().is_empty() {
            screen.write(&format!("{}{line}", self.console.prompt()))?;
        }
        screen.more_is_pasted(self.lines.iter().any(|line| !line.trim().is_empty()));
        let after = self.console.run_line(self.runtime, line, None);
        screen.above_prompt(false);
        screen.more_is_pasted(false);
        after
    }

    /// Lists the lines pasted after one that was refused, on which they probably depend, or that ended the prompt, without
    /// running them.
    fn leave_the_rest(&mut self, because: &str) -> io::Result<()> {
        let rest: Vec<String> = self.lines.drain(..).collect();
        let rest: Vec<&str> = rest.iter().map(|line| line.trim()).collect();
        let Some(told) = render::post::not_run(&rest, because) else {
            return Ok(());
        };
        let screen = &self.console.screen;
        screen.above_prompt(!self.awaited);
        let told = screen.tell_reader(&told);
        screen.above_prompt(false);
        told
    }

    /// The lines of a notice: all that arrive together, up to a command. A decision ends no notice: it may be
    /// part of the text, so it is kept there, and reported in its turn.
    fn with_what_follows(&mut self, first: String) -> String {
        self.behind_notice = true;
        self.await_the_rest();
        let mut text = first;
        // The lines before this index are handled as commands too.
        let mut at = 0;
        while let Some(more) = self.lines.get(at) {
            let is_meant = |command: &Command| self.console.is_meant(self.runtime, command);
            let mut behind = Behind::of(more, &is_meant);
            if behind == Behind::Word {
                let mut next = self
                    .lines
                    .iter()
                    .skip(at + 1)
                    .filter(|line| !line.trim().is_empty());
                let next = next.find(|line| Behind::of(line, &is_meant) != Behind::Word);
                let is_text =
                    next.is_some_and(|line| Behind::of(line, &is_meant) != Behind::Command);
                behind = if is_text {
                    Behind::Notice
                } else {
                    Behind::Command
                };
            }
            if behind == Behind::Command && !decides(more) {
                break;
            }
            text.push('\n');
            text.push_str(more);
            match behind {
                Behind::Notice => drop(self.lines.remove(at)),
                Behind::Either | Behind::Command | Behind::Word => at += 1,
            }
        }
        text
    }

    /// Waits for the rest of a paste whose lines arrive one by one, up to one that ends the prompt, which must not be asked for another.
    fn await_the_rest(&mut self) {
        let mut seen = 0;
        loop {
            let mut new = self.lines.iter().skip(seen);
            if new.any(|line| command::leaves(line) || directive::quits(line)) {
                return;
            }
            seen = self.lines.len();
            if self.awaited {
                self.go_on(Ok(After::Go));
            }
            let Ok(more) = self.said.recv_timeout(PASTED) else {
                return;
            };
            self.awaited = true;
            self.lines.extend(pieces(&more));
        }
    }

    /// Unblocks the prompt.
    fn go_on(&mut self, after: io::Result<After>) {
        let turn = after.map(|after| Turn {
            after,
            asks: self.console.asks.is_some(),
            actor: self.console.actor.clone(),
            prompt: self.console.prompt(),
        });
        // The prompt may have ended.
        let _ = self.answer.send(turn);
        self.awaited = false;
    }
}

/// Whether a line is a command that records something, and no notice.
fn decides(line: &str) -> bool {
    let records = |command: Command| !command.only_reads();
    command::begun_notice(line).is_none() && command::parse_line(line).is_ok_and(records)
}

/// The lines of a bracketed paste, which arrives as one.
fn pieces(line: &str) -> impl Iterator<Item = String> {
    line.split(['\n', '\r']).map(ToOwned::to_owned)
}

/// Adds the new lines to the file at once: another prompt may do the same, and a signal may end this one.
fn keep_history(history: &mut FileHistory, path: Option<&Path>) {
    let Some(path) = path else {
        return;
    };
    let made = path.parent().map(std::fs::create_dir_all);
    if let Some(Err(error)) = made {
        tracing::info!(error.kind = %error.kind(), "the command history is not kept");
        return;
    }
    if let Err(error) = rustyline::history::History::append(history, path) {
        tracing::info!(error = %error, "the command history is not kept");
    }
}

/// The history file. The sandbox has one of its own.
fn history_path(sandbox: bool) -> Option<PathBuf> {
    let file = if sandbox {
        "history-sandbox"
    } else {
        "history"
    };
    let dirs = etcetera::choose_base_strategy().ok()?;
    let base = dirs.state_dir().unwrap_or_else(|| dirs.data_dir());
    Some(base.join("edition-warden").join(file))
}
