//! A stand-in for Discord that costs little: one guild, whose owner types slash commands. It is not strict; the tests have
//! one that is.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};

/// Of the form that clients check for; it opens nothing.
pub(crate) const TOKEN: &str = "MTAw.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

const GUILD: u64 = 7;
const OWNER: u64 = 9;
const CHANNEL: u64 = 7001;
const BOT: u64 = 100;
const EVERYTHING: &str = "1125899906842623";
/// Of Discord's ids, in milliseconds of Unix time.
const EPOCH: u64 = 1_420_070_400_000;

/// A slash command as somebody typed it.
pub(crate) struct Slash {
    name: &'static str,
    options: Value,
}

impl Slash {
    fn sub(name: &'static str, sub: &str, options: Value) -> Self {
        let options = json!([{ "type": 1, "name": sub, "options": options }]);
        Self { name, options }
    }

    /// Adds an instance.
    pub(crate) fn add(n: usize) -> Self {
        Self::sub(
            "instance",
            "add",
            json!([
                text("id", &format!("MQ_INST_1080056302921134_P{n:07}")),
                text("name", &format!("peer-{n}")),
                text("region", "cn-hangzhou"),
                text("edition", "platinum"),
                text("expires", "2028-06-01"),
                text("action", "downgrade"),
            ]),
        )
    }

    /// Writes a fact: the command that is durable.
    pub(crate) fn set(n: usize) -> Self {
        let size = 1_000 + n % 3_000;
        let size = json!({ "type": 4, "name": "max-tps", "value": size });
        Self::sub("instance", "set", json!([instance(n), size]))
    }

    /// Judges a step and writes nothing.
    pub(crate) fn check(n: usize) -> Self {
        Self {
            name: "check",
            options: json!([text("intent", "unsubscribe"), instance(n)]),
        }
    }
}

fn text(name: &str, value: &str) -> Value {
    json!({ "type": 3, "name": name, "value": value })
}

fn instance(n: usize) -> Value {
    text("instance", &format!("peer-{}", n % crate::INSTANCES))
}

#[derive(Clone)]
pub(crate) struct Discord(Arc<World>);

struct World {
    base: String,
    host: String,
    ids: AtomicU64,
    frames: AtomicU64,
    gateway: Mutex<Option<mpsc::UnboundedSender<Message>>>,
    connected: watch::Sender<bool>,
    /// Who waits for the answer to an interaction.
    asked: Mutex<HashMap<u64, oneshot::Sender<()>>>,
}

impl Discord {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let discord = Self(Arc::new(World {
            base: format!("http://{host}"),
            host,
            ids: AtomicU64::new(1),
            frames: AtomicU64::new(0),
            gateway: Mutex::default(),
            connected: watch::channel(false).0,
            asked: Mutex::default(),
        }));
        let router = Router::new()
            .route("/gateway", get(upgrade))
            .route("/gateway/", get(upgrade))
            .fallback(answer)
            .with_state(discord.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        discord
    }

    pub(crate) fn base(&self) -> &str {
        &self.0.base
    }

    /// Waits until the bot has been told of its guild.
    pub(crate) async fn connected(&self) {
        let mut connected = self.0.connected.subscribe();
        let waited = connected.wait_for(|connected| *connected);
        let waited = tokio::time::timeout(Duration::from_secs(60), waited).await;
        assert!(waited.is_ok(), "the bot did not connect");
    }

    /// Types a command and waits for the answer; how long that took.
    pub(crate) async fn ask(&self, slash: Slash) -> Duration {
        let id = self.0.id();
        let (answered, answer) = oneshot::channel();
        self.0.asked.lock().unwrap().insert(id, answered);
        let began = Instant::now();
        self.0.emit("INTERACTION_CREATE", &interaction(id, slash));
        let answer = tokio::time::timeout(Duration::from_secs(60), answer).await;
        assert!(answer.is_ok(), "the bot did not answer");
        began.elapsed()
    }
}

impl World {
    fn id(&self) -> u64 {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let ms = u64::try_from(now.unwrap().as_millis()).unwrap() - EPOCH;
        (ms << 22) | (self.ids.fetch_add(1, Ordering::Relaxed) & 0x3f_ffff)
    }

    fn emit(&self, event: &str, data: &Value) {
        let frame = self.frames.fetch_add(1, Ordering::Relaxed) + 1;
        let text = json!({ "op": 0, "s": frame, "t": event, "d": data }).to_string();
        let gateway = self.gateway.lock().unwrap();
        gateway.as_ref().unwrap().send(Message::text(text)).unwrap();
    }

    fn answered(&self, id: u64) {
        let asked = self.asked.lock().unwrap().remove(&id);
        if let Some(asked) = asked {
            let _ = asked.send(());
        }
    }
}

async fn upgrade(State(discord): State<Discord>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|socket| converse(discord, socket))
}

async fn converse(Discord(world): Discord, mut socket: WebSocket) {
    let (sender, mut frames) = mpsc::unbounded_channel();
    *world.gateway.lock().unwrap() = Some(sender);
    let hello = json!({ "op": 10, "d": { "heartbeat_interval": 41_250 }, "s": null, "t": null });
    let _ = socket.send(Message::text(hello.to_string())).await;
    loop {
        let frame = tokio::select! {
            Some(frame) = frames.recv() => {
                let _ = socket.send(frame).await;
                continue;
            }
            frame = socket.recv() => frame,
        };
        let Some(Ok(frame)) = frame else { return };
        let frame: Value = match &frame {
            Message::Text(text) => serde_json::from_str(text).unwrap(),
            Message::Binary(bytes) => serde_json::from_slice(bytes).unwrap(),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => continue,
        };
        match frame["op"].as_u64() {
            Some(1) => {
                let beat = json!({ "op": 11, "d": null, "s": null, "t": null });
                let _ = socket.send(Message::text(beat.to_string())).await;
            }
            Some(2) => {
                world.emit("READY", &ready(&world.host));
                world.emit("GUILD_CREATE", &guild());
                world.connected.send_replace(true);
            }
            _ => {}
        }
    }
}

async fn answer(
    State(Discord(world)): State<Discord>,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> Response {
    let path = uri.path();
    let path = path.split_once("/v10/").map_or(path, |(_, path)| path);
    let path: Vec<&str> = path.trim_matches('/').split('/').collect();
    let json = || serde_json::from_slice::<Value>(&body).unwrap_or_default();
    let reply = match (method.as_str(), path.as_slice()) {
        ("POST", ["interactions", id, _, "callback"]) => {
            // 5 and 6 say that the answer comes later.
            if !matches!(json()["type"].as_u64(), Some(5 | 6)) {
                world.answered(id.parse().unwrap());
            }
            let with_response = uri
                .query()
                .is_some_and(|query| query.contains("with_response=true"));
            if !with_response {
                return StatusCode::NO_CONTENT.into_response();
            }
            let interaction = json!({ "id": id, "type": 2, "response_message_id": "1" });
            let resource = json!({ "type": 4, "message": message(&world, &json!({})) });
            json!({ "interaction": interaction, "resource": resource })
        }
        (_, ["webhooks", _, token, ..]) => {
            // The token is the id of the interaction behind a letter.
            world.answered(token.trim_start_matches('t').parse().unwrap());
            message(&world, &json())
        }
        ("GET", ["channels", _, "messages"]) => json!([]),
        (_, ["channels", _, "messages", ..]) => message(&world, &json()),
        (_, ["channels", ..]) => channel(),
        ("PUT", ["applications", .., "commands"]) => registered(json()),
        ("GET", ["applications", .., "commands"]) => json!([]),
        (_, ["applications", "@me"] | ["oauth2", "applications", "@me"]) => application(),
        (_, ["guilds", _, "channels"]) => json!([channel()]),
        (_, ["guilds", _, "roles"]) => json!([everyone()]),
        (_, ["guilds", _, "members", _]) => member(BOT, "bot"),
        (_, ["guilds", ..]) => guild(),
        (_, ["users", "@me"]) => user(BOT, "bot"),
        (_, ["gateway", ..]) => json!({
            "url": format!("ws://{}/gateway", world.host), "shards": 1,
            "session_start_limit": { "total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1 },
        }),
        _ => json!({}),
    };
    axum::Json(reply).into_response()
}

fn registered(commands: Value) -> Value {
    let mut commands = commands;
    for (n, command) in commands.as_array_mut().into_iter().flatten().enumerate() {
        command["id"] = json!((500 + n).to_string());
        command["version"] = json!("1");
        command["application_id"] = json!(BOT.to_string());
        let bits = command["default_member_permissions"].as_u64();
        if let Some(bits) = bits {
            command["default_member_permissions"] = json!(bits.to_string());
        }
    }
    commands
}

fn user(id: u64, name: &str) -> Value {
    json!({
        "id": id.to_string(), "username": name, "discriminator": "0", "global_name": name, "avatar": null, "bot": id == BOT,
        "system": false, "public_flags": 0, "flags": 0, "mfa_enabled": false, "verified": true, "email": null,
        "locale": "en-US",
    })
}

fn member(id: u64, name: &str) -> Value {
    json!({
        "user": user(id, name), "nick": null, "avatar": null, "roles": [], "joined_at": "2024-01-01T00:00:00.000000+00:00",
        "premium_since": null, "deaf": false, "mute": false, "flags": 0, "pending": false,
        "communication_disabled_until": null,
    })
}

fn everyone() -> Value {
    json!({
        "id": GUILD.to_string(), "name": "@everyone", "color": 0, "hoist": false, "icon": null, "unicode_emoji": null,
        "position": 0, "permissions": EVERYTHING, "managed": false, "mentionable": true, "flags": 0,
        "colors": { "primary_color": 0, "secondary_color": null, "tertiary_color": null },
    })
}

fn channel() -> Value {
    json!({
        "id": CHANNEL.to_string(), "type": 0, "guild_id": GUILD.to_string(), "name": "general", "position": 0,
        "permission_overwrites": [], "topic": null, "nsfw": false, "last_message_id": null, "rate_limit_per_user": 0,
        "parent_id": null, "last_pin_timestamp": null, "flags": 0,
    })
}

fn guild() -> Value {
    json!({
        "id": GUILD.to_string(), "name": "guild", "icon": null, "splash": null, "discovery_splash": null,
        "owner_id": OWNER.to_string(), "afk_channel_id": null, "afk_timeout": 300, "verification_level": 0,
        "default_message_notifications": 0, "explicit_content_filter": 0, "roles": [everyone()], "emojis": [],
        "stickers": [], "features": [], "mfa_level": 0, "application_id": null, "system_channel_id": CHANNEL.to_string(),
        "system_channel_flags": 0, "rules_channel_id": null, "max_presences": null, "max_members": 500_000,
        "vanity_url_code": null, "description": null, "banner": null, "premium_tier": 0, "premium_subscription_count": 0,
        "preferred_locale": "en-US", "public_updates_channel_id": null, "max_video_channel_users": 25,
        "max_stage_video_channel_users": 50, "nsfw": false, "nsfw_level": 0, "premium_progress_bar_enabled": false,
        "safety_alerts_channel_id": null, "widget_enabled": false, "widget_channel_id": null, "region": "deprecated",
        "joined_at": "2024-01-01T00:00:00.000000+00:00", "large": false, "unavailable": false, "member_count": 2,
        "members": [member(BOT, "bot")], "channels": [channel()], "threads": [], "voice_states": [], "presences": [],
        "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [],
    })
}

fn application() -> Value {
    json!({
        "id": BOT.to_string(), "name": "bot", "icon": null, "description": "", "summary": "", "bot_public": true,
        "bot_require_code_grant": false, "verify_key": "0".repeat(64), "team": null, "flags": 1 << 23,
        "owner": user(OWNER, "owner"), "bot": user(BOT, "bot"), "redirect_uris": [],
    })
}

fn ready(host: &str) -> Value {
    json!({
        "v": 10, "user": user(BOT, "bot"), "guilds": [{ "id": GUILD.to_string(), "unavailable": true }],
        "session_id": "session", "session_type": "normal", "resume_gateway_url": format!("ws://{host}/gateway"),
        "shard": [0, 1], "application": { "id": BOT.to_string(), "flags": 1 << 23 }, "private_channels": [],
        "relationships": [], "presences": [], "user_settings": {}, "guild_join_requests": [],
    })
}

fn message(world: &World, body: &Value) -> Value {
    let list = |part: &str| body.get(part).cloned().unwrap_or_else(|| json!([]));
    json!({
        "id": world.id().to_string(), "channel_id": CHANNEL.to_string(), "type": 0, "author": user(BOT, "bot"),
        "content": body["content"].as_str().unwrap_or_default(), "embeds": list("embeds"),
        "components": list("components"), "attachments": [], "timestamp": "2026-01-01T00:00:00.000000+00:00",
        "edited_timestamp": null, "flags": body["flags"].as_u64().unwrap_or_default(), "mention_everyone": false,
        "mentions": [], "mention_roles": [], "pinned": false, "tts": false, "nonce": body["nonce"],
    })
}

fn interaction(id: u64, slash: Slash) -> Value {
    let mut acting = member(OWNER, "owner");
    acting["permissions"] = json!(EVERYTHING);
    let mut here = channel();
    here["permissions"] = json!(EVERYTHING);
    json!({
        "id": id.to_string(), "application_id": BOT.to_string(), "type": 2, "token": format!("t{id}"), "version": 1,
        "data": { "id": "500", "name": slash.name, "type": 1, "options": slash.options },
        "guild_id": GUILD.to_string(), "guild": { "id": GUILD.to_string(), "locale": "en-US", "features": [] },
        "channel_id": CHANNEL.to_string(), "channel": here, "member": acting, "app_permissions": EVERYTHING,
        "locale": "en-US", "guild_locale": "en-US", "entitlements": [],
        "authorizing_integration_owners": { "0": GUILD.to_string() }, "context": 0, "attachment_size_limit": 10_485_760,
    })
}
