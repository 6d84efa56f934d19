//! Concerns of a workspace as a whole: failing safeguards. Derived in one place, from its settings, the roles of its chat, its
//! imports, and unreadable rows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::rungs::LADDER;
use crate::Timestamp;
use crate::authority::Role;
use crate::fact::is_ahead;
use crate::id::{InstanceId, Region, RoleId, TeamName};
use crate::reminder::Cadence;
use crate::setting::{Guarded, Overrides};
use crate::team::{Policy, Team};

/// A team needs a requester and an approver.
const OF_A_TEAM: u64 = 2;
/// The announcements of a stale import, in hours: it endangers nothing by itself, and the weekly digest names it.
const STALE: [i32; 1] = [0];

/// A failing safeguard.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Failing {
    /// A role that the settings name is gone from the chat.
    RoleGone { role: RoleId, meant: Meaning },
    /// The approver roles have fewer members than a step needs approvals.
    FewApprovers {
        /// The upper limit of approvers.
        have: u64,
        /// The approvals needed.
        need: u64,
        step: Guarded,
        /// Whether people who manage the server may approve too.
        managers: bool,
    },
    /// A team has too few members for one to approve another's change.
    SmallTeam {
        team: TeamName,
        /// The upper limit of members.
        have: u64,
    },
    /// Nobody is called for a team that instances belong to.
    TeamNotCalled {
        team: TeamName,
        /// Whether it is described, without a role to mention.
        described: bool,
    },
    /// The last import is older than the configuration allows, or dated ahead of the clock.
    ImportStale { last: Timestamp },
    /// A listing that lacks many instances is on hold.
    ListingHeld {
        region: Region,
        /// The accounts it is of; empty: all of the region.
        accounts: BTreeSet<String>,
        number: u64,
        /// The name of the file.
        label: String,
        lacks: usize,
    },
    /// Unreadable rows, which nothing else reports.
    Unreadable(Unreadable),
}

/// The use of a chat role in the settings.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// It grants a role of the workspace.
    Role(Role),
    /// It makes its members members of a team.
    Members(TeamName),
    /// It is mentioned for a team.
    Mention(TeamName),
}

/// Something with unreadable rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unreadable {
    Instance(InstanceId),
    Change(u64),
    Notice(u64),
}

impl Unreadable {
    /// The stored word.
    pub fn word(&self) -> String {
        match self {
            Self::Instance(id) => format!("instance {id}"),
            Self::Change(number) => format!("change {number}"),
            Self::Notice(number) => format!("notice {number}"),
        }
    }

    /// Parses a stored word.
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
    /// The key that identifies it in its workspace; independent of the numbers in it.
    pub fn key(&self) -> String {
        match self {
            Self::RoleGone { role, meant } => match meant {
                Meaning::Role(as_role) => format!("role-gone {role} {as_role}"),
                Meaning::Members(team) => format!("role-gone {role} members {team}"),
                Meaning::Mention(team) => format!("role-gone {role} mention {team}"),
            },
            Self::FewApprovers { .. } => "few-approvers".to_owned(),
            Self::SmallTeam { team, .. } => format!("small-team {team}"),
            Self::TeamNotCalled { team, .. } => format!("team-not-called {team}"),
            Self::ImportStale { .. } => "import-stale".to_owned(),
            // By what it is of, because a daily listing is put on hold every day.
            Self::ListingHeld {
                region, accounts, ..
            } => {
                let mut key = format!("listing-held {region}");
                for account in accounts {
                    key.extend([" ", account]);
                }
                key
            }
            Self::Unreadable(subject) => format!("unreadable {}", subject.word()),
        }
    }

    /// The role that can settle it.
    pub const fn owner(&self) -> Role {
        match self {
            Self::ImportStale { .. } | Self::ListingHeld { .. } => Role::Approver,
            Self::RoleGone { .. }
            | Self::FewApprovers { .. }
            | Self::SmallTeam { .. }
            | Self::TeamNotCalled { .. }
            | Self::Unreadable(_) => Role::Admin,
        }
    }

    /// The hours after the start at which it is announced.
    pub fn rungs(&self) -> &'static [i32] {
        match self {
            Self::ImportStale { .. } => &STALE,
            // The reply to what named the team has said it, and the approvers are called in its place.
            Self::TeamNotCalled { .. } => &[],
            // The import itself was announced immediately.
            Self::ListingHeld { .. } => LADDER.get(1..).unwrap_or_default(),
            Self::RoleGone { .. }
            | Self::FewApprovers { .. }
            | Self::SmallTeam { .. }
            | Self::Unreadable(_) => &LADDER,
        }
    }
}

/// A concern of a workspace as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WorkspaceConcern {
    pub failing: Failing,
    pub since: Timestamp,
}

/// The last known state of a chat role.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SeenRole {
    pub role: RoleId,
    pub seen: RoleState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoleState {
    /// It exists, with this many members.
    Members(u64),
    /// It exists, with an unknown number of members.
    There,
    Gone,
}

/// A listing on hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldListing {
    pub region: Region,
    /// The accounts it is of; empty: all of the region.
    pub accounts: BTreeSet<String>,
    /// The number of the import.
    pub number: u64,
    /// The name of the file.
    pub label: String,
    pub lacks: usize,
    /// The time of the import.
    pub at: Timestamp,
}

/// A stored concern: its start, and its announcements so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConcernRecord {
    pub key: String,
    pub since: Timestamp,
    /// The number of rungs announced.
    pub told: usize,
}

/// The input of [`workspace_concerns`].
#[derive(Debug, Clone, Copy)]
pub struct WorkspaceFacts<'a> {
    /// The settings of the workspace.
    pub own: &'a Overrides,
    pub teams: &'a BTreeMap<TeamName, Team>,
    /// The teams that tracked instances belong to.
    pub named: &'a [TeamName],
    pub policy: &'a Policy,
    /// The roles of its chat.
    pub roles: &'a [SeenRole],
    /// The time of the last import.
    pub imported: Option<Timestamp>,
    /// The age at which the last import is stale; `None` means never.
    pub stale_after: Option<TimeDelta>,
    pub held: &'a [HeldListing],
    pub unreadable: &'a [Unreadable],
    /// The concerns of the last evaluation.
    pub kept: &'a [ConcernRecord],
}

/// The chat roles that the settings name.
pub fn meant_roles<'a>(
    own: &'a Overrides,
    teams: &'a BTreeMap<TeamName, Team>,
) -> BTreeSet<&'a RoleId> {
    let roles = Role::ALL.iter().flat_map(|role| own.means(*role));
    let teams = teams.values();
    let teams = teams.flat_map(|team| team.members.iter().chain(&team.mention));
    roles.chain(teams).collect()
}

pub fn workspace_concerns(facts: &WorkspaceFacts<'_>, now: Timestamp) -> Vec<WorkspaceConcern> {
    let mut all: Vec<(Failing, Option<Timestamp>)> = Vec::new();
    let undated = |failing| (failing, None);
    all.extend(facts.roles_gone().map(undated));
    all.extend(facts.few_approvers().map(undated));
    all.extend(facts.small_teams().map(undated));
    all.extend(facts.not_called().map(undated));
    let stale = facts.stale_from().zip(facts.imported);
    all.extend(stale.and_then(|(from, last)| {
        // When it was is not known.
        let ahead = is_ahead(last, now);
        let since = (!ahead).then_some(from);
        (ahead || from <= now).then_some((Failing::ImportStale { last }, since))
    }));
    all.extend(facts.held.iter().map(|held| {
        let failing = Failing::ListingHeld {
            region: held.region.clone(),
            accounts: held.accounts.clone(),
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
        // A start dated ahead comes from a wrong clock.
        since: since
            .or_else(|| facts.kept(&failing).map(|kept| kept.since))
            .map_or(now, |since| since.min(now)),
        failing,
    });
    dated.collect()
}

/// The next moment at which a concern may start by time alone.
pub fn next_workspace_turn(facts: &WorkspaceFacts<'_>, now: Timestamp) -> Option<Timestamp> {
    facts.stale_from().filter(|from| *from > now)
}

impl WorkspaceConcern {
    /// The times of its announcements: each rung, outside quiet hours.
    fn due(&self, cadence: &Cadence) -> impl Iterator<Item = Timestamp> {
        let rungs = self.failing.rungs().iter();
        rungs.map(|hours| cadence.disturbable(self.since + TimeDelta::hours((*hours).into())))
    }

    /// The number of rungs passed.
    pub fn told_by(&self, cadence: &Cadence, now: Timestamp) -> usize {
        self.due(cadence).filter(|at| *at <= now).count()
    }

    /// The time of the next rung.
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

    fn seen(&self, role: &RoleId) -> Option<RoleState> {
        let mut roles = self.roles.iter();
        let seen = roles.find(|seen| seen.role == *role);
        seen.map(|seen| seen.seen)
    }

    /// The upper limit of people with these roles; `None` if one is unknown, or there are none.
    fn members(&self, roles: &[RoleId]) -> Option<u64> {
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
        roles.chain(teams).filter_map(|(id, meant)| {
            let is_gone = self.seen(id) == Some(RoleState::Gone);
            is_gone.then(|| Failing::RoleGone {
                role: id.clone(),
                meant,
            })
        })
    }

    /// Admins may approve too. Without an admin role, everyone who manages the server may.
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

    fn not_called(&self) -> impl Iterator<Item = Failing> {
        self.named.iter().filter_map(|name| {
            let team = self.teams.get(name);
            let called = team.is_some_and(|team| team.mention.is_some());
            (!called).then(|| Failing::TeamNotCalled {
                team: name.clone(),
                described: team.is_some(),
            })
        })
    }

    /// One approval of `unsubscribe` must come from the instance's team, and owners do not approve their own change.
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
