//! Replies as they are shown: broken at words to the terminal's width, coloured, and through a pager where they are long.

use std::io::{self, IsTerminal, Write as _};
use std::process::{Command, Stdio};

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};
use terminal_size::{Height, Width};

use crate::domain::outcome::Outcome;
use crate::render::danger::{Mark, marked};

/// What shows long replies where nothing else is set: it ends at once where one screen is enough, and keeps colours.
const DEFAULT_PAGER: &str = "less -RFX";
/// Where no terminal says how large it is.
const COLUMNS: usize = 80;

/// A terminal's size at this moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) columns: usize,
    rows: usize,
}

/// The size of standard output, where that is a terminal.
pub(super) fn size() -> Option<Size> {
    let out = io::stdout();
    if !out.is_terminal() {
        return None;
    }
    let (columns, rows) = match terminal_size::terminal_size_of(&out) {
        Some((Width(columns), Height(rows))) => (usize::from(columns), usize::from(rows)),
        None => (COLUMNS, usize::MAX),
    };
    // A terminal that does not know says none.
    let columns = if columns == 0 { COLUMNS } else { columns };
    let rows = if rows == 0 { usize::MAX } else { rows };
    Some(Size { columns, rows })
}

/// Shows a text that is longer than the screen a page at a time. Whether it was shown; where no pager can be started it was not.
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
        // Leaving before the end is what a pager is for.
        let _ = writeln!(input, "{text}");
    }
    // Whatever it ends with, its reader has seen what they wanted.
    let _ = pager.wait();
    true
}

/// Whether colours may be written: on a terminal, without NO_COLOR.
pub(super) fn is_plain() -> bool {
    anstream::AutoStream::choice(&io::stdout()) == ColorChoice::Never
}

/// The head of the first line in the colour of the outcome, and what marks danger or doubt wherever it stands.
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

/// A line keeps its end outside of the colour.
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
