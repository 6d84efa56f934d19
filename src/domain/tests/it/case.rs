//! The transitions of a change, one test for each sentence of what its steps promise.

mod ends;
mod expiry;
mod facts;
mod permits;
mod steps;
mod times;

use chrono::{DateTime, TimeDelta};
use domain::Timestamp;
use domain::case::{AttestError, Case, Confirmation, Moment, Opening, PermitShown, Refusal};
use domain::change::{ChangeKind, Failure, How, PermitState, Route, Status, Step};
use domain::event::EventKind;
use domain::fact::{Fact, Gap, Source};
use domain::id::{CommodityId, InstanceId, InstanceName, Person, Region};
use domain::import::ImportTerms;
use domain::instance::{AtExpiry, Edition, Instance, PostExpirationAction, Switch};
use domain::outcome::Outcome;
use domain::rules::{Intent, RuleId};
use domain::said::Said;
use domain::team::{Limits, Policy};
use rstest::rstest;

const UPGRADE: ChangeKind = ChangeKind::Upgrade;
const BY_UNSUBSCRIBING: ChangeKind = ChangeKind::Downgrade(Route::Unsubscribe);
const BY_EXPIRY: ChangeKind = ChangeKind::Downgrade(Route::Expiry);
const DELETE: PostExpirationAction = PostExpirationAction::Delete;
const DOWNGRADE: PostExpirationAction = PostExpirationAction::Downgrade;

const MS: TimeDelta = TimeDelta::milliseconds(1);

fn minutes(number: i64) -> TimeDelta {
    TimeDelta::minutes(number)
}

fn hours(number: i64) -> TimeDelta {
    TimeDelta::hours(number)
}

fn days(number: i64) -> TimeDelta {
    TimeDelta::days(number)
}

/// One case, its clock and the limits of its team.
#[derive(Clone)]
struct RequestContext {
    case: Case,
    now: Timestamp,
    policy: Policy,
}

impl RequestContext {
    fn new(facts: impl FnOnce(&mut Said)) -> Self {
        let instance = Instance::new(
            InstanceId::parse("MQ_INST_1080056302921134_BXuIbML7").unwrap(),
            InstanceName::parse("orders").unwrap(),
            Region::parse("cn-hangzhou").unwrap(),
        );
        let mut context = Self {
            case: Case::new(instance, None),
            now: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
            policy: Policy::alone(Limits::default()),
        };
        context.says(facts);
        context
    }

    fn standard() -> Self {
        Self::new(|said| said.edition = Some(Some(Edition::Standard)))
    }

    /// Platinum, expiring in 30 days, not renewed by itself.
    fn platinum(action: Option<PostExpirationAction>) -> Self {
        let mut context = Self::new(|said| {
            said.edition = Some(Some(Edition::Platinum));
            said.auto_renew = Some(Some(Switch::Off));
            said.max_tps = Some(Some(3_000));
            said.action = action.map(Some);
        });
        context.expires_in(days(30));
        context
    }

    fn opened(kind: ChangeKind, action: Option<PostExpirationAction>) -> Self {
        let mut context = Self::platinum(action);
        context.open(kind).unwrap();
        context
    }

    fn upgrading() -> Self {
        let mut context = Self::standard();
        context.open(UPGRADE).unwrap();
        context
    }

    /// A downgrade by unsubscribing whose permit to unsubscribe is out.
    fn leaving() -> Self {
        let mut context = Self::opened(BY_UNSUBSCRIBING, Some(DOWNGRADE));
        context.permit();
        context
    }

    fn after(mut self, time: TimeDelta) -> Self {
        self.wait(time);
        self
    }

    fn wait(&mut self, time: TimeDelta) {
        self.now += time;
        self.case.advance(&self.policy, self.now);
    }

    fn act<T>(&mut self, by: &str, act: impl FnOnce(&mut Case, &Moment<'_>) -> T) -> T {
        let by = Person::named(by);
        let moment = Moment {
            by: &by,
            now: self.now,
            policy: &self.policy,
        };
        act(&mut self.case, &moment)
    }

    fn tries(&mut self, facts: impl FnOnce(&mut Said)) -> Result<(), AttestError> {
        let mut said = Said::default();
        facts(&mut said);
        self.act("alice", |case, moment| case.attest(&said, moment))
    }

    fn says(&mut self, facts: impl FnOnce(&mut Said)) {
        self.tries(facts).unwrap();
    }

    fn looked(&mut self, action: PostExpirationAction) {
        self.says(|said| said.action = Some(Some(action)));
    }

    fn expires_in(&mut self, time: TimeDelta) {
        let expires = self.now + time;
        self.says(|said| said.expires = Some(Some(expires)));
    }

    fn open(&mut self, kind: ChangeKind) -> Result<(), Refusal> {
        self.open_with(kind, false)
    }

    fn open_with(&mut self, kind: ChangeKind, acknowledged: bool) -> Result<(), Refusal> {
        let opening = Opening {
            kind,
            number: 1,
            acknowledged,
        };
        self.act("alice", |case, moment| {
            case.open(&opening, moment).map(drop)
        })
    }

    fn asks_next(&mut self, by: &str) -> Result<Option<PermitShown>, Refusal> {
        self.act(by, Case::ask_next)
    }

    fn permit(&mut self) -> PermitShown {
        self.asks_next("alice").unwrap().unwrap()
    }

    fn tells(&mut self, said: &Confirmation) -> Result<Step, Refusal> {
        self.act("alice", |case, moment| case.confirm(said, moment))
    }

    fn confirms(&mut self, step: Step) -> Result<Step, Refusal> {
        self.tells(&Confirmation {
            step: Some(step),
            ..Confirmation::default()
        })
    }

    fn confirms_outside(&mut self, step: Step) -> Result<Step, Refusal> {
        self.tells(&Confirmation {
            step: Some(step),
            outside: Some("clicked early".to_owned()),
            ..Confirmation::default()
        })
    }

    fn records_expiry(&mut self, time: TimeDelta) -> Result<Step, Refusal> {
        let expires = self.now + time;
        self.tells(&Confirmation {
            step: Some(Step::RecordExpiry),
            expires: Some(expires),
            ..Confirmation::default()
        })
    }

    fn reopens(&mut self, step: Step) -> Result<Vec<Step>, Refusal> {
        self.act("alice", |case, moment| {
            case.reopen(step, "mistaken", None, moment)
        })
    }

    fn cancels(&mut self) {
        self.act("alice", |case, moment| case.cancel("not now", moment))
            .unwrap();
    }

    fn fails(&mut self) {
        self.act("alice", |case, moment| case.fail("it broke", moment))
            .unwrap();
    }

    fn next(&self) -> Option<Step> {
        self.case.next_step(&self.policy.limits, self.now)
    }

    fn status(&self) -> &Status {
        &self.case.change.as_ref().unwrap().status
    }

    fn permit_state(&self) -> Option<PermitState> {
        let permit = self.case.change.as_ref()?.permit.as_ref()?;
        Some(permit.state)
    }

    fn steps_done(&self) -> Vec<Step> {
        let records = &self.case.change.as_ref().unwrap().records;
        records.iter().map(|record| record.step).collect()
    }

    fn was_outside(&self) -> bool {
        self.case.change.as_ref().unwrap().was_outside()
    }

    fn edition(&self) -> Option<Edition> {
        self.case.instance.edition.value().copied()
    }

    fn action(&self) -> Option<PostExpirationAction> {
        self.case.instance.action.value().copied()
    }

    fn noted(&self, kind: &EventKind) -> usize {
        let events = self.case.events.iter();
        events.filter(|event| event.kind == *kind).count()
    }

    fn check(&self, intent: Intent) -> (Outcome, Vec<RuleId>) {
        let verdict = self.case.judge(intent, &self.policy.limits, self.now);
        let rules = verdict.deciding().map(|finding| finding.rule).collect();
        (verdict.outcome, rules)
    }
}
