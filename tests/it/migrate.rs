//! `warden migrate`, as it is run: from a file into another one, and where there is a server, onto it and back.

use std::fs;
use std::path::Path;

use edition_warden::domain::place::DatabasePlace;
use edition_warden::store::{MIGRATIONS, Store, StoreError};
use rstest::rstest;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

use crate::backup::warden;
use crate::harness::Room;
use crate::postgres::{restored, without_statistics};
use crate::sequence::runtime;
use crate::server::new_database;
use crate::store::migrations::as_left_by;

const MOVE: &[&str] = &["migrate", "--from", "old.db", "--to", "new.db"];

/// A directory with a database in which something has happened.
fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let store = Store::open(&directory.path().join("old.db")).await.unwrap();
        let mut room = Room::of_team_on(store.clone());
        room.add_platinum("--action downgrade").await;
        room.says("alice", "downgrade orders --by unsubscribe")
            .await;
        room.says("alice", "notice The hamster of orders has escaped.")
            .await;
        store.close().await;
    });
    directory
}

#[test]
fn rows_of_every_version_are_moved_as_they_are() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    runtime().block_on(async {
        as_left_by(MIGRATIONS.len(), &at.join("old.db")).await;
        let source = Store::open(&at.join("old.db")).await.unwrap();
        let target = Store::open(&at.join("new.db")).await.unwrap();
        let mut transfer = source.transfer_to(&target, "old.db").await.unwrap();
        assert_eq!(transfer.compare().await.unwrap(), Err("workspace"));
        transfer.run().await.unwrap();
        assert!(transfer.compare().await.unwrap().unwrap() > 20);
        transfer.finish("new.db").await.unwrap();
        source.close().await;
        target.close().await;
    });
    runtime().block_on(run(at, "old.db", "DELETE FROM lease WHERE name = 'moved'"));
    // The trail of the samples was never sound.
    let (code, said) = warden(at, &["migrate", "--from", "old.db", "--to", "third.db"]);
    assert_eq!(code, Some(2), "{said}");
    let wanted = "old.db is not sound, and nothing is done with it: w: TAMPERED WITH";
    assert!(said.contains(wanted), "{said}");
    assert!(!at.join("third.db").exists());
}

async fn connect(directory: &Path, name: &str) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(directory.join(name));
    options.connect().await.unwrap()
}

async fn run(directory: &Path, name: &str, text: &str) {
    let mut connection = connect(directory, name).await;
    let text = AssertSqlSafe(text.to_owned());
    sqlx::raw_sql(text).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[test]
fn everything_is_moved_and_the_new_one_goes_on_where_the_old_one_ended() {
    let directory = directory();
    let at = directory.path();
    let lines = [
        &["notices"][..],
        &["changes"],
        &["instance", "show", "orders"],
    ];
    let of = |name: &str| lines.map(|line| warden(at, &[&["--db", name], line].concat()).1);
    let before = of("old.db");
    let (code, said) = warden(at, MOVE);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("new.db holds all of old.db: "), "{said}");
    let head = |name: &str| {
        let (_, said) = warden(at, &["--db", name, "audit", "head"]);
        said.lines().next().unwrap().to_owned()
    };
    assert_eq!(head("new.db"), head("old.db"));
    assert!(said.contains(&head("old.db")), "{said}");
    assert_eq!(
        warden(at, &["--db", "new.db", "audit", "verify"]).0,
        Some(0)
    );
    let (code, said) = warden(at, &["--db", "new.db", "doctor"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(of("new.db"), before);
    // Run again by somebody who did not see that it had ended, also when the new one has gone on.
    let (code, said) = warden(at, &["--db", "new.db", "snooze", "orders", "1h"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = warden(at, MOVE);
    assert!(
        code == Some(0) && said.contains("was moved to new.db before"),
        "{said}"
    );
    // Nothing else is moved into it, nor is what it lacks said to be there.
    runtime().block_on(run(at, "old.db", "DELETE FROM lease WHERE name = 'moved'"));
    fs::copy(at.join("old.db"), at.join("other.db")).unwrap();
    let (code, said) = warden(at, &["--db", "old.db", "snooze", "orders", "2h"]);
    assert_eq!(code, Some(0), "{said}");
    let place = at.join("new.db").display().to_string();
    let mark = format!(
        "INSERT INTO lease (name, holder, until_ms, seen_ms) VALUES ('moved', '{place}', 0, 0)"
    );
    runtime().block_on(run(at, "old.db", &mark));
    for from in ["old.db", "other.db"] {
        let (code, said) = warden(at, &["migrate", "--from", from, "--to", "new.db"]);
        assert!(
            code == Some(2) && said.contains("new.db is not empty"),
            "{from}: {said}"
        );
    }
}

/// Two that go on from the same state would both be believed.
#[test]
fn nobody_goes_on_with_the_old_one() {
    let directory = directory();
    let at = directory.path();
    assert_eq!(warden(at, MOVE).0, Some(0));
    let old = |line: &str| {
        let words = line.split(' ').collect::<Vec<_>>();
        warden(at, &[&["--db", "old.db"], &words[..]].concat())
    };
    let moved = format!("was moved to {}", at.join("new.db").display());
    for line in ["instance set orders --topics 7", "serve"] {
        let (code, said) = old(line);
        assert!(code == Some(2) && said.contains(&moved), "{line}: {said}");
    }
    let (code, said) = warden(at, &["migrate", "--from", "old.db", "--to", "third.db"]);
    assert!(code == Some(2) && said.contains(&moved), "{said}");
    // It can be looked at, which says that it is the past.
    let (code, said) = old("doctor");
    assert!(code == Some(1) && said.contains(&moved), "{said}");
    for line in ["instance list", "audit verify", "backup kept.db"] {
        let (code, said) = old(line);
        assert_eq!(code, Some(0), "{line}: {said}");
    }
    let (_, said) = old("instance list");
    assert!(
        said.contains("known in the past") && said.contains(&moved),
        "{said}"
    );
    // The ways out: back from the new one, and as a copy where that is lost.
    let back = ["migrate", "--from", "new.db", "--to", "back.db"];
    assert_eq!(warden(at, &back).0, Some(0));
    let (code, said) = warden(at, &["--db", "third.db", "restore", "old.db"]);
    assert_eq!(code, Some(0), "{said}");
    for name in ["back.db", "third.db"] {
        let line = ["--db", name, "instance", "set", "orders", "--topics", "7"];
        let (code, said) = warden(at, &line);
        assert_eq!(code, Some(0), "{name}: {said}");
    }
}

#[test]
fn what_was_interrupted_goes_on_and_is_opened_by_nobody_meanwhile() {
    let directory = directory();
    let at = directory.path();
    runtime().block_on(async {
        let source = Store::open(&at.join("old.db")).await.unwrap();
        let new = DatabasePlace::File(at.join("new.db"));
        let target = Store::open_to_fill(&new).await.unwrap();
        let place = std::path::absolute(at.join("old.db")).unwrap();
        let place = place.display().to_string();
        let mut transfer = source.transfer_to(&target, &place).await.unwrap();
        transfer.run().await.unwrap();
        drop(transfer);
        source.close().await;
        target.close().await;
        let met = Store::open(&at.join("new.db")).await.unwrap_err();
        assert!(matches!(met, StoreError::BeingFilled { .. }), "{met}");
    });
    for line in [
        &["todo"][..],
        &["audit", "head"],
        &["doctor"],
        &["backup", "copy.db"],
    ] {
        let (code, said) = warden(at, &[&["--db", "new.db"], line].concat());
        assert_eq!(code, Some(2), "{line:?}: {said}");
        assert!(said.contains("is being filled from"), "{line:?}: {said}");
    }
    let elsewhere = ["migrate", "--from", "copy.db", "--to", "new.db"];
    fs::copy(at.join("old.db"), at.join("copy.db")).unwrap();
    let (code, said) = warden(at, &elsewhere);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("with the same --from"), "{said}");
    // As if it had ended in the middle of the tables.
    let lost = "DELETE FROM outbox WHERE id > 1; DELETE FROM notice_instance; DELETE FROM notice";
    runtime().block_on(run(at, "new.db", lost));
    let (code, said) = warden(at, MOVE);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn what_was_written_to_the_old_one_between_two_attempts_is_found() {
    let directory = directory();
    let at = directory.path();
    assert_eq!(warden(at, MOVE).0, Some(0));
    let half = format!(
        "INSERT INTO lease (name, holder, until_ms, seen_ms) VALUES ('filling', '{}', 0, 0)",
        std::path::absolute(at.join("old.db")).unwrap().display()
    );
    runtime().block_on(async {
        run(at, "new.db", &half).await;
        run(at, "old.db", "UPDATE notice SET told = told + 1").await;
    });
    let (code, said) = warden(at, MOVE);
    assert_eq!(code, Some(2));
    assert!(said.contains("notice is not the same in both"), "{said}");
    assert!(said.contains("Empty new.db and run it again"), "{said}");
}

#[test]
fn nothing_is_moved_while_a_process_works_with_either() {
    for held in ["old.db", "new.db"] {
        let directory = directory();
        let at = directory.path();
        runtime().block_on(async {
            let store = Store::open(&at.join(held)).await.unwrap();
            let (code, said) = warden(at, MOVE);
            assert_eq!(code, Some(2), "{held}");
            assert!(said.contains("is in use by the process"), "{said}");
            store.close().await;
        });
    }
}

#[rstest]
#[case(&["migrate", "--from", "old.db", "--to", "./old.db"], "the same database")]
#[case(&["migrate", "--from", "none.db", "--to", "new.db"], "there is no database none.db")]
#[case(&["migrate", "--from", "old.db", "--to", "nowhere/new.db"], "there is no directory")]
#[case(&["migrate", "--from", "old.db"], "--to <DATABASE>")]
#[case(&["--format", "json", "migrate", "--from", "old.db", "--to", "new.db"], "prints text only")]
fn what_cannot_be_moved_is_said(#[case] args: &[&str], #[case] wanted: &str) {
    let directory = directory();
    let (code, said) = warden(directory.path(), args);
    assert_eq!(code, Some(2));
    assert!(said.contains(wanted), "{said}");
    assert!(!directory.path().join("none.db").exists());
}

/// Where `WARDEN_TEST_POSTGRES` names a server.
#[test]
fn onto_a_server_and_back_nothing_is_lost() {
    let Some(server) = runtime().block_on(new_database()) else {
        return;
    };
    let directory = directory();
    let at = directory.path();
    let onto = ["migrate", "--from", "old.db", "--to", &server];
    runtime().block_on(async {
        let place = DatabasePlace::parse(&server).unwrap();
        let store = Store::open_at(&place).await.unwrap();
        store.system().workspaces().await.unwrap();
        let (code, said) = warden(at, &onto);
        assert_eq!(code, Some(2));
        assert!(said.contains("is in use by another process"), "{said}");
        store.close().await;
    });
    let (code, said) = warden(at, &onto);
    assert_eq!(code, Some(0), "{said}");
    // Full tables whose statistics are those of empty ones get plans that take minutes.
    assert_eq!(runtime().block_on(without_statistics(&server)), 0);
    let (code, said) = warden(at, &onto);
    assert!(
        code == Some(0) && said.contains(" before, and each trail"),
        "{said}"
    );
    let (code, said) = warden(at, &["--db", &server, "audit", "verify"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = warden(at, &["--db", &server, "doctor"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = warden(at, &["--db", &server, "snooze", "orders", "1h"]);
    assert_eq!(code, Some(0), "{said}");
    let lines = [&["notices"][..], &["changes"], &["audit"]];
    let of = |name: &str| lines.map(|line| warden(at, &[&["--db", name], line].concat()).1);
    let before = of(&server);
    let (code, said) = warden(at, &["migrate", "--from", &server, "--to", "back.db"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(of("back.db"), before);
    let (code, said) = warden(at, &["--db", &server, "snooze", "orders", "2h"]);
    assert!(code == Some(2) && said.contains("was moved to"), "{said}");
    // Distrusted, it is worked with again.
    let (code, said) = warden(at, &["--db", &server, "restore", "--distrust"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = warden(at, &["--db", &server, "snooze", "orders", "2h"]);
    assert_eq!(code, Some(0), "{said}");
}

/// Also of a dump that was made before anything was started on the new one.
#[test]
fn a_copy_of_what_was_moved_is_not_taken_for_it() {
    let Some(server) = runtime().block_on(new_database()) else {
        return;
    };
    let directory = directory();
    let at = directory.path();
    let (code, said) = warden(at, &["migrate", "--from", "old.db", "--to", &server]);
    assert_eq!(code, Some(0), "{said}");
    let copy = runtime().block_on(restored(&server));
    let (code, said) = warden(at, &["--db", &server, "action", "orders", "delete"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = warden(at, &["--db", &copy, "snooze", "orders", "1h"]);
    assert!(
        code == Some(2) && said.contains("went back to an earlier state"),
        "{said}"
    );
    let (code, said) = warden(at, &["--db", &copy, "restore", "--distrust"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = warden(at, &["--db", &copy, "next", "1"]);
    assert_eq!(code, Some(0), "{said}");
    let again = runtime().block_on(restored(&copy));
    let (code, said) = warden(at, &["--db", &again, "next", "1"]);
    assert!(
        code == Some(2) && said.contains("went back to an earlier state"),
        "{said}"
    );
}
