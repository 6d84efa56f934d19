//! The report of an import, row by row.

mod told;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::time::Reader;
use super::{error, event, fact, instance, name, table};
use crate::answer::{
    BrokenOff, FirstFew, HeldBack, ImportReport, Misnamed, RowRefusal, RowReport, RowStatus,
    WhyMisnamed,
};
use crate::domain::event::{EventKind, FactValue};
use crate::domain::id::{InstanceId, InstanceName};
use crate::domain::import::{Counts, Field, FieldReport, FieldValue, Merged, Missing};
use crate::domain::nearest::did_you_mean;
use crate::domain::rules::FactKind;
pub use told::{
    ALARMS_SHOWN, AlarmingRow, RecentExit, RenewedRow, alert, held_alert, in_the_trail,
    listed_lost, renewed, undone_in_the_trail,
};
pub(super) use told::{list, undone};

/// The report of an import or a dry run. Unchanged rows are counted, not listed.
pub(super) fn report(report: &ImportReport, reader: &Reader) -> String {
    let (found, rows) = (found(report, reader), rows(report, reader));
    if report.quiet && found.is_empty() && rows.is_empty() && !report.dry_run {
        return String::new();
    }
    let refused = report.counts().refused;
    let without = match refused {
        0 => String::new(),
        1 => ", without the row that is refused".to_owned(),
        rows => format!(", without {rows} rows that are refused"),
    };
    let head = if report.broken_off.is_some() {
        "Stopped: some of the rows were imported, and stay".to_owned()
    } else if report.aborted {
        "Not imported: none of the rows can be used, so nothing was changed".to_owned()
    } else if report.dry_run {
        "Trial run, nothing was changed".to_owned()
    } else if report.held.is_some() {
        format!("Imported{without}, and what is missing is held back")
    } else {
        format!("Done: imported{without}")
    };
    let encoding = report.encoding;
    let encoding = encoding.map_or_else(String::new, |name| format!(" ({name})"));
    let mut out = format!(
        "{head}. {}{encoding}, facts of {}.\n",
        report.label,
        reader.moment(report.at)
    );
    let read_as = report.read_as;
    if let Some(read_as) = read_as.and_then(|read_as| instance::read_as(read_as, reader)) {
        let _ = writeln!(out, "{read_as}");
    }
    // Rows that need a person come first: a large file has thousands.
    out.push_str(&counts(&report.counts()));
    if let Some(number) = report.number.filter(|_| has_changed(report)) {
        let _ = write!(
            out,
            " It is import {number}: {}`import undo {number}` takes it back.",
            if report.may_undo {
                ""
            } else {
                "in the hands of an approver "
            }
        );
    }
    format!("{out}\n{found}{rows}")
}

fn has_changed(report: &ImportReport) -> bool {
    let counts = report.counts();
    counts.changed + counts.conflicting + counts.missing > 0
}

fn rows(report: &ImportReport, reader: &Reader) -> String {
    table::rows(listed(report, reader).into_iter(), reader.columns) + &more_rows(&report.rows.more)
}

/// The rows that are told, each as its place in the file, its instance, what happened to it and why; instants are in UTC.
pub fn told_rows(report: &ImportReport) -> Vec<[String; 4]> {
    listed(report, &Reader::new(chrono_tz::UTC, report.at))
}

/// The rows: those that are refused, those in conflict, then the others, each in the file's order.
fn listed(report: &ImportReport, reader: &Reader) -> Vec<[String; 4]> {
    let told = report.rows.told.iter();
    let mut rows: Vec<&RowReport> = told.filter(|row| row.is_listed(report.quiet)).collect();
    rows.sort_by_key(|row| match row.status {
        RowStatus::Refused(_) => 0,
        RowStatus::Conflict(_) | RowStatus::ConflictLost => 1,
        _ => 2,
    });
    let cells = rows.into_iter().map(|row| {
        [
            row.place.clone(),
            row.subject.clone(),
            word(&row.status).to_owned(),
            detail(row, reader),
        ]
    });
    cells.collect()
}

/// The results of the file beside the facts of its rows.
fn found(report: &ImportReport, reader: &Reader) -> String {
    let told = &report.rows.told;
    let mut out = String::new();
    for row in told {
        out.push_str(&consequences(&row.events, reader));
    }
    out.push_str(&shown(&report.alike, |alike| {
        format!("! {}\n", name::alike(alike))
    }));
    out.push_str(&shown(&report.misnamed, |misnamed| {
        format!("! {}\n", self::misnamed(misnamed))
    }));
    out.push_str(&shown(&report.called_gone, |(handle, notices)| {
        format!("! {handle}: {}\n", instance::called_gone(notices))
    }));
    out.push_str(&unwarned(report));
    out.push_str(&missing(report));
    if let Some(held) = &report.held {
        let _ = writeln!(out, "! {}", held_back(held));
    }
    for caveat in &report.caveats {
        let _ = writeln!(out, "! {caveat}");
    }
    out.push_str(&disputed(report));
    if let Some(broken_off) = &report.broken_off {
        out.push_str(&self::broken_off(broken_off));
    }
    for region in &report.unknown_regions {
        let _ = writeln!(
            out,
            "! {region} is not a region on the vendor's list{}: look for a typing mistake.",
            did_you_mean(region.near())
        );
    }
    out.push_str(&strangers(report));
    out
}

/// The first items, and the number of the others.
fn shown<T>(some: &FirstFew<T>, each: impl Fn(&T) -> String) -> String {
    let mut out: String = some.first.iter().map(each).collect();
    if some.more > 0 {
        let _ = writeln!(out, "! And {} more like these.", some.more);
    }
    out
}

/// The counts of rows beyond the limit of the report.
fn more_rows(more: &Counts) -> String {
    let kinds: Vec<String> = [
        (more.new, "new"),
        (more.changed, "changed"),
        (more.unchanged, "unchanged"),
        (more.conflicting, "in conflict"),
        (more.skipped, "skipped"),
        (more.refused, "refused"),
    ]
    .iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, kind)| format!("{count} {kind}"))
    .collect();
    if kinds.is_empty() {
        return String::new();
    }
    format!("  and {} more rows: {}\n", more.rows(), kinds.join(", "))
}

fn broken_off(BrokenOff { id, error, left }: &BrokenOff) -> String {
    let rows = if *left == 1 { "row" } else { "rows" };
    // "Nothing was changed" holds only for the failed batch.
    let why = error.to_string().replace(" nothing was changed;", "");
    format!(
        "! {left} {rows} were not taken, and what the file lacks was not looked at. {} The log has the details under {id}.\n! Import the same file again: that is safe, rows that were taken come to nothing then.\n",
        error::sentence(&why)
    )
}

fn misnamed(misnamed: &Misnamed) -> String {
    let Misnamed {
        place,
        called,
        handle,
        why,
    } = misnamed;
    let why = match why {
        WhyMisnamed::Nameless => "the file does not say a name".to_owned(),
        WhyMisnamed::Problem(problem) => problem.to_string(),
    };
    format!(
        "{place}: {why}. The instance is called {called} here; `instance set {handle} --name NAME` says another name."
    )
}

/// The accounts that a listing is of, where the region has others.
pub(super) fn in_accounts(accounts: &BTreeSet<String>) -> String {
    if accounts.is_empty() {
        return String::new();
    }
    format!(
        " of account {}",
        accounts
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" and ")
    )
}

fn held_back(held: &HeldBack) -> String {
    let names: Vec<String> = held
        .names
        .iter()
        .take(30)
        .map(ToString::to_string)
        .collect();
    let more = held.names.len().saturating_sub(names.len());
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let (count, of) = (held.ids.len(), held.of);
    let way_out = if held.in_part {
        "The file is not whole: rows cannot be read, or pages are missing. Fetch it again."
            .to_owned()
    } else {
        format!(
            "Was it another account or region, or may the reader not see them all? If they are gone indeed: import it again with --complete --accept-missing {count}."
        )
    };
    let accepted = held.accepted.map_or_else(String::new, |accepted| {
        format!(" (--accept-missing {accepted} is another number)")
    });
    format!(
        "The listing lacks {count} of the {of} instances of {}{}{accepted}, so none of them is taken for missing: {}{more}. {way_out}",
        held.region,
        in_accounts(&held.accounts),
        names.join(", ")
    )
}

/// Teams by which nobody is called, and channels that do not exist.
fn strangers(report: &ImportReport) -> String {
    fn list<T: ToString>(ids: &[T]) -> String {
        let ids: Vec<String> = ids.iter().map(T::to_string).collect();
        ids.join(", ")
    }
    let mut out = String::new();
    if !report.teams_not_called.is_empty() {
        let _ = writeln!(
            out,
            "! Nobody has described these teams, or given them a role to mention: {}. Until `settings team NAME --mention ROLE --members ROLE` does, the approvers are mentioned in their place.",
            list(&report.teams_not_called)
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

/// Commodity ids claimed by several instances.
fn disputed(report: &ImportReport) -> String {
    let is = if report.dry_run { "would be" } else { "is" };
    shown(&report.disputed, |(id, names)| {
        let names: Vec<&str> = names.iter().map(InstanceName::as_str).collect();
        format!(
            "! {id} {is} claimed by {}: it belongs to one instance, so it counts for none of them (refund-limits), and nothing of them is unsubscribed until it is settled. Look at the refund list, then `instance set NAME --commodity-id ID`, and `--commodity-id unknown` for the others first.\n",
            names.join(" and ")
        )
    })
}

/// Platinum instances of which nobody knows when they expire.
fn unwarned(report: &ImportReport) -> String {
    const NAMED: usize = 20;
    let warns = if report.dry_run {
        "would warn"
    } else {
        "warns"
    };
    let few = &report.unwarned;
    match (few.first.as_slice(), few.count()) {
        ([], _) => String::new(),
        ([one], 1) => format!(
            "! Nobody has said when {one} expires, so nothing {warns} before it does: `instance set {one} --expires WHEN`.\n"
        ),
        (first, count) => {
            let names: Vec<&str> = first.iter().take(NAMED).map(String::as_str).collect();
            let more = match count - names.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!(
                "! Nobody has said when these {count} Platinum instances expire, so nothing {warns} before they do: {}{more}. For each: `instance set NAME --expires WHEN`.\n",
                names.join(", ")
            )
        }
    }
}

/// Instances that a complete listing lacks.
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

/// Events that affect changes; the rows list the changed facts.
fn consequences(events: &[crate::domain::event::Event], reader: &Reader) -> String {
    let touching: Vec<_> = events
        .iter()
        .filter(|event| {
            !matches!(
                event.kind,
                EventKind::Moved { .. } | EventKind::Described { .. }
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
        RowStatus::Released | RowStatus::CalledGone => "released",
        RowStatus::SkippedSeries5
        | RowStatus::SkippedRemoved
        | RowStatus::SkippedUnbilled
        | RowStatus::SkippedProduct
        | RowStatus::SkippedGone => "skipped",
        RowStatus::Refused(_) => "refused",
    }
}

fn detail(row: &RowReport, reader: &Reader) -> String {
    match &row.status {
        RowStatus::New(fields)
        | RowStatus::Changed(fields)
        | RowStatus::Conflict(fields)
        | RowStatus::Unchanged(fields) => {
            fields.iter().filter_map(|field| field_line(field, &row.handle, reader)).collect::<Vec<_>>().join("; ")
        }
        RowStatus::SkippedSeries5 => "a 5.x instance has no way from Platinum to Standard (series-4x)".to_owned(),
        RowStatus::SkippedRemoved => "somebody stopped tracking it; `instance add` tracks it again".to_owned(),
        RowStatus::SkippedUnbilled => "no tracked instance has this commodity id; say whose it is with `instance set NAME --commodity-id ID`".to_owned(),
        RowStatus::SkippedProduct => "the subscription of another product".to_owned(),
        RowStatus::ConflictLost => {
            "it was recorded as deleted, and the file lists it: if it lives, `instance remove` it and add it again".to_owned()
        }
        RowStatus::Released => {
            "its subscription has ended, so it is Standard by now, or gone: look in the console. Nothing else of the row is taken".to_owned()
        }
        RowStatus::CalledGone => {
            "the row says that it is released or deleted, or about to be: it may be gone, look in the console. Nothing else of the row is taken".to_owned()
        }
        RowStatus::SkippedGone => {
            "the row says that it is released, deleted or over, and it is not tracked".to_owned()
        }
        RowStatus::Refused(refusal) => self::refusal(refusal),
    }
}

fn refusal(refusal: &RowRefusal) -> String {
    match refusal {
        RowRefusal::Problem(problem) => problem.to_string(),
        RowRefusal::NoRegion => "a new instance needs a region: give --region".to_owned(),
        RowRefusal::BilledTwice(ids) => {
            let ids: Vec<&str> = ids.iter().map(InstanceId::as_str).collect();
            format!(
                "several tracked instances have this commodity id ({}): correct the wrong one first",
                ids.join(", ")
            )
        }
    }
}

fn field_name(field: Field) -> &'static str {
    match field {
        Field::Fact(kind) => fact::name(kind),
        Field::Name => "name",
        Field::Region => "region",
        Field::Team => "team",
        Field::Channel => "channel",
    }
}

/// The way to settle an edition that one person or one file has contradicted: a file is the word of its importer.
fn edition_settled_by(handle: &str, reader: &Reader) -> String {
    match reader.is_alone {
        true => format!(
            "look, then `instance set {handle} --edition <standard|platinum>`; a listing read at least 12 hours after the first one settles it too"
        ),
        false => format!(
            "somebody else than its importer looks, then `instance set {handle} --edition <standard|platinum>`, or imports a listing"
        ),
    }
}

fn field_line(field: &FieldReport, handle: &str, reader: &Reader) -> Option<String> {
    let name = field_name(field.field);
    let (from, to) = (value(&field.from, reader), value(&field.to, reader));
    // Accepting a file's value does not make an action known.
    let settle = match field.field {
        Field::Fact(FactKind::Action) => "look, and attest it".to_owned(),
        Field::Region => format!(
            "check --region; look in the console, then `instance set {handle} --region REGION`"
        ),
        Field::Fact(FactKind::Edition)
            if matches!(field.from, FieldValue::Both(..)) && field.merged == Merged::Conflict =>
        {
            edition_settled_by(handle, reader)
        }
        Field::Fact(_) | Field::Name | Field::Team | Field::Channel => {
            "attest it, or --accept the file's".to_owned()
        }
    };
    match (field.merged, &field.from) {
        (Merged::Same, _) => None,
        (Merged::New, _) => Some(format!("{name} {to}")),
        (Merged::AfterExit, _) => Some(format!(
            "{name} {to}, as before, but read after the exit that its change has recorded"
        )),
        (Merged::Changed, _) => Some(format!("{name} from {from} to {to}")),
        (Merged::Older, FieldValue::Fact(FactValue::Unknown)) => Some(format!(
            "{name} {to} is ignored: that it is not known was found later"
        )),
        (Merged::Older, _) => Some(format!("{name} {to} is older than {from} and ignored")),
        (Merged::Conflict, FieldValue::Both(..)) => {
            Some(format!("{name} {to}, while it is {from}: {settle}"))
        }
        (Merged::Conflict, _) => Some(format!("{name} {to} contradicts {from}: {settle}")),
        (Merged::Implied, _) => Some(format!(
            "{name} {to}, as only that has what the row gives, contradicts {from}: {settle}"
        )),
        (Merged::NeedsWord, _) => Some(format!("{name} {to}: in doubt, {settle}")),
        (Merged::Unverified, _) => Some(format!("{name} {to} is unverified: shown, not relied on")),
        (Merged::HeardBefore, _) => Some(format!(
            "{name} {to} is unverified, as before: shown, not relied on"
        )),
    }
}

fn value(value: &FieldValue, reader: &Reader) -> String {
    match value {
        FieldValue::None => "none".to_owned(),
        FieldValue::Fact(held) => fact::value(held, reader),
        FieldValue::Both(both) => format!(
            "contradictory ({} or {})",
            fact::value(&both.0, reader),
            fact::value(&both.1, reader)
        ),
        FieldValue::Text(text) => text.clone(),
    }
}

fn counts(counts: &Counts) -> String {
    let Counts {
        new,
        changed,
        unchanged,
        conflicting,
        skipped,
        refused,
        missing,
    } = counts;
    let mut out = format!(
        "{new} new, {changed} changed, {unchanged} unchanged, {conflicting} in conflict, {skipped} skipped, {refused} refused"
    );
    if *missing > 0 {
        let _ = write!(out, ", {missing} missing");
    }
    out + "."
}
