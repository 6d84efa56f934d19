//! An approval is given for the request as it was shown, by the people who were asked.

use rstest::rstest;

use crate::harness::{ORDERS, Room};

const TWIN: &str = "MQ_INST_2080056302921134_DZwKdNP9";
const ALIKE: &str = "MQ_INST_1080056302921134_CZxLcPO1";
const ADMIN: &str = "root admin";
const ALICE: &str = "alice requester team:payments";
const BOB: &str = "bob approver";
const CAROL: &str = "carol approver team:payments";

/// A downgrade of `orders` by unsubscribing that nobody has been asked about.
async fn opened() -> Room {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action delete --auto-renew off --commodity-id ons-cn-0pp1abc2d34 --team payments"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await
        .is("allowed", &[]);
    room
}

/// It, with its action set, and asked about.
async fn asked() -> Room {
    let mut room = opened().await;
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
    room.as_says(ALICE, "confirm 1 set-action")
        .await
        .is("done", &[]);
    room
}

/// It, approved, and with the permit out.
async fn permitted() -> Room {
    let mut room = asked().await;
    room.as_says(BOB, "approve 1").await.is("done", &[]);
    room.as_says(CAROL, "approve 1 --seen downgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
    room
}

/// Rows of ten other instances.
fn pads() -> String {
    let pad = |n: u32| format!("MQ_INST_1080056302921134_Pad{n:05},pad-{n},cn-hangzhou,standard\n");
    (0..10).map(pad).collect()
}

/// Where quiet hours put the second call for approvals on the day of the last one, there is one, in the alerts channel.
#[rstest]
#[case::on_one_day("160m", 0, 1)]
#[case::on_two_days("7h", 1, 1)]
#[tokio::test]
async fn nobody_is_called_twice_a_day(
    #[case] later: &str,
    #[case] again: usize,
    #[case] last: usize,
) {
    let mut room = opened().await;
    room.as_says(ADMIN, "settings quiet-hours 22:00-08:00")
        .await
        .is("done", &[]);
    room.passes(later).await;
    let before = room.transcript().len();
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.passes("71h").await;
    let said = &room.transcript()[before..];
    let count = |words: &str| said.matches(words).count();
    assert!(count("Approval asked") == 1, "{said}");
    assert_eq!(count("Still waiting for approval"), again, "{said}");
    assert_eq!(count("Not enough people answer"), last, "{said}");
}

/// Who looks before anybody has asked has looked, and approved nothing.
#[tokio::test]
async fn a_look_before_the_request_approves_nothing() {
    let mut room = opened().await;
    room.as_says(BOB, "approve 1").await.is("blocked", &[]);
    room.as_says(BOB, "approve 1 --seen downgrade")
        .await
        .is("done", &[])
        .has("your look is recorded")
        .has("Nothing of orders (#1) was approved")
        .has("approval of `unsubscribe` is asked for now");
    room.as_says(ALICE, "change 1").await.has("0/2");
    room.as_says(BOB, "approve 1")
        .await
        .is("done", &[])
        .has("1/2");
}

/// The answer to a request that is void counts for no other one, of another row.
#[tokio::test]
async fn an_answer_to_a_void_request_counts_for_no_other_one() {
    let mut room = asked().await;
    room.as_says(
        ADMIN,
        "instance set orders --expires 2026-04-01 --commodity-id ons-cn-9zz9zz9zz9",
    )
    .await
    .is("done", &[]);
    room.as_says(BOB, "approve 1 --seen downgrade --request 1")
        .await
        .has("Nothing of orders (#1) was approved");
    room.as_says(CAROL, "approve 1 --seen downgrade")
        .await
        .is("done", &[])
        .has("1/2 (carol of payments)");
    room.as_says(ALICE, "next 1")
        .await
        .is("needs_approval", &[]);
}

/// A permit that is out does not survive another row with its name, or one like it, nor another team: nobody has seen that line.
#[rstest]
#[case::the_same(&format!("instance add {TWIN} --name orders --region cn-hangzhou --edition platinum"))]
#[case::alike(&format!("instance add {ALIKE} --name 0rders --region cn-hangzhou --edition platinum"))]
#[case::in_another_region(&format!("instance add {ALIKE} --name orders --region cn-beijing --edition platinum"))]
#[case::another_team("instance set orders --team search")]
#[case::no_team("instance set orders --team none")]
#[tokio::test]
async fn a_permit_that_is_out_is_withdrawn_when_its_row_moves(#[case] line: &str) {
    let mut room = permitted().await;
    room.as_says(ADMIN, line).await.is("done", &[]);
    let told = room.transcript();
    assert!(told.contains("Stop, alice: your permit"), "{told}");
    assert!(told.contains("Approval asked again, because"), "{told}");
    room.as_says(ALICE, "next 1")
        .await
        .is("needs_approval", &[])
        .has("nobody has");
}

/// One in another region of another account, or with a name of its own, is no other row.
#[rstest]
#[case(&format!("instance add {TWIN} --name orders --region cn-beijing --edition platinum"))]
#[case(&format!("instance add {TWIN} --name 0rders --region cn-beijing --edition platinum"))]
#[case(&format!("instance add {ALIKE} --name orders-2 --region cn-hangzhou --edition platinum"))]
#[tokio::test]
async fn a_permit_stays_beside_a_row_of_its_own(#[case] line: &str) {
    let mut room = permitted().await;
    room.as_says(ADMIN, line).await.is("done", &[]);
    room.as_says(ALICE, "next 1")
        .await
        .is("allowed", &[])
        .lacks("another row is called so");
}

/// A row that looks like it is said in the request and the permit.
#[tokio::test]
async fn a_name_that_looks_alike_is_said_in_the_row() {
    let mut room = opened().await;
    let line =
        format!("instance add {ALIKE} --name 0rders --region cn-hangzhou --edition platinum");
    room.as_says(ADMIN, &line).await.is("done", &[]);
    room.as_says(ALICE, "next 1").await;
    room.as_says(ALICE, "confirm 1 set-action").await;
    let row = "orders; another row is called so, or alike: compare the ids";
    let told = room.transcript();
    assert!(told.contains(row), "{told}");
}

/// A look from before the edition was uncertain no longer counts, be it a person or a listing that made it uncertain.
#[rstest]
#[case::said("instance set orders --edition unknown", None)]
#[case::missing("", Some("id,name,region,edition\n"))]
#[tokio::test]
async fn a_look_from_before_the_edition_was_unknown_counts_no_more(
    #[case] line: &str,
    #[case] listing: Option<&str>,
) {
    let mut room = asked().await;
    if let Some(head) = listing {
        room.imports("", &format!("{head}{}", pads())).await;
    }
    match listing {
        None => {
            room.as_says(ADMIN, line).await.is("done", &[]);
        }
        Some(head) => {
            room.passes("1h").await;
            room.imports("--complete", &format!("{head}{}", pads()))
                .await
                .has("missing");
        }
    }
    room.passes("1h").await;
    room.as_says(ADMIN, "instance set orders --edition platinum")
        .await
        .is("done", &[]);
    for who in [BOB, CAROL] {
        room.as_says(who, "approve 1").await;
    }
    room.as_says(ALICE, "next 1").await.has("set-action");
    room.as_says(ALICE, "change 1").await.has("▶ set-action");
}

/// What a change is for is read by those who are asked, and stands with who opened and who rejected it.
#[tokio::test]
async fn a_change_says_who_opened_it_what_for_and_who_rejected_it() {
    let mut room = Room::of_team().await;
    room.add_platinum("--action downgrade --auto-renew off --commodity-id ons-cn-1aa2bb3cc44")
        .await;
    let open = "downgrade orders --by unsubscribe --reason \"traffic fell below 2,000 TPS\"";
    room.as_says("alice requester", open)
        .await
        .is("needs_approval", &[]);
    let told = room.transcript();
    let asked = "opened by alice: “traffic fell below 2,000 TPS”.";
    assert!(told.contains(asked), "{told}");
    let handed = "handover alice --to zoe --yes-really";
    room.as_says("root admin", handed).await.is("done", &[]);
    room.as_says("bob approver", "reject 1 --reason \"not this week\"")
        .await
        .is("done", &[])
        .has("#1 of orders is rejected by bob (“not this week”)");
    room.as_says("carol approver", "reject 1 --reason again")
        .await
        .has("#1 of orders is rejected by bob (“not this week”)");
    room.as_says("vera viewer", "change 1")
        .await
        .has("is rejected by bob (“not this week”)")
        .has("opened by alice, now zoe's, since 2026-01-01")
        .has(": “traffic fell below 2,000 TPS”");
    // Who goes on with it is not who ended it.
    room.as_says(
        "zoe requester",
        "reopen 1 set-action --reason \"next week\"",
    )
    .await;
    room.as_says("alice requester", "downgrade orders --reason x")
        .await
        .lacks("is open as");
}

/// What is explained of a change is what its next step rests on; the instance has the rest.
#[tokio::test]
async fn why_of_a_change_is_of_its_next_step() {
    let mut room = Room::of_team().await;
    room.add_platinum("--action downgrade").await;
    room.as_says("alice requester", "downgrade orders --by unsubscribe")
        .await;
    room.as_says("bob approver", "why #1")
        .await
        .has("Allowed: `unsubscribe` of orders (#1), by the documented rules at")
        .has("refund-limits")
        .has("`why cn-hangzhou/orders` has every rule that applies to it.")
        .has("This is no permit. Missing: 2 approvals")
        .lacks("letting orders expire")
        .lacks("opening a downgrade")
        .lacks("release notice:");
    room.as_says("bob approver", "why orders")
        .await
        .has("letting orders expire")
        .has("release notice:");
}
