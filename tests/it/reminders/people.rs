//! Statements of people about reminders.

use super::cadence::room;
use crate::harness::{ORDERS, Room, STOCK};

const ALICE: &str = "alice requester team:payments";

#[tokio::test]
async fn somebody_knows_and_wants_it_again() {
    let mut room = room("platinum", "--expires 2026-03-01 --action delete").await;
    room.as_says(ALICE, "snooze orders 12h")
        .await
        .is("info", &[]);
    room.as_says(ALICE, "reminders orders").await;
    room.passes("52d").await;
    room.as_says(ALICE, "snooze orders 12h")
        .await
        .is("done", &[]);
    room.passes("1d").await;
    room.as_says(ALICE, "snooze orders 12d")
        .await
        .is("done", &[]);
    room.passes("4d").await;
    room.as_says(ALICE, "snooze orders 6h")
        .await
        .is("done", &[]);
    room.as_says("bob requester", "ack orders")
        .await
        .is("done", &[]);
    room.as_says("bob requester", "ack orders")
        .await
        .is("already_done", &[]);
    room.as_says("bob approver", "snooze orders 6h")
        .await
        .is("denied", &[]);
    room.passes("3d").await;
    room.as_says(ALICE, "snooze orders 6h")
        .await
        .is("info", &[]);
    room.as_says(ALICE, "reminders orders").await;
    insta::assert_snapshot!(room.transcript());
}

/// An acknowledgement that has ended is not named any more.
#[tokio::test]
async fn an_acknowledgement_is_named_as_long_as_it_holds() {
    let mut room = room("platinum", "--expires 2026-01-20 --action unknown").await;
    room.as_says(ALICE, "ack orders").await.is("done", &[]);
    room.as_says(ALICE, "reminders orders")
        .await
        .has("alice knows, since");
    room.passes("17d").await;
    let then = room.as_says(ALICE, "reminders orders").await;
    assert!(!then.text.contains("knows"), "{}", then.text);
}

/// What is due together in a channel is one message; late ones are the nearest level only.
#[tokio::test]
async fn several_are_one_message() {
    let mut room = room(
        "platinum",
        "--expires 2026-03-01 --action delete --team payments",
    )
    .await;
    let stock = format!(
        "instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires 2026-03-01"
    );
    room.as_says(ALICE, &stock).await.is("done", &[]);
    let other = ORDERS.replace("BXuIbML7", "Other001");
    let other = format!(
        "instance add {other} --name other --region cn-hangzhou --edition platinum --expires 2026-03-01 --channel ops"
    );
    room.as_says(ALICE, &other).await.is("done", &[]);
    room.passes("56d").await;
    let late = ORDERS.replace("BXuIbML7", "Late0001");
    let late = format!(
        "instance add {late} --name late --region cn-hangzhou --edition platinum --expires 2026-03-02"
    );
    room.as_says(ALICE, &late).await.is("done", &[]);
    room.as_says(ALICE, "reminders late").await;
    room.passes("1d").await;
    room.as_says(ALICE, "instance set late --expires 2026-03-10")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "reminders late").await;
    insta::assert_snapshot!(room.transcript());
}

/// Something new after an acknowledgement calls people again, also where both are of the same moment.
#[rstest::rstest]
#[case::no_expiry("instance set orders --expires unknown", true)]
#[case::no_edition("instance set orders --edition unknown", true)]
#[case::no_action("instance set orders --action unknown", true)]
#[case::delete("action orders delete", true)]
#[case::another_expiry("instance set orders --expires 2026-02-20", true)]
#[case::nothing("action orders downgrade", false)]
#[case::a_size("instance set orders --max-tps 900", false)]
#[tokio::test]
async fn something_new_at_the_moment_of_an_acknowledgement(
    #[case] line: &str,
    #[case] called: bool,
) {
    const TEAM: &str = "alice requester,approver team:payments";
    for pause in ["", "1h"] {
        let mut room = Room::of_team().await;
        let add = format!(
            "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade --auto-renew off --team payments"
        );
        room.as_says(TEAM, &add).await.is("done", &[]);
        room.passes("45d").await;
        room.as_says(TEAM, "action orders downgrade").await;
        room.as_says(TEAM, "ack orders").await.is("done", &[]);
        if !pause.is_empty() {
            room.passes(pause).await;
        }
        let before = room.transcript().len();
        room.as_says(TEAM, line).await.is("done", &[]);
        room.passes("25h").await;
        let since = &room.transcript()[before..];
        let posts = since.lines().filter(|line| line.starts_with('»'));
        let mut calling = posts.filter(|line| !line.contains("digest") && line.contains('@'));
        assert_eq!(calling.next().is_some(), called, "{pause} {since}");
    }
}

/// While an approved change waits for the expiry, its next step is a look in time, not to ask for the next step.
#[tokio::test]
async fn while_a_change_waits_its_reminder_asks_for_a_look() {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-01-18 --action downgrade --auto-renew off"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(ALICE, "downgrade orders --by expiry").await;
    room.as_says("bob approver", "approve 1")
        .await
        .is("done", &[]);
    let before = room.transcript().len();
    room.passes("3d").await;
    let look = "wait, and look again in the last days before the expiry, then `action cn-hangzhou/orders <downgrade|delete>` (action-known); #1 waits for the expiry";
    let said = room.transcript()[before..].to_owned();
    assert!(said.contains(&format!("Next: {look}.")), "{said}");
    assert!(!said.contains("`next 1`"), "{said}");
    room.as_says(ALICE, "todo")
        .await
        .has(look)
        .lacks("`next 1`");
    room.passes("9d").await;
    room.as_says(ALICE, "todo")
        .await
        .has(": look again, then `action cn-hangzhou/orders <downgrade|delete>`");
    room.as_says(ALICE, "action orders downgrade").await;
    room.as_says(ALICE, "todo")
        .await
        .has(": wait; #1 waits for the expiry");
}

/// Once it is presumed deleted no reminder is left: an acknowledgement does not promise one.
#[tokio::test]
async fn an_acknowledgement_after_the_last_reminder_says_so() {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-01-05"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.passes("13d").await;
    room.as_says(ALICE, "ack orders")
        .await
        .is("done", &[])
        .has("no reminder of it is left that could mention anybody")
        .lacks("Reminders mention nobody until");
}
