//! Whose phone buzzes: what a message names, as far as it allows and the sender may.

use serde_json::Value;

use super::message::{Message, named_roles, named_users};
use super::permission::MENTION_EVERYONE;
use super::record::Ping;
use super::rest::id_in;
use super::world::World;

impl World {
    /// Works out who a new message pings, by `allowed_mentions`; without any, everybody it names.
    pub(crate) fn ping(&mut self, message: &mut Message, body: &Value) {
        let allowed = body.get("allowed_mentions").filter(|one| !one.is_null());
        let may = |kind: &str, named: u64| match allowed {
            None => true,
            Some(allowed) => {
                let all = Self::list(&allowed["parse"]).iter().any(|one| one == kind);
                let listed = Self::list(&allowed[kind]);
                all || listed.iter().any(|one| id_in(one) == Some(named))
            }
        };
        let permissions = self.permissions(message.channel, message.author);
        let anything = permissions & MENTION_EVERYONE != 0;
        let guild = self
            .channels
            .get(&message.channel)
            .and_then(|channel| self.guilds.get(&channel.guild?));
        message.pinged_users = named_users(&message.content)
            .into_iter()
            .filter(|user| may("users", *user) && self.users.contains_key(user))
            .collect();
        message.pinged_roles = named_roles(&message.content)
            .into_iter()
            .filter(|role| may("roles", *role))
            .filter(|role| {
                let known = guild.and_then(|guild| guild.roles.iter().find(|one| one.id == *role));
                known.is_some_and(|known| known.mentionable || anything)
            })
            .collect();
        let says = ["@everyone", "@here"]
            .iter()
            .any(|word| message.content.contains(word));
        message.pinged_everyone = says && anything && may("everyone", 0);
        self.ping_author(message, allowed);
        self.write_pings(message);
    }

    /// A reply pings whom it replies to, unless it says not to.
    fn ping_author(&self, message: &mut Message, allowed: Option<&Value>) {
        let asked = allowed.is_none_or(|allowed| allowed["replied_user"] == true);
        let author = message
            .replies_to
            .and_then(|replied| self.messages.get(&replied))
            .map(|replied| replied.author);
        if let Some(author) = author
            && asked
            && !message.pinged_users.contains(&author)
        {
            message.pinged_users.push(author);
        }
    }

    fn write_pings(&mut self, message: &Message) {
        if message.author != self.bot.id {
            return;
        }
        let guild = self
            .channels
            .get(&message.channel)
            .and_then(|channel| self.guilds.get(&channel.guild?));
        let role_name = |role: &u64| {
            let known = guild.and_then(|guild| guild.roles.iter().find(|one| one.id == *role));
            known.map_or_else(|| role.to_string(), |role| format!("@{}", role.name))
        };
        let mut whom: Vec<String> = message
            .pinged_users
            .iter()
            .map(|user| self.name_of(*user))
            .collect();
        whom.extend(message.pinged_roles.iter().map(role_name));
        if message.pinged_everyone {
            whom.push("@everyone".to_owned());
        }
        let id = message.id;
        for whom in whom {
            self.say(format!("  {whom} is pinged"));
            self.pings.push(Ping { message: id, whom });
        }
    }
}
