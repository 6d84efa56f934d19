//! Facts that are attested: the target reached outside, renewals, one change at a time, size.

use super::*;

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
