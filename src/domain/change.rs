//! An edition change: its ordered steps, what was recorded of them, and the permit that is out.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::approval::{EmergencyOverride, Request, RequestState, holds_until};
use super::event::{EventKind, FactValue};
use super::fact::is_ahead;
use super::facts::{FactKind, MoveEffect};
use super::id::Person;
use super::instance::{Instance, PlatinumFacts, words};
use super::rules::Intent;
use super::team::{Limits, PERMIT_VALID};

const fn is_zero(many: &u32) -> bool {
    *many == 0
}

/// How a Platinum instance leaves its subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Route {
    /// By a refund, at once.
    Unsubscribe,
    /// By waiting until it expires.
    Expiry,
}

words!(Route { Unsubscribe = "unsubscribe", Expiry = "expiry" });

impl Route {
    /// How old the action may be on this route (rule `action-known`).
    pub const fn action_limit(self, limits: &Limits) -> TimeDelta {
        match self {
            Self::Unsubscribe => limits.action_for_unsubscribe,
            Self::Expiry => limits.action_for_expiry,
        }
    }
}

/// Where a change leads, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// Standard to Platinum.
    Upgrade,
    /// Platinum to Standard.
    Downgrade(Route),
}

impl ChangeKind {
    /// The steps in their documented order.
    pub const fn steps(self) -> [Step; 3] {
        match self {
            Self::Upgrade => [Step::Upgrade, Step::RecordExpiry, Step::ChooseAction],
            Self::Downgrade(Route::Unsubscribe) => {
                [Step::SetAction, Step::Unsubscribe, Step::VerifyStandard]
            }
            Self::Downgrade(Route::Expiry) => {
                [Step::SetAction, Step::AwaitExpiry, Step::VerifyStandard]
            }
        }
    }

    /// The route of a downgrade.
    pub const fn route(self) -> Option<Route> {
        match self {
            Self::Upgrade => None,
            Self::Downgrade(route) => Some(route),
        }
    }
}

/// One step of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Upgrade in the vendor's console.
    Upgrade,
    /// Record when the new subscription expires.
    RecordExpiry,
    /// Decide what its Post-expiration Action shall be.
    ChooseAction,
    /// Set the Post-expiration Action to Downgrade.
    SetAction,
    /// Unsubscribe in the vendor's console.
    Unsubscribe,
    /// Wait until it expires.
    AwaitExpiry,
    /// Look whether the console shows Standard Edition.
    VerifyStandard,
}

words!(Step {
    Upgrade = "upgrade",
    RecordExpiry = "record-expiry",
    ChooseAction = "choose-action",
    SetAction = "set-action",
    Unsubscribe = "unsubscribe",
    AwaitExpiry = "await-expiry",
    VerifyStandard = "verify-standard",
});

impl Step {
    /// What is judged before a permit for this step is given; `None` for steps that need none.
    pub const fn permit_intent(self) -> Option<Intent> {
        match self {
            Self::Upgrade => Some(Intent::Upgrade),
            Self::SetAction => Some(Intent::SetAction),
            Self::Unsubscribe => Some(Intent::Unsubscribe),
            Self::RecordExpiry | Self::ChooseAction | Self::AwaitExpiry | Self::VerifyStandard => {
                None
            }
        }
    }

    /// Whether the vendor cannot take it back.
    pub const fn is_irreversible(self) -> bool {
        matches!(self, Self::Upgrade | Self::Unsubscribe)
    }
}

/// How a step came to be done.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Somebody confirmed it, after a permit where it needs one.
    Confirmed,
    /// The facts show it.
    Shown,
    /// It happened without a permit. The reason is in their words; `None` where the facts revealed it.
    Outside(Option<String>),
    /// The expiry passed with the action known to be Downgrade.
    Elapsed,
}

/// A step that is done.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRecord {
    /// Which.
    pub step: Step,
    /// How.
    pub how: How,
    /// By whom; `None` when time did it.
    pub by: Option<Person>,
    /// When it was recorded.
    pub at: Timestamp,
    /// Where the proof is.
    pub evidence: Option<String>,
}

/// What became of a permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PermitState {
    /// Valid until its time is over.
    Out,
    /// Its time is over and nobody has said what happened: the step is in doubt.
    Lapsed,
    /// A fact moved, or the change ended.
    Withdrawn,
    /// The step was confirmed.
    Used,
}

words!(PermitState { Out = "out", Lapsed = "lapsed", Withdrawn = "withdrawn", Used = "used" });

/// Leave for one named person to do one step, on the facts of one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permit {
    /// Counts the permits of the change from 1.
    pub serial: u32,
    /// For which step.
    pub step: Step,
    /// For whom.
    pub holder: Person,
    /// Since when.
    pub shown_at: Timestamp,
    /// What became of it.
    pub state: PermitState,
}

impl Permit {
    /// The instant from which it is no longer valid.
    pub fn lapses_at(&self) -> Timestamp {
        self.shown_at + PERMIT_VALID
    }
}

/// Whether a change goes on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It goes on.
    Open,
    /// It reached its target.
    Done,
    /// It went wrong.
    Failed(Failure),
    /// It was called off, for this reason.
    Cancelled(String),
    /// An approver said no, for this reason.
    Rejected(String),
}

/// Why a change failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// Somebody said so, in these words.
    Said(String),
    /// The instance was deleted at the vendor; somebody's words.
    Lost(String),
    /// Seven days after expiry Downgrade was still not known (rule `release-after-7-days`).
    PresumedDeleted,
}

/// The values of some facts at a moment, such as those a change was decided on. Ages are not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint {
    /// A value for each fact it covers.
    pub values: BTreeMap<FactKind, FactValue>,
}

impl Fingerprint {
    /// What a change is decided on at this moment.
    pub fn of(instance: &Instance) -> Self {
        Self::weighing(MoveEffect::Decides, instance)
    }

    /// The values that the facts of this weight have at this moment.
    pub fn weighing(weight: MoveEffect, instance: &Instance) -> Self {
        let facts = FactKind::moving().filter(|fact| fact.weight() == weight);
        Self {
            values: facts
                .map(|fact| (fact, FactValue::of(instance, fact)))
                .collect(),
        }
    }

    /// The values in the order in which facts are told.
    pub fn told(&self) -> impl Iterator<Item = (FactKind, &FactValue)> {
        FactKind::moving().filter_map(|fact| Some((fact, self.values.get(&fact)?)))
    }

    /// The values that are others in `now`. One that was not kept was not known.
    pub fn moved<'a>(&'a self, now: &'a Self) -> impl Iterator<Item = EventKind> + 'a {
        now.told().filter_map(|(fact, to)| {
            let from = self.values.get(&fact).unwrap_or(&FactValue::Unknown);
            (from != to).then(|| EventKind::Moved {
                fact,
                from: from.clone(),
                to: to.clone(),
            })
        })
    }
}

/// That somebody accepted the instance being larger than Standard carries (rule `fits-standard`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    /// The size that was accepted; void when it rises.
    pub max_tps: u32,
    /// By whom.
    pub by: Person,
    /// When.
    pub at: Timestamp,
}

/// An irreversible step whose permit was shown, and nobody has said what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeUnknown {
    /// Which.
    pub step: Step,
    /// Whether its permit lapsed: then `confirm` or a fresh permit settles it. A withdrawn one is no permit.
    #[serde(rename = "in_doubt")]
    pub permit_lapsed: bool,
}

/// An edition change of one instance.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Its number in the workspace, from 1.
    pub number: u64,
    /// Where it leads.
    pub kind: ChangeKind,
    /// Whether it goes on.
    pub status: Status,
    /// Who opened it.
    pub opened_by: Person,
    /// When.
    pub opened_at: Timestamp,
    /// Who else owned it at some time: had it go on after its end, or held the permit for a step that cannot be undone.
    pub owners: Vec<Person>,
    /// Who had to do with it and has left: what would wait for them waits for anyone who opened it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Person>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The steps that were recorded, in order. Whether `set-action` is done the facts say: its record only says who confirmed it.
    pub records: Vec<StepRecord>,
    /// The latest request for approvals.
    pub request: Option<Request>,
    /// That missing approvals were replaced; shown for ever.
    pub emergency_override: Option<EmergencyOverride>,
    /// The latest permit.
    pub permit: Option<Permit>,
    /// An irreversible step whose permit was shown, and nobody has said what happened.
    #[serde(rename = "unsettled")]
    pub outcome_unknown: Option<OutcomeUnknown>,
    /// Requests and permits up to this number may have been given in a time that a restoration from a copy has lost.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u32,
    /// That its size was accepted.
    pub acknowledgement: Option<Acknowledgement>,
    /// What it was decided on.
    pub decided_on: Fingerprint,
    /// What the instance was before `verify-standard`, where that was recorded.
    pub before_standard: Option<Box<PlatinumFacts>>,
}

impl Change {
    /// A change that begins now.
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
            opened_at: now,
            owners: Vec::new(),
            left: Vec::new(),
            ended_at: None,
            records: Vec::new(),
            request: None,
            emergency_override: None,
            permit: None,
            outcome_unknown: None,
            left_out: 0,
            acknowledgement: None,
            decided_on: Fingerprint::of(instance),
            before_standard: None,
        }
    }

    /// The number that the next request gets: a button of one never answers another.
    pub fn next_request(&self) -> u32 {
        let last = self.request.as_ref().map_or(0, |request| request.serial);
        last.max(self.left_out).saturating_add(1)
    }

    /// The number that the next permit gets.
    pub fn next_permit(&self) -> u32 {
        let last = self.permit.as_ref().map_or(0, |permit| permit.serial);
        last.max(self.left_out).saturating_add(1)
    }

    /// Leaves out so many numbers of requests and permits, which may have been given since the copy that was restored.
    pub fn leave_out(&mut self, many: u64) {
        let many = u32::try_from(many).unwrap_or(u32::MAX);
        let last = self.next_request().max(self.next_permit());
        self.left_out = last.saturating_add(many);
    }

    /// When somebody last did something for it.
    pub fn last_moved(&self) -> Timestamp {
        let records = self.records.iter().map(|record| record.at);
        let permit = self.permit.as_ref().map(|permit| permit.shown_at);
        let request = self.request.as_ref().map(|request| match request.state {
            RequestState::Lapsed => request.lapses_at(),
            RequestState::Open | RequestState::Void | RequestState::Used | RequestState::Missed => {
                request.asked_at
            }
        });
        let all = records.chain(permit).chain(request);
        all.fold(self.opened_at, Timestamp::max)
    }

    /// Whether it goes on.
    pub fn is_open(&self) -> bool {
        self.status == Status::Open
    }

    /// Whether somebody opened it, had it go on after its end, or held the permit for a step of it that cannot be undone:
    /// they never approve it.
    pub fn was_owned_by(&self, person: &Person) -> bool {
        let mut owners = std::iter::once(&self.opened_by).chain(&self.owners);
        owners.any(|owner| owner.id == person.id)
    }

    /// Takes note of somebody who owns it from now on.
    pub fn own(&mut self, person: &Person) {
        if !self.was_owned_by(person) {
            self.owners.push(person.clone());
        }
    }

    /// It is somebody else's from now on; anyone who opened it stays one of those who owned it.
    pub fn belongs_to(&mut self, person: &Person) {
        let before = std::mem::replace(&mut self.opened_by, person.clone());
        self.own(&before);
        self.left.retain(|left| left.id != person.id);
    }

    /// Somebody has nothing to do with it any more.
    pub fn leaves(&mut self, person: &Person) {
        if !self.left.iter().any(|left| left.id == person.id) {
            self.left.push(person.clone());
        }
    }

    /// Who stands in for somebody: they themselves, unless they have left.
    pub fn in_charge<'a>(&'a self, person: &'a Person) -> &'a Person {
        let has_left = self.left.iter().any(|left| left.id == person.id);
        if has_left { &self.opened_by } else { person }
    }

    /// The step of which somebody has to say what became of it: of one whose permit they held and whose outcome is not known, or
    /// of the unsubscription that they confirmed, what the console shows since.
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

    /// The record of a step, if it is done.
    pub fn record(&self, step: Step) -> Option<&StepRecord> {
        self.records.iter().find(|record| record.step == step)
    }

    /// Whether the instance has left its subscription, as far as anybody said.
    pub fn exit_confirmed(&self) -> bool {
        self.is_unsubscribed() || self.record(Step::AwaitExpiry).is_some()
    }

    /// Whether somebody confirmed that it is unsubscribed.
    pub fn is_unsubscribed(&self) -> bool {
        self.record(Step::Unsubscribe).is_some()
    }

    /// Whether any step happened without a permit.
    pub fn was_outside(&self) -> bool {
        self.records
            .iter()
            .any(|record| matches!(record.how, How::Outside(_)))
    }

    /// The request that approvals can be given to.
    pub fn request_open(&self) -> Option<&Request> {
        let request = self.request.as_ref().filter(|_| self.is_open());
        request.filter(|request| request.state == RequestState::Open)
    }

    /// Whether an admin has replaced the approvals of this request, and that still holds.
    pub fn glass_holds(&self, request: &Request, now: Timestamp) -> bool {
        self.emergency_override
            .as_ref()
            .is_some_and(|emergency_override| {
                let until = holds_until(request.step, emergency_override.at, None);
                let counts =
                    !is_ahead(emergency_override.at, now) && until.is_none_or(|until| now < until);
                emergency_override.request == request.serial && counts
            })
    }

    /// The permit for this step that is still valid.
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

    /// The step that a lapsed permit has left with an unknown outcome.
    pub fn unknown_outcome(&self) -> Option<Step> {
        let irreversible = self.outcome_unknown.filter(|unknown| unknown.permit_lapsed);
        let lapsed = self
            .permit
            .as_ref()
            .filter(|permit| permit.state == PermitState::Lapsed);
        let step = irreversible
            .map(|unknown| unknown.step)
            .or(lapsed.map(|permit| permit.step));
        // Once it has left its subscription, how the action was set is of no interest any more.
        step.filter(|step| self.is_open() && !(*step == Step::SetAction && self.exit_confirmed()))
    }
}
