//! The bot's unprompted messages, composed when they are sent, from the facts of that moment.

mod now;

use super::approval;
use super::event;
use super::fact;
use super::handle;
use super::remedy;
use super::request;
use super::time::Reader;
use crate::domain::announce::PostContent;
use crate::domain::approval::Told;
use crate::domain::case::Case;
use crate::domain::change::{Change, Route, Step};
use crate::domain::event::{EventKind, Withdrawal};
use crate::domain::id::Person;
use crate::domain::instance::PostExpirationAction;
use crate::domain::rules::FactKind;

pub use now::{RequestNow, call_now, of_asked, request_now};

/// The reason why a message is skipped.
const NOTHING_TO_DO: &str = "it is approved, and waits for the expiry";
const NO_LONGER_ASKED: &str = "the approval is no longer asked for";
/// The reason why a message is skipped.
const GONE: &str = "what it is about is not there any more";
/// The reason why a message is skipped.
const SETTLED: &str = "somebody has said what happened";

/// The text of a message about a case.
///
/// # Errors
/// The reason, for the record.
pub fn message(
    message: &PostContent,
    case: Option<&Case>,
    reader: &Reader,
) -> Result<String, &'static str> {
    match (message, case) {
        (PostContent::PolicyChanged { by, lines }, _) => {
            let who = by.as_ref().map_or_else(
                || "What is asked for before a step has changed".to_owned(),
                |by| format!("{by} changed what is asked for before a step"),
            );
            Ok(format!(
                "{who}. Requests that are open keep what they were asked with.\n  {}",
                lines.join("\n  ")
            ))
        }
        (PostContent::SafeguardLowered { by, lines }, _) => Ok(format!(
            "{by} lowered a safeguard here. Requests that are open keep what they were asked with.\n  {}",
            lines.join("\n  ")
        )),
        (_, Some(case)) => of_case(message, case, reader),
        (_, None) => Err(GONE),
    }
}

fn of_case(message: &PostContent, case: &Case, reader: &Reader) -> Result<String, &'static str> {
    let name = case.instance.called();
    let number = case.number().unwrap_or_default();
    Ok(match message {
        PostContent::PolicyChanged { .. } | PostContent::SafeguardLowered { .. } => {
            return Err(GONE);
        }
        PostContent::ApprovalAsked {
            step,
            request,
            told,
            moved,
        } => return asked(case, *step, *request, *told, moved, reader),
        PostContent::ApprovalComplete { step, .. } => return complete(case, *step, reader),
        PostContent::RequestLapsed { step, unused } if !unused.is_empty() => format!(
            "`{step}` of {name} (#{number}) was approved, and no permit was taken in time: the approval by {} has lapsed, and the request with it. #{number} stays open; `next {number}` asks again.",
            approval::names(unused)
        ),
        PostContent::RequestLapsed { step, .. } => format!(
            "The request to approve `{step}` of {name} (#{number}) has lapsed: when its time was over, it had not enough approvals that still held. #{number} stays open; `next {number}` asks again."
        ),
        PostContent::ApprovalLapsed {
            step,
            of,
            others,
            complete,
        } => {
            let open = case.open_change().and_then(Change::request_open);
            let again = match open.filter(|request| request.step == *step) {
                // The look that came with it is as old.
                Some(_) if *step == Step::Unsubscribe => {
                    format!(
                        "`approve {number} --seen <downgrade|delete>` gives it again, after another look"
                    )
                }
                Some(_) => format!("`approve {number}` gives it again"),
                None => format!("the request is over too: `next {number}` asks again"),
            };
            let by = approval::names(std::iter::once(of).chain(others));
            match case.change.as_ref().filter(|_| *complete) {
                Some(change) => format!(
                    "`{step}` of {name} (#{number}) was approved, and no permit was taken in time: the approval by {by} has lapsed. {}: `next {number}` asks again.",
                    change.opened_by
                ),
                None => format!(
                    "The approval of `{step}` of {name} (#{number}) by {by} has lapsed before it was used; {again}."
                ),
            }
        }
        PostContent::ApproverGone { step, of, why, by } => format!(
            "{of}'s approval of `{step}` of {name} (#{number}) does not count any more: {of} {}{}. `next {number}` says what is missing.",
            event::disqualified(*why),
            said_by(by.as_ref())
        ),
        PostContent::HandedOver {
            of,
            to,
            by,
            reason,
            observed,
        } => {
            let why = reason.as_ref();
            let why = why.map_or_else(String::new, |why| format!(": “{why}”"));
            let seen = match observed {
                true => format!(" What {of} saw of it does not count any more."),
                false => String::new(),
            };
            format!(
                "#{number} of {name}: {to} takes over from {of}, who leaves{}{why}. Neither {of} nor {to} approves it.{seen} Next: `next {number}`.",
                said_by(by.as_ref())
            )
        }
        PostContent::ObserverGone { of } => format!(
            "What {of} saw of {name} (#{number}) does not count any more: {of} has left. `next {number}` says what is missing."
        ),
        PostContent::ApprovalsVoided {
            step,
            of,
            moved,
            by,
            on_delete,
        } => {
            let seen = by.as_ref().filter(|_| *on_delete);
            match seen.and_then(|by| seen_on_delete(case, by).ok()) {
                Some(seen) => format!(
                    "{seen} The approval by {} is void with that.",
                    approval::names(of)
                ),
                None => format!(
                    "The approval of `{step}` of {name} (#{number}) by {} is void: {}{}.",
                    approval::names(of),
                    event::moved(moved, reader),
                    said_by(by.as_ref())
                ),
            }
        }
        PostContent::SeenOnDelete { by } => return seen_on_delete(case, by),
        PostContent::LeftTeam { team, to, by } => {
            let to = to
                .as_ref()
                .map_or_else(|| "to no team".to_owned(), |to| format!("to {to}"));
            format!(
                "{name} ({}) does not belong to {team} any more, it belongs {to}{}. From now on {team} is told nothing of it, and nobody approves as one of {team}. If that is a mistake: `instance set {} --team {team}`.",
                case.instance.id,
                said_by(by.as_ref()),
                handle(&case.instance)
            )
        }
        PostContent::JoinedTeam { team, from, by } => format!(
            "{name} ({}) belongs to {team} from now on, no longer to {from}{}.",
            case.instance.id,
            said_by(by.as_ref()),
        ),
        PostContent::Rejected { by, reason } => {
            let doubt = match aftermath(case) {
                Some(look) => format!("a step may have happened all the same: {look}"),
                None => "nothing irreversible had begun".to_owned(),
            };
            format!("{by} rejected #{number} of {name}: “{reason}”. The change has ended; {doubt}.")
        }
        PostContent::ApprovalsOverridden { by, reason, ticket } => format!(
            "BREAK-GLASS: {by} overrode the missing approvals of `upgrade` of {name} (#{number}): “{reason}”, ticket {ticket}. It becomes Platinum, a subscription, and there is no direct way back. Check whether that was right; `reject {number} --reason TEXT` ends it."
        ),
        PostContent::OverrideEnded { step, of, why, by } => format!(
            "{of}'s emergency override for `{step}` of {name} (#{number}) no longer replaces approvals: {}{}. `next {number}` says what is missing.",
            event::override_end(of, why, reader),
            said_by(by.as_ref())
        ),
        PostContent::PermitWithdrawn { .. } | PostContent::OutcomeAsked { .. } => {
            return permit(message, case, reader);
        }
        PostContent::Unapproved { .. }
        | PostContent::Outside { .. }
        | PostContent::EndedOutside { .. }
        | PostContent::PlatinumAgain { .. }
        | PostContent::Waiting
        | PostContent::PresumedDeleted
        | PostContent::PresumedTooEarly
        | PostContent::Lost { .. } => alarm(message, case, reader),
    })
}

/// Somebody saw Delete: what the open downgrade rests on is not so.
fn seen_on_delete(case: &Case, by: &Person) -> Result<String, &'static str> {
    let instance = &case.instance;
    let on_delete = instance.action.value() == Some(&PostExpirationAction::Delete);
    let change = case.open_change().filter(|_| on_delete).ok_or(SETTLED)?;
    let (number, owner) = (change.number, &change.opened_by);
    Ok(format!(
        "{by} saw Delete, not Downgrade, as the Post-expiration Action of {}: {} would delete it for good (action-before-exit), so `set-action` of #{number} comes first. {owner}: `next {number}`.",
        instance.called(),
        match change.kind.route() {
            Some(Route::Unsubscribe) => "unsubscribing",
            _ => "its expiry",
        }
    ))
}

/// The command to attest the edition, after a change closed with an irreversible step in doubt.
fn aftermath(case: &Case) -> Option<String> {
    let change = case.change.as_ref()?;
    let doubtful = change.outcome_unknown.is_some() && case.instance.is_tracked();
    doubtful.then(|| {
        format!(
            "look, then `instance set {} --edition <standard|platinum>`",
            handle(&case.instance)
        )
    })
}

fn asked(
    case: &Case,
    step: Step,
    serial: u32,
    told: Told,
    moved: &[EventKind],
    reader: &Reader,
) -> Result<String, &'static str> {
    let change = case.open_change().ok_or(NO_LONGER_ASKED)?;
    let request = change
        .request_open()
        .filter(|request| request.serial == serial && request.step == step)
        .filter(|_| told == Told::Asked || !case.is_approved(reader.now))
        .ok_or(NO_LONGER_ASKED)?;
    let head = match told {
        Told::Asked if moved.is_empty() => "Approval asked: ".to_owned(),
        Told::Asked => format!(
            "Approval asked again, because {}.\n",
            event::moved(moved, reader)
        ),
        Told::Reminded if reader.has_buttons() => format!(
            "Still waiting for approval, the request lapses {}: ",
            reader.relative(request.lapses_at())
        ),
        Told::Reminded => format!(
            "Still waiting for approval, until {}: ",
            reader.moment(request.lapses_at())
        ),
        Told::Escalated => format!(
            "Not enough people answer, the request lapses {}: ",
            reader.relative(request.lapses_at())
        ),
    };
    let rejected = change.rejected.as_ref().map(|it| {
        format!(
            "Asked again after {} rejected it, {}: “{}”.\n",
            it.by,
            reader.relative(it.at),
            it.reason
        )
    });
    let head = rejected.unwrap_or_default() + &head;
    Ok(head + &request::request(case, change, request, reader))
}

fn complete(case: &Case, step: Step, reader: &Reader) -> Result<String, &'static str> {
    let change = case.open_change().ok_or(NO_LONGER_ASKED)?;
    let request = change.request_open().filter(|request| request.step == step);
    let request = request.ok_or(NO_LONGER_ASKED)?;
    // On Discord the request says who approved, just above, and the button below gives the permit.
    let who = match reader.has_buttons() {
        true => String::new(),
        false => format!(
            " by {}",
            approval::names(request.approvals.iter().map(|given| &given.by))
        ),
    };
    let permit = match reader.has_buttons() {
        true => "the permit is yours to take".to_owned(),
        false => format!("`next {}` gives the permit", change.number),
    };
    let first = remedy::before_next(case, reader.now)
        .or_else(|| approval::observations_missing(case, request, reader));
    let next = match (step, first) {
        (_, Some(first)) if step.permit_intent().is_some() => format!("{first}; then {permit}"),
        (Step::AwaitExpiry, Some(first)) => first,
        // The request shows it, and so does the next reminder.
        (Step::AwaitExpiry, None) => return Err(NOTHING_TO_DO),
        _ => permit,
    };
    Ok(format!(
        "`{step}` of {} (#{}) is approved{who}. {}: {next}.",
        case.instance.called(),
        change.number,
        change.opened_by
    ))
}

fn permit(message: &PostContent, case: &Case, reader: &Reader) -> Result<String, &'static str> {
    let change = case.change.as_ref().ok_or(SETTLED)?;
    let (number, name) = (change.number, case.instance.called());
    match message {
        PostContent::PermitWithdrawn {
            step,
            holder,
            why,
            moved,
            by,
        } => {
            let what = match why {
                Withdrawal::FactMoved => event::moved(moved, reader),
                other => event::withdrawal(*other).to_owned(),
            };
            let (step, by) = (step.as_str(), said_by(by.as_ref()));
            let happened = if *why == Withdrawal::ReportedDone {
                String::new()
            } else if change.is_open() {
                format!(
                    "If it has happened already: `confirm {number} {step} --outside --reason TEXT`."
                )
            } else {
                aftermath(case).map_or_else(String::new, |look| format!("It ends here: {look}."))
            };
            let stop = format!(
                "Stop, {holder}: your permit for `{step}` of {name} (#{number}) is withdrawn: {what}{by}. Do not continue."
            );
            Ok(format!("{stop} {happened}").trim_end().to_owned())
        }
        PostContent::OutcomeAsked { step, holder } => outcome_asked(change, case, *step, holder),
        _ => Err(SETTLED),
    }
}

fn outcome_asked(
    change: &Change,
    case: &Case,
    step: Step,
    holder: &Person,
) -> Result<String, &'static str> {
    if case.unknown_outcome() != Some(step) {
        return Err(SETTLED);
    }
    let (number, name) = (change.number, case.instance.called());
    Ok(format!(
        "Did it happen? {holder}'s permit for `{step}` of {name} (#{number}) is over, and nobody has said. If it did: `confirm {number} {step}`. If it did not: `next {number}` asks again."
    ))
}

fn alarm(message: &PostContent, case: &Case, reader: &Reader) -> String {
    let name = case.instance.called();
    let handle = handle(&case.instance);
    let number = case.number().unwrap_or_default();
    match message {
        PostContent::Unapproved { step } => {
            let unapproved = format!(
                "`{step}` of {name} (#{number}) was NOT APPROVED, and expiry cannot be stopped"
            );
            match case.waits_past_expiry(reader.now) {
                Some(_) => format!(
                    "{unapproved}. {}",
                    alarm(&PostContent::Waiting, case, reader)
                ),
                None => format!("{unapproved}: it has expired. Look at once: `change {number}`."),
            }
        }
        PostContent::Outside { step, by, reason } => {
            let reason = reason.as_ref().map(|reason| format!(": “{reason}”"));
            let gone = probably_gone(case, *step).map(|gone| format!(" {gone}"));
            format!(
                "`{step}` of {name} (#{number}) happened OUTSIDE, without a permit{}{}.{} `change {number}` shows its history.",
                said_by(by.as_ref()),
                reason.unwrap_or_default(),
                gone.unwrap_or_default()
            )
        }
        PostContent::EndedOutside { by } => format!(
            "#{number} of {name} has ended as done OUTSIDE{}: {name} is said to be Standard, and #{number} has no exit on record. Its expiry is not reminded of any more. If that is wrong: `instance set {handle} --edition platinum`, then `reopen {number} verify-standard --reason TEXT`.",
            said_by(by.as_ref())
        ),
        PostContent::PlatinumAgain {
            ended,
            doubted: true,
            by,
        } => format!(
            "{name} is perhaps not Standard after all{}: {}. Its expiry and its reminders are back, and its action is not known. Look, then `instance set {handle} --edition <standard|platinum>`; if it is Platinum, `reopen {ended} verify-standard --reason TEXT` continues #{ended}, which Standard had ended.",
            said_by(by.as_ref()),
            fact::phrase(&case.instance, FactKind::Edition, reader)
        ),
        PostContent::PlatinumAgain {
            ended,
            doubted: false,
            by,
        } => format!(
            "{name} is not Standard after all{}: its expiry and its reminders are back, and its action is not known. #{ended}, which Standard had ended, is still ended: `reopen {ended} verify-standard --reason TEXT` continues it. Look, then `action {handle} <downgrade|delete>`.",
            said_by(by.as_ref())
        ),
        PostContent::Waiting => {
            let expired = case.instance.expires.value().map(|at| reader.moment(*at));
            format!(
                "{name} expired {} and Downgrade was not known (release-after-7-days): it may be deleted at any moment. Look at the console now; where it is not on Downgrade, renew it or set that at once. Then `action {handle} <downgrade|delete>` or `instance set {handle} --expires WHEN`; #{number} waits.",
                expired.unwrap_or_default()
            )
        }
        PostContent::PresumedDeleted => format!(
            "{name} is presumed deleted: seven days after expiry Downgrade was still not known (release-after-7-days). #{number} failed. Look at the console; `instance lost {handle} --reason TEXT` if it is gone."
        ),
        PostContent::PresumedTooEarly => {
            let expires = fact::phrase(&case.instance, FactKind::Expires, reader);
            let edition = case.instance.edition.value().is_none();
            let edition = edition.then(|| format!(" Its edition is asked again: `instance set {handle} --edition <standard|platinum>`."));
            format!(
                "{name} is not presumed deleted: a clock that was ahead said so. #{number} goes on; {expires}.{}",
                edition.unwrap_or_default()
            )
        }
        PostContent::Lost { by, reason } => format!(
            "{by} recorded {name} ({}) as deleted at the vendor: “{reason}”. Its record stays.",
            case.instance.id
        ),
        _ => String::new(),
    }
}

/// The warning that unsubscribing has probably deleted the instance, or may have: its action was last seen to be Delete, or
/// nobody knows it.
pub(super) fn probably_gone(case: &Case, step: Step) -> Option<String> {
    let instance = &case.instance;
    let why = if instance.is_seen_on_delete() {
        "Its action was known to be Delete, and unsubscribing with Delete deletes the instance at once: it is probably gone."
    } else if instance.was_on_delete() {
        "Nobody knew that its action was Downgrade, and one that nobody has set is Delete: unsubscribing deletes the instance at once then, so it may be gone."
    } else {
        return None;
    };
    (step == Step::Unsubscribe).then(|| {
        let handle = handle(instance);
        format!("{why} Look now; if it is, `instance lost {handle} --reason TEXT`.")
    })
}

fn said_by(by: Option<&Person>) -> String {
    by.map_or_else(String::new, |by| format!(", by {by}"))
}
