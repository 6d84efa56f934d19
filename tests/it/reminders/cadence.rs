//! Every row of the cadence table, over months: the exact sequence of posts.

use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester team:payments";
const BOB: &str = "bob approver";

pub(super) async fn room(edition: &str, options: &str) -> Room {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition {edition} {options}"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room
}

async fn platinum(options: &str) -> Room {
    room("platinum", &format!("--expires 2026-03-01 {options}")).await
}

/// 2026-01-01 is 58 days and 16 hours before the expiry.
#[tokio::test]
async fn the_action_is_delete() {
    let mut room = platinum("--action delete --team payments").await;
    room.passes("50d").await;
    room.as_says(ALICE, "action orders delete").await;
    room.passes("30d").await;
    room.as_says(ALICE, "reminders orders").await;
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn nobody_knows_the_action() {
    let mut room = platinum("--channel ops").await;
    room.passes("61d").await;
    room.as_says(ALICE, "action orders delete")
        .await
        .is("done", &[]);
    room.passes("7d").await;
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn what_was_known_is_stale() {
    let mut room = platinum("--action downgrade").await;
    room.passes("56d").await;
    room.as_says(ALICE, "instance lost orders --reason gone")
        .await
        .is("done", &[]);
    room.passes("20d").await;
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn the_action_is_downgrade() {
    let mut room = platinum("").await;
    for (wait, _) in [
        ("27d", ""),
        ("6d", ""),
        ("6d", ""),
        ("6d", ""),
        ("6d", ""),
        ("6d", ""),
    ] {
        room.passes(wait).await;
        room.as_says(ALICE, "action orders downgrade")
            .await
            .is("done", &[]);
    }
    room.passes("11d").await;
    room.as_says(ALICE, "instance set orders --edition standard")
        .await
        .is("done", &[]);
    room.passes("20d").await;
    room.as_says(ALICE, "reminders orders").await;
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn it_renews_itself() {
    let mut room = platinum("--auto-renew on").await;
    room.passes("57d").await;
    room.as_says(ALICE, "instance set orders --expires 2026-04-01")
        .await
        .is("done", &[]);
    room.passes("40d").await;
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn a_downgrade_is_open_and_auto_renewal_charges() {
    let mut room = platinum("").await;
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await
        .is("allowed", &[]);
    room.passes("47d").await;
    room.as_says(ALICE, "instance set orders --auto-renew off")
        .await
        .is("done", &[]);
    room.passes("3d").await;
    insta::assert_snapshot!(room.transcript());
}

/// What a reply has said is told within a day of it, before the quiet hours in which that day ends.
#[tokio::test]
async fn the_first_post_comes_before_the_quiet_hours_in_which_its_day_ends() {
    use edition_warden::domain::reminder::{Cadence, Quiet};
    let cadence = Cadence {
        quiet: Some(Quiet::parse("22:00-08:00").unwrap()),
        ..Cadence::default()
    };
    let mut room = Room::of_team_with(cadence).await;
    room.passes("3h").await;
    let line =
        format!("instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum");
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.passes("1d").await;
    let heard = room.transcript();
    assert!(heard.contains("When does orders expire?"), "{heard}");
    assert!(heard.contains("2026-01-01T21:59"), "{heard}");
}

/// Who says that they know is not told at that moment what has passed unsaid.
#[tokio::test]
async fn an_acknowledgement_posts_nothing_by_itself() {
    let mut room = platinum("--action delete").await;
    let posts = |room: &Room| room.transcript().matches("» ").count();
    room.passes("1426h").await;
    room.as_says(ALICE, "ack orders").await.is("done", &[]);
    // By the word of the day before, the reminder after 36 h was left out.
    room.passes("25h").await;
    let before = posts(&room);
    room.as_says(ALICE, "ack orders").await.is("done", &[]);
    room.passes("1m").await;
    assert_eq!(posts(&room), before, "{}", room.transcript());
}

/// What has expired is not charged for any more: a downgrade that is opened then is told nothing of it.
#[tokio::test]
async fn what_has_expired_is_not_said_to_charge() {
    let mut room = platinum("").await;
    room.passes("61d").await;
    room.as_says(ALICE, "downgrade orders --by expiry")
        .await
        .is("allowed", &[]);
    room.passes("5d").await;
    let heard = room.transcript();
    assert!(!heard.contains("Auto-renewal charges"), "{heard}");
}

#[tokio::test]
async fn a_change_waits_for_the_expiry() {
    let mut room = platinum("--auto-renew off").await;
    room.as_says(ALICE, "downgrade orders --by expiry")
        .await
        .is("allowed", &[]);
    room.passes("50d").await;
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(BOB, "approve 1").await.is("done", &[]);
    room.passes("7d").await;
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.passes("4d").await;
    room.as_says(ALICE, "confirm 1 verify-standard")
        .await
        .is("done", &[]);
    room.passes("10d").await;
    room.as_says(ALICE, "reminders orders").await;
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn an_upgrade_waits_for_its_expiry_and_its_action() {
    let mut room = room("standard", "").await;
    room.as_says(ALICE, "upgrade orders").await;
    room.as_says(BOB, "approve 1").await.is("done", &[]);
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
    room.as_says(ALICE, "confirm 1 upgrade")
        .await
        .is("done", &[]);
    room.passes("3d").await;
    room.as_says(ALICE, "confirm 1 record-expiry --expires 2026-12-01")
        .await
        .is("done", &[]);
    room.passes("8d").await;
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.passes("30d").await;
    insta::assert_snapshot!(room.transcript());
}

/// The alert of its change says that it waits and that it is presumed deleted: the reminders do not.
#[tokio::test]
async fn a_downgrade_expires_in_doubt() {
    let mut room = platinum("--auto-renew off --action delete").await;
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await
        .is("allowed", &[]);
    room.passes("55d").await;
    room.as_says(ALICE, "ack orders").await.is("done", &[]);
    room.passes("12d").await;
    room.as_says(ALICE, "reminders orders").await;
    insta::assert_snapshot!(room.transcript());
}

/// What a deletion takes is counted where that is known, before expiry, after it, and in the judgement.
#[tokio::test]
async fn what_would_be_deleted_is_counted() {
    let mut room = platinum("--action delete --topics 30 --groups 1").await;
    room.passes("50d").await;
    room.as_says(ALICE, "action orders delete")
        .await
        .is("done", &[]);
    room.passes("2d").await;
    assert!(
        room.transcript().contains(
            "from then on it, its 30 topics and 1 group will be deleted and cannot be restored"
        ),
        "{}",
        room.transcript()
    );
    room.as_says(
        ALICE,
        "instance set orders --topics 1042 --groups 0 --action delete",
    )
    .await
    .is("done", &[]);
    room.as_says(ALICE, "check unsubscribe orders")
        .await
        .has("would delete the instance, its 1,042 topics and 0 groups for good");
    room.passes("5d").await;
    room.as_says(ALICE, "action orders delete")
        .await
        .is("done", &[]);
    room.passes("3d").await;
    assert!(
        room.transcript()
            .contains("it, its 1,042 topics and 0 groups may be deleted at any moment"),
        "{}",
        room.transcript()
    );
}
