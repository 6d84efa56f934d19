//! What a plan is made from: the facts, the open change, and what people and time have said since.

use super::{Cadence, Level};
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::change::{Change, ChangeKind, Route};
use crate::domain::fact::Source;
use crate::domain::id::Person;
use crate::domain::instance::{ActionView, Edition, PostExpirationAction, Switch};
use crate::domain::team::Limits;

/// That somebody knows of it: people are no longer mentioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acked {
    /// Who.
    pub by: Person,
    /// Since when.
    pub at: Timestamp,
}

/// That the reminder last shown shall come again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snooze {
    /// Who said so.
    pub by: Person,
    /// When it shall.
    pub until: Timestamp,
    /// Which one it was.
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
}

/// The row of the table that holds at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Row {
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
    /// The expiry that is planned for: of contradictory ones the earlier.
    pub fn expiry(&self) -> Option<Timestamp> {
        let said = self.case.instance.expires.candidates();
        said.map(|known| known.value).min()
    }

    /// Whether there is nothing to remind of, whatever the facts say.
    pub fn is_over(&self) -> bool {
        let instance = &self.case.instance;
        !instance.is_tracked() || instance.edition.value() == Some(&Edition::Standard)
    }

    /// The row that holds at a moment, by the facts as they are now.
    pub fn row(&self, at: Timestamp) -> Row {
        let change = self.downgrade();
        let settled = self.view(at) == ActionView::Known(PostExpirationAction::Downgrade);
        if change.is_some_and(Change::exit_confirmed) {
            if self.expiry().is_some_and(|expiry| at < expiry) {
                Row::Left
            } else {
                Row::Downgrades
            }
        } else if change.is_none() && self.renews_itself() {
            Row::Renews
        } else if settled {
            Row::Downgrades
        } else {
            Row::AtRisk
        }
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
