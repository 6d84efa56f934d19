//! One instance of a raised notice: the consequence, the deadline and the next step.

use std::fmt::Write as _;

use crate::domain::Timestamp;
use crate::domain::fact::{Fact, Gap, Known, Source};
use crate::domain::instance::{Edition, Instance, PostExpirationAction, Tracking};
use crate::domain::notice::{Beside, NoticeKind, NoticeRecord, NoticeVerdict};
use crate::domain::rules::FactKind;
use crate::domain::team::{LONGEST_FOR_EXPIRY, LONGEST_FOR_UNSUBSCRIBE, Limits};
use crate::render::time::Reader;
use crate::render::{fact, handle, remedy};

/// Consequence, deadline and next step of one instance.
pub(super) fn of_instance(
    out: &mut String,
    filed: &NoticeRecord,
    instance: &Instance,
    beside: Option<&Beside>,
    reader: &Reader,
) {
    let _ = writeln!(out, "{} ({}):", instance.name, instance.id);
    if !instance.is_tracked() {
        let _ = writeln!(out, "  {}", untracked(filed, instance, reader));
        return;
    }
    if may_be_saved(filed, instance, reader) {
        let _ = writeln!(
            out,
            "  What may still save it, at once: renew it in the vendor's console, or set its Post-expiration Action to Downgrade there."
        );
    }
    let _ = writeln!(out, "  {}", consequence(filed, instance, beside, reader));
    if let Some(denied) = denied(filed, instance) {
        let _ = writeln!(out, "  {denied}");
    }
    if let Some(recent) = recent(filed, beside) {
        let _ = writeln!(out, "  {recent}");
    }
    let deadlines: Vec<String> = instance
        .expires
        .candidates()
        .map(|known| reader.moment(known.value))
        .collect();
    let _ = match (contradicted(filed, instance), deadlines.join(" or ")) {
        (Some(date), known) => writeln!(
            out,
            "  Deadline: expiry, {} as the notice says. What is known is {known}: one of the two is wrong.",
            reader.moment(date)
        ),
        (None, known) if known.is_empty() => match announced(filed, instance) {
            Some(date) => writeln!(
                out,
                "  Deadline: expiry, {} as the notice says; nothing else is known of it.",
                reader.moment(date)
            ),
            None => writeln!(out, "  Deadline: not known, because its expiry is not."),
        },
        // It may be earlier than what is known.
        (None, known) if means_an_unread_day(filed, instance) => {
            writeln!(
                out,
                "  Deadline: expiry, {known}, as far as is known; the day that the text means is not understood: read it."
            )
        }
        (None, known) => writeln!(out, "  Deadline: expiry, {known}."),
    };
    let next = waiting(filed, instance, beside)
        .unwrap_or_else(|| next_step(filed, instance, beside, reader));
    let _ = writeln!(out, "  Next: {next}");
}

/// That nobody is reminded of the instance any more, and what the notice means for that.
pub(super) fn untracked(filed: &NoticeRecord, instance: &Instance, reader: &Reader) -> String {
    let lost = match &instance.tracking {
        Tracking::Tracked => return String::new(),
        Tracking::Removed(ended) => {
            return format!(
                "It is not tracked any more, since {} (“{}”).",
                reader.moment(ended.at),
                ended.reason
            );
        }
        Tracking::Lost(ended) => format!(
            "It is recorded as deleted at the vendor, by {}, {} (“{}”)",
            ended.by,
            reader.moment(ended.at),
            ended.reason
        ),
    };
    match filed.read.kind {
        NoticeKind::Gone => format!(
            "{lost}, which this confirms. If it is there all the same: `notice {} still-there`.",
            filed.number
        ),
        NoticeKind::Release | NoticeKind::Expiry | NoticeKind::Other => format!(
            "{lost}, and may be there: {}.",
            remedy::whether_there(&instance.id)
        ),
    }
}

/// The warning that the notice gives Delete as the action, and Downgrade is known.
pub(super) fn denied(filed: &NoticeRecord, instance: &Instance) -> Option<&'static str> {
    filed.denies_action(instance).then_some(
        "The notice says that its Post-expiration Action is Delete, and what is known is Downgrade: one of the two is wrong, and with Delete it is deleted (action-before-exit).",
    )
}

/// The change that may be what a notice of something gone is about.
pub(super) fn recent(filed: &NoticeRecord, beside: Option<&Beside>) -> Option<String> {
    let change = beside.and_then(|beside| beside.recent);
    let change = change.filter(|_| filed.read.kind == NoticeKind::Gone)?;
    Some(format!(
        "This may be #{change}: a permit of it was out, or a step was confirmed, within the day before."
    ))
}

/// The expiry that it announces, if that is before all that are known.
pub(super) fn contradicted(filed: &NoticeRecord, instance: &Instance) -> Option<Timestamp> {
    filed.other_expiry(instance).filter(|date| {
        let mut known = instance.expires.candidates();
        known.all(|known| *date < known.value)
    })
}

/// The expiry that it announces where none is known.
fn announced(filed: &NoticeRecord, instance: &Instance) -> Option<Timestamp> {
    let of_expiry = filed.read.kind == NoticeKind::Expiry;
    let known = std::slice::from_ref(instance);
    of_expiry.then(|| filed.deadline(known)).flatten()
}

/// Whether it announces an expiry on a day that is not read: `tomorrow`, `25 Feb`.
fn means_an_unread_day(filed: &NoticeRecord, instance: &Instance) -> bool {
    filed.read.kind == NoticeKind::Expiry
        && filed.read.dates.is_empty()
        && filed.deadline(std::slice::from_ref(instance)).is_none()
}

/// The note for an expiry that an approved change waits for: no advice to renew.
pub(super) fn waiting(
    filed: &NoticeRecord,
    instance: &Instance,
    beside: Option<&Beside>,
) -> Option<String> {
    let waits = beside.and_then(|beside| beside.waits.as_ref());
    let is_it = filed.read.kind == NoticeKind::Expiry && !filed.denies_action(instance);
    let waits = waits.filter(|_| is_it)?;
    let by: Vec<&str> = waits
        .approved_by
        .iter()
        .map(|by| by.name.as_ref())
        .collect();
    let approved = if by.is_empty() {
        String::new()
    } else {
        format!(", approved by {}", by.join(", "))
    };
    Some(format!(
        "#{} waits for it{approved}. Look before it whether the Post-expiration Action is still Downgrade, then `action {} downgrade`.",
        waits.change,
        handle(instance)
    ))
}

/// Whether it has expired without a known conversion to Standard.
pub(super) fn may_be_saved(filed: &NoticeRecord, instance: &Instance, reader: &Reader) -> bool {
    instance.expired_at(reader.now).is_some()
        && !is_standard(instance)
        && filed.verdict != NoticeVerdict::ProbablyRedundant
        && filed.read.kind != NoticeKind::Gone
        && (instance.action.value() != Some(&PostExpirationAction::Downgrade)
            || instance.outlived_release(reader.now).is_some())
}

pub(super) fn is_standard(instance: &Instance) -> bool {
    instance.edition.value() == Some(&Edition::Standard)
}

/// The possible loss. The action is a separate field on a card.
pub(super) fn consequence(
    filed: &NoticeRecord,
    instance: &Instance,
    beside: Option<&Beside>,
    reader: &Reader,
) -> String {
    let expired = instance.expired_at(reader.now).is_some();
    let contents = fact::contents(instance);
    let on_card = reader.has_buttons();
    match filed.read.kind {
        NoticeKind::Gone if on_card => format!(
            "If it is true, it, {contents} are gone for good."
        ),
        NoticeKind::Gone => format!(
            "As it reads, something has happened already. If it did, the instance, {contents} are gone and cannot be restored."
        ),
        NoticeKind::Other if on_card => "Nobody has recognised it, and it may say that the instance is gone: read it.".to_owned(),
        NoticeKind::Other => {
            "Nobody has recognised what it announces, and it may say that the instance is gone: read it.".to_owned()
        }
        NoticeKind::Expiry if is_standard(instance) => {
            "Standard Edition has no expiry: either the notice or what is known of the edition is wrong.".to_owned()
        }
        NoticeKind::Expiry if on_card => "Service stops at expiry.".to_owned(),
        NoticeKind::Expiry => format!(
            "Service stops at expiry. {}",
            action(instance, reader)
        ),
        NoticeKind::Release if is_standard(instance) => {
            "What is released cannot be restored. Standard Edition has no expiry that a release would follow: either the notice is about something else, or what is known of the edition is wrong.".to_owned()
        }
        NoticeKind::Release if let Some(against) = against_exit(instance, beside, reader) => {
            format!(
                "{against} If it is still Platinum, the instance, {contents} may be deleted and cannot be restored (release-after-7-days)."
            )
        }
        NoticeKind::Release if filed.verdict == NoticeVerdict::ProbablyRedundant => {
            format!(
                "Probably redundant: {}, and nobody has seen Standard since. If it did not become Standard, the instance, {contents} may be deleted and cannot be restored (exit-converts).",
                if expired {
                    "it expired with the action at Downgrade"
                } else {
                    "a change recorded that it left its subscription"
                }
            )
        }
        NoticeKind::Release if on_card && expired => format!(
            "It, {contents} may be deleted for good at any moment, the vendor names seven days after expiry (release-after-7-days)."
        ),
        NoticeKind::Release if on_card => format!(
            "From expiry on, it, {contents} may be deleted for good (release-after-7-days)."
        ),
        NoticeKind::Release if !expired && is_on_downgrade(filed, instance, reader) => format!(
            "If its action is still Downgrade at its expiry it becomes Standard; else the instance, {contents} may be deleted and cannot be restored (release-after-7-days). {}",
            action(instance, reader)
        ),
        NoticeKind::Release => format!(
            "{} and cannot be restored (release-after-7-days). {}",
            if expired {
                format!("The instance, {contents} may be deleted at any moment, the vendor names seven days after expiry,")
            } else {
                format!("From expiry on the instance, {contents} may be deleted")
            },
            action(instance, reader)
        ),
    }
}

/// Whether Downgrade was seen lately, and the notice does not say otherwise.
fn is_on_downgrade(filed: &NoticeRecord, instance: &Instance, reader: &Reader) -> bool {
    let is_downgrade = |known: &Known<PostExpirationAction>| {
        known.value == PostExpirationAction::Downgrade && known.source == Source::Attested
    };
    instance.action.known().is_some_and(is_downgrade)
        && !is_too_old(instance, reader)
        && !filed.denies_action(instance)
}

/// What speaks against the exit that is on record, or says that the instance may be gone: what is released then is not probably
/// of no importance.
fn against_exit(instance: &Instance, beside: Option<&Beside>, reader: &Reader) -> Option<String> {
    if let Some(gone) = beside.and_then(|beside| beside.called_gone) {
        return Some(format!(
            "Notice {gone} says that it is gone already, and nobody has answered it."
        ));
    }
    if is_missing(instance) {
        return Some(
            "A listing does not have it any more, or has its subscription as ended: it may have been deleted."
                .to_owned(),
        );
    }
    let exit = instance.past.exit(&Limits::default(), reader.now)?;
    let left = match exit.unsubscribed {
        Some(change) => format!("the exit that #{change} recorded"),
        None => "its expiry".to_owned(),
    };
    if let Some(seen) = instance.platinum_after(exit) {
        return Some(format!(
            "It was seen as Platinum {}, after {left}.",
            reader.moment(seen)
        ));
    }
    if instance.expires_after(exit) {
        let expires = fact::phrase(instance, FactKind::Expires, reader);
        return Some(format!("Said after {left}: {expires}."));
    }
    let edition = fact::phrase(instance, FactKind::Edition, reader);
    matches!(instance.edition, Fact::Unknown { since, .. } if since > Some(exit.at))
        .then(|| format!("Since {left}, {edition}."))
}

/// Whether a listing that should have it does not.
fn is_missing(instance: &Instance) -> bool {
    matches!(
        instance.edition,
        Fact::Unknown {
            gap: Gap::Missing,
            ..
        }
    )
}

/// The action, with its source and age.
fn action(instance: &Instance, reader: &Reader) -> String {
    match &instance.action {
        Fact::Unknown { .. } => "The Post-expiration Action is not known: look.".to_owned(),
        Fact::Contradictory { .. } => {
            "Two sources disagree on the Post-expiration Action: look.".to_owned()
        }
        Fact::Known(known) => {
            let is_old = is_too_old(instance, reader);
            let doubt = if is_old { ": too old, look again" } else { "" };
            format!(
                "Post-expiration Action: {} ({}{doubt}).",
                fact::action(known.value),
                fact::provenance(known, reader)
            )
        }
    }
}

/// Whether the action is a Downgrade that was seen too long ago. A Delete is acted on however long ago it was seen.
pub(super) fn is_too_old(instance: &Instance, reader: &Reader) -> bool {
    instance.action.known().is_some_and(|known| {
        known.value == PostExpirationAction::Downgrade
            && known.source == Source::Attested
            && known.age(reader.now) > LONGEST_FOR_EXPIRY
    })
}

/// Whether somebody has looked at the expiry and the action lately: saying them again tells nothing new.
fn is_looked_at(filed: &NoticeRecord, instance: &Instance, reader: &Reader) -> bool {
    let since = filed.received - LONGEST_FOR_UNSUBSCRIBE;
    let expires = instance.expires.known();
    let looked = expires.is_some_and(|known| known.source == Source::Attested && known.at >= since);
    looked && is_action_looked_at(filed, instance, reader)
}

/// Whether somebody has seen Downgrade lately.
fn is_action_looked_at(filed: &NoticeRecord, instance: &Instance, reader: &Reader) -> bool {
    let since = filed.received - LONGEST_FOR_UNSUBSCRIBE;
    instance.action.known().is_some_and(|known| {
        known.value == PostExpirationAction::Downgrade
            && known.source == Source::Attested
            && known.at >= since
            && known.age(reader.now) <= LONGEST_FOR_EXPIRY
    })
}

/// The command by which somebody says that an instance was unsubscribed and is Standard now.
pub(in crate::render) fn unsubscribed(change: Option<u64>, handle: &str) -> String {
    match change {
        Some(change) => format!("`confirm {change} unsubscribe --outside --reason TEXT`"),
        None => format!("`instance set {handle} --edition standard`"),
    }
}

pub(super) fn next_step(
    filed: &NoticeRecord,
    instance: &Instance,
    beside: Option<&Beside>,
    reader: &Reader,
) -> String {
    let handle = handle(instance);
    let standard = format!(
        "look at the edition in the vendor's console; if it shows Standard, `instance set {handle} --edition standard`, or confirm `verify-standard` where a change is open; if the instance is gone, `instance lost {handle} --reason TEXT`."
    );
    if filed.read.kind == NoticeKind::Gone {
        let change = beside.and_then(|beside| beside.unsubscribes);
        let unsubscribed = unsubscribed(change, &handle);
        if reader.has_buttons() {
            return format!(
                "look in the console. Gone: `instance lost {handle} --reason TEXT`. Unsubscribed, and Standard: {unsubscribed}. As it was: Still there."
            );
        }
        if filed.calls_several_gone() {
            return format!("{}.", remedy::look_for_itself(instance));
        }
        return format!(
            "look in the vendor's console. If it is gone, `instance lost {handle} --reason TEXT`; if somebody unsubscribed it and it is Standard now, {unsubscribed}; if it is still there as it was, `notice {} still-there`.",
            filed.number
        );
    }
    let is_release = filed.read.kind == NoticeKind::Release;
    if is_release && against_exit(instance, beside, reader).is_some() {
        let gone = beside.and_then(|beside| beside.called_gone);
        let there = match gone {
            Some(number) => format!("`notice {number} still-there`"),
            None => format!("`instance set {handle} --edition <standard|platinum>`"),
        };
        return format!(
            "look in the vendor's console. If it is gone, `instance lost {handle} --reason TEXT`; if it is there, {there}, and, of Platinum, set it to Downgrade there and say `action {handle} downgrade`."
        );
    }
    if instance.expired_at(reader.now).is_some() || is_standard(instance) {
        return standard;
    }
    match (filed.read.kind, filed.verdict) {
        _ if filed.denies_action(instance) => format!(
            "look at the Post-expiration Action in the vendor's console before anything else, then `action {handle} <downgrade|delete>`."
        ),
        (NoticeKind::Expiry, _) if filed.other_expiry(instance).is_some() => format!(
            "look at the expiry in the vendor's console, then `instance set {handle} --expires WHEN`; if it is to stay, renew it before the earlier of the two."
        ),
        (NoticeKind::Expiry, _) => format!(
            "renew it, then `instance set {handle} --expires WHEN`; or `downgrade {handle}` shows the ways to Standard."
        ),
        (NoticeKind::Release, NoticeVerdict::DateDoesNotFit)
            if filed.read.dates.is_empty() && is_looked_at(filed, instance, reader) =>
        {
            format!(
                "it gives no date, and does not come within 8 days of the expiry that is known. If expiry and Post-expiration Action are what the vendor's console shows, `ack notice {}`.",
                filed.number
            )
        }
        (NoticeKind::Release, NoticeVerdict::DateDoesNotFit) if filed.read.dates.is_empty() => {
            format!(
                "it gives no date, and does not come within 8 days of an expiry that is known: look at the expiry in the vendor's console, then `instance set {handle} --expires WHEN` and `action {handle} <downgrade|delete>`."
            )
        }
        (NoticeKind::Release, NoticeVerdict::DateDoesNotFit) => format!(
            "compare the date with the expiry in the vendor's console, then `instance set {handle} --expires WHEN` and `action {handle} <downgrade|delete>`."
        ),
        (NoticeKind::Release, NoticeVerdict::NotUnderstood)
            if is_action_looked_at(filed, instance, reader) =>
        {
            format!(
                "its action has been looked at. If what is not understood is not the vendor's, hand in the vendor's text alone; `ack notice {number}` acknowledges it.",
                number = filed.number
            )
        }
        (NoticeKind::Release | NoticeKind::Gone | NoticeKind::Other, _) => format!(
            "look at the Post-expiration Action in the vendor's console, then `action {handle} <downgrade|delete>`; `downgrade {handle}` leads to Downgrade step by step."
        ),
    }
}
