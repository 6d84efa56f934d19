//! The audit trail: it only grows, it is shown, and it shows when somebody changed it.

mod on_server;
mod program;
mod shown;
mod tampering;

use edition_warden::domain::audit::{AuditEntry, AuditKey};
use edition_warden::domain::id::{InstanceId, Person};
use edition_warden::domain::rules::RuleId;
use edition_warden::store::Store;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use crate::harness::instant;
use crate::store::arbitrary::{event_kinds, instants, people, words};

pub(crate) const SECRET: &str = "a key that only tests have";

pub(crate) fn key() -> AuditKey {
    AuditKey::new(SECRET).unwrap()
}

/// What alice said on the console.
pub(crate) fn entry(said: &str) -> AuditEntry {
    AuditEntry {
        by: Some(Person::named("alice")),
        ..AuditEntry::done(instant("2026-01-01T00:00:00Z"), "console", said)
    }
}

/// Any entry at all, sensible or not.
fn entries() -> impl Strategy<Value = AuditEntry> {
    let ids = "MQ_INST_[0-9]{8,20}_[A-Za-z0-9]{4,20}"
        .prop_map(|text: String| InstanceId::parse(&text).unwrap());
    let rules = select(RuleId::WORDS).prop_map(|(_, rule)| rule);
    let who = (instants(), of(people()), words(), of(words()));
    let what = (words(), words(), vec(rules, 0..3));
    let which = (of(ids), of(1_u64..1_000));
    let rest = (vec(event_kinds(), 0..3), of(words()));
    (who, what, which, rest).prop_map(|(who, what, which, rest)| AuditEntry {
        at: who.0,
        by: who.1,
        surface: who.2,
        message: who.3,
        said: what.0,
        outcome: what.1,
        rules: what.2,
        instance: which.0,
        change: which.1,
        events: rest.0,
        detail: rest.1,
    })
}

/// Appends each entry in a transaction of its own, those from `keyed_from` on with the key.
pub(crate) async fn write(
    store: &Store,
    workspace: &str,
    entries: &[AuditEntry],
    keyed_from: usize,
) {
    let key = key();
    for (at, entry) in entries.iter().enumerate() {
        let mut tx = store.write(&workspace.into()).await.unwrap();
        if at > 0 && at == keyed_from {
            assert!(tx.begin_key(entry, &key).await.unwrap());
        } else {
            let key = (at >= keyed_from).then_some(&key);
            tx.append_audit(entry, key).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
}
