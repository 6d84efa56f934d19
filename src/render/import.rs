//! What a file did, row by row.

use std::fmt::Write as _;

use super::time::Reader;
use super::{event, fact, name, table};
use crate::answer::{ImportReport, RowRefusal, RowReport, RowStatus};
use crate::domain::id::{InstanceId, InstanceName, Label};
use crate::domain::import::{Field, FieldReport, FieldValue, Merged, Missing};
use crate::domain::rules::FactKind;

/// The report of an import or its trial.
pub(super) fn report(report: &ImportReport, reader: &Reader) -> String {
    let head = if report.aborted {
        "Not imported: some rows cannot be used, so nothing was changed"
    } else if report.dry_run {
        "Trial run, nothing was changed"
    } else {
        "Done: imported"
    };
    let encoding = report.encoding;
    let encoding = encoding.map_or_else(String::new, |name| format!(" ({name})"));
    let mut out = format!(
        "{head}. {}{encoding}, facts of {}.\n",
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
    for alike in &report.alike {
        let _ = writeln!(out, "! {}", name::alike(alike));
    }
    out.push_str(&missing(report));
    for caveat in &report.caveats {
        let _ = writeln!(out, "! {caveat}");
    }
    out.push_str(&disputed(report));
    for region in &report.unknown_regions {
        let _ = writeln!(
            out,
            "! {region} is not a region on the vendor's list: look for a typing mistake."
        );
    }
    out.push_str(&strangers(report));
    out.push_str(&counts(report));
    out
}

/// Teams and channels that nobody has described.
fn strangers(report: &ImportReport) -> String {
    let list = |labels: &[Label]| {
        let labels: Vec<&str> = labels.iter().map(Label::as_str).collect();
        labels.join(", ")
    };
    let mut out = String::new();
    if !report.unknown_teams.is_empty() {
        let _ = writeln!(
            out,
            "! Nobody has described these teams: {}. Until `settings team NAME` does, nobody is mentioned for them and nobody approves as one of them.",
            list(&report.unknown_teams)
        );
    }
    if !report.unknown_channels.is_empty() {
        let _ = writeln!(
            out,
            "! This server has no such channels, by id: {}. What goes to them goes to the default channel, or cannot be said.",
            list(&report.unknown_channels)
        );
    }
    out
}

/// Commodity ids that belong to several instances now.
fn disputed(report: &ImportReport) -> String {
    let mut out = String::new();
    for (id, names) in &report.disputed {
        let names: Vec<&str> = names.iter().map(InstanceName::as_str).collect();
        let _ = writeln!(
            out,
            "! {id} is claimed by {}: it belongs to one instance, so it counts for none of them (refund-limits), and nothing of them is unsubscribed until it is settled. Look at the refund list, then `instance set NAME --commodity-id ID`, and `--commodity-id unknown` for the others first.",
            names.join(" and ")
        );
    }
    out
}

/// What a complete listing lacks.
fn missing(report: &ImportReport) -> String {
    let names = |wanted: Missing| {
        let found = report
            .missing
            .iter()
            .filter(|(_, came_to)| *came_to == wanted);
        let names: Vec<String> = found.map(|(name, _)| name.to_string()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let mut out = String::new();
    if let Some(names) = names(Missing::Forgotten) {
        let so = if report.dry_run {
            "would not be known any more"
        } else {
            "is not known any more"
        };
        let _ = writeln!(out, "Missing in the file, so the edition {so}: {names}.");
    }
    if let Some(names) = names(Missing::NewerWord) {
        let _ = writeln!(
            out,
            "Missing in the file, but what is known of the edition is newer and stands: {names}."
        );
    }
    if let Some(names) = names(Missing::NotKnown) {
        let _ = writeln!(
            out,
            "Missing in the file, and the edition was not known anyway: {names}."
        );
    }
    if !report.missing.is_empty() {
        out.push_str("Look for each: `instance lost NAME --reason TEXT` if it is gone.\n");
    }
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
        RowStatus::New(_) => "new",
        RowStatus::Changed(_) => "changed",
        RowStatus::Unchanged(_) => "unchanged",
        RowStatus::Conflict(_) | RowStatus::ConflictLost => "in conflict",
        RowStatus::SkippedSeries5
        | RowStatus::SkippedRemoved
        | RowStatus::SkippedUnbilled
        | RowStatus::SkippedProduct => "skipped",
        RowStatus::Refused(_) => "refused",
    }
}

fn detail(row: &RowReport, reader: &Reader) -> String {
    match &row.status {
        RowStatus::New(fields)
        | RowStatus::Changed(fields)
        | RowStatus::Conflict(fields)
        | RowStatus::Unchanged(fields) => {
            fields.iter().filter_map(|field| field_line(field, reader)).collect::<Vec<_>>().join("; ")
        }
        RowStatus::SkippedSeries5 => "a 5.x instance has no way from Platinum to Standard (series-4x)".to_owned(),
        RowStatus::SkippedRemoved => "somebody stopped tracking it; `instance add` tracks it again".to_owned(),
        RowStatus::SkippedUnbilled => "no tracked instance has this commodity id; say whose it is with `instance set NAME --commodity-id ID`".to_owned(),
        RowStatus::SkippedProduct => "the subscription of another product".to_owned(),
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
        RowRefusal::OtherRegion { id, region, given } => {
            format!(
                "it is tracked in {region}: check --region, or correct it with `instance set {id} --region {given}`"
            )
        }
        RowRefusal::BilledTwice(ids) => {
            let ids: Vec<&str> = ids.iter().map(InstanceId::as_str).collect();
            format!(
                "several tracked instances have this commodity id ({}): correct the wrong one first",
                ids.join(", ")
            )
        }
    }
}

fn field_line(field: &FieldReport, reader: &Reader) -> Option<String> {
    let name = match field.field {
        Field::Fact(kind) => fact::name(kind),
        Field::Name => "name",
        Field::Team => "team",
        Field::Channel => "channel",
    };
    let (from, to) = (value(&field.from, reader), value(&field.to, reader));
    // Accepting a file's word does not make an action known.
    let settle = if field.field == Field::Fact(FactKind::Action) {
        "look, and attest it"
    } else {
        "attest it, or --accept the file's"
    };
    match (field.merged, &field.from) {
        (Merged::Same, _) => None,
        (Merged::New, _) => Some(format!("{name} {to}")),
        (Merged::Changed, _) => Some(format!("{name} from {from} to {to}")),
        (Merged::Older, _) => Some(format!("{name} {to} is older than {from} and ignored")),
        (Merged::Conflict, FieldValue::Both(..)) => Some(format!(
            "{name} {to}, while it is contradictory ({from}): {settle}"
        )),
        (Merged::Conflict, _) => Some(format!("{name} {to} contradicts {from}: {settle}")),
        (Merged::NeedsWord, _) => Some(format!("{name} {to}: in doubt, {settle}")),
        (Merged::Hearsay, _) => Some(format!("{name} {to} is hearsay: shown, not relied on")),
        (Merged::HeardBefore, _) => Some(format!(
            "{name} {to} is hearsay, as before: shown, not relied on"
        )),
    }
}

fn value(value: &FieldValue, reader: &Reader) -> String {
    match value {
        FieldValue::None => "none".to_owned(),
        FieldValue::Fact(held) => fact::value(held, reader),
        FieldValue::Both(held, other) => format!(
            "{} held, {} by a file",
            fact::value(held, reader),
            fact::value(other, reader)
        ),
        FieldValue::Text(text) => text.clone(),
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
