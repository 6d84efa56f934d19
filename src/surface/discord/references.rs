//! Resolution of roles and channels in settings, by id or name. Unknown ones are rejected at once, because the setting would
//! never work.

use reqwest::Method;
use serde_json::Value;
use serenity::all::PermissionOverwrite;

use super::Bot;
use super::api::{ApiError, ApiResult, Call};
use super::channel_cache::WITHIN;
use super::rights::overwrites;
use crate::answer::{ChatItem, UserError};
use crate::app::Actor;
use crate::command::{Command, InstanceCommand, NONE, SetCommand, SettingsCommand, args};
use crate::domain::id::{ChannelId, RoleId};
use crate::domain::nearest::nearest;

/// Channel types for messages: text and announcements.
const POSTED_IN: [u64; 2] = [0, 5];

impl Bot {
    /// Replaces names in a command by ids.
    ///
    /// [`UserError::NoSuchPlace`] when the server has no such role or channel, or several; [`UserError::PlaceUnknown`] when
    /// Discord does not respond.
    pub(super) async fn resolve_references(
        &self,
        guild: u64,
        actor: &Actor,
        mut command: Command,
    ) -> Result<Command, UserError> {
        if !command
            .permission()
            .is_some_and(|permission| actor.may(permission))
        {
            return Ok(command);
        }
        let (roles, channels) = references(&mut command);
        for role in roles {
            *role = self.role_meant(guild, role)?;
        }
        for channel in channels {
            *channel = self.channel_meant(guild, channel).await?;
        }
        Ok(command)
    }

    fn role_meant(&self, guild: u64, said: &RoleId) -> Result<RoleId, UserError> {
        let name = said.as_str();
        let id = name.parse().ok();
        // @everyone is not in any member's list of roles, so it is not accepted.
        let has = |id| id != guild && self.guilds.has_role(guild, id);
        if name.eq_ignore_ascii_case(NONE) || id.is_some_and(has) {
            return Ok(said.clone());
        }
        let roles = self.guilds.role_names(guild);
        let roles: Vec<NamedItem> = roles
            .into_iter()
            .map(|(id, name)| NamedItem {
                id,
                name,
                public: true,
            })
            .collect();
        resolve_unique(ChatItem::Role, name.trim_start_matches('@'), &roles).map(RoleId::from)
    }

    async fn channel_meant(&self, guild: u64, said: &ChannelId) -> Result<ChannelId, UserError> {
        let name = said.as_str();
        if name.eq_ignore_ascii_case(NONE) {
            return Ok(said.clone());
        }
        if let Ok(id) = name.parse() {
            match self.channel_in(guild, id).await {
                Ok(Some(found)) if takes_messages(&found) => return Ok(said.clone()),
                Ok(_) => {}
                Err(error) if matches!(error.status(), Some(403 | 404)) => {}
                Err(error) => return Err(unknown(&error)),
            }
        }
        let channels = self.channels_of(guild).await;
        let channels = channels.map_err(|error| unknown(&error))?;
        let named: Vec<NamedItem> = channels
            .into_iter()
            .map(|channel| NamedItem {
                public: self.everybody_sees(guild, &channel.own),
                id: channel.id,
                name: channel.name,
            })
            .collect();
        resolve_unique(ChatItem::Channel, name.trim_start_matches('#'), &named).map(ChannelId::from)
    }

    /// The text channels of a guild, by position.
    pub(super) async fn channels_of(&self, guild: u64) -> ApiResult<Vec<Channel>> {
        let call = Call::new(Method::GET, format!("/guilds/{guild}/channels"));
        let found = self.api.send(&call.within(WITHIN), None).await?;
        let mut channels: Vec<Channel> = found
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Channel::read)
            .collect();
        channels.sort_by_key(|channel| (channel.kind, channel.position, channel.id));
        Ok(channels)
    }
}

/// The roles and the channels that a command names.
fn references(command: &mut Command) -> (Vec<&mut RoleId>, Vec<&mut ChannelId>) {
    let (mut roles, mut channels): (Vec<&mut RoleId>, Vec<&mut ChannelId>) = (vec![], vec![]);
    match command {
        Command::Settings(SettingsCommand::Set(SetCommand::Role { roles: all, .. })) => {
            roles.extend(all)
        }
        Command::Settings(SettingsCommand::Set(SetCommand::Team { change, .. })) => {
            roles.extend(change.members.iter_mut().chain(&mut change.mention));
            channels.extend(&mut change.channel);
        }
        Command::Settings(SettingsCommand::Set(SetCommand::Channel { channel, .. })) => {
            channels.push(channel)
        }
        // A channel that is no longer watched may be deleted.
        Command::Settings(SettingsCommand::Set(SetCommand::Watch { channel, sources }))
            if sources
                .iter()
                .any(|source| !source.as_str().eq_ignore_ascii_case(NONE)) =>
        {
            channels.push(channel);
        }
        Command::Instance(
            InstanceCommand::Add(args::AddInstance { facts, .. })
            | InstanceCommand::Set(args::SetInstance { facts, .. }),
        ) => {
            channels.extend(facts.0.channel.iter_mut().flatten());
        }
        _ => {}
    }
    (roles, channels)
}

/// Whether messages can be posted in a channel; not in categories, directories and forums.
fn takes_messages(channel: &Value) -> bool {
    const HOLDERS: [u64; 4] = [4, 14, 15, 16];
    let kind = channel.get("type").and_then(Value::as_u64);
    kind.is_some_and(|kind| !HOLDERS.contains(&kind))
}

#[derive(Debug)]
pub(super) struct Channel {
    pub(super) id: u64,
    /// Its permission overwrites.
    pub(super) own: Vec<PermissionOverwrite>,
    name: String,
    /// Text channels are sorted before announcement channels.
    kind: u64,
    position: i64,
}

impl Channel {
    fn read(channel: &Value) -> Option<Self> {
        let kind = channel.get("type").and_then(Value::as_u64)?;
        if !POSTED_IN.contains(&kind) {
            return None;
        }
        let position = channel.get("position").and_then(Value::as_i64);
        Some(Self {
            id: channel.get("id")?.as_str()?.parse().ok()?,
            own: overwrites(channel),
            name: channel.get("name")?.as_str()?.to_owned(),
            kind,
            position: position.unwrap_or_default(),
        })
    }
}

fn unknown(error: &ApiError) -> UserError {
    tracing::warn!(error = %error, "a channel could not be looked up");
    UserError::PlaceUnknown
}

/// An item that can be given by name.
struct NamedItem {
    id: u64,
    name: String,
    /// Whether everybody in the guild may know of it.
    public: bool,
}

/// The only item with this name, ignoring case.
fn resolve_unique(what: ChatItem, name: &str, all: &[NamedItem]) -> Result<u64, UserError> {
    let called = |held: &&NamedItem| held.name.to_lowercase() == name.to_lowercase();
    let found: Vec<&NamedItem> = all.iter().filter(called).collect();
    if let [one] = found.as_slice() {
        return Ok(one.id);
    }
    let public = all.iter().filter(|held| held.public);
    let near = nearest(name, public.map(|held| held.name.as_str()));
    Err(UserError::NoSuchPlace {
        what,
        name: name.to_owned(),
        near: near.filter(|_| found.is_empty()).map(str::to_owned),
        several: !found.is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{ArgKind, parse_line, verbs};

    /// Lines in which each argument that takes a role or a channel is `7`.
    const LINES: [&str; 6] = [
        "instance add MQ_INST_1080056302921134_BXuIbML7 --name n --region cn-hangzhou --edition platinum --channel 7",
        "instance set orders --channel 7",
        "settings role approver 7",
        "settings team payments --channel 7 --members 7 --mention 7",
        "settings channel alerts 7",
        "settings watch 7 8",
    ];

    #[test]
    fn every_role_and_channel_that_the_grammar_takes_is_resolved() {
        for verb in verbs() {
            let is_reference =
                |kind: &ArgKind| matches!(kind, ArgKind::Channel | ArgKind::Role { .. });
            let declared = verb
                .args
                .iter()
                .filter(|arg| is_reference(&arg.kind))
                .count();
            let path = format!("{} ", verb.path.join(" "));
            let line = LINES.iter().find(|line| line.starts_with(&path));
            let found = line.map_or(0, |line| {
                let mut command = parse_line(line).unwrap();
                let (roles, channels) = references(&mut command);
                let all = roles.iter().map(|role| role.as_str());
                let all = all.chain(channels.iter().map(|channel| channel.as_str()));
                all.filter(|id| *id == "7").count()
            });
            assert_eq!(found, declared, "{path}");
        }
    }

    fn named(id: u64, name: &str, public: bool) -> NamedItem {
        let name = name.to_owned();
        NamedItem { id, name, public }
    }

    #[test]
    fn a_name_means_one_or_is_asked_about() {
        let all = [named(1, "Leads", true), named(2, "devs", true)];
        let resolve_references = |name: &str| resolve_unique(ChatItem::Role, name, &all);
        assert_eq!(resolve_references("leads").unwrap(), 1);
        let error = resolve_references("leadz").unwrap_err();
        assert!(
            matches!(error, UserError::NoSuchPlace { near: Some(near), .. } if near == "Leads")
        );
        let twice = [named(1, "ops", true), named(2, "Ops", true)];
        let error = resolve_unique(ChatItem::Channel, "ops", &twice).unwrap_err();
        assert!(matches!(
            error,
            UserError::NoSuchPlace { several: true, .. }
        ));
    }

    #[test]
    fn nobody_is_told_the_name_of_what_they_may_not_see() {
        let all = [named(1, "secret", false)];
        let error = resolve_unique(ChatItem::Channel, "secrets", &all).unwrap_err();
        assert!(matches!(error, UserError::NoSuchPlace { near: None, .. }));
    }
}
