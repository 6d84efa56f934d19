//! The one place that commits a decision, with its audit entry and its posts.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::announce::posts;
use super::card::keep_current;
use super::remind::{RAISED, look_after};
use super::unit_of_work::{SavedCase, UnitOfWork};
use super::{ImportSource, RequestContext, Settings};
use crate::answer::{Answer, AnswerResult, DeniedChange, Fatal, Reply};
use crate::command::{ChangeRef, Command, Import};
use crate::domain::Timestamp;
use crate::domain::announce::PostContent;
use crate::domain::audit::AuditEntry;
use crate::domain::authority::{Permission, needed};
use crate::domain::case::{Case, Refusal};
use crate::domain::effect::Post;
use crate::domain::id::{InstanceId, InstanceName};
use crate::domain::outcome::Outcome;
use crate::domain::payload::Payload;
use crate::render;
use crate::store::{StoreResult, Tx};

/// How long the id of a decided Discord message is kept: longer than Discord ever redelivers it.
const REMEMBERED: TimeDelta = TimeDelta::days(2);

impl RequestContext<'_> {
    /// Begins a decision that takes longer than one command.
    pub(super) async fn begin(&self) -> StoreResult<UnitOfWork> {
        let tx = self.store.write(&self.actor.workspace).await?;
        Ok(UnitOfWork::new(tx))
    }

    /// Like [`RequestContext::begin`], for the only decision on a Discord message: the first process to decide notes that in the
    /// same transaction.
    pub(super) async fn begin_once(&self) -> Result<UnitOfWork, Fatal> {
        let work = self.begin().await?;
        self.claim(work).await
    }

    /// Decides in a commit shared with other waiting writers; repeats if the shared commit is rolled back.
    pub(super) async fn in_turn<T, F: Future<Output = Result<T, Fatal>>>(
        &self,
        decide: impl Fn(UnitOfWork) -> F,
    ) -> Result<T, Fatal> {
        let mut place = self.store.place(&self.actor.workspace);
        loop {
            let work = UnitOfWork::new(place.turn().await?);
            let decided = decide(work).await;
            if place.stands().await {
                return decided;
            }
        }
    }

    /// Saves a case after its transition, and answers; a refused transition saves nothing.
    pub(super) async fn keep_or_refuse<T>(
        &self,
        work: &mut UnitOfWork,
        case: Case,
        moved: Result<T, Refusal>,
        answer: impl FnOnce(Box<Case>, T) -> Answer,
    ) -> AnswerResult {
        let moved = match moved {
            Ok(moved) => moved,
            Err(refusal) => return Ok(Reply::refused(case, refusal, self.now)),
        };
        work.keep_case(&case).await?;
        let change = case.number();
        let answer = answer(Box::new(case), moved);
        Ok(Reply::new(Outcome::Done, self.now, answer).about(change))
    }

    /// Claims the Discord message for a decision that has begun.
    pub(super) async fn claim(&self, mut work: UnitOfWork) -> Result<UnitOfWork, Fatal> {
        // A request that covers several instances is decided in parts.
        let asked = self.actor.asked().map(|asked| match self.part {
            0 => asked.to_owned(),
            part => format!("{asked}/{part}"),
        });
        if let Some(asked) = asked {
            work.tx
                .claim_heard(&asked, self.now, self.now - REMEMBERED)
                .await?;
        }
        Ok(work)
    }

    /// Imports a file, in batches.
    pub(super) async fn take_file(&self, request: &Import, source: &ImportSource) -> AnswerResult {
        let command = Command::Import(request.clone());
        if let Some(permission) = command
            .permission()
            .filter(|permission| !self.actor.may(*permission))
        {
            return self.deny(&command, permission).await;
        }
        let settings = {
            let mut tx = self.store.glance(&self.actor.workspace).await?;
            self.settings_in(&mut tx).await?
        };
        let reply = self.import(&command, request, source).await?;
        self.meter.decided(reply.outcome, &reply.rules);
        Ok(settings.read_by(reply))
    }

    /// Commits a decision, also a refusal.
    pub(super) async fn finish(
        &self,
        work: UnitOfWork,
        command: &Command,
        reply: Reply,
    ) -> AnswerResult {
        self.finish_said(work, command.to_string(), reply).await
    }

    /// Like [`RequestContext::finish`], with another text for the trail than the command.
    pub(super) async fn finish_said(
        &self,
        work: UnitOfWork,
        said: String,
        reply: Reply,
    ) -> AnswerResult {
        let undecided = matches!(reply.outcome, Outcome::Info | Outcome::Invalid);
        if undecided && work.is_idle() {
            return Ok(reply);
        }
        let decision = self.decision(said, &reply);
        commit(self.settings, work, &decision).await?;
        self.meter.decided(reply.outcome, &reply.rules);
        Ok(reply)
    }

    pub(super) fn decision(&self, said: String, reply: &Reply) -> AuditEntry {
        AuditEntry {
            outcome: reply.outcome.as_str().to_owned(),
            rules: reply.rules.clone(),
            instance: reply.instance().cloned(),
            change: reply.change,
            detail: detail(reply),
            ..self.done(said)
        }
    }

    /// An audit entry for an act of this person.
    pub(super) fn done(&self, said: impl Into<String>) -> AuditEntry {
        AuditEntry {
            by: Some(self.actor.person.clone()),
            message: self.actor.message.clone(),
            ..AuditEntry::done(self.now, self.actor.surface, said)
        }
    }

    /// Refuses a command that the person's roles do not permit. Reads only the instance of the change, and only for people who
    /// may read.
    pub(super) async fn deny(&self, command: &Command, permission: Permission) -> AnswerResult {
        self.deny_of(command.to_string(), permission, command.names_change())
            .await
    }

    /// Like [`RequestContext::deny`], with another text for the trail than the command.
    pub(super) async fn deny_said(&self, said: String, permission: Permission) -> AnswerResult {
        self.deny_of(said, permission, None).await
    }

    /// Like [`RequestContext::deny_said`], with the instance of a change.
    pub(super) async fn deny_of(
        &self,
        said: String,
        permission: Permission,
        change: Option<ChangeRef>,
    ) -> AnswerResult {
        let change = change.filter(|_| self.actor.may(Permission::Read));
        let said = said.as_str();
        let deny = |mut work: UnitOfWork| async move {
            let of = match change {
                Some(ChangeRef(number)) => work.tx.load_change_case(number).await?,
                None => None,
            };
            let answer = Answer::Denied {
                permission,
                missing: needed(permission).to_vec(),
                held: self.actor.roles.clone(),
                of: change.zip(of).map(|(ChangeRef(number), of)| DeniedChange {
                    number,
                    instance: of.instance.called(),
                }),
            };
            let reply = Reply::new(Outcome::Denied, self.now, answer);
            let work = self.claim(work).await?;
            self.finish_said(work, said.to_owned(), reply).await
        };
        self.in_turn(deny).await
    }
}

/// The detail of the audit entry, beyond its events.
fn detail(reply: &Reply) -> Option<String> {
    if let Answer::Set {
        setting, before, ..
    } = &reply.answer
    {
        return Some(render::setting_moved(setting, before.as_ref()));
    }
    if let Answer::Wording(said) = &reply.answer {
        return Some(render::wording::in_the_trail(said));
    }
    reply.notice().map(|number| format!("notice {number}"))
}

/// Commits a part of a longer decision: without an entry in the trail if no case was saved.
pub(super) async fn commit_part(
    settings: &Settings,
    work: UnitOfWork,
    decision: &AuditEntry,
) -> StoreResult<()> {
    if work.is_idle() {
        return work.commit_unrecorded().await;
    }
    commit(settings, work, decision).await
}

/// Commits the saved cases with their posts and audit entries: one entry per case, so that each has its state before and after; a
/// single entry if no case was saved.
pub(super) async fn commit(
    settings: &Settings,
    mut work: UnitOfWork,
    decision: &AuditEntry,
) -> StoreResult<()> {
    follow_names(settings, &mut work, decision.at).await?;
    let read = work.take_read();
    let (mut tx, kept) = work.into_parts();
    let key = settings.audit_key.as_ref();
    if kept.is_empty() {
        tx.append_audit(decision, key).await?;
    }
    let (mut entries, mut said) = (Vec::new(), Vec::new());
    for kept in &kept {
        let posts = posts(settings, kept);
        let is_move =
            |post: &Post| matches!(&post.payload, Payload::Event(PostContent::LeftTeam { .. }));
        // Who knew of it may not be of the new team.
        if posts.iter().any(is_move) {
            tx.end_ack(&kept.case.instance.id).await?;
        }
        said.extend(posts);
        if settings.cards {
            said.extend(keep_current(settings, &mut tx, kept, decision.at).await?);
        }
        let case = &kept.case;
        // Time may pass without any event.
        if decision.by.is_some() || !case.events.is_empty() {
            entries.push(AuditEntry {
                instance: Some(case.instance.id.clone()),
                change: case.number(),
                events: case.events.iter().map(|event| event.kind.clone()).collect(),
                ..decision.clone()
            });
        }
    }
    tx.post_all(&said).await?;
    if !entries.is_empty() {
        tx.append_audits(&entries, key).await?;
    }
    // Boxed: the stack is deep here.
    Box::pin(look_at_written(settings, &mut tx, kept, read, decision.at)).await?;
    tx.commit().await
}

/// Takes back, at once, what rests on the rows of other instances as they were shown, where a name that a decision has given or
/// taken is theirs too, or like theirs.
async fn follow_names(
    settings: &Settings,
    work: &mut UnitOfWork,
    now: Timestamp,
) -> StoreResult<()> {
    let kept = work.kept().iter().map(|kept| &kept.case);
    let names: BTreeSet<InstanceName> = kept.flat_map(Case::names_moved).collect();
    if names.is_empty() || work.tx.totals().await?.open_changes == 0 {
        return Ok(());
    }
    let names: Vec<InstanceName> = names.into_iter().collect();
    let others = work.tx.namesakes_of(&names).await?.into_iter();
    let mut others: Vec<InstanceId> = others.map(|other| other.id).collect();
    others.retain(|id| !work.kept().iter().any(|kept| kept.case.instance.id == *id));
    if others.is_empty() {
        return Ok(());
    }
    let mut moved = work.tx.load_cases(&others).await?;
    moved.retain(|case| case.is_shown_otherwise(now));
    for case in &mut moved {
        case.advance(&settings.policy, now);
    }
    match moved.as_slice() {
        [] => Ok(()),
        _ => work.keep_all(moved).await,
    }
}

/// Plans the reminders of the instance that a decision has written to. For several, only their notices are reviewed next; the
/// schedule does the rest, with one message per channel. `read`: cases that were read, and not saved.
async fn look_at_written(
    settings: &Settings,
    tx: &mut Tx,
    mut kept: Vec<SavedCase>,
    mut read: Vec<Case>,
    now: Timestamp,
) -> StoreResult<()> {
    let written = tx.written_instances();
    let only = match (written.as_slice(), kept.as_slice()) {
        ([only], [kept]) if kept.case.instance.id == *only => true,
        ([only], []) => {
            let case = match read.pop_if(|case| case.instance.id == *only) {
                None => tx.load_case(only).await?,
                held => held,
            };
            return match case {
                Some(case) => look_after(settings, tx, case, now).await,
                None => Ok(()),
            };
        }
        _ => false,
    };
    if let Some(kept) = kept.pop_if(|_| only) {
        return look_after(settings, tx, kept.case, now).await;
    }
    let moved = kept.into_iter().map(|kept| kept.case.instance.id);
    let moved: Vec<InstanceId> = moved.filter(|id| tx.has_written(id)).collect();
    for id in tx.named_by_notices(&moved).await? {
        tx.review_notices_of(&id, RAISED, now).await?;
    }
    Ok(())
}
