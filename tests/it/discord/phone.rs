//! How many lines a phone's screen gives to what the bot says: at 480 px, 46 characters are a line.

use std::sync::LazyLock;

use regex::Regex;

/// The characters of a line at 480 px.
const WIDTH: usize = 46;

/// The lines of what `Seen::text` and `Person::sees` show of the bot's messages: a mention above a card, the card's text and its
/// footer, each wrapped. Buttons are not counted, nor what frames a code block.
pub(super) fn lines(shown: &str) -> usize {
    shown.lines().map(lines_of).sum()
}

fn lines_of(line: &str) -> usize {
    static HEAD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\w+: ").unwrap());
    let said = match line.trim_start().strip_prefix("| ") {
        Some("```") => return 0,
        Some(card) => as_shown(card),
        None if HEAD.is_match(line) => as_shown(&HEAD.replace(line, "")),
        None => return 0,
    };
    match said.trim() {
        "" => 0,
        said => textwrap::wrap(said, WIDTH).len(),
    }
}

/// A line without markup; a time, a mention and a command take the room of what they show.
fn as_shown(line: &str) -> String {
    static MARKUP: LazyLock<[(Regex, &str); 5]> = LazyLock::new(|| {
        let markup = |pattern: &str| Regex::new(pattern).unwrap();
        [
            (markup(r"<t:-?\d+:R>"), "a few seconds ago"),
            (markup(r"<t:-?\d+:F>"), "Sunday, 1 March 2026 00:00"),
            (markup(r"<(@&?|#)\d+>"), "@platform"),
            (markup(r"</([^:>]+):\d+>"), "/$1"),
            (markup(r"^\(only \w+ sees this\) |[*`\\]"), ""),
        ]
    });
    let plain = |line: String, (pattern, shown): &(Regex, &str)| {
        pattern.replace_all(&line, *shown).into_owned()
    };
    MARKUP.iter().fold(line.to_owned(), plain)
}

#[test]
fn a_phone_wraps_what_a_card_says() {
    let shown = "warden: <@&1234> <@1>\n  | **A title.**\n  | ```\n  | MQ_INST_1080056302921134_BXuIbML7\n  | ```\n  \
                 | **action** · Downgrade, somebody with a name, <t:1767225600:R>\n  (Approve) (Reject)\n";
    assert_eq!(lines(shown), 1 + 1 + 1 + 2);
    assert_eq!(lines("warden: (only dave sees this) \n  | \n"), 0);
}
