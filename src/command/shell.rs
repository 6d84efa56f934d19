//! A command line from words that a shell has split; and the grammar in clap's form for shell completion.

use clap::Subcommand as _;

use super::Command;
use super::print::quoted_if_needed;
use super::text::begun_notice;
use super::typed;
use super::words::is_dash;

/// The line from the shell's words. A word with blanks stays one word; a notice is passed unchanged.
pub fn line_of(words: &[String]) -> String {
    if words
        .first()
        .is_some_and(|verb| begun_notice(verb).is_some())
    {
        return words.join(" ");
    }
    let words: Vec<String> = words.iter().map(|word| written(word)).collect();
    words.join(" ")
}

/// A word of the line. The value in `--option=value` is quoted separately.
fn written(word: &str) -> String {
    if word.chars().count() < 2 || !word.starts_with(is_dash) {
        return quoted_if_needed(word);
    }
    match word.split_once('=') {
        Some((option, value)) => format!("{option}={}", quoted_if_needed(value)),
        None => word.to_owned(),
    }
}

/// The words that end a session, as in other programs.
pub const ENDS: [&str; 2] = ["exit", "quit"];

/// The line without what was copied or typed around it, such as a prompt.
pub fn unprompted(line: &str) -> &str {
    typed::bare(line).trim()
}

/// Whether the line ends the session.
pub fn leaves(line: &str) -> bool {
    let word = typed::verb_word(unprompted(line));
    ENDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

pub fn subcommands() -> Vec<clap::Command> {
    let all = Command::augment_subcommands(clap::Command::new("warden"));
    all.get_subcommands().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::parse_line;
    use rstest::rstest;

    #[rstest]
    #[case(&["instance", "list", "--expiring", "30d"], "instance list --expiring 30d")]
    #[case(&["fail", "1", "--reason", "it broke --at night"], "fail 1 --reason \"it broke --at night\"")]
    #[case(&["fail", "1", "--reason=it broke"], "fail 1 --reason \"it broke\"")]
    #[case(&["check", "upgrade", "my orders"], "check upgrade \"my orders\"")]
    #[case(&["next", "#3"], "next #3")]
    #[case(&["snooze", "orders", "12 h"], "snooze orders 12h")]
    #[case(&["action", "orders", "Downgrade to Standard Edition"], "action orders downgrade")]
    #[case(&["notice", "It's \"gone\" --by now"], "notice It's \"gone\" --by now")]
    #[case(&["notice", "It", "is", "gone"], "notice It is gone")]
    fn words_are_read_as_the_line_is(#[case] words: &[&str], #[case] line: &str) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(parse_line(&line_of(&words)), parse_line(line), "{words:?}");
        assert!(parse_line(line).is_ok());
    }

    #[test]
    fn words_that_leave_other_programs_leave_this_one() {
        for line in ["exit", "quit", " Quit ", "/exit", "warden> exit", "exit."] {
            assert!(leaves(line), "{line}");
        }
        for line in ["exit now", "q", "quitting", ""] {
            assert!(!leaves(line), "{line}");
        }
    }
}
