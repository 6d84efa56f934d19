//! Reopening: a confirmation was a mistake.

use super::{Case, Moment, Refusal};
use crate::Timestamp;
use crate::change::{Change, OutcomeUnknown, Status, Step};
use crate::event::{EventKind, Withdrawal};
use crate::fact::{Fact, Gap};
use crate::instance::{Edition, InDoubt};

/// The minimum of serials to skip when a change is reopened that had ended before its database was restored.
const AT_LEAST: u64 = 1_000;

impl Case {
    /// Takes back the confirmation of a step and of the steps after it. Facts derived from them become unknown.
    ///
    /// `other` is another change of the instance: the open one, else a later one.
    ///
    /// # Errors
    /// When the step is not done or was not done by hand, another change is open, a later one started from the result of this
    /// one, or seven days after expiry the instance would be presumed deleted at once.
    pub fn reopen(
        &mut self,
        step: Step,
        reason: &str,
        other: Option<&Change>,
        moment: &Moment<'_>,
    ) -> Result<Vec<Step>, Refusal> {
        if !self.instance.is_tracked() {
            return Err(Refusal::NotTracked);
        }
        self.advance(moment.policy, moment.now);
        let change = self.change.as_ref().ok_or(Refusal::NotTracked)?;
        let other = other.filter(|other| other.number != change.number);
        if let Some(other) = other.filter(|other| other.is_open()) {
            return Err(Refusal::OpenChange {
                number: other.number,
                kind: other.kind,
            });
        }
        self.require_done(change, step, moment)?;
        let taken = self.steps_from(step);
        // A later change started from the result of this one.
        if let Some(later) = other.filter(|_| taken.contains(&Step::VerifyStandard)) {
            return Err(Refusal::LaterChange(later.number));
        }
        self.resume(reason, moment);
        self.withdraw_permit(Withdrawal::TakenBack, Some(moment.by), moment.now);
        self.take_back(&taken, reason, moment);
        if self.open_change().is_some() {
            Ok(taken)
        } else {
            Err(Refusal::PresumedDeleted)
        }
    }

    fn require_done(
        &self,
        change: &Change,
        step: Step,
        moment: &Moment<'_>,
    ) -> Result<(), Refusal> {
        let known = change.kind.steps().contains(&step) || change.record(step).is_some();
        if !known {
            Err(Refusal::NoSuchStep {
                asked: step,
                kind: change.kind,
            })
        } else if !self.step_is_done(step, moment.limits(), moment.now) {
            Err(Refusal::StepNotDone(step))
        } else if step == Step::AwaitExpiry {
            Err(Refusal::NotByHand(step))
        } else {
            Ok(())
        }
    }

    /// The step and every later step that is done.
    fn steps_from(&self, step: Step) -> Vec<Step> {
        let mut taken = vec![step];
        if let Some(change) = &self.change {
            let later = change
                .records
                .iter()
                .map(|record| record.step)
                .filter(|done| *done > step);
            taken.extend(later);
        }
        taken
    }

    fn resume(&mut self, reason: &str, moment: &Moment<'_>) {
        let Some(change) = self.change.as_mut().filter(|change| !change.is_open()) else {
            return;
        };
        if let Some(ended) = change.ended_at
            && self.instance.past.restored_since(Some(ended))
        {
            let seconds = (moment.now - ended).num_seconds().max(0).unsigned_abs();
            change.leave_out(seconds.saturating_add(AT_LEAST));
        }
        change.status = Status::Open;
        change.ended_at = None;
        change.ended_by = None;
        change.own(moment.by);
        let kind = EventKind::Reopened {
            reason: reason.to_owned(),
        };
        self.record_act(moment, kind);
    }

    fn take_back(&mut self, taken: &[Step], reason: &str, moment: &Moment<'_>) {
        let before = self.instance.clone();
        let restores = taken.contains(&Step::VerifyStandard)
            && before.edition.value() != Some(&Edition::Platinum);
        for step in taken {
            let record = self.change.as_ref().and_then(|change| change.record(*step));
            let recorded_at = record.map(|record| record.at);
            let is_word = |doubt: &mut InDoubt| doubt.confirmed && doubt.step == *step;
            self.instance.in_doubt.take_if(is_word);
            if let Some(change) = self.open_change_mut() {
                change.records.retain(|record| record.step != *step);
                // Its permit was shown, so the step is unconfirmed again.
                let shown = change
                    .permit
                    .as_ref()
                    .is_some_and(|permit| permit.step == *step);
                if shown && step.is_irreversible() {
                    change.outcome_unknown = Some(OutcomeUnknown {
                        step: *step,
                        permit_lapsed: false,
                    });
                }
            }
            let kind = EventKind::StepTakenBack {
                step: *step,
                reason: Some(reason.to_owned()),
            };
            self.record_act(moment, kind);
            self.forget(*step, recorded_at, moment.now);
        }
        // Without a valid exit, an earlier observation stops counting (rule `action-known`).
        let left = self.open_change().is_some_and(Change::exit_confirmed);
        if restores && !left {
            self.instance.doubt_action(Gap::TakenBack, moment.now);
        }
        self.react(&before, moment, true);
    }

    /// Makes the facts unknown that the confirmation of this step set or led to.
    ///
    /// Later attestations, and facts from a later change, stay. The facts from before `verify-standard` are restored.
    fn forget(&mut self, step: Step, recorded_at: Option<Timestamp>, now: Timestamp) {
        let verified = step == Step::VerifyStandard;
        let change = self.open_change_mut().filter(|_| verified);
        let before = change.and_then(|change| change.before_standard.take());
        let instance = &mut self.instance;
        match step {
            Step::Upgrade if instance.edition.value() == Some(&Edition::Standard) => {}
            Step::VerifyStandard if instance.edition.value() == Some(&Edition::Platinum) => {
                if let Some(before) = before {
                    before.give_back_expiry(instance);
                }
            }
            // Who took one row for another may do so again: what it was goes on to count as possible.
            Step::Upgrade => {
                self.unsay_expiry(Gap::TakenBack, now);
                let instance = &mut self.instance;
                let unsaid = instance.unsaid_expires;
                instance.forget_edition(Gap::TakenBack, now);
                instance.clear_platinum_facts(Gap::TakenBack, now);
                instance.unsaid_expires = unsaid;
            }
            Step::RecordExpiry if instance.expires.known().map(|known| known.at) > recorded_at => {}
            Step::RecordExpiry => self.unsay_expiry(Gap::TakenBack, now),
            Step::ChooseAction => instance.forget_action(Gap::TakenBack, now),
            Step::SetAction | Step::Unsubscribe | Step::AwaitExpiry => {
                instance.doubt_action(Gap::TakenBack, now);
            }
            Step::VerifyStandard => match before {
                Some(before) => {
                    // A listing read since, which its word of Standard contradicts, is right.
                    let platinum = instance.platinum_so_far().cloned();
                    let shown = platinum.filter(|known| Some(known.at) > recorded_at);
                    let expires = instance.expires.known().cloned();
                    let expires = expires.filter(|known| Some(known.at) > recorded_at);
                    before.give_back(instance);
                    instance.forget_before_standard();
                    if let Some(expires) = expires {
                        instance.expires = Fact::Known(expires);
                    }
                    if let Some(platinum) = shown {
                        instance.edition = Fact::Known(platinum);
                        instance.forget_action(Gap::EditionSettled, now);
                    }
                    if instance.past.restored_since(recorded_at) {
                        instance.forget_edition(Gap::Restored, now);
                        instance.forget_action(Gap::Restored, now);
                    }
                }
                None => {
                    instance.edition = Fact::gone(Gap::TakenBack, now);
                    instance.clear_platinum_facts(Gap::TakenBack, now);
                }
            },
        }
    }
}
