//! The prompt on a terminal: history, completion, Ctrl-D.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use etcetera::BaseStrategy;
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Context, Editor, Helper, Highlighter, Hinter, Validator};
use tokio::runtime::{Handle, Runtime};

use super::console::{After, Console};
use super::lines::Behind;
use crate::app::{Actor, Warden};
use crate::command::{self, Candidates, complete, quoted_if_needed};

/// How soon the next line of what is pasted comes.
const PASTED: Duration = Duration::from_millis(50);

/// Completion for one line; asks the database only for names that begin as typed.
#[derive(Helper, Hinter, Highlighter, Validator)]
struct Prompt {
    warden: Warden,
    actor: Actor,
    runtime: Handle,
}

impl Completer for Prompt {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        pos: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let completion = complete(line, pos);
        let words = match completion.kind {
            Candidates::Words(words) => words,
            Candidates::Instances(prefix) => {
                let named = self.warden.complete_instances(&self.actor, &prefix);
                self.runtime.block_on(named).unwrap_or_default()
            }
            Candidates::Changes(prefix) => {
                let open = self.warden.complete_changes(&self.actor);
                let open = self.runtime.block_on(open).unwrap_or_default();
                let hash = if prefix.starts_with('#') { "#" } else { "" };
                let all = open.into_iter().map(|number| format!("{hash}{number}"));
                all.filter(|number| number.starts_with(&prefix)).collect()
            }
        };
        let pairs = words.into_iter().map(|word| Pair {
            display: word.clone(),
            replacement: quoted_if_needed(&word) + " ",
        });
        Ok((completion.start, pairs.collect()))
    }
}

/// Reads lines at a prompt until Ctrl-D. Posts come above it.
pub(super) fn run(console: &mut Console, runtime: &Runtime) -> anyhow::Result<()> {
    let path = history_path();
    let config = Config::builder()
        .auto_add_history(true)
        .completion_type(CompletionType::List)
        .max_history_size(1_000)?
        .build();
    let mut editor = Editor::<Prompt, FileHistory>::with_config(config)?;
    editor.set_helper(Some(Prompt {
        warden: console.warden.clone(),
        actor: console.actor.clone(),
        runtime: runtime.handle().clone(),
    }));
    if let Some(path) = &path {
        // No history yet is no error.
        let _ = editor.load_history(path);
    }
    // A terminal that cannot do it gets its posts where the cursor is.
    if let Ok(printer) = editor.create_external_printer() {
        console.screen.post_above(Some(Box::new(printer)));
    }
    let ended = read_lines(&mut editor, console, runtime);
    console.screen.post_above(None);
    keep(editor.history_mut(), path);
    ended
}

/// What came of a line, and whose turn it is then.
type PromptResult = io::Result<(After, Actor)>;

/// Reads at the prompt while another thread answers. The prompt waits for each answer, but behind a notice: what is pasted
/// comes in lines where the terminal does not say that it is pasted.
fn read_lines(
    editor: &mut Editor<Prompt, FileHistory>,
    console: &mut Console,
    runtime: &Runtime,
) -> anyhow::Result<()> {
    let (say, said) = channel();
    let (answer, answered) = channel();
    thread::scope(|scope| {
        scope.spawn(move || Answering::new(console, runtime, said, answer).run());
        prompt(editor, &say, &answered)?;
        // Nothing more comes: a notice waits for no further line.
        drop(say);
        Ok(())
    })
}

fn prompt(
    editor: &mut Editor<Prompt, FileHistory>,
    say: &Sender<String>,
    answered: &Receiver<PromptResult>,
) -> anyhow::Result<()> {
    loop {
        match editor.readline("warden> ") {
            Ok(line) => {
                let told = say.send(line).is_ok();
                let Some(answer) = told.then(|| answered.recv().ok()).flatten() else {
                    return Ok(());
                };
                let (after, actor) = answer?;
                if after == After::Quit {
                    return Ok(());
                }
                // `:as` may have made it somebody else's turn.
                if let Some(prompt) = editor.helper_mut() {
                    prompt.actor = actor;
                }
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Anyone who answers lines that were read at the prompt.
struct Answering<'a> {
    console: &'a mut Console,
    runtime: &'a Runtime,
    said: Receiver<String>,
    answer: Sender<PromptResult>,
    /// Lines that came and are not answered yet.
    lines: VecDeque<String>,
    /// Whether the prompt waits.
    awaited: bool,
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
        }
    }

    fn run(mut self) {
        while let Ok(line) = self.said.recv() {
            self.awaited = true;
            match command::begun_notice(&line) {
                Some(begun) => self.lines.extend(pieces(begun)),
                None => self.lines.push_back(line),
            }
            while let Some(line) = self.lines.pop_front() {
                let line = match command::begun_notice(&line) {
                    Some(begun) => self.with_what_follows(begun.to_owned()),
                    None => line,
                };
                let screen = self.console.screen.clone();
                screen.above_prompt(!self.awaited);
                let after = self.console.say(self.runtime, &line, None);
                screen.above_prompt(false);
                if !matches!(after, Ok(After::Go)) {
                    return self.go_on(after);
                }
            }
            if self.awaited {
                self.go_on(Ok(After::Go));
            }
        }
    }

    /// The lines of a notice: all that come at once.
    fn with_what_follows(&mut self, first: String) -> String {
        let mut text = first;
        loop {
            match self.lines.front() {
                Some(more) => {
                    let behind = Behind::of(more);
                    if behind.is_said() {
                        text.push('\n');
                        text.push_str(more);
                    }
                    if behind.ends() {
                        return text;
                    }
                    self.lines.pop_front();
                }
                None => {
                    if self.awaited {
                        self.go_on(Ok(After::Go));
                    }
                    let Ok(more) = self.said.recv_timeout(PASTED) else {
                        return text;
                    };
                    self.awaited = true;
                    self.lines.extend(pieces(&more));
                }
            }
        }
    }

    /// Lets the prompt go on.
    fn go_on(&mut self, after: io::Result<After>) {
        let actor = self.console.actor.clone();
        // A prompt that is gone waits for nothing.
        let _ = self.answer.send(after.map(|after| (after, actor)));
        self.awaited = false;
    }
}

/// A terminal that says what is pasted gives all of it as one line.
fn pieces(line: &str) -> impl Iterator<Item = String> {
    line.split(['\n', '\r']).map(ToOwned::to_owned)
}

fn keep(history: &mut FileHistory, path: Option<PathBuf>) {
    let Some(path) = path else {
        return;
    };
    let made = path.parent().map(std::fs::create_dir_all);
    if let Some(Err(error)) = made {
        tracing::info!(error.kind = ?error.kind(), "the command history is not kept");
        return;
    }
    if let Err(error) = rustyline::history::History::save(history, &path) {
        tracing::info!(error = %error, "the command history is not kept");
    }
}

fn history_path() -> Option<PathBuf> {
    let dirs = etcetera::choose_base_strategy().ok()?;
    let base = dirs.state_dir().unwrap_or_else(|| dirs.data_dir());
    Some(base.join("edition-warden").join("history"))
}
