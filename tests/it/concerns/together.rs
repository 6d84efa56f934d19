//! Simultaneous events share one post, and a concern is announced within a day of its opening.

use rstest::rstest;

use super::histories::{Heard, posts, said_twice};
use super::{ALICE, platinum};
use crate::harness::{ORDERS, Room};
use crate::imports::csv;

/// The posts of a time in which nobody types, digests aside.
async fn within(room: &mut Room, span: &str) -> Vec<Heard> {
    let since = room.transcript().len();
    room.passes(span).await;
    let mut heard = posts(room, since);
    heard.retain(|post| !post.is_digest());
    heard
}

/// A change waits for a person, and between two rungs of its ladder the look at the action turns stale.
#[tokio::test]
async fn an_action_that_turns_stale_under_a_waiting_change_calls_its_owner() {
    let mut room = platinum("--expires 2026-12-01 --action downgrade").await;
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await;
    within(&mut room, "7d").await;
    let heard = within(&mut room, "1d").await;
    let told = heard.iter().filter(|post| {
        post.text.contains("What happens to orders") && post.head.contains("@alice")
    });
    assert_eq!(told.count(), 1, "{}", room.transcript());
    // From then on that the change waits is told.
    let heard = within(&mut room, "60d").await;
    let told = heard
        .iter()
        .filter(|post| post.text.contains("What happens to orders"));
    assert_eq!(told.count(), 0, "{heard:?}");
}

/// An expiry whose renewal may fail is open from 30 days on, and told from then on where it would end badly.
#[rstest]
#[case::deletes("--action delete", true)]
#[case::unknown("", true)]
#[case::stale("--action downgrade", true)]
#[tokio::test]
async fn an_expiry_that_renews_itself_is_told_when_it_opens(
    #[case] action: &str,
    #[case] told: bool,
) {
    let mut room = platinum(&format!("--expires 2026-03-01 --auto-renew on {action}")).await;
    within(&mut room, "28d").await;
    let heard = within(&mut room, "2d").await;
    let calls = heard.iter().filter(|post| {
        post.head.contains("@team:payments")
            && post.text.contains("unless its auto-renewal succeeds")
    });
    assert_eq!(calls.count() == 1, told, "{}", room.transcript());
    // Three days and a day before it, people are called again, whatever they knew at first.
    room.as_says(ALICE, "ack orders").await.is("done", &[]);
    within(&mut room, "23d").await;
    let heard = within(&mut room, "5d").await;
    let calls = heard
        .iter()
        .filter(|post| post.head.contains("@team:payments"));
    assert_eq!(calls.count(), 2, "{heard:?}");
}

/// Known Downgrade, it ends well whether it renews or not.
#[tokio::test]
async fn an_expiry_that_ends_well_either_way_keeps_to_its_days() {
    let mut room = platinum("--expires 2026-03-01 --auto-renew on").await;
    within(&mut room, "27d").await;
    room.as_says(ALICE, "action orders downgrade").await;
    let heard = within(&mut room, "5d").await;
    assert_eq!(heard.len(), 0, "{heard:?}");
}

/// The alert of a step outside and the concern that it opens are one post in each place.
#[rstest]
#[case::one_channel(None, 1)]
#[case::two_channels(Some("alarms"), 2)]
#[tokio::test]
async fn an_unsubscription_outside_is_told_once(
    #[case] alerts: Option<&str>,
    #[case] count: usize,
) {
    let mut room = platinum("--expires 2026-12-01 --action delete").await;
    if let Some(alerts) = alerts {
        let line = format!("settings channel alerts {alerts}");
        room.as_says("root admin", &line).await.is("done", &[]);
    }
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await;
    within(&mut room, "1h").await;
    let since = room.transcript().len();
    let line = "confirm 1 unsubscribe --outside --reason it was urgent";
    room.as_says(ALICE, line).await.is("done", &[]);
    room.passes("1m").await;
    let heard: Vec<Heard> = posts(&room, since);
    let heard: Vec<&Heard> = heard
        .iter()
        .filter(|post| !post.text.contains("settings"))
        .collect();
    assert_eq!(heard.len(), count, "{heard:?}");
    assert!(
        heard
            .iter()
            .all(|post| post.head.contains("@team:payments"))
    );
    assert!(heard.iter().all(|post| post.text.contains("at once")));
    let heard = within(&mut room, "2d").await;
    assert!(heard.len() >= 2, "it goes on: {heard:?}");
}

/// Nothing stops the expiry of a change that is not approved: one alert says both.
#[tokio::test]
async fn an_unapproved_expiry_is_told_once() {
    let mut room = platinum("--expires 2026-01-20 --auto-renew off").await;
    room.as_says(ALICE, "action orders downgrade").await;
    room.as_says(ALICE, "downgrade orders --by expiry").await;
    within(&mut room, "18d").await;
    let heard = within(&mut room, "1d").await;
    let at = heard
        .iter()
        .filter(|post| post.at.starts_with("2026-01-19T16:00"));
    let at: Vec<&Heard> = at.collect();
    assert_eq!(at.len(), 1, "{heard:?}");
    assert!(at[0].text.contains("NOT APPROVED"), "{at:?}");
    assert!(
        at[0].text.contains("may be deleted at any moment"),
        "{at:?}"
    );
}

/// Missing in a complete listing that is taken in the moment of an acknowledgement: the alert of the file says it.
#[rstest]
#[case::in_that_moment(None)]
#[case::later(Some("1h"))]
#[tokio::test]
async fn what_is_missing_is_told_once_also_when_acknowledged(#[case] wait: Option<&str>) {
    let mut room = platinum("--expires 2026-12-01 --action delete").await;
    let rows: Vec<String> = (0..6)
        .map(|number| {
            format!("MQ_INST_1080056302921134_Row{number:04},row-{number},cn-hangzhou,standard")
        })
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let file = csv("id,name,region,edition", &rows);
    room.imports("", &file).await.is("done", &[]);
    room.as_says(ALICE, "ack orders").await.is("done", &[]);
    if let Some(wait) = wait {
        room.passes(wait).await;
    }
    let since = room.transcript().len();
    room.imports("--complete", &file).await.is("done", &[]);
    room.passes("1m").await;
    let heard = posts(&room, since);
    assert!(said_twice(&heard, "orders").is_none(), "{heard:?}");
    let told = heard.iter().filter(|post| post.text.contains("orders"));
    assert_eq!(told.count(), 1, "{heard:?}");
}

/// Two things that open an hour apart climb their ladders together: one post a day, and the first within a day.
#[tokio::test]
async fn what_opens_an_hour_apart_is_told_in_one_post() {
    let mut room = platinum("--action delete").await;
    room.passes("1h").await;
    let before = posts(&room, 0).len();
    // Disputed, which is told at once.
    room.as_says(ALICE, "instance set orders --edition standard")
        .await;
    within(&mut room, "1m").await;
    assert_eq!(posts(&room, 0).len(), before + 1, "{}", room.transcript());
    let heard = within(&mut room, "60d").await;
    let mut days: Vec<&str> = heard.iter().filter_map(|post| post.at.get(..10)).collect();
    let posts = days.len();
    days.dedup();
    assert_eq!(days.len(), posts, "{heard:?}");
    assert!(posts >= 4, "{heard:?}");
    let first = heard.first().unwrap();
    assert!(first.at.as_str() <= "2026-01-02T00:01", "{first:?}");
    assert!(
        first.text.contains("When does orders expire?")
            && first.text.contains("Is orders Standard"),
        "{first:?}"
    );
}

/// A notice that is raised on the day of a reminder names the instance and its facts: the reminder goes with it.
#[tokio::test]
async fn a_notice_and_a_reminder_of_one_day_are_one_post() {
    let mut room = platinum("--expires 2026-03-01T10:00:00Z --action delete").await;
    // The 14th day before it.
    room.passes("45d").await;
    room.passes("3h").await;
    let since = room.transcript().len();
    let notice = format!("notice {ORDERS} will be released on 2026-03-08, and more");
    room.as_says(ALICE, &notice).await.is("raised", &[]);
    room.passes("20h").await;
    let heard = posts(&room, since);
    let of_the_day = heard
        .iter()
        .filter(|post| post.at.starts_with("2026-02-15"));
    let of_the_day: Vec<&Heard> = of_the_day.collect();
    assert_eq!(of_the_day.len(), 1, "{heard:?}");
    assert!(of_the_day[0].head.contains("· notice"), "{heard:?}");
    assert!(of_the_day[0].head.contains("@team:payments"), "{heard:?}");
    assert!(of_the_day[0].text.contains("Delete"), "{heard:?}");
    room.as_says(ALICE, "reminders orders")
        .await
        .has("the post about a notice of that day says it");
}

/// A look at Delete that becomes too old makes nothing worse: the days around the expiry go on. What is said to be unknown does.
#[rstest]
#[case::too_old("--action delete", "", 0)]
#[case::too_old_with_auto_renewal("--action delete --auto-renew on", "", 0)]
#[case::unknown("--action delete", "instance set orders --action unknown", 1)]
#[case::delete_that_was_not_told("", "action orders delete", 1)]
#[case::downgrade_that_becomes_too_old("--action delete", "action orders downgrade", 1)]
#[tokio::test]
async fn a_look_at_delete_that_becomes_too_old_is_no_news(
    #[case] facts: &str,
    #[case] line: &str,
    #[case] told: usize,
) {
    let mut room = platinum(&format!("--expires 2026-01-29 {facts}")).await;
    within(&mut room, "2d").await;
    let since = room.transcript().len();
    if !line.is_empty() {
        room.as_says(ALICE, line).await.is("done", &[]);
    }
    room.passes("11d").await;
    let mut heard = posts(&room, since);
    heard.retain(|post| !post.is_digest());
    assert_eq!(heard.len(), told, "{heard:?}");
}

/// What may be deleted at any moment stands before what is in doubt, and what is in doubt before what is to come.
#[rstest]
#[case::after_the_expiry("2026-01-04", "2d", "orders expired 2026-01-04")]
#[case::before_it("2026-02-10T12:00:00Z", "3d", "Is orders Standard or Platinum?")]
#[tokio::test]
async fn the_gravest_comes_first(#[case] expires: &str, #[case] span: &str, #[case] first: &str) {
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires {expires} --team payments --action delete"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    within(&mut room, span).await;
    room.as_says(ALICE, "instance set orders --edition standard")
        .await;
    let heard = within(&mut room, "8d").await;
    let both = |text: &str| {
        text.contains("Is orders Standard or Platinum?") && text.contains("orders expire")
    };
    let merged: Vec<&Heard> = heard.iter().filter(|post| both(&post.text)).collect();
    assert!(!merged.is_empty(), "{heard:#?}");
    for post in merged {
        let at = post.text.find(first).unwrap_or(usize::MAX);
        assert!(at < 12, "{}", post.text);
    }
}

/// A raised notice that would call the approvers goes with a reminder of the expiry on its day, which calls them then.
#[rstest]
#[case::turns_into_standard("downgrade", 1)]
#[case::may_be_deleted("delete", 2)]
#[tokio::test]
async fn a_notice_goes_with_the_reminders_of_its_day(#[case] action: &str, #[case] posts: usize) {
    let mut room = platinum("--expires 2026-01-20 --auto-renew off").await;
    within(&mut room, "13d").await;
    room.as_says(ALICE, &format!("action orders {action}"))
        .await;
    room.as_says(ALICE, &format!("notice {ORDERS} will be released soon"))
        .await
        .is("raised", &[]);
    within(&mut room, "6d").await;
    // Seven days after it was raised, a day after the expiry.
    let day = within(&mut room, "1d").await;
    assert_eq!(day.len(), posts, "{day:#?}");
    for post in &day {
        assert!(post.head.contains("· reminder"), "{day:#?}");
        assert!(post.text.contains("Raised about it: notice 1"), "{day:#?}");
    }
    let calls = |post: &&Heard| post.head.contains("@role:approver");
    assert!(day.iter().any(|post| calls(&post)), "{day:#?}");
    let later = within(&mut room, "8d").await;
    let called = later
        .iter()
        .filter(|post| post.text.contains("Raised (told"));
    assert!(called.count() >= 1, "{later:#?}");
}

/// One that would call the approvers on a day with another post about its instance waits for the next, and is not dropped.
#[tokio::test]
async fn a_notice_waits_for_a_day_of_its_own() {
    let mut room = platinum("--expires 2026-12-20 --auto-renew off --action delete").await;
    let notice = |n: u32| format!("notice {ORDERS} will be released, says letter {n}");
    room.as_says(ALICE, &notice(1)).await.is("raised", &[]);
    within(&mut room, "3h").await;
    room.as_says(ALICE, &notice(2)).await.is("raised", &[]);
    within(&mut room, "164h").await;
    let day = within(&mut room, "12h").await;
    let first = |post: &&Heard| post.text.contains("Raised (told");
    assert_eq!(day.iter().filter(first).count(), 1, "{day:#?}");
    let next = within(&mut room, "24h").await;
    assert_eq!(next.iter().filter(first).count(), 1, "{next:#?}");
    for post in day.iter().chain(&next).filter(first) {
        assert!(post.head.contains("@role:approver"), "{post:?}");
    }
}

/// While an instance is told of every twelve hours, what else is open of it goes with that, and makes no post of its own.
#[rstest]
#[case("24h")]
#[case("28h")]
#[case("36h")]
#[case("44h")]
#[tokio::test]
async fn a_contradiction_goes_with_the_posts_after_an_expiry(#[case] read: &str) {
    let mut room = platinum("--expires 2026-01-20 --auto-renew off --action delete").await;
    let quiet = "settings quiet-hours 22:00-08:00";
    room.as_says("root admin", quiet).await.is("done", &[]);
    within(&mut room, "448h").await;
    within(&mut room, read).await;
    let row = format!("{ORDERS},orders,cn-hangzhou,platinum,2026-01-20,on\n");
    let file = format!("id,name,region,edition,expires,auto_renew\n{row}");
    room.imports("", &file).await.is("done", &[]);
    within(&mut room, "1h").await;
    let heard = within(&mut room, "4d").await;
    let disputed = heard
        .iter()
        .filter(|post| post.text.contains("Two sources disagree"));
    let disputed: Vec<&Heard> = disputed.collect();
    assert!(disputed.len() >= 2, "{heard:#?}");
    let with = |post: &&&Heard| post.text.contains("orders expired");
    assert_eq!(
        disputed.iter().filter(with).count(),
        disputed.len(),
        "{disputed:#?}"
    );
}
