//! Messages about approvals as they now read: the request or its outcome, and the call of the owner.

use super::{asked, complete, said_by};
use crate::domain::Timestamp;
use crate::domain::approval::{Request, RequestState, Told};
use crate::domain::case::Case;
use crate::domain::change::{Change, Status, Step};
use crate::domain::effect::Action;
use crate::domain::event::EventKind;
use crate::domain::gravity::Gravity;
use crate::render::time::Reader;
use crate::render::{action, approval, change, event};

/// A request for approvals, as it now reads.
pub struct RequestNow {
    pub text: String,
    pub gravity: Gravity,
    /// The buttons.
    pub actions: Vec<Action>,
    /// Whether it will not change any more.
    pub is_settled: bool,
}

/// A request for approvals as it now reads: the request, or its outcome.
pub fn request_now(
    case: &Case,
    serial: u32,
    told: Told,
    moved: &[EventKind],
    reader: &Reader,
) -> RequestNow {
    let request = case
        .change
        .as_ref()
        .and_then(|change| change.request.as_ref());
    let request = request.filter(|request| request.serial == serial);
    let is_open = case.open_change().and_then(Change::request_open);
    let is_open = is_open.is_some_and(|open| open.serial == serial);
    if let Some(request) = request.filter(|_| is_open && !case.is_approved(reader.now)) {
        let text = asked(case, request.step, serial, told, moved, reader);
        if let Ok(text) = text {
            return RequestNow {
                text,
                gravity: Gravity::Waiting,
                actions: of_asked(case, serial, reader.now),
                is_settled: false,
            };
        }
    }
    RequestNow {
        text: outcome(case, request, reader),
        gravity: gravity_of(case, request),
        actions: Vec::new(),
        is_settled: !is_open,
    }
}

/// The buttons of a request for approvals, while it is open.
pub fn of_asked(case: &Case, serial: u32, now: Timestamp) -> Vec<Action> {
    let open = case.open_change().and_then(Change::request_open);
    let open = open.filter(|request| request.serial == serial);
    open.map_or_else(Vec::new, |request| action::of_request(case, request, now))
}

/// The message that calls the owner of a change for an approved step, as it now reads: with the button for the permit, until that
/// is taken.
pub fn call_now(case: &Case, serial: u32, reader: &Reader) -> RequestNow {
    let asked = case
        .change
        .as_ref()
        .and_then(|change| change.request.as_ref());
    let asked = asked.filter(|request| request.serial == serial);
    let open = asked.filter(|request| request.state == RequestState::Open);
    let open = open.filter(|_| case.open_change().is_some());
    let approved = open.filter(|_| case.is_approved(reader.now));
    if let Some(request) = approved
        && let Ok(text) = complete(case, request.step, reader)
    {
        return RequestNow {
            text,
            gravity: Gravity::Waiting,
            actions: action::of_approved(case, request, reader.now),
            is_settled: false,
        };
    }
    let text = match (asked, open) {
        (Some(request), Some(_)) => not_approved_any_more(case, request),
        (Some(request), None) => taken(case, request),
        (None, _) => None,
    };
    RequestNow {
        text: text.unwrap_or_else(|| outcome(case, asked, reader)),
        gravity: Gravity::Informing,
        actions: Vec::new(),
        is_settled: open.is_none(),
    }
}

fn not_approved_any_more(case: &Case, request: &Request) -> Option<String> {
    let (name, number) = (case.instance.called(), case.number()?);
    let step = request.step;
    Some(format!(
        "`{step}` of {name} (#{number}) is not approved any more: the request asks again."
    ))
}

/// That the permit was taken for which the owner was called.
fn taken(case: &Case, request: &Request) -> Option<String> {
    let (name, number) = (case.instance.called(), case.number()?);
    if request.state != RequestState::Used {
        return None;
    }
    if request.step == Step::AwaitExpiry {
        return Some(format!(
            "{name} (#{number}) has expired, as it was approved."
        ));
    }
    let permit = case.change.as_ref()?.permit.as_ref();
    let permit = permit.filter(|permit| permit.step == request.step)?;
    let (holder, step) = (&permit.holder, permit.step);
    Some(format!(
        "{holder} took the permit for `{step}` of {name} (#{number})."
    ))
}

/// The gravity of what happened to a request for approvals.
fn gravity_of(case: &Case, request: Option<&Request>) -> Gravity {
    let ended = case.change.as_ref().is_none_or(|change| !change.is_open());
    match request {
        Some(request) if !ended || request.state != RequestState::Open => request.state.into(),
        _ => Gravity::Informing,
    }
}

/// The outcome of a request for approvals, in one line.
fn outcome(case: &Case, request: Option<&Request>, reader: &Reader) -> String {
    let name = case.instance.called();
    let Some(change) = &case.change else {
        return format!("Void: the change of {name} is not there any more.");
    };
    let number = change.number;
    let Some(request) = request else {
        return format!("Void: approval of #{number} of {name} was asked again since.");
    };
    let step = request.step.as_str();
    let what = format!("`{step}` of {name} (#{number})");
    if let Status::Rejected(reason) = &change.status {
        let by = change.ended_by.as_ref();
        let by = by.map_or_else(String::new, |by| format!(" by {by}"));
        return format!("Rejected{by}: {what}: “{reason}”.");
    }
    let by = approval::names(request.approvals.iter().map(|given| &given.by));
    match request.state {
        RequestState::Open if !change.is_open() => {
            format!(
                "No longer asked: {what}. The change {}.",
                change::status(change)
            )
        }
        RequestState::Open | RequestState::Used => format!("Approved by {by}: {what}."),
        RequestState::Lapsed => format!("Lapsed: {what} had not enough approvals in time."),
        RequestState::Void
            if request.step == Step::Unsubscribe && case.instance.at_expiry.is_some() =>
        {
            format!("No longer asked: {what}. It has expired, so nobody unsubscribes it any more.")
        }
        RequestState::Void => {
            let voided = request.voided.as_ref().filter(|it| !it.moved.is_empty());
            match voided {
                Some(voided) => format!(
                    "Void: approval of {what} is not asked any more: {}{}.",
                    event::moved(&voided.moved, reader),
                    said_by(voided.by.as_ref())
                ),
                None => format!("Void: what approval of {what} was asked on has moved since."),
            }
        }
        RequestState::Missed => {
            format!("NOT APPROVED: {what} happened all the same, an expiry cannot be stopped.")
        }
    }
}
