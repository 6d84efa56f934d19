//! Guilds, their people and channels, and how Discord writes them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::clock::{Id, iso};
use super::permission::Overwrite;

pub(crate) const TEXT: u8 = 0;
pub(crate) const DIRECT: u8 = 1;
pub(crate) const THREAD: u8 = 11;

#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) bot: bool,
    /// Whether a stranger's bot may write to this person.
    pub(crate) takes_messages: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) permissions: u64,
    pub(crate) mentionable: bool,
    /// The bot whose own role this is.
    pub(crate) managed_by: Option<Id>,
}

#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) roles: Vec<Id>,
    pub(crate) joined: DateTime<Utc>,
    pub(crate) nick: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Channel {
    pub(crate) id: Id,
    pub(crate) guild: Option<Id>,
    pub(crate) name: String,
    pub(crate) kind: u8,
    /// Of a thread: the channel it hangs in.
    pub(crate) parent: Option<Id>,
    pub(crate) archived: bool,
    pub(crate) overwrites: Vec<Overwrite>,
    /// Of a direct channel: the person at its other end.
    pub(crate) recipient: Option<Id>,
    pub(crate) at: DateTime<Utc>,
}

#[derive(Debug, Clone)]
pub(crate) struct Guild {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) owner: Id,
    pub(crate) roles: Vec<Role>,
    pub(crate) members: BTreeMap<Id, Member>,
    pub(crate) system_channel: Option<Id>,
    /// During an outage Discord says that it is there and nothing else.
    pub(crate) unavailable: bool,
}

pub(crate) fn id(id: Id) -> Value {
    Value::String(id.to_string())
}

impl User {
    pub(crate) fn json(&self) -> Value {
        json!({
            "id": id(self.id), "username": self.name, "discriminator": if self.bot { "4711" } else { "0" },
            "global_name": if self.bot { Value::Null } else { json!(self.name) },
            "avatar": null, "bot": self.bot, "system": false, "public_flags": 0, "flags": 0, "banner": null,
            "accent_color": null, "avatar_decoration_data": null, "clan": null,
        })
    }
}

impl Role {
    pub(crate) fn json(&self, position: usize) -> Value {
        let tags = self.managed_by.map(|bot| json!({ "bot_id": id(bot) }));
        let mut role = json!({
            "id": id(self.id), "name": self.name, "color": 0, "hoist": false, "icon": null, "unicode_emoji": null,
            "colors": { "primary_color": 0, "secondary_color": null, "tertiary_color": null },
            "position": position, "permissions": self.permissions.to_string(), "managed": tags.is_some(),
            "mentionable": self.mentionable, "flags": 0, "description": null,
        });
        if let Some(tags) = tags {
            role["tags"] = tags;
        }
        role
    }
}

impl Member {
    /// A member without the user it is of, as messages hold it.
    pub(crate) fn json(&self) -> Value {
        json!({
            "nick": self.nick, "avatar": null, "banner": null, "roles": self.roles.iter().map(|role| id(*role)).collect::<Vec<_>>(),
            "joined_at": iso(self.joined), "premium_since": null, "deaf": false, "mute": false, "flags": 0,
            "pending": false, "communication_disabled_until": null, "unusual_dm_activity_until": null,
        })
    }
}

impl Channel {
    pub(crate) fn is_thread(&self) -> bool {
        self.kind == THREAD
    }

    pub(crate) fn json(&self, position: usize, recipient: Option<&User>, bot: Id) -> Value {
        match self.kind {
            DIRECT => json!({
                "id": id(self.id), "type": DIRECT, "last_message_id": null, "flags": 0,
                "recipients": recipient.map(User::json).into_iter().collect::<Vec<_>>(),
            }),
            THREAD => self.thread(bot),
            _ => self.text(position),
        }
    }

    fn text(&self, position: usize) -> Value {
        let overwrites: Vec<Value> = self.overwrites.iter().map(|one| json!({
            "id": id(one.of), "type": u8::from(one.member), "allow": one.allow.to_string(), "deny": one.deny.to_string(),
        })).collect();
        json!({
            "id": id(self.id), "type": self.kind, "guild_id": self.guild.map(id), "name": self.name, "position": position,
            "permission_overwrites": overwrites, "topic": null, "nsfw": false, "last_message_id": null,
            "rate_limit_per_user": 0, "parent_id": self.parent.map(id), "last_pin_timestamp": null, "flags": 0,
        })
    }

    fn thread(&self, bot: Id) -> Value {
        json!({
            "id": id(self.id), "type": THREAD, "guild_id": self.guild.map(id), "name": self.name, "owner_id": id(bot),
            "parent_id": self.parent.map(id), "last_message_id": null, "rate_limit_per_user": 0, "flags": 0,
            "message_count": 0, "member_count": 1, "total_message_sent": 0, "last_pin_timestamp": null,
            "thread_metadata": {
                "archived": self.archived, "auto_archive_duration": 1440, "archive_timestamp": iso(self.at),
                "locked": false, "create_timestamp": iso(self.at),
            },
            "member": {
                "id": id(self.id), "user_id": id(bot), "join_timestamp": iso(self.at), "flags": 1, "muted": false, "mute_config": null,
            },
        })
    }
}

impl Guild {
    pub(crate) fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == name)
    }

    /// What `GET /guilds/{id}` and `GUILD_CREATE` both say.
    pub(crate) fn json(&self) -> Value {
        let roles: Vec<Value> = self
            .roles
            .iter()
            .enumerate()
            .map(|(position, role)| role.json(position))
            .collect();
        let mut guild = json!({
            "id": id(self.id), "name": self.name, "icon": null, "splash": null, "discovery_splash": null,
            "home_header": null, "owner_id": id(self.owner), "region": "deprecated", "afk_channel_id": null, "afk_timeout": 300,
            "widget_enabled": false, "widget_channel_id": null, "verification_level": 0, "roles": roles,
            "default_message_notifications": 0, "mfa_level": 0, "explicit_content_filter": 0, "max_presences": null,
            "max_members": 500_000, "max_video_channel_users": 25, "max_stage_video_channel_users": 50,
        });
        let rest = json!({
            "vanity_url_code": null, "premium_tier": 0, "premium_subscription_count": 0, "preferred_locale": "en-US",
            "system_channel_id": self.system_channel.map(id), "system_channel_flags": 0, "rules_channel_id": null,
            "public_updates_channel_id": null, "safety_alerts_channel_id": null, "hub_type": null, "nsfw": false,
            "nsfw_level": 0, "emojis": [], "stickers": [], "features": ["COMMUNITY"], "application_id": null,
            "description": null, "banner": null, "latest_onboarding_question_id": null, "inventory_settings": null,
            "incidents_data": null, "premium_progress_bar_enabled": false,
        });
        for (key, value) in rest.as_object().into_iter().flatten() {
            guild[key] = value.clone();
        }
        guild
    }
}
