//! Refusals: the mistake, the reason and the next step.

use std::fmt::Write as _;

use super::approval;
use super::authority::roles;
use super::change::{self, kind, status_said};
use super::error;
use super::event;
use super::finding;
use super::handle;
use super::notice;
use super::time::Reader;
use crate::domain::Timestamp;
use crate::domain::authority::{Permission, needed};
use crate::domain::case::{Case, Refusal};
use crate::domain::change::{ChangeKind, Status, Step};
use crate::domain::event::Event;
use crate::domain::instance::Tracking;
use crate::domain::rules::{Intent, Verdict};
use crate::domain::team::Limits;

/// A refusal in full: with the withdrawal of a permit, and what is open about the step reported as done.
pub(super) fn refused(
    case: &Case,
    refused: &Refusal,
    because: &[Event],
    confirming: Option<Step>,
    reader: &Reader,
) -> String {
    let mut out = refusal(case, refused, reader);
    if !because.is_empty() {
        let history = event::history(because, reader);
        out.push_str(&format!("\n{}", history.trim_end()));
    }
    out.push_str(&if_it_happened(case, refused, confirming));
    if let Some(open) = case.open_change()
        && let Some(step) = case.unknown_outcome()
        && !says_doubt(refused)
    {
        let doubt = match refused {
            Refusal::NeedsApproval(_) => change::doubt_while_asked(open, step),
            _ => change::doubt(open, step),
        };
        out.push_str(&format!("\n{doubt}"));
    }
    out
}

/// Whether the refusal itself says that nobody knows whether the step happened.
const fn says_doubt(refused: &Refusal) -> bool {
    matches!(
        refused,
        Refusal::NothingAsked {
            unsaid: Some(_),
            ..
        }
    )
}

fn refusal(case: &Case, refusal: &Refusal, reader: &Reader) -> String {
    let name = case.instance.called();
    let handle = handle(&case.instance);
    let number = case.number().unwrap_or_default();
    let head = finding::headline(refusal.outcome());
    if let Some(said) = approval::refusal(case, refusal, reader) {
        return said;
    }
    match refusal {
        Refusal::Rules {
            intent,
            verdict,
            first,
            may_open,
        } => by_rules(case, *intent, verdict, *first, *may_open, reader),
        Refusal::OpenChange { number, kind: open } => format!(
            "{head}: {name} has an open change already, #{number} ({}). One at a time: `next {number}` continues it, `cancel {number} --reason TEXT` ends it.",
            kind(*open)
        ),
        Refusal::PermitHeld {
            step,
            holder,
            until,
        } => format!(
            "{head}: {holder} holds the permit for `{step}` of {name} (#{number}) until {}. Ask {holder} how it went before you do anything.",
            reader.moment(*until)
        ),
        Refusal::OutOfOrder { asked, first, rule } => format!(
            "{head} by {rule}: `{asked}` of {name} (#{number}) comes after `{first}`, which is not done. `next {number}` shows what to do first."
        ),
        Refusal::NeedsPermit(step) => format!(
            "{head}: no permit for `{step}` of {name} (#{number}) was shown. Ask for it first: `next {number}`. If it has happened all the same: `confirm {number} {step} --outside --reason TEXT`."
        ),
        Refusal::NotByHand(step) => not_by_hand(*step, number, case, reader),
        Refusal::WaitsForAction => format!(
            "{head} by release-after-7-days: {name} expired while Downgrade was not known. Look at the console: if the action says Downgrade, `action {handle} downgrade` completes the waiting; if the console shows Standard, which has no action, `instance set {handle} --edition standard`, and a second person says the same; if the instance is gone, `instance lost {handle} --reason TEXT`."
        ),
        Refusal::StepDone { step, at } => {
            let when = at
                .map(|at| format!(" ({})", reader.moment(at)))
                .unwrap_or_default();
            format!("{head}: `{step}` of {name} (#{number}) is done{when}.")
        }
        Refusal::StepNotDone(step) => format!(
            "{head}: `{step}` of {name} (#{number}) is not done, so there is nothing to take back."
        ),
        Refusal::Finished { status: ended, .. } => format!(
            "{head}: #{number} of {name} {}. `change {number}` shows how{}.",
            status_said(
                ended,
                case.change
                    .as_ref()
                    .and_then(|change| change.ended_by.as_ref())
            ),
            after_the_end(case, number, &handle, reader.now)
        ),
        Refusal::NoSuchStep {
            asked,
            kind: change,
        } => format!(
            "{head}: #{number} of {name} has no step `{asked}`. Its steps are {}.",
            change.steps().map(Step::as_str).join(", ")
        ),
        Refusal::NameTheStep(Step::VerifyStandard) => format!(
            "{head}: `verify-standard` of {name} (#{number}) ends the change and its reminders, so name it when the console shows Standard Edition: `confirm {number} verify-standard`."
        ),
        Refusal::NameTheStep(step) => format!(
            "{head}: `{step}` of {name} (#{number}) cannot be undone, so name it: `confirm {number} {step}`."
        ),
        Refusal::ExpiryMissing => format!(
            "{head}: `record-expiry` of {name} (#{number}) takes the date the console shows: `confirm {number} record-expiry --expires 2026-12-31`."
        ),
        Refusal::UnlikelyExpiry(why) => format!(
            "{head}: `record-expiry` of {name} (#{number}). {} If that is intended, repeat it with `--yes-really`.",
            error::unlikely(*why, reader)
        ),
        Refusal::CalledGone { notice, change } => format!(
            "{head} by downgrade-from-platinum: notice {notice} says that {name} is gone already, so the row in the console may be another one. Look there first: if it is still there as it was, `notice {notice} still-there`, then ask again; if it is gone, `instance lost {handle} --reason TEXT`; if somebody unsubscribed it and it is Standard now, {}.",
            notice::unsubscribed(*change, &handle)
        ),
        Refusal::LaterChange(later) => format!(
            "{head}: #{later} of {name} has begun since, from what #{number} led to, so `verify-standard` of #{number} is not taken back. Say what the console shows now: `instance set {handle} --edition <standard|platinum>`."
        ),
        Refusal::ExpiryOnlyForRecordExpiry(Step::Upgrade) => format!(
            "{head}: --expires belongs to `record-expiry` of {name} (#{number}), the step after `upgrade`. Say `confirm {number} upgrade`, then `confirm {number} record-expiry --expires WHEN`."
        ),
        Refusal::ExpiryOnlyForRecordExpiry(step) => format!(
            "{head}: --expires belongs to `record-expiry`, not to `{step}` of {name} (#{number}). Leave it out, or use `instance set {handle} --expires WHEN`."
        ),
        Refusal::OutsideOnlyForPermitSteps(step) => format!(
            "{head}: `--outside` is for steps that need a permit; `{step}` of {name} (#{number}) needs none. Leave `--outside` out."
        ),
        Refusal::PresumedDeleted => format!(
            "{head} by release-after-7-days: seven days after expiry have passed, so #{number} of {name} would fail again at once. If {name} still exists, say what the console shows: `instance set {handle} --expires WHEN` after a renewal, or `--edition standard`."
        ),
        Refusal::PermitWithdrawn(step) => format!(
            "{head}: the permit for `{step}` of {name} (#{number}) was withdrawn before anybody confirmed it. `next {number}` judges it again."
        ),
        Refusal::UpgradeContradicted => format!(
            "{head} by upgrade-from-standard: `upgrade` of {name} (#{number}) is confirmed, and the edition was said to be Standard since. Wait and look again (`instance set {handle} --edition platinum`); if it was never upgraded, `reopen {number} upgrade --reason TEXT`."
        ),
        _ => not_tracked(case, head, reader),
    }
}

fn by_rules(
    case: &Case,
    intent: Intent,
    verdict: &Verdict,
    first: Option<Step>,
    may_open: bool,
    reader: &Reader,
) -> String {
    let head = finding::headline(verdict.outcome);
    let what = finding::intent_of(intent, &case.instance);
    let mut out = format!("{head}: {what}.\n");
    out.push_str(&finding::deciding(verdict, case, reader));
    match (case.open_number(), first) {
        (Some(number), Some(step)) => {
            let _ = write!(out, "First comes `{step}`: `next {number}`.");
        }
        _ if may_open => {
            let _ = write!(
                out,
                "Nothing was opened. `downgrade {} --by unsubscribe` opens the change that leads there step by step.",
                handle(&case.instance)
            );
        }
        _ => out.push_str("Nothing was changed."),
    }
    out
}

fn not_by_hand(step: Step, number: u64, case: &Case, reader: &Reader) -> String {
    let name = case.instance.called();
    let handle = handle(&case.instance);
    match step {
        Step::ChooseAction => format!(
            "Blocked by action-known: `choose-action` of {name} (#{number}) is done by saying what you see. Choose at the vendor, look, then `action {handle} <downgrade|delete>`."
        ),
        Step::AwaitExpiry => {
            let when = case.instance.expires.value().map(|at| reader.moment(*at));
            format!(
                "Blocked by exit-converts: only time completes `await-expiry` of #{number}; {name} expires {}.",
                when.unwrap_or_else(|| "at a time that is not known".to_owned())
            )
        }
        Step::Upgrade
        | Step::RecordExpiry
        | Step::SetAction
        | Step::Unsubscribe
        | Step::VerifyStandard => {
            format!(
                "Blocked: `{step}` of {name} (#{number}) has no permit; `next {number}` says what to do."
            )
        }
    }
}

fn not_tracked(case: &Case, head: &str, reader: &Reader) -> String {
    let name = case.instance.called();
    match &case.instance.tracking {
        Tracking::Lost(ended) => format!(
            "{head}: {name} was recorded as deleted at the vendor by {}, {} (“{}”). If that was a mistake, `instance remove {} --reason TEXT` and add it again.",
            ended.by,
            reader.moment(ended.at),
            ended.reason,
            case.instance.id
        ),
        Tracking::Removed(ended) => format!(
            "{head}: {name} is no longer tracked since {} (“{}”). `instance add {} …` tracks it again.",
            reader.moment(ended.at),
            ended.reason,
            case.instance.id
        ),
        Tracking::Tracked => format!("{head}: there is no change to do this for."),
    }
}

/// The commands that still apply to an ended change: to take back a mistaken confirmation, or to report a fact.
fn after_the_end(case: &Case, number: u64, handle: &str, now: Timestamp) -> String {
    if matches!(case.instance.tracking, Tracking::Lost(_)) {
        return format!(
            "; it is recorded as deleted at the vendor: if that was a mistake, `instance remove {} --reason TEXT` and add it again",
            case.instance.id
        );
    }
    let records = case.change.iter().flat_map(|change| &change.records);
    let done = records.map(|record| record.step);
    let done = done.filter(|step| case.step_is_done(*step, &Limits::default(), now));
    let mut steps: Vec<&str> = done.map(Step::as_str).collect();
    steps.dedup();
    let rejected = case.change.as_ref();
    let rejected = rejected.is_some_and(|change| matches!(change.status, Status::Rejected(_)));
    let taken_back = match steps.as_slice() {
        [] => String::new(),
        [.., last] if rejected => format!(
            "; if it is to go on all the same, {} says `reopen {number} {last} --reason TEXT`, and it is asked for again",
            roles(needed(Permission::Confirm))
        ),
        [step] => {
            format!("; if its confirmation was a mistake, `reopen {number} {step} --reason TEXT`")
        }
        steps => format!(
            "; if a confirmation was a mistake, `reopen {number} STEP --reason TEXT` ({})",
            steps.join(", ")
        ),
    };
    format!(
        "{taken_back}; if something has happened since, say what the console shows: `instance set {handle} --edition <standard|platinum>`, or `instance lost {handle} --reason TEXT`"
    )
}

/// Rules refuse a confirmation only before a permit was shown; a step that happened anyway can still be recorded.
fn if_it_happened(case: &Case, refusal: &Refusal, confirming: Option<Step>) -> String {
    let refused = matches!(
        refusal,
        Refusal::Rules { .. }
            | Refusal::PermitWithdrawn(_)
            | Refusal::NeedsApproval(_)
            | Refusal::NoSuchStep {
                asked: Step::Unsubscribe,
                kind: ChangeKind::Downgrade(_)
            }
    );
    match (case.open_number(), confirming) {
        (Some(number), Some(step)) if refused && step.permit_intent().is_some() => format!(
            "\nIf it has happened all the same: `confirm {number} {step} --outside --reason TEXT`."
        ),
        _ => String::new(),
    }
}
