//! Every table has its place: behind the wall between workspaces, in what is kept and what is removed, and in what
//! `warden doctor` looks at. One that has none fails here.

use std::collections::BTreeSet;
use std::path::Path;

use edition_warden::store::Store;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection};

use super::THEIRS;
use super::dump::Dump;
use crate::harness::Room;

/// Whose its rows are.
#[derive(Clone, Copy, PartialEq)]
enum Rows {
    /// Of a workspace each. A row of theirs, for where `furnish` makes none.
    Walled(&'static str),
    /// Of the process.
    Shared,
}
use Rows::{Shared, Walled};

/// For how long a row stays.
#[derive(Clone, Copy, PartialEq)]
enum Stay {
    /// For ever, or as long as what it belongs to; why.
    Kept(&'static str),
    /// Until a statement of this file removes it.
    Pruned(&'static str),
}
use Stay::{Kept, Pruned};

/// What doctor makes of it.
#[derive(Clone, Copy, PartialEq)]
enum Look {
    /// Made again by a statement of `src/store/doctor.rs` that names it, and compared.
    Derived,
    /// What others are derived from, read row by row.
    Source,
    /// Nothing is derived from it; its file, its references and its keys are checked with all others.
    Whole,
}
use Look::{Derived, Source, Whole};

const FURNISHED: Rows = Walled("");

const TABLES: &[(&str, Rows, Stay, Look)] = &[
    (
        "_sqlx_migrations",
        Shared,
        Kept("which version it is"),
        Whole,
    ),
    ("lease", Shared, Kept("a row a task"), Whole),
    ("workspace", FURNISHED, Kept("a row a workspace"), Derived),
    ("instance", FURNISHED, Kept("what is known of it"), Source),
    ("change", FURNISHED, Kept("what was done"), Source),
    ("event", FURNISHED, Kept("the history only grows"), Source),
    ("audit", FURNISHED, Kept("the trail only grows"), Source),
    ("setting", FURNISHED, Kept("in force"), Whole),
    (
        "schedule",
        FURNISHED,
        Kept("goes when nothing is planned"),
        Derived,
    ),
    (
        "outbox",
        Walled(
            "INSERT INTO outbox (workspace, id, kind, channel, key, due_ms, instances, mentions, payload, state, attempts) \
         VALUES ('theirs', 77, 'alert', 'hush-channel', 'k', 1, '[]', '[]', '{}', 'sent', 1)",
        ),
        Pruned("retention.rs"),
        Source,
    ),
    (
        "channel_queue",
        Walled(
            "INSERT INTO channel_queue (workspace, channel, retry_at_ms, told, waiting) VALUES ('theirs', 'hush-channel', 0, 0, 0)",
        ),
        Kept("a row a channel"),
        Derived,
    ),
    (
        "reminder",
        Walled(
            "INSERT INTO reminder (workspace, instance_id, of_ms, level, due_ms, state, at_ms) \
         SELECT workspace, id, 1, 'expiry-24', 1, 'posted', 1 FROM instance WHERE workspace = 'theirs' LIMIT 1",
        ),
        Pruned("retention.rs"),
        Whole,
    ),
    (
        "attention",
        Walled(
            "INSERT INTO attention (workspace, instance_id, of_ms) \
         SELECT workspace, id, 1 FROM instance WHERE workspace = 'theirs' LIMIT 1",
        ),
        Kept("a row an instance; goes with its following"),
        Whole,
    ),
    (
        "concern",
        Walled(
            "INSERT INTO concern (workspace, instance_id, kind, weight, since_ms) \
         SELECT workspace, id, 'expires', 'open', 1 FROM instance WHERE workspace = 'theirs' LIMIT 1",
        ),
        Kept("goes when it is settled"),
        Whole,
    ),
    (
        "observed",
        Walled(
            "INSERT INTO observed (workspace, what, subject, at_ms) VALUES ('theirs', 'row', 'x', 1)",
        ),
        Kept("goes when it is seen no more"),
        Whole,
    ),
    (
        "workspace_concern",
        Walled(
            "INSERT INTO workspace_concern (workspace, key, since_ms, told) VALUES ('theirs', 'x', 1, 0)",
        ),
        Kept("goes when it is settled"),
        Whole,
    ),
    (
        "restoration",
        Walled(
            "INSERT INTO restoration (workspace, state_ms, restored_ms, last_outbox, last_notice) VALUES ('theirs', 1, 2, 0, 0)",
        ),
        Kept("a row a workspace that was restored"),
        Whole,
    ),
    (
        "told",
        Walled(
            "INSERT INTO told (workspace, instance_id, at_ms) \
         SELECT workspace, id, 1 FROM instance WHERE workspace = 'theirs' LIMIT 1",
        ),
        Kept("a row an instance"),
        Whole,
    ),
    (
        "settled",
        Walled(
            "INSERT INTO settled (workspace, at_ms, instance_id, kind) VALUES ('theirs', 1, 'x', 'expires')",
        ),
        Pruned("todo.rs"),
        Whole,
    ),
    (
        "notice",
        Walled(
            "INSERT INTO notice (workspace, number, kind, text, source, likeness, ids, names, dates, instances, received_ms, \
         by_id, by_name, first, status, verdict, duplicates, told) VALUES ('theirs', 7, 'other', 'hush', 's', 'l', '[]', '[]', \
         '[]', '[]', 1, 'a', 'a', 'raised', 'raised', 'no-proof', 0, 0)",
        ),
        Kept("what came; its text is removed"),
        Whole,
    ),
    (
        "notice_instance",
        Walled(
            "INSERT INTO notice_instance (workspace, instance_id, number, open) VALUES ('theirs', 'x', 7, 0)",
        ),
        Kept("what a notice is about"),
        Whole,
    ),
    (
        "wording",
        Walled(
            "INSERT INTO wording (workspace, number, notice, source, kind, bodies, subjects, asked_ms, asked_id, asked_name, \
         uses) VALUES ('theirs', 1, 7, 's', 'other', '[]', '[]', 1, 'a', 'a', 0)",
        ),
        Kept("taught, or why not any more"),
        Whole,
    ),
    (
        "wording_use",
        Walled("INSERT INTO wording_use (workspace, wording, notice) VALUES ('theirs', 1, 7)"),
        Kept("what is judged once more when it is forgotten"),
        Whole,
    ),
    (
        "intake",
        Walled(
            "INSERT INTO intake (workspace, key, id, received_ms, status, body) VALUES ('theirs', 'k', 'id:1', 1, 202, '{}')",
        ),
        Pruned("intake.rs"),
        Whole,
    ),
    (
        "heard",
        Walled("INSERT INTO heard (workspace, id, at_ms) VALUES ('theirs', '1', 1)"),
        Pruned("heard.rs"),
        Whole,
    ),
    (
        "card",
        Walled(
            "INSERT INTO card (workspace, change_number, channel, wanted) VALUES ('theirs', 1, 'hush-channel', 'card:1:1')",
        ),
        Kept("a row a change"),
        Whole,
    ),
    (
        "watch",
        Walled(
            "INSERT INTO watch (workspace, channel, since_ms) VALUES ('theirs', 'hush-channel', 1)",
        ),
        Kept("as long as it is watched"),
        Whole,
    ),
    (
        "upload",
        Walled(
            "INSERT INTO upload (workspace, id, line, name, bytes) VALUES ('theirs', 1, 'l', 'n', x'00')",
        ),
        Pruned("retention.rs"),
        Whole,
    ),
    (
        "import",
        Walled(
            "INSERT INTO import (workspace, number, label, facts_ms, taken_ms, by_id, by_name, counts) \
         VALUES ('theirs', 1, 'l', 1, 1, 'a', 'a', '{}')",
        ),
        Kept("a row a file, and what it lacked"),
        Whole,
    ),
    (
        "import_change",
        Walled(
            "INSERT INTO import_change (workspace, number, instance_id, after) VALUES ('theirs', 1, 'x', '{}')",
        ),
        Pruned("retention.rs"),
        Whole,
    ),
    (
        "import_seen",
        Walled(
            "INSERT INTO import_seen (workspace, number, import, before, facts) VALUES ('theirs', 1, 1, '{}', '{}')",
        ),
        Kept("instances read how old their facts are from it"),
        Whole,
    ),
];

async fn connect(file: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(file);
    options.connect().await.unwrap()
}

/// Puts a row of theirs into each table behind the wall that has none.
pub(super) async fn fill(file: &Path) {
    let mut connection = connect(file).await;
    for (table, rows, ..) in TABLES {
        let Walled(sample) = rows else {
            continue;
        };
        let count = || {
            let text = format!("SELECT COUNT(*) FROM \"{table}\" WHERE workspace = $1");
            sqlx::query_scalar::<_, i64>(AssertSqlSafe(text)).bind(THEIRS)
        };
        if count().fetch_one(&mut connection).await.unwrap() == 0 {
            assert!(!sample.is_empty(), "give `{table}` a row of theirs");
            sqlx::raw_sql(*sample)
                .execute(&mut connection)
                .await
                .unwrap();
        }
        let there = count().fetch_one(&mut connection).await.unwrap();
        assert!(there > 0, "{table}: {sample}");
    }
}

#[tokio::test]
async fn every_table_has_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("warden.db");
    let mut room = Room::on(Store::open(&file).await.unwrap());
    super::furnish(&mut room).await;
    fill(&file).await;
    let mut connection = connect(&file).await;
    let columns: Vec<(String, Option<String>)> = sqlx::query_as(
        "SELECT m.name, (SELECT c.name FROM pragma_table_info(m.name) c WHERE c.pk = 1) FROM sqlite_master m \
         WHERE m.type = 'table' ORDER BY m.name",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let there: BTreeSet<&str> = columns.iter().map(|(table, _)| table.as_str()).collect();
    let placed: BTreeSet<&str> = TABLES.iter().map(|(table, ..)| *table).collect();
    assert_eq!(there, placed, "each table has exactly one place in TABLES");
    let dump = Dump::of(&file).await.rows(THEIRS).await;
    let store = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let source = |name: &str| std::fs::read_to_string(store.join(name)).unwrap();
    for (table, rows, stay, look) in TABLES {
        let first = columns.iter().find(|(name, _)| name == table).unwrap();
        let walled = first.1.as_deref() == Some("workspace");
        assert_eq!(
            walled,
            *rows != Shared,
            "{table}: its key begins with its workspace"
        );
        let dumped = dump
            .iter()
            .any(|row| row.starts_with(&format!("{table}: ")));
        assert_eq!(
            dumped, walled,
            "{table} is compared by the isolation property"
        );
        match stay {
            Kept(why) => assert!(!why.is_empty(), "{table}"),
            Pruned(file) => {
                let removes = format!("DELETE FROM {table} ");
                assert!(
                    source(file).contains(&removes),
                    "{table} is removed by {file}"
                );
            }
        }
        let named = source("doctor.rs").contains(&format!("{table} "));
        assert!(
            named || *look == Whole || *table == "audit",
            "{table} is read by doctor"
        );
    }
}
