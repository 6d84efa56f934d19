//! What a file did, row by row.

use std::fmt::Write as _;

use super::time::Reader;
use super::{event, fact, table};
use crate::answer::{ImportReport, RowRefusal, RowReport, RowStatus};
use crate::domain::import::{FieldReport, Merged};

/// The report of an import or its trial.
pub(super) fn report(report: &ImportReport, reader: &Reader) -> String {
    let head = if report.aborted {
        "Not imported: some rows cannot be used, so nothing was changed"
    } else if report.dry_run {
        "Trial run, nothing was changed"
    } else {
        "Done: imported"
    };
    let mut out = format!(
        "{head}. {}, facts of {}.\n",
        report.label,
        reader.moment(report.at)
    );
    let rows = report.rows.iter().map(|row| {
        [
            row.place.clone(),
            row.subject.clone(),
            word(&row.status).to_owned(),
            detail(row, reader),
        ]
    });
    out.push_str(&table::rows(rows));
    for row in &report.rows {
        let caused = row
            .case
            .as_ref()
            .map(|case| consequences(&case.events, reader));
        out.push_str(&caused.unwrap_or_default());
    }
    if !report.missing.is_empty() {
        let names: Vec<String> = report.missing.iter().map(ToString::to_string).collect();
        let _ = writeln!(
            out,
            "Missing in the file, so the edition is not known any more: {}. Look for each: `instance lost NAME --reason TEXT` if it is gone.",
            names.join(", ")
        );
    }
    out.push_str(&counts(report));
    out
}

/// Only what touches changes; the moved facts stand in the rows.
fn consequences(events: &[crate::domain::event::Event], reader: &Reader) -> String {
    let touching: Vec<_> = events
        .iter()
        .filter(|event| {
            !matches!(
                event.kind,
                crate::domain::event::EventKind::Moved { .. }
                    | crate::domain::event::EventKind::Described { .. }
            )
        })
        .cloned()
        .collect();
    event::consequences(&touching, reader)
}

const fn word(status: &RowStatus) -> &'static str {
    match status {
        RowStatus::New => "new",
        RowStatus::Changed(_) => "changed",
        RowStatus::Unchanged(_) => "unchanged",
        RowStatus::Conflict(_) | RowStatus::ConflictLost => "in conflict",
        RowStatus::SkippedSeries5 | RowStatus::SkippedRemoved => "skipped",
        RowStatus::Refused(_) => "refused",
    }
}

fn detail(row: &RowReport, reader: &Reader) -> String {
    match &row.status {
        RowStatus::New => String::new(),
        RowStatus::Changed(fields) | RowStatus::Conflict(fields) | RowStatus::Unchanged(fields) => {
            fields.iter().filter_map(|field| field_line(field, reader)).collect::<Vec<_>>().join("; ")
        }
        RowStatus::SkippedSeries5 => "a 5.x instance has no way from Platinum to Standard (series-4x)".to_owned(),
        RowStatus::SkippedRemoved => "somebody stopped tracking it; `instance add` tracks it again".to_owned(),
        RowStatus::ConflictLost => {
            "it was recorded as deleted, and the file lists it: if it lives, `instance remove` it and add it again".to_owned()
        }
        RowStatus::Refused(refusal) => self::refusal(refusal),
    }
}

fn refusal(refusal: &RowRefusal) -> String {
    match refusal {
        RowRefusal::Problem(problem) => problem.to_string(),
        RowRefusal::NoName => "a new instance needs a name".to_owned(),
        RowRefusal::NoRegion => "a new instance needs a region: give --region".to_owned(),
        RowRefusal::OtherRegion(region) => {
            format!("it is tracked in {region}; a region never changes, so check --region")
        }
        RowRefusal::NameTaken(by) => format!("its name is taken in the region by {by}"),
    }
}

fn field_line(field: &FieldReport, reader: &Reader) -> Option<String> {
    let Some(kind) = field.fact else {
        return Some("name, team or channel updated".to_owned());
    };
    let name = fact::name(kind);
    let (from, to) = (
        fact::value(&field.from, reader),
        fact::value(&field.to, reader),
    );
    match field.merged {
        Merged::Same => None,
        Merged::New => Some(format!("{name} {to}")),
        Merged::Changed => Some(format!("{name} from {from} to {to}")),
        Merged::Older => Some(format!("{name} {to} is older than {from} and ignored")),
        Merged::Conflict => Some(format!(
            "{name} {to} contradicts {from}: attest it, or --accept the file's"
        )),
        Merged::NeedsWord => Some(format!(
            "{name} {to}: in doubt, attest it, or --accept the file's"
        )),
        Merged::Hearsay => Some(format!("{name} {to} is hearsay: shown, not relied on")),
    }
}

fn counts(report: &ImportReport) -> String {
    let words = [
        "new",
        "changed",
        "unchanged",
        "in conflict",
        "skipped",
        "refused",
    ];
    let counted: Vec<String> = words
        .iter()
        .map(|wanted| {
            let count = report
                .rows
                .iter()
                .filter(|row| word(&row.status) == *wanted)
                .count();
            format!("{count} {wanted}")
        })
        .collect();
    counted.join(", ") + "."
}
