//! The Discord roles in the settings: whether they exist, and their number of members.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;

use super::Bot;
use super::api::Call;
use super::workspace_of;
use crate::answer::{Answer, Reply};
use crate::domain::concern::RoleState;
use crate::domain::id::RoleId;
use crate::domain::setting::Setting;
use crate::store::StoreResult;

/// The interval of checks for members of roles: Discord sends no event for them.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

impl Bot {
    /// Checks the roles of each guild once a day, without end.
    pub(super) async fn looks_at_roles_daily(self: &Arc<Self>) -> Infallible {
        loop {
            tokio::time::sleep(LOOKED_AT_EVERY).await;
            for guild in self.guilds.ids() {
                self.looks_at_roles(guild);
            }
        }
    }

    /// Checks the roles of a guild after a command has set some.
    pub(super) fn looks_at_roles_that_were_set(self: &Arc<Self>, guild: u64, reply: &Reply) {
        if let Answer::Set {
            setting: Setting::Role { .. } | Setting::Team { .. },
            ..
        } = &reply.answer
        {
            self.looks_at_roles(guild);
        }
    }

    /// Checks the roles of a guild that its settings refer to.
    pub(super) fn looks_at_roles(self: &Arc<Self>, guild: u64) {
        let bot = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = bot.look_at_roles(guild).await {
                tracing::error!(error = %crate::trace::causes(&error), guild, "what was seen of a server's roles was not recorded");
            }
        });
    }

    async fn look_at_roles(&self, guild: u64) -> StoreResult<()> {
        let workspace = workspace_of(guild);
        // For an unknown guild, all roles would seem deleted.
        if !self.serves(guild)
            || self.guilds.name(guild).is_none()
            || !self.warden.means_roles(&workspace).await?
        {
            return Ok(());
        }
        let counts = self.members_of_roles(guild).await;
        let state_of = |role: &RoleId| {
            let Ok(id) = role.as_str().parse::<u64>() else {
                return RoleState::There;
            };
            if !self.guilds.has_role(guild, id) {
                return RoleState::Gone;
            }
            // Members of @everyone are not counted.
            let count = counts.as_ref().filter(|_| id != guild);
            count.map_or(RoleState::There, |counts| {
                RoleState::Members(counts.get(role.as_str()).copied().unwrap_or_default())
            })
        };
        self.warden.sees_roles(&workspace, state_of).await
    }

    /// The number of members of each role; `None` if Discord does not respond.
    async fn members_of_roles(&self, guild: u64) -> Option<HashMap<String, u64>> {
        let call = Call::new(Method::GET, format!("/guilds/{guild}/roles/member-counts"));
        match self.api.send(&call, None).await {
            Ok(counts) => serde_json::from_value(counts).ok(),
            Err(error) => {
                tracing::info!(guild, error = %error, "how many people have a role is not known");
                None
            }
        }
    }
}
