//! Pressing, choosing, filling in; and what comes of it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Person, Seen};
use crate::discord::fake::clock::Id;
use crate::discord::fake::interaction::{Ack, Kind, Place};
use crate::discord::fake::world::World;

/// Something a person did with the bot.
#[derive(Debug, Clone)]
pub(crate) struct Deed {
    pub(crate) person: Person,
    pub(crate) id: Id,
}

/// A form the bot put before somebody.
#[derive(Debug, Clone)]
pub(crate) struct Modal {
    pub(crate) json: Value,
    place: Place,
}

/// A press that still needs the message it is on.
#[derive(Debug)]
pub(crate) struct Press {
    person: Person,
    what: Control,
    /// Without looking at what a message says that was just changed.
    hasty: bool,
}

#[derive(Debug)]
enum Control {
    Button(String),
    Menu(String, Vec<String>),
    /// What no client would send, but an attacker's.
    Forged(String),
}

impl Person {
    /// Presses a button by its label.
    pub(crate) fn clicks(&self, label: &str) -> Press {
        self.press(Control::Button(label.to_owned()))
    }

    /// Chooses from a menu, found by its placeholder, by what the choices are called.
    pub(crate) fn selects(&self, menu: &str, choices: &[&str]) -> Press {
        let choices = choices.iter().map(|one| (*one).to_owned()).collect();
        self.press(Control::Menu(menu.to_owned(), choices))
    }

    /// Sends a press of a custom id that may not be on the message.
    pub(crate) fn forges(&self, custom_id: &str) -> Press {
        self.press(Control::Forged(custom_id.to_owned()))
    }

    /// Takes a message away, as anyone who manages messages may.
    pub(crate) fn deletes(&self, seen: &Seen) {
        self.say(&format!("deletes {}", seen.id));
        self.shared.touch(|world| world.remove(seen.id));
    }

    /// Takes several messages of a channel away at once.
    pub(crate) fn purges(&self, seen: &[&Seen]) {
        let gone: Vec<_> = seen.iter().map(|one| one.id).collect();
        self.shared.touch(|world| world.purge(&gone));
    }

    fn press(&self, what: Control) -> Press {
        Press {
            person: self.clone(),
            what,
            hasty: false,
        }
    }

    /// Fills in a form, each input named by its label or custom id, and sends it.
    pub(crate) async fn submits(&self, modal: &Modal, values: &[(&str, &str)]) -> Deed {
        self.bot().await;
        let rows: Vec<Value> = World::list(&modal.json["components"])
            .iter()
            .map(|row| filled(row, values))
            .collect();
        for (name, _) in values {
            let known = World::list(&modal.json["components"]).iter();
            let mut known = known.map(|row| &row["components"][0]);
            assert!(
                known.any(|input| is_called(input, name)),
                "no input {name} in {}",
                modal.json
            );
        }
        let data =
            json!({ "custom_id": modal.json["custom_id"], "components": rows, "resolved": {} });
        self.say(&format!("submits {} with {values:?}", modal.json["title"]));
        let place = Place {
            user: self.user,
            ..modal.place.clone()
        };
        self.does(Kind::Modal, &place, data)
    }

    pub(super) fn does(&self, kind: Kind, place: &Place, data: Value) -> Deed {
        let id = self.shared.touch(|world| world.interact(kind, place, data));
        Deed {
            person: self.clone(),
            id,
        }
    }
}

fn is_called(input: &Value, name: &str) -> bool {
    input["label"] == name || input["custom_id"] == name
}

/// One row of a form with what was typed, which must be what its input takes.
fn filled(row: &Value, values: &[(&str, &str)]) -> Value {
    let input = &row["components"][0];
    let typed = values.iter().find(|(name, _)| is_called(input, name));
    let before = input["value"].as_str().unwrap_or_default();
    let text = typed.map_or(before, |(_, text)| text);
    let count = u64::try_from(text.chars().count()).unwrap();
    let required = input["required"] != false;
    let least = input["min_length"].as_u64().unwrap_or(u64::from(required));
    let most = input["max_length"].as_u64().unwrap_or(4000);
    let empty = !required && count == 0;
    assert!(
        empty || (least..=most).contains(&count),
        "`{text}` is no text for {input}"
    );
    let kind = &input["type"];
    json!({ "type": 1, "id": 1, "components": [{ "type": kind, "id": 2, "custom_id": input["custom_id"], "value": text }] })
}

/// How long it takes to see that a message was changed.
const SEEING: Duration = Duration::from_secs(2);

impl Press {
    /// At once, though the message has only just changed.
    pub(crate) fn hastily(self) -> Self {
        Self {
            hasty: true,
            ..self
        }
    }

    /// On a message as it is now, which this person must see. Anyone who is not hasty has seen what it says now.
    pub(crate) async fn on(self, seen: &Seen) -> Deed {
        let Self {
            person,
            what,
            hasty,
        } = self;
        person.bot().await;
        assert!(
            seen.is_seen_by(&person),
            "{} does not see this message",
            person.name
        );
        person.say(&format!("presses {what:?}"));
        // What is off may be about to be on: the message follows what was decided.
        if let Control::Button(label) = &what {
            let wanted = format!("`{label}` to be on");
            let is_on = |world: &World| {
                let rows = world.messages.get(&seen.id)?.components.iter();
                let mut all = rows.flat_map(|row| World::list(&row["components"]));
                let button = all.find(|one| one["type"] == 2 && one["label"] == *label);
                button
                    .is_none_or(|one| one["disabled"] != true)
                    .then_some(())
            };
            let gone = |world: &World| (!world.messages.contains_key(&seen.id)).then_some(());
            let ready = |world: &World| gone(world).or_else(|| is_on(world));
            person.shared.until(&wanted, ready).await;
        }
        // In one go: the message may be changed again at any moment.
        let id = person.shared.touch(|world| {
            let message = world.messages.get(&seen.id).cloned();
            let message =
                message.unwrap_or_else(|| panic!("the message is gone\n{}", world.transcript()));
            let ago = message
                .edited
                .and_then(|at| (world.time.now() - at).to_std().ok());
            match ago {
                // However busy the machine is, a hasty press comes right behind the change.
                Some(ago) if hasty => world.time.goes_back(ago),
                Some(ago) if ago <= SEEING => {
                    world.time.pass(SEEING - ago + Duration::from_millis(1));
                }
                _ => {}
            }
            let guild = world
                .channels
                .get(&message.channel)
                .and_then(|one| one.guild);
            let place = Place {
                user: person.user,
                guild,
                channel: message.channel,
                message: Some(message.id),
            };
            let data = match &what {
                Control::Button(label) => button(world, &message.components, label),
                Control::Menu(menu, choices) => {
                    world.choice(guild, &message.components, menu, choices)
                }
                Control::Forged(custom_id) => {
                    json!({ "custom_id": custom_id, "component_type": 2, "id": 2 })
                }
            };
            world.interact(Kind::Component, &place, data)
        });
        Deed { person, id }
    }
}

fn button(world: &World, rows: &[Value], label: &str) -> Value {
    let all = rows.iter().flat_map(|row| World::list(&row["components"]));
    let mut found = all.filter(|one| one["type"] == 2 && one["label"] == label);
    let Some(button) = found.next() else {
        panic!(
            "there is no button `{label}` in {rows:?}\n{}",
            world.transcript()
        );
    };
    assert!(
        button["disabled"] != true,
        "`{label}` cannot be pressed\n{}",
        world.transcript()
    );
    assert!(button["style"] != 5, "`{label}` is a link");
    json!({ "custom_id": button["custom_id"], "component_type": 2, "id": 2 })
}

impl Deed {
    /// Waits for the answer that stays: a message, the one after "thinking…", or the message that was changed.
    pub(crate) async fn reply(&self) -> Seen {
        let found = self.person.shared.until("a reply", |world| {
            let one = &world.interactions[&self.id];
            if let Some(Ack::Modal(_) | Ack::Choices(_)) = one.ack {
                panic!("this is no message: {:?}\n{}", one.ack, world.transcript());
            }
            let later = matches!(one.ack.as_ref()?, Ack::DeferredUpdate);
            if later {
                return None;
            }
            let message = world.messages.get(&one.original?)?;
            (!message.is_thinking()).then_some(message.id)
        });
        Seen::new(&self.person, found.await)
    }

    /// Waits for a form.
    pub(crate) async fn modal(&self) -> Modal {
        let shared = &self.person.shared;
        shared
            .until("a modal", |world| {
                let one = &world.interactions[&self.id];
                match one.ack.as_ref()? {
                    Ack::Modal(json) => Some(Modal {
                        json: json.clone(),
                        place: Place {
                            user: one.user,
                            guild: one.guild,
                            channel: one.channel,
                            message: one.message,
                        },
                    }),
                    other => panic!("this is no modal: {other:?}\n{}", world.transcript()),
                }
            })
            .await
    }

    /// Waits for the first, second, … message after the answer.
    pub(crate) async fn follow_up(&self, nth: usize) -> Seen {
        let found = self.person.shared.until("a follow-up", |world| {
            world.interactions[&self.id].followups.get(nth).copied()
        });
        Seen::new(&self.person, found.await)
    }

    /// Waits until the bot has said anything at all, and tells how long that took.
    pub(crate) async fn acknowledged(&self) -> chrono::TimeDelta {
        let shared = &self.person.shared;
        shared
            .until("an acknowledgement", |world| {
                world.interactions[&self.id].took
            })
            .await
    }

    /// The address of the answer, as only the bot should know it.
    pub(crate) fn token(&self) -> String {
        let shared = &self.person.shared;
        shared.look(|world| world.interactions[&self.id].token.clone())
    }
}
