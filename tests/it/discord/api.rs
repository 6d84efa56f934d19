//! The REST end by hand: what is asked, and the status and body that come back.

use serde_json::{Value, json};

use super::fake::FakeDiscord;
use super::fake::clock::Id;
use super::fake::interaction::Kind;
use super::fake::people::Person;

const AGENT: &str = "DiscordBot (https://example.org/edition-warden, 0)";

/// A client with the bot's token, or with none.
pub(super) struct Api {
    client: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl Api {
    pub(super) fn of(discord: &FakeDiscord) -> Self {
        let client = reqwest::Client::builder().user_agent(AGENT).build();
        Self {
            client: client.unwrap(),
            base: format!("{}/api/v10", discord.api_url()),
            token: Some(format!("Bot {}", discord.token())),
        }
    }

    pub(super) fn with_token(mut self, token: Option<&str>) -> Self {
        self.token = token.map(str::to_owned);
        self
    }

    pub(super) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.base);
        let request = self.client.request(method.parse().unwrap(), url);
        match &self.token {
            Some(token) => request.header("authorization", token),
            None => request,
        }
    }

    pub(super) async fn get(&self, path: &str) -> (u16, Value) {
        heard(self.request("GET", path)).await
    }

    pub(super) async fn send(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        heard(self.request(method, path).json(body)).await
    }

    pub(super) async fn post(&self, channel: Id, body: &Value) -> (u16, Value) {
        self.send("POST", &format!("/channels/{channel}/messages"), body)
            .await
    }

    /// Answers an interaction.
    pub(super) async fn answers(&self, deed: &Raw, body: &Value) -> (u16, Value) {
        let path = format!("/interactions/{}/{}/callback", deed.id, deed.token);
        self.send("POST", &path, body).await
    }
}

async fn heard(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// An interaction no bot was told of.
pub(super) struct Raw {
    pub(super) id: Id,
    pub(super) token: String,
}

pub(super) fn does(person: &Person, kind: Kind, message: Option<Id>) -> Raw {
    let mut place = person.place("ops");
    place.message = message;
    person.shared.touch(|world| {
        let id = world.interact(kind, &place, json!({ "custom_id": "x" }));
        let token = world.interactions[&id].token.clone();
        Raw { id, token }
    })
}

#[tokio::test]
async fn only_the_right_token_is_let_in() {
    let discord = FakeDiscord::start().await;
    assert_eq!(Api::of(&discord).get("/users/@me").await.0, 200);
    for token in [None, Some("Bot wrong"), Some(discord.token().as_str())] {
        let api = Api::of(&discord).with_token(token);
        let refused = (401, json!({ "code": 0, "message": "401: Unauthorized" }));
        assert_eq!(api.get("/users/@me").await, refused);
    }
    let open = Api::of(&discord).with_token(None).get("/gateway").await;
    assert_eq!(open, (200, json!({ "url": discord.gateway_url() })));
    discord.resets_token("another");
    let (_, bot) = Api::of(&discord).get("/gateway/bot").await;
    assert_eq!(bot["session_start_limit"]["max_concurrency"], 1);
}

#[tokio::test]
async fn what_is_not_there_is_said_by_its_code() {
    let discord = FakeDiscord::start().await;
    let guild = discord
        .guild("acme")
        .channel("ops")
        .role("sre")
        .system_channel("ops");
    let (ops, alice) = (guild.channel_id("ops"), guild.member("alice", &[]));
    let stranger = discord.guild_without_bot("other").member("eve", &[]);
    let api = Api::of(&discord);
    for (path, code) in [
        ("/channels/1".to_owned(), 10003),
        (format!("/channels/{ops}/messages/1"), 10008),
        ("/guilds/1".to_owned(), 10004),
        (format!("/guilds/{}", stranger.guild), 50001),
        (
            format!("/guilds/{}/members/{}", guild.id, stranger.user),
            10007,
        ),
        (format!("/guilds/{}/members/1", guild.id), 10013),
        ("/webhooks/1/token/messages/@original".to_owned(), 10015),
        ("/nothing".to_owned(), 0),
        ("/channels/ops".to_owned(), 50035),
    ] {
        let (status, body) = api.get(&path).await;
        assert!(status >= 400, "{path}");
        assert_eq!(body["code"], code, "{path}: {body}");
    }
    let (_, member) = api
        .get(&format!("/guilds/{}/members/{}", guild.id, alice.user))
        .await;
    assert_eq!(member["user"]["username"], "alice");
    for (path, count) in [("roles", 3), ("channels", 1)] {
        let (_, all) = api.get(&format!("/guilds/{}/{path}", guild.id)).await;
        assert_eq!(all.as_array().map(Vec::len), Some(count), "{path}");
    }
}

#[tokio::test]
async fn a_message_comes_and_changes_and_goes() {
    let discord = FakeDiscord::start().await;
    let ops = discord.guild("acme").channel("ops").channel_id("ops");
    let api = Api::of(&discord);
    let (_, first) = api.post(ops, &json!({ "content": "one" })).await;
    let (_, second) = api.post(ops, &json!({ "content": "two" })).await;
    let all = format!("/channels/{ops}/messages");
    let newest = api.get(&format!("{all}?limit=2")).await.1;
    assert_eq!(newest, json!([second, first]));
    let second = second["id"].as_str().unwrap();
    let before = api.get(&format!("{all}?before={second}")).await.1;
    assert_eq!(before, json!([first]));
    let path = format!("{all}/{}", first["id"].as_str().unwrap());
    let three = json!({ "content": "three" });
    let (_, changed) = api.send("PATCH", &path, &three).await;
    assert_eq!(changed["content"], "three");
    assert!(!changed["edited_timestamp"].is_null());
    assert_eq!(api.send("DELETE", &path, &Value::Null).await.0, 204);
    assert_eq!(api.get(&path).await.1["code"], 10008);
}

#[tokio::test]
async fn a_message_takes_reactions_and_one_thread() {
    let discord = FakeDiscord::start().await;
    let ops = discord.guild("acme").channel("ops").channel_id("ops");
    let api = Api::of(&discord);
    let (_, message) = api.post(ops, &json!({ "content": "one" })).await;
    let path = format!(
        "/channels/{ops}/messages/{}",
        message["id"].as_str().unwrap()
    );
    for (emoji, status) in [("%F0%9F%94%95", 204), ("bell", 400)] {
        let reaction = format!("{path}/reactions/{emoji}/@me");
        assert_eq!(api.send("PUT", &reaction, &Value::Null).await.0, status);
    }
    assert_eq!(
        api.get(&path).await.1["reactions"][0]["emoji"]["name"],
        "🔕"
    );
    let (threads, name) = (format!("{path}/threads"), json!({ "name": "change 1" }));
    let (status, thread) = api.send("POST", &threads, &name).await;
    assert_eq!((status, &thread["id"]), (201, &message["id"]));
    assert_eq!(api.send("POST", &threads, &name).await.1["code"], 160_004);
}

#[tokio::test]
async fn a_nonce_makes_a_message_once_within_the_window() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops").channel("alerts");
    let (api, ops) = (Api::of(&discord), guild.channel_id("ops"));
    let sure = json!({ "content": "once", "nonce": "warden-1", "enforce_nonce": true });
    let (_, first) = api.post(ops, &sure).await;
    let (_, again) = api.post(ops, &sure).await;
    let (_, elsewhere) = api.post(guild.channel_id("alerts"), &sure).await;
    assert_eq!(first["id"], again["id"]);
    assert_ne!(first["id"], elsewhere["id"]);
    let (_, unsure) = api
        .post(ops, &json!({ "content": "once", "nonce": "warden-1" }))
        .await;
    assert_ne!(first["id"], unsure["id"]);
    discord.passes(std::time::Duration::from_secs(181));
    let (_, late) = api.post(ops, &sure).await;
    assert_ne!(first["id"], late["id"]);
}

#[tokio::test]
async fn files_are_fetched_without_the_token() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops");
    let (api, ops) = (Api::of(&discord), guild.channel_id("ops"));
    let file = reqwest::multipart::Part::bytes(b"a,b\n".to_vec()).file_name("list.csv");
    let payload =
        json!({ "content": "here", "attachments": [{ "id": 0, "description": "the list" }] });
    let form = reqwest::multipart::Form::new()
        .text("payload_json", payload.to_string())
        .part("files[0]", file);
    let path = format!("/channels/{ops}/messages");
    let sent = api
        .request("POST", &path)
        .multipart(form)
        .send()
        .await
        .unwrap();
    let sent: Value = sent.json().await.unwrap();
    let attachment = &sent["attachments"][0];
    assert_eq!(
        (&attachment["size"], &attachment["description"]),
        (&json!(4), &json!("the list"))
    );
    let url = attachment["url"].as_str().unwrap();
    assert_eq!(
        reqwest::get(url).await.unwrap().text().await.unwrap(),
        "a,b\n"
    );
    assert_eq!(discord.violations(), Vec::<String>::new());
    let wrong = reqwest::Client::new()
        .get(url)
        .header("authorization", discord.token());
    assert_eq!(wrong.send().await.unwrap().status(), 200);
    assert_eq!(discord.violations().len(), 1);
    let recorded = discord.requests();
    assert_eq!(recorded[0].files, [("list.csv".to_owned(), 4)]);
    assert_eq!(recorded[0].body, payload);
}
