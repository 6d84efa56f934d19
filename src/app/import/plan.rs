//! What a file is going to do, before anything is written: whose rows they are, what each instance is called, and which rows
//! go together.

use std::collections::BTreeSet;

use crate::answer::{Fatal, Misnamed, RowRefusal, RowReport, RowStatus, WhyMisnamed};
use crate::command::Import;
use crate::domain::Timestamp;
use crate::domain::id::{InstanceId, InstanceName, Region};
use crate::listing::{Listing, ListingRow, RowContent, RowId};
use crate::store::Tx;

use super::names::{self, Names};
use super::row::report;

/// So many rows are written at once: others write in between.
const BATCH: usize = 100;

/// A row that speaks of an instance.
pub(super) struct PlannedRow {
    pub(super) id: InstanceId,
    pub(super) region: Option<Region>,
    /// What it is called; for a new instance always there.
    pub(super) name: Option<InstanceName>,
}

/// A file's rows, each with what it speaks of or what has been made of it.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) planned: Vec<Option<PlannedRow>>,
    pub(super) reports: Vec<Option<RowReport>>,
    pub(super) ids: BTreeSet<InstanceId>,
    pub(super) regions: BTreeSet<Region>,
    pub(super) misnamed: Vec<Misnamed>,
    pub(super) names: Names,
    /// The rows that are written together.
    pub(super) batches: Vec<Vec<usize>>,
}

/// Looks at the rows and at what is held of their instances.
pub(super) async fn plan(
    tx: &mut Tx,
    listing: &Listing,
    request: &Import,
    at: Timestamp,
) -> Result<Plan, Fatal> {
    let mut plan = Plan::default();
    for row in &listing.rows {
        let (planned, report) = match whose(tx, row).await? {
            Ok((id, entry)) => {
                let region = entry.said.region.clone().or_else(|| request.region.clone());
                plan.ids.insert(id.clone());
                plan.regions.extend(region.clone());
                let name = entry.said.name.clone();
                (Some(PlannedRow { id, region, name }), None)
            }
            Err(status) => (None, Some(report(row, &row.id_text, status))),
        };
        plan.planned.push(planned);
        plan.reports.push(report);
    }
    plan.names = names::settle(tx, &listing.rows, request.region.as_ref(), at).await?;
    let rows = listing.rows.iter().zip(&mut plan.planned);
    for (row, planned) in rows {
        let (Some(planned), Ok(entry)) = (planned, &row.entry) else {
            continue;
        };
        planned.name = plan.names.of(&planned.id, entry.said.name.as_ref());
        let named = planned.name.clone();
        if let Some(called) = named.filter(|_| plan.names.nameless.contains(&planned.id)) {
            let unusable = entry.misnamed.clone();
            plan.misnamed.push(Misnamed {
                place: row.place.clone(),
                called,
                why: unusable.map_or(WhyMisnamed::Nameless, |unusable| {
                    WhyMisnamed::Problem(unusable.problem)
                }),
            });
        }
    }
    plan.batches = batches(&plan);
    Ok(plan)
}

/// The instance a row speaks of.
async fn whose<'a>(
    tx: &mut Tx,
    row: &'a ListingRow,
) -> Result<Result<(InstanceId, &'a RowContent), RowStatus>, Fatal> {
    let refused = |refusal| Ok(Err(RowStatus::Refused(refusal)));
    let entry = match &row.entry {
        Ok(entry) => entry,
        Err(problem) => return refused(RowRefusal::Problem(problem.clone())),
    };
    Ok(match &entry.id {
        RowId::FourX(id) => Ok((id.clone(), entry)),
        RowId::Billed(id) => match tx.billed_as(id).await?.as_slice() {
            [] => Err(RowStatus::SkippedUnbilled),
            [only] => Ok((only.clone(), entry)),
            several => return refused(RowRefusal::BilledTwice(several.to_vec())),
        },
        RowId::Series5 => Err(RowStatus::SkippedSeries5),
        RowId::OtherProduct => Err(RowStatus::SkippedProduct),
    })
}

/// The renaming rows go first and together, the others after them.
fn batches(plan: &Plan) -> Vec<Vec<usize>> {
    let renames = |planned: &PlannedRow| plan.names.renamed.contains(&planned.id);
    let (first, rest): (Vec<usize>, Vec<usize>) = (0..plan.planned.len())
        .filter(|index| plan.planned.get(*index).is_some_and(Option::is_some))
        .partition(|index| {
            let planned = plan.planned.get(*index).and_then(Option::as_ref);
            planned.is_some_and(renames)
        });
    let mut batches: Vec<Vec<usize>> = Vec::new();
    if first.len() + rest.len() <= BATCH {
        let all = first.into_iter().chain(rest).collect();
        return vec![all];
    }
    batches.extend((!first.is_empty()).then_some(first));
    batches.extend(rest.chunks(BATCH).map(<[usize]>::to_vec));
    batches
}
