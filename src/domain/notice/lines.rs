//! The line ends that end a sentence. A mail program breaks lines within sentences, and people write one sentence a line: the words of
//! one line are then no condition of what the next one says.

use super::normal::BREAK;

/// The longest line of a text that a program breaks, in characters.
const WIDTH: usize = 80;
/// Words after which a sentence goes on.
const GOES_ON: &str = "a all an and are as at be because been before being but by called for from had has have if in into \
    instance instances is it its may must named not of on or our shall should so such than that the their this to unless \
    until was were when where which while who will with would your";
/// How a Chinese line begins that goes on with the one before it.
const GOES_ON_ZH: &[char] = &[
    '之', '以', '前', '后', '後', '内', '內', '起', '的', '和', '与', '與', '及', '或', '时', '時',
];

/// A text with a full stop behind each line that ends a sentence without one.
pub(super) fn with_stops(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(unquoted).collect();
    let widest = lines.iter().map(|line| line.chars().count()).max();
    let width = widest.unwrap_or_default().min(WIDTH);
    let mut out = String::with_capacity(text.len());
    for (at, line) in lines.iter().enumerate() {
        out.push_str(line);
        if lines
            .get(at + 1)
            .is_some_and(|next| is_apart(line, next, width))
        {
            out.push('.');
        }
        out.push(BREAK);
    }
    out
}

/// A line without the quotation marks of e-mail.
fn unquoted(line: &str) -> &str {
    line.trim_start_matches(|c: char| c == '>' || c.is_whitespace())
        .trim_end()
}

/// Whether a sentence ends between these lines: the second one begins as a sentence does, although its first word had room on the
/// first one, which does not end in the middle of something.
fn is_apart(line: &str, next: &str, width: usize) -> bool {
    let word = next.split_whitespace().next().unwrap_or_default();
    let has_room = |more: usize| line.chars().count() + more <= width;
    let Some(last) = line.chars().next_back() else {
        return false;
    };
    let mut first = next.chars();
    match (first.next(), first.next()) {
        (Some(one), two) if one.is_ascii_uppercase() => {
            // A word, or an id that begins a sentence.
            let begins = two.is_none_or(|two| two.is_ascii_lowercase() || two == ' ')
                || word.starts_with("MQ_INST_");
            let end = line.rsplit(|c: char| !c.is_alphanumeric()).next();
            let end = end.unwrap_or_default().to_lowercase();
            let goes_on = GOES_ON.split_whitespace().any(|word| word == end);
            let ends = last.is_alphanumeric() || matches!(last, ')' | ']' | '"' | '”');
            begins && ends && !goes_on && has_room(word.chars().count() + 1)
        }
        (Some(one), _) if is_han(one) => {
            // Between Chinese letters every line end counts already.
            let ends = last.is_ascii_alphanumeric() && line.chars().any(is_han);
            ends && !GOES_ON_ZH.contains(&one) && has_room(1)
        }
        _ => false,
    }
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}
