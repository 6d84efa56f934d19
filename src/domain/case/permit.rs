//! Permits: leave for one person to carry out one step in the vendor's console.

use super::{Case, Moment, Refusal};
use crate::Timestamp;
use crate::approval::Lacking;
use crate::change::{Change, ChangeKind, OutcomeUnknown, Permit, PermitState, Route, Step};
use crate::event::EventKind;
use crate::instance::InDoubt;
use crate::rules::{Intent, Verdict};

/// A permit for its holder to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermitShown {
    pub permit: Permit,
    /// The verdict now; `None` when an existing permit is shown again.
    pub verdict: Option<Verdict>,
    /// The previous permit for the same step, if unconfirmed: it may have been used.
    pub before: Option<Permit>,
    /// Whether the policy requires no approvals, even for irreversible steps.
    pub alone: bool,
}

impl Case {
    /// Gives the permit for this step, if it is the next step of the open change.
    ///
    /// While it is valid, the holder gets the same permit again, without a new judgement.
    ///
    /// # Errors
    /// When the step is out of order, another person holds its permit, or the documented rules do not allow it.
    pub fn ask_permit(&mut self, step: Step, moment: &Moment<'_>) -> Result<PermitShown, Refusal> {
        if step == Step::Unsubscribe {
            return self.ask_to_unsubscribe(moment);
        }
        self.advance(moment.policy, moment.now);
        let change = self.open_change().ok_or(Refusal::NotTracked)?;
        if !change.kind.steps().contains(&step) {
            let kind = change.kind;
            return Err(Refusal::NoSuchStep { asked: step, kind });
        }
        if step.permit_intent().is_none() {
            return Err(Refusal::NotByHand(step));
        }
        // Steps with a permit come first in their change: one that is not next is done.
        let at = change.record(step).map(|record| record.at);
        if self.next_step(moment.limits(), moment.now) == Some(step) {
            self.give_permit(step, moment)
        } else {
            Err(Refusal::StepDone { step, at })
        }
    }

    /// Gives the permit for this step, which must be the next one.
    fn give_permit(&mut self, step: Step, moment: &Moment<'_>) -> Result<PermitShown, Refusal> {
        let Moment { by, now, .. } = *moment;
        let limits = moment.limits();
        let alone = moment.policy.approvals_for(Step::Unsubscribe) == 0;
        if let Some(permit) = self
            .open_change()
            .and_then(|change| change.permit_out(step))
        {
            return if permit.holder.id == by.id {
                Ok(PermitShown {
                    permit: permit.clone(),
                    verdict: None,
                    before: None,
                    alone,
                })
            } else {
                let (holder, until) = (permit.holder.clone(), self.permit_ends(permit));
                Err(Refusal::PermitHeld {
                    step,
                    holder,
                    until,
                })
            };
        }
        let Some(intent) = step.permit_intent() else {
            return Err(Refusal::NotByHand(step));
        };
        let verdict = self.judge(intent, limits, now);
        if !verdict.allows() {
            let first = self.next_step(limits, now).filter(|first| *first != step);
            return Err(Refusal::Rules {
                intent,
                verdict,
                first,
                may_open: false,
            });
        }
        if let Some(lacking) = self.lacking(step, Some(by), moment.policy, now) {
            let asked = self.ask_again(step, moment);
            let lacking = Box::new(Lacking { asked, ..lacking });
            return Err(Refusal::NeedsApproval(lacking));
        }
        self.settle_request(step, moment.policy, now);
        let before = self.unconfirmed_permit(step);
        let permit = self.show_permit(step, moment);
        Ok(PermitShown {
            permit,
            verdict: Some(verdict),
            before,
            alone,
        })
    }

    /// The last permit for this step, if it lapsed or was withdrawn before it was confirmed.
    fn unconfirmed_permit(&self, step: Step) -> Option<Permit> {
        let last = self.open_change()?.permit.as_ref()?;
        let unconfirmed = matches!(last.state, PermitState::Lapsed | PermitState::Withdrawn);
        (last.step == step && unconfirmed).then(|| last.clone())
    }

    fn show_permit(&mut self, step: Step, moment: &Moment<'_>) -> Permit {
        let permit = Permit {
            serial: self.open_change().map_or(1, Change::next_permit),
            step,
            holder: moment.by.clone(),
            shown_at: moment.now,
            state: PermitState::Out,
            others: self.instance.has_others(),
        };
        // To ask for it again is to say that it has not happened.
        let in_charge = |doubt: &InDoubt| {
            let change = self.change.as_ref()?;
            Some(change.in_charge(&doubt.holder).id == moment.by.id)
        };
        let doubt = self.instance.in_doubt.as_ref();
        let settles = doubt.filter(|doubt| doubt.step == step).and_then(in_charge);
        if settles == Some(true) {
            self.instance.in_doubt = None;
        }
        if let Some(change) = self.open_change_mut() {
            change.permit = Some(permit.clone());
            if step.is_irreversible() {
                change.outcome_unknown = Some(OutcomeUnknown {
                    step,
                    permit_lapsed: false,
                });
                change.own(moment.by);
            }
        }
        if step == Step::Upgrade {
            // From now on it may have a new subscription, whatever becomes of the change.
            self.instance.forget_before_standard();
        }
        self.record_act(moment, EventKind::PermitShown { step });
        permit
    }

    /// Gives the permit to unsubscribe, if that is the next step of the open downgrade.
    ///
    /// # Errors
    /// The first obstacle: the documented rules, the order of the steps, another open change.
    pub fn ask_to_unsubscribe(&mut self, moment: &Moment<'_>) -> Result<PermitShown, Refusal> {
        self.advance(moment.policy, moment.now);
        let change = self.open_change().ok_or(Refusal::NotTracked)?;
        let (number, kind) = (change.number, change.kind);
        let next = self.next_step(moment.limits(), moment.now);
        if next == Some(Step::Unsubscribe) {
            return self.give_permit(Step::Unsubscribe, moment);
        }
        Err(self.refuse_unsubscribe(number, kind, next, moment))
    }

    fn refuse_unsubscribe(
        &self,
        number: u64,
        kind: ChangeKind,
        next: Option<Step>,
        moment: &Moment<'_>,
    ) -> Refusal {
        let intent = Intent::Unsubscribe;
        if kind == ChangeKind::Upgrade {
            return Refusal::OpenChange { number, kind };
        }
        let verdict = self.judge(intent, moment.limits(), moment.now);
        if !verdict.allows() {
            return Refusal::Rules {
                intent,
                verdict,
                first: next,
                may_open: false,
            };
        }
        match (kind, next) {
            (ChangeKind::Downgrade(Route::Unsubscribe), Some(first)) => Refusal::OutOfOrder {
                asked: Step::Unsubscribe,
                first,
                rule: crate::rules::RuleId::ActionBeforeExit,
            },
            _ => Refusal::OpenChange { number, kind },
        }
    }

    /// Asks for the permit of the next step; `None` when that step has no permit and lacks no approval.
    ///
    /// # Errors
    /// When another person holds the permit, or the documented rules do not allow the step.
    pub fn ask_next(&mut self, moment: &Moment<'_>) -> Result<Option<PermitShown>, Refusal> {
        self.advance(moment.policy, moment.now);
        let step = self.next_step(moment.limits(), moment.now);
        match step.filter(|step| step.permit_intent().is_some()) {
            Some(step) => self.give_permit(step, moment).map(Some),
            None if step == Some(Step::AwaitExpiry) => self.ask_to_wait(moment).map(|()| None),
            None => Ok(None),
        }
    }

    /// Opens the request for `await-expiry`, which needs approvals but no permit, because expiry cannot be stopped.
    fn ask_to_wait(&mut self, moment: &Moment<'_>) -> Result<(), Refusal> {
        let Moment { by, now, .. } = *moment;
        let step = Step::AwaitExpiry;
        if !self.judge(Intent::Expiry, moment.limits(), now).allows() {
            return Ok(());
        }
        let Some(lacking) = self.lacking(step, Some(by), moment.policy, now) else {
            return Ok(());
        };
        let asked = self.ask_again(step, moment);
        let lacking = Box::new(Lacking { asked, ..lacking });
        Err(Refusal::NeedsApproval(lacking))
    }

    /// The obstacle to the next step for a person who asks for no permit: the documented rules, or missing approvals.
    pub fn hindrance(&self, moment: &Moment<'_>) -> Option<Refusal> {
        let refusal = self.clone().ask_next(moment).err()?;
        let Refusal::NeedsApproval(lacking) = refusal else {
            return matches!(refusal, Refusal::Rules { .. }).then_some(refusal);
        };
        // Nobody was asked, and the viewer takes no permit, so their own approval counts.
        let Moment { policy, now, .. } = *moment;
        let mut looked_at = self.clone();
        looked_at.advance(policy, now);
        let lacking = looked_at.lacking(lacking.step, None, policy, now)?;
        Some(Refusal::NeedsApproval(Box::new(lacking)))
    }

    /// The refusal that a request for this permit would get; `None` when it would be given.
    pub(super) fn would_refuse(&self, step: Step, moment: &Moment<'_>) -> Option<Refusal> {
        let mut trial = self.clone();
        match step {
            Step::Unsubscribe => trial.ask_to_unsubscribe(moment).err(),
            Step::Upgrade
            | Step::RecordExpiry
            | Step::ChooseAction
            | Step::SetAction
            | Step::AwaitExpiry
            | Step::VerifyStandard => trial.give_permit(step, moment).err(),
        }
    }

    /// The end of a permit. One to unsubscribe ends with the expiry at the latest.
    pub fn permit_ends(&self, permit: &Permit) -> Timestamp {
        let expires = self.instance.expires.value().copied();
        let expires =
            expires.filter(|at| permit.step == Step::Unsubscribe && *at > permit.shown_at);
        let lapses = permit.lapses_at();
        expires.map_or(lapses, |expires| expires.min(lapses))
    }

    pub fn open_number(&self) -> Option<u64> {
        self.open_change().map(|change: &Change| change.number)
    }
}
