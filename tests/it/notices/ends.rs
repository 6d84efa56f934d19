//! How suppressions end, and what settles them for good.

use rstest::rstest;

use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester team:payments";
const BOB: &str = "bob approver";
const RULE: &[&str] = &["release-notice-redundant"];

fn dated(date: &str) -> String {
    format!("notice Your instance {ORDERS} will be released on {date}.")
}

async fn room() -> Room {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --auto-renew off"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room
}

/// A file that says otherwise makes the action contradictory: nothing is suppressed on that.
#[tokio::test]
async fn a_contradiction_ends_a_suppression() {
    let mut room = room().await;
    room.passes("54d").await;
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, &dated("2026-03-08"))
        .await
        .is("suppressed", RULE);
    room.passes("1h").await;
    room.imports("", &format!("id,action\n{ORDERS},delete\n"))
        .await
        .is("done", &[]);
    room.passes("1m").await;
    let listed = room.as_says(ALICE, "notices orders").await;
    listed.has("suppressed, then raised: two sources disagree on the action now");
    assert!(room.transcript().contains("» console · notice · @"));
    room.as_says(ALICE, &dated("2026-03-07"))
        .await
        .is("raised", &[]);
}

/// A moved expiry raises what was suppressed for the old one, whatever else is known.
#[tokio::test]
async fn a_moved_expiry_ends_a_suppression() {
    let mut room = room().await;
    room.passes("54d").await;
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, &dated("2026-03-08"))
        .await
        .is("suppressed", RULE);
    room.as_says(ALICE, "instance set orders --expires 2026-04-01")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "notices orders")
        .await
        .has("suppressed, then raised: the expiry has moved");
    room.as_says(ALICE, "suppressed")
        .await
        .has("suppressed, then raised");
}

/// What Standard proved is raised when that is taken back, and for no other reason than this.
#[tokio::test]
async fn a_conversion_that_is_taken_back_is_called_so() {
    let mut room = room().await;
    room.passes("54d").await;
    for line in [
        "action orders downgrade".to_owned(),
        dated("2026-03-08"),
        "downgrade orders --by unsubscribe".to_owned(),
        "confirm 1 unsubscribe --outside --reason x".to_owned(),
        "confirm 1 verify-standard".to_owned(),
        dated("2026-03-07"),
        "reopen 1 verify-standard --reason slip".to_owned(),
    ] {
        room.as_says(ALICE, &line).await;
        room.passes("1h").await;
    }
    let because = "suppressed, then raised: that it became Standard is not known any more";
    let listed = room.as_says(ALICE, "notices orders").await;
    listed.lacks("the expiry has moved");
    assert_eq!(listed.text.matches(because).count(), 2, "{}", listed.text);
}

/// What time settles is no longer open, and the digest says so.
#[tokio::test]
async fn a_notice_that_time_settles_is_no_longer_open() {
    let mut room = room().await;
    for line in [
        "action orders downgrade".to_owned(),
        "downgrade orders --by unsubscribe".to_owned(),
        "confirm 1 unsubscribe --outside --reason x".to_owned(),
        "confirm 1 verify-standard".to_owned(),
    ] {
        room.as_says(ALICE, &line).await;
    }
    // The digest comes on a Monday; 2026-01-12 is one.
    room.passes("12d").await;
    let gone = format!("notice Your instance {ORDERS} has been released.");
    room.as_says(ALICE, &gone).await.is("raised", &[]);
    room.passes("2d").await;
    room.as_says(ALICE, "todo").await.has("Nothing to do");
    let before = room.transcript().len();
    room.passes("6d").await;
    let said = &room.transcript()[before..];
    assert!(said.contains("orders: a raised notice"), "{said}");
}

/// Another answer of the rule is no repetition.
#[tokio::test]
async fn what_is_judged_otherwise_is_no_duplicate() {
    let mut room = room().await;
    room.passes("54d").await;
    room.as_says(ALICE, &dated("2026-03-08"))
        .await
        .is("raised", &[]);
    room.as_says(ALICE, &dated("2026-03-08"))
        .await
        .is("duplicate", &[]);
    room.as_says(ALICE, "ack notice 1").await.is("done", &[]);
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, &dated("2026-03-08"))
        .await
        .is("suppressed", RULE);
    room.as_says(ALICE, &dated("2026-03-07"))
        .await
        .is("suppressed", RULE);
    room.passes("25h").await;
    room.as_says(ALICE, &dated("2026-03-08"))
        .await
        .is("suppressed", RULE);
    room.as_says(ALICE, "notices orders")
        .await
        .has("said again: once");
}

/// Without an id the same text is the same notice.
#[tokio::test]
async fn without_an_id_the_text_is_compared() {
    let mut room = room().await;
    let text = "notice An instance of yours will be released, see the console";
    room.as_says(ALICE, text).await.is("raised", &[]);
    room.as_says(ALICE, &text.replace("see  the", "see the"))
        .await
        .is("duplicate", &[]);
    room.as_says(ALICE, &text.replace("see", "look at"))
        .await
        .is("raised", &[]);
}

/// The way of the manual: nothing is posted of any notice, from the first to long after.
#[tokio::test]
async fn a_confirmed_verify_standard_settles_for_good() {
    let mut room = room().await;
    room.as_says(ALICE, "downgrade orders --by expiry")
        .await
        .is("allowed", &[]);
    room.passes("53d").await;
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(BOB, "approve 1").await.is("done", &[]);
    room.as_says(ALICE, &dated("2026-03-08"))
        .await
        .is("suppressed", RULE);
    room.passes("8d").await;
    room.as_says(ALICE, "confirm 1 verify-standard")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "notices orders")
        .await
        .has("settled, the instance is Standard");
    room.passes("5d").await;
    room.as_says(ALICE, &dated("2026-03-09"))
        .await
        .is("suppressed", RULE)
        .has("after the exit");
    let long = dated("2026-06-01");
    room.as_says(ALICE, &long).await.is("raised", &[]);
    let quiet = room.transcript().split(&long).next().unwrap();
    assert!(!quiet.contains("· notice"), "{quiet}");
}

/// What was never Platinum has left nothing.
#[tokio::test]
async fn a_release_of_what_was_always_standard_is_raised() {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition standard --team payments"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(ALICE, &format!("notice {ORDERS} will be released"))
        .await
        .is("raised", &[])
        .has("Standard Edition has no expiry");
}

/// The reply and the trail are the same words for scripts.
#[tokio::test]
async fn the_trail_tells_what_became_of_it() {
    let mut room = room().await;
    room.passes("54d").await;
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, &dated("2026-03-08")).await;
    room.as_says(ALICE, "action orders delete").await;
    room.as_says(ALICE, "ack notice 1").await.is("done", &[]);
    let trail = room.as_says(ALICE, "audit orders").await.text;
    for words in [
        "suppressed",
        "release-notice-redundant",
        "raised",
        "action-delete",
    ] {
        assert!(trail.contains(words), "{words}: {trail}");
    }
}

/// What a reminder told of was never posted: a renewal ends it, also in the very moment in which it came.
#[tokio::test]
async fn a_renewal_ends_what_a_reminder_told_of() {
    for between in ["", "1h"] {
        let mut room = Room::of_team().await;
        let line = format!(
            "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-01-20 --action delete"
        );
        room.as_says(ALICE, &line).await.is("done", &[]);
        let expiry = format!("notice Your instance {ORDERS} will expire on 2026-01-20.");
        room.as_says(ALICE, &expiry)
            .await
            .is("raised", &[])
            .has("Not posted: a reminder of this expiry");
        if !between.is_empty() {
            room.passes(between).await;
        }
        room.as_says(ALICE, "instance set orders --expires 2027-01-20")
            .await
            .is("done", &[]);
        room.passes("5d").await;
        assert!(
            !room.transcript().contains("  Raised: notice 1"),
            "{}",
            room.transcript()
        );
        let listed = room.as_says(ALICE, "notices").await;
        assert!(!listed.text.contains("notice 1"), "{}", listed.text);
    }
}

/// Both dates are said, and the earlier is the deadline.
#[tokio::test]
async fn an_expiry_that_differs_from_the_known_one_is_said() {
    for (date, says) in [
        ("2026-02-20", "  Deadline: expiry, 2026-02-20 00:00 UTC+8"),
        ("2026-03-20", "  Deadline: expiry, 2026-03-01 00:00 UTC+8"),
    ] {
        for words in ["will expire on", "may well expire on"] {
            let mut room = room().await;
            room.passes("1m").await;
            let text = format!("notice Your instance {ORDERS} {words} {date}.");
            let heard = room.as_says(ALICE, &text).await;
            heard
                .is("raised", &[])
                .has(says)
                .has("2026-03-01")
                .has("that does not fit the expiry as it is known")
                .has("look at the expiry in the vendor's console");
            let both = heard
                .text
                .contains("as the notice says. What is known is 2026-03-01");
            assert_eq!(both, date < "2026-03-01", "{}", heard.text);
        }
    }
}

/// A later expiry that is withdrawn has ended nothing: the notice warns of an earlier one.
#[rstest]
#[case::said(false)]
#[case::listed(true)]
#[tokio::test]
async fn a_later_expiry_that_is_taken_back_opens_the_notice_again(#[case] by_file: bool) {
    let mut room = room().await;
    room.passes("31d").await;
    let expires = format!("notice Your instance {ORDERS} will expire on 2026-02-10.");
    room.as_says(ALICE, &expires).await.is("raised", &[]);
    room.passes("1h").await;
    if by_file {
        let file = format!(
            "id,name,region,edition,expires\n{ORDERS},orders,cn-hangzhou,platinum,2027-03-01\n"
        );
        room.imports("--accept", &file).await;
    } else {
        room.as_says(ALICE, "instance set orders --expires 2027-03-01")
            .await;
    }
    room.passes("10m").await;
    room.as_says(ALICE, "notices orders")
        .await
        .has("a later expiry is known since");
    let line = match by_file {
        true => "import undo 1",
        false => "instance set orders --expires 2026-03-01",
    };
    room.as_says(if by_file { BOB } else { ALICE }, line).await;
    room.passes("10m").await;
    room.as_says(ALICE, "notices orders")
        .await
        .has("what settled it was taken back");
    room.as_says(ALICE, "todo").await.has("notice 1 is raised");
    let before = room.transcript().len();
    room.passes("3d").await;
    let said = &room.transcript()[before..];
    assert!(said.contains("notice 1"), "{said}");
    // Looked at, the date is known.
    room.as_says(ALICE, "instance set orders --expires 2026-03-01")
        .await;
    room.passes("10m").await;
    room.as_says(ALICE, "todo")
        .await
        .lacks("notice 1 is raised");
}

/// What was raised from the first minute was never suppressed: it says what settled it, and that this fell.
#[tokio::test]
async fn a_raised_notice_that_standard_settled_says_what_fell() {
    let mut room = room().await;
    for line in [
        "instance set orders --commodity-id ons-cn-0pp1abc2d34",
        "action orders downgrade",
        "downgrade orders --by unsubscribe",
    ] {
        room.as_says(ALICE, line).await;
    }
    let text =
        format!("notice Something new for {ORDERS}: it will be released on 2026-03-08, call us.");
    room.as_says(ALICE, &text).await.is("raised", &[]);
    for line in [
        "confirm 1 unsubscribe --outside --reason x",
        "confirm 1 verify-standard",
    ] {
        room.as_says(ALICE, line).await.is("done", &[]);
    }
    room.passes("10d").await;
    let before = room.transcript().len();
    room.as_says(ALICE, "reopen 1 verify-standard --reason x")
        .await;
    room.passes("1m").await;
    let said = &room.transcript()[before..];
    assert!(said.contains("what settled it was taken back"), "{said}");
    assert!(said.contains("It was settled until"), "{said}");
    assert!(!said.contains("suppressed"), "{said}");
}
