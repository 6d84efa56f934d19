//! Confirmation of a step.

use super::{Case, Moment, Refusal};
use crate::Timestamp;
use crate::change::{ChangeKind, How, PermitState, Route, Status, Step, StepRecord};
use crate::event::Manner;
use crate::fact::{Fact, Gap};
use crate::instance::{Edition, PlatinumFacts, PostExpirationAction};
use crate::rules::{Intent, RuleId};

/// The input of a confirmation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confirmation {
    /// The step; `None` means the next one.
    pub step: Option<Step>,
    /// The date for `record-expiry`.
    pub expires: Option<Timestamp>,
    /// Whether an unlikely date is confirmed.
    pub sure: bool,
    /// A reference to the evidence.
    pub evidence: Option<String>,
    /// The reason, when the step was done without a permit.
    pub outside: Option<String>,
}

impl Case {
    /// Records that a step is done, and derives the facts that follow. `verify-standard` is not done as long as one person alone
    /// says so of an instance that was on Delete.
    ///
    /// After a permit the rules are not judged again: the step has happened.
    ///
    /// # Errors
    /// When the step is out of order or done already, no permit was shown, or the input does not fit the step.
    pub fn confirm(&mut self, said: &Confirmation, moment: &Moment<'_>) -> Result<Step, Refusal> {
        self.advance(moment.policy, moment.now);
        let step = self.named_step(said, moment)?;
        let before = self.instance.clone();
        match step {
            Step::Upgrade => self.confirm_upgrade(said, moment)?,
            Step::RecordExpiry => self.confirm_expiry(said, moment)?,
            Step::ChooseAction => {
                self.require_upgraded(Step::ChooseAction, RuleId::ActionAfterCreation)?;
                return Err(Refusal::NotByHand(Step::ChooseAction));
            }
            Step::SetAction => self.confirm_set_action(said, moment)?,
            Step::Unsubscribe => self.confirm_unsubscribe(said, moment)?,
            Step::AwaitExpiry => return Err(self.refuse_await_expiry(moment)),
            Step::VerifyStandard => self.confirm_standard(said, moment)?,
        }
        self.react(&before, moment, true);
        Ok(step)
    }

    fn named_step(&self, said: &Confirmation, moment: &Moment<'_>) -> Result<Step, Refusal> {
        let change = self.change.as_ref().ok_or(Refusal::NotTracked)?;
        if !change.is_open() {
            let record = said.step.and_then(|step| change.record(step));
            return Err(match record {
                Some(record) => Refusal::StepDone {
                    step: record.step,
                    at: Some(record.at),
                },
                None => Refusal::Finished {
                    status: change.status.clone(),
                    as_asked: said.step.is_none() && change.status == Status::Done,
                },
            });
        }
        let next = self.next_step(moment.limits(), moment.now);
        let step = said.step.or(next).ok_or(Refusal::NotTracked)?;
        // The last step ends the change and its reminders: a bare `confirm` may have been meant for the step before.
        if said.step.is_none() && (step.is_irreversible() || step == Step::VerifyStandard) {
            return Err(Refusal::NameTheStep(step));
        }
        self.check_words(change.kind, step, said)?;
        // `set-action` is done by its facts, not by its record, because the action ages.
        match change.record(step).filter(|_| step != Step::SetAction) {
            Some(record) => Err(Refusal::StepDone {
                step,
                at: Some(record.at),
            }),
            None => Ok(step),
        }
    }

    fn check_words(
        &self,
        kind: ChangeKind,
        step: Step,
        said: &Confirmation,
    ) -> Result<(), Refusal> {
        // A person may have unsubscribed although the change was to wait for the expiry.
        let detour = matches!(kind, ChangeKind::Downgrade(Route::Expiry))
            && step == Step::Unsubscribe
            && said.outside.is_some();
        if !kind.steps().contains(&step) && !detour {
            return Err(Refusal::NoSuchStep { asked: step, kind });
        }
        if said.expires.is_some() && step != Step::RecordExpiry {
            return Err(Refusal::ExpiryOnlyForRecordExpiry(step));
        }
        if said.outside.is_some() && step.permit_intent().is_none() {
            return Err(Refusal::OutsideOnlyForPermitSteps(step));
        }
        Ok(())
    }

    /// Requires a shown permit, or `--outside`, for a step in the vendor's console.
    fn require_permit(
        &self,
        step: Step,
        said: &Confirmation,
        moment: &Moment<'_>,
    ) -> Result<(), Refusal> {
        let shown = self
            .open_change()
            .is_some_and(|change| change.permit_was_shown(step));
        if shown || said.outside.is_some() {
            return Ok(());
        }
        let withdrawn = self.open_change().and_then(|change| change.permit.as_ref());
        let withdrawn = withdrawn
            .is_some_and(|permit| permit.step == step && permit.state == PermitState::Withdrawn);
        let needs = if withdrawn {
            Refusal::PermitWithdrawn(step)
        } else {
            Refusal::NeedsPermit(step)
        };
        Err(self.would_refuse(step, moment).unwrap_or(needs))
    }

    fn record_confirmed(&mut self, step: Step, said: &Confirmation, moment: &Moment<'_>) {
        let (how, manner) = match &said.outside {
            Some(reason) => (How::Outside(Some(reason.clone())), Manner::Outside),
            None => (How::Confirmed, Manner::Confirmed),
        };
        let record = StepRecord {
            step,
            how,
            by: Some(moment.by.clone()),
            at: moment.now,
            evidence: said.evidence.clone(),
        };
        self.record_step(record, manner, said.outside.clone());
    }

    fn confirm_upgrade(&mut self, said: &Confirmation, moment: &Moment<'_>) -> Result<(), Refusal> {
        self.require_permit(Step::Upgrade, said, moment)?;
        let Moment { by, now, .. } = *moment;
        self.record_confirmed(Step::Upgrade, said, moment);
        self.instance.forget_before_standard();
        self.instance.clear_platinum_facts(Gap::Upgraded, now);
        self.instance.edition = Fact::derived(Edition::Platinum, by, now);
        self.instance
            .set_action(Fact::derived(PostExpirationAction::Delete, by, now));
        Ok(())
    }

    fn confirm_expiry(&mut self, said: &Confirmation, moment: &Moment<'_>) -> Result<(), Refusal> {
        self.require_upgraded(Step::RecordExpiry, RuleId::UpgradeFromStandard)?;
        if self.instance.edition.value() == Some(&Edition::Standard) {
            return Err(Refusal::UpgradeContradicted);
        }
        let expires = said.expires.ok_or(Refusal::ExpiryMissing)?;
        let unlikely = self.unlikely(expires, moment.now).filter(|_| !said.sure);
        if let Some(unlikely) = unlikely {
            return Err(Refusal::UnlikelyExpiry(unlikely));
        }
        self.record_confirmed(Step::RecordExpiry, said, moment);
        self.take_expiry(Fact::attested(expires, moment.by, moment.now), moment.now);
        Ok(())
    }

    fn require_upgraded(&self, asked: Step, rule: RuleId) -> Result<(), Refusal> {
        let upgraded = self
            .open_change()
            .is_some_and(|change| change.record(Step::Upgrade).is_some());
        if upgraded {
            Ok(())
        } else {
            Err(Refusal::OutOfOrder {
                asked,
                first: Step::Upgrade,
                rule,
            })
        }
    }

    fn confirm_set_action(
        &mut self,
        said: &Confirmation,
        moment: &Moment<'_>,
    ) -> Result<(), Refusal> {
        if self.step_is_done(Step::SetAction, moment.limits(), moment.now) {
            let at = self.instance.action.known().map(|known| known.at);
            return Err(Refusal::StepDone {
                step: Step::SetAction,
                at,
            });
        }
        let next = self.next_step(moment.limits(), moment.now);
        if said.outside.is_none() && next == Some(Step::AwaitExpiry) {
            // It was set, and is looked at again.
            return Err(Refusal::Rules {
                intent: Intent::Expiry,
                verdict: self.judge(Intent::Expiry, moment.limits(), moment.now),
                first: None,
                may_open: false,
            });
        }
        self.require_permit(Step::SetAction, said, moment)?;
        if let Some(change) = self.open_change_mut() {
            change
                .records
                .retain(|record| record.step != Step::SetAction);
        }
        self.record_confirmed(Step::SetAction, said, moment);
        let downgrade = Fact::attested(PostExpirationAction::Downgrade, moment.by, moment.now);
        self.take_action(downgrade, moment);
        Ok(())
    }

    fn confirm_unsubscribe(
        &mut self,
        said: &Confirmation,
        moment: &Moment<'_>,
    ) -> Result<(), Refusal> {
        self.require_permit(Step::Unsubscribe, said, moment)?;
        self.record_confirmed(Step::Unsubscribe, said, moment);
        self.instance.left_on_delete = !self.downgrade_known(moment.limits(), moment.now);
        Ok(())
    }

    fn refuse_await_expiry(&self, moment: &Moment<'_>) -> Refusal {
        if self.instance.expired_at(moment.now).is_some() {
            return Refusal::WaitsForAction;
        }
        match self.next_step(moment.limits(), moment.now) {
            Some(Step::SetAction) => Refusal::OutOfOrder {
                asked: Step::AwaitExpiry,
                first: Step::SetAction,
                rule: RuleId::ActionBeforeExit,
            },
            _ => Refusal::NotByHand(Step::AwaitExpiry),
        }
    }

    fn confirm_standard(
        &mut self,
        said: &Confirmation,
        moment: &Moment<'_>,
    ) -> Result<(), Refusal> {
        let confirmed = self
            .open_change()
            .is_some_and(crate::change::Change::exit_confirmed);
        if !confirmed {
            let first = self
                .next_step(moment.limits(), moment.now)
                .unwrap_or(Step::SetAction);
            let rule = if first == Step::SetAction {
                RuleId::ActionBeforeExit
            } else {
                RuleId::ExitConverts
            };
            return Err(Refusal::OutOfOrder {
                asked: Step::VerifyStandard,
                first,
                rule,
            });
        }
        let standard = Fact::attested(Edition::Standard, moment.by, moment.now);
        let edition = self.spoken_edition(standard, moment);
        if edition.value() == Some(&Edition::Standard) {
            let before = PlatinumFacts::of(&self.instance);
            self.record_confirmed(Step::VerifyStandard, said, moment);
            if let Some(change) = self.open_change_mut() {
                change.before_standard = Some(Box::new(before));
            }
        }
        self.take_edition(edition, moment.now);
        Ok(())
    }
}
