//! Facts with their age and source.

use super::time::Reader;
use crate::domain::event::FactValue;
use crate::domain::fact::{Fact, Gap, Known, Source};
use crate::domain::facts::{FactKind, each_fact};
use crate::domain::instance::{Edition, Instance, PostExpirationAction};

/// The texts of a fact.
struct Words {
    name: &'static str,
    unknown: &'static str,
}

const fn words(fact: FactKind) -> Words {
    let (name, unknown) = match fact {
        FactKind::Edition => ("edition", "nobody knows its edition."),
        FactKind::Expires => ("expiry", "nobody knows when it expires."),
        FactKind::Action => (
            "Post-expiration Action",
            "nobody knows what its action is: on Delete, the exit deletes it for good.",
        ),
        FactKind::AutoRenew => ("auto-renewal", "nobody knows whether it renews itself."),
        FactKind::Busy => (
            "busy status",
            "nobody knows whether the vendor is working on it.",
        ),
        FactKind::MaxTps => (
            "size (max TPS)",
            "nobody said how large it is; Standard carries 5,000 TPS and 4,000 connections.",
        ),
        FactKind::CommodityId => ("commodity id", "nobody said what its commodity id is."),
        FactKind::Topics => ("topics", "nobody said how many topics it has."),
        FactKind::Groups => ("groups", "nobody said how many groups it has."),
    };
    Words { name, unknown }
}

/// The name of a fact within sentences.
pub(super) const fn name(fact: FactKind) -> &'static str {
    words(fact).name
}

/// The statement that a fact is unknown.
pub(super) const fn unknown(fact: FactKind) -> &'static str {
    words(fact).unknown
}

/// The placeholder of a value in a command, by its type.
macro_rules! placeholder {
    (Edition) => {
        "<standard|platinum>"
    };
    (Action) => {
        "<downgrade|delete>"
    };
    (Switch) => {
        "<on|off>"
    };
    (At) => {
        "WHEN"
    };
    (Commodity) => {
        "ID"
    };
    ($Number:ident) => {
        "N"
    };
}

macro_rules! supply {
    ($(#[$about:meta] $field:ident: $Kind:ident = $Value:ident($Type:ty) [$($Only:ident)?];)+) => {
        /// The command that supplies a missing, stale or contradictory fact.
        pub(super) fn supply(fact: FactKind, instance: &str) -> String {
            match fact {
                FactKind::Action => {
                    format!("look at it in the console, then `action {instance} {}`", value_of(fact))
                }
                fact => format!("look, then `instance set {instance}{}`", option(fact)),
            }
        }

        /// The option of `instance set` that says a fact: ` --commodity-id ID`.
        pub(super) fn option(fact: FactKind) -> String {
            format!(" --{fact} {}", value_of(fact))
        }

        const fn value_of(fact: FactKind) -> &'static str {
            match fact {
                $(FactKind::$Kind => placeholder!($Value),)+
            }
        }
    };
}

each_fact!(supply);

pub(super) const fn edition(edition: Edition) -> &'static str {
    match edition {
        Edition::Standard => "Standard",
        Edition::Platinum => "Platinum",
    }
}

pub(super) const fn action(action: PostExpirationAction) -> &'static str {
    match action {
        PostExpirationAction::Delete => "Delete",
        PostExpirationAction::Downgrade => "Downgrade",
    }
}

/// A value without its source.
pub(super) fn value(value: &FactValue, reader: &Reader) -> String {
    match value {
        FactValue::Unknown => "unknown".to_owned(),
        FactValue::Contradictory => "contradictory".to_owned(),
        FactValue::Edition(value) => edition(*value).to_owned(),
        FactValue::Action(value) => action(*value).to_owned(),
        FactValue::Switch(value) => value.as_str().to_owned(),
        FactValue::At(at) => reader.instant(*at),
        FactValue::Tps(tps) => format!("{} TPS", thousands(*tps)),
        FactValue::Commodity(id) => id.to_string(),
        FactValue::Count(count) => thousands(*count),
    }
}

/// `12345` as `12,345`.
pub(super) fn thousands(number: u32) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The contents lost with an instance, counted if known: `its 30 topics and 12 groups`.
pub(super) fn contents(instance: &Instance) -> String {
    let counted = |count: &Fact<u32>, one: &str| {
        count.value().map(|count| {
            format!(
                "{} {one}{}",
                thousands(*count),
                if *count == 1 { "" } else { "s" }
            )
        })
    };
    let topics = counted(&instance.topics, "topic");
    let groups = counted(&instance.groups, "group");
    match (topics, groups) {
        (Some(topics), Some(groups)) => format!("its {topics} and {groups}"),
        (Some(topics), None) => format!("its {topics} and its groups"),
        (None, Some(groups)) => format!("its topics and {groups}"),
        (None, None) => "its topics and groups".to_owned(),
    }
}

/// The source and the age of a fact.
pub(super) fn provenance<T>(known: &Known<T>, reader: &Reader) -> String {
    let verb = match known.source {
        Source::Attested => "attested by",
        Source::Imported => "imported by",
        Source::Derived => "derived from a step confirmed by",
    };
    format!("{verb} {}, {}", known.by, reader.relative(known.at))
}

fn gap(gap: Gap) -> &'static str {
    match gap {
        Gap::NeverSaid => "nobody has said it yet",
        Gap::SaidUnknown => "said to be unknown",
        Gap::OnlyPlatinum => "Standard Edition has none",
        Gap::Upgraded => "not said since the upgrade",
        Gap::WasStandard => "not said since it was Standard",
        Gap::Renewed => "not looked at since the expiry moved",
        Gap::EditionSettled => "not looked at since its edition was in doubt",
        Gap::TakenBack => "not said since a confirmation was taken back",
        Gap::FileTakenBack => "not said since a file was taken back",
        Gap::OutcomeUnknown => {
            "in doubt since a change ended with a step that may have happened; attest it"
        }
        Gap::Missing => {
            "a listing does not have the instance any more, or has its subscription as ended"
        }
        Gap::Unverified => "only a file has said it; look, and attest it",
        Gap::ObserverGone => "not looked at by anybody else than somebody who has left",
        Gap::AheadOfClock => "said while the clock was ahead, so it counts for nothing; look again",
        Gap::Restored => "not looked at since the database was restored from a copy",
    }
}

/// A fact for a table: value, source and age.
pub(super) fn cell(instance: &Instance, fact: FactKind, reader: &Reader) -> String {
    brief(&instance.fact(fact), |value| bare(value, reader), reader)
}

/// A fact for a narrow table: an instant without its zone, and for the action the days since somebody looked.
pub(super) fn short_cell(instance: &Instance, fact: FactKind, reader: &Reader) -> String {
    let found = instance.fact(fact);
    let value = brief_value(&found, |value| match value {
        FactValue::At(at) => reader.wall_clock(*at),
        value => bare(value, reader),
    });
    let looked = found.known().filter(|_| fact == FactKind::Action);
    match looked.map(|known| (reader.now - known.at).num_days()) {
        Some(days @ 1..) => format!("{value}, {days} d ago"),
        _ => value,
    }
}

/// A value where the context names its unit.
fn bare(value: &FactValue, reader: &Reader) -> String {
    match value {
        FactValue::Tps(tps) => thousands(*tps),
        value => self::value(value, reader),
    }
}

fn brief(fact: &Fact<FactValue>, show: impl Fn(&FactValue) -> String, reader: &Reader) -> String {
    let value = brief_value(fact, show);
    let Some(known) = fact.known() else {
        return value;
    };
    let source = match known.source {
        Source::Attested => "attested",
        Source::Imported => "imported",
        Source::Derived => "derived",
    };
    format!("{value} ({source} {})", reader.relative(known.at))
}

fn brief_value(fact: &Fact<FactValue>, show: impl Fn(&FactValue) -> String) -> String {
    match fact {
        Fact::Unknown {
            gap: Gap::OnlyPlatinum,
            ..
        } => "–".to_owned(),
        Fact::Unknown { .. } => "unknown".to_owned(),
        Fact::Contradictory { .. } => "contradictory".to_owned(),
        Fact::Known(known) => show(&known.value),
    }
}

/// A fact as a value and a remark.
pub(super) fn cells(instance: &Instance, fact: FactKind, reader: &Reader) -> (String, String) {
    let show = |value: &FactValue| match value {
        FactValue::At(at) => reader.moment(*at),
        value => bare(value, reader),
    };
    of(&instance.fact(fact), &claimants(instance), show, reader)
}

/// The other tracked instances that claim a commodity id: by name where they were looked up.
pub(super) fn claimants(instance: &Instance) -> String {
    let several = match instance.claimed_by.as_slice() {
        // It may not be tracked any more.
        [] => return "another instance claimed".to_owned(),
        [_] => "claims",
        [_, ..] => "claim",
    };
    format!("{} {several}", instance.claimed_by.join(" and "))
}

fn of(
    fact: &Fact<FactValue>,
    claimants: &str,
    show: impl Fn(&FactValue) -> String,
    reader: &Reader,
) -> (String, String) {
    match fact {
        Fact::Unknown {
            gap: Gap::OnlyPlatinum,
            ..
        } => ("–".to_owned(), gap(Gap::OnlyPlatinum).to_owned()),
        Fact::Unknown { gap: why, .. } => ("unknown".to_owned(), gap(*why).to_owned()),
        Fact::Known(known) => (show(&known.value), provenance(known, reader)),
        // Only a commodity id can be disputed with equal values.
        Fact::Contradictory { held, other } if held.value == other.value => (
            "contradictory".to_owned(),
            format!(
                "{} ({}), which {claimants} too",
                show(&held.value),
                provenance(held, reader)
            ),
        ),
        Fact::Contradictory { held, other } => (
            "contradictory".to_owned(),
            format!(
                "{} ({}) against {} ({}); attest it",
                show(&held.value),
                provenance(held, reader),
                show(&other.value),
                provenance(other, reader)
            ),
        ),
    }
}

/// A fact in one phrase: `Post-expiration Action: Delete (attested by alice, 3 h ago)`.
pub(super) fn phrase(instance: &Instance, fact: FactKind, reader: &Reader) -> String {
    let (value, remark) = cells(instance, fact, reader);
    format!("{}: {value} ({remark})", name(fact))
}

/// The unverified action from a file.
pub(super) fn unverified(instance: &Instance, reader: &Reader) -> Option<String> {
    let heard = instance.action_unverified.as_ref()?;
    Some(format!(
        "a file said {} ({}): unverified, not relied on",
        action(heard.value),
        provenance(heard, reader)
    ))
}
