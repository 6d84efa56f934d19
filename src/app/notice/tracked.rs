//! Raised notices that named an instance before it was tracked.

use std::collections::BTreeMap;

use super::named::{alike, named_by};
use super::tell::page;
use crate::app::Settings;
use crate::app::unit_of_work::UnitOfWork;
use crate::app::wording;
use crate::domain::Timestamp;
use crate::domain::id::InstanceId;
use crate::domain::instance::Instance;
use crate::domain::notice::{NoticeRecord, Read};
use crate::store::{ScheduleSubject, StoreResult};

/// The most notices without a known instance that are looked at, of those that nobody has settled, and of those that somebody has.
const LOOKED_AT: u32 = 50;

/// Names newly tracked instances in the raised notices about their ids. The people of one that is called gone are told at once, also
/// where somebody took note of that before; the numbers of these notices are returned, each with its instance.
pub(in crate::app) async fn find_in_raised(
    settings: &Settings,
    work: &mut UnitOfWork,
    instances: &[Instance],
    now: Timestamp,
) -> StoreResult<Vec<(InstanceId, Vec<u64>)>> {
    if instances.is_empty() {
        return Ok(Vec::new());
    }
    let mut calling: BTreeMap<InstanceId, Vec<u64>> = BTreeMap::new();
    for mut filed in work.tx.notices_to_name(LOOKED_AT).await? {
        let found = found_of(work, &filed, instances).await?;
        if found.is_empty() {
            continue;
        }
        wording::read_found(settings, &mut work.tx, &mut filed, &found, now).await?;
        let calls = filed.find(&found, now);
        work.tx.name_instances(&filed).await?;
        work.tx.save_notice(&filed).await?;
        if !calls {
            work.tx
                .set_due(&ScheduleSubject::Notice(filed.number), Some(now))
                .await?;
            continue;
        }
        // Several that say the same are one post.
        let is_told = |one: &Instance| calling.contains_key(&one.id);
        if !found.iter().all(is_told) {
            page(settings, &mut work.tx, &filed, &found, None, now).await?;
        }
        for one in found {
            calling.entry(one.id).or_default().push(filed.number);
        }
    }
    Ok(calling.into_iter().collect())
}

/// The newly tracked instances that a notice means, and did not name: one, but each of those that it calls gone.
async fn found_of(
    work: &mut UnitOfWork,
    filed: &NoticeRecord,
    instances: &[Instance],
) -> StoreResult<Vec<Instance>> {
    let mut found: Vec<Instance> = Vec::new();
    for instance in instances.iter().filter(|one| may_mean(&filed.read, one)) {
        let known = std::slice::from_ref(instance);
        let is_left = !filed.is_raised() && !filed.needs_answer_of(known);
        let is_gone = filed.pages(known) && filed.read.names_id(instance.id.as_str());
        let is_named = filed.instances.contains(&instance.id);
        let is_free = filed.instances.is_empty() && (found.is_empty() || is_gone);
        if is_left || is_named || !is_free && !is_gone {
            continue;
        }
        // A notice that several instances are gone applies to each of them.
        if is_gone || means(work, &filed.read, &instance.id).await? {
            found.push(instance.clone());
        }
    }
    Ok(found)
}

/// Whether something in a notice may be an id of this instance.
fn may_mean(read: &Read, instance: &Instance) -> bool {
    let commodity = instance.commodity_id.value();
    let mut ids = read.ids.iter();
    ids.any(|id| instance.id.is_alike(id) || commodity.is_some_and(|own| own.as_str() == id))
}

/// Whether a notice without a known instance means this one, and no other: by its id, or by what is alike to it alone.
async fn means(work: &mut UnitOfWork, read: &Read, id: &InstanceId) -> StoreResult<bool> {
    let named = named_by(&mut work.tx, read).await?;
    if named.contains(id) {
        return Ok(named == [id.clone()]);
    }
    if !read.strange(&[]).any(|written| id.is_alike(written)) {
        return Ok(false);
    }
    Ok(alike(&mut work.tx, read, &[]).await? == [id.clone()])
}
