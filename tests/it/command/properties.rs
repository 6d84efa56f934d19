//! Properties of every command and every text.

use edition_warden::command::{complete, parse_line};
use proptest::prelude::*;

use super::arbitrary::{command, text};

/// Lines that are nearly commands: their words in any order, with odd ones between them.
fn nearly() -> impl Strategy<Value = String> {
    const WORDS: [&str; 22] = [
        "instance",
        "add",
        "set",
        "list",
        "confirm",
        "downgrade",
        "fail",
        "check",
        "import",
        "help",
        "--reason",
        "--by",
        "--outside",
        "--expires",
        "2026-02-30",
        "--action=",
        "#12",
        "orders",
        "rmq-cn-7e22abcdefg",
        "--",
        "unsubscribe",
        "\u{202e}",
    ];
    let word =
        prop_oneof![3 => proptest::sample::select(&WORDS[..]).prop_map(str::to_owned), 1 => text()];
    proptest::collection::vec(word, 0..8).prop_map(|words| words.join(" "))
}

fn is_understood_or_explained(line: &str) {
    match parse_line(line) {
        Ok(command) => assert_eq!(parse_line(&command.to_string()).as_ref(), Ok(&command)),
        Err(error) => {
            let text = error.to_string();
            assert!(!text.is_empty() && text.chars().count() < 2_000, "{text}");
            assert!(!text.contains(char::is_control), "{text:?}");
            for process in ["--help", "error:", "Usage", "warden "] {
                assert!(line.contains(process) || !text.contains(process), "{text}");
            }
        }
    }
}

/// Behind a name an option or the next value may follow without a blank, so a name that looks like that is printed in quotes.
#[test]
fn a_name_that_holds_more_than_a_name_is_read_back() {
    for name in [
        "a--reason",
        "a—reason",
        "a,12h",
        "a，12h",
        "a:12h",
        "team:a--reason",
    ] {
        for line in [
            format!("snooze \"{name}\" 3h"),
            format!("handover \"{name}\" --to bob --reason r"),
            format!("instance remove \"{name}\" --reason r"),
        ] {
            let command = parse_line(&line).expect(&line);
            let printed = command.to_string();
            assert_eq!(parse_line(&printed), Ok(command), "{printed}");
        }
    }
    let plain = parse_line("instance set team:payments --auto-renew off").expect("a command");
    assert!(plain.to_string().starts_with("instance set team:payments "));
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(command in command()) {
        let line = command.to_string();
        prop_assert_eq!(parse_line(&line), Ok(command), "{}", line);
    }

    #[test]
    fn any_text_is_understood_or_explained(line in any::<String>()) {
        is_understood_or_explained(&line);
    }

    #[test]
    fn any_words_are_understood_or_explained(line in nearly()) {
        is_understood_or_explained(&line);
    }

    #[test]
    fn any_place_can_be_completed(line in nearly(), pos in 0..200_usize) {
        let place = complete(&line, pos);
        prop_assert!(line.get(place.start..).is_some());
    }
}
