//! An expiry that a notice or a listing gives, and the facts do not: it may be right.

use rstest::rstest;

use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester,admin team:payments";

const EXPIRES: &str =
    "notice Your instance MQ_INST_1080056302921134_BXuIbML7 will expire on 2026-02-01.";
const RELEASED: &str =
    "notice Your instance MQ_INST_1080056302921134_BXuIbML7 will be released on 2026-02-08.";
const LATER: &str = "platinum --expires 2026-06-01 --action delete";
const LOST: &str = "instance lost orders --reason gone";
/// A listing has it as Platinum until 2026-02-01.
const LISTED: &str = "list 2026-02-01";

async fn orders(facts: &str) -> Room {
    let mut room = Room::of_team().await;
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --team payments --edition {facts}"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    room
}

/// Says each line, half a day after the one before; `list WHEN` imports a listing with this expiry.
async fn say(room: &mut Room, lines: &[&str]) {
    for line in lines {
        room.passes("12h").await;
        if let Some(expires) = line.strip_prefix("list ") {
            let file = format!(
                "id,name,region,edition,expires\n{ORDERS},orders,cn-hangzhou,platinum,{expires}\n"
            );
            room.imports("", &file).await.is("done", &[]);
        } else {
            let heard = room.as_says(ALICE, line).await;
            let refused = ["invalid", "denied", "blocked", "inconclusive"];
            assert!(!refused.contains(&heard.outcome), "{line}: {}", heard.text);
        }
    }
}

/// The reminders from now until a moment that call somebody and speak of the announced day.
async fn reminders(room: &mut Room, until: &str, said: &str) -> Vec<String> {
    let before = room.posts().len();
    let span = crate::harness::instant(until) - room.clock.now();
    room.passes(&format!("{}m", span.num_minutes())).await;
    let posts = room.posts().get(before..).unwrap_or_default().iter();
    let posts = posts.filter(|post| post.text.contains(said) && !post.mentions.is_empty());
    let posts = posts.filter(|post| !post.text.contains("The week's digest"));
    posts.map(|post| post.text.clone()).collect()
}

/// Acknowledging the notice does not end it: the row of the last days and that after the expiry are told, and it is in `todo` with its day.
#[rstest]
#[case::before_the_known_one(LATER, &[EXPIRES], "as notice 1 says", "`instance set cn-hangzhou/orders --expires WHEN`")]
#[case::acknowledged(LATER, &[EXPIRES, "ack notice 1"], "as notice 1 says", "`instance set cn-hangzhou/orders --expires WHEN`")]
#[case::told_twice(LATER, &[EXPIRES, "notice 您的实例 MQ_INST_1080056302921134_BXuIbML7 将于2026年2月1日到期。"], "as notice 1 says", "`instance set cn-hangzhou/orders --expires WHEN`")]
#[case::none_is_known("platinum --action delete", &[EXPIRES], "as notice 1 says", "`instance set cn-hangzhou/orders --expires WHEN`")]
#[case::a_release_that_fits_none(LATER, &[RELEASED], "7 days before the release that notice 1 announces", "`instance set cn-hangzhou/orders --expires WHEN`")]
#[case::a_release_where_none_is_known("platinum --action downgrade", &[RELEASED], "7 days before the release that notice 1 announces", "`instance set cn-hangzhou/orders --expires WHEN`")]
#[case::what_is_known_as_standard("standard", &[EXPIRES], "as notice 1 says", "`instance set cn-hangzhou/orders --edition <standard|platinum>`")]
#[case::lost_and_listed("platinum --expires 2026-02-01 --action delete", &[LOST, LISTED], "If orders is there, it", "`instance lost MQ_INST")]
#[case::lost_and_listed_with_another("platinum --expires 2026-05-01 --action delete", &[LOST, LISTED], "If orders is there, it", "`instance lost MQ_INST")]
#[case::lost_and_announced("platinum --expires 2026-02-01 --action delete", &[LOST, EXPIRES], "as notice 1 says", "`instance lost MQ_INST")]
#[tokio::test]
async fn is_reminded_of_in_its_last_days_and_after_it(
    #[case] facts: &str,
    #[case] lines: &[&str],
    #[case] said: &str,
    #[case] way_out: &str,
) {
    let mut room = orders(facts).await;
    say(&mut room, lines).await;
    reminders(&mut room, "2026-01-28T12:00:00Z", said).await;
    let todo = room.as_says(ALICE, "todo").await;
    todo.has("2026-02-01 00:00 UTC+8").has(way_out);
    let ahead = reminders(&mut room, "2026-01-31T15:00:00Z", said).await;
    assert_eq!(ahead.len(), 2, "3 days and a day before: {ahead:#?}");
    let after = reminders(&mut room, "2026-02-07T15:00:00Z", said).await;
    assert_eq!(
        after.len(),
        14,
        "on the day, and every 12 hours: {after:#?}"
    );
    let all: Vec<&String> = ahead.iter().chain(&after).collect();
    assert!(
        all.iter()
            .all(|text| text.contains(way_out.trim_start_matches('`'))),
        "{all:#?}"
    );
}

/// A look at the expiry, or at an edition that has none, settles it; so does a listing read since.
#[rstest]
#[case::the_known_one_is_right(LATER, &[EXPIRES, "instance set orders --expires 2026-06-01"])]
#[case::it_was_renewed(LATER, &[EXPIRES, "instance set orders --expires 2027-02-01"])]
#[case::a_listing_repeats_it(LATER, &[EXPIRES, "list 2026-06-01"])]
#[case::it_is_standard("standard", &[EXPIRES, "instance set orders --edition standard"])]
#[case::it_is_gone(LATER, &[EXPIRES, LOST])]
#[case::it_is_gone_once_more(LATER, &[LOST, EXPIRES, "instance lost orders --reason looked"])]
#[case::it_is_the_known_one("platinum --expires 2026-02-01 --action delete", &[EXPIRES])]
#[case::it_is_later("platinum --expires 2026-01-20 --action delete", &[EXPIRES])]
#[case::it_is_over(LATER, &["notice Your instance MQ_INST_1080056302921134_BXuIbML7 will expire on 2025-12-01."])]
#[case::it_is_not_understood(LATER, &["notice Your instance MQ_INST_1080056302921134_BXuIbML7 will perhaps expire on 2026-02-01."])]
#[case::a_release_fits("platinum --expires 2026-02-02 --action delete", &[RELEASED])]
#[case::of_the_subscription_that_it_left("platinum --expires 2026-02-01 --action downgrade", &[
    "downgrade orders --by unsubscribe",
    "confirm 1 unsubscribe --outside --reason hurry",
    "confirm 1 verify-standard",
    EXPIRES,
])]
#[tokio::test]
async fn is_no_day_of_its_own_once_that_is_settled(#[case] facts: &str, #[case] lines: &[&str]) {
    let mut room = orders(facts).await;
    say(&mut room, lines).await;
    let mut told = reminders(&mut room, "2026-02-07T15:00:00Z", "notice 1").await;
    told.retain(|text| {
        text.contains("as notice 1 says") || text.contains("that notice 1 announces")
    });
    assert!(told.is_empty(), "{told:#?}");
    let todo = room.as_says(ALICE, "todo").await;
    todo.lacks("as notice 1 says");
}
