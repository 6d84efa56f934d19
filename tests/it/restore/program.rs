//! `warden restore`, as it is run.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use edition_warden::store::Store;
use rstest::rstest;

use crate::backup::{names, warden};
use crate::harness::{ORDERS, STOCK};

/// A directory with a database that has an instance, `copy.db` of it, and an instance that only the database has.
fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let add = |id: &str, name: &str| {
        let line =
            format!("instance add {id} --name {name} --region cn-hangzhou --edition standard");
        let args: Vec<&str> = line.split(' ').collect();
        assert_eq!(warden(directory.path(), &args).0, Some(0));
    };
    add(ORDERS, "orders");
    assert_eq!(warden(directory.path(), &["backup", "copy.db"]).0, Some(0));
    add(STOCK, "stock");
    directory
}

/// The names of the instances that it knows.
fn instances(directory: &Path) -> Vec<&'static str> {
    let (code, said) = warden(directory, &["instance", "list"]);
    assert_eq!(code, Some(0), "{said}");
    let all = ["orders", "stock"].into_iter();
    all.filter(|name| said.contains(name)).collect()
}

fn kept(directory: &Path) -> Vec<String> {
    let mut names = names(directory);
    names.retain(|name| name.contains(".replaced-"));
    names
}

/// Also who only reads distrusts first what a restoration that broke off left trusted.
#[tokio::test]
async fn a_reader_trusts_nothing_of_what_is_not_distrusted_yet() {
    let directory = directory();
    let path = directory.path().join("copy.db");
    Store::unmark_copy(&path).await.unwrap();
    let store = Store::open(&path).await.unwrap();
    let known = store.system().last_known().await.unwrap().unwrap();
    let begun = store.system().begin_restoration(known, known, &[]).await;
    begun.unwrap();
    store.close().await;
    let args = ["--db", "copy.db", "instance", "show", "orders"];
    let (code, show) = warden(directory.path(), &args);
    assert_eq!(code, Some(0), "{show}");
    assert!(
        show.contains("not looked at since the database was restored"),
        "{show}"
    );
}

#[test]
fn a_copy_takes_the_place_and_what_was_there_is_kept() {
    let directory = directory();
    let (code, said) = warden(directory.path(), &["restore", "copy.db"]);
    assert_eq!(code, Some(0), "{said}");
    let restored = said.clone();
    assert!(
        said.contains("restored from copy.db to the state of 20"),
        "{said}"
    );
    assert_eq!(instances(directory.path()), ["orders"]);
    assert!(
        said.contains("Instances tracked: 1; 2 in what was there."),
        "{said}"
    );
    let kept = kept(directory.path());
    assert_eq!(kept.len(), 1, "{kept:?}");
    let (_, list) = warden(directory.path(), &["--db", &kept[0], "instance", "list"]);
    assert!(list.contains("stock"), "{list}");
    let (_, show) = warden(directory.path(), &["instance", "show", "orders"]);
    assert!(
        show.contains("not looked at since the database was restored"),
        "{show}"
    );
    let (code, said) = warden(directory.path(), &["doctor"]);
    assert_eq!(code, Some(0), "{said}");
    let (_, trail) = warden(directory.path(), &["audit"]);
    assert!(trail.contains("(restore): distrust"), "{trail}");
    let next = "Next: import a listing of each region, then look at the actions";
    assert!(restored.contains(next), "{restored}");
    let (_, todo) = warden(directory.path(), &["todo"]);
    assert!(
        todo.starts_with(&format!("Restored from a copy. {next}")),
        "{todo}"
    );
    let set = "instance set orders --edition platinum --expires 2031-01-01";
    let set: Vec<&str> = set.split(' ').collect();
    let (code, said) = warden(directory.path(), &set);
    assert_eq!(code, Some(0), "{said}");
    let (_, todo) = warden(directory.path(), &["todo"]);
    assert!(!todo.contains("Restored from a copy"), "{todo}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3);
    // It can be copied and restored again.
    assert_eq!(warden(directory.path(), &["backup", "again.db"]).0, Some(0));
}

#[test]
fn it_is_restored_where_nothing_is_left_and_what_is_left_of_a_file_is_moved_away() {
    let directory = directory();
    fs::remove_file(directory.path().join("warden.db")).unwrap();
    fs::write(directory.path().join("warden.db-wal"), "left").unwrap();
    fs::write(directory.path().join("warden.db-shm"), "left").unwrap();
    let (code, said) = warden(directory.path(), &["restore", "copy.db"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(instances(directory.path()), ["orders"]);
    let kept = kept(directory.path());
    assert_eq!(kept.len(), 2, "{kept:?}");
    for kept in kept {
        assert_eq!(fs::read(directory.path().join(kept)).unwrap(), b"left");
    }
}

#[test]
fn a_damaged_database_is_replaced_and_kept_as_it_is() {
    let directory = directory();
    let path = directory.path().join("warden.db");
    fs::write(&path, "not a database at all, any more".repeat(500)).unwrap();
    let (code, said) = warden(directory.path(), &["restore", "copy.db"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(instances(directory.path()), ["orders"]);
}

/// What a file is restored from is a copy that is named.
#[test]
fn what_a_file_holds_is_not_distrusted_as_it_stands() {
    let directory = directory();
    let before = fs::read(directory.path().join("warden.db")).unwrap();
    let (code, said) = warden(directory.path(), &["restore", "--distrust"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("for a file, name the copy"), "{said}");
    assert!(fs::read(directory.path().join("warden.db")).unwrap() == before);
}

#[rstest]
#[case(
    "nowhere.db",
    "there is no copy nowhere.db; name one that `warden backup` made. "
)]
#[case("warden.db", "is the database itself")]
#[case("sub", "the copy sub is a directory; take another one. ")]
#[case("half.db", "the copy half.db is damaged; take another one. ")]
#[case("less.db", "damaged")]
#[case("flipped.db", "")]
#[case(
    "text.db",
    "the copy text.db is not a database, or its beginning is damaged; take another one. "
)]
#[case("empty.db", "the copy empty.db holds nothing; take another one. ")]
#[case("newer.db", "newer version")]
#[case(
    "other.db",
    "the copy other.db belongs to another program; take another one. "
)]
#[case("forged.db", "TAMPERED WITH")]
fn what_is_no_sound_copy_changes_nothing(#[case] copy: &str, #[case] says: &str) {
    let directory = directory();
    let at = |name: &str| directory.path().join(name);
    let bytes = fs::read(at("copy.db")).unwrap();
    fs::create_dir(at("sub")).unwrap();
    fs::write(at("half.db"), &bytes[..bytes.len() / 2]).unwrap();
    fs::write(at("less.db"), &bytes[..4096 * 9]).unwrap();
    let mut flipped = bytes.clone();
    flipped[4096 * 3..4096 * 40].reverse();
    fs::write(at("flipped.db"), flipped).unwrap();
    fs::write(at("text.db"), "notes ".repeat(2000)).unwrap();
    fs::write(at("empty.db"), "").unwrap();
    for (name, text) in [
        (
            "newer.db",
            "UPDATE _sqlx_migrations SET version = 99 WHERE version = 4",
        ),
        ("other.db", "DROP TABLE _sqlx_migrations"),
        (
            "forged.db",
            "DROP TRIGGER audit_is_never_changed; UPDATE audit SET said = 'nothing'",
        ),
    ] {
        fs::copy(at("copy.db"), at(name)).unwrap();
        execute(&at(name), text);
    }
    let before = (names(directory.path()), fs::read(at("warden.db")).unwrap());
    let (code, said) = warden(directory.path(), &["restore", copy]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(says), "{said}");
    if says.ends_with(". ") {
        assert!(said.ends_with("warden.db was not changed\n"), "{said}");
        assert!(!said.contains("--db"), "{said}");
    }
    let after = (names(directory.path()), fs::read(at("warden.db")).unwrap());
    assert!(before == after, "{:?}\n{:?}", before.0, after.0);
    assert_eq!(instances(directory.path()), ["orders", "stock"]);
}

/// What is said of the prompt is what holds there, where one person is alone.
#[test]
fn what_guards_people_at_the_prompt_is_said_as_it_is_there() {
    let directory = directory();
    let set = ["settings", "quiet-hours", "22:00-08:00"];
    assert_eq!(warden(directory.path(), &set).0, Some(0));
    assert_eq!(
        warden(directory.path(), &["backup", "guarded.db"]).0,
        Some(0)
    );
    let (code, said) = warden(directory.path(), &["restore", "guarded.db"]);
    assert_eq!(code, Some(0), "{said}");
    let (_, shown) = warden(directory.path(), &["settings"]);
    for setting in [
        "approvals upgrade",
        "approvals unsubscribe",
        "observers",
        "quiet-hours",
    ] {
        let row = shown.lines().find(|line| line.trim().starts_with(setting));
        let rest = row.unwrap().trim().strip_prefix(setting).unwrap();
        let value = rest.split_whitespace().next().unwrap();
        assert!(
            said.contains(&format!("{setting}: {value}")),
            "{setting} {value}: {said}"
        );
    }
}

/// A database of another machine, with an instance of its own.
fn another(directory: &Path, name: &str, lines: &[&str]) {
    for line in lines {
        let args: Vec<&str> = ["--db", name].into_iter().chain(line.split(' ')).collect();
        assert_eq!(warden(directory, &args).0, Some(0), "{line}");
    }
}

#[rstest]
#[case::without_instances(&["settings approvals upgrade 2"], "which is of another database")]
#[case::of_another_machine(&["instance add MQ_INST_1080056302921134_Qz7pLm3s --name other --region cn-beijing --edition standard"], "workspace local: 2 tracked now, 1 in the copy, which is of another database")]
#[case::with_the_same_instance(&["instance add MQ_INST_1080056302921134_BXuIbML7 --name orders --region cn-hangzhou --edition standard"], "its audit trail begins otherwise")]
fn a_copy_that_lacks_what_is_followed_takes_a_word(#[case] lines: &[&str], #[case] says: &str) {
    let directory = directory();
    another(directory.path(), "other.db", lines);
    let before = names(directory.path());
    let (code, said) = warden(directory.path(), &["restore", "other.db"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains(says) && said.contains("--yes-really"),
        "{said}"
    );
    assert_eq!(names(directory.path()), before);
    assert_eq!(instances(directory.path()), ["orders", "stock"]);
    let (code, said) = warden(directory.path(), &["restore", "other.db", "--yes-really"]);
    assert_eq!(code, Some(0), "{said}");
}

#[rstest]
#[case::of_a_workspace(
    "UPDATE workspace SET workspace = 'another'",
    "the copy has no such workspace"
)]
#[case::of_its_instances(
    "UPDATE workspace SET tracked = 0",
    "workspace local: 2 tracked now, none in the copy"
)]
fn a_copy_without_what_is_followed_takes_a_word(#[case] text: &'static str, #[case] says: &str) {
    let directory = directory();
    execute(&directory.path().join("copy.db"), text);
    let (code, said) = warden(directory.path(), &["restore", "copy.db"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(says), "{said}");
}

#[test]
fn an_empty_copy_takes_a_word_where_nothing_can_be_compared() {
    let directory = directory();
    another(
        directory.path(),
        "other.db",
        &["settings approvals upgrade 2"],
    );
    fs::write(
        directory.path().join("warden.db"),
        "not a database ".repeat(900),
    )
    .unwrap();
    let (code, said) = warden(directory.path(), &["restore", "other.db"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("the copy tracks no instance at all"),
        "{said}"
    );
    // One with instances is what is wanted then.
    let (code, said) = warden(directory.path(), &["restore", "copy.db"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("Instances tracked: 1; what was there cannot be read"),
        "{said}"
    );
}

fn execute(path: &Path, text: &'static str) {
    use sqlx::{ConnectOptions as _, Connection as _};
    crate::sequence::runtime().block_on(async {
        let to = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        let mut connection = to.connect().await.unwrap();
        sqlx::raw_sql(text).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}

#[cfg(unix)]
#[test]
fn a_database_that_a_process_works_with_is_not_replaced() {
    let directory = directory();
    let mut child = Command::new(env!("CARGO_BIN_EXE_warden"))
        .current_dir(directory.path())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"instance list\n").unwrap();
    // Once it has answered it has the database open.
    let mut stdout = child.stdout.take().unwrap();
    std::io::Read::read_exact(&mut stdout, &mut [0]).unwrap();
    let before = names(directory.path());
    let (code, said) = warden(directory.path(), &["restore", "copy.db"]);
    assert_eq!(code, Some(2), "{said}");
    let by = format!("in use by the process {}", child.id());
    assert!(said.contains(&by), "{said}");
    assert_eq!(names(directory.path()), before);
    drop(stdin);
    child.wait().unwrap();
    assert_eq!(instances(directory.path()), ["orders", "stock"]);
    assert_eq!(warden(directory.path(), &["restore", "copy.db"]).0, Some(0));
}

#[rstest]
#[case::before_anything_was_moved(&[])]
#[case::between_the_two(&[("warden.db", Some("warden.db.replaced-x"))])]
#[case::when_all_but_the_mark_was_done(&[("warden.db", Some("warden.db.replaced-x")), ("copy.db", None)])]
fn what_broke_off_is_not_opened_and_is_done_again(#[case] done: &[(&str, Option<&str>)]) {
    let directory = directory();
    let at = |name: &str| directory.path().join(name);
    fs::write(at("warden.db-restoring"), "").unwrap();
    for (from, to) in done {
        match to {
            Some(to) => fs::rename(at(from), at(to)).unwrap(),
            None => drop(fs::copy(at(from), at("warden.db")).unwrap()),
        }
    }
    let before = names(directory.path());
    for args in [
        &["instance", "list"] as &[&str],
        &["doctor"],
        &["audit", "head"],
        &["backup", "another.db"],
    ] {
        let (code, said) = warden(directory.path(), args);
        assert_eq!(code, Some(2), "{said}");
        let missing = said.contains("there is no database");
        assert!(missing || said.contains("run it again"), "{said}");
        assert_eq!(names(directory.path()), before);
    }
    let (code, said) = warden(directory.path(), &["restore", "copy.db"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(instances(directory.path()), ["orders"]);
    assert!(!at("warden.db-restoring").exists());
}
