//! Normalisation of text for comparison: differences of appearance are removed, invisible characters are reported.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization as _;

use crate::written::unmarked;

/// The separator of paragraphs, HTML blocks, table cells and list items.
pub(super) const BREAK: char = '\n';
/// A run of white space. It is not compared, and ends an id, name or number.
pub(super) const BLANK: char = ' ';

#[expect(
    clippy::expect_used,
    reason = "a constant pattern, compiled by every test"
)]
static ODD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{C}\u{fffd}--[\t\n\r]]").expect("a constant pattern"));

#[expect(
    clippy::expect_used,
    reason = "a constant pattern, compiled by every test"
)]
static FORMAT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\p{Cf}").expect("a constant pattern"));

/// A text without characters that only format it, and may stand within its words.
pub(super) fn without_format(text: &str) -> Cow<'_, str> {
    FORMAT.replace_all(text, "")
}

/// A normalised text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normal {
    /// Its characters: parts are separated by line feeds, white space is single blanks.
    pub(super) chars: Vec<char>,
    /// Whether it contained an invisible or undecodable character.
    pub(super) odd: bool,
}

impl Normal {
    pub fn of(text: &str) -> Self {
        let shown = shown(text);
        let odd = ODD.is_match(&shown);
        let edge = |c: char| c == BREAK || c == BLANK;
        let chars = comparable(&shown).trim_matches(edge).chars().collect();
        Self { chars, odd }
    }

    /// Whether it begins with a plain letter or digit.
    pub(super) fn begins_alphanumeric(&self) -> bool {
        self.chars.first().is_some_and(char::is_ascii_alphanumeric)
    }

    /// The text, one line per part.
    pub fn text(&self) -> String {
        self.chars.iter().collect()
    }
}

/// Removes zero-width characters, which are often pasted unnoticed. A soft hyphen is none: where a line ends, it shows.
fn shown(text: &str) -> String {
    let joiner = |c: &char| matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}');
    text.chars().filter(|c| !joiner(c)).collect()
}

/// The normalised text, with the breaks at its ends.
pub(super) fn comparable(text: &str) -> String {
    let text: String = text.nfkc().collect();
    let text = text.replace("\r\n", "\n");
    let text = text.replace(['\r', '\u{2028}'], "\n");
    let text = text.replace('\u{2029}', "\n\n");
    let mut out = String::with_capacity(text.len());
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            blank(&mut out);
        }
        // Without quotation marks of e-mail.
        let line = line
            .trim_start_matches(|c: char| c == '>' || c.is_whitespace())
            .trim_end();
        let (item, line) = item(line);
        if line.is_empty() || item {
            stop(&mut out);
        }
        plain(line, &mut out);
    }
    out
}

/// Whether a line is a list item, and the line without its bullet. A number stays, as a word.
fn item(line: &str) -> (bool, &str) {
    let bullet = |mark: char| {
        let rest = line.strip_prefix(mark)?;
        (mark == '•' || rest.starts_with(char::is_whitespace)).then(|| rest.trim_start())
    };
    let bulleted = ['-', '*', '+', '•', '·'].into_iter().find_map(bullet);
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = digits.len() < line.len()
        && digits
            .strip_prefix(['.', ')'])
            .is_some_and(|rest| rest.starts_with(char::is_whitespace));
    match bulleted {
        Some(rest) => (true, rest),
        None => (numbered, line),
    }
}

/// Appends a line without emphasis marks.
fn plain(line: &str, out: &mut String) {
    for c in unmarked(line).chars() {
        match c {
            '|' => stop(out),
            '。' => out.push('.'),
            c if c.is_whitespace() => blank(out),
            c => out.push(c),
        }
    }
}

fn blank(out: &mut String) {
    if !out.ends_with([BLANK, BREAK]) {
        out.push(BLANK);
    }
}

fn stop(out: &mut String) {
    while out.ends_with(BLANK) {
        out.pop();
    }
    if !out.ends_with(BREAK) {
        out.push(BREAK);
    }
}

#[cfg(test)]
mod tests {
    use super::Normal;
    use rstest::rstest;

    #[rstest]
    #[case::full_width("ＭＱ＿１，２：３", "MQ_1,2:3")]
    #[case::blanks("a \t\u{3000} b\u{a0}c", "a b c")]
    #[case::line_ends("a\r\nb\rc\u{2028}d", "a b c d")]
    #[case::paragraphs("a\n\n \n\r\nb\n", "a\nb")]
    #[case::full_stop("释放。", "释放.")]
    #[case::markdown("> **a** `b` \\_c\\*", "a b _c*")]
    #[case::strike_through("~~a~~", "~~a~~")]
    #[case::masked(
        "BXu**bML7 `x`y` MQ_1_BX**** MQ_1_BX*** MQ_1_****L7",
        "BXu**bML7 x`y MQ_1_BX**** MQ_1_BX*** MQ_1_****L7"
    )]
    #[case::marks_in_marks("**`a`** `**b**` `` c``", "a b c")]
    #[case::list("a\n- b\n* c\n1. d", "a\nb\nc\n1. d")]
    #[case::table("| a | b |\n| c |", "a\nb\nc")]
    #[case::quoted("a\n>> b\n> \n> c", "a b\nc")]
    #[case::no_width("a\u{200b}b\u{feff}\u{2060}c", "abc")]
    fn it_is_comparable(#[case] text: &str, #[case] wanted: &str) {
        let normal = Normal::of(text);
        assert_eq!((normal.text().as_str(), normal.odd), (wanted, false));
    }

    #[rstest]
    #[case::reordered("a\u{202e}b")]
    #[case::mark("a\u{200f}b")]
    #[case::control("a\u{7}b")]
    #[case::private("a\u{e000}b")]
    #[case::tag("a\u{e0041}b")]
    #[case::soft_hyphen("a\u{ad}b")]
    #[case::not_decoded("a\u{fffd}b")]
    #[case::vertical_tab("a\u{b}b")]
    fn what_does_not_show_is_odd(#[case] text: &str) {
        assert!(Normal::of(text).odd, "{text:?}");
    }
}
