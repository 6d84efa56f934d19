//! For any facts and any history, each planned reminder is said, merged or skipped with a reason, exactly once.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use edition_warden::domain::Timestamp;
use edition_warden::domain::case::Case;
use edition_warden::domain::concern::{ConcernKind, Opened, concerns};
use edition_warden::domain::fact::{Fact, Gap};
use edition_warden::domain::id::{InstanceId, InstanceName, Person, Region};
use edition_warden::domain::instance::{Edition, Instance, PostExpirationAction, Switch};
use edition_warden::domain::reminder::{
    Attention, Cadence, Level, Planned, Point, SinceExpiry, Situation, Topic, decide, plan,
};
use edition_warden::domain::team::Limits;
use proptest::prelude::*;

use crate::harness::{ORDERS, instant};

fn start() -> Timestamp {
    instant("2026-01-01T00:00:00Z")
}

/// What happens at some hour.
#[derive(Debug, Clone)]
enum Happening {
    Action(Option<PostExpirationAction>),
    Renewal(Option<Switch>),
    Edition(Option<Edition>),
    Expires(i64),
    /// Only the tick, after so many hours of nobody ticking.
    Silence(i64),
}

fn happenings() -> impl Strategy<Value = Vec<(i64, Happening)>> {
    let action = prop_oneof![
        Just(None),
        Just(Some(PostExpirationAction::Delete)),
        Just(Some(PostExpirationAction::Downgrade))
    ];
    let switch = prop_oneof![Just(None), Just(Some(Switch::On)), Just(Some(Switch::Off))];
    let edition = prop_oneof![
        2 => Just(None),
        1 => Just(Some(Edition::Standard)),
        4 => Just(Some(Edition::Platinum))
    ];
    let one = prop_oneof![
        action.prop_map(Happening::Action),
        switch.prop_map(Happening::Renewal),
        edition.prop_map(Happening::Edition),
        (0..100_i64).prop_map(Happening::Expires),
        (1..600_i64).prop_map(Happening::Silence),
    ];
    proptest::collection::vec((1..400_i64, one), 1..20)
}

fn said<T>(value: Option<T>, at: Timestamp) -> Fact<T> {
    value.map_or(Fact::gone(Gap::SaidUnknown, at), |value| {
        Fact::attested(value, &Person::named("alice"), at)
    })
}

/// What happened to every point, and what was said when.
#[derive(Default)]
struct Record {
    done: Vec<Point>,
    said: Vec<(Timestamp, Planned)>,
    became: BTreeMap<Point, u32>,
    opened: Vec<Opened>,
}

impl Record {
    fn tick(&mut self, case: &Case, cadence: &Cadence, now: Timestamp) -> Vec<Planned> {
        let (attention, limits) = (Attention::default(), Limits::default());
        let situation = Situation {
            case,
            limits: &limits,
            cadence,
            attention: &attention,
            since: SinceExpiry::default(),
            suppresses: false,
            opened: &self.opened,
            raised: &[],
            told: None,
            done: &[],
        };
        let open = concerns(&situation, now);
        let plan = plan(&situation, now);
        let decision = decide(&plan, &self.done, now);
        let mut topics: Vec<_> = decision.send.iter().map(|p| p.level().topic).collect();
        topics.dedup();
        assert_eq!(topics.len(), decision.send.len(), "one a topic");
        let skipped = decision.skip.iter().map(|(planned, _)| planned.point);
        let sent = decision.send.iter().map(|planned| planned.point);
        for point in skipped.chain(sent).collect::<Vec<_>>() {
            *self.became.entry(point).or_default() += 1;
            self.done.push(point);
        }
        let said = decision.send.iter().map(|planned| (now, *planned));
        self.said.extend(said);
        assert!(decision.next.is_none_or(|next| next > now));
        for planned in &plan {
            let settled = self.done.contains(&planned.point);
            assert!(
                settled || decision.next.is_some_and(|next| next <= planned.due),
                "{planned:?} is forgotten"
            );
        }
        let opened = open.iter().map(|concern| Opened {
            weight: concern.weight,
            kind: concern.kind,
            since: concern.since,
        });
        self.opened = opened.collect();
        plan
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn each_planned_reminder_is_settled_exactly_once(all in happenings()) {
        let cadence = Cadence { zone: chrono_tz::Asia::Shanghai, quiet: None, ..Cadence::default() };
        let name = InstanceName::parse("orders").unwrap();
        let region = Region::parse("cn-hangzhou").unwrap();
        let mut case = Case::new(
            Instance::new(InstanceId::parse(ORDERS).unwrap(), name, region),
            None,
        );
        let mut record = Record::default();
        let mut now = start();
        for (hours, happening) in all {
            let silent = matches!(happening, Happening::Silence(_));
            let until = now + TimeDelta::hours(hours);
            while !silent && now < until {
                record.tick(&case, &cadence, now);
                now += TimeDelta::hours(4);
            }
            let at = now;
            let instance = &mut case.instance;
            match happening {
                Happening::Action(action) => instance.set_action(said(action, at)),
                Happening::Renewal(switch) => instance.auto_renew = said(switch, at),
                Happening::Edition(edition) => instance.edition = said(edition, at),
                Happening::Expires(days) => {
                    instance.expires = said(Some(start() + TimeDelta::days(days)), at);
                    instance.at_expiry = None;
                }
                Happening::Silence(hours) => now += TimeDelta::hours(hours),
            }
            let plan = record.tick(&case, &cadence, now);
            for planned in plan.iter().filter(|planned| planned.due <= now) {
                prop_assert_eq!(record.became.get(&planned.point), Some(&1));
            }
        }
        prop_assert!(record.became.values().all(|times| *times == 1));
        for (at, planned) in &record.said {
            prop_assert!(planned.due <= *at, "never before it is due");
        }
    }

    #[test]
    fn a_level_is_read_back(days in -40..400_i32, n in 0..ConcernKind::WORDS.len() + 3) {
        let concerns = ConcernKind::WORDS.iter().map(|(_, kind)| Topic::Concern(*kind));
        let mut all = [Topic::Expiry, Topic::Charge, Topic::Attest].into_iter().chain(concerns);
        let topic = all.nth(n).unwrap();
        let level = Level { topic, hours: days * 12 };
        prop_assert_eq!(Level::parse(&level.to_string()), Some(level));
    }
}
