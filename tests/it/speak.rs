//! Whole changes, spoken: exact replies as snapshots, and the turns that are refused.

use crate::harness::{ORDERS, Room, STOCK};

/// What only a permit may print.
const PATH_WORDS: [&str; 6] = [
    "User Center",
    "Partial Refund",
    "Unsubscribe Resource",
    "Resource Unsubscription",
    "Instance Details",
    "Upgrade to Enterprise Platinum Edition",
];

#[tokio::test]
async fn a_whole_upgrade() {
    let mut room = Room::open().await;
    room.add_standard("--max-tps 3000").await;
    for line in [
        "check upgrade orders",
        "upgrade orders",
        "confirm 1 upgrade",
        "next orders",
    ] {
        room.says("alice", line).await;
    }
    room.says("bob", "next #1").await;
    room.advance("10m");
    room.says("alice", "next #1").await;
    room.says("alice", "confirm 1").await;
    room.says(
        "alice",
        "confirm 1 upgrade --evidence https://tickets.example.com/42",
    )
    .await;
    room.says("alice", "confirm 1 record-expiry").await;
    room.says("alice", "confirm 1 record-expiry --expires 2027-01-01")
        .await;
    room.says("alice", "confirm 1 choose-action").await;
    room.says("bob", "action orders delete").await;
    room.says("alice", "change 1").await;
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn a_whole_downgrade_by_unsubscribing() {
    let mut room = Room::open().await;
    room.add_platinum("--action delete --commodity-id ons-cn-0pp1abc2d34")
        .await;
    for line in [
        "downgrade orders",
        "unsubscribe orders",
        "downgrade orders --by unsubscribe",
        "confirm 1 unsubscribe",
        "next 1",
        "confirm 1 set-action",
        "unsubscribe orders",
    ] {
        room.says("alice", line).await;
    }
    room.says("bob", "unsubscribe orders").await;
    room.advance("31m");
    room.says("alice", "changes").await;
    room.says("bob", "next 1").await;
    room.says("bob", "confirm 1 verify-standard").await;
    room.says("bob", "confirm 1 unsubscribe").await;
    room.says("bob", "confirm 1").await;
    room.says("bob", "confirm 1 verify-standard").await;
    room.says("bob", "instance show orders").await;
    room.says("bob", "change 1").await;
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn a_whole_downgrade_by_expiry() {
    let mut room = Room::open().await;
    room.add_platinum("--auto-renew off").await;
    for line in [
        "check expiry orders",
        "downgrade orders --by expiry",
        "next 1",
        "confirm 1",
        "next 1",
    ] {
        room.says("alice", line).await;
    }
    room.advance("53d");
    room.says("alice", "next 1").await;
    room.says("bob", "action orders downgrade").await;
    room.advance("6d");
    room.says("alice", "change 1").await;
    room.says("alice", "confirm 1").await;
    room.says("alice", "confirm 1 verify-standard").await;
    room.says("alice", "changes").await;
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn the_path_is_printed_in_permits_only() {
    let mut room = Room::open().await;
    room.add_platinum("--action downgrade --auto-renew off")
        .await;
    let permit = room.says("alice", "unsubscribe orders").await;
    permit
        .is("allowed", &[])
        .has("Partial Refund")
        .has(ORDERS)
        .has("cn-hangzhou")
        .has("until");
    for line in [
        "why orders",
        "why 1",
        "change 1",
        "changes",
        "instance show orders",
        "check unsubscribe orders",
        "rules",
        "rule refund-limits",
        "help",
        "help unsubscribe",
        "help next",
        "downgrade orders",
        "confirm 1 unsubscribe",
    ] {
        let heard = room.says("bob", line).await;
        for word in PATH_WORDS {
            heard.lacks(word);
        }
    }
}

#[tokio::test]
async fn the_central_rule() {
    let mut room = Room::open().await;
    room.add_platinum("--action delete").await;
    room.says("a", "unsubscribe orders")
        .await
        .is("blocked", &["action-before-exit"]);
    room.says("a", "changes").await.has("No open changes");
    room.says("a", "action orders downgrade")
        .await
        .is("done", &[]);
    room.advance("24h");
    room.says("a", "check unsubscribe orders")
        .await
        .is("allowed", &[]);
    room.advance("1s");
    room.says("a", "check unsubscribe orders")
        .await
        .is("inconclusive", &["action-known"]);
    room.says("a", "unsubscribe orders")
        .await
        .is("inconclusive", &["action-known"]);
}

#[tokio::test]
async fn ageing_never_withdraws_a_permit_and_a_moving_fact_does() {
    let mut room = Room::open().await;
    room.add_platinum("--action downgrade").await;
    room.advance("1d");
    room.says("a", "unsubscribe orders")
        .await
        .is("allowed", &[]);
    room.advance("20m");
    room.says("a", "unsubscribe orders")
        .await
        .is("allowed", &[])
        .has("the same one");
    room.says("b", "action orders delete")
        .await
        .is("done", &[])
        .has("withdrawn")
        .has("by b");
    room.says("a", "confirm 1 unsubscribe")
        .await
        .is("blocked", &["action-before-exit"]);
    room.says(
        "a",
        "confirm 1 unsubscribe --outside --reason it was too late, it's done",
    )
    .await
    .is("done", &[]);
    room.says("a", "changes")
        .await
        .has("OUTSIDE")
        .has("verify-standard");
}

#[tokio::test]
async fn only_a_known_expiry_that_moves_is_a_renewal() {
    let mut room = Room::open().await;
    room.add_platinum("--action downgrade").await;
    room.says("a", "instance set orders --expires 2026-03-01")
        .await;
    room.says("a", "check unsubscribe orders")
        .await
        .is("allowed", &[]);
    room.says("a", "instance set orders --expires 2026-04-01")
        .await
        .has("Post-expiration Action is not known any more");
    room.says("a", "check unsubscribe orders")
        .await
        .is("inconclusive", &["action-known"]);
    room.says(
        "a",
        "instance set orders --expires 2026-05-01 --action downgrade",
    )
    .await;
    room.says("a", "check unsubscribe orders")
        .await
        .is("allowed", &[]);
}

#[tokio::test]
async fn size_blocks_until_acknowledged_and_again_when_it_rises() {
    let mut room = Room::open().await;
    room.add_platinum("--max-tps 8000 --action downgrade").await;
    room.says("a", "downgrade orders --by unsubscribe")
        .await
        .is("blocked", &["fits-standard"]);
    room.says("a", "downgrade orders --by unsubscribe --ack fits-standard")
        .await
        .is("allowed", &[]);
    room.says("a", "instance set orders --max-tps 7000").await;
    room.says("a", "check unsubscribe orders")
        .await
        .is("allowed", &[]);
    room.says("a", "instance set orders --max-tps 9000")
        .await
        .has("void");
    room.says("a", "next 1")
        .await
        .is("blocked", &["fits-standard"]);
    room.says("a", "next 1 --ack fits-standard")
        .await
        .is("allowed", &[]);
}

#[tokio::test]
async fn next_records_an_acknowledgement_only_where_it_lets_something_pass() {
    let mut room = Room::open().await;
    room.add_standard("--max-tps 8000").await;
    room.says("a", "upgrade orders").await;
    room.says("a", "instance set orders --edition platinum")
        .await;
    room.says("a", "next 1 --ack fits-standard")
        .await
        .is("info", &[]);
    room.says("a", "change 1").await.lacks("acknowledged");

    let mut room = Room::open().await;
    room.add_platinum("--max-tps 3000 --auto-renew off --action downgrade")
        .await;
    room.says("a", "downgrade orders --by expiry").await;
    room.says("a", "instance set orders --max-tps 8000 --auto-renew on")
        .await;
    room.says("a", "next 1 --ack fits-standard")
        .await
        .is("blocked", &["auto-renewal"]);
    room.says("a", "change 1").await.lacks("acknowledged");
    room.says("a", "instance set orders --auto-renew off").await;
    room.says("a", "next 1")
        .await
        .is("blocked", &["fits-standard"]);
    room.says("a", "next 1 --ack fits-standard")
        .await
        .is("info", &[]);
    room.says("a", "next 1").await.is("info", &[]);
    room.says("a", "change 1").await.has("acknowledged by a");
}

#[tokio::test]
async fn one_open_change_and_stable_numbers() {
    let mut room = Room::open().await;
    room.add_standard("").await;
    let first = room.says("a", "upgrade orders").await;
    assert_eq!(first.change, Some(1));
    let second = room.says("b", "upgrade orders").await;
    second.is("blocked", &[]).has("#1");
    assert_eq!(second.change, Some(1));
    room.says("a", "cancel 1 --reason not today")
        .await
        .is("done", &[]);
    room.says("a", "cancel 1 --reason twice")
        .await
        .is("already_done", &[]);
    let third = room.says("a", "upgrade orders").await;
    assert_eq!(third.change, Some(2));
}

#[tokio::test]
async fn removing_and_losing() {
    let mut room = Room::open().await;
    room.add_platinum("--action downgrade").await;
    room.says("a", "downgrade orders --by unsubscribe")
        .await
        .is("allowed", &[]);
    room.says("a", "instance remove orders --reason x")
        .await
        .is("blocked", &[]);
    room.says("a", "instance lost orders --reason gone")
        .await
        .is("done", &[])
        .has("failed");
    room.says("a", "changes").await.has("No open changes");
    room.says("a", "action orders downgrade")
        .await
        .is("blocked", &[]);
    room.says("a", "upgrade orders").await.is("blocked", &[]);
    let again =
        format!("instance add {STOCK} --name orders --region cn-hangzhou --edition standard");
    room.says("a", &again).await.is("done", &[]);
    room.says("a", "check upgrade orders")
        .await
        .is("allowed", &[]);
    room.says("a", "instance remove orders --reason moved")
        .await
        .is("done", &[]);
    room.says("a", &again).await.is("done", &[]);
}

#[tokio::test]
async fn verbs_that_lead_to_a_permit_take_the_exact_name() {
    let mut room = Room::open().await;
    room.add_platinum("--action downgrade").await;
    for line in ["instance show ord", "check downgrade ord", "why ord"] {
        let heard = room.says("a", line).await;
        assert_ne!(heard.outcome, "invalid", "{}", heard.text);
    }
    for line in [
        "downgrade ord --by unsubscribe",
        "unsubscribe ord",
        "action ord downgrade",
        "next ord",
    ] {
        room.says("a", line).await.is("invalid", &[]).has("orders");
    }
}

#[tokio::test]
async fn what_was_settled_at_expiry_survives_a_cancel() {
    let mut room = Room::open().await;
    room.add_platinum("--auto-renew off").await;
    room.advance("57d");
    room.says("a", "action orders downgrade").await;
    room.advance("3d");
    let settled = ["exit-converts"];
    room.says("a", "check expiry orders")
        .await
        .is("already_done", &settled);
    room.says("a", "downgrade orders --by expiry")
        .await
        .is("allowed", &[]);
    room.says("a", "cancel 1 --reason not needed")
        .await
        .is("done", &[]);
    room.says("a", "check unsubscribe orders")
        .await
        .is("already_done", &settled);
}

#[tokio::test]
async fn an_unsubscribe_in_doubt_can_be_confirmed_after_the_expiry() {
    let mut room = Room::open().await;
    room.add_platinum("--action downgrade").await;
    room.advance("57d");
    room.says("a", "action orders downgrade").await;
    room.says("a", "unsubscribe orders")
        .await
        .is("allowed", &[]);
    room.advance("3d");
    room.says("a", "change 1").await.has("In doubt");
    room.says("a", "confirm 1 unsubscribe")
        .await
        .is("done", &[]);
    room.says("a", "change 1").await.lacks("In doubt");
    room.says("a", "confirm 1 verify-standard")
        .await
        .is("done", &[]);
}

#[tokio::test]
async fn a_doubt_survives_the_permit_for_another_step() {
    let mut room = Room::open().await;
    room.add_platinum("--action downgrade").await;
    room.says("a", "unsubscribe orders").await;
    room.advance("25h");
    room.says("b", "next 1").await.has("set-action");
    room.says("b", "changes").await.has("in doubt");
    room.says("a", "confirm 1 unsubscribe")
        .await
        .is("done", &[]);
}

#[tokio::test]
async fn only_reopening_undoes_an_upgrade() {
    let mut room = Room::open().await;
    room.add_standard("").await;
    room.says("a", "upgrade orders").await;
    room.says("a", "next 1").await;
    room.says("a", "confirm 1 upgrade").await.is("done", &[]);
    for _ in 0..2 {
        room.says("b", "instance set orders --edition standard")
            .await;
    }
    room.says("a", "next 1").await.is("info", &[]).has("reopen");
    room.says("a", "confirm 1 record-expiry --expires 2027-01-01")
        .await
        .is("blocked", &["upgrade-from-standard"]);
    room.says("a", "reopen 1 upgrade --reason it never happened")
        .await
        .is("done", &[]);
    room.says("a", "next 1").await.is("allowed", &[]);
}

#[tokio::test]
async fn reopening_keeps_what_was_said_since() {
    let mut room = Room::open().await;
    room.add_standard("").await;
    for line in [
        "upgrade orders",
        "next 1",
        "confirm 1 upgrade",
        "confirm 1 record-expiry --expires 2026-06-01",
        "action orders delete",
    ] {
        room.says("a", line).await;
    }
    room.advance("1d");
    room.says("b", "instance set orders --expires 2027-01-01")
        .await;
    room.says("a", "reopen 1 record-expiry --reason a slip")
        .await
        .is("done", &[]);
    room.says("a", "instance show orders")
        .await
        .has("2027-01-01 00:00 UTC+8");
}

#[tokio::test]
async fn a_file_that_reveals_platinum_brings_its_expiry() {
    let mut room = Room::open().await;
    let standard = format!("id,name,edition\n{ORDERS},orders,standard\n");
    room.imports("--region cn-hangzhou --at 2025-12-30", &standard)
        .await
        .is("done", &[]);
    let platinum =
        format!("id,name,edition,expires,auto_renew\n{ORDERS},orders,platinum,2026-06-01,off\n");
    room.imports("--region cn-hangzhou --at 2025-12-31", &platinum)
        .await
        .is("done", &[]);
    room.says("a", "instance show orders")
        .await
        .has("2026-06-01 00:00 UTC+8")
        .has("off");
}
