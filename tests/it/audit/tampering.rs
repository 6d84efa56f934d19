//! Anyone who can write the file leaves a mark at the first row they touch.

use std::path::Path;

use edition_warden::app::check_trail;
use edition_warden::domain::audit::{
    AuditEntry, AuditKey, Head, Tampering, Verified, Verifier, VerifyOptions,
};
use edition_warden::store::Store;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::{entries, entry, key, write};
use crate::sequence::{runner, runtime};

/// Ways to give each column another value; anyone who flips one may pick any that changes it.
pub(super) const FLIPS: &[&str] = &[
    "workspace = 'other'",
    "seq = seq + 1000",
    "seq = -seq",
    "at_ms = at_ms + 1",
    "at_ms = -at_ms - 1",
    "by_id = CASE WHEN by_id IS NULL THEN '' ELSE NULL END",
    "by_id = coalesce(by_id, '') || 'x'",
    "by_name = CASE WHEN by_name IS NULL THEN '' ELSE NULL END",
    "by_id = coalesce(by_name, '') || 'x', by_name = by_id",
    "surface = surface || ' '",
    "surface = substr(said || 'x', 1, 1) || surface, said = substr(said || 'x', 2)",
    "message = CASE WHEN message IS NULL THEN '' ELSE NULL END",
    "said = said || 'x'",
    "said = CAST(x'fffe' AS TEXT)",
    "outcome = 'allowed!'",
    "rules = '[ ]'",
    "rules = 'no JSON'",
    "instance_id = CASE WHEN instance_id IS NULL THEN '' ELSE NULL END",
    "change_number = CASE WHEN change_number IS NULL THEN 0 ELSE NULL END",
    "change_number = coalesce(change_number, 0) - 5",
    "events = '[{\"kind\":\"tracked\"} ]'",
    "events = events || char(0)",
    "detail = CASE WHEN detail IS NULL THEN '' ELSE NULL END",
    "detail = coalesce(detail, '') || 'x'",
    "keyed = 1 - keyed",
    "keyed = 2",
    "hash = upper(hash) || ' '",
    "hash = ''",
    "hash = '0' || substr(hash, 2, 62) || '!'",
];

/// What somebody did to a trail of `n` rows: the statements, and the first row that is wrong then.
#[derive(Debug)]
pub(super) struct Deed {
    pub(super) statements: Vec<String>,
    pub(super) first: i64,
    /// Only a head that was noted shows it.
    pub(super) needs_head: bool,
}

pub(super) fn flip(n: usize, row: usize, way: &str) -> Deed {
    let first = i64::try_from(row).unwrap();
    Deed {
        statements: vec![format!("UPDATE audit SET {way} WHERE seq = {row}")],
        first: if way == "seq = -seq" { -first } else { first },
        needs_head: way.starts_with("workspace") && row == n,
    }
}

fn delete(n: usize, row: Index) -> Deed {
    let row = row.index(n - 1) + 1;
    Deed {
        statements: vec![format!("DELETE FROM audit WHERE seq = {row}")],
        first: i64::try_from(row).unwrap(),
        needs_head: false,
    }
}

/// A copy of a row, with another word said, before or behind any row.
fn insert(n: usize, row: Index, of: Index) -> Deed {
    let (row, of) = (row.index(n + 1) + 1, of.index(n) + 1);
    Deed {
        statements: vec![
            format!("CREATE TEMP TABLE copy AS SELECT * FROM audit WHERE seq = {of}"),
            format!("UPDATE audit SET seq = -seq - 1 WHERE seq >= {row}"),
            "UPDATE audit SET seq = -seq WHERE seq < 0".to_owned(),
            format!("UPDATE copy SET seq = {row}, said = said || 'x'"),
            "INSERT INTO audit SELECT * FROM copy".to_owned(),
        ],
        first: i64::try_from(row).unwrap(),
        needs_head: false,
    }
}

fn swap(n: usize, one: Index, other: Index) -> Deed {
    let first = one.index(n - 1) + 1;
    let second = first + 1 + other.index(n - first);
    Deed {
        statements: vec![
            format!("UPDATE audit SET seq = -{first} WHERE seq = {first}"),
            format!("UPDATE audit SET seq = {first} WHERE seq = {second}"),
            format!("UPDATE audit SET seq = {second} WHERE seq = -{first}"),
        ],
        first: i64::try_from(first).unwrap(),
        needs_head: false,
    }
}

fn truncate(n: usize, from: Index) -> Deed {
    let from = from.index(n) + 1;
    Deed {
        statements: vec![format!("DELETE FROM audit WHERE seq >= {from}")],
        first: i64::try_from(from).unwrap(),
        needs_head: true,
    }
}

async fn raw(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path);
    options.connect().await.unwrap()
}

async fn tamper(path: &Path, deed: &Deed) {
    let mut connection = raw(path).await;
    let prepare = "PRAGMA ignore_check_constraints = ON; DROP TRIGGER audit_is_never_changed; \
         DROP TRIGGER audit_is_never_deleted; DROP TRIGGER audit_is_never_replaced;";
    let statements = deed.statements.iter().map(String::as_str);
    for text in std::iter::once(prepare).chain(statements) {
        sqlx::raw_sql(AssertSqlSafe(text.to_owned()))
            .execute(&mut connection)
            .await
            .unwrap();
    }
    connection.close().await.unwrap();
}

pub(super) fn first_row(tampering: &Tampering) -> i64 {
    match *tampering {
        Tampering::Changed(row)
        | Tampering::Removed(row)
        | Tampering::Unkeyed(row)
        | Tampering::KeyRequired(row)
        | Tampering::KeyNeeded(row)
        | Tampering::OtherKey(row)
        | Tampering::Cut { first: row, .. }
        | Tampering::HeadDiffers(row) => i64::try_from(row).unwrap(),
        Tampering::Inserted(row) | Tampering::Unreadable(row) => row,
    }
}

const SOUND: &str = "sound.db";

/// Tampers with a copy of the sound file; the check must find the first row.
async fn is_found(directory: &Path, head: &Head, keyed: bool, deed: &Deed) {
    let path = directory.join("tampered.db");
    std::fs::copy(directory.join(SOUND), &path).unwrap();
    tamper(&path, deed).await;
    let store = Store::open(&path).await.unwrap();
    let heads = [head.clone()];
    let key = key();
    let terms = VerifyOptions {
        key: keyed.then_some(&key),
        require_key: false,
        heads: if deed.needs_head { &heads } else { &[] },
    };
    let result = check_trail(&store, &head.workspace, terms).await.unwrap();
    store.close().await;
    std::fs::remove_file(&path).unwrap();
    match result {
        Err(tampering) => assert_eq!(first_row(&tampering), deed.first, "{tampering:?} {deed:?}"),
        Ok(sound) => panic!("{deed:?} is not found: {sound:?}"),
    }
}

async fn trail(directory: &Path, entries: &[AuditEntry], keyed_from: usize) -> Head {
    let store = Store::open(&directory.join(SOUND)).await.unwrap();
    write(&store, "w", entries, keyed_from).await;
    let key = key();
    let terms = VerifyOptions {
        key: Some(&key),
        ..VerifyOptions::default()
    };
    let sound = check_trail(&store, &"w".into(), terms)
        .await
        .unwrap()
        .unwrap();
    let n = u64::try_from(entries.len()).unwrap();
    let keyed_from = u64::try_from(keyed_from).unwrap() + 1;
    assert_eq!(sound.keyed_from, (keyed_from <= n).then_some(keyed_from));
    assert_eq!(sound.head.seq, n);
    // What was written is what is read.
    let mut tx = store.read(&"w".into()).await.unwrap();
    let part = tx.audit_part(i64::MIN).await.unwrap();
    let read = part.rows.into_iter().map(|row| row.read().unwrap().entry);
    assert_eq!(read.collect::<Vec<_>>(), entries);
    drop(tx);
    store.close().await;
    sound.head
}

/// No key, a key from the beginning, and one from somewhere on.
#[test]
fn whatever_is_done_to_the_rows_is_found_and_the_first_one_named() {
    let runtime = runtime();
    let indexes = any::<[Index; 2]>();
    let given = (
        vec(entries(), 2..9),
        select(&[usize::MAX, 0, 3][..]),
        vec((indexes, select(FLIPS)), 12),
    );
    runner(40)
        .run(&given, |(entries, keyed_from, deeds)| {
            runtime.block_on(async {
                let directory = tempfile::tempdir().unwrap();
                let n = entries.len();
                let head = trail(directory.path(), &entries, keyed_from.min(n)).await;
                let keyed = keyed_from < n;
                for (at, ([one, other], way)) in deeds.into_iter().enumerate() {
                    let deed = match at {
                        0 => delete(n, one),
                        1 | 2 => insert(n, one, other),
                        3 | 4 => swap(n, one, other),
                        5 => truncate(n, one),
                        _ => flip(n, one.index(n) + 1, way),
                    };
                    is_found(directory.path(), &head, keyed, &deed).await;
                }
            });
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn every_way_to_flip_every_row_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let entries = ["changes", "rules", "help"].map(entry);
    for keyed_from in [3, 0, 1] {
        let head = trail(directory.path(), &entries, keyed_from).await;
        for way in FLIPS {
            for row in 1..=3 {
                let deed = flip(3, row, way);
                is_found(directory.path(), &head, keyed_from < 3, &deed).await;
            }
        }
        std::fs::remove_file(directory.path().join(SOUND)).unwrap();
    }
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_the_trail() {
    let directory = tempfile::tempdir().unwrap();
    trail(directory.path(), &[entry("changes"), entry("rules")], 2).await;
    let mut connection = raw(&directory.path().join(SOUND)).await;
    for text in [
        "UPDATE audit SET said = 'help' WHERE seq = 1",
        "DELETE FROM audit WHERE seq = 2",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 1",
        "REPLACE INTO audit SELECT * FROM audit",
        "INSERT INTO audit SELECT * FROM audit WHERE true ON CONFLICT DO UPDATE SET said = ''",
    ] {
        let refused = sqlx::query(text).execute(&mut connection).await;
        let said = refused.unwrap_err().to_string();
        assert!(
            said.contains("the audit trail only grows"),
            "{text}: {said}"
        );
    }
    connection.close().await.unwrap();
}

async fn check(store: &Store, terms: VerifyOptions<'_>) -> Result<Verified, Tampering> {
    check_trail(store, &"w".into(), terms).await.unwrap()
}

fn with(key: &AuditKey) -> VerifyOptions<'_> {
    VerifyOptions {
        key: Some(key),
        ..VerifyOptions::default()
    }
}

#[tokio::test]
async fn keys_are_asked_for_and_told_apart() {
    let store = crate::harness::new_store().await;
    let (key, other) = (key(), AuditKey::new("quite another key").unwrap());
    let required = VerifyOptions {
        require_key: true,
        ..with(&key)
    };
    assert_eq!(check(&store, required).await.unwrap().head.seq, 0);
    write(&store, "w", &[entry("changes")], 1).await;
    assert!(check(&store, with(&key)).await.is_ok());
    assert_eq!(
        check(&store, required).await,
        Err(Tampering::KeyRequired(1))
    );
    let mut tx = store.write(&"w".into()).await.unwrap();
    assert!(tx.begin_key(&entry("rules"), &key).await.unwrap());
    tx.commit().await.unwrap();
    write(&store, "w", &[entry("help")], 0).await;
    assert_eq!(check(&store, with(&key)).await.unwrap().keyed_from, Some(2));
    assert_eq!(
        check(&store, VerifyOptions::default()).await,
        Err(Tampering::KeyNeeded(2))
    );
    assert_eq!(
        check(&store, with(&other)).await,
        Err(Tampering::OtherKey(2))
    );
    // The store appends no row without a key behind one with; somebody else may.
    let mut tx = store.read(&"w".into()).await.unwrap();
    let head = tx.audit_head().await.unwrap();
    let unkeyed = entry("why orders").link(&head, None).unwrap();
    let mut verifier = Verifier::new(&"w".into(), with(&key));
    for row in &tx.audit_part(i64::MIN).await.unwrap().rows {
        verifier.take_row(row).unwrap();
    }
    assert_eq!(verifier.take_row(&unkeyed), Err(Tampering::Unkeyed(4)));
}

/// Anyone who lacks the key can only write what does not fit it.
#[tokio::test]
async fn a_forger_without_the_key_is_found() {
    let store = crate::harness::new_store().await;
    let key = key();
    write(&store, "w", &[entry("changes"), entry("rules")], 0).await;
    let head = store
        .read(&"w".into())
        .await
        .unwrap()
        .audit_head()
        .await
        .unwrap();
    let mut tx = store.write(&"w".into()).await.unwrap();
    let forged = AuditKey::new("guessed, but wrong").unwrap();
    tx.append_audit(&entry("help"), Some(&forged))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(check(&store, with(&key)).await, Err(Tampering::Changed(3)));

    let other = crate::harness::new_store().await;
    write(
        &other,
        "w",
        &[entry("changes"), entry("help"), entry("why orders")],
        3,
    )
    .await;
    assert!(
        check(&other, with(&key)).await.is_ok(),
        "it was always without a key"
    );
    let noted = VerifyOptions {
        heads: &[head],
        ..with(&key)
    };
    assert_eq!(check(&other, noted).await, Err(Tampering::HeadDiffers(2)));
    let required = VerifyOptions {
        require_key: true,
        ..with(&key)
    };
    assert_eq!(
        check(&other, required).await,
        Err(Tampering::KeyRequired(1))
    );
}

#[tokio::test]
async fn every_noted_head_counts_for_its_own_workspace() {
    let store = crate::harness::new_store().await;
    let mut heads = Vec::new();
    for said in ["changes", "rules", "help"] {
        heads.push(
            store
                .read(&"w".into())
                .await
                .unwrap()
                .audit_head()
                .await
                .unwrap(),
        );
        write(&store, "w", &[entry(said)], 1).await;
    }
    let mut elsewhere = heads[2].clone();
    elsewhere.workspace = "v".into();
    elsewhere.seq = 9;
    let ours = heads.clone();
    heads.push(elsewhere);
    let noted = |heads| VerifyOptions {
        heads,
        ..VerifyOptions::default()
    };
    assert!(check(&store, noted(&heads)).await.is_ok());
    let theirs = check_trail(&store, &"v".into(), noted(&heads))
        .await
        .unwrap();
    assert_eq!(theirs, Err(Tampering::Cut { first: 1, noted: 9 }));
    let mut wrong = ours;
    wrong[1].hash = wrong[2].hash.clone();
    assert_eq!(
        check(&store, noted(&wrong)).await,
        Err(Tampering::HeadDiffers(1))
    );
}

#[test]
fn a_head_is_read_as_it_is_printed() {
    let hash = "0123456789abcdef".repeat(4);
    for workspace in ["local", "1234", "a:b"] {
        let text = format!("{workspace}:12:{hash}");
        let head: Head = text.parse().unwrap();
        assert_eq!((head.workspace.as_str(), head.seq), (workspace, 12));
        assert_eq!(head.to_string(), text);
        assert_eq!(text.to_uppercase().parse::<Head>().unwrap().hash, hash);
    }
    let genesis = Head::genesis(&"local".into());
    assert_eq!(genesis.to_string().parse(), Ok(genesis.clone()));
    for wrong in [
        "".to_owned(),
        format!("12:{hash}"),
        format!(":12:{hash}"),
        format!("local:-1:{hash}"),
        format!("local:0:{hash}"),
        format!("local:12:{}", &hash[1..]),
        format!("local:12:{}g", &hash[1..]),
        genesis.to_string().replace(":0:", ":1:"),
    ] {
        let error = wrong.parse::<Head>().unwrap_err().to_string();
        assert!(error.contains("audit head"), "{error}");
    }
}

#[test]
fn a_key_is_long_enough_and_never_shown() {
    assert!(AuditKey::new("fifteen bytes..").is_none());
    assert_eq!(format!("{:?}", key()), "AuditKey(…)");
    assert_eq!(key(), key());
    assert_ne!(key(), AuditKey::new("another one, as long").unwrap());
}
