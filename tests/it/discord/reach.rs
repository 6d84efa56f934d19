//! The bot may not post where it should: nothing is lost, and anyone who can put it right hears of it once.

use super::fake::permission::SEND_MESSAGES;
use super::live::Live;
use super::team::{ORDERS, Team, types};

#[tokio::test]
async fn what_cannot_be_posted_anywhere_waits_and_the_owner_hears_of_it_once() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-03-01 action:delete team:payments";
    team.adds(ORDERS, "orders", facts).await;
    bot.delivery.state().await.unwrap();
    let spoken_in = ["ops", "alerts", "pay"];
    for channel in spoken_in {
        team.guild.denies_bot(channel, SEND_MESSAGES);
    }
    bot.passes("30d").await;
    let why = bot.delivery.state().await.unwrap_err().to_string();
    assert_eq!(
        why,
        "the chat cannot be posted to: no server takes what the bot posts"
    );
    let told = team
        .olga
        .finds("@", "Nothing can be posted to the alerts channel")
        .await;
    told.has("/settings channel kind:alerts").lacks("</");
    let bot = team.restart(bot).await;
    bot.passes("1d").await;
    for channel in spoken_in {
        team.guild.denies_bot(channel, 0);
    }
    bot.passes("1h").await;
    bot.delivery.state().await.unwrap();
    let late = team
        .alice
        .finds("alerts", "This could not be posted to")
        .await;
    late.has("orders");
    let alone = team.olga.sees("@");
    assert_eq!(alone.matches("Nothing can be posted").count(), 1, "{alone}");
    let list = types(&team.alice, "ops", "/instance list").await;
    list.has("orders");
    bot.stop().await;
}

/// A card is where its change happens: where its channel takes nothing it is among the alarms, once, with its buttons.
#[tokio::test]
async fn a_card_that_cannot_be_posted_is_where_the_alarms_are_and_who_opened_it_is_called() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-03-01 auto-renew:off team:payments";
    team.adds(ORDERS, "orders", facts).await;
    team.guild.denies_bot("pay", SEND_MESSAGES);
    types(
        &team.alice,
        "ops",
        "/downgrade instance:orders by:unsubscribe",
    )
    .await
    .has("is open as #1");
    let card = team.alice.finds("alerts", "#1 downgrade").await;
    card.has("This could not be posted to");
    assert_eq!(card.message.pinged_users, [team.alice.user]);
    let link = format!("/{}", card.id);
    // The link is known once the place of the card is recorded, which comes after it is posted.
    while !team.has_placed_the_card_of(1).await {
        tokio::task::yield_now().await;
    }
    types(&team.alice, "ops", "/confirm change:1 step:set-action")
        .await
        .has(&link);
    let permit = team.dave.clicks("Permit to set Downgrade").on(&card).await;
    permit.reply().await.has("for dave");
    let card = card.until("holds the permit").await;
    assert_eq!(team.counts("alerts", "#1 downgrade by").0, 1);
    // Once it can be said there again, it is.
    team.guild.denies_bot("pay", 0);
    let done = team.dave.clicks("I set Downgrade").on(&card).await;
    done.reply().await.has("Done");
    let asked = team.dave.finds("pay", "Approval asked").await;
    team.approves(&team.bob, &asked, "Downgrade").await;
    let home = team.dave.finds("pay", "approvals** 1/2").await;
    assert_eq!(home.message.content, "");
    assert_eq!(team.counts("pay", "#1 downgrade by unsub").0, 1);
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// Somebody deletes the message of an open change while the bot is away: the next time Discord lets it in it is there again, once.
#[tokio::test]
async fn the_message_of_an_open_change_comes_back() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:standard max-tps:5000 busy:off team:platform";
    team.adds(ORDERS, "orders", facts).await;
    types(&team.dave, "ops", "/upgrade instance:orders").await;
    let card = team.dave.finds("plat", "#1 upgrade of orders").await;
    let before = team.counts("plat", "#1 upgrade of orders").0;
    bot.passes("1h").await;
    let at = bot.clock.now();
    bot.stop().await;
    team.olga.deletes(&card);
    let ops = team.guild.channel_id("ops");
    let bot = Live::start_at(&team.discord, team.store.clone(), ops, at).await;
    let card = team.dave.finds("plat", "#1 upgrade of orders").await;
    team.bob.clicks("Approve").on(&card).await.reply().await;
    card.until("approvals** 1/1").await;
    let bot = team.restart(bot).await;
    bot.passes("1h").await;
    assert_eq!(team.counts("plat", "#1 upgrade of orders").0, before);
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}
