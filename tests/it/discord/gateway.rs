//! The gateway by hand, frame by frame, and once more with serenity.

use std::io::Read as _;
use std::time::Duration;

use flate2::read::ZlibDecoder;
use futures_util::{SinkExt as _, StreamExt as _};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::fake::FakeDiscord;
use super::fake::gateway::session::{GUILD_MEMBERS, GUILD_MESSAGES, GUILDS, MESSAGE_CONTENT};
use super::pong::Pong;

const BOTH: u64 = GUILDS | GUILD_MESSAGES;

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

#[derive(Debug, PartialEq)]
enum Got {
    Frame(Value),
    Closed(u16),
    Gone,
}

impl Socket {
    /// Connects and hears the hello.
    async fn open(discord: &FakeDiscord) -> Self {
        let url = format!("{}/?v=10&encoding=json", discord.gateway_url());
        let (stream, _) = connect_async(url).await.unwrap();
        let mut socket = Self(stream);
        assert_eq!(socket.frame().await["op"], 10);
        socket
    }

    async fn ready(discord: &FakeDiscord, intents: u64) -> (Self, Value) {
        let mut socket = Self::open(discord).await;
        socket.identifies(&discord.token(), intents, false).await;
        let ready = socket.event("READY").await;
        (socket, ready)
    }

    async fn says(&mut self, said: &Value) {
        self.0.send(Message::text(said.to_string())).await.unwrap();
    }

    async fn identifies(&mut self, token: &str, intents: u64, compress: bool) {
        let properties = json!({ "os": "linux", "browser": "x", "device": "x" });
        let data = json!({ "token": token, "intents": intents, "properties": properties, "compress": compress });
        self.says(&json!({ "op": 2, "d": data })).await;
    }

    async fn got(&mut self) -> Got {
        let next = tokio::time::timeout(Duration::from_secs(10), self.0.next());
        match next.await.unwrap() {
            Some(Ok(Message::Text(text))) => Got::Frame(text.parse().unwrap()),
            Some(Ok(Message::Binary(bytes))) => {
                let mut text = String::new();
                ZlibDecoder::new(&bytes[..])
                    .read_to_string(&mut text)
                    .unwrap();
                Got::Frame(text.parse().unwrap())
            }
            Some(Ok(Message::Close(Some(frame)))) => Got::Closed(frame.code.into()),
            _ => Got::Gone,
        }
    }

    async fn frame(&mut self) -> Value {
        match self.got().await {
            Got::Frame(frame) => frame,
            other => panic!("{other:?} is no frame"),
        }
    }

    /// The next event of a name; what comes before it is passed over.
    async fn event(&mut self, name: &str) -> Value {
        loop {
            let frame = self.frame().await;
            if frame["t"] == name {
                return frame;
            }
        }
    }
}

#[rstest]
#[case::wrong_token("wrong", BOTH, 4004)]
#[case::not_switched_on("", BOTH | MESSAGE_CONTENT, 4014)]
#[case::no_such_intent("", 1 << 40, 4013)]
#[tokio::test]
async fn who_may_not_come_in_is_told_why(
    #[case] token: &str,
    #[case] intents: u64,
    #[case] code: u16,
) {
    let discord = FakeDiscord::start().await;
    let mut socket = Socket::open(&discord).await;
    let token = if token.is_empty() {
        discord.token()
    } else {
        token.to_owned()
    };
    socket.identifies(&token, intents, false).await;
    assert_eq!(socket.got().await, Got::Closed(code));
    assert_eq!(discord.gateway().identifies()[0]["token"], ":token");
}

#[tokio::test]
async fn the_world_comes_after_ready() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops").role("sre");
    let mut socket = Socket::open(&discord).await;
    socket.identifies(&discord.token(), BOTH, true).await;
    let ready = socket.event("READY").await;
    assert_eq!(ready["d"]["guilds"][0]["unavailable"], true);
    let created = socket.event("GUILD_CREATE").await;
    assert_eq!(created["d"]["channels"][0]["name"], "ops");
    assert_eq!(
        created["d"]["members"].as_array().map(Vec::len),
        Some(1),
        "the bot alone"
    );
    socket.says(&json!({ "op": 1, "d": created["s"] })).await;
    assert_eq!(socket.frame().await["op"], 11);
    socket.identifies(&discord.token(), BOTH, true).await;
    assert_eq!(socket.got().await, Got::Closed(4005));
    guild.kicks_bot();
}

#[tokio::test]
async fn a_session_is_taken_up_where_it_broke() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops");
    let (mut socket, ready) = Socket::ready(&discord, BOTH).await;
    let seq = socket.event("GUILD_CREATE").await["s"].clone();
    discord.gateway().cut();
    assert_eq!(socket.got().await, Got::Gone);
    let hook = guild.webhook("vendor");
    hook.posts("ops", "missed");
    let mut socket = Socket::open(&discord).await;
    let session = &ready["d"]["session_id"];
    let resume =
        json!({ "op": 6, "d": { "token": discord.token(), "session_id": session, "seq": seq } });
    socket.says(&resume).await;
    assert_eq!(socket.frame().await["t"], "MESSAGE_CREATE");
    assert_eq!(socket.frame().await["t"], "RESUMED");
    discord.gateway().forget_sessions();
    let mut socket = Socket::open(&discord).await;
    socket.says(&resume).await;
    assert_eq!(
        socket.frame().await,
        json!({ "op": 9, "d": false, "s": null, "t": null })
    );
    assert_eq!(discord.gateway().resumes().len(), 2);
}

#[tokio::test]
async fn what_a_test_may_do_to_a_connection() {
    let discord = FakeDiscord::start().await;
    discord.guild("acme");
    let (mut socket, _) = Socket::ready(&discord, BOTH).await;
    socket.event("GUILD_CREATE").await;
    discord.gateway().reconnect();
    assert_eq!(socket.frame().await["op"], 7);
    discord.gateway().invalid_session(true);
    assert_eq!(socket.frame().await["d"], true);
    discord.gateway().sends("SOMETHING_NEW", json!({ "a": 1 }));
    assert_eq!(socket.frame().await["t"], "SOMETHING_NEW");
    discord.gateway().close(4000);
    assert_eq!(socket.got().await, Got::Closed(4000));
    let (mut zombie, _) = Socket::ready(&discord, BOTH).await;
    zombie.event("GUILD_CREATE").await;
    discord.gateway().zombie();
    zombie.says(&json!({ "op": 1, "d": 1 })).await;
    let silence = tokio::time::timeout(Duration::from_millis(50), zombie.0.next());
    assert!(silence.await.is_err());
    assert_eq!(discord.gateway().open(), 1);
}

#[tokio::test]
async fn events_come_twice_or_the_wrong_way_round() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops");
    let hook = guild.webhook("vendor");
    let (mut socket, _) = Socket::ready(&discord, BOTH).await;
    discord.gateway().doubles(true);
    let first = hook.posts("ops", "one").to_string();
    for _ in 0..2 {
        assert_eq!(socket.event("MESSAGE_CREATE").await["d"]["id"], first);
    }
    discord.gateway().doubles(false);
    discord.gateway().holds();
    let held = [hook.posts("ops", "two"), hook.posts("ops", "three")];
    discord.gateway().releases_reversed();
    for id in held.into_iter().rev() {
        assert_eq!(
            socket.event("MESSAGE_CREATE").await["d"]["id"],
            id.to_string()
        );
    }
}

#[rstest]
#[case::without(0, "")]
#[case::with(MESSAGE_CONTENT, "for people")]
#[tokio::test]
async fn what_people_write_needs_the_intent(#[case] intent: u64, #[case] read: &str) {
    let discord = FakeDiscord::start().await;
    discord.portal_allows(MESSAGE_CONTENT);
    let guild = discord.guild("acme").channel("ops");
    let alice = guild.member("alice", &[]);
    let (mut socket, _) = Socket::ready(&discord, BOTH | intent).await;
    alice.says("ops", "for people").await;
    assert_eq!(socket.event("MESSAGE_CREATE").await["d"]["content"], read);
    alice.says("ops", "<@bot> for you").await;
    let content = socket.event("MESSAGE_CREATE").await["d"]["content"].clone();
    assert_eq!(content, format!("{} for you", discord.mention()));
}

#[tokio::test]
async fn guilds_come_and_go() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild_without_bot("acme").channel("ops");
    let (mut socket, _) = Socket::ready(&discord, BOTH).await;
    guild.invites_bot();
    socket.event("GUILD_CREATE").await;
    guild.goes_unavailable();
    assert_eq!(socket.event("GUILD_DELETE").await["d"]["unavailable"], true);
    guild.comes_back();
    socket.event("GUILD_CREATE").await;
    guild.deletes_channel("ops");
    socket.event("CHANNEL_DELETE").await;
    guild.kicks_bot();
    assert!(
        socket.event("GUILD_DELETE").await["d"]
            .get("unavailable")
            .is_none()
    );
}

#[tokio::test]
async fn members_are_heard_of_with_the_intent_only() {
    let discord = FakeDiscord::start().await;
    discord.portal_allows(GUILD_MEMBERS);
    let guild = discord.guild("acme").role("sre");
    guild.member("alice", &[]);
    let (mut knows, _) = Socket::ready(&discord, BOTH | GUILD_MEMBERS).await;
    let created = knows.event("GUILD_CREATE").await;
    assert_eq!(created["d"]["members"].as_array().map(Vec::len), Some(3));
    let (mut other, _) = Socket::ready(&discord, BOTH).await;
    other.event("GUILD_CREATE").await;
    guild.gives_role("alice", "sre");
    guild.loses("alice");
    let changed = knows.event("GUILD_MEMBER_UPDATE").await;
    assert_eq!(
        changed["d"]["roles"],
        json!([guild.role_id("sre").to_string()])
    );
    knows.event("GUILD_MEMBER_REMOVE").await;
    discord.gateway().sends("LAST", json!({}));
    assert_eq!(other.frame().await["t"], "LAST");
}

#[tokio::test]
async fn serenity_resumes() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops");
    let alice = guild.member("alice", &[]);
    let pong = Pong::start(&discord).await;
    discord.ready().await;
    alice
        .slash("/ping", &[])
        .in_("ops")
        .await
        .reply()
        .await
        .has("pong");
    discord.gateway().reconnect();
    discord
        .until("a resume", |world| {
            (world.gateway.resumes.len() == 1).then_some(())
        })
        .await;
    alice
        .slash("/ping", &[])
        .in_("ops")
        .await
        .reply()
        .await
        .has("pong");
    assert_eq!(pong.unknown(), Vec::<String>::new());
    assert_eq!(discord.gateway().identifies().len(), 1);
}
