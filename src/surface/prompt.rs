//! The prompt on a terminal: history, completion, Ctrl-D.

use std::path::PathBuf;

use etcetera::BaseStrategy;
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Context, Editor, Helper, Highlighter, Hinter, Validator};
use tokio::runtime::Runtime;

use super::console::{After, Console};
use crate::command::{Candidates, complete, quoted_if_needed};

/// Completion for one line; asks the database only for names that begin as typed.
#[derive(Helper, Hinter, Highlighter, Validator)]
struct Prompt<'a> {
    console: &'a Console,
    runtime: &'a Runtime,
}

impl Completer for Prompt<'_> {
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
            Candidates::Instances(prefix) => self
                .console
                .instances_like(self.runtime, &prefix)
                .unwrap_or_default(),
            Candidates::Changes(prefix) => {
                let open = self.console.open_changes(self.runtime).unwrap_or_default();
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

/// Reads lines at a prompt until Ctrl-D.
pub(super) fn run(console: &mut Console, runtime: &Runtime) -> anyhow::Result<()> {
    let path = history_path();
    let mut history = FileHistory::new();
    if let Some(path) = &path {
        // No history yet is no error.
        let _ = rustyline::history::History::load(&mut history, path);
    }
    loop {
        let line = {
            let config = Config::builder()
                .auto_add_history(true)
                .completion_type(CompletionType::List)
                .max_history_size(1_000)?
                .build();
            let mut editor = Editor::<Prompt<'_>, FileHistory>::with_history(config, history)?;
            editor.set_helper(Some(Prompt { console, runtime }));
            let line = editor.readline("warden> ");
            history = std::mem::take(editor.history_mut());
            line
        };
        match line {
            Ok(line) => {
                if console.say(runtime, &line, None)? == After::Quit {
                    break;
                }
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(error.into()),
        }
    }
    keep(&mut history, path);
    Ok(())
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
