//! The permit of an irreversible step is withdrawn while it is out, or its change ends: it may have been used, so somebody is
//! asked until somebody says.

use rstest::rstest;

use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester team:payments";
const BOB: &str = "bob approver";
const CAROL: &str = "carol approver team:payments";
const ADMIN: &str = "root admin";
const ASKED: &str = "alice's permit for `unsubscribe` was withdrawn";

/// `orders` with a permit out to unsubscribe it, held by alice.
async fn permitted() -> Room {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --team payments --edition platinum --expires 2026-06-15 --action downgrade --auto-renew off --commodity-id ons-cn-0pp1abc2d34 --max-tps 3000"
    );
    for (who, line) in [
        (ALICE, line.as_str()),
        (ALICE, "downgrade orders --by unsubscribe"),
        (BOB, "approve 1 --seen downgrade"),
        (CAROL, "approve 1 --seen downgrade"),
    ] {
        room.as_says(who, line).await;
    }
    let permit = room.as_says(ALICE, "next 1").await;
    assert_eq!(permit.outcome, "allowed", "{}", permit.text);
    room
}

async fn said_within(room: &mut Room, span: &str) -> String {
    let before = room.transcript().len();
    room.passes(span).await;
    room.transcript()[before..].to_owned()
}

#[rstest]
#[case::a_value_moves(ALICE, "instance set orders --max-tps 3500", "@alice")]
#[case::delete_is_seen(CAROL, "action orders delete", "@alice")]
#[case::cancelled(ALICE, "cancel 1 --reason not now", "@alice")]
#[case::failed(ALICE, "fail 1 --reason it did not work", "@alice")]
#[case::rejected(BOB, "reject 1 --reason not now", "@alice")]
#[case::handed_over(ADMIN, "handover alice --to dora --yes-really --reason left", "@dora")]
#[tokio::test]
async fn a_withdrawn_permit_is_asked_about(
    #[case] who: &str,
    #[case] line: &str,
    #[case] asked: &str,
) {
    let mut room = permitted().await;
    room.passes("5m").await;
    room.as_says(who, line).await;
    // Who held it, in half an hour; the channel after two; the alerts channel after a day; then daily.
    let said = said_within(&mut room, "31m").await;
    assert!(said.contains(ASKED), "{said}");
    assert!(said.contains(asked), "{said}");
    let said = said_within(&mut room, "2h").await;
    assert!(said.contains(ASKED), "{said}");
    let said = said_within(&mut room, "1d").await;
    assert!(said.contains("· alert · @role:approver"), "{said}");
    assert!(said.contains(ASKED), "{said}");
    let said = said_within(&mut room, "4d").await;
    assert!(said.matches("Did it happen?").count() >= 4, "{said}");
    room.as_says(ALICE, "todo").await.has(ASKED);
}

/// Its holder let it lapse and said nothing: that the change ends is no answer.
#[tokio::test]
async fn a_lapsed_permit_is_asked_about_after_its_change_has_ended() {
    let mut room = permitted().await;
    room.passes("1h").await;
    room.as_says(ALICE, "cancel 1 --reason not now")
        .await
        .is("done", &[]);
    let said = said_within(&mut room, "31m").await;
    assert!(
        said.contains("alice's permit for `unsubscribe` is over"),
        "{said}"
    );
}

#[rstest]
#[case::it_happened(&[(ALICE, "confirm 1 unsubscribe --outside --reason it was done")])]
#[case::its_holder_asks_again(&[(ALICE, "action orders downgrade"), (BOB, "approve 1"), (CAROL, "approve 1 --seen downgrade"), (ALICE, "next 1")])]
#[case::the_edition_is_seen(&[(ALICE, "instance set orders --edition platinum")])]
#[case::lost(&[(ALICE, "instance lost orders --reason it is gone")])]
#[tokio::test]
async fn somebody_says_what_happened(#[case] answer: &[(&str, &str)]) {
    let mut room = permitted().await;
    room.as_says(ALICE, "instance set orders --max-tps 3500")
        .await
        .is("done", &[]);
    room.passes("5m").await;
    for (who, line) in answer {
        room.as_says(who, line).await;
    }
    room.as_says(ALICE, "todo").await.lacks(ASKED);
    let said = said_within(&mut room, "20m").await;
    assert!(!said.contains(ASKED), "{said}");
}

/// A listing read since says the same as somebody said before: it is as fresh as that file.
#[rstest]
#[case::withdrawn(&[(ALICE, "instance set orders --max-tps 3500")])]
#[case::lapsed(&[])]
#[tokio::test]
async fn a_listing_read_since_answers(#[case] before: &[(&str, &str)]) {
    let mut room = permitted().await;
    room.passes("5m").await;
    for (who, line) in before {
        room.as_says(who, line).await;
    }
    let said = said_within(&mut room, "25h").await;
    assert!(said.contains("· alert · @role:approver"), "{said}");
    let file = format!("id,name,region,edition\n{ORDERS},orders,cn-hangzhou,platinum\n");
    room.imports("", &file).await.is("done", &[]);
    room.as_says(ALICE, "todo").await.lacks("`unsubscribe`");
    let said = said_within(&mut room, "7d").await;
    for asked in ["Did it happen?", "Does the console show Standard?"] {
        assert!(!said.contains(asked), "{said}");
    }
    // Nothing but the date has moved.
    room.as_says(ALICE, "instance show orders")
        .await
        .has("Platinum")
        .has("imported by alice");
}

const OVER: &str = "alice's permit for `unsubscribe` is over";

/// A doubt that outlives its change: the permit lapsed, and the change was cancelled.
async fn cancelled() -> Room {
    let mut room = permitted().await;
    room.passes("1h").await;
    room.as_says(ALICE, "cancel 1 --reason not now")
        .await
        .is("done", &[]);
    room
}

/// What was unsubscribed is Standard at once: that it is Platinum, or has an action, after the time of a permit says that the step
/// was not taken, also where its change has ended.
#[rstest]
#[case::a_listing("platinum", "")]
#[case::a_look("", "action orders delete")]
#[tokio::test]
async fn what_shows_platinum_answers_after_the_change_has_ended(
    #[case] edition: &str,
    #[case] line: &str,
) {
    let mut room = cancelled().await;
    room.passes("31m").await;
    room.as_says(ALICE, "todo").await.has(OVER);
    if edition.is_empty() {
        room.as_says(CAROL, line).await;
    } else {
        let file = format!("id,name,region,edition\n{ORDERS},orders,cn-hangzhou,{edition}\n");
        room.imports("", &file).await.is("done", &[]);
        room.as_says(ALICE, "instance show orders")
            .await
            .has("Platinum");
    }
    room.as_says(ALICE, "todo").await.lacks(OVER);
    let said = said_within(&mut room, "9d").await;
    assert!(!said.contains("Did it happen?"), "{said}");
}

/// What was read before the permit was over, Standard, and a listing without it prove nothing.
#[rstest]
#[case::within_its_time("20m", "", "platinum")]
#[case::read_before("40m", "--at 2026-01-01T00:30:00Z", "platinum")]
#[case::standard("40m", "", "standard")]
#[tokio::test]
async fn other_listings_do_not_answer_it(
    #[case] after: &str,
    #[case] options: &str,
    #[case] edition: &str,
) {
    let mut room = cancelled().await;
    room.passes(after).await;
    let file = format!("id,name,region,edition\n{ORDERS},orders,cn-hangzhou,{edition}\n");
    room.imports(options, &file).await;
    let heard = room.as_says(ALICE, "todo").await;
    assert!(heard.text.contains(OVER), "{}", heard.text);
}

/// What a listing lacks is told with it, and then one look answers both: there is one ladder.
#[tokio::test]
async fn what_is_missing_beside_a_doubt_has_no_ladder_of_its_own() {
    let mut room = permitted().await;
    let rows: String = (0..12)
        .map(|n| format!("MQ_INST_1080056302921134_Node{n:04},node-{n},cn-hangzhou,standard\n"))
        .collect();
    let file = format!("id,name,region,edition\n{rows}");
    room.imports("", &file).await.is("done", &[]);
    room.passes("1h").await;
    let said = said_within(&mut room, "3h").await;
    assert!(said.contains("Did it happen?"), "{said}");
    room.imports("--complete --region cn-hangzhou", &file)
        .await
        .has("Missing in the file");
    let said = said_within(&mut room, "1m").await;
    assert!(said.contains("missing from a listing"), "{said}");
    room.as_says(ALICE, "todo")
        .await
        .has("orders: edition: unknown");
    let said = said_within(&mut room, "6d").await;
    let alone = said
        .split("» ")
        .filter(|post| post.contains("Is orders still there?"));
    assert_eq!(alone.count(), 0, "{said}");
}

/// Somebody else's look at another thing, or another's permit, is no word on it.
#[rstest]
#[case::another_fact(&[(CAROL, "action orders downgrade")])]
#[case::known(&[(CAROL, "snooze orders 1d")])]
#[tokio::test]
async fn other_words_do_not_settle_it(#[case] said: &[(&str, &str)]) {
    let mut room = permitted().await;
    room.as_says(ALICE, "instance set orders --max-tps 3500")
        .await
        .is("done", &[]);
    room.passes("5m").await;
    for (who, line) in said {
        room.as_says(who, line).await;
    }
    room.as_says(ALICE, "todo").await.has(ASKED);
    let said = said_within(&mut room, "3h").await;
    assert!(said.contains(ASKED), "{said}");
}
