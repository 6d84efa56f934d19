//! Line wrapping at words, for output with a width.

use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Stands for a blank at which no line may end.
const HELD: char = '\u{f8fe}';
/// Keeps the characters around it together.
const JOINER: char = '\u{2060}';
/// Behind these no line ends, and before them one may.
const OPENING: &str = "（「『【《〈〔［｛“‘";

/// Lines break only at blanks, so that copied text stays whole, and between the characters of scripts that have none.
pub(super) fn options(columns: usize) -> Options<'static> {
    Options::new(columns.max(20))
        .word_separator(WordSeparator::Custom(words))
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false)
}

fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let words = WordSeparator::AsciiSpace.find_words(line);
    Box::new(words.flat_map(parts))
}

/// A word in the parts between which a line may end: beside a character of two columns, as Chinese has them, but before no
/// punctuation.
fn parts(word: Word<'_>) -> Vec<Word<'_>> {
    let is_wide = |c: char| c.width() == Some(2);
    let mut parts = Vec::new();
    let (mut begins, mut before) = (0, JOINER);
    for (at, c) in word.word.char_indices() {
        let begins_line = c.is_alphanumeric() || c == '`' || OPENING.contains(c);
        let ends = begins_line && (is_wide(before) || is_wide(c));
        if ends && before != JOINER && !OPENING.contains(before) {
            parts.extend(word.word.get(begins..at).map(Word::from));
            begins = at;
        }
        before = c;
    }
    let last = word.word.get(begins..).map(Word::from);
    parts.extend(last.map(|last| Word {
        whitespace: word.whitespace,
        ..last
    }));
    parts
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
        textwrap::fill(&held, options)
            .replace(HELD, " ")
            .replace(JOINER, "")
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
            true => push_unbroken(piece, &mut out),
            false => out.push_str(piece),
        }
        if pieces.peek().is_some() {
            out.push('`');
        }
    }
    out
}

/// Adds a text in which no line ends.
fn push_unbroken(text: &str, out: &mut String) {
    for c in text.chars() {
        out.push(if c == ' ' { HELD } else { c });
        out.push(JOINER);
    }
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
        let name = "`action cn-hangzhou/订单服务 delete`";
        let chinese =
            format!("【阿里云】尊敬的用户，您的实例（订单服务）即将释放。{name}请及时处理");
        let shown = wrapped(&chinese, 40);
        assert!(shown.contains(name), "{shown}");
        assert_eq!(shown.replace("\n  ", ""), chinese, "{shown}");
        for line in shown.lines() {
            assert!(textwrap::core::display_width(line) <= 40, "{shown}");
            assert!(
                !line.trim_start().starts_with(['，', '。', '）']),
                "{shown}"
            );
            assert!(!line.ends_with('（'), "{shown}");
        }
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
