//! What a plan is made from: the facts, the open change, and what people and time have said since.

use chrono::TimeDelta;

use super::{Cadence, Level};
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::change::{Change, ChangeKind, Route};
use crate::domain::concern::{Opened, RaisedNotice};
use crate::domain::fact::Source;
use crate::domain::id::Person;
use crate::domain::instance::{ActionView, Edition, PostExpirationAction, Switch, words};
use crate::domain::team::Limits;

/// From so long before an expiry on people are called even if somebody acknowledged it, and a look that will be too old counts as none.
pub const DAY_THREE: TimeDelta = TimeDelta::days(3);
/// How long an acknowledgement holds at most.
pub const KNOWN_FOR: TimeDelta = TimeDelta::days(30);
/// How long it holds after the expiry, while the instance may be deleted.
pub const KNOWN_AFTER_EXPIRY: TimeDelta = TimeDelta::hours(24);

/// What becomes of it at the expiry; a later one is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Risk {
    /// It turns into Standard.
    Downgrades,
    /// Nobody knows, or not recently enough.
    Unsure,
    Deletes,
}

words!(Risk { Downgrades = "downgrades", Unsure = "unsure", Deletes = "deletes" });

/// How things stood when somebody said that they know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RiskSeen {
    /// What would become of it.
    pub risk: Risk,
    /// Whether it renewed itself.
    pub renews: bool,
}

/// That somebody knows of it: people are no longer mentioned, until the facts get worse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acked {
    pub by: Person,
    /// Since when.
    pub at: Timestamp,
    /// How things stood then.
    pub seen: RiskSeen,
}

/// That the reminder last shown shall come again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snooze {
    /// Who said so.
    pub by: Person,
    pub until: Timestamp,
    pub level: Level,
}

/// What people said of the reminders of one expiry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attention {
    /// Whether somebody knows.
    pub acked: Option<Acked>,
    /// Whether it shall come again.
    pub snooze: Option<Snooze>,
}

/// What the history holds since the expiry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SinceExpiry {
    /// When somebody first moved a fact that changes are decided on.
    pub moved: Option<Timestamp>,
    /// Whether the change has told that it expired.
    pub told_waiting: bool,
    /// Whether the change has told that it is presumed deleted.
    pub told_presumed: bool,
}

/// Everything a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The instance with its open change.
    pub case: &'a Case,
    /// How long facts may be relied on.
    pub limits: &'a Limits,
    /// When the team wants to hear of it.
    pub cadence: &'a Cadence,
    /// What people said of its reminders.
    pub attention: &'a Attention,
    /// What happened since the expiry.
    pub since: SinceExpiry,
    /// Whether a notice about it is suppressed.
    pub suppresses: bool,
    /// Since when what the facts do not date is open.
    pub opened: &'a [Opened],
    /// The raised notices that name it.
    pub raised: &'a [RaisedNotice],
    /// When people were last told of it.
    pub told: Option<Timestamp>,
}

/// The row of the table that holds at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReminderRow {
    /// It has left its subscription already: before the expiry there is nothing to say.
    Left,
    /// The action is Delete, unknown or stale.
    AtRisk,
    /// The action is known to be Downgrade.
    Downgrades,
    /// Auto-renewal is attested on, and no downgrade is open.
    Renews,
}

impl Situation<'_> {
    /// The first moment at which it may expire.
    pub fn expiry(&self) -> Option<Timestamp> {
        self.expiries().min()
    }

    /// Every moment at which it may expire: each is planned for. The last one, where it was said not to be known any more.
    pub fn expiries(&self) -> impl Iterator<Item = Timestamp> + use<'_> {
        let instance = &self.case.instance;
        let said = instance.expires.candidates().map(|known| known.value);
        let unsaid = instance.unsaid_expires;
        said.chain(unsaid.filter(|_| instance.expires.held().is_none()))
    }

    /// Whether there is nothing to remind of, whatever the facts say.
    pub fn is_over(&self) -> bool {
        let instance = &self.case.instance;
        !instance.is_tracked() || instance.edition.value() == Some(&Edition::Standard)
    }

    /// The row that holds at a moment, by the facts as they are now.
    pub fn row(&self, at: Timestamp) -> ReminderRow {
        let change = self.downgrade();
        let settled = self.view(at) == ActionView::Known(PostExpirationAction::Downgrade);
        if self.has_left() {
            if self.expiry().is_some_and(|expiry| at < expiry) {
                ReminderRow::Left
            } else {
                ReminderRow::Downgrades
            }
        } else if change.is_none() && self.renews_itself() {
            ReminderRow::Renews
        } else if settled && !self.will_be_stale_soon(at) {
            ReminderRow::Downgrades
        } else {
            ReminderRow::AtRisk
        }
    }

    /// Whether it expires within three days, nobody is on it, and what is known of the action will be too old by then.
    fn will_be_stale_soon(&self, at: Timestamp) -> bool {
        let near = |expiry: &Timestamp| at < *expiry && *expiry - at <= DAY_THREE;
        let mut near = self.expiries().filter(near);
        self.case.open_change().is_none() && near.any(|expiry| self.stale_by(expiry))
    }

    /// What becomes of it at its expiry, as far as that can be relied on at some moment.
    pub fn risk(&self, at: Timestamp) -> Risk {
        match self.view(at) {
            ActionView::Known(PostExpirationAction::Downgrade) => Risk::Downgrades,
            ActionView::Known(PostExpirationAction::Delete) => Risk::Deletes,
            ActionView::Unknown | ActionView::Contradictory | ActionView::Stale(_) => Risk::Unsure,
        }
    }

    /// How things stand.
    pub fn seen(&self, at: Timestamp) -> RiskSeen {
        RiskSeen {
            risk: self.risk(at),
            renews: self.renews_itself(),
        }
    }

    /// Who knows of it, where that still holds at a moment: not when the facts are worse than they were, not across three
    /// days before an expiry or the expiry itself, and for 30 days at most; while it may be deleted, for a day.
    pub fn known_by(&self, at: Timestamp) -> Option<&Acked> {
        let acked = self.attention.acked.as_ref()?;
        let now = self.seen(at);
        let worse = now.risk > acked.seen.risk || (acked.seen.renews && !now.renews);
        let reached = |mark: Timestamp| acked.at < mark && mark <= at;
        let mark = |expiry: Timestamp| reached(expiry) || reached(expiry - DAY_THREE);
        let passed = self.expiries().any(mark);
        let after = self.expiry().is_some_and(|expiry| expiry <= acked.at);
        let holds = if after { KNOWN_AFTER_EXPIRY } else { KNOWN_FOR };
        (!worse && !passed && at - acked.at < holds).then_some(acked)
    }

    /// The action as far as it can be relied on to let it expire.
    pub fn view(&self, at: Timestamp) -> ActionView {
        let limit = self.limits.action_for_expiry;
        self.case.instance.action_view(limit, self.limits, at)
    }

    /// The open downgrade.
    pub fn downgrade(&self) -> Option<&Change> {
        let change = self.case.open_change()?;
        matches!(change.kind, ChangeKind::Downgrade(_)).then_some(change)
    }

    /// Whether somebody looked, and auto-renewal was on.
    pub fn renews_itself(&self) -> bool {
        self.case
            .instance
            .auto_renew
            .known()
            .is_some_and(|known| known.value == Switch::On && known.source == Source::Attested)
    }

    /// Whether auto-renewal may charge while a downgrade is open.
    pub fn may_charge(&self) -> bool {
        let ahead = self
            .downgrade()
            .is_some_and(|change| !change.exit_confirmed());
        ahead && self.case.instance.auto_renew.value() != Some(&Switch::Off)
    }

    /// Whether something rests on the action staying known until the expiry, and on the edition after it.
    pub fn awaits(&self) -> bool {
        let waits = self
            .downgrade()
            .is_some_and(|change| change.kind.route() == Some(Route::Expiry));
        waits || self.suppresses
    }

    /// Whether the action, Downgrade by somebody's word, would be too old at the expiry.
    pub fn stale_by(&self, expiry: Timestamp) -> bool {
        let known = self.case.instance.action.known();
        known.is_some_and(|known| {
            known.value == PostExpirationAction::Downgrade
                && known.source != Source::Imported
                && known.age(expiry) > self.limits.action_for_expiry
        })
    }

    /// Whether the edition was attested since the expiry.
    pub fn edition_is_fresh(&self, expiry: Timestamp) -> bool {
        let known = self.case.instance.edition.known();
        known.is_some_and(|known| known.source == Source::Attested && known.at >= expiry)
    }
}
