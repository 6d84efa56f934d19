//! Messages of people, webhooks and other bots.

use serde_json::Value;

use super::{Guild, Person, Seen};
use crate::discord::fake::clock::Id;
use crate::discord::fake::message::Message;
use crate::discord::fake::world::{File, World};

impl Person {
    /// Writes a message; `<@bot>`, `<@alice>` and `<@&sre>` become what Discord makes of them.
    pub(crate) async fn says(&self, channel: &str, text: &str) -> Seen {
        self.bot().await;
        self.writes(channel, text, None)
    }

    /// As [`Person::says`], with a file.
    pub(crate) async fn sends_file(
        &self,
        channel: &str,
        text: &str,
        name: &str,
        bytes: &[u8],
    ) -> Seen {
        self.bot().await;
        let file = File {
            name: name.to_owned(),
            kind: "text/csv; charset=utf-8".to_owned(),
            bytes: bytes.to_vec(),
        };
        self.writes(channel, text, Some(file))
    }

    fn writes(&self, channel: &str, text: &str, file: Option<File>) -> Seen {
        let place = self.place(channel);
        self.say(&format!("says in {channel}: {text}"));
        let message = self.shared.touch(|world| {
            let content = world.with_ids(self.guild, text);
            world.write(place.channel, self.user, &content, file)
        });
        Seen::new(self, message)
    }
}

/// Something outside that posts through a webhook of a guild, by its name.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    guild: Guild,
    pub(crate) id: Id,
    name: String,
}

impl Guild {
    pub(crate) fn webhook(&self, name: &str) -> Webhook {
        Webhook {
            guild: self.clone(),
            id: self.shared.touch(|world| world.time.id()),
            name: name.to_owned(),
        }
    }
}

impl Webhook {
    /// Posts into a channel, and tells which message that became.
    pub(crate) fn posts(&self, channel: &str, text: &str) -> Id {
        self.posts_with(channel, text, Vec::new(), None)
    }

    /// As [`Webhook::posts`], with cards and a file.
    pub(crate) fn posts_with(
        &self,
        channel: &str,
        text: &str,
        embeds: Vec<Value>,
        file: Option<File>,
    ) -> Id {
        let channel = self.guild.channel_id(channel);
        self.guild.shared.touch(|world| {
            world.say(format!("webhook {} posts: {text}", self.name));
            let message = Message {
                author: self.id,
                webhook: Some((self.id, self.name.clone())),
                content: text.to_owned(),
                embeds,
                ..world.draft(channel)
            };
            world.bring(message, file)
        })
    }
}

impl World {
    fn write(&mut self, channel: Id, author: Id, content: &str, file: Option<File>) -> Id {
        let message = Message {
            author,
            content: content.to_owned(),
            ..self.draft(channel)
        };
        self.bring(message, file)
    }

    fn bring(&mut self, mut message: Message, file: Option<File>) -> Id {
        let channel = message.channel;
        let attachment = file.map(|file| self.store(channel, file));
        message.attachments.extend(attachment);
        self.ping(&mut message, &Value::Null);
        let id = message.id;
        self.publish(message);
        id
    }

    /// Names in mentions replaced by ids, as the client does while one types.
    fn with_ids(&self, guild: Id, text: &str) -> String {
        let mut text = text.replace("<@bot>", &format!("<@{}>", self.bot.id));
        for user in self.users.values() {
            text = text.replace(&format!("<@{}>", user.name), &format!("<@{}>", user.id));
        }
        for role in &self.guilds[&guild].roles {
            text = text.replace(&format!("<@&{}>", role.name), &format!("<@&{}>", role.id));
        }
        text
    }
}
