//! The transitions of a change, one test for each sentence of what its steps promise.

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

// The order of the steps.

#[test]
fn an_upgrade_takes_its_steps_in_order() {
    let mut context = RequestContext::upgrading();
    assert_eq!(context.next(), Some(Step::Upgrade));
    assert!(context.records_expiry(days(30)).is_err());
    assert!(context.confirms(Step::ChooseAction).is_err());
    assert_eq!(context.permit().permit.step, Step::Upgrade);
    context.confirms(Step::Upgrade).unwrap();
    assert_eq!(context.next(), Some(Step::RecordExpiry));
    context.records_expiry(days(30)).unwrap();
    assert_eq!(context.next(), Some(Step::ChooseAction));
    context.looked(DELETE);
    assert_eq!(*context.status(), Status::Done);
    assert!(!context.was_outside());
}

#[rstest]
#[case::delete(DELETE)]
#[case::downgrade(DOWNGRADE)]
fn choosing_the_action_is_done_by_attesting_either_value(#[case] action: PostExpirationAction) {
    let mut context = RequestContext::upgrading();
    context.permit();
    context.confirms(Step::Upgrade).unwrap();
    context.records_expiry(days(30)).unwrap();
    assert_eq!(
        context.next(),
        Some(Step::ChooseAction),
        "the default is no choice"
    );
    context.looked(action);
    assert_eq!(*context.status(), Status::Done);
}

#[test]
fn choosing_the_action_first_still_leaves_the_expiry_to_record() {
    let mut context = RequestContext::upgrading();
    context.permit();
    context.confirms(Step::Upgrade).unwrap();
    context.looked(DOWNGRADE);
    assert_eq!(context.next(), Some(Step::RecordExpiry));
    context.records_expiry(days(30)).unwrap();
    assert_eq!(*context.status(), Status::Done);
    assert_eq!(
        context.action(),
        Some(DOWNGRADE),
        "a first date is no renewal"
    );
}

#[test]
fn a_downgrade_by_unsubscribing_takes_its_steps_in_order() {
    let mut context = RequestContext::opened(BY_UNSUBSCRIBING, Some(DELETE));
    assert_eq!(context.next(), Some(Step::SetAction));
    assert!(context.act("alice", Case::ask_to_unsubscribe).is_err());
    assert!(context.confirms(Step::Unsubscribe).is_err());
    assert!(context.confirms(Step::VerifyStandard).is_err());
    assert_eq!(context.permit().permit.step, Step::SetAction);
    context.confirms(Step::SetAction).unwrap();
    assert_eq!(
        context.action(),
        Some(DOWNGRADE),
        "confirming the step attests it"
    );
    assert_eq!(context.permit().permit.step, Step::Unsubscribe);
    context.confirms(Step::Unsubscribe).unwrap();
    assert_eq!(context.next(), Some(Step::VerifyStandard));
    context.confirms(Step::VerifyStandard).unwrap();
    assert_eq!(*context.status(), Status::Done);
    assert_eq!(
        context.steps_done(),
        [Step::SetAction, Step::Unsubscribe, Step::VerifyStandard]
    );
    assert!(!context.was_outside());
}

#[test]
fn a_downgrade_by_expiry_takes_its_steps_in_order() {
    let mut context = RequestContext::opened(BY_EXPIRY, Some(DELETE));
    assert_eq!(context.permit().permit.step, Step::SetAction);
    context.confirms(Step::SetAction).unwrap();
    assert_eq!(context.next(), Some(Step::AwaitExpiry));
    assert_eq!(
        context.asks_next("alice"),
        Ok(None),
        "waiting needs no permit"
    );
    context.expires_in(days(2));
    context.looked(DOWNGRADE);
    context.wait(days(2));
    assert_eq!(context.next(), Some(Step::VerifyStandard));
    context.confirms(Step::VerifyStandard).unwrap();
    assert_eq!(*context.status(), Status::Done);
    assert_eq!(
        context.steps_done(),
        [Step::SetAction, Step::AwaitExpiry, Step::VerifyStandard]
    );
    assert!(!context.was_outside(), "every step was in order");
    assert_eq!(context.noted(&EventKind::Done { outside: false }), 1);
    let taken_back = EventKind::StepTakenBack {
        step: Step::AwaitExpiry,
        reason: None,
    };
    assert_eq!(context.noted(&taken_back), 0);
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
    let mut context = RequestContext::opened(BY_EXPIRY, Some(DOWNGRADE));
    let refused = context.act("alice", |case, moment| {
        case.ask_permit(Step::Unsubscribe, moment)
    });
    assert!(refused.is_err());
    let mut idle = RequestContext::platinum(Some(DOWNGRADE));
    let refused = idle.act("alice", |case, moment| {
        case.ask_permit(Step::Unsubscribe, moment)
    });
    assert!(refused.is_err());
}

// Confirming an upgrade.

#[test]
fn confirming_an_upgrade_derives_the_default_action() {
    let mut context = RequestContext::upgrading();
    context.permit();
    context.confirms(Step::Upgrade).unwrap();
    assert_eq!(context.edition(), Some(Edition::Platinum));
    let action = context.case.instance.action.known().unwrap();
    assert_eq!((action.value, action.source), (DELETE, Source::Derived));
    assert_eq!(context.case.instance.expires.value(), None);
    assert_eq!(context.case.instance.auto_renew.value(), None);
}

#[test]
fn a_derived_delete_counts_as_known_and_ages() {
    let mut context = RequestContext::upgrading();
    context.permit();
    context.confirms(Step::Upgrade).unwrap();
    context.wait(hours(24));
    assert_eq!(
        context.check(Intent::Unsubscribe),
        (Outcome::Blocked, vec![RuleId::ActionBeforeExit])
    );
    context.wait(MS);
    assert_eq!(
        context.check(Intent::Unsubscribe),
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
    let mut context = RequestContext::opened(kind, None);
    context.looked(DOWNGRADE);
    assert_eq!(context.clone().after(limit - MS).next(), Some(then));
    assert_eq!(context.clone().after(limit).next(), Some(then));
    let mut stale = context.after(limit + MS);
    assert_eq!(
        stale.next(),
        Some(Step::SetAction),
        "it is the next step again"
    );
    stale.looked(DOWNGRADE);
    assert_eq!(stale.next(), Some(then));
}

#[test]
fn a_confirmed_action_that_is_stale_is_confirmed_once_more() {
    let mut context = RequestContext::opened(BY_UNSUBSCRIBING, None);
    context.permit();
    context.confirms(Step::SetAction).unwrap();
    context.wait(hours(25));
    context.permit();
    context.confirms(Step::SetAction).unwrap();
    assert_eq!(context.next(), Some(Step::Unsubscribe));
    assert_eq!(context.steps_done(), [Step::SetAction]);
}

#[test]
fn ageing_does_not_withdraw_a_permit_that_is_out() {
    let mut context = RequestContext::opened(BY_UNSUBSCRIBING, Some(DOWNGRADE)).after(hours(24));
    let given = context.permit().permit;
    context.wait(minutes(30) - MS);
    assert_eq!(context.next(), Some(Step::Unsubscribe));
    assert_eq!(context.permit().permit, given);
    context.confirms(Step::Unsubscribe).unwrap();
    assert_eq!(context.next(), Some(Step::VerifyStandard));
}

#[test]
fn a_permit_for_the_action_is_used_only_by_a_word_on_the_action() {
    let mut context = RequestContext::opened(BY_UNSUBSCRIBING, Some(DOWNGRADE)).after(hours(25));
    context.permit();
    let mut moved = context.clone();
    moved.says(|said| said.max_tps = Some(Some(3_001)));
    assert_eq!(moved.permit_state(), Some(PermitState::Withdrawn));
    context.looked(DOWNGRADE);
    assert_eq!(context.permit_state(), Some(PermitState::Used));
}

// Waiting for the expiry.

#[rstest]
#[case::by_expiry(BY_EXPIRY)]
#[case::by_unsubscribing(BY_UNSUBSCRIBING)]
fn expiry_with_downgrade_known_leads_on(#[case] kind: ChangeKind) {
    let mut context = RequestContext::opened(kind, Some(DOWNGRADE));
    context.expires_in(days(7));
    context.looked(DOWNGRADE);
    context.wait(days(7) - MS);
    assert!(!context.steps_done().contains(&Step::AwaitExpiry));
    context.wait(MS);
    assert_eq!(context.next(), Some(Step::VerifyStandard));
    assert_eq!(context.noted(&EventKind::Waiting), 0);
    let waited = context.case.change.as_ref().unwrap();
    assert_eq!(waited.record(Step::AwaitExpiry).unwrap().how, How::Elapsed);
}

#[rstest]
#[case::by_expiry(BY_EXPIRY)]
#[case::by_unsubscribing(BY_UNSUBSCRIBING)]
fn expiry_with_the_action_unknown_waits_loudly(#[case] kind: ChangeKind) {
    let mut context = RequestContext::opened(kind, None).after(days(30));
    assert_eq!(context.next(), Some(Step::SetAction));
    assert_eq!(context.noted(&EventKind::Waiting), 1);
    context.wait(days(1));
    assert_eq!(context.noted(&EventKind::Waiting), 1, "said once");
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
    let mut context = RequestContext::opened(kind, action).after(days(37) - MS);
    assert_eq!(context.next(), Some(Step::SetAction));
    context.looked(DOWNGRADE);
    assert_eq!(context.next(), Some(Step::VerifyStandard));
    context.wait(days(30));
    assert_eq!(*context.status(), Status::Open);
    // It was not set first, so one word of Standard proves nothing.
    context.confirms(Step::VerifyStandard).unwrap();
    assert_eq!(*context.status(), Status::Open);
    context.confirms(Step::VerifyStandard).unwrap();
    assert_eq!(*context.status(), Status::Done);
}

/// Nothing that is said after an exit makes it one that found Downgrade (rule `action-before-exit`).
#[rstest]
#[case::nothing(|_: &mut RequestContext| {})]
#[case::downgrade(|context: &mut RequestContext| context.looked(DOWNGRADE))]
#[case::unknown(|context: &mut RequestContext| context.says(|said| said.action = Some(None)))]
#[case::unknown_and_downgrade(|context: &mut RequestContext| {
    context.says(|said| said.action = Some(None));
    context.looked(DOWNGRADE);
})]
#[case::another_expiry(|context: &mut RequestContext| context.expires_in(days(400)))]
#[case::its_change_has_ended(|context: &mut RequestContext| {
    context.cancels();
    context.looked(DOWNGRADE);
})]
fn an_exit_on_delete_stays_one(#[case] then: fn(&mut RequestContext)) {
    let mut on_delete = RequestContext::opened(BY_UNSUBSCRIBING, Some(DELETE));
    on_delete.confirms_outside(Step::Unsubscribe).unwrap();
    let mut seen_later = RequestContext::leaving();
    seen_later.confirms(Step::Unsubscribe).unwrap();
    seen_later.looked(DELETE);
    for mut context in [on_delete, seen_later] {
        context.wait(hours(1));
        then(&mut context);
        assert!(context.case.instance.was_on_delete());
        context.says(|said| said.edition = Some(Some(Edition::Standard)));
        assert!(context.case.instance.edition.is_contradictory());
    }
}

/// It has not happened, so the next one counts by what is seen then.
#[test]
fn an_exit_on_delete_that_is_taken_back_is_over() {
    let mut context = RequestContext::opened(BY_UNSUBSCRIBING, Some(DELETE));
    context.confirms_outside(Step::Unsubscribe).unwrap();
    context.reopens(Step::Unsubscribe).unwrap();
    context.looked(DOWNGRADE);
    assert!(!context.case.instance.was_on_delete());
    context.permit();
    context.confirms(Step::Unsubscribe).unwrap();
    context.confirms(Step::VerifyStandard).unwrap();
    assert_eq!(*context.status(), Status::Done);
}

/// Standard that is taken back leaves the exit as it was.
#[test]
fn an_exit_on_delete_is_one_again_once_standard_is_taken_back() {
    let mut context = RequestContext::opened(BY_UNSUBSCRIBING, Some(DELETE));
    context.confirms_outside(Step::Unsubscribe).unwrap();
    context.looked(DOWNGRADE);
    context.confirms(Step::VerifyStandard).unwrap();
    context.confirms(Step::VerifyStandard).unwrap();
    assert_eq!(*context.status(), Status::Done);
    assert!(!context.case.instance.was_on_delete());
    context.reopens(Step::VerifyStandard).unwrap();
    assert!(context.case.instance.was_on_delete());
}

/// Also where no change waits for it.
#[rstest]
#[case::delete(Some(DELETE))]
#[case::unknown(None)]
fn an_expiry_that_did_not_find_downgrade_stays_one(#[case] action: Option<PostExpirationAction>) {
    let mut context = RequestContext::platinum(action).after(days(31));
    context.looked(DOWNGRADE);
    let limits = Limits::default();
    let found = |context: &RequestContext| {
        let instance = &context.case.instance;
        instance.expired_on_downgrade(&limits, context.now)
    };
    assert!(!found(&context));
    // Nor where the expiry is not known any more.
    let mut unsaid = context.clone();
    unsaid.says(|said| said.expires = Some(None));
    assert!(!found(&unsaid));
    context.says(|said| said.edition = Some(Some(Edition::Standard)));
    assert!(context.case.instance.edition.is_contradictory());
}

/// Within its release period the old subscription is the likely one; after it, a new one.
#[rstest]
#[case::within_the_release_period(days(3), true)]
#[case::after_it(days(60), false)]
fn what_expired_and_is_not_standard_after_all_has_its_expiry_back(
    #[case] later: TimeDelta,
    #[case] back: bool,
) {
    let mut context = RequestContext::platinum(Some(DOWNGRADE));
    context.expires_in(days(2));
    context.looked(DOWNGRADE);
    let expired = context.case.instance.expires.value().copied();
    context.wait(days(3));
    context.says(|said| said.edition = Some(Some(Edition::Standard)));
    assert_eq!(context.edition(), Some(Edition::Standard));
    context.wait(later);
    context.says(|said| said.edition = Some(Some(Edition::Platinum)));
    let instance = &context.case.instance;
    assert_eq!(instance.reminded_expiry(), expired.filter(|_| back));
    assert!(!instance.expired_on_downgrade(&context.policy.limits, context.now) || !back);
    if !back {
        let Fact::Unknown { gap, .. } = instance.expires else {
            panic!("{:?}", instance.expires);
        };
        assert_eq!(gap, Gap::WasStandard);
    }
}

/// The date of the subscription that was unsubscribed is reminded of for as long as it may still be its own.
#[rstest]
#[case::before_it(days(3), true)]
#[case::just_after_it(days(34), true)]
#[case::after_its_release_period(days(37), false)]
fn what_left_and_is_not_standard_after_all_is_reminded_of_its_expiry(
    #[case] later: TimeDelta,
    #[case] back: bool,
) {
    let mut context = RequestContext::leaving();
    let expires = context.case.instance.expires.value().copied();
    context.confirms(Step::Unsubscribe).unwrap();
    context.confirms(Step::VerifyStandard).unwrap();
    context.wait(later);
    context.says(|said| said.edition = Some(Some(Edition::Platinum)));
    let instance = &context.case.instance;
    assert_eq!(instance.reminded_expiry(), expires.filter(|_| back));
}

/// A date that is withdrawn was wrong: the one before it counts, as long as it may be right.
#[rstest]
#[case::ahead(days(10), true)]
#[case::just_passed(days(31), true)]
#[case::long_passed(days(40), false)]
fn a_renewal_that_is_unsaid_brings_the_expiry_before_it_back(
    #[case] renewed: TimeDelta,
    #[case] back: bool,
) {
    let mut context = RequestContext::platinum(Some(DELETE));
    let first = context.case.instance.expires.value().copied();
    context.wait(renewed);
    context.expires_in(days(365));
    let second = context.case.instance.expires.value().copied();
    assert_eq!(context.case.instance.reminded_expiry(), second);
    context.wait(minutes(10));
    context.says(|said| said.expires = Some(None));
    // Said once more, it is unknown all the same.
    context.says(|said| said.expires = Some(None));
    let reminded: Vec<_> = context.case.instance.reminded_expiries().collect();
    let expected: Vec<_> = second.into_iter().chain(first.filter(|_| back)).collect();
    assert_eq!(reminded, expected);
    context.says(|said| said.expires = second.map(Some));
    assert_eq!(context.case.instance.reminded_expiry(), second);
}

#[rstest]
#[case::by_expiry(BY_EXPIRY)]
#[case::by_unsubscribing(BY_UNSUBSCRIBING)]
fn on_the_seventh_day_it_is_presumed_deleted(#[case] kind: ChangeKind) {
    let mut context = RequestContext::opened(kind, Some(DELETE)).after(days(37) - MS);
    assert_eq!(*context.status(), Status::Open);
    context.wait(MS);
    assert_eq!(*context.status(), Status::Failed(Failure::PresumedDeleted));
    let expired = context.case.instance.expires.value().copied().unwrap();
    let ended = context.case.change.as_ref().unwrap().ended_at;
    assert_eq!(ended, Some(expired + days(7)));
}

#[test]
fn attesting_downgrade_on_the_seventh_day_is_too_late() {
    let mut context = RequestContext::opened(BY_EXPIRY, Some(DELETE));
    context.now += days(37);
    context.looked(DOWNGRADE);
    assert_eq!(*context.status(), Status::Failed(Failure::PresumedDeleted));
}

#[rstest]
#[case::seen_late(days(60))]
#[case::seen_at_once(days(2))]
fn downgrade_known_at_expiry_stays_known(#[case] seen: TimeDelta) {
    let mut context = RequestContext::opened(BY_EXPIRY, Some(DOWNGRADE));
    context.expires_in(days(2));
    context.looked(DOWNGRADE);
    context.wait(seen);
    context.wait(days(90));
    assert_eq!(context.next(), Some(Step::VerifyStandard));
    // It should be Standard since 168 h after the expiry, and nobody has seen that.
    assert_eq!(
        context.check(Intent::Expiry),
        (Outcome::Inconclusive, vec![RuleId::ExitConverts])
    );
}

#[rstest]
#[case::delete(Some(DELETE))]
#[case::unknown(None)]
fn what_was_known_at_expiry_holds_until_attested_otherwise(
    #[case] action: Option<PostExpirationAction>,
) {
    let mut context = RequestContext::opened(BY_EXPIRY, Some(DOWNGRADE));
    context.expires_in(days(2));
    context.looked(DOWNGRADE);
    context.wait(days(3));
    context.says(|said| said.action = Some(action));
    assert_eq!(context.next(), Some(Step::SetAction));
    assert_eq!(
        context.check(Intent::Expiry),
        (Outcome::Blocked, vec![RuleId::ReleaseAfter7Days])
    );
    context.looked(DOWNGRADE);
    assert_eq!(context.next(), Some(Step::VerifyStandard));
}

#[test]
fn seen_on_delete_after_the_seventh_day_it_is_there_and_may_be_saved() {
    let mut context = RequestContext::opened(BY_EXPIRY, Some(DOWNGRADE));
    context.expires_in(days(2));
    context.looked(DOWNGRADE);
    context.wait(days(9));
    context.looked(DELETE);
    assert_eq!(*context.status(), Status::Open);
    assert_eq!(context.next(), Some(Step::SetAction));
}

#[test]
fn an_expiry_that_turns_out_to_lie_ahead_takes_the_waiting_back() {
    let mut context = RequestContext::opened(BY_EXPIRY, Some(DOWNGRADE));
    context.expires_in(days(2));
    context.looked(DOWNGRADE);
    context.wait(days(2));
    context.expires_in(days(365));
    assert_eq!(
        context.next(),
        Some(Step::SetAction),
        "a renewal unsettles the action"
    );
    context.looked(DOWNGRADE);
    assert_eq!(context.next(), Some(Step::AwaitExpiry));
}

// Verifying.

#[test]
fn verifying_standard_clears_what_only_platinum_has() {
    let mut context = RequestContext::leaving();
    context.confirms(Step::Unsubscribe).unwrap();
    context.confirms(Step::VerifyStandard).unwrap();
    let instance = &context.case.instance;
    assert_eq!(instance.edition.value(), Some(&Edition::Standard));
    assert_eq!(instance.expires.value(), None);
    assert_eq!(instance.action.value(), None);
    assert_eq!(instance.auto_renew.value(), None);
    assert_eq!(instance.max_tps.value(), Some(&3_000));
    let twice = context.steps_done().into_iter();
    assert_eq!(
        twice.filter(|step| *step == Step::VerifyStandard).count(),
        1
    );
}

// Without a permit, and after one.

#[test]
fn confirming_without_a_permit_replies_what_asking_would() {
    let mut delete = RequestContext::opened(BY_UNSUBSCRIBING, Some(DELETE));
    let refused = delete.confirms(Step::Unsubscribe).unwrap_err();
    assert_eq!(refused.outcome(), Outcome::Blocked);
    assert_eq!(refused.rules(), [RuleId::ActionBeforeExit]);
    let mut unknown = RequestContext::opened(BY_UNSUBSCRIBING, None);
    let refused = unknown.confirms(Step::Unsubscribe).unwrap_err();
    assert_eq!(refused.outcome(), Outcome::Inconclusive);
    assert_eq!(refused.rules(), [RuleId::ActionKnown]);
}

#[test]
fn confirming_without_a_permit_that_would_be_given_is_blocked() {
    for (mut context, step) in [
        (
            RequestContext::opened(BY_UNSUBSCRIBING, Some(DOWNGRADE)),
            Step::Unsubscribe,
        ),
        (
            RequestContext::opened(BY_UNSUBSCRIBING, None),
            Step::SetAction,
        ),
        (RequestContext::upgrading(), Step::Upgrade),
    ] {
        assert_eq!(context.confirms(step), Err(Refusal::NeedsPermit(step)));
    }
}

#[test]
fn an_upgrade_outside_is_marked_and_leads_on() {
    let mut context = RequestContext::upgrading();
    context.confirms_outside(Step::Upgrade).unwrap();
    assert_eq!(context.next(), Some(Step::RecordExpiry));
    context.records_expiry(days(30)).unwrap();
    context.looked(DELETE);
    assert_eq!(*context.status(), Status::Done);
    assert_eq!(context.noted(&EventKind::Done { outside: true }), 1);
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
    let mut context = RequestContext::opened(kind, action);
    context.confirms_outside(Step::Unsubscribe).unwrap();
    assert_eq!(context.next(), Some(Step::VerifyStandard));
    context.confirms(Step::VerifyStandard).unwrap();
    if action != Some(DOWNGRADE) {
        assert_eq!(*context.status(), Status::Open, "one person's word");
        context.confirms(Step::VerifyStandard).unwrap();
    }
    assert!(context.was_outside());
    assert_eq!(context.noted(&EventKind::Done { outside: true }), 1);
}

#[test]
fn after_a_permit_confirming_is_not_judged_again() {
    let mut context = RequestContext::opened(BY_UNSUBSCRIBING, Some(DOWNGRADE)).after(hours(24));
    context.permit();
    context.wait(days(2));
    assert_eq!(context.permit_state(), Some(PermitState::Lapsed));
    context.confirms(Step::Unsubscribe).unwrap();
    assert!(!context.was_outside());
}

#[test]
fn irreversible_steps_must_be_named() {
    let mut context = RequestContext::leaving();
    assert_eq!(
        context.tells(&Confirmation::default()),
        Err(Refusal::NameTheStep(Step::Unsubscribe))
    );
}

// Permits.

#[test]
fn a_permit_is_valid_for_thirty_minutes() {
    let context = RequestContext::leaving();
    let early = context.clone().after(minutes(30) - MS);
    assert_eq!(early.permit_state(), Some(PermitState::Out));
    let late = context.after(minutes(30));
    assert_eq!(late.permit_state(), Some(PermitState::Lapsed));
}

#[test]
fn within_its_time_the_holder_sees_the_same_permit() {
    let mut context = RequestContext::leaving();
    let first = context.permit().permit;
    context.wait(minutes(29));
    let again = context.permit();
    assert_eq!((again.permit, again.verdict), (first, None));
}

#[test]
fn anyone_else_is_blocked_and_told_the_holder() {
    let mut context = RequestContext::leaving();
    let refused = context.asks_next("bob").unwrap_err();
    assert_eq!(refused.outcome(), Outcome::Blocked);
    let Refusal::PermitHeld { holder, .. } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(holder, Person::named("alice"));
    context.wait(minutes(30));
    assert_eq!(context.asks_next("bob").unwrap().unwrap().permit.serial, 2);
}

#[test]
fn a_lapsed_permit_leaves_its_step_in_doubt_until_confirmed() {
    let mut context = RequestContext::leaving().after(minutes(30));
    assert_eq!(
        context.case.open_change().unwrap().unknown_outcome(),
        Some(Step::Unsubscribe)
    );
    assert_eq!(context.next(), Some(Step::Unsubscribe));
    context.confirms(Step::Unsubscribe).unwrap();
    assert_eq!(context.case.open_change().unwrap().unknown_outcome(), None);
}

#[test]
fn a_fresh_permit_settles_the_doubt() {
    let mut context = RequestContext::leaving().after(minutes(30));
    context.permit();
    assert_eq!(context.case.open_change().unwrap().unknown_outcome(), None);
    assert_eq!(context.permit_state(), Some(PermitState::Out));
}

#[rstest]
#[case::action(|said: &mut Said| said.action = Some(Some(DELETE)))]
#[case::action_unknown(|said: &mut Said| said.action = Some(None))]
#[case::auto_renewal(|said: &mut Said| said.auto_renew = Some(Some(Switch::On)))]
#[case::busy(|said: &mut Said| said.busy = Some(Some(Switch::On)))]
#[case::size(|said: &mut Said| said.max_tps = Some(Some(3_001)))]
#[case::commodity(|said: &mut Said| said.commodity_id = CommodityId::parse("ons-cn-0pp1abc2d34").ok().map(Some))]
#[case::name(|said: &mut Said| said.name = InstanceName::parse("bills").ok())]
fn a_fact_that_moves_withdraws_the_permit(#[case] facts: fn(&mut Said)) {
    let mut context = RequestContext::leaving();
    context.says(facts);
    assert_eq!(context.permit_state(), Some(PermitState::Withdrawn));
    assert!(matches!(
        context.confirms(Step::Unsubscribe),
        Err(Refusal::PermitWithdrawn(_) | Refusal::Rules { .. })
    ));
}

#[test]
fn a_renewal_withdraws_the_permit() {
    let mut context = RequestContext::leaving();
    context.expires_in(days(300));
    assert_eq!(context.permit_state(), Some(PermitState::Withdrawn));
    assert_eq!(context.next(), Some(Step::SetAction));
}

#[test]
fn a_fact_told_again_withdraws_nothing() {
    let mut context = RequestContext::leaving();
    context.looked(DOWNGRADE);
    context.says(|said| said.max_tps = Some(Some(3_000)));
    assert_eq!(context.permit_state(), Some(PermitState::Out));
}

#[test]
fn expiry_withdraws_the_permit_to_unsubscribe() {
    let mut context =
        RequestContext::opened(BY_UNSUBSCRIBING, Some(DOWNGRADE)).after(days(30) - minutes(10));
    context.looked(DOWNGRADE);
    context.permit();
    context.wait(minutes(10) - MS);
    assert_eq!(context.permit_state(), Some(PermitState::Out));
    context.wait(MS);
    assert_eq!(context.permit_state(), Some(PermitState::Withdrawn));
    assert_eq!(context.next(), Some(Step::VerifyStandard));
}

#[rstest]
#[case::in_time(days(37) - MS, true)]
#[case::too_late(days(37), false)]
fn after_expiry_a_downgrade_may_be_opened_to_set_the_action(
    #[case] wait: TimeDelta,
    #[case] may: bool,
) {
    let mut context = RequestContext::platinum(Some(DELETE)).after(wait);
    assert!(context.clone().open(BY_UNSUBSCRIBING).is_err());
    assert_eq!(context.open(BY_EXPIRY).is_ok(), may);
    if may {
        assert_eq!(context.permit().permit.step, Step::SetAction);
        context.confirms(Step::SetAction).unwrap();
        assert_eq!(context.next(), Some(Step::VerifyStandard));
    }
}

// Giving up.

#[rstest]
#[case::failed(RequestContext::fails)]
#[case::cancelled(RequestContext::cancels)]
fn giving_up_after_an_irreversible_permit_leaves_edition_and_action_unknown(
    #[case] end: fn(&mut RequestContext),
) {
    let out = RequestContext::leaving();
    let lapsed = RequestContext::leaving().after(hours(1));
    let mut withdrawn = RequestContext::leaving();
    withdrawn.says(|said| said.max_tps = Some(Some(1)));
    let mut upgrade = RequestContext::upgrading();
    upgrade.permit();
    for mut context in [out, lapsed, withdrawn, upgrade] {
        end(&mut context);
        assert!(!context.case.change.as_ref().unwrap().is_open());
        assert_eq!((context.edition(), context.action()), (None, None));
        assert_ne!(context.permit_state(), Some(PermitState::Out));
    }
}

#[rstest]
#[case::failed(RequestContext::fails)]
#[case::cancelled(RequestContext::cancels)]
fn giving_up_otherwise_leaves_the_facts(#[case] end: fn(&mut RequestContext)) {
    let mut set_action = RequestContext::opened(BY_UNSUBSCRIBING, Some(DELETE));
    set_action.permit();
    let none = RequestContext::opened(BY_UNSUBSCRIBING, Some(DELETE));
    for mut context in [set_action, none] {
        end(&mut context);
        assert_eq!(context.edition(), Some(Edition::Platinum));
        assert_eq!(context.action(), Some(DELETE));
    }
}

#[test]
fn giving_up_after_expiry_leaves_nothing_settled_about_the_action() {
    let mut context = RequestContext::leaving();
    context.expires_in(days(2));
    context.looked(DOWNGRADE);
    context.wait(days(3));
    assert_eq!(context.next(), Some(Step::VerifyStandard));
    context.cancels();
    context.says(|said| said.edition = Some(Some(Edition::Platinum)));
    assert_eq!(
        context.check(Intent::Expiry),
        (Outcome::Blocked, vec![RuleId::ReleaseAfter7Days])
    );
}

// Taking back.

#[test]
fn reopening_an_upgrade_takes_back_all_of_it() {
    let mut context = RequestContext::upgrading();
    context.permit();
    context.confirms(Step::Upgrade).unwrap();
    context.records_expiry(days(30)).unwrap();
    let taken = context.reopens(Step::Upgrade).unwrap();
    assert_eq!(taken, [Step::Upgrade, Step::RecordExpiry]);
    assert_eq!((context.edition(), context.action()), (None, None));
    assert_eq!(context.case.instance.expires.value(), None);
    assert_eq!(context.next(), Some(Step::Upgrade));
}

#[test]
fn reopening_the_expiry_forgets_the_date() {
    let mut context = RequestContext::upgrading();
    context.permit();
    context.confirms(Step::Upgrade).unwrap();
    context.records_expiry(days(30)).unwrap();
    context.reopens(Step::RecordExpiry).unwrap();
    assert_eq!(context.case.instance.expires.value(), None);
    assert_eq!(context.next(), Some(Step::RecordExpiry));
}

#[test]
fn reopening_a_finished_upgrade_at_its_choice_asks_for_it_again() {
    let mut context = RequestContext::upgrading();
    context.permit();
    context.confirms(Step::Upgrade).unwrap();
    context.records_expiry(days(30)).unwrap();
    context.looked(DOWNGRADE);
    context.reopens(Step::ChooseAction).unwrap();
    assert_eq!(*context.status(), Status::Open);
    assert_eq!(context.action(), None);
    assert_eq!(context.next(), Some(Step::ChooseAction));
}

#[test]
fn reopening_the_action_takes_the_exit_back_too() {
    let mut context = RequestContext::leaving();
    context.confirms(Step::Unsubscribe).unwrap();
    let taken = context.reopens(Step::SetAction).unwrap();
    assert_eq!(taken, [Step::SetAction, Step::Unsubscribe]);
    assert_eq!(context.action(), None);
    assert_eq!(context.next(), Some(Step::SetAction));
}

#[test]
fn reopening_the_action_withdraws_the_permit_to_unsubscribe() {
    let mut context = RequestContext::leaving();
    context.reopens(Step::SetAction).unwrap();
    assert_eq!(context.permit_state(), Some(PermitState::Withdrawn));
    assert_eq!(context.next(), Some(Step::SetAction));
}

#[test]
fn reopening_the_exit_asks_for_the_action_again() {
    let mut context = RequestContext::leaving();
    context.confirms(Step::Unsubscribe).unwrap();
    context.reopens(Step::Unsubscribe).unwrap();
    assert_eq!(context.action(), None);
    assert_eq!(context.next(), Some(Step::SetAction));
    context.cancels();
    assert_eq!(
        context.edition(),
        None,
        "whether it happened is in doubt again"
    );
}

/// With Delete it was deleted at once: that it may be so stays known.
#[test]
fn reopening_an_exit_on_delete_keeps_the_delete() {
    for verified in [false, true] {
        let mut context = RequestContext::opened(BY_UNSUBSCRIBING, Some(DELETE));
        context.confirms_outside(Step::Unsubscribe).unwrap();
        if verified {
            context.says(|said| said.edition = Some(Some(Edition::Platinum)));
        }
        context.reopens(Step::Unsubscribe).unwrap();
        assert!(context.case.instance.was_on_delete(), "{verified}");
        assert_eq!(context.next(), Some(Step::SetAction));
        let exit = context.check(Intent::Unsubscribe).0;
        assert!(
            !matches!(exit, Outcome::Allowed | Outcome::Done),
            "{exit:?}"
        );
    }
}

#[test]
fn reopening_the_action_after_expiry_takes_the_waiting_back() {
    let mut context = RequestContext::opened(BY_EXPIRY, Some(DOWNGRADE));
    context.expires_in(days(2));
    context.looked(DOWNGRADE);
    context.wait(days(3));
    assert_eq!(context.next(), Some(Step::VerifyStandard));
    context.reopens(Step::SetAction).unwrap();
    assert_eq!(context.action(), None);
    assert_eq!(context.next(), Some(Step::SetAction));
    assert_eq!(
        context.check(Intent::Expiry),
        (Outcome::Blocked, vec![RuleId::ReleaseAfter7Days])
    );
}

#[test]
fn reopening_the_verification_of_a_finished_downgrade_gives_the_facts_of_before_back() {
    let mut context = RequestContext::leaving();
    context.confirms(Step::Unsubscribe).unwrap();
    let before = context.case.instance.clone();
    context.wait(minutes(5));
    context.confirms(Step::VerifyStandard).unwrap();
    assert_eq!(context.edition(), Some(Edition::Standard));
    context.wait(hours(1));
    context.reopens(Step::VerifyStandard).unwrap();
    assert_eq!(*context.status(), Status::Open);
    // With who said them and when: the expiry is reminded of again.
    let past = context.case.instance.past;
    assert_eq!(context.case.instance, Instance { past, ..before });
    assert_eq!(context.next(), Some(Step::VerifyStandard));
    // The exit is still confirmed; once that is taken back as well, a look of before no longer counts.
    context.reopens(Step::Unsubscribe).unwrap();
    assert_eq!(context.action(), None);
    assert_eq!(context.next(), Some(Step::SetAction));
}

#[test]
fn a_standard_that_nobody_exited_to_leaves_no_look_behind_when_it_is_taken_back() {
    let mut context = RequestContext::opened(BY_UNSUBSCRIBING, Some(DOWNGRADE));
    let expires = context.case.instance.expires.clone();
    context.policy.observers = 1;
    context.says(|said| said.edition = Some(Some(Edition::Standard)));
    assert_eq!(*context.status(), Status::Open);
    context.says(|said| said.edition = Some(Some(Edition::Standard)));
    assert_eq!(*context.status(), Status::Done);
    context.reopens(Step::VerifyStandard).unwrap();
    context.says(|said| said.edition = Some(Some(Edition::Platinum)));
    assert_eq!(context.edition(), Some(Edition::Platinum));
    assert_eq!(context.case.instance.expires, expires);
    assert_eq!(context.action(), None);
    assert!(context.case.instance.observations.is_empty());
    assert_eq!(context.next(), Some(Step::SetAction));
}

#[test]
fn what_somebody_said_of_the_edition_since_stays_when_the_verification_is_taken_back() {
    let mut context = RequestContext::leaving();
    context.confirms(Step::Unsubscribe).unwrap();
    context.confirms(Step::VerifyStandard).unwrap();
    context.says(|said| said.edition = Some(Some(Edition::Platinum)));
    context.expires_in(days(9));
    let said = context.case.instance.clone();
    context.reopens(Step::VerifyStandard).unwrap();
    assert_eq!(context.case.instance.expires, said.expires);
    assert_eq!(context.edition(), Some(Edition::Platinum));
}

#[rstest]
#[case(Step::VerifyStandard)]
#[case(Step::Unsubscribe)]
fn reopening_is_blocked_once_a_later_change_has_begun_from_there(#[case] step: Step) {
    let mut finished = RequestContext::leaving();
    finished.confirms(Step::Unsubscribe).unwrap();
    finished.confirms(Step::VerifyStandard).unwrap();
    let mut later = RequestContext::upgrading().case.change.unwrap();
    later.number = 2;
    later.status = Status::Cancelled("off".to_owned());
    let refused = finished.act("alice", |case, moment| {
        case.reopen(step, "mistaken", Some(&later), moment)
    });
    assert_eq!(refused, Err(Refusal::LaterChange(2)));
}

#[test]
fn the_last_step_is_confirmed_by_name() {
    let mut context = RequestContext::leaving();
    context.confirms(Step::Unsubscribe).unwrap();
    let bare = Confirmation::default();
    let refused = context.act("alice", |case, moment| case.confirm(&bare, moment));
    assert_eq!(refused, Err(Refusal::NameTheStep(Step::VerifyStandard)));
    context.confirms(Step::VerifyStandard).unwrap();
}

/// Somebody settles that it is Platinum: it may have been Standard meanwhile, and Platinum again with Delete.
#[rstest]
#[case::a_file_disagreed(true)]
#[case::it_was_said_not_to_be_known(false)]
fn an_edition_that_is_settled_needs_looks_from_after_it(#[case] by_file: bool) {
    let mut context = RequestContext::opened(BY_UNSUBSCRIBING, Some(DOWNGRADE));
    assert_eq!(context.next(), Some(Step::Unsubscribe));
    context.wait(hours(1));
    if by_file {
        let row = Said {
            edition: Some(Some(Edition::Standard)),
            ..Said::default()
        };
        let before = context.case.change.take();
        let terms = ImportTerms {
            content: 0,
            at: context.now,
            accept: false,
            doubts_standard: false,
        };
        context.act("root", |case, moment| case.import(&row, terms, moment));
        context.case.change = before;
        assert!(context.case.instance.edition.is_contradictory());
    } else {
        context.says(|said| said.edition = Some(None));
    }
    context.says(|said| said.edition = Some(Some(Edition::Platinum)));
    assert_eq!(context.action(), None);
    assert_eq!(context.next(), Some(Step::SetAction));
    context.looked(DOWNGRADE);
    assert_eq!(context.next(), Some(Step::Unsubscribe));
}

#[test]
fn a_look_in_the_same_breath_as_the_edition_counts() {
    let mut context = RequestContext::platinum(Some(DOWNGRADE));
    context.says(|said| said.edition = Some(None));
    context.says(|said| {
        said.edition = Some(Some(Edition::Platinum));
        said.action = Some(Some(DOWNGRADE));
    });
    assert_eq!(context.action(), Some(DOWNGRADE));
}

/// Observations dated ahead do not count until that time: the clock was wrong, so their age is unknown.
#[rstest]
#[case(minutes(2), Outcome::Allowed)]
#[case(minutes(2) + MS, Outcome::Inconclusive)]
#[case(hours(1), Outcome::Inconclusive)]
#[case(days(365), Outcome::Inconclusive)]
fn a_look_counts_from_its_date_on(#[case] ahead: TimeDelta, #[case] outcome: Outcome) {
    let mut context = RequestContext::platinum(None);
    context.expires_in(days(600));
    context.now += ahead;
    context.looked(DOWNGRADE);
    context.now -= ahead;
    assert_eq!(context.check(Intent::Unsubscribe).0, outcome);
    context.now += ahead;
    assert_eq!(context.check(Intent::Unsubscribe).0, Outcome::Allowed);
}

/// An expiry that a wrong clock has passed settled nothing.
#[rstest]
#[case(Some(DOWNGRADE), PostExpirationAction::Delete)]
#[case(Some(DELETE), PostExpirationAction::Downgrade)]
fn an_expiry_that_a_wrong_clock_passed_is_still_ahead(
    #[case] before: Option<PostExpirationAction>,
    #[case] seen: PostExpirationAction,
) {
    let mut context = RequestContext::platinum(before);
    context.expires_in(days(30));
    context.looked(before.unwrap());
    let now = context.now;
    context.wait(days(31));
    assert!(context.case.instance.at_expiry.is_some());
    context.now = now + days(29);
    context.case.advance(&context.policy, context.now);
    assert_eq!(context.case.instance.at_expiry, None);
    context.looked(seen);
    context.wait(days(2));
    let converts = context.case.instance.at_expiry == Some(AtExpiry::Converts);
    assert_eq!(converts, seen == DOWNGRADE);
}

#[test]
fn a_permit_of_a_time_to_come_is_none() {
    let mut context = RequestContext::opened(BY_UNSUBSCRIBING, Some(DOWNGRADE));
    let now = context.now;
    context.now += hours(2);
    context.permit();
    context.now = now;
    context.case.advance(&context.policy, context.now);
    let permit = context
        .case
        .change
        .as_ref()
        .unwrap()
        .permit
        .as_ref()
        .unwrap();
    assert_eq!(permit.state, PermitState::Lapsed);
}

#[test]
fn a_permit_to_unsubscribe_ends_at_the_expiry() {
    let mut context = RequestContext::opened(BY_UNSUBSCRIBING, None);
    context.expires_in(minutes(10));
    context.looked(DOWNGRADE);
    let shown = context.permit();
    assert_eq!(
        context.case.permit_ends(&shown.permit),
        context.now + minutes(10)
    );
    let mut later = RequestContext::opened(BY_UNSUBSCRIBING, Some(DOWNGRADE));
    let shown = later.permit();
    assert_eq!(
        later.case.permit_ends(&shown.permit),
        later.now + minutes(30)
    );
}

/// A permit that was confirmed is not shown as one that may have been used.
#[test]
fn only_an_unconfirmed_permit_for_the_same_step_is_told_of() {
    let mut context = RequestContext::opened(BY_UNSUBSCRIBING, Some(DELETE));
    let set = context.permit();
    assert_eq!((set.permit.step, set.before), (Step::SetAction, None));
    // Its time ends: the next one for the same step tells of it.
    context.wait(minutes(31));
    let again = context.permit();
    assert_eq!(
        again.before.map(|before| before.step),
        Some(Step::SetAction)
    );
    // Withdrawn, then another step: the permit for that one has none before it.
    context.says(|said| said.max_tps = Some(Some(2_000)));
    context.looked(DOWNGRADE);
    let other = context.permit();
    assert_eq!((other.permit.step, other.before), (Step::Unsubscribe, None));
    // Used by its confirmation: a later one, after that was taken back, is told nothing of it.
    let mut context = RequestContext::opened(BY_UNSUBSCRIBING, Some(DELETE));
    context.permit();
    context.confirms(Step::SetAction).unwrap();
    context.reopens(Step::SetAction).unwrap();
    assert_eq!(context.permit().before, None);
}

/// Each way in which asking to unsubscribe is refused while a change is open.
#[test]
fn asking_to_unsubscribe_is_refused_for_the_reason_that_comes_first() {
    let asks = |context: &mut RequestContext| {
        context
            .act("alice", |case, moment| case.ask_to_unsubscribe(moment))
            .unwrap_err()
    };
    let mut upgrading = RequestContext::upgrading();
    assert!(matches!(
        asks(&mut upgrading),
        Refusal::OpenChange { number: 1, kind } if kind == UPGRADE
    ));
    let mut deleting = RequestContext::opened(BY_UNSUBSCRIBING, Some(DELETE));
    assert!(matches!(
        asks(&mut deleting),
        Refusal::Rules {
            intent: Intent::Unsubscribe,
            first: Some(Step::SetAction),
            ..
        }
    ));
    // The rules allow it, but the change waits for the expiry.
    let mut waiting = RequestContext::opened(BY_EXPIRY, Some(DOWNGRADE));
    assert!(matches!(
        asks(&mut waiting),
        Refusal::OpenChange { number: 1, kind } if kind == BY_EXPIRY
    ));
    // The rules allow it, but a confirmed exit is behind it: nothing is left but to look.
    let mut left = RequestContext::leaving();
    left.confirms(Step::Unsubscribe).unwrap();
    assert_eq!(asks(&mut left).outcome(), Outcome::AlreadyDone);
}

/// Only steps with a permit, and the waiting, are asked for; the others are only shown.
#[test]
fn asking_for_the_next_step_asks_for_nothing_that_needs_nobody() {
    let asks = |context: &mut RequestContext| {
        let shown = context.act("alice", |case, moment| case.ask_next(moment));
        shown.map(|shown| shown.map(|shown| shown.permit.step))
    };
    let mut context = RequestContext::upgrading();
    assert_eq!(asks(&mut context), Ok(Some(Step::Upgrade)));
    context.confirms(Step::Upgrade).unwrap();
    assert_eq!(asks(&mut context), Ok(None));
    let mut context = RequestContext::opened(BY_EXPIRY, Some(DOWNGRADE));
    context.policy.approvals_for_await_expiry = 1;
    assert!(matches!(asks(&mut context), Err(Refusal::NeedsApproval(_))));
    context.policy.approvals_for_await_expiry = 0;
    assert_eq!(
        asks(&mut RequestContext::opened(BY_EXPIRY, Some(DOWNGRADE))),
        Ok(None)
    );
}

#[rstest]
#[case::upgrade_to_come(hours(-1), false, false)]
#[case::at_the_upgrade(TimeDelta::zero(), false, true)]
#[case::ordinary(days(365), false, true)]
#[case::five_years(days(5 * 365), false, true)]
#[case::seven_years(days(7 * 365), false, false)]
#[case::before_and_meant(hours(-1), true, true)]
#[case::far_and_meant(days(7 * 365), true, true)]
fn an_expiry_that_looks_like_a_slip_has_to_be_meant(
    #[case] from_now: TimeDelta,
    #[case] sure: bool,
    #[case] taken: bool,
) {
    let mut context = RequestContext::upgrading();
    context.permit();
    context.confirms(Step::Upgrade).unwrap();
    let expires = context.now + from_now;
    let said = Confirmation {
        step: Some(Step::RecordExpiry),
        expires: Some(expires),
        sure,
        ..Confirmation::default()
    };
    let mut by_word = context.clone();
    let confirmed = context.act("alice", |case, moment| case.confirm(&said, moment));
    assert_eq!(confirmed.is_ok(), taken, "{confirmed:?}");
    let attested = by_word.tries(|said| {
        said.expires = Some(Some(expires));
        said.sure = sure;
    });
    assert_eq!(attested.is_ok(), taken, "{attested:?}");
}

/// Without it nobody could tell that the next date is a renewal, and people would hear nothing more of the last one.
#[test]
fn an_expiry_that_is_unsaid_is_reminded_of_until_there_is_another() {
    let mut context = RequestContext::platinum(Some(DOWNGRADE));
    let first = context.case.instance.expires.value().copied();
    context.says(|said| said.expires = Some(None));
    assert_eq!(context.case.instance.expires.value(), None);
    assert_eq!(context.case.instance.reminded_expiry(), first);
    // The same date again is no renewal.
    let mut same = context.clone();
    same.says(|said| said.expires = first.map(Some));
    assert_eq!(same.action(), Some(DOWNGRADE));
    assert_eq!(same.case.instance.unsaid_expires, None);
    // Another one is.
    context.expires_in(days(90));
    assert_eq!(context.action(), None);
    assert_eq!(
        context.case.instance.reminded_expiry(),
        context.case.instance.expires.value().copied()
    );
}

#[test]
fn size_and_commodity_id_can_be_unsaid() {
    let mut context = RequestContext::platinum(None);
    context
        .says(|said| said.commodity_id = CommodityId::parse("ons-cn-1aa2bb3cc44").ok().map(Some));
    context.says(|said| {
        said.max_tps = Some(None);
        said.commodity_id = Some(None);
    });
    assert_eq!(context.case.instance.max_tps.value(), None);
    assert_eq!(context.case.instance.commodity_id.value(), None);
}

#[test]
fn reopening_is_blocked_while_another_change_is_open() {
    let mut finished = RequestContext::leaving();
    finished.confirms(Step::Unsubscribe).unwrap();
    finished.confirms(Step::VerifyStandard).unwrap();
    let mut later = RequestContext::upgrading().case.change.unwrap();
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
    let mut context = RequestContext::opened(BY_UNSUBSCRIBING, Some(DELETE));
    assert_eq!(
        context.reopens(Step::Unsubscribe),
        Err(Refusal::StepNotDone(Step::Unsubscribe))
    );
    assert!(matches!(
        context.reopens(Step::Upgrade),
        Err(Refusal::NoSuchStep { .. })
    ));
}

// The target reached outside.

#[rstest]
#[case::by_unsubscribing(BY_UNSUBSCRIBING)]
#[case::by_expiry(BY_EXPIRY)]
fn attesting_standard_ends_a_downgrade_as_done_outside(#[case] kind: ChangeKind) {
    let mut context = RequestContext::opened(kind, Some(DELETE));
    context.says(|said| said.edition = Some(Some(Edition::Standard)));
    assert_eq!(*context.status(), Status::Open, "one person's word");
    assert!(context.case.instance.edition.is_contradictory());
    context.says(|said| said.edition = Some(Some(Edition::Standard)));
    assert_eq!(*context.status(), Status::Done);
    assert_eq!(context.noted(&EventKind::Done { outside: true }), 1);
}

#[test]
fn attesting_standard_after_the_exit_is_no_exit_outside() {
    let mut context = RequestContext::opened(BY_EXPIRY, Some(DOWNGRADE));
    context.expires_in(days(2));
    context.looked(DOWNGRADE);
    context.wait(days(2));
    context.says(|said| said.edition = Some(Some(Edition::Standard)));
    assert_eq!(*context.status(), Status::Done);
    assert!(!context.was_outside());
}

#[test]
fn attesting_platinum_leaves_an_upgrade_its_expiry_and_action_to_ask_for() {
    let mut context = RequestContext::upgrading();
    context.says(|said| said.edition = Some(Some(Edition::Platinum)));
    assert_eq!(context.next(), Some(Step::RecordExpiry));
    context.records_expiry(days(30)).unwrap();
    assert_eq!(context.next(), Some(Step::ChooseAction));
    context.looked(DELETE);
    assert_eq!(*context.status(), Status::Done);
    assert_eq!(context.noted(&EventKind::Done { outside: true }), 1);
}

// Renewals, one change at a time, size.

#[test]
fn only_a_known_expiry_that_changes_is_a_renewal() {
    let mut first = RequestContext::new(|said| {
        said.edition = Some(Some(Edition::Platinum));
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
    let mut context = RequestContext::platinum(Some(DOWNGRADE));
    let expires = context.now + days(60);
    context.says(|said| {
        said.expires = Some(Some(expires));
        said.action = Some(Some(DOWNGRADE));
    });
    assert_eq!(context.action(), Some(DOWNGRADE));
}

#[test]
fn another_change_is_refused_naming_the_open_one() {
    let mut context = RequestContext::opened(BY_UNSUBSCRIBING, Some(DOWNGRADE));
    for kind in [UPGRADE, BY_UNSUBSCRIBING, BY_EXPIRY] {
        let refused = context.open(kind);
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
    let mut known = RequestContext::platinum(Some(DOWNGRADE));
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
        let mut context = RequestContext::platinum(action);
        let refused = context
            .act("alice", |case, moment| {
                case.open_and_unsubscribe(&opening, moment)
            })
            .unwrap_err();
        assert_eq!(refused.outcome(), outcome);
        assert_eq!(context.case.change, None, "nothing is opened");
    }
}

#[test]
fn an_acknowledgement_is_void_when_the_size_rises() {
    let mut context = RequestContext::platinum(Some(DOWNGRADE));
    context.says(|said| said.max_tps = Some(Some(6_000)));
    assert_eq!(
        context.open(BY_UNSUBSCRIBING).unwrap_err().rules(),
        [RuleId::FitsStandard]
    );
    context.open_with(BY_UNSUBSCRIBING, true).unwrap();
    context.permit();
    let mut smaller = context.clone();
    smaller.says(|said| said.max_tps = Some(Some(5_999)));
    assert!(smaller.asks_next("alice").is_ok(), "it holds for less");
    context.says(|said| said.max_tps = Some(Some(6_001)));
    assert_eq!(context.permit_state(), Some(PermitState::Withdrawn));
    assert_eq!(
        context.noted(&EventKind::AcknowledgementVoid { max_tps: 6_001 }),
        1
    );
    assert_eq!(
        context.asks_next("alice").unwrap_err().rules(),
        [RuleId::FitsStandard]
    );
    context.says(|said| said.max_tps = Some(Some(6_000)));
    assert!(context.asks_next("alice").is_err(), "void stays void");
}

#[test]
fn a_standard_instance_has_no_expiry() {
    let mut context = RequestContext::standard();
    let expires = context.now + days(1);
    assert!(
        context
            .tries(|said| said.expires = Some(Some(expires)))
            .is_err()
    );
    assert!(
        context
            .tries(|said| said.action = Some(Some(DELETE)))
            .is_err()
    );
    assert_eq!(
        context.case.instance.expires,
        Fact::Unknown {
            gap: domain::fact::Gap::OnlyPlatinum,
            since: Some(context.now),
        }
    );
}

/// A look dated ahead of the clock does not end the wait for an expiry that passed without one.
#[test]
fn a_look_of_the_future_ends_no_wait() {
    let mut context = RequestContext::opened(BY_EXPIRY, None);
    let ahead = context.now + days(60);
    let look = Fact::attested(DOWNGRADE, &Person::named("alice"), ahead);
    context.case.instance.set_action(look);
    context.wait(days(31));
    let change = context.case.open_change().unwrap();
    assert_eq!(change.record(Step::AwaitExpiry), None);
    assert_eq!(context.case.instance.at_expiry, Some(AtExpiry::AtRisk));
}
