//! The bot's permissions in channels, and messages to the admins about missing ones.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use serenity::all::{PermissionOverwrite, PermissionOverwriteType, Permissions, RoleId};
use tokio::time::Instant;

use super::Bot;
use super::api::{ApiResult, Call};
use super::workspace_of;
use crate::answer::{Answer, Reply};
use crate::clock::tick;
use crate::domain::setting::Setting;

/// A permission, Discord's name of it, and the feature that needs it.
type Needed = (Permissions, &'static str, &'static str);

/// Discord's channel types of threads.
const THREADS: [u64; 3] = [10, 11, 12];
/// The shortest interval between checks of a channel after a rejection.
const AGAIN: Duration = Duration::from_secs(600);

/// The permissions for answering mentions in a thread.
const NEEDED_IN_THREAD: [Needed; 2] = [
    (
        Permissions::VIEW_CHANNEL,
        "View Channel",
        "nothing can be posted",
    ),
    (
        Permissions::SEND_MESSAGES_IN_THREADS,
        "Send Messages in Threads",
        "nobody is answered in the discussion of a change",
    ),
];

/// The permissions for posting in a channel.
const NEEDED: [Needed; 6] = [
    (
        Permissions::VIEW_CHANNEL,
        "View Channel",
        "nothing can be posted",
    ),
    (
        Permissions::SEND_MESSAGES,
        "Send Messages",
        "nothing can be posted",
    ),
    (
        Permissions::EMBED_LINKS,
        "Embed Links",
        "nothing can be posted, since I speak in cards",
    ),
    (
        Permissions::ATTACH_FILES,
        "Attach Files",
        "what is too long for a card cannot be posted",
    ),
    (
        Permissions::READ_MESSAGE_HISTORY,
        "Read Message History",
        "a message may be posted twice after an outage",
    ),
    (
        Permissions::CREATE_PUBLIC_THREADS,
        "Create Public Threads",
        "changes have no discussion thread (`/settings threads switch:off` goes without)",
    ),
];

impl Bot {
    /// Checks the permissions in a channel after a command has set it.
    pub(super) fn looks_at_what_was_set(self: &Arc<Self>, guild: u64, reply: &Reply) {
        let Answer::Set { setting, .. } = &reply.answer else {
            return;
        };
        let channel = match setting {
            Setting::Channel { channel, .. } => channel.as_ref(),
            Setting::Team { team, .. } => team.as_ref().and_then(|team| team.channel.as_ref()),
            _ => None,
        };
        if let Some(channel) = channel.and_then(|channel| channel.as_str().parse().ok()) {
            let bot = Arc::clone(self);
            tokio::spawn(async move { bot.look_at(guild, channel).await });
        }
    }

    /// Tells the admins about missing permissions after a rejection in a channel, unless it was checked recently.
    pub(super) async fn tell_lacking(&self, guild: u64, channel: u64) {
        if self.looked.is_due(guild, channel, tick()) {
            self.look_at(guild, channel).await;
        }
    }

    async fn look_at(&self, guild: u64, channel: u64) {
        let (held, needed) = match self.held(guild, channel).await {
            Ok(Some(found)) => found,
            // The channel belongs to another guild, or the guild is not known yet.
            Ok(None) => return,
            Err(error) => {
                return tracing::warn!(channel, error = %error, "what may be done in a channel is not known");
            }
        };
        let workspace = workspace_of(guild);
        let settings = self.warden.settings_of(&workspace).await;
        let threads = settings.is_ok_and(|settings| settings.own.threads());
        let lacks = |needed: &&Needed| {
            let (permission, ..) = needed;
            let wanted = threads || *permission != Permissions::CREATE_PUBLIC_THREADS;
            wanted && !held.contains(*permission)
        };
        let lacking = needed.iter().filter(lacks);
        let mut lacking: Vec<(&str, &str)> = lacking
            .map(|(_, name, without)| (*name, *without))
            .collect();
        if !held.contains(Permissions::VIEW_CHANNEL) {
            // Without View Channel, the others are reported once it is granted.
            lacking.truncate(1);
        }
        if lacking.is_empty() {
            return;
        }
        let told = self
            .warden
            .lacks(&workspace, &channel.into(), &lacking)
            .await;
        if let Err(error) = told {
            tracing::error!(error = %crate::trace::causes(&error), channel, "the admins were not told what is lacking in a channel");
        }
    }

    /// The permissions of the bot in a channel, and those that it needs there.
    async fn held(
        &self,
        guild: u64,
        channel: u64,
    ) -> ApiResult<Option<(Permissions, &'static [Needed])>> {
        let Some((roles, everywhere)) = self.own(guild).await? else {
            return Ok(None);
        };
        let found = match self.channel_in(guild, channel).await {
            Ok(found) => found,
            // Discord denies access to a channel that the bot cannot see.
            Err(error) if error.status() == Some(403) => {
                let known = self.channel_cache.knows(guild, channel);
                return Ok(known.then_some((Permissions::empty(), &NEEDED)));
            }
            Err(error) => return Err(error),
        };
        let Some(found) = found else {
            return Ok(None);
        };
        let kind = found.get("type").and_then(Value::as_u64);
        // A thread has the permissions of its channel.
        let parent = found.get("parent_id").and_then(Value::as_str);
        let parent = parent.and_then(|parent| parent.parse().ok());
        let (own, needed) =
            match parent.filter(|_| kind.is_some_and(|kind| THREADS.contains(&kind))) {
                Some(parent) => {
                    let parent = self.channel_in(guild, parent).await?;
                    (parent.as_ref().map(overwrites), &NEEDED_IN_THREAD[..])
                }
                None => (Some(overwrites(&found)), &NEEDED[..]),
            };
        let own = own.unwrap_or_default();
        let held = in_channel(everywhere, guild, self.user, &roles, &own);
        Ok(Some((held, needed)))
    }

    /// The first text channels of a guild in which the bot may post.
    pub(super) async fn speaks_in(&self, guild: u64, most: usize) -> ApiResult<Vec<u64>> {
        let Some((roles, everywhere)) = self.own(guild).await? else {
            return Ok(Vec::new());
        };
        let speaks =
            Permissions::VIEW_CHANNEL | Permissions::SEND_MESSAGES | Permissions::EMBED_LINKS;
        let channels = self.channels_of(guild).await?;
        let may = channels.into_iter().filter(|channel| {
            in_channel(everywhere, guild, self.user, &roles, &channel.own).contains(speaks)
        });
        Ok(may.take(most).map(|channel| channel.id).collect())
    }

    /// Whether everybody in the guild sees a channel with these overwrites.
    pub(super) fn everybody_sees(&self, guild: u64, own: &[PermissionOverwrite]) -> bool {
        let everywhere = self.guilds.permissions(guild, 0, &[]);
        everywhere.is_some_and(|everywhere| {
            in_channel(everywhere, guild, 0, &[], own).contains(Permissions::VIEW_CHANNEL)
        })
    }

    /// The current roles of a member; `None` if they are not in the guild.
    pub(super) async fn roles_of(&self, guild: u64, user: u64) -> ApiResult<Option<Vec<RoleId>>> {
        let call = Call::new(Method::GET, format!("/guilds/{guild}/members/{user}"));
        let member = match self.api.send(&call, None).await {
            Ok(member) => member,
            Err(error) if error.status() == Some(404) => return Ok(None),
            Err(error) => return Err(error),
        };
        let ids = member.get("roles").and_then(Value::as_array);
        let ids = ids.into_iter().flatten();
        let ids = ids.filter_map(|id| id.as_str()?.parse::<u64>().ok());
        Ok(Some(ids.map(|id| RoleId::new(id.max(1))).collect()))
    }

    /// The bot's roles in a guild, and its permissions without channel overwrites; `None` if it is not in the guild, or the guild
    /// is not known yet.
    async fn own(&self, guild: u64) -> ApiResult<Option<(Vec<RoleId>, Permissions)>> {
        let roles = self.roles_of(guild, self.user).await?;
        Ok(roles.and_then(|roles| {
            let everywhere = self.guilds.permissions(guild, self.user, &roles)?;
            Some((roles, everywhere))
        }))
    }
}

/// The permission overwrites of a channel.
pub(super) fn overwrites(channel: &Value) -> Vec<PermissionOverwrite> {
    let own = channel.get("permission_overwrites").cloned();
    own.and_then(|own| serde_json::from_value(own).ok())
        .unwrap_or_default()
}

/// The times of the last checks of channels.
#[derive(Debug, Default)]
pub(super) struct Looked(Mutex<HashMap<(u64, u64), Instant>>);

impl Looked {
    /// Whether a check of a channel is due; records it if so.
    fn is_due(&self, guild: u64, channel: u64, now: Instant) -> bool {
        let mut looked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        looked.retain(|_, at| now.duration_since(*at) < AGAIN);
        // Rejections in between do not postpone the next check.
        match looked.entry((guild, channel)) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert(now);
                true
            }
        }
    }
}

/// The permissions of a member in a channel: those of their roles, with the overwrites for @everyone, roles and member in
/// Discord's order. None without View Channel.
fn in_channel(
    everywhere: Permissions,
    guild: u64,
    user: u64,
    roles: &[RoleId],
    own: &[PermissionOverwrite],
) -> Permissions {
    let of = |meant: &dyn Fn(&PermissionOverwriteType) -> bool| {
        let none = (Permissions::empty(), Permissions::empty());
        own.iter()
            .filter(|one| meant(&one.kind))
            .fold(none, |(allow, deny), one| {
                (allow | one.allow, deny | one.deny)
            })
    };
    let everybody =
        of(&|kind| matches!(kind, PermissionOverwriteType::Role(role) if role.get() == guild));
    let by_role = of(
        &|kind| matches!(kind, PermissionOverwriteType::Role(role) if role.get() != guild && roles.contains(role)),
    );
    let itself =
        of(&|kind| matches!(kind, PermissionOverwriteType::Member(member) if member.get() == user));
    if everywhere.contains(Permissions::ADMINISTRATOR) {
        return Permissions::all();
    }
    let held = [everybody, by_role, itself]
        .into_iter()
        .fold(everywhere, |held, (allow, deny)| (held - deny) | allow);
    if held.contains(Permissions::VIEW_CHANNEL) {
        held
    } else {
        Permissions::empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_looked_again_however_often_something_is_refused() {
        let looked = Looked::default();
        let began = tick();
        let due = |minutes: u64| {
            let now = began + Duration::from_secs(60 * minutes);
            looked.is_due(1, 2, now)
        };
        let looks: Vec<u64> = (0..35).filter(|minutes| due(*minutes)).collect();
        assert_eq!(looks, [0, 10, 20, 30]);
    }

    #[test]
    fn the_nearer_word_holds() {
        let word = |kind, allow, deny| PermissionOverwrite { allow, deny, kind };
        let role = |id| PermissionOverwriteType::Role(RoleId::new(id));
        let me = PermissionOverwriteType::Member(serenity::all::UserId::new(9));
        let (view, send) = (Permissions::VIEW_CHANNEL, Permissions::SEND_MESSAGES);
        let none = Permissions::empty();
        let held =
            |own: &[PermissionOverwrite]| in_channel(view | send, 1, 9, &[RoleId::new(2)], own);
        assert_eq!(held(&[]), view | send);
        assert_eq!(held(&[word(role(2), none, view)]), none, "not seen");
        let closed = word(role(1), none, view | send);
        assert_eq!(held(std::slice::from_ref(&closed)), none);
        let opened = word(role(2), view | send, none);
        assert_eq!(held(&[opened.clone(), closed.clone()]), view | send);
        let mute = word(me, none, send);
        assert_eq!(held(&[mute, opened, closed]), view);
        assert_eq!(held(&[word(role(3), none, send)]), view | send, "another's");
    }
}
