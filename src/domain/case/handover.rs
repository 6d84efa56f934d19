//! Handover: a person leaves, another takes over their open work, and the former's approvals and observations stop counting.

use super::{Case, Moment};
use crate::Timestamp;
use crate::approval::RequestState;
use crate::change::{Change, PermitState, Step};
use crate::event::{Disqualified, EventKind, OverrideEnd, Withdrawal};
use crate::fact::Gap;
use crate::id::Person;

#[derive(Debug, Clone, Copy)]
pub struct Handover<'a> {
    pub of: &'a Person,
    pub to: &'a Person,
    pub reason: Option<&'a str>,
}

/// The open work of a person in a case, and what rests on their word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// They own the change.
    pub opened: bool,
    /// The step of their outstanding permit.
    pub permit: Option<Step>,
    /// The step whose outcome, or whose result in the console, they have yet to report.
    pub asked: Option<Step>,
    /// The step that they approved.
    pub approved: Option<Step>,
    /// The step whose missing approvals they overrode.
    pub overrode: Option<Step>,
    /// They observed the action.
    pub observed: bool,
    /// They alone said that it is Standard.
    pub said_standard: bool,
    /// The step whose permit somebody else holds, on their approval or look.
    pub rests: Option<Step>,
    /// They acknowledged the reminders, so that these mention nobody. No part of the case: the caller adds it.
    pub acked: bool,
}

impl Held {
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

impl Case {
    /// The open work of a person, and what rests on their word. The case must have been advanced.
    pub fn held_by(&self, person: &Person) -> Held {
        let is = |other: &Person| other.id == person.id;
        let observed = self.instance.was_seen_by(person);
        let said_standard = self.instance.is_standard_by(person);
        let Some(change) = self.open_change() else {
            return Held {
                observed,
                said_standard,
                ..Held::default()
            };
        };
        let permit = change.permit.as_ref().filter(|permit| is(&permit.holder));
        let out = permit.filter(|permit| permit.state == PermitState::Out);
        let in_doubt = self
            .instance
            .in_doubt
            .as_ref()
            .filter(|doubt| is(change.in_charge(&doubt.holder)))
            .filter(|doubt| doubt.change == change.number)
            .map(|doubt| doubt.step);
        let request = change.request_open();
        let approved = request.filter(|request| request.approval_of(person).is_some());
        let overrode = request.filter(|_| self.replaced_by(change, person));
        Held {
            opened: is(&change.opened_by),
            permit: out.map(|permit| permit.step),
            asked: change.asked_of(person).or(in_doubt),
            approved: approved.map(|request| request.step),
            overrode: overrode.map(|request| request.step),
            observed,
            said_standard,
            rests: self.permit_on_word_of(change, person),
            acked: false,
        }
    }

    /// The step whose permit is out for somebody else, and would not be without this one's approval or look.
    fn permit_on_word_of(&self, change: &Change, person: &Person) -> Option<Step> {
        let permit = change.permit.as_ref()?;
        let step = permit.step;
        let out = permit.state == PermitState::Out && permit.holder.id != person.id;
        let used = change.request.as_ref().filter(|used| used.step == step);
        let approved = used.is_some_and(|used| {
            let replaced = change.emergency_override.as_ref();
            let replaced =
                replaced.is_some_and(|it| it.by.id == person.id && it.request == used.serial);
            replaced || used.approval_of(person).is_some()
        });
        let seen = step == Step::Unsubscribe && self.instance.was_seen_by(person);
        (out && (approved || seen)).then_some(step)
    }

    /// Whether this person overrode the missing approvals of the open request.
    fn replaced_by(&self, change: &Change, person: &Person) -> bool {
        let serial = change.request_open().map(|request| request.serial);
        let replaced = change.emergency_override.as_ref();
        replaced.is_some_and(|it| it.by.id == person.id && Some(it.request) == serial)
    }

    /// Hands over the open work of a person who leaves. Their permit is withdrawn and not reissued, their approvals and
    /// observations stop counting, and neither they nor the new owner may ever approve the change. Their work in another person's
    /// change goes to that change's owner.
    pub fn hand_over(&mut self, it: &Handover<'_>, moment: &Moment<'_>) -> Held {
        self.advance(moment.policy, moment.now);
        let held = self.held_by(it.of);
        if held.is_nothing() {
            return held;
        }
        if held.opened || held.permit.is_some() || held.asked.is_some() {
            self.pass_on(it, held.opened, moment);
        }
        if let Some(step) = held.asked {
            self.ask_successor(step, it.of, moment.now);
        }
        if held.permit.is_some() {
            // It may have been used, so the successor is asked.
            self.doubt_permitted();
            self.withdraw_permit(Withdrawal::HandedOver, Some(moment.by), moment.now);
        }
        if held.rests.is_some() {
            self.doubt_permitted();
            self.withdraw_permit(Withdrawal::WordGone, Some(moment.by), moment.now);
        }
        self.void_override_of(it.of, moment);
        let by = Some(moment.by);
        let leaver = std::slice::from_ref(it.of);
        self.disqualify(leaver, Disqualified::Left, by, moment.now);
        if held.opened {
            let owner = std::slice::from_ref(it.to);
            self.disqualify(owner, Disqualified::OwnsIt, by, moment.now);
        }
        if held.said_standard {
            let before = self.instance.clone();
            self.instance.forget_edition(Gap::ObserverGone, moment.now);
            self.react(&before, moment, false);
        }
        if held.observed {
            let before = self.instance.clone();
            self.instance.forget_looks_of(it.of, moment.now);
            let of = it.of.clone();
            self.record_act(moment, EventKind::ObserverGone { of });
            self.react(&before, moment, false);
        }
        self.ask_when_next(Some(moment.by), moment.policy, moment.now);
        held
    }

    /// The successor is asked what happened to a step, and people are told from where they have got to: it is no new doubt.
    fn ask_successor(&mut self, step: Step, of: &Person, now: Timestamp) {
        let doubt = self.instance.in_doubt.as_ref();
        if doubt.is_some_and(|doubt| doubt.step == step) {
            return;
        }
        let permit = self.open_change().and_then(|change| change.permit.as_ref());
        let lapsed = permit.filter(|permit| permit.step == step);
        let since = lapsed.map_or(now, |permit| permit.lapses_at().min(now));
        self.doubt_step(step, of.clone(), false, since);
    }

    fn pass_on(&mut self, it: &Handover<'_>, opened: bool, moment: &Moment<'_>) {
        let Some(change) = self.open_change_mut() else {
            return;
        };
        if opened {
            change.belongs_to(it.to, moment.now);
        }
        change.leaves(it.of);
        let kind = EventKind::HandedOver {
            of: it.of.clone(),
            to: change.opened_by.clone(),
            reason: it.reason.map(str::to_owned),
        };
        self.record_act(moment, kind);
    }

    /// Voids the request whose missing approvals this person overrode.
    fn void_override_of(&mut self, of: &Person, moment: &Moment<'_>) {
        let change = self.open_change();
        if !change.is_some_and(|change| self.replaced_by(change, of)) {
            return;
        }
        self.end_override(OverrideEnd::Left, Some(moment.by), moment.now);
        if let Some(request) = self.request_open_mut() {
            request.state = RequestState::Void;
            request.approvals.clear();
        }
    }
}
