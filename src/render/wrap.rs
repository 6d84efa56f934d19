//! Line wrapping at words, for output with a width.

use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_width::UnicodeWidthStr as _;

/// Stands for a blank at which no line may end.
const HELD: char = '\u{f8fe}';

/// Lines break only at blanks, so that copied text stays whole.
pub(super) fn options(columns: usize) -> Options<'static> {
    Options::new(columns.max(20))
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false)
}

/// The text with long lines wrapped at words, continued with an indent. A command in backticks stays on one line if it fits.
pub fn wrapped(text: &str, columns: usize) -> String {
    let lines = text.split('\n').map(|line| {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let hanging = " ".repeat(second_column(line, columns).unwrap_or(indent + 2));
        if textwrap::core::display_width(line) <= columns {
            return line.to_owned();
        }
        let held = hold_commands(line, columns.saturating_sub(hanging.len()));
        let options = options(columns).subsequent_indent(&hanging);
        textwrap::fill(&held, options).replace(HELD, " ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The start of the second column of a line, if it leaves enough room.
fn second_column(line: &str, columns: usize) -> Option<usize> {
    let body = line.trim_start_matches(' ');
    let gap = (line.len() - body.len()) + body.find("  ")?;
    let (first, rest) = line.split_at_checked(gap)?;
    let blanks = rest.len() - rest.trim_start_matches(' ').len();
    let begins = textwrap::core::display_width(first) + blanks;
    (begins <= columns / 2).then_some(begins)
}

fn hold_commands(line: &str, room: usize) -> String {
    let mut pieces = line.split('`').enumerate().peekable();
    let mut out = String::new();
    while let Some((at, piece)) = pieces.next() {
        let is_command = at % 2 == 1 && pieces.peek().is_some() && piece.width() + 2 <= room;
        match is_command {
            true => out.push_str(&piece.replace(' ', &HELD.to_string())),
            false => out.push_str(piece),
        }
        if pieces.peek().is_some() {
            out.push('`');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_words_and_commands_stay_whole() {
        let text = "Blocked: unsubscribing orders.\n  → `downgrade cn-hangzhou/orders --by unsubscribe` begins with setting it to Downgrade";
        assert_eq!(
            wrapped(text, 60),
            "Blocked: unsubscribing orders.\n  → `downgrade cn-hangzhou/orders --by unsubscribe` begins\n    with setting it to Downgrade"
        );
        assert_eq!(wrapped(text, 200), text);
        assert_eq!(
            wrapped(
                "  instance set  Record what is known of an instance now",
                40
            ),
            "  instance set  Record what is known of\n                an instance now"
        );
        let id = "MQ_INST_1080056302921134_BXuIbML7";
        assert!(wrapped(&format!("the instance {id} is not known"), 24).contains(id));
        for columns in [24, 40, 80] {
            let one_line = wrapped(text, columns).replace('\n', " ");
            let words = |text: &str| {
                text.split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            assert_eq!(words(&one_line), words(text));
        }
    }
}
