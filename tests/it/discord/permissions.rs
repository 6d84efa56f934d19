//! The bot's permissions by place.

use rstest::rstest;
use serde_json::{Value, json};

use super::api::Api;
use super::fake::FakeDiscord;
use super::fake::permission::{
    ADD_REACTIONS, ATTACH_FILES, CREATE_PUBLIC_THREADS, EMBED_LINKS, READ_MESSAGE_HISTORY,
    SEND_MESSAGES, SEND_MESSAGES_IN_THREADS, VIEW_CHANNEL,
};

#[rstest]
#[case::view(VIEW_CHANNEL, "", json!({ "content": "x" }), 50001)]
#[case::send(SEND_MESSAGES, "", json!({ "content": "x" }), 50013)]
#[case::embed(EMBED_LINKS, "", json!({ "embeds": [{ "title": "x" }] }), 50013)]
#[case::reply(READ_MESSAGE_HISTORY, "", json!({ "content": "x", "message_reference": { "message_id": "M" } }), 50013)]
#[case::thread(CREATE_PUBLIC_THREADS, "/M/threads", json!({ "name": "x" }), 50013)]
#[tokio::test]
async fn without_a_permission(
    #[case] bit: u64,
    #[case] rest: &str,
    #[case] body: Value,
    #[case] code: u32,
) {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops");
    let (api, ops) = (Api::of(&discord), guild.channel_id("ops"));
    let (_, message) = api.post(ops, &json!({ "content": "before" })).await;
    let id = message["id"].as_str().unwrap();
    let path = format!("/channels/{ops}/messages{}", rest.replace('M', id));
    let body: Value = body
        .to_string()
        .replace("\"M\"", &format!("\"{id}\""))
        .parse()
        .unwrap();
    guild.denies_bot("ops", bit);
    let (status, refused) = api.send("POST", &path, &body).await;
    assert_eq!((status, &refused["code"]), (403, &json!(code)));
    guild.denies_bot("ops", 0);
    let (status, done) = api.send("POST", &path, &body).await;
    assert!(status < 300, "{done}");
}

/// The invite link asks for what the page lists, and for nothing else.
#[test]
fn the_invite_link_asks_for_what_is_listed() {
    let page = include_str!("../../../docs/discord.md");
    let (_, number) = page.split_once("&permissions=").unwrap();
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    let listed = [
        ("View Channels", VIEW_CHANNEL),
        ("Send Messages,", SEND_MESSAGES),
        ("Embed Links", EMBED_LINKS),
        ("Attach Files", ATTACH_FILES),
        ("Read Message History", READ_MESSAGE_HISTORY),
        ("Create Public Threads", CREATE_PUBLIC_THREADS),
        ("Send Messages in Threads", SEND_MESSAGES_IN_THREADS),
        ("Add Reactions", ADD_REACTIONS),
    ];
    for (name, _) in listed {
        assert!(page.contains(&format!("| {name}")) || page.contains(&format!(", {name}")));
    }
    let all = listed.iter().fold(0, |all, (_, bit)| all | bit);
    assert_eq!(digits.parse::<u64>().unwrap(), all);
}

#[tokio::test]
async fn reacting_and_talking_in_threads() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops");
    let (api, ops) = (Api::of(&discord), guild.channel_id("ops"));
    let (_, message) = api.post(ops, &json!({ "content": "x" })).await;
    let path = format!(
        "/channels/{ops}/messages/{}",
        message["id"].as_str().unwrap()
    );
    let (_, thread) = api
        .send(
            "POST",
            &format!("{path}/threads"),
            &json!({ "name": "talk" }),
        )
        .await;
    let thread = thread["id"].as_str().unwrap().parse().unwrap();
    guild.denies_bot(
        "ops",
        ADD_REACTIONS | SEND_MESSAGES_IN_THREADS | ATTACH_FILES,
    );
    let (status, refused) = api
        .send(
            "PUT",
            &format!("{path}/reactions/%E2%9A%A0/@me"),
            &Value::Null,
        )
        .await;
    assert_eq!((status, &refused["code"]), (403, &json!(50013)));
    assert_eq!(
        api.post(thread, &json!({ "content": "x" })).await.1["code"],
        50013
    );
    guild.denies_bot("ops", SEND_MESSAGES);
    assert_eq!(api.post(thread, &json!({ "content": "x" })).await.0, 200);
}

#[tokio::test]
async fn a_deleted_channel_and_a_left_guild() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops").channel("alerts");
    let (api, ops, alerts) = (
        Api::of(&discord),
        guild.channel_id("ops"),
        guild.channel_id("alerts"),
    );
    guild.deletes_channel("ops");
    assert_eq!(
        api.post(ops, &json!({ "content": "x" })).await.1["code"],
        10003
    );
    guild.kicks_bot();
    assert_eq!(
        api.post(alerts, &json!({ "content": "x" })).await.1["code"],
        50001
    );
    guild.invites_bot();
    assert_eq!(api.post(alerts, &json!({ "content": "x" })).await.0, 200);
}

#[tokio::test]
async fn nobody_is_written_to_who_does_not_want_it() {
    let discord = FakeDiscord::start().await;
    let alice = discord.guild("acme").channel("ops").member("alice", &[]);
    let api = Api::of(&discord);
    let ask = json!({ "recipient_id": alice.user.to_string() });
    let (_, channel) = api.send("POST", "/users/@me/channels", &ask).await;
    let direct = channel["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        api.post(direct, &json!({ "content": "hello" })).await.0,
        200
    );
    alice.takes_messages(false);
    assert_eq!(
        api.post(direct, &json!({ "content": "hello" })).await.1["code"],
        50007
    );
}
