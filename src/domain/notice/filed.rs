//! A notice that was handed in, and what is made of it.

mod review;
mod taught;

pub use taught::origin;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{
    Exit, Message, NoticeKind, NoticeVerdict, Read, Slot, fits_expiry, judge_filed, last_release,
    proved_standard,
};
use crate::domain::Timestamp;
use crate::domain::id::{InstanceId, Person};
use crate::domain::instance::{Instance, words};
use crate::domain::team::{ACTION_RUNS_WITHIN, Limits};

/// How long a notice counts as handled: one like it is not repeated within this time.
pub const HANDLED_WITHIN: TimeDelta = TimeDelta::hours(24);
/// What a notice came through that was read in a watched channel, before the channel's id.
const CHANNEL: &str = "watched channel ";
/// How long an unsubscription explains a notice of what is gone.
const EXPLAINS: TimeDelta = TimeDelta::days(30);
/// When a raised release notice comes back.
const COMES_BACK: [TimeDelta; 4] = [
    TimeDelta::days(1),
    TimeDelta::days(3),
    TimeDelta::days(7),
    TimeDelta::days(15),
];
/// How often it is looked at afterwards, so that a fact that settles it is found; people hear of it in the digest.
const LOOKED_AT_AFTERWARDS: TimeDelta = TimeDelta::days(30);
/// How long after its release date it is over, once the edition was attested since.
const OVER_AFTER: TimeDelta = TimeDelta::days(8);
/// From then on those who approve are called.
const CALLS_APPROVERS: TimeDelta = TimeDelta::days(7);

/// What was made of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeStatus {
    /// It is proved to mean nothing; nobody is told.
    Suppressed,
    /// People are told.
    Raised,
    /// It says what this notice has said.
    Duplicate(u64),
}

/// Why a suppression ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Because {
    /// Somebody saw Delete.
    ActionDelete,
    /// Nobody knows the action any more.
    ActionUnknown,
    /// Two sources disagree on the action.
    ActionContradictory,
    /// The last look is too old.
    ActionStale,
    /// The expiry is another one now.
    ExpiryMoved,
    /// The expiry is not known any more.
    ExpiryUnsure,
    /// It is not known any more that the instance is Platinum.
    EditionUnsure,
    /// It is said to be Standard, and nothing recorded explains how it came to that.
    NoExit,
    /// Its wording is not understood any more.
    NotUnderstood,
    /// 168 hours after expiry nobody had attested Standard.
    NotVerified,
    /// The instance is not followed any more.
    NotFollowed,
    /// The database was restored from a copy.
    Restored,
}

words!(Because {
    ActionDelete = "action-delete",
    ActionUnknown = "action-unknown",
    ActionContradictory = "action-contradictory",
    ActionStale = "action-stale",
    ExpiryMoved = "expiry-moved",
    ExpiryUnsure = "expiry-unsure",
    EditionUnsure = "edition-unsure",
    NoExit = "no-exit",
    NotUnderstood = "not-understood",
    NotVerified = "not-verified",
    NotFollowed = "not-followed",
    Restored = "restored",
});

/// What ended it for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Settlement {
    /// Somebody took note of it.
    Acknowledged,
    /// It said that something is gone, and somebody saw that it is still there.
    StillThere,
    /// Standard was attested: the conversion is the proof.
    Converted,
    /// The instance was deleted at the vendor.
    Lost,
    /// Nobody follows the instance any more.
    Removed,
    /// Its release date has passed, and the edition was attested since.
    Over,
    /// It said when the instance expires, and a later expiry is known since.
    Renewed,
}

words!(Settlement {
    Acknowledged = "acknowledged",
    StillThere = "still-there",
    Converted = "converted",
    Lost = "lost",
    Removed = "removed",
    Over = "over",
    Renewed = "renewed",
});

/// What proves that a notice means nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// Downgrade was attested, and this is the expiry it is for.
    Action {
        /// By whom.
        by: Person,
        /// When.
        at: Timestamp,
        /// The expiry at that time.
        expiry: Timestamp,
    },
    /// Standard was attested after the exit.
    Standard {
        /// By whom.
        by: Person,
        /// When.
        at: Timestamp,
    },
}

/// That a notice needs no more attention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Since when.
    pub at: Timestamp,
    /// Who did it; `None` when a fact or time did.
    pub by: Option<Person>,
    /// How.
    pub how: Settlement,
    /// How often the facts of its instances had moved by then, where somebody took note of it: what has moved since is
    /// another matter.
    pub moves: Option<u64>,
}

/// A notice as it was filed, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRecord {
    /// Its number in the workspace, from 1.
    pub number: u64,
    /// What was recognised.
    pub read: Read,
    /// The beginning of its text.
    pub text: String,
    /// As it came, where it is short enough to be kept whole: it can be judged once more when its wording is taught.
    pub message: Option<Message>,
    /// What it came through.
    pub source: String,
    /// What its source calls it.
    pub external: Option<String>,
    /// When it came.
    pub received: Timestamp,
    /// Who handed it in.
    pub by: Person,
    /// What was made of it when it came.
    pub first: NoticeStatus,
    /// What is made of it now.
    pub status: NoticeStatus,
    /// The last word of the rule.
    pub verdict: NoticeVerdict,
    /// Why its suppression ended, if it did.
    pub because: Option<Because>,
    /// What proves, or proved, that it means nothing.
    pub proof: Option<Proof>,
    /// The known instances it names.
    pub instances: Vec<InstanceId>,
    /// How many said the same.
    pub duplicates: u32,
    /// How often people were told.
    pub told: u32,
    /// Since when people are told.
    pub raised: Option<Timestamp>,
    /// What ended it.
    pub settled: Option<Settled>,
    /// When time next has something to do with it.
    pub next: Option<Timestamp>,
}

/// What a notice is judged by.
#[derive(Debug, Clone, Copy)]
pub struct NoticeFacts<'a> {
    /// The known instances that it names.
    pub known: &'a [Instance],
    /// The subscription that its one instance has left.
    pub exit: Option<Exit>,
    /// How old a look may be.
    pub limits: &'a Limits,
}

/// What a look at a notice comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeTurn {
    /// The proof has fallen: people are told.
    Raised(Because),
    /// It is proved to mean nothing now: people are told no more, unless that proof falls.
    Quieted,
    /// It is over.
    Settled(Settlement),
    /// A day has passed: people are told again.
    Returned,
}

impl NoticeTurn {
    /// The word of the audit trail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Raised(_) | Self::Returned => "raised",
            Self::Quieted => "suppressed",
            Self::Settled(_) => "settled",
        }
    }

    /// Whether people are told.
    pub const fn tells(self) -> bool {
        matches!(self, Self::Raised(_) | Self::Returned)
    }
}

impl NoticeRecord {
    /// Judges it as it comes.
    pub fn judge(&mut self, facts: &NoticeFacts<'_>) {
        let now = self.received;
        let one = self.one(facts.known);
        self.verdict = judge_filed(self, one, facts.exit, facts.limits, now);
        self.status = NoticeStatus::Raised;
        match (one, self.verdict.is_redundant()) {
            (Some(instance), true) => self.suppress(instance, facts, now),
            (Some(_) | None, _) => self.raise(facts.known, now),
        }
        self.first = self.status;
    }

    /// Whether it says that a tracked instance is gone: that is told at once, whatever the hour.
    pub fn pages(&self, known: &[Instance]) -> bool {
        self.read.kind == NoticeKind::Gone && known.iter().any(Instance::is_tracked)
    }

    /// The change that explains what it says is gone: it unsubscribed the instance a short while ago, and Standard was seen
    /// since. Its channel hears of that, and nobody is called.
    pub fn explained_by(&self, facts: &NoticeFacts<'_>, now: Timestamp) -> Option<u64> {
        let exit = facts.exit.filter(|exit| now - exit.at <= EXPLAINS)?;
        let one = self.one(facts.known).filter(|one| one.is_tracked())?;
        let seen = self.read.kind == NoticeKind::Gone && proved_standard(one, exit).is_some();
        exit.unsubscribed.filter(|_| seen)
    }

    /// The expiry that it announces, where all of it is understood and that is the one that is known, give or take a day.
    pub fn expiry_as_known(&self, known: &[Instance]) -> Option<Timestamp> {
        let announced = self.read.date(Slot::ExpiryDate)?;
        let plain = self.read.kind == NoticeKind::Expiry && self.is_understood();
        let one = self.one(known).filter(|one| one.is_tracked() && plain)?;
        let expires = one.expires.value().copied()?;
        fits_expiry(announced, expires).then_some(expires)
    }

    /// Whether it came when a reminder had told people the same, or was about to, and was not posted for itself.
    pub fn is_folded(&self) -> bool {
        self.read.kind == NoticeKind::Expiry && self.first == NoticeStatus::Raised && self.told == 0
    }

    /// Takes back that people were told: another notice has told them the same today.
    pub const fn hold_back(&mut self) {
        self.told = self.told.saturating_sub(1);
    }

    /// Makes it one that says what another has said.
    pub fn duplicate(&mut self, of: u64) {
        self.status = NoticeStatus::Duplicate(of);
        self.first = self.status;
        self.told = 0;
        self.raised = None;
        self.next = None;
    }

    /// Whether it was judged as this one is now, and is looked after: a suppression that is over watches nothing any more.
    pub fn is_judged_like(&self, other: &Self) -> bool {
        let watches = self.status != NoticeStatus::Suppressed || self.is_open();
        watches && (self.status, self.verdict) == (other.status, other.verdict)
    }

    /// Whether facts may still change what is made of it.
    pub const fn is_open(&self) -> bool {
        self.next.is_some()
    }

    /// The watched channel that it was read in, and the message that it is there.
    pub fn channel_message(&self) -> Option<(&str, &str)> {
        let channel = self.source.strip_prefix(CHANNEL)?;
        Some((channel, self.external.as_deref()?))
    }

    /// Whether people are to be told of it at this moment.
    pub fn is_raised(&self) -> bool {
        self.status == NoticeStatus::Raised && self.settled.is_none()
    }

    /// The earliest moment at which what it announces may happen, as far as that is known.
    pub fn deadline(&self, known: &[Instance]) -> Option<Timestamp> {
        let followed = known.iter().filter(|instance| instance.is_tracked());
        let expiries = followed.flat_map(|instance| instance.expires.candidates());
        let expiries = expiries.map(|expires| expires.value);
        expiries
            .chain(self.read.dates.iter().flatten().copied())
            .min()
    }

    /// The instance it names, where it names exactly one by id.
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
            self.settle_converted(now);
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
        let followed = known.iter().any(Instance::is_tracked);
        self.next = followed.then(|| self.after(now, now));
    }

    /// Whether people are told of it again. Of an expiry that is known its reminders tell, and of what somebody read as
    /// something else the lists do.
    pub fn comes_back(&self, known: &[Instance]) -> bool {
        match self.read.kind {
            NoticeKind::Release | NoticeKind::Gone => self.is_open(),
            NoticeKind::Expiry => self.is_open() && !self.says_expiry_of(known),
            NoticeKind::Other => self.is_open() && !self.is_understood(),
        }
    }

    fn is_understood(&self) -> bool {
        let understood = self.read.understood.as_ref();
        understood.is_some_and(|understood| understood.vetoes.is_empty())
    }

    /// Whether it names the expiry of its one instance, as it is known, and no other day.
    fn says_expiry_of(&self, known: &[Instance]) -> bool {
        let expires = self.one(known).and_then(|one| one.expires.value());
        let mut dates = self.read.dates.iter();
        let fits = |date: &Timestamp| expires.is_some_and(|expires| fits_expiry(*date, *expires));
        !self.read.dates.is_empty() && dates.all(|date| date.as_ref().is_some_and(fits))
    }

    /// When it is looked at next: it comes back after 1, 3, 7 and 15 days, and is over 8 days after its release date.
    fn after(&self, raised: Timestamp, now: Timestamp) -> Timestamp {
        let rungs = COMES_BACK.iter().map(|span| raised + *span);
        let over = self.released().map(|date| date + OVER_AFTER);
        let next = rungs.chain(over).filter(|at| *at > now).min();
        next.unwrap_or(now + LOOKED_AT_AFTERWARDS)
    }

    /// The last date that it names.
    fn released(&self) -> Option<Timestamp> {
        self.read.dates.iter().flatten().copied().max()
    }

    /// Whether it has been raised for so long that those who approve are called.
    pub fn calls_approvers(&self, now: Timestamp) -> bool {
        self.raised
            .is_some_and(|raised| now - raised >= CALLS_APPROVERS)
    }

    /// The conversion is the proof. Until the old subscription's release date has passed it is looked at again when
    /// somebody takes that back.
    fn settle_converted(&mut self, now: Timestamp) {
        let over = self.converted_until(now);
        self.settle(Settlement::Converted, None, now);
        self.next = Some(over).filter(|over| *over > now);
    }

    /// Until when a conversion that settled it may be taken back.
    fn converted_until(&self, settled: Timestamp) -> Timestamp {
        let expiry = match &self.proof {
            Some(Proof::Action { expiry, .. }) => Some(*expiry),
            Some(Proof::Standard { .. }) | None => None,
        };
        let named = self.read.dates.iter().flatten().copied().chain(expiry);
        last_release(named.max().unwrap_or(settled))
    }

    /// Ends it because somebody took note of it, when the facts of its instances had moved so often.
    pub fn acknowledge(&mut self, by: &Person, moves: u64, at: Timestamp) {
        self.settle(Settlement::Acknowledged, Some(by), at);
        if let Some(settled) = &mut self.settled {
            settled.moves = Some(moves);
        }
    }

    /// Ends it for good.
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

/// What a notice came through that is read in a watched channel.
pub fn through_channel(channel: &str) -> String {
    format!("{CHANNEL}{channel}")
}

/// When a proof by the action falls if nothing happens: when the look is too old, or the time after expiry is over.
fn falls_at(seen: Timestamp, expiry: Timestamp, limits: &Limits) -> Timestamp {
    let stale = seen + limits.action_for_expiry;
    if stale < expiry {
        stale + TimeDelta::milliseconds(1)
    } else {
        expiry + ACTION_RUNS_WITHIN
    }
}
