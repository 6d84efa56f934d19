//! A saved case is loaded unchanged.

use edition_warden::domain::case::Case;
use edition_warden::store::Store;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::arbitrary::any_case;
use super::cases::{at, case, event, id, instance, with_change};

async fn comes_back(store: &Store, workspace: &str, saved: &Case) -> Result<(), TestCaseError> {
    let mut tx = store.write(&workspace.into()).await.unwrap();
    tx.save(saved).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.read(&workspace.into()).await.unwrap();
    let id = &saved.instance.id;
    let loaded = tx.load_case(id).await.unwrap().unwrap();
    prop_assert_eq!(&loaded.instance, &saved.instance);
    prop_assert_eq!(loaded.change.as_ref(), saved.open_change());
    if let Some(change) = &saved.change {
        let loaded = tx.load_change_case(change.number).await.unwrap().unwrap();
        prop_assert_eq!(&loaded.instance, &saved.instance);
        prop_assert_eq!(loaded.change.as_ref(), Some(change));
    }
    let history = tx.instance_history(id, 100).await.unwrap();
    prop_assert_eq!(&history, &saved.events);
    Ok(())
}

#[test]
fn any_case_comes_back_as_it_was() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let store = runtime.block_on(crate::harness::new_store());
    let mut runner = TestRunner::new(ProptestConfig::with_cases(256));
    let serial = std::cell::Cell::new(0);
    runner
        .run(&any_case(), |case| {
            serial.set(serial.get() + 1);
            let workspace = format!("w{}", serial.get());
            runtime.block_on(comes_back(&store, &workspace, &case))
        })
        .unwrap();
}

/// Overwriting leaves nothing of what was there.
#[test]
fn a_case_saved_over_another_is_what_is_loaded() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let store = runtime.block_on(crate::harness::new_store());
    let mut runner = TestRunner::new(ProptestConfig::with_cases(128));
    let serial = std::cell::Cell::new(0);
    runner
        .run(&(any_case(), any_case()), |(first, mut second)| {
            serial.set(serial.get() + 1);
            let workspace = format!("w{}", serial.get());
            second.instance.id = first.instance.id.clone();
            if let (Some(first), Some(second)) = (&first.change, &mut second.change) {
                second.number = first.number;
            }
            second.events.clear();
            let first = Case {
                events: Vec::new(),
                ..first
            };
            runtime.block_on(async {
                comes_back(&store, &workspace, &first).await?;
                if second.change.is_none() {
                    second.change.clone_from(&first.change);
                }
                comes_back(&store, &workspace, &second).await
            })
        })
        .unwrap();
}

#[tokio::test]
async fn a_file_keeps_what_was_committed_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sp ace? #50%25 é.db");
    let saved = with_change(case(1, "orders"), 1);
    {
        let store = Store::open(&path).await.unwrap();
        let mut tx = store.write(&"w".into()).await.unwrap();
        tx.save(&saved).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.write(&"w".into()).await.unwrap();
        tx.save(&case(2, "dropped")).await.unwrap();
        drop(tx);
        store.close().await;
    }
    assert!(
        path.is_file(),
        "the file has exactly the name that was asked for"
    );
    let store = Store::open(&path).await.unwrap();
    let mut tx = store.read(&"w".into()).await.unwrap();
    assert_eq!(tx.load_case(&id(1)).await.unwrap(), Some(saved));
    assert_eq!(tx.load_case(&id(2)).await.unwrap(), None);
}

#[tokio::test]
async fn history_shows_the_latest_oldest_first_and_survives_removal() {
    let store = crate::harness::new_store().await;
    let mut tx = store.write(&"w".into()).await.unwrap();
    let mut kept = with_change(case(1, "orders"), 1);
    kept.events = (1..=3).map(|ms| event(Some(1), ms)).collect();
    tx.save(&kept).await.unwrap();
    kept.events = vec![event(None, 4)];
    tx.save(&kept).await.unwrap();

    let of_change = tx.change_history(1, 2).await.unwrap();
    assert_eq!(of_change, [event(Some(1), 2), event(Some(1), 3)]);

    let mut other = Case::new(instance(1, "orders-2"), None);
    other.events = vec![event(None, 5)];
    tx.save(&other).await.unwrap();
    let of_instance = tx.instance_history(&id(1), 100).await.unwrap();
    let instants: Vec<_> = of_instance.iter().map(|event| event.at).collect();
    assert_eq!(instants, (1..=5).map(at).collect::<Vec<_>>());
}
