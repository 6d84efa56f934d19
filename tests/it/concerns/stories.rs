//! Each concern that only a change can bring about is brought about, and people are told of it in its own words.

use rstest::rstest;

use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester team:payments";
const BOB: &str = "bob approver";
const CAROL: &str = "carol approver team:payments";
const PLATINUM: &str = "--edition platinum --expires 2026-03-01 --action delete --auto-renew off --commodity-id ons-cn-0pp1abc2d34";
const PERMITTED: [(&str, &str); 6] = [
    (ALICE, "downgrade orders --by unsubscribe"),
    (ALICE, "next 1"),
    (ALICE, "confirm 1 set-action"),
    (BOB, "approve 1 --seen downgrade"),
    (CAROL, "approve 1 --seen downgrade"),
    (ALICE, "next 1"),
];
const UPGRADED: [(&str, &str); 5] = [
    (ALICE, "upgrade orders"),
    (ALICE, "next 1"),
    (BOB, "approve 1"),
    (ALICE, "next 1"),
    (ALICE, "confirm 1 upgrade"),
];

#[rstest]
#[case::step_in_doubt(
    PLATINUM,
    &PERMITTED,
    &[],
    "3h",
    "Did it happen? alice's permit for `unsubscribe` of orders (#1) is over"
)]
#[case::still_platinum(
    PLATINUM,
    &PERMITTED,
    &[
        (ALICE, "confirm 1 unsubscribe"),
        ("", "1h"),
        (ALICE, "instance set orders --edition platinum"),
    ],
    "2d",
    "orders is reported as unsubscribed (#1), but what was said since shows it as Platinum"
)]
#[case::record_expiry("--edition standard", &UPGRADED, &[], "2d", "When does orders expire? It was upgraded")]
#[case::choose_action(
    "--edition standard",
    &UPGRADED,
    &[(ALICE, "confirm 1 record-expiry --expires 2026-12-01")],
    "2d",
    "What should happen to orders when it expires?"
)]
#[case::unapproved(
    PLATINUM,
    &[],
    &[
        (ALICE, "downgrade orders --by expiry"),
        ("", "54d"),
        (ALICE, "next 1"),
        (ALICE, "confirm 1 set-action"),
    ],
    "3d",
    "Time runs out: orders expires"
)]
#[tokio::test]
async fn what_a_change_leaves_open_is_told(
    #[case] facts: &str,
    #[case] begins: &[(&str, &str)],
    #[case] goes_on: &[(&str, &str)],
    #[case] wait: &str,
    #[case] told: &str,
) {
    let mut room = Room::of_team().await;
    let line =
        format!("instance add {ORDERS} --name orders --region cn-hangzhou --team payments {facts}");
    room.as_says(ALICE, &line).await.is("done", &[]);
    for (who, line) in begins.iter().chain(goes_on) {
        match *who {
            "" => room.passes(line).await,
            who => drop(room.as_says(who, line).await),
        }
    }
    let before = room.transcript().len();
    room.passes(wait).await;
    let posts = &room.transcript()[before..];
    assert!(posts.contains(told), "`{told}` is not in:\n{posts}");
}
