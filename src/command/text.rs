//! Parsing of chat text into a command.

use std::borrow::Cow;

use super::error::{Near, ParseError};
use super::prose::{NoticeText, legible};
use super::said::{LineKind, TypedLine, is_help_flag};
use super::shell::leaves;
use super::tree::{self, Verb};
use super::typed;
use super::words::Cursor;
use super::{Command, args};
use crate::domain::id::{excerpt, is_private_use};
use crate::domain::written::{is_setting, lists};

/// The maximum length of a line, in characters.
const MAX_LINE_CHARS: usize = 4_000;

/// Parses one line of chat.
///
/// # Errors
/// [`ParseError`], whose text names the error and the way out.
pub fn parse_line(text: &str) -> Result<Command, ParseError> {
    let line = checked(text)?;
    let mut cursor = Cursor::new(&line);
    let verb = if panel_verb(&mut cursor) {
        LineRequest::Verb(Verb::root().child("action").ok_or(ParseError::Empty)?)
    } else if starts_with_words(&mut cursor, ["import", "undo"]) {
        LineRequest::Verb(Verb::root().child("import-undo").ok_or(ParseError::Empty)?)
    } else {
        verb(&mut cursor)?
    };
    let verb = match verb {
        LineRequest::Help(path) => return Ok(Command::Help(args::Help { verb: path })),
        LineRequest::Verb(verb) => verb,
    };
    let mut said = TypedLine::of(verb);
    match said.read(&mut cursor)? {
        LineKind::Help => Ok(Command::Help(args::Help {
            verb: owned(&said.verb.path),
        })),
        LineKind::Command => said.command(),
    }
}

/// Whether a line starts with a verb, so that it is meant as a command, valid or not.
pub fn begins_with_verb(line: &str) -> bool {
    let first = typed::bare(line).split_whitespace().next();
    first.is_some_and(|word| Verb::root().child(word).is_some())
}

/// A line without the marks that a terminal puts around what is pasted.
fn unpasted(line: &str) -> Cow<'_, str> {
    if !line.contains(typed::PASTE_BEGINS) && !line.contains(typed::PASTE_ENDS) {
        return Cow::Borrowed(line);
    }
    let line = line.replace(typed::PASTE_BEGINS, "");
    Cow::Owned(line.replace(typed::PASTE_ENDS, ""))
}

/// The start of a pasted notice, without text copied around it; the following lines may belong to the notice. An answer to a notice,
/// misspelt or not, is none.
pub fn begun_notice(line: &str) -> Option<&str> {
    let line = typed::bare(line.trim_end_matches(['\r', '\n']));
    let text = line.get(typed::verb_of(line).1..).unwrap_or_default();
    let text = text.parse::<NoticeText>().ok();
    let answers = text.is_some_and(|text| text.still_there().or(text.meant_answer()).is_some());
    (is_notice(line) && !answers).then_some(line)
}

/// The text of a notice that is longer than a line may be.
pub fn long_notice(line: &str) -> Option<&str> {
    let begun = begun_notice(line)?;
    let text = begun.get(typed::verb_of(begun).1..)?.trim();
    (line.chars().count() > MAX_LINE_CHARS).then_some(text)
}

fn is_notice(line: &str) -> bool {
    typed::verb_of(line).0.eq_ignore_ascii_case("notice")
}

/// The line without characters that no command contains; a tab counts as a blank.
fn checked(text: &str) -> Result<String, ParseError> {
    let line = text
        .trim_start_matches('\u{feff}')
        .trim_end_matches(['\r', '\n']);
    let line = unpasted(line);
    let chars = line.chars().count();
    if chars > MAX_LINE_CHARS {
        return Err(ParseError::LongLine(chars));
    }
    let line = typed::bare(&line).replace('\t', " ");
    // A notice is kept as pasted.
    let is_notice = is_notice(&line);
    let line = if is_notice {
        legible(&line.replace("\r\n", "\n").replace(BREAKS, "\n"))
    } else {
        line
    };
    let pasted = |c: &char| is_notice && (*c == '\n' || is_private_use(*c));
    match line.chars().find(|c| {
        ((c.is_control() || is_private_use(*c)) && !pasted(c))
            || matches!(c, '\u{2028}' | '\u{2029}')
    }) {
        None => Ok(line),
        Some('\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}') => Err(ParseError::LineBreak),
        Some(control) => Err(ParseError::Control(control.escape_unicode().to_string())),
    }
}

/// Line breaks other than a line feed.
const BREAKS: [char; 4] = ['\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// Whether the line starts with the vendor panel's name of the action: `Post-release Action orders delete`.
fn panel_verb(cursor: &mut Cursor<'_>) -> bool {
    let mut ahead = *cursor;
    let mut said = String::new();
    for _ in 0..3 {
        if ahead.is_done() {
            return false;
        }
        said.push_str(ahead.plain());
        if is_setting(&said) {
            *cursor = ahead;
            return true;
        }
        said.push(' ');
    }
    false
}

/// Whether the line starts with these two words, which form a verb of their own.
fn starts_with_words(cursor: &mut Cursor<'_>, words: [&str; 2]) -> bool {
    let mut ahead = *cursor;
    let said = words
        .iter()
        .all(|word| !ahead.is_done() && typed::verb_word(ahead.plain()).eq_ignore_ascii_case(word));
    if said {
        *cursor = ahead;
    }
    said
}

enum LineRequest {
    Help(Vec<String>),
    Verb(Verb),
}

/// Parses the words of the verb.
fn verb(cursor: &mut Cursor<'_>) -> Result<LineRequest, ParseError> {
    let mut verb = Verb::root();
    while verb.is_group() {
        if cursor.is_done() {
            let bare = verb.bare().ok_or_else(|| no_word(&verb))?;
            return Ok(LineRequest::Verb(bare));
        }
        let asks_help = is_help_flag(cursor) || cursor.peek_plain() == "?";
        let word = match cursor.quoted()? {
            Some(text) => text,
            None => {
                let (word, length) = typed::verb_of(cursor.peek_plain());
                cursor.advance(length);
                word
            }
        };
        verb = match verb.child(&word) {
            Some(child) => child,
            None if asks_help && verb.path.is_empty() => {
                verb.child("help").ok_or_else(|| wrong_word(&verb, &word))?
            }
            None if asks_help || word.eq_ignore_ascii_case("help") => {
                return Ok(LineRequest::Help(owned(&verb.path)));
            }
            None => return Err(wrong_word(&verb, &word)),
        };
    }
    Ok(LineRequest::Verb(verb))
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|word| (*word).to_owned()).collect()
}

fn no_word(verb: &Verb) -> ParseError {
    if verb.path.is_empty() {
        return ParseError::Empty;
    }
    ParseError::IncompleteVerb {
        verb: verb.name(),
        given: None,
        words: last_words(verb),
        near: Near(None),
    }
}

/// A line with the number of a change where something else was given for it; where the line lacks more than that, how its verb goes.
pub fn with_change(line: &str, given: &str, number: u64) -> Option<String> {
    let quoted = [
        format!("\"{given}\""),
        format!("'{given}'"),
        given.to_owned(),
    ];
    let places = quoted
        .iter()
        .flat_map(|given| line.match_indices(given.as_str()));
    places.into_iter().find_map(|(at, given)| {
        let (before, behind) = line.split_at_checked(at)?;
        let instead = format!("{before}{number}{}", behind.strip_prefix(given)?);
        match parse_line(&instead) {
            Ok(_) => Some(instead),
            Err(ParseError::Missing { usage, .. }) => {
                Some(usage.replacen("<change>", &number.to_string(), 1))
            }
            Err(_) => None,
        }
    })
}

fn last_words(verb: &Verb) -> Vec<String> {
    let last = |child: Verb| child.path.last().map(|word| (*word).to_owned());
    verb.children().filter_map(last).collect()
}

/// The words for what is done in the vendor's console.
const RENEWALS: &str = "renew renews renewed renewal 续费 續費";

/// Words of other tools, and of Chinese speakers, with the verb that does it here.
const SYNONYMS: [(&str, &str); 12] = [
    ("ls", "instance list"),
    ("status", "todo"),
    ("帮助", "help"),
    ("退出", "exit"),
    ("升级", "upgrade"),
    ("降级", "downgrade"),
    ("退订", "unsubscribe"),
    ("批准", "approve"),
    ("拒绝", "reject"),
    ("确认", "confirm"),
    ("取消", "cancel"),
    ("待办", "todo"),
];

/// The error for an unknown verb, with a suggestion.
pub(super) fn wrong_word(verb: &Verb, word: &str) -> ParseError {
    let all = tree::verbs();
    let full: Vec<String> = all.iter().map(Verb::name).collect();
    let known = full
        .iter()
        .zip(&all)
        .filter_map(|(name, verb)| verb.path.last().map(|last| (*last, name.as_str())));
    if verb.path.is_empty() {
        if leaves(word) {
            return ParseError::EndsAlone(excerpt(word));
        }
        let first = word.split_whitespace().next().unwrap_or_default();
        if first != word && verb.child(&super::typed::verb_word(first)).is_some() {
            return ParseError::QuotedLine(excerpt(word));
        }
        if lists(RENEWALS, &word.to_lowercase()) {
            return ParseError::Renews(excerpt(word));
        }
        let singles = verb
            .children()
            .filter_map(|child| child.path.last().copied());
        let candidates = singles.chain(known.clone().map(|(last, _)| last));
        let synonym = SYNONYMS
            .iter()
            .find(|(other, _)| word.eq_ignore_ascii_case(other));
        let near = synonym
            .map(|(_, verb)| (*verb).to_owned())
            .or_else(|| tree::nearest(word, candidates));
        // `add` suggests `instance add`.
        let near = near.map(|near| {
            let path = known.clone().find(|(last, _)| *last == near);
            path.map_or_else(|| near.clone(), |(_, name)| name.to_owned())
        });
        return ParseError::UnknownVerb {
            given: excerpt(word),
            near: Near(near),
        };
    }
    let words = last_words(verb);
    let near = tree::nearest(word, words.iter().map(String::as_str));
    ParseError::IncompleteVerb {
        verb: verb.name(),
        given: Some(excerpt(word)),
        near: Near(near.map(|near| format!("{} {near}", verb.name()))),
        words,
    }
}
