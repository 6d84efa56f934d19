//! Waiting for the expiry, and verifying.

use super::*;

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
