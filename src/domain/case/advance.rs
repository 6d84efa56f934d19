//! Time-driven transitions: permits lapse, the expiry passes, an instance is presumed deleted.

use super::Case;
use crate::Timestamp;
use crate::approval::RequestState;
use crate::change::{
    Change, ChangeKind, Failure, How, Permit, PermitState, Status, Step, StepRecord,
};
use crate::event::{EventKind, Manner, Withdrawal};
use crate::fact::{Gap, Source, is_ahead};
use crate::id::Person;
use crate::instance::{ActionView, AtExpiry, Edition, InDoubt, PostExpirationAction};
use crate::team::{Limits, PERMIT_VALID, Policy, RELEASE_AFTER};

impl Case {
    /// Applies everything that time alone decides up to `now`, each at its own instant and in order.
    ///
    /// Idempotent: reading may advance a copy, writing stores the result.
    pub fn advance(&mut self, policy: &Policy, now: Timestamp) {
        let limits = &policy.limits;
        self.take_back_ahead(now);
        let expired = self.instance.expired_at(now);
        self.lapse_permit(expired.unwrap_or(now));
        self.pass_request(expired.unwrap_or(now));
        if let Some(expired) = expired {
            self.pass_expiry(expired, policy);
            self.lapse_permit(now);
            let release = expired + RELEASE_AFTER;
            self.pass_request(release.min(now));
            if now >= release && self.instance.outlived_release(now).is_none() {
                self.presume_deleted(release, limits);
                self.pass_request(now);
            }
        }
        self.follow_others(policy, now);
    }

    /// Undoes what a wrong clock caused: an expiry that is still ahead has settled nothing, a permit dated ahead of the clock is
    /// void, and Standard that was said then is not known.
    fn take_back_ahead(&mut self, now: Timestamp) {
        let is_ahead = |at: Timestamp| is_ahead(at, now);
        if self.instance.expires.value().copied().is_some_and(is_ahead) {
            self.instance.at_expiry = None;
            let passed = self
                .open_change()
                .and_then(|change| change.record(Step::AwaitExpiry))
                .is_some_and(|record| is_ahead(record.at));
            if passed {
                self.drop_waiting(None, now);
            }
        }
        let permit = self.permit_out_mut();
        if permit.is_some_and(|permit| is_ahead(permit.shown_at)) {
            self.end_permit(now);
        }
        let edition = self.instance.edition.known();
        if edition.is_some_and(|known| known.value == Edition::Standard && is_ahead(known.at)) {
            let before = self.instance.clone();
            self.instance.forget_edition(Gap::AheadOfClock, now);
            self.note_moves(&before, None, now);
        }
    }

    fn lapse_permit(&mut self, until: Timestamp) {
        let permit = self.permit_out_mut();
        let lapses_at = permit.map(|permit| permit.lapses_at());
        if let Some(lapses_at) = lapses_at.filter(|at| *at <= until) {
            self.end_permit(lapses_at);
        }
    }

    /// Lapses the outstanding permit, with an unknown outcome.
    fn end_permit(&mut self, at: Timestamp) {
        if let Some(permit) = self.permit_out_mut() {
            let step = permit.step;
            permit.state = PermitState::Lapsed;
            let unknown = self
                .open_change_mut()
                .and_then(|change| change.outcome_unknown.as_mut());
            if let Some(unknown) = unknown.filter(|unknown| unknown.step == step) {
                unknown.permit_lapsed = true;
            }
            self.record_event(at, None, EventKind::PermitLapsed { step });
        }
    }

    pub(super) fn permit_out_mut(&mut self) -> Option<&mut Permit> {
        let permit = self.open_change_mut()?.permit.as_mut()?;
        (permit.state == PermitState::Out).then_some(permit)
    }

    fn pass_expiry(&mut self, expired: Timestamp, policy: &Policy) {
        if self.instance.at_expiry.is_some() {
            return;
        }
        let limits = &policy.limits;
        self.instance.at_expiry = self.instance.at_expiry(limits, expired);
        if !self.exit_is_ahead() {
            return;
        }
        let at = self.not_before_change(expired);
        if self
            .permit_out_mut()
            .is_some_and(|permit| permit.step == Step::Unsubscribe)
        {
            self.withdraw_permit(Withdrawal::Expired, None, at);
        }
        // From the expiry on nobody can unsubscribe: what was asked for that is over.
        let request = self.request_open_mut();
        if let Some(request) = request.filter(|request| request.step == Step::Unsubscribe) {
            request.state = RequestState::Void;
        }
        self.pass_unapproved(policy, at);
        if !self.complete_await_expiry(None, limits, at) {
            self.record_event(at, None, EventKind::Waiting);
        }
    }

    /// Records that the expiry passed without approvals. Expiry cannot be stopped, so the change goes on and the alerts channel
    /// is told.
    fn pass_unapproved(&mut self, policy: &Policy, at: Timestamp) {
        let step = Step::AwaitExpiry;
        let waits = self
            .open_change()
            .is_some_and(|change| change.kind.steps().contains(&step));
        if waits && self.settle_request(step, policy, at) {
            self.record_event(at, None, EventKind::Unapproved { step });
        }
    }

    /// The earliest instant for an expiry that was recorded late: not before the change was opened and its permit shown.
    fn not_before_change(&self, at: Timestamp) -> Timestamp {
        self.open_change().map_or(at, |change| {
            let shown_at = change.permit.as_ref().map(|permit| permit.shown_at);
            at.max(change.opened_at).max(shown_at.unwrap_or(at))
        })
    }

    pub(super) fn exit_is_ahead(&self) -> bool {
        self.open_change().is_some_and(|change| {
            matches!(change.kind, ChangeKind::Downgrade(_)) && !change.exit_confirmed()
        })
    }

    /// Completes `await-expiry` if the expiry has passed and Downgrade is known. Returns whether it did.
    pub(super) fn complete_await_expiry(
        &mut self,
        by: Option<&Person>,
        limits: &Limits,
        at: Timestamp,
    ) -> bool {
        let converts =
            self.instance.at_expiry == Some(AtExpiry::Converts) || self.downgrade_known(limits, at);
        if self.instance.expired_at(at).is_none() || !converts || !self.exit_is_ahead() {
            return false;
        }
        // Set after expiry, the action was in time, but the expiry alone proved nothing.
        let (how, manner) = match self.instance.at_expiry {
            Some(AtExpiry::Converts) => (How::Elapsed, Manner::Elapsed),
            Some(AtExpiry::AtRisk) | None => (How::Shown, Manner::Shown),
        };
        if let Some(change) = self.open_change_mut() {
            let record = StepRecord::new(Step::AwaitExpiry, how, by, at);
            change.records.push(record);
        }
        let done = EventKind::StepDone {
            step: Step::AwaitExpiry,
            manner,
            reason: None,
            evidence: None,
        };
        self.record_event(at, by, done);
        true
    }

    pub(super) fn downgrade_known(&self, limits: &Limits, at: Timestamp) -> bool {
        let view = self
            .instance
            .action_view(limits.action_for_expiry, limits, at);
        let ahead = self.instance.action_is_ahead(at);
        view == ActionView::Known(PostExpirationAction::Downgrade) && !ahead
    }

    fn presume_deleted(&mut self, at: Timestamp, limits: &Limits) {
        if !self.exit_is_ahead() || self.complete_await_expiry(None, limits, at) {
            return;
        }
        let at = self.not_before_change(at);
        self.withdraw_permit(Withdrawal::ChangeEnded, None, at);
        let before = self.instance.clone();
        self.doubt_facts(at);
        self.note_moves(&before, None, at);
        let status = Status::Failed(Failure::PresumedDeleted);
        self.end(status, EventKind::PresumedDeleted, None, at);
    }

    /// Takes back that it is presumed deleted where that is dated ahead of the clock: its change goes on, unless another one is
    /// open or it has become Standard since.
    pub fn take_back_presumed(&mut self, other_is_open: bool, now: Timestamp) {
        let presumed = Status::Failed(Failure::PresumedDeleted);
        let Some(change) = self.change.as_mut().filter(|it| it.status == presumed) else {
            return;
        };
        if !change.ended_at.is_some_and(|at| is_ahead(at, now)) {
            return;
        }
        self.instance.past.forget_announced_ahead(now);
        let instance = &self.instance;
        let is_standard = instance.edition.value() == Some(&Edition::Standard);
        if other_is_open || is_standard || !instance.is_tracked() {
            return;
        }
        change.status = Status::Open;
        change.ended_at = None;
        change.ended_by = None;
        self.record_event(now, None, EventKind::PresumedTooEarly);
    }

    /// Withdraws the outstanding permit.
    pub(super) fn withdraw_permit(&mut self, why: Withdrawal, by: Option<&Person>, at: Timestamp) {
        let Some(permit) = self.permit_out_mut() else {
            return;
        };
        permit.state = PermitState::Withdrawn;
        let (step, holder) = (permit.step, permit.holder.clone());
        // It may have been used.
        self.doubt_step(step, holder, true, at);
        self.record_event(at, by, EventKind::PermitWithdrawn { step, why });
    }

    /// Has people asked whether an irreversible step of the open change has happened.
    pub(super) fn doubt_step(
        &mut self,
        step: Step,
        holder: Person,
        withdrawn: bool,
        at: Timestamp,
    ) {
        if let Some(change) = self.open_number().filter(|_| step.is_irreversible()) {
            self.instance.in_doubt = Some(InDoubt {
                change,
                step,
                holder,
                withdrawn,
                confirmed: false,
                since: at,
            });
        }
    }

    /// The latest moment at which an irreversible step came into doubt: an edition seen after it settles that.
    pub(crate) fn in_doubt_since(&self) -> Option<Timestamp> {
        let withdrawn = self.instance.in_doubt.as_ref().map(|doubt| doubt.since);
        let lapsed = self.open_change().and_then(|change| {
            let step = change.unknown_outcome()?;
            let permit = change.permit.as_ref()?;
            (step.is_irreversible() && permit.step == step).then(|| permit.lapses_at())
        });
        withdrawn.max(lapsed)
    }

    /// Ends that doubt once the edition has been seen since, or, after the time of a permit, the action, which only Platinum has. A
    /// confirmation is not unsaid by a look at the action.
    pub(super) fn settle_doubt(&mut self) {
        let seen = self.instance.edition.known();
        let looked = self.instance.action.known();
        let looked = looked.filter(|known| known.source == Source::Attested);
        let is_settled = |doubt: &mut InDoubt| {
            let has_action = doubt.step == Step::Unsubscribe
                && !doubt.confirmed
                && looked.is_some_and(|looked| looked.at >= doubt.since + PERMIT_VALID);
            let is_seen = seen.is_some_and(|seen| {
                seen.at > doubt.since || Some(seen.value) == doubt.step.leads_to()
            });
            has_action || is_seen
        };
        self.instance.in_doubt.take_if(is_settled);
    }

    pub(super) fn end(
        &mut self,
        status: Status,
        kind: EventKind,
        by: Option<&Person>,
        at: Timestamp,
    ) {
        if let Some(change) = self.open_change_mut() {
            change.status = status;
            change.ended_at = Some(at);
            change.ended_by = by.cloned();
            if let Some(request) = &mut change.request
                && request.state == RequestState::Open
            {
                request.state = RequestState::Void;
            }
            self.record_event(at, by, kind);
        }
    }

    /// Stops the holder of the outstanding permit of an irreversible step that somebody else reports as done: they would do it to
    /// another row.
    fn stop_holder(&mut self, step: Step, by: &Person, at: Timestamp) {
        let out = self
            .open_change()
            .and_then(|change| change.permit_out(step));
        if step.is_irreversible() && out.is_some_and(|permit| permit.holder.id != by.id) {
            let why = Withdrawal::ReportedDone;
            self.record_event(at, Some(by), EventKind::PermitWithdrawn { step, why });
        }
    }

    /// Withdraws the outstanding permit of an irreversible step, because a notice calls the instance gone. Returns whether there was
    /// one.
    pub fn stop_for_gone(&mut self, now: Timestamp) -> bool {
        let is_irreversible = |permit: &mut Permit| permit.step.is_irreversible();
        let stops = self.permit_out_mut().is_some_and(is_irreversible);
        if stops {
            self.withdraw_permit(Withdrawal::CalledGone, None, now);
        }
        stops
    }

    /// Records a step as done and marks its permit as used.
    pub(super) fn record_step(
        &mut self,
        record: StepRecord,
        manner: Manner,
        reason: Option<String>,
    ) {
        let (step, by, at) = (record.step, record.by.clone(), record.at);
        self.instance.in_doubt.take_if(|doubt| doubt.step == step);
        self.close_request(step, &record.how);
        let evidence = record.evidence.clone();
        // What a listing shows is most often the holder's own work.
        if let Some(by) = by.as_ref().filter(|_| manner != Manner::Shown) {
            self.stop_holder(step, by, at);
        }
        if let Some(change) = self.open_change_mut() {
            change.records.push(record);
            use_permit(change, step);
            if change
                .outcome_unknown
                .is_some_and(|unknown| unknown.step == step)
            {
                change.outcome_unknown = None;
            }
        }
        let done = EventKind::StepDone {
            step,
            manner,
            reason,
            evidence,
        };
        self.record_event(at, by.as_ref(), done);
    }
}

/// Marks the step's permit as used, even when it has lapsed, or, of an irreversible step, was withdrawn.
pub(super) fn use_permit(change: &mut Change, step: Step) {
    let shown = change.permit_was_shown(step);
    if let Some(permit) = &mut change.permit
        && (shown || (permit.step == step && step.is_irreversible()))
    {
        permit.state = PermitState::Used;
    }
}
