//! What is open for a workspace as a whole: a safeguard that does not work. Derived in one place, from what the workspace has
//! set, what was seen of its chat, its imports, and what could not be read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::rungs::LADDER;
use crate::domain::Timestamp;
use crate::domain::authority::Role;
use crate::domain::id::{InstanceId, Label, Region};
use crate::domain::reminder::Cadence;
use crate::domain::setting::{Guarded, Overrides};
use crate::domain::team::{Policy, Team};

/// Of a team one opens and another one approves.
const OF_A_TEAM: u64 = 2;
/// When a listing that fails to come is told: it endangers nothing by itself, and the digest names it every week.
const STALE: [i32; 2] = [0, 7 * 24];

/// What does not work.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Failing {
    /// A role of the chat that means something here is gone.
    RoleGone {
        /// Its id.
        role: String,
        meant: Meaning,
    },
    /// The roles that may approve have fewer members than a step needs approvals.
    FewApprovers {
        /// So many there are at the most.
        have: u64,
        /// So many approvals are needed.
        need: u64,
        step: Guarded,
        /// Whether anyone who manages the server may approve besides.
        managers: bool,
    },
    /// A team has too few members for one of them to approve what another one opens.
    SmallTeam {
        team: Label,
        /// So many members it has at the most.
        have: u64,
    },
    /// No file was taken for longer than the configuration allows.
    ImportStale { last: Timestamp },
    /// A listing that lacks many instances is held back.
    ListingHeld {
        region: Region,
        /// The import's number.
        number: u64,
        /// What the file was called.
        label: String,
        lacks: usize,
    },
    /// The rows of something cannot be read, so that nothing is said of it.
    Unreadable(Unreadable),
}

/// What a role of the chat means here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// Who has it has a role here.
    Role(Role),
    /// Who has it is a member of a team.
    Members(Label),
    /// A team is called by it.
    Mention(Label),
}

/// Something whose rows cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unreadable {
    Instance(InstanceId),
    Change(u64),
    Notice(u64),
}

impl Unreadable {
    /// As the store keeps it.
    pub fn word(&self) -> String {
        match self {
            Self::Instance(id) => format!("instance {id}"),
            Self::Change(number) => format!("change {number}"),
            Self::Notice(number) => format!("notice {number}"),
        }
    }

    /// What the store has kept.
    pub fn from_word(word: &str) -> Option<Self> {
        let (kind, of) = word.split_once(' ')?;
        match kind {
            "instance" => InstanceId::parse(of).ok().map(Self::Instance),
            "change" => of.parse().ok().map(Self::Change),
            "notice" => of.parse().ok().map(Self::Notice),
            _ => None,
        }
    }
}

impl Failing {
    /// What tells it from everything else that may fail in a workspace; it stays while figures move.
    pub fn key(&self) -> String {
        match self {
            Self::RoleGone { role, meant } => match meant {
                Meaning::Role(as_role) => format!("role-gone {role} {}", as_role.as_str()),
                Meaning::Members(team) => format!("role-gone {role} members {team}"),
                Meaning::Mention(team) => format!("role-gone {role} mention {team}"),
            },
            Self::FewApprovers { .. } => "few-approvers".to_owned(),
            Self::SmallTeam { team, .. } => format!("small-team {team}"),
            Self::ImportStale { .. } => "import-stale".to_owned(),
            // A listing that comes every day is held back every day.
            Self::ListingHeld { region, .. } => format!("listing-held {region}"),
            Self::Unreadable(subject) => format!("unreadable {}", subject.word()),
        }
    }

    /// Who can settle it.
    pub const fn owner(&self) -> Role {
        match self {
            Self::ImportStale { .. } | Self::ListingHeld { .. } => Role::Approver,
            Self::RoleGone { .. }
            | Self::FewApprovers { .. }
            | Self::SmallTeam { .. }
            | Self::Unreadable(_) => Role::Admin,
        }
    }

    /// After how many hours people are told of it.
    pub fn rungs(&self) -> &'static [i32] {
        match self {
            Self::ImportStale { .. } => &STALE,
            // The import itself has told at once.
            Self::ListingHeld { .. } => LADDER.get(1..).unwrap_or_default(),
            Self::RoleGone { .. }
            | Self::FewApprovers { .. }
            | Self::SmallTeam { .. }
            | Self::Unreadable(_) => &LADDER,
        }
    }
}

/// Something open for a workspace as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WorkspaceConcern {
    pub failing: Failing,
    pub since: Timestamp,
}

/// A role of the chat, as it was last seen.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SeenRole {
    /// Its id.
    pub role: String,
    pub seen: RoleState,
}

/// What was seen of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoleState {
    /// It is there, and so many have it.
    Members(u64),
    /// It is there; how many have it is not known.
    There,
    Gone,
}

/// A listing that is held back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldListing {
    pub region: Region,
    /// The import's number.
    pub number: u64,
    /// What the file was called.
    pub label: String,
    pub lacks: usize,
    /// When it was taken.
    pub at: Timestamp,
}

/// Since when something was open as it was last found, and how often people were told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConcernRecord {
    pub key: String,
    pub since: Timestamp,
    /// How many rungs of its ladder are behind it.
    pub told: usize,
}

/// Everything that what is open for a workspace is derived from.
#[derive(Debug, Clone, Copy)]
pub struct WorkspaceFacts<'a> {
    /// What the workspace has set.
    pub own: &'a Overrides,
    pub teams: &'a BTreeMap<Label, Team>,
    /// What it asks for.
    pub policy: &'a Policy,
    /// The roles of its chat.
    pub roles: &'a [SeenRole],
    /// When facts were last taken from a file.
    pub imported: Option<Timestamp>,
    /// After how long without a file that is told; `None`: never.
    pub stale_after: Option<TimeDelta>,
    /// The listings that are held back.
    pub held: &'a [HeldListing],
    /// What could not be read.
    pub unreadable: &'a [Unreadable],
    /// What was open when it was last looked at.
    pub kept: &'a [ConcernRecord],
}

/// The roles of a chat that mean something in its workspace.
pub fn meant_roles<'a>(
    own: &'a Overrides,
    teams: &'a BTreeMap<Label, Team>,
) -> BTreeSet<&'a Label> {
    let roles = Role::ALL.iter().flat_map(|role| own.means(*role));
    let teams = teams.values();
    let teams = teams.flat_map(|team| team.members.iter().chain(&team.mention));
    roles.chain(teams).collect()
}

/// Everything open for a workspace.
pub fn workspace_concerns(facts: &WorkspaceFacts<'_>, now: Timestamp) -> Vec<WorkspaceConcern> {
    let mut all: Vec<(Failing, Option<Timestamp>)> = Vec::new();
    let undated = |failing| (failing, None);
    all.extend(facts.roles_gone().map(undated));
    all.extend(facts.few_approvers().map(undated));
    all.extend(facts.small_teams().map(undated));
    let stale = facts.stale_from().zip(facts.imported);
    let stale = stale.filter(|(from, _)| *from <= now);
    all.extend(stale.map(|(from, last)| (Failing::ImportStale { last }, Some(from))));
    all.extend(facts.held.iter().map(|held| {
        let failing = Failing::ListingHeld {
            region: held.region.clone(),
            number: held.number,
            label: held.label.clone(),
            lacks: held.lacks,
        };
        let since = facts.kept(&failing).map_or(held.at, |kept| kept.since);
        (failing, Some(since))
    }));
    let unreadable = facts.unreadable.iter().cloned();
    all.extend(unreadable.map(Failing::Unreadable).map(undated));
    let dated = all.into_iter().map(|(failing, since)| WorkspaceConcern {
        // What is dated ahead comes from a clock that was wrong.
        since: since
            .or_else(|| facts.kept(&failing).map(|kept| kept.since))
            .map_or(now, |since| since.min(now)),
        failing,
    });
    dated.collect()
}

/// The next moment at which something may open although nothing happens.
pub fn next_workspace_turn(facts: &WorkspaceFacts<'_>, now: Timestamp) -> Option<Timestamp> {
    facts.stale_from().filter(|from| *from > now)
}

impl WorkspaceConcern {
    /// When people are told of it for the how manieth time: every rung, not in quiet hours.
    fn due(&self, cadence: &Cadence) -> impl Iterator<Item = Timestamp> {
        let rungs = self.failing.rungs().iter();
        rungs.map(|hours| cadence.disturbable(self.since + TimeDelta::hours((*hours).into())))
    }

    /// How many rungs are behind it.
    pub fn told_by(&self, cadence: &Cadence, now: Timestamp) -> usize {
        self.due(cadence).filter(|at| *at <= now).count()
    }

    /// When the next rung is.
    pub fn next_rung(&self, cadence: &Cadence, now: Timestamp) -> Option<Timestamp> {
        self.due(cadence).filter(|at| *at > now).min()
    }
}

impl WorkspaceFacts<'_> {
    fn kept(&self, failing: &Failing) -> Option<&ConcernRecord> {
        let key = failing.key();
        self.kept.iter().find(|kept| kept.key == key)
    }

    fn stale_from(&self) -> Option<Timestamp> {
        self.imported?.checked_add_signed(self.stale_after?)
    }

    fn seen(&self, role: &Label) -> Option<RoleState> {
        let mut roles = self.roles.iter();
        let seen = roles.find(|seen| seen.role == role.as_str());
        seen.map(|seen| seen.seen)
    }

    /// How many have these roles at the most; `None` where that is not known of one of them, or there is none.
    fn members(&self, roles: &[Label]) -> Option<u64> {
        let each = roles.iter().map(|role| match self.seen(role)? {
            RoleState::Members(count) => Some(count),
            RoleState::Gone => Some(0),
            RoleState::There => None,
        });
        let all: Option<u64> = each.sum();
        all.filter(|_| !roles.is_empty())
    }

    fn roles_gone(&self) -> impl Iterator<Item = Failing> {
        let roles = Role::ALL.iter().flat_map(|role| {
            let means = self.own.means(*role).iter();
            means.map(|id| (id, Meaning::Role(*role)))
        });
        let teams = self.teams.iter().flat_map(|(name, team)| {
            let members = team.members.iter();
            let members = members.map(|id| (id, Meaning::Members(name.clone())));
            let mention = team.mention.iter();
            members.chain(mention.map(|id| (id, Meaning::Mention(name.clone()))))
        });
        let gone = |(id, _): &(&Label, Meaning)| self.seen(id) == Some(RoleState::Gone);
        let gone = roles.chain(teams).filter(gone);
        gone.map(|(id, meant)| Failing::RoleGone {
            role: id.to_string(),
            meant,
        })
    }

    /// Admins may approve too; where no role means admin, that is anyone who manages the server.
    fn few_approvers(&self) -> Option<Failing> {
        let (approvers, admins) = (self.own.means(Role::Approver), self.own.means(Role::Admin));
        let managers = admins.is_empty();
        let have = self.members(approvers)?;
        let have = have + if managers { 0 } else { self.members(admins)? };
        let steps = Guarded::WORDS.iter().map(|(_, step)| *step);
        let (need, step) = steps
            .map(|step| (u64::from(self.policy.approvals_of(step)), step))
            .max_by_key(|(need, _)| *need)?;
        (have < need).then_some(Failing::FewApprovers {
            have,
            need,
            step,
            managers,
        })
    }

    /// One of the approvals of `unsubscribe` comes from the instance's team, and nobody approves what they opened.
    fn small_teams(&self) -> impl Iterator<Item = Failing> {
        let asked = self.policy.approvals_of(Guarded::Unsubscribe) > 0;
        let teams = self.teams.iter().filter(move |_| asked);
        teams.filter_map(|(name, team)| {
            let have = self.members(&team.members)?;
            (have < OF_A_TEAM).then(|| Failing::SmallTeam {
                team: name.clone(),
                have,
            })
        })
    }
}
