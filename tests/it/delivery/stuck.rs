//! Entries that stay due however often they are carried out are postponed, and everything else goes on.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use edition_warden::app::{CarriedOut, LOCAL_WORKSPACE, Warden};
use edition_warden::clock::Clock;
use edition_warden::delivery::{Delivery, DeliveryOptions};
use edition_warden::store::{ScheduleSubject, Served, Store};
use rstest::rstest;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use super::recording::settings;
use crate::harness::{Ears, ORDERS, Room, instant};

/// As many as share the work of a round, so that none of them is carried out often in one.
const WORKSPACES: u64 = 7;

/// Each digest is due at once whatever is planned, but for an hour later.
#[tokio::test]
async fn what_is_due_again_at_once_is_put_off_by_an_hour() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("warden.db");
    let store = Store::open(&path).await.unwrap();
    let now = instant("2026-01-01T00:00:00Z");
    let later = now + TimeDelta::hours(1);
    for n in 0..WORKSPACES {
        let mut tx = store.write(&format!("w-{n}").into()).await.unwrap();
        tx.begin_due(&ScheduleSubject::Digest, now).await.unwrap();
        tx.commit().await.unwrap();
    }
    let options = SqliteConnectOptions::new().filename(&path);
    let mut other = options.connect().await.unwrap();
    let again = format!(
        "CREATE TRIGGER again AFTER UPDATE ON schedule WHEN NEW.kind = 'digest' AND NEW.due_ms <> {} \
         BEGIN UPDATE schedule SET due_ms = OLD.due_ms WHERE workspace = NEW.workspace \
         AND kind = NEW.kind AND subject = NEW.subject; END",
        later.timestamp_millis()
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(again))
        .execute(&mut other)
        .await
        .unwrap();
    other.close().await.unwrap();
    let clock = Arc::new(Clock::manual(now));
    let warden = Warden::new(store.clone(), clock, Arc::new(settings()));
    let options = DeliveryOptions::default();
    let delivery = Delivery::alone(warden, Ears::default(), options);
    let pass = tokio::time::timeout(Duration::from_secs(20), delivery.pass());
    pass.await.expect("it goes on for ever").unwrap();
    let next = store.system().next_due(&Served::All).await.unwrap();
    assert_eq!(next, Some(later));
}

/// What becomes due after it was carried out is no repetition, however often that happens.
#[tokio::test]
async fn what_becomes_due_again_and_again_is_never_put_off() {
    let store = crate::harness::new_store().await;
    let mut now = instant("2026-01-01T00:00:00Z");
    let clock = Arc::new(Clock::manual(now));
    let warden = Warden::new(store.clone(), clock, Arc::new(settings()));
    let workspace = LOCAL_WORKSPACE.into();
    let mut so_far = CarriedOut::default();
    for _ in 0..30 {
        now += TimeDelta::minutes(1);
        let mut tx = store.write(&workspace).await.unwrap();
        let whole = ScheduleSubject::Workspace;
        tx.set_due(&whole, Some(now)).await.unwrap();
        tx.commit().await.unwrap();
        let done = warden.carry_out_due(&workspace, now, &mut so_far).await;
        assert!(done.unwrap());
        let next = store.system().next_due(&Served::All).await.unwrap();
        assert_ne!(next, Some(now + TimeDelta::hours(1)));
    }
}

/// Where more is due than goes together, whole teams come first: who waits for its team is not carried out, and not put off.
#[tokio::test]
async fn what_waits_while_other_teams_are_looked_at_is_not_put_off() {
    let mut room = Room::of_team().await.undelivered();
    let mut file = "id,name,region,edition,expires,team\n".to_owned();
    for n in 0..6_500 {
        let team = if n == 0 { "zebra" } else { "payments" };
        file.push_str(&format!(
            "MQ_INST_1080056302921134_A{n:07},svc-{n},cn-hangzhou,platinum,2027-03-01,{team}\n"
        ));
    }
    room.imports("", &file).await.is("done", &[]);
    room.advance("1m");
    let now = room.clock.now();
    let workspace = LOCAL_WORKSPACE.into();
    let mut so_far = CarriedOut::default();
    let mut rounds = 0;
    while (room.warden)
        .carry_out_due(&workspace, now, &mut so_far)
        .await
        .unwrap()
    {
        rounds += 1;
    }
    assert!(rounds > 50, "{rounds}");
    let next = room.store.system().next_due(&Served::All).await.unwrap();
    assert_ne!(next, Some(now + TimeDelta::hours(1)));
}

/// Behind an exit an observation may be as old as it likes, or not known any more: each review of the notice comes to its end at
/// once. No round counts those before it, so that nothing is put off.
#[rstest]
#[case::as_it_was(None)]
#[case::not_known_any_more(Some("instance set orders --action unknown"))]
#[tokio::test]
async fn the_review_of_a_notice_behind_an_exit_comes_to_its_end(#[case] said: Option<&str>) {
    const ALICE: &str = "alice requester,admin team:payments";
    let mut room = Room::of_team().await;
    for line in [
        format!(
            "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade"
        ),
        format!("notice Your instance {ORDERS} will be released on 2026-03-08."),
        "downgrade orders --by unsubscribe".to_owned(),
        "confirm 1 unsubscribe --outside --reason hurry".to_owned(),
    ] {
        room.as_says(ALICE, &line).await;
        room.passes("1m").await;
    }
    let mut room = room.undelivered();
    if let Some(line) = said {
        room.as_says(ALICE, line).await.is("done", &[]);
    }
    let workspace = LOCAL_WORKSPACE.into();
    let mut reviewed = 0;
    for _ in 0..20 {
        room.advance("12h");
        let mut rounds = 0;
        let now = room.clock.now();
        while (room.warden)
            .carry_out_due(&workspace, now, &mut CarriedOut::default())
            .await
            .unwrap()
        {
            rounds += 1;
            assert!(rounds < 50, "it is due again and again at {now}");
        }
        reviewed += rounds;
    }
    assert!(reviewed > 10, "{reviewed}");
    room.as_says(ALICE, "notices orders")
        .await
        .has("suppressed");
}
