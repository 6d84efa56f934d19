//! `warden backup`, as it is run.

use std::fs;
use std::path::Path;
use std::process::Command;

use edition_warden::domain::id::InstanceId;
use edition_warden::store::Store;
use rstest::rstest;

use crate::harness::{ORDERS, Room};
use crate::sequence::runtime;

/// Runs the program in a directory; the exit status and what it said.
pub(crate) fn warden(directory: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_warden"))
        .args(args)
        .current_dir(directory)
        .env_clear()
        .output()
        .unwrap();
    let said =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said)
}

/// A directory with a database that has an instance, and one for copies.
fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("copies")).unwrap();
    runtime().block_on(async {
        let store = Store::open(&directory.path().join("warden.db"))
            .await
            .unwrap();
        let mut room = Room::of_team_on(store.clone());
        room.add_platinum("--action downgrade").await;
        store.close().await;
    });
    directory
}

pub(crate) fn names(directory: &Path) -> Vec<String> {
    let names = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_copy_has_everything_and_only_its_owner_reads_it() {
    let directory = directory();
    let (code, said) = warden(directory.path(), &["backup", "copy.db"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.starts_with("copy.db: ") && said.contains("sound, schema "),
        "{said}"
    );
    let (_, heads) = warden(directory.path(), &["audit", "head"]);
    let head = heads.lines().find(|line| line.contains(':')).unwrap();
    assert!(said.contains(head), "{said} has not {head}");
    let (code, shown) = warden(directory.path(), &["--db", "copy.db", "doctor"]);
    assert_eq!(
        (code, shown.as_str()),
        (Some(0), "Everything is as it should be.\n")
    );
    let copied = runtime().block_on(async {
        let store = Store::open_to_read(&directory.path().join("copy.db"))
            .await
            .unwrap()
            .store;
        store
            .read(&"local".into())
            .await
            .unwrap()
            .load_case(&InstanceId::parse(ORDERS).unwrap())
            .await
            .unwrap()
    });
    assert!(copied.is_some());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(directory.path().join("copy.db"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert!(
        !names(directory.path())
            .iter()
            .any(|name| name.contains("partial"))
    );
}

#[rstest]
#[case(&["backup", "warden.db"], "the database itself")]
#[case(&["backup", "./copies/../warden.db"], "the database itself")]
#[case(&["backup", "copies"], "is a directory")]
#[case(&["backup", "kept.txt"], "is there already")]
#[case(&["backup", "nowhere/copy.db"], "no copy can be written to nowhere/copy.db")]
#[case(&["backup", "kept.txt/copy.db"], "no copy can be written to kept.txt/copy.db")]
#[case(&["backup", "stale.db"], "stale.db-wal is left of another database")]
#[case(&["backup", "nowhere", "--keep", "3"], "nowhere is none")]
#[case(&["backup", "kept.txt", "--keep", "3"], "kept.txt is none")]
#[case(&["backup", "copies", "--keep", "0"], "`--keep`: 0 is not in 1..")]
#[case(&["--format", "json", "backup", "copy.db"], "prints text only")]
#[case(&["--db", "other.db", "backup", "copy.db"], "there is no database other.db")]
#[case(&["--db", "kept.txt", "backup", "copy.db"], "is not a database")]
fn what_cannot_be_copied_leaves_everything_as_it_was(#[case] args: &[&str], #[case] says: &str) {
    let directory = directory();
    fs::write(directory.path().join("kept.txt"), "x".repeat(4096)).unwrap();
    fs::write(directory.path().join("stale.db-wal"), "stale").unwrap();
    let before = names(directory.path());
    let (code, said) = warden(directory.path(), args);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(says), "{said}");
    assert_eq!(names(directory.path()), before);
    assert_eq!(names(&directory.path().join("copies")), [""; 0]);
    assert_eq!(
        fs::read(directory.path().join("stale.db-wal")).unwrap(),
        b"stale"
    );
}

#[test]
fn of_dated_copies_the_oldest_of_this_database_go_and_nothing_else() {
    let directory = directory();
    let copies = directory.path().join("copies");
    let keep = |n: &str| warden(directory.path(), &["backup", "copies", "--keep", n]);
    let (code, said) = keep("2");
    assert_eq!(code, Some(0), "{said}");
    let made = names(&copies).remove(0);
    // Older ones of its own, what only looks like one, and copies of another database.
    let own = |date: &str| copies.join(format!("warden-{date}.db"));
    for date in ["20200101T000000Z", "20200102T000000Z", "20200103T000000Z"] {
        fs::copy(copies.join(&made), own(date)).unwrap();
    }
    fs::write(own("20190101T000000Z"), "a note").unwrap();
    fs::write(own("before-the-move"), "mine").unwrap();
    fs::copy(copies.join(&made), own("20190101T0000Z")).unwrap();
    fs::copy(
        copies.join(&made),
        copies.join("warden-20190101T000000Z.db.gz"),
    )
    .unwrap();
    fs::copy(directory.path().join("warden.db"), own("20180101T000000Z")).unwrap();
    fs::create_dir(directory.path().join("b")).unwrap();
    fs::copy(
        directory.path().join("warden.db"),
        directory.path().join("b/warden.db"),
    )
    .unwrap();
    let elsewhere = ["--db", "b/warden.db", "backup", "other.db"];
    assert_eq!(warden(directory.path(), &elsewhere).0, Some(0));
    fs::rename(directory.path().join("other.db"), own("20170101T000000Z")).unwrap();
    let before = names(&copies);
    // The one of this second is there already, perhaps.
    fs::rename(copies.join(&made), own("20200104T000000Z")).unwrap();
    let (code, said) = keep("2");
    assert_eq!(code, Some(0), "{said}");
    let after = names(&copies);
    for gone in ["20200101T000000Z", "20200102T000000Z", "20200103T000000Z"] {
        assert!(!own(gone).exists() && said.contains(gone), "{said}");
    }
    assert!(own("20200104T000000Z").exists());
    // Two of its own, and the six that are not.
    assert_eq!(after.len(), 8, "{before:?} {after:?}");
}

#[test]
fn what_was_left_of_a_copy_that_was_killed_is_written_over() {
    let directory = directory();
    let left = directory.path().join(".copy.db.warden-partial");
    fs::write(&left, "half").unwrap();
    let held = fs::File::open(&left).unwrap();
    held.lock().unwrap();
    let (code, said) = warden(directory.path(), &["backup", "copy.db"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("another backup is being written"), "{said}");
    assert_eq!(fs::read(&left).unwrap(), b"half");
    drop(held);
    let journal = directory.path().join(".copy.db.warden-partial-journal");
    fs::write(&journal, "of the half").unwrap();
    assert_eq!(warden(directory.path(), &["backup", "copy.db"]).0, Some(0));
    assert!(!left.exists() && !journal.exists());
}

/// A clock that was ahead has dated copies, or this one is behind: what was just made stays, and so does what is ahead.
#[test]
fn copies_that_are_dated_ahead_crowd_nothing_out() {
    let directory = directory();
    let copies = directory.path().join("copies");
    let keep = |n: &str| warden(directory.path(), &["backup", "copies", "--keep", n]);
    assert_eq!(keep("1").0, Some(0));
    let made = names(&copies).remove(0);
    let own = |date: &str| copies.join(format!("warden-{date}.db"));
    let ahead = ["29990101T000000Z", "29990102T000000Z", "99990101T000000Z"];
    for date in ahead {
        fs::copy(copies.join(&made), own(date)).unwrap();
    }
    fs::rename(copies.join(&made), own("20200101T000000Z")).unwrap();
    let (code, said) = keep("1");
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("Removed, as more than are kept: warden-20200101T000000Z.db"),
        "{said}"
    );
    assert!(
        said.contains("Dated ahead of the clock") && said.contains(ahead[1]),
        "{said}"
    );
    let left = names(&copies);
    assert_eq!(left.len(), 4, "{left:?}");
    let new = said.split(": ").next().unwrap();
    assert!(directory.path().join(new).exists(), "{said}");
}

/// Whatever the copies were to be called that were being written when they were killed.
#[test]
fn what_killed_backups_have_left_is_removed_and_nothing_else() {
    let directory = directory();
    let at = |name: &str| directory.path().join(name);
    let left = [
        ".monday.db.warden-partial",
        ".monday.db.warden-partial-journal",
        ".warden.warden-partial",
        ".warden.db.warden-partial",
    ];
    let others = [
        "monday.warden-partial",
        ".warden-partials",
        ".held.db.warden-partial",
    ];
    for name in left.iter().chain(&others) {
        fs::write(at(name), "half").unwrap();
    }
    let held = fs::File::open(at(others[2])).unwrap();
    held.lock().unwrap();
    assert_eq!(
        warden(directory.path(), &["backup", "tuesday.db"]).0,
        Some(0)
    );
    for name in left {
        assert!(!at(name).exists(), "{name}");
    }
    for name in others {
        assert!(at(name).exists(), "{name}");
    }
}

#[test]
fn a_copy_of_what_is_damaged_is_not_kept_and_older_ones_stay() {
    let directory = directory();
    let copies = directory.path().join("copies");
    assert_eq!(
        warden(directory.path(), &["backup", "copies", "--keep", "1"]).0,
        Some(0)
    );
    let made = names(&copies).remove(0);
    fs::rename(copies.join(made), copies.join("warden-20200101T000000Z.db")).unwrap();
    let before = names(&copies);
    runtime().block_on(async {
        use sqlx::{ConnectOptions as _, Connection as _};
        let to =
            sqlx::sqlite::SqliteConnectOptions::new().filename(directory.path().join("warden.db"));
        let mut connection = to.connect().await.unwrap();
        let text = "DROP TRIGGER audit_is_never_changed; UPDATE audit SET said = 'nothing'";
        sqlx::raw_sql(text).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
    let (code, said) = warden(directory.path(), &["backup", "copies", "--keep", "1"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("not sound") && said.contains("TAMPERED"),
        "{said}"
    );
    assert_eq!(names(&copies), before);
}

/// Copied into the place of the database, it would be trusted.
#[test]
fn a_copy_is_looked_at_and_not_worked_with() {
    let directory = directory();
    let at = directory.path();
    assert_eq!(warden(at, &["backup", "copy.db"]).0, Some(0));
    fs::copy(at.join("copy.db"), at.join("warden.db")).unwrap();
    let before = (names(at), fs::read(at.join("warden.db")).unwrap());
    for line in [
        "instance set orders --topics 7",
        "serve --init",
        "import x.csv",
    ] {
        let (code, said) = warden(at, &line.split(' ').collect::<Vec<_>>());
        assert_eq!(code, Some(2), "{said}");
        let way_out = "is a copy that `warden backup` made";
        assert!(
            said.contains(way_out) && said.contains("`warden restore"),
            "{said}"
        );
    }
    for line in ["instance show orders", "doctor", "audit verify"] {
        let (code, said) = warden(at, &line.split(' ').collect::<Vec<_>>());
        assert_eq!(code, Some(0), "{said}");
    }
    let (_, shown) = warden(at, &["instance", "show", "orders"]);
    assert!(
        shown.contains("known in the past") && shown.contains("Platinum"),
        "{shown}"
    );
    assert_eq!((names(at), fs::read(at.join("warden.db")).unwrap()), before);
    fs::remove_file(at.join("warden.db")).unwrap();
    assert_eq!(warden(at, &["restore", "copy.db"]).0, Some(0));
    let (code, said) = warden(at, &["instance", "set", "orders", "--topics", "7"]);
    assert_eq!(code, Some(0), "{said}");
}

/// What is damaged is the database, and not the copy that is being made of it.
#[test]
fn a_database_that_is_damaged_is_named() {
    let directory = directory();
    let at = directory.path();
    let mut bytes = fs::read(at.join("warden.db")).unwrap();
    for page in bytes.chunks_mut(4096).skip(4) {
        page.fill(0x5a);
    }
    fs::write(at.join("warden.db"), bytes).unwrap();
    let (code, said) = warden(at, &["backup", "copy.db"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("the database warden.db is damaged"), "{said}");
    assert_eq!(names(at), ["copies", "warden.db"]);
}
