//! The review of a stored notice: fallen proofs, settling facts, due reminders.

use chrono::TimeDelta;

use super::{
    Because, CALLS_APPROVERS, LOOKED_AT_AFTERWARDS, NoticeFacts, NoticeRecord, NoticeStatus,
    NoticeTurn, OVER_AFTER, Proof, Settlement, WAITS, falls_at,
};

use crate::Timestamp;
use crate::fact::{Fact, Source, is_ahead};
use crate::instance::{Edition, Instance, PostExpirationAction, Tracking};
use crate::notice::{Exit, NoticeKind, NoticeVerdict, fits_expiry, judge_filed, proved_standard};
use crate::team::ACTION_RUNS_WITHIN;

impl NoticeRecord {
    /// Ends suppressions and recent answers: the database was restored from a backup, or they are dated ahead of the clock. `None`
    /// when nothing changes.
    pub fn distrust(
        &mut self,
        known: &[Instance],
        because: Because,
        now: Timestamp,
    ) -> Option<NoticeTurn> {
        match (self.status, &self.settled) {
            (NoticeStatus::Suppressed, None) => {}
            (NoticeStatus::Raised, Some(settled))
                if matches!(
                    settled.how,
                    Settlement::Acknowledged | Settlement::StillThere
                ) && (because == Because::AheadOfClock
                    || now - self.received <= LOOKED_AT_AFTERWARDS) => {}
            (
                NoticeStatus::Suppressed | NoticeStatus::Raised | NoticeStatus::Duplicate(_),
                Some(_) | None,
            ) => return None,
        }
        let because = match (because, self.settled.take()) {
            (Because::Restored, Some(_)) => Because::AnswerRestored,
            (because, _) => because,
        };
        self.raise_again(known, because, now)
    }

    /// Reviews it on the facts of this moment; `None` when nothing changes.
    pub fn review(&mut self, facts: &NoticeFacts<'_>, now: Timestamp) -> Option<NoticeTurn> {
        if !self.is_open() {
            return None;
        }
        if self.settled.is_some() {
            return self.review_settled(facts, now);
        }
        match self.status {
            NoticeStatus::Suppressed => self.review_suppressed(facts, now),
            NoticeStatus::Raised => self.review_raised(facts, now),
            NoticeStatus::Duplicate(_) => None,
        }
    }

    /// Reviews one settled by a fact: if that is taken back in time, the settlement is void.
    fn review_settled(&mut self, facts: &NoticeFacts<'_>, now: Timestamp) -> Option<NoticeTurn> {
        let settled = self.settled.as_ref();
        let at = settled.map_or(now, |settled| settled.at);
        let how = settled.map(|settled| settled.how);
        let stands = |it: &Instance| {
            !it.is_tracked()
                || match how {
                    Some(Settlement::Renewed) => {
                        self.is_renewed(Some(it), self.received, now) && !moved_back(it, at)
                    }
                    // It is tracked again.
                    Some(Settlement::Lost | Settlement::Removed) => false,
                    _ => is_converted(it, facts.exit),
                }
        };
        if facts.known.iter().all(stands) {
            self.next = Some(self.reviewed_until(at)).filter(|over| *over > now);
            return None;
        }
        self.settled = None;
        let was_raised = self.status == NoticeStatus::Raised;
        let one = self.one(facts.known);
        self.verdict = judge_filed(self, one, facts, now);
        match one {
            Some(instance) if self.verdict == NoticeVerdict::RedundantByAction => {
                self.suppress(instance, facts, now);
                Some(NoticeTurn::Quieted)
            }
            _ if was_raised => self.raise_again(facts.known, Because::TakenBack, now),
            _ => {
                let because = one.map_or(Because::EditionUnsure, |it| missing(it, facts, now));
                self.raise_again(facts.known, because, now)
            }
        }
    }

    fn review_suppressed(&mut self, facts: &NoticeFacts<'_>, now: Timestamp) -> Option<NoticeTurn> {
        let Some(instance) = self.one(facts.known) else {
            let because = match facts.known.iter().any(Instance::is_tracked) {
                true => Because::CommodityMoved,
                false => Because::NotFollowed,
            };
            return self.raise_again(facts.known, because, now);
        };
        let Some(Proof::Action { expiry, .. }) = &self.proof else {
            return self.raise_again(facts.known, missing(instance, facts, now), now);
        };
        let expiry = *expiry;
        if let Some(how) = ended(instance, facts.exit, Timestamp::MIN_UTC)
            && how != Settlement::Removed
        {
            self.end(how, now);
            return Some(NoticeTurn::Settled(how));
        }
        self.verdict = judge_filed(self, Some(instance), facts, now);
        if let Some(because) = self.fallen(instance, expiry, facts, now) {
            return self.raise_again(facts.known, because, now);
        }
        // A newer observation is the better proof.
        if let Some(action) = instance.action.known() {
            let (by, at) = (action.by.clone(), action.at);
            self.proof = Some(Proof::Action { by, at, expiry });
        }
        let seen = match &self.proof {
            Some(Proof::Action { at, .. }) => *at,
            Some(Proof::Standard { .. }) | None => now,
        };
        // Behind an exit it holds however old the observation is, until the conversion is overdue.
        let falls = Some(falls_at(seen, expiry, facts.limits)).filter(|falls| *falls > now);
        self.next = Some(falls.unwrap_or(expiry + ACTION_RUNS_WITHIN));
        None
    }

    fn end(&mut self, how: Settlement, now: Timestamp) {
        if matches!(
            how,
            Settlement::Converted | Settlement::Renewed | Settlement::Lost | Settlement::Removed
        ) {
            self.settle_by_fact(how, now);
        } else {
            self.settle(how, None, now);
        }
    }

    pub(super) fn raise_again(
        &mut self,
        known: &[Instance],
        because: Because,
        now: Timestamp,
    ) -> Option<NoticeTurn> {
        self.because = Some(because);
        self.raise(known, now);
        Some(NoticeTurn::Raised(because))
    }

    /// The reason to end the suppression; `None` while it holds. After the expiry it holds for the time the conversion may take.
    fn fallen(
        &self,
        instance: &Instance,
        expiry: Timestamp,
        facts: &NoticeFacts<'_>,
        now: Timestamp,
    ) -> Option<Because> {
        if !instance.is_tracked() {
            return Some(Because::NotFollowed);
        }
        if !self.read.ids.iter().all(|id| names(instance, id)) {
            return Some(Because::CommodityMoved);
        }
        if instance.edition.value() == Some(&Edition::Standard) {
            return Some(Because::NoExit);
        }
        if instance.edition.value() != Some(&Edition::Platinum) {
            return Some(Because::EditionUnsure);
        }
        match instance.expires.value() {
            Some(expires) if *expires == expiry => {}
            Some(_) => return Some(Because::ExpiryMoved),
            None => return Some(Because::ExpiryUnsure),
        }
        if now >= expiry + ACTION_RUNS_WITHIN {
            return Some(Because::NotVerified);
        }
        let holds = match self.verdict {
            NoticeVerdict::RedundantByAction | NoticeVerdict::RedundantByConversion => true,
            // It came before the exit, so it holds until the conversion is overdue.
            NoticeVerdict::ProbablyRedundant => {
                now >= expiry || facts.exit.is_some_and(|exit| exit.at >= self.received)
            }
            NoticeVerdict::NotARelease
            | NoticeVerdict::NotOneInstance
            | NoticeVerdict::NotUnderstood
            | NoticeVerdict::Vetoed
            | NoticeVerdict::DateDoesNotFit
            | NoticeVerdict::NoProof => false,
        };
        let unclear = matches!(
            self.verdict,
            NoticeVerdict::NotUnderstood | NoticeVerdict::Vetoed
        );
        (!holds).then(|| match unclear {
            true => Because::NotUnderstood,
            false => missing(instance, facts, now.min(expiry)),
        })
    }

    fn review_raised(&mut self, facts: &NoticeFacts<'_>, now: Timestamp) -> Option<NoticeTurn> {
        // A date ahead comes from a wrong clock.
        self.raised = self
            .raised
            .map(|at| if is_ahead(at, now) { now } else { at });
        let since = self.raised.unwrap_or(self.received);
        let looked_at = |it: &Instance| {
            let seen = self.calls_several_gone() && self.was_looked_at(it);
            seen.then_some(Settlement::StillThere)
        };
        let ends = facts.known.iter();
        let ends = ends.map(|it| {
            let ended = ended(it, facts.exit, since).or_else(|| self.is_confirmed(it));
            ended.or_else(|| looked_at(it))
        });
        let ends: Option<Vec<Settlement>> = ends.collect();
        // Where one of several is gone, it is not still there.
        let first = |ends: Vec<Settlement>| {
            let mut other = ends.iter().filter(|end| **end != Settlement::StillThere);
            other.next().or(ends.first()).copied()
        };
        let ends = ends.and_then(first);
        let all_known = |how: Settlement| {
            // One that is not tracked any more needs no answer, also where its id was not written in full.
            let left = matches!(how, Settlement::Lost | Settlement::Removed);
            self.read.ids.iter().all(|id| {
                let means =
                    |instance: &Instance| names(instance, id) || left && instance.id.is_alike(id);
                facts.known.iter().any(means)
            })
        };
        if let Some(how) = ends
            && all_known(how)
        {
            self.end(how, now);
            return Some(NoticeTurn::Settled(how));
        }
        let one = self.one(facts.known);
        self.verdict = judge_filed(self, one, facts, now);
        if let Some(instance) = one
            && self.verdict == NoticeVerdict::RedundantByAction
        {
            self.suppress(instance, facts, now);
            return Some(NoticeTurn::Quieted);
        }
        let over = if self.is_past(facts.known, now) {
            Some(Settlement::Over)
        } else {
            self.is_renewed(one, since, now)
                .then_some(Settlement::Renewed)
        };
        if let Some(how) = over {
            self.end(how, now);
            return Some(NoticeTurn::Settled(how));
        }
        // One that was planned for later comes from a clock that was ahead: its posts come again by the right one.
        let planned = self.after(facts.known, since, now);
        self.next = self.next.map(|next| next.min(planned));
        let next = self.next.filter(|next| *next <= now)?;
        if self.explained_by(facts, self.received).is_some() {
            self.end(Settlement::Converted, now);
            return Some(NoticeTurn::Settled(Settlement::Converted));
        }
        self.next = Some(planned);
        if !self.comes_back(facts.known) || self.is_behind_expiry(one, now) {
            return None;
        }
        // After missed reminders, only one is sent.
        let rung = |span: &&TimeDelta| (next..=now).contains(&(since + **span));
        self.comes_back_after(facts.known).iter().find(rung)?;
        Some(self.come_back())
    }

    /// Whether the expiry that it warned of has passed, as far as it names one: the reminders after it say more.
    fn is_behind_expiry(&self, one: Option<&Instance>, now: Timestamp) -> bool {
        let expired = one.and_then(|one| one.expired_at(now));
        let warned = expired.is_some_and(|at| {
            let mut dates = self.read.dates.iter();
            at > self.received && dates.all(|date| date.is_some_and(|date| fits_expiry(date, at)))
        });
        self.read.kind == NoticeKind::Expiry && warned
    }

    /// When it was to call the approvers, lately: it may have waited for a day since.
    pub fn approvers_due(&self, known: &[Instance], now: Timestamp) -> Option<Timestamp> {
        let since = self.raised.filter(|_| self.comes_back(known))?;
        let rungs = self.comes_back_after(known).iter();
        let rungs = rungs.filter(|span| **span >= CALLS_APPROVERS);
        let mut due = rungs.map(|span| since + *span);
        due.find(|at| *at <= now && now < *at + WAITS)
    }

    /// Announces it after such a wait.
    pub const fn come_back(&mut self) -> NoticeTurn {
        self.told = self.told.saturating_add(1);
        NoticeTurn::Returned
    }

    /// Whether it named an expiry, and a later one was recorded after a moment. One within a reminder named the expiry known then,
    /// so that a later one is always newer.
    fn is_renewed(&self, one: Option<&Instance>, after: Timestamp, now: Timestamp) -> bool {
        let expires = one.and_then(|one| one.expires.known());
        let named = self.read.dates.iter().flatten().max();
        self.read.kind == NoticeKind::Expiry
            && expires.zip(named).is_some_and(|(expires, named)| {
                let later = expires.value > *named && !fits_expiry(*named, expires.value);
                let listed = one
                    .and_then(|one| one.listed_platinum)
                    .max(Some(expires.at));
                let since = self.is_folded() || listed > Some(after);
                later && since && !expires.is_ahead(now)
            })
    }

    /// What it calls gone is recorded as deleted already, and nothing speaks against that.
    pub(super) fn is_confirmed(&self, instance: &Instance) -> Option<Settlement> {
        let lost = matches!(instance.tracking, Tracking::Lost(_)) && !instance.is_back();
        (lost && self.read.kind == NoticeKind::Gone).then_some(Settlement::Lost)
    }

    /// Whether its last date passed more than a week ago, and each instance's edition was attested since.
    fn is_past(&self, known: &[Instance], now: Timestamp) -> bool {
        let Some(released) = self.released() else {
            return false;
        };
        let seen = |instance: &Instance| {
            let edition = instance.edition.known();
            edition.is_some_and(|known| known.source == Source::Attested && known.at >= released)
        };
        !known.is_empty() && now >= released + OVER_AFTER && known.iter().all(seen)
    }
}

/// Whether the expiry was moved back after a moment: the later one is withdrawn.
fn moved_back(instance: &Instance, since: Timestamp) -> bool {
    let moved = instance
        .expires
        .known()
        .filter(|expires| expires.at > since);
    moved
        .zip(instance.earlier_expires)
        .is_some_and(|(expires, before)| before > expires.value)
}

/// The settlement that applies to every release notice of an instance.
fn ended(instance: &Instance, exit: Option<Exit>, since: Timestamp) -> Option<Settlement> {
    match &instance.tracking {
        // One that came since may mean that it is there.
        Tracking::Lost(lost) => (lost.at >= since).then_some(Settlement::Lost),
        Tracking::Removed(removed) => (removed.at >= since).then_some(Settlement::Removed),
        Tracking::Tracked => {
            let standard = exit.and_then(|exit| proved_standard(instance, exit));
            let standard = standard.filter(|known| known.at >= since);
            standard.map(|_| Settlement::Converted)
        }
    }
}

fn is_converted(instance: &Instance, exit: Option<Exit>) -> bool {
    exit.is_some_and(|exit| proved_standard(instance, exit).is_some())
}

/// The fact that no longer proves anything.
fn missing(instance: &Instance, facts: &NoticeFacts<'_>, at: Timestamp) -> Because {
    if instance.edition.value() == Some(&Edition::Standard) {
        return Because::NoExit;
    }
    let is_gone = facts.called_gone > instance.action.known().map(|seen| seen.at);
    if instance.edition.value() != Some(&Edition::Platinum) || is_gone {
        return Because::EditionUnsure;
    }
    match &instance.action {
        Fact::Unknown { .. } => Because::ActionUnknown,
        Fact::Contradictory { .. } => Because::ActionContradictory,
        Fact::Known(known) => match (known.value, known.source) {
            (PostExpirationAction::Delete, _) => Because::ActionDelete,
            (PostExpirationAction::Downgrade, Source::Imported | Source::Derived) => {
                Because::ActionUnknown
            }
            (PostExpirationAction::Downgrade, Source::Attested)
                if known.age(at) > facts.limits.action_for_expiry || known.is_ahead(at) =>
            {
                Because::ActionStale
            }
            (PostExpirationAction::Downgrade, Source::Attested) if facts.exit.is_some() => {
                Because::StandardUnsure
            }
            (PostExpirationAction::Downgrade, Source::Attested) => Because::ExpiryMoved,
        },
    }
}

/// Whether an id in a notice is that of this instance: its own, or that of its subscription.
fn names(instance: &Instance, id: &str) -> bool {
    let commodity = instance.commodity_id.value();
    instance.id.as_str() == id || commodity.is_some_and(|commodity| commodity.as_str() == id)
}
