//! What was found since an exit speaks against it: a release notice is not called probably redundant then.

use rstest::rstest;

use super::doubts::{release, room};
use crate::harness::{ORDERS, Room, STOCK};

const ALICE: &str = "alice requester,admin team:payments";
const GONE: &str = "notice Instance MQ_INST_1080056302921134_BXuIbML7 has been released.";
const EXPIRES: &str = "instance set orders --expires 2027-03-01";
const UNKNOWN: &str = "instance set orders --edition unknown";
const PLATINUM: &str = "instance set orders --edition platinum";
/// A complete listing lacks it.
const MISSING: &str = "missing";
/// A listing has it as Platinum.
const LISTED: &str = "listed";
/// The billing document has its subscription.
const BILLED: &str = "billed";

/// An unsubscription that a change recorded, or an expiry with Downgrade.
async fn left(unsubscribed: bool) -> Room {
    let mut room = room().await;
    if unsubscribed {
        for line in [
            "downgrade orders --by unsubscribe",
            "confirm 1 unsubscribe --outside --reason hurry",
        ] {
            room.as_says(ALICE, line).await;
        }
    } else {
        room.passes("5d").await;
    }
    room.passes("1h").await;
    room
}

async fn finds(room: &mut Room, found: &str) {
    let listing = |row: &str| format!("id,name,region,edition,expires\n{row}\n");
    let heard = match found {
        "" => return,
        MISSING => {
            let file = listing(&format!("{STOCK},stock,cn-hangzhou,standard,"));
            let complete = "--complete --accept-missing 1";
            room.imports(complete, &file).await
        }
        LISTED => {
            let row = format!("{ORDERS},orders,cn-hangzhou,platinum,2026-03-01");
            room.imports("", &listing(&row)).await
        }
        BILLED => {
            let file = r#"{"Data": {"InstanceList": [{"InstanceID": "ons-cn-0pp1abc2d34", "Status": "Normal", "EndTime": "2026-02-28T16:00:00Z"}]}}"#;
            room.imports("", file).await
        }
        said => room.as_says(ALICE, said).await,
    };
    let taken = ["done", "raised", "already_done"];
    assert!(taken.contains(&heard.outcome), "{found}: {}", heard.text);
    room.passes("1h").await;
}

#[rstest]
#[case::nothing(true, "", None)]
#[case::a_listing_lacks_it(true, MISSING, Some("A listing does not have it any more"))]
#[case::called_gone(true, GONE, Some("Notice 1 says that it is gone already"))]
#[case::renewed(
    true,
    EXPIRES,
    Some("Said after the exit that #1 recorded: expiry: 2027-03-01")
)]
#[case::billed(
    true,
    BILLED,
    Some("Said after the exit that #1 recorded: expiry: 2026-03-01")
)]
#[case::not_known(
    true,
    UNKNOWN,
    Some("Since the exit that #1 recorded, edition: unknown")
)]
#[case::seen_as_platinum(true, PLATINUM, Some("It was seen as Platinum"))]
#[case::listed_as_platinum(true, LISTED, Some("It was seen as Platinum"))]
#[case::expired(false, "", None)]
#[case::expired_and_lacking(false, MISSING, Some("A listing does not have it any more"))]
#[case::expired_and_called_gone(false, GONE, Some("Notice 1 says that it is gone already"))]
#[case::expired_and_not_known(false, UNKNOWN, Some("Since its expiry, edition: unknown"))]
#[case::expired_and_platinum(false, PLATINUM, Some("It was seen as Platinum"))]
#[case::expired_and_listed(false, LISTED, Some("It was seen as Platinum"))]
#[tokio::test]
async fn nothing_is_probable_then(
    #[case] unsubscribed: bool,
    #[case] found: &str,
    #[case] said: Option<&str>,
) {
    let mut room = left(unsubscribed).await;
    finds(&mut room, found).await;
    let heard = room.as_says(ALICE, &release(ORDERS)).await;
    heard.is("raised", &[]);
    let is_probable = heard.text.contains("Probably redundant");
    assert_eq!(is_probable, said.is_none(), "{}", heard.text);
    if let Some(said) = said {
        heard
            .has(said)
            .has("If it is gone, `instance lost cn-hangzhou/orders --reason TEXT`");
    }
    room.passes("2d").await;
    let posts = room.posts().iter().rev();
    let mut told = posts.filter(|post| post.text.contains("a release notice for orders"));
    let told = told.next().unwrap();
    assert_eq!(
        told.text.contains("Probably redundant"),
        is_probable,
        "{}",
        told.text
    );
}

/// Where a notice calls it gone, `why` does not say that a release notice would be suppressed.
#[tokio::test]
async fn why_says_nothing_else() {
    let mut room = room().await;
    let would = "would be redundant";
    room.as_says(ALICE, "why orders").await.has(would);
    finds(&mut room, GONE).await;
    room.as_says(ALICE, "why orders").await.lacks(would);
}
