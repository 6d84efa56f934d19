//! TAB completion at the prompt.

use std::cell::RefCell;
use std::path::Path;

use rustyline::Changeset;
use rustyline::completion::{Completer, Pair};
use rustyline::history::SearchDirection;
use rustyline::line_buffer::LineBuffer;
use rustyline::{Context, Helper, Highlighter, Hinter, Validator};
use tokio::runtime::Handle;

use super::directive;
use crate::app::{Actor, Warden};
use crate::command::{self, Candidates, complete, fitting, quoted_if_needed};

/// Completion of one line; queries the database only for names that contain the typed text.
#[derive(Helper, Hinter, Highlighter, Validator)]
pub(super) struct Prompt {
    warden: Warden,
    pub(super) actor: Actor,
    runtime: Handle,
    sandbox: bool,
    /// The candidates offered last.
    offered: RefCell<Vec<String>>,
}

impl Prompt {
    pub(super) fn new(warden: Warden, actor: Actor, runtime: Handle, sandbox: bool) -> Self {
        Self {
            warden,
            actor,
            runtime,
            sandbox,
            offered: RefCell::default(),
        }
    }

    fn teams(&self) -> Vec<String> {
        let teams = self.warden.teams(&self.actor);
        self.runtime.block_on(teams).unwrap_or_default()
    }

    /// The candidates, each behind what its word keeps.
    fn offers(&self, kept: &str, candidates: Candidates) -> Vec<Pair> {
        let quoted = |words: Vec<String>| {
            let offer = |word: &String| whole(word, &quoted_if_needed(&format!("{kept}{word}")));
            words.iter().map(offer).collect()
        };
        match candidates {
            // Words of the grammar need no quotes, although options begin with dashes.
            Candidates::Words(words) => words.into_iter().map(|word| whole(&word, &word)).collect(),
            Candidates::Instances(typed) => {
                let found = self.warden.complete_instances(&self.actor, &typed);
                quoted(self.runtime.block_on(found).unwrap_or_default())
            }
            Candidates::Changes(typed) => {
                let found = self.warden.complete_changes(&self.actor, &typed);
                let found = self.runtime.block_on(found).unwrap_or_default();
                let hash = if typed.starts_with('#') { "#" } else { "" };
                let offer = |(number, name)| {
                    whole(
                        &format!("{hash}{number} {name}"),
                        &format!("{hash}{number}"),
                    )
                };
                found.into_iter().map(offer).collect()
            }
            Candidates::Teams(typed) => quoted(fitting(self.teams(), &typed)),
            Candidates::Regions(typed) => {
                let regions = self.warden.regions(&self.actor);
                let regions = self.runtime.block_on(regions).unwrap_or_default();
                quoted(fitting(regions, &typed))
            }
            Candidates::People { typed, besides } => {
                let people = self.warden.people(&self.actor);
                let mut people = self.runtime.block_on(people).unwrap_or_default();
                people.retain(|person| besides.as_ref() != Some(person));
                quoted(fitting(people, &typed))
            }
            Candidates::Steps(place) => {
                let steps = self.warden.steps(&self.actor, &place.change, place.of);
                let steps = self.runtime.block_on(steps).unwrap_or_default();
                let steps = steps.iter().map(|step| step.as_str());
                let steps = steps.filter(|step| step.starts_with(&place.typed));
                let options = place.options.iter().map(String::as_str);
                steps.chain(options).map(|word| whole(word, word)).collect()
            }
            Candidates::Files(typed) => files(kept, &typed),
        }
    }
}

/// A candidate: its display text, and the whole word that is inserted.
fn whole(shown: &str, put: &str) -> Pair {
    Pair {
        display: shown.to_owned(),
        replacement: format!("{put} "),
    }
}

/// Files and directories with this path prefix; hidden ones only if the dot is typed.
fn files(kept: &str, typed: &str) -> Vec<Pair> {
    let (directory, begun) = match typed.rfind('/') {
        Some(at) => typed.split_at_checked(at + 1).unwrap_or((typed, "")),
        None => ("", typed),
    };
    let place = if directory.is_empty() { "." } else { directory };
    let Ok(entries) = std::fs::read_dir(Path::new(place)) else {
        return Vec::new();
    };
    let mut found: Vec<Pair> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let shown =
                name.starts_with(begun) && (begun.starts_with('.') || !name.starts_with('.'));
            let is_directory = entry.path().is_dir();
            shown.then(|| {
                let path = quoted_if_needed(&format!("{kept}{directory}{name}"));
                match is_directory {
                    // Completion continues inside a directory.
                    true if !path.starts_with('"') => Pair {
                        display: format!("{name}/"),
                        replacement: format!("{path}/"),
                    },
                    _ => whole(&name, &path),
                }
            })
        })
        .collect();
    found.sort_by(|one, other| one.display.cmp(&other.display));
    found
}

impl Completer for Prompt {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        pos: usize,
        context: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let typed = line.get(..pos).unwrap_or(line);
        let (start, pairs) = if self.sandbox && typed.starts_with(':') {
            let history = context.history();
            let said = (0..history.len()).filter_map(|at| {
                let entry = history.get(at, SearchDirection::Forward).ok().flatten();
                entry.map(|entry| entry.entry.into_owned())
            });
            let said: Vec<String> = said.collect();
            let known = said.iter().map(String::as_str);
            let (start, words) = directive::complete(typed, known, &self.teams());
            (start, words.iter().map(|word| whole(word, word)).collect())
        } else {
            let completion = complete(line, pos);
            let mut pairs = self.offers(&completion.kept, completion.kind);
            let begun = typed.get(completion.start..).unwrap_or_default();
            if typed.trim() == begun && !begun.is_empty() {
                let ends = command::ENDS.iter().filter(|word| word.starts_with(begun));
                pairs.extend(ends.map(|word| whole(word, word)));
            }
            (completion.start, pairs)
        };
        let offered = pairs.iter().map(|pair| pair.replacement.clone());
        self.offered.replace(offered.collect());
        Ok((start, pairs))
    }

    /// The common prefix of all candidates replaces the typed text only if it extends it: candidates that contain `hang` in the
    /// middle would delete it otherwise.
    fn update(&self, line: &mut LineBuffer, start: usize, elected: &str, changes: &mut Changeset) {
        let end = line.pos();
        let typed = line
            .as_str()
            .get(start..end)
            .unwrap_or_default()
            .to_lowercase();
        let is_offer = self.offered.borrow().iter().any(|offer| offer == elected);
        if is_offer || elected.to_lowercase().starts_with(&typed) {
            line.replace(start..end, elected, changes);
        }
    }
}
