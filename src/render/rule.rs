//! The documented rules in our own words.

use std::fmt::Write as _;

use crate::domain::rules::RuleId;

/// The text of a rule.
#[derive(Debug, Clone, Copy)]
pub struct RuleText {
    /// The rule in one sentence.
    pub sentence: &'static str,
    /// The background, and the remedy.
    pub detail: &'static str,
    /// Its effect on a verdict.
    pub effect: &'static str,
}

pub const fn text(rule: RuleId) -> RuleText {
    match rule {
        RuleId::Series4x => RuleText {
            sentence: "Only 4.x instances (MQ_INST_…) are tracked.",
            detail: "A 5.x instance (rmq-…) can never go from Platinum to Standard: the route that the warden guards does not exist for it.",
            effect: "refuses",
        },
        RuleId::UpgradeFromStandard => RuleText {
            sentence: "An upgrade starts from Standard Edition.",
            detail: "An instance that is Platinum already needs nothing. An edition that nobody knows, or that two sources disagree on, must be attested first.",
            effect: "decides",
        },
        RuleId::UpgradeKeepsIdentity => RuleText {
            sentence: "An upgrade keeps the instance's id and endpoint, and messages keep flowing.",
            detail: "Topics move to a dedicated cluster, so consumers rebalance: expect a short wave of redelivery.",
            effect: "informs",
        },
        RuleId::UpgradeNotReversibleNow => RuleText {
            sentence: "There is no direct way back from an upgrade.",
            detail: "Going back means setting the Post-expiration Action to Downgrade and then unsubscribing or waiting for expiry. The upgrade puts the action to its default, Delete: somebody must choose it deliberately.",
            effect: "informs",
        },
        RuleId::DowngradeFromPlatinum => RuleText {
            sentence: "A downgrade starts from Enterprise Platinum Edition.",
            detail: "An instance that is Standard already needs nothing. An edition that nobody knows, or that two sources disagree on, must be attested first.",
            effect: "decides",
        },
        RuleId::ActionBeforeExit => RuleText {
            sentence: "First the Post-expiration Action is set to Downgrade, then the instance may be unsubscribed or expire.",
            detail: "In the other order the vendor deletes the instance with its topics and groups, and nobody can restore them. This is the rule that the warden exists for.",
            effect: "decides",
        },
        RuleId::ActionKnown => RuleText {
            sentence: "The Post-expiration Action must be known: somebody looked, recently, and after the last event that could have changed it.",
            detail: "No API carries it. A look is good for 24 hours to unsubscribe, and for 7 days to wait for expiry or to suppress a notice; a team may tighten both. An upgrade, a renewal, a conversion or a confirmation taken back makes it unknown, and what a file says of it is unverified.",
            effect: "decides",
        },
        RuleId::ActionAfterCreation => RuleText {
            sentence: "The action cannot be set while the vendor is still deploying the instance.",
            detail: "Wait until the instance is running, then look and set it.",
            effect: "decides",
        },
        RuleId::ExitConverts => RuleText {
            sentence: "With the action at Downgrade, unsubscribing turns the instance into Standard at once; expiry does so within 168 hours.",
            detail: "One page of the vendor says at once for expiry too, another that the service is suspended first. So promise nothing across expiry, look afterwards, and unsubscribe before it when downtime matters.",
            effect: "informs before expiry, decides from then on",
        },
        RuleId::ReleaseAfter7Days => RuleText {
            sentence: "With the action at Delete, an expired instance is released after seven days.",
            detail: "Treat expiry as the deadline: after it, the instance may be deleted at any moment. Renewing it or setting the action may still save it.",
            effect: "informs before expiry, decides from then on",
        },
        RuleId::AutoRenewal => RuleText {
            sentence: "While auto-renewal is on, waiting for expiry never completes.",
            detail: "It charges from 9 days before expiry, 08:00 UTC+8, and tries again daily until 1 day before. Switch it off first, and attest that it is off.",
            effect: "decides on the expiry route",
        },
        RuleId::Busy => RuleText {
            sentence: "Nothing is changed while the vendor is deploying or upgrading the instance.",
            detail: "A busy status counts for 24 hours after it was read; then it is only shown.",
            effect: "decides",
        },
        RuleId::FitsStandard => RuleText {
            sentence: "Standard carries 5,000 messages a second (send and receive) and 4,000 connections.",
            detail: "It runs on a shared cluster, without SQL attribute filtering and without pull consumers. A downgrade of an instance known to be larger must be acknowledged with `--ack fits-standard`.",
            effect: "blocks until acknowledged",
        },
        RuleId::BillingChanges => RuleText {
            sentence: "The billing method changes with the edition.",
            detail: "Standard is pay-as-you-go: USD 0.45 per topic and day in the first tier, and calls on top. Platinum is a subscription paid ahead.",
            effect: "informs",
        },
        RuleId::RefundLimits => RuleText {
            sentence: "Not everything is refunded, and a refund cannot be undone.",
            detail: "No refund for pay-as-you-go, no-refund promotions, unpaid orders or where nothing is left; vouchers are not paid back. The vendor lists refunds by commodity id (ons-…), so the wrong row is easily picked: compare both ids.",
            effect: "informs on the unsubscribe route",
        },
        RuleId::ReleaseNoticeRedundant => RuleText {
            sentence: "A release notice means nothing only when it is proved to.",
            detail: "It must name exactly one known instance by id, its date must lie within seven days after expiry, give or take a day, and either the action was attested Downgrade within the last 7 days before expiry, or Standard was attested after the exit. Everything else is raised, and an expiry notice always is.",
            effect: "suppresses or raises",
        },
    }
}

/// All rules, one line each.
pub fn list() -> String {
    let mut out = String::from("The documented rules (`rule <id>` explains one):\n");
    for (id, rule) in RuleId::WORDS {
        let _ = writeln!(out, "  {id:<27} {}", text(*rule).sentence);
    }
    out
}

/// One rule in full.
pub(super) fn explain(rule: RuleId) -> String {
    let RuleText {
        sentence,
        detail,
        effect,
    } = text(rule);
    format!("{rule}: {sentence}\n{detail}\nIn a verdict it {effect}.")
}

/// All rules as a Markdown table.
pub fn markdown() -> String {
    let mut out = String::from("| rule | what it says | in a verdict it |\n| --- | --- | --- |\n");
    for (id, rule) in RuleId::WORDS {
        let RuleText {
            sentence, effect, ..
        } = text(*rule);
        let _ = writeln!(out, "| `{id}` | {sentence} | {effect} |");
    }
    out
}
