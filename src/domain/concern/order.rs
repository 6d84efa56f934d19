//! What comes first in a list of what is to be done: the worst. And under whose name it is found.

use chrono::TimeDelta;

use super::{Concern, ConcernKind, Owner, Rhythm, Weight};
use crate::domain::Timestamp;
use crate::domain::id::{Label, Person};

/// What has no moment by which it must be settled presses a week after it opened: when the approvers are called.
const NO_MOMENT: TimeDelta = TimeDelta::days(7);
/// What nobody in particular has to do.
const NOBODY: &str = "nobody";
/// What those who approve have to do.
const APPROVERS: &str = "approvers";

/// How bad something open is, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rank {
    /// It has expired: it may be deleted at any moment.
    AfterExpiry,
    /// Something irreversible is in doubt.
    Urgent,
    /// It expires soon.
    Expiry,
    /// People are told of it at growing intervals.
    Ladder,
    /// It is open, and told in the digest only.
    Digest,
    /// Merely unknown or stale, with nothing near.
    Noted,
}

impl Rank {
    /// As the store keeps it: the worst is the least.
    pub const fn number(self) -> i64 {
        match self {
            Self::AfterExpiry => 0,
            Self::Urgent => 1,
            Self::Expiry => 2,
            Self::Ladder => 3,
            Self::Digest => 4,
            Self::Noted => 5,
        }
    }
}

/// Where something open stands among all others; what comes first is the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Urgency {
    /// How bad it is.
    pub rank: Rank,
    pub presses: Timestamp,
}

impl Concern {
    /// Where it stands among all others.
    pub fn urgency(&self) -> Urgency {
        let rank = self.rank();
        let later = self
            .since
            .checked_add_signed(NO_MOMENT)
            .unwrap_or(self.since);
        let presses = match rank {
            Rank::AfterExpiry | Rank::Urgent | Rank::Expiry => self.by.unwrap_or(self.since),
            Rank::Ladder | Rank::Digest => self.by.map_or(later, |by| by.min(later)),
            Rank::Noted => self.by.unwrap_or(later),
        };
        Urgency { rank, presses }
    }

    const fn rank(&self) -> Rank {
        match (self.weight, self.kind, self.rhythm) {
            (Weight::Noted, ..) => Rank::Noted,
            // Nobody has said what became of it, however long ago that was.
            (Weight::Open, ConcernKind::Expired, _) | (Weight::Open, _, Rhythm::AfterExpiry) => {
                Rank::AfterExpiry
            }
            (Weight::Open, _, Rhythm::Urgent) => Rank::Urgent,
            // Its moment is that of an expiry.
            (Weight::Open, ConcernKind::Unapproved, _) | (Weight::Open, _, Rhythm::Expiry) => {
                Rank::Expiry
            }
            (Weight::Open, _, Rhythm::Ladder) => Rank::Ladder,
            (Weight::Open, _, Rhythm::Digest) => Rank::Digest,
        }
    }
}

impl Owner {
    /// Under which word it is found, of an instance of this team.
    pub fn word(&self, team: Option<&Label>) -> String {
        match (self, team) {
            (Self::Person(person), _) => format!("person:{}", person.id),
            (Self::Team, Some(team)) => of_team(team),
            (Self::Team, None) => NOBODY.to_owned(),
            (Self::Approvers, _) => APPROVERS.to_owned(),
        }
    }
}

/// Under which words somebody finds what they have to do, and what nobody in particular has.
pub fn words_of(person: &Person, teams: &[Label], approves: bool) -> Vec<String> {
    let own = [format!("person:{}", person.id), NOBODY.to_owned()];
    let approves = approves.then(|| APPROVERS.to_owned());
    let teams = teams.iter().map(of_team);
    own.into_iter().chain(approves).chain(teams).collect()
}

fn of_team(team: &Label) -> String {
    format!("team:{team}")
}
