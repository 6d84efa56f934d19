//! Help, generated from the grammar.

use std::fmt::Write as _;

use clap::Arg;

use super::error::ParseError;
use super::shell::{ENDS, leaves};
use super::text::wrong_word;
use super::tree::{self, Verb};
use crate::domain::facts::FactKind;

/// All verbs by group, one line each.
pub fn overview() -> String {
    let mut text = listing(&tree::verbs());
    text.push_str("\n`help <verb>` explains one, for instance `help confirm`.");
    text
}

fn listing(verbs: &[Verb]) -> String {
    let width = verbs
        .iter()
        .map(|verb| verb.name().len())
        .max()
        .unwrap_or(0);
    let mut groups: Vec<&str> = Vec::new();
    for verb in verbs {
        if !groups.contains(&verb.group.as_str()) {
            groups.push(&verb.group);
        }
    }
    let mut text = String::new();
    for group in groups {
        let _ = writeln!(text, "{group}");
        for verb in verbs.iter().filter(|verb| verb.group == group) {
            let _ = writeln!(text, "  {:width$}  {}", verb.name(), verb.about());
        }
    }
    text
}

/// Explains one verb, or lists the verbs that start with these words.
///
/// # Errors
/// [`ParseError`] for an unknown verb, with a suggestion.
pub fn verb(path: &[String]) -> Result<String, ParseError> {
    if let [word] = path
        && leaves(word)
    {
        return Ok(leaving(word));
    }
    let mut verb = Verb::root();
    for word in path.iter().flat_map(|words| words.split_whitespace()) {
        // Words after a complete verb are ignored: `help upgrade orders`.
        if !verb.is_group() {
            break;
        }
        verb = verb.child(word).ok_or_else(|| wrong_word(&verb, word))?;
    }
    Ok(if verb.path.is_empty() {
        overview()
    } else if verb.is_group() {
        listing(&verb.children().collect::<Vec<_>>())
    } else {
        page(&verb)
    })
}

/// The words that end a prompt; they are no verb, since nothing is decided.
pub fn ending() -> String {
    let words = ENDS.map(|word| format!("`{word}`"));
    format!("At a prompt, {} or Ctrl-D ends it.", words.join(", "))
}

fn leaving(word: &str) -> String {
    let about = "What was decided stays; what waits for people is sent the next time.";
    format!("{}\n\n{} {about}\n", word.to_lowercase(), ending())
}

fn page(verb: &Verb) -> String {
    let mut text = format!("{}\n\n{}\n", verb.usage(), verb.about());
    arguments(&mut text, "Arguments", verb.positionals().collect());
    arguments(&mut text, "Options", verb.options().collect());
    text.push_str("\nExamples\n");
    for example in verb.examples().lines() {
        let _ = writeln!(text, "  {example}");
    }
    if verb.path == ["import"] {
        columns(&mut text);
    }
    text
}

/// The columns of a CSV file, with an example.
fn columns(text: &mut String) {
    let facts = FactKind::ALL
        .iter()
        .filter_map(|fact| Some((fact.column()?, fact.about())));
    let first = [
        ("id", "The full id, MQ_INST_…; the only required column"),
        ("name", "Its name"),
        ("region", "Its region; or --region for all rows"),
    ];
    let last = [
        ("team", "Its team"),
        ("channel", "The channel for messages about it"),
    ];
    text.push_str("\nColumns of a CSV file, in any order; an empty cell changes nothing\n");
    for (column, about) in first.into_iter().chain(facts).chain(last) {
        let _ = writeln!(text, "  {column:12}  {about}");
    }
    text.push_str("\nA CSV file\n");
    for line in CSV {
        let _ = writeln!(text, "  {line}");
    }
}

/// A valid example file; a test imports it.
pub const CSV: [&str; 3] = [
    "id,name,region,edition,expires,auto_renew,team",
    "MQ_INST_1080056302921134_BXuIbML7,orders,cn-hangzhou,platinum,2027-03-01,off,payments",
    "MQ_INST_1080056302921134_QwErTy12,search,cn-hangzhou,standard,,,search",
];

fn arguments(text: &mut String, heading: &str, args: Vec<&Arg>) {
    let shapes: Vec<String> = args.iter().map(|arg| tree::shape(arg)).collect();
    let width = shapes
        .iter()
        .map(|shape| shape.chars().count())
        .max()
        .unwrap_or(0);
    if !args.is_empty() {
        let _ = writeln!(text, "\n{heading}");
    }
    for (arg, shape) in args.into_iter().zip(shapes) {
        let about = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let words = tree::words_of(arg);
        let listed = words.is_empty() || words.iter().all(|word| shape.contains(word));
        let words = if listed {
            String::new()
        } else {
            format!(": {}", words.join(", "))
        };
        let _ = writeln!(text, "  {shape:width$}  {about}{words}");
    }
}

/// The verbs as a table in Markdown, for the documentation.
pub fn markdown_table() -> String {
    let mut table = String::from("| verb | meaning |\n| --- | --- |\n");
    for verb in tree::verbs() {
        let usage = verb.usage().replace('|', "\\|");
        let _ = writeln!(
            table,
            "| `{usage}` | {} |",
            verb.about().replace('|', "\\|")
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::parse_line;

    #[test]
    fn every_verb_has_one_to_three_examples_that_parse() {
        for verb in tree::verbs() {
            let lines = verb.examples();
            let count = lines.lines().count();
            assert!((1..=3).contains(&count), "{}: {lines}", verb.name());
            for line in lines.lines() {
                assert!(line.starts_with(&verb.name()), "{line}");
                let command = parse_line(line).unwrap_or_else(|error| panic!("{line}: {error}"));
                assert_eq!(parse_line(&command.to_string()), Ok(command), "{line}");
            }
        }
    }

    #[test]
    fn what_ends_a_prompt_is_explained() {
        for word in ENDS {
            let page = super::verb(&[word.to_owned()]).unwrap();
            assert!(page.starts_with(&format!("{word}\n")), "{page}");
            assert!(page.contains("`exit`, `quit` or Ctrl-D"), "{page}");
        }
    }

    #[test]
    fn every_verb_has_a_group_a_page_and_a_meaning() {
        for verb in tree::verbs() {
            assert!(!verb.group.is_empty(), "{}", verb.name());
            assert!(!verb.about().is_empty(), "{}", verb.name());
            let path: Vec<String> = verb.path.iter().map(|word| (*word).to_owned()).collect();
            let page = super::verb(&path).unwrap();
            for arg in verb.spec.get_arguments() {
                assert!(page.contains(&tree::shape(arg)), "{page}");
                assert!(arg.get_help().is_some(), "{}: {arg}", verb.name());
            }
            assert!(overview().contains(&verb.name()));
            assert!(markdown_table().contains(&format!("| `{}", verb.name())));
        }
    }
}
