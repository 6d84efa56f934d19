//! The instance of which benchmarks of growth make copies.

use edition_warden::domain::Timestamp;
use edition_warden::domain::case::Case;
use edition_warden::domain::fact::Fact;
use edition_warden::domain::id::{InstanceId, InstanceName, Person, Region};
use edition_warden::domain::instance::{Edition, Instance};
use edition_warden::store::Store;

/// What ids begin with, before seven digits.
pub(crate) const ID: &str = "MQ_INST_1080056302921134_B";

pub(crate) fn now() -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000, 0).unwrap()
}

/// Writes it as the program does, with the digits 0.
pub(crate) async fn track(store: &Store, workspace: &str) {
    let alice = Person::named("alice");
    let name = InstanceName::parse("service").unwrap();
    let id = InstanceId::parse(&format!("{ID}0000000")).unwrap();
    let mut instance = Instance::new(id, name, Region::parse("cn-hangzhou").unwrap());
    instance.edition = Fact::attested(Edition::Platinum, &alice, now());
    instance.expires = Fact::attested(now() + chrono::TimeDelta::days(30), &alice, now());
    let mut tx = store.write(&workspace.into()).await.unwrap();
    tx.save(&Case::new(instance, None)).await.unwrap();
    tx.commit().await.unwrap();
}
