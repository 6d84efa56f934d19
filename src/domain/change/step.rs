//! The steps of a change, in their documented order, and their records.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::Person;
use crate::instance::Edition;
use crate::rules::Intent;
use crate::team::Limits;
use crate::words::words;

words! {
    /// A way for a Platinum instance to leave its subscription.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Route {
        /// By a refund, immediately.
        Unsubscribe = "unsubscribe",
        /// By waiting until it expires.
        Expiry = "expiry",
    }
}

impl Route {
    /// The maximum age of the action on this route (rule `action-known`).
    pub const fn action_limit(self, limits: &Limits) -> TimeDelta {
        match self {
            Self::Unsubscribe => limits.action_for_unsubscribe,
            Self::Expiry => limits.action_for_expiry,
        }
    }
}

/// The direction and route of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// Standard to Platinum.
    Upgrade,
    /// Platinum to Standard.
    Downgrade(Route),
}

impl ChangeKind {
    /// The steps in their documented order.
    pub const fn steps(self) -> [Step; 3] {
        match self {
            Self::Upgrade => [Step::Upgrade, Step::RecordExpiry, Step::ChooseAction],
            Self::Downgrade(Route::Unsubscribe) => {
                [Step::SetAction, Step::Unsubscribe, Step::VerifyStandard]
            }
            Self::Downgrade(Route::Expiry) => {
                [Step::SetAction, Step::AwaitExpiry, Step::VerifyStandard]
            }
        }
    }

    /// The route of a downgrade.
    pub const fn route(self) -> Option<Route> {
        match self {
            Self::Upgrade => None,
            Self::Downgrade(route) => Some(route),
        }
    }
}

words! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Step {
        /// Upgrade in the vendor's console.
        Upgrade = "upgrade",
        /// Record the expiry of the new subscription.
        RecordExpiry = "record-expiry",
        /// Choose its Post-expiration Action.
        ChooseAction = "choose-action",
        /// Set the Post-expiration Action to Downgrade.
        SetAction = "set-action",
        /// Unsubscribe in the vendor's console.
        Unsubscribe = "unsubscribe",
        /// Wait for the expiry.
        AwaitExpiry = "await-expiry",
        /// Check that the console shows Standard Edition.
        VerifyStandard = "verify-standard",
    }
}

impl Step {
    /// The intent that is judged before a permit is given; `None` for steps without a permit.
    pub const fn permit_intent(self) -> Option<Intent> {
        match self {
            Self::Upgrade => Some(Intent::Upgrade),
            Self::SetAction => Some(Intent::SetAction),
            Self::Unsubscribe => Some(Intent::Unsubscribe),
            Self::RecordExpiry | Self::ChooseAction | Self::AwaitExpiry | Self::VerifyStandard => {
                None
            }
        }
    }

    /// The edition that an irreversible step leads to; `None` for every other step.
    pub const fn leads_to(self) -> Option<Edition> {
        match self {
            Self::Upgrade => Some(Edition::Platinum),
            Self::Unsubscribe => Some(Edition::Standard),
            Self::RecordExpiry
            | Self::ChooseAction
            | Self::SetAction
            | Self::AwaitExpiry
            | Self::VerifyStandard => None,
        }
    }

    /// Whether the vendor cannot undo it.
    pub const fn is_irreversible(self) -> bool {
        self.leads_to().is_some()
    }
}

/// The way a step was done.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// A person confirmed it, after a permit where it needs one.
    Confirmed,
    /// The facts show it.
    Shown,
    /// Without a permit, for this reason; `None` when the facts revealed it.
    Outside(Option<String>),
    /// The expiry passed with Downgrade known.
    Elapsed,
}

/// A completed step.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRecord {
    pub step: Step,
    pub how: How,
    /// The person; `None` when time did it.
    pub by: Option<Person>,
    /// The time of the record.
    pub at: Timestamp,
    /// A reference to the evidence.
    pub evidence: Option<String>,
}

impl StepRecord {
    /// A record without evidence.
    pub fn new(step: Step, how: How, by: Option<&Person>, at: Timestamp) -> Self {
        Self {
            step,
            how,
            by: by.cloned(),
            at,
            evidence: None,
        }
    }
}
