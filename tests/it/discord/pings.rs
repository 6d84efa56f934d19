//! Whose phone buzzes.

use rstest::rstest;
use serde_json::{Value, json};

use super::api::Api;
use super::fake::FakeDiscord;

const TEXT: &str = "<@alice> <@bob> <@&sre> <@&quiet> @everyone";

#[rstest]
#[case::everybody_without_a_word(Value::Null, &["alice", "bob", "@sre"])]
#[case::nobody(json!({ "parse": [] }), &[])]
#[case::people(json!({ "parse": ["users"] }), &["alice", "bob"])]
#[case::one(json!({ "parse": [], "users": ["<@alice>"] }), &["alice"])]
#[case::a_role(json!({ "roles": ["<@&sre>", "<@&quiet>"] }), &["@sre"])]
#[case::all_but_the_bot_may_not(json!({ "parse": ["everyone"] }), &[])]
#[tokio::test]
async fn as_the_message_allows(#[case] allowed: Value, #[case] pinged: &[&str]) {
    let discord = FakeDiscord::start().await;
    let guild = discord
        .guild("acme")
        .channel("ops")
        .role("sre")
        .role_with("quiet", 0, false);
    let alice = guild.member("alice", &[]);
    let names = [
        ("<@alice>", alice.user),
        ("<@bob>", guild.member("bob", &[]).user),
        ("<@&sre>", guild.role_id("sre")),
        ("<@&quiet>", guild.role_id("quiet")),
    ];
    let (mut text, mut allowed) = (TEXT.to_owned(), allowed.to_string());
    for (name, id) in names {
        text = text.replace(
            name,
            &name
                .replace(|c: char| c.is_alphabetic(), "")
                .replace('>', &format!("{id}>")),
        );
        allowed = allowed.replace(name, &id.to_string());
    }
    let mut body = json!({ "content": text });
    if allowed != "null" {
        body["allowed_mentions"] = allowed.parse().unwrap();
    }
    let (status, message) = Api::of(&discord).post(guild.channel_id("ops"), &body).await;
    assert_eq!(status, 200, "{message}");
    assert!(
        message["content"]
            .as_str()
            .unwrap()
            .starts_with(&alice.mention())
    );
    let whom: Vec<String> = discord.pings().into_iter().map(|ping| ping.whom).collect();
    assert_eq!(whom, pinged);
}
