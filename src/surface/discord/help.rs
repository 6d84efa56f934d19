//! The help of a verb as a form of Discord's: the command, its options by their names, and examples to press.

use std::fmt::Write as _;

use super::commands;
use super::hints::VERB;
use crate::command::{self, VerbSpec};

/// The heading above a verb's examples.
const EXAMPLES: &str = "\nExamples\n";

/// The help of one verb, without the console's grammar; `None` for a list of verbs.
pub(super) fn as_form(text: &str) -> Option<String> {
    let (verb, (_, rest)) = (verb_of(text)?, text.split_once(EXAMPLES)?);
    let mut out = format!(
        "`{VERB}{}`\n\n{}\n",
        slash(verb),
        commands::on_a_form(&verb.about)
    );
    if !verb.args.is_empty() {
        out.push_str("\nOptions\n");
    }
    for arg in &verb.args {
        let optional = if arg.required { "" } else { " (optional)" };
        let _ = writeln!(out, "  {}  {}{optional}", arg.name, commands::about(arg));
    }
    out.push_str(EXAMPLES);
    let mut is_example = true;
    for line in rest.lines() {
        is_example &= !line.is_empty();
        let _ = match is_example {
            true => writeln!(out, "  `{}`", line.trim()),
            false => writeln!(out, "{line}"),
        };
    }
    Some(out)
}

/// The verb whose usage the first line is.
fn verb_of(text: &str) -> Option<&'static VerbSpec> {
    let usage: Vec<&str> = text.lines().next()?.split_whitespace().collect();
    let verbs = command::verbs().iter();
    let begins = verbs.filter(|verb| usage.starts_with(&verb.path));
    begins.max_by_key(|verb| verb.path.len())
}

/// The name of a verb's slash command.
pub(super) fn slash(verb: &VerbSpec) -> String {
    match verb.path.as_slice() {
        ["import", "undo"] => "import-undo".to_owned(),
        path => path.join(" "),
    }
}
