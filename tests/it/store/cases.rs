//! Simple values to store.

use chrono::DateTime;
use edition_warden::domain::Timestamp;
use edition_warden::domain::case::Case;
use edition_warden::domain::change::{Change, ChangeKind, Route};
use edition_warden::domain::event::{Event, EventKind};
use edition_warden::domain::id::{InstanceId, InstanceName, Person, Region};
use edition_warden::domain::instance::{Ended, Instance};

pub(crate) fn at(ms: i64) -> Timestamp {
    DateTime::from_timestamp_millis(ms).unwrap()
}

pub(crate) fn alice() -> Person {
    Person::named("alice")
}

pub(crate) fn id(n: u32) -> InstanceId {
    InstanceId::parse(&format!("MQ_INST_{:010}_Suffix{n}", n + 10)).unwrap()
}

pub(crate) fn region() -> Region {
    Region::parse("cn-hangzhou").unwrap()
}

pub(crate) fn instance(n: u32, name: &str) -> Instance {
    Instance::new(id(n), InstanceName::parse(name).unwrap(), region())
}

pub(crate) fn case(n: u32, name: &str) -> Case {
    Case::new(instance(n, name), None)
}

pub(crate) fn ended() -> Ended {
    Ended {
        at: at(5),
        by: alice(),
        reason: "gone".to_owned(),
    }
}

pub(crate) fn with_change(mut case: Case, number: u64) -> Case {
    let kind = ChangeKind::Downgrade(Route::Expiry);
    case.change = Some(Change::open(number, kind, &case.instance, &alice(), at(7)));
    case
}

pub(crate) fn event(change: Option<u64>, ms: i64) -> Event {
    Event {
        at: at(ms),
        by: Some(alice()),
        change,
        kind: EventKind::Waiting,
    }
}
