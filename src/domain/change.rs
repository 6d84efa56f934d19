//! An edition change: its ordered steps, their records, and its permit.

mod step;

pub use step::{ChangeKind, How, Route, Step, StepRecord};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::approval::{EmergencyOverride, Request, RequestState, holds_until};
use super::event::{EventKind, FactValue};
use super::fact::is_ahead;
use super::facts::{FactKind, MoveEffect};
use super::id::Person;
use super::instance::{Instance, PlatinumFacts};
use super::team::PERMIT_VALID;
use super::words::words;

const fn is_zero(many: &u32) -> bool {
    *many == 0
}

words! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum PermitState {
        /// Valid until it lapses.
        Out = "out",
        /// It lapsed without a report: the outcome of the step is unknown.
        Lapsed = "lapsed",
        /// A fact moved, or the change ended.
        Withdrawn = "withdrawn",
        /// The step was confirmed.
        Used = "used",
    }
}

/// Leave for one person to carry out one step, on the facts of one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permit {
    /// The number of the permit in its change, from 1.
    pub serial: u32,
    pub step: Step,
    pub holder: Person,
    pub shown_at: Timestamp,
    pub state: PermitState,
    /// Whether it says that another row is called so, or alike.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub others: bool,
}

impl Permit {
    /// The instant at which it lapses.
    pub fn lapses_at(&self) -> Timestamp {
        self.shown_at + PERMIT_VALID
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Open,
    /// It reached its target.
    Done,
    Failed(Failure),
    /// Cancelled, for this reason.
    Cancelled(String),
    /// Rejected by an approver, for this reason.
    Rejected(String),
}

/// The reason of a failure.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// A person reported it, for this reason.
    Said(String),
    /// The instance was deleted at the vendor, reported with this text.
    Lost(String),
    /// Seven days after expiry, Downgrade was still not known (rule `release-after-7-days`).
    PresumedDeleted,
}

/// The values of some facts at a moment, such as those a change rests on. Ages are not included.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint {
    pub values: BTreeMap<FactKind, FactValue>,
}

impl Fingerprint {
    /// The deciding facts at this moment.
    pub fn of(instance: &Instance) -> Self {
        Self::weighing(MoveEffect::Decides, instance)
    }

    /// The facts of this weight at this moment.
    pub fn weighing(weight: MoveEffect, instance: &Instance) -> Self {
        let facts = FactKind::moving().filter(|fact| fact.weight() == weight);
        Self {
            values: facts
                .map(|fact| (fact, FactValue::of(instance, fact)))
                .collect(),
        }
    }

    /// The values in display order of the facts.
    pub fn shown(&self) -> impl Iterator<Item = (FactKind, &FactValue)> {
        FactKind::moving().filter_map(|fact| Some((fact, self.values.get(&fact)?)))
    }

    /// The values that differ in `now`. A missing value counts as unknown.
    pub fn moved<'a>(&'a self, now: &'a Self) -> impl Iterator<Item = EventKind> + 'a {
        now.shown().filter_map(|(fact, to)| {
            let from = self.values.get(&fact).unwrap_or(&FactValue::Unknown);
            (from != to).then(|| EventKind::Moved {
                fact,
                from: from.clone(),
                to: to.clone(),
            })
        })
    }
}

/// The acceptance that the instance is larger than Standard supports (rule `fits-standard`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    /// The accepted size; void when it rises.
    pub max_tps: u32,
    pub by: Person,
    pub at: Timestamp,
}

/// An irreversible step whose permit was shown and whose outcome is not reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeUnknown {
    pub step: Step,
    /// Whether its permit lapsed: then `confirm` or a new permit settles it. A withdrawn permit does not count.
    #[serde(rename = "in_doubt")]
    pub permit_lapsed: bool,
}

/// A rejection of a change that goes on since: who is asked again is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rejection {
    pub by: Person,
    pub reason: String,
    pub at: Timestamp,
}

/// An edition change of one instance.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Its number in the workspace, from 1.
    pub number: u64,
    pub kind: ChangeKind,
    pub status: Status,
    /// The owner: the person who opened it, or who took it over.
    pub opened_by: Person,
    /// Who opened it, if it was handed over since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opener: Option<Person>,
    /// Why it was opened, as its opener said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub opened_at: Timestamp,
    /// Former and additional owners: people who reopened it, or held the permit for an irreversible step.
    pub owners: Vec<Person>,
    /// People who took part and left: their open work goes to the owner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Person>,
    pub ended_at: Option<Timestamp>,
    /// Who ended it, if a person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<Person>,
    /// The recorded steps, in order. Whether `set-action` is done depends on the facts; its record only names who confirmed it.
    pub records: Vec<StepRecord>,
    /// The latest request for approvals.
    pub request: Option<Request>,
    /// The override of missing approvals; never removed.
    pub emergency_override: Option<EmergencyOverride>,
    /// The latest permit.
    pub permit: Option<Permit>,
    /// An irreversible step whose permit was shown and whose outcome is not reported.
    #[serde(rename = "unsettled")]
    pub outcome_unknown: Option<OutcomeUnknown>,
    /// The highest request or permit number that may have been given between the backup and its restoration.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u32,
    /// The acceptance of its size.
    pub acknowledgement: Option<Acknowledgement>,
    /// The facts it rests on.
    pub decided_on: Fingerprint,
    /// The facts before `verify-standard`, once that is recorded.
    pub before_standard: Option<Box<PlatinumFacts>>,
    /// When something that was recorded in it was last taken back, or fell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fell_at: Option<Timestamp>,
    /// Since when it is the owner's, where it was handed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_since: Option<Timestamp>,
    /// The last rejection, until a step is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<Rejection>,
}

impl Change {
    pub fn open(
        number: u64,
        kind: ChangeKind,
        instance: &Instance,
        by: &Person,
        now: Timestamp,
    ) -> Self {
        Self {
            number,
            kind,
            status: Status::Open,
            opened_by: by.clone(),
            opener: None,
            reason: None,
            opened_at: now,
            owners: Vec::new(),
            left: Vec::new(),
            ended_at: None,
            ended_by: None,
            records: Vec::new(),
            request: None,
            emergency_override: None,
            permit: None,
            outcome_unknown: None,
            left_out: 0,
            acknowledgement: None,
            decided_on: Fingerprint::of(instance),
            before_standard: None,
            fell_at: None,
            owner_since: None,
            rejected: None,
        }
    }

    /// The number for the next request, unique so that a button of one never answers another.
    pub fn next_request(&self) -> u32 {
        let last = self.request.as_ref().map_or(0, |request| request.serial);
        last.max(self.left_out).saturating_add(1)
    }

    /// The number for the next permit.
    pub fn next_permit(&self) -> u32 {
        let last = self.permit.as_ref().map_or(0, |permit| permit.serial);
        last.max(self.left_out).saturating_add(1)
    }

    /// Skips this many request and permit numbers, which may have been given between the backup and its restoration.
    pub fn leave_out(&mut self, many: u64) {
        let many = u32::try_from(many).unwrap_or(u32::MAX);
        let last = self.next_request().max(self.next_permit());
        self.left_out = last.saturating_add(many);
    }

    /// The time of the last activity.
    pub fn last_moved(&self) -> Timestamp {
        let records = self.records.iter().map(|record| record.at);
        let permit = self.permit.as_ref().map(|permit| permit.shown_at);
        let request = self.request.as_ref().map(|request| match request.state {
            RequestState::Lapsed => request.lapses_at(),
            RequestState::Open | RequestState::Void | RequestState::Used | RequestState::Missed => {
                request.asked_at
            }
        });
        let approvals = self.request.iter().flat_map(|request| &request.approvals);
        let approvals = approvals.map(|given| given.at);
        let all = records.chain(permit).chain(request).chain(approvals);
        let all = all.chain(self.fell_at);
        all.fold(self.opened_at, Timestamp::max)
    }

    /// When its request lapsed, or its opener's permit, as its opener was told then.
    pub fn lapse_told_to_opener(&self) -> Option<Timestamp> {
        let request = self.request.as_ref();
        let request = request.filter(|request| request.state == RequestState::Lapsed);
        let permit = self.permit.as_ref();
        let permit = permit.filter(|permit| {
            permit.state == PermitState::Lapsed && permit.holder.id == self.opened_by.id
        });
        let lapses = request.map(Request::lapses_at);
        lapses.max(permit.map(Permit::lapses_at))
    }

    pub fn is_open(&self) -> bool {
        self.status == Status::Open
    }

    /// Whether a person owns or owned it: owners never approve it.
    pub fn was_owned_by(&self, person: &Person) -> bool {
        let mut owners = std::iter::once(&self.opened_by).chain(&self.owners);
        owners.any(|owner| owner.id == person.id)
    }

    /// Adds an owner.
    pub fn own(&mut self, person: &Person) {
        if !self.was_owned_by(person) {
            self.owners.push(person.clone());
        }
    }

    /// Makes a person its owner; the previous owner stays on record.
    pub fn belongs_to(&mut self, person: &Person, since: Timestamp) {
        self.owner_since = Some(since);
        let before = std::mem::replace(&mut self.opened_by, person.clone());
        self.opener.get_or_insert_with(|| before.clone());
        self.own(&before);
        self.left.retain(|left| left.id != person.id);
    }

    /// Who opened it, which need not be the owner.
    pub fn opener(&self) -> &Person {
        self.opener.as_ref().unwrap_or(&self.opened_by)
    }

    /// Records that a person left.
    pub fn leaves(&mut self, person: &Person) {
        if !self.left.iter().any(|left| left.id == person.id) {
            self.left.push(person.clone());
        }
    }

    /// The person in charge for another: that person, unless they left.
    pub fn in_charge<'a>(&'a self, person: &'a Person) -> &'a Person {
        let has_left = self.left.iter().any(|left| left.id == person.id);
        if has_left { &self.opened_by } else { person }
    }

    /// The step that a person has yet to report on: the one with an unknown outcome whose permit they held, or `verify-standard`
    /// after the unsubscription they confirmed.
    pub fn asked_of(&self, person: &Person) -> Option<Step> {
        let is = |other: &Person| self.in_charge(other).id == person.id;
        let held = |step: &Step| {
            let permit = self.permit.as_ref();
            permit.is_some_and(|permit| permit.step == *step && is(&permit.holder))
        };
        let confirmed = self.record(Step::Unsubscribe).filter(|_| self.is_open());
        let confirmed = confirmed.and_then(|record| record.by.as_ref());
        let unseen = confirmed.filter(|by| is(by)).map(|_| Step::VerifyStandard);
        self.unknown_outcome().filter(held).or(unseen)
    }

    /// The record of a step, if done.
    pub fn record(&self, step: Step) -> Option<&StepRecord> {
        self.records.iter().find(|record| record.step == step)
    }

    /// The time of the last recorded exit from the subscription.
    pub fn left_at(&self) -> Option<Timestamp> {
        let exits = [Step::Unsubscribe, Step::AwaitExpiry];
        let exits = exits.iter().filter_map(|step| self.record(*step));
        exits.map(|record| record.at).max()
    }

    /// Whether the instance has left its subscription, as far as recorded.
    pub fn exit_confirmed(&self) -> bool {
        self.is_unsubscribed() || self.record(Step::AwaitExpiry).is_some()
    }

    /// Whether a rule that its exit needs reads this fact: `refund-limits`, `fits-standard` or `auto-renewal`.
    pub fn rests_on(&self, fact: FactKind) -> bool {
        let ChangeKind::Downgrade(route) = self.kind else {
            return false;
        };
        match fact {
            FactKind::CommodityId => route == Route::Unsubscribe,
            FactKind::AutoRenew => route == Route::Expiry,
            FactKind::MaxTps => true,
            FactKind::Edition
            | FactKind::Expires
            | FactKind::Action
            | FactKind::Busy
            | FactKind::Topics
            | FactKind::Groups => false,
        }
    }

    /// Whether unsubscribing is confirmed.
    pub fn is_unsubscribed(&self) -> bool {
        self.record(Step::Unsubscribe).is_some()
    }

    /// Whether any step was done without a permit.
    pub fn was_outside(&self) -> bool {
        self.records
            .iter()
            .any(|record| matches!(record.how, How::Outside(_)))
    }

    /// The request, if it accepts approvals.
    pub fn request_open(&self) -> Option<&Request> {
        let request = self.request.as_ref().filter(|_| self.is_open());
        request.filter(|request| request.state == RequestState::Open)
    }

    /// Whether an admin's override of this request still holds.
    pub fn override_holds(&self, request: &Request, now: Timestamp) -> bool {
        self.emergency_override
            .as_ref()
            .is_some_and(|emergency_override| {
                let until = holds_until(request.step, emergency_override.at, None);
                let counts =
                    !is_ahead(emergency_override.at, now) && until.is_none_or(|until| now < until);
                emergency_override.request == request.serial && counts
            })
    }

    /// The override, while it replaces approvals of this moment's request, or a permit that was not withdrawn rests on it.
    pub fn override_standing(&self, now: Timestamp) -> Option<&EmergencyOverride> {
        let request = self.request.as_ref()?;
        let given = self.emergency_override.as_ref();
        let given = given.filter(|given| given.request == request.serial)?;
        let withdrawn = self.permit.as_ref();
        let withdrawn = withdrawn.is_some_and(|permit| permit.state == PermitState::Withdrawn);
        let stands = match request.state {
            RequestState::Open => self.override_holds(request, now),
            RequestState::Used => !withdrawn,
            RequestState::Void | RequestState::Lapsed | RequestState::Missed => false,
        };
        stands.then_some(given)
    }

    /// The permit for this step, if it is valid.
    pub fn permit_out(&self, step: Step) -> Option<&Permit> {
        self.permit
            .as_ref()
            .filter(|permit| permit.step == step && permit.state == PermitState::Out)
    }

    /// Whether a permit for this step was shown and not withdrawn, so that its confirmation is not judged again.
    pub fn permit_was_shown(&self, step: Step) -> bool {
        let lapsed = OutcomeUnknown {
            step,
            permit_lapsed: true,
        };
        self.outcome_unknown == Some(lapsed)
            || self.permit.as_ref().is_some_and(|permit| {
                let shown = matches!(permit.state, PermitState::Out | PermitState::Lapsed);
                permit.step == step && shown
            })
    }

    /// The step whose outcome is unknown since its permit lapsed.
    pub fn unknown_outcome(&self) -> Option<Step> {
        let irreversible = self.outcome_unknown.filter(|unknown| unknown.permit_lapsed);
        let lapsed = self
            .permit
            .as_ref()
            .filter(|permit| permit.state == PermitState::Lapsed);
        let step = irreversible
            .map(|unknown| unknown.step)
            .or(lapsed.map(|permit| permit.step));
        // After the exit, the action no longer matters.
        step.filter(|step| self.is_open() && !(*step == Step::SetAction && self.exit_confirmed()))
    }
}
