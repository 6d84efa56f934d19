//! The files that were taken, and taking one back.

use chrono::TimeDelta;

use super::UNDOABLE;
use crate::answer::{
    Answer, CannotUndo, Fatal, FirstFew, Reply, UndoReport, UndoneInstance, UserError,
};
use crate::app::{RequestContext, finish};
use crate::command::Command;
use crate::domain::authority::Permission;
use crate::domain::case::Case;
use crate::domain::id::InstanceId;
use crate::domain::import::{Field, Returned};
use crate::domain::instance::Instance;
use crate::domain::outcome::Outcome;
use crate::render;
use crate::store::{ImportChange, ImportTaken, Moving, ScheduleSubject, Tx};

/// For how long a file can be taken back.
const UNDOABLE_FOR: TimeDelta = TimeDelta::days(7);
/// How many files are listed.
const LISTED: u32 = 20;
/// So many instances are returned at once: others write in between.
const BATCH: u32 = 100;

impl RequestContext<'_> {
    pub(in crate::app) async fn list_imports(&self, tx: &mut Tx) -> Result<Reply, Fatal> {
        let imports = tx.imports(LISTED).await?;
        let latest = imports.first().map_or(0, |latest| latest.number);
        let can = |taken: &ImportTaken| self.may_undo(taken, latest).is_ok();
        let undoable = imports
            .iter()
            .filter(|taken| can(taken))
            .map(|taken| taken.number);
        let answer = Answer::Imports {
            undoable: undoable.collect(),
            imports,
        };
        Ok(Reply::new(Outcome::Info, self.now, answer))
    }

    fn may_undo(&self, taken: &ImportTaken, latest: u64) -> Result<(), CannotUndo> {
        if taken.undone.is_some() {
            Err(CannotUndo::Undone)
        } else if taken.number + UNDOABLE <= latest || self.now - taken.taken_at > UNDOABLE_FOR {
            Err(CannotUndo::TooOld)
        } else {
            Ok(())
        }
    }

    /// Takes back what a file did: in batches, the file itself with the last one.
    pub(in crate::app) async fn undo_import(
        &self,
        command: &Command,
        number: u64,
    ) -> Result<Reply, Fatal> {
        if !self.actor.may(Permission::UndoImport) {
            return self.deny(command, Permission::UndoImport).await;
        }
        let mut report = UndoReport {
            number,
            label: String::new(),
            instances: FirstFew::default(),
            added: FirstFew::default(),
        };
        let mut from = None;
        while self.undo_batch(command, &mut report, &mut from).await? {}
        let reply = Reply::new(Outcome::Done, self.now, Answer::ImportUndone(report));
        self.meter.decided(reply.outcome, &reply.rules);
        Ok(reply)
    }

    /// Whether more follow.
    async fn undo_batch(
        &self,
        command: &Command,
        report: &mut UndoReport,
        from: &mut Option<InstanceId>,
    ) -> Result<bool, Fatal> {
        let number = report.number;
        let mut work = match from {
            None => self.begin_once().await?,
            Some(_) => self.begin().await?,
        };
        let settings = self.settings_in(&mut work).await?;
        let desk = self.by(&settings);
        let cannot = |why| UserError::CannotUndo { number, why };
        let taken = work.import_taken(number).await?;
        let mut taken = taken.ok_or_else(|| cannot(CannotUndo::NoSuch))?;
        let latest = work
            .imports(1)
            .await?
            .pop()
            .map_or(0, |latest| latest.number);
        self.may_undo(&taken, latest).map_err(cannot)?;
        report.label.clone_from(&taken.label);
        let changes = work.import_changes(number, from.as_ref(), BATCH).await?;
        *from = changes.last().map(|change| change.id.clone());
        let more = changes.len() == BATCH as usize;
        for change in changes {
            let Some(case) = work.load_case(&change.id).await? else {
                continue;
            };
            let ImportChange { id, moved } = change;
            let Some(moved) = moved else {
                if case.instance.is_tracked() {
                    report.added.push((case.instance.name, id));
                }
                continue;
            };
            let (case, returned) = desk.undo_one(&mut work, case, moved).await?;
            if !returned.is_empty() {
                work.keep(&case).await?;
                let case = Box::new(case);
                report.instances.push(UndoneInstance { case, returned });
            }
        }
        let mut entry = self.done(command.to_string());
        if !more {
            work.unsee(number).await?;
            taken.undone = Some((self.actor.person.clone(), self.now));
            taken.held.clear();
            work.save_import(&taken).await?;
            work.set_due(&ScheduleSubject::Workspace, Some(self.now))
                .await?;
            entry.detail = Some(render::undo_in_the_trail(report));
            work.append_audit(&entry, settings.audit_key.as_ref())
                .await?;
            entry.detail = None;
        }
        if work.is_idle() {
            work.into_parts().0.commit().await?;
        } else {
            finish::commit(&settings, work, &entry).await?;
        }
        Ok(more)
    }

    /// What a file changed of an instance returns; its old name only if nobody else has it by now.
    async fn undo_one(
        &self,
        tx: &mut Tx,
        mut case: Case,
        moved: Moving,
    ) -> Result<(Case, Vec<(Field, Returned)>), Fatal> {
        if !case.instance.is_tracked() {
            return Ok((case, Vec::new()));
        }
        let Moving { mut before, after } = moved;
        let others = if before.name == case.instance.name {
            Vec::new()
        } else {
            tx.namesakes(&before.name).await?
        };
        let Instance { id, region, .. } = &case.instance;
        let taken = before.name.beside(id, region, &others).0 != before.name;
        let renamed = before.name != after.name;
        if taken {
            before.name = after.name.clone();
        }
        let mut returned = case.undo_import(&before, &after, &self.moment());
        if taken && renamed {
            returned.push((Field::Name, Returned::Stays));
        }
        Ok((case, returned))
    }
}
