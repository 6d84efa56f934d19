//! The whole story of a server, from the invitation on, in one go; and what Discord would say of its requests.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use super::fake::interaction::Kind;
use super::fake::people::{Person, Seen};
use super::fake::world::World;
use super::published;
use super::team::{BILLING, ORDERS, Team, types};

const STOCK: &str = "MQ_INST_1080056302921134_DXuIbML9";

/// Presses a button and reads the answer.
async fn press(person: &Person, label: &str, on: &Seen) -> Seen {
    person.clicks(label).on(on).await.reply().await
}

/// Presses a button, fills in the form and reads the answer.
async fn fill(person: &Person, label: &str, on: &Seen, text: &str) -> Seen {
    let form = person.clicks(label).on(on).await.modal().await;
    person.submits(&form, &[("text", text)]).await.reply().await
}

/// Every button that was ever under a message, by its label and what it carries, and those that were pressed. Which
/// instance, change or page it is about makes no difference.
fn buttons(world: &World) -> (BTreeSet<String>, BTreeSet<String>) {
    let about = Regex::new(r"MQ_INST_[0-9A-Za-z_]+|[a-z0-9-]+/[a-z]+|[0-9]+").unwrap();
    let shape = |one: &Value| {
        let carried = one["custom_id"].as_str().unwrap_or_default();
        about.replace_all(carried, "*").into_owned()
    };
    let shown = world.requests.iter().flat_map(|one| {
        let rows = [&one.body["components"], &one.body["data"]["components"]];
        let rows = rows.into_iter().flat_map(World::list);
        let buttons = rows.flat_map(|row| World::list(&row["components"]));
        let buttons = buttons.filter(|one| one["type"] == 2 && one["disabled"] != true);
        buttons.map(shape)
    });
    let presses = world.interactions.values();
    let presses = presses.filter(|one| one.kind == Kind::Component);
    (
        shown.collect(),
        presses.map(|one| shape(&one.data)).collect(),
    )
}

#[tokio::test]
async fn a_server_from_the_invitation_on() {
    // The bot is invited, says what it needs, and is told who is who.
    let team = Team::gather_without_bot().await;
    let bot = team.start().await;
    team.guild.invites_bot();
    team.olga.finds("@", "Three things have to be set").await;
    team.is_set_up().await;

    // Olga brings the list of what there is.
    let listing = format!(
        "id,name,region,edition,expires,action,auto_renew,max_tps,team\n\
         {ORDERS},orders,cn-hangzhou,platinum,2026-03-01,delete,off,4000,payments\n\
         {BILLING},billing,cn-hangzhou,standard,,,,5000,platform\n\
         {STOCK},stock,cn-hangzhou,platinum,2026-03-01,delete,off,4000,platform\n"
    );
    let import = team.olga.slash("/import", &[("at", "2026-01-01")]);
    let import = import.file("file", "list.csv", listing.as_bytes());
    let tried = import.in_("ops").await.reply().await;
    press(&team.olga, "Apply", &tried).await.has("list.csv");
    let listed = types(&team.alice, "ops", "/instance list").await;
    listed.has("orders").has("billing").has("stock");

    upgrade(&team).await;
    let bot = team.restart(bot).await;
    downgrade(&team).await;

    // Time passes: what is left to expire as it is, is spoken of.
    bot.passes("30d").await;
    let reminder = team.dave.finds("plat", "stock").await;
    for label in [
        "I know of it",
        "Snooze 4 h",
        "Snooze 1 d",
        "Snooze until the next reminder",
        "Next step",
        "Console shows Delete",
    ] {
        press(&team.dave, label, &reminder).await.has("stock");
    }
    Team::sees_downgrade(&team.dave, "Console shows Downgrade", &reminder)
        .await
        .has("stock");
    // Nothing was recorded by the question; both its answers are one press.
    let question = press(
        &team.dave,
        "Still Downgrade",
        &types(&team.dave, "plat", "/reminders instance:stock").await,
    )
    .await;
    press(&team.dave, "Delete", &question).await.has("Delete");
    press(&team.dave, "Console shows Downgrade", &reminder)
        .await
        .has("stock");

    // The vendor writes. What became Standard has nothing to lose; the other one's date is not the one that is known.
    for (id, date, outcome) in [
        (ORDERS, "2026-03-01", "Suppressed"),
        (STOCK, "2026-02-11", "Raised"),
    ] {
        let text = format!("/notice text:Your instance {id} will be released on {date}.");
        types(&team.alice, "ops", &text).await.has(outcome);
    }
    let raised = team.dave.finds("plat", "notice 2").await;
    fill(&team.dave, "When it expires", &raised, "2026-03-01")
        .await
        .has("stock");
    press(&team.dave, "Why", &raised).await.has("stock");
    press(&team.dave, "I know of it", &raised).await.has("Done");

    pages(&team).await;
    let (shown, pressed) = team.discord.look(buttons);
    // Those have a test of their own.
    let elsewhere = [
        "do:instance set * --edition platinum",
        "reason:instance lost *",
    ];
    let elsewhere = elsewhere.map(str::to_owned);
    assert_eq!(
        &shown - &pressed,
        BTreeSet::from(elsewhere),
        "never pressed"
    );
    assert_eq!(
        published::complaints(&team.discord.requests()),
        Vec::<String>::new()
    );
    assert_eq!(team.discord.violations(), Vec::<String>::new());
    bot.stop().await;
}

/// Dave's team takes billing up; Bob agrees.
async fn upgrade(team: &Team) {
    let opened = types(&team.dave, "ops", "/upgrade instance:billing").await;
    opened.has("Needs approval");
    let card = team.dave.finds("plat", "#1 upgrade of billing").await;
    press(&team.alice, "Why", &card).await.has("billing");
    team.bob
        .clicks("Approve")
        .on(&card)
        .await
        .reply()
        .await
        .has("approved");
    card.until("approvals** 1/1").await;
    press(&team.dave, "Permit to upgrade", &card)
        .await
        .has("for dave");
    card.until("holds the permit").await;
    press(&team.dave, "I upgraded it", &card).await.has("Done");
    card.until("✓ upgrade").await;
    fill(&team.dave, "When it expires", &card, "2027-01-01")
        .await
        .has("Done");
    card.until("✓ record-expiry").await;
    Team::sees_downgrade(&team.dave, "Console shows Downgrade", &card)
        .await
        .has("Done");
    card.until("is done").await;
}

/// Orders goes down by unsubscribing: the first try is called off, the second is rejected, the third has one of two
/// approvals when somebody sees that the action is Delete; then it is set, both teams look and agree, and it is done.
async fn downgrade(team: &Team) {
    let open = "/downgrade instance:orders by:unsubscribe";
    types(&team.alice, "ops", open).await.has("is open as #2");
    let card = team.alice.finds("pay", "#2 downgrade").await;
    fill(&team.alice, "Cancel", &card, "not yet")
        .await
        .has("Done");
    types(&team.alice, "ops", open).await.has("is open as #3");
    let card = team.alice.finds("pay", "#3 downgrade").await;
    press(&team.dave, "Permit to set Downgrade", &card)
        .await
        .has("for dave");
    card.until("holds the permit").await;
    press(&team.dave, "I set Downgrade", &card)
        .await
        .has("Done");
    card.until("✓ set-action").await;
    card.until("approvals** 0/2").await;
    fill(&team.bob, "Reject", &card, "too early")
        .await
        .has("Done");

    types(&team.alice, "ops", open).await.has("is open as #4");
    let card = team.alice.finds("pay", "#4 downgrade").await;
    card.until("approvals** 0/2").await;
    team.approves(&team.bob, &card, "Downgrade")
        .await
        .has("Done");
    card.until("approvals** 1/2").await;
    team.approves(&team.carol, &card, "Delete")
        .await
        .lacks("you approved");
    let looked = types(
        &team.dave,
        "ops",
        "/action instance:orders action:downgrade",
    )
    .await;
    looked.has("orders");
    card.until("approvals** 0/2").await;
    for person in [&team.bob, &team.carol] {
        team.approves(person, &card, "Downgrade").await.has("Done");
    }
    card.until("approvals** 2/2").await;
    let wrong = fill(&team.dave, "Permit to unsubscribe", &card, "billing").await;
    let permit = fill(&team.dave, "Type its name", &wrong, "orders").await;
    permit.has("for dave").has("Partial Refund");
    card.until("holds the permit").await;
    press(&team.dave, "I unsubscribed it", &card)
        .await
        .has("Done");
    card.until("✓ unsubscribe").await;
    let asked = press(&team.dave, "Console shows Standard", &card).await;
    press(&team.dave, "Standard", &asked).await.has("Done");
    card.until("is done").await;
}

/// More than one page of changes and of the trail.
async fn pages(team: &Team) {
    let first = types(&team.olga, "ops", "/audit").await;
    let mut last = press(&team.olga, "Next page", &first).await;
    while last.text().contains("Next page") {
        last = press(&team.olga, "Next page", &last).await;
    }
    assert_eq!(last.id, first.id, "it is leafed through in its place");
    while last.text().contains("Previous page") {
        last = press(&team.olga, "Previous page", &last).await;
        last.has("audit").has("Next page");
    }
}
