//! An acknowledgement covers what was open when it was given, and nothing that opens later.

use rstest::rstest;

use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester team:payments";
const BOB: &str = "bob approver";
const CAROL: &str = "carol approver team:payments";

async fn orders(facts: &str) -> Room {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --commodity-id ons-cn-0pp1abc2d34 --team payments {facts}"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room
}

async fn permitted(room: &mut Room) {
    for (who, line) in [
        (ALICE, "downgrade orders --by unsubscribe"),
        (BOB, "approve 1 --seen downgrade"),
        (CAROL, "approve 1 --seen downgrade"),
    ] {
        room.as_says(who, line).await;
    }
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
}

/// The heads of the posts that say it.
fn heads(said: &str, words: &str) -> Vec<String> {
    let blocks = said.split("\n\n").filter(|block| block.contains(words));
    let heads = blocks.filter_map(|block| block.lines().find(|line| line.starts_with("» ")));
    heads.map(ToOwned::to_owned).collect()
}

/// A permit lapses after an acknowledgement, however long before it was given: that is new.
#[rstest]
#[case::while_it_is_out("10m", "")]
#[case::with_the_permit("", "")]
#[case::long_before("", "1h")]
#[tokio::test]
async fn a_permit_that_lapses_is_new(#[case] after: &str, #[case] before: &str) {
    let mut room = orders("--expires 2026-06-15 --action downgrade").await;
    if after.is_empty() {
        room.as_says(ALICE, "ack orders").await;
    }
    if !before.is_empty() {
        room.passes(before).await;
    }
    permitted(&mut room).await;
    if !after.is_empty() {
        room.passes(after).await;
        room.as_says(ALICE, "ack orders").await;
    }
    let from = room.transcript().len();
    room.passes("3d").await;
    let told = heads(&room.transcript()[from..], "Did it happen?");
    assert!(told.len() >= 4, "{told:?}");
    assert!(told.iter().all(|head| head.contains('@')), "{told:?}");
    assert!(
        told[2..].iter().all(|head| head.contains("@role:approver")),
        "{told:?}"
    );
    // Acknowledged since, it mentions nobody.
    room.as_says(ALICE, "ack orders").await.is("done", &[]);
    let from = room.transcript().len();
    room.passes("2d").await;
    let told = heads(&room.transcript()[from..], "Did it happen?");
    assert!(!told.is_empty());
    assert!(told.iter().all(|head| !head.contains('@')), "{told:?}");
}

/// What comes near after an acknowledgement of something else mentions somebody once.
#[rstest]
#[case::the_expiry("will be deleted", "2026-01-10")]
#[case::the_charge("Auto-renewal charges", "2026-01-2")]
#[tokio::test]
async fn what_opens_later_is_new(#[case] words: &str, #[case] day: &str) {
    let mut room = orders("--expires 2026-02-10 --action delete").await;
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await;
    room.passes("25h").await;
    room.as_says(ALICE, "ack orders").await.is("done", &[]);
    let from = room.transcript().len();
    room.passes("34d").await;
    let said = &room.transcript()[from..];
    let blocks = said.split("\n\n").filter(|block| {
        block.contains(words) && block.starts_with(day) && !block.contains("digest")
    });
    let first = blocks.into_iter().next().unwrap_or_default();
    assert!(first.contains("@team:payments"), "{said}");
}

/// Presumed deleted is worse than what was acknowledged before, so the alarm calls people although the expiry was acknowledged.
#[tokio::test]
async fn presumed_deleted_is_new() {
    let mut room = orders("--expires 2026-01-14 --action delete --auto-renew off").await;
    for span in ["19d", "15h", "59m"] {
        room.passes(span).await;
    }
    room.as_says(ALICE, "ack orders")
        .await
        .is("done", &[])
        .has("2026-01-21 00:00 UTC+8");
    let from = room.transcript().len();
    room.passes("1h").await;
    let said = room.transcript()[from..].to_owned();
    let told = heads(&said, "orders is presumed deleted");
    assert!(!told.is_empty(), "{said}");
    assert!(
        told.iter().all(|head| head.contains("@team:payments")),
        "{told:?}"
    );
}

/// An acknowledgement of an instance settles none of its notices, and says which those are; a notice is shown by its number.
#[tokio::test]
async fn notices_that_stay_raised_are_named() {
    let mut room = Room::of_team().await;
    room.add_platinum("").await;
    room.as_says(ALICE, "ack orders").await.lacks("notice");
    for what in ["soon", "some day"] {
        let notice = format!("notice {ORDERS} is looked at {what}");
        room.as_says(ALICE, &notice).await.is("raised", &[]);
    }
    room.as_says(ALICE, "ack orders")
        .await
        .has("2 notices about it stay raised: `ack notice 1`, `ack notice 2` settle them.");
    room.as_says(ALICE, "notices 1")
        .await
        .is("info", &[])
        .has("Notice 1:")
        .has("`wording 1` shows what it says. `ack notice 1` settles it.");
    room.as_says(ALICE, "ack notice 1").await.is("done", &[]);
    room.as_says(ALICE, "notices 1")
        .await
        .has("acknowledged by alice")
        .lacks("`ack notice 1`");
    room.as_says(ALICE, "ack orders")
        .await
        .has("A notice about it stays raised: `ack notice 2` settles it.");
    room.as_says(ALICE, "notices 3")
        .await
        .is("invalid", &[])
        .has("There is no instance `3`");
}
