//! Templates of wordings: words, slots, optional parts, choices. A template matches a whole text, from the first character to the
//! last.

use super::normal::{BREAK, Normal, comparable};
use super::place::names_have_place;
use super::slots::{NoticeSubject, Slot, SlotSet};

/// The longest template, in characters.
const LONGEST: usize = 4_000;
/// The maximum nesting of brackets.
const DEEPEST: usize = 8;
/// The maximum of parallel matches. A text with more is not understood.
const MOST_WAYS: usize = 64;

/// Placeholders for the syntax while a template is normalised. They never match a text.
const OPEN: char = '\u{f000}';
const CLOSE: char = '\u{f001}';
const CHOOSE: char = '\u{f002}';
const OR: char = '\u{f003}';
const CHOSEN: char = '\u{f004}';
const FIRST_SLOT: u32 = 0xf010;

/// A parsed template. Equality compares the source.
#[derive(Debug, Clone)]
pub struct Template {
    source: String,
    nodes: Vec<TemplateNode>,
    /// Its words in lower case, with breaks in place of the rest.
    words: String,
}

#[derive(Debug, Clone)]
pub(super) enum TemplateNode {
    /// A character of a word, in lower case.
    Word(char),
    Break,
    Slot(Slot),
    Optional(Vec<Self>),
    Choice(Vec<Vec<Self>>),
}

/// The reason why a template is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Too long.
    #[error("it has {0} characters, and {LONGEST} fit")]
    Long(usize),
    /// No words.
    #[error("it holds no word")]
    Empty,
    /// It contains an invisible character.
    #[error("it holds a character that does not show")]
    Odd,
    #[error("there is no slot `{{{0}}}`; there are {known}", known = Slot::all())]
    UnknownSlot(String),
    /// An unmatched bracket.
    #[error(
        "`{0}` has no partner; a bracket that is text has a backslash before it, such as `\\{0}`"
    )]
    Bracket(char),
    /// `||` outside of a choice.
    #[error("`||` stands outside of `<` and `>`")]
    Or,
    /// Brackets nested too deeply.
    #[error("its brackets are more than {DEEPEST} deep")]
    Deep,
    /// It announces something without an instance.
    #[error("it has neither `{{instance}}` nor `{{commodity}}`, so it would be about any")]
    NoInstance,
    /// The name is at a position where it may be an ordinary word.
    #[error(
        "`{{name}}` stands where it may be a word like any other: it has to stand beside `{{instance}}` or `{{commodity}}`, or behind a label such as `name:`, also where what may be missing is missing"
    )]
    NameAlone,
    /// Days without a date to check them against.
    #[error("it has `{{days}}` without a date that they lead to")]
    DaysAlone,
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Template {}

/// A partial match of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) at: usize,
    pub(super) slots: SlotSet,
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// [`TemplateError`].
    pub fn parse(source: &str) -> Result<Self, TemplateError> {
        let chars = source.chars().count();
        if chars > LONGEST {
            return Err(TemplateError::Long(chars));
        }
        if Normal::of(source).odd {
            return Err(TemplateError::Odd);
        }
        let marked = marked(source)?;
        let plain = comparable(&marked);
        let mut rest = plain.trim_matches([BREAK, ' ']).chars().peekable();
        let mut nodes = sequence(&mut rest, None, 0)?;
        without_stops(&mut nodes);
        let template = Self {
            source: source.to_owned(),
            nodes,
            words: plain
                .chars()
                .flat_map(|c| {
                    let c = if matches!(c, OPEN..=CHOSEN) || slot(c).is_some() {
                        BREAK
                    } else {
                        c
                    };
                    c.to_lowercase()
                })
                .collect(),
        };
        if !any(&template.nodes, &|node| {
            matches!(node, TemplateNode::Word(_))
        }) {
            return Err(TemplateError::Empty);
        }
        if template.has(&[Slot::Days]) && !template.has(&[Slot::ReleaseDate, Slot::ExpiryDate]) {
            return Err(TemplateError::DaysAlone);
        }
        Ok(template)
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    /// Escapes a text for a template.
    pub fn quoted(text: &str) -> String {
        let mut quoted = String::with_capacity(text.len());
        for c in text.chars() {
            if is_mark(c) {
                quoted.push('\\');
            }
            quoted.push(c);
        }
        quoted
    }

    /// Whether it contains any of these slots.
    pub fn has(&self, slots: &[Slot]) -> bool {
        any(
            &self.nodes,
            &|node| matches!(node, TemplateNode::Slot(slot) if slots.contains(slot)),
        )
    }

    /// Whether each name is next to an id or after a label.
    pub(super) fn names_have_place(&self) -> bool {
        names_have_place(&self.nodes)
    }

    /// Whether it contains a lower-case word. Latin words match whole, others as a substring.
    pub(super) fn says(&self, word: &str) -> bool {
        if word.is_ascii() {
            let part = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'));
            self.words.split(part).any(|own| own == word)
        } else {
            self.words.contains(word)
        }
    }

    /// Extends these partial matches by the template.
    pub(super) fn follow_matches(
        &self,
        text: &[char],
        ways: Vec<Match>,
        whom: &NoticeSubject<'_>,
    ) -> Vec<Match> {
        follow_nodes(&self.nodes, text, ways, whom)
    }
}

const fn is_mark(c: char) -> bool {
    matches!(c, '{' | '}' | '[' | ']' | '<' | '>' | '|' | '\\')
}

/// Replaces brackets and slots by placeholders, so that only words are normalised.
fn marked(source: &str) -> Result<String, TemplateError> {
    let mut out = String::with_capacity(source.len());
    let mut rest = source.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next_if(|next| is_mark(*next)) {
                Some(mark) => out.push(mark),
                None => out.push(c),
            },
            '[' => out.push(OPEN),
            ']' => out.push(CLOSE),
            '<' => out.push(CHOOSE),
            '>' => out.push(CHOSEN),
            '|' if rest.next_if_eq(&'|').is_some() => out.push(OR),
            '}' => return Err(TemplateError::Bracket(c)),
            '{' => {
                let name: String =
                    std::iter::from_fn(|| rest.next_if(|next| !is_mark(*next))).collect();
                if rest.next() != Some('}') {
                    return Err(TemplateError::Bracket(c));
                }
                let slot = Slot::from_word(&name).ok_or(TemplateError::UnknownSlot(name))?;
                out.extend(char::from_u32(FIRST_SLOT + slot as u32));
            }
            c => out.push(c),
        }
    }
    Ok(out)
}

type Rest<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Parses nodes up to the closing mark, which is not consumed.
fn sequence(
    rest: &mut Rest<'_>,
    within: Option<char>,
    depth: usize,
) -> Result<Vec<TemplateNode>, TemplateError> {
    if depth > DEEPEST {
        return Err(TemplateError::Deep);
    }
    let mut nodes = Vec::new();
    while let Some(c) = rest.peek().copied() {
        match c {
            CLOSE if within == Some(OPEN) => return Ok(nodes),
            OR | CHOSEN if within == Some(CHOOSE) => return Ok(nodes),
            CLOSE => return Err(TemplateError::Bracket(']')),
            CHOSEN => return Err(TemplateError::Bracket('>')),
            OR => return Err(TemplateError::Or),
            _ => {}
        }
        rest.next();
        match c {
            OPEN => {
                nodes.push(TemplateNode::Optional(sequence(
                    rest,
                    Some(OPEN),
                    depth + 1,
                )?));
                rest.next();
            }
            CHOOSE => {
                let mut choices = vec![sequence(rest, Some(CHOOSE), depth + 1)?];
                while rest.next() == Some(OR) {
                    choices.push(sequence(rest, Some(CHOOSE), depth + 1)?);
                }
                nodes.push(TemplateNode::Choice(choices));
            }
            BREAK => nodes.push(TemplateNode::Break),
            ' ' => {}
            c => match slot(c) {
                Some(slot) => nodes.push(TemplateNode::Slot(slot)),
                None => nodes.extend(c.to_lowercase().map(TemplateNode::Word)),
            },
        }
    }
    match within {
        None => Ok(nodes),
        Some(OPEN) => Err(TemplateError::Bracket('[')),
        Some(_) => Err(TemplateError::Bracket('<')),
    }
}

fn slot(c: char) -> Option<Slot> {
    let place = u32::from(c).checked_sub(FIRST_SLOT)?;
    let mut slots = Slot::WORDS.iter().map(|(_, slot)| *slot);
    slots.find(|slot| *slot as u32 == place)
}

const fn is_stop(node: &TemplateNode) -> bool {
    matches!(node, TemplateNode::Word('.' | '!'))
}

/// Removes a full stop at the end of each part, because texts may lack it.
fn without_stops(nodes: &mut Vec<TemplateNode>) {
    let mut kept: Vec<TemplateNode> = Vec::with_capacity(nodes.len());
    for node in nodes.drain(..) {
        if matches!(node, TemplateNode::Break) && kept.last().is_some_and(is_stop) {
            kept.pop();
        }
        kept.push(node);
    }
    if kept.last().is_some_and(is_stop) {
        kept.pop();
    }
    *nodes = kept;
}

fn any(nodes: &[TemplateNode], is: &impl Fn(&TemplateNode) -> bool) -> bool {
    nodes.iter().any(|node| {
        is(node)
            || match node {
                TemplateNode::Optional(inner) => any(inner, is),
                TemplateNode::Choice(choices) => choices.iter().any(|inner| any(inner, is)),
                TemplateNode::Word(_) | TemplateNode::Break | TemplateNode::Slot(_) => false,
            }
    })
}

fn follow_nodes(
    nodes: &[TemplateNode],
    text: &[char],
    mut ways: Vec<Match>,
    whom: &NoticeSubject<'_>,
) -> Vec<Match> {
    for node in nodes {
        ways = match node {
            TemplateNode::Word(word) => {
                ways.retain_mut(|way| step(way, text, *word));
                ways
            }
            TemplateNode::Break => {
                ways.retain_mut(|way| part(way, text));
                ways
            }
            TemplateNode::Slot(slot) => ways
                .into_iter()
                .filter_map(|way| {
                    let from = past_blanks(text, way.at);
                    let (end, value) = slot.read(text, from, whom)?;
                    let slots = way.slots.with(*slot, value, from..end)?;
                    Some(Match { at: end, slots })
                })
                .collect(),
            TemplateNode::Optional(inner) => {
                let mut both = follow_nodes(inner, text, ways.clone(), whom);
                both.extend(ways);
                both
            }
            TemplateNode::Choice(choices) => choices
                .iter()
                .flat_map(|inner| follow_nodes(inner, text, ways.clone(), whom))
                .collect(),
        };
        different(&mut ways);
        if ways.is_empty() || ways.len() > MOST_WAYS {
            return Vec::new();
        }
    }
    ways
}

/// Removes duplicates.
pub(super) fn different(ways: &mut Vec<Match>) {
    let mut kept: Vec<Match> = Vec::with_capacity(ways.len());
    for way in ways.drain(..) {
        if !kept.contains(&way) {
            kept.push(way);
        }
    }
    *ways = kept;
}

pub(super) fn past_blanks(text: &[char], at: usize) -> usize {
    at + text
        .iter()
        .skip(at)
        .take_while(|c| **c == super::normal::BLANK)
        .count()
}

/// Matches one character of a word.
fn step(way: &mut Match, text: &[char], word: char) -> bool {
    let at = past_blanks(text, way.at);
    let same = text.get(at).is_some_and(|c| c.to_lowercase().eq([word]));
    way.at = at + 1;
    same
}

/// Matches the end of a part, with an optional full stop.
fn part(way: &mut Match, text: &[char]) -> bool {
    way.at = past_stop(text, way.at);
    let ends = text.get(way.at) == Some(&BREAK);
    way.at += 1;
    ends
}

/// The position after an optional full stop.
pub(super) fn past_stop(text: &[char], at: usize) -> usize {
    let at = past_blanks(text, at);
    let stops = text.get(at).is_some_and(|c| matches!(c, '.' | '!'));
    past_blanks(text, at + usize::from(stops))
}
