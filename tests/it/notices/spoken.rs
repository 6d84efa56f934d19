//! Notices as people hand them in: exact replies and posts.

use edition_warden::app::{Actor, Incoming};
use edition_warden::domain::notice::Message;

use crate::harness::{ORDERS, Room, STOCK};

const ALICE: &str = "alice requester team:payments";
const RULE: &[&str] = &["release-notice-redundant"];

fn release(id: &str) -> String {
    format!("notice Your instance {id} will be released on 2026-03-08.")
}

/// `orders`, Platinum until 2026-03-01, and it is the 24th of February, 08:00 in the vendor's zone.
async fn room(options: &str) -> Room {
    let mut room = Room::of_team().await;
    room.passes("54d").await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --team payments --commodity-id ons-cn-0pp1abc2d34 {options}"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room
}

#[tokio::test]
async fn suppressed_and_listed() {
    let mut room = room("--action downgrade").await;
    room.as_says(ALICE, &release(ORDERS))
        .await
        .is("suppressed", RULE);
    room.as_says(ALICE, &release(ORDERS))
        .await
        .is("duplicate", RULE);
    room.as_says(ALICE, &release("ons-cn-0pp1abc2d34"))
        .await
        .is("suppressed", RULE);
    room.as_says(ALICE, "suppressed").await.is("info", &[]);
    room.as_says(ALICE, "notices orders").await.is("info", &[]);
    room.as_says(ALICE, "ack notice 1")
        .await
        .is("already_done", &[]);
    room.as_says(ALICE, "ack notice 2")
        .await
        .is("already_done", &[]);
    room.as_says(ALICE, "ack notice 9").await.is("invalid", &[]);
    room.as_says(ALICE, "audit").await.is("info", &[]);
    insta::assert_snapshot!(room.transcript());
}

/// A form feed, a colour of a terminal, a soft line break: what nobody typed loses no notice.
#[tokio::test]
async fn a_notice_with_control_characters_is_raised() {
    for control in ["\u{c}", "\u{1b}[1m", "\u{b}", "\0"] {
        let mut room = room("--action downgrade").await;
        let said = format!("notice Your instance {ORDERS} has been released.{control} Look.");
        room.as_says(ALICE, &said)
            .await
            .is("raised", &[])
            .has("something gone for orders");
        room.as_says(ALICE, &format!("{}{control}", release(ORDERS)))
            .await
            .is("raised", &[]);
    }
}

#[tokio::test]
async fn raised_back_every_day_and_taken_note_of() {
    let mut room = room("").await;
    room.as_says(ALICE, &release(ORDERS))
        .await
        .is("raised", &[]);
    room.as_says(ALICE, &release(ORDERS))
        .await
        .is("duplicate", &[]);
    room.passes("50h").await;
    room.as_says("bob approver", "ack notice 1")
        .await
        .is("done", &[]);
    room.as_says("bob approver", "ack notice 1")
        .await
        .is("already_done", &[]);
    room.passes("50h").await;
    room.as_says("eve viewer", "ack notice 1")
        .await
        .is("denied", &[]);
    room.as_says("eve viewer", &release(ORDERS))
        .await
        .is("denied", &[]);
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn a_fact_settles_what_was_raised() {
    let mut room = room("").await;
    room.as_says(ALICE, &release(ORDERS))
        .await
        .is("raised", &[]);
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.passes("25h").await;
    room.as_says(ALICE, "notices orders")
        .await
        .has("suppressed");
    room.as_says(ALICE, "action orders delete")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "notices orders")
        .await
        .has("then raised");
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn what_is_raised_whatever_the_action() {
    let mut room = room("--action downgrade").await;
    for text in [
        format!("notice {ORDERS} will expire on 2026-03-01"),
        format!("notice {ORDERS} will be upgraded tonight"),
        format!("notice {ORDERS} and {STOCK} will be released on 2026-03-08"),
        format!("notice {STOCK} will be released"),
        "notice rmq-cn-abc123def will be released".to_owned(),
        "notice instance name: orders will be released".to_owned(),
        "notice MQ_INST_****_BXuIbML7 will be released".to_owned(),
        format!("notice {ORDERS} will be released on 2026-04-08"),
        format!("notice {ORDERS} will be released on 2026-02-31"),
        format!("notice `@everyone` {ORDERS} 即将到期"),
    ] {
        room.as_says(ALICE, &text).await.is("raised", &[]);
    }
    insta::assert_snapshot!(room.transcript());
}

#[rstest::rstest]
#[case("delete", "action orders delete")]
#[case("unknown", "instance set orders --action unknown")]
#[case("renewed", "instance set orders --expires 2027-03-01")]
#[case("standard", "instance set orders --edition standard")]
#[case("lost", "instance lost orders --reason gone")]
#[tokio::test]
async fn a_fact_ends_a_suppression(#[case] name: &str, #[case] line: &str) {
    let mut room = room("--action downgrade").await;
    room.as_says(ALICE, &release(ORDERS))
        .await
        .is("suppressed", RULE);
    room.as_says(ALICE, line).await.is("done", &[]);
    room.as_says(ALICE, "notices orders").await.is("info", &[]);
    insta::assert_snapshot!(name, room.transcript());
}

#[tokio::test]
async fn a_look_that_becomes_too_old_ends_a_suppression() {
    let mut room = Room::of_team().await;
    room.passes("40d").await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(ALICE, &release(ORDERS))
        .await
        .is("suppressed", RULE);
    room.passes("8d").await;
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.passes("2d").await;
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn after_expiry_it_stays_168_hours() {
    let mut room = room("--action downgrade").await;
    room.as_says(ALICE, &release(ORDERS))
        .await
        .is("suppressed", RULE);
    room.passes("10d").await;
    room.as_says(ALICE, &release(ORDERS))
        .await
        .is("raised", &[]);
    room.passes("4d").await;
    room.as_says(ALICE, "instance set orders --edition standard")
        .await
        .is("done", &[]);
    room.passes("3d").await;
    room.as_says(ALICE, "notices orders").await.is("info", &[]);
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn the_conversion_settles_for_good() {
    let mut room = room("--action downgrade --auto-renew off").await;
    room.as_says(ALICE, &release(ORDERS))
        .await
        .is("suppressed", RULE);
    room.passes("6d").await;
    room.as_says(ALICE, "instance set orders --edition standard")
        .await
        .is("done", &[]);
    room.passes("2d").await;
    room.as_says(ALICE, &release(ORDERS))
        .await
        .is("suppressed", RULE);
    room.passes("20d").await;
    room.as_says(ALICE, "suppressed --since 60d")
        .await
        .is("info", &[]);
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn what_its_source_calls_the_same_is_judged_again_once_the_facts_have_changed() {
    let mut room = room("--action downgrade").await;
    let actor = Actor::local("relay");
    let mut incoming = Incoming {
        message: Message::plain(&format!("{ORDERS} will be released")),
        source: "http".to_owned(),
        id: Some("m-1".to_owned()),
    };
    let first = room
        .warden
        .take_notices(&actor, std::slice::from_ref(&incoming))
        .await;
    assert_eq!(first.outcome.as_str(), "suppressed");
    room.as_says(ALICE, "action orders delete")
        .await
        .is("done", &[]);
    let again = room
        .warden
        .take_notices(&actor, std::slice::from_ref(&incoming))
        .await;
    assert_eq!(again.outcome.as_str(), "duplicate");
    assert_ne!(again.notice(), first.notice());
    incoming.id = Some("m-2".to_owned());
    let other = room
        .warden
        .take_notices(&actor, std::slice::from_ref(&incoming))
        .await;
    assert_eq!(other.outcome.as_str(), "duplicate");
}

#[tokio::test]
async fn what_the_bot_says_of_notices_can_be_pasted_back() {
    let mut room = room("--action downgrade").await;
    let said = room.as_says(ALICE, &release(ORDERS)).await.text;
    room.as_says(ALICE, &format!("notice {said}")).await;
    let transcript = room.transcript().chars().take(3_900).collect::<String>();
    room.as_says(ALICE, &format!("notice {transcript}")).await;
    for odd in [
        "notice",
        "notice \"",
        "notice “x”y",
        "notice --help me",
        "notice --help",
    ] {
        room.as_says(ALICE, odd).await;
    }
    insta::assert_snapshot!(room.transcript());
}

/// What the reply says fits the notice: it has no date, it comes after a look that is too old, or its id is cut off.
#[tokio::test]
async fn the_next_step_fits_what_the_notice_says() {
    let mut room = Room::of_team().await;
    room.passes("45d").await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.passes("8d").await;
    room.as_says(
        ALICE,
        &format!("notice Your instance {ORDERS} will be released."),
    )
    .await
    .is("raised", &[])
    .lacks("compare the date");
    room.as_says(
        ALICE,
        "notice Your instance MQ_INST_1080056302921134_BXu will be released.",
    )
    .await
    .is("raised", &[])
    .has("a release notice for orders")
    .has("MQ_INST_1080056302921134_BXu: not an id that is tracked, but like that of orders (MQ_INST_1080056302921134_BXuIbML7), which is perhaps meant: look the whole id up");
}

#[tokio::test]
async fn a_notice_without_a_date_is_not_told_to_compare_it() {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(
        ALICE,
        &format!("notice Your instance {ORDERS} will be released."),
    )
    .await
    .is("raised", &[])
    .has("it gives no date, and does not come within 8 days of the expiry that is known")
    .has("`ack notice 1`.")
    .lacks("compare the date");
    // What was said long before is looked at again first.
    room.passes("2d").await;
    room.as_says(
        ALICE,
        &format!("notice Your instance {ORDERS} is about to be released."),
    )
    .await
    .is("raised", &[])
    .has("does not come within 8 days of an expiry that is known: look at the expiry");
}
