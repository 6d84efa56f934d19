//! Notices: the decision and the reason.

mod card;
mod instance;
mod list;
mod raised;

pub(super) use card::Settles;
pub(super) use instance::unsubscribed;
pub use list::in_digest;
pub(super) use list::{acked, list, one, stay_raised, still_raised, suppressed};
pub(super) use raised::why_raised;
pub use raised::{GatheredNotice, gathered, raised};

use std::fmt::Write as _;

use chrono::TimeDelta;

use super::time::Reader;
use super::{concern, fact, remedy, wording};
use crate::answer::NoticeTaken;
use crate::domain::id::is_unprintable;
use crate::domain::instance::{Edition, Instance};
use crate::domain::notice::{
    Leftover, NoticeKind, NoticeRecord, NoticeStatus, NoticeVerdict, Objection, Proof, Veto,
};
use crate::domain::outcome::Outcome;
use crate::domain::team::ACTION_RUNS_WITHIN;

use list::{proof, state};
use raised::{not_understood, unclear};

/// The most characters of a notice shown.
const SHOWN: usize = 160;
/// The most characters shown of what is not understood of it.
const PIECE: usize = 50;
/// The most ids of a notice listed.
const LISTED: usize = 20;
/// The least time for which texts are kept.
const TEXT_IS_KEPT: TimeDelta = TimeDelta::days(7);

/// The decision on a notice when it came in.
pub(super) fn taken(taken: &NoticeTaken, reader: &Reader) -> String {
    let (filed, known, other) = (&taken.filed, &taken.known, taken.other.as_ref());
    let left = taken.left.as_ref();
    let raised = || raised(filed, known, &taken.near, &taken.beside, left, reader);
    let mut out = match (filed.first, other) {
        (NoticeStatus::Suppressed, _) => suppressed_now(filed, known, reader),
        (NoticeStatus::Raised, None) if filed.is_folded() => format!(
            "{}\nNot posted: a reminder of this expiry has told people the same within a day, or does so later today.",
            raised()
        ),
        (NoticeStatus::Raised, None) => raised(),
        (NoticeStatus::Raised, Some(other))
            if filed.read.kind != NoticeKind::Gone && filed.says_the_same(other) =>
        {
            format!(
                "{}\nNot posted: notice {} says the same and is raised; it is repeated for both.",
                raised(),
                other.number
            )
        }
        (NoticeStatus::Raised, Some(other)) => format!(
            "{}\nNot posted: notice {} has told people within a day that it is gone.",
            raised(),
            other.number
        ),
        (NoticeStatus::Duplicate(of), other) => {
            let became = other.map_or_else(String::new, |other| became(other, known, left, reader));
            format!(
                "Duplicate: notice {} says what notice {of} has said; counted, not repeated.{became} `notices <instance>` and `suppressed` list them.",
                filed.number
            )
        }
    };
    if let Some(offer) = taken.offer.as_ref().filter(|_| !reader.has_buttons()) {
        out.extend(["\n", &wording::offered(filed, offer)]);
    }
    out
}

/// The decision on the notice that another one repeats, with the reason.
fn became(
    first: &NoticeRecord,
    known: &[Instance],
    left: Option<&Leftover>,
    reader: &Reader,
) -> String {
    let of = match known {
        [] => String::new(),
        _ => format!(" for {}", names(known)),
    };
    let why = match (first.status, unclear(first, left)) {
        (NoticeStatus::Suppressed, _) => format!("; {}", proof(first, reader)),
        (NoticeStatus::Raised, _) if first.settled.is_some() => String::new(),
        (_, Some(why)) => format!(". {why}"),
        (_, None) => match first.verdict {
            NoticeVerdict::NotARelease => "; it is no release notice".to_owned(),
            NoticeVerdict::DateDoesNotFit => {
                "; its date does not fit the expiry as it is known".to_owned()
            }
            NoticeVerdict::ProbablyRedundant => "; it is probably redundant".to_owned(),
            NoticeVerdict::NoProof
            | NoticeVerdict::NotOneInstance
            | NoticeVerdict::NotUnderstood
            | NoticeVerdict::Vetoed
            | NoticeVerdict::RedundantByAction
            | NoticeVerdict::RedundantByConversion => {
                "; nothing proves that it means nothing".to_owned()
            }
        },
    };
    let why = why.trim_end_matches('.');
    format!(
        " Notice {}, {}{of}, is {}{why}.",
        first.number,
        kind(first.read.kind),
        state(first, reader)
    )
}

/// The notices that a post is about beside its own: they say the same, or the same fact has raised them.
pub fn told_with(filed: &NoticeRecord, others: &[NoticeRecord]) -> String {
    let numbers = |same: bool| -> Vec<u64> {
        let others = others.iter();
        let others = others.filter(|other| filed.says_the_same(other) == same);
        others.map(|other| other.number).collect()
    };
    let mut told = Vec::new();
    let (same, raised) = (numbers(true), numbers(false));
    if !same.is_empty() {
        told.push(format!("The same came as {} too.", numbered(&same)));
    }
    if !raised.is_empty() {
        told.push(format!(
            "Raised with it, by the same fact: {}; it is repeated for all.",
            numbered(&raised)
        ));
    }
    told.join(" ")
}

/// Notices by their numbers.
fn numbered(numbers: &[u64]) -> String {
    let plural = if numbers.len() == 1 { "" } else { "s" };
    let each = numbers.iter().take(LISTED).map(ToString::to_string);
    let each: Vec<String> = each.collect();
    let more = match numbers.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("notice{plural} {}{more}", each.join(", "))
}

/// The summary for the notices of several files, below their replies.
pub fn of_files(outcomes: &[Outcome]) -> String {
    let known = [Outcome::Raised, Outcome::Duplicate, Outcome::Suppressed];
    let counted = |is: &dyn Fn(&Outcome) -> bool, words: &str| {
        let count = outcomes.iter().filter(|outcome| is(outcome)).count();
        (count > 0).then(|| format!("{count} {words}"))
    };
    let mut parts: Vec<String> = known
        .iter()
        .filter_map(|one| counted(&|outcome| outcome == one, one.as_str()))
        .collect();
    parts.extend(counted(&|outcome| !known.contains(outcome), "not taken"));
    format!("{} files: {}.", outcomes.len(), parts.join(", "))
}

/// The reply to a report that an instance still exists.
pub(super) fn still_there(
    number: u64,
    looked: Option<Edition>,
    is_new: bool,
    unseen: &[String],
) -> String {
    if !is_new {
        return format!("Already done: notice {number} is settled.");
    }
    let looked = looked.map_or_else(
        || match unseen {
            [] => String::new(),
            [one, ..] => format!("Nothing is recorded of the instance: `instance set {one} --edition <standard|platinum>` says what the console shows."),
        },
        |edition| format!("It is recorded that you saw it, as {}; if the console shows another edition, say so with `instance set`.", fact::edition(edition)),
    );
    format!("Done: notice {number} is settled, what it calls gone is still there. {looked}")
}

/// The reply to a report that an instance exists which is recorded as deleted.
pub(super) fn still_there_although_lost(
    filed: &NoticeRecord,
    instance: &Instance,
    is_new: bool,
    reader: &Reader,
) -> String {
    let done = if is_new { "Done" } else { "Already done" };
    format!(
        "{done}: notice {} is settled. {} is {}. Nothing warns of its expiry until one of the two is taken back: {}.",
        filed.number,
        instance.called(),
        concern::back(instance, reader),
        remedy::whether_there(&instance.id)
    )
}

/// A notice that several are gone is not settled: some of them have not been looked at since.
pub(super) fn still_unseen(number: u64, seen: &[String], unseen: &[String]) -> String {
    let mut out = format!(
        "Not settled: notice {number} calls several instances gone, and each is looked at for itself.\n"
    );
    if !seen.is_empty() {
        let _ = writeln!(out, "  Looked at since: {}.", seen.join(", "));
    }
    for one in unseen {
        let _ = writeln!(
            out,
            "  {one}: look in the console. It is there: `instance set {one} --edition <standard|platinum>`; gone: `instance lost {one} --reason TEXT`."
        );
    }
    out.push_str("That settles it.");
    out
}

fn suppressed_now(filed: &NoticeRecord, known: &[Instance], reader: &Reader) -> String {
    let names = names(known);
    let mut out = format!(
        "Suppressed: notice {}, {} for {names}, is proved to mean nothing (release-notice-redundant). Nothing is posted.\n",
        filed.number,
        kind(filed.read.kind)
    );
    let _ = writeln!(out, "Proof: {}.", proof(filed, reader));
    if let Some(Proof::Action { expiry, .. }) = &filed.proof {
        let _ = write!(
            out,
            "It is raised after all if the action is attested otherwise or too long ago, if the expiry moves, or if nobody attests Standard within 168 h after expiry, {}.",
            reader.moment(*expiry + ACTION_RUNS_WITHIN)
        );
    }
    out
}

/// The objections to suppressing a text, with their words.
pub(super) fn forbidden(why: &[Objection]) -> String {
    let each = why.iter().map(|Objection { veto, said }| match said {
        Some(said) => format!("{} (“{}”)", forbids(*veto), clean(said, SHOWN)),
        None => forbids(*veto).to_owned(),
    });
    each.collect::<Vec<_>>().join(" and ")
}

const fn forbids(veto: Veto) -> &'static str {
    match veto {
        Veto::More => "may speak of more instances than the one it names",
        Veto::Gone => "says that something has happened already",
        Veto::Delete => "speaks of deleting",
        Veto::Other => "speaks of something else than the instance",
        Veto::Time => "gives a time without a date",
        Veto::Digits => "holds a number that is no part of an id or a date",
        Veto::Name => "holds the name of another tracked instance",
        Veto::Unreleased => "says nothing of a release",
    }
}

/// The reply in a watched channel to a notice that is raised elsewhere.
pub fn channel_message(filed: &NoticeRecord, known: &[Instance]) -> String {
    let number = filed.number;
    let kind = kind(filed.read.kind);
    let (whom, place) = match known {
        [] => (
            "it names no instance that is tracked".to_owned(),
            "the default channel",
        ),
        [one] => (
            format!("it is for {}", one.called()),
            "that instance's channel",
        ),
        several => (
            format!("it is for {}", names(several)),
            "the channels of these instances",
        ),
    };
    let answer = if filed.pages(known) {
        format!("`notice {number} still-there` or `instance lost` answers it.")
    } else {
        format!("`ack notice {number}` acknowledges it.")
    };
    format!(
        "Raised: notice {number}, {kind}; {whom}.\nWhat it means and what to do is posted in {place}. {answer}"
    )
}

fn names(known: &[Instance]) -> String {
    let names: Vec<String> = known.iter().map(Instance::called).collect();
    names.join(", ")
}

pub(super) const fn kind(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Release => "a release notice",
        NoticeKind::Expiry => "an expiry notice",
        NoticeKind::Gone => "a notice of something gone",
        NoticeKind::Other => "not recognised",
    }
}

/// The beginning of a notice, on one line.
fn said(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    clean(&line, SHOWN)
}

/// Foreign text: bounded, with nothing invisible, and nothing that Discord would render as code or a mention.
pub(super) fn clean(text: &str, most: usize) -> String {
    let harmless = |c: char| match c {
        '`' => '\'',
        '@' => '＠',
        c if is_unprintable(c) => '·',
        c => c,
    };
    let mut shown: String = text.chars().take(most).map(harmless).collect();
    if text.chars().nth(most).is_some() {
        shown.push('…');
    }
    shown
}
