//! Permits: the only place that prints a path through the vendor's console.

use std::fmt::Write as _;

use super::fact::thousands;
use super::time::Reader;
use super::{approval, card, finding, handle};
use crate::answer::Withheld;
use crate::domain::case::{Case, PermitShown};
use crate::domain::change::{Permit, PermitState, Step};
use crate::domain::fact::Fact;
use crate::domain::instance::Instance;
use crate::domain::rules::RuleId;

/// A permit for its holder: consequence, both ids, path and confirmation. Twelve lines on a phone.
pub(super) fn permit(case: &Case, shown: &PermitShown, opened: bool, reader: &Reader) -> String {
    let permit = &shown.permit;
    let instance = &case.instance;
    let number = case.open_number().unwrap_or_default();
    let mut out = String::new();
    if opened {
        let _ = writeln!(
            out,
            "Change #{number} is open: downgrade of {} by unsubscribing.",
            instance.called()
        );
    }
    let again = if shown.verdict.is_none() {
        " (the same one again)"
    } else {
        ""
    };
    let (name, step, holder) = (instance.called(), permit.step, &permit.holder);
    let head = format!("`{step}` of {name} (#{number}), for {holder}");
    let _ = match reader.has_buttons() {
        true => writeln!(out, "Permit: {head}{again}"),
        false => writeln!(
            out,
            "Allowed: permit for {head}, until {}{again}.",
            ends(case, permit, reader)
        ),
    };
    if let Some(before) = &shown.before {
        let _ = writeln!(out, "{}", unconfirmed(before, number, reader));
    }
    if reader.has_buttons() {
        // On a phone the date of an end in half an hour is a line that says nothing.
        let _ = write!(out, "Ends {}. ", ends_soon(case, permit, reader));
    }
    let _ = writeln!(out, "{}", consequence(step, instance, reader));
    out.push_str(&agreed(case, shown, reader));
    out.push_str(&match reader.has_buttons() {
        true => copied_row(case, step, reader),
        false => row(case, step, reader),
    });
    for (index, line) in path(step, instance, reader).iter().enumerate() {
        let _ = writeln!(out, "  {}. {line}", index + 1);
    }
    if reader.has_buttons() {
        return out;
    }
    if let Some(verdict) = &shown.verdict {
        out.push_str(&finding::of_rule(
            verdict,
            RuleId::RefundLimits,
            case,
            reader,
        ));
    }
    out.push_str(&then(step, number, instance));
    out
}

/// The note that the rules allow a step, and the condition for its permit.
pub(super) fn withheld(
    case: &Case,
    step: Step,
    opened: bool,
    why: Withheld,
    reader: &Reader,
) -> String {
    let instance = &case.instance;
    let of = match case.open_number().filter(|_| !opened) {
        Some(number) => format!("`{step}` of {} (#{number})", instance.called()),
        None => format!("`{step}` of {}", instance.called()),
    };
    if why == Withheld::Elsewhere {
        return format!(
            "The documented rules allow {of} at this moment. A permit is shown to its holder only: press the button to get yours."
        );
    }
    if why == Withheld::NamedWrongly && !reader.has_buttons() {
        return "That is not the name of the instance: no permit was given, and nothing was recorded.".to_owned();
    }
    let mut out = String::new();
    if why == Withheld::NamedWrongly {
        let _ = writeln!(out, "That is not the name of the instance.");
    }
    let _ = writeln!(
        out,
        "The permit for {of} is for this instance and no other."
    );
    let _ = writeln!(out, "{}", consequence(step, &case.instance, reader));
    out.push_str(&row(case, step, reader));
    let known = instance.commodity_id.value().is_some();
    if !known && !reader.has_buttons() {
        let _ = writeln!(
            out,
            "Look its commodity id up first, without which rows of the same name cannot be told apart: `aliyun ons OnsInstanceBaseInfo --InstanceId {}` prints it as spInstanceId, and `instance set {} --commodity-id ID` says it here.",
            instance.id,
            handle(instance)
        );
    }
    let or = if known {
        ", or the last six characters of its commodity id,"
    } else {
        ""
    };
    let _ = write!(out, "To get it, type the instance's name{or} yourself.");
    out
}

/// The approvers, or the note that none were needed. The change's card names them already.
fn agreed(case: &Case, shown: &PermitShown, reader: &Reader) -> String {
    if shown.alone && shown.permit.step == Step::Upgrade {
        return "Nobody else is asked here: no approvals. Read everything twice.\n".to_owned();
    }
    if shown.alone {
        return "Nobody else is asked here: no approvals, and one look at the action is enough. Read everything twice.\n".to_owned();
    }
    let Some(change) = case.open_change() else {
        return String::new();
    };
    let request = change.request.as_ref();
    let request = request.filter(|request| request.step == shown.permit.step);
    let by: Vec<_> = request
        .into_iter()
        .flat_map(|request| request.approvals.iter().map(|given| &given.by))
        .collect();
    let mut out = if by.is_empty() || reader.has_buttons() {
        String::new()
    } else {
        format!("Approved by {}.\n", approval::names(by))
    };
    out.push_str(&approval::emergency_override(change, reader));
    out
}

/// How a permit ended whose outcome nobody has said.
pub(super) const fn ended(state: PermitState) -> &'static str {
    match state {
        PermitState::Withdrawn => "was withdrawn",
        PermitState::Lapsed | PermitState::Out | PermitState::Used => "lapsed",
    }
}

/// The doubt left by the previous permit.
fn unconfirmed(before: &Permit, number: u64, reader: &Reader) -> String {
    let step = before.step.as_str();
    let ended = ended(before.state);
    format!(
        "Look first whether it has happened: the permit of {} of {} {ended} and nobody confirmed. If it did, `confirm {number} {step}` and do nothing else.",
        before.holder,
        reader.moment(before.shown_at)
    )
}

fn consequence(step: Step, instance: &Instance, reader: &Reader) -> &'static str {
    match step {
        Step::SetAction if instance.expired_at(reader.now).is_some() => {
            "It has expired, so this may come too late: it still may save the instance, as renewing it may. If the console shows Standard, it has no such action any more (release-after-7-days)."
        }
        Step::SetAction => "From then on an exit turns it into Standard instead of deleting it.",
        Step::Unsubscribe if reader.has_buttons() => {
            "Look again: on Delete, or in the wrong row, it is gone for good."
        }
        Step::Unsubscribe => {
            "Standard at once. On the wrong row, or not on Downgrade, an instance is deleted for good."
        }
        other => approval::consequence(other, reader),
    }
}

/// The end of a permit; one to unsubscribe ends at the expiry at the latest.
pub(super) fn ends(case: &Case, permit: &Permit, reader: &Reader) -> String {
    let ends = case.permit_ends(permit);
    let expiry = if ends < permit.lapses_at() {
        ", when it expires"
    } else {
        ""
    };
    format!("{}{expiry}", reader.moment(ends))
}

/// Like [`ends`], as a relative time only.
pub(super) fn ends_soon(case: &Case, permit: &Permit, reader: &Reader) -> String {
    let ends = case.permit_ends(permit);
    if ends < permit.lapses_at() {
        format!("{}, when it expires", reader.relative(ends))
    } else {
        reader.relative(ends)
    }
}

/// The row of the vendor's lists that a request and its permit show.
pub(super) fn row(case: &Case, step: Step, reader: &Reader) -> String {
    if reader.has_buttons() {
        return row_on_a_card(case, step);
    }
    let instance = &case.instance;
    let mut out = format!(
        "  instance      {}{}\n  instance id   {}\n  commodity id  {}\n  region        {}\n",
        instance.console_name(),
        other_rows(instance),
        instance.id,
        commodity_id(instance),
        instance.region_shown()
    );
    if step.is_irreversible() {
        let _ = writeln!(out, "  size          {}", size(case));
    }
    if step == Step::Unsubscribe {
        let _ = writeln!(out, "  on Standard   {LOST_ON_STANDARD}");
    }
    out
}

/// The row on a card, in the words of the change's card. The title above it says the name, unless the console shows another one.
fn row_on_a_card(case: &Case, step: Step) -> String {
    let instance = &case.instance;
    let name = match other_rows(instance) {
        others if others.is_empty() => String::new(),
        others => format!("  instance  {}{others}\n", instance.console_name()),
    };
    let commodity = match &instance.commodity_id {
        Fact::Known(known) => Some(format!("`{}`", known.value)),
        Fact::Unknown { .. } if step == Step::Unsubscribe => Some(NO_COMMODITY_ID.to_owned()),
        Fact::Unknown { .. } => None,
        Fact::Contradictory { .. } => Some(commodity_id(instance)),
    };
    let size = size_beside(case, step);
    name + &card::row_of(instance, commodity.as_deref(), &size)
}

/// Said where the refund page's list has no id to look for.
const NO_COMMODITY_ID: &str = "not known: compare the instance id twice";

/// Its size, behind its region; in the request to unsubscribe it stands beside what Standard carries.
fn size_beside(case: &Case, step: Step) -> String {
    match step {
        Step::Unsubscribe => String::new(),
        step if step.is_irreversible() => {
            format!(" · {}", size(case).replace("not known", "size unknown"))
        }
        _ => String::new(),
    }
}

/// The row on a permit, in a block that can be copied: the instance id fills a phone's line there, so that it stands alone.
fn copied_row(case: &Case, step: Step, reader: &Reader) -> String {
    let instance = &case.instance;
    let name = match other_rows(instance) {
        others if others.is_empty() => String::new(),
        others => format!("  {}{others}\n", instance.console_name()),
    };
    let (region, id) = (instance.region_shown(), &instance.id);
    let known = instance.commodity_id.value();
    let size = size_beside(case, step);
    let commodity = known.map_or_else(String::new, |known| format!("  commodity id: {known}\n"));
    // Beside a commodity id, the path names the region.
    let place = match known {
        Some(_) if size.is_empty() => String::new(),
        _ => format!("  {region}{size}\n"),
    };
    let mut out = reader.block(&format!("{name}  {id}\n{commodity}{place}"));
    let _ = match (known, &instance.commodity_id) {
        (None, Fact::Unknown { .. }) if step == Step::Unsubscribe => {
            writeln!(out, "  commodity id  {NO_COMMODITY_ID}")
        }
        (None, Fact::Unknown { .. }) => Ok(()),
        (None, _) => writeln!(out, "  commodity id  {}", commodity_id(instance)),
        (Some(_), _) => Ok(()),
    };
    out
}

/// The resulting edition and its cost, in three lines of a phone (rules `fits-standard`, `billing-changes` and `refund-limits`).
pub(super) fn becomes_standard(case: &Case, step: Step) -> String {
    let refund = if step == Step::Unsubscribe {
        ", partial refund"
    } else {
        ""
    };
    format!(
        "  Standard  5,000 TPS (its size {}), 4,000 connections, shared; no SQL filter, no pull consumer; pay-as-you-go{refund}\n",
        size(case)
    )
}

/// How to tell the instance from another row of the console with the same or a similar name.
fn other_rows(instance: &Instance) -> String {
    let here = match instance.console_name() {
        shown if shown == instance.name.as_str() => String::new(),
        _ => format!(" (here {})", instance.name),
    };
    let others = if instance.has_others() {
        "; another row is called so, or alike: compare the ids"
    } else {
        ""
    };
    format!("{here}{others}")
}

/// The features that Standard Edition lacks (rule `fits-standard`).
const LOST_ON_STANDARD: &str =
    "no SQL filter, no pull consumer; 5,000 TPS, 4,000 connections, shared";

fn commodity_id(instance: &Instance) -> String {
    match &instance.commodity_id {
        Fact::Known(known) => known.value.to_string(),
        Fact::Unknown { .. } => "not known here, so compare the instance id twice".to_owned(),
        Fact::Contradictory { held, other } if held.value == other.value => {
            format!(
                "disputed: {} {} too",
                super::fact::claimants(instance),
                held.value
            )
        }
        Fact::Contradictory { held, other } => {
            format!("disputed: {} or {}", held.value, other.value)
        }
    }
}

fn size(case: &Case) -> String {
    let size = match (&case.instance.max_tps, case.instance.largest_tps()) {
        (Fact::Known(known), _) => format!("{} TPS", thousands(known.value)),
        (Fact::Contradictory { .. }, Some(largest)) => {
            format!("disputed, up to {} TPS", thousands(largest))
        }
        _ => "not known".to_owned(),
    };
    let change = case.open_change();
    let accepted = change.and_then(|change| change.acknowledgement.as_ref());
    match accepted {
        Some(given) => format!(
            "{size}, accepted by {} at {} TPS",
            given.by,
            thousands(given.max_tps)
        ),
        None => size,
    }
}

/// The path through the vendor's console.
fn path(step: Step, instance: &Instance, reader: &Reader) -> Vec<String> {
    let (region, name) = (instance.region_shown(), instance.console_name());
    let find = if reader.has_buttons() {
        [
            format!("Open the RocketMQ console > Instances, {region}."),
            format!("Click {name}, and compare the instance id."),
        ]
    } else {
        [
            format!(
                "Open the ApsaraMQ for RocketMQ console > Instances, with region {region} at the top."
            ),
            format!("Click {name} and compare the id on its Instance Details page."),
        ]
    };
    let rest: &[&str] = match step {
        Step::Upgrade => {
            &["Click Upgrade to Enterprise Platinum Edition (upper right), and follow the order."]
        }
        Step::SetAction => &[
            "Click Edit beside Post-expiration Action (upper right; older: Post-release Action).",
            "Choose Downgrade to Standard Edition, save, and read it once more.",
        ],
        Step::Unsubscribe => return unsubscribe_path(instance, reader),
        Step::RecordExpiry | Step::ChooseAction | Step::AwaitExpiry | Step::VerifyStandard => &[],
    };
    find.into_iter()
        .chain(rest.iter().map(|line| (*line).to_owned()))
        .collect()
}

fn unsubscribe_path(instance: &Instance, reader: &Reader) -> Vec<String> {
    let row = match (reader.has_buttons(), instance.commodity_id.value()) {
        (true, Some(_)) => format!(
            "find this commodity id, and check name and region, {}",
            instance.region_shown()
        ),
        (true, None) => "find the row by its name, with care".to_owned(),
        (false, Some(_)) => "find the row by its commodity id, and check its name".to_owned(),
        (false, None) => "find the row by its name; its commodity id is not known here".to_owned(),
    };
    let undo = match reader.has_buttons() {
        true => ". There is no undo (refund-limits)",
        false => "",
    };
    let look = format!(
        "Look once more: Instances > {}. If its Post-expiration Action is not Downgrade, stop: `action {} delete`.",
        instance.console_name(),
        handle(instance)
    );
    // On a phone there is no line left for it: it stands before the path.
    let look = Some(look).filter(|_| !reader.has_buttons());
    let steps = [
        "Open Expenses > User Center > Refund (newer: Expenses and Costs > Resource Unsubscription)."
            .to_owned(),
        format!("Under Partial Refund, {row}."),
        format!("Click Unsubscribe Resource in that row{undo}."),
    ];
    look.into_iter().chain(steps).collect()
}

fn then(step: Step, number: u64, instance: &Instance) -> String {
    match step {
        Step::SetAction => format!(
            "Then: `confirm {number} set-action`, or `action {} downgrade` once you have looked.",
            handle(instance)
        ),
        _ => format!("Then: `confirm {number} {step}`."),
    }
}
