//! Who somebody is here, from the roles that they have in the chat.

use std::collections::BTreeMap;

use super::{Overrides, Setting};
use crate::domain::authority::Role;
use crate::domain::id::Label;
use crate::domain::team::Team;

impl Overrides {
    /// The roles of the chat that mean a role here.
    pub fn means(&self, role: Role) -> &[Label] {
        for set in self.iter() {
            if let Setting::Role { role: of, means } = &set.setting
                && *of == role
            {
                return means;
            }
        }
        &[]
    }

    /// Whether any role of the chat means a role here.
    pub fn maps_roles(&self) -> bool {
        Role::ALL.iter().any(|role| !self.means(*role).is_empty())
    }

    /// The roles that somebody has here. Until any role is mapped, who manages the server is an admin and everybody else
    /// may look; from then on only the mapping counts, but that who manages the server is an admin while nobody else can be.
    pub fn roles_of(&self, outside: &[Label], manages: bool) -> Vec<Role> {
        if !self.maps_roles() {
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

/// The teams that somebody with these roles of the chat is in.
pub fn teams_of(teams: &BTreeMap<Label, Team>, outside: &[Label]) -> Vec<Label> {
    let is_in = |team: &Team| team.members.iter().any(|role| outside.contains(role));
    let found = teams.iter().filter(|(_, team)| is_in(team));
    found.map(|(name, _)| name.clone()).collect()
}
