//! The README's tour is a real transcript: every command is replayed through the program.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

const README: &str = include_str!("../../README.md");
const PROMPT: &str = "warden> ";

/// What the README shows between the fences of the tour.
fn tour() -> &'static str {
    let (_, rest) = README
        .split_once("```console\n$ cargo run -q -- console --sandbox\n")
        .expect("a tour");
    rest.split_once("```").expect("its end").0
}

/// Replays the commands and builds the transcript again.
fn replay(commands: &[&str]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_warden"))
        .args(["console", "--sandbox", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let input = commands.join("\n");
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let mut heard: VecDeque<serde_json::Value> = std::str::from_utf8(&output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut transcript = String::new();
    for command in commands {
        let _ = writeln!(transcript, "{PROMPT}{command}");
        let answered = (!command.starts_with(':')).then(|| heard.pop_front().unwrap());
        if let Some(reply) = &answered {
            assert_eq!(reply["command"], *command);
            let _ = writeln!(transcript, "{}", reply["text"].as_str().unwrap());
        }
        // What a command makes the bot say is said at its own moment; what is later follows the clock.
        let is_of_it = |next: &serde_json::Value| {
            next["type"] == "post"
                && answered
                    .as_ref()
                    .is_none_or(|reply| next["at"] == reply["at"])
        };
        while heard.front().is_some_and(is_of_it) {
            transcript.push_str(&framed(&heard.pop_front().unwrap()));
        }
    }
    transcript
}

/// A post as it looks in a text.
fn framed(post: &serde_json::Value) -> String {
    let text = |key: &str| post[key].as_str().unwrap();
    let mut out = format!("» {} · {}", text("channel"), text("kind"));
    let mentions = post["mentions"].as_array().unwrap();
    let mentions: Vec<String> = mentions
        .iter()
        .map(|who| format!("@{}", who.as_str().unwrap()))
        .collect();
    if !mentions.is_empty() {
        let _ = write!(out, " · {}", mentions.join(" "));
    }
    for line in text("text").lines() {
        let _ = write!(out, "\n  {line}");
    }
    out + "\n"
}

#[test]
fn the_tour_is_what_the_program_says() {
    let commands: Vec<&str> = tour()
        .lines()
        .filter_map(|line| line.strip_prefix(PROMPT))
        .collect();
    assert!(commands.len() > 8, "the tour is too short: {commands:?}");
    let without_blanks = |text: &str| {
        text.lines()
            .filter(|line| !line.is_empty())
            .fold(String::new(), |a, l| a + l + "\n")
    };
    snapbox::assert_data_eq!(without_blanks(&replay(&commands)), without_blanks(tour()));
}

#[test]
fn the_rule_table_is_generated() {
    assert!(
        README.contains(&edition_warden::render::rule::markdown()),
        "run `warden rules --markdown`"
    );
}

#[test]
fn the_command_table_is_generated() {
    let table = edition_warden::command::help::markdown_table();
    assert!(
        README.contains(&table),
        "the README's command table should be:\n{table}"
    );
}
