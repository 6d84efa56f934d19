//! A batch of rows of a file: merged, saved and committed in a transaction of its own.

use super::ImportRun;
use super::plan::PlannedRow;
use super::row::{Merging, RowResult};
use crate::answer::{Fatal, RowReport, RowStatus};
use crate::app::notice::find_in_raised;
use crate::app::unit_of_work::UnitOfWork;
use crate::app::{RequestContext, Settings, finish};
use crate::domain::audit::AuditEntry;
use crate::domain::case::Case;
use crate::domain::event::EventKind;
use crate::domain::id::{ChannelId, InstanceId, Region, TeamName};
use crate::domain::import::{Counts, Field, Merged, Moving, SeenByFiles, Stamp, freshened};
use crate::domain::instance::{Edition, Instance};
use crate::domain::outcome::Outcome;
use crate::render;
use crate::store::{ImportChange, ImportTaken, ScheduleSubject, Tx};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The number of latest files with changes that can be undone.
pub(super) const UNDOABLE: usize = 5;

impl RequestContext<'_> {
    /// Imports a batch in a transaction of its own; the last one also draws the conclusions from the whole file.
    pub(super) async fn take_batch(
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
        let settings = self.settings_in(&mut work.tx).await?;
        let context = self.by(&settings);
        let mut rows = context.merge(&mut work, taking, batch).await?;
        taking.unwarned.extend(rows.unwarned());
        if dry_run {
            taking.tried.extend(rows.merged.iter());
            let disputed = context
                .would_dispute(&mut work, &taking.tried, &rows.merged)
                .await?;
            taking.disputed.extend(disputed);
            for merging in &rows.merged {
                rows.reports.tell_of_instance(&mut taking.named, merging);
            }
        } else {
            context.save(&mut work, taking, &mut rows).await?;
            if !rows.listed_lost.is_empty() {
                context.number(&mut work.tx, taking).await?;
                let lost = rows.listed_lost.iter();
                let lost = lost.map(|case| case.instance.clone());
                taking.listed_lost.extend(lost);
                work.keep_all(std::mem::take(&mut rows.listed_lost)).await?;
            }
        }
        // Those that somebody has described here, with a role to mention, are called.
        let described = &settings.teams;
        let is_called =
            |team: &TeamName| described.get(team).is_some_and(|it| it.mention.is_some());
        taking.named.teams.retain(|team| !is_called(team));
        for report in rows.reports.0 {
            taking.rows.add(report, taking.request.quiet);
        }
        if is_last && !taking.rows.are_useless() {
            context.conclude(&mut work, taking).await?;
        }
        if dry_run {
            return Ok(());
        }
        context.commit_batch(work, &settings, taking, is_last).await
    }

    async fn merge(
        &self,
        work: &mut UnitOfWork,
        taking: &ImportRun<'_>,
        batch: Vec<PlannedRow>,
    ) -> Result<MergedRows, Fatal> {
        let ids: Vec<InstanceId> = batch.iter().map(|row| row.id.clone()).collect();
        let loaded = work.tx.load_cases(&ids).await?;
        let loaded = loaded
            .into_iter()
            .map(|case| (case.instance.id.clone(), case));
        let mut cases: HashMap<InstanceId, Case> = loaded.collect();
        let mut merged = Vec::new();
        let mut reports = Vec::new();
        let mut listed_lost = Vec::new();
        for (index, row) in batch.into_iter().enumerate() {
            let Ok(entry) = &row.row.entry else {
                continue;
            };
            let held = cases.remove(&row.id);
            let is_there = entry.shows_it_is_there(taking.terms.at);
            let lost = held.as_ref().filter(|_| is_there);
            listed_lost.extend(lost.and_then(|case| {
                let mut case = case.clone();
                let expires = entry.said.expires.flatten();
                let is_new = case.listed_although_lost(taking.terms.at, expires, &self.moment());
                is_new.then_some(case)
            }));
            let RowResult { report, case } = self.merge_row(&row, entry, held, taking.terms);
            if let Some(instance) = case {
                let later = ids.get(index + 1..).unwrap_or_default();
                // A second row of the instance continues from here.
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
        Ok(MergedRows {
            merged,
            reports,
            listed_lost,
        })
    }

    /// Saves new facts, and marks the repeated ones as confirmed.
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
                work.tx.let_go_of_name(&merging.after.instance.id).await?;
            }
        }
        let new = rows.merged.iter().filter(|one| one.before.is_none());
        let new: Vec<Instance> = new.map(|one| one.after.instance.clone()).collect();
        let mut again: BTreeMap<Vec<&'static str>, Vec<String>> = BTreeMap::new();
        let mut moved: Vec<Merging> = Vec::new();
        for merging in std::mem::take(&mut rows.merged) {
            let Merging { before, after, .. } = &merging;
            let quiet = before
                .as_ref()
                .filter(|before| after.events.is_empty() && before.change == after.change)
                .and_then(|before| freshened(&before.instance, &after.instance));
            let mut facts = merging.repeated.clone();
            let is_quiet = quiet.is_some();
            facts.extend(quiet.into_iter().flatten());
            if !facts.is_empty() {
                let id = after.instance.id.to_string();
                again.entry(facts).or_default().push(id);
            }
            if is_quiet {
                continue;
            }
            rows.reports.tell_of_instance(&mut taking.named, &merging);
            let id = &after.instance.id;
            // A second row of the instance continues from the state that the first one wrote.
            let again = |one: &Merging| one.after.instance.id == *id;
            if taking.listing.is_billing && moved.iter().any(again) {
                self.keep_moved(work, taking, std::mem::take(&mut moved))
                    .await?;
            }
            moved.push(merging);
        }
        self.keep_moved(work, taking, moved).await?;
        for (id, notices) in find_in_raised(self.settings, work, &new, self.now).await? {
            let called = new.iter().find(|one| one.id == id);
            let called = called.map(|one| (one.handle(), notices));
            taking.called_gone.extend(called);
        }
        let disputed = self.dispute_claims(work).await?;
        taking.disputed.extend(disputed);
        for (facts, ids) in again {
            let number = self.number(&mut work.tx, taking).await?;
            self.mark_confirmed(&mut work.tx, taking, number, &facts, &ids)
                .await?;
        }
        Ok(())
    }

    /// Saves instances, once each, with their state before.
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
        let number = self.number(&mut work.tx, taking).await?;
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
        Ok(work.tx.keep_import_changes(number, &changes).await?)
    }

    /// Marks facts of instances as confirmed by the file.
    async fn mark_confirmed(
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
            import: Some(number),
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

    /// The file's import number, given when something of it is saved.
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
            accounts: match taking.accounts.is_empty() {
                true => taking.plan.accounts(),
                false => taking.accounts.clone(),
            },
            counts,
            held: held.map_or_else(Vec::new, |held| held.ids.clone()),
            undone: None,
        }
    }

    /// The conclusions from the file as a whole.
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
        let number = self.number(&mut work.tx, taking).await?;
        for (case, _) in &taking.absent {
            if case.events.is_empty() {
                continue;
            }
            let before = work.tx.load_case(&case.instance.id).await?;
            work.keep_case(case).await?;
            if let Some(before) = before.filter(|before| before.instance != case.instance) {
                let change = ImportChange {
                    id: case.instance.id.clone(),
                    moved: Some(Moving {
                        before: before.instance,
                        after: case.instance.clone(),
                    }),
                };
                taking.kept = true;
                work.tx.keep_import_changes(number, &[change]).await?;
            }
        }
        work.tx
            .save_import(&self.import_taken(taking, number))
            .await?;
        work.tx.note_import(self.now).await?;
        work.tx
            .set_due(&ScheduleSubject::Workspace, Some(self.now))
            .await?;
        if taking.kept {
            // Data of files that can no longer be undone is deleted.
            let changing = work.tx.changing_imports(UNDOABLE).await?;
            if let Some(first) = changing.get(UNDOABLE - 1) {
                work.tx.forget_imports(first - 1).await?;
            }
        }
        Ok(())
    }

    async fn commit_batch(
        &self,
        mut work: UnitOfWork,
        settings: &Settings,
        taking: &mut ImportRun<'_>,
        is_last: bool,
    ) -> Result<(), Fatal> {
        let lost = std::mem::take(&mut taking.listed_lost);
        self.alert(&mut work, taking, &lost).await?;
        if let Some(number) = taking.number.filter(|_| !is_last) {
            // The result so far, should the next batch fail.
            work.tx
                .save_import(&self.import_taken(taking, number))
                .await?;
        }
        let key = settings.audit_key.as_ref();
        let done = self.done(taking.said.clone());
        if let Some(detail) = Some(&*taking)
            .filter(|taking| is_last && taking.number.is_some())
            .and_then(|taking| {
                render::import::in_the_trail(&taking.rows, &taking.absent, taking.held.as_ref())
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
            work.tx.append_audit(&entry, key).await?;
        }
        Ok(finish::commit_part(settings, work, &done).await?)
    }
}

/// The merged instances of a batch, with a report per row.
struct MergedRows {
    merged: Vec<Merging>,
    reports: BatchReports,
    /// Instances that were recorded as deleted before the file was read, and are the first time in one.
    listed_lost: Vec<Case>,
}

impl MergedRows {
    /// The Platinum instances that nothing warns of, since nobody knows when they expire, and that is new.
    fn unwarned(&self) -> impl Iterator<Item = String> {
        let lacks = |instance: &Instance| {
            instance.edition.value() == Some(&Edition::Platinum)
                && instance.reminded_expiry().is_none()
        };
        let new = self
            .merged
            .iter()
            .filter(move |Merging { before, after, .. }| {
                let lacked = before.as_ref().is_some_and(|case| lacks(&case.instance));
                lacks(&after.instance) && !lacked
            });
        new.map(|one| one.after.instance.handle())
    }
}

/// The report of each row of a batch.
struct BatchReports(Vec<RowReport>);

impl BatchReports {
    /// Adds the events of its instance to a row's report.
    fn tell_of_instance(&mut self, named: &mut NamedRow, merging: &Merging) {
        let Some(report) = self.0.get_mut(merging.report) else {
            return;
        };
        named.extend(&report.status, &merging.after.instance);
        let events = merging.after.events.iter().filter(|event| {
            // The row's status shows these already.
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

/// The regions of new instances, and the teams and channels that rows assign.
#[derive(Clone, Default)]
pub(super) struct NamedRow {
    pub(super) regions: BTreeSet<Region>,
    pub(super) teams: BTreeSet<TeamName>,
    pub(super) channels: BTreeSet<ChannelId>,
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
                Field::Fact(_) | Field::Name | Field::Region => {}
            }
        }
    }
}
