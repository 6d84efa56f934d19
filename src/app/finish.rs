//! The one place where a decision is committed: with its audit entry and with what it makes the bot say.

use super::announce::posts;
use super::work::Work;
use super::{Desk, ImportSource, Settings};
use crate::answer::{Answer, Fatal, Reply};
use crate::command::{Ack, Command, Import};
use crate::domain::authority::{Deed, needed};
use crate::domain::outcome::Outcome;
use crate::store::StoreError;

impl Desk<'_> {
    /// Begins a decision.
    pub(super) async fn begin(&self) -> Result<Work, StoreError> {
        let tx = self.store.write(&self.actor.workspace).await?;
        Ok(Work::new(tx))
    }

    /// What a command is for this person: whoever may not take permits is shown the next step without one.
    pub(super) fn deed(&self, command: &Command) -> Option<Deed> {
        match command {
            Command::Next {
                ack: Ack { ack: None },
                ..
            } if !self.actor.may(Deed::TakePermit) => Some(Deed::Read),
            _ => command.deed(),
        }
    }

    /// Takes facts from a file, in one transaction.
    pub(super) async fn take_file(
        &self,
        request: &Import,
        source: &ImportSource,
    ) -> Result<Reply, Fatal> {
        let command = Command::Import(request.clone());
        if let Some(deed) = command.deed().filter(|deed| !self.actor.may(*deed)) {
            return self.deny(&command, deed).await;
        }
        let mut work = self.begin().await?;
        let reply = self.import(&mut work, request, source).await?;
        self.finish(work, &command, reply).await
    }

    /// Commits what was decided, refusals included.
    pub(super) async fn finish(
        &self,
        work: Work,
        _command: &Command,
        reply: Reply,
    ) -> Result<Reply, Fatal> {
        let undecided = matches!(reply.outcome, Outcome::Info | Outcome::Invalid);
        if work.is_trial() || (undecided && work.is_idle()) {
            return Ok(reply);
        }
        commit(self.settings, work, None).await?;
        Ok(reply)
    }

    /// Refuses what the speaker's roles do not cover; nothing of the workspace was read.
    pub(super) async fn deny(&self, command: &Command, deed: Deed) -> Result<Reply, Fatal> {
        let answer = Answer::Denied {
            deed,
            missing: needed(deed).to_vec(),
            held: self.actor.roles.clone(),
        };
        let reply = Reply::new(Outcome::Denied, self.now, answer);
        let work = self.begin().await?;
        self.finish(work, command, reply).await
    }
}

/// Commits what was kept, with what it makes the bot say and the audit entry.
pub(super) async fn commit(
    settings: &Settings,
    work: Work,
    _entry: Option<()>,
) -> Result<(), StoreError> {
    let (mut tx, kept) = work.into_parts();
    for kept in &kept {
        for post in posts(settings, kept)? {
            tx.post(&post).await?;
        }
    }
    tx.commit().await
}
