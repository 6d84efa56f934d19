//! Display of replies: wrapped at words to the terminal's width, coloured, and through a pager if they are long.

use std::io::{self, IsTerminal, Write as _};
use std::process::{Command, Stdio};

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};
use terminal_size::{Height, Width};

use crate::domain::outcome::Outcome;
use crate::render::danger::{Mark, marked};

/// The default pager. It exits at once if one screen is enough, and keeps colours.
const DEFAULT_PAGER: &str = "less -RFX";
/// The width if the terminal's size is unknown.
const COLUMNS: usize = 80;

/// The current size of a terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) columns: usize,
    rows: usize,
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

/// Shows a text longer than the screen in a pager; `false` if it was not shown, also when no pager can be started.
pub(super) fn page(text: &str, size: Size) -> bool {
    if text.lines().count() < size.rows {
        return false;
    }
    let set = std::env::var("PAGER").unwrap_or_else(|_| DEFAULT_PAGER.to_owned());
    let mut words = set.split_whitespace();
    let Some(program) = words.next() else {
        return false;
    };
    let started = Command::new(program)
        .args(words)
        .stdin(Stdio::piped())
        .spawn();
    let Ok(mut pager) = started else {
        return false;
    };
    if let Some(mut input) = pager.stdin.take() {
        // The reader may quit before the end.
        let _ = writeln!(input, "{text}");
    }
    // Whatever the pager's exit status, its reader has finished.
    let _ = pager.wait();
    true
}

/// Whether colours are off: not on a terminal, or with NO_COLOR.
pub(super) fn is_plain() -> bool {
    anstream::AutoStream::choice(&io::stdout()) == ColorChoice::Never
}

/// Colours the start of the first line by outcome, and marks of danger or doubt anywhere.
pub(super) fn coloured(outcome: Option<Outcome>, text: &str) -> String {
    let head = outcome.and_then(colour).map_or(0, |_| {
        let first = text.lines().next().unwrap_or_default();
        first.find(':').map_or(first.len(), |at| at + 1)
    });
    let (head, rest) = text.split_at_checked(head).unwrap_or(("", text));
    let mut out = match outcome.and_then(colour) {
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

/// A coloured text, with its line break outside the colour.
fn painted(text: &str, colour: AnsiColor) -> String {
    let style = Style::new().fg_color(Some(colour.into()));
    let bare = text.trim_end_matches('\n');
    let end = text.get(bare.len()..).unwrap_or_default();
    format!("{style}{bare}{style:#}{end}")
}

const fn colour(outcome: Outcome) -> Option<AnsiColor> {
    match outcome {
        Outcome::Allowed | Outcome::Done => Some(AnsiColor::Green),
        Outcome::Blocked | Outcome::Denied | Outcome::Invalid => Some(AnsiColor::Red),
        Outcome::Inconclusive | Outcome::NeedsApproval | Outcome::Raised => Some(AnsiColor::Yellow),
        Outcome::AlreadyDone | Outcome::Suppressed | Outcome::Duplicate => Some(AnsiColor::Cyan),
        Outcome::Info => None,
    }
}
