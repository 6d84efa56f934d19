//! Display of replies: wrapped at words to the terminal's width, coloured, and through a pager if they are long.

use std::io::{self, IsTerminal, Write as _};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};
use terminal_size::{Height, Width};
use tokio::time::Instant;

use crate::clock::tick;
use crate::domain::gravity::Gravity;
use crate::domain::outcome::Outcome;
use crate::render;
use crate::render::danger::{Mark, marked};

/// The default pager. It exits at once if one screen is enough, and keeps colours.
const DEFAULT_PAGER: &str = "less -RFX";
/// Options of pagers that would show colours as escape codes, where their users have set none. The same as git's.
const OPTIONS: [(&str, &str); 3] = [("LESS", "FRX"), ("LESSSECURE", "1"), ("LV", "-c")];
/// The width if the terminal's size is unknown.
const COLUMNS: usize = 80;

/// The current size of a terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// The size of standard output if it is a terminal.
pub(super) fn size() -> Option<Size> {
    let out = io::stdout();
    if !out.is_terminal() {
        return None;
    }
    let (columns, rows) = match terminal_size::terminal_size_of(&out) {
        Some((Width(columns), Height(rows))) => (usize::from(columns), usize::from(rows)),
        None => (COLUMNS, usize::MAX),
    };
    // A terminal of unknown size reports zero.
    let columns = if columns == 0 { COLUMNS } else { columns };
    let rows = if rows == 0 { usize::MAX } else { rows };
    Some(Size { columns, rows })
}

/// A text for standard error, wrapped where that is a terminal.
pub fn fitted(text: &str) -> String {
    let err = io::stderr();
    let size = terminal_size::terminal_size_of(&err).filter(|_| err.is_terminal());
    match size {
        Some((Width(columns), _)) if columns > 0 => render::wrapped(text, usize::from(columns)),
        _ => text.to_owned(),
    }
}

/// How long after a pager's end an interrupt still counts as the pager's: this process hears it later than the pager does.
const HEARD_LATE: Duration = Duration::from_secs(1);

/// Which process an interrupt is meant for. The terminal sends it to both.
#[derive(Debug, Default)]
pub(super) struct Interrupts {
    state: Mutex<InterruptState>,
}

#[derive(Debug, Default, Clone, Copy)]
enum InterruptState {
    /// No pager was shown yet.
    #[default]
    Prompt,
    Pager,
    /// The last pager ended then.
    Ended(Instant),
}

impl Interrupts {
    /// Whether an interrupt just heard is the pager's.
    pub(super) fn is_of_pager(&self) -> bool {
        match *self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            InterruptState::Prompt => false,
            InterruptState::Pager => true,
            InterruptState::Ended(at) => at.elapsed() < HEARD_LATE,
        }
    }

    fn set(&self, state: InterruptState) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

/// Whether keys typed ahead wait on the terminal, in a whole line or not: a pager would take them as its own.
#[cfg(unix)]
fn is_typed_ahead() -> bool {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
    use std::os::fd::AsFd as _;
    let input = io::stdin();
    let Ok(before) = tcgetattr(&input) else {
        return false;
    };
    // In whole-line mode, a line that is not ended is not reported.
    let mut by_key = before.clone();
    by_key.local_flags.remove(LocalFlags::ICANON);
    if tcsetattr(&input, SetArg::TCSANOW, &by_key).is_err() {
        return false;
    }
    let mut waits = [PollFd::new(input.as_fd(), PollFlags::POLLIN)];
    let found = poll(&mut waits, PollTimeout::ZERO);
    let restored = tcsetattr(&input, SetArg::TCSANOW, &before);
    restored.is_ok() && found.is_ok_and(|count| count > 0)
}

#[cfg(not(unix))]
fn is_typed_ahead() -> bool {
    false
}

/// Characters in the pager setting that only a shell interprets.
const OF_A_SHELL: &[char] = &[
    '\'', '"', '\\', '$', '`', '|', '&', ';', '<', '>', '(', ')', '~',
];

/// The pager of a setting, and whether a shell starts it. The shell gives it its place, so that Ctrl-C is the pager's alone.
fn started(set: &str) -> Option<(Command, bool)> {
    let mut words = set.split_whitespace();
    let program = words.next()?;
    if cfg!(unix) && set.contains(OF_A_SHELL) {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("exec {set}"));
        return Some((shell, true));
    }
    let mut pager = Command::new(program);
    pager.args(words);
    Some((pager, false))
}

/// Shows a text longer than the screen in a pager; `false` if it was not shown, also when no pager can be started or keys typed
/// ahead are waiting.
pub(super) fn page(text: &str, size: Size, interrupts: &Interrupts) -> bool {
    if text.lines().count() < size.rows || is_typed_ahead() {
        return false;
    }
    let set = std::env::var("PAGER").unwrap_or_else(|_| DEFAULT_PAGER.to_owned());
    let Some((mut pager, by_shell)) = started(&set) else {
        return false;
    };
    pager.stdin(Stdio::piped());
    for (name, options) in OPTIONS {
        if std::env::var_os(name).is_none() {
            pager.env(name, options);
        }
    }
    interrupts.set(InterruptState::Pager);
    let Ok(mut pager) = pager.spawn() else {
        interrupts.set(InterruptState::Prompt);
        return false;
    };
    if let Some(mut input) = pager.stdin.take() {
        // The reader may quit before the end.
        let _ = writeln!(input, "{text}");
    }
    // Its reader has finished, whatever its status, unless the shell did not understand it or found no such program.
    let status = pager.wait().ok().and_then(|status| status.code());
    interrupts.set(InterruptState::Ended(tick()));
    !(by_shell && matches!(status, Some(2 | 126 | 127)))
}

/// Whether colours are off: not on a terminal, or with NO_COLOR.
pub(super) fn is_plain() -> bool {
    anstream::AutoStream::choice(&io::stdout()) == ColorChoice::Never
}

/// Colours the start of the first line by outcome, and marks of danger or doubt anywhere.
pub(super) fn coloured(outcome: Option<Outcome>, text: &str) -> String {
    let shade = outcome.map(Gravity::from).and_then(colour);
    let head = shade.map_or(0, |_| {
        let first = text.lines().next().unwrap_or_default();
        first.find(':').map_or(first.len(), |at| at + 1)
    });
    let (head, rest) = text.split_at_checked(head).unwrap_or(("", text));
    let mut out = match shade {
        Some(colour) if !head.is_empty() => painted(head, colour),
        _ => head.to_owned(),
    };
    for line in rest.split_inclusive('\n') {
        for (piece, mark) in marked(line) {
            match mark {
                Some(Mark::Danger) => out.push_str(&painted(piece, AnsiColor::Red)),
                Some(Mark::Doubt) => out.push_str(&painted(piece, AnsiColor::Yellow)),
                None => out.push_str(piece),
            }
        }
    }
    out
}

/// A coloured text, with its line break and its indent, by which it is wrapped, outside the colour.
fn painted(text: &str, colour: AnsiColor) -> String {
    let style = Style::new().fg_color(Some(colour.into()));
    let line = text.trim_start_matches(' ');
    let bare = line.trim_end_matches('\n');
    let indent = text.get(..text.len() - line.len()).unwrap_or_default();
    let end = line.get(bare.len()..).unwrap_or_default();
    format!("{indent}{style}{bare}{style:#}{end}")
}

const fn colour(gravity: Gravity) -> Option<AnsiColor> {
    match gravity {
        Gravity::Danger => Some(AnsiColor::Red),
        Gravity::Waiting => Some(AnsiColor::Yellow),
        Gravity::Done => Some(AnsiColor::Green),
        Gravity::Standing => Some(AnsiColor::Cyan),
        Gravity::Informing => None,
    }
}
