//! Raised notices that named an instance before it was tracked.

use super::named::{alike, named_by};
use super::tell::page;
use crate::app::Settings;
use crate::app::unit_of_work::UnitOfWork;
use crate::app::wording;
use crate::domain::Timestamp;
use crate::domain::id::InstanceId;
use crate::domain::instance::Instance;
use crate::domain::notice::Read;
use crate::store::{ScheduleSubject, StoreResult};

/// The most raised notices without a known instance that are looked at.
const LOOKED_AT: u32 = 50;

/// Names a newly tracked instance in the raised notices about its id. Its people are told at once of one that calls it gone; the
/// numbers of these are returned.
pub(in crate::app) async fn find_in_raised(
    settings: &Settings,
    work: &mut UnitOfWork,
    instance: &Instance,
    now: Timestamp,
) -> StoreResult<Vec<u64>> {
    let mut gone = Vec::new();
    for mut filed in work.unnamed_notices(LOOKED_AT).await? {
        if !means(work, &filed.read, &instance.id).await? {
            continue;
        }
        let known = std::slice::from_ref(instance);
        wording::read_found(settings, work, &mut filed, known, now).await?;
        let calls = filed.find(instance);
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
