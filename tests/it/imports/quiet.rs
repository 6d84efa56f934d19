//! A file without news costs one number, and is not posted.

use std::fmt::Write as _;

use edition_warden::app::LOCAL_WORKSPACE;
use edition_warden::domain::id::InstanceId;
use edition_warden::store::{AuditFilter, Kind};

use super::csv;
use crate::harness::{ORDERS, Room};

const ROW: &str = "orders,cn-hangzhou,platinum,2026-06-01,42";

fn file() -> String {
    csv(
        "id,name,region,edition,expires,topics",
        &[&format!("{ORDERS},{ROW}")],
    )
}

async fn trail(room: &Room) -> usize {
    let mut tx = room.store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
    let page = tx.list_audit(&AuditFilter::default(), 1).await.unwrap();
    page.rows.len()
}

async fn history(room: &Room) -> usize {
    let mut tx = room.store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
    let id = InstanceId::parse(ORDERS).unwrap();
    tx.instance_history(&id, 50).await.unwrap().len()
}

#[tokio::test]
async fn a_file_that_says_nothing_new_writes_no_event_and_no_entry() {
    let mut room = Room::of_team().await;
    room.imports("", &file()).await.is("done", &[]);
    room.passes("1h").await;
    let before = (trail(&room).await, history(&room).await);
    for _ in 0..3 {
        room.passes("1d").await;
        room.imports("", &file())
            .await
            .is("done", &[])
            .has("0 new, 0 changed, 1 unchanged")
            .lacks("orders");
        let mut tx = room.store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
        let due = tx.due(Kind::Instance, room.clock.now(), 9).await.unwrap();
        assert_eq!(due, [], "nothing is planned again");
    }
    assert_eq!((trail(&room).await, history(&room).await), before);
    let shown = room.says("alice", "instance show orders").await;
    assert_eq!(shown.text.matches("imported by alice, just now").count(), 3);
    let mut tx = room.store.read(&LOCAL_WORKSPACE.into()).await.unwrap();
    assert_eq!(tx.imports(10).await.unwrap().len(), 4);
}

/// Each fact is as fresh as the last file that said it, whatever the file between them said.
#[tokio::test]
async fn files_of_other_facts_do_not_age_the_first() {
    let mut room = Room::open().await;
    let editions = csv(
        "id,name,region,edition",
        &[&format!("{ORDERS},orders,cn-hangzhou,platinum")],
    );
    let expiries = csv("id,expires", &[&format!("{ORDERS},2026-06-01")]);
    for _ in 0..2 {
        room.imports("", &editions).await.is("done", &[]);
        room.imports("", &expiries).await.is("done", &[]);
        room.advance("1d");
    }
    room.imports("", &editions).await.has("1 unchanged");
    let shown = room.says("alice", "instance show orders").await;
    let line = |what: &str| {
        let found = shown
            .text
            .lines()
            .find(|line| line.trim_start().starts_with(what));
        found.unwrap_or_default().to_owned()
    };
    assert!(line("edition").contains("just now"), "{}", shown.text);
    assert!(line("expir").contains("1 d ago"), "{}", shown.text);
}

/// An older file that is taken later does not make anything fresher, and a person's word keeps its own date.
#[tokio::test]
async fn only_what_a_file_said_becomes_fresher() {
    let mut room = Room::open().await;
    room.add_platinum("--action downgrade").await;
    room.advance("2d");
    room.imports("", &csv("id,edition", &[&format!("{ORDERS},platinum")]))
        .await
        .has("1 unchanged");
    room.says("alice", "instance show orders")
        .await
        .has("2 d ago");
}

#[tokio::test]
async fn quiet_says_only_changes_and_problems() {
    let mut room = Room::open().await;
    let first = room.imports("--quiet", &file()).await;
    first.has("orders").has("1 new");
    let again = room.imports("--quiet", &file()).await;
    assert_eq!(again.text, "");
    let moved = room.imports("--quiet", &file().replace(",42", ",43")).await;
    moved.has("topics from 42 to 43");
    let broken = file() + "MQ_INST_108****_x,a,cn-hangzhou,platinum,,\n";
    room.imports("--quiet", &broken).await.has("masked");
    let strange = format!(r#"[{{"InstanceId": "{ORDERS}", "Oops": 1}}]"#);
    room.imports("--quiet", &strange).await.has("`Oops`");
}

/// The trail names what changed and counts the rest, once a file.
#[tokio::test]
async fn the_trail_counts_and_names() {
    let mut room = Room::open().await;
    let mut rows = file();
    for n in 0..30 {
        let _ = writeln!(
            rows,
            "MQ_INST_1080056302921134_Node{n:04},node-{n},cn-hangzhou,platinum,2026-06-01,1"
        );
    }
    room.imports("", &rows).await.has("31 new");
    room.advance("1d");
    room.imports("", &rows.replace("node-7,", "node-seven,"))
        .await
        .has("1 changed, 30 unchanged");
    room.says("alice", "audit")
        .await
        .has("0 new, 1 changed, 30 unchanged");
}

/// Others write between the batches of a large file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_write_while_a_large_file_is_taken() {
    let mut room = Room::open().await;
    room.add_platinum("").await;
    let mut rows = String::from("id,name,region,edition\n");
    for n in 0..1_000 {
        let _ = writeln!(
            rows,
            "MQ_INST_1080056302921134_Node{n:04},node-{n},cn-hangzhou,standard"
        );
    }
    let store = room.store.clone();
    let writer = tokio::spawn(async move {
        // What was there when others got to write.
        let mut seen = Vec::new();
        while seen.last() != Some(&1_001) {
            let mut tx = store.write(&LOCAL_WORKSPACE.into()).await.unwrap();
            seen.push(tx.totals().await.unwrap().instances);
            tx.commit().await.unwrap();
            tokio::task::yield_now().await;
        }
        seen
    });
    room.imports("", &rows)
        .await
        .is("done", &[])
        .has("1000 new");
    let seen = writer.await.unwrap();
    let between = seen.iter().filter(|count| (2..1_001).contains(*count));
    assert!(between.count() > 0, "{seen:?}");
}

/// What a file brings about is told with the alarm, and not beside it.
#[rstest::rstest]
#[case::an_edition_in_doubt(
    "platinum,2026-06-01",
    "standard,",
    "edition is now contradictory (Platinum before)",
    "Is orders Standard or Platinum?"
)]
#[case::an_expiry_that_is_near("2026-06-01", "2026-01-11", "2026-01-11", "orders expires")]
#[case::an_expiry_that_has_passed("2026-06-01", "2025-12-31", "2025-12-31", "orders expired")]
#[tokio::test]
async fn an_alarm_and_what_it_brings_about_are_one_post(
    #[case] was: &str,
    #[case] is: &str,
    #[case] says: &str,
    #[case] told: &str,
) {
    let mut room = Room::of_team().await;
    room.imports("", &file()).await.is("done", &[]);
    room.passes("1d").await;
    let before = room.transcript().len();
    room.imports("", &file().replace(was, is))
        .await
        .is("done", &[]);
    room.passes("1m").await;
    let said = room.transcript()[before..].to_owned();
    let posts: Vec<&str> = said.split("\n\n").filter(|it| it.contains("» ")).collect();
    let about: Vec<_> = posts
        .iter()
        .filter(|post| post.contains("orders"))
        .collect();
    assert_eq!(about.len(), 1, "{said}");
    assert!(about[0].contains("A file moved what counts"), "{said}");
    assert!(about[0].contains(told) && about[0].contains(says), "{said}");
    assert!(about[0].contains("@role:approver"), "{said}");
    // The ladder goes on from there, a post a day at the most.
    room.passes("1d").await;
    let said = &room.transcript()[before..];
    assert_eq!(
        said.matches(told).count(),
        said.matches(told).count().clamp(1, 3),
        "{said}"
    );
}

#[tokio::test]
async fn what_a_file_moves_is_told_at_once() {
    let mut room = Room::of_team().await;
    room.imports("", &file()).await.is("done", &[]);
    room.advance("1d");
    let moved = file().replace("2026-06-01", "2027-06-01");
    room.imports("", &moved).await.has("expiry from 2026-06-01");
    room.passes("1m").await;
    let said = room.transcript().to_owned();
    assert!(
        said.contains("A file moved what counts (list.csv, taken by alice)"),
        "{said}"
    );
    assert!(said.contains("expiry moved from 2026-06-01"), "{said}");
    assert!(
        said.contains("Look at the console, then `instance set cn-hangzhou/orders"),
        "{said}"
    );
    room.imports("", &moved.replace("platinum,2027-06-01", "standard,"))
        .await
        .is("done", &[]);
    room.passes("1m").await;
    let said = room.transcript();
    assert!(said.contains("(Platinum before)"), "{said}");
    assert_eq!(
        said.matches("A file moved what counts").count(),
        2,
        "{said}"
    );
}

/// What a downgrade was after is no surprise, and what was not known did not move.
#[tokio::test]
async fn what_was_waited_for_is_no_alarm() {
    let mut room = Room::of_team().await;
    room.imports(
        "",
        &csv("id,name,region", &[&format!("{ORDERS},orders,cn-hangzhou")]),
    )
    .await
    .is("done", &[]);
    room.imports("", &file()).await.has("edition Platinum");
    room.passes("1m").await;
    assert!(
        !room.transcript().contains("A file moved"),
        "{}",
        room.transcript()
    );
}

/// What a file says and is not taken is told, also quietly: after a restore an older listing settles nothing.
#[tokio::test]
async fn an_older_file_says_what_it_does_not_settle() {
    let mut room = Room::open().await;
    room.imports("", &file()).await.is("done", &[]);
    room.advance("1d");
    room.says("alice", "instance set orders --expires unknown")
        .await
        .is("done", &[]);
    room.imports("--quiet --at 2026-01-01T12:00:00Z", &file())
        .await
        .is("done", &[])
        .has("expiry 2026-06-01 00:00 UTC+8 is ignored: that it is not known was found later");
}
