//! The import of files, in batches so that other writers are not held up; a row without news updates one number.

mod absent;
mod alert;
mod batch;
mod claims;
mod names;
mod plan;
mod row;
mod under_way;
mod undo;

use super::attest::require_known_region;
use super::{RequestContext, Warden};
use crate::answer::{
    Answer, AnswerResult, BrokenOff, Fatal, FileRows, HeldBack, ImportReport, InPart, Reply,
    UserError, logged,
};
use crate::command::{Command, Import};
use crate::domain::Timestamp;
use crate::domain::authority::Permission;
use crate::domain::case::Case;
use crate::domain::id::{CommodityId, InstanceName, Region, WorkspaceId};
use crate::domain::import::ImportTerms;
use crate::domain::instance::Instance;
use crate::domain::outcome::Outcome;
use crate::listing::{self, Caveat, Listing, ListingRow};
use crate::store::{StoreResult, Upload};
use batch::NamedRow;
use claims::Tried;
use plan::{Plan, Survey};
use std::collections::BTreeSet;
use std::time::Duration;
pub(super) use under_way::ImportsUnderWay;

/// The pause between two batches in which other processes can write: SQLite polls for its lock only now and then.
const BREATH: Duration = Duration::from_millis(10);

/// A file that the surface has read.
#[derive(Debug, Clone)]
pub struct ImportSource {
    /// Its name in messages.
    pub label: String,
    pub bytes: Vec<u8>,
    /// The modification time of the file, where it counts.
    pub modified: Option<Timestamp>,
}

impl Warden {
    /// Keeps a file from a dry run, with its command, until it is applied, also over a restart. Only the latest few of a
    /// workspace are kept.
    pub async fn keep_upload(
        &self,
        workspace: &WorkspaceId,
        id: u64,
        line: &str,
        source: &ImportSource,
    ) -> StoreResult<()> {
        let mut tx = self.store.write(workspace).await?;
        let upload = Upload {
            line: line.to_owned(),
            name: source.label.clone(),
            modified: source.modified,
            bytes: source.bytes.clone(),
        };
        tx.keep_upload(id, upload, self.clock.now()).await?;
        tx.commit().await
    }

    /// A file from a dry run, with its command.
    pub async fn upload(
        &self,
        workspace: &WorkspaceId,
        id: u64,
    ) -> StoreResult<Option<(String, ImportSource)>> {
        let found = self.store.glance(workspace).await?.upload(id).await?;
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

/// A file during its import.
struct ImportRun<'a> {
    request: &'a Import,
    label: &'a str,
    /// The command, as the trail records it.
    said: String,
    listing: &'a Listing<'a>,
    terms: ImportTerms,
    plan: &'a Plan,
    /// The result of its rows so far.
    rows: FileRows,
    named: NamedRow,
    /// Whether a transaction has begun: the first one claims the Discord message.
    begun: bool,
    /// Its import number, given once there is something to save.
    number: Option<u64>,
    /// Whether it changed any instance.
    kept: bool,
    absent: Vec<(Case, crate::domain::import::Missing)>,
    /// Instances of this batch that were recorded as deleted before the file was read, and are in one for the first time.
    listed_lost: Vec<Instance>,
    held: Option<HeldBack>,
    /// The accounts that it is complete for, once that is known.
    accounts: BTreeSet<String>,
    disputed: Vec<(CommodityId, Vec<InstanceName>)>,
    /// Platinum instances that came to lack an expiry.
    unwarned: Vec<String>,
    /// New instances that notices of before call gone, as a command names them.
    called_gone: Vec<(String, Vec<u64>)>,
    /// The claims of a dry run, which saves nothing.
    tried: Tried,
    broken_off: Option<BrokenOff>,
    /// The number of rows taken, if the import was interrupted.
    taken_to: Option<usize>,
}

impl RequestContext<'_> {
    pub(super) async fn import(
        &self,
        command: &Command,
        request: &Import,
        source: &ImportSource,
    ) -> AnswerResult {
        let terms = self.terms(request, source)?;
        let mut survey = Survey::default();
        let listing = self.listing(request, source, terms.at, |number, row| {
            survey.note(number, row, request);
        })?;
        if listing.none_is_whole {
            survey = Survey::default();
            for (number, row) in listing.rows() {
                survey.note(number, row, request);
            }
        }
        let mut plan = {
            let mut tx = self.read().await?;
            require_known_region(&mut tx, request.region.as_ref(), request.yes_really).await?;
            survey.plan(&mut tx, &listing, request, terms.at).await?
        };
        let rows = std::mem::take(&mut plan.rows);
        let mut taking = ImportRun {
            request,
            label: &source.label,
            said: command.to_string(),
            listing: &listing,
            terms,
            plan: &plan,
            rows,
            named: NamedRow::default(),
            begun: false,
            number: None,
            kept: false,
            absent: Vec::new(),
            listed_lost: Vec::new(),
            held: None,
            accounts: BTreeSet::new(),
            disputed: Vec::new(),
            unwarned: Vec::new(),
            called_gone: Vec::new(),
            tried: Tried::default(),
            broken_off: None,
            taken_to: None,
        };
        if request.complete {
            taking.region()?;
        }
        self.take_all(&mut taking).await?;
        let report = self.import_report(taking);
        let outcome = if report.broken_off.is_some() {
            Outcome::Inconclusive
        } else if report.aborted {
            Outcome::Invalid
        } else if report.dry_run {
            Outcome::Info
        } else if report.held.is_some() {
            Outcome::Inconclusive
        } else {
            Outcome::Done
        };
        Ok(Reply::new(
            outcome,
            self.now,
            Answer::Imported(Box::new(report)),
        ))
    }

    /// Imports the rows in batches, until one after the first fails.
    async fn take_all(&self, taking: &mut ImportRun<'_>) -> Result<(), Fatal> {
        let begun = (!taking.request.dry_run).then(|| {
            self.imports
                .begin(&self.actor.workspace, self.store.alarm())
        });
        let mut batches = taking.plan.batches(taking.listing, taking.request);
        let mut left = taking.plan.planned;
        for number in 0_usize.. {
            let batch = batches.next();
            if number > 0 && !taking.request.dry_run {
                tokio::time::sleep(BREATH).await;
            }
            let (before, begins_at) = (left, batch.first().map(|row| row.number));
            left = left.saturating_sub(batch.len());
            let is_last = left == 0 || batch.is_empty();
            let mark = (taking.number, taking.disputed.len(), taking.rows.mark());
            let (named, unwarned) = (taking.named.clone(), taking.unwarned.len());
            let called_gone = taking.called_gone.len();
            match self.take_batch(taking, batch, is_last).await {
                Ok(()) if is_last => break,
                Ok(()) => {}
                Err(Fatal::Store(error)) if number > 0 && !taking.request.dry_run => {
                    let (number, disputed, rows) = mark;
                    taking.number = number;
                    taking.disputed.truncate(disputed);
                    taking.rows.go_back(rows);
                    taking.named = named;
                    taking.unwarned.truncate(unwarned);
                    taking.called_gone.truncate(called_gone);
                    taking.absent.clear();
                    taking.listed_lost.clear();
                    taking.held = None;
                    taking.taken_to = begins_at;
                    taking.broken_off = Some(BrokenOff {
                        id: logged(&error),
                        error,
                        left: before,
                    });
                    break;
                }
                Err(fatal) => return Err(fatal),
            }
        }
        drop(begun);
        Ok(())
    }

    fn import_report(&self, taking: ImportRun<'_>) -> ImportReport {
        let aborted = taking.rows.are_useless();
        let request = taking.request;
        let mut rows = taking.rows;
        rows.told.sort_by_key(|row| row.number);
        // After an interruption, the remaining rows were taken in the order of the file.
        let is_taken = |number: usize| taking.taken_to.is_none_or(|end| number < end);
        let alike = taking
            .plan
            .names
            .alike
            .iter()
            .filter(|(row, _)| row.is_none_or(is_taken));
        let alike = alike.map(|(_, alike)| alike.clone());
        let misnamed = taking
            .plan
            .misnamed
            .iter()
            .filter(|(row, _)| is_taken(*row));
        let misnamed = misnamed.map(|(_, misnamed)| misnamed.clone());
        let NamedRow {
            mut regions,
            teams,
            channels,
        } = taking.named;
        regions.extend(request.region.clone());
        regions.retain(|region| !region.is_known());
        let absent = taking.absent.into_iter();
        ImportReport {
            label: taking.label.to_owned(),
            by: self.actor.person.clone(),
            encoding: taking.listing.encoding,
            at: taking.terms.at,
            caveats: taking.listing.caveats.clone(),
            number: taking.number,
            may_undo: self.actor.may(Permission::UndoImport),
            alike: alike.collect(),
            misnamed: misnamed.collect(),
            unknown_regions: regions.into_iter().collect(),
            teams_not_called: teams.into_iter().collect(),
            channels: channels.into_iter().collect(),
            unknown_channels: Vec::new(),
            aborted,
            missing: absent
                .map(|(case, came_to)| (case.instance.name, came_to))
                .collect(),
            held: taking.held,
            disputed: taking.disputed.into_iter().collect(),
            unwarned: taking.unwarned.into_iter().collect(),
            called_gone: taking.called_gone.into_iter().collect(),
            read_as: self.read_as(request.at),
            broken_off: taking.broken_off,
            dry_run: request.dry_run,
            quiet: request.quiet,
            rows,
        }
    }

    /// Reads the file; refuses one that claims to be complete and cannot be.
    fn listing<'s>(
        &self,
        request: &Import,
        source: &'s ImportSource,
        at: Timestamp,
        show: impl FnMut(usize, ListingRow),
    ) -> Result<Listing<'s>, UserError> {
        let listing = listing::read(&source.bytes, at, self.settings.vendor_zone, show);
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
            doubts_standard: false,
            subscribed: false,
            content: listing::content(&source.bytes),
        })
    }
}

impl ImportRun<'_> {
    /// The one region of a complete listing.
    fn region(&self) -> Result<Region, UserError> {
        let named = self.plan.regions.union(&self.listing.regions);
        let found: Vec<Region> = named.cloned().collect();
        match (&self.request.region, found.as_slice()) {
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
