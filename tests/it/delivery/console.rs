//! The program itself as a chat: what posts look like, a second process, signals.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use edition_warden::domain::effect::{Mention, Post};
use edition_warden::store::Store;

use super::recording::{Office, post};
use crate::harness::{ORDERS, instant};

/// Puts a message into a database file, as another process would.
async fn leave(path: &Path, text: &str) {
    leave_in("local", path, text).await;
}

async fn leave_in(workspace: &str, path: &Path, text: &str) {
    let due = instant("2026-01-01T00:00:00Z");
    let store = Store::open(path).await.unwrap();
    let mut tx = store.write(&workspace.into()).await.unwrap();
    let post = Post {
        mentions: vec![
            Mention::Person {
                id: "17".into(),
                name: "bob".to_owned(),
            },
            Mention::Team("payments".to_owned()),
        ],
        instances: vec![edition_warden::domain::id::InstanceId::parse(ORDERS).unwrap()],
        change: Some(7),
        ..post("console", text, due)
    };
    tx.post(&post).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
}

fn program(path: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_warden"));
    command
        .arg("--db")
        .arg(path)
        .args(args)
        .current_dir(path.parent().unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A program that was told nothing yet, and what it says.
struct Running {
    child: Child,
    said: Receiver<String>,
}

impl Running {
    /// Until it has greeted.
    fn start(path: &Path) -> Self {
        let mut child = program(path, &[]).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (hear, said) = mpsc::channel();
        std::thread::spawn(move || {
            output
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| hear.send(line))
        });
        let running = Self { child, said };
        running.until("`help` lists the verbs.");
        running
    }

    /// Listens until a line holds these words.
    fn until(&self, words: &str) {
        let mut heard = Vec::new();
        while !heard.iter().any(|line: &String| line.contains(words)) {
            let line = self.said.recv_timeout(Duration::from_secs(60));
            heard.push(line.unwrap_or_else(|_| panic!("`{words}` is missing in {heard:?}")));
        }
    }

    fn types(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "{line}").unwrap();
    }

    /// Ends it with a signal; its exit status, and what it said after what was heard.
    fn signal(mut self, name: &str) -> (Option<i32>, String) {
        let sent = Command::new("kill")
            .args([format!("-{name}"), self.child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        // Waiting would close its input, which ends it too.
        let input = self.child.stdin.take();
        let code = self.child.wait().unwrap().code();
        drop(input);
        (code, self.said.iter().collect())
    }
}

fn run(path: &Path, args: &[&str], input: &str) -> (String, String) {
    let mut child = program(path, args).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

fn database() -> (tempfile::TempDir, std::path::PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("warden.db");
    (directory, path)
}

#[tokio::test]
async fn a_post_looks_like_no_reply() {
    let (_directory, path) = database();
    leave(&path, "Look at it.\nIt is due.").await;
    let (said, _) = run(&path, &[], "changes\n");
    let post = "» console · reminder · @bob @team:payments\n  Look at it.\n  It is due.\n";
    assert!(said.contains(post), "{said}");
    let (said, _) = run(&path, &[], "changes\n");
    assert!(!said.contains("Look at it"), "once: {said}");
}

#[tokio::test]
async fn for_scripts_a_post_is_one_object_a_line() {
    let (_directory, path) = database();
    leave(&path, "Look at it.\nIt is due.").await;
    let (said, _) = run(&path, &["--format", "json"], "changes\n");
    let lines: Vec<serde_json::Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [post, reply] = lines.as_slice() else {
        panic!("{said}");
    };
    assert_eq!(reply["type"], "reply");
    let at = post["at"].as_str().unwrap();
    assert!(at.parse::<edition_warden::domain::Timestamp>().is_ok());
    let expected = serde_json::json!({
        "type": "post", "channel": "console", "kind": "reminder", "instances": [ORDERS], "change": 7, "at": at,
        "mentions": ["bob", "team:payments"], "text": "Look at it.\nIt is due.",
    });
    assert_eq!(*post, expected);
}

#[tokio::test]
async fn a_second_process_answers_says_so_and_posts_nothing() {
    let (_directory, path) = database();
    let mut first = Running::start(&path);
    leave(&path, "Look at it.").await;
    let (said, _) = run(&path, &[], "changes\n");
    assert!(
        said.contains("Another prompt posts for this database"),
        "{said}"
    );
    assert!(said.contains("No open changes"), "{said}");
    let (said, log) = run(&path, &["--format", "json"], "changes\n");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(
        log.contains("Another prompt posts for this database"),
        "{log}"
    );
    first.types("changes");
    first.until("» console · reminder");

    // It ends, and the next one has nobody to wait for.
    drop(first.child.stdin.take());
    assert_eq!(first.child.wait().unwrap().code(), Some(0));
    leave(&path, "Look again.").await;
    let (said, _) = run(&path, &[], "changes\n");
    assert!(!said.contains("Another prompt"), "{said}");
    assert!(said.contains("Look again."), "{said}");
}

/// Nobody would read it there.
#[tokio::test]
async fn what_is_meant_for_a_server_is_left_to_the_bot() {
    let (_directory, path) = database();
    leave_in("42", &path, "Orders is deleted tomorrow.").await;
    leave(&path, "Look at it.").await;
    let mut prompt = Running::start(&path);
    prompt.types("changes");
    prompt.until("Look at it.");

    let bot = Office::of_bot(Store::open(&path).await.unwrap());
    assert!(bot.delivery.begin().await.unwrap(), "beside the prompt");
    leave(&path, "Look again.").await;
    bot.pass().await;
    assert_eq!(bot.chat.reads("console"), ["Orders is deleted tomorrow."]);
    prompt.types("changes");
    prompt.until("Look again.");
    let (_, rest) = prompt.signal("TERM");
    assert!(!rest.contains("Orders"), "{rest}");
}

#[cfg(unix)]
#[tokio::test]
async fn told_to_end_it_gives_the_lease_back() {
    let (_directory, path) = database();
    for (name, status) in [("TERM", 143), ("INT", 130), ("HUP", 129)] {
        let mut running = Running::start(&path);
        running.types("changes");
        running.until("No open changes");
        let (code, rest) = running.signal(name);
        assert_eq!(code, Some(status), "{rest}");
        let (said, _) = run(&path, &[], "changes\n");
        assert!(!said.contains("Another prompt"), "{name}: {said}");
    }
}
