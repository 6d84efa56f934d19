//! Raised notices that named an instance before it was tracked.

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
    let mut all = Vec::new();
    if instances.is_empty() {
        return Ok(all);
    }
    let mut unnamed = work.notices_to_name(LOOKED_AT).await?;
    for instance in instances {
        let about = |filed: &mut NoticeRecord| may_mean(&filed.read, instance);
        let mine = unnamed.extract_if(.., about).collect();
        let gone = find_one(settings, work, instance, mine, now).await?;
        if !gone.is_empty() {
            all.push((instance.id.clone(), gone));
        }
    }
    Ok(all)
}

/// Whether something in a notice may be an id of this instance.
fn may_mean(read: &Read, instance: &Instance) -> bool {
    let commodity = instance.commodity_id.value();
    let mut ids = read.ids.iter();
    ids.any(|id| instance.id.is_alike(id) || commodity.is_some_and(|own| own.as_str() == id))
}

async fn find_one(
    settings: &Settings,
    work: &mut UnitOfWork,
    instance: &Instance,
    unnamed: Vec<NoticeRecord>,
    now: Timestamp,
) -> StoreResult<Vec<u64>> {
    let mut gone = Vec::new();
    let known = std::slice::from_ref(instance);
    for mut filed in unnamed {
        let is_left = !filed.is_raised() && !filed.needs_answer_of(known);
        // What calls several gone calls each of them gone.
        let is_one_of_several = filed.pages(known) && filed.read.names_id(instance.id.as_str());
        if is_left || !is_one_of_several && !means(work, &filed.read, &instance.id).await? {
            continue;
        }
        wording::read_found(settings, work, &mut filed, known, now).await?;
        let calls = filed.find(instance, now);
        work.name_instances(&filed).await?;
        work.save_notice(&filed).await?;
        if !calls {
            work.set_due(&ScheduleSubject::Notice(filed.number), Some(now))
                .await?;
            continue;
        }
        // Several that say the same are one post.
        if gone.is_empty() {
            page(settings, work, &filed, known, None, now).await?;
        }
        gone.push(filed.number);
    }
    Ok(gone)
}

/// Whether a notice without a known instance means this one, and no other: by its id, or by what is alike to it alone.
async fn means(work: &mut UnitOfWork, read: &Read, id: &InstanceId) -> StoreResult<bool> {
    let named = named_by(work, read).await?;
    if named.contains(id) {
        return Ok(named == [id.clone()]);
    }
    if !read.strange(&[]).any(|written| id.is_alike(written)) {
        return Ok(false);
    }
    Ok(alike(work, read, &[]).await? == [id.clone()])
}
