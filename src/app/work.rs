//! The one transaction of a command: authority decided before it, then opened, finished and committed, all in one place.

use std::ops::{Deref, DerefMut};

use super::Desk;
use crate::answer::{Answer, Fatal, Reply};
use crate::command::{Ack, Command};
use crate::domain::authority::{Deed, needed};
use crate::domain::case::Case;
use crate::domain::event::Event;
use crate::domain::id::InstanceId;
use crate::domain::outcome::Outcome;
use crate::store::{StoreError, Tx};

/// What a command reads, decides and writes in. Dropped without [`Work::finish`], it changes nothing.
pub(super) struct Work {
    tx: Tx,
    kept: Vec<Kept>,
}

/// What was saved of one case.
pub(super) struct Kept {
    instance: InstanceId,
    change: Option<u64>,
    events: Vec<Event>,
}

impl Desk<'_> {
    /// Decides on authority before anything is read, then runs the command in its one transaction.
    pub(super) async fn answer(&self, command: &Command) -> Result<Reply, Fatal> {
        let Some(deed) = self.deed(command) else {
            return self.help(command);
        };
        if !self.actor.may(deed) {
            let work = self.begin(true).await?;
            return Ok(work.finish(self, command, self.denied(deed)).await?);
        }
        let writes = deed != Deed::Read;
        let mut work = self.begin(writes).await?;
        let reply = self.dispatch(&mut work, command).await?;
        if writes {
            return Ok(work.finish(self, command, reply).await?);
        }
        Ok(reply)
    }

    async fn begin(&self, writes: bool) -> Result<Work, StoreError> {
        let workspace = &self.actor.workspace;
        let tx = if writes {
            self.store.write(workspace).await?
        } else {
            self.store.read(workspace).await?
        };
        let kept = Vec::new();
        Ok(Work { tx, kept })
    }

    /// What a command is for this person: whoever may not take permits is shown the next step without one.
    fn deed(&self, command: &Command) -> Option<Deed> {
        match command {
            Command::Next {
                ack: Ack { ack: None },
                ..
            } if !self.actor.may(Deed::TakePermit) => Some(Deed::Read),
            _ => command.deed(),
        }
    }

    fn denied(&self, deed: Deed) -> Reply {
        let answer = Answer::Denied {
            deed,
            missing: needed(deed).to_vec(),
            held: self.actor.roles.clone(),
        };
        Reply::new(Outcome::Denied, self.now, answer)
    }
}

impl Work {
    /// Saves a case, and remembers what happened to it.
    ///
    /// # Errors
    /// Any [`StoreError`]; the work is to be dropped then.
    pub(super) async fn keep(&mut self, case: &Case) -> Result<(), StoreError> {
        self.tx.save(case).await?;
        self.kept.push(Kept {
            instance: case.instance.id.clone(),
            change: case.change.as_ref().map(|change| change.number),
            events: case.events.clone(),
        });
        Ok(())
    }

    /// Ends a command: whatever belongs to its decision is written, and all of it is committed together.
    ///
    /// Refusals end here as well, with nothing kept.
    ///
    /// # Errors
    /// Any [`StoreError`]; nothing was changed then.
    pub(super) async fn finish(
        self,
        desk: &Desk<'_>,
        command: &Command,
        reply: Reply,
    ) -> Result<Reply, StoreError> {
        self.tx.commit().await?;
        tracing::debug!(
            actor.surface = desk.actor.surface,
            command.deed = ?command.deed(),
            command.outcome = reply.outcome.as_str(),
            "a command was decided"
        );
        for kept in &self.kept {
            tracing::debug!(
                instance.id = %kept.instance,
                change.id = kept.change,
                events = kept.events.len(),
                "a case was saved"
            );
        }
        Ok(reply)
    }
}

impl Deref for Work {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        &self.tx
    }
}

impl DerefMut for Work {
    fn deref_mut(&mut self) -> &mut Tx {
        &mut self.tx
    }
}
