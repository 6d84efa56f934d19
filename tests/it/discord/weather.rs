//! Discord has a bad day: limits, errors, silence, lost answers, broken connections. What is said comes once, and people
//! go on being answered.

use std::time::Duration;

use edition_warden::app::Warden;
use edition_warden::surface::discord::{Discord, StartError};
use rstest::rstest;
use serde_json::json;

use super::day::Day;
use super::fake::faults::Fault;
use super::fake::{FakeDiscord, Options};
use super::live::{settings, terms};

const STOCK: &str = "MQ_INST_1080056302921134_DXuIbML9";

#[rstest]
#[case::of_a_route(Fault::TooMany { retry_after: 0.3, global: false })]
#[case::of_everything(Fault::TooMany { retry_after: 0.3, global: true })]
#[case::an_error(Fault::Status(502))]
#[case::a_closed_connection(Fault::Closed)]
#[case::a_lost_answer(Fault::Lost)]
#[case::no_answer(Fault::Hang)]
#[tokio::test]
async fn what_the_bot_says_unasked_comes_once(#[case] fault: Fault) {
    let day = Day::begins().await;
    day.discord.faults().next_message_posts(2, fault);
    let opened = day
        .olga
        .slash_text("/upgrade instance:orders")
        .in_("ops")
        .await;
    opened.reply().await.has("Needs approval");
    for _ in 0..8 {
        day.bot.passes("30s").await;
    }
    let card = day.olga.finds("ops", "(Cancel)").await;
    let why = day.olga.clicks("Why").on(&card).await.reply().await;
    assert!(why.is_ephemeral());
    day.olga.finds("ops", "Approval asked").await;
    assert_eq!((day.said("(Cancel)"), day.said("Approval asked")), (1, 1));
    day.bot.stop().await;
}

#[rstest]
#[case::an_error(Fault::Status(503))]
#[case::a_closed_connection(Fault::Closed)]
#[case::a_lost_answer(Fault::Lost)]
#[case::no_answer(Fault::Hang)]
#[tokio::test]
async fn who_asks_is_answered_all_the_same_and_once(#[case] fault: Fault) {
    let day = Day::begins().await;
    day.discord
        .faults()
        .next("POST /interactions/*/*/callback", 1, fault);
    let shown = day.olga.slash_text("/instance list").in_("ops").await;
    shown.reply().await.has("orders");
    day.discord.faults().next_message_posts(1, fault);
    day.olga.says("ops", "<@bot> changes").await;
    day.olga.finds("ops", "No open changes").await;
    assert_eq!(day.said("No open changes"), 1);
    day.bot.stop().await;
}

#[rstest]
#[case::the_connection_is_cut("cut")]
#[case::discord_asks_to_reconnect("7")]
#[case::the_session_can_be_resumed("9 resumable")]
#[case::the_session_is_lost("9")]
#[case::an_unknown_error("4000")]
#[tokio::test]
async fn the_bot_comes_back_and_goes_on(#[case] what: &str) {
    let day = Day::begins().await;
    let gateway = day.discord.gateway();
    let breaks = || match what {
        "cut" => gateway.cut(),
        "7" => gateway.reconnect(),
        "9 resumable" => gateway.invalid_session(true),
        "9" => gateway.invalid_session(false),
        _ => gateway.close(4000),
    };
    day.discord.reconnects(breaks).await;
    let opened = day
        .olga
        .slash_text("/upgrade instance:orders")
        .in_("ops")
        .await;
    opened.reply().await.has("Needs approval");
    day.olga.finds("ops", "(Cancel)").await;
    assert_eq!(day.said("(Cancel)"), 1);
    day.bot.stop().await;
}

#[tokio::test]
async fn a_connection_on_which_nothing_is_heard_is_given_up() {
    let day = Day::begins_with(Options {
        heartbeat_interval: Duration::from_millis(400),
        ..Options::default()
    })
    .await;
    day.discord
        .reconnects(|| day.discord.gateway().zombie())
        .await;
    day.goes_on().await;
    let opened = day.olga.slash_text("/upgrade instance:orders");
    let opened = opened.in_("ops").await;
    opened.reply().await.has("Needs approval");
    day.olga.finds("ops", "(Cancel)").await;
    assert_eq!(day.said("(Cancel)"), 1);
    day.bot.stop().await;
}

/// serenity keeps the interval of the first HELLO when it resumes, and would notice nothing for as long.
#[tokio::test]
async fn after_a_resume_with_a_shorter_heartbeat_a_silent_connection_is_given_up_in_time() {
    let day = Day::begins().await;
    let gateway = day.discord.gateway();
    let identified = || day.discord.look(|world| world.gateway.identifies.len());
    day.discord.reconnects(|| gateway.cut()).await;
    day.goes_on().await;
    assert_eq!(identified(), 1, "the same interval: the session is resumed");
    gateway.hello_names(Duration::from_millis(400));
    gateway.cut();
    day.discord
        .until("a session with the shorter interval", |world| {
            (world.gateway.identifies.len() == 2).then_some(())
        })
        .await;
    assert_eq!(gateway.resumes().len(), 2);
    day.goes_on().await;
    day.discord.reconnects(|| gateway.zombie()).await;
    day.goes_on().await;
    let opened = day.olga.slash_text("/upgrade instance:orders");
    let opened = opened.in_("ops").await;
    opened.reply().await.has("Needs approval");
    day.bot.stop().await;
}

#[tokio::test]
async fn what_is_told_twice_out_of_order_or_in_unknown_words_is_done_once() {
    let day = Day::begins().await;
    let gateway = day.discord.gateway();
    gateway.sends("SOMETHING_NEW", json!({ "guild_id": "1", "odd": [1, 2] }));
    gateway.doubles(true);
    let opened = day
        .olga
        .slash_text("/upgrade instance:orders")
        .in_("ops")
        .await;
    opened.reply().await.has("Needs approval");
    day.olga.says("ops", "<@bot> changes").await;
    gateway.doubles(false);
    gateway.holds();
    let first = day.olga.slash_text("/instance list").in_("ops").await;
    let second = day.olga.slash_text("/changes").in_("ops").await;
    gateway.releases_reversed();
    first.reply().await.has("orders");
    second.reply().await.has("#1");
    day.olga.finds("ops", "(Cancel)").await;
    assert_eq!(day.said("(Cancel)"), 1);
    let twice = day.discord.requests();
    let refused = twice.iter().filter(|one| one.status == 400).count();
    assert_eq!(refused, 0, "no answer is given twice");
    day.bot.stop().await;
}

/// The permit's outcome is asked for half an hour later, and Discord takes nothing for an hour.
#[tokio::test]
async fn after_an_hour_without_discord_nothing_is_lost_or_said_twice() {
    let day = Day::begins().await;
    let add = format!(
        "/instance add id:{STOCK} name:stock region:cn-hangzhou edition:platinum expires:2026-03-01 action:delete"
    );
    let types = async |text: &str| {
        let asked = day.olga.slash_text(text).in_("ops").await;
        asked.reply().await
    };
    types(&add).await.has("tracking");
    types("/downgrade instance:stock by:unsubscribe")
        .await
        .has("is open as #1");
    let card = day.olga.finds("ops", "(Cancel)").await;
    let permit = day.olga.clicks("Permit to set Downgrade").on(&card).await;
    permit.reply().await.has("Permit: `set-action`");

    day.discord.faults().all(Fault::Status(503));
    day.discord.gateway().cut();
    for _ in 0..6 {
        day.bot.passes("10m").await;
    }
    day.discord.faults().clear();
    day.discord.reconnects(|| day.discord.gateway().cut()).await;
    day.bot.passes("10m").await;
    day.olga.finds("ops", "| permit").await;
    assert_eq!((day.said("(Cancel)"), day.said("| permit")), (1, 1));
    let done = day.olga.clicks("I set Downgrade").on(&card).await;
    done.reply().await.has("Done");
    card.until("✓ set-action").await;
    day.bot.stop().await;
}

#[tokio::test]
async fn a_server_that_is_away_for_a_while_is_served_when_it_is_back() {
    let day = Day::begins().await;
    day.guild.goes_unavailable();
    day.guild.comes_back();
    day.goes_on().await;
    day.bot.stop().await;
}

#[tokio::test]
async fn what_takes_long_is_answered_later_and_a_decision_is_published() {
    let day = Day::begins().await;
    let busy = day.holds().await;
    let asked = day
        .olga
        .slash_text("/instance set instance:orders topics:5")
        .in_("ops")
        .await;
    let took = asked.acknowledged().await;
    assert!(took.num_milliseconds() >= 1_400 && took.num_seconds() < 3);
    drop(busy);
    let own = asked.reply().await;
    assert!(own.is_ephemeral());
    let published = asked.follow_up(0).await;
    published.has("topics");
    assert!(!published.is_ephemeral());
    day.bot.stop().await;
}

async fn refused(discord: &FakeDiscord, wrong: &str) -> StartError {
    let store = crate::harness::new_store().await;
    let clock = edition_warden::clock::Clock::System;
    let warden = Warden::new(store, clock.into(), std::sync::Arc::new(settings("1")));
    let terms = terms(wrong, &discord.api_url());
    match Discord::connect(terms, warden.clone()).await {
        Err(error) => error,
        Ok(bot) => {
            let pace = edition_warden::delivery::DeliveryOptions::default();
            let delivery = edition_warden::delivery::Delivery::alone(warden, bot.chat(), pace);
            bot.run(delivery, std::future::pending::<()>())
                .await
                .unwrap_err()
        }
    }
}

#[tokio::test]
async fn a_wrong_token_is_told_at_once() {
    let discord = FakeDiscord::start().await;
    let error = tokio::time::timeout(Duration::from_secs(30), refused(&discord, "wrong.canary"))
        .await
        .unwrap();
    assert!(matches!(error, StartError::Token), "{error}");
    assert!(error.to_string().contains("DISCORD_TOKEN"));
    assert!(!format!("{error}{error:?}").contains("canary"));
}

#[rstest]
#[case(4004, "does not take the token")]
#[case(4014, "Message Content Intent")]
#[tokio::test]
async fn what_the_gateway_refuses_ends_the_bot_in_clear_words(
    #[case] code: u16,
    #[case] words: &str,
) {
    let discord = FakeDiscord::start().await;
    let token = discord.token();
    let closing = async {
        discord.ready().await;
        discord.gateway().close(code);
        std::future::pending::<()>().await;
    };
    let error = tokio::select! {
        error = refused(&discord, &token) => error,
        () = closing => unreachable!(),
    };
    assert!(error.to_string().contains(words), "{error}");
}
