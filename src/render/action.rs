//! What can be done next to a message, where the chat has buttons: each is a command that could be typed.

use crate::command::When;
use crate::domain::Timestamp;
use crate::domain::approval::RequestState;
use crate::domain::case::Case;
use crate::domain::change::Step;
use crate::domain::effect::{Action, Asks, Tone};
use crate::domain::id::InstanceId;
use crate::domain::notice::{Filed, NoticeKind};
use crate::domain::rules::RuleId;

/// What can be done about a change.
pub fn of_change(case: &Case, next: Option<Step>) -> Vec<Action> {
    let Some(change) = case.open_change() else {
        return Vec::new();
    };
    let number = change.number;
    let mut actions = Vec::new();
    let request = change.request.as_ref();
    if let Some(request) = request.filter(|request| request.state == RequestState::Open) {
        actions.extend(decisions(number, request.serial));
    }
    if let Some(step) = next {
        actions.extend(step_actions(number, step, &case.instance.id));
    }
    actions.push(action(
        "Why",
        format!("why #{number}"),
        Asks::Nothing,
        Tone::Plain,
    ));
    actions.push(action(
        "Cancel",
        format!("cancel {number}"),
        Asks::Reason,
        Tone::Plain,
    ));
    actions
}

fn step_actions(number: u64, step: Step, id: &InstanceId) -> Vec<Action> {
    if step == Step::ChooseAction {
        // It is done by saying what one sees.
        return vec![
            action(
                "It says Downgrade",
                format!("action {id} downgrade"),
                Asks::Nothing,
                Tone::Good,
            ),
            action(
                "It says Delete",
                format!("action {id} delete"),
                Asks::Nothing,
                Tone::Bad,
            ),
        ];
    }
    let confirm = format!("confirm {number} {}", step.as_str());
    let asks = match step {
        Step::RecordExpiry => Asks::Expiry,
        _ => Asks::Nothing,
    };
    let confirmed = action("Confirm step", confirm, asks, Tone::Good);
    if step.permit_intent().is_none() {
        return vec![confirmed];
    }
    let permit = format!("next {number}");
    vec![
        action("Get permit", permit, Asks::Nothing, Tone::Strong),
        confirmed,
    ]
}

/// What can be done about a reminder of one instance. What silences it holds for the expiry it is about, and for no later
/// one.
pub fn of_reminder(id: &InstanceId, of: Option<Timestamp>) -> Vec<Action> {
    let about = of.map_or_else(String::new, |of| format!(" --about {}", When::Exact(of)));
    let plain = |label, line| action(label, line, Asks::Nothing, Tone::Plain);
    vec![
        action(
            "Ack",
            format!("ack {id}{about}"),
            Asks::Nothing,
            Tone::Strong,
        ),
        plain("Snooze 4 h", format!("snooze {id} 4h{about}")),
        plain("Snooze 1 d", format!("snooze {id} 1d{about}")),
        plain("Snooze until the next", format!("snooze {id} 90d{about}")),
        plain("Next step", format!("next {id}")),
        action(
            "Still Downgrade",
            format!("action {id} downgrade"),
            Asks::Nothing,
            Tone::Good,
        ),
        action(
            "It says Delete",
            format!("action {id} delete"),
            Asks::Nothing,
            Tone::Bad,
        ),
    ]
}

/// Which of several instances of a message something is to be done about: what is planned for it comes with the buttons
/// of a reminder.
pub fn of_reminders<'a>(
    instances: impl IntoIterator<Item = (&'a InstanceId, &'a str)>,
) -> Vec<Action> {
    let choice = |(id, name): (&InstanceId, &str)| {
        let line = format!("reminders {id}");
        action(name, line, Asks::Choice, Tone::Plain)
    };
    instances.into_iter().map(choice).collect()
}

/// What can be done where a step waits for approval.
pub fn of_request(number: u64, request: u32) -> Vec<Action> {
    let why = action("Why", format!("why #{number}"), Asks::Nothing, Tone::Plain);
    decisions(number, request)
        .into_iter()
        .chain([why])
        .collect()
}

/// The two ways to decide a request; neither means a later one.
fn decisions(number: u64, request: u32) -> [Action; 2] {
    let of = format!("--request {request}");
    [
        action(
            "Approve",
            format!("approve {number} {of}"),
            Asks::WhatIsSeen,
            Tone::Good,
        ),
        action(
            "Reject",
            format!("reject {number} {of}"),
            Asks::Reason,
            Tone::Bad,
        ),
    ]
}

/// What can be done about a notice that is raised: take note of it, and ask why it means something. Where it is not about
/// one instance, the rule is all there is to say.
pub fn of_notice(filed: &Filed) -> Vec<Action> {
    let why = match filed.instances.as_slice() {
        [one] => format!("why {one}"),
        _ => format!("rule {}", RuleId::ReleaseNoticeRedundant.as_str()),
    };
    let ack = format!("ack notice {}", filed.number);
    let mut actions = vec![
        action("Ack", ack, Asks::Nothing, Tone::Strong),
        action("Why", why, Asks::Nothing, Tone::Plain),
    ];
    if filed.read.kind == NoticeKind::Gone {
        let there = format!("notice {} still-there", filed.number);
        actions.push(action("Still there", there, Asks::Nothing, Tone::Plain));
    }
    actions
}

fn action(label: &str, line: String, asks: Asks, tone: Tone) -> Action {
    Action {
        label: label.to_owned(),
        line,
        asks,
        tone,
    }
}
