//! The documentation is true: every transcript in it is replayed, every link leads somewhere, every table is generated.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const PROMPT: &str = "warden> ";
const SHELL: &str = "$ ";
const SANDBOX: &str = "$ warden console --sandbox";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages of the book, and what stands beside them.
fn pages() -> Vec<PathBuf> {
    let beside = [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
    ];
    let mut pages: Vec<PathBuf> = beside.iter().map(|page| root().join(page)).collect();
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ext| ext == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    pages
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn page(name: &str) -> String {
    read(&root().join("docs").join(name))
}

/// What stands between fences of this kind.
fn blocks<'a>(text: &'a str, kind: &str) -> Vec<&'a str> {
    let begin = format!("```{kind}\n");
    let mut rest = text;
    let mut found = Vec::new();
    while let Some((_, behind)) = rest.split_once(&begin) {
        let (block, behind) = behind.split_once("```").expect("the end of a block");
        found.push(block);
        rest = behind;
    }
    found
}

/// Says the lines of a session in the sandbox, and writes the transcript again.
fn sandbox(commands: &[&str]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_warden"))
        .args(["console", "--sandbox", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let input = commands.join("\n");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let mut heard: VecDeque<serde_json::Value> = std::str::from_utf8(&output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut transcript = format!("{SANDBOX}\n");
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

/// Runs the lines of a session in a shell, in this directory, and writes the transcript again.
fn shell(commands: &[&str], directory: &Path) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_warden"));
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", program.parent().unwrap().display());
    let mut transcript = String::new();
    for command in commands {
        let output = Command::new("/bin/sh")
            .args(["-c", &format!("{{ {command}\n}} 2>&1")])
            .current_dir(directory)
            .env_clear()
            .env("PATH", &path)
            .env("HOME", directory)
            .env("USER", "alice")
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let _ = writeln!(transcript, "{SHELL}{command}");
        transcript.push_str(&said);
    }
    transcript
}

/// Without blank lines, which set the parts of a transcript apart.
fn dense(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn every_transcript_is_what_the_program_says() {
    let mut differing = String::new();
    for path in pages() {
        let text = read(&path);
        let directory = tempfile::tempdir().unwrap();
        for block in blocks(&text, "console") {
            let prompt = if block.starts_with(SANDBOX) {
                PROMPT
            } else {
                SHELL
            };
            let said: Vec<&str> = block
                .lines()
                .filter_map(|line| line.strip_prefix(prompt))
                .collect();
            assert!(
                !said.is_empty(),
                "{}: nothing is said in\n{block}",
                path.display()
            );
            let again = match prompt {
                PROMPT => sandbox(&said),
                _ => shell(&said, directory.path()),
            };
            let (expected, again) = (dense(block), dense(&again));
            let compared =
                snapbox::Assert::new().try_eq(None, again.clone().into(), expected.into());
            if let Err(error) = compared {
                let _ = writeln!(differing, "{}:\n{error}\n{again}", path.display());
            }
        }
    }
    assert!(differing.is_empty(), "{differing}");
}

#[test]
fn every_page_is_in_the_book_and_shows_what_it_tells_of() {
    let summary = page("SUMMARY.md");
    for path in pages() {
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.parent().unwrap().ends_with("docs") && name != "SUMMARY.md" {
            assert!(
                summary.contains(&format!("({name})")),
                "{name} is not in SUMMARY.md"
            );
            let shows = !blocks(&read(&path), "console").is_empty();
            assert!(shows, "{name} shows nothing that the program says");
        }
    }
    let size = read(&root().join("README.md")).len();
    assert!(size <= 10_000, "the README has {size} bytes");
}

/// The anchor that a heading gets.
fn anchor(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// A page without its blocks of code.
fn prose(text: &str) -> String {
    let mut inside = false;
    let outside = text.lines().filter(|line| {
        let fence = line.starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    outside.collect::<Vec<_>>().join("\n")
}

fn anchors(text: &str) -> BTreeSet<String> {
    let text = prose(text);
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| anchor(line.trim_start_matches('#').trim()))
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    for path in pages() {
        let text = read(&path);
        let places = prose(&text);
        for link in places.split("](").skip(1) {
            let link = link.split(')').next().unwrap_or_default();
            if link.starts_with("http") {
                continue;
            }
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => path.clone(),
                file => path.parent().unwrap().join(file),
            };
            // A book has its own pages only.
            let leaves = path.parent().unwrap().ends_with("docs") && file.starts_with("..");
            let there = !leaves
                && target.exists()
                && (place.is_empty() || anchors(&read(&target)).contains(place));
            if !there {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Places in the sources that pages send people to.
#[test]
fn every_place_that_is_named_is_there() {
    let mut missing = Vec::new();
    for path in pages() {
        for named in read(&path).split('`').skip(1).step_by(2) {
            let place = [
                "src/",
                "tests/",
                "docs/",
                "config/",
                "contrib/",
                "migrations/",
                "benches/",
            ]
            .iter()
            .any(|begin| named.starts_with(begin));
            let plain = named
                .chars()
                .all(|c| c.is_alphanumeric() || "/._-".contains(c));
            if place && plain && !root().join(named).exists() {
                missing.push(format!("{}: {named}", path.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn the_tables_are_generated() {
    let rules = edition_warden::render::rule::markdown();
    assert!(
        page("rules.md").contains(&rules),
        "run `warden rules --markdown`"
    );
    let commands = edition_warden::command::help::markdown_table();
    assert!(
        page("commands.md").contains(&commands),
        "the table of commands should be:\n{commands}"
    );
    let metrics = edition_warden::meter::markdown_table();
    assert!(
        page("metrics.md").contains(&metrics),
        "the table of metrics should be:\n{metrics}"
    );
}

/// The page's line for a script finds what may be lost, with whose it is.
#[test]
fn the_line_with_jq_finds_what_may_be_lost() {
    if Command::new("jq").arg("--version").output().is_err() {
        return;
    }
    let line = blocks(&page("scripts.md"), "sh")
        .into_iter()
        .find(|block| block.contains("jq"))
        .expect("a line with jq")
        .trim()
        .to_owned();
    let directory = tempfile::tempdir().unwrap();
    let says = |line: &str| shell(&[line], directory.path());
    let id = |end: u8| format!("MQ_INST_1080056302921134_BXuIbML{end}");
    for (end, name, expires) in [(1, "orders", "2020-01-01"), (2, "search", "2099-01-01")] {
        says(&format!(
            "warden instance add {} --name {name} --region cn-hangzhou --edition platinum --expires {expires} --yes-really --team pay",
            id(end)
        ));
    }
    let said = says(&line);
    let found: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("MQ_INST"))
        .collect();
    assert_eq!(
        found,
        [format!(
            "{} outlived-release by 2020-01-07T16:00:00Z: team pay",
            id(1)
        )],
        "{said}"
    );
}

/// Each verb once at least, so that what it answers is held against the schema.
const EVERY_VERB: &str = include_str!("every_verb.txt");

/// `SNAPSHOTS=overwrite` writes it again.
#[test]
fn the_schema_is_that_of_what_is_printed() {
    let schema = edition_warden::surface::json_schema();
    snapbox::assert_data_eq!(
        schema.clone(),
        snapbox::file!["../../docs/schema.json"].raw()
    );
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let id = "MQ_INST_1080056302921134_BXuIbML7";
    let added = format!(
        "instance add {id} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade --team payments"
    );
    let notice = format!("notice Your instance {id} will be released on 2026-03-08.");
    let mut child = Command::new(env!("CARGO_BIN_EXE_warden"))
        .args(["console", "--sandbox", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let verbs = EVERY_VERB.lines();
    let lines: Vec<&str> = std::iter::once(added.as_str())
        .chain(verbs)
        .chain([notice.as_str(), "notices", "import -"])
        // The file is the rest of the input.
        .chain(edition_warden::command::help::CSV)
        .collect();
    for verb in edition_warden::command::verbs() {
        let name = verb.path.join(" ");
        let said = |line: &&str| line.starts_with(&name);
        assert!(lines.iter().any(said), "`{name}` is not said");
    }
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(lines.join("\n").as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let mut kinds = BTreeSet::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let kind = if line["type"] == "post" {
            "Post"
        } else {
            "Reply"
        };
        holds(&line, &schema["$defs"][kind], &schema);
        if let Some(data) = line["data"].as_object() {
            kinds.extend(data.keys().cloned());
        }
    }
    for shown in blocks(&page("scripts.md"), "json") {
        let post = serde_json::from_str(shown).unwrap();
        holds(&post, &schema["$defs"]["Post"], &schema);
    }
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    assert_eq!(
        kinds,
        [
            "audit",
            "changes",
            "concerns",
            "handover",
            "imports",
            "instances",
            "missing",
            "notices",
            "page",
            "reminders",
            "rules",
            "safeguards",
            "settings",
            "teachable",
            "verdicts",
            "wordings"
        ]
    );
}

/// Whether a value is as its schema says, as far as this schema says anything: every key is described, nothing that is required is
/// missing, and each value is of a kind that is allowed.
fn holds(value: &serde_json::Value, schema: &serde_json::Value, root: &serde_json::Value) {
    use serde_json::Value;
    if let Some(place) = schema["$ref"].as_str() {
        let name = place.strip_prefix("#/$defs/").unwrap();
        return holds(value, &root["$defs"][name], root);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let of_null = |one: &&Value| one["type"] == "null";
        let fitting = any
            .iter()
            .find(|one| of_null(one) == value.is_null())
            .unwrap();
        return holds(value, fitting, root);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let allowed = match &schema["type"] {
        Value::String(one) => one == kind,
        Value::Array(several) => several.iter().any(|one| one == kind),
        _ => true,
    };
    let listed = schema["enum"].as_array();
    let allowed = allowed && listed.is_none_or(|values| values.contains(value));
    assert!(allowed, "{value} is none of {schema}");
    if let Some(items) = value.as_array() {
        items
            .iter()
            .for_each(|item| holds(item, &schema["items"], root));
    }
    if let Some(object) = value.as_object() {
        for (key, value) in object {
            let described = &schema["properties"][key];
            assert!(!described.is_null(), "{key} is not described in {schema}");
            holds(value, described, root);
        }
        for key in schema["required"].as_array().into_iter().flatten() {
            assert!(
                object.contains_key(key.as_str().unwrap()),
                "{key} is missing in {value}"
            );
        }
    }
}
