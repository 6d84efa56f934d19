//! Approvals: what is asked of whom before a step, what was given, and how long it holds.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::change::{Change, Fingerprint, Step};
use super::event::EventKind;
use super::fact::is_ahead;
use super::facts::{FactKind, MoveEffect};
use super::id::{Label, Person};
use super::instance::{Instance, Observation, words};
use super::team::{
    ACTION_RUNS_WITHIN, APPROVAL_OF_UNSUBSCRIBE, APPROVAL_OF_UPGRADE, REQUEST_ESCALATES,
    REQUEST_LIVES, REQUEST_REMINDS,
};

/// What became of a request for approvals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestState {
    /// Approvals can be given; those given count.
    Open,
    /// Nobody, or not enough people, approved in its time. Asking again renews it.
    Lapsed,
    /// A fact it was asked on moved, or its change ended.
    Void,
    /// A permit was given on its approvals, or the wait began and ended with them.
    Used,
    /// The step happened without the approvals it needed.
    Missed,
}

words!(RequestState {
    Open = "open",
    Lapsed = "lapsed",
    Void = "void",
    Used = "used",
    Missed = "missed",
});

/// Whom a request has been brought before so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Told {
    /// Those who may approve, when it was asked.
    Asked,
    /// Those who may approve, a second time, at half of its life.
    Reminded,
    /// The alerts channel, at 80 % of its life.
    Escalated,
}

words!(Told { Asked = "asked", Reminded = "reminded", Escalated = "escalated" });

/// An approval of one step, on the facts of its request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    pub by: Person,
    pub at: Timestamp,
    /// The instance's team, if they belonged to it.
    pub team: Option<Label>,
}

/// What a request rests on: when a value of it moves, the request is void.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Basis {
    /// The facts that decide.
    pub facts: Fingerprint,
    /// The row, for a step with a permit: approved is what the permit will name. `None` for the others, and for a request
    /// of an earlier version, which did not show it.
    pub row: Option<ShownRow>,
}

/// The row of an instance as a request and a permit show it. Its full id never changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ShownRow {
    name: String,
    region: String,
    /// The facts that a permit names.
    facts: Fingerprint,
    /// Of two sizes that disagree, the larger one.
    largest: Option<u32>,
    acknowledged: Option<(u32, Person)>,
    /// The team that one of the approvals must come from.
    team: Option<String>,
}

impl ShownRow {
    fn of(instance: &Instance, change: &Change, step: Step) -> Self {
        let acknowledged = change.acknowledgement.as_ref();
        let team = instance.team.as_ref().filter(|_| step == Step::Unsubscribe);
        Self {
            name: instance.name.to_string(),
            region: instance.region.to_string(),
            facts: Fingerprint::weighing(MoveEffect::Named, instance),
            largest: instance.largest_tps(),
            acknowledged: acknowledged.map(|given| (given.max_tps, given.by.clone())),
            team: team.map(ToString::to_string),
        }
    }

    /// Who accepted which size, as it is shown.
    fn accepted(&self) -> Option<String> {
        let (max_tps, by) = self.acknowledged.as_ref()?;
        Some(format!("{by} at {max_tps} TPS"))
    }
}

impl Basis {
    /// What a request for this step rests on at this moment.
    pub fn of(instance: &Instance, change: &Change, step: Step) -> Self {
        let row = step.permit_intent().is_some();
        Self {
            facts: Fingerprint::of(instance),
            row: row.then(|| ShownRow::of(instance, change, step)),
        }
    }

    /// The values that are others in `now`, with what they were and are.
    pub fn moved(&self, now: &Self) -> Vec<EventKind> {
        let mut moved: Vec<EventKind> = self.facts.moved(&now.facts).collect();
        let (Some(was), Some(is)) = (&self.row, &now.row) else {
            return moved;
        };
        moved.extend(was.facts.moved(&is.facts));
        let sized = |kind: &EventKind| {
            matches!(
                kind,
                EventKind::Moved {
                    fact: FactKind::MaxTps,
                    ..
                }
            )
        };
        let sized = moved.iter().any(sized);
        let largest = |row: &ShownRow| {
            row.largest
                .filter(|_| !sized)
                .map(|tps| format!("{tps} TPS"))
        };
        let texts = [
            ("name", Some(was.name.clone()), Some(is.name.clone())),
            ("region", Some(was.region.clone()), Some(is.region.clone())),
            ("larger of the sizes", largest(was), largest(is)),
            ("acceptance of the size", was.accepted(), is.accepted()),
            ("team", was.team.clone(), is.team.clone()),
        ];
        for (what, from, to) in texts {
            if from != to {
                moved.push(EventKind::described(what, from, to));
            }
        }
        moved
    }
}

/// A request for approvals of the next step of a change. Bound to the facts it was asked on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Counts the requests of the change from 1.
    pub serial: u32,
    pub step: Step,
    /// When it was asked, or asked again.
    pub asked_at: Timestamp,
    /// How many approvals are needed, by the policy of that moment.
    pub needed: u8,
    /// How many different people must have attested Downgrade, by the policy of that moment.
    #[serde(rename = "attesters")]
    pub observers: u8,
    /// What it was asked on.
    pub basis: Basis,
    /// What became of it.
    pub state: RequestState,
    /// Whom it has been brought before.
    pub told: Told,
    /// The approvals that hold, or that were used, in the order they were given.
    pub approvals: Vec<Approval>,
}

/// That an admin replaced missing approvals.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyOverride {
    /// The request whose approvals it replaces.
    pub request: u32,
    pub by: Person,
    pub at: Timestamp,
    /// In their words.
    pub reason: String,
    /// The ticket that will be looked at afterwards.
    pub ticket: String,
}

/// What a step still lacks before it may go on, seen by one person or by nobody in particular.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    pub step: Step,
    /// How many approvals are needed.
    pub needed: u8,
    /// Whose approvals count.
    pub given: Vec<Person>,
    /// Whose approval does not count because they take the permit.
    pub own: Option<Person>,
    /// The team that one of the approvals must come from, if none does.
    pub team: Option<Label>,
    /// How many different people must have attested Downgrade.
    pub observers: u8,
    /// The observations that count.
    pub observations: Vec<Observation>,
    /// Whether approvals were asked for, or asked for again, with this very command.
    pub asked: bool,
}

impl Lacking {
    /// Whether enough people approved, one of the team where that is asked.
    pub fn has_approvals(&self) -> bool {
        self.given.len() >= usize::from(self.needed) && self.team.is_none()
    }

    /// Whether enough people looked.
    pub fn has_observations(&self) -> bool {
        self.observations.len() >= usize::from(self.observers)
    }
}

impl Request {
    /// The instant from which it is no longer open, unless its approvals are complete.
    pub fn lapses_at(&self) -> Timestamp {
        self.asked_at + REQUEST_LIVES
    }

    /// When it is next brought before somebody.
    pub fn tells_at(&self) -> Option<(Timestamp, Told)> {
        match self.told {
            Told::Asked => Some((self.asked_at + REQUEST_REMINDS, Told::Reminded)),
            Told::Reminded => Some((self.asked_at + REQUEST_ESCALATES, Told::Escalated)),
            Told::Escalated => None,
        }
    }

    /// The approval of this person, if they gave one.
    pub fn approval_of(&self, person: &Person) -> Option<&Approval> {
        self.approvals
            .iter()
            .find(|approval| approval.by.id == person.id)
    }

    /// The approvals that count for a change at a moment: of nobody who owned it, none dated ahead of the clock.
    pub fn counted<'a>(
        &'a self,
        change: &'a Change,
        now: Timestamp,
    ) -> impl Iterator<Item = &'a Approval> + Clone {
        self.approvals
            .iter()
            .filter(move |given| !change.was_owned_by(&given.by) && !is_ahead(given.at, now))
    }

    /// Whether it is dated ahead of the clock: nobody knows when it was asked, so it counts for nothing.
    pub fn is_ahead(&self, now: Timestamp) -> bool {
        is_ahead(self.asked_at, now)
    }
}

/// The instant from which an approval given at `at` no longer holds; `None` when nothing ends it.
///
/// `await-expiry` is approved for one expiry, and for as long as the vendor may take after it.
pub fn holds_until(step: Step, at: Timestamp, expires: Option<Timestamp>) -> Option<Timestamp> {
    let after = |span: TimeDelta| at.checked_add_signed(span);
    match step {
        Step::Upgrade => after(APPROVAL_OF_UPGRADE),
        Step::Unsubscribe => after(APPROVAL_OF_UNSUBSCRIBE),
        Step::AwaitExpiry => expires?.checked_add_signed(ACTION_RUNS_WITHIN),
        Step::RecordExpiry | Step::ChooseAction | Step::SetAction | Step::VerifyStandard => None,
    }
}
