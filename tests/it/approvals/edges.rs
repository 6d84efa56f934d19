//! What approvals say and do at their edges: what reaches people must be true there as well.

use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester";
const BOB: &str = "bob approver";
const CAROL: &str = "carol approver team:payments";
const DAVE: &str = "dave requester";

/// Alice has opened a downgrade of `orders`, whose action she has seen set; the request is out.
async fn room_that_asks(options: &str) -> Room {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --auto-renew off --action downgrade {options}"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await
        .is("needs_approval", &[]);
    room
}

/// As [`room_that_asks`], and alice holds the permit.
async fn room_with_permit() -> Room {
    let mut room = room_that_asks("").await;
    for who in [BOB, CAROL] {
        room.as_says(who, "approve 1 --seen downgrade")
            .await
            .is("done", &[]);
    }
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
    room
}

#[tokio::test]
async fn who_may_take_no_permit_is_not_told_that_their_approval_does_not_count_for_it() {
    let mut room = room_that_asks("").await;
    room.as_says(BOB, "approve 1 --seen downgrade")
        .await
        .is("done", &[]);
    room.as_says(BOB, "next 1")
        .await
        .has("2 needed, so far bob")
        .lacks("own permit");
    room.as_says(CAROL, "approve 1").await.is("done", &[]);
    room.as_says(BOB, "next 1")
        .await
        .is("info", &[])
        .has("Permits are for");
}
