//! The one place where a decision is committed: with its audit entry and with what it makes the bot say.

use chrono::TimeDelta;

use super::announce::posts;
use super::remind::{RAISED, look_after};
use super::unit_of_work::{SavedCase, UnitOfWork};
use super::{ImportSource, RequestContext, Settings, Warden};
use crate::answer::{Answer, DeniedChange, Fatal, Reply, UserError};
use crate::command::{ChangeRef, Command, Import};
use crate::domain::Timestamp;
use crate::domain::audit::AuditEntry;
use crate::domain::authority::{Permission, needed};
use crate::domain::effect::{Post, PostKind};
use crate::domain::id::InstanceId;
use crate::domain::outcome::Outcome;
use crate::domain::payload::Payload;
use crate::render;
use crate::store::{OpenCard, QueuePlace, StoreError, Tx};

/// How many messages are posted in one statement.
const TOGETHER: usize = 20;

/// How long it is known what was decided on: longer than any chat tells of it again.
const REMEMBERED: TimeDelta = TimeDelta::days(2);

impl RequestContext<'_> {
    /// Begins a decision that takes longer than one command.
    pub(super) async fn begin(&self) -> Result<UnitOfWork, StoreError> {
        let tx = self.store.write(&self.actor.workspace).await?;
        Ok(UnitOfWork::new(tx))
    }

    /// As [`RequestContext::begin`], on what was asked for, of which it is the only decision: whatever process decides first has noted
    /// that in the same transaction.
    pub(super) async fn begin_once(&self) -> Result<UnitOfWork, Fatal> {
        let work = self.begin().await?;
        self.claim(work).await
    }

    /// A place in the line of those who decide.
    pub(super) fn place(&self) -> QueuePlace {
        self.store.place(&self.actor.workspace)
    }

    /// Notes in a decision that has begun that it is the only one on what was asked for.
    pub(super) async fn claim(&self, mut work: UnitOfWork) -> Result<UnitOfWork, Fatal> {
        // What is asked of several instances at once is decided in parts.
        let asked = self.actor.asked().map(|asked| match self.part {
            0 => asked.to_owned(),
            part => format!("{asked}/{part}"),
        });
        if let Some(asked) = asked
            && !work
                .claim_heard(&asked, self.now, self.now - REMEMBERED)
                .await?
        {
            return Err(UserError::DecidedElsewhere.into());
        }
        Ok(work)
    }

    /// Takes facts from a file, in batches.
    pub(super) async fn take_file(
        &self,
        request: &Import,
        source: &ImportSource,
    ) -> Result<Reply, Fatal> {
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

    /// Commits what was decided, refusals included.
    pub(super) async fn finish(
        &self,
        work: UnitOfWork,
        command: &Command,
        reply: Reply,
    ) -> Result<Reply, Fatal> {
        self.finish_said(work, command.to_string(), reply).await
    }

    /// As [`RequestContext::finish`], for what the trail keeps in other words than it was said in.
    pub(super) async fn finish_said(
        &self,
        work: UnitOfWork,
        said: String,
        reply: Reply,
    ) -> Result<Reply, Fatal> {
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

    /// That this person did something.
    pub(super) fn done(&self, said: impl Into<String>) -> AuditEntry {
        AuditEntry {
            by: Some(self.actor.person.clone()),
            message: self.actor.message.clone(),
            ..AuditEntry::done(self.now, self.actor.surface, said)
        }
    }

    /// Refuses what the speaker's roles do not cover. All that is read of the workspace is which instance a change is of, for
    /// anyone who may read.
    pub(super) async fn deny(
        &self,
        command: &Command,
        permission: Permission,
    ) -> Result<Reply, Fatal> {
        self.deny_of(command.to_string(), permission, command.names_change())
            .await
    }

    /// As [`RequestContext::deny`], for what the trail keeps in other words than it was said in.
    pub(super) async fn deny_said(
        &self,
        said: String,
        permission: Permission,
    ) -> Result<Reply, Fatal> {
        self.deny_of(said, permission, None).await
    }

    /// As [`RequestContext::deny_said`], naming the instance of a change.
    pub(super) async fn deny_of(
        &self,
        said: String,
        permission: Permission,
        change: Option<ChangeRef>,
    ) -> Result<Reply, Fatal> {
        let mut place = self.place();
        loop {
            let work = UnitOfWork::new(place.turn().await?);
            let denied = self.deny_in(work, said.clone(), permission, change).await;
            if place.stands().await {
                return denied;
            }
        }
    }

    async fn deny_in(
        &self,
        mut work: UnitOfWork,
        said: String,
        permission: Permission,
        change: Option<ChangeRef>,
    ) -> Result<Reply, Fatal> {
        let change = change.filter(|_| self.actor.may(Permission::Read));
        let of = match change {
            Some(ChangeRef(number)) => work.load_change_case(number).await?,
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
        self.finish_said(work, said, reply).await
    }
}

/// What the trail is told beyond the events.
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

/// Commits what was kept, with what it makes the bot say and what the trail is told. An entry a case, so that each says
/// what was before and after; one without any where nothing was kept.
pub(super) async fn commit(
    settings: &Settings,
    work: UnitOfWork,
    decision: &AuditEntry,
) -> Result<(), StoreError> {
    let (mut tx, kept) = work.into_parts();
    let key = settings.audit_key.as_ref();
    if kept.is_empty() {
        tx.append_audit(decision, key).await?;
    }
    let (mut entries, mut said) = (Vec::new(), Vec::new());
    for kept in &kept {
        said.extend(posts(settings, kept));
        if settings.cards {
            said.extend(keep_current(settings, &mut tx, kept, decision.at).await?);
        }
        let case = &kept.case;
        // Time may only have found out that there is nothing to do.
        if decision.by.is_some() || !case.events.is_empty() {
            entries.push(AuditEntry {
                instance: Some(case.instance.id.clone()),
                change: case.change.as_ref().map(|change| change.number),
                events: case.events.iter().map(|event| event.kind.clone()).collect(),
                ..decision.clone()
            });
        }
    }
    for said in said.chunks(TOGETHER) {
        tx.post_all(said).await?;
    }
    if !entries.is_empty() {
        tx.append_audits(&entries, key).await?;
    }
    // Deep in a decision: what it takes is kept on the heap.
    Box::pin(look_at_written(settings, &mut tx, kept, decision.at)).await?;
    tx.commit().await
}

/// Looks at the instance that a decision has written of. Of several only the notices that name them are looked at next: what
/// is to be said of them is one message a channel, made by the one who looks at what is due.
async fn look_at_written(
    settings: &Settings,
    tx: &mut Tx,
    mut kept: Vec<SavedCase>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let written = tx.written_instances();
    let only = match (written.as_slice(), kept.as_slice()) {
        ([only], [kept]) if kept.case.instance.id == *only => true,
        ([only], []) => {
            return match tx.load_case(only).await? {
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

/// Has the message of a change said again.
async fn keep_current(
    settings: &Settings,
    tx: &mut Tx,
    kept: &SavedCase,
    now: Timestamp,
) -> Result<Option<Post>, StoreError> {
    let Some(change) = &kept.case.change else {
        return Ok(None);
    };
    let home = settings.channel_of(&kept.case.instance);
    let card = OpenCard {
        change: change.number,
        instance: kept.case.instance.id.clone(),
        channel: place_of_card(tx, change.number, home).await?,
    };
    let why = kept.first_event.to_string();
    repost(tx, &card, &why, now).await.map(Some)
}

/// Where the message of a change is kept current: at home, and as long as nothing can be posted there, where it was moved to.
async fn place_of_card(tx: &mut Tx, change: u64, home: String) -> Result<String, StoreError> {
    if !tx.is_refusing(&home).await? {
        return Ok(home);
    }
    Ok(tx.card(change).await?.map_or(home, |card| card.channel))
}

fn key_of(change: u64, why: &str) -> String {
    format!("card:{change}:{why}")
}

/// The message of a change, to be posted again.
async fn repost(
    tx: &mut Tx,
    card: &OpenCard,
    why: &str,
    now: Timestamp,
) -> Result<Post, StoreError> {
    let key = key_of(card.change, why);
    let post = Post {
        change: Some(card.change),
        instances: vec![card.instance.clone()],
        ..Post::new(
            PostKind::Card,
            &card.channel,
            key.clone(),
            now,
            Payload::Card,
        )
    };
    tx.want_card(card.change, &card.channel, &key).await?;
    Ok(post)
}

/// How often the message of a change is said again without anything new to say, in seconds.
const REPOST_EVERY_S: i64 = 3_600;

impl Warden {
    /// Has the messages of all open changes of a workspace said again: while the chat was away they may have been deleted,
    /// or what was said may have been lost. Once an hour at the most, however often the connection comes back.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn repost_changes(&self, workspace: &str) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut tx = self.store.write(workspace).await?;
        let why = format!("repost-{}", now.timestamp() / REPOST_EVERY_S);
        for card in tx.open_cards().await? {
            if !tx.was_posted(&key_of(card.change, &why)).await? {
                let post = repost(&mut tx, &card, &why, now).await?;
                tx.post(&post).await?;
            }
        }
        tx.commit().await
    }
}
