//! Taking facts from a file: row by row, all or nothing.

mod claims;
mod names;
mod row;

use std::collections::BTreeSet;

use super::work::Work;
use super::{Desk, Warden};
use crate::answer::{Answer, Fatal, ImportReport, InPart, Reply, RowReport, RowStatus, UserError};
use crate::command::Import;
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::id::{InstanceId, Label, Region};
use crate::domain::import::{Field, ImportTerms, Merged, Missing};
use crate::domain::outcome::Outcome;
use crate::listing::{self, Caveat, Listing};
use crate::store::{StoreError, Tx, Upload};
use names::Names;

/// A file that the surface has read.
#[derive(Debug, Clone)]
pub struct ImportSource {
    /// What to call it in messages.
    pub label: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Its own time, where that counts.
    pub modified: Option<Timestamp>,
}

impl Warden {
    /// Keeps a file that was tried, with the command that brought it, until it is applied: also over a restart. The latest
    /// few of a workspace are kept.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn keep_upload(
        &self,
        workspace: &str,
        id: u64,
        (line, source): (&str, &ImportSource),
    ) -> Result<(), StoreError> {
        let mut tx = self.store.write(workspace).await?;
        let upload = Upload {
            line: line.to_owned(),
            name: source.label.clone(),
            modified: source.modified,
            bytes: source.bytes.clone(),
        };
        tx.keep_upload(id, upload).await?;
        tx.commit().await
    }

    /// A file that was tried in this workspace, and the command that brought it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn upload(
        &self,
        workspace: &str,
        id: u64,
    ) -> Result<Option<(String, ImportSource)>, StoreError> {
        let found = self.store.read(workspace).await?.upload(id).await?;
        Ok(found.map(|upload| {
            let source = ImportSource {
                label: upload.name,
                bytes: upload.bytes,
                modified: upload.modified,
            };
            (upload.line, source)
        }))
    }
}

impl Desk<'_> {
    pub(super) async fn import(
        &self,
        work: &mut Work,
        request: &Import,
        source: &ImportSource,
    ) -> Result<Reply, Fatal> {
        let terms = self.terms(request, source)?;
        let listing = self.listing(request, source)?;
        let mut seen = Seen::default();
        let given = request.region.as_ref();
        seen.names = names::settle(work, &listing.rows, given, terms.at).await?;
        let mut rows = Vec::with_capacity(listing.rows.len());
        for row in &listing.rows {
            rows.push(
                self.import_row(work, row, request, terms, &mut seen)
                    .await?,
            );
        }
        let refused = |row: &RowReport| matches!(row.status, RowStatus::Refused(_));
        let mut report = ImportReport {
            label: source.label.clone(),
            encoding: listing.encoding,
            at: terms.at,
            caveats: listing.caveats,
            unknown_regions: unknown_regions(&rows, request),
            unknown_teams: self.unknown_teams(&rows),
            channels: named(&rows, Field::Channel),
            unknown_channels: Vec::new(),
            aborted: rows.iter().any(refused),
            alike: std::mem::take(&mut seen.names.alike),
            rows,
            missing: Vec::new(),
            disputed: Vec::new(),
            dry_run: request.dry_run,
        };
        let outcome = if report.aborted {
            Outcome::Invalid
        } else {
            let missing = self.missing(work, request, &seen, terms).await?;
            if !request.dry_run {
                save(work, &report.rows, &missing).await?;
                report.disputed = self.dispute_claims(work, &report.rows).await?;
                work.note_import(self.now).await?;
            }
            let named = |(case, came_to): (Case, Missing)| (case.instance.name, came_to);
            report.missing = missing.into_iter().map(named).collect();
            if request.dry_run {
                Outcome::Info
            } else {
                Outcome::Done
            }
        };
        Ok(Reply::new(outcome, self.now, Answer::Imported(report)))
    }

    /// The file, read; refused where it is to be complete and cannot be.
    fn listing(&self, request: &Import, source: &ImportSource) -> Result<Listing, UserError> {
        let listing = listing::read(&source.bytes, self.settings.vendor_zone);
        let listing = listing.map_err(|error| UserError::Listing {
            path: source.label.clone(),
            error,
        })?;
        let unplaced = |caveat: &Caveat| matches!(caveat, Caveat::OneRegionForAll(_));
        let why = if !request.complete {
            None
        } else if listing.is_billing {
            Some(InPart::Billing)
        } else if listing.caveats.iter().any(unplaced) {
            Some(InPart::Listings(listing.listings))
        } else {
            None
        };
        why.map_or(Ok(listing), |why| Err(UserError::CompleteInPart(why)))
    }

    /// The teams that rows name anew and nobody has described: nobody could be mentioned, nor approve for them.
    fn unknown_teams(&self, rows: &[RowReport]) -> Vec<Label> {
        let mut teams = named(rows, Field::Team);
        teams.retain(|team| !self.settings.teams.contains_key(team));
        teams
    }

    fn terms(&self, request: &Import, source: &ImportSource) -> Result<ImportTerms, UserError> {
        let given = request.at.map(|when| self.resolve_when(when)).transpose()?;
        let at = given.or(source.modified).unwrap_or(self.now);
        if at > self.now {
            return Err(UserError::FutureFacts {
                at,
                from_file: given.is_none(),
            });
        }
        Ok(ImportTerms {
            at,
            accept: request.accept,
        })
    }

    /// The instances that a complete listing does not have, and what follows from that.
    async fn missing(
        &self,
        tx: &mut Tx,
        request: &Import,
        seen: &Seen,
        terms: ImportTerms,
    ) -> Result<Vec<(Case, Missing)>, Fatal> {
        let mut missing = Vec::new();
        if !request.complete {
            return Ok(missing);
        }
        for id in tx.region_ids(&seen.region(request)?).await? {
            if seen.ids.contains(&id) {
                continue;
            }
            let Some(mut case) = tx.load_case(&id).await? else {
                continue;
            };
            let came_to = case.missing(terms, &self.moment());
            missing.push((case, came_to));
        }
        Ok(missing)
    }
}

/// What the rows so far have named.
#[derive(Default)]
struct Seen {
    ids: BTreeSet<InstanceId>,
    regions: BTreeSet<Region>,
    names: Names,
}

impl Seen {
    /// The one region that a complete listing is of.
    fn region(&self, request: &Import) -> Result<Region, UserError> {
        let found: Vec<Region> = self.regions.iter().cloned().collect();
        match (&request.region, found.as_slice()) {
            (Some(given), []) => Ok(given.clone()),
            (Some(given), [only]) if given == only => Ok(given.clone()),
            (None, [only]) => Ok(only.clone()),
            (None, []) => Err(UserError::CompleteNeedsRegion),
            (given, _) => Err(UserError::CompleteOtherRegion {
                given: given.clone(),
                found,
            }),
        }
    }
}

/// Saves what the rows came to. Names that move are let go first, so that others of the file may take them.
async fn save(
    work: &mut Work,
    rows: &[RowReport],
    missing: &[(Case, Missing)],
) -> Result<(), Fatal> {
    for row in rows {
        if let (Some(case), RowStatus::Changed(fields) | RowStatus::Conflict(fields)) =
            (&row.case, &row.status)
            && fields.iter().any(|field| field.field == Field::Name)
        {
            work.let_go_of_name(&case.instance.id).await?;
        }
    }
    let held = rows.iter().filter_map(|row| row.case.as_deref());
    for case in held.chain(missing.iter().map(|(case, _)| case)) {
        work.keep(case).await?;
    }
    Ok(())
}

/// The teams or channels that rows give to instances.
fn named(rows: &[RowReport], wanted: Field) -> Vec<Label> {
    let given = |row: &RowReport| match &row.status {
        RowStatus::New(fields) | RowStatus::Changed(fields) | RowStatus::Conflict(fields) => fields
            .iter()
            .any(|field| field.field == wanted && field.merged != Merged::Older),
        _ => false,
    };
    let instances = rows.iter().filter(|row| given(row));
    let labels = instances.filter_map(|row| {
        let instance = &row.case.as_ref()?.instance;
        match wanted {
            Field::Team => instance.team.clone(),
            Field::Channel => instance.channel.clone(),
            Field::Fact(_) | Field::Name => None,
        }
    });
    labels.collect::<BTreeSet<Label>>().into_iter().collect()
}

/// The regions of new rows and of --region that the vendor does not list.
fn unknown_regions(rows: &[RowReport], request: &Import) -> Vec<Region> {
    let new = rows
        .iter()
        .filter(|row| matches!(row.status, RowStatus::New(_)))
        .filter_map(|row| Some(row.case.as_ref()?.instance.region.clone()));
    let named: BTreeSet<Region> = new.chain(request.region.clone()).collect();
    named
        .into_iter()
        .filter(|region| !region.is_known())
        .collect()
}
