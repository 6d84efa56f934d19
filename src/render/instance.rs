//! Instances: one, and lists.

use std::fmt::Write as _;

use super::fact;
use super::handle;
use super::table::{Narrow, TableCell};
use super::time::{Clockface, Reader};
use super::{approval, change, event, table};
use crate::answer::Page;
use crate::answer::{ReadAs, Warning};
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::event::{Event, EventKind, FactValue};
use crate::domain::fact::{Fact, Gap};
use crate::domain::facts::{FactKind, MoveEffect};
use crate::domain::instance::{Edition, Instance, Tracking};
use crate::domain::nearest::did_you_mean;
use crate::domain::team::auto_renewal_charges_until;

fn title(instance: &Instance) -> String {
    format!(
        "{} ({}, {})",
        instance.called(),
        instance.region_shown(),
        instance.id
    )
}

/// The facts with age and source.
fn facts(instance: &Instance, reader: &Reader) -> String {
    // Facts that no rule reads are shown only if known.
    let told = |fact: FactKind| fact.weight() == MoveEffect::Told;
    let shown = FactKind::ALL
        .iter()
        .filter(|fact| !told(**fact) || instance.fact(**fact).held().is_some());
    let rows = shown.map(|fact| {
        let (value, remark) = fact::cells(instance, *fact, reader);
        [fact::name(*fact).to_owned(), value, remark]
    });
    let mut out = table::rows(rows, reader.columns);
    if let Some(unverified) = fact::unverified(instance, reader) {
        let _ = writeln!(out, "  {unverified}");
    }
    out
}

/// Facts were recorded.
pub(super) fn recorded(case: &Case, added: bool, warnings: &[Warning], reader: &Reader) -> String {
    let verb = match (added, Repeated::of(case)) {
        (true, _) => "Done: tracking",
        (false, None) => "Done: recorded for",
        (false, Some(Repeated::SeenAgain)) => "Seen again, as before:",
        (false, Some(Repeated::Unchanged)) => "Unchanged, as it is recorded already:",
    };
    let mut out = format!("{verb} {}.\n", title(&case.instance));
    for warning in warnings {
        let warning = match warning {
            Warning::ReadAs(read_as) => self::read_as(*read_as, reader),
            warning => Some(format!("Warning: {}", self::warning(warning, reader))),
        };
        if let Some(warning) = warning {
            let _ = writeln!(out, "  {warning}");
        }
    }
    if added {
        out.push_str(&facts(&case.instance, reader));
    } else {
        out.push_str(&attested(case, reader));
        out.push_str(&event::consequences(&case.events, reader));
        out.push_str(&look_again(case));
    }
    let unsaid = case.instance.unsaid_expires.is_some();
    if (added || unsaid)
        && let Some(unknown) = super::concern::expiry_unknown(&case.instance, reader)
    {
        let _ = writeln!(out, "{unknown}");
    }
    out
}

/// The effect of a statement that changed nothing.
enum Repeated {
    /// Facts as they were known, which are fresh again.
    SeenAgain,
    /// Nothing that has an age.
    Unchanged,
}

impl Repeated {
    fn of(case: &Case) -> Option<Self> {
        let mut seen = false;
        for event in &case.events {
            let EventKind::Attested { facts } = &event.kind else {
                return None;
            };
            let is_known = |fact: &FactKind| case.instance.fact(*fact).held().is_some();
            seen |= facts.iter().any(is_known);
        }
        Some(if seen {
            Self::SeenAgain
        } else {
            Self::Unchanged
        })
    }
}

/// Why the action is not known any more after other facts were said, and the next step.
fn look_again(case: &Case) -> String {
    let forgotten = case.events.iter().any(|event| {
        matches!(
            event.kind,
            EventKind::Moved {
                fact: FactKind::Action,
                to: FactValue::Unknown,
                ..
            }
        )
    });
    let why = match case.instance.action {
        Fact::Unknown {
            gap: Gap::Renewed, ..
        } => "a renewal may have changed it, or be why the expiry moved",
        Fact::Unknown {
            gap: Gap::EditionSettled,
            ..
        } => "it was said while the edition was another one or not certain",
        _ => return String::new(),
    };
    if !forgotten {
        return String::new();
    }
    format!(
        "Its Post-expiration Action is not known any more, because {why} (action-known). Look at the vendor's console, then `action {} <downgrade|delete>`.\n",
        handle(&case.instance)
    )
}

/// The facts just attested, repeated with their zone.
fn attested(case: &Case, reader: &Reader) -> String {
    let said = case.events.iter().filter_map(|event| match &event.kind {
        EventKind::Attested { facts } => Some(facts),
        _ => None,
    });
    said.flatten().fold(String::new(), |mut out, fact| {
        let _ = writeln!(out, "  {}", fact::phrase(&case.instance, *fact, reader));
        out
    })
}

/// The interpretation of a time without a zone, for readers in another zone.
pub(super) fn read_as(ReadAs { at, zone }: ReadAs, reader: &Reader) -> Option<String> {
    let as_read = Reader {
        zone,
        clockface: Clockface::Written,
        ..*reader
    };
    let shown = reader.instant(at);
    let read = as_read.instant(at);
    (shown != read).then(|| format!("Read as {read} ({zone}): no zone was given."))
}

pub(super) fn warning(warning: &Warning, reader: &Reader) -> String {
    match warning {
        Warning::UnknownRegion(region) => format!(
            "{region} is not on the vendor's published list of regions{}; check the spelling (`instance set … --region R` corrects it).",
            did_you_mean(region.near())
        ),
        Warning::AlreadyExpired(at) => {
            format!("the expiry has passed already: {}.", reader.moment(*at))
        }
        Warning::RenewsTooLate { handle, expires } => renews_too_late(handle, *expires, reader),
        Warning::SharedName { handle, others } => {
            let (is, s) = if *others == 1 {
                ("is", "")
            } else {
                ("are", "s")
            };
            format!(
                "{others} instance{s} of another account {is} called so in this region as well: say {handle} for this one"
            )
        }
        Warning::LooksLike(other) => format!(
            "it and {}, which is {} in {}, look alike: compare the ids, or give it a name that nobody takes for the other (`instance set … --name NAME`).",
            other.name, other.id, other.region
        ),
        Warning::OneWord {
            handle,
            change,
            again,
        } => {
            let stays =
                change.map_or_else(String::new, |change| format!(", and #{change} stays open"));
            let who = if *again {
                "say it again"
            } else {
                "a second person says `--edition standard` too"
            };
            let exit = change.map_or_else(String::new, |change| {
                format!(
                    ", or `confirm {change} unsubscribe --outside --reason TEXT` says how it left"
                )
            });
            format!(
                "one person's word of Standard proves nothing while no exit is on record (action-before-exit): {handle} counts as Platinum, its expiry and its reminders stay{stays}. What settles it: {who}, or a listing read since has it as Standard{exit}. If it was a mistake: `instance set {handle} --edition platinum`."
            )
        }
        Warning::EditionFirst { handle } => format!(
            "its edition is not certain, and a look at the action counts only from when it is (action-known): look at the edition, `instance set {handle} --edition <standard|platinum>`, then, of Platinum, at the action again, `action {handle} <downgrade|delete>`."
        ),
        Warning::CalledGone(notices) => called_gone(notices),
        Warning::ReadAs(read) => read_as(*read, reader).unwrap_or_default(),
        Warning::UnknownTeam { team, near }
        | Warning::TeamNotCalled {
            team,
            described: false,
            near,
        } => format!(
            "nobody has described a team {team}{}. Until `settings team {team} --mention ROLE --members ROLE` does, the approvers are mentioned in its place, and nobody approves as one of it.",
            did_you_mean(near.as_deref())
        ),
        Warning::TeamNotCalled { team, .. } => format!(
            "team {team} has no role to mention. Until `settings team {team} --mention ROLE` names one, the approvers are mentioned in its place."
        ),
    }
}

/// The warning that auto-renewal switched on after the last charge does not save it.
fn renews_too_late(handle: &str, expires: Timestamp, reader: &Reader) -> String {
    let last = auto_renewal_charges_until(expires).unwrap_or(expires);
    let (when, last) = (reader.moment(expires), reader.moment(last));
    let why = if expires <= reader.now {
        format!(
            "it expired {when}, and auto-renewal that is switched on after that never takes effect"
        )
    } else {
        format!(
            "it expires {when}, and auto-renewal charges the last time {last}: switched on after that, it may not renew it"
        )
    };
    format!(
        "{why} (auto-renewal). Renew it in the console now, then `instance set {handle} --expires WHEN`."
    )
}

/// One instance with its latest history.
pub(super) fn shown(case: &Case, history: &[Event], reader: &Reader) -> String {
    let instance = &case.instance;
    let mut out = format!("{}\n", title(instance));
    match &instance.tracking {
        Tracking::Tracked => {}
        Tracking::Lost(ended) => {
            let _ = writeln!(
                out,
                "  LOST: deleted at the vendor, said {}, {} (“{}”)",
                ended.by,
                reader.moment(ended.at),
                ended.reason
            );
        }
        Tracking::Removed(ended) => {
            let _ = writeln!(
                out,
                "  No longer tracked: {}, {} (“{}”)",
                ended.by,
                reader.moment(ended.at),
                ended.reason
            );
        }
    }
    out.push_str(&facts(instance, reader));
    if let Some(team) = &instance.team {
        let _ = writeln!(out, "  team: {team}");
    }
    if let Some(channel) = &instance.channel {
        let _ = writeln!(out, "  channel: {channel}");
    }
    if let Some(open) = case.open_change() {
        let _ = writeln!(
            out,
            "  open change: #{} ({}); `change {}` shows it",
            open.number,
            change::kind(open.kind),
            open.number
        );
        out.push_str(&approval::emergency_override(open, reader));
        if let Some(step) = case.unknown_outcome() {
            let _ = writeln!(out, "{}", change::doubt(open, step));
        }
    }
    out.push_str("History:\n");
    out.push_str(&event::history(history, reader));
    out
}

/// An instance is no longer tracked.
pub(super) fn dropped(case: &Case, reader: &Reader) -> String {
    let instance = &case.instance;
    let mut out = match &instance.tracking {
        Tracking::Lost(ended) => format!(
            "Done: {} is recorded as deleted at the vendor (“{}”). Nothing planned for it will happen, and nobody is reminded of it any more; its record stays as evidence.\n{}If it is there after all: `instance remove {id} --reason TEXT`, then `instance add {id} …`.\n",
            title(instance),
            ended.reason,
            unexpected(instance, reader),
            id = instance.id
        ),
        Tracking::Removed(_) | Tracking::Tracked => format!(
            "Done: {} is no longer tracked. Its history stays: `instance show {}`.\n",
            title(instance),
            instance.id
        ),
    };
    out.push_str(&event::consequences(&case.events, reader));
    out
}

/// The doubt where an instance is recorded as deleted that was in no danger, as far as anybody knew.
fn unexpected(instance: &Instance, reader: &Reader) -> &'static str {
    let is_standard = instance.edition.value() == Some(&Edition::Standard);
    let expires = instance.expires.value();
    match is_standard || expires.is_some_and(|expires| *expires > reader.now) {
        true => "Nothing that is known of it led there: look once more in the vendor's console.\n",
        false => "",
    }
}

/// A page of instances.
pub(super) fn list(
    page: &Page<Case>,
    filtered: bool,
    unknown_team: Option<&Warning>,
    reader: &Reader,
) -> String {
    if page.rows.is_empty() && page.page > 1 {
        return table::no_such_page("instance list");
    }
    if page.rows.is_empty() {
        return if filtered {
            let unknown =
                unknown_team.map(|unknown| format!("\nWarning: {}", warning(unknown, reader)));
            format!(
                "No instance matches. `instance list` without options shows all.{}",
                unknown.unwrap_or_default()
            )
        } else {
            "No instances yet. `instance add MQ_INST_… --name N --region R --edition <standard|platinum>` tracks one; `import FILE` takes a listing.".to_owned()
        };
    }
    let header = [
        "instance",
        "edition",
        "expires",
        "action",
        "auto-renew",
        "team",
        "change",
    ];
    let rows = page.rows.iter().map(|case| row(case, reader));
    let how = Narrow {
        least: &["auto-renew", "team", "change"],
        note: format!(
            "Times are in {}; `instance show NAME` has who said what.",
            reader.zone
        ),
    };
    format!(
        "{}{}",
        table::table(header, &how, rows, reader),
        table::more(page.page, page.more, reader)
    )
}

/// The total number, below a page of instances.
pub(super) fn total(page: &Page<Case>, filtered: bool, total: Option<u64>) -> String {
    let Some(total) = total.filter(|_| !page.rows.is_empty()) else {
        return String::new();
    };
    let gap = if page.more { " " } else { "" };
    let (instances, are, fit) = match total {
        1 => ("instance", "is", "fits"),
        _ => ("instances", "are", "fit"),
    };
    match filtered {
        true => format!("{gap}{total} {instances} {fit}."),
        false => format!("{gap}{total} {instances} {are} tracked."),
    }
}

fn row(case: &Case, reader: &Reader) -> [TableCell; 7] {
    let instance = &case.instance;
    let cell = |fact| TableCell {
        whole: fact::cell(instance, fact, reader),
        short: fact::short_cell(instance, fact, reader),
    };
    let edition = match &instance.tracking {
        Tracking::Tracked => cell(FactKind::Edition),
        Tracking::Lost(_) => TableCell::from("LOST".to_owned()),
        Tracking::Removed(_) => TableCell::from("removed".to_owned()),
    };
    let team = instance.team.as_ref().map(ToString::to_string);
    let change = case.open_number().map(|number| format!("#{number}"));
    [
        TableCell::name(instance.place()),
        edition,
        cell(FactKind::Expires),
        cell(FactKind::Action),
        cell(FactKind::AutoRenew),
        TableCell::name(team.unwrap_or_default()),
        change.unwrap_or_default().into(),
    ]
}

/// Earlier notices that call an instance gone which is tracked only now.
pub(super) fn called_gone(notices: &[u64]) -> String {
    let all: Vec<String> = notices.iter().map(ToString::to_string).collect();
    let (s, call, still) = match notices {
        [one] => ("", "calls", format!("`notice {one} still-there`")),
        _ => ("s", "call", "`notice N still-there`".to_owned()),
    };
    format!(
        "notice{s} {}, which came before it was tracked, {call} it gone; its people are told now. Look in the vendor's console: `instance lost` records that it is gone, {still} that it is not.",
        all.join(" and ")
    )
}
