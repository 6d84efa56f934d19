//! Messages from outside the chat: taken once, however often they are sent.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::notice::{Decided, Incoming};
use super::unit_of_work::UnitOfWork;
use super::{Actor, RequestContext, Warden};
use crate::answer::{Fatal, Reply};
use crate::domain::authority::Permission;
use crate::store::{FirstAnswer, Receipt, StoreError, StoreResult};

/// How long the first answer to a message is kept.
const KEPT: TimeDelta = TimeDelta::days(30);
/// The HTTP status of a message that was taken.
const ACCEPTED: u16 = 202;
/// The HTTP status for a sender without permission.
const FORBIDDEN: u16 = 403;

/// The answer to a sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The answer, the same for every repeated delivery.
    pub answered: FirstAnswer,
    /// Whether the message was a repetition.
    pub again: bool,
}

/// The notice of a recorded answer.
#[derive(Debug, Deserialize)]
struct RecordedAnswer {
    notice: Option<u64>,
}

/// The body of the answer.
#[derive(Debug, Serialize)]
struct NoticeReply {
    outcome: &'static str,
    notice: Option<u64>,
    rules: Vec<&'static str>,
}

impl Warden {
    /// Takes a message and records the answer, in one transaction: a delivery that is repeated, also after a restart, gets the
    /// first answer and decides nothing, while that answer is true. Without a receipt it cannot be recognised.
    ///
    /// # Errors
    /// When the database cannot be read or written; nothing is taken then.
    pub async fn take_once(
        &self,
        actor: &Actor,
        receipt: Option<&Receipt>,
        incoming: &Incoming,
    ) -> Result<Taken, Fatal> {
        let taking = self.take_once_now(actor, receipt, incoming);
        let log = |taken: &Result<Taken, Fatal>, ms| {
            if let Ok(Taken { answered, again }) = taken {
                tracing::info!(who = %actor.person.id, verb = "notice", answer = %answered.body, again, duration.ms = ms, "a notice was decided");
            }
        };
        self.in_span(actor, Box::pin(taking), log).await
    }

    async fn take_once_now(
        &self,
        actor: &Actor,
        receipt: Option<&Receipt>,
        incoming: &Incoming,
    ) -> Result<Taken, Fatal> {
        let configured = self.configured();
        let context = self.context(&configured, actor);
        if !actor.may(Permission::FileNotice) {
            let denied = context
                .deny_said(incoming.in_the_trail(), Permission::FileNotice)
                .await?;
            let answered = FirstAnswer {
                at: context.now,
                status: FORBIDDEN,
                body: word(&denied)?,
            };
            let again = false;
            return Ok(Taken { answered, again });
        }
        context
            .in_turn(|work| context.take_once_in(work, receipt, incoming))
            .await
    }
}

impl RequestContext<'_> {
    /// Whether the first answer to a message still answers it. The same signature is the same request; under the same id a message
    /// may be handed in again after the facts have changed, and is judged then.
    async fn is_replay(
        &self,
        work: &mut UnitOfWork,
        incoming: &Incoming,
        answered: &FirstAnswer,
    ) -> StoreResult<bool> {
        if incoming.id.is_none() {
            return Ok(true);
        }
        match recorded_answer(answered)?.notice {
            Some(number) => self.still_answers(work, incoming, number).await,
            None => Ok(false),
        }
    }

    async fn take_once_in(
        &self,
        mut work: UnitOfWork,
        receipt: Option<&Receipt>,
        incoming: &Incoming,
    ) -> Result<Taken, Fatal> {
        let settings = self.settings_in(&mut work.tx).await?;
        let context = self.by(&settings);
        if let Some(receipt) = receipt
            && let Some(answered) = work.tx.first_answer(receipt).await?
            && context.is_replay(&mut work, incoming, &answered).await?
        {
            return Ok(Taken {
                answered,
                again: true,
            });
        }
        let decided = context.decide_notice(&mut work, incoming).await?;
        let (Decided::Before(reply) | Decided::Now(reply)) = &decided;
        let answered = FirstAnswer {
            at: context.now,
            status: ACCEPTED,
            body: word(reply)?,
        };
        if let Some(receipt) = receipt {
            let keep_from = context.now - KEPT;
            work.tx.note_answer(receipt, &answered, keep_from).await?;
        }
        match decided {
            Decided::Before(_) => work.commit_unrecorded().await?,
            Decided::Now(reply) => {
                let said = incoming.in_the_trail();
                context.finish_notice(work, said, reply).await?;
            }
        }
        let again = false;
        Ok(Taken { answered, again })
    }
}

fn word(reply: &Reply) -> StoreResult<String> {
    let word = NoticeReply {
        outcome: reply.outcome.as_str(),
        notice: reply.notice(),
        rules: reply.rules.iter().map(|rule| rule.as_str()).collect(),
    };
    serde_json::to_string(&word).map_err(|error| StoreError::Broken(error.into()))
}

fn recorded_answer(answered: &FirstAnswer) -> StoreResult<RecordedAnswer> {
    serde_json::from_str(&answered.body).map_err(|error| StoreError::Broken(error.into()))
}
