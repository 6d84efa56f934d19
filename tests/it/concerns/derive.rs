//! Each thing that can be open, from the facts that make it so; and when people are told of it.

use chrono::TimeDelta;
use edition_warden::domain::Timestamp;
use edition_warden::domain::case::{Case, Moment};
use edition_warden::domain::concern::{
    Circle, Concern, ConcernKind, Owner, RaisedNotice, Remedy, Rhythm, Weight, circle, concerns,
    next_turn, rungs,
};
use edition_warden::domain::fact::{Fact, Gap, Known, Source};
use edition_warden::domain::id::{InstanceId, InstanceName, Person, Region};
use edition_warden::domain::instance::{Edition, Instance, PostExpirationAction, Switch};
use edition_warden::domain::reminder::{
    Acked, Attention, Cadence, SinceExpiry, Situation, Topic, plan,
};
use edition_warden::domain::said::Said;
use edition_warden::domain::team::{Limits, Policy};
use rstest::rstest;

use crate::harness::{ORDERS, instant};

fn now() -> Timestamp {
    instant("2026-05-04T09:00:00Z")
}

fn days(days: i64) -> TimeDelta {
    TimeDelta::days(days)
}

fn said<T>(value: T, ago: TimeDelta) -> Fact<T> {
    Fact::attested(value, &Person::named("mira"), now() - ago)
}

fn disputed<T>(held: T, other: T) -> Fact<T> {
    let known = |value, source| Known {
        value,
        source,
        by: Person::named("mira"),
        at: now() - days(1),
    };
    Fact::Contradictory {
        held: known(held, Source::Attested),
        other: known(other, Source::Imported),
    }
}

/// Platinum, expiring in 200 days, with Delete seen yesterday: nothing is open.
fn quiet() -> Case {
    let name = InstanceName::parse("ledger").unwrap();
    let region = Region::parse("cn-shanghai").unwrap();
    let mut instance = Instance::new(InstanceId::parse(ORDERS).unwrap(), name, region);
    instance.edition = said(Edition::Platinum, days(1));
    instance.expires = said(now() + days(200), days(1));
    instance.set_action(said(PostExpirationAction::Delete, days(1)));
    Case::new(instance, None)
}

fn with<R>(case: &Case, look: impl FnOnce(&Situation<'_>) -> R) -> R {
    let (cadence, attention, limits) =
        (Cadence::default(), Attention::default(), Limits::default());
    look(&Situation {
        case,
        limits: &limits,
        cadence: &cadence,
        attention: &attention,
        since: SinceExpiry::default(),
        suppresses: false,
        opened: &[],
        raised: &[],
        told: None,
        done: &[],
    })
}

fn open(case: &Case) -> Vec<Concern> {
    with(case, |situation| concerns(situation, now()))
}

type Change = fn(&mut Instance);

#[rstest]
#[case::nothing(|_: &mut Instance| {}, &[])]
#[case::no_expiry(
    |it: &mut Instance| it.expires = Fact::never(),
    &[(ConcernKind::ExpiryUnknown, Weight::Open, Rhythm::Ladder)]
)]
#[case::expiry_said_to_be_unknown(
    |it: &mut Instance| it.expires = Fact::gone(Gap::SaidUnknown, now()),
    &[(ConcernKind::ExpiryUnknown, Weight::Open, Rhythm::Ladder)]
)]
#[case::two_expiries(
    |it: &mut Instance| it.expires = disputed(now() + days(90), now() + days(400)),
    &[(ConcernKind::ExpiryDisputed, Weight::Open, Rhythm::Ladder)]
)]
#[case::two_editions(
    |it: &mut Instance| it.edition = disputed(Edition::Platinum, Edition::Standard),
    &[(ConcernKind::EditionDisputed, Weight::Open, Rhythm::Ladder)]
)]
#[case::edition_said_to_be_unknown(
    |it: &mut Instance| it.edition = Fact::gone(Gap::SaidUnknown, now()),
    &[(ConcernKind::EditionUnknown, Weight::Open, Rhythm::Ladder)]
)]
#[case::edition_never_said(
    |it: &mut Instance| it.edition = Fact::never(),
    &[(ConcernKind::EditionUnknown, Weight::Open, Rhythm::Ladder)]
)]
#[case::a_step_was_in_doubt_when_its_change_ended(
    |it: &mut Instance| it.edition = Fact::gone(Gap::OutcomeUnknown, now()),
    &[(ConcernKind::EditionUnknown, Weight::Open, Rhythm::Ladder)]
)]
#[case::missing(
    |it: &mut Instance| it.edition = Fact::gone(Gap::Missing, now()),
    &[(ConcernKind::Missing, Weight::Open, Rhythm::Ladder)]
)]
#[case::stale_with_nothing_near(
    |it: &mut Instance| it.set_action(said(PostExpirationAction::Downgrade, days(8))),
    &[(ConcernKind::ActionUnsure, Weight::Noted, Rhythm::Digest)]
)]
#[case::never_looked_at_with_nothing_near(
    |it: &mut Instance| it.set_action(Fact::never()),
    &[(ConcernKind::ActionUnsure, Weight::Noted, Rhythm::Digest)]
)]
#[case::stale_and_near(
    |it: &mut Instance| {
        it.expires = said(now() + days(29), days(9));
        it.set_action(said(PostExpirationAction::Downgrade, days(8)));
    },
    &[
        (ConcernKind::ActionUnsure, Weight::Open, Rhythm::Expiry),
        (ConcernKind::Expires, Weight::Open, Rhythm::Expiry),
    ]
)]
#[case::expires_soon(
    |it: &mut Instance| it.expires = said(now() + days(30), days(1)),
    &[
        (ConcernKind::Deletes, Weight::Open, Rhythm::Expiry),
        (ConcernKind::Expires, Weight::Open, Rhythm::Expiry),
    ]
)]
#[case::expired(
    |it: &mut Instance| it.expires = said(now() - days(2), days(9)),
    &[(ConcernKind::Expired, Weight::Open, Rhythm::AfterExpiry)]
)]
#[case::expired_long_ago(
    |it: &mut Instance| {
        it.expires = said(now() - days(20), days(90));
        it.edition = said(Edition::Platinum, days(90));
        it.set_action(said(PostExpirationAction::Downgrade, days(90)));
    },
    &[(ConcernKind::Expired, Weight::Open, Rhythm::Digest)]
)]
#[case::expired_long_ago_and_seen(
    |it: &mut Instance| {
        it.expires = said(now() - days(20), days(90));
        it.edition = said(Edition::Platinum, days(1));
    },
    &[(ConcernKind::OutlivedRelease, Weight::Open, Rhythm::AfterExpiry)]
)]
#[case::another_fact_disputed(
    |it: &mut Instance| it.auto_renew = disputed(Switch::On, Switch::Off),
    &[(ConcernKind::FactDisputed, Weight::Open, Rhythm::Ladder)]
)]
#[case::two_regions(
    |it: &mut Instance| {
        it.region_in_file = said(Region::parse("cn-beijing").unwrap(), days(1)).known().cloned();
    },
    &[(ConcernKind::FactDisputed, Weight::Open, Rhythm::Ladder)]
)]
#[case::size_said_to_be_unknown(
    |it: &mut Instance| it.max_tps = Fact::gone(Gap::SaidUnknown, now()),
    &[(ConcernKind::FactUnsaid, Weight::Noted, Rhythm::Digest)]
)]
#[case::commodity_id_said_to_be_unknown(
    |it: &mut Instance| it.commodity_id = Fact::gone(Gap::SaidUnknown, now()),
    &[(ConcernKind::FactUnsaid, Weight::Noted, Rhythm::Digest)]
)]
#[case::auto_renewal_said_to_be_unknown(
    |it: &mut Instance| it.auto_renew = Fact::gone(Gap::SaidUnknown, now()),
    &[(ConcernKind::FactUnsaid, Weight::Noted, Rhythm::Digest)]
)]
#[case::size_never_said(|it: &mut Instance| it.max_tps = Fact::never(), &[])]
#[case::topics_are_only_shown(
    |it: &mut Instance| it.topics = Fact::gone(Gap::SaidUnknown, now()),
    &[]
)]
#[case::standard_does_not_renew(
    |it: &mut Instance| {
        it.edition = said(Edition::Standard, days(1));
        it.auto_renew = Fact::gone(Gap::SaidUnknown, now());
    },
    &[]
)]
#[case::looked_at_in_the_future(
    |it: &mut Instance| it.set_action(said(PostExpirationAction::Downgrade, -days(3))),
    &[(ConcernKind::ActionUnsure, Weight::Noted, Rhythm::Digest)]
)]
#[case::standard_has_nothing(
    |it: &mut Instance| it.edition = said(Edition::Standard, days(1)),
    &[]
)]
fn each_row_of_the_table(
    #[case] change: Change,
    #[case] expected: &[(ConcernKind, Weight, Rhythm)],
) {
    let mut case = quiet();
    change(&mut case.instance);
    let found: Vec<_> = open(&case)
        .iter()
        .map(|concern| (concern.kind, concern.weight, concern.rhythm))
        .collect();
    assert_eq!(found, expected);
}

#[rstest]
#[case(false, Remedy::Notice { number: 7 })]
#[case(true, Remedy::SayWhetherGone { number: 7, of_several: false })]
fn a_raised_notice_is_open_with_its_number(#[case] is_gone: bool, #[case] way: Remedy) {
    let case = quiet();
    let raised = [RaisedNotice {
        number: 7,
        since: now() - days(3),
        by: None,
        is_gone,
        names_several: false,
        is_of_expiry: false,
    }];
    let all = with(&case, |situation| {
        let situation = Situation {
            raised: &raised,
            ..*situation
        };
        concerns(&situation, now())
    });
    assert_eq!(all.len(), 1);
    assert_eq!(
        (all[0].kind, all[0].since, all[0].way),
        (ConcernKind::Notice, now() - days(3), way)
    );
    assert!(rungs(&all[0]).is_empty(), "it has a timer of its own");
}

/// At 0, 1, 3, 7 and 15 days: who can settle it, they again, the team, and twice those who approve.
#[test]
fn the_circle_grows() {
    let mut case = quiet();
    case.instance.edition = disputed(Edition::Platinum, Edition::Standard);
    let concern = open(&case).remove(0);
    let told: Vec<_> = rungs(&concern)
        .iter()
        .map(|hours| (*hours / 24, circle(concern.kind, *hours)))
        .collect();
    assert_eq!(
        told,
        [
            (0, Circle::Owner),
            (1, Circle::Owner),
            (3, Circle::Team),
            (7, Circle::Approvers),
            (15, Circle::Approvers),
        ]
    );
    let urgent = [0, 2, 24, 168].map(|hours| circle(ConcernKind::UnsubscribedUnseen, hours));
    assert_eq!(
        urgent,
        [
            Circle::Owner,
            Circle::Team,
            Circle::Approvers,
            Circle::Approvers
        ]
    );
}

/// Each of two dates is planned, before and after the earlier one.
#[test]
fn both_dates_are_planned() {
    let mut case = quiet();
    let (first, last) = (now() + days(10), now() + days(100));
    case.instance.expires = disputed(first, last);
    let planned = with(&case, |situation| plan(situation, now()));
    for of in [first, last] {
        let of_it = planned
            .iter()
            .filter(|each| each.level().topic == Topic::Expiry && each.point.of == of);
        assert!(of_it.count() > 3, "{of}");
    }
}

/// There is one post a day about an instance: the ladder goes with the expiry, and waits where something was said today.
#[test]
fn one_post_a_day() {
    let mut case = quiet();
    case.instance.expires = said(now() + days(3) + TimeDelta::hours(5), days(1));
    case.instance.auto_renew = disputed(Switch::On, Switch::Off);
    let at_once = |told| {
        with(&case, |situation| {
            let situation = Situation { told, ..*situation };
            let planned = plan(&situation, now());
            let of = |topic| {
                let mut all = planned
                    .iter()
                    .filter(move |each| each.level().topic == topic && each.due > now());
                all.next().unwrap().due
            };
            (
                of(Topic::Concern(ConcernKind::FactDisputed)),
                of(Topic::Expiry),
            )
        })
    };
    let (ladder, expiry) = at_once(None);
    assert_eq!(ladder, expiry, "said together");
    case.instance.expires = said(now() + days(200), days(1));
    let told = with(&case, |situation| {
        let situation = Situation {
            told: Some(now() - TimeDelta::hours(1)),
            done: &[],
            ..*situation
        };
        plan(&situation, now())
    });
    let first = told
        .iter()
        .find(|each| each.level().topic == Topic::Concern(ConcernKind::FactDisputed));
    assert_eq!(first.unwrap().due, instant("2026-05-05T00:00:00Z"));
}

/// Time alone opens what is stale, what is near and what has passed: each of these moments is one to look again.
#[test]
fn every_turn_is_a_moment_to_look_again() {
    let mut case = quiet();
    case.instance
        .set_action(said(PostExpirationAction::Downgrade, days(1)));
    let mut at = now();
    let mut before = open(&case);
    let end = now() + days(220);
    let mut turns = 0;
    while let Some(turn) = with(&case, |situation| next_turn(situation, at)).filter(|it| *it < end)
    {
        let just_before = turn - TimeDelta::milliseconds(1);
        let kinds = |at| {
            let all = with(&case, |situation| concerns(situation, at));
            all.iter()
                .map(|concern| (concern.kind, concern.weight, concern.rhythm))
                .collect::<Vec<_>>()
        };
        let was: Vec<_> = before
            .iter()
            .map(|concern| (concern.kind, concern.weight, concern.rhythm))
            .collect();
        assert_eq!(
            kinds(just_before),
            was,
            "nothing opens between turns: {turn}"
        );
        before = with(&case, |situation| concerns(situation, turn));
        at = turn;
        turns += 1;
    }
    assert!(turns >= 5, "{turns}");
}

fn acked(case: &Case, ago: TimeDelta) -> Attention {
    let seen = with(case, |situation| situation.seen(now() - ago));
    Attention {
        acked: Some(Acked {
            by: Person::named("mira"),
            at: now() - ago,
            seen,
        }),
        snooze: None,
    }
}

#[rstest]
#[case::as_it_was(days(1), |_: &mut Instance| {}, true)]
#[case::delete_instead(days(1), |it: &mut Instance| it.set_action(said(PostExpirationAction::Delete, TimeDelta::zero())), false)]
#[case::unknown_instead(days(1), |it: &mut Instance| it.set_action(Fact::never()), false)]
#[case::stale_instead(days(1), |it: &mut Instance| it.set_action(said(PostExpirationAction::Downgrade, days(8))), false)]
#[case::renews_no_longer(days(1), |it: &mut Instance| it.auto_renew = said(Switch::Off, TimeDelta::zero()), false)]
#[case::after_a_month(days(30), |_: &mut Instance| {}, false)]
#[case::past_the_third_day(days(1), |it: &mut Instance| it.expires = said(now() + days(2) + TimeDelta::hours(20), days(1)), false)]
#[case::past_the_expiry(days(1), |it: &mut Instance| it.expires = said(now() - TimeDelta::hours(1), days(9)), false)]
#[case::within_a_day_after_it(TimeDelta::hours(5), |it: &mut Instance| it.expires = said(now() - days(1), days(9)), true)]
#[case::a_day_after_it(TimeDelta::hours(25), |it: &mut Instance| it.expires = said(now() - days(2), days(9)), false)]
fn what_somebody_knows_of_holds_until_it_gets_worse(
    #[case] ago: TimeDelta,
    #[case] change: Change,
    #[case] holds: bool,
) {
    let mut case = quiet();
    case.instance.auto_renew = said(Switch::On, days(20));
    case.instance
        .set_action(said(PostExpirationAction::Downgrade, days(2)));
    let attention = acked(&case, ago);
    change(&mut case.instance);
    let known = with(&case, |situation| {
        let situation = Situation {
            attention: &attention,
            ..*situation
        };
        situation.known_by(now()).is_some()
    });
    assert_eq!(known, holds);
}

/// One person's word that it is Standard, with Delete known and no exit recorded, proves nothing.
#[test]
fn one_word_of_standard_without_an_exit_proves_nothing() {
    let policy = Policy::default();
    let standard = Said {
        edition: Some(Some(Edition::Standard)),
        ..Said::default()
    };
    let say = |case: &mut Case, who: &str| {
        let by = Person::named(who);
        let moment = Moment {
            by: &by,
            now: now(),
            policy: &policy,
        };
        case.attest(&standard, &moment).unwrap();
    };
    let mut case = quiet();
    for _ in 0..2 {
        say(&mut case, "mira");
        assert!(case.instance.edition.is_contradictory(), "the same person");
        assert!(case.instance.expires.value().is_some(), "its plan stays");
        assert_eq!(open(&case)[0].kind, ConcernKind::EditionDisputed);
    }
    say(&mut case, "otto");
    assert_eq!(case.instance.edition.value(), Some(&Edition::Standard));
    assert!(open(&case).is_empty());
    // Nor does it with Downgrade known: before the expiry that leads nowhere by itself.
    let mut case = quiet();
    case.instance
        .set_action(said(PostExpirationAction::Downgrade, days(1)));
    say(&mut case, "mira");
    assert!(case.instance.edition.is_contradictory());
}

/// An action that is to be chosen long before the expiry leaves its last rung to the digest, and to the reminder of the expiry.
#[rstest]
#[case::soon(30, 4)]
#[case::far(200, 3)]
fn an_action_to_choose_long_ahead_calls_less_often(#[case] expires: i64, #[case] times: usize) {
    let since = now();
    let concern = Concern {
        kind: ConcernKind::ChooseAction,
        since,
        weight: Weight::Open,
        rhythm: Rhythm::Ladder,
        by: Some(since + days(expires)),
        owner: Owner::Team,
        way: Remedy::SayAction,
    };
    assert_eq!(rungs(&concern).len(), times);
}
