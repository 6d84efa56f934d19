//! The view of people.

use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::Person;
use crate::discord::fake::clock::Id;
use crate::discord::fake::message::{EPHEMERAL, Message};
use crate::discord::fake::world::{Shared, World};

/// A message, as somebody found it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    shared: Shared,
    reader: Id,
    pub(crate) id: Id,
    pub(crate) message: Message,
    text: String,
}

impl Person {
    /// All that this person can read in a channel, oldest first; `@` is the direct channel with the bot.
    pub(crate) fn sees(&self, channel: &str) -> String {
        let place = self.place(channel);
        self.shared.look(|world| {
            let seen = world.messages.values();
            let seen = seen.filter(|one| one.channel == place.channel && visible(one, self.user));
            seen.map(|one| world.text(one))
                .collect::<Vec<_>>()
                .join("\n")
        })
    }

    /// Waits for a message with these words in a channel: the latest such.
    pub(crate) async fn finds(&self, channel: &str, words: &str) -> Seen {
        let place = self.place(channel);
        let what = format!("{} to see `{words}` in {channel}", self.name);
        let found = self.shared.until(&what, |world| {
            let mut seen = world.messages.values().rev();
            seen.find(|one| {
                one.channel == place.channel
                    && visible(one, self.user)
                    && world.text(one).contains(words)
            })
            .map(|one| one.id)
        });
        Seen::new(self, found.await)
    }
}

fn visible(message: &Message, user: Id) -> bool {
    message.reader.is_none_or(|reader| reader == user)
}

impl Seen {
    pub(crate) fn new(person: &Person, id: Id) -> Self {
        let (message, text) = person.shared.look(|world| {
            let message = world.messages.get(&id).cloned();
            let message =
                message.unwrap_or_else(|| panic!("the message is gone\n{}", world.transcript()));
            let text = world.text(&message);
            (message, text)
        });
        assert!(
            visible(&message, person.user),
            "{} does not see it",
            person.name
        );
        Self {
            shared: person.shared.clone(),
            reader: person.user,
            id,
            message,
            text,
        }
    }

    /// Everything in it, as text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_ephemeral(&self) -> bool {
        self.message.flags & EPHEMERAL != 0
    }

    /// The labels of the buttons that can be pressed.
    pub(crate) fn buttons(&self) -> Vec<String> {
        let buttons = self
            .message
            .controls()
            .filter(|one| one["type"] == 2 && one["disabled"] != true);
        let labels = buttons.filter_map(|one| one["label"].as_str());
        labels.map(str::to_owned).collect()
    }

    /// The labels of all buttons, row by row; `-` before those that cannot be pressed.
    pub(crate) fn rows(&self) -> Vec<Vec<String>> {
        let label = |one: &Value| {
            let off = if one["disabled"] == true { "-" } else { "" };
            format!("{off}{}", one["label"].as_str().unwrap_or_default())
        };
        let rows = self.message.components.iter();
        rows.map(|row| World::list(&row["components"]).iter().map(label).collect())
            .collect()
    }

    #[track_caller]
    pub(crate) fn has(&self, words: &str) -> &Self {
        assert!(
            self.text.contains(words),
            "`{words}` is missing in:\n{}\n{}",
            self.text,
            self.shared.look(World::transcript)
        );
        self
    }

    #[track_caller]
    pub(crate) fn lacks(&self, words: &str) -> &Self {
        assert!(
            !self.text.contains(words),
            "`{words}` must not be in:\n{}",
            self.text
        );
        self
    }

    /// Waits until the message says so.
    pub(crate) async fn until(&self, words: &str) -> Self {
        let what = format!("the message {} to say `{words}`", self.id);
        let (message, text) = self
            .shared
            .until(&what, |world| {
                let message = world.messages.get(&self.id)?;
                let text = world.text(message);
                text.contains(words).then(|| (message.clone(), text))
            })
            .await;
        Self {
            message,
            text,
            ..self.clone()
        }
    }

    pub(crate) fn is_seen_by(&self, person: &Person) -> bool {
        self.reader == person.user || visible(&self.message, person.user)
    }
}

impl World {
    /// A message the way it looks: who, what, cards, buttons.
    pub(crate) fn text(&self, message: &Message) -> String {
        let who = match &message.webhook {
            Some((_, name)) => name.clone(),
            None => self.name_of(message.author),
        };
        let mut text = format!("{who}: ");
        if let Some(reader) = message.reader {
            let _ = write!(text, "(only {} sees this) ", self.name_of(reader));
        }
        if message.is_thinking() {
            text.push_str("thinking…");
        }
        text.push_str(&message.content);
        text.push('\n');
        message
            .embeds
            .iter()
            .for_each(|embed| card(&mut text, embed));
        for row in &message.components {
            controls(&mut text, row);
        }
        for file in &message.attachments {
            let _ = writeln!(
                text,
                "  file {} ({} bytes)",
                words(&file["filename"]),
                file["size"]
            );
        }
        for (emoji, by) in &message.reactions {
            let _ = writeln!(text, "  {emoji} by {}", self.name_of(*by));
        }
        text
    }
}

fn words(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn card(text: &mut String, embed: &Value) {
    let fields = embed["fields"].as_array().into_iter().flatten();
    let fields = fields.map(|one| format!("{}: {}", words(&one["name"]), words(&one["value"])));
    let head = [
        &embed["author"]["name"],
        &embed["title"],
        &embed["description"],
    ];
    let lines = head
        .into_iter()
        .map(|one| words(one).to_owned())
        .chain(fields);
    let foot = words(&embed["footer"]["text"]).to_owned();
    for line in lines.chain([foot]).filter(|line| !line.is_empty()) {
        for line in line.lines() {
            let _ = writeln!(text, "  | {}", unlinked(line));
        }
    }
}

/// Of a link with a text of its own, the text is shown.
fn unlinked(line: &str) -> String {
    static LINK: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\[([^\]\\]+)\]\(https:[^)\s]+\)").unwrap());
    LINK.replace_all(line, "$1").into_owned()
}

fn controls(text: &mut String, row: &Value) {
    text.push(' ');
    for one in row["components"].as_array().into_iter().flatten() {
        let off = if one["disabled"] == true { " off" } else { "" };
        if one["type"] == 2 {
            let _ = write!(text, " ({}{off})", words(&one["label"]));
            continue;
        }
        let options = one["options"].as_array().into_iter().flatten();
        let labels: Vec<&str> = options.map(|option| words(&option["label"])).collect();
        let _ = write!(
            text,
            " [{}{off}: {}]",
            words(&one["placeholder"]),
            labels.join(", ")
        );
    }
    text.push('\n');
}
