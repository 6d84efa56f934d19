//! Failing requests, as the bot's own client sees them.

use std::time::Duration;

use rstest::rstest;
use serde_json::json;

use super::api::Api;
use super::fake::faults::Fault;
use super::fake::{FakeDiscord, Options};

#[tokio::test]
async fn too_many_requests_of_one_route_or_of_all() {
    let discord = FakeDiscord::start().await;
    let ops = discord.guild("acme").channel("ops").channel_id("ops");
    let api = Api::of(&discord);
    for global in [false, true] {
        discord.faults().next_message_posts(
            1,
            Fault::TooMany {
                retry_after: 1.5,
                global,
            },
        );
        let path = format!("/channels/{ops}/messages");
        let refused = api
            .request("POST", &path)
            .json(&json!({ "content": "x" }))
            .send()
            .await
            .unwrap();
        assert_eq!(refused.status(), 429);
        let header = |name: &str| {
            refused
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(header("retry-after").as_deref(), Some("2"));
        assert_eq!(header("x-ratelimit-global").is_some(), global);
        let body: serde_json::Value = refused.json().await.unwrap();
        assert_eq!(
            (&body["retry_after"], &body["global"]),
            (&json!(1.5), &json!(global))
        );
        assert_eq!(api.post(ops, &json!({ "content": "x" })).await.0, 200);
    }
}

#[tokio::test]
async fn a_channel_takes_so_many_messages_in_so_long() {
    let discord = FakeDiscord::with(Options {
        messages_a_channel: (2, Duration::from_secs(5)),
        ..Options::default()
    })
    .await;
    let guild = discord.guild("acme").channel("ops").channel("alerts");
    let (api, ops) = (Api::of(&discord), guild.channel_id("ops"));
    let mut left = Vec::new();
    for _ in 0..3 {
        let request = api.request("POST", &format!("/channels/{ops}/messages"));
        let response = request
            .json(&json!({ "content": "x" }))
            .send()
            .await
            .unwrap();
        let remaining = response.headers()["x-ratelimit-remaining"]
            .to_str()
            .unwrap();
        left.push((response.status().as_u16(), remaining.to_owned()));
    }
    assert_eq!(
        left,
        [
            (200, "1".to_owned()),
            (200, "0".to_owned()),
            (429, "0".to_owned())
        ]
    );
    assert_eq!(
        api.post(guild.channel_id("alerts"), &json!({ "content": "x" }))
            .await
            .0,
        200
    );
    discord.passes(Duration::from_secs(5));
    assert_eq!(api.post(ops, &json!({ "content": "x" })).await.0, 200);
}

#[rstest]
#[case::closed(Fault::Closed, 0)]
#[case::lost(Fault::Lost, 1)]
#[tokio::test]
async fn the_connection_closes_before_the_answer(#[case] fault: Fault, #[case] done: usize) {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops");
    let (api, ops) = (Api::of(&discord), guild.channel_id("ops"));
    discord.faults().next_message_posts(1, fault);
    let path = format!("/channels/{ops}/messages");
    let failed = api
        .request("POST", &path)
        .json(&json!({ "content": "x" }))
        .send()
        .await;
    assert!(failed.is_err());
    let (_, all) = api.get(&path).await;
    assert_eq!(all.as_array().map(Vec::len), Some(done));
}

#[tokio::test]
async fn discord_is_down_until_it_is_not() {
    let discord = FakeDiscord::start().await;
    let api = Api::of(&discord);
    discord.faults().all(Fault::Status(503));
    assert_eq!(api.get("/users/@me").await.0, 503);
    assert_eq!(api.get("/gateway/bot").await.0, 503);
    discord.faults().clear();
    assert_eq!(api.get("/users/@me").await.0, 200);
    discord.faults().every("GET /users/@me", Fault::Hang);
    let path = api
        .request("GET", "/users/@me")
        .timeout(Duration::from_millis(20));
    assert!(path.send().await.unwrap_err().is_timeout());
}
