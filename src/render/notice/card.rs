//! A raised notice on a card. What its buttons do is not spelt out.

use std::fmt::Write as _;

use super::instance::{
    consequence, contradicted, denied, is_standard, is_too_old, may_be_saved, next_step, recent,
    untracked, waiting,
};
use super::{clean, said, unclear};
use crate::domain::Timestamp;
use crate::domain::instance::Instance;
use crate::domain::notice::{Beside, Leftover, NoticeKind, NoticeRecord, NoticeVerdict};
use crate::domain::rules::FactKind;
use crate::render::time::Reader;
use crate::render::{card, fact};

/// The most characters of a notice shown whose announcement is recognised.
const SHOWN_IF_RECOGNISED: usize = 100;

/// The title, without the instances.
pub(super) const fn kind(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Release => "release",
        NoticeKind::Expiry => "expiry",
        NoticeKind::Gone => "something gone",
        NoticeKind::Other => "not recognised",
    }
}

/// The line for a text that no wording reads whole.
pub(super) fn not_understood(filed: &NoticeRecord, left: Option<&Leftover>) -> String {
    let what = super::not_understood(filed, left);
    match (filed.read.kind, left) {
        (NoticeKind::Other, None | Some(Leftover::All)) => {
            "Not understood, so never suppressed: read it.\n".to_owned()
        }
        (NoticeKind::Other, Some(_)) => format!("{what}; so never suppressed: read it.\n"),
        (NoticeKind::Release | NoticeKind::Expiry | NoticeKind::Gone, _) => format!("{what}.\n"),
    }
}

/// Whether [`not_understood`] says all that can be said of its consequence.
fn is_unrecognised(filed: &NoticeRecord) -> bool {
    filed.read.kind == NoticeKind::Other && filed.verdict == NoticeVerdict::NotUnderstood
}

/// Consequence, facts, deadline and next step of one instance; `is_alone` if the title names it and no other.
pub(super) fn of_instance(
    out: &mut String,
    filed: &NoticeRecord,
    instance: &Instance,
    beside: Option<&Beside>,
    is_alone: bool,
    reader: &Reader,
) {
    let label = if is_alone {
        "instance id"
    } else {
        instance.name.as_str()
    };
    if !instance.is_tracked() {
        let _ = writeln!(out, "  {label}  `{}`", instance.id);
        let _ = writeln!(out, "{}", untracked(filed, instance, reader));
        return;
    }
    if may_be_saved(filed, instance, reader) {
        out.push_str(
            "At once: renew it in the console, or set Downgrade there. That may still save it.\n",
        );
    }
    if !is_unrecognised(filed) {
        let _ = writeln!(out, "{}", consequence(filed, instance, beside, reader));
    }
    let _ = writeln!(out, "  {label}  `{}`", instance.id);
    if let Some(denied) = denied(filed, instance) {
        let _ = writeln!(out, "{denied}");
    }
    if let Some(recent) = recent(filed, beside) {
        let _ = writeln!(out, "{recent}");
    }
    facts(out, filed, instance, reader);
    if !is_alone {
        out.push_str(&next(filed, instance, beside, is_alone, reader));
    }
}

/// The next step; where the instance is alone, the last line of the card.
pub(super) fn next(
    filed: &NoticeRecord,
    instance: &Instance,
    beside: Option<&Beside>,
    is_alone: bool,
    reader: &Reader,
) -> String {
    if !instance.is_tracked() {
        return String::new();
    }
    let next = match waiting(filed, instance, beside) {
        Some(waiting) => waiting,
        None if is_alone && filed.read.kind == NoticeKind::Gone => {
            "see in the console whether it is there.".to_owned()
        }
        None => pressed(filed, instance, reader)
            .filter(|_| is_alone)
            .map_or_else(|| next_step(filed, instance, beside, reader), str::to_owned),
    };
    format!("Next: {next}\n")
}

/// Whether its only date stands beside the expiry that it contradicts.
pub(super) fn has_dates(filed: &NoticeRecord, known: &[Instance]) -> bool {
    let one = <[Instance]>::first(known);
    filed.read.dates.len() == 1
        && one.is_some_and(|one| one.is_tracked() && contradicted(filed, one).is_some())
}

/// The known facts of the instance that matter for the notice.
fn facts(out: &mut String, filed: &NoticeRecord, instance: &Instance, reader: &Reader) {
    if is_standard(instance) {
        let (edition, remark) = fact::cells(instance, FactKind::Edition, reader);
        let _ = writeln!(out, "  edition  {edition}, {remark}");
        return;
    }
    let doubt = if is_too_old(instance, reader) {
        ": too old, look again"
    } else {
        ""
    };
    let action = card::action(instance, reader);
    let _ = writeln!(out, "{}{doubt}", action.trim_end());
    let moment = |at: Timestamp| format!("{}, {}", reader.date(at), reader.relative(at));
    let known: Vec<String> = instance
        .expires
        .candidates()
        .map(|known| moment(known.value))
        .collect();
    let expiry = match (contradicted(filed, instance), known.join(" or ")) {
        (Some(announced), _) => {
            let known: Vec<String> = (instance.expires.candidates())
                .map(|known| reader.date(known.value))
                .collect();
            format!(
                "{} as the notice says, {} as is known",
                reader.date(announced),
                known.join(" or ")
            )
        }
        (None, known) if known.is_empty() => "not known".to_owned(),
        (None, known) => known,
    };
    let _ = writeln!(out, "  expiry  {expiry}");
}

/// The next step where buttons take it.
fn pressed(filed: &NoticeRecord, instance: &Instance, reader: &Reader) -> Option<&'static str> {
    match Settles::of(filed, instance, reader.now)? {
        Settles::Action if filed.denies_action(instance) => {
            Some("before anything else, see its action in the console.")
        }
        Settles::Action => Some("see its action in the console."),
        Settles::ExpiryAndAction => Some("see its expiry and its action in the console."),
        Settles::Expiry if filed.other_expiry(instance).is_some() => Some(
            "one of the two is wrong: look in the console; renew it before the earlier, if it is to stay.",
        ),
        Settles::Expiry => Some("renew it, and say when it expires; or take a way to Standard."),
    }
}

/// The facts that settle a notice, and that its buttons supply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render) enum Settles {
    Action,
    Expiry,
    ExpiryAndAction,
}

impl Settles {
    /// `None` where somebody has to look at the edition, or whether the instance is there.
    pub(in crate::render) fn of(
        filed: &NoticeRecord,
        instance: &Instance,
        now: Timestamp,
    ) -> Option<Self> {
        let is_over = instance.expired_at(now).is_some() || is_standard(instance);
        if is_over || !instance.is_tracked() || filed.read.kind == NoticeKind::Gone {
            return None;
        }
        Some(match (filed.read.kind, filed.verdict) {
            _ if filed.denies_action(instance) => Self::Action,
            (NoticeKind::Expiry, _) => Self::Expiry,
            (NoticeKind::Release, NoticeVerdict::DateDoesNotFit) => Self::ExpiryAndAction,
            (NoticeKind::Release | NoticeKind::Gone | NoticeKind::Other, _) => Self::Action,
        })
    }
}

/// The text of the notice, without the id that is shown above it.
pub(super) fn quoted(filed: &NoticeRecord, known: &[Instance]) -> String {
    let text = match known {
        [one] if filed.read.names_only(one) => filed.text.replace(one.id.as_str(), "…"),
        _ => filed.text.clone(),
    };
    let is_recognised = unclear(filed, None).is_none() && filed.read.kind != NoticeKind::Other;
    let said = said(&text);
    let said = match is_recognised {
        true => clean(&said, SHOWN_IF_RECOGNISED),
        false => said,
    };
    format!("  notice says  “{said}”\n")
}
