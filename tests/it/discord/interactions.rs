//! Discord's limits on a bot's answers: which, when and how often.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use super::api::{Api, Raw, does};
use super::fake::FakeDiscord;
use super::fake::interaction::Kind;
use super::fake::people::Person;

fn modal() -> Value {
    let input = json!({ "type": 4, "custom_id": "name", "label": "Name", "style": 1 });
    json!({ "title": "Sure?", "custom_id": "m", "components": [{ "type": 1, "components": [input] }] })
}

fn answer(kind: u64) -> Value {
    let data = match kind {
        8 => json!({ "choices": [{ "name": "orders", "value": "orders" }] }),
        9 => modal(),
        4 | 7 => json!({ "content": "done" }),
        _ => Value::Null,
    };
    json!({ "type": kind, "data": data })
}

struct Scene {
    discord: FakeDiscord,
    api: Api,
    alice: Person,
    message: u64,
}

impl Scene {
    async fn open() -> Self {
        let discord = FakeDiscord::start().await;
        let guild = discord.guild("acme").channel("ops");
        let api = Api::of(&discord).with_token(None);
        let (_, message) = Api::of(&discord)
            .post(guild.channel_id("ops"), &json!({ "content": "x" }))
            .await;
        Self {
            alice: guild.member("alice", &[]),
            message: message["id"].as_str().unwrap().parse().unwrap(),
            api,
            discord,
        }
    }

    fn command(&self) -> Raw {
        does(&self.alice, Kind::Command, None)
    }

    async fn hook(&self, method: &str, deed: &Raw, rest: &str, body: &Value) -> (u16, Value) {
        let bot = self.discord.look(|world| world.bot.id);
        let path = format!("/webhooks/{bot}/{}{rest}", deed.token);
        self.api.send(method, &path, body).await
    }
}

/// Which answers fit what was done, in the order 4 to 9.
#[rstest]
#[case::command(Kind::Command, false, [true, true, false, false, false, true])]
#[case::component(Kind::Component, true, [true, true, true, true, false, true])]
#[case::autocomplete(Kind::Autocomplete, false, [false, false, false, false, true, false])]
#[case::modal_of_a_command(Kind::Modal, false, [true, true, false, false, false, false])]
#[case::modal_of_a_button(Kind::Modal, true, [true, true, true, true, false, false])]
#[tokio::test]
async fn an_answer_is_of_a_kind_that_fits(
    #[case] kind: Kind,
    #[case] on: bool,
    #[case] fit: [bool; 6],
) {
    let scene = Scene::open().await;
    for (number, fits) in (4..).zip(fit) {
        let deed = does(&scene.alice, kind, on.then_some(scene.message));
        let (status, body) = scene.api.answers(&deed, &answer(number)).await;
        assert_eq!(
            status,
            if fits { 204 } else { 400 },
            "{number} to {kind:?}: {body}"
        );
    }
}

#[tokio::test]
async fn one_answers_once_and_within_three_seconds() {
    let scene = Scene::open().await;
    let deed = scene.command();
    assert_eq!(scene.api.answers(&deed, &answer(4)).await.0, 204);
    assert_eq!(scene.api.answers(&deed, &answer(4)).await.1["code"], 40060);
    let late = scene.command();
    scene.discord.passes(Duration::from_secs(3));
    assert_eq!(scene.api.answers(&late, &answer(5)).await.1["code"], 10062);
    let forged = Raw {
        token: "another".to_owned(),
        ..scene.command()
    };
    assert_eq!(
        scene.api.answers(&forged, &answer(4)).await.1["code"],
        10062
    );
}

#[tokio::test]
async fn a_token_lives_for_a_quarter_of_an_hour() {
    let scene = Scene::open().await;
    let deed = scene.command();
    let hello = json!({ "content": "hello" });
    assert_eq!(scene.hook("POST", &deed, "", &hello).await.1["code"], 10015);
    scene.api.answers(&deed, &answer(5)).await;
    scene.discord.passes(Duration::from_secs(14 * 60));
    assert_eq!(
        scene
            .hook("PATCH", &deed, "/messages/@original", &hello)
            .await
            .0,
        200
    );
    scene.discord.passes(Duration::from_secs(61));
    for (method, rest) in [("PATCH", "/messages/@original"), ("POST", "")] {
        assert_eq!(
            scene.hook(method, &deed, rest, &hello).await,
            (
                401,
                json!({ "code": 50027, "message": "Invalid Webhook Token" })
            )
        );
    }
}

#[tokio::test]
async fn who_sees_it_is_fixed_when_deferring() {
    let scene = Scene::open().await;
    let deed = scene.command();
    scene.api.answers(&deed, &json!({ "type": 5 })).await;
    let hidden = json!({ "content": "for alice", "flags": 64 });
    let (_, shown) = scene.hook("POST", &deed, "", &hidden).await;
    assert_eq!(shown["flags"], 0);
    let (_, follow_up) = scene.hook("POST", &deed, "", &hidden).await;
    assert_eq!(follow_up["flags"], 64);
    let (_, original) = scene
        .hook("GET", &deed, "/messages/@original", &Value::Null)
        .await;
    assert_eq!(original["id"], shown["id"]);
    assert_eq!(
        scene
            .hook("DELETE", &deed, "/messages/@original", &Value::Null)
            .await
            .0,
        204
    );
    assert_eq!(
        scene
            .hook("GET", &deed, "/messages/@original", &Value::Null)
            .await
            .1["code"],
        10008
    );
}

#[tokio::test]
async fn an_ephemeral_message_is_not_in_the_channel() {
    let scene = Scene::open().await;
    let deed = scene.command();
    let body = json!({ "type": 4, "data": { "content": "for alice", "flags": 64 } });
    let path = format!(
        "/interactions/{}/{}/callback?with_response=true",
        deed.id, deed.token
    );
    let (status, whole) = scene.api.send("POST", &path, &body).await;
    assert_eq!(status, 200);
    let message = whole["resource"]["message"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let ops = scene.alice.place("ops").channel;
    let api = Api::of(&scene.discord);
    let there = format!("/channels/{ops}/messages/{message}");
    assert_eq!(api.get(&there).await.1["code"], 10008);
    assert_eq!(
        api.send("PATCH", &there, &json!({ "content": "x" }))
            .await
            .1["code"],
        10008
    );
    assert!(scene.alice.sees("ops").contains("for alice"));
    let secrets = scene.discord.requests();
    let asked = ("with_response".to_owned(), "true".to_owned());
    assert!(secrets.iter().any(|one| one.query == [asked.clone()]));
    assert!(secrets.iter().all(|one| !one.path.contains(&deed.token)));
    assert!(!scene.discord.transcript().contains(&deed.token));
}
