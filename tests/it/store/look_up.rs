//! Finding instances by what people call them.

use edition_warden::domain::fact::Fact;
use edition_warden::domain::id::{CommodityId, InstanceId, InstanceName, Region, TeamName};
use edition_warden::domain::instance::{Edition, Tracking};
use edition_warden::store::{InstanceMatch, TrackingState, Tx};

use super::cases::{alice, at, case, ended, id, region};

fn names(found: &[InstanceMatch]) -> Vec<String> {
    found
        .iter()
        .map(|found| format!("{}/{}", found.region, found.name))
        .collect()
}

async fn filled() -> Tx {
    let store = crate::harness::new_store().await;
    let mut tx = store.write(&"w".into()).await.unwrap();
    let mut orders = case(1, "orders");
    let commodity = CommodityId::parse("ons-cn-0pp1abc2d34").unwrap();
    orders.instance.commodity_id = Fact::attested(commodity, &alice(), at(1));
    orders.instance.edition = Fact::attested(Edition::Platinum, &alice(), at(1));
    orders.instance.expires = Fact::attested(at(99), &alice(), at(1));
    tx.save(&orders).await.unwrap();
    let mut abroad = case(2, "orders");
    abroad.instance.region = Region::parse("eu-west-1").unwrap();
    tx.save(&abroad).await.unwrap();
    let mut lost = case(3, "orders");
    lost.instance.tracking = Tracking::Lost(ended());
    tx.save(&lost).await.unwrap();
    let mut lost = case(4, "lost-only");
    lost.instance.tracking = Tracking::Lost(ended());
    tx.save(&lost).await.unwrap();
    let mut removed = case(5, "removed-only");
    removed.instance.tracking = Tracking::Removed(ended());
    tx.save(&removed).await.unwrap();
    tx
}

#[tokio::test]
async fn exact_look_ups() {
    let mut tx = filled().await;
    let mut found = async |text: &str| names(&tx.find_exact(text).await.unwrap());
    assert_eq!(
        found("orders").await,
        ["cn-hangzhou/orders", "eu-west-1/orders"]
    );
    assert_eq!(found("eu-west-1/orders").await, ["eu-west-1/orders"]);
    assert_eq!(found("ons-cn-0pp1abc2d34").await, ["cn-hangzhou/orders"]);
    assert_eq!(found("lost-only").await, ["cn-hangzhou/lost-only"]);
    assert_eq!(
        found("cn-hangzhou/lost-only").await,
        ["cn-hangzhou/lost-only"]
    );
    assert_eq!(found(id(3).as_str()).await, ["cn-hangzhou/orders"]);
    assert_eq!(found(id(5).as_str()).await, ["cn-hangzhou/removed-only"]);
    for nothing in [
        "removed-only",
        "order",
        "0rders",
        "orders@1080056302921135",
        "/orders",
        "x/orders",
        "",
        "o'; --",
        "%",
    ] {
        assert!(found(nothing).await.is_empty(), "{nothing}");
    }
}

#[tokio::test]
async fn a_look_up_says_what_it_found() {
    let mut tx = filled().await;
    let found = tx.find_exact("cn-hangzhou/orders").await.unwrap();
    let expected = InstanceMatch {
        id: id(1),
        region: region(),
        name: InstanceName::parse("orders").unwrap(),
        tracking: TrackingState::Tracked,
        edition: Some(Edition::Platinum),
        expires: Some(at(99)),
        shared: false,
        has_twin: false,
    };
    assert_eq!(found, [expected]);
}

#[tokio::test]
async fn beginnings_find_tracked_ones_only() {
    let mut tx = filled().await;
    let mut found = async |text: &str| names(&tx.find_prefix(text).await.unwrap()).len();
    assert_eq!(found("ord").await, 2);
    assert_eq!(found("MQ_INST_").await, 2);
    assert_eq!(found("ons-cn-0pp").await, 1);
    assert_eq!(found("lost").await, 0);
    assert_eq!(found("%").await, 0);
    assert_eq!(found("ordf").await, 0);
    let offered = tx.complete_instances("", 1).await.unwrap();
    assert_eq!(names(&offered), ["cn-hangzhou/orders"]);
}

#[tokio::test]
async fn a_look_up_returns_ten_and_one_that_shows_there_are_more() {
    let mut tx = filled().await;
    for n in 10..30 {
        tx.save(&case(n, &format!("many-{n}"))).await.unwrap();
    }
    assert_eq!(tx.find_prefix("many").await.unwrap().len(), 11);
    assert_eq!(tx.complete_instances("many", 15).await.unwrap().len(), 15);
}

/// What stands anywhere in name, region, id or team is found, in whatever case, the best first.
#[tokio::test]
async fn what_is_typed_may_stand_anywhere() {
    let mut tx = crate::harness::new_store()
        .await
        .write(&"local".into())
        .await
        .unwrap();
    for (n, name, team) in [
        (1, "orders", "payments"),
        (2, "prod-orders-eu", "Payments-Ops"),
        (3, "reorders", "search"),
        (4, "50%_off", "search"),
        (5, "Größe-süd", "search"),
    ] {
        let mut case = case(n, name);
        case.instance.team = Some(TeamName::parse(team).unwrap());
        tx.save(&case).await.unwrap();
    }
    let mut found = async |typed: &str| {
        let found = tx.complete_instances(typed, 25).await.unwrap();
        let names = found.iter().map(|one| one.name.to_string());
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(found("orders").await, "orders prod-orders-eu reorders");
    assert_eq!(found("ORD").await, "orders prod-orders-eu reorders");
    assert_eq!(found("ders-e").await, "prod-orders-eu");
    assert_eq!(found("reo").await, "reorders");
    assert_eq!(found("ops").await, "prod-orders-eu");
    assert_eq!(found("PAYMENTS").await, "orders prod-orders-eu");
    assert_eq!(found("hangzhou/ord").await, "orders");
    assert_eq!(found("SSE-SÜD").await, "Größe-süd");
    assert_eq!(found("%_").await, "50%_off");
    assert_eq!(found("_off").await, "50%_off");
    assert_eq!(found("hangZHOU").await.split(' ').count(), 5);
    let end = id(3).as_str().rsplit('_').next().unwrap().to_lowercase();
    assert_eq!(found(&end).await, "reorders");
    for nothing in ["x-y", "o'; --", "orders prod", "\\"] {
        assert_eq!(found(nothing).await, "", "{nothing}");
    }
    assert_eq!(
        tx.teams_of_instances().await.unwrap(),
        ["Payments-Ops", "payments", "search"]
    );
    assert_eq!(tx.regions_of_instances().await.unwrap(), ["cn-hangzhou"]);
}

#[tokio::test]
async fn names_are_found_in_any_case_and_by_their_looks() {
    let mut tx = filled().await;
    let mut found = async |text: &str| names(&tx.find_exact(text).await.unwrap());
    assert_eq!(
        found("ORDERS").await,
        ["cn-hangzhou/orders", "eu-west-1/orders"]
    );
    assert_eq!(found("eu-west-1/Orders").await, ["eu-west-1/orders"]);
    let account = id(2).account().to_owned();
    let handle = format!("eu-west-1/orders@{account}");
    assert_eq!(found(&handle).await, ["eu-west-1/orders"]);
    let mut alike = async |name: &str| {
        let name = InstanceName::parse(name).unwrap();
        tx.namesakes(&name).await.unwrap().len()
    };
    assert_eq!(alike("oRDERS").await, 2);
    assert_eq!(alike("ord\u{435}rs").await, 2);
    assert_eq!(alike("lost-only").await, 0);
    assert_eq!(tx.region_ids(&region()).await.unwrap(), [id(1)]);
}

/// Cut, in another case, or with more behind it; only tracked ones; of the shortest and the longest ids there are.
#[tokio::test]
async fn ids_that_are_alike() {
    let mut tx = filled().await;
    let shortest = "MQ_INST_12345678_Abcd";
    let longest = "MQ_INST_12345678901234567890_Abcdefghijklmnopqrst";
    for (n, id) in [(6, shortest), (7, longest)] {
        let mut one = case(n, "billing");
        one.instance.id = InstanceId::parse(id).unwrap();
        one.instance.name = InstanceName::parse(&format!("billing-{n}")).unwrap();
        tx.save(&one).await.unwrap();
        assert!(InstanceId::LENGTHS.contains(&id.len()));
    }
    assert_eq!(InstanceId::LENGTHS, shortest.len()..=longest.len());
    for not_one in [&shortest[..20], &format!("{longest}u")] {
        assert!(InstanceId::parse(not_one).is_err(), "{not_one}");
    }
    let mut found = async |text: &str| tx.find_alike(text).await.unwrap();
    let written = |id: &str| vec![InstanceId::parse(id).unwrap()];
    for text in [
        "MQ_INST_12345678_Ab",
        "mq_inst_12345678_ABCD",
        "MQ_INST_12345678_Abcd2026年",
    ] {
        assert_eq!(found(text).await, written(shortest), "{text}");
    }
    for text in ["MQ_INST_1234567890", &format!("{longest}_billing")] {
        assert_eq!(found(text).await, written(longest), "{text}");
    }
    assert_eq!(found("MQ_INST_12345678").await.len(), 2);
    assert_eq!(found(id(1).as_str()).await, [id(1)]);
    for none in [id(3).as_str(), id(5).as_str(), "MQ_INST_2345", "MQ_INST_年"] {
        assert_eq!(found(none).await, [], "{none}");
    }
}
