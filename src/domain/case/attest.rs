//! Attestations.

use chrono::{Months, SecondsFormat};

use super::{Case, Moment};
use crate::Timestamp;
use crate::change::{Change, ChangeKind, Step};
use crate::event::EventKind;
use crate::fact::{Fact, Gap, Known, Source};
use crate::facts::{FactKind, Taking, each_fact};
use crate::id::Person;
use crate::instance::{Announced, AtExpiry, Edition, InDoubt, PostExpirationAction};
use crate::notice::{NoticeKind, NoticeRecord};
use crate::said::Said;
use crate::team::RELEASE_AFTER;

/// The longest subscription. A later expiry is probably a typing error.
pub const LONGEST_SUBSCRIPTION: Months = Months::new(6 * 12);
/// An expiry further back than this is more probably the wrong year.
const LONG_PAST: Months = Months::new(12);

/// An attestation that contradicts itself or known facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttestError {
    /// Standard Edition has no such fact.
    OnlyPlatinum(FactKind),
    /// The expiry is probably a typing error.
    Unlikely(Unlikely),
    /// The instance is not tracked.
    NotTracked,
}

/// An expiry that is probably a typing error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlikely {
    /// Before the upgrade that began the subscription.
    BeforeUpgrade {
        /// The expiry as given.
        expires: Timestamp,
        /// The time of the upgrade.
        upgraded: Timestamp,
    },
    /// Further ahead than the longest subscription.
    FarAhead(Timestamp),
    /// More than a year back.
    LongPast(Timestamp),
}

/// The first attested fact that only Platinum has.
fn platinum_fact(said: &Said) -> Option<FactKind> {
    let mut facts = FactKind::ALL.iter().copied();
    facts.find(|fact| fact.is_platinums() && said.has(*fact))
}

impl Case {
    /// Records an attestation. An expiry that moves from one known value to another is a renewal and makes the action unknown; an
    /// action in the same attestation applies after it.
    ///
    /// # Errors
    /// When Standard Edition is given a fact that only Platinum has, or the instance is not tracked.
    pub fn attest(&mut self, said: &Said, moment: &Moment<'_>) -> Result<(), AttestError> {
        if !self.instance.is_tracked() {
            return Err(AttestError::NotTracked);
        }
        let edition = said.edition.flatten();
        let edition = edition.or_else(|| self.instance.edition.value().copied());
        if edition == Some(Edition::Standard)
            && let Some(fact) = platinum_fact(said)
        {
            return Err(AttestError::OnlyPlatinum(fact));
        }
        let expires = said.expires.flatten().filter(|_| !said.sure);
        if let Some(unlikely) = expires.and_then(|expires| self.unlikely(expires, moment.now)) {
            return Err(AttestError::Unlikely(unlikely));
        }
        self.advance(moment.policy, moment.now);
        let before = self.instance.clone();
        let facts = said.facts();
        if !facts.is_empty() {
            self.record_act(moment, EventKind::Attested { facts });
        }
        self.describe(said, moment);
        self.take_facts(said, moment);
        self.react(&before, moment, false);
        Ok(())
    }

    fn take_facts(&mut self, said: &Said, moment: &Moment<'_>) {
        let Moment { by, now, .. } = *moment;
        for fact in FactKind::ALL {
            match fact.taking() {
                Taking::Edition => match said.edition {
                    Some(Some(edition)) => {
                        let said = self.spoken_edition(Fact::attested(edition, by, now), moment);
                        self.take_edition(said, now);
                    }
                    Some(None) => self.instance.forget_edition(Gap::SaidUnknown, now),
                    None => {}
                },
                Taking::Expiry => match said.expires {
                    Some(Some(expires)) => {
                        self.take_expiry(Fact::attested(expires, by, now), now);
                    }
                    Some(None) if self.instance.edition.value() != Some(&Edition::Standard) => {
                        self.unsay_expiry(Gap::SaidUnknown, now);
                    }
                    Some(None) | None => {}
                },
                Taking::Action => {
                    if let Some(action) = said.action {
                        self.take_action(spoken(action, moment), moment);
                    }
                }
                Taking::Plainly => self.take_plainly(*fact, said, moment),
            }
        }
    }

    /// Makes the expiry unknown. The last one is kept: reminders go by it until there is a new one.
    pub(super) fn unsay_expiry(&mut self, gap: Gap, now: Timestamp) {
        // Of two contradictory dates, either may be the one that a later date renews.
        if self.instance.expires.is_contradictory() {
            self.instance.forget_action(Gap::Renewed, now);
        }
        let said = self.instance.expires.candidates();
        let last = said.map(|known| known.value).min();
        self.instance.unsaid_expires = last.or(self.instance.unsaid_expires);
        self.instance.expires = Fact::gone(gap, now);
        self.instance.at_expiry = None;
    }

    /// Checks an expiry for a typing error: before the upgrade, or further ahead than the longest subscription.
    pub(super) fn unlikely(&self, expires: Timestamp, now: Timestamp) -> Option<Unlikely> {
        let recorded = self
            .open_change()
            .and_then(|change| change.record(Step::Upgrade));
        let derived =
            self.instance.edition.known().filter(|known| {
                known.source == Source::Derived && known.value == Edition::Platinum
            });
        let upgraded = recorded
            .map(|record| record.at)
            .or(derived.map(|known| known.at));
        if let Some(upgraded) = upgraded.filter(|upgraded| expires < *upgraded) {
            return Some(Unlikely::BeforeUpgrade { expires, upgraded });
        }
        let last = now.checked_add_months(LONGEST_SUBSCRIPTION);
        if last.is_none_or(|last| expires > last) {
            return Some(Unlikely::FarAhead(expires));
        }
        let first = now.checked_sub_months(LONG_PAST);
        first
            .is_some_and(|first| expires < first)
            .then_some(Unlikely::LongPast(expires))
    }

    /// The edition that an attestation leads to. Where nothing recorded leads to Standard, one attestation may be a mistake: the
    /// edition stays contradictory until a second person, or a listing read since, agrees. Where the policy requires one observer,
    /// attesting it again is enough. That the action is Downgrade leads nowhere before the expiry, nor where that was said after it.
    pub(super) fn spoken_edition(&self, said: Fact<Edition>, moment: &Moment<'_>) -> Fact<Edition> {
        let Fact::Known(standard) = &said else {
            return said;
        };
        if !self.is_unexplained(standard.value, moment.now) {
            return said;
        }
        match &self.instance.edition {
            // Only Platinum has an action that can be seen: who looked at it since has said that it is no Standard.
            Fact::Contradictory { held, other }
                if [held, other].iter().any(|known| {
                    known.value == Edition::Standard
                        && self.instance.looked_at_action() > Some(known.at)
                }) =>
            {
                self.beside(standard.clone()).unwrap_or(said)
            }
            Fact::Contradictory { held, other } => {
                let mut before = [held, other].into_iter();
                let before = before.find(|known| known.value == Edition::Standard);
                let another = before.is_some_and(|known| !is_own_word(known, moment.by));
                if another || (before.is_some() && moment.policy.observers <= 1) {
                    said
                } else {
                    self.instance.edition.clone()
                }
            }
            Fact::Known(_) | Fact::Unknown { .. } => self.beside(standard.clone()).unwrap_or(said),
        }
    }

    /// The contradiction of Standard with the last known Platinum.
    pub(crate) fn beside(&self, standard: Known<Edition>) -> Option<Fact<Edition>> {
        let held = self.instance.platinum_so_far()?.clone();
        Some(Fact::Contradictory {
            held,
            other: standard,
        })
    }

    /// Whether an edition would be Standard although the instance is Platinum as far as known, no exit leads there, and the action
    /// is not known to be Downgrade either; an observation that is too old, or dated ahead of the clock, does not count, nor does
    /// one after an exit or an expiry that found something else.
    pub(crate) fn lacks_exit(&self, edition: Edition, moment: &Moment<'_>) -> bool {
        let limit = moment.limits().action_for_expiry;
        let downgrade = self.instance.action.known().is_some_and(|known| {
            known.value == PostExpirationAction::Downgrade
                && known.source != Source::Imported
                && !known.is_ahead(moment.now)
                && known.age(moment.now) <= limit
        });
        let left = self.is_said_to_be_unsubscribed() || self.instance.may_be_expired(moment.now);
        (!downgrade || left) && self.is_unexplained(edition, moment.now)
    }

    /// Whether somebody has said that it was unsubscribed, and nobody has seen what happened to it.
    pub(super) fn is_said_to_be_unsubscribed(&self) -> bool {
        self.open_change().is_some_and(Change::is_unsubscribed)
            || self
                .instance
                .in_doubt
                .as_ref()
                .is_some_and(InDoubt::is_exit)
    }

    /// Whether an edition would be Standard at a moment although the instance is Platinum as far as known, and no exit leads
    /// there: no expiry that found Downgrade, and no unsubscription, or one of an instance that was seen on Delete, which deletes
    /// it (rule `action-before-exit`).
    pub(crate) fn is_unexplained(&self, edition: Edition, at: Timestamp) -> bool {
        let instance = &self.instance;
        let platinum = instance.platinum_so_far().is_some();
        let expired = instance.expired_at(at).is_some();
        let converted = expired && instance.at_expiry == Some(AtExpiry::Converts);
        let exited = self.is_said_to_be_unsubscribed() && !instance.was_on_delete();
        edition == Edition::Standard && platinum && !converted && !exited
    }

    /// The word of Standard, in a contradiction, that a listing read at a moment repeats: that of a person, or of a listing.
    pub(crate) fn standard_so_far(&self, at: Timestamp) -> Option<&Known<Edition>> {
        let Fact::Contradictory { held, other } = &self.instance.edition else {
            return None;
        };
        let mut said = [held, other].into_iter().filter(|known| {
            let is_first = matches!(known.source, Source::Attested | Source::Imported);
            let stands = self.instance.looked_at_action() <= Some(known.at);
            known.value == Edition::Standard && is_first && stands && known.at <= at
        });
        said.next()
    }

    /// Sets the edition, and clears the facts that only Platinum has where that follows.
    pub(crate) fn take_edition(&mut self, edition: Fact<Edition>, now: Timestamp) {
        let was = self.instance.edition.value().copied();
        let becomes = edition.value().copied();
        let settles = self.instance.action_waits_for_edition();
        let looked_at = !matches!(self.instance.action, Fact::Unknown { .. });
        if !matches!(edition, Fact::Unknown { .. }) {
            self.instance.last_platinum = None;
        }
        // A file that repeats the edition implies nothing for the other facts.
        let by_file = edition
            .known()
            .is_some_and(|known| known.source == Source::Imported);
        let again = by_file && was == becomes;
        if becomes.is_some() {
            self.instance.standard_in_file = None;
        }
        let is_standard = becomes == Some(Edition::Standard);
        if is_standard && was != becomes {
            let left = self.is_said_to_be_unsubscribed() && !self.instance.was_on_delete();
            self.instance.keep_before_standard(left, now);
        }
        self.instance.edition = edition;
        let upgrades = self.open_change();
        let upgrades = upgrades.is_some_and(|change| change.kind == ChangeKind::Upgrade);
        let kept = self.instance.before_standard.is_some() && !upgrades;
        if is_standard && !again {
            self.instance.clear_platinum_facts(Gap::OnlyPlatinum, now);
        } else if kept && !is_standard {
            self.instance.give_back_before_standard(now);
        } else if was == Some(Edition::Standard) && becomes == Some(Edition::Platinum) {
            self.instance.forget_before_standard();
            self.instance.clear_platinum_facts(Gap::Upgraded, now);
        } else if settles && looked_at && becomes == Some(Edition::Platinum) {
            self.instance.forget_action(Gap::EditionSettled, now);
            self.instance.action_unverified = None;
        }
        // Beside an edition that is not known, or Platinum after all, nothing is missing because Standard has none.
        if becomes != Some(Edition::Standard) {
            self.instance.doubt_standard_gaps(Gap::NeverSaid, now);
        }
    }

    /// Counts the expiry that a notice announces as possible, where it is earlier than what is known. Returns whether that is new.
    pub fn note_announced(&mut self, filed: &NoticeRecord, moment: &Moment<'_>) -> bool {
        let exit = self.instance.past.exit(moment.limits(), moment.now);
        let Some(expires) = filed.earlier_expiry(&self.instance, exit) else {
            return false;
        };
        let is_new = self.instance.announce(Announced {
            expires,
            at: moment.now,
            notice: Some(filed.number),
            by_release: filed.read.kind == NoticeKind::Release,
        });
        if is_new {
            let what = format!("expiry as notice {} says", filed.number);
            let to = expires.to_rfc3339_opts(SecondsFormat::Secs, true);
            self.record_act(moment, EventKind::described(&what, None, Some(to)));
        }
        is_new
    }

    /// Sets the expiry. A change from one known value to another is a renewal.
    pub(crate) fn take_expiry(&mut self, expires: Fact<Timestamp>, now: Timestamp) {
        let held = self.instance.expires.held().map(|held| held.value);
        let was = held.or(self.instance.unsaid_expires);
        let becomes = expires.value().copied();
        self.instance.expires = expires;
        if becomes.is_some() {
            self.instance.unsaid_expires = None;
        }
        if was != becomes {
            self.instance.at_expiry = None;
            self.keep_earlier_expiry(was, now);
        }
        if was.is_some() && becomes.is_some() && was != becomes {
            self.instance.set_action(Fact::gone(Gap::Renewed, now));
            self.instance.action_unverified = None;
        }
    }

    /// Keeps the date from which the expiry moves, while it may still be right: the earlier of several.
    fn keep_earlier_expiry(&mut self, was: Option<Timestamp>, now: Timestamp) {
        let becomes = self.instance.expires.value().copied();
        let kept = [self.instance.earlier_expires, was].into_iter().flatten();
        let mut kept: Vec<Timestamp> = kept.collect();
        kept.retain(|at| *at + RELEASE_AFTER > now && Some(*at) != becomes);
        self.instance.earlier_expires = kept.into_iter().min();
    }

    pub(super) fn take_action(&mut self, action: Fact<PostExpirationAction>, moment: &Moment<'_>) {
        // Downgrade known at the instant of expiry stays known until a person attests otherwise.
        if action.value() != Some(&PostExpirationAction::Downgrade)
            && self.instance.expired_at(moment.now).is_some()
        {
            self.instance.at_expiry = Some(AtExpiry::AtRisk);
        }
        self.instance.set_action(action);
        self.instance.action_unverified = None;
    }

    pub(crate) fn describe(&mut self, said: &Said, moment: &Moment<'_>) {
        let spoken = said.name.is_some() || said.team.is_some() || said.channel.is_some();
        if spoken {
            self.instance.described_at = Some(moment.now);
        }
        let mut told = Vec::new();
        if let Some(name) = said
            .name
            .as_ref()
            .filter(|name| **name != self.instance.name)
        {
            let from = std::mem::replace(&mut self.instance.name, name.clone());
            told.push(("name", Some(from.to_string()), Some(name.to_string())));
        }
        if let Some(region) = &said.region {
            let from = self.instance.region_shown();
            self.instance.region.clone_from(region);
            self.instance.region_in_file = None;
            let to = region.to_string();
            if from != to {
                told.push(("region", Some(from), Some(to)));
            }
        }
        macro_rules! take {
            ($($field:ident),+) => {$(
                if let Some(said) = said.$field.as_ref().filter(|said| **said != self.instance.$field) {
                    let held = std::mem::replace(&mut self.instance.$field, said.clone());
                    let text = |held: Option<_>| held.map(|held| ToString::to_string(&held));
                    told.push((stringify!($field), text(held), text(said.clone())));
                }
            )+};
        }
        take!(team, channel);
        for (what, from, to) in told {
            let kind = EventKind::described(what, from, to);
            self.record_act(moment, kind);
        }
    }
}

/// Whether somebody's word, by a look or by a file, is no second one beside this person's. A file that comes to the console, or
/// over HTTP, is fetched from the vendor; one that a person hands in may be that person's own.
pub(crate) fn is_own_word(known: &Known<Edition>, person: &Person) -> bool {
    let fetched = known.source == Source::Imported && known.by.is_at_console();
    known.by.id == person.id && !fetched
}

macro_rules! take_plainly {
    ($(#[$about:meta] $field:ident: $Kind:ident = $Value:ident($Type:ty) [$($Only:ident)?];)+) => {
        impl Case {
            fn take_plainly(&mut self, fact: FactKind, said: &Said, moment: &Moment<'_>) {
                match fact {
                    $(FactKind::$Kind => {
                        if let Some(value) = said.$field.clone() {
                            self.instance.$field = spoken(value, moment);
                        }
                    })+
                }
            }
        }
    };
}

each_fact!(take_plainly);

fn spoken<T>(value: Option<T>, moment: &Moment<'_>) -> Fact<T> {
    match value {
        Some(value) => Fact::attested(value, moment.by, moment.now),
        None => Fact::gone(Gap::SaidUnknown, moment.now),
    }
}
