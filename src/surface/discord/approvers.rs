//! Fresh look-ups of approvers before a permit is given, and of the first teacher before a wording is taught: people who left or
//! lost the role do not count.

use serenity::all::{GuildId, UserId};

use super::workspace_of;
use super::{Bot, role_ids};
use crate::answer::UserError;
use crate::app::{Actor, Settings};
use crate::command::Command;
use crate::domain::authority::Permission;
use crate::domain::id::Person;

impl Bot {
    /// Discards approvals of people who are no longer allowed to approve.
    pub(super) async fn look_up_approvers(
        &self,
        guild: u64,
        actor: &Actor,
        settings: &Settings,
        command: &Command,
    ) -> Result<(), UserError> {
        let at_stake = self.warden.approvals_at_stake(actor, command).await;
        let at_stake = at_stake.map_err(|error| {
            tracing::error!(error = %crate::trace::causes(&error), "approvals could not be read before a permit");
            UserError::RolesUnknown
        })?;
        let Some((change, approvals)) = at_stake else {
            return Ok(());
        };
        let mut gone = Vec::new();
        for approval in approvals {
            let now = self.now_in(guild, settings, &approval.by).await?;
            let counts = now.is_some_and(|now| {
                let team = approval.team.as_ref();
                now.may(Permission::Approve) && team.is_none_or(|team| now.teams.contains(team))
            });
            if !counts {
                gone.push(approval.by);
            }
        }
        if gone.is_empty() {
            return Ok(());
        }
        let dropped = self.warden.drop_approvals(&actor.workspace, change, &gone);
        dropped.await.map_err(|error| {
            tracing::error!(error = %crate::trace::causes(&error), "approvals that do not count could not be dropped");
            UserError::RolesUnknown
        })
    }

    /// Discards the first teacher's word on a wording if they are no longer allowed to teach: the second would be alone.
    pub(super) async fn look_up_teacher(
        &self,
        guild: u64,
        actor: &Actor,
        settings: &Settings,
        command: &Command,
    ) -> Result<(), UserError> {
        let unknown = |error| {
            tracing::error!(error = %crate::trace::causes(&error), "the first word on a wording could not be looked at");
            UserError::RolesUnknown
        };
        let first = self.warden.first_word(actor, command).await;
        let Some((wording, by)) = first.map_err(unknown)? else {
            return Ok(());
        };
        let now = self.now_in(guild, settings, &by).await?;
        if now.is_some_and(|now| now.may(Permission::Teach)) {
            return Ok(());
        }
        let dropped = self.warden.drop_word(&actor.workspace, wording).await;
        dropped.map_err(unknown)
    }

    /// The current member of the guild; `None` after they left.
    async fn now_in(
        &self,
        guild: u64,
        settings: &Settings,
        person: &Person,
    ) -> Result<Option<Actor>, UserError> {
        let Ok(id) = person.id.as_str().parse::<u64>() else {
            return Ok(None);
        };
        let roles = self.roles_of(guild, id).await.map_err(|error| {
            tracing::warn!(error = %error, "a member could not be looked up");
            UserError::RolesUnknown
        })?;
        let Some(roles) = roles else {
            return Ok(None);
        };
        let (guild_id, user) = (GuildId::new(guild.max(1)), UserId::new(id.max(1)));
        let manages = self.guilds.manages(guild_id, user, &roles);
        let workspace = workspace_of(guild);
        Ok(Some(settings.actor(
            &workspace,
            person.clone(),
            &role_ids(&roles),
            manages,
        )))
    }
}
