//! The card of a change: its state at a glance, for a chat with buttons. `change N` has the history.

use std::fmt::Write as _;

use super::approval;
use super::change;
use super::fact;
use super::permit;
use super::remedy;
use super::time::Reader;
use crate::domain::approval::{Approval, Request, RequestState};
use crate::domain::case::Case;
use crate::domain::change::{Change, ChangeKind, Route, Step};
use crate::domain::fact::{Fact, Known};
use crate::domain::id::{Person, TeamName};
use crate::domain::instance::{Edition, Instance, PostExpirationAction};
use crate::domain::rules::FactKind;
use crate::domain::team::LONGEST_FOR_UNSUBSCRIBE;

/// Title, consequence, facts, steps in one line, and the next step. Twelve lines on a phone.
pub fn card(case: &Case, next: Option<Step>, reader: &Reader) -> String {
    let Some(change) = &case.change else {
        return String::new();
    };
    let mut out = title(case, change);
    out.push('\n');
    if let Some(warning) = warning(case, change, reader) {
        let _ = writeln!(out, "{warning}");
    } else if change.is_open() {
        let _ = writeln!(out, "{}", consequence(case, change, reader));
    }
    out.push_str(&row(&case.instance, change.kind));
    out.push_str(&rests_on(case, change, reader));
    out.push_str(&opened(change));
    out.push_str(&people(case, change, reader));
    out.push_str(&approval::emergency_override(change, reader));
    let _ = writeln!(out, "{}", steps(change, next));
    out.push_str(&next_line(case, change, next, reader));
    out.truncate(out.trim_end().len());
    out
}

fn title(case: &Case, change: &Change) -> String {
    let kind = change::kind(change.kind);
    let head = format!("#{} {kind} of {}", change.number, case.instance.called());
    let outside = if change.was_outside() {
        ", a step OUTSIDE"
    } else {
        ""
    };
    if change.is_open() {
        format!("{head}{outside}")
    } else {
        format!("{head} {}{outside}", change::status(change))
    }
}

/// The current danger, shown in place of the consequence.
fn warning(case: &Case, change: &Change, reader: &Reader) -> Option<String> {
    if let Some(waiting) = change::waiting(case, reader) {
        return Some(waiting);
    }
    if case.is_still_platinum() {
        return Some("Reported as unsubscribed, and shown as Platinum since.".to_owned());
    }
    if let Some(step) = case.withdrawn_in_doubt() {
        return Some(format!(
            "In doubt: the permit for {step} was withdrawn, and nobody has said whether it happened."
        ));
    }
    let step = case.unknown_outcome()?;
    Some(format!(
        "In doubt: the permit for {step} {}, and nobody has said whether it happened.",
        change::permit_ended(change, step)
    ))
}

/// The consequence of the step that cannot be taken back; once that is behind, what it has left.
fn consequence(case: &Case, change: &Change, reader: &Reader) -> &'static str {
    let step = match change.kind {
        ChangeKind::Upgrade => Step::Upgrade,
        ChangeKind::Downgrade(Route::Unsubscribe) => Step::Unsubscribe,
        ChangeKind::Downgrade(Route::Expiry) => Step::AwaitExpiry,
    };
    match change.kind {
        ChangeKind::Upgrade if change.record(step).is_some() => {
            "No direct way back, and on Delete until somebody chooses."
        }
        ChangeKind::Downgrade(_) if change.exit_confirmed() => "Nobody has seen Standard yet.",
        ChangeKind::Downgrade(_)
            if case.instance.action.value() == Some(&PostExpirationAction::Delete) =>
        {
            "It is on Delete now: set Downgrade first."
        }
        ChangeKind::Upgrade | ChangeKind::Downgrade(_) => approval::consequence(step, reader),
    }
}

/// The instance's row in the vendor's lists.
fn row(instance: &Instance, kind: ChangeKind) -> String {
    let commodity = match &instance.commodity_id {
        Fact::Known(known) => Some(format!("`{}`", known.value)),
        Fact::Contradictory { .. } => Some("disputed".to_owned()),
        Fact::Unknown { .. } if kind.route() == Some(Route::Unsubscribe) => {
            Some("not known".to_owned())
        }
        // Only who unsubscribes looks for it.
        Fact::Unknown { .. } => None,
    };
    row_of(instance, commodity.as_deref(), "")
}

/// A row: each id with its name, in code, as it is compared letter by letter; region and size.
pub(super) fn row_of(instance: &Instance, commodity: Option<&str>, size: &str) -> String {
    let (id, region) = (&instance.id, instance.region_shown());
    let place = match commodity {
        Some(commodity) => format!("  commodity id  {commodity} · {region}{size}\n"),
        None => format!("  region  {region}{size}\n"),
    };
    format!("  instance id  `{id}`\n{place}")
}

fn rests_on(case: &Case, change: &Change, reader: &Reader) -> String {
    let instance = &case.instance;
    let now = fact::cells(instance, FactKind::Edition, reader).0;
    // An edition on both sides needs no label, which would take the line of the expiry on a phone.
    let edition = match change.kind {
        _ if !change.is_open() => format!("  edition  {now}"),
        ChangeKind::Upgrade if instance.edition.value() == Some(&Edition::Platinum) => {
            format!("  edition  {now}")
        }
        ChangeKind::Upgrade => format!("{now} → Platinum"),
        ChangeKind::Downgrade(_) if instance.edition.value() == Some(&Edition::Standard) => {
            format!("  edition  {now}")
        }
        ChangeKind::Downgrade(_) => format!("{now} → Standard"),
    };
    let expiry = match &instance.expires {
        Fact::Known(known) => format!(", expires {}", reader.relative(known.value)),
        Fact::Contradictory { .. } => ", expiry disputed".to_owned(),
        Fact::Unknown { .. } if instance.edition.value() == Some(&Edition::Standard) => {
            String::new()
        }
        Fact::Unknown { .. } => ", expiry not known".to_owned(),
    };
    let mut out = format!("{edition}{expiry}\n");
    if instance.edition.value() != Some(&Edition::Standard) {
        out.push_str(&action(instance, reader));
    }
    out
}

/// The Post-expiration Action, who looked and when.
pub(super) fn action(instance: &Instance, reader: &Reader) -> String {
    let (action, remark) = fact::cells(instance, FactKind::Action, reader);
    // Only what a person has seen counts: other sources are named.
    let remark = remark.trim_start_matches("attested by ");
    format!("  action  {action}, {remark}\n")
}

/// The most of a reason that is on a card: with who gave it, two lines of a phone. `change N` has all of it.
const REASON_ON_A_CARD: usize = 55;

/// Who opened a change, and what for.
pub(super) fn opened(change: &Change) -> String {
    let mut reason = change::reason(change);
    if reason.chars().count() > REASON_ON_A_CARD {
        reason = reason.chars().take(REASON_ON_A_CARD).collect();
        reason.push_str("…”");
    }
    format!("  opened  {}{reason}\n", change::opened_by(change))
}

/// The approvals of an open request, and the people that one has to be from, or does not count of. When it lapses is left out where
/// a team is named: that is one line of a phone less, and the change's card says it.
pub(super) fn approvals_asked(
    change: &Change,
    request: &Request,
    team: Option<&TeamName>,
    reader: &Reader,
) -> String {
    let given: Vec<&Approval> = request.counted(change, reader.now).collect();
    let who: Vec<&Person> = given.iter().map(|given| &given.by).collect();
    let is_of = |team: &TeamName| given.iter().any(|given| given.team.as_ref() == Some(team));
    let missing = match team.filter(|team| !is_of(team)) {
        Some(team) => format!("needs one from {team}"),
        None => lapses(request, reader),
    };
    let opener = change.opener();
    let others = change.owners.iter().filter(|it| it.id != opener.id);
    let except = match others.clone().next() {
        Some(_) => format!(", not from {}", approval::names(others)),
        None => String::new(),
    };
    format!(
        "  approvals  {}, {missing}{except}\n",
        counted(&who, request.needed)
    )
}

/// When the request lapses; the approvals have times of their own.
fn lapses(request: &Request, reader: &Reader) -> String {
    format!("request lapses {}", reader.relative(request.lapses_at()))
}

/// Approvals and observers.
fn people(case: &Case, change: &Change, reader: &Reader) -> String {
    let Some(request) = &change.request else {
        return String::new();
    };
    let mut out = format!(
        "  approvals  {}\n",
        approvals(case, change, request, reader)
    );
    if request.observers > 0 {
        let observers = match &change.before_standard {
            // Standard Edition has no action, so that nobody has looked at it.
            Some(before) => {
                let exit = change.record(Step::Unsubscribe);
                let at = exit.map_or(reader.now, |exit| exit.at);
                before.observers_at(LONGEST_FOR_UNSUBSCRIBE, at)
            }
            None => observers_of(case, reader),
        };
        let observers = counted(&observers, request.observers);
        let _ = writeln!(out, "  observers  {observers}");
    }
    out
}

/// The observers that count, of those that are needed.
fn observers(case: &Case, request: &Request, reader: &Reader) -> String {
    counted(&observers_of(case, reader), request.observers)
}

/// The observers that count: those whose look is not too old.
fn observers_of<'a>(case: &'a Case, reader: &Reader) -> Vec<&'a Person> {
    let seen = case
        .instance
        .fresh_observations(LONGEST_FOR_UNSUBSCRIBE, reader.now);
    seen.map(|observation| &observation.by).collect()
}

/// When the instance expires.
pub(super) fn expires(instance: &Instance, reader: &Reader) -> String {
    let expiry = match instance.expires.value() {
        Some(at) => format!("{}, {}", reader.date(*at), reader.relative(*at)),
        None => fact::cells(instance, FactKind::Expires, reader).0,
    };
    format!("  expires  {expiry}\n")
}

/// The Downgrade that somebody has seen, while that look counts.
pub(super) fn seen_on_downgrade<'a>(
    instance: &'a Instance,
    reader: &Reader,
) -> Option<&'a Known<PostExpirationAction>> {
    let mut looks = instance.fresh_observations(LONGEST_FOR_UNSUBSCRIBE, reader.now);
    let known = instance.action.known()?;
    let is_downgrade = known.value == PostExpirationAction::Downgrade;
    (is_downgrade && looks.next().is_some()).then_some(known)
}

/// The observers, and when the last one looked; the action too, while nobody's look at Downgrade counts.
pub(super) fn looks(case: &Case, request: &Request, reader: &Reader) -> String {
    let instance = &case.instance;
    match seen_on_downgrade(instance, reader).filter(|_| request.observers > 0) {
        Some(known) => format!(
            "  observers  {}, {}\n",
            observers(case, request, reader),
            reader.relative(known.at)
        ),
        None if request.observers > 0 => format!(
            "{}  observers  {}\n",
            action(instance, reader),
            observers(case, request, reader)
        ),
        None => action(instance, reader),
    }
}

/// The people that count, of those that are needed: `1/2 bob`, and `3 (2 needed) bob, carol, dave`.
fn counted(people: &[&Person], needed: u8) -> String {
    let names: Vec<String> = people.iter().map(ToString::to_string).collect();
    let count = match names.len() {
        more if more > usize::from(needed) => format!("{more} ({needed} needed)"),
        so_far => format!("{so_far}/{needed}"),
    };
    let counted = format!("{count} {}", names.join(", "));
    counted.trim_end().to_owned()
}

pub(super) fn approvals(
    case: &Case,
    change: &Change,
    request: &Request,
    reader: &Reader,
) -> String {
    let counted: Vec<_> = match request.state {
        RequestState::Open => request.counted(change, reader.now).collect(),
        _ => request.approvals.iter().collect(),
    };
    let who: Vec<&Person> = counted.iter().map(|given| &given.by).collect();
    let state = match request.state {
        RequestState::Open if case.is_approved(reader.now) => String::new(),
        RequestState::Open => {
            let team = approval::team_missing(case, request);
            let team =
                team.map_or_else(String::new, |team| format!(", one from {team} is missing"));
            format!("{team}, {}", lapses(request, reader))
        }
        RequestState::Lapsed => ", lapsed".to_owned(),
        RequestState::Void => ", void".to_owned(),
        // Who holds the permit, or what is next, stands below.
        RequestState::Used => String::new(),
        RequestState::Missed => ", NOT APPROVED, it happened all the same".to_owned(),
    };
    format!("{}{state}", self::counted(&who, request.needed))
}

/// `✓ set-action  ▶ unsubscribe  · verify-standard`
fn steps(change: &Change, next: Option<Step>) -> String {
    let marks = change::all_steps(change)
        .into_iter()
        .map(|step| format!("{} {step}", mark(change, step, next)));
    marks.collect::<Vec<_>>().join("  ")
}

fn mark(change: &Change, step: Step, next: Option<Step>) -> char {
    match next {
        _ if change::is_behind(change, step, next) => '✓',
        Some(next) if next == step => '▶',
        _ => '·',
    }
}

/// The next step and the person it waits for, in the words of the buttons.
fn next_line(case: &Case, change: &Change, next: Option<Step>, reader: &Reader) -> String {
    let Some(step) = next.filter(|_| change.is_open()) else {
        return String::new();
    };
    let what = match step {
        _ if let Some(step) = case.withdrawn_in_doubt() => remedy::whether_done(
            change.number,
            step,
            " --outside --reason TEXT",
            &case.instance,
        ),
        _ if let Some(first) = remedy::before_next(case, reader.now) => first,
        _ if let Some(again) = remedy::look_again(case, reader.now) => again,
        step if case.unknown_outcome() == Some(step) => format!(
            "look; press I {} if it happened, else {}",
            done(step),
            permit_ahead(case, change, step, reader)
        ),
        Step::Upgrade | Step::SetAction | Step::Unsubscribe => match change.permit_out(step) {
            Some(permit) => format!(
                "{} holds the permit to {}, which ends {}",
                permit.holder,
                doing(step),
                permit::ends_soon(case, permit, reader)
            ),
            None => permit_ahead(case, change, step, reader),
        },
        Step::RecordExpiry => "say when it expires: the date that the console shows".to_owned(),
        Step::ChooseAction => {
            "decide what happens to it at expiry, and say what the console shows".to_owned()
        }
        Step::AwaitExpiry => expiry_ahead(case, change, reader),
        Step::VerifyStandard => "press Console shows Standard, and say what it shows".to_owned(),
    };
    format!("Next: {what}.")
}

/// The purpose of a permit, as on its button.
const fn doing(step: Step) -> &'static str {
    match step {
        Step::SetAction => "set Downgrade",
        Step::Unsubscribe => "unsubscribe",
        _ => "upgrade",
    }
}

/// The remaining work before an expiry: approvals first, then an observation that is fresh when it comes (rule `action-known`).
fn expiry_ahead(case: &Case, change: &Change, reader: &Reader) -> String {
    let request = case.request_unanswered(reader.now);
    if let Some(missing) =
        request.and_then(|request| approvals_to_go(case, change, request, reader))
    {
        return format!("{missing}, then the expiry");
    }
    match case.instance.expires.value() {
        None => "wait; somebody has to say when it expires".to_owned(),
        Some(at) if remedy::is_look_fresh_at_expiry(case) => {
            format!("wait for the expiry, {}", reader.date(*at))
        }
        Some(at) => format!(
            "look again in the last 7 days before the expiry, {}",
            reader.date(*at)
        ),
    }
}

/// The approvals that an open request still needs; `None` where it has them.
fn approvals_to_go(
    case: &Case,
    change: &Change,
    request: &Request,
    reader: &Reader,
) -> Option<String> {
    if case.is_approved(reader.now) {
        return None;
    }
    let given = request.counted(change, reader.now).count();
    let missing = usize::from(request.needed).saturating_sub(given);
    let missing = u8::try_from(missing).unwrap_or(u8::MAX);
    Some(match approval::team_missing(case, request) {
        Some(team) if missing == 0 => format!("an approval from {team}"),
        _ => format!("{} to go", approval::count(missing, "approval")),
    })
}

/// The step done under a permit, as on its button.
const fn done(step: Step) -> &'static str {
    match step {
        Step::SetAction => "set Downgrade",
        Step::Unsubscribe => "unsubscribed it",
        _ => "upgraded it",
    }
}

fn permit_ahead(case: &Case, change: &Change, step: Step, reader: &Reader) -> String {
    let take = format!("take the permit to {}", doing(step));
    let Some(request) = change
        .request
        .as_ref()
        .filter(|request| request.step == step)
    else {
        return take;
    };
    if request.state != RequestState::Open {
        return "the permit asks for approval again".to_owned();
    }
    if let Some(missing) = approvals_to_go(case, change, request, reader) {
        return format!("{missing}, then the permit");
    }
    if !case.is_observed(request, reader.now) {
        return "another person looks at the action and presses Approve to say what it shows"
            .to_owned();
    }
    take
}
