//! What a file is going to do, before anything is written: whose rows they are, and what each instance is called. Of its rows
//! only that is kept: a file is long, and its rows are read again when they are taken.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::answer::{Fatal, FileRows, Misnamed, RowRefusal, RowStatus, WhyMisnamed};
use crate::command::Import;
use crate::domain::Timestamp;
use crate::domain::id::{CommodityId, InstanceId, InstanceName, Region};
use crate::listing::{Listing, ListingRow, RowId, Unusable};
use crate::store::Tx;

use super::names::{self, Names};
use super::row::report;

/// A row that speaks of an instance, as far as that matters before it is taken.
pub(super) struct NotedRow {
    pub(super) number: usize,
    pub(super) id: RowId,
    pub(super) region: Option<Region>,
    pub(super) name: Option<InstanceName>,
    /// Where it gives the instance no name.
    pub(super) nameless: Option<Box<Nameless>>,
}

/// A row without a name that can be used.
pub(super) struct Nameless {
    place: String,
    pub(super) unusable: Option<Unusable>,
}

/// What there is to know of a file's rows when the last of them was read.
#[derive(Default)]
pub(super) struct Survey {
    noted: Vec<NotedRow>,
    /// Each once, for all rows that name it.
    regions: BTreeSet<Region>,
    rows: FileRows,
}

/// A row that is being taken.
pub(super) struct PlannedRow {
    pub(super) number: usize,
    pub(super) row: ListingRow,
    pub(super) id: InstanceId,
    pub(super) region: Option<Region>,
    /// What it is called; for a new instance always there.
    pub(super) name: Option<InstanceName>,
}

/// What is to be done with a file's rows.
#[derive(Default)]
pub(super) struct Plan {
    /// How many rows speak of instances.
    pub(super) planned: usize,
    /// What the others came to.
    pub(super) rows: FileRows,
    /// The instances that a complete listing has.
    pub(super) ids: HashSet<InstanceId>,
    pub(super) regions: BTreeSet<Region>,
    /// Each with the number of its row.
    pub(super) misnamed: Vec<(usize, Misnamed)>,
    pub(super) names: Names,
    /// Whose the subscriptions are.
    billed: HashMap<CommodityId, InstanceId>,
}

impl Survey {
    /// Looks at a row.
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

    /// Looks at what is held of the instances.
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
        plan.names = names::settle(tx, &mut self.noted, request.region.as_ref(), at).await?;
        for noted in self.noted {
            let RowId::FourX(id) = &noted.id else {
                continue;
            };
            if let Some(nameless) = noted.nameless.filter(|_| plan.names.nameless.contains(id))
                && let Some(called) = plan.names.of(id, None)
            {
                let misnamed = Misnamed {
                    place: nameless.place,
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
    /// Finds out whose the subscriptions are; the rows whose instances are known.
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
            match tx.billed_as(id).await?.as_slice() {
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

    /// A row, with the instance it speaks of; none where it speaks of none that is tracked here.
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

    /// The rows that speak of instances: those that rename go first and together, so that others may have the names.
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

/// So many rows are written at once at first, then ever more: others write in between, and soon there are few such moments.
const BATCH: usize = 100;
/// And never more than these.
const LARGEST_BATCH: usize = 500;

/// A file's rows in parts that are taken together; at least one, which may be empty.
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
