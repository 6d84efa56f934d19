//! The program itself, with lines piped in.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

fn warden(args: &[&str], input: &[u8]) -> Output {
    let dir = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_warden"))
        .args(args)
        .current_dir(dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[track_caller]
fn refused(args: &[&str], words: &str) {
    let output = warden(args, b"");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(words), "`{words}` is missing in:\n{said}");
}

#[test]
fn arguments_that_contradict_each_other_are_refused() {
    refused(&["--db", "x.db", "console", "--sandbox"], "--db");
    refused(&["console", "--sandbox", "--db", "x.db"], "--db");
    for verb in ["rules", "check-config"] {
        refused(&[verb, "--format", "json"], "this prints text only");
    }
}

#[test]
fn a_line_that_is_not_text_is_echoed_without_its_frame() {
    let output = warden(
        &["console", "--sandbox", "--format", "json"],
        b"\xef\xbb\xbfwhat \xff\r\n\xef\xbb\xbfchanges\r\n",
    );
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    let commands: Vec<serde_json::Value> = said
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["command"].clone())
        .collect();
    assert_eq!(commands, ["what \u{fffd}", "changes"]);
}

#[test]
fn piped_input_is_not_told_of_ctrl_d() {
    let output = warden(&[], b"changes\n");
    assert_eq!(output.status.code(), Some(0));
    assert!(!String::from_utf8(output.stdout).unwrap().contains("Ctrl-D"));
}

#[test]
fn import_takes_the_rest_of_piped_input() {
    let output = warden(
        &["console", "--sandbox"],
        b"import -\nid,name,region\nMQ_INST_1080056302921134_BXuIbML7,orders,cn-hangzhou\n",
    );
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stdout).unwrap().contains("1 new"));
}

#[test]
fn whoever_may_not_import_learns_nothing_of_files() {
    let output = warden(
        &["console", "--sandbox"],
        b":as eve viewer\nimport no-such.csv\nimport -\nid,name,region\n",
    );
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.matches("Denied: importing a listing").count(), 2);
    assert!(!said.contains("no-such"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_told_in_words() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let output = Command::new(env!("CARGO_BIN_EXE_warden"))
        .arg("rules")
        .stdout(full.unwrap())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said.contains("standard output cannot be written to"),
        "{said}"
    );
    assert!(!said.contains("os error"), "{said}");
}

const ID: &str = "MQ_INST_2080056302921134_AbCdEf12";
const OTHER: &str = "MQ_INST_2080056302921134_GhIjKl34";

/// What is said behind a notice is part of it, whatever was copied along before the notice; what is meant as a command and is
/// none is reported, and keeps the notice from being suppressed.
#[test]
fn a_notice_is_never_suppressed_without_what_stands_behind_it() {
    let begins = [
        "notice ",
        "/notice ",
        "warden> notice ",
        "> notice ",
        "notice: ",
        "notice：",
        "Notice. ",
        "ｎｏｔｉｃｅ ",
        "$ notice ",
    ];
    let behind = [
        format!("Together with {OTHER}."),
        format!("Action required: {OTHER} will be released tomorrow"),
        format!("Check {OTHER} as well"),
        format!("help center: {OTHER}"),
        format!(":warning: {OTHER}"),
        format!("\n\n:{OTHER}"),
        "confirm nonsense".to_owned(),
    ];
    let text = format!("Your instance {ID} will be released on 2026-03-08.");
    let outcomes = |lines: &str| -> Vec<(String, String)> {
        let input = format!(
            "instance add {ID} --name billing --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade\n{lines}\n"
        );
        let args = [
            "console",
            "--sandbox",
            "--at",
            "2026-02-24T01:00:00Z",
            "--format",
            "json",
        ];
        let output = warden(&args, input.as_bytes());
        let said = String::from_utf8(output.stdout).unwrap();
        let replies = said
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let replies = replies.filter(|one| one["type"] == "reply").skip(1);
        let word = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap().to_owned();
        replies
            .map(|one| (word(&one, "outcome"), word(&one, "text")))
            .collect()
    };
    for begin in begins {
        let alone = outcomes(&format!("{begin}{text}"));
        assert_eq!(alone[0].0, "suppressed", "{begin}: {alone:?}");
        let said = outcomes(&format!("{begin}{text}\n{}", behind[0]));
        assert_eq!(said.len(), 1, "{begin}: {said:?}");
        assert!(
            said[0].0 == "raised" && said[0].1.contains(OTHER),
            "{begin}: {said:?}"
        );
    }
    for behind in behind {
        let said = outcomes(&format!("notice {text}\n{behind}"));
        assert_eq!(said[0].0, "raised", "{behind}: {said:?}");
        assert!(
            !behind.contains(OTHER) || said[0].1.contains(OTHER),
            "{behind}: {said:?}"
        );
    }
    // What is a command behind one is done, in whatever form.
    for line in ["/instance list", "warden> instance list"] {
        let said = outcomes(&format!("notice {text}\n{line}"));
        let said: Vec<&str> = said.iter().map(|(outcome, _)| outcome.as_str()).collect();
        assert_eq!(said, ["suppressed", "info"], "{line}");
    }
}
