//! `warden audit …`, as it is run.

use std::path::Path;
use std::process::{Command, Output};

use edition_warden::store::Store;

use super::{SECRET, entry, write};
use crate::sequence::runtime;

/// What is said of every database that was closed.
const CLOSED: &str = "If this is a copy that was made while warden ran, the last rows may be missing: there is no warden.db-wal beside it. `audit verify --head` with a head noted elsewhere tells.\n";

/// Runs it in the directory; the exit status, and what it said but for what is said of every closed database.
fn warden(directory: &Path, key: Option<&str>, args: &[&str]) -> (Option<i32>, String) {
    let (code, said) = warden_whole(directory, key, args);
    (code, said.replace(CLOSED, ""))
}

fn warden_whole(directory: &Path, key: Option<&str>, args: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_warden"));
    command
        .args(args)
        .current_dir(directory)
        .env_remove("WARDEN_AUDIT_KEY");
    command.envs(key.map(|key| ("WARDEN_AUDIT_KEY", key)));
    if args.contains(&"discord") {
        command.env("DISCORD_TOKEN", "x.y.z");
    }
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let said = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
    assert!(!said.contains(SECRET), "{said}");
    (status.code(), said)
}

/// A directory with `warden.db`: a trail of three rows in `local`, of two in `team`, those from `keyed_from` on with the key.
fn directory(keyed_from: usize) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let store = Store::open(&directory.path().join("warden.db"))
            .await
            .unwrap();
        let mut odd = entry("=HYPERLINK(\"https://a.example\")");
        odd.detail = Some("a, \"b\"\nc".to_owned());
        write(&store, "team", &[odd, entry("rules")], keyed_from).await;
        let all = ["changes", "rules", "help"].map(entry);
        write(&store, "local", &all, keyed_from).await;
        store.close().await;
    });
    directory
}

async fn execute(directory: &Path, text: &'static str) {
    use sqlx::{ConnectOptions, Connection};
    let path = directory.join("warden.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql(text).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[test]
fn a_missing_database_is_not_created() {
    let directory = tempfile::tempdir().unwrap();
    for task in ["verify", "head", "export"] {
        let (code, said) = warden(directory.path(), None, &["audit", task]);
        assert_eq!(code, Some(2));
        assert!(said.contains("there is no database warden.db"), "{said}");
    }
    assert!(!directory.path().join("warden.db").exists());
}

/// Opening a pipe that nobody writes to would wait for ever.
#[test]
fn what_is_no_file_is_no_database() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("warden.db");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    for args in [
        &["audit", "verify"][..],
        &["audit", "head"],
        &["todo"],
        &["console"],
    ] {
        let (code, said) = warden(directory.path(), None, args);
        assert!(code.is_some_and(|code| code != 0), "{args:?}");
        assert!(
            said.contains("warden.db is no regular file"),
            "{args:?}: {said}"
        );
    }
}

#[test]
fn a_sound_trail_without_a_key() {
    let directory = directory(3);
    let (code, said) = warden(directory.path(), None, &["audit", "verify"]);
    insta::assert_snapshot!(said, @r#"
    local: 3 rows, sound, none with a key
      head local:3:128047d385d21a4b56bcb8892d6acf04dded77d8eded360018d490191878ef68
    team: 2 rows, sound, none with a key
      head team:2:97819ab8cdb441cec42b30f0706db2ea7de7bef1753314037d48852239c6aadf
    WARDEN_AUDIT_KEY is not set: this detects accidents, not a forger, who can rewrite rows that no key protects.
    "#);
    assert_eq!(code, Some(0));
    let (code, said) = warden(directory.path(), Some(SECRET), &["audit", "verify"]);
    assert_eq!(code, Some(0));
    assert!(said.contains("not a forger"), "{said}");
    let required = ["audit", "verify", "--require-key"];
    let (code, said) = warden(directory.path(), Some(SECRET), &required);
    insta::assert_snapshot!(said, @r#"
    local: row 1 has no key, and --require-key asks for one on every row; leave it out for a trail that began without a key.
    team: row 1 has no key, and --require-key asks for one on every row; leave it out for a trail that began without a key.
    "#);
    assert_eq!(code, Some(1));
    let (code, said) = warden(directory.path(), None, &required);
    assert_eq!(code, Some(2));
    assert!(said.contains("WARDEN_AUDIT_KEY is not set"), "{said}");
}

#[test]
fn a_trail_with_a_key() {
    let directory = directory(0);
    let (code, said) = warden(
        directory.path(),
        Some(SECRET),
        &["audit", "verify", "--require-key"],
    );
    assert_eq!(code, Some(0));
    assert!(
        said.contains("local: 3 rows, sound, all with the key"),
        "{said}"
    );
    assert!(!said.contains("forger"), "{said}");
    let (code, said) = warden(directory.path(), None, &["audit", "verify"]);
    insta::assert_snapshot!(said, @r#"
    local: row 1 has a key, and cannot be checked without it: set WARDEN_AUDIT_KEY to the key that warden runs with.
    team: row 1 has a key, and cannot be checked without it: set WARDEN_AUDIT_KEY to the key that warden runs with.
    WARDEN_AUDIT_KEY is not set: this detects accidents, not a forger, who can rewrite rows that no key protects.
    "#);
    assert_eq!(code, Some(2));
    let wrong = Some("a key of somebody else");
    let (code, said) = warden(directory.path(), wrong, &["audit", "verify"]);
    insta::assert_snapshot!(said, @r#"
    local: row 1 does not fit WARDEN_AUDIT_KEY: either that is another key than the one warden ran with, or the row was changed or put in. Set the right key; if it is the right one, keep this file as evidence and compare it with a backup.
    team: row 1 does not fit WARDEN_AUDIT_KEY: either that is another key than the one warden ran with, or the row was changed or put in. Set the right key; if it is the right one, keep this file as evidence and compare it with a backup.
    "#);
    assert_eq!(code, Some(1));
}

/// Nothing is written that would look put in for good, whichever way it starts.
#[test]
fn without_the_key_of_the_trail_or_with_another_it_does_not_start() {
    let directory = directory(0);
    std::fs::write(directory.path().join("l.csv"), "id,name\n").unwrap();
    let before = warden(directory.path(), None, &["audit", "head"]).1;
    let ways: [&[&str]; 3] = [
        &[],
        &["import", "l.csv", "--workspace", "team"],
        &["discord", "--api-base", "http://127.0.0.1:9"],
    ];
    for args in ways {
        for key in [None, Some("a key of somebody else")] {
            let (code, said) = warden(directory.path(), key, args);
            assert_eq!(code, Some(2), "{said}");
            let words = match key {
                None => "local was written with a key, and WARDEN_AUDIT_KEY is not set",
                Some(_) => "local does not end with a row of this WARDEN_AUDIT_KEY",
            };
            assert!(said.contains(words), "{args:?}: {said}");
        }
    }
    assert_eq!(warden(directory.path(), None, &["audit", "head"]).1, before);
    let (code, said) = warden(directory.path(), Some(SECRET), &[]);
    assert_eq!(code, Some(0), "{said}");
}

/// A variable that was set once by mistake changes nothing: a trail that began without a key takes one by a command of its own only.
#[test]
fn a_trail_that_began_without_a_key_takes_one_only_when_told_to() {
    let directory = directory(3);
    let says = |key, args: &[&str]| warden(directory.path(), key, args);
    let before = says(None, &["audit", "head"]).1;
    std::fs::write(directory.path().join("l.csv"), "id,name\n").unwrap();
    std::fs::write(directory.path().join("mail"), "released").unwrap();
    let ways: [&[&str]; 8] = [
        &[],
        &["ack", "orders"],
        &["settings", "zone", "UTC"],
        &["import", "l.csv"],
        &["import", "l.csv", "--workspace", "team"],
        &["notice", "./mail"],
        &["serve"],
        &["discord", "--api-base", "http://127.0.0.1:9"],
    ];
    for args in ways {
        let (code, said) = says(Some(SECRET), args);
        assert_eq!(code, Some(2), "{args:?}: {said}");
        let words = "the audit trail of local began without a key, and WARDEN_AUDIT_KEY is set";
        assert!(said.contains(words), "{args:?}: {said}");
        assert!(said.contains("warden audit begin-key"), "{said}");
    }
    assert_eq!(says(None, &["audit", "head"]).1, before);
    // What only reads goes on, and so does a copy.
    assert_eq!(says(Some(SECRET), &["todo"]).0, Some(0));
    assert_eq!(says(Some(SECRET), &["backup", "copy.db"]).0, Some(0));
    // Nothing is put in its place that could not be opened then.
    let (code, said) = says(Some(SECRET), &["restore", "copy.db"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("the audit trail of the copy copy.db has no key"));
    assert_eq!(says(None, &["audit", "head"]).1, before);
    let (code, said) = says(None, &["settings", "zone", "UTC"]);
    assert_eq!(code, Some(0), "{said}");

    let begin = ["audit", "begin-key"];
    let (code, said) = says(None, &begin);
    assert_eq!(code, Some(2));
    assert!(said.contains("WARDEN_AUDIT_KEY is not set"), "{said}");
    let (code, said) = says(Some(SECRET), &begin);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!(said, @"From now on the audit trail has a key (local, team): nothing is recorded in this database without it, so keep it where it is not lost, and set it for everything that writes here. The rows before stay without one.");
    let (code, said) = says(None, &["settings", "zone", "UTC"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("WARDEN_AUDIT_KEY is not set"), "{said}");
    let (code, said) = says(Some(SECRET), &["settings", "zone", "Asia/Shanghai"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = says(Some(SECRET), &["audit", "verify"]);
    assert_eq!(code, Some(0), "{said}");
    let sound = "local: 6 rows, sound, with the key from row 5 on, none before";
    assert!(said.contains(sound), "{said}");
    assert!(said.contains("with the key from row 3 on"), "{said}");
    // Once is enough, and another key is none.
    assert_eq!(says(Some(SECRET), &begin).0, Some(2));
    let (code, said) = says(Some("a key of somebody else"), &begin);
    assert_eq!(code, Some(2));
    assert!(said.contains("does not end with a row of this"), "{said}");
}

/// A copy from before the trail had a key takes a word: restored, nothing would show what is rewritten in it.
#[test]
fn a_copy_from_before_the_key_takes_a_word() {
    let directory = tempfile::tempdir().unwrap();
    let says = |key: Option<&str>, args: &[&str]| warden(directory.path(), key, args);
    let add = format!(
        "instance add {} --name orders --region cn-hangzhou --edition standard",
        crate::harness::ORDERS
    );
    let add: Vec<&str> = add.split(' ').collect();
    assert_eq!(says(None, &add).0, Some(0));
    assert_eq!(says(None, &["backup", "copy.db"]).0, Some(0));
    assert_eq!(says(Some(SECRET), &["audit", "begin-key"]).0, Some(0));
    let (code, said) = says(None, &["restore", "copy.db"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("from before its audit trail had a key") && said.contains("--yes-really"),
        "{said}"
    );
    // With the key set it is the copy that lacks it: the database in its place has it already.
    let (code, said) = says(Some(SECRET), &["restore", "copy.db", "--yes-really"]);
    assert_eq!(code, Some(2), "{said}");
    let words = "the audit trail of the copy copy.db has no key, and WARDEN_AUDIT_KEY is set: ";
    assert!(said.contains(words), "{said}");
    assert!(said.ends_with("warden.db was not changed\n"), "{said}");
    assert_eq!(says(Some(SECRET), &["audit", "begin-key"]).0, Some(2));
    let (code, said) = says(None, &["restore", "copy.db", "--yes-really"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(says(Some(SECRET), &["audit", "begin-key"]).0, Some(0));
}

/// A copy is restored with the key that its trail has, wherever that was kept; without it, it is looked at.
#[test]
fn a_copy_is_restored_with_its_own_key() {
    let directory = tempfile::tempdir().unwrap();
    let says = |key: Option<&str>, args: &[&str]| warden(directory.path(), key, args);
    assert_eq!(says(Some(SECRET), &["settings", "zone", "UTC"]).0, Some(0));
    assert_eq!(says(Some(SECRET), &["backup", "copy.db"]).0, Some(0));
    for (key, words) in [
        (
            None,
            "the copy copy.db was written with a key, and WARDEN_AUDIT_KEY is not set",
        ),
        (
            Some("a key of somebody else"),
            "the copy copy.db does not end with a row of this WARDEN_AUDIT_KEY",
        ),
    ] {
        let (code, said) = says(key, &["restore", "copy.db"]);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(words), "{said}");
        assert!(said.ends_with("warden.db was not changed\n"), "{said}");
        assert_eq!(
            says(key, &["--db", "copy.db", "instance", "list"]).0,
            Some(0)
        );
    }
    let (code, said) = says(Some(SECRET), &["restore", "copy.db", "--yes-really"]);
    assert_eq!(code, Some(0), "{said}");
}

/// A new database begins with the key that is set, and makes none for a command that has no database.
#[test]
fn a_new_database_begins_with_the_key() {
    let directory = tempfile::tempdir().unwrap();
    let says = |args: &[&str]| warden(directory.path(), Some(SECRET), args);
    let (code, said) = says(&["audit", "begin-key"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("there is no database warden.db"), "{said}");
    assert!(!directory.path().join("warden.db").exists());
    assert_eq!(says(&["settings", "zone", "UTC"]).0, Some(0));
    let (code, said) = says(&["audit", "verify", "--require-key"]);
    assert_eq!(code, Some(0));
    assert!(said.contains("all with the key"), "{said}");
    let (code, said) = says(&["audit", "begin-key"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("no trail of the database"), "{said}");
}

/// Nor does a program that was started with a key while the trail had no rows yet.
#[tokio::test]
async fn nothing_is_appended_with_a_key_behind_rows_without_one() {
    let store = crate::harness::new_store().await;
    write(&store, "team", &[entry("rules")], 1).await;
    let mut tx = store.write(&"team".into()).await.unwrap();
    let refused = tx
        .append_audit(&entry("changes"), Some(&super::key()))
        .await;
    let words = refused.unwrap_err().to_string();
    assert!(words.contains("audit begin-key"), "{words}");
    drop(tx);
    let mut tx = store.read(&"team".into()).await.unwrap();
    assert_eq!(tx.audit_head().await.unwrap().seq, 1);
}

/// A program that was started before the trail got its key.
#[tokio::test]
async fn nothing_is_appended_without_a_key_behind_a_row_with_one() {
    let store = crate::harness::new_store().await;
    write(&store, "team", &[entry("rules"), entry("help")], 1).await;
    let mut tx = store.write(&"team".into()).await.unwrap();
    let refused = tx.append_audit(&entry("changes"), None).await;
    let words = refused.unwrap_err().to_string();
    assert!(words.contains("set the key"), "{words}");
    drop(tx);
    let mut tx = store.read(&"team".into()).await.unwrap();
    assert_eq!(tx.audit_head().await.unwrap().seq, 2);
}

#[test]
fn the_right_key_is_told_from_another_one() {
    let directory = directory(0);
    let tamper = "DROP TRIGGER audit_is_never_changed; \
         UPDATE audit SET said = 'why orders' WHERE workspace = 'local' AND seq = 1;";
    runtime().block_on(execute(directory.path(), tamper));
    let (code, said) = warden(directory.path(), Some(SECRET), &["audit", "verify"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("local: TAMPERED WITH. Row 1"), "{said}");
    assert!(said.contains("team: 2 rows, sound"), "{said}");
}

#[test]
fn tampering_is_told_with_the_first_row() {
    let directory = directory(0);
    let (_, heads) = warden(directory.path(), None, &["audit", "head"]);
    let heads: Vec<String> = heads.lines().map(str::to_owned).collect();
    assert!(heads[0].starts_with("local:3:") && heads[1].starts_with("team:2:"));
    let noted = ["audit", "verify", "--head", &heads[0], "--head", &heads[1]];
    assert_eq!(warden(directory.path(), Some(SECRET), &noted).0, Some(0));
    let tamper = "DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_deleted; \
         DELETE FROM audit WHERE workspace = 'team'; \
         UPDATE audit SET said = 'why orders' WHERE workspace = 'local' AND seq = 2;";
    runtime().block_on(execute(directory.path(), tamper));
    let (code, said) = warden(directory.path(), Some(SECRET), &noted);
    insta::assert_snapshot!(said, @r#"
    local: TAMPERED WITH. Row 2 does not fit its hash: its content or its place was changed, or it was made with another key.
      Keep this file as it is, as evidence; compare `warden audit export` of it and of a backup from before, and rely on nothing from that row on.
    team: TAMPERED WITH. Rows 1 to 2 were cut off: the head that was noted has them.
      Keep this file as it is, as evidence; compare `warden audit export` of it and of a backup from before, and rely on nothing from that row on.
    "#);
    assert_eq!(code, Some(1));
    let (code, said) = warden(
        directory.path(),
        None,
        &["audit", "verify", "--head", "12:ab"],
    );
    assert_eq!(code, Some(2));
    assert!(said.contains("is not a head"), "{said}");
}

#[test]
fn an_export_leaves_nothing_out() {
    let directory = directory(1);
    let (code, said) = warden(directory.path(), None, &["audit", "export"]);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!(said, @r#"
    {"workspace":"local","seq":1,"at":"2026-01-01T00:00:00Z","by_id":"alice","by_name":"alice","surface":"console","message":null,"said":"changes","outcome":"done","rules":[],"instance":null,"change":null,"events":[],"detail":null,"keyed":false,"hash":"bc4b5ba84c6165a02545fb4c1a9e7b87b49bfa306399d6e7335265c783e781b0"}
    {"workspace":"local","seq":2,"at":"2026-01-01T00:00:00Z","by_id":"alice","by_name":"alice","surface":"console","message":null,"said":"rules","outcome":"done","rules":[],"instance":null,"change":null,"events":[],"detail":null,"keyed":true,"hash":"36c807aa32bbbe463f4ec9d585b7ad4330e71c0a1e4badd530f92bc0ff6ddcec"}
    {"workspace":"local","seq":3,"at":"2026-01-01T00:00:00Z","by_id":"alice","by_name":"alice","surface":"console","message":null,"said":"help","outcome":"done","rules":[],"instance":null,"change":null,"events":[],"detail":null,"keyed":true,"hash":"190f5ff0f0b33471862516bc8a33fdb4263b7ce2b8514183927b110c36f46a02"}
    {"workspace":"team","seq":1,"at":"2026-01-01T00:00:00Z","by_id":"alice","by_name":"alice","surface":"console","message":null,"said":"=HYPERLINK(\"https://a.example\")","outcome":"done","rules":[],"instance":null,"change":null,"events":[],"detail":"a, \"b\"\nc","keyed":false,"hash":"2d5a2bfd5a24cae0c8f8f9892364a761adbd7bdb19b23d9d50930552826b0091"}
    {"workspace":"team","seq":2,"at":"2026-01-01T00:00:00Z","by_id":"alice","by_name":"alice","surface":"console","message":null,"said":"rules","outcome":"done","rules":[],"instance":null,"change":null,"events":[],"detail":null,"keyed":true,"hash":"4972abd7cec686e7249ae480c123c6c1b00af59ac908a6d140adcb55a0c77240"}
    "#);
    let csv = ["audit", "export", "--format", "csv", "--workspace", "team"];
    let (code, said) = warden(directory.path(), None, &csv);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!(said, @r#"
    workspace,seq,at,by_id,by_name,surface,message,said,outcome,rules,instance,change,events,detail,keyed,hash
    team,1,2026-01-01T00:00:00Z,alice,alice,console,,"'=HYPERLINK(""https://a.example"")",done,[],,,[],"a, ""b""
    c",false,2d5a2bfd5a24cae0c8f8f9892364a761adbd7bdb19b23d9d50930552826b0091
    team,2,2026-01-01T00:00:00Z,alice,alice,console,,rules,done,[],,,[],,true,4972abd7cec686e7249ae480c123c6c1b00af59ac908a6d140adcb55a0c77240
    "#);
    let unknown = ["audit", "export", "--workspace", "nowhere"];
    let (code, said) = warden(directory.path(), None, &unknown);
    assert_eq!(code, Some(2));
    assert!(said.contains("no workspace `nowhere`"), "{said}");
}

#[test]
fn each_format_stands_where_it_belongs() {
    let directory = directory(3);
    for (args, words) in [
        (
            &["--format", "json", "audit", "export"][..],
            "--format csv behind `audit export`",
        ),
        (
            &["--format", "json", "audit", "verify"],
            "this prints text only",
        ),
        (
            &["audit", "head", "--format", "json"],
            "`warden audit head` has no option `--format`",
        ),
        (
            &["audit", "export", "--format", "json"],
            "`--format` is jsonl or csv, not `json`",
        ),
    ] {
        let (code, said) = warden(directory.path(), None, args);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(words), "{said}");
    }
    for args in [["--format", "json", "rules"], ["rules", "--format", "json"]] {
        let (code, said) = warden(directory.path(), None, &args);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.starts_with('{'), "{said}");
    }
    let file = directory.path().join("list.csv");
    std::fs::write(
        file,
        "id,name,region\nMQ_INST_1080056302921134_BXuIbML7,o,cn-hangzhou\n",
    )
    .unwrap();
    for args in [
        &["--format", "json", "import", "list.csv"][..],
        &["import", "list.csv", "--format", "json"],
        &["--format", "json", "console", "--sandbox"],
        &["console", "--sandbox", "--format", "json"],
        &["--format", "text", "import", "list.csv", "--format", "json"],
    ] {
        let (code, said) = warden(directory.path(), None, args);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.lines().all(|line| line.starts_with('{')), "{said}");
    }
}

/// `warden.db` of a directory in another one, as it is on the disk at this moment.
fn copied(from: &Path, with_wal: bool) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let files = ["warden.db", "warden.db-wal"];
    for file in &files[..1 + usize::from(with_wal)] {
        std::fs::copy(from.join(file), copy.path().join(file)).unwrap();
    }
    copy
}

/// A database that is in use: what it holds is in its `-wal`.
async fn in_use(directory: &Path) -> Store {
    let store = Store::open(&directory.join("warden.db")).await.unwrap();
    let all = ["changes", "rules", "help"].map(entry);
    write(&store, "local", &all, 3).await;
    store
}

#[test]
fn a_copy_without_what_was_written_last_is_not_called_sound() {
    let directory = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let store = in_use(directory.path()).await;
        let copy = copied(directory.path(), false);
        let (code, said) = warden_whole(copy.path(), None, &["audit", "verify"]);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("so nothing was checked"), "{said}");
        assert!(said.contains(CLOSED), "{said}");
        // What is begun in it does not make it a sound one.
        let (_, said) = warden_whole(copy.path(), None, &["console"]);
        assert!(said.contains("0 instances"), "{said}");
        let (code, said) = warden_whole(copy.path(), None, &["audit", "verify"]);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("the trail is empty"), "{said}");
        let whole = copied(directory.path(), true);
        let (code, said) = warden_whole(whole.path(), None, &["audit", "verify"]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("local: 3 rows, sound"), "{said}");
        assert!(!said.contains("-wal"), "{said}");
        // It is in use, so that its `-wal` is there.
        let (_, said) = warden_whole(directory.path(), None, &["audit", "verify"]);
        assert!(said.contains("local: 3 rows, sound"), "{said}");
        assert!(!said.contains("-wal"), "{said}");
        store.close().await;
    });
}

#[test]
fn nothing_is_said_to_be_missing_up_to_a_head_that_was_noted() {
    let directory = directory(3);
    let (_, heads) = warden(directory.path(), None, &["audit", "head"]);
    let mut args = vec!["audit", "verify"];
    args.extend(heads.lines().flat_map(|head| ["--head", head]));
    assert_eq!(args.len(), 2 + 2 * 2, "{heads}");
    let (code, said) = warden_whole(directory.path(), None, &args);
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("may be missing"), "{said}");
    // Of the other trail nothing was noted.
    for some in [&args[..2], &args[..4]] {
        let (code, said) = warden_whole(directory.path(), None, some);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.ends_with(CLOSED), "{said}");
    }
    let (code, said) = warden_whole(directory.path(), None, &["doctor"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("-wal"), "{said}");
}

#[test]
fn a_file_without_tables_says_so() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("warden.db"), b"").unwrap();
    let (code, said) = warden_whole(directory.path(), None, &["audit", "verify"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("holds nothing; if it is a copy"), "{said}");
}

#[test]
fn it_is_read_where_nothing_can_be_put_beside_it() {
    let directory = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let store = in_use(directory.path()).await;
        let copy = copied(directory.path(), true);
        // Nobody can make a file of this name any more.
        std::fs::create_dir(copy.path().join("warden.db-shm")).unwrap();
        let (code, said) = warden_whole(copy.path(), None, &["audit", "verify"]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("local: 3 rows, sound"), "{said}");
        store.close().await;
    });
    // Its `-wal` is there, and cannot be read.
    let before = std::fs::read(directory.path().join("warden.db")).unwrap();
    std::fs::create_dir(directory.path().join("warden.db-wal")).unwrap();
    let (code, said) = warden_whole(directory.path(), None, &["audit", "verify"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("local: 3 rows, sound"), "{said}");
    assert!(said.contains("that cannot be read where it is"), "{said}");
    let after = std::fs::read(directory.path().join("warden.db")).unwrap();
    assert!(before == after, "it is only read");
}

#[test]
fn reading_brings_nothing_up_to_date() {
    let directory = directory(3);
    runtime().block_on(execute(
        directory.path(),
        "DELETE FROM _sqlx_migrations WHERE version > 9",
    ));
    let before = std::fs::read(directory.path().join("warden.db")).unwrap();
    let (code, said) = warden_whole(directory.path(), None, &["audit", "verify"]);
    assert_eq!(code, Some(0), "{said}");
    let after = std::fs::read(directory.path().join("warden.db")).unwrap();
    assert!(before == after, "it is as it was");
    runtime().block_on(execute(
        directory.path(),
        "INSERT INTO _sqlx_migrations VALUES (9001, 'x', CURRENT_TIMESTAMP, 1, x'00', 1)",
    ));
    let (code, said) = warden_whole(directory.path(), None, &["audit", "verify"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("newer version of this program"), "{said}");
}
