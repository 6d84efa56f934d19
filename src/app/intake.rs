//! What comes in from outside the chat: taken once, however often it is sent.

use chrono::TimeDelta;
use serde::Serialize;

use super::finish::commit;
use super::work::Work;
use super::{Actor, Desk, Warden};
use crate::answer::Fatal;
use crate::domain::audit::AuditEntry;
use crate::domain::effect::{Post, PostKind};
use crate::store::{Answered, Receipt, StoreError};

/// How long a first answer is kept.
const KEPT: TimeDelta = TimeDelta::days(30);
/// What says that something was taken.
const ACCEPTED: u16 = 202;

/// A message of the vendor's that somebody passes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// What it says.
    pub text: String,
    /// Where it comes from, in the sender's words.
    pub source: String,
    /// What the sender calls it.
    pub id: Option<String>,
}

/// What a sender is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The answer, which is that of the first time.
    pub answered: Answered,
    /// Whether it had been taken before.
    pub again: bool,
}

/// What an incoming message comes to, as its sender reads it.
#[derive(Debug, Serialize)]
struct Word {
    outcome: &'static str,
    notice: Option<u64>,
}

impl Warden {
    /// Takes what comes in, and notes what is answered, in one transaction: whoever sends it again, also after a restart,
    /// gets the first answer and decides nothing. Without a receipt there is nothing to know it again by.
    ///
    /// # Errors
    /// When the database cannot be read or written; nothing is taken then.
    pub async fn take_once(
        &self,
        actor: &Actor,
        receipt: Option<&Receipt>,
        incoming: &Incoming,
    ) -> Result<Taken, Fatal> {
        let desk = self.desk(actor);
        let mut work = desk.begin().await?;
        if let Some(receipt) = receipt
            && let Some(answered) = work.first_answer(receipt).await?
        {
            return Ok(Taken {
                answered,
                again: true,
            });
        }
        let word = desk.take_incoming(&mut work, incoming).await?;
        let answered = Answered {
            at: desk.now,
            status: ACCEPTED,
            body: serde_json::to_string(&word).map_err(|error| StoreError::Broken(error.into()))?,
        };
        if let Some(receipt) = receipt {
            let keep_from = desk.now - KEPT;
            work.note_answer(receipt, &answered, keep_from).await?;
        }
        desk.finish_incoming(work, &word).await?;
        let again = false;
        Ok(Taken { answered, again })
    }
}

impl Desk<'_> {
    /// Raises it as it is, in the default channel: nothing is recognised here, and what is not proved redundant is raised.
    async fn take_incoming(&self, work: &mut Work, incoming: &Incoming) -> Result<Word, Fatal> {
        let payload = serde_json::json!({ "text": incoming.text });
        let post = Post {
            kind: PostKind::Notice,
            channel: self.settings.channels.default.to_string(),
            key: format!("incoming:{:016x}", fastrand::u64(..)),
            due: self.now,
            change: None,
            instances: Vec::new(),
            mentions: Vec::new(),
            payload: payload.to_string(),
        };
        work.post(&post).await?;
        Ok(Word {
            outcome: "raised",
            notice: None,
        })
    }

    async fn finish_incoming(&self, work: Work, word: &Word) -> Result<(), StoreError> {
        let decision = AuditEntry {
            at: self.now,
            by: Some(self.actor.person.clone()),
            surface: self.actor.surface.to_owned(),
            message: self.actor.message.clone(),
            said: "notice".to_owned(),
            outcome: word.outcome.to_owned(),
            rules: Vec::new(),
            instance: None,
            change: None,
            events: Vec::new(),
            detail: None,
        };
        commit(self.settings, work, &decision).await
    }
}
