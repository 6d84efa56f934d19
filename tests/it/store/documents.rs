//! The documents that the database keeps: their form, how long they are, and that every form there was is still read.

use std::path::Path;

use edition_warden::domain::approval::{
    Approval, Basis, EmergencyOverride, Request, RequestState, Told,
};
use edition_warden::domain::case::Case;
use edition_warden::domain::change::{
    Acknowledgement, How, OutcomeUnknown, Permit, PermitState, Step, StepRecord,
};
use edition_warden::domain::fact::{Fact, Gap, Known, Source};
use edition_warden::domain::id::{ChannelId, CommodityId, Person, TeamName};
use edition_warden::domain::instance::{AtExpiry, Edition, PlatinumFacts, PostExpirationAction};
use edition_warden::store::{Store, StoreError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

use super::cases::{alice, at, case, id, with_change};

/// A form that documents have had.
struct Form {
    change: &'static str,
    instance: &'static str,
}

/// All of them, the first first: what is `full` now, as it was written.
const FORMS: &[Form] = &[Form {
    change: include_str!("samples/change.1.json"),
    instance: include_str!("samples/instance.1.json"),
}];

fn bob() -> Person {
    Person {
        id: "18".into(),
        name: "Bob".into(),
    }
}

/// A case that has everything a case can have.
fn full() -> Case {
    let mut held = case(1, "orders");
    let instance = &mut held.instance;
    instance.edition = Fact::attested(Edition::Platinum, &alice(), at(1));
    instance.expires = Fact::attested(at(86_400_000), &alice(), at(2));
    instance.set_action(Fact::attested(
        PostExpirationAction::Downgrade,
        &bob(),
        at(3),
    ));
    instance.team = TeamName::parse("blue").ok();
    instance.channel = ChannelId::parse("ops").ok();
    instance.described_at = Some(at(4));
    instance.auto_renew = Fact::gone(Gap::Upgraded, at(5));
    let read = |value, source, by: Person| Known {
        value,
        source,
        by,
        at: at(6),
    };
    instance.max_tps = Fact::Contradictory {
        held: read(5_000, Source::Attested, alice()),
        other: read(6_000, Source::Imported, bob()),
    };
    instance.action_unverified = Some(Known {
        value: PostExpirationAction::Delete,
        source: Source::Imported,
        by: bob(),
        at: at(6),
    });
    let commodity = CommodityId::parse("ons-cn-0pp1abc2d34").unwrap();
    instance.commodity_id = Fact::derived(commodity, &alice(), at(6));
    instance.topics = Fact::attested(12, &alice(), at(6));
    instance.at_expiry = Some(AtExpiry::Converts);
    instance.unsaid_expires = Some(at(7));
    let mut held = with_change(held, 1);
    let change = held.change.as_mut().unwrap();
    change.owners = vec![bob()];
    change.records = [
        How::Confirmed,
        How::Shown,
        How::Outside(None),
        How::Outside(Some("in a hurry".to_owned())),
        How::Elapsed,
    ]
    .map(|how| StepRecord {
        step: Step::SetAction,
        how,
        by: Some(alice()),
        at: at(8),
        evidence: Some("https://example.com/1".to_owned()),
    })
    .into();
    change.acknowledgement = Some(Acknowledgement {
        max_tps: 5_000,
        by: alice(),
        at: at(9),
    });
    change.request = Some(Request {
        serial: 2,
        step: Step::Unsubscribe,
        asked_at: at(10),
        needed: 1,
        observers: 2,
        basis: Basis::of(&held.instance, change, Step::Unsubscribe),
        state: RequestState::Open,
        told: Told::Reminded,
        approvals: vec![Approval {
            by: bob(),
            at: at(11),
            team: TeamName::parse("blue").ok(),
        }],
        voided: None,
    });
    change.emergency_override = Some(EmergencyOverride {
        request: 2,
        by: alice(),
        at: at(12),
        reason: "it cannot wait".to_owned(),
        ticket: "OPS-1".to_owned(),
    });
    change.permit = Some(Permit {
        serial: 3,
        step: Step::Unsubscribe,
        holder: alice(),
        shown_at: at(13),
        state: PermitState::Out,
        others: false,
    });
    change.outcome_unknown = Some(OutcomeUnknown {
        step: Step::Unsubscribe,
        permit_lapsed: true,
    });
    change.ended_at = Some(at(14));
    change.before_standard = Some(Box::new(PlatinumFacts::of(&held.instance)));
    held
}

async fn saved(path: &Path, case: &Case) -> SqliteConnection {
    let store = Store::open(path).await.unwrap();
    let mut tx = store.write(&"w".into()).await.unwrap();
    tx.save(case).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let options = SqliteConnectOptions::new().filename(path);
    options.connect().await.unwrap()
}

/// A form that is changed gets a number of its own, and what was written before it stays in `FORMS`.
#[tokio::test]
async fn the_form_is_the_one_that_is_kept_for_good() {
    let directory = tempfile::tempdir().unwrap();
    let mut theirs = saved(&directory.path().join("w.db"), &full()).await;
    let latest = FORMS.last().unwrap();
    for (table, form) in [("change", latest.change), ("instance", latest.instance)] {
        let text = AssertSqlSafe(format!("SELECT document FROM {table}"));
        let text: String = sqlx::query_scalar(text)
            .fetch_one(&mut theirs)
            .await
            .unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let pretty = serde_json::to_string_pretty(&json).unwrap();
        assert_eq!(pretty, form.trim_end(), "{pretty}");
        assert_eq!(json["v"], FORMS.len());
    }
}

#[tokio::test]
async fn every_form_there_was_is_read() {
    for form in FORMS {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("w.db");
        let mut theirs = saved(&path, &with_change(case(1, "orders"), 1)).await;
        for (table, form) in [("change", form.change), ("instance", form.instance)] {
            let text = AssertSqlSafe(format!("UPDATE {table} SET document = $1"));
            let query = sqlx::query(text).bind(form);
            query.execute(&mut theirs).await.unwrap();
        }
        theirs.close().await.unwrap();
        let store = Store::open(&path).await.unwrap();
        let mut tx = store.read(&"w".into()).await.unwrap();
        let read = tx.load_case(&id(1)).await.unwrap().unwrap();
        assert_eq!(read, full());
    }
}

#[tokio::test]
async fn what_would_be_too_long_is_refused_and_changes_nothing() {
    let store = crate::harness::new_store().await;
    let held = full();
    let mut tx = store.write(&"w".into()).await.unwrap();
    tx.save(&held).await.unwrap();
    tx.commit().await.unwrap();
    for (length, fits) in [(12_000, true), (16_000, false), (1_000_000, false)] {
        let mut longer = held.clone();
        let emergency_override = longer
            .change
            .as_mut()
            .unwrap()
            .emergency_override
            .as_mut()
            .unwrap();
        emergency_override.reason = "x".repeat(length);
        let mut tx = store.write(&"w".into()).await.unwrap();
        match tx.save(&longer).await {
            Ok(_) => assert!(fits, "{length}"),
            Err(error) => {
                assert!(!fits && matches!(error, StoreError::TooLong { .. }));
                let said = error.to_string();
                assert!(
                    said.starts_with("what is kept of change 1 of MQ_INST_"),
                    "{said}"
                );
                assert!(said.contains("at most 16384 are kept; nothing was changed"));
            }
        }
        drop(tx);
        let mut tx = store.read(&"w".into()).await.unwrap();
        assert_eq!(tx.load_case(&id(1)).await.unwrap(), Some(held.clone()));
    }
}

/// Only what moved is written: what a transaction has read is not written over itself.
#[tokio::test]
async fn what_did_not_move_is_not_written() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("w.db");
    let mut theirs = saved(&path, &full()).await;
    for table in ["change", "instance"] {
        let text = format!(
            "CREATE TRIGGER still_{table} BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'written'); END"
        );
        let query = sqlx::raw_sql(AssertSqlSafe(text));
        query.execute(&mut theirs).await.unwrap();
    }
    theirs.close().await.unwrap();
    let store = Store::open(&path).await.unwrap();
    let mut tx = store.write(&"w".into()).await.unwrap();
    tx.save(&full()).await.unwrap_err();
    drop(tx);
    let mut tx = store.write(&"w".into()).await.unwrap();
    let mut held = tx.load_case(&id(1)).await.unwrap().unwrap();
    tx.save(&held).await.unwrap();
    tx.save(&held).await.unwrap();
    let mut moved = held.clone();
    moved.change.as_mut().unwrap().owners.clear();
    tx.save(&moved).await.unwrap_err();
    held.instance.topics = Fact::never();
    tx.save(&held).await.unwrap_err();
}
