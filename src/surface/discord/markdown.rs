//! Text in Discord's Markdown: input is escaped, commands are code spans, and instants are shown in the reader's zone.

use std::fmt::Write as _;

/// Characters with a meaning in Discord's Markdown, or in mentions.
const MEANS_SOMETHING: &[char] = &[
    '\\', '*', '_', '~', '|', '>', '#', '[', ']', '(', ')', '<', '@', '-', '`',
];

/// The fence around preformatted lines.
pub(super) const FENCE: &str = "```";

/// Escapes a text except for code spans, which are commands to type.
pub(super) fn escaped(text: &str) -> String {
    outside_code(text, |plain| {
        let mut out = String::with_capacity(plain.len() + plain.len() / 8);
        self::plain(plain, &mut out);
        out
    })
}

/// Converts code spans by one function and the rest of an escaped text by another.
pub(super) fn in_parts(
    text: &str,
    plain: impl Fn(&str) -> String,
    span: impl Fn(&str) -> String,
) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    while let Some((before, found, after)) = first_span(rest) {
        out.push_str(&plain(before));
        out.push_str(&span(found));
        rest = after;
    }
    out.push_str(&plain(rest));
    out
}

/// Splits a line at its quotation between “ and ”. The first and last marks count, because a quotation may contain marks.
pub(super) fn around_quotation(line: &str) -> (&str, &str, &str) {
    let from = line.find('“').unwrap_or(line.len());
    let to = line.rfind('”').unwrap_or(line.len()).max(from);
    let (before, rest) = line.split_at(from);
    let (quoted, after) = rest.split_at(to - from);
    (before, quoted, after)
}

/// The first code span without its backticks, and the text before and after it. An escaped backtick opens no span.
fn first_span(text: &str) -> Option<(&str, &str, &str)> {
    let mut escapes = false;
    let opens = |(at, c): (usize, char)| {
        let means = c == '`' && !std::mem::take(&mut escapes);
        escapes = c == '\\' && !escapes;
        let (span, after) = code(text.get(at..).filter(|_| means)?)?;
        let inner = span.get(1..span.len().checked_sub(1)?)?;
        Some((text.get(..at)?, inner, after))
    };
    text.char_indices().find_map(opens)
}

/// Converts everything except code spans.
fn outside_code(text: &str, form: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    while let Some(open) = rest.find('`') {
        let (before, from) = rest.split_at(open);
        out.push_str(&form(before));
        match code(from) {
            Some((span, after)) => {
                out.push_str(span);
                rest = after;
            }
            None => {
                let (ticks, after) = from.split_at(from.len() - from.trim_start_matches('`').len());
                out.push_str(&form(ticks));
                rest = after;
            }
        }
    }
    out.push_str(&form(rest));
    out
}

/// A code span at the start of a text, and the rest: single backticks, on one line.
fn code(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('`')?;
    let close = inner.find('`')?;
    let (held, after) = (inner.get(..close)?, inner.get(close + 1..)?);
    let single = !held.is_empty() && !held.contains('\n') && !after.starts_with('`');
    single.then(|| text.split_at(close + 2))
}

fn plain(text: &str, out: &mut String) {
    let mut before = None;
    for c in text.chars() {
        if needs_escape(c, before) {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
    }
}

/// Whether a character must be escaped here: some have a meaning only at the start of a line.
fn needs_escape(c: char, before: Option<char>) -> bool {
    match c {
        '-' | '#' | '>' => before.is_none_or(|before| before == '\n'),
        '(' | ')' => before == Some(']'),
        _ => MEANS_SOMETHING.contains(&c),
    }
}

/// The longest prefix with at most `limit` characters, cut at a line break if possible; and whether it was cut.
pub(super) fn cut(text: &str, limit: usize) -> (String, bool) {
    if text.chars().count() <= limit {
        return (text.to_owned(), false);
    }
    let kept: String = text.chars().take(limit).collect();
    let whole = kept.rfind('\n').filter(|at| *at > kept.len() / 2);
    let kept = whole.map_or(kept.as_str(), |at| kept.get(..at).unwrap_or(&kept));
    let mut kept = kept.trim_end().to_owned();
    // A cut must not leave a trailing backslash or an open code span.
    while kept.ends_with('\\') {
        kept.pop();
    }
    let fences = kept.matches(FENCE).count();
    if (kept.matches('`').count() - fences * FENCE.len()) % 2 == 1 {
        let _ = write!(kept, "`");
    }
    if fences % 2 == 1 {
        let _ = write!(kept, "\n{FENCE}");
    }
    (kept, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_typed_means_nothing() {
        let typed = "see **this** [here](https://evil.example) @everyone <@1> <#2> ||x|| _y_ ~~z~~";
        let out = escaped(typed);
        for means in [
            "**this", "[here](", " @e", " <@", " <#", "||x", " _y", "~~z",
        ] {
            assert!(!out.contains(means), "{means} in {out}");
        }
    }

    #[test]
    fn commands_stay_code() {
        assert_eq!(
            escaped("Next: `next 1 --ack x`."),
            "Next: `next 1 --ack x`."
        );
        assert_eq!(escaped("a `b_c` d_e"), "a `b_c` d\\_e");
    }

    #[test]
    fn backticks_that_open_nothing_are_shown() {
        assert_eq!(escaped("it`s"), "it\\`s");
        assert_eq!(escaped("``` x"), "\\`\\`\\` x");
        assert_eq!(escaped("`a\nb`"), "\\`a\nb\\`");
    }

    #[test]
    fn a_cut_ends_at_a_line_and_leaves_nothing_open() {
        assert_eq!(cut("abc", 3), ("abc".to_owned(), false));
        assert_eq!(cut("aaaa\nbb", 5), ("aaaa".to_owned(), true));
        assert_eq!(cut("x `yyyyyyy`", 6), ("x `yyy`".to_owned(), true));
    }
}
