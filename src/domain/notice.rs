//! A vendor notice: what it is, whom it names, and whether it means anything (rule `release-notice-redundant`).

mod filed;
mod message;
mod patterns;
mod read;

pub use filed::{
    Because, Filed, HANDLED_WITHIN, Proof, Settled, Settlement, Standing, Turn, through_channel,
};
pub use message::{Message, Part, Unit};
pub use patterns::{PatternError, Patterns, Sources};
pub use read::{LONGEST_READ, Read};

use chrono::TimeDelta;

use super::Timestamp;
use super::fact::{Known, Source};
use super::instance::{Edition, Instance, PostExpirationAction, words};
use super::team::{Limits, RELEASE_AFTER};

/// What a notice announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeKind {
    /// That an instance will be released.
    Release,
    /// That an instance expires: never redundant, service stops then.
    Expiry,
    /// Something else, or nothing that is recognised.
    Other,
}

words!(NoticeKind { Release = "release", Expiry = "expiry", Other = "other" });

/// A notice as far as the rule looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice<'a> {
    /// What it announces.
    pub kind: NoticeKind,
    /// How many different ids it names.
    pub ids: usize,
    /// The instance that its one id belongs to, if it is known.
    pub instance: Option<&'a Instance>,
    /// The date it gives, if any.
    pub date: Option<Timestamp>,
    /// The subscription that the instance has left, if it is known to have had one.
    pub exit: Option<Exit>,
}

/// That an instance has left a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// When the subscription would have expired, where that was known.
    pub expired: Option<Timestamp>,
}

/// What is to be done with a notice, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeVerdict {
    /// It means nothing: before expiry the action is attested Downgrade.
    RedundantByAction,
    /// It means nothing: after the exit Standard was attested.
    RedundantByConversion,
    /// It is raised: it is not a release notice.
    NotARelease,
    /// It is raised: it does not name exactly one known instance by id.
    NotOneInstance,
    /// It is raised: its date does not belong to this expiry, or the expiry is not known.
    DateDoesNotFit,
    /// It is raised: the instance has left its subscription and nobody has attested Standard; probably redundant.
    ProbablyRedundant,
    /// It is raised: nothing proves it redundant.
    NoProof,
}

words!(NoticeVerdict {
    RedundantByAction = "redundant-by-action",
    RedundantByConversion = "redundant-by-conversion",
    NotARelease = "not-a-release",
    NotOneInstance = "not-one-instance",
    DateDoesNotFit = "date-does-not-fit",
    ProbablyRedundant = "probably-redundant",
    NoProof = "no-proof",
});

/// How far a notice's date may lie outside the days after expiry.
const TOLERANCE: TimeDelta = TimeDelta::days(1);

impl NoticeVerdict {
    /// Whether it may be suppressed.
    pub const fn is_redundant(self) -> bool {
        matches!(self, Self::RedundantByAction | Self::RedundantByConversion)
    }
}

/// Judges a notice on the facts of this moment. Everything that is not proved redundant is raised.
pub fn judge_notice(notice: &Notice<'_>, limits: &Limits, now: Timestamp) -> NoticeVerdict {
    if notice.kind != NoticeKind::Release {
        return NoticeVerdict::NotARelease;
    }
    let Some(instance) = notice
        .instance
        .filter(|instance| notice.ids == 1 && instance.is_tracked())
    else {
        return NoticeVerdict::NotOneInstance;
    };
    // What was never Platinum has left nothing: a release of it is another matter.
    let converted = notice
        .exit
        .filter(|_| standard_attested(instance).is_some());
    let expiry = instance.expires.value().copied();
    let expiry = expiry.or(converted.and_then(|exit| exit.expired));
    // Converted, a notice without a date is of the old subscription as long as one of it may still come.
    let of_old = |exit: Exit| {
        exit.expired
            .is_none_or(|expired| now <= last_release(expired))
    };
    if let Some(exit) = converted.filter(|_| notice.date.is_none()) {
        return if of_old(exit) {
            NoticeVerdict::RedundantByConversion
        } else {
            NoticeVerdict::NoProof
        };
    }
    let Some(expiry) = expiry else {
        if notice.date.is_none() && instance.edition.value() == Some(&Edition::Standard) {
            return NoticeVerdict::NoProof;
        }
        return NoticeVerdict::DateDoesNotFit;
    };
    if !notice.date.is_none_or(|date| date_fits(date, expiry)) {
        return NoticeVerdict::DateDoesNotFit;
    }
    if converted.is_some() {
        return NoticeVerdict::RedundantByConversion;
    }
    // From expiry on, what was known at that instant counts.
    let waits = instance.edition.value() == Some(&Edition::Platinum)
        && downgrade_attested(instance, limits, now.min(expiry))
        && !instance
            .action
            .known()
            .is_some_and(|known| known.is_ahead(now));
    match (waits, now >= expiry) {
        (false, _) => NoticeVerdict::NoProof,
        (true, true) => NoticeVerdict::ProbablyRedundant,
        (true, false) => NoticeVerdict::RedundantByAction,
    }
}

/// Judges what was read of a notice: with several dates, each must fit; one that is no date never does.
pub fn judge_read(
    read: &Read,
    instance: Option<&Instance>,
    exit: Option<Exit>,
    limits: &Limits,
    now: Timestamp,
) -> NoticeVerdict {
    // Another name than the instance's is perhaps another instance.
    let strangers = read
        .names
        .iter()
        .filter(|name| instance.is_some_and(|one| one.name.as_str() != name.as_str()));
    let ids = read.ids.len() + strangers.count();
    let judge = |date| {
        let notice = Notice {
            kind: read.kind,
            ids,
            instance,
            date,
            exit,
        };
        judge_notice(&notice, limits, now)
    };
    let dates = read.dates.iter().map(|date| match date {
        Some(date) => judge(Some(*date)),
        None if judge(None).is_redundant() => NoticeVerdict::DateDoesNotFit,
        None => judge(None),
    });
    let worst = dates.min_by_key(|verdict| verdict.is_redundant());
    worst.unwrap_or_else(|| judge(None))
}

fn date_fits(date: Timestamp, expiry: Timestamp) -> bool {
    date >= expiry - TOLERANCE && date <= last_release(expiry)
}

/// When the vendor has released at the latest what expired then.
fn last_release(expiry: Timestamp) -> Timestamp {
    expiry + RELEASE_AFTER + TOLERANCE
}

fn standard_attested(instance: &Instance) -> Option<&Known<Edition>> {
    let known = instance.edition.known()?;
    (known.value == Edition::Standard && known.source == Source::Attested).then_some(known)
}

fn downgrade_attested(instance: &Instance, limits: &Limits, at: Timestamp) -> bool {
    instance.action.known().is_some_and(|known| {
        known.value == PostExpirationAction::Downgrade
            && known.source == Source::Attested
            && known.age(at) <= limits.action_for_expiry
    })
}
