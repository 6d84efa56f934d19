//! Which roles and channels of a server are meant where somebody sets them: by id, or by name. What the server does not have
//! is said at once; it would be a setting that never works.

use reqwest::Method;
use serde_json::Value;

use super::Bot;
use super::api::{ApiError, Call};
use crate::answer::{Place, UserError};
use crate::app::Actor;
use crate::command::{Command, Facts, InstanceCommand, NONE, SettingsCommand};
use crate::domain::id::Label;
use crate::domain::nearest::nearest;

/// Types of channels that messages are posted in: for text, and for announcements.
const POSTED_IN: [u64; 2] = [0, 5];

impl Bot {
    /// The same command, with ids in the place of names.
    ///
    /// # Errors
    /// [`UserError::NoSuchPlace`], when the server has no such role or channel, or several; [`UserError::PlaceUnknown`],
    /// when Discord does not say.
    pub(super) async fn meant(
        &self,
        guild: u64,
        actor: &Actor,
        mut command: Command,
    ) -> Result<Command, UserError> {
        if !command.deed().is_some_and(|deed| actor.may(deed)) {
            return Ok(command);
        }
        let (mut roles, mut channels): (Vec<&mut Label>, Vec<&mut Label>) = (vec![], vec![]);
        match &mut command {
            Command::Settings(SettingsCommand::Role { roles: all, .. }) => roles.extend(all),
            Command::Settings(SettingsCommand::Team { change, .. }) => {
                roles.extend(change.members.iter_mut().chain(&mut change.mention));
                channels.extend(&mut change.channel);
            }
            Command::Settings(
                SettingsCommand::Channel { channel, .. } | SettingsCommand::Watch { channel, .. },
            ) => channels.push(channel),
            Command::Instance(
                InstanceCommand::Add { facts, .. } | InstanceCommand::Set { facts, .. },
            ) => {
                let Facts { channel, .. } = facts;
                channels.extend(channel);
            }
            _ => {}
        }
        for role in roles {
            *role = self.role_meant(guild, role)?;
        }
        for channel in channels {
            *channel = self.channel_meant(guild, channel).await?;
        }
        Ok(command)
    }

    fn role_meant(&self, guild: u64, said: &Label) -> Result<Label, UserError> {
        let name = said.as_str();
        let id = name.parse().ok();
        if name == NONE || id.is_some_and(|id| self.guilds.has_role(guild, id)) {
            return Ok(said.clone());
        }
        let roles = self.guilds.role_names(guild);
        the_one((Place::Role, name.trim_start_matches('@')), roles)
    }

    async fn channel_meant(&self, guild: u64, said: &Label) -> Result<Label, UserError> {
        let name = said.as_str();
        if name == NONE {
            return Ok(said.clone());
        }
        if let Ok(id) = name.parse() {
            match self.is_at_home(guild, id).await {
                Ok(true) => return Ok(said.clone()),
                Ok(false) => {}
                Err(error) if matches!(error.status(), Some(403 | 404)) => {}
                Err(error) => return Err(unknown(&error)),
            }
        }
        let channels = self.channels_of(guild).await;
        let channels = channels.map_err(|error| unknown(&error))?;
        let named = channels
            .into_iter()
            .map(|channel| (channel.id, channel.name));
        let name = name.trim_start_matches('#');
        the_one((Place::Channel, name), named.collect())
    }

    /// The channels of a guild that messages can be posted in, in the order in which people see them.
    ///
    /// # Errors
    /// [`ApiError`].
    pub(super) async fn channels_of(&self, guild: u64) -> Result<Vec<Channel>, ApiError> {
        let call = Call::new(Method::GET, format!("/guilds/{guild}/channels"));
        let found = self.api.send(&call, None).await?;
        let mut channels: Vec<Channel> = found
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Channel::read)
            .collect();
        channels.sort_by_key(|channel| (channel.position, channel.id));
        Ok(channels)
    }
}

/// A channel of a guild.
#[derive(Debug)]
pub(super) struct Channel {
    /// Its id.
    pub(super) id: u64,
    name: String,
    position: i64,
}

impl Channel {
    fn read(channel: &Value) -> Option<Self> {
        let kind = channel.get("type").and_then(Value::as_u64)?;
        if !POSTED_IN.contains(&kind) {
            return None;
        }
        Some(Self {
            id: channel.get("id")?.as_str()?.parse().ok()?,
            name: channel.get("name")?.as_str()?.to_owned(),
            position: channel
                .get("position")
                .and_then(Value::as_i64)
                .unwrap_or_default(),
        })
    }
}

fn unknown(error: &ApiError) -> UserError {
    tracing::warn!(error = %error, "a channel could not be looked up");
    UserError::PlaceUnknown
}

/// The one that is called so, in whatever case.
fn the_one((what, name): (Place, &str), all: Vec<(u64, String)>) -> Result<Label, UserError> {
    let called = |held: &str| held.to_lowercase() == name.to_lowercase();
    let mut found = all.iter().filter(|(_, held)| called(held));
    if let (Some((id, _)), None) = (found.next(), found.next())
        && let Ok(label) = Label::parse(&id.to_string())
    {
        return Ok(label);
    }
    let several = all.iter().any(|(_, held)| called(held));
    let names = all.iter().map(|(_, held)| held.as_str());
    let near = nearest(name, names).filter(|_| !several);
    Err(UserError::NoSuchPlace {
        what,
        name: name.to_owned(),
        near: near.map(str::to_owned),
        several,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_one_or_is_asked_about() {
        let all = vec![(1, "Leads".to_owned()), (2, "devs".to_owned())];
        let meant = |name: &str| the_one((Place::Role, name), all.clone());
        assert_eq!(meant("leads").unwrap().as_str(), "1");
        let error = meant("leadz").unwrap_err();
        assert!(
            matches!(error, UserError::NoSuchPlace { near: Some(near), .. } if near == "Leads")
        );
        let twice = vec![(1, "ops".to_owned()), (2, "Ops".to_owned())];
        let error = the_one((Place::Channel, "ops"), twice).unwrap_err();
        assert!(matches!(
            error,
            UserError::NoSuchPlace { several: true, .. }
        ));
    }
}
