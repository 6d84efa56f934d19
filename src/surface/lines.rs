//! Piped lines, and the detection of notices that span several lines.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::command::{self, Command, help};

/// The number of lines read ahead.
const AHEAD: usize = 256;
/// The time that a piped notice waits for its next line, so that a sender who keeps the pipe open gets the answer.
const PAUSE: Duration = Duration::from_secs(2);

/// Standard input, line by line.
pub(super) struct InputLines {
    all: Receiver<io::Result<Vec<u8>>>,
    /// Lines that were read as part of a notice and are still to be handled as commands.
    behind: VecDeque<Vec<u8>>,
    /// The line being read by bytes, and the number of bytes used.
    held: Vec<u8>,
    used: usize,
}

/// The kind of a line after the start of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behind {
    Notice,
    /// A command or directive, which ends the notice.
    Command,
    /// A command of one word, such as `help`, which is also a line of many mails: behind a notice it is one only where no text follows.
    Word,
    /// An invalid command or directive, text that starts like one, or a command about what is not there. It is reported and also kept in the notice, which
    /// continues, so that the notice is not judged without this line and the ones after it.
    Either,
}

impl Behind {
    /// Reads a line; `is_meant` says whether what a command names is there.
    pub(super) fn of(line: &str, is_meant: &dyn Fn(&Command) -> bool) -> Self {
        let line = line.trim();
        if command::leaves(line) {
            return Self::Word;
        }
        let directive = line
            .strip_prefix(':')
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
        if let Some(directive) = directive {
            let word = directive.split_whitespace().next().unwrap_or_default();
            let known = ["as", "clock", "quit"].contains(&word);
            return if known { Self::Command } else { Self::Either };
        }
        // A quoted line is not a command.
        if line.starts_with('>') {
            return Self::Notice;
        }
        match (command::parse_line(line), command::begins_with_verb(line)) {
            // `help center: …` is not the name of a verb.
            (Ok(Command::Help(asked)), _)
                if !asked.verb.is_empty() && help::verb(&asked.verb).is_err() =>
            {
                Self::Either
            }
            (Ok(Command::Notice(_)), _) => Self::Command,
            // `Import: none` is a typical line of text.
            (Ok(_), _) if names_something(line) => Self::Either,
            // `Unsubscribe here` is a typical last line of a mail.
            (Ok(command), _) if !is_meant(&command) => Self::Either,
            (Ok(_), _) if !line.contains(char::is_whitespace) => Self::Word,
            (Ok(_), _) => Self::Command,
            (Err(_), true) => Self::Either,
            (Err(_), false) => Self::Notice,
        }
    }
}

/// Whether a line starts with a word and a colon.
fn names_something(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    first.contains([':', '：'])
}

impl InputLines {
    /// Starts to read standard input.
    pub(super) fn of_input() -> Self {
        let (send, all) = sync_channel(AHEAD);
        thread::spawn(move || {
            let mut input = io::stdin().lock();
            loop {
                let mut line = Vec::new();
                let read = match input.read_until(b'\n', &mut line) {
                    Ok(0) => return,
                    Ok(_) => Ok(line),
                    Err(error) => Err(error),
                };
                let failed = read.is_err();
                if send.send(read).is_err() || failed {
                    return;
                }
            }
        });
        Self {
            all,
            behind: VecDeque::new(),
            held: Vec::new(),
            used: 0,
        }
    }

    /// The next line; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.used < self.held.len() {
            let rest = self.held.split_off(self.used);
            self.hold_line(Vec::new());
            return Ok(Some(rest));
        }
        match self.behind.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.all.recv().ok().transpose(),
        }
    }

    fn hold_line(&mut self, line: Vec<u8>) {
        self.held = line;
        self.used = 0;
    }

    /// Reads the remaining lines of a notice after its first.
    pub(super) fn rest_of_notice(
        &mut self,
        first: &str,
        is_meant: &dyn Fn(&Command) -> bool,
    ) -> io::Result<String> {
        let mut text = first.to_owned();
        // A word of its own, and the blank lines behind it, until what follows is known.
        let mut undecided: Vec<Vec<u8>> = Vec::new();
        let mut ended = self.used < self.held.len() || !self.behind.is_empty();
        while !ended {
            let line = match self.all.recv_timeout(PAUSE) {
                Ok(line) => line?,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            };
            let said = String::from_utf8_lossy(&line);
            let behind = Behind::of(&said, is_meant);
            if behind == Behind::Word || !undecided.is_empty() && said.trim().is_empty() {
                undecided.push(line);
                continue;
            }
            ended = behind == Behind::Command;
            if ended {
                self.behind.extend(undecided.drain(..));
            } else {
                for each in undecided.drain(..) {
                    add_line(&mut text, &String::from_utf8_lossy(&each));
                }
                add_line(&mut text, &said);
            }
            if behind != Behind::Notice {
                self.behind.push_back(line);
            }
        }
        self.behind.extend(undecided);
        Ok(text)
    }
}

fn add_line(text: &mut String, line: &str) {
    text.push('\n');
    text.push_str(line.trim_end_matches(['\r', '\n']));
}

impl Read for InputLines {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for InputLines {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used == self.held.len() {
            let line = self.next()?.unwrap_or_default();
            self.hold_line(line);
        }
        Ok(self.held.get(self.used..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.used = self.held.len().min(self.used + amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Only `orders` and #3 are there.
    fn is_meant(command: &Command) -> bool {
        let named = command.names().map(|named| named.to_string());
        named.is_none_or(|named| ["orders", "#3"].contains(&named.as_str()))
    }

    #[test]
    fn what_is_meant_as_a_command_ends_a_notice() {
        for line in [
            "MQ_INST_1 too",
            "",
            "  on 2026-01-05",
            "您的实例",
            ": so",
            "> quoted",
            "> action orders delete",
            ">> changes",
            "https://x.example",
            "- a list",
        ] {
            assert_eq!(Behind::of(line, &is_meant), Behind::Notice, "{line}");
        }
        for line in [
            "instance list",
            "Check upgrade orders",
            "/confirm 3 set-action",
            "warden> action orders delete",
            "Post-release Action orders delete",
            "import undo 2",
            "notice another",
            "notice：另一条",
            ":clock +1d",
            " :quit",
        ] {
            assert_eq!(Behind::of(line, &is_meant), Behind::Command, "{line}");
        }
        for line in [
            "exit",
            "help",
            "Help",
            " Settings",
            "notices",
            "Rules.",
            "/todo",
        ] {
            assert_eq!(Behind::of(line, &is_meant), Behind::Word, "{line}");
        }
        for line in [
            "confirm nonsense",
            "Unsubscribe here",
            "unsubscribe preferences",
            "check unsubscribe billing",
            "notices shop",
            "approve 1",
            "Action required: MQ_INST_1 will be released tomorrow",
            "Check the instance MQ_INST_1",
            "Upgrade now, or lose it all",
            ":MQ_INST_1 too",
            ":warning: MQ_INST_1 too",
            "Instance ID: MQ_INST_1",
            "Instance name: orders",
            "Import: none",
            "help: instance",
            "Audit: orders",
        ] {
            assert_eq!(Behind::of(line, &is_meant), Behind::Either, "{line}");
        }
    }
}
