//! Statements after an exit or an expiry do not change the state that was found then.

use rstest::rstest;

use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester team:payments";
const BOB: &str = "bob approver";
const DORA: &str = "dora requester team:payments";
const CAROL: &str = "carol approver team:payments";

async fn room(facts: &str) -> Room {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --team payments --edition platinum --auto-renew off --commodity-id ons-cn-0pp1abc2d34 --max-tps 3000 {facts}"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room
}

/// It was unsubscribed in the console while its action was Delete.
async fn unsubscribed_on_delete() -> Room {
    let mut room = room("--expires 2026-03-01 --action delete").await;
    for line in [
        "downgrade orders --by unsubscribe",
        "confirm 1 unsubscribe --outside --reason x",
    ] {
        room.as_says(ALICE, line).await;
    }
    room.passes("1h").await;
    room
}

async fn said_within(room: &mut Room, span: &str) -> String {
    let before = room.transcript().len();
    room.passes(span).await;
    room.transcript()[before..].to_owned()
}

fn released(on: &str) -> String {
    format!("notice Your instance {ORDERS} will be released on {on}.")
}

#[rstest]
#[case::downgrade("action orders downgrade", "shown as Platinum since")]
#[case::unknown("instance set orders --action unknown", "deletes it at once")]
#[case::another_expiry("instance set orders --expires 2027-03-01", "shown as Platinum since")]
#[tokio::test]
async fn a_word_after_an_exit_on_delete_does_not_make_it_good(
    #[case] line: &str,
    #[case] open: &str,
) {
    let mut room = unsubscribed_on_delete().await;
    room.as_says(ALICE, line).await;
    room.as_says(ALICE, "todo").await.has(open);
    room.as_says(ALICE, "confirm 1 verify-standard")
        .await
        .has("is not done");
    room.as_says(ALICE, &released("2026-03-08"))
        .await
        .is("raised", &[]);
    let said = said_within(&mut room, "1d").await;
    assert!(
        said.contains("orders is reported as unsubscribed"),
        "{said}"
    );
    assert!(said.contains("· @"), "{said}");
}

/// Its change is cancelled, and the exit stays what it was.
#[tokio::test]
async fn nor_does_one_after_its_change_has_ended() {
    let mut room = unsubscribed_on_delete().await;
    for line in [
        "cancel 1 --reason z",
        "action orders downgrade",
        "instance set orders --edition standard",
    ] {
        room.as_says(ALICE, line).await;
    }
    room.as_says(ALICE, &released("2026-03-08"))
        .await
        .is("raised", &[]);
    room.as_says(ALICE, "todo").await.has("orders");
}

/// A second person says the same, and that is the end of it.
#[tokio::test]
async fn two_persons_settle_it() {
    let mut room = unsubscribed_on_delete().await;
    room.as_says(ALICE, "action orders downgrade").await;
    room.as_says(ALICE, "confirm 1 verify-standard").await;
    room.as_says(DORA, "confirm 1 verify-standard")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "todo").await.has("Nothing to do");
}

/// `orders` expired 32 hours ago, and its action was seen to be this.
async fn expired(action: &str) -> Room {
    let mut room = room(&format!("--expires 2026-02-01 --action {action}")).await;
    room.passes("29d").await;
    room.as_says(ALICE, &format!("action orders {action}"))
        .await;
    room.passes("3d").await;
    room
}

#[tokio::test]
async fn downgrade_after_an_expiry_on_delete_does_not_end_its_reminders() {
    let mut room = expired("delete").await;
    room.as_says(ALICE, "action orders downgrade").await;
    room.as_says(ALICE, &released("2026-02-08"))
        .await
        .is("raised", &[])
        .lacks("Probably redundant");
    let said = said_within(&mut room, "3d").await;
    let posts: Vec<&str> = said.split("\n» ").skip(1).collect();
    let about = |post: &&&str| post.contains("may be deleted at any moment");
    let rows = posts.iter().filter(about).count();
    assert!((5..=7).contains(&rows), "{rows}: {said}");
    assert!(
        posts.iter().filter(about).all(|post| post.contains('@')),
        "{said}"
    );
    assert!(
        said.contains("Downgrade was said only after that"),
        "{said}"
    );
    assert!(!said.contains("turns into Standard"), "{said}");
}

/// A change that goes on after it has not left by it: one person's Standard is no proof.
#[tokio::test]
async fn a_change_does_not_make_such_an_expiry_good() {
    let mut room = room("--expires 2026-02-01 --action delete").await;
    room.as_says(ALICE, "downgrade orders --by expiry").await;
    room.passes("32d").await;
    room.as_says(ALICE, "next 1").await;
    room.as_says(ALICE, "confirm 1 set-action").await;
    room.passes("1d").await;
    room.as_says(ALICE, "confirm 1 verify-standard")
        .await
        .has("is not done");
    room.as_says(ALICE, &released("2026-02-08"))
        .await
        .is("raised", &[]);
    let said = said_within(&mut room, "1d").await;
    assert!(said.contains("may be deleted at any moment"), "{said}");
}

#[tokio::test]
async fn nor_is_one_person_believed_without_a_change() {
    let mut room = expired("delete").await;
    room.as_says(ALICE, "action orders downgrade").await;
    room.as_says(ALICE, "instance set orders --edition standard")
        .await;
    room.as_says(ALICE, "todo").await.has("contradictory");
}

/// The wrong row was said to be Standard: the expiry is back, and so are its reminders.
#[rstest]
#[case::platinum("instance set orders --edition platinum")]
#[case::unknown("instance set orders --edition unknown")]
#[tokio::test]
async fn standard_that_is_corrected_brings_the_expiry_back(#[case] line: &str) {
    let mut room = expired("downgrade").await;
    room.as_says(ALICE, "instance set orders --edition standard")
        .await
        .is("done", &[]);
    room.passes("1h").await;
    room.as_says(ALICE, line).await;
    room.as_says(ALICE, "todo")
        .await
        .has("2026-02-01")
        .lacks("upgrade");
    let said = said_within(&mut room, "7d").await;
    let rows = said.matches("may be deleted at any moment").count();
    assert!((8..=16).contains(&rows), "{rows}: {said}");
    assert!(said.contains("presumed deleted"), "{said}");
}

/// It was unsubscribed before its expiry, and is Platinum just after that.
#[tokio::test]
async fn also_after_an_unsubscription() {
    let mut room = room("--expires 2026-03-01 --action downgrade").await;
    for (who, line) in [
        (ALICE, "downgrade orders --by unsubscribe"),
        (BOB, "approve 1 --seen downgrade"),
        (CAROL, "approve 1 --seen downgrade"),
        (ALICE, "next 1"),
        (ALICE, "confirm 1 unsubscribe"),
        (ALICE, "confirm 1 verify-standard"),
    ] {
        room.as_says(who, line).await;
    }
    room.passes("63d").await;
    room.as_says(ALICE, "instance set orders --edition platinum")
        .await;
    room.as_says(ALICE, "todo")
        .await
        .has("not said since it was Standard")
        .lacks("upgrade");
    let said = said_within(&mut room, "2d").await;
    assert!(said.contains("expired 2026-03-01"), "{said}");
    assert!(said.contains("may be deleted at any moment"), "{said}");
}

/// The wrong row was renewed, and that is withdrawn.
#[rstest]
#[case::before_the_expiry("2026-02-10", "3d", "2026-02-10")]
#[case::after_it("2026-02-01", "1d", "2026-02-01")]
#[tokio::test]
async fn a_renewal_that_is_unsaid_leaves_the_expiry_before_it(
    #[case] expires: &str,
    #[case] within: &str,
    #[case] named: &str,
) {
    let mut room = room(&format!("--expires {expires} --action delete")).await;
    room.passes("33d").await;
    room.as_says(ALICE, "instance set orders --expires 2027-02-10")
        .await
        .is("done", &[]);
    room.passes("10m").await;
    room.as_says(ALICE, "instance set orders --expires unknown")
        .await
        .has(&format!("its reminders still go by {named}"));
    // Until then a digest may have said it.
    room.passes("30h").await;
    let said = said_within(&mut room, within).await;
    assert!(said.contains(named), "{said}");
    room.passes("11d").await;
    let posts = room.transcript();
    assert!(posts.contains("presumed deleted"), "{posts}");
}

/// Recorded a month late, in one minute: what it waited for is over, and only that is said.
#[tokio::test]
async fn what_has_failed_meanwhile_does_not_wait() {
    let mut room = Room::of_team().await;
    for line in [
        format!(
            "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-01-20 --action delete"
        ),
        "downgrade orders --by unsubscribe".to_owned(),
    ] {
        room.says("alice", &line).await;
    }
    room.advance("40d");
    room.passes("1m").await;
    let said = room.transcript();
    assert!(said.contains("#1 failed"), "{said}");
    assert!(!said.contains("it may be deleted at any moment"), "{said}");
}

/// What a reply or a reminder proposes can be typed, and is not refused.
#[tokio::test]
async fn no_opening_is_proposed_that_is_refused() {
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-01-20 --team payments"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    room.passes("13d").await;
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.passes("3d").await;
    let said = room.transcript().to_owned();
    assert!(
        !said.contains("`downgrade cn-hangzhou/orders --by expiry` to follow it"),
        "{said}"
    );
    assert!(
        said.contains("a downgrade `--by expiry` once its auto-renewal is known to be off"),
        "{said}"
    );
    room.as_says(ALICE, "check expiry orders")
        .await
        .lacks("opens it");
    room.as_says(ALICE, "check unsubscribe orders")
        .await
        .has("`downgrade cn-hangzhou/orders --by unsubscribe` opens it");
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await
        .is("allowed", &[]);
    room.as_says(ALICE, "check expiry orders")
        .await
        .has("(#1 is open, one at a time)");
    room.as_says("root admin", "instance lost orders --reason x")
        .await
        .is("done", &[]);
    for line in ["cancel 1 --reason y", "fail 1 --reason y"] {
        room.as_says(ALICE, line)
            .await
            .has("instance remove MQ_INST")
            .lacks("instance set");
    }
    room.as_says(ALICE, "ack orders")
        .await
        .has("recorded as deleted")
        .lacks("does not expire");
}

/// An upgrade that is taken back leaves nobody knowing its edition: nothing is asked for before that is said.
#[tokio::test]
async fn what_is_asked_for_after_a_step_was_taken_back_can_be_asked() {
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition standard --team payments"
    );
    for (who, line) in [
        (ALICE, add.as_str()),
        (ALICE, "upgrade orders"),
        (BOB, "approve 1"),
        (ALICE, "next 1"),
        (ALICE, "confirm 1 upgrade"),
    ] {
        room.as_says(who, line).await;
    }
    room.as_says(ALICE, "reopen 1 upgrade --reason x")
        .await
        .is("done", &[])
        .has("`instance set cn-hangzhou/orders --edition <standard|platinum>`, then `next 1` asks");
}

/// An unsubscription that nobody has followed up may not have happened: the last days before the expiry call people all the same.
#[rstest]
#[case::confirmed(&["action orders downgrade", "downgrade orders --by unsubscribe", "confirm 1 unsubscribe --outside --reason x"])]
#[case::taken_back_at_the_end(&["action orders downgrade", "downgrade orders --by unsubscribe", "confirm 1 unsubscribe --outside --reason x", "confirm 1 verify-standard", "reopen 1 verify-standard --reason x"])]
#[tokio::test]
async fn an_unsubscription_nobody_followed_up_is_reminded_of_before_the_expiry(
    #[case] lines: &[&str],
) {
    let mut room = room("--expires 2026-03-01").await;
    for line in lines {
        room.as_says(ALICE, line).await;
    }
    room.passes("55d").await;
    let before = room.transcript().len();
    room.passes("3d").await;
    let said = &room.transcript()[before..];
    assert!(said.contains("orders expires"), "{said}");
    assert!(said.contains("@team:payments"), "{said}");
    assert!(
        said.contains("It is reported as unsubscribed (#1)"),
        "{said}"
    );
}

/// After an expiry that did not find Downgrade, who sees Standard is told how to say so, and a permit promises nothing.
#[tokio::test]
async fn after_such_an_expiry_standard_can_be_said() {
    let mut room = room("--expires 2026-01-20 --action downgrade").await;
    room.as_says(ALICE, "downgrade orders --by expiry").await;
    room.passes("21d").await;
    room.as_says(ALICE, "confirm 1 await-expiry")
        .await
        .is("blocked", &["release-after-7-days"])
        .has("`instance set cn-hangzhou/orders --edition standard`");
    room.as_says(ALICE, "next 1")
        .await
        .has("It has expired, so this may come too late")
        .lacks("From then on an exit turns it into Standard");
}
