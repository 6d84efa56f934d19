//! Approvals: what is asked of whom before a step, what was given, and how long it holds.

use chrono::TimeDelta;

use super::Timestamp;
use super::change::{Fingerprint, Step};
use super::id::{Label, Person};
use super::instance::{Look, words};
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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Approval {
    /// By whom.
    pub by: Person,
    /// When.
    pub at: Timestamp,
    /// The instance's team, if they belonged to it.
    pub team: Option<Label>,
}

/// A request for approvals of the next step of a change. Bound to the facts it was asked on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Request {
    /// Counts the requests of the change from 1.
    pub serial: u32,
    /// For which step.
    pub step: Step,
    /// When it was asked, or asked again.
    pub asked_at: Timestamp,
    /// How many approvals are needed, by the policy of that moment.
    pub needed: u8,
    /// How many different people must have attested Downgrade, by the policy of that moment.
    pub attesters: u8,
    /// The facts it was asked on.
    pub fingerprint: Fingerprint,
    /// What became of it.
    pub state: RequestState,
    /// Whom it has been brought before.
    pub told: Told,
    /// The approvals that hold, or that were used, in the order they were given.
    pub approvals: Vec<Approval>,
}

/// That an admin replaced missing approvals.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BrokenGlass {
    /// The request whose approvals it replaces.
    pub request: u32,
    /// By whom.
    pub by: Person,
    /// When.
    pub at: Timestamp,
    /// In their words.
    pub reason: String,
    /// The ticket that will be looked at afterwards.
    pub ticket: String,
}

/// What a step still lacks before it may go on, seen by one person or by nobody in particular.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// Which step.
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
    pub attesters: u8,
    /// The looks that count.
    pub looks: Vec<Look>,
    /// Whether approvals were asked for, or asked for again, with this very command.
    pub asked: bool,
}

impl Lacking {
    /// Whether enough people approved, one of the team where that is asked.
    pub fn has_approvals(&self) -> bool {
        self.given.len() >= usize::from(self.needed) && self.team.is_none()
    }

    /// Whether enough people looked.
    pub fn has_looks(&self) -> bool {
        self.looks.len() >= usize::from(self.attesters)
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
