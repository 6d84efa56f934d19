//! The prompt on a terminal: history, completion, Ctrl-D.

use std::path::PathBuf;

use etcetera::BaseStrategy;
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Context, Editor, Helper, Highlighter, Hinter, Validator};
use tokio::runtime::{Handle, Runtime};

use super::console::{After, Console};
use crate::app::{Actor, Warden};
use crate::command::{Candidates, complete, quoted_if_needed};

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

fn read_lines(
    editor: &mut Editor<Prompt, FileHistory>,
    console: &mut Console,
    runtime: &Runtime,
) -> anyhow::Result<()> {
    loop {
        match editor.readline("warden> ") {
            Ok(line) => {
                if console.say(runtime, &line, None)? == After::Quit {
                    return Ok(());
                }
                // `:as` may have made it somebody else's turn.
                if let Some(prompt) = editor.helper_mut() {
                    prompt.actor = console.actor.clone();
                }
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
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
