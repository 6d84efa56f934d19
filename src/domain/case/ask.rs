//! Requests for approvals: missing requirements of a step, and when a request is opened or void.

use super::approve::intent;
use super::{Case, Moment};
use crate::Timestamp;
use crate::approval::{
    Approval, Basis, Lacking, Nobody, Request, RequestState, Told, Voided, team_to_approve,
};
use crate::change::{PermitState, Step};
use crate::event::{EventKind, OverrideEnd, Withdrawal};
use crate::id::Person;
use crate::team::Policy;

impl Case {
    /// The missing requirements of a step of the open change, if `holder` took its permit; `None` when none is missing.
    ///
    /// The case must have been advanced to `now`.
    pub fn lacking(
        &self,
        step: Step,
        holder: Option<&Person>,
        policy: &Policy,
        now: Timestamp,
    ) -> Option<Lacking> {
        let change = self.open_change()?;
        let request = self.request_asked(now).filter(|request| {
            request.step == step && request.basis == Basis::of(&self.instance, change, step)
        });
        let needed = request.map_or(policy.approvals_for(step), |request| request.needed);
        let observers = request.map_or(policy.observers_for(step), |request| request.observers);
        let approvals: Vec<&Approval> = request
            .into_iter()
            .flat_map(|request| request.counted(change, now))
            .collect();
        let counts = |given: &&&Approval| holder.is_none_or(|holder| given.by.id != holder.id);
        let counted: Vec<&Approval> = approvals.iter().filter(counts).copied().collect();
        let emergency_override = request.is_some_and(|request| change.override_holds(request, now));
        let all = self.requirements(step, needed, observers, policy, now);
        let wanted = all.team.as_ref();
        let of_team = counted
            .iter()
            .any(|approval| approval.team.as_ref() == wanted);
        let lacking = Lacking {
            needed: if emergency_override { 0 } else { needed },
            given: counted.iter().map(|approval| approval.by.clone()).collect(),
            own: holder
                .filter(|holder| approvals.iter().any(|given| given.by.id == holder.id))
                .cloned(),
            team: all.team.filter(|_| !of_team),
            ..all
        };
        (!lacking.has_approvals() || !lacking.has_observations()).then_some(lacking)
    }

    /// The missing requirements of a step for a person who asks for no permit, even without an open change.
    ///
    /// The case must have been advanced to `now`.
    pub fn would_lack(&self, step: Step, policy: &Policy, now: Timestamp) -> Option<Lacking> {
        let steps = self.open_change().map(|change| change.kind.steps());
        if steps.is_some_and(|steps| steps.contains(&step)) {
            return self.lacking(step, None, policy, now);
        }
        let (needed, observers) = (policy.approvals_for(step), policy.observers_for(step));
        let lacking = self.requirements(step, needed, observers, policy, now);
        (!lacking.has_approvals() || !lacking.has_observations()).then_some(lacking)
    }

    /// All that a step requires, and the observations that count; nothing of it is given yet.
    fn requirements(
        &self,
        step: Step,
        needed: u8,
        observers: u8,
        policy: &Policy,
        now: Timestamp,
    ) -> Lacking {
        let limit = policy.limits.action_for_unsubscribe;
        let team = team_to_approve(&self.instance, step).cloned();
        Lacking {
            step,
            needed,
            given: Vec::new(),
            own: None,
            team: team.filter(|_| needed > 0),
            observers,
            observations: self
                .instance
                .fresh_observations(limit, now)
                .cloned()
                .collect(),
            asked: false,
            nobody: Nobody::default(),
        }
    }

    /// Opens a request for the next step if it needs approvals and none was opened on these facts.
    pub(super) fn ask_when_next(&mut self, by: Option<&Person>, policy: &Policy, now: Timestamp) {
        let Some(step) = self.next_step(&policy.limits, now) else {
            return;
        };
        let Some(change) = self.open_change() else {
            return;
        };
        let asked = change.request.as_ref().is_some_and(|request| {
            let open = request.state == RequestState::Open;
            let counts = request.state != RequestState::Void && !(open && request.is_ahead(now));
            request.step == step && counts
        });
        // Nothing can be approved while the documented rules forbid the step.
        let allowed =
            intent(step).is_some_and(|intent| self.judge(intent, &policy.limits, now).allows());
        if allowed && !asked && change.permit_out(step).is_none() {
            self.record_request(step, by, policy, now);
        }
    }

    /// Opens a request, unless one is open. Returns whether it did.
    pub(super) fn ask_again(&mut self, step: Step, moment: &Moment<'_>) -> bool {
        let asked = self.request_asked(moment.now);
        let open = asked.is_some_and(|request| {
            let rests = request.rests(moment.now) && request.approvals.is_empty();
            request.step == step && !rests
        });
        !open && self.record_request(step, Some(moment.by), moment.policy, moment.now)
    }

    fn record_request(
        &mut self,
        step: Step,
        by: Option<&Person>,
        policy: &Policy,
        now: Timestamp,
    ) -> bool {
        let asked = self.open_request(step, policy, now);
        let is_asked = asked.is_some();
        if let Some(asked) = asked {
            self.record_event(now, by, asked);
        }
        is_asked
    }

    /// Opens a request without telling anybody. Returns the event that tells them, if the step needs approvals.
    pub(super) fn open_request(
        &mut self,
        step: Step,
        policy: &Policy,
        now: Timestamp,
    ) -> Option<EventKind> {
        let needed = policy.approvals_for(step);
        let change = self.open_change().filter(|_| needed > 0)?;
        let basis = Basis::of(&self.instance, change, step);
        let last = change.request.as_ref();
        let serial = change.next_request();
        // A renewed request lists the values that moved since the previous one.
        let moved = last.filter(|last| last.step == step);
        let moved = moved.map_or_else(Vec::new, |last| last.basis.moved(&basis));
        let change = self.open_change_mut()?;
        change.request = Some(Request {
            serial,
            step,
            asked_at: now,
            needed,
            observers: policy.observers_for(step),
            basis,
            state: RequestState::Open,
            told: Told::Asked,
            approvals: Vec::new(),
            voided: None,
        });
        Some(EventKind::ApprovalAsked {
            step,
            request: serial,
            needed,
            moved,
        })
    }

    /// The open request. One dated ahead of the clock counts for nothing, and is opened again.
    pub(super) fn request_asked(&self, now: Timestamp) -> Option<&Request> {
        let request = self.open_change()?.request_open();
        request.filter(|request| !request.is_ahead(now))
    }

    /// Voids a request, with its approvals, when a value it rests on has moved, and tells the approvers.
    pub(super) fn void_request(&mut self, moment: &Moment<'_>) {
        let Some(change) = self.open_change() else {
            return;
        };
        let Some(request) = &change.request else {
            return;
        };
        let now = Basis::of(&self.instance, change, request.step);
        if request.basis == now || change.record(request.step).is_some() {
            return;
        }
        self.void_because(request.basis.moved(&now), moment);
    }

    /// Whether the permit or the request shows the row otherwise than it is now: another row is called so since, or alike, or none
    /// is any more.
    pub fn is_shown_otherwise(&self, now: Timestamp) -> bool {
        self.has_unseen_namesake() || self.asks_otherwise(now)
    }

    /// Whether the holder of the permit has not been told that another row is called so, or alike.
    fn has_unseen_namesake(&self) -> bool {
        let permit = self.open_change().and_then(|change| change.permit.as_ref());
        let out = permit.filter(|permit| permit.state == PermitState::Out);
        out.is_some_and(|permit| self.instance.has_others() && !permit.others)
    }

    fn asks_otherwise(&self, now: Timestamp) -> bool {
        let asked = self.open_change().zip(self.request_asked(now));
        asked.is_some_and(|(change, request)| {
            let is = Basis::of(&self.instance, change, request.step);
            request.basis.others_differ(&is)
        })
    }

    /// Takes back what shows the row otherwise than it is now, and asks again: nobody who approved, and no holder of a permit, has
    /// seen that line. Nobody has to have written the instance for that.
    pub(super) fn follow_others(&mut self, policy: &Policy, now: Timestamp) {
        let unseen = self.has_unseen_namesake();
        if !unseen && !self.asks_otherwise(now) {
            return;
        }
        if unseen {
            self.withdraw_permit(Withdrawal::Namesake, None, now);
        }
        let Some(change) = self.open_change() else {
            return;
        };
        if let Some(request) = &change.request {
            let is = Basis::of(&self.instance, change, request.step);
            let moved = request.basis.moved(&is);
            self.void_with(moved, None, now);
        }
        self.ask_when_next(None, policy, now);
    }

    /// Voids the request, with its approvals, and tells the approvers what has moved.
    pub(super) fn void_because(&mut self, moved: Vec<EventKind>, moment: &Moment<'_>) {
        self.void_with(moved, Some(moment.by), moment.now);
    }

    fn void_with(&mut self, moved: Vec<EventKind>, by: Option<&Person>, now: Timestamp) {
        self.end_override(OverrideEnd::Moved(moved.clone()), by, now);
        if let Some(voided) = self.set_request_void(moved, by) {
            self.record_event(now, by, voided);
        }
    }

    /// Ends the override of the open request, if there is one: the request must be about to end. Who gave it is told.
    pub(super) fn end_override(&mut self, why: OverrideEnd, by: Option<&Person>, now: Timestamp) {
        let open = self.open_change().zip(self.request_asked(now));
        let ended = open.and_then(|(change, request)| {
            let given = change.emergency_override.as_ref();
            let given = given.filter(|given| given.request == request.serial)?;
            Some((request.step, given.by.clone()))
        });
        if let Some((step, of)) = ended {
            self.record_event(now, by, EventKind::OverrideEnded { step, of, why });
        }
    }

    /// Voids the request with its approvals. Returns the event, if it was open and anybody had approved.
    pub(super) fn set_request_void(
        &mut self,
        moved: Vec<EventKind>,
        by: Option<&Person>,
    ) -> Option<EventKind> {
        let request = self.open_change_mut()?.request.as_mut()?;
        let was_open = request.state == RequestState::Open;
        request.state = RequestState::Void;
        if was_open {
            request.voided = Some(Voided {
                moved: moved.clone(),
                by: by.cloned(),
            });
        }
        let step = request.step;
        let of: Vec<Person> = request.approvals.drain(..).map(|given| given.by).collect();
        (was_open && !of.is_empty()).then_some(EventKind::ApprovalsVoided { step, of, moved })
    }

    /// Settles the request of a step that was done, with or without its approvals. Returns whether approvals are missing.
    pub(super) fn settle_request(&mut self, step: Step, policy: &Policy, now: Timestamp) -> bool {
        let lacks = self
            .lacking(step, None, policy, now)
            .is_some_and(|lacking| !lacking.has_approvals());
        if let Some(request) = self
            .request_open_mut()
            .filter(|request| request.step == step)
        {
            request.state = if lacks {
                RequestState::Missed
            } else {
                RequestState::Used
            };
            if let Some(change) = self.open_change_mut().filter(|_| !lacks) {
                // Who agreed was told of it.
                change.rejected = None;
            }
        }
        lacks
    }
}
