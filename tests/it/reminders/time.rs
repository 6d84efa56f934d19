//! Quiet hours, downtime, and clocks that jump.

use chrono::NaiveTime;
use edition_warden::domain::Timestamp;
use edition_warden::domain::reminder::{Cadence, Quiet};
use rstest::rstest;

use super::cadence::room;
use crate::harness::{ORDERS, Room, instant};

const ALICE: &str = "alice requester team:payments";

fn berlin(from: &str, to: &str) -> Cadence {
    let time = |text| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
    Cadence {
        zone: chrono_tz::Europe::Berlin,
        quiet: Some(Quiet {
            from: time(from),
            to: time(to),
        }),
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
