//! `warden audit …`, as it is run.

use std::path::Path;
use std::process::{Command, Output};

use edition_warden::store::Store;

use super::{SECRET, entry, write};
use crate::sequence::runtime;

/// Runs it in the directory; the exit status, and what it said.
fn warden(directory: &Path, key: Option<&str>, args: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_warden"));
    command
        .args(args)
        .current_dir(directory)
        .env_remove("WARDEN_AUDIT_KEY");
    command.envs(key.map(|key| ("WARDEN_AUDIT_KEY", key)));
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

#[test]
fn a_sound_trail_without_a_key() {
    let directory = directory(3);
    let (code, said) = warden(directory.path(), None, &["audit", "verify"]);
    insta::assert_snapshot!(said, @"");
    assert_eq!(code, Some(0));
    let (code, said) = warden(directory.path(), Some(SECRET), &["audit", "verify"]);
    assert_eq!(code, Some(0));
    assert!(said.contains("not a forger"), "{said}");
    let required = ["audit", "verify", "--require-key"];
    let (code, said) = warden(directory.path(), Some(SECRET), &required);
    insta::assert_snapshot!(said, @"");
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
    insta::assert_snapshot!(said, @"");
    assert_eq!(code, Some(2));
    let wrong = Some("a key of somebody else");
    let (code, said) = warden(directory.path(), wrong, &["audit", "verify"]);
    insta::assert_snapshot!(said, @"");
    assert_eq!(code, Some(1));
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
    insta::assert_snapshot!(said, @"");
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
    insta::assert_snapshot!(said, @"");
    let csv = ["audit", "export", "--format", "csv", "--workspace", "team"];
    let (code, said) = warden(directory.path(), None, &csv);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!(said, @"");
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
            "unexpected argument",
        ),
        (&["audit", "export", "--format", "json"], "jsonl, csv"),
    ] {
        let (code, said) = warden(directory.path(), None, args);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(words), "{said}");
    }
    for args in [["--format", "json", "rules"], ["rules", "--format", "json"]] {
        assert_eq!(warden(directory.path(), None, &args).0, Some(2));
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
