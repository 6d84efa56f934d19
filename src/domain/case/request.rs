//! Time-driven transitions of a request: reminders to approvers, lapsed approvals, the lapsed request.

use chrono::TimeDelta;

use super::Case;
use crate::Timestamp;
use crate::approval::{Request, RequestState, Told, holds_until, team_to_approve};
use crate::change::{Change, How, PermitState, Step};
use crate::event::{EventKind, OverrideEnd};
use crate::id::Person;
use crate::team::{LONGEST_FOR_UNSUBSCRIBE, RELEASE_AFTER, REQUEST_LIVES};

/// The next time-driven transition of a request.
enum RequestDue {
    Tell(Told),
    ApprovalOver(Person),
    RequestOver,
}

impl Case {
    /// Advances the open request to `until`, each transition at its own instant and in order.
    pub(super) fn pass_request(&mut self, until: Timestamp) {
        let mut reached = None;
        while let Some((at, due)) = self.due_for_request() {
            if at > until {
                return;
            }
            // A consequence is not dated before its cause.
            let at = reached.map_or(at, |reached| at.max(reached));
            reached = Some(at);
            self.take_due(&due, at);
        }
    }

    fn take_due(&mut self, due: &RequestDue, at: Timestamp) {
        let complete = self.is_approved(at);
        if matches!(due, RequestDue::RequestOver) {
            self.end_override(OverrideEnd::Lapsed, None, at);
        }
        let Some(request) = self.request_mut() else {
            return;
        };
        let (step, serial) = (request.step, request.serial);
        let kind = match due {
            RequestDue::Tell(told) => {
                request.told = *told;
                if complete {
                    return;
                }
                EventKind::ApprovalAwaited {
                    step,
                    request: serial,
                    told: *told,
                }
            }
            RequestDue::ApprovalOver(of) => {
                request.approvals.retain(|given| given.by.id != of.id);
                let of = of.clone();
                EventKind::ApprovalLapsed { step, of }
            }
            RequestDue::RequestOver => {
                request.state = RequestState::Lapsed;
                request.approvals.clear();
                EventKind::RequestLapsed { step }
            }
        };
        if complete && !self.is_approved(at) {
            // Those who approve have answered: it is for the opener to ask them once more.
            let request = self.request_mut();
            request.into_iter().for_each(|it| it.told = Told::Escalated);
        }
        self.record_event(at, None, kind);
    }

    fn request_mut(&mut self) -> Option<&mut Request> {
        let request = self.open_change_mut()?.request.as_mut()?;
        (request.state == RequestState::Open).then_some(request)
    }

    fn due_for_request(&self) -> Option<(Timestamp, RequestDue)> {
        let change = self.open_change()?;
        let request = change.request_open()?;
        let expires = self.instance.expires.held().map(|held| held.value);
        let tell = request
            .tells_at()
            .map(|(at, told)| (at, RequestDue::Tell(told)));
        let over = request.approvals.iter().filter_map(|given| {
            let until = holds_until(request.step, given.at, expires)?;
            Some((until, RequestDue::ApprovalOver(given.by.clone())))
        });
        let lapse = self.lapses_at(change, request);
        let lapse = lapse.map(|at| (at, RequestDue::RequestOver));
        tell.into_iter()
            .chain(over)
            .chain(lapse)
            .min_by_key(|(at, _)| *at)
    }

    /// The instant at which a request lapses. It stays open while its approvals are complete, but an emergency override lapses.
    fn lapses_at(&self, change: &Change, request: &Request) -> Option<Timestamp> {
        let lapses = request.lapses_at();
        if !self.is_approved(lapses) {
            return Some(lapses);
        }
        let emergency_override = change.emergency_override.as_ref();
        let emergency_override = emergency_override
            .filter(|emergency_override| emergency_override.request == request.serial)?;
        let until = holds_until(request.step, emergency_override.at, None)?;
        (!self.is_approved(until)).then_some(until.max(lapses))
    }

    /// When each look that the open request shows stops counting: who reads it has to see that.
    pub fn looks_lapse(&self) -> impl Iterator<Item = Timestamp> {
        let request = self.open_change().and_then(Change::request_open);
        let request = request.filter(|request| request.observers > 0);
        let limit = LONGEST_FOR_UNSUBSCRIBE + TimeDelta::milliseconds(1);
        request.into_iter().flat_map(move |request| {
            let looks = self.instance.observations.iter();
            let lapse = looks.filter_map(move |seen| seen.at.checked_add_signed(limit));
            lapse.filter(|at| *at > request.asked_at)
        })
    }

    /// The open request, as long as approvals of it or looks at the action are missing.
    pub fn request_unanswered(&self, at: Timestamp) -> Option<&Request> {
        let request = self.open_change().and_then(Change::request_open);
        request.filter(|request| !self.is_approved(at) || !self.is_observed(request, at))
    }

    /// Whether as many people as a request asks for have looked at the action lately.
    pub fn is_observed(&self, request: &Request, at: Timestamp) -> bool {
        let looks = self
            .instance
            .fresh_observations(LONGEST_FOR_UNSUBSCRIBE, at);
        looks.count() >= usize::from(request.observers)
    }

    /// Whether the approvals of the open request are complete, regardless of the permit's holder.
    pub fn is_approved(&self, at: Timestamp) -> bool {
        let Some(change) = self.open_change() else {
            return false;
        };
        let Some(request) = change.request_open() else {
            return false;
        };
        if request.is_ahead(at) {
            return false;
        }
        let counted = request.counted(change, at);
        let enough = counted.clone().count() >= usize::from(request.needed);
        let team = team_to_approve(&self.instance, request.step);
        let of_team = team.is_none() || counted.clone().any(|given| given.team.as_ref() == team);
        change.override_holds(request, at) || (enough && of_team)
    }

    /// Settles the request of a step that is recorded now. After a permit its approvals were used; otherwise the step was done
    /// without them.
    pub(super) fn close_request(&mut self, step: Step, how: &How) {
        let Some(request) = self.request_mut().filter(|request| request.step == step) else {
            return;
        };
        request.state = match how {
            How::Confirmed => RequestState::Void,
            How::Shown | How::Outside(_) | How::Elapsed => RequestState::Missed,
        };
    }

    /// The next instant at which time alone changes the case: a permit or an approval lapses, a request is announced again, the
    /// expiry of a change passes. `None` when nothing is due. Instants already advanced past are not due again.
    pub fn wakes_at(&self) -> Option<Timestamp> {
        let change = self.open_change()?;
        let permit = change.permit.as_ref();
        let permit = permit.filter(|permit| permit.state == PermitState::Out);
        let lapse = permit.map(crate::change::Permit::lapses_at);
        let request = self.due_for_request().map(|(at, _)| at);
        let expires = self.instance.expires.value().copied();
        let expires = expires.filter(|_| self.exit_is_ahead());
        let exit = match self.instance.at_expiry {
            None => expires,
            // An instance that outlived its release is not presumed deleted.
            Some(_) => expires
                .filter(|_| self.instance.outlived_release(Timestamp::MAX_UTC).is_none())
                .and_then(|at| at.checked_add_signed(RELEASE_AFTER)),
        };
        [lapse, request, exit].into_iter().flatten().min()
    }
}

// The last announcement of a request precedes its lapse.
const _: () = assert!(REQUEST_LIVES.num_minutes() > crate::team::REQUEST_ESCALATES.num_minutes());
