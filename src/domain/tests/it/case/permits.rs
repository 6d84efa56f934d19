//! Permits, confirming without one, and asking for the next step.

use super::*;

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
