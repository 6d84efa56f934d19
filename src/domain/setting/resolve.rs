//! Roles and teams of a chat user, by their chat roles.

use std::collections::BTreeMap;

use super::{Overrides, Setting};
use crate::authority::Role;
use crate::id::{RoleId, TeamName};
use crate::team::Team;

impl Overrides {
    /// The chat roles that grant a role.
    pub fn means(&self, role: Role) -> &[RoleId] {
        for set in self.iter() {
            if let Setting::Role { role: of, means } = &set.setting
                && *of == role
            {
                return means;
            }
        }
        &[]
    }

    /// The roles of a chat user. Without a mapping, people who manage the server are admins and everyone else is a viewer. With
    /// one, only the mapping counts, except that people who manage the server stay admins while it has no admin role.
    pub fn roles_of(&self, outside: &[RoleId], manages: bool) -> Vec<Role> {
        if !Role::ALL.iter().any(|role| !self.means(*role).is_empty()) {
            return vec![if manages { Role::Admin } else { Role::Viewer }];
        }
        let orphaned = manages && self.means(Role::Admin).is_empty();
        let holds = |role: &Role| {
            let mapped = self.means(*role).iter().any(|each| outside.contains(each));
            mapped || orphaned && *role == Role::Admin
        };
        Role::ALL.into_iter().filter(holds).collect()
    }
}

/// The teams of a user with these chat roles.
pub fn teams_of(teams: &BTreeMap<TeamName, Team>, outside: &[RoleId]) -> Vec<TeamName> {
    let found = teams
        .iter()
        .filter(|(_, team)| team.members.iter().any(|role| outside.contains(role)));
    found.map(|(name, _)| name.clone()).collect()
}
