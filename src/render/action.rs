//! The buttons of a message; each runs a command that could be typed.

use std::fmt::Write as _;

use super::notice::Settles;
use crate::answer::Teachable;
use crate::command::{When, WordingWord};
use crate::domain::Timestamp;
use crate::domain::approval::{Request, RequestState};
use crate::domain::case::Case;
use crate::domain::change::{ChangeKind, Route, Step};
use crate::domain::concern::{Concern, ConcernKind, Remedy};
use crate::domain::effect::{Action, Asks, Tone};
use crate::domain::id::InstanceId;
use crate::domain::instance::{Edition, Instance, PostExpirationAction};
use crate::domain::notice::{Beside, DateRole, NoticeKind, NoticeRecord};
use crate::domain::rules::RuleId;
use crate::domain::team::Limits;

/// The buttons of a change. Each keeps its place while the change is open, so that no other button appears under a finger about
/// to click; one that would do nothing for anybody at this moment is switched off.
pub fn of_change(case: &Case, next: Option<Step>, now: Timestamp) -> Vec<Action> {
    let Some(change) = case.open_change() else {
        return Vec::new();
    };
    let number = change.number;
    let is_forbidden = case.forbids_next(&Limits::default(), now).is_some();
    let unanswered = case.request_unanswered(now);
    let [approve, reject] = decisions(case, change.request.as_ref(), now);
    let waits = unanswered.map(|request| request.step);
    let steps: &[Step] = match change.kind {
        ChangeKind::Upgrade => &[Step::Upgrade, Step::RecordExpiry, Step::ChooseAction],
        ChangeKind::Downgrade(Route::Unsubscribe) => {
            &[Step::SetAction, Step::Unsubscribe, Step::VerifyStandard]
        }
        ChangeKind::Downgrade(Route::Expiry) => {
            &[Step::SetAction, Step::AwaitExpiry, Step::VerifyStandard]
        }
    };
    let steps = steps.iter().flat_map(|step| {
        let actions = step_actions(number, *step, &case.instance.id);
        let has_permit = change.permit_was_shown(*step);
        let of_permit = step.permit_intent().is_some();
        actions.into_iter().enumerate().map(move |(nth, action)| {
            // A step with a permit can only be confirmed after one was given, and there is none while approvals are missing.
            let is_early = of_permit
                && match nth {
                    0 => is_forbidden || waits == Some(*step),
                    _ => !has_permit,
                };
            // Once it has expired, the look that its change waited for is still asked for.
            let is_late = *step == Step::AwaitExpiry && case.waits_past_expiry(now).is_some();
            Action {
                enabled: (next == Some(*step) && !is_early) || is_late,
                row: 1,
                ..action
            }
        })
    });
    let others = [
        action("Why", format!("why #{number}"), Asks::Nothing, Tone::Plain),
        action(
            "Cancel",
            format!("cancel {number}"),
            Asks::Reason,
            Tone::Plain,
        ),
    ];
    let others = others.map(|action| Action { row: 2, ..action });
    [approve, reject]
        .into_iter()
        .chain(steps)
        .chain(others)
        .collect()
}

/// The buttons of a change's next step that do something at this moment, where it is said that the one before it is done.
pub fn of_step(case: &Case, next: Option<Step>, now: Timestamp) -> Vec<Action> {
    let actions = of_change(case, next, now).into_iter();
    actions
        .filter(|action| action.row == 1 && action.enabled)
        .collect()
}

/// The buttons of one step: for its permit, if it needs one, and for its confirmation.
fn step_actions(number: u64, step: Step, id: &InstanceId) -> Vec<Action> {
    let permit = |label| action(label, format!("next {number}"), Asks::Nothing, Tone::Strong);
    let line = format!("confirm {number} {step}");
    let done = |label, asks| action(label, line.clone(), asks, Tone::Good);
    match step {
        Step::Upgrade => vec![
            permit("Permit to upgrade"),
            done("I upgraded it", Asks::Nothing),
        ],
        Step::RecordExpiry => vec![done("When it expires", Asks::Expiry)],
        // This step is confirmed by attesting the action.
        Step::ChooseAction => seen(id, "Console shows Downgrade", Tone::Plain).into(),
        Step::SetAction => vec![
            permit("Permit to set Downgrade"),
            done("I set Downgrade", Asks::Nothing),
        ],
        Step::Unsubscribe => vec![
            Action {
                asks: Asks::Name,
                ..permit("Permit to unsubscribe")
            },
            done("I unsubscribed it", Asks::Nothing),
        ],
        // Nobody confirms an expiry: what counts is a look at the action shortly before it.
        Step::AwaitExpiry => seen(id, "Still Downgrade", Tone::Plain).into(),
        Step::VerifyStandard => vec![Action {
            tone: Tone::Good,
            ..edition_of(Some(number), id)
        }],
    }
}

/// The button that reports a step as done, such as under its permit.
pub fn of_permit(number: u64, step: Step, id: &InstanceId) -> Vec<Action> {
    let actions = step_actions(number, step, id).into_iter();
    let of_permit = usize::from(step.permit_intent().is_some());
    actions.skip(of_permit).collect()
}

/// The two actions that the console can show. Downgrade by mistake would keep warnings away, so it is asked about; Delete would not.
fn seen(id: &InstanceId, downgrade: &str, tone: Tone) -> [Action; 2] {
    let delete = match tone {
        Tone::Good => Tone::Bad,
        other => other,
    };
    let line = |word: &str| format!("action {id} {word}");
    [
        action(downgrade, line("downgrade"), Asks::WhatIsSeen, tone),
        action(
            "Console shows Delete",
            line("delete"),
            Asks::Nothing,
            delete,
        ),
    ]
}

/// A look at the action. *Still Downgrade* is offered only if Downgrade is known.
fn looks(id: &InstanceId, known: Option<PostExpirationAction>) -> [Action; 2] {
    match known {
        Some(PostExpirationAction::Downgrade) => seen(id, "Still Downgrade", Tone::Good),
        Some(PostExpirationAction::Delete) | None => {
            seen(id, "Console shows Downgrade", Tone::Plain)
        }
    }
}

/// The buttons of a reminder of one instance: what silences it, and the answers to what is open of it. The acknowledgement and the
/// snooze apply only to the expiry it is about.
pub fn of_reminder(instance: &Instance, of: Option<Timestamp>, open: &[Concern]) -> Vec<Action> {
    let id = &instance.id;
    let about = of.map_or_else(String::new, |of| format!(" --about {}", When::Exact(of)));
    let plain = |label, line| action(label, line, Asks::Nothing, Tone::Plain);
    let silences = [
        action(
            "I know of it",
            format!("ack {id}{about}"),
            Asks::Nothing,
            Tone::Strong,
        ),
        plain("Snooze 4 h", format!("snooze {id} 4h{about}")),
        plain("Snooze 1 d", format!("snooze {id} 1d{about}")),
        plain(
            "Snooze until the next reminder",
            format!("snooze {id} 90d{about}"),
        ),
        plain("Next step", format!("next {id}")),
    ];
    let answers = answers(instance, open);
    let answers = answers
        .into_iter()
        .map(|action| Action { row: 1, ..action });
    silences.into_iter().chain(answers).collect()
}

/// Discord's limit for the buttons of a row.
const OF_ROW: usize = 5;

/// The answers to what is open of an instance, worst first. While the outcome of an exit is in doubt, neither its expiry nor its
/// action is asked for.
fn answers(instance: &Instance, open: &[Concern]) -> Vec<Action> {
    let id = &instance.id;
    let mut answers: Vec<Action> = Vec::new();
    for answer in open.iter().flat_map(|concern| answers_to(concern, id)) {
        if !answers.iter().any(|held| held.label == answer.label) {
            answers.push(answer);
        }
    }
    if !open.iter().any(|concern| concern.kind.is_urgent()) {
        answers.extend(looks(id, instance.action.value().copied()));
        if !answers.iter().any(|held| held.asks == Asks::Expiry) {
            answers.push(expiry_of(id));
        }
    }
    answers.truncate(OF_ROW);
    answers
}

/// The answers that settle a concern, but for those that each reminder has.
fn answers_to(concern: &Concern, id: &InstanceId) -> Vec<Action> {
    match concern.way {
        Remedy::SayExpiry => vec![expiry_of(id)],
        Remedy::SayEdition | Remedy::SayWhatBecame | Remedy::SayWhetherDone { open: false, .. } => {
            vec![edition_of(None, id)]
        }
        Remedy::SayWhetherStandard { change } => vec![edition_of(Some(change), id)],
        Remedy::Confirm { change, step } if concern.kind == ConcernKind::StepOutcomeUnknown => {
            let done = of_permit(change, step, id).into_iter();
            done.chain([did_not_happen(step, id)]).collect()
        }
        Remedy::Confirm { change, step } => of_permit(change, step, id),
        Remedy::SayWhetherDone {
            change,
            step,
            open: true,
        } => {
            let line = format!("confirm {change} {step} --outside");
            let done = action("It happened", line, Asks::Reason, Tone::Plain);
            vec![done, did_not_happen(step, id)]
        }
        Remedy::Reopen { change, step } => {
            let line = format!("reopen {change} {step}");
            vec![action("Reopen", line, Asks::Reason, Tone::Bad)]
        }
        Remedy::SayWhetherGone {
            number,
            of_several: false,
        } => vec![still_there(number), edition_of(None, id)],
        Remedy::SayWhetherGone { .. } => vec![edition_of(None, id)],
        Remedy::SayAction
        | Remedy::SayFacts
        | Remedy::SwitchOff
        | Remedy::Downgrade
        | Remedy::Next { .. }
        | Remedy::Approve { .. }
        | Remedy::Notice { .. }
        | Remedy::SayWhetherThere => Vec::new(),
    }
}

/// That a step of which nobody has reported was not carried out: the edition is the one before it.
fn did_not_happen(step: Step, id: &InstanceId) -> Action {
    let before = match step.leads_to() {
        Some(Edition::Platinum) => Edition::Standard,
        Some(Edition::Standard) | None => Edition::Platinum,
    };
    let line = format!("instance set {id} --edition {}", before.as_str());
    action("It did not happen", line, Asks::Nothing, Tone::Plain)
}

/// The question for the edition that the console shows: Standard, still Platinum, or gone. It confirms the last step of a
/// change.
fn edition_of(change: Option<u64>, id: &InstanceId) -> Action {
    let change = change.map_or_else(|| "-".to_owned(), |number| number.to_string());
    let line = format!("{change} {id}");
    action("Console shows Standard", line, Asks::Edition, Tone::Plain)
}

fn expiry_of(id: &InstanceId) -> Action {
    let line = format!("instance set {id}");
    action("When it expires", line, Asks::Expiry, Tone::Plain)
}

fn still_there(notice: u64) -> Action {
    let line = format!("notice {notice} still-there");
    action("Still there", line, Asks::Nothing, Tone::Plain)
}

/// The most instances that the menus of a message offer: five of 25 by Discord's limits, or four and a button.
const OFFERED: usize = 125;
const OFFERED_BESIDE_BUTTON: usize = 100;

/// The choice among the instances of a message; it leads to the planned reminders with their buttons. Those that the menus cannot
/// hold are behind a button, in pages with menus of their own.
pub fn of_reminders<'a>(instances: impl IntoIterator<Item = &'a Instance>) -> Vec<Action> {
    let choice = |instance: &Instance| {
        let line = format!("reminders {}", instance.id);
        action(&instance.called(), line, Asks::Choice, Tone::Plain)
    };
    let mut all: Vec<Action> = instances.into_iter().map(choice).collect();
    if all.len() > OFFERED {
        all.truncate(OFFERED_BESIDE_BUTTON);
        let each = "todo --each".to_owned();
        all.push(action("List each", each, Asks::Nothing, Tone::Plain));
    }
    all
}

/// The button under the message that calls the owner of a change for an approved step: for the permit, unless looks are missing or
/// the rules forbid it.
pub(super) fn of_approved(case: &Case, request: &Request, now: Timestamp) -> Vec<Action> {
    let number = case.open_number().unwrap_or_default();
    let is_free = case.forbids_next(&Limits::default(), now).is_none();
    let needs_permit =
        request.step.permit_intent().is_some() && case.is_observed(request, now) && is_free;
    let actions = step_actions(number, request.step, &case.instance.id).into_iter();
    actions.take(usize::from(needs_permit)).collect()
}

/// The buttons of a request for approvals.
pub(super) fn of_request(case: &Case, request: &Request, now: Timestamp) -> Vec<Action> {
    let number = case.open_number().unwrap_or_default();
    let why = action("Why", format!("why #{number}"), Asks::Nothing, Tone::Plain);
    decisions(case, Some(request), now)
        .into_iter()
        .chain([why])
        .collect()
}

/// Approval and rejection, for this request only. Standard Edition has no action that an approver could look at. Where the rules
/// forbid the step, or enough people have approved and looked, approving does nothing; rejecting still ends the change, also while
/// somebody holds the permit.
fn decisions(case: &Case, request: Option<&Request>, now: Timestamp) -> [Action; 2] {
    let number = case.open_number().unwrap_or_default();
    let serial = request.map_or(0, |request| request.serial);
    let asks = match case.open_change().map(|change| change.kind) {
        Some(ChangeKind::Upgrade) | None => Asks::Nothing,
        Some(ChangeKind::Downgrade(_)) => Asks::WhatIsSeen,
    };
    let counts = case.request_unanswered(now).is_some();
    let change = case.open_change();
    let is_out = |step| change.is_some_and(|change| change.permit_out(step).is_some());
    let can_stop =
        request.is_some_and(|request| request.state == RequestState::Open || is_out(request.step));
    // Where only looks are missing, an approval is one.
    let is_look = request.is_some_and(|it| case.is_approved(now) && !case.is_observed(it, now));
    let label = if is_look { "I looked" } else { "Approve" };
    let approve = format!("approve {number} --request {serial}");
    let reject = format!("reject {number} --request {serial}");
    [
        Action {
            enabled: counts && case.forbids_next(&Limits::default(), now).is_none(),
            ..action(label, approve, asks, Tone::Good)
        },
        Action {
            enabled: can_stop,
            ..action("Reject", reject, Asks::Reason, Tone::Bad)
        },
    ]
}

/// The buttons of a raised notice: with exactly one instance also for the facts that settle it. Without one, *Why* explains the
/// rule.
pub fn of_notice(
    filed: &NoticeRecord,
    known: &[Instance],
    beside: &[Beside],
    now: Timestamp,
) -> Vec<Action> {
    let why = match filed.instances.as_slice() {
        [one] => format!("why {one}"),
        _ => format!("rule {}", RuleId::ReleaseNoticeRedundant.as_str()),
    };
    let why = action("Why", why, Asks::Nothing, Tone::Plain);
    let mut actions = if filed.pages(known) {
        vec![why]
    } else {
        let ack = format!("ack notice {}", filed.number);
        vec![
            action("I know of it", ack, Asks::Nothing, Tone::Strong),
            why,
        ]
    };
    if filed.read.kind == NoticeKind::Gone && !filed.calls_several_gone() {
        actions.push(still_there(filed.number));
    }
    let facts = match known {
        [one] if filed.read.kind == NoticeKind::Gone && one.is_tracked() => {
            let beside = beside.iter().find(|beside| beside.instance == one.id);
            what_became_of_it(&one.id, beside).into()
        }
        [one] => facts_of_notice(filed, one, now),
        several => of_reminders(several.iter().filter(|one| one.is_tracked())),
    };
    let facts = facts.into_iter().map(|action| Action { row: 1, ..action });
    actions.into_iter().chain(facts).collect()
}

/// The answers to a notice of something gone, but for *Still there*.
fn what_became_of_it(id: &InstanceId, beside: Option<&Beside>) -> [Action; 2] {
    let (line, asks) = match beside.and_then(|beside| beside.unsubscribes) {
        Some(change) => (
            format!("confirm {change} unsubscribe --outside"),
            Asks::Reason,
        ),
        None => (
            format!("instance set {id} --edition standard"),
            Asks::Nothing,
        ),
    };
    let lost = format!("instance lost {id}");
    [
        action("It is gone", lost, Asks::Reason, Tone::Bad),
        action("It is Standard now", line, asks, Tone::Plain),
    ]
}

/// The buttons that supply the facts which settle a notice.
fn facts_of_notice(filed: &NoticeRecord, instance: &Instance, now: Timestamp) -> Vec<Action> {
    let id = &instance.id;
    let looks = || looks(id, instance.action.value().copied());
    let next = action(
        "Next step",
        format!("next {id}"),
        Asks::Nothing,
        Tone::Plain,
    );
    match Settles::of(filed, instance, now) {
        // Somebody has to look at the edition.
        None if instance.expired_at(now).is_some() && instance.is_tracked() => {
            vec![edition_of(None, id)]
        }
        None => Vec::new(),
        Some(Settles::Action) => looks().into_iter().chain([next]).collect(),
        Some(Settles::Expiry) => vec![expiry_of(id), next],
        Some(Settles::ExpiryAndAction) => [expiry_of(id)].into_iter().chain(looks()).collect(),
    }
}

/// The button that shows a notice's wording, with the buttons of [`of_wording`].
pub fn of_offer(filed: &NoticeRecord) -> Action {
    let line = format!("wording {}", filed.number);
    action("Teach its wording", line, Asks::Nothing, Tone::Plain)
}

/// The buttons for teaching a wording; with two dates, one for each order.
pub fn of_wording(it: &Teachable) -> Vec<Action> {
    let Ok(offer) = &it.offer else {
        return Vec::new();
    };
    let kinds = [
        ("A release", WordingWord::Release),
        ("An expiry", WordingWord::Expiry),
        ("Something else", WordingWord::Other),
    ];
    let kinds = kinds
        .into_iter()
        .filter(|(_, kind)| *kind != WordingWord::Release || offer.objections.is_empty());
    let firsts: &[Option<DateRole>] = if super::wording::has_two_dates(&offer.learnt) {
        &[Some(DateRole::Release), Some(DateRole::Expiry)]
    } else {
        &[None]
    };
    let each = kinds.flat_map(|(label, kind)| {
        firsts.iter().map(move |first| {
            let mut label = label.to_owned();
            let mut line = format!("wording {} {}", it.filed.number, kind.as_str());
            if let Some(first) = first {
                let _ = write!(label, "; the first date is the {first}");
                let _ = write!(line, " --first {first}");
            }
            action(&label, line, Asks::Nothing, Tone::Plain)
        })
    });
    each.collect()
}

fn action(label: &str, line: String, asks: Asks, tone: Tone) -> Action {
    Action {
        label: label.to_owned(),
        line,
        asks,
        tone,
        row: 0,
        enabled: true,
    }
}
