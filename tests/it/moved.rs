//! The file of the database, moved away, replaced or deleted while the program works with it; and what is left where none is.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use rstest::rstest;
use sqlx::ConnectOptions as _;

use crate::backup::{names, warden};
use crate::sequence::runtime;
use crate::serve::{SECRET, Serving};

const CONFIGURATION: &str = "[http]\nlisten = \"127.0.0.1:0\"\n[http.keys.relay]\nworkspace = \"local\"\nbearer = true\nsecret_file = \"relay\"\n";
const TEXT: &str = "Your instance MQ_INST_1080056302921134_BXuIbML7 is gone";

#[derive(Clone, Copy, PartialEq)]
enum Happens {
    MovedAway,
    Deleted,
    Replaced,
    DirectoryMoved,
}

impl Happens {
    fn to(self, directory: &Path) {
        let at = |name: &str| directory.join(name);
        match self {
            Self::MovedAway => fs::rename(at("data/warden.db"), at("data/elsewhere.db")).unwrap(),
            Self::Deleted => fs::remove_file(at("data/warden.db")).unwrap(),
            Self::Replaced => fs::rename(at("copy.db"), at("data/warden.db")).unwrap(),
            Self::DirectoryMoved => fs::rename(at("data"), at("old")).unwrap(),
        }
    }

    fn is_taken_back(self, directory: &Path) -> bool {
        let at = |name: &str| directory.join(name);
        match self {
            Self::MovedAway => fs::rename(at("data/elsewhere.db"), at("data/warden.db")).is_ok(),
            Self::DirectoryMoved => fs::rename(at("old"), at("data")).is_ok(),
            Self::Deleted | Self::Replaced => false,
        }
    }
}

/// A directory with a database in `data`, and a copy of it.
fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("data")).unwrap();
    let run = |line: &str| {
        let args: Vec<&str> = line.split(' ').collect();
        let (code, said) = warden(directory.path(), &args);
        assert_eq!(code, Some(0), "{said}");
    };
    run(
        "--db data/warden.db instance add MQ_INST_1080056302921134_CYvJcNM8 --name stock --region cn-hangzhou --edition standard",
    );
    run("--db data/warden.db backup copy.db");
    directory
}

#[rstest]
#[case(Happens::MovedAway)]
#[case(Happens::Deleted)]
#[case(Happens::Replaced)]
#[case(Happens::DirectoryMoved)]
fn nothing_is_recorded_where_nobody_looks_for_it(#[case] happens: Happens) {
    let directory = directory();
    let configuration = format!("{CONFIGURATION}[database]\npath = \"data/warden.db\"\n");
    let mut serving = Serving::start(directory.path(), &configuration);
    let ready = || serving.asks("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(ready().starts_with("HTTP/1.1 200"));
    happens.to(directory.path());
    let before = names(directory.path());
    let refused = ready();
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(
        refused.contains("was moved away, replaced or deleted"),
        "{refused}"
    );
    let refused = serving.sends(SECRET, TEXT);
    assert!(refused.starts_with("HTTP/1.1 50"), "{refused}");
    if happens.is_taken_back(directory.path()) {
        assert!(ready().starts_with("HTTP/1.1 200"));
        let taken = serving.sends(SECRET, TEXT);
        assert!(taken.starts_with("HTTP/1.1 202"), "{taken}");
        happens.to(directory.path());
    }
    // Seen within a glance, also when nobody asks.
    let line = serving.logs("delivery cannot go on");
    assert!(
        line.contains("ERROR") && line.contains("was moved away, replaced or deleted"),
        "{line}"
    );
    assert_eq!(
        names(directory.path()),
        before,
        "nothing was made in its place"
    );
    assert_eq!(serving.ends().0, Some(143));
}

#[test]
fn a_prompt_refuses_what_would_be_recorded_and_says_why() {
    let directory = directory();
    let mut prompt = Command::new(env!("CARGO_BIN_EXE_warden"))
        .args(["--db", "data/warden.db"])
        .current_dir(directory.path())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = prompt.stdin.take().unwrap();
    let mut heard = BufReader::new(prompt.stdout.take().unwrap()).lines();
    let mut until = |words: &str| heard.find(|line| line.as_ref().unwrap().contains(words));
    stdin
        .write_all(b"instance set stock --team payments\n")
        .unwrap();
    assert!(until("recorded for stock").is_some());
    Happens::MovedAway.to(directory.path());
    stdin
        .write_all(b"instance set stock --team shop\n")
        .unwrap();
    // It ends by itself, whatever it says.
    drop(stdin);
    let refused = until("was moved away").unwrap().unwrap();
    assert!(
        refused.contains("nothing was changed; put that file back"),
        "{refused}"
    );
    assert_eq!(prompt.wait().unwrap().code(), Some(1));
    assert!(Happens::MovedAway.is_taken_back(directory.path()));
    let show = ["--db", "data/warden.db", "instance", "show", "stock"];
    let (_, shown) = warden(directory.path(), &show);
    assert!(
        shown.contains("payments") && !shown.contains("shop"),
        "{shown}"
    );
}

/// A `-wal` holds what was recorded last; a new database beside it would have it removed.
#[rstest]
#[case::of_a_database_that_is_lost("warden.db-wal", false, &["settings", "zone", "UTC"])]
#[case::also_for_who_reads("warden.db-wal", false, &["todo"])]
#[case::also_for_a_service("warden.db-wal", false, &["serve", "--init"])]
#[case::beside_an_empty_file("warden.db-wal", true, &["settings", "zone", "UTC"])]
#[case::of_a_statement("warden.db-journal", false, &["settings", "zone", "UTC"])]
fn what_is_left_of_a_database_is_not_destroyed(
    #[case] left: &str,
    #[case] empty: bool,
    #[case] args: &[&str],
) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join(left), "what was recorded last").unwrap();
    if empty {
        fs::write(directory.path().join("warden.db"), "").unwrap();
    }
    let before = names(directory.path());
    let (code, said) = warden(directory.path(), args);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(&format!("{left} is left of one")), "{said}");
    assert_eq!(names(directory.path()), before);
    let kept = fs::read_to_string(directory.path().join(left)).unwrap();
    assert_eq!(kept, "what was recorded last");
    // The way out.
    fs::rename(directory.path().join(left), directory.path().join("kept")).unwrap();
    let (code, said) = warden(directory.path(), &["settings", "zone", "UTC"]);
    assert_eq!(code, Some(0), "{said}");
}

/// Of two programs that are started at once where there is no database, one makes it, and the other waits for it.
#[cfg(target_os = "linux")]
#[test]
fn what_belongs_to_a_database_that_is_being_made_is_not_left_of_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("warden.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true);
    let mut making = runtime().block_on(options.connect()).unwrap();
    let begun = sqlx::raw_sql("BEGIN IMMEDIATE; CREATE TABLE made (n INTEGER)");
    runtime().block_on(begun.execute(&mut making)).unwrap();
    let journal = directory.path().join("warden.db-journal");
    assert!(path.metadata().unwrap().len() == 0 && journal.metadata().unwrap().len() > 0);

    let mut other = Command::new(env!("CARGO_BIN_EXE_warden"))
        .args(["settings", "zone", "UTC"])
        .current_dir(directory.path())
        .env_clear()
        .spawn()
        .unwrap();
    // Until it has looked at the file.
    let opened = format!("/proc/{}/fd", other.id());
    let has_opened = || {
        let files = fs::read_dir(&opened).into_iter().flatten().flatten();
        files
            .filter_map(|file| file.path().read_link().ok())
            .any(|file| file == path)
    };
    while !has_opened() && other.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let over = sqlx::raw_sql("ROLLBACK");
    runtime().block_on(over.execute(&mut making)).unwrap();
    assert_eq!(other.wait().unwrap().code(), Some(0));
}

#[rstest]
#[case("warden.db-wal", "")]
#[case("warden.db-shm", "an index that is made again")]
#[case("warden.dbx-wal", "of something else")]
fn what_holds_nothing_is_in_nobodys_way(#[case] left: &str, #[case] text: &str) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join(left), text).unwrap();
    let (code, said) = warden(directory.path(), &["settings", "zone", "UTC"]);
    assert_eq!(code, Some(0), "{said}");
}

/// What cannot be looked at may be there: that it is missing would be answered as if nothing were tracked.
#[cfg(unix)]
#[rstest]
#[case(&["instance", "list"])]
#[case(&["audit", "verify"])]
#[case(&["backup", "copy.db"])]
#[case(&["serve", "--init"])]
#[case(&["migrate", "--from", "warden.db", "--to", "new.db"])]
fn what_cannot_be_looked_at_is_not_missing(#[case] args: &[&str]) {
    let directory = tempfile::tempdir().unwrap();
    // For root too, whom no mode keeps out.
    std::os::unix::fs::symlink("warden.db", directory.path().join("warden.db")).unwrap();
    let (code, said) = warden(directory.path(), args);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("the database warden.db cannot be opened")
            || said.contains("warden.db cannot be opened"),
        "{said}"
    );
}

/// A file of no length is what is left where there was no room for a copy.
#[test]
fn an_empty_file_is_no_database() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path().join("warden.db");
    fs::write(&at, "").unwrap();
    let (code, said) = warden(directory.path(), &["serve"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("warden.db is an empty file, and no database"),
        "{said}"
    );
    let (code, said) = warden(directory.path(), &["instance", "list"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("there is no database warden.db"), "{said}");
    assert_eq!(fs::read(&at).unwrap(), b"");
}
