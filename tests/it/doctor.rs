//! `warden doctor`, as it is run.

use std::path::Path;
use std::process::Command;

use edition_warden::store::Store;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, sqlite::SqliteConnectOptions};

use crate::harness::{ORDERS, Room};
use crate::sequence::runtime;

/// Runs it; the exit status and what it said.
fn doctor(directory: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_warden"))
        .arg("doctor")
        .args(args)
        .current_dir(directory)
        .env_remove("WARDEN_AUDIT_KEY")
        .output()
        .unwrap();
    let said =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said)
}

/// An instance, an open change whose permit is out, and messages that wait because the chat takes none.
fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let store = Store::open(&directory.path().join("warden.db"))
            .await
            .unwrap();
        let mut room = Room::of_team_on(store.clone());
        room.add_platinum("--action downgrade --auto-renew off --team payments")
            .await;
        room.passes("1m").await;
        room.chat_is_down(true);
        room.says("alice", "downgrade orders --by unsubscribe")
            .await;
        room.says("alice", "next 1").await;
        store.close().await;
    });
    directory
}

fn execute(directory: &Path, text: &str) {
    runtime().block_on(async {
        let options = SqliteConnectOptions::new()
            .filename(directory.join("warden.db"))
            .foreign_keys(false);
        let mut connection = options.connect().await.unwrap();
        let done = sqlx::raw_sql(AssertSqlSafe(text))
            .execute(&mut connection)
            .await
            .unwrap();
        assert!(done.rows_affected() > 0 || text.contains(';'), "{text}");
        connection.close().await.unwrap();
    });
}

#[test]
fn a_sound_database_is_left_as_it_is() {
    let directory = directory();
    let file = directory.path().join("warden.db");
    for args in [&[][..], &["--repair"]] {
        let before = std::fs::read(&file).unwrap();
        let (code, said) = doctor(directory.path(), args);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("Everything is as it should be."), "{said}");
        assert_eq!(std::fs::read(&file).unwrap(), before);
    }
}

#[test]
fn what_is_derived_is_made_again() {
    let cases = [
        (
            "UPDATE workspace SET tracked = 7",
            "the counter `tracked` differs: it is 7, and should be 1",
        ),
        (
            "UPDATE workspace SET open_changes = 0",
            "the counter `open_changes` differs: it is 0, and should be 1",
        ),
        (
            "UPDATE workspace SET next_change = 1",
            "the counter `next_change` differs: it is 1, and should be 2",
        ),
        (
            "UPDATE workspace SET events = 2",
            "the counter `events` differs: it is 2, and should be ",
        ),
        (
            "UPDATE instance SET edition = 'standard'",
            "is found by differs: it is edition standard, and should be edition platinum",
        ),
        (
            "UPDATE instance SET expires_at_ms = NULL, action = 'delete'",
            "action delete",
        ),
        (
            "UPDATE instance SET team = 'other'",
            "team other, and should be team payments",
        ),
        ("UPDATE instance SET decisive_at_ms = 1", "decisive_at_ms 1"),
        (
            "UPDATE instance SET name_key = 'x', look_key = 'y', account = '1'",
            "account 1",
        ),
        (
            "UPDATE instance SET tracking = 'removed'",
            "tracking removed, and should be tracking tracked",
        ),
        (
            "DELETE FROM schedule WHERE kind = 'instance'",
            "is looked at differs: it is nothing",
        ),
        (
            "UPDATE channel_queue SET head = NULL",
            "the next message of the channel console differs: it is nothing",
        ),
        (
            "UPDATE channel_queue SET head = 99999",
            "the next message of the channel console differs: it is 99999",
        ),
        (
            "DELETE FROM channel_queue",
            "the next message of the channel console differs",
        ),
        (
            "UPDATE channel_queue SET waiting = waiting + 5",
            "the number of messages that wait in the channel console differs",
        ),
        (
            "DELETE FROM channel_queue",
            "the number of messages that wait in the channel console differs",
        ),
        (
            "UPDATE workspace SET due_ms = due_ms + 5, send_ms = NULL",
            "the counter `send_ms` differs: it is nothing",
        ),
        (UNWAKE, "when time moves change #1 differs"),
        (LATER, "when time moves change #1 differs"),
    ];
    for (text, wanted) in cases {
        let directory = directory();
        execute(directory.path(), text);
        let (code, said) = doctor(directory.path(), &[]);
        assert_eq!(code, Some(1), "{text}\n{said}");
        assert!(said.contains(wanted), "{text}\n{said}");
        assert!(said.contains("doctor --repair"), "{said}");
        let again = doctor(directory.path(), &[]);
        assert_eq!(again, (code, said), "it only reads");
        let (code, said) = doctor(directory.path(), &["--repair"]);
        assert_eq!(code, Some(0), "{text}\n{said}");
        assert!(said.contains("Made again: "), "{said}");
        let (code, said) = doctor(directory.path(), &[]);
        assert_eq!(code, Some(0), "{text}\n{said}");
        let trail = runtime().block_on(async {
            let store = Store::open(&directory.path().join("warden.db"))
                .await
                .unwrap();
            let mut tx = store.read(&"local".into()).await.unwrap();
            let page = tx.list_audit(&Default::default(), 1).await.unwrap();
            page.rows.into_iter().next().unwrap().entry
        });
        assert_eq!(
            (trail.said.as_str(), trail.surface.as_str()),
            ("doctor --repair", "command line")
        );
        assert!(trail.detail.unwrap().starts_with("made again: "));
    }
}

const UNWAKE: &str = "DELETE FROM schedule WHERE kind = 'change'";
const LATER: &str = "UPDATE schedule SET due_ms = due_ms + 1 WHERE kind = 'change'";

#[test]
fn what_is_damaged_is_said_and_nothing_is_written() {
    let gone = format!("DELETE FROM instance WHERE id = '{ORDERS}'");
    let cases = [
        (
            gone.as_str(),
            "refer to one of `instance` that is not there",
        ),
        ("UPDATE instance SET document = '{'", "`document`"),
        ("UPDATE change SET document = '{}'", "`document`"),
        (
            "DROP TRIGGER audit_is_never_changed; UPDATE audit SET said = 'nothing' WHERE seq = 1",
            "1",
        ),
    ];
    for (text, wanted) in cases {
        let directory = directory();
        execute(directory.path(), text);
        for args in [&[][..], &["--repair"]] {
            let (code, said) = doctor(directory.path(), args);
            assert_eq!(code, Some(1), "{text}\n{said}");
            assert!(said.contains(wanted), "{text}\n{said}");
            assert!(said.contains("restore a backup"), "{text}\n{said}");
            assert!(!said.contains("Made again"), "{text}\n{said}");
        }
    }
}

#[test]
fn what_cannot_be_checked_is_said() {
    let empty = tempfile::tempdir().unwrap();
    let (code, said) = doctor(empty.path(), &[]);
    assert_eq!(code, Some(2));
    assert!(said.contains("there is no database warden.db"), "{said}");
    assert!(!empty.path().join("warden.db").exists());

    let directory = directory();
    for args in [&["--format", "json"][..], &["--mend"], &["now"]] {
        assert_eq!(doctor(directory.path(), args).0, Some(2), "{args:?}");
    }
    execute(
        directory.path(),
        "UPDATE _sqlx_migrations SET checksum = x'00'",
    );
    let (code, said) = doctor(directory.path(), &["--repair"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("another version"), "{said}");
    std::fs::write(directory.path().join("warden.db"), "something else").unwrap();
    assert_eq!(doctor(directory.path(), &[]).0, Some(2));
}
