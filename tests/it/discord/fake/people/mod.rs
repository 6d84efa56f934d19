//! The people of the fake, and what they do.

mod guild;
mod press;
mod resolve;
mod say;
mod sight;
mod slash;

pub(crate) use self::guild::Guild;
pub(crate) use self::press::Deed;
pub(crate) use self::say::Webhook;
pub(crate) use self::sight::Seen;
use super::clock::Id;
use super::interaction::Place;
use super::model::TEXT;
use super::permission::VIEW_CHANNEL;
use super::world::{Shared, World};

/// Somebody in a guild.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) shared: Shared,
    pub(crate) user: Id,
    pub(crate) guild: Id,
    pub(crate) name: String,
}

impl Person {
    /// Where the person does something: a channel of the guild by its name, or `@` for the direct one with the bot.
    pub(crate) fn place(&self, channel: &str) -> Place {
        let (channel, guild) = self.shared.touch(|world| match channel {
            "@" => (world.direct(self.user), None),
            name => (world.channel_named(self.guild, name), Some(self.guild)),
        });
        let seen = self
            .shared
            .look(|world| world.permissions(channel, self.user));
        assert!(
            seen & VIEW_CHANNEL != 0,
            "{} does not see this channel",
            self.name
        );
        Place {
            user: self.user,
            guild,
            channel,
            message: None,
        }
    }

    /// What the person types to name somebody else.
    pub(crate) fn mention(&self) -> String {
        format!("<@{}>", self.user)
    }

    /// Whether bots may write to this person.
    pub(crate) fn takes_messages(&self, takes: bool) {
        self.shared.touch(|world| {
            if let Some(user) = world.users.get_mut(&self.user) {
                user.takes_messages = takes;
            }
        });
    }

    fn say(&self, line: &str) {
        self.shared
            .touch(|world| world.say(format!("{} {line}", self.name)));
    }

    /// Nothing reaches a bot that is not there: people wait until it is.
    async fn bot(&self) {
        self.shared
            .until("the bot to be connected", |world| {
                world.gateway.live().next().map(|_| ())
            })
            .await;
    }
}

impl World {
    /// A channel or thread of a guild by its name.
    pub(crate) fn channel_named(&self, guild: Id, name: &str) -> Id {
        let found = self
            .channels
            .values()
            .find(|one| one.guild == Some(guild) && one.name == name);
        match found {
            Some(found) => found.id,
            None => panic!("there is no channel {name}\n{}", self.transcript()),
        }
    }

    /// The channel somebody has open when nothing else is said.
    pub(crate) fn first_channel(&self, guild: Id) -> Option<Id> {
        let mut all = self.channels.values();
        all.find(|one| one.guild == Some(guild) && one.kind == TEXT)
            .map(|one| one.id)
    }
}
