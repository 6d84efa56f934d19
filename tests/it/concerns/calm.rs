//! Where there is nothing to do, nobody is called; and of one thing one post is enough.

use rstest::rstest;

use super::histories::{Heard, posts};
use super::{ALICE, platinum};
use crate::harness::{ORDERS, Room, STOCK};

const BOB: &str = "bob approver";

/// The posts of a time in which nobody types, digests aside.
async fn within(room: &mut Room, span: &str) -> Vec<Heard> {
    let since = room.transcript().len();
    room.passes(span).await;
    let mut heard = posts(room, since);
    heard.retain(|post| !post.is_digest());
    heard
}

/// Those that call somebody.
fn calls(heard: &[Heard]) -> Vec<&Heard> {
    heard
        .iter()
        .filter(|post| post.head.contains('@'))
        .collect()
}

/// All is done and approved long before the expiry: only in the last days is there something to look at again.
#[tokio::test]
async fn a_downgrade_that_waits_for_its_expiry_calls_nobody_before_the_last_days() {
    let mut room = platinum("--expires 2026-04-01 --action downgrade --auto-renew off").await;
    room.as_says(ALICE, "downgrade orders --by expiry").await;
    let before = room.transcript().len();
    room.as_says(BOB, "approve 1").await.is("done", &[]);
    room.passes("1m").await;
    let approved = posts(&room, before);
    assert!(approved.is_empty(), "{approved:?}");
    // Up to 2026-03-24.
    let heard = within(&mut room, "82d").await;
    assert!(calls(&heard).is_empty(), "{heard:?}");
    assert_eq!(heard.len(), 1, "the day of the table: {heard:?}");
    assert!(
        heard[0]
            .text
            .contains("if its action is still Downgrade then"),
        "{heard:?}"
    );
    assert!(
        heard[0]
            .text
            .contains("Next: wait, and look again in the last days"),
        "{heard:?}"
    );
    room.as_says(ALICE, "todo").await.has("Noted");
    // From seven days before the expiry on another look lasts until then.
    let heard = within(&mut room, "2d").await;
    assert_eq!(calls(&heard).len(), 1, "{heard:?}");
    let heard = within(&mut room, "6d").await;
    assert!(calls(&heard).len() >= 2, "{heard:?}");
}

/// The lapse itself calls who opened it: that it waits is not said again the next day.
#[tokio::test]
async fn a_lapsed_request_is_the_first_post_of_the_change_that_waits() {
    let mut room = platinum("--expires 2026-12-01 --action downgrade --auto-renew off").await;
    room.as_says(ALICE, "downgrade orders --by expiry").await;
    room.passes("71h").await;
    let heard = within(&mut room, "2d").await;
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert!(heard[0].text.contains("has lapsed"), "{heard:?}");
    assert!(heard[0].head.contains("@alice"), "{heard:?}");
    let heard = within(&mut room, "2d").await;
    let waits = |post: &&Heard| post.text.contains("#1 of orders waits");
    assert_eq!(heard.iter().filter(waits).count(), 1, "{heard:?}");
}

/// Notices that come back in one channel at one moment are one message, a line each, with the people mentioned once.
#[tokio::test]
async fn notices_that_come_back_together_are_one_message() {
    let mut room = platinum("--expires 2026-12-01 --action delete --auto-renew off").await;
    let stock = format!(
        "instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires 2026-12-01 --action delete --auto-renew off --team payments"
    );
    room.as_says(ALICE, &stock).await.is("done", &[]);
    room.passes("1h").await;
    let since = room.transcript().len();
    for id in [ORDERS, STOCK] {
        let notice = format!("notice Your instance {id} will be released on 2026-06-27.");
        room.as_says(ALICE, &notice).await.is("raised", &[]);
    }
    room.passes("1m").await;
    let first = posts(&room, since);
    assert_eq!(
        first.len(),
        2,
        "each is an answer to what came in: {first:?}"
    );
    for span in ["1d", "2d"] {
        let heard = within(&mut room, span).await;
        assert_eq!(heard.len(), 1, "{heard:?}");
        let text = &heard[0].text;
        assert!(text.contains("2 notices are raised"), "{text}");
        assert!(
            text.contains("notice 1, a release notice for orders."),
            "{text}"
        );
        assert!(
            text.contains("notice 2, a release notice for stock."),
            "{text}"
        );
        assert!(text.contains("`ack notice 2` acknowledges it"), "{text}");
        assert_eq!(
            heard[0].head.matches("@team:payments").count(),
            1,
            "{heard:?}"
        );
    }
    // One that is settled is not said again, and the other is a post of its own.
    room.as_says(ALICE, "ack notice 1").await.is("done", &[]);
    let heard = within(&mut room, "4d").await;
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert!(heard[0].text.starts_with("  Raised (told"), "{heard:?}");
    assert!(heard[0].head.contains("@role:approver"), "{heard:?}");
}

/// On a day with a reminder of the expiry, a notice that comes back is said there, and calls there whom it would call.
#[tokio::test]
async fn a_notice_comes_back_with_the_reminder_of_its_day() {
    let mut room = platinum("--expires 2026-01-29").await;
    room.passes("14d").await;
    let notice = format!("notice {ORDERS} is to be changed");
    room.as_says(ALICE, &notice).await.is("raised", &[]);
    within(&mut room, "4d").await;
    // The seventh day after it is the seventh before the expiry.
    let heard = within(&mut room, "4d").await;
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert!(heard[0].text.contains("orders expires"), "{heard:?}");
    assert!(
        heard[0].text.contains("Raised about it: notice 1"),
        "{heard:?}"
    );
    assert!(heard[0].head.contains("@role:approver"), "{heard:?}");
    assert!(heard[0].head.contains("@team:payments"), "{heard:?}");
}

/// Approvals that were enough and lapse together are one post, which calls who could have used them.
#[tokio::test]
async fn approvals_that_nobody_used_are_one_post() {
    let mut room = platinum("--expires 2026-12-01 --action downgrade --auto-renew off").await;
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await;
    for who in [BOB, "carol approver team:payments"] {
        room.as_says(who, "approve 1 --seen downgrade").await;
    }
    room.passes("1m").await;
    let heard = within(&mut room, "25h").await;
    let lapsed: Vec<&Heard> = heard
        .iter()
        .filter(|post| post.text.contains("has lapsed"))
        .collect();
    assert_eq!(lapsed.len(), 1, "{heard:?}");
    let post = lapsed[0];
    assert!(post.head.contains("@alice"), "{post:?}");
    assert!(
        post.text.contains("was approved, and no permit was taken"),
        "{post:?}"
    );
    assert!(
        post.text.contains("by bob and carol has lapsed"),
        "{post:?}"
    );
    assert!(!post.head.contains("@bob"), "{post:?}");
    // Nobody is told that not enough people answer, and asking again calls them again.
    let heard = within(&mut room, "20h").await;
    assert!(heard.is_empty(), "{heard:?}");
    let since = room.transcript().len();
    room.as_says(ALICE, "action orders downgrade").await;
    room.as_says(ALICE, "next 1")
        .await
        .is("needs_approval", &[]);
    room.passes("1m").await;
    let asked = posts(&room, since);
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].text.contains("Approval asked"), "{asked:?}");
}

/// Of two warnings of one kind only the later comes back on the first days, whatever copies there are of either; none of them silences
/// all.
#[tokio::test]
async fn a_later_notice_comes_back_for_the_earlier() {
    let mut room = platinum("--expires 2026-12-01 --action delete --auto-renew off").await;
    let notice =
        |day: u32| format!("notice Your instance {ORDERS} will be released on 2026-06-{day}.");
    for (day, wait) in [(27, "2h"), (28, "26h"), (27, "1h")] {
        room.as_says(ALICE, &notice(day)).await;
        within(&mut room, wait).await;
    }
    let heard = within(&mut room, "4d").await;
    let about: Vec<&Heard> = heard
        .iter()
        .filter(|post| post.text.contains("Raised (told"))
        .collect();
    assert!(!about.is_empty(), "{heard:?}");
    for post in about {
        assert!(post.head.contains("@team:payments"), "{post:?}");
    }
}

/// What was set is looked at again, and not set again: while the look is too old there is no permit, and nobody is asked whether one
/// was used.
#[rstest]
#[case::still_downgrade("action orders downgrade", None)]
#[case::on_delete("action orders delete", Some("permit for `set-action`"))]
#[case::renewed(
    "instance set orders --expires 2026-07-01",
    Some("permit for `set-action`")
)]
#[tokio::test]
async fn an_old_look_is_no_step_to_set_the_action_again(
    #[case] then: &str,
    #[case] permits: Option<&str>,
) {
    let mut room = platinum("--expires 2026-04-01 --action downgrade --auto-renew off").await;
    room.as_says(ALICE, "downgrade orders --by expiry").await;
    room.as_says(BOB, "approve 1").await.is("done", &[]);
    room.passes("20d").await;
    room.as_says(ALICE, "todo")
        .await
        .has("wait, and look again in the last days before the expiry");
    room.as_says(ALICE, "next 1")
        .await
        .is("inconclusive", &["action-known"])
        .has("the last look at the action is older than 7d")
        .has("wait, and look again in the last days before the expiry")
        .lacks("permit for");
    room.as_says(ALICE, "confirm 1 set-action")
        .await
        .is("inconclusive", &["action-known"])
        .has("`action cn-hangzhou/orders <downgrade|delete>`");
    let heard = within(&mut room, "6d").await;
    assert!(calls(&heard).is_empty(), "{heard:?}");
    // In one line nothing stands twice.
    room.passes("42d").await;
    let heard = room.as_says(ALICE, "todo").await;
    for line in heard.text.lines() {
        let times = line.matches("Post-expiration Action").count();
        assert!(times <= 1, "{line}");
    }
    room.as_says(ALICE, then).await.is("done", &[]);
    let heard = room.as_says(ALICE, "next 1").await;
    match permits {
        Some(said) => heard.has(said),
        None => heard.lacks("set-action"),
    };
}
