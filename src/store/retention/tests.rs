use chrono::TimeDelta;

use super::*;
use crate::store::{Store, sql};

const ID: &str = "MQ_INST_1080056302921134_BXuIbML7";
const DAY: i64 = 86_400_000;

fn now() -> Timestamp {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

/// A number of days ago.
fn ago(days: i64) -> i64 {
    now().timestamp_millis() - days * DAY
}

async fn run(tx: &mut Tx, text: String) {
    tx.run(sql::statement(text)).await.unwrap();
}

async fn database() -> Tx {
    let store = Store::fresh().await;
    let mut tx = store.write(&"w".into()).await.unwrap();
    run(
        &mut tx,
        "INSERT INTO workspace (workspace, next_change, tracked, open_changes, events) VALUES ('w', 1, 0, 0, 0)".into(),
    )
    .await;
    tx
}

async fn instance(tx: &mut Tx, id: &str, tracking: &str, edition: &str, expires: Option<i64>) {
    let expires = expires.map_or("NULL".to_owned(), |at| at.to_string());
    run(
        tx,
        format!(
            "INSERT INTO instance (workspace, id, name, region, tracking, edition, expires_at_ms, name_key, document) \
             VALUES ('w', '{id}', '{id}', 'cn-hangzhou', '{tracking}', {edition}, {expires}, '{id}', '')"
        ),
    )
    .await;
}

async fn open_change(tx: &mut Tx, number: i64, id: &str) {
    run(
        tx,
        format!(
            "INSERT INTO change (workspace, number, instance_id, status, document) VALUES ('w', {number}, '{id}', 'open', '')"
        ),
    )
    .await;
}

async fn message(tx: &mut Tx, id: i64, key: &str, state: &str, done: i64, change: i64) {
    let done = if matches!(state, "due" | "sending") {
        "NULL".to_owned()
    } else {
        done.to_string()
    };
    run(
        tx,
        format!(
            "INSERT INTO outbox (workspace, id, kind, channel, key, due_ms, change_number, instances, mentions, payload, \
             state, attempts, done_ms) VALUES ('w', {id}, 'alert', 'c', '{key}', 0, {change}, '[]', '[]', '{{}}', \
             '{state}', 1, {done})"
        ),
    )
    .await;
}

async fn texts(tx: &mut Tx, text: &str) -> Vec<String> {
    let rows = tx.all(sql::rows::<(String,)>(text)).await.unwrap();
    rows.into_iter().map(|(text,)| text).collect()
}

/// Prunes until the pass ends; returns the counts and the number of transactions.
async fn prune(tx: &mut Tx) -> (Pruned, u32) {
    for turns in 1.. {
        let (pruned, over) = tx.prune(&Retention::default(), now()).await.unwrap();
        if over {
            return (pruned, turns);
        }
    }
    unreachable!()
}

#[tokio::test]
async fn messages_go_unless_something_may_still_look_for_them() {
    let mut tx = database().await;
    instance(&mut tx, ID, "tracked", "'platinum'", None).await;
    open_change(&mut tx, 7, ID).await;
    run(
        &mut tx,
        "INSERT INTO card (workspace, change_number, channel, wanted) VALUES ('w', 8, 'c', 'card:8:2')"
            .into(),
    )
    .await;
    let cases = [
        ("e1", "sent", 91, 1, false),
        ("e2", "skipped", 91, 1, false),
        ("e3", "failed", 91, 1, false),
        ("moved:3", "moved", 200, 1, false),
        ("remind:x:1:expiry-24", "sent", 91, 1, false),
        ("notice:1:1:c", "sent", 91, 1, false),
        ("digest:5", "sent", 91, 1, false),
        ("import:1:held", "sent", 91, 1, false),
        ("attest:c:2026-01-01", "sent", 91, 1, false),
        ("card:8:1", "sent", 91, 8, false),
        // Not old enough, or not finished.
        ("e4", "sent", 89, 1, true),
        ("e5", "due", 0, 1, true),
        ("e6", "sending", 0, 1, true),
        // For an open change, or for a card.
        ("e7", "sent", 91, 7, true),
        ("card:8:2", "sent", 91, 8, true),
        // Would be sent a second time.
        ("welcome", "sent", 3_000, 1, true),
        ("re:1234567890", "sent", 3_000, 1, true),
        ("mark:1234567890:raised", "sent", 3_000, 1, true),
        ("unmarked:c:1", "sent", 3_000, 1, true),
        ("blind:c:rights:1", "sent", 3_000, 1, true),
        ("what-a-later-version-says:1", "sent", 3_000, 1, true),
        // The next number depends on it.
        ("e9", "sent", 91, 1, true),
    ];
    for (at, (key, state, days, change, _)) in (1..).zip(cases) {
        message(&mut tx, at, key, state, ago(days), change).await;
    }
    let (pruned, _) = prune(&mut tx).await;
    let left = texts(&mut tx, "SELECT key FROM outbox ORDER BY id").await;
    let kept: Vec<&str> = cases
        .iter()
        .filter(|case| case.4)
        .map(|case| case.0)
        .collect();
    assert_eq!(left, kept);
    assert_eq!(pruned.messages, 10);
    assert_eq!(
        prune(&mut tx).await.0,
        Pruned::default().upto(22),
        "a second time nothing"
    );
}

impl Pruned {
    fn upto(self, upto: i64) -> Self {
        Self { upto, ..self }
    }
}

#[tokio::test]
async fn a_pass_takes_a_few_at_a_time_and_counts_them_all() {
    let mut tx = database().await;
    for id in 1..=450 {
        message(&mut tx, id, &format!("e{id}"), "sent", ago(100), 1).await;
    }
    instance(&mut tx, ID, "removed", "NULL", None).await;
    for hours in 0..250 {
        mark(&mut tx, ID, ago(500), hours).await;
    }
    let (first, over) = tx.prune(&Retention::default(), now()).await.unwrap();
    assert_eq!((first.messages, first.marks, over), (200, 200, false));
    let (all, turns) = prune(&mut tx).await;
    assert_eq!((all.messages, all.marks), (449, 250));
    assert!(turns <= 4, "{turns}");
    let left = texts(&mut tx, "SELECT COALESCE(pruned, 'none') FROM workspace").await;
    assert_eq!(left, ["none"], "the next pass begins at the beginning");
}

async fn mark(tx: &mut Tx, id: &str, of: i64, hours: i64) {
    run(
        tx,
        format!(
            "INSERT INTO reminder (workspace, instance_id, of_ms, level, due_ms, state, at_ms, key) \
             VALUES ('w', '{id}', {of}, 'expiry-{hours}', 0, 'posted', {of}, 'remind:x')"
        ),
    )
    .await;
}

#[tokio::test]
async fn marks_go_unless_they_may_be_planned_again() {
    let mut tx = database().await;
    let id = |n: usize| format!("MQ_INST_1080056302921134_Marked{n}");
    // Tracking, edition, expiry, the expiry of the result, additional rows, and whether it stays.
    let cases = [
        ("tracked", "'platinum'", Some(-10), 401, "", false),
        ("tracked", "'platinum'", Some(-10), 399, "", true),
        ("tracked", "'platinum'", Some(401), 401, "", true),
        ("tracked", "'platinum'", Some(500), 401, "", true),
        ("tracked", "'platinum'", None, 401, "", true),
        ("tracked", "NULL", None, 401, "", true),
        ("tracked", "NULL", Some(-10), 401, "", false),
        ("tracked", "'standard'", None, 401, "", false),
        ("tracked", "'standard'", Some(401), 401, "", true),
        ("tracked", "'standard'", None, 401, "concern", true),
        ("tracked", "'standard'", None, 401, "change", true),
        ("lost", "'platinum'", Some(401), 401, "", false),
        ("removed", "NULL", None, 401, "", false),
        ("removed", "NULL", None, 401, "concern", true),
    ];
    for (n, (tracking, edition, expires, of, beside, _)) in cases.into_iter().enumerate() {
        instance(&mut tx, &id(n), tracking, edition, expires.map(ago)).await;
        mark(&mut tx, &id(n), ago(of), 24).await;
        match beside {
            "concern" => {
                let text = format!(
                    "INSERT INTO concern (workspace, instance_id, kind, weight, since_ms) VALUES ('w', '{}', 'x', 'open', 0)",
                    id(n)
                );
                run(&mut tx, text).await;
            }
            "change" => open_change(&mut tx, 100 + i64::try_from(n).unwrap(), &id(n)).await,
            _ => {}
        }
    }
    let (pruned, _) = prune(&mut tx).await;
    let mut left = texts(&mut tx, "SELECT instance_id FROM reminder").await;
    left.sort();
    let kept = cases.iter().enumerate().filter(|(_, case)| case.5);
    let mut kept: Vec<String> = kept.map(|(n, _)| id(n)).collect();
    kept.sort();
    assert_eq!(left, kept);
    assert_eq!(pruned.marks, 5);
}

async fn notice(
    tx: &mut Tx,
    number: i64,
    received: i64,
    settled: Option<i64>,
    status: &str,
    original: &str,
) {
    let settled = settled.map_or("NULL".to_owned(), |days| ago(days).to_string());
    run(
        tx,
        format!(
            "INSERT INTO notice (workspace, number, kind, text, message, source, external_id, likeness, ids, names, dates, \
             instances, received_ms, by_id, by_name, first, status, original, verdict, duplicates, told, settled_ms) \
             VALUES ('w', {number}, 'other', 'some words', '{{}}', 'mail', 'x{number}', 'l', '[]', '[]', '[]', '[]', {}, 'a', \
             'a', 'raised', '{status}', {original}, 'no-proof', 0, 0, {settled})",
            ago(received)
        ),
    )
    .await;
}

#[tokio::test]
async fn texts_of_settled_notices_go_and_the_notices_stay() {
    let mut tx = database().await;
    let cases = [
        ((500, Some(401)), ("raised", "NULL"), false),
        ((500, Some(401)), ("suppressed", "NULL"), false),
        ((500, Some(399)), ("raised", "NULL"), true),
        ((5_000, None), ("raised", "NULL"), true),
        ((5_000, None), ("suppressed", "NULL"), true),
        // A duplicate is pruned with its original.
        ((450, None), ("duplicate", "1"), false),
        ((450, None), ("duplicate", "3"), true),
        ((450, None), ("duplicate", "4"), true),
    ];
    for (number, ((received, settled), (status, original), _)) in (1..).zip(cases) {
        notice(&mut tx, number, received, settled, status, original).await;
    }
    let (pruned, _) = prune(&mut tx).await;
    let left = texts(
        &mut tx,
        "SELECT text || COALESCE(message, '') FROM notice ORDER BY number",
    )
    .await;
    let kept: Vec<&str> = cases
        .iter()
        .map(|case| if case.2 { "some words{}" } else { "" })
        .collect();
    assert_eq!(left, kept);
    assert_eq!(pruned.texts, 3);
    let keys = texts(&mut tx, "SELECT external_id FROM notice").await;
    assert_eq!(keys.len(), cases.len(), "the same is known again");
}

#[tokio::test]
async fn files_go_and_what_undoing_them_needs() {
    let mut tx = database().await;
    for (number, days) in [(1, 60), (2, 31), (3, 29)] {
        run(
            &mut tx,
            format!(
                "INSERT INTO import (workspace, number, label, facts_ms, taken_ms, by_id, by_name, counts) \
                 VALUES ('w', {number}, 'a.csv', 0, {}, 'a', 'a', '{{}}')",
                ago(days)
            ),
        )
        .await;
        for n in 0..150 {
            let text = format!(
                "INSERT INTO import_change (workspace, number, instance_id, after) VALUES ('w', {number}, 'i{n}', '{{}}')"
            );
            run(&mut tx, text).await;
        }
        let text = format!(
            "INSERT INTO upload (workspace, id, line, name, bytes, taken_ms) VALUES ('w', {number}, 'l', 'n', $1, {})",
            ago(days)
        );
        tx.run(sql::statement(text).bind(vec![0])).await.unwrap();
    }
    let (mut undos, mut files) = (0, 0);
    // Each pass takes the oldest import.
    for _ in 0..3 {
        let (pruned, _) = prune(&mut tx).await;
        (undos, files) = (undos + pruned.undos, files + pruned.files);
    }
    assert_eq!((undos, files), (300, 2));
    let left = texts(
        &mut tx,
        "SELECT CAST(number AS TEXT) FROM import_change GROUP BY number",
    )
    .await;
    assert_eq!(left, ["3"]);
    let files = texts(&mut tx, "SELECT label FROM import").await;
    assert_eq!(files.len(), 3, "that there was a file stays");
}

#[tokio::test]
async fn a_pass_that_cannot_be_read_begins_at_the_beginning() {
    let mut tx = database().await;
    message(&mut tx, 1, "e1", "sent", ago(100), 1).await;
    message(&mut tx, 2, "e2", "sent", ago(100), 1).await;
    run(&mut tx, "UPDATE workspace SET pruned = '{'".into()).await;
    assert_eq!(prune(&mut tx).await.0.messages, 1);
    let kept = Retention::default();
    assert!(kept.outbox > TimeDelta::days(7));
}
