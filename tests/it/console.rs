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
