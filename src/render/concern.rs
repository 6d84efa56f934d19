//! Concerns as text: the subject and the possible loss.

use super::fact;
use super::handle;
use super::remedy;
use super::time::Reader;
use crate::command::quoted_if_needed;
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::change::{Change, Step};
use crate::domain::concern::{Concern, ConcernKind, Remedy, Weight};
use crate::domain::id::Person;
use crate::domain::instance::{Edition, InDoubt, Instance, PostExpirationAction, Tracking};
use crate::domain::rules::FactKind;
use crate::domain::team::RELEASE_AFTER;

/// A concern in a few words, for a list.
pub fn brief(concern: &Concern, case: &Case, reader: &Reader) -> String {
    let instance = &case.instance;
    let number = number(concern, case);
    match concern.kind {
        ConcernKind::StepOutcomeUnknown => format!(
            "nobody has reported the outcome of the permit for `{}` (#{number})",
            step_of(concern)
        ),
        ConcernKind::PermitWithdrawn => permit_withdrawn(instance, reader),
        ConcernKind::UnsubscribedUnseen => {
            format!("reported as unsubscribed (#{number}), and nobody has seen Standard")
        }
        ConcernKind::UnsubscribedOnDelete if !case.is_still_platinum() => format!(
            "reported as unsubscribed (#{number}), which with Delete deletes it at once; {}",
            fact::phrase(instance, FactKind::Action, reader)
        ),
        ConcernKind::UnsubscribedOnDelete | ConcernKind::StillPlatinum => format!(
            "reported as unsubscribed (#{number}), and shown as Platinum since; {}",
            fact::phrase(instance, FactKind::Action, reader)
        ),
        ConcernKind::EditionDisputed | ConcernKind::EditionUnknown | ConcernKind::Missing => {
            fact::phrase(instance, FactKind::Edition, reader)
        }
        ConcernKind::ListedLost | ConcernKind::SeenLost => format!(
            "{}; if it is there, {}",
            back(instance, reader),
            if_there(instance, reader)
        ),
        ConcernKind::ExpiryDisputed if instance.renewed_from().is_some() => format!(
            "renewed by its auto-renewal; {}",
            fact::phrase(instance, FactKind::Expires, reader)
        ),
        ConcernKind::ExpiryDisputed | ConcernKind::ExpiryUnknown | ConcernKind::RecordExpiry => {
            fact::phrase(instance, FactKind::Expires, reader)
        }
        ConcernKind::ChooseAction
        | ConcernKind::ActionUnsure
        | ConcernKind::Deletes
        | ConcernKind::DeletesUnlessRenewed => fact::phrase(instance, FactKind::Action, reader),
        ConcernKind::Expires => {
            let by = concern.by.map(|by| reader.moment(by)).unwrap_or_default();
            let said = concern
                .by
                .map(|by| as_said(instance, by))
                .unwrap_or_default();
            let fact = match instance.edition.value() {
                Some(Edition::Standard) => FactKind::Edition,
                Some(Edition::Platinum) | None => FactKind::Action,
            };
            format!("{by}{said}; {}", fact::phrase(instance, fact, reader))
        }
        ConcernKind::Expired => {
            let mut said = instance.edition.candidates();
            let became = match said.any(|known| known.value == Edition::Standard) {
                true if instance.edition.value().is_some() => {
                    "what is known is Standard, which does not expire"
                }
                true => {
                    "one person says that it became Standard, and a second has not confirmed it"
                }
                false => "nobody has said what happened to it",
            };
            let at = expired(concern);
            let said = as_said(instance, at);
            format!("expired {}{said}, and {became}", reader.moment(at))
        }
        ConcernKind::OutlivedRelease => format!(
            "{}; it may be deleted at any moment; {}",
            outlived(concern, instance, reader),
            fact::phrase(instance, FactKind::Action, reader)
        ),
        ConcernKind::Charges => fact::phrase(instance, FactKind::AutoRenew, reader),
        ConcernKind::Unapproved => {
            let by = concern.by.map(|by| reader.moment(by)).unwrap_or_default();
            format!("#{number} is not approved, and it expires {by}")
        }
        ConcernKind::ChangeWaits => {
            format!("#{number} waits since {}", reader.instant(concern.since))
        }
        ConcernKind::FactDisputed => disputed(instance, reader),
        ConcernKind::FactUnsaid => unsaid(instance, reader),
        ConcernKind::Notice => match concern.way.notice() {
            Some(number) if concern.calls_it_gone() => {
                format!("notice {number} says that it is gone")
            }
            Some(number) if instance.is_lost_in_doubt() => format!(
                "notice {number} is raised; {}; if it is there, {}",
                back(instance, reader),
                if_there(instance, reader)
            ),
            Some(number) => format!("notice {number} is raised"),
            None => "a notice is raised".to_owned(),
        },
    }
}

/// The expiry of what has expired: its deadline is the release after it.
pub(super) fn expired(concern: &Concern) -> Timestamp {
    concern.by.map_or(concern.since, |by| by - RELEASE_AFTER)
}

/// That it was seen as Platinum since its release was due.
fn outlived(concern: &Concern, instance: &Instance, reader: &Reader) -> String {
    let seen = instance.outlived_release(reader.now);
    format!(
        "seen as Platinum {}, although it expired {} and its release was due",
        reader.moment(seen.unwrap_or(concern.since)),
        reader.moment(expired(concern))
    )
}

/// The number of the change that it is about.
fn number(concern: &Concern, case: &Case) -> u64 {
    let number = concern.way.change().or_else(|| case.open_number());
    number.unwrap_or_default()
}

/// The last permit of the change, with its holder.
fn permit_of(case: &Case) -> String {
    let change = case.open_change();
    let permit = change.and_then(|change| change.permit.as_ref());
    permit.map_or_else(
        || "The permit".to_owned(),
        |permit| format!("{}'s permit", permit.holder),
    )
}

/// The end of the permit of a step that may have happened.
fn permit_withdrawn(instance: &Instance, reader: &Reader) -> String {
    let Some(doubt) = &instance.in_doubt else {
        return "a permit was withdrawn".to_owned();
    };
    let InDoubt {
        change,
        step,
        holder,
        withdrawn,
        since,
        confirmed: _,
    } = doubt;
    let became = if *withdrawn {
        "was withdrawn"
    } else {
        "is over"
    };
    format!(
        "{holder}'s permit for `{step}` {became} (#{change}, {})",
        reader.relative(*since)
    )
}

/// That an instance is recorded as deleted, and by whom.
fn lost(instance: &Instance, reader: &Reader) -> String {
    let said = match &instance.tracking {
        Tracking::Lost(lost) => format!(", by {} {}", lost.by, reader.moment(lost.at)),
        Tracking::Tracked | Tracking::Removed(_) => String::new(),
    };
    format!("recorded as deleted at the vendor{said}")
}

/// That an instance is recorded as deleted, and what speaks against that: a listing, or a person who saw it.
pub(super) fn back(instance: &Instance, reader: &Reader) -> String {
    let listed = instance.listed_since_lost;
    let listed = listed.map(|_| "a listing read since has it".to_owned());
    let seen = instance.seen_since_lost.as_ref();
    let seen = seen.map(|seen| {
        let (by, at) = (&seen.by, reader.moment(seen.at));
        format!("{by} saw it since, {at}")
    });
    let said = std::iter::once(lost(instance, reader));
    let all: Vec<String> = said.chain(listed).chain(seen).collect();
    all.join(", and ")
}

/// When an instance that was recorded as deleted expires, or expired, if it is there.
pub(super) fn if_there(instance: &Instance, reader: &Reader) -> String {
    let ahead = instance.possible_expiries().filter(|at| *at > reader.now);
    if let Some(at) = ahead.min() {
        return format!("it expires {}{}", reader.moment(at), as_said(instance, at));
    }
    let passed = instance.possible_expiries().max();
    passed.map_or_else(
        || "nothing warns of its expiry".to_owned(),
        |at| {
            let then = match reader.now < at + RELEASE_AFTER {
                true => ", and may be deleted at any moment",
                false => "",
            };
            let said = as_said(instance, at);
            format!("it expired {}{said}{then}", reader.moment(at))
        },
    )
}

/// The notice that announces an expiry which is not the known one.
pub(super) fn as_said(instance: &Instance, expires: Timestamp) -> String {
    let mut announced = instance.announced();
    let announced = announced.find(|announced| announced.expires == expires);
    let notice = announced.and_then(|it| Some((it.notice?, it.by_release)));
    match notice {
        Some((number, true)) => {
            format!(", 7 days before the release that notice {number} announces")
        }
        Some((number, false)) => format!(", as notice {number} says"),
        None => String::new(),
    }
}

fn step_of(concern: &Concern) -> &'static str {
    concern.way.step().map_or("the step", Step::as_str)
}

fn disputed(instance: &Instance, reader: &Reader) -> String {
    let phrases = instance
        .disputed()
        .map(|fact| fact::phrase(instance, fact, reader));
    let region = instance.region_in_file.is_some();
    let region = region.then(|| format!("region: {}", instance.region_shown()));
    let phrases = phrases.chain(region);
    phrases.collect::<Vec<_>>().join("; ")
}

fn unsaid(instance: &Instance, reader: &Reader) -> String {
    let phrases = instance
        .unsaid()
        .map(|fact| fact::phrase(instance, fact, reader));
    phrases.collect::<Vec<_>>().join("; ")
}

/// An instance is not tracked any more although this is open of it.
pub fn removed(
    open: &[Concern],
    case: &Case,
    by: &Person,
    reason: &str,
    reader: &Reader,
) -> String {
    let instance = &case.instance;
    let (name, id, region) = (&instance.name, &instance.id, &instance.region);
    let all: Vec<String> = open
        .iter()
        .map(|concern| brief(concern, case, reader))
        .collect();
    format!(
        "{by} took {} ({id}) out of tracking: “{reason}”. Nothing is reminded of it any more, and this was open: {}. If it is still there, look in the console; `instance add {id} --name {} --region {region} --edition <standard|platinum>` tracks it again.",
        instance.called(),
        all.join("; "),
        quoted_if_needed(name.as_str())
    )
}

/// The concerns of an instance, for people who have not heard of them; empty if there are none.
pub fn open(concerns: &[Concern], case: &Case, reader: &Reader) -> String {
    let open = concerns.iter().filter(|it| it.weight == Weight::Open);
    let open: Vec<&Concern> = open.collect();
    // The sentence on an action includes the expiry.
    let says_when = open.iter().any(|it| it.kind.is_told_by_expiry());
    let told = open
        .iter()
        .filter(|it| !(says_when && it.kind == ConcernKind::Expires));
    let lines = told.map(|it| line(it, case, true, reader));
    lines.collect::<Vec<_>>().join(" ")
}

/// Why it is disputed where a row leaves out the edition, and gives what only Platinum has.
fn implied(instance: &Instance) -> String {
    if !instance.platinum_implied {
        return String::new();
    }
    let billed = instance.commodity_id.held().map_or_else(String::new, |id| {
        let handle = handle(instance);
        format!(
            " If {} is another's: `instance set {handle} --commodity-id unknown`.",
            id.value
        )
    });
    format!("Only Platinum has what a file gives it.{billed} ")
}

/// A concern in a post, in which the reminder of the expiry may have said the action.
pub(super) fn line(concern: &Concern, case: &Case, with_expiry: bool, reader: &Reader) -> String {
    let instance = &case.instance;
    let name = instance.called();
    let next = match concern.way {
        // `approve` is refused there, and `next` says how to need less approval.
        Remedy::Approve { change } if reader.is_alone => format!("`next {change}`"),
        _ => remedy::command(concern, case, reader.now),
    };
    let number = number(concern, case);
    let look = remedy::look_first(concern, case, reader.now);
    let phrase = |fact| fact::phrase(instance, fact, reader);
    match concern.kind {
        ConcernKind::StepOutcomeUnknown => format!(
            "Did it happen? {permit} for `{step}` of {name} (#{number}) is over, and nobody has said. Next: {next}.",
            permit = permit_of(case),
            step = step_of(concern)
        ),
        ConcernKind::PermitWithdrawn => {
            let what = permit_withdrawn(instance, reader);
            format!(
                "Did it happen? {name}: {what}, and nobody has said whether it was used. Next: {next}."
            )
        }
        ConcernKind::UnsubscribedUnseen => unsubscribed(concern, case, reader),
        ConcernKind::UnsubscribedOnDelete if !case.is_still_platinum() => {
            unsubscribed(concern, case, reader)
        }
        ConcernKind::UnsubscribedOnDelete | ConcernKind::StillPlatinum => format!(
            "{name} is reported as unsubscribed (#{number}), but what was said since shows it as Platinum: {}. Its reminders are back. {}. Next: {next}.",
            phrase(FactKind::Edition),
            phrase(FactKind::Action)
        ),
        ConcernKind::EditionDisputed => format!(
            "Is {name} Standard or Platinum? {}. Until that is settled it counts as Platinum: its reminders stay, {}and no notice about it is suppressed. {}Next: {next}; {}{} settles it.",
            phrase(FactKind::Edition),
            match case.open_number() {
                Some(number) => format!("#{number} stays open, "),
                None => String::new(),
            },
            implied(instance),
            match reader.is_alone {
                true => "saying it again",
                false => "a second person's word",
            },
            if instance.platinum_implied {
                ""
            } else {
                ", or a listing read since,"
            }
        ),
        ConcernKind::EditionUnknown => format!(
            "Is {name} Standard or Platinum? {}. Until somebody says, it counts as Platinum, and no step that needs to know is permitted. Next: {next}.",
            phrase(FactKind::Edition)
        ),
        ConcernKind::Missing => format!(
            "Is {name} still there? {}. It may have been deleted. Next: {next}.",
            phrase(FactKind::Edition)
        ),
        ConcernKind::ListedLost | ConcernKind::SeenLost => format!(
            "Is {name} there? {name} is {}. If it is there, {}. Next: {next}.",
            back(instance, reader),
            if_there(instance, reader)
        ),
        ConcernKind::ExpiryDisputed => {
            let text = format!(
                "When does {name} expire? {}. Each of these dates is reminded of. Look in the console, then {next}.",
                phrase(FactKind::Expires)
            );
            if with_expiry {
                text
            } else {
                format!("{text} {}.", phrase(FactKind::Action))
            }
        }
        ConcernKind::ExpiryUnknown => format!(
            "When does {name} expire? {}, so {}. Look in the console, then {next}.",
            phrase(FactKind::Expires),
            match instance.reminded_expiry() {
                Some(before) => format!(
                    "its reminders still go by {}, which was said before and may be wrong",
                    reader.moment(before)
                ),
                None => "nothing warns before it does".to_owned(),
            }
        ),
        ConcernKind::RecordExpiry => format!(
            "When does {name} expire? It was upgraded, and until that is recorded nothing warns before it expires. {}. Next: {next}.",
            phrase(FactKind::Expires)
        ),
        ConcernKind::ChooseAction => format!(
            "What should happen to {name} when it expires? After an upgrade the action is Delete again until somebody chooses (upgrade-not-reversible-now). {}. Next: look in the console, choose, then {next}.",
            phrase(FactKind::Action)
        ),
        ConcernKind::ActionUnsure
            if instance.action.value() == Some(&PostExpirationAction::Delete) =>
        {
            format!(
                "What happens to {name} at its expiry is not known. {}: if it still is, it is deleted after its expiry and cannot be restored (release-after-7-days). {} (action-known). Next: {look}{next}.",
                super::reminder::last_seen_on_delete(instance, reader),
                phrase(FactKind::Action)
            )
        }
        ConcernKind::ActionUnsure => format!(
            "What happens to {name} at its expiry is not known: {} (action-known). Next: {look}{next}.",
            phrase(FactKind::Action)
        ),
        ConcernKind::Deletes => format!(
            "{name} is deleted after its expiry, {by}, and cannot be restored (release-after-7-days). {}. Next: {next}.",
            phrase(FactKind::Action),
            by = concern.by.map(|by| reader.moment(by)).unwrap_or_default(),
        ),
        ConcernKind::DeletesUnlessRenewed => format!(
            "{name} is deleted after its expiry, {by}, and cannot be restored, unless its auto-renewal succeeds (release-after-7-days). {}. {}. Next: {next}.",
            phrase(FactKind::Action),
            phrase(FactKind::AutoRenew),
            by = concern.by.map(|by| reader.moment(by)).unwrap_or_default(),
        ),
        ConcernKind::Unapproved => unapproved(concern, case, &next, reader),
        ConcernKind::ChangeWaits => format!(
            "#{number} of {name} waits: nothing has happened on it since {}. {}. Next: {next}, or `cancel {number} --reason TEXT`.",
            reader.instant(concern.since),
            phrase(FactKind::Action)
        ),
        ConcernKind::FactDisputed => format!(
            "Two sources disagree on {name}: {}. Next: {next}.",
            disputed(instance, reader)
        ),
        ConcernKind::FactUnsaid => format!(
            "#{number} of {name} rests on what nobody knows any more: {}. Next: {next}.",
            unsaid(instance, reader)
        ),
        ConcernKind::OutlivedRelease => format!(
            "{name} is not presumed deleted: {}. It, {} may be deleted at any moment and cannot be restored; renewing it, or setting its action to Downgrade, may still save it (release-after-7-days). {}. Next: {next}.",
            outlived(concern, instance, reader),
            fact::contents(instance),
            phrase(FactKind::Action)
        ),
        ConcernKind::Expires
        | ConcernKind::Expired
        | ConcernKind::Charges
        | ConcernKind::Notice => format!("{name}: {}. Next: {next}.", brief(concern, case, reader)),
    }
}

fn unsubscribed(concern: &Concern, case: &Case, reader: &Reader) -> String {
    let instance = &case.instance;
    let name = instance.called();
    let (number, next) = (
        number(concern, case),
        remedy::command(concern, case, reader.now),
    );
    let change = case.open_change();
    let record = change.and_then(|change: &Change| change.record(Step::Unsubscribe));
    let said = record.map(|record| record.at);
    let doubt = instance.in_doubt.as_ref().map(|doubt| doubt.since);
    let since = said
        .or(doubt)
        .map_or_else(String::new, |said| format!(", {}", reader.relative(said)));
    let ended = match said {
        Some(_) => "",
        None => " Its change has ended.",
    };
    let danger = if instance.was_on_delete() {
        format!(
            " Unsubscribing with Delete deletes it at once: look now. {}.",
            fact::phrase(instance, FactKind::Action, reader)
        )
    } else {
        String::new()
    };
    format!(
        "Does the console show Standard? {name} is reported as unsubscribed (#{number}{since}), and nobody has seen what happened to it.{ended}{danger} Next: {next}."
    )
}

fn unapproved(concern: &Concern, case: &Case, next: &str, reader: &Reader) -> String {
    let instance = &case.instance;
    let number = case.open_number().unwrap_or_default();
    let by = concern.by.map(|by| reader.moment(by)).unwrap_or_default();
    let again = if matches!(concern.way, Remedy::Next { .. }) {
        " The request has lapsed"
    } else {
        " It waits for approvals"
    };
    format!(
        "Time runs out: {} expires {by}, and #{number} is not approved.{again}: {next}. {}.",
        instance.called(),
        fact::phrase(instance, FactKind::Action, reader)
    )
}

/// The warning, on tracking an instance, that its expiry is unknown.
pub(super) fn expiry_unknown(instance: &Instance, reader: &Reader) -> Option<String> {
    let unknown =
        instance.edition.value() != Some(&Edition::Standard) && instance.expires.held().is_none();
    unknown.then(|| match instance.reminded_expiry() {
        Some(before) => format!(
            "Until another expiry is said, its reminders still go by {}, which may be wrong: `instance set {} --expires WHEN`.",
            reader.moment(before),
            handle(instance)
        ),
        None => format!(
            "Nobody has said when it expires, so nothing warns before it does: `instance set {} --expires WHEN`.",
            handle(instance)
        ),
    })
}
