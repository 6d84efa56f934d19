//! The command that settles a concern, or leads on.

use super::fact;
use super::finding;
use super::handle;
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::change::{Change, Route, Step};
use crate::domain::concern::{Concern, ConcernKind, Remedy};
use crate::domain::fact::{Fact, Gap, Source};
use crate::domain::id::InstanceId;
use crate::domain::instance::{
    AtExpiry, Edition, Instance, PostExpirationAction, Switch, Tracking,
};
use crate::domain::judge::{openings, opens_with};
use crate::domain::rules::{FactKind, Intent};
use crate::domain::team::{
    ACTION_RUNS_WITHIN, LONGEST_FOR_UNSUBSCRIBE, Limits, RELEASE_AFTER, auto_renewal_charges_from,
};

/// The command that settles a concern.
pub(super) fn command(concern: &Concern, case: &Case, now: Timestamp) -> String {
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
        Remedy::SayWhatBecame if concern.kind == ConcernKind::OutlivedRelease => format!(
            "renew it or set it to Downgrade in the console at once, then `instance set {handle} --expires WHEN` or `action {handle} downgrade`; Standard: `instance set {handle} --edition standard`; gone: `instance lost {handle} --reason TEXT`"
        ),
        Remedy::SayWhatBecame if may_still_convert(instance, now) => {
            let standard = match case.open_change().filter(|change| change.exit_confirmed()) {
                Some(change) => format!("confirm {} verify-standard", change.number),
                None => format!("instance set {handle} --edition standard"),
            };
            format!(
                "look now. Standard: `{standard}`; still Platinum: look again later, the vendor may take 168 h after the expiry; renewed: `instance set {handle} --expires WHEN`; gone: `instance lost {handle} --reason TEXT`"
            )
        }
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
        Remedy::Next { .. } if let Some(again) = look_again(case, now) => again,
        Remedy::Next { change } => format!("`next {change}`"),
        Remedy::Approve { change } => {
            let seen = with_look(instance, now);
            format!("`approve {change}{seen}`, or `reject {change} --reason TEXT`")
        }
        Remedy::Notice { .. } if instance.is_lost_in_doubt() => whether_there(&instance.id),
        Remedy::Notice { number } => format!("`ack notice {number}`"),
        Remedy::SayWhetherThere => whether_there(&instance.id),
        Remedy::SayWhetherGone {
            of_several: true, ..
        } => look_for_itself(instance),
        Remedy::SayWhetherGone { number, .. } if !instance.is_tracked() => {
            let there = match &instance.tracking {
                Tracking::Lost(_) => format!("`notice {number} still-there`"),
                Tracking::Removed(_) | Tracking::Tracked => {
                    format!("`instance add {} …`", instance.id)
                }
            };
            format!("look in the console. It is there: {there}; gone: `ack notice {number}`")
        }
        Remedy::SayWhetherGone { number, .. } => format!(
            "look in the console. It is there: `notice {number} still-there`; gone: `instance lost {handle} --reason TEXT`"
        ),
    }
}

/// The commands that settle whether an instance that is recorded as deleted is there.
pub(super) fn whether_there(id: &InstanceId) -> String {
    format!(
        "look in the console. It is there: an admin says `instance remove {id} --reason TEXT`, then `instance add {id} …` tracks it again; gone: `instance lost {id} --reason TEXT`"
    )
}

/// The commands that settle whether an unreported step of an open change happened.
pub(super) fn whether_done(change: u64, step: Step, outside: &str, instance: &Instance) -> String {
    let handle = handle(instance);
    let before = match step.leads_to() {
        Some(Edition::Platinum) => "standard",
        Some(Edition::Standard) | None => "platinum",
    };
    format!(
        "look in the console. It happened: `confirm {change} {step}{outside}`; it did not: `instance set {handle} --edition {before}`, then `next {change}`; gone: `instance lost {handle} --reason TEXT`"
    )
}

/// The next action while a change waits for the expiry: the observation of the action must be fresh then (rule `action-known`).
pub(super) fn while_waiting(case: &Case, now: Timestamp) -> String {
    let instance = &case.instance;
    let number = case.open_number().unwrap_or_default();
    let limit = Limits::default().action_for_expiry;
    match instance.expires.value() {
        Some(at) if *at > now && !is_look_fresh_at_expiry(case) => {
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

/// Whether the vendor may still be at turning it into Standard: Downgrade was known when it expired.
fn may_still_convert(instance: &Instance, now: Timestamp) -> bool {
    let expired = instance.expired_at(now);
    let runs = expired.is_some_and(|expired| now - expired < ACTION_RUNS_WITHIN);
    runs && instance.at_expiry == Some(AtExpiry::Converts)
}

/// The look before the command that settles what is not sure of an action; empty where the command says itself when to look.
pub(super) fn look_first(concern: &Concern, case: &Case, now: Timestamp) -> &'static str {
    let next = matches!(concern.way, Remedy::Next { .. });
    let says_when = case.waits_for_time(now)
        || look_again(case, now).is_some()
        || before_next(case, now).is_some();
    if next && says_when {
        ""
    } else {
        "look in the console, then "
    }
}

/// Another look, where the action was set already and only its look is too old: setting it again is not what is asked for.
pub(super) fn look_again(case: &Case, now: Timestamp) -> Option<String> {
    let instance = &case.instance;
    let is_next = case.next_step(&Limits::default(), now) == Some(Step::SetAction)
        || case.waits_on_an_old_look(&Limits::default(), now);
    let was_set = instance.action.value() == Some(&PostExpirationAction::Downgrade);
    (is_next && was_set && !instance.action_is_ahead(now)).then(|| {
        format!(
            "look again, then `action {} <downgrade|delete>` (action-known)",
            handle(instance)
        )
    })
}

/// Whether what was seen of the action still counts when the instance expires.
pub(super) fn is_look_fresh_at_expiry(case: &Case) -> bool {
    let limit = Limits::default().action_for_expiry;
    let look = case.instance.action.known();
    let expires = case.instance.expires.value();
    look.zip(expires)
        .is_some_and(|(look, at)| look.age(*at) <= limit)
}

/// The remedy for a renewal that would charge, or may have charged already.
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

/// The remedy for one of several instances that a notice calls gone.
pub(super) fn look_for_itself(instance: &Instance) -> String {
    let handle = handle(instance);
    format!(
        "look in the console. It is there: `instance set {handle} --edition <standard|platinum>`; gone: `instance lost {handle} --reason TEXT`"
    )
}

/// The requirements of the rules for the next step of the open change, or for its approval; `None` where nothing is in the way.
pub(super) fn before_next(case: &Case, now: Timestamp) -> Option<String> {
    let verdict = case.forbids_next(&Limits::default(), now)?;
    // What waits for its expiry is looked at again in the last days before it.
    if case.lacks_only_a_look(&verdict, &Limits::default(), now) {
        return None;
    }
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
        (true, true) => "<unsubscribe|expiry>",
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
            "switched off in the console, `instance set {handle} --auto-renew off`; to leave earlier, {opening}; {renewed}"
        ),
        None => format!(
            "a downgrade `--by expiry` once its auto-renewal is known to be off (look, then `instance set {handle} --auto-renew <on|off>`); to leave earlier, {opening}; {renewed}"
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

/// The remedy for a confirmed unsubscription that has not led to Standard so far.
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
    let is_over = expired.is_some_and(|expired| now >= expired + RELEASE_AFTER);
    if is_over && instance.outlived_release(now).is_none() {
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
