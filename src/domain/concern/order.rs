//! The order of concerns, the worst first, and the keys under which the store finds a person's.

use chrono::TimeDelta;

use super::{Concern, ConcernKind, Owner, Remedy, Rhythm, Weight};
use crate::Timestamp;
use crate::id::{Person, TeamName};
use crate::words::words;

/// The deadline of a concern without one: a week after its start, when the approvers are mentioned.
const NO_MOMENT: TimeDelta = TimeDelta::days(7);
/// Added to the deadline of a past expiry, so that it comes after those where something can still be saved.
const OVER: TimeDelta = TimeDelta::days(36_500);
/// The key of concerns without an owner.
const NOBODY: &str = "nobody";
/// The key of the approvers' concerns.
const APPROVERS: &str = "approvers";

words! {
    /// The severity of a concern, the worst first.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Rank {
        /// Expired: it may be deleted at any moment, or was. What can still be saved comes first.
        AfterExpiry = "expired",
        /// Something irreversible is in doubt.
        Urgent = "urgent",
        /// It expires soon.
        Expiry = "expires",
        /// Announced at growing intervals.
        Ladder = "open",
        /// Open, but in the digest only.
        Digest = "digest",
        /// Unknown or stale, with nothing near.
        Noted = "noted",
    }
}

impl Rank {
    /// The stored number: the worst is the least.
    pub const fn number(self) -> i64 {
        self as i64
    }
}

/// The sort key of a concern; the least is the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Urgency {
    pub rank: Rank,
    pub presses: Timestamp,
}

impl Concern {
    pub fn urgency(&self) -> Urgency {
        let rank = self.rank();
        let later = self
            .since
            .checked_add_signed(NO_MOMENT)
            .unwrap_or(self.since);
        let presses = match rank {
            Rank::AfterExpiry if self.rhythm == Rhythm::Digest => {
                let by = self.by.unwrap_or(self.since);
                by.checked_add_signed(OVER).unwrap_or(by)
            }
            Rank::AfterExpiry | Rank::Urgent | Rank::Expiry => self.by.unwrap_or(self.since),
            Rank::Ladder | Rank::Digest => self.by.map_or(later, |by| by.min(later)),
            Rank::Noted => self.by.unwrap_or(later),
        };
        Urgency { rank, presses }
    }

    /// Whether an instance may be lost, or it is not known whether: such a concern is named in a list, however long. Others are
    /// only counted there when there are many of their kind.
    pub fn is_grave(&self) -> bool {
        let can_wait = matches!(
            self.kind,
            ConcernKind::ExpiryUnknown
                | ConcernKind::RecordExpiry
                | ConcernKind::ChooseAction
                | ConcernKind::ChangeWaits
                | ConcernKind::FactDisputed
                | ConcernKind::FactUnsaid
        );
        self.rank() <= Rank::Expiry || (self.weight == Weight::Open && !can_wait)
    }

    /// Whether it is a notice that says that the instance is gone.
    pub const fn calls_it_gone(&self) -> bool {
        matches!(self.way, Remedy::SayWhetherGone { .. })
    }

    const fn rank(&self) -> Rank {
        match (self.weight, self.kind, self.rhythm) {
            (Weight::Noted, ..) => Rank::Noted,
            // The result of the expiry is not recorded, however long ago it was.
            (Weight::Open, ConcernKind::Expired, _) | (Weight::Open, _, Rhythm::AfterExpiry) => {
                Rank::AfterExpiry
            }
            (Weight::Open, _, Rhythm::Urgent) => Rank::Urgent,
            // It may be lost already.
            (Weight::Open, ConcernKind::Notice, _) if self.calls_it_gone() => Rank::Urgent,
            // Its deadline is that of an expiry.
            (Weight::Open, ConcernKind::Unapproved, _) | (Weight::Open, _, Rhythm::Expiry) => {
                Rank::Expiry
            }
            (Weight::Open, _, Rhythm::Ladder | Rhythm::Followed | Rhythm::Once) => Rank::Ladder,
            (Weight::Open, _, Rhythm::Digest) => Rank::Digest,
        }
    }
}

impl Owner {
    /// The key of this owner, for an instance of this team.
    pub fn word(&self, team: Option<&TeamName>) -> String {
        match (self, team) {
            (Self::Person(person), _) => format!("person:{}", person.id),
            (Self::Team, Some(team)) => of_team(team),
            (Self::Team, None) => NOBODY.to_owned(),
            (Self::Approvers, _) => APPROVERS.to_owned(),
        }
    }
}

/// The keys of a person's concerns, with those of nobody in particular.
pub fn words_of(person: &Person, teams: &[TeamName], approves: bool) -> Vec<String> {
    let own = [format!("person:{}", person.id), NOBODY.to_owned()];
    let approves = approves.then(|| APPROVERS.to_owned());
    let teams = teams.iter().map(of_team);
    own.into_iter().chain(approves).chain(teams).collect()
}

/// The key of a team's concerns.
pub fn of_team(team: &TeamName) -> String {
    format!("team:{team}")
}
