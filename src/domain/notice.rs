//! A vendor notice: what it is, whom it names, and whether it means anything (rule `release-notice-redundant`).

mod beside;
mod dates;
mod exit;
mod filed;
mod gone;
mod harmless;
mod message;
mod normal;
mod place;
mod read;
mod said;
mod slots;
mod teach;
mod teaching;
mod template;
mod wording;

pub use beside::{Beside, Waits};
pub use exit::Exit;
pub use filed::{
    Because, HANDLED_WITHIN, NoticeFacts, NoticeRecord, NoticeStatus, NoticeTurn, Proof, Settled,
    Settlement, origin, through_channel,
};
pub use message::{Message, Part, Unit};
pub use normal::Normal;
pub use read::{LONGEST_READ, Read, is_unread};
pub use said::Veto;
pub use slots::{NoticeSubject, Slot, SlotSet};
pub use teach::{DateRole, Learnt, Lesson, Unteachable, shown};
pub use teaching::{ANNOUNCED, ASKED_FOR, Stands, Teaching, UNUSED_FOR, Word};
pub use template::{Template, TemplateError};
pub use wording::{Lexicon, Objection, Taught, Understood, Which, Wording, WordingKind, Wordings};

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
    /// That something has happened already, or may have: released, unsubscribed, refunded, deleted. Raised whatever else is
    /// known.
    Gone,
    /// Something else, or nothing that is recognised.
    Other,
}

words!(NoticeKind { Release = "release", Expiry = "expiry", Gone = "gone", Other = "other" });

/// A notice as far as the rule looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice<'a> {
    /// What it announces.
    pub kind: NoticeKind,
    /// Whether its whole text is understood, and nothing in it forbids to suppress it.
    pub reading: Reading,
    /// The known instance that it names, if that is exactly one.
    pub instance: Option<&'a Instance>,
    /// When it says that the instance is released.
    pub release: Option<Timestamp>,
    /// When it says that the instance expires.
    pub expiry: Option<Timestamp>,
    /// When it came.
    pub received: Timestamp,
    /// The subscription that the instance has left, if that is recorded.
    pub exit: Option<Exit>,
}

/// How well a text was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Something in it is not understood.
    Unclear,
    /// It is understood, and speaks of something that forbids to suppress it.
    Vetoed,
    /// It is understood.
    Clear,
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
    /// It is raised: its wording is not understood.
    NotUnderstood,
    /// It is raised: it speaks of something that forbids to suppress it.
    Vetoed,
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
    NotUnderstood = "not-understood",
    Vetoed = "vetoed",
    DateDoesNotFit = "date-does-not-fit",
    ProbablyRedundant = "probably-redundant",
    NoProof = "no-proof",
});

/// How far a notice's date may lie outside the days after expiry, or from the expiry.
const TOLERANCE: TimeDelta = TimeDelta::days(1);
/// How near to the expiry a notice without a date must come.
const UNDATED: TimeDelta = TimeDelta::days(8);

impl NoticeVerdict {
    /// Whether it may be suppressed.
    pub const fn is_redundant(self) -> bool {
        matches!(self, Self::RedundantByAction | Self::RedundantByConversion)
    }
}

/// Judges a notice on the facts of this moment. Everything that is not proved redundant is raised.
pub fn judge_notice(notice: &Notice<'_>, limits: &Limits, now: Timestamp) -> NoticeVerdict {
    let instance = notice.instance.filter(|instance| instance.is_tracked());
    match (notice.kind, notice.reading) {
        (NoticeKind::Expiry | NoticeKind::Gone, _)
        | (NoticeKind::Other, Reading::Clear | Reading::Vetoed) => NoticeVerdict::NotARelease,
        (NoticeKind::Release | NoticeKind::Other, _) if instance.is_none() => {
            NoticeVerdict::NotOneInstance
        }
        (NoticeKind::Release | NoticeKind::Other, Reading::Unclear) => NoticeVerdict::NotUnderstood,
        (NoticeKind::Release, Reading::Vetoed) => NoticeVerdict::Vetoed,
        (NoticeKind::Release, Reading::Clear) => instance
            .map_or(NoticeVerdict::NotOneInstance, |instance| {
                judge_release(notice, instance, limits, now)
            }),
    }
}

/// Judges a release notice whose whole text is understood.
fn judge_release(
    notice: &Notice<'_>,
    instance: &Instance,
    limits: &Limits,
    now: Timestamp,
) -> NoticeVerdict {
    let current = instance.expires.value().copied();
    let expiry = match notice.exit {
        Some(exit) => exit.expired.or(current),
        None => current,
    };
    let Some(expiry) = expiry else {
        return if notice.release.is_none() && notice.expiry.is_none() {
            NoticeVerdict::NoProof
        } else {
            NoticeVerdict::DateDoesNotFit
        };
    };
    if !dates_fit(notice, expiry) {
        return NoticeVerdict::DateDoesNotFit;
    }
    if let Some(exit) = notice.exit {
        return if proved_standard(instance, exit).is_some() {
            NoticeVerdict::RedundantByConversion
        } else {
            NoticeVerdict::ProbablyRedundant
        };
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

/// Judges what was read of a notice when it came, on the facts of this moment.
fn judge_filed(
    filed: &NoticeRecord,
    instance: Option<&Instance>,
    exit: Option<Exit>,
    limits: &Limits,
    now: Timestamp,
) -> NoticeVerdict {
    let read = &filed.read;
    let notice = Notice {
        kind: read.kind,
        reading: match &read.understood {
            None => Reading::Unclear,
            Some(understood) if understood.vetoes.is_empty() => Reading::Clear,
            Some(_) => Reading::Vetoed,
        },
        instance: instance.filter(|instance| read.names_only(instance)),
        release: read.date(Slot::ReleaseDate),
        expiry: read.date(Slot::ExpiryDate),
        received: filed.received,
        exit,
    };
    judge_notice(&notice, limits, now)
}

/// Whether each date lies in its own window, and a notice without any comes near the expiry.
fn dates_fit(notice: &Notice<'_>, expiry: Timestamp) -> bool {
    let release = |date| date >= expiry - TOLERANCE && date <= last_release(expiry);
    let announced = notice.release.is_none_or(release);
    let expires = notice.expiry.is_none_or(|date| fits_expiry(date, expiry));
    let near = notice.received >= expiry - UNDATED && notice.received <= expiry + UNDATED;
    announced && expires && (notice.release.is_some() || near)
}

/// Whether a date that is given for an expiry means the one that is known.
pub fn fits_expiry(date: Timestamp, expiry: Timestamp) -> bool {
    (date - expiry).abs() <= TOLERANCE
}

/// When the vendor has released at the latest what expired then.
fn last_release(expiry: Timestamp) -> Timestamp {
    expiry + RELEASE_AFTER + TOLERANCE
}

/// That the instance was seen to be Standard after it had left its subscription: by a person, or in a listing.
pub(in crate::domain) fn proved_standard(
    instance: &Instance,
    exit: Exit,
) -> Option<&Known<Edition>> {
    let known = instance.edition.known()?;
    let seen = matches!(known.source, Source::Attested | Source::Imported);
    (known.value == Edition::Standard && seen && known.at >= exit.at).then_some(known)
}

fn downgrade_attested(instance: &Instance, limits: &Limits, at: Timestamp) -> bool {
    instance.action.known().is_some_and(|known| {
        known.value == PostExpirationAction::Downgrade
            && known.source == Source::Attested
            && known.age(at) <= limits.action_for_expiry
    })
}
