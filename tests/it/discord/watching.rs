//! Watched channels: what the configured webhooks and bots post is taken as a notice, once, whatever happens meanwhile; people
//! are not read.

use edition_warden::domain::Timestamp;
use serde_json::json;

use super::fake::FakeDiscord;
use super::fake::clock::Id;
use super::fake::faults::Fault;
use super::fake::gateway::session::MESSAGE_CONTENT;
use super::fake::people::Webhook;
use super::fake::permission::{ADD_REACTIONS, READ_MESSAGE_HISTORY, VIEW_CHANNEL};
use super::fake::world::File;
use super::live::Live;
use super::team::{BILLING, ORDERS, Team, types};

const QUIET: &str = "🔕";
const RAISED: &str = "⚠️";
const AGAIN: &str = "🔁";
const NOTHING: &str = "❓";

fn release(id: &str) -> String {
    format!("Your instance {id} will be released on 2026-03-08.")
}

/// A team whose feed is watched for one webhook; `orders` is attested Downgrade, of `billing` nobody knows.
async fn watching(content: bool) -> (Team, Live, Webhook) {
    let mut team = Team::gather().await;
    team.guild = team.guild.channel("feed");
    if content {
        team.discord.portal_allows(MESSAGE_CONTENT);
    }
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-03-01";
    team.adds(ORDERS, "orders", &format!("{facts} action:downgrade"))
        .await;
    team.adds(BILLING, "billing", &format!("{facts} team:payments"))
        .await;
    let vendor = team.guild.webhook("vendor");
    watches(&team, &vendor.id.to_string()).await;
    (team, bot, vendor)
}

async fn watches(team: &Team, sources: &str) {
    let set = format!("/settings watch channel:feed sources:{sources}");
    types(&team.olga, "ops", &set)
        .await
        .has("Message Content Intent");
}

fn signs(discord: &FakeDiscord, message: Id) -> Vec<String> {
    let of = |(emoji, _): &(String, Id)| emoji.clone();
    discord.look(|world| world.messages[&message].reactions.iter().map(of).collect())
}

/// Waits until a message bears a sign.
async fn bears(team: &Team, message: Id, sign: &str) {
    let what = format!("{sign} on {message}");
    let borne = |world: &super::fake::world::World| {
        let found = world.messages.get(&message)?;
        found
            .reactions
            .iter()
            .any(|(emoji, _)| emoji == sign)
            .then_some(())
    };
    team.discord.until(&what, borne).await;
}

/// Everything of the bot's in a channel.
fn own(team: &Team, channel: &str) -> Vec<(Option<Id>, String)> {
    let channel = team.guild.channel_id(channel);
    team.discord.look(|world| {
        let all = world.messages.values();
        let own = all.filter(|one| one.channel == channel && one.author == world.bot.id);
        let own = own.filter(|one| one.reader.is_none());
        own.map(|one| (one.replies_to, world.text(one))).collect()
    })
}

#[tokio::test]
async fn redundant_ones_are_marked_and_raised_ones_answered() {
    let (team, bot, vendor) = watching(true).await;
    let redundant = vendor.posts("feed", &release(ORDERS));
    bears(&team, redundant, QUIET).await;
    let raised = vendor.posts("feed", &release(BILLING));
    bears(&team, raised, RAISED).await;
    let again = vendor.posts("feed", &release(BILLING));
    bears(&team, again, AGAIN).await;

    let answer = team.carol.finds("feed", "Raised: notice 2").await;
    answer
        .has("it is for billing")
        .has("</ack:")
        .has("`what:notice number:2`")
        .has("(I know of it) (Why)");
    assert_eq!(answer.message.replies_to, Some(raised));
    let post = team.carol.finds("pay", "| notice").await;
    post.has("billing").has("see its action in the console");
    assert_eq!((own(&team, "feed").len(), own(&team, "pay").len()), (1, 1));
    assert_eq!(signs(&team.discord, redundant), [QUIET]);
    let called = team.discord.pings();
    let answered = |id: Id| called.iter().any(|ping| ping.message == id);
    assert!(!answered(answer.id) && answered(post.id), "{called:?}");

    let listed = types(&team.alice, "ops", "/notices instance:orders").await;
    listed.has("through watched channel").has("suppressed");
    let trail = types(&team.alice, "ops", "/audit").await;
    trail.has("vendor (discord)").has("suppressed");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// Somebody forwards several of the vendor's messages in one: each is a notice, and what each came to is shown there.
#[tokio::test]
async fn each_message_that_one_holds_is_a_notice() {
    let (team, bot, vendor) = watching(true).await;
    let mail = |id: &str| {
        let header =
            "From: Alibaba Cloud <noreply@aliyun.com>\nSent: Monday, February 23, 2026 8:00 AM";
        format!(
            "{header}\nTo: ops@team.example\nSubject: Release notice\n\n{}\n\n",
            release(id)
        )
    };
    let message = vendor.posts("feed", &(mail(ORDERS) + &mail(BILLING)));
    bears(&team, message, QUIET).await;
    bears(&team, message, RAISED).await;
    let answer = team.carol.finds("feed", "Raised: notice 2").await;
    answer.has("it is for billing");
    assert_eq!(answer.message.replies_to, Some(message));
    let listed = types(&team.alice, "ops", "/notices instance:orders").await;
    listed.has("suppressed");
    // Once, also after the facts have changed.
    types(&team.alice, "ops", "/action instance:orders action:delete").await;
    team.carol.finds("feed", "Raised: notice 1").await;
    assert_eq!(own(&team, "feed").len(), 2);
    bot.stop().await;
}

/// The sign says what was made of it then; what happens to it later is added.
#[tokio::test]
async fn a_suppression_that_ends_is_shown_where_it_was_read() {
    let (team, bot, vendor) = watching(true).await;
    let message = vendor.posts("feed", &release(ORDERS));
    bears(&team, message, QUIET).await;
    types(&team.alice, "ops", "/action instance:orders action:delete").await;
    bears(&team, message, RAISED).await;
    let answer = team.alice.finds("feed", "Raised: notice 1").await;
    assert_eq!(answer.message.replies_to, Some(message));
    let acked = team
        .alice
        .clicks("I know of it")
        .on(&answer)
        .await
        .reply()
        .await;
    acked.has("Done: notice 1");
    bot.stop().await;
}

#[tokio::test]
async fn what_is_raised_in_the_watched_channel_itself_is_said_once() {
    let (team, bot, vendor) = watching(true).await;
    let set = "/instance set instance:billing channel:feed";
    types(&team.olga, "ops", set).await.has("Done");
    let message = vendor.posts("feed", &release(BILLING));
    bears(&team, message, RAISED).await;
    let post = team.alice.finds("feed", "Raised: notice 1").await;
    post.has("see its action in the console");
    assert_eq!(post.message.replies_to, Some(message));
    bot.passes("5m").await;
    assert_eq!(own(&team, "feed").len(), 1);
    bot.stop().await;
}

#[tokio::test]
async fn nobody_else_is_read() {
    let (team, bot, vendor) = watching(true).await;
    let (other, relay) = (team.guild.webhook("other"), team.guild.bot("relay"));
    let own = team.discord.look(|world| world.bot.id);
    let alice = team.alice.user;
    watches(
        &team,
        &format!("{} {} {own} {alice}", vendor.id, relay.user),
    )
    .await;
    let text = release(BILLING);
    let stranger = other.posts("feed", &text);
    let person = team.alice.says("feed", &text).await.id;
    let elsewhere = vendor.posts("ops", &text);
    // An answer of the bot's own is posted by a webhook of its own.
    let handed_in = format!("/notice text:{text}");
    types(&team.alice, "feed", &handed_in).await.has("Raised");
    let said = team.alice.finds("feed", "Raised: notice 1").await;
    let quoted = format!("warden said: {}", said.text());
    let quote = team.bob.says("feed", &quoted).await.id;

    let last = relay.says("feed", &release(ORDERS)).await.id;
    bears(&team, last, QUIET).await;
    for message in [stranger, person, elsewhere, quote, said.id] {
        assert!(signs(&team.discord, message).is_empty(), "{message}");
    }
    let listed = types(&team.alice, "ops", "/notices instance:billing").await;
    assert_eq!(listed.text().matches("release notice").count(), 1);

    bot.stop().await;
}

#[tokio::test]
async fn what_came_while_the_bot_was_away_is_read_once_and_in_order() {
    let (team, bot, vendor) = watching(true).await;
    let first = vendor.posts("feed", &release(ORDERS));
    bears(&team, first, QUIET).await;
    let at = bot.clock.now();
    bot.stop().await;
    let missed = vendor.posts("feed", &release(BILLING));
    for number in 0..130 {
        // Nobody hears it; it is there to be passed over.
        team.guild
            .webhook("chatter")
            .posts("feed", &format!("{number}"));
    }
    let later = vendor.posts("feed", &release(BILLING));
    let bot = starts(&team, at).await;
    bears(&team, missed, RAISED).await;
    bears(&team, later, AGAIN).await;

    let gateway = team.discord.gateway();
    gateway.doubles(true);
    let twice = vendor.posts("feed", &release(ORDERS));
    bears(&team, twice, AGAIN).await;
    gateway.doubles(false);
    bot.stop().await;
    let bot = starts(&team, at).await;
    let last = vendor.posts("feed", "Something else happens.");
    bears(&team, last, RAISED).await;
    bot.passes("1m").await;
    let numbers = own(&team, "feed");
    assert_eq!(numbers.len(), 2, "{numbers:?}");
    assert!(numbers[1].1.contains("notice 5"), "each was taken once");
    for message in [first, missed, later, twice, last] {
        assert_eq!(signs(&team.discord, message).len(), 1);
    }
    bot.stop().await;
}

async fn starts(team: &Team, at: Timestamp) -> Live {
    let ops = team.guild.channel_id("ops");
    Live::start_at(&team.discord, team.store.clone(), ops, at).await
}

#[tokio::test]
async fn what_was_said_before_is_not_read() {
    let (team, bot, vendor) = watching(true).await;
    bot.stop().await;
    types_none(&team).await;
    let now = team.discord.look(|world| world.time.now());
    let before = vendor.posts("feed", &release(BILLING));
    let bot = starts(&team, now + chrono::TimeDelta::hours(1)).await;
    team.discord.passes(std::time::Duration::from_secs(3_700));
    watches(&team, &vendor.id.to_string()).await;
    let after = vendor.posts("feed", &release(ORDERS));
    bears(&team, after, RAISED).await;
    assert!(signs(&team.discord, before).is_empty());
    bot.stop().await;
}

/// Nothing is watched any more.
async fn types_none(team: &Team) {
    let bot = team.start().await;
    types(
        &team.olga,
        "ops",
        "/settings watch channel:feed sources:none",
    )
    .await;
    bot.stop().await;
}

#[tokio::test]
async fn without_the_intent_the_admins_are_told_once_and_nothing_is_lost() {
    let (team, bot, vendor) = watching(false).await;
    let told = team.olga.finds("alerts", "Message Content Intent").await;
    told.has("developer portal").has("are not read");
    let hidden = vendor.posts("feed", &release(ORDERS));
    let bot = team.restart(bot).await;
    vendor.posts("feed", &release(BILLING));
    bot.passes("1h").await;
    let list = types(&team.alice, "ops", "/suppressed").await;
    list.has("Nothing was suppressed");
    assert_eq!(own(&team, "alerts").len(), 1, "{:?}", own(&team, "alerts"));
    let asked = |nth: usize| {
        let identifies = team.discord.gateway().identifies();
        identifies[nth]["intents"].as_u64().unwrap() & MESSAGE_CONTENT != 0
    };
    assert!(
        !asked(0) && !asked(1),
        "what is not switched on is not asked for"
    );

    team.discord.portal_allows(MESSAGE_CONTENT);
    let last = vendor.posts("feed", &release(BILLING));
    bears(&team, last, AGAIN).await;
    bears(&team, hidden, QUIET).await;
    let bot = team.restart(bot).await;
    assert!(asked(2), "it is asked for where a channel is watched");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test]
async fn an_intent_that_is_taken_away_does_not_end_the_bot() {
    let (team, bot, vendor) = watching(true).await;
    let bot = team.restart(bot).await;
    let asked = || {
        let all = team.discord.gateway().identifies().into_iter();
        let bits = all.map(|one| one["intents"].as_u64().unwrap());
        bits.map(|bits| bits & MESSAGE_CONTENT != 0)
            .collect::<Vec<_>>()
    };
    assert_eq!(asked(), [false, true], "only where a channel is watched");
    team.discord.portal_allows(0);
    let gateway = team.discord.gateway();
    gateway.forget_sessions();
    gateway.close(4000);
    let back = |world: &super::fake::world::World| {
        let last = world.gateway.identifies.last()?;
        let without = last["intents"].as_u64()? & MESSAGE_CONTENT == 0;
        (without && world.gateway.live().next().is_some()).then_some(())
    };
    team.discord
        .until("the bot to come back without it", back)
        .await;
    assert_eq!(asked(), [false, true, true, false], "it is refused once");
    team.olga.finds("alerts", "Message Content Intent").await;
    types(&team.alice, "ops", "/instance list")
        .await
        .has("orders");
    team.discord.portal_allows(MESSAGE_CONTENT);
    let message = vendor.posts("feed", &release(ORDERS));
    bears(&team, message, QUIET).await;
    bot.stop().await;
}

#[tokio::test]
async fn signs_and_answers_outlast_a_bad_hour_and_a_restart() {
    let (team, bot, vendor) = watching(true).await;
    let faults = team.discord.faults();
    faults.every(
        "PUT /channels/*/messages/*/reactions/*/@me",
        Fault::Status(503),
    );
    faults.every("POST /channels/*/messages", Fault::Closed);
    let quiet = vendor.posts("feed", &release(ORDERS));
    let raised = vendor.posts("feed", &release(BILLING));
    let tried = |world: &super::fake::world::World| {
        let mut all = world.requests.iter();
        all.any(|one| one.path.contains("/reactions/"))
            .then_some(())
    };
    team.discord.until("a sign to be tried", tried).await;
    bot.passes("1h").await;
    let bot = team.restart(bot).await;
    faults.clear();
    bot.passes("30m").await;
    bears(&team, quiet, QUIET).await;
    bears(&team, raised, RAISED).await;
    team.carol.finds("feed", "Raised: notice 2").await;
    team.carol.finds("pay", "Raised: notice 2").await;
    assert_eq!((own(&team, "feed").len(), own(&team, "pay").len()), (1, 1));
    bot.stop().await;
}

#[tokio::test]
async fn reading_goes_on_where_discord_failed() {
    let (team, bot, vendor) = watching(true).await;
    team.discord
        .faults()
        .next("GET /channels/*/messages", 1, Fault::Status(502));
    let message = vendor.posts("feed", &release(ORDERS));
    bears(&team, message, QUIET).await;
    bot.stop().await;
}

#[tokio::test]
async fn missing_permissions_are_told_once_with_the_way_out() {
    let (team, bot, vendor) = watching(true).await;
    for (denied, words) in [
        (READ_MESSAGE_HISTORY, "Read Message History"),
        (ADD_REACTIONS, "Add Reactions"),
    ] {
        team.guild.denies_bot("feed", denied);
        vendor.posts("feed", &release(ORDERS));
        team.olga.finds("alerts", words).await;
        let told = own(&team, "alerts").len();
        vendor.posts("feed", &release(BILLING));
        bot.passes("1h").await;
        assert_eq!(own(&team, "alerts").len(), told);
    }
    team.guild.denies_bot("feed", 0);
    let last = vendor.posts("feed", &release(ORDERS));
    bears(&team, last, AGAIN).await;
    team.guild.denies_bot("feed", VIEW_CHANNEL);
    let bot = team.restart(bot).await;
    types(&team.alice, "ops", "/suppressed").await.has("notice");
    bot.stop().await;
}

#[tokio::test]
async fn a_channel_of_another_server_is_not_read() {
    let (team, bot, _) = watching(true).await;
    let other = team.discord.guild("other").channel("secret");
    let hook = other.webhook("vendor");
    let text = format!(
        "settings watch <#{}> {}",
        other.channel_id("secret"),
        hook.id
    );
    team.olga.says("ops", &format!("<@bot> {text}")).await;
    team.olga.finds("ops", "This server has no channel").await;
    bot.operator_says(team.guild.id, &text).await;
    let bot = team.restart(bot).await;
    team.olga
        .finds("alerts", "no such channel in this server")
        .await;
    let message = hook.posts("secret", &release(ORDERS));
    bot.passes("1h").await;
    let list = types(&team.alice, "ops", "/suppressed").await;
    list.has("Nothing was suppressed");
    assert!(signs(&team.discord, message).is_empty());
    bot.stop().await;
}

#[tokio::test]
async fn cards_are_read_and_a_picture_is_no_notice() {
    let (team, bot, vendor) = watching(true).await;
    let card = json!({
        "type": "rich",
        "description": format!("Your instance {ORDERS} will be released on <t:1772928000:F>."),
        "footer": { "text": "Alibaba Cloud" },
    });
    let good = vendor.posts_with("feed", "", vec![card.clone()], None);
    bears(&team, good, QUIET).await;
    let mut wrong = card;
    wrong["description"] = json!(format!(
        "Your instance {ORDERS} will be released on <t:1800000000:F>."
    ));
    let misfit = vendor.posts_with("feed", "", vec![wrong], None);
    bears(&team, misfit, RAISED).await;
    let picture = File {
        name: "notice.png".to_owned(),
        kind: "image/png".to_owned(),
        bytes: vec![0; 9],
    };
    let picture = vendor.posts_with("feed", "", Vec::new(), Some(picture));
    bears(&team, picture, NOTHING).await;
    let all = types(&team.alice, "ops", "/notices instance:orders").await;
    assert_eq!(all.text().matches("a release notice").count(), 2);
    bot.stop().await;
}
