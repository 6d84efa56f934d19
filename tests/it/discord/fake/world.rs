//! All that the fake knows, and who is told when it changes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::watch;

use super::Options;
use super::clock::{Id, Time};
use super::faults::Faults;
use super::gateway::session::Gateway;
use super::interaction::Interaction;
use super::message::Message;
use super::model::{Channel, Guild, User, id};
use super::permission::VIEW_CHANNEL;
use super::record::{Ping, Recorded};

/// What a guild may hold and none here does.
const EMPTY: [&str; 5] = [
    "voice_states",
    "presences",
    "stage_instances",
    "guild_scheduled_events",
    "soundboard_sounds",
];

/// A file somebody attached.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) bytes: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) options: Options,
    /// `http://127.0.0.1:PORT`
    pub(crate) base: String,
    pub(crate) time: Time,
    pub(crate) bot: User,
    pub(crate) users: BTreeMap<Id, User>,
    pub(crate) guilds: BTreeMap<Id, Guild>,
    pub(crate) channels: BTreeMap<Id, Channel>,
    pub(crate) messages: BTreeMap<Id, Message>,
    pub(crate) interactions: BTreeMap<Id, Interaction>,
    /// The commands of each guild, and at 0 those of everywhere.
    pub(crate) commands: BTreeMap<Id, Vec<Value>>,
    pub(crate) files: BTreeMap<Id, File>,
    pub(crate) gateway: Gateway,
    pub(crate) faults: Faults,
    pub(crate) requests: Vec<Recorded>,
    pub(crate) pings: Vec<Ping>,
    /// What no bot should ever do, whatever Discord answers to it.
    pub(crate) violations: Vec<String>,
    pub(crate) lines: Vec<String>,
}

/// The world, as the server, the gateway's connections and the people of a test share it.
#[derive(Debug, Clone)]
pub(crate) struct Shared(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    world: Mutex<World>,
    changes: watch::Sender<u64>,
}

impl Shared {
    pub(crate) fn new(world: World) -> Self {
        let (changes, _) = watch::channel(0);
        Self(Arc::new(Inner {
            world: Mutex::new(world),
            changes,
        }))
    }

    /// A test that failed while it looked must not hide the transcript from the others.
    fn lock(&self) -> MutexGuard<'_, World> {
        self.0.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn look<R>(&self, look: impl FnOnce(&World) -> R) -> R {
        look(&self.lock())
    }

    pub(crate) fn touch<R>(&self, touch: impl FnOnce(&mut World) -> R) -> R {
        let result = touch(&mut self.lock());
        self.0.changes.send_modify(|count| *count += 1);
        result
    }

    /// Waits until the world holds what is looked for, and says what was going on if it never does.
    pub(crate) async fn until<T>(
        &self,
        what: &str,
        mut find: impl FnMut(&World) -> Option<T>,
    ) -> T {
        let mut changes = self.0.changes.subscribe();
        let patience = self.look(|world| world.options.patience);
        let found = tokio::time::timeout(patience, async {
            loop {
                changes.borrow_and_update();
                if let Some(found) = self.look(&mut find) {
                    return found;
                }
                changes.changed().await.unwrap();
            }
        });
        match found.await {
            Ok(found) => found,
            Err(_) => panic!(
                "waited {patience:?} in vain for {what}\n{}",
                self.look(World::transcript)
            ),
        }
    }
}

impl World {
    pub(crate) fn say(&mut self, line: impl Into<String>) {
        let at = self.time.now().format("%H:%M:%S%.3f");
        self.lines.push(format!("{at} {}", line.into()));
    }

    pub(crate) fn transcript(&self) -> String {
        let mut text = String::from("--- what happened on the fake Discord ---\n");
        for line in &self.lines {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    pub(crate) fn name_of(&self, user: Id) -> String {
        let known = self.users.get(&user).map(|user| user.name.clone());
        known.unwrap_or_else(|| user.to_string())
    }

    pub(crate) fn channel_json(&self, channel: Id) -> Value {
        let Some(found) = self.channels.get(&channel) else {
            return Value::Null;
        };
        let position = self
            .channels
            .values()
            .filter(|other| other.guild == found.guild && other.id < channel)
            .count();
        let recipient = found.recipient.and_then(|user| self.users.get(&user));
        found.json(position, recipient, self.bot.id)
    }

    /// A member with the user it is of.
    pub(crate) fn member_json(&self, guild: Id, user: Id) -> Value {
        let member = self
            .guilds
            .get(&guild)
            .and_then(|guild| guild.members.get(&user));
        let mut json = member.map_or(json!({}), |member| member.json());
        json["user"] = self.user_json(user);
        json
    }

    /// The guilds the bot is a member of.
    pub(crate) fn homes(&self) -> impl Iterator<Item = &Guild> {
        self.guilds
            .values()
            .filter(|guild| guild.members.contains_key(&self.bot.id))
    }

    /// All of a guild at once, as the bot gets it when it connects or is invited.
    pub(crate) fn guild_create_json(&self, guild: Id, with_members: bool) -> Value {
        let Some(found) = self.guilds.get(&guild) else {
            return Value::Null;
        };
        if found.unavailable {
            return json!({ "id": id(guild), "unavailable": true });
        }
        let members: Vec<Value> = found
            .members
            .keys()
            .filter(|user| with_members || **user == self.bot.id)
            .map(|user| self.member_json(guild, *user))
            .collect();
        let mut json = found.json();
        json["joined_at"] = self.member_json(guild, self.bot.id)["joined_at"].clone();
        json["large"] = json!(false);
        json["unavailable"] = json!(false);
        json["member_count"] = json!(found.members.len());
        json["members"] = json!(members);
        json["channels"] = self.seen_channels(guild, false);
        json["threads"] = self.seen_channels(guild, true);
        for empty in EMPTY {
            json[empty] = json!([]);
        }
        json
    }

    /// The channels or threads of a guild that the bot sees.
    fn seen_channels(&self, guild: Id, threads: bool) -> Value {
        self.channels
            .values()
            .filter(|one| one.guild == Some(guild) && one.is_thread() == threads)
            .filter(|one| self.permissions(one.id, self.bot.id) & VIEW_CHANNEL != 0)
            .map(|one| self.channel_json(one.id))
            .collect()
    }

    /// The commands people can choose from in a guild: the guild's own go before those of everywhere.
    pub(crate) fn commands_in(&self, guild: Id) -> Vec<&Value> {
        let scopes = [guild, 0];
        let all = scopes
            .iter()
            .filter_map(|scope| self.commands.get(scope))
            .flatten();
        let mut seen: Vec<&Value> = Vec::new();
        for command in all {
            if !seen.iter().any(|one| one["name"] == command["name"]) {
                seen.push(command);
            }
        }
        seen
    }
}
