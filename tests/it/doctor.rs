//! `warden doctor`, as it is run.

use edition_warden::domain::place::DatabasePlace;
use edition_warden::store::Store;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use crate::backup::warden;
use crate::harness::{ORDERS, Room, new_place};
use crate::sequence::runtime;
use crate::server::run;

/// A database on which it is run.
struct Patient {
    directory: TempDir,
    place: DatabasePlace,
}

impl Patient {
    /// A database with an instance, an open change whose permit is out, and messages that wait because the chat takes none.
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let place = runtime().block_on(async {
            let place = new_place(directory.path()).await;
            let store = Store::open_at(&place).await.unwrap();
            let mut room = Room::of_team_on(store.clone());
            room.add_platinum("--action downgrade --auto-renew off --team payments")
                .await;
            room.passes("1m").await;
            room.chat_is_down(true);
            room.says("alice", "downgrade orders --by unsubscribe")
                .await;
            room.says("alice", "next 1").await;
            store.close().await;
            place
        });
        Self { directory, place }
    }

    /// The exit status and the output.
    fn doctor(&self, args: &[&str]) -> (Option<i32>, String) {
        let database = match &self.place {
            DatabasePlace::File(path) => path.to_str().unwrap(),
            DatabasePlace::Server(address) => address.secret(),
        };
        let args = [&["--db", database, "doctor"], args].concat();
        warden(self.directory.path(), &args)
    }

    /// Changes rows behind the program's back, where no foreign key refuses it.
    fn execute(&self, text: &str) {
        runtime().block_on(async {
            match &self.place {
                DatabasePlace::File(path) => {
                    let options = SqliteConnectOptions::new();
                    let options = options.filename(path).foreign_keys(false);
                    let mut connection = options.connect().await.unwrap();
                    let done = sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection);
                    let done = done.await.unwrap();
                    assert!(done.rows_affected() > 0 || text.contains(';'), "{text}");
                    connection.close().await.unwrap();
                }
                DatabasePlace::Server(address) => {
                    let text = text.trim_start_matches(UNLOCK);
                    let all = format!("SET session_replication_role = replica; {text}");
                    run(address.secret(), &all).await;
                }
            }
        });
    }
}

/// Lets the trail be changed; on a server nothing keeps its superuser from it.
const UNLOCK: &str = "DROP TRIGGER audit_is_never_changed; ";

#[test]
fn a_sound_database_is_left_as_it_is() {
    let patient = Patient::new();
    for args in [&[][..], &["--repair"]] {
        let kept = || {
            patient
                .place
                .file()
                .map(|file| std::fs::read(file).unwrap())
        };
        let before = kept();
        let (code, said) = patient.doctor(args);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("Everything is as it should be."), "{said}");
        assert_eq!(kept(), before);
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
        let patient = Patient::new();
        patient.execute(text);
        let (code, said) = patient.doctor(&[]);
        assert_eq!(code, Some(1), "{text}\n{said}");
        assert!(said.contains(wanted), "{text}\n{said}");
        assert!(said.contains("doctor --repair"), "{said}");
        let again = patient.doctor(&[]);
        assert_eq!(again, (code, said), "it only reads");
        let (code, said) = patient.doctor(&["--repair"]);
        assert_eq!(code, Some(0), "{text}\n{said}");
        assert!(said.contains("Rebuilt: "), "{said}");
        let (code, said) = patient.doctor(&[]);
        assert_eq!(code, Some(0), "{text}\n{said}");
        let trail = runtime().block_on(async {
            let store = Store::open_at(&patient.place).await.unwrap();
            let mut tx = store.read(&"local".into()).await.unwrap();
            let page = tx.list_audit(&Default::default(), 1).await.unwrap();
            page.rows.into_iter().next().unwrap().entry
        });
        assert_eq!(
            (trail.said.as_str(), trail.surface.as_str()),
            ("doctor --repair", "command line")
        );
        assert!(trail.detail.unwrap().starts_with("rebuilt: "));
    }
}

const UNWAKE: &str = "DELETE FROM schedule WHERE kind = 'change'";
const LATER: &str = "UPDATE schedule SET due_ms = due_ms + 1 WHERE kind = 'change'";

#[test]
fn what_is_damaged_is_said_and_nothing_is_written() {
    let gone = format!("DELETE FROM instance WHERE id = '{ORDERS}'");
    let forged = format!("{UNLOCK}UPDATE audit SET said = 'nothing' WHERE seq = 1");
    let cases = [
        (
            gone.as_str(),
            "refer to one of `instance` that is not there",
        ),
        ("UPDATE instance SET document = '{'", "`document`"),
        ("UPDATE change SET document = '{}'", "`document`"),
        (&forged, "1"),
    ];
    for (text, wanted) in cases {
        let patient = Patient::new();
        if text == gone && patient.place.server().is_some() {
            // That rows refer to others that are there is the server's to see to.
            continue;
        }
        patient.execute(text);
        for args in [&[][..], &["--repair"]] {
            let (code, said) = patient.doctor(args);
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
    let (code, said) = warden(empty.path(), &["doctor"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("there is no database warden.db"), "{said}");
    assert!(!empty.path().join("warden.db").exists());

    let patient = Patient::new();
    for args in [&["--format", "json"][..], &["--mend"], &["now"]] {
        assert_eq!(patient.doctor(args).0, Some(2), "{args:?}");
    }
    patient.execute(match &patient.place {
        DatabasePlace::File(_) => "UPDATE _sqlx_migrations SET checksum = x'00'",
        DatabasePlace::Server(_) => "UPDATE _sqlx_migrations SET checksum = '\\x00'",
    });
    let (code, said) = patient.doctor(&["--repair"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("another version"), "{said}");
    if let Some(file) = patient.place.file() {
        std::fs::write(file, "something else").unwrap();
        assert_eq!(patient.doctor(&[]).0, Some(2));
    }
}
