//! Who is pinged by a message.

use serenity::all::{CreateAllowedMentions, RoleId, UserId};

use super::DiscordChat;
use crate::app::{Role, Settings};
use crate::delivery::Outgoing;
use crate::domain::effect::Mention;
use crate::surface::discord::markdown::escaped;
use crate::surface::discord::wire::MessageBody;

/// The number of instances that a notification names.
const NAMED: usize = 2;

impl DiscordChat {
    /// The mentions of a message, with an explicit list of allowed pings. An unmapped or deleted role is only named; for a team
    /// that cannot be pinged, the approvers are pinged instead; while no role maps to admin, the guild's owner is. Ids are unique,
    /// because Discord rejects a list with duplicates.
    pub(super) fn calling(
        &self,
        guild: u64,
        settings: &Settings,
        message: &Outgoing,
        body: MessageBody,
    ) -> MessageBody {
        let mentions = &message.mentions;
        let (mut users, mut roles, mut shown) = (Vec::new(), Vec::new(), Vec::new());
        // A deleted role pings nobody and would be displayed as a number.
        let known = self.bot.guilds.name(guild).is_some();
        let exists = |id: &str| {
            let id = id.parse::<u64>();
            id.is_ok_and(|id| !known || self.bot.guilds.has_role(guild, id))
        };
        // It has no role here: its name may be mistyped, or nobody has said whom to mention.
        let is_mute = |mention: &Mention| matches!(mention, Mention::Team(role) if !exists(role));
        let instead = mentions.iter().any(is_mute);
        let instead = instead.then(|| Mention::of_role(Role::Approver));
        for mention in mentions.iter().chain(&instead) {
            let (mut meant, mut people) = (Vec::new(), Vec::new());
            match mention {
                Mention::Person { id, .. } => people.push(id.to_string()),
                Mention::Role(word) => {
                    let role = Role::from_word(word);
                    let outside = role.map_or(&[][..], |role| settings.outside(role));
                    meant.extend(outside.iter().map(|id| id.as_str().to_owned()));
                }
                Mention::Team(role) => meant.push(role.clone()),
            }
            meant.retain(|id| exists(id));
            if meant.is_empty() && *mention == Mention::Role(Role::Admin.as_str().to_owned()) {
                let owner = self.bot.guilds.owner(guild);
                people.extend(owner.map(|owner| owner.to_string()));
            }
            people.retain(|id| is_id(id));
            if meant.is_empty() && people.is_empty() {
                let name = match mention {
                    Mention::Role(word) => word.clone(),
                    Mention::Team(role) if is_id(role) => "deleted-role".to_owned(),
                    Mention::Person { .. } | Mention::Team(_) => mention.to_string(),
                };
                shown.push(escaped(&format!("@{name}")));
            }
            for id in people {
                if !users.contains(&id) {
                    shown.push(format!("<@{id}>"));
                    users.push(id);
                }
            }
            for id in meant {
                if !roles.contains(&id) {
                    shown.push(format!("<@&{id}>"));
                    roles.push(id);
                }
            }
        }
        let ids = |all: Vec<String>| all.into_iter().filter_map(|id| id.parse().ok());
        let allowed = CreateAllowedMentions::new()
            .users(ids(users).filter(|id| *id > 0).map(UserId::new))
            .roles(ids(roles).filter(|id| *id > 0).map(RoleId::new));
        if !shown.is_empty() {
            shown.extend(subject(message));
        }
        MessageBody {
            content: Some(shown.join(" ")),
            allowed_mentions: allowed.replied_user(false),
            ..body
        }
    }
}

/// The subject of a message in a few words: the notification on a locked phone shows the mentions and this, and no card.
fn subject(message: &Outgoing) -> Option<String> {
    let named: Vec<String> = message.instances.iter().map(|name| escaped(name)).collect();
    let (names, more) = named.split_at_checked(NAMED).unwrap_or((&named, &[]));
    let more = match more.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let kind = message.kind.as_str();
    (!names.is_empty()).then(|| format!("{kind}: {}{more}", names.join(", ")))
}

fn is_id(text: &str) -> bool {
    text.parse::<u64>().is_ok()
}
