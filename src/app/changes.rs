//! Opening changes and asking for permits.

use super::Desk;
use super::resolve::{self, Naming};
use super::work::Work;
use crate::answer::{Answer, Fatal, Reply};
use crate::command::{Ack, InstanceRef, TargetRef};
use crate::domain::case::{Case, Opening, PermitShown, Refusal};
use crate::domain::change::{ChangeKind, Route, Step};
use crate::domain::outcome::Outcome;
use crate::domain::rules::Intent;
use crate::store::Tx;

impl Desk<'_> {
    pub(super) async fn open_upgrade(
        &self,
        work: &mut Work,
        instance: &InstanceRef,
    ) -> Result<Reply, Fatal> {
        self.open(work, instance, ChangeKind::Upgrade, false).await
    }

    pub(super) async fn open_downgrade(
        &self,
        work: &mut Work,
        instance: &InstanceRef,
        route: Route,
        ack: Ack,
    ) -> Result<Reply, Fatal> {
        let kind = ChangeKind::Downgrade(route);
        self.open(work, instance, kind, ack.ack.is_some()).await
    }

    async fn open(
        &self,
        work: &mut Work,
        instance: &InstanceRef,
        kind: ChangeKind,
        acknowledged: bool,
    ) -> Result<Reply, Fatal> {
        let mut case = resolve::instance(work, instance, Naming::Exact).await?;
        let opening = Opening {
            kind,
            number: work.next_number().await?,
            acknowledged,
        };
        let verdict = match case.open(&opening, &self.moment()) {
            Ok(verdict) => verdict,
            Err(refusal) => return Ok(Reply::refused(case, refusal, self.now)),
        };
        work.keep(&case).await?;
        let next = case.next_step(self.limits(), self.now);
        let change = case.open_number();
        let answer = Answer::Opened {
            case: Box::new(case),
            verdict,
            next,
        };
        Ok(Reply::new(Outcome::Allowed, self.now, answer).about(change))
    }

    pub(super) async fn compare_routes(
        &self,
        tx: &mut Tx,
        instance: &InstanceRef,
    ) -> Result<Reply, Fatal> {
        let mut case = resolve::instance(tx, instance, Naming::Exact).await?;
        if !case.instance.is_tracked() {
            return Ok(Reply::refused(case, Refusal::NotTracked, self.now));
        }
        case.advance(self.limits(), self.now);
        let verdicts = [Route::Unsubscribe, Route::Expiry].map(|route| {
            let intent = Intent::Downgrade(Some(route));
            (route, case.judge(intent, self.limits(), self.now))
        });
        let change = case.open_number();
        let answer = Answer::Routes {
            case: Box::new(case),
            verdicts: verdicts.into(),
        };
        Ok(self.info(answer).about(change))
    }

    pub(super) async fn unsubscribe(
        &self,
        work: &mut Work,
        instance: &InstanceRef,
        ack: Ack,
    ) -> Result<Reply, Fatal> {
        let mut case = resolve::instance(work, instance, Naming::Exact).await?;
        let acknowledged = ack.ack.is_some();
        case.advance(self.limits(), self.now);
        let opened = case.open_change().is_none();
        let asked = if opened {
            let kind = ChangeKind::Downgrade(Route::Unsubscribe);
            let opening = Opening {
                kind,
                number: work.next_number().await?,
                acknowledged,
            };
            case.open_and_unsubscribe(&opening, &self.moment())
        } else {
            if acknowledged {
                case.acknowledge(&self.moment());
            }
            case.ask_to_unsubscribe(&self.moment())
        };
        self.give_permit(work, case, asked, opened).await
    }

    pub(super) async fn next(
        &self,
        work: &mut Work,
        target: &TargetRef,
        ack: Ack,
    ) -> Result<Reply, Fatal> {
        let mut case = resolve::target(work, target, Naming::Exact).await?;
        case.advance(self.limits(), self.now);
        if let Some(reply) = self.stands_still(&case) {
            return Ok(reply);
        }
        let acknowledged = ack.ack.is_some() && case.acknowledge(&self.moment());
        match case.ask_next(&self.moment()) {
            Ok(Some(shown)) => self.give_permit(work, case, Ok(shown), false).await,
            Ok(None) => {
                let reply = self.next_step(case.clone());
                if acknowledged && reply.outcome == Outcome::Info {
                    work.keep(&case).await?;
                }
                Ok(reply)
            }
            Err(refusal) => Ok(Reply::refused(case, refusal, self.now)),
        }
    }

    /// The next step for somebody who may not take its permit.
    pub(super) async fn show_next(&self, tx: &mut Tx, target: &TargetRef) -> Result<Reply, Fatal> {
        let mut case = resolve::target(tx, target, Naming::Exact).await?;
        case.advance(self.limits(), self.now);
        let stands_still = self.stands_still(&case);
        Ok(stands_still.unwrap_or_else(|| self.next_step(case)))
    }

    /// What there is to say where nothing comes next.
    fn stands_still(&self, case: &Case) -> Option<Reply> {
        if case.change.is_none() && !case.instance.is_tracked() {
            return Some(Reply::refused(case.clone(), Refusal::NotTracked, self.now));
        }
        let change = case.change.as_ref().map(|change| change.number);
        let answer = Answer::NothingNext {
            case: Box::new(case.clone()),
        };
        case.open_change()
            .is_none()
            .then(|| self.info(answer).about(change))
    }

    async fn give_permit(
        &self,
        work: &mut Work,
        case: Case,
        asked: Result<PermitShown, Refusal>,
        opened: bool,
    ) -> Result<Reply, Fatal> {
        let shown = match asked {
            Ok(shown) => shown,
            Err(refusal) => return Ok(Reply::refused(case, refusal, self.now)),
        };
        work.keep(&case).await?;
        let change = case.open_number();
        let answer = Answer::Permit {
            case: Box::new(case),
            shown,
            opened,
        };
        Ok(Reply::new(Outcome::Allowed, self.now, answer).about(change))
    }

    /// A step without its permit: what it needs of the documented rules is judged as well, unless somebody is at it.
    fn next_step(&self, case: Case) -> Reply {
        let change = case.open_number();
        let Some(step) = case.next_step(self.limits(), self.now) else {
            return self
                .info(Answer::NothingNext {
                    case: Box::new(case),
                })
                .about(change);
        };
        let held = case
            .open_change()
            .is_some_and(|change| change.permit_out(step).is_some());
        let intent = (step == Step::AwaitExpiry).then_some(Intent::Expiry);
        let intent = step.permit_intent().filter(|_| !held).or(intent);
        let verdict = intent.map(|intent| case.judge(intent, self.limits(), self.now));
        let outcome = match &verdict {
            Some(verdict) if !verdict.allows() => verdict.outcome,
            _ => Outcome::Info,
        };
        let answer = Answer::NextStep {
            case: Box::new(case),
            step,
            verdict: verdict.clone(),
        };
        let reply = Reply::new(outcome, self.now, answer).about(change);
        match &verdict {
            Some(verdict) => reply.decided_by(verdict),
            None => reply,
        }
    }
}
