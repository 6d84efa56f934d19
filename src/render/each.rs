//! The reply to a command for several instances: counts, refusals and the instances left out.

use super::instance::warning;
use super::time::Reader;
use crate::answer::{Answer, Each, EachReply, NotOfSeveral, Warning};

/// The most replies shown in full.
const FULL: usize = 5;
/// The most refusals shown.
const REFUSED: usize = 20;

pub(super) fn each(each: &Each, reader: &Reader) -> String {
    let all = each.replies.iter();
    let done: Vec<&EachReply> = all.clone().filter(|one| one.is_done()).collect();
    let refused: Vec<&EachReply> = all.filter(|one| !one.is_done()).collect();
    let count = each.replies.len() + each.untried.len();
    let mut parts = Vec::new();
    let shown = names(done.iter().map(|one| one.shown.as_str()));
    match done.len() {
        0 if count > 1 => parts.push(format!("Of {count} instances none is done.")),
        all if all == count && count > FULL => {
            parts.push(format!("Done: all {count} instances: {shown}."));
        }
        some if some > 0 && some < count => {
            parts.push(format!("Done: {some} of {count} instances: {shown}."));
        }
        _ => {}
    }
    if count > FULL {
        parts.extend(warnings(&done, reader));
    } else {
        parts.extend(done.iter().map(|one| said(one, reader)));
    }
    for one in refused.iter().take(REFUSED) {
        let why = said(one, reader);
        parts.push(format!("Not {}: {}", one.shown, why.trim_end()));
    }
    let more = refused.iter().skip(REFUSED);
    let more: Vec<&str> = more.map(|one| one.shown.as_str()).collect();
    if !more.is_empty() {
        let more = names(more.into_iter());
        parts.push(format!("Not these either: {more}."));
    }
    if !each.untried.is_empty() {
        let left = names(each.untried.iter().map(String::as_str));
        parts.push(format!(
            "Not tried any more: {left}. Say it of these again."
        ));
    }
    parts.join("\n")
}

/// One reply, relative to the time it was given.
fn said(one: &EachReply, reader: &Reader) -> String {
    let now = one.reply.at;
    super::reply(&one.reply, &Reader { now, ..*reader })
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// The warnings, each once.
fn warnings(done: &[&EachReply], reader: &Reader) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for one in done {
        let Answer::Recorded { warnings, .. } = &one.reply.answer else {
            continue;
        };
        let worth = warnings
            .iter()
            .filter(|warning| !matches!(warning, Warning::ReadAs(_)));
        for said in worth.map(|each| format!("  Warning: {}", warning(each, reader))) {
            if !all.contains(&said) {
                all.push(said);
            }
        }
    }
    all
}

/// The refusal of a command for several instances.
pub(super) fn one_by_one(why: NotOfSeveral) -> String {
    match why {
        NotOfSeveral::Action => "The Post-expiration Action is recorded for one instance at a time: the vendor shows it on each instance's own page, so somebody looks at each (action-known). Nothing was recorded; say `action NAME <downgrade|delete>` for each.".to_owned(),
        NotOfSeveral::Edition => "The edition is recorded for one instance at a time, by somebody who has looked at it: reminders and rules rest on it, and of many it is easily wrong for one. Nothing was recorded; say `instance set NAME --edition <standard|platinum>` for each, or `import` a listing of the vendor's.".to_owned(),
        NotOfSeveral::Name => of_one("--name"),
        NotOfSeveral::Region => of_one("--region"),
        NotOfSeveral::CommodityId => of_one("--commodity-id"),
    }
}

fn of_one(option: &str) -> String {
    format!(
        "{option} belongs to one instance, and several are named. Nothing was recorded; set it for each, or `import` a CSV file that has it."
    )
}
