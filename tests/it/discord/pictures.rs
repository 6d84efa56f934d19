//! The cards of the documentation's pictures: a short tour on the fake Discord, and what its channels show.

use regex::Regex;
use serde_json::{Value, json};
use snapbox::{assert_data_eq, file};

use super::fake::message::Message;
use super::fake::people::Seen;
use super::fake::world::World;
use super::live::Live;
use super::phone;
use super::team::{BILLING, ORDERS, Team, types};
use crate::harness::instant;

/// What `docs/pictures/render.mjs` draws; `SNAPSHOTS=overwrite` writes it again.
#[tokio::test]
async fn the_pictures_show_what_the_program_posts() {
    let team = Team::gather().await;
    let at = instant("2026-02-02T01:00:00Z");
    let channel = team.guild.channel_id("ops");
    let bot = Live::start_at(&team.discord, team.store.clone(), channel, at).await;
    team.is_set_up().await;
    let mut scenes = unsubscribing(&team, &bot).await;
    let facts = "edition:platinum expires:2026-03-01 action:delete team:platform";
    team.adds(BILLING, "billing", facts).await;
    scenes.push(reminder(&team, &bot).await);
    scenes.push(notice(&team, &bot).await);
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
    let shown = serde_json::to_string_pretty(&scenes).unwrap() + "\n";
    assert_data_eq!(shown, file!["../../../docs/pictures/cards.json"].raw());
}

/// Asking, one approval of two, and the permit behind the typed name.
async fn unsubscribing(team: &Team, bot: &Live) -> Vec<Value> {
    let facts = "edition:platinum expires:2026-03-01 auto-renew:off commodity-id:ons-cn-0pp1abc2d34 team:payments";
    team.adds(ORDERS, "orders", facts).await;
    let wish = "/downgrade instance:orders by:unsubscribe reason:its traffic fell to a third";
    types(&team.alice, "ops", wish).await.has("is open as #1");
    let card = team.alice.finds("pay", "#1 downgrade by").await;
    team.alice
        .clicks("Permit to set Downgrade")
        .on(&card)
        .await
        .reply()
        .await;
    card.until("holds the permit").await;
    let done = team.alice.clicks("I set Downgrade").on(&card).await;
    done.reply().await.has("Done");
    card.until("✓ set-action").await;
    let asked = types(&team.alice, "ops", "/unsubscribe instance:orders").await;
    asked.has("Needs approval");
    card.until("approvals** 0/2").await;
    team.approves(&team.bob, &card, "Downgrade").await;
    let waiting = card.until("approvals** 1/2").await;
    let request = team.carol.finds("pay", "Approval asked").await;
    let request = request.until("1/2 bob").await;
    assert!(on_a_phone(&waiting) <= 12, "{}", waiting.text());
    assert!(on_a_phone(&request) <= 12, "{}", request.text());
    waiting
        .has("**instance id** `MQ_INST_1080056302921134_BXuIbML7`\n")
        .has("**commodity id** `ons-cn-0pp1abc2d34` · cn-hangzhou")
        .has("**approvals** 1/2 bob, request lapses <t:")
        .has("**opened** by alice: “its traffic fell to a third”");
    request.has("Look: Instances");
    request
        .has("no pull consumer; pay-as-you-go, partial refund")
        .has("**observers** 2/2 alice, bob, ")
        .has("**approvals** 1/2 bob, needs one from payments")
        .has("**opened** by alice: “its traffic fell to a third”");
    let mut scenes = vec![
        scene(team, bot, ("change", "pay"), &[&waiting]),
        scene(team, bot, ("request", "pay"), &[&request]),
    ];
    // Before the row and before what others saw: where she looks herself.
    let text = request.text();
    let place = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words}: {text}"))
    };
    assert!(place("Look: Instances > orders") < place("MQ_INST"));
    assert!(place("**opened**") < place("**observers**"));
    let question = team
        .carol
        .clicks("Approve")
        .on(&request)
        .await
        .reply()
        .await;
    question.has("Look under Instances > orders.");
    scenes.push(scene(team, bot, ("question", "pay"), &[&question]));
    let answered = team.carol.clicks("Downgrade").on(&question).await;
    answered.reply().await.has("you approved");
    card.until("approvals** 2/2").await;
    let form = team.alice.clicks("Permit to unsubscribe").on(&card).await;
    let form = form.modal().await;
    let named = team.alice.submits(&form, &[("text", "orders")]).await;
    let permit = named.reply().await;
    permit.has("Permit: `unsubscribe` of orders (#1), for alice");
    assert!(permit.is_ephemeral());
    assert!(on_a_phone(&permit) <= 12, "{}", permit.text());
    permit.has("Click Unsubscribe Resource in that row. There is no undo (refund-limits).");
    scenes.push(scene(team, bot, ("permit", "pay"), &[&permit]));
    scenes
}

fn on_a_phone(seen: &Seen) -> usize {
    phone::lines(seen.text())
}

/// What comes by itself when an expiry draws near.
async fn reminder(team: &Team, bot: &Live) -> Value {
    bot.passes("15d").await;
    let seen = team.dave.finds("plat", "billing").await;
    seen.has("| reminder");
    scene(team, bot, ("reminder", "plat"), &[&seen])
}

/// What the vendor says and nothing proves to be meaningless.
async fn notice(team: &Team, bot: &Live) -> Value {
    let text = format!("/notice text:Your instance {BILLING} will be released on 2026-03-08");
    types(&team.dave, "plat", &text).await.has("Raised");
    bot.passes("1m").await;
    let seen = team.dave.finds("plat", "| notice").await;
    assert!(on_a_phone(&seen) <= 12, "{}", seen.text());
    scene(team, bot, ("notice", "plat"), &[&seen])
}

fn scene(team: &Team, bot: &Live, (name, channel): (&str, &str), messages: &[&Seen]) -> Value {
    let at = bot.clock.now().to_rfc3339();
    let messages: Vec<Value> = messages.iter().map(|seen| shown(team, seen)).collect();
    json!({ "name": name, "channel": channel, "at": at, "messages": messages })
}

/// A message as its reader sees it, without what differs each time: ids become names.
fn shown(team: &Team, seen: &Seen) -> Value {
    let message = &seen.message;
    team.discord.look(|world| {
        let reader = message.reader.map(|reader| world.name_of(reader));
        let pinged = !message.pinged_users.is_empty() || !message.pinged_roles.is_empty();
        let mut reactions: Vec<&str> = message.reactions.iter().map(|(e, _)| e.as_str()).collect();
        reactions.dedup();
        let all = json!({
            "author": world.name_of(message.author), "only_for": reader, "pings": pinged,
            "content": message.content, "embeds": cards(message), "components": rows(message),
            "reactions": reactions,
        });
        named(world, all)
    })
}

/// The cards; the marker by which the bot knows its own post differs each time.
fn cards(message: &Message) -> Vec<Value> {
    let card = |one: &Value| {
        let mut one = one.clone();
        one.as_object_mut().unwrap().remove("url");
        one
    };
    message.embeds.iter().map(card).collect()
}

/// What can be pressed or chosen, without the state it carries.
fn rows(message: &Message) -> Vec<Value> {
    let control = |one: &Value| {
        let mut one = one.clone();
        if let Some(parts) = one.as_object_mut() {
            parts.retain(|key, _| !["custom_id", "id"].contains(&key.as_str()));
        }
        one
    };
    let controls = message.components.iter().map(|row| &row["components"]);
    controls
        .filter_map(Value::as_array)
        .map(|row| row.iter().map(control).collect())
        .collect()
}

/// With the names of people, roles and channels in place of their ids.
fn named(world: &World, value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(named_text(world, text)),
        Value::Array(all) => all.into_iter().map(|one| named(world, one)).collect(),
        Value::Object(all) => {
            let parts = all.into_iter().map(|(key, one)| (key, named(world, one)));
            Value::Object(parts.collect())
        }
        other => other,
    }
}

pub(super) fn named_text(world: &World, text: String) -> String {
    // Where a link leads differs each time.
    let link = Regex::new(r"\]\(https:[^)\s]+\)").unwrap();
    let text = link.replace_all(&text, "](https://discord.com/channels/ID)");
    let users = world.users.values().map(|one| (one.id, &one.name));
    let roles = world.guilds.values().flat_map(|guild| &guild.roles);
    let roles = roles.map(|one| (one.id, &one.name));
    let channels = world.channels.values().map(|one| (one.id, &one.name));
    let text = users
        .chain(roles)
        .chain(channels)
        .fold(text.into_owned(), |text, (id, name)| {
            text.replace(&id.to_string(), name)
        });
    // Of a command the name is shown.
    let commands = Regex::new(r"</([^:>]+):\d+>").unwrap();
    commands.replace_all(&text, "</$1:ID>").into_owned()
}
