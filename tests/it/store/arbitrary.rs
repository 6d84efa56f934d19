//! Any values at all, sensible or not, to store.

use std::fmt::Debug;
use std::str::FromStr;

use edition_warden::domain::Timestamp;
use edition_warden::domain::approval::{
    Approval, Basis, EmergencyOverride, Request, RequestState, Told,
};
use edition_warden::domain::case::Case;
use edition_warden::domain::change::{
    Acknowledgement, Change, ChangeKind, Failure, Fingerprint, How, OutcomeUnknown, Permit,
    PermitState, Route, Status, Step, StepRecord,
};
use edition_warden::domain::event::{Event, EventKind, FactValue, Manner, OverrideEnd, Withdrawal};
use edition_warden::domain::fact::{Fact, Gap, Known, Source};
use edition_warden::domain::facts::MoveEffect;
use edition_warden::domain::id::{CommodityId, IdError, InstanceId, InstanceName, Person, Region};
use edition_warden::domain::instance::{
    AtExpiry, Edition, Ended, Instance, Observation, PlatinumFacts, PostExpirationAction, Switch,
    Tracking,
};
use edition_warden::domain::rules::FactKind;
use proptest::option;
use proptest::prelude::*;

use super::cases::at;

pub(crate) fn instants() -> impl Strategy<Value = Timestamp> + Clone {
    (-4_000_000_000_000_i64..200_000_000_000_000).prop_map(at)
}

pub(crate) fn words() -> impl Strategy<Value = String> + Clone {
    "[^\u{0}]{0,12}"
}

pub(crate) fn people() -> impl Strategy<Value = Person> + Clone {
    (words(), words()).prop_map(|(id, name)| Person {
        id: id.into(),
        name: name.into(),
    })
}

fn one_of<T: Clone + std::fmt::Debug + 'static>(all: &[T]) -> impl Strategy<Value = T> + use<T> {
    proptest::sample::select(all.to_vec())
}

fn by_word<T: Copy + std::fmt::Debug + 'static>(
    all: &'static [(&'static str, T)],
) -> impl Strategy<Value = T> + Clone {
    proptest::sample::select(all).prop_map(|(_, value)| value)
}

fn known<T: std::fmt::Debug>(values: impl Strategy<Value = T>) -> impl Strategy<Value = Known<T>> {
    let sources = one_of(&[Source::Attested, Source::Imported, Source::Derived]);
    (values, sources, people(), instants()).prop_map(|(value, source, by, at)| Known {
        value,
        source,
        by,
        at,
    })
}

fn facts<T: Clone + std::fmt::Debug + 'static>(
    values: impl Strategy<Value = T> + Clone + 'static,
) -> BoxedStrategy<Fact<T>> {
    let gaps = one_of(&[
        Gap::NeverSaid,
        Gap::SaidUnknown,
        Gap::OnlyPlatinum,
        Gap::Upgraded,
        Gap::WasStandard,
        Gap::Renewed,
        Gap::TakenBack,
        Gap::OutcomeUnknown,
        Gap::Missing,
        Gap::Unverified,
        Gap::Restored,
        Gap::ObserverGone,
    ]);
    prop_oneof![
        (gaps, option::of(instants())).prop_map(|(gap, since)| Fact::Unknown { gap, since }),
        known(values.clone()).prop_map(Fact::Known),
        (known(values.clone()), known(values))
            .prop_map(|(held, other)| Fact::Contradictory { held, other }),
    ]
    .boxed()
}

fn trackings() -> impl Strategy<Value = Tracking> + Clone {
    let ended =
        (instants(), people(), words()).prop_map(|(at, by, reason)| Ended { at, by, reason });
    prop_oneof![
        Just(Tracking::Tracked),
        ended.clone().prop_map(Tracking::Lost),
        ended.prop_map(Tracking::Removed),
    ]
}

fn labels<T: FromStr<Err = IdError> + Debug>() -> impl Strategy<Value = Option<T>> {
    option::of("[a-zé/雲]{1,10}".prop_map(|text: String| text.parse().unwrap()))
}

fn commodity_ids() -> impl Strategy<Value = CommodityId> {
    "ons-cn-[a-z0-9]{6,12}".prop_map(|text: String| CommodityId::parse(&text).unwrap())
}

fn commodities() -> BoxedStrategy<Fact<CommodityId>> {
    facts(commodity_ids().boxed())
}

prop_compose! {
    fn described()(
        id in "MQ_INST_[0-9]{8,20}_[A-Za-z0-9]{4,20}",
        name in "[a-zA-Z0-9é雲' %]{1,10}x",
        region in one_of(&["cn-hangzhou", "ap-southeast-1", "mq-internet-access"]),
        team in labels(),
        channel in labels(),
        tracking in trackings(),
        described_at in option::of(instants()),
    ) -> Instance {
        let mut instance = Instance::new(
            InstanceId::parse(&id).unwrap(),
            InstanceName::parse(name.trim()).unwrap(),
            Region::parse(region).unwrap(),
        );
        instance.team = team;
        instance.channel = channel;
        instance.tracking = tracking;
        instance.described_at = described_at;
        instance
    }
}

fn observations() -> impl Strategy<Value = Observation> {
    (people(), instants()).prop_map(|(by, at)| Observation { by, at })
}

prop_compose! {
    fn instances()(
        described in described(),
        edition in facts(by_word(Edition::WORDS).boxed()),
        expires in facts(instants().boxed()),
        action in facts(by_word(PostExpirationAction::WORDS).boxed()),
        observations in prop::collection::vec(observations().boxed(), 0..3),
        action_unverified in option::of(known(by_word(PostExpirationAction::WORDS))),
        auto_renew in facts(by_word(Switch::WORDS).boxed()),
        busy in facts(by_word(Switch::WORDS).boxed()),
        max_tps in facts(any::<u32>().boxed()),
        commodity_id in commodities(),
        topics in facts(any::<u32>().boxed()),
        groups in facts(any::<u32>().boxed()),
        at_expiry in one_of(&[None, Some(AtExpiry::Converts), Some(AtExpiry::AtRisk)]),
        unsaid_expires in option::of(instants()),
        earlier_expires in option::of(instants()),
        left_on_delete: bool,
    ) -> Instance {
        Instance {
            edition, expires, action, observations, action_unverified, auto_renew, busy, max_tps, commodity_id, topics,
            groups, at_expiry, unsaid_expires, earlier_expires, left_on_delete,
            ..described
        }
    }
}

fn statuses() -> impl Strategy<Value = Status> {
    prop_oneof![
        Just(Status::Open),
        Just(Status::Done),
        words().prop_map(|said| Status::Failed(Failure::Said(said))),
        words().prop_map(|said| Status::Failed(Failure::Lost(said))),
        Just(Status::Failed(Failure::PresumedDeleted)),
        words().prop_map(Status::Cancelled),
        words().prop_map(Status::Rejected),
    ]
}

fn records() -> impl Strategy<Value = StepRecord> + Clone {
    let how = prop_oneof![
        Just(How::Confirmed),
        Just(How::Shown),
        option::of(words()).prop_map(How::Outside),
        Just(How::Elapsed),
    ];
    (
        by_word(Step::WORDS),
        how,
        option::of(people()),
        instants(),
        option::of(words()),
    )
        .prop_map(|(step, how, by, at, evidence)| StepRecord {
            step,
            how,
            by,
            at,
            evidence,
        })
}

fn approvals() -> impl Strategy<Value = Approval> {
    (people(), instants(), labels()).prop_map(|(by, at, team)| Approval { by, at, team })
}

/// The row is one that some instance has.
fn bases() -> impl Strategy<Value = Basis> {
    let accepted = option::of((any::<u32>(), people(), instants()));
    let row = option::of((instances().boxed(), accepted));
    (prop::array::uniform4(values()), row).prop_map(|(values, row)| {
        let row = row.and_then(|(instance, accepted)| {
            let number = 1;
            let by = Person::named("alice");
            let mut change = Change::open(number, ChangeKind::Upgrade, &instance, &by, at(0));
            change.acknowledgement =
                accepted.map(|(max_tps, by, at)| Acknowledgement { max_tps, by, at });
            Basis::of(&instance, &change, Step::Unsubscribe).row
        });
        Basis {
            facts: fingerprint(values),
            row,
        }
    })
}

fn requests() -> impl Strategy<Value = Request> {
    (
        (any::<u32>(), by_word(Step::WORDS), instants()),
        (any::<u8>(), any::<u8>()),
        bases(),
        (by_word(RequestState::WORDS), by_word(Told::WORDS)),
        prop::collection::vec(approvals(), 0..4),
    )
        .prop_map(
            |((serial, step, asked_at), (needed, observers), basis, (state, told), approvals)| {
                Request {
                    serial,
                    step,
                    asked_at,
                    needed,
                    observers,
                    basis,
                    state,
                    told,
                    approvals,
                    voided: None,
                }
            },
        )
}

fn glasses() -> impl Strategy<Value = EmergencyOverride> {
    (any::<u32>(), people(), instants(), words(), words()).prop_map(
        |(request, by, at, reason, ticket)| EmergencyOverride {
            request,
            by,
            at,
            reason,
            ticket,
        },
    )
}

fn permits() -> impl Strategy<Value = Permit> {
    (
        any::<u32>(),
        by_word(Step::WORDS),
        people(),
        instants(),
        by_word(PermitState::WORDS),
        any::<bool>(),
    )
        .prop_map(|(serial, step, holder, shown_at, state, others)| Permit {
            serial,
            step,
            holder,
            shown_at,
            state,
            others,
        })
}

fn values() -> impl Strategy<Value = FactValue> {
    prop_oneof![
        Just(FactValue::Unknown),
        Just(FactValue::Contradictory),
        by_word(Edition::WORDS).prop_map(FactValue::Edition),
        by_word(PostExpirationAction::WORDS).prop_map(FactValue::Action),
        by_word(Switch::WORDS).prop_map(FactValue::Switch),
        instants().prop_map(FactValue::At),
        any::<u32>().prop_map(FactValue::Tps),
        commodity_ids().prop_map(FactValue::Commodity),
    ]
}

fn fingerprint(values: [FactValue; 4]) -> Fingerprint {
    let facts = FactKind::moving();
    let facts = facts.filter(|fact| fact.weight() == MoveEffect::Decides);
    Fingerprint {
        values: facts.zip(values).collect(),
    }
}

fn kinds() -> impl Strategy<Value = ChangeKind> {
    one_of(&[
        ChangeKind::Upgrade,
        ChangeKind::Downgrade(Route::Unsubscribe),
        ChangeKind::Downgrade(Route::Expiry),
    ])
}

prop_compose! {
    fn changes()(
        number in 1_u64..1_000_000,
        kind in kinds(),
        status in statuses().boxed(),
        opened_by in people(),
        opened_at in instants(),
        ended_at in option::of(instants()),
        records in prop::collection::vec(records().boxed(), 0..4),
        request in option::of(requests().boxed()),
        emergency_override in option::of(glasses().boxed()),
        permit in option::of(permits().boxed()),
        outcome_unknown in option::of((by_word(Step::WORDS), any::<bool>())),
        acknowledged in option::of((any::<u32>(), people(), instants())),
        decided_on in prop::array::uniform4(values()),
        (owners, left) in (prop::collection::vec(people(), 0..3), prop::collection::vec(people(), 0..2)),
        (before, left_out) in (option::of(instances().boxed()), any::<u32>()),
        (opener, ended_by, reason) in (option::of(people()), option::of(people()), option::of(words())),
    ) -> Change {
        let outcome_unknown = outcome_unknown.map(|(step, permit_lapsed)| OutcomeUnknown { step, permit_lapsed });
        let acknowledgement = acknowledged.map(|(max_tps, by, at)| Acknowledgement { max_tps, by, at });
        Change {
            number, kind, status, opened_by, opened_at, ended_at, records, request, emergency_override, permit, outcome_unknown,
            left_out, acknowledgement, opener, ended_by, reason,
            decided_on: fingerprint(decided_on),
            owners,
            left,
            before_standard: before.map(|before| Box::new(PlatinumFacts::of(&before))),
            fell_at: ended_at,
            owner_since: None,
            rejected: None,
        }
    }
}

pub(crate) fn event_kinds() -> impl Strategy<Value = EventKind> {
    let facts = prop::collection::vec(by_word(FactKind::WORDS), 0..4);
    let step = by_word(Step::WORDS);
    prop_oneof![
        Just(EventKind::Tracked),
        Just(EventKind::Missing),
        facts
            .clone()
            .prop_map(|facts| EventKind::Attested { facts }),
        facts.prop_map(|facts| EventKind::Imported { facts }),
        (by_word(FactKind::WORDS), values(), values())
            .prop_map(|(fact, from, to)| EventKind::Moved { fact, from, to }),
        (words(), option::of(words()), words()).prop_map(|(what, from, to)| EventKind::Described {
            what,
            from,
            to
        }),
        words().prop_map(|reason| EventKind::Lost { reason }),
        by_word(Route::WORDS).prop_map(|route| EventKind::DowngradeOpened { route }),
        (people(), people(), option::of(words()))
            .prop_map(|(of, to, reason)| EventKind::HandedOver { of, to, reason }),
        people().prop_map(|of| EventKind::ObserverGone { of }),
        any::<u32>().prop_map(|max_tps| EventKind::Acknowledged { max_tps }),
        step.clone().prop_map(|step| EventKind::PermitWithdrawn {
            step,
            why: Withdrawal::FactMoved
        }),
        (step, option::of(words()), option::of(words())).prop_map(|(step, reason, evidence)| {
            EventKind::StepDone {
                step,
                manner: Manner::Outside,
                reason,
                evidence,
            }
        }),
        Just(EventKind::PresumedDeleted),
        (by_word(Step::WORDS), prop::collection::vec(people(), 0..3)).prop_map(|(step, of)| {
            EventKind::ApprovalsVoided {
                step,
                of,
                moved: vec![EventKind::described("region", Some("one".to_owned()), None)],
            }
        }),
        (by_word(Step::WORDS), any::<u32>(), by_word(Told::WORDS)).prop_map(
            |(step, request, told)| EventKind::ApprovalAwaited {
                step,
                request,
                told
            }
        ),
        (by_word(Step::WORDS), people()).prop_map(|(step, of)| EventKind::OverrideEnded {
            step,
            of,
            why: OverrideEnd::Moved(vec![EventKind::described("region", None, None)]),
        }),
        any::<bool>().prop_map(|outside| EventKind::Done { outside }),
    ]
}

fn events() -> impl Strategy<Value = Event> {
    (
        instants(),
        option::of(people()),
        option::of(1_u64..100),
        event_kinds(),
    )
        .prop_map(|(at, by, change, kind)| Event {
            at,
            by,
            change,
            kind,
        })
}

/// Any case at all, sensible or not.
pub(crate) fn any_case() -> impl Strategy<Value = Case> {
    (
        instances().boxed(),
        option::of(changes().boxed()),
        prop::collection::vec(events(), 0..4),
    )
        .prop_map(|(instance, change, events)| Case {
            instance,
            change,
            events,
        })
}
