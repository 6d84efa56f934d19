//! Reminders of an expiry: ahead of it, after it, and once it is overdue.

use crate::domain::Timestamp;
use crate::domain::change::{Route, Step};
use crate::domain::instance::{ActionView, Edition, Instance, PostExpirationAction, Switch};
use crate::domain::reminder::{Point, ReminderRow, Situation};
use crate::domain::rules::{FactKind, Intent};
use crate::domain::team::{ACTION_RUNS_WITHIN, auto_renewal_charges_from};
use crate::render::time::Reader;
use crate::render::{concern, fact, handle, remedy};

pub(super) fn expiry(situation: &Situation<'_>, point: Point, reader: &Reader) -> String {
    if situation.is_announced(point.of) {
        announced(situation, point.of, reader)
    } else if point.of > reader.now {
        ahead(situation, point.of, reader)
    } else if reader.now >= point.of + ACTION_RUNS_WITHIN {
        overdue(situation, point.of, reader)
    } else {
        passed(situation, point.of, reader)
    }
}

/// An expiry that only a notice gives, or that of what was recorded as deleted.
fn announced(situation: &Situation<'_>, expiry: Timestamp, reader: &Reader) -> String {
    let instance = &situation.case.instance;
    let gap = reader.gap();
    let (name, handle, when) = (instance.called(), handle(instance), reader.moment(expiry));
    let said = concern::as_said(instance, expiry);
    let is_ahead = expiry > reader.now;
    let deleted = "may be deleted at any moment (release-after-7-days)";
    if !instance.is_tracked() {
        let expires = match is_ahead {
            true => format!("expires {when}{said}"),
            false => format!("expired {when}{said}, and {deleted}"),
        };
        return format!(
            "If {name} is there, it {expires}.{gap}It is {}.{gap}Next: {}.",
            concern::back(instance, reader),
            remedy::whether_there(&instance.id)
        );
    }
    let expires = match is_ahead {
        true => format!("On {when} {name} expires{said}."),
        false => format!("{name} expired {when}{said}: if so, it {deleted}."),
    };
    if instance.edition.value() == Some(&Edition::Standard) {
        let edition = fact::phrase(instance, FactKind::Edition, reader);
        return format!(
            "{expires} Only Platinum expires.{gap}{edition}.{gap}Next: look in the console, then `instance set {handle} --edition <standard|platinum>`."
        );
    }
    let rescue = match is_ahead {
        true => "",
        false => " now; if it has passed, renew it or set it to Downgrade there at once",
    };
    format!(
        "{expires}{gap}{}.{gap}{}Next: look at the expiry in the console{rescue}, then `instance set {handle} --expires WHEN`.",
        fact::phrase(instance, FactKind::Expires, reader),
        decisive(situation, reader)
    )
}

/// Like [`decisive`]; a card leaves out what [`last_seen_on_delete`] has told.
fn decisive_if_untold(situation: &Situation<'_>, reader: &Reader) -> String {
    match situation.view(reader.now) {
        ActionView::Stale(PostExpirationAction::Delete) if reader.has_buttons() => String::new(),
        _ => decisive(situation, reader),
    }
}

/// The known action, and whether that knowledge is outdated, before the next part of the text.
fn decisive(situation: &Situation<'_>, reader: &Reader) -> String {
    let phrase = fact::phrase(&situation.case.instance, FactKind::Action, reader);
    match situation.view(reader.now) {
        ActionView::Stale(_) => format!("{phrase}: too long ago to rely on.{}", reader.gap()),
        ActionView::Unknown | ActionView::Contradictory | ActionView::Known(_) => {
            format!("{phrase}.{}", reader.gap())
        }
    }
}

fn ahead(situation: &Situation<'_>, expiry: Timestamp, reader: &Reader) -> String {
    let instance = &situation.case.instance;
    let gap = reader.gap();
    let (name, handle, when) = (instance.called(), handle(instance), reader.moment(expiry));
    if situation.row(reader.now) == ReminderRow::Renews {
        let renews = fact::phrase(instance, FactKind::AutoRenew, reader);
        let charges = auto_renewal_charges_from(expiry).filter(|charges| *charges > reader.now);
        if let Some(charges) = charges {
            return format!(
                "On {when} {name} expires, unless its auto-renewal succeeds, which charges from {} on. {renews}.{gap}{}{gap}{}Next: set it to Downgrade in the console, then `action {handle} downgrade`, or, renewed, `instance set {handle} --expires WHEN`.",
                reader.moment(charges),
                if_not(situation, expiry),
                decisive(situation, reader)
            );
        }
        return format!(
            "Did the renewal of {name} succeed? Its expiry is still {when}. {renews}.{gap}{}{gap}{}Look at the expiry in the console, then `instance set {handle} --expires WHEN`.",
            if_not(situation, expiry),
            decisive(situation, reader)
        );
    }
    let consequence = consequence(situation, expiry, reader);
    format!(
        "{consequence}{}{gap}{}{}",
        unless_renewed(situation, expiry, reader),
        decisive_if_untold(situation, reader),
        next_step(situation, reader)
    )
}

/// That its auto-renewal, which nobody has attested, renews it instead.
fn unless_renewed(situation: &Situation<'_>, expiry: Timestamp, reader: &Reader) -> String {
    let instance = &situation.case.instance;
    let is_on = instance.auto_renew.value() == Some(&Switch::On);
    let charges = auto_renewal_charges_from(expiry);
    match charges.filter(|_| is_on && situation.downgrade().is_none()) {
        Some(charges) => format!(
            "{}{}; if it is, it charges from {} on, and this is renewed instead.",
            reader.gap(),
            fact::phrase(instance, FactKind::AutoRenew, reader),
            reader.moment(charges)
        ),
        None => String::new(),
    }
}

/// The consequence of the expiry, by the action now known.
fn consequence(situation: &Situation<'_>, expiry: Timestamp, reader: &Reader) -> String {
    let (name, when) = (situation.case.instance.called(), reader.moment(expiry));
    let gap = reader.gap();
    match situation.view(expiry) {
        ActionView::Known(PostExpirationAction::Downgrade) => format!(
            "On {when} {name} turns into Standard, pay-as-you-go, within 168 h of its expiry (exit-converts)."
        ),
        ActionView::Known(PostExpirationAction::Delete)
        | ActionView::Stale(PostExpirationAction::Delete)
            if is_delete(situation, reader) =>
        {
            format!(
                "On {when} {name} expires: from then on it, {} will be deleted and cannot be restored (release-after-7-days).",
                fact::contents(&situation.case.instance)
            )
        }
        ActionView::Known(PostExpirationAction::Delete)
        | ActionView::Stale(PostExpirationAction::Delete) => format!(
            "On {when} {name} expires.{gap}{}: if it still is, it, {} will be deleted then and cannot be restored (release-after-7-days).",
            last_seen_on_delete(&situation.case.instance, reader),
            fact::contents(&situation.case.instance)
        ),
        ActionView::Stale(PostExpirationAction::Downgrade)
            if situation.row(reader.now) == ReminderRow::Downgrades =>
        {
            format!(
                "On {when} {name} turns into Standard, pay-as-you-go, if its action is still Downgrade then: what is known of it will be too old by then (action-known)."
            )
        }
        ActionView::Stale(_) | ActionView::Unknown | ActionView::Contradictory => {
            format!("On {when} {name} expires, and what happens to it then is unknown: look.")
        }
    }
}

/// Only a recent attestation of Delete counts: the action may have been set to Downgrade since.
fn is_delete(situation: &Situation<'_>, reader: &Reader) -> bool {
    situation.view(reader.now) == ActionView::Known(PostExpirationAction::Delete)
}

/// An outdated attestation of Delete is still a warning.
pub(in crate::render) fn last_seen_on_delete(instance: &Instance, reader: &Reader) -> String {
    let ago = instance
        .action
        .known()
        .map(|known| reader.relative(known.at));
    format!(
        "It was on Delete when last seen, {}",
        ago.unwrap_or_default()
    )
}

/// The consequence of a failed renewal.
fn if_not(situation: &Situation<'_>, expiry: Timestamp) -> String {
    match situation.view(expiry) {
        ActionView::Known(PostExpirationAction::Downgrade) => {
            "If it fails, the instance turns into Standard, pay-as-you-go.".to_owned()
        }
        ActionView::Known(PostExpirationAction::Delete) => format!(
            "If it fails, the instance, {} will be deleted and cannot be restored.",
            fact::contents(&situation.case.instance)
        ),
        ActionView::Stale(PostExpirationAction::Delete) => format!(
            "If it fails, and the action is Delete as it was when last seen, the instance, {} will be deleted and cannot be restored.",
            fact::contents(&situation.case.instance)
        ),
        ActionView::Stale(PostExpirationAction::Downgrade)
        | ActionView::Unknown
        | ActionView::Contradictory => {
            "What happens to it if that fails is unknown: look.".to_owned()
        }
    }
}

fn next_step(situation: &Situation<'_>, reader: &Reader) -> String {
    let instance = &situation.case.instance;
    let handle = handle(instance);
    let change = situation.case.open_change();
    if let Some(change) = change.filter(|change| change.is_unsubscribed()) {
        return format!(
            "It is reported as unsubscribed (#{}). Next: {}.",
            change.number,
            remedy::after_exit(change, situation.case, reader.now)
        );
    }
    // Nothing is permitted before that.
    if instance.edition.value().is_none() {
        return format!(
            "Next: {}.",
            remedy::way_out_of_platinum(instance, reader.now)
        );
    }
    if let Some(number) = situation.case.open_number() {
        if let Some(first) = remedy::before_next(situation.case, reader.now) {
            return format!("Next: {first}.");
        }
        if situation.case.waits_for_time(reader.now) {
            return format!(
                "Next: {}.",
                remedy::while_waiting(situation.case, reader.now)
            );
        }
        if let Some(again) = remedy::look_again(situation.case, reader.now) {
            return format!("Next: {again}.");
        }
        let step = situation.case.next_step(situation.limits, reader.now);
        let step = step.map_or("the next step", Step::as_str);
        return format!("Next: {step} of #{number}, `next {number}`.");
    }
    match situation.view(reader.now) {
        ActionView::Known(PostExpirationAction::Delete) => format!(
            "Next: {}.",
            remedy::way_out_of_platinum(instance, reader.now)
        ),
        ActionView::Known(PostExpirationAction::Downgrade)
            if situation.expiry().is_some_and(|at| situation.stale_by(at)) =>
        {
            format!("Next: look again, then `action {handle} <downgrade|delete>`.")
        }
        ActionView::Known(PostExpirationAction::Downgrade) => {
            let by_expiry = Intent::Downgrade(Some(Route::Expiry));
            match remedy::opening_of(instance, by_expiry, reader.now) {
                Some(opening) => format!(
                    "Next: {opening} to follow it, or, renewed, `instance set {handle} --expires WHEN`."
                ),
                None => format!(
                    "Next: {}.",
                    remedy::way_out_of_platinum(instance, reader.now)
                ),
            }
        }
        ActionView::Unknown | ActionView::Contradictory | ActionView::Stale(_) => {
            format!("Next: look in the console, then `action {handle} <downgrade|delete>`.")
        }
    }
}

fn passed(situation: &Situation<'_>, expiry: Timestamp, reader: &Reader) -> String {
    let instance = &situation.case.instance;
    let gap = reader.gap();
    let (name, handle, when) = (instance.called(), handle(instance), reader.moment(expiry));
    let decisive = decisive(situation, reader);
    match situation.row(reader.now) {
        ReminderRow::Left | ReminderRow::Downgrades => format!(
            "Does the console show Standard? {name} expired {when}, and turns into Standard, pay-as-you-go, within 168 h (exit-converts).{gap}{decisive}{}",
            say_standard(situation, &handle)
        ),
        ReminderRow::Renews => {
            let renews = fact::phrase(instance, FactKind::AutoRenew, reader);
            let otherwise = if converts(situation, reader) {
                "it turns into Standard, pay-as-you-go, within 168 h (exit-converts)".to_owned()
            } else {
                may_be_deleted(instance)
            };
            format!(
                "Did the renewal of {name} succeed? It expired {when}; if it is not renewed, {otherwise}.{gap}{renews}. {decisive}Next: look in the console now, then `instance set {handle} --expires WHEN` or `action {handle} <downgrade|delete>`."
            )
        }
        ReminderRow::AtRisk if is_delete(situation, reader) => format!(
            "{name} expired {when}: {}.{gap}{decisive}Next: renew it or set the action to Downgrade in the console at once, then `instance set {handle} --expires WHEN` or `action {handle} downgrade`.",
            may_be_deleted(instance)
        ),
        ReminderRow::AtRisk if instance.action.value() == Some(&PostExpirationAction::Delete) => {
            format!(
                "{name} expired {when}.{gap}{}: {}.{gap}{}Next: renew it or set the action to Downgrade in the console at once, then `instance set {handle} --expires WHEN` or `action {handle} downgrade`.",
                last_seen_on_delete(instance, reader),
                may_be_deleted(instance),
                decisive_if_untold(situation, reader)
            )
        }
        ReminderRow::AtRisk if converts(situation, reader) => format!(
            "{name} expired {when}, and Downgrade was said only after that: {}. Setting it may have saved it: look.{gap}{decisive}{}",
            may_be_deleted(instance),
            say_standard(situation, &handle)
        ),
        ReminderRow::AtRisk => format!(
            "{name} expired {when}, and what happens to it is unknown: look. It may be deleted at any moment (release-after-7-days).{gap}{decisive}Next: look in the console now; where it is not on Downgrade, renew it or set that at once. Then `action {handle} <downgrade|delete>` or `instance set {handle} --expires WHEN`."
        ),
    }
}

fn may_be_deleted(instance: &Instance) -> String {
    format!(
        "it, {} may be deleted at any moment and cannot be restored (release-after-7-days)",
        fact::contents(instance)
    )
}

pub(super) fn say_standard(situation: &Situation<'_>, handle: &str) -> String {
    let change = situation.downgrade();
    change.filter(|change| change.exit_confirmed()).map_or_else(
        || format!("Next: look, then `instance set {handle} --edition standard`."),
        |change| {
            format!(
                "Next: look, then `confirm {} verify-standard`.",
                change.number
            )
        },
    )
}

fn converts(situation: &Situation<'_>, reader: &Reader) -> bool {
    situation.view(reader.now) == ActionView::Known(PostExpirationAction::Downgrade)
}

/// The row, treating an overdue renewal as none.
fn settled_row(situation: &Situation<'_>, reader: &Reader) -> ReminderRow {
    match situation.row(reader.now) {
        ReminderRow::Renews if converts(situation, reader) => ReminderRow::Downgrades,
        row => row,
    }
}

fn overdue(situation: &Situation<'_>, expiry: Timestamp, reader: &Reader) -> String {
    let instance = &situation.case.instance;
    let gap = reader.gap();
    let (name, handle, when) = (instance.called(), handle(instance), reader.moment(expiry));
    let decisive = decisive(situation, reader);
    match settled_row(situation, reader) {
        ReminderRow::Left | ReminderRow::Downgrades => format!(
            "{name} should be Standard by now: it expired {when}, and within 168 h the action runs (exit-converts). Nobody has said that it is.{gap}{decisive}{}",
            say_standard(situation, &handle)
        ),
        ReminderRow::AtRisk | ReminderRow::Renews if instance.expires.is_contradictory() => {
            format!(
                "If {name} expired {when}, it is presumed deleted (release-after-7-days): look.{gap}{decisive}Next: `instance lost {handle} --reason TEXT` if it is gone; `instance set {handle} --expires WHEN`, or `--edition standard`, if it is there."
            )
        }
        ReminderRow::AtRisk | ReminderRow::Renews => format!(
            "{name} is presumed deleted: look. It expired {when}, and nobody has said since that it was renewed or became Standard (release-after-7-days).{gap}{decisive}Next: `instance lost {handle} --reason TEXT` if it is gone; `instance set {handle} --edition standard`, or `--expires WHEN`, if it is there."
        ),
    }
}
