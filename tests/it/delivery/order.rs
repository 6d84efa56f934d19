//! Order, and what failures do to it: nothing.

use std::time::Duration;

use chrono::TimeDelta;
use edition_warden::delivery::Refused;
use proptest::prelude::*;

use super::recording::{Mood, Office, post};
use crate::harness::instant;

#[tokio::test]
async fn what_is_due_is_said_in_its_order_and_only_once() {
    let office = Office::open().await;
    let now = office.clock.now();
    office
        .posts_at("ops", "later", now + TimeDelta::hours(1))
        .await;
    for text in ["one", "two", "three"] {
        office.posts("ops", text).await;
    }
    assert!(
        !office.puts("w", &post("ops", "one", now)).await,
        "its key is there already"
    );
    office.pass().await;
    office.pass().await;
    assert_eq!(office.chat.reads("ops"), ["one", "two", "three"]);
    assert_eq!(
        office.chat.inside().looked,
        0,
        "nobody asks about a first time"
    );
    office.advance(3600).await;
    assert_eq!(office.chat.reads("ops"), ["one", "two", "three", "later"]);
    assert_eq!(office.delivery.next().await.unwrap(), None);
}

#[tokio::test]
async fn the_same_key_in_another_workspace_is_another_message() {
    let office = Office::open().await;
    let now = office.clock.now();
    assert!(office.puts("w", &post("ops", "one", now)).await);
    assert!(office.puts("v", &post("ops", "one", now)).await);
    office.pass().await;
    assert_eq!(office.chat.reads("ops"), ["one", "one"]);
}

#[tokio::test]
async fn a_decision_that_is_undone_says_nothing() {
    let office = Office::open().await;
    let mut tx = office.store.write(&"w".into()).await.unwrap();
    tx.post(&post("ops", "never", office.clock.now()))
        .await
        .unwrap();
    drop(tx);
    office.pass().await;
    assert!(office.chat.reads("ops").is_empty());
}

#[tokio::test]
async fn a_failing_channel_keeps_its_order_and_holds_up_nobody() {
    let office = Office::open().await;
    office.chat.script("ops", [Mood::Later, Mood::Later]);
    for text in ["one", "two"] {
        office.posts("ops", text).await;
        office.posts("other", text).await;
    }
    office.pass().await;
    assert_eq!(office.chat.reads("other"), ["one", "two"]);
    assert_eq!(
        office.chat.tries("ops"),
        1,
        "the second waits for the first"
    );
    office.advance(60).await;
    assert_eq!(office.chat.reads("ops"), ["one", "two"]);
}

#[tokio::test]
async fn a_channel_that_hangs_holds_up_nobody() {
    let office = Office::open().await;
    office.chat.script("ops", [Mood::Hangs]);
    office.posts("ops", "one").await;
    office.posts("other", "one").await;
    let running = tokio::spawn({
        let delivery = office.delivery.clone();
        async move { delivery.run().await }
    });
    office.chat.changed.notified().await;
    office.posts("other", "two").await;
    office.chat.changed.notified().await;
    assert_eq!(office.chat.reads("other"), ["one", "two"]);
    assert!(office.chat.reads("ops").is_empty());
    running.abort();
}

#[tokio::test]
async fn the_wait_grows_and_is_limited() {
    let office = Office::open().await;
    office.chat.script("ops", vec![Mood::Later; 14]);
    office.posts("ops", "one").await;
    office.advance(3 * 3600).await;
    let inside = office.chat.inside();
    assert_eq!(inside.seen.len(), 1);
    let at: Vec<_> = inside.tried.iter().map(|(at, _, _)| *at).collect();
    let waits: Vec<f64> = at
        .windows(2)
        .map(|two| (two[1] - two[0]).num_milliseconds() as f64 / 1000.0)
        .collect();
    for (wait, whole) in waits
        .iter()
        .zip([2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0])
    {
        assert!(
            (whole / 2.0..=whole + 0.01).contains(wait),
            "{wait} of {whole}"
        );
    }
    assert!(waits.iter().all(|wait| *wait <= 600.01), "{waits:?}");
}

#[tokio::test]
async fn a_chat_that_says_when_to_come_again_is_obeyed() {
    let office = Office::open().await;
    office
        .chat
        .script("ops", [Mood::After(Duration::from_millis(90_500))]);
    office.posts("ops", "one").await;
    office.pass().await;
    office.posts("ops", "two").await;
    office.advance(90).await;
    assert_eq!(office.chat.tries("ops"), 1);
    office.advance(1).await;
    assert_eq!(office.chat.reads("ops"), ["one", "two"]);
    let came = office.chat.inside().tried[1].0;
    assert!(came >= instant("2026-01-01T00:01:30.500Z"), "{came}");
}

#[tokio::test]
async fn what_was_seen_but_reported_as_failed_is_not_said_again() {
    for window_open in [true, false] {
        let office = Office::open().await;
        office.chat.inside().window_open = window_open;
        office.chat.script("ops", [Mood::Ambiguous]);
        office.posts("ops", "one").await;
        office.posts("ops", "two").await;
        office.advance(60).await;
        assert_eq!(office.chat.reads("ops"), ["one", "two"]);
        assert_eq!(office.chat.inside().looked, 1);
    }
}

fn mood() -> impl Strategy<Value = Mood> {
    prop_oneof![
        4 => Just(Mood::Well),
        2 => Just(Mood::Later),
        1 => (0u64..5_000).prop_map(|ms| Mood::After(Duration::from_millis(ms))),
        2 => Just(Mood::Ambiguous),
    ]
}

/// Posts and moves of the clock, on three channels.
#[derive(Debug, Clone)]
enum Move {
    Post(usize, i64),
    Wait(i64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        (0usize..3, 0i64..40).prop_map(|(channel, due)| Move::Post(channel, due)),
        (0i64..30).prop_map(Move::Wait),
    ];
    prop::collection::vec(one, 1..25)
}

const CHANNELS: [&str; 3] = ["a", "b", "c"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_message_is_seen_once_and_in_order(
        moves in moves(),
        moods in prop::collection::vec(prop::collection::vec(mood(), 0..12), 3),
        gone in prop::option::of(0usize..3),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let office = Office::open().await;
            for (channel, moods) in CHANNELS.iter().zip(moods) {
                office.chat.script(channel, moods);
            }
            if let Some(gone) = gone {
                office.chat.script(CHANNELS[gone], vec![Mood::Never(Refused::Gone); 99]);
            }
            let mut posted = vec![Vec::new(); 3];
            for (serial, step) in moves.into_iter().enumerate() {
                match step {
                    Move::Post(channel, due) => {
                        let due = office.clock.now() + TimeDelta::seconds(due);
                        let text = format!("{serial:03}");
                        office.posts_at(CHANNELS[channel], &text, due).await;
                        posted[channel].push((due, text));
                    }
                    Move::Wait(seconds) => office.advance(seconds).await,
                }
            }
            office.advance(7 * 86_400).await;
            assert_eq!(office.delivery.next().await.unwrap(), None);
            for (at, mut posted) in posted.into_iter().enumerate() {
                let mut seen = office.chat.reads(CHANNELS[at]);
                if gone == Some(at) {
                    assert!(seen.is_empty());
                    seen = office.chat.reads("alerts");
                    seen.retain(|text| text.starts_with("This could not be posted to"));
                    assert_eq!(seen.len(), posted.len());
                    continue;
                }
                // A message that came later with an earlier time was posted after the others were seen.
                posted.sort();
                let mut sorted = seen.clone();
                sorted.sort();
                let mut expected: Vec<String> = posted.iter().map(|(_, text)| text.clone()).collect();
                assert_due_order(&seen, &posted);
                expected.sort();
                assert_eq!(sorted, expected);
            }
        });
    }
}

/// Two that waited at the same time are seen in the order of their due times, then of their posting.
fn assert_due_order(seen: &[String], posted: &[(edition_warden::domain::Timestamp, String)]) {
    let place = |text: &String| seen.iter().position(|seen| seen == text).unwrap();
    for one in posted {
        for two in posted {
            if one.0 <= two.0 && one.1 < two.1 {
                assert!(place(&one.1) < place(&two.1), "{one:?} {two:?} {seen:?}");
            }
        }
    }
}
