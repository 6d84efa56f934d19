//! Edge cases of approvals: the texts must be true there as well.

use rstest::rstest;

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

#[tokio::test]
async fn an_approval_more_than_needed_is_no_news() {
    let mut room = room_that_asks("").await;
    for who in [BOB, CAROL, "dan approver"] {
        room.as_says(who, "approve 1 --seen downgrade")
            .await
            .is("done", &[]);
        room.passes("1m").await;
    }
    let told = room.transcript();
    assert_eq!(told.matches("(#1) is approved by").count(), 1, "{told}");
    // Where one is missing again, the next one is.
    room.as_says(CAROL, "revoke 1").await.is("done", &[]);
    room.as_says(BOB, "revoke 1").await.is("done", &[]);
    room.as_says(BOB, "approve 1").await.is("done", &[]);
    room.passes("1m").await;
    let told = room.transcript();
    assert_eq!(told.matches("(#1) is approved by").count(), 2, "{told}");
}

#[tokio::test]
async fn who_sees_delete_is_heard_while_the_permit_is_out() {
    let mut room = room_with_permit().await;
    room.as_says(BOB, "approve 1 --seen delete")
        .await
        .is("done", &[])
        .has("the action of orders is Delete")
        .has("the permit for unsubscribe is withdrawn")
        .has("`set-action` of orders (#1) comes first");
    assert!(room.transcript().contains("Stop, alice: your permit"));
    room.as_says(ALICE, "next 1 ").await.lacks("Unsubscribe");
    room.as_says(ALICE, "unsubscribe orders")
        .await
        .is("blocked", &["action-before-exit"]);
}

#[tokio::test]
async fn who_sees_delete_is_heard_after_the_request_lapsed() {
    let mut room = room_that_asks("").await;
    room.passes("4d").await;
    room.as_says(BOB, "approve 1 --seen delete")
        .await
        .is("done", &[]);
    room.as_says("eve viewer", "instance show orders")
        .await
        .has("Post-expiration Action  Delete");
}

#[tokio::test]
async fn a_decision_on_an_earlier_request_decides_nothing_but_delete_is_heard() {
    let mut room = room_that_asks("").await;
    for line in ["approve 1 --request 2", "reject 1 --reason no --request 2"] {
        room.as_says(BOB, line)
            .await
            .is("blocked", &[])
            .has("#1 of orders has no request 2")
            .has("Request 1 is open");
    }
    room.passes("73h").await;
    room.as_says(BOB, "approve 1 --request 2")
        .await
        .is("blocked", &[])
        .has("Nobody is asked now");
    room.as_says(ALICE, "action orders downgrade").await;
    room.as_says(ALICE, "next 1")
        .await
        .is("needs_approval", &[]);
    for line in [
        "approve 1 --request 1",
        "approve 1 --seen downgrade --request 1",
        "reject 1 --reason no --request 1",
    ] {
        room.as_says(BOB, line)
            .await
            .is("blocked", &[])
            .has("that was request 1")
            .has("Request 2 is open");
    }
    room.as_says(BOB, "change 1").await.lacks("so far bob");
    room.as_says(BOB, "approve 1 --request 2")
        .await
        .is("done", &[]);
    room.as_says(CAROL, "approve 1 --seen delete --request 1")
        .await
        .is("done", &[])
        .has("the action of orders is Delete");
    room.as_says(ALICE, "cancel 1 --reason mine")
        .await
        .is("done", &[]);
    room.as_says(BOB, "approve 1 --request 1")
        .await
        .is("blocked", &[])
        .has("is cancelled");
}

#[tokio::test]
async fn a_look_with_an_approval_that_nothing_asks_for_is_recorded() {
    let mut room = room_with_permit().await;
    room.passes("5m").await;
    room.as_says("eve approver", "approve 1 --seen downgrade")
        .await
        .is("done", &[])
        .has("your look at orders (#1) is recorded; nothing was approved")
        .has("alice has the permit");
    room.as_says(BOB, "instance show orders")
        .await
        .has("attested by eve, just now");
    room.as_says(BOB, "approve 1")
        .await
        .is("blocked", &[])
        .lacks("look");
}

/// After the expiry everybody is called to look until somebody has seen Downgrade, and that may still save it.
#[tokio::test]
async fn a_look_that_comes_with_an_approval_after_the_expiry_is_recorded() {
    for (seen, next) in [
        ("downgrade", "▶ verify-standard"),
        ("delete", "▶ set-action"),
    ] {
        let mut room = Room::of_team().await;
        room.as_says(ALICE, "instance add MQ_INST_1080056302921134_BXuIbML7 --name orders --region cn-hangzhou --edition platinum --expires 2026-01-10 --action delete --auto-renew off").await.is("done", &[]);
        room.as_says(ALICE, "downgrade orders --by expiry").await;
        room.passes("10d").await;
        room.as_says(BOB, "change 1").await.has("▶ set-action");
        room.as_says(BOB, &format!("approve 1 --seen {seen}"))
            .await
            .is("done", &[]);
        room.as_says(BOB, "change 1").await.has(next);
        room.as_says(BOB, "instance show orders")
            .await
            .has("attested by bob, just now");
    }
}

#[tokio::test]
async fn a_look_that_the_rules_leave_without_an_approval_is_recorded() {
    let mut room = room_that_asks("").await;
    room.as_says(ALICE, "instance set orders --busy on").await;
    room.as_says(BOB, "approve 1 --seen downgrade")
        .await
        .is("done", &[])
        .has("nothing was approved")
        .has("busy");
    room.as_says(BOB, "instance show orders")
        .await
        .has("attested by bob, just now");
}

#[tokio::test]
async fn no_permit_is_promised_while_somebody_of_the_team_is_missing() {
    let mut room = room_that_asks("--team payments").await;
    room.as_says(BOB, "approve 1 --seen downgrade")
        .await
        .is("done", &[]);
    room.as_says("dan approver", "approve 1")
        .await
        .is("done", &[])
        .has("2/2 (bob, dan), none of them of the team payments; open until");
    room.as_says("eve viewer", "change 1")
        .await
        .has("none of them of the team payments")
        .has("Next: unsubscribe: waits for approval; then `next 1` gives");
    room.as_says(CAROL, "approve 1")
        .await
        .is("done", &[])
        .lacks("none of them");
    room.as_says("eve viewer", "change 1")
        .await
        .has("Next: unsubscribe: `next 1` gives the permit for it.");
}

#[tokio::test]
async fn no_permit_is_promised_on_approvals_that_are_used_up() {
    let mut room = room_with_permit().await;
    room.passes("31m").await;
    room.as_says("eve viewer", "change 1")
        .await
        .has("Next: unsubscribe: needs approval: `next 1` asks.");
}

#[tokio::test]
async fn another_team_is_asked_anew_and_the_approvals_of_before_are_void() {
    let mut room = room_that_asks("--team payments").await;
    for who in [BOB, CAROL] {
        room.as_says(who, "approve 1 --seen downgrade")
            .await
            .is("done", &[]);
    }
    // Otherwise a requester could choose the team that approves.
    room.as_says(ALICE, "instance set orders --team friends")
        .await
        .is("done", &[]);
    let said = room.transcript();
    assert!(
        said.contains("by bob and carol is void: team moved from payments to friends, by alice.")
    );
    // Nobody has described the new team, so the approvers alone are called.
    assert!(said.contains("approval · @role:approver\n"));
    room.as_says(ALICE, "next 1")
        .await
        .is("needs_approval", &[])
        .has("2 needed, nobody has")
        .has("must come from the team friends");
}

#[tokio::test]
async fn rejecting_while_the_permit_is_out_does_not_say_that_nothing_was_done() {
    let mut room = room_with_permit().await;
    room.as_says(CAROL, "reject 1 --reason wrong one")
        .await
        .is("done", &[]);
    let said = room.transcript();
    assert!(said.contains(
        "The change has ended; a step may have happened all the same: look, then `instance set cn-hangzhou/orders --edition <standard|platinum>`."
    ));
    // The change has ended: nothing of it can be confirmed any more.
    assert!(said.contains("Do not continue. It ends here: look, then"));
    assert!(!said.contains("--outside"));
    // With the edition unknown, there is no more to say of the billing.
    room.as_says("eve viewer", "why orders")
        .await
        .has("The billing method changes with the edition.\n");
}

#[tokio::test]
async fn rejecting_before_anybody_held_a_permit_says_so() {
    let mut room = room_that_asks("").await;
    room.as_says(CAROL, "reject 1 --reason wrong one")
        .await
        .is("done", &[]);
    assert!(
        room.transcript()
            .contains("The change has ended; nothing irreversible had begun.")
    );
}

#[tokio::test]
async fn no_permit_is_promised_while_looks_are_missing() {
    let mut room = room_that_asks("").await;
    for who in [BOB, CAROL] {
        room.as_says(who, "approve 1").await.is("done", &[]);
    }
    let missing = "2 observers needed who looked at the action themselves, so far alice: another one looks, then `action cn-hangzhou/orders downgrade`; then `next 1` gives the permit";
    assert!(room.transcript().contains(&format!("alice: {missing}.")));
    room.as_says("eve viewer", "change 1").await.has(missing);
    room.as_says(DAVE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says("eve viewer", "change 1")
        .await
        .has("Next: unsubscribe: `next 1` gives the permit for it.");
}

const STANDARD: &str =
    "id,name,region,edition\nMQ_INST_1080056302921134_BXuIbML7,orders,cn-hangzhou,standard\n";

/// The listing that a machine takes every hour may be read before the holder of the permit says that it is done.
#[rstest]
#[case::while_it_holds("5m")]
#[case::after_it_lapsed("2h")]
#[tokio::test]
async fn a_listing_that_shows_the_result_of_a_permit_is_no_step_outside(#[case] after: &str) {
    let mut room = room_with_permit().await;
    room.passes(after).await;
    room.imports("", STANDARD)
        .await
        .is("done", &[])
        .has("unsubscribe done, as the facts show")
        .has("the change is done")
        .lacks("OUTSIDE");
    room.as_says(ALICE, "confirm 1 unsubscribe")
        .await
        .is("already_done", &[]);
    room.as_says(ALICE, "change 1")
        .await
        .has("2/2 (bob, carol); used")
        .lacks("OUTSIDE")
        .lacks("void");
    let all = room.transcript();
    assert!(
        !all.contains("OUTSIDE") && !all.contains("Stop, alice"),
        "{all}"
    );
    // It is known how it ended, and nobody is asked.
    room.as_says(ALICE, "todo").await.lacks("orders");
    // Where the listing was wrong, it is said what to take back.
    room.passes("1d").await;
    room.imports("", &STANDARD.replace("standard", "platinum"))
        .await
        .is("done", &[])
        .has("not Standard after all");
    room.passes("1m").await;
    let all = room.transcript();
    assert!(
        all.contains("`reopen 1 verify-standard --reason TEXT` continues it"),
        "{all}"
    );
}

/// A listing that was read before the permit was given says nothing of what was done with it.
#[tokio::test]
async fn a_listing_from_before_a_permit_shows_no_result_of_it() {
    let mut room = room_that_asks("").await;
    room.passes("1h").await;
    for who in [BOB, CAROL] {
        room.as_says(who, "approve 1 --seen downgrade")
            .await
            .is("done", &[]);
    }
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
    room.passes("5m").await;
    room.imports("--at 2026-01-01T00:30:00Z", STANDARD)
        .await
        .has("verify-standard done OUTSIDE the warden")
        .lacks("unsubscribe done");
}

#[tokio::test]
async fn an_upgrade_that_a_listing_shows_while_its_permit_holds_is_not_outside() {
    let mut room = Room::of_team().await;
    let line =
        format!("instance add {ORDERS} --name orders --region cn-hangzhou --edition standard");
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(ALICE, "upgrade orders")
        .await
        .is("needs_approval", &[]);
    room.as_says(BOB, "approve 1").await.is("done", &[]);
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
    room.passes("5m").await;
    room.imports("", &STANDARD.replace("standard", "platinum"))
        .await
        .has("upgrade done, as the facts show");
    let all = room.transcript();
    assert!(
        !all.contains("OUTSIDE") && !all.contains("Stop, alice"),
        "{all}"
    );
}

/// A permit that was withdrawn may have been used: the one who used it is told how to say so, whatever is asked for again.
#[tokio::test]
async fn what_was_done_with_a_withdrawn_permit_can_be_said() {
    let mut room = room_with_permit().await;
    room.as_says(ALICE, "instance set orders --max-tps 3000")
        .await
        .is("done", &[])
        .has("the permit for unsubscribe is withdrawn");
    room.as_says(ALICE, "confirm 1 unsubscribe")
        .await
        .is("needs_approval", &[])
        .has("`confirm 1 unsubscribe --outside --reason TEXT`");
    room.as_says(ALICE, "confirm 1 unsubscribe --outside --reason pressed")
        .await
        .is("done", &[]);
}

#[tokio::test]
async fn what_was_done_with_the_permit_of_a_rejected_change_can_be_said() {
    let mut room = room_with_permit().await;
    room.as_says(CAROL, "reject 1 --reason wrong")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "confirm 1 unsubscribe")
        .await
        .is("blocked", &[])
        .has("`instance set cn-hangzhou/orders --edition <standard|platinum>`")
        .lacks("STEP");
}

/// From the expiry on nobody unsubscribes, so nobody is asked to approve it any more.
#[tokio::test]
async fn the_request_to_unsubscribe_ends_with_the_expiry() {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-01-04 --auto-renew off --action downgrade"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.passes("2d").await;
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await
        .is("needs_approval", &[]);
    room.passes("1d").await;
    let before = room.transcript().len();
    room.passes("5d").await;
    let said = &room.transcript()[before..];
    for wrong in [
        "Still waiting for approval",
        "Not enough people answer",
        "has lapsed",
        "is void",
    ] {
        assert!(!said.contains(wrong), "{said}");
    }
    room.as_says(ALICE, "change 1").await.lacks("open until");
}
