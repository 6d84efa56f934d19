//! Concerns as text: the subject, the possible loss, and the command that settles it.

use super::fact;
use super::finding;
use super::handle;
use super::time::Reader;
use crate::command::quoted_if_needed;
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::change::{Change, Route, Step};
use crate::domain::concern::{Concern, ConcernKind, Remedy};
use crate::domain::fact::{Fact, Gap, Source};
use crate::domain::id::Person;
use crate::domain::instance::{Edition, InDoubt, Instance, PostExpirationAction, Switch, Tracking};
use crate::domain::judge::{openings, opens_with};
use crate::domain::rules::{FactKind, Intent};
use crate::domain::team::{
    LONGEST_FOR_UNSUBSCRIBE, Limits, RELEASE_AFTER, auto_renewal_charges_from,
};

/// The command that settles a concern.
pub fn command(concern: &Concern, case: &Case, now: Timestamp) -> String {
    let instance = &case.instance;
    let handle = handle(instance);
    match concern.way {
        // A look at the action counts for an edition that is certain.
        Remedy::SayAction if instance.edition.value().is_none() => format!(
            "`instance set {handle} --edition <standard|platinum>` first, then, of Platinum, `action {handle} <downgrade|delete>`"
        ),
        Remedy::SayAction => format!("`action {handle} <downgrade|delete>`"),
        Remedy::SayExpiry => {
            let ended = instance
                .ended_by_standard
                .filter(|_| was_standard(instance));
            let reopened = ended.map_or_else(String::new, |ended| {
                format!("; if #{ended} has not made it Standard, `reopen {ended} verify-standard --reason TEXT`")
            });
            format!("`instance set {handle} --expires WHEN`{reopened}")
        }
        Remedy::SayEdition => format!(
            "look in the console, then `instance set {handle} --edition <standard|platinum>`; if it is gone, `instance lost {handle} --reason TEXT`"
        ),
        Remedy::SayFacts => say_facts(concern, instance),
        Remedy::SwitchOff => switch_off(instance, now),
        Remedy::SayWhatBecame => format!(
            "look now. Still Platinum: set it to Downgrade in the console, then `action {handle} downgrade`; renewed: `instance set {handle} --expires WHEN`; Standard: `instance set {handle} --edition standard`; gone: `instance lost {handle} --reason TEXT`"
        ),
        Remedy::Downgrade => way_out_of_platinum(instance, now),
        Remedy::Confirm {
            change,
            step: step @ Step::RecordExpiry,
        } => format!("`confirm {change} {step} --expires WHEN`"),
        Remedy::Confirm { change, step } if concern.kind == ConcernKind::StepOutcomeUnknown => {
            whether_done(change, step, "", instance)
        }
        Remedy::Confirm { change, step } => format!("`confirm {change} {step}`"),
        Remedy::Reopen { change, .. } => still_platinum(change, instance, now),
        Remedy::SayWhetherStandard { change } => whether_standard(change, instance, now),
        Remedy::SayWhetherDone {
            change,
            step,
            open: true,
        } => whether_done(change, step, " --outside --reason TEXT", instance),
        Remedy::SayWhetherDone { open: false, .. } => format!(
            "look in the console. Standard or Platinum: `instance set {handle} --edition <standard|platinum>`; gone: `instance lost {handle} --reason TEXT`"
        ),
        Remedy::Next { .. } | Remedy::Approve { .. }
            if let Some(first) = before_next(case, now) =>
        {
            first
        }
        Remedy::Next { .. } if case.waits_for_time(now) => while_waiting(case, now),
        Remedy::Next { change } => format!("`next {change}`"),
        Remedy::Approve { change } => {
            let seen = with_look(instance, now);
            format!("`approve {change}{seen}`, or `reject {change} --reason TEXT`")
        }
        Remedy::Notice { number } => format!("`ack notice {number}`"),
        Remedy::SayWhetherThere => {
            let id = &instance.id;
            format!(
                "look in the console. It is there: an admin says `instance remove {id} --reason TEXT`, then `instance add {id} …` tracks it again; gone: `instance lost {id} --reason TEXT`"
            )
        }
        Remedy::SayWhetherGone {
            of_several: true, ..
        } => look_for_itself(instance),
        Remedy::SayWhetherGone { number, .. } => format!(
            "look in the console. It is there: `notice {number} still-there`; gone: `instance lost {handle} --reason TEXT`"
        ),
    }
}

/// What says whether a step of an open change happened, of which nobody has reported.
fn whether_done(change: u64, step: Step, outside: &str, instance: &Instance) -> String {
    let handle = handle(instance);
    let before = match step.leads_to() {
        Some(Edition::Platinum) => "standard",
        Some(Edition::Standard) | None => "platinum",
    };
    format!(
        "look in the console. It happened: `confirm {change} {step}{outside}`; it did not: `instance set {handle} --edition {before}`, then `next {change}`; gone: `instance lost {handle} --reason TEXT`"
    )
}

/// What is to be done while a change waits for the expiry: the look at the action has to be fresh then (rule `action-known`).
pub(super) fn while_waiting(case: &Case, now: Timestamp) -> String {
    let instance = &case.instance;
    let number = case.open_number().unwrap_or_default();
    let limit = Limits::default().action_for_expiry;
    let expires = instance.expires.value();
    let look = instance.action.known();
    let fresh = look
        .zip(expires)
        .is_some_and(|(look, at)| look.age(*at) <= limit);
    match expires {
        Some(at) if *at > now && !fresh => {
            let wait = match now < *at - limit {
                true => "wait, and look again in the last days before the expiry",
                false => "look again",
            };
            format!(
                "{wait}, then `action {} <downgrade|delete>` (action-known); #{number} waits for the expiry",
                handle(instance)
            )
        }
        _ => format!("wait; #{number} waits for the expiry"),
    }
}

/// What settles a renewal that would charge, or may have charged already.
fn switch_off(instance: &Instance, now: Timestamp) -> String {
    let handle = handle(instance);
    let from = instance.expires.value().copied();
    let charged = from.and_then(auto_renewal_charges_from);
    let renewed = match charged {
        Some(from) if from <= now => {
            format!("; renewed already: `instance set {handle} --expires WHEN`")
        }
        _ => String::new(),
    };
    format!(
        "switch it off in the console, look, then `instance set {handle} --auto-renew off`{renewed}"
    )
}

/// Whether its expiry is not known because it was Standard, which it is not.
fn was_standard(instance: &Instance) -> bool {
    let edition = instance.edition.value();
    let gap = matches!(
        instance.expires,
        Fact::Unknown {
            gap: Gap::WasStandard,
            ..
        }
    );
    gap && edition == Some(&Edition::Platinum)
}

/// What settles one of several instances that a notice calls gone.
pub(super) fn look_for_itself(instance: &Instance) -> String {
    let handle = handle(instance);
    format!(
        "look in the console. It is there: `instance set {handle} --edition <standard|platinum>`; gone: `instance lost {handle} --reason TEXT`"
    )
}

/// What the rules ask for before the next step of the open change, or its approval, is allowed; `None` where nothing is in the way.
pub(super) fn before_next(case: &Case, now: Timestamp) -> Option<String> {
    let verdict = case.forbids_next(&Limits::default(), now)?;
    let (mut ways, mut rules): (Vec<String>, Vec<&str>) = (Vec::new(), Vec::new());
    for finding in verdict.deciding() {
        let way = finding::way_out(finding, case, now);
        if let Some(way) = way.filter(|way| !ways.contains(way)) {
            ways.push(way);
            rules.push(finding.rule.as_str());
        }
    }
    rules.dedup();
    (!ways.is_empty()).then(|| {
        format!(
            "{} ({}: no step is permitted before that)",
            ways.join("; "),
            rules.join(", ")
        )
    })
}

/// The command that opens a downgrade now, by the routes that the rules allow; `None` where they allow none. After the expiry
/// the limits decide as well, and those that a workspace has set are not known here.
pub(super) fn opening(instance: &Instance, now: Timestamp) -> Option<String> {
    let openings = openings(instance, &Limits::default(), now);
    let routes = match (openings.by_unsubscribe, openings.by_expiry) {
        (true, true) => "unsubscribe|expiry",
        (true, false) => "unsubscribe",
        (false, true) => "expiry",
        (false, false) => return None,
    };
    let acknowledging = match openings.acknowledging {
        true => " --ack fits-standard",
        false => "",
    };
    Some(format!(
        "`downgrade {} --by {routes}{acknowledging}`",
        handle(instance)
    ))
}

/// The command that opens a change with this intent now; `None` where the rules do not allow it.
pub(super) fn opening_of(instance: &Instance, intent: Intent, now: Timestamp) -> Option<String> {
    let acknowledging = match opens_with(instance, intent, &Limits::default(), now)? {
        true => " --ack fits-standard",
        false => "",
    };
    let handle = handle(instance);
    let command = match intent {
        Intent::Upgrade => format!("upgrade {handle}"),
        Intent::Downgrade(Some(Route::Unsubscribe)) => {
            format!("downgrade {handle} --by unsubscribe")
        }
        Intent::Downgrade(Some(Route::Expiry)) => format!("downgrade {handle} --by expiry"),
        Intent::Downgrade(None) | Intent::SetAction | Intent::Unsubscribe | Intent::Expiry => {
            return None;
        }
    };
    Some(format!("`{command}{acknowledging}`"))
}

/// The command that opens a downgrade, or what no downgrade is allowed without.
pub(super) fn way_out_of_platinum(instance: &Instance, now: Timestamp) -> String {
    let handle = handle(instance);
    if instance.edition.value().is_none() {
        return format!(
            "look in the console, then `instance set {handle} --edition <standard|platinum>`"
        );
    }
    let renewed = format!("renewed: `instance set {handle} --expires WHEN`");
    let Some(opening) = opening(instance, now) else {
        return format!("`why {handle}` says what a downgrade lacks first; {renewed}");
    };
    match instance.auto_renew_at(now) {
        Some(Switch::Off) => {
            format!("{opening}, or, renewed, `instance set {handle} --expires WHEN`")
        }
        Some(Switch::On) => format!(
            "{opening}, or, switched off in the console, `instance set {handle} --auto-renew off`; {renewed}"
        ),
        None => format!(
            "{opening}, or `--by expiry` once its auto-renewal is known to be off (look, then `instance set {handle} --auto-renew <on|off>`); {renewed}"
        ),
    }
}

/// The command that says each fact on which two sources disagree, or that was said to be unknown.
fn say_facts(concern: &Concern, instance: &Instance) -> String {
    let facts: Vec<FactKind> = match concern.kind {
        ConcernKind::FactUnsaid => instance.unsaid().collect(),
        _ => instance.disputed().collect(),
    };
    if facts == [FactKind::CommodityId] && finding::is_claimed_twice(instance) {
        return finding::claimed_twice(instance);
    }
    let mut command = format!("instance set {}", handle(instance));
    let region = instance.region_in_file.is_some() && concern.kind == ConcernKind::FactDisputed;
    if region {
        command.push_str(" --region REGION");
    }
    for fact in facts {
        command.push_str(&fact::option(fact));
    }
    match region {
        true => {
            format!("look in the console in which region its id is listed, then `{command}`")
        }
        false => format!("look, then `{command}`"),
    }
}

/// What settles a confirmed unsubscription that has not led to Standard so far.
pub(super) fn after_exit(change: &Change, case: &Case, now: Timestamp) -> String {
    if case.is_still_platinum() {
        still_platinum(change.number, &case.instance, now)
    } else {
        whether_standard(change.number, &case.instance, now)
    }
}

/// The option by which an approver says what they saw, where an approval without it is refused: nobody has looked lately.
pub(super) fn with_look(instance: &Instance, now: Timestamp) -> &'static str {
    let look = instance.action.known();
    let is_fresh = look.is_some_and(|known| {
        known.source == Source::Attested && known.age(now) <= LONGEST_FOR_UNSUBSCRIBE
    });
    let asks = instance.edition.value() != Some(&Edition::Standard);
    if asks && !is_fresh {
        " --seen <downgrade|delete>"
    } else {
        ""
    }
}

/// How a confirmed unsubscription is taken back. Seven days after the expiry that is refused until another expiry is known.
pub(super) fn taken_back(change: u64, instance: &Instance, now: Timestamp) -> String {
    let reopen = format!("`reopen {change} unsubscribe --reason TEXT`");
    let expired = instance.expired_at(now);
    if expired.is_some_and(|expired| now >= expired + RELEASE_AFTER) {
        return format!(
            "`instance set {} --expires WHEN` with the expiry that it shows, then {reopen}",
            handle(instance)
        );
    }
    reopen
}

fn still_platinum(change: u64, instance: &Instance, now: Timestamp) -> String {
    let (handle, taken_back) = (handle(instance), taken_back(change, instance, now));
    format!(
        "look in the console. Still Platinum: {taken_back}, set it to Downgrade there, then `action {handle} downgrade`; Standard: `confirm {change} verify-standard`; gone: `instance lost {handle} --reason TEXT`"
    )
}

fn whether_standard(change: u64, instance: &Instance, now: Timestamp) -> String {
    let (handle, taken_back) = (handle(instance), taken_back(change, instance, now));
    format!(
        "look, then `confirm {change} verify-standard`; if it still shows Platinum, {taken_back}; if it is gone, `instance lost {handle} --reason TEXT`"
    )
}

/// A concern in a few words, for a list.
pub fn brief(concern: &Concern, case: &Case, reader: &Reader) -> String {
    let instance = &case.instance;
    let number = number(concern, case);
    match concern.kind {
        ConcernKind::StepOutcomeUnknown => format!(
            "nobody has said what came of the permit for `{}` (#{number})",
            step_of(concern)
        ),
        ConcernKind::PermitWithdrawn => permit_withdrawn(instance, reader),
        ConcernKind::UnsubscribedUnseen => {
            format!("said to be unsubscribed (#{number}), and nobody has seen Standard")
        }
        ConcernKind::UnsubscribedOnDelete => format!(
            "said to be unsubscribed (#{number}), which with Delete deletes it at once; {}",
            fact::phrase(instance, FactKind::Action, reader)
        ),
        ConcernKind::StillPlatinum => format!(
            "said to be unsubscribed (#{number}), and shown as Platinum since; {}",
            fact::phrase(instance, FactKind::Action, reader)
        ),
        ConcernKind::EditionDisputed | ConcernKind::EditionUnknown | ConcernKind::Missing => {
            fact::phrase(instance, FactKind::Edition, reader)
        }
        ConcernKind::ListedLost => listed_lost(instance, reader),
        ConcernKind::ExpiryDisputed | ConcernKind::ExpiryUnknown | ConcernKind::RecordExpiry => {
            fact::phrase(instance, FactKind::Expires, reader)
        }
        ConcernKind::ChooseAction
        | ConcernKind::ActionUnsure
        | ConcernKind::Deletes
        | ConcernKind::DeletesUnlessRenewed => fact::phrase(instance, FactKind::Action, reader),
        ConcernKind::Expires => {
            let by = concern.by.map(|by| reader.moment(by)).unwrap_or_default();
            format!("{by}; {}", fact::phrase(instance, FactKind::Action, reader))
        }
        ConcernKind::Expired => {
            let said = instance.edition.candidates();
            let said = said.map(|known| &known.value);
            let became = match said.into_iter().any(|value| *value == Edition::Standard) {
                true => {
                    "one person says that it became Standard, and a second has not confirmed it"
                }
                false => "nobody has said what became of it",
            };
            format!("expired {}, and {became}", reader.moment(expired(concern)))
        }
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
            Some(number) => format!("notice {number} is raised"),
            None => "a notice is raised".to_owned(),
        },
    }
}

/// The expiry of what has expired: its deadline is the release after it.
pub(super) fn expired(concern: &Concern) -> Timestamp {
    concern.by.map_or(concern.since, |by| by - RELEASE_AFTER)
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

/// What became of the permit of a step that may have happened.
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

/// That a listing has an instance which is recorded as deleted.
pub(super) fn listed_lost(instance: &Instance, reader: &Reader) -> String {
    let said = match &instance.tracking {
        Tracking::Lost(lost) => format!(", by {} {},", lost.by, reader.moment(lost.at)),
        Tracking::Tracked | Tracking::Removed(_) => String::new(),
    };
    format!("recorded as deleted at the vendor{said} and a listing read since has it")
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

/// A concern in a post, in which the reminder of the expiry may have said the action.
pub(super) fn line(concern: &Concern, case: &Case, with_expiry: bool, reader: &Reader) -> String {
    let instance = &case.instance;
    let name = instance.called();
    let next = command(concern, case, reader.now);
    let number = number(concern, case);
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
        ConcernKind::UnsubscribedUnseen | ConcernKind::UnsubscribedOnDelete => {
            unsubscribed(concern, case, reader)
        }
        ConcernKind::StillPlatinum => format!(
            "{name} is said to be unsubscribed (#{number}), but what was said since shows it as Platinum: {}. Its reminders are back. {}. Next: {next}.",
            phrase(FactKind::Edition),
            phrase(FactKind::Action)
        ),
        ConcernKind::EditionDisputed => format!(
            "Is {name} Standard or Platinum? {}. Until that is settled it counts as Platinum: its reminders stay, {}and no notice about it is suppressed. Next: {next}; a second person's word, or a listing read since, settles it.",
            phrase(FactKind::Edition),
            match case.open_number() {
                Some(number) => format!("#{number} stays open, "),
                None => String::new(),
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
        ConcernKind::ListedLost => format!(
            "Is {name} there? {name} is {}. If it is there, nothing warns of its expiry. Next: {next}.",
            listed_lost(instance, reader)
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
            "What shall become of {name} when it expires? After an upgrade the action is Delete again until somebody chooses (upgrade-not-reversible-now). {}. Next: look in the console, choose, then {next}.",
            phrase(FactKind::Action)
        ),
        ConcernKind::ActionUnsure
            if instance.action.value() == Some(&PostExpirationAction::Delete) =>
        {
            format!(
                "What becomes of {name} at its expiry is not known. {}: if it still is, it is deleted after its expiry and cannot be restored (release-after-7-days). {} (action-known). Next: look in the console, then {next}.",
                super::reminder::last_seen_on_delete(instance, reader),
                phrase(FactKind::Action)
            )
        }
        ConcernKind::ActionUnsure => format!(
            "What becomes of {name} at its expiry is not known: {} (action-known). Next: look in the console, then {next}.",
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
        ConcernKind::Expires
        | ConcernKind::Expired
        | ConcernKind::Charges
        | ConcernKind::Notice => format!("{name}: {}. Next: {next}.", brief(concern, case, reader)),
    }
}

fn unsubscribed(concern: &Concern, case: &Case, reader: &Reader) -> String {
    let instance = &case.instance;
    let name = instance.called();
    let (number, next) = (number(concern, case), command(concern, case, reader.now));
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
        "Does the console show Standard? {name} is said to be unsubscribed (#{number}{since}), and nobody has seen what became of it.{ended}{danger} Next: {next}."
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

/// What is said at once to anyone who tracks an instance of which nobody knows when it expires.
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
