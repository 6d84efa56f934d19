//! From what the bot asks for to a message.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use crate::discord::fake::clock::Id;
use crate::discord::fake::limits;
use crate::discord::fake::message::{EPHEMERAL, Message, SUPPRESS_EMBEDS};
use crate::discord::fake::model::id;
use crate::discord::fake::rejection::{EMPTY_MESSAGE, Rejection};
use crate::discord::fake::rest::id_in;
use crate::discord::fake::world::{File, World};

impl World {
    /// A message of the bot with nothing in it yet.
    pub(crate) fn draft(&mut self, channel: Id) -> Message {
        Message {
            id: self.time.id(),
            channel,
            author: self.bot.id,
            at: self.time.now(),
            ..Message::default()
        }
    }

    /// Fills a message with what a body says; what the body leaves out stays.
    pub(crate) fn fill(
        &mut self,
        message: &mut Message,
        body: &Value,
        files: &[File],
    ) -> Result<(), Rejection> {
        limits::message(body, files)?;
        if let Some(content) = body.get("content") {
            message.content = content.as_str().unwrap_or_default().trim().to_owned();
        }
        if let Some(embeds) = body.get("embeds") {
            message.embeds = Self::list(embeds).to_vec();
            for embed in &mut message.embeds {
                embed["type"] = json!("rich");
            }
        }
        if let Some(components) = body.get("components") {
            message.components = Self::list(components).to_vec();
        }
        self.attach(message, body, files);
        self.looks_at_commands(message);
        let flags = body["flags"].as_u64().unwrap_or_default();
        message.flags |= flags & (SUPPRESS_EMBEDS | EPHEMERAL);
        if message.has_nothing() {
            return Err(EMPTY_MESSAGE.into());
        }
        Ok(())
    }

    /// A command that is mentioned and is not there is shown as a dead end.
    fn looks_at_commands(&mut self, message: &Message) {
        static MENTION: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"(?:^|[^\\])</([^:>`]+):(\d+)>").unwrap());
        let guild = self
            .channels
            .get(&message.channel)
            .and_then(|one| one.guild);
        // With somebody alone there are none: all are for servers.
        let known = guild
            .map(|guild| self.commands_in(guild))
            .unwrap_or_default();
        let is_there = |path: &str, number: &str| {
            let mut words = path.split(' ');
            let first = words.next().unwrap_or_default();
            let mut place = known.iter().copied().find(|one| one["name"] == first);
            let has_id = place.is_some_and(|one| one["id"] == number);
            for word in words {
                let below = World::list(place.map_or(&Value::Null, |one| &one["options"]));
                place = below
                    .iter()
                    .find(|one| one["name"] == word && matches!(one["type"].as_u64(), Some(1 | 2)));
            }
            let whole = |one: &Value| {
                !World::list(&one["options"])
                    .iter()
                    .any(|below| matches!(below["type"].as_u64(), Some(1 | 2)))
            };
            has_id && place.is_some_and(whole)
        };
        let text = format!("{} {}", message.content, json!(message.embeds));
        let dead: Vec<String> = MENTION
            .captures_iter(&text)
            .filter(|found| !is_there(&found[1], &found[2]))
            .map(|found| format!("{} is no command", &found[0]))
            .collect();
        self.violations.extend(dead);
    }

    fn attach(&mut self, message: &mut Message, body: &Value, files: &[File]) {
        let listed = body.get("attachments").map(Self::list);
        if let Some(listed) = listed {
            let kept: Vec<_> = listed.iter().filter_map(|one| id_in(&one["id"])).collect();
            message
                .attachments
                .retain(|one| id_in(&one["id"]).is_some_and(|one| kept.contains(&one)));
        }
        for (at, file) in files.iter().enumerate() {
            let about = listed
                .into_iter()
                .flatten()
                .find(|one| id_in(&one["id"]) == u64::try_from(at).ok());
            let mut json = self.store(message.channel, file.clone());
            if let Some(description) = about.and_then(|one| one.get("description")) {
                json["description"] = description.clone();
            }
            message.attachments.push(json);
        }
    }

    /// Keeps a file where anybody with its address can fetch it.
    pub(crate) fn store(&mut self, channel: Id, file: File) -> Value {
        let number = self.time.id();
        let name: String = file
            .name
            .chars()
            .map(|c| {
                if c.is_alphanumeric() || "._-".contains(c) {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        // Anyone who has the address has the file: Discord's is signed.
        let signature = format!("ex=6a0c&is=6a0a&hm=canary{number}");
        let url = format!(
            "{}/attachments/{channel}/{number}/{name}?{signature}",
            self.base
        );
        let json = json!({
            "id": id(number), "filename": name, "size": file.bytes.len(), "url": url, "proxy_url": url,
            "content_type": file.kind, "content_scan_version": 0,
        });
        self.files.insert(number, file);
        json
    }
}
