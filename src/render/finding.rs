//! The findings of rules, with their facts and remedies.

use super::fact::{self, thousands};
use super::time::Reader;
use super::{handle, remedy, rule};
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::change::{Route, Step};
use crate::domain::fact::Fact;
use crate::domain::instance::{Edition, Instance, PostExpirationAction};
use crate::domain::outcome::Outcome;
use crate::domain::rules::{FactKind, Finding, Found, Intent, RuleId, Severity, Verdict};
use crate::domain::span::show_span;
use crate::domain::team::{ACTION_RUNS_WITHIN, RELEASE_AFTER, auto_renewal_charges_from};

/// The intended operation, as a noun.
pub(super) fn intent_of(intent: Intent, instance: &Instance) -> String {
    let name = instance.called();
    match intent {
        Intent::Upgrade => format!("upgrade of {name}"),
        Intent::Downgrade(None) => format!("opening a downgrade of {name}"),
        Intent::Downgrade(Some(Route::Unsubscribe)) => {
            format!("opening a downgrade of {name} by unsubscribing")
        }
        Intent::Downgrade(Some(Route::Expiry)) => {
            format!("opening a downgrade of {name} by expiry")
        }
        Intent::SetAction => format!("setting the action of {name}"),
        Intent::Unsubscribe => format!("unsubscribing {name}"),
        Intent::Expiry => format!("letting {name} expire"),
    }
}

/// The first words of a reply.
pub(super) const fn headline(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "Allowed",
        Outcome::NeedsApproval => "Needs approval",
        Outcome::Blocked => "Blocked",
        Outcome::Inconclusive => "Inconclusive, so not permitted",
        Outcome::AlreadyDone => "Already done",
        Outcome::Done => "Done",
        Outcome::Suppressed => "Suppressed",
        Outcome::Raised => "Raised",
        Outcome::Duplicate => "Duplicate",
        Outcome::Info => "For information",
        Outcome::Denied => "Denied",
        Outcome::Invalid => "Not recorded",
    }
}

const fn severity_mark(severity: Severity) -> char {
    match severity {
        Severity::AlreadyDone => '=',
        Severity::Blocks | Severity::BlocksUntilAcknowledged => '✗',
        Severity::Inconclusive => '?',
        Severity::Informs => 'i',
        Severity::Holds => '✓',
    }
}

/// The deciding findings with facts and remedies, then the informing ones, one line each.
pub(super) fn verdict(verdict: &Verdict, case: &Case, reader: &Reader) -> String {
    lines(verdict.deciding(), case, reader) + &informing(verdict, case, reader)
}

/// The informing findings, one line each.
pub(super) fn informing(verdict: &Verdict, case: &Case, reader: &Reader) -> String {
    let told = verdict.findings.iter();
    told.filter(|finding| finding.severity == Severity::Informs)
        .map(|finding| head(finding, &case.instance, reader) + "\n")
        .collect()
}

/// The informing findings on the card of a step's request, a line each where that is possible. What the consequence and the row
/// say is left out.
pub(super) fn in_brief(verdict: &Verdict, case: &Case, step: Step, reader: &Reader) -> String {
    let informing = verdict.findings.iter();
    let line = |finding: &Finding| match (finding.rule, finding.found) {
        (_, Found::ExitAhead) => None,
        (RuleId::FitsStandard, _) => None,
        (RuleId::BillingChanges, Found::Told) if step != Step::Upgrade => None,
        (RuleId::UpgradeNotReversibleNow, Found::Told) => None,
        (RuleId::RefundLimits, Found::Told) if step == Step::Unsubscribe => None,
        (RuleId::UpgradeKeepsIdentity, Found::Told) => {
            Some("  meanwhile  consumers rebalance".to_owned())
        }
        (RuleId::BillingChanges, Found::Told) => {
            let afterwards = match case.instance.edition.value()? {
                Edition::Standard => "a subscription afterwards",
                Edition::Platinum => "pay-as-you-go afterwards",
            };
            Some(format!("  billing  {afterwards}"))
        }
        _ => Some(head(finding, &case.instance, reader)),
    };
    informing
        .filter(|finding| finding.severity == Severity::Informs)
        .filter_map(line)
        .map(|line| line + "\n")
        .collect()
}

/// The finding of one informing rule.
pub(super) fn of_rule(verdict: &Verdict, rule: RuleId, case: &Case, reader: &Reader) -> String {
    let told = verdict
        .findings
        .iter()
        .filter(|finding| finding.rule == rule && finding.severity == Severity::Informs);
    told.map(|finding| head(finding, &case.instance, reader) + "\n")
        .collect()
}

/// The deciding findings only.
pub(super) fn deciding(verdict: &Verdict, case: &Case, reader: &Reader) -> String {
    lines(verdict.deciding(), case, reader)
}

/// Every finding, including satisfied ones, with their facts.
pub(super) fn all(verdict: &Verdict, case: &Case, reader: &Reader) -> String {
    lines(verdict.findings.iter(), case, reader)
}

fn lines<'a>(findings: impl Iterator<Item = &'a Finding>, case: &Case, reader: &Reader) -> String {
    findings
        .map(|finding| line(finding, case, reader))
        .collect()
}

fn head(finding: &Finding, instance: &Instance, reader: &Reader) -> String {
    let Finding { rule, severity, .. } = finding;
    format!(
        "  {} {rule}: {}",
        severity_mark(*severity),
        what(finding, instance, reader)
    )
}

fn line(finding: &Finding, case: &Case, reader: &Reader) -> String {
    let mut out = head(finding, &case.instance, reader);
    let facts: Vec<_> = finding
        .facts
        .iter()
        .map(|fact| fact::phrase(&case.instance, *fact, reader))
        .collect();
    if !facts.is_empty() {
        out.push_str("\n      ");
        out.push_str(&facts.join("; "));
    }
    if let Some(way_out) = way_out(finding, case, reader.now) {
        out.push_str("\n      → ");
        out.push_str(&way_out);
    }
    out.push('\n');
    out
}

fn what(finding: &Finding, instance: &Instance, reader: &Reader) -> String {
    match finding.found {
        Found::Satisfied => "holds.".to_owned(),
        Found::AlreadyThere => match finding.rule {
            RuleId::UpgradeFromStandard => "it is Platinum already: nothing to do. More or less TPS, topics or storage within Platinum is a specification change, not an edition change: it is made in the vendor's console and needs no change here.".to_owned(),
            _ => "it is Standard already: nothing to do.".to_owned(),
        },
        Found::Unknown(fact) => fact::unknown(fact).to_owned(),
        Found::Contradictory(FactKind::CommodityId) if is_claimed_twice(instance) => {
            "another tracked instance claims its commodity id too, so nobody can tell which row of the refund list is meant.".to_owned()
        }
        Found::Contradictory(fact) => {
            format!("two sources disagree on the {}, so neither counts.", fact::name(fact))
        }
        Found::RegionDisputed => format!(
            "its region is {}, so nobody can tell in which of them its row is.",
            instance.region_shown()
        ),
        Found::StaleAction(limit) => match seen_delete(instance, reader) {
            Some(seen) => format!(
                "it was on Delete when last seen, {seen}: the exit would delete the instance, {} for good. That look is older than {} as well.",
                fact::contents(instance),
                show_span(limit)
            ),
            None => format!(
                "the last look at the action is older than {}; it may have changed since.",
            show_span(limit)
            ),
        },
        Found::AheadAction => {
            "the last look at the action is dated in the future: a clock was wrong, so nobody knows how old it is."
                .to_owned()
        }
        Found::ActionIsDelete => {
            format!(
                "the action is Delete: the exit would delete the instance, {} for good.",
                fact::contents(instance)
            )
        }
        Found::SetActionFirst => {
            "the first step will be to set the action to Downgrade; only then may it exit.".to_owned()
        }
        Found::ExitPassed => exit_passed(instance, reader),
        Found::ExitOverdue => {
            "it expired with Downgrade known, 168 h have passed, and nobody has seen Standard: what became of it is not known."
                .to_owned()
        }
        Found::MayBeDeleted => may_be_deleted(instance, reader),
        Found::PresumedDeleted => {
            "seven days after expiry have passed too: the instance is presumed deleted.".to_owned()
        }
        Found::ExitAhead => rule::text(RuleId::ExitConverts).sentence.to_owned(),
        Found::DeadlineAhead => {
            "expiry is the deadline: unless the action is Downgrade by then, the instance may be deleted from then on."
                .to_owned()
        }
        Found::AutoRenewalOn => auto_renewal(instance, reader),
        Found::BusyNow => "the vendor is deploying or upgrading it right now.".to_owned(),
        Found::NotKnownBusy => "it is not known to be busy.".to_owned(),
        Found::BusyOld => "it was busy, but that was read more than 24 hours ago.".to_owned(),
        Found::TooLarge(tps) => format!(
            "it is sized for {} TPS; Standard carries 5,000 (send and receive).",
            thousands(tps)
        ),
        Found::Acknowledged(tps) => {
            format!("its size of {} TPS is acknowledged.", thousands(tps))
        }
        Found::Told => {
            let sentence = rule::text(finding.rule).sentence;
            let said = format!("{sentence} {}", advice(finding.rule, instance));
            said.trim_end().to_owned()
        }
    }
}

/// The age of the attested action, if it is Delete.
fn seen_delete(instance: &Instance, reader: &Reader) -> Option<String> {
    let known = instance.action.known()?;
    (known.value == PostExpirationAction::Delete).then(|| reader.relative(known.at))
}

/// Whether another instance claims its commodity id.
pub(super) fn is_claimed_twice(instance: &Instance) -> bool {
    matches!(&instance.commodity_id, Fact::Contradictory { held, other } if held.value == other.value)
}

/// The remedy for a commodity id that two instances claim: the wrong claim goes first, since the right one is refused beside it.
pub(super) fn claimed_twice(instance: &Instance) -> String {
    let id = instance.commodity_id.held();
    let id = id.map(|held| held.value.to_string()).unwrap_or_default();
    format!(
        "look at the refund list: `instance show {id}` names the instances; `instance set NAME --commodity-id unknown` for the wrong one, then `instance set {} --commodity-id ID`",
        handle(instance)
    )
}

fn advice(rule: RuleId, instance: &Instance) -> String {
    match rule {
        RuleId::RefundLimits => match instance.commodity_id.value() {
            Some(id) => format!("Compare both ids: {} and {id}.", instance.id),
            None => format!(
                "Its commodity id is not known here: match the name and {} with great care.",
                instance.id
            ),
        },
        RuleId::BillingChanges => match instance.edition.value() {
            Some(Edition::Standard) => {
                "From pay-as-you-go to a subscription.".to_owned()
            }
            Some(Edition::Platinum) => {
                "From a subscription to pay-as-you-go (USD 0.45 per topic and day in the first tier, plus calls)."
                    .to_owned()
            }
            None => String::new(),
        },
        _ => rule::text(rule).detail.to_owned(),
    }
}

fn auto_renewal(instance: &Instance, reader: &Reader) -> String {
    let from = instance
        .expires
        .value()
        .and_then(|expires| auto_renewal_charges_from(*expires));
    let from = from.map_or_else(
        || "9 days before expiry, 08:00 UTC+8".to_owned(),
        |at| reader.moment(at),
    );
    format!(
        "auto-renewal is on: the vendor charges from {from}, and while it is on the instance never expires."
    )
}

fn exit_passed(instance: &Instance, reader: &Reader) -> String {
    match instance.expired_at(reader.now) {
        Some(expired) => format!(
            "it expired with Downgrade known; expect Standard by {}.",
            reader.moment(expired + ACTION_RUNS_WITHIN)
        ),
        None => "the exit is confirmed already; what is left is to check whether it is Standard."
            .to_owned(),
    }
}

fn may_be_deleted(instance: &Instance, reader: &Reader) -> String {
    if let Some(seen) = instance.outlived_release(reader.now) {
        return format!(
            "it was seen as Platinum {}, after its release was due: it may be deleted at any moment.",
            reader.moment(seen)
        );
    }
    let until = instance
        .expired_at(reader.now)
        .map(|expired| reader.moment(expired + RELEASE_AFTER));
    format!(
        "it has expired, and nobody had seen Downgrade within the days before: it may be deleted at any moment, the vendor names seven days (until {}).",
        until.unwrap_or_else(|| "a date that is not known".to_owned())
    )
}

pub(super) fn way_out(finding: &Finding, case: &Case, now: Timestamp) -> Option<String> {
    let name = handle(&case.instance);
    let decides = !matches!(finding.severity, Severity::Informs | Severity::Holds);
    let text = match finding.found {
        Found::Contradictory(FactKind::CommodityId) if is_claimed_twice(&case.instance) => {
            claimed_twice(&case.instance)
        }
        Found::Unknown(fact) | Found::Contradictory(fact) if decides => fact::supply(fact, &name),
        Found::RegionDisputed => format!(
            "look in the console in which region its id is listed, then `instance set {name} --region REGION`"
        ),
        Found::StaleAction(_) | Found::AheadAction => fact::supply(FactKind::Action, &name),
        Found::ActionIsDelete => match case.open_number() {
            Some(number) => format!("`next {number}` shows how to set it to Downgrade"),
            None => {
                let opening = remedy::opening(&case.instance, now)?;
                format!("{opening} begins with setting it to Downgrade")
            }
        },
        Found::ExitPassed => match case.open_number() {
            Some(number) => format!(
                "look at the console; when it shows Standard, `confirm {number} verify-standard`"
            ),
            None => format!(
                "look at the console; when it shows Standard, `instance set {name} --edition standard`"
            ),
        },
        Found::MayBeDeleted => {
            let by_expiry = Intent::Downgrade(Some(Route::Expiry));
            let set = match case.open_number() {
                Some(number) => format!("`next {number}`"),
                None => remedy::opening_of(&case.instance, by_expiry, now)
                    .unwrap_or_else(|| format!("in the console, then `action {name} downgrade`")),
            };
            format!(
                "renew it (then `instance set {name} --expires WHEN`), or set the action to Downgrade: {set}; both may still save it"
            )
        }
        Found::PresumedDeleted | Found::ExitOverdue => format!(
            "look at the console: if it is gone, `instance lost {name} --reason TEXT`; if not, say what it shows with `instance set {name} …`"
        ),
        Found::AutoRenewalOn if decides => {
            format!("switch it off at the vendor, then `instance set {name} --auto-renew off`")
        }
        Found::BusyNow => {
            format!("wait until it runs again, then `instance set {name} --busy off`")
        }
        Found::TooLarge(_) => {
            "shrink it, or accept it: the same command with `--ack fits-standard`".to_owned()
        }
        _ => return None,
    };
    Some(text)
}
