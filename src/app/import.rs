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
    Answer, BrokenOff, Fatal, HeldBack, ImportReport, InPart, Reply, RowReport, RowStatus,
    UserError, logged,
};
use crate::command::{Command, Import};
use crate::domain::Timestamp;
use crate::domain::audit::AuditEntry;
use crate::domain::case::Case;
use crate::domain::event::EventKind;
use crate::domain::id::{CommodityId, InstanceId, InstanceName, Label, Region};
use crate::domain::import::{Counts, Field, ImportTerms, Merged, SeenByFiles, Stamp, freshened};
use crate::domain::instance::Instance;
use crate::domain::outcome::Outcome;
use crate::listing::{self, Caveat, Listing, ListingRow};
use crate::render;
use crate::store::{ImportChange, ImportTaken, Moving, ScheduleSubject, StoreError, Tx, Upload};
use claims::Tried;
use plan::{Plan, plan};
use row::{Merging, RowResult};

/// How many files can be undone.
const UNDOABLE: u64 = 5;
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
    ///
    /// # Errors
    /// When the database cannot be written.
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
    ///
    /// # Errors
    /// When the database cannot be read.
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
    listing: Listing,
    /// Its rows, as far as they were not taken yet.
    rows: Vec<Option<ListingRow>>,
    /// Whether it may lack instances that there are.
    in_part: bool,
    terms: ImportTerms,
    plan: Plan,
    /// What its rows came to so far.
    counts: Counts,
    named: NamedRow,
    /// Whether a transaction has begun: the first one claims what was asked.
    begun: bool,
    /// Its number, once there is something to keep.
    number: Option<u64>,
    absent: Vec<(Case, crate::domain::import::Missing)>,
    held: Option<HeldBack>,
    disputed: Vec<(CommodityId, Vec<InstanceName>)>,
    /// What instances would claim after a trial, which keeps nothing.
    tried: Tried,
    broken_off: Option<BrokenOff>,
}

impl RequestContext<'_> {
    pub(super) async fn import(
        &self,
        command: &Command,
        request: &Import,
        source: &ImportSource,
    ) -> Result<Reply, Fatal> {
        let terms = self.terms(request, source)?;
        let mut listing = self.listing(request, source)?;
        let plan = {
            let mut tx = self.read().await?;
            plan(&mut tx, &listing, request, terms.at).await?
        };
        let counts = ImportReport::counts_of(plan.reports.iter().flatten());
        let mut taking = ImportRun {
            request,
            label: &source.label,
            said: command.to_string(),
            in_part: listing.is_partial(),
            rows: listing.rows.drain(..).map(Some).collect(),
            listing,
            terms,
            plan,
            counts,
            named: NamedRow::default(),
            begun: false,
            number: None,
            absent: Vec::new(),
            held: None,
            disputed: Vec::new(),
            tried: Tried::default(),
            broken_off: None,
        };
        if request.complete {
            taking.region()?;
        }
        let batches = std::mem::take(&mut taking.plan.batches);
        for (number, batch) in batches.iter().enumerate() {
            if number > 0 && !request.dry_run {
                tokio::time::sleep(BREATH).await;
            }
            let is_last = number + 1 == batches.len();
            let before = (taking.number, taking.disputed.len(), taking.counts);
            let named = taking.named.clone();
            match self.take_batch(&mut taking, batch, is_last).await {
                Ok(()) => {}
                Err(Fatal::Store(error)) if number > 0 && !request.dry_run => {
                    (taking.number, _, taking.counts) = before;
                    taking.disputed.truncate(before.1);
                    taking.named = named;
                    let rest = batches.get(number..).unwrap_or_default();
                    taking.break_off(rest, logged(&error), error);
                    break;
                }
                Err(fatal) => return Err(fatal),
            }
        }
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

    /// Takes some of the rows, in a transaction of its own; with the last ones what follows from the whole file.
    async fn take_batch(
        &self,
        taking: &mut ImportRun<'_>,
        batch: &[usize],
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
        let merged = desk.merge(&mut work, taking, batch).await?;
        if dry_run {
            taking.tried.extend(merged.iter().map(|(_, one)| one));
            let disputed = desk
                .would_dispute(&mut work, &taking.tried, &merged)
                .await?;
            taking.disputed.extend(disputed);
            for (index, merging) in merged {
                taking.tell(index, &merging.after);
            }
        } else {
            desk.save(&mut work, taking, merged).await?;
        }
        if is_last && !taking.is_useless() {
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
        taking: &mut ImportRun<'_>,
        batch: &[usize],
    ) -> Result<Vec<(usize, Merging)>, Fatal> {
        let planned = |index: &usize| taking.plan.planned.get(*index)?.as_ref();
        let ids: Vec<InstanceId> = batch
            .iter()
            .filter_map(planned)
            .map(|one| one.id.clone())
            .collect();
        let loaded = work.load_cases(&ids).await?;
        let loaded = loaded
            .into_iter()
            .map(|case| (case.instance.id.clone(), case));
        let mut cases: HashMap<InstanceId, Case> = loaded.collect();
        let mut merged = Vec::new();
        for index in batch {
            // What was looked at is let go of: a file is long.
            let (Some(row), Some(planned)) = (
                taking.rows.get_mut(*index).and_then(Option::take),
                taking.plan.planned.get_mut(*index).and_then(Option::take),
            ) else {
                continue;
            };
            let Ok(entry) = &row.entry else {
                continue;
            };
            let held = cases.get(&planned.id).cloned();
            let merge = self.merge_row(&row, &planned, entry, held, taking.terms);
            let RowResult { report, case } = merge;
            if let Some(merging) = case {
                // A second row of the instance goes on from here.
                let mut now = merging.after.clone();
                now.events.clear();
                cases.insert(planned.id.clone(), now);
                merged.push((*index, merging));
            }
            if let Some(place) = taking.plan.reports.get_mut(*index) {
                report.status.count(&mut taking.counts);
                *place = Some(report);
            }
        }
        Ok(merged)
    }

    /// Keeps what is new, and marks what was only said again.
    async fn save(
        &self,
        work: &mut UnitOfWork,
        taking: &mut ImportRun<'_>,
        merged: Vec<(usize, Merging)>,
    ) -> Result<(), Fatal> {
        for (_, merging) in &merged {
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
        let mut moved: Vec<MovedFact> = Vec::new();
        for (index, Merging { before, after }) in merged {
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
                    taking.tell(index, &after);
                    let id = &after.instance.id;
                    if moved.iter().any(|one| one.after.instance.id == *id) {
                        // A second row of the instance goes on from what the first one wrote.
                        self.keep_moved(work, taking, std::mem::take(&mut moved))
                            .await?;
                    }
                    moved.push(MovedFact { before, after });
                }
            }
        }
        self.keep_moved(work, taking, moved).await?;
        let kept: Vec<Case> = work.kept().iter().map(|kept| kept.case.clone()).collect();
        let disputed = self
            .dispute_claims(work, &kept.iter().collect::<Vec<_>>())
            .await?;
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
        moved: Vec<MovedFact>,
    ) -> Result<(), Fatal> {
        if moved.is_empty() {
            return Ok(());
        }
        let number = self.number(work, taking).await?;
        let change = |MovedFact { before, after }: &MovedFact| ImportChange {
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
        let last = tx.imports(1).await?.pop().map_or(0, |last| last.number);
        let number = last + 1;
        let taken = self.import_taken(taking, number);
        tx.save_import(&taken).await?;
        taking.number = Some(number);
        Ok(number)
    }

    fn import_taken(&self, taking: &ImportRun<'_>, number: u64) -> ImportTaken {
        let counts = Counts {
            missing: taking.absent.len() as u64,
            ..taking.counts
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
                work.keep_import_changes(number, &[change]).await?;
            }
        }
        work.save_import(&self.import_taken(taking, number)).await?;
        work.note_import(self.now).await?;
        work.set_due(&ScheduleSubject::Workspace, Some(self.now))
            .await?;
        Ok(work.forget_imports(number.saturating_sub(UNDOABLE)).await?)
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
        let rows = || taking.plan.reports.iter().flatten();
        if let Some(detail) = Some(taking)
            .filter(|taking| is_last && taking.number.is_some())
            .and_then(|taking| {
                render::import_in_the_trail(rows(), &taking.absent, taking.held.as_ref())
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
        let aborted = taking.is_useless();
        let request = taking.request;
        let rows: Vec<RowReport> = taking.plan.reports.into_iter().flatten().collect();
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
            caveats: taking.listing.caveats,
            number: taking.number,
            alike: taking.plan.names.alike,
            misnamed: taking.plan.misnamed,
            unknown_regions: regions.into_iter().collect(),
            unknown_teams: teams.into_iter().collect(),
            channels: channels.into_iter().collect(),
            unknown_channels: Vec::new(),
            aborted,
            missing: absent
                .map(|(case, came_to)| (case.instance.name, came_to))
                .collect(),
            held: taking.held,
            disputed: taking.disputed,
            read_as: self.read_as(request.at),
            broken_off: taking.broken_off,
            dry_run: request.dry_run,
            quiet: request.quiet,
            rows,
        }
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
    /// Notes of a row what became of its instance.
    fn tell(&mut self, index: usize, after: &Case) {
        let Some(Some(report)) = self.plan.reports.get_mut(index) else {
            return;
        };
        self.named.extend(&report.status, &after.instance);
        let events = after.events.iter().filter(|event| {
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

    /// Says of these batches that they were not taken: they were rolled back, or never begun.
    fn break_off(&mut self, rest: &[Vec<usize>], id: String, error: StoreError) {
        let left: Vec<usize> = rest.iter().flatten().copied().collect();
        for index in &left {
            if let Some(report) = self.plan.reports.get_mut(*index) {
                *report = None;
            }
        }
        let taken = self.plan.reports.iter().flatten();
        let taken: BTreeSet<&str> = taken.map(|row| row.place.as_str()).collect();
        let is_taken = |place: &str| taken.contains(place);
        self.plan.misnamed.retain(|one| is_taken(&one.place));
        let called = self.plan.reports.iter().flatten();
        let called: BTreeSet<&str> = called.map(|row| row.subject.as_str()).collect();
        let alike = &mut self.plan.names.alike;
        alike.retain(|one| called.contains(one.called.as_str()));
        self.absent.clear();
        self.held = None;
        self.broken_off = Some(BrokenOff {
            id,
            error,
            left: left.len(),
        });
    }

    /// Whether it has rows and none of them can be used.
    fn is_useless(&self) -> bool {
        let mut rows = self.plan.reports.iter().flatten().peekable();
        rows.peek().is_some() && rows.all(|row| matches!(row.status, RowStatus::Refused(_)))
    }

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

/// An instance before and after rows.
struct MovedFact {
    before: Option<Case>,
    after: Case,
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
