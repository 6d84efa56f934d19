//! The prompt, on a terminal that does not say what is pasted.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use nix::pty::openpty;

use crate::harness::ORDERS;

/// A program on a terminal, and everything it has shown.
struct Terminal {
    keys: File,
    child: Child,
    shown: String,
}

impl Terminal {
    fn open(dir: &std::path::Path) -> Self {
        let pty = openpty(None, None).unwrap();
        let slave = || Stdio::from(pty.slave.try_clone().unwrap());
        let child = Command::new(env!("CARGO_BIN_EXE_warden"))
            .args(["--db", "w.db", "console"])
            .current_dir(dir)
            .env("TERM", "xterm")
            .env("XDG_STATE_HOME", dir)
            .env("NO_COLOR", "1")
            .stdin(slave())
            .stdout(slave())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            keys: File::from(pty.master),
            child,
            shown: String::new(),
        }
    }

    fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until it shows one of these words, from here on.
    fn shows(&mut self, words: &[&str]) -> String {
        let mut bytes = [0; 4096];
        loop {
            if let Some(end) = words
                .iter()
                .filter_map(|word| self.shown.find(word).map(|at| at + word.len()))
                .min()
            {
                return self.shown.drain(..end).collect();
            }
            let read = self.keys.read(&mut bytes).unwrap_or(0);
            assert!(read > 0, "it ended: {}", self.shown);
            self.shown
                .push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
    }
}

/// What is pasted arrives in lines: those behind a notice belong to it, and the line behind them is answered for itself.
#[test]
fn a_notice_that_is_pasted_goes_on_in_its_lines() {
    let dir = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::open(dir.path());
    terminal.shows(&["warden> "]);
    terminal.types(&format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2099-01-01 --yes-really --action downgrade\r"
    ));
    terminal.shows(&["Done"]);
    terminal.shows(&["warden> "]);
    let notice = format!("notice Your instance {ORDERS} will be released on 2099-01-08.\r");
    terminal.types(&notice);
    assert!(
        terminal
            .shows(&["Suppressed:", "Raised:"])
            .ends_with("Suppressed:")
    );
    terminal.types(&format!(
        "{notice}MQ_INST_2080056302921134_AbCdEf12 too\rinstance list\r"
    ));
    assert!(
        terminal
            .shows(&["Suppressed:", "Raised:", "Duplicate:"])
            .ends_with("Raised:")
    );
    terminal.shows(&["AbCdEf12"]);
    // The line behind it is a command, and was not lost.
    terminal.shows(&["until 2099", "2099-01-01"]);
    terminal.child.kill().unwrap();
    terminal.child.wait().unwrap();
}
