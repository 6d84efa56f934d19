//! Lists and their pages.

use edition_warden::domain::case::Case;
use edition_warden::domain::change::Status;
use edition_warden::domain::fact::{Fact, Known, Source};
use edition_warden::domain::id::TeamName;
use edition_warden::domain::instance::{Edition, PostExpirationAction, Tracking};
use edition_warden::store::{InstanceFilter, Page, Tx};

use super::cases::{alice, at, case, ended, with_change};

fn names(page: &Page<Case>) -> Vec<&str> {
    let names = page.rows.iter().map(|case| case.instance.name.as_str());
    names.collect()
}

fn known<T>(value: T) -> Known<T> {
    Known {
        value,
        source: Source::Imported,
        by: alice(),
        at: at(1),
    }
}

async fn filled() -> Tx {
    let store = crate::harness::new_store().await;
    let mut tx = store.write(&"w".into()).await.unwrap();
    let mut standard = case(1, "c-standard");
    standard.instance.edition = Fact::Known(known(Edition::Standard));
    standard.instance.team = Some(TeamName::parse("blue").unwrap());
    let mut platinum = with_change(case(2, "b-platinum"), 1);
    platinum.instance.edition = Fact::Known(known(Edition::Platinum));
    platinum.instance.expires = Fact::Known(known(at(100)));
    platinum.instance.action = Fact::Known(known(PostExpirationAction::Delete));
    let mut unclear = case(3, "a-unclear");
    unclear.instance.expires = Fact::Contradictory {
        held: known(at(500)),
        other: known(at(50)),
    };
    unclear.instance.action = Fact::Contradictory {
        held: known(PostExpirationAction::Delete),
        other: known(PostExpirationAction::Downgrade),
    };
    let mut lost = case(4, "a-lost");
    lost.instance.tracking = Tracking::Lost(ended());
    lost.instance.edition = Fact::Known(known(Edition::Platinum));
    let mut removed = case(5, "a-removed");
    removed.instance.tracking = Tracking::Removed(ended());
    for case in [standard, platinum, unclear, lost, removed] {
        tx.save(&case).await.unwrap();
    }
    tx
}

#[tokio::test]
async fn instances_by_each_filter() {
    let mut tx = filled().await;
    let none = InstanceFilter::default();
    let mut list = async |filter: &InstanceFilter| {
        let page = tx.list_instances(filter, 1).await.unwrap();
        names(&page).join(" ")
    };
    assert_eq!(list(&none).await, "a-unclear b-platinum c-standard a-lost");
    let edition = Some(Edition::Platinum);
    assert_eq!(
        list(&InstanceFilter {
            edition,
            ..none.clone()
        })
        .await,
        "b-platinum"
    );
    let team = Some(TeamName::parse("blue").unwrap());
    assert_eq!(
        list(&InstanceFilter {
            team,
            ..none.clone()
        })
        .await,
        "c-standard"
    );
    for (before, expected) in [(50, ""), (51, "a-unclear"), (101, "a-unclear b-platinum")] {
        let expiring_before = Some(at(before));
        assert_eq!(
            list(&InstanceFilter {
                expiring_before,
                ..none.clone()
            })
            .await,
            expected
        );
    }
    let delete = Some(PostExpirationAction::Delete);
    let downgrade = Some(PostExpirationAction::Downgrade);
    for (actions, expected) in [
        (vec![delete], "b-platinum"),
        (vec![downgrade], ""),
        (vec![None], "a-unclear c-standard"),
        (vec![downgrade, delete], "b-platinum"),
        (vec![None, delete], "a-unclear b-platinum c-standard"),
    ] {
        assert_eq!(
            list(&InstanceFilter {
                actions,
                ..none.clone()
            })
            .await,
            expected
        );
    }
    let all = InstanceFilter {
        edition,
        expiring_before: Some(at(101)),
        actions: vec![None, delete],
        team: None,
        order: edition_warden::domain::instance::InstanceOrder::Name,
    };
    assert_eq!(list(&all).await, "b-platinum");
}

#[tokio::test]
async fn an_instance_is_listed_with_its_open_change() {
    let mut tx = filled().await;
    let page = tx
        .list_instances(&InstanceFilter::default(), 1)
        .await
        .unwrap();
    let numbers = page
        .rows
        .iter()
        .map(|case| case.change.as_ref().map(|change| change.number));
    assert_eq!(numbers.collect::<Vec<_>>(), [None, Some(1), None, None]);
    for listed in page.rows {
        let loaded = tx.load_case(&listed.instance.id).await.unwrap();
        assert_eq!(loaded, Some(listed));
    }
}

#[tokio::test]
async fn pages_cover_everything_once() {
    let store = crate::harness::new_store().await;
    let mut tx = store.write(&"w".into()).await.unwrap();
    for n in 0..120_u32 {
        let mut case = with_change(case(n, &format!("i-{n:03}")), u64::from(n) + 1);
        if n >= 100 {
            case.instance.tracking = Tracking::Lost(ended());
        }
        if n % 2 == 0 {
            case.change.as_mut().unwrap().status = Status::Done;
        }
        tx.save(&case).await.unwrap();
    }
    let (mut seen, mut shapes) = (Vec::new(), Vec::new());
    for page in 1..=4 {
        let page = tx
            .list_instances(&InstanceFilter::default(), page)
            .await
            .unwrap();
        shapes.push((page.rows.len(), page.more));
        seen.extend(names(&page).into_iter().map(ToOwned::to_owned));
    }
    assert_eq!(shapes, [(50, true), (50, true), (20, false), (0, false)]);
    let all: Vec<_> = (0..120).map(|n| format!("i-{n:03}")).collect();
    assert_eq!(seen, all);

    let page = tx.list_changes(true, None, 3).await.unwrap();
    let numbers: Vec<_> = page
        .rows
        .iter()
        .map(|case| case.change.as_ref().unwrap().number)
        .collect();
    assert_eq!(numbers, (1..=20).rev().collect::<Vec<_>>());
    let page = tx.list_changes(false, None, 2).await.unwrap();
    assert_eq!((page.rows.len(), page.more), (10, false));
    let open = tx.complete_changes("", 2).await.unwrap();
    let open: Vec<_> = open
        .iter()
        .map(|(number, name)| (*number, name.as_str()))
        .collect();
    assert_eq!(open, [(120, "i-119"), (118, "i-117")]);
    // Every open change is found, however old it is.
    let mut found = async |typed: &str| {
        let found = tx.complete_changes(typed, 5).await.unwrap();
        found.iter().map(|(number, _)| *number).collect::<Vec<_>>()
    };
    assert_eq!(found("4").await, [4, 48, 46, 44, 42]);
    assert_eq!(found("#4").await, [4, 48, 46, 44, 42]);
    assert_eq!(found("I-047").await, [48]);
    assert_eq!(found("hangzhou/i-03").await, [40, 38, 36, 34, 32]);
    for nothing in ["i-046", "#i-047", "#0", "%"] {
        assert!(found(nothing).await.is_empty(), "{nothing}");
    }
}
