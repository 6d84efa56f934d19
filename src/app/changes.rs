//! Opening changes, and requests for permits.

use super::resolve::{self, Naming};
use super::unit_of_work::UnitOfWork;
use super::{Permits, RequestContext};
use crate::answer::{Answer, AnswerResult, Reply, TooFew, Withheld};
use crate::command::args::{Downgrade, OpenUpgrade};
use crate::command::{Ack, InstanceRef, Reason, TargetRef};
use crate::domain::approval::Nobody;
use crate::domain::case::{Case, Opening, PermitShown, Refusal};
use crate::domain::change::{Change, ChangeKind, Route, Step};
use crate::domain::outcome::Outcome;
use crate::domain::rules::Intent;
use crate::store::Tx;

impl RequestContext<'_> {
    pub(super) async fn open_upgrade(
        &self,
        work: &mut UnitOfWork,
        asked: &OpenUpgrade,
    ) -> AnswerResult {
        let why = asked.reason.as_ref();
        self.open(work, &asked.instance, ChangeKind::Upgrade, why, false)
            .await
    }

    pub(super) async fn open_downgrade(
        &self,
        work: &mut UnitOfWork,
        asked: &Downgrade,
        route: Route,
    ) -> AnswerResult {
        let kind = ChangeKind::Downgrade(route);
        let acknowledged = asked.ack.ack.is_some();
        let why = asked.reason.as_ref();
        self.open(work, &asked.instance, kind, why, acknowledged)
            .await
    }

    async fn open(
        &self,
        work: &mut UnitOfWork,
        instance: &InstanceRef,
        kind: ChangeKind,
        why: Option<&Reason>,
        acknowledged: bool,
    ) -> AnswerResult {
        let mut case = resolve::instance(&mut work.tx, instance, Naming::Exact).await?;
        let opening = Opening {
            kind,
            number: work.tx.next_number().await?,
            acknowledged,
        };
        let verdict = match case.open(&opening, &self.moment()) {
            Ok(verdict) => verdict,
            Err(refusal) => return Ok(Reply::refused(case, refusal, self.now)),
        };
        if let Some(why) = why {
            case.give_reason(why.as_str());
        }
        work.keep_case(&case).await?;
        let next = case.next_step(self.limits(), self.now);
        let change = case.open_number();
        let asked = case.open_change().and_then(Change::request_open);
        let outcome = asked.map_or(Outcome::Allowed, |_| Outcome::NeedsApproval);
        let answer = Answer::Opened {
            case: Box::new(case),
            verdict,
            next,
            too_few: self.too_few(kind),
        };
        Ok(Reply::new(outcome, self.now, answer).about(change))
    }

    /// The step of a change that needs more approvals than there are people to give them, as far as the surface knows.
    fn too_few(&self, kind: ChangeKind) -> Option<TooFew> {
        let able = self.actor.could_approve?;
        let asked = kind
            .steps()
            .map(|step| (step, self.policy().approvals_for(step)));
        let mut short = asked
            .into_iter()
            .filter(|(_, needed)| able < u32::from(*needed));
        if let Some((step, needed)) = short.next() {
            let looks = false;
            return Some(TooFew {
                step,
                able,
                needed,
                looks,
            });
        }
        let looked = kind
            .steps()
            .map(|step| (step, self.policy().observers_for(step)));
        let mut short = looked
            .into_iter()
            .filter(|(_, needed)| able + 1 < u32::from(*needed));
        let (step, needed) = short.next()?;
        let looks = true;
        Some(TooFew {
            step,
            able,
            needed,
            looks,
        })
    }

    pub(super) async fn compare_routes(&self, tx: &mut Tx, instance: &InstanceRef) -> AnswerResult {
        let mut case = resolve::instance(tx, instance, Naming::Exact).await?;
        if !case.instance.is_tracked() {
            return Ok(Reply::refused(case, Refusal::NotTracked, self.now));
        }
        case.advance(self.policy(), self.now);
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
        work: &mut UnitOfWork,
        instance: &InstanceRef,
        ack: Ack,
    ) -> AnswerResult {
        let mut case = resolve::instance(&mut work.tx, instance, Naming::Exact).await?;
        let acknowledged = ack.ack.is_some();
        case.advance(self.policy(), self.now);
        let opened = case.open_change().is_none();
        let asked = if opened {
            let kind = ChangeKind::Downgrade(Route::Unsubscribe);
            let opening = Opening {
                kind,
                number: work.tx.next_number().await?,
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
        work: &mut UnitOfWork,
        target: &TargetRef,
        ack: Ack,
    ) -> AnswerResult {
        let mut case = resolve::target(&mut work.tx, target, Naming::Exact).await?;
        case.advance(self.policy(), self.now);
        if case.change.is_none() && !case.instance.is_tracked() {
            return Ok(Reply::refused(case, Refusal::NotTracked, self.now));
        }
        if case.open_change().is_none() {
            let change = case.number();
            return Ok(self
                .info(Answer::NothingNext {
                    case: Box::new(case),
                })
                .about(change));
        }
        let acknowledged = ack.ack.is_some() && case.acknowledge(&self.moment());
        match case.ask_next(&self.moment()) {
            Ok(Some(shown)) => self.give_permit(work, case, Ok(shown), false).await,
            Ok(None) => {
                let reply = self.next_step(case.clone());
                if acknowledged && reply.outcome == Outcome::Info {
                    work.keep_case(&case).await?;
                }
                Ok(reply)
            }
            Err(refusal) => self.refuse_permit(work, case, refusal).await,
        }
    }

    /// The next step for a person without permission to take permits: shown without one, and nothing is saved.
    pub(super) async fn peek(&self, tx: &mut Tx, target: &TargetRef) -> AnswerResult {
        let mut case = resolve::target(tx, target, Naming::Exact).await?;
        case.advance(self.policy(), self.now);
        if case.change.is_none() && !case.instance.is_tracked() {
            return Ok(Reply::refused(case, Refusal::NotTracked, self.now));
        }
        match case.hindrance(&self.moment()) {
            Some(refusal) => {
                let refusal = self.with_nobody(refusal);
                Ok(Reply::refused(case, refusal, self.now))
            }
            None => Ok(self.next_step(case)),
        }
    }

    /// A refusal for lack of approvals also asks for them, which is recorded.
    async fn refuse_permit(
        &self,
        work: &mut UnitOfWork,
        case: Case,
        refusal: Refusal,
    ) -> AnswerResult {
        if matches!(refusal, Refusal::NeedsApproval(_)) && !case.events.is_empty() {
            work.keep_case(&case).await?;
        }
        let refusal = self.with_nobody(refusal);
        Ok(Reply::refused(case, refusal, self.now))
    }

    /// A refusal for lack of approvals, with the people who do not exist.
    pub(super) fn with_nobody(&self, refusal: Refusal) -> Refusal {
        match refusal {
            Refusal::NeedsApproval(mut lacking) => {
                lacking.nobody = Nobody {
                    else_here: self.actor.could_approve == Some(0),
                    of_team: lacking.team.as_ref().is_some_and(|team| {
                        let has_enough = lacking.given.len() >= usize::from(lacking.needed);
                        has_enough && self.settings.has_no_members(team)
                    }),
                };
                Refusal::NeedsApproval(lacking)
            }
            Refusal::OwnApproval { .. } => Refusal::OwnApproval {
                alone: self.actor.could_approve == Some(0),
            },
            other => other,
        }
    }

    async fn give_permit(
        &self,
        work: &mut UnitOfWork,
        case: Case,
        asked: Result<PermitShown, Refusal>,
        opened: bool,
    ) -> AnswerResult {
        let shown = match asked {
            Ok(shown) => shown,
            Err(refusal) => return self.refuse_permit(work, case, refusal).await,
        };
        if shown.permit.step == Step::Unsubscribe
            && let Some(notice) = work.tx.called_gone(&case.instance.id).await?
        {
            // Nothing is saved: the notice is answered first.
            let change = case.open_number().filter(|_| !opened);
            let refusal = Refusal::CalledGone { notice, change };
            return Ok(Reply::refused(case, refusal, self.now).about(change));
        }
        if let Some(why) = withheld(&self.actor.permits, &case, shown.permit.step) {
            // Nothing is saved: a later request is judged afresh.
            let change = case.open_number().filter(|_| !opened);
            let answer = Answer::Withheld {
                case: Box::new(case),
                step: shown.permit.step,
                opened,
                why,
            };
            return Ok(self.info(answer).about(change));
        }
        work.keep_case(&case).await?;
        let change = case.open_number();
        let answer = Answer::Permit {
            case: Box::new(case),
            shown,
            opened,
        };
        Ok(Reply::new(Outcome::Allowed, self.now, answer).about(change))
    }

    /// Shows a step without a permit; the wait for expiry is judged as well.
    fn next_step(&self, case: Case) -> Reply {
        let change = case.open_number();
        let Some(step) = case.next_step(self.limits(), self.now) else {
            return self
                .info(Answer::NothingNext {
                    case: Box::new(case),
                })
                .about(change);
        };
        let verdict = (step == Step::AwaitExpiry)
            .then(|| case.judge(Intent::Expiry, self.limits(), self.now));
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

/// The reason why a permit is not given on this surface.
pub(super) fn withheld(permits: &Permits, case: &Case, step: Step) -> Option<Withheld> {
    match permits {
        Permits::Shown => None,
        Permits::Elsewhere => Some(Withheld::Elsewhere),
        Permits::Named(_) if step != Step::Unsubscribe => None,
        Permits::Named(None) => Some(Withheld::NotNamed),
        Permits::Named(Some(typed)) => {
            (!case.instance.is_named_by(typed)).then_some(Withheld::NamedWrongly)
        }
    }
}
