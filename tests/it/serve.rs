//! `warden serve`, as it is run.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use edition_warden::config::Config;
use rstest::rstest;

use crate::backup::warden;

/// Ends a process that is not done with after a minute, so that nobody waits for ever for what it does not say.
fn watched(child: String) -> Sender<()> {
    let (watch, ended) = channel();
    std::thread::spawn(move || {
        if ended.recv_timeout(Duration::from_secs(60)) == Err(RecvTimeoutError::Timeout) {
            let _ = Command::new("kill").args(["-KILL", &child]).status();
        }
    });
    watch
}

/// The program, and where it listens.
pub(crate) struct Serving {
    child: Child,
    pub(crate) at: SocketAddr,
    stdout: BufReader<ChildStdout>,
    log: BufReader<ChildStderr>,
    logged: String,
    _watch: Sender<()>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const CONFIGURATION: &str = "[http]\nlisten = \"127.0.0.1:0\"\nper_minute = 60\n[http.keys.relay]\nworkspace = \"local\"\nbearer = true\nsecret_file = \"relay\"\n";
const LOGS: &str = "[log]\nlevel = \"info\"\n";

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
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        stdout.read_line(&mut said).unwrap();
        let at = said.split_once("HTTP on ").unwrap().1;
        let at = at.split(',').next().unwrap().parse().unwrap();
        assert!(
            said.contains("There is no chat: what is meant for people waits"),
            "{said}"
        );
        let child_id = child.id().to_string();
        let log = BufReader::new(child.stderr.take().unwrap());
        Self {
            child,
            at,
            stdout,
            log,
            logged: String::new(),
            _watch: watched(child_id),
        }
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

    /// The next line of its log that has these words.
    pub(crate) fn logs(&mut self, words: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(
                self.log.read_line(&mut line).unwrap() > 0,
                "{words}: {}",
                self.logged
            );
            self.logged.push_str(&line);
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Told to end, its exit status and its log.
    pub(crate) fn ends(mut self) -> (Option<i32>, String) {
        self.signal("-TERM");
        let code = self.child.wait().unwrap().code();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        self.log.read_to_string(&mut self.logged).unwrap();
        (code, std::mem::take(&mut self.logged))
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
    let (code, log) = serving.ends();
    assert_eq!(code, Some(143));
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
    assert_eq!(serving.ends().0, Some(143));
}

#[test]
fn its_start_and_its_end_are_one_line_each() {
    let directory = tempfile::tempdir().unwrap();
    let serving = Serving::start(directory.path(), &format!("{CONFIGURATION}{LOGS}"));
    let at = format!("http.address=\"{}\"", serving.at);
    let (_, log) = serving.ends();
    let line = |words: &str| {
        let mut lines = log.lines().filter(|line| line.contains(words));
        let found = lines.next().unwrap_or_else(|| panic!("{words}: {log}"));
        assert_eq!(lines.next(), None);
        found
    };
    let started = line("warden has started");
    let version = format!("version=\"{}", env!("CARGO_PKG_VERSION"));
    for part in [&*at, &version, "database=warden.db"] {
        assert!(started.contains(part), "{started}");
    }
    assert!(
        line("warden has ended").contains("exit.status=143"),
        "{log}"
    );
}

const TEXT: &str = "Your instance MQ_INST_1080056302921134_BXuIbML7 is gone";

#[test]
fn told_to_it_reads_the_configuration_again() {
    let directory = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(directory.path(), CONFIGURATION);
    let write = |text: &str| fs::write(directory.path().join("warden.toml"), text).unwrap();
    // Another secret, and everything is logged from now on.
    fs::write(
        directory.path().join("relay"),
        "another secret that is long enough",
    )
    .unwrap();
    write(&format!("{CONFIGURATION}{LOGS}"));
    serving.signal("-HUP");
    serving.logs("the configuration was read again");
    assert!(serving.sends(SECRET, TEXT).starts_with("HTTP/1.1 401"));
    let new = "another secret that is long enough";
    assert!(serving.sends(new, TEXT).starts_with("HTTP/1.1 202"));
    serving.logs("a request was answered");
    // What is not usable changes nothing, and says what it is.
    write(&CONFIGURATION.replace("per_minute = 60", "per_minute = 0"));
    serving.signal("-HUP");
    let line = serving.logs("nothing was changed");
    assert!(line.contains("http.per_minute"), "{line}");
    assert!(serving.sends(new, TEXT).starts_with("HTTP/1.1 202"));
    // What cannot change is named and stays; the rest changes.
    let other = CONFIGURATION
        .replace("127.0.0.1:0", "127.0.0.1:1")
        .replace("60", "1");
    write(&format!(
        "{other}[time]\nvendor_zone = \"UTC\"\n{LOGS}format = \"json\"\n"
    ));
    serving.signal("-HUP");
    let line = serving.logs("cannot change while the program runs");
    for name in ["http.listen", "time.vendor_zone", "log.format"] {
        assert!(line.contains(name), "{line}");
    }
    assert!(serving.sends(new, TEXT).starts_with("HTTP/1.1 202"));
    assert!(serving.sends(new, TEXT).starts_with("HTTP/1.1 429"));
    let (code, log) = serving.ends();
    assert_eq!(code, Some(143), "{log}");
}

/// Each setting that cannot change while the program runs.
#[rstest]
#[case("[database]\npath = \"elsewhere.db\"", "database.path")]
#[case("[database]\nurl = \"postgres://db/warden\"", "database.url")]
#[case("[time]\nvendor_zone = \"Europe/Berlin\"", "time.vendor_zone")]
#[case("[time]\nreader_zone = \"Europe/Berlin\"", "time.reader_zone")]
#[case("[heartbeat]\nurl = \"https://example.com/x\"", "heartbeat.url")]
#[case("[discord]\nguilds = \"1234567890123456789\"", "discord.guilds")]
#[case("[http]\nlisten = \"127.0.0.1:9\"", "http.listen")]
#[case("[http]\nbeyond_loopback = true", "http.beyond_loopback")]
#[case("[log]\nformat = \"json\"", "log.format")]
fn what_cannot_change_stays_as_it_was(#[case] text: &str, #[case] name: &str) {
    let directory = tempfile::tempdir().unwrap();
    let load = |text: &str| {
        let path = directory.path().join("warden.toml");
        fs::write(&path, text).unwrap();
        Config::load(Some(&path), []).unwrap()
    };
    let held = load("");
    let all = format!("{text}\n[policy]\nobservers = 1\n");
    let (taken, stays) = held.taking_over(load(&all));
    assert!(stays.contains(&name), "{stays:?}");
    assert_eq!(taken.policy.observers, 1);
    // It is as if only the rest had been written.
    let (taken_again, none) = taken.taking_over(taken.clone());
    assert_eq!(
        (&taken_again, none.as_slice()),
        (&taken, [""; 0].as_slice())
    );
    let rest = load("[policy]\nobservers = 1\n");
    assert_eq!(taken.database, rest.database);
    assert_eq!(
        (taken.vendor_zone, taken.reader_zone),
        (rest.vendor_zone, rest.reader_zone)
    );
    assert_eq!((&taken.http, &taken.discord), (&rest.http, &rest.discord));
    assert_eq!((&taken.log, &taken.heartbeat), (&rest.log, &rest.heartbeat));
    assert_eq!(taken.cadence, rest.cadence);
}
