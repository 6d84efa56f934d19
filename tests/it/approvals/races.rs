//! Two people at the same moment, on two programs that share a database: whatever they do, it comes out as if one had been
//! first and the other second.

use std::sync::Arc;

use edition_warden::app::{Actor, Warden};
use edition_warden::command::parse_line;
use edition_warden::domain::place::DatabasePlace;
use edition_warden::store::Store;
use rstest::rstest;
use tokio::sync::Barrier;

use crate::harness::{ORDERS, Room, new_place};

const ALICE: &str = "alice requester";
const BOB: &str = "bob approver";
const CAROL: &str = "carol approver";
const DAVE: &str = "dave requester";
const ROOT: &str = "root admin";

/// What both were told, and what is shown then.
type Ending = (Vec<String>, Vec<String>);
type Said = (&'static str, &'static str);

/// What happened before: who said what, or `+` and how much time passed.
type Story = &'static [Said];

/// `unsubscribe` waits for its second approval.
const ONE_APPROVED: Story = &[
    (ALICE, "action orders downgrade"),
    (ALICE, "downgrade orders --by unsubscribe"),
    (BOB, "approve 1 --seen downgrade"),
];
/// Two have approved and looked.
const APPROVED: Story = &[
    (ALICE, "action orders downgrade"),
    (ALICE, "downgrade orders --by unsubscribe"),
    (BOB, "approve 1 --seen downgrade"),
    (CAROL, "approve 1 --seen downgrade"),
];
/// The approvals are about to lapse: 24 h hold for the vendor's own look too, so it is looked at again.
const ABOUT_TO_LAPSE: Story = &[
    (ALICE, "action orders downgrade"),
    (ALICE, "downgrade orders --by unsubscribe"),
    (BOB, "approve 1 --seen downgrade"),
    (CAROL, "approve 1 --seen downgrade"),
    ("+", "1439m"),
    (ALICE, "action orders downgrade"),
    (DAVE, "action orders downgrade"),
    ("+", "1m"),
];
/// An upgrade waits for its approval.
const UPGRADE: Story = &[
    (
        ALICE,
        "instance add MQ_INST_1080056302921134_BYyZzAA1 --name billing --region cn-hangzhou --edition standard --max-tps 4000 --busy off",
    ),
    (ALICE, "upgrade billing"),
];

async fn tell(room: &mut Room, story: Story) {
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --auto-renew off --max-tps 4000 --busy off"
    );
    room.as_says(ALICE, &add).await.is("done", &[]);
    for (who, said) in story {
        if *who == "+" {
            room.advance(said);
        } else {
            room.as_says(who, said).await;
        }
    }
}

async fn says(warden: &Warden, (who, line): Said) -> String {
    let mut actor = Actor::sandbox("nobody");
    actor.speak_as(who).unwrap();
    let reply = warden.handle(&actor, &parse_line(line).unwrap()).await;
    reply.outcome.as_str().to_owned()
}

/// What both were told, and how the change stands: steps, approvals, permit, and the history without who was first.
async fn ending(room: &mut Room, told: [String; 2]) -> Ending {
    let shown = room.as_says(ALICE, "change 1").await.text.clone();
    let mut lines: Vec<String> = shown.lines().map(str::to_owned).collect();
    lines.sort();
    let facts = room
        .as_says(ALICE, "instance show orders")
        .await
        .text
        .clone();
    let mut facts: Vec<String> = facts.lines().map(str::to_owned).collect();
    facts.sort();
    lines.extend(facts);
    (told.to_vec(), lines)
}

async fn one_after_the_other(story: Story, pair: [Said; 2], turned: bool) -> Ending {
    let mut room = Room::of_team().await;
    tell(&mut room, story).await;
    let told = if turned {
        let second = says(&room.warden, pair[1]).await;
        [says(&room.warden, pair[0]).await, second]
    } else {
        let first = says(&room.warden, pair[0]).await;
        [first, says(&room.warden, pair[1]).await]
    };
    ending(&mut room, told).await
}

/// Both at once, each on its own program; `turned` says whose task is made first.
async fn at_once(place: &DatabasePlace, story: Story, pair: [Said; 2], turned: bool) -> Ending {
    let store = Store::open_at(place).await.unwrap();
    let mut room = Room::of_team_on(store.clone());
    tell(&mut room, story).await;
    let now = edition_warden::render::rfc3339(room.clock.now());
    let elsewhere = Store::open_at(place).await.unwrap();
    let other = Room::of_team_on(elsewhere.clone()).set_clock(&now);
    // Both are connected before it begins, so that neither has a head start.
    drop(elsewhere.write(&"local".into()).await.unwrap());
    drop(elsewhere.read(&"local".into()).await.unwrap());
    let ready = Arc::new(Barrier::new(2));
    let task = |at: usize| {
        let warden = if at == 0 { &room.warden } else { &other.warden };
        let (warden, ready) = (warden.clone(), Arc::clone(&ready));
        tokio::spawn(async move {
            ready.wait().await;
            says(&warden, pair[at]).await
        })
    };
    let (first, second) = if turned {
        let second = task(1);
        (task(0), second)
    } else {
        (task(0), task(1))
    };
    let told = [first.await.unwrap(), second.await.unwrap()];
    let ending = ending(&mut room, told).await;
    store.close().await;
    elsewhere.close().await;
    ending
}

#[rstest]
#[case::two_approvals(ONE_APPROVED, [(CAROL, "approve 1 --seen downgrade"), ("erin approver", "approve 1")])]
#[case::one_person_twice(ONE_APPROVED, [(CAROL, "approve 1"), (CAROL, "approve 1")])]
#[case::an_approval_and_a_fact(ONE_APPROVED, [(CAROL, "approve 1"), (DAVE, "instance set orders --expires 2026-04-01")])]
#[case::an_approval_and_another_look(ONE_APPROVED, [(CAROL, "approve 1"), (DAVE, "action orders delete")])]
#[case::an_approval_and_a_rejection(ONE_APPROVED, [(CAROL, "approve 1"), ("erin approver", "reject 1 --reason no")])]
#[case::an_approval_and_its_revocation(ONE_APPROVED, [(CAROL, "approve 1"), (BOB, "revoke 1")])]
#[case::an_approval_and_broken_glass(UPGRADE, [(BOB, "approve 1"), (ROOT, "break-glass 1 --reason down --ticket T-1")])]
#[case::an_approval_and_a_cancellation(UPGRADE, [(BOB, "approve 1"), (ALICE, "cancel 1 --reason later")])]
#[case::a_permit_and_a_fact(APPROVED, [(ALICE, "next 1"), (DAVE, "instance set orders --expires 2026-04-01")])]
#[case::a_permit_and_another_look(APPROVED, [(ALICE, "next 1"), (BOB, "approve 1 --seen delete")])]
#[case::a_permit_and_a_revocation(APPROVED, [(ALICE, "next 1"), (BOB, "revoke 1")])]
#[case::two_permits(APPROVED, [(ALICE, "next 1"), (DAVE, "next 1")])]
#[case::a_permit_and_a_lapse(ABOUT_TO_LAPSE, [(ALICE, "next 1"), (BOB, "approve 1")])]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_as_if_one_had_been_first(#[case] story: Story, #[case] pair: [Said; 2]) {
    let serial = [
        one_after_the_other(story, pair, false).await,
        one_after_the_other(story, pair, true).await,
    ];
    for round in 0..8 {
        let directory = tempfile::tempdir().unwrap();
        let ended = at_once(
            &new_place(directory.path()).await,
            story,
            pair,
            round % 2 == 1,
        )
        .await;
        assert!(
            serial.contains(&ended),
            "{ended:#?}\nis neither\n{:#?}\nnor\n{:#?}",
            serial[0],
            serial[1]
        );
    }
}
