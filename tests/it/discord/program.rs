//! `warden discord` itself, as a process of its own, on the fake Discord.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use super::fake::FakeDiscord;
use super::fake::clock::Id;
use super::fake::faults::Fault;

/// A running program and the directory it works in.
pub(super) struct Program {
    child: Child,
    directory: tempfile::TempDir,
    out: JoinHandle<String>,
    log: JoinHandle<String>,
}

/// The time of all processors, in ticks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Busy {
    all: u32,
    idle: u32,
    /// Of the test and its program.
    own: u32,
}

impl Busy {
    /// How many times as long everything takes as on a machine that nobody else uses, since an earlier moment.
    pub(super) fn slowed_since(self, before: Self) -> f64 {
        let all = f64::from(self.all - before.all);
        let idle = f64::from(self.idle - before.idle);
        let own = f64::from(self.own - before.own);
        let others = (all - idle - own).max(0.0);
        all / (all - others).max(all / 20.0)
    }
}

/// What a program that has ended left behind.
pub(super) struct Left {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) log: String,
    directory: tempfile::TempDir,
}

/// What a pipe holds until its end, as text.
fn read(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

impl Program {
    /// Starts it on a new database, with this token and everything logged.
    pub(super) fn start(discord: &FakeDiscord, token: &str) -> Self {
        Self::logging(discord, token, "trace")
    }

    /// As [`Program::start`], with this log level.
    pub(super) fn logging(discord: &FakeDiscord, token: &str, level: &str) -> Self {
        Self::at(&discord.api_url(), token, level)
    }

    /// As [`Program::logging`], with whatever stands in for Discord at this address.
    pub(super) fn at(base: &str, token: &str, level: &str) -> Self {
        Self::with(base, token, level, None)
    }

    /// As [`Program::start`], with a key for its trails.
    pub(super) fn keyed(discord: &FakeDiscord, token: &str, key: &str) -> Self {
        Self::with(&discord.api_url(), token, "trace", Some(key))
    }

    fn with(base: &str, token: &str, level: &str, key: Option<&str>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_warden"))
            .args(["--db", "warden.db", "discord", "--init", "--api-base"])
            .arg(base)
            .current_dir(directory.path())
            .env("DISCORD_TOKEN", token)
            .env("WARDEN__LOG__LEVEL", level)
            .envs(key.map(|key| ("WARDEN_AUDIT_KEY", key)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            out: read(child.stdout.take().unwrap()),
            log: read(child.stderr.take().unwrap()),
            child,
            directory,
        }
    }

    /// What its directory holds at this moment.
    pub(super) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        files(self.directory.path())
    }

    /// How much memory it has at this moment, in KiB.
    pub(super) fn resident(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// How much memory it had at most, in KiB.
    pub(super) fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// How busy the machine has been until now.
    pub(super) fn busy(&self) -> Busy {
        let read = |path: &str| std::fs::read_to_string(path).unwrap();
        let ticks = |text: &str| -> Vec<u32> {
            let parts = text.split_whitespace();
            parts.filter_map(|part| part.parse().ok()).collect()
        };
        let all = read("/proc/stat");
        let all = ticks(all.lines().next().unwrap());
        let of_process = |id: &str| {
            let stat = read(&format!("/proc/{id}/stat"));
            // Behind the name, which may hold blanks: user and system time are the 12th and the 13th.
            let (_, rest) = stat.rsplit_once(')').unwrap();
            let rest: Vec<&str> = rest.split_whitespace().collect();
            [11, 12]
                .map(|at| rest[at].parse::<u32>().unwrap())
                .iter()
                .sum::<u32>()
        };
        Busy {
            all: all.iter().take(8).sum(),
            idle: all[3] + all[4],
            own: of_process("self") + of_process(&self.child.id().to_string()),
        }
    }

    fn status(&self, name: &str) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_whitespace().next());
        number.unwrap().parse().unwrap()
    }

    /// Tells it to end, as a supervisor does.
    pub(super) fn stop(self) -> Left {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status();
        assert!(told.unwrap().success());
        self.ends()
    }

    /// Waits until it has ended, which it has to in its own time.
    pub(super) fn ends(mut self) -> Left {
        const LOOKS: usize = 4_500;
        let mut status = None;
        for _ in 0..LOOKS {
            status = self.child.try_wait().unwrap();
            if status.is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let Some(status) = status else {
            self.child.kill().unwrap();
            let log = self.log.join().unwrap();
            panic!("it does not end:\n{log}");
        };
        let code = status.code();
        Left {
            code,
            out: self.out.join().unwrap(),
            log: self.log.join().unwrap(),
            directory: self.directory,
        }
    }
}

impl Left {
    /// The audit trail of a guild, a row of JSON a line.
    pub(super) fn trail(&self, guild: Id) -> String {
        let printed = Command::new(env!("CARGO_BIN_EXE_warden"))
            .args(["--db", "warden.db", "audit", "export", "--workspace"])
            .arg(guild.to_string())
            .current_dir(self.directory.path())
            .output()
            .unwrap();
        assert!(printed.status.success());
        String::from_utf8(printed.stdout).unwrap()
    }

    /// Where it worked.
    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(super) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        files(self.directory.path())
    }
}

fn files(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let found = std::fs::read_dir(directory).unwrap();
    let paths = found.map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| path.is_file());
    files
        .map(|path| (path.clone(), std::fs::read(&path).unwrap()))
        .collect()
}

/// Nobody is there, or somebody who never answers: the program says so and ends, soon enough for anyone who started it.
#[rstest::rstest]
#[case::nobody(false)]
#[case::somebody_silent(true)]
#[tokio::test]
async fn who_cannot_be_reached_at_start_is_named(#[case] silent: bool) {
    let held = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = held.local_addr().unwrap();
    // Connections to it wait for ever, or are refused once it is gone.
    let held = silent.then_some(held);
    let program = Program::at(&format!("http://{address}"), "x.canary.y", "info");
    let ended = tokio::task::spawn_blocking(|| program.ends());
    let left = tokio::time::timeout(Duration::from_secs(30), ended).await;
    let left = left.expect("it ends within 30 s").unwrap();
    drop(held);
    assert_eq!(left.code, Some(2), "{}", left.log);
    let said = left.log.lines().last().unwrap_or_default();
    let expected = format!(
        "warden: Discord cannot be reached: no answer within 25 s. Look at the network, and at http://{address}/"
    );
    assert_eq!(said, expected, "{}", left.log);
    assert!(!left.log.contains("canary"), "{}", left.log);
}

/// However the time is spent: two requests that hang at first, then a gateway that nobody names.
#[tokio::test]
async fn a_start_takes_half_a_minute_at_most_in_all() {
    let discord = FakeDiscord::start().await;
    let _guild = discord.guild("acme").channel("ops");
    for route in ["GET /users/@me", "GET /oauth2/applications/@me"] {
        discord.faults().next(route, 1, Fault::Hang);
    }
    for route in ["GET /gateway", "GET /gateway/bot"] {
        discord.faults().every(route, Fault::Hang);
    }
    let program = Program::logging(&discord, &discord.token(), "info");
    let ended = tokio::task::spawn_blocking(|| program.ends());
    let left = tokio::time::timeout(Duration::from_secs(30), ended).await;
    let left = left.expect("it ends within 30 s").unwrap();
    assert_eq!(left.code, Some(2), "{}", left.log);
    let said = left.log.lines().last().unwrap_or_default();
    assert!(said.contains("the gateway does not answer"), "{}", left.log);
}

/// What is posted before anybody has said where alarms go is said there as soon as that is set.
#[tokio::test]
async fn what_nobody_has_set_is_said_to_be_so_and_waits_for_it() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops").channel("alerts");
    let guild = guild.role("leads").role("seconds");
    let olga = guild.owner("olga");
    let program = Program::start(&discord, &discord.token());
    discord.ready().await;
    let types = async |text: &str| olga.slash_text(text).in_("ops").await.reply().await;
    for roles in ["leads", "leads seconds"] {
        let set = format!("/settings role role:approver roles:{roles}");
        types(&set).await.has("Set:");
    }
    types("/settings show")
        .await
        .has("not set")
        .lacks("console")
        .lacks("unset");
    let set = types("/settings channel kind:alerts channel:alerts").await;
    set.has("it was not set").lacks("unset");
    olga.finds("alerts", "role approver: also").await;
    let set = types("/settings channel kind:default channel:ops").await;
    set.has("it was not set");
    program.stop();
}
