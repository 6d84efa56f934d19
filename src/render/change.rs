//! Changes: their steps with marks, and lists of them.

use std::fmt::Write as _;

use super::approval;
use super::authority;
use super::event;
use super::fact;
use super::finding;
use super::handle;
use super::permit;
use super::remedy;
use super::request;
use super::table::{self, Narrow, TableCell};
use super::time::Reader;
use crate::answer::{Page, TooFew, Warning};
use crate::command::args::Changes;
use crate::domain::approval::RequestState;
use crate::domain::authority::{Permission, needed};
use crate::domain::case::Case;
use crate::domain::change::{Change, ChangeKind, Failure, How, PermitState, Route, Status, Step};
use crate::domain::event::Event;
use crate::domain::id::Person;
use crate::domain::instance::{Edition, Instance};
use crate::domain::rules::{FactKind, Intent, Verdict};
use crate::domain::team::{ACTION_RUNS_WITHIN, Limits, RELEASE_AFTER};

pub(super) const fn kind(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Upgrade => "upgrade",
        ChangeKind::Downgrade(Route::Unsubscribe) => "downgrade by unsubscribing",
        ChangeKind::Downgrade(Route::Expiry) => "downgrade by expiry",
    }
}

/// Who opened a change, whose it is now if that is another, and what for, as the beginning of a clause.
pub(super) fn opened_by(change: &Change) -> String {
    let (opener, owner) = (change.opener(), &change.opened_by);
    match opener.id == owner.id {
        true => format!("by {opener}"),
        false => format!("by {opener}, now {owner}'s"),
    }
}

/// The reason that the opener of a change gave.
pub(super) fn reason(change: &Change) -> String {
    let reason = change.reason.as_ref();
    reason.map_or_else(String::new, |reason| format!(": “{reason}”"))
}

/// The status of a change, as the end of a sentence.
pub(super) fn status(change: &Change) -> String {
    status_said(&change.status, change.ended_by.as_ref())
}

/// Like [`status`], with who ended it where that is known.
pub(super) fn status_said(status: &Status, by: Option<&Person>) -> String {
    let by = by.map_or_else(String::new, |by| format!(" by {by}"));
    match status {
        Status::Open => "is open".to_owned(),
        Status::Done => "is done".to_owned(),
        Status::Failed(Failure::Said(reason)) => format!("failed (“{reason}”)"),
        Status::Failed(Failure::Lost(reason)) => {
            format!("failed, the instance is lost (“{reason}”)")
        }
        Status::Failed(Failure::PresumedDeleted) => {
            "failed: seven days after the expiry Downgrade was still not known (release-after-7-days)"
                .to_owned()
        }
        Status::Cancelled(reason) => format!("is cancelled{by} (“{reason}”)"),
        Status::Rejected(reason) => format!("is rejected{by} (“{reason}”)"),
    }
}

/// A change was opened.
pub(super) fn opened(
    case: &Case,
    verdict: &Verdict,
    next: Option<Step>,
    too_few: Option<TooFew>,
    reader: &Reader,
) -> String {
    let Some(change) = case.open_change() else {
        return String::new();
    };
    let steps = change.kind.steps().map(Step::as_str).join(" → ");
    let head = match change.request_open() {
        Some(_) => "Needs approval",
        None => "Allowed",
    };
    let mut out = format!(
        "{head}: {} of {} is open as #{}.\n  steps: {steps}\n",
        kind(change.kind),
        case.instance.called(),
        change.number
    );
    out.push_str(&finding::verdict(verdict, case, reader));
    out.push_str(&request::asked(case, too_few, reader));
    out.push_str(&next_line(case, next, reader));
    out
}

/// The next step, in one line.
pub(super) fn next_line(case: &Case, next: Option<Step>, reader: &Reader) -> String {
    let (Some(change), Some(step)) = (case.open_change(), next) else {
        return String::new();
    };
    let (number, name) = (change.number, handle(&case.instance));
    let todo = match step {
        Step::SetAction if let Some(again) = remedy::look_again(case, reader.now) => {
            format!("{again}; if it is on Delete, `next {number}` gives the permit to set it")
        }
        Step::Upgrade | Step::SetAction | Step::Unsubscribe => match change.permit_out(step) {
            Some(permit) => {
                let until = permit::ends(case, permit, reader);
                format!("{} holds the permit for it until {until}", permit.holder)
            }
            None => permit_ahead(case, step, reader),
        },
        Step::RecordExpiry if case.instance.edition.value() == Some(&Edition::Standard) => format!(
            "the upgrade is confirmed, but the edition was said to be Standard since: look again (`instance set {name} --edition platinum`), or `reopen {number} upgrade --reason TEXT`"
        ),
        Step::RecordExpiry => {
            format!("`confirm {number} record-expiry --expires WHEN`, the date the console shows")
        }
        Step::ChooseAction => {
            format!(
                "decide what should happen to it at expiry, look at the console, then `action {name} <downgrade|delete>`"
            )
        }
        Step::AwaitExpiry
            if case.instance.expires.value().is_some()
                && case.waits_on_an_old_look(&Limits::default(), reader.now) =>
        {
            let again = remedy::while_waiting(case, reader.now);
            format!("{again}; if it is on Delete, `next {number}` gives the permit to set it")
        }
        Step::AwaitExpiry => match case.instance.expires.value() {
            Some(at) => format!("wait; it expires {}", reader.moment(*at)),
            None => format!("wait; its expiry is not known: `instance set {name} --expires WHEN`"),
        },
        Step::VerifyStandard => verify_standard(case, change, reader),
    };
    format!("Next: {step}: {todo}.")
}

/// How to verify the end of a downgrade, and what to report. Evidence against Standard comes first.
fn verify_standard(case: &Case, change: &Change, reader: &Reader) -> String {
    let instance = &case.instance;
    let (number, name) = (change.number, handle(instance));
    let phrase = |fact| fact::phrase(instance, fact, reader);
    let doubt = if case.is_still_platinum() {
        Some(format!(
            "it is reported as unsubscribed, but what was said since shows it as Platinum; {}; {}",
            phrase(FactKind::Edition),
            phrase(FactKind::Expires)
        ))
    } else {
        (change.is_unsubscribed() && instance.was_on_delete())
            .then(|| "unsubscribing with Delete deletes it at once: look now".to_owned())
    };
    if reader.has_buttons() {
        let look = "press Console shows Standard below or on the card, and say what it shows";
        return doubt.map_or_else(|| look.to_owned(), |doubt| format!("{doubt}; {look}"));
    }
    if let Some(doubt) = doubt {
        let way = remedy::after_exit(change, case, reader.now);
        return format!("{doubt}; {}. Next: {way}", phrase(FactKind::Action));
    }
    format!(
        "when the console shows Standard Edition, `confirm {number} verify-standard`; if it still shows Platinum, {still}; if the instance is gone, `instance lost {name} --reason TEXT`",
        still = if change.is_unsubscribed() {
            remedy::taken_back(number, instance, reader.now)
        } else if is_overdue(instance, reader) {
            format!(
                "which it should not after 168 h, it may be deleted at any moment: renew it or set it to Downgrade in the console at once, then `instance set {name} --expires WHEN` or `action {name} downgrade`"
            )
        } else {
            "look again later: the vendor may take 168 h".to_owned()
        }
    )
}

/// Whether the time in which the action runs after the expiry is over.
fn is_overdue(instance: &Instance, reader: &Reader) -> bool {
    let expired = instance.expired_at(reader.now);
    expired.is_some_and(|expired| reader.now >= expired + ACTION_RUNS_WITHIN)
}

/// The way to the permit for a step, and the people it waits for.
fn permit_ahead(case: &Case, step: Step, reader: &Reader) -> String {
    let change = case.open_change();
    let number = change.map_or(0, |change| change.number);
    let permit = format!("`next {number}` gives the permit for it");
    let Some(request) = change
        .and_then(|change| change.request.as_ref())
        .filter(|request| request.step == step)
    else {
        return permit;
    };
    if request.state != RequestState::Open && case.instance.edition.value().is_none() {
        return format!(
            "its edition is not known: `instance set {} --edition <standard|platinum>`, then `next {number}` asks for approval",
            handle(&case.instance)
        );
    }
    if request.state != RequestState::Open {
        return format!("needs approval: `next {number}` asks");
    }
    if !case.is_approved(reader.now) {
        return format!("waits for approval; then {permit}");
    }
    match approval::observations_missing(case, request, reader) {
        Some(missing) => format!("{missing}; then {permit}"),
        None => permit,
    }
}

/// The warning of an expiry with the action not known as Downgrade, shown in every view of the change.
pub(super) fn waiting(case: &Case, reader: &Reader) -> Option<String> {
    let expired = case.waits_past_expiry(reader.now)?;
    Some(format!(
        "WAITING: expired, and Downgrade was not known: it may be deleted at any moment, by {} at the latest",
        reader.moment(expired + RELEASE_AFTER)
    ))
}

/// The next step, without its permit.
pub(super) fn next_step(
    case: &Case,
    step: Step,
    verdict: Option<&Verdict>,
    reader: &Reader,
) -> String {
    let mut out = String::new();
    if let Some(change) = case.open_change() {
        let _ = writeln!(
            out,
            "#{}: {} of {}.",
            change.number,
            kind(change.kind),
            case.instance.called()
        );
        out.push_str(&approval::emergency_override(change, reader));
    }
    if let Some(verdict) = verdict {
        if !verdict.allows() {
            let intent = step.permit_intent().unwrap_or(Intent::Expiry);
            let what = finding::intent_of(intent, &case.instance);
            let _ = writeln!(out, "{}: {what}.", finding::headline(verdict.outcome));
        }
        out.push_str(&finding::deciding(verdict, case, reader));
    }
    out.push_str(&next_line(case, Some(step), reader));
    if step.permit_intent().is_some() {
        let roles = authority::roles(needed(Permission::TakePermit));
        let _ = write!(out, " Permits are for {roles}.");
    }
    out
}

/// One change with its steps and its history.
pub(super) fn shown(case: &Case, next: Option<Step>, history: &[Event], reader: &Reader) -> String {
    let Some(change) = &case.change else {
        return String::new();
    };
    let outside = if change.was_outside() {
        " OUTSIDE: a step happened without the warden."
    } else {
        ""
    };
    let mut out = format!(
        "#{} {} of {} ({}) {}.{outside}\n  opened {}, {}{}\n",
        change.number,
        kind(change.kind),
        case.instance.name,
        case.instance.id,
        status(change),
        opened_by(change),
        taken_over(change, reader) + &reader.moment(change.opened_at),
        reason(change)
    );
    if let Some(waiting) = waiting(case, reader) {
        let _ = writeln!(out, "  {waiting}");
    }
    if change.is_open() {
        out.push_str(&decided_on(change, reader));
    }
    out.push_str(&steps(case, change, next, reader));
    out.push_str(&approval::of_change(case, change, reader));
    if let Some(step) = case.unknown_outcome() {
        let _ = writeln!(out, "{}", doubt(change, step));
    }
    if let Some(given) = &change.acknowledgement {
        let _ = writeln!(
            out,
            "  fits-standard acknowledged by {} at {} TPS",
            given.by,
            super::fact::thousands(given.max_tps)
        );
    }
    if !history.is_empty() {
        out.push_str("History:\n");
        out.push_str(&event::history(history, reader));
    }
    out.push_str(&next_line(case, next, reader));
    out
}

/// Since when a change that was handed over is its owner's.
fn taken_over(change: &Change, reader: &Reader) -> String {
    let since = change.owner_since.map(|since| reader.moment(since));
    since.map_or_else(String::new, |since| format!("since {since}; opened "))
}

fn decided_on(change: &Change, reader: &Reader) -> String {
    let values = change.decided_on.shown().map(|(fact, value)| {
        format!(
            "{} {}",
            super::fact::name(fact),
            super::fact::value(value, reader)
        )
    });
    let values: Vec<String> = values.collect();
    format!("  rests on: {}\n", values.join(", "))
}

/// The doubt after a permit that lapsed, or was withdrawn.
pub(super) fn doubt(change: &Change, step: Step) -> String {
    let fresh = format!("a fresh permit (`next {}`) if it did not", change.number);
    doubt_with(change, step, &fresh)
}

/// Like [`doubt`], where a fresh permit was asked for, and waits for approvals.
pub(super) fn doubt_while_asked(change: &Change, step: Step) -> String {
    doubt_with(change, step, "if it did not, it waits for these approvals")
}

fn doubt_with(change: &Change, step: Step, otherwise: &str) -> String {
    let (number, ended) = (change.number, permit_ended(change, step));
    format!(
        "  In doubt: the permit for `{step}` {ended} and nobody has said whether it happened. `confirm {number} {step}` if it did; {otherwise}."
    )
}

/// The end of the last permit for a step whose outcome is unknown.
pub(super) fn permit_ended(change: &Change, step: Step) -> &'static str {
    let last = change.permit.as_ref();
    let last = last.filter(|permit| permit.step == step);
    last.map_or("lapsed", |permit| permit::ended(permit.state))
}

/// The steps of a change, and further recorded ones, in order.
pub(super) fn all_steps(change: &Change) -> Vec<Step> {
    let mut all: Vec<Step> = change.kind.steps().to_vec();
    for record in &change.records {
        if !all.contains(&record.step) {
            all.push(record.step);
        }
    }
    all.sort();
    all
}

/// Whether a step is past: recorded, or made needless by a later one.
pub(super) fn is_behind(change: &Change, step: Step, next: Option<Step>) -> bool {
    let left = change.exit_confirmed() || change.record(Step::VerifyStandard).is_some();
    let passed = left || next.is_some_and(|next| next > step);
    let needs_none = step == Step::SetAction;
    next != Some(step) && (change.record(step).is_some() || needs_none && passed)
}

fn steps(case: &Case, change: &Change, next: Option<Step>, reader: &Reader) -> String {
    all_steps(change)
        .into_iter()
        .map(|step| step_line(case, change, step, next, reader))
        .collect()
}

fn step_line(
    case: &Case,
    change: &Change,
    step: Step,
    next: Option<Step>,
    reader: &Reader,
) -> String {
    let word = step.as_str();
    if next == Some(step) {
        return format!("  ▶ {word}{}\n", permit_note(case, change, step, reader));
    }
    if let Some(record) = change.record(step) {
        let how = match &record.how {
            How::Confirmed => "confirmed".to_owned(),
            How::Shown => "shown by what was recorded".to_owned(),
            How::Outside(Some(reason)) => format!("OUTSIDE, without a permit: “{reason}”"),
            How::Outside(None) => "OUTSIDE, as the facts show".to_owned(),
            How::Elapsed => "expired with Downgrade known".to_owned(),
        };
        let by = record
            .by
            .as_ref()
            .map(|by| format!(" by {by}"))
            .unwrap_or_default();
        let evidence = record
            .evidence
            .as_ref()
            .map(|at| format!(", evidence {at}"))
            .unwrap_or_default();
        return format!(
            "  ✓ {word}: {how}{by}, {}{evidence}\n",
            reader.moment(record.at)
        );
    }
    if is_behind(change, step, next) {
        return match case.instance.action.value() {
            Some(_) => {
                let action = super::fact::phrase(&case.instance, FactKind::Action, reader);
                format!("  ✓ {word}: {action}\n")
            }
            None => format!("  ✓ {word}\n"),
        };
    }
    format!("  · {word}\n")
}

fn permit_note(case: &Case, change: &Change, step: Step, reader: &Reader) -> String {
    let Some(permit) = change.permit.as_ref().filter(|permit| permit.step == step) else {
        return String::new();
    };
    match permit.state {
        PermitState::Out => format!(
            ": {} holds the permit until {}",
            permit.holder,
            permit::ends(case, permit, reader)
        ),
        PermitState::Lapsed if case.unknown_outcome() != Some(step) => {
            ": its permit lapsed unconfirmed, and the edition was seen since".to_owned()
        }
        PermitState::Lapsed => ": in doubt, its permit lapsed unconfirmed".to_owned(),
        PermitState::Withdrawn => ": its permit was withdrawn".to_owned(),
        PermitState::Used => String::new(),
    }
}

/// A page of changes.
pub(super) fn list(
    page: &Page<(Case, Option<Step>)>,
    list: &Changes,
    unknown_team: Option<&Warning>,
    reader: &Reader,
) -> String {
    if page.rows.is_empty() && page.page > 1 && !page.more {
        return table::no_such_page("changes");
    }
    if page.rows.is_empty() {
        let none = if list.all {
            "No changes yet. `upgrade <instance>` or `downgrade <instance>` begins one."
        } else if list.stuck || list.team.is_some() {
            "No open change fits. `changes` shows all that are open."
        } else {
            "No open changes. `changes --all` shows the ended ones too."
        };
        let more = table::more(page.page, page.more, reader);
        let unknown = unknown_team
            .map(|unknown| format!("\nWarning: {}", super::instance::warning(unknown, reader)));
        let none = format!("{none} {more}").trim_end().to_owned();
        return none + &unknown.unwrap_or_default();
    }
    let rows = page
        .rows
        .iter()
        .filter_map(|(case, next)| row(case, *next, reader));
    let table = table::table(
        ["change", "instance", "what", "state", "next", "opened"],
        &Narrow {
            least: &["opened", "what", "next"],
            ..Narrow::default()
        },
        rows,
        reader,
    );
    format!("{table}{}", table::more(page.page, page.more, reader))
}

fn row(case: &Case, next: Option<Step>, reader: &Reader) -> Option<[TableCell; 6]> {
    let change = case.change.as_ref()?;
    let mut state = match &change.status {
        Status::Open => "open",
        Status::Done => "done",
        Status::Failed(Failure::PresumedDeleted) => "failed, not set in time",
        Status::Failed(Failure::Lost(_)) => "failed, lost",
        Status::Failed(Failure::Said(_)) => "failed",
        Status::Cancelled(_) => "cancelled",
        Status::Rejected(_) => "rejected",
    }
    .to_owned();
    if change.was_outside() {
        state.push_str(", OUTSIDE");
    }
    if change.override_standing(reader.now).is_some() {
        state.push_str(", BREAK-GLASS");
    }
    if let Some(request) = change.request_open() {
        let (given, needed) = (request.approvals.len(), request.needed);
        state.push_str(&format!(", approvals {given}/{needed}"));
    }
    let request = change.request.as_ref().filter(|_| change.is_open());
    if request.is_some_and(|request| request.state == RequestState::Lapsed) {
        state.push_str(", request lapsed");
    }
    if case.unknown_outcome().is_some() {
        state.push_str(", in doubt");
    }
    if waiting(case, reader).is_some() {
        state.push_str(", WAITING: may be deleted");
    }
    Some([
        format!("#{}", change.number).into(),
        TableCell::name(case.instance.place()),
        TableCell {
            whole: kind(change.kind).to_owned(),
            short: kind(change.kind)
                .trim_start_matches("downgrade ")
                .to_owned(),
        },
        state.into(),
        next.map(|step| step.as_str().to_owned())
            .unwrap_or_default()
            .into(),
        format!("{} {}", reader.instant(change.opened_at), opened_by(change)).into(),
    ])
}
