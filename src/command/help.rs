//! Help, read off the grammar.

use std::fmt::Write as _;

use clap::Arg;

use super::error::ParseError;
use super::text::wrong_word;
use super::tree::{self, Verb};
use crate::domain::facts::FactKind;

/// Lines that show verbs at work; a test parses each, and finds one for every verb.
const EXAMPLES: &[&str] = &[
    "instance add MQ_INST_1080056302921134_BXuIbML7 --name orders --region cn-hangzhou --edition platinum --expires 2027-03-01 --action delete",
    "instance set orders --expires 2028-03-01",
    "instance set orders --auto-renew off --max-tps 4000",
    "instance set team:payments --auto-renew off",
    "instance list --expiring 30d",
    "instance list --edition platinum --action delete,unknown",
    "instance list --team payments --sort expires",
    "instance show orders",
    "instance remove orders --reason moved to another account",
    "instance lost orders --reason \"the vendor's console no longer lists it\"",
    "action orders downgrade",
    "check upgrade orders",
    "check unsubscribe cn-hangzhou/orders",
    "upgrade orders",
    "downgrade orders",
    "downgrade orders --by unsubscribe",
    "downgrade orders --by expiry --ack fits-standard",
    "unsubscribe orders",
    "next orders",
    "next 12",
    "confirm 12",
    "confirm 12 record-expiry --expires 2027-03-01",
    "confirm 12 unsubscribe --outside --reason done by hand last night",
    "reopen 12 set-action --reason that was another instance",
    "fail 12 --reason the vendor rejected the order",
    "cancel 12 --reason no longer needed",
    "approve 12",
    "approve 12 --seen downgrade",
    "reject 12 --reason not during the sale",
    "revoke 12",
    "break-glass 12 --reason the shop is down --ticket OPS-42",
    "handover alice",
    "handover alice --to bob --reason she moves to another team",
    "ack orders",
    "snooze orders 12h",
    "reminders orders",
    "changes",
    "changes --all --page 2",
    "changes --stuck --team payments",
    "change 12",
    "why orders",
    "why 12",
    "rules",
    "rule action-before-exit",
    "import instances.csv --dry-run",
    "import - --region cn-hangzhou --complete",
    "import-undo 12",
    "imports",
    "notice Your instance MQ_INST_1080056302921134_BXuIbML7 will be released on 2027-03-08.",
    "notice 7 still-there",
    "notices orders",
    "notices",
    "todo",
    "todo --mine",
    "todo --team payments",
    "suppressed",
    "suppressed --since 30d",
    "ack notice 7",
    "wording 7 release",
    "wording 7 release --first expiry",
    "wording 2 forget",
    "wordings",
    "audit orders",
    "audit 12",
    "audit --since 7d --by alice",
    "settings show",
    "settings role approver <@&1181200000000000001> <@&1181200000000000002>",
    "settings role viewer none",
    "settings team payments --channel <#1181200000000000003> --members <@&1181200000000000001>",
    "settings team payments --mention <@&1181200000000000001>",
    "settings team payments --remove",
    "settings channel alerts <#1181200000000000004>",
    "settings zone Europe/Berlin",
    "settings quiet-hours 22:00-08:00",
    "settings quiet-hours none",
    "settings approvals unsubscribe 2",
    "settings observers 2",
    "settings watch <#1181200000000000005> 1181200000000000006",
    "settings watch <#1181200000000000005> none",
    "settings threads off",
    "help",
    "help instance add",
];

/// Every verb in one line each, by groups.
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

/// Explains one verb, or lists those that begin with its words.
///
/// # Errors
/// [`ParseError`] when there is no such verb, with the nearest.
pub fn verb(path: &[String]) -> Result<String, ParseError> {
    let mut verb = Verb::root();
    for word in path.iter().flat_map(|words| words.split_whitespace()) {
        // Words behind a whole verb do no harm: `help upgrade orders`.
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

fn page(verb: &Verb) -> String {
    let mut text = format!("{}\n\n{}\n", verb.usage(), verb.about());
    arguments(&mut text, "Arguments", verb.positionals().collect());
    arguments(&mut text, "Options", verb.options().collect());
    text.push_str("\nExamples\n");
    for example in examples(verb) {
        let _ = writeln!(text, "  {example}");
    }
    if verb.path == ["import"] {
        columns(&mut text);
    }
    text
}

/// The columns of a CSV file, and a file.
fn columns(text: &mut String) {
    let facts = FactKind::ALL
        .iter()
        .filter_map(|fact| Some((fact.column()?, fact.about())));
    let first = [
        (
            "id",
            "The full id, MQ_INST_…; the only column that must be there",
        ),
        ("name", "What it is called"),
        ("region", "Where it lives; or --region says it for all"),
    ];
    let last = [
        ("team", "The team it belongs to"),
        ("channel", "Where messages about it go"),
    ];
    text.push_str("\nColumns of a CSV file, in any order; an empty cell says nothing\n");
    for (column, about) in first.into_iter().chain(facts).chain(last) {
        let _ = writeln!(text, "  {column:12}  {about}");
    }
    text.push_str("\nA CSV file\n");
    for line in CSV {
        let _ = writeln!(text, "  {line}");
    }
}

/// A file that is taken as it stands; a test takes it.
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

/// The example lines of one verb.
fn examples(verb: &Verb) -> impl Iterator<Item = &'static str> {
    let name = verb.name();
    EXAMPLES.iter().copied().filter(move |line| {
        let rest = line.strip_prefix(name.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
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
            let lines: Vec<_> = examples(&verb).collect();
            assert!((1..=3).contains(&lines.len()), "{}: {lines:?}", verb.name());
        }
        for line in EXAMPLES {
            let command = parse_line(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            assert_eq!(parse_line(&command.to_string()), Ok(command), "{line}");
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
