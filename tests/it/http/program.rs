//! The program itself, with `[http]` in its configuration.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::*;
use crate::harness::ORDERS;

fn warden(directory: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_warden"));
    command
        .args(args)
        .current_dir(directory)
        .env("WARDEN_HTTP_KEY_PIPE", BEARER)
        .env("WARDEN__LOG__LEVEL", "trace")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A directory with a configuration that listens at a port, and a secret in a file.
fn directory(port: u16) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text);
    std::fs::create_dir(directory.path().join("config")).unwrap();
    let text = format!(
        "[http]\nlisten = \"127.0.0.1:{port}\"\n[http.keys.relay]\nworkspace = \"local\"\nsecret_file = \"secret\"\n\
         [http.keys.pipe]\nworkspace = \"local\"\nbearer = true\n"
    );
    write("config/warden.toml", &text).unwrap();
    write("secret", &format!("{SECRET}\n")).unwrap();
    directory
}

/// A port that nobody listens at for now.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn begin(directory: &Path) -> Child {
    let mut child = warden(directory, &[]).spawn().unwrap();
    let mut line = String::new();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    while !line.contains("`help` lists the verbs.") {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "it ended");
    }
    std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    child
}

#[tokio::test]
async fn it_listens_and_no_secret_is_seen() {
    let port = free_port();
    let directory = directory(port);
    let mut child = begin(directory.path());
    let mut log = child.stderr.take().unwrap();
    let log = std::thread::spawn(move || {
        let mut text = String::new();
        log.read_to_string(&mut text).map(|_| text)
    });
    let client = Client::builder().no_proxy().build().unwrap();
    let url = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let post = || {
        client
            .post(url("/v1/notices"))
            .header("content-type", "text/plain")
    };
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::UNIX_EPOCH + since_epoch());
    let request = sign(post().body("one"), "relay", SECRET, now.timestamp(), b"one");
    assert_eq!(sent(request).await.0, 202);
    let bearer = |secret: &str| {
        post()
            .body("two")
            .header("authorization", format!("Bearer {secret}"))
    };
    assert_eq!(sent(bearer(BEARER)).await.0, 202);
    assert_eq!(sent(bearer(SECRET)).await.0, 401);
    let (ready, _) = sent(client.get(url("/readyz"))).await;
    assert_eq!(ready, 200);
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let log = log.join().unwrap().unwrap();
    assert!(!log.contains("canary"), "{log}");
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && !path.ends_with("secret") {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(6).any(|part| part == b"canary");
            assert!(!found, "{}", path.display());
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the program under test has the computer's clock"
)]
fn since_epoch() -> Duration {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
}

#[cfg(unix)]
#[tokio::test]
async fn told_to_end_it_stops_listening_and_ends() {
    let port = free_port();
    let directory = directory(port);
    let mut child = begin(directory.path());
    let kept = tokio::net::TcpStream::connect(("127.0.0.1", port))
        .await
        .unwrap();
    let kill = Command::new("kill").arg(child.id().to_string()).status();
    assert!(kill.unwrap().success());
    let input = child.stdin.take();
    assert_eq!(child.wait().unwrap().code(), Some(143));
    drop((input, kept));
}

/// Another process of the same configuration may run: the prompt beside it is told, and goes on.
#[test]
fn a_prompt_beside_one_that_listens_goes_on_without() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let directory = directory(port);
    let output = warden(directory.path(), &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("the address is in use"), "{said}");
    assert!(said.contains(&format!("127.0.0.1:{port}")), "{said}");
}

/// A secret is asked for by who listens, and by who checks the configuration; nobody else needs it.
#[test]
fn a_missing_secret_stops_only_who_listens() {
    let directory = directory(free_port());
    let without = |args: &[&str]| {
        let mut command = warden(directory.path(), args);
        let output = command.env_remove("WARDEN_HTTP_KEY_PIPE").output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), said.contains("has no secret"))
    };
    let add =
        format!("instance add {ORDERS} --name orders --region cn-hangzhou --edition standard");
    let add: Vec<&str> = add.split(' ').collect();
    assert_eq!(without(&add), (Some(0), false));
    assert_eq!(without(&["instance", "list"]), (Some(0), false));
    for args in [&["check-config"][..], &[]] {
        assert_eq!(without(args), (Some(2), true), "{args:?}");
    }
}

#[test]
fn the_sandbox_listens_nowhere() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let directory = directory(taken.local_addr().unwrap().port());
    let output = warden(directory.path(), &["console", "--sandbox"]).output();
    assert_eq!(output.unwrap().status.code(), Some(0));
}

#[test]
fn the_configuration_is_shown_without_secrets() {
    let directory = directory(8080);
    let output = warden(directory.path(), &["check-config"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!said.contains("canary"), "{said}");
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| line.to_lowercase().contains("http"))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}
