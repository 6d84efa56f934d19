//! Anyone who owns the tables on a server, whom no trigger stops, leaves a mark as well.

use edition_warden::app::check_trail;
use edition_warden::domain::audit::VerifyOptions;
use edition_warden::domain::place::DatabasePlace;
use edition_warden::store::Store;

use super::tampering::{Deed, FLIPS, first_row, flip};
use super::{entry, key, write};
use crate::server::{new_database, run, try_run};

const SAVE: &str = "CREATE SCHEMA sound; CREATE TABLE sound.audit AS SELECT * FROM audit";
const RESTORE: &str = "SET session_replication_role = replica; DELETE FROM audit; INSERT INTO audit SELECT * FROM sound.audit";

fn done(statement: &str, first: i64, needs_head: bool) -> Deed {
    Deed {
        statements: vec![statement.to_owned()],
        first,
        needs_head,
    }
}

#[tokio::test]
async fn what_is_done_to_the_rows_on_a_server_is_found() {
    let Some(address) = new_database().await else {
        return;
    };
    let place = DatabasePlace::parse(&address).unwrap();
    let store = Store::open_at(&place).await.unwrap();
    let entries = ["changes", "rules", "help"].map(entry);
    write(&store, "w", &entries, 1).await;
    run(&address, SAVE).await;
    let key = key();
    let terms = |heads| VerifyOptions {
        key: Some(&key),
        require_key: false,
        heads,
    };
    let sound = check_trail(&store, &"w".into(), terms(&[])).await.unwrap();
    let heads = [sound.unwrap().head];
    let mut deeds = vec![
        done("DELETE FROM audit WHERE seq = 1", 1, false),
        done("DELETE FROM audit WHERE seq = 2", 2, false),
        done("DELETE FROM audit WHERE seq >= 2", 2, true),
        done(
            "UPDATE audit SET seq = 9 WHERE seq = 1; UPDATE audit SET seq = 1 WHERE seq = 2; \
             UPDATE audit SET seq = 2 WHERE seq = 9",
            1,
            false,
        ),
    ];
    for way in FLIPS {
        deeds.extend((1..=3).map(|row| flip(3, row, way)));
    }
    let mut found = 0;
    for deed in deeds {
        let text = deed.statements.join("; ");
        let tampered = format!("SET session_replication_role = replica; {text}");
        // A constraint that it would break, or a function that is SQLite's.
        if try_run(&address, &tampered).await.is_err() {
            continue;
        }
        let heads = if deed.needs_head { &heads[..] } else { &[] };
        let result = check_trail(&store, &"w".into(), terms(heads)).await;
        let tampering = result.unwrap().unwrap_err();
        assert_eq!(first_row(&tampering), deed.first, "{tampering:?} {deed:?}");
        run(&address, RESTORE).await;
        found += 1;
    }
    assert!(found > 60, "{found}");
    assert!(
        check_trail(&store, &"w".into(), terms(&heads))
            .await
            .unwrap()
            .is_ok()
    );
}
