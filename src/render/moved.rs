//! Steps confirmed or withdrawn, and changes closed: the effect and the next step.

use std::fmt::Write as _;

use super::time::Reader;
use super::{approval, change, concern, event, fact, handle, instance, message};
use crate::answer::ReadAs;
use crate::domain::case::Case;
use crate::domain::change::{Change, Route, Step};
use crate::domain::event::EventKind;
use crate::domain::fact::{Fact, Gap, Source};
use crate::domain::instance::{Edition, PostExpirationAction};
use crate::domain::rules::FactKind;

/// A step was confirmed; `read_as` interprets a date without a zone.
pub(super) fn confirmed(
    case: &Case,
    step: Step,
    next: Option<Step>,
    read_as: Option<ReadAs>,
    reader: &Reader,
) -> String {
    let (name, number) = (case.instance.called(), case.number().unwrap_or_default());
    let mut out = if case.step_is_disputed(step) {
        let why = if case.instance.was_on_delete() {
            "unsubscribing with Delete deletes it at once"
        } else {
            "it expired, and nobody had seen Downgrade within the days before"
        };
        format!(
            "Noted, and `{step}` of {name} (#{number}) is not done: {why} (action-before-exit), so one person's word of Standard proves nothing. {}. Until {}, it counts as Platinum.\n",
            fact::phrase(&case.instance, FactKind::Edition, reader),
            match reader.is_alone {
                true => "it is said again, or a listing read since says the same",
                false => "a second person, or a listing read since, says the same",
            }
        )
    } else {
        format!("Done: `{step}` of {name} (#{number}).\n")
    };
    out.push_str(&event::consequences(&case.events, reader));
    if let Some(gone) = message::probably_gone(case, step) {
        let _ = writeln!(out, "{gone}");
    }
    if let Some(read_as) = read_as.and_then(|read_as| instance::read_as(read_as, reader)) {
        let _ = writeln!(out, "  {read_as}");
    }
    if step == Step::RecordExpiry && case.instance.expired_at(reader.now).is_some() {
        out.push_str("  Warning: this expiry has passed already; if it is a mistake, `instance set` corrects it.\n");
    }
    if case.step_is_disputed(step) && !reader.is_alone {
        let _ = write!(
            out,
            "Next: somebody else looks, then `confirm {number} {step}`, or imports a listing read from now on; gone: `instance lost {} --reason TEXT`.",
            handle(&case.instance)
        );
        return out;
    }
    out + &ahead(case, next, reader)
}

/// Confirmations were withdrawn.
pub(super) fn taken_back(case: &Case, next: Option<Step>, reader: &Reader) -> String {
    let (name, number) = (case.instance.called(), case.number().unwrap_or_default());
    let consequences = event::consequences(&case.events, reader);
    let out = format!("Done: #{number} of {name} goes back.\n{consequences}");
    out + &ahead(case, next, reader)
}

/// A change was closed.
pub(super) fn ended(case: &Case, reader: &Reader) -> String {
    let (name, number) = (case.instance.called(), case.number().unwrap_or_default());
    let change = case.change.as_ref();
    let status = change.map_or_else(String::new, change::status);
    // That it has ended, and why, stands in the first line.
    let mut others = case.events.clone();
    others.retain(|event| {
        let kind = &event.kind;
        !matches!(
            kind,
            EventKind::Cancelled { .. } | EventKind::Rejected { .. }
        )
    });
    let consequences = event::consequences(&others, reader);
    let mut out = format!("Done: #{number} of {name} {status}.\n{consequences}");
    let upgraded = change.is_some_and(|change| change.record(Step::Upgrade).is_some());
    if upgraded && case.instance.edition.value() == Some(&Edition::Platinum) {
        out.push_str(&left_by_upgrade(case, reader));
    }
    out.push_str(&expires_all_the_same(case, reader));
    out + &ahead(case, None, reader)
}

/// The expiry that a closed downgrade by expiry does not stop.
fn expires_all_the_same(case: &Case, reader: &Reader) -> String {
    let instance = &case.instance;
    let waits = |change: &Change| {
        change.kind.route() == Some(Route::Expiry) && change.record(Step::AwaitExpiry).is_none()
    };
    let expiry = instance.expires.value().filter(|at| **at > reader.now);
    let (true, Some(at)) = (case.change.as_ref().is_some_and(waits), expiry) else {
        return String::new();
    };
    let then = match instance.action.value() {
        Some(PostExpirationAction::Downgrade) => "turns into Standard",
        Some(PostExpirationAction::Delete) => "is deleted for good",
        None => "is deleted for good unless its action is Downgrade",
    };
    let handle = handle(instance);
    format!(
        "The vendor knows nothing of this: it still expires on {}, and then {then}. To keep Platinum, renew it, then `instance set {handle} --expires WHEN`.\n",
        reader.moment(*at)
    )
}

/// The warning about the Post-expiration Action after an upgrade.
fn left_by_upgrade(case: &Case, reader: &Reader) -> String {
    let mut out = String::new();
    let handle = handle(&case.instance);
    match case.instance.action.known() {
        None => {
            let _ = writeln!(
                out,
                "It is Platinum now, and its Post-expiration Action is not known; after an upgrade it is Delete until somebody chooses (action-known). Look, then `action {handle} <downgrade|delete>`."
            );
        }
        Some(known) if known.value == PostExpirationAction::Delete => {
            let default = match known.source {
                Source::Derived => ", the default after an upgrade",
                Source::Attested | Source::Imported => "",
            };
            let _ = writeln!(
                out,
                "It is Platinum now, and its Post-expiration Action is Delete{default}: once it expires it may be deleted for good (upgrade-not-reversible-now, release-after-7-days). Look, choose, then `action {handle} <downgrade|delete>`."
            );
        }
        Some(_) => {}
    }
    if let Some(unknown) = concern::expiry_unknown(&case.instance, reader) {
        let _ = writeln!(out, "{unknown}");
    }
    out
}

/// The facts that became unknown, the emergency override, and the next step.
fn ahead(case: &Case, next: Option<Step>, reader: &Reader) -> String {
    let mut out = String::new();
    if let Fact::Unknown {
        gap: Gap::OutcomeUnknown,
        ..
    } = case.instance.edition
    {
        let instance = &case.instance;
        let handle = handle(instance);
        let (unknown, deletes) = if instance.was_on_delete() {
            let action = fact::phrase(instance, FactKind::Action, reader);
            let deletes =
                format!(" Unsubscribing with Delete deletes it at once: look now. {action}.");
            ("its edition counts", deletes)
        } else {
            ("edition and action count", String::new())
        };
        let _ = writeln!(
            out,
            "A step may have happened, so {unknown} as unknown.{deletes} Look, then `instance set {handle} --edition <standard|platinum>`, and on Platinum `action {handle} <downgrade|delete>`; if it is gone, `instance lost {handle} --reason TEXT`."
        );
    }
    out.push_str(&approval::override_of(case, reader));
    out.push_str(&change::next_line(case, next, reader));
    out
}
