//! Observations, permits and expiries whose dates matter: out of date, or ahead of the clock.

use super::*;

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
            subscribed: false,
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
