//! Commodity ids that a file gives to more than one instance.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::Desk;
use crate::app::work::Work;
use crate::domain::case::Case;
use crate::domain::event::EventKind;
use crate::domain::id::{CommodityId, InstanceId, InstanceName};
use crate::domain::rules::FactKind;
use crate::store::StoreError;

impl Desk<'_> {
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
