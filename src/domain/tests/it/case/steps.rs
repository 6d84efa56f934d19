//! The order of the steps, confirming an upgrade, and setting the action.

use super::*;

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
#[case::unsubscribing(BY_UNSUBSCRIBING, hours(24), Step::Unsubscribe, Step::SetAction)]
#[case::expiry(BY_EXPIRY, days(7), Step::AwaitExpiry, Step::AwaitExpiry)]
fn the_action_is_set_within_its_limit(
    #[case] kind: ChangeKind,
    #[case] limit: TimeDelta,
    #[case] then: Step,
    #[case] after_it: Step,
) {
    let mut context = RequestContext::opened(kind, None);
    context.looked(DOWNGRADE);
    assert_eq!(context.clone().after(limit - MS).next(), Some(then));
    assert_eq!(context.clone().after(limit).next(), Some(then));
    let mut stale = context.after(limit + MS);
    assert_eq!(stale.next(), Some(after_it));
    // Nothing is permitted on an old look, whichever step is next.
    let intent = match then {
        Step::Unsubscribe => Intent::Unsubscribe,
        _ => Intent::Expiry,
    };
    assert_eq!(stale.check(intent).0, Outcome::Inconclusive);
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
