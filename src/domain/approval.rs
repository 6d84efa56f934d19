//! Approvals: requests for a step, approvals given, and how long they hold.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::change::{Change, Fingerprint, Step};
use super::event::EventKind;
use super::fact::is_ahead;
use super::facts::{FactKind, MoveEffect};
use super::id::{Person, TeamName};
use super::instance::{Instance, Observation};
use super::team::{
    ACTION_RUNS_WITHIN, APPROVAL_OF_UNSUBSCRIBE, APPROVAL_OF_UPGRADE, REQUEST_ESCALATES,
    REQUEST_LIVES, REQUEST_REMINDS,
};
use super::words::words;

words! {
    /// The state of a request for approvals.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum RequestState {
        /// Approvals can be given, and those given count.
        Open = "open",
        /// Too few people approved in time. Asking again renews it.
        Lapsed = "lapsed",
        /// A fact it rests on moved, or its change ended.
        Void = "void",
        /// A permit was given on its approvals, or the expiry passed with them.
        Used = "used",
        /// The step was done without the approvals it needs.
        Missed = "missed",
    }
}

words! {
    /// The latest announcement of a request.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Told {
        /// To the approvers, when it was opened.
        Asked = "asked",
        /// To the approvers again, after half of its life.
        Reminded = "reminded",
        /// To the alerts channel, after 80 % of its life.
        Escalated = "escalated",
    }
}

/// An approval of one step, on the facts of its request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    pub by: Person,
    pub at: Timestamp,
    /// The instance's team, if the approver is a member.
    pub team: Option<TeamName>,
}

/// The values that a request rests on: when one moves, the request is void.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Basis {
    /// The deciding facts.
    pub facts: Fingerprint,
    /// The row that the permit will show. `None` for a step without a permit, and for requests of earlier versions, which did not
    /// show it.
    pub row: Option<ShownRow>,
}

/// The row of an instance as a request and a permit show it. The full id is left out because it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ShownRow {
    name: String,
    region: String,
    /// The facts that a permit shows.
    facts: Fingerprint,
    /// The larger size, where two disagree.
    largest: Option<u32>,
    acknowledged: Option<(u32, Person)>,
    /// The team that one of the approvals must come from.
    team: Option<String>,
    /// Whether it says that another row is called so, or alike.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    others: bool,
}

/// The team that one of the approvals of a step must come from.
pub fn team_to_approve(instance: &Instance, step: Step) -> Option<&TeamName> {
    instance.team.as_ref().filter(|_| step == Step::Unsubscribe)
}

impl ShownRow {
    fn of(instance: &Instance, change: &Change, step: Step) -> Self {
        let acknowledged = change.acknowledgement.as_ref();
        let team = team_to_approve(instance, step);
        Self {
            name: instance.name.to_string(),
            region: instance.region_shown(),
            facts: Fingerprint::weighing(MoveEffect::Named, instance),
            largest: instance.largest_tps(),
            acknowledged: acknowledged.map(|given| (given.max_tps, given.by.clone())),
            team: team.map(ToString::to_string),
            others: instance.has_others(),
        }
    }

    /// The acceptance of the size, as shown.
    fn accepted(&self) -> Option<String> {
        let (max_tps, by) = self.acknowledged.as_ref()?;
        Some(format!("{by} at {max_tps} TPS"))
    }
}

impl Basis {
    /// The basis of a request for this step, now.
    pub fn of(instance: &Instance, change: &Change, step: Step) -> Self {
        let row = step.permit_intent().is_some();
        Self {
            facts: Fingerprint::of(instance),
            row: row.then(|| ShownRow::of(instance, change, step)),
        }
    }

    /// The values that differ in `now`, each with its old and new value.
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
        if was.others != is.others {
            let to = match is.others {
                true => "that of another row too, or like it",
                false => "like that of no other row any more",
            };
            moved.push(EventKind::described("its name", None, Some(to.to_owned())));
        }
        moved
    }

    /// Whether in `now` other rows are called so, or alike, and here none were, or the other way round. No fact of the instance
    /// itself has to move for that.
    pub fn others_differ(&self, now: &Self) -> bool {
        let others = |basis: &Self| basis.row.as_ref().map(|row| row.others);
        others(self)
            .zip(others(now))
            .is_some_and(|(was, is)| was != is)
    }
}

/// The cause that voided a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voided {
    /// The moved values, old and new.
    pub moved: Vec<EventKind>,
    /// The person who moved them; `None` when time did.
    pub by: Option<Person>,
}

/// A request for approvals of the next step of a change, bound to the facts at that moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The number of the request in its change, from 1.
    pub serial: u32,
    pub step: Step,
    /// The time it was opened or renewed.
    pub asked_at: Timestamp,
    /// The number of approvals needed, by the policy of that moment.
    pub needed: u8,
    /// The number of different people who must have attested Downgrade, by the policy of that moment.
    #[serde(rename = "attesters")]
    pub observers: u8,
    pub basis: Basis,
    pub state: RequestState,
    pub told: Told,
    /// The approvals that hold or were used, in the order they were given.
    pub approvals: Vec<Approval>,
    /// The cause that voided it; `None` where its change ended, or its step was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voided: Option<Voided>,
}

/// An admin's override of missing approvals.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyOverride {
    /// The request that it overrides.
    pub request: u32,
    pub by: Person,
    pub at: Timestamp,
    pub reason: String,
    /// The ticket for the later review.
    pub ticket: String,
}

/// Missing requirements of a step, for one person or in general.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    pub step: Step,
    /// The number of approvals needed.
    pub needed: u8,
    /// The approvers who count.
    pub given: Vec<Person>,
    /// The approver who does not count, because they take the permit.
    pub own: Option<Person>,
    /// The team that must still approve, where one must.
    pub team: Option<TeamName>,
    /// The number of different people who must have attested Downgrade.
    pub observers: u8,
    /// The observations that count.
    pub observations: Vec<Observation>,
    /// Whether this command opened or renewed the request.
    pub asked: bool,
    /// The people who do not exist, as far as the surface and the settings say; the core does not know.
    pub nobody: Nobody,
}

/// The people a step needs who do not exist.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Nobody {
    /// Nobody else could approve or look here.
    pub else_here: bool,
    /// Nobody approves as one of the instance's team: it has no members.
    pub of_team: bool,
}

impl Lacking {
    /// Whether enough people approved, including the team where required.
    pub fn has_approvals(&self) -> bool {
        self.given.len() >= usize::from(self.needed) && self.team.is_none()
    }

    /// Whether enough people observed the action.
    pub fn has_observations(&self) -> bool {
        self.observations.len() >= usize::from(self.observers)
    }
}

impl Request {
    /// The instant at which it lapses, unless its approvals are complete.
    pub fn lapses_at(&self) -> Timestamp {
        self.asked_at + REQUEST_LIVES
    }

    /// The next announcement that is due.
    pub fn tells_at(&self) -> Option<(Timestamp, Told)> {
        match self.told {
            Told::Asked => Some((self.asked_at + REQUEST_REMINDS, Told::Reminded)),
            Told::Reminded => Some((self.asked_at + REQUEST_ESCALATES, Told::Escalated)),
            Told::Escalated => None,
        }
    }

    /// Whether it was approved, and that lapsed before it was used: nobody is called for it until it is asked for again.
    pub fn rests(&self, now: Timestamp) -> bool {
        self.told == Told::Escalated && now < self.asked_at + REQUEST_ESCALATES
    }

    /// The approval of this person.
    pub fn approval_of(&self, person: &Person) -> Option<&Approval> {
        self.approvals
            .iter()
            .find(|approval| approval.by.id == person.id)
    }

    /// The approvals that count at a moment: none by an owner of the change, none dated ahead of the clock.
    pub fn counted<'a>(
        &'a self,
        change: &'a Change,
        now: Timestamp,
    ) -> impl Iterator<Item = &'a Approval> + Clone {
        self.approvals
            .iter()
            .filter(move |given| !change.was_owned_by(&given.by) && !is_ahead(given.at, now))
    }

    /// Whether it is dated ahead of the clock. Such a request counts for nothing, because its true time is unknown.
    pub fn is_ahead(&self, now: Timestamp) -> bool {
        is_ahead(self.asked_at, now)
    }
}

/// The instant at which an approval given at `at` stops counting; `None` when it does not lapse.
///
/// An approval of `await-expiry` holds for one expiry, and as long as the vendor may take after it.
pub fn holds_until(step: Step, at: Timestamp, expires: Option<Timestamp>) -> Option<Timestamp> {
    let after = |span: TimeDelta| at.checked_add_signed(span);
    match step {
        Step::Upgrade => after(APPROVAL_OF_UPGRADE),
        Step::Unsubscribe => after(APPROVAL_OF_UNSUBSCRIBE),
        Step::AwaitExpiry => expires?.checked_add_signed(ACTION_RUNS_WITHIN),
        Step::RecordExpiry | Step::ChooseAction | Step::SetAction | Step::VerifyStandard => None,
    }
}
