//! Taking facts from a file: row by row, in batches, so that nobody waits long; what says nothing new costs one number.

mod absent;
mod alert;
mod claims;
mod names;
mod plan;
mod row;
mod undo;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use super::unit_of_work::UnitOfWork;
use super::{RequestContext, Settings, Warden, finish};
use crate::answer::{
    Answer, BrokenOff, Fatal, FileRows, HeldBack, ImportReport, InPart, Reply, RowReport,
    RowStatus, UserError, logged,
};
use crate::command::{Command, Import};
use crate::domain::Timestamp;
use crate::domain::audit::AuditEntry;
use crate::domain::case::Case;
use crate::domain::event::EventKind;
use crate::domain::id::{CommodityId, InstanceId, InstanceName, Label, Region};
use crate::domain::import::{
    Counts, Field, ImportTerms, Merged, Moving, SeenByFiles, Stamp, freshened,
};
use crate::domain::instance::Instance;
use crate::domain::outcome::Outcome;
use crate::listing::{self, Caveat, Listing, ListingRow};
use crate::render;
use crate::store::{ImportChange, ImportTaken, ScheduleSubject, StoreError, Tx, Upload};
use claims::Tried;
use plan::{Plan, PlannedRow, Survey};
use row::{Merging, RowResult};

/// How many files that changed something can be undone.
const UNDOABLE: usize = 5;
/// How long another process gets to write between two batches: who waits for a lock looks only now and then.
const BREATH: Duration = Duration::from_millis(10);

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
    pub async fn keep_upload(
        &self,
        workspace: &str,
        id: u64,
        line: &str,
        source: &ImportSource,
    ) -> Result<(), StoreError> {
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

    /// A file that was tried in this workspace, and the command that brought it.
    pub async fn upload(
        &self,
        workspace: &str,
        id: u64,
    ) -> Result<Option<(String, ImportSource)>, StoreError> {
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

/// A file that is being taken.
struct ImportRun<'a> {
    request: &'a Import,
    label: &'a str,
    /// The command, as the trail keeps it.
    said: String,
    listing: &'a Listing<'a>,
    terms: ImportTerms,
    plan: &'a Plan,
    /// What its rows came to so far.
    rows: FileRows,
    named: NamedRow,
    /// Whether a transaction has begun: the first one claims what was asked.
    begun: bool,
    /// Its number, once there is something to keep.
    number: Option<u64>,
    /// Whether it did anything to an instance.
    kept: bool,
    absent: Vec<(Case, crate::domain::import::Missing)>,
    held: Option<HeldBack>,
    disputed: Vec<(CommodityId, Vec<InstanceName>)>,
    /// What instances would claim after a trial, which keeps nothing.
    tried: Tried,
    broken_off: Option<BrokenOff>,
    /// How many rows of the file were taken from its beginning on, where it broke off.
    taken_to: Option<usize>,
}

impl RequestContext<'_> {
    pub(super) async fn import(
        &self,
        command: &Command,
        request: &Import,
        source: &ImportSource,
    ) -> Result<Reply, Fatal> {
        let terms = self.terms(request, source)?;
        let mut survey = Survey::default();
        let listing = self.listing(request, source, |number, row| {
            survey.note(number, row, request);
        })?;
        let mut plan = {
            let mut tx = self.read().await?;
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
            held: None,
            disputed: Vec::new(),
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

    /// Takes the rows in batches, up to the first that fails behind another one.
    async fn take_all(&self, taking: &mut ImportRun<'_>) -> Result<(), Fatal> {
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
            let named = taking.named.clone();
            match self.take_batch(taking, batch, is_last).await {
                Ok(()) if is_last => break,
                Ok(()) => {}
                Err(Fatal::Store(error)) if number > 0 && !taking.request.dry_run => {
                    let (number, disputed, rows) = mark;
                    taking.number = number;
                    taking.disputed.truncate(disputed);
                    taking.rows.go_back(rows);
                    taking.named = named;
                    taking.absent.clear();
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
        Ok(())
    }

    /// Takes some of the rows, in a transaction of its own; with the last ones what follows from the whole file.
    async fn take_batch(
        &self,
        taking: &mut ImportRun<'_>,
        batch: Vec<PlannedRow>,
        is_last: bool,
    ) -> Result<(), Fatal> {
        let dry_run = taking.request.dry_run;
        let mut work = if dry_run {
            UnitOfWork::new(self.read().await?)
        } else if std::mem::replace(&mut taking.begun, true) {
            self.begin().await?
        } else {
            self.begin_once().await?
        };
        let settings = self.settings_in(&mut work).await?;
        let desk = self.by(&settings);
        let mut rows = desk.merge(&mut work, taking, batch).await?;
        if dry_run {
            taking.tried.extend(rows.merged.iter());
            let disputed = desk
                .would_dispute(&mut work, &taking.tried, &rows.merged)
                .await?;
            taking.disputed.extend(disputed);
            for merging in &rows.merged {
                rows.reports.tell(&mut taking.named, merging);
            }
        } else {
            desk.save(&mut work, taking, &mut rows).await?;
        }
        for report in rows.reports.0 {
            taking.rows.add(report, taking.request.quiet);
        }
        if is_last && !taking.rows.are_useless() {
            desk.conclude(&mut work, taking).await?;
        }
        if dry_run {
            return Ok(());
        }
        desk.commit_batch(work, &settings, taking, is_last).await
    }

    async fn merge(
        &self,
        work: &mut UnitOfWork,
        taking: &ImportRun<'_>,
        batch: Vec<PlannedRow>,
    ) -> Result<MergedRows, Fatal> {
        let ids: Vec<InstanceId> = batch.iter().map(|row| row.id.clone()).collect();
        let loaded = work.load_cases(&ids).await?;
        let loaded = loaded
            .into_iter()
            .map(|case| (case.instance.id.clone(), case));
        let mut cases: HashMap<InstanceId, Case> = loaded.collect();
        let mut merged = Vec::new();
        let mut reports = Vec::new();
        for (index, row) in batch.into_iter().enumerate() {
            let Ok(entry) = &row.row.entry else {
                continue;
            };
            let held = cases.remove(&row.id);
            let RowResult { report, case } = self.merge_row(&row, entry, held, taking.terms);
            if let Some(instance) = case {
                let later = ids.get(index + 1..).unwrap_or_default();
                // A second row of the instance goes on from here.
                if taking.listing.is_billing && later.contains(&row.id) {
                    let mut now = instance.after.clone();
                    now.events.clear();
                    cases.insert(row.id.clone(), now);
                }
                let report = reports.len();
                merged.push(Merging { report, ..instance });
            }
            reports.push(report);
        }
        let reports = BatchReports(reports);
        Ok(MergedRows { merged, reports })
    }

    /// Keeps what is new, and marks what was only said again.
    async fn save(
        &self,
        work: &mut UnitOfWork,
        taking: &mut ImportRun<'_>,
        rows: &mut MergedRows,
    ) -> Result<(), Fatal> {
        for merging in &rows.merged {
            if taking
                .plan
                .names
                .renamed
                .contains(&merging.after.instance.id)
            {
                work.let_go_of_name(&merging.after.instance.id).await?;
            }
        }
        let mut again: BTreeMap<Vec<&'static str>, Vec<String>> = BTreeMap::new();
        let mut moved: Vec<Merging> = Vec::new();
        for merging in std::mem::take(&mut rows.merged) {
            let Merging { before, after, .. } = &merging;
            let quiet = before
                .as_ref()
                .filter(|before| after.events.is_empty() && before.change == after.change)
                .and_then(|before| freshened(&before.instance, &after.instance));
            match quiet {
                Some(facts) if facts.is_empty() => {}
                Some(facts) => {
                    let id = after.instance.id.to_string();
                    again.entry(facts).or_default().push(id);
                }
                None => {
                    rows.reports.tell(&mut taking.named, &merging);
                    let id = &after.instance.id;
                    // A second row of the instance goes on from what the first one wrote.
                    let again = |one: &Merging| one.after.instance.id == *id;
                    if taking.listing.is_billing && moved.iter().any(again) {
                        self.keep_moved(work, taking, std::mem::take(&mut moved))
                            .await?;
                    }
                    moved.push(merging);
                }
            }
        }
        self.keep_moved(work, taking, moved).await?;
        let disputed = self.dispute_claims(work).await?;
        taking.disputed.extend(disputed);
        for (facts, ids) in again {
            let number = self.number(work, taking).await?;
            self.mark(work, taking, number, &facts, &ids).await?;
        }
        Ok(())
    }

    /// Keeps instances, each once, with what they were before.
    async fn keep_moved(
        &self,
        work: &mut UnitOfWork,
        taking: &mut ImportRun<'_>,
        moved: Vec<Merging>,
    ) -> Result<(), Fatal> {
        if moved.is_empty() {
            return Ok(());
        }
        taking.kept = true;
        let number = self.number(work, taking).await?;
        let change = |Merging { before, after, .. }: &Merging| ImportChange {
            id: after.instance.id.clone(),
            moved: before.as_ref().map(|before| Moving {
                before: before.instance.clone(),
                after: after.instance.clone(),
            }),
        };
        let changes: Vec<ImportChange> = moved.iter().map(change).collect();
        let after = moved.into_iter().map(|moved| moved.after);
        work.keep_all(after.collect()).await?;
        Ok(work.keep_import_changes(number, &changes).await?)
    }

    /// Says of instances that the file said these facts again.
    async fn mark(
        &self,
        tx: &mut Tx,
        taking: &ImportRun<'_>,
        number: u64,
        facts: &[&str],
        ids: &[String],
    ) -> Result<(), Fatal> {
        let stamp = Stamp {
            at: taking.terms.at,
            by: self.actor.person.clone(),
        };
        let mut seen = tx.seen_of(ids).await?;
        let mut alike: BTreeMap<SeenByFiles, Vec<String>> = BTreeMap::new();
        for id in ids {
            let before = seen.remove(id).unwrap_or_default();
            alike.entry(before).or_default().push(id.clone());
        }
        for (before, ids) in alike {
            let after = before.with(facts, &stamp);
            tx.mark_seen(number, &before, &after, &ids).await?;
        }
        Ok(())
    }

    /// The file's number, given when something of it is kept.
    async fn number(&self, tx: &mut Tx, taking: &mut ImportRun<'_>) -> Result<u64, Fatal> {
        if let Some(number) = taking.number {
            return Ok(number);
        }
        let number = tx.next_import_number().await?;
        let taken = self.import_taken(taking, number);
        tx.save_import(&taken).await?;
        taking.number = Some(number);
        Ok(number)
    }

    fn import_taken(&self, taking: &ImportRun<'_>, number: u64) -> ImportTaken {
        let counts = Counts {
            missing: taking.absent.len() as u64,
            ..taking.rows.counts
        };
        let held = taking.held.as_ref();
        ImportTaken {
            number,
            label: taking.label.to_owned(),
            at: taking.terms.at,
            taken_at: self.now,
            by: self.actor.person.clone(),
            region: taking
                .request
                .complete
                .then(|| taking.region().ok())
                .flatten(),
            counts,
            held: held.map_or_else(Vec::new, |held| held.ids.clone()),
            undone: None,
        }
    }

    /// What follows from the file as a whole.
    async fn conclude(
        &self,
        work: &mut UnitOfWork,
        taking: &mut ImportRun<'_>,
    ) -> Result<(), Fatal> {
        if taking.request.complete {
            self.look_for_absent(work, taking).await?;
        }
        if taking.request.dry_run {
            return Ok(());
        }
        let number = self.number(work, taking).await?;
        for (case, _) in &taking.absent {
            if case.events.is_empty() {
                continue;
            }
            let before = work.load_case(&case.instance.id).await?;
            work.keep(case).await?;
            if let Some(before) = before.filter(|before| before.instance != case.instance) {
                let change = ImportChange {
                    id: case.instance.id.clone(),
                    moved: Some(Moving {
                        before: before.instance,
                        after: case.instance.clone(),
                    }),
                };
                taking.kept = true;
                work.keep_import_changes(number, &[change]).await?;
            }
        }
        work.save_import(&self.import_taken(taking, number)).await?;
        work.note_import(self.now).await?;
        work.set_due(&ScheduleSubject::Workspace, Some(self.now))
            .await?;
        if taking.kept {
            // What can no more be undone need not be kept.
            let changing = work.changing_imports(UNDOABLE).await?;
            if let Some(first) = changing.get(UNDOABLE - 1) {
                work.forget_imports(first - 1).await?;
            }
        }
        Ok(())
    }

    async fn commit_batch(
        &self,
        mut work: UnitOfWork,
        settings: &Settings,
        taking: &ImportRun<'_>,
        is_last: bool,
    ) -> Result<(), Fatal> {
        self.alert(&mut work, taking).await?;
        if let Some(number) = taking.number.filter(|_| !is_last) {
            // Should the next batch fail, this is what was taken.
            work.save_import(&self.import_taken(taking, number)).await?;
        }
        let key = settings.audit_key.as_ref();
        let done = self.done(taking.said.clone());
        if let Some(detail) = Some(taking)
            .filter(|taking| is_last && taking.number.is_some())
            .and_then(|taking| {
                render::import_in_the_trail(&taking.rows, &taking.absent, taking.held.as_ref())
            })
        {
            let outcome = match &taking.held {
                Some(_) => Outcome::Inconclusive,
                None => Outcome::Done,
            };
            let entry = AuditEntry {
                outcome: outcome.as_str().to_owned(),
                detail: Some(detail),
                ..done.clone()
            };
            work.append_audit(&entry, key).await?;
        }
        if work.is_idle() {
            return Ok(work.into_parts().0.commit().await?);
        }
        Ok(finish::commit(settings, work, &done).await?)
    }

    fn import_report(&self, taking: ImportRun<'_>) -> ImportReport {
        let aborted = taking.rows.are_useless();
        let request = taking.request;
        let mut rows = taking.rows;
        rows.told.sort_by_key(|row| row.number);
        // Where it broke off, the others were taken in the order of the file.
        let is_taken = |number: usize| taking.taken_to.is_none_or(|end| number < end);
        let alike = taking.plan.names.alike.iter();
        let alike = alike.filter(|(row, _)| row.is_none_or(is_taken));
        let alike = alike.map(|(_, alike)| alike.clone());
        let misnamed = taking.plan.misnamed.iter();
        let misnamed = misnamed.filter(|(row, _)| is_taken(*row));
        let misnamed = misnamed.map(|(_, misnamed)| misnamed.clone());
        let NamedRow {
            mut regions,
            mut teams,
            channels,
        } = taking.named;
        regions.extend(request.region.clone());
        regions.retain(|region| !region.is_known());
        // Nobody could be mentioned, nor approve for them.
        teams.retain(|team| !self.settings.teams.contains_key(team));
        let absent = taking.absent.into_iter();
        ImportReport {
            label: taking.label.to_owned(),
            encoding: taking.listing.encoding,
            at: taking.terms.at,
            caveats: taking.listing.caveats.clone(),
            number: taking.number,
            alike: alike.collect(),
            misnamed: misnamed.collect(),
            unknown_regions: regions.into_iter().collect(),
            unknown_teams: teams.into_iter().collect(),
            channels: channels.into_iter().collect(),
            unknown_channels: Vec::new(),
            aborted,
            missing: absent
                .map(|(case, came_to)| (case.instance.name, came_to))
                .collect(),
            held: taking.held,
            disputed: taking.disputed.into_iter().collect(),
            read_as: self.read_as(request.at),
            broken_off: taking.broken_off,
            dry_run: request.dry_run,
            quiet: request.quiet,
            rows,
        }
    }

    /// The file, read; refused where it is to be complete and cannot be.
    fn listing<'s>(
        &self,
        request: &Import,
        source: &'s ImportSource,
        show: impl FnMut(usize, ListingRow),
    ) -> Result<Listing<'s>, UserError> {
        let listing = listing::read(&source.bytes, self.settings.vendor_zone, show);
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
        })
    }
}

impl ImportRun<'_> {
    /// The one region that a complete listing is of.
    fn region(&self) -> Result<Region, UserError> {
        let found: Vec<Region> = self.plan.regions.iter().cloned().collect();
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

/// What a batch came to: what became of its instances, and what is said of each row.
struct MergedRows {
    merged: Vec<Merging>,
    reports: BatchReports,
}

/// What is said of each row of a batch.
struct BatchReports(Vec<RowReport>);

impl BatchReports {
    /// Notes of a row what became of its instance.
    fn tell(&mut self, named: &mut NamedRow, merging: &Merging) {
        let Some(report) = self.0.get_mut(merging.report) else {
            return;
        };
        named.extend(&report.status, &merging.after.instance);
        let events = merging.after.events.iter().filter(|event| {
            // Each of these stands in the row.
            !matches!(
                event.kind,
                EventKind::Tracked
                    | EventKind::Imported { .. }
                    | EventKind::Moved { .. }
                    | EventKind::Described { .. }
            )
        });
        report.events = events.cloned().collect();
    }
}

/// What rows name: the regions of new instances, and the teams and channels that they give to instances.
#[derive(Clone, Default)]
struct NamedRow {
    regions: BTreeSet<Region>,
    teams: BTreeSet<Label>,
    channels: BTreeSet<Label>,
}

impl NamedRow {
    fn extend(&mut self, status: &RowStatus, instance: &Instance) {
        if matches!(status, RowStatus::New(_)) {
            self.regions.insert(instance.region.clone());
        }
        let (RowStatus::New(fields) | RowStatus::Changed(fields) | RowStatus::Conflict(fields)) =
            status
        else {
            return;
        };
        for field in fields.iter().filter(|field| field.merged != Merged::Older) {
            match field.field {
                Field::Team => self.teams.extend(instance.team.clone()),
                Field::Channel => self.channels.extend(instance.channel.clone()),
                Field::Fact(_) | Field::Name => {}
            }
        }
    }
}
