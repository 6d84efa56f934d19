//! The layering of the program: imports run one way, SQL and the clock each stay in one place, and the core is pure.
//! That the core imports nothing of the others, and no library that does I/O, its own manifest sees to.
//!
//! It reads the sources. Comments and literals do not count.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

/// The rooms below each room: what its files may import, besides their own room.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("trace", &["domain"]),
    ("clock", &["domain"]),
    ("meter", &["domain"]),
    ("config", &["domain"]),
    ("command", &["domain"]),
    ("listing", &["domain"]),
    ("inbox", &["domain"]),
    ("store", &["domain"]),
    (
        "answer",
        &["domain", "trace", "command", "listing", "store"],
    ),
    ("render", &["domain", "command", "answer"]),
    ("app", APP),
    ("delivery", DELIVERY),
    ("surface", SURFACE),
    ("main", MAIN),
    ("modes", MAIN),
    ("lib", MAIN),
];
const APP: &[&str] = &[
    "domain", "trace", "clock", "meter", "config", "command", "listing", "inbox", "store",
    "answer", "render",
];
const DELIVERY: &[&str] = &[
    "domain", "trace", "clock", "meter", "store", "render", "app",
];
/// A surface is a chat too, so it knows what delivery asks of one.
const SURFACE: &[&str] = &[
    "domain", "trace", "clock", "meter", "config", "command", "listing", "inbox", "store",
    "answer", "render", "app", "delivery",
];
const MAIN: &[&str] = &[
    "domain", "trace", "clock", "meter", "config", "command", "listing", "inbox", "store",
    "answer", "render", "app", "delivery", "surface",
];

/// The parts of the standard library that the core must not use.
const IMPURE_STD: &[&str] = &["env", "fs", "io", "net", "os", "process", "thread", "time"];
/// What reads the time.
const CLOCKS: &[&str] = &["Utc", "Local", "SystemTime", "Instant"];

#[test]
fn the_sources_keep_to_it() {
    let mut files = Vec::new();
    gather(Path::new("src"), &mut files);
    assert!(files.iter().any(|(file, _)| file == "domain/rules.rs"));
    let found: Vec<String> = files
        .iter()
        .flat_map(|(file, text)| violations(file, text))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A line of the log is for people and machines who do not know the types of this program.
#[test]
fn no_line_of_the_log_is_debug_output() {
    let mut files = Vec::new();
    gather(Path::new("src"), &mut files);
    for (file, text) in files {
        let logs = text.split("tracing::").skip(1);
        let mut logs = logs.filter_map(|said| said.split(';').next());
        assert_eq!(logs.find(|said| said.contains(" = ?")), None, "{file}");
    }
}

pub(crate) fn gather(folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path == Path::new("src/domain/tests") {
            continue;
        }
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let name = path.strip_prefix("src").unwrap();
            let name = name.to_str().unwrap().replace('\\', "/");
            files.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// What is wrong with a file, named by its path below `src`.
fn violations(file: &str, text: &str) -> Vec<String> {
    let mut modules: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    if modules.last() == Some(&"mod") {
        modules.pop();
    }
    let room = modules[0];
    let Some((_, below)) = MAY_IMPORT.iter().find(|(name, _)| *name == room) else {
        return vec![format!("src/{file}: `{room}` has no place in the layering")];
    };
    let code = bare(text);
    let mut found = Vec::new();
    for (line, path) in paths(&code) {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let complaint = import(room, below, modules.len(), &path)
            .or_else(|| impure(room, &path))
            .or_else(|| clock(room, &path));
        found.extend(complaint.map(|words| format!("src/{file}:{line}: {words}")));
    }
    if room != "store" {
        let sql = code
            .lines()
            .zip(1..)
            .filter(|(text, _)| SQLX.is_match(text));
        found.extend(sql.map(|(_, line)| format!("src/{file}:{line}: only store/ knows sqlx")));
    }
    found
}

static SQLX: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bsqlx\b").unwrap());

fn import(room: &str, below: &[&str], depth: usize, path: &[&str]) -> Option<String> {
    let target = match path {
        ["crate" | "edition_warden", target, ..] => *target,
        ["super", ..] => {
            let up = path.iter().take_while(|part| **part == "super").count();
            (up >= depth).then(|| path.get(up).copied())??
        }
        _ => return None,
    };
    let is_room = MAY_IMPORT.iter().any(|(name, _)| *name == target);
    let wrong = is_room && target != room && !below.contains(&target);
    wrong.then(|| format!("`{room}` must not import `{target}`"))
}

fn impure(room: &str, path: &[&str]) -> Option<String> {
    let impure = match path {
        _ if room != "domain" => false,
        ["std" | "core", part, ..] => IMPURE_STD.contains(part) || *part == "*",
        _ => false,
    };
    impure.then(|| format!("the core is pure, and `{}` is not", path.join("::")))
}

fn clock(room: &str, path: &[&str]) -> Option<String> {
    let reads = matches!(path, [.., kind, "now"] if CLOCKS.contains(kind));
    (reads && room != "clock").then(|| "only clock.rs reads the time".to_owned())
}

/// The code without comments and literals, line by line where it was.
pub(crate) fn bare(text: &str) -> String {
    static SKIPPED: LazyLock<Regex> = LazyLock::new(|| {
        let raw = r####"r###".*?"###|r##".*?"##|r#".*?"#|\br".*?""####;
        let rest = r#""(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/|'(?:\\[^']+|[^'\\])'"#;
        Regex::new(&format!("(?s){raw}|{rest}")).unwrap()
    });
    let blank = |found: &regex::Captures<'_>| "\n".repeat(found[0].matches('\n').count());
    SKIPPED.replace_all(text, blank).into_owned()
}

/// Every path of the code with its line; groups in braces are written out.
fn paths(code: &str) -> Vec<(usize, Vec<String>)> {
    static TOKEN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[A-Za-z_][A-Za-z0-9_]*|::|[{},*]|[^\s]").unwrap());
    let (mut words, mut lines) = (Vec::new(), Vec::new());
    for (text, line) in code.lines().zip(1..) {
        for token in TOKEN.find_iter(text) {
            words.push(token.as_str());
            lines.push(line);
        }
    }
    let mut found = Vec::new();
    let mut next = 0;
    while next < words.len() {
        let mut one = Vec::new();
        let taken = path(&words[next..], &[], &mut one);
        found.extend(one.into_iter().map(|path| (lines[next], path)));
        next += taken.max(1);
    }
    found
}

/// Reads a path at the beginning of the tokens; says how many it took.
fn path(tokens: &[&str], before: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut whole = before.to_vec();
    let mut at = 0;
    // A leading `::` says that a crate's name follows.
    if before.is_empty() && tokens.first() == Some(&"::") {
        at = 1;
    }
    loop {
        match tokens.get(at) {
            Some(&"{") if !whole.is_empty() => {
                at += 1;
                while let Some(token) = tokens.get(at).filter(|token| **token != "}") {
                    let taken = if *token == "," {
                        1
                    } else {
                        path(&tokens[at..], &whole, found)
                    };
                    at += taken.max(1);
                }
                return at + 1;
            }
            Some(word) if is_word(word) || (*word == "*" && !whole.is_empty()) => {
                whole.push((*word).to_owned());
            }
            _ => return at,
        }
        at += 1;
        if tokens.get(at) != Some(&"::") {
            found.push(whole);
            return at;
        }
        at += 1;
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
}

#[rstest::rstest]
#[case("domain/id.rs", "use std::time::Duration;")]
#[case("domain/id.rs", "use std::{fmt, fs};")]
#[case(
    "domain/id.rs",
    "use std::{\n    collections::{BTreeMap, HashMap},\n    net::IpAddr,\n};"
)]
#[case("domain/id.rs", "fn f() { let _ = std::env::var(\"HOME\"); }")]
#[case("command/mod.rs", "use crate::app::upgrade;")]
#[case("command/mod.rs", "fn f() { sqlx::query(\"\"); }")]
#[case("render/card.rs", "use crate::surface::console;")]
#[case("render/card.rs", "use crate::store::rows;")]
#[case("answer/mod.rs", "use crate::render::card;")]
#[case("store/rows.rs", "use crate::delivery;")]
#[case("store/rows.rs", "use crate::{clock::Clock};")]
#[case("listing/mod.rs", "pub use crate::command::When;")]
#[case("config.rs", "use crate::command::Span;")]
#[case("app/upgrade.rs", "use crate::surface::Chat;")]
#[case("app/upgrade.rs", "#[derive(sqlx::FromRow)] struct R;")]
#[case("delivery/mod.rs", "use crate::surface::console;")]
#[case("delivery/mod.rs", "use crate::command::Command;")]
#[case("delivery/carry.rs", "use super::super::surface::Screen;")]
#[case("delivery/carry.rs", "fn f() { sqlx::query(\"\"); }")]
#[case("app/compose.rs", "use crate::delivery::Outgoing;")]
#[case("store/outbox.rs", "use crate::delivery::Sent;")]
#[case("surface/http.rs", "fn f() { chrono::Utc::now(); }")]
#[case("app/upgrade.rs", "fn f() { let _ = std::time::Instant::now(); }")]
#[case("app/upgrade.rs", "fn f() { let _ = times.map(SystemTime::now); }")]
#[case("helpers.rs", "")]
fn a_planted_violation_is_found(#[case] file: &str, #[case] text: &str) {
    let found = violations(file, text);
    assert!(!found.is_empty(), "{file}: {text}");
}

#[rstest::rstest]
#[case(
    "domain/id.rs",
    "//! tokio::spawn, std::time and sqlx are not used\nuse std::fmt;"
)]
#[case(
    "domain/id.rs",
    "const S: &str = \"use tokio::sync\"; const C: char = '\"';"
)]
#[case(
    "domain/id.rs",
    "const S: &str = r#\"crate::store \"x\" \"#; use crate::domain::fact;"
)]
#[case(
    "domain/case/open.rs",
    "use super::super::id::Person; struct S<'a>(&'a str);"
)]
#[case(
    "domain/id.rs",
    "fn f(time: u8, fs: u8) -> u8 { if time > fs { time } else { fs } }"
)]
#[case("clock.rs", "fn f() { Utc::now(); } mod tests { use super::Clock; }")]
#[case("store/rows.rs", "use sqlx::Any; use crate::domain::id::Person;")]
#[case(
    "app/upgrade.rs",
    "use crate::{clock::Clock, command::Command, store::Store};"
)]
#[case("surface/console.rs", "use crate::app; use std::time::Duration;")]
#[case("surface/screen.rs", "use crate::delivery::Chat;")]
#[case(
    "delivery/carry.rs",
    "use super::Inner; use crate::{app::Warden, store::Store};"
)]
#[case(
    "main.rs",
    "use edition_warden::surface::console; use edition_warden::delivery;"
)]
fn what_is_allowed_is_let_be(#[case] file: &str, #[case] text: &str) {
    assert_eq!(violations(file, text), Vec::<String>::new());
}

#[test]
fn a_violation_is_named_with_its_line() {
    let text =
        "//! Docs\nuse std::fmt;\n\nuse crate::{\n    domain::id,\n};\nuse crate::store::Row;\n";
    assert_eq!(
        violations("render/card.rs", text),
        ["src/render/card.rs:7: `render` must not import `store`"]
    );
}
