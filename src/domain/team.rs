//! Teams: what one decides for itself, and where it is spoken to.

use chrono::{Days, FixedOffset, TimeDelta};

use super::Timestamp;
use super::change::Step;
use super::id::Label;
use super::setting::{ChannelKind, Guarded};

/// How long facts may be relied on. The documented limits are the longest; a team may tighten them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Age limit of the action for unsubscribing (rule `action-known`: 24 h at most).
    pub action_for_unsubscribe: TimeDelta,
    /// Age limit of the action for waiting for expiry, and for suppressing a notice (rule `action-known`: 7 d at most).
    pub action_for_expiry: TimeDelta,
}

/// What a team decides for itself. Changing it does not touch what is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// How long facts may be relied on.
    pub limits: Limits,
    /// How many people other than the requester approve an `upgrade`.
    pub approvals_for_upgrade: u8,
    /// How many people other than the requester approve an `unsubscribe`.
    pub approvals_for_unsubscribe: u8,
    /// How many people other than the requester approve an `await-expiry`.
    pub approvals_for_await_expiry: u8,
    /// How many different people must have attested the action before `unsubscribe`.
    pub observers: u8,
}

impl Policy {
    /// The policy of somebody who works alone: there is nobody to approve, and nobody else to attest.
    pub const fn alone(limits: Limits) -> Self {
        Self {
            limits,
            approvals_for_upgrade: 0,
            approvals_for_unsubscribe: 0,
            approvals_for_await_expiry: 0,
            observers: 1,
        }
    }

    /// How many people other than the requester must approve what is asked for.
    pub const fn approvals_of(&self, step: Guarded) -> u8 {
        match step {
            Guarded::Upgrade => self.approvals_for_upgrade,
            Guarded::Unsubscribe => self.approvals_for_unsubscribe,
            Guarded::AwaitExpiry => self.approvals_for_await_expiry,
        }
    }

    /// As [`Policy::approvals_of`], to be set.
    pub const fn approvals_mut(&mut self, step: Guarded) -> &mut u8 {
        match step {
            Guarded::Upgrade => &mut self.approvals_for_upgrade,
            Guarded::Unsubscribe => &mut self.approvals_for_unsubscribe,
            Guarded::AwaitExpiry => &mut self.approvals_for_await_expiry,
        }
    }

    /// How many people other than the requester must approve a step.
    pub const fn approvals_for(&self, step: Step) -> u8 {
        match step {
            Step::Upgrade => self.approvals_for_upgrade,
            Step::Unsubscribe => self.approvals_for_unsubscribe,
            Step::AwaitExpiry => self.approvals_for_await_expiry,
            Step::RecordExpiry | Step::ChooseAction | Step::SetAction | Step::VerifyStandard => 0,
        }
    }

    /// How many different people must have attested Downgrade before a step.
    pub const fn observers_for(&self, step: Step) -> u8 {
        match step {
            Step::Unsubscribe => self.observers,
            Step::Upgrade
            | Step::RecordExpiry
            | Step::ChooseAction
            | Step::SetAction
            | Step::AwaitExpiry
            | Step::VerifyStandard => 0,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            approvals_for_upgrade: 1,
            approvals_for_unsubscribe: 2,
            approvals_for_await_expiry: 1,
            observers: 2,
        }
    }
}

/// Where the bot speaks unasked, unless an instance or its team has a channel of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channels {
    /// Where everything goes.
    pub default: Label,
    /// Where alarms go.
    pub alerts: Label,
}

impl Channels {
    /// The channel of a kind.
    pub const fn of(&self, kind: ChannelKind) -> &Label {
        match kind {
            ChannelKind::Default => &self.default,
            ChannelKind::Alerts => &self.alerts,
        }
    }

    /// As [`Channels::of`], to be set.
    pub const fn of_mut(&mut self, kind: ChannelKind) -> &mut Label {
        match kind {
            ChannelKind::Default => &mut self.default,
            ChannelKind::Alerts => &mut self.alerts,
        }
    }

    /// The same in a chat, which has no console.
    #[must_use]
    pub fn in_chat(self) -> Self {
        let or = |channel: Label, unset: Label| {
            if channel == Label::console() {
                unset
            } else {
                channel
            }
        };
        Self {
            default: or(self.default, Label::unset_default()),
            alerts: or(self.alerts, Label::unset_alerts()),
        }
    }
}

impl Default for Channels {
    fn default() -> Self {
        Self {
            default: Label::console(),
            alerts: Label::console(),
        }
    }
}

/// A team that instances may belong to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Team {
    /// Where messages about its instances go.
    pub channel: Option<Label>,
    pub mention: Option<Label>,
    /// The roles of the chat whose holders are its members.
    pub members: Vec<Label>,
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

impl Default for Limits {
    fn default() -> Self {
        Self {
            action_for_unsubscribe: LONGEST_FOR_UNSUBSCRIBE,
            action_for_expiry: LONGEST_FOR_EXPIRY,
        }
    }
}
