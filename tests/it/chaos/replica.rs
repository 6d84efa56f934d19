//! A replica: the program with its prompt and HTTP, as a process that is killed and started again.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

/// The time in which the program answers, whatever happens to its connections.
const PATIENCE: Duration = Duration::from_secs(100);

const SECRET: &str = "a secret of sixteen letters at least";

pub(super) struct Replica {
    directory: tempfile::TempDir,
    database: String,
    pub(super) listens: SocketAddr,
    /// What every life has posted.
    pub(super) posts: Arc<Mutex<Vec<Value>>>,
    life: Mutex<Life>,
    pid: Mutex<u32>,
}

struct Life {
    child: Child,
    input: ChildStdin,
    replies: Receiver<Value>,
}

/// What happened to a line that was said.
pub(super) enum Said {
    Answered(Value),
    /// The process ended before it answered.
    Unknown,
}

impl Replica {
    /// The `number`-th of this process, on a database.
    pub(super) fn start(number: u8, database: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        // An address of its own, so that a process that starts again finds its port free.
        let [_, _, high, low] = std::process::id().to_be_bytes();
        let listens = SocketAddr::from((Ipv4Addr::new(127, 128 | high, low, number), 7_007));
        let configuration = format!(
            "[http]\nlisten = \"{listens}\"\nper_minute = 60000\n[http.keys.relay]\nworkspace = \"local\"\nbearer = true\nsecret_file = \"relay\"\n"
        );
        fs::write(directory.path().join("warden.toml"), configuration).unwrap();
        fs::write(directory.path().join("relay"), SECRET).unwrap();
        let posts = Arc::default();
        let life = Life::begin(&directory, database, &posts);
        Self {
            pid: Mutex::new(life.child.id()),
            directory,
            database: database.to_owned(),
            listens,
            posts,
            life: Mutex::new(life),
        }
    }

    /// Says a line at its prompt.
    pub(super) fn says(&self, line: &str) -> Said {
        let mut life = self.life.lock().unwrap();
        if writeln!(life.input, "{line}").is_err() {
            return Said::Unknown;
        }
        match life.replies.recv_timeout(PATIENCE) {
            Ok(reply) => {
                assert_eq!(reply["command"], line);
                Said::Answered(reply)
            }
            Err(RecvTimeoutError::Disconnected) => Said::Unknown,
            Err(RecvTimeoutError::Timeout) => panic!("no answer to `{line}`"),
        }
    }

    /// Hands in a notice; the status of the answer, if there is one.
    pub(super) fn takes(&self, id: &str, text: &str) -> Option<String> {
        let body = serde_json::json!({ "id": id, "text": text }).to_string();
        let mut stream = TcpStream::connect(self.listens).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "POST /v1/notices HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer {SECRET}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let status = answer.split(' ').nth(1)?;
        Some(status.to_owned())
    }

    pub(super) fn signal(&self, signal: &str) {
        let pid = self.pid.lock().unwrap().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Ends it where it stands, and starts it again.
    pub(super) fn dies(&self) {
        self.signal("-KILL");
        let mut life = self.life.lock().unwrap();
        life.child.wait().unwrap();
        *life = Life::begin(&self.directory, &self.database, &self.posts);
        *self.pid.lock().unwrap() = life.child.id();
    }

    /// Ends it as a supervisor does.
    pub(super) fn ends(&self) {
        self.signal("-TERM");
        assert_eq!(
            self.life.lock().unwrap().child.wait().unwrap().code(),
            Some(143)
        );
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        if let Ok(life) = self.life.get_mut() {
            let _ = life.child.kill();
            let _ = life.child.wait();
        }
    }
}

impl Life {
    /// Starts it, and waits until it answers.
    fn begin(
        directory: &tempfile::TempDir,
        database: &str,
        posts: &Arc<Mutex<Vec<Value>>>,
    ) -> Self {
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(directory.path().join("log"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_warden"))
            .args([
                "--config",
                "warden.toml",
                "--format",
                "json",
                "--db",
                database,
            ])
            .current_dir(directory.path())
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.unwrap())
            .spawn()
            .unwrap();
        let (replied, replies) = channel();
        let (out, posts) = (child.stdout.take().unwrap(), Arc::clone(posts));
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                // What was cut off by the end of the process was not said.
                let Ok(line) = serde_json::from_str::<Value>(&line) else {
                    continue;
                };
                match line["type"] == "post" {
                    true => posts.lock().unwrap().push(line),
                    false => drop(replied.send(line)),
                }
            }
        });
        let input = child.stdin.take().unwrap();
        Self {
            child,
            input,
            replies,
        }
    }
}
