//! Commodity ids that a file gives to more than one instance.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::app::Desk;
use crate::app::work::Work;
use crate::domain::case::Case;
use crate::domain::event::EventKind;
use crate::domain::id::{CommodityId, InstanceId, InstanceName};
use crate::domain::rules::FactKind;
use crate::store::StoreError;

use super::row::Merging;

/// What a trial would have left behind: the instances of its rows, with the commodity ids that they would claim.
#[derive(Debug, Default)]
pub(super) struct Tried(HashMap<InstanceId, (InstanceName, Vec<CommodityId>)>);

impl Tried {
    pub(super) fn extend<'a>(&mut self, after: impl Iterator<Item = &'a Case>) {
        for case in after {
            let instance = &case.instance;
            let ids = instance.commodity_id.candidates();
            let ids = ids.map(|known| known.value.clone()).collect();
            let called = (instance.name.clone(), ids);
            self.0.insert(instance.id.clone(), called);
        }
    }
}

impl Desk<'_> {
    /// The commodity ids that would be disputed if the rows of a trial were kept, with the names of those that would claim
    /// them.
    pub(super) async fn would_dispute(
        &self,
        work: &mut Work,
        tried: &Tried,
        merged: &[(usize, Merging)],
    ) -> Result<Vec<(CommodityId, Vec<InstanceName>)>, StoreError> {
        let after: Vec<Case> = merged.iter().map(|(_, one)| one.after.clone()).collect();
        let mut told: BTreeMap<String, (CommodityId, Vec<InstanceName>)> = BTreeMap::new();
        for (id, owner) in brought(&after) {
            if told.contains_key(id.as_str()) {
                continue;
            }
            let mut claiming = BTreeMap::new();
            for other in work.commodity_claims(&id, &owner).await? {
                if !tried.0.contains_key(&other)
                    && let Some(case) = work.load_case(&other).await?
                {
                    claiming.insert(other, case.instance.name);
                }
            }
            let rows = tried.0.iter().filter(|(_, (_, ids))| ids.contains(&id));
            claiming.extend(rows.map(|(other, (name, _))| (other.clone(), name.clone())));
            if claiming.len() > 1 {
                let names = claiming.into_values().collect();
                told.insert(id.to_string(), (id, names));
            }
        }
        Ok(told.into_values().collect())
    }

    /// Disputes each commodity id that the saved rows brought and that another tracked instance claims, on both sides. Says
    /// which, with the names of those that claim it.
    pub(super) async fn dispute_claims(
        &self,
        work: &mut Work,
        saved: &[Case],
    ) -> Result<Vec<(CommodityId, Vec<InstanceName>)>, StoreError> {
        let mut disputed: BTreeMap<String, (CommodityId, BTreeSet<InstanceId>)> = BTreeMap::new();
        for (id, owner) in brought(saved) {
            let claims = work.commodity_claims(&id, &owner).await?;
            if claims.is_empty() {
                continue;
            }
            let entry = disputed.entry(id.to_string());
            let (_, claiming) = entry.or_insert_with(|| (id, BTreeSet::new()));
            claiming.insert(owner);
            claiming.extend(claims);
        }
        let mut told = Vec::new();
        for (id, claiming) in disputed.into_values() {
            let mut names = Vec::new();
            for instance in claiming {
                let Some(mut case) = work.load_case(&instance).await? else {
                    continue;
                };
                if case.dispute_commodity_id(&self.moment()) {
                    work.keep(&case).await?;
                }
                names.push(case.instance.name);
            }
            told.push((id, names));
        }
        Ok(told)
    }
}

/// The commodity ids that rows brought, each with its instance.
fn brought(saved: &[Case]) -> Vec<(CommodityId, InstanceId)> {
    let moved = |kind: &EventKind| matches!(kind, EventKind::Moved { fact, .. } if *fact == FactKind::CommodityId);
    let cases = saved
        .iter()
        .filter(|case| case.events.iter().any(|event| moved(&event.kind)));
    cases
        .flat_map(|case| {
            let ids = case.instance.commodity_id.candidates();
            ids.map(|known| (known.value.clone(), case.instance.id.clone()))
        })
        .collect()
}
