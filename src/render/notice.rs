//! Notices: the decision and the reason.

mod card;
mod instance;
mod list;

pub(super) use card::Settles;
pub(super) use instance::unsubscribed;
pub use list::in_digest;
pub(super) use list::{acked, list, one, stay_raised, still_raised, suppressed};

use std::fmt::Write as _;

use chrono::TimeDelta;

use super::time::Reader;
use super::{fact, wording};
use crate::answer::{InstanceMatch, NoticeTaken, Raised};
use crate::domain::id::{InstanceId, is_series_5, is_unprintable};
use crate::domain::instance::{Edition, Instance};
use crate::domain::notice::{
    Beside, Leftover, NoticeKind, NoticeRecord, NoticeStatus, NoticeVerdict, Objection, Proof,
    Veto, is_unread,
};
use crate::domain::outcome::Outcome;
use crate::domain::team::ACTION_RUNS_WITHIN;

use instance::of_instance;
use list::{ended, proof, state};

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

/// The post about a raised notice: consequence, deadline, next step.
pub fn raised(
    filed: &NoticeRecord,
    known: &[Instance],
    near: &[InstanceMatch],
    beside: &[Beside],
    left: Option<&Leftover>,
    reader: &Reader,
) -> String {
    let on_card = reader.has_buttons();
    let again = match filed.told {
        0 | 1 => String::new(),
        told => format!(" (told {told} times)"),
    };
    let mut out = title(filed, known, &again, reader);
    if let Some(because) = filed.because {
        let since = filed.raised.unwrap_or(reader.now);
        let was = if because.was_settled() {
            "settled"
        } else {
            "suppressed"
        };
        let _ = writeln!(
            out,
            "It was {was} until {}; {}.",
            reader.instant(since),
            ended(because)
        );
    }
    match unclear(filed, left) {
        Some(_) if on_card && filed.verdict == NoticeVerdict::NotUnderstood => {
            out.push_str(&card::not_understood(filed, left));
        }
        Some(why) => {
            let _ = writeln!(out, "{why}");
        }
        None => {}
    }
    let named = filed.read.ids.iter().filter(|id| !is_unread(id)).count();
    let one = matches!(known, [one] if filed.read.names_only(one));
    if named > 1 && !one {
        let _ = writeln!(
            out,
            "It names {named} ids, and such a notice is never redundant:"
        );
    }
    if named < filed.read.ids.len() {
        out.push_str("Something came with it that could not be read, and only what is read may mean nothing (release-notice-redundant):\n");
    }
    for unread in filed
        .read
        .ids
        .iter()
        .filter(|id| is_unread(id))
        .take(LISTED)
    {
        let _ = writeln!(out, "  {}", clean(unread, SHOWN));
    }
    for instance in known {
        let beside = beside.iter().find(|one| one.instance == instance.id);
        if on_card {
            let is_alone = known.len() == 1;
            card::of_instance(&mut out, filed, instance, beside, is_alone, reader);
        } else {
            of_instance(&mut out, filed, instance, beside, reader);
        }
    }
    unknown(&mut out, filed, known, near);
    let differs = known
        .iter()
        .any(|one| one.is_tracked() && filed.other_expiry(one).is_some());
    if !(on_card && card::has_dates(filed, known)) {
        dates(&mut out, filed, differs, reader);
    }
    if filed.text.is_empty() && reader.now - filed.received < TEXT_IS_KEPT {
        out.push_str("There is no text in it that could be read.\n");
    } else if filed.text.is_empty() {
        out.push_str("Its text is not kept any more (retention.notices).\n");
    } else if on_card {
        out.push_str(&card::quoted(filed, known));
    } else {
        let _ = writeln!(out, "It says: “{}”", said(&filed.text));
    }
    let explains = beside.iter().find_map(|beside| beside.explains);
    let _ = if let Some(change) = explains {
        write!(
            out,
            "#{change} explains it: it unsubscribed the instance, and Standard was seen since. It is not repeated; if it is something else, `instance lost` records it."
        )
    } else if on_card {
        // Its buttons answer it.
        if let [one] = known {
            let beside = beside.iter().find(|beside| beside.instance == one.id);
            out.push_str(&card::next(filed, one, beside, true, reader));
        }
        Ok(())
    } else if filed.calls_several_gone() && filed.is_raised() {
        write!(
            out,
            "It is repeated after 1, 3, 7 and 15 days, then in the weekly digest, until each of them was looked at, or is recorded as gone."
        )
    } else if filed.pages(known) {
        write!(
            out,
            "It is repeated after 1, 3, 7 and 15 days, then in the weekly digest, until a fact settles it or somebody answers: `notice {} still-there`, `instance lost`, or `confirm … --outside`.",
            filed.number
        )
    } else if filed.comes_back(known) {
        write!(
            out,
            "It is repeated after 1, 3, 7 and 15 days, then in the weekly digest, until a fact settles it or somebody says `ack notice {}`.",
            filed.number
        )
    } else if filed.needs_answer() {
        write!(out, "`notice {} still-there` answers it.", filed.number)
    } else {
        write!(out, "`ack notice {}` acknowledges it.", filed.number)
    };
    out.truncate(out.trim_end().len());
    out
}

/// The first line. On a card it fits a phone's, with a short name.
fn title(filed: &NoticeRecord, known: &[Instance], again: &str, reader: &Reader) -> String {
    let number = filed.number;
    if reader.has_buttons() {
        let kind = card::kind(filed.read.kind);
        return match known {
            [] => format!(
                "Raised{again}: notice {number}, {kind}, names no instance that is tracked\n"
            ),
            _ => format!("Raised{again}: notice {number}, {kind}: {}\n", names(known)),
        };
    }
    let kind = kind(filed.read.kind);
    match known {
        [] => {
            format!("Raised{again}: notice {number}, {kind}, names no instance that is tracked.\n")
        }
        _ => format!(
            "Raised{again}: notice {number}, {kind} for {}.\n",
            names(known)
        ),
    }
}

/// The reason why its statement is not relied on, if that is why it is raised.
fn unclear(filed: &NoticeRecord, left: Option<&Leftover>) -> Option<String> {
    match (filed.verdict, &filed.read.understood) {
        (NoticeVerdict::NotUnderstood, _) => Some(format!(
            "{}; only where all of the text is may a notice mean nothing (release-notice-redundant).",
            not_understood(filed, left)
        )),
        (NoticeVerdict::Vetoed, Some(understood)) => Some(format!(
            "Its wording is known, but it is never suppressed: it {} (release-notice-redundant).",
            forbidden(&understood.objections())
        )),
        _ => None,
    }
}

/// The part of a text that is not understood, at the beginning of a sentence.
fn not_understood(filed: &NoticeRecord, left: Option<&Leftover>) -> String {
    match left {
        None => "Not all of its text is understood".to_owned(),
        Some(Leftover::All) => "Not understood: no wording fits any part of it".to_owned(),
        Some(Leftover::Together) => {
            "Not understood: a wording fits each part, and none fits all of it".to_owned()
        }
        Some(Leftover::Odd) => "Not understood: it holds a character that does not show".to_owned(),
        Some(Leftover::Pieces { first, more }) => {
            let ids = filed.read.ids.iter().filter(|id| !is_unread(id));
            let short = ids.fold(first.clone(), |text, id| text.replace(id.as_str(), "…"));
            let more = match more {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("Not understood: “{}”{more}", clean(&short, PIECE))
        }
    }
}

/// Why the latest notice of an instance is raised, if that is its text.
pub(super) fn why_raised(raised: &Raised) -> Option<String> {
    let why = unclear(&raised.filed, raised.left.as_ref())?;
    Some(format!("Notice {} is raised. {why}\n", raised.filed.number))
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
    let answer = if filed.needs_answer() {
        format!("`notice {number} still-there` or `instance lost` answers it.")
    } else {
        format!("`ack notice {number}` acknowledges it.")
    };
    format!(
        "Raised: notice {number}, {kind}; {whom}.\nWhat it means and what to do is posted in {place}. {answer}"
    )
}

/// The names of those that claim what stands in a notice as their commodity id.
fn claimants(written: &str, known: &[Instance]) -> String {
    let claims = |one: &&Instance| {
        let mut candidates = one.commodity_id.candidates();
        candidates.any(|it| it.value.as_str().eq_ignore_ascii_case(written))
    };
    let names: Vec<String> = known.iter().filter(claims).map(Instance::called).collect();
    names.join(" and ")
}

/// The untracked ids, and the instances that the names suggest.
fn unknown(out: &mut String, filed: &NoticeRecord, known: &[Instance], near: &[InstanceMatch]) {
    let is_known = |written: &&String| {
        known.iter().any(|one| {
            let commodity = one.commodity_id.value();
            one.id.as_str() == written.as_str()
                || commodity.is_some_and(|id| id.to_string() == **written)
        })
    };
    let ids = filed.read.ids.iter().filter(|written| !is_unread(written));
    let strange = ids.clone().filter(|written| !is_known(written));
    for written in strange.take(LISTED) {
        let shown = clean(written, SHOWN);
        let alike = known.iter().find(|one| one.id.is_alike(written));
        let claims = claimants(written, known);
        let what = if !claims.is_empty() {
            format!(
                "the commodity id of {claims} as far as is known, and not certain (refund-limits): look in the vendor's console which instance it is"
            )
        } else if let Some(one) = alike {
            format!(
                "not an id that is tracked, but like that of {} ({}), which is perhaps meant: look the whole id up in the vendor's console",
                one.called(),
                one.id
            )
        } else if near.iter().any(|one| one.id.is_alike(written)) {
            "the ids of several tracked instances begin so: look the whole id up in the vendor's console".to_owned()
        } else if is_series_5(written) {
            "a 5.x instance, which has no such way to Standard (series-4x)".to_owned()
        } else if written.contains('*') {
            "masked: look its full id up in the vendor's console".to_owned()
        } else if InstanceId::parse(written).is_ok() {
            format!("not tracked: whose is it? `instance add {shown} …` tracks it")
        } else if written.to_ascii_uppercase().starts_with("MQ_INST_") {
            "an incomplete or mistyped id: look the whole id up in the vendor's console".to_owned()
        } else {
            "not the commodity id of exactly one tracked instance: look it up in the vendor's console".to_owned()
        };
        let _ = writeln!(out, "{shown}: {what}.");
    }
    if ids.count() == 0 {
        let _ = writeln!(
            out,
            "It names no id. Find out which instance it means: a name alone proves nothing."
        );
    }
    for found in near {
        let _ = writeln!(
            out,
            "{} {} ({}, {}).",
            if known.is_empty() {
                "Perhaps it means"
            } else {
                "It also gives a name that another tracked instance has:"
            },
            found.name,
            found.region,
            found.id
        );
    }
}

fn dates(out: &mut String, filed: &NoticeRecord, differs: bool, reader: &Reader) {
    if filed.read.dates.is_empty() {
        return;
    }
    let on_card = reader.has_buttons();
    let each = filed.read.dates.iter().map(|date| match date {
        Some(date) if on_card => reader.date(*date),
        Some(date) => reader.moment(*date),
        None => "one that cannot be read".to_owned(),
    });
    let each: Vec<String> = each.take(LISTED).collect();
    let misfit = if differs || filed.verdict == NoticeVerdict::DateDoesNotFit {
        "; that does not fit the expiry as it is known"
    } else {
        ""
    };
    let _ = if on_card {
        writeln!(out, "  notice's date  {}{misfit}", each.join(", "))
    } else {
        writeln!(out, "Its date: {}{misfit}.", each.join(", "))
    };
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
