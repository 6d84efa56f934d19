//! What only Platinum has, in a row that leaves out the edition.

use rstest::rstest;

use super::csv;
use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester,admin team:payments";
const BOB: &str = "bob approver";
const NOTICE: &str =
    "notice Your instance MQ_INST_1080056302921134_BXuIbML7 will be released on 2026-03-08.";

const STANDARD: &[&str] = &["edition standard"];
/// A listing alone has said so.
const LISTED: &[&str] = &[
    "edition platinum --expires 2026-03-01 --action downgrade",
    "list",
];
/// An exit is on record, and Standard was seen after it.
const LEFT: &[&str] = &[
    "edition platinum --expires 2026-03-01 --action downgrade --auto-renew off",
    "downgrade orders --by unsubscribe",
    "confirm 1 unsubscribe --outside --reason hurry",
    "confirm 1 verify-standard",
];

/// A subscription until the end of February, at the vendor.
fn billed(fields: &str) -> String {
    format!(
        r#"{{"Data": {{"InstanceList": [{{"InstanceID": "ons-cn-0pp1abc2d34", "SubscriptionType": "Subscription", {fields}}}]}}}}"#
    )
}

const RUNS: &str = r#""Status": "Normal", "EndTime": "2026-02-28T16:00:00Z""#;

fn row(columns: &str, values: &str) -> String {
    csv(&format!("id,{columns}"), &[&format!("{ORDERS},{values}")])
}

fn vendors(fields: &str) -> String {
    format!(r#"{{"Data": {{"InstanceVO": [{{"InstanceId": "{ORDERS}", {fields}}}]}}}}"#)
}

/// The first line describes the instance; each other one is said, or a listing is read that has it as Standard.
async fn tracked(lines: &[&str]) -> Room {
    let mut room = Room::of_team().await;
    let alerts = "settings channel alerts alarms";
    room.as_says(ALICE, alerts).await.is("done", &[]);
    let (first, rest) = lines.split_first().unwrap();
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --commodity-id ons-cn-0pp1abc2d34 --team payments --{first}"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    for line in rest {
        room.passes("1h").await;
        if *line == "list" {
            let listing = row("name,region,edition", "orders,cn-hangzhou,standard");
            room.imports("--accept", &listing).await.is("done", &[]);
        } else {
            let heard = room.as_says(ALICE, line).await;
            let taken = ["done", "needs_approval"].contains(&heard.outcome);
            assert!(taken, "{}", heard.text);
        }
    }
    room.passes("1d").await;
    room
}

/// Only Platinum has a subscription, an expiry, auto-renewal, an action, or is upgraded: such a row of what is known to be
/// Standard disputes that, at once, and its expiry is planned.
#[rstest]
#[case::a_subscription(STANDARD, billed(RUNS), true)]
#[case::that_renews(STANDARD, billed(&format!(r#"{RUNS}, "RenewStatus": "AutoRenewal""#)), true)]
#[case::that_does_not(STANDARD, billed(&format!(r#"{RUNS}, "RenewStatus": "NotRenewal""#)), true)]
#[case::without_a_term(STANDARD, billed(r#""Status": "Normal""#), false)]
#[case::that_is_stopped_sooner(
    STANDARD,
    billed(r#""EndTime": "2027-01-01T16:00:00Z", "StopTime": "2026-02-28T16:00:00Z""#),
    true
)]
#[case::that_expired_after_it_was_seen(
    STANDARD,
    billed(r#""Status": "Expired", "EndTime": "2026-01-01T16:00:00Z""#),
    false
)]
#[case::an_expiry(STANDARD, row("expires", "2026-03-01"), true)]
#[case::auto_renewal(STANDARD, row("auto_renew", "on"), false)]
#[case::an_action(STANDARD, row("action", "delete"), false)]
#[case::the_vendors_expiry(STANDARD, vendors(r#""ReleaseTime": 1772294400000"#), true)]
#[case::a_status_of_platinum(STANDARD, vendors(r#""InstanceStatus": 7"#), false)]
#[case::beside_a_listing(LISTED, billed(RUNS), true)]
#[case::after_an_exit(LEFT, billed(RUNS), true)]
#[case::an_expiry_after_an_exit(LEFT, row("expires,auto_renew", "2026-03-01,off"), true)]
#[case::a_renewed_one_after_an_exit(LEFT, billed(r#""EndTime": "2027-02-28T16:00:00Z""#), false)]
#[tokio::test]
async fn disputes_standard(#[case] state: &[&str], #[case] file: String, #[case] expires: bool) {
    let mut room = tracked(state).await;
    let heard = room.imports("--region cn-hangzhou", &file).await;
    heard
        .has("1 in conflict")
        .has("as only that has what the row gives");
    room.passes("1m").await;
    for channel in ["console", "alarms"] {
        let mut told = room.posts().iter().rev();
        let told = told.find(|post| {
            let is_alarm = post.text.contains("A file moved what counts");
            is_alarm && post.channel.as_str() == channel
        });
        let told = told.unwrap_or_else(|| panic!("nothing in {channel}"));
        assert!(
            told.text.contains("Only Platinum has what a file gives it"),
            "{}",
            told.text
        );
        assert!(!told.text.contains("a listing read since"), "{}", told.text);
    }
    let dated = |text: &str| text.contains("2026-03-01 00:00 UTC+8");
    let todo = room.as_says(ALICE, "todo").await;
    todo.has("orders: edition: contradictory (Standard");
    let shown = room.as_says(ALICE, "reminders orders").await;
    assert_eq!(
        dated(&shown.text) || shown.text.contains("2026-02-26"),
        expires,
        "{}",
        shown.text
    );
    room.as_says(ALICE, NOTICE).await.is("raised", &[]);
    // No listing settles it, or the next billing document would dispute it again.
    for n in 0..2 {
        room.passes("1d").await;
        let listing = row(
            "name,region,edition,topics",
            &format!("orders,cn-hangzhou,standard,{n}"),
        );
        room.imports("", &listing)
            .await
            .has("edition Standard: in doubt, attest it");
    }
    room.as_says(ALICE, "instance show orders")
        .await
        .has("contradictory");
    for person in ["dora requester", "erin requester"] {
        room.as_says(person, "instance set orders --edition standard")
            .await;
    }
    room.as_says(ALICE, "todo").await.lacks("orders: edition");
}

/// A row that shows no more than the history that is known is told nowhere, and proves nothing of Standard either.
#[rstest]
#[case::from_before(LEFT, "--at 2026-01-01", billed(RUNS))]
#[case::of_the_exit(
    LEFT,
    "",
    billed(r#""Status": "Expired", "EndTime": "2026-02-28T16:00:00Z""#)
)]
#[case::of_an_earlier_end(
    LEFT,
    "",
    billed(r#""Status": "Expired", "EndTime": "2025-12-31T16:00:00Z""#)
)]
#[case::over_before_it_was_seen(
    STANDARD,
    "",
    billed(r#""Status": "Expired", "EndTime": "2025-12-31T16:00:00Z""#)
)]
#[case::released(
    STANDARD,
    "",
    billed(r#""Status": "Released", "EndTime": "2026-02-28T16:00:00Z""#)
)]
#[case::standard_in_its_row(STANDARD, "", row("edition,action,max_tps", "standard,delete,many"))]
#[tokio::test]
async fn what_is_history_is_quiet(
    #[case] state: &[&str],
    #[case] options: &str,
    #[case] file: String,
) {
    let mut room = tracked(state).await;
    // After the old expiry it is history.
    room.passes("60d").await;
    let before = room.transcript().len();
    let heard = room
        .imports(&format!("--region cn-hangzhou {options}"), &file)
        .await;
    heard.has("0 changed, 1 unchanged, 0 in conflict");
    room.passes("1m").await;
    let after = &room.transcript()[before..];
    assert!(!after.contains("\n» "), "{after}");
    room.as_says(ALICE, "todo").await.lacks("orders: edition");
    let shown = room.as_says(ALICE, "instance show orders").await;
    shown
        .has("Standard")
        .lacks("contradictory")
        .lacks("just now");
}

/// What is billed since was upgraded: that ends the doubt about a permit, and its expiry is planned.
#[rstest]
#[case::while_it_is_valid("1m")]
#[case::lapsed("3d")]
#[tokio::test]
async fn a_subscription_shows_that_it_was_upgraded(#[case] later: &str) {
    let mut room = tracked(STANDARD).await;
    room.as_says(ALICE, "upgrade orders")
        .await
        .is("needs_approval", &[]);
    room.as_says(BOB, "approve 1").await;
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
    room.passes(later).await;
    let heard = room.imports("", &billed(RUNS)).await;
    heard
        .has("upgrade done, as the facts show")
        .has("expiry 2026-03-01");
    room.as_says(ALICE, "todo")
        .await
        .lacks("outcome of the permit");
    room.as_says(ALICE, "reminders orders")
        .await
        .has("2026-02-26");
}

/// Its subscription shows that what was recorded as deleted is there, as a row of a listing does; one that is over does not.
#[rstest]
#[case::runs(RUNS, true)]
#[case::renews(r#""Status": "Normal", "RenewStatus": "AutoRenewal""#, true)]
#[case::is_over(r#""Status": "Expired", "EndTime": "2026-01-01T16:00:00Z""#, false)]
#[case::is_released(r#""Status": "Released", "EndTime": "2026-02-28T16:00:00Z""#, false)]
#[tokio::test]
async fn a_subscription_of_what_was_recorded_as_deleted(#[case] fields: &str, #[case] told: bool) {
    let mut room = tracked(&["edition platinum --expires 2026-03-01 --action delete"]).await;
    room.as_says(ALICE, "instance lost orders --reason gone")
        .await
        .is("done", &[]);
    room.passes("2d").await;
    let before = room.transcript().len();
    let heard = room.imports("", &billed(fields)).await;
    assert_eq!(heard.text.contains("1 in conflict"), told, "{}", heard.text);
    room.passes("1m").await;
    let after = &room.transcript()[before..];
    let alarm = "is recorded as deleted at the vendor, by alice";
    assert_eq!(after.contains(alarm), told, "{after}");
    let todo = room.as_says(ALICE, "todo").await;
    assert_eq!(
        todo.text.contains("orders: recorded as deleted"),
        told,
        "{}",
        todo.text
    );
}
