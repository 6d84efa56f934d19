//! When people are told of a concern, and who: at growing intervals, to a growing circle.

use super::derive::NEAR;
use super::{Concern, ConcernKind, Rhythm};

const DAY: i32 = 24;

/// The ladder, in hours.
pub(super) const LADDER: [i32; 5] = [0, DAY, 3 * DAY, 7 * DAY, 15 * DAY];
/// What is urgent, in hours. The first is half an hour after its beginning.
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

/// After how many hours people are told of it.
pub fn rungs(concern: &Concern) -> &'static [i32] {
    match (concern.rhythm, concern.kind) {
        // A raised notice goes by a timer of its own, on the same ladder.
        (_, ConcernKind::Notice) => &[],
        // When its permit lapsed, after half an hour, its holder was asked.
        (Rhythm::Urgent, ConcernKind::StepOutcomeUnknown) => URGENT.get(1..).unwrap_or_default(),
        (Rhythm::Urgent, _) => &URGENT,
        (Rhythm::Ladder, kind) if kind.is_told_in_reply() => LADDER.get(1..).unwrap_or_default(),
        (Rhythm::Ladder, _) => &LADDER,
        // Where it opens between the days of the table, and not because the expiry nears, people are called at once.
        (Rhythm::Expiry, ConcernKind::ActionUnsure | ConcernKind::Deletes)
            if concern.by.is_some_and(|by| by - concern.since < NEAR) =>
        {
            LADDER.get(..1).unwrap_or_default()
        }
        // These are the days before and after the expiry, and the digest.
        (Rhythm::Expiry | Rhythm::AfterExpiry | Rhythm::Digest, _) => &[],
    }
}

/// Whom a rung calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Circle {
    /// Who can settle it.
    Owner,
    /// The instance's team; the approvers where it has none.
    Team,
    /// The approvers, in the alerts channel.
    Approvers,
}

/// Whom a rung calls, so many hours after the beginning.
pub const fn circle(kind: ConcernKind, hours: i32) -> Circle {
    let (team, approvers) = match kind {
        ConcernKind::StepOutcomeUnknown
        | ConcernKind::UnsubscribedUnseen
        | ConcernKind::StillPlatinum => (2, DAY),
        // Time runs out.
        ConcernKind::Unapproved => (0, 0),
        ConcernKind::EditionDisputed
        | ConcernKind::EditionUnknown
        | ConcernKind::Missing
        | ConcernKind::ExpiryDisputed
        | ConcernKind::ExpiryUnknown
        | ConcernKind::RecordExpiry
        | ConcernKind::ChooseAction
        | ConcernKind::ActionUnsure
        | ConcernKind::Deletes
        | ConcernKind::Expires
        | ConcernKind::Expired
        | ConcernKind::Charges
        | ConcernKind::ChangeWaits
        | ConcernKind::FactDisputed
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
