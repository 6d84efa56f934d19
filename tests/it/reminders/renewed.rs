//! A renewal that a file shows is no contradiction to be called for.

use rstest::rstest;

use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester team:payments";

/// `orders` expires on 2026-01-29, and auto-renewal is on.
async fn renewing(renews: &str) -> Room {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-01-29 --action delete --team payments --auto-renew {renews}"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room
}

/// The posts of a time, digests aside, by head and text.
async fn after(room: &mut Room, span: &str) -> Vec<String> {
    let since = room.transcript().len();
    room.passes(span).await;
    let said = room.transcript()[since..].to_owned();
    let posts = said.split("\n» ").skip(1).map(str::to_owned);
    posts.filter(|post| !post.contains("· digest")).collect()
}

/// Read since it charges, a date later by whole months answers whether the renewal succeeded; a person's word stays beside it until
/// somebody confirms the new date. Off that pattern nothing is taken for granted.
#[rstest]
#[case::a_year_later("on", "21d", "2027-01-29", true)]
#[case::a_month_later("on", "21d", "2026-02-28", true)]
#[case::before_it_charges("on", "18d", "2027-01-29", false)]
#[case::not_by_whole_months("on", "21d", "2026-08-14", false)]
#[case::earlier("on", "21d", "2026-01-25", false)]
#[case::auto_renewal_off("off", "21d", "2027-01-29", false)]
#[tokio::test]
async fn a_renewal_in_a_file_is_told_once_and_calls_nobody(
    #[case] renews: &str,
    #[case] wait: &str,
    #[case] until: &str,
    #[case] renewed: bool,
) {
    let mut room = renewing(renews).await;
    room.passes(wait).await;
    let before = room.transcript().len();
    let file = format!("id,edition,expires\n{ORDERS},platinum,{until}\n");
    room.imports("", &file).await;
    room.passes("1m").await;
    let told = room.transcript()[before..].to_owned();
    assert_eq!(
        told.contains("Renewed, as auto-renewal does it"),
        renewed,
        "{told}"
    );
    assert_eq!(
        told.contains("A file moved what counts"),
        !renewed,
        "{told}"
    );
    let posts = after(&mut room, "16d").await;
    let of_the_first = |post: &&String| {
        let said = ["Did the renewal", "orders expired", "When does orders"];
        said.iter().any(|words| post.contains(words)) || post.contains("expiry: contradictory")
    };
    let told_of = posts.iter().filter(of_the_first).count();
    assert_eq!(told_of == 0, renewed, "{posts:#?}");
    if !renewed {
        return;
    }
    let line = format!("orders expires {until}");
    assert!(told.contains(&line), "{told}");
    assert!(!told.contains("· reminder · @"), "{told}");
    room.as_says(ALICE, "todo")
        .await
        .has("renewed by its auto-renewal");
    let confirmed = format!("instance set orders --expires {until}");
    room.as_says(ALICE, &confirmed).await.is("done", &[]);
    room.as_says(ALICE, "todo")
        .await
        .lacks("renewed by its auto-renewal");
}

/// Auto-renewal that is said to be off afterwards takes nothing back silently: the first date counts again.
#[tokio::test]
async fn a_renewal_that_is_doubted_brings_the_first_date_back() {
    let mut room = renewing("on").await;
    room.passes("21d").await;
    let file = format!("id,edition,expires\n{ORDERS},platinum,2027-01-29\n");
    room.imports("", &file).await;
    room.as_says(ALICE, "instance set orders --auto-renew off")
        .await
        .is("done", &[]);
    let posts = after(&mut room, "16d").await;
    let expired = posts.iter().filter(|post| post.contains("orders expired"));
    assert!(expired.count() >= 3, "{posts:#?}");
}

/// A listing that was read before the instance was last seen moves nothing by not having it.
#[tokio::test]
async fn a_listing_from_before_the_last_look_is_no_alarm() {
    let mut room = Room::of_team().await;
    room.passes("1d").await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-12-29 --action delete --team payments"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    let before = room.transcript().len();
    let file = "id,edition\nMQ_INST_1080056302921134_ZZuIbML7,standard\n";
    room.imports(
        "--complete --region cn-hangzhou --accept-missing 1 --at 2026-01-01T20:00:00Z",
        file,
    )
    .await
    .has("newer");
    room.passes("1m").await;
    let told = room.transcript()[before..].to_owned();
    assert!(!told.contains("A file moved what counts"), "{told}");
}
