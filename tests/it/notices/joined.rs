//! Notices and reminders: quiet hours, what is to be attested again, and the week's digest.

use chrono::NaiveTime;
use edition_warden::domain::reminder::{Cadence, Quiet};
use rstest::rstest;

use crate::harness::{ORDERS, Room, STOCK};

const ALICE: &str = "alice requester team:payments";
const RULE: &[&str] = &["release-notice-redundant"];

/// Quiet from 22:00 to 08:00 in the vendor's zone; `orders`, Platinum until 2026-03-01.
async fn at_night(options: &str) -> Room {
    let time = |text| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
    let mut room = Room::of_team_with(Cadence {
        zone: chrono_tz::Asia::Shanghai,
        quiet: Some(Quiet {
            from: time("22:00"),
            to: time("08:00"),
        }),
        ..Cadence::default()
    })
    .await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --team payments {options}"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room
}

#[tokio::test]
async fn in_quiet_hours_it_is_posted_and_calls_people_when_they_end() {
    let mut room = at_night("").await;
    room.passes("54d").await;
    room.passes("15h").await;
    room.as_says(ALICE, &format!("notice {ORDERS} will be released"))
        .await
        .is("raised", &[]);
    room.passes("10h").await;
    insta::assert_snapshot!(posts(&room, "2026-02-24"));
}

#[tokio::test]
async fn in_quiet_hours_a_near_deadline_calls_people_at_once() {
    let mut room = at_night("").await;
    room.passes("57d").await;
    room.passes("15h").await;
    room.as_says(ALICE, &format!("notice {ORDERS} will expire on 2026-03-01"))
        .await
        .is("raised", &[]);
    room.passes("1h").await;
    room.as_says(
        ALICE,
        &format!("notice {STOCK} will be released, nobody knows when"),
    )
    .await
    .is("raised", &[]);
    room.passes("10h").await;
    insta::assert_snapshot!(posts(&room, "2026-02-27"));
}

/// A time that is no full date may be near: people are called at once, as where nothing is known.
#[rstest]
#[case::far("ID will be released on 2026-03-08.", false)]
#[case::hours("ID will be released in 2 hours.", true)]
#[case::tonight("ID will be released tonight (originally 2026-03-08).", true)]
#[case::tonight_in_chinese("您的实例ID将于今晚释放", true)]
#[case::a_date_that_is_not_read("ID will be released on 02/11/2026. Next bill 2026-03-08.", true)]
#[case::digits("ID will be released on 20260211", true)]
#[case::soon("ID will be released soon. Next bill 2026-03-08.", true)]
#[case::soon_in_chinese("您的实例ID近期释放", true)]
#[case::soon_beside_its_date("ID will soon be released, on 2026-03-08.", true)]
#[case::another_language("ID wird morgen gelöscht. Nächste Rechnung: 2026-03-08", true)]
#[case::no_time("ID will be released", true)]
#[case::an_hour("Heads up: ID ceases in an hour.", true)]
#[tokio::test]
async fn in_quiet_hours_a_time_that_is_not_understood_calls_people_at_once(
    #[case] text: &str,
    #[case] calls: bool,
) {
    let mut room = at_night("--action delete").await;
    room.passes("40d").await;
    room.passes("15h").await;
    let before = room.transcript().len();
    room.as_says(ALICE, &format!("notice {}", text.replace("ID", ORDERS)))
        .await
        .is("raised", &[]);
    room.passes("1m").await;
    let heard = &room.transcript()[before..];
    assert_eq!(heard.contains("· notice · @"), calls, "{heard}");
}

/// Settled during the night, it calls nobody in the morning.
#[tokio::test]
async fn what_was_settled_in_quiet_hours_calls_nobody() {
    let mut room = at_night("").await;
    room.passes("54d").await;
    room.passes("15h").await;
    room.as_says(ALICE, &format!("notice {ORDERS} will be released"))
        .await
        .is("raised", &[]);
    room.as_says(ALICE, "ack notice 1").await.is("done", &[]);
    room.passes("10h").await;
    let heard = posts(&room, "2026-02-24");
    assert!(!heard.contains("· notice · @"), "{heard}");
}

/// What a suppression rests on is to be attested again before it is too old, and only while it is in force.
#[tokio::test]
async fn a_suppression_asks_for_a_new_look() {
    let mut room = at_night("").await;
    room.passes("44d").await;
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, "reminders orders")
        .await
        .lacks("attest");
    room.passes("5d").await;
    room.as_says(
        ALICE,
        &format!("notice {ORDERS} will be released on 2026-03-08"),
    )
    .await
    .is("suppressed", RULE);
    let planned = room.as_says(ALICE, "reminders orders").await;
    room.passes("4d").await;
    room.as_says(ALICE, "action orders delete")
        .await
        .is("done", &[]);
    let ended = room.as_says(ALICE, "reminders orders").await;
    assert_ne!(planned.text, ended.text);
    let said = [planned.text, posts(&room, "2026-02-19"), ended.text];
    insta::assert_snapshot!(said.join("\n\n"));
}

#[tokio::test]
async fn the_digest_tells_what_was_suppressed() {
    let mut room = at_night("").await;
    room.passes("54d").await;
    room.as_says(ALICE, "action orders downgrade")
        .await
        .is("done", &[]);
    room.as_says(ALICE, &format!("notice {ORDERS} will be released"))
        .await
        .is("suppressed", RULE);
    room.as_says(
        ALICE,
        &format!("notice {ORDERS} will be released on 2026-03-08"),
    )
    .await
    .is("suppressed", RULE);
    room.as_says(
        ALICE,
        &format!("notice {ORDERS} will be released on 2026-04-08"),
    )
    .await
    .is("raised", &[]);
    room.passes("7d").await;
    insta::assert_snapshot!(posts(&room, "2026-03-02"));
}

/// What was posted from a day on, without the other lines.
fn posts(room: &Room, from: &str) -> String {
    let each = room.transcript().split("\n\n");
    let each = each.filter(|part| part.contains("\n» ") && part >= &from);
    each.collect::<Vec<_>>().join("\n\n")
}

/// One that comes back in the morning waits for the reminder of the same day, which tells of it too.
#[tokio::test]
async fn what_comes_back_waits_for_the_reminder_of_that_day() {
    let mut room = at_night("--action downgrade").await;
    room.passes("54d").await;
    let line = format!(
        "instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires 2026-02-26T17:00:00+08:00 --team payments --action delete"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(
        ALICE,
        &format!("notice Your instance {STOCK} will be released on 2026-03-05."),
    )
    .await
    .is("raised", &[]);
    room.passes("3d").await;
    // A day before expiry at 17:00, in UTC.
    let said = posts(&room, "2026-02-25");
    let of_stock: Vec<&str> = (said.split("2026-02-25T"))
        .filter(|post| post.contains("stock"))
        .collect();
    let [one] = of_stock.as_slice() else {
        panic!("{said}");
    };
    assert!(
        one.starts_with("09:00:00") && one.contains("notice 1"),
        "{one}"
    );
}
