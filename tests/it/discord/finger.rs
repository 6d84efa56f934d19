//! A button does not come to mean something else under a finger: each step has its own place, and what changed a moment ago
//! is asked about.

use std::time::Duration;

use super::fake::people::Seen;
use super::team::{ORDERS, Team, types};

const FACTS: &str = "edition:platinum expires:2026-03-01 auto-renew:off team:payments";

/// A downgrade of `orders`, and its message.
async fn downgrade(team: &Team, by: &str) -> Seen {
    team.is_set_up().await;
    team.adds(ORDERS, "orders", FACTS).await;
    let wish = format!("/downgrade instance:orders by:{by}");
    types(&team.alice, "ops", &wish).await.has("is open as #1");
    team.alice.finds("pay", "#1 downgrade").await
}

/// Dave sets the action, and says so.
async fn sets(team: &Team, card: &Seen) -> Seen {
    let permit = team.dave.clicks("Permit to set Downgrade").on(card);
    permit.await.reply().await.has("Permit: `set-action`");
    card.until("holds the permit").await;
    let done = team.dave.clicks("I set Downgrade").on(card).await;
    done.reply().await.has("Done");
    card.until("✓ set-action").await
}

#[tokio::test]
async fn each_step_keeps_its_place() {
    let team = Team::gather().await;
    let bot = team.start().await;
    let card = downgrade(&team, "expiry").await;
    let last = ["Why", "Cancel"];
    assert_eq!(card.rows()[0], ["-Approve", "-Reject"]);
    assert_eq!(
        card.rows()[1],
        [
            "Permit to set Downgrade",
            "-I set Downgrade",
            "-Still Downgrade",
            "-Console shows Delete",
            "-Console shows Standard"
        ]
    );
    assert_eq!(card.rows()[2], last);
    let card = sets(&team, &card).await;
    assert_eq!(
        card.rows()[1],
        [
            "-Permit to set Downgrade",
            "-I set Downgrade",
            "Still Downgrade",
            "Console shows Delete",
            "-Console shows Standard"
        ]
    );
    assert_eq!(card.rows()[2], last);
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test]
async fn no_permit_is_offered_while_approvals_are_missing() {
    let team = Team::gather().await;
    let bot = team.start().await;
    let card = downgrade(&team, "unsubscribe").await;
    let card = sets(&team, &card).await;
    let permit = |card: &Seen| card.rows()[1][2].clone();
    assert_eq!(permit(&card), "-Permit to unsubscribe");
    team.approves(&team.bob, &card, "Downgrade").await;
    let card = card.until("approvals** 1/2 bob").await;
    assert_eq!(permit(&card), "-Permit to unsubscribe");
    team.approves(&team.carol, &card, "Downgrade").await;
    let card = card.until("approvals** 2/2 bob, carol").await;
    assert_eq!(permit(&card), "Permit to unsubscribe");
    // Three people looked where two are needed.
    card.has("observers** 3 (2 needed) dave, bob, carol");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test]
async fn what_changed_under_a_finger_is_asked_about() {
    let team = Team::gather().await;
    let bot = team.start().await;
    let card = downgrade(&team, "expiry").await;
    let permit = team.dave.clicks("Permit to set Downgrade").on(&card);
    permit.await.reply().await.has("Permit: `set-action`");
    let card = card.until("holds the permit").await;

    // What has only just come to be pressed is asked about, and nothing is done.
    let press = team.dave.clicks("I set Downgrade").hastily();
    let asked = press.on(&card).await.reply().await;
    assert!(asked.is_ephemeral());
    asked
        .has("Did you mean this? Nothing was done.")
        .has("now says I set Downgrade");
    assert_eq!(asked.rows(), [["I set Downgrade"]]);
    // Anyone who does mean it is heard.
    let meant = team.dave.clicks("I set Downgrade").on(&asked).await;
    meant.reply().await.has("Done");
    let card = card.until("✓ set-action").await;
    // What has been there all the time is not asked about.
    let form = team.dave.clicks("Cancel").hastily();
    let form = form.on(&card).await.modal().await;
    drop(form);
    // Two seconds later anybody has seen it.
    let seen = team.dave.clicks("Console shows Delete").on(&card).await;
    seen.reply().await.lacks("Did you mean this?");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test]
async fn of_a_message_that_an_earlier_process_has_shown_every_change_counts() {
    let team = Team::gather().await;
    let bot = team.start().await;
    let card = downgrade(&team, "expiry").await;
    let card = sets(&team, &card).await;
    let bot = team.restart(bot).await;
    team.discord.passes(Duration::from_secs(3));
    let form = team.dave.clicks("Cancel");
    drop(form.on(&card).await.modal().await);
    bot.stop().await;
}

/// After an expiry without a change, the reminder has the answer to what it asks.
#[tokio::test]
async fn a_reminder_past_the_expiry_asks_which_edition_the_console_shows() {
    let team = Team::gather().await;
    let bot = team.start().await;
    team.is_set_up().await;
    let facts = "edition:platinum expires:2026-01-03 action:downgrade auto-renew:off";
    team.adds(ORDERS, "orders", facts).await;
    bot.passes("4d").await;
    let asks = "Does the console show Standard?";
    let reminder = team.dave.finds("ops", asks).await;
    let asked = team.dave.clicks("Console shows Standard").on(&reminder);
    let asked = asked.await.reply().await;
    assert!(asked.is_ephemeral());
    asked
        .has("What does the vendor's console show as the edition")
        .has("your own look");
    assert_eq!(asked.rows(), [["Standard", "Still Platinum", "Gone"]]);
    let said = team.dave.clicks("Standard").on(&asked).await.reply().await;
    said.has("Done").has("Standard");
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

#[tokio::test]
async fn the_last_button_asks_what_the_console_shows() {
    for answer in ["Standard", "Still Platinum", "Gone"] {
        let team = Team::gather().await;
        let bot = team.start().await;
        let card = downgrade(&team, "unsubscribe").await;
        let card = sets(&team, &card).await;
        let outside = "/confirm change:1 step:unsubscribe outside:true reason:by hand";
        types(&team.olga, "ops", outside).await.has("Done");
        let card = card.until("▶ verify-standard").await;
        assert_eq!(
            card.rows()[1],
            [
                "-Permit to set Downgrade",
                "-I set Downgrade",
                "-Permit to unsubscribe",
                "-I unsubscribed it",
                "Console shows Standard"
            ]
        );
        let asked = team.olga.clicks("Console shows Standard").on(&card);
        let asked = asked.await.reply().await;
        assert_eq!(asked.rows(), [["Standard", "Still Platinum", "Gone"]]);
        let press = team.olga.clicks(answer).on(&asked).await;
        if answer == "Gone" {
            let form = press.modal().await;
            let lost = team.olga.submits(&form, &[("text", "it is not listed")]);
            lost.await.reply().await.has("orders");
        } else {
            let done = press.reply().await;
            let seen = if answer == "Still Platinum" {
                "Seen again, as before"
            } else {
                "Done"
            };
            done.has(seen);
            if answer == "Still Platinum" {
                assert_eq!(done.rows(), [["Reopen"]]);
                let form = team.olga.clicks("Reopen").on(&done).await.modal().await;
                let again = team.olga.submits(&form, &[("text", "it was another one")]);
                again.await.reply().await.has("Done");
            }
        }
        let shown = types(
            &team.olga,
            "ops",
            &format!("/instance show instance:{ORDERS}"),
        )
        .await;
        shown.has(match answer {
            "Standard" => "Standard",
            "Still Platinum" => "Platinum",
            _ => "it is not listed",
        });
        bot.stop().await;
    }
}

#[tokio::test]
async fn still_downgrade_is_offered_only_where_it_was_known() {
    for (action, label) in [
        ("downgrade", "Still Downgrade"),
        ("delete", "Console shows Downgrade"),
    ] {
        let team = Team::gather().await;
        let bot = team.start().await;
        team.is_set_up().await;
        let facts = format!("{FACTS} action:{action}");
        team.adds(ORDERS, "orders", &facts).await;
        let shown = types(&team.alice, "ops", "/reminders instance:orders").await;
        let looks = shown.rows().into_iter().nth(1).unwrap();
        assert_eq!(looks, [label, "Console shows Delete", "When it expires"]);
        bot.stop().await;
    }
}
