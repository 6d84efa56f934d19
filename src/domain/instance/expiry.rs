//! The edition and the expiry of an instance at a moment.

use super::{AtExpiry, Edition, Instance, PlatinumFacts, PostExpirationAction, Switch, Tracking};
use crate::Timestamp;
use crate::fact::{Fact, Gap, Known, Source, is_ahead};
use crate::team::{
    Limits, RELEASE_AFTER, auto_renewal_charges_from, auto_renewal_charges_until, is_months_later,
};

impl Instance {
    /// Makes the edition unknown, and remembers a known Platinum.
    pub fn forget_edition(&mut self, gap: Gap, at: Timestamp) {
        self.last_platinum = self.platinum_so_far().cloned();
        self.edition = Fact::gone(gap, at);
        self.give_back_before_standard(at);
        self.doubt_standard_gaps(Gap::NeverSaid, at);
    }

    /// Keeps what only Platinum has, before it is recorded as Standard. `left` means that it was unsubscribed.
    pub(crate) fn keep_before_standard(&mut self, left: bool, now: Timestamp) {
        let facts = PlatinumFacts::of(self);
        let facts = if left { facts.after_exit(now) } else { facts };
        if self.platinum_so_far().is_some() {
            self.before_standard = Some(Box::new(facts));
        }
    }

    /// Gives back what only Platinum has, once it is not Standard after all.
    pub(crate) fn give_back_before_standard(&mut self, now: Timestamp) {
        if let Some(before) = self.before_standard.take() {
            before.give_back_beside_edition(self, now);
        }
    }

    /// Forgets what it was before Standard: it was upgraded since, or that was taken back.
    pub(crate) fn forget_before_standard(&mut self) {
        self.before_standard = None;
        self.ended_by_standard = None;
    }

    /// The last known Platinum, unless something newer is known.
    pub fn platinum_so_far(&self) -> Option<&Known<Edition>> {
        match &self.edition {
            Fact::Unknown { .. } => self.last_platinum.as_ref(),
            Fact::Known(_) | Fact::Contradictory { .. } => {
                let mut said = self.edition.candidates();
                said.find(|known| known.value == Edition::Platinum)
            }
        }
    }

    pub const fn is_tracked(&self) -> bool {
        matches!(self.tracking, Tracking::Tracked)
    }

    /// Whether it is recorded as deleted, and a listing or a person has it since.
    pub const fn is_back(&self) -> bool {
        self.listed_since_lost.is_some() || self.seen_since_lost.is_some()
    }

    /// Whether somebody has looked at it since a moment, and said which edition it is.
    pub fn was_seen_since(&self, moment: Timestamp) -> bool {
        let edition = self.edition.known();
        edition.is_some_and(|known| known.source == Source::Attested && known.at > moment)
    }

    /// The instant of expiry, if known and not after `now`.
    pub fn expired_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.expires
            .value()
            .copied()
            .filter(|expires| *expires <= now)
    }

    /// Whether any candidate expiry has passed.
    pub fn may_be_expired(&self, now: Timestamp) -> bool {
        self.expires.candidates().any(|known| known.value <= now)
    }

    /// Whether it renews itself, as far as known at a moment. Off, dated ahead of the clock, counts from its time on.
    pub fn auto_renew_at(&self, at: Timestamp) -> Option<Switch> {
        let known = self.auto_renew.known();
        let known = known.filter(|known| known.value == Switch::On || !known.is_ahead(at));
        known.map(|known| known.value)
    }

    /// The state at expiry: as recorded when it passed, else by the current facts. `None` before expiry.
    pub fn at_expiry(&self, limits: &Limits, now: Timestamp) -> Option<AtExpiry> {
        let expired = self.expired_at(now)?;
        // It did not become Standard at its release.
        if self.outlived_release(now).is_some() {
            return Some(AtExpiry::AtRisk);
        }
        if self.at_expiry.is_some() {
            return self.at_expiry;
        }
        let converts = self.action.known().is_some_and(|known| {
            known.value == PostExpirationAction::Downgrade
                && known.source != Source::Imported
                && known.at <= expired
                && known.age(expired) <= limits.action_for_expiry
        });
        Some(if converts {
            AtExpiry::Converts
        } else {
            AtExpiry::AtRisk
        })
    }

    /// The expiry that its auto-renewal, which is known to be on, was said too late for: the last charge is over (rule
    /// `auto-renewal`).
    pub fn renewal_missed(&self) -> Option<Timestamp> {
        let on = self.auto_renew.known();
        let on = on.filter(|on| on.value == Switch::On)?;
        let missed = |expiry: &Timestamp| {
            auto_renewal_charges_until(*expiry).is_none_or(|last| on.at > last)
        };
        self.reminded_expiries().find(missed)
    }

    /// Its size; the larger of two that contradict each other.
    pub fn largest_tps(&self) -> Option<u32> {
        let sizes = self.max_tps.candidates().map(|known| known.value);
        sizes.max()
    }

    /// The expiry that its auto-renewal has moved since, as a file shows, where a person gave it.
    pub fn renewed_from(&self) -> Option<Timestamp> {
        let Fact::Contradictory { held, other } = &self.expires else {
            return None;
        };
        self.is_renewal(held, other).then_some(held.value)
    }

    /// Whether an expiry in a file is what auto-renewal makes of another: the file was read since it charges and has the instance as
    /// Platinum, the date is later by whole months, and auto-renewal was on in time: attested, where the other date is.
    pub fn is_renewal(&self, from: &Known<Timestamp>, to: &Known<Timestamp>) -> bool {
        let renews = |on: &Known<Switch>| {
            let last = auto_renewal_charges_until(from.value);
            let in_time = last.is_some_and(|last| on.at <= last);
            let weighs = on.source == Source::Attested || from.source != Source::Attested;
            on.value == Switch::On && weighs && in_time
        };
        self.auto_renew.known().is_some_and(renews)
            && auto_renewal_charges_from(from.value).is_some_and(|charges| to.at >= charges)
            && to.source == Source::Imported
            && self.edition.value() == Some(&Edition::Platinum)
            && is_months_later(from.value, to.value)
    }

    /// The expiry for reminders: the earlier of two that disagree; the last one where it was attested as unknown, or the one
    /// before that.
    pub fn reminded_expiry(&self) -> Option<Timestamp> {
        self.reminded_expiries().min()
    }

    /// Every possible expiry; where it was attested as unknown, the last one, and the one before that.
    pub fn reminded_expiries(&self) -> impl Iterator<Item = Timestamp> + use<'_> {
        let said = self.expires.candidates().map(|known| known.value);
        let unsaid = self
            .unsaid_expires
            .filter(|_| self.expires.held().is_none());
        let earlier = self.earlier_expires.filter(|_| unsaid.is_some());
        said.chain(unsaid).chain(earlier)
    }

    /// When its release after its last possible expiry is due (rule `release-after-7-days`).
    pub(super) fn release_due(&self) -> Option<Timestamp> {
        let last = self.reminded_expiries().max()?;
        last.checked_add_signed(RELEASE_AFTER)
    }

    /// When a person last looked at its action, which only Platinum has.
    pub(crate) fn looked_at_action(&self) -> Option<Timestamp> {
        let looks = self.action.candidates();
        let looks = looks.filter(|it| it.source == Source::Attested);
        looks.map(|it| it.at).max()
    }

    /// When it was last seen as Platinum, by a look at its edition or its action, or in a listing.
    pub(crate) fn seen_platinum(&self) -> Option<Timestamp> {
        let edition = self.platinum_so_far();
        let edition = edition.filter(|it| it.source != Source::Derived);
        edition.map(|it| it.at).max(self.looked_at_action())
    }

    /// When it was seen as Platinum although its release was due: it was not released then, and what saves it may still be done.
    pub fn outlived_release(&self, now: Timestamp) -> Option<Timestamp> {
        self.outlives(self.seen_platinum().max(self.past.outlived()), now)
    }

    /// Whether it was known to be Standard, and only a file calls it Platinum: a contradiction of its edition, as an old file
    /// makes one, and no sight of what was presumed deleted.
    pub fn is_standard_but_in_file(&self) -> bool {
        let Fact::Contradictory { held, other } = &self.edition else {
            return false;
        };
        let is_file = other.value == Edition::Platinum && other.source == Source::Imported;
        let looked_since = self.looked_at_action().is_some_and(|at| at > held.at);
        held.value == Edition::Standard && is_file && !looked_since
    }

    /// A moment at which it was seen as Platinum, if its release was due then.
    pub(crate) fn outlives(&self, seen: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
        let due = self.release_due()?;
        seen.filter(|seen| *seen >= due && !is_ahead(*seen, now))
    }

    /// Whether an expiry that passed by `at` found Downgrade: known at that instant, not said after it.
    pub fn expired_on_downgrade(&self, limits: &Limits, at: Timestamp) -> bool {
        match self.at_expiry(limits, at) {
            Some(found) => found == AtExpiry::Converts,
            None => {
                let known = self.action.known();
                let mut passed = self.reminded_expiries().filter(|expiry| *expiry <= at);
                passed.all(|expiry| known.is_some_and(|known| known.at <= expiry))
            }
        }
    }
}
