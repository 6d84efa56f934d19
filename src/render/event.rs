//! The history, one line per event.

use std::fmt::Write as _;

use super::fact::{self, thousands};
use super::time::Reader;
use crate::domain::approval::Told;
use crate::domain::event::{
    Disqualified, Event, EventKind, FactValue, Manner, OverrideEnd, Withdrawal,
};
use crate::domain::id::Person;
use crate::domain::instance::Edition;
use crate::domain::rules::FactKind;

/// A history, oldest first.
pub(super) fn history(events: &[Event], reader: &Reader) -> String {
    let mut out = String::new();
    for Clause { event, text, .. } in clauses(events, reader) {
        let who = event
            .by
            .as_ref()
            .map_or_else(|| "time".to_owned(), ToString::to_string);
        let _ = writeln!(out, "  {}  {who}: {text}", reader.instant(event.at));
    }
    out
}

/// The text of one event, or of several of one decision.
struct Clause<'a> {
    /// The event, or the first of them.
    event: &'a Event,
    text: String,
    /// Whether it follows from another event: nobody did it.
    follows: bool,
}

/// Each event as a clause. What an instance has no more because it is Standard is one clause, at the first of it: nothing is
/// unknown of it.
fn clauses<'a>(events: &'a [Event], reader: &Reader) -> Vec<Clause<'a>> {
    let mut clauses = Vec::new();
    for decision in events.chunk_by(|one, other| one.at == other.at) {
        let cleared = cleared_by_standard(decision);
        let mut is_said = false;
        for event in decision {
            let follows = unknown_now(&event.kind).is_some_and(|fact| cleared.contains(&fact));
            let text = match follows {
                false => what(&event.kind, reader),
                true if std::mem::replace(&mut is_said, true) => continue,
                true => apply_no_more(&cleared),
            };
            clauses.push(Clause {
                event,
                text,
                follows,
            });
        }
    }
    clauses
}

/// The facts that became unknown with an edition that has none of them.
fn cleared_by_standard(decision: &[Event]) -> Vec<FactKind> {
    let is_standard = decision.iter().any(|event| {
        matches!(
            event.kind,
            EventKind::Moved {
                fact: FactKind::Edition,
                to: FactValue::Edition(Edition::Standard),
                ..
            }
        )
    });
    let unknown = decision.iter().filter_map(|event| unknown_now(&event.kind));
    unknown.filter(|_| is_standard).collect()
}

/// The fact that became unknown.
const fn unknown_now(kind: &EventKind) -> Option<FactKind> {
    match kind {
        EventKind::Moved {
            fact,
            to: FactValue::Unknown,
            ..
        } => Some(*fact),
        _ => None,
    }
}

fn apply_no_more(facts: &[FactKind]) -> String {
    let names: Vec<&str> = facts.iter().map(|fact| fact::name(*fact)).collect();
    let (names, apply) = match names.as_slice() {
        [all @ .., last] if !all.is_empty() => (format!("{} and {last}", all.join(", ")), "apply"),
        _ => (names.concat(), "applies"),
    };
    format!("{names} no longer {apply}: Standard Edition has none")
}

/// The events of a change for its discussion thread: one line for each decision, without the time, which Discord shows.
pub fn discussion(events: &[Event], reader: &Reader) -> String {
    let together = |one: &Event, other: &Event| one.at == other.at && one.by == other.by;
    let decisions = events.chunk_by(together);
    let lines: Vec<String> = decisions.map(|events| decision(events, reader)).collect();
    lines.join("\n")
}

fn decision(events: &[Event], reader: &Reader) -> String {
    let says_what_was_seen =
        |event: &Event| matches!(event.kind, EventKind::Approved { seen, .. } if seen.is_some());
    let looked = events.iter().any(says_what_was_seen);
    let is_said = |event: &&Event| looked && matches!(event.kind, EventKind::Attested { .. });
    let told: Vec<String> = clauses(events, reader)
        .into_iter()
        .filter(|clause| !is_said(&clause.event))
        .map(|clause| clause.text)
        .collect();
    let told = told.join("; ");
    match events.first().and_then(|event| event.by.as_ref()) {
        Some(by) => format!("{by}: {told}"),
        None => told,
    }
}

/// The side effects of the last command: changed facts, withdrawn permits, closed changes.
pub(super) fn consequences(events: &[Event], reader: &Reader) -> String {
    let mut out = String::new();
    let clauses = clauses(events, reader).into_iter();
    for clause in clauses.filter(|clause| is_consequence(&clause.event.kind)) {
        let by = match clause.follows {
            true => String::new(),
            false => by(clause.event, reader),
        };
        let _ = writeln!(out, "  • {}{by}", clause.text);
    }
    out
}

fn by(event: &Event, reader: &Reader) -> String {
    match &event.by {
        // Discord shows whose command or press is answered, or nobody else sees the answer.
        Some(_) if event.at == reader.now && reader.has_buttons() => String::new(),
        Some(person) if event.at == reader.now => format!(", by {person}"),
        Some(person) => format!(", by {person}, {}", reader.instant(event.at)),
        None => format!(", {}", reader.instant(event.at)),
    }
}

const fn is_consequence(kind: &EventKind) -> bool {
    match kind {
        EventKind::Moved { .. }
        | EventKind::Described { .. }
        | EventKind::AcknowledgementVoid { .. }
        | EventKind::Acknowledged { .. }
        | EventKind::PermitLapsed { .. }
        | EventKind::PermitWithdrawn { .. }
        | EventKind::StepDone { .. }
        | EventKind::StepTakenBack { .. }
        | EventKind::RequestLapsed { .. }
        | EventKind::ApprovalRevoked { .. }
        | EventKind::ApprovalLapsed { .. }
        | EventKind::ApproverGone { .. }
        | EventKind::HandedOver { .. }
        | EventKind::ObserverGone { .. }
        | EventKind::ApprovalsVoided { .. }
        | EventKind::ApprovalsOverridden { .. }
        | EventKind::OverrideEnded { .. }
        | EventKind::Unapproved { .. }
        | EventKind::ApprovalAsked { .. }
        | EventKind::Rejected { .. }
        | EventKind::Waiting
        | EventKind::PlatinumAgain { .. }
        | EventKind::Done { .. }
        | EventKind::PresumedDeleted
        | EventKind::PresumedTooEarly
        | EventKind::Outlived
        | EventKind::Failed { .. }
        | EventKind::Cancelled { .. }
        | EventKind::Reopened { .. } => true,
        EventKind::Restored { .. }
        | EventKind::Tracked
        | EventKind::Attested { .. }
        | EventKind::Imported { .. }
        | EventKind::Missing
        | EventKind::Lost { .. }
        | EventKind::Removed { .. }
        | EventKind::UpgradeOpened
        | EventKind::DowngradeOpened { .. }
        | EventKind::Approved { .. }
        | EventKind::ApprovalAwaited { .. }
        | EventKind::PermitShown { .. } => false,
    }
}

/// A fact that moved, as a clause: what was not known before it, or is not after it, has no place to move from or to.
fn fact_moved(fact: FactKind, from: &FactValue, to: &FactValue, reader: &Reader) -> String {
    let is_known =
        |value: &FactValue| !matches!(value, FactValue::Unknown | FactValue::Contradictory);
    let name = fact::name(fact);
    let (was, now) = (fact::value(from, reader), fact::value(to, reader));
    match (is_known(from), to) {
        (_, FactValue::Unknown) => format!("{name} is not known any more ({was} before)"),
        (true, to) if is_known(to) => format!("{name} moved from {was} to {now}"),
        _ => format!("{name} is now {now} ({was} before)"),
    }
}

/// An event, as a clause.
pub(super) fn what(kind: &EventKind, reader: &Reader) -> String {
    match kind {
        EventKind::Tracked => "tracked from now on".to_owned(),
        EventKind::Attested { facts } => format!("attested {}", names(facts)),
        EventKind::Imported { facts } => format!("imported {}", names(facts)),
        EventKind::Moved { fact, from, to } => fact_moved(*fact, from, to, reader),
        EventKind::Described {
            what,
            from: Some(from),
            to,
        } => format!("{what} moved from {from} to {to}"),
        EventKind::Described {
            what,
            from: None,
            to,
        } => format!("{what} is now {to}"),
        EventKind::Missing => "a listing did not have it any more, or had its subscription as ended".to_owned(),
        EventKind::Lost { reason } => format!("recorded as deleted at the vendor: “{reason}”"),
        EventKind::Removed { reason } => format!("no longer tracked: “{reason}”"),
        EventKind::UpgradeOpened => "opened an upgrade".to_owned(),
        EventKind::DowngradeOpened { route } => format!("opened a downgrade by {route}"),
        EventKind::Acknowledged { max_tps } => {
            format!("acknowledged fits-standard at {} TPS", thousands(*max_tps))
        }
        EventKind::AcknowledgementVoid { max_tps } => format!(
            "the acknowledgement of fits-standard is void: the size rose to {} TPS",
            thousands(*max_tps)
        ),
        EventKind::ApprovalAsked { .. }
        | EventKind::ApprovalAwaited { .. }
        | EventKind::RequestLapsed { .. }
        | EventKind::Approved { .. }
        | EventKind::ApprovalRevoked { .. }
        | EventKind::ApprovalLapsed { .. }
        | EventKind::ApproverGone { .. }
        | EventKind::ApprovalsVoided { .. }
        | EventKind::ApprovalsOverridden { .. }
        | EventKind::OverrideEnded { .. }
        | EventKind::Unapproved { .. }
        | EventKind::Rejected { .. } => approval(kind, reader),
        EventKind::HandedOver { of, to, reason } => {
            let why = reason.as_ref();
            let why = why.map_or_else(String::new, |why| format!(": “{why}”"));
            format!("handed over from {of} to {to}{why}")
        }
        EventKind::ObserverGone { of } => {
            format!("what {of} saw does not count any more: {of} has left")
        }
        EventKind::PermitShown { step } => format!("took the permit for {step}"),
        EventKind::PermitLapsed { step } => {
            format!("the permit for {step} lapsed unconfirmed: whether it happened is in doubt")
        }
        EventKind::PermitWithdrawn { step, why } => {
            format!("the permit for {step} is withdrawn: {}", withdrawal(*why))
        }
        EventKind::StepDone { .. } | EventKind::StepTakenBack { .. } => step(kind),
        EventKind::Waiting => {
            "expired while Downgrade was not known: the change waits, and the instance may be deleted".to_owned()
        }
        EventKind::PlatinumAgain { ended, doubted } => {
            let (what, condition) = match doubted {
                true => ("perhaps not Standard after all", "if it is Platinum, "),
                false => ("not Standard after all", ""),
            };
            let reopen = ended.map_or_else(String::new, |ended| {
                format!("; {condition}#{ended}, which Standard had ended, continues with `reopen {ended} verify-standard --reason TEXT`")
            });
            format!("{what}: its expiry and its reminders are back{reopen}")
        }
        EventKind::Done { outside: false } => "the change is done".to_owned(),
        EventKind::Done { outside: true } => "the change is done, outside the warden".to_owned(),
        EventKind::Failed { reason } => format!("the change failed: “{reason}”"),
        EventKind::PresumedDeleted => {
            "the change failed: seven days after expiry Downgrade was still not known, the instance is presumed deleted (release-after-7-days)".to_owned()
        }
        EventKind::Outlived => {
            "seen as Platinum although its release was due: it is not presumed deleted, and what saves it may still be done (release-after-7-days)".to_owned()
        }
        EventKind::PresumedTooEarly => {
            "the change goes on: a clock that was ahead had presumed the instance deleted".to_owned()
        }
        EventKind::Cancelled { reason } => format!("the change is cancelled: “{reason}”"),
        EventKind::Restored { state_of } => format!(
            "restored to the state of {}: what was known, approved, permitted and acknowledged until then no longer counts",
            reader.instant(*state_of)
        ),
        EventKind::Reopened { reason } => format!("the change goes on: “{reason}”"),
    }
}

/// Changed facts, as one clause.
pub(super) fn moved(kinds: &[EventKind], reader: &Reader) -> String {
    let each: Vec<String> = kinds.iter().map(|kind| what(kind, reader)).collect();
    if each.is_empty() {
        "a fact moved".to_owned()
    } else {
        each.join("; ")
    }
}

fn approval(kind: &EventKind, reader: &Reader) -> String {
    match kind {
        EventKind::ApprovalAsked {
            step,
            needed,
            moved: since,
            ..
        } => {
            let s = if *needed == 1 { "" } else { "s" };
            let again = match since.as_slice() {
                [] => String::new(),
                since => format!(" again, because {}", moved(since, reader)),
            };
            format!("{needed} approval{s} of {step} asked for{again}")
        }
        EventKind::ApprovalAwaited { step, told, .. } => match told {
            Told::Asked | Told::Reminded => {
                format!("approvals of {step} asked for again")
            }
            Told::Escalated => format!(
                "not enough people answer the request to approve {step}: the alerts channel is told"
            ),
        },
        EventKind::RequestLapsed { step } => {
            format!("the request to approve {step} lapsed")
        }
        EventKind::Approved {
            step,
            complete,
            seen,
            given,
            needed,
        } => {
            let seen =
                seen.map_or_else(String::new, |seen| format!(", saw {}", fact::action(seen)));
            let count = match (needed, complete) {
                (0, true) => ", which completes the approvals".to_owned(),
                (0, false) => String::new(),
                _ => format!(" · {given}/{needed}"),
            };
            format!("approved {step}{seen}{count}")
        }
        EventKind::ApprovalRevoked { step } => {
            format!("took the approval of {step} back")
        }
        EventKind::ApprovalLapsed { step, of } => {
            format!("{of}'s approval of {step} lapsed")
        }
        EventKind::ApproverGone { step, of, why } => format!(
            "{of}'s approval of {step} does not count any more: {of} {}",
            disqualified(*why)
        ),
        EventKind::ApprovalsVoided { step, of, .. } => format!(
            "the approval of {step} by {} is void",
            super::approval::names(of)
        ),
        EventKind::ApprovalsOverridden { reason, ticket } => {
            format!("BREAK-GLASS: overrode missing approvals (“{reason}”, ticket {ticket})")
        }
        EventKind::OverrideEnded { of, why, .. } => {
            format!(
                "{of}'s emergency override no longer counts: {}",
                override_end(of, why, reader)
            )
        }
        EventKind::Unapproved { step } => {
            format!("{step} went on NOT APPROVED: expiry cannot be stopped")
        }
        EventKind::Rejected { reason } => format!("the change is rejected: “{reason}”"),
        _ => String::new(),
    }
}

fn names(facts: &[crate::domain::rules::FactKind]) -> String {
    facts
        .iter()
        .map(|fact| fact.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

/// Why a person's emergency override no longer counts.
pub(super) fn override_end(of: &Person, why: &OverrideEnd, reader: &Reader) -> String {
    match why {
        OverrideEnd::Moved(moved) => self::moved(moved, reader),
        OverrideEnd::Lapsed => "its time was over before it was used".to_owned(),
        OverrideEnd::Left => format!("{of} {}", disqualified(Disqualified::Left)),
    }
}

/// The reason why an approver no longer counts, placed after their name.
pub(super) const fn disqualified(why: Disqualified) -> &'static str {
    match why {
        Disqualified::MayNotApprove => "may not approve any more",
        Disqualified::Left => "has left",
        Disqualified::OwnsIt => "owns it now",
    }
}

pub(super) const fn withdrawal(why: Withdrawal) -> &'static str {
    match why {
        Withdrawal::FactMoved => "a fact it was given on moved",
        Withdrawal::Namesake => {
            "its name is now that of another row too, or like it: the wrong one is easily picked"
        }
        Withdrawal::Expired => "the instance expired",
        Withdrawal::ChangeEnded => "the change ended",
        Withdrawal::TakenBack => "a confirmation was taken back",
        Withdrawal::HandedOver => "its holder has left",
        Withdrawal::WordGone => "somebody has left who had approved it or looked for it",
        Withdrawal::CalledGone => {
            "a notice says that the instance is gone already, so the row in the console may be another one"
        }
        Withdrawal::ReportedDone => "the step is reported as done",
        Withdrawal::Restored => {
            "the database was restored from a copy, and what happened since is not known"
        }
    }
}

fn step(kind: &EventKind) -> String {
    match kind {
        EventKind::StepDone {
            step,
            manner,
            reason,
            evidence,
        } => {
            let manner = match manner {
                Manner::Confirmed => "confirmed",
                Manner::Shown => "done, as the facts show",
                Manner::Outside => "done OUTSIDE the warden",
                Manner::Elapsed => "done: it expired with Downgrade known",
            };
            let mut out = format!("{step} {manner}");
            if let Some(reason) = reason {
                let _ = write!(out, " (“{reason}”)");
            }
            if let Some(evidence) = evidence {
                let _ = write!(out, ", evidence {evidence}");
            }
            out
        }
        EventKind::StepTakenBack {
            step,
            reason: Some(reason),
        } => {
            format!("{step} taken back: “{reason}”")
        }
        EventKind::StepTakenBack { step, reason: None } => {
            format!("{step} no longer holds")
        }
        _ => String::new(),
    }
}
