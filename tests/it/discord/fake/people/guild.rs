//! A guild, how it comes to be and what is done to it.

use std::collections::BTreeMap;

use serde_json::json;

use super::Person;
use crate::discord::fake::FakeDiscord;
use crate::discord::fake::clock::Id;
use crate::discord::fake::gateway::session::{GUILD_MEMBERS, GUILDS};
use crate::discord::fake::model::{self, Channel, Member, Role, TEXT, User, id};
use crate::discord::fake::permission::{EVERYONE, Overwrite};
use crate::discord::fake::world::{Shared, World};

/// The handle of a guild.
#[derive(Debug, Clone)]
pub(crate) struct Guild {
    pub(crate) shared: Shared,
    pub(crate) id: Id,
}

impl FakeDiscord {
    /// A guild with the bot in it, and nothing else yet but its founder.
    pub(crate) fn guild(&self, name: &str) -> Guild {
        let guild = self.guild_without_bot(name);
        guild.invites_bot();
        guild
    }

    pub(crate) fn guild_without_bot(&self, name: &str) -> Guild {
        let id = self.shared.touch(|world| {
            let founder = world.user(&format!("founder-of-{name}"));
            let id = world.time.id();
            let everyone = Role {
                id,
                name: "@everyone".to_owned(),
                permissions: EVERYONE,
                mentionable: false,
                managed_by: None,
            };
            let member = world.fresh_member(Vec::new());
            let guild = model::Guild {
                id,
                name: name.to_owned(),
                owner: founder,
                roles: vec![everyone],
                members: BTreeMap::from([(founder, member)]),
                system_channel: None,
                unavailable: false,
            };
            world.guilds.insert(id, guild);
            id
        });
        Guild {
            shared: self.shared.clone(),
            id,
        }
    }
}

impl World {
    /// Somebody by name, the same in all guilds.
    fn user(&mut self, name: &str) -> Id {
        let known = self.users.values().find(|user| user.name == name);
        if let Some(known) = known {
            return known.id;
        }
        let id = self.time.id();
        let user = User {
            id,
            name: name.to_owned(),
            bot: false,
            takes_messages: true,
        };
        self.users.insert(id, user);
        id
    }

    fn fresh_member(&self, roles: Vec<Id>) -> Member {
        Member {
            roles,
            joined: self.time.now(),
            nick: None,
        }
    }

    fn role_named(&self, guild: Id, name: &str) -> Id {
        match self.guilds[&guild].role(name) {
            Some(role) => role.id,
            None => panic!("there is no role {name}"),
        }
    }
}

impl Guild {
    fn of_guild<R>(&self, touch: impl FnOnce(&mut model::Guild) -> R) -> R {
        self.shared
            .touch(|world| touch(world.guilds.get_mut(&self.id).unwrap()))
    }

    pub(crate) fn channel(self, name: &str) -> Self {
        self.shared.touch(|world| {
            let number = world.time.id();
            let channel = Channel {
                id: number,
                guild: Some(self.id),
                name: name.to_owned(),
                kind: TEXT,
                parent: None,
                archived: false,
                overwrites: Vec::new(),
                recipient: None,
                at: world.time.now(),
            };
            world.channels.insert(number, channel);
            let json = world.channel_json(number);
            world.emit_in(self.id, "CHANNEL_CREATE", GUILDS, json);
        });
        self
    }

    /// The channel where Discord itself welcomes people.
    pub(crate) fn system_channel(self, name: &str) -> Self {
        let channel = self.channel_id(name);
        self.of_guild(|guild| guild.system_channel = Some(channel));
        self
    }

    /// A role that gives nothing and may be mentioned by anybody.
    pub(crate) fn role(self, name: &str) -> Self {
        self.role_with(name, 0, true)
    }

    pub(crate) fn role_with(self, name: &str, permissions: u64, mentionable: bool) -> Self {
        self.shared.touch(|world| {
            let role = Role {
                id: world.time.id(),
                name: name.to_owned(),
                permissions,
                mentionable,
                managed_by: None,
            };
            let json = role.json(1);
            world.guilds.get_mut(&self.id).unwrap().roles.push(role);
            world.emit_in(
                self.id,
                "GUILD_ROLE_CREATE",
                GUILDS,
                json!({ "role": json }),
            );
        });
        self
    }

    pub(crate) fn member(&self, name: &str, roles: &[&str]) -> Person {
        let user = self.shared.touch(|world| {
            let user = world.user(name);
            let roles = roles.iter().map(|role| world.role_named(self.id, role));
            let member = world.fresh_member(roles.collect());
            world
                .guilds
                .get_mut(&self.id)
                .unwrap()
                .members
                .insert(user, member);
            user
        });
        Person {
            shared: self.shared.clone(),
            user,
            guild: self.id,
            name: name.to_owned(),
        }
    }

    /// Another application's bot.
    pub(crate) fn bot(&self, name: &str) -> Person {
        let bot = self.member(name, &[]);
        self.shared.touch(|world| {
            if let Some(user) = world.users.get_mut(&bot.user) {
                user.bot = true;
            }
        });
        bot
    }

    /// The one to whom the guild belongs, who may do everything.
    pub(crate) fn owner(&self, name: &str) -> Person {
        let person = self.member(name, &[]);
        self.of_guild(|guild| guild.owner = person.user);
        person
    }

    pub(crate) fn channel_id(&self, name: &str) -> Id {
        self.shared.look(|world| world.channel_named(self.id, name))
    }

    pub(crate) fn role_id(&self, name: &str) -> Id {
        self.shared.look(|world| world.role_named(self.id, name))
    }

    pub(crate) fn gives_role(&self, person: &str, role: &str) {
        self.changes_roles(person, |roles, role| roles.push(role), role);
    }

    pub(crate) fn removes_role(&self, person: &str, role: &str) {
        self.changes_roles(person, |roles, role| roles.retain(|one| *one != role), role);
    }

    fn changes_roles(&self, person: &str, change: impl FnOnce(&mut Vec<Id>, Id), role: &str) {
        self.shared.touch(|world| {
            let (user, role) = (world.user(person), world.role_named(self.id, role));
            let guild = world.guilds.get_mut(&self.id).unwrap();
            change(&mut guild.members.get_mut(&user).unwrap().roles, role);
            world.say(format!("the roles of {person} change"));
            let json = world.member_json(self.id, user);
            world.emit_in(self.id, "GUILD_MEMBER_UPDATE", GUILD_MEMBERS, json);
        });
    }

    /// Somebody leaves or is thrown out.
    pub(crate) fn loses(&self, person: &str) {
        self.shared.touch(|world| {
            let user = world.user(person);
            world
                .guilds
                .get_mut(&self.id)
                .unwrap()
                .members
                .remove(&user);
            let json = json!({ "user": world.user_json(user) });
            world.emit_in(self.id, "GUILD_MEMBER_REMOVE", GUILD_MEMBERS, json);
        });
    }

    /// Takes permissions from the bot in one channel.
    pub(crate) fn denies_bot(&self, channel: &str, permissions: u64) {
        let channel = self.channel_id(channel);
        self.shared.touch(|world| {
            let denied = Overwrite {
                of: world.bot.id,
                member: true,
                allow: 0,
                deny: permissions,
            };
            world.channels.get_mut(&channel).unwrap().overwrites = vec![denied];
            let json = world.channel_json(channel);
            world.emit_in(self.id, "CHANNEL_UPDATE", GUILDS, json);
        });
    }

    pub(crate) fn deletes_channel(&self, name: &str) {
        let channel = self.channel_id(name);
        self.shared.touch(|world| {
            let json = world.channel_json(channel);
            world
                .channels
                .retain(|id, one| *id != channel && one.parent != Some(channel));
            world.messages.retain(|_, one| one.channel != channel);
            world.emit_in(self.id, "CHANNEL_DELETE", GUILDS, json);
        });
    }

    pub(crate) fn deletes_role(&self, name: &str) {
        self.shared.touch(|world| {
            let role = world.role_named(self.id, name);
            let guild = world.guilds.get_mut(&self.id).unwrap();
            guild.roles.retain(|one| one.id != role);
            for member in guild.members.values_mut() {
                member.roles.retain(|one| *one != role);
            }
            let json = json!({ "role_id": id(role) });
            world.emit_in(self.id, "GUILD_ROLE_DELETE", GUILDS, json);
        });
    }

    pub(crate) fn invites_bot(&self) {
        self.shared.touch(|world| {
            let role = Role {
                id: world.time.id(),
                name: world.bot.name.clone(),
                permissions: EVERYONE,
                mentionable: false,
                managed_by: Some(world.bot.id),
            };
            let member = world.fresh_member(vec![role.id]);
            let bot = world.bot.id;
            let guild = world.guilds.get_mut(&self.id).unwrap();
            guild.roles.push(role);
            guild.members.insert(bot, member);
            let json = world.guild_create_json(self.id, false);
            world.emit("GUILD_CREATE", GUILDS, json);
        });
    }

    pub(crate) fn kicks_bot(&self) {
        self.shared.touch(|world| {
            let bot = world.bot.id;
            let guild = world.guilds.get_mut(&self.id).unwrap();
            guild.members.remove(&bot);
            guild.roles.retain(|role| role.managed_by != Some(bot));
            world.commands.remove(&self.id);
            world.emit("GUILD_DELETE", GUILDS, json!({ "id": id(self.id) }));
        });
    }

    /// An outage of Discord's: the guild is there, but not to be reached.
    pub(crate) fn goes_unavailable(&self) {
        self.of_guild(|guild| guild.unavailable = true);
        let json = json!({ "id": id(self.id), "unavailable": true });
        self.shared
            .touch(|world| world.emit("GUILD_DELETE", GUILDS, json));
    }

    pub(crate) fn comes_back(&self) {
        self.of_guild(|guild| guild.unavailable = false);
        self.shared.touch(|world| {
            let json = world.guild_create_json(self.id, false);
            world.emit("GUILD_CREATE", GUILDS, json);
        });
    }
}
