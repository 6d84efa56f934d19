//! A vendor notice: its kind, its instances, and whether it is redundant (rule `release-notice-redundant`).

mod beside;
mod dates;
mod exit;
mod filed;
mod gone;
mod harmless;
mod leftover;
mod lines;
mod loss;
mod loss_words;
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
    Because, COMES_BACK, HANDLED_WITHIN, NoticeFacts, NoticeRecord, NoticeStatus, NoticeTurn,
    Proof, Settled, Settlement, calls_on, nth_id, origin, through_channel,
};
pub use leftover::Leftover;
pub use message::{Message, Part, Unit};
pub use normal::Normal;
pub use read::{LONGEST_READ, Read, is_unread};
pub use said::{Veto, says_more_than_a_title, says_of_notices, speaks_of_a_loss};
pub use slots::{NoticeSubject, Slot, SlotSet};
pub use teach::{DateRole, Learnt, Lesson, Unteachable, shown};
pub use teaching::{ANNOUNCED, ASKED_FOR, Stands, Teaching, UNUSED_FOR, Word};
pub use template::{Template, TemplateError};
pub use wording::{Lexicon, Objection, Taught, Understood, Which, Wording, WordingKind, Wordings};

use chrono::TimeDelta;

use super::Timestamp;
use super::fact::{Known, Source};
use super::instance::{Edition, Instance, PostExpirationAction};
use super::team::{ACTION_RUNS_WITHIN, Limits, RELEASE_AFTER};
use super::words::words;

words! {
    /// The subject of a notice.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum NoticeKind {
        /// An instance will be released.
        Release = "release",
        /// An instance expires: never redundant, because service stops then.
        Expiry = "expiry",
        /// An instance has, or may have, been released, unsubscribed, refunded or deleted. Always raised.
        Gone = "gone",
        /// Anything else, or nothing recognised.
        Other = "other",
    }
}

/// The input of the rule for a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice<'a> {
    pub kind: NoticeKind,
    /// Whether the whole text is understood, without a veto.
    pub reading: Reading,
    /// The tracked instance, if the notice names exactly one.
    pub instance: Option<&'a Instance>,
    /// The release date in the text.
    pub release: Option<Timestamp>,
    /// The expiry date in the text.
    pub expiry: Option<Timestamp>,
    /// The time of receipt.
    pub received: Timestamp,
    /// The recorded exit of the instance.
    pub exit: Option<Exit>,
    /// When the last open notice came that calls it gone.
    pub called_gone: Option<Timestamp>,
}

/// The understanding of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Not entirely understood.
    Unclear,
    /// Understood, with a veto against suppression.
    Vetoed,
    /// Understood.
    Clear,
}

words! {
    /// The verdict on a notice, with its reason.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum NoticeVerdict {
        /// Redundant: before the expiry, the action is attested as Downgrade.
        RedundantByAction = "redundant-by-action",
        /// Redundant: after the exit, Standard was attested.
        RedundantByConversion = "redundant-by-conversion",
        /// Raised: not a release notice.
        NotARelease = "not-a-release",
        /// Raised: does not name exactly one tracked instance by id.
        NotOneInstance = "not-one-instance",
        /// Raised: the wording is not understood.
        NotUnderstood = "not-understood",
        /// Raised: a veto against suppression applies.
        Vetoed = "vetoed",
        /// Raised: the date does not fit the expiry, or the expiry is unknown.
        DateDoesNotFit = "date-does-not-fit",
        /// Raised, probably redundant: the instance left its subscription, but Standard is not attested.
        ProbablyRedundant = "probably-redundant",
        /// Raised: no proof of redundancy.
        NoProof = "no-proof",
    }
}

/// The tolerance of a notice's dates around the expiry and the release period.
const TOLERANCE: TimeDelta = TimeDelta::days(1);
/// The maximum distance from the expiry of a notice without dates.
const UNDATED: TimeDelta = TimeDelta::days(8);

impl NoticeVerdict {
    pub const fn is_redundant(self) -> bool {
        matches!(self, Self::RedundantByAction | Self::RedundantByConversion)
    }
}

/// Judges a notice on the facts of this moment. Without a proof that it is redundant, it is raised.
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

/// Judges a release notice that is understood.
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
    let is_late = now >= expiry + ACTION_RUNS_WITHIN;
    if let Some(exit) = notice.exit {
        return if proved_standard(instance, exit).is_some() {
            NoticeVerdict::RedundantByConversion
        } else if is_late
            || instance.was_on_delete()
            || notice.called_gone.is_some()
            || instance.doubts_exit(exit)
        {
            // Such an exit deletes it, or did not happen.
            NoticeVerdict::NoProof
        } else {
            NoticeVerdict::ProbablyRedundant
        };
    }
    let seen = instance.action.known().map(|seen| seen.at);
    let is_disputed = notice.called_gone.is_some_and(|gone| seen <= Some(gone));
    // After the expiry, the facts at that instant count.
    let waits = instance.edition.value() == Some(&Edition::Platinum)
        && !is_late
        && downgrade_attested(instance, limits, now.min(expiry))
        && instance.expired_on_downgrade(limits, now)
        && !instance.action_is_ahead(now)
        && !is_disputed;
    match (waits, now >= expiry) {
        (false, _) => NoticeVerdict::NoProof,
        (true, true) => NoticeVerdict::ProbablyRedundant,
        (true, false) => NoticeVerdict::RedundantByAction,
    }
}

/// Judges a stored notice on the facts of this moment.
fn judge_filed(
    filed: &NoticeRecord,
    instance: Option<&Instance>,
    facts: &NoticeFacts<'_>,
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
        exit: facts.exit,
        called_gone: facts.called_gone,
    };
    judge_notice(&notice, facts.limits, now)
}

/// Whether each date fits its period, or an undated notice came near the expiry.
fn dates_fit(notice: &Notice<'_>, expiry: Timestamp) -> bool {
    let release = |date| date >= expiry - TOLERANCE && date <= last_release(expiry);
    let announced = notice.release.is_none_or(release);
    let expires = notice.expiry.is_none_or(|date| fits_expiry(date, expiry));
    let near = is_near_expiry(notice.received, expiry);
    announced && expires && (notice.release.is_some() || near)
}

/// Whether a release that has no date, and is announced at this moment, may be that after this expiry.
fn is_near_expiry(received: Timestamp, expiry: Timestamp) -> bool {
    received >= expiry - UNDATED && received <= expiry + UNDATED
}

/// Whether an expiry date in a notice matches the known one.
pub fn fits_expiry(date: Timestamp, expiry: Timestamp) -> bool {
    (date - expiry).abs() <= TOLERANCE
}

/// The latest release date for an expiry.
fn last_release(expiry: Timestamp) -> Timestamp {
    expiry + RELEASE_AFTER + TOLERANCE
}

/// The edition fact, if Standard was observed after the exit, by a person or in a listing.
pub(crate) fn proved_standard(instance: &Instance, exit: Exit) -> Option<&Known<Edition>> {
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
