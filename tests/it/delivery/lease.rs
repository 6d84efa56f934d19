//! One process delivers per database.

use chrono::TimeDelta;
use edition_warden::domain::case::Case;
use edition_warden::domain::id::{InstanceId, InstanceName, Region};
use edition_warden::domain::instance::Instance;
use edition_warden::domain::place::DatabasePlace;
use edition_warden::store::Store;

use super::recording::Office;
use crate::harness::{ORDERS, new_place};

/// Two bots on one database, with clocks of their own.
async fn two() -> ((tempfile::TempDir, DatabasePlace), Office, Office) {
    let directory = tempfile::tempdir().unwrap();
    let place = new_place(directory.path()).await;
    let one = Office::shared(Store::open_at(&place).await.unwrap());
    let two = Office::shared(Store::open_at(&place).await.unwrap());
    ((directory, place), one, two)
}

#[tokio::test]
async fn the_second_posts_nothing_until_the_lease_lapses() {
    let (_directory, one, two) = two().await;
    assert!(one.delivery.begin().await.unwrap());
    assert!(!two.delivery.begin().await.unwrap());
    two.posts("ops", "one").await;
    two.pass().await;
    assert!(two.chat.reads("ops").is_empty());
    one.pass().await;
    assert_eq!(one.chat.reads("ops"), ["one"]);

    // The first one dies.
    two.posts("ops", "two").await;
    two.advance(29).await;
    assert!(two.chat.reads("ops").is_empty());
    two.advance(1).await;
    assert_eq!(two.chat.reads("ops"), ["two"]);

    // It was only asleep.
    one.clock.advance_by(TimeDelta::seconds(15)).unwrap();
    one.posts("ops", "three").await;
    one.pass().await;
    assert_eq!(one.chat.reads("ops"), ["one"], "it has noticed");
    two.pass().await;
    assert_eq!(two.chat.reads("ops"), ["two", "three"]);
}

#[tokio::test]
async fn a_holder_that_is_used_keeps_it() {
    let (_directory, one, two) = two().await;
    for _ in 0..20 {
        one.clock.advance_by(TimeDelta::seconds(9)).unwrap();
        two.clock.advance_by(TimeDelta::seconds(9)).unwrap();
        one.pass().await;
        assert!(!two.delivery.begin().await.unwrap());
    }
}

#[tokio::test]
async fn it_is_given_back_at_the_end() {
    let (_directory, one, two) = two().await;
    assert!(one.delivery.begin().await.unwrap());
    one.posts("ops", "one").await;
    one.delivery.stop().await.unwrap();
    one.pass().await;
    assert!(one.chat.reads("ops").is_empty(), "the rest is left");
    assert!(two.delivery.begin().await.unwrap());
    two.pass().await;
    assert_eq!(two.chat.reads("ops"), ["one"]);
}

#[tokio::test]
async fn a_lease_from_a_clock_that_was_wrong_does_not_count() {
    let (_directory, one, two) = two().await;
    one.clock.advance_by(TimeDelta::days(900)).unwrap();
    assert!(one.delivery.begin().await.unwrap());
    assert!(two.delivery.begin().await.unwrap());
}

async fn tracks(office: &Office, workspace: &str) {
    let id = InstanceId::parse(ORDERS).unwrap();
    let name = InstanceName::parse("orders").unwrap();
    let region = Region::parse("cn-hangzhou").unwrap();
    let case = Case::new(Instance::new(id, name, region), None);
    let mut tx = office.store.write(&workspace.into()).await.unwrap();
    tx.save(&case).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn back_after_long_every_workspace_hears_of_it_once() {
    let ((_directory, place), one, two) = two().await;
    for workspace in ["v", "w"] {
        tracks(&one, workspace).await;
    }
    one.pass().await;
    one.delivery.stop().await.unwrap();
    two.clock.advance_by(TimeDelta::minutes(59)).unwrap();
    two.pass().await;
    two.delivery.stop().await.unwrap();
    assert!(two.chat.inside().seen.is_empty(), "that is not long");

    let three = Office::shared(Store::open_at(&place).await.unwrap());
    three.clock.advance_by(TimeDelta::hours(5)).unwrap();
    three.pass().await;
    three.pass().await;
    let inside = three.chat.inside();
    // Workspaces do not wait for each other.
    let mut heard: Vec<_> = inside
        .seen
        .iter()
        .map(|seen| (seen.workspace.as_str(), seen.channel.as_str()))
        .collect();
    heard.sort_unstable();
    assert_eq!(heard, [("v", "general"), ("w", "general")]);
    insta::assert_snapshot!(inside.seen[0].text, @"I was offline from 2026-01-01 08:59 UTC+8 to 2026-01-01 13:00 UTC+8 (4 h 1 min): nothing was posted in that time. What is still worth saying comes now.");
}

#[tokio::test]
async fn a_silence_is_told_once_and_before_what_fell_due_in_it() {
    let ((_directory, place), one, two) = two().await;
    tracks(&one, "w").await;
    one.pass().await;
    one.delivery.stop().await.unwrap();
    // It takes the lease, and ends before it has sent anything.
    two.clock.advance_by(TimeDelta::days(3)).unwrap();
    two.posts("general", "fell due in the silence").await;
    assert!(two.delivery.begin().await.unwrap());
    two.delivery.stop().await.unwrap();

    let three = Office::shared(Store::open_at(&place).await.unwrap());
    three.clock.advance_by(TimeDelta::days(6)).unwrap();
    three.pass().await;
    let inside = three.chat.inside();
    let of_w = inside
        .seen
        .iter()
        .filter(|seen| seen.workspace.as_str() == "w");
    let told: Vec<_> = of_w.map(|seen| seen.text.clone()).collect();
    assert_eq!(
        told[..2],
        [
            "I was offline from 2026-01-01 08:00 UTC+8 to 2026-01-07 08:00 UTC+8 (6 d): nothing was posted in that time. What is still worth saying comes now.",
            "fell due in the silence"
        ]
    );
    let others = &told[2..];
    assert!(
        !others.iter().any(|text| text.contains("I was away")),
        "{others:?}"
    );
}
