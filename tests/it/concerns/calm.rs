//! Where there is nothing to do, nobody is called; and of one thing one post is enough.

use super::histories::{Heard, posts};
use super::{ALICE, platinum};
use crate::harness::Room;

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
