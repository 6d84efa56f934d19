//! Confirmation of steps, its withdrawal, and the end of changes.

use super::RequestContext;
use super::resolve;
use super::unit_of_work::UnitOfWork;
use crate::answer::{Answer, AnswerResult, Reply};
use crate::command::{ChangeRef, Reason, args};
use crate::domain::case::{Case, Confirmation};
use crate::domain::change::{PermitState, Step};
use crate::domain::event::{Event, EventKind};
use crate::domain::outcome::Outcome;
use crate::store::{StoreResult, Tx};

impl RequestContext<'_> {
    pub(super) async fn confirm(
        &self,
        work: &mut UnitOfWork,
        confirm: &args::Confirm,
    ) -> AnswerResult {
        let args::Confirm {
            change,
            step,
            expires,
            evidence,
            outside,
            reason,
            yes_really,
        } = confirm;
        let said = Confirmation {
            step: *step,
            expires: expires.map(|when| self.resolve_when(when)).transpose()?,
            sure: *yes_really,
            evidence: evidence
                .as_ref()
                .map(|evidence| evidence.as_str().to_owned()),
            outside: reason
                .as_ref()
                .filter(|_| *outside)
                .map(|reason| reason.as_str().to_owned()),
        };
        let mut case = resolve::change(&mut work.tx, *change).await?;
        let step = match case.confirm(&said, &self.moment()) {
            Ok(step) => step,
            Err(refusal) => {
                let withdrawn = withdrawn(&mut work.tx, &case, said.step).await?;
                let reply = Reply::refused(case, refusal, self.now);
                return Ok(reply.confirming(said.step, withdrawn));
            }
        };
        work.keep_case(&case).await?;
        let next = case.next_step(self.limits(), self.now);
        let outcome = if case.step_is_disputed(step) {
            Outcome::Inconclusive
        } else {
            Outcome::Done
        };
        let answer = Answer::Confirmed {
            case: Box::new(case),
            step,
            next,
            read_as: self.read_as(*expires),
        };
        Ok(Reply::new(outcome, self.now, answer).about(Some(change.0)))
    }

    pub(super) async fn reopen(
        &self,
        work: &mut UnitOfWork,
        change: ChangeRef,
        step: Step,
        reason: &Reason,
    ) -> AnswerResult {
        let mut case = resolve::change(&mut work.tx, change).await?;
        let other = match case.open_change() {
            Some(open) => Some(open.clone()),
            None => work.tx.change_after(&case.instance.id, change.0).await?,
        };
        let reopened = case.reopen(step, reason.as_str(), other.as_ref(), &self.moment());
        let next = case.next_step(self.limits(), self.now);
        let answer = |case, _steps| Answer::TakenBack { case, next };
        self.keep_or_refuse(work, case, reopened, answer).await
    }

    pub(super) async fn stop(
        &self,
        work: &mut UnitOfWork,
        stop: &args::StopArgs,
        cancelled: bool,
    ) -> AnswerResult {
        let reason = stop.reason.as_str();
        let mut case = resolve::change(&mut work.tx, stop.change).await?;
        let stopped = if cancelled {
            case.cancel(reason, &self.moment())
        } else {
            case.fail(reason, &self.moment())
        };
        let answer = |case, ()| Answer::Ended { case };
        self.keep_or_refuse(work, case, stopped, answer).await
    }
}

/// The withdrawal of the permit for a step, with the changes of facts in the same transaction.
async fn withdrawn(tx: &mut Tx, case: &Case, step: Option<Step>) -> StoreResult<Vec<Event>> {
    let permit = case.open_change().and_then(|change| change.permit.as_ref());
    let held =
        permit.filter(|permit| permit.state == PermitState::Withdrawn && Some(permit.step) == step);
    let (Some(number), Some(_)) = (case.open_number(), held) else {
        return Ok(Vec::new());
    };
    let history = tx.change_history(number, 50).await?;
    let is_withdrawal = |event: &&Event| matches!(event.kind, EventKind::PermitWithdrawn { .. });
    let Some(at) = history.iter().rfind(is_withdrawal).map(|event| event.at) else {
        return Ok(Vec::new());
    };
    let tells = |event: &Event| {
        let told = matches!(
            event.kind,
            EventKind::PermitWithdrawn { .. }
                | EventKind::Moved { .. }
                | EventKind::Described { .. }
        );
        event.at == at && told
    };
    Ok(history.into_iter().filter(tells).collect())
}
