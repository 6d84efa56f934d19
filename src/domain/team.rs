//! What a team decides for itself, as far as the core needs it.

use chrono::{Days, FixedOffset, TimeDelta};

use super::Timestamp;
use super::change::Step;
use super::id::Label;

/// How long facts may be relied on. The documented limits are the longest; a team may tighten them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Age limit of the action for unsubscribing (rule `action-known`: 24 h at most).
    pub action_for_unsubscribe: TimeDelta,
    /// Age limit of the action for waiting for expiry, and for suppressing a notice (rule `action-known`: 7 d at most).
    pub action_for_expiry: TimeDelta,
}

/// The longest the action may be relied on to unsubscribe (rule `action-known`).
pub const LONGEST_FOR_UNSUBSCRIBE: TimeDelta = TimeDelta::hours(24);
/// The longest the action may be relied on to wait for expiry (rule `action-known`).
pub const LONGEST_FOR_EXPIRY: TimeDelta = TimeDelta::days(7);
/// How long a busy status counts after it was read (rule `busy`).
pub const BUSY_COUNTS: TimeDelta = TimeDelta::hours(24);
/// How long after expiry an instance with Delete is released (rule `release-after-7-days`).
pub const RELEASE_AFTER: TimeDelta = TimeDelta::days(7);
/// How long the vendor may take to run the action after expiry (rule `exit-converts`).
pub const ACTION_RUNS_WITHIN: TimeDelta = TimeDelta::hours(168);
/// What Standard Edition carries, in messages a second (rule `fits-standard`).
pub const STANDARD_TPS: u32 = 5_000;
/// How long a permit is valid.
pub const PERMIT_VALID: TimeDelta = TimeDelta::minutes(30);

/// How long a request for approvals lives.
pub const REQUEST_LIVES: TimeDelta = TimeDelta::hours(72);
/// When those who may approve are asked a second time, counted from the request.
pub const REQUEST_REMINDS: TimeDelta = TimeDelta::hours(36);
/// When the alerts channel is told, counted from the request: at 80 % of its life.
pub const REQUEST_ESCALATES: TimeDelta = TimeDelta::minutes(72 * 60 * 80 / 100);
/// How long an approval of `upgrade` holds.
pub const APPROVAL_OF_UPGRADE: TimeDelta = TimeDelta::hours(72);
/// How long an approval of `unsubscribe` holds.
pub const APPROVAL_OF_UNSUBSCRIBE: TimeDelta = TimeDelta::hours(24);

/// When auto-renewal first charges: 9 days before expiry, 08:00 UTC+8 (rule `auto-renewal`).
pub fn auto_renewal_charges_from(expires: Timestamp) -> Option<Timestamp> {
    let vendor = FixedOffset::east_opt(8 * 3_600)?;
    let day = expires
        .with_timezone(&vendor)
        .date_naive()
        .checked_sub_days(Days::new(9))?;
    let morning = day
        .and_hms_opt(8, 0, 0)?
        .and_local_timezone(vendor)
        .single()?;
    Some(morning.to_utc())
}

/// What a team asks for before a step: how many people, and how fresh facts must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// How long facts may be relied on.
    pub limits: Limits,
    /// Approvals that `upgrade` needs.
    pub approvals_for_upgrade: u8,
    /// Approvals that `unsubscribe` needs; never below 1 in a team's workspace.
    pub approvals_for_unsubscribe: u8,
    /// Approvals that `await-expiry` needs. Expiry cannot be stopped: it passes without them too, and that is told.
    pub approvals_for_await_expiry: u8,
    /// How many different people must have attested Downgrade before `unsubscribe`.
    pub attesters: u8,
}

/// A team of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Team {
    /// Where messages about its instances go.
    pub channel: Option<Label>,
    /// Whom to call: the role that its members have in the chat.
    pub mention: Option<Label>,
}

impl Default for Policy {
    /// A team's.
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            approvals_for_upgrade: 1,
            approvals_for_unsubscribe: 2,
            approvals_for_await_expiry: 1,
            attesters: 2,
        }
    }
}

impl Policy {
    /// Where there is nobody else: no approvals, and one's own look.
    pub const fn alone(limits: Limits) -> Self {
        Self {
            limits,
            approvals_for_upgrade: 0,
            approvals_for_unsubscribe: 0,
            approvals_for_await_expiry: 0,
            attesters: 1,
        }
    }

    /// How many approvals a step needs.
    pub const fn approvals_for(&self, step: Step) -> u8 {
        match step {
            Step::Upgrade => self.approvals_for_upgrade,
            Step::Unsubscribe => self.approvals_for_unsubscribe,
            Step::AwaitExpiry => self.approvals_for_await_expiry,
            Step::RecordExpiry | Step::ChooseAction | Step::SetAction | Step::VerifyStandard => 0,
        }
    }

    /// How many different people must have attested Downgrade before a step.
    pub const fn attesters_for(&self, step: Step) -> u8 {
        match step {
            Step::Unsubscribe => self.attesters,
            Step::Upgrade
            | Step::RecordExpiry
            | Step::ChooseAction
            | Step::SetAction
            | Step::AwaitExpiry
            | Step::VerifyStandard => 0,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            action_for_unsubscribe: LONGEST_FOR_UNSUBSCRIBE,
            action_for_expiry: LONGEST_FOR_EXPIRY,
        }
    }
}
