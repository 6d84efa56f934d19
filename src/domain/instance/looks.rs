//! The known facts of the action, and its observers.

use chrono::TimeDelta;

use super::{
    ActionView, AtExpiry, Edition, Instance, Observation, PlatinumFacts, PostExpirationAction,
};
use crate::Timestamp;
use crate::fact::{Fact, Gap, Source, is_ahead};
use crate::id::Person;
use crate::team::Limits;

impl Instance {
    /// Whether its action was Delete when it was unsubscribed, as far as anybody knew, or was last seen so, however long ago:
    /// unsubscribed then, it is deleted (rule `action-before-exit`).
    pub fn was_on_delete(&self) -> bool {
        self.left_on_delete || self.is_seen_on_delete()
    }

    /// Whether its action was last seen to be Delete, however long ago, or one of two sources says so.
    pub fn is_seen_on_delete(&self) -> bool {
        let mut seen = self.action.candidates();
        seen.any(|seen| seen.value == PostExpirationAction::Delete)
    }

    /// The date of the last observation of the action, unless the instance is Standard or not tracked. Of two contradictory
    /// values, the older date.
    pub fn decisive_at(&self) -> Option<Timestamp> {
        let decides = self.is_tracked() && self.edition.value() != Some(&Edition::Standard);
        let looked = self.action.candidates().map(|known| known.at).min();
        looked.filter(|_| decides)
    }

    /// The action at `now`, for a use with this maximum age (rule `action-known`).
    ///
    /// After the expiry, a Downgrade known at that instant, or attested after it, does not age.
    pub fn action_view(&self, limit: TimeDelta, limits: &Limits, now: Timestamp) -> ActionView {
        let known = match &self.action {
            Fact::Unknown { .. } => return ActionView::Unknown,
            Fact::Contradictory { .. } => return ActionView::Contradictory,
            // The action in a file is unverified (rule `action-known`).
            Fact::Known(known) if known.source == Source::Imported => return ActionView::Unknown,
            Fact::Known(known) => known,
        };
        let settled = known.value == PostExpirationAction::Downgrade
            && self.expired_at(now).is_some_and(|expired| {
                known.at >= expired || self.at_expiry(limits, now) == Some(AtExpiry::Converts)
            });
        if settled || known.age(now) <= limit {
            ActionView::Known(known.value)
        } else {
            ActionView::Stale(known.value)
        }
    }

    /// Whether the look at the action is dated ahead of the clock, so that it does not count yet.
    pub fn action_is_ahead(&self, now: Timestamp) -> bool {
        self.action.known().is_some_and(|known| known.is_ahead(now))
    }

    /// Sets the action. A different value, or none, voids the observations: only those of the current value count, recorded since
    /// it could last have changed (rule `action-known`).
    pub fn set_action(&mut self, action: Fact<PostExpirationAction>) {
        if self.action.value() != action.value() {
            self.observations.clear();
        }
        match &action {
            Fact::Known(seen) if seen.source == Source::Attested => {
                self.observations
                    .retain(|observation| observation.by.id != seen.by.id);
                self.observations.push(Observation {
                    by: seen.by.clone(),
                    at: seen.at,
                });
            }
            Fact::Known(_) | Fact::Unknown { .. } | Fact::Contradictory { .. } => {
                self.observations.clear();
            }
        }
        self.action = action;
    }

    /// The observations within `limit`, and not dated ahead of the clock.
    pub fn fresh_observations(
        &self,
        limit: TimeDelta,
        now: Timestamp,
    ) -> impl Iterator<Item = &Observation> {
        self.observations.iter().filter(move |observation| {
            now - observation.at <= limit && !is_ahead(observation.at, now)
        })
    }

    /// Whether somebody's look counts for something: as one of those who looked, or as the one by whom the action is known.
    pub fn was_seen_by(&self, person: &Person) -> bool {
        let one_of = self.observations.iter().any(|seen| seen.by.id == person.id);
        one_of || self.is_known_by(person)
    }

    /// Whether it is somebody's look by which the action is known to be Downgrade. What was known at an expiry that has passed
    /// is a matter of record, and permits nothing without observations.
    fn is_known_by(&self, person: &Person) -> bool {
        if self.at_expiry == Some(AtExpiry::Converts) {
            return false;
        }
        let known = self.action.known().filter(|known| known.by.id == person.id);
        known.is_some_and(|known| {
            known.source == Source::Attested && known.value == PostExpirationAction::Downgrade
        })
    }

    /// Whether somebody said that it is Standard, and no second person has so far.
    pub fn is_standard_by(&self, person: &Person) -> bool {
        let Fact::Contradictory { held, other } = &self.edition else {
            return false;
        };
        [held, other].into_iter().any(|known| {
            known.value == Edition::Standard
                && known.source == Source::Attested
                && known.by.id == person.id
        })
    }

    /// Makes somebody's looks no longer count: a Downgrade that they saw last is known by who saw it before, or not known. A
    /// Delete stays, which warns.
    pub fn forget_looks_of(&mut self, person: &Person, now: Timestamp) {
        let was_last = self.is_known_by(person);
        self.observations.retain(|seen| seen.by.id != person.id);
        if !was_last {
            return;
        }
        match self.observations.iter().max_by_key(|seen| seen.at) {
            Some(seen) => {
                self.action = Fact::attested(PostExpirationAction::Downgrade, &seen.by, seen.at);
            }
            None => self.forget_action(Gap::ObserverGone, now),
        }
    }

    /// Whether what is said of the action now is not known any more once the edition turns out to be Platinum: it may have been
    /// Standard in between, and Platinum again with the default action.
    pub const fn action_waits_for_edition(&self) -> bool {
        match &self.edition {
            Fact::Contradictory { .. } => true,
            Fact::Unknown { gap, .. } => !matches!(gap, Gap::NeverSaid),
            Fact::Known(_) => false,
        }
    }

    /// Makes the action and the state at expiry unknown.
    pub fn forget_action(&mut self, gap: Gap, since: Timestamp) {
        self.set_action(Fact::gone(gap, since));
        self.at_expiry = self.at_expiry.map(|_| AtExpiry::AtRisk);
    }

    /// Makes the action unknown, unless it was last seen to be Delete: that stays, because it warns and permits nothing.
    pub fn doubt_action(&mut self, gap: Gap, since: Timestamp) {
        if !self.is_seen_on_delete() {
            self.forget_action(gap, since);
        }
    }
}

impl PlatinumFacts {
    /// The people whose look at the action was not older than `limit` at that moment.
    pub fn observers_at(&self, limit: TimeDelta, at: Timestamp) -> Vec<&Person> {
        let seen = self.observations.iter();
        seen.filter(|seen| at - seen.at <= limit && !is_ahead(seen.at, at))
            .map(|seen| &seen.by)
            .collect()
    }
}
