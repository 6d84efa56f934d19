//! Tests of PostgreSQL only. Without a server, which `WARDEN_TEST_POSTGRES` names, these tests have nothing to do.

use std::collections::BTreeSet;

use edition_warden::domain::place::DatabasePlace;
use edition_warden::store::{Store, StoreError};
use rstest::rstest;
use sqlx::{AnyConnection, Connection as _};

use crate::backup::warden;
use crate::delivery::recording::Office;
use crate::harness::{ORDERS, Room};
use crate::sequence::runtime;
use crate::server::{new_database, run};

async fn open(address: &str) -> Result<Store, StoreError> {
    Store::open_at(&DatabasePlace::parse(address).unwrap()).await
}

/// The same address with something in it that is otherwise.
fn other(address: &str, change: impl FnOnce(&mut url::Url)) -> String {
    let mut other = url::Url::parse(address).unwrap();
    change(&mut other);
    other.into()
}

#[tokio::test]
async fn what_cannot_be_reached_is_told_without_the_password() {
    let Some(address) = new_database().await else {
        return;
    };
    let secret = |url: &mut url::Url| url.set_password(Some("s3cret")).unwrap();
    let nowhere = other(&address, |url| {
        secret(url);
        url.set_query(Some("host=/no/such/directory"));
    });
    let refused = other(&address, |url| {
        secret(url);
        url.set_query(None);
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(1)).unwrap();
    });
    let unknown = other(&address, |url| {
        secret(url);
        url.set_query(None);
        url.set_host(Some("no-such-host.invalid")).unwrap();
    });
    let missing = other(&address, |url| {
        secret(url);
        url.set_path("no_such_database");
    });
    let misspelt = other(&address, |url| {
        secret(url);
        url.query_pairs_mut().append_pair("sslmodus", "s3cret");
    });
    for (address, words) in [
        (
            nowhere,
            "the socket or a file that its address names is not there",
        ),
        (refused, "nothing listens there"),
        (unknown, "its host name was not found"),
        (missing, "createdb"),
        (misspelt, "`sslmodus` is none of the parameters"),
    ] {
        let error = open(&address).await.unwrap_err();
        let said = error.to_string();
        assert!(said.contains(words), "{said}");
        assert!(!format!("{error:?} {said}").contains("s3cret"), "{error:?}");
    }
}

#[rstest]
#[case("CREATE TABLE orders (id BIGINT)", "belongs to another program")]
#[case(
    "CREATE ROLE $; GRANT CONNECT ON DATABASE $ TO $; ALTER ROLE $ LOGIN",
    "may not do there"
)]
#[case(
    "ALTER DATABASE $ SET default_transaction_read_only = on",
    "takes no changes"
)]
#[tokio::test]
async fn what_cannot_be_worked_with_is_told_and_left_as_it_is(
    #[case] before: &str,
    #[case] words: &str,
) {
    let Some(address) = new_database().await else {
        return;
    };
    let name = address.parse::<url::Url>().unwrap();
    let name = name.path().trim_start_matches('/').to_owned();
    run(&address, &before.replace('$', &name)).await;
    let address = match before.contains("ROLE") {
        true => other(&address, |url| url.set_username(&name).unwrap()),
        false => address,
    };
    let error = open(&address).await.unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
    let place = DatabasePlace::parse(&address).unwrap();
    assert!(
        Store::open_at_to_read(&place).await.is_err(),
        "nothing was made"
    );
}

#[tokio::test]
async fn a_later_version_and_one_that_differs_are_refused() {
    let Some(address) = new_database().await else {
        return;
    };
    open(&address).await.unwrap().close().await;
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9001, 'x', true, '', 1)";
    for (change, words) in [
        (later, "newer version"),
        (
            "DELETE FROM _sqlx_migrations WHERE version = 9001; UPDATE _sqlx_migrations SET checksum = ''",
            "migration 1 differs",
        ),
    ] {
        run(&address, change).await;
        let error = open(&address).await.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[tokio::test]
async fn two_that_start_at_once_set_it_up_once() {
    let Some(address) = new_database().await else {
        return;
    };
    let (one, two, three) = tokio::join!(open(&address), open(&address), open(&address));
    for store in [one, two, three] {
        assert!(store.unwrap().system().health().await.unwrap().is_current);
    }
}

#[rstest]
#[case("UPDATE audit SET said = 'x'")]
#[case("DELETE FROM audit")]
#[case("TRUNCATE audit")]
#[case("UPDATE event SET data = '[]'")]
#[case("DELETE FROM event")]
#[case("TRUNCATE event")]
#[tokio::test]
async fn what_only_grows_is_not_changed(#[case] change: &str) {
    let Some(address) = new_database().await else {
        return;
    };
    let mut room = Room::on(open(&address).await.unwrap());
    room.add_platinum("").await;
    let change = change.to_owned();
    let tried = tokio::spawn(async move { run(&address, &change).await });
    let panicked = tried.await.unwrap_err().into_panic();
    let said = panicked.downcast_ref::<String>().unwrap();
    assert!(said.contains("only grows"), "{said}");
}

/// Numbers and trails have neither gaps nor forks when several replicas decide.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decisions_of_several_replicas_take_turns() {
    let Some(address) = new_database().await else {
        return;
    };
    let mut deciding = Vec::new();
    for replica in 0..3 {
        let store = open(&address).await.unwrap();
        for workspace in ["one", "two"] {
            for at in 0..8 {
                let mut room = Room::on(store.clone());
                let line = format!(
                    "instance add MQ_INST_1080056302921134_B{replica}{at}xxxx --name n{replica}{at} --region cn-hangzhou --edition standard"
                );
                deciding.push(tokio::spawn(async move {
                    room.says_in(workspace, "alice", &line).await.outcome
                }));
            }
        }
    }
    for one in deciding {
        assert_eq!(one.await.unwrap(), "done");
    }
    let store = open(&address).await.unwrap();
    for workspace in ["one", "two"] {
        let mut tx = store.read(&workspace.into()).await.unwrap();
        assert_eq!(tx.totals().await.unwrap().instances, 24);
        let part = tx.audit_part(i64::MIN).await.unwrap();
        let numbers: BTreeSet<u64> = part
            .rows
            .iter()
            .map(|row| u64::try_from(row.seq).unwrap())
            .collect();
        assert!(numbers.iter().copied().eq(1..=24), "{numbers:?}");
    }
}

/// A holder that is gone is replaced at once, although its lease runs on; one that is there is not.
#[tokio::test]
async fn a_holder_that_is_gone_is_followed_at_once() {
    let Some(address) = new_database().await else {
        return;
    };
    let one = Office::shared(open(&address).await.unwrap());
    let two = Office::shared(open(&address).await.unwrap());
    assert!(one.delivery.begin().await.unwrap());
    assert!(!two.delivery.begin().await.unwrap());
    // As `kill -9` does: the server sees the connections of the first end.
    run(
        &address,
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY pid",
    )
    .await;
    let mut taken = false;
    for _ in 0..200 {
        taken = two.delivery.begin().await.unwrap();
        if taken {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(taken);
    assert!(
        !one.delivery.begin().await.unwrap(),
        "it sees that it is not the one any more"
    );
}

/// Of two that wait for each other one is undone; it is decided again.
#[tokio::test]
async fn what_is_overtaken_is_decided_again() {
    let Some(address) = new_database().await else {
        return;
    };
    let store = open(&address).await.unwrap();
    let mut room = Room::on(store.clone());
    room.add_platinum("").await;
    run(
        &address,
        "CREATE SEQUENCE tries; CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$ \
         BEGIN IF nextval('tries') < 3 THEN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END IF; RETURN NEW; END $$; \
         CREATE TRIGGER collides BEFORE UPDATE ON instance FOR EACH ROW EXECUTE FUNCTION collide()",
    )
    .await;
    let heard = room
        .says("alice", "instance set orders --team payments")
        .await;
    assert_eq!(heard.outcome, "done", "{}", heard.text);
}

#[tokio::test]
async fn a_nul_that_no_text_holds_there_is_replaced() {
    let Some(address) = new_database().await else {
        return;
    };
    let mut room = Room::on(open(&address).await.unwrap());
    room.add_platinum("").await;
    let heard = room.says("alice", "notice \"a\0b\"").await;
    assert_ne!(heard.outcome, "inconclusive", "{}", heard.text);
}

#[tokio::test]
async fn what_is_logged_of_a_store_holds_no_password() {
    let Some(address) = new_database().await else {
        return;
    };
    let address = other(&address, |url| url.set_password(Some("s3cret")).unwrap());
    let store = open(&address).await.unwrap();
    assert!(!format!("{store:?}").contains("s3cret"), "{store:?}");
}

/// How many of the tables that have rows in every story are taken for empty ones by the server's planner.
pub(crate) async fn without_statistics(address: &str) -> i64 {
    let mut connection = AnyConnection::connect(address).await.unwrap();
    let counted = sqlx::query_scalar(
        "SELECT CAST(COUNT(*) AS BIGINT) FROM pg_class WHERE relkind = 'r' \
         AND relname IN ('workspace', 'instance', 'schedule', 'audit') AND reltuples < 1",
    );
    let counted = counted.fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    counted
}

/// What `pg_restore` brought back looks like any other database, so it is told that it is from a copy.
#[cfg(unix)]
#[test]
fn what_was_restored_there_is_distrusted_once_that_is_said() {
    use crate::serve::Serving;

    let Some(address) = runtime().block_on(new_database()) else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let at = |args: &[&str]| warden(directory.path(), &[&["--db", &address], args].concat());
    let done = |line: &str| {
        let (code, said) = at(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(code, Some(0), "{line}: {said}");
        said
    };
    let platinum = "--name orders --region cn-hangzhou --edition platinum";
    let bought =
        "--expires 2099-03-01 --yes-really --action downgrade --commodity-id ons-cn-0pp1abc2d34";
    done(&format!("instance add {ORDERS} {platinum} {bought}"));
    done("downgrade orders --by unsubscribe");
    assert!(done("next 1").contains("permit for `unsubscribe`"));
    // Not while a replica works with it, which trusts what it has read.
    let settings = format!("[http]\nlisten = \"127.0.0.1:0\"\n[database]\nurl = \"{address}\"\n");
    let replica = Serving::start(directory.path(), &settings);
    let (code, said) = at(&["restore", "--distrust"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("in use by another process"), "{said}");
    let trail = done("audit");
    assert!(!trail.contains("(restore)"), "{trail}");
    // Killed, it leaves its lease behind, and is gone all the same.
    replica.signal("-KILL");
    drop(replica);
    // Nor while one stands by, which has read it too.
    runtime().block_on(async {
        let standby = open(&address).await.unwrap();
        standby.system().workspaces().await.unwrap();
        let (code, said) = at(&["restore", "--distrust"]);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("in use by another process"), "{said}");
        standby.close().await;
    });

    let said = done("restore --distrust");
    assert!(said.contains("taken as restored to the state of"), "{said}");
    // `pg_restore` leaves full tables with the statistics of empty ones.
    assert_eq!(runtime().block_on(without_statistics(&address)), 0);
    let shown = done("instance show orders");
    let unseen = "not looked at since the database was restored from a copy";
    for fact in ["edition", "Post-expiration Action"] {
        let mut rows = shown.lines().map(str::trim);
        let row = rows.find(|row| row.starts_with(fact)).unwrap();
        assert!(row.contains("unknown") && row.contains(unseen), "{row}");
    }
    let next = done("next 1");
    assert!(next.starts_with("Inconclusive, so not permitted"), "{next}");
    assert!(done("audit").contains("(restore): distrust"));
    assert!(done("doctor").contains("Everything is as it should be"));
    done("audit verify");
    // No number that was given since the copy comes again.
    done("cancel 1 --reason restored");
    done("instance set orders --edition platinum");
    done("action orders downgrade");
    let opened = done("downgrade orders --by unsubscribe");
    let number = opened.split("is open as #").nth(1).unwrap();
    let number = number.split('.').next().unwrap().parse::<u64>().unwrap();
    assert!(number > 1_000, "{opened}");
}

/// It looks several times a second whether it may deliver; a failure that lasts is not logged each time.
#[cfg(unix)]
#[test]
fn who_stands_by_logs_once_that_it_cannot_go_on() {
    use crate::serve::Serving;

    let Some(address) = runtime().block_on(new_database()) else {
        return;
    };
    let settings = format!("[http]\nlisten = \"127.0.0.1:0\"\n[database]\nurl = \"{address}\"\n");
    let directories = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let [_delivers, mut stands_by] = directories
        .each_ref()
        .map(|at| Serving::start(at.path(), &settings));
    runtime().block_on(run(&address, "ALTER TABLE lease RENAME TO elsewhere"));
    stands_by.logs("delivery cannot go on");
    std::thread::sleep(std::time::Duration::from_secs(2));
    let (_, log) = stands_by.ends();
    assert_eq!(log.matches("delivery cannot go on").count(), 1, "{log}");
}

const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
     WHERE datname = current_database() AND pid <> pg_backend_pid()";
const LOSE: &str = "SET session_replication_role = replica; \
     DELETE FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)";

/// A standby that takes over may lack what was recorded last: the connections go, and so does the end of the trail.
#[tokio::test]
async fn a_server_that_lacks_what_was_recorded_is_trusted_by_nobody() {
    let Some(address) = new_database().await else {
        return;
    };
    let mut room = Room::on(open(&address).await.unwrap());
    room.add_platinum("").await;
    // That alone is no reason for doubt.
    run(&address, CUT).await;
    let set = "instance set orders --topics 7";
    assert_eq!(room.says("alice", set).await.outcome, "done");
    run(&address, LOSE).await;
    run(&address, CUT).await;
    let heard = room.says("alice", "instance set orders --topics 8").await;
    assert_eq!(heard.outcome, "inconclusive");
    heard.has("went back to an earlier state");
    // Nor by one that is started again and did not see it.
    let met = open(&address).await.unwrap_err();
    assert!(matches!(met, StoreError::WentBack { .. }), "{met}");
    let directory = tempfile::tempdir().unwrap();
    let (code, said) = warden(directory.path(), &["--db", &address, "doctor"]);
    assert!(
        code == Some(1) && said.contains("went back to an earlier state"),
        "{said}"
    );
    let place = DatabasePlace::parse(&address).unwrap();
    let store = Store::open_put_back(&place).await.unwrap();
    let now = room.clock.now();
    let system = store.system();
    system.begin_restoration(now, now, &[]).await.unwrap();
    store.close().await;
    open(&address).await.unwrap();
}

/// Seen within a glance by one that only waits, too.
#[tokio::test]
async fn what_is_restored_under_a_process_is_noticed() {
    let Some(address) = new_database().await else {
        return;
    };
    let store = open(&address).await.unwrap();
    assert!(store.alarm().written_elsewhere().await && store.is_in_place());
    // A dump holds which database it was made of.
    run(
        &address,
        "UPDATE lease SET holder = '1/2' WHERE name = 'home'",
    )
    .await;
    assert!(store.alarm().written_elsewhere().await);
    let met = store.check_in_place().unwrap_err();
    assert!(matches!(met, StoreError::WentBack { .. }), "{met}");
}

/// Another database with the same tables, as from a dump.
pub(crate) async fn restored(address: &str) -> String {
    let copy = new_database().await.unwrap();
    let name = |address: &str| {
        let path = address.parse::<url::Url>().unwrap().path().to_owned();
        path.trim_start_matches('/').to_owned()
    };
    let server = std::env::var("WARDEN_TEST_POSTGRES").unwrap();
    let (of, to) = (name(address), name(&copy));
    run(&server, &format!("DROP DATABASE {to}")).await;
    run(&server, &format!("CREATE DATABASE {to} TEMPLATE {of}")).await;
    copy
}

#[tokio::test]
async fn what_was_put_there_from_a_copy_is_not_opened_before_it_is_distrusted() {
    let Some(address) = new_database().await else {
        return;
    };
    let store = open(&address).await.unwrap();
    let mut room = Room::on(store.clone());
    room.add_platinum("").await;
    store.close().await;
    let copy = restored(&address).await;
    let met = open(&copy).await.unwrap_err();
    assert!(matches!(met, StoreError::WentBack { .. }), "{met}");
    // Nor where what was restored lacks the note.
    run(&copy, "DELETE FROM lease WHERE name = 'home'").await;
    let met = open(&copy).await.unwrap_err();
    assert!(matches!(met, StoreError::WentBack { .. }), "{met}");
    // Where it is the newest state, moved by a dump, that can be said.
    let newest =
        "INSERT INTO lease (name, holder, until_ms, seen_ms) VALUES ('home', 'newest', 0, 0)";
    run(&copy, newest).await;
    open(&copy).await.unwrap();
    let (code, said) = warden(
        tempfile::tempdir().unwrap().path(),
        &["--db", &copy, "doctor"],
    );
    assert_eq!(code, Some(0), "{said}");
    open(&address).await.unwrap();
}
