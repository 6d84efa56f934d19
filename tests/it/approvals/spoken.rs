//! Whole approval flows, spoken by four people: exact replies and posts as snapshots.

use std::sync::Arc;

use edition_warden::app::Actor;
use edition_warden::command::parse_line;
use edition_warden::store::Store;

use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester approver team:payments";
const BOB: &str = "bob approver";
const CAROL: &str = "carol approver team:payments";
const DAVE: &str = "dave requester";

async fn room_with_platinum(options: &str) -> Room {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 {options}"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room
}

#[tokio::test]
async fn unsubscribing_takes_four_people() {
    let mut room =
        room_with_platinum("--auto-renew off --team payments --commodity-id ons-cn-0pp1abc2d34")
            .await;
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await
        .is("allowed", &[]);
    room.as_says(BOB, "approve 1").await.is("blocked", &[]);
    room.as_says(DAVE, "next 1").await.is("allowed", &[]);
    room.as_says(DAVE, "confirm 1 set-action")
        .await
        .is("done", &[]);
    room.as_says(DAVE, "unsubscribe orders")
        .await
        .is("needs_approval", &[]);
    room.as_says(ALICE, "approve 1").await.is("denied", &[]);
    room.as_says(BOB, "approve 1").await.is("done", &[]);
    room.as_says(BOB, "approve 1").await.is("already_done", &[]);
    room.as_says(BOB, "next 1").await.is("needs_approval", &[]);
    room.as_says(DAVE, "confirm 1 unsubscribe")
        .await
        .is("needs_approval", &[]);
    room.as_says(CAROL, "approve 1 --seen downgrade")
        .await
        .is("done", &[]);
    room.as_says("eve viewer", "change 1").await.is("info", &[]);
    room.as_says(DAVE, "unsubscribe orders")
        .await
        .is("allowed", &[]);
    room.as_says(BOB, "revoke 1").await.is("blocked", &[]);
    room.as_says(ALICE, "next 1").await.is("blocked", &[]);
    room.passes("31m").await;
    room.as_says(DAVE, "next 1").await.is("needs_approval", &[]);
    room.as_says(DAVE, "confirm 1 unsubscribe")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "confirm 1 verify-standard")
        .await
        .is("done", &[]);
    room.as_says("eve viewer", "change 1").await.is("info", &[]);
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn a_look_that_says_delete_stops_everything() {
    let mut room = room_with_platinum("--auto-renew off --action downgrade").await;
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await
        .is("needs_approval", &[]);
    room.as_says(BOB, "approve 1").await.is("done", &[]);
    room.as_says(CAROL, "approve 1 --seen delete")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "unsubscribe orders")
        .await
        .is("blocked", &["action-before-exit"]);
    room.as_says(
        BOB,
        "reject 1 --reason the action says Delete, find out who set it",
    )
    .await
    .is("done", &[]);
    room.as_says(ALICE, "changes --all").await.is("info", &[]);
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn an_upgrade_nobody_answers_and_the_glass() {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition standard --channel ops"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(ALICE, "upgrade orders")
        .await
        .is("needs_approval", &[]);
    room.as_says(ALICE, "next 1")
        .await
        .is("needs_approval", &[]);
    room.passes("4d").await;
    room.as_says(BOB, "approve 1").await.is("blocked", &[]);
    room.as_says(ALICE, "next 1")
        .await
        .is("needs_approval", &[]);
    room.as_says(
        ALICE,
        "break-glass 1 --reason the shop is down --ticket OPS-42",
    )
    .await
    .is("denied", &[]);
    room.as_says(
        "root admin",
        "break-glass 1 --reason the shop is down --ticket OPS-42",
    )
    .await
    .is("done", &[]);
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
    room.as_says(ALICE, "confirm 1 upgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "changes").await.has("BREAK-GLASS");
    room.as_says("eve viewer", "change 1")
        .await
        .has("BREAK-GLASS");
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn waiting_for_the_expiry_is_approved_too() {
    let mut room = room_with_platinum("--auto-renew off").await;
    room.as_says(ALICE, "downgrade orders --by expiry")
        .await
        .is("allowed", &[]);
    room.as_says(CAROL, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "next 1")
        .await
        .is("needs_approval", &[]);
    room.as_says(BOB, "approve 1").await.is("done", &[]);
    room.as_says(ALICE, "next 1").await.is("info", &[]);
    room.as_says(DAVE, "instance set orders --expires 2026-04-01")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
    room.as_says(BOB, "action orders downgrade")
        .await
        .is("done", &[]);
    room.passes("90d").await;
    room.as_says("eve viewer", "change 1").await.is("info", &[]);
    insta::assert_snapshot!(room.transcript());
}

/// Each at the same moment, on the same database: one effect each.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn at_the_same_moment_there_is_exactly_one_effect_each() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&directory.path().join("warden.db"))
        .await
        .unwrap();
    let mut room = Room::of_team_on(store.clone());
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(DAVE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await
        .is("needs_approval", &[]);
    let warden = Arc::new(room.warden.clone());
    let at_once = async |said: Vec<(&'static str, &'static str)>| {
        let tasks: Vec<_> = said
            .into_iter()
            .map(|(who, line)| {
                let warden = Arc::clone(&warden);
                tokio::spawn(async move {
                    let mut actor = Actor::local("nobody");
                    actor.speak_as(who).unwrap();
                    let reply = warden.handle(&actor, &parse_line(line).unwrap()).await;
                    (who, reply.outcome.as_str())
                })
            })
            .collect();
        let mut heard = Vec::new();
        for task in tasks {
            heard.push(task.await.unwrap());
        }
        heard
    };
    let approve = ["bob approver", "carol approver"].repeat(4);
    let heard = at_once(approve.into_iter().map(|who| (who, "approve 1")).collect()).await;
    for who in ["bob approver", "carol approver"] {
        let mine: Vec<_> = heard.iter().filter(|(by, _)| *by == who).collect();
        let done = mine
            .iter()
            .filter(|(_, outcome)| *outcome == "done")
            .count();
        assert_eq!((done, mine.len()), (1, 4), "{heard:?}");
    }
    let takers = [
        "alice requester",
        "dave requester",
        "erin requester",
        "finn requester",
    ];
    let mut race: Vec<_> = takers.iter().map(|who| (*who, "next 1")).collect();
    race.extend([("bob approver", "revoke 1"), ("carol approver", "revoke 1")]);
    let heard = at_once(race).await;
    let permits = heard
        .iter()
        .filter(|(_, outcome)| *outcome == "allowed")
        .count();
    let revoked = heard
        .iter()
        .filter(|(_, outcome)| *outcome == "done")
        .count();
    assert!(
        permits == 1 && revoked == 0
            || permits == 0 && revoked == 2
            || permits == 0 && revoked == 1,
        "{heard:?}"
    );
    assert!(permits + revoked >= 1, "{heard:?}");
    store.close().await;
}
