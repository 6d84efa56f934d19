//! How suppressions end, and what settles them for good.

use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester team:payments";
const BOB: &str = "bob approver";
const RULE: &[&str] = &["release-notice-redundant"];

fn dated(date: &str) -> String {
    format!("notice Your instance {ORDERS} will be released on {date}.")
}

async fn room() -> Room {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --auto-renew off"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room
}

/// A file that says otherwise makes the action contradictory: nothing is suppressed on that.
#[tokio::test]
async fn a_contradiction_ends_a_suppression() {
    let mut room = room().await;
    room.passes("54d").await;
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, &dated("2026-03-08"))
        .await
        .is("suppressed", RULE);
    room.passes("1h").await;
    room.imports("", &format!("id,action\n{ORDERS},delete\n"))
        .await
        .is("done", &[]);
    room.passes("1m").await;
    let listed = room.as_says(ALICE, "notices orders").await;
    listed.has("suppressed, then raised: two sources disagree on the action now");
    assert!(room.transcript().contains("» console · notice · @"));
    room.as_says(ALICE, &dated("2026-03-07"))
        .await
        .is("raised", &[]);
}

/// A moved expiry raises what was suppressed for the old one, whatever else is known.
#[tokio::test]
async fn a_moved_expiry_ends_a_suppression() {
    let mut room = room().await;
    room.passes("54d").await;
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, &dated("2026-03-08"))
        .await
        .is("suppressed", RULE);
    room.as_says(ALICE, "instance set orders --expires 2026-04-01")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "notices orders")
        .await
        .has("suppressed, then raised: the expiry has moved");
    room.as_says(ALICE, "suppressed")
        .await
        .has("suppressed, then raised");
}

/// Another answer of the rule is no repetition.
#[tokio::test]
async fn what_is_judged_otherwise_is_no_duplicate() {
    let mut room = room().await;
    room.passes("54d").await;
    room.as_says(ALICE, &dated("2026-03-08"))
        .await
        .is("raised", &[]);
    room.as_says(ALICE, &dated("2026-03-08"))
        .await
        .is("duplicate", &[]);
    room.as_says(ALICE, "ack notice 1").await.is("done", &[]);
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, &dated("2026-03-08"))
        .await
        .is("suppressed", RULE);
    room.as_says(ALICE, &dated("2026-03-07"))
        .await
        .is("suppressed", RULE);
    room.passes("25h").await;
    room.as_says(ALICE, &dated("2026-03-08"))
        .await
        .is("suppressed", RULE);
    room.as_says(ALICE, "notices orders")
        .await
        .has("said again: once");
}

/// Without an id the same text is the same notice.
#[tokio::test]
async fn without_an_id_the_text_is_compared() {
    let mut room = room().await;
    let text = "notice An instance of yours will be released, see the console";
    room.as_says(ALICE, text).await.is("raised", &[]);
    room.as_says(ALICE, &text.replace("see  the", "see the"))
        .await
        .is("duplicate", &[]);
    room.as_says(ALICE, &text.replace("see", "look at"))
        .await
        .is("raised", &[]);
}

/// The way of the manual: nothing is posted of any notice, from the first to long after.
#[tokio::test]
async fn a_confirmed_verify_standard_settles_for_good() {
    let mut room = room().await;
    room.as_says(ALICE, "downgrade orders --by expiry")
        .await
        .is("allowed", &[]);
    room.passes("53d").await;
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(BOB, "approve 1").await.is("done", &[]);
    room.as_says(ALICE, &dated("2026-03-08"))
        .await
        .is("suppressed", RULE);
    room.passes("8d").await;
    room.as_says(ALICE, "confirm 1 verify-standard")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "notices orders")
        .await
        .has("settled, the instance is Standard");
    room.passes("5d").await;
    room.as_says(ALICE, &dated("2026-03-09"))
        .await
        .is("suppressed", RULE)
        .has("after the exit");
    let long = dated("2026-06-01");
    room.as_says(ALICE, &long).await.is("raised", &[]);
    let quiet = room.transcript().split(&long).next().unwrap();
    assert!(!quiet.contains("· notice"), "{quiet}");
}

/// What was never Platinum has left nothing.
#[tokio::test]
async fn a_release_of_what_was_always_standard_is_raised() {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition standard --team payments"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(ALICE, &format!("notice {ORDERS} will be released"))
        .await
        .is("raised", &[])
        .has("Standard Edition has no expiry");
}

/// The reply and the trail are the same words for scripts.
#[tokio::test]
async fn the_trail_tells_what_became_of_it() {
    let mut room = room().await;
    room.passes("54d").await;
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, &dated("2026-03-08")).await;
    room.as_says(ALICE, "action orders delete").await;
    room.as_says(ALICE, "ack notice 1").await.is("done", &[]);
    let trail = room.as_says(ALICE, "audit orders").await.text;
    for words in [
        "suppressed",
        "release-notice-redundant",
        "raised",
        "action-delete",
    ] {
        assert!(trail.contains(words), "{words}: {trail}");
    }
}
