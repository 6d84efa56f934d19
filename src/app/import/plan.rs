//! The plan of an import, made before anything is written: the owners of subscriptions and the names of instances. Only the plan
//! is held in memory, as a file may be long; its rows are read again when they are imported.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::answer::{Fatal, FileRows, Misnamed, RowRefusal, RowStatus, WhyMisnamed};
use crate::command::Import;
use crate::domain::Timestamp;
use crate::domain::id::{CommodityId, InstanceId, InstanceName, Region, handle};
use crate::listing::{Listing, ListingRow, RowId, Unusable};
use crate::store::Tx;

use super::names::{self, Names};
use super::row::report;

/// A row about an instance, reduced to the fields that the plan needs.
pub(super) struct NotedRow {
    pub(super) number: usize,
    pub(super) id: RowId,
    pub(super) region: Option<Region>,
    pub(super) name: Option<InstanceName>,
    /// Set if it gives no usable name.
    pub(super) nameless: Option<Box<Nameless>>,
}

/// A row without a usable name.
pub(super) struct Nameless {
    place: String,
    pub(super) unusable: Option<Unusable>,
}

/// The notes on a file's rows, collected while it is read.
#[derive(Default)]
pub(super) struct Survey {
    noted: Vec<NotedRow>,
    /// Each once, over all rows.
    regions: BTreeSet<Region>,
    rows: FileRows,
}

/// A row ready for import.
pub(super) struct PlannedRow {
    pub(super) number: usize,
    pub(super) row: ListingRow,
    pub(super) id: InstanceId,
    pub(super) region: Option<Region>,
    /// Its name; always set for a new instance.
    pub(super) name: Option<InstanceName>,
}

/// The plan of an import.
#[derive(Default)]
pub(super) struct Plan {
    /// The number of rows about instances.
    pub(super) planned: usize,
    /// The result of the other rows.
    pub(super) rows: FileRows,
    /// The instances in a complete listing.
    pub(super) ids: HashSet<InstanceId>,
    pub(super) regions: BTreeSet<Region>,
    /// Each with its row number.
    pub(super) misnamed: Vec<(usize, Misnamed)>,
    pub(super) names: Names,
    /// The instance of each subscription.
    billed: HashMap<CommodityId, InstanceId>,
}

impl Survey {
    pub(super) fn note(&mut self, number: usize, row: ListingRow, request: &Import) {
        let entry = match row.entry {
            Ok(entry) => entry,
            Err(_) => return self.refuse(number, &row, request),
        };
        let status = match &entry.id {
            RowId::FourX(_) | RowId::Billed(_) => None,
            RowId::Series5 => Some(RowStatus::SkippedSeries5),
            RowId::OtherProduct => Some(RowStatus::SkippedProduct),
        };
        if let Some(status) = status {
            let report = report(number, &row.place, &row.id_text, status);
            return self.rows.add(report, request.quiet);
        }
        let region = entry.said.region.map(|region| {
            let held = self.regions.get(&region).cloned();
            held.unwrap_or_else(|| {
                self.regions.insert(region.clone());
                region
            })
        });
        let nameless = entry.said.name.is_none().then(|| {
            Box::new(Nameless {
                place: row.place,
                unusable: entry.misnamed,
            })
        });
        self.noted.push(NotedRow {
            number,
            id: entry.id,
            region,
            name: entry.said.name,
            nameless,
        });
    }

    fn refuse(&mut self, number: usize, row: &ListingRow, request: &Import) {
        if let Err(problem) = &row.entry {
            let refusal = RowStatus::Refused(RowRefusal::Problem(problem.clone()));
            let report = report(number, &row.place, &row.id_text, refusal);
            self.rows.add(report, request.quiet);
        }
    }

    /// Makes the plan from the notes and the saved instances.
    pub(super) async fn plan(
        mut self,
        tx: &mut Tx,
        listing: &Listing<'_>,
        request: &Import,
        at: Timestamp,
    ) -> Result<Plan, Fatal> {
        let twice: BTreeMap<usize, Option<&ListingRow>> = listing.twice().collect();
        for (number, row) in &twice {
            if let Some(row) = row {
                self.refuse(*number, row, request);
            }
        }
        self.noted
            .retain(|noted| !twice.contains_key(&noted.number));
        let mut plan = Plan {
            rows: self.rows,
            ..Plan::default()
        };
        if listing.is_billing {
            self.noted = plan.billed(tx, listing, self.noted, request).await?;
        }
        plan.planned = self.noted.len();
        for noted in &self.noted {
            let region = noted.region.as_ref().or(request.region.as_ref());
            if let Some(region) = region.filter(|region| !plan.regions.contains(*region)) {
                plan.regions.insert(region.clone());
            }
            if let RowId::FourX(id) = &noted.id
                && request.complete
            {
                plan.ids.insert(id.clone());
            }
        }
        plan.names = names::decide(tx, &mut self.noted, request.region.as_ref(), at).await?;
        for noted in self.noted {
            let RowId::FourX(id) = &noted.id else {
                continue;
            };
            if let Some(nameless) = noted.nameless.filter(|_| plan.names.nameless.contains(id))
                && let Some(called) = plan.names.of(id, None)
                && let Some(region) = &noted.region
            {
                let misnamed = Misnamed {
                    place: nameless.place,
                    handle: handle(id, region, &called, false),
                    called,
                    why: nameless.unusable.map_or(WhyMisnamed::Nameless, |unusable| {
                        WhyMisnamed::Problem(unusable.problem)
                    }),
                };
                plan.misnamed.push((noted.number, misnamed));
            }
        }
        Ok(plan)
    }
}

impl Plan {
    /// The accounts of the instances in a complete listing.
    pub(super) fn accounts(&self) -> BTreeSet<String> {
        let accounts: BTreeSet<&str> = self.ids.iter().map(InstanceId::account).collect();
        accounts.into_iter().map(str::to_owned).collect()
    }

    /// Finds the instance of each subscription; returns the rows whose instances are known.
    async fn billed(
        &mut self,
        tx: &mut Tx,
        listing: &Listing<'_>,
        noted: Vec<NotedRow>,
        request: &Import,
    ) -> Result<Vec<NotedRow>, Fatal> {
        let mut known = Vec::new();
        let mut others = HashMap::new();
        for noted in noted {
            let RowId::Billed(id) = &noted.id else {
                known.push(noted);
                continue;
            };
            let mut owners = tx.billed_as(id).await?;
            if owners.is_empty() {
                owners = tx.lost_as(id).await?;
            }
            match owners.as_slice() {
                [] => {
                    others.insert(noted.number, RowStatus::SkippedUnbilled);
                }
                [only] => {
                    self.billed.insert(id.clone(), only.clone());
                    known.push(noted);
                }
                several => {
                    let refusal = RowRefusal::BilledTwice(several.to_vec());
                    others.insert(noted.number, RowStatus::Refused(refusal));
                }
            }
        }
        if others.is_empty() {
            return Ok(known);
        }
        for (number, row) in listing.rows() {
            if let Some(status) = others.remove(&number) {
                let report = report(number, &row.place, &row.id_text, status);
                self.rows.add(report, request.quiet);
            }
        }
        Ok(known)
    }

    /// A row with its instance; `None` if it has none that is tracked here.
    fn row(&self, number: usize, row: ListingRow, request: &Import) -> Option<PlannedRow> {
        let entry = row.entry.as_ref().ok()?;
        let id = match &entry.id {
            RowId::FourX(id) => id.clone(),
            RowId::Billed(id) => self.billed.get(id)?.clone(),
            RowId::Series5 | RowId::OtherProduct => return None,
        };
        let region = entry.said.region.clone().or_else(|| request.region.clone());
        let name = self.names.of(&id, entry.said.name.as_ref());
        Some(PlannedRow {
            number,
            row,
            id,
            region,
            name,
        })
    }

    /// The rows about instances: renames come first and together, so that others can take the names.
    pub(super) fn batches<'a>(
        &'a self,
        listing: &'a Listing<'a>,
        request: &'a Import,
    ) -> Batches<'a> {
        let renames = |row: &PlannedRow| self.names.renamed.contains(&row.id);
        let rows = move || {
            let rows = listing.rows();
            rows.filter_map(move |(number, row)| self.row(number, row, request))
        };
        let mut first = Vec::new();
        if !self.names.renamed.is_empty() {
            first.extend(rows().filter(renames));
        }
        let mut rest = rows().filter(move |row| !renames(row));
        let whole = self.planned <= BATCH;
        let whole = whole.then(|| first.drain(..).chain(rest.by_ref()).collect());
        Batches {
            first: whole.or((!first.is_empty()).then_some(first)),
            rest: Box::new(rest),
            size: BATCH,
        }
    }
}

/// The size of the first batch. Each next one is larger, as other writers need few pauses.
const BATCH: usize = 100;
/// The size of the largest batch.
const LARGEST_BATCH: usize = 500;

/// A file's rows in batches; at least one, which may be empty.
pub(super) struct Batches<'a> {
    first: Option<Vec<PlannedRow>>,
    rest: Box<dyn Iterator<Item = PlannedRow> + Send + 'a>,
    size: usize,
}

impl Batches<'_> {
    pub(super) fn next(&mut self) -> Vec<PlannedRow> {
        if let Some(first) = self.first.take() {
            return first;
        }
        let batch = self.rest.by_ref().take(self.size).collect();
        self.size = (self.size * 2).min(LARGEST_BATCH);
        batch
    }
}
