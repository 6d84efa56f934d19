//! Repeated notices, answered by an earlier one.

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::SHOWN;
use crate::app::Settings;
use crate::app::remind::{Outlook, outlook, seen_with};
use crate::app::unit_of_work::UnitOfWork;
use crate::domain::Timestamp;
use crate::domain::case::Case;
use crate::domain::concern::{Circle, circle};
use crate::domain::id::InstanceId;
use crate::domain::instance::Instance;
use crate::domain::notice::{Message, Normal, NoticeKind, NoticeRecord, Read, Settled, Settlement};
use crate::domain::reminder::{Planned, Point, Topic};
use crate::store::{Around, Fate, StoreResult, Tx};

/// How long a look holds for copies of what it was for, which come by e-mail, SMS and message.
const SAME_LOOK: TimeDelta = TimeDelta::minutes(10);

/// Whether the answer to an earlier notice still holds for a repetition: no deciding fact of its instances has changed since it
/// was acknowledged, and none of them was tracked again since it came.
pub(super) async fn still_stands(work: &mut UnitOfWork, filed: &NoticeRecord) -> StoreResult<bool> {
    let before = match &filed.settled {
        None => None,
        // Compared by count: two moves may share a timestamp.
        Some(Settled {
            how: Settlement::Acknowledged,
            moves: Some(moves),
            ..
        }) => Some(*moves),
        Some(_) => return Ok(false),
    };
    if let Some(before) = before
        && moves(work, filed).await? != before
    {
        return Ok(false);
    }
    for id in &filed.instances {
        let Some(case) = work.case(id).await? else {
            continue;
        };
        let tracked = case.instance.past.tracked();
        if tracked.is_some_and(|at| at > filed.received) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The number of changes to the facts of a notice's instances.
pub(super) async fn moves(work: &mut UnitOfWork, filed: &NoticeRecord) -> StoreResult<u64> {
    let mut moves = 0_u64;
    for id in &filed.instances {
        let case = work.case(id).await?;
        moves = moves.saturating_add(case.map_or(0, |case| case.instance.past.moves()));
    }
    Ok(moves)
}

/// The notice that last called people since `since` because one of these instances is gone: they are called once a day, also by
/// one that comes back.
pub(super) async fn paged_since(
    work: &mut Tx,
    filed: &NoticeRecord,
    since: Timestamp,
    now: Timestamp,
) -> StoreResult<Option<NoticeRecord>> {
    for id in &filed.instances {
        for one in work.notices_of(id, SHOWN).await? {
            let answered = one.settled.as_ref();
            let answered = answered.is_some_and(|it| is_news_after(it, filed.received));
            let tells = !answered && one.read.kind == NoticeKind::Gone && one.told > 0;
            if !tells || one.number == filed.number {
                continue;
            }
            let called = work.called_for(one.number, now).await?;
            if called.is_some_and(|at| at > since) {
                return Ok(Some(one));
            }
        }
    }
    Ok(None)
}

/// Whether what is received at a moment is news after this answer: after a removal, and after a `still-there`, unless it comes so
/// soon that the one who has looked did so for it too.
fn is_news_after(answer: &Settled, received: Timestamp) -> bool {
    let behind = received - answer.at;
    let soon = behind >= TimeDelta::zero() && behind <= SAME_LOOK;
    match answer.how {
        Settlement::Removed => true,
        Settlement::StillThere => !soon,
        Settlement::Acknowledged
        | Settlement::Converted
        | Settlement::Lost
        | Settlement::Over
        | Settlement::Renewed => false,
    }
}

/// Whether a reminder of the announced expiry was posted since `since`: it says the same.
pub(super) fn reminded_since(
    filed: &NoticeRecord,
    known: &[Instance],
    around: &Around,
    since: Timestamp,
) -> bool {
    filed.expiry_as_known(known).is_some_and(|expiry| {
        let of_it = around.settled.iter().filter(|it| it.point.of == expiry);
        let mut posted = of_it.filter(|it| it.fate == Fate::Posted);
        posted.any(|it| it.at > since)
    })
}

/// Whether a reminder of the announced expiry is due today: it says the same.
pub(super) fn reminds_today(
    settings: &Settings,
    filed: &NoticeRecord,
    cases: &[Case],
    around: &Around,
) -> bool {
    let [case] = cases else {
        return false;
    };
    let Some(expiry) = filed.expiry_as_known(std::slice::from_ref(&case.instance)) else {
        return false;
    };
    let now = filed.received;
    let outlook = seen_with(settings, case, around.clone(), now);
    comes_today(settings, &outlook, Some(expiry), now)
}

/// Whether a reminder of an instance's expiry was posted today, or is due within a day, or another post about it that calls this
/// circle: it shows that a notice is raised.
pub(super) async fn reminder_is_near(
    settings: &Settings,
    tx: &mut Tx,
    id: &InstanceId,
    calls: Circle,
    now: Timestamp,
) -> StoreResult<bool> {
    let Some(mut case) = tx.load_case(id).await? else {
        return Ok(false);
    };
    let outlook = outlook(settings, tx, &mut case, now).await?;
    let (done, cadence) = (outlook.done(), &settings.cadence);
    let nobody_knows = outlook.attention.acked.is_none();
    let tells = |point: Point| match point.level.topic {
        Topic::Expiry => true,
        Topic::Concern(kind) => nobody_knows && circle(kind, point.level.hours) >= calls,
        Topic::Charge | Topic::Attest => false,
    };
    let posted = outlook.settled.iter().any(|settled| {
        let today = cadence.day(settled.at) == cadence.day(now);
        today && settled.fate == Fate::Posted && tells(settled.point)
    });
    let soon = outlook.plan.iter().any(|planned| {
        let in_a_day = planned.due >= now && planned.due <= now + TimeDelta::days(1);
        let comes = planned.mute.is_none() && !done.contains(&planned.point);
        in_a_day && comes && tells(planned.point)
    });
    Ok(posted || soon)
}

/// Whether a reminder of an instance's expiry is due later today.
pub(super) async fn reminder_comes_today(
    settings: &Settings,
    tx: &mut Tx,
    id: &InstanceId,
    now: Timestamp,
) -> StoreResult<bool> {
    let Some(mut case) = tx.load_case(id).await? else {
        return Ok(false);
    };
    let outlook = outlook(settings, tx, &mut case, now).await?;
    Ok(comes_today(settings, &outlook, None, now))
}

/// Whether a reminder of the expiry is due later today; with `of`, of that expiry.
fn comes_today(
    settings: &Settings,
    outlook: &Outlook,
    of: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    let (done, cadence) = (outlook.done(), &settings.cadence);
    let comes = |planned: &&Planned| {
        let (point, due) = (planned.point, planned.due);
        let tells = of.is_none_or(|of| point.of == of) && point.level.topic == Topic::Expiry;
        tells && planned.mute.is_none() && due > now && cadence.day(due) == cadence.day(now)
    };
    let mut coming = outlook.plan.iter().filter(comes);
    coming.any(|planned| !done.contains(&planned.point))
}

/// The digest by which repetitions are recognised: wordings with their slots, or the text of a notice that is not understood.
pub(super) fn likeness(read: &Read, message: &Message) -> String {
    let mut digest = Sha256::new();
    match &read.understood {
        Some(understood) => {
            digest.update([1]);
            digest.update(format!(
                "{:?} {:?}",
                understood.by,
                understood.slots.values()
            ));
        }
        None => {
            digest.update([2]);
            for unit in message.texts() {
                digest.update(Normal::of(&unit.text).text());
                digest.update([0]);
            }
            digest.update(format!("{:?}", message.unread));
            if !message.unread_digests.is_empty() {
                digest.update(format!("{:?}", message.unread_digests));
            }
        }
    }
    hex::encode(digest.finalize())
}
