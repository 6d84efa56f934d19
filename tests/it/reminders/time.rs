//! Quiet hours, downtime, and clocks that jump.

use chrono::NaiveTime;
use edition_warden::app::{CarriedOut, LOCAL_WORKSPACE};
use edition_warden::domain::Timestamp;
use edition_warden::domain::reminder::{Cadence, Days, Quiet};
use rstest::rstest;

use super::cadence::room;
use crate::harness::{ORDERS, Room, STOCK, instant};

const ALICE: &str = "alice requester team:payments";

fn berlin(from: &str, to: &str) -> Cadence {
    let time = |text| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
    Cadence {
        zone: chrono_tz::Europe::Berlin,
        quiet: Some(Quiet {
            from: time(from),
            to: time(to),
        }),
        ..Cadence::default()
    }
}

/// On 2026-03-29 the clocks in Berlin go from 02:00 to 03:00, on 2026-10-25 from 03:00 back to 02:00.
#[rstest]
#[case("22:00", "08:00", "2026-03-28T20:59:00Z", "2026-03-28T20:59:00Z")]
#[case("22:00", "08:00", "2026-03-28T21:00:00Z", "2026-03-29T06:00:00Z")]
#[case("22:00", "08:00", "2026-03-27T21:00:00Z", "2026-03-28T07:00:00Z")]
#[case("22:00", "08:00", "2026-03-29T05:59:00Z", "2026-03-29T06:00:00Z")]
#[case("22:00", "08:00", "2026-03-29T06:00:00Z", "2026-03-29T06:00:00Z")]
#[case("22:00", "02:30", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z")]
#[case("22:00", "02:30", "2026-10-24T22:00:00Z", "2026-10-25T00:30:00Z")]
#[case("12:00", "13:00", "2026-07-01T10:30:00Z", "2026-07-01T11:00:00Z")]
#[case("12:00", "13:00", "2026-07-01T11:00:00Z", "2026-07-01T11:00:00Z")]
fn quiet_hours_end_by_the_clock_on_the_wall(
    #[case] from: &str,
    #[case] to: &str,
    #[case] at: &str,
    #[case] moved: &str,
) {
    let cadence = berlin(from, to);
    assert_eq!(cadence.disturbable(instant(at)), instant(moved));
}

#[test]
fn a_digest_comes_on_mondays_at_ten() {
    let cadence = berlin("22:00", "08:00");
    let mut at: Timestamp = instant("2026-03-22T12:00:00Z");
    let mut all = Vec::new();
    for _ in 0..3 {
        at = cadence.next_digest(at);
        all.push(at);
    }
    let expected = [
        "2026-03-23T09:00:00Z",
        "2026-03-30T08:00:00Z",
        "2026-04-06T08:00:00Z",
    ];
    assert_eq!(all, expected.map(instant));
}

/// Another zone neither loses the digest of a week nor sends two within days.
#[rstest]
#[case::it_was_still_to_come(
    "2026-02-16T09:00:00Z",
    "2026-02-23T03:42:00Z",
    "2026-02-23T03:42:00Z"
)]
#[case::it_was_just_sent("2026-10-25T20:15:00Z", "2026-10-26T00:32:00Z", "2026-11-02T02:00:00Z")]
#[case::in_the_week("2026-02-16T09:00:00Z", "2026-02-18T09:00:00Z", "2026-02-23T02:00:00Z")]
#[case::long_ago("2026-01-05T09:00:00Z", "2026-02-18T09:00:00Z", "2026-02-18T09:00:00Z")]
fn another_zone_keeps_one_digest_a_week(#[case] last: &str, #[case] now: &str, #[case] next: &str) {
    let cadence = Cadence {
        zone: chrono_tz::Asia::Shanghai,
        ..Cadence::default()
    };
    let last = Some(instant(last));
    assert_eq!(cadence.digest_from(last, instant(now)), instant(next));
}

/// The digest that was due later on the day comes with the setting.
#[tokio::test]
async fn a_zone_that_is_set_on_a_monday_loses_no_digest() {
    let mut room = Room::of_team().await;
    room.add_platinum("--action delete").await;
    let zone = |zone| format!("settings zone {zone}");
    room.as_says("root admin", &zone("Europe/Berlin"))
        .await
        .is("done", &[]);
    room.passes("53d").await;
    room.passes("222m").await;
    let digests = |room: &Room| room.transcript().matches("· digest").count();
    let before = digests(&room);
    room.as_says("root admin", &zone("Asia/Shanghai"))
        .await
        .is("done", &[]);
    room.passes("1m").await;
    assert_eq!(digests(&room), before + 1, "{}", room.transcript());
    room.passes("6d").await;
    assert_eq!(digests(&room), before + 1, "{}", room.transcript());
    room.passes("1d").await;
    assert_eq!(digests(&room), before + 2, "{}", room.transcript());
}

#[tokio::test]
async fn quiet_hours_across_a_change_of_the_clocks() {
    let mut room = Room::of_team_with(berlin("22:00", "08:00")).await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-04-01T02:00:00Z --action delete"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.passes("92d").await;
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn ten_days_without_the_bot() {
    let mut room = room(
        "platinum",
        "--expires 2026-03-01 --action delete --team payments",
    )
    .await;
    let stock = crate::harness::STOCK;
    let stock = format!(
        "instance add {stock} --name stock --region cn-hangzhou --edition platinum --expires 2026-02-18"
    );
    room.as_says(ALICE, &stock).await.is("done", &[]);
    room.passes("46d").await;
    room.advance("10d");
    room.passes("1h").await;
    room.as_says(ALICE, "reminders orders").await;
    room.as_says(ALICE, "reminders stock").await;
    room.passes("12h").await;
    insta::assert_snapshot!(room.transcript());
}

#[tokio::test]
async fn the_clock_jumps() {
    let mut room = room("platinum", "--expires 2026-03-01 --action delete").await;
    room.passes("51d").await;
    // Past the moment of a level, back before it, and on.
    room = room.set_clock("2026-02-21T16:30:00Z");
    room.passes("1m").await;
    room = room.set_clock("2026-02-21T15:30:00Z");
    room.passes("2h").await;
    room = room.set_clock("2026-02-21T16:30:00Z");
    room.passes("2h").await;
    // A day ahead by mistake: what is said is said, once.
    room = room.set_clock("2026-02-27T00:00:00Z");
    room.passes("1h").await;
    room = room.set_clock("2026-02-22T00:00:00Z");
    room.passes("5d").await;
    room.as_says(ALICE, "reminders orders").await;
    insta::assert_snapshot!(room.transcript());
}

/// A clock that jumps back by an hour has nothing said once more, also where the instance is looked at meanwhile.
#[tokio::test]
async fn a_level_is_posted_once_where_the_clock_jumps_back() {
    let mut room = room("platinum", "--expires 2026-03-01 --action delete").await;
    room.passes("51d").await;
    let since = room.transcript().len();
    room = room.set_clock("2026-02-21T16:30:00Z");
    room.passes("1m").await;
    room = room.set_clock("2026-02-21T15:30:00Z");
    room.as_says(ALICE, "instance set orders --max-tps 3000")
        .await
        .is("done", &[]);
    room.passes("3h").await;
    let said = &room.transcript()[since..];
    assert_eq!(said.matches("» console · reminder").count(), 1, "{said}");
    room.as_says(ALICE, "reminders orders")
        .await
        .has("expiry, 7 days before   sent");
}

/// What a clock that was days ahead said at the very moment of a level, or of a digest, was early: it comes again when its time
/// has come.
#[tokio::test]
async fn a_level_that_was_said_days_early_comes_at_its_time() {
    let mut room = room("platinum", "--expires 2026-03-01 --action delete").await;
    room = room.set_clock("2026-01-19T00:00:00Z").shared();
    room.passes("12d").await;
    let said = |room: &Room, since: usize| {
        let posts = room.transcript()[since..].to_owned();
        posts.contains("2026-01-29T16:00:00Z\n» console · reminder")
    };
    assert!(said(&room, 0), "18 days early: {}", room.transcript());
    room = room.set_clock("2026-01-13T00:00:00Z").shared();
    room.passes("1m").await;
    room.as_says(ALICE, "reminders orders")
        .await
        .has("2026-01-30 00:00 UTC+8  expiry, 30 days before  planned");
    let since = room.transcript().len();
    room.passes("17d").await;
    assert!(said(&room, since), "{}", room.transcript());
    let digest = "2026-01-26T02:00:00Z\n» console · digest";
    assert_eq!(
        room.transcript().matches(digest).count(),
        2,
        "early, and in its time"
    );
}

/// Carries out what is due without delivering, as a single command in a shell does.
async fn alone(room: &Room) {
    let now = room.clock.now();
    let mut so_far = CarriedOut::default();
    let own = LOCAL_WORKSPACE.into();
    while (room.warden.carry_out_due(&own, now, &mut so_far).await).unwrap() {}
}

/// What a single command makes due while the clock is ahead is undone by what is recorded next, or by the next start: reminders and
/// digests come at their time.
#[rstest]
#[case::at_the_next_start(&[])]
#[case::with_the_next_command(&["instance set orders --topics 6"])]
#[case::months_of_commands(&["todo", "settings threads off"])]
#[tokio::test]
async fn a_single_command_by_a_clock_that_is_ahead_silences_nothing(#[case] then: &[&str]) {
    let mut room = room("platinum", "--expires 2026-03-01 --action delete").await;
    room.passes("1m").await;
    room = room.set_clock("2026-05-24T00:00:00Z").undelivered();
    alone(&room).await;
    room.warden_says(ALICE, "instance set orders --topics 5")
        .await
        .is("done", &[]);
    alone(&room).await;
    room = room.set_clock("2026-02-20T00:00:00Z").undelivered();
    for line in then {
        room.warden_says(ALICE, line).await;
        alone(&room).await;
    }
    room = room.set_clock("2026-02-21T00:00:00Z");
    let own = LOCAL_WORKSPACE.into();
    room.warden.announce_policy(&own).await.unwrap();
    let since = room.transcript().len();
    room.passes("21d").await;
    let said = &room.transcript()[since..];
    let digests = ["02-23", "03-02", "03-09"];
    for day in digests {
        let told = format!("2026-{day}T02:00:00Z\n» console · digest");
        assert!(said.contains(&told), "{day}: {said}");
    }
    // One more for the weeks in which nothing was sent.
    assert_eq!(said.matches("console · digest").count(), digests.len() + 1);
    for at in [
        "2026-02-21T16:00:00Z",
        "2026-02-25T16:00:00Z",
        "2026-02-27T16:00:00Z",
        "2026-02-28T16:00:00Z",
    ] {
        let told = format!("{at}\n» console · reminder");
        assert!(said.contains(&told), "{at}: {said}");
    }
    let after = said.matches("orders expired 2026-03-01").count();
    assert!(after >= 13, "{after}: {said}");
}

/// Three reminders of three days wait while the chat takes nothing: then the channel hears them in one message, with the
/// state of that moment and since when each is late; one that lost its point is left out.
#[tokio::test]
async fn an_outage_of_the_chat_ends_in_one_message() {
    let mut room = Room::of_team().await;
    for (id, name, expires) in [
        (ORDERS, "orders", "2026-03-01"),
        (STOCK, "stock", "2026-03-02"),
        ("MQ_INST_1080056302921134_DXuIbML9", "billing", "2026-03-03"),
        ("MQ_INST_1080056302921134_EXuIbML0", "search", "2026-03-04"),
    ] {
        let line = format!(
            "instance add {id} --name {name} --region cn-hangzhou --edition platinum --expires {expires} --action delete"
        );
        room.as_says(ALICE, &line).await.is("done", &[]);
    }
    room.passes("50d").await;
    room.chat_is_down(true);
    room.passes("3d").await;
    room.as_says(
        ALICE,
        "instance set stock --expires 2027-03-02 --action downgrade",
    )
    .await
    .is("done", &[]);
    room.passes("18h").await;
    room.chat_is_down(false);
    room.passes("1h").await;
    let (_, back) = room.transcript().split_once("the chat is back").unwrap();
    let (digest, reminder) = back.split_once("» console · reminder").unwrap();
    assert!(digest.contains("» console · digest"), "{back}");
    assert!(!reminder.contains("» "), "{back}");
    let lines: Vec<&str> = reminder.matches("  • On 2026-03-0").collect();
    assert_eq!(lines.len(), 2, "{back}");
    for late in [
        "orders expires. It was on Delete when last seen, ",
        "(Late: this was due 2026-02-22 00:00 UTC+8.)",
        "billing expires. It was on Delete when last seen, ",
        "(Late: this was due 2026-02-24 00:00 UTC+8.)",
    ] {
        assert!(reminder.contains(late), "{late}: {back}");
    }
    for instance in ["orders", "billing"] {
        room.as_says(ALICE, &format!("reminders {instance}"))
            .await
            .has("expiry, 7 days before   sent 2026-02-24 02:");
    }
    room.as_says(ALICE, "reminders stock").await.lacks("sent ");
}

/// A snooze that ends at night, and a level that has passed already when an instance appears at night, wait for the morning;
/// what may be deleted by then does not.
#[tokio::test]
async fn what_is_late_or_comes_again_waits_for_the_morning_too() {
    let mut room = Room::of_team_with(berlin("22:00", "08:00")).await;
    let add = |id: &str, name: &str, expires: &str| {
        format!(
            "instance add {id} --name {name} --region cn-hangzhou --edition platinum --expires {expires} --action delete --team payments"
        )
    };
    let orders = add(ORDERS, "orders", "2026-01-12T20:00:00Z");
    room.as_says(ALICE, &orders).await.is("done", &[]);
    room.passes("12h").await;
    let sent = room.transcript().matches("» console · reminder").count();
    assert_eq!(sent, 1, "{}", room.transcript());
    room.passes("7h").await;
    // At 20:00 in Berlin: it comes at 08:00, not at 04:00.
    room.as_says(ALICE, "snooze orders 8h")
        .await
        .is("done", &[]);
    room.passes("11h").await;
    // At 07:00.
    let stock = add(STOCK, "stock", "2026-01-04T20:00:00Z");
    room.as_says(ALICE, &stock).await.is("done", &[]);
    let near = add(
        "MQ_INST_1080056302921134_DXuIbML9",
        "near",
        "2026-01-02T06:30:00Z",
    );
    room.as_says(ALICE, &near).await.is("done", &[]);
    let night = room.transcript().matches("» console · reminder").count();
    assert_eq!(
        night,
        2,
        "only what expires before 08:00: {}",
        room.transcript()
    );
    assert!(room.transcript().contains("near expires"));
    room.passes("2h").await;
    let (_, morning) = room.transcript().split_once("near expires").unwrap();
    assert!(morning.contains("2026-01-02T07:00:00Z"), "{morning}");
    assert!(
        morning.contains("orders expires") && morning.contains("stock expires"),
        "{morning}"
    );
}

/// A team that wants to hear of it on other days: on those, and on no others.
#[tokio::test]
async fn a_team_has_days_of_its_own() {
    let mut room = Room::of_team_with(Cadence {
        zone: chrono_tz::Asia::Shanghai,
        days: Days {
            at_risk: vec![40, 2],
            ..Days::default()
        },
        ..Cadence::default()
    })
    .await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action delete"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.passes("58d").await;
    let heard = room.as_says(ALICE, "reminders orders").await;
    heard
        .has("expiry, 40 days before")
        .has("expiry, 2 days before");
    heard
        .lacks("30 days before")
        .lacks("7 days before")
        .lacks("on the day");
    assert_eq!(room.transcript().matches("» console · reminder").count(), 2);
}

/// Nobody was awake for ten days, and the first thing that happens then is that somebody touches the instance: what comes
/// is late all the same. What nobody could know before is not.
#[tokio::test]
async fn what_was_slept_through_is_late_whoever_wakes_it() {
    let mut room = room("platinum", "--expires 2026-03-01 --action delete").await;
    room.passes("30d").await;
    room.advance("15d");
    room.as_says(ALICE, "instance set orders --channel ops")
        .await
        .is("done", &[]);
    room.passes("1s").await;
    let late = "(Late: this was due 2026-02-15 00:00 UTC+8.)";
    assert_eq!(
        room.transcript().matches(late).count(),
        1,
        "{}",
        room.transcript()
    );
    room.advance("9d");
    room.as_says(ALICE, "instance set orders --expires 2026-03-02")
        .await
        .is("done", &[]);
    room.passes("1s").await;
    assert_eq!(
        room.transcript().matches("(Late:").count(),
        1,
        "{}",
        room.transcript()
    );
}

/// What was put off comes again when that was wanted: a checklist in between is no reminder.
#[tokio::test]
async fn a_checklist_does_not_take_the_place_of_a_snooze() {
    let mut room = Room::of_team().await;
    room.passes("50d").await;
    // Still fresh a day before the expiry, too old at it.
    room.passes("20h").await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade --auto-renew off"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(ALICE, "downgrade orders --by expiry")
        .await
        .is("needs_approval", &[]);
    room.as_says("bob approver", "approve 1")
        .await
        .is("done", &[]);
    // To the level of 3 days, at midnight in Shanghai; the checklist of one day comes at 10:00.
    room.passes("117h").await;
    room.as_says(ALICE, "snooze orders 58h")
        .await
        .is("done", &[])
        .lacks("takes its place");
    let (before, _) = room.transcript().split_once("snooze orders 58h").unwrap();
    let told = before.matches("orders turns into Standard").count();
    assert!(told > 0, "{before}");
    room.passes("59h").await;
    let (_, after) = room.transcript().split_once("snooze orders 58h").unwrap();
    assert!(
        after.contains("2026-02-28T02:00:00Z"),
        "the checklist: {after}"
    );
    assert!(
        after.contains("2026-02-28T03:00:00Z"),
        "the snooze: {after}"
    );
}

/// What a wrong clock skipped or said is planned again once it is right.
#[rstest]
#[case::by_weeks("2027-01-10T00:00:00Z")]
#[case::by_a_year("2027-11-01T00:00:00Z")]
#[tokio::test]
async fn what_a_wrong_clock_skipped_is_planned_again(#[case] wrong: &str) {
    let mut room = Room::of_team().await.set_clock("2026-11-01T00:00:00Z");
    let line = format!(
        "instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires 2026-12-20 --action delete"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room = room.set_clock(wrong);
    room.passes("1m").await;
    room = room.set_clock("2026-12-18T17:00:00Z");
    room.as_says(ALICE, "action stock delete")
        .await
        .is("done", &[]);
    room.passes("1h").await;
    let said = room.transcript();
    let right = said.split("--- the clock is set to 2026-12-18").nth(1);
    assert!(right.unwrap().contains("» console · reminder"), "{said}");
    // Said once, as ever.
    room.passes("1h").await;
    let said = room.transcript();
    let right = said.split("--- the clock is set to 2026-12-18").nth(1);
    assert_eq!(right.unwrap().matches("· reminder").count(), 1, "{said}");
}

/// What a wrong clock ended permits nothing, and nobody has to type for people to hear of it once the clock is right.
#[rstest]
#[case::a_change_presumed_deleted(
    &["downgrade stock --by unsubscribe", "action stock delete"],
    &["is open", "next 1"],
    "stock is not presumed deleted: a clock that was ahead said so. #1 goes on",
)]
#[case::a_wait_that_is_over(
    &[
        "action stock downgrade", "instance set stock --expires 2026-11-05 --auto-renew off", "action stock downgrade",
        "downgrade stock --by expiry", "bob: approve 1",
    ],
    &["▶ await-expiry", "next 1"],
    "Does the console show Standard? stock expired",
)]
#[case::a_step_in_doubt(
    &[
        "action stock downgrade", "downgrade stock --by unsubscribe", "bob: approve 1 --seen downgrade",
        "carol: approve 1", "next 1",
    ],
    &["in doubt", "unsubscribe stock"],
    "Did it happen?",
)]
#[tokio::test]
async fn what_a_wrong_clock_ended_is_heard_of_when_it_is_right(
    #[case] before: &[&str],
    #[case] after: &[&str; 2],
    #[case] told: &str,
) {
    let mut room = Room::of_team()
        .await
        .set_clock("2026-11-01T00:00:00Z")
        .shared();
    let line = format!(
        "instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires 2026-12-20 --team payments"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    for line in before {
        match line.split_once(": ") {
            Some((who, line)) => {
                let who = format!("{who} approver team:payments");
                room.as_says(&who, line).await.is("done", &[])
            }
            None => &room.as_says(ALICE, line).await,
        };
    }
    room.passes("1m").await;
    room = room.set_clock("2027-06-01T00:00:00Z").shared();
    room.passes("1m").await;
    let right = if told.contains("expired") {
        "2026-11-04T00:00:00Z"
    } else {
        "2026-12-01T00:00:00Z"
    };
    room = room.set_clock(right).shared();
    let wrong = room.transcript().len();
    room.passes("1m").await;
    room.as_says("vera viewer", "change 1")
        .await
        .is("info", &[])
        .has(after[0]);
    room.passes("1d").await;
    let right = &room.transcript()[wrong..];
    let calls = |block: &&str| block.contains(" · @") && block.contains(told);
    assert!(
        right.split("\n\n").any(|block| calls(&block)),
        "{}",
        room.transcript()
    );
    let [_, line] = after;
    // Whatever it says, no step is permitted by what was given before.
    room.as_says(ALICE, line)
        .await
        .lacks("Unsubscribe Resource");
    room.as_says(ALICE, "todo").await.has("  stock: ");
    // The digest is not lost in a time to come either.
    room.passes("8d").await;
    let right = &room.transcript()[wrong..];
    assert!(right.contains("The week's digest."), "{right}");
}

/// The alarm of the expiry and the last one of its seventh day come by the right clock, although the wrong one has said both.
#[tokio::test]
async fn the_alarms_of_an_expiry_come_after_a_wrong_clock_said_them() {
    let mut room = Room::of_team()
        .await
        .set_clock("2026-12-10T00:00:00Z")
        .shared();
    let line = format!(
        "instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires 2026-12-20 --action delete --auto-renew off --team payments"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(ALICE, "downgrade stock --by expiry").await;
    room = room.set_clock("2027-12-10T00:00:00Z").shared();
    room.passes("1m").await;
    room = room.set_clock("2026-12-10T01:00:00Z").shared();
    let wrong = room.transcript().len();
    room.passes("8d").await;
    let said = room.transcript()[wrong..].to_owned();
    assert!(said.contains("The week's digest."), "on its day: {said}");
    room.as_says(ALICE, "instance set stock --edition platinum")
        .await;
    room.as_says(ALICE, "action stock delete").await;
    let before = room.transcript().len();
    room.passes("10d").await;
    let said = room.transcript()[before..].to_owned();
    let times = |what: &str| said.matches(what).count();
    assert_eq!(
        times("and Downgrade was not known (release-after-7-days)"),
        1,
        "{said}"
    );
    assert_eq!(
        times("stock is presumed deleted: seven days after"),
        1,
        "{said}"
    );
    room.as_says(ALICE, "change 1")
        .await
        .has("presumed deleted");
}

/// What the wrong clock said again of a notice, or somebody answered then, comes again by the right one.
#[rstest]
#[case::said_again(None)]
#[case::answered(Some("notice 1 still-there"))]
#[tokio::test]
async fn a_raised_notice_comes_back_after_a_wrong_clock(#[case] answer: Option<&str>) {
    for (action, says) in [
        ("downgrade", "has been released."),
        ("delete", "will be released on 2027-03-27."),
    ] {
        let mut room = Room::of_team()
            .await
            .set_clock("2026-12-10T00:00:00Z")
            .shared();
        let line = format!(
            "instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires 2027-03-20 --action {action} --team payments"
        );
        room.as_says(ALICE, &line).await.is("done", &[]);
        room.as_says(ALICE, &format!("notice Your instance {STOCK} {says}"))
            .await
            .is("raised", &[]);
        room = room.set_clock("2027-12-10T00:00:00Z").shared();
        room.passes("1m").await;
        match answer {
            Some(answer) if says.contains("has been") => {
                room.as_says(ALICE, answer).await.is("done", &[]);
            }
            Some(_) => {
                room.as_says(ALICE, "ack notice 1").await;
            }
            None => {}
        }
        room = room.set_clock("2026-12-10T01:00:00Z").shared();
        let wrong = room.transcript().len();
        room.passes("17d").await;
        let said = &room.transcript()[wrong..];
        let calls = |block: &&str| block.contains(" · @") && block.contains(": notice 1, a");
        let told = said.split("\n\n").filter(calls).count();
        assert!(told >= 4, "{told} of 1, 3, 7 and 15 days: {said}");
    }
}

/// A look dated ahead of the clock counts for nothing: it explains no Standard.
#[tokio::test]
async fn a_look_of_the_future_explains_nothing() {
    let mut room = room("platinum", "--expires 2026-03-01 --auto-renew off").await;
    room = room.set_clock("2026-06-01T00:00:00Z").shared();
    room.as_says(ALICE, "action orders downgrade").await;
    room = room.set_clock("2026-02-20T00:00:00Z").shared();
    room.as_says(ALICE, "instance set orders --edition standard")
        .await;
    room.as_says(ALICE, "instance show orders")
        .await
        .has("contradictory");
}

/// Reminders do not rest on it either: what it says counts from its time on, and until then what happens to it is unknown.
#[tokio::test]
async fn a_look_of_the_future_counts_for_nothing() {
    let mut room = Room::of_team().await.set_clock("2026-10-01T00:00:00Z");
    let line = format!(
        "instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires 2026-12-05 --action delete --team payments"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room = room.set_clock("2027-01-05T00:00:00Z").shared();
    room.as_says(ALICE, "action stock downgrade").await;
    room = room.set_clock("2026-11-04T00:00:00Z").shared();
    let wrong = room.transcript().len();
    room.passes("33d").await;
    let right = room.transcript()[wrong..].to_owned();
    assert!(!right.contains("turns into Standard"), "{right}");
    assert!(
        !right.contains("Does the console show Standard?"),
        "{right}"
    );
    let unknown = "stock expires, and what happens to it then is unknown";
    assert!(right.matches(unknown).count() >= 4, "{right}");
    assert!(
        right.contains("said while the clock was ahead, so it counts for nothing"),
        "{right}"
    );
    assert!(right.contains("· @team:payments"), "{right}");
}

/// Standard that was said while the clock was ahead is not known: somebody is asked again.
#[tokio::test]
async fn standard_of_the_future_is_not_known() {
    let mut room = Room::of_team()
        .await
        .set_clock("2026-10-01T00:00:00Z")
        .shared();
    let line = format!(
        "instance add {STOCK} --name stock --region cn-hangzhou --edition platinum --expires 2027-06-05 --team payments"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room = room.set_clock("2027-01-05T00:00:00Z").shared();
    room.passes("1m").await;
    for (who, line) in [
        (ALICE, "action stock downgrade"),
        (ALICE, "instance set stock --edition standard"),
        ("dora requester", "instance set stock --edition standard"),
    ] {
        room.as_says(who, line).await.is("done", &[]);
    }
    room.passes("1m").await;
    room.as_says(ALICE, "todo").await.lacks("stock");
    room = room.set_clock("2026-11-05T00:00:00Z").shared();
    let wrong = room.transcript().len();
    room.passes("2d").await;
    let right = &room.transcript()[wrong..];
    assert!(right.contains("Is stock Standard or Platinum?"), "{right}");
    assert!(right.contains("said while the clock was ahead"), "{right}");
    assert!(right.contains("· @"), "{right}");
    room.as_says(ALICE, "todo").await.has("stock");
    // Its expiry counts again, so that one person's word proves as little as it did then.
    for who in [ALICE, "dora requester"] {
        room.as_says(who, "instance set stock --edition standard")
            .await
            .is("done", &[]);
    }
    room.as_says(ALICE, "todo").await.lacks("stock");
}
