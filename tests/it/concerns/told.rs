//! Reminders without any command: soon, at growing intervals, and then weekly.

use rstest::rstest;

use super::{ALICE, platinum};
use crate::harness::{ORDERS, Room};

fn posts(room: &Room) -> Vec<String> {
    let lines = room.transcript().lines();
    let heads = lines.filter(|line| line.starts_with("» "));
    heads.map(ToOwned::to_owned).collect()
}

/// Within a day somebody is called, at most five times in 90 days, and the digest names it every week.
#[tokio::test]
async fn an_unknown_expiry_climbs_the_ladder() {
    let mut room = platinum("--action delete").await;
    assert!(
        room.transcript()
            .contains("Nobody has said when it expires, so nothing warns before it does"),
        "{}",
        room.transcript()
    );
    room.passes("1d").await;
    assert_eq!(posts(&room), ["» console · reminder · @team:payments"]);
    room.passes("89d").await;
    let heads = posts(&room);
    let ladder: Vec<_> = heads
        .iter()
        .filter(|head| !head.contains("digest"))
        .collect();
    assert_eq!(ladder.len(), 4, "{heads:?}");
    assert!(ladder[3].contains("alert") && ladder[3].contains("@role:approver"));
    let digests = heads.iter().filter(|head| head.contains("digest"));
    assert!(digests.clone().count() >= 12);
    // Those of the first 15 days stand beside the ladder.
    let mut after = digests.clone().skip(2);
    assert!(after.all(|head| head.contains("@team:payments")));
    assert_eq!(
        room.transcript()
            .matches("    orders: expiry: unknown")
            .count(),
        digests.count()
    );
    room.as_says(
        ALICE,
        "instance set orders --expires 2027-01-01 --action delete",
    )
    .await
    .is("done", &[]);
    let before = posts(&room).len();
    room.passes("6d").await;
    assert!(posts(&room).len() <= before + 1, "the digest at most");
}

/// Where it gets worse between the days of the table, people are called once: also where it becomes Delete.
#[rstest]
#[case::becomes_delete(&["action orders downgrade", "+1d", "action orders delete"], 1)]
#[case::said_again(&["action orders downgrade", "+1d", "action orders delete", "+1h", "action orders delete"], 1)]
#[case::becomes_unknown(&["action orders downgrade", "+1d", "instance set orders --action unknown"], 1)]
#[case::stays_delete(&["action orders delete", "+1d", "action orders delete"], 0)]
#[case::was_in_doubt_before(&["action orders delete"], 0)]
#[case::gets_better(&["action orders downgrade"], 0)]
#[tokio::test]
async fn what_gets_worse_is_told_between_the_days(#[case] said: &[&str], #[case] told: usize) {
    // The 13th day before the expiry: the reminder of the 14th has been sent.
    let mut room = platinum("--expires 2026-01-29 --action downgrade").await;
    room.passes("15d").await;
    let before = posts(&room);
    for line in said {
        match line.strip_prefix('+') {
            Some(span) => room.passes(span).await,
            None => drop(room.as_says(ALICE, line).await),
        }
    }
    room.passes("1d").await;
    let heads = posts(&room);
    let new: Vec<&String> = heads.iter().skip(before.len()).collect();
    let called = new.iter().filter(|head| head.contains("@team:payments"));
    assert_eq!(
        (called.count(), new.len()),
        (told, told),
        "{}",
        room.transcript()
    );
}

/// There is one post a day: what gets worse on the day of a reminder is told on the next.
#[tokio::test]
async fn what_gets_worse_on_the_day_of_a_reminder_waits_for_the_next() {
    let mut room = platinum("--expires 2026-01-29 --action downgrade").await;
    room.passes("13d").await;
    room.as_says(ALICE, "action orders downgrade").await;
    room.passes("1d").await;
    let before = posts(&room).len();
    room.as_says(ALICE, "action orders delete").await;
    room.passes("1m").await;
    let soon = posts(&room).len();
    room.passes("1d").await;
    let heads = posts(&room);
    assert!(
        soon <= before + 1 && heads.len() == before + 1,
        "{}",
        room.transcript()
    );
    assert!(heads[before].contains("@team:payments"), "{heads:?}");
}

/// Unsubscribed by somebody's word, and nobody has seen Standard: after half an hour anyone who said it, after two hours the
/// team, after a day those who approve.
#[tokio::test]
async fn an_unsubscription_that_nobody_has_seen_is_urgent() {
    let mut room = platinum("--expires 2026-12-01 --action downgrade").await;
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await;
    room.as_says("bob approver", "approve 1 --seen downgrade")
        .await;
    room.as_says("carol approver team:payments", "approve 1")
        .await;
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
    room.as_says(ALICE, "confirm 1 unsubscribe")
        .await
        .is("done", &[]);
    let before = posts(&room).len();
    room.passes("31m").await;
    room.passes("90m").await;
    room.passes("23h").await;
    let heads = posts(&room).split_off(before);
    assert_eq!(
        heads,
        [
            "» console · reminder · @alice",
            "» console · reminder · @team:payments",
            "» console · alert · @role:approver @team:payments",
        ]
    );
    // What shows that it is Platinum brings everything back.
    room.as_says(
        "bob approver,requester",
        "instance set orders --edition platinum",
    )
    .await;
    room.passes("1h").await;
    assert!(
        room.transcript()
            .contains("`reopen 1 unsubscribe --reason TEXT`"),
        "{}",
        room.transcript()
    );
    let before = posts(&room).len();
    room.passes("90d").await;
    let urgent = posts(&room).split_off(before);
    let urgent = urgent.iter().filter(|head| !head.contains("digest"));
    assert!(urgent.count() <= 14);
}

/// A raised notice comes back on the ladder, not daily.
#[tokio::test]
async fn a_raised_notice_climbs_the_ladder() {
    let mut room = platinum("--expires 2026-12-01 --action delete").await;
    let notice = format!("notice {ORDERS} will be released on 2026-12-08");
    room.as_says(ALICE, &notice).await.is("raised", &[]);
    room.passes("90d").await;
    let heads = posts(&room);
    let notices: Vec<_> = heads
        .iter()
        .filter(|head| head.contains("· notice"))
        .collect();
    assert_eq!(notices.len(), 5, "{heads:?}");
    assert!(notices[4].contains("@role:approver"));
}
