//! The remarks where fewer approvals than usual are required: too few people, an emergency override, a lapse, another quorum.

use edition_warden::app::Actor;

use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester";
const BOB: &str = "bob approver";
const ROOT: &str = "root admin";

#[tokio::test]
async fn nobody_in_the_sandbox_unsubscribes_alone() {
    let mut room = Room::of_team().await;
    let refused = room.as_says(ROOT, "settings approvals unsubscribe 0").await;
    refused.is("invalid", &[]).has("can be 1 to 10");
    room.as_says(ROOT, "settings approvals unsubscribe 1").await;
    room.as_says(ROOT, "settings observers 1").await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --auto-renew off --action downgrade"
    );
    room.as_says(ROOT, &add).await.is("done", &[]);
    room.as_says(ROOT, "downgrade orders --by unsubscribe")
        .await
        .is("needs_approval", &[]);
    room.as_says(ROOT, "approve 1").await.is("denied", &[]);
    room.as_says(ROOT, "next 1").await.is("needs_approval", &[]);
}

#[tokio::test]
async fn too_few_people_are_told_of_before_the_step_is_reached() {
    let mut room = Room::of_team().await;
    let alone = Actor::local("root");
    room.add_platinum("--action delete --auto-renew off").await;
    let opened = room.says_as(&alone, "downgrade orders --by unsubscribe");
    opened
        .await
        .is("allowed", &[])
        .has("Warning: nobody else could approve here, and `unsubscribe` needs 2.");
}

#[tokio::test]
async fn broken_glass_is_marked_in_every_view_of_the_change() {
    let mut room = Room::of_team().await;
    room.add_standard("--max-tps 4000 --busy off").await;
    room.as_says(ALICE, "upgrade orders").await;
    let broken = "break-glass 1 --reason \"down\" --ticket OPS-42";
    room.as_says(ROOT, broken).await.is("done", &[]);
    let mark = "BREAK-GLASS: root";
    for line in ["why 1", "change 1", "instance show orders"] {
        room.as_says(ALICE, line).await.has(mark);
    }
    room.as_says(ALICE, "next 1")
        .await
        .is("allowed", &[])
        .has(mark);
    for line in [
        "confirm 1 upgrade",
        "next 1",
        "why orders",
        "confirm 1 record-expiry --expires 2027-01-01",
        "change 1",
    ] {
        room.as_says(ALICE, line).await.has(mark);
    }
}

#[tokio::test]
async fn what_is_asked_for_anew_says_that_the_glass_was_broken() {
    let mut room = Room::of_team().await;
    room.add_standard("--max-tps 4000 --busy off").await;
    room.as_says(ALICE, "upgrade orders").await;
    let broken = "break-glass 1 --reason \"down\" --ticket OPS-42";
    room.as_says(ROOT, broken).await.is("done", &[]);
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
    room.passes("1h").await;
    let before = room.transcript().len();
    room.as_says(ALICE, "next 1")
        .await
        .is("needs_approval", &[]);
    let said = &room.transcript()[before..];
    let post = said.split("Approval asked").nth(1).unwrap();
    assert!(post.contains("BREAK-GLASS: root"), "{said}");
    assert!(
        post.contains("ticket OPS-42): this no longer counts"),
        "{said}"
    );
}

/// An upgrade that nobody approved, and whose missing approval was replaced.
async fn broken() -> Room {
    let mut room = Room::of_team().await;
    room.add_standard("--max-tps 4000 --busy off").await;
    room.as_says(ALICE, "upgrade orders").await;
    let broken = "break-glass 1 --reason \"down\" --ticket OPS-42";
    room.as_says(ROOT, broken).await.is("done", &[]);
    room
}

#[tokio::test]
async fn who_broke_the_glass_is_told_that_it_counts_no_more() {
    for moves in [
        "instance set orders --name other",
        "instance set orders --max-tps 4500",
        "instance set orders --edition unknown",
    ] {
        let mut room = broken().await;
        for view in ["change 1", "changes"] {
            let seen = room.as_says(ALICE, view).await;
            seen.has("BREAK-GLASS").lacks("no longer counts");
        }
        let before = room.transcript().len();
        room.as_says(ALICE, moves).await;
        let said = room.transcript()[before..].to_owned();
        assert!(
            said.contains("root's emergency override for `upgrade` of")
                && said.contains("no longer replaces approvals: "),
            "{moves}: {said}"
        );
        room.as_says(ALICE, "change 1")
            .await
            .has("no longer counts");
        let all = room.as_says(ALICE, "changes").await;
        all.lacks("BREAK-GLASS");
    }
}

#[tokio::test]
async fn who_broke_the_glass_is_told_that_its_time_was_over() {
    let mut room = broken().await;
    room.passes("73h").await;
    let said = room.transcript().to_owned();
    assert!(
        said.contains("no longer replaces approvals: its time was over before it was used"),
        "{said}"
    );
    room.as_says(ALICE, "change 1")
        .await
        .has("no longer counts");
}

#[tokio::test]
async fn nobody_is_asked_for_what_the_glass_replaces() {
    let mut room = Room::of_team().await;
    room.add_standard("--max-tps 4000 --busy off").await;
    room.as_says(ALICE, "upgrade orders").await;
    room.passes("80h").await;
    let before = room.transcript().len();
    let broken = "break-glass 1 --reason \"down\" --ticket OPS-42";
    room.as_says(ROOT, broken).await.is("done", &[]);
    let said = room.transcript()[before..].to_owned();
    assert!(
        said.contains("BREAK-GLASS") && !said.contains("Approval asked"),
        "{said}"
    );
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
}

#[tokio::test]
async fn an_approval_that_lapses_with_its_request_says_what_can_be_done() {
    let mut room = Room::of_team().await;
    room.add_standard("--max-tps 4000 --busy off").await;
    room.as_says(ALICE, "upgrade orders").await;
    room.passes("59h").await;
    room.as_says(BOB, "approve 1").await.is("done", &[]);
    room.passes("72h").await;
    let told = room.transcript().to_owned();
    assert!(
        told.contains(
            "no permit was taken in time: the approval by bob has lapsed, and the request with it. #1 stays open; `next 1` asks again."
        ),
        "{told}"
    );
    assert_eq!(told.matches("has lapsed").count(), 1, "{told}");
    room.as_says(BOB, "approve 1").await.is("blocked", &[]);
    room.as_says(ALICE, "next 1")
        .await
        .is("needs_approval", &[]);
    room.as_says(BOB, "approve 1").await.is("done", &[]);
}

#[tokio::test]
async fn another_quorum_is_announced_and_the_trail_says_what_it_was() {
    let mut room = Room::of_team().await;
    room.as_says(ROOT, "settings approvals upgrade 3")
        .await
        .is("done", &[]);
    let told = room.transcript().to_owned();
    assert!(
        told.contains("approvals upgrade: 3, was 1"),
        "raised, and announced all the same: {told}"
    );
    for (line, was) in [
        (
            "settings approvals upgrade 2",
            "approvals upgrade: 2, was 3",
        ),
        (
            "settings quiet-hours 22:00-08:00",
            "quiet-hours: 22:00-08:00, was none",
        ),
        (
            "settings team ops --channel c1",
            "team ops: channel c1, members none",
        ),
        (
            "settings team ops --channel c2",
            "team ops: channel c2, members none, was channel c1, members none",
        ),
    ] {
        room.as_says(ROOT, line).await.is("done", &[]);
        room.as_says(ROOT, "audit").await.has(was);
    }
}

#[tokio::test]
async fn a_team_that_nobody_described_is_warned_of_and_can_be_taken_away() {
    let mut room = Room::of_team().await;
    room.as_says(ROOT, "settings team payments --channel c1 --mention m1")
        .await;
    room.add_standard("").await;
    room.as_says(ALICE, "instance set orders --team paymnts")
        .await
        .is("done", &[])
        .has("nobody has described a team paymnts (did you mean `payments`?)");
    room.as_says(ALICE, "instance set orders --team payments")
        .await
        .lacks("Warning");
    room.as_says(ALICE, "instance set orders --team none --channel none")
        .await
        .is("done", &[])
        .has("none");
    room.as_says(ALICE, "instance show orders")
        .await
        .lacks("team: payments")
        .lacks("team none");
}
