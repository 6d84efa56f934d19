//! Turns answers into text. All text for people is made here and in the `Display` of error types, nowhere else.

pub mod action;
mod alike;
mod approval;
pub mod audit;
pub mod authority;
pub mod backup;
mod card;
mod change;
pub mod concern;
pub mod danger;
pub mod digest;
pub mod doctor;
mod each;
mod error;
mod event;
mod fact;
mod finding;
mod handover;
pub mod import;
mod instance;
mod judged;
mod message;
mod moved;
mod name;
pub mod notice;
mod permit;
pub mod post;
mod refusal;
mod remedy;
pub mod reminder;
mod reminding;
mod request;
pub mod rule;
mod setting;
mod table;
mod time;
mod todo;
pub mod wording;
pub mod workspace;
mod wrap;

pub use approval::nobody_of;
pub use card::card;
pub use event::discussion;
pub use import::told_rows;
pub use message::{RequestNow, call_now, message, of_asked, request_now};
pub use request::{MissingForPermit, missing};
pub use setting::in_force as setting_in_force;
pub use setting::moved as setting_moved;
pub use setting::value as setting_value;
pub use time::{Clockface, Reader, length, rfc3339};
pub use wrap::wrapped;

use crate::answer::{Answer, InstanceMatch, Reply};
use crate::command::help;
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::instance::{Edition, Instance};

/// The text of a reply, without a trailing line break.
pub fn reply(reply: &Reply, reader: &Reader) -> String {
    let reader = Reader {
        zone: reply.zone.unwrap_or(reader.zone),
        ..*reader
    };
    let mut text = answer(&reply.answer, &reader);
    text.truncate(text.trim_end().len());
    text
}

/// The command that settles a task.
pub fn settling(task: &crate::answer::Task, now: Timestamp) -> String {
    todo::command(task, now)
}

/// The failing safeguard of a workspace, and the command that fixes it; with instants in UTC.
pub fn settling_here(concern: &crate::domain::concern::WorkspaceConcern, now: Timestamp) -> String {
    workspace::line(concern, &Reader::new(chrono_tz::UTC, now))
}

/// The subject of a question: the instance as the vendor's console shows it, and its open change.
pub fn subject(case: &Case) -> String {
    let instance = &case.instance;
    format!("{} · {}", place_of(case), instance.id)
}

/// The head of a question: its subject, with the id in code, as it is compared letter by letter.
pub fn asked_about(case: &Case) -> String {
    format!("{}\n  instance id  `{}`", place_of(case), case.instance.id)
}

fn place_of(case: &Case) -> String {
    let (name, region) = (case.instance.called(), &case.instance.region);
    let change = case.open_number().map(|number| format!(" (#{number})"));
    format!("{name}{} · {region}", change.unwrap_or_default())
}

/// An instance in a list of suggestions: name, region, edition, expiry. `zone` is the reader's.
pub fn suggestion(found: &InstanceMatch, zone: chrono_tz::Tz) -> String {
    let edition = match found.edition {
        Some(Edition::Standard) => "Standard",
        Some(Edition::Platinum) => "Platinum",
        None => "edition unknown",
    };
    let expires = found.expires.map(|at| {
        let date = at.with_timezone(&zone).format("%Y-%m-%d");
        format!(" · expires {date}")
    });
    let expires = expires.unwrap_or_default();
    format!("{} · {} · {edition}{expires}", found.called(), found.region)
}

/// An open change in a list of suggestions.
pub fn change_suggestion(case: &Case) -> Option<String> {
    let change = case.open_change()?;
    let kind = change::kind(change.kind);
    Some(format!(
        "#{} · {kind} of {}",
        change.number,
        case.instance.called()
    ))
}

/// How an instance is named in a command that is proposed.
fn handle(instance: &Instance) -> String {
    instance.handle()
}

fn answer(answer: &Answer, reader: &Reader) -> String {
    match answer {
        Answer::Verbs if reader.has_buttons() => help::overview(),
        Answer::Verbs => format!("{}\n{}", help::overview(), help::ending()),
        Answer::Help(text) => text.clone(),
        Answer::Rules => rule::list(),
        Answer::Rule(id) => rule::explain(*id),
        Answer::Unusable(error) => error::user_error(error, reader),
        Answer::Denied {
            permission,
            missing,
            held,
            of,
        } => authority::denied(*permission, missing, held, of.as_ref()),
        Answer::Broken { id, error } => {
            let nothing = match error.may_be_recorded() {
                true => "",
                false => " Nothing was recorded.",
            };
            let error = error::sentence(&error.to_string());
            format!("{error}{nothing} The log has the details under {id}.")
        }
        Answer::Recorded {
            case,
            added,
            warnings,
        } => instance::recorded(case, *added, warnings, reader),
        Answer::Instance { case, history } => instance::shown(case, history, reader),
        Answer::Instances {
            page,
            filtered,
            total,
            unknown_team,
        } => {
            let mut list = instance::list(page, *filtered, unknown_team.as_ref(), reader);
            list.push_str(&instance::total(page, *filtered, *total));
            list
        }
        Answer::Dropped { case } => instance::dropped(case, reader),
        Answer::Judged {
            case,
            intent,
            verdict,
            lacking,
        } => judged::judged(case, *intent, verdict, lacking.as_deref(), reader),
        Answer::Refused {
            case,
            refusal,
            because,
            confirming,
        } => refusal::refused(case, refusal, because, *confirming, reader),
        Answer::Opened {
            case,
            verdict,
            next,
            too_few,
        } => change::opened(case, verdict, *next, *too_few, reader),
        Answer::Approved { case, approved } => approval::approved(case, approved, reader),
        Answer::Revoked { case, step } => approval::revoked(case, *step, reader),
        Answer::ApprovalsOverridden { case, verdict } => {
            approval::overridden(case, verdict, reader)
        }
        Answer::Routes { case, verdicts } => judged::routes(case, verdicts, reader),
        Answer::Permit {
            case,
            shown,
            opened,
        } => permit::permit(case, shown, *opened, reader),
        Answer::Withheld {
            case,
            step,
            opened,
            why,
        } => permit::withheld(case, *step, *opened, *why, reader),
        Answer::NextStep {
            case,
            step,
            verdict,
        } => change::next_step(case, *step, verdict.as_ref(), reader),
        Answer::NothingNext { case } => nothing_next(case),
        Answer::Confirmed {
            case,
            step,
            next,
            read_as,
        } => moved::confirmed(case, *step, *next, *read_as, reader),
        Answer::TakenBack { case, next } => moved::taken_back(case, *next, reader),
        Answer::Ended { case } => moved::ended(case, reader),
        Answer::Todo(listed) => todo::list(listed, reader),
        Answer::Changes {
            page,
            list,
            unknown_team,
        } => change::list(page, list, unknown_team.as_ref(), reader),
        Answer::Change {
            case,
            next,
            history,
        } => change::shown(case, *next, history, reader),
        Answer::Why {
            case,
            verdicts,
            notice,
            step,
            next,
            lacking,
            raised,
        } => {
            let mut out = match (step, verdicts.as_slice()) {
                (Some(step), [(_, verdict)]) => judged::why_step(case, *step, verdict, reader),
                _ => judged::why(case, verdicts, *notice, reader),
            };
            let raised = raised.as_deref();
            out.extend(raised.and_then(notice::why_raised));
            out.push_str(&request::no_permit(case, *next, lacking.as_deref(), reader));
            out
        }
        Answer::Imported(report) => import::report(report, reader),
        Answer::Several(all) => {
            let all = all.iter().map(|one| self::reply(one, reader));
            all.collect::<Vec<_>>().join("\n\n")
        }
        Answer::Each(all) => each::each(all, reader),
        Answer::Handover(report) => handover::report(report, reader),
        Answer::Imports { imports, undoable } => import::list(imports, undoable, reader),
        Answer::ImportUndone(report) => import::undone(report, reader),
        Answer::NoticeTaken(taken) => notice::taken(taken, reader),
        Answer::Wording(said) => wording::said(said, reader),
        Answer::Teachable(it) => wording::teachable(it, reader),
        Answer::Wordings { all } => wording::list(all, reader),
        Answer::StillThere {
            filed,
            seen,
            unseen,
            waits: true,
            ..
        } => notice::still_unseen(filed.number, seen, unseen),
        Answer::StillThere {
            filed,
            is_new,
            lost: Some(lost),
            ..
        } => notice::still_there_although_lost(filed, lost, *is_new, reader),
        Answer::StillThere {
            filed,
            looked,
            is_new,
            unseen,
            ..
        } => notice::still_there(filed.number, *looked, *is_new, unseen),
        Answer::Notices { case, page } => notice::list(case, page, reader),
        Answer::Notice(filed) => notice::one(filed, reader),
        Answer::Raised { page } => notice::still_raised(page, reader),
        Answer::Suppressed { page, since } => notice::suppressed(page, *since, reader),
        Answer::NoticeAcked {
            filed,
            also,
            is_new,
        } => notice::acked(filed, also, *is_new, reader),
        Answer::Audit { page, filtered } => audit::list(page, *filtered, reader),
        Answer::Acked {
            case,
            acked,
            is_new,
            until,
            next,
            notices,
        } => {
            let unchanged = if *is_new { "" } else { "Unchanged. " };
            let acked = reminding::acked(case, acked, *until, *next, reader);
            format!("{unchanged}{acked}{}", notice::stay_raised(notices))
        }
        Answer::NothingToRemind { case } => reminding::nothing(case),
        Answer::ReminderPast { case, about, of } => reminding::past(case, *about, *of, reader),
        Answer::Snoozed { case, snoozed } => reminding::snoozed(case, *snoozed, reader),
        Answer::Reminders {
            case,
            settled,
            planned,
            attention,
            ..
        } => reminding::list(case, settled, planned, attention, reader),
        Answer::Settings {
            settings,
            open,
            is_alone,
        } => setting::list(settings, open, *is_alone, reader),
        Answer::Set {
            setting,
            unchanged: true,
            ..
        } => setting::unchanged(setting),
        Answer::Set {
            setting,
            before,
            keeping,
            ..
        } => setting::set(setting, before.as_ref(), *keeping, reader.is_alone),
    }
}

fn nothing_next(case: &Case) -> String {
    let name = case.instance.called();
    if let Some(change) = &case.change {
        return format!(
            "#{} of {name} {}: there is no next step.",
            change.number,
            change::status(change)
        );
    }
    let handle = handle(&case.instance);
    let begin = match case.instance.edition.value() {
        Some(Edition::Standard) => format!("`upgrade {handle}` begins an upgrade"),
        Some(Edition::Platinum) => {
            format!("`downgrade {handle}` compares the two ways back to Standard")
        }
        None => {
            format!(
                "its edition is not known: `instance set {handle} --edition <standard|platinum>`"
            )
        }
    };
    format!("{name} has no open change. {begin}.")
}

/// A line of JSON. What some readers of lines take for the end of one is escaped.
pub fn json_line(line: &impl serde::Serialize) -> String {
    let line = serde_json::to_string(line).unwrap_or_default();
    line.replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}
