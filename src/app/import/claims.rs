//! Commodity ids that a file gives to more than one instance.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::app::RequestContext;
use crate::app::unit_of_work::UnitOfWork;
use crate::domain::case::Case;
use crate::domain::event::EventKind;
use crate::domain::id::{CommodityId, InstanceId, InstanceName};
use crate::domain::rules::FactKind;
use crate::store::StoreResult;

use super::row::Merging;

/// The state that a dry run would have saved: the instances of its rows, and their claims to commodity ids.
#[derive(Debug, Default)]
pub(super) struct Tried {
    called: HashMap<InstanceId, InstanceName>,
    claims: HashMap<CommodityId, BTreeSet<InstanceId>>,
}

impl Tried {
    pub(super) fn extend<'a>(&mut self, merged: impl Iterator<Item = &'a Merging>) {
        for Merging { before, after, .. } in merged {
            let instance = &after.instance;
            let before = before
                .iter()
                .flat_map(|case| case.instance.commodity_id.candidates());
            for known in before {
                if let Some(claiming) = self.claims.get_mut(&known.value) {
                    claiming.remove(&instance.id);
                }
            }
            for known in instance.commodity_id.candidates() {
                let claiming = self.claims.entry(known.value.clone()).or_default();
                claiming.insert(instance.id.clone());
            }
            self.called
                .insert(instance.id.clone(), instance.name.clone());
        }
    }
}

impl RequestContext<'_> {
    /// The commodity ids that the rows of a dry run would put in dispute, with the names of their claimants.
    pub(super) async fn would_dispute(
        &self,
        work: &mut UnitOfWork,
        tried: &Tried,
        merged: &[Merging],
    ) -> StoreResult<Vec<(CommodityId, Vec<InstanceName>)>> {
        let mut told: BTreeMap<String, (CommodityId, Vec<InstanceName>)> = BTreeMap::new();
        let brought = brought(merged.iter().map(|one| &one.after));
        let ids: Vec<CommodityId> = brought.iter().map(|(id, _)| id.clone()).collect();
        let held = work.tx.claims_on(&ids).await?;
        for (id, owner) in brought {
            if told.contains_key(id.as_str()) {
                continue;
            }
            let mut claiming = BTreeMap::new();
            let others = match held.get(id.as_str()) {
                Some(_) => work.tx.commodity_claims(&id, Some(&owner)).await?,
                None => Vec::new(),
            };
            for other in others {
                if !tried.called.contains_key(&other)
                    && let Some(case) = work.tx.load_case(&other).await?
                {
                    claiming.insert(other, case.instance.name);
                }
            }
            for other in tried.claims.get(&id).into_iter().flatten() {
                if let Some(name) = tried.called.get(other) {
                    claiming.insert(other.clone(), name.clone());
                }
            }
            if claiming.len() > 1 {
                let names = claiming.into_values().collect();
                told.insert(id.to_string(), (id, names));
            }
        }
        Ok(told.into_values().collect())
    }

    /// Disputes each commodity id of the saved rows that another tracked instance claims, on both sides. Returns them with the
    /// names of their claimants.
    pub(super) async fn dispute_claims(
        &self,
        work: &mut UnitOfWork,
    ) -> StoreResult<Vec<(CommodityId, Vec<InstanceName>)>> {
        let mut disputed: BTreeMap<String, (CommodityId, BTreeSet<InstanceId>)> = BTreeMap::new();
        let brought = brought(work.kept().iter().map(|kept| &kept.case));
        let ids: Vec<CommodityId> = brought.iter().map(|(id, _)| id.clone()).collect();
        let held = work.tx.claims_on(&ids).await?;
        for (id, owner) in brought {
            if held.get(id.as_str()).is_none_or(|claims| *claims < 2) {
                continue;
            }
            let claims = work.tx.commodity_claims(&id, Some(&owner)).await?;
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
                let Some(mut case) = work.tx.load_case(&instance).await? else {
                    continue;
                };
                if case.dispute_commodity_id(&self.moment()) {
                    work.keep_case(&case).await?;
                }
                names.push(case.instance.name);
            }
            told.push((id, names));
        }
        Ok(told)
    }
}

/// The commodity ids from rows, each with its instance.
fn brought<'a>(cases: impl Iterator<Item = &'a Case>) -> Vec<(CommodityId, InstanceId)> {
    let moved = |kind: &EventKind| matches!(kind, EventKind::Moved { fact, .. } if *fact == FactKind::CommodityId);
    cases
        .filter(|case| case.events.iter().any(|event| moved(&event.kind)))
        .flat_map(|case| {
            let ids = case.instance.commodity_id.candidates();
            ids.map(|known| (known.value.clone(), case.instance.id.clone()))
        })
        .collect()
}
