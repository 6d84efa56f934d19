//! A card has the colour of what it says: red, amber, green, blue or grey.

use super::fake::people::{Person, Seen};
use super::live::Live;
use super::team::{BILLING, ORDERS, Team, types};

const RED: u64 = 0xe7_4c_3c;
const AMBER: u64 = 0xf1_c4_0f;
const GREEN: u64 = 0x2e_cc_71;
const BLUE: u64 = 0x34_98_db;
const GREY: u64 = 0x95_a5_a6;

fn colour(seen: &Seen) -> u64 {
    seen.message.embeds[0]["color"].as_u64().unwrap()
}

/// The colour of the latest message in a channel with these words.
async fn latest(person: &Person, channel: &str, words: &str) -> u64 {
    colour(&person.finds(channel, words).await)
}

#[tokio::test]
async fn a_reminder_is_as_red_as_what_it_says() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-03-01 action:delete team:payments";
    team.adds(ORDERS, "orders", facts).await;
    let facts = "edition:platinum expires:2026-03-01 action:downgrade auto-renew:off team:platform";
    team.adds(BILLING, "billing", facts).await;
    bot.passes("31d").await;
    // At risk, but nothing is lost yet.
    let before = "On <t:1772294400:F>";
    assert_eq!(latest(&team.alice, "pay", before).await, AMBER);
    looks_at_billing(&team, &bot).await;
    // It ends well, and nobody has to do anything.
    let well = "turns into Standard, pay-as-you-go, within 168 h of its expiry";
    assert_eq!(latest(&team.dave, "plat", well).await, GREY);
    bot.passes("4d").await;
    assert_eq!(latest(&team.alice, "pay", "orders expired").await, RED);
    let expired = "Does the console show Standard? billing expired";
    assert_eq!(latest(&team.dave, "plat", expired).await, AMBER);
    bot.stop().await;
}

/// Four days before the expiry, so that what is known will not be too old then.
async fn looks_at_billing(team: &Team, bot: &Live) {
    bot.passes("24d").await;
    let looked = "/action instance:billing action:downgrade";
    types(&team.dave, "ops", looked).await.has("billing");
    bot.passes("2d").await;
}

#[tokio::test]
async fn a_change_and_its_request_turn_green_when_they_are_done() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:standard max-tps:5000 busy:off team:platform";
    team.adds(ORDERS, "orders", facts).await;
    types(&team.dave, "ops", "/upgrade instance:orders").await;
    let card = team.dave.finds("plat", "#1 upgrade of orders").await;
    let card = card.until("approvals** 0/1").await;
    assert_eq!(colour(&card), BLUE);
    assert_eq!(latest(&team.bob, "plat", "Approval asked").await, AMBER);
    let request = team.bob.finds("plat", "Approval asked").await;
    team.bob.clicks("Approve").on(&card).await.reply().await;
    assert_eq!(colour(&request.until("Approved by bob").await), GREEN);
    let permit = team.dave.clicks("Permit to upgrade").on(&card).await;
    // What it permits cannot be undone.
    assert_eq!(colour(&permit.reply().await), RED);
    bot.passes("31m").await;
    // Whether it was upgraded is not known, and cannot be undone.
    assert_eq!(colour(&card.until("In doubt").await), RED);
    assert_eq!(latest(&team.dave, "plat", "Did it happen?").await, RED);
    let cancelled = "/cancel change:1 reason:not needed";
    types(&team.dave, "ops", cancelled).await.has("orders");
    assert_eq!(colour(&card.until("is cancelled").await), RED);
    bot.stop().await;
}

#[tokio::test]
async fn what_is_called_gone_is_red() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-03-01 action:delete team:platform";
    team.adds(BILLING, "billing", facts).await;
    for (words, meant) in [
        ("will be released on 2026-03-08", AMBER),
        ("has been released", RED),
    ] {
        let text = format!("/notice text:Your instance {BILLING} {words}");
        types(&team.dave, "plat", &text).await.has("Raised");
        bot.passes("1m").await;
        assert_eq!(latest(&team.dave, "plat", "| notice").await, meant);
    }
    bot.stop().await;
}
