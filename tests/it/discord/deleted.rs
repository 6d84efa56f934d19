//! Somebody deletes what the bot has posted of a change, while it is connected.

use super::fake::people::Seen;
use super::live::Live;
use super::team::{ORDERS, Team, types};

/// Which only the card offers.
const CARD: &str = "(Cancel)";
const REQUEST: &str = "Approval asked";

/// Olga deletes messages, once the bot has noted where they are.
async fn deletes(team: &Team, bot: &Live, seen: &[&Seen]) {
    bot.passes("1m").await;
    match seen {
        [one] => team.olga.deletes(one),
        several => team.olga.purges(several),
    }
}

/// An upgrade that waits for its approval, with its card and its request.
async fn asked() -> (Team, Live, Seen, Seen) {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:standard max-tps:5000 busy:off team:platform";
    team.adds(ORDERS, "orders", facts).await;
    types(&team.dave, "ops", "/upgrade instance:orders").await;
    let request = team.dave.finds("plat", REQUEST).await;
    let card = team.dave.finds("plat", CARD).await;
    (team, bot, card, request)
}

/// What was posted again instead of a message: the same, calling nobody.
async fn back(team: &Team, gone: &Seen, words: &str) -> Seen {
    let gone = gone.id;
    let place = team.guild.channel_id("plat");
    let found = team.discord.until("a post to come back", |world| {
        let mut all = world.messages.values();
        all.find(|one| one.id > gone && one.channel == place && world.text(one).contains(words))
            .map(|one| one.id)
    });
    let seen = Seen::new(&team.dave, found.await);
    assert_eq!(seen.message.content, "");
    seen
}

/// The nonces of the messages that were posted into a channel with these words in them.
fn nonces(team: &Team, words: &str) -> Vec<String> {
    let requests = team.discord.requests().into_iter();
    let posts = requests.filter(|one| one.method == "POST" && one.path.ends_with("/messages"));
    let ours = posts.filter(|one| one.body.to_string().contains(words));
    ours.map(|one| one.body["nonce"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test]
async fn a_card_comes_back_at_once_and_a_second_time_with_its_next_update() {
    let (team, bot, card, _) = asked().await;
    deletes(&team, &bot, &[&card]).await;
    let again = back(&team, &card, CARD).await;
    assert_eq!(again.rows(), card.rows());
    let nonces = nonces(&team, "Cancel");
    assert_eq!(nonces.len(), 2);
    assert_ne!(nonces[0], nonces[1]);

    deletes(&team, &bot, &[&again]).await;
    bot.passes("2h").await;
    let shown = types(&team.dave, "ops", "/instance show instance:orders").await;
    shown.has("orders");
    assert_eq!(team.counts("plat", CARD).0, 0);

    let request = team.bob.finds("plat", REQUEST).await;
    team.bob.clicks("Approve").on(&request).await.reply().await;
    let updated = back(&team, &again, CARD).await;
    updated.has("approvals** 1/1");
    deletes(&team, &bot, &[&updated]).await;
    let last = back(&team, &updated, CARD).await;
    let permit = team.dave.clicks("Permit to upgrade").on(&last).await;
    permit.reply().await.has("for dave");
    last.until("holds the permit").await;
    assert_eq!(team.counts("plat", CARD).0, 1);
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test]
async fn a_card_and_its_request_that_are_purged_come_back_and_lead_to_each_other() {
    let (team, bot, card, request) = asked().await;
    let chat = team.dave.says("plat", "what is this?").await;
    deletes(&team, &bot, &[&chat, &request, &card]).await;
    let request_again = back(&team, &request, REQUEST).await;
    assert_eq!(request_again.rows(), request.rows());
    let card_again = back(&team, &card, CARD).await;
    let leads = format!("/{}", request_again.id);
    let leads_there = |world: &super::fake::world::World| {
        let card = &world.messages[&card_again.id];
        card.embeds[0].to_string().contains(&leads).then_some(())
    };
    team.discord
        .until("the card to lead to it", leads_there)
        .await;

    deletes(&team, &bot, &[&request_again]).await;
    bot.passes("1m").await;
    team.bob
        .clicks("Approve")
        .on(&card_again)
        .await
        .reply()
        .await;
    card_again.until("approvals** 1/1").await;
    assert_eq!(team.counts("plat", REQUEST).0, 0);
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test]
async fn what_is_over_stays_deleted() {
    let (team, bot, card, request) = asked().await;
    let cancelled = team.dave.clicks("Cancel").on(&card).await.modal().await;
    team.dave
        .submits(&cancelled, &[("text", "no")])
        .await
        .reply()
        .await;
    card.until("cancelled").await;
    deletes(&team, &bot, &[&card, &request]).await;
    bot.passes("2h").await;
    assert_eq!(
        team.counts("plat", "upgrade").0,
        0,
        "{}",
        team.dave.sees("plat")
    );
    bot.stop().await;
}

/// A channel takes its messages with it, one by one or without a word: what comes next is in the alerts channel.
#[tokio::test]
async fn a_card_whose_channel_is_deleted_comes_back_in_the_alerts_channel() {
    let (team, bot, card, _) = asked().await;
    team.guild
        .denies_bot("plat", super::fake::permission::SEND_MESSAGES);
    deletes(&team, &bot, &[&card]).await;
    let moved = team.dave.finds("alerts", CARD).await;
    assert_eq!(moved.rows(), card.rows());
    team.guild.deletes_channel("plat");
    team.bob.clicks("Approve").on(&moved).await.reply().await;
    moved.until("approvals** 1/1").await;
    deletes(&team, &bot, &[&moved]).await;
    team.dave.finds("alerts", CARD).await;
    bot.stop().await;
}
