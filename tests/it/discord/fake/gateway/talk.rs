//! The protocol of a connection: hello, identify, heartbeat, resume.

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use super::Out;
use super::session::{Event, GUILD_MEMBERS, GUILDS, Link, MESSAGE_CONTENT, PRIVILEGED, Session};
use crate::discord::fake::model::id;
use crate::discord::fake::world::World;

/// The bits that mean an intent.
const KNOWN: u64 = ((1 << 17) - 1) | (3 << 20) | (3 << 24);
const AUTHENTICATION_FAILED: Out = Out::Close(4004, "Authentication failed.");

impl World {
    pub(crate) fn link_opens(&mut self, sender: UnboundedSender<Out>) -> u64 {
        self.gateway.opened += 1;
        let link = self.gateway.opened;
        let interval = u64::try_from(self.options.heartbeat_interval.as_millis()).unwrap();
        let hello = json!({
            "op": 10, "s": null, "t": null,
            "d": { "heartbeat_interval": interval, "_trace": ["[\"gateway-fake\",{\"micros\":0.0}]"] },
        });
        let _ = sender.send(Out::Frame(hello));
        let session = None;
        self.gateway.links.insert(link, Link { sender, session });
        self.say(format!("gateway: connection {link} opens"));
        link
    }

    pub(crate) fn link_closes(&mut self, link: u64) {
        self.gateway.links.remove(&link);
        for session in self.gateway.sessions.values_mut() {
            session.link = session.link.filter(|one| *one != link);
        }
        self.say(format!("gateway: connection {link} closes"));
    }

    pub(crate) fn link_hears(&mut self, link: u64, text: &str) {
        let Ok(said) = serde_json::from_str::<Value>(text) else {
            return self
                .gateway
                .tell(link, Out::Close(4002, "Error while decoding payload."));
        };
        let has_session = self
            .gateway
            .links
            .get(&link)
            .is_some_and(|link| link.session.is_some());
        match (said["op"].as_u64(), has_session) {
            (Some(1), _) => {
                self.gateway.heartbeats += 1;
                let frame = json!({ "op": 11, "d": null, "s": null, "t": null });
                self.gateway.tell(link, Out::Frame(frame));
            }
            (Some(2), false) => self.identify(link, &said["d"]),
            (Some(6), false) => self.resume(link, &said["d"]),
            (Some(2 | 6), true) => {
                self.gateway
                    .tell(link, Out::Close(4005, "Already authenticated."));
            }
            (Some(3 | 4 | 8), true) => {}
            (Some(3 | 4 | 8), false) => {
                self.gateway
                    .tell(link, Out::Close(4003, "Not authenticated."));
            }
            _ => self.gateway.tell(link, Out::Close(4001, "Unknown opcode.")),
        }
    }

    fn identify(&mut self, link: u64, data: &Value) {
        let mut shown = data.clone();
        shown["token"] = json!(":token");
        self.say(format!("gateway: connection {link} identifies"));
        self.gateway.identifies.push(shown);
        let intents = data["intents"].as_u64();
        let refused = match intents {
            _ if !self.is_token(&data["token"]) => Some(AUTHENTICATION_FAILED),
            None => Some(Out::Close(4013, "Invalid intent(s).")),
            Some(bits) if bits & !KNOWN != 0 => Some(Out::Close(4013, "Invalid intent(s).")),
            Some(bits) if bits & PRIVILEGED & !self.options.privileged != 0 => {
                Some(Out::Close(4014, "Disallowed intent(s)."))
            }
            Some(_) if data["properties"]["os"].is_null() => {
                Some(Out::Close(4002, "Error while decoding payload."))
            }
            Some(_) => None,
        };
        match (refused, intents) {
            (None, Some(intents)) => {
                if data["compress"] == true && self.options.zlib {
                    self.gateway.tell(link, Out::Compress);
                }
                self.ready(link, intents, &data["shard"]);
            }
            (Some(close), _) => self.gateway.tell(link, close),
            _ => {}
        }
    }

    fn is_token(&self, token: &Value) -> bool {
        let token = token.as_str().unwrap_or_default();
        token.trim_start_matches("Bot ") == self.options.token
    }

    fn ready(&mut self, link: u64, intents: u64, shard: &Value) {
        let name = format!("session-{}", self.time.id());
        let session = Session {
            intents,
            seq: 0,
            log: Vec::new(),
            link: Some(link),
        };
        self.gateway.sessions.insert(name.clone(), session);
        if let Some(link) = self.gateway.links.get_mut(&link) {
            link.session = Some(name.clone());
        }
        let ready = self.ready_json(&name, shard);
        self.tell_session(&name, "READY", ready);
        if intents & GUILDS == 0 {
            return;
        }
        let homes: Vec<_> = self
            .homes()
            .map(|guild| (guild.id, guild.unavailable))
            .collect();
        for (guild, unavailable) in homes {
            let event = if unavailable {
                "GUILD_DELETE"
            } else {
                "GUILD_CREATE"
            };
            let data = self.guild_create_json(guild, intents & GUILD_MEMBERS != 0);
            self.tell_session(&name, event, data);
        }
    }

    pub(crate) fn ready_json(&self, session: &str, shard: &Value) -> Value {
        let guilds: Vec<Value> = self
            .homes()
            .map(|guild| json!({ "id": id(guild.id), "unavailable": true }))
            .collect();
        let mut user = self.bot.json();
        user["verified"] = json!(true);
        user["mfa_enabled"] = json!(true);
        user["email"] = Value::Null;
        let mut ready = json!({
            "v": 10, "user": user, "guilds": guilds, "session_id": session, "session_type": "normal",
            "resume_gateway_url": self.gateway_url(), "private_channels": [], "presences": [], "relationships": [],
            "guild_join_requests": [], "geo_ordered_rtc_regions": ["rotterdam"], "user_settings": {},
            "user_settings_proto": null, "auth": {}, "_trace": ["[\"gateway-fake\",{\"micros\":0.0}]"],
            "application": { "id": id(self.bot.id), "flags": self.application_flags() },
        });
        if shard.is_array() {
            ready["shard"] = shard.clone();
        }
        ready
    }

    pub(crate) fn gateway_url(&self) -> String {
        format!("{}/gateway", self.base.replacen("http", "ws", 1))
    }

    /// The privileged intents that are switched on, as the limited flags of a small bot.
    pub(crate) fn application_flags(&self) -> u64 {
        let has = |intent: u64, flag: u64| {
            if self.options.privileged & intent == 0 {
                0
            } else {
                flag
            }
        };
        has(MESSAGE_CONTENT, 1 << 19) | has(GUILD_MEMBERS, 1 << 15) | 1 << 23
    }

    /// One event for one session, whatever the others get.
    fn tell_session(&mut self, session: &str, name: &str, data: Value) {
        self.say(format!("gateway: {name}"));
        let event = Event {
            name: name.to_owned(),
            needs: 0,
            data,
            private: false,
        };
        let Some(session) = self.gateway.sessions.get_mut(session) else {
            return;
        };
        let (frame, link) = (session.frame(&event), session.link);
        if let Some(link) = link {
            self.gateway.tell(link, Out::Frame(frame));
        }
    }

    fn resume(&mut self, link: u64, data: &Value) {
        let mut shown = data.clone();
        shown["token"] = json!(":token");
        self.say(format!("gateway: connection {link} resumes"));
        self.gateway.resumes.push(shown);
        if !self.is_token(&data["token"]) {
            return self.gateway.tell(link, AUTHENTICATION_FAILED);
        }
        let name = data["session_id"].as_str().unwrap_or_default().to_owned();
        let seq = data["seq"].as_u64().unwrap_or_default();
        let Some(session) = self.gateway.sessions.get_mut(&name) else {
            let frame = json!({ "op": 9, "d": false, "s": null, "t": null });
            return self.gateway.tell(link, Out::Frame(frame));
        };
        if seq > session.seq {
            return self.gateway.tell(link, Out::Close(4007, "Invalid seq."));
        }
        session.link = Some(link);
        let missed: Vec<Value> = session
            .log
            .iter()
            .filter(|frame| frame["s"].as_u64() > Some(seq))
            .cloned()
            .collect();
        if let Some(link) = self.gateway.links.get_mut(&link) {
            link.session = Some(name.clone());
        }
        for frame in missed {
            self.gateway.tell(link, Out::Frame(frame));
        }
        self.tell_session(&name, "RESUMED", json!({ "_trace": [] }));
    }
}
