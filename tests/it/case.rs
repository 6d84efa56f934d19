//! The transitions of a change, one test for each sentence of what its steps promise.

use chrono::{DateTime, TimeDelta};
use edition_warden::domain::Timestamp;
use edition_warden::domain::case::{
    AttestError, Attestation, Case, Confirmation, Moment, Opening, PermitShown, Refusal,
};
use edition_warden::domain::change::{ChangeKind, Failure, How, PermitState, Route, Status, Step};
use edition_warden::domain::event::EventKind;
use edition_warden::domain::fact::{Fact, Source};
use edition_warden::domain::id::{CommodityId, InstanceId, InstanceName, Person, Region};
use edition_warden::domain::instance::{Edition, Instance, PostExpirationAction, Switch};
use edition_warden::domain::outcome::Outcome;
use edition_warden::domain::rules::{Intent, RuleId};
use edition_warden::domain::team::{Limits, Policy};
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
struct Desk {
    case: Case,
    now: Timestamp,
    policy: Policy,
}

impl Desk {
    fn new(facts: impl FnOnce(&mut Attestation)) -> Self {
        let instance = Instance::new(
            InstanceId::parse("MQ_INST_1080056302921134_BXuIbML7").unwrap(),
            InstanceName::parse("orders").unwrap(),
            Region::parse("cn-hangzhou").unwrap(),
        );
        let mut desk = Self {
            case: Case::new(instance, None),
            now: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
            policy: Policy::alone(Limits::default()),
        };
        desk.says(facts);
        desk
    }

    fn standard() -> Self {
        Self::new(|said| said.edition = Some(Edition::Standard))
    }

    /// Platinum, expiring in 30 days, not renewed by itself.
    fn platinum(action: Option<PostExpirationAction>) -> Self {
        let mut desk = Self::new(|said| {
            said.edition = Some(Edition::Platinum);
            said.auto_renew = Some(Some(Switch::Off));
            said.max_tps = Some(3_000);
            said.action = action.map(Some);
        });
        desk.expires_in(days(30));
        desk
    }

    fn opened(kind: ChangeKind, action: Option<PostExpirationAction>) -> Self {
        let mut desk = Self::platinum(action);
        desk.open(kind).unwrap();
        desk
    }

    fn upgrading() -> Self {
        let mut desk = Self::standard();
        desk.open(UPGRADE).unwrap();
        desk
    }

    /// A downgrade by unsubscribing whose permit to unsubscribe is out.
    fn leaving() -> Self {
        let mut desk = Self::opened(BY_UNSUBSCRIBING, Some(DOWNGRADE));
        desk.permit();
        desk
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

    fn tries(&mut self, facts: impl FnOnce(&mut Attestation)) -> Result<(), AttestError> {
        let mut said = Attestation::default();
        facts(&mut said);
        self.act("alice", |case, moment| case.attest(&said, moment))
    }

    fn says(&mut self, facts: impl FnOnce(&mut Attestation)) {
        self.tries(facts).unwrap();
    }

    fn looked(&mut self, action: PostExpirationAction) {
        self.says(|said| said.action = Some(Some(action)));
    }

    fn expires_in(&mut self, time: TimeDelta) {
        let expires = self.now + time;
        self.says(|said| said.expires = Some(expires));
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

// The order of the steps.

#[test]
fn an_upgrade_takes_its_steps_in_order() {
    let mut desk = Desk::upgrading();
    assert_eq!(desk.next(), Some(Step::Upgrade));
    assert!(desk.records_expiry(days(30)).is_err());
    assert!(desk.confirms(Step::ChooseAction).is_err());
    assert_eq!(desk.permit().permit.step, Step::Upgrade);
    desk.confirms(Step::Upgrade).unwrap();
    assert_eq!(desk.next(), Some(Step::RecordExpiry));
    desk.records_expiry(days(30)).unwrap();
    assert_eq!(desk.next(), Some(Step::ChooseAction));
    desk.looked(DELETE);
    assert_eq!(*desk.status(), Status::Done);
    assert!(!desk.was_outside());
}

#[rstest]
#[case::delete(DELETE)]
#[case::downgrade(DOWNGRADE)]
fn choosing_the_action_is_done_by_attesting_either_value(#[case] action: PostExpirationAction) {
    let mut desk = Desk::upgrading();
    desk.permit();
    desk.confirms(Step::Upgrade).unwrap();
    desk.records_expiry(days(30)).unwrap();
    assert_eq!(
        desk.next(),
        Some(Step::ChooseAction),
        "the default is no choice"
    );
    desk.looked(action);
    assert_eq!(*desk.status(), Status::Done);
}

#[test]
fn choosing_the_action_first_still_leaves_the_expiry_to_record() {
    let mut desk = Desk::upgrading();
    desk.permit();
    desk.confirms(Step::Upgrade).unwrap();
    desk.looked(DOWNGRADE);
    assert_eq!(desk.next(), Some(Step::RecordExpiry));
    desk.records_expiry(days(30)).unwrap();
    assert_eq!(*desk.status(), Status::Done);
    assert_eq!(desk.action(), Some(DOWNGRADE), "a first date is no renewal");
}

#[test]
fn a_downgrade_by_unsubscribing_takes_its_steps_in_order() {
    let mut desk = Desk::opened(BY_UNSUBSCRIBING, Some(DELETE));
    assert_eq!(desk.next(), Some(Step::SetAction));
    assert!(desk.act("alice", Case::ask_to_unsubscribe).is_err());
    assert!(desk.confirms(Step::Unsubscribe).is_err());
    assert!(desk.confirms(Step::VerifyStandard).is_err());
    assert_eq!(desk.permit().permit.step, Step::SetAction);
    desk.confirms(Step::SetAction).unwrap();
    assert_eq!(
        desk.action(),
        Some(DOWNGRADE),
        "confirming the step attests it"
    );
    assert_eq!(desk.permit().permit.step, Step::Unsubscribe);
    desk.confirms(Step::Unsubscribe).unwrap();
    assert_eq!(desk.next(), Some(Step::VerifyStandard));
    desk.confirms(Step::VerifyStandard).unwrap();
    assert_eq!(*desk.status(), Status::Done);
    assert_eq!(
        desk.steps_done(),
        [Step::SetAction, Step::Unsubscribe, Step::VerifyStandard]
    );
    assert!(!desk.was_outside());
}

#[test]
fn a_downgrade_by_expiry_takes_its_steps_in_order() {
    let mut desk = Desk::opened(BY_EXPIRY, Some(DELETE));
    assert_eq!(desk.permit().permit.step, Step::SetAction);
    desk.confirms(Step::SetAction).unwrap();
    assert_eq!(desk.next(), Some(Step::AwaitExpiry));
    assert_eq!(desk.asks_next("alice"), Ok(None), "waiting needs no permit");
    desk.expires_in(days(2));
    desk.looked(DOWNGRADE);
    desk.wait(days(2));
    assert_eq!(desk.next(), Some(Step::VerifyStandard));
    desk.confirms(Step::VerifyStandard).unwrap();
    assert_eq!(*desk.status(), Status::Done);
    assert_eq!(
        desk.steps_done(),
        [Step::SetAction, Step::AwaitExpiry, Step::VerifyStandard]
    );
    assert!(!desk.was_outside(), "every step was in order");
    assert_eq!(desk.noted(&EventKind::Done { outside: false }), 1);
    let taken_back = EventKind::StepTakenBack {
        step: Step::AwaitExpiry,
        reason: None,
    };
    assert_eq!(desk.noted(&taken_back), 0);
}

#[test]
fn only_the_steps_of_the_console_have_permits() {
    let with_permit = Step::WORDS
        .iter()
        .filter(|(_, step)| step.permit_intent().is_some())
        .map(|(word, _)| *word);
    assert!(with_permit.eq(["upgrade", "set-action", "unsubscribe"]));
}

#[test]
fn no_permit_is_given_for_a_step_whose_turn_has_not_come() {
    let mut desk = Desk::opened(BY_EXPIRY, Some(DOWNGRADE));
    let refused = desk.act("alice", |case, moment| {
        case.ask_permit(Step::Unsubscribe, moment)
    });
    assert!(refused.is_err());
    let mut idle = Desk::platinum(Some(DOWNGRADE));
    let refused = idle.act("alice", |case, moment| {
        case.ask_permit(Step::Unsubscribe, moment)
    });
    assert!(refused.is_err());
}

// Confirming an upgrade.

#[test]
fn confirming_an_upgrade_derives_the_default_action() {
    let mut desk = Desk::upgrading();
    desk.permit();
    desk.confirms(Step::Upgrade).unwrap();
    assert_eq!(desk.edition(), Some(Edition::Platinum));
    let action = desk.case.instance.action.known().unwrap();
    assert_eq!((action.value, action.source), (DELETE, Source::Derived));
    assert_eq!(desk.case.instance.expires.value(), None);
    assert_eq!(desk.case.instance.auto_renew.value(), None);
}

#[test]
fn a_derived_delete_counts_as_known_and_ages() {
    let mut desk = Desk::upgrading();
    desk.permit();
    desk.confirms(Step::Upgrade).unwrap();
    desk.wait(hours(24));
    assert_eq!(
        desk.check(Intent::Unsubscribe),
        (Outcome::Blocked, vec![RuleId::ActionBeforeExit])
    );
    desk.wait(MS);
    assert_eq!(
        desk.check(Intent::Unsubscribe),
        (Outcome::Inconclusive, vec![RuleId::ActionKnown])
    );
}

// Setting the action.

#[rstest]
#[case::unsubscribing(BY_UNSUBSCRIBING, hours(24), Step::Unsubscribe)]
#[case::expiry(BY_EXPIRY, days(7), Step::AwaitExpiry)]
fn the_action_is_set_within_its_limit(
    #[case] kind: ChangeKind,
    #[case] limit: TimeDelta,
    #[case] then: Step,
) {
    let mut desk = Desk::opened(kind, None);
    desk.looked(DOWNGRADE);
    assert_eq!(desk.clone().after(limit - MS).next(), Some(then));
    assert_eq!(desk.clone().after(limit).next(), Some(then));
    let mut stale = desk.after(limit + MS);
    assert_eq!(
        stale.next(),
        Some(Step::SetAction),
        "it is the next step again"
    );
    stale.looked(DOWNGRADE);
    assert_eq!(stale.next(), Some(then));
}

#[test]
fn a_confirmed_action_that_is_stale_is_confirmed_anew() {
    let mut desk = Desk::opened(BY_UNSUBSCRIBING, None);
    desk.permit();
    desk.confirms(Step::SetAction).unwrap();
    desk.wait(hours(25));
    desk.permit();
    desk.confirms(Step::SetAction).unwrap();
    assert_eq!(desk.next(), Some(Step::Unsubscribe));
    assert_eq!(desk.steps_done(), [Step::SetAction]);
}

#[test]
fn ageing_does_not_withdraw_a_permit_that_is_out() {
    let mut desk = Desk::opened(BY_UNSUBSCRIBING, Some(DOWNGRADE)).after(hours(24));
    let given = desk.permit().permit;
    desk.wait(minutes(30) - MS);
    assert_eq!(desk.next(), Some(Step::Unsubscribe));
    assert_eq!(desk.permit().permit, given);
    desk.confirms(Step::Unsubscribe).unwrap();
    assert_eq!(desk.next(), Some(Step::VerifyStandard));
}

#[test]
fn a_permit_for_the_action_is_used_only_by_a_word_on_the_action() {
    let mut desk = Desk::opened(BY_UNSUBSCRIBING, Some(DOWNGRADE)).after(hours(25));
    desk.permit();
    let mut moved = desk.clone();
    moved.says(|said| said.max_tps = Some(3_001));
    assert_eq!(moved.permit_state(), Some(PermitState::Withdrawn));
    desk.looked(DOWNGRADE);
    assert_eq!(desk.permit_state(), Some(PermitState::Used));
}

// Waiting for the expiry.

#[rstest]
#[case::by_expiry(BY_EXPIRY)]
#[case::by_unsubscribing(BY_UNSUBSCRIBING)]
fn expiry_with_downgrade_known_leads_on(#[case] kind: ChangeKind) {
    let mut desk = Desk::opened(kind, Some(DOWNGRADE));
    desk.expires_in(days(7));
    desk.looked(DOWNGRADE);
    desk.wait(days(7) - MS);
    assert!(!desk.steps_done().contains(&Step::AwaitExpiry));
    desk.wait(MS);
    assert_eq!(desk.next(), Some(Step::VerifyStandard));
    assert_eq!(desk.noted(&EventKind::Waiting), 0);
    let waited = desk.case.change.as_ref().unwrap();
    assert_eq!(waited.record(Step::AwaitExpiry).unwrap().how, How::Elapsed);
}

#[rstest]
#[case::by_expiry(BY_EXPIRY)]
#[case::by_unsubscribing(BY_UNSUBSCRIBING)]
fn expiry_with_the_action_unknown_waits_loudly(#[case] kind: ChangeKind) {
    let mut desk = Desk::opened(kind, None).after(days(30));
    assert_eq!(desk.next(), Some(Step::SetAction));
    assert_eq!(desk.noted(&EventKind::Waiting), 1);
    desk.wait(days(1));
    assert_eq!(desk.noted(&EventKind::Waiting), 1, "said once");
}

#[rstest]
#[case::by_expiry(BY_EXPIRY, None)]
#[case::by_unsubscribing(BY_UNSUBSCRIBING, None)]
#[case::with_delete(BY_EXPIRY, Some(DELETE))]
#[case::with_a_stale_downgrade(BY_EXPIRY, Some(DOWNGRADE))]
fn attesting_downgrade_before_the_seventh_day_completes_the_waiting(
    #[case] kind: ChangeKind,
    #[case] action: Option<PostExpirationAction>,
) {
    let mut desk = Desk::opened(kind, action).after(days(37) - MS);
    assert_eq!(desk.next(), Some(Step::SetAction));
    desk.looked(DOWNGRADE);
    assert_eq!(desk.next(), Some(Step::VerifyStandard));
    desk.wait(days(30));
    assert_eq!(*desk.status(), Status::Open);
    desk.confirms(Step::VerifyStandard).unwrap();
    assert_eq!(*desk.status(), Status::Done);
}

#[rstest]
#[case::by_expiry(BY_EXPIRY)]
#[case::by_unsubscribing(BY_UNSUBSCRIBING)]
fn on_the_seventh_day_it_is_presumed_deleted(#[case] kind: ChangeKind) {
    let mut desk = Desk::opened(kind, Some(DELETE)).after(days(37) - MS);
    assert_eq!(*desk.status(), Status::Open);
    desk.wait(MS);
    assert_eq!(*desk.status(), Status::Failed(Failure::PresumedDeleted));
    let expired = desk.case.instance.expires.value().copied().unwrap();
    let ended = desk.case.change.as_ref().unwrap().ended_at;
    assert_eq!(ended, Some(expired + days(7)));
}

#[test]
fn attesting_downgrade_on_the_seventh_day_is_too_late() {
    let mut desk = Desk::opened(BY_EXPIRY, Some(DELETE));
    desk.now += days(37);
    desk.looked(DOWNGRADE);
    assert_eq!(*desk.status(), Status::Failed(Failure::PresumedDeleted));
}

#[rstest]
#[case::seen_late(days(60))]
#[case::seen_at_once(days(2))]
fn downgrade_known_at_expiry_stays_known(#[case] seen: TimeDelta) {
    let mut desk = Desk::opened(BY_EXPIRY, Some(DOWNGRADE));
    desk.expires_in(days(2));
    desk.looked(DOWNGRADE);
    desk.wait(seen);
    desk.wait(days(90));
    assert_eq!(desk.next(), Some(Step::VerifyStandard));
    assert_eq!(
        desk.check(Intent::Expiry),
        (Outcome::AlreadyDone, vec![RuleId::ExitConverts])
    );
}

#[rstest]
#[case::delete(Some(DELETE))]
#[case::unknown(None)]
fn what_was_known_at_expiry_holds_until_attested_otherwise(
    #[case] action: Option<PostExpirationAction>,
) {
    let mut desk = Desk::opened(BY_EXPIRY, Some(DOWNGRADE));
    desk.expires_in(days(2));
    desk.looked(DOWNGRADE);
    desk.wait(days(3));
    desk.says(|said| said.action = Some(action));
    assert_eq!(desk.next(), Some(Step::SetAction));
    assert_eq!(
        desk.check(Intent::Expiry),
        (Outcome::Blocked, vec![RuleId::ReleaseAfter7Days])
    );
    desk.looked(DOWNGRADE);
    assert_eq!(desk.next(), Some(Step::VerifyStandard));
}

#[test]
fn attested_otherwise_after_the_seventh_day_it_is_presumed_deleted_at_once() {
    let mut desk = Desk::opened(BY_EXPIRY, Some(DOWNGRADE));
    desk.expires_in(days(2));
    desk.looked(DOWNGRADE);
    desk.wait(days(9));
    desk.looked(DELETE);
    assert_eq!(*desk.status(), Status::Failed(Failure::PresumedDeleted));
}

#[test]
fn an_expiry_that_turns_out_to_lie_ahead_takes_the_waiting_back() {
    let mut desk = Desk::opened(BY_EXPIRY, Some(DOWNGRADE));
    desk.expires_in(days(2));
    desk.looked(DOWNGRADE);
    desk.wait(days(2));
    desk.expires_in(days(365));
    assert_eq!(
        desk.next(),
        Some(Step::SetAction),
        "a renewal unsettles the action"
    );
    desk.looked(DOWNGRADE);
    assert_eq!(desk.next(), Some(Step::AwaitExpiry));
}

// Verifying.

#[test]
fn verifying_standard_clears_what_only_platinum_has() {
    let mut desk = Desk::leaving();
    desk.confirms(Step::Unsubscribe).unwrap();
    desk.confirms(Step::VerifyStandard).unwrap();
    let instance = &desk.case.instance;
    assert_eq!(instance.edition.value(), Some(&Edition::Standard));
    assert_eq!(instance.expires.value(), None);
    assert_eq!(instance.action.value(), None);
    assert_eq!(instance.auto_renew.value(), None);
    assert_eq!(instance.max_tps.value(), Some(&3_000));
    let twice = desk.steps_done().into_iter();
    assert_eq!(
        twice.filter(|step| *step == Step::VerifyStandard).count(),
        1
    );
}

// Without a permit, and after one.

#[test]
fn confirming_without_a_permit_replies_what_asking_would() {
    let mut delete = Desk::opened(BY_UNSUBSCRIBING, Some(DELETE));
    let refused = delete.confirms(Step::Unsubscribe).unwrap_err();
    assert_eq!(refused.outcome(), Outcome::Blocked);
    assert_eq!(refused.rules(), [RuleId::ActionBeforeExit]);
    let mut unknown = Desk::opened(BY_UNSUBSCRIBING, None);
    let refused = unknown.confirms(Step::Unsubscribe).unwrap_err();
    assert_eq!(refused.outcome(), Outcome::Inconclusive);
    assert_eq!(refused.rules(), [RuleId::ActionKnown]);
}

#[test]
fn confirming_without_a_permit_that_would_be_given_is_blocked() {
    for (mut desk, step) in [
        (
            Desk::opened(BY_UNSUBSCRIBING, Some(DOWNGRADE)),
            Step::Unsubscribe,
        ),
        (Desk::opened(BY_UNSUBSCRIBING, None), Step::SetAction),
        (Desk::upgrading(), Step::Upgrade),
    ] {
        assert_eq!(desk.confirms(step), Err(Refusal::NeedsPermit(step)));
    }
}

#[test]
fn an_upgrade_outside_is_marked_and_leads_on() {
    let mut desk = Desk::upgrading();
    desk.confirms_outside(Step::Upgrade).unwrap();
    assert_eq!(desk.next(), Some(Step::RecordExpiry));
    desk.records_expiry(days(30)).unwrap();
    desk.looked(DELETE);
    assert_eq!(*desk.status(), Status::Done);
    assert_eq!(desk.noted(&EventKind::Done { outside: true }), 1);
}

#[rstest]
#[case::delete(BY_UNSUBSCRIBING, Some(DELETE))]
#[case::unknown(BY_UNSUBSCRIBING, None)]
#[case::downgrade(BY_UNSUBSCRIBING, Some(DOWNGRADE))]
#[case::while_waiting(BY_EXPIRY, Some(DELETE))]
fn an_exit_outside_is_marked_and_leads_on_whatever_the_action(
    #[case] kind: ChangeKind,
    #[case] action: Option<PostExpirationAction>,
) {
    let mut desk = Desk::opened(kind, action);
    desk.confirms_outside(Step::Unsubscribe).unwrap();
    assert_eq!(desk.next(), Some(Step::VerifyStandard));
    desk.confirms(Step::VerifyStandard).unwrap();
    assert!(desk.was_outside());
    assert_eq!(desk.noted(&EventKind::Done { outside: true }), 1);
}

#[test]
fn after_a_permit_confirming_is_not_judged_again() {
    let mut desk = Desk::opened(BY_UNSUBSCRIBING, Some(DOWNGRADE)).after(hours(24));
    desk.permit();
    desk.wait(days(2));
    assert_eq!(desk.permit_state(), Some(PermitState::Lapsed));
    desk.confirms(Step::Unsubscribe).unwrap();
    assert!(!desk.was_outside());
}

#[test]
fn irreversible_steps_must_be_named() {
    let mut desk = Desk::leaving();
    assert_eq!(
        desk.tells(&Confirmation::default()),
        Err(Refusal::NameTheStep(Step::Unsubscribe))
    );
}

// Permits.

#[test]
fn a_permit_is_valid_for_thirty_minutes() {
    let desk = Desk::leaving();
    let early = desk.clone().after(minutes(30) - MS);
    assert_eq!(early.permit_state(), Some(PermitState::Out));
    let late = desk.after(minutes(30));
    assert_eq!(late.permit_state(), Some(PermitState::Lapsed));
}

#[test]
fn within_its_time_the_holder_sees_the_same_permit() {
    let mut desk = Desk::leaving();
    let first = desk.permit().permit;
    desk.wait(minutes(29));
    let again = desk.permit();
    assert_eq!((again.permit, again.verdict), (first, None));
}

#[test]
fn anyone_else_is_blocked_and_told_the_holder() {
    let mut desk = Desk::leaving();
    let refused = desk.asks_next("bob").unwrap_err();
    assert_eq!(refused.outcome(), Outcome::Blocked);
    let Refusal::PermitHeld { holder, .. } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(holder, Person::named("alice"));
    desk.wait(minutes(30));
    assert_eq!(desk.asks_next("bob").unwrap().unwrap().permit.serial, 2);
}

#[test]
fn a_lapsed_permit_leaves_its_step_in_doubt_until_confirmed() {
    let mut desk = Desk::leaving().after(minutes(30));
    assert_eq!(
        desk.case.open_change().unwrap().in_doubt(),
        Some(Step::Unsubscribe)
    );
    assert_eq!(desk.next(), Some(Step::Unsubscribe));
    desk.confirms(Step::Unsubscribe).unwrap();
    assert_eq!(desk.case.open_change().unwrap().in_doubt(), None);
}

#[test]
fn a_fresh_permit_settles_the_doubt() {
    let mut desk = Desk::leaving().after(minutes(30));
    desk.permit();
    assert_eq!(desk.case.open_change().unwrap().in_doubt(), None);
    assert_eq!(desk.permit_state(), Some(PermitState::Out));
}

#[rstest]
#[case::action(|said: &mut Attestation| said.action = Some(Some(DELETE)))]
#[case::action_unknown(|said: &mut Attestation| said.action = Some(None))]
#[case::auto_renewal(|said: &mut Attestation| said.auto_renew = Some(Some(Switch::On)))]
#[case::busy(|said: &mut Attestation| said.busy = Some(Some(Switch::On)))]
#[case::size(|said: &mut Attestation| said.max_tps = Some(3_001))]
#[case::commodity(|said: &mut Attestation| said.commodity_id = CommodityId::parse("ons-cn-0pp1abc2d34").ok())]
#[case::name(|said: &mut Attestation| said.name = InstanceName::parse("bills").ok())]
fn a_fact_that_moves_withdraws_the_permit(#[case] facts: fn(&mut Attestation)) {
    let mut desk = Desk::leaving();
    desk.says(facts);
    assert_eq!(desk.permit_state(), Some(PermitState::Withdrawn));
    assert!(matches!(
        desk.confirms(Step::Unsubscribe),
        Err(Refusal::PermitWithdrawn(_) | Refusal::Rules { .. })
    ));
}

#[test]
fn a_renewal_withdraws_the_permit() {
    let mut desk = Desk::leaving();
    desk.expires_in(days(300));
    assert_eq!(desk.permit_state(), Some(PermitState::Withdrawn));
    assert_eq!(desk.next(), Some(Step::SetAction));
}

#[test]
fn a_fact_told_again_withdraws_nothing() {
    let mut desk = Desk::leaving();
    desk.looked(DOWNGRADE);
    desk.says(|said| said.max_tps = Some(3_000));
    assert_eq!(desk.permit_state(), Some(PermitState::Out));
}

#[test]
fn expiry_withdraws_the_permit_to_unsubscribe() {
    let mut desk = Desk::opened(BY_UNSUBSCRIBING, Some(DOWNGRADE)).after(days(30) - minutes(10));
    desk.looked(DOWNGRADE);
    desk.permit();
    desk.wait(minutes(10) - MS);
    assert_eq!(desk.permit_state(), Some(PermitState::Out));
    desk.wait(MS);
    assert_eq!(desk.permit_state(), Some(PermitState::Withdrawn));
    assert_eq!(desk.next(), Some(Step::VerifyStandard));
}

#[rstest]
#[case::in_time(days(37) - MS, true)]
#[case::too_late(days(37), false)]
fn after_expiry_a_downgrade_may_be_opened_to_set_the_action(
    #[case] wait: TimeDelta,
    #[case] may: bool,
) {
    let mut desk = Desk::platinum(Some(DELETE)).after(wait);
    assert!(desk.clone().open(BY_UNSUBSCRIBING).is_err());
    assert_eq!(desk.open(BY_EXPIRY).is_ok(), may);
    if may {
        assert_eq!(desk.permit().permit.step, Step::SetAction);
        desk.confirms(Step::SetAction).unwrap();
        assert_eq!(desk.next(), Some(Step::VerifyStandard));
    }
}

// Giving up.

#[rstest]
#[case::failed(Desk::fails)]
#[case::cancelled(Desk::cancels)]
fn giving_up_after_an_irreversible_permit_leaves_edition_and_action_unknown(
    #[case] end: fn(&mut Desk),
) {
    let out = Desk::leaving();
    let lapsed = Desk::leaving().after(hours(1));
    let mut withdrawn = Desk::leaving();
    withdrawn.says(|said| said.max_tps = Some(1));
    let mut upgrade = Desk::upgrading();
    upgrade.permit();
    for mut desk in [out, lapsed, withdrawn, upgrade] {
        end(&mut desk);
        assert!(!desk.case.change.as_ref().unwrap().is_open());
        assert_eq!((desk.edition(), desk.action()), (None, None));
        assert_ne!(desk.permit_state(), Some(PermitState::Out));
    }
}

#[rstest]
#[case::failed(Desk::fails)]
#[case::cancelled(Desk::cancels)]
fn giving_up_otherwise_leaves_the_facts(#[case] end: fn(&mut Desk)) {
    let mut set_action = Desk::opened(BY_UNSUBSCRIBING, Some(DELETE));
    set_action.permit();
    let none = Desk::opened(BY_UNSUBSCRIBING, Some(DELETE));
    for mut desk in [set_action, none] {
        end(&mut desk);
        assert_eq!(desk.edition(), Some(Edition::Platinum));
        assert_eq!(desk.action(), Some(DELETE));
    }
}

#[test]
fn giving_up_after_expiry_leaves_nothing_settled_about_the_action() {
    let mut desk = Desk::leaving();
    desk.expires_in(days(2));
    desk.looked(DOWNGRADE);
    desk.wait(days(3));
    assert_eq!(desk.next(), Some(Step::VerifyStandard));
    desk.cancels();
    desk.says(|said| said.edition = Some(Edition::Platinum));
    assert_eq!(
        desk.check(Intent::Expiry),
        (Outcome::Blocked, vec![RuleId::ReleaseAfter7Days])
    );
}

// Taking back.

#[test]
fn reopening_an_upgrade_takes_back_all_of_it() {
    let mut desk = Desk::upgrading();
    desk.permit();
    desk.confirms(Step::Upgrade).unwrap();
    desk.records_expiry(days(30)).unwrap();
    let taken = desk.reopens(Step::Upgrade).unwrap();
    assert_eq!(taken, [Step::Upgrade, Step::RecordExpiry]);
    assert_eq!((desk.edition(), desk.action()), (None, None));
    assert_eq!(desk.case.instance.expires.value(), None);
    assert_eq!(desk.next(), Some(Step::Upgrade));
}

#[test]
fn reopening_the_expiry_forgets_the_date() {
    let mut desk = Desk::upgrading();
    desk.permit();
    desk.confirms(Step::Upgrade).unwrap();
    desk.records_expiry(days(30)).unwrap();
    desk.reopens(Step::RecordExpiry).unwrap();
    assert_eq!(desk.case.instance.expires.value(), None);
    assert_eq!(desk.next(), Some(Step::RecordExpiry));
}

#[test]
fn reopening_a_finished_upgrade_at_its_choice_asks_for_it_again() {
    let mut desk = Desk::upgrading();
    desk.permit();
    desk.confirms(Step::Upgrade).unwrap();
    desk.records_expiry(days(30)).unwrap();
    desk.looked(DOWNGRADE);
    desk.reopens(Step::ChooseAction).unwrap();
    assert_eq!(*desk.status(), Status::Open);
    assert_eq!(desk.action(), None);
    assert_eq!(desk.next(), Some(Step::ChooseAction));
}

#[test]
fn reopening_the_action_takes_the_exit_back_too() {
    let mut desk = Desk::leaving();
    desk.confirms(Step::Unsubscribe).unwrap();
    let taken = desk.reopens(Step::SetAction).unwrap();
    assert_eq!(taken, [Step::SetAction, Step::Unsubscribe]);
    assert_eq!(desk.action(), None);
    assert_eq!(desk.next(), Some(Step::SetAction));
}

#[test]
fn reopening_the_action_withdraws_the_permit_to_unsubscribe() {
    let mut desk = Desk::leaving();
    desk.reopens(Step::SetAction).unwrap();
    assert_eq!(desk.permit_state(), Some(PermitState::Withdrawn));
    assert_eq!(desk.next(), Some(Step::SetAction));
}

#[test]
fn reopening_the_exit_asks_for_the_action_again() {
    let mut desk = Desk::leaving();
    desk.confirms(Step::Unsubscribe).unwrap();
    desk.reopens(Step::Unsubscribe).unwrap();
    assert_eq!(desk.action(), None);
    assert_eq!(desk.next(), Some(Step::SetAction));
    desk.cancels();
    assert_eq!(
        desk.edition(),
        None,
        "whether it happened is in doubt again"
    );
}

#[test]
fn reopening_the_action_after_expiry_takes_the_waiting_back() {
    let mut desk = Desk::opened(BY_EXPIRY, Some(DOWNGRADE));
    desk.expires_in(days(2));
    desk.looked(DOWNGRADE);
    desk.wait(days(3));
    assert_eq!(desk.next(), Some(Step::VerifyStandard));
    desk.reopens(Step::SetAction).unwrap();
    assert_eq!(desk.action(), None);
    assert_eq!(desk.next(), Some(Step::SetAction));
    assert_eq!(
        desk.check(Intent::Expiry),
        (Outcome::Blocked, vec![RuleId::ReleaseAfter7Days])
    );
}

#[test]
fn reopening_the_verification_of_a_finished_downgrade_makes_the_edition_unknown() {
    let mut desk = Desk::leaving();
    desk.confirms(Step::Unsubscribe).unwrap();
    desk.confirms(Step::VerifyStandard).unwrap();
    desk.reopens(Step::VerifyStandard).unwrap();
    assert_eq!(*desk.status(), Status::Open);
    assert_eq!(desk.edition(), None);
    assert_eq!(desk.next(), Some(Step::VerifyStandard));
}

#[test]
fn reopening_is_blocked_while_another_change_is_open() {
    let mut finished = Desk::leaving();
    finished.confirms(Step::Unsubscribe).unwrap();
    finished.confirms(Step::VerifyStandard).unwrap();
    let mut later = Desk::upgrading().case.change.unwrap();
    later.number = 2;
    let refused = finished.act("alice", |case, moment| {
        case.reopen(Step::VerifyStandard, "mistaken", Some(&later), moment)
    });
    assert!(matches!(
        refused,
        Err(Refusal::OpenChange { number: 2, .. })
    ));
}

#[test]
fn what_is_not_done_cannot_be_taken_back() {
    let mut desk = Desk::opened(BY_UNSUBSCRIBING, Some(DELETE));
    assert_eq!(
        desk.reopens(Step::Unsubscribe),
        Err(Refusal::StepNotDone(Step::Unsubscribe))
    );
    assert!(matches!(
        desk.reopens(Step::Upgrade),
        Err(Refusal::NoSuchStep { .. })
    ));
}

// The target reached outside.

#[rstest]
#[case::by_unsubscribing(BY_UNSUBSCRIBING)]
#[case::by_expiry(BY_EXPIRY)]
fn attesting_standard_ends_a_downgrade_as_done_outside(#[case] kind: ChangeKind) {
    let mut desk = Desk::opened(kind, Some(DELETE));
    desk.says(|said| said.edition = Some(Edition::Standard));
    assert_eq!(*desk.status(), Status::Done);
    assert_eq!(desk.noted(&EventKind::Done { outside: true }), 1);
}

#[test]
fn attesting_standard_after_the_exit_is_no_exit_outside() {
    let mut desk = Desk::opened(BY_EXPIRY, Some(DOWNGRADE));
    desk.expires_in(days(2));
    desk.looked(DOWNGRADE);
    desk.wait(days(2));
    desk.says(|said| said.edition = Some(Edition::Standard));
    assert_eq!(*desk.status(), Status::Done);
    assert!(!desk.was_outside());
}

#[test]
fn attesting_platinum_leaves_an_upgrade_its_expiry_and_action_to_ask_for() {
    let mut desk = Desk::upgrading();
    desk.says(|said| said.edition = Some(Edition::Platinum));
    assert_eq!(desk.next(), Some(Step::RecordExpiry));
    desk.records_expiry(days(30)).unwrap();
    assert_eq!(desk.next(), Some(Step::ChooseAction));
    desk.looked(DELETE);
    assert_eq!(*desk.status(), Status::Done);
    assert_eq!(desk.noted(&EventKind::Done { outside: true }), 1);
}

// Renewals, one change at a time, size.

#[test]
fn only_a_known_expiry_that_changes_is_a_renewal() {
    let mut first = Desk::new(|said| {
        said.edition = Some(Edition::Platinum);
        said.action = Some(Some(DOWNGRADE));
    });
    first.expires_in(days(30));
    assert_eq!(first.action(), Some(DOWNGRADE), "a first date");
    let mut renewed = first.clone();
    first.expires_in(days(30));
    assert_eq!(first.action(), Some(DOWNGRADE), "the same date");
    renewed.expires_in(days(31));
    assert_eq!(renewed.action(), None, "another date");
}

#[test]
fn an_action_told_with_a_renewal_comes_after_it() {
    let mut desk = Desk::platinum(Some(DOWNGRADE));
    let expires = desk.now + days(60);
    desk.says(|said| {
        said.expires = Some(expires);
        said.action = Some(Some(DOWNGRADE));
    });
    assert_eq!(desk.action(), Some(DOWNGRADE));
}

#[test]
fn another_change_is_refused_naming_the_open_one() {
    let mut desk = Desk::opened(BY_UNSUBSCRIBING, Some(DOWNGRADE));
    for kind in [UPGRADE, BY_UNSUBSCRIBING, BY_EXPIRY] {
        let refused = desk.open(kind);
        assert!(matches!(
            refused,
            Err(Refusal::OpenChange { number: 1, .. })
        ));
    }
}

#[test]
fn asking_to_unsubscribe_opens_the_downgrade_when_the_action_is_known() {
    let opening = Opening {
        kind: BY_UNSUBSCRIBING,
        number: 1,
        acknowledged: false,
    };
    let mut known = Desk::platinum(Some(DOWNGRADE));
    let shown = known
        .act("alice", |case, moment| {
            case.open_and_unsubscribe(&opening, moment)
        })
        .unwrap();
    assert_eq!(shown.permit.step, Step::Unsubscribe);
    for (action, outcome) in [
        (Some(DELETE), Outcome::Blocked),
        (None, Outcome::Inconclusive),
    ] {
        let mut desk = Desk::platinum(action);
        let refused = desk
            .act("alice", |case, moment| {
                case.open_and_unsubscribe(&opening, moment)
            })
            .unwrap_err();
        assert_eq!(refused.outcome(), outcome);
        assert_eq!(desk.case.change, None, "nothing is opened");
    }
}

#[test]
fn an_acknowledgement_is_void_when_the_size_rises() {
    let mut desk = Desk::platinum(Some(DOWNGRADE));
    desk.says(|said| said.max_tps = Some(6_000));
    assert_eq!(
        desk.open(BY_UNSUBSCRIBING).unwrap_err().rules(),
        [RuleId::FitsStandard]
    );
    desk.open_with(BY_UNSUBSCRIBING, true).unwrap();
    desk.permit();
    let mut smaller = desk.clone();
    smaller.says(|said| said.max_tps = Some(5_999));
    assert!(smaller.asks_next("alice").is_ok(), "it holds for less");
    desk.says(|said| said.max_tps = Some(6_001));
    assert_eq!(desk.permit_state(), Some(PermitState::Withdrawn));
    assert_eq!(
        desk.noted(&EventKind::AcknowledgementVoid { max_tps: 6_001 }),
        1
    );
    assert_eq!(
        desk.asks_next("alice").unwrap_err().rules(),
        [RuleId::FitsStandard]
    );
    desk.says(|said| said.max_tps = Some(6_000));
    assert!(desk.asks_next("alice").is_err(), "void stays void");
}

#[test]
fn a_standard_instance_has_no_expiry() {
    let mut desk = Desk::standard();
    let expires = desk.now + days(1);
    assert!(desk.tries(|said| said.expires = Some(expires)).is_err());
    assert!(desk.tries(|said| said.action = Some(Some(DELETE))).is_err());
    assert_eq!(
        desk.case.instance.expires,
        Fact::Unknown {
            gap: edition_warden::domain::fact::Gap::OnlyPlatinum,
            since: Some(desk.now),
        }
    );
}
