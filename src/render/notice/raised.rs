//! The post about a raised notice.

use std::fmt::Write as _;

use super::instance::{consequence, of_instance, untracked};
use super::list::ended;
use super::{LISTED, PIECE, SHOWN, TEXT_IS_KEPT, card, clean, forbidden, kind, names, said};
use crate::answer::{InstanceMatch, Raised};
use crate::domain::id::{InstanceId, is_series_5};
use crate::domain::instance::Instance;
use crate::domain::notice::{Beside, Leftover, NoticeRecord, NoticeVerdict, is_unread};
use crate::render::time::Reader;

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
            "It is repeated after {} days, then in the weekly digest, until a fact settles it or somebody says `ack notice {}`.",
            match filed.comes_back_after(known).len() {
                2 => "1 and 3",
                _ => "1, 3, 7 and 15",
            },
            filed.number
        )
    } else {
        write!(out, "`ack notice {}` acknowledges it.", filed.number)
    };
    out.truncate(out.trim_end().len());
    out
}

/// A notice that is told again with others.
pub struct GatheredNotice {
    pub filed: NoticeRecord,
    /// The instances that it names.
    pub known: Vec<Instance>,
}

/// The post of raised notices that are told again at one moment, a line each.
pub fn gathered(notices: &[GatheredNotice], reader: &Reader) -> String {
    let mut out = format!(
        "{} notices are raised, and nobody has settled them:",
        notices.len()
    );
    for GatheredNotice { filed, known } in notices {
        let number = filed.number;
        let _ = write!(out, "\n• notice {number}, {}", kind(filed.read.kind));
        let _ = match known.first() {
            None => write!(out, ", names no instance that is tracked."),
            Some(first) => {
                let means = match first.is_tracked() {
                    true => consequence(filed, first, None, reader),
                    false => untracked(filed, first, reader),
                };
                write!(out, " for {}. {means}", names(known))
            }
        };
        let answer = match filed.pages(known) {
            true => format!("`notice {number} still-there` or `instance lost` answers it"),
            false => format!("`ack notice {number}` acknowledges it"),
        };
        let _ = write!(out, " {answer}.");
    }
    out.push_str(
        "\nThey are repeated after 1, 3, 7 and 15 days, then in the weekly digest, until a fact or somebody settles them; `notices NAME` shows what was made of those of an instance.",
    );
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
pub(super) fn unclear(filed: &NoticeRecord, left: Option<&Leftover>) -> Option<String> {
    match (filed.verdict, &filed.read.understood) {
        (NoticeVerdict::NotUnderstood, _) => Some(format!(
            "{}, so it is raised: read it (release-notice-redundant).",
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
pub(super) fn not_understood(filed: &NoticeRecord, left: Option<&Leftover>) -> String {
    match left {
        None => "Not all of its text is understood".to_owned(),
        Some(Leftover::All) => "No known wording fits this text".to_owned(),
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
pub(in crate::render) fn why_raised(raised: &Raised) -> Option<String> {
    let why = unclear(&raised.filed, raised.left.as_ref())?;
    Some(format!("Notice {} is raised. {why}\n", raised.filed.number))
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
