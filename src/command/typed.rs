//! Normalisation of values with a closed meaning, as phones, Chinese keyboards and copied lines write them: full-width
//! characters, dashes of every length, a full stop after a number, `12 h` in two words, and the phrases of the vendor's panel.

use clap::Arg;
use clap::builder::ValueParser;

use super::complete::reads;
use super::tree::{self, Verb};
use super::value::hours;
use super::words::{Cursor, is_dash, opens_quote};
use super::{ChangeRef, Evidence, InstanceRef, NoticeText, Reason, Span, TargetRef};
use crate::domain::id::{ChannelId, InstanceName, Label, RoleId, TeamName, is_invisible};
use crate::domain::written::{moment, number, panel_word, plain, undressed};

/// Quotation marks that are copied along with a word of closed meaning.
const QUOTES: [char; 18] = [
    '`', '"', '\'', '“', '”', '‘', '’', '‛', '「', '」', '『', '』', '《', '》', '«', '»', '‹', '›',
];
/// Separators after a number that keyboards insert instead of a blank.
const AFTER_NUMBER: [char; 12] = [
    ',', '，', '、', ':', '：', ';', '；', ')', '）', '】', '」', '。',
];
/// The most words in one value: `2026-03-01 00:00 UTC+8 (in 58 d 16 h)`.
const MOST_WORDS: usize = 8;

/// The mark of a terminal before pasted text (bracketed paste).
pub(super) const PASTE_BEGINS: &str = "\u{1b}[200~";
/// The mark behind it.
pub(super) const PASTE_ENDS: &str = "\u{1b}[201~";

/// A line without copied or mistyped surroundings: invisible characters, prompts, quote marks, a leading `/`, backticks.
pub(super) fn bare(line: &str) -> &str {
    let around = |c: char| c.is_whitespace() || (is_invisible(c) && !c.is_control());
    let mut line = line.trim_start_matches(around);
    while let Some(rest) = line
        .strip_prefix(PASTE_BEGINS)
        .or_else(|| behind_prompt(line))
    {
        line = rest.trim_start_matches(around);
    }
    let line = line.trim_end().strip_suffix(PASTE_ENDS).unwrap_or(line);
    let quoted = line
        .strip_prefix('`')
        .and_then(|rest| rest.trim_end().strip_suffix('`'));
    let line = quoted.filter(|inner| !inner.contains('`')).unwrap_or(line);
    let command = line.strip_prefix(['/', '／']).map(str::trim_start);
    let command = command.filter(|rest| rest.starts_with(char::is_alphabetic));
    command.unwrap_or(line)
}

/// The line after a copied prompt or a quote mark.
fn behind_prompt(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix("$ ") {
        return Some(rest);
    }
    // A copied shell line.
    if let Some(rest) = line.strip_prefix("warden ") {
        return Some(rest)
            .filter(|rest| Verb::root().child(&verb_of(rest.trim_start()).0).is_some());
    }
    let (name, rest) = line.split_once('>')?;
    let quotes = name.is_empty() && rest.starts_with(char::is_whitespace);
    (quotes || is_prompt(name)).then_some(rest)
}

/// Whether this is a prompt: `warden`, or in the sandbox `alice 2026-01-01 08:00 UTC+8 warden`.
fn is_prompt(name: &str) -> bool {
    let words: Vec<&str> = name.split(' ').collect();
    match words.as_slice() {
        [alone] => alone.eq_ignore_ascii_case("warden"),
        [.., date, time, zone, "warden"] => {
            zone.starts_with("UTC") && moment(&format!("{date} {time}")).is_some()
        }
        _ => false,
    }
}

/// A word of a verb, normalised for comparison.
pub(super) fn verb_word(word: &str) -> String {
    let word = plain(word);
    let bare = word.trim_end_matches(['.', '…', ',', ';', '!', ':']);
    if bare.is_empty() {
        word
    } else {
        bare.to_owned()
    }
}

/// The first word of a line as a verb, and its length in bytes. Full-width punctuation after it acts as a blank: `notice：您的实例`,
/// `confirm（1）`.
pub(super) fn verb_of(line: &str) -> (String, usize) {
    let word = line.split_whitespace().next().unwrap_or_default();
    const ENDS: [char; 13] = [
        ':', '：', ';', '；', ',', '，', '。', '(', '（', '【', '「', '#', '＃',
    ];
    if let Some(at) = word.find(ENDS) {
        let (verb, mark) = word.split_at(at);
        let verb = verb_word(verb);
        let mark = mark
            .chars()
            .next()
            .filter(|mark| !"(（【「#＃".contains(*mark));
        if Verb::root().child(&verb).is_some() {
            return (verb, at + mark.map_or(0, char::len_utf8));
        }
    }
    (verb_word(word), word.len())
}

/// The next word, with the words after it that belong to the same value.
pub(super) fn word(arg: Option<&Arg>, cursor: &mut Cursor<'_>) -> String {
    let first = cursor.plain();
    let Some(arg) = arg else {
        return first.to_owned();
    };
    if let Some(number) = number_before_comma(arg, first) {
        // A full-width comma acts as a blank: `confirm 1，set-action`.
        let behind = first.get(number.len()..).unwrap_or_default();
        let comma = behind.chars().next().filter(|mark| !is_dash(*mark));
        let comma = comma.map_or(0, char::len_utf8);
        cursor.step_back(behind.len() - comma);
        return number.to_owned();
    }
    if is_own_text(arg) {
        // Invisible characters may be copied along with a word. No name can contain them.
        let shown = first.trim_matches(is_invisible);
        return if shown.is_empty() { first } else { shown }.to_owned();
    }
    let mut text = first.to_owned();
    let mut best = text.clone();
    let mut ahead = *cursor;
    for _ in 1..MOST_WORDS {
        // A quote starts a separate value.
        let is_quoted = ahead.rest_of_text().starts_with(opens_quote);
        if ahead.is_done() || is_quoted || ahead.option_head().is_some() {
            break;
        }
        let next = ahead.plain();
        text = format!("{text} {next}");
        // A dash alone adds nothing to a value; it may belong to the next word.
        if next.contains(char::is_alphanumeric) && is_one_value(arg, &text) {
            best.clone_from(&text);
            *cursor = ahead;
        }
    }
    // An invalid duration is reported as a whole.
    if tree::is_span(arg) && best.parse::<Span>().is_err() {
        *cursor = ahead;
        return text;
    }
    best
}

/// The change number before a comma or an option that follows without a blank.
fn number_before_comma<'a>(arg: &Arg, word: &'a str) -> Option<&'a str> {
    let (number, behind) = word.split_at(word.find(|c| AFTER_NUMBER.contains(&c) || is_dash(c))?);
    let rest = behind.strip_prefix(AFTER_NUMBER);
    // An option may follow without a blank: `cancel 1--reason x`.
    let option = || {
        Some(behind).filter(|rest| {
            rest.trim_start_matches(is_dash)
                .starts_with(char::is_alphabetic)
        })
    };
    let rest = rest.or_else(option)?;
    let digits = number.trim_start_matches(['#', '＃', '(', '（', '【', '「']);
    let is_number = !digits.is_empty() && plain(digits).chars().all(|c| c.is_ascii_digit());
    let follows = is_number && !rest.is_empty();
    (follows && reads(arg, clap::value_parser!(ChangeRef))).then_some(number)
}

fn is_one_value(arg: &Arg, text: &str) -> bool {
    if tree::is_moment(arg) {
        moment(without_distance(text)).is_some()
    } else if tree::is_hours(arg) {
        hours(text).is_ok()
    } else if tree::is_span(arg) {
        text.parse::<Span>().is_ok()
    } else if tree::words_of(arg).is_empty() {
        text.contains(' ') && number(text).is_some()
    } else {
        panel_word(text).is_some_and(|word| is_choice(arg, word)) || is_choice(arg, &hyphened(text))
    }
}

/// A moment without the distance that replies show behind it: `2026-03-01 00:00 UTC+8 (in 58 d 16 h)`.
fn without_distance(text: &str) -> &str {
    let inner = text
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once('('));
    let Some((moment, distance)) = inner else {
        return text;
    };
    let length = distance
        .strip_prefix("in ")
        .or(distance.strip_suffix(" ago"));
    let is_distance = |length: &str| length.parse::<Span>().is_ok();
    match distance == "just now" || length.is_some_and(is_distance) {
        true => moment.trim_end(),
        false => text,
    }
}

/// Replaces blanks and underscores by hyphens: `set action` and `set_action` become `set-action`.
fn hyphened(text: &str) -> String {
    text.replace([' ', '_'], "-")
}

pub(super) fn is_choice(arg: &Arg, word: &str) -> bool {
    choice(arg, word).is_some()
}

/// The word of a fixed list, in any case, and without the hyphens that a keyboard may hide or leave out.
fn choice(arg: &Arg, word: &str) -> Option<String> {
    let joined = |word: &str| word.replace('-', "").to_ascii_lowercase();
    let mut words = tree::words_of(arg).into_iter();
    words.find(|known| joined(known) == joined(word))
}

/// A value in the plain form that its parser expects. Names, texts and addresses are unchanged.
pub(super) fn plain_value(arg: &Arg, text: &str) -> String {
    if is_own_text(arg) {
        return text.to_owned();
    }
    if arg.get_value_delimiter().is_some() {
        let parts = plain(text);
        let parts = parts.split(',').map(|part| settle_one(arg, part));
        return parts.collect::<Vec<_>>().join(",");
    }
    settle_one(arg, text)
}

fn settle_one(arg: &Arg, text: &str) -> String {
    let mut folded = undressed(text);
    if tree::is_moment(arg) {
        folded = without_distance(&folded).to_owned();
    }
    let bare = folded.trim().trim_end_matches(|c| {
        QUOTES.contains(&c) || matches!(c, '.' | '…' | ',' | ')' | ']' | ':' | '!' | ';')
    });
    let bare = bare.trim_start_matches(|c| QUOTES.contains(&c) || matches!(c, '(' | '['));
    let candidates = [Some(bare), panel_word(bare)];
    let hyphened = hyphened(bare);
    if tree::words_of(arg).is_empty() {
        if let Some(number) = number(bare) {
            return number;
        }
        let both = folded.contains('(') && folded.contains(')');
        return if both || bare.is_empty() {
            folded
        } else {
            bare.to_owned()
        };
    }
    let mut found = candidates.into_iter().flatten().chain([hyphened.as_str()]);
    let found = found.find_map(|word| choice(arg, word));
    found.unwrap_or_else(|| text.to_owned())
}

/// Whether a value is free text, which is not normalised.
pub(super) fn is_own_text(arg: &Arg) -> bool {
    let own: [ValueParser; 11] = [
        clap::value_parser!(InstanceRef).into(),
        clap::value_parser!(InstanceName).into(),
        clap::value_parser!(Label).into(),
        clap::value_parser!(TeamName).into(),
        clap::value_parser!(ChannelId).into(),
        clap::value_parser!(RoleId).into(),
        clap::value_parser!(TargetRef).into(),
        clap::value_parser!(Reason).into(),
        clap::value_parser!(NoticeText).into(),
        clap::value_parser!(Evidence).into(),
        clap::value_parser!(String),
    ];
    tree::is_free_text(arg) || own.into_iter().any(|parser| reads(arg, parser))
}
