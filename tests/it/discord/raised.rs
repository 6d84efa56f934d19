//! Buttons under raised notices and under requests, also when what they are about is over.

use super::fake::people::Seen;
use super::team::{ORDERS, Team, types};

/// Hands in a release notice of `orders`, whose action nobody knows, and reads the post.
async fn raised(team: &Team) -> Seen {
    team.adds(ORDERS, "orders", "edition:platinum expires:2026-03-01")
        .await;
    let text = format!("/notice text:Your instance {ORDERS} will be released on 2026-03-08.");
    types(&team.alice, "ops", &text)
        .await
        .has("Raised: notice 1");
    team.olga.finds("ops", "| notice").await
}

#[tokio::test]
async fn a_raised_notice_is_taken_note_of_by_its_button() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let post = raised(&team).await;
    let looks = [
        "Console shows Downgrade",
        "Console shows Delete",
        "Next step",
    ];
    assert_eq!(
        post.buttons(),
        [&["I know of it", "Why"], &looks[..]].concat()
    );

    let why = team.bob.clicks("Why").on(&post).await.reply().await;
    assert!(why.is_ephemeral());
    why.has("action-before-exit").has("orders");
    let acked = team
        .bob
        .clicks("I know of it")
        .on(&post)
        .await
        .reply()
        .await;
    acked.has("Done: notice 1 is acknowledged");
    let again = team
        .alice
        .clicks("I know of it")
        .on(&post)
        .await
        .reply()
        .await;
    assert!(again.is_ephemeral());
    again.has("Already done: notice 1 is raised; acknowledged by bob");

    let bot = team.restart(bot).await;
    let late = team
        .alice
        .clicks("I know of it")
        .on(&post)
        .await
        .reply()
        .await;
    late.has("acknowledged by bob");
    bot.passes("3d").await;
    let (said, _) = team.counts("ops", "notice 1, release: orders");
    assert_eq!(
        said,
        2,
        "the answer and the post: {}",
        team.olga.sees("ops")
    );
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test]
async fn a_notice_that_names_nothing_tracked_asks_for_its_rule() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let text = format!("/notice text:Your instance {ORDERS} will be released on 2026-03-08.");
    types(&team.alice, "ops", &text).await.has("Raised");
    let post = team.olga.finds("ops", "| notice").await;
    let why = team.bob.clicks("Why").on(&post).await.reply().await;
    why.has("release-notice-redundant");
    let stranger = team.guild.member("mallory", &[]);
    let denied = stranger
        .clicks("I know of it")
        .on(&post)
        .await
        .reply()
        .await;
    denied.has("Denied");
    assert!(denied.is_ephemeral());
    bot.stop().await;
}

/// Who reminds of a request is no second place to decide it: all of them show what came of it.
#[tokio::test]
async fn what_waited_still_shows_its_outcome_like_the_request_itself() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:standard max-tps:5000 busy:off team:payments";
    team.adds(ORDERS, "orders", facts).await;
    types(&team.alice, "ops", "/upgrade instance:orders")
        .await
        .has("Needs approval");
    bot.passes("65h").await;
    let asked = team.bob.finds("pay", "Approval asked").await;
    let waits = team.bob.finds("pay", "Still waiting for approval").await;
    let escalated = team.bob.finds("alerts", "Not enough people answer").await;
    for post in [&asked, &waits, &escalated] {
        assert_eq!(post.buttons(), ["Approve", "Reject", "Why"]);
    }
    team.bob
        .clicks("Approve")
        .on(&waits)
        .await
        .reply()
        .await
        .has("approved");
    for post in [&asked, &waits, &escalated] {
        let now = post.until("Approved by bob").await;
        assert!(now.buttons().is_empty(), "{}", now.text());
    }
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// Nobody is asked what the console shows, or for a reason, for a change that has gone on without them.
#[tokio::test]
async fn a_request_that_is_over_says_what_became_of_it() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    team.adds(ORDERS, "orders", "edition:standard max-tps:5000 busy:off")
        .await;
    types(&team.alice, "ops", "/upgrade instance:orders")
        .await
        .has("Needs approval");
    let request = team.bob.finds("ops", "Approval asked").await;
    assert_eq!(request.buttons(), ["Approve", "Reject", "Why"]);
    let form = team.bob.clicks("Reject").on(&request).await.modal().await;
    let reason = [("text", "not now")];
    let rejected = team.bob.submits(&form, &reason).await.reply().await;
    rejected.has("#1");

    for label in ["Approve", "Reject"] {
        let over = team.carol.clicks(label).on(&request).await.reply().await;
        assert!(over.is_ephemeral());
        over.has("rejected")
            .has("not now")
            .lacks("What does the vendor");
    }
    let told = team.alice.finds("ops", "bob rejected #1").await;
    assert!(
        told.buttons().is_empty(),
        "there is nothing to approve any more"
    );
    bot.stop().await;
}
