//! Facts that approvers and requesters must see: an observer saw Delete, somebody rejected it before, the step may have happened,
//! nobody can give the approval.

use edition_warden::app::Actor;
use edition_warden::domain::approval::Told;
use edition_warden::render::{Reader, request_now};
use rstest::rstest;

use crate::harness::{ORDERS, Room};

const ALICE: &str = "alice requester team:payments";
const BOB: &str = "bob approver";
const CAROL: &str = "carol approver team:payments";

/// A downgrade of `orders` by this route, which rests on Downgrade.
async fn opened(route: &str) -> Room {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade --auto-renew off"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(ALICE, &format!("downgrade orders --by {route}"))
        .await
        .is("needs_approval", &[]);
    room
}

/// The same with a permit to unsubscribe, taken by alice.
async fn permitted() -> Room {
    let mut room = opened("unsubscribe").await;
    room.as_says(BOB, "approve 1 --seen downgrade")
        .await
        .is("done", &[]);
    room.as_says(CAROL, "approve 1").await.is("done", &[]);
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
    room
}

/// What is said from now on.
async fn said_after(room: &mut Room, who: &str, line: &str) -> String {
    let before = room.transcript().len();
    room.as_says(who, line).await;
    room.passes("1m").await;
    room.transcript()[before..].to_owned()
}

/// The request of change 1 as its message reads now.
async fn request_reads(room: &Room, serial: u32) -> String {
    let mut tx = room.store.read(&"local".into()).await.unwrap();
    let case = tx.load_change_case(1).await.unwrap().unwrap();
    let reader = Reader::new(chrono_tz::UTC, room.clock.now());
    request_now(&case, serial, Told::Asked, &[], &reader).text
}

/// Who opened a downgrade is called when somebody else sees Delete, by an approval or not, and its request says what moved.
#[rstest]
#[case::approver("unsubscribe", CAROL, "approve 1 --seen delete", "carol")]
#[case::by_expiry("expiry", CAROL, "approve 1 --seen delete", "carol")]
#[case::another_requester("unsubscribe", "dora requester", "action orders delete", "dora")]
#[tokio::test]
async fn the_opener_hears_that_somebody_saw_delete(
    #[case] route: &str,
    #[case] who: &str,
    #[case] line: &str,
    #[case] name: &str,
    #[values(false, true)] approved: bool,
) {
    let mut room = opened(route).await;
    if approved {
        room.as_says(BOB, "approve 1 --seen downgrade").await;
    }
    let said = said_after(&mut room, who, line).await;
    let called =
        format!("{name} saw Delete, not Downgrade, as the Post-expiration Action of orders");
    assert!(said.contains("· @alice"), "{said}");
    assert_eq!(said.matches(&called).count(), 1, "{said}");
    assert!(said.contains("alice: `next 1`"), "{said}");
    let reads = request_reads(&room, 1).await;
    assert!(reads.contains("Void: "), "{reads}");
    let moved = format!("Post-expiration Action moved from Downgrade to Delete, by {name}");
    assert!(reads.contains(&moved), "{reads}");
}

/// Who saw it, and who is told to stop, are not called for it.
#[tokio::test]
async fn who_knows_already_is_not_called() {
    let mut room = opened("unsubscribe").await;
    let said = said_after(&mut room, ALICE, "action orders delete").await;
    assert!(!said.contains("saw Delete"), "{said}");
    let mut room = permitted().await;
    let said = said_after(&mut room, BOB, "action orders delete").await;
    assert!(said.contains("Stop, alice"), "{said}");
    assert!(!said.contains("saw Delete"), "{said}");
}

/// What is asked again under a permit whose outcome nobody has reported says that it may have happened, and those who
/// approve find it.
#[tokio::test]
async fn a_request_after_a_permit_in_doubt_says_so() {
    let mut room = permitted().await;
    room.passes("40m").await;
    let before = room.transcript().len();
    room.as_says(ALICE, "next 1")
        .await
        .is("needs_approval", &[])
        .has("if it did not, it waits for these approvals")
        .lacks("a fresh permit (`next 1`)");
    room.passes("1m").await;
    let said = room.transcript()[before..].to_owned();
    assert!(
        said.contains("It may have happened already: alice's permit for it, given"),
        "{said}"
    );
    assert!(said.contains("Look first."), "{said}");
    for who in [BOB, CAROL] {
        room.as_says(who, "todo --mine").await.has("`approve 1");
    }
    room.as_says(ALICE, "todo --mine")
        .await
        .has("`confirm 1 unsubscribe`");
    // Once somebody has said that it did not happen, nothing is in doubt.
    room.as_says(ALICE, "instance set orders --edition platinum")
        .await
        .is("done", &[]);
    let serial = 2;
    let reads = request_reads(&room, serial).await;
    assert!(!reads.contains("may have happened"), "{reads}");
}

/// What is asked again after somebody said no says who did, and why, until it is approved.
#[tokio::test]
async fn a_request_after_a_rejection_says_so() {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action delete --auto-renew off"
    );
    room.as_says(ALICE, &line).await.is("done", &[]);
    room.as_says(ALICE, "downgrade orders --by unsubscribe")
        .await;
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
    room.as_says(ALICE, "confirm 1 set-action")
        .await
        .is("done", &[]);
    room.as_says(BOB, "reject 1 --reason not now")
        .await
        .is("done", &[]);
    let reads = request_reads(&room, 1).await;
    assert!(reads.starts_with("Rejected by bob: "), "{reads}");
    room.as_says(BOB, "approve 1")
        .await
        .has("requester (or admin) says `reopen 1 set-action --reason TEXT`")
        .lacks("was a mistake");
    room.as_says(ALICE, "reopen 1 set-action --reason try")
        .await;
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
    let said = said_after(&mut room, ALICE, "confirm 1 set-action").await;
    assert!(
        said.contains("Asked again after bob rejected it, "),
        "{said}"
    );
    assert!(said.contains(": “not now”."), "{said}");
    assert!(said.contains("@bob"), "{said}");
    for who in [BOB, CAROL] {
        room.as_says(who, "approve 1 --seen downgrade")
            .await
            .is("done", &[]);
    }
    room.as_says(ALICE, "next 1").await.is("allowed", &[]);
    room.passes("40m").await;
    let said = said_after(&mut room, ALICE, "next 1").await;
    assert!(said.contains("Approval asked: "), "{said}");
    assert!(!said.contains("rejected it"), "{said}");
}

/// Where one of a team has to approve, and nobody has said who is of it, the refusal names what gives it people.
#[tokio::test]
async fn an_approval_of_a_team_without_members_names_the_way_out() {
    let mut room = Room::of_team().await;
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade --team pay"
    );
    let dora = "dora requester";
    room.as_says(dora, &line).await.is("done", &[]);
    room.as_says(dora, "downgrade orders --by unsubscribe")
        .await;
    let way_out = "an admin says `settings team pay --members ROLE`, or it belongs to another team, `instance set cn-hangzhou/orders --team NAME`";
    room.as_says(BOB, "approve 1 --seen downgrade")
        .await
        .is("done", &[]);
    room.as_says("eve approver", "approve 1")
        .await
        .is("done", &[]);
    room.as_says(dora, "unsubscribe orders")
        .await
        .is("needs_approval", &[])
        .has(way_out);
    room.as_says(
        "root admin",
        "settings team pay --members payers --mention payers",
    )
    .await
    .is("done", &[]);
    room.as_says(dora, "unsubscribe orders")
        .await
        .is("needs_approval", &[])
        .lacks(way_out);
}

/// At a terminal nobody else is there: what asks for others says how they are asked for no more, and that works.
#[tokio::test]
async fn at_a_terminal_what_nobody_can_give_names_the_way_out() {
    let mut room = Room::alone_as_a_team().await;
    let local = Actor::local("root");
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-12-01 --action downgrade"
    );
    room.says_as(&local, &line).await.is("done", &[]);
    room.says_as(&local, "downgrade orders --by unsubscribe")
        .await
        .has("An admin says `settings approvals unsubscribe 0`");
    room.says_as(&local, "next 1")
        .await
        .is("needs_approval", &[])
        .has("At a terminal nobody else is there")
        .has("`settings approvals unsubscribe 0` and `settings observers 1`")
        .has("then `cancel 1 --reason TEXT`, and open it again: #1 keeps what it was asked with")
        .lacks("Approvers other than")
        .lacks("Another one looks");
    room.says_as(&local, "approve 1")
        .await
        .is("denied", &[])
        .lacks("Somebody else can");
    room.says_as(&local, "settings approvals unsubscribe 0")
        .await
        .is("done", &[]);
    room.says_as(&local, "cancel 1 --reason again")
        .await
        .is("done", &[]);
    room.says_as(&local, "downgrade orders --by unsubscribe")
        .await
        .has("2 different people must have looked before `unsubscribe`")
        .has("`settings observers 1`");
    room.says_as(&local, "next 2")
        .await
        .is("needs_approval", &[])
        .has("`settings observers 1`, then `next 2`")
        .lacks("asks them");
    room.says_as(&local, "settings observers 1")
        .await
        .is("done", &[]);
    room.says_as(&local, "next 2").await.is("allowed", &[]);
}
