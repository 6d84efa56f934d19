//! The effects of moved facts on the open change.

use super::advance::use_permit;
use super::{Case, Moment};
use crate::Timestamp;
use crate::change::{Change, ChangeKind, Fingerprint, How, PermitState, Status, Step, StepRecord};
use crate::event::{EventKind, FactValue, Manner, Withdrawal};
use crate::fact::{Fact, Gap};
use crate::id::Person;
use crate::instance::{AtExpiry, Edition, Instance, PlatinumFacts, PostExpirationAction};
use crate::rules::FactKind;

impl Case {
    /// Records the facts that moved since `before`, and takes back the parts of the open change that no longer hold.
    ///
    /// `inside` means that a step of the change itself moved the facts.
    pub(crate) fn react(&mut self, before: &Instance, moment: &Moment<'_>, inside: bool) {
        let moved = self.note_moves(before, Some(moment.by), moment.now);
        self.settle_doubt();
        self.instance.platinum_implied &= self.instance.edition.is_contradictory();
        self.note_action_at_exit();
        self.note_platinum_again(before, moment, inside);
        // Only a new look is news: a handover of a change is none.
        let seen = self.instance.seen_platinum();
        self.note_outlived(seen.filter(|_| seen > before.seen_platinum()), moment);
        // An instance that became Standard has no expiry or action because the waiting is over.
        let converted = self.instance.edition.value() == Some(&Edition::Standard);
        if moved.contains(&FactKind::Expires) && !converted {
            // The expiry turned out to be later.
            if self.instance.expired_at(moment.now).is_none() {
                self.take_back_waiting(moment);
            }
        }
        if moved.contains(&FactKind::Action) && !converted {
            // The action known at expiry stays known until a person attests otherwise.
            let settled = self.instance.at_expiry == Some(AtExpiry::Converts);
            // That the observer has left says nothing of what they saw then.
            let left = matches!(self.instance.action, Fact::Unknown { gap, .. } if gap == Gap::ObserverGone);
            let downgrade = self.instance.action.value() == Some(&PostExpirationAction::Downgrade);
            if !settled && !left && !downgrade {
                self.take_back_waiting(moment);
            }
        }
        self.advance(moment.policy, moment.now);
        if self.open_change().is_none() {
            return;
        }
        self.complete_set_action(moment);
        let renamed = before.name != self.instance.name
            || before.region_shown() != self.instance.region_shown()
            || (before.team != self.instance.team && self.rests_on_team());
        if let Some(step) = self.result_of_permit(before) {
            self.record_shown(step, moment);
        } else if (!moved.is_empty() || renamed) && !inside {
            self.withdraw_permit(Withdrawal::FactMoved, Some(moment.by), moment.now);
        }
        self.void_acknowledgement(before, moment);
        self.complete_await_expiry(Some(moment.by), moment.limits(), moment.now);
        self.follow_edition(before, moment);
        self.finish_upgrade(moment);
        // The edition itself may be what withdrew the permit.
        self.settle_doubt();
        self.note_action_at_exit();
        let fingerprint = Fingerprint::of(&self.instance);
        if let Some(change) = self.open_change_mut() {
            change.decided_on = fingerprint;
        }
        self.void_request(moment);
        self.ask_when_next(Some(moment.by), moment.policy, moment.now);
    }

    /// Remembers what the exit of an instance that is reported as unsubscribed found, for as long as that is said and nobody has
    /// seen what happened to it.
    fn note_action_at_exit(&mut self) {
        let left = self.is_said_to_be_unsubscribed();
        let on_delete = self.instance.was_on_delete();
        self.instance.left_on_delete = left && on_delete;
    }

    /// Records that it is not known to be Standard any more, with the change that this had ended. A step of a change says so by itself.
    fn note_platinum_again(&mut self, before: &Instance, moment: &Moment<'_>, inside: bool) {
        let back = before.before_standard.is_some() && self.instance.before_standard.is_none();
        let upgrades = self.open_change();
        let upgrades = upgrades.is_some_and(|change| change.kind == ChangeKind::Upgrade);
        if !back || upgrades || inside {
            return;
        }
        let ended = self.instance.ended_by_standard;
        if ended.is_some() || self.instance.reminded_expiry().is_some() {
            let doubted = self.instance.edition.value() != Some(&Edition::Platinum);
            self.record_act(moment, EventKind::PlatinumAgain { ended, doubted });
        }
    }

    /// Records once that it was seen as Platinum although its release was due. Then the expiry has not led to Standard either.
    pub(crate) fn note_outlived(&mut self, seen: Option<Timestamp>, moment: &Moment<'_>) {
        let instance = &self.instance;
        let is_noted = instance
            .outlives(instance.past.outlived(), moment.now)
            .is_some();
        if is_noted || instance.outlives(seen, moment.now).is_none() {
            return;
        }
        self.instance.at_expiry = Some(AtExpiry::AtRisk);
        self.drop_waiting(Some(moment.by), moment.now);
        self.record_act(moment, EventKind::Outlived);
    }

    pub(super) fn note_moves(
        &mut self,
        before: &Instance,
        by: Option<&Person>,
        at: Timestamp,
    ) -> Vec<FactKind> {
        let mut moved = Vec::new();
        for fact in FactKind::moving() {
            let (from, to) = (
                FactValue::of(before, fact),
                FactValue::of(&self.instance, fact),
            );
            if from != to {
                moved.push(fact);
                self.record_event(at, by, EventKind::Moved { fact, from, to });
            }
        }
        moved
    }

    /// Whether the permit rests on an approval of somebody of the instance's team.
    fn rests_on_team(&self) -> bool {
        let permit = self.open_change().and_then(|change| change.permit.as_ref());
        permit.is_some_and(|permit| permit.step == Step::Unsubscribe)
    }

    /// The step with a permit whose result is seen in an edition that is not older than the permit. A listing may show it before
    /// anybody confirms it.
    fn result_of_permit(&self, before: &Instance) -> Option<Step> {
        let permit = self.open_change()?.permit.as_ref()?;
        let given = matches!(permit.state, PermitState::Out | PermitState::Lapsed);
        let seen = self.instance.edition.known()?;
        let result = permit.step.leads_to()?;
        let is_new = before.edition.value() != Some(&result) && seen.at >= permit.shown_at;
        (given && is_new && seen.value == result).then_some(permit.step)
    }

    fn take_back_waiting(&mut self, moment: &Moment<'_>) {
        self.drop_waiting(Some(moment.by), moment.now);
    }

    pub(super) fn drop_waiting(&mut self, by: Option<&Person>, at: Timestamp) {
        let Some(change) = self.open_change_mut() else {
            return;
        };
        let before = change.records.len();
        change
            .records
            .retain(|record| record.step != Step::AwaitExpiry);
        if change.records.len() < before {
            let kind = EventKind::StepTakenBack {
                step: Step::AwaitExpiry,
                reason: None,
            };
            self.record_event(at, by, kind);
        }
    }

    /// Marks the permit of `set-action` as used, not withdrawn, when its target is attested.
    fn complete_set_action(&mut self, moment: &Moment<'_>) {
        let set = self
            .open_change()
            .and_then(|change| change.kind.route())
            .is_some_and(|route| self.action_is_set(route, moment.limits(), moment.now));
        if let Some(change) = self.open_change_mut().filter(|_| set) {
            use_permit(change, Step::SetAction);
        }
    }

    /// Voids the acceptance of the size when the size rises.
    fn void_acknowledgement(&mut self, before: &Instance, moment: &Moment<'_>) {
        let (was, largest) = (before.largest_tps(), self.instance.largest_tps());
        let Some(change) = self.open_change_mut() else {
            return;
        };
        let void = change
            .acknowledgement
            .take_if(|given| largest > Some(given.max_tps) || largest > was);
        if void.is_some() {
            let max_tps = largest.unwrap_or_default();
            self.record_act(moment, EventKind::AcknowledgementVoid { max_tps });
        }
    }

    fn follow_edition(&mut self, before: &Instance, moment: &Moment<'_>) {
        let (Some(change), Some(edition)) =
            (self.open_change(), self.instance.edition.value().copied())
        else {
            return;
        };
        match (change.kind, edition) {
            (ChangeKind::Upgrade, Edition::Platinum) => {
                if change.record(Step::Upgrade).is_none() {
                    self.record_revealed(Step::Upgrade, moment);
                }
            }
            // Only `reopen` undoes an irreversible step: a contradicting observation waits for a second one.
            (ChangeKind::Upgrade, Edition::Standard)
            | (ChangeKind::Downgrade(_), Edition::Platinum) => {}
            (ChangeKind::Downgrade(_), Edition::Standard) => self.reach_standard(before, moment),
        }
    }

    fn record_shown(&mut self, step: Step, moment: &Moment<'_>) {
        let record = StepRecord::new(step, How::Shown, Some(moment.by), moment.now);
        self.record_step(record, Manner::Shown, None);
    }

    fn record_revealed(&mut self, step: Step, moment: &Moment<'_>) {
        let record = StepRecord::new(step, How::Outside(None), Some(moment.by), moment.now);
        self.record_step(record, Manner::Outside, None);
    }

    /// Completes the downgrade when the console shows Standard; as done outside when no exit was confirmed.
    fn reach_standard(&mut self, before: &Instance, moment: &Moment<'_>) {
        let (how, manner) = if self.open_change().is_some_and(Change::exit_confirmed) {
            (How::Shown, Manner::Shown)
        } else {
            (How::Outside(None), Manner::Outside)
        };
        self.withdraw_permit(Withdrawal::ChangeEnded, Some(moment.by), moment.now);
        if manner == Manner::Outside {
            let moved = EventKind::Moved {
                fact: FactKind::Edition,
                from: FactValue::of(before, FactKind::Edition),
                to: FactValue::Edition(Edition::Standard),
            };
            self.void_because(vec![moved], moment);
        }
        self.instance.ended_by_standard = self.number();
        let confirmed = self
            .open_change()
            .is_some_and(|change| change.record(Step::VerifyStandard).is_some());
        if !confirmed {
            let step = Step::VerifyStandard;
            let record = StepRecord::new(step, how, Some(moment.by), moment.now);
            self.record_step(record, manner, None);
        }
        if let Some(change) = self.open_change_mut() {
            change.before_standard = Some(Box::new(PlatinumFacts::of(before)));
        }
        self.finish(moment);
    }

    /// Records `record-expiry` and `choose-action` by the facts, and completes the upgrade when both are done.
    fn finish_upgrade(&mut self, moment: &Moment<'_>) {
        let upgraded = self.open_change().is_some_and(|change| {
            change.kind == ChangeKind::Upgrade && change.record(Step::Upgrade).is_some()
        });
        if !upgraded || self.instance.edition.value() != Some(&Edition::Platinum) {
            return;
        }
        let dated = self.instance.expires.value().is_some();
        let chosen = self.action_is_chosen();
        self.keep_record(Step::RecordExpiry, dated, moment);
        self.keep_record(Step::ChooseAction, dated && chosen, moment);
        if dated && chosen {
            self.finish(moment);
        }
    }

    /// Adds or removes the record of a step that only facts decide.
    fn keep_record(&mut self, step: Step, done: bool, moment: &Moment<'_>) {
        let recorded = self
            .open_change()
            .is_some_and(|change| change.record(step).is_some());
        if done && !recorded {
            self.record_shown(step, moment);
        } else if recorded && !done {
            if let Some(change) = self.open_change_mut() {
                change.records.retain(|record| record.step != step);
            }
            self.record_act(moment, EventKind::StepTakenBack { step, reason: None });
        }
    }

    fn finish(&mut self, moment: &Moment<'_>) {
        let outside = self.open_change().is_some_and(Change::was_outside);
        if let Some(permit) = self.permit_out_mut() {
            permit.state = PermitState::Withdrawn;
        }
        let kind = EventKind::Done { outside };
        self.end(Status::Done, kind, Some(moment.by), moment.now);
    }

    /// Whether the edition in a listing read at this moment is the target of the open change, or the result of an expiry with
    /// Downgrade, and thus no contradiction.
    pub(crate) fn is_target(&self, edition: Edition, at: Timestamp) -> bool {
        let expired = self.instance.expired_at(at).is_some();
        let converts = expired && self.instance.at_expiry == Some(AtExpiry::Converts);
        if converts && edition == Edition::Standard {
            return true;
        }
        self.open_change().is_some_and(|change| match change.kind {
            ChangeKind::Upgrade => edition == Edition::Platinum,
            ChangeKind::Downgrade(_) => edition == Edition::Standard,
        })
    }
}
