//! The times of announcements, at growing intervals, and the growing circle of people they mention.

use chrono::TimeDelta;

use super::derive::NEAR;
use super::{Concern, ConcernKind, Rhythm};

const DAY: i32 = 24;

/// The ladder, in hours.
pub const LADDER: [i32; 5] = [0, DAY, 3 * DAY, 7 * DAY, 15 * DAY];
/// Urgent announcements, in hours. The first comes half an hour after the start.
const URGENT: [i32; 9] = [
    0,
    2,
    DAY,
    2 * DAY,
    3 * DAY,
    4 * DAY,
    5 * DAY,
    6 * DAY,
    7 * DAY,
];

/// The time to an expiry for which the last rung of an action to choose is left to the digest: two months before it.
const FAR: TimeDelta = TimeDelta::days(75);

/// While it may be deleted at any moment, although its release was due: daily.
const DAILY: [i32; 8] = [0, DAY, 2 * DAY, 3 * DAY, 4 * DAY, 5 * DAY, 6 * DAY, 7 * DAY];

/// The hours after the start at which it is announced.
pub fn rungs(concern: &Concern) -> &'static [i32] {
    match (concern.rhythm, concern.kind) {
        // A raised notice has a timer of its own, on the same ladder.
        (_, ConcernKind::Notice) => &[],
        (_, kind) if kind.may_be_deleted() => &DAILY,
        // The holder was asked when the permit lapsed, after half an hour.
        (Rhythm::Urgent, ConcernKind::StepOutcomeUnknown) => URGENT.get(1..).unwrap_or_default(),
        (Rhythm::Urgent, _) => &URGENT,
        // The reminder of its expiry comes later, and the digest names it until then.
        (Rhythm::Ladder, ConcernKind::ChooseAction)
            if concern.by.is_some_and(|by| by - concern.since > FAR) =>
        {
            LADDER.get(1..LADDER.len() - 1).unwrap_or_default()
        }
        (Rhythm::Ladder, kind) if kind.is_told_in_reply() => LADDER.get(1..).unwrap_or_default(),
        (Rhythm::Ladder, _) => &LADDER,
        // A concern that starts between the days of the table, for another reason than the expiry, is announced immediately.
        (Rhythm::Expiry, kind)
            if kind.is_told_by_expiry()
                && concern.by.is_some_and(|by| by - concern.since < NEAR) =>
        {
            LADDER.get(..1).unwrap_or_default()
        }
        (Rhythm::Followed, _) => LADDER.get(2..).unwrap_or_default(),
        (Rhythm::Once, _) => LADDER.get(..1).unwrap_or_default(),
        // The days before and after the expiry, and the digest, cover these.
        (Rhythm::Expiry | Rhythm::AfterExpiry | Rhythm::Digest, _) => &[],
    }
}

/// The people mentioned by a rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Circle {
    Owner,
    /// The instance's team, or the approvers if it has none.
    Team,
    /// The approvers, in the alerts channel.
    Approvers,
}

/// The people mentioned this many hours after the start.
pub const fn circle(kind: ConcernKind, hours: i32) -> Circle {
    let (team, approvers) = match kind {
        ConcernKind::StepOutcomeUnknown
        | ConcernKind::PermitWithdrawn
        | ConcernKind::UnsubscribedUnseen
        | ConcernKind::StillPlatinum => (2, DAY),
        ConcernKind::UnsubscribedOnDelete => (0, DAY),
        ConcernKind::OutlivedRelease => (0, 3 * DAY),
        // The expiry is near.
        ConcernKind::Unapproved => (0, 0),
        ConcernKind::EditionDisputed
        | ConcernKind::EditionUnknown
        | ConcernKind::Missing
        | ConcernKind::ListedLost
        | ConcernKind::SeenLost
        | ConcernKind::ExpiryDisputed
        | ConcernKind::ExpiryUnknown
        | ConcernKind::RecordExpiry
        | ConcernKind::ChooseAction
        | ConcernKind::ActionUnsure
        | ConcernKind::Deletes
        | ConcernKind::DeletesUnlessRenewed
        | ConcernKind::Expires
        | ConcernKind::Expired
        | ConcernKind::Charges
        | ConcernKind::ChangeWaits
        | ConcernKind::FactDisputed
        | ConcernKind::FactUnsaid
        | ConcernKind::Notice => (3 * DAY, 7 * DAY),
    };
    if hours >= approvers {
        Circle::Approvers
    } else if hours >= team {
        Circle::Team
    } else {
        Circle::Owner
    }
}
