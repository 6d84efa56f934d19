//! The valid positions of a name: next to the id, or after a label. Elsewhere it may be an ordinary word.

use std::collections::BTreeSet;

use super::normal::BREAK;
use super::slots::Slot;
use super::template::TemplateNode;

/// Characters allowed between a name and its id or label.
const BETWEEN: &[char] = &[
    ' ', '\n', '(', ')', '[', ']', '"', '\'', '“', '”', '‘', '’', '「', '」', '<', '>', ':', ',',
    '、', '-', '–', '=', '*', '/', '.',
];
/// Labels before a name.
const LABELS: &[&str] = &["name", "instance", "名称", "名稱", "名", "实例", "實例"];
/// Labels after a name.
const LABELS_BEHIND: &[&str] = &["instance", "实例", "實例"];
/// The placeholder for an id in a template.
const ID: &str = "\u{f0fe}";
/// The placeholder for any other slot.
const OTHER: char = '\u{f0ff}';

/// Whether the lower-case text before a name ends with an id or a label.
pub(super) fn is_led(before: &str, ids: &[&str]) -> bool {
    let dressed = before.trim_end_matches([' ', '"', '“', '「', '[', '(']);
    let bare = before.trim_end_matches(BETWEEN);
    let ends = |all: &[&str]| all.iter().any(|one| bare.ends_with(one));
    dressed.ends_with(':') || ends(ids) || ends(LABELS)
}

/// Whether the lower-case text after a name starts with an id or a label.
pub(super) fn is_followed(after: &str, ids: &[&str]) -> bool {
    let bare = after.trim_start_matches(BETWEEN);
    let begins = |all: &[&str]| all.iter().any(|one| bare.starts_with(one));
    begins(ids) || begins(LABELS_BEHIND)
}

/// Whether a word of a lower-case text stands where names stand: in brackets or quotation marks, behind a label, or before one.
pub(super) fn stands_as_name(text: &str, word: &str) -> bool {
    const OPENING: &[char] = &['(', '[', '"', '“', '「', '<'];
    const CLOSING: &[char] = &[')', ']', '"', '”', '」', '>'];
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + word.len()..).unwrap_or_default();
        let after = after.trim_start();
        let in_marks = before.trim_end().ends_with(OPENING) && after.starts_with(CLOSING);
        let labelled = LABELS_BEHIND.iter().any(|label| after.starts_with(label));
        in_marks || is_led(before, &[]) || labelled
    })
}

/// The partial labels and ids that may surround a position: few, however many paths lead there.
type Prefixes = BTreeSet<String>;

/// The direction of a walk through a template.
#[derive(Clone, Copy)]
enum Direction {
    Forwards,
    Backwards,
}

/// Whether each name in a template is next to an id or after a label, on every path.
pub(super) fn names_have_place(nodes: &[TemplateNode]) -> bool {
    let nothing = Prefixes::from([String::new()]);
    have_place(nodes, &nothing, &nothing)
}

fn have_place(nodes: &[TemplateNode], before: &Prefixes, after: &Prefixes) -> bool {
    let mut before = before.clone();
    for (at, node) in nodes.iter().enumerate() {
        let rest = nodes.get(at + 1..).unwrap_or_default();
        let behind = || through(rest, after, Direction::Backwards);
        let stands = match node {
            TemplateNode::Slot(Slot::Name) => {
                before.iter().all(|part| is_led(part, &[ID]))
                    || behind().iter().all(|part| is_followed(part, &[ID]))
            }
            TemplateNode::Optional(inner) => have_place(inner, &before, &behind()),
            TemplateNode::Choice(choices) => {
                let behind = behind();
                choices
                    .iter()
                    .all(|inner| have_place(inner, &before, &behind))
            }
            TemplateNode::Word(_) | TemplateNode::Break | TemplateNode::Slot(_) => true,
        };
        if !stands {
            return false;
        }
        before = over(node, &before, Direction::Forwards);
    }
    true
}

fn through(nodes: &[TemplateNode], from: &Prefixes, way: Direction) -> Prefixes {
    let step = |parts: Prefixes, node: &TemplateNode| over(node, &parts, way);
    match way {
        Direction::Forwards => nodes.iter().fold(from.clone(), step),
        Direction::Backwards => nodes.iter().rev().fold(from.clone(), step),
    }
}

/// The partial labels after a node.
fn over(node: &TemplateNode, from: &Prefixes, way: Direction) -> Prefixes {
    let plain = |c: char| from.iter().map(|part| on(part, c, way)).collect();
    match node {
        TemplateNode::Word(c) => plain(*c),
        TemplateNode::Break => plain(BREAK),
        TemplateNode::Slot(Slot::Instance | Slot::Commodity) => Prefixes::from([ID.to_owned()]),
        TemplateNode::Slot(_) => plain(OTHER),
        TemplateNode::Optional(inner) => {
            let with = through(inner, from, way);
            from.union(&with).cloned().collect()
        }
        TemplateNode::Choice(choices) => choices
            .iter()
            .flat_map(|inner| through(inner, from, way))
            .collect(),
    }
}

/// Extends a partial label by one character, as far as a label may still match.
fn on(part: &str, c: char, way: Direction) -> String {
    if c != ':' && BETWEEN.contains(&c) {
        return part.to_owned();
    }
    let (longer, labels): (String, &[&str]) = match way {
        Direction::Forwards => (part.chars().chain([c]).collect(), LABELS),
        Direction::Backwards => (
            std::iter::once(c).chain(part.chars()).collect(),
            LABELS_BEHIND,
        ),
    };
    let mut places: Vec<usize> = longer.char_indices().map(|(at, _)| at).collect();
    places.push(longer.len());
    if matches!(way, Direction::Backwards) {
        places.reverse();
    }
    let shorter = |at: usize| match way {
        Direction::Forwards => longer.get(at..),
        Direction::Backwards => longer.get(..at),
    };
    let fits = |text: &&str| {
        let of = |label: &&str| match way {
            Direction::Forwards => label.starts_with(text),
            Direction::Backwards => label.ends_with(text),
        };
        labels.iter().chain(&[":"]).any(of)
    };
    let mut parts = places.into_iter().filter_map(shorter);
    parts.find(fits).unwrap_or_default().to_owned()
}
