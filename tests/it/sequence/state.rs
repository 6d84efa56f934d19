//! Everything a workspace holds, read from the database by its public face.

use std::collections::{BTreeMap, BTreeSet};

use edition_warden::domain::case::Case;
use edition_warden::domain::event::Event;
use edition_warden::domain::id::InstanceId;
use edition_warden::store::{InstanceFilter, Store, Totals};

use super::say::IDS;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Every instance with its open change.
    pub(crate) instances: BTreeMap<InstanceId, Case>,
    /// Every change with its instance, by number from 1.
    pub(crate) changes: BTreeMap<u64, Case>,
    /// What happened to each instance, oldest first.
    pub(crate) history: BTreeMap<InstanceId, Vec<Event>>,
    pub(crate) totals: Totals,
}

pub(crate) fn id(text: &str) -> InstanceId {
    InstanceId::parse(text).unwrap()
}

impl State {
    pub(crate) async fn of(store: &Store, workspace: &str) -> Self {
        let mut tx = store.read(&workspace.into()).await.unwrap();
        let mut state = Self {
            totals: tx.totals().await.unwrap(),
            ..Self::default()
        };
        let listed = tx
            .list_instances(&InstanceFilter::default(), 1)
            .await
            .unwrap();
        let listed = listed.rows.into_iter().map(|case| case.instance.id);
        // A list leaves out what was removed.
        let ids: BTreeSet<InstanceId> = listed.chain(IDS.map(id)).collect();
        for id in ids {
            if let Some(case) = tx.load_case(&id).await.unwrap() {
                let history = tx.instance_history(&id, u32::MAX).await.unwrap();
                state.instances.insert(id.clone(), case);
                state.history.insert(id, history);
            }
        }
        let next = tx.next_number().await.unwrap();
        for number in 1..=next {
            if let Some(case) = tx.load_change_case(number).await.unwrap() {
                state.changes.insert(number, case);
            }
        }
        let numbers: Vec<u64> = state.changes.keys().copied().collect();
        let consecutive: Vec<u64> = (1..next).collect();
        assert_eq!(numbers, consecutive, "change numbers have gaps");
        for id in state.instances.keys() {
            let of_it = |case: &&Case| case.instance.id == *id && case.open_change().is_some();
            let open = state.changes.values().filter(of_it).count();
            assert!(open <= 1, "{id} has {open} open changes");
        }
        state
    }
}
