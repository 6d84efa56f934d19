//! Discord's limits: the most that is taken, and the least that is not, each complained of at its place.

use rstest::rstest;
use serde_json::{Value, json};

use super::api::{Api, does};
use super::fake::FakeDiscord;
use super::fake::interaction::Kind;

fn x(count: usize) -> String {
    "ж".repeat(count)
}

fn many(count: usize, one: impl Fn(usize) -> Value) -> Value {
    (0..count).map(one).collect()
}

fn embed(embed: Value) -> Value {
    json!({ "embeds": [embed] })
}

fn row(controls: Value) -> Value {
    json!({ "components": [{ "type": 1, "components": controls }] })
}

fn button(at: usize) -> Value {
    json!({ "type": 2, "style": 1, "label": "Go", "custom_id": format!("b{at}") })
}

/// A button with one thing different.
fn with(key: &str, value: Value) -> Value {
    let mut button = button(0);
    button[key] = value;
    row(json!([button]))
}

fn rows(count: usize) -> Value {
    json!({ "components": many(count, |at| json!({ "type": 1, "components": [button(at)] })) })
}

fn options(count: usize, label: usize) -> Value {
    let option = |at| json!({ "label": x(label), "value": format!("v{at}") });
    row(json!([{ "type": 3, "custom_id": "menu", "options": many(count, option) }]))
}

fn fields(count: usize, name: usize, value: usize) -> Value {
    embed(json!({ "fields": many(count, |_| json!({ "name": x(name), "value": x(value) })) }))
}

fn mentions(allowed: Value) -> Value {
    json!({ "content": "x", "allowed_mentions": allowed })
}

#[rstest]
#[case::content(json!({ "content": x(2000) }), json!({ "content": x(2001) }), "/content")]
#[case::embeds(json!({ "embeds": many(10, |_| json!({ "title": "x" })) }), json!({ "embeds": many(11, |_| json!({ "title": "x" })) }), "/embeds")]
#[case::embeds_together(json!({ "embeds": many(2, |_| json!({ "description": x(3000) })) }), json!({ "embeds": many(2, |_| json!({ "description": x(3001) })) }), "/embeds")]
#[case::title(embed(json!({ "title": x(256) })), embed(json!({ "title": x(257) })), "/embeds/0/title")]
#[case::description(embed(json!({ "description": x(4096) })), embed(json!({ "description": x(4097) })), "/embeds/0/description")]
#[case::footer(embed(json!({ "footer": { "text": x(2048) } })), embed(json!({ "footer": { "text": x(2049) } })), "/embeds/0/footer/text")]
#[case::fields(fields(25, 1, 1), fields(26, 1, 1), "/embeds/0/fields")]
#[case::field_name(fields(1, 256, 1), fields(1, 257, 1), "/embeds/0/fields/0/name")]
#[case::field_value(fields(1, 1, 1024), fields(1, 1, 1025), "/embeds/0/fields/0/value")]
#[case::field_without_value(fields(1, 1, 1), fields(1, 1, 0), "/embeds/0/fields/0/value")]
#[case::timestamp(embed(json!({ "title": "x", "timestamp": "2026-01-01T00:00:00Z" })), embed(json!({ "title": "x", "timestamp": "today" })), "/embeds/0/timestamp")]
#[case::rows(rows(5), rows(6), "/components")]
#[case::buttons(row(many(5, button)), row(many(6, button)), "/components/0/components")]
#[case::same_ids(row(many(2, button)), row(many(2, |_| button(0))), "/components/0/components/1/custom_id")]
#[case::custom_id(with("custom_id", json!(x(100))), with("custom_id", json!(x(101))), "/components/0/components/0/custom_id")]
#[case::label(with("label", json!(x(80))), with("label", json!(x(81))), "/components/0/components/0/label")]
#[case::emoji(with("emoji", json!({ "name": "✅" })), with("emoji", json!({ "name": "check" })), "/components/0/components/0/emoji/name")]
#[case::style(with("style", json!(4)), with("style", json!(7)), "/components/0/components/0/style")]
#[case::options(options(25, 1), options(26, 1), "/components/0/components/0/options")]
#[case::option_label(
    options(1, 100),
    options(1, 101),
    "/components/0/components/0/options/0/label"
)]
#[case::mixed_row(row(json!([button(0)])), row(json!([button(0), { "type": 5, "custom_id": "u" }])), "/components/0/components/1")]
#[case::nonce(json!({ "content": "x", "nonce": x(25) }), json!({ "content": "x", "nonce": x(26) }), "/nonce")]
#[case::flags(json!({ "content": "x", "flags": 4096 }), json!({ "content": "x", "flags": 64 }), "/flags")]
#[case::mentions(mentions(json!({ "parse": ["roles"], "users": ["1"] })), mentions(json!({ "parse": ["users"], "users": ["1"] })), "/allowed_mentions")]
#[case::mention_kinds(mentions(json!({ "parse": [] })), mentions(json!({ "parse": ["all"] })), "/allowed_mentions/parse/0")]
#[tokio::test]
async fn of_messages(#[case] fits: Value, #[case] too_much: Value, #[case] place: &str) {
    let discord = FakeDiscord::start().await;
    let ops = discord.guild("acme").channel("ops").channel_id("ops");
    let api = Api::of(&discord);
    let (status, body) = api.post(ops, &fits).await;
    assert_eq!(status, 200, "{body}");
    let (status, body) = api.post(ops, &too_much).await;
    assert_eq!((status, &body["code"]), (400, &json!(50035)));
    let complaint = body["errors"].pointer(&format!("{place}/_errors/0"));
    assert!(complaint.is_some(), "nothing about {place} in {body}");
}

#[tokio::test]
async fn an_empty_message_is_none() {
    let discord = FakeDiscord::start().await;
    let ops = discord.guild("acme").channel("ops").channel_id("ops");
    let api = Api::of(&discord);
    for empty in [
        json!({}),
        json!({ "content": "  " }),
        json!({ "embeds": [] }),
    ] {
        assert_eq!(api.post(ops, &empty).await.1["code"], 50006);
    }
}

fn command(name: &str, options: Value) -> Value {
    json!({ "name": name, "description": "x", "options": options })
}

fn option(key: &str, value: Value) -> Value {
    let mut option = json!({ "type": 3, "name": "o", "description": "x" });
    option[key] = value;
    json!([command("c", json!([option]))])
}

fn choices(count: usize) -> Value {
    many(
        count,
        |at| json!({ "name": format!("n{at}"), "value": "v" }),
    )
}

fn named(name: &str) -> Value {
    json!([command(name, json!([]))])
}

fn optional(first: bool, second: bool) -> Value {
    let one = |name: &str, required| json!({ "type": 3, "name": name, "description": "x", "required": required });
    json!([command("c", json!([one("a", first), one("b", second)]))])
}

#[rstest]
#[case::name(named(&x(32)), named(&x(33)))]
#[case::lower_case(named("next"), named("Next"))]
#[case::letters(named("next-step"), named("next step"))]
#[case::unique(json!([command("a", json!([])), command("b", json!([]))]), json!([command("a", json!([])), command("a", json!([]))]))]
#[case::commands(many(100, |at| command(&format!("c{at}"), json!([]))), many(101, |at| command(&format!("c{at}"), json!([]))))]
#[case::description(option("description", json!(x(100))), option("description", json!(x(101))))]
#[case::choices(option("choices", choices(25)), option("choices", choices(26)))]
#[case::choice(option("choices", json!([{ "name": x(100), "value": "v" }])), option("choices", json!([{ "name": x(101), "value": "v" }])))]
#[case::choice_type(option("choices", json!([{ "name": "n", "value": "1" }])), option("choices", json!([{ "name": "n", "value": 1 }])))]
#[case::autocomplete(option("autocomplete", json!(true)), json!([command("c", json!([{ "type": 5, "name": "o", "description": "x", "autocomplete": true }]))]))]
#[case::order(optional(true, false), optional(false, true))]
#[tokio::test]
async fn of_commands(#[case] fits: Value, #[case] too_much: Value) {
    let discord = FakeDiscord::start().await;
    let bot = discord.look(|world| world.bot.id);
    let (api, path) = (Api::of(&discord), format!("/applications/{bot}/commands"));
    let (status, first) = api.send("PUT", &path, &fits).await;
    assert_eq!(status, 200, "{first}");
    let (_, again) = api.send("PUT", &path, &fits).await;
    assert_eq!(
        first, again,
        "nothing changed, so neither does an id or a version"
    );
    let (status, body) = api.send("PUT", &path, &too_much).await;
    assert_eq!((status, &body["code"]), (400, &json!(50035)), "{body}");
    assert_eq!(
        api.get(&path).await.1.as_array().map(Vec::len),
        fits.as_array().map(Vec::len)
    );
}

fn modal(title: usize, inputs: usize, label: usize) -> Value {
    let input =
        |at| json!({ "type": 4, "custom_id": format!("i{at}"), "label": x(label), "style": 1 });
    let rows = many(inputs, |at| json!({ "type": 1, "components": [input(at)] }));
    json!({ "type": 9, "data": { "title": x(title), "custom_id": "m", "components": rows } })
}

fn suggested(count: usize, name: usize) -> Value {
    let choices = many(count, |_| json!({ "name": x(name), "value": "v" }));
    json!({ "type": 8, "data": { "choices": choices } })
}

#[rstest]
#[case::title(Kind::Command, modal(45, 1, 1), modal(46, 1, 1))]
#[case::inputs(Kind::Command, modal(1, 5, 1), modal(1, 6, 1))]
#[case::no_input(Kind::Command, modal(1, 1, 1), modal(1, 0, 1))]
#[case::label(Kind::Command, modal(1, 1, 45), modal(1, 1, 46))]
#[case::suggestions(Kind::Autocomplete, suggested(25, 1), suggested(26, 1))]
#[case::suggestion(Kind::Autocomplete, suggested(1, 100), suggested(1, 101))]
#[tokio::test]
async fn of_answers(#[case] kind: Kind, #[case] fits: Value, #[case] too_much: Value) {
    let discord = FakeDiscord::start().await;
    let alice = discord.guild("acme").channel("ops").member("alice", &[]);
    let api = Api::of(&discord);
    let (status, body) = api.answers(&does(&alice, kind, None), &too_much).await;
    assert_eq!((status, &body["code"]), (400, &json!(50035)));
    let (status, body) = api.answers(&does(&alice, kind, None), &fits).await;
    assert_eq!(status, 204, "{body}");
}
