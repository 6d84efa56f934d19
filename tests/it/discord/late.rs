//! Answers that come too late for Discord, or that it failed to take: anyone who asked hears of it all the same, once, and
//! nobody else hears what was for them alone.

use std::time::Duration;

use rstest::rstest;

use super::day::Day;
use super::fake::faults::Fault;

const CALLBACK: &str = "POST /interactions/*/*/callback";
/// A decision that everybody sees, and what its answer says.
const PUBLIC: &str = "/instance set instance:orders topics:5";
const DECIDED: &str = "topics";
const QUARTER: Duration = Duration::from_mins(16);

#[tokio::test]
async fn a_decision_after_a_quarter_of_an_hour_is_an_ordinary_message() {
    let day = Day::begins().await;
    let busy = day.holds().await;
    let asked = day.olga.slash_text(PUBLIC);
    let asked = asked.in_("ops").await;
    asked.acknowledged().await;
    day.discord.passes(QUARTER);
    drop(busy);
    let said = day.olga.finds("ops", DECIDED).await;
    assert!(!said.is_ephemeral());
    assert_eq!(day.said(DECIDED), 1);
    day.bot.stop().await;
}

#[tokio::test]
async fn what_is_for_one_person_is_not_said_to_all_after_a_quarter_of_an_hour() {
    let day = Day::begins().await;
    let nina = day.guild.member("nina", &[]);
    let busy = day.holds().await;
    let asked = nina.slash_text("/upgrade instance:orders");
    let asked = asked.in_("ops").await;
    asked.acknowledged().await;
    day.discord.passes(QUARTER);
    drop(busy);
    let said = nina.finds("ops", "please ask again").await;
    said.has("too late for Discord");
    assert_eq!(day.said("Denied"), 0);
    let pings = day.discord.pings();
    assert_eq!(pings.len(), 1, "{pings:?}");
    day.bot.stop().await;
}

#[rstest]
#[case::hang(Fault::Hang)]
#[case::pause(Fault::TooMany { retry_after: 0.4, global: false })]
#[tokio::test]
async fn a_first_answer_that_is_not_taken_comes_again_in_time(#[case] fault: Fault) {
    let day = Day::begins().await;
    day.discord.faults().next(CALLBACK, 1, fault);
    let asked = day.olga.slash_text("/upgrade instance:orders");
    let asked = asked.in_("ops").await;
    asked.reply().await.has("Needs approval");
    assert!(asked.acknowledged().await.num_seconds() < 3);
    day.bot.stop().await;
}

#[tokio::test]
async fn when_discord_takes_no_first_answer_the_channel_hears() {
    let day = Day::begins().await;
    let nina = day.guild.member("nina", &[]);
    day.discord.faults().every(CALLBACK, Fault::Status(503));
    day.olga.slash_text(PUBLIC).in_("ops").await;
    day.olga.finds("ops", DECIDED).await;
    nina.slash_text("/upgrade instance:orders").in_("ops").await;
    nina.finds("ops", "please ask again").await;
    assert_eq!((day.said(DECIDED), day.said("Denied")), (1, 0));
    day.bot.stop().await;
}

#[rstest]
#[case::an_error(Fault::Status(502))]
#[case::a_pause(Fault::TooMany { retry_after: 0.3, global: false })]
#[case::a_closed_connection(Fault::Closed)]
#[case::a_lost_answer(Fault::Lost)]
#[tokio::test]
async fn what_follows_a_deferral_is_not_lost(#[case] fault: Fault) {
    let day = Day::begins().await;
    let busy = day.holds().await;
    let asked = day.olga.slash_text(PUBLIC);
    let asked = asked.in_("ops").await;
    asked.acknowledged().await;
    let faults = day.discord.faults();
    faults.next("PATCH /webhooks/*/*/messages/@original", 1, fault);
    faults.next("POST /webhooks/*/*", 1, fault);
    drop(busy);
    // Where nobody knows whether the others heard it, anyone who asked does, and there are never two for all.
    day.olga.finds("ops", DECIDED).await;
    let public = day.said(DECIDED);
    let lost = fault == Fault::Closed;
    assert_eq!(public, usize::from(!lost));
    day.bot.stop().await;
}
