//! Single rules of the approvals, with their boundaries to the millisecond.

use chrono::TimeDelta;
use edition_warden::domain::announce::{Place, PostContent, Whom, announcements};
use edition_warden::domain::approval::{Request, RequestState, Told};
use edition_warden::domain::case::{Approved, PermitShown, Refusal, Vote};
use edition_warden::domain::change::{ChangeKind, Route, Status, Step};
use edition_warden::domain::event::EventKind;
use edition_warden::domain::instance::{Edition, PostExpirationAction, Switch};
use edition_warden::domain::outcome::Outcome;

use super::oracle::{Act, Play};
use PostExpirationAction::{Delete, Downgrade};

const BY_UNSUBSCRIBING: ChangeKind = ChangeKind::Downgrade(Route::Unsubscribe);
const BY_EXPIRY: ChangeKind = ChangeKind::Downgrade(Route::Expiry);

impl Play {
    fn request(&self) -> &Request {
        let change = self.case.change.as_ref().unwrap();
        change.request.as_ref().unwrap()
    }

    fn asks(&mut self, who: &str) -> Result<Option<PermitShown>, Refusal> {
        self.tries(who, |case, moment| case.ask_next(moment))
    }

    fn outcome(&mut self, who: &str) -> Outcome {
        match self.asks(who) {
            Ok(_) => Outcome::Allowed,
            Err(refusal) => refusal.outcome(),
        }
    }

    fn approves(
        &mut self,
        who: &str,
        seen: Option<PostExpirationAction>,
    ) -> Result<Approved, Refusal> {
        let teams = match who {
            "bob" | "carol" => vec!["payments".parse().unwrap()],
            _ => Vec::new(),
        };
        self.tries(who, |case, moment| {
            case.approve(
                &Vote {
                    seen,
                    teams: &teams,
                },
                moment,
            )
        })
    }

    fn lets(&mut self, time: TimeDelta) {
        self.now += time;
        self.case.advance(&self.policy, self.now);
    }

    /// What happened since this was last called.
    fn news(&mut self) -> Vec<EventKind> {
        std::mem::take(&mut self.case.events)
            .into_iter()
            .map(|event| event.kind)
            .collect()
    }

    fn says_unprompted(&mut self) -> Vec<(Place, Vec<Whom>, PostContent)> {
        let said = announcements(&self.case);
        self.case.events.clear();
        said.into_iter()
            .map(|said| (said.place, said.whom, said.message))
            .collect()
    }
}

/// Alice has opened a downgrade, set the action, and bob has looked as well.
fn ready_to_unsubscribe(team: bool) -> Play {
    let mut play = Play::new(Edition::Platinum, team);
    play.does("alice", Act::Open(BY_UNSUBSCRIBING));
    play.does("alice", Act::Ask);
    play.does("alice", Act::Confirm(Some(Step::SetAction), false));
    play.does("bob", Act::Look(Downgrade));
    play
}

fn upgrade() -> Play {
    let mut play = Play::new(Edition::Standard, false);
    play.does("alice", Act::Open(ChangeKind::Upgrade));
    play
}

const MS: TimeDelta = TimeDelta::milliseconds(1);

#[test]
fn approval_is_asked_for_when_the_step_becomes_the_next_one() {
    let mut play = Play::new(Edition::Platinum, false);
    play.does("alice", Act::Open(BY_UNSUBSCRIBING));
    assert_eq!(play.case.change.as_ref().unwrap().request, None);
    play.does("alice", Act::Ask);
    play.news();
    play.does("alice", Act::Confirm(Some(Step::SetAction), false));
    assert_eq!(
        (play.request().step, play.request().needed),
        (Step::Unsubscribe, 2)
    );
    assert!(play.news().contains(&EventKind::ApprovalAsked {
        step: Step::Unsubscribe,
        request: 1,
        needed: 2,
        moved: Vec::new(),
    }));
}

#[test]
fn nobody_approves_their_own_nor_twice_nor_what_nobody_asks() {
    let mut play = upgrade();
    assert_eq!(
        play.approves("alice", None),
        Err(Refusal::OwnApproval { alone: false })
    );
    assert!(play.approves("bob", None).is_ok());
    let again = play.approves("bob", None).unwrap_err();
    assert_eq!(again.outcome(), Outcome::AlreadyDone);
    assert_eq!(play.outcome("alice"), Outcome::Allowed);
    let used = play.approves("carol", None).unwrap_err();
    assert!(
        matches!(&used, Refusal::NothingAsked { permit_of: Some(holder), .. } if holder.id.as_str() == "alice")
    );
    assert_eq!(used.outcome(), Outcome::Blocked);

    let mut early = Play::new(Edition::Platinum, false);
    early.does("alice", Act::Open(BY_UNSUBSCRIBING));
    let early = early.approves("bob", None).unwrap_err();
    assert!(matches!(
        early,
        Refusal::NothingAsked {
            next: Some(Step::SetAction),
            ..
        }
    ));
}

#[test]
fn who_takes_the_permit_does_not_count() {
    let mut play = ready_to_unsubscribe(false);
    assert!(play.approves("bob", None).is_ok());
    assert!(play.approves("carol", None).is_ok());
    let Err(Refusal::NeedsApproval(lacking)) = play.asks("carol") else {
        panic!("carol got a permit on her own approval");
    };
    assert_eq!(lacking.given.len(), 1);
    assert_eq!(lacking.own.unwrap().id.as_str(), "carol");
    assert_eq!(play.outcome("dave"), Outcome::Allowed);
}

#[test]
fn one_approval_comes_from_the_team() {
    let mut play = ready_to_unsubscribe(true);
    assert!(play.approves("dave", None).is_ok());
    assert!(play.approves("erin", None).is_ok());
    let Err(Refusal::NeedsApproval(lacking)) = play.asks("alice") else {
        panic!("nobody of the team approved");
    };
    assert_eq!(lacking.team.unwrap().as_str(), "payments");
    assert!(play.approves("carol", None).is_ok());
    assert_eq!(play.outcome("alice"), Outcome::Allowed);
}

#[test]
fn two_different_people_have_looked_since_it_last_could_have_changed() {
    let mut play = Play::new(Edition::Platinum, false);
    play.does("alice", Act::Look(Downgrade));
    play.does("alice", Act::Open(BY_UNSUBSCRIBING));
    for who in ["bob", "carol"] {
        assert!(play.approves(who, None).is_ok());
    }
    play.does("alice", Act::Look(Downgrade));
    let Err(Refusal::NeedsApproval(lacking)) = play.asks("alice") else {
        panic!("alice looked twice, which is one look");
    };
    assert!(lacking.has_approvals() && !lacking.has_observations());
    assert_eq!(
        play.approves("carol", Some(Downgrade)),
        Ok(Approved::LookedAgain(Step::Unsubscribe))
    );
    assert_eq!(play.outcome("alice"), Outcome::Allowed);
}

#[test]
fn another_value_or_a_renewal_voids_the_looks_before_it_in_the_order_of_recording() {
    let looks = |play: &Play| play.case.instance.observations.len();
    let mut play = ready_to_unsubscribe(false);
    assert_eq!(looks(&play), 2);
    play.does("carol", Act::Look(Delete));
    play.does("carol", Act::Look(Downgrade));
    assert_eq!(looks(&play), 1, "all at the same instant of the clock");
    play.does("bob", Act::Look(Downgrade));
    let later = play.now + TimeDelta::days(90);
    play.says("alice", |said| {
        said.expires = Some(Some(later));
        said.action = Some(Some(Downgrade));
    });
    assert_eq!(looks(&play), 1, "the same value, said after the renewal");
}

#[test]
fn a_look_counts_for_24_hours() {
    for (wait, outcome) in [
        (TimeDelta::hours(24), Outcome::Allowed),
        (TimeDelta::hours(24) + MS, Outcome::NeedsApproval),
    ] {
        let mut play = ready_to_unsubscribe(false);
        play.lets(wait);
        play.does("carol", Act::Look(Downgrade));
        play.does("alice", Act::Look(Delete));
        play.does("alice", Act::Look(Downgrade));
        play.lets(wait);
        play.does("carol", Act::Look(Downgrade));
        for who in ["bob", "carol"] {
            assert!(play.approves(who, None).is_ok());
        }
        assert_eq!(play.outcome("dave"), outcome, "{wait}");
    }
}

#[test]
fn approvals_hold_for_as_long_as_their_step_says() {
    let day = TimeDelta::hours(24);
    let held = |mut play: Play, wait: TimeDelta| {
        for who in ["bob", "carol"] {
            play.approves(who, None).unwrap();
        }
        play.lets(wait);
        play.request().approvals.len()
    };
    assert_eq!(held(upgrade(), day * 3 - MS), 2);
    assert_eq!(held(upgrade(), day * 3), 0);
    assert_eq!(held(ready_to_unsubscribe(false), day - MS), 2);
    assert_eq!(held(ready_to_unsubscribe(false), day), 0);
    let mut play = Play::new(Edition::Platinum, false);
    play.does("alice", Act::Open(BY_EXPIRY));
    play.does("alice", Act::Look(Downgrade));
    assert_eq!(held(play, day * 30 - MS), 2, "until the expiry");
}

#[test]
fn a_request_is_brought_up_again_and_lapses() {
    let mut play = upgrade();
    play.news();
    let half = TimeDelta::hours(36);
    let awaited = |told| EventKind::ApprovalAwaited {
        step: Step::Upgrade,
        request: 1,
        told,
    };
    play.lets(half - MS);
    assert_eq!(play.news(), []);
    play.lets(MS);
    assert_eq!(play.news(), [awaited(Told::Reminded)]);
    play.lets(TimeDelta::milliseconds(72 * 36 * 100_000 * 8 / 10) - half - MS);
    assert_eq!(play.news(), []);
    play.lets(MS);
    assert_eq!(play.news(), [awaited(Told::Escalated)]);
    play.lets(TimeDelta::hours(72) * 2);
    assert_eq!(
        play.news(),
        [EventKind::RequestLapsed {
            step: Step::Upgrade
        }]
    );
    assert_eq!(play.request().state, RequestState::Lapsed);
    assert!(play.case.open_change().is_some(), "the change stays open");
    assert!(matches!(
        play.approves("bob", None),
        Err(Refusal::NothingAsked { .. })
    ));
    assert_eq!(play.outcome("alice"), Outcome::NeedsApproval);
    assert_eq!(
        (play.request().serial, play.request().state),
        (2, RequestState::Open)
    );
}

#[test]
fn everything_that_time_does_is_noted_at_its_own_instant() {
    let mut play = upgrade();
    let asked = play.now;
    play.case.events.clear();
    play.lets(TimeDelta::days(30));
    let at: Vec<_> = play
        .case
        .events
        .iter()
        .map(|event| event.at - asked)
        .collect();
    let hours = [
        TimeDelta::hours(36),
        TimeDelta::minutes(3_456),
        TimeDelta::hours(72),
    ];
    assert_eq!(at, hours);
    assert!(play.case.events.iter().all(|event| event.by.is_none()));
}

#[test]
fn a_complete_request_does_not_lapse_until_its_approvals_do() {
    let mut play = upgrade();
    play.lets(TimeDelta::hours(70));
    play.approves("bob", None).unwrap();
    play.lets(TimeDelta::hours(71));
    assert_eq!(play.outcome("alice"), Outcome::Allowed);

    let mut late = upgrade();
    late.lets(TimeDelta::hours(70));
    late.approves("bob", None).unwrap();
    late.news();
    late.lets(TimeDelta::hours(72));
    let lapsed = [
        EventKind::ApprovalLapsed {
            step: Step::Upgrade,
            of: edition_warden::domain::id::Person::named("bob"),
        },
        EventKind::RequestLapsed {
            step: Step::Upgrade,
        },
    ];
    assert_eq!(late.news(), lapsed);
}

#[test]
fn a_fact_that_moves_voids_the_approvals_and_their_givers_are_told_what_moved() {
    let mut play = ready_to_unsubscribe(false);
    play.approves("bob", None).unwrap();
    play.approves("carol", None).unwrap();
    play.case.events.clear();
    play.does("dave", Act::AutoRenew(Switch::On));
    let said = play.says_unprompted();
    let [
        (Place::Instance, whom, PostContent::ApprovalsVoided { of, moved, by, .. }),
        (_, _, again),
    ] = said.as_slice()
    else {
        panic!("{said:?}");
    };
    let named = |name: &str| edition_warden::domain::id::Person::named(name);
    assert_eq!(*of, [named("bob"), named("carol")]);
    assert_eq!(
        *whom,
        [Whom::Person(named("bob")), Whom::Person(named("carol"))]
    );
    assert!(matches!(moved.as_slice(), [EventKind::Moved { .. }]));
    assert_eq!(by, &Some(named("dave")));
    assert!(
        matches!(again, PostContent::ApprovalAsked { request: 2, .. }),
        "asked again"
    );
    assert_eq!(play.outcome("alice"), Outcome::NeedsApproval);
}

#[test]
fn staleness_only_suspends() {
    let mut play = ready_to_unsubscribe(false);
    play.lets(TimeDelta::hours(23));
    play.approves("bob", None).unwrap();
    play.approves("carol", None).unwrap();
    play.lets(TimeDelta::hours(2));
    assert_eq!(
        play.outcome("dave"),
        Outcome::Allowed,
        "set-action comes first again"
    );
    assert_eq!(play.request().approvals.len(), 2);
    let stale = play.approves("erin", None).unwrap_err();
    assert_eq!(stale.outcome(), Outcome::Inconclusive);
    play.does("bob", Act::Look(Downgrade));
    play.does("carol", Act::Look(Downgrade));
    assert_eq!(play.outcome("dave"), Outcome::Allowed);
    let permit = play.case.change.as_ref().unwrap().permit.as_ref().unwrap();
    assert_eq!(permit.step, Step::Unsubscribe);
}

#[test]
fn seeing_delete_sends_the_change_back_at_once() {
    let mut play = ready_to_unsubscribe(false);
    play.approves("bob", None).unwrap();
    assert_eq!(play.approves("carol", Some(Delete)), Ok(Approved::SentBack));
    assert_eq!(play.request().state, RequestState::Void);
    let next = play.case.next_step(&play.policy.limits, play.now);
    assert_eq!(next, Some(Step::SetAction));
    play.does("alice", Act::Ask);
    play.does("alice", Act::Confirm(Some(Step::SetAction), false));
    assert_eq!(
        (play.request().serial, play.request().approvals.len()),
        (2, 0),
        "asked again"
    );
}

#[test]
fn a_permit_uses_the_approvals_up() {
    let mut play = ready_to_unsubscribe(false);
    play.approves("bob", None).unwrap();
    play.approves("carol", None).unwrap();
    assert_eq!(play.outcome("alice"), Outcome::Allowed);
    let revoked = play.tries("bob", |case, moment| case.revoke(moment));
    assert_eq!(revoked, Err(Refusal::ApprovalsUsed(Step::Unsubscribe)));
    play.case.events.clear();
    play.lets(TimeDelta::minutes(30));
    let said = play.says_unprompted();
    assert!(matches!(
        said.as_slice(),
        [(Place::Instance, _, PostContent::OutcomeAsked { .. })]
    ));
    assert_eq!(
        play.outcome("alice"),
        Outcome::NeedsApproval,
        "a fresh permit needs new approvals"
    );
    assert_eq!(play.request().serial, 2);
}

#[test]
fn a_permit_withdrawn_by_somebody_else_stops_its_holder() {
    let mut play = ready_to_unsubscribe(false);
    play.approves("bob", None).unwrap();
    play.approves("carol", None).unwrap();
    assert_eq!(play.outcome("dave"), Outcome::Allowed);
    play.case.events.clear();
    play.does("bob", Act::Look(Delete));
    let said = play.says_unprompted();
    let stopped = said.iter().find(|(_, _, message)| {
        matches!(message, PostContent::PermitWithdrawn { holder, .. } if holder.id.as_str() == "dave")
    });
    assert!(stopped.is_some(), "{said:?}");
}

#[test]
fn revoking_takes_it_back_and_approving_again_is_possible() {
    let mut play = upgrade();
    assert_eq!(
        play.tries("bob", |case, moment| case.revoke(moment)),
        Err(Refusal::NotApproved)
    );
    play.approves("bob", None).unwrap();
    assert_eq!(
        play.tries("bob", |case, moment| case.revoke(moment)),
        Ok(Step::Upgrade)
    );
    assert_eq!(play.outcome("alice"), Outcome::NeedsApproval);
    play.approves("bob", None).unwrap();
    assert_eq!(play.outcome("alice"), Outcome::Allowed);
}

#[test]
fn rejecting_ends_the_change() {
    let mut play = upgrade();
    play.approves("bob", None).unwrap();
    assert_eq!(
        play.tries("carol", |case, moment| case.reject("not now", moment)),
        Ok(())
    );
    assert_eq!(
        play.case.change.as_ref().unwrap().status,
        Status::Rejected("not now".to_owned())
    );
    let again = play
        .tries("bob", |case, moment| case.reject("no", moment))
        .unwrap_err();
    assert_eq!(again.outcome(), Outcome::AlreadyDone);
    assert_eq!(play.case.instance.edition.value(), Some(&Edition::Standard));
}

#[test]
fn broken_glass_replaces_the_approvals_of_an_upgrade_only() {
    let mut play = upgrade();
    let broken = play.tries("root", |case, moment| {
        case.break_glass("down", "T-1", moment)
    });
    assert!(broken.is_ok());
    assert_eq!(play.outcome("root"), Outcome::Allowed);
    assert!(
        play.case
            .change
            .as_ref()
            .unwrap()
            .emergency_override
            .is_some(),
        "shown for ever"
    );
    play.lets(TimeDelta::minutes(31));
    assert_eq!(
        play.outcome("root"),
        Outcome::NeedsApproval,
        "used up like approvals"
    );

    let mut play = ready_to_unsubscribe(false);
    let broken = play.tries("root", |case, moment| {
        case.break_glass("down", "T-1", moment)
    });
    assert_eq!(
        broken.unwrap_err(),
        Refusal::OverrideOnlyForUpgrade(Step::Unsubscribe)
    );
}

#[test]
fn expiry_goes_on_unapproved_and_that_is_told() {
    let mut play = Play::new(Edition::Platinum, false);
    play.lets(TimeDelta::days(28));
    play.does("alice", Act::Open(BY_EXPIRY));
    play.does("alice", Act::Look(Downgrade));
    assert_eq!(play.request().step, Step::AwaitExpiry);
    assert_eq!(play.outcome("alice"), Outcome::NeedsApproval);
    play.case.events.clear();
    play.lets(TimeDelta::days(2));
    assert_eq!(play.request().state, RequestState::Missed);
    let said = play.says_unprompted();
    let told = said.iter().any(|(place, _, message)| {
        *place == Place::Alerts && matches!(message, PostContent::Unapproved { .. })
    });
    assert!(told, "{said:?}");
    let next = play.case.next_step(&play.policy.limits, play.now);
    assert_eq!(next, Some(Step::VerifyStandard));

    let mut approved = Play::new(Edition::Platinum, false);
    approved.lets(TimeDelta::days(28));
    approved.does("alice", Act::Open(BY_EXPIRY));
    approved.does("alice", Act::Look(Downgrade));
    approved.approves("bob", Some(Downgrade)).unwrap();
    assert_eq!(approved.outcome("alice"), Outcome::Allowed);
    approved.case.events.clear();
    approved.lets(TimeDelta::days(2));
    assert_eq!(approved.request().state, RequestState::Used);
    assert_eq!(approved.says_unprompted(), []);
}

#[test]
fn another_quorum_does_not_touch_an_open_request() {
    let mut play = ready_to_unsubscribe(false);
    play.policy.approvals_for_unsubscribe = 1;
    play.policy.observers = 1;
    play.approves("bob", None).unwrap();
    assert_eq!(play.outcome("alice"), Outcome::NeedsApproval);
    play.approves("carol", None).unwrap();
    assert_eq!(play.outcome("alice"), Outcome::Allowed);
}

#[test]
fn a_documented_rule_outranks_missing_approvals() {
    let mut play = ready_to_unsubscribe(false);
    play.says("alice", |said| said.busy = Some(Some(Switch::On)));
    assert_eq!(play.outcome("alice"), Outcome::Blocked);
    let refused = play.approves("bob", None).unwrap_err();
    assert_eq!(refused.outcome(), Outcome::Blocked);
}
