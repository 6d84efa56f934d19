//! The input of a plan: the facts, the open change, acknowledgements, and the events since.

use chrono::TimeDelta;

use super::{Cadence, Level, Point};
use crate::Timestamp;
use crate::case::Case;
use crate::change::{Change, ChangeKind, Route};
use crate::concern::{ConcernKind, Opened, RaisedNotice};
use crate::fact::{Fact, Known, Source};
use crate::id::Person;
use crate::import::ANOTHER_LISTING;
use crate::instance::{ActionView, Edition, PostExpirationAction, Switch, Tracking};
use crate::team::{Limits, RELEASE_AFTER};
use crate::words::words;

/// The time before an expiry from which people are mentioned despite acknowledgements, and an observation that will be too old
/// does not count.
pub const DAY_THREE: TimeDelta = TimeDelta::days(3);
/// The age up to which a listing speaks against an expiry that has passed: older, it may have been corrected since.
const LISTED_LATELY: TimeDelta = TimeDelta::days(2);
/// The maximum validity of an acknowledgement.
pub const KNOWN_FOR: TimeDelta = TimeDelta::days(30);
/// Its validity after the expiry, while the instance may be deleted.
pub const KNOWN_AFTER_EXPIRY: TimeDelta = TimeDelta::hours(24);

words! {
    /// The expected result of the expiry; a later variant is worse.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Risk {
        /// It becomes Standard.
        Downgrades = "downgrades",
        /// Unknown, or observed too long ago.
        Unsure = "unsure",
        Deletes = "deletes",
    }
}

/// The state at an acknowledgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RiskSeen {
    pub risk: Risk,
    /// Whether auto-renewal was on.
    pub renews: bool,
}

/// An acknowledgement: people are no longer mentioned until the facts get worse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acked {
    pub by: Person,
    pub at: Timestamp,
    /// The state at that time.
    pub seen: RiskSeen,
}

/// A snoozed reminder: the last one shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snooze {
    pub by: Person,
    pub until: Timestamp,
    pub level: Level,
}

/// The acknowledgement and snooze of one expiry's reminders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attention {
    pub acked: Option<Acked>,
    pub snooze: Option<Snooze>,
}

/// The events since the expiry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SinceExpiry {
    /// Whether the change has announced that it expired.
    pub told_waiting: bool,
    /// Whether the change has announced that it is presumed deleted.
    pub told_presumed: bool,
}

/// The input of a plan.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The instance with its open change.
    pub case: &'a Case,
    pub limits: &'a Limits,
    pub cadence: &'a Cadence,
    pub attention: &'a Attention,
    pub since: SinceExpiry,
    /// Whether a notice about it is suppressed.
    pub suppresses: bool,
    /// The start of concerns that the facts do not date.
    pub opened: &'a [Opened],
    /// The raised notices that name it.
    pub raised: &'a [RaisedNotice],
    /// The time of the last message about it.
    pub told: Option<Timestamp>,
    /// The levels that were settled.
    pub done: &'a [Point],
}

/// The row of the reminder table that applies at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReminderRow {
    /// It is said to have left its subscription: no reminders before the last three days.
    Left,
    /// The action is Delete, unknown or stale.
    AtRisk,
    /// Downgrade is known.
    Downgrades,
    /// Auto-renewal is attested as on, and no downgrade is open.
    Renews,
}

impl Situation<'_> {
    /// The earliest possible expiry.
    pub fn expiry(&self) -> Option<Timestamp> {
        self.expiries().min()
    }

    /// Every possible expiry, each planned for; the last ones, if it was attested as unknown, and those that are announced.
    /// Not the one that its auto-renewal has moved.
    pub fn expiries(&self) -> impl Iterator<Item = Timestamp> + use<'_> {
        let instance = &self.case.instance;
        let over = instance.renewed_from();
        let possible = instance.possible_expiries();
        possible.filter(move |at| Some(*at) != over)
    }

    /// Whether reminders have ended, whatever the facts.
    pub fn is_over(&self) -> bool {
        let instance = &self.case.instance;
        match &instance.tracking {
            Tracking::Tracked => {
                let is_standard = instance.edition.value() == Some(&Edition::Standard);
                is_standard && instance.announced().next().is_none()
            }
            Tracking::Lost(_) => !instance.is_lost_in_doubt(),
            Tracking::Removed(_) => true,
        }
    }

    /// Whether an expiry is only announced, or that of what was recorded as deleted: people are reminded of it in its last days.
    pub fn is_announced(&self, of: Timestamp) -> bool {
        let instance = &self.case.instance;
        let mut announced = instance.announced();
        !instance.is_tracked() || announced.any(|announced| announced.expires == of)
    }

    /// The row that applies at a moment, by the current facts.
    pub fn row(&self, at: Timestamp) -> ReminderRow {
        let change = self.downgrade();
        let settled = self.risk(at) == Risk::Downgrades;
        // An unsubscription that nobody has seen the end of may not have happened.
        let ahead = self.expiry().is_some_and(|expiry| at < expiry - DAY_THREE);
        if ahead && self.has_left() {
            ReminderRow::Left
        } else if self.waits_for_last_days(at) {
            ReminderRow::Downgrades
        } else if change.is_none() && self.renews_itself() {
            ReminderRow::Renews
        } else if settled && !self.will_be_stale_soon(at) {
            ReminderRow::Downgrades
        } else {
            ReminderRow::AtRisk
        }
    }

    /// Whether its change waits for the expiry, Downgrade was seen last, and only that look has become too old: as would any other
    /// before the last days.
    pub fn waits_for_last_days(&self, at: Timestamp) -> bool {
        let last_days = self
            .expiry()
            .map(|expiry| expiry - self.limits.action_for_expiry);
        last_days.is_some_and(|last_days| at < last_days)
            && self.view(at) == ActionView::Stale(PostExpirationAction::Downgrade)
            && self.case.waits_for_time(at)
    }

    /// Whether it expires within three days without an open change, and the action will be too old by then.
    fn will_be_stale_soon(&self, at: Timestamp) -> bool {
        let near = |expiry: &Timestamp| at < *expiry && *expiry - at <= DAY_THREE;
        let mut near = self.expiries().filter(near);
        self.case.open_change().is_none() && near.any(|expiry| self.stale_by(expiry))
    }

    /// The expected result of the expiry, by the action as reliable at a moment.
    pub fn risk(&self, at: Timestamp) -> Risk {
        match self.view(at) {
            // A Downgrade that is said after the expiry may save it, or come too late.
            ActionView::Known(PostExpirationAction::Downgrade)
                if self.case.instance.expired_on_downgrade(self.limits, at) =>
            {
                Risk::Downgrades
            }
            ActionView::Known(PostExpirationAction::Delete) => Risk::Deletes,
            ActionView::Known(PostExpirationAction::Downgrade)
            | ActionView::Unknown
            | ActionView::Contradictory
            | ActionView::Stale(_) => Risk::Unsure,
        }
    }

    pub fn seen(&self, at: Timestamp) -> RiskSeen {
        RiskSeen {
            risk: self.risk(at),
            renews: self.renews_itself(),
        }
    }

    /// The acknowledgement, if valid at a moment: until the facts get worse, and [`Situation::known_until`] at most.
    pub fn known_by(&self, at: Timestamp) -> Option<&Acked> {
        let acked = self.attention.acked.as_ref()?;
        let now = self.seen(at);
        let worse = now.risk > acked.seen.risk || (acked.seen.renews && !now.renews);
        (!worse && at < self.known_until(acked)).then_some(acked)
    }

    /// The latest moment until which an acknowledgement holds: three days before an expiry, the expiry itself, the moment from which
    /// it is presumed deleted, and 30 days; one day while it may be deleted.
    pub fn known_until(&self, acked: &Acked) -> Timestamp {
        let marks = self.expiries();
        let marks = marks.flat_map(|expiry| [expiry - DAY_THREE, expiry, expiry + RELEASE_AFTER]);
        let after = self.expiry().is_some_and(|expiry| expiry <= acked.at);
        let most = acked.at + if after { KNOWN_AFTER_EXPIRY } else { KNOWN_FOR };
        let marks = marks.filter(|mark| *mark > acked.at);
        marks.min().map_or(most, |mark| mark.min(most))
    }

    /// The action, as reliable for letting it expire.
    pub fn view(&self, at: Timestamp) -> ActionView {
        let limit = self.limits.action_for_expiry;
        self.case.instance.action_view(limit, self.limits, at)
    }

    pub fn downgrade(&self) -> Option<&Change> {
        let change = self.case.open_change()?;
        matches!(change.kind, ChangeKind::Downgrade(_)).then_some(change)
    }

    /// Whether auto-renewal is attested as on, in time for every possible expiry: switched on later, it does not charge
    /// (rule `auto-renewal`).
    pub fn renews_itself(&self) -> bool {
        let instance = &self.case.instance;
        let switch = instance.auto_renew.known();
        let on =
            |known: &Known<Switch>| known.value == Switch::On && known.source == Source::Attested;
        switch.is_some_and(on) && instance.renewal_missed().is_none()
    }

    /// Whether an expiry that a person gave is contradicted, after it has passed, by more than one listing: the last one is of
    /// these days, and has the instance as Platinum with an expiry so much later that no release after the first explains it.
    /// Either may still be right, so that both stay planned; but the contradiction is told on its ladder, not every twelve hours.
    pub fn is_listed_later(&self, of: Timestamp, at: Timestamp) -> bool {
        let instance = &self.case.instance;
        let Fact::Contradictory { held, other } = &instance.expires else {
            return false;
        };
        let said = held.source == Source::Attested && held.value == of;
        let mut opened = self.opened.iter();
        let disputed = opened.find(|opened| opened.kind == ConcernKind::ExpiryDisputed);
        let again = disputed.is_some_and(|first| other.at - first.since >= ANOTHER_LISTING);
        let listed = other.source == Source::Imported
            && other.at > of
            && other.value > of + RELEASE_AFTER + TimeDelta::days(1)
            && other.value > at
            && at - other.at <= LISTED_LATELY;
        said && again && listed && instance.edition.value() == Some(&Edition::Platinum)
    }

    /// Whether auto-renewal may charge during an open downgrade.
    pub fn may_charge(&self) -> bool {
        let ahead = self
            .downgrade()
            .is_some_and(|change| !change.exit_confirmed());
        ahead && self.case.instance.auto_renew.value() != Some(&Switch::Off)
    }

    /// Whether a change or a suppression depends on a known action until the expiry, and on the edition after it.
    pub fn awaits(&self) -> bool {
        let waits = self
            .downgrade()
            .is_some_and(|change| change.kind.route() == Some(Route::Expiry));
        waits || self.suppresses
    }

    /// Whether an attested Downgrade would be too old at the expiry.
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
