//! The record of a notice, and its status.

mod review;
mod taught;

pub use taught::origin;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::said::says_action_is_delete;
use super::{
    Exit, Message, NoticeKind, NoticeVerdict, Read, Slot, Veto, fits_expiry, is_near_expiry,
    judge_filed, last_release, proved_standard,
};
use crate::Timestamp;
use crate::concern::Circle;
use crate::id::{ChannelId, CommodityId, InstanceId, Person};
use crate::instance::{Instance, PostExpirationAction};
use crate::reminder::Cadence;
use crate::team::{ACTION_RUNS_WITHIN, Limits, RELEASE_AFTER};
use crate::words::words;

/// The time in which an identical notice counts as a duplicate.
pub const HANDLED_WITHIN: TimeDelta = TimeDelta::hours(24);
/// The prefix of the source of a notice read in a watched channel, before the channel's id.
const CHANNEL: &str = "watched channel ";
/// The separator between the id of a message and the number of a notice in it.
const NTH: char = '#';
/// The time for which an unsubscription explains a notice that the instance is gone.
const EXPLAINS: TimeDelta = TimeDelta::days(30);
/// The reminders of a raised release notice.
pub const COMES_BACK: [TimeDelta; 4] = [
    TimeDelta::days(1),
    TimeDelta::days(3),
    TimeDelta::days(7),
    TimeDelta::days(15),
];
/// The reminders among these of what is idle, and the time to an expiry from which on it is.
const COMES_BACK_IDLE: usize = 2;
const FAR: TimeDelta = TimeDelta::days(45);
/// The interval of reviews after the last reminder, to find facts that settle it; it stays in the digest.
const LOOKED_AT_AFTERWARDS: TimeDelta = TimeDelta::days(30);
/// The time for which a reported loss that Standard has settled is reviewed: it may be the only proof that the instance is gone.
const LOSS_LOOKED_AT: TimeDelta = TimeDelta::days(365);
/// The time after its release date at which it is over, if the edition was attested since.
const OVER_AFTER: TimeDelta = TimeDelta::days(8);
/// The time within which notices that one fact raises are reviewed, one by one.
const RAISED_TOGETHER: TimeDelta = TimeDelta::minutes(10);
/// The longest time for which one that comes back waits: for the next day, and the end of its quiet hours.
const WAITS: TimeDelta = TimeDelta::hours(36);
/// The age at which the approvers are mentioned.
const CALLS_APPROVERS: TimeDelta = TimeDelta::days(7);

/// Whom a raised notice calls with what is posted of its instance on a day: on the days on which it comes back itself, and the days
/// after them, to which it may have waited.
pub fn calls_on(raised: Timestamp, at: Timestamp, cadence: &Cadence) -> Option<Circle> {
    let days = (cadence.day(at) - cadence.day(raised)).num_days();
    let mut rungs = COMES_BACK.iter().rev();
    let rung = rungs.find(|rung| (rung.num_days()..=rung.num_days() + 1).contains(&days))?;
    Some(match *rung >= CALLS_APPROVERS {
        true => Circle::Approvers,
        false => Circle::Team,
    })
}

/// The status of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeStatus {
    /// Proved redundant; not announced.
    Suppressed,
    /// Announced.
    Raised,
    /// A duplicate of this notice.
    Duplicate(u64),
}

words! {
    /// The reason why a suppression or a settlement ended.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Because {
        /// Delete was attested.
        ActionDelete = "action-delete",
        /// The action became unknown.
        ActionUnknown = "action-unknown",
        /// Two sources disagree on the action.
        ActionContradictory = "action-contradictory",
        /// The last observation is too old.
        ActionStale = "action-stale",
        ExpiryMoved = "expiry-moved",
        /// The expiry became unknown.
        ExpiryUnsure = "expiry-unsure",
        /// Platinum is no longer known.
        EditionUnsure = "edition-unsure",
        /// After the exit, Standard is no longer known.
        StandardUnsure = "standard-unsure",
        /// The edition is Standard without a recorded exit.
        NoExit = "no-exit",
        /// The wording is no longer understood.
        NotUnderstood = "not-understood",
        /// 168 hours after the expiry, Standard was not attested.
        NotVerified = "not-verified",
        /// The instance is no longer tracked.
        NotFollowed = "not-followed",
        /// The commodity id that it names is not, or not certainly, the instance's any more.
        CommodityMoved = "commodity-moved",
        /// The database was restored from a backup.
        Restored = "restored",
        /// It was raised before, and the fact that settled it was taken back.
        TakenBack = "taken-back",
        /// The database was restored from a backup: it was raised before, and what settled it may have been taken back since.
        AnswerRestored = "answer-restored",
        /// It was raised before, and what settled it is dated ahead of the clock.
        AheadOfClock = "ahead-of-clock",
    }
}

words! {
    /// The settlement of a notice.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Settlement {
        /// Acknowledged by a person.
        Acknowledged = "acknowledged",
        /// It reported a loss, and a person saw that the instance is still there.
        StillThere = "still-there",
        /// Standard was attested, which proves the conversion.
        Converted = "converted",
        /// The instance was deleted at the vendor.
        Lost = "lost",
        /// The instance is no longer tracked.
        Removed = "removed",
        /// Its release date has passed, and the edition was attested since.
        Over = "over",
        /// It named an expiry, and a later one is known since.
        Renewed = "renewed",
    }
}

/// The proof that a notice is redundant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// Downgrade was attested, for this expiry.
    Action {
        by: Person,
        at: Timestamp,
        /// The expiry at that time.
        expiry: Timestamp,
    },
    /// Standard was attested after the exit.
    Standard { by: Person, at: Timestamp },
}

/// The settlement of a notice, with its date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    pub at: Timestamp,
    /// The person; `None` for a fact or the passing of time.
    pub by: Option<Person>,
    pub how: Settlement,
    /// The number of fact moves of its instances at the acknowledgement, to recognise later ones.
    pub moves: Option<u64>,
}

/// A notice as stored, with its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRecord {
    /// Its number in the workspace, from 1.
    pub number: u64,
    /// The result of reading it.
    pub read: Read,
    /// The beginning of its text.
    pub text: String,
    /// The whole message, if short enough to keep, for a new judgement when its wording is taught.
    pub message: Option<Message>,
    pub source: String,
    /// Its id at the source.
    pub external: Option<String>,
    /// The time of receipt.
    pub received: Timestamp,
    /// The person who filed it.
    pub by: Person,
    /// The status at receipt.
    pub first: NoticeStatus,
    pub status: NoticeStatus,
    /// The latest verdict.
    pub verdict: NoticeVerdict,
    /// The reason why its suppression or settlement ended.
    pub because: Option<Because>,
    /// The proof of its suppression, also after it fell.
    pub proof: Option<Proof>,
    /// The tracked instances it names.
    pub instances: Vec<InstanceId>,
    /// The number of duplicates.
    pub duplicates: u32,
    /// The number of announcements.
    pub told: u32,
    /// The time since it is raised.
    pub raised: Option<Timestamp>,
    pub settled: Option<Settled>,
    /// The time of its next review.
    pub next: Option<Timestamp>,
}

/// The input for judging a notice.
#[derive(Debug, Clone, Copy)]
pub struct NoticeFacts<'a> {
    /// The tracked instances it names.
    pub known: &'a [Instance],
    /// The exit of its only instance.
    pub exit: Option<Exit>,
    /// When the last open notice came that calls it gone: what was seen of its action before is disputed.
    pub called_gone: Option<Timestamp>,
    /// The maximum ages of observations.
    pub limits: &'a Limits,
}

/// The result of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeTurn {
    /// The proof fell: it is announced.
    Raised(Because),
    /// It is proved redundant now, until that proof falls.
    Quieted,
    Settled(Settlement),
    /// A reminder is due.
    Returned,
}

impl Because {
    /// Whether it was raised before: it was settled, and not suppressed.
    pub const fn was_settled(self) -> bool {
        matches!(
            self,
            Self::TakenBack | Self::AnswerRestored | Self::AheadOfClock
        )
    }
}

impl NoticeTurn {
    /// The word in the audit trail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raised(_) | Self::Returned => "raised",
            Self::Quieted => "suppressed",
            Self::Settled(_) => "settled",
        }
    }

    /// Whether it is announced.
    pub const fn tells(self) -> bool {
        matches!(self, Self::Raised(_) | Self::Returned)
    }
}

impl NoticeRecord {
    /// Judges it on receipt.
    pub fn judge(&mut self, facts: &NoticeFacts<'_>) {
        let now = self.received;
        let one = self.one(facts.known);
        self.verdict = judge_filed(self, one, facts, now);
        self.status = NoticeStatus::Raised;
        match (one, self.verdict.is_redundant()) {
            (Some(instance), true) => self.suppress(instance, facts, now),
            (Some(_) | None, _) => self.raise(facts.known, now),
        }
        self.first = self.status;
    }

    /// Whether it reports the loss of a tracked instance, which is announced immediately, ignoring quiet hours: an answer settles
    /// it, and no acknowledgement does.
    pub fn pages(&self, known: &[Instance]) -> bool {
        self.read.kind == NoticeKind::Gone && known.iter().any(Instance::is_tracked)
    }

    /// Whether it says that several instances are gone: each is looked at for itself.
    pub fn calls_several_gone(&self) -> bool {
        self.read.kind == NoticeKind::Gone && self.instances.len() > 1
    }

    /// Whether somebody has looked at an instance since it came, and since that is tracked: who tracks one may know nothing of it.
    pub fn was_looked_at(&self, instance: &Instance) -> bool {
        let tracked = instance.past.tracked().unwrap_or(self.received);
        instance.was_seen_since(tracked.max(self.received))
    }

    /// The change that explains the reported loss: it recently unsubscribed the instance, and Standard was observed since. The
    /// channel is told, without mentions.
    pub fn explained_by(&self, facts: &NoticeFacts<'_>, now: Timestamp) -> Option<u64> {
        let exit = facts.exit.filter(|exit| now - exit.at <= EXPLAINS)?;
        let one = self.one(facts.known).filter(|one| one.is_tracked())?;
        let seen = self.read.kind == NoticeKind::Gone && proved_standard(one, exit).is_some();
        exit.unsubscribed.filter(|_| seen)
    }

    /// The expiry it announces, if the text is understood and the date matches the known one within a day.
    pub fn expiry_as_known(&self, known: &[Instance]) -> Option<Timestamp> {
        let announced = self.read.date(Slot::ExpiryDate)?;
        let plain = self.read.kind == NoticeKind::Expiry && self.is_understood();
        let one = self.one(known).filter(|one| one.is_tracked() && plain)?;
        let expires = one.expires.value().copied()?;
        fits_expiry(announced, expires).then_some(expires)
    }

    /// Whether it coincided with a reminder of the same expiry, and was not posted on its own.
    pub fn is_folded(&self) -> bool {
        self.read.kind == NoticeKind::Expiry && self.first == NoticeStatus::Raised && self.told == 0
    }

    /// Uncounts an announcement, because another notice announced the same today.
    pub const fn hold_back(&mut self) {
        self.told = self.told.saturating_sub(1);
    }

    /// Puts an announcement off.
    pub fn wait_until(&mut self, at: Timestamp) {
        self.hold_back();
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }

    /// Marks it as a duplicate.
    pub fn duplicate(&mut self, of: u64) {
        self.status = NoticeStatus::Duplicate(of);
        self.first = self.status;
        self.told = 0;
        self.raised = None;
        self.next = None;
    }

    /// Whether its current judgement is the same, of the same instances, and still reviewed: a suppression that is over does not
    /// count, nor does what people were told before an instance was tracked.
    pub fn is_judged_like(&self, other: &Self) -> bool {
        let watches = self.status != NoticeStatus::Suppressed || self.is_open();
        watches
            && self.instances == other.instances
            && (self.status, self.verdict) == (other.status, other.verdict)
    }

    /// Names the instances that are tracked since it was filed; `true` if that calls for a post: it says that they are gone. Who took
    /// note of it before did not know of them.
    pub fn find(&mut self, found: &[Instance], now: Timestamp) -> bool {
        self.instances
            .extend(found.iter().map(|one| one.id.clone()));
        let pages = self.pages(found);
        if pages && self.settled.take().is_some() {
            self.raise(found, now);
        } else if pages {
            self.told = self.told.saturating_add(1);
        }
        pages
    }

    /// Whether somebody took note of it, which is no answer once an instance that it calls gone is tracked.
    pub fn needs_answer_of(&self, known: &[Instance]) -> bool {
        let settled = self.settled.as_ref();
        self.pages(known) && settled.is_some_and(|it| it.how == Settlement::Acknowledged)
    }

    /// Whether it was settled when it came in: Standard had been attested.
    pub fn settled_at_once(&self) -> bool {
        let settled = self.settled.as_ref();
        settled.is_some_and(|it| it.how == Settlement::Converted && it.at == self.received)
    }

    /// Whether it is still reviewed.
    pub const fn is_open(&self) -> bool {
        self.next.is_some()
    }

    /// The watched channel and the message in it that it was read from.
    pub fn channel_message(&self) -> Option<(&str, &str)> {
        let channel = self.source.strip_prefix(CHANNEL)?;
        let id = self.external.as_deref()?;
        Some((channel, id.split(NTH).next().unwrap_or(id)))
    }

    /// Whether it is raised and not settled.
    pub fn is_raised(&self) -> bool {
        self.status == NoticeStatus::Raised && self.settled.is_none()
    }

    /// The earliest date in the notice, or expiry of its instances; `None` where it is not understood and may say any other time,
    /// where it gives one besides its dates, and where a release without a date is none after a known expiry.
    pub fn deadline(&self, known: &[Instance]) -> Option<Timestamp> {
        let understood = self.read.understood.as_ref()?;
        let is_time = |veto: &Veto| matches!(veto, Veto::Time | Veto::Digits);
        if understood.vetoes.iter().any(is_time) {
            return None;
        }
        let followed = known.iter().filter(|instance| instance.is_tracked());
        let expiries = followed.flat_map(|instance| instance.expires.candidates());
        let expiries: Vec<Timestamp> = expiries.map(|expires| expires.value).collect();
        let is_dated = self.read.kind != NoticeKind::Release
            || self.read.date(Slot::ReleaseDate).is_some()
            || expiries.iter().any(|at| is_near_expiry(self.received, *at));
        let dates = self.read.dates.iter().flatten().copied();
        expiries.into_iter().chain(dates).min().filter(|_| is_dated)
    }

    /// The expiry that it announces, where all of it is understood, before any that is known: an expiry notice's own, or the one
    /// before a release that fits none. One that is over for so long that the instance was released by then is no deadline.
    pub fn earlier_expiry(&self, instance: &Instance, exit: Option<Exit>) -> Option<Timestamp> {
        let announced = match self.read.kind {
            NoticeKind::Expiry => self.read.date(Slot::ExpiryDate)?,
            NoticeKind::Release if self.verdict == NoticeVerdict::DateDoesNotFit => {
                self.read.date(Slot::ReleaseDate)? - RELEASE_AFTER
            }
            NoticeKind::Release | NoticeKind::Gone | NoticeKind::Other => return None,
        };
        let left = exit.and_then(|exit| exit.expired);
        let mut known = instance.possible_expiries().chain(left);
        let is_earlier = known.all(|known| announced < known && !fits_expiry(announced, known));
        let is_ahead = announced + RELEASE_AFTER > self.received;
        let is_its_own = self.is_understood() && self.read.names_only(instance);
        (is_its_own && is_earlier && is_ahead).then_some(announced)
    }

    /// The expiry it announces, if that fits no known expiry of the instance. Of several dates in a text that is not understood
    /// none is taken for the expiry.
    pub fn other_expiry(&self, instance: &Instance) -> Option<Timestamp> {
        if self.read.kind != NoticeKind::Expiry {
            return None;
        }
        let announced = match (self.read.date(Slot::ExpiryDate), self.read.dates.as_slice()) {
            (Some(date), _) => date,
            (None, [Some(date)]) => *date,
            (None, _) => return None,
        };
        let mut known = instance.expires.candidates().peekable();
        known.peek()?;
        let differs = known.all(|known| !fits_expiry(announced, known.value));
        differs.then_some(announced)
    }

    /// Whether another notice says the same of the same instances, on whatever day: the same wording with the same slots, or the
    /// same text.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let same = match (&self.read.understood, &other.read.understood) {
            (Some(one), Some(other)) => {
                (&one.by, one.slots.values()) == (&other.by, other.slots.values())
            }
            (None, None) => self.text == other.text && self.message == other.message,
            (Some(_), None) | (None, Some(_)) => false,
        };
        let is_named = !self.instances.is_empty() && self.instances == other.instances;
        same && is_named && self.number != other.number
    }

    /// Whether one fact has ended the suppression of both, so that one post tells of both.
    pub fn was_raised_with(&self, other: &Self) -> bool {
        let (Some(raised), Some(too)) = (self.raised, other.raised) else {
            return false;
        };
        let was_suppressed = |it: &Self| it.first == NoticeStatus::Suppressed && it.is_raised();
        let is_of_one = !self.instances.is_empty() && self.instances == other.instances;
        self.because.is_some()
            && self.because == other.because
            && was_suppressed(self)
            && was_suppressed(other)
            && is_of_one
            && (raised - too).abs() <= RAISED_TOGETHER
            && self.number != other.number
    }

    /// Whether a post about one is a post about the other.
    pub fn is_told_with(&self, other: &Self) -> bool {
        self.says_the_same(other) || self.was_raised_with(other)
    }

    /// Whether the posts of another notice, which is raised, say all that its own would.
    pub fn goes_with(&self, other: &Self, known: &[Instance]) -> bool {
        other.is_raised() && other.comes_back(known) && self.is_told_with(other)
    }

    /// Uncounts an announcement that another notice makes for it. One of an expiry counts: not announced means there that a
    /// reminder said it.
    pub fn leave_to_another(&mut self) {
        if self.read.kind != NoticeKind::Expiry {
            self.hold_back();
        }
    }

    /// The only instance it names by id.
    fn one<'a>(&self, known: &'a [Instance]) -> Option<&'a Instance> {
        match known {
            [one] if self.read.names_only(one) => Some(one),
            _ => None,
        }
    }

    fn suppress(&mut self, instance: &Instance, facts: &NoticeFacts<'_>, now: Timestamp) {
        self.status = NoticeStatus::Suppressed;
        self.raised = None;
        let proved = facts.exit.and_then(|exit| proved_standard(instance, exit));
        if let Some(standard) = proved {
            self.proof = Some(Proof::Standard {
                by: standard.by.clone(),
                at: standard.at,
            });
            self.settle_by_fact(Settlement::Converted, now);
        } else if let (Some(action), Some(expiry)) =
            (instance.action.known(), instance.expires.value())
        {
            let (by, at, expiry) = (action.by.clone(), action.at, *expiry);
            self.next = Some(falls_at(at, expiry, facts.limits));
            self.proof = Some(Proof::Action { by, at, expiry });
        }
    }

    fn raise(&mut self, known: &[Instance], now: Timestamp) {
        self.status = NoticeStatus::Raised;
        self.raised = Some(now);
        self.told = self.told.saturating_add(1);
        // Where it names an instance by id, that may be tracked later, or again.
        let followed = known.iter().any(Instance::is_tracked);
        let looks_again = followed || self.names_by_id();
        self.next = looks_again.then(|| self.after(known, now, now));
    }

    /// Whether it names an instance by id, and none that is or was tracked.
    pub fn names_unknown(&self, known: &[Instance]) -> bool {
        known.is_empty() && self.names_by_id()
    }

    fn names_by_id(&self) -> bool {
        let is_id = |id: &String| InstanceId::parse(id).is_ok() || CommodityId::parse(id).is_ok();
        self.read.ids.iter().any(is_id)
    }

    /// Whether it gives Delete as the action of an instance for which Downgrade is known.
    pub fn denies_action(&self, instance: &Instance) -> bool {
        instance.action.value() == Some(&PostExpirationAction::Downgrade)
            && says_action_is_delete(&self.text)
    }

    /// Whether it is announced again. A known expiry has reminders of its own, and a notice taught as something else stays in
    /// lists.
    pub fn comes_back(&self, known: &[Instance]) -> bool {
        match self.read.kind {
            // The digest calls those who approve.
            _ if self.names_unknown(known) => false,
            NoticeKind::Release => self.is_open(),
            NoticeKind::Gone => {
                let confirms = |one: &Instance| self.is_confirmed(one).is_some();
                self.is_open() && (known.is_empty() || !known.iter().all(confirms))
            }
            NoticeKind::Expiry => {
                let denies = known.iter().any(|one| self.denies_action(one));
                self.is_open() && (denies || !self.says_expiry_of(known))
            }
            NoticeKind::Other => self.is_open() && !self.is_understood(),
        }
    }

    fn is_understood(&self) -> bool {
        let understood = self.read.understood.as_ref();
        understood.is_some_and(|understood| understood.vetoes.is_empty())
    }

    /// Whether all its dates match the known expiry of its only instance.
    fn says_expiry_of(&self, known: &[Instance]) -> bool {
        let one = self.one(known).filter(|one| one.is_tracked());
        let expires = one.and_then(|one| one.expires.value());
        let mut dates = self.read.dates.iter();
        let fits = |date: &Timestamp| expires.is_some_and(|expires| fits_expiry(*date, *expires));
        !self.read.dates.is_empty() && dates.all(|date| date.as_ref().is_some_and(fits))
    }

    /// How long after it was raised it comes back. A text that nobody recognises, with no date in it, is left to the digest sooner if
    /// its instances expire in more than a month: nothing is known to happen soon.
    pub fn comes_back_after(&self, known: &[Instance]) -> &'static [TimeDelta] {
        let is_far = |one: &Instance| {
            let expires = one.expires.value();
            expires.is_some_and(|at| *at > self.received + FAR)
        };
        let idle = self.read.kind == NoticeKind::Other
            && self.read.dates.is_empty()
            && !known.is_empty()
            && known.iter().all(is_far);
        let most = if idle {
            COMES_BACK_IDLE
        } else {
            COMES_BACK.len()
        };
        COMES_BACK.get(..most).unwrap_or(&COMES_BACK)
    }

    /// The time of the next review: reminders after 1, 3, 7 and 15 days, and 8 days after its release date.
    fn after(&self, known: &[Instance], raised: Timestamp, now: Timestamp) -> Timestamp {
        let rungs = self.comes_back_after(known).iter();
        let rungs = rungs.map(|span| raised + *span);
        let over = self.released().map(|date| date + OVER_AFTER);
        let next = rungs.chain(over).filter(|at| *at > now).min();
        next.unwrap_or(now + LOOKED_AT_AFTERWARDS)
    }

    /// Its last date.
    fn released(&self) -> Option<Timestamp> {
        self.read.dates.iter().flatten().copied().max()
    }

    /// Whether it has been raised long enough to mention the approvers.
    pub fn calls_approvers(&self, now: Timestamp) -> bool {
        self.raised
            .is_some_and(|raised| now - raised >= CALLS_APPROVERS)
    }

    /// Whom it calls when it comes back at a moment.
    pub fn circle(&self, now: Timestamp) -> Circle {
        match self.calls_approvers(now) {
            true => Circle::Approvers,
            false => Circle::Team,
        }
    }

    /// Settles it by a fact. Until the old subscription's release period is over, it is reviewed in case that is taken back.
    fn settle_by_fact(&mut self, how: Settlement, now: Timestamp) {
        let over = self.reviewed_until(now);
        self.settle(how, None, now);
        self.next = Some(over).filter(|over| *over > now);
    }

    /// The end of the period in which a fact that settled it is reviewed.
    fn reviewed_until(&self, settled: Timestamp) -> Timestamp {
        if self.read.kind == NoticeKind::Gone {
            return settled + LOSS_LOOKED_AT;
        }
        let expiry = match &self.proof {
            Some(Proof::Action { expiry, .. }) => Some(*expiry),
            Some(Proof::Standard { .. }) | None => None,
        };
        let named = self.read.dates.iter().flatten().copied().chain(expiry);
        last_release(named.max().unwrap_or(settled))
    }

    /// Settles it by acknowledgement, at this number of fact moves.
    pub fn acknowledge(&mut self, by: &Person, moves: u64, at: Timestamp) {
        self.settle(Settlement::Acknowledged, Some(by), at);
        if let Some(settled) = &mut self.settled {
            settled.moves = Some(moves);
        }
    }

    pub fn settle(&mut self, how: Settlement, by: Option<&Person>, at: Timestamp) {
        let by = by.cloned();
        self.settled = Some(Settled {
            at,
            by,
            how,
            moves: None,
        });
        self.next = None;
    }
}

/// The id of the notice with this number in a message: that of the message itself for the first one.
pub fn nth_id(message: &str, number: usize) -> String {
    match number {
        1 => message.to_owned(),
        _ => format!("{message}{NTH}{number}"),
    }
}

/// The source of a notice read in a watched channel.
pub fn through_channel(channel: &ChannelId) -> String {
    format!("{CHANNEL}{channel}")
}

/// The time at which a proof by the action falls: when the observation is too old, or the time for the conversion has passed.
fn falls_at(seen: Timestamp, expiry: Timestamp, limits: &Limits) -> Timestamp {
    let stale = seen + limits.action_for_expiry;
    if stale < expiry {
        stale + TimeDelta::milliseconds(1)
    } else {
        expiry + ACTION_RUNS_WITHIN
    }
}
