//! Approvals: required, missing and given.

use std::fmt::Write as _;

use super::error::sentence;
use super::event;
use super::finding;
use super::handle;
use super::time::Reader;
use crate::domain::approval::{
    Approval, Lacking, Request, RequestState, holds_until, team_to_approve,
};
use crate::domain::case::{Approved, Case, Refusal};
use crate::domain::change::{Change, Step};
use crate::domain::event::EventKind;
use crate::domain::id::{Person, TeamName};
use crate::domain::instance::{Edition, Instance, Observation, PostExpirationAction};
use crate::domain::rules::Verdict;
use crate::domain::team::LONGEST_FOR_UNSUBSCRIBE;

/// The consequence of a step that others approve: a line or two on a phone. A card, a request and the answer to an approval
/// say it.
pub(super) const fn consequence(step: Step, reader: &Reader) -> &'static str {
    match step {
        Step::Upgrade => {
            "It becomes Platinum, a subscription, at once: no direct way back, and on Delete until somebody chooses."
        }
        Step::Unsubscribe if reader.has_buttons() => "Unsubscribed on Delete, it is gone for good.",
        Step::Unsubscribe => {
            "Standard at once, or deleted for good if the action is not Downgrade then."
        }
        Step::AwaitExpiry if reader.has_buttons() => "Expiring on Delete, it is gone for good.",
        Step::AwaitExpiry => {
            "Nothing stops an expiry: Standard, or deleted for good if the action is not Downgrade then."
        }
        Step::RecordExpiry | Step::ChooseAction | Step::SetAction | Step::VerifyStandard => "",
    }
}

pub(super) fn names<'a>(people: impl IntoIterator<Item = &'a Person>) -> String {
    let names: Vec<String> = people.into_iter().map(ToString::to_string).collect();
    match names.as_slice() {
        [] => "nobody".to_owned(),
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        _ => names.concat(),
    }
}

pub(super) fn count(number: u8, word: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {word}{s}")
}

/// The missing approvals and observers of a step, one line each, with the remedy.
pub(super) fn lacking(case: &Case, lacking: &Lacking, reader: &Reader) -> String {
    let mut out = String::new();
    let number = case.open_number().unwrap_or_default();
    if lacking.given.len() < usize::from(lacking.needed) {
        let given = match lacking.given.as_slice() {
            [] => "nobody has".to_owned(),
            given => format!("so far {}", names(given)),
        };
        let _ = writeln!(
            out,
            "  approvals: {} needed, {given}. {}",
            lacking.needed,
            not_counted(case, lacking.step)
        );
    }
    if let Some(own) = &lacking.own {
        let _ = writeln!(
            out,
            "  {own} approved it too, which does not count for {own}'s own permit: somebody else can take it."
        );
    }
    if let Some(team) = &lacking.team {
        let _ = writeln!(
            out,
            "  one of the approvals must come from the team {team}.{}",
            match lacking.nobody.of_team {
                true => format!(" {}", nobody_of(team, &case.instance)),
                false => String::new(),
            }
        );
    }
    if !lacking.has_observations() {
        let handle = handle(&case.instance);
        let another = match lacking.nobody.else_here {
            true => String::new(),
            false => format!(
                " Another one looks, then `action {handle} downgrade`, or `approve {number} --seen downgrade`."
            ),
        };
        let _ = writeln!(
            out,
            "  observers: {} needed who looked at the action themselves, so far {}.{another}",
            lacking.observers,
            observations(&lacking.observations, reader),
        );
    }
    out
}

/// How to give a team, one of which has to approve, members who can.
pub fn nobody_of(team: &TeamName, instance: &Instance) -> String {
    format!(
        "Nobody has said who is of it: an admin says `settings team {team} --members ROLE`, or it belongs to another team, `instance set {} --team NAME`.",
        handle(instance)
    )
}

/// The missing approvals and observations where no other person is present, and how to lower the requirement. An open request keeps
/// the number that it was made with.
pub(super) fn nobody_else(case: &Case, step: Step, approvals: bool, looks: bool) -> String {
    let mut settings = Vec::new();
    if approvals {
        settings.push(format!("`settings approvals {step} 0`"));
    }
    if looks {
        settings.push("`settings observers 1`".to_owned());
    }
    let number = case.open_number().unwrap_or_default();
    let asked = case.open_change().and_then(Change::request_open);
    let then = match asked.filter(|request| request.step == step) {
        Some(_) => format!(
            "`cancel {number} --reason TEXT`, and open it again: #{number} keeps what it was asked with"
        ),
        None => format!("`next {number}`"),
    };
    format!(
        "At a terminal nobody else is there, whatever the name. Either an admin says {}, then {then}; or track it in the workspace of the Discord server where the others are.",
        settings.join(" and ")
    )
}

/// The people whose approval does not count.
fn not_counted(case: &Case, step: Step) -> String {
    let Some(change) = case.open_change() else {
        return String::new();
    };
    let owners = names(std::iter::once(&change.opened_by).chain(&change.owners));
    let holder = if step.permit_intent().is_some() {
        ", or by who takes the permit,"
    } else {
        ""
    };
    format!("An approval by {owners}{holder} does not count.")
}

/// The people who looked at the action, and how long ago.
pub(super) fn observations(all: &[Observation], reader: &Reader) -> String {
    let looked = |seen: &Observation| format!("{} ({})", seen.by, reader.relative(seen.at));
    match all.iter().map(looked).collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => "nobody".to_owned(),
        looked => looked,
    }
}

/// The refusal of a step that needs approvals.
pub(super) fn needs(case: &Case, missing: &Lacking, reader: &Reader) -> String {
    let number = case.open_number().unwrap_or_default();
    let step = missing.step.as_str();
    let is_opening = |kind: &EventKind| {
        matches!(
            kind,
            EventKind::DowngradeOpened { .. } | EventKind::UpgradeOpened
        )
    };
    let opened = case.events.iter().any(|event| is_opening(&event.kind));
    let mut out = format!(
        "Needs approval: the documented rules allow `{step}` of {} ({}#{number}), other people must agree.\n",
        case.instance.called(),
        if opened { "opened as " } else { "" }
    );
    out.push_str(&lacking(case, missing, reader));
    if missing.nobody.else_here {
        let (approvals, looks) = (!missing.has_approvals(), !missing.has_observations());
        out.push_str(&nobody_else(case, missing.step, approvals, looks));
        return out;
    }
    let open = case.open_change().and_then(Change::request_open);
    let _ = match open.filter(|request| request.step == missing.step) {
        Some(request) if missing.asked => write!(
            out,
            "They are asked now, until {}. {}",
            reader.moment(request.lapses_at()),
            who_can(case, request)
        ),
        Some(request) => write!(
            out,
            "They were asked {}, until {}. {}",
            reader.relative(request.asked_at),
            reader.moment(request.lapses_at()),
            who_can(case, request)
        ),
        None => write!(out, "`next {number}` asks them."),
    };
    out
}

/// The people who can approve a request, with the command.
fn who_can(case: &Case, request: &Request) -> String {
    let Some(change) = case.open_change() else {
        return String::new();
    };
    let number = change.number;
    let owners = names(std::iter::once(&change.opened_by).chain(&change.owners));
    let team = team_to_approve(&case.instance, request.step);
    let team = team.map_or_else(String::new, |team| {
        format!(" (one of them of the team {team})")
    });
    format!(
        "Approvers other than {owners}{team} can: `approve {number}`, or `reject {number} --reason TEXT`."
    )
}

/// The refusals about approvals.
pub(super) fn refusal(case: &Case, refusal: &Refusal, reader: &Reader) -> Option<String> {
    let number = case.number().unwrap_or_default();
    let head = finding::headline(refusal.outcome());
    let name = case.instance.called();
    Some(match refusal {
        Refusal::NeedsApproval(missing) => needs(case, missing, reader),
        Refusal::OwnApproval { alone: true } => format!(
            "{head}: you opened #{number} of {name}, continued it, or held a permit of it, and nobody approves a change that is or was their own. At a terminal nobody else is there; `next {number}` says what is needed, and how to need less.{}",
            look_of_its_own(case)
        ),
        Refusal::OwnApproval { alone: false } => format!(
            "{head}: you opened #{number} of {name}, continued it, or held a permit of it, and nobody approves a change that is or was their own. Somebody else can: `approve {number}`.{}",
            look_of_its_own(case)
        ),
        Refusal::ApprovedAlready { step, at } => format!(
            "{head}: you approved `{step}` of {name} (#{number}) {}. `revoke {number}` takes it back.",
            reader.relative(*at)
        ),
        Refusal::NothingAsked {
            next,
            permit_of,
            unsaid,
            seen,
        } => format!(
            "{head}: {}{}",
            match unsaid {
                Some(step) => after_withdrawal(case, *step),
                None => nothing_asked(case, *next, permit_of.as_ref()),
            },
            not_recorded(case, *seen)
        ),
        Refusal::AnotherRequest { asked, was, now } => format!(
            "{head}: {}, and nothing was recorded. {}",
            if *was {
                format!(
                    "that was request {asked} for approval of {name} (#{number}), which is past"
                )
            } else {
                format!("#{number} of {name} has no request {asked} for approval")
            },
            match now {
                Some(now) => format!(
                    "Request {now} is open: `change {number}` shows what it rests on, then `approve {number}` or `reject {number} --reason TEXT`."
                ),
                None => format!("Nobody is asked now; `change {number}` shows how it stands."),
            }
        ),
        Refusal::NotApproved => format!(
            "{head}: you have given no approval of {name} (#{number}) that counts now, so there is nothing to take back. `change {number}` shows how it stands."
        ),
        Refusal::ApprovalsUsed(step) => format!(
            "{head}: a permit for `{step}` was given on the approvals of {name} (#{number}), so they cannot be taken back. `reject {number} --reason TEXT` withdraws it, as `action {} delete` does where the console shows Delete; speak to its holder at once.",
            handle(&case.instance)
        ),
        Refusal::HappenedAlready(step) => format!(
            "{head}: `{step}` of {name} (#{number}) has happened, so there is nothing left to reject. `fail {number} --reason TEXT` if it went wrong."
        ),
        Refusal::OverrideOnlyForUpgrade(step) => format!(
            "{head}: only missing approvals of an upgrade can be replaced, and the next step of {name} (#{number}) is `{step}`. Nothing replaces the people behind an exit: what it deletes cannot be restored."
        ),
        Refusal::NothingLacking(step) => format!(
            "{head}: `{step}` of {name} (#{number}) lacks no approval. `next {number}` goes on."
        ),
        Refusal::NothingToSee => format!(
            "{head}: `--seen` says what the console shows as Post-expiration Action, and Standard Edition, which {name} has, has none (upgrade-from-standard). {}",
            match case.open_change().and_then(Change::request_open) {
                Some(_) => format!("Leave it out: `approve {number}`."),
                None => sentence(&nothing_asked(case, Some(Step::Upgrade), None)),
            }
        ),
        _ => return None,
    })
}

/// How a look at the action is recorded without an approval; Standard Edition has no action.
fn look_of_its_own(case: &Case) -> String {
    if case.instance.edition.value() == Some(&Edition::Standard) {
        return String::new();
    }
    format!(
        " If you looked at the action, `action {} <downgrade|delete>` records that.",
        handle(&case.instance)
    )
}

fn nothing_asked(case: &Case, next: Option<Step>, permit_of: Option<&Person>) -> String {
    let number = case.open_number().unwrap_or_default();
    let name = case.instance.called();
    if let Some(holder) = permit_of {
        return format!(
            "nothing of {name} (#{number}) waits for approval: {holder} has the permit, and `change {number}` shows for which step. Ask {holder} how it went."
        );
    }
    match next {
        Some(step @ (Step::Upgrade | Step::Unsubscribe | Step::AwaitExpiry)) => format!(
            "nobody asks for approval of `{step}` of {name} (#{number}) now. `next {number}` asks."
        ),
        Some(Step::SetAction) => format!(
            "the next step of {name} (#{number}) is `set-action`, which needs no approval. Approval is asked for when its turn has come."
        ),
        Some(step @ (Step::RecordExpiry | Step::ChooseAction | Step::VerifyStandard)) => {
            format!("the next step of {name} (#{number}) is `{step}`, which needs no approval.")
        }
        None => format!("#{number} of {name} asks for nothing."),
    }
}

/// Nobody is asked, as the permit was withdrawn and its step may have happened.
fn after_withdrawal(case: &Case, step: Step) -> String {
    let number = case.open_number().unwrap_or_default();
    let owner = case.open_change().map(|change| &change.opened_by);
    format!(
        "nothing of {} (#{number}) waits for approval: the permit for `{step}` was withdrawn, and nobody has said whether it happened. {} says so (`confirm {number} {step}`), or asks for approval again (`next {number}`).",
        case.instance.called(),
        names(owner)
    )
}

/// The note that an observation was not recorded, as it came with an approval that no request asks for.
fn not_recorded(case: &Case, seen: Option<PostExpirationAction>) -> String {
    seen.map_or_else(String::new, |seen| {
        format!(
            " Your look was not recorded: `action {} {seen}` does that.",
            handle(&case.instance)
        )
    })
}

/// An approval was given.
pub(super) fn approved(case: &Case, approved: &Approved, reader: &Reader) -> String {
    let number = case.open_number().unwrap_or_default();
    let name = case.instance.called();
    let consequences = event::consequences(&case.events, reader);
    match approved {
        Approved::Given(step, verdict) => given(case, *step, verdict, reader),
        Approved::LookedAgain(step) => format!(
            "Done: your look is recorded; your approval of `{step}` of {name} (#{number}) stands.\n{consequences}{}",
            progress_line(case, reader)
        ),
        Approved::OnlyLooked(step) => format!(
            "Done: your look is recorded. Nothing of {name} (#{number}) was approved, because nobody had asked for it before; approval of `{step}` is asked for now.\n{consequences}Compare the row that the request shows, then `approve {number}`."
        ),
        Approved::Refused(why) => format!(
            "Done: your look at {name} (#{number}) is recorded; nothing was approved.\n{consequences}{}",
            super::refusal::refused(case, why, &[], None, reader)
        ),
        Approved::SentBack => format!(
            "Done: recorded that the action of {name} is Delete. Nothing was approved: `set-action` of {name} (#{number}) comes first (action-before-exit).\n{consequences}Next: `next {number}` gives the permit to set it."
        ),
    }
}

fn given(case: &Case, step: Step, verdict: &Verdict, reader: &Reader) -> String {
    let number = case.open_number().unwrap_or_default();
    let mut out = format!(
        "Done: you approved `{step}` of {} (#{number}).\n{}\n",
        case.instance.called(),
        consequence(step, reader)
    );
    out.push_str(&finding::deciding(verdict, case, reader));
    let request = case.open_change().and_then(Change::request_open);
    let expires = case.instance.expires.value().copied();
    if let Some(until) = request.and_then(|_| holds_until(step, reader.now, expires)) {
        let _ = writeln!(
            out,
            "It holds until {}, while the facts stay as they are. `revoke {number}` takes it back.",
            reader.moment(until)
        );
    }
    out.push_str(&progress_line(case, reader));
    out
}

/// An approval was revoked.
pub(super) fn revoked(case: &Case, step: Step, reader: &Reader) -> String {
    let number = case.open_number().unwrap_or_default();
    format!(
        "Done: your approval of `{step}` of {} (#{number}) is taken back.\n{}",
        case.instance.called(),
        progress_line(case, reader)
    )
}

/// An emergency override replaced missing approvals.
pub(super) fn overridden(case: &Case, verdict: &Verdict, reader: &Reader) -> String {
    let number = case.open_number().unwrap_or_default();
    let mut out = format!(
        "Done: the missing approvals of `upgrade` of {} (#{number}) are replaced. All approvers are told, and every view of #{number} shows it.\n{}\n",
        case.instance.called(),
        consequence(Step::Upgrade, reader)
    );
    out.push_str(&finding::deciding(verdict, case, reader));
    let _ = write!(out, "Next: `next {number}` gives the permit.");
    out
}

/// The progress of the open request, in one line.
fn progress_line(case: &Case, reader: &Reader) -> String {
    let change = case.open_change();
    let Some((change, request)) = change.and_then(|change| Some((change, change.request_open()?)))
    else {
        return String::new();
    };
    progress(case, change, request, reader)
}

/// The approvals given and needed.
pub(super) fn progress(case: &Case, change: &Change, request: &Request, reader: &Reader) -> String {
    let step = request.step.as_str();
    // Approvals that no longer count are hidden while the request is open, and shown as history afterwards.
    let counted: Vec<&Approval> = match request.state {
        RequestState::Open => request.counted(change, reader.now).collect(),
        _ => request.approvals.iter().collect(),
    };
    let people: Vec<String> = counted
        .iter()
        .map(|given| match &given.team {
            Some(team) => format!("{} of {team}", given.by),
            None => given.by.to_string(),
        })
        .collect();
    let who = if people.is_empty() {
        String::new()
    } else {
        format!(" ({})", people.join(", "))
    };
    let how_many = format!("{}/{}{who}", counted.len(), request.needed);
    let state = match request.state {
        RequestState::Open if case.is_approved(reader.now) => String::new(),
        RequestState::Open => {
            let team = team_missing(case, request);
            let team = team.map(|team| format!(", none of them of the team {team}"));
            let until = reader.moment(request.lapses_at());
            format!("{}; open until {until}", team.unwrap_or_default())
        }
        RequestState::Lapsed => format!("; lapsed unanswered, `next {}` asks again", change.number),
        RequestState::Void => "; void".to_owned(),
        RequestState::Used => "; used".to_owned(),
        RequestState::Missed => "; NOT APPROVED, it happened all the same".to_owned(),
    };
    format!("approvals of `{step}`: {how_many}{state}")
}

/// The team that one more approval must come from, if only that is missing.
pub(super) fn team_missing<'a>(case: &'a Case, request: &Request) -> Option<&'a TeamName> {
    let enough = request.approvals.len() >= usize::from(request.needed);
    team_to_approve(&case.instance, request.step).filter(|_| enough)
}

/// The observers still missing although enough people approved.
pub(super) fn observations_missing(
    case: &Case,
    request: &Request,
    reader: &Reader,
) -> Option<String> {
    let observations = case
        .instance
        .fresh_observations(LONGEST_FOR_UNSUBSCRIBE, reader.now);
    (!case.is_observed(request, reader.now)).then(|| {
        let looked = observations.map(|observation| &observation.by);
        format!(
            "{} needed who looked at the action themselves, so far {}: another one looks, then `action {} downgrade`",
            count(request.observers, "observer"),
            names(looked),
            handle(&case.instance)
        )
    })
}

/// The approvals and the emergency override of a change, one line each.
pub(super) fn of_change(case: &Case, change: &Change, reader: &Reader) -> String {
    let mut out = String::new();
    if let Some(request) = &change.request {
        let _ = writeln!(out, "  {}", progress(case, change, request, reader));
        if request.observers > 0 && change.is_open() {
            let observations = observations(&case.instance.observations, reader);
            let _ = writeln!(
                out,
                "  observers: {} needed, so far {observations}",
                request.observers
            );
        }
    }
    out.push_str(&emergency_override(change, reader));
    out
}

/// The emergency override of a change, shown in every view of it.
pub(super) fn emergency_override(change: &Change, reader: &Reader) -> String {
    change
        .emergency_override
        .as_ref()
        .map_or_else(String::new, |emergency_override| {
            let over = match change.override_standing(reader.now) {
                Some(_) => "",
                None => ": this no longer counts",
            };
            format!(
                "  BREAK-GLASS: {} overrode missing approvals, {} (“{}”, ticket {}){over}\n",
                emergency_override.by,
                reader.moment(emergency_override.at),
                emergency_override.reason,
                emergency_override.ticket
            )
        })
}

/// Like [`emergency_override`], for the change of a case.
pub(super) fn override_of(case: &Case, reader: &Reader) -> String {
    let change = case.change.as_ref();
    change.map_or_else(String::new, |change| emergency_override(change, reader))
}
