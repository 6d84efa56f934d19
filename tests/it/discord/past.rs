//! Buttons of what is past: they say what it became, and never act on what came after it.

use super::team::{BILLING, ORDERS, Team, types};

#[tokio::test]
async fn a_reminder_of_a_past_expiry_silences_no_later_one() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-03-01 action:delete team:payments";
    team.adds(ORDERS, "orders", facts).await;
    bot.passes("30d").await;
    let old = team.alice.finds("pay", "orders").await;
    let renewed = format!("/instance set instance:{ORDERS} expires:2027-03-01");
    types(&team.olga, "ops", &renewed).await.has("Done");
    for label in [
        "I know of it",
        "Snooze 4 h",
        "Snooze until the next reminder",
    ] {
        let past = team.alice.clicks(label).on(&old).await.reply().await;
        past.has("which is past").has("Nothing was recorded");
    }
    let held = types(&team.alice, "ops", "/reminders instance:orders").await;
    held.lacks("nobody is mentioned").lacks("wants to see");
    // The buttons of what is shown now are about what is planned now.
    let acked = team
        .alice
        .clicks("I know of it")
        .on(&held)
        .await
        .reply()
        .await;
    acked.has("Noted");
    bot.stop().await;
}

#[tokio::test]
async fn an_approval_means_the_request_that_was_seen() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:standard max-tps:5000 busy:off team:platform";
    team.adds(BILLING, "billing", facts).await;
    let opened = types(&team.dave, "ops", "/upgrade instance:billing").await;
    opened.has("Needs approval");
    let first = team.bob.finds("plat", "Approval asked").await;
    let form = team.bob.clicks("Reject").on(&first).await.modal().await;
    let carried = |label: &str| {
        let mut controls = first.message.controls();
        let button = controls.find(|one| one["label"] == label).unwrap();
        button["custom_id"].as_str().unwrap().to_owned()
    };
    // Nobody decides for three days, and it is asked again.
    bot.passes("73h").await;
    let asked = types(&team.dave, "ops", "/next target:#1").await;
    asked.has("Needs approval");
    bot.passes("1m").await;
    // The message shows the outcome, and has no buttons any more; somebody may press one just before.
    first
        .until("had not enough approvals in time")
        .await
        .lacks("(Approve)");
    for label in ["Approve", "Reject"] {
        let past = team.bob.forges(&carried(label)).on(&first).await;
        let past = past.reply().await;
        past.has("request 1").has("Request 2 is open");
    }
    let late = team.bob.forges("do:approve 1 --request 1").on(&first).await;
    late.reply().await.has("nothing was recorded");
    let late = team.bob.submits(&form, &[("text", "not now")]).await;
    late.reply().await.has("nothing was recorded");
    let held = types(&team.bob, "ops", "/change change:#1").await;
    held.lacks("approved by").lacks("rejected");
    let card = team.bob.finds("plat", "#1 upgrade of billing").await;
    card.until("approvals** 0/1").await;
    let approved = team.bob.clicks("Approve").on(&card).await.reply().await;
    approved.has("approved");
    // What has ended asks nobody for a reason.
    let form = team.dave.clicks("Cancel").on(&card).await.modal().await;
    let called_off = team.dave.submits(&form, &[("text", "mine")]).await;
    called_off.reply().await.has("Done");
    for label in ["Approve", "Reject"] {
        let past = team.bob.forges(&carried(label)).on(&first).await;
        past.reply().await.has("is cancelled");
    }
    bot.stop().await;
}

/// Neither the card nor the request says that Downgrade was seen once that look counts no more, as it is too old or was taken back;
/// a new look is said again.
#[tokio::test]
async fn a_look_that_counts_no_more_is_said_no_more() {
    for is_taken_back in [false, true] {
        let team = Team::gather().await;
        let bot = team.start().await;
        team.is_set_up().await;
        let facts = "edition:platinum expires:2026-03-01 action:downgrade team:payments";
        team.adds(ORDERS, "orders", facts).await;
        let wish = "/downgrade instance:orders by:unsubscribe";
        types(&team.alice, "ops", wish).await.has("is open as #1");
        let request = team.bob.finds("pay", "Approval asked").await;
        let card = team.bob.finds("pay", "#1 downgrade by").await;
        let asked = request.until("**observers** 1/2 olga").await;
        asked.lacks("**action**");
        card.until("**observers** 1/2 olga").await;
        let over = if is_taken_back {
            let line = "/instance set instance:orders action:unknown";
            types(&team.alice, "ops", line).await.has("Done");
            "Void: approval of"
        } else {
            bot.passes("25h").await;
            "**action** Downgrade, olga"
        };
        let asked = request.until(over).await;
        asked.lacks("1/2 olga");
        let shown = card.until("**observers** 0/2").await;
        shown.lacks("1/2 olga");
        let look = "/action instance:orders action:downgrade";
        let said = types(&team.dave, "ops", look).await;
        said.has("Downgrade (attested by dave");
        card.until("**observers** 1/2 dave").await;
        let asked = team.bob.finds("pay", "Approval asked").await;
        asked.until("**observers** 1/2 dave").await;
        bot.stop().await;
    }
}
