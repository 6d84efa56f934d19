//! `warden serve`, as it is run.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::backup::warden;

/// The program, and where it listens.
pub(crate) struct Serving {
    child: Child,
    pub(crate) at: SocketAddr,
    stdout: BufReader<ChildStdout>,
}

const CONFIGURATION: &str = "[http]\nlisten = \"127.0.0.1:0\"\nper_minute = 60\n[http.keys.relay]\nworkspace = \"local\"\nbearer = true\nsecret_file = \"relay\"\n";

impl Serving {
    /// Starts it in a directory, on a database that is created.
    pub(crate) fn start(directory: &Path, configuration: &str) -> Self {
        fs::write(directory.join("warden.toml"), configuration).unwrap();
        fs::write(
            directory.join("relay"),
            "a secret of sixteen letters at least",
        )
        .unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_warden"))
            .args(["--config", "warden.toml", "serve", "--init"])
            .current_dir(directory)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(directory.join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        stdout.read_line(&mut said).unwrap();
        let log = || fs::read_to_string(directory.join("log")).unwrap();
        let at = said
            .split_once("HTTP on ")
            .unwrap_or_else(|| panic!("{said}{}", log()))
            .1;
        let at = at.split(',').next().unwrap().parse().unwrap();
        assert!(
            said.contains("There is no chat: what is meant for people waits"),
            "{said}"
        );
        Self { child, at, stdout }
    }

    /// What is answered, whole.
    pub(crate) fn asks(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.at).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    pub(crate) fn sends(&self, key: &str, text: &str) -> String {
        self.asks(&format!(
            "POST /v1/notices HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nAuthorization: Bearer {key}\r\nContent-Length: {}\r\n\r\n{text}",
            text.len()
        ))
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Told to end, its exit status.
    pub(crate) fn ends(mut self) -> Option<i32> {
        self.signal("-TERM");
        let code = self.child.wait().unwrap().code();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        code
    }
}

pub(crate) const SECRET: &str = "a secret of sixteen letters at least";

#[test]
fn it_answers_and_what_is_meant_for_people_waits_until_there_is_a_chat() {
    let directory = tempfile::tempdir().unwrap();
    let (code, said) = warden(directory.path(), &["serve"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("start once with --init"), "{said}");
    let serving = Serving::start(directory.path(), CONFIGURATION);
    let ready = serving.asks("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");
    assert!(
        ready.contains("has no chat: what is meant for people waits"),
        "{ready}"
    );
    let taken = serving.sends(
        SECRET,
        "Your instance MQ_INST_1080056302921134_BXuIbML7 is gone",
    );
    assert!(taken.starts_with("HTTP/1.1 202"), "{taken}");
    assert_eq!(serving.ends(), Some(143));
    let log = fs::read_to_string(directory.path().join("log")).unwrap();
    assert!(!log.contains("delivered"), "{log}");
    // The next one that has somewhere to say it says it.
    let (code, said) = warden(directory.path(), &["--config", "warden.toml", "todo"]);
    assert_eq!(code, Some(0), "{said}");
    let mut prompt = Command::new(env!("CARGO_BIN_EXE_warden"))
        .current_dir(directory.path())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(prompt.stdin.take());
    let mut heard = String::new();
    prompt
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut heard)
        .unwrap();
    prompt.wait().unwrap();
    assert!(
        format!("{said}{heard}").contains("is gone"),
        "{said}{heard}"
    );
}

#[test]
fn one_that_has_a_chat_takes_its_place_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let serving = Serving::start(directory.path(), CONFIGURATION);
    let taken = serving.sends(
        SECRET,
        "Your instance MQ_INST_1080056302921134_BXuIbML7 is gone",
    );
    assert!(taken.starts_with("HTTP/1.1 202"), "{taken}");
    let mut prompt = Command::new(env!("CARGO_BIN_EXE_warden"))
        .current_dir(directory.path())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut heard = BufReader::new(prompt.stdout.take().unwrap()).lines();
    assert!(heard.any(|line| line.unwrap().contains("is gone")));
    drop(prompt.stdin.take());
    prompt.wait().unwrap();
    assert_eq!(serving.ends(), Some(143));
}
