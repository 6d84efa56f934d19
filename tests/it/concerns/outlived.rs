//! Instances that were presumed deleted and are seen again, or that should have become Standard and have not.

use rstest::rstest;

use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester team:payments";
const BOB: &str = "bob approver";
/// A listing is read that has it as Platinum.
const LISTED: &str = "listed";
const PLATINUM: &str = "instance set orders --edition platinum";

/// `orders` expired nine days ago with this action, which is 52 hours after its release was due.
async fn overdue(action: &str, change: Option<&str>) -> Room {
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-01-15 --action {action} --team payments --auto-renew off --max-tps 3000"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    room.passes("11d").await;
    room.as_says(ALICE, &format!("action orders {action}"))
        .await;
    if let Some(line) = change {
        room.as_says(ALICE, line).await;
    }
    if action == "downgrade" && change.is_some() {
        room.as_says(BOB, "approve 1").await;
    }
    room.passes("12d").await;
    room
}

async fn seen(room: &mut Room, how: &str) {
    if how == LISTED {
        let file = format!("id,name,region,edition\n{ORDERS},orders,cn-hangzhou,platinum\n");
        room.imports("", &file).await.is("done", &[]);
    } else {
        room.as_says(ALICE, how).await;
    }
}

async fn posts_within(room: &mut Room, span: &str) -> Vec<String> {
    let before = room.transcript().len();
    room.passes(span).await;
    let said = &room.transcript()[before..];
    said.split("\n» ").skip(1).map(str::to_owned).collect()
}

/// What is posted when it is seen.
async fn seen_and_told(room: &mut Room, how: &str) -> Vec<String> {
    let before = room.transcript().len();
    seen(room, how).await;
    room.passes("1m").await;
    let said = &room.transcript()[before..];
    said.split("\n» ").skip(1).map(str::to_owned).collect()
}

fn about(posts: &[String]) -> Vec<&String> {
    let alarm = |post: &&String| post.contains("orders is not presumed deleted");
    posts.iter().filter(alarm).collect()
}

#[rstest]
#[case::its_action("action orders delete", None)]
#[case::its_action_set_at_last("action orders downgrade", None)]
#[case::its_edition(PLATINUM, None)]
#[case::a_listing(LISTED, None)]
#[case::beside_a_change(PLATINUM, Some("downgrade orders --by unsubscribe"))]
#[case::a_listing_beside_a_change(LISTED, Some("downgrade orders --by unsubscribe"))]
#[tokio::test]
async fn what_was_presumed_deleted_and_is_seen_calls_people_at_once(
    #[case] how: &str,
    #[case] change: Option<&str>,
) {
    let mut room = overdue("delete", change).await;
    let before = room.transcript();
    assert!(before.contains("orders is presumed deleted"), "{before}");
    let posts = seen_and_told(&mut room, how).await;
    let at_once = about(&posts);
    assert_eq!(at_once.len(), 1, "{posts:?}");
    for post in at_once {
        assert!(post.contains("@team:payments"), "{post}");
        assert!(
            post.contains("renewing it, or setting its action to Downgrade, may still save it"),
            "{post}"
        );
    }
    for line in [
        "todo",
        "check unsubscribe orders",
        "changes --all",
        "why orders",
    ] {
        room.as_says(ALICE, line).await.lacks("presumed deleted");
    }
    let week = posts_within(&mut room, "7d").await;
    let rows = about(&week).len();
    assert!((6..=8).contains(&rows), "{rows}: {week:#?}");
    let later = posts_within(&mut room, "60d").await;
    assert!(about(&later).len() <= 1, "{later:#?}");
    let digests = later
        .iter()
        .filter(|post| post.contains("· digest") && post.contains("orders: seen as Platinum"));
    assert!(digests.count() >= 8, "{later:#?}");
}

/// A listing that goes on to show it says nothing new.
#[tokio::test]
async fn the_next_listings_are_quiet() {
    let mut room = overdue("delete", None).await;
    seen(&mut room, LISTED).await;
    room.passes("8d").await;
    for _ in 0..5 {
        seen(&mut room, LISTED).await;
        let posts = posts_within(&mut room, "1d").await;
        assert!(about(&posts).is_empty(), "{posts:#?}");
    }
}

/// What saves it can be done under a change of its own.
#[tokio::test]
async fn its_downgrade_can_be_opened_again() {
    let mut room = overdue("delete", Some("downgrade orders --by unsubscribe")).await;
    room.as_says(ALICE, "downgrade orders --by expiry")
        .await
        .is("blocked", &["release-after-7-days"]);
    seen(&mut room, PLATINUM).await;
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await
        .is("blocked", &["release-after-7-days"]);
    room.as_says(ALICE, "downgrade orders --by expiry")
        .await
        .is("allowed", &[]);
    room.as_says(ALICE, "next 2").await.lacks("presumed");
    room.passes("1d").await;
    room.as_says(ALICE, "changes").await.has("#2").has("open");
}

#[rstest]
#[case::renewed("instance set orders --expires 2027-01-15")]
#[case::lost("instance lost orders --reason gone")]
#[tokio::test]
async fn a_fact_settles_it(#[case] line: &str) {
    let mut room = overdue("delete", None).await;
    seen(&mut room, PLATINUM).await;
    room.passes("1h").await;
    room.as_says("root admin", line).await;
    let posts = posts_within(&mut room, "8d").await;
    assert!(about(&posts).is_empty(), "{posts:#?}");
}

/// Within 168 hours the action may still run; after that it has not, and Platinum is no happy end.
#[rstest]
#[case::a_person(PLATINUM, None)]
#[case::a_listing(LISTED, None)]
#[case::beside_its_change(PLATINUM, Some("downgrade orders --by expiry"))]
#[tokio::test]
async fn what_should_be_standard_and_is_platinum_is_in_danger(
    #[case] how: &str,
    #[case] change: Option<&str>,
) {
    let mut room = overdue("downgrade", change).await;
    let notice = format!("notice Your instance {ORDERS} will be released on 2026-01-22.");
    room.as_says(ALICE, &notice)
        .await
        .is("raised", &[])
        .lacks("Probably redundant");
    for line in ["check expiry orders", "check unsubscribe orders"] {
        room.as_says(ALICE, line)
            .await
            .lacks("Already done")
            .lacks("expect Standard by");
    }
    if change.is_some() {
        room.as_says(ALICE, "next 1")
            .await
            .lacks("look again later");
    }
    let posts = seen_and_told(&mut room, how).await;
    assert_eq!(about(&posts).len(), 1, "{posts:#?}");
    room.as_says(ALICE, "todo")
        .await
        .has("seen as Platinum")
        .lacks("nobody has said what happened");
    if change.is_some() {
        room.as_says(ALICE, "next 1")
            .await
            .lacks("look again later");
    } else {
        room.as_says(ALICE, "downgrade orders --by expiry")
            .await
            .is("allowed", &[]);
    }
    room.passes("25h").await;
    room.as_says(ALICE, &notice)
        .await
        .lacks("Probably redundant")
        .lacks("nobody has seen Standard since");
}

/// It was said to be unsubscribed and Standard, and a listing has it as Platinum since.
#[tokio::test]
async fn nor_is_a_notice_redundant_where_platinum_was_seen_after_the_exit() {
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade --commodity-id ons-cn-0pp1abc2d34 --auto-renew off --team payments"
    );
    for (who, line) in [
        (ALICE, add.as_str()),
        (ALICE, "downgrade orders --by unsubscribe"),
        (BOB, "approve 1 --seen downgrade"),
        ("carol approver team:payments", "approve 1 --seen downgrade"),
        (ALICE, "next 1"),
        (ALICE, "confirm 1 unsubscribe"),
        (ALICE, "confirm 1 verify-standard"),
    ] {
        room.as_says(who, line).await;
    }
    room.passes("10d").await;
    seen(&mut room, LISTED).await;
    room.passes("45d").await;
    let notice = format!("notice Your instance {ORDERS} will be released on 2026-03-08.");
    room.as_says(ALICE, &notice)
        .await
        .is("raised", &[])
        .lacks("Probably redundant")
        .lacks("nobody has seen Standard since");
}

/// An old file calls Platinum again what was known to be Standard: a contradiction of its edition on the ladder, and not what is
/// told daily of an instance that was presumed deleted.
#[rstest]
#[case::seen_after_the_exit(&["instance set orders --edition standard"], true)]
#[case::seen_by_nobody(&[], false)]
#[tokio::test]
async fn an_old_file_makes_no_rescue_of_what_was_seen_as_standard(
    #[case] said: &[&str],
    #[case] is_dispute: bool,
) {
    let mut room = overdue("downgrade", Some("downgrade orders --by expiry")).await;
    for line in said {
        room.as_says(ALICE, line).await.is("done", &[]);
    }
    room.passes("10d").await;
    let begun = room.transcript().len();
    seen(&mut room, LISTED).await;
    room.passes("8d").await;
    let transcript = room.transcript();
    let since = &transcript[begun..];
    assert_eq!(
        since.contains("not presumed deleted"),
        !is_dispute,
        "{since}"
    );
    assert!(
        !is_dispute || !since.contains("nobody has said what happened"),
        "{since}"
    );
    let asked = since.matches("Is orders Standard or Platinum?").count();
    assert_eq!((2..=4).contains(&asked), is_dispute, "{asked}: {since}");
    room.as_says(ALICE, "todo").await.has(if is_dispute {
        "edition: contradictory"
    } else {
        "seen as Platinum"
    });
}
