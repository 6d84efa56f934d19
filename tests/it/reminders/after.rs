//! After an expiry that may delete the instance: only what settles it ends the posts of every twelve hours.

use rstest::rstest;

use super::cadence::room;
use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester team:payments";
const DAVE: &str = "dave requester team:payments";
/// A listing of the region that does not have `orders`.
const WITHOUT: &str =
    "id,name,region,edition\nMQ_INST_1080056302921134_Other001,other,cn-hangzhou,standard\n";

/// The posts about the instance in these days, digests aside.
async fn posts_within(room: &mut Room, span: &str) -> usize {
    let before = room.transcript().len();
    room.passes(span).await;
    let said = &room.transcript()[before..];
    let posts = said.split("\n» ").skip(1);
    let about = |post: &&str| post.contains("orders") && !post.contains("· digest");
    posts.filter(about).count()
}

/// Ten and a half hours after the expiry.
async fn expired(action: &str) -> Room {
    let mut room = room(
        "platinum",
        &format!(
            "--expires 2026-01-15 --action {action} --team payments --auto-renew off --max-tps 3000"
        ),
    )
    .await;
    room.passes("14d").await;
    room.passes("150m").await;
    room
}

async fn lists(room: &mut Room, fields: &str) {
    let file = format!("id,name,region,{}\n", fields.split('=').next().unwrap());
    let value = fields.split('=').nth(1).unwrap();
    let row = format!("{ORDERS},orders,cn-hangzhou,{value}\n");
    room.imports("", &format!("{file}{row}")).await;
}

#[rstest]
#[case::nothing(&[])]
#[case::action_unknown(&["instance set orders --action unknown"])]
#[case::action_again(&["action orders delete"])]
#[case::downgrade_said_after_it(&["action orders downgrade"])]
#[case::downgrade_said_after_delete(&["action orders delete", "action orders downgrade"])]
#[case::renewal_too_late(&["instance set orders --auto-renew on"])]
#[case::renewal_unknown(&["instance set orders --auto-renew unknown"])]
#[case::standard_by_one(&["instance set orders --edition standard"])]
#[case::edition_unknown(&["instance set orders --edition unknown"])]
#[case::expires_unknown(&["instance set orders --expires unknown"])]
#[case::the_same_expiry(&["instance set orders --expires 2026-01-15"])]
#[case::file_says_standard(&["edition=standard"])]
#[case::file_says_another_expiry(&["expires=2027-01-15"])]
#[case::missing(&["missing"])]
#[case::one_after_the_other(&["instance set orders --action unknown", "edition=standard", "instance set orders --auto-renew on"])]
#[tokio::test]
async fn a_moved_fact_that_settles_nothing_does_not_silence(#[case] said: &[&str]) {
    let mut room = expired("delete").await;
    for line in said {
        match *line {
            "missing" => {
                let options = "--complete --region cn-hangzhou --accept-missing 1";
                room.imports(options, WITHOUT).await;
            }
            file if !file.contains(' ') => lists(&mut room, file).await,
            line => drop(room.as_says(ALICE, line).await),
        }
    }
    let posts = posts_within(&mut room, "5d").await;
    assert!(
        (10..=18).contains(&posts),
        "{posts}:\n{}",
        room.transcript()
    );
    assert!(!room.transcript().contains("Did the renewal of orders"));
}

/// Listings that go on saying that it was renewed, beside a date that somebody typed: both stay open, and the contradiction is told on
/// its ladder. What speaks against the listings, or their end, brings the posts of every twelve hours back.
#[rstest]
#[case::every_listing_says_so("expires=2027-01-15", None, 2..=6)]
#[case::a_release_would_explain_it("expires=2026-01-22", None, 10..=18)]
#[case::one_has_it_as_standard("expires=2027-01-15", Some("edition=standard"), 7..=18)]
#[case::somebody_says_that_it_has_expired("expires=2027-01-15", Some("instance set orders --expires 2026-01-15"), 10..=18)]
#[case::nobody_knows_the_edition("expires=2027-01-15", Some("instance set orders --edition unknown"), 10..=18)]
#[tokio::test]
async fn listings_that_have_it_renewed_are_a_contradiction(
    #[case] listed: &str,
    #[case] then: Option<&str>,
    #[case] most: std::ops::RangeInclusive<usize>,
) {
    let mut room = expired("delete").await;
    lists(&mut room, listed).await;
    room.passes("13h").await;
    lists(&mut room, listed).await;
    match then {
        Some(file) if !file.contains(' ') => lists(&mut room, file).await,
        Some(line) => drop(room.as_says(ALICE, line).await),
        None => {}
    }
    let mut posts = 0;
    for _ in 0..6 {
        posts += posts_within(&mut room, "1d").await;
        if then.is_none() {
            lists(&mut room, listed).await;
        }
    }
    assert!(most.contains(&posts), "{posts}:\n{}", room.transcript());
    if then.is_none() {
        room.as_says(ALICE, "todo")
            .await
            .has("2026-01-15")
            .has("contradictory");
    }
}

#[tokio::test]
async fn a_date_that_somebody_typed_is_told_again_every_twelve_hours_without_listings() {
    let mut room = expired("delete").await;
    lists(&mut room, "expires=2027-01-15").await;
    room.passes("13h").await;
    lists(&mut room, "expires=2027-01-15").await;
    let first = posts_within(&mut room, "2d").await;
    assert!(first <= 3, "{first}:\n{}", room.transcript());
    let then = posts_within(&mut room, "3d").await;
    assert!(then >= 5, "{then}:\n{}", room.transcript());
}

/// Downgrade was known at the expiry, and somebody sees Delete after it: from then on it may be deleted.
#[tokio::test]
async fn delete_seen_after_the_expiry_is_told_every_twelve_hours() {
    let mut room = room(
        "platinum",
        "--expires 2026-01-05 --action downgrade --team payments --auto-renew off",
    )
    .await;
    room.passes("100h").await;
    room.as_says(ALICE, "action orders delete").await;
    let posts = posts_within(&mut room, "5d").await;
    assert!(
        (10..=13).contains(&posts),
        "{posts}:\n{}",
        room.transcript()
    );
}

#[rstest]
#[case::renewed(&[(ALICE, "instance set orders --expires 2027-01-15")], 2)]
#[case::standard_by_two(
    &[(ALICE, "instance set orders --edition standard"), (DAVE, "instance set orders --edition standard")],
    2
)]
#[case::lost(&[(ALICE, "instance lost orders --reason it is gone")], 2)]
#[case::known(&[(ALICE, "ack orders")], 9)]
#[tokio::test]
async fn what_settles_it_ends_the_posts(#[case] said: &[(&str, &str)], #[case] most: usize) {
    let mut room = expired("delete").await;
    for (who, line) in said {
        room.as_says(who, line).await;
    }
    let posts = posts_within(&mut room, "5d").await;
    assert!(posts <= most, "{posts}:\n{}", room.transcript());
}

/// Auto-renewal that is switched on after its last charge does not save the instance, and the reply says so.
#[rstest]
#[case::in_time("2026-01-13T20:00:00Z", "")]
#[case::after_the_last_charge(
    "2026-01-14T01:00:00Z",
    "it may not renew it (auto-renewal). Renew it in the console now"
)]
#[case::after_the_expiry(
    "2026-01-15T01:00:00Z",
    "switched on after that never takes effect (auto-renewal). Renew it in the console now"
)]
#[tokio::test]
async fn auto_renewal_that_comes_too_late_is_no_help(#[case] at: &str, #[case] words: &str) {
    let mut room = room(
        "platinum",
        "--expires 2026-01-15 --action delete --team payments --auto-renew off",
    )
    .await;
    let at: chrono::DateTime<chrono::Utc> = at.parse().unwrap();
    room.advance(&format!("{}m", (at - room.clock.now()).num_minutes()));
    let said = room
        .as_says(ALICE, "instance set orders --auto-renew on")
        .await;
    said.is("done", &[]);
    match words {
        "" => drop(said.lacks("Warning")),
        words => drop(said.has(words)),
    }
}
