//! Confirming steps, taking confirmations back, and ending changes.

use super::Desk;
use super::resolve;
use crate::answer::{Answer, Fatal, Reply, UserError};
use crate::command::{ChangeRef, Command, Reason};
use crate::domain::case::Confirmation;
use crate::domain::change::Step;
use crate::domain::outcome::Outcome;

impl Desk<'_> {
    pub(super) async fn confirm(&self, command: &Command) -> Result<Reply, Fatal> {
        let Command::Confirm {
            change,
            step,
            expires,
            evidence,
            outside,
            reason,
        } = command
        else {
            return Err(UserError::NothingSaid.into());
        };
        let said = Confirmation {
            step: *step,
            expires: expires.map(|when| self.resolve_when(when)).transpose()?,
            evidence: evidence
                .as_ref()
                .map(|evidence| evidence.as_str().to_owned()),
            outside: reason
                .as_ref()
                .filter(|_| *outside)
                .map(|reason| reason.as_str().to_owned()),
        };
        let mut tx = self.write().await?;
        let mut case = resolve::change(&mut tx, *change).await?;
        let step = match case.confirm(&said, &self.moment()) {
            Ok(step) => step,
            Err(refusal) => return Ok(Reply::refused(case, refusal, self.now)),
        };
        tx.save(&case).await?;
        tx.commit().await?;
        let next = case.next_step(self.limits(), self.now);
        let answer = Answer::Confirmed {
            case: Box::new(case),
            step,
            next,
        };
        Ok(Reply::new(Outcome::Done, self.now, answer).about(Some(change.0)))
    }

    pub(super) async fn reopen(
        &self,
        change: ChangeRef,
        step: Step,
        reason: &Reason,
    ) -> Result<Reply, Fatal> {
        let mut tx = self.write().await?;
        let mut case = resolve::change(&mut tx, change).await?;
        let other = tx.open_change_of(&case.instance.id).await?;
        let steps = match case.reopen(step, reason.as_str(), other.as_ref(), &self.moment()) {
            Ok(steps) => steps,
            Err(refusal) => return Ok(Reply::refused(case, refusal, self.now)),
        };
        tx.save(&case).await?;
        tx.commit().await?;
        let next = case.next_step(self.limits(), self.now);
        let answer = Answer::TakenBack {
            case: Box::new(case),
            steps,
            next,
        };
        Ok(Reply::new(Outcome::Done, self.now, answer).about(Some(change.0)))
    }

    pub(super) async fn stop(
        &self,
        change: ChangeRef,
        reason: &Reason,
        cancelled: bool,
    ) -> Result<Reply, Fatal> {
        let mut tx = self.write().await?;
        let mut case = resolve::change(&mut tx, change).await?;
        let stopped = if cancelled {
            case.cancel(reason.as_str(), &self.moment())
        } else {
            case.fail(reason.as_str(), &self.moment())
        };
        if let Err(refusal) = stopped {
            return Ok(Reply::refused(case, refusal, self.now));
        }
        tx.save(&case).await?;
        tx.commit().await?;
        let answer = Answer::Ended {
            case: Box::new(case),
        };
        Ok(Reply::new(Outcome::Done, self.now, answer).about(Some(change.0)))
    }
}
