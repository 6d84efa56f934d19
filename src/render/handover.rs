//! The report of a handover.

use super::event;
use super::permit;
use super::time::Reader;
use super::wording;
use crate::answer::{HandedOver, HandoverReport};
use crate::domain::event::{Disqualified, EventKind};
use crate::domain::id::Person;

/// The open work of a person, or its handover.
pub(super) fn report(report: &HandoverReport, reader: &Reader) -> String {
    let of = &report.of;
    let Some(to) = &report.to else {
        return listed(report, reader);
    };
    if report.all.is_empty() && report.words.is_empty() && report.left.is_none() {
        return format!("Nothing waits for {of}, and nothing rests on their word.");
    }
    let owned = report.all.iter().filter(|one| one.held.opened).count();
    let changes = match owned {
        0 => format!("Done: no change was {of}'s; what rested on their word:"),
        1 => format!("Done: 1 change of {of}'s is {to}'s now."),
        _ => format!("Done: {owned} changes of {of}'s are {to}'s now."),
    };
    let mut out = changes;
    for one in &report.all {
        let opener = one.case.open_change().map(|change| &change.opened_by);
        out.push_str(&line(one, &clauses(one, opener)));
    }
    for word in &report.words {
        out.push_str(&format!(
            "\n  {}: the word no longer counts",
            wording::of(word)
        ));
    }
    if owned > 0 {
        let what = if owned == 1 { "it" } else { "them" };
        out.push_str(&format!("\nNeither {of} nor {to} ever approves {what}."));
    }
    if let Some((id, left)) = &report.left {
        out.push_str(&format!(
            "\nThen something broke, and {left} were left as they are (the log has it under {id}). Say it again."
        ));
    }
    out
}

fn listed(report: &HandoverReport, reader: &Reader) -> String {
    let of = &report.of;
    if report.all.is_empty() && report.words.is_empty() {
        return format!("Nothing waits for {of}, and nothing rests on their word.");
    }
    let mut out = format!("What waits for {of}, or rests on their word:");
    for one in &report.all {
        out.push_str(&line(one, &waits(one, reader)));
    }
    for word in &report.words {
        let lesson = wording::lesson(word);
        out.push_str(&format!(
            "\n  {}: said that it is {lesson}",
            wording::of(word)
        ));
    }
    out.push_str(&format!(
        "\n`handover {} --to PERSON` hands it over: permits are withdrawn, and what {of} approved or saw no longer counts.",
        crate::command::quoted_if_needed(&of.name)
    ));
    out
}

fn line(one: &HandedOver, clauses: &[String]) -> String {
    let instance = &one.case.instance;
    let change = one.case.open_number();
    let change = change.map_or_else(String::new, |number| format!("#{number} of "));
    format!("\n  {change}{}: {}", instance.place(), clauses.join("; "))
}

fn waits(one: &HandedOver, reader: &Reader) -> Vec<String> {
    let held = one.held;
    let permit = one.case.open_change().and_then(|it| it.permit.as_ref());
    let until = permit.filter(|permit| Some(permit.step) == held.permit);
    let until = until.map(|permit| {
        let ends = permit::ends(&one.case, permit, reader);
        format!("holds the permit for {} until {ends}", permit.step.as_str())
    });
    let change = one.case.open_change();
    let inherited = change.is_some_and(|change| change.owner_since.is_some());
    let opened = held.opened.then(|| match inherited {
        true => "has it".to_owned(),
        false => "opened it".to_owned(),
    });
    let asked = held
        .asked
        .map(|step| format!("has to report the outcome: {step}"));
    let approved = held.approved.map(|step| format!("approved {step}"));
    let overrode = held.overrode;
    let overrode = overrode.map(|step| format!("overrode missing approvals of {step}"));
    let observed = held.observed.then(|| "looked at the action".to_owned());
    let standard = held
        .said_standard
        .then(|| "said that it is Standard".to_owned());
    let rests = held.rests.zip(permit);
    let rests =
        rests.map(|(step, permit)| format!("{}'s permit for {step} rests on that", permit.holder));
    let acked = held
        .acked
        .then(|| "knows of it, so its reminders mention nobody".to_owned());
    let all = opened.into_iter().chain(until).chain(asked);
    let all = all
        .chain(approved)
        .chain(overrode)
        .chain(observed)
        .chain(standard)
        .chain(rests);
    all.chain(acked).collect()
}

fn clauses(one: &HandedOver, opener: Option<&Person>) -> Vec<String> {
    let held = one.held;
    let now = opener.filter(|_| held.opened || held.asked.is_some());
    let now = now.map(|opener| match (held.opened, held.asked) {
        (true, _) => format!("{opener}'s now"),
        (false, _) => format!("{opener} is asked for the outcome"),
    });
    let permit = held.permit.or(held.rests);
    let permit = permit.map(|step| format!("the permit for {step} is withdrawn"));
    let approved = held.approved;
    let approved = approved.map(|step| format!("the approval of {step} no longer counts"));
    let overrode = held.overrode;
    let overrode =
        overrode.map(|step| format!("the emergency override of {step} no longer counts"));
    let observed = held
        .observed
        .then(|| "the look no longer counts".to_owned());
    let standard = held
        .said_standard
        .then(|| "the word of Standard no longer counts".to_owned());
    let own = one
        .case
        .events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::ApproverGone {
                step,
                of,
                why: why @ Disqualified::OwnsIt,
            } => Some(format!(
                "{of}'s approval of {step} no longer counts, as {of} {}",
                event::disqualified(*why)
            )),
            _ => None,
        });
    let acked = held
        .acked
        .then(|| "its reminders mention people again".to_owned());
    let all = now.into_iter().chain(permit);
    let all = all
        .chain(approved)
        .chain(overrode)
        .chain(observed)
        .chain(standard)
        .chain(own);
    all.chain(acked).collect()
}
