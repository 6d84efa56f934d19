//! Error messages when the database cannot be used: one sentence with the remedy, and no text of a library's.

use std::path::{Path, PathBuf};
use std::time::Duration;

use edition_warden::store::{Options, Store, StoreError};
use rstest::rstest;
use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use tokio::time::Instant;

use super::cases::{case, id, with_change};

/// How long the tests wait for a lock.
const SHORT: Options = Options {
    busy_timeout: Duration::from_millis(30),
    read_only: false,
};

/// A database with something in it, closed.
async fn filled() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("warden.db");
    let store = Store::open(&path).await.unwrap();
    let mut tx = store.write(&"w".into()).await.unwrap();
    for n in 0..40 {
        let saved = with_change(case(n, &format!("i-{n}")), u64::from(n) + 1);
        tx.save(&saved).await.unwrap();
    }
    tx.commit().await.unwrap();
    store.close().await;
    (directory, path)
}

async fn other(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path);
    options.create_if_missing(true).connect().await.unwrap()
}

async fn run(on: &mut SqliteConnection, text: &str) {
    let text = AssertSqlSafe(text.to_owned());
    sqlx::raw_sql(text).execute(on).await.unwrap();
}

fn says(error: &StoreError, words: &str) {
    let text = error.to_string();
    assert!(text.contains(words), "`{words}` is not in: {text}");
    for never in ["code:", "sqlx", "SQLITE", "error returned", "\n"] {
        assert!(!text.contains(never), "`{never}` is in: {text}");
    }
}

async fn refused(path: &Path) -> StoreError {
    Store::open_with(path, SHORT).await.unwrap_err()
}

/// Of two processes that are started at once where there is no database, one waits for the other: the change to a write-ahead log
/// does not wait by itself.
#[tokio::test]
async fn a_database_that_another_process_makes_is_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("warden.db");
    let mut making = other(&path).await;
    run(
        &mut making,
        "BEGIN IMMEDIATE; CREATE TABLE made (n INTEGER)",
    )
    .await;
    let begun = Instant::now();
    let error = refused(&path).await;
    assert!(matches!(error, StoreError::Locked { .. }), "{error}");
    assert!(begun.elapsed() >= SHORT.busy_timeout, "it gave up at once");

    run(&mut making, "ROLLBACK").await;
    Store::open_with(&path, SHORT).await.unwrap();
}

#[tokio::test]
async fn a_missing_directory_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("not there");
    let error = refused(&missing.join("warden.db")).await;
    says(
        &error,
        &format!("there is no directory {}", missing.display()),
    );
    assert!(!missing.exists());
}

#[tokio::test]
async fn a_directory_is_no_database() {
    let directory = tempfile::tempdir().unwrap();
    says(
        &refused(directory.path()).await,
        "is a directory; name a file in it",
    );
}

#[rstest]
#[case::long(&b"this is not a database\n".repeat(500))]
#[case::short(b"hello")]
#[tokio::test]
async fn garbage_is_left_as_it_is(#[case] content: &[u8]) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    std::fs::write(&path, content).unwrap();
    says(&refused(&path).await, "is not a database");
    assert_eq!(std::fs::read(&path).unwrap(), content);
}

#[tokio::test]
async fn a_truncated_file_is_damaged() {
    let (_directory, path) = filled().await;
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    says(&refused(&path).await, "restore it from a backup");
}

#[tokio::test]
async fn damage_met_later_is_told_too() {
    let (_directory, path) = filled().await;
    let mut whole = std::fs::read(&path).unwrap();
    let half = whole.len() / 4;
    whole[half..].fill(0xa5);
    std::fs::write(&path, &whole).unwrap();
    let error = match Store::open_with(&path, SHORT).await {
        Err(error) => error,
        Ok(store) => {
            let mut tx = store.read(&"w".into()).await.unwrap();
            tx.list_changes(true, None, 1).await.unwrap_err()
        }
    };
    says(&error, "is damaged");
}

#[tokio::test]
async fn another_programs_database_is_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("other.db");
    let mut theirs = other(&path).await;
    run(&mut theirs, "CREATE TABLE theirs (a)").await;
    drop(theirs);
    let before = std::fs::read(&path).unwrap();
    says(&refused(&path).await, "belongs to another program");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_lock_is_waited_for_and_then_told() {
    let (_directory, path) = filled().await;
    let store = Store::open_with(&path, SHORT).await.unwrap();
    let mut theirs = other(&path).await;
    run(&mut theirs, "BEGIN EXCLUSIVE").await;
    // Starting only reads where there is nothing to migrate.
    let second = Store::open_with(&path, SHORT).await.unwrap();
    let mut tx = second.read(&"w".into()).await.unwrap();
    assert!(tx.load_case(&id(1)).await.unwrap().is_some());
    says(
        &store.write(&"w".into()).await.unwrap_err(),
        "locked by another process",
    );
    let mut tx = store.read(&"w".into()).await.unwrap();
    assert!(
        tx.load_case(&id(1)).await.unwrap().is_some(),
        "reading goes on"
    );
    run(&mut theirs, "ROLLBACK").await;
    store.write(&"w".into()).await.unwrap();
}

#[tokio::test]
async fn writers_of_one_process_take_turns() {
    let (_directory, path) = filled().await;
    let store = Store::open_with(&path, SHORT).await.unwrap();
    let adds = (100..140).map(|n| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut tx = store.write(&"w".into()).await?;
            let number = tx.next_number().await?;
            tx.save(&with_change(case(n, &format!("new-{n}")), number))
                .await?;
            tx.commit().await
        })
    });
    for add in adds.collect::<Vec<_>>() {
        add.await.unwrap().unwrap();
    }
    let mut tx = store.read(&"w".into()).await.unwrap();
    assert_eq!(tx.next_number().await.unwrap(), 81);
    assert_eq!(tx.totals().await.unwrap().instances, 80);
}

#[tokio::test]
async fn a_newer_database_is_told_from_a_changed_one() {
    let (_directory, path) = filled().await;
    let mut theirs = other(&path).await;
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 VALUES (9001, 'later', TRUE, x'00', 0)";
    run(&mut theirs, later).await;
    says(
        &refused(&path).await,
        "written by a newer version of this program (it has migration 9001",
    );
    run(
        &mut theirs,
        "DELETE FROM _sqlx_migrations WHERE version = 9001",
    )
    .await;
    run(
        &mut theirs,
        "UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1",
    )
    .await;
    says(&refused(&path).await, "migration 1 differs");
}

/// Also where there are migrations that the version of now does not have.
#[tokio::test]
async fn a_database_from_before_the_first_release_is_refused() {
    let (_directory, path) = filled().await;
    let mut theirs = other(&path).await;
    let early = "UPDATE _sqlx_migrations SET checksum = x'cef1c4531349b4767c33154fc368c1bb6e45aac9c4eb7275344bc4757c4950ceb7017f41bbd3809eec8fb046f7352e78' WHERE version = 1; \
         INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (20, '0020_todo.sql', TRUE, x'00', 0)";
    run(&mut theirs, early).await;
    let before = std::fs::read(&path).unwrap();
    let words = "written by a version from before the first release, and this one cannot read it; nothing was changed";
    says(&refused(&path).await, words);
    says(&Store::open_to_read(&path).await.unwrap_err(), words);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_read_only_database_is_refused_at_once() {
    let (_directory, path) = filled().await;
    let options = Options {
        read_only: true,
        ..SHORT
    };
    let error = Store::open_with(&path, options).await.unwrap_err();
    says(
        &error,
        "is read-only; make the file and its directory writable",
    );
    let missing = path.with_extension("missing");
    let error = Store::open_with(&missing, options).await.unwrap_err();
    says(&error, "cannot be opened");
}

#[rstest]
#[case("instance", "UPDATE instance SET document = ''", "document")]
#[case("instance", "UPDATE instance SET document = '{}'", "document")]
#[case(
    "instance",
    "UPDATE instance SET document = replace(document, '\"v\":1', '\"v\":0')",
    "document"
)]
#[case(
    "instance",
    "UPDATE instance SET document = replace(document, '\"cn-hangzhou\"', '\"?\"')",
    "document"
)]
#[case(
    "instance",
    "UPDATE instance SET document = replace(document, '\"name\":\"i-', '\"name\":\"a/')",
    "document"
)]
#[case(
    "instance",
    "UPDATE instance SET document = replace(document, '\"words\":[', '\"words\":[{},')",
    "document"
)]
#[case(
    "instance",
    "UPDATE instance SET document = replace(document, '\"words\":', '\"min_tps\":1,\"words\":')",
    "document"
)]
#[case(
    "instance",
    "UPDATE instance SET document = replace(document, 'MQ_INST_', 'MQ_INST_9')",
    "id"
)]
#[case("instance", "UPDATE instance SET tracking = 'lost'", "tracking")]
#[case("change", "UPDATE change SET document = ''", "document")]
#[case(
    "change",
    "UPDATE change SET document = replace(document, '\"v\":1', '\"v\":2')",
    "document"
)]
#[case(
    "change",
    "UPDATE change SET document = replace(document, '\"expiry\"', '\"boat\"')",
    "document"
)]
#[case(
    "change",
    "UPDATE change SET document = replace(document, '\"request\":', '\"requests\":')",
    "document"
)]
#[case(
    "change",
    "UPDATE change SET document = replace(document, '\"decided_on\":{', '\"decided_on\":{\"weather\":\"unknown\",')",
    "document"
)]
#[case(
    "change",
    "UPDATE change SET document = replace(document, '1970-01-01', '1970-13-01')",
    "document"
)]
#[case(
    "change",
    "UPDATE change SET document = replace(document, '\"number\":', '\"number\":9')",
    "number"
)]
#[case(
    "change",
    "UPDATE change SET document = replace(document, '\"status\":\"open\"', '\"status\":\"done\"')",
    "status"
)]
#[tokio::test]
async fn a_row_that_cannot_be_read_is_named(
    #[case] table: &str,
    #[case] text: &str,
    #[case] column: &str,
) {
    let (_directory, path) = filled().await;
    run(
        &mut other(&path).await,
        &format!("{text}{}", only(table, text)),
    )
    .await;
    let store = Store::open(&path).await.unwrap();
    let mut tx = store.read(&"w".into()).await.unwrap();
    let error = tx.load_case(&id(1)).await.unwrap_err();
    says(&error, &format!("a row of the table `{table}`"));
    says(&error, &format!("a `{column}` that cannot be read"));
    assert!(
        tx.load_case(&id(2)).await.is_ok(),
        "others can still be read"
    );
}

/// What an instance is found by is read as carefully.
#[rstest]
#[case("region = '?'", "region")]
#[case("name = 'a/b'", "name")]
#[case("edition = 'gold'", "edition")]
#[case("expires_at_ms = 9223372036854775807", "expires_at_ms")]
#[tokio::test]
async fn a_column_that_cannot_be_read_is_named(#[case] set: &str, #[case] column: &str) {
    let (_directory, path) = filled().await;
    let text = format!("UPDATE instance SET {set} WHERE id = '{}'", id(1));
    run(&mut other(&path).await, &text).await;
    let store = Store::open(&path).await.unwrap();
    let mut tx = store.read(&"w".into()).await.unwrap();
    let error = tx.find_exact("i-1").await.unwrap_err();
    says(&error, "a row of the table `instance`");
    says(&error, &format!("a `{column}` that cannot be read"));
    assert!(tx.find_exact("i-2").await.is_ok());
}

/// Narrows an update to the instance with which the test reads.
fn only(table: &str, text: &str) -> String {
    let column = if table == "instance" {
        "id"
    } else {
        "instance_id"
    };
    let and = if text.contains("WHERE") {
        "AND"
    } else {
        "WHERE"
    };
    format!(" {and} {column} = '{}'", id(1))
}

#[tokio::test]
async fn the_history_only_grows() {
    let (_directory, path) = filled().await;
    let store = Store::open(&path).await.unwrap();
    let mut tx = store.write(&"w".into()).await.unwrap();
    let mut noted = case(1, "i-1");
    noted.events = vec![super::cases::event(None, 1)];
    tx.save(&noted).await.unwrap();
    tx.commit().await.unwrap();
    let mut theirs = other(&path).await;
    for text in ["DELETE FROM event", "UPDATE event SET at_ms = 0"] {
        assert!(
            sqlx::raw_sql(text).execute(&mut theirs).await.is_err(),
            "{text}"
        );
    }
}
