//! Messages that cannot be delivered, or need not be.

use edition_warden::delivery::Refused;
use edition_warden::domain::id::Person;
use edition_warden::domain::payload::Payload;
use edition_warden::domain::setting::{ChannelKind, Set, Setting};
use sqlx::Row as _;

use super::recording::{Mood, Office, post};
use crate::harness::instant;

/// The states of all messages, in the order of posting, with what went wrong.
async fn states(path: &std::path::Path) -> Vec<(String, String, Option<String>)> {
    use sqlx::ConnectOptions as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut connection = options.connect().await.unwrap();
    let rows = sqlx::query("SELECT key, state, last_error FROM outbox ORDER BY workspace, id")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    rows.iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect()
}

async fn on_file() -> (tempfile::TempDir, std::path::PathBuf, Office) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("warden.db");
    let store = edition_warden::store::Store::open(&path).await.unwrap();
    (directory, path, Office::shared(store))
}

#[tokio::test]
async fn what_cannot_be_posted_goes_to_the_alerts_and_the_admins_hear_of_it_once() {
    let (_directory, path, office) = on_file().await;
    office
        .chat
        .script("ops", vec![Mood::Never(Refused::Gone); 2]);
    office.posts("ops", "one").await;
    office.posts("ops", "two").await;
    office.pass().await;
    insta::assert_snapshot!(office.chat.reads("alerts").join("\n---\n"), @r"
    Nothing can be posted to ops: the channel is gone. Until that is put right, what is meant for it comes here. Restore the channel or the permission to post there, or give its instances another: `instance set INSTANCE --channel CHANNEL`.
    ---
    This could not be posted to ops: the channel is gone.
    one
    ---
    This could not be posted to ops: the channel is gone.
    two
    ");
    let called: Vec<usize> = office
        .chat
        .inside()
        .seen
        .iter()
        .map(|seen| seen.mentions.len())
        .collect();
    assert_eq!(called, [1, 0, 0], "the admins");
    let states = states(&path).await;
    let moved: Vec<_> = states
        .iter()
        .filter(|(_, state, _)| state == "moved")
        .collect();
    assert_eq!(moved.len(), 2);
    assert!(
        moved
            .iter()
            .all(|(_, _, error)| error.as_deref() == Some("the channel is gone"))
    );

    // Each failure is in the trail.
    let mut trail = office.store.read(&"w".into()).await.unwrap();
    let rows = trail.audit_part(i64::MIN).await.unwrap().rows;
    drop(trail);
    let told = rows.iter().filter(|row| row.surface == "delivery");
    let told: Vec<_> = told
        .map(|row| {
            (
                row.outcome.as_str(),
                row.detail.as_deref().unwrap_or_default(),
            )
        })
        .collect();
    insta::assert_debug_snapshot!(told);

    // It works again, and fails once more: that is news.
    office.posts("ops", "three").await;
    office.pass().await;
    assert_eq!(office.chat.reads("ops"), ["three"]);
    office.chat.script("ops", [Mood::Never(Refused::Forbidden)]);
    office.posts("ops", "four").await;
    office.pass().await;
    assert_eq!(office.chat.reads("alerts").len(), 5);
}

#[tokio::test]
async fn a_workspace_that_has_set_its_alerts_channel_hears_of_it_there() {
    let (_directory, path, office) = on_file().await;
    let mut tx = office.store.write(&"w".into()).await.unwrap();
    tx.put_setting(&Set {
        setting: Setting::Channel {
            kind: ChannelKind::Alerts,
            channel: "alarms".parse().ok(),
        },
        by: Person::named("root"),
        at: instant("2026-01-01T00:00:00Z"),
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    office.chat.script("ops", [Mood::Never(Refused::Gone)]);
    office.posts("ops", "one").await;
    office.pass().await;
    assert_eq!(office.chat.reads("alarms").len(), 2);
    assert!(office.chat.reads("alerts").is_empty());
    // And nowhere else when the chat would never take it.
    let never = Mood::Never(Refused::Other("too long".to_owned()));
    office.chat.script("alarms", [never]);
    office.posts("alarms", "two").await;
    office.pass().await;
    let states = states(&path).await;
    assert_eq!(states.last().unwrap().1, "failed", "{states:?}");
}

#[tokio::test]
async fn a_paused_workspace_is_sent_nothing_until_it_goes_on() {
    let (_directory, _, office) = on_file().await;
    let pause = async |paused| {
        let mut tx = office.store.write(&"w".into()).await.unwrap();
        assert!(tx.set_paused(paused).await.unwrap());
        tx.commit().await.unwrap();
    };
    office.posts("ops", "before").await;
    pause(true).await;
    office.posts("ops", "meanwhile").await;
    office.advance(3_600).await;
    assert!(office.chat.reads("ops").is_empty());
    assert_eq!(office.delivery.next().await.unwrap(), None);
    pause(false).await;
    office.pass().await;
    assert_eq!(office.chat.reads("ops"), ["before", "meanwhile"]);
}

#[tokio::test]
async fn what_cannot_be_said_even_where_the_alarms_go_waits_and_the_owner_hears_of_it_once() {
    let (_directory, path, office) = on_file().await;
    office.chat.script("ops", [Mood::Never(Refused::Gone)]);
    office
        .chat
        .script("alerts", vec![Mood::Never(Refused::Forbidden); 47]);
    office.posts("ops", "one").await;
    office.advance(86_400 - 3_600).await;
    assert!(office.chat.reads("alerts").is_empty());
    assert_eq!(
        office.chat.reads("@owner"),
        [
            "Nothing can be posted to the alerts channel, alerts: the bot may not post there. What is meant for people there waits, and nothing of it is lost. Give me View Channel, Send Messages and Embed Links there, or set another: `/settings channel alerts CHANNEL`."
        ]
    );
    // Twice an hour at the most.
    assert!(
        office.chat.tries("alerts") <= 47,
        "{}",
        office.chat.tries("alerts")
    );
    office.advance(7_200).await;
    let there = office.chat.reads("alerts");
    assert_eq!(there.len(), 2);
    assert!(
        there[0].starts_with("Nothing can be posted to ops"),
        "{there:?}"
    );
    assert!(there[1].ends_with("one"), "{there:?}");
    let states = states(&path).await;
    // That the bot was away for the last hours is told besides.
    let states = states.iter().filter(|(key, ..)| !key.starts_with("away:"));
    let states: Vec<&str> = states.map(|(_, state, _)| state.as_str()).collect();
    assert_eq!(states, ["moved", "sent", "sent", "sent"]);
    assert_eq!(office.delivery.next().await.unwrap(), None);
    // Put right, and broken again: that is news.
    office.chat.script("alerts", [Mood::Never(Refused::Gone)]);
    office.posts("alerts", "two").await;
    office.pass().await;
    assert_eq!(office.chat.reads("@owner").len(), 2);
}

#[tokio::test]
async fn what_is_not_worth_saying_is_recorded_with_the_reason() {
    let (_directory, path, office) = on_file().await;
    let mut unreadable = post("ops", "one", office.clock.now());
    unreadable.payload = Payload::Unreadable;
    office.puts("w", &unreadable).await;
    office.posts("ops", "two").await;
    office.pass().await;
    assert_eq!(office.chat.reads("ops"), ["two"]);
    let states = states(&path).await;
    assert_eq!(states[0].1, "skipped");
    assert!(
        states[0].2.as_deref().unwrap().contains("cannot read"),
        "{states:?}"
    );
    assert_eq!((states[1].1.as_str(), &states[1].2), ("sent", &None));
}

#[tokio::test]
async fn each_is_sent_at_its_own_time_while_the_clock_moves() {
    let office = Office::open().await;
    let at = |hour: u32| instant(&format!("2026-01-01T{hour:02}:00:00Z"));
    for hour in [9, 3, 6, 12] {
        office
            .posts_at(
                if hour % 2 == 0 { "ops" } else { "other" },
                &format!("at {hour}"),
                at(hour),
            )
            .await;
    }
    office.chat.script("other", [Mood::Later]);
    office.advance(10 * 3600).await;
    let seen: Vec<_> = office
        .chat
        .inside()
        .seen
        .iter()
        .map(|seen| (seen.at, seen.text.clone()))
        .collect();
    let texts: Vec<&str> = seen.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["at 3", "at 6", "at 9"]);
    assert!(
        seen[0].0 > at(3) && seen[0].0 < at(4),
        "the first attempt failed"
    );
    assert_eq!([seen[1].0, seen[2].0], [at(6), at(9)]);
    assert_eq!(office.clock.now(), at(10));
}
