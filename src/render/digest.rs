//! The digest of a week.

use super::concern;
use super::time::Reader;
use crate::domain::Timestamp;
use crate::domain::audit::Head;
use crate::domain::case::Case;
use crate::domain::concern::{Concern, ConcernKind, Weight};

/// An instance with everything that is open or noted of it.
pub type Told<'a> = (&'a Case, &'a [Concern]);

/// What a digest is made from.
#[derive(Debug)]
pub struct Week<'a> {
    /// The instances of which something is open or noted; what must be settled first comes first.
    pub concerned: &'a [Told<'a>],
    /// What was suppressed, and why, a line each.
    pub suppressed: &'a [String],
    /// When facts were last taken from a file.
    pub imported: Option<Timestamp>,
    /// Where the audit trail ends.
    pub head: &'a Head,
    /// Whether there are more instances than it lists.
    pub more: bool,
}

/// The most lines of what was suppressed.
const LINES: usize = 10;

/// The words of a digest.
pub fn digest(week: &Week<'_>, reader: &Reader) -> String {
    let concerns = |of: fn(&Concern) -> bool, suffix: fn(&Concern, &Case) -> String| {
        let mut lines = Vec::new();
        for (case, all) in week.concerned {
            for concern in all.iter().filter(|concern| of(concern)) {
                lines.push(format!(
                    "{}: {}{}",
                    case.instance.name,
                    concern::brief(concern, case, reader),
                    suffix(concern, case)
                ));
            }
        }
        lines
    };
    let then =
        |concern: &Concern, case: &Case| format!("; {}", concern::command(concern, &case.instance));
    let look = |concern: &Concern, case: &Case| {
        format!("; look, then {}", concern::command(concern, &case.instance))
    };
    let expires = concerns(|it| it.kind == ConcernKind::Expires, |_, _| String::new());
    let unsure = concerns(|it| it.kind == ConcernKind::ActionUnsure, look);
    let open = concerns(
        |it| {
            it.weight == Weight::Open
                && !matches!(it.kind, ConcernKind::Expires | ConcernKind::ActionUnsure)
        },
        then,
    );
    let mut out = "The week's digest.".to_owned();
    for (title, lines) in [
        ("Open", open),
        ("Expires within 30 days", expires),
        ("Action unknown or too old to rely on", unsure),
    ] {
        out.push_str(&part(title, "none", &lines, usize::MAX));
    }
    if week.more {
        out.push_str(
            "\nThere are more: `instance list --expiring 30d`, `instance list --edition platinum --action unknown`.",
        );
    }
    out.push_str(&part(
        "Suppressed in the last 7 days",
        "nothing",
        week.suppressed,
        LINES,
    ));
    let imported = week
        .imported
        .map_or_else(|| "never".to_owned(), |at| reader.moment(at));
    out.push_str(&format!(
        "\nLast import: {imported}.\nAudit trail: {}; `warden audit verify --head` compares.",
        week.head
    ));
    out
}

fn part(title: &str, none: &str, lines: &[String], most: usize) -> String {
    if lines.is_empty() {
        return format!("\n{title}: {none}.");
    }
    let mut out = format!("\n{title}:");
    for line in lines.iter().take(most) {
        out.push_str(&format!("\n  {line}"));
    }
    if lines.len() > most {
        out.push_str("\n  and more: `suppressed --since 7d`");
    }
    out
}
