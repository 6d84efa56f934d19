//! A case: one instance with one of its changes, and all of their transitions.
//!
//! Each transition takes `now`, first advances time-driven state to it, and then either changes the case and records `events`, or
//! returns a typed refusal. After a refusal the case must be dropped, not stored.

mod advance;
mod approve;
mod ask;
mod attest;
mod confirm;
mod distrust;
mod end;
mod handover;
mod open;
mod open_to;
mod permit;
mod react;
mod refusal;
mod reopen;
mod request;
mod steps;

pub use approve::{Approved, Vote};
pub use attest::{AttestError, LONGEST_SUBSCRIPTION, Unlikely};
pub use confirm::Confirmation;
pub use handover::{Handover, Held};
pub use open::Opening;
pub use permit::PermitShown;
pub use refusal::Refusal;

use chrono::TimeDelta;

use super::Timestamp;
use super::approval::RequestState;
use super::change::{Change, ChangeKind, Permit, Route, Step};
use super::event::{Event, EventKind};
use super::id::{InstanceName, Person};
use super::instance::{Instance, PostExpirationAction};
use super::judge::judge;
use super::rules::{Intent, Terms, Verdict};
use super::team::{Limits, Policy};

/// An instance and one of its changes: the open one, or the one that a command names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Case {
    pub instance: Instance,
    pub change: Option<Change>,
    /// The events since the case was loaded.
    pub events: Vec<Event>,
}

/// The idle time after which a change counts as stuck.
const STUCK_AFTER: TimeDelta = TimeDelta::days(3);

impl Case {
    /// The expiry, if a downgrade waits although it passed with Downgrade not known: it may be deleted at any moment.
    pub fn waits_past_expiry(&self, now: Timestamp) -> Option<Timestamp> {
        let expired = self.instance.expired_at(now)?;
        let waits = |change: &&Change| change.kind.route().is_some() && !change.exit_confirmed();
        self.open_change().filter(waits).map(|_| expired)
    }

    /// The names that the new events gave to the instance, or took from it, in its region: what others are called so, or alike, may
    /// have to say so from now on, or not any more.
    pub fn names_moved(&self) -> Vec<InstanceName> {
        let mut names = Vec::new();
        for event in &self.events {
            if let EventKind::Described { what, from, .. } = &event.kind {
                let before = from.as_deref().filter(|_| what == "name");
                names.extend(before.and_then(|name| InstanceName::parse(name).ok()));
                let moves = matches!(what.as_str(), "name" | "region");
                names.extend(moves.then(|| self.instance.name.clone()));
            } else if matches!(
                event.kind,
                EventKind::Tracked | EventKind::Lost { .. } | EventKind::Removed { .. }
            ) {
                names.push(self.instance.name.clone());
            }
        }
        names
    }

    /// The step of the change of which nobody knows whether it happened. The edition, seen after its permit, settles that of an
    /// irreversible one.
    pub fn unknown_outcome(&self) -> Option<Step> {
        let change = self.change.as_ref()?;
        let seen = self.instance.edition.known();
        let settles = |step: &Step| {
            let permit = change.permit.as_ref().filter(|permit| permit.step == *step);
            let since = permit.map(Permit::lapses_at);
            step.is_irreversible()
                && since.is_some_and(|since| seen.is_some_and(|seen| seen.at > since))
        };
        change.unknown_outcome().filter(|step| !settles(step))
    }

    /// The step of the open change of which nobody knows whether it happened, as its permit was withdrawn.
    pub fn withdrawn_in_doubt(&self) -> Option<Step> {
        let doubt = self.instance.in_doubt.as_ref()?;
        let is_here = doubt.withdrawn && self.open_number() == Some(doubt.change);
        is_here.then_some(doubt.step)
    }

    /// Whether the open change has an unknown outcome or an unanswered request, or is idle without waiting for the expiry.
    pub fn is_stuck(&self, now: Timestamp) -> bool {
        self.open_change().is_some_and(|change| {
            let request = change.request.as_ref();
            let unanswered = request.is_some_and(|asked| asked.state == RequestState::Lapsed);
            let idle = now - change.last_moved() >= STUCK_AFTER && !self.waits_for_time(now);
            self.unknown_outcome().is_some() || unanswered || idle
        })
    }

    /// Whether the open change waits only for the expiry: its action was set, however long ago, and it is approved.
    pub fn waits_for_time(&self, now: Timestamp) -> bool {
        let action = self.instance.action.value();
        self.open_change().is_some_and(|change| {
            change.kind == ChangeKind::Downgrade(Route::Expiry)
                && !change.exit_confirmed()
                && action == Some(&PostExpirationAction::Downgrade)
                && (change.request.is_none() || self.is_approved(now))
        })
    }
}

/// The context of a transition: actor, time and policy.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The actor.
    pub by: &'a Person,
    pub now: Timestamp,
    pub policy: &'a Policy,
}

impl<'a> Moment<'a> {
    /// The maximum ages of facts.
    pub const fn limits(&self) -> &'a Limits {
        &self.policy.limits
    }
}

impl Case {
    /// A case without events.
    pub const fn new(instance: Instance, change: Option<Change>) -> Self {
        Self {
            instance,
            change,
            events: Vec::new(),
        }
    }

    /// The number of the change, open or closed.
    pub fn number(&self) -> Option<u64> {
        self.change.as_ref().map(|change| change.number)
    }

    /// The change, if it is open.
    pub fn open_change(&self) -> Option<&Change> {
        self.change.as_ref().filter(|change| change.is_open())
    }

    fn open_change_mut(&mut self) -> Option<&mut Change> {
        self.change.as_mut().filter(|change| change.is_open())
    }

    /// Judges an intent by the documented rules, with the acknowledgement and the confirmed steps of the open change.
    pub fn judge(&self, intent: Intent, limits: &Limits, now: Timestamp) -> Verdict {
        let open = self.open_change();
        let acknowledged = open.and_then(|change| change.acknowledgement.as_ref());
        let terms = Terms {
            limits,
            acknowledged_tps: acknowledged.map(|given| given.max_tps),
            unsubscribed: open.is_some_and(Change::is_unsubscribed),
        };
        judge(&self.instance, intent, &terms, now)
    }

    /// The verdict that forbids the next step of the open change; `None` where the rules allow it, or ask nothing of it.
    pub fn forbids_next(&self, limits: &Limits, now: Timestamp) -> Option<Verdict> {
        let intent = approve::intent(self.next_step(limits, now)?)?;
        Some(self.judge(intent, limits, now)).filter(|verdict| !verdict.allows())
    }

    pub(crate) fn record_event(&mut self, at: Timestamp, by: Option<&Person>, kind: EventKind) {
        let event = Event {
            at,
            by: by.cloned(),
            change: self.number(),
            kind,
        };
        self.instance.past.take_event(&event);
        let falls = matches!(
            event.kind,
            EventKind::StepTakenBack { .. }
                | EventKind::Reopened { .. }
                | EventKind::ApprovalsVoided { .. }
                | EventKind::OverrideEnded { .. }
                | EventKind::PermitWithdrawn { .. }
        );
        if let Some(change) = self.change.as_mut().filter(|_| falls) {
            change.fell_at = change.fell_at.max(Some(at));
        }
        self.events.push(event);
    }

    /// Records an act of the person whose moment it is.
    pub(crate) fn record_act(&mut self, moment: &Moment<'_>, kind: EventKind) {
        self.record_event(moment.now, Some(moment.by), kind);
    }

    /// Records that the instance is tracked.
    pub fn note_tracked(&mut self, moment: &Moment<'_>) {
        self.record_act(moment, EventKind::Tracked);
    }
}
