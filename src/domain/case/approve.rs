//! Approving, rejecting, revoking, and breaking the glass.

use super::{AttestError, Attestation, Case, Moment, Refusal};
use crate::domain::Timestamp;
use crate::domain::approval::{Approval, BrokenGlass, Lacking, Request, RequestState, Told};
use crate::domain::change::{Change, Fingerprint, Status, Step};
use crate::domain::event::EventKind;
use crate::domain::id::{Label, Person};
use crate::domain::instance::PostExpirationAction;
use crate::domain::rules::{Intent, Verdict};
use crate::domain::team::Policy;

/// What somebody brings to an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vote<'a> {
    /// What they saw in the vendor's console, if they looked.
    pub seen: Option<PostExpirationAction>,
    /// The teams they belong to.
    pub teams: &'a [Label],
}

/// What an approval came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approved {
    /// It counts, on this verdict.
    Given(Step, Verdict),
    /// It had been given before; only the look was recorded.
    LookedAgain(Step),
    /// They saw Delete: nothing was approved, the change goes back to `set-action`.
    SentBack,
}

/// What is judged when a step is approved.
const fn intent(step: Step) -> Option<Intent> {
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
    /// Approves the step that is asked for, on the facts of this moment. What the person saw is attested first.
    ///
    /// # Errors
    /// When it is one's own change, given already, not asked for, or the documented rules do not allow the step.
    pub fn approve(&mut self, vote: &Vote<'_>, moment: &Moment<'_>) -> Result<Approved, Refusal> {
        self.advance(moment.policy, moment.now);
        let change = self.require_open()?;
        if change.opened_by.id == moment.by.id {
            return Err(Refusal::OwnApproval);
        }
        let asked = change.request_open().is_some();
        // Whoever saw Delete before the exit is heard, above all while a permit is out.
        let heard = asked || self.exit_is_ahead();
        if vote.seen == Some(PostExpirationAction::Delete) && !heard {
            return Err(self.nothing_asked(vote.seen, moment));
        }
        if let Some(seen) = vote.seen {
            self.look(seen, moment)?;
            if seen == PostExpirationAction::Delete {
                return Ok(Approved::SentBack);
            }
        }
        let Some(request) = self.open_change().and_then(Change::request_open) else {
            return Err(self.nothing_asked(vote.seen, moment));
        };
        let step = request.step;
        if let Some(given) = request.approval_of(moment.by) {
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

    /// Whether a change still has the request that somebody decides on, where they say which: whoever looks at an earlier
    /// one decides on facts that have moved, or on a time that is over.
    ///
    /// # Errors
    /// [`Refusal::AnotherRequest`], when the change goes on and has another one by now.
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
        let now = change.request_open().map(|request| request.serial);
        Err(Refusal::AnotherRequest {
            asked,
            was: held.is_some_and(|held| asked < held),
            now,
        })
    }

    fn require_open(&self) -> Result<&Change, Refusal> {
        let Some(change) = &self.change else {
            return Err(Refusal::NotTracked);
        };
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
        let permit = self.open_change().and_then(|change| change.permit.as_ref());
        let used = permit.filter(|permit| self.step_awaits(permit.step));
        Refusal::NothingAsked {
            next,
            permit_of: used.map(|permit| permit.holder.clone()),
            seen,
        }
    }

    /// Whether a permit for this step was shown and nobody has confirmed it.
    fn step_awaits(&self, step: Step) -> bool {
        self.open_change()
            .is_some_and(|change| change.permit_was_shown(step))
    }

    fn look(&mut self, seen: PostExpirationAction, moment: &Moment<'_>) -> Result<(), Refusal> {
        let said = Attestation {
            action: Some(Some(seen)),
            ..Attestation::default()
        };
        self.attest(&said, moment).map_err(|error| match error {
            AttestError::OnlyPlatinum(_) => Refusal::NothingToSee,
            AttestError::NotTracked => Refusal::NotTracked,
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
        let team = self.instance.team.clone();
        let approval = Approval {
            by: moment.by.clone(),
            at: moment.now,
            team: team.filter(|team| vote.teams.contains(team)),
        };
        if let Some(request) = self.request_open_mut() {
            request.approvals.push(approval);
        }
        let complete = self
            .lacking(step, None, moment.policy, moment.now)
            .is_none_or(|lacking| lacking.has_approvals());
        let kind = EventKind::Approved { step, complete };
        self.note(moment.now, Some(moment.by), kind);
    }

    /// Takes one's own approval back, as long as no permit was given on it.
    ///
    /// # Errors
    /// When there is none, or it was used up.
    pub fn revoke(&mut self, moment: &Moment<'_>) -> Result<Step, Refusal> {
        self.advance(moment.policy, moment.now);
        let change = self.require_open()?;
        let Some(request) = &change.request else {
            return Err(Refusal::NotApproved);
        };
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
        self.note(moment.now, Some(moment.by), kind);
        Ok(step)
    }

    /// Lets approvals count no more whose givers may not approve any more; says whether there were any.
    pub fn drop_approvals(&mut self, gone: &[Person], moment: &Moment<'_>) -> bool {
        self.advance(moment.policy, moment.now);
        let Some(request) = self.request_open_mut() else {
            return false;
        };
        let step = request.step;
        let is_gone = |approval: &Approval| gone.iter().any(|who| who.id == approval.by.id);
        let (dropped, kept): (Vec<_>, Vec<_>) = request
            .approvals
            .drain(..)
            .partition(|approval| is_gone(approval));
        request.approvals = kept;
        for approval in &dropped {
            let of = approval.by.clone();
            self.note(moment.now, None, EventKind::ApproverGone { step, of });
        }
        !dropped.is_empty()
    }

    /// Ends the change because an approver says no. If an irreversible step is in doubt, edition and action become
    /// unknown.
    ///
    /// # Errors
    /// When the change does not go on, or its irreversible step is confirmed.
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
        self.stop(Status::Rejected(reason.to_owned()), kind, moment)
    }

    /// Replaces missing approvals of an upgrade. No documented rule is replaced.
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
        let Some(step) = self.next_step(moment.limits(), moment.now) else {
            return Err(Refusal::NotTracked);
        };
        if step != Step::Upgrade {
            return Err(Refusal::GlassOnlyForUpgrade(step));
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
        self.ask_again(step, moment);
        let request = self.open_change().and_then(Change::request_open);
        let glass = BrokenGlass {
            request: request.map_or(0, |request| request.serial),
            by: moment.by.clone(),
            at: moment.now,
            reason: reason.to_owned(),
            ticket: ticket.to_owned(),
        };
        if let Some(change) = self.open_change_mut() {
            change.glass = Some(glass);
        }
        let kind = EventKind::GlassBroken {
            reason: reason.to_owned(),
            ticket: ticket.to_owned(),
        };
        self.note(moment.now, Some(moment.by), kind);
        Ok(verdict)
    }

    fn request_open_mut(&mut self) -> Option<&mut Request> {
        let request = self.open_change_mut()?.request.as_mut()?;
        (request.state == RequestState::Open).then_some(request)
    }

    /// What a step of the open change still lacks when `holder` were to take its permit; `None` when nothing.
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
        let request = change.request_open().filter(|request| {
            request.step == step && request.fingerprint == Fingerprint::of(&self.instance)
        });
        let needed = request.map_or(policy.approvals_for(step), |request| request.needed);
        let attesters = request.map_or(policy.attesters_for(step), |request| request.attesters);
        let approvals = request.map_or(&[][..], |request| &request.approvals);
        let counts = |approval: &&Approval| {
            approval.by.id != change.opened_by.id
                && holder.is_none_or(|holder| approval.by.id != holder.id)
        };
        let counted: Vec<&Approval> = approvals.iter().filter(counts).collect();
        let glass = request.is_some_and(|request| change.glass_holds(request, now));
        let wanted = self.instance.team.as_ref();
        let wanted = wanted.filter(|_| step == Step::Unsubscribe && needed > 0);
        let of_team = counted
            .iter()
            .any(|approval| approval.team.as_ref() == wanted);
        let limit = policy.limits.action_for_unsubscribe;
        let lacking = Lacking {
            step,
            needed: if glass { 0 } else { needed },
            given: counted.iter().map(|approval| approval.by.clone()).collect(),
            own: holder
                .filter(|holder| approvals.iter().any(|given| given.by.id == holder.id))
                .cloned(),
            team: wanted.filter(|_| !of_team).cloned(),
            attesters,
            looks: self.instance.fresh_looks(limit, now).cloned().collect(),
            asked: false,
        };
        (!lacking.has_approvals() || !lacking.has_looks()).then_some(lacking)
    }

    /// Asks for approvals of the next step if it needs any and nobody was asked on these facts.
    pub(super) fn ask_when_next(&mut self, moment: &Moment<'_>) {
        let Some(step) = self.next_step(moment.limits(), moment.now) else {
            return;
        };
        let Some(change) = self.open_change() else {
            return;
        };
        let asked = change
            .request
            .as_ref()
            .is_some_and(|request| request.step == step && request.state != RequestState::Void);
        // While the documented rules forbid the step there is nothing to approve.
        let allowed = intent(step)
            .is_some_and(|intent| self.judge(intent, moment.limits(), moment.now).allows());
        if allowed && !asked && change.permit_out(step).is_none() {
            self.ask(step, moment);
        }
    }

    /// Asks for approvals, unless they are being asked for already. Says whether it did.
    pub(super) fn ask_again(&mut self, step: Step, moment: &Moment<'_>) -> bool {
        let open = self
            .open_change()
            .and_then(Change::request_open)
            .is_some_and(|request| request.step == step);
        !open && self.ask(step, moment)
    }

    fn ask(&mut self, step: Step, moment: &Moment<'_>) -> bool {
        let needed = moment.policy.approvals_for(step);
        let fingerprint = Fingerprint::of(&self.instance);
        let Some(change) = self.open_change_mut().filter(|_| needed > 0) else {
            return false;
        };
        let last = change.request.as_ref().map_or(0, |request| request.serial);
        let serial = last.saturating_add(1);
        change.request = Some(Request {
            serial,
            step,
            asked_at: moment.now,
            needed,
            attesters: moment.policy.attesters_for(step),
            fingerprint,
            state: RequestState::Open,
            told: Told::Asked,
            approvals: Vec::new(),
        });
        let kind = EventKind::ApprovalAsked {
            step,
            request: serial,
            needed,
        };
        self.note(moment.now, Some(moment.by), kind);
        true
    }

    /// A request whose facts moved is void, with the approvals given on them; those who gave them are told. So is one
    /// that asked the instance's team, when the instance belongs to another now.
    pub(super) fn void_request(&mut self, other_team: bool, moment: &Moment<'_>) {
        let now = Fingerprint::of(&self.instance);
        let Some(change) = self.open_change_mut() else {
            return;
        };
        let done = change
            .request
            .as_ref()
            .is_some_and(|request| change.record(request.step).is_some());
        let Some(request) = change.request.as_mut().filter(|request| {
            let of_team = request.step == Step::Unsubscribe && request.state == RequestState::Open;
            !done && (request.fingerprint != now || other_team && of_team)
        }) else {
            return;
        };
        let was_open = request.state == RequestState::Open;
        request.state = RequestState::Void;
        let step = request.step;
        let of: Vec<Person> = request.approvals.drain(..).map(|given| given.by).collect();
        if was_open && !of.is_empty() {
            self.note(
                moment.now,
                Some(moment.by),
                EventKind::ApprovalsVoided { step, of },
            );
        }
    }

    /// The step happened: its request is settled, by its approvals or without them.
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
        }
        lacks
    }
}
