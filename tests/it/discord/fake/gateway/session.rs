//! Sessions: what each was sent, so that a lost connection can be taken up where it broke.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use super::Out;
use crate::discord::fake::message::stripped;
use crate::discord::fake::model::id;
use crate::discord::fake::world::World;

pub(crate) const GUILDS: u64 = 1 << 0;
pub(crate) const GUILD_MEMBERS: u64 = 1 << 1;
pub(crate) const GUILD_PRESENCES: u64 = 1 << 8;
pub(crate) const GUILD_MESSAGES: u64 = 1 << 9;
pub(crate) const GUILD_MESSAGE_REACTIONS: u64 = 1 << 10;
pub(crate) const DIRECT_MESSAGES: u64 = 1 << 12;
pub(crate) const DIRECT_MESSAGE_REACTIONS: u64 = 1 << 13;
pub(crate) const MESSAGE_CONTENT: u64 = 1 << 15;
/// Those that the developer portal must switch on.
pub(crate) const PRIVILEGED: u64 = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT;

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) intents: u64,
    pub(crate) seq: u64,
    pub(crate) log: Vec<Value>,
    /// The connection it is on, while it is on one.
    pub(crate) link: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) sender: UnboundedSender<Out>,
    pub(crate) session: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Gateway {
    pub(crate) sessions: BTreeMap<String, Session>,
    pub(crate) links: BTreeMap<u64, Link>,
    pub(crate) opened: u64,
    /// Every IDENTIFY and RESUME, with the token left out.
    pub(crate) identifies: Vec<Value>,
    pub(crate) resumes: Vec<Value>,
    pub(crate) heartbeats: u64,
    /// Each event comes twice.
    pub(crate) twice: bool,
    /// Events are kept back here while there is a list.
    pub(crate) held: Option<Vec<Event>>,
}

/// What the bot is told, where it asked for such.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) name: String,
    /// One of these intents is needed; 0 for none.
    pub(crate) needs: u64,
    pub(crate) data: Value,
    /// Whether what people wrote is taken out for who may not read it.
    pub(crate) private: bool,
}

impl Gateway {
    pub(crate) fn tell(&self, link: u64, out: Out) {
        if let Some(link) = self.links.get(&link) {
            let _ = link.sender.send(out);
        }
    }

    /// The connections with a session on them.
    pub(crate) fn live(&self) -> impl Iterator<Item = u64> {
        self.sessions.values().filter_map(|session| session.link)
    }

    fn dispatch(&mut self, event: &Event) {
        let times = if self.twice { 2 } else { 1 };
        for session in self.sessions.values_mut() {
            if event.needs != 0 && session.intents & event.needs == 0 {
                continue;
            }
            for _ in 0..times {
                let frame = session.frame(event);
                let link = session.link.and_then(|link| self.links.get(&link));
                if let Some(link) = link {
                    let _ = link.sender.send(Out::Frame(frame));
                }
            }
        }
    }
}

impl Session {
    /// The event with its number, kept for a replay.
    pub(crate) fn frame(&mut self, event: &Event) -> Value {
        self.seq += 1;
        let data = match event.private && self.intents & MESSAGE_CONTENT == 0 {
            true => stripped(event.data.clone()),
            false => event.data.clone(),
        };
        let frame = json!({ "op": 0, "s": self.seq, "t": event.name, "d": data });
        self.log.push(frame.clone());
        frame
    }
}

impl World {
    pub(crate) fn emit(&mut self, name: &str, needs: u64, data: Value) {
        self.emit_event(Event {
            name: name.to_owned(),
            needs,
            data,
            private: false,
        });
    }

    pub(crate) fn emit_event(&mut self, event: Event) {
        if let Some(held) = &mut self.gateway.held {
            held.push(event);
            return;
        }
        self.say(format!("gateway: {}", event.name));
        self.gateway.dispatch(&event);
    }

    /// An event of one guild, which the bot hears only as its member.
    pub(crate) fn emit_in(&mut self, guild: u64, name: &str, needs: u64, mut data: Value) {
        let home = self.homes().any(|one| one.id == guild);
        if home {
            data["guild_id"] = id(guild);
            self.emit(name, needs, data);
        }
    }
}
