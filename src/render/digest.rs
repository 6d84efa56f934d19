//! The digest of a week.

use super::fact;
use super::handle;
use super::time::Reader;
use crate::domain::Timestamp;
use crate::domain::audit::Head;
use crate::domain::case::Case;
use crate::domain::rules::FactKind;

/// What a digest is made from.
#[derive(Debug)]
pub struct Week<'a> {
    /// What expires within 30 days, soonest first.
    pub expiring: &'a [Case],
    /// Whose action is unknown, or too old to rely on.
    pub unknown: &'a [Case],
    /// What was suppressed, and why, a line each.
    pub suppressed: &'a [String],
    /// When facts were last taken from a file.
    pub imported: Option<Timestamp>,
    /// Where the audit trail ends.
    pub head: &'a Head,
    /// The most lines a part has; what is more is counted.
    pub lines: usize,
}

/// Where the rest of the instances is.
const MORE_INSTANCES: &str =
    "`instance list --expiring 30d`, `instance list --edition platinum --action unknown`";

/// The words of a digest.
pub fn digest(week: &Week<'_>, reader: &Reader) -> String {
    let expiring = part(
        "Expires within 30 days",
        "nothing",
        week.expiring.iter().map(|case| {
            let expiries = case.instance.expires.candidates().map(|known| known.value);
            let when = expiries.min().map(|at| reader.moment(at));
            format!(
                "{}: {}; {}",
                case.instance.name,
                when.unwrap_or_default(),
                fact::phrase(&case.instance, FactKind::Action, reader)
            )
        }),
        (week.lines, MORE_INSTANCES),
    );
    let unknown = part(
        "Action unknown or too old to rely on",
        "none",
        week.unknown.iter().map(|case| {
            format!(
                "{}: {}; look, then `action {} downgrade|delete`",
                case.instance.name,
                fact::phrase(&case.instance, FactKind::Action, reader),
                handle(&case.instance)
            )
        }),
        (week.lines, MORE_INSTANCES),
    );
    let suppressed = part(
        "Suppressed in the last 7 days",
        "nothing",
        week.suppressed.iter().cloned(),
        (week.lines, "`suppressed --since 7d`"),
    );
    let imported = week
        .imported
        .map_or_else(|| "never".to_owned(), |at| reader.moment(at));
    format!(
        "The week's digest.\n{expiring}\n{unknown}\n{suppressed}\nLast import: {imported}.\nAudit trail: {}; `warden audit verify --head` compares.",
        week.head
    )
}

fn part(
    title: &str,
    none: &str,
    lines: impl ExactSizeIterator<Item = String>,
    (most, rest): (usize, &str),
) -> String {
    let count = lines.len();
    if count == 0 {
        return format!("{title}: {none}.");
    }
    let mut out = format!("{title}:");
    for line in lines.take(most) {
        out.push_str(&format!("\n  {line}"));
    }
    if count > most {
        out.push_str(&format!("\n  and more: {rest}"));
    }
    out
}
