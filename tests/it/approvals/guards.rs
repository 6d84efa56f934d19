//! The rules that withhold a step from a person, with their replies: one rule for each test.

use chrono::TimeDelta;
use edition_warden::domain::approval::RequestState;
use edition_warden::domain::case::{Approved, Confirmation, Moment, PermitShown, Refusal, Vote};
use edition_warden::domain::change::{ChangeKind, Route, Step};
use edition_warden::domain::event::EventKind;
use edition_warden::domain::id::Person;
use edition_warden::domain::instance::{Edition, PostExpirationAction, Switch};
use edition_warden::domain::rules::{Found, Intent};
use rstest::rstest;

use super::oracle::{Act, Play};

const BY_UNSUBSCRIBING: ChangeKind = ChangeKind::Downgrade(Route::Unsubscribe);
const BY_EXPIRY: ChangeKind = ChangeKind::Downgrade(Route::Expiry);
const LOOK: Act = Act::Look(PostExpirationAction::Downgrade);

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;
/// Every Platinum instance of these plays expires then, unless it is renewed.
const UNTIL_EXPIRY: i64 = 30 * DAY;

fn asks(play: &mut Play, who: &str) -> Result<Option<PermitShown>, Refusal> {
    play.tries(who, |case, moment| case.ask_next(moment))
}

/// Nobody of a team, and without a look.
fn approves(play: &mut Play, who: &str) -> Result<Approved, Refusal> {
    let vote = Vote {
        seen: None,
        teams: &[],
    };
    play.tries(who, |case, moment| case.approve(&vote, moment))
}

/// What stands in the way of the next step, for somebody who only looks.
fn hindrance(play: &Play, who: &str) -> Option<Refusal> {
    let by = Person::named(who);
    play.case.hindrance(&Moment {
        by: &by,
        now: play.now,
        policy: &play.policy,
    })
}

/// The serial and the state of the latest request.
fn request(play: &Play) -> Option<(u32, RequestState)> {
    let request = play.case.change.as_ref()?.request.as_ref()?;
    Some((request.serial, request.state))
}

/// An upgrade that alice has opened, and one person has to approve.
fn upgrade(team: bool) -> Play {
    let mut play = Play::new(Edition::Standard, team);
    play.does("alice", Act::Open(ChangeKind::Upgrade));
    play
}

/// A downgrade whose expiry passed a minute from now, on a clock that was two minutes fast.
fn exited_on_a_fast_clock(kind: ChangeKind, quorum: Act) -> Play {
    let mut play = Play::new(Edition::Platinum, false);
    play.does("alice", quorum);
    play.does("alice", Act::Open(kind));
    play.does("alice", Act::Wait(UNTIL_EXPIRY - HOUR));
    play.does("alice", LOOK);
    let _ = approves(&mut play, "bob");
    play.does("alice", Act::Wait(HOUR + 1));
    let change = play.case.change.as_ref().unwrap();
    assert!(change.exit_confirmed(), "the expiry is an exit");
    play.does("alice", Act::Back(2));
    play
}

fn busy(play: &mut Play) {
    play.says("alice", |said| said.busy = Some(Some(Switch::On)));
}

#[test]
fn what_has_left_its_subscription_is_not_unsubscribed_as_well() {
    let mut play = exited_on_a_fast_clock(BY_UNSUBSCRIBING, Act::Quorum(0, 0, 1));
    let asked = |play: &mut Play| {
        play.tries("alice", |case, moment| case.ask_to_unsubscribe(moment))
            .unwrap_err()
    };
    let confirmed = |play: &mut Play| {
        let said = Confirmation {
            step: Some(Step::Unsubscribe),
            ..Confirmation::default()
        };
        play.tries("alice", |case, moment| case.confirm(&said, moment))
            .unwrap_err()
    };
    for refusal in [asked(&mut play), confirmed(&mut play)] {
        let after_exit = matches!(
            refusal,
            Refusal::OutOfOrder {
                asked: Step::Unsubscribe,
                first: Step::VerifyStandard,
                ..
            }
        );
        assert!(after_exit, "{refusal:?}");
    }
}

#[test]
fn nobody_is_asked_to_approve_a_wait_that_is_over() {
    let mut play = exited_on_a_fast_clock(BY_EXPIRY, Act::Quorum(1, 2, 2));
    assert_eq!(asks(&mut play, "alice"), Ok(None));
    assert_eq!(request(&play), Some((1, RequestState::Used)));
}

#[test]
fn nobody_is_asked_to_approve_a_wait_that_the_rules_forbid() {
    let mut play = Play::new(Edition::Platinum, false);
    play.does("alice", Act::Open(BY_EXPIRY));
    play.does("alice", LOOK);
    play.does("dave", Act::AutoRenew(Switch::On));
    assert_eq!(asks(&mut play, "alice"), Ok(None));
    assert_eq!(request(&play), Some((1, RequestState::Void)));
}

#[test]
fn only_a_permit_to_unsubscribe_ends_with_the_expiry() {
    let mut play = Play::new(Edition::Platinum, false);
    play.does("alice", Act::Quorum(0, 0, 1));
    play.does("alice", Act::Open(BY_UNSUBSCRIBING));
    play.does("alice", Act::Wait(UNTIL_EXPIRY - 10));
    let permit = asks(&mut play, "alice").unwrap().unwrap().permit;
    assert_eq!(permit.step, Step::SetAction);
    assert_eq!(play.case.permit_ends(&permit), permit.lapses_at());
    play.does("alice", LOOK);
    let permit = asks(&mut play, "alice").unwrap().unwrap().permit;
    assert_eq!(permit.step, Step::Unsubscribe);
    let left = play.case.permit_ends(&permit) - play.now;
    assert_eq!(left, TimeDelta::minutes(10));
}

#[test]
fn who_only_looks_is_told_of_the_rule_in_the_way_but_not_of_a_permit_that_is_out() {
    let mut play = upgrade(false);
    busy(&mut play);
    let refusal = hindrance(&play, "eve");
    assert!(
        matches!(refusal, Some(Refusal::Rules { .. })),
        "{refusal:?}"
    );

    let mut play = upgrade(false);
    approves(&mut play, "bob").unwrap();
    assert!(asks(&mut play, "alice").unwrap().is_some());
    assert_eq!(hindrance(&play, "eve"), None);
}

#[test]
fn a_step_that_the_rules_forbid_is_not_said_to_come_before_itself() {
    let mut play = upgrade(false);
    busy(&mut play);
    let asked = asks(&mut play, "alice").unwrap_err();
    let approved = approves(&mut play, "bob").unwrap_err();
    for refusal in [asked, approved] {
        let itself = matches!(refusal, Refusal::Rules { first: None, .. });
        assert!(itself, "{refusal:?}");
    }
}

#[test]
fn an_upgrade_is_approved_by_anybody_whatever_the_team() {
    let mut play = upgrade(true);
    let lacking = |play: &Play| {
        play.case
            .would_lack(Step::Upgrade, &play.policy, play.now)
            .map(|lacking| lacking.team)
    };
    assert_eq!(lacking(&Play::new(Edition::Standard, true)), Some(None));
    assert_eq!(lacking(&play), Some(None));
    approves(&mut play, "dave").unwrap();
    assert_eq!(lacking(&play), None);
    assert!(asks(&mut play, "alice").unwrap().is_some());
}

#[test]
fn where_nobody_has_to_approve_nobody_of_the_team_has_to_either() {
    let mut play = Play::new(Edition::Platinum, true);
    play.does("alice", Act::Quorum(1, 0, 1));
    play.does("alice", LOOK);
    let would_lack = play
        .case
        .would_lack(Step::Unsubscribe, &play.policy, play.now);
    assert_eq!(would_lack, None);
    play.does("alice", Act::Open(BY_UNSUBSCRIBING));
    let permit = asks(&mut play, "alice").unwrap().unwrap().permit;
    assert_eq!(permit.step, Step::Unsubscribe);
}

#[test]
fn a_fact_asks_for_nothing_that_lapsed_also_where_the_clock_went_back() {
    let mut play = upgrade(false);
    play.does("alice", Act::Wait(4 * DAY));
    assert_eq!(request(&play), Some((1, RequestState::Lapsed)));
    play.does("alice", Act::Back(3 * DAY));
    play.says("dave", |said| said.topics = Some(Some(12)));
    assert_eq!(request(&play), Some((1, RequestState::Lapsed)));
    assert!(asks(&mut play, "alice").is_err());
    assert_eq!(request(&play), Some((2, RequestState::Open)));
}

#[test]
fn where_nobody_has_approved_nobody_is_told_that_approvals_are_void() {
    let mut play = Play::new(Edition::Platinum, false);
    play.does("alice", LOOK);
    play.does("alice", Act::Open(BY_UNSUBSCRIBING));
    assert_eq!(request(&play), Some((1, RequestState::Open)));
    play.does("dave", Act::AutoRenew(Switch::On));
    assert_eq!(
        request(&play),
        Some((2, RequestState::Open)),
        "asked again on what moved"
    );
    let voided = |kind: &EventKind| matches!(kind, EventKind::ApprovalsVoided { .. });
    let mut events = play.case.events.iter();
    assert!(!events.any(|event| voided(&event.kind)));
}

#[test]
fn an_approval_dated_ahead_of_the_clock_may_be_given_again() {
    let mut play = upgrade(false);
    play.does("alice", Act::Wait(HOUR));
    approves(&mut play, "bob").unwrap();
    play.does("alice", Act::Back(HOUR / 2));
    assert!(asks(&mut play, "alice").is_err(), "it counts for nothing");
    let again = approves(&mut play, "bob");
    assert!(matches!(again, Ok(Approved::Given(..))), "{again:?}");
    assert!(asks(&mut play, "alice").unwrap().is_some());
}

/// From the end of the seventh day on it is no longer said that it may still be saved.
#[rstest]
#[case::before(TimeDelta::milliseconds(-1), Found::MayBeDeleted)]
#[case::at(TimeDelta::zero(), Found::PresumedDeleted)]
fn seven_days_after_the_expiry_it_is_presumed_deleted(
    #[case] from: TimeDelta,
    #[case] found: Found,
) {
    let mut play = Play::new(Edition::Platinum, false);
    play.does("alice", Act::Look(PostExpirationAction::Delete));
    let now = play.now + TimeDelta::minutes(UNTIL_EXPIRY + 7 * DAY) + from;
    for intent in [Intent::Unsubscribe, Intent::Expiry] {
        let verdict = play.case.judge(intent, &play.policy.limits, now);
        let deciding: Vec<_> = verdict.deciding().map(|finding| finding.found).collect();
        assert_eq!(deciding, [found]);
    }
}
