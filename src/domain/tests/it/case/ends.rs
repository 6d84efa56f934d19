//! Giving up a change, and taking a confirmation back.

use super::*;

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
