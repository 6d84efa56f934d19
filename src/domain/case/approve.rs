//! Approvals, rejections, revocations and the emergency override.

use super::{AttestError, Case, Moment, Refusal};
use crate::Timestamp;
use crate::approval::{Approval, EmergencyOverride, Request, RequestState};
use crate::change::{Change, Permit, PermitState, Rejection, Status, Step};
use crate::event::{Disqualified, EventKind};
use crate::fact::is_ahead;
use crate::id::{Person, TeamName};
use crate::instance::PostExpirationAction;
use crate::rules::{Intent, Verdict};
use crate::said::Said;

/// The input of an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vote<'a> {
    /// The action that the approver saw in the vendor's console, if they looked.
    pub seen: Option<PostExpirationAction>,
    /// The approver's teams.
    pub teams: &'a [TeamName],
}

/// The outcome of an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approved {
    /// The approval counts, on this verdict.
    Given(Step, Verdict),
    /// The approval existed already; only the observation was recorded.
    LookedAgain(Step),
    /// Nobody had asked before the approver looked, so only the observation was recorded; it has this step asked for now.
    OnlyLooked(Step),
    /// The observation was recorded, but the approval is refused.
    Refused(Box<Refusal>),
    /// The approver saw Delete: nothing was approved, and the change returns to `set-action`.
    SentBack,
}

/// The intent that is judged when a step is approved.
pub(super) const fn intent(step: Step) -> Option<Intent> {
    match step {
        Step::AwaitExpiry => Some(Intent::Expiry),
        Step::Upgrade
        | Step::RecordExpiry
        | Step::ChooseAction
        | Step::SetAction
        | Step::Unsubscribe
        | Step::VerifyStandard => step.permit_intent(),
    }
}

impl Case {
    /// Approves the requested step, on the facts of this moment. The observation is attested first, and stays recorded where the
    /// approval is refused.
    ///
    /// # Errors
    /// When it is the approver's own change, already given or not requested, or the documented rules do not allow the step.
    pub fn approve(&mut self, vote: &Vote<'_>, moment: &Moment<'_>) -> Result<Approved, Refusal> {
        self.advance(moment.policy, moment.now);
        let change = self.require_open()?;
        if change.was_owned_by(moment.by) {
            return Err(Refusal::OwnApproval { alone: false });
        }
        let asked = self.request_asked(moment.now).map(|asked| asked.serial);
        let Some(seen) = vote.seen else {
            return self.approve_asked(asked, vote, moment);
        };
        let unasked = self.nothing_asked(vote.seen, moment);
        // An observation before the exit is always taken, above all while a permit is outstanding.
        let heard = asked.is_some() || self.exit_is_ahead();
        self.observe(seen, moment)?;
        if !heard {
            return Err(unasked);
        }
        if seen == PostExpirationAction::Delete {
            return Ok(Approved::SentBack);
        }
        let approved = self.approve_asked(asked, vote, moment);
        Ok(approved.unwrap_or_else(|refusal| Approved::Refused(Box::new(refusal))))
    }

    /// Approves the step that request `asked` asks for: the one that was open before the approver looked.
    fn approve_asked(
        &mut self,
        asked: Option<u32>,
        vote: &Vote<'_>,
        moment: &Moment<'_>,
    ) -> Result<Approved, Refusal> {
        let Some(request) = self.request_asked(moment.now) else {
            return Err(self.nothing_asked(None, moment));
        };
        // A request made by the observation itself was shown to nobody.
        if Some(request.serial) != asked {
            return Ok(Approved::OnlyLooked(request.step));
        }
        let step = request.step;
        let given = request.approval_of(moment.by);
        if let Some(given) = given.filter(|given| !is_ahead(given.at, moment.now)) {
            let at = given.at;
            return match vote.seen {
                Some(_) => Ok(Approved::LookedAgain(step)),
                None => Err(Refusal::ApprovedAlready { step, at }),
            };
        }
        let verdict = self.judge_approved(step, moment)?;
        self.give_approval(step, vote, moment);
        Ok(Approved::Given(step, verdict))
    }

    /// Checks that the request a person answers is still the current one. An earlier one rests on facts that have moved, or has
    /// lapsed.
    ///
    /// # Errors
    /// [`Refusal::AnotherRequest`], when the change is open and has another request.
    pub fn still_asks(&mut self, request: Option<u32>, moment: &Moment<'_>) -> Result<(), Refusal> {
        self.advance(moment.policy, moment.now);
        let change = self.open_change();
        let Some((change, asked)) = change.zip(request) else {
            return Ok(());
        };
        let held = change.request.as_ref().map(|request| request.serial);
        if held == Some(asked) {
            return Ok(());
        }
        let now = self.request_asked(moment.now);
        let now = now.map(|request| request.serial);
        Err(Refusal::AnotherRequest {
            asked,
            was: held.is_some_and(|held| asked < held),
            now,
        })
    }

    fn require_open(&self) -> Result<&Change, Refusal> {
        let change = self.change.as_ref().ok_or(Refusal::NotTracked)?;
        if change.is_open() {
            return Ok(change);
        }
        Err(Refusal::Finished {
            status: change.status.clone(),
            as_asked: false,
        })
    }

    fn nothing_asked(&self, seen: Option<PostExpirationAction>, moment: &Moment<'_>) -> Refusal {
        let next = self.next_step(moment.limits(), moment.now);
        let change = self.open_change();
        let permit = change.and_then(|change| change.permit.as_ref());
        let used = permit.filter(|permit| self.step_awaits(permit.step));
        let withdrawn = |permit: &&Permit| permit.state == PermitState::Withdrawn;
        let unsaid = used.filter(withdrawn).map(|permit| permit.step);
        let holder = used.filter(|_| unsaid.is_none()).zip(change);
        let holder = holder.map(|(permit, change)| change.in_charge(&permit.holder).clone());
        Refusal::NothingAsked {
            next,
            permit_of: holder,
            unsaid,
            seen,
        }
    }

    /// Whether a permit for this step was shown and the step is not confirmed.
    fn step_awaits(&self, step: Step) -> bool {
        self.open_change()
            .is_some_and(|change| change.permit_was_shown(step))
    }

    fn observe(&mut self, seen: PostExpirationAction, moment: &Moment<'_>) -> Result<(), Refusal> {
        let said = Said {
            action: Some(Some(seen)),
            ..Said::default()
        };
        self.attest(&said, moment).map_err(|error| match error {
            AttestError::OnlyPlatinum(_) => Refusal::NothingToSee,
            AttestError::NotTracked | AttestError::Unlikely(_) => Refusal::NotTracked,
        })
    }

    fn judge_approved(&self, step: Step, moment: &Moment<'_>) -> Result<Verdict, Refusal> {
        let Some(intent) = intent(step) else {
            return Err(self.nothing_asked(None, moment));
        };
        let verdict = self.judge(intent, moment.limits(), moment.now);
        if verdict.allows() {
            return Ok(verdict);
        }
        let first = self.next_step(moment.limits(), moment.now);
        Err(Refusal::Rules {
            intent,
            verdict,
            first: first.filter(|first| *first != step),
            may_open: false,
        })
    }

    fn give_approval(&mut self, step: Step, vote: &Vote<'_>, moment: &Moment<'_>) {
        let has_enough = |case: &Self| {
            let lacking = case.lacking(step, None, moment.policy, moment.now);
            lacking.is_none_or(|lacking| lacking.has_approvals())
        };
        let had_enough = has_enough(self);
        let team = self.instance.team.clone();
        let approval = Approval {
            by: moment.by.clone(),
            at: moment.now,
            team: team.filter(|team| vote.teams.contains(team)),
        };
        if let Some(request) = self.request_open_mut() {
            request
                .approvals
                .retain(|given| given.by.id != moment.by.id);
            request.approvals.push(approval);
        }
        let complete = !had_enough && has_enough(self);
        let change = self.open_change();
        let request = change.zip(change.and_then(|change| change.request.as_ref()));
        let (given, needed) = request.map_or((0, 0), |(change, request)| {
            let given = request.counted(change, moment.now).count();
            (u8::try_from(given).unwrap_or(u8::MAX), request.needed)
        });
        let kind = EventKind::Approved {
            step,
            complete,
            seen: vote.seen,
            given,
            needed,
        };
        self.record_act(moment, kind);
    }

    /// Revokes the person's own approval, unless a permit was given on it.
    ///
    /// # Errors
    /// When there is none, or it was used.
    pub fn revoke(&mut self, moment: &Moment<'_>) -> Result<Step, Refusal> {
        self.advance(moment.policy, moment.now);
        let change = self.require_open()?;
        let request = change.request.as_ref().ok_or(Refusal::NotApproved)?;
        let step = request.step;
        match (request.state, request.approval_of(moment.by)) {
            (RequestState::Open, Some(_)) => {}
            (RequestState::Used, Some(_)) => return Err(Refusal::ApprovalsUsed(step)),
            _ => return Err(Refusal::NotApproved),
        }
        if let Some(request) = self.request_open_mut() {
            request
                .approvals
                .retain(|approval| approval.by.id != moment.by.id);
        }
        let kind = EventKind::ApprovalRevoked { step };
        self.record_act(moment, kind);
        Ok(step)
    }

    /// Drops the approvals of people who may no longer approve. Returns whether there were any.
    pub fn drop_approvals(&mut self, gone: &[Person], moment: &Moment<'_>) -> bool {
        self.advance(moment.policy, moment.now);
        self.disqualify(gone, Disqualified::MayNotApprove, None, moment.now)
    }

    /// Drops the approvals of these people; returns whether there were any. `by` decided it, if anybody.
    pub(super) fn disqualify(
        &mut self,
        gone: &[Person],
        why: Disqualified,
        by: Option<&Person>,
        now: Timestamp,
    ) -> bool {
        let Some(request) = self.request_open_mut() else {
            return false;
        };
        let step = request.step;
        let (dropped, kept): (Vec<_>, Vec<_>) = request
            .approvals
            .drain(..)
            .partition(|approval| gone.iter().any(|who| who.id == approval.by.id));
        request.approvals = kept;
        for approval in &dropped {
            let of = approval.by.clone();
            self.record_event(now, by, EventKind::ApproverGone { step, of, why });
        }
        !dropped.is_empty()
    }

    /// Ends the change as rejected. If an irreversible step may have happened, the edition becomes unknown, and so does the action,
    /// unless it was last seen to be Delete.
    ///
    /// # Errors
    /// When the change is not open, or its irreversible step is confirmed.
    pub fn reject(&mut self, reason: &str, moment: &Moment<'_>) -> Result<(), Refusal> {
        self.advance(moment.policy, moment.now);
        if let Some(change) = &self.change
            && matches!(change.status, Status::Rejected(_))
        {
            return Err(Refusal::Finished {
                status: change.status.clone(),
                as_asked: true,
            });
        }
        let change = self.require_open()?;
        let happened = [Step::Upgrade, Step::Unsubscribe, Step::AwaitExpiry]
            .into_iter()
            .find(|step| change.record(*step).is_some());
        if let Some(step) = happened {
            return Err(Refusal::HappenedAlready(step));
        }
        let kind = EventKind::Rejected {
            reason: reason.to_owned(),
        };
        self.stop(Status::Rejected(reason.to_owned()), kind, moment)?;
        if let Some(change) = &mut self.change {
            change.rejected = Some(Rejection {
                by: moment.by.clone(),
                reason: reason.to_owned(),
                at: moment.now,
            });
        }
        Ok(())
    }

    /// Overrides missing approvals of an upgrade. Documented rules cannot be overridden.
    ///
    /// # Errors
    /// When the next step is not `upgrade`, nothing is missing, or the documented rules do not allow it.
    pub fn break_glass(
        &mut self,
        reason: &str,
        ticket: &str,
        moment: &Moment<'_>,
    ) -> Result<Verdict, Refusal> {
        self.advance(moment.policy, moment.now);
        self.require_open()?;
        let step = self
            .next_step(moment.limits(), moment.now)
            .ok_or(Refusal::NotTracked)?;
        if step != Step::Upgrade {
            return Err(Refusal::OverrideOnlyForUpgrade(step));
        }
        let verdict = self.judge_approved(step, moment)?;
        let permitted = self
            .open_change()
            .is_some_and(|change| change.permit_out(step).is_some());
        if permitted
            || self
                .lacking(step, None, moment.policy, moment.now)
                .is_none()
        {
            return Err(Refusal::NothingLacking(step));
        }
        // Nobody is asked: what a request that lapsed, or was void, still lacks is replaced.
        if self.request_asked(moment.now).is_none() {
            self.open_request(step, moment.policy, moment.now);
        }
        let request = self.open_change().and_then(Change::request_open);
        let emergency_override = EmergencyOverride {
            request: request.map_or(0, |request| request.serial),
            by: moment.by.clone(),
            at: moment.now,
            reason: reason.to_owned(),
            ticket: ticket.to_owned(),
        };
        if let Some(change) = self.open_change_mut() {
            change.emergency_override = Some(emergency_override);
        }
        let kind = EventKind::ApprovalsOverridden {
            reason: reason.to_owned(),
            ticket: ticket.to_owned(),
        };
        self.record_act(moment, kind);
        Ok(verdict)
    }

    pub(super) fn request_open_mut(&mut self) -> Option<&mut Request> {
        let request = self.open_change_mut()?.request.as_mut()?;
        (request.state == RequestState::Open).then_some(request)
    }
}
