//! Counters, and the wall between workspaces.

use edition_warden::domain::change::Status;
use edition_warden::domain::instance::Tracking;
use edition_warden::store::{StoreError, Totals, Tx};

use super::cases::{case, ended, id, with_change};

async fn totals(tx: &mut Tx) -> (u64, u64, u64) {
    let Totals {
        instances,
        open_changes,
    } = tx.totals().await.unwrap();
    (instances, open_changes, tx.next_number().await.unwrap())
}

#[tokio::test]
async fn counters_follow_what_is_saved() {
    let store = crate::harness::new_store().await;
    let mut tx = store.write(&"w".into()).await.unwrap();
    assert_eq!(totals(&mut tx).await, (0, 0, 1));

    let mut orders = case(1, "orders");
    tx.save(&orders).await.unwrap();
    tx.save(&orders).await.unwrap();
    assert_eq!(totals(&mut tx).await, (1, 0, 1));

    orders = with_change(orders, 1);
    tx.save(&orders).await.unwrap();
    tx.save(&orders).await.unwrap();
    assert_eq!(totals(&mut tx).await, (1, 1, 2));

    orders.change.as_mut().unwrap().status = Status::Done;
    tx.save(&orders).await.unwrap();
    assert_eq!(totals(&mut tx).await, (1, 0, 2));

    orders.change.as_mut().unwrap().status = Status::Open;
    tx.save(&orders).await.unwrap();
    assert_eq!(totals(&mut tx).await, (1, 1, 2), "reopened");

    orders.change.as_mut().unwrap().status = Status::Done;
    orders.instance.tracking = Tracking::Removed(ended());
    tx.save(&orders).await.unwrap();
    assert_eq!(totals(&mut tx).await, (0, 0, 2));

    tx.save(&case(1, "orders")).await.unwrap();
    assert_eq!(totals(&mut tx).await, (1, 0, 2), "added again");
}

#[tokio::test]
async fn numbers_and_counters_are_undone_with_the_rest() {
    let store = crate::harness::new_store().await;
    let mut tx = store.write(&"w".into()).await.unwrap();
    tx.save(&with_change(case(1, "orders"), 1)).await.unwrap();
    drop(tx);
    let mut tx = store.write(&"w".into()).await.unwrap();
    assert_eq!(totals(&mut tx).await, (0, 0, 1));
}

#[tokio::test]
async fn a_workspace_sees_nothing_of_another() {
    let store = crate::harness::new_store().await;
    let mut tx = store.write(&"one".into()).await.unwrap();
    let orders = with_change(case(1, "orders"), 1);
    tx.save(&orders).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = store.write(&"two".into()).await.unwrap();
    assert_eq!(totals(&mut tx).await, (0, 0, 1));
    assert!(tx.find_exact("orders").await.unwrap().is_empty());
    assert!(tx.find_exact(id(1).as_str()).await.unwrap().is_empty());
    assert!(tx.find_prefix("ord").await.unwrap().is_empty());
    assert!(tx.complete_instances("", 5).await.unwrap().is_empty());
    assert!(tx.complete_changes("", 5).await.unwrap().is_empty());
    assert_eq!(tx.load_case(&id(1)).await.unwrap(), None);
    assert_eq!(tx.load_change_case(1).await.unwrap(), None);
    assert_eq!(
        tx.load_case(&id(1))
            .await
            .unwrap()
            .and_then(|case| case.change),
        None
    );
    assert!(
        tx.list_changes(true, None, 1)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    assert!(
        tx.region_ids(&orders.instance.region)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(tx.change_history(1, 9).await.unwrap().is_empty());
    let page = tx.list_instances(&Default::default(), 1).await.unwrap();
    assert!(page.rows.is_empty());

    let mut same = with_change(case(1, "orders"), 1);
    same.change.as_mut().unwrap().status = Status::Done;
    tx.save(&same).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.read(&"one".into()).await.unwrap();
    assert_eq!(tx.load_case(&id(1)).await.unwrap(), Some(orders));
    assert_eq!(totals(&mut tx).await, (1, 1, 2));
}

#[tokio::test]
async fn names_and_open_changes_are_unique() {
    let store = crate::harness::new_store().await;
    let mut tx = store.write(&"w".into()).await.unwrap();
    tx.save(&with_change(case(1, "orders"), 1)).await.unwrap();
    // The same name, in whatever case, once in an account.
    let mut second = case(2, "Orders");
    let account = id(1).account().to_owned();
    second.instance.id = format!("MQ_INST_{account}_Another2").parse().unwrap();
    let second = tx.save(&second).await.unwrap_err();
    assert!(matches!(second, StoreError::NameTaken { .. }), "{second:?}");
    let second = tx
        .save(&with_change(case(1, "orders"), 2))
        .await
        .unwrap_err();
    assert!(
        matches!(second, StoreError::AlreadyOpen { .. }),
        "{second:?}"
    );
    let mut stolen = with_change(case(3, "payments"), 1);
    stolen.change.as_mut().unwrap().status = Status::Done;
    let stolen = tx.save(&stolen).await.unwrap_err();
    assert!(matches!(stolen, StoreError::Broken(_)), "{stolen:?}");
}

#[tokio::test]
async fn a_reader_cannot_write() {
    let store = crate::harness::new_store().await;
    let mut tx = store.read(&"w".into()).await.unwrap();
    let refused = tx.save(&case(1, "orders")).await.unwrap_err();
    assert!(matches!(refused, StoreError::Broken(_)), "{refused:?}");
}
