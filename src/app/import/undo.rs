//! The list of imported files, and their undoing.

use std::collections::VecDeque;

use chrono::TimeDelta;

use super::batch::UNDOABLE;
use crate::answer::{
    Answer, AnswerResult, CannotUndo, Fatal, FirstFew, Reply, UndoReport, UserError,
};
use crate::app::unit_of_work::UnitOfWork;
use crate::app::{RequestContext, finish};
use crate::command::Command;
use crate::domain::Timestamp;
use crate::domain::audit::AuditEntry;
use crate::domain::authority::Permission;
use crate::domain::case::Case;
use crate::domain::change::{Change, Status};
use crate::domain::id::InstanceId;
use crate::domain::import::{Field, Moving, Returned, Undoing};
use crate::domain::instance::Instance;
use crate::domain::outcome::Outcome;
use crate::domain::rules::FactKind;
use crate::render;
use crate::store::{ImportChange, ImportTaken, ScheduleSubject, StoreResult, Tx};

/// How long a file can be undone.
const UNDOABLE_FOR: TimeDelta = TimeDelta::days(7);
/// The most files listed.
const LISTED: u32 = 20;
/// Instances per transaction: other writers get their turn in between.
const BATCH: u32 = 100;

impl RequestContext<'_> {
    pub(in crate::app) async fn list_imports(&self, tx: &mut Tx) -> AnswerResult {
        let imports = tx.imports(LISTED).await?;
        let changing = tx.changing_imports(UNDOABLE).await?;
        let may = self.actor.may(Permission::UndoImport);
        let undoable = imports
            .iter()
            .filter(|taken| may && self.may_undo(taken, &changing).is_ok())
            .map(|taken| taken.number);
        let answer = Answer::Imports {
            undoable: undoable.collect(),
            imports,
        };
        Ok(Reply::new(Outcome::Info, self.now, answer))
    }

    /// Whether a file can be undone. Only files that changed something count towards the limit.
    fn may_undo(&self, taken: &ImportTaken, changing: &[u64]) -> Result<(), CannotUndo> {
        let first = changing.get(UNDOABLE - 1);
        if taken.undone.is_some() {
            Err(CannotUndo::Undone)
        } else if first.is_some_and(|first| taken.number < *first)
            || self.now - taken.taken_at > UNDOABLE_FOR
        {
            Err(CannotUndo::TooOld)
        } else {
            Ok(())
        }
    }

    /// Undoes a file in batches; the file itself is marked with the last one.
    pub(in crate::app) async fn undo_import(&self, command: &Command, number: u64) -> AnswerResult {
        if !self.actor.may(Permission::UndoImport) {
            return self.deny(command, Permission::UndoImport).await;
        }
        let mut report = UndoReport {
            number,
            file: None,
            instances: FirstFew::default(),
            added: FirstFew::default(),
            ended: FirstFew::default(),
        };
        let mut course = None;
        while self.undo_batch(command, &mut report, &mut course).await? {}
        let reply = Reply::new(Outcome::Done, self.now, Answer::ImportUndone(report));
        self.meter.decided(reply.outcome, &reply.rules);
        Ok(reply)
    }

    /// Undoes a batch; returns whether more follow.
    async fn undo_batch(
        &self,
        command: &Command,
        report: &mut UndoReport,
        course: &mut Option<UndoCourse>,
    ) -> Result<bool, Fatal> {
        let number = report.number;
        let mut work = match course {
            None => self.begin_once().await?,
            Some(_) => self.begin().await?,
        };
        let settings = self.settings_in(&mut work.tx).await?;
        let context = self.by(&settings);
        let cannot = |why| UserError::CannotUndo { number, why };
        let taken = work.tx.import_taken(number).await?;
        let taken = taken.ok_or_else(|| cannot(CannotUndo::NoSuch))?;
        let changing = work.tx.changing_imports(UNDOABLE).await?;
        self.may_undo(&taken, &changing).map_err(cannot)?;
        report.file = Some(ImportTaken {
            undone: Some((self.actor.person.clone(), self.now)),
            ..taken.clone()
        });
        let course = match course {
            Some(course) => course,
            None => {
                // Confirmations by the file are withdrawn before its facts are compared.
                work.tx.unsee(number).await?;
                course.insert(self.undo_course(&mut work.tx, number, &changing).await?)
            }
        };
        if let Some(file) = course.files.front().copied() {
            let changes = course.next_batch(&mut work.tx, file).await?;
            context
                .undo_changes(&mut work, report, file, taken.taken_at, changes)
                .await?;
        }
        let more = !course.files.is_empty();
        let entry = self.done(command.to_string());
        if !more {
            self.find_unlisted(&mut work, &taken).await?;
            self.keep_undone(&mut work.tx, taken).await?;
            let entry = AuditEntry {
                detail: Some(render::import::undone_in_the_trail(report)),
                ..entry.clone()
            };
            work.tx
                .append_audit(&entry, settings.audit_key.as_ref())
                .await?;
        }
        finish::commit_part(&settings, work, &entry).await?;
        Ok(more)
    }

    /// Undoes what a file changed of some instances.
    async fn undo_changes(
        &self,
        work: &mut UnitOfWork,
        report: &mut UndoReport,
        file: u64,
        taken_at: Timestamp,
        changes: Vec<ImportChange>,
    ) -> Result<(), Fatal> {
        let ids: Vec<String> = changes.iter().map(|it| it.id.to_string()).collect();
        let mut later = work.tx.later_files(file, report.number, &ids).await?;
        let mut seen = work.tx.seen_of(&ids).await?;
        let again = file != report.number;
        for ImportChange { id, moved } in changes {
            let Some(case) = work.tx.load_case(&id).await? else {
                continue;
            };
            let Some(moved) = moved else {
                if case.instance.is_tracked() && !again {
                    report.added.push(case.instance);
                }
                continue;
            };
            let undoing = Undoing {
                number: file,
                moved: &moved,
                since: &later.remove(id.as_str()).unwrap_or_default(),
                seen: &seen.remove(id.as_str()).unwrap_or_default(),
                again,
            };
            if case.change.is_none() && moved.ends_in_standard() {
                let ended = |change: &Change| {
                    change.status == Status::Done && change.ended_at == Some(taken_at)
                };
                let changes = work.tx.changes_of(&id).await?;
                for change in changes.iter().filter(|change| ended(change)) {
                    report
                        .ended
                        .push((case.instance.name.clone(), change.number));
                }
            }
            let before = case.instance.clone();
            let (case, returned) = self.undo_one(&mut work.tx, case, &undoing).await?;
            if case.instance != before {
                work.keep_case(&case).await?;
                let free = self.end_claims(work, &before, &case.instance).await?;
                if let Some(free) = free {
                    let field = Field::Fact(FactKind::CommodityId);
                    report.tell_of_case(free, vec![(field, Returned::AsItWas)]);
                }
            }
            if !returned.is_empty() {
                report.tell_of_case(case, returned);
            }
        }
        Ok(())
    }

    /// Marks instances recorded as deleted that only this file listed: no listing in force contains them now. Skipped where a later
    /// file is in force, since that may list them too.
    async fn find_unlisted(&self, work: &mut UnitOfWork, taken: &ImportTaken) -> Result<(), Fatal> {
        let later = work.tx.imports(LISTED).await?;
        let mut later = later.iter().filter(|it| it.number > taken.number);
        if later.any(|it| it.undone.is_none()) {
            return Ok(());
        }
        for id in work.tx.listed_although_lost().await? {
            let case = work.tx.load_case(&id).await?;
            let by_it = |case: &Case| case.instance.listed_since_lost >= Some(taken.taken_at);
            if let Some(mut case) = case.filter(by_it) {
                case.not_listed(&self.moment());
                work.keep_case(&case).await?;
            }
        }
        Ok(())
    }

    /// Marks a file as undone: what it lacked is asked for no more.
    async fn keep_undone(&self, tx: &mut Tx, mut taken: ImportTaken) -> StoreResult<()> {
        taken.undone = Some((self.actor.person.clone(), self.now));
        taken.held.clear();
        tx.save_import(&taken).await?;
        tx.set_due(&ScheduleSubject::Workspace, Some(self.now))
            .await
    }

    /// The file, and earlier files that were undone while this one still confirmed them.
    async fn undo_course(
        &self,
        tx: &mut Tx,
        number: u64,
        changing: &[u64],
    ) -> Result<UndoCourse, Fatal> {
        let mut files = VecDeque::from([number]);
        for earlier in changing.iter().filter(|earlier| **earlier < number) {
            let taken = tx.import_taken(*earlier).await?;
            if taken.is_some_and(|taken| taken.undone.is_some()) {
                files.push_back(*earlier);
            }
        }
        Ok(UndoCourse { files, from: None })
    }

    /// Restores the values that a file changed; the old name only if no other instance has it by now.
    async fn undo_one(
        &self,
        tx: &mut Tx,
        mut case: Case,
        undoing: &Undoing<'_>,
    ) -> Result<(Case, Vec<(Field, Returned)>), Fatal> {
        if !case.instance.is_tracked() {
            return Ok((case, Vec::new()));
        }
        let mut moved = undoing.moved.clone();
        let Moving { before, after } = &mut moved;
        let others = if before.name == case.instance.name {
            Vec::new()
        } else {
            tx.namesakes(&before.name).await?
        };
        let Instance { id, region, .. } = &case.instance;
        let is_taken = before.name.beside(id, region, &others).0 != before.name;
        let renamed = before.name != after.name;
        if is_taken {
            before.name = after.name.clone();
        }
        let undoing = Undoing {
            moved: &moved,
            ..*undoing
        };
        let mut returned = case.undo_import(&undoing, &self.moment());
        if is_taken && renamed && !undoing.again {
            returned.push((Field::Name, Returned::Stays));
        }
        Ok((case, returned))
    }
}

/// The progress of an undo.
struct UndoCourse {
    /// The remaining files, latest first.
    files: VecDeque<u64>,
    /// The last instance done of the first of them.
    from: Option<InstanceId>,
}

impl UndoCourse {
    /// The next changes of the file, which is left after the last of them.
    async fn next_batch(&mut self, tx: &mut Tx, file: u64) -> StoreResult<Vec<ImportChange>> {
        let changes = tx.import_changes(file, self.from.as_ref(), BATCH).await?;
        self.from = changes.last().map(|change| change.id.clone());
        if changes.len() < BATCH as usize {
            self.from = None;
            self.files.pop_front();
        }
        Ok(changes)
    }
}
