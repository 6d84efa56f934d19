//! What the bot may do in a channel, by Discord's permissions, and that the admins hear of what it lacks there.

use std::sync::Arc;

use reqwest::Method;
use serde_json::Value;
use serenity::all::{PermissionOverwrite, PermissionOverwriteType, Permissions, RoleId};

use super::Bot;
use super::api::{ApiError, Call};
use crate::answer::{Answer, Reply};
use crate::domain::setting::Setting;

/// What the bot needs where it speaks: Discord's name of it, and what is not done without it.
const NEEDED: [(Permissions, &str, &str); 6] = [
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
    /// Looks at what the bot may do in a channel that a command has had it speak in.
    pub(super) fn looks_at_what_was_set(self: &Arc<Self>, guild: u64, reply: &Reply) {
        let Answer::Set { setting, .. } = &reply.answer else {
            return;
        };
        let channel = match setting {
            Setting::Channel { channel, .. } => Some(channel),
            Setting::Team { team, .. } => team.as_ref().and_then(|team| team.channel.as_ref()),
            _ => None,
        };
        if let Some(channel) = channel.and_then(|channel| channel.as_str().parse().ok()) {
            let bot = Arc::clone(self);
            tokio::spawn(async move { bot.tell_lacking(guild, channel).await });
        }
    }

    /// Tells the admins, once, what the bot lacks in a channel, if it lacks anything.
    pub(super) async fn tell_lacking(&self, guild: u64, channel: u64) {
        let held = match self.held(guild, channel).await {
            Ok(held) => held,
            Err(error) => {
                return tracing::warn!(channel, error = %error, "what may be done in a channel is not known");
            }
        };
        let workspace = guild.to_string();
        let settings = self.warden.settings_of(&workspace).await;
        let threads = settings.is_ok_and(|settings| settings.own.threads());
        let lacks = |needed: &&(Permissions, &str, &str)| {
            let (permission, ..) = needed;
            let wanted = threads || *permission != Permissions::CREATE_PUBLIC_THREADS;
            wanted && !held.contains(*permission)
        };
        let lacking: Vec<(&str, &str)> = NEEDED
            .iter()
            .filter(lacks)
            .map(|(_, name, without)| (*name, *without))
            .collect();
        if lacking.is_empty() {
            return;
        }
        let name = channel.to_string();
        let told = self.warden.lacks(&workspace, &name, &lacking).await;
        if let Err(error) = told {
            tracing::error!(error = ?error, channel, "the admins were not told what is lacking in a channel");
        }
    }

    /// What the bot may do in a channel of a guild: what its roles allow, but for what the channel says of everybody, of its
    /// roles and of itself, in Discord's order.
    async fn held(&self, guild: u64, channel: u64) -> Result<Permissions, ApiError> {
        let get = |path: String| Call::new(Method::GET, path);
        let member = format!("/guilds/{guild}/members/{}", self.user);
        let member = self.api.send(&get(member), None).await?;
        let ids = member.get("roles").and_then(Value::as_array);
        let roles: Vec<RoleId> = ids
            .into_iter()
            .flatten()
            .filter_map(|id| id.as_str()?.parse::<u64>().ok())
            .map(|id| RoleId::new(id.max(1)))
            .collect();
        let everywhere = self.guilds.permissions(guild, self.user, &roles);
        if everywhere.contains(Permissions::ADMINISTRATOR) {
            return Ok(Permissions::all());
        }
        let asked = get(format!("/channels/{channel}"));
        let channel = match self.api.send(&asked, None).await {
            Ok(channel) => channel,
            // It is not shown to whoever may not see it.
            Err(error) if error.status() == Some(403) => return Ok(Permissions::empty()),
            Err(error) => return Err(error),
        };
        let own = channel.get("permission_overwrites").cloned();
        let own: Vec<PermissionOverwrite> = own
            .and_then(|own| serde_json::from_value(own).ok())
            .unwrap_or_default();
        let held = in_channel(everywhere, (guild, self.user), (&roles, &own));
        Ok(if held.contains(Permissions::VIEW_CHANNEL) {
            held
        } else {
            Permissions::empty()
        })
    }
}

fn in_channel(
    everywhere: Permissions,
    (guild, user): (u64, u64),
    (roles, own): (&[RoleId], &[PermissionOverwrite]),
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
    [everybody, by_role, itself]
        .into_iter()
        .fold(everywhere, |held, (allow, deny)| (held - deny) | allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearer_word_holds() {
        let word = |kind, allow, deny| PermissionOverwrite { allow, deny, kind };
        let role = |id| PermissionOverwriteType::Role(RoleId::new(id));
        let me = PermissionOverwriteType::Member(serenity::all::UserId::new(9));
        let (view, send) = (Permissions::VIEW_CHANNEL, Permissions::SEND_MESSAGES);
        let none = Permissions::empty();
        let held =
            |own: &[PermissionOverwrite]| in_channel(view | send, (1, 9), (&[RoleId::new(2)], own));
        assert_eq!(held(&[]), view | send);
        let closed = word(role(1), none, view | send);
        assert_eq!(held(std::slice::from_ref(&closed)), none);
        let opened = word(role(2), view | send, none);
        assert_eq!(held(&[opened.clone(), closed.clone()]), view | send);
        let mute = word(me, none, send);
        assert_eq!(held(&[mute, opened, closed]), view);
        assert_eq!(held(&[word(role(3), none, send)]), view | send, "another's");
    }
}
