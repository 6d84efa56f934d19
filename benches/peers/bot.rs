//! The bots, each a process of its own with a database of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::INSTANCES;
use crate::discord::{Discord, TOKEN};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Warden,
    DiscordJs,
    DiscordPy,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Warden, Self::DiscordJs, Self::DiscordPy];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Warden => "warden",
            Self::DiscordJs => "discord.js",
            Self::DiscordPy => "discord.py",
        }
    }

    fn command(self, discord: &Discord) -> Command {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers");
        match self {
            Self::Warden => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_warden"));
                command
                    .args(["--db", "bot.db", "discord", "--init", "--api-base"])
                    .arg(discord.base());
                command
            }
            Self::DiscordJs => {
                let mut command = Command::new("node");
                command.arg(here.join("bot.js"));
                command
            }
            Self::DiscordPy => {
                let python = std::env::var_os("PYTHON").map_or("python3".into(), PathBuf::from);
                let mut command = Command::new(python);
                command.arg(here.join("bot.py"));
                command
            }
        }
    }
}

/// A running bot. It is killed when dropped.
pub(crate) struct Bot {
    child: Child,
    _directory: TempDir,
}

impl Drop for Bot {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Bot {
    pub(crate) fn start(kind: Kind, discord: &Discord) -> Self {
        let directory = TempDir::new().unwrap();
        let child = kind
            .command(discord)
            .current_dir(directory.path())
            .env("DISCORD_TOKEN", TOKEN)
            .env("API_BASE", discord.base())
            .env("DB", directory.path().join("bot.db"))
            .env("INSTANCES", INSTANCES.to_string())
            .env("WARDEN__LOG__LEVEL", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            child,
            _directory: directory,
        }
    }

    fn proc(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).unwrap()
    }

    /// User and system time so far.
    pub(crate) fn cpu(&self) -> Duration {
        // Clock ticks a second; Linux says 100 to every program.
        const TICKS: f64 = 100.0;
        let stat = self.proc("stat");
        let (_, behind_the_name) = stat.rsplit_once(')').unwrap();
        let times = behind_the_name.split_whitespace().skip(11).take(2);
        let ticks: u64 = times.map(|ticks| ticks.parse::<u64>().unwrap()).sum();
        Duration::from_secs_f64(ticks as f64 / TICKS)
    }

    pub(crate) fn resident_kib(&self) -> u64 {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.unwrap().split_whitespace().next();
        number.unwrap().parse().unwrap()
    }
}
