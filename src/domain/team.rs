//! Teams, their policy and channels.

use chrono::{Days, FixedOffset, Months, TimeDelta};

use super::Timestamp;
use super::change::Step;
use super::id::{ChannelId, RoleId};
use super::setting::{ChannelKind, Guarded};

/// The maximum ages of facts. The documented limits are the longest; a team may shorten them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Age limit of the action for unsubscribing (rule `action-known`: 24 h at most).
    pub action_for_unsubscribe: TimeDelta,
    /// Age limit of the action for waiting for expiry, and for suppressing a notice (rule `action-known`: 7 d at most).
    pub action_for_expiry: TimeDelta,
}

/// The policy of a team. A change does not affect open requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub limits: Limits,
    /// The approvals that `upgrade` requires, from people other than the requester.
    pub approvals_for_upgrade: u8,
    /// The approvals that `unsubscribe` requires, from people other than the requester.
    pub approvals_for_unsubscribe: u8,
    /// The approvals that `await-expiry` requires, from people other than the requester.
    pub approvals_for_await_expiry: u8,
    /// The number of different people who must have attested the action before `unsubscribe`.
    pub observers: u8,
}

impl Policy {
    /// The policy of a person who works alone: no approvals, and one observer.
    pub const fn alone(limits: Limits) -> Self {
        Self {
            limits,
            approvals_for_upgrade: 0,
            approvals_for_unsubscribe: 0,
            approvals_for_await_expiry: 0,
            observers: 1,
        }
    }

    /// The approvals required, from people other than the requester.
    pub const fn approvals_of(&self, step: Guarded) -> u8 {
        match step {
            Guarded::Upgrade => self.approvals_for_upgrade,
            Guarded::Unsubscribe => self.approvals_for_unsubscribe,
            Guarded::AwaitExpiry => self.approvals_for_await_expiry,
        }
    }

    pub const fn approvals_mut(&mut self, step: Guarded) -> &mut u8 {
        match step {
            Guarded::Upgrade => &mut self.approvals_for_upgrade,
            Guarded::Unsubscribe => &mut self.approvals_for_unsubscribe,
            Guarded::AwaitExpiry => &mut self.approvals_for_await_expiry,
        }
    }

    /// The approvals that a step requires, from people other than the requester.
    pub const fn approvals_for(&self, step: Step) -> u8 {
        match step {
            Step::Upgrade => self.approvals_for_upgrade,
            Step::Unsubscribe => self.approvals_for_unsubscribe,
            Step::AwaitExpiry => self.approvals_for_await_expiry,
            Step::RecordExpiry | Step::ChooseAction | Step::SetAction | Step::VerifyStandard => 0,
        }
    }

    /// The number of different people who must have attested Downgrade before a step.
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

/// The channels for the bot's messages, unless an instance or its team has its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channels {
    /// For all messages.
    pub default: ChannelId,
    /// For alerts.
    pub alerts: ChannelId,
}

impl Channels {
    pub const fn of(&self, kind: ChannelKind) -> &ChannelId {
        match kind {
            ChannelKind::Default => &self.default,
            ChannelKind::Alerts => &self.alerts,
        }
    }

    pub const fn of_mut(&mut self, kind: ChannelKind) -> &mut ChannelId {
        match kind {
            ChannelKind::Default => &mut self.default,
            ChannelKind::Alerts => &mut self.alerts,
        }
    }

    /// The channels in a chat, where the console's are not set.
    #[must_use]
    pub fn in_chat(self) -> Self {
        let or = |channel: ChannelId, unset: ChannelId| {
            if channel == ChannelId::console() {
                unset
            } else {
                channel
            }
        };
        Self {
            default: or(self.default, ChannelId::unset_default()),
            alerts: or(self.alerts, ChannelId::unset_alerts()),
        }
    }
}

impl Default for Channels {
    fn default() -> Self {
        Self {
            default: ChannelId::console(),
            alerts: ChannelId::console(),
        }
    }
}

/// A team that instances may belong to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Team {
    /// The channel for messages about its instances.
    pub channel: Option<ChannelId>,
    pub mention: Option<RoleId>,
    /// The chat roles whose holders are members.
    pub members: Vec<RoleId>,
}

/// The maximum age of the action for unsubscribing (rule `action-known`).
pub const LONGEST_FOR_UNSUBSCRIBE: TimeDelta = TimeDelta::hours(24);
/// The maximum age of the action for waiting for the expiry (rule `action-known`).
pub const LONGEST_FOR_EXPIRY: TimeDelta = TimeDelta::days(7);
/// The maximum age of a busy status (rule `busy`).
pub const BUSY_COUNTS: TimeDelta = TimeDelta::hours(24);
/// The time from expiry to the release of an instance with Delete (rule `release-after-7-days`).
pub const RELEASE_AFTER: TimeDelta = TimeDelta::days(7);
/// The time the vendor may take to run the action after the expiry (rule `exit-converts`).
pub const ACTION_RUNS_WITHIN: TimeDelta = TimeDelta::hours(168);
/// The capacity of Standard Edition, in messages per second (rule `fits-standard`).
pub const STANDARD_TPS: u32 = 5_000;
/// The validity of a permit.
pub const PERMIT_VALID: TimeDelta = TimeDelta::minutes(30);

/// The life of a request for approvals.
pub const REQUEST_LIVES: TimeDelta = TimeDelta::hours(72);
/// The age of a request at which the approvers are reminded.
pub const REQUEST_REMINDS: TimeDelta = TimeDelta::hours(36);
/// The age of a request at which the alerts channel is told: 80 % of its life.
pub const REQUEST_ESCALATES: TimeDelta = TimeDelta::minutes(72 * 60 * 80 / 100);
/// The validity of an approval of `upgrade`.
pub const APPROVAL_OF_UPGRADE: TimeDelta = TimeDelta::hours(72);
/// The validity of an approval of `unsubscribe`.
pub const APPROVAL_OF_UNSUBSCRIBE: TimeDelta = TimeDelta::hours(24);

/// The first charge of auto-renewal: 9 days before the expiry, 08:00 UTC+8 (rule `auto-renewal`).
pub fn auto_renewal_charges_from(expires: Timestamp) -> Option<Timestamp> {
    charges_on_day(expires, 9)
}

/// The instant of the last charge: 1 day before expiry, 08:00 UTC+8. Switched on after it, auto-renewal does not charge.
pub fn auto_renewal_charges_until(expires: Timestamp) -> Option<Timestamp> {
    charges_on_day(expires, 1)
}

/// The most months by which one renewal moves an expiry.
const LONGEST_RENEWAL: u32 = 36;

/// Whether a date is later by whole months, give or take a day: that is how a renewal moves an expiry.
pub fn is_months_later(from: Timestamp, to: Timestamp) -> bool {
    let Some(vendor) = FixedOffset::east_opt(8 * 3_600) else {
        return false;
    };
    let from = from.with_timezone(&vendor);
    let mut terms = (1..=LONGEST_RENEWAL).filter_map(|it| from.checked_add_months(Months::new(it)));
    terms.any(|term| (term.to_utc() - to).abs() <= TimeDelta::days(1))
}

fn charges_on_day(expires: Timestamp, before: u64) -> Option<Timestamp> {
    let vendor = FixedOffset::east_opt(8 * 3_600)?;
    let day = expires
        .with_timezone(&vendor)
        .date_naive()
        .checked_sub_days(Days::new(before))?;
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
